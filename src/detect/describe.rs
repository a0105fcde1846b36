//! What a beat is like against the others of its recording: numbers that depend on neither gain nor rate nor lead.
//!
//! Against time ([`Timing`]); against a template of the timely beats of the dominant shape nearby, in QRS, in what
//! precedes it (P) and in what follows it (ST–T); against its shape group, whose members speak together; and the same
//! of the beats beside it.

use super::envelope::Envelopes;
use super::groups::Groups;
use super::timing::{Timing, log_ratio};
use super::waves::Delineation;
use crate::dsp;

/// Numbers that describe a beat.
pub const FEATURES: usize = 66;
/// Where among them the classifier's own rules look.
pub(super) const EARLY: usize = 0;
pub(super) const EARLY_LONG: usize = 1;
pub(super) const CHANGE: usize = 4;
pub(super) const RESTLESS: usize = 10;
pub(super) const ODD: usize = 13;
const P_LIKE: usize = 24;

/// Numbers of the beat itself, before those of group and neighbours.
const OWN: usize = 35;
/// Those of which the group's median is told: earliness, pause, form, width, P, T, company.
const POOLED: [usize; 12] = [0, 1, 3, 13, 14, 19, 22, 24, 27, 30, 33, 2];
/// Those told of the beats beside.
const BESIDE: [usize; 3] = [EARLY, ODD, P_LIKE];

/// Half of the QRS compared, room to move it, where P and ST–T are looked for from the fiducial point, s.
const HALF_S: f64 = 0.1;
const SLACK_S: f64 = 0.03;
const P_S: (f64, f64) = (0.28, 0.07);
const T_S: (f64, f64) = (0.11, 0.40);
/// Timely beats on each side that make the template.
const TEMPLATE: usize = 8;
/// Beats on each side that are company.
const NEIGHBOURS: usize = 8;
/// A beat of at least this part of the local interval is timely; below the other it is premature.
const TIMELY: f32 = 0.9;
const PREMATURE: f32 = 0.87;

/// Stretches of every beat in all leads, scaled by the leads' heights and weights.
struct Cuts {
    leads: usize,
    half: usize,
    slack: usize,
    qrs: Vec<Vec<f32>>,
    p: Vec<Vec<f32>>,
    t: Vec<Vec<f32>>,
}

impl Cuts {
    fn new(envelopes: &Envelopes, at: &[usize]) -> Self {
        let samples = |s: f64| (s * envelopes.rate).round() as usize;
        let (half, slack) = (samples(HALF_S), samples(SLACK_S));
        let mut out = Self { leads: envelopes.slow.len(), half, slack, qrs: Vec::new(), p: Vec::new(), t: Vec::new() };
        let reach = half + slack;
        for &a in at {
            let [mut qrs, mut p, mut t] =
                [reach, samples(P_S.0), samples(T_S.1)].map(|n| Vec::with_capacity(2 * n * out.leads));
            let mut own = Vec::with_capacity(2 * reach + 1);
            for (lead, x) in envelopes.slow.iter().enumerate() {
                let block = (a / envelopes.block.max(1)).min(envelopes.heights[lead].len().saturating_sub(1));
                let height = envelopes.heights[lead].get(block).copied().unwrap_or(0.0);
                let weight = envelopes.weights[lead].get(block).copied().unwrap_or(0.0);
                let scale = if height > 0.0 { weight.sqrt() / height } else { 0.0 };
                own.clear();
                stretch(x, a as isize - reach as isize, 2 * reach + 1, &mut own);
                let from = qrs.len();
                qrs.extend_from_slice(&own);
                let level = dsp::median(&mut own);
                let lay = |part: &mut [f32], level: f32| part.iter_mut().for_each(|v| *v = (*v - level) * scale);
                lay(&mut qrs[from..], level);
                let (start, end, from) = (samples(P_S.0), samples(P_S.1), p.len());
                stretch(x, a as isize - start as isize, start - end, &mut p);
                let before = &mut p[from..];
                let mean = before.iter().sum::<f32>() / before.len().max(1) as f32;
                lay(before, mean);
                let (start, end, from) = (samples(T_S.0), samples(T_S.1), t.len());
                stretch(x, (a + start) as isize, end - start, &mut t);
                lay(&mut t[from..], level);
            }
            out.qrs.push(qrs);
            out.p.push(p);
            out.t.push(t);
        }
        out
    }

    /// The QRS of `beat` moved by `shift` (`slack` = in the middle), lead after lead.
    fn core(&self, beat: usize, shift: usize) -> impl Iterator<Item = &[f32]> {
        let (long, short) = (2 * (self.half + self.slack) + 1, 2 * self.half + 1);
        self.qrs[beat].chunks_exact(long).map(move |row| &row[shift..shift + short])
    }

