//! Atria and ventricles (AHA/ACCF/HRS part V, 2009; Sokolow-Lyon, Cornell, Romhilt-Estes; children: Davignon 1980).
//!
//! Voltage is read from the age of 35: below, high voltage is common in the healthy (part V).

use super::conduction::{has_p, narrow};
use super::dominant::{Dominant, dominant};
use super::prelude::*;
use super::repolarization::lowest;
use crate::signal::Sex;

/// P duration from which it is long, ms. The paper's 120 ms is measured in one lead; over all leads the normal P of
/// PTB-XL is 124 ms (98th percentile 150).
const LONG_P_MS: f64 = 154.0;

/// Age from which voltage criteria are applied (AHA part V), and the larger limit between 16 and that age.
const VOLTAGE_YEARS: f64 = 35.0;

/// How far above its limit Cornell's voltage counts by itself, mV (chosen on PTB-XL and `CinC` 2021 together with
/// [`STRAIN_SOKOLOW_MV`]: sensitivity 71 %, specificity 93 %).
const CORNELL_ALONE: f64 = 0.6;
/// Sokolow-Lyon sum that is enough beside ST-T changes of strain, mV (Romhilt-Estes gives strain as much as voltage).
const STRAIN_SOKOLOW_MV: f64 = 2.5;

/// Left ventricular voltages, mV.
struct Voltage {
    sokolow: f64,
    /// V5 or V6, where R is taller.
    lateral: L,
    cornell: f64,
    r_avl: f64,
    cornell_limit: f64,
    sokolow_limit: f64,
    r_avl_limit: f64,
}

impl Voltage {
    fn of(c: &Case<'_>) -> Option<Self> {
        let amp = |l: &L| c.amp(l);
        let (v1, avl, v3) = (amp(&L::V1)?, amp(&L::AvL)?, amp(&L::V3)?);
        let r_of = |l: &L| amp(l).map_or(0.0, Amp::r);
        let lateral = if r_of(&L::V6) > r_of(&L::V5) { L::V6 } else { L::V5 };
        let young = c.younger_than(VOLTAGE_YEARS);
        Some(Self {
            sokolow: v1.down() + r_of(&lateral),
            lateral,
            cornell: avl.r() + v3.down(),
            r_avl: avl.r(),
            cornell_limit: if c.patient.sex == Some(Sex::Female) { 2.0 } else { 2.8 },
            sokolow_limit: if young { 5.5 } else { 3.5 },
            // Left anterior fascicular block raises R in aVL by itself (part V).
            r_avl_limit: if c.axis().is_some_and(|a| a < -30.0) { 1.5 } else { 1.1 },
        })
    }

    /// How many criteria hold that count by themselves.
    fn met(&self) -> usize {
        usize::from(self.sokolow >= self.sokolow_limit)
            + usize::from(self.cornell >= self.cornell_limit + CORNELL_ALONE)
    }

    /// How many hold that count beside another sign only: readers do not call Cornell or R in aVL just above the limit.
    fn weak(&self) -> usize {
        usize::from(self.cornell > self.cornell_limit) + usize::from(self.r_avl > self.r_avl_limit)
    }

    fn evidence(&self, c: &Case<'_>) -> Evidence {
        let confidence = match (self.met(), c.younger_than(VOLTAGE_YEARS)) {
            (_, true) => Confidence::Possible,
            (0 | 1, _) => Confidence::Probable,
            _ => Confidence::Definite,
        };
        // Only what was met is told: a voltage under its limit is no reason.
        let mut e = Evidence::of(confidence);
        let strained = self.met() == 0 && self.sokolow >= STRAIN_SOKOLOW_MV;
        if self.sokolow >= self.sokolow_limit || strained {
            let limit = if strained { STRAIN_SOKOLOW_MV } else { self.sokolow_limit };
            let name = text("Sokolow-Lyon电压（SV1+RV5/V6）", "Sokolow-Lyon (SV1 + RV5/V6)");
            e = e.number(name, self.sokolow, "mV", format!("≥ {limit}")).leads([L::V1, self.lateral.clone()]);
        }
        if self.cornell > self.cornell_limit {
            let name = text("Cornell电压（RaVL+SV3）", "Cornell (RaVL + SV3)");
            e = e.number(name, self.cornell, "mV", format!("> {}", self.cornell_limit)).leads([L::AvL, L::V3]);
        }
        if self.r_avl > self.r_avl_limit {
            let name = text("aVL导联R波", "R in aVL");
            e = e.number(name, self.r_avl, "mV", format!("> {}", self.r_avl_limit)).leads([L::AvL]);
        }
        e
    }
}

