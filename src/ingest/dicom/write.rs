//! Writes a DICOM ECG waveform object: Explicit VR Little Endian, UTF-8, 16 bit, one sensitivity a channel, with every
//! mandatory module of its IOD (PS3.3 A.34.3 … A.34.5).
//!
//! 12-lead where the IOD's limits hold (13 channels, 16384 samples, 200 … 1000 Hz), else general (24 channels, 200 … 1000 Hz),
//! else ambulatory (12 channels, 50 … 1000 Hz); what fits none is refused. Missing samples are the padding value −32768. UIDs
//! are made from the content, so that the same recording gives the same bytes. An unknown start is written as 1900-01-01,
//! as the date is obligatory, and read back as unknown.

use crate::ingest::charset::cut;
use crate::ingest::mdc::{self, MEASURES};
use crate::ingest::quantise::Step;
use crate::ingest::{OutFile, WriteError, marks, moment};
use crate::signal::{LeadName, Recording, Sex};
use crate::text::text;
use dicom_core::value::{DataSetSequence, PrimitiveValue};
use dicom_core::{DataElement, Tag, VR, dicom_value};
use dicom_dictionary_std::{tags, uids};
use dicom_object::{FileMetaTableBuilder, InMemDicomObject};
use sha2::{Digest, Sha256};

const PADDING: i16 = i16::MIN;
/// Filler of an obligatory date.
const UNKNOWN_DATE: jiff::civil::DateTime = jiff::civil::datetime(1900, 1, 1, 0, 0, 0, 0);

type Item = InMemDicomObject;

pub fn write(recording: &Recording, stem: &str) -> Result<Vec<OutFile>, WriteError> {
    let sop_class = sop_class(recording)?;
    let mut steps = Vec::with_capacity(recording.leads.len());
    for row in recording.samples.rows() {
        let step = Step::fit(row.iter().copied(), 32767)
            .ok_or_else(|| WriteError::Unfit(text("信号含无穷大的值", "a sample is infinite")))?;
        steps.push(step);
    }
    let words = words(recording, &steps);
    let digest = digest(recording, &words);
    let mut data = Item::new_empty();
    identify(&mut data, recording, sop_class, &digest);
    put_sequence(&mut data, tags::ACQUISITION_CONTEXT_SEQUENCE, Vec::new());
    let annotations = annotations(recording);
    if !annotations.is_empty() {
        put_sequence(&mut data, tags::WAVEFORM_ANNOTATION_SEQUENCE, annotations);
    }
    put_sequence(&mut data, tags::WAVEFORM_SEQUENCE, vec![group(recording, &steps, words)]);
    let meta = FileMetaTableBuilder::new()
        .transfer_syntax(uids::EXPLICIT_VR_LITTLE_ENDIAN)
        .media_storage_sop_class_uid(sop_class)
        .media_storage_sop_instance_uid(uid(&digest, 1));
    let mut bytes = Vec::new();
    let written = data.with_meta(meta).ok().and_then(|file| file.write_all(&mut bytes).ok());
    written.ok_or_else(|| WriteError::Unfit(text("无法编码为 DICOM", "cannot be encoded as DICOM")))?;
    Ok(vec![(format!("{stem}.dcm"), bytes)])
}

/// The IOD whose constraints the recording keeps.
fn sop_class(r: &Recording) -> Result<&'static str, WriteError> {
    let (channels, rate) = (r.leads.len(), r.rate.0);
    let diagnostic = (200.0..=1000.0).contains(&rate);
    let coded = r.leads.iter().all(|l| mdc::number(l).is_some());
    if r.is_empty() || u32::try_from(r.len()).is_err() {
        return Err(WriteError::Unfit(text("DICOM 不能保存空记录", "DICOM holds no empty recording")));
    }
    if diagnostic && coded && channels <= 13 && r.len() <= 16384 {
        Ok(uids::TWELVE_LEAD_ECG_WAVEFORM_STORAGE)
    } else if diagnostic && channels <= 24 {
        Ok(uids::GENERAL_ECG_WAVEFORM_STORAGE)
    } else if (50.0..=1000.0).contains(&rate) && channels <= 12 {
        Ok(uids::AMBULATORY_ECG_WAVEFORM_STORAGE)
    } else {
        Err(WriteError::Unfit(text(
            "DICOM 心电波形要求采样率 50–1000 Hz、导联数不超过 24（低于 200 Hz 时不超过 12）",
            "DICOM ECG waveforms have 50 to 1000 Hz and at most 24 leads (12 below 200 Hz)",
        )))
    }
}

