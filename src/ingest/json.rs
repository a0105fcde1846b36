//! Our own recording format: everything a [`Recording`] holds, as JSON, exactly.
//!
//! `{"format": "einthoven-recording", "version": 1, …}` with
//!
//! - `name`, `rate_hz`, `unit` (always `mV`), `leads` (names), `derived` (those computed from others), `start` (local,
//!   ISO 8601), `samples` (one list a lead; `null` = missing; each number is the shortest that gives the same `f32`),
//! - `patient` (`id name sex age birth height_cm weight_kg`), `origin` (`device filters mains_hz`),
//! - `annotations` (`sample code subtype channel num text annotator`),
//! - `device_findings` (`measurements statements median`), `comments`, `notes` (`zh en`).
//!
//! All but the first two, `rate_hz`, `leads` and `samples` may be absent. A higher version is refused.

use super::fields::Fields;
use super::{Format, OutFile, ReadError, ReadOptions, Source, WriteError, alone};
use crate::signal::{Annotation, DeviceFindings, DeviceMeasurement, DeviceMedian, Hz, LeadName, Patient, Recording};
use crate::text::{Text, text};
use ndarray::Array2;
use serde::de::Deserializer;
use serde::ser::Serializer;
use serde::{Deserialize, Serialize};
use serde_json::Value;

const ID: &str = "json";
const NAME: &str = "einthoven-recording";
const VERSION: u32 = 1;

/// Our JSON recordings.
pub static FORMAT: Format = Format {
    id: ID,
    name: text("einthoven 记录（JSON）", "einthoven recording (JSON)"),
    extensions: &["json"],
    probe,
    read,
    companions: alone,
    fields: |source| {
        let mut out = Fields::default();
        scalars(source.bytes(), &mut out);
        out
    },
    layout: None,
    write: Some(write),
};

/// How much of a file is looked at to recognise it.
const PROBE_BYTES: usize = 256;

fn probe(source: &Source) -> bool {
    let head = source.bytes().get(..PROBE_BYTES).unwrap_or(source.bytes());
    let head = String::from_utf8_lossy(head);
    head.trim_start_matches('\u{feff}').trim_start().starts_with('{') && head.contains(&format!("\"{NAME}\""))
}

#[derive(Serialize, Deserialize)]
struct File {
    format: String,
    version: u32,
    #[serde(default)]
    name: String,
    rate_hz: f64,
    #[serde(default = "millivolt")]
    unit: String,
    leads: Vec<LeadName>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    derived: Vec<LeadName>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    start: Option<jiff::civil::DateTime>,
    #[serde(default)]
    patient: Patient,
    #[serde(default)]
    origin: OriginFields,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    annotations: Vec<Mark>,
    #[serde(default)]
    device_findings: Findings,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    comments: Vec<String>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    notes: Vec<Words>,
    samples: Vec<Vec<Cell>>,
}

fn millivolt() -> String {
    "mV".into()
}

#[derive(Default, Serialize, Deserialize)]
#[serde(default)]
struct OriginFields {
    device: Option<String>,
    filters: Option<String>,
    mains_hz: Option<f64>,
}

#[derive(Default, Serialize, Deserialize)]
#[serde(default)]
struct Mark {
    sample: usize,
    code: String,
    subtype: i8,
    channel: u8,
    num: i8,
    text: String,
    annotator: String,
}

#[derive(Default, Serialize, Deserialize)]
#[serde(default)]
struct Findings {
    measurements: Vec<Measurement>,
    statements: Vec<String>,
    median: Option<Median>,
}

#[derive(Serialize, Deserialize)]
struct Measurement {
    name: String,
    lead: Option<LeadName>,
    value: f64,
    unit: String,
}

#[derive(Serialize, Deserialize)]
struct Median {
    rate_hz: f64,
    leads: Vec<LeadName>,
    samples: Vec<Vec<Cell>>,
}

#[derive(Serialize, Deserialize)]
struct Words {
    zh: String,
    en: String,
}