    /// The smallest relative difference of the QRS of `beat` from `model` of energy `energy`, and at which shift.
    fn nearest(&self, beat: usize, model: &[f32], energy: f32) -> (f32, usize) {
        let (long, short) = (2 * (self.half + self.slack) + 1, 2 * self.half + 1);
        let shifts = 2 * self.slack + 1;
        let (mut owns, mut crosses) = (vec![0.0_f32; shifts], vec![0.0_f32; shifts]);
        let (mut squares, ones, mut sums) = (Vec::with_capacity(long), vec![1.0; short], vec![0.0_f32; shifts]);
        // Sums of each lead first, then over the leads.
        let mut add = |x: &[f32], model: &[f32], to: &mut [f32]| {
            sums.fill(0.0);
            dsp::products_by_shift(x, model, &mut sums);
            to.iter_mut().zip(&sums).for_each(|(t, s)| *t += s);
        };
        for (row, mean) in self.qrs[beat].chunks_exact(long).zip(model.chunks_exact(short)) {
            squares.clear();
            squares.extend(row.iter().map(|v| v * v));
            add(&squares, &ones, &mut owns);
            add(row, mean, &mut crosses);
        }
        let mut best = (f32::INFINITY, self.slack);
        for (shift, (own, cross)) in owns.iter().zip(&crosses).enumerate() {
            let d = (own + energy - 2.0 * cross) / own.max(energy).max(1e-9);
            if d < best.0 {
                best = (d, shift);
            }
        }
        best
    }
}

/// Appends `long` values from `from` on; beyond the ends the lead stays at its last level.
fn stretch(x: &[f32], from: isize, long: usize, out: &mut Vec<f32>) {
    let inside = usize::try_from(from).ok().and_then(|from| x.get(from..from + long));
    match inside {
        Some(part) => out.extend_from_slice(part),
        None => out.extend((from..from + long as isize).map(|i| x[i.clamp(0, x.len() as isize - 1) as usize])),
    }
}

/// Size and steepness of a QRS.
struct Bulk {
    swing: f32,
    slope: f32,
    spread: f32,
    area: f32,
}

impl Bulk {
    fn new(cuts: &Cuts, beat: usize, rate: f32) -> Self {
        let (mut swing, mut slope, mut area) = (0.0_f32, 0.0_f32, 0.0_f32);
        let mut power = vec![0.0_f32; 2 * cuts.half];
        for row in cuts.core(beat, cuts.slack) {
            let (low, high) = dsp::range(row);
            swing += high - low;
            area += row.iter().map(|v| v.abs()).sum::<f32>() / row.len() as f32;
            let mut steep = 0.0_f32;
            for (w, e) in row.windows(3).zip(&mut power) {
                let d = (w[2] - w[0]).abs();
                steep = steep.max(d);
                *e += d * d;
            }
            slope += steep;
        }
        Self { swing, slope, spread: dsp::spread(&power) / rate, area: area / swing.max(1e-6) }
    }
}

/// Describes every beat at `fiducials` (samples).
pub fn describe(
    envelopes: &Envelopes,
    timing: &Timing,
    fiducials: &[usize],
    groups: &Groups,
    waves: &Delineation,
) -> Vec<[f32; FEATURES]> {
    let n = fiducials.len();
    let last = envelopes.all.len().saturating_sub(1);
    let at: Vec<usize> = fiducials.iter().map(|&f| (f / envelopes.step).min(last)).collect();
    let cuts = Cuts::new(envelopes, &at);
    let bulk: Vec<Bulk> = (0..n).map(|b| Bulk::new(&cuts, b, envelopes.rate as f32)).collect();
    let rate = (envelopes.rate * envelopes.step as f64) as f32;
    let facts: Vec<(f32, Option<f32>)> = (0..n)
        .map(|b| {
            let bounds = waves.beats.get(b);
            let qrs = bounds.and_then(|w| w.qrs);
            let width = qrs.map_or(0.09, |q| q.offset.saturating_sub(q.onset) as f32 / rate);
            let pr = qrs.zip(bounds.and_then(|w| w.p)).map(|(q, p)| q.onset.saturating_sub(p.onset) as f32 / rate);
            (width, pr)
        })
        .collect();
    let main: Vec<usize> = (0..n).filter(|&b| groups.of_beat[b] == 0).collect();
    let mut timely: Vec<usize> = main.iter().copied().filter(|&b| timing.pre[b] > TIMELY * timing.local[b]).collect();
    if timely.len() < 3 {
        timely = main;
    }
    let usual_pr = middle(timely.iter().filter_map(|&b| facts[b].1));
    let own: Vec<[f32; OWN]> = (0..n)
        .map(|b| {
            let place = timely.partition_point(|&m| m < b);
            let part = &timely[place.saturating_sub(TEMPLATE)..(place + TEMPLATE).min(timely.len())];
            let mut near: Vec<usize> = part.iter().copied().filter(|&m| m != b).collect();
            if near.is_empty() {
                near.push(timely.first().copied().unwrap_or(b));
            }
            let mut f = [0.0_f32; OWN];
            in_time(&mut f, timing, groups, b);
            in_form(&mut f, &cuts, &near, b);
            in_bulk(&mut f, &bulk, &facts, &near, b);
            f[28] = facts[b].1.map_or(0.0, |pr| pr - usual_pr);
            f[29] = near.iter().filter(|&&m| facts[m].1.is_some()).count() as f32 / near.len() as f32;
            f[34] = if groups.of_beat[b] == 0 { 1.0 } else { 0.0 };
            f
        })
        .collect();
    together(&own, timing, groups)
}

