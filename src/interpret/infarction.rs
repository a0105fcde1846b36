//! Infarction and acute injury (universal definition 2018, AHA part VI; Sgarbossa, de Winter, Wellens).
//!
//! Elevation alone is called an acute infarct only with support: reciprocal depression, Q waves, or a size that early
//! repolarisation does not reach; otherwise it is "ST elevation" of [`super::repolarization`].

use super::conduction::{Ventricular, narrow, ventricular};
use super::facts::Site;
use super::prelude::*;
use super::scar::q_leads;

/// Elevation that needs no reciprocal depression to count as injury outside V1–V4, and in them, mV.
const GROSS_ELEVATION: (f64, f64) = (0.2, 0.4);

/// Residue between the complexes up to which the baseline counts as steady, mV RMS, and by how many times the rest raises
/// the limit of ST elevation (a simulated electrode in motion makes 0.35 mV at 0.2).
const STEADY_MV: f64 = 0.1;
const STRAYS: f64 = 3.0;

/// Leads with ST elevation above the limits at J, with a contiguous one.
pub fn elevated(c: &Case<'_>) -> Vec<L> {
    let limit = |l: &L| match l {
        L::V2 | L::V3 => norms::st_v2_v3(c.patient),
        _ => 0.1,
    };
    // Where the baseline strays, elevation must exceed what straying makes.
    let strays = STRAYS * (c.detection.atrial.residual_mv - STEADY_MV).max(0.0);
    let leads = c.leads_where(&L::TWELVE, |l, a| {
        *l != L::AvR && a.st() >= limit(l) + strays && a.st80() >= 0.5 * limit(l) + strays
    });
    with_neighbour(&leads)
}

/// Leads with ST depression that mirrors an elevation.
fn reciprocal(c: &Case<'_>, elevated: &[L]) -> Vec<L> {
    let inferior = elevated.iter().any(|l| INFERIOR.contains(l));
    let mirror: &[L] = if inferior { &[L::I, L::AvL, L::V1, L::V2, L::V3] } else { INFERIOR };
    c.leads_where(mirror, |_, a| a.st() <= -0.05 && a.st80() <= -0.03)
}

/// The elevation of an inflamed pericardium: concave, in leads of all three regions, without Q and without depression but in
/// aVR, V1 and aVL, more in II than in III, and large against T (Ginzton & Laks 1982; Bischof 2016 for II above III).
pub fn diffuse(c: &Case<'_>) -> Option<Vec<L>> {
    let leads = c.leads_where(&[L::I, L::II, L::AvF, L::V2, L::V3, L::V4, L::V5, L::V6], |_, a| {
        a.st() >= 0.06 && a.st80() >= a.st() && a.t() > a.st80()
    });
    let (ii, iii, v6) = (c.amp(&L::II)?, c.amp(&L::III)?, c.amp(&L::V6)?);
    let everywhere = leads.len() >= 7 && [L::I, L::II, L::V6].iter().all(|l| leads.contains(l));
    let depressed = c.leads_where(&L::TWELVE, |l, a| !matches!(l, L::AvR | L::V1 | L::AvL) && a.st() <= -0.05);
    let large = v6.t() > 0.0 && v6.st() > 0.25 * v6.t();
    let gross = c.leads_where(&leads, |_, a| a.st() > 0.5 * a.up()).is_empty();
    (narrow(c) && everywhere && ii.st() > iii.st() && large && gross && depressed.is_empty() && q_leads(c).is_empty())
        .then_some(leads)
}

fn injury(c: &Case<'_>, site: impl Fn(&Site) -> bool) -> Option<Evidence> {
    (c.adult() && diffuse(c).is_none() && matches!(ventricular(c), Ventricular::Narrow | Ventricular::Right))
        .then_some(())?;
    let leads = elevated(c);
    site(&Site::of(&leads)).then_some(())?;
    // High voltage raises ST in V1–V3 by itself: there a quarter of S is wanted (Armstrong 2012).
    let strained = c.leads_where(&leads, |_, a| a.st() < 0.2 * a.down() && a.down() > 1.5);
    if 2 * strained.len() > leads.len() {
        return None;
    }
    let mirror = reciprocal(c, &leads);
    let q = q_leads(c).into_iter().filter(|l| leads.contains(l)).count();
    let gross = c.leads_where(&leads, |l, a| {
        a.st() >= if ANTERIOR.contains(l) { GROSS_ELEVATION.1 } else { GROSS_ELEVATION.0 } && a.st() > 0.25 * a.up()
    });
    let sure = match (mirror.len(), q, gross.len()) {
        (2.., ..) | (1, _, 1..) | (1, 1.., _) => Confidence::Definite,
        (1, ..) | (0, 2.., _) | (0, _, 2..) => Confidence::Probable,
        _ => return None,
    };
    let e = Evidence::of(sure).number(name::ST, worst_st(c, &leads), "mV", "≥ 0.1");
    // Depression opposite an elevation is its mirror and no ischemia of its own: it is told here.
    let e = if mirror.is_empty() { e } else { e.number(mirrored(&mirror), worst_st(c, &mirror), "mV", "≤ −0.05") };
    Some(e.leads(leads))
}

