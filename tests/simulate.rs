//! The simulator against its own truth.
use einthoven::detect::BeatClass;
use einthoven::signal::{Bpm, Hz, LeadName, Ms, Recording};
use einthoven::simulate::{CASES, Case, Noise, Script, Simulated, rhythm, shapes, simulate};

fn clean(rhythm_id: &str) -> Script {
    Script::new("t", rhythm::find(rhythm_id).unwrap())
}

fn lead(recording: &Recording, name: &LeadName) -> Vec<f32> {
    recording.lead(name).unwrap().to_vec()
}

fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}

/// Interval in ms of the dominant beats by the truth.
fn interval(sim: &Simulated, key: &str) -> f64 {
    sim.truth.measurements()[key].as_f64().unwrap_or(f64::NAN)
}

#[test]
fn every_case_names_what_exists_and_runs() {
    for case in CASES {
        let mut script = case.script().unwrap_or_else(|| panic!("{}: unknown rhythm or shape", case.id));
        script.noise = Noise::default(); // has its own tests, and costs most of the time
        let sim = simulate(&script);
        assert_eq!(sim.recording.len(), script.rate.samples(Ms(script.seconds * 1000.0)), "{}", case.id);
        let n = sim.recording.len();
        assert_eq!(sim.truth.beats.len(), sim.truth.codes.len());
        assert_eq!(sim.truth.beats.len(), sim.truth.lead_waves.len());
        for beat in &sim.truth.beats {
            assert!(beat.qrs.onset <= beat.qrs.peak && beat.qrs.peak <= beat.qrs.offset && beat.qrs.offset < n);
            for wave in beat.p.iter().chain(&beat.t) {
                assert!(wave.onset <= wave.peak && wave.peak <= wave.offset && wave.offset < n, "{}", case.id);
            }
        }
        assert!(sim.truth.beats.is_sorted_by_key(|b| b.qrs.onset), "{}", case.id);
        assert!(!sim.truth.beats.is_empty() || !sim.truth.episodes.is_empty(), "{}: nothing happens", case.id);
    }
    let mut ids: Vec<&str> = CASES.iter().map(|c| c.id).collect();
    ids.sort_unstable();
    ids.dedup();
    assert_eq!(ids.len(), CASES.len(), "ids are unique");
}

#[test]
fn every_rhythm_and_shape_is_in_some_case() {
    for rhythm in rhythm::FAMILIES.iter().flat_map(|f| f.iter()) {
        assert!(CASES.iter().any(|c| c.rhythm == rhythm.id), "{}", rhythm.id);
    }
    for shape in shapes::FAMILIES.iter().flat_map(|f| f.iter()) {
        assert!(CASES.iter().any(|c| c.shapes.contains(&shape.id)), "{}", shape.id);
    }
}

#[test]
fn einthoven_and_goldberger_hold() {
    for id in ["normal-man", "swap-arms", "noise-motion", "vt", "fibrillation"] {
        let r = simulate(&Case::find(id).unwrap().script().unwrap()).recording;
        let [i, ii, iii] = [LeadName::I, LeadName::II, LeadName::III].map(|l| lead(&r, &l));
        let avr = lead(&r, &LeadName::AvR);
        for n in 0..r.len() {
            assert!((i[n] + iii[n] - ii[n]).abs() < 1e-5, "{id}: I + III = II at {n}");
            assert!((avr[n] + 0.5 * (i[n] + ii[n])).abs() < 6e-4, "{id}: aVR at {n}, within half a step");
        }
    }
}

