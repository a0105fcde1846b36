//! T-wave alternans by the modified moving average (Nearing & Verrier, J Appl Physiol 92:541, 2002): two running beats, of
//! the odd and of the even complexes, each moved towards every new one by an eighth of the difference and by no more than
//! 32 µV; alternans is the largest difference of the two between J point and T end.
//!
//! In strips too short for that, from eight beats in turn on, only what the eye sees is given: plain means of odd and even
//! beats that differ by a millimetre of ECG paper and three times what beats two and two give, in two leads.
//!
//! On leads without baseline wander, beats of the dominant shape that follow each other; anything else between two beats
//! starts the count of odd and even anew. A difference that beats by fours give as well (two and two) is noise: it is
//! measured the same way and given beside. In strips of a minute and more, at rates up to 125 a minute.

use crate::detect::Detection;
use crate::dsp;
use crate::signal::{LeadName, Ms, Mv, Recording};
use serde::Serialize;

/// Fewest beats in turn: four steps of an eighth bring two thirds… sixty-four are more than enough for the mean to settle.
const LEAST_BEATS: usize = 64;
/// Longest strip looked at, s: the highest value of a longer one is mostly noise.
const MOST_S: f64 = 600.0;
/// Highest rate: beyond, T runs into P (Nearing & Verrier 2002; Verrier et al., J Am Coll Cardiol 58:1309, 2011).
const FASTEST: Ms = Ms(480.0);
/// Largest step, mV, and its part of the difference.
const STEP_MV: f32 = 0.032;
const PART: f32 = 1.0 / 8.0;
/// Beats that bring the means to their place before anything is read.
const SETTLING: usize = 24;
/// Baseline removed below, Hz (as the detection does).
const BASELINE_HZ: f64 = 0.45;
/// Fewest beats in turn of a short strip, least difference of its means, mV, and times the noise.
const FEW_BEATS: usize = 8;
const OVERT_MV: f32 = 0.1;
const OVER_NOISE: f32 = 3.0;
/// Intervals that follow one another differ by no more than this part: T changes with the interval before it, and where intervals
/// alternate (every other beat premature) so does T.
const EVEN: f64 = 0.15;
/// Leads whose baseline is removed at a time.
const TOGETHER: usize = 4;
/// Points looked at between J and T end.
const POINTS: usize = 48;

/// Alternans of the lead that shows it most.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Alternans {
    /// The lead.
    pub lead: LeadName,
    /// Largest difference of odd and even beats.
    pub alternans_mv: Mv,
    /// The same of beats two and two: what is not above it is noise.
    pub noise_mv: Mv,
    /// Beats that went in.
    pub beats: usize,
}

/// Measures it; `None` where the strip is too short, too fast, or has no T wave.
pub fn alternans(recording: &Recording, detection: &Detection) -> Option<Alternans> {
    let rate = recording.rate;
    let short = detection.beats.len() < LEAST_BEATS;
    if detection.beats.len() < FEW_BEATS {
        return None;
    }
    let median = detection.median()?;
    let (qrs, t) = (median.qrs?, median.t?);
    let (from, to) = (qrs.offset.checked_sub(median.fiducial)?, t.offset.checked_sub(median.fiducial)?);
    let before = median.fiducial.saturating_sub(qrs.onset) + rate.samples(Ms(10.0));
    if to <= from {
        return None;
    }
    let end = recording.samples.ncols().min((MOST_S * rate.0) as usize);
    let runs = runs(detection, before, to, end);
    let beats: usize = runs.iter().map(Vec::len).sum();
    if runs.is_empty() || (!short && beats < LEAST_BEATS) {
        return None;
    }
    let look = if short { plain } else { largest };
    let samples = recording.samples.as_standard_layout();
    // A derived lead shows what two others do; a gap would be a wave.
    let whole = |x: &[f32]| x.iter().fold(true, |all, v| all & v.is_finite());
    let rows = recording.leads.iter().zip(samples.rows()).filter(|(lead, _)| !recording.derived.contains(lead));
    let leads: Vec<(&LeadName, &[f32])> =
        rows.filter_map(|(lead, row)| Some((lead, row.to_slice()?.get(..end)?))).filter(|(_, x)| whole(x)).collect();
    let (mut best, mut overt): (Option<Alternans>, usize) = (None, 0);
    for few in leads.chunks(TOGETHER) {
        let mut x = few.iter().map(|(_, x)| *x).collect::<Vec<_>>().concat();
        dsp::subtract_trends(&mut x, end, rate.0, BASELINE_HZ);
        for ((lead, _), x) in few.iter().zip(x.chunks(end)) {
            let (found, noise) = (look(x, &runs, before, (from, to), 1), look(x, &runs, before, (from, to), 2));
            overt += usize::from(found >= OVERT_MV && found >= OVER_NOISE * noise);
            if best.as_ref().is_none_or(|b| f64::from(found) > b.alternans_mv.0) {
                let (alternans_mv, noise_mv) = (Mv(f64::from(found)), Mv(f64::from(noise)));
                best = Some(Alternans { lead: (*lead).clone(), alternans_mv, noise_mv, beats });
            }
        }
    }
    best.filter(|_| !short || (overt > 0 && overt >= leads.len().min(2)))
}

