//! Trains the networks of `detect::waves` on LUDB and scores them on records held out in turn (whole records: no beat
//! of a record is on both sides). Seeded, and each network in one thread: the same data give the same weights.

use super::learn::{Rng, Training, train as train_net};
use super::simulated;
use super::truth::{self, LeadTruth, Record};
use super::{RecordScore, report, score};
use crate::detect::waves::locate::{self, Around};
use crate::detect::waves::{
    BOUNDS, Finder, Grid, Marks, Model, Net, STEPS, Strip, UNIT, View, arounds, beside, consensus, delineate_with,
    features, inputs, look, presence, repeat::Mean, start, step, tell,
};
use crate::detect::{Conditioned, Detection, condition, detect, medians};
use crate::evaluate::{EvaluateError, Scores};
use crate::measure::measure;
use rayon::prelude::*;
use std::path::Path;

/// What the networks are trained with; chosen by the held-out records.
const CASCADE: Training = Training { epochs: 30, batch: 64, rate: 0.003, decay: 0.01, huber: 1.0, seed: 1 };
const LOCATOR: Training = Training { epochs: 20, ..CASCADE };
const PRESENCE: Training = Training { epochs: 60, decay: 0.1, ..CASCADE };
/// Random displacement of the bounds while learning, grid points, by step and wave: what the step must mend.
const JITTER: [[f32; 3]; STEPS] = [[7.0, 4.0, 9.0], [2.5, 1.5, 4.0]];
/// Width of the hump the locators learn about the middle of P and T, grid points.
const HUMP: [f32; 2] = [8.0, 12.0];
/// P and T of simulated beats after a shorter RR than this (130 a minute), grid points, are learned from as the experts' are.
const FAST: f32 = 115.0;
/// The simulated cases' seed; tests use others.
const SIMULATED_SEED: u64 = 7001;
/// A record's mean beat counts as so many beats for the locators: there they must see the small P that noise hides in one beat.
const MEAN_COUNTS: usize = 4;
/// No bound is learned from farther than this, grid points: there something else is marked.
const FARTHEST: f32 = 40.0;

/// The model of all records, and the scores of models that did not see the record they are scored on.
pub struct Trained {
    /// To be shipped, as bytes.
    pub model: Vec<u8>,
    /// By `folds`-fold cross-validation.
    pub held_out: Scores,
}

/// Trains on every record under `folder`. With `folds` of 0 nothing is held out and scored; `epochs` below what is usual
/// make a quick, worse model.
pub fn train(folder: &Path, folds: usize, epochs: Option<usize>) -> Result<Trained, EvaluateError> {
    let headers = truth::records(folder)?;
    let read = |h: &std::path::PathBuf| truth::read(h).map(prepare);
    let records: Vec<Prepared> = headers.par_iter().map(read).collect::<Result<_, EvaluateError>>()?;
    let made: Vec<Prepared> = simulated::records(SIMULATED_SEED).into_par_iter().map(prepare).collect();
    let made: Vec<&Prepared> = made.iter().collect();
    let mut scores: Vec<RecordScore> = Vec::new();
    for fold in 0..folds {
        let held = |i: &usize| i % folds == fold;
        let seen: Vec<&Prepared> = (0..records.len()).filter(|i| !held(i)).map(|i| &records[i]).collect();
        let model = learn(&seen, &made, epochs);
        let unseen: Vec<&Prepared> = (0..records.len()).filter(held).map(|i| &records[i]).collect();
        scores.par_extend(unseen.par_iter().map(|r| r.score(&model)));
    }
    let all: Vec<&Prepared> = records.iter().collect();
    Ok(Trained { model: learn(&all, &made, epochs).write(), held_out: report(&scores) })
}

/// Bounds of P, QRS, T as marked, grid positions.
type Target = [[Option<f32>; 2]; 3];

/// A record with its beats.
struct Prepared {
    record: Record,
    signal: Conditioned,
    detection: Detection,
    weights: Vec<f64>,
    membership: Vec<usize>,
    fiducials: Vec<usize>,
    grid: Grid,
    leads: Vec<usize>,
    arounds: Vec<Around>,
    /// By beat and lead.
    targets: Vec<Vec<Target>>,
    /// Middle of P and T of each beat over leads, as marked.
    middles: Vec<[Option<f32>; 2]>,
    /// Whether the experts judged all that is before and after the beat's QRS.
    judged: Vec<bool>,
}

