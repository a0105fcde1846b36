//! Technical statements: electrodes and signal quality (AHA part II B, part I; Batchvarov 2007).

use super::dominant::{Dominant, dominant, undulates, unsure};
use super::prelude::*;
use crate::detect::LeadQuality;

/// Quality score below which a lead is of no use to a reader.
const USELESS: f64 = 0.2;

fn quality<'a>(c: &'a Case<'_>) -> impl Iterator<Item = (&'a L, &'a LeadQuality)> {
    c.recording.leads.iter().zip(&c.detection.quality)
}

fn where_quality(c: &Case<'_>, test: impl Fn(&LeadQuality) -> bool) -> Vec<L> {
    let derived = &c.recording.derived;
    quality(c).filter(|(l, q)| test(q) && !derived.contains(l)).map(|(l, _)| l.clone()).collect()
}

/// The worst of one quality number over leads.
fn worst(c: &Case<'_>, of: impl Fn(&LeadQuality) -> f64) -> f64 {
    quality(c).map(|(_, q)| of(q)).fold(0.0, f64::max)
}

pub static NO_QRS: Rule = Rule {
    id: "no-qrs-found",
    text: text("未检出QRS波群，无法判读", "No QRS complexes found: uninterpretable"),
    family: "technical",
    severity: Abnormal,
    codes: codes(&["4"], &[], &[], &["9-8"]),
    criteria: text(
        "未检出心搏，且未见心室颤动或停搏",
        "No beat is found, and neither ventricular fibrillation nor asystole",
    ),
    source: &AHA_PART2,
    replaces: &["undetermined-rhythm", "poor-data-quality"],
    when: |c| {
        let vital = c.detection.episodes.iter().any(|e| e.kind != EpisodeKind::NoSignal);
        let beats = c.detection.beats.len();
        (beats < 2 && !vital).then(|| fires().number(name::BEATS, beats as f64, "", "< 2"))
    },
};

pub static UNINTERPRETABLE: Rule = Rule {
    id: "uninterpretable",
    text: text("信号质量差，无法判读，请重新采集", "Signal quality does not allow an interpretation: repeat the ECG"),
    family: "technical",
    severity: Abnormal,
    codes: codes(&["4"], &[], &[], &["9-8"]),
    criteria: text(
        "超过半数导联信号质量评分低于0.2；或仅1–3个导联且RR不规则时，无一导联评分达0.8或心搏间残余信号大于0.26 mV",
        "Quality score below 0.2 in more than half of the leads; or, with three leads or fewer and irregular RR, no lead of 0.8 or more or more than 0.26 mV left between the beats",
    ),
    source: &AHA_PART2,
    replaces: &[
        "undetermined-rhythm",
        "poor-data-quality",
        "muscle-artifact",
        "baseline-wander",
        "mains-interference",
        "lead-off",
    ],
    when: |c| {
        if unsure(c) {
            let best = c.detection.quality.iter().map(|q| q.score).fold(0.0, f64::max);
            return Some(fires().number(name::QUALITY, best, "", "< 0.8").leads(c.recording.leads.iter().cloned()));
        }
        let bad = where_quality(c, |q| q.score < USELESS);
        let all = quality(c).filter(|(l, _)| !c.recording.derived.contains(l)).count();
        (all > 0 && 2 * bad.len() > all)
            .then(|| fires().number(name::LEADS, bad.len() as f64, "", format!("> {}", all / 2)).leads(bad))
    },
};

pub static UNSCALED: Rule = Rule {
    id: "amplitude-scale-unknown",
    text: text(
        "幅度定标不可信，未作电压与ST段判读",
        "Amplitude scale cannot be trusted: voltages and ST levels are not interpreted",
    ),
    family: "technical",
    severity: Borderline,
    codes: codes(&["14"], &[], &[], &[]),
    criteria: text(
        "文件未给出增益，或其增益与 I + III = II 矛盾",
        "The file gives no gain, or gains that contradict I + III = II",
    ),
    source: &AHA_PART1,
    replaces: &[],
    when: |c| c.recording.origin.unscaled.then(fires),
};

