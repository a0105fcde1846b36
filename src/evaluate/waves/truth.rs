//! The experts' marks of the Lobachevsky University Database: one annotation file a lead, `(` onset, `p` `N` `t` peak,
//! `)` end (Kalyakulina et al., IEEE Access 8:186181, 2020).

use super::super::EvaluateError;
use crate::ingest::{self, wfdb};
use crate::signal::Recording;
use std::path::{Path, PathBuf};

/// P, QRS and T.
pub const WAVES: [&str; 3] = ["P", "QRS", "T"];
/// Their marks' mnemonics.
const CODES: [&str; 3] = ["p", "N", "t"];

/// A wave as marked, in samples; a missing bound is `None`.
#[derive(Clone, Copy, Debug)]
pub struct Marked {
    /// Onset, peak, end.
    pub points: [Option<usize>; 3],
}

/// The marks of one lead.
#[derive(Clone, Debug, Default)]
pub struct LeadTruth {
    /// Waves in order of time: P, QRS, T.
    pub waves: [Vec<Marked>; 3],
    /// First and last mark: outside of them nothing was judged.
    pub span: Option<(usize, usize)>,
}

/// A record with its truth, one a row of its samples.
pub struct Record {
    /// The ECG.
    pub recording: Recording,
    /// What the experts marked.
    pub leads: Vec<LeadTruth>,
}

/// Headers of the records under `folder` that have marks per lead, in order of name (numbers as numbers).
pub fn records(folder: &Path) -> Result<Vec<PathBuf>, EvaluateError> {
    let none = || EvaluateError::NoRecords { folder: folder.display().to_string() };
    let mut found: Vec<PathBuf> = std::fs::read_dir(folder)
        .map_err(|_| none())?
        .filter_map(|e| e.ok().map(|e| e.path()))
        .filter(|p| p.extension().is_some_and(|e| e == "hea") && p.with_extension("ii").is_file())
        .collect();
    let key = |p: &PathBuf| {
        let stem = p.file_stem().unwrap_or_default().to_string_lossy().into_owned();
        (stem.parse::<u64>().unwrap_or(u64::MAX), stem)
    };
    found.sort_by_key(key);
    if found.is_empty() { Err(none()) } else { Ok(found) }
}

/// Reads a record with its marks. A lead without a file has no marks.
pub fn read(header: &Path) -> Result<Record, EvaluateError> {
    let recording = ingest::open(header)?;
    let mut leads = Vec::new();
    for lead in &recording.leads {
        let path = header.with_extension(lead.as_str().to_lowercase());
        let marks = match std::fs::read(&path) {
            Ok(bytes) => of_lead(&wfdb::annotations(&bytes)?),
            Err(_) => LeadTruth::default(),
        };
        leads.push(marks);
    }
    Ok(Record { recording, leads })
}

fn of_lead(marks: &[crate::signal::Annotation]) -> LeadTruth {
    let mut truth = LeadTruth::default();
    for (i, mark) in marks.iter().enumerate() {
        let Some(wave) = CODES.iter().position(|c| *c == mark.code) else { continue };
        let beside =
            |at: Option<usize>, code: &str| at.and_then(|k| marks.get(k)).filter(|m| m.code == code).map(|m| m.sample);
        let points = [beside(i.checked_sub(1), "("), Some(mark.sample), beside(Some(i + 1), ")")];
        truth.waves[wave].push(Marked { points });
    }
    truth.span = marks.first().zip(marks.last()).map(|(a, b)| (a.sample, b.sample));
    truth
}
