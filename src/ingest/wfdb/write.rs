//! Writes a recording as a WFDB record: `NAME.hea`, `NAME.dat` (format 16), one annotation file an annotator.
//!
//! Each lead gets its own gain. Where all its values lie on a grid of at most 16 bits, as every converter's do, that
//! grid is found and the samples are exact; otherwise the lead's range fills the 16 bits, and no sample is further off
//! than half a step of a 65 000th of it. NaN is the format's invalid value. What WFDB has no field for is in the info
//! strings, as `Key: value`; `remarks` reads them back.

use super::annotation_write::write_annotations;
use crate::ingest::{OutFile, WriteError, remarks};
use crate::signal::{Annotation, Recording};
use crate::text::text;
use std::collections::BTreeMap;
use std::fmt::Write as _;

/// Steps over a lead's range; leaves room below 2¹⁶ for rounding and the invalid value.
const STEPS: f64 = 65_000.0;

/// Largest magnitude of gain × value, so that the baseline is a 32-bit number.
const LARGEST: f64 = 2e9;

/// Finest step when a lead hardly moves: 1 pV.
const FINEST_GAIN: f64 = 1e9;

/// How far from whole a value on a grid may be, in steps, besides the rounding of f32.
const ON_GRID: f64 = 1e-3;

/// Rounding of f32, as a part of the value, twice over.
const ROUNDING: f64 = 1.2e-7;

/// Annotator of marks that came without one.
const ANNOTATOR: &str = "ann";

/// How a lead's millivolts become 16-bit numbers: `round(mv × gain) + baseline`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Scale {
    pub gain: f64,
    pub baseline: i32,
}

/// Encodes a recording.
pub(super) fn write(recording: &Recording, stem: &str) -> Result<Vec<OutFile>, WriteError> {
    if recording.is_empty() {
        return Err(WriteError::Unfit(text("记录中没有样本", "the recording holds no samples")));
    }
    let name = record_name(stem);
    let scales: Vec<Scale> = recording.samples.rows().into_iter().map(|r| scale(&r.to_vec())).collect();
    let mut data = Vec::with_capacity(recording.samples.len() * 2);
    let mut sums = vec![0_i32; scales.len()];
    for column in recording.samples.columns() {
        for ((value, scale), sum) in column.iter().zip(&scales).zip(&mut sums) {
            let adc = quantise(*value, *scale);
            *sum = sum.wrapping_add(i32::from(adc));
            data.extend(adc.to_le_bytes());
        }
    }
    let mut files = vec![
        (format!("{name}.hea"), header(recording, &name, &scales, &sums).into_bytes()),
        (format!("{name}.dat"), data),
    ];
    let mut by_annotator: BTreeMap<&str, Vec<&Annotation>> = BTreeMap::new();
    for mark in &recording.annotations {
        let annotator = if mark.annotator.is_empty() { ANNOTATOR } else { &mark.annotator };
        by_annotator.entry(annotator).or_default().push(mark);
    }
    for (annotator, marks) in by_annotator {
        let extension: String = annotator.chars().filter(|c| c.is_ascii_alphanumeric() || *c == '_').collect();
        files.push((format!("{name}.{extension}"), write_annotations(marks)));
    }
    Ok(files)
}

/// A record's name as the header can hold it: no blanks, no separators.
pub fn record_name(stem: &str) -> String {
    let kept = |c: char| c.is_alphanumeric() || matches!(c, '_' | '-' | '.');
    let name: String = stem.chars().map(|c| if kept(c) { c } else { '_' }).collect();
    if name.is_empty() { "record".into() } else { name }
}

fn quantise(value: f32, scale: Scale) -> i16 {
    if !value.is_finite() {
        return i16::MIN;
    }
    let adc = (f64::from(value) * scale.gain).round() + f64::from(scale.baseline);
    adc.clamp(-32_767.0, 32_767.0) as i16
}

/// The gain and baseline for a lead.
pub(super) fn scale(values: &[f32]) -> Scale {
    let mut sorted: Vec<f64> = values.iter().filter(|v| v.is_finite()).map(|v| f64::from(*v)).collect();
    sorted.sort_unstable_by(f64::total_cmp);
    sorted.dedup();
    let (Some(low), Some(high)) = (sorted.first().copied(), sorted.last().copied()) else {
        return Scale { gain: super::header::DEFAULT_GAIN, baseline: 0 };
    };
    let gain = grid(&sorted).unwrap_or_else(|| {
        let most = LARGEST / low.abs().max(high.abs()).max(f64::MIN_POSITIVE);
        (STEPS / (high - low)).min(most).min(FINEST_GAIN)
    });
    let fits = low * gain >= -32_767.0 && high * gain <= 32_767.0;
    let baseline = if fits { 0 } else { -(f64::midpoint(low, high) * gain).round() as i32 };
    Scale { gain, baseline }
}