pub static ARM_REVERSAL: Rule = Rule {
    id: "arm-electrode-reversal",
    text: text("左右手电极反接可能", "Suggests right and left arm electrode reversal"),
    family: "technical",
    severity: Abnormal,
    codes: codes(&["10"], &[], &["251139008"], &[]),
    criteria: text(
        "I导联P波与QRS波主波均向下，aVR导联QRS主波向上或很小，V6导联QRS主波向上（区别于右位心）",
        "P and QRS negative in I, QRS positive or tiny in aVR, QRS positive in V6 (unlike dextrocardia)",
    ),
    source: &ELECTRODES,
    replaces: &[
        "right-axis-deviation",
        "extreme-axis-deviation",
        "left-posterior-fascicular-block",
        "lateral-infarct",
        "high-lateral-infarct",
        "t-inversion-lateral",
        "ectopic-atrial-rhythm",
        "abnormal-p-axis",
        "right-ventricular-hypertrophy",
    ],
    when: |c| {
        let (i, avr, v6) = (c.amp(&L::I)?, c.amp(&L::AvR)?, c.amp(&L::V6)?);
        let negative = i.down() > 1.5 * i.up() && i.p() < -0.03;
        // In truth aVR is then aVL, which may be small either way, but never as negative as aVR.
        let positive = (avr.up() > avr.down() || avr.down() < 0.25 * v6.up()) && v6.up() > v6.down();
        (negative && positive).then(|| {
            Evidence::of(Confidence::Probable)
                .number(name::P_AMP, i.p(), "mV", "< 0 (I)")
                .number(name::S, i.down(), "mV", format!("> R {:.2} (I)", i.up()))
                .leads([L::I, L::AvR, L::V6])
        })
    },
};

pub static DEXTROCARDIA: Rule = Rule {
    id: "dextrocardia",
    text: text("考虑右位心", "Consider dextrocardia"),
    family: "technical",
    severity: Abnormal,
    codes: codes(&["128", "131", "230"], &[], &["27637000"], &[]),
    criteria: text(
        "I导联P波与QRS波主波均向下，且V1至V6导联R波递减、V6导联QRS主波向下",
        "P and QRS negative in I, and R falling from V1 to V6 with a negative QRS in V6",
    ),
    source: &ELECTRODES,
    replaces: &[
        "arm-electrode-reversal",
        "right-axis-deviation",
        "extreme-axis-deviation",
        "lateral-infarct",
        "high-lateral-infarct",
        "anterolateral-infarct",
        "extensive-anterior-infarct",
        "poor-r-progression",
        "reversed-r-progression",
        "right-ventricular-hypertrophy",
        "ectopic-atrial-rhythm",
        "abnormal-p-axis",
        "t-inversion-lateral",
        "low-voltage-precordial",
    ],
    when: |c| {
        let (i, v1, v6) = (c.amp(&L::I)?, c.amp(&L::V1)?, c.amp(&L::V6)?);
        let limb = i.down() > i.up() && i.p() < -0.03;
        let largest = ANTERIOR.iter().filter_map(|l| c.amp(l)).map(Amp::qrs).fold(v1.qrs(), f64::max);
        let chest = v6.down() > v6.up() && v6.qrs() < 0.6 * largest;
        (limb && chest && v1.up() > v6.up()).then(|| {
            Evidence::of(Confidence::Possible)
                .number(name::P_AMP, i.p(), "mV", "< 0 (I)")
                .number(name::R, v6.up(), "mV", format!("< {:.2} (V1)", v1.up()))
                .leads([L::I, L::V1, L::V6])
        })
    },
};

pub static LEG_ARM_REVERSAL: Rule = Rule {
    id: "leg-arm-electrode-reversal",
    text: text("右手与右腿电极接错可能", "Suggests right arm and right leg electrode reversal"),
    family: "technical",
    severity: Abnormal,
    codes: codes(&["10"], &[], &["251139008"], &[]),
    criteria: text(
        "II导联几乎为直线（峰峰值小于0.1 mV），而I、III导联不是",
        "Lead II almost flat (peak to peak below 0.1 mV) while I and III are not",
    ),
    source: &ELECTRODES,
    replaces: &[
        "arm-electrode-reversal",
        "right-axis-deviation",
        "extreme-axis-deviation",
        "left-posterior-fascicular-block",
        "lateral-infarct",
        "high-lateral-infarct",
        "t-inversion-lateral",
        "ectopic-atrial-rhythm",
        "abnormal-p-axis",
        "right-ventricular-hypertrophy",
        "low-voltage-limb",
        "low-voltage",
        "inferior-infarct",
        "lead-off",
        "indeterminate-axis",
    ],
    when: |c| {
        let (i, ii, iii) = (c.amp(&L::I)?, c.measurements.lead(&L::II).map(Amp)?, c.amp(&L::III)?);
        (ii.qrs() < 0.1 && i.qrs() > 0.3 && iii.qrs() > 0.3).then(|| {
            Evidence::of(Confidence::Probable).number(name::QRS_MAX, ii.qrs(), "mV", "< 0.1 (II)").leads([L::II])
        })
    },
};

