//! Writes the ECG file, and the annotation file where there are beats. Leads outside the standard set are named in the free
//! text. What is no beat (rhythm, comments) has no place in the annotation file and is left out.

use super::annotations::{LABELS, TIMEOUT};
use super::header::{CRC, FIXED, MOST_LEADS, NAMES, SPECS};
use super::{ECG, MARKS};
use crate::ingest::charset::cut;
use crate::ingest::quantise::Step;
use crate::ingest::{OutFile, WriteError};
use crate::signal::{Recording, Sex};
use crate::text::text;

pub fn write(recording: &Recording, stem: &str) -> Result<Vec<OutFile>, WriteError> {
    let unfit = |zh, en| WriteError::Unfit(text(zh, en));
    let rate = recording.rate.0;
    if rate.fract() != 0.0 || rate > f64::from(i16::MAX) || rate < 1.0 {
        return Err(unfit("ISHNE 只能保存整数采样率", "ISHNE holds whole sampling rates only"));
    }
    if recording.is_empty() || recording.leads.len() > MOST_LEADS || i32::try_from(recording.len()).is_err() {
        return Err(unfit("ISHNE 最多 12 个导联，不能为空", "ISHNE holds 1 to 12 leads that are not empty"));
    }
    if recording.patient.id.as_ref().is_some_and(|id| id.len() > 20) {
        return Err(unfit("ISHNE 的患者编号最多 20 字节", "ISHNE holds patient identifiers of at most 20 bytes"));
    }
    let mut steps = Vec::with_capacity(recording.leads.len());
    for row in recording.samples.rows() {
        let step = Step::fit(row.iter().copied(), 32767).map(|s| (s, (s.microvolts() * 1000.0).round()));
        let (step, nanovolts) = step
            .filter(|(_, nv)| *nv <= f64::from(i16::MAX))
            .ok_or_else(|| unfit("信号幅度超出 ISHNE 的范围", "the signal is larger than ISHNE can hold"))?;
        steps.push((step, nanovolts as i16));
    }
    let resolutions: Vec<i16> = steps.iter().map(|(_, nv)| *nv).collect();
    let mut out = header(recording, *ECG, &resolutions);
    out.reserve(recording.samples.len() * 2);
    for frame in recording.samples.columns() {
        for (v, (step, _)) in frame.iter().zip(&steps) {
            let raw = step.quantise(*v).map_or(i16::MIN, |q| q as i16);
            out.extend_from_slice(&raw.to_le_bytes());
        }
    }
    let mut files = vec![(format!("{stem}.ecg"), out)];
    if let Some(marks) = annotations(recording, &resolutions) {
        files.push((format!("{stem}.ann"), marks));
    }
    Ok(files)
}

/// Magic, checksum, fixed block and free text.
fn header(r: &Recording, magic: [u8; 8], resolutions: &[i16]) -> Vec<u8> {
    let mut names = Vec::new();
    if r.leads.iter().any(|l| spec(l) == 0) {
        let list: Vec<String> = r.leads.iter().map(|l| l.as_str().replace([',', '\n'], " ")).collect();
        names = format!("{NAMES}{}\n", list.join(",")).into_bytes();
    }
    let mut out = magic.to_vec();
    out.extend_from_slice(&[0; 2]);
    let data = FIXED + names.len();
    for value in [names.len(), r.len(), FIXED, data] {
        out.extend_from_slice(&(value as i32).to_le_bytes());
    }
    out.extend_from_slice(&1_i16.to_le_bytes());
    let field = |out: &mut Vec<u8>, text: &str, width: usize| {
        let text = cut(text, width);
        out.extend_from_slice(text.as_bytes());
        out.resize(out.len() + width - text.len(), 0);
    };
    let p = &r.patient;
    field(&mut out, "", 40);
    field(&mut out, p.name.as_deref().unwrap_or(""), 40);
    field(&mut out, p.id.as_deref().unwrap_or(""), 20);
    let sex = match p.sex {
        None => 0,
        Some(Sex::Male) => 1,
        Some(Sex::Female) => 2,
    };
    let date =
        |d: Option<jiff::civil::Date>| d.map_or([0; 3], |d| [i16::from(d.day()), i16::from(d.month()), d.year()]);
    let start = date(r.start.map(jiff::civil::DateTime::date));
    let time = r.start.map_or([0; 3], |s| [s.hour(), s.minute(), s.second()].map(i16::from));
    let twelve = |of: &dyn Fn(usize) -> i16| -> Vec<i16> { (0..MOST_LEADS).map(of).collect() };
    let specs = twelve(&|i| r.leads.get(i).map_or(-9, spec));
    let qualities = twelve(&|i| if i < r.leads.len() { 0 } else { -9 });
    let resolutions = twelve(&|i| resolutions.get(i).copied().unwrap_or(-9));
    let numbers = [
        &[sex, 0][..],
        &date(p.birth),
        &start,
        &start,
        &time,
        &[r.leads.len() as i16],
        &specs,
        &qualities,
        &resolutions,
        &[0],
    ];
    for value in numbers.concat() {
        out.extend_from_slice(&value.to_le_bytes());
    }
    field(&mut out, r.origin.device.as_deref().unwrap_or(""), 40);
    out.extend_from_slice(&(r.rate.0 as i16).to_le_bytes());
    out.resize(FIXED, 0);
    out.extend_from_slice(&names);
    let crc = CRC.checksum(out.get(10..).unwrap_or(&[])).to_le_bytes();
    if let Some(place) = out.get_mut(8..10) {
        place.copy_from_slice(&crc);
    }
    out
}

/// The specification of a lead; 0 = unknown.
fn spec(lead: &crate::signal::LeadName) -> i16 {
    SPECS.iter().find(|(_, l)| l == lead).map_or(0, |(s, _)| *s)
}

/// The label of a mark; `None` for what is no beat.
fn label(code: &str) -> Option<u8> {
    let nearest = match code {
        "A" | "a" | "J" => "S",
        "L" | "R" => "B",
        "f" => "/",
        "E" | "F" | "r" | "e" | "j" | "n" | "?" => "Q",
        other => other,
    };
    LABELS.iter().find(|(_, c)| *c == nearest).map(|(l, _)| *l)
}

fn annotations(r: &Recording, resolutions: &[i16]) -> Option<Vec<u8>> {
    let beats: Vec<(usize, u8)> = r.annotations.iter().filter_map(|a| Some((a.sample, label(&a.code)?))).collect();
    let (first, _) = *beats.first()?;
    let mut out = header(r, *MARKS, resolutions);
    out.extend_from_slice(&(first as u32).to_le_bytes());
    let mut at = first;
    for (sample, label) in beats {
        let mut passed = sample.saturating_sub(at);
        while passed > usize::from(u16::MAX) {
            out.extend_from_slice(&[TIMEOUT, 0, 0xFF, 0xFF]);
            passed -= usize::from(u16::MAX);
        }
        out.extend_from_slice(&[label, 0]);
        out.extend_from_slice(&(passed as u16).to_le_bytes());
        at = sample;
    }
    Some(out)
}