/// Whether an adult's voltage can be read.
fn readable(c: &Case<'_>) -> bool {
    narrow(c) && c.adult()
}

/// P terminal force in V1, mm·s (1 mm = 0.1 mV), as a size, and its duration, ms.
fn terminal_force(c: &Case<'_>) -> Option<(f64, f64)> {
    let v1 = c.amp(&L::V1).filter(|_| !c.unsteady())?;
    let (mv, ms) = (-v1.0.p_terminal_mv?.0, v1.0.p_terminal_ms?.0);
    Some((mv * 10.0 * ms / 1000.0, ms))
}

/// Lateral leads with ST depression and T inversion.
fn strain(c: &Case<'_>) -> Vec<L> {
    c.leads_where(LATERAL, |_, a| a.st() < -0.02 && a.t() < 0.05 && a.r() > 0.5)
}

fn right(c: &Case<'_>) -> Option<Evidence> {
    let v1 = c.amp(&L::V1)?;
    let axis = c.axis()?;
    let ratio = v1.up() / v1.down().max(0.01);
    (narrow(c) && c.adult() && ratio > 1.0 && v1.up() > 0.6 && axis >= 90.0).then(|| {
        fires()
            .number(name::R, v1.up(), "mV", "> 0.6 (V1)")
            .number(name::R_S, ratio, "", "> 1 (V1)")
            .number(name::AXIS, axis, "°", "≥ 90")
            .leads([L::V1])
    })
}

/// Whether the shape of P tells of the atria: a paced one tells of the electrode's place.
fn own_p(c: &Case<'_>) -> bool {
    has_p(c) && dominant(c) != Dominant::AtrialPaced
}

pub static LAE: Rule = Rule {
    id: "left-atrial-enlargement",
    text: text("左心房异常（左心房肥大）", "Left atrial enlargement"),
    family: "chambers",
    severity: Abnormal,
    codes: codes(&["140"], &["LAO/LAE"], &["67741000119109"], &["9-6"]),
    criteria: text(
        "V1导联P波终末电势（PTFV1）绝对值不小于0.07 mm·s，或不小于0.04 mm·s且全部导联P波总时限不短于154 ms（文献120 ms为单个导联）、V1导联P波终末负向部分不短于40 ms",
        "P terminal force in V1 of 0.07 mm s or more in size, or of 0.04 with a P over all leads of 154 ms or more (the literature's 120 ms is of one lead) and a terminal negative part of 40 ms or more in V1",
    ),
    source: &AHA_PART5,
    replaces: &["possible-left-atrial-enlargement", "interatrial-block"],
    when: |c| {
        let (force, ms) = terminal_force(c)?;
        let long = c.global().p_duration_ms.is_some_and(|p| p.0 >= LONG_P_MS) && ms >= 40.0 && force >= 0.04;
        (own_p(c) && c.adult() && (force >= 0.07 || long)).then(|| {
            let e = fires().number(name::P_TERMINAL, force, "mm·s", if force >= 0.07 { "≥ 0.07" } else { "≥ 0.04" });
            let p = c.global().p_duration_ms.filter(|_| long);
            p.map_or_else(|| e.clone(), |p| e.clone().number(name::P, p.0, "ms", format!("≥ {LONG_P_MS}")))
                .leads([L::V1])
        })
    },
};

