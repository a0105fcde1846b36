//! The one dominant rhythm of a strip: atrial activity and RR intervals read together.
//!
//! Order of the questions: is there a signal with beats at all; is the heart paced; are most beats ventricular; is the
//! atrium fibrillating or fluttering; is there a P wave before most beats and from where; and, without P waves, is the
//! rhythm regular. "Undetermined" is an answer. Ectopic beats, pauses, blocks and pacing are said on top by their own
//! statements.

use super::Case;
use crate::detect::{BeatClass, EpisodeKind};
use crate::signal::{LeadName as L, Ms};

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
/// Beats of its own that a rhythm has at least between ventricular ones that are more.
const OWN_BEATS: usize = 3;
/// Part of the beats with a repeating P wave up to which there is none: fibrillation 0 … 0.5, sinus rhythm 0.55 … 1 in
/// 99 % of PTB-XL, LUDB and `CinC` 2021.
const P_PRESENT: f64 = 0.52;
/// Part of the beats with a delineated P wave that is enough in a regular rhythm of usual rate.
const P_HALF: f64 = 0.4;
/// Part of the beats with a delineated P wave above which there is no flutter.
const P_STEADY: f64 = 0.75;
/// Part of the beats whose P waves look alike below which, with a P wave before each and irregular RR, they come from
/// several places. No sinus rhythm of the 400 records named above.
const SHAPES: f64 = 0.7;
/// Standard deviation of PR up to which P and QRS belong together, ms.
const STEADY_PR_MS: f64 = 30.0;
/// Spread of PP up to which the atria keep time, and part of the P waves due that must be seen.
const IN_TIME: f64 = 0.06;
const FILLED: f64 = 0.6;
/// In few leads: irregularity that outweighs what seems to repeat before the complexes when P waves are this rare.
const WILD: f64 = 0.3;
const P_RARE: f64 = 0.2;
/// Part of the beats with a P wave that repeats from which it may be one though not delineated, before wide complexes.
const CLEAR_SHAPE: f64 = 0.6;
/// Mean distance of RR from whole numbers of atrial cycles (0.25 by chance) up to which RR is quantised, and intervals needed.
const QUANTISED: (f64, usize) = (0.09, 8);
/// Times the upper limit of the rate above which P waves must be delineated to count.
const TOO_FAST: f64 = 1.25;
/// Atrial rate of flutter where its waves are found one by one, bpm.
const FLUTTER_BPM: (f64, f64) = (220.0, 370.0);
/// Rate from which two atrial waves a beat are flutter though each seems a P wave: few sinus nodes beat so fast at rest, bpm.
const FAST_FLUTTER_BPM: f64 = 150.0;
/// Rate from which twice the ventricular rate in the spectrum speaks for flutter, bpm: below, the rest of P and T makes as much.
const LEAST_TWO_BPM: f64 = 122.0;
/// Distance of the ratio of atrial to ventricular rate from a whole number up to which it is one.
const WHOLE: f64 = 0.12;
/// Least rate of flutter at 2:1, bpm.
const TWO_TO_ONE_BPM: f64 = 105.0;
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
/// Signal between T and P from which the atria do not rest, mV RMS, and concentration from which its frequency is one.
const RESTLESS_MV: f64 = 0.02;
const GATHERED: f64 = 0.55;
/// Flutter's atrial rate, Hz: 230 … 370 a minute (AHA part II 51).
const FLUTTER_HZ: std::ops::RangeInclusive<f64> = 3.8..=6.2;
/// Spectral concentration from which the atrial activity is organised.
const ORGANISED: f64 = 0.5;
/// Sinus P axis, degrees (positive in II and aVF; Surawicz & Knilans: 0 … 75, with tolerance).
const SINUS_P_AXIS: std::ops::RangeInclusive<f64> = -10.0..=100.0;

/// First and last part of QRS compared, and how much more the first moves where the conduction system carries it: twice as much
/// in simulated right bundle branch block, as much or less in simulated ventricular rhythms.
const PART_OF_QRS: Ms = Ms(40.0);
const FAST_BEGIN: f32 = 2.0;
/// Part of the beats with a delineated P wave from which its polarity is believed.
const P_EVERYWHERE: f64 = 0.8;
/// Depth of P in II and aVF from which it is negative, mV.
const INVERTED_P_MV: f64 = 0.04;
/// Rate from which a negative "P" in II and aVF that runs into T is a tachycardia's, bpm.
const INVERTED_FAST_BPM: f64 = 130.0;
/// Least distance from the end of T to P at which P is seen by itself, ms.
const T_TO_P_MS: f64 = 40.0;
/// PR above which a "P wave" of odd axis is rather the T wave before, ms.
const LONGEST_ECTOPIC_PR_MS: f64 = 240.0;

