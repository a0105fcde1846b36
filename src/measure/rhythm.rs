//! The rhythm in numbers: RR statistics, ectopy, PR of each beat, P waves without QRS, pauses, runs.
//!
//! Intervals that span a stretch without countable beats ([`crate::detect::Episode`]) are left out. No statement is
//! made here.

use crate::detect::{Atrial, BeatClass, Detection, Wave};
use crate::signal::{Bpm, Ms};
use serde::Serialize;

/// RR from which it counts as a pause (AHA part II 26; Chinese terminology consensus 2019: 2.0 s).
pub const PAUSE: Ms = Ms(2000.0);
/// Fewest beats in a row that make a run (tachycardia by AHA part II: three).
const RUN: usize = 3;
/// Two marks of one P wave lie no further apart than this.
const SAME_WAVE: Ms = Ms(60.0);
/// A beat without P wave of its own is taken to follow the last one that begins so long before it.
const FOLLOWS: std::ops::RangeInclusive<f64> = 80.0..=450.0;
/// PP is a multiple (up to the third) of the atrial cycle within this part of itself …
const IN_TIME: f64 = 0.06;
/// … for this part of the PP intervals, of which so many are one cycle.
const KEEP_TIME: (f64, f64) = (0.6, 0.3);
/// Atrial cycles that are thought of, ms.
const CYCLE: std::ops::RangeInclusive<f64> = 240.0..=2500.0;
/// Fewest successive differences from which an irregularity is told: between ectopic beats there are too few.
const STEPS: usize = 3;
/// Part of the basic RR below which a beat is premature …
const PREMATURE: f64 = 0.92;
/// … in a lead or three, where noise alone changes shapes (chosen on `CinC` 2017: mean F1 77.1 %, with 0.80 and 0.75
/// 76.0 and 75.9 %).
const CLEARLY_PREMATURE: f64 = 0.85;
/// Leads up to which a recording is a monitor's or handheld's.
const FEW_LEADS: usize = 3;
/// The neighbours of a complex that is none lie one basic RR apart within this part of it.
const UNDISTURBED: f64 = 0.12;
/// Part of the basic RR that follows an early beat at least.
const MAKES_A_PAUSE: f64 = 0.95;
/// Part of the basic RR that lies between the neighbours of an interpolated beat at most.
const INTERPOLATED: f64 = 1.25;
/// Residue between the complexes of a single lead from which odd shapes are noise, mV. Chosen on `CinC` 2017: ectopy was
/// seen in eight of its normal strips above this, and in two of the others.
const NOISE_MV: f64 = 0.2;

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
    let classes = credible(detection, &rr_ms);
    let mut out = Rhythm { counts: counts(&classes), atrial: detection.atrial, classes, ..Rhythm::default() };
    out.pauses = (0..rr_ms.len()).filter(|&i| rr_ms[i].is_some_and(|r| r.0 >= PAUSE.0)).collect();
    supraventricular(detection, &rr_ms, &mut out);
    let own = own_p(detection);
    out.pr_ms = detection
        .beats
        .iter()
        .zip(&own)
        .map(|(b, p)| p.map(|p| detection.rate.ms(b.qrs.onset.saturating_sub(p.onset) as f64)))
        .collect();
    let prs: Vec<f64> = out.pr_ms.iter().flatten().map(|m| m.0).collect();
    out.pr_sd_ms = mean_sd(&prs).map(|(_, sd)| Ms(sd));
    atrial(detection, &own, &mut out);
    out.runs = runs(&out.classes, &rr_ms);
    out.rr_ms = rr_ms;
    out
}

/// The shape group of most beats of ordinary class.
fn main_group(detection: &Detection) -> Option<usize> {
    let mut sizes = vec![0_usize; detection.beats.iter().map(|b| b.group + 1).max()?];
    for beat in detection.beats.iter().filter(|b| b.class == BeatClass::N) {
        sizes[beat.group] += 1;
    }
    (0..sizes.len()).filter(|&g| sizes[g] > 0).max_by(|&a, &b| sizes[a].cmp(&sizes[b]).then(b.cmp(&a)))
}

