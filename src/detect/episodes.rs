//! Stretches in which beats cannot be counted: ventricular fibrillation or flutter, asystole, no signal.
//!
//! Fibrillation is a signal that is never at rest and swings like one wave: of each second's samples few lie near the
//! baseline (the "time near the baseline" of complexes is long even in tachycardia) and its power lies in a narrow band
//! at 3.3 … 8 Hz (slower is ventricular tachycardia) (Barro et al., J Med Eng Technol 13:215, 1989; Kuo & Dillman 1978).

use super::envelope::Envelopes;
use super::{Episode, EpisodeKind, LeadQuality};
use crate::dsp;
use crate::signal::{Hz, Ms, Recording};

/// Length and hop of the windows, s.
const WINDOW_S: f64 = 4.0;
const HOP_S: f64 = 1.0;
/// Fibrillation lasts at least so long to be said.
const LEAST: Ms = Ms(3000.0);
/// A pause this long without a beat is asystole (a pause of 3 s or more is critical; a longer one has no rhythm).
const ASYSTOLE: Ms = Ms(6000.0);
/// A gap in all leads that may hide a beat.
const GAP: Ms = Ms(250.0);
/// Power within ±1 Hz of the strongest frequency, part of 0.7 … 30 Hz. Chosen on the flutter of `mitdb` 207.
const NARROW: f32 = 0.55;
/// Frequencies of ventricular fibrillation and flutter, Hz.
const BAND_HZ: (f64, f64) = (3.3, 8.0);
/// Part of the samples within a tenth of the window's swing of its median: complexes rest there, fibrillation does not.
const AT_REST: f32 = 0.42;
/// … and where the power is all but gathered at one frequency: what twists about the baseline (torsades de pointes) swells and
/// ebbs, and its small swings lie near the baseline. Of 20 simulated torsades 12 were said with the first limit alone.
const GATHERED: f32 = 0.8;
const AT_REST_GATHERED: f32 = 0.5;
/// A rhythm of this interval and less is fast, and what then swings so, whatever the frequency, is a tachycardia with wide
/// complexes though their bounds cannot be told: part of the samples near the baseline, and of the power near one frequency. Of the
/// 21 ECGs above 115 a minute of `ptbxl`, `ludb` and `cinc2021` most leads of four do, all called ventricular tachycardia; one lead
/// of twelve at most of the others (sinus rhythm, flutter, fibrillation).
const FAST: Ms = Ms(600.0);
const AT_REST_FAST: f32 = 0.45;
const GATHERED_FAST: f32 = 0.6;
/// Steps of a stretch's range in which its samples are counted at first.
const STEPS: usize = 128;
/// Fainter swings are not said to be fibrillation, mV.
const LEAST_MV: f32 = 0.15;

/// Finds them, in order of time; `fiducials`: samples of the beats found.
pub fn episodes(
    recording: &Recording,
    envelopes: &Envelopes,
    fiducials: &[usize],
    quality: &[LeadQuality],
) -> Vec<Episode> {
    let rate = recording.rate;
    let mut out = fibrillation(envelopes, rate, quality, recording.len());
    out.extend(silence(recording, envelopes, fiducials, &out));
    let gaps = gaps(recording);
    out.extend(gaps.into_iter().filter(|g| !out.iter().any(|e| e.from <= g.from && g.to <= e.to)).collect::<Vec<_>>());
    out.sort_by_key(|e| e.from);
    out
}

fn fibrillation(envelopes: &Envelopes, rate: Hz, quality: &[LeadQuality], end: usize) -> Vec<Episode> {
    let leads = usable(envelopes, quality);
    if leads.is_empty() {
        return Vec::new();
    }
    let mut out: Vec<Episode> = Vec::new();
    for range in windows(envelopes) {
        if most(&leads, |x| undulates(&x[range.clone()], envelopes.rate)) {
            let (a, b) = (range.start * envelopes.step, (range.end * envelopes.step).min(end));
            match out.last_mut() {
                Some(last) if a <= last.to => last.to = b,
                _ => out.push(Episode { kind: EpisodeKind::VentricularFibrillation, from: a, to: b }),
            }
        }
    }
    out.retain(|e| e.to - e.from >= rate.samples(LEAST));
    out
}

/// Part of the windows of a fast rhythm in which most leads swing like one wave, 0 … 1; 0 of any other rhythm.
pub fn undulating(envelopes: &Envelopes, rate: Hz, fiducials: &[usize], quality: &[LeadQuality]) -> f64 {
    let mut rr: Vec<f32> = fiducials.windows(2).map(|w| (w[1] - w[0]) as f32).collect();
    if rr.is_empty() || dsp::median(&mut rr) > rate.samples(FAST) as f32 {
        return 0.0;
    }
    let leads = usable(envelopes, quality);
    let like_one =
        |x: &[f32]| swing(x, envelopes.rate).is_some_and(|s| s.rest <= AT_REST_FAST && s.gathered > GATHERED_FAST);
    let (mut all, mut some) = (0, 0);
    for range in windows(envelopes) {
        all += 1;
        some += usize::from(most(&leads, |x| like_one(&x[range.clone()])));
    }
    some as f64 / all.max(1) as f64
}

