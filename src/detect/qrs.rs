//! QRS complexes from all leads together.
//!
//! Not causal: every hump of the common envelope is a candidate; how much it looks like a complex is weighed against
//! the rhythm around it, and the best sequence over the whole recording is found by dynamic programming. Search-back
//! for weak beats and rejection of T waves and noise between beats are both parts of that one optimum.
//!
//! What was tried on 26 records of `mitdb`, whole record, EC57 pairing (missed / extra of 59 000 beats; first lead, both):
//!
//! | | first lead | both leads |
//! |---|---|---|
//! | envelope alone, one dynamic programme | 163 / 319 | 90 / 112 |
//! | + swing and likeness against the neighbours, closeness symmetrical | 137 / 245 | 88 / 185 |
//! | + slope, background; balance by random search | 133 / 99 | 59 / 93 |
//! | + what usually stands at that delay (T and P waves) | 132 / 82 | 59 / 93 |
//! | + simulated pauses, blocks, tachycardias and noise in the search; swing floor; capped gap | 119 / 77 | 34 / 94 (search only) |
//! | a network on 17 traits instead, each record left out in turn | 228 / 387 | – |
//! | + what half of the leads do not show is none ([`super::witnesses`]); on an edge the hump is the fiducial point | 112 / 70 | 41 / 45 |
//! | + likeness to a shape that comes again within half a minute, pauses cheaper | 88 / 83 | 36 / 45 |
//!
//! All constants were chosen on all 26 records. Most of what the last step brought to the first lead is 203's, whose small wide
//! beats come in pairs (52 / 21 to 38 / 28); the half of the records without it went from 39 / 20 to 38 / 20, simulated ECGs with and
//! without noise from 7 / 43 to 4 / 35. Of the 88 still missed 22 cannot be seen: the amplifier was overdriven (116, 208).
//!
//! The network lost: 26 patients are too few to learn what a complex may look like. Torsades at 230 a minute still lose half their beats.

use super::candidates::{self, Candidate, Shapes, Traits};
use super::condition::Conditioned;
use super::envelope::Envelopes;
use super::witnesses;

/// No two beats are closer (300 a minute), s.
const REFRACTORY_S: f64 = 0.2;

/// What swings less than this (logarithm; 0.45 of the complexes around) speaks against itself, the more the less. Of the
/// beats of `mitdb` one in 500 swings less; P waves between slow wide complexes do, though their envelope is high.
const FLAT_AT: f32 = -0.8;
const FLAT: f32 = 2.0;
/// So many candidates are always looked back upon.
const FEW: usize = 12;
/// No gap costs more: in a pause (block, arrest) a P wave must not be made a beat.
const GAP_MOST: f32 = 0.9;

/// What each observation counts, in units of evidence.
#[derive(Clone, Copy, Debug)]
pub struct Balance {
    /// Evidence of a candidate just like its neighbours.
    pub base: f32,
    /// Per natural logarithm of the envelope's height.
    pub height: f32,
    /// Of the swing.
    pub swing: f32,
    /// Of the steepest slope.
    pub slope: f32,
    /// Per unit of likeness to its neighbours, where positive.
    pub like: f32,
    /// Per unit of likeness to the shape that it repeats.
    pub again: f32,
    /// Per logarithm of height over the neighbourhood, below [`Balance::clear_at`].
    pub clear: f32,
    /// See `clear`.
    pub clear_at: f32,
    /// Per logarithm of height over what usually is at that delay from a complex, below [`Balance::odd_at`].
    pub odd: f32,
    /// See `odd`.
    pub odd_at: f32,
    /// No candidate speaks more for itself than this.
    pub most: f32,
    /// Two beats closer than this are suspicious, s.
    pub close_s: f32,
    /// What being as close as the refractory period costs.
    pub close: f32,
    /// And per unit by which one of the two is weaker.
    pub weaker: f32,
    /// A gap costs from this many usual intervals on.
    pub gap_at: f32,
    /// What each further interval costs.
    pub gap: f32,
}

/// Found by random search over both leads of the MIT-BIH records, each alone and together; `base`, `like`, `again` and `close`
/// later by hand, with simulated ECGs beside them.
pub const BALANCE: Balance = Balance {
    base: 3.0,
    height: 0.962,
    swing: 0.359,
    slope: 0.406,
    like: 0.1,
    again: 0.9,
    clear: 1.009,
    clear_at: 2.396,
    odd: 1.073,
    odd_at: 1.707,
    most: 3.903,
    close_s: 0.390,
    close: 0.42,
    weaker: 2.139,
    gap_at: 1.218,
    gap: 1.644,
};

/// The complexes, and what speaks for and against each.
#[derive(Clone, Debug, Default)]
pub struct Complexes {
    /// Samples of the fiducial points (the largest deflection over the leads), in order.
    pub fiducials: Vec<usize>,
    /// Every candidate.
    pub candidates: Vec<Candidate>,
    /// Indexes of those that are complexes.
    pub chosen: Vec<usize>,
    /// What each candidate is like against the complexes around it.
    pub traits: Vec<Traits>,
}

