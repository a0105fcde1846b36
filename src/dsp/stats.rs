//! Order statistics and moments of slices.

/// The median, reordering `values`; 0 of an empty slice. NaN sorts last.
pub fn median(values: &mut [f32]) -> f32 {
    quantile(values, 0.5)
}

/// The value below which the fraction `q` (0 … 1) of `values` lies, reordering them; 0 of an empty slice.
pub fn quantile(values: &mut [f32], q: f64) -> f32 {
    if values.is_empty() {
        return 0.0;
    }
    let at = ((values.len() - 1) as f64 * q.clamp(0.0, 1.0)).round() as usize;
    *values.select_nth_unstable_by(at, f32::total_cmp).1
}

/// Root mean square; 0 of an empty slice.
pub fn rms(values: &[f32]) -> f32 {
    if values.is_empty() {
        return 0.0;
    }
    (values.iter().map(|v| v * v).sum::<f32>() / values.len() as f32).sqrt()
}

/// Pearson's correlation of two slices of one length; 0 where either does not vary.
pub fn correlation(a: &[f32], b: &[f32]) -> f32 {
    let n = a.len().min(b.len()) as f32;
    if n < 2.0 {
        return 0.0;
    }
    let (mut sa, mut sb, mut saa, mut sbb, mut sab) = (0.0_f32, 0.0_f32, 0.0_f32, 0.0_f32, 0.0_f32);
    for (&x, &y) in a.iter().zip(b) {
        sa += x;
        sb += y;
        saa += x * x;
        sbb += y * y;
        sab += x * y;
    }
    let (va, vb) = (saa - sa * sa / n, sbb - sb * sb / n);
    if va <= f32::EPSILON * saa || vb <= f32::EPSILON * sbb { 0.0 } else { (sab - sa * sb / n) / (va * vb).sqrt() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quantiles_of_known_numbers() {
        let mut v = [5.0, 1.0, 4.0, 2.0, 3.0];
        assert_eq!(median(&mut v), 3.0);
        assert_eq!(quantile(&mut v, 1.0), 5.0);
        assert_eq!(quantile(&mut v, 0.25), 2.0);
        assert_eq!(median(&mut []), 0.0);
    }

    #[test]
    fn correlation_ignores_level_and_scale() {
        let a = [0.0, 1.0, 0.0, -1.0];
        let b = [5.0, 7.0, 5.0, 3.0];
        assert!((correlation(&a, &b) - 1.0).abs() < 1e-6);
        assert_eq!(correlation(&a, &[2.0; 4]), 0.0);
    }
}
