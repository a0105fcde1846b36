//! Every sample through every output: the same facts are read back from each.
use crate::pdf_file::Pdf;
use crate::report_samples::{bytes, drawable, read_back, reports, seen, table, text};
use einthoven::detect::BeatClass;
use einthoven::report::batch::{Row, finding_rows, summary_row};
use einthoven::report::{Charset, Report, Settings, render};
use einthoven::text::Lang;
use serde_json::Value;
use std::collections::BTreeMap;

/// What every output must agree on.
#[derive(Debug, PartialEq)]
struct Facts {
    id: String,
    name: String,
    sex: String,
    status: String,
    /// Statements in order, as worded.
    statements: Vec<String>,
    /// Ids of critical values.
    alarms: Vec<String>,
    /// Global measurements by name, to a tenth, with their unit.
    numbers: BTreeMap<String, (i64, String)>,
}

fn tenths(value: f64) -> i64 {
    (value * 10.0).round() as i64
}

/// The unit that a global measurement's name ends with.
fn unit(id: &str) -> &'static str {
    match id.rsplit('_').next() {
        Some("bpm") => "bpm",
        Some("deg") => "°",
        _ => "ms",
    }
}

/// From the JSON report, the reference: its names are those of the published schema.
fn facts(report: &Report, lang: Lang) -> Facts {
    let json: Value = serde_json::from_slice(&bytes(report, "json", lang)).unwrap();
    let key = if lang == Lang::Zh { "zh" } else { "en" };
    let string = |v: &Value| v.as_str().unwrap_or_default().to_string();
    let list = |v: &Value, of: &dyn Fn(&Value) -> String| v.as_array().unwrap().iter().map(of).collect();
    let numbers = json["measurements"]["global"].as_object().unwrap();
    Facts {
        id: string(&json["recording"]["patient"]["id"]),
        name: string(&json["recording"]["patient"]["name"]),
        sex: string(&json["recording"]["patient"]["sex"]),
        status: string(&json["status"]),
        statements: list(&json["findings"], &|f| string(&f["wording"][key])),
        alarms: list(&json["critical_values"], &|a| string(&a["id"])),
        numbers: numbers
            .iter()
            .filter_map(|(id, v)| Some((id.clone(), (tenths(v.as_f64()?), unit(id).to_string()))))
            .collect(),
    }
}

fn from_csv(report: &Report, lang: Lang) -> Facts {
    let rows = table(&text(report, "csv", lang));
    let one = |kind: &str, id: &str| {
        rows.iter().find(|r| r["kind"] == kind && r["id"] == id).map(|r| r["value"].clone()).unwrap_or_default()
    };
    let of = |kind: &str, column: &str| rows.iter().filter(|r| r["kind"] == kind).map(|r| r[column].clone()).collect();
    let sex = one("patient", "sex");
    let number =
        |r: &BTreeMap<String, String>| Some((r["id"].clone(), (tenths(r["value"].parse().ok()?), r["unit"].clone())));
    Facts {
        id: one("patient", "id"),
        name: one("patient", "name"),
        sex: sex.replace('男', "male").replace('女', "female"),
        status: one("report", "status"),
        statements: of("finding", "name"),
        alarms: of("critical-value", "id"),
        numbers: rows.iter().filter(|r| r["kind"] == "global").filter_map(number).collect(),
    }
}

/// LOINC and UCUM of the global measurements, from LOINC itself; `QTc` by other formulas share 8636-3.
const LOINC: [(&str, &str, &str); 12] = [
    ("heart_rate_bpm", "8867-4", "/min"),
    ("rr_ms", "8637-1", "ms"),
    ("pr_ms", "8625-6", "ms"),
    ("qrs_duration_ms", "8633-0", "ms"),
    ("qt_ms", "8634-8", "ms"),
    ("qtc_bazett_ms", "76635-2", "ms"),
    ("qtc_fridericia_ms", "76634-5", "ms"),
    ("qtc_framingham_ms", "8636-3", "ms"),
    ("qtc_hodges_ms", "8636-3", "ms"),
    ("p_axis_deg", "8626-4", "deg"),
    ("qrs_axis_deg", "8632-2", "deg"),
    ("t_axis_deg", "8638-9", "deg"),
];

