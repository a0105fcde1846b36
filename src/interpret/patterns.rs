//! Patterns of ST and T with a name of their own: early repolarisation, pericarditis, Brugada, embolism, juvenile T, effusion.

use super::conduction::{Ventricular, conducted, ventricular};
use super::infarction::{diffuse, elevated};
use super::prelude::*;
use super::repolarization::{highest, lowest, readable};
use super::scar::q_leads;
use super::{axis, intraventricular};
use crate::signal::Sex;

fn brugada_readable(c: &Case<'_>) -> bool {
    // A complete right bundle branch block hides the pattern and looks like it.
    conducted(c) && c.adult() && !matches!(ventricular(c), Ventricular::Left | Ventricular::Right)
}

/// How far the signal may fall in the 40 ms after the high take-off, mV: in right bundle branch block it falls by more
/// (Bayés de Luna 2012, type 1).
const TAKE_OFF_FALL_MV: f64 = 0.4;

/// Whether nothing else speaks for injury: no depressed ST, no elevated one elsewhere, no Q waves.
pub fn variant(c: &Case<'_>, leads: &[L]) -> bool {
    let depressed = c.leads_where(&L::TWELVE, |l, a| !matches!(l, L::AvR | L::V1 | L::III) && a.st() <= -0.05);
    let others = elevated(c).into_iter().filter(|l| !leads.contains(l) && !ANTERIOR.contains(l)).count();
    depressed.is_empty() && others == 0 && q_leads(c).is_empty()
}

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
        (readable(c) && contiguous(&leads) && variant(c, &leads)).then(|| {
            Evidence::of(Confidence::Probable).number(name::ST, highest(c, &leads, Amp::st), "mV", "≥ 0.1").leads(leads)
        })
    },
};

pub static PERICARDITIS: Rule = Rule {
    id: "pericarditis",
    text: text("提示急性心包炎", "Suggests acute pericarditis"),
    family: "repolarization",
    severity: Abnormal,
    codes: codes(&["145", "200"], &[], &["3238004"], &["9-2"]),
    criteria: text(
        "I、II、aVF、V2–V6中七个以上导联ST段凹面向上抬高（含I、II、V6），II导联高于III导联，V6导联ST/T比值大于0.25，无病理性Q波，除aVR、V1、aVL外无压低",
        "Concave ST elevation in seven of I, II, aVF, V2 to V6 (I, II and V6 among them), II above III, ST/T above 0.25 in V6, no Q waves, no depression except in aVR, V1 and aVL",
    ),
    source: &GINZTON_1982,
    replaces: &["st-elevation", "early-repolarization", "early-repolarization-notched"],
    when: |c| {
        let leads = diffuse(c)?;
        let v6 = c.amp(&L::V6)?;
        Some(
            Evidence::of(Confidence::Possible)
                .number(name::ST_T, v6.st() / v6.t(), "", "> 0.25 (V6)")
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
    codes: codes(&["146", "202"], &[], &["418818005"], &[]),
    criteria: text(
        "V1或V2导联J点抬高不小于0.2 mV，ST段下斜（穹窿型，起点后40 ms内下降不超过0.4 mV），T波倒置",
        "J elevation of 0.2 mV or more in V1 or V2, downsloping (coved) ST that falls by 0.4 mV or less in 40 ms, and inverted T",
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
        let slow = |a: &Amp<'_>| a.0.take_off_fall_mv.is_none_or(|m| m.0 <= TAKE_OFF_FALL_MV);
        let leads = c.leads_where(&[L::V1, L::V2], |_, a| {
            a.st() >= 0.2 && a.t() < -0.05 && a.st80() < 0.8 * a.st() && a.up() > 0.1 && slow(&a)
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
    codes: codes(&["145", "202"], &[], &["418818005"], &[]),
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

pub static EMBOLISM: Rule = Rule {
    id: "pulmonary-embolism",
    text: text("提示急性肺栓塞可能（SIQIIITIII）", "Suggests acute pulmonary embolism (S1Q3T3)"),
    family: "repolarization",
    severity: Abnormal,
    codes: codes(&["147", "201"], &[], &["59282003"], &[]),
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

/// Alternans seen on paper: a millimetre, mV.
const OVERT_ALTERNANS_MV: f64 = 0.1;
/// Alternans of the modified moving average that is severely abnormal, mV (Verrier 2011: 47 µV abnormal, 60 severely).
const MICROVOLT_ALTERNANS_MV: f64 = 0.06;
/// Times the noise that alternans must reach.
const OVER_NOISE: f64 = 2.0;

/// T-wave alternans between two limits, above the noise.
fn alternans(c: &Case<'_>, from: f64, below: f64) -> Option<Evidence> {
    let a = c.measurements.further.t_wave_alternans.as_ref()?;
    let (size, noise) = (a.alternans_mv.0, a.noise_mv.0);
    ((from..below).contains(&size) && size >= OVER_NOISE * noise).then(|| {
        fires()
            .number(name::ALTERNANS, size, "mV", format!("≥ {from}"))
            .number(name::ALTERNANS_NOISE, noise, "mV", "")
            .leads([a.lead.clone()])
    })
}

pub static T_ALTERNANS: Rule = Rule {
    id: "t-wave-alternans",
    text: text("T波电交替", "T-wave alternans"),
    family: "repolarization",
    severity: Critical,
    codes: codes(&["124"], &[], &[], &[]),
    criteria: text(
        "相邻心搏T波振幅或形态逐搏交替，奇数与偶数心搏之差不小于0.1 mV且不小于噪声的2倍",
        "T waves that alternate from beat to beat: odd and even beats differ by 0.1 mV or more and twice the noise",
    ),
    source: &VERRIER_2011,
    replaces: &["microvolt-t-wave-alternans"],
    when: |c| alternans(c, OVERT_ALTERNANS_MV, f64::INFINITY),
};

pub static T_ALTERNANS_MICROVOLT: Rule = Rule {
    id: "microvolt-t-wave-alternans",
    text: text("微伏级T波电交替", "Microvolt T-wave alternans"),
    family: "repolarization",
    severity: Abnormal,
    codes: codes(&["124"], &[], &[], &[]),
    criteria: text(
        "64个以上连续心搏，修正移动平均法测得T波交替不小于60 µV、小于0.1 mV，且不小于噪声的2倍",
        "In 64 beats in turn or more an alternans by the modified moving average of 60 µV or more, below 0.1 mV, and twice the noise",
    ),
    source: &VERRIER_2011,
    replaces: &[],
    when: |c| alternans(c, MICROVOLT_ALTERNANS_MV, OVERT_ALTERNANS_MV),
};

pub static EFFUSION: Rule = Rule {
    id: "pericardial-effusion",
    text: text(
        "提示心包积液（电交替合并低电压）",
        "Suggests pericardial effusion (electrical alternans with low voltage)",
    ),
    family: "axis",
    severity: Abnormal,
    codes: codes(&["124", "125", "214"], &[], &["373945007"], &[]),
    criteria: text(
        "QRS电交替，且所有肢体导联QRS振幅小于0.5 mV",
        "Electrical alternans of QRS with QRS below 0.5 mV in all limb leads",
    ),
    source: &SURAWICZ,
    replaces: &[],
    when: |c| {
        let (turns, low) = ((intraventricular::ALTERNANS.when)(c)?, (axis::LOW_LIMB.when)(c)?);
        let numbers = turns.numbers.into_iter().chain(low.numbers).collect();
        Some(Evidence { numbers, ..Evidence::of(Confidence::Possible) })
    },
};
