//! Old infarcts and those of undetermined age: Q waves and lost R (universal definition 2018, AHA part VI).

use super::conduction::{COMPLETE_LEFT_MS, Ventricular, narrow, ventricular};
use super::dominant::{Dominant, dominant};
use super::facts::Site;
use super::prelude::*;

/// Whether Q waves can be read: right bundle branch block leaves them alone, left does not.
fn readable(c: &Case<'_>) -> bool {
    let slight = ventricular(c) == Ventricular::Unspecific && c.qrs().is_some_and(|q| q < COMPLETE_LEFT_MS);
    c.adult() && (slight || matches!(ventricular(c), Ventricular::Narrow | Ventricular::Right))
}

/// Leads with a pathological Q wave (universal definition, table 2: Q of 20 ms or QS in V2 and V3; Q of 30 ms and
/// 0.1 mV or QS elsewhere).
pub fn q_leads(c: &Case<'_>) -> Vec<L> {
    let lateral = !c.leads_where(&[L::V5, L::V6], |_, a| a.q() > 0.2).is_empty();
    let (steep, vertical) =
        (c.axis().is_some_and(|v| v > 60.0) && !lateral, c.axis().is_some_and(|v| v > 90.0) && !lateral);
    let own = |l: &L, a: Amp<'_>| match l {
        L::AvR => false,
        // aVL looks at the back of an axis beyond 60 degrees, I of one beyond 90: they are negative by themselves.
        L::I if vertical => false,
        L::AvL if steep => false,
        L::V1 => a.is_qs() || almost_qs(a),
        L::V2 | L::V3 => a.is_qs() || almost_qs(a) || (a.q_ms() >= 20.0 && a.q() >= 0.05 && a.q() > 0.1 * a.r()),
        _ => a.is_qs() || (a.q_ms() >= 30.0 && a.q() >= 0.1 && a.q() >= 0.2 * a.up()),
    };
    c.leads_where(&L::TWELVE, own)
}

/// A Q with no more than a trace of R after it.
fn almost_qs(a: Amp<'_>) -> bool {
    a.q() >= 0.15 && a.up() < 0.15 * a.q() && a.r2() < 0.05
}

fn q_infarct(c: &Case<'_>, site: impl Fn(&Site) -> bool) -> Option<Evidence> {
    // A flutter wave before QRS looks like Q.
    (readable(c) && dominant(c) != Dominant::Flutter).then_some(())?;
    let leads = q_leads(c);
    let found = Site::of(&leads);
    site(&found).then_some(())?;
    let deepest = leads.iter().filter_map(|l| c.amp(l)).map(Amp::q_ms).fold(0.0, f64::max);
    let inverted = c.leads_where(&leads, |_, a| a.t() < -0.1);
    let sure = if leads.len() >= 3 || inverted.len() >= 2 { Confidence::Probable } else { Confidence::Possible };
    let age = if inverted.len() >= 2 {
        text("近期或演变期可能", "possibly recent or evolving")
    } else {
        text("时期不定", "age undetermined")
    };
    Some(Evidence::of(sure).number(name::Q_MS, deepest, "ms", "≥ 30").leads(leads).qualifier(age))
}

/// R all but lost in V1 to V3 without Q there. Chosen on PTB-XL and LUDB: ten of eleven such ECGs with narrow QRS are the
/// readers' anterior or septal infarcts.
fn r_lost(c: &Case<'_>) -> Option<Evidence> {
    let (v1, v2, v3) = (c.amp(&L::V1)?, c.amp(&L::V2)?, c.amp(&L::V3)?);
    let none = (v1.is_qs() || almost_qs(v1)) && v1.down() >= 0.15;
    let low = v2.up() <= 0.1 && v3.up() <= 0.25;
    let falling = v3.up() < v2.up() && v3.up() <= 0.2;
    (c.adult() && narrow(c) && none && (low || falling) && !c.unsteady()).then(|| {
        Evidence::of(Confidence::Possible)
            .number(name::R, v2.up(), "mV", "≤ 0.1 (V2)")
            .number(name::R, v3.up(), "mV", "≤ 0.25 (V3)")
            .leads([L::V1, L::V2, L::V3])
            .qualifier(text("时期不定", "age undetermined"))
    })
}

/// Whether the Q waves name a site.
fn any_site(c: &Case<'_>) -> bool {
    let s = Site::of(&q_leads(c));
    s.inferior >= 2 || s.lateral >= 2 || s.septal >= 2 || s.mid_anterior >= 2 || s.anterior >= 2
}