fn from_fhir(report: &Report, lang: Lang) -> Facts {
    let bundle: Value = serde_json::from_slice(&bytes(report, "fhir", lang)).unwrap();
    let all: Vec<&Value> = bundle["entry"].as_array().unwrap().iter().map(|e| &e["resource"]).collect();
    let kind = |kind: &str| all.iter().copied().filter(|r| r["resourceType"] == kind).collect::<Vec<_>>();
    let string = |v: &Value| v.as_str().unwrap_or_default().to_string();
    let patient = kind("Patient")[0];
    let observations = kind("Observation");
    let identified = |system: &str| -> Vec<&Value> {
        observations.iter().copied().filter(|o| o["identifier"][0]["system"] == system).collect()
    };
    let panel = observations.iter().find(|o| o["code"]["coding"][0]["code"] == "34534-8").unwrap();
    let mut numbers = BTreeMap::new();
    let names: BTreeMap<String, String> = table(&text(report, "csv", lang))
        .into_iter()
        .filter(|r| r["kind"] == "global")
        .map(|r| (r["name"].clone(), r["id"].clone()))
        .collect();
    for c in panel["component"].as_array().into_iter().flatten() {
        let id = names[c["code"]["text"].as_str().unwrap()].clone();
        let quantity = &c["valueQuantity"];
        if let Some((_, loinc, ucum)) = LOINC.iter().find(|(known, ..)| *known == id) {
            assert_eq!(c["code"]["coding"][0]["code"], *loinc, "{id}");
            assert_eq!(quantity["code"], *ucum, "{id}");
        }
        assert_eq!(quantity["system"], "http://unitsofmeasure.org");
        numbers.insert(id, (tenths(quantity["value"].as_f64().unwrap()), string(&quantity["unit"])));
    }
    let sex = string(&patient["gender"]);
    Facts {
        id: string(&patient["identifier"][0]["value"]),
        name: string(&patient["name"][0]["text"]),
        sex: if sex == "unknown" { String::new() } else { sex },
        status: string(&kind("DiagnosticReport")[0]["status"]),
        statements: identified("urn:einthoven:statement")
            .iter()
            .map(|o| string(&o["valueCodeableConcept"]["text"]))
            .collect(),
        alarms: identified("urn:einthoven:critical-value")
            .iter()
            .map(|o| string(&o["identifier"][0]["value"]))
            .collect(),
        numbers,
    }
}

fn from_hl7(report: &Report, lang: Lang) -> Facts {
    let message = text(report, "hl7", lang);
    let plain = |s: &str| {
        s.replace("\\F\\", "|").replace("\\S\\", "^").replace("\\T\\", "&").replace("\\R\\", "~").replace("\\E\\", "\\")
    };
    let segments: Vec<Vec<&str>> = message.split_terminator('\r').map(|s| s.split('|').collect()).collect();
    let pid = segments.iter().find(|s| s[0] == "PID").unwrap();
    let results: Vec<&Vec<&str>> = segments.iter().filter(|s| s[0] == "OBX").collect();
    let status = match segments.iter().find(|s| s[0] == "OBR").unwrap()[25] {
        "P" => "preliminary",
        "F" => "final",
        _ => "amended",
    };
    // The local code comes last.
    let local = |field: &str, n: usize| plain(field.split('^').collect::<Vec<_>>().rchunks(3).next().unwrap()[n]);
    let number = |s: &&&Vec<&str>| s[2] == "NM";
    let named = |s: &Vec<&str>| {
        let id = local(s[3], 0);
        let unit = match s[6].split('^').next().unwrap() {
            "/min" => "bpm",
            "deg" => "°",
            other => other,
        };
        (id, (tenths(s[5].parse().unwrap()), unit.to_string()))
    };
    Facts {
        id: plain(pid[3]),
        name: plain(pid[5]),
        sex: match pid[8] {
            "F" => "female",
            "M" => "male",
            _ => "",
        }
        .into(),
        status: status.into(),
        statements: results.iter().filter(|s| s[2] == "CWE").map(|s| local(s[5], 1)).collect(),
        alarms: results
            .iter()
            .filter(|s| s[2] == "TX" && s[3].ends_with("^L") && !s[3].starts_with("comparison"))
            .map(|s| local(s[3], 0))
            .collect(),
        numbers: results.iter().filter(number).map(|s| named(s)).collect(),
    }
}