/// The classes that time and shape bear out: a supraventricular ectopic beat comes early; a ventricular one comes early,
/// differs from the dominant shape, or follows another. A strip's first beat has nothing to be early against: it must make
/// the pause of an early one. In a lead or three an early beat must be clearly so, after an ordinary beat or another of its
/// kind; a ventricular one must make a pause, a supraventricular one look like the others and disturb the rhythm: what the
/// basic beats pass by in time is an artefact.
fn credible(detection: &Detection, rr: &[Option<Ms>]) -> Vec<BeatClass> {
    let beats = &detection.beats;
    let above = |i: usize| matches!(beats[i].class, BeatClass::N | BeatClass::S);
    let usual = (1..beats.len()).filter(|&i| above(i) && above(i - 1)).filter_map(|i| rr[i]).map(|m| m.0);
    let base = median(&usual.collect::<Vec<_>>());
    let main = main_group(detection);
    let few = (1..=FEW_LEADS).contains(&detection.quality.len());
    let noise = detection.quality.len() == 1 && detection.atrial.residual_mv > NOISE_MV;
    let part = |i: usize| rr.get(i).copied().flatten().zip(base).map(|(m, b)| m.0 / b);
    let mut out: Vec<BeatClass> = Vec::with_capacity(beats.len());
    for (i, beat) in beats.iter().enumerate() {
        let before = i.checked_sub(1);
        let follows = before.is_some_and(|k| out[k] == beat.class);
        let early = part(i).is_some_and(|r| r < if few { CLEARLY_PREMATURE } else { PREMATURE });
        let strange = Some(beat.group) != main;
        let ordinary = before.is_some_and(|k| out[k] == BeatClass::N && Some(beats[k].group) == main);
        let pauses = part(i).zip(part(i + 1)).is_none_or(|(a, b)| a + b >= INTERPOLATED);
        let next = beats.get(i + 1).is_some_and(|n| n.class == beat.class);
        let bare = before.and_then(part).zip(part(i)).is_none_or(|(a, b)| b < CLEARLY_PREMATURE * a);
        let passed = part(i).zip(part(i + 1)).is_some_and(|(a, b)| (a + b - 1.0).abs() <= UNDISTURBED)
            && part(i + 2).is_none_or(|c| c >= CLEARLY_PREMATURE);
        let first = before.is_none() && !next && part(1).is_some_and(|r| r < MAKES_A_PAUSE);
        // A run of ventricular beats is one run: what follows at its pace in a strange shape is not supraventricular.
        let run = beat.class == BeatClass::S && strange && before.is_some_and(|k| out[k] == BeatClass::V);
        if run && part(i).is_some_and(|r| r < CLEARLY_PREMATURE) && !few {
            out.push(BeatClass::V);
            continue;
        }
        let kept = match beat.class {
            BeatClass::S if few => early && !noise && !strange && (ordinary && bare && !passed || follows),
            BeatClass::S => early && (ordinary || follows || i > 1) || follows,
            BeatClass::V if few => early && strange && !noise && (ordinary && (pauses || next) || follows),
            BeatClass::V => !first && (early || follows || strange),
            _ => true,
        };
        // What noise may have made is no beat of the basic rhythm either: its intervals would look irregular.
        let doubtful =
            few && matches!(beat.class, BeatClass::V | BeatClass::S) && (noise || passed || strange && early);
        out.push(match (kept, doubtful) {
            (true, _) => beat.class,
            (false, true) => BeatClass::Q,
            (false, false) => BeatClass::N,
        });
    }
    out
}

