//! Classes of beats (ANSI/AAMI EC57: N, S, V) by rhythm and shape together.
//!
//! Each beat is described against the beats around it and against its shape group, in numbers that depend on neither
//! gain nor rate nor lead; a small network (trained by `einthoven train beats`) weighs them. A shape group speaks with one voice where it is large: beats of one shape that is
//! wide and mostly premature are ventricular also when one of them comes on time.

use super::BeatClass;
use super::candidates::{Candidate, Shapes};
use super::envelope::Envelopes;
use super::groups::Groups;
use super::waves::Delineation;
use crate::dsp;
use crate::dsp::network::Network;
use crate::signal::{Hz, Ms};
use std::sync::OnceLock;

/// Numbers that describe a beat.
pub const FEATURES: usize = 32;
/// A beat is not premature unless it comes so much before its time ([`ratio`] of usual to own interval: a twentieth).
const LEAST_EARLY: f32 = 0.05;
/// Where among them the irregularity of a minute or so stands.
const IRREGULARITY: usize = 30;
/// Median change of successive intervals, part of the interval, above which the rhythm has no beat that comes before its
/// time: atrial fibrillation lies above 0.12, sinus arrhythmia and frequent ectopy below.
const IRREGULAR: f32 = 0.11;
/// Beats on each side that a beat is compared with.
const NEIGHBOURS: usize = 8;
/// A beat this much before its time is premature, part of the usual interval.
const PREMATURE: f32 = 0.87;
/// Where the P wave is looked for before the fiducial point, s.
const P_S: (f64, f64) = (0.28, 0.07);

/// A beat must be this much likelier ventricular than anything else (logarithm of odds): most beats are not.
const DOUBT: f32 = 0.8;

/// A ventricular stimulus is followed by the largest deflection within this (atrial ones by the QRS later than this).
const CAPTURE: Ms = Ms(140.0);

/// Classes the network tells apart, in the order of its outputs.
const CLASSES: [BeatClass; 3] = [BeatClass::N, BeatClass::S, BeatClass::V];

/// Weights found on MIT-BIH DS1.
fn network() -> Option<&'static Network> {
    static NETWORK: OnceLock<Option<Network>> = OnceLock::new();
    NETWORK.get_or_init(|| Network::from_text(include_str!("classes.txt"))).as_ref()
}

/// Class of each beat.
pub fn classify(features: &[[f32; FEATURES]], network: &Network) -> Vec<BeatClass> {
    let (mut hidden, mut out) = (Vec::new(), Vec::new());
    features
        .iter()
        .map(|f| {
            network.run(f, &mut hidden, &mut out);
            if let Some(ventricular) = out.get_mut(2) {
                *ventricular -= DOUBT;
            }
            let early = f[0].max(f[1]) > LEAST_EARLY;
            if (f[IRREGULARITY] > share(IRREGULAR, 0.1) || !early) && out.len() > 1 {
                out[1] = f32::NEG_INFINITY;
            }
            let best = (0..out.len()).max_by(|&a, &b| out[a].total_cmp(&out[b]));
            best.and_then(|b| CLASSES.get(b)).copied().unwrap_or_default()
        })
        .collect()
}

/// Class of each beat at `fiducials` (samples).
pub fn classes(envelopes: &Envelopes, fiducials: &[usize], groups: &Groups, waves: &Delineation) -> Vec<BeatClass> {
    match network() {
        // Without a usual interval nothing is premature.
        Some(network) if fiducials.len() > 3 => classify(&describe(envelopes, fiducials, groups, waves), network),
        _ => vec![BeatClass::N; fiducials.len()],
    }
}

/// Beats whose QRS follows a stimulus are paced, if most stimuli are followed by one (else they are artefacts).
pub fn paced(classes: &mut [BeatClass], fiducials: &[usize], spikes: &[usize], rate: Hz) {
    let follows = |spike: usize| {
        let next = fiducials.partition_point(|&f| f + rate.samples(Ms(8.0)) < spike);
        fiducials.get(next).filter(|&&f| f.saturating_sub(spike) < rate.samples(CAPTURE)).map(|_| next)
    };
    let captured: Vec<usize> = spikes.iter().filter_map(|&s| follows(s)).collect();
    // Of a dual-chamber pacemaker's stimuli the atrial half is not followed at once.
    if spikes.len() < 2 || 3 * captured.len() < spikes.len() {
        return;
    }
    for beat in captured {
        classes[beat] = BeatClass::P;
    }
}

