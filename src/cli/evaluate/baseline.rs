//! Figures kept in a file, so that a change that makes something worse is seen: `--save`, `--against`.

use crate::evaluate::{Figure, Scores};
use crate::report::VERSION;
use crate::text::Text;
use serde::{Deserialize, Serialize};
use std::path::Path;

/// Decimals that are kept: finer differences are not worth a failure.
const DECIMALS: i32 = 2;

/// What a file holds.
#[derive(Serialize, Deserialize)]
struct Baseline {
    suite: String,
    version: String,
    figures: Vec<Kept>,
}

#[derive(Clone, Serialize, Deserialize)]
struct Kept {
    id: String,
    value: f64,
    higher_is_better: bool,
}

fn rounded(value: f64) -> f64 {
    let scale = 10f64.powi(DECIMALS);
    (value * scale).round() / scale
}

/// The figures as a file's content.
pub fn file(suite: &str, scores: &Scores) -> Result<Vec<u8>, serde_json::Error> {
    let keep = |f: &Figure| Kept { id: f.id.clone(), value: rounded(f.value), higher_is_better: f.higher_is_better };
    let figures = scores.figures.iter().filter(|f| f.value.is_finite()).map(keep).collect();
    let mut bytes = serde_json::to_vec_pretty(&Baseline { suite: suite.into(), version: VERSION.into(), figures })?;
    bytes.push(b'\n');
    Ok(bytes)
}

/// What became worse than the baseline at `path` says, one line a figure; empty = nothing did. The reason where the
/// file cannot serve.
pub fn drops(path: &Path, suite: &str, scores: &Scores) -> Result<Vec<Text>, Text> {
    let wrong =
        |zh: String, en: String| Text::of(format!("{}：{zh}", path.display()), format!("{}: {en}", path.display()));
    let bytes = std::fs::read(path).map_err(|e| {
        let why = crate::ingest::plain(&e);
        wrong(why.zh.into_owned(), why.en.into_owned())
    })?;
    let baseline: Baseline = serde_json::from_slice(&bytes)
        .map_err(|e| wrong(format!("不是基线文件（{e}）"), format!("no baseline ({e})")))?;
    if baseline.suite != suite {
        let other = &baseline.suite;
        return Err(wrong(format!("是评测集 {other} 的基线"), format!("is a baseline of the suite {other}")));
    }
    Ok(baseline.figures.iter().filter_map(|kept| drop(kept, scores)).collect())
}

fn drop(kept: &Kept, scores: &Scores) -> Option<Text> {
    let Kept { id, value: before, higher_is_better } = kept;
    let Some(now) = scores.figures.iter().find(|f| f.id == *id).map(|f| rounded(f.value)).filter(|v| v.is_finite())
    else {
        return Some(Text::of(format!("{id}：原为 {before}，现无此指标"), format!("{id}: was {before}, is gone")));
    };
    let worse = if *higher_is_better { now < *before } else { now.abs() > before.abs() };
    worse.then(|| Text::of(format!("{id}：由 {before} 变为 {now}"), format!("{id}: from {before} to {now}")))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn scores(values: &[(&str, f64, bool)]) -> Scores {
        let figure =
            |(id, value, up): &(&str, f64, bool)| Figure { id: (*id).into(), value: *value, higher_is_better: *up };
        Scores { figures: values.iter().map(figure).collect(), ..Scores::default() }
    }

    #[test]
    fn a_drop_is_seen_and_a_gain_is_not_one() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("b.json");
        let before =
            scores(&[("se", 99.801, true), ("sd", 9.5, false), ("mean", -1.0, false), ("nan", f64::NAN, true)]);
        std::fs::write(&path, file("mitdb", &before).unwrap()).unwrap();
        let check = |values: &[(&str, f64, bool)]| drops(&path, "mitdb", &scores(values)).unwrap().len();
        assert_eq!(check(&[("se", 99.799, true), ("sd", 9.4, false), ("mean", 0.5, false)]), 0);
        assert_eq!(check(&[("se", 99.7, true), ("sd", 9.6, false), ("mean", -1.2, false)]), 3);
        assert_eq!(check(&[("se", 99.9, true), ("sd", 9.0, false)]), 1, "a figure that is gone");
        assert!(drops(&path, "ludb", &before).is_err());
        std::fs::write(&path, "no json").unwrap();
        assert!(drops(&path, "mitdb", &before).unwrap_err().zh.contains("b.json"));
    }
}
