//! `convert`, `info` and `annotate` as their users call them.
use crate::util::data;
use assert_cmd::Command;
use einthoven::signal::{LeadName, Sex};
use einthoven::{Recording, open};
use std::fs;
use std::path::Path;

fn einthoven() -> Command {
    let mut command = Command::cargo_bin("einthoven").unwrap();
    command.args(["--lang", "en"]);
    command
}

/// A recording of two patients' worth of secrets, as our JSON.
fn secret(folder: &Path, name: &str, day: u8) {
    let samples: Vec<f32> = (0..2000).map(|i| ((i % 400) as f32 - 200.0).abs() / 200.0).collect();
    let json = serde_json::json!({
        "format": "einthoven-recording", "version": 1, "name": name, "rate_hz": 500, "leads": ["I", "II"],
        "start": format!("2026-11-{day:02}T08:00:00"),
        "patient": {"id": "MRN-77123", "name": "王小明", "sex": "male", "birth": "1961-02-03"},
        "comments": ["王小明,2026-11-20 入院", "Dx: 426783006"],
        "device_findings": {"statements": ["Confirmed by: Dr. Who", "Sinus rhythm"]},
        "samples": [samples, samples],
    });
    fs::write(folder.join(format!("{name}.json")), json.to_string()).unwrap();
}

fn only_file(folder: &Path, extension: &str) -> Recording {
    let mut found = fs::read_dir(folder).unwrap().map(|e| e.unwrap().path());
    open(found.find(|p| p.extension().is_some_and(|e| e == extension)).unwrap()).unwrap()
}

#[test]
fn anonymised_files_hold_nothing_of_the_patient() {
    let dir = tempfile::tempdir().unwrap();
    fs::create_dir(dir.path().join("王小明")).unwrap();
    secret(&dir.path().join("王小明"), "王小明-77123", 24);
    for to in ["wfdb", "csv", "json", "edf", "wav", "dicom", "scp"] {
        let out = dir.path().join(to);
        let mut run = einthoven();
        run.arg("convert").arg(dir.path().join("王小明")).args(["--to", to, "--out"]).arg(&out);
        run.args(["--anonymize", "--key", "secret of the centre"]).assert().success();
        for entry in walkdir::WalkDir::new(&out).into_iter().map(Result::unwrap) {
            let name = entry.file_name().to_string_lossy().into_owned();
            assert!(!name.contains('王') && !name.contains("77123"), "{to}: {name}");
            if entry.file_type().is_file() {
                let bytes = fs::read(entry.path()).unwrap();
                let gb: &[u8] = &[0xcd, 0xf5, 0xd0, 0xa1]; // 王小 in GB18030
                let secrets = ["王小明".as_bytes(), gb, b"77123", b"2026", b"1961", b"Dr. Who"];
                for secret in secrets {
                    let there = bytes.windows(secret.len()).any(|w| w == secret);
                    assert!(!there, "{to}: {name} holds {:?}", String::from_utf8_lossy(secret));
                }
            }
        }
        let report = fs::read_to_string(out.join("anonymized.csv")).unwrap();
        assert!(report.contains("patient.name,1") && report.contains("comments,1"), "{report}");
    }
    let r = only_file(&dir.path().join("json"), "json");
    assert_eq!((r.patient.sex, r.patient.age), (Some(Sex::Male), Some(65.0)));
    assert!(r.patient.id.unwrap().starts_with("anon-"));
    assert_eq!(r.device.statements[1], "Sinus rhythm");
}

#[test]
fn a_key_is_needed_and_inputs_are_never_written_over() {
    let dir = tempfile::tempdir().unwrap();
    secret(dir.path(), "a", 24);
    let input = dir.path().join("a.json");
    let before = fs::read(&input).unwrap();
    let keyless =
        einthoven().arg("convert").arg(&input).args(["--to", "csv", "--anonymize", "--out"]).arg(dir.path()).assert();
    keyless.code(2);
    let unknown = einthoven().arg("convert").arg(&input).args(["--to", "muse", "--out"]).arg(dir.path()).assert();
    unknown.code(2);
    let over = einthoven().arg("convert").arg(&input).args(["--to", "json", "--out"]).arg(dir.path()).assert();
    let over = over.code(1);
    assert!(String::from_utf8_lossy(&over.get_output().stderr).contains("write over"));
    assert_eq!(fs::read(&input).unwrap(), before);
    // Beside an input is no harm, and twice is the same.
    for _ in 0..2 {
        einthoven().arg("convert").arg(&input).args(["--to", "csv", "--out"]).arg(dir.path()).assert().success();
    }
    // A broken file costs itself only.
    fs::write(dir.path().join("b.json"), "{\"format\":\"einthoven-recording\"").unwrap();
    let out = dir.path().join("out");
    let some =
        einthoven().arg("convert").arg(dir.path().join("*.json")).args(["--to", "wfdb", "--out"]).arg(&out).assert();
    some.code(1);
    assert!(out.join("a.hea").is_file() && out.join("a.dat").is_file() && !out.join("b.hea").exists());
}

