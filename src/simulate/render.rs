//! Draws a heart's activity into leads and notes exactly where every wave begins, peaks and ends.

use super::activity::{Activity, AtrialBeat, BREATHS_HZ, Chamber, VentricularBeat};
use super::chance::Chance;
use super::curve::{cube_root, flank, sine};
use super::field::{Source, seen};
use super::heart::{Heart, at};
use super::paths::Ventricular;
use super::truth::Truth;
use crate::detect::{Beat, Episode, EpisodeKind, LeadWaves, Wave};
use crate::signal::{Hz, Mv};
use ndarray::Array2;

/// A lead has a wave when its noise-free contribution reaches this: the least that readers mark.
pub const VISIBLE: Mv = Mv(0.030);
/// A wave begins and ends in a lead where its noise-free contribution first and last reaches this: half of the least
/// deflection that IEC 60601-2-25 has measured (20 µV).
pub const EDGE: Mv = Mv(0.010);

/// Leads being drawn.
pub struct Canvas<'a> {
    /// Leads × samples, mV.
    pub samples: Array2<f32>,
    /// Sampling rate.
    pub rate: Hz,
    /// How each lead sees the sources.
    pub rows: &'a [Source],
}

impl Canvas<'_> {
    fn len(&self) -> usize {
        self.samples.ncols()
    }

    /// Indexes of the samples in `from` ≤ t < `to` seconds, also outside the strip.
    fn span(&self, from: f64, to: f64) -> std::ops::Range<i64> {
        (from * self.rate.0).ceil() as i64..(to * self.rate.0).ceil() as i64
    }

    /// Adds `source(t)` over `from` … `to` and gives each lead's bounds of it; bounds of what lies partly outside the
    /// strip are not given.
    fn wave(&mut self, from: f64, to: f64, source: impl Fn(f64) -> Source) -> Vec<Option<Wave>> {
        let span = self.span(from, to);
        let inside = span.start >= 0 && span.end <= self.len() as i64;
        let mut found: Vec<Bounds> = vec![Bounds::default(); self.rows.len()];
        for n in span {
            let now = source(n as f64 / self.rate.0);
            for (lead, row) in self.rows.iter().enumerate() {
                let value = seen(row, &now);
                found[lead].meet(n, value);
                if let Some(sample) = usize::try_from(n).ok().and_then(|n| self.samples.get_mut([lead, n])) {
                    *sample += value as f32;
                }
            }
        }
        found.into_iter().map(|b| b.wave().filter(|_| inside)).collect()
    }

    /// Adds `source(t)` without looking at it.
    fn add(&mut self, from: f64, to: f64, source: impl Fn(f64) -> Source) {
        let span = self.span(from, to);
        for n in span.start.max(0)..span.end.min(self.len() as i64) {
            let now = source(n as f64 / self.rate.0);
            for (lead, row) in self.rows.iter().enumerate() {
                self.samples[[lead, n as usize]] += seen(row, &now) as f32;
            }
        }
    }
}

#[derive(Clone, Default)]
struct Bounds {
    first: Option<i64>,
    last: i64,
    peak: i64,
    height: f64,
}

impl Bounds {
    fn meet(&mut self, n: i64, value: f64) {
        let size = value.abs();
        if size >= EDGE.0 {
            self.first.get_or_insert(n);
            self.last = n;
        }
        if size > self.height {
            (self.height, self.peak) = (size, n);
        }
    }

    fn wave(&self) -> Option<Wave> {
        let onset = usize::try_from(self.first?).ok()?;
        (self.height >= VISIBLE.0).then_some(Wave { onset, peak: self.peak as usize, offset: self.last as usize })
    }
}

/// Earliest onset, latest offset over the leads; the peak is `peak`'s choice among the leads'.
pub fn global(waves: &[Option<Wave>]) -> Option<Wave> {
    let onset = waves.iter().flatten().map(|w| w.onset).min()?;
    let offset = waves.iter().flatten().map(|w| w.offset).max()?;
    let mut peaks: Vec<usize> = waves.iter().flatten().map(|w| w.peak).collect();
    peaks.sort_unstable();
    Some(Wave { onset, peak: peaks[peaks.len() / 2], offset })
}

