//! ST segment, T wave and QT (AHA/ACCF/HRS part IV, 2009), and what they suggest.

use super::conduction::narrow;
use super::infarction::elevated;
use super::prelude::*;
use crate::signal::Sex;

/// Whether ST and T tell of the muscle: conducted and narrow.
pub fn readable(c: &Case<'_>) -> bool {
    narrow(c)
}

pub fn lowest<'a>(c: &Case<'a>, leads: &[L], of: impl Fn(Amp<'a>) -> f64) -> f64 {
    leads.iter().filter_map(|l| c.amp(l)).map(of).fold(f64::INFINITY, f64::min)
}

pub fn highest<'a>(c: &Case<'a>, leads: &[L], of: impl Fn(Amp<'a>) -> f64) -> f64 {
    leads.iter().filter_map(|l| c.amp(l)).map(of).fold(f64::NEG_INFINITY, f64::max)
}

/// Leads whose ST is depressed by `depth` at J and no less at J + 80 ms.
fn flat_depression(c: &Case<'_>, leads: &[L], depth: f64) -> Vec<L> {
    c.leads_where(leads, |l, a| *l != L::AvR && a.st() <= -depth && a.st80() <= -0.8 * depth)
}

fn depressed(c: &Case<'_>, leads: &[L]) -> Option<Evidence> {
    let found = flat_depression(c, leads, 0.05);
    (readable(c) && contiguous(&found))
        .then(|| fires().number(name::ST, lowest(c, &found, Amp::st), "mV", "≤ −0.05").leads(found))
}

fn inverted(c: &Case<'_>, leads: &[L]) -> Option<Evidence> {
    let found = c.leads_where(leads, |l, a| {
        let dominant_r = ANTERIOR.contains(l) || a.up() > a.down();
        a.t() <= -0.1 && dominant_r
    });
    // Children's T waves are negative in V1–V4 until the teens.
    let child = c.younger_than(norms::ADULT_YEARS) && leads.contains(&L::V2);
    (readable(c) && !child && contiguous(&found))
        .then(|| fires().number(name::T, lowest(c, &found, Amp::t), "mV", "≤ −0.1").leads(found))
}

/// Whether the voltage explains ST-T changes of the lateral leads.
pub fn strained(c: &Case<'_>) -> bool {
    let (Some(v1), Some(v5)) = (c.amp(&L::V1), c.amp(&L::V5)) else { return false };
    v1.down() + v5.r() >= 3.5
}

/// T below this is flat where it should be upright, mV: I, II, aVL with R above 0.3 mV, V4 … V6 (AHA part IV).
const FLAT_T_MV: f64 = 0.1;

fn flat_t(c: &Case<'_>) -> Vec<L> {
    c.leads_where(&[L::I, L::II, L::AvL, L::V4, L::V5, L::V6], |_, a| a.r() > 0.3 && a.t() < FLAT_T_MV)
}

fn slight_st(c: &Case<'_>) -> Vec<L> {
    c.leads_where(&[L::I, L::II, L::AvF, L::V3, L::V4, L::V5, L::V6], |_, a| {
        a.st() <= -0.03 && a.st80() <= -0.03 && a.r() > 0.3
    })
}

pub fn tall_t(c: &Case<'_>) -> Vec<L> {
    let chest = if c.patient.sex == Some(Sex::Female) { 1.0 } else { 1.2 };
    c.leads_where(&L::TWELVE, |l, a| *l != L::AvR && a.t() >= if l.is_precordial() { chest } else { 0.7 })
}

/// `QTc` and its name: Bazett where it is sound, 60 … 90 bpm, else Framingham (part IV: linear formulas).
pub fn qtc(c: &Case<'_>) -> Option<(f64, Text)> {
    let g = c.global();
    if (60.0..=90.0).contains(&c.rate()?) {
        g.qtc_bazett_ms.map(|m| (m.0, name::QTC_BAZETT))
    } else {
        g.qtc_framingham_ms.map(|m| (m.0, name::QTC_FRAMINGHAM))
    }
}

