//! Atrial activity: whether P waves repeat before the complexes, and the spectrum of what is left between them.
//!
//! QRST cancellation by average-beat subtraction (Slocum et al. 1985; Bollmann et al., Europace 8:911, 2006), per shape
//! group and lead at a low rate; the QRS itself, where a slight misfit leaves much, is bridged. Fibrillation shows as a
//! broad peak at 4 … 9 Hz, flutter as a sharp one at 3.5 … 6 Hz with harmonics, sinus rhythm as P waves that correlate
//! from beat to beat.

use super::envelope::Envelopes;
use super::groups::Groups;
use super::{Atrial, LeadWaves};
use crate::dsp;

/// Rate at which the spectrum is taken, Hz: f waves end below 12 Hz.
const SLOW_HZ: f64 = 40.0;
/// The QRS may begin so long before its fiducial point, s: from there on nothing is a P wave.
const LONGEST_LEAD_IN_S: f64 = 0.16;
/// Part of a beat bridged around its fiducial point, s.
const BRIDGE_S: (f64, f64) = (0.06, 0.07);
/// A beat's average begins so long before its QRS at the latest, s: where it begins is the baseline.
const BASELINE_S: f64 = 0.01;
/// Part of a beat that its group's average is subtracted from, s; its end is limited by the usual interval.
const QRST_S: (f64, f64) = (0.07, 0.48);
/// End of T after the fiducial point, this part of √RR, s; begin of P before it, s; shortest stretch between them, s.
const T_END_S: f64 = 0.46;
const BEFORE_QRS_S: f64 = 0.3;
const LEAST_STILL_S: f64 = 0.15;
/// Where atrial frequencies are looked for, Hz.
const BAND_HZ: (f64, f64) = (3.0, 12.0);
/// Length of the spectrum's windows, s.
const WINDOW_S: f64 = 4.0;
/// A P wave correlates with the mean of the others' by more than this. Chosen on `ptbxl` and `cinc2021`.
const REPEATS: f32 = 0.5;
/// The mean P wave swings by at least this in some lead, mV (IEC 60601-2-25: a wave counts from 30 µV).
const LEAST_P_MV: f32 = 0.03;

/// Looks for atrial activity around the beats at `fiducials` (samples), whose bounds are `beats`; `weights`: quality 0 … 1 a lead.
pub fn atrial(
    envelopes: &Envelopes,
    fiducials: &[usize],
    beats: &[LeadWaves],
    groups: &Groups,
    weights: &[f64],
) -> Atrial {
    if fiducials.len() < 3 || envelopes.slow.is_empty() {
        return Atrial::default();
    }
    // To about 40 Hz from the working rate.
    let step = ((envelopes.rate / SLOW_HZ).floor() as usize).max(1);
    let rate = envelopes.rate / step as f64;
    let lead_ins = lead_ins(fiducials, beats, groups, envelopes.rate * envelopes.step as f64);
    let beats: Vec<usize> = fiducials.iter().map(|&f| f / (envelopes.step * step)).collect();
    let rr = usual_rr(&beats) as f64 / rate;
    let leads: Vec<usize> = (0..envelopes.slow.len()).filter(|&l| weights.get(l).is_some_and(|&w| w > 0.1)).collect();
    let at: Vec<usize> = fiducials.iter().map(|&f| f / envelopes.step).collect();
    let tied = super::tied::waves_a_cycle(envelopes, &at, &leads);
    let mut residuals = Vec::with_capacity(leads.len());
    let mut still = Vec::new();
    for &lead in &leads {
        let mut x = dsp::block_means(&envelopes.slow[lead], step);
        still.extend(between(&x, &beats, rate));
        cancel(&mut x, &beats, groups, &lead_ins, rate, rr);
        residuals.push(x);
    }
    if residuals.is_empty() {
        return Atrial::default();
    }
    let spectrum = spectrum(&residuals, rate);
    let energy: f32 = residuals.iter().map(|x| dsp::rms(x).powi(2)).sum::<f32>() / residuals.len().max(1) as f32;
    Atrial {
        p_present: f64::from(repeating(&residuals, &beats, rate, (rr, lead_ins.first().copied().unwrap_or(0.0)))),
        dominant_hz: spectrum.0,
        concentration: spectrum.1,
        residual_mv: f64::from(energy.sqrt()),
        tied,
        between_mv: (!still.is_empty()).then(|| (still.iter().sum::<f64>() / still.len() as f64).sqrt()),
    }
}

