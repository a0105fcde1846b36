//! Filters without delay: symmetric kernels, or recursive ones run forwards and backwards.

use std::f64::consts::PI;

/// Convolves with an odd-length kernel centred on each sample; beyond the ends the first and last sample repeat. `y` is resized to `x`.
///
/// Sixteen outputs at a time stay in registers while the kernel passes.
pub fn convolve(x: &[f32], kernel: &[f32], y: &mut Vec<f32>) {
    const BLOCK: usize = 1024;
    let half = kernel.len() / 2;
    y.clear();
    y.resize(x.len(), 0.0);
    let Some((&first, &last)) = x.first().zip(x.last()) else { return };
    let mut padded = [0.0_f32; BLOCK + 512];
    let span = BLOCK.min(padded.len().saturating_sub(kernel.len()));
    for (b, out) in y.chunks_mut(span.max(1)).enumerate() {
        let from = b * span;
        for (i, p) in padded[..(out.len() + kernel.len() - 1).min(BLOCK + 512)].iter_mut().enumerate() {
            let at = from + i;
            *p = if at < half { first } else { x.get(at - half).copied().unwrap_or(last) };
        }
        let (sixteens, rest) = out.as_chunks_mut::<16>();
        let from = 16 * sixteens.len();
        for (b, out) in sixteens.iter_mut().enumerate() {
            for (x, c) in padded[16 * b..].windows(16).zip(kernel) {
                for (o, p) in out.iter_mut().zip(x) {
                    *o += c * p;
                }
            }
        }
        for (x, c) in padded[from..].windows(rest.len().max(1)).zip(kernel) {
            for (o, p) in rest.iter_mut().zip(x) {
                *o += c * p;
            }
        }
    }
}

/// Sums of consecutive blocks of `size` samples; a last incomplete block has what is left.
pub fn block_sums(x: &[f32], size: usize) -> Vec<f32> {
    let size = size.max(1);
    let mut sums = Vec::with_capacity(x.len().div_ceil(size));
    // Of few samples each: by a loop whose length is known.
    let rest = match size {
        2 => small_sums::<2>(x, &mut sums),
        3 => small_sums::<3>(x, &mut sums),
        4 => small_sums::<4>(x, &mut sums),
        8 => small_sums::<8>(x, &mut sums),
        _ => x,
    };
    // Four blocks side by side: one sum would wait for itself.
    let mut fours = rest.chunks_exact(4 * size);
    for four in &mut fours {
        let (ab, cd) = four.split_at(2 * size);
        let ((a, b), (c, d)) = (ab.split_at(size), cd.split_at(size));
        let mut own = [0.0_f32; 4];
        for (((a, b), c), d) in a.iter().zip(b).zip(c).zip(d) {
            own = [own[0] + a, own[1] + b, own[2] + c, own[3] + d];
        }
        sums.extend(own);
    }
    sums.extend(fours.remainder().chunks(size).map(|block| block.iter().sum::<f32>()));
    sums
}

/// Sums of the whole blocks; returns what is left.
fn small_sums<'a, const SIZE: usize>(x: &'a [f32], sums: &mut Vec<f32>) -> &'a [f32] {
    let (blocks, rest) = x.as_chunks::<SIZE>();
    sums.extend(blocks.iter().map(|block| block.iter().fold(0.0, |sum, v| sum + v)));
    rest
}

/// Means of consecutive blocks of `size` samples; a last incomplete block counts with what it has.
pub fn block_means(x: &[f32], size: usize) -> Vec<f32> {
    let size = size.max(1);
    let mut means = block_sums(x, size);
    let (whole, rest) = (x.len() / size, x.len() % size);
    for (k, mean) in means.iter_mut().enumerate() {
        *mean /= if k < whole { size } else { rest } as f32;
    }
    means
}

/// A second-order recursive section.
#[derive(Clone, Copy, Debug)]
pub struct Biquad {
    b: [f64; 3],
    a: [f64; 2],
}

impl Biquad {
    /// Butterworth low-pass of second order, −3 dB at `cutoff`, by the bilinear transform.
    pub fn low_pass(cutoff: f64, rate: f64) -> Self {
        let k = (PI * (cutoff / rate).min(0.499)).tan();
        let norm = 1.0 / (1.0 + std::f64::consts::SQRT_2 * k + k * k);
        let b0 = k * k * norm;
        Self {
            b: [b0, 2.0 * b0, b0],
            a: [2.0 * (k * k - 1.0) * norm, (1.0 - std::f64::consts::SQRT_2 * k + k * k) * norm],
        }
    }