/// Draws `activity` of `heart`.
pub fn draw(canvas: &mut Canvas, heart: &Heart, activity: &Activity, seed: u64) -> Truth {
    let mut chance = Chance::new(seed, "beats");
    let mut truth = Truth { rate: canvas.rate, ..Truth::default() };
    let p_waves = draw_atria(canvas, heart, &activity.atria, &mut chance);
    truth.p_waves = p_waves.iter().filter_map(|leads| global(leads)).collect();
    draw_pr(canvas, heart, activity);
    let mut paths: Vec<(Ventricular, usize)> = Vec::new();
    let mut rr = mean_interval(&activity.ventricles);
    for (k, beat) in activity.ventricles.iter().enumerate() {
        if let Some(before) = k.checked_sub(1).map(|b| &activity.ventricles[b]) {
            // repolarisation follows the rate with a delay
            rr = 0.55 * rr + 0.45 * (beat.at - before.at).clamp(0.15, 2.0);
        }
        let next = activity.ventricles.get(k + 1).map_or(f64::INFINITY, |n| n.at - beat.at);
        let (qrs, t) = draw_ventricles(canvas, heart, beat, rr, next, &mut chance);
        let Some(whole) = global(&qrs) else { continue };
        let group = paths.iter().position(|(p, _)| *p == beat.path).unwrap_or_else(|| {
            paths.push((beat.path, 0));
            paths.len() - 1
        });
        paths[group].1 += 1;
        let p = beat.p.and_then(|p| p_waves.get(p));
        let lead = |waves: Option<&Vec<Option<Wave>>>, l: usize| waves.and_then(|w| w.get(l).copied().flatten());
        truth.lead_waves.push(
            (0..canvas.rows.len()).map(|l| LeadWaves { p: lead(p, l), qrs: qrs[l], t: lead(Some(&t), l) }).collect(),
        );
        truth.codes.push(beat.code);
        truth.beats.push(Beat { qrs: whole, p: p.and_then(|p| global(p)), t: global(&t), class: beat.class, group });
    }
    renumber(&mut truth, &paths);
    super::fibrillation::draw(canvas, activity, seed);
    draw_spikes(canvas, activity, &mut truth);
    for (from, name) in &activity.rhythms {
        truth.rhythms.push((canvas.rate.samples(crate::signal::Ms(from * 1000.0)).min(canvas.len()), name));
    }
    truth.episodes = episodes(canvas, activity);
    truth
}

/// Adds a continuous source given at 1000 Hz from time 0 on.
pub fn add_continuous(canvas: &mut Canvas, from: f64, to: f64, source: impl Fn(f64) -> Source) {
    canvas.add(from, to, source);
}

fn draw_atria(canvas: &mut Canvas, heart: &Heart, atria: &[AtrialBeat], chance: &mut Chance) -> Vec<Vec<Option<Wave>>> {
    atria
        .iter()
        .map(|beat| {
            let (duration, lobes) = beat.path.p(heart);
            let seconds = duration.0 / 1000.0;
            let size = 1.0 + 0.02 * chance.normal();
            canvas.wave(beat.at, beat.at + seconds, |t| {
                placed(heart, at(&lobes, (t - beat.at) / seconds).map(|v| v * size))
            })
        })
        .collect()
}

/// The level between P and QRS.
fn draw_pr(canvas: &mut Canvas, heart: &Heart, activity: &Activity) {
    if heart.pr_level == [0.0; 9] {
        return;
    }
    let rise = heart.p_ms.0 * 0.3 / 1000.0;
    for beat in &activity.ventricles {
        let Some(p) = beat.p.and_then(|p| activity.atria.get(p)) else { continue };
        let from = p.at + heart.p_ms.0 * 0.7 / 1000.0;
        canvas.add(from, beat.at + 0.03, |t| {
            let height = flank((t - from) / rise, 1.0).min(1.0 - flank((t - beat.at) / 0.03, 1.0));
            placed(heart, heart.pr_level.map(|v| v * height))
        });
    }
}

type LeadBounds = Vec<Option<Wave>>;

