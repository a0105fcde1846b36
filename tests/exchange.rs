//! What other systems are given says what the report says, by their own definitions.
use crate::report::{report, signed};
use einthoven::report::{RenderError, Report, Settings, render};
use einthoven::text::Lang;
use serde_json::Value;

/// An output; `None`, said aloud, where no Chinese font is installed (its PDF needs one).
fn made(report: &Report, id: &str, lang: Lang) -> Option<Vec<u8>> {
    match render(report, id, &Settings::new(lang)).unwrap() {
        Ok(bytes) => Some(bytes),
        Err(RenderError::Font(why)) => {
            eprintln!("skipped: {}", why.en);
            None
        }
        Err(error) => panic!("{error}"),
    }
}

fn resources<'a>(bundle: &'a Value, kind: &str) -> Vec<&'a Value> {
    let entries = bundle["entry"].as_array().unwrap().iter().map(|e| &e["resource"]);
    entries.filter(|r| r["resourceType"] == kind).collect()
}

#[test]
fn fhir_is_valid_r4_in_both_languages() {
    let schema: Value = serde_json::from_str(include_str!("fhir/r4.schema.json")).unwrap();
    let validator = jsonschema::validator_for(&schema).unwrap();
    for lang in [Lang::Zh, Lang::En] {
        let Some(bytes) = made(&report(), "fhir", lang) else { return };
        let bundle: Value = serde_json::from_slice(&bytes).unwrap();
        let errors: Vec<String> = validator.iter_errors(&bundle).map(|e| e.to_string()).collect();
        assert!(errors.is_empty(), "{}", errors.join("\n").chars().take(3000).collect::<String>());
        assert!(made(&report(), "fhir", lang) == Some(bytes), "not the same bytes twice");
    }
}

#[test]
fn fhir_says_what_the_report_says() {
    let report = report();
    let Some(bytes) = made(&report, "fhir", Lang::Zh) else { return };
    let bundle: Value = serde_json::from_slice(&bytes).unwrap();
    let patient = &resources(&bundle, "Patient")[0];
    assert_eq!(patient["name"][0]["text"].as_str(), report.diagnosis.patient.name.as_deref());
    let diagnostic = &resources(&bundle, "DiagnosticReport")[0];
    assert_eq!(diagnostic["status"], "preliminary");
    assert!(diagnostic["conclusion"].as_str().unwrap().starts_with("初步结论"));
    let urls: Vec<&Value> = bundle["entry"].as_array().unwrap().iter().map(|e| &e["fullUrl"]).collect();
    for result in diagnostic["result"].as_array().unwrap() {
        assert!(urls.contains(&&result["reference"]), "a reference leads nowhere");
    }
    let observations = resources(&bundle, "Observation");
    let components = |o: &Value| o["component"].as_array().cloned().unwrap_or_default();
    let rate = observations.iter().flat_map(|o| components(o)).find(|c| c["code"]["coding"][0]["code"] == "8867-4");
    let heart_rate = report.diagnosis.measurements.global.heart_rate_bpm.unwrap().0;
    assert!((rate.unwrap()["valueQuantity"]["value"].as_f64().unwrap() - heart_rate).abs() <= 0.05);
    for finding in &report.diagnosis.interpretation.findings {
        let said = observations.iter().any(|o| o["identifier"][0]["value"] == finding.rule.id);
        assert!(said, "{} is not said", finding.rule.id);
    }
    let v6 = observations.iter().flat_map(|o| components(o)).find(|c| c["code"]["text"] == "V6").unwrap();
    let data: Vec<&str> = v6["valueSampledData"]["data"].as_str().unwrap().split(' ').collect();
    assert_eq!(data.len(), report.recording.len());
    for (said, mv) in data.iter().zip(report.recording.samples.row(11)) {
        match said.parse::<f32>() {
            Ok(microvolts) => assert!((microvolts / 1000.0 - mv).abs() <= 0.000_51),
            Err(_) => assert!(*said == "E" && mv.is_nan()),
        }
    }
}

#[test]
fn hl7_says_what_the_report_says() {
    let mut report = report();
    report.diagnosis.patient.name = Some("欧阳|㛃".into());
    let Some(bytes) = made(&report, "hl7", Lang::En) else { return };
    let message = String::from_utf8(bytes).unwrap();
    assert!(message.ends_with('\r') && !message.contains('\n'));
    let segments: Vec<Vec<&str>> = message.split_terminator('\r').map(|s| s.split('|').collect()).collect();
    let kinds: Vec<&str> = segments.iter().map(|s| s[0]).collect();
    assert_eq!(kinds[..4], ["MSH", "PID", "OBR", "NTE"], "preliminary is said beside the order");
    assert_eq!((segments[0][8], segments[0][11], segments[0][17]), ("ORU^R01^ORU_R01", "2.5.1", "UNICODE UTF-8"));
    assert_eq!(segments[1][5], "欧阳\\F\\㛃");
    assert_eq!(segments[2][25], "P");
    let results: Vec<&Vec<&str>> = segments.iter().filter(|s| s[0] == "OBX").collect();
    assert!(results.iter().all(|s| s[11] == "P"));
    let qrs = results.iter().find(|s| s[3].starts_with("8633-0^")).unwrap();
    let duration = report.diagnosis.measurements.global.qrs_duration_ms.unwrap().0;
    assert_eq!((qrs[2], qrs[5], qrs[6]), ("NM", format!("{duration:.0}").as_str(), "ms^^UCUM"));
    for finding in &report.diagnosis.interpretation.findings {
        assert!(results.iter().any(|s| s[2] == "CWE" && s[5].contains(finding.rule.id)), "{}", finding.rule.id);
    }
    assert!(results.iter().any(|s| s[2] == "ED" && s[5].starts_with("^application^pdf^Base64^JVBER")));
}

