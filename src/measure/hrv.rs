//! Heart rate variability over strips of a minute and more: Task Force of the ESC and NASPE, Eur Heart J 17:354, 1996.
//!
//! On intervals between two normal beats that follow each other (NN); what precedes or follows an ectopic beat, a gap or an
//! episode is left out, and an interval that differs by more than a fifth from the five around it (a beat missed or
//! invented) as well. Spectra are Lomb's periodogram (Lomb, Astrophys Space Sci 39:447, 1976; Scargle, Astrophys J 263:835,
//! 1982), which needs no even sampling and bridges no gap, on stretches of five minutes, averaged. The numbers mean
//! sinus arrhythmia in sinus rhythm only: whether it is one is not decided here.

use crate::detect::{BeatClass, Detection};
use crate::signal::Ms;
use serde::Serialize;
use std::f64::consts::TAU;

/// Shortest strip of which time-domain measures are given, s, and fewest intervals.
const LEAST_S: f64 = 60.0;
const LEAST_NN: usize = 40;
/// Stretch of a spectrum and of SDANN (Task Force: five minutes), s.
const STRETCH_S: f64 = 300.0;
/// Bands (Task Force, table 2), Hz.
const LF: (f64, f64) = (0.04, 0.15);
const HF: (f64, f64) = (0.15, 0.4);
/// "At least ten times the wavelength of the lower bound": two minutes and more for LF, one for HF (Task Force, "Standard
/// measurement"), s.
const LEAST_LF_S: f64 = 120.0;
const LEAST_HF_S: f64 = 60.0;
/// Frequencies a width of resolution.
const OVERSAMPLED: f64 = 2.0;
/// A difference that counts for pNN50, ms.
const FIFTY: f64 = 50.0;
/// An interval further from the median of its neighbourhood, as a part, is no sinus interval.
const ODD: f64 = 0.2;
/// Part of a stretch that its NN intervals must fill for a spectrum.
const FILLED: f64 = 0.8;
/// Stretches from which SDANN is given: an hour.
const LEAST_STRETCHES: usize = 12;

/// Variability of the normal intervals.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize)]
pub struct Hrv {
    /// Number of NN intervals.
    pub nn: usize,
    /// Their mean.
    pub mean_nn_ms: Ms,
    /// Their standard deviation.
    pub sdnn_ms: Ms,
    /// Standard deviation of the means of five minutes; from an hour on.
    pub sdann_ms: Option<Ms>,
    /// Root mean square of the differences of successive ones.
    pub rmssd_ms: Option<Ms>,
    /// Part of those differences above 50 ms, per cent.
    pub pnn50_percent: Option<f64>,
    /// Power at 0.04 … 0.15 Hz, ms²; from two minutes on.
    pub lf_ms2: Option<f64>,
    /// Power at 0.15 … 0.4 Hz, ms².
    pub hf_ms2: Option<f64>,
    /// Their ratio.
    pub lf_hf: Option<f64>,
}

/// An interval and when it ends, s.
#[derive(Clone, Copy)]
struct Nn {
    at: f64,
    ms: f64,
    /// Whether it follows the interval before it.
    follows: bool,
}

/// Measures it; `rr`: interval before each beat, `None` across gaps. `None` where the strip is too short.
pub fn hrv(detection: &Detection, rr: &[Option<Ms>]) -> Option<Hrv> {
    let nn = normal(detection, rr);
    let span = nn.last()?.at - nn.first()?.at;
    if nn.len() < LEAST_NN || span < LEAST_S {
        return None;
    }
    let values: Vec<f64> = nn.iter().map(|n| n.ms).collect();
    let steps: Vec<f64> = nn.windows(2).filter(|w| w[1].follows).map(|w| w[1].ms - w[0].ms).collect();
    let count = steps.len() as f64;
    let some = |v: f64| (!steps.is_empty()).then_some(v);
    let stretches = stretches(&nn);
    let (lf, hf) = spectrum(&stretches);
    Some(Hrv {
        nn: nn.len(),
        mean_nn_ms: Ms(mean(&values)),
        sdnn_ms: Ms(deviation(&values)),
        sdann_ms: sdann(&stretches),
        rmssd_ms: some((steps.iter().map(|d| d * d).sum::<f64>() / count).sqrt()).map(Ms),
        pnn50_percent: some(100.0 * steps.iter().filter(|d| d.abs() > FIFTY).count() as f64 / count),
        lf_ms2: lf,
        hf_ms2: hf,
        lf_hf: lf.zip(hf).filter(|(_, hf)| *hf > 0.0).map(|(lf, hf)| lf / hf),
    })
}