pub static ACUTE_ISCHEMIA: Rule = Rule {
    id: "acute-ischemia",
    text: text("ST段显著压低，考虑急性心肌缺血", "Marked ST depression: consider acute ischemia"),
    family: "repolarization",
    severity: Abnormal,
    codes: codes(&["145", "220"], &["ISC_"], &["413844008"], &["4-1"]),
    criteria: text(
        "两个以上相邻导联ST段水平或下斜型压低不小于0.2 mV，或四个以上导联不小于0.15 mV",
        "Horizontal or downsloping ST depression of 0.2 mV or more in two contiguous leads, or 0.15 mV or more in four",
    ),
    source: &UDMI4,
    replaces: &[
        "st-depression-anterior",
        "st-depression-lateral",
        "st-depression-inferior",
        "nonspecific-st-t",
        "nonspecific-st",
        "nonspecific-t",
        "consider-ischemia",
        "digitalis-effect",
    ],
    when: |c| {
        let deep = flat_depression(c, &L::TWELVE, 0.2);
        let broad = flat_depression(c, &L::TWELVE, 0.15);
        let leads = if contiguous(&deep) {
            deep
        } else if broad.len() >= 4 {
            broad
        } else {
            return None;
        };
        (readable(c) && !strained(c) && c.rate()? < 150.0).then(|| {
            Evidence::of(Confidence::Probable)
                .number(name::ST, lowest(c, &leads, Amp::st), "mV", "≤ −0.15")
                .leads(leads)
        })
    },
};

pub static STD_ANTERIOR: Rule = Rule {
    id: "st-depression-anterior",
    text: text("前壁导联ST段压低", "ST depression in anterior leads"),
    family: "repolarization",
    severity: Abnormal,
    codes: codes(&["145", "502"], &["STD_", "ISCAN", "ISCAS"], &["429622005"], &["4-2"]),
    criteria: text(
        "V2–V4中两个以上相邻导联ST段压低不小于0.05 mV",
        "ST depression of 0.05 mV or more in two contiguous leads of V2 to V4",
    ),
    source: &AHA_PART4,
    replaces: &["nonspecific-st-t", "nonspecific-st", "nonspecific-t"],
    when: |c| depressed(c, &[L::V2, L::V3, L::V4]),
};

pub static STD_LATERAL: Rule = Rule {
    id: "st-depression-lateral",
    text: text("侧壁导联ST段压低", "ST depression in lateral leads"),
    family: "repolarization",
    severity: Abnormal,
    codes: codes(&["145", "502"], &["STD_", "ISCLA", "ISCAL"], &["429622005"], &["4-2"]),
    criteria: text(
        "I、aVL、V5、V6中两个以上相邻导联ST段压低不小于0.05 mV",
        "ST depression of 0.05 mV or more in two contiguous leads of I, aVL, V5, V6",
    ),
    source: &AHA_PART4,
    replaces: &["nonspecific-st-t", "nonspecific-st", "nonspecific-t"],
    when: |c| depressed(c, &[L::I, L::AvL, L::V5, L::V6]),
};

pub static STD_INFERIOR: Rule = Rule {
    id: "st-depression-inferior",
    text: text("下壁导联ST段压低", "ST depression in inferior leads"),
    family: "repolarization",
    severity: Abnormal,
    codes: codes(&["145", "502"], &["STD_", "ISCIN"], &["429622005"], &["4-2"]),
    criteria: text(
        "II、III、aVF中两个以上导联ST段压低不小于0.05 mV",
        "ST depression of 0.05 mV or more in two of II, III, aVF",
    ),
    source: &AHA_PART4,
    replaces: &["nonspecific-st-t", "nonspecific-st", "nonspecific-t"],
    when: |c| depressed(c, &[L::II, L::III, L::AvF]),
};

