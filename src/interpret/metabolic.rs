//! QT, and what electrolytes and drugs do to ST, T and QT (AHA/ACCF/HRS part IV, 2009).

use super::conduction::{Ventricular, ventricular};
use super::dominant::{Dominant, dominant};
use super::prelude::*;
use super::repolarization::{highest, qtc, readable, strained, tall_t};
use super::small::u_readable;

/// How far above the limit `QTc` is called long and not borderline, ms; chosen on PTB-XL and `CinC` 2021.
const LONG_QT_MARGIN: f64 = 30.0;
/// And how far above it `QTc` is borderline, ms.
const BORDERLINE_QT_MARGIN: f64 = 15.0;

/// Duration of T on the median beat, ms.
fn t_duration(c: &Case<'_>) -> Option<f64> {
    let t = c.detection.median()?.t?;
    Some(c.recording.rate.ms(t.offset.saturating_sub(t.onset) as f64).0)
}

/// Part of QT between J and the onset of T, on the median beat.
fn st_part(c: &Case<'_>) -> Option<f64> {
    let m = c.detection.median()?;
    let (qrs, t) = (m.qrs?, m.t?);
    let qt = t.offset.checked_sub(qrs.onset).filter(|v| *v > 0)?;
    Some(t.onset.saturating_sub(qrs.offset) as f64 / qt as f64)
}

pub static HYPERKALEMIA: Rule = Rule {
    id: "hyperkalemia",
    text: text("提示高钾血症", "Suggests hyperkalemia"),
    family: "repolarization",
    severity: Critical,
    codes: codes(&["147", "208"], &["EL"], &["14140009"], &[]),
    criteria: text(
        "T波高尖（超过QRS振幅的0.6），QRS不短于120 ms且P波消失或T波基底窄（短于210 ms），或QRS不短于140 ms",
        "Tall T waves (above 0.6 of QRS) with QRS of 120 ms or more and absent P waves or a narrow T base (below 210 ms), or QRS of 140 ms or more",
    ),
    source: &AHA_PART4,
    replaces: &[
        "t-tall",
        "ivcd",
        "undetermined-rhythm",
        "accelerated-idioventricular-rhythm",
        "ventricular-rhythm",
        "idioventricular-rhythm",
    ],
    when: |c| {
        let leads = tall_t(c);
        let (qrs, p) = (c.qrs()?, c.rhythm().p_fraction.unwrap_or(1.0));
        let peaked = c.leads_where(&leads, |_, a| a.t() > 0.6 * a.qrs());
        let narrow_t = t_duration(c).is_some_and(|d| d < 210.0);
        let foreign = matches!(ventricular(c), Ventricular::Left | Ventricular::Right | Ventricular::Preexcited);
        let paced = 2 * c.rhythm().counts.paced >= c.rhythm().counts.all;
        let has_rhythm = !matches!(dominant(c), Dominant::VentricularFibrillation | Dominant::Nothing);
        (!foreign
            && !paced
            && has_rhythm
            && contiguous(&peaked)
            && ((qrs >= 120.0 && (p < 0.5 || narrow_t)) || qrs >= 140.0))
            .then(|| {
                let e = Evidence::of(Confidence::Possible).number(name::T, highest(c, &leads, Amp::t), "mV", "≥ 1.0");
                c.qrs_told(e, 120.0, f64::INFINITY, "≥ 120").leads(leads)
            })
    },
};

