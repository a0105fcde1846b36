//! GE MUSE XML (`RestingECG`, restecg.dtd): rhythm and median waveforms, measurements, diagnosis statements, patient.
//!
//! No specification is public; element names and units are those of files from MUSE 7 to 9. Samples are Base64,
//! little-endian, in `LeadAmplitudeUnitsPerBit` µV; MUSE sends I, II and V1 … V6, and the other limb leads follow. A
//! wrong `LeadDataCRC32` is said in the notes. The measurement matrix, a binary block of GE's, stays unread.

mod document;

use super::leads::name_leads;
use super::{Format, ReadError, ReadOptions, Source, alone, xml};
use crate::signal::{DeviceMedian, Hz, LeadName, Recording};
use crate::text::Text;
use document::{Document, Waveform};
use ndarray::Array2;

/// Named in errors.
const ID: &str = "muse";

/// The format's record.
pub static FORMAT: Format = Format {
    id: ID,
    name: Text::new("GE MUSE XML", "GE MUSE XML"),
    extensions: &["xml"],
    probe: |source| xml::root_is(source.bytes(), "RestingECG"),
    read,
    companions: alone,
    fields: xml::fields,
    layout: None,
    write: None,
};

fn read(source: &Source, options: &ReadOptions) -> Result<Recording, ReadError> {
    let text = xml::decode(source.bytes());
    let mut document = Document::read(&text)?;
    let is = |w: &Waveform, kind: &str| w.kind.as_deref().is_some_and(|k| k.eq_ignore_ascii_case(kind));
    let rhythm =
        document.waveforms.iter().find(|w| is(w, "Rhythm")).ok_or_else(|| {
            ReadError::malformed(ID, "没有心律波形（Rhythm）", "there is no rhythm waveform", "Waveform")
        })?;
    let mut notes = Vec::new();
    let (rate, leads, samples) = decode(rhythm, options, &mut notes)?;
    let off: Vec<&str> = rhythm.leads.iter().filter(|lead| lead.off).map(|lead| lead.label.as_str()).collect();
    if !off.is_empty() {
        let list = off.join(", ");
        notes.push(Text::of(
            format!("设备提示导联脱落：{list}"),
            format!("the device says that leads were off: {list}"),
        ));
    }
    let filters = rhythm.filters();
    let mains = rhythm.mains.map(Hz);
    // A broken median costs the median alone.
    let median =
        document.waveforms.iter().find(|w| is(w, "Median")).and_then(|w| match decode(w, options, &mut notes) {
            Ok((rate, leads, samples)) => Some(DeviceMedian { rate, leads, samples }),
            Err(error) => {
                let why = error.text();
                notes
                    .push(Text::of(format!("中值心搏未读出：{}", why.zh), format!("median beat not read: {}", why.en)));
                None
            }
        });
    let mut recording = Recording::new(source.stem(), leads, rate, samples);
    recording.start = document.start();
    recording.patient = std::mem::take(&mut document.patient);
    recording.patient.fill_age(recording.start);
    recording.origin.device = document.device.take();
    recording.origin.filters = filters;
    recording.origin.mains = mains;
    recording.annotations = document.marks(rate, recording.len());
    recording.device = document.findings();
    recording.device.median = median;
    recording.comments = document.remarks;
    recording.notes = notes;
    Ok(recording)
}

/// One waveform's rate, leads and samples; leads that start later or end earlier are filled with NaN.
fn decode(
    waveform: &Waveform,
    options: &ReadOptions,
    notes: &mut Vec<Text>,
) -> Result<(Hz, Vec<LeadName>, Array2<f32>), ReadError> {
    let rate = waveform.rate().ok_or_else(|| missing("采样率（SampleBase）", "the sampling rate (SampleBase)"))?;
    let mut rows = Vec::with_capacity(waveform.leads.len());
    let mut wrong = Vec::new();
    for lead in &waveform.leads {
        let scale = lead.scale_mv.ok_or_else(|| {
            missing("幅值单位（LeadAmplitudeUnitsPerBit）", "the amplitude unit (LeadAmplitudeUnitsPerBit)")
        })?;
        let values = lead.values.as_ref().ok_or_else(|| {
            ReadError::malformed(
                ID,
                "波形不是有效的 Base64",
                "a waveform is no valid Base64",
                format!("lead {}", lead.label),
            )
        })?;
        if lead.wrong_sum {
            wrong.push(lead.label.as_str());
        }
        rows.push((lead.offset, values, scale as f32));
    }
    let width = rows.iter().map(|(offset, values, _)| offset.saturating_add(values.len())).max().unwrap_or(0);
    options.limits.shape(rows.len(), width)?;
    let total: usize = rows.iter().map(|(_, values, _)| values.len()).sum();
    if total == 0 || width > total {
        return Err(ReadError::malformed(ID, "导联没有数据", "the leads have no data", "LeadData"));
    }
    if !wrong.is_empty() {
        let list = wrong.join(", ");
        notes.push(Text::of(
            format!("导联 {list} 的校验和（CRC32）不符：数据可能被修改或损坏"),
            format!("wrong checksum (CRC32) of lead {list}: its data were altered or damaged"),
        ));
    }
    let labels: Vec<&str> = waveform.leads.iter().map(|lead| lead.label.as_str()).collect();
    let names = name_leads(&labels);
    let mut samples = Array2::from_elem((rows.len(), width), f32::NAN);
    for ((mut out, (offset, values, scale)), (_, sign)) in samples.rows_mut().into_iter().zip(rows).zip(&names) {
        let scale = scale * sign;
        out.iter_mut().skip(offset).zip(values).for_each(|(sample, value)| *sample = f32::from(*value) * scale);
    }
    Ok((Hz(rate), names.into_iter().map(|(name, _)| name).collect(), samples))
}

fn missing(zh: &str, en: &str) -> ReadError {
    ReadError::malformed(ID, format!("缺少{zh}"), format!("{en} is missing"), "Waveform")
}
