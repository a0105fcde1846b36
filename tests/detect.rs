//! Detection against the simulator's exact truth.
use einthoven::detect::{BeatClass, Detection, EpisodeKind, detect};
use einthoven::evaluate::ec57;
use einthoven::signal::{Bpm, Hz, LeadName, Ms, Mv, Recording};
use einthoven::simulate::{CASES, Rhythm, Script, Simulated, rhythm, simulate};
use ndarray::Array2;

fn script(rhythm_id: &str) -> Script {
    let rhythm: &'static Rhythm = rhythm::find(rhythm_id).unwrap();
    Script::new(rhythm_id, rhythm)
}

/// Samples of missed and of extra beats among those for which `counts` holds; what is cut off by an end of the recording
/// never does.
fn wrong(truth: &Simulated, found: &Detection, counts: impl Fn(usize) -> bool) -> (Vec<usize>, Vec<usize>) {
    let rate = truth.recording.rate;
    let edge = rate.samples(Ms(90.0));
    let end = truth.recording.len();
    let reference: Vec<_> = truth.truth.beats.iter().map(|b| (b.qrs.peak, b.class)).collect();
    let test: Vec<_> = found.beats.iter().map(|b| (b.qrs.peak, b.class)).collect();
    let whole = |at: &usize| *at > edge && *at + edge < end && counts(*at);
    let pairs = ec57::pair(&reference, &test, rate.samples(ec57::MATCH));
    let missed = pairs.iter().filter(|p| p.1.is_none()).filter_map(|p| p.0).map(|r| reference[r].0).filter(whole);
    let extra = pairs.iter().filter(|p| p.0.is_none()).filter_map(|p| p.1).map(|t| test[t].0).filter(whole);
    (missed.collect(), extra.collect())
}

/// How many beats of the whole recording are missed and extra.
fn errors(truth: &Simulated, found: &Detection) -> (usize, usize) {
    let (missed, extra) = wrong(truth, found, |_| true);
    (missed.len(), extra.len())
}

#[test]
fn every_beat_from_20_to_300_a_minute_at_every_rate() {
    let rates =
        [("idioventricular", 20.0), ("sinus", 30.0), ("sinus", 75.0), ("sinus", 150.0), ("svt", 220.0), ("svt", 280.0)];
    for (id, bpm) in rates {
        for rate in [125.0, 250.0, 360.0, 500.0, 1000.0] {
            let truth = simulate(&Script { bpm: Some(Bpm(bpm)), rate: Hz(rate), seconds: 20.0, ..script(id) });
            assert_eq!(
                wrong(&truth, &detect(&truth.recording), |_| true),
                (vec![], vec![]),
                "{id} at {bpm}/min, {rate} Hz"
            );
        }
    }
}

#[test]
fn polarity_does_not_matter_and_one_lead_is_enough() {
    let mut truth = simulate(&Script { leads: vec![LeadName::II], ..script("sinus") });
    let upright = detect(&truth.recording);
    truth.recording.samples.mapv_inplace(|v| -v);
    let inverted = detect(&truth.recording);
    assert_eq!(errors(&truth, &inverted), (0, 0));
    let peaks = |d: &Detection| d.beats.iter().map(|b| b.qrs.peak).collect::<Vec<_>>();
    assert_eq!(peaks(&upright), peaks(&inverted));
}

#[test]
fn a_gap_costs_the_beats_inside_it_only() {
    let mut truth = simulate(&Script { seconds: 30.0, ..script("sinus") });
    let gap = 5000..8000;
    for mut row in truth.recording.samples.rows_mut() {
        for v in row.iter_mut().skip(gap.start).take(gap.len()) {
            *v = f32::NAN;
        }
    }
    let found = detect(&truth.recording);
    assert!(found.beats.iter().all(|b| !gap.contains(&b.qrs.peak)), "a beat in the gap");
    let margin = 100;
    assert_eq!(wrong(&truth, &found, |at| at + margin < gap.start || at > gap.end + margin), (vec![], vec![]));
}

