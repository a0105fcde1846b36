//! How much two dominant median beats differ: the residue after the best alignment, as a part of their own size.

use crate::detect::Detection;
use crate::signal::{Ms, Recording};

/// The stretch compared, before and after the fiducial point: QRS, ST and T at usual rates.
const FROM: Ms = Ms(-80.0);
const TO: Ms = Ms(400.0);
/// Step of the common grid.
const STEP_MS: f64 = 2.0;
/// How far one beat is moved along the other, in steps: fiducial points are found to a few milliseconds.
const SHIFT_STEPS: i32 = 8;
/// Least quality of a lead in both ECGs.
const QUALITY: f64 = 0.5;
/// Fewest leads that say anything.
const LEADS: usize = 1;

/// An ECG and what was found in it.
pub type Found<'a> = (&'a Recording, &'a Detection);

/// RMS of the difference over the RMS of the two beats, pooled over the leads that both ECGs have in good quality:
/// 0 = the same shape and size, √2 = nothing in common. `None` without such a lead, without beats, or where a file
/// gives no scale.
pub fn difference(old: Found<'_>, new: Found<'_>) -> Option<f64> {
    if old.0.origin.unscaled || new.0.origin.unscaled {
        return None;
    }
    let pairs: Vec<(usize, usize)> =
        old.0.leads.iter().enumerate().filter_map(|(o, lead)| common(old, new, o, lead)).collect();
    if pairs.len() < LEADS {
        return None;
    }
    let at = |shift: i32| residue(old, new, &pairs, f64::from(shift) * STEP_MS);
    (-SHIFT_STEPS..=SHIFT_STEPS).filter_map(at).min_by(f64::total_cmp)
}

fn common(old: Found<'_>, new: Found<'_>, o: usize, lead: &crate::signal::LeadName) -> Option<(usize, usize)> {
    let n = new.0.leads.iter().position(|l| l == lead)?;
    let good = |d: &Detection, i: usize| d.quality.get(i).is_some_and(|q| q.score >= QUALITY);
    (good(old.1, o) && good(new.1, n)).then_some((o, n))
}

fn residue(old: Found<'_>, new: Found<'_>, pairs: &[(usize, usize)], shift_ms: f64) -> Option<f64> {
    let steps = ((TO.0 - FROM.0) / STEP_MS) as usize;
    let (mut apart, mut size) = (0.0, 0.0);
    for &(o, n) in pairs {
        for step in 0..=steps {
            let t = FROM.0 + step as f64 * STEP_MS;
            let (Some(a), Some(b)) = (value(old.1, o, t), value(new.1, n, t + shift_ms)) else { continue };
            apart += (a - b).powi(2);
            size += 0.5 * (a * a + b * b);
        }
    }
    (size > 0.0).then(|| (apart / size).sqrt())
}

/// The median beat's value `t` ms after its fiducial point, between samples by a straight line.
fn value(detection: &Detection, row: usize, t: f64) -> Option<f64> {
    let median = detection.median()?;
    let at = median.fiducial as f64 + t * detection.rate.0 / 1000.0;
    if at < 0.0 || row >= median.samples.nrows() {
        return None;
    }
    let (i, part) = (at.floor() as usize, at.fract());
    let sample = |i: usize| median.samples.get((row, i)).map(|v| f64::from(*v)).filter(|v| v.is_finite());
    let (a, b) = (sample(i)?, sample(i + 1)?);
    Some(a + (b - a) * part)
}
