//! `info`'s raw fields: each format lists what its file says, by the standard's names, also of damaged files.
use crate::util::data;
use assert_cmd::Command;
use einthoven::ingest::{FORMATS, Fields, Limits, Source, recognise};
use einthoven::signal::{Hz, LeadName};
use einthoven::{Recording, ingest};
use std::path::Path;

fn fields(path: &Path) -> Fields {
    let source = Source::open(path, &Limits::default()).unwrap();
    (recognise(&source).unwrap().fields)(&source)
}

/// The values of the fields at a place whose English name contains `name`.
fn values(fields: &Fields, place: &str, name: &str) -> Vec<String> {
    let found = fields.list().iter().filter(|f| f.place == place && f.name.en.contains(name));
    found.map(|f| f.value.clone()).collect()
}

#[test]
fn every_written_format_lists_what_was_written() {
    let mut r = Recording::new("x", vec![LeadName::I, LeadName::II], Hz(500.0), ndarray::Array2::ones((2, 1000)));
    r.patient.name = Some("欧阳娜".into());
    r.patient.id = Some("P-0042".into());
    for format in FORMATS.iter().filter(|f| f.write.is_some()) {
        let files = (format.write.unwrap())(&r, "x").unwrap();
        let (name, bytes) = files[0].clone();
        let source = files[1..].iter().fold(Source::memory(name, bytes), |s, (n, b)| s.with(n.clone(), b.clone()));
        let fields = (format.fields)(&source);
        for known in ["欧阳娜", "P-0042"] {
            assert!(fields.list().iter().any(|f| f.value.contains(known)), "{}: {known} in {fields:?}", format.id);
        }
        for field in fields.list() {
            assert!(!field.name.zh.is_empty() && !field.name.en.is_empty(), "{}: {field:?}", format.id);
            assert!(field.value.chars().count() < 200 && !field.value.contains('\n'), "{}: {field:?}", format.id);
        }
    }
}

#[test]
fn wfdb_tokens_by_their_names() {
    let Some(folder) = data("mitdb") else { return };
    let found = fields(&folder.join("101.hea"));
    assert_eq!(values(&found, "line 1", "sampling frequency"), ["360"]);
    assert_eq!(values(&found, "line 1", "number of samples"), ["650000"]);
    let first = |name| values(&found, "line 2", name);
    assert_eq!(
        (first("file name"), first("format"), first("checksum")),
        (vec!["101.dat".to_string()], vec!["212".to_string()], vec!["29832".to_string()],)
    );
    assert_eq!(first("description"), ["MLII"]);
}

#[test]
fn makers_files_field_by_field() {
    let Some(folder) = data("formats") else { return };
    for (file, place, name, value) in [
        ("scp/demo.scp", "section 6", "sample time interval", "1000"),
        ("scp/welchallyn-1.scp", "section 7", "ventricular rate", "82"),
        ("contec/0000050.edf", "signal 1", "physical maximum", "1000"),
        ("contec/0000050.ECG", "", "time", "2020-11-16 21:44:39"),
        ("dicom/waveform_ecg.dcm", "0002", "TransferSyntaxUID", "1.2.840.10008.1.2.1"),
        ("dicom/waveform_ecg.dcm", "WaveformSequence[1]", "SamplingFrequency", "1000"),
        ("muse/example1.xml", "RestingECGMeasurements", "VentricularRate", "48"),
        ("philips/1_03-129DYPRG.XML", "documentinfo", "documentversion", "1.03"),
        ("aecg/hl7-2003-example.xml", "effectiveTime/center", "@value", "2002112209"),
        ("kardia/1_lead.atc", "fmt", "sample rate", "300"),
        ("mfer/cns6000.mwf", "", "preamble", "MFR"),
    ] {
        let found = fields(&folder.join(file));
        let there = values(&found, place, name);
        assert!(there.iter().any(|v| v.contains(value)), "{file}: {place} {name} is {there:?}, not {value}");
        // Samples are shortened, not listed.
        assert!(found.list().len() < 4000 && found.beyond == 0, "{file}: {} fields", found.list().len());
    }
}

#[test]
fn a_refused_file_is_listed_before_the_reason() {
    let broken = Path::new(env!("CARGO_MANIFEST_DIR")).join("samples/broken");
    for (file, listed, reason) in [
        ("edf-duration-zero.edf", "number of signals", "duration"),
        ("wfdb-rate-zero.hea", "number of signals", "rate"),
        ("scp-cut.scp", "patient ID", "section"),
    ] {
        let run = Command::cargo_bin("einthoven")
            .unwrap()
            .arg("--lang")
            .arg("en")
            .arg("info")
            .arg(broken.join(file))
            .assert();
        let output = run.code(1).get_output().clone();
        let (out, err) = (String::from_utf8(output.stdout).unwrap(), String::from_utf8(output.stderr).unwrap());
        assert!(out.contains(listed) && err.contains(reason), "{file}: {out}\n{err}");
    }
}

#[test]
fn info_prints_the_fields_in_both_languages_and_as_json() {
    let dir = tempfile::tempdir().unwrap();
    let r = Recording::new("x", vec![LeadName::I], Hz(500.0), ndarray::Array2::ones((1, 3000)));
    let edf = FORMATS.iter().find(|f| f.id == "edf").unwrap();
    for (name, bytes) in (edf.write.unwrap())(&r, "x").unwrap() {
        std::fs::write(dir.path().join(name), bytes).unwrap();
    }
    let path = dir.path().join("x.edf");
    assert!(ingest::open(&path).is_ok());
    let run = |args: &[&str]| {
        let mut command = Command::cargo_bin("einthoven").unwrap();
        String::from_utf8(command.args(args).arg(&path).assert().success().get_output().stdout.clone()).unwrap()
    };
    let (zh, en) = (run(&["--lang", "zh", "info"]), run(&["--lang", "en", "info"]));
    assert!(zh.contains("第 1 路信号") && zh.contains("物理最大值") && zh.contains("读取结果"), "{zh}");
    assert!(en.contains("signal 1") && en.contains("physical maximum") && en.contains("What was understood"), "{en}");
    let json: serde_json::Value = serde_json::from_str(&run(&["info", "--json"])).unwrap();
    let field = |f: &&serde_json::Value| f["name"]["en"] == "digital maximum" && f["place"] == "signal 1";
    assert!(json["fields"].as_array().unwrap().iter().any(|f| field(&f)), "{json}");
}
