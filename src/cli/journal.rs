//! The batch's memory on disk: one line a recording in `OUT/.einthoven/rows.jsonl`, written as each is done.
//!
//! `--resume` reads it to know what need not be done again; the worklist is made from it, so that a batch's memory does
//! not grow with its rows. A line is whole or ignored: a killed run loses at most the recording it was at.

use crate::report::batch::{Outcome, Row};
use anyhow::Context;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::fs::{File, OpenOptions};
use std::io::{BufRead, BufReader, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

/// What a reported recording depends on: equal keys mean equal reports.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Key {
    /// As in the worklist.
    pub label: String,
    /// SHA-256 of the recording's files.
    pub content: String,
    /// Program version.
    pub version: String,
    /// Outputs, language and the patient's details given on the command line.
    pub settings: String,
}

#[derive(Serialize, Deserialize)]
struct Line<R> {
    key: Key,
    row: R,
}

/// A row's place in the worklist and in the journal.
pub struct Place {
    /// [`Row::urgency`]: least = most urgent.
    pub urgency: u16,
    /// The recording's label, in whose order the summary is.
    pub label: String,
    offset: u64,
}

/// The journal of an output folder.
pub struct Journal {
    path: PathBuf,
    file: Mutex<File>,
    known: BTreeMap<String, (Key, bool)>,
}

impl Journal {
    /// Opens the journal below `out`; an earlier run's lines are kept for `resume` only.
    pub fn open(out: &Path, resume: bool) -> anyhow::Result<Self> {
        let folder = out.join(".einthoven");
        std::fs::create_dir_all(&folder).with_context(|| format!("{}", folder.display()))?;
        let path = folder.join("rows.jsonl");
        let known = if resume { known(&path)? } else { BTreeMap::new() };
        let mut options = OpenOptions::new();
        options.create(true).write(true);
        if resume {
            options.append(true)
        } else {
            options.truncate(true)
        };
        let mut file = options.open(&path).with_context(|| format!("{}", path.display()))?;
        if resume {
            file.write_all(b"\n")?; // ends what a killed run may have left half written
        }
        Ok(Self { path, file: Mutex::new(file), known })
    }

    /// Whether this very recording was reported well by an earlier run.
    pub fn has(&self, key: &Key) -> bool {
        self.known.get(&key.label).is_some_and(|(known, read)| *read && known == key)
    }

    /// Adds a row; a later one of the same label replaces it.
    pub fn add(&self, key: &Key, row: &Row) -> anyhow::Result<()> {
        let mut line = serde_json::to_vec(&Line { key: key.clone(), row })?;
        line.push(b'\n');
        let mut file = self.file.lock().unwrap_or_else(PoisonError::into_inner);
        file.write_all(&line).with_context(|| format!("{}", self.path.display()))
    }

    /// Every recording's newest row, in order of label.
    pub fn places(&self) -> anyhow::Result<Vec<Place>> {
        let mut places = BTreeMap::new();
        each_line::<Row>(&self.path, |offset, line| {
            places.insert(line.key.label.clone(), Place { urgency: line.row.urgency(), label: line.key.label, offset });
        })?;
        Ok(places.into_values().collect())
    }

    /// Reads back the rows of `places`, one at a time.
    pub fn rows<'a>(&self, places: &'a [Place]) -> anyhow::Result<impl Iterator<Item = anyhow::Result<Row>> + 'a> {
        let mut file = BufReader::new(File::open(&self.path)?);
        Ok(places.iter().map(move |place| {
            file.seek(SeekFrom::Start(place.offset))?;
            let mut line = Vec::new();
            file.by_ref().read_until(b'\n', &mut line)?;
            Ok(serde_json::from_slice::<Line<Row>>(&line)?.row)
        }))
    }
}

fn known(path: &Path) -> anyhow::Result<BTreeMap<String, (Key, bool)>> {
    let mut known = BTreeMap::new();
    each_line::<Row>(path, |_, line| {
        known.insert(line.key.label.clone(), (line.key, matches!(line.row.outcome, Outcome::Reported(_))));
    })?;
    Ok(known)
}

/// Calls `found` with the offset and content of each whole line. No file = no line.
fn each_line<R: for<'de> Deserialize<'de>>(path: &Path, mut found: impl FnMut(u64, Line<R>)) -> anyhow::Result<()> {
    let Ok(file) = File::open(path) else { return Ok(()) };
    let mut reader = BufReader::new(file);
    let (mut offset, mut line) = (0, Vec::new());
    loop {
        line.clear();
        let n = reader.read_until(b'\n', &mut line).with_context(|| format!("{}", path.display()))?;
        if n == 0 {
            return Ok(());
        }
        if let Ok(parsed) = serde_json::from_slice(&line) {
            found(offset, parsed);
        }
        offset += n as u64;
    }
}
