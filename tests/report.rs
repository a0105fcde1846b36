//! Reports: every output says the same, by its published shape.
use einthoven::detect::{Beat, BeatClass, Detection, LeadQuality, Wave};
use einthoven::ingest::ReadError;
use einthoven::interpret::{
    Codes, Confidence, Evidence, Finding, Interpretation, Number, Rule, Severity, Source, Verdict,
};
use einthoven::measure::{Global, Lead, Measurements};
use einthoven::pipeline::Diagnosis;
use einthoven::report::batch::{Outcome, Row, Totals, index_foot, index_head, index_row, summary_header, summary_row};
use einthoven::report::{Report, Settings, render, schema};
use einthoven::signal::{Bpm, Deg, Hz, LeadName, Ms, Mv, Patient, Recording, Sex};
use einthoven::text::{Lang, text};
use ndarray::Array2;
use serde_json::Value;

const RATE: f64 = 500.0;
const BEAT: usize = 400; // 0.8 s: 75 bpm

static SOURCE: Source = Source { cite: "Surawicz 2009", doi: Some("10.1016/j.jacc.2008.12.013") };

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
    criteria: text("P 波规律", "Regular P waves"),
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
        quality: vec![LeadQuality { score: 0.9, noise_mv: 0.01, ..LeadQuality::default() }; 12],
        ..Detection::default()
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
            name: text("QRS 时限", "QRS duration"),
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

fn bytes(report: &Report, id: &str, lang: Lang) -> Vec<u8> {
    render(report, id, &Settings::new(lang)).expect("the output exists").expect("it can be made")
}

fn json(report: &Report) -> Value {
    serde_json::from_slice(&bytes(report, "json", Lang::En)).unwrap()
}

/// Every key of `value` is described in `schema`.
fn described(value: &Value, schema: &Value, root: &Value, path: &str, missing: &mut Vec<String>) {
    let schema = match schema["$ref"].as_str() {
        Some(reference) => root.pointer(reference.trim_start_matches('#')).unwrap(),
        None => schema,
    };
    let schema = match schema["anyOf"].as_array() {
        Some(choices) => {
            let fit = choices.iter().find(|c| (c["type"] == "null") == value.is_null()).unwrap();
            return described(value, fit, root, path, missing);
        }
        None => schema,
    };
    match value {
        Value::Object(fields) => {
            for (key, field) in fields {
                let path = format!("{path}.{key}");
                match schema["properties"].get(key) {
                    Some(schema) => described(field, schema, root, &path, missing),
                    None => missing.push(path),
                }
            }
        }
        Value::Array(items) if schema.get("items").is_some() => {
            for item in items {
                described(item, &schema["items"], root, path, missing);
            }
        }
        _ => {}
    }
}

#[test]
fn json_is_by_the_published_schema() {
    let schema: Value = serde_json::from_str(schema()).unwrap();
    jsonschema::meta::validate(&schema).expect("the schema is a schema");
    let validator = jsonschema::draft202012::new(&schema).unwrap();
    for report in [report(), signed(), empty()] {
        let report = json(&report);
        let errors: Vec<String> =
            validator.iter_errors(&report).map(|e| format!("{}: {e}", e.instance_path())).collect();
        assert!(errors.is_empty(), "{}", errors.join("\n"));
        let mut missing = Vec::new();
        described(&report, &schema, &schema, "", &mut missing);
        assert!(missing.is_empty(), "describe these in src/report/schema.json: {missing:?}");
    }
    let mut broken = json(&report());
    broken["findings"][0]["severity"] = "grave".into();
    assert!(!validator.is_valid(&broken), "the schema accepts anything");
}

fn signed() -> Report {
    use einthoven::report::{Decision, Signature};
    let signed: jiff::Zoned = "2026-03-01T10:00:00+08:00[+08:00]".parse().unwrap();
    let signature =
        Signature { name: "王医师".into(), decision: Decision::Confirmed, conclusion: String::new(), signed };
    Report { signature: Some(signature), ..report() }
}

/// Nothing but noise in one lead: every number is absent.
fn empty() -> Report {
    let recording = Recording::new("empty", vec![LeadName::parse("MLII").0], Hz(250.0), Array2::zeros((1, 250)));
    let diagnosis = Diagnosis {
        patient: Patient::default(),
        detection: Detection { rate: Hz(250.0), ..Detection::default() },
        measurements: Measurements::default(),
        interpretation: Interpretation {
            findings: Vec::new(),
            verdict: Verdict::Uninterpretable,
            critical: false,
            alarms: Vec::new(),
            advice: Vec::new(),
            notes: Vec::new(),
        },
    };
    Report::new(recording, diagnosis, None)
}

