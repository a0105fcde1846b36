//! Bounds of P, QRS and T: per lead, over all leads, on single beats and on the median beats.
//!
//! All leads together say where a wave is ([`locate`]) and whether there is a P wave ([`presence`]); then each lead says where
//! in it the wave begins and ends ([`refine`]). Global bounds are the earliest onset and the latest end over leads (CSE 1985;
//! IEC 60601-2-25, 201.12.1.101.3) that more than one lead bears out.
//!
//! What was tried, on LUDB, whole records held out (SD of P on, P off, QRS on, QRS off, T on, T off, ms):
//!
//! | | |
//! |---|---|
//! | common bounds by slope, convexity and tangent rules | 21, 22, 15, 17, 37, 28; F1 of P 91 % |
//! | one step of networks on those | 20, 22, 10, 11, 27, 24 |
//! | two steps, the second knowing the other leads | 20, 19, 9.5, 10.3, 25, 23 |
//! | P and T located by scanning networks instead of rules | 14, 12.5, 9.5, 10.3, 24, 22; no wave more than 60 ms off |
//! | 16 instead of 24 or 48 hidden units | no worse by more than 0.3 |
//! | median over a lead's beats in place of each beat | within 0.8: the experts follow single beats |
//! | simulated rhythms among the examples for place and presence | F1 of P + 0.5 % |
//! | the QRS exact before P and T are looked for; what repeats in the mean beat ([`repeat`]) for the presence of P | F1 of P 96.1 → 96.9 % |
//! | P of all sizes, PR 120 … 400 ms, f waves fine to coarse over regular and irregular rhythms among the simulated | F1 of P 97.6 %; of 316 PTB-XL, LUDB and `CinC` 2021 records in sinus rhythm those with P before fewer than 60 % of beats fell from 22 to 5 |
//! | without mean beats among the locators' examples | F1 of P 96.1 %: flutter waves pass |
//! | mean of eight presence networks in place of one | the same, but no longer by luck of the seed |
//!
//! Extra P waves are those of five of the 100 records (flutter in two, fibrillation in two, pacing in two); without them F1 is above 99 %.
//!
//! Which of the five pass differs with small changes of the training (Huber's bound, weight decay, votes): F1 of P 96.1 … 97.6 %
//! at the same settings otherwise, so that half of what separates two such figures is luck. A Huber bound of 3 or a weight decay
//! of 0.05 change no SD by more than 0.7 ms; on the records learned from, the SDs are 13.2, 11.5, 7.4, 9.0, 21.6 and 19.7 ms: larger
//! networks can win little, more records could.
//!
//! How near one can come: the experts' marks of one beat lie 16.0, 15.6, 8.5, 10.3, 28.6 and 22.4 ms (SD) about their mean over leads,
//! and once beat and lead have had their say 9.7, 8.2, 5.4, 6.0, 14.8 and 14.3 ms are left, mark by mark; of our errors as much
//! (9.4, 8.1, 5.5, 6.1, 14.9, 13.5), the rest being one lead's (7.8, 8.4, 5.5, 7.1, 15.3, 13.5) or the whole record's (5.8, 5.0, 4.6, 3.6,
//! 8.6, 8.8). Two fifths of the squared error of QRS onset are four records (111, 93, 109, 83), of T's end ten, most with a T of two
//! phases or a wave after it that the experts count to T in some leads.
//!
//! Tried for P and T alone, so that QRS, places and presence stay to the bit as they are: every record also learned from twice more,
//! played 0.85 … 1.18 times as long with noise up to a hundredth, and two inputs more in the second step (the early and late fifth of
//! the leads) and the lead's usual place in the other beats: 13.6, 12.3, 23.3 and 21.6 instead of 14.7, 12.8, 23.9 and 21.9 ms. Left
//! out: what is drawn to the usual place no longer lengthens from beat to beat, and Wenckebach's block was read as first-degree.
//! Five copies in place of two, three networks' mean in place of one: within 0.3 ms.
//!
//! Drawing each lead's P and T halfway to its usual distance from the beat's middle over leads (the middle stays, so that PR
//! may lengthen): 14.7, 12.6, 23.7 and 21.7 ms; left out, as it gains too little. On a copy of the cascade with places of P
//! and T scattered by 16 and 20 ms (SD) from beat to beat (13.5, 11.9, 9.2, 10.3, 23.8, 21.2 ms on the same folds) it looks
//! better, 13.2, 11.7, 9.2, 10.3, 23.1 and 20.8, as does whatever looks at more than one beat there: that distance as an
//! input 13.6, 11.8, 9.1, 10.4, 23.2, 21.1; the mean of like beats as a second trace besides 13.3, 11.6, 9.1, 10.6, 22.8,
//! 21.0. Mean of four networks: 13.5, 11.8, 9.0, 10.2, 23.6, 21.2. Least squares of the experts' marks on ours give a lead's
//! distance the weight 1.0, 1.1, 1.0, 0.9, 1.1, 1.1 and the rest 0.5, 0.5, 0.3, 0.4, 0.4, 0.5: what one lead is known to do
//! is right on average, what it does in one beat is half chance.
//!
//! The worst records looked at: 111 (a sixth of the squared error of QRS onset) is paced; in some leads QRS begins at the
//! spike for the experts, in I, aVL, aVR and V2 35 … 65 ms after it. In 109 (flutter) T of less than 0.1 mV ends at 180 … 225
//! ms in II and V1 … V3 and at 265 … 290 in the other leads, in 61 at 360 … 420 ms but in I and II at 480 … 515, where
//! nothing is seen. In 121 and 127 P of 20 … 80 µV begins up to 100 ms apart from lead to lead. In 35 our QRS ends too early
//! in III and aVR, whose S is low and late. Of 372 extra P marks 72 are in 45, whose atria are paced: ours stand on the
//! atrial spikes, where the experts mark none; without that record F1 is 98.0 %. 101 and 93 are fibrillation, 103 and 35
//! flutter.
//!
//! The global QRS of the median beat is drawn in where there is no noise ([`quiet`]). With the noise that ECGs of patients have it is
//! not: drawn in there too QRS is −8 … −15 instead of −7 ms against LUDB's experts, and PR of infants exceeds its norm.
//!
//! A wave is marked in every lead once all leads together show it, as cardiologists mark it; whether it reaches the 30 µV
//! from which it counts there is for the measurement to say.

