//! Statements just over and just under their limits, on a hand-made case: one row a statement, as data.
use crate::interpret_order::IN_ORDER;
use crate::interpret_reports::{Change, Hand, LIMITS as EARLIER, hold_at_their_limits, irregular, wave};
use einthoven::detect::{Beat, BeatClass, LeadQuality, MedianBeat, Wave};
use einthoven::interpret::RULES;
use einthoven::measure::Alternans;
use einthoven::signal::{Bpm, Deg, Hz, LeadName as L, Ms, Mv, Recording};
use ndarray::Array2;

const INFERIOR: &[L] = &[L::II, L::III, L::AvF];
const LIMB: &[L] = &[L::I, L::II, L::III, L::AvR, L::AvL, L::AvF];
const CHEST: &[L] = &[L::V1, L::V2, L::V3, L::V4, L::V5, L::V6];

pub fn st(h: &mut Hand, leads: &[L], j: f64, j80: f64) {
    h.each(leads, |l| {
        l.st_j_mv = Some(Mv(j));
        l.st_60_mv = Some(Mv(j80));
        l.st_80_mv = Some(Mv(j80));
    });
}

pub fn t(h: &mut Hand, leads: &[L], mv: f64) {
    h.each(leads, |l| l.t_mv = Some(Mv(mv)));
}

pub fn p(h: &mut Hand, leads: &[L], mv: f64) {
    h.each(leads, |l| l.p_mv = Some(Mv(mv)));
}

pub fn rs(h: &mut Hand, leads: &[L], r: f64, s: f64) {
    h.each(leads, |l| {
        l.r_mv = (r > 0.0).then_some(Mv(r));
        l.s_mv = (s > 0.0).then_some(Mv(-s));
    });
}

pub fn q(h: &mut Hand, leads: &[L], mv: f64, ms: f64) {
    h.each(leads, |l| {
        l.q_mv = Some(Mv(-mv));
        l.q_ms = Some(Ms(ms));
    });
}

pub fn qs(h: &mut Hand, leads: &[L]) {
    rs(h, leads, 0.0, 0.0);
    q(h, leads, 0.9, 80.0);
}

pub fn axis(h: &mut Hand, degrees: f64) {
    h.global.qrs_axis_deg = Some(Deg(degrees));
}

pub fn rate(h: &mut Hand, bpm: f64) {
    h.global.heart_rate_bpm = Some(Bpm(bpm));
}

pub fn width(h: &mut Hand, ms: f64) {
    h.global.qrs_duration_ms = Some(Ms(ms));
    h.each(&L::TWELVE, |l| l.qrs_ms = Some(Ms(ms)));
}

/// Beats of a class and shape group at these places.
pub fn beats(h: &mut Hand, at: &[usize], class: BeatClass, group: usize) {
    for &i in at {
        h.detection.beats[i].class = class;
        h.detection.beats[i].group = group;
    }
}

/// Supraventricular beats that come early by `early` samples each.
pub fn premature(h: &mut Hand, at: &[usize], early: usize) {
    beats(h, at, BeatClass::S, 0);
    for &i in at {
        h.detection.beats[i].qrs = wave(h.detection.beats[i].qrs.peak - early);
    }
}

pub fn no_p(h: &mut Hand, bpm: f64) {
    h.detection.beats.iter_mut().for_each(|b| b.p = None);
    h.detection.p_waves.clear();
    h.detection.atrial.p_present = 0.0;
    h.global.pr_ms = None;
    rate(h, bpm);
}

fn wide_no_p(h: &mut Hand, bpm: f64) {
    no_p(h, bpm);
    width(h, 132.0);
}

/// Beats, each with its P wave, at these intervals (samples).
pub fn intervals(h: &mut Hand, rr: &[usize]) {
    let mut at = 200;
    h.detection.beats = (0..10)
        .map(|i| {
            at += rr[i % rr.len()];
            Beat { qrs: wave(at), p: Some(wave(at - 80)), t: None, class: BeatClass::N, group: 0 }
        })
        .collect();
    h.detection.p_waves = h.detection.beats.iter().filter_map(|b| b.p).collect();
}

/// A longer interval before beat 5.
pub fn late(h: &mut Hand, samples: usize) {
    for b in &mut h.detection.beats[5..] {
        b.qrs = wave(b.qrs.peak + samples);
        b.p = Some(wave(b.qrs.peak - 80));
    }
    h.detection.p_waves = h.detection.beats.iter().filter_map(|b| b.p).collect();
}

/// One QRS in `every` of ten P waves.
fn conducted(h: &mut Hand, every: usize) {
    let all = h.detection.beats.clone();
    h.detection.beats = all.into_iter().step_by(every).collect();
    rate(h, 71.4 / every as f64);
}

pub fn quality(h: &mut Hand, change: impl Fn(&mut LeadQuality)) {
    h.detection.quality = vec![LeadQuality { score: 1.0, ..LeadQuality::default() }; 12];
    h.detection.quality.iter_mut().for_each(change);
}