/// Samples interleaved by channel.
fn words(r: &Recording, steps: &[Step]) -> Vec<u16> {
    let mut words = Vec::with_capacity(r.samples.len());
    for frame in r.samples.columns() {
        words.extend(frame.iter().zip(steps).map(|(v, step)| {
            let raw = step.quantise(*v).map_or(PADDING, |q| q as i16);
            raw as u16
        }));
    }
    words
}

fn digest(r: &Recording, words: &[u16]) -> [u8; 32] {
    let mut hash = Sha256::new();
    for word in words {
        hash.update(word.to_le_bytes());
    }
    let p = &r.patient;
    hash.update(format!("{:?}{:?}{:?}{:?}{}{:?}", p.id, p.name, r.start, r.leads, r.rate.0, r.annotations.len()));
    hash.finalize().into()
}

/// A UID of the form `2.25.<128-bit integer>` (PS3.5 B.2); `part` tells study, series and instance apart.
fn uid(digest: &[u8; 32], part: u8) -> String {
    let mixed: [u8; 32] = Sha256::new().chain_update(digest).chain_update([part]).finalize().into();
    let half = mixed.first_chunk::<16>().copied().unwrap_or_default();
    format!("2.25.{}", u128::from_be_bytes(half))
}

/// Patient, study, series, equipment, waveform identification and SOP common modules.
fn identify(data: &mut Item, r: &Recording, sop_class: &str, digest: &[u8; 32]) {
    let p = &r.patient;
    let start = r.start.unwrap_or(UNKNOWN_DATE);
    let stamp = moment::compact(start);
    let (date, time) = stamp.split_at(8);
    // A study of an unknown date has an empty one (type 2); only content and acquisition must have one.
    let study = |s: &str| if r.start.is_some() { s.to_string() } else { String::new() };
    let sex = match p.sex {
        Some(Sex::Male) => "M",
        Some(Sex::Female) => "F",
        None => "",
    };
    let fields: [(Tag, VR, String); 24] = [
        (tags::SPECIFIC_CHARACTER_SET, VR::CS, "ISO_IR 192".into()),
        (tags::SOP_CLASS_UID, VR::UI, sop_class.into()),
        (tags::SOP_INSTANCE_UID, VR::UI, uid(digest, 1)),
        (tags::STUDY_DATE, VR::DA, study(date)),
        (tags::CONTENT_DATE, VR::DA, date.into()),
        (tags::ACQUISITION_DATE_TIME, VR::DT, stamp.clone()),
        (tags::STUDY_TIME, VR::TM, study(time)),
        (tags::CONTENT_TIME, VR::TM, time.into()),
        (tags::ACCESSION_NUMBER, VR::SH, String::new()),
        (tags::MODALITY, VR::CS, "ECG".into()),
        (tags::MANUFACTURER, VR::LO, plain(r.origin.device.as_deref().unwrap_or(""), 64)),
        (tags::REFERRING_PHYSICIAN_NAME, VR::PN, String::new()),
        (tags::PATIENT_NAME, VR::PN, name(p.name.as_deref().unwrap_or(""))),
        (tags::PATIENT_ID, VR::LO, plain(p.id.as_deref().unwrap_or(""), 64)),
        (
            tags::PATIENT_BIRTH_DATE,
            VR::DA,
            p.birth.map_or_else(String::new, |b| format!("{:04}{:02}{:02}", b.year(), b.month(), b.day())),
        ),
        (tags::PATIENT_SEX, VR::CS, sex.into()),
        (tags::PATIENT_AGE, VR::AS, p.age.map_or_else(String::new, age)),
        (tags::PATIENT_SIZE, VR::DS, p.height_cm.map_or_else(String::new, |h| decimal(h / 100.0))),
        (tags::PATIENT_WEIGHT, VR::DS, p.weight_kg.map_or_else(String::new, decimal)),
        (tags::STUDY_INSTANCE_UID, VR::UI, uid(digest, 2)),
        (tags::SERIES_INSTANCE_UID, VR::UI, uid(digest, 3)),
        (tags::STUDY_ID, VR::SH, String::new()),
        (tags::SERIES_NUMBER, VR::IS, "1".into()),
        (tags::INSTANCE_NUMBER, VR::IS, "1".into()),
    ];
    for (tag, vr, value) in fields {
        // Age, size and weight are optional: absent rather than empty.
        let optional = matches!(tag, tags::PATIENT_AGE | tags::PATIENT_SIZE | tags::PATIENT_WEIGHT);
        if !(optional && value.is_empty()) {
            put(data, tag, vr, value);
        }
    }
}