pub static HYPOKALEMIA: Rule = Rule {
    id: "hypokalemia",
    text: text("提示低钾血症", "Suggests hypokalemia"),
    family: "repolarization",
    severity: Abnormal,
    codes: codes(&["147", "148", "211"], &["EL"], &["43339004"], &[]),
    criteria: text(
        "三个以上导联ST段压低合并T波低平，且QT（QU）间期延长（QTc大于500 ms），或V2–V5中两个以上相邻导联U波不小于0.1 mV且高于T波",
        "ST depression with flat T in three leads or more, and a QT (QU) with QTc above 500 ms or U of 0.1 mV or more that exceeds T in two contiguous leads of V2 to V5",
    ),
    source: &SURAWICZ_1957,
    replaces: &["nonspecific-st-t", "nonspecific-st", "nonspecific-t", "t-low"],
    when: |c| {
        let leads = c.leads_where(&[L::II, L::III, L::AvF, L::V2, L::V3, L::V4, L::V5, L::V6], |_, a| {
            a.st() <= -0.05 && a.t().abs() < 0.15 && a.r() > 0.3
        });
        (readable(c) && leads.len() >= 3).then_some(())?;
        let evidence = Evidence::of(Confidence::Possible);
        let u = c.leads_where(&[L::V2, L::V3, L::V4, L::V5], |_, a| a.u() >= 0.1 && a.u() > a.t().abs());
        if contiguous(&u) && u_readable(c) {
            return Some(evidence.number(name::U, highest(c, &u, Amp::u), "mV", "≥ 0.1").leads(leads));
        }
        let (q, formula) = qtc(c)?;
        (q > 500.0).then(|| evidence.number(formula, q, "ms", "> 500").leads(leads))
    },
};

pub static LONG_QT: Rule = Rule {
    id: "long-qt",
    text: text("QT间期延长", "Prolonged QT interval"),
    family: "repolarization",
    severity: Abnormal,
    codes: codes(&["148"], &["LNGQT"], &["111975006"], &[]),
    criteria: text(
        "QTc男性不短于480 ms、女性490 ms（指南450、460 ms按单个导联测量，本程序按全部导联，测值较长，故留余量30 ms；心率60–90次/分用Bazett公式，其余用Framingham公式），QRS不宽",
        "QTc of 480 ms or more in men and 490 ms in women (the guideline's 450 and 460 ms are of single leads; ours is over all leads and longer, hence a margin of 30 ms; Bazett at 60 to 90 bpm, Framingham outside), QRS not wide",
    ),
    source: &AHA_PART4,
    replaces: &["borderline-long-qt"],
    when: |c| {
        let (q, limit) = (qtc(c)?, norms::qtc(c.patient) + LONG_QT_MARGIN);
        (readable(c) && q.0 >= limit).then(|| fires().number(q.1, q.0, "ms", format!("≥ {limit}")))
    },
};

pub static LONG_QT_MARKED: Rule = Rule {
    id: "markedly-long-qt",
    text: text("QT间期显著延长", "Markedly prolonged QT interval"),
    family: "repolarization",
    severity: Abnormal,
    codes: codes(&["148"], &["LNGQT"], &["111975006"], &[]),
    criteria: text("QTc不短于500 ms", "QTc of 500 ms or more"),
    source: &AHA_PART4,
    replaces: &["long-qt", "borderline-long-qt"],
    when: |c| qtc(c).filter(|q| readable(c) && q.0 >= 500.0).map(|q| fires().number(q.1, q.0, "ms", "≥ 500")),
};

pub static LONG_QT_BORDERLINE: Rule = Rule {
    id: "borderline-long-qt",
    text: text("QT间期临界延长", "Borderline prolonged QT interval"),
    family: "repolarization",
    severity: Borderline,
    codes: codes(&["148"], &[], &["111975006"], &[]),
    criteria: text(
        "QTc男性466–479 ms、女性476–489 ms（公式与余量同QT间期延长）",
        "QTc of 466 to 479 ms in men and 476 to 489 ms in women (formulas and margin as for the prolonged QT interval)",
    ),
    source: &AHA_PART4,
    replaces: &[],
    when: |c| {
        let (q, limit) = (qtc(c)?, norms::qtc(c.patient));
        let from = limit + BORDERLINE_QT_MARGIN;
        (readable(c) && q.0 > from && q.0 < limit + LONG_QT_MARGIN)
            .then(|| fires().number(q.1, q.0, "ms", format!("> {from}")))
    },
};

