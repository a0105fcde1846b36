//! GE MUSE XML: the published examples, and documents as other MUSE versions write them.
use crate::util::data;
use einthoven::Recording;
use einthoven::ingest::{ReadOptions, Source, open, read};
use einthoven::signal::{LeadName, Sex};

fn measurement(recording: &Recording, name: &str) -> Option<f64> {
    recording.device.measurements.iter().find(|m| m.name == name).map(|m| m.value)
}

fn height(row: &[f32]) -> f32 {
    row.iter().fold(f32::MIN, |m, v| m.max(*v)) - row.iter().fold(f32::MAX, |m, v| m.min(*v))
}

fn of(document: &str) -> Result<Recording, String> {
    read(&Source::memory("x.xml", document.as_bytes().to_vec()), &ReadOptions::default()).map_err(|e| e.to_string())
}

#[test]
fn examples_open_with_derived_leads_and_the_device_s_findings() {
    let Some(folder) = data("formats/muse") else { return };
    for (file, rate, qrs, pr, axis, beats) in
        [("example1.xml", 48.0, 96.0, 138.0, 20.0, 8), ("example2.xml", 65.0, 100.0, 184.0, -2.0, 10)]
    {
        let recording = open(folder.join(file)).unwrap();
        assert_eq!((recording.rate.0, recording.len()), (500.0, 5000), "{file}");
        assert_eq!(recording.leads, LeadName::TWELVE, "{file}");
        assert_eq!(recording.derived, [LeadName::III, LeadName::AvR, LeadName::AvL, LeadName::AvF], "{file}");
        assert!(recording.notes.is_empty(), "{file}: {:?}", recording.notes);
        assert_eq!(recording.origin.filters.as_deref(), Some("high-pass 0.16 Hz, low-pass 150 Hz, notch 60 Hz"));
        assert_eq!(measurement(&recording, "heart_rate_bpm"), Some(rate));
        assert_eq!(measurement(&recording, "qrs_duration_ms"), Some(qrs));
        assert_eq!(measurement(&recording, "pr_ms"), Some(pr));
        assert_eq!(measurement(&recording, "qrs_axis_deg"), Some(axis));
        // Each QRS time falls on a QRS: the steepest place of the surrounding second is within 60 ms of it.
        assert_eq!(recording.annotations.len(), beats);
        let lead = recording.lead(&LeadName::V4).unwrap();
        for mark in &recording.annotations {
            let steep = |k: usize| (lead[k + 4] - lead[k]).abs();
            let window = mark.sample.saturating_sub(200)..(mark.sample + 200).min(recording.len() - 4);
            let steepest = window.max_by(|a, b| steep(*a).total_cmp(&steep(*b))).unwrap();
            assert!(steepest.abs_diff(mark.sample) < 30, "{file}: {steepest} {}", mark.sample);
        }
        // The median's QRS is as high as the rhythm's.
        let median = recording.device.median.as_ref().unwrap();
        assert_eq!((median.rate.0, median.samples.dim()), (500.0, (8, 600)));
        let beat = height(&median.samples.row(median.leads.iter().position(|l| *l == LeadName::V4).unwrap()).to_vec());
        let mut heights: Vec<f32> = lead.to_vec().chunks_exact(650).map(height).collect();
        heights.sort_by(f32::total_cmp);
        let typical = heights[heights.len() / 2];
        assert!((typical - beat).abs() < 0.3 * beat, "{file}: {typical} {beat}");
    }
}

#[test]
fn altered_samples_are_noticed() {
    let Some(folder) = data("formats/muse") else { return };
    let text = std::fs::read_to_string(folder.join("example1.xml")).unwrap();
    let altered = of(&text.replacen("<LeadDataCRC32>2448704614<", "<LeadDataCRC32>1<", 1)).unwrap();
    assert!(altered.notes.iter().any(|n| n.en.contains("CRC32") && n.en.contains("lead I:")), "{:?}", altered.notes);
}