mod coarse;
mod grid;
pub(crate) mod locate;
mod model;
mod net;
pub(crate) mod presence;
mod quiet;
mod refine;
pub(crate) mod repeat;

pub(crate) use coarse::Finder;
pub(crate) use grid::Grid;
pub(crate) use model::Model;
pub(crate) use net::{HIDDEN, Net};
pub(crate) use refine::{BOUNDS, Marks, STEPS, UNIT, View, consensus, features, inputs, step};

use super::{LeadWaves, MedianBeat, Wave};
use crate::signal::{Hz, LeadName, Ms};
use locate::Around;
use ndarray::Array2;
use std::ops::Range;

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

/// A recording as the delineation takes it.
#[derive(Clone, Copy)]
pub struct Strip<'a> {
    /// Shape leads × samples, mV, without baseline wander; NaN = missing.
    pub samples: &'a Array2<f32>,
    /// One a lead.
    pub names: &'a [LeadName],
    /// Samples a second.
    pub rate: Hz,
    /// Quality 0 … 1, one a lead.
    pub weights: &'a [f64],
    /// Samples of each lead that are missing though `samples` bridges them.
    pub missing: &'a [Vec<Range<usize>>],
}

/// Usual half width of P and T, grid points.
const HALF: [f32; 2] = [13.0, 24.0];

/// Finds the bounds of the beats at `fiducials` (sample indexes, ascending) and of `medians` (filled in); `membership` is
/// each beat's index in `medians`.
pub fn delineate(
    strip: Strip<'_>,
    fiducials: &[usize],
    membership: &[usize],
    medians: &mut [MedianBeat],
) -> Delineation {
    delineate_with(Model::shipped(), strip, fiducials, membership, medians)
}

