//! MFER: the reference file, files built definition by definition in both byte orders, and damage.
use crate::util::{data, hostile};
use einthoven::Recording;
use einthoven::ingest::{ReadError, ReadOptions, Source, read};
use einthoven::signal::{LeadName, Sex};

fn tlv(tag: u8, value: &[u8]) -> Vec<u8> {
    let mut out = vec![tag];
    if value.len() < 0x80 {
        out.push(value.len() as u8);
    } else {
        out.extend([0x82, (value.len() >> 8) as u8, value.len() as u8]);
    }
    out.extend(value);
    out
}

fn channel(number: u8, definitions: &[Vec<u8>]) -> Vec<u8> {
    let body = definitions.concat();
    [&[0x3F, number, body.len() as u8][..], &body].concat()
}

fn open(bytes: Vec<u8>) -> Result<Recording, ReadError> {
    read(&Source::memory("x.mwf", bytes), &ReadOptions::default())
}

/// Two frames, two sequences each; lead I in 16 bits with an offset and a null value, a pressure, V1 in 32 bits.
fn file(little: bool, preamble: bool) -> Vec<u8> {
    let u16 = |v: u16| if little { v.to_le_bytes() } else { v.to_be_bytes() };
    let u32 = |v: u32| if little { v.to_le_bytes() } else { v.to_be_bytes() };
    let frame = |values: [i16; 4], wide: [i32; 4]| {
        let mut bytes = Vec::new();
        for half in 0..2 {
            values[half * 2..half * 2 + 2].iter().for_each(|v| bytes.extend(u16(*v as u16)));
            bytes.extend(u16(7));
            wide[half * 2..half * 2 + 2].iter().for_each(|v| bytes.extend(u32(*v as u32)));
        }
        tlv(0x1E, &bytes)
    };
    let time = |minute: u8, second: u8| {
        tlv(0x85, &[&u16(2026)[..], &[11, 24, 8, minute, second], &u16(250), &u16(0)].concat())
    };
    let parts = [
        if preamble { tlv(0x40, b"MFR test") } else { Vec::new() },
        tlv(0x01, &[u8::from(little)]),
        tlv(0x03, b"GB18030"),
        tlv(0x17, b"Maker^M1^1.0^7"),
        tlv(0x81, b"\xCD\xF5^\xD0\xE3\xD3\xA2"),
        tlv(0x82, b"ID 7"),
        tlv(0x83, &[&[75][..], &u16(0xFFFF), &u16(1951), &[5, 2]].concat()),
        tlv(0x84, &[2]),
        time(9, 10),
        tlv(0x08, &u16(1)),
        // 4 ms
        tlv(0x0B, &[1, 0xFD, 4]),
        tlv(0x0C, &[&[0, 0xFA][..], &u16(5)].concat()),
        tlv(0x12, &u16(0x8000)),
        tlv(0x05, &[3]),
        tlv(0x06, &[2]),
        channel(0, &[tlv(0x09, &u16(1)), tlv(0x04, &[2]), tlv(0x0D, &u16(100))]),
        channel(1, &[tlv(0x09, &u16(143)), tlv(0x04, &[1]), tlv(0x0C, &[&[1, 0xFD][..], &u16(125)].concat())]),
        channel(2, &[tlv(0x09, &u16(3)), tlv(0x04, &[2]), tlv(0x0A, &[2]), tlv(0x0C, &[0, 0xF7, 10]), tlv(0x12, &[])]),
        frame([0, 100, i16::MIN, -100], [100_000, -100_000, 0, 1]),
        // Two samples' time after the end of the first frame (four samples of 4 ms).
        tlv(0x85, &[&u16(2026)[..], &[11, 24, 8, 9, 10], &u16(274), &u16(0)].concat()),
        frame([1, 2, 3, 4], [5, 6, 7, 8]),
        tlv(0x80, b""),
    ];
    parts.concat()
}

#[test]
fn both_byte_orders_frames_and_nested_definitions() {
    for (little, preamble) in [(true, true), (false, true), (true, false), (false, false)] {
        let r = open(file(little, preamble)).unwrap();
        assert_eq!((r.origin.format, r.rate.0, r.len()), ("mfer", 250.0, 10), "little {little}");
        assert_eq!(r.leads, [LeadName::I, LeadName::V1]);
        let nan = f32::NAN;
        let expected = [
            [0.5, 1.0, nan, 0.0, nan, nan, 0.505, 0.51, 0.515, 0.52],
            [1.0, -1.0, 0.0, 1e-5, nan, nan, 5e-5, 6e-5, 7e-5, 8e-5],
        ];
        for (row, expected) in r.samples.rows().into_iter().zip(expected) {
            for (v, x) in row.iter().zip(expected) {
                assert!((v - x).abs() < 1e-6 || v.is_nan() && x.is_nan(), "{:?}", r.samples);
            }
        }
        let p = &r.patient;
        assert_eq!((p.name.as_deref(), p.id.as_deref(), p.sex), (Some("王秀英"), Some("ID 7"), Some(Sex::Female)));
        assert_eq!((p.age, p.birth), (Some(75.0), Some(jiff::civil::date(1951, 5, 2))));
        assert_eq!(r.start.unwrap().to_string(), "2026-11-24T08:09:10.25");
        assert_eq!(r.origin.device.as_deref(), Some("Maker M1"));
        assert!(r.notes.iter().any(|n| n.en.contains("MFER 143")), "{:?}", r.notes);
    }
}

#[test]
fn compressed_data_and_other_waveforms_are_refused() {
    let with = |extra: Vec<u8>| [tlv(0x40, b"MFR x"), extra, file(true, false)].concat();
    let error = open(with(tlv(0x0E, &[0, 1]))).unwrap_err().to_string();
    assert!(error.contains("compressed"), "{error}");
    let aha = [tlv(0x40, b"MFR x"), tlv(0x0A, &[9]), tlv(0x1E, &[1, 2])].concat();
    assert!(open(aha).unwrap_err().to_string().contains("compressed"));
    let eeg = [tlv(0x40, b"MFR x"), tlv(0x08, &[40]), tlv(0x1E, &[1, 2])].concat();
    assert!(open(eeg).unwrap_err().to_string().contains("waveform type 40"));
    assert!(open(tlv(0x40, b"MFR x")).unwrap_err().to_string().contains("no waveform"));
}

#[test]
fn the_monitor_s_ecg_channels_are_found() {
    let Some(folder) = data("formats/mfer") else { return };
    let r = einthoven::open(folder.join("cns6000.mwf")).unwrap();
    assert_eq!((r.rate.0, r.len()), (250.0, 180_000));
    assert_eq!(r.leads, [LeadName::II, LeadName::V5]);
    assert_eq!((r.patient.id.as_deref(), r.patient.name.as_deref()), (Some("12345"), Some("TRWRU")));
    assert_eq!(r.start.unwrap().to_string(), "2019-06-19T13:20:00");
    assert_eq!(r.origin.device.as_deref(), Some("NIHON KOHDEN CNS6000"));
    assert!(r.notes.iter().any(|n| n.en.contains("left out")));
    // The first R wave: 0147h = 327 steps of 2 µV.
    let peak = r.samples.row(0).iter().take(250).copied().fold(0.0_f32, f32::max);
    assert!((peak - 0.654).abs() < 1e-6, "{peak}");
}

#[test]
fn damage_gives_an_error_or_a_sound_recording() {
    hostile("x.mwf", &file(true, true), 1500);
    hostile("x.mwf", &file(false, false), 1500);
}
