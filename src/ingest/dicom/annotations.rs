//! Waveform Annotation Sequence (PS3.3 C.10.10): the device's statements and measurements, and its marks in the signal.

use super::envelope::Envelope;
use super::groups::Groups;
use super::{items, number, raw};
use crate::ingest::marks::{mark, of_texts};
use crate::ingest::mdc::Measure;
use crate::signal::{Annotation, DeviceFindings, DeviceMeasurement, LeadName};
use dicom_core::Tag;
use dicom_dictionary_std::tags;
use dicom_object::InMemDicomObject;

/// Statements (text without a place in time) and measurements.
pub fn findings(e: &Envelope, groups: &Groups) -> DeviceFindings {
    let mut found = DeviceFindings::default();
    for item in items(&e.data, tags::WAVEFORM_ANNOTATION_SEQUENCE) {
        if positions(item, groups).is_some() {
            continue;
        }
        if let Some(text) = e.text_of(item, tags::UNFORMATTED_TEXT_VALUE) {
            found.statements.push(text);
        } else if let Some(measurement) = measurement(e, item, groups) {
            found.measurements.push(measurement);
        } else if let Some(concept) = concept(item) {
            // A coded statement: `rhythm: sinus rhythm`, or its concept alone.
            let value = items(item, tags::CONCEPT_CODE_SEQUENCE).first().and_then(|v| e.text_of(v, tags::CODE_MEANING));
            let name = e.text_of(concept, tags::CODE_MEANING);
            found.statements.extend(value.or(name));
        }
    }
    found
}

fn measurement(e: &Envelope, item: &InMemDicomObject, groups: &Groups) -> Option<DeviceMeasurement> {
    let value = number(item, tags::NUMERIC_VALUE)?;
    let concept = concept(item)?;
    let (code, meaning) = (raw(concept, tags::CODE_VALUE).unwrap_or_default(), e.text_of(concept, tags::CODE_MEANING));
    let meaning = meaning.unwrap_or_else(|| code.clone());
    let unit = items(item, tags::MEASUREMENT_UNITS_CODE_SEQUENCE).first().and_then(|u| raw(u, tags::CODE_VALUE));
    let unit = unit.map_or_else(String::new, |u| Measure::printed(&u).to_string());
    let name = Measure::find(&code, &meaning).map_or(meaning, |m| m.name.to_string());
    Some(DeviceMeasurement { name, lead: lead(item, groups), value, unit })
}

fn concept(item: &InMemDicomObject) -> Option<&InMemDicomObject> {
    items(item, tags::CONCEPT_NAME_CODE_SEQUENCE).first()
}

/// The lead of an annotation that refers to one channel alone.
fn lead(item: &InMemDicomObject, groups: &Groups) -> Option<LeadName> {
    let [group, channel] = numbers(item, tags::REFERENCED_WAVEFORM_CHANNELS)[..] else { return None };
    let (_, leads) = groups.placed.get((group as usize).checked_sub(1)?)?.as_ref()?;
    leads.get((channel as usize).checked_sub(1)?).cloned()
}

fn numbers(item: &InMemDicomObject, tag: Tag) -> Vec<f64> {
    item.get(tag).and_then(|e| e.value().to_multi_float64().ok()).unwrap_or_default()
}

/// Sample positions in the joined rhythm; `None` for an annotation that has no place in time or lies in another group.
fn positions(item: &InMemDicomObject, groups: &Groups) -> Option<Vec<usize>> {
    let samples = numbers(item, tags::REFERENCED_SAMPLE_POSITIONS);
    let offsets = numbers(item, tags::REFERENCED_TIME_OFFSETS);
    if samples.is_empty() && offsets.is_empty() {
        return None;
    }
    let group =
        numbers(item, tags::REFERENCED_WAVEFORM_CHANNELS).first().map_or(0, |g| (*g as usize).saturating_sub(1));
    let Some((start, _)) = groups.placed.get(group).and_then(Option::as_ref) else { return Some(Vec::new()) };
    // The first sample is 1 (PS3.3 C.10.10.1.2); offsets are in ms.
    let from_samples = samples.iter().map(|s| s - 1.0);
    let from_offsets = offsets.iter().map(|ms| (ms * groups.rate / 1000.0).round());
    let inside =
        |s: f64| (s >= 0.0).then(|| (s as usize).saturating_add(*start)).filter(|s| *s < groups.samples.ncols());
    Some(from_samples.chain(from_offsets).filter_map(inside).collect())
}

/// Marks at samples: texts as [`of_texts`] reads them, wave bounds and beats by the meaning of their code.
pub fn marks(e: &Envelope, groups: &Groups) -> Vec<Annotation> {
    let sequence = items(&e.data, tags::WAVEFORM_ANNOTATION_SEQUENCE);
    let of_median = median_set(e, sequence, groups);
    let mut found = Vec::new();
    for item in sequence {
        let set = number(item, tags::ANNOTATION_GROUP_NUMBER);
        if of_median.is_some() && set == of_median {
            continue;
        }
        for sample in positions(item, groups).unwrap_or_default() {
            if let Some(text) = e.text_of(item, tags::UNFORMATTED_TEXT_VALUE) {
                found.extend(of_texts(sample, text.lines()));
            } else if let Some(meaning) = concept(item).and_then(|c| e.text_of(c, tags::CODE_MEANING)) {
                found.push(coded(sample, &meaning));
            }
        }
    }
    found.sort_by_key(|a| a.sample);
    found
}

/// Mortara's files place the marks of the median beat in the rhythm's group: the set whose fiducial point is the sample the
/// median was aligned by is the median's.
fn median_set(e: &Envelope, sequence: &[InMemDicomObject], groups: &Groups) -> Option<f64> {
    let trigger = groups.trigger? as f64;
    let item = sequence.iter().find(|item| {
        let meaning = concept(item).and_then(|c| e.text_of(c, tags::CODE_MEANING)).unwrap_or_default();
        meaning.eq_ignore_ascii_case("Fiducial Point") && numbers(item, tags::REFERENCED_SAMPLE_POSITIONS) == [trigger]
    })?;
    number(item, tags::ANNOTATION_GROUP_NUMBER)
}

/// Wave bounds are `(` and `)` with the wave in `num` (0 P, 1 QRS, 2 T, as ecgpuwave has it), a beat whose class is not
/// said is `Q`, anything else a comment.
fn coded(sample: usize, meaning: &str) -> Annotation {
    let said = meaning.to_lowercase();
    let wave = ["p", "qrs", "t"].iter().position(|w| said.split(' ').next() == Some(w));
    let bound = if said.contains("onset") {
        Some("(")
    } else if said.contains("offset") || said.contains(" end") {
        Some(")")
    } else {
        None
    };
    match (bound, wave) {
        (Some(bound), Some(wave)) => Annotation { num: wave as i8, ..mark(sample, bound, "") },
        _ if said == "fiducial point" => mark(sample, "Q", ""),
        _ => mark(sample, "\"", meaning),
    }
}