/// [`delineate`] by another model than the shipped one.
pub(crate) fn delineate_with(
    model: &Model,
    strip: Strip<'_>,
    fiducials: &[usize],
    membership: &[usize],
    medians: &mut [MedianBeat],
) -> Delineation {
    let leads = strip.samples.nrows();
    let mut found =
        Delineation { lead_waves: vec![Vec::with_capacity(fiducials.len()); leads], ..Delineation::default() };
    let grid = Grid::new(strip.samples, strip.rate, strip.missing);
    if grid.len() < 2 || fiducials.is_empty() {
        return found;
    }
    let finder = Finder::new(&grid, strip.weights);
    let view = View::new(&grid, finder.leads(), strip.names);
    let mut arounds = arounds(&grid, &finder, fiducials);
    let mut marks = complexes(model, &view, &mut arounds);
    let Seen { p, t, inputs } = look(model, &view, finder.leads(), &arounds, membership);
    let with_p = presence::p_waves(&model.presence, &inputs, &p);
    for (b, around) in arounds.iter().enumerate() {
        let (p, t) = (p[b].filter(|_| with_p[b]).map(|p| p.0), t[b].map(|t| t.0));
        let leads = in_leads(model, &view, around, &mut marks[b], p, t);
        for (lead, waves) in found.lead_waves.iter_mut().zip(&leads) {
            lead.push(*waves);
        }
        let global = global(&leads);
        let own = || Wave { onset: grid.sample(around.qrs[0]), peak: fiducials[b], offset: grid.sample(around.qrs[1]) };
        let qrs = global.qrs.unwrap_or_else(own);
        found.p_waves.extend(global.p);
        found.beats.push(LeadWaves { qrs: Some(Wave { peak: fiducials[b], ..qrs }), ..global });
    }
    let rr = typical(&arounds);
    for (g, median) in medians.iter_mut().enumerate() {
        let members = || membership.iter().zip(&with_p).filter(|(m, _)| **m == g);
        let has_p = members().filter(|(_, p)| **p).count() * 2 >= members().count().max(1);
        delineate_median(model, strip, median, has_p, rr);
    }
    found
}

/// The QRS of every beat with its neighbours.
pub(crate) fn arounds(grid: &Grid, finder: &Finder, fiducials: &[usize]) -> Vec<Around> {
    let point = |f: &usize| (grid.position(*f).round() as usize).min(grid.len().saturating_sub(1));
    let points: Vec<usize> = fiducials.iter().map(point).collect();
    let qrs: Vec<[f32; 2]> = points.iter().map(|&p| finder.qrs(p)).collect();
    let each = |b: usize| {
        let rr =
            if b > 0 { points[b].saturating_sub(points[b - 1]) } else { points.get(1).map_or(250, |n| n - points[0]) };
        Around {
            at: points[b] as f32,
            qrs: qrs[b],
            before: b.checked_sub(1).map_or(0.0, |a| qrs[a][1]),
            after: qrs.get(b + 1).map_or(grid.len() as f32, |q| q[0]),
            rr: rr as f32,
        }
    };
    (0..points.len()).map(each).collect()
}

/// The exact QRS of every beat in every lead; `arounds` then has what the middle one of the leads says.
pub(crate) fn complexes(model: &Model, view: &View<'_>, arounds: &mut [Around]) -> Vec<Vec<Marks>> {
    let each = |a: &Around| {
        let mut marks = vec![start(a, None, None); view.grid.alive.len()];
        for s in 0..STEPS {
            step(model, s, view, &mut marks, [false, true, false], a.rr);
        }
        marks
    };
    let marks: Vec<Vec<Marks>> = arounds.iter().map(each).collect();
    tell(view, &marks, arounds);
    marks
}