/// The waveform module's one multiplex group.
fn group(r: &Recording, steps: &[Step], words: Vec<u16>) -> Item {
    let mut group = Item::new_empty();
    put(&mut group, tags::WAVEFORM_ORIGINALITY, VR::CS, "ORIGINAL");
    put(&mut group, tags::MULTIPLEX_GROUP_LABEL, VR::SH, "RHYTHM");
    put(&mut group, tags::SAMPLING_FREQUENCY, VR::DS, decimal(r.rate.0));
    put(&mut group, tags::NUMBER_OF_WAVEFORM_CHANNELS, VR::US, dicom_value!(U16, r.leads.len() as u16));
    put(&mut group, tags::NUMBER_OF_WAVEFORM_SAMPLES, VR::UL, dicom_value!(U32, r.len() as u32));
    let channels = r.leads.iter().zip(steps).map(|(lead, step)| channel(lead, *step)).collect();
    put_sequence(&mut group, tags::CHANNEL_DEFINITION_SEQUENCE, channels);
    put(&mut group, tags::WAVEFORM_BITS_ALLOCATED, VR::US, dicom_value!(U16, 16));
    put(&mut group, tags::WAVEFORM_SAMPLE_INTERPRETATION, VR::CS, "SS");
    put(&mut group, tags::WAVEFORM_PADDING_VALUE, VR::OW, PrimitiveValue::U16(vec![PADDING as u16].into()));
    put(&mut group, tags::WAVEFORM_DATA, VR::OW, PrimitiveValue::U16(words.into()));
    group
}

fn channel(lead: &LeadName, step: Step) -> Item {
    let mut channel = Item::new_empty();
    // CID 3001; a lead outside it by a private code and its name.
    let source = match mdc::number(lead) {
        Some(number) => code(&format!("2:{number}"), "MDC", Some("20060613"), &format!("Lead {lead}")),
        None => code("LEAD", "99EINTHOVEN", None, lead.as_str()),
    };
    put(&mut channel, tags::CHANNEL_LABEL, VR::SH, plain(lead.as_str(), 16));
    put_sequence(&mut channel, tags::CHANNEL_SOURCE_SEQUENCE, vec![source]);
    put(&mut channel, tags::CHANNEL_SENSITIVITY, VR::DS, decimal(step.microvolts()));
    put_sequence(
        &mut channel,
        tags::CHANNEL_SENSITIVITY_UNITS_SEQUENCE,
        vec![code("uV", "UCUM", Some("1.4"), "microvolt")],
    );
    put(&mut channel, tags::CHANNEL_SENSITIVITY_CORRECTION_FACTOR, VR::DS, "1");
    put(&mut channel, tags::CHANNEL_BASELINE, VR::DS, "0");
    put(&mut channel, tags::CHANNEL_SAMPLE_SKEW, VR::DS, "0");
    put(&mut channel, tags::WAVEFORM_BITS_STORED, VR::US, dicom_value!(U16, 16));
    channel
}