pub static LAE_POSSIBLE: Rule = Rule {
    id: "possible-left-atrial-enlargement",
    text: text("左心房异常可能", "Possible left atrial enlargement"),
    family: "chambers",
    severity: Borderline,
    codes: codes(&["140"], &["LAO/LAE"], &["67741000119109"], &[]),
    criteria: text("V1导联P波终末电势绝对值0.06–0.07 mm·s", "P terminal force in V1 of 0.06 to 0.07 mm s"),
    source: &AHA_PART5,
    replaces: &[],
    when: |c| {
        let (force, _) = terminal_force(c)?;
        (own_p(c) && c.adult() && force >= 0.06).then(|| {
            Evidence::of(Confidence::Possible).number(name::P_TERMINAL, force, "mm·s", "≥ 0.06").leads([L::V1])
        })
    },
};

pub static INTERATRIAL: Rule = Rule {
    id: "interatrial-block",
    text: text("房间传导阻滞（P波增宽）", "Interatrial conduction delay"),
    family: "chambers",
    severity: Borderline,
    codes: codes(&["110"], &["LAO/LAE"], &[], &[]),
    criteria: text(
        "全部导联P波总时限不短于154 ms（文献120 ms为单个导联；健康人全导联第98百分位为150 ms）",
        "P duration over all leads of 154 ms or more (the literature's 120 ms is of one lead; over all leads the 98th percentile of normal ECGs is 150 ms)",
    ),
    source: &INTERATRIAL_BLOCK,
    replaces: &[],
    when: |c| {
        let p = c.global().p_duration_ms?.0;
        (own_p(c) && c.adult() && p >= LONG_P_MS).then(|| fires().number(name::P, p, "ms", format!("≥ {LONG_P_MS}")))
    },
};

pub static RAE: Rule = Rule {
    id: "right-atrial-enlargement",
    text: text("右心房异常（右心房肥大）", "Right atrial enlargement"),
    family: "chambers",
    severity: Abnormal,
    codes: codes(&["141"], &["RAO/RAE"], &["67751000119106"], &["9-6"]),
    criteria: text(
        "II、III或aVF导联P波振幅大于0.25 mV，或V1导联P波正向部分大于0.15 mV",
        "P above 0.25 mV in II, III or aVF, or above 0.15 mV in V1",
    ),
    source: &AHA_PART5,
    replaces: &[],
    when: |c| {
        let inferior = c.leads_where(INFERIOR, |_, a| a.p() > 0.25);
        let v1 = c.leads_where(&[L::V1], |_, a| a.p() > 0.15);
        let own = |l: &L| c.amp(l).map_or(0.0, Amp::p);
        let right = !v1.is_empty() && own(&L::II) > 0.15;
        (own_p(c) && !c.unsteady() && (!inferior.is_empty() || right)).then(|| {
            let mut e = fires();
            if let Some(l) = inferior.iter().max_by(|a, b| own(a).total_cmp(&own(b))) {
                e = e.number(name::P_AMP, own(l), "mV", format!("> 0.25 ({})", l.as_str()));
            }
            if right {
                e = e.number(name::P_AMP, own(&L::V1), "mV", "> 0.15 (V1)");
            }
            e.leads(inferior).leads(v1)
        })
    },
};

pub static BAE: Rule = Rule {
    id: "biatrial-enlargement",
    text: text("双心房异常（双心房肥大）", "Biatrial enlargement"),
    family: "chambers",
    severity: Abnormal,
    codes: codes(&["140", "141"], &["LAO/LAE", "RAO/RAE"], &["67741000119109", "67751000119106"], &["9-6"]),
    criteria: text("同时符合左、右心房异常标准", "The criteria of left and of right atrial enlargement"),
    source: &AHA_PART5,
    replaces: &[
        "left-atrial-enlargement",
        "right-atrial-enlargement",
        "possible-left-atrial-enlargement",
        "interatrial-block",
    ],
    when: |c| {
        let (left, right) = ((LAE.when)(c)?, (RAE.when)(c)?);
        let numbers = left.numbers.into_iter().chain(right.numbers).collect();
        Some(Evidence { numbers, ..fires() }.leads(left.leads).leads(right.leads))
    },
};

