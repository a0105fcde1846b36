//! When beats come: intervals against the usual ones around them, and runs of an ectopic tachycardia.

use crate::dsp;

/// Beats on each side whose median interval is the local one; about a minute and a half for the long one.
const LOCAL: usize = 10;
const LONG: usize = 50;
/// Beats on each side whose restlessness counts.
const RESTLESS: usize = 30;

/// The basic interval follows intervals within this of it (logarithm), by so much a beat: sinus rhythm drifts, it does not jump.
const DRIFT: f32 = 0.18;
const FOLLOW: f32 = 0.12;
/// Beats that are all slower, or all faster, after which the basic interval is what they have. A slower rhythm soon is the
/// basic one; a faster one may be a long run.
const SLOWER: usize = 10;
const FASTER: usize = 150;

/// A run's beats come so much before the basic interval (logarithm), the first one clearly.
const RUN_BEGINS: f32 = -0.18;
const RUN_LASTS: f32 = -0.144;
/// Its intervals are shorter than this, s (97 a minute), and at least so many.
const RUN_S: f32 = 0.62;
const RUN_LEAST: usize = 3;
/// It is regular, and so is the rhythm before it: median change of successive intervals, part of the interval.
const RUN_CHANGE: f32 = 0.08;
const BEFORE_CHANGE: f32 = 0.1;
/// So many intervals before it.
const BEFORE: usize = 60;

/// Intervals of every beat, s.
#[derive(Clone, Debug, Default)]
pub struct Timing {
    /// To the beat before; the local one of the first beat.
    pub pre: Vec<f32>,
    /// To the beat after; the local one of the last beat.
    pub post: Vec<f32>,
    /// Median nearby.
    pub local: Vec<f32>,
    /// Median of about a minute and a half.
    pub long: Vec<f32>,
    /// Their upper fifth: what is usual where most beats are early.
    pub upper: Vec<f32>,
    /// Median change of successive intervals, part of the interval.
    pub restless: Vec<f32>,
    /// The basic interval, coming from the past.
    pub forward: Vec<f32>,
    /// And from the future.
    pub backward: Vec<f32>,
}

impl Timing {
    /// Of beats at `fiducials` (samples at `rate` Hz).
    pub fn new(fiducials: &[usize], rate: f32) -> Self {
        let n = fiducials.len();
        let rr: Vec<f32> = fiducials.windows(2).map(|w| (w[1] - w[0]) as f32 / rate).collect();
        let change: Vec<f32> = rr.windows(2).map(|w| (w[1] - w[0]).abs() / w[0].max(0.2)).collect();
        let around = |values: &[f32], b: usize, k: usize, q: f64| {
            let part = &values[b.saturating_sub(k).min(values.len())..(b + k).min(values.len())];
            dsp::quantile(&mut part.to_vec(), q)
        };
        let over = |values: &[f32], k: usize, q: f64| (0..n).map(|b| around(values, b, k, q)).collect::<Vec<f32>>();
        let local = over(&rr, LOCAL, 0.5);
        let at = |b: usize| local.get(b).copied().unwrap_or(0.8);
        let pre: Vec<f32> = (0..n).map(|b| if b > 0 { rr[b - 1] } else { at(0) }).collect();
        let post = (0..n).map(|b| rr.get(b).copied().unwrap_or_else(|| at(b))).collect();
        let forward = basic(pre.iter().copied());
        let mut backward = basic(pre.iter().rev().copied());
        backward.reverse();
        let (long, upper) = (over(&rr, LONG, 0.5), over(&rr, LONG, 0.8));
        Self { pre, post, long, upper, restless: over(&change, RESTLESS, 0.5), local, forward, backward }
    }

    /// How early a beat is against the basic interval before it (logarithm, negative = early).
    pub fn early(&self, beat: usize) -> f32 {
        log_ratio(self.pre[beat], self.forward[beat])
    }

    /// Beats of regular runs that begin suddenly in a regular rhythm and are fast: paroxysms.
    pub fn paroxysms(&self) -> Vec<bool> {
        let n = self.pre.len();
        let mut out = vec![false; n];
        let change = |part: &[f32]| {
            let mut changes: Vec<f32> = part.windows(2).map(|w| (w[1] - w[0]).abs() / w[0].max(0.1)).collect();
            if changes.is_empty() { 0.0 } else { dsp::median(&mut changes) }
        };
        let mut i = 1;
        while i < n {
            let mut end = i;
            if self.early(i) < RUN_BEGINS && self.pre[i] < RUN_S {
                while end < n && self.early(end) < RUN_LASTS && self.pre[end] < 1.05 * RUN_S {
                    end += 1;
                }
            }
            let before = &self.pre[i.saturating_sub(BEFORE).max(1).min(i)..i];
            if end - i >= RUN_LEAST
                && before.len() > 3
                && change(before) < BEFORE_CHANGE
                && change(&self.pre[i..end]) < RUN_CHANGE
            {
                out[i..end].fill(true);
            }
            i = end.max(i + 1);
        }
        out
    }
}

/// The basic interval at each beat, from those before it.
fn basic(intervals: impl Iterator<Item = f32> + Clone) -> Vec<f32> {
    let mut first: Vec<f32> = intervals.clone().take(12).collect();
    if first.is_empty() {
        return Vec::new();
    }
    let mut base = dsp::median(&mut first).max(0.1);
    let (mut slower, mut faster) = (Vec::new(), Vec::new());
    intervals
        .map(|x| {
            let now = base;
            let apart = log_ratio(x, base);
            if apart.abs() < DRIFT {
                base += FOLLOW * (x - base);
                slower.clear();
                faster.clear();
            } else {
                let (side, patience) = if apart > 0.0 { (&mut slower, SLOWER) } else { (&mut faster, FASTER) };
                side.push(x);
                if side.len() > patience {
                    base = dsp::median(&mut side.split_off(side.len() - SLOWER)).max(0.1);
                    side.clear();
                }
            }
            now
        })
        .collect()
}

/// Natural logarithm of a / b, both kept away from zero.
pub fn log_ratio(a: f32, b: f32) -> f32 {
    (a.max(1e-3) / b.max(1e-3)).ln()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(intervals: &[(usize, f32)]) -> Vec<usize> {
        let mut t = 0.0;
        let all = intervals.iter().flat_map(|&(n, rr)| std::iter::repeat_n(rr, n));
        all.map(|rr| {
            t += rr;
            (t * 500.0) as usize
        })
        .collect()
    }

    #[test]
    fn a_sudden_run_is_a_paroxysm_and_a_slow_rise_is_none() {
        let sudden = Timing::new(&at(&[(30, 0.8), (40, 0.4), (30, 0.8)]), 500.0).paroxysms();
        assert_eq!(sudden.iter().filter(|&&p| p).count(), 40);
        assert!(sudden[30..70].iter().all(|&p| p));
        let slow: Vec<(usize, f32)> = (0..80).map(|k| (1, 0.8 - 0.005 * k as f32)).collect();
        assert!(Timing::new(&at(&slow), 500.0).paroxysms().iter().all(|p| !p));
        assert!(Timing::new(&[], 500.0).paroxysms().is_empty());
        assert_eq!(Timing::new(&[7], 500.0).paroxysms(), [false]);
    }
}
