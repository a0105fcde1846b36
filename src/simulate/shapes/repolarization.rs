//! ST, T, U and QT beyond ischaemia: channels, electrolytes, drugs, the pericardium, variants of the normal.

use super::{Shape, lengthen, point_t, shift, shift_near};
use crate::signal::Ms;
use crate::simulate::heart::{Heart, Lobe, dipole, scale};
use crate::text::text;

/// The family.
#[rustfmt::skip]
pub static SHAPES: &[Shape] = &[
    Shape { id: "long-qt", name: text("QT间期延长", "prolonged QT"), apply: |h| h.ventricles.qtc_ms = Ms(516.0) },
    Shape { id: "short-qt", name: text("短QT间期", "short QT"), apply: short_qt },
    Shape { id: "brugada", name: text("Brugada波1型", "Brugada pattern, type 1"), apply: brugada },
    Shape { id: "early-repolarization", name: text("早期复极", "early repolarisation"), apply: early },
    Shape { id: "pericarditis", name: text("急性心包炎", "acute pericarditis"), apply: pericarditis },
    Shape { id: "hyperkalemia", name: text("高钾血症", "hyperkalaemia"), apply: hyperkalemia },
    Shape { id: "hypokalemia", name: text("低钾血症", "hypokalaemia"), apply: hypokalemia },
    Shape { id: "hypercalcemia", name: text("高钙血症", "hypercalcaemia"), apply: |h| { h.ventricles.qtc_ms = Ms(342.0); h.ventricles.t_ms = Ms(176.0); } },
    Shape { id: "hypocalcemia", name: text("低钙血症", "hypocalcaemia"), apply: |h| h.ventricles.qtc_ms = Ms(482.0) },
    Shape { id: "digitalis", name: text("洋地黄效应", "digitalis effect"), apply: digitalis },
    Shape { id: "t-flat", name: text("T波低平", "flat T waves"), apply: |h| scale(&mut h.ventricles.t, 0.16) },
    Shape { id: "st-t-nonspecific", name: text("非特异性ST-T改变", "nonspecific ST-T change"), apply: nonspecific },
    Shape { id: "osborn", name: text("Osborn波（低体温）", "Osborn waves (hypothermia)"), apply: osborn },
];

fn short_qt(heart: &mut Heart) {
    let v = &mut heart.ventricles;
    v.qtc_ms = Ms(310.0);
    v.t_ms = Ms(150.0);
    scale(&mut v.t, 1.35);
    v.t[0].soft = [0.9, 0.9];
    v.u.clear();
}

/// J at least 0.2 mV up in V1 and V2, ST coved and falling into a negative T.
fn brugada(heart: &mut Heart) {
    let v = &mut heart.ventricles;
    lengthen(v, v.qrs_ms.0 + 14.0);
    v.qrs.push(Lobe::near([0.50, 0.88, 1.0], [0.7, 0.4], [0.30, 0.28, 0.06, 0.0, 0.0, 0.0]));
    shift_near(v, [0.34, 0.40, 0.10, 0.0, 0.0, 0.0], [0.10, 0.10, 0.02, 0.0, 0.0, 0.0]);
    v.t.push(Lobe::near([0.0, 0.5, 1.0], [0.8, 0.8], [-0.36, -0.58, -0.12, 0.0, 0.0, 0.0]));
}

/// A slur or notch at J, ST up and hollow in the chest leads, tall T.
fn early(heart: &mut Heart) {
    let v = &mut heart.ventricles;
    shift(v, [0.08, 0.06, -0.07], [0.12, 0.09, -0.11]);
    scale(&mut v.t, 1.35);
    v.qrs.push(Lobe::new([0.80, 0.92, 1.0], [0.6, 0.4], [0.14, 0.11, 0.0]));
}

/// ST up and hollow everywhere but aVR and V1, PR down.
fn pericarditis(heart: &mut Heart) {
    shift(&mut heart.ventricles, [0.14, 0.14, -0.05], [0.18, 0.18, -0.07]);
    scale(&mut heart.ventricles.t, 0.85);
    heart.pr_level = dipole([-0.045, -0.055, 0.01]);
}

/// Tall, narrow, pointed T; P low and long; QRS wide.
fn hyperkalemia(heart: &mut Heart) {
    scale(&mut heart.p, 0.55);
    heart.p_ms = Ms(120.0);
    heart.pr_ms = Ms(196.0);
    let v = &mut heart.ventricles;
    v.qrs_ms = Ms(122.0);
    v.qtc_ms = Ms(418.0);
    v.t_ms = Ms(152.0);
    v.t = vec![Lobe::new([0.0, 0.52, 1.0], [0.95, 0.95], [0.66, 0.46, -0.60])];
    v.u.clear();
}

/// T flat, ST sagging, U taller than T.
fn hypokalemia(heart: &mut Heart) {
    let v = &mut heart.ventricles;
    scale(&mut v.t, 0.28);
    shift(v, [-0.03, -0.03, 0.03], [-0.07, -0.06, 0.06]);
    v.u = vec![Lobe::new([0.0, 0.46, 1.0], [0.9, 0.9], [0.15, 0.12, -0.14])];
}

/// ST sagging like a bowl opposite to QRS, QT short.
fn digitalis(heart: &mut Heart) {
    let v = &mut heart.ventricles;
    v.qtc_ms = Ms(356.0);
    shift(v, [-0.04, -0.04, 0.0], [-0.17, -0.14, 0.03]);
    scale(&mut v.t, 0.40);
    heart.pr_ms.0 += 24.0;
}

fn nonspecific(heart: &mut Heart) {
    let v = &mut heart.ventricles;
    shift(v, [-0.02, -0.02, 0.01], [-0.04, -0.04, 0.02]);
    point_t(v, [-0.03, 0.02, -0.06]);
}

/// A dome at J towards the lateral leads.
fn osborn(heart: &mut Heart) {
    let v = &mut heart.ventricles;
    lengthen(v, v.qrs_ms.0 + 34.0);
    v.qrs.push(Lobe::new([0.66, 0.84, 1.0], [0.5, 0.5], [0.32, 0.30, -0.18]));
    v.qtc_ms = Ms(498.0);
}
