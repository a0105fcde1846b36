//! DICOM waveforms: the reference file, files built element by element in every transfer syntax, and damage.
use crate::util::{data, hostile};
use dicom_core::header::HasLength;
use einthoven::Recording;
use einthoven::ingest::{FORMATS, ReadError, ReadOptions, Source, read};
use einthoven::signal::{LeadName, Sex};

const IMPLICIT: &str = "1.2.840.10008.1.2";
const EXPLICIT: &str = "1.2.840.10008.1.2.1";
const BIG: &str = "1.2.840.10008.1.2.2";
const TWELVE: &str = "1.2.840.10008.5.1.4.1.1.9.1.1";

/// Encodes elements in one transfer syntax.
#[derive(Clone, Copy)]
struct Encoder {
    explicit: bool,
    big: bool,
}

impl Encoder {
    fn u16(self, v: u16) -> [u8; 2] {
        if self.big { v.to_be_bytes() } else { v.to_le_bytes() }
    }

    fn u32(self, v: u32) -> [u8; 4] {
        if self.big { v.to_be_bytes() } else { v.to_le_bytes() }
    }

    fn element(self, tag: (u16, u16), vr: &str, value: &[u8]) -> Vec<u8> {
        let mut out = [self.u16(tag.0), self.u16(tag.1)].concat();
        let mut value = value.to_vec();
        if value.len() % 2 == 1 {
            value.push(if vr == "UI" { 0 } else { b' ' });
        }
        let length = value.len() as u32;
        if !self.explicit {
            out.extend(self.u32(length));
        } else if matches!(vr, "SQ" | "OW" | "OB" | "UN") {
            out.extend(vr.bytes().chain([0, 0]));
            out.extend(self.u32(length));
        } else {
            out.extend(vr.bytes());
            out.extend(self.u16(length as u16));
        }
        out.extend(value);
        out
    }

    fn text(self, tag: (u16, u16), vr: &str, value: &str) -> Vec<u8> {
        self.element(tag, vr, value.as_bytes())
    }

    fn us(self, tag: (u16, u16), value: u16) -> Vec<u8> {
        self.element(tag, "US", &self.u16(value))
    }

    fn ul(self, tag: (u16, u16), value: u32) -> Vec<u8> {
        self.element(tag, "UL", &self.u32(value))
    }

    /// A sequence of items, of undefined length where `open`.
    fn sequence(self, tag: (u16, u16), items: &[Vec<u8>], open: bool) -> Vec<u8> {
        let header =
            |element: u16, length: u32| [&self.u16(0xFFFE)[..], &self.u16(element), &self.u32(length)].concat();
        let mut body = Vec::new();
        for item in items {
            body.extend(header(0xE000, if open { u32::MAX } else { item.len() as u32 }));
            body.extend(item);
            if open {
                body.extend(header(0xE00D, 0));
            }
        }
        if !open {
            return self.element(tag, "SQ", &body);
        }
        let mut out = [self.u16(tag.0), self.u16(tag.1)].concat();
        out.extend(if self.explicit { &b"SQ\0\0"[..] } else { &[][..] });
        out.extend(self.u32(u32::MAX));
        out.extend(body);
        out.extend(header(0xE0DD, 0));
        out
    }

    fn code(self, value: &str, scheme: &str, meaning: &str) -> Vec<u8> {
        let parts = [
            self.text((8, 0x100), "SH", value),
            self.text((8, 0x102), "SH", scheme),
            self.text((8, 0x104), "LO", meaning),
        ];
        parts.concat()
    }

    fn channel(self, lead: (&str, &str, &str), sensitivity: &str, unit: &str, baseline: &str) -> Vec<u8> {
        [
            self.sequence((0x3A, 0x208), &[self.code(lead.0, lead.1, lead.2)], false),
            self.text((0x3A, 0x210), "DS", sensitivity),
            self.sequence((0x3A, 0x211), &[self.code(unit, "UCUM", unit)], true),
            self.text((0x3A, 0x212), "DS", "2"),
            self.text((0x3A, 0x213), "DS", baseline),
            self.text((0x3A, 0x220), "DS", "0.05"),
            self.text((0x3A, 0x221), "DS", "150"),
        ]
        .concat()
    }

