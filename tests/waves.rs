//! Wave bounds against the simulator's exact truth, at every rate, polarity and gain, and with defects.
use einthoven::detect::{Beat, Detection, detect};
use einthoven::signal::{Bpm, Hz, Ms, Mv, Recording};
use einthoven::simulate::{Case, Noise, Script, Simulated, simulate};

fn case(id: &str) -> Script {
    let mut script = Case::find(id).unwrap().script().unwrap();
    script.seed = script.seed.wrapping_add(90_001); // not the one that was learned from
    script
}

fn found(recording: &Recording) -> Detection {
    detect(recording)
}

/// Part of the true P waves of beats with one of ours within 60 ms, and number of ours that are at none. Beats whose QRS or P is
/// partly outside of the strip have no truth and do not count.
fn p_waves(sim: &Simulated, detection: &Detection) -> (f64, usize) {
    let near = sim.recording.rate.samples(Ms(60.0));
    let truth: Vec<usize> = sim.truth.beats.iter().filter_map(|b| b.p).map(|p| p.peak).collect();
    let whole = |b: &&Beat| sim.truth.beats.iter().any(|t| t.qrs.peak.abs_diff(b.qrs.peak) <= near);
    let ours: Vec<usize> = detection.beats.iter().filter(whole).filter_map(|b| b.p).map(|p| p.peak).collect();
    let hit = truth.iter().filter(|t| ours.iter().any(|o| o.abs_diff(**t) <= near)).count();
    let any: Vec<usize> = sim.truth.p_waves.iter().map(|p| p.peak).collect();
    let extra = ours.iter().filter(|o| **o > near && any.iter().all(|t| t.abs_diff(**o) > near)).count();
    (hit as f64 / truth.len().max(1) as f64, extra)
}

#[test]
fn p_waves_are_found_where_they_are() {
    for id in ["normal-man", "sinus-bradycardia", "sinus-tachycardia", "av-block-1", "lbbb", "rbbb", "lvh-strain"] {
        let sim = simulate(&case(id));
        let (hit, extra) = p_waves(&sim, &found(&sim.recording));
        assert!(hit > 0.9 && extra <= 1, "{id}: {hit} found, {extra} extra");
    }
}

#[test]
fn p_waves_far_before_the_qrs_are_found_also_on_t() {
    for (bpm, pr) in [(55.0, 380.0), (65.0, 240.0), (70.0, 320.0), (80.0, 300.0), (90.0, 280.0), (100.0, 260.0)] {
        for id in ["normal-man", "normal-woman", "lbbb"] {
            let mut script = case(id);
            (script.bpm, script.pr) = (Some(Bpm(bpm)), Some(Ms(pr)));
            let sim = simulate(&script);
            let (hit, extra) = p_waves(&sim, &found(&sim.recording));
            assert!(hit > 0.8 && extra <= 1, "{id} at {bpm} bpm with PR {pr} ms: {hit} found, {extra} extra");
        }
    }
}

#[test]
fn absent_p_waves_are_absent() {
    for id in ["fibrillation", "fibrillation-rapid", "fibrillation-slow", "vt", "paced-ventricular-fibrillation"] {
        let sim = simulate(&case(id));
        let detection = found(&sim.recording);
        let said = detection.beats.iter().filter(|b| b.p.is_some()).count();
        assert!(said * 5 <= detection.beats.len(), "{id}: {said} P waves at {} beats", detection.beats.len());
    }
}

#[test]
fn no_p_wave_is_made_of_t_at_high_rates() {
    for bpm in [140.0, 150.0, 160.0] {
        let mut script = case("sinus-tachycardia");
        script.bpm = Some(Bpm(bpm));
        let sim = simulate(&script);
        let (hit, extra) = p_waves(&sim, &found(&sim.recording));
        assert!(hit > 0.9 && extra == 0, "{bpm} bpm: {hit} found, {extra} extra");
    }
}

fn bounds(detection: &Detection) -> Vec<[f64; 4]> {
    let ms = |at: usize| detection.rate.ms(at as f64).0;
    let all = detection.beats.iter();
    all.map(|b| {
        [ms(b.qrs.onset), ms(b.qrs.offset), b.p.map_or(0.0, |p| ms(p.onset)), b.t.map_or(0.0, |t| ms(t.offset))]
    })
    .collect()
}

fn middle(mut x: Vec<f64>) -> f64 {
    x.sort_by(f64::total_cmp);
    x[x.len() / 2]
}

