//! Every lead on one time grid of 4 ms, whatever rate it was recorded at, so that the same ECG gives the same bounds at
//! 125 … 1000 Hz.
//!
//! From faster rates by a zero-phase triangular kernel of ±4 ms (at 500 Hz: ¼ ½ ¼), which also takes mains harmonics and muscle
//! noise off the slopes; from slower rates by Catmull-Rom interpolation, which does not flatten the QRS as a straight line
//! would. Missing samples are bridged by a straight line so that no filter spreads them; where they were is kept.

use crate::dsp;
use crate::signal::{Hz, Ms};
use ndarray::Array2;
use std::ops::Range;

/// A lead that moves less than this is no lead, mV.
const ALIVE_MV: f32 = 0.005;
/// Time between two points of the grid, ms.
pub const STEP: f64 = 4.0;

/// Grid points in `time`.
pub fn points(time: Ms) -> usize {
    (time.0 / STEP).round() as usize
}

/// A recording on the grid.
pub struct Grid {
    /// Shape leads × points, mV, without NaN.
    pub leads: Array2<f32>,
    /// Whether the lead has a signal at all.
    pub alive: Vec<bool>,
    /// Stretches `from..to` of each lead (in grid points) that were missing.
    pub gaps: Vec<Vec<(usize, usize)>>,
    rate: Hz,
}

impl Grid {
    /// Resamples a recording; leads × samples in mV, missing = NaN or, where they were bridged before, `missing` (samples, by lead).
    pub fn new(samples: &Array2<f32>, rate: Hz, missing: &[Vec<Range<usize>>]) -> Self {
        let scale = STEP * rate.0 / 1000.0;
        let length = if samples.ncols() == 0 { 0 } else { ((samples.ncols() - 1) as f64 / scale) as usize + 1 };
        let mut leads = Array2::zeros((samples.nrows(), length));
        let mut gaps = Vec::with_capacity(samples.nrows());
        let mut alive = Vec::with_capacity(samples.nrows());
        for (row, mut out) in samples.outer_iter().zip(leads.outer_iter_mut()) {
            let Some(out) = out.as_slice_mut() else { continue };
            match row.to_slice() {
                Some(row) => resample(row, scale, out),
                None => resample(&row.to_vec(), scale, out),
            }
            let mut own = bridge(out);
            let point = |sample: usize| (sample as f64 / scale) as usize;
            own.extend(missing.get(gaps.len()).into_iter().flatten().map(|g| (point(g.start), point(g.end) + 1)));
            gaps.push(own);
            let (low, high) = dsp::range(out);
            alive.push(high - low > ALIVE_MV);
        }
        Self { leads, alive, gaps, rate }
    }

    /// Other `leads` (as many) on the same grid, whole.
    pub fn like(&self, leads: Array2<f32>) -> Self {
        Self { gaps: vec![Vec::new(); leads.nrows()], leads, alive: self.alive.clone(), rate: self.rate }
    }

    /// Number of points.
    pub fn len(&self) -> usize {
        self.leads.ncols()
    }

    /// One lead's points.
    pub fn row(&self, lead: usize) -> &[f32] {
        self.leads.row(lead).to_slice().unwrap_or(&[])
    }

    /// Grid position of a sample index of the recording.
    pub fn position(&self, sample: usize) -> f32 {
        (sample as f64 * 1000.0 / (self.rate.0 * STEP)) as f32
    }

    /// Sample index of the recording at a grid position.
    pub fn sample(&self, position: f32) -> usize {
        (f64::from(position) * STEP * self.rate.0 / 1000.0).round().max(0.0) as usize
    }

    /// Whether the lead is recorded everywhere in `from..to`.
    pub fn whole(&self, lead: usize, from: usize, to: usize) -> bool {
        self.alive[lead] && self.gaps[lead].iter().all(|&(a, b)| b <= from || a >= to)
    }
}

fn resample(x: &[f32], scale: f64, out: &mut [f32]) {
    if scale == 1.0 {
        resample_whole::<1>(x, out);
    } else if scale == 2.0 {
        resample_whole::<2>(x, out);
    } else if scale == 4.0 {
        resample_whole::<4>(x, out);
    } else if scale > 1.0 {
        resample_down(x, scale as f32, out);
    } else {
        resample_up(x, scale, out);
    }
}

