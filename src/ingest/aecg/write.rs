//! Writes an aECG document: one rhythm series, one scale a lead, the recording's marks, and what the device measured and
//! said. UTF-8. A missing sample is written `NaN`, which the schema's list of integers does not foresee: recordings with gaps
//! are not valid for strict readers, and there is no other place for a gap within a lead.

use super::annotations::BEATS;
use crate::ingest::mdc::{self, MEASURES};
use crate::ingest::quantise::Step;
use crate::ingest::{OutFile, WriteError, marks};
use crate::signal::{Annotation, DeviceMeasurement, LeadName, Recording, Sex};
use crate::text::text;
use jiff::civil::DateTime;
use sha2::{Digest, Sha256};
use std::fmt::Write as _;

/// Full scale of the digits: 24 bits, finer than any amplifier.
const FULL_SCALE: i32 = (1 << 23) - 1;
const ACT: &str = r#"codeSystem="2.16.840.1.113883.5.4" codeSystemName="ActCode""#;
const MDC: &str = r#"codeSystem="2.16.840.1.113883.6.24" codeSystemName="MDC""#;

pub fn write(recording: &Recording, stem: &str) -> Result<Vec<OutFile>, WriteError> {
    if recording.is_empty() {
        return Err(WriteError::Unfit(text("aECG 不能保存空记录", "aECG holds no empty recording")));
    }
    let mut out = String::with_capacity(recording.samples.len() * 6 + 8192);
    open(&mut out, recording);
    time(&mut out, recording);
    for (lead, row) in recording.leads.iter().zip(recording.samples.rows()) {
        let step = Step::fit(row.iter().copied(), FULL_SCALE)
            .ok_or_else(|| WriteError::Unfit(text("信号含无穷大的值", "a sample is infinite")))?;
        sequence(&mut out, lead, step, row.iter().copied());
    }
    out.push_str("</sequenceSet></component>\n");
    annotations(&mut out, recording);
    out.push_str("</series></component>\n</AnnotatedECG>\n");
    Ok(vec![(format!("{stem}.xml"), out.into_bytes())])
}

/// Text for content and attributes: XML's five, no control characters.
fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\n' => out.push('\n'),
            c if c.is_control() || matches!(c, '\u{FFFE}' | '\u{FFFF}') => out.push(' '),
            c => out.push(c),
        }
    }
    out
}

/// A document id made from the content, so that the same recording gives the same bytes.
fn uuid(r: &Recording) -> String {
    let mut hash = Sha256::new();
    for v in &r.samples {
        hash.update(v.to_le_bytes());
    }
    hash.update(format!("{:?}{:?}{:?}{}", r.patient.id, r.start, r.leads, r.rate.0));
    let digest: [u8; 32] = hash.finalize().into();
    let hex = format!("{:032x}", u128::from_be_bytes(digest.first_chunk::<16>().copied().unwrap_or_default()));
    let part = |range: std::ops::Range<usize>| hex.get(range).unwrap_or_default();
    format!("{}-{}-{}-{}-{}", part(0..8), part(8..12), part(12..16), part(16..20), part(20..32))
}

/// A moment `samples` after the start, to the microsecond.
fn stamp(start: DateTime, seconds: f64) -> String {
    let micros = (seconds * 1e6).round() as i64;
    let moment = start.checked_add(jiff::SignedDuration::from_micros(micros)).unwrap_or(start);
    let fraction = moment.subsec_nanosecond() / 1000;
    let (d, t) = (moment.date(), moment.time());
    format!(
        "{:04}{:02}{:02}{:02}{:02}{:02}.{fraction:06}",
        d.year(),
        d.month(),
        d.day(),
        t.hour(),
        t.minute(),
        t.second()
    )
}