/// Marks, then what the device said and measured.
fn annotations(r: &Recording) -> Vec<Item> {
    let item = |group: u16| {
        let mut item = Item::new_empty();
        put(&mut item, tags::REFERENCED_WAVEFORM_CHANNELS, VR::US, dicom_value!(U16, [1, 0]));
        put(&mut item, tags::ANNOTATION_GROUP_NUMBER, VR::US, dicom_value!(U16, group));
        item
    };
    let marks = r.annotations.iter().map(|mark| {
        let mut item = item(1);
        put(&mut item, tags::UNFORMATTED_TEXT_VALUE, VR::ST, cut(&marks::texts(mark).join("\r\n"), 1024));
        put(&mut item, tags::TEMPORAL_RANGE_TYPE, VR::CS, "POINT");
        put(&mut item, tags::REFERENCED_SAMPLE_POSITIONS, VR::UL, dicom_value!(U32, mark.sample as u32 + 1));
        item
    });
    let statements = r.device.statements.iter().map(|statement| {
        let mut item = item(0);
        put(&mut item, tags::UNFORMATTED_TEXT_VALUE, VR::ST, cut(statement, 1024));
        item
    });
    let measurements = r.device.measurements.iter().map(|m| {
        let mut item = item(0);
        let known = MEASURES.iter().find(|k| k.name == m.name);
        let name = match known {
            Some(k) if !k.scpecg.is_empty() => code(k.scpecg, "SCPECG", Some("1.3"), k.meaning),
            Some(k) => code("MEASURE", "99EINTHOVEN", None, k.meaning),
            None => code("MEASURE", "99EINTHOVEN", None, &m.name),
        };
        let unit = known.map_or_else(|| m.unit.replace('°', "deg").replace('µ', "u"), |k| k.unit.to_string());
        put_sequence(&mut item, tags::CONCEPT_NAME_CODE_SEQUENCE, vec![name]);
        put(&mut item, tags::NUMERIC_VALUE, VR::DS, decimal(m.value));
        if !unit.is_empty() {
            put_sequence(
                &mut item,
                tags::MEASUREMENT_UNITS_CODE_SEQUENCE,
                vec![code(&unit, "UCUM", Some("1.4"), &unit)],
            );
        }
        let channel = m.lead.as_ref().and_then(|l| r.leads.iter().position(|o| o == l)).map_or(0, |i| i as u16 + 1);
        put(&mut item, tags::REFERENCED_WAVEFORM_CHANNELS, VR::US, dicom_value!(U16, [1, channel]));
        item
    });
    marks.chain(statements).chain(measurements).collect()
}

fn code(value: &str, scheme: &str, version: Option<&str>, meaning: &str) -> Item {
    let mut item = Item::new_empty();
    put(&mut item, tags::CODE_VALUE, VR::SH, plain(value, 16));
    put(&mut item, tags::CODING_SCHEME_DESIGNATOR, VR::SH, scheme);
    if let Some(version) = version {
        put(&mut item, tags::CODING_SCHEME_VERSION, VR::SH, version);
    }
    put(&mut item, tags::CODE_MEANING, VR::LO, plain(meaning, 64));
    item
}

fn put(item: &mut Item, tag: Tag, vr: VR, value: impl Into<PrimitiveValue>) {
    item.put(DataElement::new(tag, vr, value.into()));
}

fn put_sequence(item: &mut Item, tag: Tag, items: Vec<Item>) {
    item.put(DataElement::new(tag, VR::SQ, DataSetSequence::from(items)));
}

/// Text of at most `max` characters without the value delimiter and control characters.
fn plain(text: &str, max: usize) -> String {
    text.trim().chars().map(|c| if c == '\\' || c.is_control() { ' ' } else { c }).take(max).collect()
}

/// A name without the delimiters of its components.
fn name(text: &str) -> String {
    plain(text, 64).replace(['^', '='], " ")
}

/// Decimal string: at most 16 characters (PS3.5 6.2).
fn decimal(value: f64) -> String {
    let plain = format!("{value}");
    if plain.len() <= 16 {
        return plain;
    }
    (0..=15)
        .rev()
        .map(|digits| format!("{value:.digits$}"))
        .find(|t| t.len() <= 16)
        .unwrap_or_else(|| format!("{value:.8e}"))
}

/// Age string: days in the first month, months in the first two years.
fn age(years: f64) -> String {
    let (number, unit) = match years {
        y if y < 1.0 / 12.0 => (y * 365.2425, 'D'),
        y if y < 2.0 => (y * 12.0, 'M'),
        y => (y, 'Y'),
    };
    format!("{:03}{unit}", number.floor().clamp(0.0, 999.0))
}