/// Says which rhythm dominates.
pub fn dominant(case: &Case<'_>) -> Dominant {
    *case.told.dominant.get_or_init(|| find(case))
}

fn find(case: &Case<'_>) -> Dominant {
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
    if spikes_before_wide(case) {
        return Dominant::VentricularPaced;
    }
    if atrial_paced(case) {
        return Dominant::AtrialPaced;
    }
    if counts.ventricular as f64 > MOST * all && !goes_on_between(case) {
        return Dominant::Ventricular;
    }
    by_atria(case)
}

/// Whether another rhythm goes on for most of the time between ventricular beats that are more in number: a nonsustained
/// tachycardia is fast, the beats of a bigeminy are early. An interval is of its later beat.
fn goes_on_between(case: &Case<'_>) -> bool {
    let r = case.rhythm();
    let time = |ventricular: bool| {
        let own = r.rr_ms.iter().zip(&r.classes).filter(|(_, class)| (**class == BeatClass::V) == ventricular);
        own.filter_map(|(rr, _)| rr.as_ref()).map(|rr| rr.0).sum::<f64>()
    };
    r.counts.normal >= OWN_BEATS && time(false) > time(true)
}

/// QRS onset after a ventricular spike, ms.
const ONSET_AFTER_SPIKE: std::ops::RangeInclusive<f64> = -20.0..=60.0;
/// Least QRS of ventricular pacing, ms.
const PACED_QRS_MS: f64 = 140.0;

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

/// Pacing of which only some spikes are seen, before wide even complexes whose peak comes too late for
/// [`crate::detect`] to call them paced: every spike stands at a QRS onset.
fn spikes_before_wide(case: &Case<'_>) -> bool {
    let (d, r) = (case.detection, case.rhythm());
    let ms = |n: usize| case.recording.rate.ms(n as f64).0;
    let at_onset = |s: usize| {
        d.beats.iter().any(|b| {
            let gap = if b.qrs.onset >= s { ms(b.qrs.onset - s) } else { -ms(s - b.qrs.onset) };
            ONSET_AFTER_SPIKE.contains(&gap)
        })
    };
    d.spikes.len() >= 2
        && 4 * d.spikes.len() >= d.beats.len()
        && d.spikes.iter().all(|s| at_onset(*s))
        && case.qrs().is_some_and(|q| q >= PACED_QRS_MS)
        && r.unevenness.is_some_and(|u| u < 0.03)
}

fn by_atria(case: &Case<'_>) -> Dominant {
    let (r, a) = (case.rhythm(), case.detection.atrial);
    let irregularity = r.irregularity.unwrap_or(0.0);
    let (p, seen) = (a.p_present, r.p_fraction.unwrap_or(0.0));
    if unsure(case) {
        return Dominant::Undetermined;
    }
    if undulates(case) {
        return Dominant::WideTachycardia;
    }
    if flutter(case) {
        return Dominant::Flutter;
    }
    let (each, time) = (p_before_each(case), keeps_time(case));
    if irregularity > IRREGULAR && goes_on(case) {
        return Dominant::Fibrillation;
    }
    if irregularity > IRREGULAR && !time {
        if each && p < SHAPES {
            return Dominant::Multifocal;
        }
        let chance = few_leads(case) && irregularity > WILD && seen < P_RARE;
        if !each && (p <= P_PRESENT || chance) {
            return Dominant::Fibrillation;
        }
    }
    let wide = case.qrs().is_some_and(|q| q >= super::norms::complete_block(case.patient));
    let rate = case.basic_rate().unwrap_or(0.0);
    let (fast, slow) = (rate > super::norms::rate(case.patient).1, rate > 0.0 && rate < SLOW_BPM);
    // What repeats before the complexes is T at such rates, and the end of a wide complex's T at such low ones.
    let doubtful = seen < P_HALF && (rate > TOO_FAST * super::norms::rate(case.patient).1 || (wide && slow));
    // In a lead or three a small P wave is easily missed; a regular narrow rhythm of usual rate is sinus by far.
    let likely = irregularity <= REGULAR && !fast && !wide && (seen >= P_HALF || (few_leads(case) && !slow));
    let weak = wide && !few_leads(case) && seen < P_RARE && p < CLEAR_SHAPE;
    if wide && (slow && doubtful || weak) && p > P_PRESENT && !time {
        // Something repeats before wide complexes, but no P wave is delineated: sinus rhythm or an escape; at a fast rate T.
        return if fast && irregularity <= REGULAR { Dominant::WideTachycardia } else { Dominant::Undetermined };
    }
    // At fast rates a "P wave" before each beat that does not repeat in shape is T, before slow wide beats it may be chance.
    let own = p > P_PRESENT || (rate <= TOO_FAST * super::norms::rate(case.patient).1 && !(wide && slow));
    if (p > P_PRESENT && !doubtful) || likely || time || (each && seen >= P_EVERYWHERE && own) {
        return with_p(case);
    }
    match (irregularity <= REGULAR, wide, fast) {
        (true, true, true) => Dominant::WideTachycardia,
        (true, true, false) if begins_fast(case) => Dominant::Undetermined,
        (true, true, false) => Dominant::WideSlow,
        (true, false, true) => Dominant::NarrowTachycardia,
        (true, false, false) => Dominant::Junctional,
        (false, ..) => Dominant::Undetermined,
    }
}

