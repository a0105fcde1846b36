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
/// Part of the beats with a repeating P wave up to which there is none: fibrillation 0 … 0.5, sinus rhythm 0.55 … 1 in
/// 99 % of PTB-XL, LUDB and `CinC` 2021.
const P_PRESENT: f64 = 0.52;
/// Part of the beats with a delineated P wave that is enough in a regular rhythm of usual rate.
const P_HALF: f64 = 0.4;
/// Part of the beats with a delineated P wave above which there is no flutter.
const P_STEADY: f64 = 0.75;
/// Rate below which a rhythm without P waves is not taken for sinus, bpm.
const SLOW_BPM: f64 = 48.0;
/// In few leads: quality below which an irregular rhythm is not called (chosen on `CinC` 2017) …
const FEW_LEADS_QUALITY: f64 = 0.8;
/// … or residue between the complexes above which it is noise, mV …
const FEW_LEADS_RESIDUE_MV: f64 = 0.26;
/// … once the irregularity is above this.
const NOISE_IRREGULAR: f64 = 0.1;
/// Irregularity (median successive difference over median RR) from which RR is irregular in fibrillation's sense.
pub const IRREGULAR: f64 = 0.06;
/// Irregularity up to which RR is regular.
pub const REGULAR: f64 = 0.04;
/// Flutter's atrial rate, Hz: 230 … 370 a minute (AHA part II 51).
const FLUTTER_HZ: std::ops::RangeInclusive<f64> = 3.8..=6.2;
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
    let (p, seen) = (a.p_present, r.p_fraction.unwrap_or(0.0));
    if unsure(case) {
        return Dominant::Undetermined;
    }
    if flutter(case) {
        return Dominant::Flutter;
    }
    if irregularity > IRREGULAR && p <= P_PRESENT {
        return Dominant::Fibrillation;
    }
    let wide = case.qrs().is_some_and(|q| q >= super::norms::complete_block(case.patient));
    let fast = case.rate().is_some_and(|v| v > super::norms::rate(case.patient).1);
    let slow = case.rate().is_some_and(|v| v < SLOW_BPM);
    // In a lead or three a small P wave is easily missed; a regular narrow rhythm of usual rate is sinus by far.
    let likely = irregularity <= REGULAR && !fast && !wide && (seen >= P_HALF || (few_leads(case) && !slow));
    if p > P_PRESENT || likely {
        return with_p(case);
    }
    match (irregularity <= REGULAR, wide, fast) {
        (true, true, true) => Dominant::WideTachycardia,
        (true, true, false) => Dominant::WideSlow,
        (true, false, true) => Dominant::NarrowTachycardia,
        (true, false, false) => Dominant::Junctional,
        (false, ..) => Dominant::Undetermined,
    }
}

/// Three leads or fewer: monitors and handhelds.
pub fn few_leads(case: &Case<'_>) -> bool {
    case.recording.leads.len() <= 3
}

/// Whether noise may have made the irregularity in a strip of few leads: no good lead, or a residue that no atrium makes.
pub fn unsure(case: &Case<'_>) -> bool {
    let best = case.detection.quality.iter().map(|q| q.score).fold(0.0, f64::max);
    let (a, irregularity) = (case.detection.atrial, case.rhythm().irregularity.unwrap_or(0.0));
    let noisy = best < FEW_LEADS_QUALITY || (a.residual_mv > FEW_LEADS_RESIDUE_MV && a.p_present <= P_PRESENT);
    few_leads(case) && irregularity > NOISE_IRREGULAR && noisy
}

/// Flutter: organised activity at its rate, and either irregular conduction of waves that repeat, or two waves a beat of
/// a fast regular rhythm in which P waves are not found steadily.
fn flutter(case: &Case<'_>) -> bool {
    let (r, a) = (case.rhythm(), case.detection.atrial);
    let Some(hz) = a.dominant_hz.filter(|hz| FLUTTER_HZ.contains(hz)) else { return false };
    let irregularity = r.irregularity.unwrap_or(0.0);
    let seen = r.p_fraction.unwrap_or(0.0);
    let organised = a.concentration >= ORGANISED;
    if irregularity > IRREGULAR {
        return organised && seen < P_STEADY && (0.3..0.95).contains(&a.p_present);
    }
    let ratio = case.rate().map_or(0.0, |rate| 60.0 * hz / rate);
    let two = (ratio - 2.0).abs() < 0.12 && case.rate().is_some_and(|v| v >= 115.0);
    (two && a.concentration >= 0.4 && seen < P_STEADY)
        || (organised && a.p_present <= P_PRESENT && irregularity <= REGULAR && ratio > 1.8)
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
