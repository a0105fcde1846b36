//! Pacemaker spikes: deflections that come and go within a few milliseconds, in several leads at once.
//!
//! A stimulus lasts 0.1 … 2 ms; an ECG machine's low-pass leaves one to three samples of it. What tells it from the
//! steepest QRS is the second difference against the slope on either side: a QRS is steep for 20 ms, a spike turns back
//! at once. Sharp noise is as short but does not stand out from its surroundings. From 250 Hz up: below, a stimulus is
//! no longer shorter than a QRS's steepest part.

use super::condition::Conditioned;
use crate::dsp;
use crate::signal::{Hz, Ms};

/// Lowest sampling rate at which spikes are looked for.
const LOWEST: Hz = Hz(250.0);
/// A spike stands this high above the line between the samples beside it, mV. Empirical: paced records of `mitdb`, `ptbxl`.
const LEAST_MV: f32 = 0.12;
/// And this many times above what else bends so within its neighbourhood.
const ABOVE: f32 = 2.5;
/// Part of its rise within two and a half times its width that happens within its width.
const STANDS: f32 = 0.7;
/// The neighbourhood: long enough to hold the steepest part of a QRS besides the spike.
const NEAR: Ms = Ms(60.0);
/// A spike and its return take no longer.
const WIDTH: Ms = Ms(4.0);
/// A bipolar stimulus's second phase and the amplifier's recovery, bridged with it.
const AFTER: Ms = Ms(8.0);
/// Two stimuli are no closer (a biventricular pair counts as one).
const APART: Ms = Ms(40.0);
/// Electrical noise makes spikes by the hundred: above this rate they are not taken for a pacemaker's, per second.
const MOST_PER_S: f64 = 7.0;
/// Samples that are looked at together at first.
const BLOCK: usize = 64;

/// Samples of all spikes, in order.
pub fn find(signal: &Conditioned) -> Vec<usize> {
    let rate = signal.rate;
    if rate.0 < LOWEST.0 || signal.is_empty() {
        return Vec::new();
    }
    let lag = rate.samples(WIDTH).max(1);
    let mut marks: Vec<(usize, f32)> = Vec::new();
    for lead in 0..signal.leads() {
        in_lead(signal.lead(lead), lag, rate, &mut marks);
    }
    marks.sort_by_key(|m| m.0);
    // A stimulus is one event in space: most leads show it, and at the same instant.
    let needed = if signal.leads() < 3 { 1 } else { signal.leads() / 3 };
    let apart = rate.samples(APART).max(1);
    let mut out: Vec<(usize, f32)> = Vec::new();
    let mut from = 0;
    while from < marks.len() {
        let together = marks[from..].iter().take_while(|m| m.0 <= marks[from].0 + lag / 2 + 1).count();
        let top = marks[from..from + together].iter().copied().max_by(|a, b| a.1.total_cmp(&b.1));
        from += together;
        let Some(top) = top.filter(|_| together >= needed) else { continue };
        match out.last_mut() {
            Some(last) if top.0 - last.0 < apart => {
                if top.1 > last.1 {
                    *last = top;
                }
            }
            _ => out.push(top),
        }
    }
    let seconds = signal.len() as f64 / rate.0;
    if out.len() as f64 > MOST_PER_S * seconds.max(1.0) { Vec::new() } else { out.into_iter().map(|m| m.0).collect() }
}

/// Bridges every spike in all leads: what follows must see neither its height nor its edges.
pub fn remove(signal: &mut Conditioned, spikes: &[usize]) {
    let (before, after) = (signal.rate.samples(WIDTH).max(1), signal.rate.samples(AFTER).max(2));
    for mut row in signal.samples.rows_mut() {
        let Some(x) = row.as_slice_mut() else { continue };
        for &spike in spikes {
            let (from, to) = (spike.saturating_sub(before), (spike + after).min(x.len().saturating_sub(1)));
            let (a, b) = (x[from], x[to]);
            let steps = (to - from).max(1) as f32;
            for (k, v) in x[from..to].iter_mut().enumerate() {
                *v = a + (b - a) * k as f32 / steps;
            }
        }
    }
}

fn in_lead(x: &[f32], lag: usize, rate: Hz, marks: &mut Vec<(usize, f32)>) {
    let near = rate.samples(NEAR).max(lag + 2);
    if x.len() < 2 * near + 2 * lag {
        return;
    }
    let bend = |i: usize| (x[i] - 0.5 * (x[i - lag] + x[i + lag])).abs();
    let far = (5 * lag).div_ceil(2);
    let mut around = Vec::with_capacity(2 * near);
    // Whether nothing bends enough in a block; looked at as a whole, so that it goes fast.
    let still = |from: usize| {
        let block = x[from - lag..from + BLOCK + lag].iter().zip(&x[from..]).zip(&x[from + lag..]).take(BLOCK);
        !block.fold(false, |any, ((l, m), r)| any | ((m - 0.5 * (l + r)).abs() >= LEAST_MV))
    };
    let (mut i, mut looked_at) = (lag, 0);
    while i + lag < x.len() {
        // The cheap tests first: almost every sample ends here.
        if i >= looked_at && i + BLOCK + lag <= x.len() {
            looked_at = i + BLOCK;
            if still(i) {
                i = looked_at;
                continue;
            }
        }
        if bend(i) < LEAST_MV {
            i += 1;
            continue;
        }
        let run_end = (i + 2 * lag).min(x.len() - lag);
        let top = (i..run_end).max_by(|&a, &b| bend(a).total_cmp(&bend(b))).unwrap_or(i);
        let height = bend(top);
        // It comes and goes within the width: an R wave's foot is much farther down a little earlier still.
        let (left, right) = (x[top] - x[top - lag], x[top] - x[top + lag]);
        let foot = x[top] - x[top.saturating_sub(far)];
        let returns = left * right > 0.0 && right.abs() > 0.5 * left.abs() && left.abs() > STANDS * foot.abs();
        around.clear();
        let (from, to) = (top.saturating_sub(near).max(lag), (top + near).min(x.len() - lag));
        around.extend((from..to).filter(|&k| k.abs_diff(top) > lag + 1).map(bend));
        let other = dsp::quantile(&mut around, 0.97);
        if returns && height > ABOVE * other {
            marks.push((top, height));
        }
        i = run_end.max(i + 1);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ndarray::Array2;

    fn ecg(rate: f32, spikes: bool) -> Conditioned {
        let n = (10.0 * rate) as usize;
        let x = Array2::from_shape_fn((1, n), |(_, i)| {
            let t = (i as f32 / rate) % 1.0;
            let qrs = (-((t - 0.5) / 0.012).powi(2)).exp();
            let spike = spikes && i % rate as usize == (rate * 0.4) as usize;
            qrs + if spike { 0.8 } else { 0.0 }
        });
        Conditioned { rate: Hz(f64::from(rate)), samples: x, gaps: vec![vec![]], ..Conditioned::default() }
    }

    #[test]
    fn stimuli_are_found_and_narrow_complexes_are_none() {
        for rate in [250.0, 500.0, 1000.0] {
            let found = find(&ecg(rate, true));
            assert_eq!(found.len(), 10, "{rate}: {found:?}");
            assert_eq!(found[0], (rate * 0.4) as usize);
            assert!(find(&ecg(rate, false)).is_empty(), "{rate}");
        }
        assert!(find(&ecg(125.0, true)).is_empty());
    }
}
