//! Intraventricular conduction (AHA/ACCF/HRS part III, 2009).

use super::conduction::{
    COMPLETE_LEFT_MS, LEFT_ANTERIOR_AXIS, Ventricular, conducted, has_p, left_anterior, left_posterior, left_shape,
    preexcited, r_prime, ventricular,
};
use super::dominant::few_leads;
use super::prelude::*;

/// QRS duration and the leads that show the shape.
fn shape_evidence(c: &Case<'_>, leads: &[L]) -> Evidence {
    let least = norms::complete_block(c.patient);
    c.qrs_told(fires(), least, f64::INFINITY, format!("≥ {least}")).leads(c.leads_where(leads, |_, _| true))
}

/// QRS duration between two limits.
fn incomplete(c: &Case<'_>, from: f64, below: f64) -> Evidence {
    c.qrs_told(fires(), from, below, format!("{from:.0} … {:.0}", below - 1.0))
}

pub static RBBB: Rule = Rule {
    id: "right-bundle-branch-block",
    text: text("完全性右束支阻滞", "Right bundle branch block"),
    family: "conduction",
    severity: Abnormal,
    codes: codes(&["106"], &["CRBBB"], &["713427006", "59118001"], &["7-2"]),
    criteria: text(
        "成人QRS不短于120 ms，V1或V2导联呈rsr'、rsR'、rSR'或宽R波，I、V6导联S波宽于R波或大于40 ms",
        "QRS 120 ms or more in adults, rsr', rsR', rSR' or a broad R in V1 or V2, S wider than R or above 40 ms in I and V6",
    ),
    source: &AHA_PART3,
    replaces: &["incomplete-rbbb", "rsr-v1", "ivcd", "ivcd-borderline"],
    when: |c| (ventricular(c) == Ventricular::Right).then(|| shape_evidence(c, &[L::V1, L::I, L::V6])),
};

pub static IRBBB: Rule = Rule {
    id: "incomplete-rbbb",
    text: text("不完全性右束支阻滞", "Incomplete right bundle branch block"),
    family: "conduction",
    severity: Borderline,
    codes: codes(&["105"], &["IRBBB"], &["713426002"], &["7-3"]),
    criteria: text(
        "形态同右束支阻滞，成人QRS 94–119 ms（4–15岁90–99 ms，4岁以下86–89 ms）",
        "The shape of right bundle branch block with QRS 94 to 119 ms in adults (90 to 99 at 4 to 15 years, 86 to 89 below)",
    ),
    source: &AHA_PART3,
    replaces: &["rsr-v1", "ivcd-borderline"],
    when: |c| {
        let (qrs, from, to) = (c.qrs()?, norms::incomplete_block(c.patient), norms::complete_block(c.patient));
        (conducted(c) && (from..to).contains(&qrs) && r_prime(c)).then(|| incomplete(c, from, to).leads([L::V1]))
    },
};

pub static RSR: Rule = Rule {
    id: "rsr-v1",
    text: text("V1导联呈rSr'型", "RSR' in V1"),
    family: "conduction",
    severity: Normal,
    codes: codes(&[], &[], &[], &["7-5"]),
    criteria: text(
        "1岁以上，V1导联有r'波，QRS时限正常",
        "An r' in V1 with a normal QRS duration, from the age of one year",
    ),
    source: &AHA_PART3,
    replaces: &[],
    when: |c| {
        let v1 = c.amp(&L::V1)?;
        (conducted(c)
            && !c.younger_than(1.0)
            && v1.r2() >= 0.1
            && v1.r() >= 0.05
            && c.qrs()? < norms::complete_block(c.patient))
        .then(|| fires().number(name::R_LATE, v1.r2(), "mV", "≥ 0.1").leads([L::V1]))
    },
};