pub static SHORT_QT: Rule = Rule {
    id: "short-qt",
    text: text("QT间期缩短", "Short QT interval"),
    family: "repolarization",
    severity: Abnormal,
    codes: codes(&["149"], &[], &["77867006"], &[]),
    criteria: text("QTc（Fridericia）不长于330 ms", "QTc (Fridericia) of 330 ms or less"),
    source: &CHANNELOPATHY,
    replaces: &[],
    when: |c| {
        let q = c.global().qtc_fridericia_ms?.0;
        (readable(c) && q <= 330.0 && q > 200.0 && c.rate()? < 110.0)
            .then(|| fires().number(name::QTC_FRIDERICIA, q, "ms", "≤ 330"))
    },
};

pub static HYPOCALCEMIA: Rule = Rule {
    id: "hypocalcemia",
    text: text("提示低钙血症", "Suggests hypocalcaemia"),
    family: "repolarization",
    severity: Abnormal,
    codes: codes(&["148", "210"], &["EL"], &["5291005"], &[]),
    criteria: text(
        "QTc延长（不短于470 ms），ST段平直延长（J点至T波起点不短于QT的45%），T波不宽",
        "QTc of 470 ms or more by a long flat ST (J to T onset 45 % of QT or more)",
    ),
    source: &AHA_PART4,
    replaces: &[],
    when: |c| {
        let ((q, formula), part) = (qtc(c)?, st_part(c)?);
        (readable(c) && q >= 470.0 && part >= 0.45).then(|| {
            Evidence::of(Confidence::Possible).number(formula, q, "ms", "≥ 470").number(
                text("ST段占QT比例", "ST segment's part of QT"),
                100.0 * part,
                "%",
                "≥ 45 %",
            )
        })
    },
};

pub static HYPERCALCEMIA: Rule = Rule {
    id: "hypercalcemia",
    text: text("提示高钙血症", "Suggests hypercalcaemia"),
    family: "repolarization",
    severity: Abnormal,
    codes: codes(&["149", "207"], &["EL"], &["66931009"], &[]),
    criteria: text(
        "QTc（Fridericia）短于360 ms且ST段几乎消失（J点至T波起点短于20 ms）",
        "QTc (Fridericia) below 360 ms with almost no ST segment (J to T onset below 20 ms)",
    ),
    source: &AHA_PART4,
    replaces: &["short-qt"],
    when: |c| {
        let q = c.global().qtc_fridericia_ms?.0;
        let st = st_part(c)? * c.global().qt_ms?.0;
        (readable(c) && q < 360.0 && st < 20.0 && c.rate()? < 100.0).then(|| {
            Evidence::of(Confidence::Possible).number(name::QTC_FRIDERICIA, q, "ms", "< 360").number(
                text("ST段时限", "ST segment"),
                st,
                "ms",
                "< 20",
            )
        })
    },
};

pub static DIGITALIS: Rule = Rule {
    id: "digitalis-effect",
    text: text("洋地黄作用可能", "Suggests digitalis effect"),
    family: "repolarization",
    severity: Borderline,
    codes: codes(&["146", "205"], &["DIG"], &["59573005"], &[]),
    criteria: text(
        "三个以上R波为主的导联ST段下垂型压低、T波低平，QTc（Fridericia）短于420 ms",
        "Sagging ST depression with low T in three leads with dominant R, QTc (Fridericia) below 420 ms",
    ),
    source: &AHA_PART4,
    replaces: &[
        "nonspecific-st-t",
        "nonspecific-st",
        "nonspecific-t",
        "t-low",
        "st-depression-lateral",
        "st-depression-inferior",
    ],
    when: |c| {
        let leads = c.leads_where(&[L::I, L::II, L::AvF, L::V4, L::V5, L::V6], |_, a| {
            let deepest = a.st80().min(a.0.st_60_mv.map_or(0.0, |m| m.0));
            a.st() <= -0.05 && deepest <= a.st() - 0.02 && a.t() < 0.2 && a.r() > 0.5
        });
        let q = c.global().qtc_fridericia_ms?.0;
        (readable(c) && !strained(c) && leads.len() >= 3 && q < 420.0 && c.rate()? < 110.0)
            .then(|| Evidence::of(Confidence::Possible).number(name::QTC_FRIDERICIA, q, "ms", "< 420").leads(leads))
    },
};
