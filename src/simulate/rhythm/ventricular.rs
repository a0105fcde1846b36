//! Ventricular rhythms, fibrillation, standstill.

use super::Rhythm;
use crate::detect::BeatClass;
use crate::simulate::activity::{Activity, LEAD_IN, Plan, StretchKind};
use crate::simulate::paths::{Atrial, Ventricular};
use crate::text::text;

/// The family.
#[rustfmt::skip]
pub static RHYTHMS: &[Rhythm] = &[
    Rhythm { id: "idioventricular", name: text("室性自主心律", "idioventricular rhythm"), bpm: 36.0,
        make: |p| ventricular(p, Ventricular::RightApex, "E", "(IVR", None) },
    Rhythm { id: "idioventricular-accelerated", name: text("加速性室性自主心律", "accelerated idioventricular rhythm"), bpm: 82.0,
        make: |p| ventricular(p, Ventricular::Left, "V", "(IVR", None) },
    Rhythm { id: "vt", name: text("室性心动过速", "ventricular tachycardia"), bpm: 172.0,
        make: |p| ventricular(p, Ventricular::Left, "V", "(VT", Some(0.80)) },
    Rhythm { id: "vt-right", name: text("右室流出道室性心动过速", "ventricular tachycardia from the right outflow tract"), bpm: 164.0,
        make: |p| ventricular(p, Ventricular::RightOutflow, "V", "(VT", Some(0.74)) },
    Rhythm { id: "torsades", name: text("尖端扭转型室性心动过速", "torsades de pointes"), bpm: 230.0, make: torsades },
    Rhythm { id: "ventricular-flutter", name: text("心室扑动", "ventricular flutter"), bpm: 270.0,
        make: |p| continuous(p, StretchKind::VentricularFlutter, "(VFL") },
    Rhythm { id: "ventricular-fibrillation", name: text("心室颤动", "ventricular fibrillation"), bpm: 300.0,
        make: |p| continuous(p, StretchKind::VentricularFibrillation, "(VF") },
    Rhythm { id: "asystole", name: text("心脏停搏", "asystole"), bpm: 60.0, make: |p| standstill(p, false) },
    Rhythm { id: "ventricular-standstill", name: text("心室停搏（仅见P波）", "ventricular standstill (P waves only)"), bpm: 74.0,
        make: |p| standstill(p, true) },
];

/// One ventricular path, regular, with dissociated P waves at the interval given.
fn ventricular(
    plan: &mut Plan,
    path: Ventricular,
    code: &'static str,
    rhythm: &'static str,
    pp: Option<f64>,
) -> Activity {
    let mut activity = Activity::of(rhythm);
    if let Some(pp) = pp {
        for at in plan.sinus_node(pp, 0.01) {
            activity.atrial(at, Atrial::Sinus);
        }
    }
    for at in plan.sinus_node(plan.rr, 0.003) {
        activity.ventricular(at, path, BeatClass::V, code, None);
    }
    activity
}

/// Sinus rhythm, then from 30 % of the strip on a tachycardia whose direction turns once in ten beats, then sinus.
fn torsades(plan: &mut Plan) -> Activity {
    let mut activity = Activity::of("(N");
    let (from, to) = (0.30 * plan.seconds, 0.85 * plan.seconds);
    activity.rhythms.push((from, "(VT"));
    activity.rhythms.push((to, "(N"));
    let mut at = -LEAD_IN + 0.2;
    while at < plan.seconds + 1.0 {
        let gap_before = at + plan.pr < from - 0.2;
        if gap_before || at > to + 0.5 {
            activity.sinus(at, plan.pr);
        }
        at += 0.95;
    }
    let mut beat = from;
    let mut turns = 0.10;
    while beat < to {
        activity.ventricular(beat, Ventricular::Twisting(turns), BeatClass::V, "V", None);
        turns += 0.1;
        beat += plan.rr * (1.0 + 0.05 * plan.chance.normal());
    }
    activity
}

fn continuous(plan: &mut Plan, kind: StretchKind, rhythm: &'static str) -> Activity {
    let mut activity = Activity::of(rhythm);
    activity.stretch(kind, -LEAD_IN, plan.seconds + 1.0, 1.0 / plan.rr, 0.8);
    activity
}

/// Sinus rhythm that stops after a quarter of the strip; with `atria`, P waves go on.
fn standstill(plan: &mut Plan, atria: bool) -> Activity {
    let mut activity = Activity::of("(N");
    let stop = 0.25 * plan.seconds;
    let mut end = 0.0;
    for p in plan.sinus_node(plan.rr, 0.01) {
        if p < stop {
            activity.sinus(p, plan.pr);
            end = p + plan.pr + 0.5;
        } else if atria {
            activity.atrial(p, Atrial::Sinus);
        }
    }
    activity.rhythms.push((end, "(ASYS"));
    activity.stretch(StretchKind::Silence, end, plan.seconds, 0.0, 0.0);
    activity
}
