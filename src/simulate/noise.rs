//! What disturbs an ECG: wander, mains, muscle, electrode motion, saturation, gaps, quantisation. Noise is made at
//! every electrode for itself and reaches the leads as the heart does, so that Einthoven's law survives it.
//!
//! Tracks run at 1000 Hz whatever the recording's rate, so that the same seed disturbs in the same way at any rate.

use super::chance::Chance;
use super::curve::{cosine, power_of_ten, sine};
use super::field::{ELECTRODES, Placement, electrodes_of, is_off};
use super::{Script, simulate};
use crate::signal::{Hz, LeadName, Mv, Recording};
use ndarray::ArrayViewMut1;

/// Noise and defects of a recording; the default has none. Sizes are RMS in a bipolar lead, about.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Noise {
    /// Baseline wander, 0.05 … 0.5 Hz.
    pub wander: Mv,
    /// Mains with its harmonics, drifting a little.
    pub mains: Mv,
    /// Mains frequency; 50 Hz when 0.
    pub mains_hz: Hz,
    /// Muscle, 15 … 120 Hz, in swells.
    pub muscle: Mv,
    /// Electrode motion: jumps that decay, and slow irregular waves.
    pub motion: Mv,
    /// The converter's limit; `None` = unlimited.
    pub saturation: Option<Mv>,
    /// Stretches (from, to; seconds) that are missing in every lead.
    pub gaps: Vec<(f64, f64)>,
    /// Step of the converter in µV; 0 = none.
    pub quantum_uv: f64,
}

impl Noise {
    /// This noise, sized so that `script`'s signal stands `db` decibels above it as WFDB's `nst` counts: signal power is
    /// an eighth of the square of the QRS's mean peak-to-peak size, noise power the square of its RMS.
    #[must_use]
    pub fn at_snr(&self, script: &Script, db: f64) -> Self {
        let clean = simulate(&Script { noise: Self::default(), ..script.clone() });
        let wanted = clean.qrs_size().0 / 8.0_f64.sqrt() / power_of_ten(db / 20.0);
        let parts = [self.wander, self.mains, self.muscle, self.motion];
        let is = parts.iter().map(|m| m.0 * m.0).sum::<f64>().sqrt();
        let k = if is > 0.0 { wanted / is } else { 0.0 };
        let scaled = |m: Mv| Mv(m.0 * k);
        Self {
            wander: scaled(self.wander),
            mains: scaled(self.mains),
            muscle: scaled(self.muscle),
            motion: scaled(self.motion),
            ..self.clone()
        }
    }
}

/// A kind of noise.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Baseline wander.
    Wander,
    /// Mains interference.
    Mains,
    /// Muscle.
    Muscle,
    /// Electrode motion.
    Motion,
}

/// Every kind with its name.
pub const KINDS: [(Kind, &str); 4] =
    [(Kind::Wander, "wander"), (Kind::Mains, "mains"), (Kind::Muscle, "muscle"), (Kind::Motion, "motion")];

/// A noise of one site at 1000 Hz, RMS 1, about.
pub struct Track {
    kind: Kind,
    chance: Chance,
    ms: u64,
    waves: [(f64, f64); 4],
    state: [f64; 3],
}

impl Track {
    /// The track of `site` under `seed`.
    pub fn new(kind: Kind, seed: u64, site: usize, mains: Hz) -> Self {
        let name = KINDS.iter().find(|k| k.0 == kind).map_or("", |k| k.1);
        let mut chance = Chance::new(seed, &format!("{name} {site}"));
        let waves = if kind == Kind::Mains {
            // one room, one phase; each electrode picks up its own share
            let phase = Chance::new(seed, "mains").uniform();
            let hz = if mains.0 > 0.0 { mains.0 } else { 50.0 };
            let share = chance.normal();
            [(hz, phase), (2.0 * hz, phase), (3.0 * hz, phase), (share, 0.0)]
        } else {
            std::array::from_fn(|k| (chance.between(0.05, 0.16) * (k + 1) as f64 * 0.8, chance.uniform()))
        };
        Self { kind, chance, ms: 0, waves, state: [0.0; 3] }
    }

    /// The next millisecond's value.
    pub fn step(&mut self) -> f64 {
        let t = self.ms as f64 / 1000.0;
        self.ms += 1;
        let white = (self.chance.uniform() - 0.5) * 3.464;
        match self.kind {
            Kind::Wander => self.waves.iter().map(|(hz, phase)| sine(hz * t + phase)).sum::<f64>() * 0.707,
            Kind::Mains => {
                let share = self.waves[3].0;
                let drift = 0.03 * sine(0.07 * t);
                let tone = |k: usize| cosine(self.waves[k].0 * t + self.waves[k].1 + drift * (k + 1) as f64);
                share * (1.38 * tone(0) + 0.10 * tone(1) + 0.25 * tone(2)) * (1.0 + 0.1 * sine(0.11 * t))
            }
            Kind::Muscle => {
                // one pole low pass at 120 Hz, one pole high pass at 15 Hz
                self.state[0] += 0.53 * (white - self.state[0]);
                self.state[1] += 0.09 * (self.state[0] - self.state[1]);
                let swell = 1.0 + 0.5 * sine(self.waves[0].0 * 3.0 * t + self.waves[0].1);
                1.75 * swell * (self.state[0] - self.state[1])
            }
            Kind::Motion => {
                if self.chance.uniform() < 0.0009 {
                    self.state[0] += 5.0 * self.chance.normal();
                }
                self.state[0] *= 0.9965;
                self.state[1] += 0.03 * (white - self.state[1]);
                self.state[2] += 0.03 * (self.state[1] - self.state[2]);
                0.55 * self.state[0] + 5.0 * self.state[2]
            }
        }
    }
}

