//! Infarction and ischaemia by territory. Injury pulls ST towards the region, necrosis turns the first 40 ms of QRS away
//! from it, ischaemia turns T away from it: reciprocal leads follow from the dipole by themselves.

use super::{Shape, point_t, shift, shift_near};
use crate::simulate::heart::{Heart, Lobe};
use crate::text::text;

/// The family.
#[rustfmt::skip]
pub static SHAPES: &[Shape] = &[
    Shape { id: "mi-anterior-acute", name: text("急性前壁心肌梗死", "acute anterior infarction"), apply: |h| acute(h, ANTERIOR, 0.26) },
    Shape { id: "mi-anterolateral-acute", name: text("急性前侧壁心肌梗死", "acute anterolateral infarction"), apply: |h| acute(h, ANTEROLATERAL, 0.28) },
    Shape { id: "mi-inferior-acute", name: text("急性下壁心肌梗死", "acute inferior infarction"), apply: |h| acute(h, INFERIOR, 0.27) },
    Shape { id: "mi-lateral-acute", name: text("急性侧壁心肌梗死", "acute lateral infarction"), apply: |h| acute(h, LATERAL, 0.24) },
    Shape { id: "mi-posterior-acute", name: text("急性后壁心肌梗死", "acute posterior infarction"), apply: posterior_acute },
    Shape { id: "mi-right-acute", name: text("急性下壁合并右室心肌梗死", "acute inferior and right ventricular infarction"), apply: |h| acute(h, RIGHT, 0.30) },
    Shape { id: "mi-anterior-old", name: text("陈旧性前壁心肌梗死", "old anterior infarction"), apply: |h| anterior_old(h, 0.0) },
    Shape { id: "mi-anteroseptal-old", name: text("陈旧性前间壁心肌梗死", "old anteroseptal infarction"), apply: septal_old },
    Shape { id: "mi-inferior-old", name: text("陈旧性下壁心肌梗死", "old inferior infarction"), apply: inferior_old },
    Shape { id: "mi-lateral-old", name: text("陈旧性侧壁心肌梗死", "old lateral infarction"), apply: lateral_old },
    Shape { id: "mi-posterior-old", name: text("陈旧性后壁心肌梗死", "old posterior infarction"), apply: posterior_old },
    Shape { id: "aneurysm", name: text("陈旧性前壁心肌梗死伴持续ST段抬高", "old anterior infarction with persistent ST elevation (aneurysm)"), apply: |h| anterior_old(h, 0.16) },
    Shape { id: "ischemia-st", name: text("心内膜下心肌缺血（ST段压低）", "subendocardial ischaemia, ST depression"), apply: |h| depress(h, 0.17) },
    Shape { id: "ischemia-left-main", name: text("弥漫性ST段压低伴aVR抬高", "widespread ST depression with elevation in aVR"), apply: |h| depress(h, 0.34) },
    Shape { id: "ischemia-anterior-t", name: text("前壁T波倒置", "anterior T-wave inversion"), apply: |h| point_t(&mut h.ventricles, [-0.12, 0.10, 0.30]) },
    Shape { id: "ischemia-inferior-t", name: text("下壁T波倒置", "inferior T-wave inversion"), apply: |h| point_t(&mut h.ventricles, [0.20, -0.20, -0.18]) },
    Shape { id: "wellens", name: text("Wellens综合征", "Wellens pattern"), apply: wellens },
    Shape { id: "de-winter", name: text("de Winter综合征", "de Winter pattern"), apply: de_winter },
];

const ANTERIOR: [f64; 3] = [0.30, -0.08, -0.86];
const ANTEROLATERAL: [f64; 3] = [0.78, -0.30, -0.55];
const INFERIOR: [f64; 3] = [-0.20, 0.96, 0.12];
const LATERAL: [f64; 3] = [0.86, -0.42, 0.28];
const RIGHT: [f64; 3] = [-0.62, 0.80, -0.30];

/// Injury of `size` mV towards `region`, T with it, first loss of R.
fn acute(heart: &mut Heart, region: [f64; 3], size: f64) {
    let v = &mut heart.ventricles;
    shift(v, region.map(|r| 0.85 * size * r), region.map(|r| 1.35 * size * r));
    let t: [f64; 3] = std::array::from_fn(|k| 0.72 * v.t[0].size[k] + 0.85 * size * region[k]);
    point_t(v, t);
    v.qrs.push(Lobe::new([0.0, 0.26, 0.55], [0.6, 0.7], region.map(|r| -0.42 * r)));
}