#[test]
fn resampled_and_with_fewer_leads() {
    let Some(folder) = data("ludb") else { return };
    let out = tempfile::tempdir().unwrap();
    let mut run = einthoven();
    run.arg("convert").arg(folder.join("1.hea")).args(["--to", "json", "--out"]).arg(out.path());
    run.args(["--resample", "250", "--leads", "V6,II"]).assert().success();
    let (new, old) = (only_file(out.path(), "json"), open(folder.join("1.hea")).unwrap());
    assert_eq!((new.rate.0, new.len(), new.leads.clone()), (250.0, 2500, vec![LeadName::V6, LeadName::II]));
    let (a, b) = (new.lead(&LeadName::II).unwrap(), old.lead(&LeadName::II).unwrap());
    let rms = ((100..2400).map(|i| (a[i] - b[2 * i]).powi(2)).sum::<f32>() / 2300.0).sqrt();
    assert!(rms < 0.01, "an ECG has little above 114 Hz: {rms} mV RMS");
    let half =
        |r: &Recording| r.annotations.iter().filter(|m| &*m.annotator == "ii").map(|m| m.sample).collect::<Vec<_>>();
    assert!(half(&new).iter().zip(half(&old)).all(|(a, b)| a.abs_diff(b / 2) <= 1));
}

#[test]
fn info_tells_what_was_understood() {
    let dir = tempfile::tempdir().unwrap();
    secret(dir.path(), "a", 24);
    let run = einthoven().arg("info").arg(dir.path().join("a.json")).arg("--json").assert().success();
    let info: serde_json::Value = serde_json::from_slice(&run.get_output().stdout).unwrap();
    assert_eq!((info["rate_hz"].as_f64(), info["samples"].as_u64()), (Some(500.0), Some(2000)));
    assert_eq!(info["patient"]["name"], "王小明");
    assert_eq!(info["leads"].as_array().unwrap().len(), 6);
    assert_eq!(info["leads"][2]["derived"], true);
    let mut chinese = Command::cargo_bin("einthoven").unwrap();
    let run = chinese.args(["--lang", "zh", "info"]).arg(dir.path().join("a.json")).assert().success();
    let text = String::from_utf8(run.get_output().stdout.clone()).unwrap();
    assert!(text.contains("患者编号") && text.contains("MRN-77123") && text.contains("Sinus rhythm"), "{text}");
}

#[test]
fn annotations_are_what_was_detected() {
    use einthoven::detect::detect;
    use einthoven::ingest::wfdb::annotations;
    let Some(folder) = data("ludb") else { return };
    let out = tempfile::tempdir().unwrap();
    einthoven().arg("annotate").arg(folder.join("1.hea")).args(["--waves", "--out"]).arg(out.path()).assert().success();
    let r = open(folder.join("1.hea")).unwrap();
    let detection = detect(&r);
    let beats = annotations(&fs::read(out.path().join("1.qrs")).unwrap()).unwrap();
    assert_eq!(beats.len(), detection.beats.len());
    assert!(beats.iter().zip(&detection.beats).all(|(a, b)| a.sample == b.qrs.peak));
    let waves = annotations(&fs::read(out.path().join("1.v6")).unwrap()).unwrap();
    let qrs = waves.iter().filter(|a| a.code == "N").count();
    let row = r.leads.iter().position(|l| *l == LeadName::V6).unwrap();
    assert_eq!(qrs, detection.lead_waves[row].iter().filter(|w| w.qrs.is_some()).count());
    let one = tempfile::tempdir().unwrap();
    einthoven()
        .arg("annotate")
        .arg(folder.join("1.hea"))
        .args(["--lead", "1", "--out"])
        .arg(one.path())
        .assert()
        .success();
    assert!(!annotations(&fs::read(one.path().join("1.qrs")).unwrap()).unwrap().is_empty());
    einthoven()
        .arg("annotate")
        .arg(folder.join("1.hea"))
        .args(["--lead", "12", "--out"])
        .arg(one.path())
        .assert()
        .code(1);
}

#[test]
fn annotations_of_a_record_with_several_samples_a_frame_count_as_they_say() {
    use einthoven::ingest::wfdb::marks;
    let (dir, out) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let beat = |i: usize| (2.0 * (-((i % 400) as f64 - 200.0).powi(2) / 50.0).exp() * 200.0) as i16;
    let samples: Vec<u8> = (0..5000).flat_map(|i| beat(i).to_le_bytes()).collect();
    fs::write(dir.path().join("r.hea"), "r 1 125 1250\nr.dat 16x4 200/mV 16 0 0 0 0 II\n").unwrap();
    fs::write(dir.path().join("r.dat"), samples).unwrap();
    einthoven().arg("annotate").arg(dir.path().join("r.hea")).arg("--out").arg(out.path()).assert().success();
    let ours = marks(&fs::read(out.path().join("r.qrs")).unwrap()).unwrap();
    assert_eq!(ours.resolution, Some(500.0));
    assert!(ours.marks.len() > 8 && ours.marks.iter().all(|m| (m.sample % 400).abs_diff(200) < 20), "{:?}", ours.marks);
}