pub static LVH_VOLTAGE: Rule = Rule {
    id: "lvh-voltage",
    text: text("左心室高电压", "Left ventricular hypertrophy by voltage criteria only"),
    family: "chambers",
    severity: Borderline,
    codes: codes(&["142"], &["VCLVH", "LVH", "HVOLT"], &["164873001"], &["3-1"]),
    criteria: text(
        "Sokolow-Lyon（SV1+RV5或RV6不小于3.5 mV，35岁以下5.5 mV），或Cornell（RaVL+SV3）男性不小于3.4、女性不小于2.6 mV",
        "Sokolow-Lyon (SV1 + RV5 or RV6) of 3.5 mV or more (5.5 below the age of 35), or Cornell (RaVL + SV3) of 3.4 mV or more in men and 2.6 mV in women",
    ),
    source: &SOKOLOW,
    replaces: &[],
    when: |c| {
        let v = Voltage::of(c)?;
        (readable(c) && v.met() >= 1).then(|| v.evidence(c))
    },
};

pub static LVH: Rule = Rule {
    id: "lvh",
    text: text("左心室肥厚", "Left ventricular hypertrophy"),
    family: "chambers",
    severity: Abnormal,
    codes: codes(&["142"], &["LVH", "VCLVH"], &["164873001"], &["3-1"]),
    criteria: text(
        "两项电压标准，或一项合并左心房异常、电轴左偏、Cornell大于2.8（女性2.0）mV或RaVL大于1.1 mV",
        "Both voltage criteria, or one with left atrial enlargement, left axis deviation, Cornell above 2.8 (women 2.0) mV or RaVL above 1.1 mV",
    ),
    source: &AHA_PART5,
    replaces: &["lvh-voltage"],
    when: |c| {
        let v = Voltage::of(c)?;
        let supported = (LAE.when)(c).is_some() || c.axis().is_some_and(|a| a < -30.0);
        (readable(c) && (v.met() >= 2 || (v.met() == 1 && (supported || v.weak() >= 1)))).then(|| v.evidence(c))
    },
};

pub static LVH_STRAIN: Rule = Rule {
    id: "lvh-repolarization",
    text: text("左心室肥厚伴ST-T改变", "Left ventricular hypertrophy with ST-T changes"),
    family: "chambers",
    severity: Abnormal,
    codes: codes(&["142", "153", "503"], &["LVH", "VCLVH"], &["164873001", "164931005"], &["3-1", "4-1", "5-2"]),
    criteria: text(
        "符合左心室电压标准（或两个以上导联有ST-T改变且Sokolow-Lyon不小于2.5 mV），I、aVL、V5、V6导联ST段压低合并T波低平、倒置或双向",
        "Voltage criteria (or Sokolow-Lyon of 2.5 mV or more with two such leads), with ST depression and flat, biphasic or inverted T in I, aVL, V5 or V6",
    ),
    source: &AHA_PART5,
    replaces: &[
        "lvh-voltage",
        "lvh",
        "lvh-widening",
        "nonspecific-st-t",
        "nonspecific-t",
        "nonspecific-st",
        "t-inversion-lateral",
        "st-depression-lateral",
        "t-low",
        "consider-ischemia",
        "digitalis-effect",
    ],
    when: |c| {
        let v = Voltage::of(c)?;
        let strain = strain(c);
        let voltage = v.met() >= 1 || (v.sokolow >= STRAIN_SOKOLOW_MV && strain.len() >= 2);
        (readable(c) && voltage && !strain.is_empty())
            .then(|| v.evidence(c).number(name::ST, lowest(c, &strain, Amp::st), "mV", "< −0.02").leads(strain))
    },
};

