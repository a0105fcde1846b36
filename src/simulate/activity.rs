//! What a heart does over time: which chambers are activated when, by which path; what a pacemaker adds; where the
//! activity is a continuous wave. Rhythms write this, the renderer draws it.

use super::chance::Chance;
use super::heart::Heart;
use super::paths::{Atrial, Ventricular};
use crate::detect::BeatClass;

/// One activation of the atria.
#[derive(Clone, Debug, PartialEq)]
pub struct AtrialBeat {
    /// Onset of P, seconds.
    pub at: f64,
    /// Where it starts.
    pub path: Atrial,
}

/// One activation of the ventricles.
#[derive(Clone, Debug, PartialEq)]
pub struct VentricularBeat {
    /// Onset of QRS, seconds.
    pub at: f64,
    /// By which path.
    pub path: Ventricular,
    /// EC57 class.
    pub class: BeatClass,
    /// MIT annotation code.
    pub code: &'static str,
    /// The P wave it belongs to.
    pub p: Option<usize>,
}

/// A pacemaker's output.
#[derive(Clone, Debug, PartialEq)]
pub struct Spike {
    /// Start, seconds.
    pub at: f64,
    /// Which chamber is paced.
    pub chamber: Chamber,
    /// Bipolar leads give spikes of a few hundred microvolts, unipolar ones of millivolts.
    pub bipolar: bool,
}

/// Where a pacing lead sits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Chamber {
    /// Right atrium.
    Atrium,
    /// Right ventricle.
    Right,
    /// Left ventricle (coronary sinus).
    Left,
}

/// Continuous activity without countable waves.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Stretch {
    /// What it is.
    pub kind: StretchKind,
    /// Start, seconds.
    pub from: f64,
    /// End, seconds.
    pub to: f64,
    /// Main frequency, Hz.
    pub hz: f64,
    /// Size of its waves, mV.
    pub size: f64,
}

/// Kinds of [`Stretch`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StretchKind {
    /// Atrial fibrillation: f waves.
    AtrialFibrillation,
    /// Atrial flutter: saw teeth, negative in II, III, aVF.
    AtrialFlutter,
    /// Ventricular fibrillation.
    VentricularFibrillation,
    /// Ventricular flutter: a sine wave.
    VentricularFlutter,
    /// Nothing at all.
    Silence,
}

/// A heart's activity.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Activity {
    /// Atria, in order of time.
    pub atria: Vec<AtrialBeat>,
    /// Ventricles, in order of time.
    pub ventricles: Vec<VentricularBeat>,
    /// Pacemaker.
    pub spikes: Vec<Spike>,
    /// Continuous waves.
    pub stretches: Vec<Stretch>,
    /// From when on (seconds) which rhythm, in MIT-BIH's spelling (`(AFIB`).
    pub rhythms: Vec<(f64, &'static str)>,
}

/// Activity begins this long before the recording, so that a strip begins in the midst of life.
pub const LEAD_IN: f64 = 3.0;

impl Activity {
    /// Empty activity in one rhythm.
    pub fn of(rhythm: &'static str) -> Self {
        Self { rhythms: vec![(0.0, rhythm)], ..Self::default() }
    }

    /// The atria are activated; gives the index of the P wave.
    pub fn atrial(&mut self, at: f64, path: Atrial) -> usize {
        self.atria.push(AtrialBeat { at, path });
        self.atria.len() - 1
    }

    /// The ventricles are activated.
    pub fn ventricular(&mut self, at: f64, path: Ventricular, class: BeatClass, code: &'static str, p: Option<usize>) {
        self.ventricles.push(VentricularBeat { at, path, class, code, p });
    }

    /// A sinus beat that is conducted.
    pub fn sinus(&mut self, at: f64, pr: f64) {
        let p = self.atrial(at, Atrial::Sinus);
        self.ventricular(at + pr, Ventricular::FromAbove, BeatClass::N, "N", Some(p));
    }

    /// A pacemaker's output.
    pub fn spike(&mut self, at: f64, chamber: Chamber, bipolar: bool) {
        self.spikes.push(Spike { at, chamber, bipolar });
    }

    /// A continuous wave.
    pub fn stretch(&mut self, kind: StretchKind, from: f64, to: f64, hz: f64, size: f64) {
        self.stretches.push(Stretch { kind, from, to, hz, size });
    }

    /// Sorts everything by time, keeping each QRS with its P wave.
    pub fn settle(mut self) -> Self {
        let mut order: Vec<usize> = (0..self.atria.len()).collect();
        order.sort_by(|&a, &b| self.atria[a].at.total_cmp(&self.atria[b].at));
        let mut place = vec![0; order.len()];
        for (new, &old) in order.iter().enumerate() {
            place[old] = new;
        }
        self.atria.sort_by(|a, b| a.at.total_cmp(&b.at));
        for beat in &mut self.ventricles {
            beat.p = beat.p.map(|p| place[p]);
        }
        self.ventricles.sort_by(|a, b| a.at.total_cmp(&b.at));
        self.spikes.sort_by(|a, b| a.at.total_cmp(&b.at));
        self
    }
}

/// What a rhythm is given to work with.
pub struct Plan<'a> {
    /// Seconds to fill.
    pub seconds: f64,
    /// Mean interval between beats, seconds.
    pub rr: f64,
    /// PR interval, seconds.
    pub pr: f64,
    /// The heart.
    pub heart: &'a Heart,
    /// Chance.
    pub chance: Chance,
}

impl Plan<'_> {
    /// Onsets of sinus P waves at a mean interval of `rr`, with the breath (`arrhythmia` = part of RR) and a little
    /// chance, over the whole strip and the time before it.
    pub fn sinus_node(&mut self, rr: f64, arrhythmia: f64) -> Vec<f64> {
        let mut onsets = Vec::new();
        let phase = self.chance.uniform();
        let mut t = -LEAD_IN + self.chance.uniform() * rr.min(1.0);
        while t < self.seconds + 1.0 {
            onsets.push(t);
            let breath = arrhythmia * super::curve::sine(phase + BREATHS_HZ * t);
            t += rr * (1.0 + breath + 0.006 * self.chance.normal());
        }
        onsets
    }
}

/// Breaths a second: 14 a minute.
pub const BREATHS_HZ: f64 = 14.0 / 60.0;