/// Whether a fast rhythm swings like one wave: a tachycardia with wide complexes, in which bounds of P, QRS and T mean nothing.
pub fn undulates(case: &Case<'_>) -> bool {
    case.detection.undulates() && case.rate().is_some_and(|v| v > super::norms::rate(case.patient).1)
}

/// Whether the QRS of all leads together moves far more in its first 40 ms than in its last: the ventricles are entered by the
/// conduction system, and a bundle branch block makes them wide (vi/vt above 1 in one lead: Vereckei, Eur Heart J 28:589, 2007;
/// here a clear excess over all leads is asked for).
fn begins_fast(case: &Case<'_>) -> bool {
    let Some((median, qrs)) = case.detection.medians.first().and_then(|m| Some((m, m.qrs?))) else { return false };
    let part = case.recording.rate.samples(PART_OF_QRS);
    let way = |from: usize| {
        let of_lead = |row: ndarray::ArrayView1<'_, f32>| {
            let steps = row.windows(2).into_iter().skip(from).take(part).map(|w| (w[1] - w[0]).abs());
            steps.filter(|s| s.is_finite()).sum::<f32>()
        };
        median.samples.rows().into_iter().map(of_lead).sum::<f32>()
    };
    way(qrs.onset) > FAST_BEGIN * way(qrs.offset.saturating_sub(part))
}

/// Whether the atria do not rest between T and P and their activity is gathered at one fibrillatory frequency: whatever
/// seems to stand before the complexes then, it is no P wave of an irregular sinus rhythm. Of 400 records of PTB-XL, LUDB
/// and `CinC` 2021 no sinus rhythm with irregular RR has more than 0.016 mV there or is gathered above 0.52.
pub fn goes_on(case: &Case<'_>) -> bool {
    let a = case.detection.atrial;
    let restless = a.between_mv.is_some_and(|v| v >= RESTLESS_MV) && !case.unsteady();
    restless && a.concentration >= GATHERED && a.dominant_hz.is_some_and(|hz| hz >= *FLUTTER_HZ.start())
}

/// Whether a P wave stands before most beats at a distance that hardly varies: no fibrillation, whatever RR does.
fn p_before_each(case: &Case<'_>) -> bool {
    let r = case.rhythm();
    r.counts.all >= 4 && r.p_fraction.is_some_and(|f| f >= P_STEADY) && r.pr_sd_ms.is_some_and(|s| s.0 <= STEADY_PR_MS)
}

/// Whether the atria beat in time faster than the ventricles, or in time while these do not: however irregular the ventricles
/// are then, it is a block.
pub fn keeps_time(case: &Case<'_>) -> bool {
    let r = case.rhythm();
    let Some(atria) = r.p_rate_bpm.map(|b| b.0).filter(|b| *b < FLUTTER_BPM.0) else { return false };
    // One P a beat of a regular rhythm proves no block: it is judged by where it stands.
    let own = case.rate().is_some_and(|v| atria > 1.15 * v) || r.unevenness.is_some_and(|u| u > IRREGULAR);
    own && atria_regular(case)
}

/// Whether many atrial waves, each a whole number of cycles after the one before, fill most of the strip.
fn atria_regular(case: &Case<'_>) -> bool {
    let (r, p) = (case.rhythm(), &case.detection.p_waves);
    let (Some(rate), Some(spread), Some(first), Some(last)) = (r.p_rate_bpm, r.pp_spread, p.first(), p.last()) else {
        return false;
    };
    let span = case.recording.rate.ms(last.peak.saturating_sub(first.peak) as f64).0;
    let due = span * rate.0 / 60_000.0 + 1.0;
    p.len() >= 5 && spread < IN_TIME && p.len() as f64 >= FILLED * due && span > 0.6 * 1000.0 * case.recording.seconds()
}

/// Three leads or fewer: monitors and handhelds.
pub fn few_leads(case: &Case<'_>) -> bool {
    case.recording.leads.len() <= 3
}

/// Whether noise may have made the irregularity in a strip of few leads: no good lead, or a residue that no atrium makes.
pub fn unsure(case: &Case<'_>) -> bool {
    let best = case.detection.quality.iter().map(|q| q.score).fold(0.0, f64::max);
    let (a, r) = (case.detection.atrial, case.rhythm());
    // Beats that noise made are left out of the one, not of the other.
    let irregularity = r.irregularity.unwrap_or(0.0).max(r.unevenness.unwrap_or(0.0));
    let noisy = best < FEW_LEADS_QUALITY || (a.residual_mv > FEW_LEADS_RESIDUE_MV && a.p_present <= P_PRESENT);
    few_leads(case) && irregularity > NOISE_IRREGULAR && noisy
}

