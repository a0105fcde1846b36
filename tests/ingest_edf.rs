//! EDF, EDF+, BDF: files built byte by byte, the reference files, and what damage does.
use crate::util::{data, hostile};
use einthoven::ingest::{ReadError, ReadOptions, Source, read};
use einthoven::signal::{LeadName, Sex};

/// A signal's header fields: label, dimension, physical min and max, digital min and max, samples a record.
type Signal<'a> = (&'a str, &'a str, &'a str, &'a str, &'a str, &'a str, usize);

struct File<'a> {
    version: &'a [u8; 8],
    patient: &'a [u8],
    recording: &'a str,
    reserved: &'a str,
    records: &'a str,
    duration: &'a str,
    signals: &'a [Signal<'a>],
    data: Vec<u8>,
}

impl File<'_> {
    fn bytes(&self) -> Vec<u8> {
        let mut out = self.version.to_vec();
        let pad = |text: &[u8], width: usize| [text, &vec![b' '; width - text.len()]].concat();
        out.extend(pad(self.patient, 80));
        out.extend(pad(self.recording.as_bytes(), 80));
        out.extend(b"09.03.2112.30.15");
        out.extend(pad((256 * (self.signals.len() + 1)).to_string().as_bytes(), 8));
        out.extend(pad(self.reserved.as_bytes(), 44));
        out.extend(pad(self.records.as_bytes(), 8));
        out.extend(pad(self.duration.as_bytes(), 8));
        out.extend(pad(self.signals.len().to_string().as_bytes(), 4));
        let mut column = |width: usize, of: &dyn Fn(&Signal) -> String| {
            self.signals.iter().for_each(|s| out.extend(pad(of(s).as_bytes(), width)));
        };
        column(16, &|s| s.0.into());
        column(80, &|_| String::new());
        column(8, &|s| s.1.into());
        column(8, &|s| s.2.into());
        column(8, &|s| s.3.into());
        column(8, &|s| s.4.into());
        column(8, &|s| s.5.into());
        column(80, &|_| "HP:0.05Hz LP:150Hz".into());
        column(8, &|s| s.6.to_string());
        column(32, &|_| String::new());
        out.extend(&self.data);
        out
    }
}

fn le(values: &[i16]) -> Vec<u8> {
    values.iter().flat_map(|v| v.to_le_bytes()).collect()
}

fn tal(text: &str, room: usize) -> Vec<u8> {
    let mut bytes = text.as_bytes().to_vec();
    bytes.resize(room * 2, 0);
    bytes
}

/// Two records of two seconds at 2 Hz (ECG), 1 Hz (respiration) and annotations; a gap of one second between.
fn interrupted() -> Vec<u8> {
    let mut data = le(&[100, 200, -300, 32767, 7, 7]);
    data.extend(tal("+0\x14\x14\0+0.5\x14N\x14\0+1\x152\x14(AFIB\x14\0", 20));
    data.extend(le(&[-100, 0, 1, 2, 7, 7]));
    data.extend(tal("+3\x14\x14\0+3.5\x14V\x14couplet\x14\0+4\x14patient moved\x14\0", 25)[..40].iter());
    File {
        version: b"0       ",
        patient: "MCH-0234567 F 02-MAY-1951 王_秀英".as_bytes(),
        recording: "Startdate 09-MAR-2021 X X Bedside_7",
        reserved: "EDF+D",
        records: "2",
        duration: "2",
        signals: &[
            ("ECG MLII", "uV", "-3276.8", "3276.7", "-32768", "32767", 4),
            ("Resp chest", "uV", "-10", "10", "-2048", "2047", 2),
            ("EDF Annotations", "", "-1", "1", "-32768", "32767", 20),
        ],
        data,
    }
    .bytes()
}

fn open(bytes: Vec<u8>) -> Result<einthoven::Recording, ReadError> {
    read(&Source::memory("x.edf", bytes), &ReadOptions::default())
}

#[test]
fn a_discontinuous_file_has_its_gap_its_marks_and_its_patient() {
    let r = open(interrupted()).unwrap();
    assert_eq!((r.origin.format, r.rate.0, r.len()), ("edf", 2.0, 10));
    assert_eq!(r.leads, [LeadName::Other("MLII".into())]);
    let mv = r.samples.row(0).to_vec();
    let expected = [0.01, 0.02, -0.03, 3.2767, f32::NAN, f32::NAN, -0.01, 0.0, 1e-4, 2e-4];
    for (v, e) in mv.iter().zip(expected) {
        assert!((v - e).abs() < 1e-6 || v.is_nan() && e.is_nan(), "{mv:?}");
    }
    let marks: Vec<_> = r.annotations.iter().map(|a| (a.sample, a.code.as_str(), a.text.as_str())).collect();
    assert_eq!(marks, [(1, "N", ""), (2, "+", "(AFIB"), (7, "V", "couplet"), (8, "\"", "patient moved")]);
    assert_eq!(r.patient.id.as_deref(), Some("MCH-0234567"));
    assert_eq!(r.patient.name.as_deref(), Some("王 秀英"));
    assert_eq!((r.patient.sex, r.patient.age), (Some(Sex::Female), Some(69.0)));
    assert_eq!(r.start.unwrap().to_string(), "2021-03-09T12:30:15");
    assert_eq!(r.origin.device.as_deref(), Some("Bedside 7"));
    assert!(r.notes.iter().any(|n| n.en.contains("Resp chest")), "{:?}", r.notes);
    assert!(r.notes.iter().any(|n| n.en.contains("interrupted 1 times")), "{:?}", r.notes);
}