fn prepare(record: Record) -> Prepared {
    let detection = detect(&record.recording);
    let signal = condition(&record.recording);
    let grid = Grid::new(&signal.samples, record.recording.rate, &signal.gaps);
    let weights: Vec<f64> = detection.quality.iter().map(|q| q.score).collect();
    let fiducials: Vec<usize> = detection.beats.iter().map(|b| b.qrs.peak).collect();
    let finder = Finder::new(&grid, &weights);
    let leads = finder.leads().to_vec();
    let arounds = arounds(&grid, &finder, &fiducials);
    let of_beat = |b: usize| -> Vec<Target> { record.leads.iter().map(|l| target(l, &grid, &arounds[b])).collect() };
    let targets: Vec<Vec<Target>> = (0..arounds.len()).map(of_beat).collect();
    let middles: Vec<_> = targets.iter().map(|t| [0, 2].map(|w| middle(t, w))).collect();
    let first = record.leads.iter().filter_map(|l| l.span).map(|s| grid.position(s.0)).fold(f32::INFINITY, f32::min);
    let judged = (0..arounds.len())
        .map(|b| middles[b][1].is_some() && (middles[b][0].is_some() || first < arounds[b].qrs[0] - 75.0))
        .collect();
    let membership = detection.beats.iter().map(|b| b.group).collect();
    Prepared {
        record,
        signal,
        detection,
        weights,
        membership,
        fiducials,
        grid,
        leads,
        arounds,
        targets,
        middles,
        judged,
    }
}

/// The marks that belong to a beat in one lead.
fn target(truth: &LeadTruth, grid: &Grid, a: &Around) -> Target {
    let near: [&dyn Fn(f32) -> bool; 3] = [
        &|p| p > a.before && p < a.qrs[1] && a.qrs[0] - p < 100.0,
        &|p| p > a.qrs[0] - 15.0 && p < a.qrs[1] + 15.0,
        &|p| p > a.qrs[0] && p < a.after && p - a.qrs[0] < 165.0,
    ];
    std::array::from_fn(|w| {
        let marked = truth.waves[w].iter().rev().find(|m| m.points[1].is_some_and(|p| near[w](grid.position(p))));
        [0, 2].map(|k| marked.and_then(|m| m.points[k]).map(|s| grid.position(s)))
    })
}

fn middle(targets: &[Target], wave: usize) -> Option<f32> {
    let middles: Vec<f32> =
        targets.iter().filter_map(|t| t[wave][0].zip(t[wave][1])).map(|(a, b)| 0.5 * (a + b)).collect();
    (!middles.is_empty()).then(|| middles.iter().sum::<f32>() / middles.len() as f32)
}

impl Prepared {
    fn view(&self) -> View<'_> {
        View::new(&self.grid, &self.leads, &self.record.recording.leads)
    }

    fn score(&self, model: &Model) -> RecordScore {
        let recording = &self.record.recording;
        let rate = recording.rate;
        let (mut medians, _) =
            medians(&self.signal.samples, rate, &self.fiducials, &self.membership, self.detection.groups.len());
        let strip = Strip {
            samples: &self.signal.samples,
            names: &recording.leads,
            rate,
            weights: &self.weights,
            missing: &self.signal.gaps,
        };
        let found = delineate_with(model, strip, &self.fiducials, &self.membership, &mut medians);
        let detection = Detection { medians, ..self.detection.clone() };
        score(&self.record, &found.lead_waves, &measure(recording, &detection).global)
    }
}

