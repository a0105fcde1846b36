//! Suite `noise`: beats under electrode motion, muscle noise and wander at 24 … −6 dB, on simulated ECGs of known truth.
//!
//! The signal-to-noise ratio is WFDB's `nst`'s: an eighth of the squared QRS size against the noise's mean square (Moody,
//! Muldrow & Mark, Comput Cardiol 11:381, 1984). Noise lies over the whole recording, not over every other two minutes
//! of it as in NSTDB, whose figures are therefore about half as bad. One lead (II), four rhythms of two minutes. Gated: only
//! stretches (of ten seconds) in which the beats' trust reaches [`SPEAKS`] are counted. The folder is not read.

use super::ec57::{self, Counts};
use super::quality::auc;
use super::trust::{Agreement, columns, pairs, row};
use super::{EvaluateError, Figure, Scores, Suite, SuiteOptions, Table};
use crate::detect::detect;
use crate::signal::{LeadName, Mv};
use crate::simulate::{Script, rhythm, simulate};
use crate::text::Text;
use rayon::prelude::*;
use std::path::Path;

/// The suite.
pub static SUITE: Suite = Suite {
    id: "noise",
    name: Text::new("噪声压力测试", "noise stress"),
    about: Text::new(
        "模拟心电图叠加电极运动、肌电和基线漂移噪声(24…−6 dB)时的心搏检出,含质量门控前后对比;不读取数据文件夹",
        "beat detection on simulated ECGs under electrode motion, muscle noise and wander at 24 … −6 dB, with and without the quality gate; the data folder is not read",
    ),
    run,
};

const LEVELS_DB: [f64; 6] = [24.0, 18.0, 12.0, 6.0, 0.0, -6.0];
const RHYTHMS: [&str; 4] = ["sinus", "fibrillation", "pvc", "sinus-tachycardia"];
/// Seeds of each rhythm, kind and level.
const SEEDS: u64 = 3;
const SECONDS: f64 = 120.0;
/// Trust from which on the detector's word counts: more likely right than not.
pub const SPEAKS: f64 = 0.5;

/// A kind of noise: its name and the RMS of motion, muscle and wander before scaling.
pub const KINDS: [(&str, [f64; 3]); 3] =
    [("electrode motion", [1.0, 0.0, 0.0]), ("muscle", [0.0, 1.0, 0.0]), ("wander", [0.0, 0.0, 1.0])];

/// One recording: trust and truth of each stretch.
struct Cell {
    kind: usize,
    level: usize,
    stretches: Vec<(f64, Agreement)>,
}

#[allow(clippy::unnecessary_wraps)] // the shape of every suite
fn run(_folder: &Path, _options: &SuiteOptions) -> Result<Scores, EvaluateError> {
    let mut jobs = Vec::new();
    for kind in 0..KINDS.len() {
        for level in 0..LEVELS_DB.len() {
            for rhythm in RHYTHMS {
                jobs.extend((0..SEEDS).map(|seed| (kind, level, rhythm, seed)));
            }
        }
    }
    let cells: Vec<Cell> =
        jobs.into_par_iter().filter_map(|(kind, level, rhythm, seed)| cell(kind, level, rhythm, seed)).collect();
    Ok(report(&cells))
}

fn cell(kind: usize, level: usize, id: &str, seed: u64) -> Option<Cell> {
    let mut script = Script::new(id, rhythm::find(id)?);
    script.seconds = SECONDS;
    script.leads = vec![LeadName::II];
    script.seed = 100 * seed + level as u64;
    let clean = script.clone();
    let [motion, muscle, wander] = KINDS[kind].1;
    (script.noise.motion, script.noise.muscle, script.noise.wander) = (Mv(motion), Mv(muscle), Mv(wander));
    script.noise = script.noise.at_snr(&clean, LEVELS_DB[level]);
    let truth = simulate(&script);
    let found = detect(&truth.recording);
    let reference: Vec<usize> = truth.truth.beats.iter().map(|b| b.qrs.peak).collect();
    let test: Vec<usize> = found.beats.iter().map(|b| b.qrs.peak).collect();
    let pairs = pairs(&reference, &test, script.rate.samples(ec57::MATCH));
    let stretches = found.trust.iter().map(|t| (t.score, Agreement::within(&pairs, &(t.from..t.to)))).collect();
    Some(Cell { kind, level, stretches })
}

fn report(cells: &[Cell]) -> Scores {
    let mut table =
        Table { title: "Beats under noise (simulated, lead II)".into(), columns: columns(), rows: Vec::new() };
    let mut figures = Vec::new();
    let of = |keep: &dyn Fn(&Cell) -> bool| -> Vec<(f64, Agreement)> {
        cells.iter().filter(|c| keep(c)).flat_map(|c| c.stretches.iter().copied()).collect()
    };
    for (kind, (name, _)) in KINDS.iter().enumerate() {
        for (level, db) in LEVELS_DB.iter().enumerate() {
            let here = of(&|c| c.kind == kind && c.level == level);
            table.rows.push(row(name, *db, &here));
            let mut all = Counts::default();
            for (_, a) in here.iter().filter(|s| s.0 >= SPEAKS) {
                all.found += a.found;
                all.extra += a.extra;
            }
            if let Some(value) = all.predictivity() {
                let id = format!("noise.{}.{db:.0}db.gated_predictivity", name.replace(' ', "_"));
                figures.push(Figure { id, value, higher_is_better: true });
            }
        }
    }
    // At 6 dB and below: does trust know in which stretches a beat is missed or extra?
    let low = of(&|c| LEVELS_DB[c.level] <= 6.0);
    let pairs: Vec<(f64, bool)> = low.iter().map(|s| (s.0, s.1.right())).collect();
    let area = auc(&pairs);
    let index = Table {
        title: "Trust against detector error, 6 dB and below".into(),
        columns: ["stretches", "right", "AUC"].map(String::from).to_vec(),
        rows: vec![vec![
            pairs.len().to_string(),
            pairs.iter().filter(|p| p.1).count().to_string(),
            format!("{area:.3}"),
        ]],
    };
    if area.is_finite() {
        figures.push(Figure { id: "noise.trust_auc_percent".into(), value: 100.0 * area, higher_is_better: true });
    }
    Scores { tables: vec![table, index], figures }
}