    /// Butterworth high-pass of second order, −3 dB at `cutoff`, by the bilinear transform.
    pub fn high_pass(cutoff: f64, rate: f64) -> Self {
        let k = (PI * (cutoff / rate).min(0.499)).tan();
        let norm = 1.0 / (1.0 + std::f64::consts::SQRT_2 * k + k * k);
        Self {
            b: [norm, -2.0 * norm, norm],
            a: [2.0 * (k * k - 1.0) * norm, (1.0 - std::f64::consts::SQRT_2 * k + k * k) * norm],
        }
    }

    /// Runs forwards and backwards in place: no delay, twice the attenuation (−6 dB at the cutoff). Starts each way in
    /// the steady state of the first sample, so that a constant offset makes no transient.
    pub fn zero_phase(&self, x: &mut [f32]) {
        self.zero_phase_together(x.as_chunks_mut::<1>().0);
    }

    /// [`Self::zero_phase`] of `N` signals side by side: each waits for its own last value only.
    pub fn zero_phase_together<const N: usize>(&self, x: &mut [[f32; N]]) {
        self.run(x.iter_mut());
        self.run(x.iter_mut().rev());
    }

    /// Runs forwards only, in place: delayed, and nothing before its cause. Starts in the steady state of the first sample.
    pub fn forward(&self, x: &mut [f32]) {
        self.run(x.as_chunks_mut::<1>().0.iter_mut());
    }

    fn run<'a, const N: usize>(&self, x: impl Iterator<Item = &'a mut [f32; N]>) {
        let mut x = x.peekable();
        let Some(start) = x.peek().map(|v| v.map(f64::from)) else { return };
        let gain = self.b.iter().sum::<f64>() / (1.0 + self.a[0] + self.a[1]);
        // Transposed direct form II; the states are those of a constant input.
        let mut s2 = start.map(|v| self.b[2] * v - self.a[1] * gain * v);
        let mut s1: [f64; N] = std::array::from_fn(|k| self.b[1] * start[k] - self.a[0] * gain * start[k] + s2[k]);
        for values in x {
            for ((v, s1), s2) in values.iter_mut().zip(&mut s1).zip(&mut s2) {
                let input = f64::from(*v);
                let out = self.b[0] * input + *s1;
                *s1 = self.b[1] * input - self.a[0] * out + *s2;
                *s2 = self.b[2] * input - self.a[1] * out;
                *v = out as f32;
            }
        }
    }
}

/// Leads whose trends are found side by side.
const TOGETHER: usize = 4;

/// Subtracts from each lead of `length` samples, that lie one behind the other in `x`, its slow trend below `cutoff` Hz (Butterworth of
/// fourth order in effect, zero phase) and returns each trend's RMS about its mean.
///
/// The trend is found on means of about 50 ms and drawn back as a Catmull–Rom spline through them; the ends are mirrored about their value for two periods
/// of the cutoff, so that neither end bends.
pub fn subtract_trends(x: &mut [f32], length: usize, rate: f64, cutoff: f64) -> Vec<f32> {
    let size = ((rate * 0.05).round() as usize).max(1);
    let (n, slow) = (length.div_ceil(size), rate / size as f64);
    let pad = ((2.0 * slow / cutoff) as usize).min(n.saturating_sub(1));
    let low_pass = Biquad::low_pass(cutoff, slow);
    let weights = catmull_rom(size);
    let mut rms = Vec::new();
    for leads in x.chunks_mut(TOGETHER * length.max(1)) {
        let mut trends = vec![[0.0_f32; TOGETHER]; n + 2 * pad];
        for (k, lead) in leads.chunks(length).enumerate() {
            for (trend, mean) in trends.iter_mut().zip(mirrored(&block_means(lead, size), pad)) {
                trend[k] = mean;
            }
        }
        low_pass.zero_phase_together(&mut trends);
        for (k, lead) in leads.chunks_mut(length).enumerate() {
            let trend: Vec<f32> = trends[pad..pad + n].iter().map(|t| t[k]).collect();
            subtract_spline(lead, size, &trend, &weights);
            let mean = trend.iter().sum::<f32>() / n as f32;
            rms.push((trend.iter().map(|t| (t - mean) * (t - mean)).sum::<f32>() / n as f32).sqrt());
        }
    }
    rms
}

/// The means with `pad` more at either end, mirrored about the end's value.
fn mirrored(means: &[f32], pad: usize) -> impl Iterator<Item = f32> {
    // The pivots are medians of 0.4 s: a fast wave at the very end must not tilt it.
    let n = means.len();
    let end = n.min(8);
    let first = super::median(&mut means[..end].to_vec());
    let last = super::median(&mut means[n - end..].to_vec());
    let before = (1..=pad).rev().map(move |i| 2.0 * first - means[i]);
    before.chain(means.iter().copied()).chain((1..=pad).map(move |i| 2.0 * last - means[n - 1 - i]))
}

