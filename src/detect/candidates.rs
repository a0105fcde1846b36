//! What could be a QRS complex, and what speaks for and against it.
//!
//! Every trait is relative (to the complexes nearby, to the usual interval), so that neither gain nor rate matters.

use super::envelope::Envelopes;
use crate::dsp;

/// A hump this much lower than a usual complex is none.
const LEAST: f32 = 0.06;
/// Of two humps closer than this only the higher one is a candidate, s.
const REACH_S: f64 = 0.09;
/// Half of the stretch that says how busy the envelope is around, s: a beat's interval at 120 a minute.
const CLEAR_S: f64 = 0.5;
/// Complexes before and after a candidate that differ by more than this are not of one kind.
const DISAGREE: f32 = 2.5;
/// No candidate lies nearer to an end, s.
const END_S: f64 = 0.03;
/// Half of the stretch whose shape is compared, s.
const HALF_S: f64 = 0.1;
/// Complexes on each side that a candidate is compared with.
const NEIGHBOURS: usize = 5;
/// Complexes on each side in which a shape may come again: about half a minute.
const FAR: usize = 30;
/// It must have come again this many times, and once more: chance likes few.
const AGAIN: usize = 3;
/// What is this much lower than the complexes (logarithm) is none whatever it looks like.
const TOO_LOW: f32 = -2.0;
/// Two humps this close cannot both be complexes; a candidate is not its own neighbour, s.
const SAME_S: f64 = 0.15;

/// A hump of the common envelope.
#[derive(Clone, Copy, Debug)]
pub struct Candidate {
    /// Where, in envelope samples.
    pub at: usize,
    /// How high, in usual complexes.
    pub height: f32,
}

/// Local maxima that are the highest within [`REACH_S`].
pub fn humps(envelopes: &Envelopes) -> Vec<Candidate> {
    let (x, reach) = (&envelopes.all, (REACH_S * envelopes.rate) as usize);
    // A hump at the very end is the rest of a complex cut off, its peak outside.
    let end = (END_S * envelopes.rate) as usize;
    let mut found: Vec<Candidate> = Vec::new();
    for i in end.max(1)..x.len().saturating_sub(end.max(1)) {
        let v = x[i];
        if v < LEAST || x[i - 1] > v || x[i + 1] >= v {
            continue;
        }
        match found.last_mut() {
            Some(last) if i - last.at <= reach => {
                if v > last.height {
                    *last = Candidate { at: i, height: v };
                }
            }
            _ => found.push(Candidate { at: i, height: v }),
        }
    }
    found
}

/// Every candidate's shape over all leads, scaled by the leads' heights and weights.
pub struct Shapes {
    values: Vec<f32>,
    long: usize,
    energy: Vec<f32>,
    swing: Vec<f32>,
    slope: Vec<f32>,
    /// Logarithm of the envelope to its median within [`CLEAR_S`].
    clear: Vec<f32>,
}

impl Shapes {
    /// Cuts the shapes out of the leads.
    pub fn cut(envelopes: &Envelopes, candidates: &[Candidate]) -> Self {
        let half = (HALF_S * envelopes.rate).round() as isize;
        let short = (2 * half + 1) as usize;
        let long = short * envelopes.slow.len();
        let mut out = Self {
            values: Vec::with_capacity(candidates.len() * long),
            long,
            energy: Vec::with_capacity(candidates.len()),
            swing: Vec::with_capacity(candidates.len()),
            slope: Vec::with_capacity(candidates.len()),
            clear: candidates.iter().map(|c| clear(envelopes, c)).collect(),
        };
        for c in candidates {
            let block = c.at / envelopes.block;
            let (mut total, mut swing, mut slope) = (0.0_f32, 0.0_f32, 0.0_f32);
            let start = out.values.len();
            for (lead, x) in envelopes.slow.iter().enumerate() {
                let (weight, height) = (envelopes.weights[lead][block], envelopes.heights[lead][block]);
                let scale = if height > 0.0 { weight.sqrt() / height } else { 0.0 };
                let from = out.values.len();
                let begin = c.at as isize - half;
                if begin >= 0 && begin as usize + short <= x.len() {
                    out.values.extend_from_slice(&x[begin as usize..begin as usize + short]);
                } else {
                    let last = x.len() as isize - 1;
                    out.values.extend((begin..begin + short as isize).map(|i| x[i.clamp(0, last) as usize]));
                }
                let part = &mut out.values[from..];
                let mean = part.iter().sum::<f32>() / short as f32;
                for v in part.iter_mut() {
                    *v = (*v - mean) * scale;
                }
                let core = &part[short / 6..short - short / 6];
                let (low, high) = dsp::range(core);
                let steep = core.windows(3).map(|w| (w[2] - w[0]).abs()).fold(0.0, f32::max);
                // `scale` holds a root of the weight already.
                swing += weight.sqrt() * (high - low);
                slope += weight.sqrt() * steep;
                total += weight;
            }
            let total = total.max(1e-6);
            out.swing.push(swing / total);
            out.slope.push(slope / total);
            out.energy.push(out.values[start..].iter().map(|v| v * v).sum());
        }
        out
    }