pub static LBBB: Rule = Rule {
    id: "left-bundle-branch-block",
    text: text("完全性左束支阻滞", "Left bundle branch block"),
    family: "conduction",
    severity: Abnormal,
    codes: codes(&["104"], &["CLBBB"], &["733534002", "164909002"], &["7-1"]),
    criteria: text(
        "成人QRS不短于130 ms（指南为120 ms，本程序按第三宽导联），I、aVL、V5、V6导联R波宽而顿挫且无q波，V1导联呈rS或QS，V5、V6导联R峰时间大于60 ms",
        "QRS 130 ms or more in adults (the guideline's 120, by our third widest lead), broad R without q in I, V5, V6, rS or QS in V1, R-peak time above 60 ms in V5, V6",
    ),
    source: &AHA_PART3,
    replaces: &[
        "incomplete-lbbb",
        "ivcd",
        "ivcd-borderline",
        "left-anterior-fascicular-block",
        "lvh-voltage",
        "lvh",
        "lvh-repolarization",
        "lvh-widening",
        "anterior-infarct",
        "anteroseptal-infarct",
        "septal-infarct",
        "anterolateral-infarct",
        "extensive-anterior-infarct",
        "inferior-infarct",
        "lateral-infarct",
        "high-lateral-infarct",
        "inferolateral-infarct",
        "poor-r-progression",
        "reversed-r-progression",
        "t-inversion-lateral",
        "t-inversion-anterior",
        "t-inversion-inferior",
        "st-depression-lateral",
        "st-depression-inferior",
        "st-depression-anterior",
        "st-elevation",
        "nonspecific-st-t",
        "nonspecific-t",
        "nonspecific-st",
        "septal-hypertrophy",
        "t-low",
        "lvh-pediatric",
        "early-repolarization",
        "t-tall",
        "consider-ischemia",
        "digitalis-effect",
    ],
    when: |c| (ventricular(c) == Ventricular::Left).then(|| shape_evidence(c, &[L::I, L::V1, L::V6])),
};

pub static ILBBB: Rule = Rule {
    id: "incomplete-lbbb",
    text: text("不完全性左束支阻滞", "Incomplete left bundle branch block"),
    family: "conduction",
    severity: Abnormal,
    codes: codes(&[], &["ILBBB"], &["251120003"], &["7-6"]),
    criteria: text("形态同左束支阻滞，QRS 114–129 ms", "The shape of left bundle branch block with QRS 114 to 129 ms"),
    source: &AHA_PART3,
    replaces: &["ivcd-borderline", "ivcd"],
    when: |c| {
        let qrs = c.qrs()?;
        let typical = (114.0..COMPLETE_LEFT_MS).contains(&qrs) && left_shape(c);
        (conducted(c) && c.adult() && typical && ventricular(c) != Ventricular::Preexcited && !left_anterior(c))
            .then(|| incomplete(c, 114.0, COMPLETE_LEFT_MS).leads(c.leads_where(&[L::I, L::V1, L::V6], |_, _| true)))
    },
};

pub static LAFB: Rule = Rule {
    id: "left-anterior-fascicular-block",
    text: text("左前分支阻滞", "Left anterior fascicular block"),
    family: "conduction",
    severity: Abnormal,
    codes: codes(&["101"], &["LAFB"], &["445118002"], &["7-7"]),
    criteria: text(
        "QRS电轴-45°至-90°，aVL导联qR型，II、III、aVF导联rS型，QRS短于120 ms",
        "QRS axis -45 to -90 degrees, qR in aVL, rS in II, III and aVF, QRS below 120 ms",
    ),
    source: &AHA_PART3,
    replaces: &["left-axis-deviation"],
    when: |c| {
        left_anterior(c).then_some(())?;
        let axis = c.axis()?;
        Some(fires().number(name::AXIS, axis, "°", format!("{LEFT_ANTERIOR_AXIS} … −90")).leads([
            L::AvL,
            L::II,
            L::III,
            L::AvF,
        ]))
    },
};

pub static LPFB: Rule = Rule {
    id: "left-posterior-fascicular-block",
    text: text("左后分支阻滞", "Left posterior fascicular block"),
    family: "conduction",
    severity: Abnormal,
    codes: codes(&["102"], &["LPFB"], &["445211001"], &["7-8"]),
    criteria: text(
        "成人QRS电轴90°至180°，I、aVL导联rS型，III、aVF导联qR型，QRS短于120 ms，并除外右心室肥厚",
        "QRS axis 90 to 180 degrees in adults, rS in I and aVL, qR in III and aVF, QRS below 120 ms, no right ventricular hypertrophy",
    ),
    source: &AHA_PART3,
    replaces: &["right-axis-deviation", "rightward-axis"],
    when: |c| {
        left_posterior(c).then_some(())?;
        let axis = c.axis()?;
        Some(Evidence::of(Confidence::Probable).number(name::AXIS, axis, "°", "100 … 180").leads([
            L::I,
            L::AvL,
            L::III,
            L::AvF,
        ]))
    },
};

