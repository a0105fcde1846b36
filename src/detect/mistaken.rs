//! P and T waves taken for complexes. Where the ventricles stand still the P wave is the largest thing left, and a detector that looks
//! for the largest thing finds it: a standstill would be read as a rhythm.

use super::MedianBeat;
use super::condition::Conditioned;
use crate::dsp;
use crate::signal::{Hz, Ms};

/// Such a group's waves have at most this part of the energy of the complexes before which the same wave stands …
const SMALL: f32 = 0.1;
/// … differ from that wave in energy by no more than this factor and are alike by at least this correlation.
const SIZE: f32 = 2.5;
const ALIKE: f32 = 0.92;
/// In fewer leads any hump is like any other.
const LEAST_LEADS: usize = 3;
/// Usual interval from which a rhythm is slow, and intervals to tell it by.
const SLOW: Ms = Ms(1200.0);
const LEAST_INTERVALS: usize = 3;
/// Half of the stretch in which steepness is told, and the part of the usual energy of the slopes below which a beat is none:
/// T waves of simulated blocks reach 0.1, the least beat of twelve such slow ECGs of `ptbxl` and `ludb` 0.45.
const STEEP: Ms = Ms(80.0);
const FAINT: f32 = 0.2;
/// T lies no further after a complex (or is the first thing seen): what is faint elsewhere may be a beat of leads just put on.
const AFTER: Ms = Ms(600.0);
/// Half of the stretch compared about the middle of the wave.
const HALF: Ms = Ms(60.0);
/// Where P stands before the fiducial point of its complex.
const FROM: Ms = Ms(320.0);
const TO: Ms = Ms(100.0);
/// Places between these are tried every so often.
const STEP: Ms = Ms(4.0);

/// Which of the groups, by their `medians`, are the P wave of another; empty where that cannot be told.
pub fn p_waves(medians: &[MedianBeat], rate: Hz) -> Vec<bool> {
    if medians.first().is_none_or(|m| m.samples.nrows() < LEAST_LEADS) {
        return Vec::new();
    }
    let half = rate.samples(HALF);
    let cores: Vec<Vec<f32>> = medians.iter().map(|m| cut(m, m.fiducial, half)).collect();
    let energies: Vec<f32> = cores.iter().map(|c| energy(c)).collect();
    let is_p = |g: usize| {
        (0..medians.len()).any(|h| {
            energies[g] > 0.0
                && energies[g] < SMALL * energies[h]
                && places(&medians[h], rate).any(|at| {
                    let wave = cut(&medians[h], at, half);
                    let own = energy(&wave);
                    let cross: f32 = wave.iter().zip(&cores[g]).map(|(a, b)| a * b).sum();
                    own < SIZE * energies[g] && energies[g] < SIZE * own && cross > ALIKE * (own * energies[g]).sqrt()
                })
        })
    };
    (0..medians.len()).map(is_p).collect()
}

/// Which beats of a slow rhythm are far less steep than its usual ones: T waves, alone or with a P wave on them, that a search for
/// beats in long intervals has found.
pub fn faint(signal: &Conditioned, fiducials: &[usize]) -> Vec<bool> {
    let mut rr: Vec<f32> = fiducials.windows(2).map(|w| (w[1] - w[0]) as f32).collect();
    if rr.len() < LEAST_INTERVALS || signal.leads() < LEAST_LEADS {
        return Vec::new();
    }
    if dsp::median(&mut rr) < signal.rate.samples(SLOW) as f32 {
        return Vec::new();
    }
    let reach = signal.rate.samples(STEEP);
    let energies: Vec<f32> = fiducials
        .iter()
        .map(|&at| {
            let range = at.saturating_sub(reach)..(at + reach).min(signal.len());
            let of_lead =
                |lead: usize| signal.lead(lead)[range.clone()].windows(2).map(|w| (w[1] - w[0]).powi(2)).sum::<f32>();
            (0..signal.leads()).map(of_lead).sum()
        })
        .collect();
    let usual = dsp::median(&mut energies.clone());
    let after = signal.rate.samples(AFTER);
    let follows = |i: usize| i == 0 || fiducials[i] - fiducials[i - 1] <= after;
    energies.iter().enumerate().map(|(i, e)| *e < FAINT * usual && follows(i)).collect()
}

fn places(median: &MedianBeat, rate: Hz) -> impl Iterator<Item = usize> {
    let (from, to) = (rate.samples(FROM), rate.samples(TO));
    let fiducial = median.fiducial;
    (fiducial.saturating_sub(from)..fiducial.saturating_sub(to)).step_by(rate.samples(STEP).max(1))
}

/// All leads about a place, each about its own mean; empty where the median beat does not reach.
fn cut(median: &MedianBeat, at: usize, half: usize) -> Vec<f32> {
    let Some(from) = at.checked_sub(half).filter(|from| from + 2 * half < median.samples.ncols()) else {
        return Vec::new();
    };
    let part = |row: ndarray::ArrayView1<'_, f32>| {
        let part: Vec<f32> = row.iter().skip(from).take(2 * half + 1).copied().collect();
        let level = part.iter().sum::<f32>() / part.len() as f32;
        part.into_iter().map(move |v| if level.is_finite() { v - level } else { 0.0 }).collect::<Vec<f32>>()
    };
    median.samples.rows().into_iter().flat_map(part).collect()
}

fn energy(x: &[f32]) -> f32 {
    x.iter().map(|v| v * v).sum()
}
