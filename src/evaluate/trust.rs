//! Trains the network of [`crate::detect::trust`]: `mitdb` under simulated noise, seeded: the same records give the same
//! weights.
//!
//! Minutes 5 to 10 of each record, with both leads and the first alone, without noise and under electrode motion, muscle noise
//! and wander at 12 … −6 dB (as [`super::noise`] sizes them). A stretch is right when no beat in it is missed or extra. What
//! the network is worth is told on records held out, in five parts; suite `noise` tells it on simulated ECGs, none of
//! which it learnt from.

use super::beats::{headers, percent, restrict};
use super::ec57;
use super::quality::auc;
use super::{EvaluateError, Table};
use crate::detect::trust::{FEATURES, Stretch, probability};
use crate::detect::{BeatClass, describe_stretches};
use crate::dsp::network::{Example, Training};
use crate::dsp::scaled::Scaled;
use crate::ingest;
use crate::signal::{Mv, Recording};
use crate::simulate::{Noise, Placement, noise};
use ndarray::{Axis, Slice};
use rayon::prelude::*;
use std::ops::Range;
use std::path::Path;

const HOW: Training = Training { hidden: 4, epochs: 30, batch: 64, rate: 0.01, decay: 0.002, seed: 5 };
/// Parts of the records that are held out in turn.
const PARTS: usize = 5;
/// The stretch of every record that is used, s.
const FROM_S: f64 = 300.0;
const TO_S: f64 = 600.0;
const LEVELS_DB: [f64; 4] = [12.0, 6.0, 0.0, -6.0];
/// Half of the stretch in which a QRS is measured, s.
const QRS_S: f64 = 0.07;

/// Detected and reference beats of a stretch that agree, and those that do not.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Agreement {
    /// Beats found rightly.
    pub found: usize,
    /// Beats missed.
    pub missed: usize,
    /// Beats that are none.
    pub extra: usize,
}

impl Agreement {
    /// Within `range` of samples.
    pub fn within(pairs: &[(Option<usize>, Option<usize>)], range: &Range<usize>) -> Self {
        let mut out = Self::default();
        for pair in pairs {
            let (at, side) = match *pair {
                (Some(r), Some(_)) => (r, &mut out.found),
                (Some(r), None) => (r, &mut out.missed),
                (None, Some(t)) => (t, &mut out.extra),
                (None, None) => continue,
            };
            if range.contains(&at) {
                *side += 1;
            }
        }
        out
    }

    /// Whether none is missed or extra.
    pub fn right(self) -> bool {
        self.missed + self.extra == 0
    }
}

/// Pairs of reference and test beats as samples.
pub fn pairs(reference: &[usize], test: &[usize], window: usize) -> Vec<(Option<usize>, Option<usize>)> {
    let marks = |at: &[usize]| at.iter().map(|&a| (a, BeatClass::N)).collect::<Vec<ec57::Mark>>();
    let sample = |side: &[usize], k: Option<usize>| k.and_then(|k| side.get(k).copied());
    let all = ec57::pair(&marks(reference), &marks(test), window);
    all.into_iter().map(|(r, t)| (sample(reference, r), sample(test, t))).collect()
}

struct Case {
    record: usize,
    /// Kind of noise and its level, dB; `None` = none was added.
    noise: Option<(usize, f64)>,
    features: Option<[f32; FEATURES]>,
    agreement: Agreement,
}

/// Trains on all records under `folder`; returns the weights as text and what they are worth on records held out.
pub fn trust(folder: &Path) -> Result<(String, Vec<Table>), EvaluateError> {
    let headers = headers(folder);
    let cases: Vec<Case> = headers
        .par_iter()
        .enumerate()
        .map(|(k, h)| record(k, h))
        .collect::<Result<Vec<_>, _>>()?
        .into_iter()
        .flatten()
        .collect();
    let model = train(cases.iter()).ok_or_else(|| EvaluateError::NoRecords { folder: folder.display().to_string() })?;
    let (mut hidden, mut out) = (Vec::new(), Vec::new());
    let mut scored: Vec<(f64, &Case)> = Vec::new();
    for part in 0..PARTS {
        let Some(held) = train(cases.iter().filter(|c| c.record % PARTS != part)) else { continue };
        for case in cases.iter().filter(|c| c.record % PARTS == part) {
            let score = case.features.map_or(0.0, |f| probability(&held, &f, &mut hidden, &mut out));
            scored.push((score, case));
        }
    }
    Ok((model.to_text(), tables(&scored)))
}

