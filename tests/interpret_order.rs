//! Statements that rest on the order of P, QRS and stimuli along the strip, just over and just under their limits.
use crate::interpret_limits::{beats, intervals, late, low_p, no_p, premature, q, rate, rs, width};
use crate::interpret_reports::{Change, Hand, hold_at_their_limits, irregular, wave};
use einthoven::detect::{Beat, BeatClass, Episode, EpisodeKind};
use einthoven::signal::{LeadName as L, Ms};

fn beat(at: usize, p: Option<usize>) -> Beat {
    Beat { qrs: wave(at), p: p.map(wave), t: None, class: BeatClass::N, group: 0 }
}

/// The list of P waves from the beats' own.
fn own_p(h: &mut Hand) {
    h.detection.p_waves = h.detection.beats.iter().filter_map(|b| b.p).collect();
}

/// Groups of four P waves in time, the last without QRS; P to QRS of the others in samples.
fn dropped(h: &mut Hand, pr: [usize; 3]) {
    let p = |i: usize| 400 + 420 * i;
    h.detection.beats = (0..11).filter(|i| i % 4 < 3).map(|i| beat(p(i) + pr[i % 4], Some(p(i)))).collect();
    h.detection.p_waves = (0..11).map(|i| wave(p(i))).collect();
    rate(h, 53.0);
}

/// P waves and QRS complexes each in their own time, samples a cycle, unrelated.
fn apart(h: &mut Hand, atria: usize, ventricles: usize, bpm: f64) {
    h.detection.beats = (0..(4700 / ventricles)).map(|i| beat(250 + ventricles * i, None)).collect();
    h.detection.p_waves = (0..(4800 / atria)).map(|i| wave(100 + atria * i)).collect();
    rate(h, bpm);
}

/// P waves a while after so many of the ten complexes, none before.
fn retrograde(h: &mut Hand, n: usize) {
    no_p(h, 71.0);
    h.detection.p_waves = h.detection.beats.iter().take(n).map(|b| wave(b.qrs.peak + 60)).collect();
}

/// Fibrillation with one interval of `ms`.
fn pause(h: &mut Hand, ms: usize) {
    irregular(h, 0.1);
    let before = h.detection.beats[8].qrs.peak;
    h.detection.beats[9].qrs = wave(before + ms / 2);
}

/// The fifth beat ventricular, so many samples after the one before.
fn early(h: &mut Hand, samples: usize) {
    let before = h.detection.beats[3].qrs.peak;
    h.detection.beats[4] = Beat { class: BeatClass::V, group: 1, ..beat(before + samples, None) };
    own_p(h);
}

/// A ventricular beat between two others.
fn between(h: &mut Hand) {
    let before = h.detection.beats[4].qrs.peak;
    h.detection.beats.insert(5, Beat { class: BeatClass::V, group: 1, ..beat(before + 210, None) });
}

/// Beats 4 … of a class and of these shapes, so many samples apart.
fn run(h: &mut Hand, class: BeatClass, shapes: &[usize], gap: usize) {
    let mut at = h.detection.beats[3].qrs.peak;
    for (i, &group) in shapes.iter().enumerate() {
        at += gap;
        h.detection.beats[4 + i] = Beat { class, group, ..beat(at, None) };
    }
    let rest = 4 + shapes.len();
    for i in rest..10 {
        at += 420;
        h.detection.beats[i] = beat(at, Some(at - 80));
    }
    own_p(h);
}

/// A P wave without QRS so many samples after the fifth, and a pause.
fn blocked(h: &mut Hand, samples: usize) {
    for b in &mut h.detection.beats[5..] {
        *b = beat(b.qrs.peak + 300, Some(b.qrs.peak + 220));
    }
    own_p(h);
    let at = h.detection.p_waves[4].peak + samples;
    h.detection.p_waves.insert(5, wave(at));
}

fn fibrillating(h: &mut Hand, between_mv: f64) {
    no_p(h, 54.0);
    h.detection.atrial.dominant_hz = Some(5.5);
    h.detection.atrial.between_mv = Some(between_mv);
}

fn preexcited(h: &mut Hand, shortest: f64) {
    irregular(h, 0.1);
    width(h, 120.0);
    rate(h, 160.0);
    h.global.rr_min_ms = Some(Ms(shortest));
}