fn normal(detection: &Detection, rr: &[Option<Ms>]) -> Vec<Nn> {
    let normal = |n: usize| detection.beats.get(n).is_some_and(|b| b.class == BeatClass::N);
    let mut out: Vec<Nn> = Vec::new();
    let mut last = None;
    for (n, interval) in rr.iter().enumerate().skip(1) {
        let (Some(ms), true, true) = (interval, normal(n), normal(n - 1)) else { continue };
        let Some(beat) = detection.beats.get(n) else { continue };
        let at = beat.qrs.peak as f64 / detection.rate.0;
        out.push(Nn { at, ms: ms.0, follows: last == Some(n - 1) });
        last = Some(n);
    }
    let values: Vec<f64> = out.iter().map(|n| n.ms).collect();
    let odd: Vec<bool> = (0..values.len())
        .map(|i| {
            let mut near = values.get(i.saturating_sub(2)..(i + 3).min(values.len())).unwrap_or_default().to_vec();
            near.sort_by(f64::total_cmp);
            let middle = near.get(near.len() / 2).copied().unwrap_or(0.0);
            values.get(i).is_some_and(|v| (v - middle).abs() > ODD * middle)
        })
        .collect();
    for i in 1..out.len() {
        if odd[i - 1] {
            out[i].follows = false;
        }
    }
    let mut odd = odd.into_iter();
    out.retain(|_| !odd.next().unwrap_or(false));
    out
}

/// The intervals of each five minutes; the last stretch may be shorter.
fn stretches(nn: &[Nn]) -> Vec<Vec<Nn>> {
    let first = nn.first().map_or(0.0, |n| n.at);
    let number = |n: &Nn| ((n.at - first) / STRETCH_S) as usize;
    nn.chunk_by(|a, b| number(a) == number(b)).map(<[Nn]>::to_vec).collect()
}

fn sdann(stretches: &[Vec<Nn>]) -> Option<Ms> {
    let means: Vec<f64> = stretches
        .iter()
        .filter(|s| filled(s) >= FILLED * STRETCH_S)
        .map(|s| mean(&s.iter().map(|n| n.ms).collect::<Vec<_>>()))
        .collect();
    (means.len() >= LEAST_STRETCHES).then(|| Ms(deviation(&means)))
}

/// Seconds that the intervals of a stretch fill.
fn filled(stretch: &[Nn]) -> f64 {
    stretch.iter().map(|n| n.ms).sum::<f64>() / 1000.0
}

/// Power in both bands, the mean over the stretches that are long and whole enough.
fn spectrum(stretches: &[Vec<Nn>]) -> (Option<f64>, Option<f64>) {
    let over = |band: (f64, f64), least: f64| {
        let powers: Vec<f64> = stretches
            .iter()
            .filter(|s| {
                let span = s.last().map_or(0.0, |l| l.at) - s.first().map_or(0.0, |f| f.at);
                span >= 0.99 * least && filled(s) >= FILLED * span
            })
            .map(|s| power(s, band))
            .collect();
        (!powers.is_empty()).then(|| mean(&powers))
    };
    (over(LF, LEAST_LF_S), over(HF, LEAST_HF_S))
}

/// Lomb's periodogram, summed over a band, ms²: a sinusoid of amplitude a has a²/2.
fn power(stretch: &[Nn], band: (f64, f64)) -> f64 {
    let (Some(first), Some(last)) = (stretch.first(), stretch.last()) else { return 0.0 };
    let span = last.at - first.at;
    let step = 1.0 / (OVERSAMPLED * span);
    let residual = without_trend(stretch);
    let count = residual.len() as f64;
    let frequencies = (band.0 / step).ceil() as usize..(band.1 / step).ceil() as usize;
    let sum: f64 = frequencies.map(|k| lomb(&residual, k as f64 * step)).sum();
    // Power density is 2·P·T/N (the periodogram's own normalisation); each frequency stands for a step.
    sum * 2.0 * span / count * step
}

/// Lomb's P at a frequency.
fn lomb(x: &[(f64, f64)], hz: f64) -> f64 {
    let (mut s2, mut c2) = (0.0, 0.0);
    for (t, _) in x {
        let (s, c) = (2.0 * TAU * hz * t).sin_cos();
        s2 += s;
        c2 += c;
    }
    let shift = f64::atan2(s2, c2) / (2.0 * TAU * hz);
    let (mut xc, mut xs, mut cc, mut ss) = (0.0, 0.0, 0.0, 0.0);
    for (t, v) in x {
        let (s, c) = (TAU * hz * (t - shift)).sin_cos();
        xc += v * c;
        xs += v * s;
        cc += c * c;
        ss += s * s;
    }
    let part = |x: f64, n: f64| if n > 0.0 { x * x / n } else { 0.0 };
    0.5 * (part(xc, cc) + part(xs, ss))
}