#[test]
fn a_noisy_start_does_not_hide_the_rest() {
    let mut truth = simulate(&Script { seconds: 20.0, ..script("sinus") });
    for (lead, mut row) in truth.recording.samples.rows_mut().into_iter().enumerate() {
        for (i, v) in row.iter_mut().take(1000).enumerate() {
            *v += 4.0 * ((i * i * (lead + 3)) as f32 * 0.013).sin();
        }
    }
    assert_eq!(wrong(&truth, &detect(&truth.recording), |at| at > 1200), (vec![], vec![]));
}

#[test]
fn nothing_is_found_in_nothing() {
    let twelve = LeadName::TWELVE.to_vec();
    for (n, value) in
        [(0, 0.0), (1, 0.0), (7, 0.3), (5000, 0.0), (5000, f32::NAN), (5000, f32::INFINITY), (5000, 1.0e30)]
    {
        let found = detect(&Recording::new("x", twelve.clone(), Hz(500.0), Array2::from_elem((12, n), value)));
        assert!(found.beats.is_empty(), "{n} × {value}: {} beats", found.beats.len());
        assert!(found.quality.iter().all(|q| q.score == 0.0), "{n} × {value}");
        assert_eq!(found.atrial.p_present, 0.0);
        if n == 5000 {
            assert_eq!(found.episodes.len(), 1, "{value}: {:?}", found.episodes);
            assert_eq!(found.episodes[0].kind, EpisodeKind::NoSignal);
        }
    }
    for rate in [0.0, f64::NAN, -5.0, 1.0e-3] {
        let found = detect(&Recording::new("x", twelve.clone(), Hz(rate), Array2::from_elem((12, 500), 0.1)));
        assert!(found.beats.is_empty(), "{rate} Hz");
    }
}

#[test]
fn stimuli_are_seen_and_are_no_beats() {
    for id in ["paced-ventricular", "paced-dual", "paced-tracking", "paced-ventricular-bipolar"] {
        let truth = simulate(&script(id));
        let found = detect(&truth.recording);
        assert_eq!(errors(&truth, &found), (0, 0), "{id}");
        let spike = |at: usize| found.spikes.iter().any(|s| s.abs_diff(at) <= 5);
        let seen = truth.truth.spikes.iter().filter(|&&s| spike(s)).count();
        assert!(seen * 10 >= truth.truth.spikes.len() * 9, "{id}: {seen} of {}", truth.truth.spikes.len());
        let paced = found.beats.iter().filter(|b| b.class == BeatClass::P).count();
        assert!(paced * 10 >= found.beats.len() * 9, "{id}: {paced} of {}", found.beats.len());
    }
    assert!(detect(&simulate(&script("sinus")).recording).spikes.is_empty());
}

#[test]
fn fibrillation_flutter_and_asystole_are_episodes() {
    for (id, kind) in [
        ("ventricular-fibrillation", EpisodeKind::VentricularFibrillation),
        ("ventricular-flutter", EpisodeKind::VentricularFibrillation),
        ("asystole", EpisodeKind::Asystole),
    ] {
        let mut noisy = Script { seconds: 20.0, ..script(id) };
        // Electrodes that are on pick something up.
        noisy.noise.muscle = Mv(0.005);
        let truth = simulate(&noisy);
        let found = detect(&truth.recording);
        let long: usize = found.episodes.iter().filter(|e| e.kind == kind).map(|e| e.to - e.from).sum();
        assert!(2 * long > truth.recording.len(), "{id}: {:?}", found.episodes);
    }
    for id in ["sinus", "fibrillation", "svt", "vt", "flutter-2-1"] {
        let found = detect(&simulate(&script(id)).recording);
        assert!(found.episodes.is_empty(), "{id}: {:?}", found.episodes);
    }
}

#[test]
fn p_waves_repeat_in_sinus_rhythm_and_not_in_fibrillation() {
    let atrial = |id: &str| detect(&simulate(&Script { seconds: 20.0, ..script(id) }).recording).atrial;
    assert!(atrial("sinus").p_present > 0.8, "{:?}", atrial("sinus"));
    assert!(atrial("fibrillation").p_present < 0.4, "{:?}", atrial("fibrillation"));
    let flutter = atrial("flutter-4-1");
    assert!(flutter.dominant_hz.is_some_and(|hz| (3.5..6.5).contains(&hz)), "{flutter:?}");
}

