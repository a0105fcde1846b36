//! Synthetic ECGs with known truth: a [`Script`] says which heart, rhythm and noise; [`simulate`] gives the recording
//! and exactly where each wave is. Same script, same bytes, on every machine: nothing here calls `libm`.
//!
//! For samples, tests and demonstrations. It is a drawing of what ECGs look like, not a model of cells.

mod activity;
mod cases;
mod chance;
mod curve;
mod fibrillation;
pub mod field;
pub mod heart;
pub mod noise;
mod paths;
mod render;
pub mod rhythm;
pub mod shapes;
mod truth;

pub use cases::{CASES, Case};
pub use chance::Chance;
pub use field::Placement;
pub use heart::Heart;
pub use noise::Noise;
pub use rhythm::Rhythm;
pub use shapes::Shape;
pub use truth::Truth;

use crate::signal::{Bpm, Hz, LeadName, Ms, Mv, Origin, Patient, Recording};

/// What is to be simulated.
#[derive(Clone)]
pub struct Script {
    /// Name of the recording.
    pub name: String,
    /// Seed of all chance.
    pub seed: u64,
    /// Length.
    pub seconds: f64,
    /// Sampling rate.
    pub rate: Hz,
    /// Leads, in order.
    pub leads: Vec<LeadName>,
    /// The patient; age and sex shape the normal heart.
    pub patient: Patient,
    /// Start of the recording.
    pub start: Option<jiff::civil::DateTime>,
    /// Rhythm.
    pub rhythm: &'static Rhythm,
    /// Heart rate; the rhythm's usual one when `None`.
    pub bpm: Option<Bpm>,
    /// PR interval, onset to onset, in place of the heart's own.
    pub pr: Option<Ms>,
    /// QRS duration in place of the heart's own.
    pub qrs: Option<Ms>,
    /// QT at a rate of 60, in place of the heart's own.
    pub qtc: Option<Ms>,
    /// Morphologies, in the order in which they are laid on.
    pub shapes: Vec<&'static Shape>,
    /// How the electrodes were put on.
    pub placement: Placement,
    /// Noise and defects.
    pub noise: Noise,
}

impl Script {
    /// Ten seconds of twelve leads at 500 Hz of a healthy adult in `rhythm`, without noise.
    pub fn new(name: impl Into<String>, rhythm: &'static Rhythm) -> Self {
        Self {
            name: name.into(),
            seed: 1,
            seconds: 10.0,
            rate: Hz(500.0),
            leads: LeadName::TWELVE.to_vec(),
            patient: Patient::default(),
            start: None,
            rhythm,
            bpm: None,
            pr: None,
            qrs: None,
            qtc: None,
            shapes: Vec::new(),
            placement: Placement::default(),
            noise: Noise::default(),
        }
    }

    /// The heart that this script describes.
    pub fn heart(&self) -> Heart {
        let mut heart = Heart::normal(&self.patient);
        for shape in &self.shapes {
            (shape.apply)(&mut heart);
        }
        heart.pr_ms = self.pr.unwrap_or(heart.pr_ms);
        heart.ventricles.qrs_ms = self.qrs.unwrap_or(heart.ventricles.qrs_ms);
        heart.ventricles.qtc_ms = self.qtc.unwrap_or(heart.ventricles.qtc_ms);
        heart
    }

    /// The heart rate that is meant, bpm; the mean one where the rhythm is irregular.
    pub fn heart_rate(&self) -> Bpm {
        self.bpm.unwrap_or(Bpm(self.rhythm.bpm))
    }
}

/// A simulated recording and what it holds.
#[derive(Clone, Debug)]
pub struct Simulated {
    /// The recording; its `annotations` are the truth's.
    pub recording: Recording,
    /// The truth.
    pub truth: Truth,
}

impl Simulated {
    /// Mean over leads of the median peak-to-peak size of QRS; 0 without beats.
    pub fn qrs_size(&self) -> Mv {
        let size = |row: ndarray::ArrayView1<f32>| {
            let mut sizes: Vec<f32> = self
                .truth
                .beats
                .iter()
                .map(|b| row.iter().skip(b.qrs.onset).take(b.qrs.offset - b.qrs.onset + 1))
                .map(|x| x.clone().fold(f32::MIN, |a, &v| a.max(v)) - x.fold(f32::MAX, |a, &v| a.min(v)))
                .collect();
            sizes.sort_by(f32::total_cmp);
            sizes.get(sizes.len() / 2).map_or(0.0, |&v| f64::from(v))
        };
        let sizes: Vec<f64> = self.recording.samples.rows().into_iter().map(size).collect();
        Mv(sizes.iter().sum::<f64>() / sizes.len().max(1) as f64)
    }
}

/// Simulates `script`. Rates outside 20 … 300 bpm and sampling rates outside 50 … 10 000 Hz are brought inside.
pub fn simulate(script: &Script) -> Simulated {
    let rate = Hz(script.rate.0.clamp(50.0, 10_000.0));
    let rr = 60.0 / script.heart_rate().0.clamp(20.0, 300.0);
    let heart = script.heart();
    let mut plan = activity::Plan {
        seconds: script.seconds,
        rr,
        // at high rates P would reach back into the QRS before
        pr: (heart.pr_ms.0 / 1000.0).min(0.55 * rr),
        heart: &heart,
        chance: Chance::new(script.seed, "rhythm"),
    };
    let activity = (script.rhythm.make)(&mut plan).settle();
    let rows = field::rows(&script.leads, &script.placement);
    let n = rate.samples(Ms(script.seconds * 1000.0));
    let mut canvas = render::Canvas { samples: ndarray::Array2::zeros((script.leads.len(), n)), rate, rows: &rows };
    let truth = render::draw(&mut canvas, &heart, &activity, script.seed);
    let samples = canvas.samples;
    let mut recording = Recording::new(script.name.clone(), script.leads.clone(), rate, samples);
    recording.patient = script.patient.clone();
    recording.start = script.start;
    recording.annotations = truth.annotations();
    recording.origin = Origin { device: Some("einthoven simulate".into()), ..Origin::default() };
    noise::add(&mut recording, &script.noise, &script.placement, script.seed);
    Simulated { recording, truth }
}
