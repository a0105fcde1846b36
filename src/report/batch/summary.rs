//! The batch as a table that spreadsheets open: RFC 4180, UTF-8 with a byte order mark (Excel reads Chinese by it).

use super::{Outcome, Row};
use crate::report::words;

const COLUMNS: [&str; 25] = [
    "file",
    "status",
    "reason_zh",
    "reason_en",
    "verdict",
    "critical",
    "findings_zh",
    "findings_en",
    "finding_count",
    "heart_rate_bpm",
    "pr_ms",
    "qrs_duration_ms",
    "qt_ms",
    "qtc_bazett_ms",
    "qrs_axis_deg",
    "quality",
    "patient_id",
    "patient",
    "start",
    "duration_s",
    "leads",
    "format",
    "device",
    "sha256",
    "reports",
];

/// The first line, with the byte order mark.
pub fn summary_header() -> String {
    format!("\u{feff}{}", line(COLUMNS.iter().map(ToString::to_string)))
}

/// A row's line.
pub fn summary_row(row: &Row) -> String {
    let number = |value: Option<f64>| value.map_or_else(String::new, |v| format!("{v:.0}"));
    let mut cells = vec![text(&row.file)];
    match &row.outcome {
        Outcome::Failed(reason) => {
            cells.extend(["failed".into(), text(&reason.zh), text(&reason.en)]);
            cells.resize(COLUMNS.len() - 2, String::new());
        }
        Outcome::Reported(s) => {
            let joined = |get: fn(&crate::text::Text) -> &str, between: &str| {
                s.headlines.iter().map(|(_, t)| get(t)).collect::<Vec<_>>().join(between)
            };
            cells.extend(["reported".into(), String::new(), String::new()]);
            cells.extend([words::verdict_id(s.verdict).into(), s.critical.to_string()]);
            cells.extend([text(&joined(|t| &t.zh, "；")), text(&joined(|t| &t.en, "; ")), s.findings.to_string()]);
            cells.extend([s.rate, s.pr, s.qrs, s.qt, s.qtc, s.axis].map(number));
            cells.push(s.quality.map_or_else(String::new, |q| format!("{q:.2}")));
            let optional = |value: &Option<String>| text(value.as_deref().unwrap_or_default());
            cells.extend([optional(&s.patient_id), text(&s.patient.zh), optional(&s.start)]);
            cells.extend([format!("{:.1}", s.seconds), s.leads.to_string(), s.format.clone(), optional(&s.device)]);
        }
    }
    cells.push(row.sha256.clone());
    cells.push(text(&row.links.iter().map(|(_, target)| target.as_str()).collect::<Vec<_>>().join(" ")));
    line(cells.into_iter())
}

/// A cell of foreign text: what a spreadsheet would run as a formula is quoted by an apostrophe.
fn text(cell: &str) -> String {
    if cell.starts_with(['=', '+', '-', '@', '\t', '\r']) { format!("'{cell}") } else { cell.to_string() }
}

fn line(cells: impl Iterator<Item = String>) -> String {
    let quoted = cells.map(|cell| {
        if cell.contains(['"', ',', '\n', '\r']) { format!("\"{}\"", cell.replace('"', "\"\"")) } else { cell }
    });
    quoted.collect::<Vec<_>>().join(",") + "\r\n"
}
