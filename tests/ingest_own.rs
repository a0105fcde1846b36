//! The two formats of our own convention: JSON recordings, and WAV with its side file.
use crate::util::data;
use einthoven::ingest::{self, FORMATS, ReadOptions, Source};
use einthoven::signal::{DeviceMeasurement, DeviceMedian, Hz, LeadName};
use einthoven::{Recording, open};

fn read(source: &Source) -> Result<Recording, String> {
    ingest::read(source, &ReadOptions::default()).map_err(|e| e.to_string())
}

fn through(id: &str, r: &Recording) -> Recording {
    let format = FORMATS.iter().find(|f| f.id == id).unwrap();
    let files = (format.write.unwrap())(r, "x").unwrap();
    let (name, bytes) = files[0].clone();
    read(&files[1..].iter().fold(Source::memory(name, bytes), |s, (n, b)| s.with(n.clone(), b.clone()))).unwrap()
}

fn same(a: f32, b: f32) -> bool {
    a.to_bits() == b.to_bits() || a.is_nan() && b.is_nan()
}

#[test]
fn json_and_wav_keep_every_bit() {
    for (folder, name) in [("ludb", "1.hea"), ("formats/contec", "0000050.scp")] {
        let Some(folder) = data(folder) else { return };
        let mut r = open(folder.join(name)).unwrap();
        r.samples[(1, 7)] = f32::NAN;
        for id in ["json", "wav"] {
            let back = through(id, &r);
            assert_eq!((&back.leads, back.rate, &back.patient), (&r.leads, r.rate, &r.patient));
            assert_eq!((back.start, &back.derived, &back.comments), (r.start, &r.derived, &r.comments));
            assert!(r.samples.iter().zip(&back.samples).all(|(a, b)| same(*a, *b)), "{id} {name}");
        }
        let back = through("json", &r);
        assert_eq!((&back.annotations, &back.notes, &back.device), (&r.annotations, &r.notes, &r.device));
    }
}

#[test]
fn json_keeps_the_device_s_findings() {
    let lead = LeadName::Other("lead 1".into());
    let samples = ndarray::array![[0.1_f32, f32::NAN, -3e-7, 1e9]];
    let mut r = Recording::new("名", vec![lead.clone()], Hz(499.9), samples.clone());
    r.device.statements = vec!["窦性心律".into()];
    r.device.measurements = vec![DeviceMeasurement {
        name: "qrs_duration_ms".into(),
        lead: Some(LeadName::V2),
        value: 96.5,
        unit: "ms".into(),
    }];
    r.device.median =
        Some(DeviceMedian { rate: Hz(1000.0), leads: vec![lead], samples: ndarray::array![[1.0_f32, 0.3]] });
    let back = through("json", &r);
    assert_eq!((&back.name, &back.device, back.rate), (&r.name, &r.device, r.rate));
    assert!(back.samples.iter().zip(&samples).all(|(a, b)| same(*a, *b)));
}

fn wav(bits: u16, float: bool, rate: u32, values: &[f32]) -> Vec<u8> {
    let sample_format = if float { hound::SampleFormat::Float } else { hound::SampleFormat::Int };
    let spec = hound::WavSpec { channels: 2, sample_rate: rate, bits_per_sample: bits, sample_format };
    let mut bytes = std::io::Cursor::new(Vec::new());
    let mut writer = hound::WavWriter::new(&mut bytes, spec).unwrap();
    for v in values {
        if float {
            writer.write_sample(*v).unwrap();
        } else {
            writer.write_sample((f64::from(*v) * 2_f64.powi(i32::from(bits) - 1)).round() as i32).unwrap();
        }
    }
    writer.finalize().unwrap();
    bytes.into_inner()
}

#[test]
fn wav_of_every_width_and_its_defaults() {
    let values = [0.5_f32, -0.25, 0.125, 0.75];
    let side = br#"{"format":"einthoven-wav","version":1,"leads":["II","-aVR"],"full_scale_mv":5,"patient":{"sex":"male","age":61}}"#;
    for (bits, float) in [(8, false), (16, false), (24, false), (32, false), (32, true)] {
        let bytes = wav(bits, float, 500, &values);
        let bare = read(&Source::memory("a.wav", bytes.clone())).unwrap();
        assert_eq!(bare.notes.len(), 2, "both defaults are said");
        let full = if float { 1.0 } else { 32.768 };
        assert!((bare.samples[(0, 0)] - 0.5 * full).abs() < 1e-6, "{bits}");
        let told = read(&Source::memory("a.wav", bytes).with("a.wav.json", side.to_vec())).unwrap();
        assert!(told.notes.is_empty());
        assert_eq!((told.leads[0].clone(), told.patient.age, told.rate), (LeadName::II, Some(61.0), Hz(500.0)));
        // aVR is turned over: −(−0.25 × 5 mV).
        assert!((told.lead(&LeadName::AvR).unwrap()[0] - 1.25).abs() < 1e-6);
    }
}

#[test]
fn what_is_no_ecg_or_broken_is_refused() {
    if let Some(folder) = data("formats/wfdb") {
        let error = open(folder.join("SC4001E0-PSG.wav")).unwrap_err().text();
        assert!(error.en.contains("at 1 Hz can be no ECG") && error.zh.contains("不可能是心电图"), "{error:?}");
        let error = open(folder.join("test_edfann.edf")).unwrap_err().text();
        assert!(error.en.contains("no ECG signal") && error.zh.contains("没有以电压为单位的心电信号"), "{error:?}");
    }
    let mut bytes = wav(16, false, 500, &[0.5; 400]);
    bytes[34] = 12;
    let error = read(&Source::memory("a.wav", bytes)).unwrap_err();
    assert!(error.contains("12 bits a sample"), "{error}");
    let bytes = wav(16, false, 500, &[0.5; 400]);
    let cut = read(&Source::memory("a.wav", bytes[..bytes.len() - 101].to_vec()));
    assert!(cut.is_err() || cut.is_ok_and(|r| r.notes.iter().any(|n| n.en.contains("cut short"))));
    let side = br#"{"format":"einthoven-wav","version":1,"leads":["II"]}"#.to_vec();
    assert!(read(&Source::memory("a.wav", bytes.clone()).with("a.wav.json", side)).unwrap_err().contains("2 channels"));
    for i in 0..bytes.len() {
        let mut broken = bytes.clone();
        broken[i] ^= 1 << (i % 8);
        let _ = read(&Source::memory("a.wav", broken[..broken.len() - i % 7].to_vec()));
    }
    for json in [
        r#"{"format":"einthoven-recording","version":2,"rate_hz":500,"leads":["I"],"samples":[[1]]}"#,
        r#"{"format":"einthoven-recording","version":1,"rate_hz":0,"leads":["I"],"samples":[[1]]}"#,
        r#"{"format":"einthoven-recording","version":1,"rate_hz":500,"leads":["I","I"],"samples":[[1],[2]]}"#,
        r#"{"format":"einthoven-recording","version":1,"rate_hz":500,"leads":["I","II"],"samples":[[1],[2,3]]}"#,
        r#"{"format":"einthoven-recording","version":1,"rate_hz":500,"unit":"bpm","leads":["I"],"samples":[[1]]}"#,
        r#"{"format":"einthoven-recording","version":1,"rate_hz":500,"leads":["I"],"samples":[[1]"#,
    ] {
        assert!(read(&Source::memory("a.json", json.into())).is_err(), "{json}");
    }
}
