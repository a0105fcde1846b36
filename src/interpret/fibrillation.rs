//! Atrial fibrillation and flutter: atrial activity and RR intervals together (AHA part II 50, 51).

use super::dominant::{Dominant, IRREGULAR, REGULAR, dominant, flutter_rate, goes_on};
use super::prelude::*;
use super::rhythm::sinus_range;

/// Signal between T and P up to which the atria are still, mV RMS: fibrillatory waves are 30 µV and more from crest to
/// trough, muscle and wander in a good strip leave half of this.
const STILL_MV: f64 = 0.015;

fn fibrillation(c: &Case<'_>) -> Option<Evidence> {
    (dominant(c) == Dominant::Fibrillation).then_some(())?;
    let r = c.rhythm();
    let e = fires()
        .number(name::IRREGULARITY, 100.0 * r.irregularity.unwrap_or(0.0), "%", format!("> {} %", 100.0 * IRREGULAR))
        .number(name::P_PART, 100.0 * c.detection.atrial.p_present, "%", "");
    Some(match c.detection.atrial.dominant_hz {
        Some(hz) => e.number(name::F_WAVES, 60.0 * hz, "bpm", ""),
        None => e,
    })
}

fn flutter(c: &Case<'_>) -> Option<Evidence> {
    (dominant(c) == Dominant::Flutter).then_some(())?;
    Some(
        fires()
            .number(name::F_WAVES, flutter_rate(c)?, "bpm", "200 … 370")
            .leads(c.leads_where(&[L::II, L::III, L::AvF, L::V1], |_, _| true)),
    )
}

/// Flutter with a fixed ratio of conduction.
fn flutter_ratio(c: &Case<'_>, ratio: f64) -> Option<Evidence> {
    let seen = flutter_rate(c)? / c.rate()?;
    (c.rhythm().irregularity? <= IRREGULAR && (seen - ratio).abs() < 0.12 * ratio).then_some(())?;
    Some(flutter(c)?.number(name::RATIO, seen, "", format!("= {ratio}")))
}

pub static FIBRILLATION: Rule = Rule {
    id: "atrial-fibrillation",
    text: text("心房颤动", "Atrial fibrillation"),
    family: "rhythm",
    severity: Abnormal,
    codes: codes(&["50"], &["AFIB"], &["164889003"], &["8-3-1"]),
    criteria: text(
        "P波消失、代以f波，RR间期绝对不规则",
        "No P waves, fibrillatory activity, irregularly irregular RR intervals",
    ),
    source: &ESC_AF,
    replaces: &[],
    when: |c| fibrillation(c),
};

pub static FIBRILLATION_RAPID: Rule = Rule {
    id: "atrial-fibrillation-rapid",
    text: text("心房颤动伴快速心室率", "Atrial fibrillation with rapid ventricular response"),
    family: "rhythm",
    severity: Abnormal,
    codes: codes(&["50", "346"], &["AFIB"], &["164889003"], &["8-3-1"]),
    criteria: text(
        "心房颤动，平均心室率高于100次/分",
        "Atrial fibrillation with a mean ventricular rate above 100 bpm",
    ),
    source: &ESC_AF,
    replaces: &["atrial-fibrillation"],
    when: |c| {
        let rate = c.rate().filter(|r| *r > 100.0)?;
        Some(fibrillation(c)?.number(name::RATE, rate, "bpm", "> 100"))
    },
};

pub static FIBRILLATION_SLOW: Rule = Rule {
    id: "atrial-fibrillation-slow",
    text: text("心房颤动伴缓慢心室率", "Atrial fibrillation with slow ventricular response"),
    family: "rhythm",
    severity: Abnormal,
    codes: codes(&["50", "347"], &["AFIB"], &["164889003"], &["8-3-1"]),
    criteria: text("心房颤动，平均心室率低于60次/分", "Atrial fibrillation with a mean ventricular rate below 60 bpm"),
    source: &ESC_AF,
    replaces: &["atrial-fibrillation"],
    when: |c| {
        let rate = c.rate().filter(|r| *r < 60.0)?;
        Some(fibrillation(c)?.number(name::RATE, rate, "bpm", "< 60"))
    },
};