/// Everything up to the time sequence.
fn open(out: &mut String, r: &Recording) {
    let interval = r.start.map_or_else(String::new, |s| {
        let (low, high) = (stamp(s, 0.0), stamp(s, r.seconds()));
        format!(r#"<effectiveTime><low value="{low}" inclusive="true"/><high value="{high}" inclusive="false"/></effectiveTime>"#)
    });
    let p = &r.patient;
    let sex = match p.sex {
        Some(Sex::Male) => "M",
        Some(Sex::Female) => "F",
        None => "UN",
    };
    let id = p.id.as_deref().map_or_else(String::new, |id| format!(r#" extension="{}""#, escape(id)));
    let name = p.name.as_deref().map_or_else(String::new, |n| format!("<name>{}</name>", escape(n)));
    let birth = p
        .birth
        .map_or_else(String::new, |b| format!(r#"<birthTime value="{:04}{:02}{:02}"/>"#, b.year(), b.month(), b.day()));
    let device = r.origin.device.as_deref().map_or_else(String::new, |d| {
        format!(
            "<author><seriesAuthor><manufacturedSeriesDevice><manufacturerModelName>{}</manufacturerModelName>\
             </manufacturedSeriesDevice></seriesAuthor></author>",
            escape(d)
        )
    });
    let _ = write!(
        out,
        r#"<?xml version="1.0" encoding="UTF-8"?>
<AnnotatedECG xmlns="urn:hl7-org:v3" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" type="Observation">
<id root="{uuid}"/>
<code code="93000" codeSystem="2.16.840.1.113883.6.12" codeSystemName="CPT-4"/>
{interval}
<componentOf><timepointEvent><componentOf><subjectAssignment><subject><trialSubject>
<id root="{uuid}"{id}/>
<subjectDemographicPerson>{name}<administrativeGenderCode code="{sex}" codeSystem="2.16.840.1.113883.5.1"/>{birth}</subjectDemographicPerson>
</trialSubject></subject></subjectAssignment></componentOf></timepointEvent></componentOf>
<component><series>
<id root="{uuid}" extension="1"/>
<code code="RHYTHM" {ACT}/>
{interval}
{device}
<component><sequenceSet>
"#,
        uuid = uuid(r)
    );
}

/// The generated list of times. The increment has as many digits as give the rate back.
fn time(out: &mut String, r: &Recording) {
    let increment = 1.0 / r.rate.0;
    let (code, kind, head) = match r.start {
        Some(start) => ("TIME_ABSOLUTE", "GLIST_TS", format!(r#"<head value="{}"/>"#, stamp(start, 0.0))),
        None => ("TIME_RELATIVE", "GLIST_PQ", r#"<head value="0" unit="s"/>"#.to_string()),
    };
    let _ = writeln!(
        out,
        r#"<component><sequence><code code="{code}" {ACT}/><value xsi:type="{kind}">{head}<increment value="{increment}" unit="s"/></value></sequence></component>"#
    );
}

fn sequence(out: &mut String, lead: &LeadName, step: Step, row: impl Iterator<Item = f32>) {
    let code = match (mdc::number(lead), lead) {
        (Some(_), LeadName::X | LeadName::Y | LeadName::Z) => format!("MDC_ECG_LEAD_V{lead}"),
        (Some(_), lead) => format!("MDC_ECG_LEAD_{}", lead.as_str().to_uppercase()),
        (None, lead) => lead.to_string(),
    };
    let _ = write!(
        out,
        r#"<component><sequence><code code="{}" {MDC}/><value xsi:type="SLIST_PQ"><origin value="0" unit="uV"/><scale value="{}" unit="uV"/><digits>"#,
        escape(&code),
        step.microvolts()
    );
    for (n, v) in row.enumerate() {
        let gap = if n == 0 { "" } else { " " };
        let _ = match step.quantise(v) {
            Some(raw) => write!(out, "{gap}{raw}"),
            None => write!(out, "{gap}NaN"),
        };
    }
    out.push_str("</digits></value></sequence></component>\n");
}

fn annotations(out: &mut String, r: &Recording) {
    if r.annotations.is_empty() && r.device.statements.is_empty() && r.device.measurements.is_empty() {
        return;
    }
    out.push_str("<subjectOf><annotationSet>\n");
    for mark in &r.annotations {
        let region = region(r, mark);
        let (code, value) = match BEATS.iter().find(|(code, _)| *code == mark.code && mark.text.is_empty()) {
            Some((_, beat)) => ("MDC_ECG_BEAT", format!(r#"<value xsi:type="CE" code="{beat}" {MDC}/>"#)),
            None => (
                "ANNOTATION_COMMENT",
                format!(r#"<value xsi:type="ST">{}</value>"#, escape(&marks::texts(mark).join("\n"))),
            ),
        };
        let _ = writeln!(
            out,
            r#"<component><annotation><code code="{code}" {MDC}/>{value}{region}</annotation></component>"#
        );
    }
    for statement in &r.device.statements {
        let statement = escape(statement);
        let _ = writeln!(
            out,
            r#"<component><annotation><code code="MDC_ECG_INTERPRETATION_STATEMENT" {MDC}/><value xsi:type="ST">{statement}</value></annotation></component>"#
        );
    }
    r.device.measurements.iter().for_each(|m| measurement(out, m));
    out.push_str("</annotationSet></subjectOf>\n");
}

/// A point in time.
fn region(r: &Recording, mark: &Annotation) -> String {
    let seconds = mark.sample as f64 / r.rate.0;
    let (code, value) = match r.start {
        Some(start) => ("TIME_ABSOLUTE", format!(r#"<value xsi:type="TS" value="{}"/>"#, stamp(start, seconds))),
        None => ("TIME_RELATIVE", format!(r#"<value xsi:type="PQ" value="{seconds:.7}" unit="s"/>"#)),
    };
    format!(
        r#"<support><supportingROI classCode="ROIBND"><code code="ROIPS" codeSystem="2.16.840.1.113883.5.4"/><component><boundary><code code="{code}" {ACT}/>{value}</boundary></component></supportingROI></support>"#
    )
}

fn measurement(out: &mut String, m: &DeviceMeasurement) {
    let known = MEASURES.iter().find(|k| k.name == m.name);
    let code = known.map_or_else(|| escape(&m.name), |k| k.mdc.to_string());
    let unit = known.map_or_else(|| m.unit.replace('°', "deg").replace('µ', "u"), |k| k.unit.to_string());
    let lead = m.lead.as_ref().filter(|l| mdc::number(l).is_some()).map_or_else(String::new, |l| {
        format!(
            r#"<support><supportingROI classCode="ROIBND"><code code="ROIPS" codeSystem="2.16.840.1.113883.5.4"/><component><boundary><code code="MDC_ECG_LEAD_{}" {MDC}/></boundary></component></supportingROI></support>"#,
            l.as_str().to_uppercase()
        )
    });
    let _ = writeln!(
        out,
        r#"<component><annotation><code code="{code}" {MDC}/><value xsi:type="PQ" value="{}" unit="{}"/>{lead}</annotation></component>"#,
        m.value,
        escape(&unit)
    );
}
