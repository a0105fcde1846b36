//! Contec's device file against its twins, and Kardia's ATC.
use crate::util::data;
use einthoven::ingest::{ReadOptions, Source, open, read};
use einthoven::signal::{LeadName, Sex};

#[test]
fn contec_device_file_csv_and_scp_are_one_ecg() {
    let Some(folder) = data("formats/contec") else { return };
    let device = open(folder.join("0000050.ECG")).unwrap();
    assert_eq!((device.rate.0, device.len()), (800.0, 37855));
    assert_eq!(device.leads, LeadName::TWELVE[..6]);
    assert_eq!(device.derived, [LeadName::I, LeadName::AvR, LeadName::AvL, LeadName::AvF]);
    assert_eq!(device.start.unwrap().to_string(), "2020-11-16T21:44:39");
    assert!(device.notes.iter().any(|n| n.en.contains("V1, V2, V3, V4, V5, V6")), "{:?}", device.notes);
    // The CSV holds units of 5 µV: I, II, III, aVR, aVL, aVF, and nothing for the leads that were off. Its augmented
    // leads are halves cut to whole units.
    let text = std::fs::read_to_string(folder.join("0000050.csv")).unwrap();
    let rows: Vec<Vec<&str>> = text.lines().map(|line| line.split(',').collect()).collect();
    assert_eq!(rows.len(), device.len());
    for (column, lead) in LeadName::TWELVE.iter().take(6).enumerate() {
        let row = device.lead(lead).unwrap();
        for (k, (sample, cells)) in row.iter().zip(&rows).enumerate() {
            let unit: f32 = cells[column].parse().unwrap();
            let tolerance = if column < 3 { 1e-4 } else { 0.51 * 0.005 };
            assert!((sample - unit * 0.005).abs() < tolerance, "{lead} {k}: {sample} {unit}");
        }
    }
    assert!(rows.iter().all(|cells| cells[6].is_empty()));
    // The SCP twin was cut by its writer where the length no longer fits 16 bits; as far as it goes it is the same.
    let scp = open(folder.join("0000050.scp")).unwrap();
    assert_eq!((scp.rate.0, scp.len()), (800.0, 32767));
    assert!(scp.notes.iter().any(|n| n.en.contains("shorter than declared")), "{:?}", scp.notes);
    for lead in &LeadName::TWELVE[..3] {
        let pairs = scp.lead(lead).unwrap();
        let same = pairs.iter().zip(device.lead(lead).unwrap()).all(|(a, b)| (a - b).abs() < 1e-4);
        assert!(same, "{lead}");
    }
    assert_eq!((&scp.patient, scp.start), (&device.patient, device.start));
}

/// A device file by hand: one row a sample, all eight leads.
fn contec(rows: &[[u16; 8]], sex: u8) -> Vec<u8> {
    let mut bytes = b"0000011\x00\x00\x002020-11-12 18:09:05\x00\x00\x00".to_vec();
    bytes.extend(b"\xd5\xc5\xce\xb0\0\0\0\0");
    bytes.extend([sex, 66, 71]);
    bytes.extend(rows.iter().flatten().flat_map(|v| v.to_le_bytes()));
    bytes.extend([0; 37]);
    bytes
}