pub static FIBRILLATION_BLOCK: Rule = Rule {
    id: "atrial-fibrillation-regular",
    text: text("心房颤动伴三度房室阻滞可能", "Suggests atrial fibrillation with complete AV block"),
    family: "rhythm",
    severity: Abnormal,
    codes: codes(&["50", "88"], &["AFIB", "3AVB"], &["164889003", "27885002"], &["8-3-1", "6-1"]),
    criteria: text(
        "心房呈颤动样活动而RR规则、心室率低于60次/分",
        "Fibrillatory atrial activity with regular RR below 60 bpm",
    ),
    source: &BRADY_2018,
    replaces: &[
        "atrial-fibrillation",
        "atrial-fibrillation-slow",
        "junctional-rhythm",
        "junctional-bradycardia",
        "undetermined-rhythm",
    ],
    when: |c| {
        let (a, r) = (c.detection.atrial, c.rhythm());
        let going_on = a.between_mv.is_some_and(|v| v > STILL_MV);
        let fibrillating = a.dominant_hz.is_some_and(|hz| hz > 4.5) && going_on && a.p_present < 0.3;
        let rate = c.rate().filter(|v| *v < 55.0)?;
        (fibrillating && r.irregularity? < REGULAR && dominant(c) == Dominant::Junctional && r.counts.all >= 5).then(
            || {
                Evidence::of(Confidence::Possible)
                    .number(name::F_WAVES, a.dominant_hz.unwrap_or(0.0) * 60.0, "bpm", "> 270")
                    .number(name::RATE, rate, "bpm", "< 55")
                    .number(
                        name::IRREGULARITY,
                        100.0 * r.irregularity.unwrap_or(0.0),
                        "%",
                        format!("< {} %", 100.0 * REGULAR),
                    )
            },
        )
    },
};

pub static FIBRILLATION_PREEXCITED: Rule = Rule {
    id: "atrial-fibrillation-preexcited",
    text: text("心房颤动伴心室预激", "Atrial fibrillation with preexcitation"),
    family: "rhythm",
    severity: Abnormal,
    codes: codes(&["50", "108"], &["AFIB", "WPW"], &["164889003", "74390002"], &["8-3-1", "6-4"]),
    criteria: text(
        "RR绝对不规则的宽QRS波心动过速，QRS形态多变，最短RR间期不大于250 ms",
        "Irregular wide-QRS tachycardia with varying QRS, shortest RR 250 ms or less",
    ),
    source: &ESC_AF,
    replaces: &[
        "atrial-fibrillation",
        "atrial-fibrillation-rapid",
        "ventricular-tachycardia",
        "polymorphic-ventricular-tachycardia",
        "wide-qrs-tachycardia",
    ],
    when: |c| {
        let (short, rate, qrs) = (c.global().rr_min_ms?.0, c.rate()?, c.qrs()?);
        let cv = c.rhythm().rr_cv?;
        (short <= 250.0 && rate > 150.0 && qrs >= 110.0 && cv > 0.12).then(|| {
            let e = Evidence::of(Confidence::Probable).number(name::SHORTEST_RR, short, "ms", "≤ 250");
            c.qrs_told(e, 110.0, f64::INFINITY, "≥ 110").number(name::RATE, rate, "bpm", "> 150")
        })
    },
};

/// Range of RR between beats of one's own under pacing from which they come irregularly, ms and part of the mean.
const OWN_RANGE: (f64, f64) = (120.0, 0.1);

