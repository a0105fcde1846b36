//! The median beat of each shape group: beats laid over one another by least squares over all leads, then the median of
//! every sample over the beats.
//!
//! The median, not the mean: one ectopic beat or one electrode bounce does not show in it (ANSI/AAMI EC11 and AHA 2007
//! part I recommend measuring on a representative beat; the mean needs a rejection rule that the median does not).
//! The sort behind the median is Batcher's odd-even merge network (Knuth, TAOCP 3, 5.2.2 M) run on whole beats at a time,
//! so that it vectorises. Beats with a missing sample in a lead are left out of that lead only.

use super::MedianBeat;
use crate::dsp;
use crate::signal::{Hz, Ms};
use ndarray::Array2;

/// At most so many beats go into one median, spread evenly over the group: more do not lower the noise visibly.
const MOST_BEATS: usize = 64;
/// What is kept before the fiducial point at slow rates: a PR interval of 400 ms and some level before it.
const BEFORE: Ms = Ms(560.0);
/// What is kept after it: a QT of 600 ms with its isoelectric end.
const AFTER: Ms = Ms(760.0);
/// Part of the median RR interval that the window takes before and after the fiducial point at fast rates.
const BEFORE_OF_RR: f64 = 0.60;
const AFTER_OF_RR: f64 = 0.90;
/// Half width of the part that is laid over one another, and how far a beat may be moved for it.
const CORE: Ms = Ms(80.0);
const SHIFT: Ms = Ms(24.0);
/// The level of a single beat before it is compared: the mean of this stretch before its fiducial point.
const LEVEL_FROM: Ms = Ms(100.0);
const LEVEL_TO: Ms = Ms(60.0);

/// The median beats of groups `0 … groups−1`; `membership[b]` is the group of the beat at `fiducials[b]` (sample
/// indexes, ascending). A group whose beats all touch the ends of the recording gets an empty one. Bounds are left for
/// [`super::waves`]. Also returns, for each beat, by how many samples its fiducial point lies from where it fits the median best.
pub fn medians(
    samples: &Array2<f32>,
    rate: Hz,
    fiducials: &[usize],
    membership: &[usize],
    groups: usize,
) -> (Vec<MedianBeat>, Vec<isize>) {
    let mut shifts = vec![0; fiducials.len()];
    let (before, after) = window(rate, fiducials);
    let medians = (0..groups)
        .map(|g| {
            let members: Vec<usize> = (0..fiducials.len()).filter(|&b| membership.get(b) == Some(&g)).collect();
            median_of(samples, rate, fiducials, &members, (before, after), &mut shifts)
        })
        .collect();
    (medians, shifts)
}

/// How many samples before and after the fiducial point the median beats span.
fn window(rate: Hz, fiducials: &[usize]) -> (usize, usize) {
    let mut rr: Vec<usize> = fiducials.windows(2).map(|w| w[1].saturating_sub(w[0])).collect();
    let middle = rr.len() / 2;
    let typical = if rr.is_empty() { f64::INFINITY } else { *rr.select_nth_unstable(middle).1 as f64 };
    let limit = |longest: Ms, part: f64| (rate.samples(longest) as f64).min(part * typical).round() as usize;
    (limit(BEFORE, BEFORE_OF_RR).max(rate.samples(Ms(140.0))), limit(AFTER, AFTER_OF_RR).max(rate.samples(Ms(240.0))))
}

fn median_of(
    samples: &Array2<f32>,
    rate: Hz,
    fiducials: &[usize],
    members: &[usize],
    (before, after): (usize, usize),
    shifts: &mut [isize],
) -> MedianBeat {
    let slack = rate.samples(SHIFT);
    let inside = |&&b: &&usize| {
        let f = fiducials[b];
        f >= before + slack && f + after + slack < samples.ncols()
    };
    let whole: Vec<usize> = members.iter().filter(inside).copied().collect();
    if whole.is_empty() {
        return MedianBeat::default();
    }
    let step = whole.len().div_ceil(MOST_BEATS);
    let used: Vec<usize> = whole.into_iter().step_by(step).collect();
    let at = |b: usize, shifts: &[isize]| fiducials[b].saturating_add_signed(shifts[b]);

    // First by the fiducial points alone, then every beat where it fits that median best.
    let core = rate.samples(CORE).min(before).min(after);
    let mut stack = Stack::default();
    let places: Vec<usize> = used.iter().map(|&b| at(b, shifts)).collect();
    let template = stack.median(samples, rate, &places, (core, core));
    let level = |row: ndarray::ArrayView1<f32>| row.iter().sum::<f32>() / row.len().max(1) as f32;
    let levels: Vec<f32> = template.outer_iter().map(level).collect();
    for &b in members {
        shifts[b] = best_shift(samples, rate, (&template, &levels), fiducials[b], core);
    }
    let places: Vec<usize> = used.iter().map(|&b| at(b, shifts)).collect();
    let beat = stack.median(samples, rate, &places, (before, after));
    MedianBeat { samples: beat, fiducial: before, beats: used.len(), ..MedianBeat::default() }
}

