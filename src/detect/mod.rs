//! What is in the signal: quality, QRS complexes, beats and their groups, wave bounds, the median beat.

pub mod atrial;
mod blocked;
pub mod candidates;
pub mod classes;
mod condition;
pub mod describe;
pub mod envelope;
mod episodes;
pub mod groups;
mod mains;
mod median;
mod mistaken;
pub mod qrs;
pub mod quality;
pub mod spikes;
mod tied;
mod timing;
pub mod trust;
pub mod waves;
mod witnesses;

pub use condition::{Conditioned, condition};
pub use median::medians;
pub use trust::Trust;
pub use waves::{Delineation, Strip, delineate};

use crate::signal::{Hz, Recording};
use envelope::Envelopes;
use groups::Groups;
use ndarray::Array2;
use serde::Serialize;

/// AAMI EC57 beat classes, and paced.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Default)]
pub enum BeatClass {
    /// Normal conduction (also bundle branch block).
    #[default]
    N,
    /// Supraventricular ectopic.
    S,
    /// Ventricular ectopic.
    V,
    /// Fusion.
    F,
    /// Unclassifiable.
    Q,
    /// Paced (`/`).
    P,
}

/// A wave's bounds as sample indexes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Wave {
    /// First sample of the wave.
    pub onset: usize,
    /// Its peak.
    pub peak: usize,
    /// Last sample of the wave.
    pub offset: usize,
}

/// One beat; bounds are global (earliest onset, latest end over leads). An absent or unmeasurable wave is `None`.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Beat {
    /// QRS onset, fiducial point (largest deflection over leads) and J point.
    pub qrs: Wave,
    /// P wave.
    pub p: Option<Wave>,
    /// T wave.
    pub t: Option<Wave>,
    /// Class.
    pub class: BeatClass,
    /// Index of its shape group; 0 is the dominant one.
    pub group: usize,
}

/// The median beat of one shape group.
#[derive(Clone, Debug, Default)]
pub struct MedianBeat {
    /// Shape leads × samples, mV, at the recording's rate, baseline at the isoelectric level before QRS.
    pub samples: Array2<f32>,
    /// Sample of `samples` on which the beats' fiducial points were laid.
    pub fiducial: usize,
    /// Bounds per lead, in samples of the median beat.
    pub lead_waves: Vec<LeadWaves>,
    /// Global bounds in samples of the median beat.
    pub qrs: Option<Wave>,
    /// Global P wave; `None` when absent.
    pub p: Option<Wave>,
    /// Global T wave.
    pub t: Option<Wave>,
    /// How many beats went in.
    pub beats: usize,
}

/// Signal quality of one lead.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize)]
pub struct LeadQuality {
    /// 0 (useless) … 1 (clean).
    pub score: f64,
    /// Baseline wander, mV RMS.
    pub wander_mv: f64,
    /// Mains interference, mV RMS.
    pub mains_mv: f64,
    /// Muscle and other high-frequency noise, mV RMS.
    pub noise_mv: f64,
    /// Part of the samples that are flat (lead off).
    pub flat: f64,
    /// Part of the samples at the converter's limit.
    pub saturated: f64,
    /// Part of the samples missing.
    pub missing: f64,
    /// What electrodes that jump take of the recording's score, 0 … 1: swings far beyond those of the complexes.
    pub jumps: f64,
}

/// How certain the atrial rhythm is to be fibrillation or flutter.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize)]
pub struct Atrial {
    /// Part of the beats with a P wave that repeats in shape and PR interval, 0 … 1.
    pub p_present: f64,
    /// Dominant frequency of the QRST-cancelled signal, 3 … 12 Hz; `None` when there is no peak.
    pub dominant_hz: Option<f64>,
    /// Part of the 3 … 12 Hz power within ±0.5 Hz of the dominant frequency and its first harmonic, 0 … 1.
    pub concentration: f64,
    /// RMS of the QRST-cancelled signal, mV.
    pub residual_mv: f64,
    /// Waves that repeat so many times in each cycle of a regular rhythm: flutter conducted at a fixed ratio; `None` when
    /// nothing repeats.
    #[serde(skip)]
    pub tied: Option<u8>,
    /// RMS of the signal between the end of T and 0.3 s before the next QRS, mV: fibrillation goes on there, a heart
    /// without atrial activity is still. `None` where no cycle is long enough.
    #[serde(skip)]
    pub between_mv: Option<f64>,
}

