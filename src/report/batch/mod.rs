//! A batch of ECGs: one small [`Row`] each, the table of them ([`summary_header`], [`summary_row`]) and the worklist
//! ([`index_head`], [`index_row`], [`index_foot`]).
//!
//! A row outlives its recording and can be spooled as JSON, so that memory does not grow with the batch.

mod findings;
mod index;
mod overview;
#[cfg(feature = "parquet")]
mod parquet;
mod summary;
mod thumbnail;

pub use findings::{FINDING_COLUMNS, Stated, finding_cells, finding_rows, findings_header};
pub use index::{index_foot, index_head, index_row};
pub use overview::{Tally, overview, overview_pdf};
#[cfg(feature = "parquet")]
pub use parquet::{Table, findings_table, summary_table};
pub(super) use summary::text as guarded;
pub use summary::{Cell, SUMMARY_COLUMNS, summary_cells, summary_header, summary_row};
pub use thumbnail::{Thumbnail, rhythm_lead};

use super::{Report, words};
use crate::ingest::ReadError;
use crate::interpret::{Confidence, Finding, Severity, Verdict};
use crate::text::Text;
use serde::{Deserialize, Serialize};

/// How many findings a row holds.
const HEADLINES: usize = 4;

/// One ECG of a batch.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Row {
    /// The file as the reader knows it: its path below the folder that was asked for.
    pub file: String,
    /// SHA-256 of the file; empty when it was not read.
    pub sha256: String,
    /// What came of it.
    pub outcome: Outcome,
    /// The reports made of it: what to call the link, and its target relative to the index.
    pub links: Vec<(String, String)>,
}

/// What came of a file.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Outcome {
    /// It was read and reported.
    Reported(Box<Summary>),
    /// It was not: why.
    Failed(Text),
}

/// What a worklist shows of a report.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Summary {
    /// Conclusion.
    pub verdict: Verdict,
    /// Whether a critical value is among the findings.
    pub critical: bool,
    /// Findings by urgency, the first few: mark of the severity, statement.
    pub headlines: Vec<(String, Text)>,
    /// Number of findings in all.
    pub findings: usize,
    /// Name, sex and age.
    pub patient: Text,
    /// Identifier in the sender's system.
    pub patient_id: Option<String>,
    /// Local start of the recording.
    pub start: Option<String>,
    /// Format, device.
    pub format: String,
    /// Device.
    pub device: Option<String>,
    /// Length in s.
    pub seconds: f64,
    /// Number of recorded leads.
    pub leads: usize,
    /// Mean signal quality, 0 … 1.
    pub quality: Option<f64>,
    /// Beats a minute.
    pub rate: Option<f64>,
    /// PR, ms.
    pub pr: Option<f64>,
    /// QRS duration, ms.
    pub qrs: Option<f64>,
    /// QT, ms.
    pub qt: Option<f64>,
    /// Bazett's corrected QT, ms.
    pub qtc: Option<f64>,
    /// QRS axis, degrees.
    pub axis: Option<f64>,
    /// When the report was made, with its offset from UTC.
    #[serde(default)]
    pub reported: Option<String>,
    /// Minutes from the recording to the report, where both times are known and in this order.
    #[serde(default)]
    pub turnaround_min: Option<f64>,
    /// Every finding.
    #[serde(default)]
    pub statements: Vec<Stated>,
    /// Rhythm lead in small.
    pub thumbnail: Option<Thumbnail>,
}

impl Row {
    /// The row of a report; add `links` to what was written.
    pub fn of(file: impl Into<String>, report: &Report) -> Self {
        Self {
            file: file.into(),
            sha256: report.recording.origin.sha256.clone(),
            outcome: Outcome::Reported(Box::new(Summary::of(report))),
            links: Vec::new(),
        }
    }

    /// The row of a file that could not be read.
    pub fn unread(file: impl Into<String>, error: &ReadError) -> Self {
        Self::failed(file, error.text())
    }

    /// The row of a file that came to nothing for the reason given.
    pub fn failed(file: impl Into<String>, reason: Text) -> Self {
        Self { file: file.into(), sha256: String::new(), outcome: Outcome::Failed(reason), links: Vec::new() }
    }

