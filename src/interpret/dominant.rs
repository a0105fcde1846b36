//! The one dominant rhythm of a strip: atrial activity and RR intervals read together.
//!
//! Order of the questions: is there a signal with beats at all; is the heart paced; are most beats ventricular; is the
//! atrium fibrillating or fluttering; is there a P wave before most beats and from where; and, without P waves, is the
//! rhythm regular. "Undetermined" is an answer. Ectopic beats, pauses, blocks and pacing are said on top by their own
//! statements.

use super::Case;
use crate::detect::{BeatClass, EpisodeKind};
use crate::signal::LeadName as L;

/// The dominant rhythm.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Dominant {
    /// Too few beats to say anything.
    Nothing,
    /// Ventricular fibrillation or flutter.
    VentricularFibrillation,
    /// No electrical activity though the electrodes are on.
    Asystole,
    /// Most beats are paced in the ventricles.
    VentricularPaced,
    /// Most beats follow an atrial spike.
    AtrialPaced,
    /// Most beats are ventricular.
    Ventricular,
    /// Atrial fibrillation.
    Fibrillation,
    /// Atrial flutter.
    Flutter,
    /// P waves from the sinus node.
    Sinus,
    /// P waves from elsewhere in the atria.
    EctopicAtrial,
    /// P waves of three or more shapes, irregular.
    Multifocal,
    /// Regular, narrow, no P wave or a retrograde one, not above 100 bpm … or above, see the statements.
    Junctional,
    /// Regular, narrow and fast, atrial activity not seen.
    NarrowTachycardia,
    /// Regular, wide and fast, atrial activity not seen.
    WideTachycardia,
    /// Wide, no P wave, not fast: idioventricular.
    WideSlow,
    /// None of these.
    Undetermined,
}

/// Part of the beats above which a class of beats is the rhythm.
const MOST: f64 = 0.5;
/// Least part of the beats with a P wave in sinus rhythm.
const P_PRESENT: f64 = 0.5;
/// Irregularity (median successive difference over median RR) from which RR is irregular in fibrillation's sense.
pub const IRREGULAR: f64 = 0.06;
/// Irregularity up to which RR is regular.
pub const REGULAR: f64 = 0.04;
/// Flutter's atrial rate, Hz: 240 … 360 a minute, slower under drugs (AHA part II 51).
const FLUTTER_HZ: std::ops::RangeInclusive<f64> = 3.5..=6.2;
/// Spectral concentration from which the atrial activity is organised.
const ORGANISED: f64 = 0.5;
/// Sinus P axis, degrees (positive in II and aVF; Surawicz & Knilans: 0 … 75, with tolerance).
const SINUS_P_AXIS: std::ops::RangeInclusive<f64> = -10.0..=100.0;

/// Part of the beats with a delineated P wave from which its polarity is believed.
const P_EVERYWHERE: f64 = 0.8;
/// Depth of P in II and aVF from which it is negative, mV.
const INVERTED_P_MV: f64 = 0.04;
/// PR above which a "P wave" of odd axis is rather the T wave before, ms.
const LONGEST_ECTOPIC_PR_MS: f64 = 240.0;

/// Says which rhythm dominates.
pub fn dominant(case: &Case<'_>) -> Dominant {
    let counts = case.rhythm().counts;
    let all = counts.all as f64;
    let seconds = |kind| episode_seconds(case, kind);
    if seconds(EpisodeKind::VentricularFibrillation) > 0.5 * case.recording.seconds() {
        return Dominant::VentricularFibrillation;
    }
    if seconds(EpisodeKind::Asystole) > 0.5 * case.recording.seconds() {
        return Dominant::Asystole;
    }
    if counts.all < 2 {
        return Dominant::Nothing;
    }
    if counts.paced as f64 >= MOST * all {
        return Dominant::VentricularPaced;
    }
    if atrial_paced(case) {
        return Dominant::AtrialPaced;
    }
    if counts.ventricular as f64 > MOST * all {
        return Dominant::Ventricular;
    }
    by_atria(case)
}

/// Seconds spent in episodes of one kind.
pub fn episode_seconds(case: &Case<'_>, kind: EpisodeKind) -> f64 {
    let episodes = case.detection.episodes.iter().filter(|e| e.kind == kind);
    episodes.map(|e| e.to.saturating_sub(e.from) as f64).sum::<f64>() / case.recording.rate.0
}

/// Spikes before the P waves (80 … 300 ms before QRS) of most beats that are not paced in the ventricles.
fn atrial_paced(case: &Case<'_>) -> bool {
    let d = case.detection;
    let ms = |n: usize| case.recording.rate.ms(n as f64).0;
    let spiked = d.beats.iter().filter(|b| {
        b.class != BeatClass::P
            && d.spikes.iter().any(|&s| s < b.qrs.onset && (80.0..=300.0).contains(&ms(b.qrs.onset - s)))
    });
    spiked.count() as f64 >= MOST * d.beats.len() as f64
}

fn by_atria(case: &Case<'_>) -> Dominant {
    let (r, a) = (case.rhythm(), case.detection.atrial);
    let irregularity = r.irregularity.unwrap_or(0.0);
    let p = a.p_present;
    let organised = a.dominant_hz.is_some_and(|hz| FLUTTER_HZ.contains(&hz)) && a.concentration >= ORGANISED;
    if organised && p < P_PRESENT {
        return Dominant::Flutter;
    }
    if irregularity > IRREGULAR && p < P_PRESENT {
        return Dominant::Fibrillation;
    }
    if p >= P_PRESENT {
        return with_p(case);
    }
    let wide = case.qrs().is_some_and(|q| q >= super::norms::complete_block(case.patient));
    let fast = case.rate().is_some_and(|v| v > super::norms::rate(case.patient).1);
    match (irregularity <= REGULAR, wide, fast) {
        (true, true, true) => Dominant::WideTachycardia,
        (true, true, false) => Dominant::WideSlow,
        (true, false, true) => Dominant::NarrowTachycardia,
        (true, false, false) => Dominant::Junctional,
        (false, ..) => Dominant::Undetermined,
    }
}

/// The origin of the P waves. Elsewhere than the sinus node only when both inferior leads show them negative in most
/// beats: one wave misread must not move the pacemaker.
fn with_p(case: &Case<'_>) -> Dominant {
    let p_in = |lead: &L| case.amp(lead).map(super::facts::Amp::p).filter(|p| *p != 0.0);
    let upright = |lead: &L| p_in(lead).is_some_and(|p| p > 0.03);
    let inverted = |lead: &L| p_in(lead).is_some_and(|p| p < -INVERTED_P_MV);
    let axis = case.global().p_axis_deg.map(|d| d.0);
    let seen = case.rhythm().p_fraction.is_some_and(|f| f >= P_EVERYWHERE);
    let away = axis.is_some_and(|a| !SINUS_P_AXIS.contains(&a)) && inverted(&L::II) && inverted(&L::AvF);
    let left = axis.is_some_and(|a| a > 110.0) && inverted(&L::I) && upright(&L::AvR);
    if !seen || !(away || left) {
        return Dominant::Sinus;
    }
    match case.pr() {
        Some(pr) if pr < super::norms::pr(case.patient).0 => Dominant::Junctional,
        Some(pr) if pr < LONGEST_ECTOPIC_PR_MS => Dominant::EctopicAtrial,
        _ => Dominant::Sinus,
    }
}