pub static RBBB_LAFB: Rule = Rule {
    id: "bifascicular-rbbb-lafb",
    text: text(
        "双分支阻滞：完全性右束支阻滞合并左前分支阻滞",
        "Bifascicular block: right bundle branch block and left anterior fascicular block",
    ),
    family: "conduction",
    severity: Abnormal,
    codes: codes(&["106", "101"], &["CRBBB", "LAFB"], &["713427006", "59118001", "445118002"], &["7-2", "7-7", "7-8"]),
    criteria: text(
        "同时符合完全性右束支阻滞与左前分支阻滞（电轴-45°至-90°）",
        "Right bundle branch block with an axis of -45 to -90 degrees and rS in II, III, aVF",
    ),
    source: &AHA_PART3,
    replaces: &["right-bundle-branch-block", "left-anterior-fascicular-block", "left-axis-deviation"],
    when: |c| {
        (ventricular(c) == Ventricular::Right && left_anterior(c)).then_some(())?;
        Some(shape_evidence(c, &[L::V1, L::AvL, L::III]).number(
            name::AXIS,
            c.axis()?,
            "°",
            format!("{LEFT_ANTERIOR_AXIS} … −90"),
        ))
    },
};

pub static RBBB_LPFB: Rule = Rule {
    id: "bifascicular-rbbb-lpfb",
    text: text(
        "双分支阻滞：完全性右束支阻滞合并左后分支阻滞",
        "Bifascicular block: right bundle branch block and left posterior fascicular block",
    ),
    family: "conduction",
    severity: Abnormal,
    codes: codes(&["106", "102"], &["CRBBB", "LPFB"], &["713427006", "59118001", "445211001"], &["7-2", "7-8"]),
    criteria: text(
        "同时符合完全性右束支阻滞与左后分支阻滞（电轴100°至180°）",
        "Right bundle branch block with an axis of 100 to 180 degrees, rS in I and aVL, qR in III and aVF",
    ),
    source: &AHA_PART3,
    replaces: &[
        "right-bundle-branch-block",
        "left-posterior-fascicular-block",
        "right-axis-deviation",
        "rightward-axis",
    ],
    when: |c| {
        (ventricular(c) == Ventricular::Right && left_posterior(c)).then_some(())?;
        Some(shape_evidence(c, &[L::V1, L::I, L::III]).number(name::AXIS, c.axis()?, "°", "100 … 180"))
    },
};

pub static TRIFASCICULAR: Rule = Rule {
    id: "bifascicular-with-first-degree",
    text: text("双分支阻滞合并一度房室阻滞", "Bifascicular block with first-degree AV block"),
    family: "conduction",
    severity: Abnormal,
    codes: codes(
        &["106", "101", "82"],
        &["CRBBB", "LAFB", "1AVB"],
        &["713427006", "59118001", "445118002", "270492004"],
        &["7-2", "7-7", "6-3"],
    ),
    criteria: text(
        "右束支阻滞合并一个左分支阻滞，且PR间期延长（不宜称三分支阻滞）",
        "Right bundle branch block with a left fascicular block and a prolonged PR (not to be called trifascicular)",
    ),
    source: &BRADY_2018,
    replaces: &[
        "bifascicular-rbbb-lafb",
        "bifascicular-rbbb-lpfb",
        "first-degree-av-block",
        "marked-first-degree-av-block",
        "right-bundle-branch-block",
        "left-anterior-fascicular-block",
        "left-posterior-fascicular-block",
        "left-axis-deviation",
        "right-axis-deviation",
        "rightward-axis",
    ],
    when: |c| {
        let both = ventricular(c) == Ventricular::Right && (left_anterior(c) || left_posterior(c));
        let pr = c.pr().filter(|p| both && has_p(c) && *p > norms::pr(c.patient).1)?;
        Some(shape_evidence(c, &[L::V1, L::III]).number(name::PR, pr, "ms", format!("> {}", norms::pr(c.patient).1)))
    },
};

pub static IVCD: Rule = Rule {
    id: "ivcd",
    text: text("非特异性室内传导阻滞", "Nonspecific intraventricular conduction delay"),
    family: "conduction",
    severity: Abnormal,
    codes: codes(&["107"], &["IVCD"], &["698252002"], &["7-4"]),
    criteria: text(
        "成人QRS大于110 ms（本程序取120 ms以上为明确），不符合左、右束支阻滞",
        "QRS above 110 ms in adults (120 ms or more here for definite) without the shape of a bundle branch block",
    ),
    source: &AHA_PART3,
    replaces: &["ivcd-borderline"],
    // One lead or three do not show where QRS begins and ends.
    when: |c| (ventricular(c) == Ventricular::Unspecific && !few_leads(c)).then(|| shape_evidence(c, &[])),
};

pub static IVCD_BORDERLINE: Rule = Rule {
    id: "ivcd-borderline",
    text: text("QRS时限轻度增宽", "Borderline intraventricular conduction delay"),
    family: "conduction",
    severity: Borderline,
    codes: codes(&["107"], &["IVCD"], &["698252002"], &["7-4"]),
    criteria: text(
        "成人QRS 115–119 ms，不符合束支阻滞",
        "QRS of 115 to 119 ms in adults without the shape of a bundle branch block",
    ),
    source: &AHA_PART3,
    replaces: &[],
    when: |c| {
        let (qrs, high) = (c.qrs()?, norms::qrs(c.patient));
        (conducted(c) && !few_leads(c) && qrs > high + 4.0 && qrs < norms::complete_block(c.patient))
            .then(|| c.qrs_told(fires(), high, norms::complete_block(c.patient), format!("> {high}")))
    },
};

