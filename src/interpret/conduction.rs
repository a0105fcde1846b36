//! How the dominant beats run through the ventricles: a shared answer that several families ask for.

use super::dominant::{Dominant, dominant};
use super::prelude::*;

/// Conduction of the dominant beats.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ventricular {
    /// Not conducted from above (paced, ventricular, none), or not measured.
    Foreign,
    /// Narrow.
    Narrow,
    /// Complete right bundle branch block.
    Right,
    /// Complete left bundle branch block.
    Left,
    /// Wide without either shape.
    Unspecific,
    /// Preexcited.
    Preexcited,
}

/// QRS from which the shape of left bundle branch block is called complete, ms. AHA part III says 120, Strauss 2011 130 in
/// women and 140 in men; by our QRS (third widest lead) six of six such shapes between 116 and 128 ms were not called so
/// by the readers of PTB-XL and LUDB, and all theirs but one lie above 150.
pub const COMPLETE_LEFT_MS: f64 = 130.0;

/// Axis from which left anterior fascicular block is considered . AHA part III says −45°; with the complete shape
/// (qR in aVL, rS in II, III and aVF) readers say it from about −35° (chosen on PTB-XL and LUDB).
pub const LEFT_ANTERIOR_AXIS: f64 = -35.0;

/// The axis of AHA part III, from which III and aVF decide by themselves.
const CLEAR_LEFT_AXIS: f64 = -45.0;

/// Whether the dominant beats come from above the ventricles and were measured.
pub fn conducted(c: &Case<'_>) -> bool {
    let foreign = matches!(
        dominant(c),
        Dominant::Nothing
            | Dominant::VentricularFibrillation
            | Dominant::Asystole
            | Dominant::VentricularPaced
            | Dominant::Ventricular
            | Dominant::WideTachycardia
            | Dominant::WideSlow
    );
    // Of a fast rhythm of wide complexes whose origin is not known nothing is said of the bundle branches.
    let unknown = dominant(c) == Dominant::Undetermined
        && c.rate().is_some_and(|r| r > norms::rate(c.patient).1)
        && c.qrs().is_some_and(|q| q >= norms::complete_block(c.patient));
    !foreign && !unknown && c.qrs().is_some()
}

/// Whether there is a P wave to measure PR from.
pub fn has_p(c: &Case<'_>) -> bool {
    matches!(dominant(c), Dominant::Sinus | Dominant::EctopicAtrial | Dominant::Multifocal | Dominant::AtrialPaced)
}

/// Conduction of the dominant beats.
pub fn ventricular(c: &Case<'_>) -> Ventricular {
    *c.told.ventricular.get_or_init(|| find(c))
}

fn find(c: &Case<'_>) -> Ventricular {
    let Some(qrs) = c.qrs().filter(|_| conducted(c)) else { return Ventricular::Foreign };
    if preexcited(c).is_some() {
        return Ventricular::Preexcited;
    }
    // Adults are wide from 120 ms on, children from more than their limit on (AHA part III). A typical shape below it is an
    // incomplete block: readers of LUDB call 116 ms so, and none of PTB-XL, LUDB or `CinC` 2021 a complete one.
    let limit = norms::complete_block(c.patient);
    if qrs < limit {
        return Ventricular::Narrow;
    }
    let complete_left = if c.adult() { COMPLETE_LEFT_MS } else { limit };
    let typical = (right_shape(c), left_shape(c) && qrs >= complete_left);
    if !c.adult() && qrs <= limit && typical == (false, false) {
        return Ventricular::Narrow;
    }
    match typical {
        (true, _) => Ventricular::Right,
        (false, true) => Ventricular::Left,
        (false, false) => Ventricular::Unspecific,
    }
}

/// Whether amplitudes of QRS, ST and T can be read for hypertrophy, infarct and ischemia.
pub fn narrow(c: &Case<'_>) -> bool {
    ventricular(c) == Ventricular::Narrow
}

/// A terminal positive deflection in V1 or V2 that is no mere notch after a deep S.
pub fn r_prime(c: &Case<'_>) -> bool {
    let clear = |a: Amp<'_>| a.r2() >= 0.1 && a.r2() > 0.5 * a.r().min(0.4) && a.r2() > 0.3 * a.s();
    [L::V1, L::V2].iter().filter_map(|l| c.amp(l)).any(clear)
}

/// S wide in I or V6.
pub fn terminal_s(c: &Case<'_>) -> bool {
    [L::I, L::V6, L::V5]
        .iter()
        .filter_map(|l| c.amp(l))
        .any(|a| a.s() > 0.05 && (a.s_ms() >= 40.0 || a.s_ms() > a.r_ms()))
}

/// The shape of right bundle branch block.
fn right_shape(c: &Case<'_>) -> bool {
    let broad_r = c.amp(&L::V1).is_some_and(|a| {
        a.up() > 1.5 * a.s() && a.0.qrs_area.is_none_or(|v| v > 0.0) && a.0.r_peak_ms.is_none_or(|t| t.0 > 50.0)
    });
    // A late broad R after a Q (old septal infarct) ends positive all the same.
    let net = c.amp(&L::V1).is_none_or(|a| a.0.qrs_area.is_none_or(|v| v > -0.5 * a.s() * a.s_ms()));
    ((r_prime(c) && net) || broad_r) && (terminal_s(c) || c.amp(&L::V6).is_none())
}

