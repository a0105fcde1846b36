//! Recordings of hours and days: detected window by window, in parallel, and put together as if in one piece.
//!
//! Detection takes some fifty bytes a sample. A window is as long as its memory allows, each sees half a minute beyond
//! its own stretch on both sides, which is more than any decision about a beat looks at, and gives the beats of its own
//! stretch only ([`super::stitch`]). The windows depend on the recording alone, so that the result is the same on any
//! number of cores.

use super::{Diagnosis, Options, conclude, stitch};
use crate::detect::{Detection, detect, envelope};
use crate::ingest::{LongFile, ReadError};
use crate::signal::Recording;
use ndarray::{Axis, Slice};
use rayon::prelude::*;
use std::ops::Range;

/// Lead-samples from which a recording is analysed in windows: in one piece it would take 400 MB. A day of anything is
/// long, half an hour of two leads is not.
pub const LONG: usize = 8 << 20;
/// Lead-samples of a window: 115 MB at work.
const WINDOW: usize = 2_400_000;
/// Lead-samples at work at a time: four of the largest windows, 460 MB.
const AT_WORK: usize = 4 * WINDOW;
/// What a window sees beyond its own stretch on each side, s.
const MARGIN_S: f64 = 30.0;
/// Shortest and longest own stretch, s.
const STRETCH_S: (f64, f64) = (60.0, 600.0);

/// Whether a recording of this size is analysed in windows.
pub fn is_long(leads: usize, samples: usize) -> bool {
    leads.saturating_mul(samples) > LONG
}

/// A recording that gives its samples window by window.
pub trait Windows: Sync {
    /// Why a window could not be had.
    type Error: Send;

    /// The samples of this range of the whole.
    fn window(&self, range: Range<usize>) -> Result<Recording, Self::Error>;
}

/// A recording that is in memory.
struct InMemory<'a>(&'a Recording);

impl Windows for InMemory<'_> {
    type Error = std::convert::Infallible;

    fn window(&self, range: Range<usize>) -> Result<Recording, Self::Error> {
        let r = self.0;
        let to = range.end.min(r.samples.ncols());
        let part = r.samples.slice_axis(Axis(1), Slice::from(range.start.min(to)..to)).to_owned();
        let mut window = Recording::new("", r.leads.clone(), r.rate, part);
        window.derived.clone_from(&r.derived);
        window.origin = r.origin.clone();
        Ok(window)
    }
}

impl Windows for LongFile {
    type Error = ReadError;

    fn window(&self, range: Range<usize>) -> Result<Recording, ReadError> {
        LongFile::window(self, range)
    }
}

/// [`super::diagnose`] of a long recording that is in memory.
pub fn in_memory(recording: &Recording, options: &Options) -> Diagnosis {
    match diagnose_windows(recording, &InMemory(recording), options) {
        Ok(diagnosis) => diagnosis,
        Err(never) => match never {},
    }
}

/// Diagnoses a recording whose samples come window by window; `head` is its beginning, with everything that it says
/// of itself, and its whole length.
pub fn diagnose_windows<W: Windows>(head: &Recording, windows: &W, options: &Options) -> Result<Diagnosis, W::Error> {
    let detection = detect_windows(head, windows)?;
    Ok(conclude(head, detection, options))
}

fn detect_windows<W: Windows>(head: &Recording, windows: &W) -> Result<Detection, W::Error> {
    let (rate, leads) = (head.rate.0, head.leads.len().max(1));
    let grid = grid(rate);
    let margin = ((MARGIN_S * rate) as usize).div_ceil(grid) * grid;
    let stretch = (WINDOW / leads).saturating_sub(2 * margin) as f64;
    let stretch = stretch.clamp(STRETCH_S.0 * rate, STRETCH_S.1 * rate) as usize;
    let stretch = (stretch / grid).max(1) * grid;
    let starts: Vec<usize> = (0..head.len()).step_by(stretch).collect();
    let at_once = (AT_WORK / leads / (stretch + 2 * margin)).clamp(1, 64);
    let mut whole = stitch::Whole::new(head);
    for some in starts.chunks(at_once) {
        let parts: Result<Vec<stitch::Part>, W::Error> = some
            .par_iter()
            .map(|&from| {
                let to = (from + stretch).min(head.len());
                let seen = from.saturating_sub(margin)..(to + margin).min(head.len());
                let window = windows.window(seen.clone())?;
                Ok(stitch::Part::new(from..to, seen.start, detect(&window)))
            })
            .collect();
        for part in parts? {
            whole.add(part);
        }
    }
    Ok(whole.finish())
}

