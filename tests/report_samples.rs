//! Every sample through every output: one language only, and the same facts read back from each.
use crate::pdf_file::Pdf;
use einthoven::detect::BeatClass;
use einthoven::ingest::{Limits, ReadOptions, Source, read};
use einthoven::interpret::RULES;
use einthoven::report::batch::{
    Row, Tally, Totals, finding_rows, index_foot, index_head, index_row, overview, summary_row,
};
use einthoven::report::page::Item;
use einthoven::report::{Charset, Report, Settings, render};
use einthoven::text::Lang;
use einthoven::{Options, diagnose};
use serde_json::Value;
use std::collections::BTreeMap;
use std::sync::OnceLock;

/// The reports of `samples/*.hea`, made once.
fn reports() -> &'static [Report] {
    static REPORTS: OnceLock<Vec<Report>> = OnceLock::new();
    REPORTS.get_or_init(|| {
        use rayon::prelude::*;
        let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("samples");
        let mut headers: Vec<_> = std::fs::read_dir(folder)
            .unwrap()
            .map(|e| e.unwrap().path())
            .filter(|p| p.extension().is_some_and(|e| e == "hea"))
            .collect();
        headers.sort();
        assert!(headers.len() > 60, "{} samples", headers.len());
        let one = |path: &std::path::PathBuf| {
            let source = Source::open(path, &Limits::default()).unwrap();
            let recording = read(&source, &ReadOptions::default()).unwrap();
            let diagnosis = diagnose(&recording, &Options::default());
            Report::new(recording, diagnosis, None)
        };
        headers.par_iter().map(one).collect()
    })
}

fn drawable() -> bool {
    let found = einthoven::report::font::fonts(Lang::Zh);
    if let Err(why) = &found {
        eprintln!("skipped: {why}");
    }
    found.is_ok()
}

fn bytes(report: &Report, id: &str, lang: Lang) -> Vec<u8> {
    render(report, id, &Settings::new(lang)).unwrap().unwrap_or_else(|e| panic!("{}: {id}: {e}", report.recording.name))
}

fn text(report: &Report, id: &str, lang: Lang) -> String {
    String::from_utf8(bytes(report, id, lang)).unwrap()
}

pub fn unescape(markup: &str) -> String {
    let plain = markup.replace("&lt;", "<").replace("&gt;", ">").replace("&quot;", "\"");
    plain.replace("&#39;", "'").replace("&amp;", "&")
}

/// What a reader sees of markup: text between tags outside styles and scripts, and the attributes that are shown or read
/// aloud.
fn seen(markup: &str) -> Vec<String> {
    let mut said = Vec::new();
    let mut rest = markup;
    while let Some(at) = rest.find('<') {
        said.push(unescape(&rest[..at]));
        let end = at + rest[at..].find('>').expect("a tag ends");
        let tag = &rest[at..=end];
        rest = &rest[end + 1..];
        for shown in [" alt=\"", " aria-label=\"", " title=\"", " placeholder=\"", " data-label=\""] {
            let value = tag.split_once(shown).and_then(|(_, after)| after.split_once('"'));
            said.extend(value.map(|(value, _)| unescape(value)));
        }
        for hidden in ["style", "script"] {
            if tag.starts_with(&format!("<{hidden}")) {
                rest = rest.split_once(&format!("</{hidden}>")).expect("it closes").1;
            }
        }
    }
    said.push(unescape(rest));
    said.retain(|s| !s.trim().is_empty());
    said
}

/// Texts of one language in a JSON value: of pairs of both, that of `lang`.
fn pairs(value: &Value, lang: Lang, into: &mut Vec<String>) {
    match value {
        Value::Object(fields) => {
            if let (Some(zh), Some(en)) = (fields.get("zh"), fields.get("en")) {
                let said = if lang == Lang::Zh { zh } else { en };
                into.push(said.as_str().unwrap().to_string());
            }
            fields.values().for_each(|v| pairs(v, lang, into));
        }
        Value::Array(items) => items.iter().for_each(|v| pairs(v, lang, into)),
        _ => {}
    }
}

/// A FHIR value's texts for people; `display` is the code system's own English name.
fn human(value: &Value, key: &str, into: &mut Vec<String>) {
    match value {
        Value::Object(fields) => fields.iter().for_each(|(key, v)| human(v, key, into)),
        Value::Array(items) => items.iter().for_each(|v| human(v, key, into)),
        Value::String(said) if ["text", "conclusion", "valueString"].contains(&key) => into.push(said.clone()),
        _ => {}
    }
}

/// A message's texts for people: names of local codes, values that are texts, notes.
fn human_hl7(message: &str) -> Vec<String> {
    let mut said = Vec::new();
    for segment in message.split('\r') {
        let fields: Vec<&str> = segment.split('|').collect();
        match fields[0] {
            "NTE" => said.push(fields[3].to_string()),
            "OBX" => {
                for field in [fields[3], fields[5]] {
                    let parts: Vec<&str> = field.split('^').collect();
                    let local = parts.chunks(3).filter(|c| c.len() == 3 && c[2] == "L").map(|c| c[1].to_string());
                    said.extend(local);
                }
                if fields[2] == "TX" {
                    said.push(fields[5].to_string());
                }
            }
            _ => {}
        }
    }
    said
}

