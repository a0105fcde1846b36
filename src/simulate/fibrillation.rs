//! Continuous activity: f waves, flutter waves, ventricular fibrillation and flutter. Computed at 1000 Hz with phases
//! that wander, then drawn at the recording's rate.

use super::activity::{Activity, Stretch, StretchKind};
use super::chance::Chance;
use super::curve::sine;
use super::field::Source;
use super::heart::dipole;
use super::render::{Canvas, add_continuous};

/// Draws every stretch of `activity`.
pub fn draw(canvas: &mut Canvas, activity: &Activity, seed: u64) {
    for (k, stretch) in activity.stretches.iter().enumerate() {
        if stretch.kind == StretchKind::Silence {
            continue;
        }
        let from = stretch.from.max(0.0);
        let to = stretch.to.min(canvas.samples.ncols() as f64 / canvas.rate.0);
        let track = track(stretch, to - from, Chance::new(seed, &format!("stretch {k}")));
        add_continuous(canvas, from, to, |t| {
            let at = (t - from) * 1000.0;
            let k = (at as usize).min(track.len().saturating_sub(2));
            let part = at - k as f64;
            match (track.get(k), track.get(k + 1)) {
                (Some(a), Some(b)) => dipole(std::array::from_fn(|i| a[i] + (b[i] - a[i]) * part)),
                _ => [0.0; 9] as Source,
            }
        });
    }
}

/// An oscillator whose frequency wanders around its own.
struct Oscillator {
    hz: f64,
    now: f64,
    phase: f64,
    spread: f64,
}

impl Oscillator {
    fn new(hz: f64, spread: f64, chance: &mut Chance) -> Self {
        Self { hz, now: hz, phase: chance.uniform(), spread }
    }

    /// Its phase after one more millisecond.
    fn step(&mut self, chance: &mut Chance) -> f64 {
        self.now += 0.006 * (self.hz - self.now) + 0.11 * self.spread * (chance.uniform() - 0.5);
        self.phase += self.now / 1000.0;
        self.phase
    }
}

fn track(stretch: &Stretch, seconds: f64, mut chance: Chance) -> Vec<[f64; 3]> {
    let n = (seconds.max(0.0) * 1000.0) as usize + 2;
    let size = stretch.size;
    match stretch.kind {
        StretchKind::AtrialFlutter => {
            let mut saw = Oscillator::new(stretch.hz, 0.02, &mut chance);
            saw.phase = 0.35;
            (0..n)
                .map(|_| {
                    let u = saw.step(&mut chance);
                    let w = tooth(u - u.floor());
                    // anterior and late part: upright in V1, negative in II
                    let late = tooth((u - 0.22) - (u - 0.22).floor());
                    [0.12 * size * w, -0.95 * size * w, 0.50 * size * late]
                })
                .collect()
        }
        StretchKind::VentricularFlutter => {
            let mut wave = Oscillator::new(stretch.hz, 0.05, &mut chance);
            (0..n)
                .map(|_| {
                    let u = wave.step(&mut chance);
                    let w = sine(u) + 0.12 * sine(2.0 * u + 0.2);
                    [0.5 * size * w, 1.1 * size * w, 0.8 * size * w]
                })
                .collect()
        }
        StretchKind::AtrialFibrillation => {
            // two foci: one seen in V1, one in II, each with a harmonic and swelling
            let mut foci = [1.0, 0.96].map(|k| Oscillator::new(k * stretch.hz, 1.3, &mut chance));
            let mut swell = [0.45, 0.31].map(|hz| Oscillator::new(hz, 0.3, &mut chance));
            (0..n)
                .map(|_| {
                    let [a, b] = std::array::from_fn(|k| {
                        let u = foci[k].step(&mut chance);
                        let s = 1.0 + 0.45 * sine(swell[k].step(&mut chance));
                        s * (sine(u) + 0.38 * sine(2.0 * u + 0.3) + 0.12 * sine(3.0 * u))
                    });
                    [0.15 * size * b - 0.2 * size * a, 0.42 * size * b, -0.75 * size * a]
                })
                .collect()
        }
        StretchKind::VentricularFibrillation | StretchKind::Silence => {
            let mut fronts = [1.0, 0.83, 1.22].map(|k| Oscillator::new(k * stretch.hz, 2.6, &mut chance));
            let mut swell = [0.7, 0.5, 0.9].map(|hz| Oscillator::new(hz, 0.8, &mut chance));
            (0..n)
                .map(|_| {
                    std::array::from_fn(|k| {
                        let u = fronts[k].step(&mut chance);
                        let s = 0.75 + 0.6 * sine(swell[k].step(&mut chance));
                        0.55 * size * s * (sine(u) + 0.3 * sine(1.7 * u))
                    })
                })
                .collect()
        }
    }
}

/// A flutter wave, mean 0: a slow fall, a steep rise, rounded.
fn tooth(u: f64) -> f64 {
    let rise = 0.30;
    let w = if u < 1.0 - rise {
        1.0 - super::curve::flank(u / (1.0 - rise), 0.55)
    } else {
        super::curve::flank((u - 1.0 + rise) / rise, 1.0)
    };
    w - 0.46
}
