//! SCP-ECG: the makers' files, and what we write.
use crate::util::data;
use einthoven::Recording;
use einthoven::ingest::{FORMATS, Limits, ReadOptions, Source, open, read};
use einthoven::signal::{DeviceMeasurement, DeviceMedian, Hz, LeadName, Sex};
use ndarray::Array2;

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

/// `demo.scp` stores plain 16-bit samples, nothing that a decoder could get wrong; its last sample of every lead is one
/// that belongs to no ECG (I: 244, then 4089). It is the file's and is read as it stands.
#[test]
fn the_last_samples_of_the_demo_are_the_file_s_own() {
    let Some(folder) = data("formats/scp") else { return };
    let (bytes, demo) = (std::fs::read(folder.join("demo.scp")).unwrap(), open(folder.join("demo.scp")).unwrap());
    let recorded =
        [LeadName::I, LeadName::II, LeadName::V1, LeadName::V2, LeadName::V3, LeadName::V4, LeadName::V5, LeadName::V6];
    for (n, lead) in recorded.iter().enumerate() {
        let end = bytes.len() - 20_000 * (7 - n);
        let row = demo.lead(lead).unwrap();
        for back in 1..=2 {
            let stored = i16::from_le_bytes([bytes[end - 2 * back], bytes[end - 2 * back + 1]]);
            assert!((row[10_000 - back] - f32::from(stored) * 183e-6).abs() < 1e-6, "{lead}");
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

/// A recording on a grid of `unit` mV: `leads` of the standard's order, `len` samples.
fn made(leads: usize, len: usize, unit: f32) -> Recording {
    let further = [LeadName::V7, LeadName::V3R, LeadName::X];
    let names: Vec<LeadName> = LeadName::TWELVE.into_iter().chain(further).take(leads).collect();
    let samples = Array2::from_shape_fn((leads, len), |(i, j)| {
        let spike = if (j + 31 * i) % 401 == 200 { 9000.0 } else { 0.0 };
        ((j as f32 * 0.05 + i as f32).sin() * 300.0 + spike).round() * unit
    });
    Recording::new("x", names, Hz(500.0), samples)
}

fn written(recording: &Recording) -> Result<Vec<u8>, String> {
    let format = FORMATS.iter().find(|f| f.id == "scp").unwrap();
    let mut files = (format.write.unwrap())(recording, "x").map_err(|e| e.to_string())?;
    assert_eq!((files.len(), files[0].0.as_str()), (1, "x.scp"));
    Ok(files.remove(0).1)
}

fn again(recording: &Recording) -> Recording {
    let back = read(&Source::memory("x.scp", written(recording).unwrap()), &ReadOptions::default()).unwrap();
    assert!(back.notes.iter().all(|n| !n.en.contains("CRC") && !n.en.contains("cut")), "{:?}", back.notes);
    back
}

#[test]
fn what_is_on_a_device_s_grid_comes_back_exactly() {
    for leads in 1..=15 {
        for (len, unit) in [(1, 0.005), (2, 0.0025), (4999, 0.00488), (5000, 0.001)] {
            let recording = made(leads, len, unit);
            let back = again(&recording);
            for (lead, row) in recording.leads.iter().zip(recording.samples.rows()) {
                let other = back.lead(lead).unwrap();
                assert!(row.iter().zip(other).all(|(a, b)| (a - b).abs() < unit * 1e-2), "{leads} {len} {unit} {lead}");
            }
        }
    }
}

#[test]
fn extreme_amplitudes_fit_or_are_refused() {
    for unit in [1e-6, 1e-4, 0.037, 0.2] {
        let (recording, back) = (made(2, 777, unit), again(&made(2, 777, unit)));
        let worst = recording.samples.iter().zip(&back.samples).fold(0.0_f32, |m, (a, b)| m.max((a - b).abs()));
        // Nine thousand units high: half of a step that 16 bits hold.
        assert!(worst <= unit * 0.36, "{unit}: {worst}");
    }
    let mut beyond = made(2, 777, 1.0);
    assert!(written(&beyond).unwrap_err().contains("16 bits"));
    beyond.samples[[0, 5]] = f32::INFINITY;
    assert!(written(&beyond).unwrap_err().contains("16 bits"));
}

#[test]
fn patient_texts_and_findings_survive() {
    for (name, remark) in [
        ("Zhang, Wei", "plain"),
        ("Müller, Jürgen", "Größe"),
        ("张伟", "胸痛两小时"),
        ("欧阳㐱𠮷", "罕见字"),
        ("王, 伟, 三", "逗号"),
    ] {
        let mut recording = made(12, 500, 0.005);
        recording.patient.name = Some(name.into());
        recording.patient.id = Some("0042".into());
        recording.patient.sex = Some(Sex::Female);
        recording.patient.age = Some(61.0);
        recording.patient.height_cm = Some(165.5);
        recording.patient.weight_kg = Some(3.25);
        recording.start = Some(jiff::civil::datetime(2026, 11, 24, 23, 59, 58, 0));
        recording.origin.mains = Some(Hz(50.0));
        recording.origin.device = Some("Maker 9".into());
        recording.comments = vec![remark.into()];
        let known = [
            ("rr_ms", 800.0, "ms"),
            ("p_duration_ms", 104.0, "ms"),
            ("pr_ms", 162.0, "ms"),
            ("qrs_duration_ms", 96.0, "ms"),
            ("qt_ms", 388.0, "ms"),
            ("qrs_axis_deg", -31.0, "°"),
            ("heart_rate_bpm", 75.0, "bpm"),
            ("qtc_bazett_ms", 434.0, "ms"),
        ];
        let measured = |(name, value, unit): &(&str, f64, &str)| DeviceMeasurement {
            name: (*name).into(),
            lead: None,
            value: *value,
            unit: (*unit).into(),
        };
        recording.device.measurements = known.iter().map(measured).collect();
        recording.device.statements = vec!["Sinus rhythm".into(), remark.into()];
        let back = again(&recording);
        assert_eq!(back.patient, recording.patient, "{name}");
        assert_eq!((back.start, &back.comments), (recording.start, &recording.comments));
        assert_eq!((back.origin.mains, &back.origin.device), (Some(Hz(50.0)), &recording.origin.device));
        assert_eq!(back.device, recording.device);
    }
}

/// All that Welch Allyn's record says of its ECG comes out again: median beat, measurements of every lead, words.
#[test]
fn a_maker_s_record_survives_being_written() {
    let Some(folder) = data("formats/scp") else { return };
    let first = open(folder.join("welchallyn-1.scp")).unwrap();
    assert!(first.device.measurements.iter().filter(|m| m.lead.is_some()).count() > 100);
    let back = again(&first);
    let sorted = |r: &Recording| {
        let mut all: Vec<String> = r.device.measurements.iter().map(|m| format!("{m:?}")).collect();
        all.sort();
        all
    };
    assert_eq!(sorted(&back), sorted(&first));
    assert_eq!(back.device.statements, first.device.statements);
    let (a, b) = (back.device.median.unwrap(), first.device.median.unwrap());
    assert_eq!((a.rate, a.samples.dim()), (b.rate, b.samples.dim()));
    for (lead, row) in b.leads.iter().zip(b.samples.rows()) {
        let n = a.leads.iter().position(|l| l == lead).unwrap();
        assert!(a.samples.row(n).iter().zip(row).all(|(x, y)| (x - y).abs() < 1e-6), "{lead}: on the same grid");
    }
}

#[test]
fn a_median_that_does_not_fit_costs_itself_only() {
    let mut recording = made(2, 600, 0.005);
    let median = DeviceMedian { rate: Hz(500.0), leads: vec![LeadName::I], samples: Array2::zeros((1, 300)) };
    recording.device.median = Some(median);
    assert!(again(&recording).device.median.is_none(), "it lacks lead II");
    recording.device.median.as_mut().unwrap().leads = vec![LeadName::I, LeadName::II];
    recording.device.median.as_mut().unwrap().samples = Array2::from_elem((2, 300), 0.25);
    assert_eq!(again(&recording).device.median, recording.device.median);
}

#[test]
fn what_the_format_cannot_hold_is_refused_with_the_reason() {
    let refused = |change: &dyn Fn(&mut Recording)| {
        let mut recording = made(3, 600, 0.005);
        change(&mut recording);
        written(&recording).unwrap_err()
    };
    assert!(refused(&|r| r.samples[[1, 300]] = f32::NAN).contains("missing inside lead II"));
    assert!(refused(&|r| r.samples.row_mut(1).fill(f32::NAN)).contains("no sample"));
    assert!(refused(&|r| r.samples.column_mut(0).fill(f32::NAN)).contains("first or the last"));
    assert!(refused(&|r| r.leads[2] = LeadName::Other("MLII".into())).contains("MLII"));
    assert!(refused(&|r| r.rate = Hz(7000.5)).contains("microseconds"));
    assert!(refused(&|r| r.samples = Array2::zeros((3, 0))).contains("no samples"));
    // Minutes of noise in one lead are more than 65 535 bytes.
    let mut long = made(1, 200_000, 0.005);
    long.samples.iter_mut().enumerate().for_each(|(k, v)| *v = ((k * 7919 % 2003) as f32) * 0.005);
    assert!(written(&long).unwrap_err().contains("too long"));
    // A lead that begins later is no gap.
    let mut partial = made(3, 600, 0.005);
    partial.samples.row_mut(1).iter_mut().take(100).for_each(|v| *v = f32::NAN);
    let back = again(&partial);
    assert!(back.lead(&LeadName::II).unwrap()[99].is_nan() && !back.lead(&LeadName::II).unwrap()[100].is_nan());
}
