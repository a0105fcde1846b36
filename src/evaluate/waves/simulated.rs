//! Simulated records with marks, for what a small database holds few of: every named case (rhythms without P waves, blocked,
//! paced and ectopic beats), sinus rhythm up to 180 bpm with P of all sizes, long PR up to P on T, and fibrillation from fine to coarse with
//! irregular and with regular ventricular response.

use super::truth::{LeadTruth, Marked, Record};
use crate::detect::{LeadWaves, Wave};
use crate::signal::{Bpm, Ms};
use crate::simulate::heart::{Heart, scale};
use crate::simulate::{CASES, Case, Noise, Script, Shape, simulate};
use crate::text::text;

/// Levels of noise that the cases get in turn.
const NOISE: [f64; 3] = [1.0, 2.5, 5.0];

/// The cases of `seed`.
pub fn records(seed: u64) -> Vec<Record> {
    let cases = CASES.iter().enumerate().filter_map(move |(i, case)| {
        let script = case.script()?;
        let level = NOISE[(i + seed as usize) % NOISE.len()];
        Some(noisy(script, seed, level))
    });
    let fast = (100..=180_u32).step_by(5).filter_map(move |bpm| {
        let mut script = base("sinus-tachycardia", seed + u64::from(bpm))?;
        script.bpm = Some(Bpm(f64::from(bpm)));
        Some(script)
    });
    cases.chain(fast).chain(sinus(seed)).map(|s| record(&s)).chain(without_p(seed)).collect()
}

fn base(id: &str, seed: u64) -> Option<Script> {
    let mut script = Case::find(id)?.script()?;
    script.seed = script.seed.wrapping_add(seed);
    Some(script)
}

fn noisy(mut script: Script, seed: u64, level: f64) -> Script {
    script.seed = script.seed.wrapping_add(seed);
    script.noise.wander.0 *= level;
    script.noise.muscle.0 *= level;
    script
}

/// P waves from small to tall.
static P_SIZES: [Shape; 5] = [
    p_size("p-0.4", |heart| scale(&mut heart.p, 0.4)),
    p_size("p-0.6", |heart| scale(&mut heart.p, 0.6)),
    p_size("p-0.8", |heart| scale(&mut heart.p, 0.8)),
    p_size("p-1.0", |_| ()),
    p_size("p-1.3", |heart| scale(&mut heart.p, 1.3)),
];

const fn p_size(id: &'static str, apply: fn(&mut Heart)) -> Shape {
    Shape { id, name: text("P波幅度", "size of P"), apply }
}

/// Hearts of several shapes.
const HEARTS: [&str; 8] =
    ["normal-man", "normal-woman", "lbbb", "rbbb", "lvh-strain", "t-flat", "mi-inferior-old", "low-voltage"];

/// Sinus rhythm at 60 … 140 bpm with PR 120 … 208 ms, and first-degree block with PR 200 … 400 ms at 50 … 110 bpm, each with
/// P waves of all sizes. In the fast ones P lies on T.
fn sinus(seed: u64) -> impl Iterator<Item = Script> {
    let usual = (0..48_u64).map(|k| (k, 60.0 + (7 * k % 80) as f64, 120.0 + (13 * k % 90) as f64));
    let long = (0..42_u64).map(|k| (100 + k, 50.0 + 10.0 * (k / 6) as f64, 200.0 + 40.0 * (k % 6) as f64));
    usual.chain(long).filter_map(move |(k, bpm, pr)| {
        let mut script = base(HEARTS[k as usize % HEARTS.len()], seed + 31 * k)?;
        (script.bpm, script.pr) = (Some(Bpm(bpm)), Some(Ms(pr)));
        script.shapes.push(&P_SIZES[k as usize % P_SIZES.len()]);
        Some(noisy(script, seed, NOISE[k as usize / 2 % NOISE.len()]))
    })
}

/// The f waves of the atria under an unbeating ventricle.
static STILL: Shape = Shape {
    id: "still",
    name: text("无心室波", "no ventricular waves"),
    apply: |heart| {
        scale(&mut heart.ventricles.qrs, 0.0);
        scale(&mut heart.ventricles.t, 0.0);
        heart.ventricles.st = [[0.0; 9]; 2];
        heart.ventricles.u.clear();
    },
};

/// No P waves: f waves from fine to coarse under irregular and under regular (junctional, paced) complexes, and junctional
/// rhythm with P hidden in QRS.
fn without_p(seed: u64) -> impl Iterator<Item = Record> {
    const SIZES: [f32; 6] = [0.25, 0.5, 1.0, 1.6, 2.4, 3.2];
    const RHYTHMS: [&str; 6] =
        ["fibrillation", "junctional", "fibrillation-rapid", "fibrillation", "fibrillation-slow", "junctional"];
    (0..66_u64).filter_map(move |k| {
        let id = RHYTHMS[k as usize % RHYTHMS.len()];
        let mut script = base(id, seed + 57 * k)?;
        script.shapes = Case::find(HEARTS[k as usize % HEARTS.len()])?.script()?.shapes;
        script.bpm = match id {
            "junctional" => Some(Bpm(40.0 + 1.5 * k as f64)),
            "fibrillation-slow" => None,
            _ => Some(Bpm(50.0 + (17 * k % 120) as f64)),
        };
        let script = noisy(script, seed, NOISE[k as usize / 2 % NOISE.len()]);
        let mut made = record(&script);
        let mut still = base("fibrillation", seed + 57 * k)?;
        (still.noise, still.shapes) = (Noise::default(), vec![&STILL]);
        // Every fourth junctional rhythm has atria that stand still.
        let size = if id == "junctional" && k % 4 == 1 { 0.0 } else { SIZES[k as usize / 3 % SIZES.len()] };
        let size = if id == "junctional" { size } else { size - 1.0 };
        made.recording.samples.scaled_add(size, &simulate(&still).recording.samples);
        Some(made)
    })
}

fn record(script: &Script) -> Record {
    let simulated = simulate(script);
    let (recording, truth) = (simulated.recording, simulated.truth);
    let last = recording.len().saturating_sub(1);
    let lead = |l: usize| {
        let mut marks = LeadTruth { span: Some((0, last)), ..LeadTruth::default() };
        for beat in truth.lead_waves.iter().filter_map(|leads| leads.get(l)) {
            let LeadWaves { p, qrs, t } = *beat;
            for (waves, wave) in marks.waves.iter_mut().zip([p, qrs, t]) {
                waves.extend(wave.map(marked));
            }
        }
        marks
    };
    let leads = (0..recording.leads.len()).map(lead).collect();
    Record { recording, leads }
}

fn marked(w: Wave) -> Marked {
    Marked { points: [Some(w.onset), Some(w.peak), Some(w.offset)] }
}
