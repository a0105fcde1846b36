//! Supraventricular rhythms (AHA part II C, D, E), after [`super::dominant`]'s answer.

use super::dominant::{Dominant, IRREGULAR, dominant};
use super::prelude::*;

/// Variation coefficient of RR between sinus beats from which the rhythm is called irregular, beside the 120 ms: where
/// the readers of PTB-XL, LUDB and `CinC` 2021 begin to say so.
const SINUS_ARRHYTHMIA_CV: f64 = 0.07;

/// Rates are compared as printed, whole beats a minute: 60 is not bradycardia.
fn rounded(rate: f64) -> f64 {
    rate.round()
}

fn fast(c: &Case<'_>) -> bool {
    c.basic_rate().is_some_and(|r| rounded(r) > norms::rate(c.patient).1)
}

fn slow(c: &Case<'_>) -> bool {
    c.basic_rate().is_some_and(|r| rounded(r) < norms::rate(c.patient).0)
}

/// Evidence of sinus rhythm.
fn sinus(c: &Case<'_>) -> Option<Evidence> {
    (dominant(c) == Dominant::Sinus).then_some(())?;
    let mut e = fires();
    if let Some(axis) = c.global().p_axis_deg {
        e = e.number(name::P_AXIS, axis.0, "°", "−10 … 100");
    }
    Some(e.number(name::P_PART, 100.0 * c.rhythm().p_fraction.unwrap_or(0.0), "%", ""))
}

fn ectopic_atrial(c: &Case<'_>) -> Evidence {
    let mut e = Evidence::of(Confidence::Probable);
    if let Some(axis) = c.global().p_axis_deg {
        e = e.number(name::P_AXIS, axis.0, "°", "−10 … 100");
    }
    e.number(name::RATE, c.rate().unwrap_or(0.0), "bpm", "")
}

fn junctional(c: &Case<'_>, from: f64, to: f64) -> Option<Evidence> {
    let rate = c.rate()?;
    let retrograde = dominant(c) == Dominant::Junctional;
    (retrograde && rate >= from && rate < to).then(|| {
        let e = Evidence::of(Confidence::Probable).number(name::RATE, rate, "bpm", format!("{from} … {to}"));
        match c.pr() {
            Some(pr) => e.number(name::PR, pr, "ms", format!("< {}", norms::pr(c.patient).0)),
            None => e.number(name::P_PART, 100.0 * c.rhythm().p_fraction.unwrap_or(0.0), "%", ""),
        }
    })
}

/// Range and mean of RR between ordinary beats, ms; the neighbours of ectopic and paced ones are left out. `None` below three.
pub fn sinus_range(c: &Case<'_>) -> Option<(f64, f64)> {
    let r = c.rhythm();
    let own: Vec<f64> =
        (1..r.rr_ms.len()).filter(|&i| conducted_pair(c, i)).filter_map(|i| r.rr_ms[i]).map(|m| m.0).collect();
    (own.len() >= 3).then(|| {
        let (low, high) = own.iter().fold((f64::MAX, 0.0_f64), |(l, h), v| (l.min(*v), h.max(*v)));
        (high - low, own.iter().sum::<f64>() / own.len() as f64)
    })
}

/// Whether beat `i` and the two before it, and the one before, are ordinary.
fn conducted_pair(c: &Case<'_>, i: usize) -> bool {
    let ordinary = |k: usize| c.class(k) == Some(BeatClass::N);
    i > 0 && ordinary(i) && ordinary(i - 1)
}

/// Part of the basic RR from which an interval is a pause of the sinus node: at 31 beats a minute every second one is longer
/// than two seconds.
const PAUSE_PART: f64 = 1.5;

/// The beat that ends the longest pause between ordinary beats, and its length, ms.
fn longest_pause(c: &Case<'_>) -> Option<(usize, f64)> {
    let r = c.rhythm();
    let own =
        r.pauses.iter().filter(|&&i| i > 0 && c.class(i - 1).is_some_and(|k| matches!(k, BeatClass::N | BeatClass::P)));
    own.filter_map(|&i| Some((i, r.rr_ms.get(i).copied().flatten()?.0))).max_by(|a, b| a.1.total_cmp(&b.1))
}

/// Whether an interval stands out from the basic ones.
fn stands_out(c: &Case<'_>, rr: f64) -> bool {
    c.rhythm().sinus_rr_ms.is_none_or(|base| rr >= PAUSE_PART * base.0)
}