/// P waves of so many shapes before every beat of an irregular rhythm.
fn shapes(h: &mut Hand, alike: f64, bpm: f64) {
    intervals(h, &[380, 500, 430, 350, 470]);
    h.detection.atrial.p_present = alike;
    rate(h, bpm);
}

fn from_below(h: &mut Hand, bpm: f64) {
    low_p(h, -0.1);
    h.global.pr_ms = Some(Ms(85.0));
    rate(h, bpm);
}

fn from_elsewhere(h: &mut Hand, bpm: f64) {
    low_p(h, -0.1);
    rate(h, bpm);
}

/// All beats paced in the ventricles.
fn paced(h: &mut Hand) {
    beats(h, &[0, 1, 2, 3, 4, 5, 6, 7, 8, 9], BeatClass::P, 0);
    h.detection.beats.iter_mut().for_each(|b| b.p = None);
    h.detection.p_waves.clear();
    h.detection.spikes = h.detection.beats.iter().map(|b| b.qrs.onset).collect();
}

/// Stimuli so many samples before the first `n` complexes.
fn stimuli(h: &mut Hand, n: usize, before: usize) {
    let more: Vec<usize> = h.detection.beats.iter().take(n).map(|b| b.qrs.onset - before).collect();
    h.detection.spikes.extend(more);
    h.detection.spikes.sort_unstable();
}

/// Paced in the ventricles after the P waves of the first `n` beats.
fn synchronous(h: &mut Hand, n: usize) {
    paced(h);
    h.detection.beats.iter_mut().take(n).for_each(|b| b.p = Some(wave(b.qrs.peak - 80)));
    own_p(h);
}

/// Five paced beats, then native ones without P whose intervals differ by so many samples.
fn own(h: &mut Hand, samples: usize) {
    paced(h);
    h.detection.atrial.p_present = 0.0;
    beats(h, &[5, 6, 7, 8, 9], BeatClass::N, 1);
    h.detection.spikes.truncate(5);
    for i in [7, 9] {
        h.detection.beats[i].qrs = wave(h.detection.beats[i].qrs.peak - samples / 2);
    }
}

fn lost(h: &mut Hand, after: usize) {
    paced(h);
    let at = h.detection.beats[3].qrs.peak + after;
    h.detection.spikes.push(at);
    h.detection.spikes.sort_unstable();
}

/// One paced beat, and stimuli 100 samples after the onset of these native ones.
fn unsensed(h: &mut Hand, after: &[usize]) {
    beats(h, &[0], BeatClass::P, 1);
    h.detection.spikes = vec![h.detection.beats[0].qrs.onset];
    let odd: Vec<usize> = after.iter().map(|&i| h.detection.beats[i].qrs.onset + 100).collect();
    h.detection.spikes.extend(odd);
}

fn silent(h: &mut Hand, samples: usize) {
    paced(h);
    late(h, samples);
    h.detection.spikes.clear();
}

fn episode(h: &mut Hand, kind: EpisodeKind, samples: usize) {
    h.detection.episodes = vec![Episode { kind, from: 3000, to: 3000 + samples }];
}

use BeatClass::{S, V};

