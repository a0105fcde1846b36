//! Band-limited change of the sampling rate by any ratio.
//!
//! Convolution with a windowed sinc (Kaiser window, β for 90 dB; Oppenheim & Schafer, Discrete-Time Signal Processing,
//! 7.5.3), whose cutoff lies below the lower of the two Nyquist frequencies. The kernel is read from a fine table, so that
//! any ratio costs the same; weights are normalised, so that a constant stays that constant.

use std::f64::consts::PI;

/// Zero crossings of the sinc on each side.
const CROSSINGS: usize = 32;

/// Table entries a zero crossing; linear interpolation between them errs by 10⁻⁶.
const FINE: usize = 1024;

/// Kaiser's β for 90 dB.
const BETA: f64 = 8.96;

/// Cutoff as a part of the lower Nyquist frequency: the transition band ends at that frequency.
const CUTOFF: f64 = 0.91;

/// A change of sampling rate, reusable over leads.
pub struct Resampler {
    /// Input samples an output sample.
    step: f64,
    /// Kernel argument an input sample: the sinc's zero crossings.
    squeeze: f64,
    kernel: Vec<f32>,
}

impl Resampler {
    /// From `from` to `to` samples a second, both positive.
    pub fn new(from: f64, to: f64) -> Self {
        let squeeze = CUTOFF * (to / from).min(1.0);
        let kernel = (0..=CROSSINGS * FINE + 1)
            .map(|i| {
                let x = i as f64 / FINE as f64;
                let window = 1.0 - (x / CROSSINGS as f64).powi(2);
                let sinc = if i == 0 { 1.0 } else { (PI * x).sin() / (PI * x) };
                if window <= 0.0 { 0.0 } else { (sinc * bessel(BETA * window.sqrt()) / bessel(BETA)) as f32 }
            })
            .collect();
        Self { step: from / to, squeeze, kernel }
    }

    /// Number of samples that `n` samples become.
    pub fn length(&self, n: usize) -> usize {
        ((n as f64 / self.step).round() as usize).max(usize::from(n > 0))
    }

    /// Resamples one lead. NaN is missing: an output is NaN where the nearest input is; gaps are bridged linearly before
    /// filtering, so that they do not spread, and the ends are held.
    pub fn run(&self, x: &[f32]) -> Vec<f32> {
        let bridged = bridge(x);
        let n = x.len();
        let reach = CROSSINGS as f64 / self.squeeze;
        (0..self.length(n))
            .map(|j| {
                let at = j as f64 * self.step;
                let nearest = (at.round() as usize).min(n.saturating_sub(1));
                if x.get(nearest).is_none_or(|v| v.is_nan()) {
                    return f32::NAN;
                }
                let (first, last) = ((at - reach).ceil() as i64, (at + reach).floor() as i64);
                let (mut sum, mut weights) = (0.0_f64, 0.0_f64);
                for i in first..=last {
                    let w = f64::from(self.weight((at - i as f64).abs() * self.squeeze));
                    let held = i.clamp(0, n as i64 - 1) as usize;
                    sum += w * f64::from(bridged[held]);
                    weights += w;
                }
                (sum / weights) as f32
            })
            .collect()
    }

    fn weight(&self, x: f64) -> f32 {
        let place = x * FINE as f64;
        let i = place as usize;
        let part = (place - i as f64) as f32;
        match self.kernel.get(i..i + 2) {
            Some([a, b]) => a + (b - a) * part,
            _ => 0.0,
        }
    }
}

/// Modified Bessel function of the first kind, order 0, by its series.
fn bessel(x: f64) -> f64 {
    let (mut term, mut sum) = (1.0, 1.0);
    for k in 1..60 {
        term *= (x / 2.0 / f64::from(k)).powi(2);
        sum += term;
    }
    sum
}

/// Missing samples on the line between their neighbours; those at an end hold the nearest; all missing gives zeros.
fn bridge(x: &[f32]) -> Vec<f32> {
    let mut out = x.to_vec();
    let mut last: Option<usize> = None;
    for i in 0..out.len() {
        if out[i].is_nan() {
            continue;
        }
        let from = last.map_or(0, |l| l + 1);
        let (start, end) = (last.map_or(out[i], |l| out[l]), out[i]);
        let steps = (i + 1 - from) as f32;
        for (k, cell) in out[from..i].iter_mut().enumerate() {
            *cell = start + (end - start) * (k + 1) as f32 / steps;
        }
        last = Some(i);
    }
    let end = last.map_or(0.0, |l| out[l]);
    let from = last.map_or(0, |l| l + 1);
    out[from..].fill(end);
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tone(rate: f64, hz: f64, seconds: f64) -> Vec<f32> {
        (0..(rate * seconds) as usize).map(|i| (2.0 * PI * hz * i as f64 / rate).sin() as f32).collect()
    }

    fn worst(a: &[f32], b: &[f32]) -> f32 {
        let skip = 200;
        let n = a.len().min(b.len()) - skip;
        a[skip..n].iter().zip(&b[skip..n]).map(|(x, y)| (x - y).abs()).fold(0.0, f32::max)
    }

    #[test]
    fn a_tone_is_the_same_tone_at_any_rate() {
        for (from, to) in [(500.0, 360.0), (360.0, 500.0), (500.0, 1000.0), (1000.0, 250.0), (257.3, 500.0)] {
            let out = Resampler::new(from, to).run(&tone(from, 40.0, 8.0));
            assert!(worst(&out, &tone(to, 40.0, 8.0)) < 2e-4, "{from} to {to}");
        }
    }

    #[test]
    fn what_the_new_rate_cannot_hold_is_gone() {
        let out = Resampler::new(1000.0, 250.0).run(&tone(1000.0, 180.0, 8.0));
        assert!(worst(&out, &vec![0.0; out.len()]) < 1e-4);
    }

    #[test]
    fn gaps_and_constants_stay() {
        let mut x = vec![0.7_f32; 1000];
        x[300..400].fill(f32::NAN);
        let out = Resampler::new(500.0, 250.0).run(&x);
        assert_eq!(out.len(), 500);
        assert_eq!(out.iter().filter(|v| v.is_nan()).count(), 50);
        assert!(out.iter().filter(|v| !v.is_nan()).all(|v| (v - 0.7).abs() < 1e-6));
        assert!(Resampler::new(500.0, 250.0).run(&[f32::NAN; 10]).iter().all(|v| v.is_nan()));
        assert!(Resampler::new(500.0, 250.0).run(&[]).is_empty());
    }
}
