//! The records in which we and the experts agree least: what to draw, and the errors of all records for histograms.
//!
//! Beats are paired within 150 ms (EC57), wave bounds with the nearest mark within 150 ms. Where the experts gave
//! statements and no marks, the records that the suite's tables name most often are drawn.

use crate::detect::{BeatClass, Detection, LeadWaves, Wave, detect};
use crate::evaluate::{Scores, ec57};
use crate::ingest::{self, ReadOptions, Source, wfdb};
use crate::pipeline::{Options, diagnose};
use crate::signal::{Annotation, Ms, Recording};
use rayon::prelude::*;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// Records drawn.
pub const DRAWN: usize = 10;
/// Pairing window.
const WINDOW: Ms = Ms(150.0);
/// Seconds drawn of a record.
pub const SECONDS: f64 = 10.0;

/// A mark to be drawn: sample, what it says, whether it has no partner.
pub struct Mark {
    pub sample: usize,
    pub text: String,
    pub alone: bool,
}

/// A record to be drawn.
pub struct Worst {
    pub recording: Recording,
    /// First sample drawn.
    pub from: usize,
    pub theirs: Vec<Mark>,
    pub ours: Vec<Mark>,
    /// What is wrong, in words.
    pub about: String,
    /// What a reader would think, in Chinese and English, where somebody looked.
    pub reading: Option<(&'static str, &'static str)>,
}

/// Errors by the name of the point, ms: ours minus the experts'.
pub type Errors = BTreeMap<&'static str, Vec<f64>>;

/// What a look at every record gives.
pub struct Looked {
    pub worst: Vec<Worst>,
    pub errors: Errors,
}

/// Looks at every record under `folder` that the scores tell of.
pub fn look(folder: &Path, scores: &Scores, lead: Option<usize>) -> Looked {
    let headers = headers(folder);
    let mut named = named(scores);
    let marked = |h: &&PathBuf| h.with_extension("atr").is_file() || h.with_extension("ii").is_file();
    if headers.iter().any(|h| marked(&h)) {
        return by_marks(headers.iter().filter(marked), lead);
    }
    named.truncate(DRAWN);
    let found = named.iter().filter_map(|(name, about)| {
        let stem = |h: &&PathBuf| h.file_stem().is_some_and(|s| s.to_string_lossy() == name.as_str());
        by_statements(headers.iter().find(stem)?, about)
    });
    Looked { worst: found.collect(), errors: Errors::new() }
}

fn headers(folder: &Path) -> Vec<PathBuf> {
    let files = walkdir::WalkDir::new(folder).follow_links(true).sort_by_file_name().into_iter().filter_map(Result::ok);
    let is_record = |p: &PathBuf| p.extension().is_some_and(|e| e == "hea" || e == "txt");
    files.map(walkdir::DirEntry::into_path).filter(is_record).collect()
}

/// Records by how often the tables of disagreements name them.
fn named(scores: &Scores) -> Vec<(String, String)> {
    let mut named: Vec<(String, Vec<String>)> = Vec::new();
    let mut say = |name: &str, about: String| match named.iter_mut().find(|(n, _)| n == name) {
        Some((_, said)) => said.push(about),
        None => named.push((name.to_string(), vec![about])),
    };
    for table in &scores.tables {
        let columns: Vec<&str> = table.columns.iter().map(String::as_str).collect();
        for row in &table.rows {
            match (columns.as_slice(), row.as_slice()) {
                (["statement", "missed", "said in excess"], [id, missed, excess]) => {
                    missed.split_whitespace().for_each(|n| say(n, format!("{id}: missed")));
                    excess.split_whitespace().for_each(|n| say(n, format!("{id}: said in excess")));
                }
                (["strip", ..], [name, theirs, ours]) => say(name, format!("experts: {theirs}, ours: {ours}")),
                (["record", "readers", "score"], [name, readers, score]) => {
                    say(name, format!("readers: {readers}, our quality score: {score}"));
                }
                _ => {}
            }
        }
    }
    named.sort_by_key(|(_, said)| std::cmp::Reverse(said.len()));
    named.into_iter().map(|(name, said)| (name, said.join("; "))).collect()
}

