//! First bounds of P, QRS and T from all leads together, within some 40 ms; [`super::refine`] makes them exact lead by lead.
//!
//! Everything is a root mean square over leads, so that neither a lead's polarity nor one lead's silence matters:
//! QRS by the slope (as Martínez 2004 and the CSE programs do on their detection functions), T by the deflection from the
//! level at QRS onset, P by its convexity, which a sloping T end or baseline does not have.

use super::grid::{Grid, points};
use crate::signal::Ms;
use std::ops::Range;

/// Onset, peak and end as grid positions.
pub type Bounds = [f32; 3];

/// One beat's first bounds.
#[derive(Clone, Copy, Debug, Default)]
pub struct Coarse {
    /// QRS.
    pub qrs: Bounds,
    /// T; `None` where no deflection rises above its surroundings.
    pub t: Option<Bounds>,
    /// Where a P wave would be, and by how much it stands out.
    pub p: Option<(Bounds, f32)>,
}

/// The QRS ends where the slope stays under this part of its peak …
const QRS_SLOPE: f32 = 0.08;
/// … for so long.
const QRS_QUIET: Ms = Ms(20.0);
/// No QRS is wider to either side of its fiducial point.
const QRS_REACH: Ms = Ms(140.0);
/// T is looked for until `QT_BASE + QT_OF_RR`·RR after the fiducial point, at most `QT_MOST`.
const QT_BASE: Ms = Ms(190.0);
const QT_OF_RR: f32 = 0.45;
const QT_MOST: Ms = Ms(640.0);
/// P is looked for from so long before QRS onset …
const PR_MOST: Ms = Ms(360.0);
/// … where it stands out from its surroundings at this distance (half of a P wave and some).
const P_HALF: Ms = Ms(64.0);

/// What all beats are measured with.
pub struct Finder<'a> {
    grid: &'a Grid,
    /// Which leads count.
    leads: Vec<usize>,
    slope: Vec<f32>,
}

impl<'a> Finder<'a> {
    /// `weights`: 0 … 1, one a lead; leads under 0.5 are left out unless all are.
    pub fn new(grid: &'a Grid, weights: &[f64]) -> Self {
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
        Self { grid, leads, slope }
    }

    /// First bounds of the beats at `fiducials` (grid points, ascending).
    pub fn beats(&self, fiducials: &[usize]) -> Vec<Coarse> {
        let mut beats: Vec<Coarse> =
            fiducials.iter().map(|&f| Coarse { qrs: self.qrs(f), ..Coarse::default() }).collect();
        for b in 0..beats.len() {
            let next = beats.get(b + 1).map_or(self.grid.len() as f32, |n| n.qrs[0]);
            beats[b].t = self.t(beats[b].qrs, next);
        }
        let mut pr = Vec::new();
        for pass in 0..2 {
            let usual = if pass == 0 { None } else { median(&mut pr) };
            for b in 0..beats.len() {
                let before = b.checked_sub(1).map_or(0.0, |a| {
                    let a = &beats[a];
                    a.t.map_or(a.qrs[2], |t| t[2])
                });
                beats[b].p = self.p(before, beats[b].qrs[0], usual);
                pr.extend(beats[b].p.map(|p| beats[b].qrs[0] - p.0[1]));
            }
        }
        beats
    }