    fn group(
        self,
        channels: &[Vec<u8>],
        offset_ms: &str,
        label: &str,
        coding: (&str, u16),
        data: &[u8],
        pad: &[u8],
    ) -> Vec<u8> {
        let samples = data.len() / channels.len() / (usize::from(coding.1) / 8);
        let ow = if coding.1 == 8 { "OB" } else { "OW" };
        [
            self.text((0x18, 0x1068), "DS", offset_ms),
            self.text((0x3A, 4), "CS", "ORIGINAL"),
            self.us((0x3A, 5), channels.len() as u16),
            self.ul((0x3A, 0x10), samples as u32),
            self.text((0x3A, 0x1A), "DS", "500"),
            self.text((0x3A, 0x20), "SH", label),
            self.sequence((0x3A, 0x200), channels, true),
            self.us((0x5400, 0x1004), coding.1),
            self.text((0x5400, 0x1006), "CS", coding.0),
            self.element((0x5400, 0x100A), ow, pad),
            self.element((0x5400, 0x1010), ow, data),
        ]
        .concat()
    }
}

fn words(e: Encoder, values: &[i16]) -> Vec<u8> {
    values.iter().flat_map(|v| e.u16(*v as u16)).collect()
}

fn file(syntax: &str, sop: &str, dataset: &[u8]) -> Vec<u8> {
    let meta = Encoder { explicit: true, big: false };
    let group = [meta.text((2, 2), "UI", sop), meta.text((2, 0x10), "UI", syntax)].concat();
    [&[0; 128][..], b"DICM", &meta.ul((2, 0), group.len() as u32), &group, dataset].concat()
}

/// Leads I and aVR in the first two samples' time, V1 and a pressure afterwards; a gap by padding.
fn dataset(e: Encoder, charset: &str, name: &[u8]) -> Vec<u8> {
    let limb = [
        e.channel(("2:1", "MDC", "Lead I"), "1.25", "uV", "0"),
        e.channel(("5.6.3-9-62", "SCPECG", "aVR"), "0.001", "mV", "0.5"),
    ];
    let chest = [
        e.channel(("x", "99X", "Lead V1 (something)"), "5", "uV", "0"),
        e.channel(("y", "99X", "Arterial pressure"), "1", "mm[Hg]", "0"),
    ];
    let first =
        e.group(&limb, "0", "RHYTHM", ("SS", 16), &words(e, &[100, 10, -200, -1, -32768, 0]), &words(e, &[-32768]));
    let second = e.group(&chest, "6", "RHYTHM", ("SS", 16), &words(e, &[40, 1, 80, 2]), &words(e, &[-32768]));
    let measurement = [
        e.sequence((0x40, 0x8EA), &[e.code("ms", "UCUM", "ms")], false),
        e.sequence((0x40, 0xA043), &[e.code("2:15872", "MDC", "PR Interval")], false),
        e.element((0x40, 0xA0B0), "US", &[e.u16(1), e.u16(0)].concat()),
        e.text((0x40, 0xA30A), "DS", "161"),
    ]
    .concat();
    let statement = [
        e.element((0x40, 0xA0B0), "US", &[e.u16(1), e.u16(0)].concat()),
        e.element(
            (0x70, 6),
            "ST",
            if charset == "GBK" { b"\xF1\xBC\xD0\xD4\xD0\xC4\xC2\xC9" } else { b"sinus rhythm" },
        ),
    ]
    .concat();
    let mark = [
        e.element((0x40, 0xA0B0), "US", &[e.u16(2), e.u16(0)].concat()),
        e.text((0x40, 0xA130), "CS", "POINT"),
        e.ul((0x40, 0xA132), 2),
        e.text((0x70, 6), "ST", "V"),
    ]
    .concat();
    [
        e.text((8, 5), "CS", charset),
        e.text((8, 0x16), "UI", TWELVE),
        e.text((8, 0x2A), "DT", "20261124080910.5"),
        e.text((8, 0x70), "LO", "Maker"),
        e.text((8, 0x1090), "LO", "M1"),
        e.element((0x10, 0x10), "PN", name),
        e.text((0x10, 0x20), "LO", "ID 7"),
        e.text((0x10, 0x30), "DA", "19510502"),
        e.text((0x10, 0x40), "CS", "F"),
        e.text((0x10, 0x1020), "DS", "1.58"),
        e.sequence((0x40, 0xB020), &[measurement, statement, mark], false),
        e.sequence((0x5400, 0x100), &[first, second], true),
    ]
    .concat()
}

