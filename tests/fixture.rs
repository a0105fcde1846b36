//! One ECG made by hand, with two findings: what the tests of reports and the benches share.
use einthoven::detect::{Beat, BeatClass, Detection, LeadQuality, MedianBeat, Wave};
use einthoven::interpret::{
    Codes, Confidence, Evidence, Finding, Interpretation, Number, Rule, Severity, Source, Verdict,
};
use einthoven::measure::{Global, Lead, Measurements};
use einthoven::pipeline::Diagnosis;
use einthoven::report::Report;
use einthoven::signal::{Bpm, Deg, Hz, LeadName, Ms, Mv, Patient, Recording, Sex};
use einthoven::text::text;
use ndarray::Array2;

const RATE: f64 = 500.0;
const BEAT: usize = 400; // 0.8 s: 75 bpm

static SOURCE: Source = Source { cite: "Surawicz 2009", english: None, doi: Some("10.1016/j.jacc.2008.12.013") };

static LBBB: Rule = Rule {
    id: "left-bundle-branch-block",
    text: text("完全性左束支传导阻滞", "Left bundle branch block"),
    family: "conduction",
    severity: Severity::Abnormal,
    codes: Codes { aha: &["104"], scp: &["CLBBB"], snomed: &["164909002"], minnesota: &["7-1-1"] },
    criteria: text("QRS ≥ 120 ms", "QRS ≥ 120 ms"),
    source: &SOURCE,
    replaces: &[],
    when: |_| None,
};

static SINUS: Rule = Rule {
    id: "sinus-rhythm",
    text: text("窦性心律", "Sinus rhythm"),
    family: "rhythm",
    severity: Severity::Normal,
    codes: Codes { aha: &["20"], scp: &["SR"], snomed: &["426783006"], minnesota: &[] },
    criteria: text("P波规律", "Regular P waves"),
    source: &SOURCE,
    replaces: &[],
    when: |_| None,
};

/// Ten seconds of Gaussian waves in twelve leads, with a gap in V6.
pub fn recording() -> Recording {
    let leads = LeadName::TWELVE.to_vec();
    let samples = Array2::from_shape_fn((12, 5000), |(lead, i)| {
        let t = ((i + BEAT / 2) % BEAT) as f64 - BEAT as f64 / 2.0;
        let wave = |at: f64, width: f64, mv: f64| mv * (-((t - at) / width).powi(2)).exp();
        let scale = 1.0 - lead as f64 * 0.13;
        let mv = wave(-70.0, 18.0, 0.12) + wave(0.0, 8.0, 1.1 * scale) + wave(130.0, 40.0, 0.3 * scale);
        if lead == 11 && (2000..2400).contains(&i) { f32::NAN } else { mv as f32 }
    });
    let patient = Patient {
        id: Some("0042".into()),
        name: Some("欧阳㛃".into()),
        sex: Some(Sex::Female),
        age: Some(67.0),
        ..Patient::default()
    };
    let mut recording = Recording { patient, ..Recording::new("made-by-hand", leads, Hz(RATE), samples) };
    recording.start = Some("2026-03-01T08:15:00".parse().unwrap());
    recording.origin.format = "wfdb";
    recording.origin.sha256 = "ab".repeat(32);
    recording.device.statements = vec!["Sinus rhythm <normal>".into()];
    recording.notes.push(text("V6 导联有 0.8 s 缺失", "V6 misses 0.8 s"));
    recording
}

fn detection() -> Detection {
    let beat = |n: usize| {
        let at = n * BEAT;
        let wave = |onset, peak, offset| Wave { onset, peak, offset };
        Beat {
            qrs: wave(at - 20, at, at + 24),
            p: Some(wave(at - 105, at - 70, at - 40)),
            t: Some(wave(at + 70, at + 130, at + 190)),
            class: BeatClass::N,
            group: 0,
        }
    };
    Detection {
        rate: Hz(RATE),
        beats: (1..12).map(beat).collect(),
        groups: vec![11],
        medians: vec![median()],
        quality: vec![LeadQuality { score: 0.9, noise_mv: 0.01, ..LeadQuality::default() }; 12],
        ..Detection::default()
    }
}

/// Half a second before and after the sixth beat.
fn median() -> MedianBeat {
    let (at, half) = (6 * BEAT, BEAT / 2);
    let columns: Vec<usize> = (at - half..at + half).collect();
    let wave = |onset, peak, offset| Some(Wave { onset, peak, offset });
    MedianBeat {
        samples: recording().samples.select(ndarray::Axis(1), &columns),
        fiducial: half,
        qrs: wave(half - 20, half, half + 24),
        p: wave(half - 105, half - 70, half - 40),
        t: wave(half + 70, half + 130, half + 190),
        beats: 11,
        ..MedianBeat::default()
    }
}

fn measurements() -> Measurements {
    let lead = |name: &LeadName| Lead {
        lead: name.clone(),
        p_mv: Some(Mv(0.12)),
        p_terminal_mv: None,
        p_terminal_ms: None,
        q_mv: None,
        q_ms: None,
        r_mv: Some(Mv(1.1)),
        r_ms: Some(Ms(48.0)),
        s_mv: Some(Mv(-0.3)),
        s_ms: Some(Ms(30.0)),
        r2_mv: None,
        r_peak_ms: Some(Ms(40.0)),
        qrs_area: Some(12.0),
        st_j_mv: Some(Mv(0.01)),
        st_60_mv: Some(Mv(0.02)),
        st_80_mv: Some(Mv(0.025)),
        t_mv: Some(Mv(0.3)),
        j_mv: None,
        take_off_fall_mv: None,
        u_mv: None,
        qrs_ms: Some(Ms(88.0)),
    };
    Measurements {
        global: Global {
            heart_rate_bpm: Some(Bpm(75.0)),
            rr_ms: Some(Ms(800.0)),
            pr_ms: Some(Ms(170.0)),
            qrs_duration_ms: Some(Ms(88.0)),
            qt_ms: Some(Ms(420.0)),
            qtc_bazett_ms: Some(Ms(469.574_271_3)),
            qrs_axis_deg: Some(Deg(-12.0)),
            ..Global::default()
        },
        leads: LeadName::TWELVE.iter().map(lead).collect(),
        ..Measurements::default()
    }
}

/// A report with two findings, without a clock.
pub fn report() -> Report {
    let evidence = Evidence {
        qualifier: None,
        confidence: Confidence::Probable,
        numbers: vec![Number {
            name: text("QRS时限", "QRS duration"),
            value: 148.0,
            unit: "ms",
            limit: "≥ 120".into(),
        }],
        leads: vec![LeadName::V1, LeadName::V6],
        beats: vec![2, 3],
    };
    let recording = recording();
    let diagnosis = Diagnosis {
        patient: recording.patient.clone(),
        detection: detection(),
        measurements: measurements(),
        interpretation: Interpretation {
            alarms: Vec::new(),
            advice: Vec::new(),
            notes: Vec::new(),
            findings: vec![Finding { rule: &SINUS, evidence: Evidence::default() }, Finding { rule: &LBBB, evidence }],
            verdict: Verdict::Abnormal,
            critical: false,
        },
    };
    Report::new(recording, diagnosis, None)
}
