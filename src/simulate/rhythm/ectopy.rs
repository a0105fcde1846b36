//! Ectopic beats on a sinus rhythm: one engine, told at every sinus beat what comes next.

use super::Rhythm;
use crate::detect::BeatClass;
use crate::simulate::activity::{Activity, Plan};
use crate::simulate::paths::{Atrial, Ventricular};
use crate::text::text;

/// What comes next.
#[derive(Clone, Copy)]
enum Step {
    /// The sinus beat that is due.
    Sinus,
    /// A premature atrial beat; resets the sinus node.
    Pac,
    /// A premature atrial beat with aberrant conduction.
    AberrantPac,
    /// A premature atrial beat that finds the node refractory.
    BlockedPac,
    /// A premature junctional beat.
    Pjc,
    /// So many ventricular beats in a row; sinus impulses meanwhile are not conducted.
    Pvc(usize, Ventricular),
    /// A ventricular beat between two sinus beats.
    Interpolated,
    /// A late ventricular beat that meets the sinus impulse.
    Fusion,
    /// A ventricular beat on the summit of T.
    ROnT,
}

const PVC: Step = Step::Pvc(1, Ventricular::RightOutflow);
const OTHER_PVC: Step = Step::Pvc(1, Ventricular::Left);

/// The family.
#[rustfmt::skip]
pub static RHYTHMS: &[Rhythm] = &[
    Rhythm { id: "pac", name: text("房性早搏", "atrial premature complexes"), bpm: 70.0,
        make: |p| ectopic(p, "(N", &[S, S, S, Step::Pac, S]) },
    Rhythm { id: "pac-bigeminy", name: text("房性早搏二联律", "atrial bigeminy"), bpm: 72.0,
        make: |p| ectopic(p, "(AB", &[S, Step::Pac]) },
    Rhythm { id: "pac-blocked", name: text("房性早搏未下传", "non-conducted atrial premature complexes"), bpm: 66.0,
        make: |p| ectopic(p, "(N", &[S, S, S, Step::BlockedPac]) },
    Rhythm { id: "pac-aberrant", name: text("房性早搏伴室内差异性传导", "atrial premature complexes, aberrantly conducted"), bpm: 70.0,
        make: |p| ectopic(p, "(N", &[S, S, S, Step::AberrantPac]) },
    Rhythm { id: "pjc", name: text("交界性早搏", "junctional premature complexes"), bpm: 70.0,
        make: |p| ectopic(p, "(N", &[S, S, S, Step::Pjc]) },
    Rhythm { id: "pvc", name: text("室性早搏", "ventricular premature complexes"), bpm: 70.0,
        make: |p| ectopic(p, "(N", &[S, S, S, PVC, S]) },
    Rhythm { id: "pvc-multiform", name: text("多形性室性早搏", "multiform ventricular premature complexes"), bpm: 74.0,
        make: |p| ectopic(p, "(N", &[S, S, PVC, S, S, OTHER_PVC]) },
    Rhythm { id: "pvc-bigeminy", name: text("室性早搏二联律", "ventricular bigeminy"), bpm: 72.0,
        make: |p| ectopic(p, "(B", &[S, PVC]) },
    Rhythm { id: "pvc-trigeminy", name: text("室性早搏三联律", "ventricular trigeminy"), bpm: 74.0,
        make: |p| ectopic(p, "(T", &[S, S, PVC]) },
    Rhythm { id: "pvc-couplet", name: text("成对室性早搏", "ventricular couplets"), bpm: 74.0,
        make: |p| ectopic(p, "(N", &[S, S, S, Step::Pvc(2, Ventricular::Left), S]) },
    Rhythm { id: "pvc-interpolated", name: text("插入性室性早搏", "interpolated ventricular premature complexes"), bpm: 56.0,
        make: |p| ectopic(p, "(N", &[S, S, Step::Interpolated, S]) },
    Rhythm { id: "pvc-fusion", name: text("室性融合波", "ventricular fusion complexes"), bpm: 70.0,
        make: |p| ectopic(p, "(N", &[S, S, Step::Fusion, S, PVC]) },
    Rhythm { id: "pvc-r-on-t", name: text("R-on-T室性早搏", "R-on-T ventricular premature complexes"), bpm: 72.0,
        make: |p| ectopic(p, "(N", &[S, S, S, Step::ROnT]) },
    Rhythm { id: "nsvt", name: text("短阵室性心动过速", "non-sustained ventricular tachycardia"), bpm: 76.0,
        make: |p| ectopic(p, "(N", &[S, S, S, S, Step::Pvc(5, Ventricular::RightOutflow), S]) },
];