fn left_block(h: &mut Hand, ms: f64) {
    width(h, ms);
    h.each(&L::TWELVE, |l| l.r_peak_ms = Some(Ms(70.0)));
    rs(h, &[L::V1], 0.1, 1.4);
}

pub fn right_block(h: &mut Hand, ms: f64) {
    width(h, ms);
    h.each(&[L::V1], |l| {
        l.r2_mv = Some(Mv(0.8));
        l.qrs_area = Some(10.0);
    });
    h.each(&[L::I, L::V6], |l| {
        l.s_mv = Some(Mv(-0.3));
        l.s_ms = Some(Ms(60.0));
    });
}

fn left_anterior(h: &mut Hand, degrees: f64) {
    axis(h, degrees);
    rs(h, INFERIOR, 0.2, 0.8);
    rs(h, &[L::AvL], 0.9, 0.0);
}

pub fn delta(h: &mut Hand, pr: f64, r: f64, s: f64) {
    h.global.pr_ms = Some(Ms(pr));
    width(h, 114.0);
    h.each(&L::TWELVE, |l| l.r_peak_ms = Some(Ms(55.0)));
    rs(h, &[L::V1], r, s);
}

pub fn elevated(h: &mut Hand, leads: &[L], mv: f64, mirror: &[L]) {
    st(h, leads, mv, mv);
    st(h, mirror, -0.08, -0.08);
}

/// A notch at the end of QRS in two lateral leads.
fn notch(h: &mut Hand, mv: f64) {
    h.each(&[L::V5, L::V6], |l| l.j_mv = Some(Mv(mv)));
}

/// U and T in two chest leads.
fn u(h: &mut Hand, mv: f64, t_mv: f64) {
    t(h, &[L::V2, L::V3], t_mv);
    h.each(&[L::V2, L::V3], |l| l.u_mv = Some(Mv(mv)));
}

fn pericardium(h: &mut Hand, iii: f64) {
    st(h, &[L::I, L::AvF, L::V2, L::V3, L::V4, L::V5], 0.07, 0.08);
    st(h, &[L::II], 0.12, 0.13);
    st(h, &[L::V6], 0.09, 0.10);
    st(h, &[L::III], iii, iii);
}

pub fn low_p(h: &mut Hand, avf: f64) {
    h.global.p_axis_deg = Some(Deg(-60.0));
    p(h, &[L::II], -0.1);
    p(h, &[L::AvF], avf);
}

/// P terminal force in V1: 1 mm (0.1 mV) for so long.
fn terminal(h: &mut Hand, ms: f64) {
    h.lead(&L::V1).p_terminal_mv = Some(Mv(-0.1));
    h.lead(&L::V1).p_terminal_ms = Some(Ms(ms));
}

fn lungs(h: &mut Hand, p_axis: f64) {
    axis(h, 95.0);
    h.global.p_axis_deg = Some(Deg(p_axis));
    rs(h, &[L::V4], 0.6, 0.6);
    rs(h, &[L::V5], 0.5, 0.6);
    rs(h, &[L::V6], 0.5, 0.5);
}

fn both_blocks(h: &mut Hand, degrees: f64) {
    right_block(h, 132.0);
    axis(h, degrees);
    rs(h, &[L::I, L::AvL], 0.1, 0.6);
    rs(h, &[L::III, L::AvF], 1.0, 0.1);
    q(h, &[L::III, L::AvF], 0.05, 15.0);
}

fn right_infarct(h: &mut Hand, v1: f64) {
    elevated(h, INFERIOR, 0.12, &[L::I, L::AvL]);
    st(h, &[L::III], 0.16, 0.16);
    st(h, &[L::V1], v1, 0.05);
}

/// The averaged beat: QRS of 45 samples, then `st` to T's onset and `t` to its end.
fn averaged(h: &mut Hand, st: usize, t: usize) {
    let wave = |onset: usize, offset: usize| Some(Wave { onset, peak: usize::midpoint(onset, offset), offset });
    let (qrs, wave_t) = (wave(100, 145), wave(145 + st, 145 + st + t));
    h.detection.medians = vec![MedianBeat { qrs, t: wave_t, beats: 10, ..MedianBeat::default() }];
}

/// T waves of odd and even beats so many millivolts apart, over little noise.
fn alternating(h: &mut Hand, mv: f64) {
    h.further.t_wave_alternans = Some(Alternans { lead: L::V3, alternans_mv: Mv(mv), noise_mv: Mv(0.01), beats: 80 });
}

/// A recording of so many of the twelve leads and samples.
fn recorded(h: &mut Hand, leads: usize, samples: usize) {
    let names = L::TWELVE[..leads].to_vec();
    h.recording = Recording::new("hand", names, Hz(500.0), Array2::zeros((leads, samples)));
    h.leads.truncate(leads);
}

/// One lead beside the twelve.
fn beside(h: &mut Hand, lead: L) {
    h.recording.leads.push(lead);
}

/// A child with an incomplete block to the right and this axis.
fn first_defect(h: &mut Hand, degrees: f64) {
    h.patient.age = Some(4.0);
    axis(h, degrees);
    h.lead(&L::V1).r2_mv = Some(Mv(0.2));
}

