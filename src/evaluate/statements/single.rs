//! Suite `cinc2017`: one-lead handheld strips (Clifford 2017) as normal, atrial fibrillation, other rhythm or too noisy;
//! the challenge's score is the mean F1 of the first three.

use super::super::{EvaluateError, Figure, Scores, Suite, Table};
use super::{any, maps, said, truth};
use crate::ingest::{ReadError, open};
use crate::pipeline::{Options, diagnose};
use crate::text::text;
use rayon::prelude::*;
use std::collections::BTreeMap;
use std::path::Path;

/// The suite.
pub static SUITE: Suite = Suite {
    id: "cinc2017",
    name: text("CinC 2017 单导联心律", "CinC 2017 one-lead rhythm"),
    about: text(
        "单导联手持记录分为正常、房颤、其他心律、噪声四类，按竞赛规则计算前三类F1均值",
        "one-lead handheld strips as normal, fibrillation, other rhythm or noise; the challenge's mean F1 of the first three",
    ),
    run: |folder, _| run(folder),
};

/// The challenge's classes: normal, fibrillation, other, noisy.
const CLASSES: [&str; 4] = ["N", "A", "O", "~"];
/// Our statements that leave a strip normal. The challenge's readers let bradycardia of athletes' degree pass (four of five
/// strips between 40 and 60 bpm), tachycardia not.
const NORMAL: &[&str] = &["sinus-rhythm", "sinus-arrhythmia", "sinus-bradycardia"];
/// Our statements that make a strip useless.
const NOISY: &[&str] = &["uninterpretable", "no-qrs-found"];

/// A strip's name, the experts' class and ours.
type Strip = (String, usize, usize);

fn run(folder: &Path) -> Result<Scores, EvaluateError> {
    let reference = reference(folder)?;
    let headers = truth::headers(folder)?;
    let pairs: Result<Vec<Option<Strip>>, EvaluateError> = headers
        .par_iter()
        .map(|header| {
            let name = header.file_stem().map(|s| s.to_string_lossy().into_owned()).unwrap_or_default();
            let Some(&theirs) = reference.get(&name) else { return Ok(None) };
            let interpretation = diagnose(&open(header)?, &Options::default()).interpretation;
            Ok(Some((name, theirs, class(&said(&interpretation.findings, interpretation.verdict)))))
        })
        .collect();
    Ok(report(&pairs?.into_iter().flatten().collect::<Vec<_>>()))
}

/// The class that our statements amount to.
fn class(ours: &[String]) -> usize {
    if any(ours, NOISY) {
        3
    } else if any(ours, maps::FIBRILLATION) || any(ours, maps::FLUTTER) {
        1
    } else if any(ours, NORMAL) && !any(ours, OTHER) {
        0
    } else {
        2
    }
}

/// Our statements that make a strip in sinus rhythm an "other rhythm".
const OTHER: &[&str] = &[
    "ventricular-premature-beats",
    "frequent-",
    "multiform-",
    "ventricular-",
    "atrial-premature-beats",
    "atrial-couplets",
    "atrial-bigeminy",
    "atrial-trigeminy",
    "atrial-run",
    "aberrant-",
    "junctional-",
    "pause",
    "sinus-pause",
    "wenckebach",
    "mobitz-ii",
    "sinoatrial-",
    "first-degree-av-block",
    "marked-first-degree-av-block",
    "nonconducted-",
    "r-on-t",
    "nonsustained-",
    "fusion-",
    "interpolated-",
    "right-bundle-",
    "left-bundle-",
    "ivcd",
    "preexcitation",
    "intermittent-pacing",
];

/// `REFERENCE.csv`: name and class.
fn reference(folder: &Path) -> Result<BTreeMap<String, usize>, EvaluateError> {
    let path = folder.join("REFERENCE.csv");
    let words =
        std::fs::read_to_string(&path).map_err(|cause| ReadError::Io { file: path.display().to_string(), cause })?;
    let pair = |line: &str| {
        let (name, class) = line.trim().split_once(',')?;
        Some((name.to_owned(), CLASSES.iter().position(|c| *c == class)?))
    };
    Ok(words.lines().filter_map(pair).collect())
}

fn report(pairs: &[Strip]) -> Scores {
    let mut counts = [[0usize; 4]; 4];
    for (_, theirs, ours) in pairs {
        counts[*theirs][*ours] += 1;
    }
    let f1 = |k: usize| {
        let (row, column): (usize, usize) = (counts[k].iter().sum(), counts.iter().map(|r| r[k]).sum());
        if row + column == 0 { 0.0 } else { 200.0 * counts[k][k] as f64 / (row + column) as f64 }
    };
    let mean = (f1(0) + f1(1) + f1(2)) / 3.0;
    let names = ["normal", "fibrillation", "other", "noisy"];
    let mut columns = vec!["experts' \\ ours".to_owned()];
    columns.extend(names.map(String::from));
    columns.push("F1 %".into());
    let rows = names
        .iter()
        .enumerate()
        .map(|(k, name)| {
            let mut cells = vec![(*name).to_owned()];
            cells.extend(counts[k].map(|n| n.to_string()));
            cells.push(format!("{:.1}", f1(k)));
            cells
        })
        .collect();
    let gross =
        Table { title: format!("CinC 2017, {} strips: mean F1 of N, A, O {mean:.1} %", pairs.len()), columns, rows };
    let wrong = Table {
        title: "Disagreements".into(),
        columns: ["strip", "experts'", "ours"].map(String::from).to_vec(),
        rows: pairs
            .iter()
            .filter(|(_, a, b)| a != b)
            .map(|(name, a, b)| vec![name.clone(), CLASSES[*a].into(), CLASSES[*b].into()])
            .collect(),
    };
    let figures = [("normal", f1(0)), ("fibrillation", f1(1)), ("other", f1(2)), ("mean", mean)]
        .map(|(id, value)| Figure { id: format!("cinc2017.{id}.f1"), value, higher_is_better: true });
    Scores { tables: vec![gross, wrong], figures: figures.to_vec() }
}
