//! Bundle branch and fascicular block, slowed conduction, pre-excitation.

use super::{Shape, lengthen, point_t, shift};
use crate::signal::Ms;
use crate::simulate::heart::{Heart, Lobe, scale, st};
use crate::text::text;

/// The family.
#[rustfmt::skip]
pub static SHAPES: &[Shape] = &[
    Shape { id: "rbbb", name: text("完全性右束支传导阻滞", "complete right bundle branch block"), apply: |h| right_bundle_block(h, 142.0) },
    Shape { id: "irbbb", name: text("不完全性右束支传导阻滞", "incomplete right bundle branch block"), apply: incomplete_right },
    Shape { id: "lbbb", name: text("完全性左束支传导阻滞", "complete left bundle branch block"), apply: left_bundle_block },
    Shape { id: "lafb", name: text("左前分支阻滞", "left anterior fascicular block"), apply: left_anterior },
    Shape { id: "lpfb", name: text("左后分支阻滞", "left posterior fascicular block"), apply: left_posterior },
    Shape { id: "ivcd", name: text("非特异性室内传导延迟", "nonspecific intraventricular conduction delay"), apply: delay },
    Shape { id: "wpw", name: text("心室预激（左侧旁道）", "ventricular pre-excitation, left-sided pathway"), apply: |h| preexcite(h, [-0.10, 0.22, -0.38]) },
    Shape { id: "wpw-right", name: text("心室预激（右侧旁道）", "ventricular pre-excitation, right-sided pathway"), apply: |h| preexcite(h, [0.42, -0.12, 0.16]) },
    Shape { id: "left-axis", name: text("电轴左偏", "left axis deviation"), apply: |h| axis(h, -78.0) },
    Shape { id: "right-axis", name: text("电轴右偏", "right axis deviation"), apply: |h| axis(h, 68.0) },
    Shape { id: "short-pr", name: text("短PR间期", "short PR interval"), apply: |h| h.pr_ms = Ms(104.0) },
];

/// Complete or (under 120 ms) partial block of the right bundle: the right ventricle comes last, to the right and front.
pub fn right_bundle_block(heart: &mut Heart, qrs_ms: f64) {
    let v = &mut heart.ventricles;
    let own = v.qrs_ms.0 / qrs_ms;
    lengthen(v, qrs_ms);
    let size = if qrs_ms >= 120.0 { 1.0 } else { 0.55 };
    // posterior forces are met by the late anterior ones
    if let Some(back) = v.qrs.get_mut(2) {
        back.size[2] *= 1.0 - 0.25 * size;
    }
    v.qrs.push(Lobe::new(
        [0.62 * own, 0.5 * (0.85 * own + 1.0), 1.0],
        [0.6, 0.65],
        [-0.66 * size, 0.02 * size, -0.50 * size],
    ));
    if let Some(t) = v.t.first_mut() {
        t.size[0] += 0.05 * size;
        t.size[2] += 0.26 * size;
    }
    shift(v, [0.02 * size, 0.0, 0.04 * size], [0.02 * size, 0.0, 0.06 * size]);
}

fn incomplete_right(heart: &mut Heart) {
    right_bundle_block(heart, 112.0);
}

/// No septal q, a broad notched R to the left, deep rS or QS in V1 … V3, ST and T the other way.
fn left_bundle_block(heart: &mut Heart) {
    let v = &mut heart.ventricles;
    v.qrs_ms = Ms(152.0);
    v.qrs = vec![
        Lobe::new([0.0, 0.12, 0.28], [0.7, 0.6], [0.10, 0.06, -0.10]),
        Lobe::new([0.04, 0.32, 0.62], [0.7, 0.6], [0.80, 0.42, 0.85]),
        Lobe::new([0.36, 0.62, 1.0], [0.6, 0.65], [0.86, 0.12, 0.95]),
    ];
    v.st = st([-0.09, -0.02, -0.16], [-0.14, -0.03, -0.22]);
    v.t = vec![Lobe::new([0.0, 0.56, 1.0], [0.95, 0.75], [-0.30, -0.05, -0.36])];
    v.t_ms = Ms(205.0);
    v.qtc_ms = Ms(442.0);
    v.u.clear();
}

/// First forces down and right, main ones late, up and left: axis about −55°, qR in aVL, rS in II, III, aVF.
fn left_anterior(heart: &mut Heart) {
    let v = &mut heart.ventricles;
    lengthen(v, v.qrs_ms.0 + 10.0);
    v.qrs[0].size = [-0.10, 0.34, -0.18, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0];
    v.qrs[1].size = [0.88, -0.50, 0.22, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0];
    v.qrs[2].size = [0.22, -0.62, 0.62, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0];
    v.qrs[3].size = [-0.16, -0.34, 0.14, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0];
}

/// First forces up and left, main ones down and right: axis about 115°, rS in I and aVL, qR in III, aVF.
fn left_posterior(heart: &mut Heart) {
    let v = &mut heart.ventricles;
    lengthen(v, v.qrs_ms.0 + 8.0);
    v.qrs[0].size = [0.22, -0.26, -0.24, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0];
    v.qrs[1].size = [0.30, 1.05, 0.12, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0];
    v.qrs[2].size = [-0.62, 0.62, 0.55, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0];
    v.qrs[3].size = [-0.42, 0.10, 0.12, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0];
}

/// Everything slower, with a notch.
fn delay(heart: &mut Heart) {
    let v = &mut heart.ventricles;
    let before = v.qrs_ms.0;
    v.qrs_ms = Ms(126.0);
    v.qtc_ms.0 += 0.6 * (126.0 - before);
    scale(&mut v.qrs, 0.85);
    v.qrs.push(Lobe::new([0.34, 0.46, 0.60], [0.6, 0.6], [-0.24, -0.18, 0.12]));
}

/// An accessory pathway: PR short, a slurred start of QRS towards `delta`, QRS wide, T against the delta wave.
fn preexcite(heart: &mut Heart, delta: [f64; 3]) {
    heart.pr_ms = Ms(98.0);
    let v = &mut heart.ventricles;
    let own = v.qrs_ms.0;
    let qrs_ms = own + 40.0;
    for lobe in &mut v.qrs {
        lobe.span = lobe.span.map(|s| (s * own + 40.0) / qrs_ms);
    }
    v.qtc_ms.0 += 18.0;
    v.qrs_ms = Ms(qrs_ms);
    v.qrs[0].size = [0.0; 9];
    v.qrs.insert(0, Lobe::new([0.0, 0.40, 0.74], [0.35, 0.6], delta));
    let against: [f64; 3] = std::array::from_fn(|k| v.t[0].size[k] - 0.55 * delta[k]);
    point_t(v, against);
    shift(v, delta.map(|d| -0.12 * d), delta.map(|d| -0.22 * d));
}

/// Turns QRS (and P and T a little) in the frontal plane.
fn axis(heart: &mut Heart, degrees: f64) {
    crate::simulate::heart::turn(&mut heart.ventricles.qrs, degrees);
    crate::simulate::heart::turn(&mut heart.ventricles.t, 0.25 * degrees);
}
