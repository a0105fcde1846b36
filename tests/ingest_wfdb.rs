//! WFDB records as PhysioNet publishes them.
use crate::util::data;
use einthoven::ingest::{self, ReadError, ReadOptions, Source};
use einthoven::{Recording, open};
use std::fs;

fn lead<'a>(r: &'a Recording, name: &str) -> ndarray::ArrayView1<'a, f32> {
    let row = r.leads.iter().position(|l| l.as_str() == name).unwrap_or_else(|| panic!("no lead {name}"));
    r.samples.row(row)
}

/// Wrapping ramps through each format's whole range; the checksums, over every sample, are the proof.
#[test]
fn every_storage_format() {
    let Some(folder) = data("formats/wfdb") else { return };
    for (name, initial) in [
        ("binformats", [-2047.0, -32766.0, -32765.0, -124.0, -32763.0, -2042.0, -505.0, -504.0, -8388599.0].as_slice()),
        ("flacformats", [-127.0, -32766.0, -8388605.0].as_slice()),
    ] {
        let r = open(folder.join(format!("{name}.hea"))).unwrap();
        assert_eq!((r.rate.0, r.len()), (200.0, 499), "{name}");
        assert!(r.leads.len() >= initial.len() && r.notes.is_empty(), "checksums: {:?}", r.notes);
        for (row, first) in r.samples.rows().into_iter().zip(initial) {
            assert!((f64::from(row[0]) * 200.0 / first - 1.0).abs() < 1e-6, "{name}: {} for {first}", row[0] * 200.0);
        }
        // 16 bits, by hand: 524 ADC units a sample.
        let sixteen = r.samples.row(1);
        assert!((sixteen[1] - sixteen[0] - 524.0 / 200.0).abs() < 1e-4);
    }
}

#[test]
fn several_samples_a_frame_and_other_signals() {
    let Some(folder) = data("formats/wfdb") else { return };
    let r = open(folder.join("03700181.hea")).unwrap();
    assert_eq!((r.leads.len(), r.rate.0, r.len()), (1, 500.0, 300_000));
    assert_eq!(r.start.unwrap().to_string(), "1994-08-15T17:27:45");
    assert!(r.notes.iter().all(|n| n.en.contains("is no ECG")), "{:?}", r.notes);
    let beats = |by: &str| r.annotations.iter().filter(|a| &*a.annotator == by).count();
    assert!(beats("gqrsh") > 1000 && beats("sqrs") > 500, "{} {}", beats("gqrsh"), beats("sqrs"));
    let last = r.annotations.iter().rfind(|a| &*a.annotator == "gqrsh").unwrap().sample;
    assert!(last > 280_000, "annotations count in the same samples as the signal: {last}");
}

#[test]
fn matlab_container_with_and_without_length() {
    let Some(folder) = data("formats/wfdb") else { return };
    let with = open(folder.join("a103l.hea")).unwrap();
    let without = open(folder.join("a103l-no-len.hea")).unwrap();
    assert_eq!(with.samples, without.samples);
    assert_eq!((with.leads.len(), with.len(), with.rate.0), (2, 82_500, 250.0));
    assert_eq!(with.comments, ["Asystole", "False alarm"]);
    // By hand: first sample of `II` is −171 at 7247 a mV.
    assert!((lead(&with, "II")[0] - -171.0 / 7247.0).abs() < 1e-6);
}

#[test]
fn databases_open_with_their_truth() {
    let Some(root) = data("mitdb") else { return };
    let r = open(root.join("102.hea")).unwrap();
    assert_eq!((r.rate.0, r.len(), r.patient.age), (360.0, 650_000, Some(84.0)));
    assert!(r.notes.is_empty(), "{:?}", r.notes);
    assert!((lead(&r, "V5")[0] - (984.0 - 1024.0) / 200.0).abs() < 1e-6);
    let paced = r.annotations.iter().filter(|a| a.code == "/" && &*a.annotator == "atr").count();
    assert_eq!(paced, 2028, "paced beats by the database's own table");
    assert_eq!(r.annotations.iter().filter(|a| a.code == "+").count(), 5);
    let by_signal_file = open(root.join("102.dat")).unwrap();
    assert_eq!(by_signal_file.samples, r.samples);

    let Some(root) = data("ludb") else { return };
    let r = open(root.join("1.hea")).unwrap();
    assert_eq!((r.leads.len(), r.patient.age), (12, Some(51.0)));
    let v6: Vec<_> = r.annotations.iter().filter(|a| &*a.annotator == "v6").collect();
    assert!(v6.len() > 30 && v6.iter().any(|a| a.code == "(") && v6.iter().any(|a| a.code == "p"));
    assert!(r.comments.iter().any(|c| c.contains("Sinus bradycardia")));
}