/// Puts the middle of the leads' QRS bounds into `arounds`.
pub(crate) fn tell(view: &View<'_>, marks: &[Vec<Marks>], arounds: &mut [Around]) {
    let last = (view.grid.len() as f32 - 1.0).max(0.0);
    for (a, marks) in arounds.iter_mut().zip(marks) {
        let [on, off] = [2, 3].map(|bound| consensus(view, marks, bound));
        a.qrs = [on.clamp(0.0, a.at.min(last)), off.clamp(a.at.min(last), last)];
    }
    for b in 1..arounds.len() {
        arounds[b].before = arounds[b - 1].qrs[1];
        arounds[b - 1].after = arounds[b].qrs[0];
    }
}

/// Where P and T may be, and what the network for the presence of P sees.
pub(crate) struct Seen {
    /// The middles of P and how much they look like one.
    pub p: Vec<presence::Candidate>,
    /// Those of T.
    pub t: Vec<presence::Candidate>,
    /// Inputs of the presence network.
    pub inputs: Vec<[f32; presence::INPUTS]>,
}

/// Looks for P and T of every beat.
pub(crate) fn look(model: &Model, view: &View<'_>, leads: &[usize], arounds: &[Around], membership: &[usize]) -> Seen {
    let repeat = repeat::p_wave(model, (view.grid, view.names), leads, arounds, membership);
    let known = repeat.map(|r| (r.distance, r.score.clamp(0.0, 1.0)));
    let (p, t) = (locate::all(model, view, 0, arounds, known), locate::all(model, view, 1, arounds, None));
    let beats = presence::Beats { leads, arounds, membership, p: &p, t: &t, repeat };
    let inputs = presence::features(model, view, beats);
    Seen { p, t, inputs }
}

fn typical(arounds: &[Around]) -> f32 {
    let mut rr: Vec<f32> = arounds.iter().map(|a| a.rr).collect();
    let k = rr.len() / 2;
    if rr.is_empty() { 250.0 } else { *rr.select_nth_unstable_by(k, f32::total_cmp).1 }
}

/// Bounds of a median beat, whose samples are then laid on their level before QRS.
fn delineate_median(model: &Model, strip: Strip<'_>, median: &mut MedianBeat, with_p: bool, rr: f32) {
    if median.beats == 0 {
        return;
    }
    let grid = Grid::new(&median.samples, strip.rate, &[]);
    let finder = Finder::new(&grid, strip.weights);
    let view = View::new(&grid, finder.leads(), strip.names);
    let Some(&alone) = arounds(&grid, &finder, &[median.fiducial]).first() else { return };
    let mut around = [Around { rr, ..alone }];
    let mut marks = complexes(model, &view, &mut around);
    let [around] = around;
    let around =
        Around { before: (around.qrs[1] - rr).max(0.0), after: (around.qrs[0] + rr).min(grid.len() as f32), ..around };
    let middle =
        |which: usize| locate::all(model, &view, which, &[around], None).first().copied().flatten().map(|m| m.0);
    let (p, t) = (middle(0).filter(|_| with_p), middle(1));
    let Some(marks) = marks.first_mut() else { return };
    median.lead_waves = in_leads(model, &view, &around, marks, p, t);
    let mut global = global(&median.lead_waves);
    if let Some(qrs) = &mut global.qrs {
        let learned = [grid.position(qrs.onset), grid.position(qrs.offset)];
        let [on, off] = quiet::draw_in(&grid, finder.leads(), learned);
        (qrs.onset, qrs.offset) = (grid.sample(on).min(qrs.peak), grid.sample(off).max(qrs.peak));
    }
    (median.p, median.qrs, median.t) = (global.p, global.qrs, global.t);
    let Some(onset) = median.qrs.map(|q| q.onset) else { return };
    let before = strip.rate.samples(Ms(16.0)).max(1);
    for mut row in median.samples.outer_iter_mut() {
        let Some(row) = row.as_slice_mut() else { continue };
        let part = &row[onset.saturating_sub(before)..=onset.min(row.len() - 1)];
        let level = part.iter().sum::<f32>() / part.len() as f32;
        for v in row {
            *v -= level;
        }
    }
}