fn open(bytes: Vec<u8>) -> Result<Recording, ReadError> {
    read(&Source::memory("x.dcm", bytes), &ReadOptions::default())
}

#[test]
fn every_transfer_syntax_gives_the_same_recording() {
    let le = Encoder { explicit: true, big: false };
    let implicit = Encoder { explicit: false, big: false };
    let big = Encoder { explicit: true, big: true };
    for (syntax, e) in [(EXPLICIT, le), (IMPLICIT, implicit), (BIG, big)] {
        let r = open(file(syntax, TWELVE, &dataset(e, "ISO_IR 192", "王^秀英".as_bytes()))).unwrap();
        assert_eq!((r.rate.0, r.len(), r.origin.format), (500.0, 5, "dicom"), "{syntax}");
        assert_eq!(r.leads, [LeadName::I, LeadName::AvR, LeadName::V1]);
        let nan = f32::NAN;
        let expected = [[0.25, -0.5, nan, nan, nan], [0.52, 0.498, 0.5, nan, nan], [nan, nan, nan, 0.4, 0.8]];
        for (row, expected) in r.samples.rows().into_iter().zip(expected) {
            for (v, x) in row.iter().zip(expected) {
                assert!((v - x).abs() < 1e-6 || v.is_nan() && x.is_nan(), "{syntax} {:?}", r.samples);
            }
        }
        let p = &r.patient;
        assert_eq!((p.name.as_deref(), p.id.as_deref(), p.sex), (Some("王秀英"), Some("ID 7"), Some(Sex::Female)));
        assert_eq!((p.age, p.height_cm), (Some(75.0), Some(158.0)));
        assert_eq!(r.start.unwrap().to_string(), "2026-11-24T08:09:10.5");
        assert_eq!(r.origin.device.as_deref(), Some("Maker M1"));
        assert_eq!(r.origin.filters.as_deref(), Some("0.05–150 Hz"));
        assert_eq!(r.device.statements, ["sinus rhythm"]);
        let m = &r.device.measurements[0];
        assert_eq!((m.name.as_str(), m.value, m.unit.as_str()), ("pr_ms", 161.0, "ms"));
        assert_eq!(r.annotations.iter().map(|a| (a.sample, a.code.as_str())).collect::<Vec<_>>(), [(4, "V")]);
        assert!(r.notes.iter().any(|n| n.en.contains("Arterial pressure")), "{:?}", r.notes);
    }
}

#[test]
fn chinese_texts_in_gbk_are_read_even_where_a_byte_is_a_backslash() {
    let e = Encoder { explicit: true, big: false };
    // 乗 is 81 5C in GBK.
    let r = open(file(EXPLICIT, TWELVE, &dataset(e, "GBK", b"\xCD\xF5^\x81\x5C\xD3\xA2"))).unwrap();
    assert_eq!(r.patient.name.as_deref(), Some("王\u{4e57}英"));
    assert_eq!(r.device.statements, ["窦性心律"]);
}

