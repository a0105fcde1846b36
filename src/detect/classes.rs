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
//! | the same, three networks of 12 units, doubt of 2 for V (these), as tried outside this program | 95.2 / 93.5 | 66.9 / 84.0 |
//!
//! What stays lost: aberrant beats in fibrillation (201: 94 of 124 S called V), junctional escapes without P that come on
//! time (124: 29), ventricular beats of 223 that look like the normal ones (110 of 473).

use super::BeatClass;
use super::describe::{EARLY, EARLY_LONG, FEATURES, ODD, RESTLESS};
use crate::dsp::network::Network;
use crate::signal::{Hz, Ms};
use std::fmt::Write;
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
/// What is further from the mean than so many standard deviations counts as that.
const FARTHEST: f32 = 4.0;

/// A network and the scale of its inputs.
#[derive(Clone, Debug, PartialEq)]
pub struct Model {
    mean: Vec<f32>,
    /// One over the standard deviation.
    scale: Vec<f32>,
    network: Network,
}

impl Model {
    /// Of a network that learnt from what [`Self::scaled`] gives with these.
    pub fn new(mean: Vec<f32>, scale: Vec<f32>, network: Network) -> Self {
        Self { mean, scale, network }
    }

    /// A beat's numbers as the network sees them.
    pub fn scaled(mean: &[f32], scale: &[f32], features: &[f32; FEATURES]) -> Vec<f32> {
        let each = features.iter().zip(mean).zip(scale);
        each.map(|((f, m), s)| ((f - m) * s).clamp(-FARTHEST, FARTHEST)).collect()
    }

    /// Reads what [`Self::to_text`] wrote; `None` when it is not that.
    pub fn from_text(text: &str) -> Option<Self> {
        let (first, rest) = text.split_once('\n')?;
        let (second, rest) = rest.split_once('\n')?;
        let row = |line: &str| -> Option<Vec<f32>> {
            let row: Vec<f32> = line.split_whitespace().map(str::parse).collect::<Result<_, _>>().ok()?;
            (row.len() == FEATURES).then_some(row)
        };
        Some(Self { mean: row(first)?, scale: row(second)?, network: Network::from_text(rest)? })
    }

    /// A row of means, a row of scales, the network.
    pub fn to_text(&self) -> String {
        let mut text = String::new();
        for row in [&self.mean, &self.scale] {
            let row: Vec<String> = row.iter().map(|w| format!("{w:.5}")).collect();
            let _ = writeln!(text, "{}", row.join(" "));
        }
        text + &self.network.to_text()
    }
}

/// Weights found on MIT-BIH DS1.
fn model() -> Option<&'static Model> {
    static MODEL: OnceLock<Option<Model>> = OnceLock::new();
    MODEL.get_or_init(|| Model::from_text(include_str!("classes.txt"))).as_ref()
}

/// Class of each beat; `runs`: whether it is in a paroxysm by its timing.
pub fn classify(features: &[[f32; FEATURES]], runs: &[bool], model: &Model) -> Vec<BeatClass> {
    let (mut hidden, mut out) = (Vec::new(), Vec::new());
    let each = features.iter().zip(runs.iter().chain(std::iter::repeat(&false)));
    each.map(|(f, &run)| {
        model.network.run(&Model::scaled(&model.mean, &model.scale, f), &mut hidden, &mut out);
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
        let model = model().expect("classes.txt");
        assert_eq!(Model::from_text(&model.to_text()).as_ref(), Some(model));
        assert_eq!(Model::from_text("1 2\n3 4\n1 1 1 0 0 0 0"), None);
    }
}
