//! The findings of a batch as a table: one row a finding, for the quality office and for research. RFC 4180, UTF-8 with
//! a byte order mark, as the summary.

use super::summary::{line, text};
use super::{Outcome, Row};
use crate::interpret::Finding;
use crate::report::words;
use crate::text::Lang;
use serde::{Deserialize, Serialize};

/// A finding as a batch keeps it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Stated {
    /// The statement's id.
    pub id: String,
    /// Its family.
    pub family: String,
    /// `normal`, `borderline`, `abnormal`, `critical`.
    pub severity: String,
    /// `possible`, `probable`, `definite`.
    pub confidence: String,
    /// As printed, Chinese.
    pub zh: String,
    /// As printed, English.
    pub en: String,
    /// The numbers and leads that fired it, English.
    pub evidence: String,
    /// AHA/ACC/HRS part II numbers, blanks between.
    pub aha: String,
    /// SNOMED CT codes, blanks between.
    pub snomed: String,
}

impl Stated {
    /// A report's finding.
    pub fn of(finding: &Finding) -> Self {
        let wording = finding.wording();
        let (rule, evidence) = (finding.rule, &finding.evidence);
        Self {
            id: rule.id.into(),
            family: rule.family.into(),
            severity: words::severity(rule.severity).en.into(),
            confidence: format!("{:?}", evidence.confidence).to_lowercase(),
            zh: wording.zh.into(),
            en: wording.en.into(),
            evidence: words::evidence(evidence, Lang::En),
            aha: rule.codes.aha.join(" "),
            snomed: rule.codes.snomed.join(" "),
        }
    }

    /// The cells in the order of [`FINDING_COLUMNS`] after the first three.
    fn cells(&self) -> [&str; 9] {
        let Self { id, family, severity, confidence, zh, en, evidence, aha, snomed } = self;
        [id, family, severity, confidence, zh, en, evidence, aha, snomed]
    }
}

/// Columns of the table.
pub const FINDING_COLUMNS: [&str; 12] = [
    "file",
    "sha256",
    "patient_id",
    "id",
    "family",
    "severity",
    "confidence",
    "finding_zh",
    "finding_en",
    "evidence",
    "aha",
    "snomed",
];

/// The first line, with the byte order mark.
pub fn findings_header() -> String {
    format!("\u{feff}{}", line(FINDING_COLUMNS.iter().map(ToString::to_string)))
}

/// The cells of a row's findings; none of a file that was not read.
pub fn finding_cells(row: &Row) -> Vec<Vec<String>> {
    let Outcome::Reported(summary) = &row.outcome else { return Vec::new() };
    let whose = [row.file.as_str(), &row.sha256, summary.patient_id.as_deref().unwrap_or_default()];
    summary.statements.iter().map(|s| whose.into_iter().chain(s.cells()).map(str::to_string).collect()).collect()
}

/// A row's lines.
pub fn finding_rows(row: &Row) -> String {
    finding_cells(row).into_iter().map(|cells| line(cells.iter().map(|c| text(c)))).collect()
}