/// First bounds of a beat with the middles of its P and T.
pub(crate) fn start(around: &Around, p: Option<f32>, t: Option<f32>) -> Marks {
    let [on, off] = around.qrs;
    let p = p.unwrap_or(on - 30.0);
    let t = t.unwrap_or(off + 50.0);
    [[p - HALF[0], p + HALF[0]], [on, off], [t - HALF[1], t + HALF[1]]]
}

/// First bounds of P and T beside the exact QRS that `marks` have.
pub(crate) fn beside(marks: &mut [Marks], around: &Around, p: Option<f32>, t: Option<f32>) {
    let [p, _, t] = start(around, p, t);
    for m in marks {
        *m = [p, m[1], t];
    }
}

/// The bounds in every lead, whose exact QRS is in `marks`; a lead with a gap or without signal there has none.
fn in_leads(
    model: &Model,
    view: &View<'_>,
    around: &Around,
    marks: &mut [Marks],
    p: Option<f32>,
    t: Option<f32>,
) -> Vec<LeadWaves> {
    beside(marks, around, p, t);
    let present = [p.is_some(), true, t.is_some()];
    for s in 0..STEPS {
        step(model, s, view, marks, [present[0], false, present[2]], around.rr);
    }
    let end = view.grid.len() as f32 - 1.0;
    let each = |(l, marks): (usize, &Marks)| {
        let at = |w: usize| {
            let [on, off] = marks[w].map(|b| b.clamp(0.0, end));
            let there = present[w] && on < off && view.grid.whole(l, on as usize, off as usize + 1);
            there.then(|| wave(view.grid, l, on, off))
        };
        LeadWaves { p: at(0), qrs: at(1), t: at(2) }
    };
    marks.iter().enumerate().map(each).collect()
}

/// A wave in samples; its peak is the largest deflection in this lead from the line between its bounds.
fn wave(grid: &Grid, lead: usize, on: f32, off: f32) -> Wave {
    let (from, to) = (on as usize, off as usize);
    let x = grid.row(lead);
    let slope = (x[to] - x[from]) / (to - from).max(1) as f32;
    let height = |i: usize| (x[i] - x[from] - slope * (i - from) as f32).abs();
    let higher = |best: (usize, f32), i: usize| if height(i) > best.1 { (i, height(i)) } else { best };
    let (peak, _) = (from..=to).fold((from, height(from)), higher);
    Wave { onset: grid.sample(on), peak: grid.sample(peak as f32), offset: grid.sample(off) }
}

/// A global bound of P, QRS and T is the outermost that one lead in so many bears out; the very outermost of twelve marks is as
/// much error as wave. With 12 leads the third, third and second: on 132 ECGs that PTB-XL labels normal (odd numbers below
/// 500) QRS then is 96 ms (5th to 95th percentile 84 … 110); by the outermost marks it is 104 ms (92 … 124).
pub(crate) const BORNE_OUT: [usize; 3] = [5, 5, 10];

/// Onset, end and the middle of the peaks over leads.
fn global(leads: &[LeadWaves]) -> LeadWaves {
    let over = |pick: fn(&LeadWaves) -> Option<Wave>, borne_out: usize| {
        let mut waves = Vec::with_capacity(leads.len());
        waves.extend(leads.iter().filter_map(pick));
        let rank = waves.len() / borne_out;
        let mut all = Vec::with_capacity(leads.len());
        let mut ranked = |rank: usize, at: fn(&Wave) -> usize| {
            all.clear();
            all.extend(waves.iter().map(at));
            all.sort_unstable();
            all.get(rank).copied()
        };
        let onset = ranked(rank, |w| w.onset)?;
        let peak = ranked(waves.len() / 2, |w| w.peak)?;
        let offset = ranked(waves.len() - 1 - rank, |w| w.offset)?;
        Some(Wave { onset, peak: peak.clamp(onset, offset.max(onset)), offset: offset.max(onset) })
    };
    LeadWaves { p: over(|l| l.p, BORNE_OUT[0]), qrs: over(|l| l.qrs, BORNE_OUT[1]), t: over(|l| l.t, BORNE_OUT[2]) }
}
