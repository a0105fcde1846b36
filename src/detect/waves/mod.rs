//! Bounds of P, QRS and T: per lead, over all leads, on single beats and on the median beats.
//!
//! All leads together say where a wave is ([`coarse`]) and whether there is a P wave ([`presence`]); each lead then says where
//! in it the wave begins and ends. Global bounds are the earliest onset and the latest end over leads (CSE 1985;
//! IEC 60601-2-25, 201.12.1.101.3).

mod coarse;
mod grid;
mod presence;

use super::{LeadWaves, MedianBeat, Wave};
use crate::signal::Hz;
use coarse::{Bounds, Coarse, Finder};
use grid::Grid;
use ndarray::Array2;

/// What was found, beat by beat.
#[derive(Clone, Debug, Default)]
pub struct Delineation {
    /// Global bounds, one a beat.
    pub beats: Vec<LeadWaves>,
    /// Bounds per lead and beat.
    pub lead_waves: Vec<Vec<LeadWaves>>,
    /// Every P wave found, in order of time.
    pub p_waves: Vec<Wave>,
}

/// Finds the bounds of the beats at `fiducials` (sample indexes, ascending) and of `medians` (filled in).
///
/// `samples`: leads × samples, mV, without baseline wander, NaN = missing; `membership`: each beat's index in `medians`;
/// `weights`: quality 0 … 1, one a lead.
pub fn delineate(
    samples: &Array2<f32>,
    rate: Hz,
    fiducials: &[usize],
    membership: &[usize],
    medians: &mut [MedianBeat],
    weights: &[f64],
) -> Delineation {
    let grid = Grid::new(samples, rate);
    let finder = Finder::new(&grid, weights);
    let points: Vec<usize> =
        fiducials.iter().map(|&f| (grid.position(f) as usize).min(grid.len().saturating_sub(1))).collect();
    let mut coarse = finder.beats(&points);
    let present = presence::p_waves(&grid, &coarse, membership);
    for (beat, present) in coarse.iter_mut().zip(&present) {
        if !present {
            beat.p = None;
        }
    }
    let mut found = Delineation {
        beats: Vec::with_capacity(coarse.len()),
        lead_waves: vec![Vec::with_capacity(coarse.len()); samples.nrows()],
        p_waves: Vec::new(),
    };
    for beat in &coarse {
        let leads = in_leads(&grid, beat);
        for (lead, waves) in found.lead_waves.iter_mut().zip(&leads) {
            lead.push(*waves);
        }
        let global = global(&leads);
        found.p_waves.extend(global.p);
        found.beats.push(LeadWaves { qrs: global.qrs.or(Some(wave(&grid, None, beat.qrs))), ..global });
    }
    for (g, median) in medians.iter_mut().enumerate() {
        let members = membership.iter().zip(&present).filter(|(m, _)| **m == g);
        let with_p = members.clone().filter(|(_, p)| **p).count() * 2 >= members.count().max(1);
        delineate_median(median, rate, with_p, weights);
    }
    found
}

/// Bounds of a median beat, whose samples are then laid on their level before QRS.
fn delineate_median(median: &mut MedianBeat, rate: Hz, with_p: bool, weights: &[f64]) {
    if median.beats == 0 {
        return;
    }
    let grid = Grid::new(&median.samples, rate);
    let fiducial = (grid.position(median.fiducial) as usize).min(grid.len().saturating_sub(1));
    let Some(mut beat) = Finder::new(&grid, weights).beats(&[fiducial]).first().copied() else { return };
    if !with_p {
        beat.p = None;
    }
    median.lead_waves = in_leads(&grid, &beat);
    let global = global(&median.lead_waves);
    (median.p, median.qrs, median.t) = (global.p, global.qrs, global.t);
    let Some(onset) = median.qrs.map(|q| q.onset) else { return };
    let before = rate.samples(crate::signal::Ms(16.0)).max(1);
    for mut row in median.samples.outer_iter_mut() {
        let Some(row) = row.as_slice_mut() else { continue };
        let part = &row[onset.saturating_sub(before)..=onset.min(row.len() - 1)];
        let level = part.iter().sum::<f32>() / part.len() as f32;
        for v in row {
            *v -= level;
        }
    }
}

/// The bounds in every lead; a lead with a gap or without signal there has none.
fn in_leads(grid: &Grid, beat: &Coarse) -> Vec<LeadWaves> {
    (0..grid.alive.len())
        .map(|l| {
            let whole = |b: &Bounds| grid.whole(l, b[0].max(0.0) as usize, b[2] as usize + 1);
            let at = |b: Bounds| Some(b).filter(whole).map(|b| wave(grid, Some(l), b));
            LeadWaves { p: beat.p.and_then(|p| at(p.0)), qrs: at(beat.qrs), t: beat.t.and_then(at) }
        })
        .collect()
}

/// A wave in samples; its peak is the largest deflection in this lead from the line between its bounds.
fn wave(grid: &Grid, lead: Option<usize>, b: Bounds) -> Wave {
    let mut peak = b[1];
    if let Some(lead) = lead {
        let (from, to) = (b[0].max(0.0) as usize, (b[2] as usize).min(grid.len().saturating_sub(1)));
        let x = grid.row(lead);
        let line = |i: usize| x[from] + (x[to] - x[from]) * (i - from) as f32 / (to - from).max(1) as f32;
        let best =
            (from..=to).map(|i| (i, (x[i] - line(i)).abs())).fold((from, 0.0), |a, c| if c.1 > a.1 { c } else { a });
        peak = best.0 as f32;
    }
    Wave { onset: grid.sample(b[0]), peak: grid.sample(peak), offset: grid.sample(b[2]) }
}

/// Earliest onset, latest end, and the middle of the peaks over leads.
fn global(leads: &[LeadWaves]) -> LeadWaves {
    let over = |pick: fn(&LeadWaves) -> Option<Wave>| {
        let waves: Vec<Wave> = leads.iter().filter_map(pick).collect();
        let mut peaks: Vec<usize> = waves.iter().map(|w| w.peak).collect();
        let k = peaks.len() / 2;
        let onset = waves.iter().map(|w| w.onset).min()?;
        let offset = waves.iter().map(|w| w.offset).max()?;
        Some(Wave { onset, peak: *peaks.select_nth_unstable(k).1, offset })
    };
    LeadWaves { p: over(|l| l.p), qrs: over(|l| l.qrs), t: over(|l| l.t) }
}
