//! Sections 4, 5, 7 and 10: what the device found, as far as the format has a place for it (EN 1064, 5.7, 5.8, 5.10, 5.13).

use super::super::findings::{FIELDS, Kind};
use super::super::leads;
use super::{Line, encode, samples_section};
use crate::signal::{Annotation, DeviceFindings, Recording};
use std::collections::BTreeMap;

/// "Not computed" (EN 1064, 5.10.2), and of an axis.
const NO_VALUE: u16 = 29999;
const NO_AXIS: i16 = 999;
/// Mnemonics of beats (WFDB Applications Guide, "Annotations").
const BEATS: &str = "N L R B A a J S V r F e j n E / f Q ?";

/// The device's median beat as section 5.
pub struct Median {
    /// Its length, ms, from which a reader gets the number of samples.
    milliseconds: u16,
    /// Its largest deflection, sample from 1.
    fiducial: u16,
    /// The section.
    pub body: Vec<u8>,
}

/// The median of the leads written, Huffman coded as the rhythm is; `None` where it lacks one of them or does not fit: the
/// record is whole without it.
pub fn median(recording: &Recording, lines: &[Line], huffman: bool) -> Option<Median> {
    let median = recording.device.median.as_ref()?;
    let width = median.samples.ncols();
    let milliseconds = (width as f64 * 1000.0 / median.rate.0).round();
    let back = (milliseconds * median.rate.0 / 1000.0).round() as usize;
    let interval = super::interval(median.rate.0).ok()?;
    if back != width || !(1.0..=65_535.0).contains(&milliseconds) {
        return None;
    }
    let row = |line: &Line| median.leads.iter().position(|l| *l == line.name).map(|n| median.samples.row(n));
    let rows = lines.iter().map(row).collect::<Option<Vec<_>>>()?;
    if rows.iter().any(|r| r.iter().any(|v| v.is_nan())) {
        return None;
    }
    let beat = lines.iter().zip(&rows).map(|(line, row)| Line::of(&line.name, row.iter().copied()));
    let encoded = encode::encode(&beat.collect::<Result<Vec<_>, _>>().ok()?, Some(huffman)).ok()?;
    let height = |n: usize| rows.iter().filter_map(|r| r.get(n)).map(|v| v * v).sum::<f32>();
    let fiducial = (0..width).max_by(|a, b| height(*a).total_cmp(&height(*b)))? + 1;
    Some(Median {
        milliseconds: milliseconds as u16,
        fiducial: u16::try_from(fiducial).ok()?,
        body: samples_section(&encoded, interval),
    })
}

/// Section 4: the beats marked, without zones, since nothing is subtracted. The format tells beats alike from others and
/// not what they are: the commonest code is type 0, further ones follow.
pub fn beats(recording: &Recording, median: Option<&Median>) -> Option<Vec<u8>> {
    let beat = |a: &&Annotation| BEATS.split(' ').any(|b| b == a.code);
    let annotator = recording.annotations.iter().find(beat).map(|a| a.annotator.clone());
    let marks: Vec<&Annotation> =
        recording.annotations.iter().filter(beat).filter(|a| Some(&a.annotator) == annotator.as_ref()).collect();
    if marks.is_empty() && median.is_none() {
        return None;
    }
    let count = u16::try_from(marks.len()).ok()?;
    let mut often: BTreeMap<&str, usize> = BTreeMap::new();
    for mark in &marks {
        *often.entry(&mark.code).or_default() += 1;
    }
    let mut codes: Vec<(&str, usize)> = often.into_iter().collect();
    codes.sort_by_key(|(_, n)| std::cmp::Reverse(*n));
    // A record that came from this format says its types in words.
    let said = |mark: &Annotation| mark.text.strip_prefix("type ")?.parse::<u16>().ok();
    let by_code = |mark: &Annotation| codes.iter().position(|(c, _)| *c == mark.code).unwrap_or(0) as u16;
    let mut body = median.map_or(0, |m| m.milliseconds).to_le_bytes().to_vec();
    body.extend(median.map_or(0, |m| m.fiducial).to_le_bytes());
    body.extend(count.to_le_bytes());
    for mark in marks {
        body.extend(said(mark).unwrap_or_else(|| by_code(mark)).to_le_bytes());
        for sample in [0, u32::try_from(mark.sample + 1).ok()?, 0] {
            body.extend(sample.to_le_bytes());
        }
    }
    Some(body)
}