/// Whether an interval is two or three times the basic one, within 10 %.
fn is_multiple(c: &Case<'_>, rr: f64) -> bool {
    let Some(base) = c.rhythm().sinus_rr_ms.map(|m| m.0).filter(|b| *b > 0.0) else { return false };
    let n = (rr / base).round();
    (2.0..=3.0).contains(&n) && (rr / base - n).abs() < 0.1
}

/// Whether an unconducted P wave lies between beat `i` and the one before.
fn blocked_before(c: &Case<'_>, i: usize) -> bool {
    let Some((a, b)) = i.checked_sub(1).and_then(|k| c.detection.beats.get(k)).zip(c.detection.beats.get(i)) else {
        return false;
    };
    let waves = c.rhythm().blocked_p.iter().filter_map(|&k| c.detection.p_waves.get(k));
    waves.into_iter().any(|w| w.peak > a.qrs.offset && w.peak < b.qrs.onset)
}

pub static SINUS_RHYTHM: Rule = Rule {
    id: "sinus-rhythm",
    text: text("窦性心律", "Sinus rhythm"),
    family: "rhythm",
    severity: Normal,
    codes: codes(&["20"], &["SR"], &["426783006"], &[]),
    criteria: text(
        "多数QRS波前有P波，P波在II、aVF导联直立，心率在年龄正常范围内",
        "A P wave before most QRS complexes, upright in II and aVF, rate within the limits of the age",
    ),
    source: &CHINA_TERMS,
    replaces: &[],
    when: |c| sinus(c),
};

pub static SINUS_BRADYCARDIA: Rule = Rule {
    id: "sinus-bradycardia",
    text: text("窦性心动过缓", "Sinus bradycardia"),
    family: "rhythm",
    severity: Borderline,
    codes: codes(&["22"], &["SBRAD", "SR"], &["426177001"], &["8-8"]),
    criteria: text(
        "窦性心律，心率低于年龄下限（成人低于60次/分）",
        "Sinus rhythm below the age's lower limit (adults: below 60 bpm)",
    ),
    source: &CHINA_TERMS,
    replaces: &["sinus-rhythm"],
    when: |c| {
        let (rate, low) = (c.basic_rate()?, norms::rate(c.patient).0);
        (rounded(rate) < low).then_some(())?;
        Some(sinus(c)?.number(name::RATE, rate, "bpm", format!("< {low}")))
    },
};

pub static MARKED_SINUS_BRADYCARDIA: Rule = Rule {
    id: "marked-sinus-bradycardia",
    text: text("显著窦性心动过缓", "Marked sinus bradycardia"),
    family: "rhythm",
    severity: Abnormal,
    codes: codes(&["22"], &["SBRAD", "SR"], &["426177001"], &["8-8"]),
    criteria: text(
        "窦性心律，成人心率低于40次/分（儿童低于年龄下限的三分之二）",
        "Sinus rhythm below 40 bpm in adults (children: below two thirds of the lower limit)",
    ),
    source: &BRADY_2018,
    replaces: &["sinus-rhythm", "sinus-bradycardia"],
    when: |c| {
        let (rate, low) = (c.basic_rate()?, norms::rate(c.patient).0 * 2.0 / 3.0);
        (rate < low).then_some(())?;
        Some(sinus(c)?.number(name::RATE, rate, "bpm", format!("< {low:.0}")))
    },
};

pub static SINUS_TACHYCARDIA: Rule = Rule {
    id: "sinus-tachycardia",
    text: text("窦性心动过速", "Sinus tachycardia"),
    family: "rhythm",
    severity: Borderline,
    codes: codes(&["21"], &["STACH", "SR"], &["427084000"], &["8-7"]),
    criteria: text(
        "窦性心律，心率高于年龄上限（成人高于100次/分）",
        "Sinus rhythm above the age's upper limit (adults: above 100 bpm)",
    ),
    source: &CHINA_TERMS,
    replaces: &["sinus-rhythm"],
    when: |c| {
        let (rate, high) = (c.basic_rate()?, norms::rate(c.patient).1);
        (rounded(rate) > high).then_some(())?;
        Some(sinus(c)?.number(name::RATE, rate, "bpm", format!("> {high}")))
    },
};