#[test]
fn eight_bit_samples_and_missing_scales() {
    let e = Encoder { explicit: true, big: false };
    let channel = || e.channel(("2:2", "MDC", "Lead II"), "10", "uV", "0");
    let with = |group: Vec<u8>| file(EXPLICIT, TWELVE, &e.sequence((0x5400, 0x100), &[group], false));
    let r = open(with(e.group(&[channel()], "0", "", ("SB", 8), &[1, 0xFF, 0x80, 5], &[0x80, 0]))).unwrap();
    let row = r.samples.row(0).to_vec();
    assert!((row[0] - 0.02).abs() < 1e-6 && (row[1] + 0.02).abs() < 1e-6 && row[2].is_nan(), "{row:?}");
    let r = open(with(e.group(&[channel()], "0", "", ("UB", 8), &[1, 0xFF], &[0, 0]))).unwrap();
    assert!((r.samples[[0, 1]] - 5.1).abs() < 1e-5);
    let mute = [e.sequence((0x3A, 0x208), &[e.code("2:2", "MDC", "Lead II")], false)].concat();
    let error = open(with(e.group(&[mute], "0", "", ("SS", 16), &[0; 4], &[0, 0]))).unwrap_err();
    assert!(error.to_string().contains("no scale"), "{error}");
    let error = open(with(e.group(&[channel()], "0", "", ("MB", 8), &[0; 4], &[0, 0]))).unwrap_err();
    assert!(matches!(error, ReadError::Unsupported { .. }), "{error}");
}

#[test]
fn other_objects_are_refused_by_name() {
    for (sop, word) in [("1.2.840.10008.5.1.4.1.1.9.2.1", "haemodynamic"), ("1.2.840.10008.5.1.4.1.1.104.1", "PDF")] {
        let error = open(file(EXPLICIT, sop, &[])).unwrap_err();
        assert!(error.to_string().contains(word), "{error}");
    }
    let error = open(file("1.2.840.10008.1.2.4.50", TWELVE, &[])).unwrap_err();
    assert!(error.to_string().contains("transfer syntax"), "{error}");
}

#[test]
fn the_reference_file_obeys_einthoven_and_carries_the_device_s_findings() {
    let Some(folder) = data("formats/dicom") else { return };
    let r = einthoven::open(folder.join("waveform_ecg.dcm")).unwrap();
    assert_eq!((r.rate.0, r.len(), r.leads.as_slice()), (1000.0, 10000, &LeadName::TWELVE[..]));
    assert!(r.derived.is_empty() && r.notes.is_empty(), "{:?}", r.notes);
    let lead = |l: LeadName| r.lead(&l).unwrap();
    for j in 0..r.len() {
        let (one, two, three) = (lead(LeadName::I)[j], lead(LeadName::II)[j], lead(LeadName::III)[j]);
        assert!((one + three - two).abs() < 0.006, "sample {j}: {one} + {three} ≠ {two}");
    }
    let peak = lead(LeadName::II).iter().fold(0.0_f32, |m, v| m.max(v.abs()));
    assert!((0.3..3.0).contains(&peak), "{peak}");
    assert_eq!(
        (r.patient.id.as_deref(), r.patient.age, r.patient.sex),
        (Some("642341"), Some(42.0), Some(Sex::Female))
    );
    assert_eq!(r.device.statements, ["RITMO SINUSALE", "ECG NORMALE"]);
    let value = |name: &str| r.device.measurements.iter().find(|m| m.name == name).map(|m| m.value);
    assert_eq!((value("pr_ms"), value("qrs_duration_ms"), value("qt_ms")), (Some(161.0), Some(75.0), Some(368.0)));
    assert_eq!((value("p_axis_deg"), value("qrs_axis_deg"), value("rr_ms")), (Some(74.0), Some(52.0), Some(982.0)));
    let median = r.device.median.as_ref().unwrap();
    assert_eq!((median.rate.0, median.samples.dim()), (1000.0, (12, 1200)));
    // Ten beats, each at a peak of lead II's slope; the median's own marks are not among them.
    let beats: Vec<usize> = r.annotations.iter().filter(|a| a.code == "Q").map(|a| a.sample).collect();
    assert_eq!(beats, [526, 1525, 2506, 3488, 4484, 5467, 6441, 7443, 8416, 9369]);
}