/// The level before QRS of the beat at `at`; P ends earlier.
fn level(x: &[f32], at: usize, before: usize) -> f32 {
    let from = at - before.min(at);
    dsp::median(&mut x.get(from..=from + 4).unwrap_or_default().to_vec())
}

/// Largest difference between the plain means of odd and even beats (`every` 1) or of beats two and two (2) of the longest run.
fn plain(x: &[f32], runs: &[Vec<usize>], before: usize, (from, to): (usize, usize), every: usize) -> f32 {
    let Some(run) = runs.iter().max_by_key(|r| r.len()) else { return 0.0 };
    let beats: Vec<(usize, f32, usize)> =
        run.iter().enumerate().map(|(n, &at)| (at, level(x, at, before), (n / every) % 2)).collect();
    let difference = |k: usize| {
        let offset = from + k * (to - from) / POINTS;
        let mut sums = [(0.0_f32, 0.0_f32); 2];
        for &(at, level, side) in &beats {
            let v = x.get(at + offset).copied().unwrap_or(0.0) - level;
            let sum = &mut sums[side];
            *sum = (sum.0 + v, sum.1 + 1.0);
        }
        let mean = |s: (f32, f32)| s.0 / s.1.max(1.0);
        (mean(sums[0]) - mean(sums[1])).abs()
    };
    (0..POINTS).map(difference).fold(0.0, f32::max)
}

/// Fiducial points of beats of the dominant shape that follow one another, in runs of eight and more.
fn runs(detection: &Detection, before: usize, after: usize, end: usize) -> Vec<Vec<usize>> {
    let fastest = detection.rate.samples(FASTEST);
    let mut runs: Vec<Vec<usize>> = vec![Vec::new()];
    let (mut last, mut usual): (Option<usize>, Option<usize>) = (None, None);
    for beat in &detection.beats {
        let at = beat.qrs.peak;
        let whole = at >= before && at + after < end;
        let interval = last.map(|l| at - l);
        let apart = interval.is_none_or(|i| i >= fastest);
        let even = interval.zip(usual).is_none_or(|(i, u)| i.abs_diff(u) as f64 <= EVEN * u as f64);
        (last, usual) = (Some(at), interval);
        if beat.group == 0 && whole && apart && even {
            if let Some(run) = runs.last_mut() {
                run.push(at);
            }
        } else if runs.last().is_some_and(|r| !r.is_empty()) {
            runs.push(Vec::new());
        }
    }
    runs.retain(|r| r.len() >= 8);
    runs
}

