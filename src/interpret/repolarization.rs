//! ST segment, T wave and QT (AHA/ACCF/HRS part IV, 2009), and what they suggest.

use super::conduction::{Ventricular, conducted, narrow, ventricular};
use super::dominant::{Dominant, dominant};
use super::infarction::{diffuse, elevated};
use super::prelude::*;
use crate::signal::Sex;

/// How far above the limit `QTc` is called long and not borderline, ms; chosen on PTB-XL and `CinC` 2021.
const LONG_QT_MARGIN: f64 = 30.0;

/// Whether ST and T tell of the muscle: conducted and narrow.
fn readable(c: &Case<'_>) -> bool {
    narrow(c)
}

fn brugada_readable(c: &Case<'_>) -> bool {
    conducted(c) && c.adult() && ventricular(c) != Ventricular::Left
}

fn lowest<'a>(c: &Case<'a>, leads: &[L], of: impl Fn(Amp<'a>) -> f64) -> f64 {
    leads.iter().filter_map(|l| c.amp(l)).map(of).fold(f64::INFINITY, f64::min)
}

fn highest<'a>(c: &Case<'a>, leads: &[L], of: impl Fn(Amp<'a>) -> f64) -> f64 {
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
fn strained(c: &Case<'_>) -> bool {
    let (Some(v1), Some(v5)) = (c.amp(&L::V1), c.amp(&L::V5)) else { return false };
    v1.down() + v5.r() >= 3.5
}

fn flat_t(c: &Case<'_>) -> Vec<L> {
    c.leads_where(&[L::I, L::II, L::V4, L::V5, L::V6], |_, a| a.r() > 0.3 && a.t() < 0.05)
}

fn slight_st(c: &Case<'_>) -> Vec<L> {
    c.leads_where(&[L::I, L::II, L::AvF, L::V3, L::V4, L::V5, L::V6], |_, a| {
        a.st() <= -0.03 && a.st80() <= -0.03 && a.r() > 0.3
    })
}

fn tall_t(c: &Case<'_>) -> Vec<L> {
    let chest = if c.patient.sex == Some(Sex::Female) { 1.0 } else { 1.2 };
    c.leads_where(&L::TWELVE, |l, a| *l != L::AvR && a.t() >= if l.is_precordial() { chest } else { 0.7 })
}

/// `QTc` and its name: Bazett where it is sound, 60 … 90 bpm, else Framingham (part IV: linear formulas).
fn qtc(c: &Case<'_>) -> Option<(f64, Text)> {
    let g = c.global();
    if (60.0..=90.0).contains(&c.rate()?) {
        g.qtc_bazett_ms.map(|m| (m.0, text("QTc间期（Bazett）", "QTc (Bazett)")))
    } else {
        g.qtc_framingham_ms.map(|m| (m.0, text("QTc间期（Framingham）", "QTc (Framingham)")))
    }
}

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

pub static ACUTE_ISCHEMIA: Rule = Rule {
    id: "acute-ischemia",
    text: text("ST段显著压低，考虑急性心肌缺血", "Marked ST depression: consider acute ischaemia"),
    family: "repolarization",
    severity: Abnormal,
    codes: codes(&["220"], &["ISC_"], &["413844008"], &["4-1"]),
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
    codes: codes(&["204"], &[], &[], &[]),
    criteria: text(
        "T波巨大倒置（不小于0.8 mV）且QTc不短于500 ms",
        "Giant T inversion (0.8 mV or more) with QTc of 500 ms or more",
    ),
    source: &AHA_PART2,
    replaces: &[],
    when: |c| {
        let leads = c.leads_where(CHEST, |_, a| a.t() <= -0.8);
        let q = qtc(c)?.0;
        (readable(c) && leads.len() >= 3 && q >= 500.0)
            .then(|| Evidence::of(Confidence::Possible).number(name::QTC, q, "ms", "≥ 500").leads(leads))
    },
};

pub static CONSIDER_ISCHEMIA: Rule = Rule {
    id: "consider-ischemia",
    text: text("ST-T改变，考虑心肌缺血", "ST-T changes: consider ischaemia"),
    family: "repolarization",
    severity: Abnormal,
    codes: codes(
        &["226"],
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
        "I、II、aVL、V4–V6中两个以上导联T波低平、双向或浅倒置",
        "Flat, biphasic or shallowly inverted T in two of I, II, aVL, V4 to V6",
    ),
    source: &AHA_PART4,
    replaces: &[],
    when: |c| {
        let leads = flat_t(c);
        (readable(c) && leads.len() >= 2)
            .then(|| fires().number(name::T, lowest(c, &leads, Amp::t), "mV", "< 0.05").leads(leads))
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
                .number(name::T, lowest(c, &t, Amp::t), "mV", "< 0.05")
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

pub static EARLY_REPOL: Rule = Rule {
    id: "early-repolarization",
    text: text("早期复极", "Early repolarization"),
    family: "repolarization",
    severity: Normal,
    codes: codes(&["155"], &[], &["428417006"], &["9-2"]),
    criteria: text(
        "下壁或侧壁两个以上相邻导联J点抬高不小于0.1 mV，ST段凹面向上、T波高而直立，无对应性压低",
        "J elevation of 0.1 mV or more in two contiguous inferior or lateral leads with concave ST, tall upright T and no reciprocal depression",
    ),
    source: &MACFARLANE_2015,
    replaces: &["st-elevation"],
    when: |c| {
        let leads = c.leads_where(&[L::II, L::III, L::AvF, L::I, L::AvL, L::V3, L::V4, L::V5, L::V6], |_, a| {
            a.st() >= 0.1 && a.r() > 0.5 && a.t() > 2.5 * a.st() && a.t() > 0.3 && a.st80() >= 0.8 * a.st()
        });
        let depressed = c.leads_where(&L::TWELVE, |l, a| !matches!(l, L::AvR | L::V1 | L::III) && a.st() <= -0.05);
        let others = elevated(c).into_iter().filter(|l| !leads.contains(l) && !ANTERIOR.contains(l)).count();
        (readable(c)
            && contiguous(&leads)
            && depressed.is_empty()
            && others == 0
            && super::infarction::q_leads(c).is_empty())
        .then(|| {
            Evidence::of(Confidence::Probable).number(name::ST, highest(c, &leads, Amp::st), "mV", "≥ 0.1").leads(leads)
        })
    },
};

pub static PERICARDITIS: Rule = Rule {
    id: "pericarditis",
    text: text("提示急性心包炎", "Suggests acute pericarditis"),
    family: "repolarization",
    severity: Abnormal,
    codes: codes(&["200"], &[], &["3238004"], &["9-2"]),
    criteria: text(
        "I、II、aVF、V2–V6中七个以上导联ST段凹面向上抬高（含I、II、V6），II导联高于III导联，V6导联ST/T比值大于0.25，无病理性Q波，除aVR、V1、aVL外无压低",
        "Concave ST elevation in seven of I, II, aVF, V2 to V6 (I, II and V6 among them), II above III, ST/T above 0.25 in V6, no Q waves, no depression except in aVR, V1 and aVL",
    ),
    source: &GINZTON_1982,
    replaces: &["st-elevation", "early-repolarization"],
    when: |c| {
        let leads = diffuse(c)?;
        let v6 = c.amp(&L::V6)?;
        Some(
            Evidence::of(Confidence::Possible)
                .number(name::RATIO, v6.st() / v6.t(), "", "> 0.25 (ST/T, V6)")
                .number(name::ST, highest(c, &leads, Amp::st), "mV", "≥ 0.06")
                .leads(leads),
        )
    },
};

pub static BRUGADA_1: Rule = Rule {
    id: "brugada-type-1",
    text: text("Brugada波（1型）", "Brugada pattern, type 1"),
    family: "repolarization",
    severity: Abnormal,
    codes: codes(&["202"], &[], &["418818005"], &[]),
    criteria: text(
        "V1或V2导联J点抬高不小于0.2 mV，ST段下斜（穹窿型），T波倒置",
        "J elevation of 0.2 mV or more in V1 or V2, downsloping (coved) ST and inverted T",
    ),
    source: &BRUGADA_ECG,
    replaces: &[
        "st-elevation",
        "stemi-anterior",
        "incomplete-rbbb",
        "rsr-v1",
        "t-inversion-anterior",
        "brugada-type-2",
        "septal-infarct",
    ],
    when: |c| {
        let leads = c.leads_where(&[L::V1, L::V2], |_, a| {
            a.st() >= 0.2 && a.t() < -0.05 && a.st80() < 0.8 * a.st() && a.up() > 0.1
        });
        (brugada_readable(c) && !leads.is_empty()).then(|| {
            Evidence::of(Confidence::Probable).number(name::ST, highest(c, &leads, Amp::st), "mV", "≥ 0.2").leads(leads)
        })
    },
};

pub static BRUGADA_2: Rule = Rule {
    id: "brugada-type-2",
    text: text("Brugada波可能（2型，马鞍型）", "Possible Brugada pattern, type 2 (saddleback)"),
    family: "repolarization",
    severity: Borderline,
    codes: codes(&["202"], &[], &["418818005"], &[]),
    criteria: text(
        "V1或V2导联有r'波，J点抬高不小于0.2 mV，ST段马鞍型抬高不小于0.05 mV，T波直立",
        "An r' with J elevation of 0.2 mV or more and saddleback ST of 0.05 mV or more with upright T in V1 or V2",
    ),
    source: &BRUGADA_ECG,
    replaces: &[],
    when: |c| {
        let leads = c.leads_where(&[L::V1, L::V2], |_, a| {
            a.r2() >= 0.1 && a.st() >= 0.2 && a.st80() >= 0.05 && a.st80() < a.st() && a.t() > a.st80()
        });
        (brugada_readable(c) && !leads.is_empty()).then(|| {
            Evidence::of(Confidence::Possible).number(name::ST, highest(c, &leads, Amp::st), "mV", "≥ 0.2").leads(leads)
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

pub static HYPERKALEMIA: Rule = Rule {
    id: "hyperkalemia",
    text: text("提示高钾血症", "Suggests hyperkalaemia"),
    family: "repolarization",
    severity: Critical,
    codes: codes(&["208"], &["EL"], &["14140009"], &[]),
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
                Evidence::of(Confidence::Possible)
                    .number(name::T, highest(c, &leads, Amp::t), "mV", "≥ 1.0")
                    .number(name::QRS, qrs, "ms", "≥ 120")
                    .leads(leads)
            })
    },
};

pub static HYPOKALEMIA: Rule = Rule {
    id: "hypokalemia",
    text: text("提示低钾血症", "Suggests hypokalaemia"),
    family: "repolarization",
    severity: Abnormal,
    codes: codes(&["211"], &["EL"], &["43339004"], &[]),
    criteria: text(
        "三个以上导联ST段压低合并T波低平，且QT（QU）间期延长（QTc大于500 ms）",
        "ST depression with flat T in three leads or more and a QT (QU) with QTc above 500 ms",
    ),
    source: &SURAWICZ_1957,
    replaces: &["nonspecific-st-t", "nonspecific-st", "nonspecific-t", "t-low"],
    when: |c| {
        let leads = c.leads_where(&[L::II, L::III, L::AvF, L::V2, L::V3, L::V4, L::V5, L::V6], |_, a| {
            a.st() <= -0.05 && a.t().abs() < 0.15 && a.r() > 0.3
        });
        let q = qtc(c)?.0;
        (readable(c) && leads.len() >= 3 && q > 500.0)
            .then(|| Evidence::of(Confidence::Possible).number(name::QTC, q, "ms", "> 500").leads(leads))
    },
};

pub static LONG_QT: Rule = Rule {
    id: "long-qt",
    text: text("QT间期延长", "Prolonged QT interval"),
    family: "repolarization",
    severity: Abnormal,
    codes: codes(&["148"], &["LNGQT"], &["111975006"], &[]),
    criteria: text(
        "QTc超过男性450 ms、女性460 ms达30 ms以上（心率60–90次/分用Bazett公式，其余用Framingham公式），QRS不宽",
        "QTc 30 ms or more above 450 ms in men and 460 ms in women (Bazett at 60 to 90 bpm, Framingham outside), QRS not wide",
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
    criteria: text("QTc超过界限15–30 ms", "QTc 15 to 30 ms above the limit"),
    source: &AHA_PART4,
    replaces: &[],
    when: |c| {
        let (q, limit) = (qtc(c)?, norms::qtc(c.patient));
        (readable(c) && q.0 > limit + 15.0 && q.0 < limit + LONG_QT_MARGIN)
            .then(|| fires().number(q.1, q.0, "ms", format!("> {limit}")))
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
            .then(|| fires().number(name::QTC, q, "ms", "≤ 330"))
    },
};

pub static HYPOCALCEMIA: Rule = Rule {
    id: "hypocalcemia",
    text: text("提示低钙血症", "Suggests hypocalcaemia"),
    family: "repolarization",
    severity: Abnormal,
    codes: codes(&["210"], &["EL"], &["5291005"], &[]),
    criteria: text(
        "QTc延长（不短于470 ms），ST段平直延长（J点至T波起点不短于QT的45%），T波不宽",
        "QTc of 470 ms or more by a long flat ST (J to T onset 45 % of QT or more)",
    ),
    source: &AHA_PART4,
    replaces: &[],
    when: |c| {
        let (q, part) = (qtc(c)?.0, st_part(c)?);
        (readable(c) && q >= 470.0 && part >= 0.45).then(|| {
            Evidence::of(Confidence::Possible).number(name::QTC, q, "ms", "≥ 470").number(
                text("ST段占QT比例", "ST segment's part of QT"),
                100.0 * part,
                "%",
                "≥ 45",
            )
        })
    },
};

pub static HYPERCALCEMIA: Rule = Rule {
    id: "hypercalcemia",
    text: text("提示高钙血症", "Suggests hypercalcaemia"),
    family: "repolarization",
    severity: Abnormal,
    codes: codes(&["207"], &["EL"], &["66931009"], &[]),
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
            Evidence::of(Confidence::Possible).number(name::QTC, q, "ms", "< 360").number(
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
    codes: codes(&["205"], &["DIG"], &["59573005"], &[]),
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
            .then(|| Evidence::of(Confidence::Possible).number(name::QTC, q, "ms", "< 420").leads(leads))
    },
};

pub static EMBOLISM: Rule = Rule {
    id: "pulmonary-embolism",
    text: text("提示急性肺栓塞可能（SIQIIITIII）", "Suggests acute pulmonary embolism (S1Q3T3)"),
    family: "repolarization",
    severity: Abnormal,
    codes: codes(&["201"], &[], &["59282003"], &[]),
    criteria: text(
        "I导联S波不小于0.15 mV、III导联Q波不小于0.15 mV且T波倒置，合并心率大于100次/分或V1–V3导联T波倒置",
        "S in I and Q in III of 0.15 mV or more with inverted T in III, and a rate above 100 bpm or T inversion in V1 to V3",
    ),
    source: &SREERAM_1994,
    replaces: &[],
    when: |c| {
        let (i, iii) = (c.amp(&L::I)?, c.amp(&L::III)?);
        let pattern = i.s() >= 0.15 && iii.q() >= 0.15 && iii.t() < -0.05;
        let chest = c.leads_where(&[L::V1, L::V2, L::V3], |_, a| a.t() < -0.1).len() >= 2;
        (readable(c) && c.adult() && pattern && (c.rate()? > 100.0 || chest)).then(|| {
            Evidence::of(Confidence::Possible)
                .number(name::S, i.s(), "mV", "≥ 0.15 (I)")
                .number(name::Q, iii.q(), "mV", "≥ 0.15 (III)")
                .leads([L::I, L::III])
        })
    },
};

pub static JUVENILE_T: Rule = Rule {
    id: "juvenile-t-pattern",
    text: text("持续性幼年型T波（正常变异）", "Persistent juvenile T pattern (normal variant)"),
    family: "repolarization",
    severity: Normal,
    codes: codes(&["228"], &[], &[], &[]),
    criteria: text(
        "40岁以下女性或25岁以下，V1–V3导联T波浅倒置（小于0.3 mV），其余正常",
        "Women below 40 or anyone below 25 with shallow T inversion (below 0.3 mV) in V1 to V3 only",
    ),
    source: &SURAWICZ,
    replaces: &["t-inversion-anterior", "nonspecific-t"],
    when: |c| {
        let age = c.patient.age?;
        let young = age < 25.0 || (age < 40.0 && c.patient.sex == Some(Sex::Female));
        let leads = c.leads_where(&[L::V1, L::V2, L::V3], |_, a| a.t() < -0.03);
        let deep = c.leads_where(&[L::V2, L::V3], |_, a| a.t() < -0.3).len();
        let beyond = c.leads_where(&[L::V4, L::V5, L::V6, L::I, L::II], |_, a| a.t() < -0.05).len();
        (readable(c) && c.adult() && young && leads.contains(&L::V2) && deep == 0 && beyond == 0).then(|| {
            Evidence::of(Confidence::Probable).number(name::T, lowest(c, &leads, Amp::t), "mV", "> −0.3").leads(leads)
        })
    },
};