pub static ARM_LEG_LEFT_REVERSAL: Rule = Rule {
    id: "left-arm-left-leg-electrode-reversal",
    text: text("左手与左腿电极反接可能", "Suggests left arm and left leg electrode reversal"),
    family: "technical",
    severity: Borderline,
    codes: codes(&["10"], &[], &["251139008"], &[]),
    criteria: text(
        "I导联P波高于II导联，且III导联P波呈负正双向或倒置、QRS电轴左偏（仅提示核对）",
        "P taller in I than in II with a negative P in III and left axis (a hint to check only)",
    ),
    source: &ELECTRODES,
    replaces: &[],
    when: |c| {
        let (i, ii, iii) = (c.amp(&L::I)?, c.amp(&L::II)?, c.amp(&L::III)?);
        let axis = c.axis()?;
        (i.p() > ii.p() + 0.05 && iii.p() < -0.07 && axis < -30.0 && c.pr()? > 120.0).then(|| {
            Evidence::of(Confidence::Possible)
                .number(name::P_AMP, i.p(), "mV", format!("> {:.2} (II)", ii.p()))
                .number(name::P_AMP, iii.p(), "mV", "< −0.07 (III)")
                .leads([L::I, L::II, L::III])
        })
    },
};

/// V1 changed places with V2 or V3: the lead that now bears the number shows V1's P (negative) and lower T, and R falls on
/// the way to it, to rise at once in the next.
fn right_chest_swapped(c: &Case<'_>) -> Option<Evidence> {
    let v1 = c.amp(&L::V1)?;
    let swapped = |l: &L, next: &L| {
        let (other, beyond) = (c.amp(l)?, c.amp(next)?);
        let atria = v1.p() > 0.03 && other.p() < -0.03;
        let falls = v1.up() > 1.15 * other.up() && beyond.up() > 1.5 * other.up();
        (atria && falls && v1.t() > other.t() + 0.1).then(|| {
            Evidence::of(Confidence::Possible)
                .number(name::P_AMP, other.p(), "mV", format!("< 0 ({}), > 0 (V1)", l.as_str()))
                .number(name::R, other.up(), "mV", format!("< {:.2} (V1)", v1.up()))
                .leads([L::V1, l.clone()])
        })
    };
    swapped(&L::V3, &L::V4).or_else(|| swapped(&L::V2, &L::V3))
}

pub static PRECORDIAL_REVERSAL: Rule = Rule {
    id: "precordial-electrode-reversal",
    text: text("胸导联电极错接可能", "Suggests misplaced precordial electrodes"),
    family: "technical",
    severity: Borderline,
    codes: codes(&["11"], &[], &["251139008"], &[]),
    criteria: text(
        "相邻胸导联之间R/S比值突然逆转：某导联R/S低于前一导联的三分之一，而下一导联又恢复；或V2、V3导联呈V1导联的P波与T波而R波低于V1",
        "R/S in one of V2 … V5 falls below a third of the lead before and recovers in the lead after; or V2 or V3 shows V1's P and T with a lower R than V1",
    ),
    source: &ELECTRODES,
    replaces: &["poor-r-progression", "reversed-r-progression"],
    when: |c| {
        // Where no bounds are certain, neither is a progression.
        (!undulates(c)).then_some(())?;
        if let Some(e) = right_chest_swapped(c) {
            return Some(e);
        }
        let ratio = |a: Amp<'_>| (a.up() + 0.05) / (a.down() + 0.05);
        CHEST.windows(3).find_map(|w| {
            let [a, b, d] = w else { return None };
            let (before, this, after) = (c.amp(a)?, c.amp(b)?, c.amp(d)?);
            let odd = ratio(this) * 3.0 < ratio(before)
                && ratio(this) * 3.0 < ratio(after)
                && before.up() > 0.4
                && this.qrs() > 0.3
                && before.up() > 2.0 * this.up();
            odd.then(|| {
                Evidence::of(Confidence::Possible)
                    .number(name::R_S, ratio(this), "", format!("< {:.2} ({})", ratio(before) / 3.0, b.as_str()))
                    .leads([a.clone(), b.clone(), d.clone()])
            })
        })
    },
};