/// "Reciprocal ST depression in I, aVL".
fn mirrored(leads: &[L]) -> Text {
    let list = |gap: &str| leads.iter().map(L::as_str).collect::<Vec<_>>().join(gap);
    Text::of(format!("对应的{}导联ST段压低", list("、")), format!("Reciprocal ST depression in {}", list(", ")))
}

/// The largest ST deviation among leads, with its sign.
fn worst_st(c: &Case<'_>, leads: &[L]) -> f64 {
    leads.iter().filter_map(|l| c.amp(l)).map(Amp::st).max_by(|a, b| a.abs().total_cmp(&b.abs())).unwrap_or(0.0)
}

pub static STEMI_ANTEROLATERAL: Rule = Rule {
    id: "stemi-anterolateral",
    text: text("急性前侧壁ST段抬高型心肌梗死", "Acute anterolateral ST-elevation myocardial infarction"),
    family: "infarction",
    severity: Critical,
    codes: codes(&["160", "163", "330"], &["AMI", "ALMI", "INJAL"], &["164865005", "57054005"], &["9-2"]),
    criteria: text(
        "V2–V4与V5、V6、I或aVL导联ST段抬高达标",
        "ST elevation above the limits in V2 to V4 and in V5, V6, I or aVL",
    ),
    source: &UDMI4,
    replaces: &[
        "st-depression-anterior",
        "st-depression-lateral",
        "st-depression-inferior",
        "consider-ischemia",
        "acute-ischemia",
        "st-elevation",
        "early-repolarization",
        "early-repolarization-notched",
        "pericarditis",
        "anterolateral-infarct",
        "extensive-anterior-infarct",
        "anterior-infarct",
        "anteroseptal-infarct",
        "lateral-infarct",
        "high-lateral-infarct",
        "septal-infarct",
        "nonspecific-st-t",
        "nonspecific-t",
        "nonspecific-st",
    ],
    when: |c| injury(c, |s| s.anterior >= 2 && s.lateral >= 1),
};

pub static STEMI_ANTERIOR: Rule = Rule {
    id: "stemi-anterior",
    text: text(
        "急性前壁（前间壁）ST段抬高型心肌梗死",
        "Acute anterior (anteroseptal) ST-elevation myocardial infarction",
    ),
    family: "infarction",
    severity: Critical,
    codes: codes(&["160", "165", "330"], &["AMI", "ASMI", "INJAS"], &["164865005", "57054005"], &["9-2"]),
    criteria: text(
        "V1–V4中两个以上相邻导联ST段抬高达标",
        "ST elevation above the limits in two contiguous leads of V1 to V4",
    ),
    source: &UDMI4,
    replaces: &[
        "st-depression-anterior",
        "st-depression-lateral",
        "st-depression-inferior",
        "consider-ischemia",
        "acute-ischemia",
        "st-elevation",
        "early-repolarization",
        "early-repolarization-notched",
        "pericarditis",
        "anterior-infarct",
        "anteroseptal-infarct",
        "septal-infarct",
        "nonspecific-st-t",
        "nonspecific-t",
        "nonspecific-st",
    ],
    when: |c| injury(c, |s| s.anterior >= 2 && s.lateral == 0),
};

pub static STEMI_LATERAL: Rule = Rule {
    id: "stemi-lateral",
    text: text("急性侧壁ST段抬高型心肌梗死", "Acute lateral ST-elevation myocardial infarction"),
    family: "infarction",
    severity: Critical,
    codes: codes(&["163", "330"], &["LMI", "INJLA"], &["164865005", "57054005"], &["9-2"]),
    criteria: text(
        "I、aVL、V5、V6中两个以上导联ST段抬高达标",
        "ST elevation above the limits in two of I, aVL, V5 and V6",
    ),
    source: &UDMI4,
    replaces: &[
        "st-depression-anterior",
        "st-depression-lateral",
        "st-depression-inferior",
        "consider-ischemia",
        "acute-ischemia",
        "st-elevation",
        "early-repolarization",
        "early-repolarization-notched",
        "pericarditis",
        "lateral-infarct",
        "high-lateral-infarct",
        "nonspecific-st-t",
        "nonspecific-t",
        "nonspecific-st",
    ],
    when: |c| injury(c, |s| s.lateral >= 2 && s.anterior < 2 && s.inferior < 2),
};

