//! Suite `noise`: beats under electrode motion, muscle noise and wander at 24 … −6 dB, on simulated ECGs of known truth.
//!
//! The signal-to-noise ratio is WFDB's `nst`'s: an eighth of the squared QRS size against the noise's mean square (Moody,
//! Muldrow & Mark, Comput Cardiol 11:381, 1984). Noise lies over the whole recording, not over every other two minutes
//! of it as in NSTDB, whose figures are therefore about half as bad. One lead (II), four rhythms of two minutes. Gated: only
//! recordings whose quality score reaches [`SPEAKS`] are counted. The folder is not read.

use super::beats::percent;
use super::ec57::{self, Counts, Tally};
use super::quality::auc;
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
/// Quality score from which on the detector's word counts.
const SPEAKS: f64 = 0.3;

/// A kind of noise: its name and the RMS of motion, muscle and wander before scaling.
const KINDS: [(&str, [f64; 3]); 3] =
    [("electrode motion", [1.0, 0.0, 0.0]), ("muscle", [0.0, 1.0, 0.0]), ("wander", [0.0, 0.0, 1.0])];

struct Cell {
    kind: usize,
    level: usize,
    counts: Counts,
    tally: Tally,
    score: f64,
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
    let reference: Vec<ec57::Mark> = truth.truth.beats.iter().map(|b| (b.qrs.peak, b.class)).collect();
    let test: Vec<ec57::Mark> = found.beats.iter().map(|b| (b.qrs.peak, b.class)).collect();
    let tally = ec57::compare(&reference, &test, script.rate, &[], 0);
    Some(Cell { kind, level, counts: tally.beats(), tally, score: found.quality_score() })
}

fn report(cells: &[Cell]) -> Scores {
    let columns = ["noise", "dB", "Se %", "+P %", "gated Se %", "gated +P %", "spoken of %"].map(String::from).to_vec();
    let mut table = Table { title: "Beats under noise (simulated, lead II)".into(), columns, rows: Vec::new() };
    let mut figures = Vec::new();
    for (kind, (name, _)) in KINDS.iter().enumerate() {
        for (level, db) in LEVELS_DB.iter().enumerate() {
            let here: Vec<&Cell> = cells.iter().filter(|c| c.kind == kind && c.level == level).collect();
            let sum = |keep: &dyn Fn(&Cell) -> bool| {
                let mut total = Tally::default();
                here.iter().filter(|c| keep(c)).for_each(|c| total.add(&c.tally));
                total.beats()
            };
            let (all, gated) = (sum(&|_| true), sum(&|c| c.score >= SPEAKS));
            let spoken = here.iter().filter(|c| c.score >= SPEAKS).count();
            table.rows.push(vec![
                (*name).into(),
                format!("{db:.0}"),
                percent(all.sensitivity()),
                percent(all.predictivity()),
                percent(gated.sensitivity()),
                percent(gated.predictivity()),
                format!("{:.0}", 100.0 * spoken as f64 / here.len().max(1) as f64),
            ]);
            if let Some(value) = all.predictivity() {
                let id = format!("noise.{}.{db:.0}db.predictivity", name.replace(' ', "_"));
                figures.push(Figure { id, value, higher_is_better: true });
            }
        }
    }
    // At 6 dB and below: does the score know which recordings are detected badly (more than 3 % wrong)?
    let good = |c: &Counts| (c.missed + c.extra) * 100 <= 3 * (c.found + c.missed).max(1);
    let pairs: Vec<(f64, bool)> =
        cells.iter().filter(|c| LEVELS_DB[c.level] <= 6.0).map(|c| (c.score, good(&c.counts))).collect();
    let area = auc(&pairs);
    let index = Table {
        title: "Quality score against detector error, 6 dB and below".into(),
        columns: ["recordings", "well detected", "AUC"].map(String::from).to_vec(),
        rows: vec![vec![
            pairs.len().to_string(),
            pairs.iter().filter(|p| p.1).count().to_string(),
            format!("{area:.3}"),
        ]],
    };
    if area.is_finite() {
        figures.push(Figure { id: "noise.quality_auc_percent".into(), value: 100.0 * area, higher_is_better: true });
    }
    Scores { tables: vec![table, index], figures }
}
