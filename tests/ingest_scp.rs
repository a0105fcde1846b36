//! SCP-ECG: the makers' files.
use crate::util::data;
use einthoven::Recording;
use einthoven::ingest::{Limits, ReadOptions, Source, open, read};
use einthoven::signal::{LeadName, Sex};

fn mean_abs(values: impl Iterator<Item = f32>) -> f32 {
    let (sum, n) = values.filter(|v| v.is_finite()).fold((0.0, 0), |(s, n), v| (s + v.abs(), n + 1));
    sum / n.max(1) as f32
}

fn measurement(recording: &Recording, name: &str, lead: Option<&LeadName>) -> Option<f64> {
    recording.device.measurements.iter().find(|m| m.name == name && m.lead.as_ref() == lead).map(|m| m.value)
}

fn peak_to_peak(recording: &Recording, lead: &LeadName) -> f32 {
    let row = recording.lead(lead).unwrap();
    row.iter().copied().fold(f32::MIN, f32::max) - row.iter().copied().fold(f32::MAX, f32::min)
}

#[test]
fn every_example_opens_with_plausible_leads() {
    let Some(folder) = data("formats/scp") else { return };
    for (file, rate, len) in [
        ("demo.scp", 1000.0, 10000),
        ("ecgtoolkit-example.scp", 500.0, 5000),
        ("welchallyn-1.scp", 600.0, 6000),
        ("welchallyn-2.scp", 600.0, 6000),
        ("welchallyn-3.scp", 600.0, 6000),
        ("welchallyn-4.scp", 600.0, 6000),
    ] {
        let recording = open(folder.join(file)).unwrap();
        assert_eq!((recording.rate.0, recording.len(), recording.leads.len()), (rate, len, 12), "{file}");
        let limb = |lead| recording.lead(lead).unwrap();
        let residual = &limb(&LeadName::I) + &limb(&LeadName::III) - limb(&LeadName::II);
        assert!(mean_abs(residual.iter().copied()) < 0.01, "{file}: Einthoven's law");
        for lead in &recording.leads {
            let height = peak_to_peak(&recording, lead);
            assert!((0.05..6.0).contains(&height), "{file} {lead}: {height} mV");
        }
    }
}

#[test]
fn the_device_s_own_findings_agree_with_its_signal() {
    let Some(folder) = data("formats/scp") else { return };
    let recording = open(folder.join("welchallyn-1.scp")).unwrap();
    for (name, value) in
        [("heart_rate_bpm", 82.0), ("pr_ms", 177.0), ("qrs_duration_ms", 100.0), ("qtc_bazett_ms", 401.0)]
    {
        assert_eq!(measurement(&recording, name, None), Some(value), "{name}");
    }
    assert!(recording.device.statements.iter().any(|s| s.contains("med hjälp av")), "Latin 1 that nobody declared");
    // R and S of lead I as the device measured them are the height of our lead I.
    let one = Some(&LeadName::I);
    let height = measurement(&recording, "r_mv", one).unwrap() - measurement(&recording, "s_mv", one).unwrap();
    assert!((f64::from(peak_to_peak(&recording, &LeadName::I)) - height).abs() < 0.15);
    // Its median beat is as high as the beats.
    let median = recording.device.median.as_ref().unwrap();
    let row = median.samples.row(median.leads.iter().position(|l| *l == LeadName::V4).unwrap());
    let height = row.iter().copied().fold(f32::MIN, f32::max) - row.iter().copied().fold(f32::MAX, f32::min);
    assert!((height - peak_to_peak(&recording, &LeadName::V4)).abs() < 0.4 * height);
}

#[test]
fn patient_and_damage_are_told() {
    let Some(folder) = data("formats/scp") else { return };
    let demo = open(folder.join("demo.scp")).unwrap();
    assert_eq!(demo.patient.name.as_deref(), Some("Patient, Demo"));
    assert_eq!(
        (demo.patient.sex, demo.patient.height_cm, demo.patient.weight_kg),
        (Some(Sex::Male), Some(187.0), Some(82.0))
    );
    assert!((demo.patient.age.unwrap() - 47.0).abs() < 0.01);
    assert_eq!(demo.start.unwrap().to_string(), "2004-06-24T16:52:16");
    assert!(demo.notes.is_empty(), "{:?}", demo.notes);

    let mut bytes = std::fs::read(folder.join("demo.scp")).unwrap();
    let last = bytes.len() - 1;
    bytes[last] ^= 1;
    let altered = read(&Source::memory("x.scp", bytes), &ReadOptions::default()).unwrap();
    assert!(altered.notes.iter().any(|n| n.en.contains("CRC") && n.en.contains("section 6")), "{:?}", altered.notes);
}

#[test]
fn a_file_cut_short_keeps_the_leads_it_has() {
    let Some(folder) = data("formats/scp") else { return };
    let bytes = std::fs::read(folder.join("demo.scp")).unwrap();
    let cut = bytes[..bytes.len() - 30_000].to_vec();
    let recording = read(&Source::memory("x.scp", cut), &ReadOptions::default()).unwrap();
    assert!(recording.lead(&LeadName::V4).is_some() && recording.lead(&LeadName::V6).is_none());
    assert!(recording.notes.iter().any(|n| n.en.contains("cut short")));
    let header = read(&Source::memory("x.scp", bytes[..400].to_vec()), &ReadOptions::default()).unwrap_err();
    assert!(header.to_string().contains("scp"), "{header}");
}

#[test]
fn limits_hold_before_memory_is_taken() {
    let Some(folder) = data("formats/scp") else { return };
    let bytes = std::fs::read(folder.join("demo.scp")).unwrap();
    let options = ReadOptions { limits: Limits { sample_bytes: 1000, ..Limits::default() }, ..ReadOptions::default() };
    let error = read(&Source::memory("x.scp", bytes), &options).unwrap_err();
    assert!(error.to_string().contains("limit"), "{error}");
}