#[test]
fn hl7_in_gb18030_says_so_and_loses_no_character() {
    let settings = Settings { hl7_charset: einthoven::report::Charset::Gb18030, ..Settings::new(Lang::Zh) };
    let mut report = report();
    report.diagnosis.patient.name = Some("欧阳㛃𠮷".into());
    let message = match render(&report, "hl7", &settings).unwrap() {
        Ok(bytes) => bytes,
        Err(RenderError::Font(why)) => return eprintln!("skipped: {}", why.en),
        Err(error) => panic!("{error}"),
    };
    assert!(String::from_utf8(message.clone()).is_err(), "it is UTF-8");
    let (text, _, lossy) = encoding_rs::GB18030.decode(&message);
    assert!(!lossy && text.contains("欧阳㛃𠮷") && text.contains("完全性左束支"));
    assert_eq!(text.split('\r').next().unwrap().split('|').nth(17), Some("GB 18030-2000"));
}

#[test]
fn a_report_is_preliminary_final_or_amended_everywhere() {
    let amended = Report { revision: 1, ..signed() };
    for (report, fhir, hl7) in [(report(), "preliminary", "P"), (signed(), "final", "F"), (amended, "amended", "C")] {
        let Some(bytes) = made(&report, "fhir", Lang::En) else { return };
        let bundle: Value = serde_json::from_slice(&bytes).unwrap();
        for kind in ["DiagnosticReport", "Observation"] {
            assert!(resources(&bundle, kind).iter().all(|r| r["status"] == fhir), "{kind} {fhir}");
        }
        let json: Value = serde_json::from_slice(&made(&report, "json", Lang::En).unwrap()).unwrap();
        assert_eq!(json["status"], fhir);
        let message = String::from_utf8(made(&report, "hl7", Lang::En).unwrap()).unwrap();
        let results = message.split('\r').filter(|s| s.starts_with("OBX"));
        assert!(results.map(|s| s.split('|').nth(11).unwrap()).all(|status| status == hl7));
        let page = String::from_utf8(made(&report, "svg", Lang::En).unwrap()).unwrap();
        assert_eq!(page.contains("Amended report"), fhir == "amended");
    }
}

/// The waveform that other systems are given holds our beats, numbers and statements: read back by our own decoders.
#[test]
fn dicom_and_aecg_waveforms_hold_our_annotations() {
    use einthoven::ingest::{ReadOptions, Source, read};
    let report = report();
    for (id, name) in [("dicom", "x.dcm"), ("aecg", "x.xml")] {
        let bytes = render(&report, id, &Settings::new(Lang::Zh)).unwrap().unwrap();
        let back = read(&Source::memory(name, bytes), &ReadOptions::default()).unwrap();
        assert_eq!(back.leads[..12], report.recording.leads[..12], "{id}");
        let worst = back.samples.iter().zip(&report.recording.samples).map(|(a, b)| (a - b).abs());
        assert!(worst.filter(|d| d.is_finite()).fold(0.0, f32::max) < 0.003, "{id}: the signal changed");
        let beats: Vec<usize> = back.annotations.iter().filter(|a| a.code == "N").map(|a| a.sample).collect();
        let ours = report.diagnosis.detection.beats.iter().filter(|b| b.class == einthoven::detect::BeatClass::N);
        let ours: Vec<usize> = ours.map(|b| b.qrs.peak).collect();
        assert!(!ours.is_empty() && beats == ours, "{id}: {beats:?} {ours:?}");
        let waves = |code: &str| back.annotations.iter().filter(|a| a.code == code).count();
        assert!(waves("(") >= ours.len() && waves("(") == waves(")"), "{id}: {} {}", waves("("), waves(")"));
        let said = back.device.statements.join("\n");
        assert!(said.starts_with("einthoven") && said.contains("初步结论"), "{id}: {said}");
        for finding in &report.diagnosis.interpretation.findings {
            assert!(said.contains(finding.wording().zh.as_ref()), "{id} lacks {}", finding.rule.id);
        }
        let value = |name: &str| back.device.measurements.iter().find(|m| m.name == name).map(|m| m.value);
        assert_eq!((value("pr_ms"), value("qrs_duration_ms")), (Some(170.0), Some(88.0)), "{id}");
    }
}
