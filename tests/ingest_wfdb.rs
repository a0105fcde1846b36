//! WFDB records as PhysioNet publishes them.
use crate::util::data;
use einthoven::ingest::{self, ReadError, ReadOptions, Source};
use einthoven::signal::LeadName;
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

#[test]
fn segments_of_variable_layout_leave_gaps() {
    let i16s = |v: &[i16]| v.iter().flat_map(|s| s.to_le_bytes()).collect::<Vec<u8>>();
    let source = Source::memory("m.hea", b"m/4 2 250 9\nm_layout 0\nm1 3\n~ 2\nm2 4\n# Age: 7\n".to_vec())
        .with("m_layout.hea", b"m_layout 2 250 0\n~ 0 0/mV 0 0 0 0 0 II\n~ 0 0/mV 0 0 0 0 0 V5\n# Sex: F\n".to_vec())
        .with("m1.hea", b"m1 1 250 3\nm1.dat 16 100/mV 16 0 0 0 0 V5\n".to_vec())
        .with("m1.dat", i16s(&[100, 200, 300]))
        .with("m2.hea", b"m2 2 250 4\nm2.dat 16 10/mV 16 0 0 0 0 V5\nm2.dat 16 200/mV 16 0 0 0 0 II\n".to_vec())
        .with("m2.dat", i16s(&[10, 200, 20, 400, 30, 600, 40, 800]));
    let r = ingest::read(&source, &ReadOptions::default()).unwrap();
    assert_eq!((r.leads.len(), r.len(), r.patient.age, r.patient.sex.is_some()), (2, 9, Some(7.0), true));
    let shown = |name: &str| lead(&r, name).iter().map(|v| if v.is_nan() { -1.0 } else { *v }).collect::<Vec<_>>();
    assert_eq!(shown("II"), [-1.0, -1.0, -1.0, -1.0, -1.0, 1.0, 2.0, 3.0, 4.0]);
    assert_eq!(shown("V5"), [1.0, 2.0, 3.0, -1.0, -1.0, 1.0, 2.0, 3.0, 4.0]);
    assert_eq!((ingest::wfdb::FORMAT.companions)(&source), ["m1.dat", "m1.hea", "m2.dat", "m2.hea", "m_layout.hea"]);
}

#[test]
fn segments_of_fixed_layout_and_a_lost_one() {
    let i16s = |v: &[i16]| v.iter().flat_map(|s| s.to_le_bytes()).collect::<Vec<u8>>();
    let source = Source::memory("m.hea", b"m/3 1 250 6\na 2\nb 2\nc 2\n".to_vec())
        .with("a.hea", b"a 1 250 2\na.dat 16 100/mV 16 0 0 0 0 II\n".to_vec())
        .with("a.dat", i16s(&[100, 200]))
        .with("c.hea", b"c 1 250 2\nc.dat 16 100/mV 16 0 0 0 0 II\n".to_vec())
        .with("c.dat", i16s(&[300, 400]));
    let r = ingest::read(&source, &ReadOptions::default()).unwrap();
    let two = lead(&r, "II");
    assert_eq!((two[0], two[1], two[4], two[5]), (1.0, 2.0, 3.0, 4.0));
    assert!(two[2].is_nan() && two[3].is_nan());
    assert!(r.notes.iter().any(|n| n.en.contains("segment b")), "{:?}", r.notes);
}

/// Reads what a writer wrote, from memory.
fn reread(files: &[(String, Vec<u8>)]) -> Recording {
    let (name, bytes) = files[0].clone();
    let source = files[1..].iter().fold(Source::memory(name, bytes), |s, (n, b)| s.with(n.clone(), b.clone()));
    ingest::read(&source, &ReadOptions::default()).unwrap()
}

#[test]
fn written_records_read_back_exactly() {
    for (folder, name) in
        [("ludb", "1.hea"), ("mitdb", "102.hea"), ("cinc2021", "A0001.hea"), ("formats/wfdb", "a103l.hea")]
    {
        let Some(folder) = data(folder) else { return };
        let original = open(folder.join(name)).unwrap();
        let back = reread(&(ingest::wfdb::FORMAT.write.unwrap())(&original, "copy one").unwrap());
        assert_eq!((&back.leads, back.rate, back.start), (&original.leads, original.rate, original.start), "{name}");
        assert_eq!(back.annotations, original.annotations, "{name}");
        assert_eq!(
            (&back.patient, &back.comments, &back.derived),
            (&original.patient, &original.comments, &original.derived)
        );
        let worst = (&back.samples - &original.samples).iter().fold(0.0_f32, |w, d| w.max(d.abs()));
        assert!(worst < 1e-6, "{name}: {worst} mV");
    }
}