#[test]
fn damage_gives_an_error_or_a_sound_recording() {
    for (syntax, explicit, big) in [(EXPLICIT, true, false), (IMPLICIT, false, false), (BIG, true, true)] {
        let bytes = file(syntax, TWELVE, &dataset(Encoder { explicit, big }, "GB18030", b"\xCD\xF5^\xD0\xE3"));
        hostile("x.dcm", &bytes, 500);
    }
}

#[test]
fn a_written_file_has_its_mandatory_attributes() {
    let format = FORMATS.iter().find(|f| f.id == "dicom").unwrap();
    let e = Encoder { explicit: true, big: false };
    let r = open(file(EXPLICIT, TWELVE, &dataset(e, "ISO_IR 192", "王^秀英".as_bytes()))).unwrap();
    let (_, bytes) = (format.write.unwrap())(&r, "x").unwrap().remove(0);
    assert_eq!(bytes, (format.write.unwrap())(&r, "x").unwrap().remove(0).1, "same recording, same bytes");
    let object = dicom_object::from_reader(&bytes[..]).unwrap();
    // Type 1 of the 12-lead IOD's mandatory modules must have a value.
    for name in [
        "SOPClassUID",
        "SOPInstanceUID",
        "StudyInstanceUID",
        "SeriesInstanceUID",
        "Modality",
        "InstanceNumber",
        "ContentDate",
        "ContentTime",
        "AcquisitionDateTime",
        "WaveformSequence",
    ] {
        assert!(!object.element_by_name(name).unwrap().is_empty(), "{name}");
    }
    // Type 2 must be there.
    for name in [
        "PatientName",
        "PatientID",
        "PatientBirthDate",
        "PatientSex",
        "StudyDate",
        "StudyTime",
        "StudyID",
        "AccessionNumber",
        "ReferringPhysicianName",
        "SeriesNumber",
        "Manufacturer",
        "AcquisitionContextSequence",
    ] {
        assert!(object.element_by_name(name).is_ok(), "{name}");
    }
    let back = open(bytes).unwrap();
    assert_eq!((back.device, back.patient.age), (r.device, r.patient.age));
    assert_eq!(back.annotations, r.annotations);
}

/// Deflated Explicit VR Little Endian: a raw deflate stream, here of stored blocks (RFC 1951, 3.2.4).
#[test]
fn a_deflated_file_is_inflated_no_further_than_the_limit() {
    const DEFLATED: &str = "1.2.840.10008.1.2.1.99";
    let e = Encoder { explicit: true, big: false };
    let stored = |bytes: &[u8]| {
        let chunks: Vec<&[u8]> = bytes.chunks(65_535).collect();
        let block = |(n, chunk): (usize, &&[u8])| {
            let length = chunk.len() as u16;
            [&[u8::from(n + 1 == chunks.len())][..], &length.to_le_bytes(), &(!length).to_le_bytes(), chunk].concat()
        };
        chunks.iter().enumerate().flat_map(block).collect::<Vec<u8>>()
    };
    let plain = dataset(e, "ISO_IR 192", "王^秀英".as_bytes());
    let bytes = file(DEFLATED, TWELVE, &stored(&plain));
    let r = open(bytes.clone()).unwrap();
    assert_eq!((r.leads.len(), r.len(), r.patient.name.as_deref()), (3, 5, Some("王秀英")));
    let mut options = ReadOptions::default();
    options.limits.sample_bytes = 1000;
    let error = read(&Source::memory("x.dcm", bytes.clone()), &options).unwrap_err();
    assert!(matches!(error, ReadError::Limit { .. }), "{error}");
    hostile("x.dcm", &bytes, 300);
}
