//! The small waves of one lead's median beat: J (an end-QRS notch), the fall after the high take-off about J, and U.
//!
//! J by the consensus on early repolarization (Macfarlane 2015): a notch on the last half of the downslope of R, wholly above
//! the level, whose peak is Jp. A slur, the bend of that downslope without a second peak, is not measured: where it begins
//! depends on the filter. U is a hump of its own between the end of T and the next P, measured from the nearer of the two
//! levels; one that has merged with T is not told apart from it.

use crate::detect::{Detection, MedianBeat, Wave};
use crate::signal::{Hz, Ms, Mv};

/// A deflection counts from this height (IEC 60601-2-25).
const WAVE_MV: f32 = 0.030;
/// R from which its downslope is looked at.
const R_MV: f32 = 0.3;
/// Part of R up to which the foot of the notch lies.
const LAST_HALF: f32 = 0.5;
/// How far beyond the global J point the peak of a notch and the high take-off may lie, and the latter before it.
const BEYOND_J: Ms = Ms(60.0);
/// Time over which the fall after the high take-off is told (Bayés de Luna 2012).
const FALL: Ms = Ms(40.0);
/// U ends within this after T, and so long before the next P.
const LONGEST_U: Ms = Ms(260.0);
const BEFORE_P: Ms = Ms(20.0);
/// Least room between T and P in which a U can be seen, and how far from its ends the peak must lie.
const ROOM: Ms = Ms(120.0);
const FROM_ENDS: Ms = Ms(24.0);

/// Jp, mV: the peak of a notch at the end of QRS; `None` where there is none.
pub fn j_wave(x: &[f32], rate: Hz, qrs: Wave, t: Option<Wave>) -> Option<Mv> {
    let end = (qrs.offset + rate.samples(BEYOND_J)).min(t.map_or(usize::MAX, |t| t.onset)).min(x.len().checked_sub(1)?);
    let highest = |from: usize, to: usize| (from..=to).reduce(|a, b| if x[b] > x[a] { b } else { a });
    let r = highest(qrs.onset, qrs.offset.min(end))?;
    let mut foot = r;
    let rises = (r..=end).find(|&i| {
        foot = if x[i] < x[foot] { i } else { foot };
        x[i] - x[foot] >= WAVE_MV
    })?;
    let peak = (rises..end).find(|&i| x[i + 1] < x[i])?;
    let later = x.get(peak..=peak + rate.samples(FALL))?.iter().copied().fold(f32::INFINITY, f32::min);
    let notch = x[r] >= R_MV && x[foot] > 0.0 && x[foot] <= LAST_HALF * x[r] && x[peak] - later >= WAVE_MV;
    notch.then(|| Mv(f64::from(x[peak])))
}

/// How far the signal falls in the 40 ms after its highest point about J, mV.
pub fn take_off_fall(x: &[f32], rate: Hz, qrs: Wave) -> Option<Mv> {
    let about = rate.samples(BEYOND_J);
    let range = qrs.offset.saturating_sub(about)..(qrs.offset + about).min(x.len());
    let peak = range.reduce(|a, b| if x[b] > x[a] { b } else { a })?;
    Some(Mv(f64::from(x[peak] - x.get(peak + rate.samples(FALL))?)))
}

/// Where U may be in the dominant `median` beat: from the end of T to the next P or, where a quarter of its beats are followed
/// by premature ones, to these. `None` without a P wave, at rates that leave no room.
pub fn room_for_u(detection: &Detection, median: &MedianBeat, rate: Hz) -> Option<(usize, usize)> {
    let dominant = detection.beats.windows(2).filter(|w| w[0].group == 0);
    let mut rr: Vec<usize> = dominant.map(|w| w[1].qrs.peak.saturating_sub(w[0].qrs.peak)).collect();
    rr.sort_unstable();
    let rr = *rr.get(rr.len() / 4)?;
    let (p, t) = (median.p?, median.t?);
    let next = (p.onset + rr).checked_sub(rate.samples(BEFORE_P))?;
    let to = next.min(t.offset + rate.samples(LONGEST_U)).min(median.samples.ncols().checked_sub(1)?);
    (to >= t.offset + rate.samples(ROOM)).then_some((t.offset, to))
}