pub static SINUS_ARRHYTHMIA: Rule = Rule {
    id: "sinus-arrhythmia",
    text: text("窦性心律不齐", "Sinus arrhythmia"),
    family: "rhythm",
    severity: Borderline,
    codes: codes(&["23"], &["SARRH", "SR"], &["427393009"], &[]),
    criteria: text(
        "窦性心律，窦性心搏RR间期最大差值大于120 ms且变异系数大于7%",
        "Sinus rhythm whose RR intervals between sinus beats differ by more than 120 ms with a variation coefficient above 7 %",
    ),
    source: &CHINA_TERMS,
    replaces: &["sinus-rhythm"],
    when: |c| {
        let (range, mean) = sinus_range(c)?;
        (range > 120.0 && range > 0.1 * mean && c.rhythm().rr_cv? > SINUS_ARRHYTHMIA_CV).then_some(())?;
        Some(sinus(c)?.number(name::RR_RANGE, range, "ms", "> 120"))
    },
};

pub static SINUS_PAUSE: Rule = Rule {
    id: "sinus-pause",
    text: text("窦性停搏", "Sinus pause"),
    family: "rhythm",
    severity: Abnormal,
    codes: codes(&["26"], &[], &["5609005"], &[]),
    criteria: text(
        "窦性心律中无P波的RR间期2.0 s以上，为基本RR间期的1.5倍以上且不是其整倍数",
        "In sinus rhythm an RR of 2.0 s or more without P wave, 1.5 times the basic RR or more but no multiple of it",
    ),
    source: &CHINA_TERMS,
    replaces: &["sinus-arrhythmia", "pause"],
    when: |c| {
        let (at, rr) = longest_pause(c)?;
        (stands_out(c, rr) && !is_multiple(c, rr) && !blocked_before(c, at)).then_some(())?;
        Some(sinus(c)?.number(name::PAUSE, rr, "ms", "≥ 2000").beats([at]))
    },
};

pub static SA_BLOCK: Rule = Rule {
    id: "sinoatrial-block-second-degree",
    text: text("二度窦房阻滞", "Sinoatrial block, second degree"),
    family: "rhythm",
    severity: Abnormal,
    codes: codes(&["25"], &[], &["65778007"], &["6-8"]),
    criteria: text(
        "窦性心律（不快）中长PP间期为基本PP间期的2倍或3倍（±10%），其间无P波",
        "In sinus rhythm that is not fast a long PP of two or three times the basic PP (within 10 %) without P wave in it",
    ),
    source: &AHA_PART2,
    replaces: &["sinus-arrhythmia", "sinus-pause"],
    when: |c| {
        let r = c.rhythm();
        let base = r.sinus_rr_ms?.0;
        let at = (1..r.rr_ms.len()).find(|&i| {
            let rr = r.rr_ms[i].map_or(0.0, |m| m.0);
            rr > 1.8 * base && is_multiple(c, rr) && !blocked_before(c, i) && conducted_pair(c, i)
        })?;
        (r.irregularity? < IRREGULAR && !fast(c) && c.detection.beats.len() >= 5).then_some(())?;
        let rr = r.rr_ms[at]?.0;
        Some(sinus(c)?.number(name::PAUSE, rr, "ms", format!("= {:.0} × {base:.0}", rr / base)).beats([at]))
    },
};

pub static ECTOPIC_ATRIAL_RHYTHM: Rule = Rule {
    id: "ectopic-atrial-rhythm",
    text: text("房性心律", "Ectopic atrial rhythm"),
    family: "rhythm",
    severity: Borderline,
    codes: codes(&["34"], &["SVARR"], &["106068003"], &["8-4"]),
    criteria: text(
        "每个QRS波前有P波，P电轴异常（II、aVF导联P波倒置等），PR间期不短，心率在正常范围",
        "A P wave before each QRS with an abnormal axis, PR not short, rate normal",
    ),
    source: &AHA_PART2,
    replaces: &[],
    when: |c| {
        let ok = dominant(c) == Dominant::EctopicAtrial && !(fast(c) || slow(c));
        ok.then(|| ectopic_atrial(c))
    },
};

pub static ECTOPIC_ATRIAL_BRADYCARDIA: Rule = Rule {
    id: "ectopic-atrial-bradycardia",
    text: text("房性心律伴心动过缓", "Ectopic atrial bradycardia"),
    family: "rhythm",
    severity: Abnormal,
    codes: codes(&["34", "42"], &["SVARR"], &["106068003"], &["8-8"]),
    criteria: text("房性心律，心率低于年龄下限", "Ectopic atrial rhythm below the age's lower limit"),
    source: &AHA_PART2,
    replaces: &["ectopic-atrial-rhythm"],
    when: |c| (dominant(c) == Dominant::EctopicAtrial && slow(c)).then(|| ectopic_atrial(c)),
};