/// Subtracts the spline through `trend`, one point in the middle of every `size` samples.
fn subtract_spline(x: &mut [f32], size: usize, trend: &[f32], weights: &[Vec<f32>; 4]) {
    let at = |i: isize| trend[i.clamp(0, trend.len() as isize - 1) as usize];
    let half = size / 2;
    let subtract = |part: &mut [f32], from: usize, p: [f32; 4]| {
        let [a, b, c, d] = weights.each_ref().map(|w| &w[from..from + part.len()]);
        for ((((v, a), b), c), d) in part.iter_mut().zip(a).zip(b).zip(c).zip(d) {
            *v -= a * p[0] + b * p[1] + c * p[2] + d * p[3];
        }
    };
    for (b, block) in x.chunks_mut(size).enumerate() {
        let b = b as isize;
        let near = [at(b - 2), at(b - 1), at(b), at(b + 1), at(b + 2)];
        // Half a block before its centre a sample lies between the previous block and this one.
        let (left, right) = block.split_at_mut(half.min(block.len()));
        subtract(left, size - half, [near[0], near[1], near[2], near[3]]);
        subtract(right, 0, [near[1], near[2], near[3], near[4]]);
    }
}

/// Weights of the four points about each of `size` places between the inner two.
fn catmull_rom(size: usize) -> [Vec<f32>; 4] {
    let weights = |t: f32| {
        let (t2, t3) = (t * t, t * t * t);
        [
            0.5 * (-t3 + 2.0 * t2 - t),
            0.5 * (3.0 * t3 - 5.0 * t2 + 2.0),
            0.5 * (-3.0 * t3 + 4.0 * t2 + t),
            0.5 * (t3 - t2),
        ]
    };
    let all: Vec<[f32; 4]> = (0..size).map(|j| weights((j as f32 + 0.5) / size as f32)).collect();
    std::array::from_fn(|k| all.iter().map(|w| w[k]).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sine(freq: f64, rate: f64, n: usize) -> Vec<f32> {
        (0..n).map(|i| (2.0 * PI * freq * i as f64 / rate).sin() as f32).collect()
    }

    #[test]
    fn a_convolution_repeats_the_ends_and_crosses_blocks() {
        let x: Vec<f32> = (0..3000).map(|i| i as f32).collect();
        let mut y = Vec::new();
        convolve(&x, &[1.0, 0.0, -1.0], &mut y);
        assert_eq!((y[0], y[1], y[1500], y[2999]), (-1.0, -2.0, -2.0, -1.0));
    }

    #[test]
    fn forwards_and_backwards_halves_at_the_cutoff_without_delay() {
        let x = sine(10.0, 500.0, 5000);
        let mut y = x.clone();
        Biquad::low_pass(10.0, 500.0).zero_phase(&mut y);
        for i in 1000..4000 {
            assert!((y[i] - 0.5 * x[i]).abs() < 1e-3, "{i}");
        }
    }

    #[test]
    fn leads_side_by_side_are_the_same_as_alone() {
        let n = 1234;
        let mut together: Vec<f32> = (0..6 * n).map(|i| ((i * 7919) % 1009) as f32 * 1e-3).collect();
        let mut alone = together.clone();
        let all = subtract_trends(&mut together, n, 360.0, 0.45);
        let each: Vec<f32> = alone.chunks_mut(n).flat_map(|x| subtract_trends(x, n, 360.0, 0.45)).collect();
        assert_eq!((all, together), (each, alone));
        assert!(subtract_trends(&mut [], 0, 360.0, 0.45).is_empty());
        for (length, size) in [(100, 7), (103, 4), (17, 8), (9, 2), (31, 3), (29, 7), (28, 7), (6, 7), (0, 3), (5, 0)] {
            let x: Vec<f32> = (0..length).map(|i| (i as f32 * 0.7).sin()).collect();
            let plain: Vec<f32> = x.chunks(size.max(1)).map(|c| c.iter().sum::<f32>() / c.len() as f32).collect();
            assert_eq!(block_means(&x, size), plain);
        }
    }

    #[test]
    fn a_trend_goes_and_a_fast_wave_stays() {
        let n = 5000;
        let fast = sine(5.0, 500.0, n);
        let slow: Vec<f32> = sine(0.1, 500.0, n).iter().enumerate().map(|(i, s)| 3.0 * s + i as f32 * 1e-3).collect();
        let mean = slow.iter().sum::<f32>() / n as f32;
        let expected = super::super::rms(&slow.iter().map(|s| s - mean).collect::<Vec<_>>());
        let mut x: Vec<f32> = fast.iter().zip(&slow).map(|(f, s)| f + s + 7.0).collect();
        let wander = subtract_trends(&mut x, n, 500.0, 0.5)[0];
        assert!((wander - expected).abs() < 0.05 * expected, "{wander} {expected}");
        for i in 500..4500 {
            assert!((x[i] - fast[i]).abs() < 0.06, "{i}: {} {}", x[i], fast[i]);
        }
    }
}