/// Every `N`-th sample with triangular weights of ±`N` samples; the first, and a last one whose kernel passes the end, as it is.
fn resample_whole<const N: usize>(x: &[f32], out: &mut [f32]) {
    let weights: [f32; N] = std::array::from_fn(|i| (N - i) as f32 / (N * N) as f32);
    for (o, v) in out.iter_mut().zip(x.iter().step_by(N)) {
        *o = *v;
    }
    for (o, pair) in out.iter_mut().skip(1).zip(x.as_chunks::<N>().0.windows(2)) {
        let [left, right] = pair else { continue };
        let mut sum = weights[0] * right[0];
        for i in 1..N {
            sum += weights[i] * (left[N - i] + right[i]);
        }
        *o = sum;
    }
}

/// Triangular weights of ±one grid step about points that fall between samples.
fn resample_down(x: &[f32], scale: f32, out: &mut [f32]) {
    for (k, o) in out.iter_mut().enumerate() {
        let centre = k as f64 * f64::from(scale);
        let from = (centre - f64::from(scale)).max(0.0).ceil() as usize;
        let (mut sum, mut total) = (0.0, 0.0);
        for (i, v) in x.iter().enumerate().skip(from) {
            let w = 1.0 - ((i as f64 - centre).abs() as f32) / scale;
            if w <= 0.0 {
                break;
            }
            sum += w * v;
            total += w;
        }
        *o = sum / total;
    }
}

fn resample_up(x: &[f32], scale: f64, out: &mut [f32]) {
    let at = |i: isize| x[i.clamp(0, x.len() as isize - 1) as usize];
    for (k, o) in out.iter_mut().enumerate() {
        let t = k as f64 * scale;
        let i = t as isize;
        let f = (t - i as f64) as f32;
        let (a, b, c, d) = (at(i - 1), at(i), at(i + 1), at(i + 2));
        *o = if f == 0.0 {
            b
        } else {
            b + 0.5 * f * (c - a + f * (2.0 * a - 5.0 * b + 4.0 * c - d + f * (3.0 * (b - c) + d - a)))
        };
    }
}

/// Puts straight lines over NaN; returns where they were.
fn bridge(x: &mut [f32]) -> Vec<(usize, usize)> {
    let mut gaps = Vec::new();
    let mut i = if dsp::has_nan(x) { 0 } else { x.len() };
    while i < x.len() {
        if !x[i].is_nan() {
            i += 1;
            continue;
        }
        let from = i;
        while i < x.len() && x[i].is_nan() {
            i += 1;
        }
        let left = from.checked_sub(1).map(|k| x[k]);
        let right = x.get(i).copied();
        let (a, b) = (left.or(right).unwrap_or(0.0), right.or(left).unwrap_or(0.0));
        for (k, v) in x[from..i].iter_mut().enumerate() {
            *v = a + (b - a) * (k + 1) as f32 / (i - from + 1) as f32;
        }
        gaps.push((from, i));
    }
    gaps
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_wave_at_every_rate() {
        for rate in [125.0, 200.0, 250.0, 360.0, 500.0, 1000.0] {
            let n = (2.0 * rate) as usize;
            let wave = |t: f64| (-((t - 1.0) / 0.05).powi(2)).exp() as f32;
            let x = Array2::from_shape_fn((1, n), |(_, i)| wave(i as f64 / rate));
            let grid = Grid::new(&x, Hz(rate), &[]);
            for (k, v) in grid.row(0).iter().enumerate() {
                assert!((v - wave(k as f64 * STEP / 1000.0)).abs() < 0.006, "{rate} Hz at {k}: {v}");
            }
        }
    }

    #[test]
    fn gaps_are_bridged_and_remembered() {
        let mut x = Array2::from_shape_fn((2, 500), |(_, i)| i as f32);
        for i in 100..150 {
            x[[0, i]] = f32::NAN;
        }
        x.row_mut(1).fill(f32::NAN);
        let grid = Grid::new(&x, Hz(250.0), &[]);
        assert!((grid.row(0)[120] - 120.0).abs() < 1e-3);
        assert_eq!(grid.gaps[0], [(100, 150)]);
        assert!(grid.whole(0, 0, 100) && !grid.whole(0, 90, 101) && !grid.whole(1, 300, 310));
    }
}
