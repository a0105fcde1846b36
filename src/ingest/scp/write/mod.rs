//! Writes SCP-ECG, protocol 2.0: sections 0, 1, 2 where it pays, 3, 6, and where the recording brings the device's own
//! findings 4 (QRS positions), 5 (median beat), 7, 8, 10 and 11 (the statements again, as full text: the device's words are
//! kept, codes for them are not guessed). Not 9, which is each maker's own.
//!
//! Samples are whole multiples of one amplitude unit. Where all samples lie on a grid that devices use, that is the
//! unit and nothing is lost; otherwise it is the finest of 1, 2, 5 × 10ⁿ nV that 16 bits hold, coarsened up to 1 µV
//! where the file would not fit otherwise. They are stored plain, or with the default Huffman table after no, first or
//! second differences, whichever is smallest: all lossless; the reference beat and bimodal schemes are not used. Leads
//! that the reader derives again are not written.
//!
//! The format has no value for a missing sample, holds 65 535 bytes a lead and whole microseconds a sample, and names
//! only its own leads: a recording with a gap inside a lead, too long, of a sampling rate or with a lead beyond that is
//! refused. Texts are ASCII, ISO 8859-1, GB 2312 or (declared as ISO 10646) UTF-8, the first that holds them all.

mod encode;
mod findings;
mod header;

use super::leads;
use super::sections::{CRC, HEADER, POINTER, PREFIX};
use super::series;
use crate::ingest::{OutFile, WriteError};
use crate::signal::{LeadName, Recording};
use crate::text::Text;
use encode::Encoded;
#[cfg(test)]
pub(super) use encode::code;

/// Protocol version in tenths.
const PROTOCOL: u8 = 20;
/// Sections that section 0 points to, present or not.
const POINTERS: u16 = 12;

/// Encodes a recording.
pub fn write(recording: &Recording, stem: &str) -> Result<Vec<OutFile>, WriteError> {
    let recorded: Vec<usize> =
        (0..recording.leads.len()).filter(|i| !recording.derived.contains(&recording.leads[*i])).collect();
    if recording.is_empty() || recorded.is_empty() {
        return Err(unfit("记录中没有样本", "the recording holds no samples"));
    }
    let interval = interval(recording.rate.0)?;
    let mut lines = Vec::with_capacity(recorded.len());
    for index in recorded {
        let row = recording.samples.row(index);
        lines.push(Line::of(&recording.leads[index], row.iter().copied())?);
    }
    if !lines.iter().any(|l| l.start == 1) || !lines.iter().any(|l| l.end == recording.len()) {
        return Err(unfit(
            "首个或最后一个样本在所有导联中均缺失",
            "the first or the last sample is missing in every lead",
        ));
    }
    let encoded = encode::encode(&lines, None)?;
    let mut sections = vec![(1, header::section(recording)?)];
    if encoded.huffman {
        sections.push((2, 19999u16.to_le_bytes().to_vec()));
    }
    sections.push((3, lead_section(&lines, recording.len())));
    sections.push((6, samples_section(&encoded, interval)));
    let median = findings::median(recording, &lines, encoded.huffman);
    sections.extend(findings::beats(recording, median.as_ref()).map(|body| (4, body)));
    sections.extend(median.map(|m| (5, m.body)));
    sections.extend(findings::global(&recording.device).map(|body| (7, body)));
    sections.extend(findings::per_lead(&recording.device).map(|body| (10, body)));
    sections.extend(header::statements(recording, false)?.map(|body| (8, body)));
    sections.extend(header::statements(recording, true)?.map(|body| (11, body)));
    Ok(vec![(format!("{stem}.scp"), frame(&sections)?)])
}

fn unfit(zh: impl Into<String>, en: impl Into<String>) -> WriteError {
    let (zh, en) = (zh.into(), en.into());
    WriteError::Unfit(Text::of(format!("SCP-ECG 无法保存：{zh}"), format!("SCP-ECG cannot hold this: {en}")))
}

/// One lead to be written.
struct Line {
    name: LeadName,
    code: u8,
    /// First and last sample that are not missing, from 1.
    start: usize,
    end: usize,
    /// The samples between, mV.
    samples: Vec<f32>,
}