    /// Place in the worklist, least first: critical, abnormal, then what must be recorded or sent again (its heart is
    /// not known to be well), borderline, normal; within each, more and graver findings first.
    pub fn urgency(&self) -> u16 {
        let Outcome::Reported(summary) = &self.outcome else { return 300 };
        let group = match summary.verdict {
            _ if summary.critical => 100,
            Verdict::Critical => 100,
            Verdict::Abnormal => 200,
            Verdict::Uninterpretable => 350,
            Verdict::Borderline => 400,
            Verdict::OtherwiseNormal => 500,
            Verdict::Normal => 600,
        };
        group + 50 - (summary.findings.min(50) as u16)
    }
}

impl Summary {
    fn of(report: &Report) -> Self {
        let Report { recording, diagnosis, .. } = report;
        let global = &diagnosis.measurements.global;
        let findings = &diagnosis.interpretation.findings;
        let person = |lang| words::person(&diagnosis.patient, lang);
        Self {
            verdict: diagnosis.interpretation.verdict,
            critical: diagnosis.interpretation.critical,
            headlines: headlines(findings),
            findings: findings.len(),
            patient: Text::of(person(crate::text::Lang::Zh), person(crate::text::Lang::En)),
            patient_id: diagnosis.patient.id.clone(),
            start: recording.start.map(|t| t.strftime("%Y-%m-%d %H:%M:%S").to_string()),
            format: recording.origin.format.to_string(),
            device: recording.origin.device.clone(),
            seconds: recording.seconds(),
            leads: recording.leads.len().saturating_sub(recording.derived.len()),
            quality: report.quality(),
            rate: global.heart_rate_bpm.map(|v| v.0),
            pr: global.pr_ms.map(|v| v.0),
            qrs: global.qrs_duration_ms.map(|v| v.0),
            qt: global.qt_ms.map(|v| v.0),
            qtc: global.qtc_bazett_ms.map(|v| v.0),
            axis: global.qrs_axis_deg.map(|v| v.0),
            reported: report.created.as_ref().map(|t| t.strftime("%Y-%m-%d %H:%M:%S%:z").to_string()),
            turnaround_min: turnaround(report),
            statements: findings.iter().map(Stated::of).collect(),
            thumbnail: Thumbnail::of(recording),
        }
    }
}

/// Minutes from the recording's local start to the report, on the reporting centre's clock; `None` where a time is not
/// known or the report seems to be made first (clocks that are wrong).
fn turnaround(report: &Report) -> Option<f64> {
    let (start, made) = (report.recording.start?, report.created.as_ref()?.datetime());
    let seconds = made.since((jiff::Unit::Second, start)).ok()?.get_seconds();
    (seconds >= 0).then_some(seconds as f64 / 60.0)
}

/// The gravest findings first, in report order where equally grave; the normal ones only where there is nothing else.
fn headlines(findings: &[Finding]) -> Vec<(String, Text)> {
    let key = |f: &&Finding| std::cmp::Reverse((f.rule.severity, f.evidence.confidence == Confidence::Definite));
    let mut order: Vec<&Finding> = findings.iter().collect();
    order.sort_by_key(key);
    if order.first().is_some_and(|f| f.rule.severity > Severity::Normal) {
        // The rhythm stays, normal or not: it is what a reader asks first.
        order.retain(|f| f.rule.severity > Severity::Normal || f.rule.family == "rhythm");
    }
    let entry = |f: &&Finding| (words::mark(f.rule.severity).to_string(), f.wording());
    order.iter().take(HEADLINES).map(entry).collect()
}

/// How many ECGs of each kind a batch holds, for the head of its worklist.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Totals {
    /// Critical.
    pub critical: usize,
    /// Abnormal.
    pub abnormal: usize,
    /// Could not be interpreted.
    pub uninterpretable: usize,
    /// Could not be read.
    pub failed: usize,
    /// Borderline.
    pub borderline: usize,
    /// Otherwise normal and normal.
    pub normal: usize,
}

impl Totals {
    /// Counts a row.
    pub fn add(&mut self, row: &Row) {
        let place = match &row.outcome {
            Outcome::Failed(_) => &mut self.failed,
            Outcome::Reported(summary) => match summary.verdict {
                _ if summary.critical => &mut self.critical,
                Verdict::Critical => &mut self.critical,
                Verdict::Abnormal => &mut self.abnormal,
                Verdict::Uninterpretable => &mut self.uninterpretable,
                Verdict::Borderline => &mut self.borderline,
                Verdict::OtherwiseNormal | Verdict::Normal => &mut self.normal,
            },
        };
        *place += 1;
    }

    /// All rows.
    pub fn all(&self) -> usize {
        self.critical + self.abnormal + self.uninterpretable + self.failed + self.borderline + self.normal
    }
}