/// Necrosis: forces that are missing in the first half of QRS.
fn lose(heart: &mut Heart, missing: [f64; 3], t: [f64; 3]) {
    let v = &mut heart.ventricles;
    v.qrs.push(Lobe::new([0.0, 0.30, 0.62], [0.45, 0.7], missing));
    point_t(v, t);
}

fn anterior_old(heart: &mut Heart, elevation: f64) {
    heart.ventricles.qrs[0].size = [0.0; 9];
    lose(heart, [-0.34, 0.06, 0.52], [0.02, 0.14, 0.14]);
    heart.ventricles.qrs[1].size[0] *= 0.86;
    shift(&mut heart.ventricles, [0.3 * elevation, 0.0, -elevation], [0.35 * elevation, 0.0, -1.2 * elevation]);
}

fn septal_old(heart: &mut Heart) {
    heart.ventricles.qrs[0].size = [0.02, 0.0, 0.20, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0];
    lose(heart, [0.0, 0.05, 0.30], [0.22, 0.18, 0.03]);
}

fn inferior_old(heart: &mut Heart) {
    heart.ventricles.qrs[1].size[1] *= 0.72;
    lose(heart, [0.10, -0.66, -0.10], [0.24, -0.13, -0.18]);
}

fn lateral_old(heart: &mut Heart) {
    heart.ventricles.qrs[1].size[0] *= 0.72;
    lose(heart, [-0.66, 0.26, -0.12], [-0.12, 0.18, -0.26]);
}

/// A mirror image in V1 … V3: tall broad R, upright T.
fn posterior_old(heart: &mut Heart) {
    let v = &mut heart.ventricles;
    v.qrs[2].size[2] *= 0.15;
    v.qrs.push(Lobe::new([0.12, 0.46, 0.80], [0.7, 0.6], [-0.06, 0.05, -0.72]));
    point_t(v, [0.22, 0.16, -0.36]);
}

fn posterior_acute(heart: &mut Heart) {
    let v = &mut heart.ventricles;
    v.qrs[2].size[2] *= 0.55;
    v.qrs.push(Lobe::new([0.14, 0.44, 0.76], [0.7, 0.6], [0.0, 0.05, -0.34]));
    shift(v, [-0.02, 0.02, 0.22], [0.0, 0.02, 0.22]);
    point_t(v, [0.20, 0.16, -0.26]);
}

/// Subendocardial injury of the whole left ventricle: ST away from the apex, horizontal or sloping down.
fn depress(heart: &mut Heart, size: f64) {
    let v = &mut heart.ventricles;
    shift(v, [-0.62 * size, -0.52 * size, 0.32 * size], [-0.92 * size, -0.74 * size, 0.52 * size]);
    point_t(v, [0.12, 0.09, -0.10]);
}

/// Deep symmetric T inversion in V2 … V4, no loss of R, ST isoelectric.
fn wellens(heart: &mut Heart) {
    let v = &mut heart.ventricles;
    v.t[0].size[2] = -0.06;
    v.t.push(Lobe::near([0.0, 0.58, 1.0], [0.9, 0.9], [-0.10, -0.62, -0.86, -0.72, -0.30, -0.12]));
    v.qtc_ms.0 += 32.0;
    v.u.clear();
}

/// ST depression of 1 to 3 mm at J that runs upward into tall symmetric T in V1 … V6; aVR slightly up.
fn de_winter(heart: &mut Heart) {
    let v = &mut heart.ventricles;
    shift(v, [-0.05, -0.04, 0.03], [-0.02, -0.02, 0.0]);
    shift_near(v, [-0.06, -0.18, -0.24, -0.22, -0.15, -0.08], [0.0, 0.02, 0.03, 0.02, 0.0, 0.0]);
    v.t.push(Lobe::near([0.0, 0.54, 1.0], [0.85, 0.85], [0.14, 0.52, 0.66, 0.52, 0.30, 0.12]));
    v.u.clear();
}