/// The gain at which all of the sorted distinct values are whole numbers within 16 bits, if there is one.
fn grid(sorted: &[f64]) -> Option<f64> {
    let (low, high) = (*sorted.first()?, *sorted.last()?);
    let least = sorted.windows(2).filter_map(|w| Some(w.get(1)? - w.first()?)).fold(f64::INFINITY, f64::min);
    let whole = |gain: f64| {
        // Distinct values stay distinct.
        least * gain > 0.5
            && (high - low) * gain <= STEPS
            && low.abs().max(high.abs()) * gain <= LARGEST
            && sorted.iter().all(|v| (v * gain - (v * gain).round()).abs() < ON_GRID + v.abs() * gain * ROUNDING)
    };
    // Steps in use, roundest first: 1 µV, 5 µV, 2.5 µV, MIT-BIH, 10, 11 and 12 bits over 10 mV and 20 mV.
    let usual = [200.0, 500.0, 1000.0, 400.0, 204.8, 409.6, 102.4, 2000.0, 4000.0, 5000.0, 10_000.0];
    if let Some(gain) = usual.into_iter().find(|g| whole(*g)) {
        return Some(gain);
    }
    let step = step(sorted)?;
    let gain = 1.0 / step;
    let digits = 10_f64.powi(6 - gain.log10().ceil() as i32);
    let rounded = (gain * digits).round() / digits;
    [rounded, gain].into_iter().find(|g| g.is_finite() && *g > 0.0 && whole(*g))
}

/// The step of the grid that the sorted distinct values seem to lie on: the mean of the smallest gaps, made sharper by
/// ever larger values, each of which is a whole number of steps from 0.
fn step(sorted: &[f64]) -> Option<f64> {
    let gaps = || sorted.windows(2).filter_map(|w| Some(w.get(1)? - w.first()?));
    let least = gaps().reduce(f64::min)?;
    let (sum, count) = gaps().filter(|g| *g < 1.5 * least).fold((0.0, 0.0), |(s, n), g| (s + g, n + 1.0));
    let mut sizes: Vec<f64> = sorted.iter().map(|v| v.abs()).collect();
    sizes.sort_unstable_by(f64::total_cmp);
    let sharpen = |step: f64, size: &f64| {
        let steps = (size / step).round();
        if steps >= 1.0 { size / steps } else { step }
    };
    Some(sizes.iter().fold(sum / count, sharpen)).filter(|s| *s > 0.0)
}

fn header(recording: &Recording, name: &str, scales: &[Scale], sums: &[i32]) -> String {
    let mut out = format!("{name} {} {} {}", scales.len(), recording.rate.0, recording.len());
    if let Some(start) = recording.start {
        let _ = write!(
            out,
            " {:02}:{:02}:{:02}.{:03} {:02}/{:02}/{:04}",
            start.hour(),
            start.minute(),
            start.second(),
            start.millisecond(),
            start.day(),
            start.month(),
            start.year()
        );
    }
    out.push('\n');
    for (((lead, row), scale), sum) in recording.leads.iter().zip(recording.samples.rows()).zip(scales).zip(sums) {
        let first = row.first().map_or(0, |v| quantise(*v, *scale));
        let label = one_line(lead.as_str());
        let Scale { gain, baseline } = scale;
        let _ = writeln!(out, "{name}.dat 16 {gain}({baseline})/mV 16 0 {first} {} 0 {label}", *sum as i16);
    }
    for line in remarks::lines(recording) {
        let _ = writeln!(out, "# {}", one_line(&line));
    }
    out
}

fn one_line(text: &str) -> String {
    text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn converters_grids_are_found() {
        for gain in [200.0, 1000.0, 204.8, 1716.0, 7247.0, 12_530.0, 333.333] {
            let values: Vec<f32> = (-700..900).map(|i| (f64::from(i * i % 1201 - 400) / gain) as f32).collect();
            let found = scale(&values);
            let exact = |v: &f32| {
                let adc = f64::from(quantise(*v, found));
                ((adc - f64::from(found.baseline)) / found.gain) as f32
            };
            assert!(values.iter().all(|v| (exact(v) - v).abs() < 1e-6), "{gain}: {found:?}");
        }
    }

    #[test]
    fn extremes_fit() {
        for values in [vec![0.0_f32; 3], vec![1e6; 3], vec![1e6, 1e6 + 0.5], vec![-3e5, 3e5, 0.1], vec![1e-9, -1e-9]] {
            let found = scale(&values);
            let (low, high) = values.iter().fold((f32::MAX, f32::MIN), |(a, b), v| (a.min(*v), b.max(*v)));
            let step = (f64::from(high - low) / STEPS)
                .max(f64::from(high.abs().max(low.abs())) / LARGEST)
                .max(1.0 / FINEST_GAIN);
            for v in &values {
                let back = (f64::from(quantise(*v, found)) - f64::from(found.baseline)) / found.gain;
                assert!((back - f64::from(*v)).abs() <= step * 0.5001, "{v} became {back} by {found:?}");
            }
        }
    }
}
