//! The measurement matrix: one row a lead, one column a quantity, the same in every output.

use super::words::amount;
use crate::measure::Lead;
use crate::text::{Text, text};

/// A column of the matrix.
pub struct Column {
    /// Head.
    pub name: Text,
    /// Unit.
    pub unit: &'static str,
    /// Digits after the point.
    pub decimals: usize,
    /// The value; `None` = the wave is absent or not measurable.
    pub value: fn(&Lead) -> Option<f64>,
}

macro_rules! column {
    ($zh:literal, $en:literal, $unit:literal, $decimals:literal, $field:ident) => {
        Column { name: text($zh, $en), unit: $unit, decimals: $decimals, value: |lead| lead.$field.map(|v| v.0) }
    };
}

/// The columns, in the order of the waves.
pub static COLUMNS: &[Column] = &[
    column!("P振幅", "P", "mV", 2, p_mv),
    column!("P终末", "P term.", "mV", 2, p_terminal_mv),
    column!("Q振幅", "Q", "mV", 2, q_mv),
    column!("Q时限", "Q", "ms", 0, q_ms),
    column!("R振幅", "R", "mV", 2, r_mv),
    column!("R时限", "R", "ms", 0, r_ms),
    column!("S振幅", "S", "mV", 2, s_mv),
    column!("S时限", "S", "ms", 0, s_ms),
    column!("R′振幅", "R′", "mV", 2, r2_mv),
    column!("R峰时间", "R peak", "ms", 0, r_peak_ms),
    column!("QRS时限", "QRS", "ms", 0, qrs_ms),
    column!("ST（J点）", "ST J", "mV", 2, st_j_mv),
    column!("ST（J+60）", "ST J+60", "mV", 2, st_60_mv),
    column!("ST（J+80）", "ST J+80", "mV", 2, st_80_mv),
    column!("T振幅", "T", "mV", 2, t_mv),
];

impl Column {
    /// The value as printed; `—` = absent or not measurable.
    pub fn print(&self, lead: &Lead) -> String {
        (self.value)(lead).map_or_else(|| "—".to_string(), |v| amount(v, self.decimals))
    }
}
