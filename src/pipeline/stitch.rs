//! The windows of a long recording put together: beats in the whole's samples, shape groups that are the same across
//! windows, one median beat a group.

use crate::detect::{Atrial, Beat, Detection, Episode, LeadQuality, LeadWaves, MedianBeat, Trust, Wave, groups};
use crate::signal::{Hz, Ms, Recording};
use std::ops::Range;

/// Two beats are no closer (`detect::qrs`): the same beat found in two windows.
const SAME_BEAT: Ms = Ms(200.0);
/// Two marks of one P wave or stimulus are no further apart.
const SAME_MARK: Ms = Ms(40.0);
/// Stretch about the fiducial point that is compared, as grouping does within a window.
const HALF: Ms = Ms(100.0);
/// Medians that may be moved this much to fit.
const SLACK: Ms = Ms(12.0);
/// Groups of two windows below this relative squared difference are one (as `detect::groups`).
const JOIN: f32 = 0.26;
/// Medians kept of a window: those of rare shapes are of no use to anyone.
const MOST_MEDIANS: usize = 6;

/// What one window found.
pub struct Part {
    own: Range<usize>,
    from: usize,
    found: Detection,
}

impl Part {
    /// `own`: the samples of the whole that it answers for; `from`: the whole's sample that it begins with.
    pub fn new(own: Range<usize>, from: usize, mut found: Detection) -> Self {
        // The bounds in each lead of each beat would be a hundred megabytes a day.
        found.lead_waves = Vec::new();
        found.medians.iter_mut().skip(MOST_MEDIANS).for_each(|m| *m = MedianBeat::default());
        Self { own, from, found }
    }
}

/// A shape that occurs in one window or more.
struct Shape {
    /// The stretch compared, of the first window that had it.
    cut: Vec<f32>,
    beats: usize,
    /// Its medians, of which one will stand for all, with the number of beats.
    medians: Vec<MedianBeat>,
}

impl Shape {
    /// Of the QRS, samples; NaN where no median has bounds.
    fn width(&self) -> f32 {
        let qrs = self.medians.iter().find_map(|m| m.qrs);
        qrs.map_or(f32::NAN, |q| q.offset.saturating_sub(q.onset) as f32)
    }
}

/// The whole so far.
pub struct Whole {
    rate: Hz,
    leads: usize,
    end: usize,
    beats: Vec<Beat>,
    p_waves: Vec<Wave>,
    spikes: Vec<usize>,
    episodes: Vec<Episode>,
    trust: Vec<Trust>,
    shapes: Vec<Shape>,
    quality: Vec<LeadQuality>,
    undulating: f64,
    atrial: Vec<(Atrial, usize)>,
}

impl Whole {
    /// Nothing yet of this recording.
    pub fn new(head: &Recording) -> Self {
        Self {
            rate: head.rate,
            leads: head.leads.len(),
            end: head.len(),
            beats: Vec::new(),
            p_waves: Vec::new(),
            spikes: Vec::new(),
            episodes: Vec::new(),
            trust: Vec::new(),
            shapes: Vec::new(),
            quality: vec![LeadQuality::default(); head.leads.len()],
            undulating: 0.0,
            atrial: Vec::new(),
        }
    }

    /// Adds the next window.
    pub fn add(&mut self, part: Part) {
        let Part { own, from, found } = part;
        let shapes: Vec<usize> = (0..found.groups.len()).map(|g| self.shape(found.medians.get(g))).collect();
        let mut mine = 0;
        let after = self.beats.last().map(|b| b.qrs.peak + self.rate.samples(SAME_BEAT));
        let start = own.start.saturating_sub(self.rate.samples(SAME_BEAT));
        for beat in &found.beats {
            let at = beat.qrs.peak + from;
            // A beat on the seam is taken by the first window that has it, or else by the second.
            if at < start || at >= own.end || after.is_some_and(|a| at < a) {
                continue;
            }
            let group = shapes.get(beat.group).copied().unwrap_or(0);
            if let Some(shape) = self.shapes.get_mut(group) {
                shape.beats += 1;
            }
            let shift = |w: Wave| moved(w, from);
            self.beats.push(Beat { qrs: shift(beat.qrs), p: beat.p.map(shift), t: beat.t.map(shift), group, ..*beat });
            mine += 1;
        }
        self.marks(&found, from, &own);
        for (kept, median) in shapes.iter().zip(found.medians).filter(|(_, m)| m.beats > 0) {
            if let Some(shape) = self.shapes.get_mut(*kept) {
                shape.medians.push(median);
            }
        }
        let part = own.len() as f64 / self.end.max(1) as f64;
        for (sum, q) in self.quality.iter_mut().zip(&found.quality) {
            sum.score += part * q.score;
            sum.wander_mv += part * q.wander_mv;
            sum.mains_mv += part * q.mains_mv;
            sum.noise_mv += part * q.noise_mv;
            sum.flat += part * q.flat;
            sum.saturated += part * q.saturated;
            sum.missing += part * q.missing;
            sum.jumps += part * q.jumps;
        }
        self.undulating += part * found.undulating;
        self.atrial.push((found.atrial, mine));
    }