#[test]
fn every_sampling_rate_gives_the_same_bounds() {
    let at = |rate: f64| {
        let mut script = case("normal-woman");
        script.rate = Hz(rate);
        script.noise = Noise::default();
        bounds(&found(&simulate(&script).recording))
    };
    let reference = at(500.0);
    for rate in [250.0, 360.0, 1000.0] {
        let other = at(rate);
        assert_eq!(other.len(), reference.len(), "{rate} Hz");
        for k in 0..4 {
            let apart = middle(other.iter().zip(&reference).map(|(a, b)| (a[k] - b[k]).abs()).collect());
            assert!(apart <= 6.0, "{rate} Hz, bound {k}: {apart} ms apart");
        }
    }
}

#[test]
fn sign_and_gain_move_nothing() {
    let sim = simulate(&case("normal-man"));
    let reference = bounds(&found(&sim.recording));
    for factor in [-1.0_f32, 2.0, 0.5] {
        let mut other = sim.recording.clone();
        other.samples.mapv_inplace(|v| v * factor);
        let other = bounds(&found(&other));
        assert_eq!(other.len(), reference.len(), "times {factor}");
        for (a, b) in other.iter().zip(&reference) {
            for k in 0..4 {
                assert!((a[k] - b[k]).abs() <= 2.0, "times {factor}: {a:?} for {b:?}");
            }
        }
    }
}

#[test]
fn gaps_and_dead_leads_cost_themselves_only() {
    let sim = simulate(&case("normal-man"));
    let mut broken = sim.recording.clone();
    broken.samples.row_mut(0).fill(f32::NAN);
    broken.samples.row_mut(7).fill(0.3);
    broken.samples.row_mut(3).iter_mut().skip(2000).take(600).for_each(|v| *v = f32::NAN);
    let detection = found(&broken);
    assert_eq!(detection.beats.len(), found(&sim.recording).beats.len());
    assert!(detection.lead_waves[0].iter().chain(&detection.lead_waves[7]).all(|w| w.qrs.is_none() && w.t.is_none()));
    let (hit, extra) = p_waves(&sim, &detection);
    assert!(hit > 0.9 && extra == 0, "{hit} found, {extra} extra");
    for (b, w) in detection.lead_waves[3].iter().enumerate() {
        let qrs = detection.beats[b].qrs;
        let lost = qrs.onset < 2600 && qrs.offset >= 2000;
        assert!(w.qrs.is_none() || !lost, "beat at {}", qrs.peak);
        assert!(w.qrs.is_some() || (qrs.onset < 2650 && qrs.offset >= 1950), "beat at {}", qrs.peak);
    }
}

#[test]
fn nothing_comes_of_nothing() {
    let names = einthoven::signal::LeadName::TWELVE.to_vec();
    for value in [f32::NAN, 0.0] {
        for length in [0, 1, 7, 5000] {
            let samples = ndarray::Array2::from_elem((12, length), value);
            let detection = found(&Recording::new("empty", names.clone(), Hz(500.0), samples));
            assert!(detection.beats.iter().all(|b| b.p.is_none() && b.t.is_none()));
        }
    }
}

#[test]
fn noise_alone_has_no_p_waves() {
    let mut script = case("fibrillation");
    script.noise = Noise { muscle: Mv(0.05), wander: Mv(0.1), ..Noise::default() };
    let detection = found(&simulate(&script).recording);
    let said = detection.beats.iter().filter(|b| b.p.is_some()).count();
    assert!(said * 4 <= detection.beats.len(), "{said} of {}", detection.beats.len());
}

#[test]
fn p_waves_without_a_qrs_are_found_and_none_is_invented() {
    let blocked = |case: &str| {
        let simulated = simulate(&einthoven::simulate::Case::find(case).unwrap().script().unwrap());
        let found = einthoven::detect::detect(&simulated.recording).p_waves;
        let own = |w: &&einthoven::detect::Wave| {
            simulated.truth.beats.iter().any(|b| b.p.is_some_and(|p| p.peak.abs_diff(w.peak) < 60))
        };
        (
            found.iter().filter(|w| !own(w)).count(),
            simulated.truth.p_waves.len() - simulated.truth.beats.iter().filter(|b| b.p.is_some()).count(),
        )
    };
    for case in ["av-block-2-1", "mobitz-2"] {
        let (found, truth) = blocked(case);
        assert!(found > 0 && found <= truth && 2 * found >= truth, "{case}: {found} of {truth}");
    }
    for case in ["normal-man", "normal-woman", "sinus-bradycardia", "hypokalemia", "pvc"] {
        assert_eq!(blocked(case).0, 0, "{case}");
    }
}
