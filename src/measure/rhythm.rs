//! The rhythm in numbers: RR statistics, ectopy, PR of each beat, P waves without QRS, pauses, runs.
//!
//! Intervals that span a stretch without countable beats ([`crate::detect::Episode`]) are left out. No statement is
//! made here.

use super::{atria, classes};
use crate::detect::{Atrial, BeatClass, Detection};
use crate::signal::{Bpm, Ms};
use serde::Serialize;

/// RR from which it counts as a pause (AHA part II 26; Chinese terminology consensus 2019: 2.0 s).
pub const PAUSE: Ms = Ms(2000.0);
/// Fewest beats in a row that make a run (tachycardia by AHA part II: three).
const RUN: usize = 3;
/// Fewest successive differences from which an irregularity is told: between ectopic beats there are too few.
const STEPS: usize = 3;
/// Rhythm numbers.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Rhythm {
    /// Class of each beat, where time and shape bear it out: an ectopic one that is neither early nor strange is `N`,
    /// one that noise may have made `Q`.
    #[serde(skip)]
    pub classes: Vec<BeatClass>,
    /// Beats by those classes.
    pub counts: Counts,
    /// RR before each beat, ms; `None` for the first and across gaps.
    pub rr_ms: Vec<Option<Ms>>,
    /// Number of intervals between beats of supraventricular origin.
    #[serde(skip)]
    pub own_intervals: usize,
    /// Median RR between beats of supraventricular origin.
    pub sinus_rr_ms: Option<Ms>,
    /// Standard deviation over mean of those intervals.
    pub rr_cv: Option<f64>,
    /// Median of |difference of successive such intervals| over their median: about 0.02 in sinus rhythm, above 0.1 in
    /// atrial fibrillation. `None` where fewer than three pairs of intervals stand side by side.
    pub irregularity: Option<f64>,
    /// Median of |difference of successive intervals| over their median, of whatever beats.
    #[serde(skip)]
    pub unevenness: Option<f64>,
    /// PR of each beat, ms; `None` where there is no P wave. A beat whose own P wave was not found takes the last P wave
    /// before it that belongs to no other.
    pub pr_ms: Vec<Option<Ms>>,
    /// Standard deviation of PR.
    pub pr_sd_ms: Option<Ms>,
    /// Part of the beats of supraventricular origin that have a P wave.
    pub p_fraction: Option<f64>,
    /// Atrial rate: by the cycle of which most PP intervals are multiples (P waves hide in QRS and T), else by the median
    /// PP.
    pub p_rate_bpm: Option<Bpm>,
    /// Robust spread of that cycle: median absolute deviation over median.
    pub pp_spread: Option<f64>,
    /// How far QRS onsets drift through the atrial cycle, first to last beat, where the atria keep time: a few milliseconds
    /// where P waves are conducted, much where atria and ventricles go their own ways.
    #[serde(skip)]
    pub drift_ms: Option<Ms>,
    /// P waves (indexes into `Detection::p_waves`) that no QRS follows as theirs.
    pub blocked_p: Vec<usize>,
    /// Beats that end a pause of [`PAUSE`] or more.
    pub pauses: Vec<usize>,
    /// Runs of three or more ectopic beats.
    pub runs: Vec<Run>,
    /// Atrial activity between the complexes.
    pub atrial: Atrial,
}

/// Beats by class.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Counts {
    /// All.
    pub all: usize,
    /// Conducted from the dominant rhythm.
    pub normal: usize,
    /// Supraventricular ectopic.
    pub supraventricular: usize,
    /// Ventricular ectopic.
    pub ventricular: usize,
    /// Fusion.
    pub fusion: usize,
    /// Paced.
    pub paced: usize,
    /// Unclassifiable.
    pub unknown: usize,
}

/// A run of beats of one ectopic class.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Run {
    /// `S` or `V`.
    pub class: BeatClass,
    /// First beat.
    pub first: usize,
    /// Last beat.
    pub last: usize,
    /// Mean rate within.
    pub rate_bpm: Bpm,
}

