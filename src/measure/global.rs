//! Global measurements: intervals and axes on the dominant median beat, rate over the strip.
//!
//! Intervals run from the earliest onset to the latest end over leads (CSE Working Party, Eur Heart J 6:815, 1985; IEC
//! 60601-2-25, 201.12.1.101.3; AHA/ACC/HRS 2007 part I). QT correction as named; RR is the mean over the strip, in seconds.
//! Axes are the direction of the net area in the frontal plane (AHA/ACCF/HRS 2009 part III, "mean frontal plane axis")
//! from leads I and aVF: x = I, y = 2/√3·aVF, since aVF = (II + III)/2; where the file's scales contradict one another, in their
//! true proportion.

use super::{Global, Lead};
use crate::detect::{Beat, Detection, MedianBeat, Wave};
use crate::signal::{Bpm, Deg, LeadName, Ms, Recording};

/// A wave whose mean frontal deflection is smaller than this has no axis (indeterminate), mV.
const NO_AXIS_MV: f64 = 0.010;

/// Measures all that is global.
pub fn measure(recording: &Recording, detection: &Detection, leads: &[Lead]) -> Global {
    let rr = intervals(detection);
    let mut global = Global::default();
    if !rr.is_empty() {
        let mean = rr.iter().sum::<f64>() / rr.len() as f64;
        global.heart_rate_bpm = Some(Bpm(60_000.0 / mean));
        global.rr_ms = Some(Ms(mean));
        global.rr_min_ms = rr.iter().copied().reduce(f64::min).map(Ms);
        global.rr_max_ms = rr.iter().copied().reduce(f64::max).map(Ms);
        let squares: Vec<f64> = rr.windows(2).map(|w| (w[1] - w[0]).powi(2)).collect();
        if !squares.is_empty() {
            global.rmssd_ms = Some(Ms((squares.iter().sum::<f64>() / squares.len() as f64).sqrt()));
        }
    }
    let Some(median) = detection.median() else { return global };
    let rate = recording.rate;
    let between = |from: usize, to: usize| Some(rate.ms(to as f64 - from as f64)).filter(|d| d.0 > 0.0);
    let fused = global.rr_ms.is_some_and(|rr| fused(median, rate.samples(rr)));
    // In what swings like one wave nothing is P or T.
    let (p, t) = if fused || detection.undulates() { (None, None) } else { (median.p, median.t) };
    global.p_duration_ms = p.and_then(|p| between(p.onset, p.offset));
    if let Some(qrs) = median.qrs {
        global.pr_ms = p.and_then(|p| between(p.onset, qrs.onset));
        global.qrs_duration_ms = between(qrs.onset, qrs.offset);
        global.qt_ms = t.and_then(|t| between(qrs.onset, t.offset));
    }
    if let (Some(qt), Some(rr)) = (global.qt_ms, global.rr_ms) {
        correct(&mut global, qt.0, rr.0 / 1000.0);
    }
    global.p_axis_deg = median.p.filter(|_| !detection.undulates()).and_then(|p| axis(recording, median, p, true));
    global.t_axis_deg = median.t.and_then(|t| axis(recording, median, t, false));
    global.qrs_axis_deg = global.qrs_duration_ms.and_then(|d| qrs_axis(recording, leads, d));
    global
}

/// Whether T is marked to end only after the next P: at a fast rate the two are one wave, and neither T's end nor P's onset
/// can be told (infants above 150 bpm: a PR of 105 ms was read as 160, a QT of 240 as 336).
fn fused(median: &MedianBeat, rr: usize) -> bool {
    median.p.zip(median.t).is_some_and(|(p, t)| t.offset > p.offset + rr)
}

/// QT (ms) corrected for an RR of `rr` seconds.
fn correct(global: &mut Global, qt: f64, rr: f64) {
    global.qtc_bazett_ms = Some(Ms(qt / rr.sqrt()));
    global.qtc_fridericia_ms = Some(Ms(qt / rr.cbrt()));
    global.qtc_framingham_ms = Some(Ms(qt + 154.0 * (1.0 - rr)));
    global.qtc_hodges_ms = Some(Ms(qt + 1.75 * (60.0 / rr - 60.0)));
}

/// RR intervals in ms, without those that span a stretch in which beats cannot be counted.
fn intervals(detection: &Detection) -> Vec<f64> {
    let countable = |a: &Beat, b: &Beat| !detection.episodes.iter().any(|e| e.from < b.qrs.peak && e.to > a.qrs.peak);
    let beats = detection.beats.windows(2).filter(|w| countable(&w[0], &w[1]));
    let rr = beats.map(|w| detection.rate.ms(w[1].qrs.peak as f64 - w[0].qrs.peak as f64).0);
    rr.filter(|rr| *rr > 0.0).collect()
}

fn direction(i: f64, avf: f64, least: f64) -> Option<Deg> {
    let (x, y) = (i, avf * 2.0 / 3.0_f64.sqrt());
    (x.hypot(y) >= least).then(|| Deg(y.atan2(x).to_degrees()))
}

fn qrs_axis(recording: &Recording, leads: &[Lead], duration: Ms) -> Option<Deg> {
    let area = |name: LeadName| {
        let own = leads.iter().find(|l| l.lead == name)?.qrs_area?;
        Some(own * recording.proportion(&name)?)
    };
    direction(area(LeadName::I)?, area(LeadName::AvF)?, NO_AXIS_MV * duration.0)
}

/// Axis of P or T; of P over the straight line between its bounds, as the PR segment may slope.
fn axis(recording: &Recording, median: &MedianBeat, w: Wave, sloped: bool) -> Option<Deg> {
    let mean = |name: LeadName| {
        let lead = recording.leads.iter().position(|l| *l == name)?;
        let row = median.samples.row(lead);
        let x = row.as_slice()?.get(w.onset..=w.offset)?;
        let line = if sloped { 0.5 * f64::from(x[0] + x[x.len() - 1]) } else { 0.0 };
        let mean = x.iter().map(|v| f64::from(*v)).sum::<f64>() / x.len() as f64 - line;
        mean.is_finite().then_some(mean * recording.proportion(&name)?)
    };
    direction(mean(LeadName::I)?, mean(LeadName::AvF)?, NO_AXIS_MV)
}