pub static LVH_WIDE: Rule = Rule {
    id: "lvh-widening",
    text: text("左心室肥厚伴QRS增宽", "Left ventricular hypertrophy with QRS widening"),
    family: "chambers",
    severity: Abnormal,
    codes: codes(&["142"], &["LVH", "VCLVH"], &["164873001"], &["3-1"]),
    criteria: text(
        "Cornell乘积（RaVL+SV3，女性加0.6 mV，乘以QRS时限）大于244 mV·ms",
        "Cornell product (RaVL + SV3, plus 0.6 mV in women, times QRS duration) above 244 mV ms",
    ),
    source: &CORNELL,
    replaces: &["lvh-voltage", "lvh", "ivcd-borderline"],
    when: |c| {
        let v = Voltage::of(c)?;
        let qrs = c.qrs()?;
        let product = (v.cornell + if c.patient.sex == Some(crate::signal::Sex::Female) { 0.6 } else { 0.0 }) * qrs;
        (readable(c) && product > 244.0 && qrs >= 100.0 && v.met() >= 1)
            .then(|| v.evidence(c).number(name::SUM, product, "mV·ms", "> 244"))
    },
};

pub static RVH: Rule = Rule {
    id: "right-ventricular-hypertrophy",
    text: text("右心室肥厚", "Right ventricular hypertrophy"),
    family: "chambers",
    severity: Abnormal,
    codes: codes(&["143"], &["RVH"], &["89792004"], &["3-2"]),
    criteria: text(
        "V1导联R/S大于1且R波大于0.6 mV，电轴右偏（不小于90°），QRS不宽",
        "R/S above 1 with R above 0.6 mV in V1, axis 90 degrees or more, QRS not wide",
    ),
    source: &AHA_PART5,
    replaces: &[
        "right-axis-deviation",
        "rightward-axis",
        "left-posterior-fascicular-block",
        "posterior-infarct",
        "rsr-v1",
        "early-transition",
        "lateral-infarct",
        "high-lateral-infarct",
        "abnormal-q-waves",
    ],
    when: |c| right(c),
};

pub static RVH_STRAIN: Rule = Rule {
    id: "rvh-repolarization",
    text: text("右心室肥厚伴ST-T改变", "Right ventricular hypertrophy with ST-T changes"),
    family: "chambers",
    severity: Abnormal,
    codes: codes(&["143"], &["RVH"], &["89792004"], &["3-2", "5-2"]),
    criteria: text(
        "符合右心室肥厚标准，且V1–V3导联ST段压低、T波倒置",
        "Right ventricular hypertrophy with ST depression and T inversion in V1 to V3",
    ),
    source: &AHA_PART5,
    replaces: &[
        "right-ventricular-hypertrophy",
        "right-axis-deviation",
        "rightward-axis",
        "t-inversion-anterior",
        "st-depression-anterior",
        "left-posterior-fascicular-block",
        "posterior-infarct",
        "early-transition",
        "lateral-infarct",
        "high-lateral-infarct",
        "abnormal-q-waves",
    ],
    when: |c| {
        let e = right(c)?;
        let leads = c.leads_where(&[L::V1, L::V2, L::V3], |_, a| a.t() < -0.1 && a.st80() < 0.0);
        (leads.len() >= 2).then(|| e.leads(leads))
    },
};

pub static RVH_POSSIBLE: Rule = Rule {
    id: "possible-rvh",
    text: text("右心室肥厚可能", "Possible right ventricular hypertrophy"),
    family: "chambers",
    severity: Borderline,
    codes: codes(&["143"], &["RVH"], &["89792004"], &[]),
    criteria: text(
        "电轴右偏110°以上合并V5或V6导联深S波（不小于0.7 mV），或V1导联R波大于0.7 mV且R/S大于1",
        "Axis above 110 degrees with S of 0.7 mV or more in V5 or V6, or R above 0.7 mV with R/S above 1 in V1",
    ),
    source: &AHA_PART5,
    replaces: &[],
    when: |c| {
        let (v1, v5) = (c.amp(&L::V1)?, c.amp(&L::V5)?);
        let deep = v5.s() >= 0.7 && c.axis().is_some_and(|a| a > 110.0);
        let tall = v1.r() > 0.7 && v1.r() > v1.s() && c.axis().is_some_and(|a| a > 75.0);
        (narrow(c) && c.adult() && (deep || tall) && right(c).is_none()).then(|| {
            let mut e = Evidence::of(Confidence::Possible).number(name::AXIS, c.axis().unwrap_or(0.0), "°", "");
            if tall {
                e = e.number(name::R, v1.r(), "mV", "> 0.7 (V1)").leads([L::V1]);
            }
            if deep {
                e = e.number(name::S, v5.s(), "mV", "≥ 0.7 (V5)").leads([L::V5]);
            }
            e
        })
    },
};

