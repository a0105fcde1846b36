//! First bounds of the QRS from all leads together, within some 20 ms; [`super::refine`] makes them exact lead by lead.
//!
//! By the root mean square of the slope over leads, so that neither a lead's polarity nor one lead's silence matters (as the
//! CSE programs' detection functions are).

use super::grid::{Grid, points};
use crate::signal::Ms;

/// Onset and end as grid positions.
pub type Bounds = [f32; 2];

/// The QRS ends where the slope stays under this part of its peak …
const QRS_SLOPE: f32 = 0.08;
/// … and, this far from the fiducial point and farther, under a part that doubles with every further such distance: so far
/// out a slope is rather that of P or ST.
const QRS_NEAR: Ms = Ms(48.0);
/// … for so long.
const QRS_QUIET: Ms = Ms(20.0);
/// No QRS is wider to either side of its fiducial point.
const QRS_REACH: Ms = Ms(140.0);
/// What all beats are measured with.
pub struct Finder {
    /// Which leads count.
    leads: Vec<usize>,
    slope: Vec<f32>,
}

impl Finder {
    /// `weights`: 0 … 1, one a lead; leads under 0.5 are left out unless all are.
    pub fn new(grid: &Grid, weights: &[f64]) -> Self {
        let alive = |&l: &usize| grid.alive[l];
        let good = |l: &usize| weights.get(*l).is_none_or(|w| *w >= 0.5);
        let mut leads: Vec<usize> = (0..grid.alive.len()).filter(alive).filter(good).collect();
        if leads.is_empty() {
            leads = (0..grid.alive.len()).filter(alive).collect();
        }
        let mut slope = vec![0.0; grid.len()];
        for &l in &leads {
            let x = grid.row(l);
            for (s, w) in slope.iter_mut().skip(1).zip(x.windows(3)) {
                let d = w[2] - w[0];
                *s += d * d;
            }
        }
        let scale = 1.0 / leads.len().max(1) as f32;
        for s in &mut slope {
            *s = (*s * scale).sqrt();
        }
        Self { leads, slope }
    }

    /// The leads that count.
    pub fn leads(&self) -> &[usize] {
        &self.leads
    }

    /// First bounds of the QRS at `fiducial` (a grid point).
    pub fn qrs(&self, fiducial: usize) -> Bounds {
        let n = self.slope.len();
        let reach = points(QRS_REACH);
        let (from, to) = (fiducial.saturating_sub(reach), (fiducial + reach + 1).min(n));
        if from >= to {
            return [fiducial as f32; 2];
        }
        let near = fiducial.saturating_sub(points(Ms(60.0)))..(fiducial + points(Ms(60.0)) + 1).min(n);
        let top = self.slope[near].iter().copied().fold(0.0, f32::max);
        let threshold = (QRS_SLOPE * top).max(2.0 * self.quiet(fiducial));
        let (quiet, near_by) = (points(QRS_QUIET), points(QRS_NEAR) as f32);
        let end = |walk: &mut dyn Iterator<Item = usize>| {
            let (mut last, mut still) = (fiducial, 0);
            for i in walk {
                let out = (i.abs_diff(fiducial) as f32 / near_by).max(1.0);
                still = if self.slope[i] > threshold * out { 0 } else { still + 1 };
                if still == 0 {
                    last = i;
                } else if still > quiet && last != fiducial || still > 3 * quiet {
                    break;
                }
            }
            last as f32
        };
        [end(&mut (from..=fiducial.min(n - 1)).rev()), end(&mut (fiducial..to))]
    }

    /// The slope that a quiet part near the beat has: its lower fifth over a second.
    fn quiet(&self, fiducial: usize) -> f32 {
        let half = points(Ms(500.0));
        let range = fiducial.saturating_sub(half)..(fiducial + half).min(self.slope.len());
        let mut near: Vec<f32> = self.slope[range].iter().copied().step_by(3).collect();
        if near.is_empty() {
            return 0.0;
        }
        let k = near.len() / 5;
        *near.select_nth_unstable_by(k, f32::total_cmp).1
    }
}