    /// How far a candidate swings, in the leads' heights.
    pub fn swing(&self, candidate: usize) -> f32 {
        self.swing[candidate]
    }

    /// Its steepest slope, a sample, in the leads' heights.
    pub fn slope(&self, candidate: usize) -> f32 {
        self.slope[candidate]
    }

    /// 1 = equal in form and size, −1 = opposite.
    pub fn likeness(&self, a: usize, b: usize) -> f32 {
        self.likenesses(a, [b])[0]
    }

    /// [`Self::likeness`] of `a` to several, side by side.
    fn likenesses<const N: usize>(&self, a: usize, others: [usize; N]) -> [f32; N] {
        let shape = |k: usize| &self.values[k * self.long..(k + 1) * self.long];
        let crosses = dsp::products(shape(a), others.map(shape));
        std::array::from_fn(|i| {
            let (own, other) = (self.energy[a], self.energy[others[i]]);
            let larger = own.max(other);
            if larger > 0.0 { (2.0 * crosses[i] - own - other) / larger + 1.0 } else { 0.0 }
        })
    }
}

/// What a candidate is like, against the complexes around it.
#[derive(Clone, Copy, Debug, Default)]
pub struct Traits {
    /// Logarithms of its envelope, swing and steepest slope to theirs.
    pub height: f32,
    /// See `height`.
    pub swing: f32,
    /// See `height`.
    pub slope: f32,
    /// Median likeness to them, −1 … 1.
    pub like: f32,
    /// Likeness to the fourth most alike complex nearby, 0 … 1: an ectopic shape comes again, noise does not.
    pub again: f32,
    /// Logarithm of its envelope to the envelope's median within [`CLEAR_S`]: noise has no valleys.
    pub clear: f32,
    /// Usual interval there, s.
    pub rr: f32,
    /// Logarithm of its envelope to what the complexes around have at the same delay after or before them: about 0 of a T or P wave.
    pub odd: f32,
}

/// Describes every candidate in the light of those `chosen` (indexes, ascending) as complexes so far.
pub fn describe(envelopes: &Envelopes, candidates: &[Candidate], shapes: &Shapes, chosen: &[usize]) -> Vec<Traits> {
    let rate = envelopes.rate as f32;
    let same = (SAME_S * envelopes.rate) as usize;
    let (mut near, mut far, mut likes) = (Vec::new(), Vec::new(), Vec::new());
    let mut scratch = Vec::new();
    candidates
        .iter()
        .enumerate()
        .map(|(k, c)| {
            let place = chosen.partition_point(|&j| candidates[j].at < c.at);
            near.clear();
            let around = place.saturating_sub(NEIGHBOURS + 1)..(place + NEIGHBOURS + 1).min(chosen.len());
            near.extend(chosen[around].iter().copied().filter(|&j| candidates[j].at.abs_diff(c.at) > same));
            let half = near.partition_point(|&j| candidates[j].at < c.at);
            let mut against = |own: f32, f: &dyn Fn(usize) -> f32| {
                let mut middle = |part: &[usize]| {
                    scratch.clear();
                    scratch.extend(part.iter().map(|&j| f(j)));
                    dsp::median(&mut scratch)
                };
                let (before, after) = (middle(&near[..half]), middle(&near[half..]));
                // Where both sides differ much, one of them is noise: the quieter one is right.
                let (low, high) = (before.min(after), before.max(after));
                let usual = if low > 0.0 && high > DISAGREE * low { low } else { middle(&near) };
                if usual > 0.0 { (own / usual).clamp(0.02, 10.0).ln() } else { 0.0 }
            };
            let height = against(c.height, &|j| candidates[j].height);
            let swing = against(shapes.swing[k], &|j| shapes.swing[j]);
            let slope = against(shapes.slope[k], &|j| shapes.slope[j]);
            // Only what may be a complex is compared far around; the near ones are among the far ones.
            let reach = if height > TOO_LOW { FAR } else { NEIGHBOURS + 1 };
            far.clear();
            let around = place.saturating_sub(reach)..(place + reach).min(chosen.len());
            far.extend(chosen[around].iter().copied().filter(|&j| candidates[j].at.abs_diff(c.at) > same));
            likes.clear();
            let (fours, rest) = far.as_chunks::<4>();
            likes.extend(fours.iter().flat_map(|&four| shapes.likenesses(k, four)));
            likes.extend(rest.iter().map(|&j| shapes.likeness(k, j)));
            let first = near.first().map_or(0, |&j| far.partition_point(|&f| f < j));
            scratch.clear();
            scratch.extend(likes.iter().skip(first).take(near.len()));
            let like = dsp::median(&mut scratch);
            let again = if height > TOO_LOW { again(&likes) } else { 0.0 };
            let clear = shapes.clear[k];
            let rr = usual_rr(candidates, chosen, place, rate);
            let odd = oddity(envelopes, candidates, chosen, k, rr);
            Traits { height, swing, slope, like, again, clear, rr, odd }
        })
        .collect()
}

