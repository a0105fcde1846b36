//! Every named case of the simulator, and sinus rhythm up to 180 bpm, as records with marks: rhythms without P waves, blocked, paced and ectopic beats, of which
//! a small database holds few.

use super::truth::{LeadTruth, Marked, Record};
use crate::detect::{LeadWaves, Wave};
use crate::signal::Bpm;
use crate::simulate::{CASES, simulate};

/// The cases of `seed`, each with one of three levels of noise.
pub fn records(seed: u64) -> Vec<Record> {
    let script = |(i, case): (usize, &crate::simulate::Case)| {
        let mut script = case.script()?;
        script.seed = script.seed.wrapping_add(seed);
        let more = [1.0, 2.0, 4.0][(i + seed as usize) % 3];
        script.noise.wander.0 *= more;
        script.noise.muscle.0 *= more;
        Some(script)
    };
    let record = |script| {
        let simulated = simulate(&script);
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
    };
    let fast = |bpm: u32| {
        let mut script = CASES.iter().find(|c| c.id == "sinus-tachycardia")?.script()?;
        script.seed = script.seed.wrapping_add(seed + u64::from(bpm));
        script.bpm = Some(Bpm(f64::from(bpm)));
        Some(script)
    };
    let fast = (100..=180).step_by(5).filter_map(fast);
    CASES.iter().enumerate().filter_map(script).chain(fast).map(record).collect()
}

fn marked(w: Wave) -> Marked {
    Marked { points: [Some(w.onset), Some(w.peak), Some(w.offset)] }
}
