//! Sections 7, 8, 10 and 11: what the device measured and said (EN 1064, 5.10, 5.11, 5.13, 5.14).

use super::leads;
use super::sections::Sections;
use super::texts::Charset;
use crate::ingest::{Cursor, ReadError};
use crate::signal::{DeviceFindings, DeviceMeasurement, LeadName};

/// "Not computed", "lead rejected", "no such wave" (EN 1064, 5.10.2).
const NO_VALUE: [i32; 3] = [29999, 29998, 19999];
/// "Axis not computed".
const NO_AXIS: i16 = 999;

/// Reads the four sections; what is cut short is kept up to the cut.
pub fn read(sections: &Sections, charset: Charset) -> DeviceFindings {
    let mut found = DeviceFindings::default();
    if let Some(cursor) = sections.cursor(7) {
        let _ = global(cursor, &mut found.measurements);
    }
    if let Some(cursor) = sections.cursor(10) {
        let _ = per_lead(cursor, &mut found.measurements);
    }
    for (section, typed) in [(8, false), (11, true)] {
        if let Some(cursor) = sections.cursor(section) {
            let _ = statements(cursor, typed, charset, &mut found.statements);
        }
    }
    found
}

fn push(out: &mut Vec<DeviceMeasurement>, name: &str, lead: Option<&LeadName>, value: f64, unit: &str) {
    out.push(DeviceMeasurement { name: name.into(), lead: lead.cloned(), value, unit: unit.into() });
}

fn known(value: u16) -> Option<f64> {
    (!NO_VALUE.contains(&i32::from(value))).then_some(f64::from(value))
}

fn global(mut cursor: Cursor, out: &mut Vec<DeviceMeasurement>) -> Result<(), ReadError> {
    let beats = cursor.u8()?;
    let spikes = usize::from(cursor.u8()?);
    for name in ["rr_ms", "pp_ms"] {
        if let Some(value) = known(cursor.u16_le()?).filter(|v| *v > 0.0) {
            push(out, name, None, value, "ms");
        }
    }
    for beat in 0..beats {
        let mut bounds = [None; 5];
        for bound in &mut bounds {
            *bound = known(cursor.u16_le()?);
        }
        let axes = [cursor.i16_le()?, cursor.i16_le()?, cursor.i16_le()?];
        // The first is the reference beat of type 0; the rest are further types or single beats.
        if beat == 0 {
            intervals(bounds, axes, out);
        }
    }
    for _ in 0..spikes {
        let (time, amplitude) = (cursor.u16_le()?, cursor.i16_le()?);
        push(out, "pacemaker_spike_ms", None, f64::from(time), "ms");
        push(out, "pacemaker_spike_mv", None, f64::from(amplitude) / 1000.0, "mV");
    }
    cursor.take(spikes * 6)?;
    let typed = usize::from(cursor.u16_le()?);
    cursor.take(typed)?;
    rates(&mut cursor, out)
}

fn intervals(bounds: [Option<f64>; 5], axes: [i16; 3], out: &mut Vec<DeviceMeasurement>) {
    let [p_on, p_off, qrs_on, qrs_off, t_off] = bounds;
    for (name, from, to) in [
        ("p_duration_ms", p_on, p_off),
        ("pr_ms", p_on, qrs_on),
        ("qrs_duration_ms", qrs_on, qrs_off),
        ("qt_ms", qrs_on, t_off),
    ] {
        if let (Some(from), Some(to)) = (from, to)
            && to > from
        {
            push(out, name, None, to - from, "ms");
        }
    }
    for (name, axis) in ["p_axis_deg", "qrs_axis_deg", "t_axis_deg"].into_iter().zip(axes) {
        if axis != NO_AXIS && axis.unsigned_abs() <= 360 {
            push(out, name, None, f64::from(axis), "°");
        }
    }
}

fn rates(cursor: &mut Cursor, out: &mut Vec<DeviceMeasurement>) -> Result<(), ReadError> {
    for name in ["heart_rate_bpm", "atrial_rate_bpm"] {
        if let Some(value) = known(cursor.u16_le()?).filter(|v| *v > 0.0) {
            push(out, name, None, value, "bpm");
        }
    }
    let qtc = known(cursor.u16_le()?).filter(|v| *v > 0.0);
    let formula = cursor.u8()?;
    if let Some(qtc) = qtc {
        let name = match formula {
            1 => "qtc_bazett_ms",
            2 => "qtc_hodges_ms",
            _ => "qtc_ms",
        };
        push(out, name, None, qtc, "ms");
    }
    Ok(())
}

