//! DICOM ECG waveforms (PS3.3 A.34.3 12-lead, A.34.4 general, A.34.5 ambulatory; 32-bit general), through dicom-rs.
//!
//! Every uncompressed and the deflated transfer syntax. Multiplex groups that hold the rhythm are laid side by side by
//! their time offsets (a 3 × 4 recording comes as four groups), a derived group beside them is the device's median beat.
//! Other waveforms (haemodynamic, EEG, audio …), pictures and encapsulated PDFs are refused by name. Not read: µ-law and
//! A-law samples, presentation states, skew between channels below a sample.

mod annotations;
mod charset;
mod envelope;
mod fields;
mod groups;
mod write;

use super::{Format, ReadError, ReadOptions, Source, alone, moment};
use crate::signal::{Hz, Patient, Recording, Sex};
use crate::text::text;
use dicom_core::Tag;
use dicom_dictionary_std::{tags, uids};
use dicom_object::InMemDicomObject;
use envelope::Envelope;

const ID: &str = "dicom";

/// DICOM waveform objects.
pub static FORMAT: Format = Format {
    id: ID,
    name: text("DICOM 心电波形", "DICOM ECG waveform"),
    extensions: &["dcm", "dicom"],
    probe: |source| envelope::meta_offset(source.bytes()).is_some(),
    read,
    companions: alone,
    fields: fields::fields,
    layout: None,
    write: Some(write::write),
};

fn read(source: &Source, options: &ReadOptions) -> Result<Recording, ReadError> {
    let mut notes = Vec::new();
    let envelope = Envelope::open(source.bytes(), &options.limits, &mut notes)?;
    is_ecg(&envelope.sop_class)?;
    let groups = groups::read(&envelope, &options.limits, &mut notes)?;
    let mut recording = Recording::new(source.stem(), groups.leads.clone(), Hz(groups.rate), groups.samples.clone());
    recording.device = annotations::findings(&envelope, &groups);
    recording.annotations = annotations::marks(&envelope, &groups);
    recording.device.median = groups.median;
    recording.start = start(&envelope);
    recording.patient = patient(&envelope);
    recording.patient.fill_age(recording.start);
    let maker = [tags::MANUFACTURER, tags::MANUFACTURER_MODEL_NAME].map(|t| envelope.text(t).unwrap_or_default());
    recording.origin.device = Some(maker.join(" ").trim().to_string()).filter(|d| !d.is_empty());
    recording.origin.filters = groups.filters;
    recording.notes = notes;
    Ok(recording)
}

/// Refuses what is no ECG, by what it is.
fn is_ecg(sop_class: &str) -> Result<(), ReadError> {
    /// General 32-bit ECG Waveform Storage, newer than the dictionary of some versions.
    const GENERAL_32: &str = "1.2.840.10008.5.1.4.1.1.9.1.4";
    let ecg = [
        uids::TWELVE_LEAD_ECG_WAVEFORM_STORAGE,
        uids::GENERAL_ECG_WAVEFORM_STORAGE,
        uids::AMBULATORY_ECG_WAVEFORM_STORAGE,
        GENERAL_32,
    ];
    if ecg.contains(&sop_class) {
        return Ok(());
    }
    let (zh, en) = match sop_class.strip_prefix("1.2.840.10008.5.1.4.1.1.") {
        Some("9.2.1") => ("血流动力学波形", "a haemodynamic waveform"),
        Some("9.3.1") => ("心内电生理波形", "an electrophysiology (intracardiac) waveform"),
        Some("9.4.1" | "9.4.2") => ("音频", "audio"),
        Some("9.5.1") => ("动脉脉搏波形", "an arterial pulse waveform"),
        Some("9.6.1" | "9.6.2") => ("呼吸波形", "a respiratory waveform"),
        Some("9.7.1" | "9.7.4") => ("脑电波形", "an EEG"),
        Some("9.7.2") => ("肌电波形", "an EMG"),
        Some("9.7.3") => ("眼电波形", "an EOG"),
        Some("104.1") => ("封装的 PDF（只有图，没有波形数据）", "an encapsulated PDF (a picture, no waveform data)"),
        Some("88.11" | "88.22" | "88.33" | "88.34") => ("结构化报告", "a structured report"),
        Some(_) => ("图像或其他对象", "an image or another object"),
        None => ("目录或非存储对象", "a directory or no storage object"),
    };
    Err(ReadError::unsupported(
        ID,
        format!("不是心电波形，而是{zh}（SOP 类 {sop_class}）"),
        format!("no ECG waveform but {en} (SOP class {sop_class})"),
    ))
}

