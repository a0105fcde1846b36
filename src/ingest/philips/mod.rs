//! Philips Sierra ECG XML 1.03, 1.04 and 1.04.01 (`PageWriter`, `HeartStart`, `TraceMaster`): rhythm waveforms plain or
//! [XLI](xli)-compressed, representative beats, the device's measurements and statements.
//!
//! Element names are those of Philips' schema as seen in files; of several interpretations the latest is taken.

mod document;
mod xli;

use super::leads::name_leads;
use super::{Format, ReadError, ReadOptions, Source, alone, xml};
use crate::signal::{DeviceMedian, Hz, LeadName, Recording};
use crate::text::Text;
use document::{Beat, Document};
use ndarray::Array2;

/// Named in errors.
const ID: &str = "philips";

/// The format's record.
pub static FORMAT: Format = Format {
    id: ID,
    name: Text::new("飞利浦 Sierra XML", "Philips Sierra XML"),
    extensions: &["xml"],
    probe: |source| xml::root_is(source.bytes(), "restingecgdata"),
    read,
    companions: alone,
    fields: xml::fields,
    layout: None,
    write: None,
};

fn read(source: &Source, options: &ReadOptions) -> Result<Recording, ReadError> {
    let text = xml::decode(source.bytes());
    let mut document = Document::read(&text)?;
    let version = document.version.as_deref().unwrap_or("");
    if !(version.starts_with("1.03") || version.starts_with("1.04")) {
        return Err(ReadError::unsupported(
            ID,
            format!("不支持的版本“{version}”（支持 1.03 与 1.04）"),
            format!("version `{version}` is not supported (1.03 and 1.04 are)"),
        ));
    }
    let rate = document.rate.filter(|r| *r > 0.0).ok_or_else(|| missing("采样率", "the sampling rate"))?;
    let scale =
        document.resolution_uv.filter(|r| *r > 0.0).ok_or_else(|| missing("分辨率", "the resolution"))? / 1000.0;
    let labels = document.labels()?;
    let most = document.samples(rate, labels.len(), options)?;
    let rows = rows(&document, labels.len(), most)?;
    let recorded = rows.iter().map(Vec::len).max().unwrap_or(0);
    let width = recorded - calibration(&rows, (1.0 / scale).round() as i16);
    options.limits.shape(rows.len(), width)?;
    let mut samples = Array2::from_elem((rows.len(), width), f32::NAN);
    let names = name_leads(&labels.iter().map(String::as_str).collect::<Vec<_>>());
    for ((mut out, row), (_, sign)) in samples.rows_mut().into_iter().zip(&rows).zip(&names) {
        let scale = scale as f32 * sign;
        out.iter_mut().zip(row).for_each(|(sample, value)| *sample = f32::from(*value) * scale);
    }
    let names = names.into_iter().map(|(name, _)| name).collect();
    let mut recording = Recording::new(source.stem(), names, Hz(rate), samples);
    recording.start = document.start();
    recording.patient = std::mem::take(&mut document.patient);
    recording.patient.fill_age(recording.start);
    recording.origin.device = document.device.as_ref().map(|model| format!("Philips {model}"));
    recording.origin.filters = document.filters();
    recording.origin.mains = document.mains.map(Hz);
    recording.device = document.findings();
    recording.device.median = median(&document.beats, document.beat_rate.unwrap_or(rate), document.beat_resolution_uv);
    recording.comments = std::mem::take(&mut document.remarks);
    if document.declares_length() && recorded < most {
        recording.notes.push(Text::new("波形短于声明的时长", "the waveform is shorter than declared"));
    }
    if width < recorded {
        let seconds = (recorded - width) as f64 / rate;
        recording.notes.push(Text::of(
            format!("已去除末尾 {seconds:.2} s 的 1 mV 定标脉冲（非心电信号）"),
            format!("the 1 mV calibration pulse of the last {seconds:.2} s, which is no ECG, was cut off"),
        ));
    }
    Ok(recording)
}

