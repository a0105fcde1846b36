//! ISHNE Holter 1.0 (Badilini, Ann. Noninvasive Electrocardiol. 3:263, 1998): ECG file and annotation file.
//!
//! Header: magic (8 bytes), CRC-CCITT of all that follows up to the data (2), fixed block (512), free text of any length;
//! then 16-bit samples, interleaved. All little-endian. The annotation file beside it has the same name with `.ann`, the same
//! header with another magic, the sample of the first mark (4 bytes), and four bytes a mark: label, a label for internal
//! use, samples since the mark before (of the first mark: not used). A sample of −32768 is missing: the format has no mark
//! for that, and no amplifier gives it.

mod annotations;
mod fields;
mod header;
mod window;
mod write;

use super::{Format, Limits, ReadError, ReadOptions, Source, name_leads};
use crate::signal::{Hz, Recording};
use crate::text::{Text, text};
use header::Header;
use ndarray::{Array2, Axis};

const ID: &str = "ishne";
const ECG: &[u8; 8] = b"ISHNE1.0";
const MARKS: &[u8; 8] = b"ANN  1.0";

/// ISHNE Holter.
pub static FORMAT: Format = Format {
    id: ID,
    name: text("ISHNE 动态心电", "ISHNE Holter"),
    extensions: &["ecg", "hol", "ann"],
    probe: |source| source.bytes().starts_with(ECG) || source.bytes().starts_with(MARKS),
    read,
    fields: fields::fields,
    companions: |source| annotation_file(source).map(|(name, _)| name).into_iter().collect(),
    layout: Some(window::layout),
    write: Some(write::write),
};

fn read(source: &Source, options: &ReadOptions) -> Result<Recording, ReadError> {
    if source.bytes().starts_with(MARKS) {
        return Err(ReadError::unsupported(
            ID,
            "这是标注文件，不含心电波形；请打开同名的心电文件",
            "this is an annotation file without an ECG: open the ECG file of the same name",
        ));
    }
    let mut notes = Vec::new();
    let header = Header::read(source.bytes(), &mut notes)?;
    let samples = samples(&header, source.bytes(), &options.limits, &mut notes)?;
    let labels: Vec<String> = header.labels();
    let named = name_leads(&labels.iter().map(String::as_str).collect::<Vec<_>>());
    let leads = named.into_iter().map(|(lead, _)| lead).collect();
    let mut recording = Recording::new(source.stem(), leads, Hz(header.rate), samples);
    if let Some((_, bytes)) = annotation_file(source) {
        recording.annotations = annotations::read(&bytes, recording.len(), &mut notes)?;
    }
    recording.start = header.start;
    recording.patient = header.patient;
    recording.patient.fill_age(header.start);
    recording.origin.device = header.recorder;
    recording.notes = notes;
    Ok(recording)
}

/// The annotation file beside an ECG file.
fn annotation_file(source: &Source) -> Option<(String, Vec<u8>)> {
    if !source.bytes().starts_with(ECG) {
        return None;
    }
    let names = [format!("{}.ann", source.stem()), format!("{}.ANN", source.stem())];
    names.into_iter().find_map(|name| {
        let bytes = source.sibling(&name)?;
        bytes.starts_with(MARKS).then_some((name, bytes))
    })
}

/// Leads × samples in mV.
fn samples(header: &Header, bytes: &[u8], limits: &Limits, notes: &mut Vec<Text>) -> Result<Array2<f32>, ReadError> {
    let data = bytes.get(header.data..).unwrap_or(&[]);
    let count = header.leads.len();
    let held = data.len() / (2 * count.max(1));
    // "Size of the ECG in samples" is of one lead with most writers, of all together with some.
    let declared = if header.samples == held.saturating_mul(count) { held } else { header.samples };
    if declared != held {
        notes.push(Text::of(
            format!("文件头写明每导联 {declared} 个采样点，文件中有 {held} 个"),
            format!("the header says {declared} samples a lead, the file holds {held}"),
        ));
    }
    let length = if declared == 0 { held } else { declared.min(held) };
    if length == 0 {
        return Err(ReadError::malformed(
            ID,
            "文件中没有波形数据",
            "there is no waveform in the file",
            format!("byte {}", header.data),
        ));
    }
    limits.shape(count, length)?;
    let mut samples = Array2::zeros((count, length));
    let words = data.as_chunks::<2>().0;
    for (n, (lead, mut row)) in header.leads.iter().zip(samples.axis_iter_mut(Axis(0))).enumerate() {
        let gain = lead.resolution as f32 * 1e-6;
        for (v, word) in row.iter_mut().zip(words.iter().skip(n).step_by(count)) {
            let raw = i16::from_le_bytes(*word);
            *v = if raw == i16::MIN { f32::NAN } else { f32::from(raw) * gain };
        }
    }
    Ok(samples)
}
