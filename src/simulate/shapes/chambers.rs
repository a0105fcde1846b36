//! Enlarged chambers, low voltage, a mirrored heart.

use super::{Shape, point_t, shift};
use crate::signal::Ms;
use crate::simulate::heart::{Heart, Lobe, scale};
use crate::text::text;

/// The family.
#[rustfmt::skip]
pub static SHAPES: &[Shape] = &[
    Shape { id: "lvh", name: text("左心室高电压", "left ventricular hypertrophy by voltage"), apply: left },
    Shape { id: "lvh-strain", name: text("左心室肥大伴继发性ST-T改变", "left ventricular hypertrophy with repolarisation change"), apply: left_strain },
    Shape { id: "rvh", name: text("右心室肥大", "right ventricular hypertrophy"), apply: right },
    Shape { id: "lae", name: text("左心房扩大", "left atrial enlargement"), apply: left_atrium },
    Shape { id: "rae", name: text("右心房扩大", "right atrial enlargement"), apply: right_atrium },
    Shape { id: "low-voltage", name: text("低电压", "low voltage"), apply: low },
    Shape { id: "pulmonary", name: text("肺部疾病型", "pulmonary disease pattern"), apply: pulmonary },
    Shape { id: "dextrocardia", name: text("右位心", "dextrocardia"), apply: |h| h.mirrored = true },
];

fn left(heart: &mut Heart) {
    let v = &mut heart.ventricles;
    v.qrs[1].size[0] *= 1.62;
    v.qrs[1].size[1] *= 0.95;
    v.qrs[2].size[2] *= 1.95;
    v.qrs[0].size = v.qrs[0].size.map(|s| 1.1 * s);
    v.qrs_ms = Ms(v.qrs_ms.0 + 10.0);
}

fn left_strain(heart: &mut Heart) {
    left(heart);
    let v = &mut heart.ventricles;
    shift(v, [-0.06, -0.03, -0.06], [-0.12, -0.07, -0.10]);
    v.t[0].soft = [1.0, 0.6];
    v.t[0].span[1] = 0.64;
    point_t(v, [-0.24, -0.12, -0.24]);
    left_atrium(heart);
}

/// R tall in V1, S deep in V6, axis to the right, strain in V1 … V3.
fn right(heart: &mut Heart) {
    let v = &mut heart.ventricles;
    v.qrs[0].size = [0.02, -0.05, -0.16, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0];
    v.qrs[1].size[0] *= 0.42;
    v.qrs[1].size[1] *= 0.95;
    v.qrs[2].size[2] *= 0.20;
    v.qrs.push(Lobe::new([0.22, 0.58, 0.98], [0.75, 0.65], [-1.05, 0.30, -0.72]));
    shift(v, [0.01, -0.03, 0.05], [0.03, -0.05, 0.10]);
    point_t(v, [0.20, -0.02, 0.22]);
    right_atrium(heart);
}

/// P long, notched in II, its late part negative and wide in V1.
fn left_atrium(heart: &mut Heart) {
    heart.p_ms = Ms(128.0);
    heart.p = vec![
        Lobe::new([0.0, 0.28, 0.60], [0.55, 0.55], [0.050, 0.080, -0.060]),
        Lobe::new([0.34, 0.68, 1.0], [0.55, 0.55], [0.125, 0.070, 0.120]),
    ];
    heart.pr_ms.0 += 12.0;
}

/// P tall and pointed in II, III, aVF.
fn right_atrium(heart: &mut Heart) {
    heart.p = vec![
        Lobe::new([0.0, 0.44, 0.86], [0.75, 0.75], [0.030, 0.235, -0.100]),
        Lobe::new([0.30, 0.64, 1.0], [0.6, 0.6], [0.045, 0.040, 0.030]),
    ];
}

fn low(heart: &mut Heart) {
    scale(&mut heart.ventricles.qrs, 0.34);
    scale(&mut heart.ventricles.t, 0.42);
    scale(&mut heart.p, 0.75);
}

/// Axis vertical, poor R progression, small limb leads, P of the right atrium.
fn pulmonary(heart: &mut Heart) {
    right_atrium(heart);
    let v = &mut heart.ventricles;
    v.qrs[0].size[2] = -0.10;
    v.qrs[1].size[0] *= 0.40;
    v.qrs[1].size[1] *= 0.80;
    v.qrs[1].size[2] += 0.22;
    v.qrs[2].size[0] -= 0.10;
    v.qrs[3].size[0] -= 0.12;
    scale(&mut v.t, 0.7);
}