/// The leads that are there.
fn usable<'a>(envelopes: &'a Envelopes, quality: &[LeadQuality]) -> Vec<&'a [f32]> {
    let there = envelopes.slow.iter().zip(quality).filter(|(_, q)| q.flat + q.missing < 0.5);
    there.map(|(x, _)| x.as_slice()).collect()
}

/// The windows, in envelope samples.
fn windows(envelopes: &Envelopes) -> impl Iterator<Item = std::ops::Range<usize>> {
    let window = (WINDOW_S * envelopes.rate).round() as usize;
    let hop = ((HOP_S * envelopes.rate).round() as usize).max(1);
    let last = (envelopes.all.len() + 1).saturating_sub(window);
    (0..last).step_by(hop).map(move |from| from..from + window)
}

/// Whether `test` holds for more than half of the leads; no more of them are looked at than that takes.
fn most(leads: &[&[f32]], test: impl Fn(&[f32]) -> bool) -> bool {
    let (mut yes, mut no) = (0, 0);
    for lead in leads {
        if 2 * yes > leads.len() || 2 * no >= leads.len() {
            break;
        }
        if test(lead) { yes += 1 } else { no += 1 }
    }
    2 * yes > leads.len()
}

/// Whether a stretch surely rests for more than [`AT_REST_GATHERED`] of its time, told from how often each of [`STEPS`] equal steps of
/// its range is taken: far cheaper than the exact quantiles, which are left to what this does not decide.
fn surely_rests(x: &[f32]) -> bool {
    let (low, high) = dsp::range(x);
    let scale = (STEPS - 1) as f32 / (high - low);
    if !scale.is_finite() || scale <= 0.0 {
        return false;
    }
    let mut counts = [0_usize; STEPS];
    for v in x {
        counts[(((v - low) * scale) as usize).min(STEPS - 1)] += 1;
    }
    // The step that holds the sample of a rank.
    let step = |rank: f64| {
        let mut before = (rank * (x.len() - 1) as f64).round() as usize;
        for (step, &count) in counts.iter().enumerate() {
            if before < count {
                return step;
            }
            before -= count;
        }
        STEPS - 1
    };
    let (bottom, middle, top) = (step(0.02), step(0.5), step(0.98));
    // Steps wholly within a tenth of the least swing that there can be, one given away for rounding.
    let near = ((top.saturating_sub(bottom + 1)) as f32 * 0.1) as usize;
    let Some(reach) = near.checked_sub(2) else { return false };
    let resting: usize = counts[middle.saturating_sub(reach)..(middle + reach + 1).min(STEPS)].iter().sum();
    resting as f32 > (AT_REST_GATHERED + 0.01) * x.len() as f32
}

/// How a stretch of one lead swings.
struct Swing {
    /// Part of the samples near the baseline.
    rest: f32,
    /// Part of the power near the strongest frequency, and whether that is one of fibrillation's.
    gathered: f32,
    in_band: bool,
}

/// `None` of a stretch that rests, or hardly moves.
fn swing(x: &[f32], rate: f64) -> Option<Swing> {
    if surely_rests(x) {
        return None;
    }
    let mut copy = x.to_vec();
    let [low, middle, high] = dsp::quantiles(&mut copy, [0.02, 0.5, 0.98]);
    let swing = high - low;
    if swing < LEAST_MV {
        return None;
    }
    let rest = x.iter().filter(|v| (*v - middle).abs() < 0.1 * swing).count() as f32 / x.len() as f32;
    if rest > AT_REST_GATHERED {
        return None;
    }
    let power = dsp::power(x, x.len() / 2);
    let bin = rate / (x.len() / 2) as f64;
    let at = |hz: f64| ((hz / bin).round() as usize).min(power.len() - 1);
    let total: f32 = power[at(0.7)..=at(30.0)].iter().sum();
    let top = (at(0.7)..=at(30.0)).max_by(|&a, &b| power[a].total_cmp(&power[b])).unwrap_or(0);
    let near: f32 = power[top.saturating_sub(at(1.0))..=(top + at(1.0)).min(power.len() - 1)].iter().sum();
    let in_band = (at(BAND_HZ.0)..=at(BAND_HZ.1)).contains(&top);
    (total > 0.0).then(|| Swing { rest, gathered: near / total, in_band })
}

/// Whether a stretch of one lead swings without rest at one frequency of fibrillation's.
fn undulates(x: &[f32], rate: f64) -> bool {
    swing(x, rate).is_some_and(|s| s.in_band && s.gathered > if s.rest > AT_REST { GATHERED } else { NARROW })
}