pub static HIGH_PRECORDIAL: Rule = Rule {
    id: "high-precordial-electrodes",
    text: text("V1、V2电极位置偏高可能", "Consider high placement of V1 and V2 electrodes"),
    family: "technical",
    severity: Normal,
    codes: codes(&["224"], &[], &[], &[]),
    criteria: text("V2导联P波完全倒置", "P wave entirely negative in V2"),
    source: &ELECTRODES,
    replaces: &[],
    when: |c| {
        let v2 = c.amp(&L::V2)?;
        // Only a sinus P wave tells where the electrode lies.
        let sinus = dominant(c) == Dominant::Sinus && c.pr().is_some();
        (sinus && v2.p() < -0.06 && c.global().p_axis_deg.is_some_and(|a| (0.0..=90.0).contains(&a.0))).then(|| {
            Evidence::of(Confidence::Possible).number(name::P_AMP, v2.p(), "mV", "< −0.06 (V2)").leads([L::V2])
        })
    },
};

pub static LEAD_OFF: Rule = Rule {
    id: "lead-off",
    text: text("导联脱落或无信号", "Lead off or without signal"),
    family: "technical",
    severity: Borderline,
    codes: codes(&["12"], &[], &[], &["9-8"]),
    criteria: text("某导联半数以上时间为直线或缺失", "A lead is flat or missing for more than half of the time"),
    source: &AHA_PART1,
    replaces: &[],
    when: |c| {
        let off = where_quality(c, |q| q.flat + q.missing > 0.5);
        (!off.is_empty())
            .then(|| fires().number(name::FLAT, 100.0 * worst(c, |q| q.flat + q.missing), "%", "> 50 %").leads(off))
    },
};

pub static MISSING_LEADS: Rule = Rule {
    id: "missing-leads",
    text: text("导联不全", "Missing lead(s)"),
    family: "technical",
    severity: Normal,
    codes: codes(&["12"], &[], &[], &[]),
    criteria: text(
        "记录含多于3个但不足12个标准导联",
        "More than three but fewer than the twelve standard leads recorded",
    ),
    source: &AHA_PART2,
    replaces: &[],
    when: |c| {
        let n = c.standard_leads();
        let missing: Vec<L> = L::TWELVE.iter().filter(|l| !c.recording.leads.contains(l)).cloned().collect();
        ((4..12).contains(&n)).then(|| fires().number(name::LEADS, n as f64, "", "< 12").leads(missing))
    },
};

/// The leads among these that were recorded beside the twelve.
fn recorded(c: &Case<'_>, of: &[L]) -> Option<Evidence> {
    let leads: Vec<L> = c.recording.leads.iter().filter(|l| of.contains(l)).cloned().collect();
    (!leads.is_empty()).then(|| fires().leads(leads))
}

pub static RIGHT_SIDED: Rule = Rule {
    id: "right-sided-electrodes",
    text: text("含右胸导联", "Right-sided precordial electrodes"),
    family: "technical",
    severity: Normal,
    codes: codes(&["13"], &[], &[], &[]),
    criteria: text("记录含V3R–V6R导联之一", "One of V3R to V6R is recorded"),
    source: &AHA_PART2,
    replaces: &[],
    when: |c| recorded(c, &[L::V3R, L::V4R, L::V5R, L::V6R]),
};

pub static POSTERIOR: Rule = Rule {
    id: "posterior-electrodes",
    text: text("含后壁导联", "Posterior electrodes"),
    family: "technical",
    severity: Normal,
    codes: codes(&["16"], &[], &[], &[]),
    criteria: text("记录含V7–V9导联之一", "One of V7 to V9 is recorded"),
    source: &AHA_PART2,
    replaces: &[],
    when: |c| recorded(c, &[L::V7, L::V8, L::V9]),
};

pub static MUSCLE: Rule = Rule {
    id: "muscle-artifact",
    text: text("肌电干扰", "Muscle artifact"),
    family: "technical",
    severity: Normal,
    codes: codes(&["14"], &[], &[], &[]),
    criteria: text(
        "两个以上导联高频噪声大于0.05 mV（有效值）",
        "High-frequency noise above 0.05 mV RMS in two leads or more",
    ),
    source: &AHA_PART1,
    replaces: &[],
    when: |c| {
        let noisy = where_quality(c, |q| q.noise_mv > 0.05);
        (noisy.len() >= 2.min(c.recording.leads.len())).then_some(())?;
        Some(fires().number(name::NOISE, worst(c, |q| q.noise_mv), "mV", "> 0.05").leads(noisy))
    },
};

