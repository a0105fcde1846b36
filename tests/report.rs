//! Reports: every output says the same, by its published shape.
#[path = "fixture.rs"]
pub mod fixture;

pub use fixture::report;

use einthoven::detect::Detection;
use einthoven::ingest::ReadError;
use einthoven::interpret::{Interpretation, Verdict};
use einthoven::measure::Measurements;
use einthoven::pipeline::Diagnosis;
use einthoven::report::batch::{Outcome, Row, Totals, index_foot, index_head, index_row, summary_header, summary_row};
use einthoven::report::{Report, Settings, render, schema};
use einthoven::signal::{Hz, LeadName, Patient, Recording};
use einthoven::text::Lang;
use ndarray::Array2;
use serde_json::Value;

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

pub fn signed() -> Report {
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
    assert_eq!(summary.headlines[0].1.en, "Probable left bundle branch block");
    let path = &summary.thumbnail.as_ref().unwrap().path;
    assert!(path.starts_with('M') && path.len() > 200 && path.len() < 3000, "{} {path}", path.len());
    for lang in [Lang::Zh, Lang::En] {
        let line = index_row(&row, lang);
        assert!(line.contains("&lt;a&gt;.dat") && !line.contains("<a>.dat"), "{line}");
        assert!(line.contains("href=\"./clinic%201/%231.pdf\""), "{line}");
        assert!(line.contains(if lang == Lang::Zh {
            "完全性左束支传导阻滞"
        } else {
            "left bundle branch block"
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

/// Curves and style sheets cut short: the snapshots are for reading.
fn squash(markup: &str) -> String {
    let mut out = String::new();
    for (n, piece) in markup.split(" d=\"").enumerate() {
        if n == 0 {
            out.push_str(piece);
            continue;
        }
        let (data, rest) = piece.split_once('"').unwrap();
        let start: String = data.chars().take(60).collect();
        let length = data.len().to_string();
        out.extend([" d=\"", &start, "… (", &length, " bytes)\"", rest]);
    }
    let (head, rest) = out.split_once("<style>").unwrap_or((&out, ""));
    let rest = rest.split_once("</style>").map_or(rest, |(_, after)| after);
    format!("{head}{rest}").replace("><", ">\n<")
}

#[test]
fn snapshots() {
    insta::assert_snapshot!("json", String::from_utf8(bytes(&report(), "json", Lang::Zh)).unwrap());
    if einthoven::report::font::fonts(Lang::Zh).is_ok_and(|f| f.family() == "Noto Sans CJK SC") {
        drawings();
    } else {
        eprintln!("skipped: the snapshots of drawings are measured with Noto Sans CJK SC");
    }
}

fn drawings() {
    for lang in [Lang::Zh, Lang::En] {
        for output in ["svg", "html"] {
            let made = String::from_utf8(bytes(&report(), output, lang)).unwrap();
            insta::assert_snapshot!(format!("{output}-{}", lang.tag()), squash(&made));
        }
    }
}

#[test]
fn every_output_holds_the_same_facts() {
    if einthoven::report::font::fonts(Lang::Zh).is_err() {
        eprintln!("skipped: no Chinese font");
        return;
    }
    let report = report();
    for lang in [Lang::Zh, Lang::En] {
        for output in ["svg", "html"] {
            let made = String::from_utf8(bytes(&report, output, lang)).unwrap();
            for finding in &report.diagnosis.interpretation.findings {
                assert!(made.contains(finding.wording().get(lang)), "{output} lacks {}", finding.rule.id);
            }
            for fact in ["75 bpm", "420 / 470 ms", "148 ms", "欧阳㛃", "0042"] {
                assert!(made.contains(fact), "{output} lacks {fact}");
            }
        }
        let table = String::from_utf8(bytes(&report, "csv", lang)).unwrap();
        let mut reader = csv::Reader::from_reader(table.trim_start_matches('\u{feff}').as_bytes());
        let rows: Vec<csv::StringRecord> = reader.records().collect::<Result<_, _>>().unwrap();
        let value = |kind: &str, lead: &str, id: &str| {
            let found = rows.iter().find(|r| &r[0] == kind && &r[1] == lead && &r[2] == id);
            found.unwrap_or_else(|| panic!("no {kind} {lead} {id}"))[4].to_string()
        };
        assert_eq!(value("global", "", "qtc_bazett_ms"), "469.5743");
        assert_eq!(value("global", "", "p_axis_deg"), "");
        assert_eq!(value("lead", "V1", "s_mv"), "-0.3");
        assert_eq!(value("evidence", "", "left-bundle-branch-block"), "148");
    }
}

#[test]
fn dicom_holds_the_pdf_and_says_whether_it_is_verified() {
    use dicom_dictionary_std::tags;
    use dicom_object::OpenFileOptions;
    if einthoven::report::font::fonts(Lang::Zh).is_err() {
        eprintln!("skipped: no Chinese font");
        return;
    }
    for (report, verified) in [(report(), "UNVERIFIED"), (signed(), "VERIFIED")] {
        let object = bytes(&report, "dicom-pdf", Lang::Zh);
        let object = OpenFileOptions::new().from_reader(std::io::Cursor::new(object)).unwrap();
        let text = |tag| object.element(tag).unwrap().to_str().unwrap().trim().to_string();
        assert_eq!(text(tags::PATIENT_NAME), "欧阳㛃");
        assert_eq!(text(tags::VERIFICATION_FLAG), verified);
        let length: u32 = object.element(tags::ENCAPSULATED_DOCUMENT_LENGTH).unwrap().to_int().unwrap();
        let document = object.element(tags::ENCAPSULATED_DOCUMENT).unwrap().to_bytes().unwrap();
        assert!(document[..length as usize] == bytes(&report, "pdf", Lang::Zh));
    }
}

#[test]
fn a_batch_on_one_page_tells_poor_senders_first() {
    use einthoven::report::batch::{Tally, overview, overview_pdf};
    use einthoven::report::page::Item;
    if einthoven::report::font::fonts(Lang::Zh).is_err() {
        eprintln!("skipped: no Chinese font");
        return;
    }
    let mut tally = Tally::default();
    for n in 0..40 {
        tally.add(&Row::of(format!("county/good {}/{n}.dat", n % 4), &report()));
    }
    tally.add(&Row::unread("county/bad/1.dat", &ReadError::Unrecognized));
    for lang in [Lang::Zh, Lang::En] {
        let settings = Settings::new(lang);
        let page = overview(&tally, None, &settings).unwrap();
        let texts: Vec<&str> = page
            .items
            .iter()
            .filter_map(|i| if let Item::Text(l) = i { Some(l.text.as_str()) } else { None })
            .collect();
        let at = |said: &str| texts.iter().position(|t| *t == said).unwrap_or_else(|| panic!("{said} in {texts:?}"));
        assert!(at("county/bad") < at("county/good 0"));
        let share = if lang == Lang::Zh { "40（97.6 %）" } else { "40  (97.6 %)" };
        assert!(texts.contains(&share), "{texts:?}");
        assert!(overview_pdf(&tally, None, &settings).unwrap().starts_with(b"%PDF"));
    }
}

#[test]
fn a_batch_has_a_row_a_finding_and_its_turnaround() {
    use einthoven::report::batch::{finding_rows, findings_header};
    let mut report = report();
    report.recording.start = Some(jiff::civil::date(2026, 3, 1).at(8, 0, 0, 0));
    report.created = Some("2026-03-01T10:30:00+08:00[+08:00]".parse().unwrap());
    let row = Row::of("clinic/a.dat", &report);
    let Outcome::Reported(summary) = &row.outcome else { panic!("reported") };
    assert_eq!(summary.turnaround_min, Some(150.0));
    let table = findings_header() + &finding_rows(&row) + &finding_rows(&Row::unread("b", &ReadError::Unrecognized));
    let mut reader = csv::Reader::from_reader(table.trim_start_matches('\u{feff}').as_bytes());
    let rows: Vec<csv::StringRecord> = reader.records().collect::<Result<_, _>>().unwrap();
    assert_eq!(rows.len(), report.diagnosis.interpretation.findings.len());
    assert_eq!((&rows[1][0], &rows[1][3], &rows[1][6]), ("clinic/a.dat", "left-bundle-branch-block", "probable"));
    assert_eq!((&rows[1][7], &rows[1][10]), ("考虑完全性左束支传导阻滞", "104"));
    // A clock that is wrong makes no negative time.
    report.recording.start = Some(jiff::civil::date(2026, 3, 2).at(8, 0, 0, 0));
    let Outcome::Reported(summary) = Row::of("a", &report).outcome else { panic!("reported") };
    assert_eq!(summary.turnaround_min, None);
    if einthoven::report::font::fonts(Lang::Zh).is_err() {
        return;
    }
    let mut tally = einthoven::report::batch::Tally::default();
    tally.add(&row);
    let page = einthoven::report::batch::overview(&tally, None, &Settings::new(Lang::En)).unwrap();
    let said =
        |text: &str| page.items.iter().any(|i| matches!(i, einthoven::report::page::Item::Text(l) if l.text == text));
    assert!(said("2 h 30 min"), "the worst turn-around is not told");
}

/// A red square of 2 × 2 pixels.
pub fn logo() -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut encoder = png::Encoder::new(&mut bytes, 2, 2);
    encoder.set_color(png::ColorType::Rgb);
    encoder.write_header().unwrap().write_image_data(&[200, 0, 0, 200, 0, 0, 200, 0, 0, 200, 0, 0]).unwrap();
    bytes
}

/// A red square of 8 × 8 pixels, baseline JPEG.
#[rustfmt::skip]
const JPEG: &[u8] = &[
    255, 216, 255, 224, 0, 16, 74, 70, 73, 70, 0, 1, 1, 0, 0, 1, 0, 1, 0, 0, 255, 219, 0, 67, 0, 3, 2, 2,
    3, 2, 2, 3, 3, 3, 3, 4, 3, 3, 4, 5, 8, 5, 5, 4, 4, 5, 10, 7, 7, 6, 8, 12, 10, 12, 12, 11,
    10, 11, 11, 13, 14, 18, 16, 13, 14, 17, 14, 11, 11, 16, 22, 16, 17, 19, 20, 21, 21, 21, 12, 15, 23, 24, 22, 20,
    24, 18, 20, 21, 20, 255, 219, 0, 67, 1, 3, 4, 4, 5, 4, 5, 9, 5, 5, 9, 20, 13, 11, 13, 20, 20, 20, 20,
    20, 20, 20, 20, 20, 20, 20, 20, 20, 20, 20, 20, 20, 20, 20, 20, 20, 20, 20, 20, 20, 20, 20, 20, 20, 20, 20, 20,
    20, 20, 20, 20, 20, 20, 20, 20, 20, 20, 20, 20, 20, 20, 20, 20, 20, 20, 255, 192, 0, 17, 8, 0, 8, 0, 8, 3,
    1, 34, 0, 2, 17, 1, 3, 17, 1, 255, 196, 0, 21, 0, 1, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
    0, 0, 0, 8, 255, 196, 0, 20, 16, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 255, 196,
    0, 21, 1, 1, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 7, 9, 255, 196, 0, 20, 17, 1, 0,
    0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 255, 218, 0, 12, 3, 1, 0, 2, 17, 3, 17, 0, 63,
    0, 146, 128, 18, 40, 91, 255, 217,
];

#[test]
fn the_centres_logo_is_in_every_drawing() {
    if einthoven::report::font::fonts(Lang::Zh).is_err() {
        eprintln!("skipped: no Chinese font");
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("logo.png"), logo()).unwrap();
    std::fs::write(folder.path().join("broken.jpg"), b"\xff\xd8\xff\xe0").unwrap();
    std::fs::write(folder.path().join("logo.jpg"), JPEG).unwrap();
    let read = |toml: &str| Settings::read_in(toml, folder.path(), Lang::Zh);
    let why = read("logo = \"broken.jpg\"").unwrap_err();
    assert!(why.zh.contains("PNG 或 JPEG") && why.en.contains("broken.jpg"), "{why:?}");
    let jpeg = read("logo = \"logo.jpg\"").unwrap();
    let settings = read("logo = \"logo.png\"").unwrap();
    let made = |id: &str, settings: &Settings| render(&report(), id, settings).unwrap().unwrap();
    for id in ["svg", "html"] {
        assert!(String::from_utf8(made(id, &settings)).unwrap().contains("data:image/png;base64,iVBOR"), "{id}");
    }
    let plain = Settings::new(Lang::Zh);
    for id in ["png", "pdf"] {
        assert!(made(id, &settings) != made(id, &plain), "{id} is the same without the logo");
    }
    let svg = String::from_utf8(made("svg", &jpeg)).unwrap();
    assert!(svg.contains("data:image/jpeg;base64,/9j/"), "the JPEG is embedded as it is");
    assert!(made("pdf", &jpeg) != made("pdf", &plain), "pdf is the same without the JPEG");
    red_logo(&made("png", &settings));
    red_logo(&made("png", &jpeg));
}

/// The middle of the logo is red.
fn red_logo(picture: &[u8]) {
    let mut reader = png::Decoder::new(std::io::Cursor::new(picture)).read_info().unwrap();
    let mut pixels = vec![0; reader.output_buffer_size().unwrap()];
    let frame = reader.next_frame(&mut pixels).unwrap();
    // The middle of the logo: 16 + 4.7 mm from the left, 9.3 mm from the top, at 150 dots an inch.
    let at = |mm: f32| (mm * 150.0 / 25.4) as usize;
    let pixel = at(9.3) * frame.line_size + at(20.7) * 3;
    let near = pixels[pixel..pixel + 3].iter().zip([200, 0, 0]).all(|(seen, drawn)| seen.abs_diff(drawn) <= 3);
    assert!(near, "{:?}", &pixels[pixel..pixel + 3]);
}

#[cfg(feature = "parquet")]
#[test]
fn parquet_tables_say_what_the_csv_tables_say() {
    use einthoven::report::batch::{finding_cells, findings_table, summary_table};
    use parquet::file::reader::{FileReader, SerializedFileReader};
    use parquet::record::Field;
    let rows = [Row::of("=a.dat", &report()), Row::unread("b.dat", &ReadError::Unrecognized)];
    let mut summary = summary_table(tempfile::tempfile().unwrap()).unwrap();
    let mut findings = findings_table(tempfile::tempfile().unwrap()).unwrap();
    for row in &rows {
        summary.add_summary(row).unwrap();
        findings.add_findings(row).unwrap();
    }
    let read = |file: std::fs::File| {
        let reader = SerializedFileReader::new(file).unwrap();
        reader
            .get_row_iter(None)
            .unwrap()
            .map(|r| r.unwrap().get_column_iter().map(|(k, v)| (k.clone(), v.clone())).collect())
            .collect::<Vec<Vec<(String, Field)>>>()
    };
    let summary = read(summary.finish().unwrap());
    let csv = summary_header() + &rows.iter().map(summary_row).collect::<String>();
    let mut csv = csv::Reader::from_reader(csv.trim_start_matches('\u{feff}').as_bytes());
    let heads = csv.headers().unwrap().clone();
    for (row, line) in summary.iter().zip(csv.records().map(Result::unwrap)) {
        assert_eq!(row.len(), heads.len());
        for (((name, field), head), cell) in row.iter().zip(&heads).zip(&line) {
            assert_eq!(name, head);
            match field {
                Field::Null => assert_eq!(cell, "", "{name}"),
                Field::Str(s) => assert_eq!(s, cell.strip_prefix('\'').unwrap_or(cell), "{name}"),
                Field::Double(v) => assert_eq!(*v, cell.parse::<f64>().unwrap(), "{name}"),
                other => panic!("{name}: {other:?}"),
            }
        }
    }
    let findings = read(findings.finish().unwrap());
    assert_eq!(findings.len(), finding_cells(&rows[0]).len());
}