/// Samples at the end that are a calibration pulse: carts append to every lead, after some zeros, the same pulse
/// of 1 mV. No ECG is alike in all leads, and this one breaks Einthoven's law.
fn calibration(rows: &[Vec<i16>], millivolt: i16) -> usize {
    let Some((first, others)) = rows.split_first().filter(|(_, others)| others.len() >= 2) else { return 0 };
    if others.iter().any(|row| row.len() != first.len()) {
        return 0;
    }
    let alike = |k: &usize| others.iter().all(|row| row.get(*k) == first.get(*k));
    let tail = (0..first.len()).rev().take_while(alike).count();
    let pulse = first.iter().rev().take(tail).filter(|v| **v == millivolt).count();
    if pulse >= LEAST_PULSE { tail } else { 0 }
}

/// Samples of 1 mV that make a pulse: 40 ms at 500 samples a second; the carts give 200 ms.
const LEAST_PULSE: usize = 20;

fn missing(zh: &str, en: &str) -> ReadError {
    ReadError::malformed(ID, format!("缺少{zh}"), format!("{en} is missing"), "signalcharacteristics")
}

/// The leads' samples in units of the resolution.
fn rows(document: &Document, leads: usize, most: usize) -> Result<Vec<Vec<i16>>, ReadError> {
    let at = "parsedwaveforms";
    let base64 = document.encoding.as_deref().is_none_or(|e| e.eq_ignore_ascii_case("base64"));
    if !base64 || document.bits.is_some_and(|b| b != 16.0) || document.offset.is_some_and(|o| o != 0.0) {
        return Err(ReadError::unsupported(
            ID,
            "波形的编码、位数或偏移不受支持",
            "the waveform's encoding, bits or offset are not supported",
        ));
    }
    let data = xml::base64(&document.waveform)
        .ok_or_else(|| ReadError::malformed(ID, "波形不是有效的 Base64", "the waveform is no valid Base64", at))?;
    if data.is_empty() {
        return Err(ReadError::malformed(ID, "没有波形数据", "there is no waveform", at));
    }
    match document.compression.as_deref() {
        Some(method) if method.eq_ignore_ascii_case("xli") => {
            let mut rows = xli::decode(&data, leads, most)?;
            // A chunk of another length was damaged: its bytes were paired wrongly.
            if rows.windows(2).any(|pair| matches!(pair, [a, b] if a.len() != b.len())) {
                return Err(ReadError::malformed(ID, "各导联长度不一", "the leads differ in length", at));
            }
            if !document.limb_leads_first() {
                return Err(ReadError::unsupported(
                    ID,
                    "XLI 压缩波形不以六个肢体导联开头",
                    "XLI data that do not begin with the six limb leads",
                ));
            }
            xli::complete_limb_leads(&mut rows);
            Ok(rows)
        }
        None | Some("" | "None" | "Uncompressed") => {
            // The leads follow each other whole, so that their length must be known or come out even.
            let declared = document.declares_length();
            let each = if declared { most } else { data.len() / 2 / leads.max(1) };
            let needed = each.saturating_mul(2).saturating_mul(leads);
            if each == 0 || data.len() < needed || !declared && data.len() != needed {
                return Err(ReadError::malformed(
                    ID,
                    "波形短于声明的长度",
                    "the waveform is shorter than declared",
                    at,
                ));
            }
            let lead = |bytes: &[u8]| bytes.chunks_exact(2).map(|b| i16::from_le_bytes([b[0], b[1]])).collect();
            Ok(data.chunks_exact(each * 2).take(leads).map(lead).collect())
        }
        Some(method) => Err(ReadError::unsupported(
            ID,
            format!("未知的压缩方式“{method}”"),
            format!("unknown compression `{method}`"),
        )),
    }
}

/// The representative beats that are of one length.
fn median(beats: &[Beat], rate: f64, resolution_uv: Option<f64>) -> Option<DeviceMedian> {
    let scale = (resolution_uv? / 1000.0) as f32;
    let width = beats.iter().map(|beat| beat.samples.len()).max().filter(|n| *n > 0)?;
    let whole: Vec<&Beat> = beats.iter().filter(|beat| beat.samples.len() == width).collect();
    let mut samples = Array2::zeros((whole.len(), width));
    let mut leads = Vec::with_capacity(whole.len());
    for (mut row, beat) in samples.rows_mut().into_iter().zip(&whole) {
        let (name, sign) = LeadName::parse(&beat.lead);
        leads.push(name);
        row.iter_mut().zip(&beat.samples).for_each(|(out, value)| *out = f32::from(*value) * scale * sign);
    }
    (rate > 0.0).then_some(DeviceMedian { rate: Hz(rate), leads, samples })
}
