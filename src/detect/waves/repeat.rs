//! What comes again at the same distance before every QRS: the mean of the dominant group's beats, laid over one another by
//! the QRS, and what is left of each beat beside it.
//!
//! This is how a reader finds a P wave on the flank of T and knows fibrillation from it: a wave that belongs to the QRS stays in
//! the mean, whatever it looks like in one beat, and fibrillatory waves, which do not keep the QRS's time, cancel out of it
//! (averaging as in signal-averaged P-wave analysis; Fukunami et al., Circulation 83:162, 1991). Unlike the correlation of
//! candidates with each other it is not deceived by their having been chosen for their looks.

use super::grid::{Grid, points};
use super::locate::{self, Around};
use super::model::Model;
use super::refine::View;
use crate::signal::{LeadName, Ms};

/// What the mean beat spans before and after the fiducial point.
const BEFORE: Ms = Ms(640.0);
const AFTER: Ms = Ms(240.0);
/// Half of the stretch about a P that is compared.
const HALF: Ms = Ms(48.0);
/// Least beats that make a mean; of more than so many this many are taken.
const LEAST: usize = 3;
const MOST: usize = 40;

/// What repeats before the QRS of the dominant group.
#[derive(Clone, Copy, Debug)]
pub struct Repeat {
    /// The middle of what looks most like P in the mean beat, grid points from the fiducial point (negative) …
    pub place: f32,
    /// … and from QRS onset.
    pub distance: f32,
    /// How much it looks like P, about 0 … 1.
    pub score: f32,
    /// Part of the energy there that is the same in every beat, 0 … 1, over all leads …
    pub same: f32,
    /// … and in the third of the leads in which it is the largest part.
    pub clearest: f32,
    /// Height of the repeating part against that of the QRS, square root.
    pub height: f32,
}

/// The mean of the dominant group's beats.
pub struct Mean {
    /// As a recording of its own.
    pub grid: Grid,
    /// The beat in it, with the usual distances to its neighbours.
    pub around: Around,
    /// Fiducial points of the beats that went in, in the recording's grid.
    pub used: Vec<usize>,
}

impl Mean {
    /// `None` where too few beats have room before them.
    pub fn of(grid: &Grid, arounds: &[Around], membership: &[usize]) -> Option<Self> {
        let (before, after) = (points(BEFORE), points(AFTER));
        let at = |a: &Around| a.at.round() as usize;
        let inside = |a: &&Around| at(a) >= before && at(a) + after < grid.len();
        let group = arounds.iter().zip(membership).filter(|(_, m)| **m == 0).map(|(a, _)| a);
        let all: Vec<&Around> = group.filter(inside).collect();
        if all.len() < LEAST {
            return None;
        }
        let step = all.len().div_ceil(MOST);
        let taken: Vec<&Around> = all.into_iter().step_by(step).collect();
        let used: Vec<usize> = taken.iter().map(|a| at(a)).collect();
        let mut sum = ndarray::Array2::<f32>::zeros((grid.alive.len(), before + after));
        for (l, mut row) in sum.outer_iter_mut().enumerate() {
            for at in &used {
                for (s, v) in row.iter_mut().zip(&grid.row(l)[at - before..]) {
                    *s += v;
                }
            }
        }
        sum /= used.len() as f32;
        let middle = |pick: fn(&Around) -> f32| {
            let mut values: Vec<f32> = taken.iter().map(|a| pick(a)).collect();
            let k = values.len() / 2;
            *values.select_nth_unstable_by(k, f32::total_cmp).1
        };
        let fiducial = before as f32;
        let around = Around {
            at: fiducial,
            qrs: [fiducial + middle(|a| a.qrs[0] - a.at.round()), fiducial + middle(|a| a.qrs[1] - a.at.round())],
            before: (fiducial + middle(|a| a.before - a.at.round())).max(0.0),
            after: (before + after) as f32,
            rr: middle(|a| a.rr),
        };
        Some(Self { grid: grid.like(sum), around, used })
    }
}

/// Looks for it. `None` where there is no mean beat.
pub fn p_wave(
    model: &Model,
    (grid, names): (&Grid, &[LeadName]),
    leads: &[usize],
    arounds: &[Around],
    membership: &[usize],
) -> Option<Repeat> {
    let mean = Mean::of(grid, arounds, membership)?;
    let around = mean.around;
    let view = View::new(&mean.grid, leads, names);
    let (place, score) = (*locate::all(model, &view, 0, &[around], None).first()?)?;
    let parts = parts(grid, &mean, leads, place);
    let qrs = (around.qrs[0].max(0.0) as usize)..(around.qrs[1] as usize + 1).min(mean.grid.len());
    let tall: f32 = leads.iter().filter_map(|&l| mean.grid.row(l).get(qrs.clone())).map(energy_about_first).sum();
    let (kept, left) = parts.iter().fold((0.0, 0.0), |s, p| (s.0 + p.0, s.1 + p.1));
    let part = |(kept, left): (f32, f32)| if kept + left > 0.0 { kept / (kept + left) } else { 0.0 };
    let mut by_lead: Vec<f32> = parts.iter().copied().map(part).collect();
    by_lead.sort_by(|a, b| b.total_cmp(a));
    by_lead.truncate(leads.len().div_ceil(3));
    Some(Repeat {
        place: place - around.at,
        distance: place - around.qrs[0],
        score,
        same: part((kept, left)),
        clearest: by_lead.iter().sum::<f32>() / by_lead.len().max(1) as f32,
        height: if tall > 0.0 { (kept / tall).sqrt().sqrt().min(1.0) } else { 0.0 },
    })
}

/// By lead: energy that repeats about `place` (of the mean beat), less what chance leaves in a mean, and energy that does not.
fn parts(grid: &Grid, mean: &Mean, leads: &[usize], place: f32) -> Vec<(f32, f32)> {
    let half = points(HALF);
    let n = mean.used.len() as f32;
    let last = mean.grid.len().saturating_sub(half + 1).max(half);
    let middle = (place.round().max(0.0) as usize).clamp(half, last);
    let each = |&l: &usize| {
        let model = level(mean.grid.row(l), middle - half, 2 * half);
        let whole: f32 = model.iter().map(|v| v * v).sum();
        let mut left = 0.0;
        for at in &mean.used {
            let own = level(grid.row(l), at + middle - half - points(BEFORE), 2 * half);
            left += own.iter().zip(&model).map(|(o, m)| (o - m) * (o - m)).sum::<f32>();
        }
        let left = left / (n - 1.0);
        ((whole - left / n).max(0.0), left)
    };
    leads.iter().map(each).collect()
}

/// The stretch of `count` points from `from` on, smoothed over three, without its straight line.
fn level(x: &[f32], from: usize, count: usize) -> Vec<f32> {
    let Some(x) = x.get(from..from + count + 1) else { return vec![0.0; count / 2] };
    let mut smooth: Vec<f32> = x.windows(3).step_by(2).map(|w| (w[0] + w[1] + w[2]) / 3.0).collect();
    let (a, b) = (smooth[0], smooth[smooth.len() - 1]);
    let step = (b - a) / (smooth.len() - 1).max(1) as f32;
    for (i, v) in smooth.iter_mut().enumerate() {
        *v = *v - a - step * i as f32;
    }
    smooth
}

fn energy_about_first(x: &[f32]) -> f32 {
    x.iter().map(|v| (v - x[0]) * (v - x[0])).sum()
}
