//! Intervals, rate and axes of two ECGs side by side, and which of the changes count.
//!
//! Limits: AHA/ACC/HRS part II, table of comparison statements: PR, QRS and `QTc` stay "normal or within 10 % of a
//! previously abnormal value" (400), heart rate by more than 20 bpm and then below 50 or above 100 (401), `QTc` by more
//! than 60 ms (404). `QTc` is Fridericia's, which errs least when the rate changes (ICH E14, 2.3.2). Axis: 30°, three
//! standard deviations of what one person's axis does from day to day (Schijvenaars et al., J Electrocardiol
//! 2008;41:190-196), and only where one of the two is outside the normal range.

use super::Ecg;
use crate::interpret::norms;
use crate::measure::Global;
use crate::signal::Patient;
use crate::text::{Text, text};
use serde::Serialize;

const RATE_BPM: f64 = 20.0;
const SLOW_BPM: f64 = 50.0;
const FAST_BPM: f64 = 100.0;
const INTERVAL_PART: f64 = 0.10;
const QTC_MS: f64 = 60.0;
const AXIS_DEG: f64 = 30.0;
/// Shortest normal `QTc`, ms (short-QT statements begin below it).
const QTC_SHORTEST_MS: f64 = 350.0;

/// One measurement in both ECGs.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Shift {
    /// Its field in the JSON report's measurements.
    pub id: &'static str,
    /// As printed.
    pub name: Text,
    /// Unit as printed.
    pub unit: &'static str,
    /// In the prior ECG; `None` = not measurable.
    pub old: Option<f64>,
    /// In this ECG.
    pub new: Option<f64>,
    /// New minus old; of axes the shorter way round, clockwise (to the right) positive.
    pub change: Option<f64>,
    /// Whether the change counts by its limit.
    pub significant: bool,
}

/// What is compared: field, names, unit, value, limits.
struct Quantity {
    id: &'static str,
    name: Text,
    unit: &'static str,
    value: fn(&Global) -> Option<f64>,
    counts: fn(f64, f64, &Patient) -> bool,
}

#[rustfmt::skip]
static QUANTITIES: &[Quantity] = &[
    Quantity { id: "heart_rate_bpm", name: text("心率", "Heart rate"), unit: "bpm", value: |g| g.heart_rate_bpm.map(|v| v.0), counts: rate },
    Quantity { id: "p_duration_ms", name: text("P波时限", "P duration"), unit: "ms", value: |g| g.p_duration_ms.map(|v| v.0), counts: |_, _, _| false },
    Quantity { id: "pr_ms", name: text("PR间期", "PR interval"), unit: "ms", value: |g| g.pr_ms.map(|v| v.0), counts: pr },
    Quantity { id: "qrs_duration_ms", name: text("QRS时限", "QRS duration"), unit: "ms", value: |g| g.qrs_duration_ms.map(|v| v.0), counts: qrs },
    Quantity { id: "qt_ms", name: text("QT间期", "QT interval"), unit: "ms", value: |g| g.qt_ms.map(|v| v.0), counts: |_, _, _| false },
    Quantity { id: "qtc_fridericia_ms", name: text("QTc（Fridericia）", "QTc (Fridericia)"), unit: "ms", value: |g| g.qtc_fridericia_ms.map(|v| v.0), counts: qtc },
    Quantity { id: "p_axis_deg", name: text("P电轴", "P axis"), unit: "°", value: |g| g.p_axis_deg.map(|v| v.0), counts: |_, _, _| false },
    Quantity { id: "qrs_axis_deg", name: text("QRS电轴", "QRS axis"), unit: "°", value: |g| g.qrs_axis_deg.map(|v| v.0), counts: axis },
    Quantity { id: "t_axis_deg", name: text("T电轴", "T axis"), unit: "°", value: |g| g.t_axis_deg.map(|v| v.0), counts: |_, _, _| false },
];

fn rate(old: f64, new: f64, _: &Patient) -> bool {
    let outside = |v: f64| !(SLOW_BPM..=FAST_BPM).contains(&v);
    (new - old).abs() > RATE_BPM && (outside(new) || outside(old))
}

