//! The gain of a sheet whose settings leave it open: the usual 10 mm/mV, or 5 where the beats would run into one another's
//! rows however these are moved. Artefacts between beats and pacemaker spikes do not count.

use super::field::median;
use super::rows::fit;
use crate::detect::BeatClass;
use crate::report::Report;
use crate::report::page::{Point, Rect};
use crate::report::paper::{Plan, Strip};
use crate::report::settings::Settings;

/// Standard gain, mm/mV (Kligfield et al. 2007).
pub const STANDARD: f32 = 10.0;
/// Half of it.
const HALF: f32 = 5.0;

/// The settings with their gain settled for a report's first page.
pub fn settled(report: &Report, settings: &Settings, field: Rect, plan: &Plan) -> Settings {
    let gain = settings.gain.unwrap_or_else(|| {
        let beats: Vec<_> = plan.strips.iter().map(|s| beats(report, settings, plan, s)).collect();
        if fit(plan, &beats, field) { STANDARD } else { HALF }
    });
    Settings { gain: Some(gain), ..settings.clone() }
}

impl Settings {
    /// The gain, mm/mV: the standard one where none was asked for.
    pub fn scale(&self) -> f32 {
        self.gain.unwrap_or(STANDARD)
    }
}

/// The height of each beat on a strip at the standard gain: two level lines over its length, against the zero line.
fn beats(report: &Report, settings: &Settings, plan: &Plan, strip: &Strip) -> Vec<Vec<Point>> {
    let (recording, detection) = (&report.recording, &report.diagnosis.detection);
    let Some(row) = recording.lead(&strip.lead) else { return Vec::new() };
    let samples = row.to_vec();
    let index = |seconds: f64| ((seconds * recording.rate.0).round().max(0.0) as usize).min(samples.len());
    let middle = median(&samples[index(plan.from)..index(plan.to)]);
    let mut lines = Vec::new();
    for beat in detection.beats.iter().filter(|b| b.class != BeatClass::Q) {
        let end = beat.t.map_or(beat.qrs.offset, |t| t.offset);
        let seconds = |sample: usize| sample as f64 / detection.rate.0;
        let (from, to) = (seconds(beat.qrs.onset).max(strip.from), seconds(end).min(strip.from + strip.seconds));
        if from >= to {
            continue;
        }
        let finite = samples[index(from)..index(to)].iter().filter(|v| v.is_finite());
        let (low, high) = finite.fold((0.0f32, 0.0f32), |(low, high), v| (low.min(v - middle), high.max(v - middle)));
        let sign = if strip.inverted { -STANDARD } else { STANDARD };
        let x = |at: f64| strip.x + (at - strip.from) as f32 * settings.speed;
        lines.extend([low, high].map(|mv| vec![(x(from), -mv * sign), (x(to), -mv * sign)]));
    }
    lines
}