impl Run {
    /// Number of beats.
    pub fn beats(&self) -> usize {
        self.last - self.first + 1
    }
}

/// Measures the rhythm.
pub fn rhythm(detection: &Detection) -> Rhythm {
    let rr_ms = intervals(detection);
    let classes = classes::credible(detection, &rr_ms);
    let mut out = Rhythm { counts: counts(&classes), atrial: detection.atrial, classes, ..Rhythm::default() };
    out.pauses = (0..rr_ms.len()).filter(|&i| rr_ms[i].is_some_and(|r| r.0 >= PAUSE.0)).collect();
    supraventricular(detection, &rr_ms, &mut out);
    let own = atria::own_p(detection);
    out.pr_ms = detection
        .beats
        .iter()
        .zip(&own)
        .map(|(b, p)| p.map(|p| detection.rate.ms(b.qrs.onset.saturating_sub(p.onset) as f64)))
        .collect();
    let prs: Vec<f64> = out.pr_ms.iter().flatten().map(|m| m.0).collect();
    out.pr_sd_ms = mean_sd(&prs).map(|(_, sd)| Ms(sd));
    atria::measure(detection, &own, &mut out);
    out.runs = runs(&out.classes, &rr_ms);
    out.rr_ms = rr_ms;
    out
}

fn counts(classes: &[BeatClass]) -> Counts {
    let mut c = Counts { all: classes.len(), ..Counts::default() };
    for class in classes {
        let slot = match class {
            BeatClass::N => &mut c.normal,
            BeatClass::S => &mut c.supraventricular,
            BeatClass::V => &mut c.ventricular,
            BeatClass::F => &mut c.fusion,
            BeatClass::P => &mut c.paced,
            BeatClass::Q => &mut c.unknown,
        };
        *slot += 1;
    }
    c
}

/// RR before each beat, between fiducial points.
fn intervals(detection: &Detection) -> Vec<Option<Ms>> {
    let beats = &detection.beats;
    let across_gap = |from: usize, to: usize| detection.episodes.iter().any(|e| e.from < to && e.to > from);
    (0..beats.len())
        .map(|i| {
            let (last, this) = (beats.get(i.checked_sub(1)?)?.qrs.peak, beats.get(i)?.qrs.peak);
            (this > last && !across_gap(last, this)).then(|| detection.rate.ms((this - last) as f64))
        })
        .collect()
}

/// Statistics over the intervals between beats of supraventricular origin.
fn supraventricular(detection: &Detection, rr: &[Option<Ms>], out: &mut Rhythm) {
    let above = |i: usize| matches!(out.classes[i], BeatClass::N | BeatClass::S);
    let own: Vec<Option<f64>> =
        (0..rr.len()).map(|i| rr[i].filter(|_| i > 0 && above(i) && above(i - 1)).map(|m| m.0)).collect();
    let flat: Vec<f64> = own.iter().flatten().copied().collect();
    let middle = median(&flat);
    out.sinus_rr_ms = middle.map(Ms);
    out.own_intervals = flat.len();
    out.rr_cv = mean_sd(&flat).filter(|(m, _)| *m > 0.0).map(|(m, sd)| sd / m);
    let steps: Vec<f64> = own.windows(2).filter_map(|w| Some((w[1]? - w[0]?).abs())).collect();
    let steps = Some(steps).filter(|s| s.len() >= STEPS);
    out.irregularity = steps.and_then(|s| median(&s)).zip(middle).filter(|(_, m)| *m > 0.0).map(|(d, m)| d / m);
    let all: Vec<f64> = rr.iter().flatten().map(|m| m.0).collect();
    let jumps: Vec<f64> = rr.windows(2).filter_map(|w| Some((w[1]?.0 - w[0]?.0).abs())).collect();
    out.unevenness = median(&jumps).zip(median(&all)).filter(|(_, m)| *m > 0.0).map(|(d, m)| d / m);
    let (mut with_p, mut all) = (0usize, 0usize);
    for (_, beat) in detection.beats.iter().enumerate().filter(|(i, _)| above(*i)) {
        all += 1;
        with_p += usize::from(beat.p.is_some());
    }
    out.p_fraction = (all > 0).then(|| with_p as f64 / all as f64);
}

