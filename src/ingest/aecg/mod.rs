//! HL7 v3 Annotated ECG (ANSI/HL7 V3 ECG R1-2004; aECG Implementation Guide, HL7 2005), the FDA's XML.
//!
//! The rhythm series is the recording; a series derived from it is the device's representative beat. Namespaces may be
//! prefixed or absent, encodings any. Of several rhythm series the longest is read.

mod annotations;
mod series;
mod tree;
mod write;

use super::{Format, ReadError, ReadOptions, Source, alone, moment, xml};
use crate::signal::{DeviceMedian, Hz, Patient, Recording, Sex};
use crate::text::{Text, text};
use annotations::Found;
use series::Series;
use tree::Node;

const ID: &str = "aecg";

/// HL7 aECG.
pub static FORMAT: Format = Format {
    id: ID,
    name: text("HL7 aECG(FDA XML)", "HL7 aECG (FDA XML)"),
    extensions: &["xml", "aecg"],
    probe: |source| xml::root_is(source.bytes(), "AnnotatedECG"),
    read,
    companions: alone,
    fields: xml::fields,
    layout: None,
    write: Some(write::write),
};

fn read(source: &Source, options: &ReadOptions) -> Result<Recording, ReadError> {
    let document = xml::decode(source.bytes());
    let root = tree::parse(&document)?;
    let mut notes = Vec::new();
    let all: Vec<&Node> = root.all("component").filter_map(|c| c.child("series")).collect();
    let (node, series) = rhythm(&all, options, &mut notes)?;
    let mut found = Found::default();
    found.add(node, Some(&series));
    let derived: Vec<&Node> = node.all("derivation").filter_map(|d| d.child("derivedSeries")).collect();
    for derived in &derived {
        found.add(derived, None);
        if derived.code().contains("BEAT") && found.device.median.is_none() {
            // A damaged median costs itself only.
            found.device.median = Series::read(derived, &options.limits, &mut notes).ok().map(|m| DeviceMedian {
                rate: Hz(m.rate),
                leads: m.leads,
                samples: m.samples,
            });
        }
    }
    let start = series.start.or_else(|| effective(node)).or_else(|| effective(&root));
    let Series { rate, leads, samples, .. } = series;
    let mut recording = Recording::new(source.stem(), leads, Hz(rate), samples);
    found.marks.sort_by_key(|a| a.sample);
    recording.annotations = found.marks;
    recording.device = found.device;
    recording.start = start;
    recording.patient = patient(&root);
    recording.patient.fill_age(start);
    recording.origin.device = device(node);
    recording.origin.filters = filters(node);
    recording.notes = notes;
    Ok(recording)
}

/// The longest rhythm series.
fn rhythm<'a>(all: &[&'a Node], options: &ReadOptions, notes: &mut Vec<Text>) -> Result<(&'a Node, Series), ReadError> {
    let named: Vec<&Node> = all.iter().copied().filter(|s| s.code().is_empty() || s.code() == "RHYTHM").collect();
    let candidates = if named.is_empty() { all } else { &named };
    let mut best: Option<(&Node, Series)> = None;
    for node in candidates {
        let series = Series::read(node, &options.limits, notes)?;
        if best.as_ref().is_none_or(|(_, b)| series.samples.len() > b.samples.len()) {
            best = Some((node, series));
        }
    }
    if candidates.len() > 1 {
        notes.push(Text::of(
            format!("文件含 {} 段节律波形，读取最长的一段", candidates.len()),
            format!("there are {} rhythm series: the longest was read", candidates.len()),
        ));
    }
    best.ok_or_else(|| {
        ReadError::malformed(ID, "文件中没有波形（series）", "there is no series in the file", "AnnotatedECG")
    })
}

/// The moment of an `effectiveTime`.
fn effective(node: &Node) -> Option<jiff::civil::DateTime> {
    let time = node.child("effectiveTime")?;
    let value = time.child("low").or_else(|| time.child("center")).unwrap_or(time);
    moment::datetime(value.attribute("value")?)
}

fn patient(root: &Node) -> Patient {
    let Some(subject) = root.find("trialSubject").or_else(|| root.find("subject")) else { return Patient::default() };
    let id = subject.child("id").and_then(|i| i.attribute("extension").or_else(|| i.attribute("root")));
    let person = subject.find("subjectDemographicPerson").unwrap_or(subject);
    let coded = |name: &str, attribute: &str| person.child(name).and_then(|n| n.attribute(attribute));
    Patient {
        id: id.map(String::from),
        name: person.child("name").and_then(Node::words),
        sex: coded("administrativeGenderCode", "code").and_then(Sex::parse),
        birth: coded("birthTime", "value").and_then(moment::date),
        ..Patient::default()
    }
}

/// Maker and model.
fn device(series: &Node) -> Option<String> {
    let author = series.find("seriesAuthor")?;
    let maker = author.at(&["manufacturerOrganization", "name"]).and_then(Node::words);
    let model = author.at(&["manufacturedSeriesDevice", "manufacturerModelName"]).and_then(Node::words);
    let parts: Vec<String> = maker.into_iter().chain(model).collect();
    (!parts.is_empty()).then(|| parts.join(" "))
}

/// The filters' frequencies, in Hz.
fn filters(series: &Node) -> Option<String> {
    let (mut low, mut high, mut notch) = (None, None, None);
    for filter in series.all("controlVariable").filter_map(|c| c.child("controlVariable")) {
        let inner = filter.all("component").filter_map(|c| c.child("controlVariable"));
        let frequency =
            inner.filter(|v| v.code().ends_with("_FREQ")).find_map(|v| Some(v.child("value")?.quantity()?.0));
        match filter.code() {
            "MDC_ECG_CTL_VBL_ATTR_FILTER_LOW_PASS" => high = frequency,
            "MDC_ECG_CTL_VBL_ATTR_FILTER_HIGH_PASS" => low = frequency,
            "MDC_ECG_CTL_VBL_ATTR_FILTER_NOTCH" => notch = frequency,
            _ => {}
        }
    }
    let band = match (low, high) {
        (Some(l), Some(h)) => Some(format!("{l}–{h} Hz")),
        (Some(l), None) => Some(format!("≥ {l} Hz")),
        (None, Some(h)) => Some(format!("≤ {h} Hz")),
        (None, None) => None,
    };
    let parts: Vec<String> = band.into_iter().chain(notch.map(|n| format!("notch {n} Hz"))).collect();
    (!parts.is_empty()).then(|| parts.join(", "))
}
