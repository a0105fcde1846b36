//! Suite `ludb`: bounds of P, QRS and T per lead, and global intervals, against cardiologists' marks.

mod learn;
mod score;
mod simulated;
mod spread;
pub mod train;
mod truth;

use super::{EvaluateError, Figure, Scores, Suite, SuiteOptions, Table};
use crate::detect::waves::BORNE_OUT;
use crate::detect::{LeadWaves, detect};
use crate::measure::{Global, measure};
use crate::signal::Hz;
use crate::text::Text;
use rayon::prelude::*;
use score::{Points, Tally, mean_sd};
use std::path::Path;
use truth::{LeadTruth, Record, WAVES};

/// The suite.
pub static SUITE: Suite = Suite {
    id: "ludb",
    name: Text::new("LUDB 波形定界", "LUDB delineation"),
    about: Text::new(
        "逐导联比较 P 波、QRS 波群、T 波的起点、峰值和终点与专家标注（150 ms 窗，仅计已标注的心搏），并按 IEC 60601-2-25 比较全导联间期",
        "onsets, peaks and ends of P, QRS and T per lead against the experts' (150 ms window, annotated beats only), and global intervals against the limits of IEC 60601-2-25",
    ),
    run,
};

/// Onset, peak, end as in figure names and as printed.
const PLACES: [(&str, &str); 3] = [("onset", "on"), ("peak", "peak"), ("offset", "off")];
/// Global intervals with the limits of IEC 60601-2-25 table 201.105 on biological ECGs: mean, SD of the difference, ms.
const INTERVALS: [(&str, f64, f64); 4] =
    [("P", 10.0, 15.0), ("PQ", 10.0, 10.0), ("QRS", 10.0, 10.0), ("QT", 25.0, 30.0)];

/// One record's scores.
pub struct RecordScore {
    name: String,
    points: Points,
    /// Ours minus the experts' P, PQ, QRS, QT, ms.
    intervals: [Option<f64>; 4],
    /// The same against the experts' outermost marks.
    outermost: [Option<f64>; 4],
    /// How far the experts' own marks lie apart.
    spread: [spread::Spread; 6],
    /// Whether a global P is measured, and whether the experts marked one.
    p: (bool, bool),
}

fn run(folder: &Path, _options: &SuiteOptions) -> Result<Scores, EvaluateError> {
    let headers = truth::records(folder)?;
    let scored: Result<Vec<RecordScore>, EvaluateError> = headers
        .par_iter()
        .map(|header| {
            let record = truth::read(header)?;
            let detection = detect(&record.recording);
            let global = measure(&record.recording, &detection).global;
            Ok(score(&record, &detection.lead_waves, &global))
        })
        .collect();
    Ok(report(&scored?))
}

/// Scores one record's bounds and global intervals.
pub fn score(record: &Record, lead_waves: &[Vec<LeadWaves>], global: &Global) -> RecordScore {
    let rate = record.recording.rate;
    let mut points = Points::default();
    for (truth, ours) in record.leads.iter().zip(lead_waves) {
        add(&mut points, &score::lead(truth, ours, rate));
    }
    let theirs = intervals(&record.leads, rate, BORNE_OUT);
    let widest = intervals(&record.leads, rate, [usize::MAX; 3]);
    let ours = [global.p_duration_ms, global.pr_ms, global.qrs_duration_ms, global.qt_ms];
    let from = |theirs: [Option<f64>; 4]| std::array::from_fn(|i| ours[i].zip(theirs[i]).map(|(a, b)| a.0 - b));
    RecordScore {
        name: record.recording.name.clone(),
        points,
        intervals: from(theirs),
        outermost: from(widest),
        spread: spread::of(&record.leads, rate),
        p: (global.p_duration_ms.is_some(), theirs[0].is_some()),
    }
}

fn add(sum: &mut Points, more: &Points) {
    for (a, b) in sum.iter_mut().flatten().zip(more.iter().flatten()) {
        a.add(b);
    }
}

/// The experts' global P, PQ, QRS and QT: for each beat the bounds over leads, then the median over the record's beats.
fn intervals(leads: &[LeadTruth], rate: Hz, borne_out: [usize; 3]) -> [Option<f64>; 4] {
    let mut values: [Vec<f64>; 4] = Default::default();
    let Some(anchors) = leads.iter().max_by_key(|l| l.waves[1].len()) else { return [None; 4] };
    for anchor in anchors.waves[1].iter().filter_map(|m| m.points[1]) {
        let [p, qrs, t] =
            [0, 1, 2].map(|w| bounds(leads, w, borne_out[w], |peak| spread::belongs(w, peak, anchor, rate)));
        let pairs = [p, p.zip(qrs).map(|(p, q)| (p.0, q.0)), qrs, qrs.zip(t).map(|(q, t)| (q.0, t.1))];
        for (values, pair) in values.iter_mut().zip(pairs) {
            values.extend(pair.map(|(a, b)| rate.ms(b as f64 - a as f64).0));
        }
    }
    values.map(|mut v| {
        let k = v.len() / 2;
        (!v.is_empty()).then(|| *v.select_nth_unstable_by(k, f64::total_cmp).1)
    })
}

/// Onset and end that one lead in `borne_out` marks at least so early and so late, of the waves whose peak is `near`; `None`
/// unless half of the leads have one.
fn bounds(leads: &[LeadTruth], wave: usize, borne_out: usize, near: impl Fn(usize) -> bool) -> Option<(usize, usize)> {
    let marked: Vec<_> = spread::beside(leads, wave, near).map(|m| m.1).collect();
    if 2 * marked.len() < leads.len() {
        return None;
    }
    let mut onsets: Vec<usize> = marked.iter().filter_map(|m| m.points[0]).collect();
    let mut ends: Vec<usize> = marked.iter().filter_map(|m| m.points[2]).collect();
    onsets.sort_unstable();
    ends.sort_unstable_by(|a, b| b.cmp(a));
    Some((*onsets.get(onsets.len() / borne_out)?, *ends.get(ends.len() / borne_out)?))
}