/// When the signal begins: acquisition, else content, else study.
fn start(e: &Envelope) -> Option<jiff::civil::DateTime> {
    let pair = |date: Tag, time: Tag| {
        let date = moment::date(&raw(&e.data, date)?)?;
        Some(date.to_datetime(moment::time(&raw(&e.data, time)?)?))
    };
    raw(&e.data, tags::ACQUISITION_DATE_TIME)
        .and_then(|t| moment::datetime(&t))
        .or_else(|| pair(tags::ACQUISITION_DATE, tags::ACQUISITION_TIME))
        .or_else(|| pair(tags::CONTENT_DATE, tags::CONTENT_TIME))
        .or_else(|| pair(tags::STUDY_DATE, tags::STUDY_TIME))
}

fn patient(e: &Envelope) -> Patient {
    let number = |tag: Tag| raw(&e.data, tag)?.trim().parse::<f64>().ok().filter(|v| v.is_finite() && *v > 0.0);
    let name = raw(&e.data, tags::PATIENT_NAME).map(|t| e.charset.person(&bytes(&t)));
    Patient {
        id: e.text(tags::PATIENT_ID),
        name: name.filter(|n| !n.is_empty()),
        sex: raw(&e.data, tags::PATIENT_SEX).and_then(|s| Sex::parse(&s)),
        age: raw(&e.data, tags::PATIENT_AGE).and_then(|a| age(&a)),
        birth: raw(&e.data, tags::PATIENT_BIRTH_DATE).and_then(|d| moment::date(&d)),
        height_cm: number(tags::PATIENT_SIZE).map(|m| (m * 1e4).round() / 100.0),
        weight_kg: number(tags::PATIENT_WEIGHT),
    }
}

/// Age string `nnnY`, `nnnM`, `nnnW` or `nnnD`, in years.
fn age(text: &str) -> Option<f64> {
    let text = text.trim();
    let unit = text.chars().last()?;
    let number: f64 = text.strip_suffix(unit)?.trim().parse().ok()?;
    Some(match unit {
        'Y' => number,
        'M' => number / 12.0,
        'W' => number * 7.0 / 365.2425,
        'D' => number / 365.2425,
        _ => return None,
    })
}

impl Envelope {
    /// A text value in its character set, without blanks around it; `None` when absent or empty.
    pub fn text(&self, tag: Tag) -> Option<String> {
        self.text_of(&self.data, tag)
    }

    /// The same of an item.
    pub fn text_of(&self, item: &InMemDicomObject, tag: Tag) -> Option<String> {
        let text = self.charset.decode(&bytes(&raw(item, tag)?));
        let text = text.trim_matches(|c: char| c.is_whitespace() || c == '\0');
        (!text.is_empty()).then(|| text.to_string())
    }
}

/// A value as Latin-1 text, several joined by `\`.
fn raw(item: &InMemDicomObject, tag: Tag) -> Option<String> {
    item.get(tag)?.value().to_raw_str().ok().map(std::borrow::Cow::into_owned)
}

/// The bytes of Latin-1 text.
fn bytes(latin1: &str) -> Vec<u8> {
    latin1.chars().map(|c| u8::try_from(c).unwrap_or(b'?')).collect()
}

/// A number; the first of several.
fn number(item: &InMemDicomObject, tag: Tag) -> Option<f64> {
    let element = item.get(tag)?;
    let value = element.value().to_multi_float64().ok()?.first().copied()?;
    value.is_finite().then_some(value)
}

/// The items of a sequence.
fn items(item: &InMemDicomObject, tag: Tag) -> &[InMemDicomObject] {
    item.get(tag).and_then(|e| e.value().items()).unwrap_or(&[])
}
