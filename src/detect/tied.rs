//! Flutter conducted at a fixed ratio: atrial waves that come again at a half, a third or a quarter of each cycle.
//!
//! Such waves stand still against the QRS, so that the average beat holds them and its subtraction takes them away: the
//! spectrum of [`super::atrial`] is blind to them. Here the average cycle is compared with itself, one atrial cycle later,
//! between the end of one QRS and the next: flutter repeats there in shape and size, in all leads at once; T followed by
//! P does not. Tried on 400 records of PTB-XL, LUDB and `CinC` 2021: correlation 0.91 … 0.93 in three of the flutters at
//! 2:1, at most 0.42 in anything else as fast; above 150 a minute too little of the cycle is free of QRS, and 3:1 with a
//! tall T (one record) is not told from sinus rhythm.

use super::envelope::Envelopes;

/// The atrial cycle: 200 … 375 a minute, s.
const CYCLE_S: std::ops::RangeInclusive<f64> = 0.16..=0.30;
/// Ratios that are looked for.
const RATIOS: std::ops::RangeInclusive<usize> = 2..=4;
/// What is left out after a fiducial point and before the next: QRS, s.
const QRS_S: (f64, f64) = (0.06, 0.06);
/// Intervals within this part of the usual one belong to the regular rhythm …
const EVEN: f64 = 0.08;
/// … which must hold for this part of all.
const MOST: f64 = 0.5;
/// Fewest cycles, and the most that are averaged.
const CYCLES: (usize, usize) = (5, 40);
/// Correlation with itself and size against itself, at 2:1 and at the ratios where T lies in between. Chosen on the
/// records named above: the nearest non-flutter (a U wave) has 0.83 at 1.39.
const ALIKE: [(f64, f64, f64); 2] = [(0.75, 0.6, 1.6), (0.85, 0.72, 1.35)];
/// Least swing of the waves, RMS over leads, mV.
const LEAST_MV: f64 = 0.012;

/// How many atrial waves stand in each cycle of a regular rhythm; `None` when none repeat. `beats` are fiducial points in
/// samples of the envelopes, `leads` those to look at.
pub fn waves_a_cycle(envelopes: &Envelopes, beats: &[usize], leads: &[usize]) -> Option<u8> {
    let mut intervals: Vec<usize> = beats.windows(2).map(|w| w[1].saturating_sub(w[0])).collect();
    let all = intervals.len();
    if all < CYCLES.0 || leads.is_empty() {
        return None;
    }
    let usual = *intervals.select_nth_unstable(all / 2).1;
    let even = |w: &&[usize]| (w[1].saturating_sub(w[0])).abs_diff(usual) as f64 <= EVEN * usual as f64;
    let starts: Vec<usize> = beats.windows(2).filter(even).map(|w| w[0]).collect();
    if starts.len() < CYCLES.0 || (starts.len() as f64) < MOST * all as f64 {
        return None;
    }
    let cycles: Vec<Vec<f64>> =
        leads.iter().filter_map(|&l| mean_cycle(envelopes.slow.get(l)?, &starts, usual)).collect();
    RATIOS
        .filter_map(|ratio| {
            let (correlation, size, rms) = repeats(&cycles, usual, usual / ratio, envelopes.rate)?;
            let (alike, least, most) = ALIKE[usize::from(ratio > 2)];
            (correlation >= alike && (least..=most).contains(&size) && rms >= LEAST_MV)
                .then_some((correlation, ratio as u8))
        })
        .max_by(|a, b| a.0.total_cmp(&b.0))
        .map(|(_, ratio)| ratio)
}

/// The mean of a lead over the cycles that begin at `starts`.
fn mean_cycle(x: &[f32], starts: &[usize], length: usize) -> Option<Vec<f64>> {
    let step = starts.len().div_ceil(CYCLES.1).max(1);
    let parts: Vec<&[f32]> = starts.iter().step_by(step).filter_map(|&s| x.get(s..s + length)).collect();
    (!parts.is_empty()).then(|| {
        let n = parts.len() as f64;
        (0..length).map(|i| parts.iter().map(|p| f64::from(p[i])).sum::<f64>() / n).collect()
    })
}

