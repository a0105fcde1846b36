//! Signal quality of each lead: what is missing, flat, saturated or noisy.
//!
//! The recording's score is the geometric mean over leads, the worst lead once more by a fifth ([`of_recording`]): who reads an
//! ECG refuses it for one lead that cannot be read, and for leads that jump, not for slow drift or low voltage (the pictures of
//! the records scored wrongly show it). Tried on `cinc2011` (105 records), AUC:
//!
//! | | |
//! |---|---|
//! | geometric mean of the leads' scores | 0.953 |
//! | + the worst lead again by 0.1 … 0.5 | 0.956 … 0.958 |
//! | + jumps (3 … 5 times the usual swing, worst lead by 0.1 … 0.5) | 0.969 … 0.977 |
//! | the same, the three numbers chosen without the records held out (40 times five folds) | 0.973 |
//! | part of the time within 0.2 … 0.8 mV of the lead's place instead of RMS wander | 0.925 … 0.954 |
//! | largest RMS wander of a lead, weight 0.05 … 0.1 | 0.961 |
//! | logistic models of the leads' scores, wander, range, noise (folds pooled, which costs 0.015) | 0.933 … 0.952 |
//!
//! What stays wrong: 2246806 (all leads jump for three seconds), 1254724 (lead III without complexes, all else clean);
//! accepted though bad: 2449723, 2116607, and 2080991 and 2536401 with one flat lead.

use super::condition::Conditioned;
use super::envelope::Envelopes;
use super::{LeadQuality, MedianBeat};
use crate::dsp;
use crate::signal::{Hz, Ms, Recording};

/// A lead that does not move by more than this for [`FLAT_RUN`] is flat, mV (one step of usual converters).
const FLAT_MV: f32 = 0.0026;
/// Shortest flat stretch that counts: no QRS of a live lead is that far away in a beat, and T–P intervals move by more.
const FLAT_RUN: Ms = Ms(400.0);
/// Distance of the samples whose bend measures fast noise: passes 30 … 150 Hz, a QRS hardly.
const BEND: Ms = Ms(5.0);
/// Fast noise is measured in blocks of this length, most of which hold no QRS.
const BLOCK: Ms = Ms(60.0);

/// Wander of this RMS halves a lead's score. Chosen on `cinc2011`, whose readers refuse leads that leave their place.
const WANDER_MV: f64 = 0.5;
/// Fast noise of this part of the complexes' height halves what the noise leaves.
const NOISE_PART: f64 = 0.15;

/// A lead whose complexes do not stand out is clear all the same where its beats repeat: in a wide-QRS tachycardia there is no
/// rest to stand out from. Part of a beat that the median beat explains, from which it is clear at all, and wholly.
const REPEATS: (f64, f64) = (0.8, 0.97);
/// Told from so many beats that are this part of all.
const REPEATING: (usize, f64) = (6, 0.6);
/// Leads clearer than this (part of the way from noise to complexes that stand out) need no second look.
const CLEAR: f64 = 0.5;
/// Beats that are looked at.
const MOST_BEATS: usize = 40;

/// Swings are taken in halves of this; the usual one is the median of the larger halves.
const SECOND: Ms = Ms(1000.0);
/// A stretch that shares its jumps: one at the start of a day does not spoil the day.
const STRETCH_S: usize = 10;
/// A second that swings more than so many times the usual second has no premature beat (which swings up to thrice) but a jump
/// of an electrode. Chosen on `cinc2011`; 3 and 5 are hardly worse.
const JUMP: f32 = 4.0;
/// The usual swing is at least this, mV: in a flat lead everything would be a jump.
const LEAST_SWING_MV: f32 = 0.05;
/// How much the worst lead counts besides all.
const WORST: f64 = 0.2;
/// What a useless lead counts as.
const USELESS: f64 = 0.01;