/// The waveform formats: identity, what we measured, and our statements among the device's.
fn waveform_agrees(report: &Report, id: &str, lang: Lang, facts: &Facts) {
    let back = read_back(report, id, lang);
    let name = &report.recording.name;
    assert_eq!(back.patient.id.unwrap_or_default(), facts.id, "{name}: {id}");
    assert_eq!(back.patient.name.unwrap_or_default(), facts.name, "{name}: {id}");
    assert_eq!(back.patient.sex, report.diagnosis.patient.sex, "{name}: {id}");
    for statement in &facts.statements {
        assert!(back.device.statements.contains(statement), "{name}: {id} lacks {statement}");
    }
    for (measurement, value) in &facts.numbers {
        let found = back.device.measurements.iter().find(|m| m.name == *measurement);
        // Not every format has a place for every number; what it has must be right.
        if let Some(found) = found {
            let rounding = if id == "dicom" { 10 } else { 1 };
            assert!(
                (tenths(found.value) - value.0).abs() <= rounding,
                "{name}: {id}: {measurement} {found:?} {value:?}"
            );
        }
    }
    for known in ["pr_ms", "qrs_duration_ms", "qt_ms"] {
        let has = back.device.measurements.iter().any(|m| m.name == known);
        assert_eq!(has, facts.numbers.contains_key(known), "{name}: {id}: {known}");
    }
    let ours = report.diagnosis.detection.beats.iter();
    let ours: Vec<usize> = ours.filter(|b| b.class == BeatClass::N).map(|b| b.qrs.peak).collect();
    let theirs: Vec<usize> = back.annotations.iter().filter(|a| a.code == "N").map(|a| a.sample).collect();
    assert_eq!(ours, theirs, "{name}: {id}: beats");
}

/// The pages print whole numbers; what they print is what was measured.
fn pages_agree(report: &Report, lang: Lang, facts: &Facts) {
    let name = &report.recording.name;
    let pdf = Pdf::read(&bytes(report, "pdf", lang)).all_texts().concat();
    let html = seen(&text(report, "html", lang)).join("\n");
    let unknown = if lang == Lang::Zh { "姓名未知" } else { "Name unknown" };
    for (what, page) in [("pdf", &pdf), ("html", &html)] {
        assert!(page.contains(&facts.id), "{name}: {what}: id");
        assert!(page.contains(&facts.name), "{name}: {what}: name");
        assert!(what == "html" || !facts.name.is_empty() || page.contains(unknown), "{name}: {what}: no name");
        for statement in &facts.statements {
            assert!(page.contains(statement.as_str()), "{name}: {what} lacks {statement}");
        }
        for (id, unit) in [("heart_rate_bpm", " bpm"), ("pr_ms", " ms"), ("qrs_duration_ms", " ms")] {
            if let Some((tenths, _)) = facts.numbers.get(id) {
                let printed = format!("{:.0}{unit}", *tenths as f64 / 10.0);
                let near = format!("{:.0}{unit}", *tenths as f64 / 10.0 + 0.04);
                assert!(page.contains(&printed) || page.contains(&near), "{name}: {what} lacks {id} {printed}");
            }
        }
    }
}