fn open(path: &Path) -> Option<Recording> {
    let options = ReadOptions::default();
    ingest::read(&Source::open(path, &options.limits).ok()?, &options).ok()
}

fn by_statements(path: &Path, about: &str) -> Option<Worst> {
    let recording = open(path)?;
    let diagnosis = diagnose(&recording, &Options::default());
    let said: Vec<String> = diagnosis.interpretation.findings.iter().map(|f| f.wording().en.into_owned()).collect();
    let theirs = recording.comments.join("; ");
    let about = format!("{about} · ours: {} · file: {theirs}", said.join(", "));
    let ours = beats(&diagnosis.detection).into_iter().map(|(sample, text)| Mark { sample, text, alone: false });
    let reading = crate::evaluate::reading(&recording.name);
    Some(Worst { ours: ours.collect(), theirs: Vec::new(), from: 0, about, reading, recording })
}

fn beats(detection: &Detection) -> Vec<(usize, String)> {
    let letter = |class: BeatClass| if class == BeatClass::P { "/".into() } else { format!("{class:?}") };
    detection.beats.iter().map(|b| (b.qrs.peak, letter(b.class))).collect()
}

/// One record's agreement: what is unpaired, and the errors of what is paired.
struct Agreement {
    path: PathBuf,
    name: String,
    cost: f64,
    errors: Vec<(&'static str, f64)>,
}

fn by_marks<'a>(headers: impl Iterator<Item = &'a PathBuf>, lead: Option<usize>) -> Looked {
    let paths: Vec<&PathBuf> = headers.collect();
    let mut agreed: Vec<Agreement> = paths.par_iter().filter_map(|path| agreement(path, lead)).collect();
    let mut errors = Errors::new();
    for (point, error) in agreed.iter_mut().flat_map(|a| std::mem::take(&mut a.errors)) {
        errors.entry(point).or_default().push(error);
    }
    agreed.sort_by(|a, b| b.cost.total_cmp(&a.cost).then_with(|| a.name.cmp(&b.name)));
    let worst = agreed.iter().take(DRAWN).filter_map(|a| draw(&a.path, lead, a.cost)).collect();
    Looked { worst, errors }
}

/// Both sides' marks of one record: of beats where there is an `atr` file, of the waves of one lead where not.
fn marks(path: &Path, lead: Option<usize>) -> Option<(Recording, Vec<Mark>, Vec<Mark>)> {
    let mut recording = open(path)?;
    if path.with_extension("atr").is_file() {
        let theirs = recording.annotations.iter().filter(|a| &*a.annotator == "atr" && is_beat(a));
        let theirs: Vec<Mark> = theirs.map(|a| Mark { sample: a.sample, text: a.code.clone(), alone: true }).collect();
        // EC57 leaves ventricular flutter and fibrillation out.
        let marks: Vec<Annotation> = recording.annotations.iter().filter(|a| &*a.annotator == "atr").cloned().collect();
        let left_out = ec57::flutter(&marks, recording.rate, recording.len());
        let counts = |m: &Mark| !left_out.iter().any(|stretch| stretch.contains(&m.sample));
        let theirs: Vec<Mark> = theirs.into_iter().filter(counts).collect();
        if let Some(lead) = lead {
            recording = recording.select(&[lead]);
        }
        let ours = beats(&detect(&recording)).into_iter().map(|(sample, text)| Mark { sample, text, alone: true });
        let ours: Vec<Mark> = ours.filter(counts).collect();
        return Some((recording, theirs, ours));
    }
    let row = recording.leads.iter().position(|l| l.as_str() == "II")?;
    let theirs = wfdb::annotations(&std::fs::read(path.with_extension("ii")).ok()?).ok()?;
    let theirs = waves_of(&theirs);
    let detection = detect(&recording);
    let ours = detection.lead_waves.get(row)?.iter().flat_map(bounds).collect();
    Some((recording.select(&[row]), theirs, ours))
}

fn is_beat(a: &Annotation) -> bool {
    matches!(
        a.code.as_str(),
        "N" | "L" | "R" | "A" | "a" | "J" | "S" | "V" | "F" | "e" | "j" | "n" | "E" | "/" | "f" | "Q" | "r" | "B"
    )
}