fn in_time(f: &mut [f32; OWN], timing: &Timing, groups: &Groups, b: usize) {
    let n = timing.pre.len();
    let (pre, post, local) = (timing.pre[b], timing.post[b], timing.local[b]);
    let prior = if b > 0 { timing.pre[b - 1] } else { pre };
    let next = timing.post.get(b + 1).copied().unwrap_or(local);
    let near: Vec<usize> = (b.saturating_sub(NEIGHBOURS)..(b + NEIGHBOURS + 1).min(n)).filter(|&j| j != b).collect();
    let jitter = middle(near.windows(2).map(|w| (timing.pre[w[1]] - timing.pre[w[0]]).abs())) / local.max(0.2);
    let alike = near.iter().filter(|&&j| groups.of_beat[j] == groups.of_beat[b]).count() as f32;
    let values = [
        log_ratio(pre, local),
        log_ratio(pre, timing.long[b]),
        log_ratio(pre, timing.upper[b]),
        log_ratio(post, local),
        log_ratio(pre, prior),
        log_ratio(post, pre),
        log_ratio(pre + post, 2.0 * local),
        log_ratio(prior, local),
        log_ratio(next, local),
        jitter,
        timing.restless[b],
        pre,
        local,
    ];
    f[..values.len()].copy_from_slice(&values);
    f[33] = alike / near.len().max(1) as f32;
}

/// Against the mean of the beats `near`.
fn in_form(f: &mut [f32; OWN], cuts: &Cuts, near: &[usize], b: usize) {
    let short = 2 * cuts.half + 1;
    let mut model = vec![0.0_f32; cuts.leads * short];
    let part = 1.0 / near.len() as f32;
    for &m in near {
        for (row, mean) in cuts.core(m, cuts.slack).zip(model.chunks_exact_mut(short)) {
            row.iter().zip(mean).for_each(|(v, m)| *m += part * v);
        }
    }
    let energy = square(&model);
    let best = cuts.nearest(b, &model, energy);
    let (mut low, mut high, mut cross, mut own) = (1.0_f32, -1.0_f32, 0.0_f32, 0.0_f32);
    let mut levels = Vec::with_capacity(cuts.leads);
    for (row, mean) in cuts.core(b, best.1).zip(model.chunks_exact(short)) {
        let c = cosine(product(row, mean), square(row), square(mean));
        (low, high) = (low.min(c), high.max(c));
        cross += product(row, mean);
        own += square(row);
        levels.push(row.iter().sum::<f32>() / short as f32);
    }
    f[ODD] = if best.0.is_finite() { best.0 } else { 0.0 };
    (f[14], f[15], f[16]) = (cosine(cross, own, energy), low, high);
    let mean_of = |rows: &[Vec<f32>]| {
        let mut mean = vec![0.0_f32; rows[b].len()];
        for &m in near {
            rows[m].iter().zip(&mut mean).for_each(|(v, m)| *m += part * v);
        }
        mean
    };
    let (p, p_model) = (&cuts.p[b], mean_of(&cuts.p));
    let (pp, mm) = (square(p), square(&p_model));
    let apart: f32 = p.iter().zip(&p_model).map(|(a, b)| (a - b).powi(2)).sum();
    f[P_LIKE] = cosine(product(p, &p_model), pp, mm);
    f[25] = ((dsp::rms(p) + 0.01) / (dsp::rms(&p_model) + 0.01)).ln();
    f[26] = apart / pp.max(mm).max(1e-9);
    let (t, t_model) = (&cuts.t[b], mean_of(&cuts.t));
    let long = (t.len() / cuts.leads.max(1)).max(1);
    let (mut tt, mut xx, mut yy) = (0.0_f32, 0.0_f32, 0.0_f32);
    let (mut against, mut t_size, mut q_size) = (0.0_f32, 0.0_f32, 0.0_f32);
    for ((x, y), level) in t.chunks_exact(long).zip(t_model.chunks_exact(long)).zip(&levels) {
        let (mx, my) = (x.iter().sum::<f32>() / long as f32, y.iter().sum::<f32>() / long as f32);
        for (a, b) in x.iter().zip(y) {
            tt += (a - mx) * (b - my);
            xx += (a - mx).powi(2);
            yy += (b - my).powi(2);
        }
        against += mx * level;
        t_size += mx * mx;
        q_size += level * level;
    }
    f[30] = cosine(tt, xx, yy);
    f[31] = ((dsp::rms(t) + 0.02) / (dsp::rms(&t_model) + 0.02)).ln();
    f[32] = cosine(against, t_size, q_size);
}

