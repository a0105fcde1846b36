//! Pairs our bounds with the experts', point by point: one to one, the nearest within 150 ms (as the literature on LUDB and
//! EC57's window do), outside of the first and last mark nothing counts.

use super::truth::LeadTruth;
use crate::detect::{LeadWaves, Wave};
use crate::signal::{Hz, Ms};

/// The match window.
const MATCH: Ms = Ms(150.0);

/// One kind of point (P onset, …).
#[derive(Clone, Debug, Default)]
pub struct Tally {
    /// Points of the experts that were found.
    pub found: usize,
    /// Points of the experts that were not.
    pub missed: usize,
    /// Points of ours that the experts do not have.
    pub extra: usize,
    /// Ours minus theirs, ms, of those found.
    pub errors: Vec<f64>,
}

impl Tally {
    /// Adds another's counts.
    pub fn add(&mut self, other: &Self) {
        self.found += other.found;
        self.missed += other.missed;
        self.extra += other.extra;
        self.errors.extend_from_slice(&other.errors);
    }

    /// Sensitivity, %.
    pub fn sensitivity(&self) -> f64 {
        percent(self.found, self.found + self.missed)
    }

    /// Positive predictivity, %.
    pub fn predictivity(&self) -> f64 {
        percent(self.found, self.found + self.extra)
    }

    /// Harmonic mean of both, %.
    pub fn f1(&self) -> f64 {
        percent(2 * self.found, 2 * self.found + self.missed + self.extra)
    }

    /// Mean and standard deviation of the errors, ms.
    pub fn mean_sd(&self) -> (f64, f64) {
        mean_sd(&self.errors)
    }
}

/// Mean and standard deviation; NaN of nothing.
pub fn mean_sd(x: &[f64]) -> (f64, f64) {
    let n = x.len() as f64;
    let mean = x.iter().sum::<f64>() / n;
    (mean, (x.iter().map(|v| (v - mean).powi(2)).sum::<f64>() / n).sqrt())
}

fn percent(part: usize, whole: usize) -> f64 {
    if whole == 0 { f64::NAN } else { 100.0 * part as f64 / whole as f64 }
}

/// Points by wave (P, QRS, T) and place (onset, peak, end).
pub type Points = [[Tally; 3]; 3];

/// Scores one lead.
pub fn lead(truth: &LeadTruth, ours: &[LeadWaves], rate: Hz) -> Points {
    let mut points = Points::default();
    let Some(span) = truth.span else { return points };
    let picks: [fn(&LeadWaves) -> Option<Wave>; 3] = [|l| l.p, |l| l.qrs, |l| l.t];
    let places: [fn(Wave) -> usize; 3] = [|w| w.onset, |w| w.peak, |w| w.offset];
    for (wave, pick) in picks.iter().enumerate() {
        for (place, at) in places.iter().enumerate() {
            let theirs: Vec<usize> = truth.waves[wave].iter().filter_map(|m| m.points[place]).collect();
            // A wave whose peak is marked but not this bound (QRS merging into its neighbour) is no extra of ours.
            let unmarked: Vec<usize> =
                truth.waves[wave].iter().filter(|m| m.points[place].is_none()).filter_map(|m| m.points[1]).collect();
            let judged = |o: &usize| unmarked.iter().all(|u| o.abs_diff(*u) > rate.samples(MATCH));
            let found: Vec<usize> = ours.iter().filter_map(pick).map(at).filter(judged).collect();
            points[wave][place] = pair(&theirs, &found, span, rate);
        }
    }
    points
}

fn pair(theirs: &[usize], ours: &[usize], span: (usize, usize), rate: Hz) -> Tally {
    let window = rate.samples(MATCH);
    let mut taken = vec![false; ours.len()];
    let mut tally = Tally::default();
    for &t in theirs {
        let free = (0..ours.len()).filter(|&i| !taken[i] && ours[i].abs_diff(t) <= window);
        match free.min_by_key(|&i| ours[i].abs_diff(t)) {
            Some(i) => {
                taken[i] = true;
                tally.found += 1;
                tally.errors.push(rate.ms(ours[i] as f64 - t as f64).0);
            }
            None => tally.missed += 1,
        }
    }
    tally.extra = ours.iter().zip(&taken).filter(|(o, taken)| !**taken && **o >= span.0 && **o <= span.1).count();
    tally
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pairs_one_to_one_within_the_window() {
        let t = pair(&[100, 500, 900], &[110, 120, 480, 990, 1500], (90, 950), Hz(500.0));
        assert_eq!((t.found, t.missed, t.extra), (2, 1, 1));
        assert_eq!(t.errors, [20.0, -40.0]);
    }
}
