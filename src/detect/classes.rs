//! Classes of beats (ANSI/AAMI EC57: N, S, V) by rhythm and shape together.
//!
//! Three small networks together (trained by `einthoven train beats`) weigh what [`super::describe`] tells of a beat; rules
//! that an ECG reader would not break stand above them: what is not early is not supraventricular ectopic, irregularly
//! irregular rhythm has no early beats, and a fast regular run that begins suddenly is a paroxysm.
//!
//! What was tried on `mitdb` DS1, each record left out in turn (VEB Se/+P, SVEB Se/+P in %):
//!
//! | | VEB | SVEB |
//! |---|---|---|
//! | 32 numbers against neighbours, one network of 12 units | 90.3 / 83.0 | 45.5 / 67.5 |
//! | 66 numbers against a template of timely dominant beats (QRS, P, T), pooled over groups; boosted trees | 96.3 / 85 | 44 / 69 |
//! | the same and the rule of paroxysms, boosted trees | 96.3 / 85.3 | 66.3 / 84.3 |
//! | the same, three networks of 12 units, doubt of 2 for V, as tried outside this program | 95.2 / 93.5 | 66.9 / 84.0 |
//! | + strips of 10 s learnt from too; a slower rhythm is soon the basic one (these) | 94.8 / 94.0 | 74.6 / 87.5 |
//!
//! Boosted trees were no better at V and slower to learn. On V a lower doubt gives 97 / 87.
//!
//! What stays lost: aberrant beats in fibrillation (201: 94 of 124 S called V), junctional escapes without P that come on
//! time (124: 29), ventricular beats of 223 that look like the normal ones (110 of 473).

use super::BeatClass;
use super::describe::{EARLY, EARLY_LONG, FEATURES, ODD, RESTLESS};
use crate::dsp::scaled::Scaled;
use crate::signal::{Hz, Ms};
use std::sync::OnceLock;

/// A beat this little before its time (logarithm of its interval to the usual one: a tenth) is not premature.
const LEAST_EARLY: f32 = -0.11;
/// Median change of successive intervals, part of the interval, above which the rhythm has no beat that comes before its
/// time: atrial fibrillation lies above 0.12, sinus arrhythmia and frequent ectopy below.
const IRREGULAR: f32 = 0.11;
/// A beat must be so much likelier ventricular, or supraventricular ectopic, than anything else (logarithm of odds): most
/// beats are not.
const DOUBT_V: f32 = 2.0;
const DOUBT_S: f32 = 0.25;
/// A beat of a run that differs more than this from the dominant shape (relative squared difference) is not of a
/// supraventricular one.
const RUN_ODD: f32 = 0.35;

/// A ventricular stimulus is followed by the largest deflection within this (atrial ones by the QRS later than this).
const CAPTURE: Ms = Ms(140.0);

/// Classes the network tells apart, in the order of its outputs.
pub const CLASSES: [BeatClass; 3] = [BeatClass::N, BeatClass::S, BeatClass::V];
/// Weights found on MIT-BIH DS1.
fn model() -> Option<&'static Scaled> {
    static MODEL: OnceLock<Option<Scaled>> = OnceLock::new();
    MODEL.get_or_init(|| Scaled::from_text(include_str!("classes.txt")).filter(|m| m.inputs() == FEATURES)).as_ref()
}

/// Class of each beat; `runs`: whether it is in a paroxysm by its timing.
pub fn classify(features: &[[f32; FEATURES]], runs: &[bool], model: &Scaled) -> Vec<BeatClass> {
    let (mut hidden, mut out) = (Vec::new(), Vec::new());
    let each = features.iter().zip(runs.iter().chain(std::iter::repeat(&false)));
    each.map(|(f, &run)| {
        model.run(f, &mut hidden, &mut out);
        let [_, supra, ventricular] = out.as_mut_slice() else { return BeatClass::N };
        *ventricular -= DOUBT_V;
        *supra -= DOUBT_S;
        if f[RESTLESS] > IRREGULAR || f[EARLY].min(f[EARLY_LONG]) > LEAST_EARLY {
            *supra = f32::NEG_INFINITY;
        }
        if run && f[ODD] < RUN_ODD {
            return BeatClass::S;
        }
        let best = (0..out.len()).max_by(|&a, &b| out[a].total_cmp(&out[b]));
        best.and_then(|b| CLASSES.get(b)).copied().unwrap_or_default()
    })
    .collect()
}

/// Class of each beat by the shipped weights.
pub fn classes(features: &[[f32; FEATURES]], runs: &[bool]) -> Vec<BeatClass> {
    match model() {
        // Without a usual interval nothing is premature.
        Some(model) if features.len() > 3 => classify(features, runs, model),
        _ => vec![BeatClass::N; features.len()],
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_shipped_weights_are_whole() {
        assert!(model().is_some());
    }
}