#[test]
fn intervals_are_the_scripted_ones_at_every_sampling_rate() {
    for hz in [125.0, 250.0, 360.0, 500.0, 1000.0] {
        let mut script = clean("sinus");
        script.rate = Hz(hz);
        script.seconds = 20.0;
        (script.bpm, script.pr, script.qrs, script.qtc) =
            (Some(Bpm(60.0)), Some(Ms(180.0)), Some(Ms(100.0)), Some(Ms(420.0)));
        let sim = simulate(&script);
        let tick = 1000.0 / hz;
        // the bounds at 10 µV lie inside the wave's own by a few milliseconds
        for (key, meant, slack) in [
            ("pr_ms", 180.0, 8.0),
            ("qrs_duration_ms", 100.0, 4.0),
            ("qt_ms", 420.0, 12.0),
            ("p_duration_ms", 104.0, 11.0),
        ] {
            let is = interval(&sim, key);
            assert!((is - meant).abs() <= slack + 2.0 * tick, "{key} {is} for {meant} at {hz} Hz");
        }
        let rate = interval(&sim, "heart_rate_bpm");
        assert!((rate - 60.0).abs() < 2.5, "{rate} at {hz} Hz");
    }
}

#[test]
fn rates_are_the_scripted_ones() {
    for bpm in [20.0, 35.0, 60.0, 100.0, 150.0, 220.0, 300.0] {
        let mut script = clean("sinus");
        script.bpm = Some(Bpm(bpm));
        script.seconds = 30.0;
        let sim = simulate(&script);
        let first = sim.truth.beats.first().unwrap().qrs.onset as f64;
        let last = sim.truth.beats.last().unwrap().qrs.onset as f64;
        let mean = (sim.truth.beats.len() - 1) as f64 * 60.0 * 500.0 / (last - first);
        assert!((mean / bpm - 1.0).abs() < 0.03, "{mean} for {bpm}");
    }
}

#[test]
fn waves_are_where_the_signal_leaves_the_baseline() {
    let script = clean("sinus");
    let sim = simulate(&script);
    let row = script.leads.iter().position(|l| *l == LeadName::II).unwrap();
    let ii = lead(&sim.recording, &LeadName::II);
    for (beat, leads) in sim.truth.beats.iter().zip(&sim.truth.lead_waves) {
        let Some(p) = leads[row].p else { continue };
        // 20 ms before P and between P and QRS: nothing; inside: something
        let Some(before) = p.onset.checked_sub(10) else { continue };
        assert!(ii[before..p.onset].iter().all(|v| v.abs() < 0.012), "flat before P");
        assert!(ii[p.offset + 1..beat.qrs.onset].iter().all(|v| v.abs() < 0.012), "flat before QRS");
        assert!(ii[p.peak] > 0.08 && ii[p.peak] < 0.25);
        let qrs = leads[row].qrs.unwrap();
        assert!(ii[qrs.peak] > 0.6, "R in II");
        let t = leads[row].t.unwrap();
        assert!(ii[t.peak] > 0.1 && ii[t.peak] < 0.6, "T in II");
    }
}

#[test]
fn a_normal_heart_looks_normal() {
    let sim = simulate(&clean("sinus"));
    let r = &sim.recording;
    let at = |name: LeadName, pick: fn(&[f32]) -> f32| {
        let x = lead(r, &name);
        median(sim.truth.beats.iter().map(|b| f64::from(pick(&x[b.qrs.onset..=b.qrs.offset]))).collect())
    };
    let top = |x: &[f32]| x.iter().copied().fold(f32::MIN, f32::max);
    let bottom = |x: &[f32]| x.iter().copied().fold(f32::MAX, f32::min);
    let rs: Vec<f64> = [LeadName::V1, LeadName::V2, LeadName::V3, LeadName::V4].map(|l| at(l, top)).into();
    assert!(rs.is_sorted(), "R grows from V1 to V4: {rs:?}");
    assert!(at(LeadName::V1, bottom) < -0.5 && at(LeadName::V2, bottom) < -0.7, "S deep in V1, V2");
    assert!(at(LeadName::V6, bottom) > -0.35, "S small in V6");
    let sokolow = at(LeadName::V5, top) - at(LeadName::V1, bottom);
    assert!((1.2..3.5).contains(&sokolow), "{sokolow}");
    // a septal q in V6 comes first, and T is upright in I, II, V3 … V6
    let v6 = lead(r, &LeadName::V6);
    let q = sim.truth.beats.iter().map(|b| bottom(&v6[b.qrs.onset..b.qrs.onset + 14])).fold(f32::MAX, f32::min);
    assert!((-0.25..-0.02).contains(&q), "{q}");
    for name in [LeadName::I, LeadName::II, LeadName::V3, LeadName::V6] {
        let x = lead(r, &name);
        assert!(sim.truth.beats.iter().filter_map(|b| b.t).all(|t| x[t.peak] > 0.08), "T in {name}");
    }
}

