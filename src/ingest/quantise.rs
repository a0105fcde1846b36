//! Millivolts to integers: the step that a writer gives a lead. Steps are 1, 2 or 5 × 10ⁿ µV, so that a recording
//! whose own step is a round number (1, 2.5 or 5 µV, as devices have it) comes back exactly, and any other within half a
//! step.

/// Finest step a writer uses: 1 nV, a thousand times below an ECG amplifier's noise.
const FINEST: i32 = -3;
/// Coarsest: 500 kV a step, beyond any `f32` that is an ECG.
const COARSEST: i32 = 8;

/// A quantisation step of `mantissa` × 10^`exponent` µV.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Step {
    /// 1, 2 or 5.
    pub mantissa: i32,
    /// Power of ten.
    pub exponent: i32,
}

impl Step {
    /// The finest step by which the largest deflection of `millivolts` (NaN ignored) stays within ±`full_scale`.
    /// `None` where none does (an infinite sample).
    pub fn fit(millivolts: impl IntoIterator<Item = f32>, full_scale: i32) -> Option<Self> {
        let peak = millivolts.into_iter().filter(|v| !v.is_nan()).fold(0.0_f32, |m, v| m.max(v.abs()));
        let peak = f64::from(peak) * 1000.0;
        (FINEST..=COARSEST)
            .flat_map(|exponent| [1, 2, 5].map(|mantissa| Self { mantissa, exponent }))
            .find(|step| peak <= step.microvolts() * f64::from(full_scale))
    }

    /// The step in µV.
    pub fn microvolts(self) -> f64 {
        let power = 10_f64.powi(self.exponent.abs());
        let mantissa = f64::from(self.mantissa);
        if self.exponent < 0 { mantissa / power } else { mantissa * power }
    }

    /// The nearest integer; `None` = missing.
    pub fn quantise(self, millivolts: f32) -> Option<i32> {
        (!millivolts.is_nan()).then(|| (f64::from(millivolts) * 1000.0 / self.microvolts()).round() as i32)
    }
}

#[cfg(test)]
mod tests {
    use super::Step;

    #[test]
    fn round_steps_come_back_exactly() {
        for microvolts in [1.0, 2.5, 5.0, 4.88] {
            let row: Vec<f32> = (-600..600).map(|k| (f64::from(k) * microvolts / 1000.0) as f32).collect();
            let step = Step::fit(row.iter().copied(), 32767).unwrap();
            for v in row {
                let back = f64::from(step.quantise(v).unwrap()) * step.microvolts() / 1000.0;
                assert!((back - f64::from(v)).abs() <= step.microvolts() / 2000.0 + 1e-7);
                assert!(microvolts == 4.88 || back as f32 == v);
            }
        }
        assert_eq!(Step::fit([f32::INFINITY], 32767), None);
        assert_eq!(Step { mantissa: 1, exponent: 0 }.quantise(f32::NAN), None);
    }
}