#[test]
fn bdf_is_24_bits_and_an_unknown_record_count_is_read_to_the_end() {
    let sample = |v: i32| v.to_le_bytes()[..3].to_vec();
    let data: Vec<u8> = [0, 1, -1, 8_388_607, -8_388_608, 256].iter().flat_map(|&v| sample(v)).collect();
    let bytes = File {
        version: b"\xFFBIOSEMI",
        patient: b"",
        recording: "",
        reserved: "24BIT",
        records: "-1",
        duration: "0.001",
        signals: &[("V1", "mV", "-262.144", "262.1439", "-8388608", "8388607", 2)],
        data,
    }
    .bytes();
    let r = open(bytes).unwrap();
    assert_eq!((r.rate.0, r.len()), (2000.0, 6));
    let step = 524.2879 / 16_777_215.0;
    for (v, raw) in r.samples.row(0).iter().zip([0.0, 1.0, -1.0, 8_388_607.0, -8_388_608.0, 256.0]) {
        assert!((f64::from(*v) - raw * step).abs() < 1e-4, "{v} {raw}");
    }
    assert!(r.notes.iter().any(|n| n.en.contains("does not say how many records")));
}

#[test]
fn a_cut_file_is_read_to_its_last_whole_record() {
    let whole = interrupted();
    let r = open(whole[..whole.len() - 3].to_vec()).unwrap();
    assert_eq!(r.len(), 4);
    assert!(r.notes.iter().any(|n| n.en.contains("1 of 2 data records")), "{:?}", r.notes);
    assert!(matches!(open(whole[..1030].to_vec()), Err(ReadError::Malformed { .. })));
}

#[test]
fn what_is_no_ecg_is_refused_with_the_reason() {
    let Some(folder) = data("formats") else { return };
    let error = einthoven::open(folder.join("wfdb/test_edfann.edf")).unwrap_err();
    assert!(error.to_string().contains("no ECG signal"), "{error}");
    let eeg = File {
        version: b"0       ",
        patient: b"X X X X",
        recording: "",
        reserved: "",
        records: "1",
        duration: "1",
        signals: &[
            ("EEG Fpz-Cz", "uV", "-1", "1", "-10", "10", 2),
            ("C3", "uV", "-1", "1", "-10", "10", 2),
            ("O1", "uV", "-1", "1", "-10", "10", 2),
        ],
        data: le(&[0; 6]),
    };
    let error = open(eeg.bytes()).unwrap_err();
    assert!(matches!(error, ReadError::Unsupported { .. }), "{error}");
}

#[test]
fn contec_s_edf_agrees_with_its_scp_and_csv_twins() {
    let Some(folder) = data("formats/contec") else { return };
    let r = einthoven::open(folder.join("0000050.edf")).unwrap();
    assert_eq!((r.rate.0, r.leads.len(), r.len()), (800.0, 12, 37855));
    assert!(r.notes.iter().any(|n| n.en.contains("5 µV a unit")), "{:?}", r.notes);
    let csv = std::fs::read_to_string(folder.join("0000050.csv")).unwrap();
    for (n, line) in csv.lines().enumerate() {
        for (i, count) in line.split(',').take(6).enumerate() {
            let mv = count.parse::<f32>().unwrap() * 0.005;
            assert!((r.samples[[i, n]] - mv).abs() < 1e-5, "line {n} column {i}");
        }
    }
    let scp = einthoven::open(folder.join("0000050.scp")).unwrap();
    for lead in &LeadName::TWELVE[..6] {
        let pairs = scp.lead(lead).unwrap();
        let worst = pairs.iter().zip(r.lead(lead).unwrap()).map(|(a, b)| (a - b).abs()).fold(0.0, f32::max);
        assert!(worst <= 0.0026, "{lead}: {worst}");
    }
    assert_eq!(r.start, scp.start);
}

#[test]
fn damage_gives_an_error_or_a_sound_recording() {
    hostile("x.edf", &interrupted(), 4000);
}

/// Readers refuse a header that is not ASCII: what is not stands in the annotations, which are UTF-8.
#[test]
fn a_written_header_is_ascii_and_chinese_names_come_back() {
    let format = einthoven::ingest::FORMATS.iter().find(|f| f.id == "edf").unwrap();
    let mut r = open(interrupted()).unwrap();
    r.origin.filters = Some("0.05–150 Hz".into());
    r.patient.id = Some("门诊_7".into());
    let (_, bytes) = (format.write.unwrap())(&r, "y").unwrap().remove(0);
    assert!(bytes[..256 * 3].iter().all(|b| (32..127).contains(b)));
    let back = open(bytes).unwrap();
    assert_eq!((&back.patient.id, &back.patient.name), (&r.patient.id, &r.patient.name));
    assert_eq!(back.origin.filters.as_deref(), Some("0.05-150 Hz"));
    assert_eq!(back.annotations, r.annotations);
}