pub static ECTOPIC_ATRIAL_TACHYCARDIA: Rule = Rule {
    id: "ectopic-atrial-tachycardia",
    text: text("房性心动过速", "Ectopic atrial tachycardia"),
    family: "rhythm",
    severity: Abnormal,
    codes: codes(&["52"], &["SVTAC", "SVARR"], &["713422000"], &["8-4"]),
    criteria: text("房性心律，心率高于年龄上限", "Ectopic atrial rhythm above the age's upper limit"),
    source: &ESC_SVT,
    replaces: &["ectopic-atrial-rhythm"],
    when: |c| (dominant(c) == Dominant::EctopicAtrial && fast(c)).then(|| ectopic_atrial(c)),
};

pub static WANDERING_PACEMAKER: Rule = Rule {
    id: "wandering-atrial-pacemaker",
    text: text("窦房结至房室交界区游走性心律", "Wandering atrial pacemaker"),
    family: "rhythm",
    severity: Borderline,
    codes: codes(&["33"], &["SVARR"], &["195101003"], &[]),
    criteria: text(
        "P波形态三种以上、PR间期不等，心率不快",
        "P waves of three shapes or more with varying PR, rate not fast",
    ),
    source: &AHA_PART2,
    replaces: &["sinus-rhythm", "sinus-arrhythmia", "ectopic-atrial-rhythm", "sinus-bradycardia"],
    when: |c| {
        (dominant(c) == Dominant::Multifocal && !fast(c))
            .then(|| fires().number(name::PR_SD, c.rhythm().pr_sd_ms.map_or(0.0, |m| m.0), "ms", "> 15"))
    },
};

pub static MULTIFOCAL_ATRIAL_TACHYCARDIA: Rule = Rule {
    id: "multifocal-atrial-tachycardia",
    text: text("多源性房性心动过速", "Multifocal atrial tachycardia"),
    family: "rhythm",
    severity: Abnormal,
    codes: codes(&["53"], &["SVTAC"], &["713422000"], &["8-4"]),
    criteria: text(
        "P波形态三种以上、PR间期与RR间期不等，心率大于100次/分",
        "P waves of three shapes or more, varying PR and RR, rate above 100 bpm",
    ),
    source: &ESC_SVT,
    replaces: &["sinus-tachycardia", "ectopic-atrial-tachycardia"],
    when: |c| {
        (dominant(c) == Dominant::Multifocal && fast(c))
            .then(|| fires().number(name::RATE, c.rate().unwrap_or(0.0), "bpm", "> 100"))
    },
};

pub static JUNCTIONAL_RHYTHM: Rule = Rule {
    id: "junctional-rhythm",
    text: text("交界性逸搏心律", "Junctional rhythm"),
    family: "rhythm",
    severity: Abnormal,
    codes: codes(&["38", "37"], &[], &["29320008"], &["8-8"]),
    criteria: text(
        "QRS波不宽、RR规则，无P波或为逆行P波（PR小于120 ms），心率40–60次/分",
        "Regular narrow QRS without P wave or with a retrograde one (PR below 120 ms), 40 to 60 bpm",
    ),
    source: &CHINA_TERMS,
    replaces: &[],
    when: |c| junctional(c, 40.0, 60.0),
};

pub static JUNCTIONAL_BRADYCARDIA: Rule = Rule {
    id: "junctional-bradycardia",
    text: text("过缓的交界性逸搏心律", "Junctional bradycardia"),
    family: "rhythm",
    severity: Abnormal,
    codes: codes(&["38", "42"], &[], &["29320008"], &["8-8"]),
    criteria: text("交界性心律，心率低于40次/分", "Junctional rhythm below 40 bpm"),
    source: &CHINA_TERMS,
    replaces: &["junctional-rhythm"],
    when: |c| junctional(c, 0.0, 40.0),
};

pub static ACCELERATED_JUNCTIONAL: Rule = Rule {
    id: "accelerated-junctional-rhythm",
    text: text("加速的交界性心律", "Accelerated junctional rhythm"),
    family: "rhythm",
    severity: Abnormal,
    codes: codes(&["39"], &[], &["426664006"], &["8-4"]),
    criteria: text("交界性心律，心率60–100次/分", "Junctional rhythm of 60 to 100 bpm"),
    source: &CHINA_TERMS,
    replaces: &[],
    when: |c| junctional(c, 60.0, 100.0),
};

