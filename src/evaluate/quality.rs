//! Suite `cinc2011`: whether our quality score tells acceptable from unacceptable 12-lead ECGs.
//!
//! PhysioNet/CinC Challenge 2011 (Silva, Moody & Celi, Comput Cardiol 38:273): text files of 5000 lines, sample index
//! and twelve integers, in the folders `group-I` (acceptable) and `group-II` (unacceptable). Scored by the area under
//! the ROC curve, which needs no threshold.

use super::{EvaluateError, Figure, Scores, Suite, SuiteOptions, Table};
use crate::detect::detect;
use crate::signal::{Hz, LeadName, Recording};
use crate::text::Text;
use ndarray::Array2;
use rayon::prelude::*;
use std::fs;
use std::path::{Path, PathBuf};

/// The suite.
pub static SUITE: Suite = Suite {
    id: "cinc2011",
    name: Text::new("CinC 2011 信号质量", "CinC 2011 signal quality"),
    about: Text::new(
        "质量评分区分“可接受”与“不可接受”十二导联心电图的 ROC 曲线下面积",
        "area under the ROC curve of the quality score, acceptable against unacceptable 12-lead ECGs",
    ),
    run,
};

const RATE: Hz = Hz(500.0);
/// Millivolts a unit.
const UNIT_MV: f32 = 0.005;

fn run(folder: &Path, _options: &SuiteOptions) -> Result<Scores, EvaluateError> {
    let files: Vec<(bool, PathBuf)> = [(true, "group-I"), (false, "group-II")]
        .into_iter()
        .flat_map(|(good, group)| {
            let mut names: Vec<PathBuf> =
                fs::read_dir(folder.join(group)).into_iter().flatten().filter_map(|e| Some(e.ok()?.path())).collect();
            names.sort();
            names.into_iter().map(move |n| (good, n))
        })
        .collect();
    let mut scored: Vec<(f64, bool, String)> = files
        .par_iter()
        .filter_map(|(good, path)| {
            let name = path.file_stem()?.to_string_lossy().into_owned();
            let recording = parse(&fs::read_to_string(path).ok()?, &name)?;
            Some((detect(&recording).quality_score(), *good, name))
        })
        .collect();
    if !scored.iter().any(|s| s.1) || scored.iter().all(|s| s.1) {
        return Err(EvaluateError::NoRecords { folder: folder.display().to_string() });
    }
    scored.sort_by(|a, b| a.0.total_cmp(&b.0).then_with(|| a.2.cmp(&b.2)));
    let pairs: Vec<(f64, bool)> = scored.iter().map(|s| (s.0, s.1)).collect();
    let area = auc(&pairs);
    let gross = Table {
        title: "Acceptable against unacceptable".into(),
        columns: ["acceptable", "unacceptable", "AUC"].map(String::from).to_vec(),
        rows: vec![vec![
            pairs.iter().filter(|p| p.1).count().to_string(),
            pairs.iter().filter(|p| !p.1).count().to_string(),
            format!("{area:.4}"),
        ]],
    };
    let group = |good: bool| if good { "acceptable" } else { "unacceptable" };
    let rows = scored.iter().map(|(score, good, name)| vec![name.clone(), group(*good).into(), format!("{score:.3}")]);
    let records = Table {
        title: "By record, worst first".into(),
        columns: ["record", "readers", "score"].map(String::from).to_vec(),
        rows: rows.collect(),
    };
    let figures = vec![Figure { id: "quality.auc_percent".into(), value: 100.0 * area, higher_is_better: true }];
    Ok(Scores { tables: vec![gross, records], figures })
}

/// One file; `None` when it is not of this form.
fn parse(text: &str, name: &str) -> Option<Recording> {
    let mut values = Vec::new();
    for line in text.lines().filter(|l| !l.trim().is_empty()) {
        let numbers = line.split(|c: char| c == ',' || c.is_whitespace()).filter(|v| !v.is_empty());
        let row: Vec<f32> = numbers.map(str::parse).collect::<Result<_, _>>().ok()?;
        values.extend(row.get(1..13)?.iter().map(|v| v * UNIT_MV));
    }
    let samples = Array2::from_shape_vec((values.len() / 12, 12), values).ok()?;
    Some(Recording::new(name, LeadName::TWELVE.to_vec(), RATE, samples.t().as_standard_layout().into_owned()))
}

/// Area under the ROC curve: how often a true one scores higher than a false one, ties half (Mann–Whitney).
pub fn auc(scored: &[(f64, bool)]) -> f64 {
    let of = |good: bool| -> Vec<f64> { scored.iter().filter(|s| s.1 == good).map(|s| s.0).collect() };
    let (yes, no) = (of(true), of(false));
    if yes.is_empty() || no.is_empty() {
        return f64::NAN;
    }
    let win = |y: f64, n: f64| if y > n { 1.0 } else { 0.5 * f64::from(u8::from(y == n)) };
    let wins: f64 = yes.iter().flat_map(|&y| no.iter().map(move |&n| win(y, n))).sum();
    wins / (yes.len() * no.len()) as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn area_under_the_curve_by_hand() {
        assert!((auc(&[(0.1, false), (0.4, true), (0.35, false), (0.8, true)]) - 1.0).abs() < 1e-12);
        assert!((auc(&[(0.5, false), (0.5, true)]) - 0.5).abs() < 1e-12);
        assert!((auc(&[(0.9, false), (0.2, true), (0.95, true)]) - 0.5).abs() < 1e-12);
    }

    #[test]
    fn lines_become_leads() {
        let line =
            |i: usize| (0..13).map(|k| if k == 0 { i } else { k * 100 }.to_string()).collect::<Vec<_>>().join(",");
        let text = [line(0), line(1)].join("\n");
        let recording = parse(&text, "t").unwrap();
        assert_eq!(recording.samples.dim(), (12, 2));
        assert_eq!(recording.samples[[1, 1]], 1.0);
        assert!(parse("0,1,2\n", "t").is_none());
    }
}