const S: Step = Step::Sinus;

/// Plays `steps` over and over.
fn ectopic(plan: &mut Plan, rhythm: &'static str, steps: &[Step]) -> Activity {
    let mut activity = Activity::of(rhythm);
    let (rr, pr) = (plan.rr, plan.pr);
    let mut due = -super::super::activity::LEAD_IN + plan.chance.uniform() * 0.5;
    let mut last_p = due - rr;
    let mut last_qrs = last_p + pr;
    // a premature beat's interval from the one before it
    let coupling = (0.60 * rr).max(0.36);
    for step in steps.iter().cycle() {
        if due > plan.seconds + 1.0 {
            break;
        }
        let next = rr * (1.0 + 0.008 * plan.chance.normal());
        match *step {
            Step::Sinus => {
                // never before the ventricles are ready: after an interpolated beat conduction is slower
                let pr = pr.max(last_qrs + 0.36 + 0.1 * pr - due);
                activity.sinus(due, pr);
                (last_p, last_qrs) = (due, due + pr);
                due += next;
            }
            Step::Pac | Step::AberrantPac => {
                let at = last_p + (0.62 * rr).max(0.36);
                let p = activity.atrial(at, Atrial::High);
                let aberrant = matches!(step, Step::AberrantPac);
                let path = if aberrant { Ventricular::Aberrant } else { Ventricular::FromAbove };
                activity.ventricular(at + 1.06 * pr, path, BeatClass::S, if aberrant { "a" } else { "A" }, Some(p));
                (last_p, last_qrs) = (at, at + 1.06 * pr);
                due = at + 1.12 * next;
            }
            Step::BlockedPac => {
                let at = last_p + pr + (0.27 * rr).max(0.21);
                activity.atrial(at, Atrial::High);
                last_p = at;
                due = at + 1.10 * next;
            }
            Step::Pjc => {
                let at = last_qrs + coupling;
                activity.ventricular(at, Ventricular::FromAbove, BeatClass::S, "J", None);
                activity.atrial(at + 0.09, Atrial::Retrograde);
                (last_p, last_qrs) = (at, at);
                due = at + 0.09 + 1.05 * next;
            }
            Step::Pvc(n, path) => {
                let between = if n > 2 { 0.345 } else { coupling };
                if n > 2 {
                    activity.rhythms.push((last_qrs + coupling, "(VT"));
                }
                for k in 0..n {
                    last_qrs += if k == 0 { coupling } else { between * (1.0 + 0.01 * plan.chance.normal()) };
                    activity.ventricular(last_qrs, path, BeatClass::V, "V", None);
                }
                while due + pr < last_qrs + 0.45 * rr {
                    activity.atrial(due, Atrial::Sinus);
                    last_p = due;
                    due += next;
                }
                if n > 2 {
                    activity.rhythms.push((due, rhythm));
                }
            }
            Step::Interpolated => {
                let at = last_qrs + (0.40 * rr).max(0.36);
                activity.ventricular(at, Ventricular::RightOutflow, BeatClass::V, "V", None);
                last_qrs = at;
            }
            Step::Fusion => {
                let p = activity.atrial(due, Atrial::Sinus);
                activity.ventricular(due + pr - 0.028, Ventricular::Fusion, BeatClass::F, "F", Some(p));
                (last_p, last_qrs) = (due, due + pr);
                due += next;
            }
            Step::ROnT => {
                let v = &plan.heart.ventricles;
                let summit = 0.001 * (v.qtc_ms.0 * super::super::curve::cube_root(rr) - 0.38 * v.t_ms.0);
                last_qrs += summit;
                activity.ventricular(last_qrs, Ventricular::Left, BeatClass::V, "V", None);
                activity.atrial(due, Atrial::Sinus);
                last_p = due;
                due += next;
            }
        }
    }
    activity
}
