//! Gains that the samples contradict.
//!
//! Some converters scale each signal to its own full range and write that as its gain (LUDB's 200 records are so). The
//! stored numbers then obey Einthoven's law (I + III = II) to a unit, as they can only at one common gain, and the
//! millivolts do not. The common gain cannot be known from the file and is not guessed: the caller may give it
//! ([`ReadOptions::gain`](crate::ingest::ReadOptions)); else the recording is marked as without scale. The leads' proportions
//! are known then all the same: the axes rest on them.

use super::header::{DEFAULT_GAIN, Header, Signal};
use crate::ingest::millivolts;
use crate::signal::{LeadName, Recording};
use crate::text::{Text, text};

/// Gains this close are the same: a calibration's spread.
const SPREAD: f64 = 0.01;

/// Units by which I + III may miss II: each of the three is rounded.
const ROUNDING: f64 = 2.0;

/// Part of the samples that must obey: a damaged stretch does not hide the rest.
const OBEYING: f64 = 0.99;

/// Units of mean deflection that lead II must have for its agreement to mean something.
const DEFLECTION: f64 = 20.0;

/// Applies the gain that the caller knows, or doubts the header's.
pub(super) fn settle(recording: &mut Recording, header: &Header, given: Option<f64>) {
    if let Some(given) = given.filter(|g| *g > 0.0) {
        apply(recording, header, given);
        return;
    }
    recording.origin.unscaled = header.signals.iter().any(|s| s.gain == 0.0 && millivolts(&s.unit).is_some());
    if contradicted(recording, header) {
        recording.origin.unscaled = true;
        recording.origin.proportions = proportions(recording, header);
        recording.notes.push(text(
            "头文件的增益与信号矛盾：存储值满足 I + III = II，换算成毫伏后不满足；幅度不可信，请用 --gain 给出真实增益",
            "the header's gains contradict the signal: the stored numbers obey I + III = II, the millivolts do not; \
             amplitudes are not to be trusted: give the true gain with --gain",
        ));
    }
}

/// Stored units a millivolt by the header.
fn units(signal: &Signal) -> Option<f64> {
    let gain = if signal.gain == 0.0 { DEFAULT_GAIN } else { signal.gain };
    Some(gain / millivolts(&signal.unit)?)
}

fn of<'a>(header: &'a Header, lead: &LeadName) -> Option<&'a Signal> {
    header.signals.iter().find(|s| LeadName::parse(&s.description).0 == *lead)
}

fn apply(recording: &mut Recording, header: &Header, given: f64) {
    for (lead, mut row) in recording.leads.iter().zip(recording.samples.rows_mut()) {
        if let Some(units) = of(header, lead).and_then(units) {
            let factor = (units / given) as f32;
            row.mapv_inplace(|mv| mv * factor);
        }
    }
    recording.notes.push(Text::of(
        format!("按调用者给出的增益换算：每毫伏 {given} 单位"),
        format!("scaled by the gain that was given: {given} units a millivolt"),
    ));
}

/// By what each lead's millivolts are larger on the scale of the middle gain.
fn proportions(recording: &Recording, header: &Header) -> Vec<(LeadName, f64)> {
    let mut gains: Vec<(LeadName, f64)> =
        recording.leads.iter().filter_map(|l| Some((l.clone(), units(of(header, l)?)?))).collect();
    let mut sorted: Vec<f64> = gains.iter().map(|g| g.1).collect();
    sorted.sort_unstable_by(f64::total_cmp);
    let middle = sorted.get(sorted.len() / 2).copied().unwrap_or(1.0);
    for gain in &mut gains {
        gain.1 /= middle;
    }
    gains
}

fn contradicted(recording: &Recording, header: &Header) -> bool {
    let limb = [LeadName::I, LeadName::II, LeadName::III];
    let gains: Vec<f64> = limb.iter().filter_map(|l| of(header, l).and_then(units)).collect();
    let rows: Vec<_> = limb.iter().filter_map(|l| recording.lead(l)).collect();
    let ([g1, g2, g3], [one, two, three]) = (gains.as_slice(), rows.as_slice()) else { return false };
    let differ = |a: f64, b: f64| (a - b).abs() > SPREAD * a.abs().max(b.abs());
    if !(differ(*g1, *g2) || differ(*g2, *g3)) {
        return false;
    }
    let (mut obeying, mut seen, mut deflection) = (0_usize, 0_usize, 0.0);
    for ((a, b), c) in one.iter().zip(two).zip(three) {
        let (a, b, c) = (f64::from(*a) * g1, f64::from(*b) * g2, f64::from(*c) * g3);
        if (a + b + c).is_finite() {
            seen += 1;
            obeying += usize::from((a + c - b).abs() <= ROUNDING);
            deflection += b.abs();
        }
    }
    seen > 0 && obeying as f64 >= OBEYING * seen as f64 && deflection / seen as f64 > DEFLECTION
}