/// Describes every beat.
pub fn describe(
    envelopes: &Envelopes,
    fiducials: &[usize],
    groups: &Groups,
    waves: &Delineation,
) -> Vec<[f32; FEATURES]> {
    let n = fiducials.len();
    let rate = envelopes.rate as f32 * envelopes.step as f32;
    let last = envelopes.all.len().saturating_sub(1);
    let places: Vec<Candidate> = fiducials
        .iter()
        .map(|&f| (f / envelopes.step).min(last))
        .map(|at| Candidate { at, height: envelopes.all[at] })
        .collect();
    let shapes = Shapes::cut(envelopes, &places);
    let rr: Vec<f32> = fiducials.windows(2).map(|w| (w[1] - w[0]) as f32 / rate).collect();
    let local: Vec<f32> = (0..n)
        .map(|b| middle(rr[b.saturating_sub(10).min(rr.len())..(b + 10).min(rr.len())].iter().copied()))
        .collect();
    // Over a minute or so: a run of premature beats is not the rule.
    let long: Vec<f32> = (0..n)
        .map(|b| middle(rr[b.saturating_sub(50).min(rr.len())..(b + 50).min(rr.len())].iter().copied()))
        .collect();
    let change: Vec<f32> = rr.windows(2).map(|w| (w[1] - w[0]).abs() / w[0].max(0.2)).collect();
    let restless: Vec<f32> = (0..n)
        .map(|b| middle(change[b.saturating_sub(30).min(change.len())..(b + 30).min(change.len())].iter().copied()))
        .collect();
    let before = |b: usize| if b > 0 { rr[b - 1] } else { local[b] };
    let after = |b: usize| rr.get(b).copied().unwrap_or(local[b]);
    let width: Vec<f32> = (0..n)
        .map(|b| waves.beats.get(b).and_then(|w| w.qrs).map_or(0.09, |q| (q.offset - q.onset) as f32 / rate))
        .collect();
    let usual_width = middle(width.iter().copied());
    let by_group = group_traits(groups, &width, |b| before(b) < PREMATURE * local[b]);
    let p = p_likeness(envelopes, &places, groups, |b| before(b) > 0.9 * local[b]);
    let main: Vec<usize> = (0..n).filter(|&b| groups.of_beat[b] == 0).collect();
    (0..n)
        .map(|b| {
            let near: Vec<usize> =
                (b.saturating_sub(NEIGHBOURS)..(b + NEIGHBOURS + 1).min(n)).filter(|&j| j != b).collect();
            let likes: Vec<f32> = near.iter().map(|&j| shapes.likeness(b, j)).collect();
            let at = main.partition_point(|&m| m < b);
            let around = &main[at.saturating_sub(3)..(at + 4).min(main.len())];
            let main_like = middle(around.iter().filter(|&&m| m != b).map(|&m| shapes.likeness(b, m)));
            let jitter = middle(near.windows(2).map(|w| (before(w[1]) - before(w[0])).abs() / local[b].max(0.2)));
            let group = &by_group[groups.of_beat[b]];
            let (x, y) = (before(b), after(b));
            let prior = if b > 1 { rr[b - 2] } else { local[b] };
            let (swing, slope) =
                (middle(near.iter().map(|&j| shapes.swing(j))), middle(near.iter().map(|&j| shapes.slope(j))));
            let early = -ratio(x, local[b]);
            let early_long = -ratio(x, long[b]);
            let jitter = share(jitter, 0.1);
            let odd = 1.0 - main_like.max(-1.0);
            let wider = ratio(width[b], usual_width);
            [
                early,
                early_long,
                ratio(y, local[b]),
                ratio(x, prior),
                ratio(y, x),
                jitter,
                middle(likes.iter().copied()).max(-1.0),
                likes.iter().copied().fold(-1.0, f32::max),
                odd,
                ratio(shapes.swing(b), swing),
                ratio(shapes.slope(b), slope),
                ratio(shapes.slope(b) * swing, shapes.swing(b) * slope),
                group.part.sqrt(),
                group.premature,
                2.0 * share(width[b], 0.1) - 1.0,
                wider,
                ratio(group.width, usual_width),
                if waves.beats.get(b).is_some_and(|w| w.p.is_some()) { 1.0 } else { 0.0 },
                p[b],
                2.0 * share(local[b], 0.8) - 1.0,
                ratio(x + y, 2.0 * local[b]),
                if b > 0 { ratio(before(b - 1), local[b]) } else { 0.0 },
                if groups.of_beat[b] == 0 { 1.0 } else { 0.0 },
                odd * early,
                odd * wider,
                odd * group.premature,
                early * (1.0 - p[b]),
                early * jitter,
                early * (1.0 - odd),
                early_long * (1.0 - odd),
                share(restless[b], 0.1),
                early * share(restless[b], 0.1),
            ]
        })
        .collect()
}

