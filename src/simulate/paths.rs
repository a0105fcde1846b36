//! By which way atria and ventricles are activated, and what the waves then look like.

use super::heart::{Heart, Lobe, Ventricles, scale, st};
use crate::signal::Ms;

/// Where an atrial activation starts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Atrial {
    /// Sinus node.
    Sinus,
    /// High or lateral in the right atrium: P of another shape, still upright in II.
    High,
    /// Low in the atrium: P negative in II, III, aVF.
    Low,
    /// Left atrium: P negative in I, late positive in V1.
    Left,
    /// Back from the ventricles or the junction.
    Retrograde,
    /// Pacing lead in the right appendage.
    Paced,
}

impl Atrial {
    /// Duration and lobes of P.
    pub fn p(self, heart: &Heart) -> (Ms, Vec<Lobe>) {
        let lobe = |span, size| Lobe::new(span, [0.55, 0.55], size);
        match self {
            Self::Sinus => (heart.p_ms, heart.p.clone()),
            Self::High => {
                let mut p = heart.p.clone();
                scale(&mut p, 0.8);
                p[0].size[2] *= 1.8;
                (Ms(heart.p_ms.0 * 0.9), p)
            }
            Self::Low => (
                Ms(heart.p_ms.0 * 0.86),
                vec![lobe([0.0, 0.45, 0.9], [0.06, -0.10, -0.05]), lobe([0.2, 0.65, 1.0], [0.03, -0.09, 0.01])],
            ),
            Self::Left => (
                Ms(heart.p_ms.0),
                vec![lobe([0.0, 0.4, 0.8], [-0.10, 0.05, -0.04]), lobe([0.3, 0.7, 1.0], [-0.06, 0.05, -0.12])],
            ),
            Self::Retrograde => (Ms(heart.p_ms.0 * 0.8), vec![lobe([0.0, 0.5, 1.0], [0.02, -0.16, -0.06])]),
            Self::Paced => (
                Ms(heart.p_ms.0 * 1.15),
                vec![lobe([0.0, 0.35, 0.75], [0.05, 0.06, 0.05]), lobe([0.3, 0.65, 1.0], [0.08, 0.04, 0.07])],
            ),
        }
    }
}

/// By which way the ventricles are activated.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Ventricular {
    /// From above by whatever conduction the heart has.
    FromAbove,
    /// From above with functional right bundle branch block.
    Aberrant,
    /// Ectopic, right ventricular outflow tract: like LBBB, axis downward.
    RightOutflow,
    /// Ectopic, right ventricular apex or septum: like LBBB, axis upward; also an escape rhythm.
    RightApex,
    /// Ectopic, left ventricle: like RBBB, axis to upper right.
    Left,
    /// Paced, right ventricular apex.
    PacedRight,
    /// Paced in both ventricles.
    PacedBoth,
    /// Half from above, half from the right outflow tract.
    Fusion,
    /// Half from above, half paced.
    FusionPaced,
    /// Polymorphic: direction as a part of a full turn.
    Twisting(f64),
}

impl Ventricular {
    /// Duration and shape of QRS, ST, T.
    pub fn ventricles(self, heart: &Heart) -> Ventricles {
        match self {
            Self::FromAbove => heart.ventricles.clone(),
            Self::Aberrant => {
                let mut other = heart.clone();
                super::shapes::right_bundle_block(&mut other, 132.0);
                other.ventricles
            }
            Self::RightOutflow => wide(heart, 148.0, [0.75, 1.30, 0.95], [0.25, 0.35, 0.10]),
            Self::RightApex => wide(heart, 160.0, [0.75, -1.15, 0.80], [0.35, -0.2, 0.0]),
            Self::Left => wide(heart, 154.0, [-0.60, -0.85, -1.00], [-0.10, 0.20, -0.30]),
            Self::PacedRight => wide(heart, 156.0, [0.40, -1.15, 0.85], [0.30, -0.25, 0.05]),
            Self::PacedBoth => wide(heart, 128.0, [-0.50, -0.75, -0.35], [-0.35, 0.35, 0.10]),
            Self::Fusion => blend(&heart.ventricles, &Self::RightOutflow.ventricles(heart)),
            Self::FusionPaced => blend(&heart.ventricles, &Self::PacedRight.ventricles(heart)),
            Self::Twisting(turns) => {
                let (s, c) = (super::curve::sine(turns), super::curve::cosine(turns));
                let size = 0.55 + 0.75 * super::curve::sine(turns / 2.0).abs();
                wide(heart, 165.0, [0.5 * c * size, 1.5 * s * size, 0.9 * c * size], [0.0; 3])
            }
        }
    }
}

/// A slow activation that starts in muscle: `main` is its mean direction, `start` that of its first third. ST and T
/// go the other way.
fn wide(heart: &Heart, qrs_ms: f64, main: [f64; 3], start: [f64; 3]) -> Ventricles {
    let part = |k: f64| main.map(|v| k * v);
    let [mx, my, mz] = main;
    Ventricles {
        qrs_ms: Ms(qrs_ms),
        qrs: vec![
            Lobe::new([0.0, 0.24, 0.5], [0.7, 0.6], start),
            Lobe::new([0.05, 0.42, 0.80], [0.75, 0.7], part(0.85)),
            Lobe::new([0.38, 0.66, 1.0], [0.7, 0.6], [0.40 * mx, 0.50 * my, 0.62 * mz]),
        ],
        st: st(part(-0.10), part(-0.17)),
        t_ms: Ms(210.0),
        t: vec![Lobe::new([0.0, 0.55, 1.0], [0.95, 0.75], part(-0.33))],
        qtc_ms: Ms(heart.ventricles.qtc_ms.0 + 0.55 * (qrs_ms - heart.ventricles.qrs_ms.0).max(0.0)),
        u: Vec::new(),
    }
}

/// Two fronts that meet: half of each.
fn blend(a: &Ventricles, b: &Ventricles) -> Ventricles {
    let mean = |x: f64, y: f64| 0.5 * (x + y);
    let half = |lobes: &[Lobe], share: f64| {
        let mut lobes = lobes.to_vec();
        scale(&mut lobes, share);
        lobes
    };
    let both = |a: &[Lobe], b: &[Lobe]| [half(a, 0.55), half(b, 0.5)].concat();
    let mut level = a.st;
    for (l, other) in level.iter_mut().zip(&b.st) {
        for (x, y) in l.iter_mut().zip(other) {
            *x = mean(*x, *y);
        }
    }
    Ventricles {
        qrs_ms: Ms(mean(a.qrs_ms.0, b.qrs_ms.0)),
        qrs: both(&a.qrs, &b.qrs),
        st: level,
        t_ms: Ms(mean(a.t_ms.0, b.t_ms.0)),
        t: both(&a.t, &b.t),
        qtc_ms: Ms(mean(a.qtc_ms.0, b.qtc_ms.0)),
        u: Vec::new(),
    }
}