/// Section 7. The format has bounds where we have durations: P, or QRS where there is no P, begins at 0.
pub fn global(device: &DeviceFindings) -> Option<Vec<u8>> {
    let value = |name: &str| {
        let found = device.measurements.iter().find(|m| m.lead.is_none() && m.name == name)?;
        (0.0..29_000.0).contains(&found.value).then(|| found.value.round() as u16)
    };
    let axis = |name: &str| {
        let found = device.measurements.iter().find(|m| m.lead.is_none() && m.name == name);
        found.filter(|m| m.value.abs() <= 360.0).map_or(NO_AXIS, |m| m.value.round() as i16)
    };
    let (pr, p, qrs, qt) = (value("pr_ms"), value("p_duration_ms"), value("qrs_duration_ms"), value("qt_ms"));
    let onset = pr.unwrap_or(0);
    let bounds = [pr.map(|_| 0), pr.and(p), qrs.or(qt).map(|_| onset), qrs.map(|d| onset + d), qt.map(|d| onset + d)];
    let axes = ["p_axis_deg", "qrs_axis_deg", "t_axis_deg"].map(axis);
    let (qtc, formula) = match (value("qtc_bazett_ms"), value("qtc_hodges_ms"), value("qtc_ms")) {
        (Some(qtc), _, _) => (Some(qtc), 1),
        (None, Some(qtc), _) => (Some(qtc), 2),
        (None, None, qtc) => (qtc, 0),
    };
    let intervals = [value("rr_ms"), value("pp_ms")];
    let rates = [value("heart_rate_bpm"), value("atrial_rate_bpm"), qtc];
    let some = bounds.iter().chain(&intervals).chain(&rates).any(Option::is_some) || axes.iter().any(|a| *a != NO_AXIS);
    some.then_some(())?;
    let mut body = vec![1, 0];
    let known = |v: &Option<u16>| v.unwrap_or(NO_VALUE).to_le_bytes();
    body.extend(intervals.iter().chain(&bounds).flat_map(known));
    body.extend(axes.iter().flat_map(|a| a.to_le_bytes()));
    body.extend(0u16.to_le_bytes());
    body.extend(rates.iter().flat_map(known));
    body.push(formula);
    body.extend(0u16.to_le_bytes());
    Some(body)
}

/// Section 10: the measurements of each lead that has any, in the reader's order of fields.
pub fn per_lead(device: &DeviceFindings) -> Option<Vec<u8>> {
    let mut rows: BTreeMap<u8, [u16; FIELDS.len()]> = BTreeMap::new();
    for m in &device.measurements {
        let Some(code) = m.lead.as_ref().and_then(leads::code) else { continue };
        let Some(place) = FIELDS.iter().position(|(name, _)| *name == m.name) else { continue };
        let scale = match FIELDS.get(place) {
            Some((_, Kind::Wave)) => 1.0,
            Some((_, Kind::Up | Kind::Down | Kind::Level)) => 1000.0,
            _ => continue,
        };
        let value = (m.value * scale).round();
        let slot = rows.entry(code).or_insert([NO_VALUE; FIELDS.len()]).get_mut(place);
        if let Some(slot) = slot.filter(|_| value.abs() < 19_999.0) {
            *slot = (value as i16).cast_unsigned();
        }
    }
    let count = u16::try_from(rows.len()).ok().filter(|n| *n > 0)?;
    let mut body = count.to_le_bytes().to_vec();
    body.extend(0u16.to_le_bytes());
    for (code, values) in rows {
        body.extend(u16::from(code).to_le_bytes());
        body.extend((2 * FIELDS.len() as u16).to_le_bytes());
        body.extend(values.iter().flat_map(|v| v.to_le_bytes()));
    }
    Some(body)
}
