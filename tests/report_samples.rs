//! Every sample through every output: one language only.
use crate::pdf_file::Pdf;
use einthoven::ingest::{Limits, ReadOptions, Source, read};
use einthoven::interpret::RULES;
use einthoven::report::batch::{Row, Tally, Totals, index_foot, index_head, index_row, overview};
use einthoven::report::page::Item;
use einthoven::report::{Report, Settings, render};
use einthoven::text::Lang;
use einthoven::{Options, diagnose};
use serde_json::Value;
use std::collections::BTreeMap;
use std::sync::OnceLock;

/// The reports of `samples/*.hea`, made once.
pub fn reports() -> &'static [Report] {
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

pub fn drawable() -> bool {
    let found = einthoven::report::font::fonts(Lang::Zh);
    if let Err(why) = &found {
        eprintln!("skipped: {why}");
    }
    found.is_ok()
}

pub fn bytes(report: &Report, id: &str, lang: Lang) -> Vec<u8> {
    render(report, id, &Settings::new(lang)).unwrap().unwrap_or_else(|e| panic!("{}: {id}: {e}", report.recording.name))
}

pub fn text(report: &Report, id: &str, lang: Lang) -> String {
    String::from_utf8(bytes(report, id, lang)).unwrap()
}

pub fn unescape(markup: &str) -> String {
    let plain = markup.replace("&lt;", "<").replace("&gt;", ">").replace("&quot;", "\"");
    plain.replace("&#39;", "'").replace("&amp;", "&")
}

/// What a reader sees of markup: text between tags outside styles and scripts, and the attributes that are shown or read
/// aloud.
pub fn seen(markup: &str) -> Vec<String> {
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

pub fn read_back(report: &Report, id: &str, lang: Lang) -> einthoven::signal::Recording {
    let name = if id == "dicom" { "x.dcm" } else { "x.xml" };
    read(&Source::memory(name, bytes(report, id, lang)), &ReadOptions::default()).unwrap()
}

/// A CSV table with a byte order mark, a map a row.
pub fn table(csv: &str) -> Vec<BTreeMap<String, String>> {
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
    fn of(report: &Report, lang: Lang) -> Self {
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
        let cited: Vec<&str> = sources.flat_map(|s| [Some(s.said(lang)), s.doi]).flatten().chain(["doi"]).collect();
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
        let mut wrong = Vec::new();
        let owns = [Lang::Zh, Lang::En].map(|lang| (lang, Own::of(report, lang)));
        for (lang, own, id) in owns.iter().flat_map(|(lang, own)| outputs.map(|id| (*lang, own, id))) {
            if id == "dicom" && report.recording.is_empty() {
                continue;
            }
            let said = said(report, id, lang);
            if said.len() < 3 {
                wrong.push(format!("{id} {lang:?} {}: says nothing", report.recording.name));
            }
            for text in said {
                let foreign = foreign(&text, own, lang);
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
    let rows: Vec<(Row, Own)> = reports().iter().map(|r| (Row::of("7", r), Own::of(r, Lang::Zh))).collect();
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