    /// P waves, stimuli, trust and episodes of the window's own stretch.
    fn marks(&mut self, found: &Detection, from: usize, own: &Range<usize>) {
        let near = self.rate.samples(SAME_MARK);
        for wave in &found.p_waves {
            let wave = moved(*wave, from);
            if own.contains(&wave.peak) && self.p_waves.last().is_none_or(|last| wave.peak > last.peak + near) {
                self.p_waves.push(wave);
            }
        }
        for at in found.spikes.iter().map(|s| s + from) {
            if own.contains(&at) && self.spikes.last().is_none_or(|last| at > last + near) {
                self.spikes.push(at);
            }
        }
        for stretch in &found.trust {
            let (a, b) = ((stretch.from + from).max(own.start), (stretch.to + from).min(own.end));
            if a < b {
                self.trust.push(Trust { from: a, to: b, ..*stretch });
            }
        }
        for episode in &found.episodes {
            let (a, b) = ((episode.from + from).max(own.start), (episode.to + from).min(own.end));
            match self.episodes.last_mut() {
                _ if a >= b => {}
                Some(last) if last.kind == episode.kind && a <= last.to => last.to = last.to.max(b),
                _ => self.episodes.push(Episode { kind: episode.kind, from: a, to: b }),
            }
        }
    }

    /// The shape that a window's median is of, known or new. Those too rare for a median are one shape together.
    fn shape(&mut self, median: Option<&MedianBeat>) -> usize {
        let cut = median.filter(|m| m.beats > 0).map_or_else(Vec::new, |m| self.cut(m, 0));
        if cut.is_empty() {
            return self.found(|s| s.cut.is_empty(), Vec::new());
        }
        let slack = self.rate.samples(SLACK) as isize;
        let moved: Vec<Vec<f32>> =
            (-slack..=slack).step_by(2).filter_map(|k| Some(self.cut(median?, k))).filter(|c| !c.is_empty()).collect();
        let best = |s: &Shape| moved.iter().map(|m| difference(&s.cut, m)).fold(f32::INFINITY, f32::min);
        let near = self.shapes.iter().enumerate().filter(|(_, s)| !s.cut.is_empty());
        let nearest = near.map(|(n, s)| (n, best(s))).min_by(|a, b| a.1.total_cmp(&b.1));
        match nearest.filter(|(_, d)| *d < JOIN) {
            Some((n, _)) => n,
            None => self.found(|_| false, cut),
        }
    }

    fn found(&mut self, is: impl Fn(&Shape) -> bool, cut: Vec<f32>) -> usize {
        self.shapes.iter().position(is).unwrap_or_else(|| {
            self.shapes.push(Shape { cut, beats: 0, medians: Vec::new() });
            self.shapes.len() - 1
        })
    }

    /// The stretch about the fiducial point, of all leads, each against its mean; empty where the median is shorter.
    fn cut(&self, median: &MedianBeat, shift: isize) -> Vec<f32> {
        let half = self.rate.samples(HALF);
        let Some(from) = median.fiducial.checked_add_signed(shift).and_then(|f| f.checked_sub(half)) else {
            return Vec::new();
        };
        let mut out = Vec::with_capacity(self.leads * (2 * half + 1));
        for row in median.samples.rows() {
            let part: Vec<f32> = row.iter().skip(from).take(2 * half + 1).copied().collect();
            if part.len() < 2 * half + 1 {
                return Vec::new();
            }
            let level = part.iter().sum::<f32>() / part.len() as f32;
            out.extend(part.iter().map(|v| v - level));
        }
        out
    }

