//! Order statistics and moments of slices.

/// So many values are few.
const FEW: usize = 48;

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
    of_few(values, at).unwrap_or_else(|| *values.select_nth_unstable_by(at, f32::total_cmp).1)
}

/// The value of rank `at` of few values, by counting for one after the other how many are less: several at a time, faster than
/// sorting so few. `None` of many, or where a NaN has that rank.
fn of_few(values: &[f32], at: usize) -> Option<f32> {
    if values.len() > FEW {
        return None;
    }
    values.iter().copied().find(|v| {
        let count = |(less, to): (u32, u32), other: &f32| (less + u32::from(other < v), to + u32::from(other <= v));
        let (less, to) = values.iter().fold((0, 0), count);
        (less as usize..to as usize).contains(&at)
    })
}

/// Three quantiles at once, `q` ascending, each as [`quantile`] gives it: the outer two are looked for on their side of
/// the middle one only.
pub fn quantiles(values: &mut [f32], q: [f64; 3]) -> [f32; 3] {
    if values.is_empty() {
        return [0.0; 3];
    }
    let last = (values.len() - 1) as f64;
    let [low, middle, high] = q.map(|q| (last * q.clamp(0.0, 1.0)).round() as usize);
    let select = |part: &mut [f32], at: usize| *part.select_nth_unstable_by(at, f32::total_cmp).1;
    let (left, &mut centre, right) = values.select_nth_unstable_by(middle, f32::total_cmp);
    let low = if low < middle { select(left, low) } else { centre };
    let high = if high > middle { select(right, high - middle - 1) } else { centre };
    [low, centre, high]
}

/// Lowest and highest value, NaN left out; ∞ and −∞ of none.
///
/// Eight at a time: a single running value would wait for itself at every step.
pub fn range(x: &[f32]) -> (f32, f32) {
    let (mut low, mut high) = ([f32::INFINITY; 8], [f32::NEG_INFINITY; 8]);
    let (eights, rest) = x.as_chunks::<8>();
    for eight in eights {
        for ((l, h), &v) in low.iter_mut().zip(&mut high).zip(eight) {
            *l = if v < *l { v } else { *l };
            *h = if v > *h { v } else { *h };
        }
    }
    for ((l, h), &v) in low.iter_mut().zip(&mut high).zip(rest) {
        *l = if v < *l { v } else { *l };
        *h = if v > *h { v } else { *h };
    }
    for half in [4, 2, 1] {
        for k in 0..half {
            low[k] = if low[k + half] < low[k] { low[k + half] } else { low[k] };
            high[k] = if high[k + half] > high[k] { high[k + half] } else { high[k] };
        }
    }
    (low[0], high[0])
}

/// Whether a value is NaN; every one is looked at, several at a time.
pub fn has_nan(x: &[f32]) -> bool {
    x.iter().fold(false, |any, v| any | v.is_nan())
}

/// The sums of products of `x` with each of `others` (as long as `x`), side by side but each in order.
pub fn products<const N: usize>(x: &[f32], others: [&[f32]; N]) -> [f32; N] {
    let others = others.map(|o| &o[..x.len()]);
    let mut sums = [0.0; N];
    for (i, v) in x.iter().enumerate() {
        for (sum, other) in sums.iter_mut().zip(&others) {
            *sum += v * other[i];
        }
    }
    sums
}

/// Adds to `sums[s]` the products of `model` with `x` from its `s`-th value on, in the order of `model` and for eight
/// shifts side by side; `x` has at least one value less than both together.
pub fn products_by_shift(x: &[f32], model: &[f32], sums: &mut [f32]) {
    for (block, sums) in sums.chunks_mut(8).enumerate() {
        let x = &x[8 * block..];
        let mut own = [0.0_f32; 8];
        own[..sums.len()].copy_from_slice(sums);
        for (x, m) in x.windows(8).zip(model) {
            for (o, v) in own.iter_mut().zip(x) {
                *o += v * m;
            }
        }
        sums.copy_from_slice(&own[..sums.len()]);
        // The last shifts of the last values, where `x` ends.
        for (k, m) in model.iter().enumerate().skip((x.len() + 1).saturating_sub(8)) {
            for (s, v) in sums.iter_mut().zip(&x[k..]) {
                *s += v * m;
            }
        }
    }
}

/// Root mean square; 0 of an empty slice.
pub fn rms(values: &[f32]) -> f32 {
    if values.is_empty() {
        return 0.0;
    }
    (values.iter().map(|v| v * v).sum::<f32>() / values.len() as f32).sqrt()
}

/// Spread of a distribution of `power` over the indices about its centre (standard deviation); 0 of an empty slice.
pub fn spread(power: &[f32]) -> f32 {
    let total = power.iter().sum::<f32>().max(1e-9);
    let centre = power.iter().enumerate().map(|(i, e)| i as f32 * e).sum::<f32>() / total;
    let second = power.iter().enumerate().map(|(i, e)| (i as f32 - centre).powi(2) * e).sum::<f32>() / total;
    second.sqrt()
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
    fn three_quantiles_are_those_found_alone() {
        for n in 0..60 {
            let v: Vec<f32> = (0..n).map(|i| ((i * 7919) % 31) as f32).collect();
            let q = [0.02, 0.5, 0.98];
            assert_eq!(quantiles(&mut v.clone(), q), q.map(|q| quantile(&mut v.clone(), q)), "{n}");
        }
    }

    #[test]
    fn the_range_leaves_nan_out() {
        let mut v: Vec<f32> = (0..21).map(|i| ((i * 13) % 21) as f32).collect();
        assert_eq!(range(&v), (0.0, 20.0));
        v[3] = f32::NAN;
        v[20] = -7.0;
        assert_eq!(range(&v).0, -7.0);
        assert!(has_nan(&v) && !has_nan(&v[4..]));
        assert_eq!(range(&[]), (f32::INFINITY, f32::NEG_INFINITY));
    }

    #[test]
    fn products_are_the_same_alone_and_side_by_side() {
        let x: Vec<f32> = (0..40).map(|i| (i as f32 * 0.37).sin()).collect();
        let y: Vec<f32> = (0..40).map(|i| (i as f32 * 0.61).cos()).collect();
        let alone = |a: &[f32], b: &[f32]| a.iter().zip(b).fold(0.0, |s, (p, q)| s + p * q);
        assert_eq!(products(&x, [&y, &x]), [alone(&x, &y), alone(&x, &x)]);
        for shifts in 1..20 {
            let mut sums = vec![0.0; shifts];
            products_by_shift(&x, &y[..41 - shifts], &mut sums);
            for (s, sum) in sums.iter().enumerate() {
                assert_eq!(*sum, alone(&x[s..], &y[..41 - shifts]), "{shifts} {s}");
            }
        }
    }

    #[test]
    fn correlation_ignores_level_and_scale() {
        let a = [0.0, 1.0, 0.0, -1.0];
        let b = [5.0, 7.0, 5.0, 3.0];
        assert!((correlation(&a, &b) - 1.0).abs() < 1e-6);
        assert_eq!(correlation(&a, &[2.0; 4]), 0.0);
    }
}