/// Names of the six bounds.
const BOUNDS: [[&str; 2]; 3] = [["P on", "P off"], ["QRS on", "QRS off"], ["T on", "T off"]];

fn waves_of(marks: &[Annotation]) -> Vec<Mark> {
    let mut found = Vec::new();
    for three in marks.windows(3) {
        let Some(wave) = ["p", "N", "t"].iter().position(|c| *c == three[1].code) else { continue };
        for (mark, end) in [(&three[0], 0), (&three[2], 1)] {
            if mark.code == ["(", ")"][end] {
                found.push(Mark { sample: mark.sample, text: BOUNDS[wave][end].into(), alone: true });
            }
        }
    }
    found
}

fn bounds(waves: &LeadWaves) -> Vec<Mark> {
    let both = |wave: Option<Wave>, n: usize| {
        let mark = move |sample, end: usize| Mark { sample, text: BOUNDS[n][end].into(), alone: true };
        wave.into_iter().flat_map(move |w| [mark(w.onset, 0), mark(w.offset, 1)])
    };
    both(waves.p, 0).chain(both(waves.qrs, 1)).chain(both(waves.t, 2)).collect()
}

/// Pairs the marks: each of theirs with the nearest free one of ours of the same kind (beats: of any class) within the
/// window; returns the errors of the pairs and the number of those without.
fn pair(recording: &Recording, theirs: &mut [Mark], ours: &mut [Mark]) -> (Vec<(&'static str, f64)>, usize) {
    let window = recording.rate.samples(WINDOW);
    let kind = |m: &Mark| BOUNDS.as_flattened().iter().copied().find(|b| *b == m.text).unwrap_or("beat");
    // Nothing is judged outside the experts' marks.
    let span = theirs.first().zip(theirs.last()).map(|(a, b)| (a.sample.saturating_sub(window), b.sample + window));
    let mut errors = Vec::new();
    for mark in theirs.iter_mut() {
        let near =
            ours.iter_mut().filter(|o| o.alone && kind(o) == kind(mark) && o.sample.abs_diff(mark.sample) <= window);
        if let Some(found) = near.min_by_key(|o| o.sample.abs_diff(mark.sample)) {
            errors.push((kind(mark), recording.rate.ms(found.sample as f64 - mark.sample as f64).0));
            (found.alone, mark.alone) = (false, false);
        }
    }
    for mark in ours.iter_mut().filter(|o| !span.is_some_and(|(a, b)| (a..=b).contains(&o.sample))) {
        mark.alone = false;
    }
    let lost = theirs.iter().chain(ours.iter()).filter(|m| m.alone).count();
    (errors, lost)
}

fn agreement(path: &Path, lead: Option<usize>) -> Option<Agreement> {
    let (recording, mut theirs, mut ours) = marks(path, lead)?;
    let (errors, lost) = pair(&recording, &mut theirs, &mut ours);
    // An unpaired mark weighs as an error of the whole window.
    let paired: f64 = errors.iter().filter(|(point, _)| *point != "beat").map(|(_, e)| e.abs()).sum();
    let all = theirs.len().max(1) as f64;
    let cost = (paired + WINDOW.0 * lost as f64) / all;
    Some(Agreement { path: path.to_path_buf(), name: recording.name, cost, errors })
}

/// The ten seconds of a record that hold most unpaired marks.
fn draw(path: &Path, lead: Option<usize>, cost: f64) -> Option<Worst> {
    let (recording, mut theirs, mut ours) = marks(path, lead)?;
    let (_, lost) = pair(&recording, &mut theirs, &mut ours);
    let span = recording.rate.samples(Ms(SECONDS * 1000.0)).max(1);
    let lone =
        |from: usize| theirs.iter().chain(&ours).filter(|m| m.alone && (from..from + span).contains(&m.sample)).count();
    let last = recording.len().saturating_sub(span);
    let from = (0..=last).step_by((span / 2).max(1)).max_by_key(|from| (lone(*from), std::cmp::Reverse(*from)))?;
    let about = format!("{lost} marks without a partner; mean cost {cost:.1} ms a mark");
    Some(Worst { recording, from, theirs, ours, about, reading: None })
}