#[test]
fn every_output_of_every_sample_holds_the_same_facts() {
    use rayon::prelude::*;
    if !drawable() {
        return;
    }
    reports().par_iter().enumerate().for_each(|(n, report)| {
        let lang = if n % 2 == 0 { Lang::Zh } else { Lang::En };
        let facts = facts(report, lang);
        let name = &report.recording.name;
        assert_eq!(from_csv(report, lang), facts, "{name}: csv");
        assert_eq!(from_fhir(report, lang), facts, "{name}: fhir");
        let hl7 = from_hl7(report, lang);
        // Whole numbers there.
        let whole = |t: i64| tenths((t as f64 / 10.0).round());
        for (id, (value, unit)) in &facts.numbers {
            let found = &hl7.numbers[id];
            assert!((found.0 - whole(*value)).abs() <= 10 && found.1 == *unit, "{name}: hl7: {id} {found:?} {value}");
        }
        assert_eq!(Facts { numbers: facts.numbers.clone(), ..hl7 }, facts, "{name}: hl7");
        waveform_agrees(report, "dicom", lang, &facts);
        waveform_agrees(report, "aecg", lang, &facts);
        pages_agree(report, lang, &facts);
        let row = Row::of(name.as_str(), report);
        let lines = format!("{}{}", einthoven::report::batch::findings_header(), finding_rows(&row));
        let column = if lang == Lang::Zh { "finding_zh" } else { "finding_en" };
        let stated: Vec<String> = table(&lines).into_iter().map(|r| r[column].clone()).collect();
        assert_eq!(stated, facts.statements, "{name}: findings.csv");
        let lines = format!("{}{}", einthoven::report::batch::summary_header(), summary_row(&row));
        let summary = table(&lines).remove(0);
        assert_eq!(
            (&summary["patient_id"], summary["finding_count"].parse().ok()),
            (&facts.id, Some(facts.statements.len()))
        );
        for (column, id) in
            [("heart_rate_bpm", "heart_rate_bpm"), ("qtc_bazett_ms", "qtc_bazett_ms"), ("qrs_axis_deg", "qrs_axis_deg")]
        {
            let value: Option<f64> = summary[column].parse().ok();
            let known = facts.numbers.get(id).map(|n| n.0 as f64 / 10.0);
            assert!(
                value.zip(known).map_or(value.is_none() && known.is_none(), |(a, b)| (a - b).abs() <= 0.56),
                "{name}: summary {id}"
            );
        }
    });
}

/// `SampledData` is the signal: origin + factor × value every period, `E` where it is missing.
#[test]
fn fhir_waveforms_are_the_signal() {
    if !drawable() {
        return;
    }
    for report in reports()
        .iter()
        .filter(|r| ["gap", "one-lead", "normal-newborn", "dextrocardia"].contains(&r.recording.name.as_str()))
    {
        let bundle: Value = serde_json::from_slice(&bytes(report, "fhir", Lang::En)).unwrap();
        let waveform = bundle["entry"].as_array().unwrap().iter().map(|e| &e["resource"]);
        let waveform = waveform.into_iter().find(|r| r["code"]["coding"][0]["code"] == "131328").unwrap();
        let leads = waveform["component"].as_array().unwrap();
        assert_eq!(leads.len(), report.recording.leads.len());
        for (component, (lead, row)) in
            leads.iter().zip(report.recording.leads.iter().zip(report.recording.samples.rows()))
        {
            assert_eq!(component["code"]["text"], lead.as_str());
            let data = &component["valueSampledData"];
            let number = |key: &str| data[key].as_f64().unwrap();
            assert!((number("period") - 1000.0 / report.recording.rate.0).abs() < 1e-9, "the period is in ms");
            assert_eq!((data["origin"]["code"].as_str(), data["dimensions"].as_u64()), (Some("mV"), Some(1)));
            let values: Vec<&str> = data["data"].as_str().unwrap().split(' ').collect();
            assert_eq!(values.len(), row.len());
            for (value, mv) in values.iter().zip(row) {
                match value.parse::<f64>() {
                    Ok(v) => {
                        let back = data["origin"]["value"].as_f64().unwrap() + v * number("factor");
                        assert!((back - f64::from(*mv)).abs() <= 0.000_51, "{lead}: {back} {mv}");
                    }
                    Err(_) => assert!(*value == "E" && !mv.is_finite(), "{lead}: {value} {mv}"),
                }
            }
        }
    }
}

/// A message in GB 18030 says the same as one in UTF-8.
#[test]
fn hl7_says_the_same_in_both_encodings() {
    if !drawable() {
        return;
    }
    let report = &reports()[0];
    let settings = Settings { hl7_charset: Charset::Gb18030, ..Settings::new(Lang::Zh) };
    let encoded = render(report, "hl7", &settings).unwrap().unwrap();
    let (decoded, _, lossy) = encoding_rs::GB18030.decode(&encoded);
    assert!(!lossy);
    assert_eq!(decoded.replace("GB 18030-2000", "UNICODE UTF-8"), text(report, "hl7", Lang::Zh));
}
