//! HL7 aECG: the reference documents, hand-made ones with odd units, prefixes and gaps, and damage.
use crate::util::{data, hostile};
use einthoven::Recording;
use einthoven::ingest::{ReadError, ReadOptions, Source, read};
use einthoven::signal::{LeadName, Sex};

fn open(document: &[u8]) -> Result<Recording, ReadError> {
    read(&Source::memory("x.xml", document.to_vec()), &ReadOptions::default())
}

/// Two sequence sets, of other leads, one after the other; every unit another.
fn document(prefix: &str) -> String {
    let plain = r#"<?xml version="1.0" encoding="UTF-8"?>
<!-- <AnnotatedECG> in a comment is none -->
<AnnotatedECG xmlns="urn:hl7-org:v3" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">
<effectiveTime><center value="20021122091000"/></effectiveTime>
<componentOf><timepointEvent><componentOf><subjectAssignment><subject><trialSubject>
<id root="1.2" extension="SBJ-1"/>
<subjectDemographicPerson><name><family>欧阳</family><given>秀英</given></name>
<administrativeGenderCode code="F"/><birthTime value="19510502"/></subjectDemographicPerson>
</trialSubject></subject></subjectAssignment></componentOf></timepointEvent></componentOf>
<component><series><code code="RHYTHM"/>
<component><sequenceSet>
<component><sequence><code code="TIME_ABSOLUTE"/><value xsi:type="GLIST_TS">
<head value="20021122091000.000"/><increment value="2000" unit="us"/></value></sequence></component>
<component><sequence><code code="MDC_ECG_LEAD_I"/><value xsi:type="SLIST_PQ">
<origin value="0.5" unit="mV"/><scale value="2500" unit="nV"/><digits>
 100	-200 NaN 0 </digits></value></sequence></component>
<component><sequence><code code="MDC_PRESS_BLD_ART"/><value xsi:type="SLIST_PQ">
<origin value="0" unit="mm[Hg]"/><scale value="1" unit="mm[Hg]"/><digits>1 2 3 4</digits></value></sequence></component>
</sequenceSet></component>
<component><sequenceSet>
<component><sequence><code code="TIME_ABSOLUTE"/><value xsi:type="GLIST_TS">
<head value="20021122091000.006"/><increment value="0.002" unit="s"/></value></sequence></component>
<component><sequence><code code="MDC_ECG_LEAD_AVR"/><value xsi:type="SLIST_PQ">
<origin value="0" unit="uV"/><scale value="5" unit="uV"/><digits>10 20</digits></value></sequence></component>
</sequenceSet></component>
<subjectOf><annotationSet><component><annotation><code code="MDC_ECG_BEAT"/>
<value xsi:type="CE" code="MDC_ECG_BEAT_V_P_C"/>
<component><annotation><code code="MDC_ECG_WAVC"/><value xsi:type="CE" code="MDC_ECG_WAVC_QRSWAVE"/>
<support><supportingROI><code code="ROIPS"/><component><boundary><code code="TIME_ABSOLUTE"/>
<value xsi:type="IVL_TS"><low value="20021122091000.002"/><high value="20021122091000.006"/></value>
</boundary></component></supportingROI></support></annotation></component></annotation></component>
<component><annotation><code code="MDC_ECG_TIME_PD_PR"/><value xsi:type="PQ" value="0.148" unit="s"/></annotation></component>
<component><annotation><code code="MDC_ECG_INTERPRETATION_STATEMENT"/><value xsi:type="ST">窦性心律 &amp; 正常</value></annotation></component>
</annotationSet></subjectOf></series></component></AnnotatedECG>"#;
    if prefix.is_empty() {
        return plain.to_string();
    }
    // Prefixes every element; attributes and the declaration stay.
    let tagged = plain.replace("xmlns=", &format!("xmlns:{prefix}=")).replace("</", &format!("</{prefix}:"));
    let mut out = String::new();
    let mut chars = tagged.chars().peekable();
    while let Some(c) = chars.next() {
        out.push(c);
        if c == '<' && chars.peek().is_some_and(char::is_ascii_alphabetic) {
            out.push_str(prefix);
            out.push(':');
        }
    }
    out
}