/// Time and interval about the straight line through them.
fn without_trend(stretch: &[Nn]) -> Vec<(f64, f64)> {
    let times: Vec<f64> = stretch.iter().map(|n| n.at).collect();
    let values: Vec<f64> = stretch.iter().map(|n| n.ms).collect();
    let (t0, v0) = (mean(&times), mean(&values));
    let spread: f64 = times.iter().map(|t| (t - t0).powi(2)).sum();
    let slope = times.iter().zip(&values).map(|(t, v)| (t - t0) * (v - v0)).sum::<f64>() / spread.max(1e-9);
    times.iter().zip(&values).map(|(t, v)| (t - t0, v - v0 - slope * (t - t0))).collect()
}

fn mean(values: &[f64]) -> f64 {
    values.iter().sum::<f64>() / values.len().max(1) as f64
}

fn deviation(values: &[f64]) -> f64 {
    let m = mean(values);
    (values.iter().map(|v| (v - m).powi(2)).sum::<f64>() / values.len().saturating_sub(1).max(1) as f64).sqrt()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::detect::{Beat, Wave};
    use crate::signal::Hz;

    /// Beats whose intervals are `rr` of the time; every so many of them ectopic.
    fn beats(seconds: f64, ectopic: usize, rr: impl Fn(f64) -> f64) -> (Detection, Vec<Option<Ms>>) {
        let rate = 1000.0;
        let (mut t, mut places) = (0.5, Vec::new());
        while t < seconds {
            places.push((t * rate) as usize);
            t += rr(t) / 1000.0;
        }
        let class = |n: usize| if ectopic > 0 && n % ectopic == ectopic - 1 { BeatClass::V } else { BeatClass::N };
        let beat = |(n, &at): (usize, &usize)| Beat {
            qrs: Wave { onset: at, peak: at, offset: at },
            p: None,
            t: None,
            class: class(n),
            group: 0,
        };
        let detection =
            Detection { rate: Hz(rate), beats: places.iter().enumerate().map(beat).collect(), ..Detection::default() };
        let rr = std::iter::once(None).chain(places.windows(2).map(|w| Some(Ms((w[1] - w[0]) as f64)))).collect();
        (detection, rr)
    }

    #[test]
    fn sinusoids_have_half_their_squared_amplitude() {
        let (d, rr) = beats(900.0, 0, |t| 800.0 + 30.0 * (TAU * 0.1 * t).sin() + 20.0 * (TAU * 0.25 * t).sin());
        let h = hrv(&d, &rr).unwrap();
        assert!((h.mean_nn_ms.0 - 800.0).abs() < 2.0);
        let sd = (30.0_f64 * 30.0 / 2.0 + 20.0 * 20.0 / 2.0).sqrt();
        assert!((h.sdnn_ms.0 - sd).abs() < 1.0, "{} for {sd}", h.sdnn_ms.0);
        // Beats sample the modulation a beat apart, which damps the quicker of both by sinc(0.25 · 0.8).
        assert!((h.lf_ms2.unwrap() - 450.0).abs() < 45.0, "{:?}", h.lf_ms2);
        assert!((h.hf_ms2.unwrap() - 200.0).abs() < 30.0, "{:?}", h.hf_ms2);
        assert_eq!(h.sdann_ms, None, "a quarter of an hour");
    }

    #[test]
    fn successive_differences_and_ectopic_beats() {
        // Intervals 780 and 840 in turn: every difference is 60 ms.
        let turn = std::cell::Cell::new(false);
        let swing = |_: f64| if turn.replace(!turn.get()) { 840.0 } else { 780.0 };
        let (d, rr) = beats(120.0, 0, swing);
        let h = hrv(&d, &rr).unwrap();
        assert!((h.rmssd_ms.unwrap().0 - 60.0).abs() < 1.5 && h.pnn50_percent == Some(100.0), "{h:?}");
        let (d, rr) = beats(120.0, 5, |_| 800.0);
        let h = hrv(&d, &rr).unwrap();
        assert!(h.sdnn_ms.0 < 1.0 && h.nn < rr.len() * 2 / 3, "no interval touches an ectopic beat: {h:?}");
    }

    #[test]
    fn a_missed_beat_is_no_variability_and_a_short_strip_none() {
        let (mut d, mut rr) = beats(120.0, 0, |_| 800.0);
        d.beats.remove(60);
        rr.remove(60);
        rr[60] = Some(Ms(1600.0));
        assert!(hrv(&d, &rr).unwrap().sdnn_ms.0 < 1.0);
        let (d, rr) = beats(30.0, 0, |_| 800.0);
        assert_eq!(hrv(&d, &rr), None);
    }

    #[test]
    fn slow_drift_is_sdann() {
        let (d, rr) = beats(4.0 * 3600.0, 0, |t| 800.0 + 50.0 * (TAU * t / 7200.0).sin());
        let h = hrv(&d, &rr).unwrap();
        assert!((h.sdann_ms.unwrap().0 - 50.0 / 2.0_f64.sqrt()).abs() < 2.0, "{h:?}");
        assert!(h.hf_ms2.unwrap() < 5.0 && h.lf_ms2.unwrap() < 5.0, "{h:?}");
    }
}