fn interval(old: f64, new: f64, normal: (f64, f64)) -> bool {
    let is_normal = |v: f64| (normal.0..=normal.1).contains(&v);
    !(is_normal(old) && is_normal(new)) && (new - old).abs() > INTERVAL_PART * old
}

fn pr(old: f64, new: f64, patient: &Patient) -> bool {
    interval(old, new, norms::pr(patient))
}

fn qrs(old: f64, new: f64, patient: &Patient) -> bool {
    interval(old, new, (0.0, norms::qrs(patient)))
}

fn qtc(old: f64, new: f64, patient: &Patient) -> bool {
    (new - old).abs() > QTC_MS || interval(old, new, (QTC_SHORTEST_MS, norms::qtc(patient)))
}

fn axis(old: f64, new: f64, patient: &Patient) -> bool {
    let (low, high) = norms::axis(patient);
    let normal = |v: f64| (low..=high).contains(&v);
    turn(old, new).abs() >= AXIS_DEG && !(normal(old) && normal(new))
}

/// From one axis to another, the shorter way, −180 < turn ≤ 180.
fn turn(old: f64, new: f64) -> f64 {
    let turned = (new - old).rem_euclid(360.0);
    if turned > 180.0 { turned - 360.0 } else { turned }
}

/// Every quantity in both ECGs; `axes` is false where electrodes were swapped in one of them.
pub fn shifts(old: &Ecg<'_>, new: &Ecg<'_>, axes: bool) -> Vec<Shift> {
    let shift = |q: &Quantity| {
        let (a, b) = ((q.value)(&old.measurements.global), (q.value)(&new.measurements.global));
        let is_axis = q.unit == "°";
        let change = a.zip(b).map(|(a, b)| if is_axis { turn(a, b) } else { b - a });
        let counts = a.zip(b).is_some_and(|(a, b)| (q.counts)(a, b, new.patient));
        Shift {
            id: q.id,
            name: q.name.clone(),
            unit: q.unit,
            old: a,
            new: b,
            change,
            significant: counts && (axes || !is_axis),
        }
    };
    QUANTITIES.iter().map(shift).collect()
}

impl Shift {
    /// The change in words: `QTc (Fridericia) longer by 72 ms (412 → 484)`.
    pub fn wording(&self) -> Option<Text> {
        let (old, new, change) = (self.old?, self.new?, self.change?);
        let (zh, en) = match (self.unit, change > 0.0) {
            ("bpm", true) => ("加快", "faster"),
            ("bpm", false) => ("减慢", "slower"),
            ("°", true) => ("右移", "further right"),
            ("°", false) => ("左移", "further left"),
            (_, true) => ("延长", "longer"),
            (_, false) => ("缩短", "shorter"),
        };
        let gap = if self.unit == "°" { "" } else { " " };
        let by = format!("{:.0}{gap}{}", change.abs(), self.unit);
        let minus = |v: f64| format!("{:.0}", v + 0.0).replace('-', "−");
        let both = format!("{} → {}", minus(old.round()), minus(new.round()));
        let (name_zh, name_en) = (&self.name.zh, &self.name.en);
        Some(Text::of(format!("{name_zh}{zh} {by}（{both}）"), format!("{name_en} {en} by {by} ({both})")))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn changes_count_at_their_limits() {
        let p = Patient::default();
        assert!(
            !rate(80.0, 101.0 - 1.1, &p) && rate(80.0, 101.0, &p) && !rate(85.0, 104.0, &p) && rate(72.0, 49.0, &p)
        );
        assert!(!pr(150.0, 190.0, &p), "both normal");
        assert!(pr(160.0, 220.0, &p) && !pr(210.0, 228.0, &p) && pr(210.0, 235.0, &p));
        assert!(qrs(90.0, 140.0, &p) && !qrs(140.0, 150.0, &p));
        assert!(!qtc(420.0, 459.0, &p) && qtc(360.0, 421.0, &p) && qtc(440.0, 490.0, &p));
        assert!(!axis(80.0, 20.0, &p) && axis(20.0, -35.0, &p) && !axis(-20.0, -45.0, &p));
        assert_eq!((turn(170.0, -170.0), turn(-170.0, 170.0)), (20.0, -20.0));
    }
}
