//! Suite `mitdb`: beats and their classes against the experts', by ANSI/AAMI EC57 (see [`super::ec57`]), on any folder
//! of WFDB records with `.atr` annotations.
//!
//! The whole record counts. `bxb` leaves out the first five minutes (a learning period for causal detectors): those
//! figures are given beside ours. Departure from EC57: none known; paced and pacer-fusion beats count as Q.

use super::ec57::{self, Counts, Tally};
use super::{EvaluateError, Figure, Scores, Suite, SuiteOptions, Table};
use crate::detect::detect;
use crate::ingest;
use crate::signal::{Ms, Recording};
use crate::text::Text;
use ndarray::{Axis, Slice};
use rayon::prelude::*;
use std::path::{Path, PathBuf};

/// The suite.
pub static SUITE: Suite = Suite {
    id: "mitdb",
    name: Text::new("MIT-BIH 心搏检出与分类", "MIT-BIH beats and classes"),
    about: Text::new(
        "按 ANSI/AAMI EC57 逐搏配对（150 ms 窗，全程，室扑/室颤段除外）比较 QRS 检出及室性、室上性异位心搏；适用于任何带 .atr 标注的 WFDB 记录",
        "QRS detection and ventricular and supraventricular ectopic beats, paired beat by beat as in ANSI/AAMI EC57 (150 ms window, whole record, ventricular flutter and fibrillation left out); any WFDB records with .atr annotations",
    ),
    run,
};

/// What `bxb` leaves out at the start.
const LEARNING: Ms = Ms(300_000.0);

/// One record's counts: whole, and without the first five minutes.
struct RecordScore {
    name: String,
    whole: Tally,
    late: Tally,
}

fn run(folder: &Path, options: &SuiteOptions) -> Result<Scores, EvaluateError> {
    let headers = headers(folder);
    let scored: Vec<RecordScore> =
        headers.par_iter().map(|h| score(h, options)).collect::<Result<Vec<_>, _>>()?.into_iter().flatten().collect();
    if scored.is_empty() {
        return Err(EvaluateError::NoRecords { folder: folder.display().to_string() });
    }
    Ok(report(&scored))
}

/// The headers under `folder` with reference beats beside them, in order.
pub fn headers(folder: &Path) -> Vec<PathBuf> {
    let files = walkdir::WalkDir::new(folder).sort_by_file_name().into_iter().filter_map(Result::ok);
    files
        .map(walkdir::DirEntry::into_path)
        .filter(|p| p.extension().is_some_and(|e| e == "hea") && p.with_extension("atr").is_file())
        .collect()
}

/// The recording with one lead only, where asked for.
pub fn restrict(mut recording: Recording, lead: Option<usize>) -> Recording {
    if let Some(lead) = lead.filter(|&l| l < recording.leads.len()) {
        recording.samples = recording.samples.slice_axis(Axis(0), Slice::from(lead..=lead)).to_owned();
        recording.leads = vec![recording.leads[lead].clone()];
    }
    recording
}

fn score(header: &Path, options: &SuiteOptions) -> Result<Option<RecordScore>, EvaluateError> {
    let recording = ingest::open(header)?;
    let marks: Vec<_> = recording.annotations.iter().filter(|a| &*a.annotator == "atr").cloned().collect();
    let reference = ec57::beats_of(&marks);
    if reference.is_empty() {
        return Ok(None);
    }
    let excluded = ec57::flutter(&marks, recording.rate, recording.len());
    let recording = restrict(recording, options.lead);
    let test: Vec<_> = detect(&recording).beats.iter().map(|b| (b.qrs.peak, b.class)).collect();
    let tally = |from| ec57::compare(&reference, &test, recording.rate, &excluded, from);
    let late = tally(recording.rate.samples(LEARNING));
    Ok(Some(RecordScore { name: recording.name.clone(), whole: tally(0), late }))
}

fn report(scored: &[RecordScore]) -> Scores {
    let (mut whole, mut late) = (Tally::default(), Tally::default());
    for record in scored {
        whole.add(&record.whole);
        late.add(&record.late);
    }
    let columns = ["", "beats", "found", "missed", "extra", "Se %", "+P %"];
    let mut gross =
        Table { title: "Gross (ANSI/AAMI EC57)".into(), columns: columns.map(String::from).to_vec(), rows: vec![] };
    let mut figures = Vec::new();
    let lines = [
        ("QRS", "qrs", whole.beats()),
        ("VEB", "veb", whole.veb()),
        ("SVEB", "sveb", whole.sveb()),
        ("QRS after 5 min", "qrs_late", late.beats()),
        ("VEB after 5 min", "veb_late", late.veb()),
        ("SVEB after 5 min", "sveb_late", late.sveb()),
    ];
    for (name, id, counts) in lines {
        gross.rows.push(row(name, counts));
        for (what, value) in [("sensitivity", counts.sensitivity()), ("predictivity", counts.predictivity())] {
            let figure = value.map(|value| Figure { id: format!("{id}.{what}"), value, higher_is_better: true });
            figures.extend(figure);
        }
    }
    let mut classes = ["reference \\ ours", "N", "S", "V", "F", "Q", "missed"].map(String::from).to_vec();
    let mut confusion = Table { title: "Classes".into(), columns: std::mem::take(&mut classes), rows: vec![] };
    for (name, counts) in ["N", "S", "V", "F", "Q", "none"].iter().zip(&whole.0) {
        confusion.rows.push(std::iter::once((*name).to_string()).chain(counts.iter().map(usize::to_string)).collect());
    }
    let mut records =
        Table { title: "QRS by record".into(), columns: columns.map(String::from).to_vec(), rows: vec![] };
    for heading in ["VEB Se", "VEB +P", "SVEB Se", "SVEB +P"] {
        records.columns.push(heading.into());
    }
    for record in scored {
        let mut cells = row(&record.name, record.whole.beats());
        for counts in [record.whole.veb(), record.whole.sveb()] {
            cells.extend([percent(counts.sensitivity()), percent(counts.predictivity())]);
        }
        records.rows.push(cells);
    }
    Scores { tables: vec![gross, confusion, records], figures }
}

fn row(name: &str, c: Counts) -> Vec<String> {
    let numbers = [c.found + c.missed, c.found, c.missed, c.extra].map(|n| n.to_string());
    std::iter::once(name.to_string())
        .chain(numbers)
        .chain([percent(c.sensitivity()), percent(c.predictivity())])
        .collect()
}

/// Two decimals, `-` where there is nothing to divide by.
pub fn percent(value: Option<f64>) -> String {
    value.map_or_else(|| "-".into(), |v| format!("{v:.2}"))
}