const SMALL: &str = r#"<?xml version="1.0" encoding="ISO-8859-1"?>
<!DOCTYPE RestingECG SYSTEM "restecg.dtd">
<RestingECG>
 <PatientDemographics><PatientID>7</PatientID><PatientAge>6</PatientAge><AgeUnits>MONTHS</AgeUnits>
  <DateofBirth>05-31-2010</DateofBirth><Gender>FEMALE</Gender><HeightCM>70</HeightCM>
  <PatientLastName>M&amp;M</PatientLastName><PatientFirstName>Zo&#xEB;</PatientFirstName></PatientDemographics>
 <TestDemographics><AcquisitionDevice>MAC55</AcquisitionDevice><AcquisitionTime>08:09:10</AcquisitionTime>
  <AcquisitionDate>11-30-2010</AcquisitionDate></TestDemographics>
 <OriginalDiagnosis><DiagnosisStatement><StmtFlag>ENDSLINE</StmtFlag><StmtText>machine's</StmtText></DiagnosisStatement></OriginalDiagnosis>
 <Diagnosis><DiagnosisStatement><StmtText>Sinus rhythm</StmtText></DiagnosisStatement>
  <DiagnosisStatement><StmtFlag>ENDSLINE</StmtFlag><StmtText>with 1st degree AV block</StmtText></DiagnosisStatement>
  <DiagnosisStatement><StmtFlag>ENDSLINE</StmtFlag><StmtText>Abnormal ECG</StmtText></DiagnosisStatement></Diagnosis>
 <Waveform><WaveformType>Rhythm</WaveformType><SampleBase>25</SampleBase><SampleExponent>1</SampleExponent>
  <LeadData><LeadAmplitudeUnitsPerBit>5</LeadAmplitudeUnitsPerBit><LeadAmplitudeUnits>MICROVOLTS</LeadAmplitudeUnits>
   <LeadID>V1</LeadID><LeadOff>TRUE</LeadOff><WaveFormData>AQAC
AP//</WaveFormData></LeadData></Waveform>
</RestingECG>"#;

#[test]
fn every_field_of_a_small_document() {
    let recording = of(SMALL).unwrap();
    assert_eq!(recording.rate.0, 250.0);
    assert_eq!(recording.samples.row(0).to_vec(), [0.005, 0.010, -0.005]);
    let patient = &recording.patient;
    assert_eq!(patient.name.as_deref(), Some("M&M, Zoë"));
    assert_eq!((patient.age, patient.sex, patient.height_cm), (Some(0.5), Some(Sex::Female), Some(70.0)));
    assert_eq!(patient.birth.unwrap().to_string(), "2010-05-31");
    assert_eq!(recording.start.unwrap().to_string(), "2010-11-30T08:09:10");
    assert_eq!(recording.device.statements, ["Sinus rhythm with 1st degree AV block", "Abnormal ECG"]);
    assert_eq!(recording.origin.device.as_deref(), Some("GE MAC55"));
    assert!(recording.notes.iter().any(|n| n.en.contains("were off: V1")));
}

#[test]
fn other_encodings_and_no_document_type() {
    let chinese = SMALL
        .replace("Zo&#xEB;", "")
        .replace("M&amp;M", "张伟")
        .replace("<!DOCTYPE RestingECG SYSTEM \"restecg.dtd\">\n", "");
    assert_eq!(of(&chinese.replace("ISO-8859-1", "UTF-8")).unwrap().patient.name.as_deref(), Some("张伟"));
    let declared = chinese.replace("ISO-8859-1", "GB18030");
    let bytes = encoding_rs::GB18030.encode(&declared).0.into_owned();
    let recording = read(&Source::memory("x.xml", bytes), &ReadOptions::default()).unwrap();
    assert_eq!(recording.patient.name.as_deref(), Some("张伟"));
    let wide: Vec<u8> = [0xff, 0xfe]
        .into_iter()
        .chain(declared.replace("GB18030", "UTF-16").encode_utf16().flat_map(u16::to_le_bytes))
        .collect();
    let recording = read(&Source::memory("x.xml", wide), &ReadOptions::default()).unwrap();
    assert_eq!(recording.patient.name.as_deref(), Some("张伟"));
}

#[test]
fn what_cannot_be_trusted_is_refused() {
    for (from, to, why) in [
        ("<SampleBase>25</SampleBase>", "", "SampleBase"),
        ("<LeadAmplitudeUnitsPerBit>5</LeadAmplitudeUnitsPerBit>", "", "amplitude unit"),
        ("MICROVOLTS", "BEAKERS", "amplitude unit"),
        (">Rhythm<", ">Median<", "rhythm"),
        ("AQAC", "A*AC", "Base64"),
        ("<SampleExponent>1</SampleExponent>", "<SampleExponent>1", "XML"),
        ("M&amp;M", "&who;", "entity"),
    ] {
        let error = of(&SMALL.replace(from, to)).unwrap_err();
        assert!(error.contains("muse") && error.contains(why), "{from}: {error}");
    }
}
