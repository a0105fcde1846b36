//! ISHNE Holter files built byte by byte from the published layout, with annotation files, and damage.
use crate::util::hostile;
use einthoven::Recording;
use einthoven::ingest::{FORMATS, ReadError, ReadOptions, Source, read};
use einthoven::signal::{LeadName, Sex};

/// A header as the paper lays it out, then `data`; the checksum is right.
fn file(magic: [u8; 8], free: &[u8], samples: i32, data: &[u8]) -> Vec<u8> {
    let mut h = vec![0_u8; 522];
    let mut at = |offset: usize, bytes: &[u8]| h[offset..offset + bytes.len()].copy_from_slice(bytes);
    at(0, &magic);
    at(10, &(free.len() as i32).to_le_bytes());
    at(14, &samples.to_le_bytes());
    at(18, &522_i32.to_le_bytes());
    at(22, &(522 + free.len() as i32).to_le_bytes());
    at(26, &1_i16.to_le_bytes());
    at(28, b"Jan");
    at(68, b"M\xFCller");
    at(108, b"H-7");
    let words = |values: &[i16]| values.iter().flat_map(|v| v.to_le_bytes()).collect::<Vec<u8>>();
    at(128, &words(&[1, 0, 2, 5, 1951, 24, 11, 2026, 25, 11, 2026, 8, 9, 10]));
    // Three leads: V5, generic bipolar, X; the second noisy; a pacemaker.
    at(156, &words(&[3, 15, 1, 2]));
    at(182, &words(&[1, 3, 0]));
    at(206, &words(&[2500, 1000, 5000]));
    at(230, &words(&[2]));
    at(232, b"Recorder 9");
    at(272, &words(&[200]));
    let mut out = [h.as_slice(), free, data].concat();
    let end = 522 + free.len();
    let crc = out[10..end].iter().fold(0xFFFF_u16, |crc, byte| {
        (0..8).fold(crc ^ u16::from(*byte) << 8, |c, _| if c & 0x8000 == 0 { c << 1 } else { c << 1 ^ 0x1021 })
    });
    out[8..10].copy_from_slice(&crc.to_le_bytes());
    out
}

fn ecg(samples: i32) -> Vec<u8> {
    let frames = [[400_i16, 1, -20], [-400, 2, 20], [i16::MIN, 3, 0], [0, 4, 1]];
    let data: Vec<u8> = frames.iter().flatten().flat_map(|v| v.to_le_bytes()).collect();
    file(*b"ISHNE1.0", b"free text", samples, &data)
}

fn marks() -> Vec<u8> {
    let records: [&[u8]; 5] =
        [&[b'N', 0, 9, 9], &[b'V', 0, 1, 0], &[b'!', 0, 0, 0], &[b'S', 0, 1, 0], &[b'N', 0, 50, 0]];
    file(*b"ANN  1.0", b"", 4, &[&1_u32.to_le_bytes()[..], &records.concat()].concat())
}

fn open(bytes: Vec<u8>) -> Result<Recording, ReadError> {
    read(&Source::memory("x.ecg", bytes).with("x.ann", marks()), &ReadOptions::default())
}

#[test]
fn every_field_of_the_published_layout() {
    // The declared size is of one lead, or of all three together.
    for samples in [4, 12] {
        let r = open(ecg(samples)).unwrap();
        assert_eq!((r.origin.format, r.rate.0, r.len()), ("ishne", 200.0, 4));
        assert_eq!(r.leads, [LeadName::V5, LeadName::Other("signal 2".into()), LeadName::X]);
        let row = |n: usize| r.samples.row(n).to_vec();
        assert!((row(0)[0] - 1.0).abs() < 1e-6 && (row(0)[1] + 1.0).abs() < 1e-6 && row(0)[2].is_nan(), "{:?}", row(0));
        assert!((row(1)[3] - 0.004).abs() < 1e-7 && (row(2)[0] + 0.1).abs() < 1e-6);
        let p = &r.patient;
        assert_eq!((p.name.as_deref(), p.id.as_deref()), (Some("Jan Müller"), Some("H-7")));
        assert_eq!((p.sex, p.age), (Some(Sex::Male), Some(75.0)));
        assert_eq!(r.start.unwrap().to_string(), "2026-11-24T08:09:10");
        assert_eq!(r.origin.device.as_deref(), Some("Recorder 9"));
        let beats: Vec<_> = r.annotations.iter().map(|a| (a.sample, a.code.as_str())).collect();
        assert_eq!(beats, [(1, "N"), (2, "V"), (3, "S")]);
        let notes: Vec<&str> = r.notes.iter().map(|n| n.en.as_ref()).collect();
        assert!(
            notes.iter().any(|n| n.contains("pacemaker")) && notes.iter().any(|n| n.contains("lead 2")),
            "{notes:?}"
        );
        assert!(!notes.iter().any(|n| n.contains("checksum") || n.contains("header says")), "{notes:?}");
    }
}

#[test]
fn damage_is_said_and_scales_are_not_guessed() {
    let mut damaged = ecg(4);
    damaged[300] ^= 1;
    let r = open(damaged).unwrap();
    assert!(r.notes.iter().any(|n| n.en.contains("checksum")));
    let whole = ecg(4);
    let r = open(whole[..whole.len() - 7].to_vec()).unwrap();
    assert_eq!(r.len(), 2);
    assert!(r.notes.iter().any(|n| n.en.contains("the file holds 2")), "{:?}", r.notes);
    let mut unscaled = ecg(4);
    unscaled[206..208].fill(0);
    assert!(open(unscaled).unwrap_err().to_string().contains("no scale"));
    let alone = read(&Source::memory("x.ann", marks()), &ReadOptions::default()).unwrap_err();
    assert!(matches!(alone, ReadError::Unsupported { .. }), "{alone}");
}

#[test]
fn long_pauses_and_leads_outside_the_standard_set_come_back() {
    let format = FORMATS.iter().find(|f| f.id == "ishne").unwrap();
    let mut r = open(ecg(4)).unwrap();
    r.leads[2] = LeadName::Other("MLII".into());
    r.samples = ndarray::Array2::zeros((3, 200_000));
    r.annotations.retain(|a| a.code == "N");
    let mut late = r.annotations[0].clone();
    late.sample = 150_000;
    r.annotations.push(late);
    let files = (format.write.unwrap())(&r, "y").unwrap();
    let source = Source::memory("y.ecg", files[0].1.clone()).with("y.ann", files[1].1.clone());
    let back = read(&source, &ReadOptions::default()).unwrap();
    assert_eq!(back.leads, r.leads);
    assert_eq!(back.annotations, r.annotations);
    assert_eq!((format.companions)(&source), ["y.ann"]);
}

#[test]
fn hostile_files_give_an_error_or_a_sound_recording() {
    hostile("x.ecg", &ecg(4), 4000);
}