#[test]
fn contec_header_and_values() {
    let open = |bytes: Vec<u8>| read(&Source::memory("x.ECG", bytes), &ReadOptions::default());
    let row = [2049, 2047, 2148, 2048, 2048, 2048, 2048, 0x6800];
    let recording = open(contec(&[row, row], 1)).unwrap();
    assert_eq!(recording.patient.name.as_deref(), Some("张伟"));
    let patient = &recording.patient;
    assert_eq!((patient.sex, patient.age, patient.weight_kg), (Some(Sex::Male), Some(66.0), Some(71.0)));
    let at = |lead: &LeadName| recording.lead(lead).map(|r| r[1]);
    assert_eq!((at(&LeadName::II), at(&LeadName::III), at(&LeadName::V1)), (Some(0.005), Some(-0.005), Some(0.5)));
    assert!((at(&LeadName::I).unwrap() - 0.01).abs() < 1e-6 && at(&LeadName::V6).is_none());
    let error = open(contec(&[row, [4096; 8]], 1)).unwrap_err().to_string();
    assert!(error.contains("4096") && error.contains("byte 59"), "{error}");
    assert!(open(contec(&[], 0)).is_err() && open(contec(&[[0x6800; 8]; 3], 0)).is_err());
    assert!(open(contec(&[row], 7)).is_err(), "another sex code is another format");
    let mut cut = contec(&[row; 20], 0);
    cut.truncate(200);
    let recording = open(cut).unwrap();
    assert!(recording.len() == 9 && recording.notes.iter().any(|n| n.en.contains("cut short")));
}

#[test]
fn kardia_recordings_of_one_and_six_leads() {
    let Some(folder) = data("formats/kardia") else { return };
    let one = open(folder.join("1_lead.atc")).unwrap();
    assert_eq!((one.leads.as_slice(), one.rate.0, one.len()), ([LeadName::I].as_slice(), 300.0, 9000));
    assert_eq!(one.start.unwrap().to_string(), "2016-06-01T18:15:25.777");
    assert_eq!(one.origin.mains.unwrap().0, 60.0);
    assert!(one.origin.device.as_deref().unwrap().contains("19kHz 200Hz/mV"), "{:?}", one.origin.device);
    assert!(one.notes.is_empty(), "{:?}", one.notes);
    let highest = one.samples.iter().fold(0.0_f32, |m, v| m.max(v.abs()));
    assert!((highest - 0.61).abs() < 1e-4, "1220 units of 500 nV: {highest}");

    let six = open(folder.join("6_lead.atc")).unwrap();
    assert_eq!((six.leads.as_slice(), six.len()), (&LeadName::TWELVE[..6], 9000));
    assert!(six.derived.is_empty() && six.notes.is_empty(), "{:?}", six.notes);
    let limb = |lead| six.lead(lead).unwrap();
    let residual = &limb(&LeadName::I) + &limb(&LeadName::III) - limb(&LeadName::II);
    assert!(residual.iter().all(|v| v.abs() < 1e-6), "Einthoven's law to the bit");
    // Its beat positions are on the beats: the steepest place within 0.3 s is near by.
    let two = limb(&LeadName::II);
    let near = six.annotations.iter().filter(|mark| mark.sample > 90 && mark.sample + 100 < six.len());
    let (mut hits, mut all) = (0, 0);
    for mark in near {
        let steep = |k: usize| (two[k + 3] - two[k]).abs();
        let window = mark.sample - 90..mark.sample + 90;
        let steepest = window.max_by(|a, b| steep(*a).total_cmp(&steep(*b))).unwrap();
        hits += usize::from(steepest.abs_diff(mark.sample) < 25);
        all += 1;
    }
    assert!(all > 30 && hits * 10 >= all * 9, "{hits} of {all}");
}

#[test]
fn kardia_damage_is_told() {
    let Some(folder) = data("formats/kardia") else { return };
    let bytes = std::fs::read(folder.join("6_lead.atc")).unwrap();
    let open = |bytes: Vec<u8>| read(&Source::memory("x.atc", bytes), &ReadOptions::default());
    let mut altered = bytes.clone();
    altered[1000] ^= 4;
    assert!(open(altered).unwrap().notes.iter().any(|n| n.en.contains("checksum of block ecg")));
    let cut = open(bytes[..60_000].to_vec()).unwrap();
    assert!(cut.notes.iter().any(|n| n.en.contains("cut short")));
    assert!(cut.lead(&LeadName::II).is_some() && cut.derived.contains(&LeadName::AvR));
    assert!(open(bytes[..290].to_vec()).is_err());
}
