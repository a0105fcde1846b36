//! Ventricular late potentials in the signal-averaged ECG (Simson, Circulation 64:235, 1981; Breithardt et al., Circulation
//! 83:1481, 1991): beats of one shape averaged, high-pass filtered at 40 Hz, vector magnitude, and of that the QRS
//! duration, the RMS of its last 40 ms and how long its end stays below 40 µV.
//!
//! From leads X, Y, Z, or from the eight independent ones of a 12-lead ECG by Kors' regression (Kors et al., Eur Heart J
//! 11:1083, 1990), which is said: the limits (114 ms, 20 µV, 38 ms) are of recorded X, Y, Z. At 1000 samples a second and
//! more, and where averaging brings the noise to 0.7 µV, as the task force asks. The filter runs from either side towards
//! the middle of QRS (Simson), so that it does not ring beyond QRS; it is two Butterworth sections, −3 dB at 40 Hz.

use crate::detect::Detection;
use crate::dsp::Biquad;
use crate::signal::{Hz, LeadName, Ms, Recording};
use serde::Serialize;

/// Slowest sampling (Breithardt 1991).
const LEAST_RATE: Hz = Hz(1000.0);
/// Highest noise of the filtered magnitude with a 40 Hz high-pass (Breithardt 1991), µV.
const MOST_NOISE_UV: f64 = 0.7;
/// Fewest beats averaged, and how alike they must be.
const LEAST_BEATS: usize = 50;
const ALIKE: f64 = 0.98;
/// Corner of each of both sections: together −3 dB at 40 Hz.
const CORNER_HZ: f64 = 32.09;
/// What is averaged, before and after the fiducial point.
const BEFORE: Ms = Ms(250.0);
const AFTER: Ms = Ms(350.0);
/// Beats are moved by up to this to fit.
const SLACK: Ms = Ms(3.0);
/// QRS over which they are compared.
const NEAR: Ms = Ms(60.0);
/// Noise is the quietest stretch of this length after QRS; the ends are searched by steps of 5 ms (Simson 1981).
const QUIET: Ms = Ms(40.0);
const STEP: Ms = Ms(5.0);
/// An end is where the mean of a step is above the noise by this many of its standard deviations (Simson 1981).
const ABOVE: f64 = 3.0;
/// Last part of QRS, and the low amplitude, µV.
const TERMINAL: Ms = Ms(40.0);
const LOW_UV: f64 = 40.0;

/// Kors' regression: X, Y, Z from V1 … V6, I, II.
const KORS: [[f64; 8]; 3] = [
    [-0.13, 0.05, -0.01, 0.14, 0.06, 0.54, 0.38, -0.07],
    [0.06, -0.02, -0.05, 0.06, -0.17, 0.13, -0.07, 0.93],
    [-0.43, -0.06, -0.14, -0.20, -0.11, 0.31, 0.11, -0.23],
];
const KORS_LEADS: [LeadName; 8] =
    [LeadName::V1, LeadName::V2, LeadName::V3, LeadName::V4, LeadName::V5, LeadName::V6, LeadName::I, LeadName::II];

/// The signal-averaged QRS.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct LatePotentials {
    /// Beats averaged.
    pub beats: usize,
    /// RMS noise of the filtered vector magnitude, µV.
    pub noise_uv: f64,
    /// Duration of the filtered QRS; above 114 ms is abnormal.
    pub filtered_qrs_ms: Ms,
    /// RMS of its last 40 ms, µV; below 20 is abnormal.
    pub rms40_uv: f64,
    /// Duration of the end below 40 µV; above 38 ms is abnormal.
    pub las40_ms: Ms,
    /// Whether X, Y, Z were recorded and not calculated from twelve leads.
    pub orthogonal: bool,
}

/// Measures them; `None` where the strip, its rate or its noise does not allow it.
pub fn late_potentials(recording: &Recording, detection: &Detection) -> Option<LatePotentials> {
    let rate = recording.rate;
    if rate.0 < LEAST_RATE.0 || detection.beats.len() < LEAST_BEATS {
        return None;
    }
    let (axes, orthogonal) = axes(recording)?;
    let (before, after) = (rate.samples(BEFORE), rate.samples(AFTER));
    let slack = rate.samples(SLACK).max(1);
    let (mean, beats) = average(&axes, detection, before, after, slack)?;
    let mut magnitude = vec![0.0_f64; before + after];
    for axis in &mean {
        let filtered = filter(axis, before, rate);
        magnitude.iter_mut().zip(&filtered).for_each(|(m, v)| *m += f64::from(*v).powi(2));
    }
    for m in &mut magnitude {
        *m = m.sqrt() * 1000.0;
    }
    let mut found = bounds(&magnitude, before, rate)?;
    (found.beats, found.orthogonal) = (beats, orthogonal);
    (found.noise_uv <= MOST_NOISE_UV).then_some(found)
}