/// The greatest of the likenesses after the first [`AGAIN`]; 0 where that is unlikeness.
fn again(likes: &[f32]) -> f32 {
    let mut most = [0.0_f32; AGAIN + 1];
    for &like in likes {
        if like > most[AGAIN] {
            most[AGAIN] = like;
            most.sort_unstable_by(|a, b| b.total_cmp(a));
        }
    }
    most[AGAIN]
}

/// Logarithm of a candidate's height to the median of the envelope around it.
fn clear(envelopes: &Envelopes, candidate: &Candidate) -> f32 {
    let span = (CLEAR_S * envelopes.rate) as usize;
    let part = &envelopes.all[candidate.at.saturating_sub(span)..(candidate.at + span).min(envelopes.all.len())];
    let mut part: Vec<f32> = part.iter().copied().step_by(3).collect();
    (candidate.height / dsp::median(&mut part).max(0.01)).clamp(0.1, 20.0).ln()
}

/// How far a candidate stands above what usually follows (or precedes) a complex at its delay. Intervals at which a
/// complex itself is to be expected say nothing.
fn oddity(envelopes: &Envelopes, candidates: &[Candidate], chosen: &[usize], k: usize, rr: f32) -> f32 {
    let rate = envelopes.rate as f32;
    let at = candidates[k].at;
    let same = (SAME_S * envelopes.rate) as usize;
    let within = (0.6 * rr).min(0.5) * rate;
    let slack = (0.04 * rate) as usize;
    let after = chosen.partition_point(|&j| candidates[j].at + same < at);
    let before = chosen.partition_point(|&j| candidates[j].at <= at + same);
    let mut usual = 0.0_f32;
    let mut levels = Vec::with_capacity(2 * NEIGHBOURS);
    // `partner`: place in `chosen` of the complex that the candidate follows (sign 1) or precedes (sign −1).
    let mut look = |partner: usize, sign: isize| {
        let Some(&p) = chosen.get(partner) else { return };
        let delay = at.abs_diff(candidates[p].at);
        if delay as f32 > within {
            return;
        }
        levels.clear();
        for n in partner.saturating_sub(NEIGHBOURS)..(partner + NEIGHBOURS + 1).min(chosen.len()) {
            if n == partner {
                continue;
            }
            let here = candidates[chosen[n]].at as isize + sign * delay as isize;
            let other = chosen.get(n.wrapping_add_signed(sign)).map(|&j| candidates[j].at as isize);
            if here < 0 || other.is_some_and(|o| (o - here).unsigned_abs() < 2 * same) {
                continue;
            }
            let here = here as usize;
            let part = envelopes.all.get(here.saturating_sub(slack)..(here + slack).min(envelopes.all.len()));
            levels.push(part.unwrap_or(&[]).iter().copied().fold(0.0, f32::max));
        }
        if levels.len() >= 3 {
            usual = usual.max(dsp::median(&mut levels));
        }
    };
    if after > 0 {
        look(after - 1, 1);
    }
    look(before, -1);
    (candidates[k].height / usual.max(0.02)).clamp(0.2, 20.0).ln()
}

/// The median interval between the chosen around `place`, s.
fn usual_rr(candidates: &[Candidate], chosen: &[usize], place: usize, rate: f32) -> f32 {
    let part = &chosen[place.saturating_sub(8)..(place + 8).min(chosen.len())];
    let mut rr: Vec<f32> = part.windows(2).map(|w| (candidates[w[1]].at - candidates[w[0]].at) as f32 / rate).collect();
    if rr.len() < 2 { 0.9 } else { dsp::median(&mut rr).clamp(0.25, 2.5) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_shape_must_come_again_more_than_thrice() {
        let repeated = |times: usize| again(&(0..12).map(|k| if k < times { 0.9 } else { -0.6 }).collect::<Vec<f32>>());
        assert_eq!([repeated(4), repeated(12)], [0.9, 0.9]);
        assert_eq!([repeated(0), repeated(3)], [0.0, 0.0]);
    }
}
