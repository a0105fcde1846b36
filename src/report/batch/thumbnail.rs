//! A rhythm strip the size of a table cell.

use crate::report::simplify::{extremes, runs, simplify};
use crate::signal::{LeadName, Recording};
use serde::{Deserialize, Serialize};
use std::fmt::Write;

/// A lead in small, as the `d` of an SVG path in a box of [`Thumbnail::WIDTH`] × [`Thumbnail::HEIGHT`].
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Thumbnail {
    /// Which lead.
    pub lead: String,
    /// Seconds shown.
    pub seconds: f64,
    /// Path data, at most a few kB.
    pub path: String,
}

/// Leads in the order in which they are tried: II shows rhythm best.
const RHYTHM: [LeadName; 5] = [LeadName::II, LeadName::V1, LeadName::I, LeadName::V5, LeadName::III];
/// Seconds shown at most: what a standard ECG holds.
const SECONDS: f64 = 10.0;
/// Millivolts above and below the median that fit the box; more is cut.
const SPAN_MV: f32 = 1.4;

impl Thumbnail {
    /// Width of the box.
    pub const WIDTH: u32 = 500;
    /// Height of the box.
    pub const HEIGHT: u32 = 64;

    /// The rhythm lead of a recording; `None` without a sample.
    pub fn of(recording: &Recording) -> Option<Self> {
        let lead = &rhythm_lead(recording)?;
        let wanted = (SECONDS * recording.rate.0).ceil().max(2.0) as usize;
        let samples: Vec<f32> = recording.lead(lead)?.iter().copied().take(wanted).collect();
        let seconds = (samples.len() as f64 / recording.rate.0).min(SECONDS);
        Some(Self { lead: lead.to_string(), seconds, path: path(&samples, wanted) })
    }
}

/// The lead that shows rhythm best among those with a signal.
pub fn rhythm_lead(recording: &Recording) -> Option<LeadName> {
    let shown = |lead: &&LeadName| recording.lead(lead).is_some_and(|s| s.iter().any(|v| v.is_finite()));
    // Ambulatory recordings have a modified II instead.
    let modified = LeadName::Other("MLII".into());
    RHYTHM[..1].iter().chain([&modified]).chain(&RHYTHM[1..]).chain(&recording.leads).find(shown).cloned()
}

fn path(samples: &[f32], wanted: usize) -> String {
    let mut finite: Vec<f32> = samples.iter().copied().filter(|v| v.is_finite()).collect();
    finite.sort_by(f32::total_cmp);
    let middle = finite.get(finite.len() / 2).copied().unwrap_or_default();
    let (width, height) = (Thumbnail::WIDTH as f32, Thumbnail::HEIGHT as f32);
    let x = |i: usize| i as f32 / wanted as f32 * width;
    let y = |mv: f32| (height / 2.0) * (1.0 - ((mv - middle) / SPAN_MV).clamp(-1.0, 1.0));
    let step = wanted.div_ceil(Thumbnail::WIDTH as usize).max(1);
    let mut d = String::new();
    for (from, run) in runs(samples) {
        let points: Vec<(f32, f32)> = extremes(run, step).map(|(i, mv)| (x(from + i), y(mv))).collect();
        let mut at = (0, 0);
        for (n, (px, py)) in simplify(&points, 0.7).into_iter().enumerate() {
            let to = (px.round() as i32, py.round() as i32);
            // Relative whole units: two or three characters a number.
            let _ = match n {
                0 => write!(d, "M{} {}l", to.0, to.1),
                _ => write!(d, "{} {} ", to.0 - at.0, to.1 - at.1),
            };
            at = to;
        }
    }
    d.truncate(d.trim_end().len());
    d
}
