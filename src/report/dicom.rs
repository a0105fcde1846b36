//! The PDF as a DICOM object: Encapsulated PDF Storage (PS3.3 A.45.1), Explicit VR Little Endian, UTF-8.
//!
//! UIDs are derived from the content, so that the same report gives the same object.

use super::page::clean;
use super::{Output, PROGRAM, RenderError, Report, Settings, VERSION, pdf, words};
use crate::signal::Sex;
use crate::text::{Lang, text};
use dicom_core::value::{DataSetSequence, PrimitiveValue};
use dicom_core::{DataElement, Tag, VR};
use dicom_dictionary_std::{tags, uids};
use dicom_object::{FileMetaTableBuilder, InMemDicomObject};
use sha2::{Digest, Sha256};

/// Facts of this output.
pub static DICOM: Output = Output {
    id: "dicom-pdf",
    name: text("DICOM 封装 PDF", "DICOM Encapsulated PDF"),
    extension: "pdf.dcm",
    drawn: true,
    render,
};

fn render(report: &Report, settings: &Settings) -> Result<Vec<u8>, RenderError> {
    let pdf = pdf::render(report, settings)?;
    let mut data = InMemDicomObject::new_empty();
    for (tag, vr, value) in fields(report, settings.lang) {
        data.put(DataElement::new(tag, vr, PrimitiveValue::from(value)));
    }
    let code = [
        (tags::CODE_VALUE, VR::SH, "11524-6"),
        (tags::CODING_SCHEME_DESIGNATOR, VR::SH, "LN"),
        (tags::CODE_MEANING, VR::LO, "EKG study"),
    ];
    let concept = InMemDicomObject::from_element_iter(
        code.map(|(tag, vr, value)| DataElement::new(tag, vr, PrimitiveValue::from(value))),
    );
    let sequence = DataSetSequence::from(vec![concept]);
    data.put(DataElement::new(tags::CONCEPT_NAME_CODE_SEQUENCE, VR::SQ, sequence));
    let length = u32::try_from(pdf.len()).map_err(|e| RenderError::Write(e.to_string()))?;
    data.put(DataElement::new(tags::ENCAPSULATED_DOCUMENT_LENGTH, VR::UL, PrimitiveValue::from(length)));
    let mut padded = pdf;
    // OB has an even length; the true one is in Encapsulated Document Length.
    if padded.len() % 2 == 1 {
        padded.push(0);
    }
    data.put(DataElement::new(tags::ENCAPSULATED_DOCUMENT, VR::OB, PrimitiveValue::from(padded)));
    let meta = FileMetaTableBuilder::new()
        .transfer_syntax(uids::EXPLICIT_VR_LITTLE_ENDIAN)
        .media_storage_sop_class_uid(uids::ENCAPSULATED_PDF_STORAGE)
        .media_storage_sop_instance_uid(uid(report, "dicom instance"));
    let mut bytes = Vec::new();
    let file = data.with_meta(meta).map_err(|e| RenderError::Write(e.to_string()))?;
    file.write_all(&mut bytes).map_err(|e| RenderError::Write(e.to_string()))?;
    Ok(bytes)
}

/// `2.25.` and a number from the content's hash (PS3.5 B.2).
fn uid(report: &Report, part: &str) -> String {
    let origin = &report.recording.origin.sha256;
    let digest: [u8; 32] = Sha256::digest(format!("{PROGRAM} {VERSION} {origin} {part}")).into();
    let half = digest.first_chunk::<16>().copied().unwrap_or_default();
    format!("2.25.{}", u128::from_be_bytes(half))
}

fn fields(report: &Report, lang: Lang) -> Vec<(Tag, VR, String)> {
    let patient = &report.diagnosis.patient;
    let text =
        |value: Option<&str>| clean(value.unwrap_or_default()).replace('\\', "/").chars().take(64).collect::<String>();
    let (date, time) = report
        .recording
        .start
        .map_or_else(Default::default, |t| (t.strftime("%Y%m%d").to_string(), t.strftime("%H%M%S").to_string()));
    let (made, made_at) = report
        .created
        .as_ref()
        .map_or_else(Default::default, |t| (t.strftime("%Y%m%d").to_string(), t.strftime("%H%M%S").to_string()));
    let sex = match patient.sex {
        Some(Sex::Male) => "M",
        Some(Sex::Female) => "F",
        None => "",
    };
    let verified = if report.signature.is_some() { "VERIFIED" } else { "UNVERIFIED" };
    let birth = patient.birth.map(|d| d.strftime("%Y%m%d").to_string()).unwrap_or_default();
    vec![
        (tags::SPECIFIC_CHARACTER_SET, VR::CS, "ISO_IR 192".into()),
        (tags::SOP_CLASS_UID, VR::UI, uids::ENCAPSULATED_PDF_STORAGE.into()),
        (tags::SOP_INSTANCE_UID, VR::UI, uid(report, "dicom instance")),
        (tags::STUDY_DATE, VR::DA, date.clone()),
        (tags::CONTENT_DATE, VR::DA, made),
        (tags::ACQUISITION_DATE_TIME, VR::DT, format!("{date}{time}")),
        (tags::STUDY_TIME, VR::TM, time),
        (tags::CONTENT_TIME, VR::TM, made_at),
        (tags::ACCESSION_NUMBER, VR::SH, String::new()),
        (tags::MODALITY, VR::CS, "DOC".into()),
        (tags::CONVERSION_TYPE, VR::CS, "WSD".into()),
        (tags::MANUFACTURER, VR::LO, PROGRAM.into()),
        (tags::REFERRING_PHYSICIAN_NAME, VR::PN, String::new()),
        (tags::PATIENT_NAME, VR::PN, text(patient.name.as_deref())),
        (tags::PATIENT_ID, VR::LO, text(patient.id.as_deref())),
        (tags::PATIENT_BIRTH_DATE, VR::DA, birth),
        (tags::PATIENT_SEX, VR::CS, sex.into()),
        (tags::SOFTWARE_VERSIONS, VR::LO, VERSION.into()),
        (tags::STUDY_INSTANCE_UID, VR::UI, uid(report, "dicom study")),
        (tags::SERIES_INSTANCE_UID, VR::UI, uid(report, "dicom series")),
        (tags::STUDY_ID, VR::SH, String::new()),
        (tags::SERIES_NUMBER, VR::IS, "1".into()),
        (tags::INSTANCE_NUMBER, VR::IS, "1".into()),
        (tags::BURNED_IN_ANNOTATION, VR::CS, "YES".into()),
        (tags::VERIFICATION_FLAG, VR::CS, verified.into()),
        (tags::DOCUMENT_TITLE, VR::ST, words::REPORT.get(lang).into()),
        (tags::MIME_TYPE_OF_ENCAPSULATED_DOCUMENT, VR::LO, "application/pdf".into()),
    ]
}
