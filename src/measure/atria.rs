//! The atria in numbers: which P wave is whose, their rate, and whether they keep time with the ventricles.

use super::rhythm::{Rhythm, median};
use crate::detect::{BeatClass, Detection, Wave};
use crate::signal::{Bpm, Ms};

/// Two marks of one P wave lie no further apart than this.
const SAME_WAVE: Ms = Ms(60.0);
/// A beat without P wave of its own is taken to follow the last one that begins so long before it.
const FOLLOWS: std::ops::RangeInclusive<f64> = 80.0..=450.0;
/// PP is a multiple (up to the third) of the atrial cycle within this part of itself …
const IN_TIME: f64 = 0.06;
/// … for this part of the PP intervals, of which so many are one cycle.
const KEEP_TIME: (f64, f64) = (0.6, 0.3);
/// Intervals that are looked at, evenly chosen of a longer recording's: each is compared with each.
const MOST_INTERVALS: usize = 600;
/// Atrial cycles that are thought of, ms.
const CYCLE: std::ops::RangeInclusive<f64> = 240.0..=2500.0;
/// The P wave of each beat: its own, or the last before it that belongs to none.
pub(super) fn own_p(detection: &Detection) -> Vec<Option<Wave>> {
    let near = detection.rate.samples(SAME_WAVE);
    let known = Peaks::new(detection.beats.iter().filter_map(|b| b.p));
    let free: Vec<Wave> = detection.p_waves.iter().filter(|w| !known.near(w.peak, near)).copied().collect();
    let mut from = 0;
    let each = detection.beats.iter().map(|b| {
        let last = from;
        from = b.qrs.offset;
        b.p.or_else(|| {
            let before = &free[..free.partition_point(|w| w.onset < b.qrs.onset)];
            let its = before.iter().rev().take_while(|w| w.peak > last);
            its.copied().find(|w| FOLLOWS.contains(&detection.rate.ms((b.qrs.onset - w.onset) as f64).0))
        })
    });
    each.collect()
}

/// Atrial rate and blocked P waves.
pub(super) fn measure(detection: &Detection, own: &[Option<Wave>], out: &mut Rhythm) {
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
    let own = Peaks::new(own.iter().flatten().copied());
    out.blocked_p = (0..waves.len()).filter(|&i| !own.near(waves[i].peak, near)).collect();
}

/// Peaks of waves in order of time: a day holds a hundred thousand, of which only the neighbours are asked for.
struct Peaks(Vec<usize>);

impl Peaks {
    fn new(waves: impl Iterator<Item = Wave>) -> Self {
        let mut peaks: Vec<usize> = waves.map(|w| w.peak).collect();
        peaks.sort_unstable();
        Self(peaks)
    }

    /// Whether one lies within `reach` of `at`.
    fn near(&self, at: usize, reach: usize) -> bool {
        let next = self.0.partition_point(|p| *p + reach < at);
        self.0.get(next).is_some_and(|p| p.abs_diff(at) <= reach)
    }
}

/// The cycle of which most PP intervals are multiples, and its spread; where none is, the median interval and its spread.
fn cycle(all: &[f64]) -> Option<(f64, f64)> {
    let pp: Vec<f64> = all.iter().copied().step_by(all.len().div_ceil(MOST_INTERVALS).max(1)).collect();
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
    let own: Vec<f64> = best.map_or_else(|| pp.clone(), |(_, fits)| fits.iter().map(|(d, n)| d / n).collect());
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

#[cfg(test)]
mod tests {
    use crate::detect::BeatClass;
    use crate::measure::rhythm::rhythm;
    use crate::measure::rhythm::tests::{detection, wave};

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
}
