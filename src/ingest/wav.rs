//! WAV, one channel a lead: integers of 8, 16, 24 or 32 bits and 32-bit floats, through `hound`.
//!
//! WAV knows neither leads nor millivolts. A side file `NAME.wav.json` beside `NAME.wav` says them:
//!
//! ```json
//! {"format": "einthoven-wav", "version": 1, "leads": ["I", "II"], "full_scale_mv": 5.0, "derived": [],
//!  "start": "2026-11-24T08:00:00", "patient": {"id": "42", "sex": "female"}, "device": "…", "comments": ["…"]}
//! ```
//!
//! `full_scale_mv` is the millivolts of the format's largest value (1.0 for floats). Each field may be absent. Without
//! it, and this is said in the notes:
//! a channel is `ch1`, `ch2` … and a number of an integer format is a 32 768th of 32.768 mV at 16 bits, that is 1 µV (the
//! same full scale at other widths); a float is 1 mV. `ReadOptions::gain` overrides: units a millivolt.
//!
//! The writer makes floats with a full scale that is a power of two, so that the samples come back exactly; NaN = missing.

use super::fields::{Fields, bytes};
use super::{Format, OutFile, ReadError, ReadOptions, Source, WriteError, charset, name_leads};
use crate::signal::{Hz, LeadName, Patient, Recording};
use crate::text::{Text, text};
use ndarray::Array2;
use serde::{Deserialize, Serialize};
use std::io::Cursor;

const ID: &str = "wav";
const SIDE: &str = "einthoven-wav";

/// Full scale of integers without a side file, mV: 1 µV a step at 16 bits.
const FULL_SCALE_MV: f64 = 32.768;

/// Slowest sampling of anything that is an ECG, Hz.
const SLOWEST: u16 = 50;

/// WAV with its side file.
pub static FORMAT: Format = Format {
    id: ID,
    name: text("WAV 音频（附 JSON 说明文件）", "WAV audio (with a JSON side file)"),
    extensions: &["wav"],
    probe,
    read,
    companions: |source| vec![side_name(source.name())],
    fields,
    layout: None,
    write: Some(write),
};

#[derive(Default, Serialize, Deserialize)]
#[serde(default)]
struct Side {
    format: String,
    version: u32,
    leads: Vec<String>,
    full_scale_mv: Option<f64>,
    derived: Vec<LeadName>,
    start: Option<jiff::civil::DateTime>,
    patient: Patient,
    device: Option<String>,
    filters: Option<String>,
    statements: Vec<String>,
    comments: Vec<String>,
}

fn side_name(name: &str) -> String {
    format!("{name}.json")
}

fn probe(source: &Source) -> bool {
    source.bytes().starts_with(b"RIFF") && source.bytes().get(8..12) == Some(b"WAVE")
}

/// Refuses by the format chunk what can be no ECG, and samples that `hound` does not know.
fn possible(bytes: &[u8]) -> Result<(), ReadError> {
    let mut chunks = Chunks(bytes.get(12..).unwrap_or_default());
    let Some(form) = chunks.find(|(id, _)| id == b"fmt ").and_then(|(_, value)| Form::read(value)) else {
        return Ok(());
    };
    if form.rate == 0 || form.channels == 0 {
        return Err(ReadError::malformed(ID, "采样率或通道数为零", "sampling rate or channels are zero", "fmt"));
    }
    if form.rate < u32::from(SLOWEST) {
        return Err(ReadError::unsupported(
            ID,
            format!("{} 通道、采样率 {} Hz 的 WAV 不可能是心电图", form.channels, form.rate),
            format!("WAV of {} channels at {} Hz can be no ECG", form.channels, form.rate),
        ));
    }
    if !matches!(form.bits, 8 | 16 | 24 | 32) {
        return Err(ReadError::unsupported(
            ID,
            format!("WAV 的每样本 {} 位不受支持（支持 8、16、24、32 位）", form.bits),
            format!("WAV of {} bits a sample is not supported (8, 16, 24 and 32 are)", form.bits),
        ));
    }
    Ok(())
}

/// The chunks behind the file's mark: name and what is there of the content.
struct Chunks<'a>(&'a [u8]);