/// Two shapes in turn over limb leads of this S.
fn swinging(h: &mut Hand, s: f64) {
    beats(h, &[1, 3, 5, 7, 9], BeatClass::N, 1);
    rs(h, LIMB, 0.4, s);
}

/// A ventricular tachycardia from the posterior fascicle, of this width.
fn fascicle(h: &mut Hand, ms: f64) {
    no_p(h, 140.0);
    width(h, ms);
    axis(h, -80.0);
    rs(h, &[L::AvR], 0.6, 0.1);
    rs(h, &[L::V1], 0.8, 0.2);
    rs(h, &[L::V6], 0.3, 0.6);
}

/// A statement, what makes it, and what just does not.
#[rustfmt::skip]
const LIMITS: &[(&str, Change, Change)] = &[
    // rhythm
    ("sinus-arrhythmia", |h| intervals(h, &[380, 460]), |h| intervals(h, &[395, 445])),
    ("sinus-pause", |h| late(h, 1000), |h| late(h, 500)),
    ("sinoatrial-block-second-degree", |h| late(h, 420), |h| late(h, 300)),
    ("ectopic-atrial-rhythm", |h| low_p(h, -0.1), |h| low_p(h, 0.1)),
    ("junctional-rhythm", |h| no_p(h, 59.0), |h| no_p(h, 61.0)),
    ("junctional-bradycardia", |h| no_p(h, 39.0), |h| no_p(h, 41.0)),
    ("accelerated-junctional-rhythm", |h| no_p(h, 99.0), |h| no_p(h, 101.0)),
    ("narrow-qrs-tachycardia", |h| no_p(h, 101.0), |h| no_p(h, 99.0)),
    ("supraventricular-tachycardia", |h| no_p(h, 151.0), |h| no_p(h, 149.0)),
    ("wide-qrs-tachycardia", |h| wide_no_p(h, 101.0), |h| wide_no_p(h, 99.0)),
    ("ventricular-tachycardia", |h| { wide_no_p(h, 140.0); rs(h, &[L::AvR], 0.6, 0.1); }, |h| { wide_no_p(h, 140.0); rs(h, &[L::AvR], 0.05, 0.1); }),
    ("fascicular-tachycardia", |h| fascicle(h, 139.0), |h| fascicle(h, 141.0)),
    ("accelerated-idioventricular-rhythm", |h| wide_no_p(h, 61.0), |h| wide_no_p(h, 59.0)),
    ("ventricular-rhythm", |h| wide_no_p(h, 41.0), |h| wide_no_p(h, 39.0)),
    ("idioventricular-rhythm", |h| wide_no_p(h, 39.0), |h| wide_no_p(h, 41.0)),
    ("undetermined-rhythm", |h| { intervals(h, &[410, 432]); no_p(h, 71.0); }, |h| { intervals(h, &[415, 425]); no_p(h, 71.0); }),
    ("atrial-fibrillation-rapid", |h| { irregular(h, 0.1); rate(h, 101.0); }, |h| { irregular(h, 0.1); rate(h, 99.0); }),
    ("atrial-fibrillation-slow", |h| { irregular(h, 0.1); rate(h, 59.0); }, |h| { irregular(h, 0.1); rate(h, 61.0); }),
    ("atrial-flutter-2-1", |h| { intervals(h, &[283]); h.detection.atrial.tied = Some(2); rate(h, 106.0); }, |h| { intervals(h, &[288]); h.detection.atrial.tied = Some(2); rate(h, 104.0); }),
    ("atrial-flutter-4-1", |h| h.detection.atrial.tied = Some(4), |h| h.detection.atrial.tied = Some(3)),
    ("atrial-flutter", |h| h.detection.atrial.tied = Some(3), |h| h.detection.atrial.tied = None),
    ("atrial-flutter-variable", |h| { irregular(h, 0.6); h.detection.atrial.dominant_hz = Some(4.5); h.detection.atrial.concentration = 0.51; },
        |h| { irregular(h, 0.6); h.detection.atrial.dominant_hz = Some(4.5); h.detection.atrial.concentration = 0.49; }),
    ("mobitz-ii", |h| { h.detection.beats.remove(5); }, |h| { h.detection.beats.remove(5); h.detection.p_waves.remove(5); }),
    ("av-block-2-1", |h| conducted(h, 2), |h| { conducted(h, 2); h.detection.p_waves = h.detection.beats.iter().filter_map(|b| b.p).collect(); }),
    ("high-grade-av-block", |h| conducted(h, 3), |h| conducted(h, 2)),
    // ectopy
    ("frequent-ventricular-premature-beats", |h| beats(h, &[1, 4, 8], BeatClass::V, 1), |h| beats(h, &[1, 8], BeatClass::V, 1)),
    ("multiform-ventricular-premature-beats", |h| { beats(h, &[2], BeatClass::V, 1); beats(h, &[6], BeatClass::V, 2); }, |h| beats(h, &[2, 6], BeatClass::V, 1)),
    ("ventricular-trigeminy", |h| beats(h, &[1, 4, 7], BeatClass::V, 1), |h| beats(h, &[1, 4, 8], BeatClass::V, 1)),
    ("ventricular-quadrigeminy", |h| beats(h, &[1, 5, 9], BeatClass::V, 1), |h| beats(h, &[1, 5, 8], BeatClass::V, 1)),
    ("fusion-complexes", |h| beats(h, &[4], BeatClass::F, 1), |h| beats(h, &[4], BeatClass::N, 1)),
    ("atrial-bigeminy", |h| premature(h, &[1, 3, 5, 7], 60), |h| premature(h, &[1, 3, 6], 60)),
    ("atrial-trigeminy", |h| premature(h, &[1, 4, 7], 60), |h| premature(h, &[1, 4, 8], 60)),
    ("frequent-atrial-premature-beats", |h| premature(h, &[1, 4, 8], 60), |h| premature(h, &[1, 8], 60)),
    ("aberrant-supraventricular-beats", |h| { premature(h, &[4], 60); h.detection.beats[4].group = 1; }, |h| premature(h, &[4], 60)),
    ("intermittent-pacing", |h| beats(h, &[2, 3, 4], BeatClass::P, 1), |h| beats(h, &[2, 3, 4], BeatClass::N, 1)),
    ("pacemaker-spikes", |h| h.detection.spikes = vec![520, 940], |h| h.detection.spikes = vec![520]),
    ("electrical-alternans", |h| beats(h, &[1, 3, 5, 7, 9], BeatClass::N, 1), |h| beats(h, &[1, 3, 7], BeatClass::N, 1)),
    // axis and voltage
    ("indeterminate-axis", |h| rs(h, LIMB, 0.4, 0.38), |h| rs(h, LIMB, 0.4, 0.25)),
    ("s1s2s3", |h| rs(h, &[L::I, L::II, L::III], 0.3, 0.31), |h| rs(h, &[L::I, L::II, L::III], 0.3, 0.29)),
    ("low-voltage", |h| { rs(h, LIMB, 0.4, 0.05); rs(h, CHEST, 0.5, 0.45); }, |h| { rs(h, LIMB, 0.4, 0.05); rs(h, CHEST, 0.55, 0.5); }),
    ("low-voltage-precordial", |h| rs(h, CHEST, 0.5, 0.45), |h| rs(h, CHEST, 0.55, 0.5)),
    ("lvh-repolarization", |h| { rs(h, &[L::V5], 2.75, 0.2); st(h, &[L::V5, L::V6], -0.03, -0.03); t(h, &[L::V5, L::V6], 0.0); },
        |h| { rs(h, &[L::V5], 2.75, 0.2); st(h, &[L::V5, L::V6], -0.01, -0.01); t(h, &[L::V5, L::V6], 0.0); }),
    ("lvh-widening", |h| { width(h, 104.0); rs(h, &[L::V5], 2.75, 0.2); rs(h, &[L::AvL], 0.9, 0.0); rs(h, &[L::V3], 0.7, 1.5); },
        |h| { width(h, 104.0); rs(h, &[L::V5], 2.75, 0.2); rs(h, &[L::AvL], 0.9, 0.0); rs(h, &[L::V3], 0.7, 1.4); }),
    ("possible-rvh", |h| { axis(h, 80.0); rs(h, &[L::V1], 0.9, 0.8); }, |h| { axis(h, 80.0); rs(h, &[L::V1], 0.75, 0.8); }),
    ("rvh-repolarization", |h| { axis(h, 110.0); rs(h, &[L::V1], 0.9, 0.5); t(h, &[L::V1, L::V2], -0.2); st(h, &[L::V1, L::V2], -0.03, -0.03); },
        |h| { axis(h, 110.0); rs(h, &[L::V1], 0.9, 0.5); t(h, &[L::V1, L::V2], -0.08); st(h, &[L::V1, L::V2], -0.03, -0.03); }),
    ("biventricular-hypertrophy", |h| { axis(h, 110.0); rs(h, &[L::V1], 0.9, 0.8); rs(h, &[L::V5], 2.75, 0.2); }, |h| { axis(h, 110.0); rs(h, &[L::V1], 0.9, 0.8); rs(h, &[L::V5], 2.6, 0.2); }),
    ("lvh-pediatric", |h| { h.patient.age = Some(4.0); rs(h, &[L::V6], 2.5, 0.1); }, |h| { h.patient.age = Some(4.0); rs(h, &[L::V6], 2.4, 0.1); }),
    ("rvh-pediatric", |h| { h.patient.age = Some(4.0); rs(h, &[L::V1], 1.9, 2.0); }, |h| { h.patient.age = Some(4.0); rs(h, &[L::V1], 1.7, 2.0); }),
    // conduction
    ("incomplete-rbbb", |h| { width(h, 95.0); h.lead(&L::V1).r2_mv = Some(Mv(0.3)); }, |h| { width(h, 92.0); h.lead(&L::V1).r2_mv = Some(Mv(0.3)); }),
    ("rsr-v1", |h| h.lead(&L::V1).r2_mv = Some(Mv(0.11)), |h| h.lead(&L::V1).r2_mv = Some(Mv(0.09))),
    ("incomplete-lbbb", |h| left_block(h, 115.0), |h| left_block(h, 113.0)),
    ("ivcd", |h| width(h, 121.0), |h| width(h, 119.0)),
    ("ivcd-borderline", |h| width(h, 115.0), |h| width(h, 113.0)),
    ("left-posterior-fascicular-block", |h| { axis(h, 101.0); rs(h, &[L::I, L::AvL], 0.1, 0.6); rs(h, &[L::III, L::AvF], 1.0, 0.1); q(h, &[L::III, L::AvF], 0.05, 15.0); },
        |h| { axis(h, 99.0); rs(h, &[L::I, L::AvL], 0.1, 0.6); rs(h, &[L::III, L::AvF], 1.0, 0.1); q(h, &[L::III, L::AvF], 0.05, 15.0); }),
    ("bifascicular-rbbb-lafb", |h| { right_block(h, 132.0); left_anterior(h, -46.0); }, |h| { right_block(h, 132.0); left_anterior(h, -34.0); }),
    ("bifascicular-with-first-degree", |h| { right_block(h, 132.0); left_anterior(h, -46.0); h.global.pr_ms = Some(Ms(201.0)); }, |h| { right_block(h, 132.0); left_anterior(h, -46.0); h.global.pr_ms = Some(Ms(199.0)); }),
    ("preexcitation-right", |h| delta(h, 119.0, 0.2, 0.8), |h| delta(h, 121.0, 0.2, 0.8)),
    ("preexcitation-left", |h| delta(h, 119.0, 1.0, 0.5), |h| delta(h, 121.0, 1.0, 0.5)),
    // infarction
    ("stemi-lateral", |h| elevated(h, &[L::I, L::V5, L::V6], 0.11, &[L::III, L::AvF]), |h| elevated(h, &[L::I, L::V5, L::V6], 0.09, &[L::III, L::AvF])),
    ("stemi-anterolateral", |h| elevated(h, &[L::V3, L::V4, L::V5], 0.22, &[L::III, L::AvF]), |h| elevated(h, &[L::V3, L::V4], 0.22, &[L::III, L::AvF])),
    ("stemi-inferolateral", |h| elevated(h, &[L::II, L::III, L::AvF, L::V5, L::V6], 0.11, &[L::I, L::AvL]), |h| { elevated(h, INFERIOR, 0.11, &[L::I, L::AvL]); st(h, &[L::V5, L::V6], 0.09, 0.09); }),
    ("stemi-posterior", |h| { rs(h, &[L::V1, L::V2, L::V3], 0.7, 0.8); t(h, &[L::V1, L::V2, L::V3], 0.3); st(h, &[L::V1, L::V2, L::V3], -0.11, -0.06); },
        |h| { rs(h, &[L::V1, L::V2, L::V3], 0.7, 0.8); t(h, &[L::V1, L::V2, L::V3], 0.3); st(h, &[L::V1, L::V2, L::V3], -0.09, -0.06); }),
    ("sgarbossa", |h| { left_block(h, 146.0); st(h, &[L::V5], 0.11, 0.11); }, |h| { left_block(h, 146.0); st(h, &[L::V5], 0.09, 0.09); }),
    ("de-winter", |h| { st(h, &[L::V2, L::V3, L::V4], -0.11, -0.02); t(h, &[L::V2, L::V3, L::V4], 0.7); st(h, &[L::AvR], 0.06, 0.05); },
        |h| { st(h, &[L::V2, L::V3, L::V4], -0.11, -0.02); t(h, &[L::V2, L::V3, L::V4], 0.7); st(h, &[L::AvR], 0.04, 0.05); }),
    ("left-main-pattern", |h| { st(h, &[L::I, L::II, L::V3, L::V4, L::V5, L::V6], -0.11, -0.11); st(h, &[L::AvR], 0.11, 0.11); },
        |h| { st(h, &[L::I, L::II, L::V3, L::V4, L::V5, L::V6], -0.11, -0.11); st(h, &[L::AvR], 0.09, 0.09); }),
    ("wellens", |h| { t(h, &[L::V2, L::V3], -0.26); t(h, &[L::V4], -0.15); }, |h| { t(h, &[L::V2, L::V3], -0.24); t(h, &[L::V4], -0.15); }),
    ("anterior-infarct", |h| qs(h, &[L::V3, L::V4]), |h| q(h, &[L::V3, L::V4], 0.1, 18.0)),
    ("anteroseptal-infarct", |h| qs(h, &[L::V2, L::V3]), |h| qs(h, &[L::V2])),
    ("extensive-anterior-infarct", |h| qs(h, &[L::V1, L::V2, L::V3, L::V4, L::V5]), |h| qs(h, &[L::V1, L::V2, L::V3, L::V4])),
    ("anterolateral-infarct", |h| { qs(h, &[L::V3, L::V4]); q(h, &[L::V5], 0.3, 31.0); }, |h| { qs(h, &[L::V3, L::V4]); q(h, &[L::V5], 0.3, 29.0); }),
    ("lateral-infarct", |h| q(h, &[L::V5, L::V6], 0.3, 31.0), |h| q(h, &[L::V5, L::V6], 0.3, 29.0)),
    ("high-lateral-infarct", |h| q(h, &[L::I, L::AvL], 0.3, 31.0), |h| q(h, &[L::I, L::AvL], 0.3, 29.0)),
    ("inferolateral-infarct", |h| q(h, &[L::II, L::III, L::AvF, L::V6], 0.3, 31.0), |h| { q(h, INFERIOR, 0.3, 31.0); q(h, &[L::V6], 0.3, 29.0); }),
    ("posterior-infarct", |h| { rs(h, &[L::V1], 0.5, 0.4); rs(h, &[L::V2], 1.2, 1.1); t(h, &[L::V1, L::V2], 0.3); }, |h| { rs(h, &[L::V1], 0.35, 0.3); rs(h, &[L::V2], 1.2, 1.1); t(h, &[L::V1, L::V2], 0.3); }),
    ("abnormal-q-waves", |h| q(h, &[L::V5], 0.3, 31.0), |h| q(h, &[L::V5], 0.3, 29.0)),
    // ST, T, QT
    ("acute-ischemia", |h| st(h, &[L::V4, L::V5], -0.21, -0.21), |h| st(h, &[L::V4, L::V5], -0.19, -0.19)),
    ("st-depression-anterior", |h| st(h, &[L::V2, L::V3, L::V4], -0.06, -0.06), |h| st(h, &[L::V2, L::V3, L::V4], -0.04, -0.04)),
    ("st-depression-inferior", |h| st(h, INFERIOR, -0.06, -0.06), |h| st(h, INFERIOR, -0.04, -0.04)),
    ("t-inversion-anterior", |h| t(h, &[L::V2, L::V3, L::V4], -0.11), |h| t(h, &[L::V2, L::V3, L::V4], -0.09)),
    ("t-inversion-lateral", |h| t(h, &[L::V5, L::V6], -0.11), |h| t(h, &[L::V5, L::V6], -0.09)),
    ("consider-ischemia", |h| { st(h, &[L::V5, L::V6], -0.06, -0.06); t(h, &[L::V5, L::V6], -0.11); }, |h| { st(h, &[L::V5, L::V6], -0.06, -0.06); t(h, &[L::V5, L::V6], -0.09); }),
    ("t-low", |h| { t(h, &[L::V5], 0.11); t(h, &[L::V6], 0.08); }, |h| { t(h, &[L::V5], 0.13); t(h, &[L::V6], 0.1); }),
    ("nonspecific-t", |h| { rs(h, &[L::I, L::II], 0.4, 0.1); t(h, &[L::I, L::II], 0.09); }, |h| { rs(h, &[L::I, L::II], 0.4, 0.1); t(h, &[L::I, L::II], 0.11); }),
    ("nonspecific-st", |h| st(h, &[L::V5, L::V6], -0.035, -0.035), |h| st(h, &[L::V5, L::V6], -0.025, -0.025)),
    ("nonspecific-st-t", |h| { st(h, &[L::V5, L::V6], -0.035, -0.035); t(h, &[L::V5, L::V6], 0.04); }, |h| { st(h, &[L::V5, L::V6], -0.025, -0.025); t(h, &[L::V5, L::V6], 0.04); }),
    ("st-elevation", |h| { st(h, &[L::V5, L::V6], 0.11, 0.11); t(h, &[L::V5, L::V6], 0.25); }, |h| { st(h, &[L::V5, L::V6], 0.09, 0.09); t(h, &[L::V5, L::V6], 0.25); }),
    ("early-repolarization", |h| { st(h, &[L::V5, L::V6], 0.11, 0.12); t(h, &[L::V5, L::V6], 0.45); }, |h| { st(h, &[L::V5, L::V6], 0.09, 0.1); t(h, &[L::V5, L::V6], 0.45); }),
    ("early-repolarization-notched", |h| notch(h, 0.11), |h| notch(h, 0.09)),
    ("hypothermia", |h| { notch(h, 0.15); rate(h, 59.0); h.global.qtc_framingham_ms = Some(Ms(461.0)); }, |h| { notch(h, 0.15); rate(h, 59.0); h.global.qtc_framingham_ms = Some(Ms(449.0)); }),
    ("prominent-u", |h| u(h, 0.21, 0.5), |h| u(h, 0.19, 0.5)),
    ("inverted-u", |h| u(h, -0.06, 0.5), |h| u(h, -0.04, 0.5)),
    ("pericarditis", |h| pericardium(h, 0.05), |h| pericardium(h, 0.13)),
    ("brugada-type-1", |h| { st(h, &[L::V1], 0.21, 0.1); t(h, &[L::V1], -0.1); }, |h| { st(h, &[L::V1], 0.19, 0.1); t(h, &[L::V1], -0.1); }),
    ("brugada-type-2", |h| { h.lead(&L::V1).r2_mv = Some(Mv(0.15)); st(h, &[L::V1], 0.21, 0.1); t(h, &[L::V1], 0.3); }, |h| { h.lead(&L::V1).r2_mv = Some(Mv(0.15)); st(h, &[L::V1], 0.19, 0.1); t(h, &[L::V1], 0.3); }),
    ("t-tall", |h| t(h, &[L::V3, L::V4], 1.21), |h| t(h, &[L::V3, L::V4], 1.19)),
    ("hyperkalemia", |h| { width(h, 141.0); t(h, &[L::V3, L::V4], 1.25); }, |h| { width(h, 139.0); t(h, &[L::V3, L::V4], 1.25); }),
    ("hypokalemia", |h| { st(h, &[L::II, L::V5, L::V6], -0.06, -0.06); t(h, &[L::II, L::V5, L::V6], 0.1); h.global.qtc_bazett_ms = Some(Ms(501.0)); },
        |h| { st(h, &[L::II, L::V5, L::V6], -0.06, -0.06); t(h, &[L::II, L::V5, L::V6], 0.1); h.global.qtc_bazett_ms = Some(Ms(499.0)); }),
    ("borderline-long-qt", |h| h.global.qtc_bazett_ms = Some(Ms(466.0)), |h| h.global.qtc_bazett_ms = Some(Ms(464.0))),
    ("digitalis-effect", |h| { st(h, &[L::II, L::V5, L::V6], -0.06, -0.09); t(h, &[L::II, L::V5, L::V6], 0.1); }, |h| { st(h, &[L::II, L::V5, L::V6], -0.06, -0.07); t(h, &[L::II, L::V5, L::V6], 0.1); }),
    ("pulmonary-embolism", |h| { rate(h, 101.0); rs(h, &[L::I], 0.6, 0.2); q(h, &[L::III], 0.16, 20.0); t(h, &[L::III], -0.06); }, |h| { rate(h, 101.0); rs(h, &[L::I], 0.6, 0.2); q(h, &[L::III], 0.14, 20.0); t(h, &[L::III], -0.06); }),
    ("t-wave-alternans", |h| alternating(h, 0.101), |h| alternating(h, 0.099)),
    ("microvolt-t-wave-alternans", |h| alternating(h, 0.061), |h| alternating(h, 0.059)),
    ("juvenile-t-pattern", |h| { h.patient.age = Some(24.0); t(h, &[L::V1, L::V2], -0.12); }, |h| { h.patient.age = Some(26.0); t(h, &[L::V1, L::V2], -0.12); }),
    ("reversed-r-progression", |h| rs(h, &[L::V3], 0.29, 0.7), |h| rs(h, &[L::V3], 0.31, 0.7)),
    ("early-transition", |h| rs(h, &[L::V2], 1.0, 0.95), |h| rs(h, &[L::V2], 0.9, 0.95)),
    ("late-transition", |h| { rs(h, &[L::V4], 0.8, 0.6); rs(h, &[L::V5], 0.5, 0.55); }, |h| { rs(h, &[L::V4], 0.8, 0.6); rs(h, &[L::V5], 0.6, 0.55); }),
    ("pulmonary-disease-pattern", |h| lungs(h, 76.0), |h| lungs(h, 74.0)),
    ("left-atrial-enlargement", |h| terminal(h, 71.0), |h| terminal(h, 69.0)),
    ("possible-left-atrial-enlargement", |h| terminal(h, 61.0), |h| terminal(h, 59.0)),
    ("biatrial-enlargement", |h| { terminal(h, 71.0); p(h, &[L::II], 0.26); }, |h| { terminal(h, 71.0); p(h, &[L::II], 0.24); }),
    ("septal-hypertrophy", |h| { rs(h, &[L::V5], 2.75, 0.2); q(h, &[L::V4, L::V5, L::V6], 0.31, 25.0); }, |h| { rs(h, &[L::V5], 2.75, 0.2); q(h, &[L::V4, L::V5, L::V6], 0.29, 25.0); }),
    ("ostium-primum-defect", |h| first_defect(h, -11.0), |h| first_defect(h, 9.0)),
    ("pericardial-effusion", |h| swinging(h, 0.05), |h| swinging(h, 0.11)),
    ("bvh-pediatric", |h| { h.patient.age = Some(4.0); rs(h, &[L::V6], 2.5, 0.1); rs(h, &[L::V1], 1.9, 2.0); },
        |h| { h.patient.age = Some(4.0); rs(h, &[L::V6], 2.5, 0.1); rs(h, &[L::V1], 1.7, 2.0); }),
    ("bifascicular-rbbb-lpfb", |h| both_blocks(h, 101.0), |h| both_blocks(h, 99.0)),
    ("preexcitation", |h| delta(h, 119.0, 0.5, 0.5), |h| delta(h, 121.0, 0.5, 0.5)),
    ("stemi-right-ventricular", |h| right_infarct(h, 0.11), |h| right_infarct(h, 0.09)),
    ("lv-aneurysm", |h| { qs(h, &[L::V1, L::V2, L::V3]); st(h, &[L::V1, L::V2, L::V3], 0.11, 0.11); t(h, &[L::V1, L::V2, L::V3], 0.1); },
        |h| { qs(h, &[L::V1, L::V2, L::V3]); st(h, &[L::V1, L::V2, L::V3], 0.09, 0.09); t(h, &[L::V1, L::V2, L::V3], 0.1); }),
    ("cns-pattern", |h| { h.global.qtc_bazett_ms = Some(Ms(505.0)); t(h, &[L::V2, L::V3, L::V4], -0.81); }, |h| { h.global.qtc_bazett_ms = Some(Ms(505.0)); t(h, &[L::V2, L::V3, L::V4], -0.79); }),
    ("hypocalcemia", |h| { averaged(h, 110, 85); h.global.qtc_bazett_ms = Some(Ms(471.0)); }, |h| { averaged(h, 110, 85); h.global.qtc_bazett_ms = Some(Ms(469.0)); }),
    ("hypercalcemia", |h| { averaged(h, 8, 112); h.global.qtc_fridericia_ms = Some(Ms(359.0)); }, |h| { averaged(h, 8, 112); h.global.qtc_fridericia_ms = Some(Ms(361.0)); }),
    // technical
    ("arm-electrode-reversal", |h| { rs(h, &[L::I], 0.1, 0.8); p(h, &[L::I], -0.04); rs(h, &[L::AvR], 0.3, 0.1); }, |h| { rs(h, &[L::I], 0.1, 0.8); p(h, &[L::I], -0.02); rs(h, &[L::AvR], 0.3, 0.1); }),
    ("dextrocardia", |h| { rs(h, &[L::I], 0.1, 0.8); p(h, &[L::I], -0.04); rs(h, &[L::V6], 0.1, 0.3); }, |h| { rs(h, &[L::I], 0.1, 0.8); p(h, &[L::I], -0.04); rs(h, &[L::V6], 0.35, 0.3); }),
    ("leg-arm-electrode-reversal", |h| rs(h, &[L::II], 0.09, 0.0), |h| rs(h, &[L::II], 0.11, 0.0)),
    ("precordial-electrode-reversal", |h| { rs(h, &[L::V1], 0.8, 0.8); rs(h, &[L::V3], 0.3, 1.0); t(h, &[L::V1], 0.4); t(h, &[L::V3], 0.1); p(h, &[L::V3], -0.04); },
        |h| { rs(h, &[L::V1], 0.8, 0.8); rs(h, &[L::V3], 0.3, 1.0); t(h, &[L::V1], 0.4); t(h, &[L::V3], 0.1); p(h, &[L::V3], -0.02); }),
    ("high-precordial-electrodes", |h| p(h, &[L::V2], -0.07), |h| p(h, &[L::V2], -0.05)),
    ("left-arm-left-leg-electrode-reversal", |h| { axis(h, -31.0); p(h, &[L::I], 0.2); p(h, &[L::II], 0.14); p(h, &[L::III], -0.08); },
        |h| { axis(h, -31.0); p(h, &[L::I], 0.18); p(h, &[L::II], 0.14); p(h, &[L::III], -0.08); }),
    ("lead-off", |h| quality(h, |q| q.flat = 0.51), |h| quality(h, |q| q.flat = 0.49)),
    ("amplitude-scale-unknown", |h| h.recording.origin.unscaled = true, |h| h.recording.origin.unscaled = false),
    ("missing-leads", |h| recorded(h, 11, 5000), |h| recorded(h, 12, 5000)),
    ("right-sided-electrodes", |h| beside(h, L::V4R), |h| beside(h, L::V8)),
    ("posterior-electrodes", |h| beside(h, L::V8), |h| beside(h, L::V4R)),
    ("short-record", |h| recorded(h, 12, 2499), |h| recorded(h, 12, 2500)),
    ("no-qrs-found", |h| h.detection.beats.truncate(1), |h| h.detection.beats.truncate(2)),
    ("muscle-artifact", |h| quality(h, |q| q.noise_mv = 0.051), |h| quality(h, |q| q.noise_mv = 0.049)),
    ("baseline-wander", |h| quality(h, |q| q.wander_mv = 0.21), |h| quality(h, |q| q.wander_mv = 0.19)),
    ("mains-interference", |h| quality(h, |q| q.mains_mv = 0.031), |h| quality(h, |q| q.mains_mv = 0.029)),
    ("saturated-signal", |h| quality(h, |q| q.saturated = 0.021), |h| quality(h, |q| q.saturated = 0.019)),
    ("poor-data-quality", |h| quality(h, |q| q.score = 0.39), |h| quality(h, |q| q.score = 0.41)),
    ("uninterpretable", |h| quality(h, |q| q.score = 0.19), |h| quality(h, |q| q.score = 0.21)),
];

#[test]
fn statements_hold_over_their_limits_and_not_under_them() {
    hold_at_their_limits(LIMITS);
}

#[test]
fn every_statement_has_one_pair_at_its_limit() {
    let paired = || EARLIER.iter().chain(LIMITS).chain(IN_ORDER).map(|row| row.0);
    for rule in RULES {
        assert_eq!(paired().filter(|id| *id == rule.id).count(), 1, "{}", rule.id);
    }
    assert_eq!(paired().count(), RULES.len(), "a pair of no statement");
}