/// All that an output says to people in `lang`.
fn said(report: &Report, id: &str, lang: Lang) -> Vec<String> {
    match id {
        "svg" | "html" => seen(&text(report, id, lang)),
        "pdf" => {
            let bytes = bytes(report, id, lang);
            let pdf = Pdf::read(&bytes);
            let Some(einthoven_metadata) = pdf.at(&pdf.trailer, &["Root"]).and_then(|r| r.get("Metadata")) else {
                panic!("no metadata")
            };
            let xmp = String::from_utf8(pdf.stream(einthoven_metadata)).unwrap();
            let described = ["dc:title", "dc:description"].map(|name| {
                let element =
                    xmp.split_once(&format!("<{name}>")).unwrap().1.split_once(&format!("</{name}>")).unwrap().0;
                seen(element).join(" ")
            });
            pdf.all_texts().into_iter().chain(described).collect()
        }
        "json" => {
            let mut found = Vec::new();
            pairs(&serde_json::from_slice(&bytes(report, id, lang)).unwrap(), lang, &mut found);
            found
        }
        "csv" => table(&text(report, id, lang)).into_iter().map(|row| row["name"].clone()).collect(),
        "fhir" => {
            let mut found = Vec::new();
            human(&serde_json::from_slice(&bytes(report, id, lang)).unwrap(), "", &mut found);
            found
        }
        "hl7" => human_hl7(&text(report, id, lang)),
        "dicom" | "aecg" => read_back(report, id, lang).device.statements,
        other => panic!("{other}"),
    }
}

fn read_back(report: &Report, id: &str, lang: Lang) -> einthoven::signal::Recording {
    let name = if id == "dicom" { "x.dcm" } else { "x.xml" };
    read(&Source::memory(name, bytes(report, id, lang)), &ReadOptions::default()).unwrap()
}

/// A CSV table with a byte order mark, a map a row.
fn table(csv: &str) -> Vec<BTreeMap<String, String>> {
    let mut reader = csv::Reader::from_reader(csv.strip_prefix('\u{feff}').expect("a byte order mark").as_bytes());
    let head = reader.headers().unwrap().clone();
    let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_';
    assert!(
        head.iter().all(|h| h.chars().all(plain)),
        "heads are names for programs, the same in both languages: {head:?}"
    );
    let row = |r: csv::StringRecord| head.iter().map(String::from).zip(r.iter().map(String::from)).collect();
    reader.records().map(|r| row(r.unwrap())).collect()
}

/// Words of Latin letters that a Chinese report may hold: what a Chinese cardiologist writes so.
const LATIN: &str = "
    I II III aVR aVL aVF RaVL RV SV V MLII X Y Z P PR PP PQ Q QRS QS QT QU QTc R RR S ST T U J RS RSR Rs rS rSr rSR rsr rsR
    qR Qr Qrs qRs q r M n on A B F f SIQIIITIII PTFV PTF RMSSD
    ms mV bpm mm s Hz nV uV mmHg cm kg
    Bazett Fridericia Framingham Hodges Brugada Cabrera Cornell Sokolow Lyon Peguero Lo Presti Wellens de Winter Osborn
    Epsilon Lewis Mobitz Wenckebach Fontaine Morris WPW Sgarbossa Smith Vereckei Butler Einthoven Frank Lorenz Minnesota
    AHA SCP ECG WFDB DICOM HL JSON CSV PDF HTML SHA EC einthoven CRC";

/// What in a report is the patient's, the file's, the device's or a citation, and so in its own language.
struct Own {
    /// Texts that may stand anywhere, the longest first.
    parts: Vec<String>,
    /// Citations, which lines may break.
    cited: Vec<&'static str>,
}

impl Own {
    fn of(report: &Report) -> Self {
        let (recording, patient) = (&report.recording, &report.diagnosis.patient);
        let origin = &recording.origin;
        let known = [&patient.name, &patient.id, &origin.device, &origin.filters];
        let mut parts: Vec<String> = known.into_iter().flatten().cloned().collect();
        parts.extend([recording.name.clone(), origin.sha256.clone(), origin.format.to_string()]);
        // As much of the hash as its line has room for.
        parts.extend((3..=12).map(|n| origin.sha256[..n].to_string()));
        parts.extend(recording.device.statements.iter().cloned());
        let odd = |l: &&str| latin(l).any(|w| !LATIN.split_ascii_whitespace().any(|known| known == w));
        parts.extend(recording.leads.iter().map(einthoven::signal::LeadName::as_str).filter(odd).map(String::from));
        let sources = report.diagnosis.interpretation.findings.iter().map(|f| f.rule.source);
        let cited: Vec<&str> = sources.flat_map(|s| [Some(s.cite), s.doi]).flatten().chain(["doi"]).collect();
        // Whole citations first: a short part within one would break its words.
        parts.extend(cited.iter().filter(|c| c.len() > 3).map(|c| (*c).to_string()));
        parts.sort_by_key(|s| std::cmp::Reverse(s.len()));
        parts.retain(|s| !s.is_empty());
        Self { parts, cited }
    }