/// A sample; `null` is NaN.
#[derive(Clone, Copy)]
struct Cell(f32);

impl Serialize for Cell {
    fn serialize<S: Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
        if self.0.is_finite() { s.serialize_f32(self.0) } else { s.serialize_none() }
    }
}

impl<'de> Deserialize<'de> for Cell {
    fn deserialize<D: Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
        Ok(Self(Option::<f32>::deserialize(d)?.unwrap_or(f32::NAN)))
    }
}

fn read(source: &Source, options: &ReadOptions) -> Result<Recording, ReadError> {
    let bytes = source.bytes().strip_prefix(b"\xef\xbb\xbf").unwrap_or(source.bytes());
    let file: File = serde_json::from_slice(bytes).map_err(|e| {
        ReadError::malformed(ID, format!("JSON 无效：{e}"), format!("invalid JSON: {e}"), format!("line {}", e.line()))
    })?;
    if file.format != NAME || file.version != VERSION {
        return Err(ReadError::unsupported(
            ID,
            format!("不支持的版本：{} {}", file.format, file.version),
            format!("{} of version {} is not supported", file.format, file.version),
        ));
    }
    let bad = |zh: String, en: String, at: &str| ReadError::malformed(ID, zh, en, at);
    let scale = super::millivolts(&file.unit).ok_or_else(|| {
        bad(format!("单位“{}”不是电压", file.unit), format!("unit `{}` is no voltage", file.unit), "unit")
    })?;
    if !(file.rate_hz.is_finite() && file.rate_hz > 0.0) {
        return Err(bad("采样率应为正数".into(), "the sampling rate is no positive number".into(), "rate_hz"));
    }
    let mut samples = matrix(&file.samples, &file.leads, options)?;
    if scale != 1.0 {
        samples.mapv_inplace(|v| (f64::from(v) * scale) as f32);
    }
    let name = if file.name.is_empty() { source.stem().to_string() } else { file.name };
    let mut recording = Recording::new(name, file.leads, Hz(file.rate_hz), samples);
    recording.derived = file.derived;
    recording.start = file.start;
    recording.patient = file.patient;
    recording.origin.device = file.origin.device;
    recording.origin.filters = file.origin.filters;
    recording.origin.mains = file.origin.mains_hz.map(Hz);
    let length = recording.len();
    recording.annotations = file.annotations.into_iter().filter(|m| m.sample < length).map(Annotation::from).collect();
    recording.device = findings(file.device_findings, options)?;
    recording.comments = file.comments;
    recording.notes = file.notes.into_iter().map(|w| Text::of(w.zh, w.en)).collect();
    Ok(recording)
}

fn matrix(rows: &[Vec<Cell>], leads: &[LeadName], options: &ReadOptions) -> Result<Array2<f32>, ReadError> {
    let length = rows.first().map_or(0, Vec::len);
    options.limits.shape(leads.len(), length)?;
    if rows.len() != leads.len() || rows.iter().any(|r| r.len() != length) {
        return Err(ReadError::malformed(
            ID,
            "各导联样本数不同，或与导联名数不符",
            "the leads differ in length, or there are not as many as names",
            "samples",
        ));
    }
    if (1..leads.len()).any(|i| leads.iter().take(i).any(|l| Some(l) == leads.get(i))) {
        return Err(ReadError::malformed(ID, "导联名重复", "a lead is named twice", "leads"));
    }
    let flat = rows.iter().flatten().map(|c| c.0).collect();
    Array2::from_shape_vec((leads.len(), length), flat)
        .map_err(|e| ReadError::malformed(ID, e.to_string(), e.to_string(), "samples"))
}

fn findings(fields: Findings, options: &ReadOptions) -> Result<DeviceFindings, ReadError> {
    let median = match fields.median {
        Some(m) => {
            let samples = matrix(&m.samples, &m.leads, options)?;
            Some(DeviceMedian { rate: Hz(m.rate_hz), leads: m.leads, samples })
        }
        None => None,
    };
    let measurement = |m: Measurement| DeviceMeasurement { name: m.name, lead: m.lead, value: m.value, unit: m.unit };
    let measurements = fields.measurements.into_iter().map(measurement).collect();
    Ok(DeviceFindings { measurements, statements: fields.statements, median })
}

