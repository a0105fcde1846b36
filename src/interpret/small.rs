//! J and U waves (AHA part II 150, 151, 154, 155, 212).
//!
//! Of AHA's statements on small waves two are not said. Fusion of T and U (152): the end of T is marked where both have
//! ended, and nothing in the averaged beat tells one hump from two that have merged. Epsilon waves (111): of thirty tracings
//! ten experts agreed on ten, two of them epsilon waves (Platonov 2016, DOI 10.1016/j.hrthm.2015.08.031); what readers do not
//! see alike is not for a rule, and the filters of ordinary recorders pass little of it.

use super::conduction::{Ventricular, conducted, ventricular};
use super::patterns::variant;
use super::prelude::*;
use super::repolarization::{highest, lowest, qtc, readable};

/// Jp from which a notch at the end of QRS counts, mV (Macfarlane 2015; Vassallo 1999 for Osborn waves).
const J_MV: f64 = 0.1;
/// Largest U of a normal heart: part of T, and mV (Surawicz & Knilans, chapter 23).
const U_OF_T: f64 = 0.25;
const U_MV: f64 = 0.2;
/// U that exceeds T tells from a millimetre on (AHA part IV names no size).
const U_OVER_T_MV: f64 = 0.1;
/// Depth from which U is inverted, mV: half a millimetre.
const INVERTED_U_MV: f64 = 0.05;
/// Rate above which T, U and P lie too close, bpm (AHA part IV: U is rarely present above 95).
const FASTEST: f64 = 95.0;

/// Inferior and lateral leads: the consensus leaves V1 to V3 out.
const OUTSIDE: &[L] = &[L::II, L::III, L::AvF, L::I, L::AvL, L::V4, L::V5, L::V6];

/// Those of them that are contiguous and in which `of` reaches a J wave's size; empty where none are.
fn humped<'a>(c: &Case<'a>, of: fn(Amp<'a>) -> f64) -> Vec<L> {
    let found = c.leads_where(OUTSIDE, |_, a| of(a) >= J_MV);
    if contiguous(&found) { with_neighbour(&found) } else { Vec::new() }
}

/// A J wave, or what stands as R' after an S where the hump is larger.
fn hump(a: Amp<'_>) -> f64 {
    a.j().max(a.r2())
}

fn of_j<'a>(c: &Case<'a>, leads: Vec<L>, of: fn(Amp<'a>) -> f64) -> Evidence {
    let place = territory(&leads);
    Evidence::of(Confidence::Probable)
        .number(name::J, highest(c, &leads, of), "mV", format!("≥ {J_MV}"))
        .qualifier(place)
        .leads(leads)
}

pub static J_WAVE: Rule = Rule {
    id: "early-repolarization-notched",
    text: text("早期复极（QRS终末切迹，J波）", "Early repolarization with end-QRS notch (J wave)"),
    family: "repolarization",
    severity: Normal,
    codes: codes(&["155"], &[], &["428417006"], &["9-2"]),
    criteria: text(
        "下壁或侧壁（不含V1–V3）两个以上相邻导联R波降支后半有位于基线以上的切迹，其峰值不小于0.1 mV，QRS短于120 ms，无ST段压低与病理性Q波",
        "In two contiguous leads, V1 to V3 left out, a notch above the level on the last half of the downslope of R with a peak of 0.1 mV or more, QRS below 120 ms, no ST depression or Q waves",
    ),
    source: &MACFARLANE_2015,
    replaces: &["early-repolarization", "st-elevation"],
    when: |c| {
        let leads = humped(c, Amp::j);
        (readable(c) && c.adult() && !leads.is_empty() && variant(c, &leads)).then(|| of_j(c, leads, Amp::j))
    },
};

pub static HYPOTHERMIA: Rule = Rule {
    id: "hypothermia",
    text: text("Osborn波，提示低体温", "Osborn waves, suggests hypothermia"),
    family: "repolarization",
    severity: Abnormal,
    codes: codes(&["154", "212"], &[], &["386689009"], &[]),
    criteria: text(
        "下壁或侧壁两个以上相邻导联J波（或S波后的R'波）不小于0.1 mV，心率低于60次/分且QTc超过界限，无右束支阻滞",
        "J waves (or an R' after S) of 0.1 mV or more in two contiguous inferior or lateral leads at a rate below 60 bpm with a QTc above the limit, no right bundle branch block",
    ),
    source: &HYPOTHERMIA_ECG,
    replaces: &["early-repolarization-notched", "early-repolarization", "st-elevation", "ivcd", "ivcd-borderline"],
    when: |c| {
        let (leads, rate, (q, formula)) = (humped(c, hump), c.rate()?, qtc(c)?);
        let limit = norms::qtc(c.patient);
        let right = ventricular(c) == Ventricular::Right;
        (conducted(c) && !right && !leads.is_empty() && rate < 60.0 && q > limit).then(|| {
            of_j(c, leads, hump).number(name::RATE, rate, "bpm", "< 60").number(formula, q, "ms", format!("> {limit}"))
        })
    },
};

/// Whether U can be told: sinus beats at a rate that leaves room, over a line that rests.
pub fn u_readable(c: &Case<'_>) -> bool {
    readable(c) && !c.unsteady() && c.rate().is_some_and(|r| r <= FASTEST)
}

pub static PROMINENT_U: Rule = Rule {
    id: "prominent-u",
    text: text("U波增高", "Prominent U waves"),
    family: "repolarization",
    severity: Borderline,
    codes: codes(&["150"], &[], &[], &[]),
    criteria: text(
        "V2–V5中两个以上相邻导联U波大于0.2 mV且大于T波的1/4，或不小于0.1 mV且高于直立的T波，心率不超过95次/分",
        "In two contiguous leads of V2 to V5 U above 0.2 mV and a quarter of T, or of 0.1 mV or more and taller than an upright T, at 95 bpm or less",
    ),
    source: &AHA_PART4,
    replaces: &[],
    when: |c| {
        let leads = c.leads_where(&[L::V2, L::V3, L::V4, L::V5], |_, a| {
            let tall = a.u() > U_MV && a.u() > U_OF_T * a.t().abs();
            tall || (a.u() >= U_OVER_T_MV && a.t() >= 0.0 && a.u() > a.t())
        });
        (u_readable(c) && contiguous(&leads))
            .then(|| fires().number(name::U, highest(c, &leads, Amp::u), "mV", format!("≥ {U_OVER_T_MV}")).leads(leads))
    },
};

pub static INVERTED_U: Rule = Rule {
    id: "inverted-u",
    text: text("U波倒置", "Inverted U waves"),
    family: "repolarization",
    severity: Abnormal,
    codes: codes(&["151"], &[], &[], &[]),
    criteria: text(
        "V2–V5中两个以上相邻导联T波直立而U波倒置不小于0.05 mV，心率不超过95次/分",
        "In two contiguous leads of V2 to V5 U inverted by 0.05 mV or more after an upright T, at 95 bpm or less",
    ),
    source: &AHA_PART4,
    replaces: &[],
    when: |c| {
        let leads = c.leads_where(&[L::V2, L::V3, L::V4, L::V5], |_, a| a.u() <= -INVERTED_U_MV && a.t() >= 0.1);
        (u_readable(c) && contiguous(&leads)).then(|| {
            fires().number(name::U, lowest(c, &leads, Amp::u), "mV", format!("≤ −{INVERTED_U_MV}")).leads(leads)
        })
    },
};