/// The shift within ±[`SHIFT`] at which the beat at `fiducial` differs least from `template`, in squares over all leads; `levels`
/// are the template's means, NaN where a sample is missing.
fn best_shift(
    samples: &Array2<f32>,
    rate: Hz,
    (template, levels): (&Array2<f32>, &[f32]),
    fiducial: usize,
    core: usize,
) -> isize {
    let slack = rate.samples(SHIFT);
    if fiducial < core + slack || fiducial + core + slack >= samples.ncols() {
        return 0;
    }
    // Every 4 ms is enough to compare by; the shift itself is to the sample.
    let stride = rate.samples(Ms(4.0)).max(1);
    let start = fiducial - core - slack;
    let length = 2 * core;
    let mut cost = vec![0.0_f32; 2 * slack + 1];
    let mut part = vec![0.0_f32; cost.len()];
    for ((row, model), level) in samples.outer_iter().zip(template.outer_iter()).zip(levels) {
        let (Some(row), Some(model)) = (row.to_slice(), model.to_slice()) else { continue };
        let Some(x) = row.get(start..start + length + 2 * slack + 1) else { continue };
        if dsp::has_nan(x) || level.is_nan() {
            continue;
        }
        let mean = x.iter().sum::<f32>() / x.len() as f32;
        part.fill(0.0);
        for k in (0..length.min(model.len())).step_by(stride) {
            let target = model[k] - level + mean;
            for (c, v) in part.iter_mut().zip(&x[k..]) {
                *c += (v - target) * (v - target);
            }
        }
        for (c, p) in cost.iter_mut().zip(&part) {
            *c += p;
        }
    }
    let best = cost.iter().enumerate().fold(slack, |best, (i, c)| if *c < cost[best] { i } else { best });
    best as isize - slack as isize
}

/// The beats of one lead, one under the other; kept between leads and groups to save the allocations.
#[derive(Default)]
struct Stack {
    rows: Vec<f32>,
    pairs: Vec<(usize, usize)>,
    pairs_of: usize,
}

impl Stack {
    /// The median over `places` of every lead, from `before` samples before to `after` samples after each place.
    fn median(
        &mut self,
        samples: &Array2<f32>,
        rate: Hz,
        places: &[usize],
        (before, after): (usize, usize),
    ) -> Array2<f32> {
        let length = before + after;
        let mut median = Array2::from_elem((samples.nrows(), length), f32::NAN);
        for (row, mut out) in samples.outer_iter().zip(median.outer_iter_mut()) {
            let (Some(row), Some(out)) = (row.to_slice(), out.as_slice_mut()) else { continue };
            self.rows.clear();
            for &place in places {
                let Some(x) = place.checked_sub(before).and_then(|from| row.get(from..from + length)) else { continue };
                let level = level(row, rate, place);
                if level.is_nan() || dsp::has_nan(x) {
                    continue;
                }
                self.rows.extend(x.iter().map(|v| v - level));
            }
            let n = self.rows.len() / length.max(1);
            if n > 0 {
                self.sort(n, length);
                let (low, high) = (&self.rows[(n - 1) / 2 * length..], &self.rows[n / 2 * length..]);
                for ((o, a), b) in out.iter_mut().zip(low).zip(high) {
                    *o = 0.5 * (a + b);
                }
            }
        }
        median
    }

    /// Sorts every column of the `n` rows of `length` as far as its middle needs it.
    fn sort(&mut self, n: usize, length: usize) {
        if self.pairs_of != n {
            self.pairs = for_middle(merge_exchange(n), n);
            self.pairs_of = n;
        }
        for &(i, j) in &self.pairs {
            let (head, tail) = self.rows.split_at_mut(j * length);
            for (a, b) in head[i * length..(i + 1) * length].iter_mut().zip(&mut tail[..length]) {
                // One instruction each, unlike `min` and `max`, which ask for NaN.
                (*a, *b) = (if *b < *a { *b } else { *a }, if *b < *a { *a } else { *b });
            }
        }
    }
}

