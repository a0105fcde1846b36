//! Whether there is a P wave: one that looks like a P wave and comes again, in the same shape and at the same distance, before
//! the other beats. Fibrillatory waves, the end of T and noise do not repeat with the QRS.
//!
//! A small network weighs how it looks, how well it repeats in shape and place, and how regular the rhythm is.

use super::grid::{Grid, points};
use super::locate::Around;
use super::net::Net;
use super::refine::View;
use crate::signal::Ms;

/// Half of the stretch that is compared, about the P middle.
const HALF: Ms = Ms(60.0);
/// Every so many grid points are compared.
const STRIDE: usize = 2;
/// Number of inputs.
pub const INPUTS: usize = 7;
/// From this output on there is a P wave (targets are 0 and 1).
const PRESENT: f32 = 0.5;

/// A P candidate: its middle and the locator's score.
pub type Candidate = Option<(f32, f32)>;

/// For each beat, whether its candidate is a P wave.
pub fn p_waves(net: &Net, inputs: &[[f32; INPUTS]], candidates: &[Candidate]) -> Vec<bool> {
    let present = |(x, c): (&[f32; INPUTS], &Candidate)| c.is_some() && net.run(x) > PRESENT;
    inputs.iter().zip(candidates).map(present).collect()
}

/// What the network sees of every beat: the locator's score and the record's mean of it, correlation with the other beats' P and
/// the record's mean of it, irregularity of the rhythm, contrast to the stretch before and the record's middle of it.
pub fn features(
    view: &View<'_>,
    leads: &[usize],
    arounds: &[Around],
    (candidates, t): (&[Candidate], &[Candidate]),
) -> Vec<[f32; INPUTS]> {
    let grid = view.grid;
    let shapes: Vec<Option<Vec<f32>>> = candidates.iter().map(|c| c.and_then(|c| shape(grid, leads, c.0))).collect();
    let mut sum = vec![0.0_f32; shapes.iter().flatten().map(Vec::len).next().unwrap_or(0)];
    for s in shapes.iter().flatten() {
        for (a, v) in sum.iter_mut().zip(s) {
            *a += v;
        }
    }
    let same: Vec<f32> = shapes.iter().map(|s| s.as_ref().map_or(0.0, |s| with_others(&sum, s))).collect();
    let scores: Vec<f32> = candidates.iter().map(|c| c.map_or(0.0, |c| c.1)).collect();
    let rr = middle(arounds.iter().map(|a| a.rr));
    let jumps = middle(arounds.windows(2).map(|w| (w[1].rr - w[0].rr).abs()));
    let mean = |x: &[f32]| x.iter().sum::<f32>() / x.len().max(1) as f32;
    let (mean_score, mean_same) = (mean(&scores), mean(&same));
    let alone: Vec<Option<f32>> = (0..arounds.len())
        .map(|b| candidates[b].and_then(|c| contrast(view, &arounds[b], c.0, b.checked_sub(1).and_then(|a| t[a]))))
        .collect();
    let usually_alone = middle(alone.iter().flatten().copied());
    let each = |b: usize| {
        [
            scores[b],
            mean_score,
            same[b],
            mean_same,
            (3.0 * jumps / rr.max(1.0)).min(1.5),
            alone[b].unwrap_or(usually_alone),
            usually_alone,
        ]
    };
    (0..candidates.len()).map(each).collect()
}

/// How far the slope about the P middle exceeds that between T and P: 0.5 = not at all, 1 = T to P is silent. `None`
/// where P follows T at once. Flutter and coarse fibrillation go on between the beats.
fn contrast(view: &View<'_>, around: &Around, p: f32, t: Candidate) -> Option<f32> {
    let slope = &view.slopes[0];
    let from = t.map_or(around.before + 40.0, |t| t.0 + 28.0) as usize;
    let to = (p - 20.0).max(0.0) as usize;
    if to < from + 10 {
        return None;
    }
    let mean = |x: &[f32]| x.iter().sum::<f32>() / x.len().max(1) as f32;
    let here = mean(slope.get((p - 12.0).max(0.0) as usize..(p + 12.0) as usize)?);
    let there = mean(slope.get(from.max(to.saturating_sub(100))..to)?);
    (here + there > 0.0).then(|| here / (here + there))
}

/// The stretch about `middle` in all leads, without its straight line in each.
fn shape(grid: &Grid, leads: &[usize], middle: f32) -> Option<Vec<f32>> {
    let half = points(HALF);
    let from = (middle as usize).checked_sub(half)?;
    let mut all = Vec::with_capacity(leads.len() * (2 * half / STRIDE + 1));
    for &l in leads {
        let x = grid.row(l).get(from..=from + 2 * half)?;
        let (a, b) = (x[0], x[2 * half]);
        let step = (b - a) / (2 * half) as f32;
        all.extend(x.iter().enumerate().step_by(STRIDE).map(|(i, v)| v - a - step * i as f32));
    }
    Some(all)
}

/// Correlation of `shape` with the mean of the others, of whose `sum` it is part.
fn with_others(sum: &[f32], shape: &[f32]) -> f32 {
    let (mut ab, mut aa, mut bb) = (0.0, 0.0, 0.0);
    for (s, v) in sum.iter().zip(shape) {
        let other = s - v;
        ab += other * v;
        aa += other * other;
        bb += v * v;
    }
    if aa > 0.0 && bb > 0.0 { ab / (aa * bb).sqrt() } else { 0.0 }
}

fn middle(values: impl Iterator<Item = f32>) -> f32 {
    let mut values: Vec<f32> = values.collect();
    let k = values.len() / 2;
    if values.is_empty() { 0.0 } else { *values.select_nth_unstable_by(k, f32::total_cmp).1 }
}