/// Largest difference of the two running beats, read when both have settled; `every` 1: odd and even beats, 2: two and two.
fn largest(x: &[f32], runs: &[Vec<usize>], before: usize, (from, to): (usize, usize), every: usize) -> f32 {
    let offset = |k: usize| from + k * (to - from) / POINTS.max(1);
    let mut means = [vec![f32::NAN; POINTS], vec![f32::NAN; POINTS]];
    let (mut seen, mut most) = (0, 0.0_f32);
    for run in runs {
        for (n, &at) in run.iter().enumerate() {
            let level = level(x, at, before);
            let mean = &mut means[(n / every) % 2];
            for (k, m) in mean.iter_mut().enumerate() {
                let v = x.get(at + offset(k)).copied().unwrap_or(0.0) - level;
                *m = if m.is_nan() { v } else { *m + (PART * (v - *m)).clamp(-STEP_MV, STEP_MV) };
            }
            seen += 1;
            if seen > SETTLING {
                let difference = means[0].iter().zip(&means[1]).map(|(a, b)| (a - b).abs()).fold(0.0, f32::max);
                most = most.max(difference);
            }
        }
        // Which beat of the next run is odd is not known: its means begin anew.
        seen = 0;
        for mean in &mut means {
            mean.fill(f32::NAN);
        }
    }
    most
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::detect::{Beat, BeatClass, MedianBeat, Wave};
    use crate::signal::Hz;
    use ndarray::Array2;

    /// Beats of 0.8 s with a T wave of 0.3 mV that differs by `swing` from beat to beat, and a wandering baseline.
    fn strip(beats: usize, swing: f32) -> (Recording, Detection) {
        let rate = 500.0;
        let n = beats * 400 + 400;
        let at = |b: usize| 300 + b * 400;
        let x = Array2::from_shape_fn((2, n), |(lead, i)| {
            let b = (i.saturating_sub(200) / 400).min(beats - 1);
            let u = (i as f32 - at(b) as f32) / rate as f32;
            let height = 0.3 + if b % 2 == 0 { 0.5 * swing } else { -0.5 * swing } * (1.0 - lead as f32 * 0.5);
            let wave = |c: f32, w: f32| (-((u - c) / w).powi(2)).exp();
            wave(0.0, 0.012) + height * wave(0.26, 0.05) + 0.1 * (i as f32 / rate as f32 * 1.3).sin()
        });
        let wave = |from: usize, peak: usize, to: usize| Wave { onset: from, peak, offset: to };
        let beat = |b: usize| Beat {
            qrs: wave(at(b) - 20, at(b), at(b) + 20),
            p: None,
            t: None,
            class: BeatClass::default(),
            group: 0,
        };
        let median = MedianBeat {
            fiducial: 150,
            qrs: Some(wave(130, 150, 170)),
            t: Some(wave(230, 280, 340)),
            beats,
            ..MedianBeat::default()
        };
        let found = Detection {
            rate: Hz(rate),
            beats: (0..beats).map(beat).collect(),
            medians: vec![median],
            ..Detection::default()
        };
        (Recording::new("t", vec![LeadName::V2, LeadName::V5], Hz(rate), x), found)
    }

    #[test]
    fn the_difference_of_odd_and_even_beats_is_found() {
        let (r, d) = strip(128, 0.1);
        let a = alternans(&r, &d).unwrap();
        assert_eq!(a.lead, LeadName::V2);
        assert!((a.alternans_mv.0 - 0.1).abs() < 0.01, "{a:?}");
        assert!(a.noise_mv.0 < 0.05 * 1.0 && a.beats > 100, "{a:?}");
    }

    #[test]
    fn without_alternans_there_is_none_and_a_short_strip_tells_the_overt_alone() {
        let (r, d) = strip(128, 0.0);
        assert!(alternans(&r, &d).unwrap().alternans_mv.0 < 0.01);
        // In ten seconds only what is seen on paper counts.
        let (r, d) = strip(12, 0.08);
        assert_eq!(alternans(&r, &d), None);
        let (r, d) = strip(12, 0.4);
        let a = alternans(&r, &d).unwrap();
        assert!(a.lead == LeadName::V2 && (a.alternans_mv.0 - 0.4).abs() < 0.08 && a.beats <= 12, "{a:?}");
        let (r, d) = strip(7, 0.4);
        assert_eq!(alternans(&r, &d), None);
    }
}