fn runs(classes: &[BeatClass], rr: &[Option<Ms>]) -> Vec<Run> {
    let mut found = Vec::new();
    for class in [BeatClass::S, BeatClass::V] {
        let mut first = None;
        for i in 0..=classes.len() {
            let inside = classes.get(i) == Some(&class);
            match (inside, first) {
                (true, None) => first = Some(i),
                (false, Some(from)) => {
                    first = None;
                    let own: Vec<f64> = rr[from + 1..i].iter().flatten().map(|m| m.0).collect();
                    if let Some((mean, _)) = mean_sd(&own).filter(|(m, _)| i - from >= RUN && *m > 0.0) {
                        found.push(Run { class, first: from, last: i - 1, rate_bpm: Bpm(60_000.0 / mean) });
                    }
                }
                _ => {}
            }
        }
    }
    found.sort_by_key(|r| r.first);
    found
}

/// Mean and standard deviation; `None` of nothing.
fn mean_sd(values: &[f64]) -> Option<(f64, f64)> {
    let n = values.len() as f64;
    (n > 0.0).then(|| {
        let mean = values.iter().sum::<f64>() / n;
        (mean, (values.iter().map(|v| (v - mean) * (v - mean)).sum::<f64>() / n).sqrt())
    })
}

/// Median; `None` of nothing.
pub(super) fn median(values: &[f64]) -> Option<f64> {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    let middle = sorted.len() / 2;
    match (sorted.len() % 2, sorted.get(middle)) {
        (1, Some(v)) => Some(*v),
        (_, Some(v)) => sorted.get(middle.wrapping_sub(1)).map(|u| f64::midpoint(*u, *v)),
        _ => None,
    }
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;
    use crate::detect::{Beat, Wave};
    use crate::signal::Hz;

    pub fn wave(peak: usize) -> Wave {
        Wave { onset: peak - 20, peak, offset: peak + 20 }
    }

    pub fn detection(beats: &[(usize, BeatClass, bool)]) -> Detection {
        let beats: Vec<Beat> = beats
            .iter()
            .map(|&(at, class, p)| Beat { qrs: wave(at), p: p.then(|| wave(at - 80)), t: None, class, group: 0 })
            .collect();
        let p_waves = beats.iter().filter_map(|b| b.p).collect();
        Detection { rate: Hz(500.0), beats, p_waves, ..Detection::default() }
    }

    #[test]
    fn regular_rhythm() {
        let beats: Vec<_> = (1..11).map(|i| (i * 400, BeatClass::N, true)).collect();
        let r = rhythm(&detection(&beats));
        assert_eq!(r.sinus_rr_ms, Some(Ms(800.0)));
        assert_eq!(r.irregularity, Some(0.0));
        assert_eq!(r.p_fraction, Some(1.0));
        assert_eq!(r.p_rate_bpm, Some(Bpm(75.0)));
        assert_eq!(r.pr_ms[0], Some(Ms(160.0)));
        assert!(r.blocked_p.is_empty() && r.pauses.is_empty() && r.runs.is_empty());
    }

    #[test]
    fn pauses_runs_and_blocked_p_waves() {
        use BeatClass::{N, V};
        let mut d = detection(&[(400, N, true), (1400, N, true), (1600, V, false), (1800, V, false), (2000, V, false)]);
        d.p_waves.insert(1, wave(820));
        let r = rhythm(&d);
        assert_eq!(r.pauses, [1]);
        assert_eq!(r.blocked_p, [1]);
        assert_eq!(r.runs.len(), 1);
        assert_eq!((r.runs[0].beats(), r.runs[0].rate_bpm), (3, Bpm(150.0)));
        assert_eq!(r.counts.ventricular, 3);
    }

    #[test]
    fn nothing_of_nothing() {
        let r = rhythm(&Detection { rate: Hz(500.0), ..Detection::default() });
        assert_eq!(r, Rhythm::default());
    }
}
