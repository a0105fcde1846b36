//! Contec ECG90A device file (`.ECG`). No specification is public; this is what files show, and what N. Rigacci found
//! out and published about them (rigacci.org, "Contec ECG90A Electrocardiograph – ECG File Format").
//!
//! Known: 43 bytes of header (case number 8, two zeros, local time `YYYY-MM-DD hh:mm:ss` in 20, two zeros, patient's
//! name 8, sex, age, weight), then rows of eight 16-bit numbers (leads II, III, V1 … V6; 800 rows a second, 5 µV a
//! unit, 2048 = 0 mV, 0x6800 = electrode off), then 37 bytes. Checked against the same ECG as CSV and SCP.
//!
//! Not known: what the last 37 bytes say but for beginning with a row of zeros, and files of other models, which have
//! other headers and are not recognised. A value beyond the converter's twelve bits is refused.

use super::fields::{Fields, bytes};
use super::{Format, ReadError, ReadOptions, Source, alone, charset};
use crate::signal::{Hz, LeadName, Recording, Sex};
use crate::text::Text;
use jiff::civil::DateTime;
use ndarray::Array2;

/// Named in errors.
const ID: &str = "contec";
/// Length of the header.
const HEADER: usize = 43;
/// Length of what follows the rows.
const TRAILER: usize = 37;
/// Bytes of a row.
const ROW: usize = 16;
/// Rows a second.
const RATE: f64 = 800.0;
/// Millivolts a unit.
const UNIT: f32 = 0.005;
/// The converter's zero, and its largest value.
const ZERO: u16 = 2048;
const LARGEST: u16 = 4095;
/// Electrode off.
const OFF: u16 = 0x6800;
/// The leads of a row.
const LEADS: [LeadName; 8] =
    [LeadName::II, LeadName::III, LeadName::V1, LeadName::V2, LeadName::V3, LeadName::V4, LeadName::V5, LeadName::V6];

/// The format's record.
pub static FORMAT: Format = Format {
    id: ID,
    name: Text::new("康泰 ECG90A 设备文件", "Contec ECG90A device file"),
    extensions: &["ECG"],
    probe: |source| probe(source.bytes()),
    read,
    companions: alone,
    fields,
    layout: None,
    write: None,
};

/// By the header's shape: a time between zeros at a fixed place, and a code of sex.
fn probe(bytes: &[u8]) -> bool {
    let Some(header) = bytes.get(..HEADER) else { return false };
    let time = header.get(10..29).unwrap_or_default();
    let shaped = time.iter().zip(b"0000-00-00 00:00:00").all(|(byte, shape)| match shape {
        b'0' => byte.is_ascii_digit(),
        other => byte == other,
    });
    let zeros = header.get(8..10) == Some(&[0; 2]) && header.get(29..32) == Some(&[0; 3]);
    shaped && zeros && matches!(header.get(40), Some(0 | 1 | 255))
}

fn read(source: &Source, options: &ReadOptions) -> Result<Recording, ReadError> {
    let bytes = source.bytes();
    let header = bytes.get(..HEADER).unwrap_or_default();
    let body = bytes.get(HEADER..).unwrap_or_default();
    let rows: Vec<&[u8; ROW]> = body.as_chunks().0.iter().take_while(|row| **row != [0; ROW]).collect();
    if rows.is_empty() {
        return Err(ReadError::malformed(ID, "没有心电数据", "there is no ECG", format!("byte {HEADER}")));
    }
    options.limits.shape(LEADS.len(), rows.len())?;
    let mut samples = Vec::with_capacity(LEADS.len() * rows.len());
    let (mut connected, mut off) = (Vec::new(), Vec::new());
    for (index, lead) in LEADS.iter().enumerate() {
        let before = samples.len();
        for (n, row) in rows.iter().enumerate() {
            let value = row.as_chunks().0.get(index).map_or(OFF, |pair| u16::from_le_bytes(*pair));
            samples.push(match value {
                0..=LARGEST => (f32::from(value) - f32::from(ZERO)) * UNIT,
                OFF => f32::NAN,
                _ => return Err(beyond(value, HEADER + n * ROW + 2 * index)),
            });
        }
        if samples.iter().skip(before).all(|v| v.is_nan()) {
            samples.truncate(before);
            off.push(lead.to_string());
        } else {
            connected.push(lead.clone());
        }
    }
    let samples =
        Array2::from_shape_vec((connected.len(), rows.len()), samples).ok().filter(|s| !s.is_empty()).ok_or_else(
            || ReadError::malformed(ID, "所有电极均脱落", "every electrode was off", format!("byte {HEADER}")),
        )?;
    let mut recording = Recording::new(source.stem(), connected, Hz(RATE), samples);
    describe(&mut recording, header);
    if !off.is_empty() {
        let list = off.join(", ");
        recording.notes.push(Text::of(format!("电极未连接：{list}"), format!("electrodes not connected: {list}")));
    }
    if body.len() != rows.len() * ROW + TRAILER {
        recording.notes.push(Text::new(
            "文件长度与格式不符，末尾可能不完整",
            "the file's length does not fit the format: it may be cut short",
        ));
    }
    Ok(recording)
}

fn beyond(value: u16, at: usize) -> ReadError {
    ReadError::malformed(
        ID,
        format!("数值 {value} 超出 12 位转换器的范围"),
        format!("value {value} is beyond the converter's 12 bits"),
        format!("byte {at}"),
    )
}

/// The header's fields. The case number is the machine's count, not the patient's.
fn describe(recording: &mut Recording, header: &[u8]) {
    let field = |from: usize, to: usize| header.get(from..to).map(charset::field).filter(|f| !f.is_empty());
    recording.comments.extend(field(0, 8).map(|case| format!("case: {case}")));
    recording.start = field(10, 29).and_then(|time| time.replacen(' ', "T", 1).parse::<DateTime>().ok());
    let patient = &mut recording.patient;
    patient.name = field(32, 40);
    let byte = |at: usize| header.get(at).copied();
    patient.sex = match byte(40) {
        Some(0) => Some(Sex::Female),
        Some(1) => Some(Sex::Male),
        _ => None,
    };
    patient.age = byte(41).filter(|age| *age > 0).map(f64::from);
    patient.weight_kg = byte(42).filter(|kg| *kg > 0).map(f64::from);
    recording.origin.device = Some("Contec ECG90A".into());
}

/// The header's fields and the trailer's bytes.
fn fields(source: &Source) -> Fields {
    let mut out = Fields::default();
    let part = |from: usize, to: usize| source.bytes().get(from..to).unwrap_or_default();
    let byte = |at: usize| source.bytes().get(at).copied().unwrap_or(0);
    out.add("病例号", "case number", charset::field(part(0, 8)));
    out.add("时间", "time", charset::field(part(10, 29)));
    out.add("姓名", "name", charset::field(part(32, 40)));
    out.add("性别（0 女，1 男，255 未知）", "sex (0 female, 1 male, 255 not said)", byte(40));
    out.add("年龄", "age", byte(41));
    out.add("体重（kg）", "weight (kg)", byte(42));
    let body = source.bytes().len().saturating_sub(HEADER);
    out.add("数据行数", "rows of samples", body.saturating_sub(TRAILER) / ROW);
    let trailer = source.bytes().len().saturating_sub(TRAILER).max(HEADER);
    out.add(
        "文件尾（含义未知）",
        "trailer (meaning not known)",
        bytes(source.bytes().get(trailer..).unwrap_or_default()),
    );
    out
}