/// U, mV, with its sign; `None` where nothing stands out between T and P.
pub fn u_wave(x: &[f32], rate: Hz, (from, to): (usize, usize)) -> Option<Mv> {
    let (a, b) = (*x.get(from)?, *x.get(to)?);
    // Beyond both ends: the last of a T whose end was marked early sags below the line between them, but not below both.
    let off = |i: usize| (x[i] - a.max(b)).max(0.0) + (x[i] - a.min(b)).min(0.0);
    let margin = rate.samples(FROM_ENDS);
    let peak = (from..=to).reduce(|p, i| if off(i).abs() > off(p).abs() { i } else { p })?;
    let inside = peak >= from + margin && peak + margin <= to;
    (inside && off(peak).abs() >= WAVE_MV).then(|| Mv(f64::from(off(peak))))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A point every millisecond on straight lines through these (ms, mV).
    fn lines(points: &[(usize, f32)]) -> Vec<f32> {
        let last = points.last().map_or(0, |p| p.0);
        let at = |i: usize| {
            let k = points.partition_point(|p| p.0 <= i).clamp(1, points.len() - 1);
            let ((t0, a), (t1, b)) = (points[k - 1], points[k]);
            a + (b - a) * (i as f32 - t0 as f32) / (t1 - t0) as f32
        };
        (0..=last).map(at).collect()
    }

    fn j(foot: f32, peak: f32) -> Option<f64> {
        let x = lines(&[(0, 0.0), (40, 1.0), (70, foot), (85, peak), (105, 0.02), (200, 0.02), (260, 0.3), (400, 0.0)]);
        let qrs = Wave { onset: 0, peak: 40, offset: 90 };
        let t = Wave { onset: 180, peak: 260, offset: 340 };
        j_wave(&x, Hz(1000.0), qrs, Some(t)).map(|m| m.0)
    }

    #[test]
    fn a_notch_has_a_foot_above_the_level_and_a_peak() {
        assert!((j(0.08, 0.15).unwrap() - 0.15).abs() < 0.01);
        // Too flat; below the level (an S and R'); on the first half of the downslope (a split R); no notch at all.
        assert_eq!((j(0.13, 0.15), j(-0.1, 0.15), j(0.7, 0.8), j(0.02, 0.02)), (None, None, None, None));
    }

    #[test]
    fn a_coved_st_falls_slowly_and_an_r_prime_fast() {
        let qrs = Wave { onset: 0, peak: 40, offset: 100 };
        let fall = |after: f32| {
            take_off_fall(&lines(&[(0, 0.0), (95, 0.5), (135, after), (300, 0.0)]), Hz(1000.0), qrs).unwrap().0
        };
        assert!((fall(0.35) - 0.15).abs() < 0.01 && (fall(0.0) - 0.5).abs() < 0.01);
    }

    #[test]
    fn u_is_a_hump_between_t_and_p() {
        let of = |u: f32| u_wave(&lines(&[(0, 0.02), (100, u), (220, 0.0)]), Hz(1000.0), (0, 220)).map(|m| m.0);
        assert!((of(0.2).unwrap() - 0.18).abs() < 0.01 && (of(-0.1).unwrap() + 0.1).abs() < 0.01);
        let tail = u_wave(&lines(&[(0, 0.2), (60, 0.02), (220, 0.0)]), Hz(1000.0), (0, 220));
        assert_eq!(tail, None);
        assert_eq!((of(0.02), u_wave(&[0.0, 0.3, 0.1], Hz(1000.0), (0, 2))), (None, None));
    }
}