/// Everything found in a recording.
#[derive(Clone, Debug, Default)]
pub struct Detection {
    /// Sampling rate the indexes count in.
    pub rate: Hz,
    /// Beats in order of time.
    pub beats: Vec<Beat>,
    /// Bounds per lead (row as in `Recording::leads`) and beat: P, QRS, T.
    pub lead_waves: Vec<Vec<LeadWaves>>,
    /// Number of beats of each shape group.
    pub groups: Vec<usize>,
    /// Median beats, one a group in `groups`' order (groups of too few beats have an empty one).
    pub medians: Vec<MedianBeat>,
    /// Quality, one a lead.
    pub quality: Vec<LeadQuality>,
    /// How far the beats may be trusted, one a stretch of about ten seconds, in order, without gaps.
    pub trust: Vec<Trust>,
    /// Pacemaker spikes, sample indexes.
    pub spikes: Vec<usize>,
    /// Every P wave found, conducted or not, in order of time.
    pub p_waves: Vec<Wave>,
    /// Stretches without countable beats: ventricular fibrillation or flutter, asystole, no signal.
    pub episodes: Vec<Episode>,
    /// Part of the time, 0 … 1, in which a fast rhythm swings like one wave in most leads: its complexes are wide, whatever bounds
    /// are found in it.
    pub undulating: f64,
    /// Atrial activity.
    pub atrial: Atrial,
}

/// Part of the time that a rhythm swings like one wave from which it is told by that.
const UNDULATING: f64 = 0.5;

impl Detection {
    /// Whether a fast rhythm swings like one wave for most of the time: bounds of P and T mean nothing in it.
    pub fn undulates(&self) -> bool {
        self.undulating > UNDULATING
    }

    /// The median beat of the dominant group; `None` without beats.
    pub fn median(&self) -> Option<&MedianBeat> {
        self.medians.first().filter(|m| m.beats > 0)
    }
}

impl Detection {
    /// Quality of the whole recording, 0 … 1 ([`quality::of_recording`]); 0 without leads.
    pub fn quality_score(&self) -> f64 {
        quality::of_recording(&self.quality)
    }
}

/// The beats' fiducial points and what the trust network sees of each stretch, for training.
pub fn describe_stretches(recording: &Recording) -> (Vec<usize>, Vec<trust::Stretch>) {
    let mut signal = condition(recording);
    let spikes = spikes::find(&signal);
    spikes::remove(&mut signal, &spikes);
    let envelopes = envelope::envelopes(&signal);
    let complexes = qrs::find(&signal, &envelopes);
    let stretches = trust::stretches(&envelopes, &complexes, signal.len());
    (complexes.fiducials, stretches)
}

/// A stretch in which beats cannot be counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Episode {
    /// What it is.
    pub kind: EpisodeKind,
    /// First sample.
    pub from: usize,
    /// One past the last sample.
    pub to: usize,
}

/// Kinds of [`Episode`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum EpisodeKind {
    /// Ventricular fibrillation or flutter.
    VentricularFibrillation,
    /// No electrical activity though the electrodes are on.
    Asystole,
    /// No usable signal in any lead.
    NoSignal,
}

/// One lead's waves of one beat.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct LeadWaves {
    /// P wave.
    pub p: Option<Wave>,
    /// QRS complex.
    pub qrs: Option<Wave>,
    /// T wave.
    pub t: Option<Wave>,
}

/// What the first stages find: where the beats are and of what shape.
struct Found {
    signal: Conditioned,
    envelopes: Envelopes,
    quality: Vec<LeadQuality>,
    spikes: Vec<usize>,
    trust: Vec<Trust>,
    fiducials: Vec<usize>,
    groups: Groups,
    medians: Vec<MedianBeat>,
    waves: Delineation,
}