/// What a window's start is a multiple of, samples: detection works on means of 50 ms (baseline), on the envelope's samples
/// and on blocks of two seconds of them, and a beat must meet the same ones in a window as in the whole.
fn grid(rate: f64) -> usize {
    let step = envelope::step(rate);
    let means = ((rate * 0.05).round() as usize).max(1);
    let block = step * ((2.0 * rate / step as f64) as usize).max(1);
    let both = means / gcd(means, block) * block;
    // An odd rate may have no common grid worth the name.
    if both as f64 <= STRETCH_S.0 * rate { both } else { block }
}

fn gcd(a: usize, b: usize) -> usize {
    if b == 0 { a } else { gcd(b, a % b) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::signal::{Hz, LeadName};
    use ndarray::Array2;

    /// Gauss-shaped beats, every seventh of which is early, broad and inverted.
    fn strip(seconds: usize, leads: usize, rate: f64) -> Recording {
        let n = (seconds as f64 * rate) as usize;
        let mut x = Array2::zeros((leads, n));
        let (mut at, mut k) = (1.0_f64, 0_usize);
        while at < seconds as f64 - 1.0 {
            let odd = k % 7 == 6;
            let (width, height) = if odd { (0.045, -1.4) } else { (0.012, 1.0) };
            let t = at - if odd { 0.25 } else { 0.0 };
            let centre = (t * rate) as isize;
            for d in -(rate as isize) / 3..(rate as isize) / 2 {
                let Ok(i) = usize::try_from(centre + d) else { continue };
                let u = i as f64 / rate - t;
                let wave = |c: f64, w: f64, h: f64| h * (-((u - c) / w).powi(2)).exp();
                let v = wave(0.0, width, height)
                    + wave(0.28, 0.05, 0.25)
                    + if odd { 0.0 } else { wave(-0.16, 0.025, 0.12) };
                for lead in 0..leads {
                    if let Some(out) = x.get_mut((lead, i)) {
                        *out += (v * (1.0 - 0.2 * lead as f64)) as f32;
                    }
                }
            }
            k += 1;
            at += 0.8 + 0.05 * (k as f64 * 0.7).sin();
        }
        // Deterministic noise of some microvolts.
        x.iter_mut().enumerate().for_each(|(i, v)| *v += ((i * 7919) % 31) as f32 * 0.0004);
        Recording::new("t", [LeadName::II, LeadName::V1, LeadName::V5][..leads].to_vec(), Hz(rate), x)
    }

    #[test]
    fn windows_give_the_beats_of_the_whole() {
        let r = strip(2400, 2, 250.0);
        let whole = detect(&r);
        let parts = detect_windows(&r, &InMemory(&r)).unwrap_or_default();
        let places = |d: &Detection| d.beats.iter().map(|b| b.qrs.peak).collect::<Vec<_>>();
        assert!(whole.beats.len() > 2900, "{}", whole.beats.len());
        assert_eq!(places(&parts), places(&whole));
        // A class rests on what the whole recording's beats are like, which a window knows in part.
        let other = parts.beats.iter().zip(&whole.beats).filter(|(a, b)| a.class != b.class).count();
        assert!(other * 1000 <= whole.beats.len(), "{other} beats of another class");
        assert_eq!(parts.groups.len(), whole.groups.len());
        assert_eq!(parts.groups, whole.groups);
        for (a, b) in parts.beats.iter().zip(&whole.beats) {
            assert_eq!(a.group, b.group, "beat at {}", b.qrs.peak);
        }
        assert_eq!(parts.medians.len(), parts.groups.len());
        assert!(parts.median().is_some_and(|m| m.qrs.is_some()));
    }
}