    const NOTHING: &'static Self = &Self { parts: Vec::new(), cited: Vec::new() };
}

/// The words of Latin letters in a text.
fn latin(text: &str) -> impl Iterator<Item = String> {
    let words = text.split(|c: char| !(c.is_ascii_alphabetic() || c == '\'' || c == '′'));
    words.map(|w| w.trim_matches(['\'', '′']).replace(['\'', '′'], "")).filter(|w| !w.is_empty())
}

fn is_han(c: char) -> bool {
    matches!(c, '\u{2e80}'..='\u{9fff}' | '\u{f900}'..='\u{ffee}' | '\u{20000}'..='\u{3ffff}')
}

/// What is of the wrong language in a text.
fn foreign(said: &str, own: &Own, lang: Lang) -> Vec<String> {
    let plain = own.parts.iter().fold(said.to_string(), |s, part| s.replace(part.as_str(), " "));
    if lang == Lang::En {
        // 〓 stands for what no font has.
        let wrong = |w: &&str| w.chars().any(|c| is_han(c) && c != '〓') && !own.cited.iter().any(|c| c.contains(w));
        return plain.split(' ').filter(wrong).map(String::from).collect();
    }
    let wrong = |w: &String| {
        LATIN.split_ascii_whitespace().all(|known| known != w) && !own.cited.iter().any(|c| latin(c).any(|c| c == *w))
    };
    latin(&plain).filter(wrong).collect()
}

#[test]
fn every_output_of_every_sample_is_in_one_language() {
    use rayon::prelude::*;
    if !drawable() {
        return;
    }
    let outputs = ["svg", "html", "pdf", "json", "csv", "fhir", "hl7", "dicom", "aecg"];
    let of = |report: &Report| {
        let own = Own::of(report);
        let mut wrong = Vec::new();
        for (lang, id) in [Lang::Zh, Lang::En].into_iter().flat_map(|lang| outputs.map(|id| (lang, id))) {
            if id == "dicom" && report.recording.is_empty() {
                continue;
            }
            let said = said(report, id, lang);
            if said.len() < 3 {
                wrong.push(format!("{id} {lang:?} {}: says nothing", report.recording.name));
            }
            for text in said {
                let foreign = foreign(&text, &own, lang);
                if !foreign.is_empty() {
                    wrong.push(format!("{id} {lang:?} {}: {foreign:?} in «{text}»", report.recording.name));
                }
            }
        }
        wrong
    };
    let wrong: Vec<String> = reports().par_iter().flat_map_iter(of).collect();
    assert!(wrong.is_empty(), "{}\n{} in all", wrong[..wrong.len().min(60)].join("\n"), wrong.len());
}

#[test]
fn the_batch_is_in_one_language() {
    if !drawable() {
        return;
    }
    let rows: Vec<(Row, Own)> = reports().iter().map(|r| (Row::of("7", r), Own::of(r))).collect();
    let (mut totals, mut tally) = (Totals::default(), Tally::default());
    for (row, _) in &rows {
        totals.add(row);
        tally.add(row);
    }
    for lang in [Lang::Zh, Lang::En] {
        let mut said: Vec<(String, &Own)> = Vec::new();
        for (row, own) in &rows {
            said.extend(seen(&index_row(row, lang)).into_iter().map(|s| (s, own)));
        }
        for part in [index_head(&totals, lang), index_foot(lang)] {
            said.extend(seen(&part).into_iter().map(|s| (s, Own::NOTHING)));
        }
        let page = overview(&tally, None, &Settings::new(lang)).unwrap();
        said.extend(
            page.items
                .iter()
                .filter_map(|i| if let Item::Text(l) = i { Some((l.text.clone(), Own::NOTHING)) } else { None }),
        );
        let wrong: Vec<_> = said.iter().filter(|(s, own)| !foreign(s, own, lang).is_empty()).map(|(s, _)| s).collect();
        assert!(wrong.is_empty(), "{lang:?}: {wrong:?}");
    }
}

/// The statements that no sample fires too.
#[test]
fn every_statement_and_its_criteria_are_in_one_language() {
    for rule in RULES {
        for text in [&rule.text, &rule.criteria] {
            assert!(foreign(&text.en, Own::NOTHING, Lang::En).is_empty(), "{}: {}", rule.id, text.en);
            let wrong = foreign(&text.zh, Own::NOTHING, Lang::Zh);
            assert!(wrong.is_empty(), "{}: {wrong:?} in {}", rule.id, text.zh);
        }
    }
}

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