pub static EXTENSIVE: Rule = Rule {
    id: "extensive-anterior-infarct",
    text: text("广泛前壁心肌梗死", "Extensive anterior infarct"),
    family: "infarction",
    severity: Abnormal,
    codes: codes(&["166"], &["AMI", "ALMI"], &["54329005"], &["1-1"]),
    criteria: text("V1–V6中五个以上导联病理性Q波", "Pathological Q in five or more of V1 to V6"),
    source: &UDMI4,
    replaces: &[
        "anterior-infarct",
        "anteroseptal-infarct",
        "septal-infarct",
        "anterolateral-infarct",
        "lateral-infarct",
        "poor-r-progression",
        "reversed-r-progression",
    ],
    when: |c| q_infarct(c, |s| s.chest >= 5),
};

pub static ANTEROLATERAL: Rule = Rule {
    id: "anterolateral-infarct",
    text: text("前侧壁心肌梗死", "Anterolateral infarct"),
    family: "infarction",
    severity: Abnormal,
    codes: codes(&["160", "163"], &["ALMI"], &["54329005"], &["1-1"]),
    criteria: text("V3或V4与V5、V6、I或aVL导联病理性Q波", "Pathological Q in V3 or V4 and in V5, V6, I or aVL"),
    source: &UDMI4,
    replaces: &["anterior-infarct", "lateral-infarct", "high-lateral-infarct", "poor-r-progression"],
    when: |c| q_infarct(c, |s| s.mid_anterior >= 1 && s.lateral >= 1 && s.anterior + s.lateral >= 3),
};

pub static ANTEROSEPTAL: Rule = Rule {
    id: "anteroseptal-infarct",
    text: text("前间壁心肌梗死", "Anteroseptal infarct"),
    family: "infarction",
    severity: Abnormal,
    codes: codes(&["165"], &["ASMI"], &["54329005"], &["1-2"]),
    criteria: text("V1、V2与V3或V4导联病理性Q波", "Pathological Q in V1, V2 and in V3 or V4"),
    source: &UDMI4,
    replaces: &["anterior-infarct", "septal-infarct", "poor-r-progression", "reversed-r-progression"],
    when: |c| q_infarct(c, |s| s.septal >= 1 && s.mid_anterior >= 1 && s.anterior >= 2),
};

pub static ANTERIOR_MI: Rule = Rule {
    id: "anterior-infarct",
    text: text("前壁心肌梗死", "Anterior infarct"),
    family: "infarction",
    severity: Abnormal,
    codes: codes(&["160"], &["AMI"], &["54329005"], &["1-2"]),
    criteria: text("V3、V4导联病理性Q波", "Pathological Q in V3 and V4"),
    source: &UDMI4,
    replaces: &["poor-r-progression"],
    when: |c| q_infarct(c, |s| s.mid_anterior >= 2 && s.septal == 0),
};

pub static SEPTAL: Rule = Rule {
    id: "septal-infarct",
    text: text("间壁心肌梗死", "Septal infarct"),
    family: "infarction",
    severity: Abnormal,
    codes: codes(&["165"], &["ASMI"], &["54329005"], &["1-2"]),
    criteria: text(
        "V1、V2导联呈QS型；或V1导联呈QS型而V2导联R波不高于0.1 mV、V3导联不高于0.25 mV，或R波由V2至V3递减且V3导联不高于0.2 mV",
        "QS in V1 and V2; or QS in V1 with R of 0.1 mV or less in V2 and 0.25 mV or less in V3, or R falling from V2 to V3 to 0.2 mV or less",
    ),
    source: &UDMI4,
    replaces: &["poor-r-progression"],
    when: |c| q_infarct(c, |s| s.septal >= 2 && s.mid_anterior == 0).or_else(|| r_lost(c)),
};

pub static LATERAL_MI: Rule = Rule {
    id: "lateral-infarct",
    text: text("侧壁心肌梗死", "Lateral infarct"),
    family: "infarction",
    severity: Abnormal,
    codes: codes(&["163"], &["LMI"], &["54329005"], &["1-1"]),
    criteria: text(
        "I、aVL、V5、V6中两个以上导联病理性Q波（含V5或V6）",
        "Pathological Q in two of I, aVL, V5, V6, one of them V5 or V6",
    ),
    source: &UDMI4,
    replaces: &["high-lateral-infarct"],
    when: |c| q_infarct(c, |s| s.lateral >= 2 && s.chest_lateral >= 1),
};