/// Recordings of every shape: 1–15 leads, odd lengths, gaps, amplitudes from nanovolts to volts.
#[test]
fn written_records_of_every_shape() {
    use einthoven::signal::{Hz, Patient, Sex};
    let labels = "II V1 I V2 III V3 aVR V4 aVL V5 aVF V6 V7 MLII 胸导";
    let mut seed = 7_u64;
    let mut random = move || {
        seed = seed.wrapping_mul(6364136223846793005).wrapping_add(1442695040888963407);
        (seed >> 40) as f32 / (1 << 24) as f32 - 0.5
    };
    for (count, length, size) in [(1, 1, 1.0), (2, 333, 3e-4), (3, 5001, 5.0), (12, 777, 2e3), (15, 1023, 1e6)] {
        let leads: Vec<_> = labels.split(' ').take(count).map(|l| LeadName::parse(l).0).collect();
        let mut samples = ndarray::Array2::from_shape_fn((count, length), |_| random() * size);
        samples.iter_mut().skip(5).step_by(17).for_each(|v| *v = f32::NAN);
        samples.row_mut(count - 1)[0] = f32::NAN;
        let mut original = Recording::new("r", leads, Hz(257.3), samples);
        original.patient = Patient {
            id: Some("0042".into()),
            name: Some("欧阳镕基".into()),
            sex: Some(Sex::Male),
            age: Some(0.5),
            birth: Some(jiff::civil::date(2026, 5, 1)),
            height_cm: Some(61.5),
            weight_kg: Some(6.2),
        };
        original.start = Some(jiff::civil::date(2026, 11, 24).at(23, 59, 59, 250_000_000));
        original.device.statements = vec!["Sinus rhythm".into()];
        let back = reread(&(ingest::wfdb::FORMAT.write.unwrap())(&original, "张 三/1").unwrap());
        assert_eq!((&back.patient, back.start, back.rate), (&original.patient, original.start, original.rate));
        assert_eq!(back.device.statements, original.device.statements);
        for (lead, row) in original.leads.iter().zip(original.samples.rows()) {
            let (low, high) =
                row.iter().filter(|v| !v.is_nan()).fold((0.0_f32, 0.0_f32), |(a, b), v| (a.min(*v), b.max(*v)));
            let half = (high - low) / 65_000.0 / 2.0 * 1.01;
            for (was, is) in row.iter().zip(back.lead(lead).unwrap()) {
                assert!((was.is_nan() && is.is_nan()) || (was - is).abs() <= half, "{lead}: {was} became {is}");
            }
        }
    }
}

/// Twelve bytes a frame: I, II, III and V1 as stored numbers that obey Einthoven's law.
fn stored_limb_leads() -> Vec<u8> {
    let wave =
        |i: i32, period: i32, height: i32| if i % period < 20 { height * (10 - (i % period - 10).abs()) } else { 0 };
    (0..2000)
        .flat_map(|i| {
            let (one, two) = (wave(i, 400, 80), wave(i, 400, 110) + wave(i + 60, 400, 20));
            [one, two, two - one, -two].map(|v| v as i16)
        })
        .flat_map(i16::to_le_bytes)
        .collect()
}

fn with_gains(gains: [u32; 4]) -> Source {
    let names = ["i", "ii", "iii", "v1"];
    let lines: String =
        gains.iter().zip(names).map(|(g, n)| format!("x.dat 16 {g}/mV 16 0 0 0 0 {n}\n")).collect::<Vec<_>>().concat();
    let header = format!("x 4 500 2000\n{lines}");
    Source::memory("x.hea", header.into_bytes()).with("x.dat", stored_limb_leads())
}

#[test]
fn gains_that_the_samples_contradict_are_said_and_not_guessed() {
    let sound = ingest::read(&with_gains([1000; 4]), &ReadOptions::default()).unwrap();
    assert!(!sound.origin.unscaled);
    let normalised = with_gains([1716, 1206, 1229, 1372]);
    let doubted = ingest::read(&normalised, &ReadOptions::default()).unwrap();
    assert!(doubted.origin.unscaled && doubted.notes.iter().any(|n| n.en.contains("--gain")), "{:?}", doubted.notes);
    // On whatever scale, the leads' proportions are those of the stored numbers.
    let first = doubted.proportion(&doubted.leads[0]).unwrap();
    for (k, lead) in doubted.leads.iter().enumerate() {
        let Some(own) = doubted.proportion(lead) else { continue };
        for (a, b) in doubted.samples.row(k).iter().zip(sound.samples.row(k)) {
            assert!((f64::from(*a) * own / first * 1.716 - f64::from(*b)).abs() < 1e-4, "{lead:?}");
        }
    }
    let of = |r: &Recording, l: LeadName| r.proportion(&l);
    assert_eq!((of(&doubted, LeadName::AvF), of(&sound, LeadName::AvF)), (None, Some(1.0)), "computed from I and II");
    let told = ingest::read(&normalised, &ReadOptions { gain: Some(1000.0), ..ReadOptions::default() }).unwrap();
    assert!(!told.origin.unscaled);
    for (a, b) in told.samples.iter().zip(&sound.samples) {
        assert!((a - b).abs() < 1e-5);
    }
    // Other gains on other leads are the recorder's right: V1 alone at twice the gain is no contradiction.
    assert!(!ingest::read(&with_gains([1000, 1000, 1000, 2000]), &ReadOptions::default()).unwrap().origin.unscaled);
}