pub static STEMI_INFEROLATERAL: Rule = Rule {
    id: "stemi-inferolateral",
    text: text("急性下侧壁ST段抬高型心肌梗死", "Acute inferolateral ST-elevation myocardial infarction"),
    family: "infarction",
    severity: Critical,
    codes: codes(&["161", "163", "330"], &["ILMI", "INJIL"], &["164865005", "57054005"], &["9-2"]),
    criteria: text("II、III、aVF与V5、V6导联ST段抬高达标", "ST elevation above the limits in II, III, aVF and V5, V6"),
    source: &UDMI4,
    replaces: &[
        "st-depression-anterior",
        "st-depression-lateral",
        "st-depression-inferior",
        "consider-ischemia",
        "acute-ischemia",
        "st-elevation",
        "early-repolarization",
        "early-repolarization-notched",
        "pericarditis",
        "stemi-inferior",
        "inferior-infarct",
        "inferolateral-infarct",
        "lateral-infarct",
        "nonspecific-st-t",
        "nonspecific-t",
        "nonspecific-st",
    ],
    when: |c| injury(c, |s| s.inferior >= 2 && s.chest_lateral >= 1 && s.anterior < 2),
};

pub static STEMI_INFERIOR: Rule = Rule {
    id: "stemi-inferior",
    text: text("急性下壁ST段抬高型心肌梗死", "Acute inferior ST-elevation myocardial infarction"),
    family: "infarction",
    severity: Critical,
    codes: codes(&["161", "330"], &["IMI", "INJIN"], &["164865005", "57054005"], &["9-2"]),
    criteria: text("II、III、aVF中两个以上导联ST段抬高达标", "ST elevation above the limits in two of II, III and aVF"),
    source: &UDMI4,
    replaces: &[
        "st-depression-anterior",
        "st-depression-lateral",
        "st-depression-inferior",
        "consider-ischemia",
        "acute-ischemia",
        "st-elevation",
        "early-repolarization",
        "early-repolarization-notched",
        "pericarditis",
        "inferior-infarct",
        "nonspecific-st-t",
        "nonspecific-t",
        "nonspecific-st",
    ],
    when: |c| injury(c, |s| s.inferior >= 2),
};

pub static STEMI_POSTERIOR: Rule = Rule {
    id: "stemi-posterior",
    text: text("考虑急性后壁心肌梗死", "Suggests acute posterior myocardial infarction"),
    family: "infarction",
    severity: Critical,
    codes: codes(&["162", "330"], &["PMI"], &["164865005"], &[]),
    criteria: text(
        "V7–V9导联ST段抬高不小于0.05 mV；或V1–V3导联ST段压低不小于0.1 mV、T波直立且R波增高，而其他胸导联无ST段压低",
        "ST elevation of 0.05 mV or more in V7 to V9; or ST depression of 0.1 mV or more with upright T and tall R in V1 to V3 but not in V5, V6",
    ),
    source: &UDMI4,
    replaces: &["posterior-infarct", "st-depression-anterior", "nonspecific-st-t", "nonspecific-t", "nonspecific-st"],
    when: |c| {
        let direct = c.leads_where(&[L::V7, L::V8, L::V9], |_, a| a.st() >= 0.05 && a.st80() >= 0.05);
        if direct.len() >= 2 {
            return Some(fires().number(name::ST, worst_st(c, &direct), "mV", "≥ 0.05").leads(direct));
        }
        let mirror = c.leads_where(&[L::V1, L::V2, L::V3], |_, a| {
            a.st() <= -0.1 && a.st80() <= -0.05 && a.t() > 0.1 && a.r() > 0.5 * a.s()
        });
        let spread = c.leads_where(&[L::V5, L::V6], |_, a| a.st() <= -0.05);
        (narrow(c) && mirror.len() >= 2 && spread.is_empty()).then(|| {
            Evidence::of(Confidence::Possible).number(name::ST, worst_st(c, &mirror), "mV", "≤ −0.1").leads(mirror)
        })
    },
};