/// Correlation of the last part of the cycles with the part one `lag` before it, its size against that, and its RMS.
fn repeats(cycles: &[Vec<f64>], length: usize, lag: usize, rate: f64) -> Option<(f64, f64, f64)> {
    if !CYCLE_S.contains(&(lag as f64 / rate)) {
        return None;
    }
    let end = length.checked_sub((QRS_S.1 * rate).round() as usize)?;
    let start = ((QRS_S.0 * rate).round() as usize).max((end + 1).saturating_sub(2 * lag));
    let span = end.checked_sub(start + lag).filter(|s| *s as f64 >= 0.08 * rate)?;
    let (mut uv, mut uu, mut vv) = (0.0, 0.0, 0.0);
    for cycle in cycles {
        let (before, after) = (cycle.get(start..start + span)?, cycle.get(start + lag..start + lag + span)?);
        for (u, v) in level(before).iter().zip(level(after)) {
            uv += u * v;
            uu += u * u;
            vv += v * v;
        }
    }
    let rms = (vv / (span * cycles.len().max(1)) as f64).sqrt();
    (uu > 0.0 && vv > 0.0).then(|| (uv / (uu * vv).sqrt(), uv / vv, rms))
}

/// A stretch without its line of least squares.
fn level(x: &[f64]) -> Vec<f64> {
    let n = x.len() as f64;
    let (middle, mean) = ((n - 1.0) / 2.0, x.iter().sum::<f64>() / n.max(1.0));
    let (mut xy, mut xx) = (0.0, 0.0);
    for (i, v) in x.iter().enumerate() {
        let t = i as f64 - middle;
        xy += t * v;
        xx += t * t;
    }
    let slope = if xx > 0.0 { xy / xx } else { 0.0 };
    x.iter().enumerate().map(|(i, v)| v - mean - slope * (i as f64 - middle)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hump(t: f64, at: f64, wide: f64) -> f64 {
        (-((t - at) / wide).powi(2)).exp()
    }

    /// Ten seconds of one lead with QRS every `rr` s and what `between` draws at the time since QRS.
    fn strip(rr: f64, between: impl Fn(f64) -> f64) -> (Envelopes, Vec<usize>) {
        let rate = 125.0;
        let beats: Vec<usize> = (1..(10.0 / rr) as usize).map(|k| (k as f64 * rr * rate) as usize).collect();
        let x: Vec<f32> = (0..1250)
            .map(|i| {
                let t = f64::from(i) / rate % rr;
                (hump(t, 0.0, 0.02) + hump(t, rr, 0.02) + between(t)) as f32
            })
            .collect();
        (Envelopes { step: 4, rate, slow: vec![x], ..Envelopes::default() }, beats)
    }

    #[test]
    fn flutter_repeats_and_t_with_p_does_not() {
        let saw = |period: f64| move |t: f64| 0.1 * (std::f64::consts::TAU * t / period).cos();
        let (flutter, beats) = strip(0.8, saw(0.2));
        assert_eq!(waves_a_cycle(&flutter, &beats, &[0]), Some(4));
        let (flutter, beats) = strip(0.44, saw(0.22));
        assert_eq!(waves_a_cycle(&flutter, &beats, &[0]), Some(2));
        for rr in [0.44_f64, 0.6, 0.8, 1.0] {
            let sinus = move |t: f64| 0.3 * hump(t, 0.27 * rr.sqrt(), 0.06) + 0.1 * hump(t, rr - 0.12, 0.03);
            let (sinus, beats) = strip(rr, sinus);
            assert_eq!(waves_a_cycle(&sinus, &beats, &[0]), None, "{rr}");
        }
        let (still, beats) = strip(0.8, |_| 0.0);
        assert_eq!(waves_a_cycle(&still, &beats, &[0]), None);
        assert_eq!(waves_a_cycle(&still, &[], &[0]), None);
    }
}
