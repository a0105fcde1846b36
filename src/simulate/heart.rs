//! A heart as its waves: lobes of a dipole (and of near sources) in time, each exactly 0 outside its bounds, so that
//! onsets and offsets are facts of the model and not of a threshold on a Gaussian's tail.
//!
//! The idea is the dynamical model's (`McSharry` et al. 2003, DOI 10.1109/TBME.2003.808805; Sameni et al. 2007, DOI
//! 10.1155/2007/43407: kernels on a cardiac dipole), with bumps of bounded support in place of Gaussians. Sizes and
//! times are ours, chosen so that the twelve leads of a normal heart lie in the middle of Rijnbeek's normal limits
//! (2014, DOI 10.1016/j.jelectrocard.2014.07.022; children 2001, DOI 10.1053/euhj.2000.2399).

use super::curve::bump;
use super::field::Source;
use crate::signal::{Ms, Patient, Sex};

/// One lobe of a wave.
#[derive(Clone, Debug, PartialEq)]
pub struct Lobe {
    /// Start, peak and end as parts of the wave's duration.
    pub span: [f64; 3],
    /// How gently it rises and falls, 0 … 1 ([`super::curve::flank`]).
    pub soft: [f64; 2],
    /// Size at the peak, mV.
    pub size: Source,
}

impl Lobe {
    /// A lobe of the dipole.
    pub const fn new(span: [f64; 3], soft: [f64; 2], [x, y, z]: [f64; 3]) -> Self {
        Self { span, soft, size: [x, y, z, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0] }
    }

    /// A lobe of the near sources under V1 … V6.
    pub const fn near(span: [f64; 3], soft: [f64; 2], [a, b, c, d, e, f]: [f64; 6]) -> Self {
        Self { span, soft, size: [0.0, 0.0, 0.0, a, b, c, d, e, f] }
    }
}

/// Sum of `lobes` at `u` (0 = start of the wave, 1 = its end).
pub fn at(lobes: &[Lobe], u: f64) -> Source {
    let mut sum = [0.0; 9];
    for lobe in lobes {
        let height = bump(u, lobe.span[0], lobe.span[1], lobe.span[2], lobe.soft);
        if height != 0.0 {
            for (s, v) in sum.iter_mut().zip(&lobe.size) {
                *s += height * v;
            }
        }
    }
    sum
}

/// Multiplies every lobe by `factor`.
pub fn scale(lobes: &mut [Lobe], factor: f64) {
    for value in lobes.iter_mut().flat_map(|l| &mut l.size) {
        *value *= factor;
    }
}

/// Depolarisation and repolarisation of the ventricles by one path of activation.
#[derive(Clone, Debug, PartialEq)]
pub struct Ventricles {
    /// Duration of QRS.
    pub qrs_ms: Ms,
    /// Lobes of QRS.
    pub qrs: Vec<Lobe>,
    /// ST level at J and at the onset of T, mV.
    pub st: [Source; 2],
    /// Duration of T.
    pub t_ms: Ms,
    /// Lobes of T.
    pub t: Vec<Lobe>,
    /// QT at a heart rate of 60; shorter above, longer below by Fridericia's rule.
    pub qtc_ms: Ms,
    /// Lobes of U in a wave of 160 ms that starts 20 ms after T.
    pub u: Vec<Lobe>,
}

/// A heart.
#[derive(Clone, Debug, PartialEq)]
pub struct Heart {
    /// Duration of P.
    pub p_ms: Ms,
    /// Lobes of the sinus P.
    pub p: Vec<Lobe>,
    /// PR interval.
    pub pr_ms: Ms,
    /// Level between P and QRS, mV (atrial injury; not part of P).
    pub pr_level: Source,
    /// The ventricles when activated from above.
    pub ventricles: Ventricles,
    /// Whether it lies mirrored in the chest.
    pub mirrored: bool,
}

/// A source that is a dipole alone.
pub const fn dipole([x, y, z]: [f64; 3]) -> Source {
    [x, y, z, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0]
}

