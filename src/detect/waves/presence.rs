//! Whether there is a P wave: one that looks like a P wave and comes again, in the same shape and at the same distance, before
//! the other beats. Fibrillatory waves, the end of T and noise do not repeat with the QRS.
//!
//! A small network weighs how it looks, how well it repeats in shape and place, what is left of it in the mean beat
//! ([`super::repeat`]), and how regular the rhythm is.

use super::grid::{Grid, points};
use super::locate::{self, Around};
use super::model::Model;
use super::net::Net;
use super::refine::View;
use super::repeat::Repeat;
use crate::signal::Ms;

/// Half of the stretch that is compared, about the P middle.
const HALF: Ms = Ms(60.0);
/// Every so many grid points are compared.
const STRIDE: usize = 2;
/// Number of inputs.
pub const INPUTS: usize = 17;
/// So many networks, that differ by their seeds, vote by their mean: few records hold a P wave that is hard to tell, and what one
/// network makes of them is chance.
pub const VOTES: usize = 8;
/// From this output on there is a P wave (targets are 0 and 1).
const PRESENT: f32 = 0.5;
/// Contrast that is assumed where P follows T so soon that none can be measured: neither that of sinus rhythm (0.8) nor that of
/// fibrillation (0.6).
const NO_CONTRAST: f32 = 0.7;
/// Distance between two places that counts as 1, grid points.
const APART: f32 = 15.0;

/// A P candidate: its middle and the locator's score.
pub type Candidate = Option<(f32, f32)>;

/// For each beat, whether its candidate is a P wave.
pub fn p_waves(nets: &[Net], inputs: &[[f32; INPUTS]], candidates: &[Candidate]) -> Vec<bool> {
    let vote = |x: &[f32; INPUTS]| nets.iter().map(|net| net.run(x)).sum::<f32>() / nets.len().max(1) as f32;
    let present = |(x, c): (&[f32; INPUTS], &Candidate)| c.is_some() && vote(x) > PRESENT;
    inputs.iter().zip(candidates).map(present).collect()
}

/// What is known of the beats before their P waves are judged.
#[derive(Clone, Copy)]
pub struct Beats<'a> {
    /// The leads that count.
    pub leads: &'a [usize],
    /// The beats.
    pub arounds: &'a [Around],
    /// The shape group of each; 0 = dominant.
    pub membership: &'a [usize],
    /// What may be their P waves.
    pub p: &'a [Candidate],
    /// Their T waves.
    pub t: &'a [Candidate],
    /// What comes again before every QRS.
    pub repeat: Option<Repeat>,
}

/// What the network sees of every beat: of its candidate and of all the record's the locator's score, the correlation with the
/// other beats' P and the contrast to the stretch before; irregularity of the rhythm; what comes again in the mean beat, and
/// how this beat agrees with it.
pub fn features(model: &Model, view: &View<'_>, beats: Beats<'_>) -> Vec<[f32; INPUTS]> {
    let Beats { leads, arounds, membership, p, t, repeat } = beats;
    let grid = view.grid;
    let shapes: Vec<_> = p.iter().map(|c| c.and_then(|c| shape(grid, leads, c.0))).collect();
    let (same, mean_same) = alike(&shapes);
    let scores: Vec<f32> = p.iter().map(|c| c.map_or(0.0, |c| c.1)).collect();
    let mean_score = scores.iter().sum::<f32>() / scores.len().max(1) as f32;
    let rr = middle(arounds.iter().map(|a| a.rr)).unwrap_or(0.0);
    let jumps = middle(arounds.windows(2).map(|w| (w[1].rr - w[0].rr).abs())).unwrap_or(0.0);
    let alone: Vec<Option<f32>> = (0..arounds.len())
        .map(|b| p[b].and_then(|c| contrast(view, &arounds[b], c.0, b.checked_sub(1).and_then(|a| t[a]))))
        .collect();
    let usually_alone = middle(alone.iter().flatten().copied());
    let measured = alone.iter().flatten().count() as f32 / alone.len().max(1) as f32;
    let there = |b: usize| repeat.map(|r| arounds[b].at + r.place);
    let shapes: Vec<_> = (0..arounds.len()).map(|b| there(b).and_then(|p| shape(grid, leads, p))).collect();
    let (stays, _) = alike(&shapes);
    let mut x = Vec::new();
    let mut each = |b: usize| {
        let r =
            repeat.unwrap_or(Repeat { place: 0.0, distance: 0.0, score: 0.0, same: 0.0, clearest: 0.0, height: 0.0 });
        let apart = p[b].zip(there(b)).map_or(1.0, |(p, t)| ((p.0 - t).abs() / APART).min(2.0));
        let here = there(b).zip(model.locators.first());
        let here = here.map_or(0.0, |(p, net)| locate::Scene::new(view, 0, &arounds[b]).score(net, p, &mut x));
        [
            scores[b],
            mean_score,
            same[b],
            mean_same,
            (3.0 * jumps / rr.max(1.0)).min(1.5),
            alone[b].or(usually_alone).unwrap_or(NO_CONTRAST),
            usually_alone.unwrap_or(NO_CONTRAST),
            measured,
            r.score,
            r.same,
            r.clearest,
            r.height,
            apart,
            here,
            stays[b],
            if membership.get(b) == Some(&0) { 1.0 } else { 0.0 },
            (1.0 / leads.len().max(1) as f32).sqrt(),
        ]
    };
    (0..arounds.len()).map(&mut each).collect()
}

/// How well each shape agrees with the mean of the others, and the mean of that.
fn alike(shapes: &[Option<Vec<f32>>]) -> (Vec<f32>, f32) {
    let mut sum = vec![0.0_f32; shapes.iter().flatten().map(Vec::len).next().unwrap_or(0)];
    for s in shapes.iter().flatten() {
        for (a, v) in sum.iter_mut().zip(s) {
            *a += v;
        }
    }
    let same: Vec<f32> = shapes.iter().map(|s| s.as_ref().map_or(0.0, |s| with_others(&sum, s))).collect();
    let mean = same.iter().sum::<f32>() / same.len().max(1) as f32;
    (same, mean)
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
    let from = (middle.max(0.0) as usize).checked_sub(half)?;
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

fn middle(values: impl Iterator<Item = f32>) -> Option<f32> {
    let mut values: Vec<f32> = values.collect();
    let k = values.len() / 2;
    (!values.is_empty()).then(|| *values.select_nth_unstable_by(k, f32::total_cmp).1)
}