fn check(r: &Recording) {
    assert_eq!((r.origin.format, r.rate.0, r.len()), ("aecg", 500.0, 5));
    assert_eq!(r.leads, [LeadName::I, LeadName::AvR]);
    let nan = f32::NAN;
    let expected = [[0.75, 0.0, nan, 0.5, nan], [nan, nan, nan, 0.05, 0.1]];
    for (row, expected) in r.samples.rows().into_iter().zip(expected) {
        for (v, x) in row.iter().zip(expected) {
            assert!((v - x).abs() < 1e-6 || v.is_nan() && x.is_nan(), "{:?}", r.samples);
        }
    }
    let marks: Vec<_> = r.annotations.iter().map(|a| (a.sample, a.code.as_str(), a.num)).collect();
    assert_eq!(marks, [(1, "(", 1), (2, "V", 0), (3, ")", 1)]);
    let p = &r.patient;
    assert_eq!((p.id.as_deref(), p.sex, p.age), (Some("SBJ-1"), Some(Sex::Female), Some(51.0)));
    assert_eq!(r.start.unwrap().to_string(), "2002-11-22T09:10:00");
    let m = &r.device.measurements[0];
    assert_eq!((m.name.as_str(), m.value, m.unit.as_str()), ("pr_ms", 148.0, "ms"));
    assert!(r.notes.iter().any(|n| n.en.contains("mm[Hg]")), "{:?}", r.notes);
}

#[test]
fn any_unit_any_prefix_any_encoding() {
    let plain = open(document("").as_bytes()).unwrap();
    check(&plain);
    assert_eq!(plain.patient.name.as_deref(), Some("欧阳秀英"));
    assert_eq!(plain.device.statements, ["窦性心律 & 正常"]);
    check(&open(document("hl7").as_bytes()).unwrap());
    let wide: Vec<u8> = document("").encode_utf16().flat_map(u16::to_le_bytes).collect();
    check(&open(&[&[0xFF, 0xFE][..], &wide].concat()).unwrap());
    let chinese = document("").replace("UTF-8", "GB18030");
    let declared = encoding_rs::GB18030.encode(&chinese).0.into_owned();
    let r = open(&declared).unwrap();
    check(&r);
    assert_eq!(r.patient.name.as_deref(), Some("欧阳秀英"));
}