pub static STEMI_RV: Rule = Rule {
    id: "stemi-right-ventricular",
    text: text("急性右心室心肌梗死", "Acute right ventricular infarction"),
    family: "infarction",
    severity: Critical,
    codes: codes(&["174", "330"], &["IMI"], &["164865005"], &[]),
    criteria: text(
        "急性下壁心肌梗死，且V3R、V4R导联ST段抬高不小于0.05 mV（30岁以下男性0.1），或V1导联ST段抬高且III导联抬高大于II导联",
        "Acute inferior infarct with ST elevation of 0.05 mV or more in V3R, V4R, or in V1 with III above II",
    ),
    source: &UDMI4,
    replaces: &[],
    when: |c| {
        let inferior = injury(c, |s| s.inferior >= 2)?;
        let right = c.leads_where(&[L::V3R, L::V4R], |_, a| a.st() >= 0.05);
        let v1 = c.amp(&L::V1).is_some_and(|a| a.st() >= 0.1) && c.amp(&L::III)?.st() > c.amp(&L::II)?.st();
        (!right.is_empty() || v1).then(|| {
            let leads = if right.is_empty() { vec![L::V1, L::III] } else { right };
            Evidence { leads, ..inferior }
        })
    },
};

pub static SGARBOSSA: Rule = Rule {
    id: "sgarbossa",
    text: text(
        "左束支阻滞合并急性心肌梗死可能（Sgarbossa标准）",
        "Suggests acute myocardial infarction with left bundle branch block (Sgarbossa)",
    ),
    family: "infarction",
    severity: Critical,
    codes: codes(&["173", "330"], &["CLBBB"], &["164865005"], &[]),
    criteria: text(
        "左束支阻滞中QRS主波向上的导联ST段同向抬高不小于0.1 mV（5分），或V1–V3导联ST段同向压低不小于0.1 mV（3分），或ST/S不小于0.25的反向抬高（Smith）",
        "In left bundle branch block ST elevation of 0.1 mV or more with a positive QRS (5 points), ST depression of 0.1 mV or more in V1 to V3 (3), or discordant elevation of a quarter of S or more (Smith)",
    ),
    source: &SGARBOSSA_1996,
    replaces: &["st-elevation"],
    when: |c| {
        (ventricular(c) == Ventricular::Left).then_some(())?;
        let with = c.leads_where(&L::TWELVE, |_, a| a.st() >= 0.1 && a.up() > 1.5 * a.down() && a.qrs() > 0.3);
        let down = c.leads_where(&[L::V1, L::V2, L::V3], |_, a| a.st() <= -0.1 && a.down() > a.up());
        let over = c.leads_where(ANTERIOR, |_, a| a.st() >= 0.2 && a.st() >= 0.3 * a.down() && a.down() > a.up());
        let score = if with.is_empty() { 0 } else { 5 }
            + if down.is_empty() { 0 } else { 3 }
            + if over.len() >= 2 { 3 } else { 0 };
        (score >= 3).then(|| {
            let leads: Vec<L> = with.into_iter().chain(down).chain(over).collect();
            Evidence::of(Confidence::Probable).number(name::SCORE, f64::from(score), "", "≥ 3").leads(leads)
        })
    },
};

pub static DE_WINTER: Rule = Rule {
    id: "de-winter",
    text: text("de Winter综合征心电图表现", "De Winter pattern"),
    family: "infarction",
    severity: Critical,
    codes: codes(&["146", "220"], &[], &[], &[]),
    criteria: text(
        "V1–V6导联中三个以上J点压低不小于0.1 mV、ST段上斜、T波高耸，aVR导联ST段抬高（四个以上导联时aVR轻度抬高即可）",
        "J-point depression of 0.1 mV or more with upsloping ST and tall T in three chest leads with ST elevation in aVR (in four leads with any)",
    ),
    source: &DE_WINTER_2008,
    replaces: &[
        "st-depression-anterior",
        "st-depression-lateral",
        "acute-ischemia",
        "t-tall",
        "nonspecific-st-t",
        "nonspecific-t",
        "nonspecific-st",
    ],
    when: |c| {
        let leads = c.leads_where(CHEST, |_, a| a.st() <= -0.1 && a.st80() > a.st() + 0.05 && a.t() >= 0.6);
        let avr = c.amp(&L::AvR)?.st();
        let clear = leads.len() >= 3 && avr >= 0.05 || leads.len() >= 4 && avr > 0.0;
        (narrow(c) && clear && c.rate()? < 120.0).then(|| {
            Evidence::of(Confidence::Probable).number(name::ST, worst_st(c, &leads), "mV", "≤ −0.1").leads(leads)
        })
    },
};