/// The measurements of one lead, in the file's order: durations, amplitudes in µV, then further ones.
#[rustfmt::skip]
pub const FIELDS: [(&str, Kind); 31] = [
    ("p_ms", Kind::Wave), ("pr_ms", Kind::Wave), ("qrs_ms", Kind::Wave), ("qt_ms", Kind::Wave),
    ("q_ms", Kind::Wave), ("r_ms", Kind::Wave), ("s_ms", Kind::Wave), ("r2_ms", Kind::Wave), ("s2_ms", Kind::Wave),
    ("q_mv", Kind::Down), ("r_mv", Kind::Up), ("s_mv", Kind::Down), ("r2_mv", Kind::Up), ("s2_mv", Kind::Down),
    ("st_j_mv", Kind::Level),
    ("p_mv", Kind::Up), ("p_negative_mv", Kind::Down), ("t_mv", Kind::Up), ("t_negative_mv", Kind::Down),
    ("st_slope_uv_per_s", Kind::Skip), ("p_shape", Kind::Skip), ("t_shape", Kind::Skip),
    ("iso_before_qrs_ms", Kind::Wave), ("iso_after_qrs_ms", Kind::Wave), ("r_peak_ms", Kind::Wave),
    ("quality", Kind::Skip),
    ("st_20_mv", Kind::Level), ("st_60_mv", Kind::Level), ("st_80_mv", Kind::Level),
    ("st_rr16_mv", Kind::Level), ("st_rr8_mv", Kind::Level),
];

/// How a field of section 10 is to be taken. A wave of zero is one that is not there.
#[derive(Clone, Copy)]
pub enum Kind {
    /// A duration in ms.
    Wave,
    /// An upward amplitude.
    Up,
    /// A downward amplitude; makers write it with and without its sign.
    Down,
    /// A level that may well be zero.
    Level,
    /// A code of the maker's.
    Skip,
}

fn per_lead(mut cursor: Cursor, out: &mut Vec<DeviceMeasurement>) -> Result<(), ReadError> {
    let count = cursor.u16_le()?;
    cursor.u16_le()?;
    for _ in 0..count {
        let code = cursor.u16_le()?;
        let bytes = usize::from(cursor.u16_le()?);
        let values = cursor.take(bytes)?;
        let Ok(code) = u8::try_from(code) else { continue };
        let (lead, sign) = leads::name(code);
        for ((name, kind), pair) in FIELDS.iter().zip(values.chunks_exact(2)) {
            let value = i16::from_le_bytes([pair[0], pair[1]]);
            if NO_VALUE.contains(&i32::from(value)) {
                continue;
            }
            let amplitude = f64::from(value) / 1000.0;
            match kind {
                Kind::Wave if value > 0 => push(out, name, Some(&lead), f64::from(value), "ms"),
                Kind::Up if value != 0 => push(out, name, Some(&lead), amplitude * f64::from(sign), "mV"),
                Kind::Down if value != 0 => push(out, name, Some(&lead), -amplitude.abs() * f64::from(sign), "mV"),
                Kind::Level => push(out, name, Some(&lead), amplitude * f64::from(sign), "mV"),
                _ => {}
            }
        }
    }
    Ok(())
}

/// Sections 8 and 11: who confirmed when, then the statements; in section 11 each has a type byte and may be of
/// several strings (code, probability, …).
fn statements(mut cursor: Cursor, typed: bool, charset: Charset, out: &mut Vec<String>) -> Result<(), ReadError> {
    cursor.take(8)?;
    let count = cursor.u8()?;
    for _ in 0..count {
        cursor.u8()?;
        let length = usize::from(cursor.u16_le()?);
        let value = cursor.take(length)?;
        let text = if typed {
            let strings = value.get(1..).unwrap_or_default().split(|b| *b == 0).filter_map(|s| charset.text(s));
            Some(strings.collect::<Vec<_>>().join(" ")).filter(|s| !s.is_empty())
        } else {
            charset.text(value)
        };
        out.extend(text.filter(|t| !out.contains(t)));
    }
    Ok(())
}