/// The P wave of each beat: its own, or the last before it that belongs to none.
fn own_p(detection: &Detection) -> Vec<Option<Wave>> {
    let near = detection.rate.samples(SAME_WAVE);
    let taken = |w: &Wave| detection.beats.iter().any(|b| b.p.is_some_and(|p| p.peak.abs_diff(w.peak) <= near));
    let free: Vec<Wave> = detection.p_waves.iter().filter(|w| !taken(w)).copied().collect();
    let mut from = 0;
    let each = detection.beats.iter().map(|b| {
        let last = from;
        from = b.qrs.offset;
        b.p.or_else(|| {
            let before = |w: &&Wave| {
                w.onset < b.qrs.onset
                    && w.peak > last
                    && FOLLOWS.contains(&detection.rate.ms((b.qrs.onset - w.onset) as f64).0)
            };
            free.iter().rfind(before).copied()
        })
    });
    each.collect()
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

/// Atrial rate and blocked P waves.
fn atrial(detection: &Detection, own: &[Option<Wave>], out: &mut Rhythm) {
    let waves = &detection.p_waves;
    let pp: Vec<f64> = waves
        .windows(2)
        .filter(|w| w[1].peak > w[0].peak)
        .map(|w| detection.rate.ms((w[1].peak - w[0].peak) as f64).0)
        .collect();
    if let Some((cycle, spread)) = cycle(&pp) {
        out.p_rate_bpm = Some(Bpm(60_000.0 / cycle));
        out.pp_spread = Some(spread);
        out.drift_ms = drift(detection, &out.classes, cycle).map(Ms);
    }
    let near = detection.rate.samples(SAME_WAVE);
    let same = |a: &Wave, b: &Wave| a.peak.abs_diff(b.peak) <= near;
    out.blocked_p = (0..waves.len()).filter(|&i| !own.iter().flatten().any(|p| same(p, &waves[i]))).collect();
}

/// The cycle of which most PP intervals are multiples, and its spread; where none is, the median interval and its spread.
fn cycle(pp: &[f64]) -> Option<(f64, f64)> {
    let fitting = |t: f64| -> Vec<(f64, f64)> {
        let times = |d: &f64| (d / t).round().clamp(1.0, 3.0);
        pp.iter().map(|d| (*d, times(d))).filter(|(d, n)| (d - n * t).abs() <= IN_TIME * d).collect()
    };
    let good = |fits: &[(f64, f64)]| {
        let single = fits.iter().filter(|f| f.1 == 1.0).count() as f64;
        fits.len() as f64 >= KEEP_TIME.0 * pp.len() as f64 && single >= KEEP_TIME.1 * fits.len() as f64
    };
    let candidates = pp.iter().flat_map(|d| [1.0, 2.0, 3.0].map(|n| d / n)).filter(|t| CYCLE.contains(t));
    let best = candidates.map(|t| (t, fitting(t))).filter(|(_, fits)| good(fits));
    // The most intervals, and of equals the longest cycle: half of it would fit as well.
    let best = best.max_by(|a, b| a.1.len().cmp(&b.1.len()).then(a.0.total_cmp(&b.0)));
    let own: Vec<f64> = best.map_or_else(|| pp.to_vec(), |(_, fits)| fits.iter().map(|(d, n)| d / n).collect());
    let middle = median(&own).filter(|m| *m > 0.0)?;
    let off: Vec<f64> = own.iter().map(|v| (v - middle).abs()).collect();
    median(&off).map(|d| (middle, d / middle))
}

/// Range of the beats' places in the atrial cycle, ms, unwound from beat to beat; a place is told by the P waves that keep
/// time on either side of the beat. `None` where they are few.
fn drift(detection: &Detection, classes: &[BeatClass], cycle: f64) -> Option<f64> {
    let ms = |n: usize| detection.rate.ms(n as f64).0;
    let mut kept: Vec<(f64, f64)> = Vec::new();
    for wave in &detection.p_waves {
        let at = ms(wave.peak);
        let Some(&(last, turn)) = kept.last() else {
            kept.push((at, 0.0));
            continue;
        };
        let turns = ((at - last) / cycle).round();
        if turns >= 1.0 && (at - last - turns * cycle).abs() <= 0.15 * cycle {
            kept.push((at, turn + turns));
        }
    }
    let place = |at: f64| {
        let next = kept.partition_point(|k| k.0 <= at);
        match (next.checked_sub(1).and_then(|k| kept.get(k)), kept.get(next)) {
            (Some(a), Some(b)) => Some(a.1 + (at - a.0) / (b.0 - a.0) * (b.1 - a.1)),
            (Some(a), None) => Some(a.1 + (at - a.0) / cycle),
            (None, Some(b)) => Some(b.1 - (b.0 - at) / cycle),
            (None, None) => None,
        }
    };
    // Premature beats have no place in the atrial cycle; where all are ventricular (an escape rhythm), all count.
    let all = classes.iter().all(|c| *c == BeatClass::V);
    let own = detection.beats.iter().zip(classes).filter(|(_, c)| all || **c == BeatClass::N);
    let places: Option<Vec<f64>> = own.map(|(b, _)| place(ms(b.qrs.onset))).collect();
    let places = places.filter(|p| kept.len() >= 4 && p.len() >= 3)?;
    let (mut here, mut low, mut high) = (0.0, 0.0_f64, 0.0_f64);
    for w in places.windows(2) {
        let step = w[1] - w[0];
        here += step - step.round();
        (low, high) = (low.min(here), high.max(here));
    }
    Some((high - low) * cycle)
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
fn median(values: &[f64]) -> Option<f64> {
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
mod tests {
    use super::*;
    use crate::detect::Beat;
    use crate::signal::Hz;

    fn wave(peak: usize) -> Wave {
        Wave { onset: peak - 20, peak, offset: peak + 20 }
    }

    fn detection(beats: &[(usize, BeatClass, bool)]) -> Detection {
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
    fn p_waves_that_hide_do_not_slow_the_atria() {
        // P every 740 ms, ventricles at 1430 ms: of 13 P waves five are out of sight.
        let beats: Vec<_> = (0..7).map(|i| (300 + i * 715, BeatClass::N, false)).collect();
        let mut d = detection(&beats);
        d.p_waves = [1, 2, 3, 5, 6, 8, 10, 11].into_iter().map(|k| wave(100 + k * 370)).collect();
        let r = rhythm(&d);
        assert!((r.p_rate_bpm.unwrap().0 - 81.0).abs() < 1.0, "{:?}", r.p_rate_bpm);
        assert!(r.pp_spread.unwrap() < 0.02 && r.pr_sd_ms.unwrap().0 > 40.0, "{r:?}");
        assert!(!r.blocked_p.is_empty() && r.drift_ms.unwrap().0 > 100.0);
        let conducted: Vec<_> = (1..12).map(|i| (i * 400, BeatClass::N, true)).collect();
        assert!(rhythm(&detection(&conducted)).drift_ms.unwrap().0 < 1.0);
    }

    #[test]
    fn ectopic_classes_need_time_or_shape() {
        use BeatClass::{N, S, V};
        let classes = [(400, N), (800, N), (1200, S), (1600, N), (1850, S), (2400, N), (2800, V), (3200, N)];
        let beats: Vec<_> = classes.iter().map(|&(at, class)| (at, class, true)).collect();
        let mut d = detection(&beats);
        assert_eq!(rhythm(&d).classes, [N, N, N, N, S, N, N, N]);
        d.beats[6].group = 1;
        assert_eq!(rhythm(&d).classes[6], V);
        // In one lead noise makes strange shapes: they must be early too.
        d.quality = vec![crate::detect::LeadQuality::default()];
        assert_eq!(rhythm(&d).classes[6], N);
    }

    #[test]
    fn in_one_lead_what_the_rhythm_passes_by_is_no_beat() {
        use BeatClass::{N, Q, S, V};
        let of = |beats: &[(usize, BeatClass, usize)], leads: usize| {
            let plain: Vec<_> = beats.iter().map(|&(at, class, _)| (at, class, true)).collect();
            let mut d = detection(&plain);
            d.beats.iter_mut().zip(beats).for_each(|(b, own)| b.group = own.2);
            d.quality = vec![crate::detect::LeadQuality::default(); leads];
            rhythm(&d).classes
        };
        let passed = [(400, N, 0), (800, N, 0), (1200, N, 0), (1420, S, 0), (1600, N, 0), (2000, N, 0), (2400, N, 0)];
        assert_eq!(of(&passed, 1)[3], Q);
        let premature = [(400, N, 0), (800, N, 0), (1200, N, 0), (1480, S, 0), (1960, N, 0), (2360, N, 0)];
        assert_eq!(of(&premature, 1)[3], S);
        let strange = premature.map(|(at, class, _)| (at, class, usize::from(class == S)));
        assert_eq!((of(&strange, 1)[3], of(&strange, 12)[3]), (Q, S));
        // A ventricular beat stands on an ordinary one; a strip's first makes a pause.
        let after = |group| [(400, N, 0), (800, N, group), (1060, V, 1), (1600, N, 0), (2000, N, 0), (2400, N, 0)];
        assert_eq!((of(&after(0), 1)[2], of(&after(2), 1)[2]), (V, Q));
        let first = |next| [(400, V, 1), (next, N, 0), (next + 400, N, 0), (next + 800, N, 0), (next + 1200, N, 0)];
        assert_eq!((of(&first(720), 12)[0], of(&first(900), 12)[0]), (N, V));
    }

    #[test]
    fn nothing_of_nothing() {
        let r = rhythm(&Detection { rate: Hz(500.0), ..Detection::default() });
        assert_eq!(r, Rhythm::default());
    }
}