pub static T_ANTERIOR: Rule = Rule {
    id: "t-inversion-anterior",
    text: text("前壁导联T波倒置", "T-wave inversion in anterior leads"),
    family: "repolarization",
    severity: Abnormal,
    codes: codes(&["147", "367"], &["INVT", "TAB_", "ISCAN", "ISCAS", "NDT"], &["59931005", "164934002"], &["5-2"]),
    criteria: text(
        "V2–V4中两个以上相邻导联T波倒置不小于0.1 mV",
        "T inversion of 0.1 mV or more in two contiguous leads of V2 to V4",
    ),
    source: &AHA_PART4,
    replaces: &["nonspecific-st-t", "nonspecific-t", "t-low"],
    when: |c| inverted(c, &[L::V2, L::V3, L::V4]),
};

pub static T_LATERAL: Rule = Rule {
    id: "t-inversion-lateral",
    text: text("侧壁导联T波倒置", "T-wave inversion in lateral leads"),
    family: "repolarization",
    severity: Abnormal,
    codes: codes(&["147", "367"], &["INVT", "TAB_", "ISCLA", "ISCAL", "NDT"], &["59931005", "164934002"], &["5-2"]),
    criteria: text(
        "I、aVL、V5、V6中两个以上相邻导联（R波为主）T波倒置不小于0.1 mV",
        "T inversion of 0.1 mV or more in two contiguous leads of I, aVL, V5, V6",
    ),
    source: &AHA_PART4,
    replaces: &["nonspecific-st-t", "nonspecific-t", "t-low"],
    when: |c| inverted(c, &[L::I, L::AvL, L::V5, L::V6]),
};

pub static T_INFERIOR: Rule = Rule {
    id: "t-inversion-inferior",
    text: text("下壁导联T波倒置", "T-wave inversion in inferior leads"),
    family: "repolarization",
    severity: Abnormal,
    codes: codes(&["147", "367"], &["INVT", "TAB_", "ISCIN", "NDT"], &["59931005", "164934002"], &["5-2"]),
    criteria: text(
        "II、III、aVF中两个以上导联（R波为主）T波倒置不小于0.1 mV",
        "T inversion of 0.1 mV or more in two of II, III, aVF",
    ),
    source: &AHA_PART4,
    replaces: &["nonspecific-st-t", "nonspecific-t", "t-low"],
    when: |c| inverted(c, &[L::II, L::III, L::AvF]),
};

pub static T_GIANT: Rule = Rule {
    id: "giant-t-inversion",
    text: text("巨大倒置T波", "Giant T-wave inversion"),
    family: "repolarization",
    severity: Abnormal,
    codes: codes(&["147", "367"], &["INVT"], &["59931005"], &["5-1"]),
    criteria: text("两个以上导联T波倒置不小于1.0 mV", "T inversion of 1.0 mV or more in two leads"),
    source: &AHA_PART4,
    replaces: &["t-inversion-anterior", "t-inversion-lateral", "t-inversion-inferior", "wellens"],
    when: |c| {
        let leads = c.leads_where(&L::TWELVE, |l, a| *l != L::AvR && a.t() <= -1.0);
        (readable(c) && leads.len() >= 2)
            .then(|| fires().number(name::T, lowest(c, &leads, Amp::t), "mV", "≤ −1.0").leads(leads))
    },
};

pub static CNS: Rule = Rule {
    id: "cns-pattern",
    text: text("提示中枢神经系统病变", "Suggests central nervous system disease"),
    family: "repolarization",
    severity: Abnormal,
    codes: codes(&["147", "204"], &[], &[], &[]),
    criteria: text(
        "T波巨大倒置（不小于0.8 mV）且QTc不短于500 ms",
        "Giant T inversion (0.8 mV or more) with QTc of 500 ms or more",
    ),
    source: &AHA_PART2,
    replaces: &[],
    when: |c| {
        let leads = c.leads_where(CHEST, |_, a| a.t() <= -0.8);
        let (q, formula) = qtc(c)?;
        (readable(c) && leads.len() >= 3 && q >= 500.0)
            .then(|| Evidence::of(Confidence::Possible).number(formula, q, "ms", "≥ 500").leads(leads))
    },
};

