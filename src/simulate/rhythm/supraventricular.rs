//! Sinus, atrial and junctional rhythms.

use super::Rhythm;
use crate::detect::BeatClass;
use crate::simulate::activity::{Activity, LEAD_IN, Plan, StretchKind};
use crate::simulate::paths::{Atrial, Ventricular};
use crate::text::text;

/// The family.
pub static RHYTHMS: &[Rhythm] = &[
    Rhythm { id: "sinus", name: text("窦性心律", "sinus rhythm"), bpm: 70.0, make: |p| sinus(p, 0.022, "(N") },
    Rhythm {
        id: "sinus-arrhythmia",
        name: text("窦性心律不齐", "sinus arrhythmia"),
        bpm: 68.0,
        make: |p| sinus(p, 0.17, "(N"),
    },
    Rhythm {
        id: "sinus-bradycardia",
        name: text("窦性心动过缓", "sinus bradycardia"),
        bpm: 46.0,
        make: |p| sinus(p, 0.03, "(SBR"),
    },
    Rhythm {
        id: "sinus-tachycardia",
        name: text("窦性心动过速", "sinus tachycardia"),
        bpm: 122.0,
        make: |p| sinus(p, 0.008, "(N"),
    },
    Rhythm { id: "sinus-arrest", name: text("窦性停搏", "sinus arrest"), bpm: 64.0, make: arrest },
    Rhythm {
        id: "sa-block",
        name: text("二度II型窦房传导阻滞", "second-degree sinoatrial block, type II"),
        bpm: 66.0,
        make: sa_block,
    },
    Rhythm {
        id: "atrial-rhythm",
        name: text("房性心律", "ectopic atrial rhythm"),
        bpm: 68.0,
        make: |p| atrial(p, "(EAT"),
    },
    Rhythm {
        id: "atrial-tachycardia",
        name: text("房性心动过速", "ectopic atrial tachycardia"),
        bpm: 150.0,
        make: |p| atrial(p, "(SVTA"),
    },
    Rhythm { id: "wandering", name: text("游走性心律", "wandering atrial pacemaker"), bpm: 72.0, make: wandering },
    Rhythm {
        id: "multifocal-tachycardia",
        name: text("多源性房性心动过速", "multifocal atrial tachycardia"),
        bpm: 118.0,
        make: wandering,
    },
    Rhythm {
        id: "fibrillation",
        name: text("心房颤动", "atrial fibrillation"),
        bpm: 82.0,
        make: |p| fibrillation(p, false),
    },
    Rhythm {
        id: "fibrillation-aberrant",
        name: text("心房颤动伴室内差异性传导", "atrial fibrillation with aberrant conduction"),
        bpm: 96.0,
        make: |p| fibrillation(p, true),
    },
    Rhythm {
        id: "flutter-2-1",
        name: text("心房扑动（2:1）", "atrial flutter, 2:1"),
        bpm: 150.0,
        make: |p| flutter(p, &[2]),
    },
    Rhythm {
        id: "flutter-4-1",
        name: text("心房扑动（4:1）", "atrial flutter, 4:1"),
        bpm: 75.0,
        make: |p| flutter(p, &[4]),
    },
    Rhythm {
        id: "flutter-variable",
        name: text("心房扑动（不等比传导）", "atrial flutter, variable block"),
        bpm: 90.0,
        make: |p| flutter(p, &[2, 4, 3, 4, 2, 3, 5, 4]),
    },
    Rhythm { id: "svt", name: text("室上性心动过速", "supraventricular tachycardia"), bpm: 182.0, make: svt },
    Rhythm {
        id: "junctional",
        name: text("交界性心律", "junctional rhythm"),
        bpm: 48.0,
        make: |p| junctional(p, true),
    },
    Rhythm {
        id: "junctional-accelerated",
        name: text("加速性交界性心律", "accelerated junctional rhythm"),
        bpm: 84.0,
        make: |p| junctional(p, false),
    },
];

fn sinus(plan: &mut Plan, arrhythmia: f64, rhythm: &'static str) -> Activity {
    let mut activity = Activity::of(rhythm);
    for p in plan.sinus_node(plan.rr, arrhythmia) {
        activity.sinus(p, plan.pr);
    }
    activity
}

/// Sinus rhythm with one pause of 3.4 RR (at least 3 s) in the middle of the strip, ended by a junctional escape.
fn arrest(plan: &mut Plan) -> Activity {
    let mut activity = Activity::of("(N");
    let pause = (3.4 * plan.rr).max(3.0);
    let (mut last, mut shift) = (-LEAD_IN, 0.0);
    for p in plan.sinus_node(plan.rr, 0.02) {
        if shift == 0.0 && p + plan.rr > 0.38 * plan.seconds {
            activity.ventricular(last + pause, Ventricular::FromAbove, BeatClass::N, "j", None);
            shift = last + pause + 0.9 * plan.rr - plan.pr - p;
        }
        last = p + plan.pr;
        activity.sinus(p + shift, plan.pr);
    }
    activity
}