/// Where the waves are and whether there is a P is learned from `made` too. Bounds are the experts' alone, who draw them
/// wider than the simulator's 10 µV; but of fast beats, in which P rises out of T, they have next to none.
fn learn(records: &[&Prepared], made: &[&Prepared], epochs: Option<usize>) -> Model {
    let both: Vec<&Prepared> = records.iter().chain(made).copied().collect();
    let views: Vec<View<'_>> = both.iter().map(|r| r.view()).collect();
    let less = |t: Training| Training { epochs: epochs.map_or(t.epochs, |e| t.epochs.min(e)), ..t };
    let mut model = Model { nets: vec![vec![Net::default(); BOUNDS]; STEPS], ..Model::default() };
    let coarse = |a: &Around, r: &Prepared| vec![start(a, None, None); r.grid.alive.len()];
    let mut marks: Vec<Vec<Vec<Marks>>> =
        both.iter().map(|r| r.arounds.iter().map(|a| coarse(a, r)).collect()).collect();
    let cascade = |model: &mut Model, bounds: &[usize], marks: &mut Vec<Vec<Vec<Marks>>>| {
        for s in 0..STEPS {
            let learn = |bound: &usize| learn_bound((&both, records.len()), &views, marks, s, *bound, less(CASCADE));
            let nets: Vec<Net> = bounds.par_iter().map(learn).collect();
            for (bound, net) in bounds.iter().zip(nets) {
                model.nets[s][*bound] = net;
            }
            let waves: [bool; 3] = std::array::from_fn(|w| bounds.contains(&(2 * w)));
            for (r, record) in both.iter().enumerate() {
                for (b, around) in record.arounds.iter().enumerate() {
                    let [p, t] = record.middles[b].map(|m| m.is_some());
                    let present = [waves[0] && p, waves[1], waves[2] && t];
                    step(model, s, &views[r], &mut marks[r][b], present, around.rr);
                }
            }
        }
    };
    cascade(&mut model, &[2, 3], &mut marks);
    // All that follows knows the exact QRS.
    let arounds: Vec<Vec<Around>> = (0..both.len())
        .map(|r| {
            let mut arounds = both[r].arounds.clone();
            tell(&views[r], &marks[r], &mut arounds);
            arounds
        })
        .collect();
    let means: Vec<Option<Mean>> =
        (0..both.len()).map(|r| Mean::of(&both[r].grid, &arounds[r], &both[r].membership)).collect();
    let mean_views: Vec<Option<View<'_>>> = (both.iter().zip(&means))
        .map(|(r, m)| m.as_ref().map(|m| View::new(&m.grid, &r.leads, &r.record.recording.leads)))
        .collect();
    let mut places: Vec<Places> = Vec::new();
    for (r, record) in both.iter().enumerate() {
        let judged = (0..arounds[r].len()).filter(|b| record.judged[*b]);
        places.extend(judged.map(|b| (&views[r], &arounds[r][b], record.middles[b])));
        let mean = means[r].as_ref().zip(mean_views[r].as_ref());
        if let Some((mean, view)) = mean.filter(|_| [0, 1].iter().all(|w| uniform(record, *w))) {
            let middles = [0, 1].map(|w| usual(record, &arounds[r], w).map(|m| m + mean.around.at));
            places.extend((0..MEAN_COUNTS).map(|_| (view, &mean.around, middles)));
        }
    }
    let locator = |which| learn_locator(&places, which, less(LOCATOR));
    model.locators = (0..locate::LOCATORS).into_par_iter().map(locator).collect();
    let seen: Vec<_> =
        (0..both.len()).map(|r| look(&model, &views[r], &both[r].leads, &arounds[r], &both[r].membership)).collect();
    let mut items = Vec::new();
    for (r, record) in both.iter().enumerate() {
        for (b, x) in seen[r].inputs.iter().enumerate().filter(|(b, _)| record.judged[*b]) {
            items.push((*x, if record.middles[b][0].is_some() { 1.0 } else { 0.0 }));
        }
        for (b, around) in arounds[r].iter().enumerate() {
            let [p, t] = [seen[r].p[b], seen[r].t[b]].map(|m| m.map(|m| m.0));
            beside(&mut marks[r][b], around, p, t);
        }
    }
    model.presence = (0..presence::VOTES).into_par_iter().map(|k| learn_presence(&items, k as u64)).collect();
    cascade(&mut model, &[0, 1, 4, 5], &mut marks);
    model
}

/// A beat where P and T are to be found, and their middles.
type Places<'a> = (&'a View<'a>, &'a Around, [Option<f32>; 2]);

