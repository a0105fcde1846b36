//! Rhythms: each a record with a function that writes the heart's activity.

mod block;
mod ectopy;
mod pacing;
mod supraventricular;
mod ventricular;

use super::activity::{Activity, Plan};
use crate::text::Text;

/// A rhythm that can be simulated.
pub struct Rhythm {
    /// Short stable name.
    pub id: &'static str,
    /// Name as printed.
    pub name: Text,
    /// Its usual rate (ventricular), bpm.
    pub bpm: f64,
    /// Writes the activity.
    pub make: fn(&mut Plan) -> Activity,
}

/// Every rhythm, by family.
pub static FAMILIES: &[&[Rhythm]] =
    &[supraventricular::RHYTHMS, block::RHYTHMS, ectopy::RHYTHMS, ventricular::RHYTHMS, pacing::RHYTHMS];

/// The rhythm called `id`.
pub fn find(id: &str) -> Option<&'static Rhythm> {
    FAMILIES.iter().flat_map(|f| f.iter()).find(|r| r.id == id)
}