pub static LEFT_MAIN: Rule = Rule {
    id: "left-main-pattern",
    text: text(
        "广泛ST段压低伴aVR导联ST段抬高，考虑左主干或多支病变",
        "Widespread ST depression with ST elevation in aVR: consider left main or multivessel ischemia",
    ),
    family: "infarction",
    severity: Critical,
    codes: codes(&["145", "220"], &["ISC_"], &["413844008"], &["4-1"]),
    criteria: text(
        "六个以上导联ST段压低不小于0.1 mV，aVR导联ST段抬高不小于0.1 mV",
        "ST depression of 0.1 mV or more in six leads or more with ST elevation of 0.1 mV or more in aVR",
    ),
    source: &ESC_ACS,
    replaces: &[
        "st-depression-anterior",
        "st-depression-lateral",
        "st-depression-inferior",
        "acute-ischemia",
        "consider-ischemia",
        "nonspecific-st-t",
        "nonspecific-t",
        "nonspecific-st",
        "digitalis-effect",
    ],
    when: |c| {
        let leads = c.leads_where(&L::TWELVE, |_, a| a.st() <= -0.1 && a.st80() <= -0.05);
        let avr = c.amp(&L::AvR)?.st();
        (narrow(c) && leads.len() >= 6 && avr >= 0.1 && c.rate()? < 130.0).then(|| {
            Evidence::of(Confidence::Probable)
                .number(name::ST, avr, "mV", "≥ 0.1 (aVR)")
                .number(name::LEADS, leads.len() as f64, "", "≥ 6")
                .leads(leads)
        })
    },
};

pub static WELLENS: Rule = Rule {
    id: "wellens",
    text: text("Wellens综合征心电图表现可能", "Suggests Wellens pattern (critical LAD stenosis)"),
    family: "infarction",
    severity: Abnormal,
    codes: codes(&["147", "220", "226"], &["ISCAN", "ISCAS"], &["413844008"], &["5-1"]),
    criteria: text(
        "V2、V3导联T波深倒置（不小于0.2 mV）或正负双向，ST段基本等电位，无病理性Q波，R波递增正常",
        "Deep (0.2 mV or more) T inversion in V2 and V3 with isoelectric ST, no Q waves and preserved R",
    ),
    source: &WELLENS_1982,
    replaces: &["t-inversion-anterior"],
    when: |c| {
        let leads =
            c.leads_where(&[L::V2, L::V3], |_, a| a.t() <= -0.25 && a.st().abs() < 0.1 && !a.is_qs() && a.r() > 0.1);
        let v4 = c.amp(&L::V4)?;
        (narrow(c)
            && c.adult()
            && leads.len() == 2
            && v4.t() < -0.1
            && q_leads(c).is_empty()
            && c.amp(&L::V1)?.r() < c.amp(&L::V1)?.s())
        .then(|| {
            Evidence::of(Confidence::Possible)
                .number(name::T, c.amp(&L::V3).map_or(0.0, Amp::t), "mV", "≤ −0.25")
                .leads(leads)
        })
    },
};

pub static LV_ANEURYSM: Rule = Rule {
    id: "lv-aneurysm",
    text: text("考虑左心室室壁瘤", "Consider left ventricular aneurysm"),
    family: "infarction",
    severity: Abnormal,
    codes: codes(&["145", "227"], &["ANEUR"], &["164865005"], &[]),
    criteria: text(
        "V1–V4导联病理性Q波（QS）伴持续ST段抬高，T波振幅与QRS振幅之比小于0.36",
        "Pathological Q or QS in V1 to V4 with ST elevation and a T/QRS ratio below 0.36",
    ),
    source: &AHA_PART2,
    replaces: &["stemi-anterior", "st-elevation"],
    when: |c| {
        let q = q_leads(c);
        let leads = c.leads_where(ANTERIOR, |l, a| q.contains(l) && a.st() >= 0.1 && a.t() < 0.36 * a.qrs());
        (narrow(c) && leads.len() >= 3 && reciprocal(c, &leads).is_empty()).then(|| {
            Evidence::of(Confidence::Possible).number(name::ST, worst_st(c, &leads), "mV", "≥ 0.1").leads(leads)
        })
    },
};