    /// The detection of the whole.
    pub fn finish(mut self) -> Detection {
        let mut order: Vec<usize> = (0..self.shapes.len()).filter(|n| self.shapes[*n].beats > 0).collect();
        // The dominant shape is one that has a median.
        order.sort_by_key(|n| (self.shapes[*n].medians.is_empty(), std::cmp::Reverse(self.shapes[*n].beats)));
        groups::basic_first(&mut order, |n| (self.shapes[n].beats, self.shapes[n].width()));
        let mut place = vec![0; self.shapes.len()];
        for (new, old) in order.iter().enumerate() {
            place[*old] = new;
        }
        for beat in &mut self.beats {
            beat.group = place[beat.group];
        }
        let medians = order.iter().map(|n| self.representative(&self.shapes[*n])).collect();
        let groups = order.iter().map(|n| self.shapes[*n].beats).collect();
        let atrial = atrial(&self.atrial);
        Detection {
            rate: self.rate,
            beats: self.beats,
            lead_waves: vec![Vec::<LeadWaves>::new(); self.leads],
            groups,
            medians,
            quality: self.quality,
            spikes: self.spikes,
            p_waves: self.p_waves,
            episodes: self.episodes,
            trust: self.trust,
            undulating: self.undulating,
            atrial,
        }
    }

    /// Of a shape's medians the one nearest to their mean, with its bounds; it stands for all their beats.
    fn representative(&self, shape: &Shape) -> MedianBeat {
        let cuts: Vec<Vec<f32>> = shape.medians.iter().map(|m| self.cut(m, 0)).collect();
        let total: usize = shape.medians.iter().map(|m| m.beats).sum();
        let mut mean = vec![0.0_f32; shape.cut.len()];
        for (cut, median) in cuts.iter().zip(&shape.medians) {
            let weight = median.beats as f32 / total.max(1) as f32;
            mean.iter_mut().zip(cut).for_each(|(m, v)| *m += weight * v);
        }
        let off = |cut: &[f32]| difference(&mean, cut);
        // One without bounds says less than one with them.
        let rank = |n: &usize| (shape.medians[*n].qrs.is_none(), off(&cuts[*n]));
        let best = (0..cuts.len()).min_by(|a, b| {
            let (a, b) = (rank(a), rank(b));
            a.0.cmp(&b.0).then(a.1.total_cmp(&b.1))
        });
        best.map_or_else(MedianBeat::default, |n| MedianBeat { beats: total, ..shape.medians[n].clone() })
    }
}

fn moved(wave: Wave, by: usize) -> Wave {
    Wave { onset: wave.onset + by, peak: wave.peak + by, offset: wave.offset + by }
}

/// Squared difference relative to the larger of both.
fn difference(a: &[f32], b: &[f32]) -> f32 {
    let energy = |x: &[f32]| x.iter().map(|v| v * v).sum::<f32>();
    let larger = energy(a).max(energy(b));
    if larger <= 0.0 || a.len() != b.len() {
        return f32::INFINITY;
    }
    a.iter().zip(b).map(|(x, y)| (x - y) * (x - y)).sum::<f32>() / larger
}

/// The windows' atrial activity, each counted by its beats. A frequency stands where most beats lie in windows that have
/// one: the median over those.
fn atrial(parts: &[(Atrial, usize)]) -> Atrial {
    let total = parts.iter().map(|p| p.1).sum::<usize>() as f64;
    if total == 0.0 {
        return Atrial::default();
    }
    let mean = |of: &dyn Fn(&Atrial) -> f64| parts.iter().map(|(a, n)| of(a) * *n as f64).sum::<f64>() / total;
    let mut peaks: Vec<(f64, usize)> = parts.iter().filter_map(|(a, n)| Some((a.dominant_hz?, *n))).collect();
    peaks.sort_by(|a, b| a.0.total_cmp(&b.0));
    let with_peak: usize = peaks.iter().map(|p| p.1).sum();
    let mut seen = 0;
    let middle = peaks.iter().find(|(_, n)| {
        seen += n;
        2 * seen >= with_peak
    });
    Atrial {
        p_present: mean(&|a| a.p_present),
        dominant_hz: middle.map(|p| p.0).filter(|_| 2.0 * with_peak as f64 > total),
        concentration: mean(&|a| a.concentration),
        residual_mv: mean(&|a| a.residual_mv),
        tied: tied(parts, total),
        between_mv: between(parts),
    }
}

/// The ratio that holds in the windows of most beats.
fn tied(parts: &[(Atrial, usize)], total: f64) -> Option<u8> {
    let beats = |ratio: u8| parts.iter().filter(|(a, _)| a.tied == Some(ratio)).map(|p| p.1).sum::<usize>() as f64;
    parts.iter().filter_map(|(a, _)| a.tied).find(|ratio| 2.0 * beats(*ratio) > total)
}

/// RMS over the windows that have a still stretch, each counted by its beats.
fn between(parts: &[(Atrial, usize)]) -> Option<f64> {
    let (squares, beats) = parts
        .iter()
        .filter_map(|(a, n)| Some((a.between_mv?, *n as f64)))
        .fold((0.0, 0.0), |(s, b), (v, n)| (s + v * v * n, b + n));
    (beats > 0.0).then(|| (squares / beats).sqrt())
}
