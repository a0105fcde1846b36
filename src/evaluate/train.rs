//! Trains the networks of [`crate::detect::classes`] on WFDB records with `.atr` beats, seeded: the same records give the
//! same weights.
//!
//! Every record counts alike: a class is weighed down where a record is full of it. Records with paced beats are left
//! out, fusion and unclassifiable beats too. What the networks are worth is told by leaving each record out in turn.

use super::beats::{headers, restrict};
use super::ec57::{self, Tally};
use super::{EvaluateError, Table};
use crate::detect::classes::{CLASSES, Model, classify, early};
use crate::detect::describe::FEATURES;
use crate::detect::{BeatClass, describe_beats};
use crate::dsp::network::{Example, Training};
use crate::dsp::scaled::Scaled;
use crate::ingest;
use crate::signal::Recording;
use ndarray::{Axis, Slice};
use rayon::prelude::*;
use std::path::Path;

/// How each of the networks was found; their seeds follow one another.
const HOW: Training = Training { hidden: 12, epochs: 8, batch: 128, rate: 0.01, decay: 0.01, seed: 3 };
/// The same for those of early beats.
const HOW_EARLY: Training = Training { hidden: 16, epochs: 12, batch: 64, rate: 0.01, decay: 0.003, seed: 5 };
/// Networks whose mean is shipped.
const TOGETHER: u64 = 5;
/// Besides whole records, strips of this length are learnt from, one every [`STRIP_EVERY`], s: most ECGs are short.
const STRIP_S: f64 = 10.0;
const STRIP_EVERY: f64 = 30.0;
/// A record counts as at most so many beats of N, S and V.
const MOST: [f32; 3] = [400.0, 225.0, 200.0];
/// A view counts as at most so many early beats that are supraventricular and that are not, each of them as so much at most.
const MOST_EARLY: f32 = 150.0;
const TOP_EARLY: f32 = 1.5;
/// Of the normal beats every so many are learnt from.
const EVERY: usize = 4;

/// Beats of one stretch of a record.
struct View {
    features: Vec<[f32; FEATURES]>,
    runs: Vec<bool>,
    /// Reference class of each detected beat; `None` = not learnt from.
    truth: Vec<Option<BeatClass>>,
}

/// What is learnt from a record: the whole through all leads and through the first alone, and strips; and what it is judged by.
struct Views {
    name: String,
    whole: View,
    first_lead: View,
    /// Strips against their most frequent shape …
    strips: Vec<View>,
    /// … and against their basic rhythm, as they are classed.
    classed: Vec<View>,
}

/// Trains on all records under `folder`; returns the weights as text and the table of leaving one record out.
pub fn classes(folder: &Path) -> Result<(String, Table), EvaluateError> {
    let headers = headers(folder);
    let each = headers.par_iter().map(|h| views(h)).collect::<Result<Vec<_>, _>>()?;
    let records: Vec<Views> = each.into_iter().flatten().collect();
    if records.is_empty() {
        return Err(EvaluateError::NoRecords { folder: folder.display().to_string() });
    }
    let tallies: Vec<(String, Tally, Tally)> = records
        .par_iter()
        .filter_map(|r| {
            let model = train(records.iter().filter(|o| o.name != r.name))?;
            Some((r.name.clone(), tally([&r.whole], &model), tally(&r.classed, &model)))
        })
        .collect();
    let model = train(records.iter()).map_or_else(String::new, |m| m.to_text());
    Ok((model, table(&tallies)))
}

/// `None` of a record with paced beats.
fn views(header: &Path) -> Result<Option<Views>, EvaluateError> {
    let recording = ingest::open(header)?;
    let marks: Vec<_> = recording.annotations.iter().filter(|a| &*a.annotator == "atr").cloned().collect();
    if marks.iter().any(|m| m.code == "/") {
        return Ok(None);
    }
    let reference = ec57::beats_of(&marks);
    let rate = recording.rate;
    let view = |part: &Recording, reference: &[ec57::Mark], basic: bool| {
        let beats = describe_beats(part, basic);
        let test: Vec<_> = beats.fiducials.iter().map(|&a| (a, BeatClass::N)).collect();
        let mut truth = vec![None; test.len()];
        for (r, t) in ec57::pair(reference, &test, rate.samples(ec57::MATCH)) {
            if let (Some(r), Some(t)) = (r, t) {
                truth[t] = Some(reference[r].1);
            }
        }
        View { features: beats.features, runs: beats.runs, truth }
    };
    let (long, every) = ((STRIP_S * rate.0) as usize, ((STRIP_EVERY * rate.0) as usize).max(1));
    let (mut strips, mut classed) = (Vec::new(), Vec::new());
    for from in (0..recording.len().saturating_sub(long)).step_by(every) {
        let mut part = recording.clone();
        part.samples = recording.samples.slice_axis(Axis(1), Slice::from(from..from + long)).to_owned();
        let inside: Vec<ec57::Mark> =
            reference.iter().filter(|m| (from..from + long).contains(&m.0)).map(|m| (m.0 - from, m.1)).collect();
        strips.push(view(&part, &inside, false));
        classed.push(view(&part, &inside, true));
    }
    Ok(Some(Views {
        name: header.file_stem().map_or_else(String::new, |n| n.to_string_lossy().into_owned()),
        whole: view(&recording, &reference, false),
        first_lead: view(&restrict(recording.clone(), Some(0)), &reference, false),
        strips,
        classed,
    }))
}