#[test]
fn json_holds_the_facts() {
    let report = json(&report());
    assert_eq!(report["status"], "preliminary");
    assert_eq!(report["measurements"]["global"]["qtc_bazett_ms"], 469.5743);
    assert_eq!(report["measurements"]["global"]["p_axis_deg"], Value::Null);
    assert_eq!(report["measurements"]["leads"][6]["lead"], "V1");
    assert_eq!(report["findings"][1]["codes"]["scp"][0], "CLBBB");
    assert_eq!(report["findings"][1]["evidence"]["numbers"][0]["value"], 148);
    assert_eq!(report["beats"][1]["at_ms"], 1600);
    assert_eq!(report["beats"][1]["rr_ms"], 800);
    assert_eq!(report["device"]["statements"][0], "Sinus rhythm <normal>");
    assert_eq!(json(&signed())["signature"]["signed"], "2026-03-01T10:00:00+08:00");
}

#[test]
fn a_row_survives_spooling_and_says_what_matters() {
    let mut row = Row::of("clinic 1/<a>.dat", &report());
    row.links.push(("PDF".into(), "clinic 1/#1.pdf".into()));
    let spooled = serde_json::to_string(&row).unwrap();
    assert!(spooled.len() < 6000, "{} bytes a row", spooled.len());
    let row: Row = serde_json::from_str(&spooled).unwrap();
    let Outcome::Reported(summary) = &row.outcome else { panic!("reported") };
    assert_eq!(summary.headlines[0].1.en, "Left bundle branch block (probable)");
    let path = &summary.thumbnail.as_ref().unwrap().path;
    assert!(path.starts_with('M') && path.len() > 200 && path.len() < 3000, "{} {path}", path.len());
    for lang in [Lang::Zh, Lang::En] {
        let line = index_row(&row, lang);
        assert!(line.contains("&lt;a&gt;.dat") && !line.contains("<a>.dat"), "{line}");
        assert!(line.contains("href=\"./clinic%201/%231.pdf\""), "{line}");
        assert!(line.contains(if lang == Lang::Zh {
            "完全性左束支传导阻滞"
        } else {
            "Left bundle branch block"
        }));
    }
}

#[test]
fn the_worklist_is_most_urgent_first_and_needs_nothing_from_outside() {
    let with = |verdict, critical| {
        let mut report = report();
        report.diagnosis.interpretation.verdict = verdict;
        report.diagnosis.interpretation.critical = critical;
        Row::of("a", &report)
    };
    let rows = [
        with(Verdict::Critical, true),
        with(Verdict::Abnormal, false),
        Row::unread("broken.dat", &ReadError::Unrecognized),
        with(Verdict::Uninterpretable, false),
        with(Verdict::Borderline, false),
        with(Verdict::OtherwiseNormal, false),
        with(Verdict::Normal, false),
    ];
    assert!(rows.is_sorted_by_key(Row::urgency));
    let mut totals = Totals::default();
    for row in &rows {
        totals.add(row);
    }
    assert_eq!((totals.all(), totals.critical, totals.normal, totals.failed), (7, 1, 2, 1));
    for lang in [Lang::Zh, Lang::En] {
        let page: String = std::iter::once(index_head(&totals, lang))
            .chain(rows.iter().map(|row| index_row(row, lang)))
            .chain([index_foot(lang)])
            .collect();
        for outside in ["http:", "https:", "//", "@import", "url(", " src="] {
            assert!(!page.contains(outside), "{outside}");
        }
        assert_eq!(page.matches("<tr").count(), rows.len() + 1);
        if let Ok(folder) = std::env::var("EINTHOVEN_LOOK") {
            std::fs::write(format!("{folder}/index-{}.html", lang.tag()), &page).unwrap();
        }
    }
}

#[test]
fn the_summary_is_a_table_whatever_the_cells_hold() {
    let rows = [Row::of("=cmd,\"x\".dat", &report()), Row::unread("b.dat", &ReadError::Unrecognized)];
    let table = summary_header() + &rows.iter().map(summary_row).collect::<String>();
    let table = table.strip_prefix('\u{feff}').expect("a byte order mark");
    let mut reader = csv::Reader::from_reader(table.as_bytes());
    let column = |name: &str, head: &csv::StringRecord| head.iter().position(|h| h == name).unwrap();
    let head = reader.headers().unwrap().clone();
    let read: Vec<csv::StringRecord> = reader.records().collect::<Result<_, _>>().expect("every row has every cell");
    assert_eq!(&read[0][0], "'=cmd,\"x\".dat");
    assert_eq!(&read[0][column("qtc_bazett_ms", &head)], "470");
    assert_eq!(&read[0][column("verdict", &head)], "abnormal");
    assert_eq!(&read[1][column("status", &head)], "failed");
    assert_eq!(&read[1][column("reason_en", &head)], "not an ECG in any known format");
}