/// The median; 0 of nothing.
fn middle(values: impl Iterator<Item = f32>) -> f32 {
    dsp::median(&mut values.collect::<Vec<f32>>())
}

/// a / (a + b).
fn share(a: f32, b: f32) -> f32 {
    if a + b > 0.0 { a / (a + b) } else { 0.5 }
}

/// 0 when equal, ±1 at the extremes; steep around equality because a tenth matters.
fn ratio(a: f32, b: f32) -> f32 {
    (4.0 * (share(a, b) - 0.5)).clamp(-1.5, 1.5)
}

/// What a shape group is like.
#[derive(Clone, Copy, Default)]
struct GroupTraits {
    part: f32,
    premature: f32,
    width: f32,
}

fn group_traits(groups: &Groups, width: &[f32], premature: impl Fn(usize) -> bool) -> Vec<GroupTraits> {
    (0..groups.sizes.len())
        .map(|g| {
            let members: Vec<usize> = (0..width.len()).filter(|&b| groups.of_beat[b] == g).collect();
            let count = members.len().max(1) as f32;
            GroupTraits {
                part: count / width.len().max(1) as f32,
                premature: members.iter().filter(|&&b| premature(b)).count() as f32 / count,
                width: middle(members.iter().map(|&b| width[b])),
            }
        })
        .collect()
}

/// Correlation of what precedes each beat with what usually precedes the timely beats of the dominant shape.
fn p_likeness(
    envelopes: &Envelopes,
    places: &[Candidate],
    groups: &Groups,
    timely: impl Fn(usize) -> bool,
) -> Vec<f32> {
    let (from, to) = ((P_S.0 * envelopes.rate) as usize, (P_S.1 * envelopes.rate) as usize);
    let long = from - to;
    let row = long * envelopes.slow.len();
    let cut = |at: usize| -> Vec<f32> {
        let mut out = Vec::with_capacity(row);
        for (lead, x) in envelopes.slow.iter().enumerate() {
            let block = at / envelopes.block;
            let (weight, height) = (envelopes.weights[lead][block], envelopes.heights[lead][block]);
            let scale = if height > 0.0 { weight / height } else { 0.0 };
            let part = if at >= from { &x[at - from..at - to] } else { &[] };
            let mean = part.iter().sum::<f32>() / part.len().max(1) as f32;
            out.extend(part.iter().map(|v| (v - mean) * scale));
        }
        out.resize(row, 0.0);
        out
    };
    let cuts: Vec<Vec<f32>> = places.iter().map(|p| cut(p.at)).collect();
    let mut mean = vec![0.0_f32; row];
    for (b, c) in cuts.iter().enumerate() {
        if groups.of_beat[b] == 0 && timely(b) {
            for (m, v) in mean.iter_mut().zip(c) {
                *m += v;
            }
        }
    }
    cuts.iter().map(|c| dsp::correlation(c, &mean)).collect()
}
