//! A case as lists show it.

use super::clinical::priority;
use super::{Clinical, File, Result, at, get, of_word};
use crate::interpret::Verdict;
use crate::review::{Case, CriticalLoop, CriticalStep, Priority, State};
use crate::signal::Sex;
use crate::text::Text;
use jiff::Timestamp;
use serde::Serialize;
use sqlx::any::AnyRow;

/// Something with a name.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Named {
    /// Its key.
    pub id: i64,
    /// Its name.
    pub name: String,
}

/// A case with all that its row holds.
#[derive(Clone, Debug)]
pub struct CaseRow {
    /// Its key.
    pub id: i64,
    /// Where it was recorded.
    pub site: Named,
    /// The site's path.
    pub path: String,
    /// Its course so far.
    pub case: Case,
    /// Its group in the worklist.
    pub priority: Priority,
    /// When it arrived.
    pub received: Timestamp,
    /// When the report is due.
    pub due: Timestamp,
    /// Local start of the recording.
    pub recorded: Option<String>,
    /// What the device calls itself.
    pub device: Option<String>,
    /// What the clinic said, with what the file says of the patient.
    pub clinical: Clinical,
    /// The original files; the first is the one that was recognised.
    pub files: Vec<File>,
    /// Who has it open, or last had.
    pub reader: Option<Named>,
    /// First reader, where a second reads.
    pub first: Option<Named>,
    /// Version of the program that analysed it.
    pub program: Option<String>,
    /// Object of the analysis.
    pub analysis: Option<String>,
    /// The newest conclusion's: the physician's once signed, else the machine's.
    pub verdict: Option<Verdict>,
    /// The machine's findings: statement and words.
    pub machine: Vec<(String, Text)>,
    /// First lines of the newest conclusion.
    pub summary: Vec<Text>,
    /// The critical value's loop.
    pub alarm: Option<CriticalLoop>,
    /// Why it was refused for quality or set aside.
    pub reason: Option<String>,
    /// When the first version went out.
    pub reported: Option<Timestamp>,
    /// When the originals were deleted, their time having come.
    pub erased: Option<Timestamp>,
    /// Grows with every change.
    pub revision: i64,
}

/// The columns that [`CaseRow`] is read from.
pub(crate) const COLUMNS: &str = "e.id, e.site, s.name AS site_name, e.path, e.course, e.priority, e.received, e.due, \
     e.recorded, e.device, e.clinical, e.files, e.reader, p.name AS reader_name, e.program, e.analysis, e.verdict, \
     e.machine, e.summary, e.alarm_loop, e.reason, e.reported, e.erased, e.revision";

/// Where they come from.
pub(crate) const FROM: &str = " FROM ecg e JOIN site s ON s.id = e.site LEFT JOIN person p ON p.id = e.reader ";

fn json<T: serde::de::DeserializeOwned>(row: &AnyRow, name: &str) -> Result<Option<T>> {
    let text: Option<String> = get(row, name)?;
    Ok(text.map(|t| serde_json::from_str(&t)).transpose()?)
}

impl CaseRow {
    pub(crate) fn of(row: &AnyRow) -> Result<Self> {
        let verdict: Option<String> = get(row, "verdict")?;
        let reader: Option<i64> = get(row, "reader")?;
        let reader_name: Option<String> = get(row, "reader_name")?;
        let reported: Option<i64> = get(row, "reported")?;
        let course: String = get(row, "course")?;
        let clinical: String = get(row, "clinical")?;
        let files: String = get(row, "files")?;
        Ok(Self {
            id: get(row, "id")?,
            site: Named { id: get(row, "site")?, name: get(row, "site_name")? },
            path: get(row, "path")?,
            case: serde_json::from_str(&course)?,
            priority: priority(get(row, "priority")?),
            received: at(get(row, "received")?),
            due: at(get(row, "due")?),
            recorded: get(row, "recorded")?,
            device: get(row, "device")?,
            clinical: serde_json::from_str(&clinical)?,
            files: serde_json::from_str(&files)?,
            reader: reader.zip(reader_name).map(|(id, name)| Named { id, name }),
            first: None,
            program: get(row, "program")?,
            analysis: get(row, "analysis")?,
            verdict: verdict.map(|v| of_word(&v)).transpose()?,
            machine: json(row, "machine")?.unwrap_or_default(),
            summary: json(row, "summary")?.unwrap_or_default(),
            alarm: json(row, "alarm_loop")?,
            reason: get(row, "reason")?,
            reported: reported.map(at),
            erased: get::<Option<i64>>(row, "erased")?.map(at),
            revision: get(row, "revision")?,
        })
    }

    /// The lock's end, while somebody has it open.
    pub const fn until(&self) -> Option<Timestamp> {
        match self.case.state {
            State::Reading { until, .. } | State::SecondReading { until, .. } => Some(until),
            _ => None,
        }
    }

    /// Who read it first, where a second must agree.
    pub const fn first_reader(&self) -> Option<i64> {
        match self.case.state {
            State::SecondWaiting { first } | State::SecondReading { first, .. } => Some(first),
            _ => None,
        }
    }

    /// Where its critical value stands.
    pub fn alarm_step(&self) -> Option<CriticalStep> {
        self.alarm.as_ref().map(CriticalLoop::step)
    }

    /// Sex as known.
    pub const fn sex(&self) -> Option<Sex> {
        self.clinical.sex
    }
}
