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

/// Means of consecutive blocks of `size` samples; a last incomplete block counts with what it has.
pub fn block_means(x: &[f32], size: usize) -> Vec<f32> {
    x.chunks(size.max(1)).map(|c| c.iter().sum::<f32>() / c.len() as f32).collect()
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
        self.run(x.iter_mut());
        self.run(x.iter_mut().rev());
    }

    /// Runs forwards only, in place: delayed, and nothing before its cause. Starts in the steady state of the first sample.
    pub fn forward(&self, x: &mut [f32]) {
        self.run(x.iter_mut());
    }

    fn run<'a>(&self, x: impl Iterator<Item = &'a mut f32>) {
        let mut x = x.peekable();
        let Some(start) = x.peek().map(|v| f64::from(**v)) else { return };
        let gain = self.b.iter().sum::<f64>() / (1.0 + self.a[0] + self.a[1]);
        // Transposed direct form II; the states are those of a constant input.
        let mut s2 = self.b[2] * start - self.a[1] * gain * start;
        let mut s1 = self.b[1] * start - self.a[0] * gain * start + s2;
        for v in x {
            let input = f64::from(*v);
            let out = self.b[0] * input + s1;
            s1 = self.b[1] * input - self.a[0] * out + s2;
            s2 = self.b[2] * input - self.a[1] * out;
            *v = out as f32;
        }
    }
}

/// Subtracts from `x` its slow trend below `cutoff` Hz (Butterworth of fourth order in effect, zero phase) and returns the trend's RMS about its mean.
///
/// The trend is found on means of about 50 ms and drawn back as a Catmull–Rom spline through them; the ends are mirrored about their value for two periods
/// of the cutoff, so that neither end bends.
pub fn subtract_trend(x: &mut [f32], rate: f64, cutoff: f64) -> f32 {
    let size = ((rate * 0.05).round() as usize).max(1);
    let means = block_means(x, size);
    let n = means.len();
    if n == 0 {
        return 0.0;
    }
    // The pivots are medians of 0.4 s: a fast wave at the very end must not tilt it.
    let end = n.min(8);
    let first = super::median(&mut means[..end].to_vec());
    let last = super::median(&mut means[n - end..].to_vec());
    let slow = rate / size as f64;
    let pad = ((2.0 * slow / cutoff) as usize).min(n.saturating_sub(1));
    let mut trend: Vec<f32> = Vec::with_capacity(n + 2 * pad);
    trend.extend((1..=pad).rev().map(|i| 2.0 * first - means[i]));
    trend.extend_from_slice(&means);
    trend.extend((1..=pad).map(|i| 2.0 * last - means[n - 1 - i]));
    Biquad::low_pass(cutoff, slow).zero_phase(&mut trend);
    let trend = &trend[pad..pad + n];
    let at = |i: isize| trend[i.clamp(0, n as isize - 1) as usize];
    let weights: Vec<[f32; 4]> = (0..size).map(|j| catmull_rom((j as f32 + 0.5) / size as f32)).collect();
    // Half a block before its centre a sample lies between the previous block and this one.
    for (b, block) in x.chunks_mut(size).enumerate() {
        let b = b as isize;
        let near = [at(b - 2), at(b - 1), at(b), at(b + 1), at(b + 2)];
        let half = size / 2;
        for (j, v) in block.iter_mut().enumerate() {
            let (w, p) =
                if j < half { (&weights[j + size - half], &near[0..4]) } else { (&weights[j - half], &near[1..5]) };
            *v -= w[0] * p[0] + w[1] * p[1] + w[2] * p[2] + w[3] * p[3];
        }
    }
    let mean = trend.iter().sum::<f32>() / n as f32;
    (trend.iter().map(|t| (t - mean) * (t - mean)).sum::<f32>() / n as f32).sqrt()
}

fn catmull_rom(t: f32) -> [f32; 4] {
    let (t2, t3) = (t * t, t * t * t);
    [0.5 * (-t3 + 2.0 * t2 - t), 0.5 * (3.0 * t3 - 5.0 * t2 + 2.0), 0.5 * (-3.0 * t3 + 4.0 * t2 + t), 0.5 * (t3 - t2)]
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
    fn a_trend_goes_and_a_fast_wave_stays() {
        let n = 5000;
        let fast = sine(5.0, 500.0, n);
        let slow: Vec<f32> = sine(0.1, 500.0, n).iter().enumerate().map(|(i, s)| 3.0 * s + i as f32 * 1e-3).collect();
        let mean = slow.iter().sum::<f32>() / n as f32;
        let expected = super::super::rms(&slow.iter().map(|s| s - mean).collect::<Vec<_>>());
        let mut x: Vec<f32> = fast.iter().zip(&slow).map(|(f, s)| f + s + 7.0).collect();
        let wander = subtract_trend(&mut x, 500.0, 0.5);
        assert!((wander - expected).abs() < 0.05 * expected, "{wander} {expected}");
        for i in 500..4500 {
            assert!((x[i] - fast[i]).abs() < 0.06, "{i}: {} {}", x[i], fast[i]);
        }
    }
}