/// Mean square of each stretch between T and what may be P, about its own line.
fn between(x: &[f32], beats: &[usize], rate: f64) -> Vec<f64> {
    let stretch = |w: &[usize]| {
        let rr = w[1].saturating_sub(w[0]) as f64 / rate;
        let from = w[0] + (T_END_S * rr.sqrt().min(1.1) * rate) as usize;
        let part = x.get(from..w[1].checked_sub((BEFORE_QRS_S * rate) as usize)?)?;
        if (part.len() as f64) < LEAST_STILL_S * rate {
            return None;
        }
        let (n, first) = (part.len() as f64, f64::from(part[0]));
        let slope = (f64::from(part[part.len() - 1]) - first) / (n - 1.0).max(1.0);
        let off = part.iter().enumerate().map(|(i, v)| f64::from(*v) - first - slope * i as f64);
        let (sum, squares) = off.fold((0.0, 0.0), |(a, b), v| (a + v, b + v * v));
        Some((squares / n - (sum / n).powi(2)).max(0.0))
    };
    beats.windows(2).filter_map(stretch).collect()
}

/// The median interval between `beats`, of which there are two or more.
pub(super) fn usual_rr(beats: &[usize]) -> usize {
    let mut rr: Vec<usize> = beats.windows(2).map(|w| w[1] - w[0]).collect();
    let middle = rr.len() / 2;
    *rr.select_nth_unstable(middle).1
}

/// Subtracts from each beat the average of its group from QRS to the end of T, and bridges the QRS. Beats of groups of
/// fewer than three are bridged as a whole. `lead_ins`: how long before its fiducial point the QRS of each group begins, s.
pub(super) fn cancel(x: &mut [f32], beats: &[usize], groups: &Groups, lead_ins: &[f64], rate: f64, rr: f64) {
    let begin = |g: usize| (lead_ins.get(g).map_or(0.0, |s| s + BASELINE_S).max(QRST_S.0) * rate).round() as usize;
    let begins: Vec<usize> = (0..groups.sizes.len()).map(begin).collect();
    let after = (QRST_S.1.min(0.7 * rr) * rate).round() as usize;
    let (left, right) = ((BRIDGE_S.0 * rate).round() as usize, (BRIDGE_S.1 * rate).round() as usize);
    let inside = |b: usize| beats[b] >= begins[groups.of_beat[b]] && beats[b] + after < x.len();
    let mut averages: Vec<Vec<f32>> = begins.iter().map(|before| vec![0.0_f32; before + after]).collect();
    let mut counts = vec![0_usize; groups.sizes.len()];
    for b in (0..beats.len()).filter(|&b| inside(b)) {
        let g = groups.of_beat[b];
        counts[g] += 1;
        for (a, v) in averages[g].iter_mut().zip(&x[beats[b] - begins[g]..]) {
            *a += v;
        }
    }
    for (average, &n) in averages.iter_mut().zip(&counts) {
        for a in average.iter_mut() {
            *a /= n.max(1) as f32;
        }
    }
    for (b, &at) in beats.iter().enumerate() {
        let g = groups.of_beat[b];
        let before = begins[g];
        // The next beat's part is its own.
        let next = beats.get(b + 1).map_or(x.len(), |&next| next.saturating_sub(begins[groups.of_beat[b + 1]]));
        let end = next.min(at + after).min(x.len());
        let start = at.saturating_sub(before);
        if counts[g] < 3 {
            bridge(x, start, end);
            continue;
        }
        let skip = before + start - at;
        let average = &averages[g];
        let level = f32::midpoint(average[0], average[average.len() - 1]);
        for (v, a) in x[start..end.max(start)].iter_mut().zip(average.iter().skip(skip)) {
            *v -= a - level;
        }
        bridge(x, at.saturating_sub(left), (at + right).min(x.len()));
    }
}

/// Replaces `from..to` by a straight line between its neighbours.
fn bridge(x: &mut [f32], from: usize, to: usize) {
    if to <= from {
        return;
    }
    let a = if from > 0 { x[from - 1] } else { x.get(to).copied().unwrap_or(0.0) };
    let b = x.get(to).copied().unwrap_or(a);
    let steps = (to - from + 1) as f32;
    for (k, v) in x[from..to].iter_mut().enumerate() {
        *v = a + (b - a) * (k + 1) as f32 / steps;
    }
}