fn train<'a>(records: impl Iterator<Item = &'a Views>) -> Option<Model> {
    let (mut all, mut of_early): (Vec<Example>, Vec<Example>) = (Vec::new(), Vec::new());
    for r in records {
        let strips: Vec<&View> = r.strips.iter().collect();
        for part in [&[&r.whole][..], &[&r.first_lead][..], &strips[..]] {
            learn(part.iter().copied(), &mut all, &mut of_early);
        }
    }
    let all = Scaled::train(&all, CLASSES.len(), &HOW, TOGETHER)?;
    Some(Model { all, early: Scaled::train(&of_early, 2, &HOW_EARLY, TOGETHER)? })
}

/// Adds the beats of views that count as one.
fn learn<'a>(views: impl Iterator<Item = &'a View>, all: &mut Vec<Example<'a>>, of_early: &mut Vec<Example<'a>>) {
    let beats = views.flat_map(|v| v.features.iter().zip(&v.truth)).enumerate();
    let known: Vec<(usize, &[f32; FEATURES], usize)> =
        beats.filter_map(|(b, (f, truth))| Some((b, f, CLASSES.iter().position(|c| Some(*c) == *truth)?))).collect();
    let mut weight = [0.0_f32; 3];
    for (c, w) in weight.iter_mut().enumerate() {
        let count = known.iter().filter(|l| l.2 == c).count() as f32;
        let top = if c == 1 { 1.5 } else { 1.0 };
        *w = (MOST[c] / count.max(1.0)).min(top);
    }
    weight[0] *= EVERY as f32;
    let kept = known.iter().filter(|(b, _, c)| *c > 0 || b % EVERY == 0);
    all.extend(kept.map(|&(_, f, c)| (&f[..], c, weight[c])));
    let before_time: Vec<(&[f32; FEATURES], usize)> =
        known.iter().filter(|k| early(k.1)).map(|&(_, f, c)| (f, usize::from(c == 1))).collect();
    let weight = [0, 1].map(|s| {
        let count = before_time.iter().filter(|l| l.1 == s).count() as f32;
        (MOST_EARLY / count.max(1.0)).min(TOP_EARLY)
    });
    of_early.extend(before_time.iter().map(|&(f, s)| (&f[..], s, weight[s])));
}

fn tally<'a>(views: impl IntoIterator<Item = &'a View>, model: &Model) -> Tally {
    let mut tally = Tally::default();
    for view in views {
        for (ours, truth) in classify(&view.features, &view.runs, model).iter().zip(&view.truth) {
            if let Some(truth) = truth {
                tally.0[ec57::column(*truth)][ec57::column(*ours)] += 1;
            }
        }
    }
    tally
}

fn table(tallies: &[(String, Tally, Tally)]) -> Table {
    let columns = ["left out", "VEB Se", "VEB +P", "SVEB Se", "SVEB +P"].map(String::from).to_vec();
    let sum = |of: fn(&(String, Tally, Tally)) -> &Tally| {
        let mut gross = Tally::default();
        for t in tallies {
            gross.add(of(t));
        }
        gross
    };
    let row = |name: &str, t: &Tally| {
        let (v, s) = (t.veb(), t.sveb());
        let cells = [v.sensitivity(), v.predictivity(), s.sensitivity(), s.predictivity()].map(super::beats::percent);
        std::iter::once(name.to_string()).chain(cells).collect()
    };
    let mut rows: Vec<Vec<String>> = vec![row("all", &sum(|t| &t.1)), row("strips of 10 s", &sum(|t| &t.2))];
    rows.extend(tallies.iter().map(|(name, whole, _)| row(name, whole)));
    Table { title: "Classes of beats, each record left out of training in turn".into(), columns, rows }
}