/// X, Y, Z in mV, and whether they were recorded.
fn axes(recording: &Recording) -> Option<(Vec<Vec<f32>>, bool)> {
    let lead = |l: &LeadName| recording.lead(l).map(|r| r.to_vec());
    let recorded: Option<Vec<_>> = [LeadName::X, LeadName::Y, LeadName::Z].iter().map(lead).collect();
    if let Some(recorded) = recorded {
        return Some((recorded, true));
    }
    let eight: Vec<_> = KORS_LEADS.iter().map(lead).collect::<Option<_>>()?;
    let axis = |weights: &[f64; 8]| {
        let mut out = vec![0.0_f32; recording.samples.ncols()];
        for (row, w) in eight.iter().zip(weights) {
            out.iter_mut().zip(row).for_each(|(o, v)| *o += v * *w as f32);
        }
        out
    };
    Some((KORS.iter().map(axis).collect(), false))
}

/// The mean beat of each axis and how many beats it is of: laid on the mean by correlation, unlike ones left out.
fn average(
    axes: &[Vec<f32>],
    detection: &Detection,
    before: usize,
    after: usize,
    slack: usize,
) -> Option<(Vec<Vec<f32>>, usize)> {
    let end = axes.first()?.len();
    let fits = |at: &usize| *at >= before + slack && at + after + slack < end;
    let places: Vec<usize> = detection.beats.iter().filter(|b| b.group == 0).map(|b| b.qrs.peak).filter(fits).collect();
    let near = detection.rate.samples(NEAR);
    let mut mean = stack(axes, &places, before, after);
    let mut kept = Vec::new();
    for _ in 0..2 {
        kept = places
            .iter()
            .filter_map(|&at| {
                let shifts = at - slack..=at + slack;
                let scored = shifts.map(|s| (s, likeness(axes, s, &mean, before, near)));
                scored.max_by(|a, b| a.1.total_cmp(&b.1)).filter(|(_, c)| *c >= ALIKE).map(|(s, _)| s)
            })
            .collect();
        mean = stack(axes, &kept, before, after);
    }
    (kept.len() >= LEAST_BEATS).then_some((mean, kept.len()))
}

fn stack(axes: &[Vec<f32>], places: &[usize], before: usize, after: usize) -> Vec<Vec<f32>> {
    let one = |x: &Vec<f32>| {
        let mut sum = vec![0.0_f64; before + after];
        for &at in places {
            let part = x.get(at - before..at + after).unwrap_or_default();
            sum.iter_mut().zip(part).for_each(|(s, v)| *s += f64::from(*v));
        }
        sum.iter().map(|s| (s / places.len().max(1) as f64) as f32).collect()
    };
    axes.iter().map(one).collect()
}

/// Correlation of a beat's QRS with the mean's, over all axes.
fn likeness(axes: &[Vec<f32>], at: usize, mean: &[Vec<f32>], before: usize, near: usize) -> f64 {
    let (mut xy, mut xx, mut yy) = (0.0, 0.0, 0.0);
    for (x, m) in axes.iter().zip(mean) {
        let (a, b) =
            (x.get(at - near..at + near).unwrap_or_default(), m.get(before - near..before + near).unwrap_or_default());
        let level = |v: &[f32]| v.iter().map(|v| f64::from(*v)).sum::<f64>() / v.len().max(1) as f64;
        let (la, lb) = (level(a), level(b));
        for (p, q) in a.iter().zip(b) {
            let (p, q) = (f64::from(*p) - la, f64::from(*q) - lb);
            xy += p * q;
            xx += p * p;
            yy += q * q;
        }
    }
    if xx * yy > 0.0 { xy / (xx * yy).sqrt() } else { 0.0 }
}

/// High-passed from either side towards the fiducial point.
fn filter(x: &[f32], middle: usize, rate: Hz) -> Vec<f32> {
    let section = Biquad::high_pass(CORNER_HZ, rate.0);
    let twice = |x: &mut Vec<f32>| {
        section.forward(x);
        section.forward(x);
    };
    let mut left = x.to_vec();
    twice(&mut left);
    let mut right: Vec<f32> = x.iter().rev().copied().collect();
    twice(&mut right);
    right.reverse();
    let tail = right.get(middle..).unwrap_or_default();
    left.truncate(middle);
    left.extend_from_slice(tail);
    left
}