fn find(recording: &Recording, basic: bool) -> Found {
    let rate = recording.rate;
    let mut signal = condition(recording);
    let spikes = spikes::find(&signal);
    spikes::remove(&mut signal, &spikes);
    let envelopes = envelope::envelopes(&signal);
    let mut quality = quality::leads(recording, &signal, &envelopes);
    let complexes = qrs::find(&signal, &envelopes);
    let trust = trust::trust(&envelopes, &complexes, signal.len());
    let mut fiducials = complexes.fiducials;
    let mut faint = mistaken::faint(&signal, &fiducials).into_iter();
    fiducials.retain(|_| !faint.next().unwrap_or(false));
    let shaped = |fiducials: &[usize]| {
        let groups = groups::group(&signal, fiducials, basic);
        let medians = medians(&signal.samples, rate, fiducials, &groups.of_beat, groups.sizes.len());
        (groups, medians)
    };
    let (mut groups, (mut medians, mut shifts)) = shaped(&fiducials);
    let mistaken = mistaken::p_waves(&medians, rate);
    if mistaken.contains(&true) {
        let mut group = groups.of_beat.iter();
        fiducials.retain(|_| group.next().is_none_or(|g| !mistaken[*g]));
        (groups, (medians, shifts)) = shaped(&fiducials);
    }
    if let Some(median) = medians.first() {
        let basic = (0..fiducials.len()).filter(|&b| groups.of_beat[b] == 0);
        let places: Vec<usize> = basic.map(|b| fiducials[b].saturating_add_signed(shifts[b])).collect();
        quality::by_repetition(&mut quality, &signal, &envelopes, (&places, fiducials.len()), median);
    }
    let weights: Vec<f64> = quality.iter().map(|q| q.score).collect();
    let waves = delineate(
        Strip { samples: &signal.samples, names: &recording.leads, rate, weights: &weights, missing: &signal.gaps },
        &fiducials,
        &groups.of_beat,
        &mut medians,
    );
    Found { signal, envelopes, quality, spikes, trust, fiducials, groups, medians, waves }
}

/// What the classifier sees of a recording's beats.
#[derive(Clone, Debug, Default)]
pub struct Described {
    /// Samples of the fiducial points.
    pub fiducials: Vec<usize>,
    /// Numbers of each beat.
    pub features: Vec<[f32; describe::FEATURES]>,
    /// Whether it is in a paroxysm by its timing.
    pub runs: Vec<bool>,
}

impl Found {
    fn describe(&self) -> (Vec<[f32; describe::FEATURES]>, Vec<bool>) {
        let timing = timing::Timing::new(&self.fiducials, self.signal.rate.0 as f32);
        let features = describe::describe(&self.envelopes, &timing, &self.fiducials, &self.groups, &self.waves);
        (features, timing.paroxysms())
    }
}

/// The beats and what the classifier sees of each, for training; `basic`: against the basic rhythm's beats, as they are classed,
/// or else against the most frequent ones, whatever they are.
pub fn describe_beats(recording: &Recording, basic: bool) -> Described {
    let found = find(recording, basic);
    let (features, runs) = found.describe();
    Described { fiducials: found.fiducials, features, runs }
}

/// Analyses a recording. Never fails: what cannot be found is absent.
pub fn detect(recording: &Recording) -> Detection {
    let found = find(recording, true);
    let (features, runs) = found.describe();
    let mut classes = classes::classes(&features, &runs);
    let Found { signal, envelopes, quality, spikes, trust, fiducials, groups, medians, waves } = found;
    classes::paced(&mut classes, &fiducials, &spikes, signal.rate);
    let weights: Vec<f64> = quality.iter().map(|q| q.score).collect();
    let atrial = atrial::atrial(&envelopes, &fiducials, &waves.beats, &groups, &weights);
    let episodes = episodes::episodes(recording, &envelopes, &fiducials, &quality);
    let undulating = episodes::undulating(&envelopes, signal.rate, &fiducials, &quality);
    let mut p_waves = waves.p_waves;
    blocked::add(&mut p_waves, &envelopes, &fiducials, &groups, &waves.beats);
    let beats = fiducials.iter().zip(&groups.of_beat).zip(&classes).zip(&waves.beats);
    let beats = beats.map(|(((&at, &group), &class), bounds)| Beat {
        qrs: bounds.qrs.unwrap_or(Wave { onset: at, peak: at, offset: at }),
        p: bounds.p,
        t: bounds.t,
        class,
        group,
    });
    Detection {
        rate: recording.rate,
        beats: beats.collect(),
        lead_waves: waves.lead_waves,
        groups: groups.sizes,
        medians,
        quality,
        trust,
        spikes,
        p_waves,
        episodes,
        undulating,
        atrial,
    }
}
