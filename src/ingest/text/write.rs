//! Writes a recording as CSV (RFC 4180, UTF-8): lines of `# Key: value`, a header with units, time and one column a lead.
//!
//! Numbers are the shortest that read back as the same `f32`, so that the samples survive exactly; an empty field is a
//! missing sample. Marks have no place here.

use super::SIGNATURE;
use super::preamble::{RATE, START};
use crate::ingest::{OutFile, WriteError, remarks};
use crate::signal::Recording;
use crate::text::text;
use std::fmt::Write as _;

/// Encodes a recording.
pub fn write(recording: &Recording, stem: &str) -> Result<Vec<OutFile>, WriteError> {
    if recording.is_empty() {
        return Err(WriteError::Unfit(text("记录中没有样本", "the recording holds no samples")));
    }
    let mut out = format!("{SIGNATURE}\n# {RATE}: {} Hz\n", recording.rate.0);
    if let Some(start) = recording.start {
        let _ = writeln!(out, "# {START}: {start}");
    }
    for line in remarks::lines(recording) {
        let line: String = line.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
        let _ = writeln!(out, "# {line}");
    }
    out.push_str("time (s)");
    for lead in &recording.leads {
        let _ = write!(out, ",{}", quote(&format!("{lead} (mV)")));
    }
    out.push('\n');
    let decimals = decimals(recording.rate.0);
    for (i, column) in recording.samples.columns().into_iter().enumerate() {
        let _ = write!(out, "{:.decimals$}", i as f64 / recording.rate.0);
        for value in column {
            out.push(',');
            if value.is_finite() {
                let _ = write!(out, "{value}");
            }
        }
        out.push('\n');
    }
    Ok(vec![(format!("{stem}.csv"), out.into_bytes())])
}

/// Decimals that tell samples apart: all of them where the period is a whole number of microseconds, and at least a
/// hundredth of a period.
fn decimals(rate: f64) -> usize {
    let exact = |n: i32| {
        let period = 10_f64.powi(n) / rate;
        (period - period.round()).abs() < 1e-9 && period >= 1.0
    };
    (1..=6).find(|n| exact(*n)).unwrap_or(6) as usize
}

fn quote(field: &str) -> String {
    let field: String = field.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
    if field.contains([',', '"']) { format!("\"{}\"", field.replace('"', "\"\"")) } else { field }
}