pub static CONSIDER_ISCHEMIA: Rule = Rule {
    id: "consider-ischemia",
    text: text("ST-T改变，考虑心肌缺血", "ST-T changes: consider ischemia"),
    family: "repolarization",
    severity: Abnormal,
    codes: codes(
        &["146", "226"],
        &["ISC_", "ISCAL", "ISCLA", "ISCIN", "ISCAN", "ISCAS", "ISCIL"],
        &["413844008", "425623009", "425419005"],
        &["4-2", "5-2"],
    ),
    criteria: text(
        "同一区域两个以上导联ST段压低合并T波倒置",
        "ST depression with T inversion in two leads of one region",
    ),
    source: &AHA_PART2,
    replaces: &[
        "st-depression-lateral",
        "st-depression-inferior",
        "st-depression-anterior",
        "t-inversion-lateral",
        "t-inversion-inferior",
        "t-inversion-anterior",
        "nonspecific-st-t",
        "nonspecific-st",
        "nonspecific-t",
        "t-low",
    ],
    when: |c| {
        let groups: [&[L]; 3] = [LATERAL, INFERIOR, &[L::V2, L::V3, L::V4]];
        let leads: Vec<L> = groups
            .iter()
            .map(|g| c.leads_where(g, |_, a| a.st() <= -0.05 && a.t() <= -0.1 && a.r() > 0.3))
            .filter(|found| contiguous(found))
            .flatten()
            .collect();
        (readable(c) && !leads.is_empty() && !strained(c)).then(|| {
            let place = territory(&leads);
            Evidence::of(Confidence::Possible)
                .number(name::ST, lowest(c, &leads, Amp::st), "mV", "≤ −0.05")
                .number(name::T, lowest(c, &leads, Amp::t), "mV", "≤ −0.1")
                .qualifier(place)
                .leads(leads)
        })
    },
};

pub static T_LOW: Rule = Rule {
    id: "t-low",
    text: text("T波低平", "Low T waves"),
    family: "repolarization",
    severity: Borderline,
    codes: codes(&["366"], &["LOWT", "NT_", "NDT"], &["164934002"], &["5-3"]),
    criteria: text(
        "I、II、V4–V6中两个以上导联T波振幅小于同导联R波的1/10（R波大于0.5 mV）",
        "T below a tenth of R in two of I, II, V4 to V6 with R above 0.5 mV",
    ),
    source: &AHA_PART4,
    replaces: &["nonspecific-t"],
    when: |c| {
        let leads = c.leads_where(&[L::I, L::II, L::V4, L::V5, L::V6], |_, a| {
            a.r() > 0.5 && a.t().abs() < 0.1 * a.r() && a.t() > -0.1
        });
        (readable(c) && leads.len() >= 2)
            .then(|| fires().number(name::T, lowest(c, &leads, Amp::t), "mV", "< R / 10").leads(leads))
    },
};

pub static NS_T: Rule = Rule {
    id: "nonspecific-t",
    text: text("非特异性T波改变", "Nonspecific T-wave abnormality"),
    family: "repolarization",
    severity: Borderline,
    codes: codes(&["147"], &["NT_", "TAB_", "NDT"], &["164934002"], &["5-3"]),
    criteria: text(
        "I、II、aVL（R波大于0.3 mV）、V4–V6中两个以上导联T波低平（小于0.1 mV）、双向或浅倒置",
        "Flat (below 0.1 mV), biphasic or shallowly inverted T in two of I, II, aVL (R above 0.3 mV), V4 to V6",
    ),
    source: &AHA_PART4,
    replaces: &[],
    when: |c| {
        let leads = flat_t(c);
        (readable(c) && leads.len() >= 2)
            .then(|| fires().number(name::T, lowest(c, &leads, Amp::t), "mV", format!("< {FLAT_T_MV}")).leads(leads))
    },
};