#[test]
fn what_has_no_scale_or_time_is_refused() {
    for (from, to, word) in [
        (r#"<scale value="2500" unit="nV"/>"#, "", "no scale"),
        (r#"<scale value="2500" unit="nV"/>"#, r#"<scale value="2500"/>"#, "no unit"),
        (r#"unit="us""#, r#"unit="m""#, "no time"),
        ("-200", "-2x0", "no number"),
    ] {
        let broken = document("").replace(from, to);
        let error = open(broken.as_bytes()).unwrap_err().to_string();
        assert!(error.contains(word), "{word}: {error}");
    }
    let error = open(b"<AnnotatedECG><component/></AnnotatedECG>").unwrap_err().to_string();
    assert!(error.contains("no series"), "{error}");
}

/// What a document may lack or do oddly, and is read all the same.
#[test]
fn partial_documents_and_edge_cases() {
    let whole = document("");
    let without = |from: &str, to: &str| {
        let (start, end) = (whole.find(from).unwrap(), whole.find(to).unwrap() + to.len());
        format!("{}{}", &whole[..start], &whole[end..])
    };
    let r = open(without("<componentOf>", "</timepointEvent></componentOf>").as_bytes()).unwrap();
    assert_eq!((&r.patient, r.len()), (&einthoven::signal::Patient::default(), 5), "no subject");
    let r = open(without("<subjectOf>", "</subjectOf>").as_bytes()).unwrap();
    assert!(r.annotations.is_empty() && r.device.measurements.is_empty() && r.device.statements.is_empty());
    // No time of the first sample: the document's own.
    let headless = whole.replace(r#"<head value="20021122091000.000"/>"#, "");
    let headless = headless.replace(r#"<head value="20021122091000.006"/>"#, "");
    let r = open(headless.as_bytes()).unwrap();
    assert_eq!(r.start.unwrap().to_string(), "2002-11-22T09:10:00");
    assert_eq!(r.len(), 4, "both sets begin together");
    // No time at all.
    let r = open(headless.replace(r#"<effectiveTime><center value="20021122091000"/></effectiveTime>"#, "").as_bytes());
    assert_eq!(r.unwrap().start, None);
    // Leads of different lengths, an empty one, numbers with signs and fractions.
    let odd = whole.replace("<digits>10 20</digits>", "<digits>\n+10\t-20.5 1e1\n</digits>");
    let r = open(odd.as_bytes()).unwrap();
    let row = r.lead(&LeadName::AvR).unwrap();
    assert!((row[3] - 0.05).abs() < 1e-6 && (row[4] + 0.1025).abs() < 1e-6 && (row[5] - 0.05).abs() < 1e-6, "{row}");
    let r = open(whole.replace("<digits>10 20</digits>", "<digits/>").as_bytes());
    assert!(r.is_ok_and(|r| r.leads == [LeadName::I] || r.lead(&LeadName::AvR).unwrap().iter().all(|v| v.is_nan())));
    // A derived series alone is a median without a rhythm.
    let derived = whole.replace("<component><series>", "<component><series><derivation><derivedSeries>");
    let derived = derived.replace("</series></component>", "</derivedSeries></derivation></series></component>");
    assert!(open(derived.as_bytes()).unwrap_err().to_string().contains("no lead in volts"));
}

#[test]
fn the_reference_documents_obey_einthoven_and_carry_the_device_s_findings() {
    let Some(folder) = data("formats/aecg") else { return };
    for (name, id) in [
        ("hl7-2003-example.xml", "SBJ-123"),
        ("subject1_0.xml", "subject1"),
        ("subject1_1.xml", "subject1"),
        ("subject1_2.xml", "subject1"),
    ] {
        let r = einthoven::open(folder.join(name)).unwrap();
        assert_eq!((r.rate.0, r.len(), r.leads.as_slice()), (500.0, 5000, &LeadName::TWELVE[..]), "{name}");
        assert!(r.derived.is_empty());
        let lead = |l: LeadName| r.lead(&l).unwrap();
        for j in 0..r.len() {
            let residual = lead(LeadName::I)[j] + lead(LeadName::III)[j] - lead(LeadName::II)[j];
            assert!(residual.abs() < 0.011, "{name}: sample {j}: {residual}");
        }
        let peak = lead(LeadName::II).iter().fold(0.0_f32, |m, v| m.max(v.abs()));
        assert!((0.3..3.0).contains(&peak), "{peak}");
        let p = &r.patient;
        assert_eq!((p.id.as_deref(), p.name.as_deref(), p.sex), (Some(id), Some("Clark"), Some(Sex::Male)));
        assert_eq!(p.age, Some(49.0));
        assert_eq!(r.origin.device.as_deref(), Some("Mortara Instrument, Inc. ELI250"));
        assert!(r.origin.filters.as_deref().unwrap().contains("notch 60 Hz"));
        let value = |name: &str| r.device.measurements.iter().find(|m| m.name == name).map(|m| m.value);
        assert_eq!((value("pr_ms"), value("qrs_duration_ms"), value("qt_ms")), (Some(148.0), Some(120.0), Some(420.0)));
        assert_eq!(
            (value("p_axis_deg"), value("qrs_axis_deg"), value("t_axis_deg")),
            (Some(44.0), Some(-61.0), Some(86.0))
        );
        let median = r.device.median.as_ref().unwrap();
        assert_eq!((median.rate.0, median.leads.len()), (500.0, 12));
        assert!(r.annotations.iter().any(|a| a.code == "N"), "{:?}", r.annotations);
        assert!(r.device.statements.iter().any(|s| s == "Sinus Rhythm"), "{:?}", r.device.statements);
    }
}

#[test]
fn damage_gives_an_error_or_a_sound_recording() {
    hostile("x.xml", document("").as_bytes(), 1500);
}