/// Whether the dominant group's judged beats either nearly all have P (0) or T (1), or none has.
fn uniform(record: &Prepared, which: usize) -> bool {
    let beats = (0..record.judged.len()).filter(|b| record.judged[*b] && record.membership[*b] == 0);
    let there: Vec<bool> = beats.map(|b| record.middles[b][which].is_some()).collect();
    let count = there.iter().filter(|t| **t).count();
    !there.is_empty() && (count == 0 || 5 * count >= 4 * there.len())
}

/// The usual middle of P (0) or T (1) of the dominant group's judged beats, from the fiducial point.
fn usual(record: &Prepared, arounds: &[Around], which: usize) -> Option<f32> {
    let beats = (0..arounds.len()).filter(|b| record.judged[*b] && record.membership[*b] == 0);
    let mut there: Vec<f32> = beats.filter_map(|b| record.middles[b][which].map(|m| m - arounds[b].at)).collect();
    let k = there.len() / 2;
    (!there.is_empty()).then(|| *there.select_nth_unstable_by(k, f32::total_cmp).1)
}

fn learn_locator(places: &[Places<'_>], which: usize, training: Training) -> Net {
    const EACH: usize = 4;
    let mut scenes = Vec::new();
    let mut items = Vec::new();
    for (view, around, middles) in places {
        let scene = locate::Scene::new(view, which, around);
        items.extend((0..scene.places.saturating_sub(EACH)).step_by(EACH).map(|k| (scenes.len(), k)));
        scenes.push((scene, middles[which]));
    }
    let training = Training { seed: training.seed + 100 + which as u64, ..training };
    train_net(training, locate::INPUTS, items.len(), |i, rng, x| {
        let (scene, middle) = &scenes[items[i].0];
        let k = items[i].1 + (rng.next() % EACH as u64) as usize;
        scene.features(k, x);
        middle.map_or(0.0, |m| (-0.5 * ((scene.place(k) - m) / HUMP[which]).powi(2)).exp())
    })
}

fn learn_presence(items: &[([f32; presence::INPUTS], f32)], seed: u64) -> Net {
    train_net(Training { seed: PRESENCE.seed + seed, ..PRESENCE }, presence::INPUTS, items.len(), |i, rng, x| {
        x.clear();
        x.extend(items[i].0.iter().map(|v| v + 0.03 * rng.normal()));
        items[i].1
    })
}

fn learn_bound(
    (records, experts): (&[&Prepared], usize),
    views: &[View<'_>],
    marks: &[Vec<Vec<Marks>>],
    s: usize,
    bound: usize,
    training: Training,
) -> Net {
    let (wave, side) = (bound / 2, bound % 2);
    let mut items = Vec::new();
    for (r, record) in records.iter().enumerate() {
        let counts = |b: &usize| r < experts || (wave != 1 && record.arounds[*b].rr < FAST);
        for (b, targets) in record.targets.iter().enumerate().filter(|(b, _)| counts(b)) {
            for (l, target) in targets.iter().enumerate().filter(|(l, _)| record.grid.alive[*l]) {
                let near = target[wave][side].filter(|t| (t - marks[r][b][l][wave][side]).abs() < FARTHEST);
                items.extend(near.map(|t| (r, b, l, t)));
            }
        }
    }
    let training = Training { seed: training.seed + (s * BOUNDS + bound) as u64, ..training };
    train_net(training, inputs(bound), items.len(), |i, rng, x| {
        let (r, b, l, target) = items[i];
        let mut m = marks[r][b][l];
        shake(&mut m, s, rng);
        // The first step finds all leads at one place: what the others say is then nothing new.
        let others = if s == 0 { m[wave][side] } else { consensus(&views[r], &marks[r][b], bound) };
        features(&views[r], l, bound, &m, others, records[r].arounds[b].rr, x);
        (target - m[wave][side]) / UNIT
    })
}

fn shake(m: &mut Marks, s: usize, rng: &mut Rng) {
    for (wave, jitter) in m.iter_mut().zip(JITTER[s]) {
        for bound in wave {
            *bound += jitter * rng.normal();
        }
    }
}