pub static NS_ST: Rule = Rule {
    id: "nonspecific-st",
    text: text("非特异性ST段改变", "Nonspecific ST abnormality"),
    family: "repolarization",
    severity: Borderline,
    codes: codes(&["145"], &["NST_", "STD_"], &["55930002"], &["4-3"]),
    criteria: text(
        "两个以上相邻导联ST段轻度压低（0.03–0.05 mV）",
        "Slight ST depression (0.03 to 0.05 mV) in two contiguous leads",
    ),
    source: &AHA_PART4,
    replaces: &[],
    when: |c| {
        let leads = slight_st(c);
        (readable(c) && contiguous(&leads))
            .then(|| fires().number(name::ST, lowest(c, &leads, Amp::st), "mV", "≤ −0.03").leads(leads))
    },
};

pub static NS_STT: Rule = Rule {
    id: "nonspecific-st-t",
    text: text("非特异性ST-T改变", "Nonspecific ST-T abnormality"),
    family: "repolarization",
    severity: Borderline,
    codes: codes(&["500"], &["NDT", "NST_", "NT_"], &["428750005", "55930002", "164934002"], &["4-3", "5-3"]),
    criteria: text(
        "同时有轻度ST段压低和T波低平或浅倒置",
        "Slight ST depression together with flat or shallowly inverted T",
    ),
    source: &AHA_PART4,
    replaces: &["nonspecific-st", "nonspecific-t", "t-low"],
    when: |c| {
        let (st, t) = (slight_st(c), flat_t(c));
        (readable(c) && contiguous(&st) && t.len() >= 2).then(|| {
            fires()
                .number(name::ST, lowest(c, &st, Amp::st), "mV", "≤ −0.03")
                .number(name::T, lowest(c, &t, Amp::t), "mV", format!("< {FLAT_T_MV}"))
                .leads(c.leads_where(&L::TWELVE, |l, _| st.contains(l) || t.contains(l)))
        })
    },
};

pub static STE: Rule = Rule {
    id: "st-elevation",
    text: text("ST段抬高", "ST elevation"),
    family: "repolarization",
    severity: Abnormal,
    codes: codes(&["145", "501"], &["STE_"], &["164931005"], &["9-2"]),
    criteria: text(
        "两个以上相邻导联ST段抬高超过年龄、性别界限，不足以确定急性损伤",
        "ST elevation above the limits of age and sex in two contiguous leads, short of acute injury",
    ),
    source: &UDMI4,
    replaces: &[],
    when: |c| {
        let leads = elevated(c);
        (readable(c) && !leads.is_empty()).then(|| {
            let place = territory(&leads);
            fires().number(name::ST, highest(c, &leads, Amp::st), "mV", "≥ 0.1").qualifier(place).leads(leads)
        })
    },
};

pub static T_TALL: Rule = Rule {
    id: "t-tall",
    text: text("T波高尖", "Tall T waves"),
    family: "repolarization",
    severity: Borderline,
    codes: codes(&["147"], &["TAB_"], &["164934002"], &["9-5"]),
    criteria: text(
        "两个以上相邻胸导联T波不低于1.2 mV（女性1.0），或肢体导联不低于0.7 mV",
        "T of 1.2 mV or more (women 1.0) in two contiguous chest leads, or 0.7 mV in limb leads",
    ),
    source: &AHA_PART4,
    replaces: &[],
    when: |c| {
        let leads = tall_t(c);
        (readable(c) && contiguous(&leads))
            .then(|| fires().number(name::T, highest(c, &leads, Amp::t), "mV", "≥ 1.0").leads(leads))
    },
};