pub static JUNCTIONAL_TACHYCARDIA: Rule = Rule {
    id: "junctional-tachycardia",
    text: text("交界性心动过速", "Junctional tachycardia"),
    family: "rhythm",
    severity: Abnormal,
    codes: codes(&["54"], &["SVTAC"], &["426648003"], &["8-4"]),
    criteria: text(
        "交界性心律，心率高于100次/分且有逆行P波",
        "Junctional rhythm above 100 bpm with retrograde P waves",
    ),
    source: &ESC_SVT,
    replaces: &[],
    when: |c| junctional(c, 100.0, 400.0),
};

pub static SUPRAVENTRICULAR_TACHYCARDIA: Rule = Rule {
    id: "supraventricular-tachycardia",
    text: text("室上性心动过速", "Supraventricular tachycardia"),
    family: "rhythm",
    severity: Abnormal,
    codes: codes(&["55"], &["SVTAC", "PSVT"], &["426761007"], &["8-4"]),
    criteria: text(
        "RR规则，QRS波不宽，看不到P波，心率不低于150次/分（儿童高于年龄上限）",
        "Regular narrow QRS without visible P wave at 150 bpm or more (children: above the age's limit)",
    ),
    source: &ESC_SVT,
    replaces: &["narrow-qrs-tachycardia"],
    when: |c| {
        let rate = c.rate()?;
        (dominant(c) == Dominant::NarrowTachycardia && (rate >= 150.0 || !c.adult())).then_some(())?;
        Some(fires().number(name::RATE, rate, "bpm", "≥ 150"))
    },
};

pub static NARROW_TACHYCARDIA: Rule = Rule {
    id: "narrow-qrs-tachycardia",
    text: text("窄QRS波心动过速", "Narrow-QRS tachycardia"),
    family: "rhythm",
    severity: Abnormal,
    codes: codes(&["56"], &["SVTAC"], &["426761007"], &["8-4"]),
    criteria: text(
        "RR规则，QRS波不宽，看不到P波，心率高于100次/分",
        "Regular narrow QRS without visible P wave above 100 bpm",
    ),
    source: &ESC_SVT,
    replaces: &[],
    when: |c| {
        (dominant(c) == Dominant::NarrowTachycardia)
            .then(|| fires().number(name::RATE, c.rate().unwrap_or(0.0), "bpm", "> 100"))
    },
};

pub static UNDETERMINED: Rule = Rule {
    id: "undetermined-rhythm",
    text: text("心律不能确定", "Undetermined rhythm"),
    family: "rhythm",
    severity: Abnormal,
    codes: codes(&[], &[], &[], &[]), // AHA 27 is of supraventricular rhythms only
    criteria: text("不符合任何一种心律的标准", "No rhythm's criteria are met"),
    source: &AHA_PART2,
    replaces: &[],
    when: |c| {
        let r = c.rhythm();
        (dominant(c) == Dominant::Undetermined).then(|| {
            fires().number(name::P_PART, 100.0 * r.p_fraction.unwrap_or(0.0), "%", "").number(
                name::IRREGULARITY,
                100.0 * r.irregularity.unwrap_or(0.0),
                "%",
                "",
            )
        })
    },
};

pub static PAUSE: Rule = Rule {
    id: "pause",
    text: text("长RR间期", "Pause"),
    family: "rhythm",
    severity: Abnormal,
    codes: codes(&["26"], &[], &[], &[]),
    criteria: text(
        "RR间期2.0 s以上且为基本RR间期的1.5倍以上，原因未定（心房颤动或扑动时3.0 s以上）",
        "An RR of 2.0 s or more and 1.5 times the basic one, of undetermined cause (in atrial fibrillation or flutter 3.0 s)",
    ),
    source: &BRADY_2018,
    replaces: &[],
    when: |c| {
        let (at, rr) = longest_pause(c)?;
        let wild = matches!(dominant(c), Dominant::Fibrillation | Dominant::Flutter);
        let limit = if wild { 3000.0 } else { 2000.0 };
        (rr >= limit && (wild || stands_out(c, rr)) && c.rate()? > 30.0)
            .then(|| fires().number(name::PAUSE, rr, "ms", format!("≥ {limit}")).beats([at]))
    },
};