/// In size, steepness and width; `facts`: width and PR interval, s.
fn in_bulk(f: &mut [f32; OWN], bulk: &[Bulk], facts: &[(f32, Option<f32>)], near: &[usize], b: usize) {
    let usual = |of: &dyn Fn(usize) -> f32| middle(near.iter().map(|&m| of(m)));
    f[17] = log_ratio(bulk[b].swing, usual(&|m| bulk[m].swing));
    f[18] = log_ratio(bulk[b].slope, usual(&|m| bulk[m].slope));
    f[19] = log_ratio(bulk[b].spread, usual(&|m| bulk[m].spread));
    f[20] = bulk[b].spread;
    f[21] = log_ratio(bulk[b].area, usual(&|m| bulk[m].area));
    f[22] = log_ratio(facts[b].0, usual(&|m| facts[m].0));
    f[23] = facts[b].0;
    f[27] = if facts[b].1.is_some() { 1.0 } else { 0.0 };
}

/// Adds what the group, the beats beside and the basic rhythm tell.
fn together(own: &[[f32; OWN]], timing: &Timing, groups: &Groups) -> Vec<[f32; FEATURES]> {
    let n = own.len();
    let shared: Vec<[f32; POOLED.len() + 3]> = (0..groups.sizes.len())
        .map(|g| {
            let members: Vec<usize> = (0..n).filter(|&b| groups.of_beat[b] == g).collect();
            let mut out = [0.0; POOLED.len() + 3];
            for (o, &k) in out.iter_mut().zip(&POOLED) {
                *o = middle(members.iter().map(|&b| own[b][k]));
            }
            let count = members.len().max(1) as f32;
            let premature = members.iter().filter(|&&b| own[b][EARLY] < PREMATURE.ln()).count() as f32;
            out[POOLED.len()..].copy_from_slice(&[premature / count, count / n.max(1) as f32, count.ln()]);
            out
        })
        .collect();
    let early: Vec<f32> = (0..n).map(|b| timing.early(b)).collect();
    let beside = |b: Option<usize>| BESIDE.map(|k| b.and_then(|b| own.get(b)).map_or(0.0, |f| f[k]));
    (0..n)
        .map(|b| {
            let restless = 10.0 * (timing.restless[b] + 0.03);
            let back = log_ratio(timing.pre[b], timing.backward[b]);
            let usual = middle((b.saturating_sub(30)..(b + 30).min(n)).map(|j| own[j][ODD]));
            let near = b.saturating_sub(3)..(b + 4).min(n);
            let run = near.filter(|&j| early[j] < -0.16).count() as f32 / 7.0;
            let rhythm = [
                early[b],
                back,
                early[b].max(back),
                own[b][EARLY].min(0.0) / restless,
                early[b].min(0.0) / restless,
                own[b][ODD] / (usual + 0.05),
                run,
            ];
            let parts = own[b]
                .into_iter()
                .chain(shared[groups.of_beat[b]])
                .chain(beside(b.checked_sub(1)))
                .chain(beside(Some(b + 1)))
                .chain(beside(b.checked_sub(2)))
                .chain(rhythm);
            let mut f = [0.0_f32; FEATURES];
            for (to, value) in f.iter_mut().zip(parts) {
                *to = if value.is_finite() { value.clamp(-3.0, 3.0) } else { 0.0 };
            }
            f
        })
        .collect()
}

/// The median; 0 of nothing.
fn middle(values: impl Iterator<Item = f32>) -> f32 {
    let mut all: Vec<f32> = values.collect();
    if all.is_empty() { 0.0 } else { dsp::median(&mut all) }
}

fn square(x: &[f32]) -> f32 {
    x.iter().map(|v| v * v).sum()
}

fn product(x: &[f32], y: &[f32]) -> f32 {
    x.iter().zip(y).map(|(a, b)| a * b).sum()
}

fn cosine(cross: f32, a: f32, b: f32) -> f32 {
    cross / (a * b).sqrt().max(1e-9)
}
