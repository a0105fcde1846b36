//! Morphologies: each a record with a function that changes a heart. They combine in the order given.

mod chambers;
mod conduction;
mod infarction;
mod repolarization;

pub use conduction::right_bundle_block;

use super::heart::{Heart, Ventricles};
use crate::signal::Ms;
use crate::text::Text;

/// A morphology that can be simulated.
pub struct Shape {
    /// Short stable name.
    pub id: &'static str,
    /// Name as printed.
    pub name: Text,
    /// Changes the heart.
    pub apply: fn(&mut Heart),
}

/// Every morphology, by family.
pub static FAMILIES: &[&[Shape]] = &[conduction::SHAPES, infarction::SHAPES, chambers::SHAPES, repolarization::SHAPES];

/// The morphology called `id`.
pub fn find(id: &str) -> Option<&'static Shape> {
    FAMILIES.iter().flat_map(|f| f.iter()).find(|s| s.id == id)
}

/// Gives QRS another duration while its lobes keep their times, so that new ones find room at the end.
fn lengthen(v: &mut Ventricles, qrs_ms: f64) {
    let k = v.qrs_ms.0 / qrs_ms;
    for lobe in &mut v.qrs {
        lobe.span = lobe.span.map(|s| s * k);
    }
    v.qtc_ms.0 += 0.6 * (qrs_ms - v.qrs_ms.0).max(0.0);
    v.qrs_ms = Ms(qrs_ms);
}

/// Adds to both ST levels.
fn shift(v: &mut Ventricles, j: [f64; 3], end: [f64; 3]) {
    for (level, add) in v.st.iter_mut().zip([j, end]) {
        for (s, a) in level.iter_mut().zip(add) {
            *s += a;
        }
    }
}

/// Adds to both ST levels under V1 … V6.
fn shift_near(v: &mut Ventricles, j: [f64; 6], end: [f64; 6]) {
    for (level, add) in v.st.iter_mut().zip([j, end]) {
        for (s, a) in level[3..].iter_mut().zip(add) {
            *s += a;
        }
    }
}

/// Makes T point to `to`.
fn point_t(v: &mut Ventricles, to: [f64; 3]) {
    if let Some(lobe) = v.t.first_mut() {
        lobe.size[..3].copy_from_slice(&to);
    }
}