#[test]
fn seeds_make_the_bytes() {
    let script = Case::find("fibrillation").unwrap().script().unwrap();
    let again = simulate(&script).recording;
    assert_eq!(simulate(&script).recording.samples, again.samples);
    let mut other = script.clone();
    other.seed += 1;
    assert_ne!(simulate(&other).recording.samples, again.samples);
    // noise has a stream of its own
    let mut noisy = script.clone();
    noisy.noise.muscle.0 *= 4.0;
    assert_eq!(simulate(&noisy).truth.beats, simulate(&script).truth.beats);
}

#[test]
fn rhythms_are_what_they_are_called() {
    let run = |id: &str| {
        let mut script = clean(id);
        script.seconds = 30.0;
        simulate(&script).truth
    };
    let rr = |t: &einthoven::simulate::Truth| -> Vec<f64> {
        t.beats.windows(2).map(|w| (w[1].qrs.onset - w[0].qrs.onset) as f64 / 500.0).collect()
    };
    let spread = |x: &[f64]| {
        let m = x.iter().sum::<f64>() / x.len() as f64;
        (x.iter().map(|v| (v - m) * (v - m)).sum::<f64>() / x.len() as f64).sqrt() / m
    };
    assert!(spread(&rr(&run("fibrillation"))) > 0.10, "AF is irregular");
    assert!(run("fibrillation").beats.iter().all(|b| b.p.is_none()) && run("fibrillation").p_waves.is_empty());
    assert!(spread(&rr(&run("flutter-2-1"))) < 0.01);
    assert!(rr(&run("sinus-arrest")).iter().any(|&v| v >= 2.9), "a pause");
    let blocked = run("mobitz-2");
    assert!(blocked.p_waves.len() > blocked.beats.len() + 5, "P waves without QRS");
    let bigeminy = run("pvc-bigeminy");
    let (v, n) = (bigeminy.count(BeatClass::V), bigeminy.count(BeatClass::N));
    assert!(v.abs_diff(n) <= 1, "{v} {n}");
    assert!(run("pac").count(BeatClass::S) >= 5 && run("pvc-fusion").count(BeatClass::F) >= 3);
    assert_eq!(run("paced-dual").spikes.len().div_ceil(2), run("paced-dual").spikes.len() / 2);
    assert!(!run("ventricular-fibrillation").episodes.is_empty());
    let complete = run("av-block-3");
    assert!(complete.beats.iter().all(|b| b.p.is_none()) && complete.p_waves.len() > complete.beats.len());
}

#[test]
fn samples_are_made_again_byte_for_byte() {
    let samples = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("samples");
    let wfdb = einthoven::ingest::FORMATS.iter().find(|f| f.id == "wfdb").unwrap();
    for (id, hz) in [("normal-man", None), ("paced-dual", None), ("noise-motion", Some(250.0)), ("gap", Some(250.0))] {
        let mut script = Case::find(id).unwrap().script().unwrap();
        script.rate = hz.map_or(script.rate, Hz);
        let sim = simulate(&script);
        let mut files = (wfdb.write.unwrap())(&sim.recording, id).unwrap();
        files.push((format!("{id}.truth.json"), format!("{}\n", sim.truth.json(&script.leads)).into_bytes()));
        assert_eq!(files.len(), 4);
        for (name, bytes) in files {
            assert!(std::fs::read(samples.join(&name)).unwrap() == bytes, "{name} differs: run samples/make");
        }
    }
}
