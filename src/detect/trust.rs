//! How far the beats found may be trusted, in stretches of about ten seconds, from the detector's own evidence.
//!
//! Not how the signal looks but how sure the choice of complexes was: how each stands against those around it, how near the
//! best rejected hump between two beats came, how even the intervals are, how far the envelope stands above its background
//! (Zhao & Zhang 2018 and Li, Mark & Clifford 2008 compare two detectors instead). A small network, found by `einthoven train
//! trust` on `mitdb` with simulated noise at 12 … −6 dB, makes a probability of it that no beat is missed or extra there.

use super::candidates::Traits;
use super::envelope::Envelopes;
use super::qrs::Complexes;
use crate::dsp;
use crate::dsp::scaled::Scaled;
use serde::Serialize;
use std::ops::Range;
use std::sync::OnceLock;

/// Length of the stretches, s, about.
const WINDOW_S: f64 = 10.0;
/// Of so many beats fewer in a stretch nothing can be said.
const FEWEST: usize = 2;
/// A hump between two beats is at least so far from both, s.
const BETWEEN_S: f32 = 0.12;
/// Numbers of one beat.
const OF_BEAT: usize = 19;
/// Numbers of a stretch: mean and lower part of those of its beats, and four of its own.
pub const FEATURES: usize = 2 * OF_BEAT + 4;
/// The lower part, as a quantile.
const LOWER: f64 = 0.15;

/// How far the beats of a stretch may be trusted.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Trust {
    /// First sample.
    pub from: usize,
    /// One past the last sample.
    pub to: usize,
    /// Probability that no beat is missed or extra, 0 … 1; 0 where there are too few beats to tell.
    pub score: f64,
}

/// A stretch in samples and what the network sees of it; `None` = too few beats.
pub type Stretch = (Range<usize>, Option<[f32; FEATURES]>);

/// Trust in the beats found, stretch by stretch; empty without samples.
pub fn trust(envelopes: &Envelopes, complexes: &Complexes, end: usize) -> Vec<Trust> {
    static MODEL: OnceLock<Option<Scaled>> = OnceLock::new();
    let model =
        MODEL.get_or_init(|| Scaled::from_text(include_str!("trust.txt")).filter(|m| m.inputs() == FEATURES)).as_ref();
    let (mut hidden, mut out) = (Vec::new(), Vec::new());
    let stretches = stretches(envelopes, complexes, end);
    let each = stretches.into_iter().map(|(range, features)| {
        let score = match (model, features) {
            (Some(model), Some(f)) => probability(model, &f, &mut hidden, &mut out),
            _ => 0.0,
        };
        Trust { from: range.start, to: range.end, score }
    });
    each.collect()
}

/// Probability by `model` that a stretch is right.
pub fn probability(model: &Scaled, f: &[f32; FEATURES], hidden: &mut Vec<f32>, out: &mut Vec<f32>) -> f64 {
    model.run(f, hidden, out);
    let [wrong, right] = out.as_slice() else { return 0.0 };
    1.0 / (1.0 + f64::from(wrong - right).exp())
}

/// Cuts the recording into stretches and describes them.
pub fn stretches(envelopes: &Envelopes, complexes: &Complexes, end: usize) -> Vec<Stretch> {
    let n = envelopes.all.len();
    if n == 0 {
        return Vec::new();
    }
    let beats = of_beats(envelopes, complexes);
    let at: Vec<usize> = complexes.chosen.iter().map(|&k| complexes.candidates[k].at).collect();
    let count = ((n as f64 / envelopes.rate / WINDOW_S).round() as usize).max(1);
    (0..count)
        .map(|k| {
            let (from, to) = (k * n / count, (k + 1) * n / count);
            let inside = at.partition_point(|&a| a < from)..at.partition_point(|&a| a < to);
            let last = if k + 1 == count { end } else { (to * envelopes.step).min(end) };
            let features = (inside.len() >= FEWEST).then(|| describe(envelopes, from..to, &at, &beats, inside));
            ((from * envelopes.step).min(last)..last, features)
        })
        .collect()
}

