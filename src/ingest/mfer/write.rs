//! Writes one MFER frame: little-endian, 16 bit, one resolution a channel, UTF-8. Missing samples are −32768, declared
//! as the null value. Marks are events of code 0 with their text.

use super::definitions::tag;
use crate::ingest::quantise::Step;
use crate::ingest::{OutFile, WriteError, charset, marks, mdc};
use crate::signal::{LeadName, Recording, Sex};
use crate::text::text;

const MISSING: i16 = i16::MIN;
/// Waveform types: a standard 12-lead ECG, a long-term ECG.
const STANDARD: u8 = 1;
const LONG_TERM: u8 = 2;
/// Recordings up to this length are resting ECGs, s.
const RESTING_S: f64 = 120.0;

pub fn write(recording: &Recording, stem: &str) -> Result<Vec<OutFile>, WriteError> {
    let unfit = |zh, en| WriteError::Unfit(text(zh, en));
    if recording.is_empty() || recording.leads.len() > 127 || recording.samples.len() > 1 << 30 {
        return Err(unfit(
            "MFER 不能保存空记录，最多 127 个导联",
            "MFER holds no empty recording and at most 127 leads",
        ));
    }
    let mut out = Vec::with_capacity(recording.samples.len() * 2 + 1024);
    let mut preamble = b"MFR ".to_vec();
    preamble.extend_from_slice(charset::cut(stem, 28).as_bytes());
    preamble.resize(32, 0);
    put(&mut out, tag::PREAMBLE, &preamble);
    put(&mut out, tag::BYTE_ORDER, &[1]);
    put(&mut out, tag::VERSION, &[1, 5, 0]);
    put(&mut out, tag::CHARACTERS, b"UTF-8");
    let device = recording.origin.device.as_deref().unwrap_or("").replace('^', " ");
    put(&mut out, tag::MAKER, device.as_bytes());
    if let Some(filters) = &recording.origin.filters {
        put(&mut out, tag::FILTER, filters.as_bytes());
    }
    patient(&mut out, recording);
    let resting = recording.seconds() <= RESTING_S;
    put(&mut out, tag::WAVEFORM, &[if resting { STANDARD } else { LONG_TERM }]);
    let interval = frequency(recording.rate.0)
        .ok_or_else(|| unfit("MFER 无法表示该采样率", "MFER cannot hold this sampling rate"))?;
    put(&mut out, tag::INTERVAL, &interval);
    put(&mut out, tag::TYPE, &[0]);
    put(&mut out, tag::MISSING, &MISSING.to_le_bytes());
    put(&mut out, tag::BLOCK, &(recording.len() as u32).to_le_bytes());
    put(&mut out, tag::CHANNELS, &[recording.leads.len() as u8]);
    put(&mut out, tag::SEQUENCES, &[1]);
    let mut steps = Vec::with_capacity(recording.leads.len());
    for (n, (lead, row)) in recording.leads.iter().zip(recording.samples.rows()).enumerate() {
        let step =
            Step::fit(row.iter().copied(), 32767).ok_or_else(|| unfit("信号含无穷大的值", "a sample is infinite"))?;
        channel(&mut out, n as u8, lead, step);
        steps.push(step);
    }
    for mark in &recording.annotations {
        let mut event = vec![0, 0];
        event.extend_from_slice(&(mark.sample as u32).to_le_bytes());
        event.extend_from_slice(&[0; 4]);
        event.extend_from_slice(marks::texts(mark).join("\n").as_bytes());
        put(&mut out, tag::EVENT, &event);
    }
    let mut data = Vec::with_capacity(recording.samples.len() * 2);
    for (row, step) in recording.samples.rows().into_iter().zip(&steps) {
        for v in row {
            let raw = step.quantise(*v).map_or(MISSING, |q| q as i16);
            data.extend_from_slice(&raw.to_le_bytes());
        }
    }
    put(&mut out, tag::DATA, &data);
    out.extend_from_slice(&[tag::END, 0]);
    Ok(vec![(format!("{stem}.mwf"), out)])
}

/// A definition: tag, length (big-endian beyond 127), value.
fn put(out: &mut Vec<u8>, tag: u8, value: &[u8]) {
    out.push(tag);
    length(out, value.len());
    out.extend_from_slice(value);
}

fn length(out: &mut Vec<u8>, length: usize) {
    if length < 0x80 {
        out.push(length as u8);
    } else {
        out.push(0x84);
        out.extend_from_slice(&(length as u32).to_be_bytes());
    }
}

fn channel(out: &mut Vec<u8>, number: u8, lead: &LeadName, step: Step) {
    let mut body = Vec::new();
    let (code, words) = match mdc::number(lead) {
        Some(code) => (code as u16, ""),
        None => (0, lead.as_str()),
    };
    let mut name = code.to_le_bytes().to_vec();
    name.extend_from_slice(words.as_bytes());
    put(&mut body, tag::LEAD, &name);
    let exponent = (step.exponent - 6) as i8;
    put(&mut body, tag::RESOLUTION, &[0, exponent.to_le_bytes()[0], step.mantissa as u8, 0]);
    out.extend_from_slice(&[tag::CHANNEL, number]);
    length(out, body.len());
    out.extend_from_slice(&body);
}

/// Unit Hz, exponent, 32-bit mantissa: the most digits that fit.
fn frequency(rate: f64) -> Option<[u8; 6]> {
    (0..=8).find_map(|digits| {
        let scaled = rate * 10_f64.powi(digits);
        let whole = scaled.round();
        let last = digits == 8 || scaled * 10.0 > f64::from(i32::MAX);
        let exact = (scaled - whole).abs() < 1e-9 * scaled;
        if !(exact || last) || whole < 1.0 || whole > f64::from(i32::MAX) {
            return None;
        }
        let [a, b, c, d] = (whole as i32).to_le_bytes();
        Some([0, (-digits as i8).to_le_bytes()[0], a, b, c, d])
    })
}

fn patient(out: &mut Vec<u8>, r: &Recording) {
    let p = &r.patient;
    if let Some(id) = &p.id {
        put(out, tag::PATIENT, id.as_bytes());
    }
    if let Some(name) = &p.name {
        put(out, tag::NAME, name.replace('^', " ").as_bytes());
    }
    let sex = match p.sex {
        None => 0,
        Some(Sex::Male) => 1,
        Some(Sex::Female) => 2,
    };
    put(out, tag::SEX, &[sex]);
    if p.age.is_some() || p.birth.is_some() {
        let mut age = vec![p.age.map_or(0xFF, |a| a.clamp(0.0, 254.0) as u8)];
        let days = p.age.filter(|a| *a < 1.0).map_or(0xFFFF, |a| (a * 365.2425).round() as u16);
        age.extend_from_slice(&days.to_le_bytes());
        let (y, m, d) = p.birth.map_or((0xFFFF, 0xFF, 0xFF), |b| (b.year() as u16, b.month() as u8, b.day() as u8));
        age.extend_from_slice(&y.to_le_bytes());
        age.extend_from_slice(&[m, d]);
        put(out, tag::AGE, &age);
    }
    if let Some(s) = r.start {
        let micros = s.subsec_nanosecond() / 1000;
        let mut time = (s.year() as u16).to_le_bytes().to_vec();
        time.extend([s.month(), s.day(), s.hour(), s.minute(), s.second()].map(|v| v as u8));
        time.extend_from_slice(&((micros / 1000) as u16).to_le_bytes());
        time.extend_from_slice(&((micros % 1000) as u16).to_le_bytes());
        put(out, tag::START, &time);
    }
}