/// Flutter: waves that repeat within each cycle of a regular rhythm, or organised activity at its rate, and either
/// irregular conduction of waves that repeat or two waves a beat of a fast regular rhythm.
fn flutter(case: &Case<'_>) -> bool {
    let (r, a) = (case.rhythm(), case.detection.atrial);
    // By the usual interval: a few longer ones between many at 2:1 do not make another ratio of them.
    let rate = r.sinus_rr_ms.map(|m| 60_000.0 / m.0).or(case.rate()).unwrap_or(0.0);
    // What is two atrial waves a beat in an adult is an infant's sinus rate.
    let fast = rate > super::norms::rate(case.patient).1;
    if a.tied.is_some_and(|n| n > 2 || (fast && rate >= TWO_TO_ONE_BPM)) {
        return true;
    }
    let waves = r.p_rate_bpm.is_some_and(|b| b.0 >= FLUTTER_BPM.0 && b.0 <= FLUTTER_BPM.1);
    if waves && atria_regular(case) {
        return true;
    }
    let Some(hz) = a.dominant_hz.filter(|hz| FLUTTER_HZ.contains(hz)) else { return false };
    let irregularity = r.irregularity.unwrap_or(0.0);
    let seen = r.p_fraction.unwrap_or(0.0);
    let organised = a.concentration >= ORGANISED;
    if irregularity > IRREGULAR {
        if seen < P_STEADY && quantised(case, hz) {
            return true;
        }
        return organised && seen < P_STEADY && (0.3..0.95).contains(&a.p_present);
    }
    let ratio = 60.0 * hz / rate.max(1.0);
    let two = (ratio - 2.0).abs() < WHOLE && fast && rate >= LEAST_TWO_BPM;
    // Between T and P flutter's waves go on; where there is nothing between, the ventricles keep a part of their time.
    let whole = (ratio - ratio.round()).abs() < WHOLE;
    let go_on = a.between_mv.map_or(whole, |v| v >= RESTLESS_MV);
    (two && a.concentration >= 0.4 && (seen < P_STEADY || rate >= FAST_FLUTTER_BPM))
        || (organised && go_on && a.p_present <= P_PRESENT && irregularity <= REGULAR && ratio > 1.8)
}

/// Whether irregular RR intervals are whole numbers of the atrial cycle: flutter with varying conduction.
fn quantised(case: &Case<'_>, hz: f64) -> bool {
    let turns: Vec<f64> = case.rhythm().rr_ms.iter().flatten().map(|m| m.0 * hz / 1000.0).collect();
    let off = turns.iter().map(|t| (t - t.round()).abs()).sum::<f64>() / turns.len().max(1) as f64;
    turns.len() >= QUANTISED.1 && off <= QUANTISED.0
}

/// Rate of the flutter waves, bpm.
pub fn flutter_rate(case: &Case<'_>) -> Option<f64> {
    let a = case.detection.atrial;
    match (a.tied, case.rate()) {
        (Some(n), Some(rate)) => Some(f64::from(n) * rate),
        _ => a.dominant_hz.map(|hz| 60.0 * hz),
    }
}

/// Whether T runs into the next P wave, so that its polarity is not its own.
fn fused(case: &Case<'_>) -> bool {
    let g = case.global();
    let (Some(rate), Some(qt), Some(pr)) = (case.rate(), g.qt_ms, g.pr_ms) else { return true };
    60_000.0 / rate.max(1.0) < qt.0 + pr.0 + T_TO_P_MS
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
    let narrow = case.qrs().is_some_and(|q| q < super::norms::complete_block(case.patient));
    let fast = case.rate().is_some_and(|v| v > super::norms::rate(case.patient).1);
    if seen && away && narrow && fast && fused(case) && case.rate().is_some_and(|v| v > INVERTED_FAST_BPM) {
        // Whether P or T, no sinus rhythm has it negative there.
        return Dominant::NarrowTachycardia;
    }
    if !seen || !(away || left) || case.unsteady() || fused(case) {
        return Dominant::Sinus;
    }
    // AV conduction is faster at higher rates; our PR is a few milliseconds short of the readers'.
    let short = super::norms::pr(case.patient).0 * if fast { 0.75 } else { 0.92 };
    match case.pr() {
        Some(pr) if pr < short => Dominant::Junctional,
        Some(pr) if pr < LONGEST_ECTOPIC_PR_MS => Dominant::EctopicAtrial,
        _ => Dominant::Sinus,
    }
}
