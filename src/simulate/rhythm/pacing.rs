//! Pacemakers and their failures.

use super::Rhythm;
use crate::detect::BeatClass;
use crate::simulate::activity::{Activity, Chamber, LEAD_IN, Plan, StretchKind};
use crate::simulate::paths::{Atrial, Ventricular};
use crate::text::text;

/// The family.
#[rustfmt::skip]
pub static RHYTHMS: &[Rhythm] = &[
    Rhythm { id: "paced-atrial", name: text("心房起搏心律", "atrial paced rhythm"), bpm: 66.0,
        make: |p| paced(p, &Mode { atrium: true, ..VENTRICLE_OFF }) },
    Rhythm { id: "paced-ventricular", name: text("心室起搏心律", "ventricular paced rhythm"), bpm: 60.0,
        make: |p| paced(p, &VENTRICLE) },
    Rhythm { id: "paced-ventricular-bipolar", name: text("心室起搏心律（双极）", "ventricular paced rhythm, bipolar"), bpm: 60.0,
        make: |p| paced(p, &Mode { bipolar: true, ..VENTRICLE }) },
    Rhythm { id: "paced-ventricular-fibrillation", name: text("心房颤动伴心室起搏心律", "atrial fibrillation, ventricular paced"), bpm: 60.0,
        make: |p| paced(p, &Mode { fibrillation: true, ..VENTRICLE }) },
    Rhythm { id: "paced-dual", name: text("房室顺序起搏心律", "AV dual-paced rhythm"), bpm: 66.0,
        make: |p| paced(p, &Mode { atrium: true, ..VENTRICLE }) },
    Rhythm { id: "paced-tracking", name: text("心房感知心室起搏心律", "atrial-sensed ventricular-paced rhythm"), bpm: 78.0,
        make: |p| paced(p, &Mode { tracking: true, ..VENTRICLE }) },
    Rhythm { id: "paced-biventricular", name: text("双心室起搏心律", "biventricular paced rhythm"), bpm: 70.0,
        make: |p| paced(p, &Mode { tracking: true, both: true, bipolar: true, ..VENTRICLE }) },
    Rhythm { id: "paced-no-capture", name: text("心室起搏失夺获", "failure of ventricular capture"), bpm: 66.0,
        make: |p| paced(p, &Mode { loses: 3, ..VENTRICLE }) },
    Rhythm { id: "paced-no-sensing", name: text("心室感知不良", "failure of ventricular sensing"), bpm: 68.0, make: undersensing },
];

#[allow(clippy::struct_excessive_bools)] // a pacemaker's programming is switches
struct Mode {
    atrium: bool,
    ventricle: bool,
    tracking: bool,
    both: bool,
    bipolar: bool,
    fibrillation: bool,
    /// Every so many-th ventricular output captures nothing; 0 = all do.
    loses: usize,
}

const VENTRICLE: Mode = Mode {
    atrium: false,
    ventricle: true,
    tracking: false,
    both: false,
    bipolar: false,
    fibrillation: false,
    loses: 0,
};
const VENTRICLE_OFF: Mode = Mode { ventricle: false, ..VENTRICLE };

/// From the spike to the wave it captures, seconds.
const LATENCY: f64 = 0.008;
/// From atrial sensing or output to ventricular output, seconds.
const AV_DELAY: f64 = 0.16;

fn paced(plan: &mut Plan, mode: &Mode) -> Activity {
    let mut activity = Activity::of("(P");
    if mode.fibrillation {
        activity.stretch(StretchKind::AtrialFibrillation, -LEAD_IN, plan.seconds + 1.0, 6.3, 0.07);
    }
    let path = if mode.both { Ventricular::PacedBoth } else { Ventricular::PacedRight };
    let arrhythmia = if mode.tracking { 0.015 } else { 0.0 };
    let mut k = 0;
    let mut at = -LEAD_IN + 0.1;
    while at < plan.seconds + 1.0 {
        let mut p = None;
        if mode.atrium {
            activity.spike(at, Chamber::Atrium, mode.bipolar);
            p = Some(activity.atrial(at + LATENCY, Atrial::Paced));
        } else if mode.tracking {
            p = Some(activity.atrial(at, Atrial::Sinus));
        }
        let due = if p.is_some() { at + AV_DELAY } else { at };
        if mode.ventricle {
            activity.spike(due, Chamber::Right, mode.bipolar);
            if mode.both {
                activity.spike(due + 0.004, Chamber::Left, mode.bipolar);
            }
            if mode.loses > 0 && k % mode.loses == mode.loses - 1 {
                // an escape before the next output, which is inhibited and starts anew
                let escape = due + 0.86 * plan.rr;
                activity.ventricular(escape, Ventricular::FromAbove, BeatClass::N, "j", None);
                at = escape + 0.06;
            } else {
                activity.ventricular(due + LATENCY, path, BeatClass::P, "/", p);
            }
        } else {
            activity.ventricular(at + LATENCY + plan.pr, Ventricular::FromAbove, BeatClass::N, "N", p);
        }
        k += 1;
        let breath = arrhythmia * crate::simulate::curve::sine(crate::simulate::activity::BREATHS_HZ * at);
        at += plan.rr * (1.0 + breath);
    }
    activity
}

/// Sinus rhythm, a pacemaker that does not see it: spikes at its own 55 a minute, which capture when they come late
/// enough after a beat.
fn undersensing(plan: &mut Plan) -> Activity {
    let mut activity = Activity::of("(N");
    let sinus = plan.sinus_node(plan.rr, 0.02);
    let count = ((plan.seconds + LEAD_IN) / 1.09) as usize;
    let outputs: Vec<f64> = (0..=count).map(|k| -LEAD_IN + 0.3 + 1.09 * k as f64).collect();
    let mut captured: Vec<f64> = Vec::new();
    for &at in &outputs {
        activity.spike(at, Chamber::Right, false);
        let since = sinus.iter().map(|p| at - (p + plan.pr)).filter(|&d| d > -0.02).fold(f64::INFINITY, f64::min);
        if (0.42..10.0).contains(&since) && captured.last().is_none_or(|c| at - c > 0.42) {
            captured.push(at);
            activity.ventricular(at + LATENCY, Ventricular::PacedRight, BeatClass::P, "/", None);
        }
    }
    for p in sinus {
        if captured.iter().all(|c| !(-0.02..0.40).contains(&(p + plan.pr - c))) {
            activity.sinus(p, plan.pr);
        } else {
            activity.atrial(p, Atrial::Sinus);
        }
    }
    activity
}