impl Line {
    fn of(name: &LeadName, row: impl Iterator<Item = f32>) -> Result<Self, WriteError> {
        let code = leads::code(name)
            .ok_or_else(|| unfit(format!("没有导联 {name} 的编码"), format!("it has no code for lead {name}")))?;
        let all: Vec<f32> = row.collect();
        let present = |v: &f32| !v.is_nan();
        let (Some(first), Some(last)) = (all.iter().position(present), all.iter().rposition(present)) else {
            return Err(unfit(format!("导联 {name} 没有样本"), format!("lead {name} has no sample")));
        };
        let samples = all.get(first..=last).unwrap_or_default().to_vec();
        if samples.iter().any(|v| v.is_nan()) {
            return Err(unfit(
                format!("导联 {name} 中间有缺失的样本，而该格式没有缺失值"),
                format!("samples are missing inside lead {name}, and the format has no value for that"),
            ));
        }
        Ok(Self { name: name.clone(), code, start: first + 1, end: last + 1, samples })
    }
}

/// The sample interval in µs from which a reader gets the same rate.
fn interval(rate: f64) -> Result<u16, WriteError> {
    let interval = (1e6 / rate).round();
    let fits = (1.0..=65535.0).contains(&interval);
    let back = series::rate_of(interval as u16);
    if fits && back.is_some_and(|b| (b - rate).abs() <= 1e-6 * rate) {
        return Ok(interval as u16);
    }
    Err(unfit(
        format!("采样率 {rate} Hz 不能以整数微秒的间隔表示"),
        format!("a rate of {rate} Hz is no interval of whole microseconds"),
    ))
}

fn lead_section(lines: &[Line], len: usize) -> Vec<u8> {
    let whole = lines.iter().all(|l| l.start == 1 && l.end == len);
    let together = if whole && lines.len() < 32 { 0b100 | (lines.len() as u8) << 3 } else { 0 };
    let mut body = vec![lines.len() as u8, together];
    for line in lines {
        body.extend((line.start as u32).to_le_bytes());
        body.extend((line.end as u32).to_le_bytes());
        body.push(line.code);
    }
    body
}

fn samples_section(encoded: &Encoded, interval: u16) -> Vec<u8> {
    let mut body = encoded.nanovolts.to_le_bytes().to_vec();
    body.extend(interval.to_le_bytes());
    body.extend([encoded.differences, 0]);
    for block in &encoded.blocks {
        body.extend((block.len() as u16).to_le_bytes());
    }
    body.extend(encoded.blocks.iter().flatten());
    body
}

/// Puts sections into a record: pointers, section headers, even lengths, checksums.
pub fn frame(sections: &[(u16, Vec<u8>)]) -> Result<Vec<u8>, WriteError> {
    let pointers = HEADER + POINTER * usize::from(POINTERS);
    let mut table = Vec::with_capacity(pointers);
    let mut bodies = Vec::new();
    for id in 0..POINTERS {
        let body = sections.iter().find(|(section, _)| *section == id).map(|(_, body)| body);
        let (length, index) = match (id, body) {
            (0, _) => (pointers, PREFIX + 1),
            (_, Some(body)) => {
                let start = PREFIX + pointers + bodies.len();
                bodies.extend(section(id, body)?);
                (PREFIX + pointers + bodies.len() - start, start + 1)
            }
            (_, None) => (0, 0),
        };
        table.extend(id.to_le_bytes());
        table.extend(length32(length)?);
        table.extend(length32(index)?);
    }
    let mut record = vec![0; PREFIX];
    record.extend(section(0, &table)?);
    record.extend(bodies);
    let length = length32(record.len())?;
    if let Some(place) = record.get_mut(2..PREFIX) {
        place.copy_from_slice(&length);
    }
    seal(&mut record);
    Ok(record)
}

fn section(id: u16, body: &[u8]) -> Result<Vec<u8>, WriteError> {
    let length = (HEADER + body.len()).next_multiple_of(2);
    let mut out = vec![0, 0];
    out.extend(id.to_le_bytes());
    out.extend(length32(length)?);
    out.extend([PROTOCOL, PROTOCOL]);
    out.extend(if id == 0 { b"SCPECG" } else { &[0; 6] });
    out.extend(body);
    out.resize(length, 0);
    seal(&mut out);
    Ok(out)
}

/// Sets the first two bytes to the checksum of the rest.
fn seal(bytes: &mut [u8]) {
    if let Some((place, rest)) = bytes.split_first_chunk_mut::<2>() {
        *place = CRC.checksum(rest).to_le_bytes();
    }
}

fn length32(length: usize) -> Result<[u8; 4], WriteError> {
    u32::try_from(length).map(u32::to_le_bytes).map_err(|_| unfit("超过 4 GiB", "it would exceed 4 GiB"))
}