/// QRS, ST, T and U of one beat; gives the bounds of QRS and T in each lead.
fn draw_ventricles(
    canvas: &mut Canvas,
    heart: &Heart,
    beat: &VentricularBeat,
    rr: f64,
    next: f64,
    chance: &mut Chance,
) -> (LeadBounds, LeadBounds) {
    let v = beat.path.ventricles(heart);
    let breath = 1.0 + 0.025 * sine(BREATHS_HZ * beat.at) + 0.008 * chance.normal();
    let qrs = v.qrs_ms.0 / 1000.0;
    let adapted = cube_root(rr.clamp(0.15, 2.0));
    // however fast, T ends before the next beat is far gone; a premature beat falls on it all the same
    let shortest = qrs + 0.06;
    let qt = (v.qtc_ms.0 / 1000.0 * adapted).min(0.94 * rr.max(next.min(rr))).max(shortest);
    let t_long = (v.t_ms.0 / 1000.0 * adapted.min(1.12)).min(qt - qrs);
    let (j, t_on, t_off) = (beat.at + qrs, beat.at + qt - t_long, beat.at + qt);
    let lobes = |lobes: &[super::heart::Lobe], u: f64| placed(heart, at(lobes, u).map(|x| x * breath));
    let qrs_bounds = canvas.wave(beat.at, j, |t| lobes(&v.qrs, (t - beat.at) / qrs));
    let t_bounds = canvas.wave(t_on, t_off, |t| lobes(&v.t, (t - t_on) / t_long));
    let rise = beat.at + 0.55 * qrs;
    canvas.add(rise, t_off, |t| {
        let level = |k: usize| {
            let along = ((t - j) / (t_on - j).max(1e-3)).clamp(0.0, 1.0);
            v.st[0][k] + (v.st[1][k] - v.st[0][k]) * along
        };
        let height = flank((t - rise) / (j - rise), 0.8).min(1.0 - flank((t - t_on) / t_long, 1.0));
        placed(heart, std::array::from_fn(|k| breath * height * level(k)))
    });
    if !v.u.is_empty() {
        let long = 0.16 * adapted.min(1.1);
        canvas.add(t_off + 0.02, t_off + 0.02 + long, |t| lobes(&v.u, (t - t_off - 0.02) / long));
    }
    (qrs_bounds, t_bounds)
}

/// The source as the heart lies in the chest: mirrored in dextrocardia, where no near source meets the left chest.
fn placed(heart: &Heart, source: Source) -> Source {
    if heart.mirrored {
        let mut mirrored = [0.0; 9];
        (mirrored[0], mirrored[1], mirrored[2]) = (-source[0], source[1], source[2]);
        mirrored
    } else {
        source
    }
}

fn mean_interval(beats: &[VentricularBeat]) -> f64 {
    match beats {
        [first, .., last] => ((last.at - first.at) / (beats.len() - 1) as f64).clamp(0.15, 2.0),
        _ => 1.0,
    }
}

/// Groups by number of beats, the largest first.
fn renumber(truth: &mut Truth, paths: &[(Ventricular, usize)]) {
    let mut order: Vec<usize> = (0..paths.len()).collect();
    order.sort_by_key(|&k| std::cmp::Reverse(paths[k].1));
    for beat in &mut truth.beats {
        beat.group = order.iter().position(|&k| k == beat.group).unwrap_or(0);
    }
}

/// A spike is a rectangle of half a millisecond; a sample holds its mean over the sampling interval, as a converter
/// with an anti-aliasing filter has it, and a small recharge of the other sign follows.
fn draw_spikes(canvas: &mut Canvas, activity: &Activity, truth: &mut Truth) {
    const WIDTH: f64 = 0.0005;
    for spike in &activity.spikes {
        let direction = match spike.chamber {
            Chamber::Atrium => [-0.45, 0.70, -0.25],
            Chamber::Right => [-0.50, -0.85, 0.40],
            Chamber::Left => [0.70, -0.35, 0.45],
        };
        // unipolar leads give several millivolts on the skin, bipolar ones a fraction of one
        let size = if spike.bipolar { 2.2 } else { 9.0 };
        let interval = 1.0 / canvas.rate.0;
        let to = spike.at + WIDTH;
        canvas.add(spike.at - interval, to + 0.02, |t| {
            let overlap = ((t + interval).min(to) - t.max(spike.at)).max(0.0) / interval;
            let recharge = if t >= to { -0.012 * (1.0 - flank((t - to) / 0.02, 0.0)) } else { 0.0 };
            super::heart::dipole(direction.map(|d| d * size * (overlap + recharge)))
        });
        let sample = (spike.at * canvas.rate.0).floor();
        if sample >= 0.0 && (sample as usize) < canvas.len() {
            truth.spikes.push(sample as usize);
        }
    }
}

fn episodes(canvas: &Canvas, activity: &Activity) -> Vec<Episode> {
    use super::activity::StretchKind as K;
    activity
        .stretches
        .iter()
        .filter_map(|s| {
            let kind = match s.kind {
                K::VentricularFibrillation | K::VentricularFlutter => EpisodeKind::VentricularFibrillation,
                K::Silence => EpisodeKind::Asystole,
                K::AtrialFibrillation | K::AtrialFlutter => return None,
            };
            let at = |t: f64| ((t * canvas.rate.0).round().max(0.0) as usize).min(canvas.len());
            Some(Episode { kind, from: at(s.from), to: at(s.to) })
        })
        .collect()
}
