//! Atrioventricular block of every degree.

use super::Rhythm;
use crate::detect::BeatClass;
use crate::simulate::activity::{Activity, Plan};
use crate::simulate::paths::{Atrial, Ventricular};
use crate::text::text;

/// The family. `bpm` is the atrial rate but in complete block, where it is the escape rhythm's.
pub static RHYTHMS: &[Rhythm] = &[
    Rhythm {
        id: "av-block-1",
        name: text("一度房室传导阻滞", "first-degree AV block"),
        bpm: 68.0,
        make: |p| conducted(p, "(BI", |_, pr| Some(pr.max(0.24))),
    },
    Rhythm {
        id: "wenckebach",
        name: text("二度I型房室传导阻滞", "second-degree AV block, Mobitz I (Wenckebach)"),
        bpm: 78.0,
        make: |p| {
            conducted(p, "(BII", |k, pr| [Some(pr), Some(pr + 0.085), Some(pr + 0.13), Some(pr + 0.16), None][k % 5])
        },
    },
    Rhythm {
        id: "mobitz-2",
        name: text("二度II型房室传导阻滞", "second-degree AV block, Mobitz II"),
        bpm: 76.0,
        make: |p| conducted(p, "(BII", |k, pr| (k % 4 != 3).then_some(pr)),
    },
    Rhythm {
        id: "av-block-2-1",
        name: text("2:1房室传导阻滞", "2:1 AV block"),
        bpm: 84.0,
        make: |p| conducted(p, "(BII", |k, pr| (k % 2 == 0).then_some(pr)),
    },
    Rhythm {
        id: "av-block-high",
        name: text("高度房室传导阻滞", "high-grade AV block"),
        bpm: 92.0,
        make: |p| conducted(p, "(BII", |k, pr| (k % 3 == 0).then_some(pr)),
    },
    Rhythm {
        id: "av-block-3",
        name: text("三度房室传导阻滞伴交界性逸搏心律", "complete AV block with junctional escape"),
        bpm: 42.0,
        make: |p| complete(p, Ventricular::FromAbove, "j"),
    },
    Rhythm {
        id: "av-block-3-ventricular",
        name: text("三度房室传导阻滞伴室性逸搏心律", "complete AV block with ventricular escape"),
        bpm: 32.0,
        make: |p| complete(p, Ventricular::RightApex, "E"),
    },
];

/// Sinus rhythm in which the k-th impulse is conducted after the time that `rule` gives, or not at all.
fn conducted(plan: &mut Plan, rhythm: &'static str, rule: fn(usize, f64) -> Option<f64>) -> Activity {
    let mut activity = Activity::of(rhythm);
    for (k, at) in plan.sinus_node(plan.rr, 0.01).into_iter().enumerate() {
        match rule(k, plan.pr) {
            Some(pr) => activity.sinus(at, pr),
            None => {
                activity.atrial(at, Atrial::Sinus);
            }
        }
    }
    activity
}

/// Atria and ventricles each at their own rate.
fn complete(plan: &mut Plan, escape: Ventricular, code: &'static str) -> Activity {
    let mut activity = Activity::of("(BIII");
    for at in plan.sinus_node(0.745, 0.015) {
        activity.atrial(at, Atrial::Sinus);
    }
    let class = if code == "E" { BeatClass::V } else { BeatClass::N };
    for at in plan.sinus_node(plan.rr, 0.002) {
        activity.ventricular(at, escape, class, code, None);
    }
    activity
}