    fn qrs(&self, fiducial: usize) -> Bounds {
        let n = self.slope.len();
        let reach = points(QRS_REACH);
        let (from, to) = (fiducial.saturating_sub(reach), (fiducial + reach + 1).min(n));
        if from >= to {
            return [fiducial as f32; 3];
        }
        let near = fiducial.saturating_sub(points(Ms(60.0)))..(fiducial + points(Ms(60.0)) + 1).min(n);
        let top = self.slope[near].iter().copied().fold(0.0, f32::max);
        let threshold = (QRS_SLOPE * top).max(2.0 * self.quiet(fiducial));
        let quiet = points(QRS_QUIET);
        let end = |walk: &mut dyn Iterator<Item = usize>| {
            let (mut last, mut still) = (fiducial, 0);
            for i in walk {
                still = if self.slope[i] > threshold { 0 } else { still + 1 };
                if still == 0 {
                    last = i;
                } else if still > quiet && last != fiducial || still > 3 * quiet {
                    break;
                }
            }
            last as f32
        };
        [end(&mut (from..=fiducial.min(n - 1)).rev()), fiducial as f32, end(&mut (fiducial..to))]
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

    /// Root mean square over leads of the deflection from each lead's straight line through `from` and `to`.
    fn deflection(&self, range: Range<usize>, from: usize, to: usize) -> Vec<f32> {
        let mut sum = vec![0.0; range.len()];
        for &l in &self.leads {
            let x = self.grid.row(l);
            let (Some(a), Some(b), Some(part)) = (x.get(from), x.get(to), x.get(range.clone())) else { continue };
            let slope = if to > from { (b - a) / (to - from) as f32 } else { 0.0 };
            let mut base = a + slope * (range.start as f32 - from as f32);
            for (s, v) in sum.iter_mut().zip(part) {
                let d = v - base;
                *s += d * d;
                base += slope;
            }
        }
        let scale = 1.0 / self.leads.len().max(1) as f32;
        sum.iter().map(|s| (s * scale).sqrt()).collect()
    }

    fn t(&self, qrs: Bounds, next: f32) -> Option<Bounds> {
        let rr = next - qrs[0];
        let step = super::grid::STEP as f32;
        let reach = (QT_BASE.0 as f32 / step + QT_OF_RR * rr).min(QT_MOST.0 as f32 / step);
        let from = qrs[2] as usize + points(Ms(40.0));
        let to = ((qrs[1] + reach) as usize).min((next - 6.0).max(0.0) as usize).min(self.grid.len().saturating_sub(1));
        if to < from + points(Ms(80.0)) {
            return None;
        }
        let d = self.deflection(from..to, qrs[0] as usize, qrs[0] as usize);
        let d = smooth(&d, 3);
        // The highest local maximum over the straight line between its surroundings; ST shifts alone have none.
        let mut best = None;
        for i in 1..d.len() - 1 {
            if d[i] < d[i - 1] || d[i] < d[i + 1] {
                continue;
            }
            let low = |part: &[f32]| part.iter().copied().fold(f32::INFINITY, f32::min);
            let rise = d[i] - low(&d[..i]).max(low(&d[i..]));
            let score = rise + 0.2 * d[i];
            if best.is_none_or(|(_, s)| score > s) {
                best = Some((i, score));
            }
        }
        let peak = best.map_or_else(|| argmax(&d), |b| b.0);
        let tail = &d[peak..];
        let floor_at = peak + argmin(&tail[..tail.len().min(points(Ms(220.0)))]);
        let off = tangent(&d, peak, floor_at);
        let head_at = peak - argmin_rev(&d[peak.saturating_sub(points(Ms(200.0)))..=peak]);
        let on = tangent(&d, peak, head_at);
        Some([from as f32 + on, (from + peak) as f32, from as f32 + off])
    }

    fn p(&self, before: f32, onset: f32, usual: Option<f32>) -> Option<(Bounds, f32)> {
        let to = onset as usize;
        let from = (before as usize + 2).max(to.saturating_sub(points(PR_MOST)));
        if to < from + points(Ms(60.0)) || to >= self.grid.len() {
            return None;
        }
        let half = points(P_HALF);
        let mut sum = vec![0.0_f32; to - from];
        for &l in &self.leads {
            let x = self.grid.row(l);
            for (s, i) in sum.iter_mut().zip(from..to) {
                let left = x[i.saturating_sub(half)];
                let right = x[(i + half).min(to)];
                let d = x[i] - 0.5 * (left + right);
                *s += d * d;
            }
        }
        let scale = 1.0 / self.leads.len().max(1) as f32;
        let mut bump: Vec<f32> = sum.iter().map(|s| (s * scale).sqrt()).collect();
        bump = smooth(&bump, 2);
        let favour = |i: usize| {
            let pr = onset - (from + i) as f32;
            usual.map_or(1.0, |u| (-((pr - u) / 12.0).powi(2)).exp().max(0.3))
        };
        let mut best: Option<(usize, f32)> = None;
        for i in 1..bump.len() - 2 {
            let score = bump[i] * favour(i);
            if bump[i] >= bump[i - 1] && bump[i] >= bump[i + 1] && best.is_none_or(|b| score > b.1) {
                best = Some((i, score));
            }
        }
        let (i, _) = best?;
        let at = (from + i) as f32;
        let half = 13.0_f32;
        Some(([at - half, at, (at + half).min(onset - 1.0)], bump[i]))
    }
}

/// Where the steepest tangent between `peak` and `foot` meets the level at `foot`.
fn tangent(d: &[f32], peak: usize, foot: usize) -> f32 {
    let (a, b) = (peak.min(foot), peak.max(foot));
    let mut steep = (0.0_f32, foot as f32);
    for i in a..b {
        let slope = d[i + 1] - d[i];
        if slope.abs() > steep.0.abs() && (slope < 0.0) == (foot > peak) {
            steep = (slope, i as f32 + 0.5);
        }
    }
    if steep.0 == 0.0 {
        return foot as f32;
    }
    let middle = 0.5 * (d[steep.1 as usize] + d[steep.1 as usize + 1]);
    (steep.1 + (d[foot] - middle) / steep.0).clamp(a as f32, b as f32)
}

/// Running mean over ±`half` points.
fn smooth(x: &[f32], half: usize) -> Vec<f32> {
    let mean = |i: usize| {
        let part = &x[i.saturating_sub(half)..(i + half + 1).min(x.len())];
        part.iter().sum::<f32>() / part.len() as f32
    };
    (0..x.len()).map(mean).collect()
}

fn argmax(x: &[f32]) -> usize {
    x.iter().enumerate().fold(0, |b, (i, v)| if *v > x[b] { i } else { b })
}

fn argmin(x: &[f32]) -> usize {
    x.iter().enumerate().fold(0, |b, (i, v)| if *v < x[b] { i } else { b })
}

/// Distance from the end of `x` of its smallest value.
fn argmin_rev(x: &[f32]) -> usize {
    x.len() - 1 - argmin(x)
}

fn median(x: &mut [f32]) -> Option<f32> {
    let k = x.len() / 2;
    (!x.is_empty()).then(|| *x.select_nth_unstable_by(k, f32::total_cmp).1)
}