fn describe(
    envelopes: &Envelopes,
    stretch: Range<usize>,
    at: &[usize],
    beats: &[[f32; OF_BEAT]],
    inside: Range<usize>,
) -> [f32; FEATURES] {
    let mut f = [0.0_f32; FEATURES];
    let part = &beats[inside.clone()];
    for k in 0..OF_BEAT {
        let mut values: Vec<f32> = part.iter().map(|b| b[k]).collect();
        f[k] = values.iter().sum::<f32>() / values.len() as f32;
        f[OF_BEAT + k] = dsp::quantile(&mut values, LOWER);
    }
    let mut level = envelopes.all[stretch].to_vec();
    let rr: Vec<f32> = at[inside.start.saturating_sub(1)..inside.end]
        .windows(2)
        .map(|w| (w[1] - w[0]) as f32 / envelopes.rate as f32)
        .collect();
    let heights: Vec<f32> = part.iter().map(|b| b[0]).collect();
    let own = [
        (dsp::quantile(&mut level, 0.4) + 0.01).ln(),
        deviation(&rr) / (rr.iter().sum::<f32>() / rr.len().max(1) as f32).max(0.1),
        (part.len() as f32).ln(),
        deviation(&heights),
    ];
    f[2 * OF_BEAT..].copy_from_slice(&own);
    f.map(|v| if v.is_finite() { v.clamp(-6.0, 6.0) } else { 0.0 })
}

/// Standard deviation; 0 of nothing.
fn deviation(x: &[f32]) -> f32 {
    let n = x.len().max(1) as f32;
    let mean = x.iter().sum::<f32>() / n;
    (x.iter().map(|v| (v - mean).powi(2)).sum::<f32>() / n).sqrt()
}

fn of_beats(envelopes: &Envelopes, complexes: &Complexes) -> Vec<[f32; OF_BEAT]> {
    let rate = envelopes.rate as f32;
    let Complexes { candidates, chosen, traits, .. } = complexes;
    let time: Vec<f32> = chosen.iter().map(|&k| candidates[k].at as f32 / rate).collect();
    let rr: Vec<f32> = time.windows(2).map(|w| w[1] - w[0]).collect();
    let blocks = envelopes.weights.first().map_or(0, Vec::len);
    let clear = |at: usize| {
        let block = (at / envelopes.block.max(1)).min(blocks.saturating_sub(1));
        let sum: f32 = envelopes.weights.iter().filter_map(|w| w.get(block)).sum();
        sum / envelopes.weights.len().max(1) as f32
    };
    (0..chosen.len())
        .map(|b| {
            let (own, t) = (&candidates[chosen[b]], &traits[chosen[b]]);
            let mut near = rr[b.saturating_sub(8).min(rr.len())..(b + 8).min(rr.len())].to_vec();
            let usual = if near.is_empty() { 0.8 } else { dsp::median(&mut near).max(0.1) };
            let pre = if b > 0 { rr[b - 1] } else { usual };
            let post = rr.get(b).copied().unwrap_or(usual);
            let between = Between::around(complexes, &time, b, rate);
            let span = (time.get(b + 1).copied().unwrap_or(time[b] + 1.0)
                - if b > 0 { time[b - 1] } else { time[b] - 1.0 })
                / usual;
            let (a, z) = ((pre / usual).ln(), (post / usual).ln());
            [
                t.height,
                t.height.abs(),
                t.swing,
                t.swing.abs(),
                t.slope,
                t.slope.abs(),
                t.like,
                t.clear,
                t.odd,
                (between.height / own.height.max(0.01)).ln(),
                between.swing - t.swing,
                between.slope - t.slope,
                between.like - t.like,
                between.count as f32 / span.max(0.5),
                a.abs(),
                z.abs(),
                (post / pre.max(0.05)).max(0.02).ln().abs(),
                a.min(z),
                clear(own.at),
            ]
        })
        .collect()
}

/// The best of the humps rejected between the beats on both sides of one.
struct Between {
    height: f32,
    swing: f32,
    slope: f32,
    like: f32,
    count: usize,
}

impl Between {
    fn around(complexes: &Complexes, time: &[f32], b: usize, rate: f32) -> Self {
        let Complexes { candidates, chosen, traits, .. } = complexes;
        let first = if b > 0 { chosen[b - 1] + 1 } else { 0 };
        let last = chosen.get(b + 1).copied().unwrap_or(candidates.len());
        let from = if b > 0 { time[b - 1] } else { time[b] - 1.0 };
        let to = time.get(b + 1).copied().unwrap_or(time[b] + 1.0);
        let mut out = Self { height: 0.02, swing: -2.0, slope: -2.0, like: -1.0, count: 0 };
        for k in (first..last).filter(|&k| k != chosen[b]) {
            let at = candidates[k].at as f32 / rate;
            if at < from + BETWEEN_S || at > to - BETWEEN_S || (at - time[b]).abs() < BETWEEN_S {
                continue;
            }
            let Traits { swing, slope, like, .. } = traits[k];
            out.height = out.height.max(candidates[k].height);
            out = if out.count == 0 {
                Self { swing, slope, like, count: 1, ..out }
            } else {
                Self {
                    swing: out.swing.max(swing),
                    slope: out.slope.max(slope),
                    like: out.like.max(like),
                    count: out.count + 1,
                    ..out
                }
            };
        }
        out
    }
}