/// All complexes of a recording.
pub fn find(signal: &Conditioned, envelopes: &Envelopes) -> Complexes {
    let candidates = candidates::humps(envelopes);
    let shapes = Shapes::cut(envelopes, &candidates);
    let (mut chosen, traits) = choose(envelopes, &candidates, &shapes, &BALANCE);
    witnesses::keep(envelopes, &candidates, &traits, &mut chosen);
    let mut fiducials: Vec<usize> = chosen.iter().map(|&k| fiducial(signal, envelopes, candidates[k].at)).collect();
    fiducials.dedup();
    Complexes { fiducials, candidates, chosen, traits }
}

/// The candidates that are complexes: first by height alone, then by what they are like against the first choice; and what
/// each candidate was like at last.
pub fn choose(
    envelopes: &Envelopes,
    candidates: &[Candidate],
    shapes: &Shapes,
    balance: &Balance,
) -> (Vec<usize>, Vec<Traits>) {
    let mut chosen: Vec<usize> = Vec::new();
    let mut traits: Vec<Traits> = Vec::new();
    for round in 0..3 {
        traits = if round == 0 {
            candidates
                .iter()
                .map(|c| Traits {
                    height: c.height.ln(),
                    swing: c.height.ln(),
                    slope: c.height.ln(),
                    rr: 0.9,
                    clear: 1.009,
                    odd: 1.073,
                    ..Traits::default()
                })
                .collect()
        } else {
            candidates::describe(envelopes, candidates, shapes, &chosen)
        };
        let next = sequence(candidates, &traits, envelopes.rate, balance);
        // The same choice would be described the same way and chosen again.
        let settled = round > 0 && next == chosen;
        chosen = next;
        if settled {
            break;
        }
    }
    (chosen, traits)
}

/// Indexes of the candidates of the best sequence.
fn sequence(candidates: &[Candidate], traits: &[Traits], rate: f64, balance: &Balance) -> Vec<usize> {
    let strength: Vec<f32> =
        traits.iter().map(|t| balance.height * t.height + balance.swing * t.swing + balance.slope * t.slope).collect();
    let gap = |interval: f32, rr: f32| ((interval / rr - balance.gap_at).max(0.0) * balance.gap).min(GAP_MOST);
    let mut best: Vec<(f32, usize)> = Vec::with_capacity(candidates.len());
    for (j, c) in candidates.iter().enumerate() {
        let t = &traits[j];
        let own = (balance.base + strength[j] + balance.like * t.like.max(0.0) + balance.again * t.again
            - balance.clear * (balance.clear_at - t.clear).max(0.0)
            - balance.odd * (balance.odd_at - t.odd).max(0.0)
            - FLAT * (FLAT_AT - t.swing).max(0.0))
        .clamp(-balance.most - 1.0, balance.most);
        // Beginning here costs what was passed over.
        let mut top = (own - gap((c.at as f64 / rate) as f32, t.rr), usize::MAX);
        for i in (0..j).rev() {
            let interval = ((c.at - candidates[i].at) as f64 / rate) as f32;
            if f64::from(interval) < REFRACTORY_S {
                continue;
            }
            let close = ((balance.close_s - interval) / (balance.close_s - REFRACTORY_S as f32)).max(0.0);
            let weaker = (strength[i] - strength[j]).abs().min(3.0);
            let cost = close * (balance.close + balance.weaker * weaker) + gap(interval, t.rr);
            let score = best[i].0 + own - cost;
            if score > top.0 {
                top = (score, i);
            }
            // Far enough; but beyond a gap or a pause the nearest few are all there is.
            if interval > 3.0 * t.rr + 1.0 && j - i > FEW {
                break;
            }
        }
        best.push(top);
    }
    let end = candidates.last().map_or(0, |c| c.at);
    let last = (0..candidates.len()).max_by(|&a, &b| {
        let value = |k: usize| best[k].0 - gap(((end - candidates[k].at) as f64 / rate) as f32, traits[k].rr);
        value(a).total_cmp(&value(b))
    });
    let mut chosen = Vec::new();
    let mut at = last.unwrap_or(usize::MAX);
    while let Some(&(_, previous)) = best.get(at) {
        chosen.push(at);
        at = previous;
    }
    chosen.reverse();
    chosen
}

/// The largest deflection near a hump, over the leads by their weights.
fn fiducial(signal: &Conditioned, envelopes: &Envelopes, at: usize) -> usize {
    let reach = ((0.07 * signal.rate.0) as usize).max(1);
    let centre = at * envelopes.step + envelopes.step / 2;
    let (from, to) = (centre.saturating_sub(reach), (centre + reach + 1).min(signal.len()));
    if from >= to {
        return centre.min(signal.len().saturating_sub(1));
    }
    let mut sum = vec![0.0_f32; to - from];
    for lead in 0..signal.leads() {
        let block = (at / envelopes.block).min(envelopes.heights[lead].len().saturating_sub(1));
        let (height, weight) = (envelopes.heights[lead][block], envelopes.weights[lead][block]);
        if height <= 0.0 {
            continue;
        }
        let x = &signal.lead(lead)[from..to];
        let level = f32::midpoint(x[0], x[x.len() - 1]);
        for (s, v) in sum.iter_mut().zip(x) {
            *s += weight / height * (v - level).abs();
        }
    }
    let peak = sum.iter().enumerate().max_by(|a, b| a.1.total_cmp(b.1)).map_or(reach, |(i, _)| i);
    // An edge (of a wide complex, say) is as far from its middle at both ends: then the hump itself is meant.
    let edge = peak < envelopes.step || peak + envelopes.step >= sum.len();
    if edge { centre.min(to - 1) } else { from + peak }
}
