//! Mains interference of 50 or 60 Hz: found by its spectral line, removed by subtracting the sinusoid fitted around each sample.
//!
//! The fit is a complex demodulation averaged over about one second: a zero-phase notch 1 Hz wide, whose ringing
//! after a QRS stays below a hundredth of it (a recursive notch's is ten times that).

use crate::dsp;
use crate::signal::Hz;
use ndarray::Array2;

/// A line this many times the level beside it counts as mains. Empirical: of `ptbxl` and `mitdb`, QRS energy alone stays below 5.
const LINE: f32 = 8.0;
/// Fainter lines are left alone, mV RMS (2 µV is below what any threshold here reads).
const FAINT_MV: f32 = 0.002;
/// Time over which the sinusoid is fitted, s.
const FIT_S: f64 = 1.0;

/// Where the spectrum is looked at, Hz: each line with its neighbours on both sides.
const PROBES: [f64; 6] = [50.0, 47.0, 53.0, 60.0, 57.0, 63.0];
/// At most so many one-second stretches of a lead are looked at.
const STRETCHES: usize = 5;

/// The mains frequency that stands out in any lead. Cost does not grow with the recording's length.
pub fn frequency(samples: &Array2<f32>, rate: Hz) -> Option<Hz> {
    let window = rate.0.round() as usize;
    if window < 2 || samples.ncols() < window {
        return None;
    }
    let step = std::f32::consts::TAU / window as f32;
    let hann: Vec<f32> = (0..window).map(|i| 0.5 - 0.5 * (step * (i as f32 + 0.5)).cos()).collect();
    let mut best: Option<(f32, f64)> = None;
    for row in samples.rows() {
        let Some(x) = row.as_slice() else { continue };
        for (hz, line) in prominence(x, rate.0, &hann) {
            if line > best.map_or(LINE, |b| b.0) {
                best = Some((line, hz));
            }
        }
    }
    best.map(|b| Hz(b.1))
}

/// Of 50 and 60 Hz: power against the mean of both neighbours, the median over a few stretches.
fn prominence(x: &[f32], rate: f64, hann: &[f32]) -> [(f64, f32); 2] {
    let window = hann.len();
    let count = (x.len() / (2 * window)).clamp(1, STRETCHES);
    let hop = (x.len() - window) / count;
    // Of a short recording the last stretch is filtered again and left out below.
    let stretch = |k: usize| &x[k.min(count - 1) * hop..][..window];
    let power = goertzel::<STRETCHES>(std::array::from_fn(stretch), hann, rate);
    let over = |f: &dyn Fn(&[f32; 6]) -> f32| {
        let mut values = power.map(|p| f(&p));
        dsp::median(&mut values[..count])
    };
    [0, 3].map(|line| {
        // The neighbours must lie below half the rate.
        if PROBES[line + 2] >= rate / 2.0 {
            return (PROBES[line], 0.0);
        }
        // A sinusoid of amplitude a in a Hann window of N samples has |X|² = (aN/4)²; its RMS is a/√2.
        let rms = over(&|p| p[line]).max(0.0).sqrt() * 4.0 / window as f32 / std::f32::consts::SQRT_2;
        let ratio = over(&|p| 2.0 * p[line] / (p[line + 1] + p[line + 2]).max(f32::MIN_POSITIVE));
        (PROBES[line], if rms > FAINT_MV && ratio.is_finite() { ratio } else { 0.0 })
    })
}

/// |X(f)|² of windowed stretches, as long as `hann`, at each of [`PROBES`].
fn goertzel<const N: usize>(x: [&[f32]; N], hann: &[f32], rate: f64) -> [[f32; 6]; N] {
    let coefficient = PROBES.map(|hz| 2.0 * (std::f64::consts::TAU * hz / rate).cos());
    let x = x.map(|x| &x[..hann.len()]);
    let (mut s1, mut s2) = ([[0.0_f64; 6]; N], [[0.0_f64; 6]; N]);
    for (i, h) in hann.iter().enumerate() {
        for ((x, s1), s2) in x.iter().zip(&mut s1).zip(&mut s2) {
            let v = f64::from(x[i] * h);
            for k in 0..6 {
                let s = v + coefficient[k] * s1[k] - s2[k];
                s2[k] = s1[k];
                s1[k] = s;
            }
        }
    }
    let square =
        |s1: &[f64; 6], s2: &[f64; 6], k: usize| s1[k] * s1[k] + s2[k] * s2[k] - coefficient[k] * s1[k] * s2[k];
    std::array::from_fn(|n| std::array::from_fn(|k| square(&s1[n], &s2[n], k) as f32))
}

/// Subtracts the sinusoid of about `hz` from `x`; returns its RMS, mV.
pub fn subtract(x: &mut [f32], rate: f64, hz: f64) -> f32 {
    let half = ((rate * FIT_S / 2.0) as usize).min(x.len() / 2);
    if half == 0 {
        return 0.0;
    }
    // Demodulate: prefix sums of x · e^(−iωt), so that each mean over the fit is two subtractions.
    let step = std::f64::consts::TAU * hz / rate;
    let (cs, ss) = step.sin_cos();
    let (mut c, mut s) = (1.0_f64, 0.0_f64);
    let mut prefix = Vec::with_capacity(x.len() + 1);
    let (mut re, mut im) = (0.0_f64, 0.0_f64);
    prefix.push((re, im));
    for &v in x.iter() {
        re += f64::from(v) * c;
        im -= f64::from(v) * s;
        prefix.push((re, im));
        (c, s) = (c * ss - s * cs, s * ss + c * cs);
    }
    let (mut c, mut s) = (1.0_f64, 0.0_f64);
    let mut energy = 0.0_f64;
    let n = x.len();
    for (i, v) in x.iter_mut().enumerate() {
        let (from, to) = (i.saturating_sub(half), (i + half).min(n));
        let scale = 2.0 / (to - from) as f64;
        let (r, m) = ((prefix[to].0 - prefix[from].0) * scale, (prefix[to].1 - prefix[from].1) * scale);
        let hum = r * c - m * s;
        energy += hum * hum;
        *v -= hum as f32;
        (c, s) = (c * ss - s * cs, s * ss + c * cs);
    }
    (energy / n as f64).sqrt() as f32
}
