//! What every family of statements uses.

pub use super::facts::{
    ANTERIOR, Amp, CHEST, HIGH_LATERAL, INFERIOR, LATERAL, LIMB, contiguous, name, territory, with_neighbour,
};
pub use super::norms;
pub use super::rule::Severity::{Abnormal, Borderline, Critical, Normal};
pub use super::rule::{Case, Codes, Confidence, Evidence, Rule};
pub use super::sources::*;
pub use crate::detect::{BeatClass, EpisodeKind};
pub use crate::signal::LeadName as L;
pub use crate::text::{Text, text};

/// Codes in the order AHA, SCP-ECG, SNOMED CT, Minnesota.
pub const fn codes(
    aha: &'static [&'static str],
    scp: &'static [&'static str],
    snomed: &'static [&'static str],
    minnesota: &'static [&'static str],
) -> Codes {
    Codes { aha, scp, snomed, minnesota }
}

/// Definite evidence to add to.
pub fn fires() -> Evidence {
    Evidence::default()
}