/// Long stretches without a beat: asystole where a lead is on, no signal where none is.
fn silence(recording: &Recording, envelopes: &Envelopes, fiducials: &[usize], taken: &[Episode]) -> Vec<Episode> {
    let (end, least) = (recording.len(), recording.rate.samples(ASYSTOLE));
    let edges = std::iter::once(0).chain(fiducials.iter().copied()).chain(std::iter::once(end));
    let edges: Vec<usize> = edges.collect();
    edges
        .windows(2)
        .filter(|w| w[1] - w[0] > least)
        .filter(|w| !taken.iter().any(|t| t.from < w[1] && w[0] < t.to))
        .map(|w| {
            let (a, b) = (w[0] / envelopes.step, (w[1] / envelopes.step).min(envelopes.all.len()));
            let on = envelopes
                .slow
                .iter()
                .enumerate()
                .any(|(l, x)| alive(recording, l, w[0], w[1]) && dsp::rms(&x[a.min(b)..b]) > 0.0);
            let kind = if on { EpisodeKind::Asystole } else { EpisodeKind::NoSignal };
            Episode { kind, from: w[0], to: w[1] }
        })
        .collect()
}

/// Stretches in which every lead's samples are missing: beats may stand there unseen, so no interval spans them.
fn gaps(recording: &Recording) -> Vec<Episode> {
    let (end, least) = (recording.len(), recording.rate.samples(GAP).max(1));
    let gone = |i: usize| recording.samples.column(i).iter().all(|v| v.is_nan());
    let (mut out, mut from) = (Vec::new(), None);
    for i in 0..=end {
        match (i < end && gone(i), from) {
            (true, None) => from = Some(i),
            (false, Some(f)) => {
                from = None;
                if i - f >= least {
                    out.push(Episode { kind: EpisodeKind::NoSignal, from: f, to: i });
                }
            }
            _ => {}
        }
    }
    out
}

/// Whether most of a lead's samples are there and not one and the same value: electrodes that are on pick up some noise.
fn alive(recording: &Recording, lead: usize, from: usize, to: usize) -> bool {
    let row = recording.samples.row(lead);
    let (mut moving, mut previous) = (0, f32::NAN);
    for i in from..to.min(row.len()) {
        let v = row[i];
        moving += usize::from(v.is_finite() && v != previous);
        previous = v;
    }
    5 * moving > to - from
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sine_undulates_and_a_tachycardia_does_not() {
        let rate = 120.0_f32;
        let sine: Vec<f32> = (0..480).map(|i| (std::f32::consts::TAU * 4.5 * i as f32 / rate).sin()).collect();
        assert!(undulates(&sine, 120.0));
        let beats: Vec<f32> = (0..480).map(|i| (-(((i as f32 / rate) % 0.33 - 0.15) / 0.02).powi(2)).exp()).collect();
        assert!(!undulates(&beats, 120.0));
        assert!(!undulates(&[0.0; 480], 120.0));
    }

    #[test]
    fn a_fast_rhythm_without_rest_swings_like_one_wave() {
        let part = |hz: f64, wave: fn(f64) -> f32| {
            let x: Vec<f32> = (0..1250).map(|i| wave((f64::from(i) / 125.0 * hz).fract())).collect();
            let envelopes =
                Envelopes { step: 4, rate: 125.0, all: x.clone(), slow: vec![x; 3], ..Envelopes::default() };
            let fiducials: Vec<usize> = (0..(10.0 * hz) as usize).map(|b| (500.0 * b as f64 / hz) as usize).collect();
            undulating(&envelopes, Hz(500.0), &fiducials, &[LeadQuality::default(); 3])
        };
        let sine = |turn: f64| (std::f64::consts::TAU * turn).sin() as f32;
        let narrow = |turn: f64| (-((turn - 0.5) / 0.05).powi(2)).exp() as f32;
        assert_eq!((part(2.7, sine), part(2.7, narrow)), (1.0, 0.0));
        // Slower than a hundred a minute nothing is a tachycardia.
        assert_eq!(part(1.5, sine), 0.0);
    }

    #[test]
    fn what_surely_rests_rests_by_the_exact_quantiles() {
        let mut sure = 0;
        for seed in 0..400_u32 {
            // Beats of all widths and heights on a baseline that wanders and is noisy.
            let (wide, wander) = (0.004 + 0.0005 * (seed % 83) as f32, 0.02 * (seed % 13) as f32);
            let mut noise = seed;
            let x: Vec<f32> = (0..500)
                .map(|i| {
                    noise = noise.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
                    let t = i as f32 / 125.0;
                    let beat = (-((t % 0.7 - 0.3) / wide).powi(2)).exp();
                    beat + wander * (3.0 * t).sin() + 0.1 * (noise >> 8) as f32 / (1 << 24) as f32
                })
                .collect();
            let [low, middle, high] = dsp::quantiles(&mut x.clone(), [0.02, 0.5, 0.98]);
            let rest = x.iter().filter(|v| (*v - middle).abs() < 0.1 * (high - low)).count() as f32 / x.len() as f32;
            assert!(!surely_rests(&x) || rest > AT_REST_GATHERED, "{seed}: {rest}");
            sure += usize::from(surely_rests(&x));
        }
        assert!((100..400).contains(&sure), "{sure}");
        assert!(!surely_rests(&[f32::NAN; 9]) && !surely_rests(&[]) && !surely_rests(&[1.0; 9]));
    }
}