/// Quality of a recording, 0 … 1, of its leads'; 0 without leads.
pub fn of_recording(leads: &[LeadQuality]) -> f64 {
    let each = leads.iter().map(|q| (q.score * (1.0 - q.jumps) + USELESS).ln());
    let (sum, worst) = each.fold((0.0, f64::INFINITY), |(s, w), v| (s + v, w.min(v)));
    if leads.is_empty() {
        return 0.0;
    }
    let mean = (sum / leads.len() as f64 + WORST * worst) / (1.0 + WORST);
    (mean.exp() - USELESS).clamp(0.0, 1.0)
}

/// Quality of every lead.
pub fn leads(recording: &Recording, signal: &Conditioned, envelopes: &Envelopes) -> Vec<LeadQuality> {
    let rate = recording.rate;
    (0..signal.leads())
        .map(|lead| {
            let row = recording.samples.row(lead);
            let copy;
            let raw: &[f32] = if let Some(slice) = row.as_slice() {
                slice
            } else {
                copy = row.to_vec();
                &copy
            };
            let n = raw.len().max(1) as f64;
            let missing: usize = signal.gaps[lead].iter().map(std::ops::Range::len).sum();
            let mut quality = LeadQuality {
                score: 0.0,
                wander_mv: f64::from(signal.wander_mv[lead]),
                mains_mv: f64::from(signal.mains_mv[lead]),
                noise_mv: f64::from(fast_noise(signal.lead(lead), rate)),
                flat: flat(raw, rate) as f64 / n,
                saturated: saturated(raw, rate) as f64 / n,
                missing: missing as f64 / n,
                jumps: jumps(raw, rate),
            };
            quality.score = score(&quality, envelopes, lead, None);
            quality
        })
        .collect()
}

/// Raises the scores of leads whose beats do not stand out but repeat: those at `places` (samples), of all `beats`, against their
/// `median` beat.
pub fn by_repetition(
    quality: &mut [LeadQuality],
    signal: &Conditioned,
    envelopes: &Envelopes,
    (places, beats): (&[usize], usize),
    median: &MedianBeat,
) {
    if places.len() < REPEATING.0 || (places.len() as f64) < REPEATING.1 * beats as f64 {
        return;
    }
    for (lead, q) in quality.iter_mut().enumerate() {
        if stands_out(envelopes, lead) >= CLEAR || q.score <= 0.0 || lead >= median.samples.nrows() {
            continue;
        }
        let row = median.samples.row(lead);
        let Some(model) = row.as_slice() else { continue };
        let explained = explained(signal.lead(lead), model, places, median.fiducial);
        let clear = ((explained - REPEATS.0) / (REPEATS.1 - REPEATS.0)).clamp(0.0, 1.0);
        q.score = q.score.max(score(q, envelopes, lead, Some(clear)));
    }
}

/// Median part of the beats' energy that the `model` explains, each about its own mean; 0 where no beat is whole.
fn explained(x: &[f32], model: &[f32], places: &[usize], fiducial: usize) -> f64 {
    let mean = |v: &[f32]| v.iter().sum::<f32>() / v.len().max(1) as f32;
    let middle = mean(model);
    let part = |&place: &usize| {
        let from = place.checked_sub(fiducial)?;
        let beat = x.get(from..from + model.len())?;
        let level = mean(beat);
        let (mut left, mut all) = (0.0_f32, 0.0_f32);
        for (v, m) in beat.iter().zip(model) {
            let v = v - level;
            left += (v - (m - middle)).powi(2);
            all += v * v;
        }
        (all > 0.0 && left.is_finite()).then(|| 1.0 - left / all)
    };
    let step = places.len().div_ceil(MOST_BEATS).max(1);
    let mut parts: Vec<f32> = places.iter().step_by(step).filter_map(part).collect();
    if parts.is_empty() { 0.0 } else { f64::from(dsp::median(&mut parts)) }
}