pub static FIBRILLATION_PACED: Rule = Rule {
    id: "atrial-fibrillation-paced",
    text: text("基础心律为心房颤动", "Underlying rhythm atrial fibrillation"),
    family: "rhythm",
    severity: Abnormal,
    codes: codes(&["50"], &["AFIB"], &["164889003"], &["8-3-1"]),
    criteria: text(
        "心室起搏心律中无P波，且自身心搏（三个以上间期）RR间期相差大于120 ms及均值的10%，或心搏间有持续的颤动波",
        "In a ventricular-paced rhythm no P waves, and native beats (three intervals or more) whose RR differ by more than 120 ms and a tenth of their mean, or continuous fibrillatory activity between the beats",
    ),
    source: &ESC_AF,
    replaces: &["sinus-arrhythmia"],
    when: |c| {
        let (a, seen) = (c.detection.atrial, c.rhythm().p_fraction.unwrap_or(0.0));
        (dominant(c) == Dominant::VentricularPaced && a.p_present < 0.3 && seen <= 0.3).then_some(())?;
        let own = sinus_range(c).filter(|(range, mean)| *range > OWN_RANGE.0 && *range > OWN_RANGE.1 * mean);
        let e = Evidence::of(Confidence::Probable).number(name::P_PART, 100.0 * a.p_present, "%", "");
        match (own, a.dominant_hz) {
            (Some((range, _)), _) => Some(e.number(name::OWN_RANGE, range, "ms", format!("> {}", OWN_RANGE.0))),
            (None, Some(hz)) if goes_on(c) => Some(e.number(name::F_WAVES, 60.0 * hz, "bpm", "")),
            _ => None,
        }
    },
};

pub static FLUTTER: Rule = Rule {
    id: "atrial-flutter",
    text: text("心房扑动", "Atrial flutter"),
    family: "rhythm",
    severity: Abnormal,
    codes: codes(&["51"], &["AFLT"], &["164890007"], &["8-3-2"]),
    criteria: text(
        "规则的锯齿状F波，频率210–370次/分，等电位线消失",
        "Regular sawtooth atrial activity of 210 to 370 a minute",
    ),
    source: &ESC_SVT,
    replaces: &[],
    when: |c| flutter(c),
};

pub static FLUTTER_2_1: Rule = Rule {
    id: "atrial-flutter-2-1",
    text: text("心房扑动（2:1房室传导）", "Atrial flutter with 2:1 AV conduction"),
    family: "rhythm",
    severity: Abnormal,
    codes: codes(&["51", "85"], &["AFLT"], &["164890007"], &["8-3-2"]),
    criteria: text(
        "心房扑动，心房率与心室率之比为2，RR规则",
        "Atrial flutter with a ratio of atrial to ventricular rate of 2 and regular RR",
    ),
    source: &ESC_SVT,
    replaces: &["atrial-flutter", "sinus-tachycardia"],
    when: |c| flutter_ratio(c, 2.0),
};

pub static FLUTTER_4_1: Rule = Rule {
    id: "atrial-flutter-4-1",
    text: text("心房扑动（4:1房室传导）", "Atrial flutter with 4:1 AV conduction"),
    family: "rhythm",
    severity: Abnormal,
    codes: codes(&["51", "81"], &["AFLT"], &["164890007"], &["8-3-2"]),
    criteria: text(
        "心房扑动，心房率与心室率之比为4，RR规则",
        "Atrial flutter with a ratio of atrial to ventricular rate of 4 and regular RR",
    ),
    source: &ESC_SVT,
    replaces: &["atrial-flutter"],
    when: |c| flutter_ratio(c, 4.0),
};

pub static FLUTTER_VARIABLE: Rule = Rule {
    id: "atrial-flutter-variable",
    text: text("心房扑动伴不等比房室传导", "Atrial flutter with variable AV conduction"),
    family: "rhythm",
    severity: Abnormal,
    codes: codes(&["51", "86"], &["AFLT"], &["164890007"], &["8-3-2"]),
    criteria: text("心房扑动，RR间期不规则", "Atrial flutter with irregular RR"),
    source: &ESC_SVT,
    replaces: &["atrial-flutter"],
    when: |c| {
        let irregular = c.rhythm().irregularity.filter(|v| *v > IRREGULAR)?;
        Some(flutter(c)?.number(name::IRREGULARITY, 100.0 * irregular, "%", format!("> {} %", 100.0 * IRREGULAR)))
    },
};
