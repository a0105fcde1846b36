//! Philips Sierra XML: the makers' files against each other and against Philips' own export.
use crate::util::data;
use einthoven::Recording;
use einthoven::ingest::{ReadOptions, Source, open, read};
use einthoven::signal::{LeadName, Sex};

const FILES: [&str; 3] =
    ["1_03-129DYPRG.XML", "1_04-3191723_ZZDEMOPTONLY_1-04_orig.xml", "1_04-ad4d3d80-d165_1-04_orig.xml"];

fn measurement(recording: &Recording, name: &str, lead: Option<&LeadName>) -> Option<f64> {
    recording.device.measurements.iter().find(|m| m.name == name && m.lead.as_ref() == lead).map(|m| m.value)
}

/// Median peak-to-peak over stretches of `width` samples: baseline wander, slower than that, does not count.
fn typical_height(row: &[f32], width: usize) -> f32 {
    let height =
        |part: &[f32]| part.iter().fold(f32::MIN, |m, v| m.max(*v)) - part.iter().fold(f32::MAX, |m, v| m.min(*v));
    let mut heights: Vec<f32> = row.chunks_exact(width).map(height).collect();
    heights.sort_by(f32::total_cmp);
    heights[heights.len() / 2]
}

#[test]
fn compressed_leads_obey_einthoven_and_their_measurements() {
    let Some(folder) = data("formats/philips") else { return };
    for file in FILES {
        let recording = open(folder.join(file)).unwrap();
        // The calibration pulse, and the zeros around it, are cut off.
        assert_eq!(recording.rate.0, 500.0);
        assert!((5200..=5300).contains(&recording.len()), "{file}: {}", recording.len());
        assert!(recording.notes.iter().all(|n| n.en.contains("calibration")), "{file}: {:?}", recording.notes);
        assert_eq!(recording.leads, LeadName::TWELVE, "{file}");
        assert!(recording.derived.is_empty(), "{file}");
        let limb = |lead| recording.lead(lead).unwrap();
        // Exact but for two roundings of 5 µV: the residuals of the compression are right.
        let residual = &limb(&LeadName::I) + &limb(&LeadName::III) - limb(&LeadName::II);
        let worst = residual.iter().fold(0.0_f32, |m, v| m.max(v.abs()));
        assert!(worst < 0.0101, "{file}: {worst}");
        let goldberger = &limb(&LeadName::AvR) + &limb(&LeadName::AvL) + limb(&LeadName::AvF);
        assert!(goldberger.iter().all(|v| v.abs() < 0.0151), "{file}");
        for lead in [LeadName::I, LeadName::II, LeadName::V1, LeadName::V4, LeadName::V6] {
            let row = recording.lead(&lead).unwrap();
            let height = typical_height(&row.to_vec(), 750);
            let part = |name| measurement(&recording, name, Some(&lead)).unwrap_or(0.0);
            let measured =
                part("r_mv").max(part("r2_mv")).max(part("t_mv")) - part("q_mv").min(part("s_mv")).min(part("t_mv"));
            assert!(
                (f64::from(height) - measured).abs() < 0.35 * measured.max(0.5),
                "{file} {lead}: {height} {measured}"
            );
        }
    }
}

#[test]
fn patient_device_and_findings() {
    let Some(folder) = data("formats/philips") else { return };
    let old = open(folder.join(FILES[0])).unwrap();
    assert_eq!((old.patient.age, old.patient.sex), (Some(50.0), Some(Sex::Male)));
    assert_eq!(old.patient.id.as_deref(), Some("1112010721168bdc"));
    assert_eq!(old.start.unwrap().to_string(), "2011-12-01T07:27:34");
    assert_eq!(old.origin.device.as_deref(), Some("Philips HeartstartMRx"));
    for (name, value) in [("heart_rate_bpm", 41.0), ("pr_ms", 151.0), ("qrs_duration_ms", 135.0), ("qt_ms", 476.0)] {
        assert_eq!(measurement(&old, name, None), Some(value), "{name}");
    }
    assert_eq!(measurement(&old, "qrs_axis_deg", None), Some(-21.0));
    assert_eq!(old.device.statements.first().map(String::as_str), Some("ABNORMAL ECG"));
    assert!(old.device.statements.contains(&"Sinus bradycardia (rate< 50)".to_string()));

    let new = open(folder.join(FILES[1])).unwrap();
    assert_eq!(new.patient.name.as_deref(), Some("ZZDEMOPTONLY, ADULT"));
    assert_eq!(new.patient.age, Some(60.0));
    assert_eq!(new.origin.mains.unwrap().0, 60.0);
    assert_eq!(measurement(&new, "qtc_bazett_ms", None), Some(417.0));
    assert!(new.device.statements.iter().any(|s| s.starts_with("PROBABLE LEFT VENTRICULAR HYPERTROPHY")));
}

/// The digits of each `<digits>` of an aECG document, in order: twelve of the rhythm, twelve of the beat.
fn exported(document: &str) -> Vec<Vec<f32>> {
    let parts = document.split("<digits>").skip(1).filter_map(|part| part.split("</digits>").next());
    parts.map(|digits| digits.split_whitespace().map(|d| d.parse().unwrap()).collect()).collect()
}