impl<'a> Iterator for Chunks<'a> {
    type Item = ([u8; 4], &'a [u8]);

    fn next(&mut self) -> Option<Self::Item> {
        let ([a, b, c, d, l0, l1, l2, l3], after) = self.0.split_first_chunk::<8>()?;
        let length = u32::from_le_bytes([*l0, *l1, *l2, *l3]) as usize;
        self.0 = after.get(length.saturating_add(length % 2)..).unwrap_or_default();
        Some(([*a, *b, *c, *d], after.get(..length).unwrap_or(after)))
    }
}

/// The format chunk.
struct Form {
    tag: u16,
    channels: u16,
    rate: u32,
    align: u16,
    bits: u16,
}

impl Form {
    fn read(value: &[u8]) -> Option<Self> {
        let word = |at: usize| Some(u16::from_le_bytes(*value.get(at..)?.first_chunk()?));
        Some(Self {
            tag: word(0)?,
            channels: word(2)?,
            rate: u32::from(word(4)?) | u32::from(word(6)?) << 16,
            align: word(12)?,
            bits: word(14)?,
        })
    }
}

fn side(source: &Source) -> Result<Option<Side>, ReadError> {
    let name = side_name(source.name());
    let Some(bytes) = source.sibling(&name) else { return Ok(None) };
    let bad = |e: String| {
        ReadError::malformed(ID, format!("说明文件无效：{e}"), format!("the side file is invalid: {e}"), name.clone())
    };
    let side: Side = serde_json::from_slice(&bytes).map_err(|e| bad(e.to_string()))?;
    if side.format != SIDE || side.version != 1 {
        return Err(bad(format!("{} {}", side.format, side.version)));
    }
    if side.full_scale_mv.is_some_and(|s| !s.is_finite() || s <= 0.0) {
        return Err(bad("full_scale_mv".into()));
    }
    Ok(Some(side))
}

fn read(source: &Source, options: &ReadOptions) -> Result<Recording, ReadError> {
    let bad = |e: &hound::Error| {
        ReadError::malformed(ID, format!("WAV 文件损坏：{e}"), format!("the WAV file is broken: {e}"), source.name())
    };
    possible(source.bytes())?;
    let mut reader = hound::WavReader::new(Cursor::new(source.bytes())).map_err(|e| bad(&e))?;
    let spec = reader.spec();
    let side = side(source)?;
    let mut notes = Vec::new();
    let channels = usize::from(spec.channels);
    let frames = source.bytes().len() / (usize::from(spec.bits_per_sample) / 8).max(1) / channels;
    options.limits.shape(channels, frames.min(reader.duration() as usize))?;
    let scale = scale(spec, side.as_ref(), options, &mut notes);
    let mut values: Vec<f32> = Vec::new();
    let mut broken = None;
    let mut push = |sample: Result<f64, hound::Error>| match sample {
        Ok(v) => {
            values.push((v * scale) as f32);
            true
        }
        Err(e) => {
            broken = Some(e);
            false
        }
    };
    match spec.sample_format {
        hound::SampleFormat::Float => {
            let _ = reader.samples::<f32>().map(|s| s.map(f64::from)).all(&mut push);
        }
        hound::SampleFormat::Int => {
            let _ = reader.samples::<i32>().map(|s| s.map(f64::from)).all(&mut push);
        }
    }
    let frames = values.len() / channels;
    if let Some(error) = broken {
        if frames == 0 {
            return Err(bad(&error));
        }
        notes.push(Text::of(
            format!("WAV 文件不完整：每通道只有 {frames} 个样本"),
            format!("the WAV file is cut short: {frames} samples a channel are there"),
        ));
    }
    if frames == 0 {
        return Err(ReadError::malformed(ID, "没有样本", "there are no samples", source.name()));
    }
    values.truncate(frames * channels);
    let interleaved = Array2::from_shape_vec((frames, channels), values)
        .map_err(|e| ReadError::malformed(ID, e.to_string(), e.to_string(), source.name()))?;
    let mut samples = Array2::from_elem((channels, frames), f32::NAN);
    samples.assign(&interleaved.t());
    let leads = leads(channels, side.as_ref(), source, &mut notes)?;
    for (mut row, (_, sign)) in samples.rows_mut().into_iter().zip(&leads) {
        row.mapv_inplace(|v| v * sign);
    }
    let leads = leads.into_iter().map(|(lead, _)| lead).collect();
    let mut recording = Recording::new(source.stem(), leads, Hz(f64::from(spec.sample_rate)), samples);
    if let Some(side) = side {
        recording.derived = side.derived;
        recording.start = side.start;
        recording.patient = side.patient;
        recording.origin.device = side.device;
        recording.origin.filters = side.filters;
        recording.device.statements = side.statements;
        recording.comments = side.comments;
    }
    recording.notes = notes;
    Ok(recording)
}

/// Millivolts of one unit of the samples as `hound` gives them.
fn scale(spec: hound::WavSpec, side: Option<&Side>, options: &ReadOptions, notes: &mut Vec<Text>) -> f64 {
    let float = spec.sample_format == hound::SampleFormat::Float;
    let largest = if float { 1.0 } else { 2_f64.powi(i32::from(spec.bits_per_sample) - 1) };
    if let Some(full) = side.and_then(|s| s.full_scale_mv) {
        return full / largest;
    }
    if let Some(gain) = options.gain.filter(|g| *g > 0.0) {
        return 1.0 / gain;
    }
    let full = if float { 1.0 } else { FULL_SCALE_MV };
    notes.push(Text::of(
        format!("WAV 未注明定标，按满量程 ±{full} mV 处理：幅度不可信"),
        format!("the WAV file has no scale; a full scale of ±{full} mV is assumed: amplitudes are not to be trusted"),
    ));
    full / largest
}

fn leads(
    channels: usize,
    side: Option<&Side>,
    source: &Source,
    notes: &mut Vec<Text>,
) -> Result<Vec<(LeadName, f32)>, ReadError> {
    let labels = side.map_or(&[][..], |s| &s.leads);
    if labels.is_empty() {
        notes.push(text("WAV 未注明导联", "the WAV file does not name its leads"));
        return Ok((1..=channels).map(|i| (LeadName::Other(format!("ch{i}").into()), 1.0)).collect());
    }
    if labels.len() != channels {
        return Err(ReadError::malformed(
            ID,
            format!("说明文件有 {} 个导联名，WAV 有 {channels} 个通道", labels.len()),
            format!("the side file names {} leads, the WAV file has {channels} channels", labels.len()),
            side_name(source.name()),
        ));
    }
    let labels: Vec<&str> = labels.iter().map(String::as_str).collect();
    Ok(name_leads(&labels))
}

fn write(recording: &Recording, stem: &str) -> Result<Vec<OutFile>, WriteError> {
    let rate = recording.rate.0;
    if recording.is_empty() || rate.fract() != 0.0 || rate < f64::from(SLOWEST) || rate > f64::from(u32::MAX) {
        return Err(WriteError::Unfit(Text::of(
            format!("WAV 要求有样本且采样率为不低于 {SLOWEST} 的整数，此记录为 {rate} Hz"),
            format!(
                "WAV needs samples and a whole sampling rate of {SLOWEST} Hz or more; this recording has {rate} Hz"
            ),
        )));
    }
    let failed = |e: hound::Error| WriteError::Unfit(Text::of(e.to_string(), e.to_string()));
    let peak = recording.samples.iter().filter(|v| v.is_finite()).fold(0.0_f32, |m, v| m.max(v.abs()));
    let full = if peak > 0.0 { 2_f64.powi(f64::from(peak).log2().ceil() as i32) } else { 1.0 };
    let spec = hound::WavSpec {
        channels: recording.leads.len() as u16,
        sample_rate: rate as u32,
        bits_per_sample: 32,
        sample_format: hound::SampleFormat::Float,
    };
    let mut bytes = Cursor::new(Vec::new());
    let mut writer = hound::WavWriter::new(&mut bytes, spec).map_err(failed)?;
    for value in recording.samples.t() {
        writer.write_sample((f64::from(*value) / full) as f32).map_err(failed)?;
    }
    writer.finalize().map_err(failed)?;
    let side = Side {
        format: SIDE.into(),
        version: 1,
        leads: recording.leads.iter().map(ToString::to_string).collect(),
        full_scale_mv: Some(full),
        derived: recording.derived.clone(),
        start: recording.start,
        patient: recording.patient.clone(),
        device: recording.origin.device.clone(),
        filters: recording.origin.filters.clone(),
        statements: recording.device.statements.clone(),
        comments: recording.comments.clone(),
    };
    let side =
        serde_json::to_vec_pretty(&side).map_err(|e| WriteError::Unfit(Text::of(e.to_string(), e.to_string())))?;
    let name = format!("{stem}.wav");
    Ok(vec![(name.clone(), bytes.into_inner()), (side_name(&name), side)])
}

/// The chunks, the format chunk's numbers, and the side file's fields.
fn fields(source: &Source) -> Fields {
    let mut out = Fields::default();
    for (id, value) in Chunks(source.bytes().get(12..).unwrap_or_default()) {
        out.at(charset::latin1(&id).trim());
        out.add("长度（字节）", "length (bytes)", value.len());
        match (&id, Form::read(value)) {
            (b"fmt ", Some(form)) => {
                out.add("格式代码", "format tag", form.tag);
                out.add("通道数", "channels", form.channels);
                out.add("采样率（Hz）", "samples per second", form.rate);
                out.add("块对齐", "block align", form.align);
                out.add("每样本位数", "bits per sample", form.bits);
            }
            (b"data", _) => {}
            _ => out.add("内容", "content", bytes(value)),
        }
    }
    let name = side_name(source.name());
    if let Some(side) = source.sibling(&name) {
        out.at(name);
        super::json::scalars(&side, &mut out);
    }
    out
}