pub static HIGH_LATERAL_MI: Rule = Rule {
    id: "high-lateral-infarct",
    text: text("高侧壁心肌梗死", "High lateral infarct"),
    family: "infarction",
    severity: Abnormal,
    codes: codes(&["163"], &["LMI"], &["54329005"], &["1-2"]),
    criteria: text("I、aVL导联病理性Q波", "Pathological Q in I and aVL"),
    source: &UDMI4,
    replaces: &[],
    when: |c| q_infarct(c, |s| s.lateral >= 2 && s.chest_lateral == 0),
};

pub static INFEROLATERAL_MI: Rule = Rule {
    id: "inferolateral-infarct",
    text: text("下侧壁心肌梗死", "Inferolateral infarct"),
    family: "infarction",
    severity: Abnormal,
    codes: codes(&["161", "163"], &["ILMI"], &["164867002"], &["1-1"]),
    criteria: text(
        "II、III、aVF中两个以上与V5、V6导联病理性Q波",
        "Pathological Q in two of II, III, aVF and in V5 or V6",
    ),
    source: &UDMI4,
    replaces: &["inferior-infarct", "lateral-infarct"],
    when: |c| q_infarct(c, |s| s.inferior >= 2 && s.chest_lateral >= 1),
};

pub static INFERIOR_MI: Rule = Rule {
    id: "inferior-infarct",
    text: text("下壁心肌梗死", "Inferior infarct"),
    family: "infarction",
    severity: Abnormal,
    codes: codes(&["161"], &["IMI"], &["164867002"], &["1-1"]),
    criteria: text("II、III、aVF中两个以上导联病理性Q波", "Pathological Q in two of II, III and aVF"),
    source: &UDMI4,
    replaces: &[],
    when: |c| q_infarct(c, |s| s.inferior >= 2),
};

pub static POSTERIOR_MI: Rule = Rule {
    id: "posterior-infarct",
    text: text("后壁心肌梗死", "Posterior infarct"),
    family: "infarction",
    severity: Abnormal,
    codes: codes(&["162"], &["PMI", "IPMI"], &["164867002"], &["1-2"]),
    criteria: text(
        "V1或V2导联R波不短于40 ms、R/S不小于1且T波直立，无右心室肥厚或右束支阻滞",
        "R of 40 ms or more with R/S of 1 or more and upright T in V1 or V2, without right ventricular hypertrophy or right bundle branch block",
    ),
    source: &UDMI4,
    replaces: &["early-transition", "possible-rvh"],
    when: |c| {
        let v1 = c.leads_where(&[L::V1], |_, a| {
            a.r() >= 0.4 && a.r_ms() >= 40.0 && a.r() >= a.s() && a.t() > 0.1 && a.r2() < 0.1
        });
        let v2 = c.leads_where(&[L::V2], |_, a| a.r_ms() >= 40.0 && a.r() >= a.s() && a.t() > 0.2 && a.r2() < 0.1);
        let inferior = q_leads(c).iter().filter(|l| INFERIOR.contains(l) || [L::V5, L::V6].contains(l)).count() >= 2;
        let axis = c.axis().is_some_and(|a| a < 90.0);
        (narrow(c) && c.adult() && axis && ((!v1.is_empty() && !v2.is_empty()) || (inferior && !v2.is_empty()))).then(
            || {
                let sure = if inferior { Confidence::Probable } else { Confidence::Possible };
                Evidence::of(sure)
                    .number(name::R, c.amp(&L::V2).map_or(0.0, Amp::r), "mV", "≥ S (V2)")
                    .leads(v1)
                    .leads(v2)
            },
        )
    },
};

pub static Q_WAVES: Rule = Rule {
    id: "abnormal-q-waves",
    text: text("异常Q波", "Abnormal Q waves"),
    family: "infarction",
    severity: Borderline,
    codes: codes(&[], &["QWAVE"], &["164917005"], &["1-3"]),
    criteria: text(
        "单个导联（III、aVR、aVL、V1除外）病理性Q波",
        "Pathological Q in single leads other than III, aVR, aVL and V1",
    ),
    source: &UDMI4,
    replaces: &[],
    when: |c| {
        let odd: Vec<L> = q_leads(c).into_iter().filter(|l| !matches!(l, L::III | L::AvR | L::V1 | L::AvL)).collect();
        (readable(c) && !odd.is_empty() && !any_site(c))
            .then(|| Evidence::of(Confidence::Possible).number(name::LEADS, odd.len() as f64, "", "≥ 1").leads(odd))
    },
};