/// Noise, bounds and terminal part of the magnitude, µV.
fn bounds(magnitude: &[f64], middle: usize, rate: Hz) -> Option<LatePotentials> {
    let (quiet, step) = (rate.samples(QUIET), rate.samples(STEP).max(1));
    // The noise is looked for from 100 ms after the fiducial point on: no QRS that is to be measured ends later than 60 ms on.
    let rest = magnitude.get(middle + rate.samples(Ms(120.0))..)?;
    let quietest = rest.windows(quiet).step_by(step).min_by(|a, b| sum(a).total_cmp(&sum(b)))?;
    let mean = sum(quietest) / quiet as f64;
    let spread = (quietest.iter().map(|v| (v - mean).powi(2)).sum::<f64>() / quiet as f64).sqrt();
    let limit = mean + ABOVE * spread;
    let loud = |at: usize| magnitude.get(at..at + step).is_some_and(|w| sum(w) / step as f64 > limit);
    // Outwards from QRS, past 15 ms of rest at most: late potentials are islands.
    let gap = 3 * step;
    let mut end = middle;
    let mut at = middle;
    while at + step <= magnitude.len() && at <= end + gap {
        if loud(at) {
            end = at + step;
        }
        at += 1;
    }
    let mut begin = middle;
    let mut at = middle;
    while at > step && begin - at <= gap {
        at -= 1;
        if loud(at) {
            begin = at;
        }
    }
    if end <= begin {
        return None;
    }
    let terminal = magnitude.get(end.saturating_sub(rate.samples(TERMINAL)).max(begin)..end)?;
    let square = terminal.iter().map(|v| v * v).sum::<f64>() / terminal.len().max(1) as f64;
    let low = magnitude.get(begin..end)?.iter().rev().take_while(|v| **v < LOW_UV).count();
    let noise = (quietest.iter().map(|v| v * v).sum::<f64>() / quiet as f64).sqrt();
    Some(LatePotentials {
        beats: 0,
        noise_uv: noise,
        filtered_qrs_ms: rate.ms((end - begin) as f64),
        rms40_uv: square.sqrt(),
        las40_ms: rate.ms(low as f64),
        orthogonal: false,
    })
}

fn sum(values: &[f64]) -> f64 {
    values.iter().sum()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::detect::{Beat, BeatClass, Wave};
    use ndarray::Array2;

    /// Beats of a second in X, Y, Z with a QRS of about 90 ms, and where `late` a 15 µV burst of 80 Hz (26 µV of magnitude) for 60 ms after it.
    fn strip(late: bool, rate: f64) -> (Recording, Detection) {
        let beats = 80;
        let n = (f64::from(beats) * rate) as usize + 2000;
        let at = |b: i32| (f64::from(b) * rate) as usize + 800;
        let mut x = Array2::zeros((3, n));
        for b in 0..beats {
            for d in -300..300_i32 {
                let t = f64::from(d) / rate;
                let qrs = (-(t / 0.014).powi(2)).exp() - 0.3 * (-((t - 0.028) / 0.01).powi(2)).exp();
                let inside = late && (0.05..0.11).contains(&t);
                let burst = if inside { 0.015 * (std::f64::consts::TAU * 80.0 * t).sin() } else { 0.0 };
                let i = (at(b) as i64 + i64::from(d)) as usize;
                for lead in 0..3 {
                    x[(lead, i)] += ((qrs * (1.0 - 0.3 * lead as f64)) + burst) as f32;
                }
            }
        }
        // Seeded noise of a few microvolts, which averaging takes out.
        x.iter_mut().enumerate().for_each(|(i, v)| *v += ((i * 7919 % 211) as f32 - 105.0) * 2e-5);
        let leads = vec![LeadName::X, LeadName::Y, LeadName::Z];
        let beat = |b: i32| {
            let wave = Wave { onset: at(b) - 40, peak: at(b), offset: at(b) + 45 };
            Beat { qrs: wave, p: None, t: None, class: BeatClass::default(), group: 0 }
        };
        let found = Detection { rate: Hz(rate), beats: (0..beats).map(beat).collect(), ..Detection::default() };
        (Recording::new("t", leads, Hz(rate), x), found)
    }

    #[test]
    fn late_potentials_lengthen_and_weaken_the_end_of_qrs() {
        let (r, d) = strip(false, 1000.0);
        let without = late_potentials(&r, &d).unwrap();
        let (r, d) = strip(true, 1000.0);
        let with = late_potentials(&r, &d).unwrap();
        assert!(without.noise_uv <= 0.7 && without.beats == 80 && without.orthogonal, "{without:?}");
        assert!(without.filtered_qrs_ms.0 < 114.0, "{without:?}");
        // The burst ends 110 ms after the fiducial point.
        assert!(with.filtered_qrs_ms.0 > without.filtered_qrs_ms.0 + 30.0, "{with:?} {without:?}");
        assert!(with.las40_ms.0 > 38.0, "{with:?}");
    }

    #[test]
    fn slow_sampling_and_few_beats_are_not_enough() {
        let (r, d) = strip(true, 500.0);
        assert_eq!(late_potentials(&r, &d), None);
        let (r, mut d) = strip(true, 1000.0);
        d.beats.truncate(30);
        assert_eq!(late_potentials(&r, &d), None);
    }
}