/// R-peak time of left bundle branch block, ms (AHA part III: above 60 in V5 and V6).
const LATE_MS: f64 = 60.0;
/// R-peak time from which a q wave in a lateral lead is an old infarct's beside the block and does not speak against it, ms,
/// and the largest such q, part of R (Surawicz & Knilans, chapter 4: q in I, V5, V6 in left bundle branch block with infarction).
const VERY_LATE_MS: f64 = 80.0;
const INFARCT_Q: f64 = 0.25;

/// The shape of left bundle branch block.
pub fn left_shape(c: &Case<'_>) -> bool {
    let Some(v1) = c.amp(&L::V1) else { return false };
    let negative = v1.down() > 2.0 * v1.up() && v1.r2() < 0.3 * v1.down();
    let lateral: Vec<_> = [L::I, L::V5, L::V6].iter().filter_map(|l| c.amp(l)).collect();
    let peak = |a: &Amp<'_>| a.0.r_peak_ms.map_or(0.0, |t| t.0);
    let no_q = |a: &Amp<'_>| a.q() < 0.1 * a.up().max(0.3) || (peak(a) >= VERY_LATE_MS && a.q() < INFARCT_Q * a.up());
    // A notch of the block stays above the level: R' after an S is something else (an Osborn wave).
    let upright = lateral.iter().filter(|a| a.up() > a.down() && no_q(a) && a.r2() < 0.1).count();
    let late = lateral.iter().filter(|a| peak(a) >= LATE_MS).count();
    negative && upright >= 2 && late >= 2.min(lateral.len())
}

/// The shape of left anterior fascicular block, whatever the right bundle does.
pub fn left_anterior(c: &Case<'_>) -> bool {
    let Some(axis) = c.axis() else { return false };
    let rs = c.leads_where(INFERIOR, |_, a| a.down() > a.up() && (a.q() < 0.1 || a.is_qs()));
    // Without an initial r anywhere it is an infarct; flutter waves before QRS look like either.
    let initial_r = !c.leads_where(&rs, |_, a| !a.is_qs()).is_empty() && dominant(c) != Dominant::Flutter;
    let inferior = rs.len() == 3 || (axis <= CLEAR_LEFT_AXIS && rs.contains(&L::III) && rs.contains(&L::AvF));
    let lateral = c.amp(&L::AvL).is_some_and(|a| a.r() > a.s());
    let allowed = matches!(ventricular(c), Ventricular::Narrow | Ventricular::Right);
    conducted(c)
        && allowed
        && c.adult()
        && (-90.0..=LEFT_ANTERIOR_AXIS).contains(&axis)
        && inferior
        && initial_r
        && lateral
        && (axis <= CLEAR_LEFT_AXIS || small_q(c))
}

/// A q wave or a late R peak in aVL: what the anterior fascicle's block adds to a left axis.
fn small_q(c: &Case<'_>) -> bool {
    c.amp(&L::AvL).is_some_and(|a| a.q() >= 0.02 || a.0.r_peak_ms.is_some_and(|t| t.0 >= 45.0))
}

/// The shape of left posterior fascicular block, whatever the right bundle does.
pub fn left_posterior(c: &Case<'_>) -> bool {
    let Some(axis) = c.axis() else { return false };
    let rs = c.leads_where(HIGH_LATERAL, |_, a| a.s() > a.r());
    let qr = c.leads_where(&[L::III, L::AvF], |_, a| a.r() > a.s() && a.q() >= 0.03);
    let right_ventricle = c.amp(&L::V1).is_some_and(|a| a.r() > a.s() && ventricular(c) == Ventricular::Narrow);
    let allowed = matches!(ventricular(c), Ventricular::Narrow | Ventricular::Right);
    allowed && c.adult() && (100.0..=180.0).contains(&axis) && rs.len() == 2 && qr.len() == 2 && !right_ventricle
}

/// Short PR with a slow start of a widened QRS.
pub fn preexcited(c: &Case<'_>) -> Option<Evidence> {
    let (pr, qrs) = (c.pr()?, c.qrs()?);
    let early = pr < 120.0 && qrs >= 0.92 * norms::complete_block(c.patient) && pr + qrs < 260.0;
    if !(early && has_p(c) && conducted(c)) {
        return None;
    }
    let slow: Vec<L> = c.leads_where(&L::TWELVE, |_, a| a.0.r_peak_ms.is_some_and(|t| t.0 >= 50.0) && a.up() > 0.4);
    (slow.len() >= 3).then(|| {
        let e = Evidence::of(Confidence::Probable).number(name::PR, pr, "ms", "< 120");
        c.qrs_told(e, 110.0, f64::INFINITY, "≥ 110").leads(slow)
    })
}