/// The mean before QRS of the beat at `place`; NaN where the recording does not reach or a sample is missing.
fn level(row: &[f32], rate: Hz, place: usize) -> f32 {
    let from = place.saturating_sub(rate.samples(LEVEL_FROM));
    let to = place.saturating_sub(rate.samples(LEVEL_TO)).max(from + 1);
    row.get(from..to).map_or(f32::NAN, |x| x.iter().sum::<f32>() / x.len() as f32)
}

/// The compare-exchange pairs (lower, higher) of Batcher's merge exchange sort for any `n`, in order.
fn merge_exchange(n: usize) -> Vec<(usize, usize)> {
    let mut pairs = Vec::new();
    if n < 2 {
        return pairs;
    }
    let top = n.next_power_of_two() / 2;
    let mut p = top;
    while p > 0 {
        let (mut q, mut r, mut d) = (top, 0, p);
        loop {
            pairs.extend((0..n.saturating_sub(d)).filter(|i| i & p == r).map(|i| (i, i + d)));
            if q == p {
                break;
            }
            d = q - p;
            q /= 2;
            r = p;
        }
        p /= 2;
    }
    pairs
}

/// Those of the `pairs` that sort `n` values which the one or two in the middle rest on.
fn for_middle(pairs: Vec<(usize, usize)>, n: usize) -> Vec<(usize, usize)> {
    let mut needed = vec![false; n];
    for middle in [n.saturating_sub(1) / 2, n / 2] {
        needed[middle] = true;
    }
    let mut kept: Vec<(usize, usize)> = Vec::with_capacity(pairs.len());
    for (i, j) in pairs.into_iter().rev() {
        if needed[i] || needed[j] {
            (needed[i], needed[j]) = (true, true);
            kept.push((i, j));
        }
    }
    kept.reverse();
    kept
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_middle_rests_on_is_kept() {
        for n in 1..40_usize {
            let mut x: Vec<usize> = (0..n).map(|i| (i * 7919 + 13) % 101).collect();
            let mut sorted = x.clone();
            sorted.sort_unstable();
            for (i, j) in for_middle(merge_exchange(n), n) {
                if x[i] > x[j] {
                    x.swap(i, j);
                }
            }
            assert_eq!((x[(n - 1) / 2], x[n / 2]), (sorted[(n - 1) / 2], sorted[n / 2]), "{n}");
        }
    }

    #[test]
    fn network_sorts() {
        for n in 1..40_usize {
            let mut x: Vec<usize> = (0..n).map(|i| (i * 7919 + 13) % 101).collect();
            for (i, j) in merge_exchange(n) {
                if x[i] > x[j] {
                    x.swap(i, j);
                }
            }
            assert!(x.is_sorted(), "{n}: {x:?}");
        }
    }

    /// Triangular "QRS" of 40 ms at each place.
    fn strip(places: &[usize], length: usize) -> Array2<f32> {
        let mut x = Array2::zeros((2, length));
        for &p in places {
            for k in 0..20 {
                let v = 1.0 - k as f32 / 20.0;
                for at in [p - k, p + k] {
                    x[[0, at]] = v;
                    x[[1, at]] = -0.5 * v;
                }
            }
        }
        x
    }

    #[test]
    fn misplaced_fiducials_are_laid_over_one_another() {
        let places: Vec<usize> = (1..9).map(|k| k * 500).collect();
        let x = strip(&places, 5000);
        let off: Vec<usize> = places.iter().enumerate().map(|(i, p)| if i == 3 { p + 7 } else { *p }).collect();
        let (medians, shifts) = medians(&x, Hz(500.0), &off, &[0; 8], 1);
        assert_eq!(shifts[3], -7);
        let m = &medians[0];
        assert_eq!(m.beats, 8);
        assert!((m.samples[[0, m.fiducial]] - 1.0).abs() < 1e-6);
        assert!((m.samples[[1, m.fiducial]] + 0.5).abs() < 1e-6);
    }

    #[test]
    fn a_missing_sample_costs_one_beat_of_one_lead() {
        let places: Vec<usize> = (1..9).map(|k| k * 500).collect();
        let mut x = strip(&places, 5000);
        x[[0, 1003]] = f32::NAN;
        x.row_mut(1).fill(f32::NAN);
        let (medians, _) = medians(&x, Hz(500.0), &places, &[0; 8], 1);
        let m = &medians[0];
        assert!(m.samples.row(0).iter().all(|v| v.is_finite()));
        assert!(m.samples.row(1).iter().all(|v| v.is_nan()));
    }
}