/// Dominant frequency in [`BAND_HZ`] over all leads and the part of the band's power near it and its first harmonic.
fn spectrum(residuals: &[Vec<f32>], rate: f64) -> (Option<f64>, f64) {
    let window = (WINDOW_S * rate).round() as usize;
    let mut sum = vec![0.0_f32; window / 2 + 1];
    let mut spectrum = dsp::Spectrum::new(window);
    for x in residuals {
        let own = spectrum.power(x);
        // Leads count by the share that is in the band, so that one noisy lead does not decide.
        let total: f32 = own.iter().skip(1).sum();
        for (s, p) in sum.iter_mut().zip(&own) {
            *s += p / (total + 1e-6).sqrt();
        }
    }
    let bin = rate / window as f64;
    let (low, high) =
        ((BAND_HZ.0 / bin).ceil() as usize, ((BAND_HZ.1 / bin) as usize).min(sum.len().saturating_sub(2)));
    if low + 2 > high {
        return (None, 0.0);
    }
    let band: f32 = sum[low..=high].iter().sum();
    let top = (low..=high).max_by(|&a, &b| sum[a].total_cmp(&sum[b])).unwrap_or(low);
    // A peak at the band's lower end is the slope of what lies below it.
    if band <= 0.0 || (top == low && sum[top - 1] > sum[top]) {
        return (None, 0.0);
    }
    let (l, m, r) = (sum[top - 1], sum[top], sum[top + 1]);
    let bend = l - 2.0 * m + r;
    let offset = if bend < 0.0 { (0.5 * (l - r) / bend).clamp(-0.5, 0.5) } else { 0.0 };
    let near = |centre: f64| {
        let half = (0.5 / bin).round() as usize;
        let centre = (centre / bin).round() as usize;
        if centre > high {
            0.0
        } else {
            sum[centre.saturating_sub(half).max(low)..=(centre + half).min(high)].iter().sum::<f32>()
        }
    };
    let hz = (top as f64 + f64::from(offset)) * bin;
    (Some(hz), f64::from(((near(hz) + near(2.0 * hz)) / band).min(1.0)))
}

/// How long before its fiducial point the QRS of each group begins, s: the median.
pub(super) fn lead_ins(fiducials: &[usize], beats: &[LeadWaves], groups: &Groups, rate: f64) -> Vec<f64> {
    let mut each = vec![Vec::new(); groups.sizes.len()];
    for ((at, beat), &group) in fiducials.iter().zip(beats).zip(&groups.of_beat) {
        each[group].extend(beat.qrs.map(|q| at.saturating_sub(q.onset) as f32));
    }
    let middle = |mut all: Vec<f32>| if all.is_empty() { 0.0 } else { f64::from(dsp::median(&mut all)) / rate };
    each.into_iter().map(|all| middle(all).min(LONGEST_LEAD_IN_S)).collect()
}

/// Part of the beats before which the same P wave stands at the same distance; the usual interval and how long before its
/// fiducial point the basic QRS begins, s.
fn repeating(residuals: &[Vec<f32>], beats: &[usize], rate: f64, (rr, lead_in): (f64, f64)) -> f32 {
    let from = ((0.55 * rr).clamp(0.14, 0.3) * rate).round() as usize;
    let to = (lead_in.max(BRIDGE_S.0) * rate).round() as usize;
    let long = from - to.min(from);
    let early = 0.7 * rr * rate;
    let used: Vec<usize> = (0..beats.len())
        .filter(|&b| beats[b] >= from && (b == 0 || (beats[b] - beats[b - 1]) as f64 > early))
        .map(|b| beats[b])
        .collect();
    if used.len() < 3 || long < 3 || residuals.is_empty() {
        return 0.0;
    }
    let row = residuals.len() * long;
    let mut windows = Vec::with_capacity(used.len() * row);
    for &at in &used {
        for x in residuals {
            let part = x.get(at - from..at - to).unwrap_or(&[]);
            let (first, last) = (part[0], part[part.len() - 1]);
            let slope = (last - first) / (part.len() - 1).max(1) as f32;
            let start = windows.len();
            windows.extend(part.iter().enumerate().map(|(i, v)| v - first - slope * i as f32));
            let mean = windows[start..].iter().sum::<f32>() / long as f32;
            for v in &mut windows[start..] {
                *v -= mean;
            }
        }
    }
    let mut sum = vec![0.0_f32; row];
    for w in windows.chunks(row) {
        for (s, v) in sum.iter_mut().zip(w) {
            *s += v;
        }
    }
    let n = used.len() as f32;
    let swing = sum.chunks(long).map(|p| {
        let (low, high) = p.iter().fold((f32::INFINITY, f32::NEG_INFINITY), |(l, h), &v| (l.min(v), h.max(v)));
        (high - low) / n
    });
    if swing.fold(0.0, f32::max) < LEAST_P_MV {
        return 0.0;
    }
    let mut others = vec![0.0_f32; row];
    let repeats = windows.chunks(row).filter(|w| {
        for ((o, s), v) in others.iter_mut().zip(&sum).zip(*w) {
            *o = s - v;
        }
        dsp::correlation(&others, w) > REPEATS
    });
    repeats.count() as f32 / n
}