pub static BVH: Rule = Rule {
    id: "biventricular-hypertrophy",
    text: text("双心室肥厚", "Biventricular hypertrophy"),
    family: "chambers",
    severity: Abnormal,
    codes: codes(&["144"], &["LVH", "RVH"], &["195126007", "164873001", "89792004"], &["3-3"]),
    criteria: text(
        "符合左心室电压标准，同时符合右心室肥厚标准",
        "Voltage criteria of the left ventricle and the criteria of right ventricular hypertrophy",
    ),
    source: &AHA_PART5,
    replaces: &[
        "lvh",
        "lvh-voltage",
        "lvh-repolarization",
        "lvh-widening",
        "right-ventricular-hypertrophy",
        "rvh-repolarization",
        "possible-rvh",
        "right-axis-deviation",
    ],
    when: |c| {
        let v = Voltage::of(c)?;
        let e = right(c)?;
        (readable(c) && v.met() >= 1).then(|| v.evidence(c).leads(e.leads))
    },
};

pub static SEPTAL_HYPERTROPHY: Rule = Rule {
    id: "septal-hypertrophy",
    text: text("考虑肥厚型心肌病（深窄Q波）", "Suggests hypertrophic cardiomyopathy (deep narrow Q waves)"),
    family: "chambers",
    severity: Abnormal,
    codes: codes(&["142", "209"], &["SEHYP"], &["45227007"], &[]),
    criteria: text(
        "下壁或侧壁两个以上导联Q波深于0.3 mV而窄于40 ms，且T波直立，合并左心室高电压",
        "Q deeper than 0.3 mV but narrower than 40 ms in two inferior or lateral leads with upright T, and left ventricular voltage",
    ),
    source: &AHA_PART5,
    replaces: &["inferior-infarct", "lateral-infarct", "inferolateral-infarct", "high-lateral-infarct"],
    when: |c| {
        let deep = c.leads_where(&[L::I, L::II, L::III, L::AvL, L::AvF, L::V4, L::V5, L::V6], |_, a| {
            a.q() > 0.3 && a.q_ms() < 40.0 && a.r() > a.q() && a.t() > 0.0
        });
        (readable(c) && deep.len() >= 3 && Voltage::of(c)?.met() >= 1)
            .then(|| Evidence::of(Confidence::Possible).number(name::LEADS, deep.len() as f64, "", "≥ 3").leads(deep))
    },
};

pub static PULMONARY: Rule = Rule {
    id: "pulmonary-disease-pattern",
    text: text("提示慢性肺部疾病", "Suggests chronic pulmonary disease"),
    family: "chambers",
    severity: Borderline,
    codes: codes(&["128", "131", "203", "229"], &[], &["13645005"], &[]),
    criteria: text(
        "肢体导联低电压或电轴右偏，合并P电轴大于75°、胸导联顺钟向转位（V5或V6导联R/S小于1）",
        "Low limb voltage or right axis with a P axis above 75 degrees and R/S below 1 in V5 or V6",
    ),
    source: &AHA_PART2,
    replaces: &["late-transition", "poor-r-progression"],
    when: |c| {
        let (v5, v6, p) = (c.amp(&L::V5)?, c.amp(&L::V6)?, c.global().p_axis_deg?.0);
        let limb = LIMB.iter().filter_map(|l| c.amp(l)).all(|a| a.qrs() < 0.6) || c.axis().is_some_and(|a| a > 90.0);
        (narrow(c) && own_p(c) && c.adult() && p > 75.0 && limb && (v5.r() < v5.s() && v6.r() < 1.2 * v6.s()))
            .then(|| Evidence::of(Confidence::Possible).number(name::P_AXIS, p, "°", "> 75").leads([L::V5, L::V6]))
    },
};
