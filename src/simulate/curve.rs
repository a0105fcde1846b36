//! The few functions that waves are made of, from + − × ÷ alone: IEEE 754 rounds these alike everywhere, `libm` does
//! not, and the same seed has to give the same bytes.

/// Sine of `turns` full turns, within 1e-9.
pub fn sine(turns: f64) -> f64 {
    // reduced to a quarter turn either side of 0, then Taylor's series to x^17
    let mut r = turns - turns.floor();
    if r > 0.75 {
        r -= 1.0;
    } else if r > 0.25 {
        r = 0.5 - r;
    }
    let x = r * std::f64::consts::TAU;
    let x2 = x * x;
    let mut term = x;
    let mut sum = x;
    for k in 1..9 {
        let n = f64::from(2 * k);
        term *= -x2 / (n * (n + 1.0));
        sum += term;
    }
    sum
}

/// Cosine of `turns` full turns.
pub fn cosine(turns: f64) -> f64 {
    sine(turns + 0.25)
}

/// Cube root of a positive number by Newton's iteration; 0 for anything else.
pub fn cube_root(x: f64) -> f64 {
    if x <= 0.0 || !x.is_finite() {
        return 0.0;
    }
    let mut r = if x > 1.0 { x } else { 1.0 };
    for _ in 0..64 {
        let better = (2.0 * r + x / (r * r)) / 3.0;
        if better == r {
            break;
        }
        r = better;
    }
    r
}

/// 10 to the power `x`: Taylor's series of a 1024th of the exponent, squared ten times.
pub fn power_of_ten(x: f64) -> f64 {
    let small = x * std::f64::consts::LN_10 / 1024.0;
    let mut value = 1.0 + small * (1.0 + small / 2.0 * (1.0 + small / 3.0 * (1.0 + small / 4.0)));
    for _ in 0..10 {
        value *= value;
    }
    value
}

/// A flank from 0 to 1 over 0 ≤ u ≤ 1, level at its end. `soft` = 0 departs at once (a parabola), 1 departs
/// gently (smoothstep).
pub fn flank(u: f64, soft: f64) -> f64 {
    let u = u.clamp(0.0, 1.0);
    (1.0 - soft) * u * (2.0 - u) + soft * u * u * (3.0 - 2.0 * u)
}

/// A bump that is exactly 0 up to `from` and from `to` on, 1 at `peak`.
pub fn bump(t: f64, from: f64, peak: f64, to: f64, soft: [f64; 2]) -> f64 {
    if t <= from || t >= to {
        0.0
    } else if t < peak {
        flank((t - from) / (peak - from), soft[0])
    } else {
        flank((to - t) / (to - peak), soft[1])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn as_the_textbook_has_them() {
        for k in -40..40 {
            let x = f64::from(k) * 0.0731;
            assert!((sine(x) - (x * std::f64::consts::TAU).sin()).abs() < 1e-9, "{x}");
            assert!((cosine(x) - (x * std::f64::consts::TAU).cos()).abs() < 1e-9, "{x}");
        }
        for x in [1e-6, 0.2, 1.0, 2.0, 27.0, 1e5] {
            assert!((cube_root(x) - f64::cbrt(x)).abs() < 1e-12 * f64::cbrt(x).max(1.0), "{x}");
        }
        for x in [-2.0, -0.3, 0.0, 0.6, 4.0] {
            assert!((power_of_ten(x) / 10.0_f64.powf(x) - 1.0).abs() < 1e-8, "{x}");
        }
        assert_eq!(bump(0.3, 0.0, 0.3, 1.0, [0.5, 0.5]), 1.0);
        assert_eq!([bump(0.0, 0.0, 0.3, 1.0, [0.0; 2]), bump(1.0, 0.0, 0.3, 1.0, [0.0; 2])], [0.0, 0.0]);
    }
}
