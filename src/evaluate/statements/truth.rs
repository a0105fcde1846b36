//! The experts' statements beside the recordings: PTB-XL's table, CinC 2021's `Dx:` lines, LUDB's header phrases.

use super::super::EvaluateError;
use crate::ingest::{ReadError, open};
use crate::signal::{Recording, Sex};
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

/// One record with what its experts say.
pub struct Record {
    /// The ECG, with age and sex filled in from the database's table.
    pub recording: Recording,
    /// Database, as in a label's prefix.
    pub source: &'static str,
    /// Labels held true.
    pub labels: BTreeSet<String>,
    /// Labels the experts themselves hold unlikely (PTB-XL likelihood 1 … 49): such a statement is not scored.
    pub doubtful: BTreeSet<String>,
}

/// Ages from here are PTB-XL's code for "over 89".
const OVER_89: f64 = 300.0;

/// WFDB headers under a folder, by name.
pub fn headers(folder: &Path) -> Result<Vec<PathBuf>, EvaluateError> {
    let mut found: Vec<PathBuf> = walkdir::WalkDir::new(folder)
        .into_iter()
        .filter_map(Result::ok)
        .map(walkdir::DirEntry::into_path)
        .filter(|p| p.extension().is_some_and(|e| e == "hea"))
        .collect();
    found.sort();
    if found.is_empty() {
        return Err(EvaluateError::NoRecords { folder: folder.display().to_string() });
    }
    Ok(found)
}

/// What PTB-XL's table says of a record: labels with their likelihood, age, sex.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Row {
    labels: Vec<(String, f64)>,
    age: Option<f64>,
    sex: Option<Sex>,
}

/// PTB-XL's table by record name (`00001_hr`); empty where there is none.
pub fn ptbxl_table(folder: &Path) -> Result<BTreeMap<String, Row>, EvaluateError> {
    let path = folder.join("ptbxl_database.csv");
    let bytes = match std::fs::read(&path) {
        Ok(bytes) => bytes,
        Err(cause) if cause.kind() == std::io::ErrorKind::NotFound => return Ok(BTreeMap::new()),
        Err(cause) => return Err(ReadError::Io { file: path.display().to_string(), cause }.into()),
    };
    let mut reader = csv::Reader::from_reader(bytes.as_slice());
    let heads = reader.headers().cloned().unwrap_or_default();
    let column = |name: &str| heads.iter().position(|h| h == name);
    let (id, age, sex, codes) = (column("ecg_id"), column("age"), column("sex"), column("scp_codes"));
    let mut rows = BTreeMap::new();
    for record in reader.records().filter_map(Result::ok) {
        let cell = |at: Option<usize>| at.and_then(|i| record.get(i)).unwrap_or("");
        let Ok(number) = cell(id).parse::<u32>() else { continue };
        let age = cell(age).parse().ok().map(|a: f64| if a >= OVER_89 { 90.0 } else { a });
        let sex = match cell(sex) {
            "0" => Some(Sex::Male),
            "1" => Some(Sex::Female),
            _ => None,
        };
        rows.insert(format!("{number:05}_hr"), Row { labels: likelihoods(cell(codes)), age, sex });
    }
    Ok(rows)
}

/// `{'NORM': 100.0, 'SR': 0.0}` as pairs.
fn likelihoods(codes: &str) -> Vec<(String, f64)> {
    let inner = codes.trim().trim_start_matches('{').trim_end_matches('}');
    let pair = |part: &str| {
        let (name, value) = part.split_once(':')?;
        Some((name.trim().trim_matches('\'').to_owned(), value.trim().parse().ok()?))
    };
    inner.split(',').filter_map(pair).collect()
}

/// Reads a record and its labels.
pub fn read(header: &Path, table: &BTreeMap<String, Row>) -> Result<Record, EvaluateError> {
    let mut recording = open(header)?;
    let name = header.file_stem().map(|s| s.to_string_lossy().into_owned()).unwrap_or_default();
    let mut doubtful = BTreeSet::new();
    let (source, labels) = if let Some(row) = table.get(&name) {
        recording.patient.age = recording.patient.age.or(row.age);
        recording.patient.sex = recording.patient.sex.or(row.sex);
        let (unlikely, likely): (Vec<_>, Vec<_>) = row.labels.iter().partition(|(_, p)| *p > 0.0 && *p < 50.0);
        doubtful = unlikely.into_iter().map(|(n, _)| format!("ptbxl:{n}")).collect();
        ("ptbxl", likely.into_iter().map(|(n, _)| format!("ptbxl:{n}")).collect())
    } else if let Some(codes) = recording.comments.iter().find_map(|c| c.trim().strip_prefix("Dx:")) {
        ("snomed", codes.split(',').map(|c| format!("snomed:{}", c.trim())).collect())
    } else {
        ("ludb", recording.comments.iter().filter_map(|c| phrase(c)).collect())
    };
    Ok(Record { recording, source, labels, doubtful })
}

/// LUDB's comment lines are phrases with a full stop; `Rhythm:` is dropped, `<…>` lines are no phrases.
fn phrase(line: &str) -> Option<String> {
    let line = line.trim().trim_end_matches('.').to_lowercase();
    let line = line.strip_prefix("rhythm:").unwrap_or(&line).trim();
    (!line.is_empty() && !line.starts_with('<')).then(|| format!("ludb:{line}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn python_dictionary() {
        assert_eq!(likelihoods("{'NORM': 100.0, 'SR': 0.0}"), [("NORM".to_owned(), 100.0), ("SR".to_owned(), 0.0)]);
        assert!(likelihoods("{}").is_empty());
    }

    #[test]
    fn phrases() {
        assert_eq!(phrase("Rhythm: Sinus bradycardia.").as_deref(), Some("ludb:sinus bradycardia"));
        assert_eq!(phrase("<age>: 51"), None);
    }
}