/// Adds `noise` to a recording whose electrodes sit as `placement` says.
pub fn add(recording: &mut Recording, noise: &Noise, placement: &Placement, seed: u64) {
    let sizes = [noise.wander, noise.mains, noise.muscle, noise.motion];
    let leads = recording.leads.clone();
    let shares: Vec<Shares> = leads.iter().enumerate().map(|(k, lead)| shares(k, lead, placement)).collect();
    for ((kind, _), size) in KINDS.into_iter().zip(sizes) {
        if size.0 > 0.0 {
            disturb(recording, &shares, kind, size, noise.mains_hz, seed);
        }
    }
    if noise.quantum_uv > 0.0 {
        quantise(recording, noise.quantum_uv / 1000.0);
    }
    if let Some(limit) = noise.saturation {
        let limit = limit.0 as f32;
        recording.samples.mapv_inplace(|v| v.clamp(-limit, limit));
    }
    let n = recording.len();
    for &(from, to) in &noise.gaps {
        let at = |s: f64| ((s * recording.rate.0).round().max(0.0) as usize).min(n);
        for mut row in recording.samples.rows_mut() {
            for k in at(from)..at(to) {
                row[k] = f32::NAN;
            }
        }
    }
}

/// How much of each site's noise a lead shows: site (electrode, or beyond them one for each X, Y, Z) and weight.
type Shares = Vec<(usize, f64)>;

fn shares(row: usize, lead: &LeadName, placement: &Placement) -> Shares {
    if is_off(lead, placement) {
        return Vec::new();
    }
    match electrodes_of(lead) {
        Some(weights) => weights
            .iter()
            .enumerate()
            .filter(|(_, w)| **w != 0.0)
            .map(|(site, w)| (site, w * std::f64::consts::FRAC_1_SQRT_2))
            .collect(),
        None => vec![(ELECTRODES + row, 1.0)],
    }
}

fn disturb(recording: &mut Recording, shares: &[Shares], kind: Kind, size: Mv, mains: Hz, seed: u64) {
    let rate = recording.rate.0;
    let sites = ELECTRODES + recording.leads.len();
    for site in 0..sites {
        let mut rows: Vec<(f64, ArrayViewMut1<f32>)> = recording
            .samples
            .rows_mut()
            .into_iter()
            .zip(shares)
            .filter_map(|(row, s)| s.iter().find(|(k, _)| *k == site).map(|(_, w)| (w * size.0, row)))
            .collect();
        let Some(len) = rows.first().map(|(_, row)| row.len()) else { continue };
        let mut track = Track::new(kind, seed, site, mains);
        let (mut before, mut after) = (track.step(), track.step());
        let mut passed = 0;
        for n in 0..len {
            let ms = n as f64 * 1000.0 / rate;
            while passed < ms as u64 {
                before = after;
                after = track.step();
                passed += 1;
            }
            let value = before + (after - before) * (ms - passed as f64);
            for (weight, row) in &mut rows {
                row[n] += (*weight * value) as f32;
            }
        }
    }
}

/// Rounds to steps of `step` mV; III and the augmented leads follow from the rounded I and II where these are there.
fn quantise(recording: &mut Recording, step: f64) {
    let rounded = |v: f64| (v / step).round() * step;
    recording.samples.mapv_inplace(|v| rounded(f64::from(v)) as f32);
    let find = |lead: &LeadName| recording.leads.iter().position(|l| l == lead);
    let (Some(one), Some(two)) = (find(&LeadName::I), find(&LeadName::II)) else { return };
    let limbs: [(LeadName, f64, f64); 4] = [
        (LeadName::III, -1.0, 1.0),
        (LeadName::AvR, -0.5, -0.5),
        (LeadName::AvL, 1.0, -0.5),
        (LeadName::AvF, -0.5, 1.0),
    ];
    for (lead, of_one, of_two) in limbs {
        let Some(row) = find(&lead) else { continue };
        for n in 0..recording.samples.ncols() {
            // in whole steps, so that III = II − I holds to the last of them
            let [i, ii] = [one, two].map(|k| (f64::from(recording.samples[[k, n]]) / step).round());
            recording.samples[[row, n]] = ((of_one * i + of_two * ii).round() * step) as f32;
        }
    }
}
