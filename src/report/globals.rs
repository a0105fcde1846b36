//! The global measurements as a table: one row a quantity, the same in every output.

use crate::measure::Global;
use crate::text::{Text, text};

/// A global measurement.
pub struct Quantity {
    /// Its field in the JSON report.
    pub id: &'static str,
    /// As printed.
    pub name: Text,
    /// Unit as printed.
    pub unit: &'static str,
    /// Unit in UCUM.
    pub ucum: &'static str,
    /// LOINC code, where LOINC has the quantity.
    pub loinc: Option<&'static str>,
    /// The value; `None` = not measurable.
    pub value: fn(&Global) -> Option<f64>,
}

macro_rules! quantity {
    ($field:ident, $zh:literal, $en:literal, $unit:literal, $ucum:literal, $loinc:expr) => {
        Quantity {
            id: stringify!($field),
            name: text($zh, $en),
            unit: $unit,
            ucum: $ucum,
            loinc: $loinc,
            value: |global| global.$field.map(|v| v.0),
        }
    };
}

/// Every global measurement, in the order of a report. LOINC has codes of their own for Bazett and Fridericia
/// and one for every other corrected QT (8636-3): the name says by whose formula.
#[rustfmt::skip]
pub static GLOBALS: &[Quantity] = &[
    quantity!(heart_rate_bpm, "心率", "Heart rate", "bpm", "/min", Some("8867-4")),
    quantity!(rr_ms, "RR间期（平均）", "RR mean", "ms", "ms", Some("8637-1")),
    quantity!(rr_min_ms, "RR间期（最短）", "RR shortest", "ms", "ms", None),
    quantity!(rr_max_ms, "RR间期（最长）", "RR longest", "ms", "ms", None),
    quantity!(rmssd_ms, "RMSSD", "RMSSD", "ms", "ms", None),
    quantity!(p_duration_ms, "P波时限", "P duration", "ms", "ms", None),
    quantity!(pr_ms, "PR间期", "PR interval", "ms", "ms", Some("8625-6")),
    quantity!(qrs_duration_ms, "QRS时限", "QRS duration", "ms", "ms", Some("8633-0")),
    quantity!(qt_ms, "QT间期", "QT interval", "ms", "ms", Some("8634-8")),
    quantity!(qtc_bazett_ms, "QTc（Bazett）", "QTc (Bazett)", "ms", "ms", Some("76635-2")),
    quantity!(qtc_fridericia_ms, "QTc（Fridericia）", "QTc (Fridericia)", "ms", "ms", Some("76634-5")),
    quantity!(qtc_framingham_ms, "QTc（Framingham）", "QTc (Framingham)", "ms", "ms", Some("8636-3")),
    quantity!(qtc_hodges_ms, "QTc（Hodges）", "QTc (Hodges)", "ms", "ms", Some("8636-3")),
    quantity!(p_axis_deg, "P电轴", "P axis", "°", "deg", Some("8626-4")),
    quantity!(qrs_axis_deg, "QRS电轴", "QRS axis", "°", "deg", Some("8632-2")),
    quantity!(t_axis_deg, "T电轴", "T axis", "°", "deg", Some("8638-9")),
];

/// The measurable ones with their values.
pub fn measured(global: &Global) -> impl Iterator<Item = (&'static Quantity, f64)> + '_ {
    GLOBALS.iter().filter_map(|q| Some((q, (q.value)(global)?)))
}