/// Every header of the reference data: opened, complete, and every checksum right.
#[test]
fn every_reference_record_is_sound() {
    let mut read = 0;
    for folder in ["mitdb", "ludb", "ptbxl", "cinc2021", "ptbdb", "cinc2017"] {
        let Some(folder) = data(folder) else { return };
        for entry in walkdir::WalkDir::new(&folder).into_iter().filter_map(Result::ok) {
            if entry.path().extension().is_none_or(|e| e != "hea") {
                continue;
            }
            let r = open(entry.path()).unwrap_or_else(|e| panic!("{}: {e}", entry.path().display()));
            let doubts: Vec<_> =
                r.notes.iter().filter(|n| n.en.contains("checksum") || n.en.contains("cut short")).collect();
            assert!(doubts.is_empty(), "{}: {doubts:?}", entry.path().display());
            read += 1;
        }
    }
    assert!(read > 500, "{read}");
}

#[test]
fn what_is_missing_is_said() {
    let header = b"r 1 250 10\nr.dat 16 200/mV 16 0 0 0 0 II\n".to_vec();
    let read = |source: &Source| ingest::read(source, &ReadOptions::default());
    let error = read(&Source::memory("r.hea", header.clone())).unwrap_err();
    assert!(error.to_string().contains("r.dat"), "{error}");
    let error = read(&Source::memory("r.dat", vec![0; 20])).unwrap_err();
    assert!(matches!(&error, ReadError::Malformed { .. }) && error.text().zh.contains("r.hea"), "{error}");
    let cut = read(&Source::memory("r.hea", header.clone()).with("r.dat", vec![1; 11])).unwrap();
    assert_eq!(cut.len(), 5);
    assert!(cut.notes.iter().any(|n| n.en.contains("5 of 10")), "{:?}", cut.notes);
    let huge = b"r 1 250 10\nr.dat 16x60000 200/mV 16 0 0 0 0 II\n".to_vec();
    assert!(read(&Source::memory("r.hea", huge).with("r.dat", vec![0; 20])).is_err());
}

#[test]
fn skew_gain_and_invalid_samples() {
    let header = "r 2 100 4\nr.dat 16:1 0 16 0 0 0 0 I\nr.dat 16 100(50)/uV 16 0 0 9 0 -aVR\n";
    let samples: [i16; 8] = [7, 150, 200, -32768, 400, 50, 600, 250];
    let bytes = samples.iter().flat_map(|s| s.to_le_bytes()).collect();
    let source = Source::memory("r.hea", header.as_bytes().to_vec()).with("r.dat", bytes);
    let r = ingest::read(&source, &ReadOptions::default()).unwrap();
    let one = lead(&r, "I");
    assert_eq!(&one.as_slice().unwrap()[..3], [1.0, 2.0, 3.0]);
    assert!(one[3].is_nan());
    let avr = lead(&r, "aVR");
    assert!((avr[0] - -0.001).abs() < 1e-9 && avr[1].is_nan() && avr[2] == 0.0);
    assert!(r.notes.iter().any(|n| n.en.contains("uncalibrated")));
    assert!(r.notes.iter().any(|n| n.en.contains("checksum")));
}

#[test]
fn no_damage_panics() {
    let Some(folder) = data("formats/wfdb") else { return };
    for name in ["binformats", "flacformats", "03700181"] {
        let header = fs::read(folder.join(format!("{name}.hea"))).unwrap();
        for i in 0..header.len() {
            let mut broken = header.clone();
            broken[i] ^= 1 << (i % 8);
            let mut source = Source::memory(format!("{name}.hea"), broken);
            for n in 0..10 {
                if let Ok(bytes) = fs::read(folder.join(format!("{name}.d{n}"))) {
                    source = source.with(format!("{name}.d{n}"), bytes[..bytes.len() - i % bytes.len()].to_vec());
                }
            }
            let _ = ingest::read(&source, &ReadOptions::default());
        }
    }
}