pub static WANDER: Rule = Rule {
    id: "baseline-wander",
    text: text("基线漂移", "Baseline wander"),
    family: "technical",
    severity: Normal,
    codes: codes(&["14"], &[], &[], &[]),
    criteria: text("两个以上导联基线漂移大于0.2 mV（有效值）", "Baseline wander above 0.2 mV RMS in two leads or more"),
    source: &AHA_PART1,
    replaces: &[],
    when: |c| {
        let moving = where_quality(c, |q| q.wander_mv > 0.2);
        (moving.len() >= 2.min(c.recording.leads.len())).then_some(())?;
        Some(fires().number(name::WANDER, worst(c, |q| q.wander_mv), "mV", "> 0.2").leads(moving))
    },
};

pub static MAINS: Rule = Rule {
    id: "mains-interference",
    text: text("交流电干扰", "Mains interference"),
    family: "technical",
    severity: Normal,
    codes: codes(&["14"], &[], &[], &[]),
    criteria: text(
        "两个以上导联工频干扰大于0.03 mV（有效值）",
        "Mains interference above 0.03 mV RMS in two leads or more",
    ),
    source: &AHA_PART1,
    replaces: &[],
    when: |c| {
        let hum = where_quality(c, |q| q.mains_mv > 0.03);
        (hum.len() >= 2.min(c.recording.leads.len())).then_some(())?;
        Some(fires().number(name::MAINS, worst(c, |q| q.mains_mv), "mV", "> 0.03").leads(hum))
    },
};

pub static POOR_QUALITY: Rule = Rule {
    id: "poor-data-quality",
    text: text("信号质量欠佳，判读可能受影响", "Poor data quality: interpretation may be adversely affected"),
    family: "technical",
    severity: Normal,
    codes: codes(&["15"], &[], &[], &[]),
    criteria: text(
        "四分之一以上导联信号质量评分低于0.4，或减去平均心搏后残余信号大于0.15 mV（有效值）",
        "Quality score below 0.4 in a quarter of the leads or more, or more than 0.15 mV RMS left after the average beat",
    ),
    source: &AHA_PART2,
    replaces: &[],
    when: |c| {
        let bad = where_quality(c, |q| q.score < 0.4);
        // What a tachycardia leaves is its own.
        let tachycardia = matches!(dominant(c), Dominant::Ventricular | Dominant::WideTachycardia)
            || c.rhythm().runs.iter().any(|r| r.class == BeatClass::V);
        if c.unsteady() && !tachycardia {
            return Some(fires().number(name::NOISE, c.detection.atrial.residual_mv, "mV", "> 0.15"));
        }
        (!bad.is_empty() && 4 * bad.len() >= c.recording.leads.len()).then(|| {
            let least = quality(c).map(|(_, q)| q.score).fold(1.0, f64::min);
            fires().number(name::QUALITY, least, "", "< 0.4").leads(bad)
        })
    },
};

pub static SATURATED: Rule = Rule {
    id: "saturated-signal",
    text: text("信号超出量程", "Signal beyond the recorder's range"),
    family: "technical",
    severity: Normal,
    codes: codes(&["14"], &[], &[], &[]),
    criteria: text("某导联2%以上的采样达到量程极限", "More than 2 % of a lead's samples at the converter's limit"),
    source: &AHA_PART1,
    replaces: &[],
    when: |c| {
        let full = where_quality(c, |q| q.saturated > 0.02);
        (!full.is_empty())
            .then(|| fires().number(name::FULL, 100.0 * worst(c, |q| q.saturated), "%", "> 2 %").leads(full))
    },
};

pub static SHORT_RECORD: Rule = Rule {
    id: "short-record",
    text: text("记录时间过短，心律判读受限", "Recording too short for a certain rhythm statement"),
    family: "technical",
    severity: Normal,
    codes: codes(&["15"], &[], &[], &[]),
    criteria: text("记录不足5秒", "Less than 5 s recorded"),
    source: &AHA_PART1,
    replaces: &[],
    when: |c| {
        let s = c.recording.seconds();
        (s < 5.0).then(|| fires().number(name::SECONDS, s, "s", "< 5"))
    },
};