/// 0 … 1: how far a lead's complexes stand out of what lies between them.
fn stands_out(envelopes: &Envelopes, lead: usize) -> f64 {
    f64::from(dsp::median(&mut envelopes.weights[lead].clone()))
}

/// Samples in stretches that stay within [`FLAT_MV`] of where they began.
fn flat(x: &[f32], rate: Hz) -> usize {
    let run = rate.samples(FLAT_RUN).max(2);
    // Such a stretch covers a whole block of half its length, which then moves by no more than twice that.
    let moves = |block: &[f32]| {
        let (low, high) = dsp::range(block);
        high - low > 2.1 * FLAT_MV
    };
    if x.chunks_exact(run / 2).all(moves) {
        return 0;
    }
    let (mut total, mut from) = (0, 0);
    for i in 1..=x.len() {
        if i < x.len() && (x[i] - x[from]).abs() <= FLAT_MV {
            continue;
        }
        if i - from >= run {
            total += i - from;
        }
        from = i;
    }
    total
}

/// Samples that sit on the lead's largest or smallest value for 10 ms or more.
fn saturated(x: &[f32], rate: Hz) -> usize {
    let (low, high) = dsp::range(x);
    if high - low < 10.0 * FLAT_MV {
        return 0;
    }
    let run = rate.samples(Ms(10.0)).max(3);
    let inside = |v: &f32| *v != low && *v != high;
    // Of every `run` samples one is looked at: none that lasts so long is missed.
    let (mut total, mut from, mut at) = (0, 0, run - 1);
    while at < x.len() {
        if inside(&x[at]) {
            at += run;
            continue;
        }
        let first = x[from..at].iter().rposition(inside).map_or(from, |i| from + i + 1);
        from = x[at..].iter().position(inside).map_or(x.len(), |i| at + i);
        if from - first >= run {
            total += from - first;
        }
        at = from + run;
    }
    total
}

/// 0 … 1: how far seconds swing above [`JUMP`] times the usual one, the mean over stretches of about [`STRETCH_S`].
fn jumps(x: &[f32], rate: Hz) -> f64 {
    let half = rate.samples(SECOND) / 2;
    let swing = |part: &[f32]| {
        // Missing samples are neither low nor high.
        let (low, high) = dsp::range(part);
        (high - low).max(0.0)
    };
    let halves: Vec<f32> = x.chunks_exact(half.max(1)).map(swing).collect();
    let seconds: Vec<f32> = halves.chunks(2).map(|h| h.iter().copied().fold(0.0, f32::max)).collect();
    if seconds.is_empty() {
        return 0.0;
    }
    let usual = dsp::median(&mut seconds.clone()).max(LEAST_SWING_MV);
    let lost = |part: &[f32]| {
        let most = part.iter().copied().fold(0.0, f32::max);
        f64::from(1.0 - (JUMP * usual / most.max(JUMP * usual)).powi(2)) * part.len() as f64
    };
    let count = (seconds.len() as f64 / STRETCH_S as f64).round().max(1.0) as usize;
    seconds.chunks(seconds.len().div_ceil(count)).map(lost).sum::<f64>() / seconds.len() as f64
}

/// RMS of what bends within 10 ms, between the complexes: the median over short blocks.
fn fast_noise(x: &[f32], rate: Hz) -> f32 {
    let (lag, block) = (rate.samples(BEND).max(1), rate.samples(BLOCK).max(4));
    let Some((middle, right)) = x.get(lag..).zip(x.get(2 * lag..)) else { return 0.0 };
    let squares: Vec<f32> = x.iter().zip(right).zip(middle).map(|((l, r), m)| (m - 0.5 * (l + r)).powi(2)).collect();
    let whole = squares.len() / block * block;
    let mut levels: Vec<f32> = dsp::block_sums(&squares[..whole], block).iter().map(|sum| sum / block as f32).collect();
    dsp::median(&mut levels).sqrt()
}

