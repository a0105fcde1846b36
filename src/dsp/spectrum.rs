//! Spectra by FFT; plans are made once a thread.

use rustfft::{Fft, FftPlanner, num_complex::Complex32};
use std::cell::RefCell;
use std::sync::Arc;

thread_local! {
    static PLANNER: RefCell<FftPlanner<f32>> = RefCell::new(FftPlanner::new());
}

/// One-sided power spectrum by Welch's method (IEEE Trans. AU-15:70, 1967): Hann windows of `window` samples, half
/// overlapping, averaged. Returns `window / 2 + 1` values; bin `k` is `k · rate / window`; their sum is the mean square
/// of the signal about the windows' means. A signal shorter than the window is padded with zeros.
pub fn power(x: &[f32], window: usize) -> Vec<f32> {
    Spectrum::new(window).power(x)
}

/// [`power`] of many signals with one window.
pub struct Spectrum {
    hann: Vec<f32>,
    /// Sum of squares of the window.
    norm: f32,
    fft: Arc<dyn Fft<f32>>,
    buffer: Vec<Complex32>,
    scratch: Vec<Complex32>,
}

impl Spectrum {
    /// With windows of `window` samples.
    pub fn new(window: usize) -> Self {
        let window = window.max(2);
        let hann: Vec<f32> =
            (0..window).map(|i| 0.5 - 0.5 * (std::f32::consts::TAU * (i as f32 + 0.5) / window as f32).cos()).collect();
        let fft = PLANNER.with(|p| p.borrow_mut().plan_fft_forward(window));
        let scratch = vec![Complex32::default(); fft.get_inplace_scratch_len()];
        Self { norm: hann.iter().map(|w| w * w).sum(), hann, fft, buffer: vec![Complex32::default(); window], scratch }
    }

    /// See [`power`].
    pub fn power(&mut self, x: &[f32]) -> Vec<f32> {
        let window = self.hann.len();
        let mut sum = vec![0.0_f32; window / 2 + 1];
        let hop = window / 2;
        let windows = if x.len() <= window { 1 } else { (x.len() - window) / hop + 1 };
        for w in 0..windows {
            let part = &x[(w * hop).min(x.len())..(w * hop + window).min(x.len())];
            let mean = part.iter().sum::<f32>() / part.len().max(1) as f32;
            self.buffer.fill(Complex32::default());
            for ((b, &v), &h) in self.buffer.iter_mut().zip(part).zip(&self.hann) {
                b.re = (v - mean) * h;
            }
            self.fft.process_with_scratch(&mut self.buffer, &mut self.scratch);
            for (s, b) in sum.iter_mut().zip(&self.buffer) {
                *s += b.norm_sqr();
            }
        }
        let scale = 1.0 / (self.norm * window as f32 * windows as f32);
        for (k, s) in sum.iter_mut().enumerate() {
            *s *= if k == 0 || 2 * k == window { scale } else { 2.0 * scale };
        }
        sum
    }
}

#[cfg(test)]
mod tests {
    use super::power;

    #[test]
    fn a_sine_is_one_peak_of_half_its_squared_amplitude() {
        let x: Vec<f32> = (0..4000).map(|i| 2.0 * (std::f32::consts::TAU * 50.0 * i as f32 / 500.0).sin()).collect();
        let p = power(&x, 500);
        let peak = p.iter().enumerate().max_by(|a, b| a.1.total_cmp(b.1)).map(|(k, _)| k);
        assert_eq!(peak, Some(50));
        assert!((p.iter().sum::<f32>() - 2.0).abs() < 0.02);
    }
}