impl Heart {
    /// A normal adult man's heart.
    pub fn man() -> Self {
        Self {
            p_ms: Ms(104.0),
            p: vec![
                Lobe::new([0.0, 0.38, 0.78], [0.55, 0.5], [0.045, 0.085, -0.070]), // right atrium
                Lobe::new([0.24, 0.62, 1.0], [0.5, 0.55], [0.085, 0.055, 0.045]),  // left atrium
            ],
            pr_ms: Ms(158.0),
            pr_level: [0.0; 9],
            ventricles: Ventricles {
                qrs_ms: Ms(92.0),
                qrs: vec![
                    Lobe::new([0.0, 0.18, 0.38], [0.5, 0.5], [-0.16, -0.05, -0.26]), // septum
                    Lobe::new([0.13, 0.42, 0.70], [0.75, 0.75], [1.15, 0.82, 0.18]), // free walls
                    Lobe::new([0.36, 0.60, 0.86], [0.7, 0.7], [0.10, 0.10, 0.75]),   // left lateral and posterior wall
                    Lobe::new([0.56, 0.78, 1.0], [0.6, 0.4], [-0.20, -0.10, 0.22]),  // base
                ],
                st: [dipole([0.01, 0.01, -0.03]), dipole([0.03, 0.03, -0.05])],
                t_ms: Ms(200.0),
                t: vec![Lobe::new([0.0, 0.60, 1.0], [1.0, 0.75], [0.28, 0.21, -0.19])],
                qtc_ms: Ms(400.0),
                u: vec![Lobe::new([0.0, 0.4, 1.0], [1.0, 1.0], [0.012, 0.010, -0.016])],
            },
            mirrored: false,
        }
    }

    /// A normal heart for this patient: an adult man's unless sex and age say otherwise.
    pub fn normal(patient: &Patient) -> Self {
        let mut heart = Self::man();
        match patient.age {
            Some(age) if age < 16.0 => heart.child(age),
            age => {
                if patient.sex == Some(Sex::Female) {
                    heart.woman();
                }
                // voltage falls and the axis turns left and up with age
                let old = ((age.unwrap_or(45.0) - 45.0) / 40.0).clamp(-0.5, 1.0);
                scale(&mut heart.ventricles.qrs, 1.0 - 0.12 * old);
                scale(&mut heart.ventricles.t, 1.0 - 0.15 * old);
                turn(&mut heart.ventricles.qrs, -14.0 * old);
                heart.pr_ms.0 += 8.0 * old;
            }
        }
        heart
    }

    fn woman(&mut self) {
        self.p_ms = Ms(98.0);
        self.pr_ms = Ms(150.0);
        let v = &mut self.ventricles;
        v.qrs_ms = Ms(85.0);
        v.qtc_ms = Ms(412.0);
        scale(&mut v.qrs, 0.84);
        scale(&mut v.t, 0.76);
        v.st = [dipole([0.005, 0.005, -0.01]), dipole([0.015, 0.015, -0.02])];
    }

    /// Children: fast, short intervals, right ventricle strong and T negative in V1 … V3 (Davignon 1980, Rijnbeek 2001).
    fn child(&mut self, age: f64) {
        let grown = (age / 14.0).clamp(0.0, 1.0);
        let mix = |young: f64, old: f64| young + (old - young) * grown;
        self.p_ms = Ms(mix(66.0, 98.0));
        self.pr_ms = Ms(mix(102.0, 145.0));
        scale(&mut self.p, mix(1.1, 1.0));
        let v = &mut self.ventricles;
        v.qrs_ms = Ms(mix(58.0, 86.0));
        v.qtc_ms = Ms(mix(398.0, 405.0));
        v.t_ms = Ms(mix(150.0, 195.0));
        // the right ventricle's part in QRS: dominant in the newborn, gone by school age or so
        let right = (1.0 - age / 8.0).clamp(0.0, 1.0);
        let newborn = (1.0 - age * 4.0).clamp(0.0, 1.0);
        v.qrs[1].size[0] *= 1.0 - 0.15 * right - 0.35 * newborn;
        v.qrs[1].size[1] *= 1.0 - 0.30 * newborn;
        v.qrs[2].size[2] *= 1.0 - 0.35 * right - 0.35 * newborn;
        v.qrs.push(Lobe::new(
            [0.30, 0.58, 0.96],
            [0.7, 0.6],
            [-0.50 * right - 0.22 * newborn, 0.10 * right, -0.42 * right - 0.34 * newborn],
        ));
        // T points backward: V1 (and V2, V3 in the small) negative from the first week to about twelve years
        let juvenile = if age < 0.02 { 0.2 } else { (1.15 - age / 14.0).clamp(0.0, 1.0) };
        scale(&mut v.t, 0.9);
        v.t[0].size[2] += 0.32 * juvenile;
        v.st = [dipole([0.0; 3]), dipole([0.01, 0.01, -0.01])];
        v.u.clear();
    }
}

/// Turns `lobes` in the frontal plane, degrees, positive = clockwise seen from the front (axis to the right).
pub fn turn(lobes: &mut [Lobe], degrees: f64) {
    let (s, c) = (super::curve::sine(degrees / 360.0), super::curve::cosine(degrees / 360.0));
    for lobe in lobes {
        let (x, y) = (lobe.size[0], lobe.size[1]);
        lobe.size[0] = c * x - s * y;
        lobe.size[1] = s * x + c * y;
    }
}

/// ST levels from two dipoles.
pub const fn st(j: [f64; 3], end: [f64; 3]) -> [Source; 2] {
    [dipole(j), dipole(end)]
}