/// 0 … 1 from how far the complexes stand above the noise (or how `clear` else they are), and from what is absent.
fn score(q: &LeadQuality, envelopes: &Envelopes, lead: usize, clear: Option<f64>) -> f64 {
    let mut heights = envelopes.heights[lead].clone();
    let height = f64::from(dsp::median(&mut heights));
    if height <= 0.0 {
        return 0.0;
    }
    let clear = clear.unwrap_or_else(|| stands_out(envelopes, lead));
    let gone = (q.flat + q.saturated + q.missing).min(1.0);
    let noise = 1.0 / (1.0 + (q.noise_mv / (NOISE_PART * height)).powi(2));
    let wander = 1.0 / (1.0 + (q.wander_mv / WANDER_MV).powi(2));
    (clear * noise).cbrt() * wander * (1.0 - gone)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_flat_and_a_clipped_stretch_are_counted() {
        let mut x: Vec<f32> = (0..5000).map(|i| (i as f32 * 0.1).sin()).collect();
        x[1000..2000].fill(0.3);
        assert!((1000..1010).contains(&flat(&x, Hz(500.0))));
        for v in &mut x {
            *v = v.min(0.8);
        }
        let clipped = saturated(&x, Hz(500.0));
        assert!((700..1300).contains(&clipped), "{clipped}");
    }

    #[test]
    fn stretches_are_counted_to_the_sample_wherever_they_lie() {
        let rate = Hz(500.0);
        let run = |x: &[f32], least: usize, same: &dyn Fn(f32, f32) -> bool| {
            x.chunk_by(|a, b| same(*a, *b)).map(<[f32]>::len).filter(|n| *n >= least).sum::<usize>()
        };
        for from in (0..1800).step_by(37) {
            for long in [3, 4, 5, 6, 11, 199, 200, 201] {
                let mut x: Vec<f32> = (0..2000).map(|i| ((i * 7919) % 101) as f32 * 0.01).collect();
                x[from..(from + long).min(2000)].fill(1.5);
                let extreme = |v: f32| v == 0.0 || v == 1.5;
                assert_eq!(saturated(&x, rate), run(&x, 5, &|a, b| extreme(a) && extreme(b)), "{from} {long}");
                assert_eq!(flat(&x, rate), run(&x, 200, &|a, b| a == b), "{from} {long}");
            }
        }
    }

    #[test]
    fn a_jump_counts_in_its_own_stretch_and_a_large_beat_is_none() {
        let beats = |i: i32| if i % 400 < 20 { 1.0 } else { 0.0 };
        let mut x: Vec<f32> = (0..30_000).map(beats).collect();
        x[7000..7050].fill(3.0);
        assert_eq!(jumps(&x, Hz(500.0)), 0.0);
        x[7000] = f32::NAN;
        x[7001..7004].fill(-5.0);
        // Eight times the usual swing in one of six stretches.
        assert!((jumps(&x, Hz(500.0)) - 0.75 / 6.0).abs() < 1e-6);
        assert_eq!(jumps(&[], Hz(500.0)), 0.0);
        assert_eq!(jumps(&vec![f32::NAN; 5000], Hz(500.0)), 0.0);
    }

    #[test]
    fn one_lead_that_jumps_or_is_useless_shows_in_the_whole() {
        let good = LeadQuality { score: 1.0, ..LeadQuality::default() };
        assert!((of_recording(&[good; 12]) - 1.0).abs() < 1e-9);
        let mut leads = [good; 12];
        leads[6].score = 0.0;
        let useless = of_recording(&leads);
        leads[6] = LeadQuality { jumps: 0.75, ..good };
        assert!(useless < 0.4 && useless < of_recording(&leads) && of_recording(&leads) < 0.8);
        assert_eq!(of_recording(&[]), 0.0);
        assert!(of_recording(&[LeadQuality::default(); 3]) < 1e-9);
    }
}