/// A statement, what makes it, and what just does not.
#[rustfmt::skip]
pub const IN_ORDER: &[(&str, Change, Change)] = &[
    ("sinus-rhythm", |_| {}, |h| no_p(h, 71.0)),
    ("ectopic-atrial-bradycardia", |h| from_elsewhere(h, 59.0), |h| from_elsewhere(h, 60.0)),
    ("ectopic-atrial-tachycardia", |h| from_elsewhere(h, 101.0), |h| from_elsewhere(h, 100.0)),
    ("junctional-tachycardia", |h| from_below(h, 101.0), |h| from_below(h, 99.0)),
    ("wandering-atrial-pacemaker", |h| shapes(h, 0.69, 71.0), |h| shapes(h, 0.71, 71.0)),
    ("multifocal-atrial-tachycardia", |h| shapes(h, 0.69, 101.0), |h| shapes(h, 0.69, 100.0)),
    ("pause", |h| pause(h, 3010), |h| pause(h, 2990)),
    ("atrial-fibrillation-regular", |h| fibrillating(h, 0.016), |h| fibrillating(h, 0.014)),
    ("atrial-fibrillation-preexcited", |h| preexcited(h, 250.0), |h| preexcited(h, 252.0)),
    ("atrial-fibrillation-paced", |h| own(h, 64), |h| own(h, 59)),
    ("ventricular-fibrillation", |h| episode(h, EpisodeKind::VentricularFibrillation, 1500), |h| episode(h, EpisodeKind::VentricularFibrillation, 1499)),
    ("asystole", |h| episode(h, EpisodeKind::Asystole, 1500), |h| episode(h, EpisodeKind::Asystole, 1499)),
    ("nonsustained-ventricular-tachycardia", |h| run(h, V, &[1, 1, 1], 299), |h| run(h, V, &[1, 1, 1], 301)),
    ("polymorphic-ventricular-tachycardia", |h| run(h, V, &[1, 2, 3, 1, 2], 249), |h| run(h, V, &[1, 2, 3, 1, 2], 251)),
    ("torsades-de-pointes", |h| { run(h, V, &[1, 2, 3, 1, 2], 249); h.global.qtc_fridericia_ms = Some(Ms(500.0)); },
        |h| { run(h, V, &[1, 2, 3, 1, 2], 249); h.global.qtc_fridericia_ms = Some(Ms(498.0)); }),
    // ectopy and escapes
    ("interpolated-ventricular-premature-beats", between, |h| early(h, 300)),
    ("r-on-t", |h| early(h, 166), |h| early(h, 168)),
    ("ventricular-escape", |h| { late(h, 181); beats(h, &[5], V, 1); }, |h| { late(h, 179); beats(h, &[5], V, 1); }),
    ("junctional-escape", |h| { late(h, 181); h.detection.beats[5].p = None; own_p(h); }, |h| { late(h, 179); h.detection.beats[5].p = None; own_p(h); }),
    ("atrial-couplets", |h| premature(h, &[4, 5], 60), |h| premature(h, &[4, 6], 60)),
    ("atrial-run", |h| run(h, S, &[0, 0, 0], 299), |h| run(h, S, &[0, 0, 0], 301)),
    ("nonconducted-atrial-premature-beats", |h| blocked(h, 335), |h| blocked(h, 337)),
    ("junctional-premature-beats", |h| { premature(h, &[4], 60); h.detection.beats[4].p = None; own_p(h); }, |h| premature(h, &[4], 60)),
    // conduction
    ("wenckebach", |h| dropped(h, [80, 85, 90]), |h| dropped(h, [80, 84, 89])),
    ("complete-av-block", |h| apart(h, 300, 700, 59.0), |h| apart(h, 300, 700, 60.0)),
    ("av-dissociation", |h| apart(h, 500, 430, 70.0), |h| apart(h, 430, 430, 70.0)),
    ("av-reentry", |h| { retrograde(h, 8); rate(h, 151.0); }, |h| { retrograde(h, 7); rate(h, 151.0); }),
    ("retrograde-conduction", |h| retrograde(h, 8), |h| retrograde(h, 7)),
    // pacing
    ("atrial-paced-rhythm", |h| stimuli(h, 5, 90), |h| stimuli(h, 4, 90)),
    ("av-sequential-paced-rhythm", |h| { paced(h); stimuli(h, 5, 90); }, |h| { paced(h); stimuli(h, 4, 90); }),
    ("p-synchronous-pacing", |h| synchronous(h, 7), |h| synchronous(h, 6)),
    ("biventricular-pacing", |h| { paced(h); rs(h, &[L::V1], 0.55, 0.5); q(h, &[L::I], 0.06, 20.0); }, |h| { paced(h); rs(h, &[L::V1], 0.45, 0.5); q(h, &[L::I], 0.06, 20.0); }),
    ("failure-to-capture-ventricular", |h| lost(h, 171), |h| lost(h, 169)),
    ("failure-to-sense", |h| unsensed(h, &[5, 7]), |h| unsensed(h, &[5])),
    ("failure-to-pace", |h| silent(h, 331), |h| silent(h, 329)),
];

#[test]
fn statements_of_order_hold_over_their_limits_and_not_under_them() {
    hold_at_their_limits(IN_ORDER);
}