pub static PREEXCITATION: Rule = Rule {
    id: "preexcitation",
    text: text("心室预激", "Ventricular preexcitation (Wolff-Parkinson-White pattern)"),
    family: "conduction",
    severity: Abnormal,
    codes: codes(&["108"], &["WPW"], &["74390002"], &["6-4"]),
    criteria: text(
        "PR间期短于120 ms，QRS起始部粗钝（预激波），QRS增宽",
        "PR below 120 ms, slurred onset of QRS (delta wave), QRS widened",
    ),
    source: &AHA_PART3,
    replaces: &[
        "short-pr",
        "ivcd",
        "ivcd-borderline",
        "incomplete-rbbb",
        "incomplete-lbbb",
        "rsr-v1",
        "left-bundle-branch-block",
        "right-bundle-branch-block",
        "anterior-infarct",
        "septal-infarct",
        "anteroseptal-infarct",
        "inferior-infarct",
        "posterior-infarct",
        "lateral-infarct",
        "high-lateral-infarct",
        "lvh",
        "lvh-voltage",
        "lvh-repolarization",
        "lvh-widening",
        "right-ventricular-hypertrophy",
        "nonspecific-st-t",
        "nonspecific-t",
        "nonspecific-st",
        "t-inversion-lateral",
        "t-inversion-anterior",
        "t-inversion-inferior",
        "st-depression-lateral",
        "st-depression-inferior",
        "st-depression-anterior",
        "left-axis-deviation",
        "right-axis-deviation",
        "poor-r-progression",
        "t-low",
        "left-anterior-fascicular-block",
    ],
    when: |c| preexcited(c),
};

pub static PREEXCITATION_LEFT: Rule = Rule {
    id: "preexcitation-left",
    text: text("心室预激（左侧旁路可能，A型）", "Ventricular preexcitation, suggests left-sided pathway (type A)"),
    family: "conduction",
    severity: Abnormal,
    codes: codes(&["108"], &["WPW"], &["74390002"], &["6-4"]),
    criteria: text("心室预激且V1导联QRS主波向上", "Preexcitation with a positive QRS in V1"),
    source: &SURAWICZ,
    replaces: &["preexcitation", "short-pr"],
    when: |c| {
        let v1 = c.amp(&L::V1)?;
        (v1.up() > 1.2 * v1.down()).then(|| preexcited(c))?.map(|e| e.leads([L::V1]))
    },
};

pub static PREEXCITATION_RIGHT: Rule = Rule {
    id: "preexcitation-right",
    text: text("心室预激（右侧旁路可能，B型）", "Ventricular preexcitation, suggests right-sided pathway (type B)"),
    family: "conduction",
    severity: Abnormal,
    codes: codes(&["108"], &["WPW"], &["74390002"], &["6-4"]),
    criteria: text("心室预激且V1导联QRS主波向下", "Preexcitation with a negative QRS in V1"),
    source: &SURAWICZ,
    replaces: &["preexcitation", "short-pr"],
    when: |c| {
        let v1 = c.amp(&L::V1)?;
        (v1.down() > 1.2 * v1.up()).then(|| preexcited(c))?.map(|e| e.leads([L::V1]))
    },
};

pub static ALTERNANS: Rule = Rule {
    id: "electrical-alternans",
    text: text("电交替", "Electrical alternans"),
    family: "conduction",
    severity: Abnormal,
    codes: codes(&["124"], &[], &["14508000"], &["9-8"]),
    criteria: text(
        "QRS波形态逐搏交替（两种形态交替出现，心律规则）",
        "QRS of two shapes in turn, beat by beat, in a regular rhythm",
    ),
    source: &AHA_PART2,
    replaces: &[],
    when: |c| {
        let beats = &c.detection.beats;
        let turn = beats.windows(3).filter(|w| w[0].group == w[2].group && w[0].group != w[1].group).count();
        let even = c.rhythm().irregularity.is_some_and(|v| v < 0.03);
        let plain = beats.iter().all(|b| b.class == BeatClass::N);
        (beats.len() >= 7 && turn + 3 >= beats.len() && even && plain)
            .then(|| Evidence::of(Confidence::Possible).number(name::TURNS, turn as f64, "", "≥ 5"))
    },
};