/// Every fifth sinus impulse does not leave the node: the pause is two PP intervals.
fn sa_block(plan: &mut Plan) -> Activity {
    let mut activity = Activity::of("(N");
    for (k, p) in plan.sinus_node(plan.rr, 0.004).into_iter().enumerate() {
        if k % 5 != 4 {
            activity.sinus(p, plan.pr);
        }
    }
    activity
}

fn atrial(plan: &mut Plan, rhythm: &'static str) -> Activity {
    let mut activity = Activity::of(rhythm);
    for at in plan.sinus_node(plan.rr, 0.01) {
        let p = activity.atrial(at, Atrial::Low);
        activity.ventricular(at + 0.82 * plan.pr, Ventricular::FromAbove, BeatClass::N, "N", Some(p));
    }
    activity
}

/// P of at least three shapes, PP and PR varying.
fn wandering(plan: &mut Plan) -> Activity {
    let mut activity = Activity::of("(SVTA");
    let mut at = -LEAD_IN;
    while at < plan.seconds + 1.0 {
        let path = [Atrial::Sinus, Atrial::High, Atrial::Low, Atrial::Left][plan.chance.below(4)];
        let p = activity.atrial(at, path);
        let pr = plan.pr * plan.chance.between(0.78, 1.1);
        activity.ventricular(at + pr, Ventricular::FromAbove, BeatClass::N, "N", Some(p));
        at += plan.rr * plan.chance.between(0.76, 1.24);
    }
    activity
}

fn fibrillation(plan: &mut Plan, aberrant: bool) -> Activity {
    let mut activity = Activity::of("(AFIB");
    let hz = plan.chance.between(5.4, 7.4);
    activity.stretch(StretchKind::AtrialFibrillation, -LEAD_IN, plan.seconds + 1.0, hz, 0.085);
    let mut at = -LEAD_IN + plan.chance.uniform() * plan.rr;
    let (mut before, mut last) = (plan.rr, plan.rr);
    while at < plan.seconds + 1.0 {
        // Ashman: a short cycle after a long one is conducted with right bundle branch block
        let phenomenon = aberrant && last < 0.78 * before && before > plan.rr;
        let path = if phenomenon { Ventricular::Aberrant } else { Ventricular::FromAbove };
        activity.ventricular(at, path, BeatClass::N, if phenomenon { "a" } else { "N" }, None);
        before = last;
        // independent intervals, skewed to the long side, none under the node's refractory time
        let u = plan.chance.uniform();
        last =
            (plan.rr * (0.62 + 0.34 * u + 0.52 * u * plan.chance.uniform() + 0.16 * plan.chance.uniform())).max(0.27);
        at += last;
    }
    activity
}

/// Saw teeth at `ratio` times the ventricular rate (mean of the ratios).
fn flutter(plan: &mut Plan, ratios: &[usize]) -> Activity {
    let mut activity = Activity::of("(AFL");
    let mean = ratios.iter().sum::<usize>() as f64 / ratios.len() as f64;
    let cycle = (plan.rr / mean).clamp(0.17, 0.30);
    activity.stretch(StretchKind::AtrialFlutter, -LEAD_IN, plan.seconds + 1.0, 1.0 / cycle, 0.20);
    let mut at = -LEAD_IN + 0.06;
    let mut k = 0;
    while at < plan.seconds + 1.0 {
        activity.ventricular(at, Ventricular::FromAbove, BeatClass::N, "N", None);
        at += cycle * ratios[k % ratios.len()] as f64;
        k += 1;
    }
    activity
}

/// Re-entry: regular, P negative in II right after QRS.
fn svt(plan: &mut Plan) -> Activity {
    let mut activity = Activity::of("(SVTA");
    let mut at = -LEAD_IN + 0.11;
    while at < plan.seconds + 1.0 {
        activity.ventricular(at, Ventricular::FromAbove, BeatClass::N, "N", None);
        activity.atrial(at + 0.072 + 0.0003 * plan.heart.ventricles.qrs_ms.0, Atrial::Retrograde);
        at += plan.rr;
    }
    activity
}

/// From the junction, with P hidden in QRS (none drawn) or just before it, negative in II.
fn junctional(plan: &mut Plan, hidden: bool) -> Activity {
    let mut activity = Activity::of("(NOD");
    let mut at = -LEAD_IN + plan.chance.uniform() * 0.5;
    while at < plan.seconds + 1.0 {
        let p = (!hidden).then(|| activity.atrial(at - 0.095, Atrial::Retrograde));
        activity.ventricular(at, Ventricular::FromAbove, BeatClass::N, "j", p);
        at += plan.rr * (1.0 + 0.004 * plan.chance.normal());
    }
    activity
}
