//! The data set's elements in the file's order: keyword and tag; private elements by their tag, long values shortened.

use super::bytes as latin1_bytes;
use super::envelope::{Envelope, meta_elements};
use crate::ingest::fields::{Fields, bytes};
use crate::ingest::{Limits, Source};
use dicom_core::dictionary::{DataDictionary, DataDictionaryEntry};
use dicom_core::{Tag, VR};
use dicom_dictionary_std::StandardDataDictionary;
use dicom_object::InMemDicomObject;
use dicom_object::mem::InMemElement;

/// Values of one element that are shown.
const MOST_VALUES: usize = 16;

pub fn fields(source: &Source) -> Fields {
    let mut out = Fields::default();
    out.at("0002");
    for (element, value) in meta_elements(source.bytes()) {
        out.named(name(Tag(2, element)), bytes(value));
    }
    out.at("");
    if let Ok(envelope) = Envelope::open(source.bytes(), &Limits::default(), &mut Vec::new()) {
        object(&envelope, &envelope.data, "", &mut out);
    }
    out
}

/// Keyword and tag of an element.
fn name(tag: Tag) -> String {
    let known =
        StandardDataDictionary.by_tag(tag).map(DataDictionaryEntry::alias).filter(|_| tag.group().is_multiple_of(2));
    format!("{} ({:04X},{:04X})", known.unwrap_or("private"), tag.group(), tag.element())
}

fn object(envelope: &Envelope, item: &InMemDicomObject, place: &str, out: &mut Fields) {
    for element in item {
        let tag = element.header().tag;
        let name = name(tag);
        if let Some(items) = element.value().items() {
            out.at(place);
            out.named(name.clone(), format!("[{}]", items.len()));
            // The envelope's walk has bounded the nesting.
            let keyword = name.split(' ').next().unwrap_or_default();
            for (number, inner) in items.iter().enumerate() {
                let dot = if place.is_empty() { "" } else { "." };
                object(envelope, inner, &format!("{place}{dot}{keyword}[{}]", number + 1), out);
            }
        } else {
            out.at(place);
            out.named(name, value(envelope, element));
        }
    }
}

fn value(envelope: &Envelope, element: &InMemElement) -> String {
    let vr = element.header().vr;
    if matches!(vr, VR::OB | VR::OW | VR::OF | VR::OD | VR::OL | VR::OV | VR::UN) {
        return element.to_bytes().map_or_else(|_| String::new(), |b| bytes(&b));
    }
    if matches!(vr, VR::US | VR::SS | VR::UL | VR::SL | VR::FL | VR::FD | VR::UV | VR::SV)
        && let Ok(numbers) = element.to_multi_float64()
    {
        let shown: Vec<String> = numbers.iter().take(MOST_VALUES).map(ToString::to_string).collect();
        let more = numbers.len().saturating_sub(MOST_VALUES);
        return shown.join("\\") + &if more > 0 { format!("… (+{more})") } else { String::new() };
    }
    let text = element.value().to_raw_str().map(std::borrow::Cow::into_owned).unwrap_or_default();
    envelope.charset.decode(&latin1_bytes(&text))
}