impl From<Mark> for Annotation {
    fn from(m: Mark) -> Self {
        Self {
            sample: m.sample,
            code: m.code,
            subtype: m.subtype,
            channel: m.channel,
            num: m.num,
            text: m.text,
            annotator: m.annotator.into(),
        }
    }
}

fn cells(samples: &Array2<f32>) -> Vec<Vec<Cell>> {
    samples.rows().into_iter().map(|r| r.iter().map(|v| Cell(*v)).collect()).collect()
}

fn write(recording: &Recording, stem: &str) -> Result<Vec<OutFile>, WriteError> {
    let r = recording;
    let mark = |a: &Annotation| Mark {
        sample: a.sample,
        code: a.code.clone(),
        subtype: a.subtype,
        channel: a.channel,
        num: a.num,
        text: a.text.clone(),
        annotator: a.annotator.to_string(),
    };
    let measurement = |m: &DeviceMeasurement| Measurement {
        name: m.name.clone(),
        lead: m.lead.clone(),
        value: m.value,
        unit: m.unit.clone(),
    };
    let median = r.device.median.as_ref().map(|m| Median {
        rate_hz: m.rate.0,
        leads: m.leads.clone(),
        samples: cells(&m.samples),
    });
    let file = File {
        format: NAME.into(),
        version: VERSION,
        name: r.name.clone(),
        rate_hz: r.rate.0,
        unit: millivolt(),
        leads: r.leads.clone(),
        derived: r.derived.clone(),
        start: r.start,
        patient: r.patient.clone(),
        origin: OriginFields {
            device: r.origin.device.clone(),
            filters: r.origin.filters.clone(),
            mains_hz: r.origin.mains.map(|m| m.0),
        },
        annotations: r.annotations.iter().map(mark).collect(),
        device_findings: Findings {
            measurements: r.device.measurements.iter().map(measurement).collect(),
            statements: r.device.statements.clone(),
            median,
        },
        comments: r.comments.clone(),
        notes: r.notes.iter().map(|n| Words { zh: n.zh.to_string(), en: n.en.to_string() }).collect(),
        samples: cells(&r.samples),
    };
    let bytes = serde_json::to_vec(&file).map_err(|e| WriteError::Unfit(Text::of(e.to_string(), e.to_string())))?;
    Ok(vec![(format!("{stem}.json"), bytes)])
}
/// A JSON document's values by their path, without the samples, of which the numbers are counted; nothing where it is
/// no JSON.
pub fn scalars(bytes: &[u8], out: &mut Fields) {
    /// What is not kept takes no memory.
    #[derive(Deserialize)]
    struct Document {
        #[serde(default)]
        samples: Vec<Vec<serde::de::IgnoredAny>>,
        #[serde(flatten)]
        rest: std::collections::BTreeMap<String, Value>,
    }
    let Ok(document) = serde_json::from_slice::<Document>(bytes) else { return };
    for (name, value) in &document.rest {
        list(name, value, out);
    }
    if !document.samples.is_empty() {
        let lengths: Vec<String> = document.samples.iter().map(|row| row.len().to_string()).collect();
        out.named("samples", format!("{} × {}", lengths.len(), lengths.first().map_or("0", String::as_str)));
    }
}

fn list(path: &str, value: &Value, out: &mut Fields) {
    match value {
        Value::Object(members) => members.iter().for_each(|(name, v)| list(&format!("{path}.{name}"), v, out)),
        Value::Array(items) if items.iter().any(|i| i.is_object() || i.is_array()) => {
            items.iter().enumerate().for_each(|(n, v)| list(&format!("{path}[{n}]"), v, out));
        }
        Value::Null => {}
        Value::String(words) => out.named(path, words),
        other => out.named(path, other),
    }
}