fn record(record: usize, header: &Path) -> Result<Vec<Case>, EvaluateError> {
    let whole = ingest::open(header)?;
    let rate = whole.rate;
    let at = |s: f64| ((s * rate.0) as usize).min(whole.len());
    let (from, to) = (at(FROM_S), at(TO_S));
    let atr: Vec<_> = whole.annotations.iter().filter(|a| &*a.annotator == "atr").cloned().collect();
    let flutter = ec57::flutter(&atr, rate, whole.len());
    let reference: Vec<usize> =
        ec57::beats_of(&atr).iter().map(|m| m.0).filter(|a| (from..to).contains(a)).map(|a| a - from).collect();
    let mut clean = whole.clone();
    clean.annotations.clear();
    clean.samples = whole.samples.slice_axis(Axis(1), Slice::from(from..to)).to_owned();
    let size = qrs_size(&clean, &reference);
    let mut cases = Vec::new();
    let mut look = |recording: &Recording, noise: Option<(usize, f64)>| {
        let (test, stretches) = describe_stretches(recording);
        let pairs = pairs(&reference, &test, rate.samples(ec57::MATCH));
        let uncounted = |r: &Range<usize>| flutter.iter().any(|f| f.start < r.end + from && r.start + from < f.end);
        let counted = stretches.into_iter().filter(|s| !uncounted(&s.0));
        cases.extend(counted.map(|(range, features): Stretch| Case {
            record,
            noise,
            features,
            agreement: Agreement::within(&pairs, &range),
        }));
    };
    for view in [None, Some(0)] {
        look(&restrict(clean.clone(), view), None);
        for (kind, (_, shares)) in super::noise::KINDS.iter().enumerate() {
            for db in LEVELS_DB {
                let rms = size / 8.0_f64.sqrt() / 10.0_f64.powf(db / 20.0);
                let [motion, muscle, wander] = shares.map(|s| Mv(s * rms));
                let mut noisy = clean.clone();
                let noise = Noise { wander, muscle, motion, ..Noise::default() };
                noise::add(
                    &mut noisy,
                    &noise,
                    &Placement::default(),
                    (10 * record + kind) as u64 + (db + 6.0) as u64 * 1000,
                );
                look(&restrict(noisy, view), Some((kind, db)));
            }
        }
    }
    Ok(cases)
}

/// Median peak-to-peak size of the beats of the first lead, mV.
fn qrs_size(recording: &Recording, beats: &[usize]) -> f64 {
    let half = ((QRS_S * recording.rate.0) as usize).max(1);
    let Some(row) = recording.samples.rows().into_iter().next() else { return 0.0 };
    let size = |at: usize| {
        let part = row.iter().skip(at.saturating_sub(half)).take(2 * half);
        let (low, high) = part.fold((f32::INFINITY, f32::NEG_INFINITY), |(l, h), &v| (l.min(v), h.max(v)));
        high - low
    };
    let mut sizes: Vec<f32> = beats.iter().map(|&b| size(b)).filter(|s| s.is_finite()).collect();
    f64::from(crate::dsp::median(&mut sizes))
}

fn train<'a>(cases: impl Iterator<Item = &'a Case>) -> Option<Scaled> {
    let kept: Vec<(&[f32; FEATURES], bool)> =
        cases.filter_map(|c| c.features.as_ref().map(|f| (f, c.agreement.right()))).collect();
    let examples: Vec<Example> = kept.iter().map(|(f, right)| (&f[..], usize::from(*right), 1.0)).collect();
    Scaled::train(&examples, 2, &HOW, 1)
}

fn tables(scored: &[(f64, &Case)]) -> Vec<Table> {
    let low = scored.iter().filter(|s| s.1.noise.is_some_and(|n| n.1 <= 6.0));
    let pairs: Vec<(f64, bool)> = low.map(|s| (s.0, s.1.agreement.right())).collect();
    let area = Table {
        title: "Trust against detector error at 6 dB and below, records held out".into(),
        columns: ["stretches", "right", "AUC"].map(String::from).to_vec(),
        rows: vec![vec![
            pairs.len().to_string(),
            pairs.iter().filter(|p| p.1).count().to_string(),
            format!("{:.3}", auc(&pairs)),
        ]],
    };
    let mut rows = Vec::new();
    for (kind, (name, _)) in super::noise::KINDS.iter().enumerate() {
        for db in LEVELS_DB {
            let here: Vec<(f64, Agreement)> =
                scored.iter().filter(|s| s.1.noise == Some((kind, db))).map(|s| (s.0, s.1.agreement)).collect();
            rows.push(row(name, db, &here));
        }
    }
    vec![area, Table { title: "MIT-BIH under noise, records held out".into(), columns: columns(), rows }]
}

/// Head of the rows of [`row`].
pub fn columns() -> Vec<String> {
    ["noise", "dB", "Se %", "+P %", "gated Se %", "gated +P %", "spoken of %"].map(String::from).to_vec()
}

/// Beats of all stretches, and of those whose trust reaches [`super::noise::SPEAKS`].
pub fn row(name: &str, db: f64, stretches: &[(f64, Agreement)]) -> Vec<String> {
    let sum = |keep: &dyn Fn(f64) -> bool| {
        let mut total = ec57::Counts::default();
        for (_, a) in stretches.iter().filter(|s| keep(s.0)) {
            total.found += a.found;
            total.missed += a.missed;
            total.extra += a.extra;
        }
        total
    };
    let speaks = |trust: f64| trust >= super::noise::SPEAKS;
    let (all, gated) = (sum(&|_| true), sum(&speaks));
    let spoken = stretches.iter().filter(|s| speaks(s.0)).count() as f64 / stretches.len().max(1) as f64;
    vec![
        name.into(),
        format!("{db:.0}"),
        percent(all.sensitivity()),
        percent(all.predictivity()),
        percent(gated.sensitivity()),
        percent(gated.predictivity()),
        format!("{:.0}", 100.0 * spoken),
    ]
}