#[test]
fn wide_and_early_beats_are_ventricular_and_narrow_ones_are_not() {
    let truth = simulate(&Script { seconds: 60.0, ..script("pvc") });
    let found = detect(&truth.recording);
    let count = |class| found.beats.iter().filter(|b| b.class == class).count();
    let wanted = truth.truth.count(BeatClass::V);
    assert!(
        wanted > 3 && count(BeatClass::V).abs_diff(wanted) <= 1 + wanted / 10,
        "{} of {wanted}",
        count(BeatClass::V)
    );
    let sinus = detect(&simulate(&Script { seconds: 60.0, ..script("sinus") }).recording);
    assert!(sinus.beats.iter().all(|b| b.class == BeatClass::N));
}

#[test]
fn noise_lowers_the_score_and_few_beats_are_lost_at_12_db() {
    let clean = script("sinus");
    let mut scores = Vec::new();
    for db in [24.0, 12.0, 0.0] {
        let mut noisy = Script { seconds: 60.0, ..clean.clone() };
        noisy.noise.muscle = Mv(1.0);
        noisy.noise.motion = Mv(1.0);
        noisy.noise = noisy.noise.at_snr(&clean, db);
        let truth = simulate(&noisy);
        let found = detect(&truth.recording);
        scores.push(found.quality_score());
        if db >= 12.0 {
            let (missed, extra) = errors(&truth, &found);
            assert!(missed + extra <= 1, "{db} dB: {missed} missed, {extra} extra");
        }
    }
    assert!(scores.windows(2).all(|s| s[0] > s[1]), "{scores:?}");
}

#[test]
fn trust_covers_the_recording_and_knows_noise_from_rhythm() {
    let clean = script("sinus");
    let trust = |db: Option<f64>| {
        let mut noisy = Script { seconds: 64.0, leads: vec![LeadName::II], ..clean.clone() };
        if let Some(db) = db {
            let quiet = noisy.clone();
            noisy.noise.motion = Mv(1.0);
            noisy.noise = noisy.noise.at_snr(&quiet, db);
        }
        let truth = simulate(&noisy);
        let found = detect(&truth.recording);
        let edges: Vec<usize> = found.trust.iter().flat_map(|t| [t.from, t.to]).collect();
        assert_eq!(edges.first().copied(), Some(0));
        assert_eq!(edges.last().copied(), Some(truth.recording.len()));
        assert!(edges[1..edges.len() - 1].chunks(2).all(|e| e[0] == e[1]), "{edges:?}");
        found.trust.iter().map(|t| t.score).sum::<f64>() / found.trust.len() as f64
    };
    let (quiet, loud) = (trust(None), trust(Some(-6.0)));
    assert!(quiet > 0.9 && loud < 0.3, "{quiet} {loud}");
    // Irregular is not untrustworthy.
    let wild = detect(&simulate(&Script { seconds: 60.0, ..script("fibrillation") }).recording);
    assert!(wild.trust.iter().all(|t| t.score > 0.5), "{:?}", wild.trust);
    let nothing = Recording::new("x", vec![LeadName::II], Hz(500.0), Array2::zeros((1, 5000)));
    assert!(detect(&nothing).trust.iter().all(|t| t.score == 0.0));
}

/// No case of the simulator loses or gains beats beyond what its own name excuses.
#[test]
fn the_named_cases() {
    let mut wrong = Vec::new();
    let (mut beats, mut bad) = (0, 0);
    for case in CASES {
        let truth = simulate(&case.script().unwrap());
        // Where beats cannot be counted there is nothing to score; torsades at 230 a minute is known to lose beats.
        if !truth.truth.episodes.is_empty() || ["torsades", "noise-unusable"].contains(&case.id) {
            continue;
        }
        let (missed, extra) = errors(&truth, &detect(&truth.recording));
        beats += truth.truth.beats.len();
        bad += missed + extra;
        if missed + extra > 0 {
            wrong.push(format!("{}: {missed} missed, {extra} extra of {}", case.id, truth.truth.beats.len()));
        }
    }
    assert!(bad * 200 <= beats, "{bad} of {beats}\n{}", wrong.join("\n"));
}
