//! Fewer points, the same picture: a trace thinned so that no sample moves by more than a tolerance.
//!
//! The sleeve (cone-intersection) method of Sklansky and Gonzalez, "Fast polygonal approximation of digitized curves"
//! (Pattern Recognition 1980), in its form for curves that are functions of x: one pass, every kept point is a sample.

/// Keeps those of `points` (x strictly rising, finite) that are needed for the polyline to pass every point within
/// `tolerance` vertically. First and last are kept.
pub fn simplify(points: &[(f32, f32)], tolerance: f32) -> Vec<(f32, f32)> {
    let Some((&first, rest)) = points.split_first() else { return Vec::new() };
    let mut kept = vec![first];
    let (mut anchor, mut last) = (first, first);
    let (mut low, mut high) = (f32::NEG_INFINITY, f32::INFINITY);
    for &point in rest {
        let slope = |from: (f32, f32), up: f32| (point.1 + up - from.1) / (point.0 - from.0);
        let straight = slope(anchor, 0.0);
        if straight < low || straight > high {
            kept.push(last);
            anchor = last;
            (low, high) = (f32::NEG_INFINITY, f32::INFINITY);
        }
        low = low.max(slope(anchor, -tolerance));
        high = high.min(slope(anchor, tolerance));
        last = point;
    }
    if points.len() > 1 {
        kept.push(last);
    }
    kept
}

/// The runs of finite samples of `samples`: (index of the first, the run).
pub fn runs(samples: &[f32]) -> impl Iterator<Item = (usize, &[f32])> {
    let mut from = 0;
    std::iter::from_fn(move || {
        from += samples.get(from..)?.iter().position(|v| v.is_finite())?;
        let tail = &samples[from..];
        let length = tail.iter().position(|v| !v.is_finite()).unwrap_or(tail.len());
        let start = from;
        from += length;
        Some((start, &tail[..length]))
    })
}

/// Lowest and highest sample of every `step` samples, in order of time: (index in the run, value).
pub fn extremes(run: &[f32], step: usize) -> impl Iterator<Item = (usize, f32)> {
    let step = step.max(1);
    run.chunks(step).enumerate().flat_map(move |(c, chunk)| {
        let at = |i: usize| (c * step + i, chunk[i]);
        let order = |a: &usize, b: &usize| chunk[*a].total_cmp(&chunk[*b]);
        let low = (0..chunk.len()).min_by(order).unwrap_or_default();
        let high = (0..chunk.len()).max_by(order).unwrap_or_default();
        let (first, second) = (low.min(high), low.max(high));
        std::iter::once(at(first)).chain((first != second).then(|| at(second)))
    })
}

#[cfg(test)]
mod tests {
    use super::{runs, simplify};

    #[test]
    fn no_sample_moves_by_more_than_the_tolerance() {
        let points: Vec<(f32, f32)> = (0..5000)
            .map(|i| {
                let t = i as f32 / 500.0;
                let spike = (-((t % 0.8) - 0.3).powi(2) / 0.0002).exp() * 12.0;
                (t * 25.0, spike + (t * 3.0).sin() * 0.4 + (t * 311.0).sin() * 0.01)
            })
            .collect();
        let kept = simplify(&points, 0.02);
        assert!(kept.len() < points.len() / 3, "{} of {}", kept.len(), points.len());
        let mut segment = 0;
        for &(x, y) in &points {
            while kept[segment + 1].0 < x {
                segment += 1;
            }
            let ((x0, y0), (x1, y1)) = (kept[segment], kept[segment + 1]);
            let on_line = y0 + (y1 - y0) * (x - x0) / (x1 - x0);
            assert!((on_line - y).abs() < 0.0201, "{x}: {y} drawn at {on_line}");
        }
    }

    #[test]
    fn gaps_split_runs() {
        let n = f32::NAN;
        let found: Vec<(usize, usize)> = runs(&[n, 1.0, 2.0, n, n, 3.0]).map(|(at, run)| (at, run.len())).collect();
        assert_eq!(found, [(1, 2), (5, 1)]);
        assert_eq!(runs(&[n, n]).count(), 0);
        assert_eq!(runs(&[]).count(), 0);
    }
}