/// Philips' export took the mains out of the rhythm (its own filter entry says "Notch 60 Hz, adaptive"), so that the
/// rhythm differs by that hum alone; the representative beat is unchanged.
#[test]
fn philips_own_export_agrees() {
    let Some(folder) = data("formats/philips") else { return };
    let recording = open(folder.join(FILES[2])).unwrap();
    let document = std::fs::read_to_string(folder.join("1_04-ad4d3d80-d165_1-04_converted.xml")).unwrap();
    let exported = exported(&document);
    assert_eq!(exported.len(), 24);
    let median = recording.device.median.as_ref().unwrap();
    for (index, lead) in LeadName::TWELVE.iter().enumerate() {
        let row = recording.lead(lead).unwrap();
        assert_eq!(exported[index].len(), 5500);
        let differences: Vec<f32> = row.iter().zip(&exported[index]).map(|(a, b)| a / 0.005 - b).collect();
        assert!(differences.iter().all(|d| d.abs() < 4.01), "{lead}");
        let power = |hertz: f32| {
            let turn = |k: usize| 2.0 * std::f32::consts::PI * hertz * k as f32 / 500.0;
            let (s, c) = differences
                .iter()
                .enumerate()
                .fold((0.0, 0.0), |(s, c), (k, d)| (s + d * turn(k).sin(), c + d * turn(k).cos()));
            s.hypot(c)
        };
        let beside = [10.0, 25.0, 90.0, 120.0, 200.0].map(power).into_iter().fold(0.0, f32::max);
        assert!(power(60.0) > 2.0 * beside, "{lead}: {} {beside}", power(60.0));
        let beat = median.samples.row(median.leads.iter().position(|l| l == lead).unwrap());
        assert_eq!(beat.len(), exported[12 + index].len());
        assert!(beat.iter().zip(&exported[12 + index]).all(|(a, b)| (a - b * 0.0025).abs() < 1e-6), "{lead}");
    }
}

#[test]
fn broken_documents_are_refused_with_the_reason() {
    let Some(folder) = data("formats/philips") else { return };
    let text = std::fs::read_to_string(folder.join(FILES[0])).unwrap();
    let refused = |document: &str| {
        let source = Source::memory("x.xml", document.as_bytes().to_vec());
        read(&source, &ReadOptions::default()).unwrap_err().to_string()
    };
    assert!(refused(&text.replace("<samplingrate>500</samplingrate>", "")).contains("sampling rate"));
    assert!(refused(&text.replace("<signalresolution>5</signalresolution>", "")).contains("resolution"));
    assert!(refused(&text.replace(">1.03<", ">2.7<")).contains("2.7"));
    assert!(refused(&text.replace("\"XLI\"", "\"ZIP\"")).contains("ZIP"));
    assert!(refused(&text.replace("7gUAAAEAAAAAEAQFAkDQ", "7gUAAAEAAAD/////////")).contains("philips"));
    assert!(refused(&text.replace("durationperchannel=\"11000\"", "durationperchannel=\"110\"")).contains("longer"));
    assert!(refused(&text[..text.len() / 2]).contains("philips"));
}

const PLAIN: &str = r#"<?xml version="1.0"?>
<restingecgdata xmlns="http://www3.medical.philips.com">
 <documentinfo><documentversion>1.04.01</documentversion></documentinfo>
 <dataacquisition date="2020-02-29" time="23:59:58"><machine>PageWriter TC50</machine>
  <signalcharacteristics><samplingrate>500</samplingrate><resolution>5</resolution><bitspersample>16</bitspersample>
   <signaloffset>0</signaloffset><numberchannelsvalid>2</numberchannelsvalid></signalcharacteristics></dataacquisition>
 <patient><generalpatientdata><MRN>42</MRN><name><lastname>王</lastname><firstname>芳</firstname></name>
  <age><months>18</months></age><sex>Female</sex><height><inch>30</inch></height><weight><kg>11</kg></weight>
 </generalpatientdata></patient>
 <interpretations>
  <interpretation date="2020-02-29" time="23:59:59"><statement><leftstatement>first</leftstatement><rightstatement/></statement></interpretation>
  <interpretation date="2020-03-01" time="08:00:00"><globalmeasurements><heartrate>104</heartrate></globalmeasurements>
   <statement><leftstatement>corrected</leftstatement><rightstatement>by a physician</rightstatement></statement></interpretation>
 </interpretations>
 <waveforms><parsedwaveforms dataencoding="Base64" leadlabels="II V1" durationperchannel="6">AQACAAQA//8AAAgA</parsedwaveforms></waveforms>
</restingecgdata>"#;

#[test]
fn plain_waveforms_and_the_latest_interpretation() {
    let of = |document: &str| read(&Source::memory("x.xml", document.as_bytes().to_vec()), &ReadOptions::default());
    let recording = of(PLAIN).unwrap();
    assert_eq!(recording.leads, [LeadName::II, LeadName::V1]);
    assert_eq!(recording.samples.row(0).to_vec(), [0.005, 0.010, 0.020]);
    assert_eq!(recording.samples.row(1).to_vec(), [-0.005, 0.0, 0.04]);
    assert!(recording.notes.is_empty(), "{:?}", recording.notes);
    let patient = &recording.patient;
    assert_eq!((patient.name.as_deref(), patient.id.as_deref()), (Some("王芳"), Some("42")));
    assert_eq!((patient.age, patient.height_cm, patient.weight_kg), (Some(1.5), Some(76.2), Some(11.0)));
    assert_eq!(recording.device.statements, ["corrected (by a physician)"]);
    assert_eq!(measurement(&recording, "heart_rate_bpm", None), Some(104.0));
    // Leads follow each other whole: half of the data is no two half leads.
    assert!(of(&PLAIN.replace("AQACAAQA//8AAAgA", "AQACAAQA")).unwrap_err().to_string().contains("shorter"));
    assert!(of(&PLAIN.replace("leadlabels=\"II V1\"", "")).unwrap_err().to_string().contains("named"));
    assert!(of(&PLAIN.replace("AQACAAQA//8AAAgA", "")).unwrap_err().to_string().contains("no waveform"));
}
