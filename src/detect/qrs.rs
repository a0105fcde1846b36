//! QRS complexes from all leads together.
//!
//! Not causal: every hump of the common envelope is a candidate; how much it looks like a complex is weighed against
//! the rhythm around it, and the best sequence over the whole recording is found by dynamic programming. Search-back
//! for weak beats and rejection of T waves and noise between beats are both parts of that one optimum.

use super::condition::Conditioned;
use super::envelope::Envelopes;
use crate::dsp;

/// No two beats are closer (300 a minute), s.
const REFRACTORY_S: f64 = 0.2;
/// A hump this much lower than a usual complex is none.
const LEAST: f32 = 0.08;
/// Height at which a hump is as likely a complex as not.
const EVEN_ODDS: f32 = 0.35;

/// A hump of the envelope.
#[derive(Clone, Copy, Debug)]
struct Candidate {
    at: usize,
    height: f32,
}

/// Samples of the fiducial points (the largest deflection over the leads) of all complexes, in order.
pub fn find(signal: &Conditioned, envelopes: &Envelopes) -> Vec<usize> {
    let candidates = humps(&envelopes.all, (0.09 * envelopes.rate) as usize);
    let chosen = sequence(&candidates, envelopes.rate);
    let mut out: Vec<usize> = chosen.iter().map(|&k| fiducial(signal, envelopes, candidates[k].at)).collect();
    out.dedup();
    out
}

/// Local maxima that are the highest within `reach` on both sides.
fn humps(x: &[f32], reach: usize) -> Vec<Candidate> {
    let mut found: Vec<Candidate> = Vec::new();
    for i in 0..x.len() {
        let v = x[i];
        if v < LEAST || (i > 0 && x[i - 1] > v) || (i + 1 < x.len() && x[i + 1] >= v) {
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

/// Indexes of the candidates of the best sequence.
fn sequence(candidates: &[Candidate], rate: f64) -> Vec<usize> {
    let rr = usual_rr(candidates, rate);
    let mut best: Vec<(f32, usize)> = Vec::with_capacity(candidates.len());
    for (j, c) in candidates.iter().enumerate() {
        let own = ((c.height / EVEN_ODDS).ln() * 2.0).clamp(-3.0, 2.0);
        // Beginning here costs what was passed over.
        let mut top = (own - gap_cost(c.at as f64 / rate, rr[j]), usize::MAX);
        for i in (0..j).rev() {
            let interval = (c.at - candidates[i].at) as f64 / rate;
            if interval < REFRACTORY_S {
                continue;
            }
            let score =
                best[i].0 + own - step_cost(interval, candidates[i].height, c.height) - gap_cost(interval, rr[j]);
            if score > top.0 {
                top = (score, i);
            }
            if interval > 3.0 * rr[j] + 1.0 {
                break;
            }
        }
        best.push(top);
    }
    let end = candidates.last().map_or(0, |c| c.at);
    let last = (0..candidates.len()).max_by(|&a, &b| {
        let value = |k: usize| best[k].0 - gap_cost((end - candidates[k].at) as f64 / rate, rr[k]);
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

/// The usual interval around each candidate, s: the median between the clear complexes nearby.
fn usual_rr(candidates: &[Candidate], rate: f64) -> Vec<f64> {
    let clear: Vec<usize> = candidates.iter().filter(|c| c.height > 0.6).map(|c| c.at).collect();
    let intervals: Vec<f32> = clear.windows(2).map(|w| ((w[1] - w[0]) as f64 / rate) as f32).collect();
    let mut near = Vec::new();
    candidates
        .iter()
        .map(|c| {
            let k = clear.partition_point(|&a| a < c.at);
            near.clear();
            near.extend_from_slice(&intervals[k.saturating_sub(8).min(intervals.len())..(k + 8).min(intervals.len())]);
            if near.len() < 2 { 1.0 } else { f64::from(dsp::median(&mut near)).clamp(0.25, 2.0) }
        })
        .collect()
}

/// What it costs that a beat follows another so soon: within 0.36 s a smaller hump is likely the T wave.
fn step_cost(interval: f64, before: f32, height: f32) -> f32 {
    if interval >= 0.4 {
        return 0.0;
    }
    let early = ((0.4 - interval) / 0.2) as f32;
    let smaller = (1.0 - height / before.max(0.3)).clamp(0.0, 1.0);
    early * (0.3 + 4.0 * smaller)
}

/// What it costs that no beat is said for so long.
fn gap_cost(interval: f64, rr: f64) -> f32 {
    (((interval / rr - 1.5).max(0.0)) as f32 * 1.2).min(4.0)
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
    from + peak
}