/// The tables: gross figures, global intervals, records from the worst.
pub fn report(records: &[RecordScore]) -> Scores {
    let mut gross = Points::default();
    for r in records {
        add(&mut gross, &r.points);
    }
    let mut scores = Scores::default();
    let mut table = Table {
        title: format!(
            "LUDB, {} records: per lead, 150 ms window, annotated beats only (ours − experts')",
            records.len()
        ),
        columns: ["point", "n", "Se %", "+P %", "F1 %", "mean ms", "SD ms"].map(String::from).to_vec(),
        rows: Vec::new(),
    };
    for (wave, name) in WAVES.iter().enumerate() {
        for (place, (id, short)) in PLACES.iter().enumerate() {
            let t = &gross[wave][place];
            let (mean, sd) = t.mean_sd();
            table.rows.push(vec![
                format!("{name} {short}"),
                (t.found + t.missed).to_string(),
                format!("{:.2}", t.sensitivity()),
                format!("{:.2}", t.predictivity()),
                format!("{:.2}", t.f1()),
                format!("{mean:.1}"),
                format!("{sd:.1}"),
            ]);
            let id = format!("{}_{id}", name.to_lowercase());
            let figure =
                |what: &str, value: f64, up: bool| Figure { id: format!("{id}.{what}"), value, higher_is_better: up };
            scores.figures.push(figure("f1", t.f1(), true));
            scores.figures.push(figure("abs_mean_ms", mean.abs(), false));
            scores.figures.push(figure("sd_ms", sd, false));
        }
    }
    scores.tables.push(table);
    scores.tables.push(spread::table(records));
    let (table, figures) = interval_table(records);
    scores.tables.push(table);
    scores.figures.extend(figures);
    scores.tables.push(record_table(records));
    scores
}

fn interval_table(records: &[RecordScore]) -> (Table, Vec<Figure>) {
    let mut table = Table {
        title: "Global intervals on the median beat (ours − experts' by the same rule over leads; outermost: − their earliest \
                onset to latest end)"
            .into(),
        columns: ["interval", "records", "mean ms", "SD ms", "limit mean", "limit SD", "outermost"]
            .map(String::from)
            .to_vec(),
        rows: Vec::new(),
    };
    let mut figures = Vec::new();
    for (i, (name, mean_limit, sd_limit)) in INTERVALS.iter().enumerate() {
        let d: Vec<f64> = records.iter().filter_map(|r| r.intervals[i]).collect();
        let (mean, sd) = mean_sd(&d);
        let widest = mean_sd(&records.iter().filter_map(|r| r.outermost[i]).collect::<Vec<_>>());
        table.rows.push(vec![
            (*name).to_string(),
            d.len().to_string(),
            format!("{mean:.1}"),
            format!("{sd:.1}"),
            format!("±{mean_limit}"),
            sd_limit.to_string(),
            format!("{:.1}±{:.1}", widest.0, widest.1),
        ]);
        let id = name.to_lowercase();
        figures.push(Figure { id: format!("global_{id}.abs_mean_ms"), value: mean.abs(), higher_is_better: false });
        figures.push(Figure { id: format!("global_{id}.sd_ms"), value: sd, higher_is_better: false });
    }
    let both = |ours: bool, theirs: bool| records.iter().filter(|r| r.p == (ours, theirs)).count().to_string();
    table.rows.push(vec![
        format!(
            "P present: both {}, ours only {}, theirs only {}",
            both(true, true),
            both(true, false),
            both(false, true)
        ),
        both(false, false) + " neither",
        String::new(),
        String::new(),
        String::new(),
        String::new(),
        String::new(),
    ]);
    (table, figures)
}

/// How bad a tally is, in ms a mark: a miss or an extra counts as an error of the window.
fn cost(t: &Tally) -> f64 {
    let wrong = 150.0 * (t.missed + t.extra) as f64;
    (wrong + t.errors.iter().map(|e| e.abs()).sum::<f64>()) / (t.found + t.missed + t.extra).max(1) as f64
}

fn record_table(records: &[RecordScore]) -> Table {
    let total = |r: &RecordScore| r.points.iter().flatten().map(cost).sum::<f64>() / 9.0;
    let mut order: Vec<&RecordScore> = records.iter().collect();
    order.sort_by(|a, b| total(b).total_cmp(&total(a)));
    let mut columns = vec!["record".to_string(), "cost".into()];
    for name in WAVES {
        columns.push(format!("{name} miss"));
        columns.push(format!("{name} extra"));
        columns.push(format!("{name} on"));
        columns.push(format!("{name} off"));
    }
    columns.extend(INTERVALS.iter().map(|(name, ..)| format!("{name} global")));
    let row = |r: &&RecordScore| {
        let mut cells = vec![r.name.clone(), format!("{:.1}", total(r))];
        for wave in &r.points {
            cells.push(wave[0].missed.max(wave[2].missed).to_string());
            cells.push(wave[0].extra.max(wave[2].extra).to_string());
            for place in [0, 2] {
                let (mean, sd) = wave[place].mean_sd();
                cells.push(format!("{mean:.0}±{sd:.0}"));
            }
        }
        cells.extend(r.intervals.iter().map(|d| d.map_or("–".into(), |d| format!("{d:.0}"))));
        cells
    };
    Table {
        title: "Records, worst first (mean±SD of the error, ms)".into(),
        columns,
        rows: order.iter().map(row).collect(),
    }
}
