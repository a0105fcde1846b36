//! The batch as a table that spreadsheets open: RFC 4180, UTF-8 with a byte order mark (Excel reads Chinese by it).

use super::{Outcome, Row, Summary};
use crate::report::words;

/// A column of the summary.
pub struct Column {
    /// Its head.
    pub name: &'static str,
    /// Whether its cells are numbers.
    pub numeric: bool,
}

const fn words_of(name: &'static str) -> Column {
    Column { name, numeric: false }
}

const fn number_of(name: &'static str) -> Column {
    Column { name, numeric: true }
}

/// The columns.
pub static SUMMARY_COLUMNS: [Column; 27] = [
    words_of("file"),
    words_of("status"),
    words_of("reason_zh"),
    words_of("reason_en"),
    words_of("verdict"),
    words_of("critical"),
    words_of("findings_zh"),
    words_of("findings_en"),
    number_of("finding_count"),
    number_of("heart_rate_bpm"),
    number_of("pr_ms"),
    number_of("qrs_duration_ms"),
    number_of("qt_ms"),
    number_of("qtc_bazett_ms"),
    number_of("qrs_axis_deg"),
    number_of("quality"),
    words_of("patient_id"),
    words_of("patient"),
    words_of("start"),
    words_of("reported"),
    number_of("turnaround_min"),
    number_of("duration_s"),
    number_of("leads"),
    words_of("format"),
    words_of("device"),
    words_of("sha256"),
    words_of("reports"),
];

/// A cell.
#[derive(Clone, Debug, PartialEq)]
pub enum Cell {
    /// Nothing to say.
    Empty,
    /// A text.
    Text(String),
    /// A number with the digits after the point that are printed.
    Number(f64, usize),
}

impl Cell {
    fn of(text: Option<&str>) -> Self {
        text.filter(|t| !t.is_empty()).map_or(Self::Empty, |t| Self::Text(t.to_string()))
    }

    fn count(value: Option<f64>, decimals: usize) -> Self {
        value.map_or(Self::Empty, |v| Self::Number(v, decimals))
    }

    /// The number of a number, as printed.
    pub fn number(&self) -> Option<f64> {
        match self {
            Self::Number(v, decimals) => format!("{v:.decimals$}").parse().ok(),
            _ => None,
        }
    }

    /// The text of a text that is not empty.
    pub fn text(&self) -> Option<&String> {
        match self {
            Self::Text(t) if !t.is_empty() => Some(t),
            _ => None,
        }
    }

    fn print(&self) -> String {
        match self {
            Self::Empty => String::new(),
            Self::Text(t) => text(t),
            Self::Number(v, decimals) => format!("{v:.decimals$}"),
        }
    }
}

/// The first line, with the byte order mark.
pub fn summary_header() -> String {
    format!("\u{feff}{}", line(SUMMARY_COLUMNS.iter().map(|c| c.name.to_string())))
}

/// A row's line.
pub fn summary_row(row: &Row) -> String {
    line(summary_cells(row).iter().map(Cell::print))
}

/// A row's cells, one a column.
pub fn summary_cells(row: &Row) -> Vec<Cell> {
    let mut cells = vec![Cell::of(Some(&row.file))];
    match &row.outcome {
        Outcome::Failed(reason) => {
            cells.extend([Cell::of(Some("failed")), Cell::of(Some(&reason.zh)), Cell::of(Some(&reason.en))]);
            cells.resize(SUMMARY_COLUMNS.len() - 2, Cell::Empty);
        }
        Outcome::Reported(s) => cells.extend(reported(s)),
    }
    cells.push(Cell::of(Some(&row.sha256)));
    let links = row.links.iter().map(|(_, target)| target.as_str()).collect::<Vec<_>>().join(" ");
    cells.push(Cell::of(Some(&links)));
    cells
}

fn reported(s: &Summary) -> Vec<Cell> {
    let joined = |get: fn(&crate::text::Text) -> &str, between: &str| {
        s.headlines.iter().map(|(_, t)| get(t)).collect::<Vec<_>>().join(between)
    };
    let mut cells = vec![Cell::of(Some("reported")), Cell::Empty, Cell::Empty];
    let critical = s.critical.to_string();
    cells.extend([Cell::of(Some(words::verdict_id(s.verdict))), Cell::of(Some(&critical))]);
    cells.extend([Cell::of(Some(&joined(|t| &t.zh, "；"))), Cell::of(Some(&joined(|t| &t.en, "; ")))]);
    cells.push(Cell::count(Some(s.findings as f64), 0));
    cells.extend([s.rate, s.pr, s.qrs, s.qt, s.qtc, s.axis].map(|v| Cell::count(v, 0)));
    cells.push(Cell::count(s.quality, 2));
    cells.extend(
        [s.patient_id.as_deref(), Some(&s.patient.zh), s.start.as_deref(), s.reported.as_deref()].map(Cell::of),
    );
    cells.extend([
        Cell::count(s.turnaround_min, 0),
        Cell::count(Some(s.seconds), 1),
        Cell::count(Some(s.leads as f64), 0),
    ]);
    cells.extend([Some(s.format.as_str()), s.device.as_deref()].map(Cell::of));
    cells
}

/// A cell of foreign text: what a spreadsheet would run as a formula is quoted by an apostrophe.
pub fn text(cell: &str) -> String {
    if cell.starts_with(['=', '+', '-', '@', '\t', '\r']) { format!("'{cell}") } else { cell.to_string() }
}

/// Cells as a line.
pub fn line(cells: impl Iterator<Item = String>) -> String {
    let quoted = cells.map(|cell| {
        if cell.contains(['"', ',', '\n', '\r']) { format!("\"{}\"", cell.replace('"', "\"\"")) } else { cell }
    });
    quoted.collect::<Vec<_>>().join(",") + "\r\n"
}
