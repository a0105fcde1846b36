//! Writes EDF+C: 16 bit, one gain a lead, annotations. The header is ASCII, as readers insist on; a name or identifier that
//! is not goes into the first annotation list, which is UTF-8 (`Patient name: …`), and comes back from there.
//!
//! A file consists of whole records: the length is divided evenly where it can be, else the last record is filled up with
//! missing samples (only recordings whose length has no suitable divisor and that are too long for one record).

use super::annotations::{IDENTIFIER, NAME, list, stamp, text_list};
use crate::ingest::charset::cut;
use crate::ingest::quantise::Step;
use crate::ingest::{OutFile, WriteError};
use crate::signal::{LeadName, Recording, Sex};
use crate::text::text;

/// Largest record that EDF recommends (EDF specification: 61440 bytes), kept where the length allows it.
const RECOMMENDED_BYTES: usize = 61_440;
/// Largest record that `EDFlib`, the usual reader, accepts is 15 MiB.
const LARGEST_BYTES: usize = 10 << 20;

pub fn write(recording: &Recording, stem: &str) -> Result<Vec<OutFile>, WriteError> {
    let rows: Vec<usize> = (0..recording.leads.len()).collect();
    if recording.is_empty() || rows.len() > 200 {
        return Err(WriteError::Unfit(text(
            "EDF 不能保存空记录或超过 200 个导联",
            "EDF holds no empty recording and at most 200 leads",
        )));
    }
    let steps: Vec<Step> = rows
        .iter()
        .map(|&i| Step::fit(recording.samples.row(i).iter().copied(), 32767))
        .collect::<Option<_>>()
        .ok_or_else(|| WriteError::Unfit(text("信号含无穷大的值", "a sample is infinite")))?;
    let (per_record, duration) = layout(recording)?;
    let records = recording.len().div_ceil(per_record);
    let lists = lists(recording, per_record, records);
    let room = lists.iter().map(Vec::len).max().unwrap_or(0).div_ceil(2);
    let mut bytes = header(recording, &steps, records, per_record, &duration, room);
    bytes.reserve(records.saturating_mul((per_record * rows.len() + room) * 2));
    for (k, list) in lists.iter().enumerate() {
        for (&i, step) in rows.iter().zip(&steps) {
            let row = recording.samples.row(i);
            for j in k * per_record..(k + 1) * per_record {
                let raw = row.get(j).and_then(|&v| step.quantise(v)).unwrap_or(-32768);
                bytes.extend_from_slice(&(raw as i16).to_le_bytes());
            }
        }
        bytes.extend_from_slice(list);
        bytes.resize(bytes.len() + room * 2 - list.len(), 0);
    }
    Ok(vec![(format!("{stem}.edf"), bytes)])
}

/// Samples a record and the record's duration as written: the largest record that divides the length, whose duration gives
/// the rate back.
fn layout(recording: &Recording) -> Result<(usize, String), WriteError> {
    let (length, rate) = (recording.len(), recording.rate.0);
    let bytes = |n: usize| n.saturating_mul(recording.leads.len() * 2);
    let fits = |n: usize| {
        let written = decimal(n as f64 / rate)?;
        let back = n as f64 / written.parse::<f64>().ok()?;
        let whole = rate.fract() == 0.0 && written.len() >= 7;
        ((back - rate).abs() <= rate * if whole { 1e-5 } else { 1e-9 }).then_some(written)
    };
    let divisors = || (1..=length.min(100_000)).filter(|r| length.is_multiple_of(*r)).map(|r| (r, length / r));
    let pick = |limit: usize| {
        let mut lengths = divisors().filter(|&(_, n)| bytes(n) <= limit && n as f64 >= rate / 2.0);
        lengths.find_map(|(_, n)| Some((n, fits(n)?)))
    };
    if let Some(found) = pick(RECOMMENDED_BYTES).or_else(|| pick(LARGEST_BYTES)) {
        return Ok(found);
    }
    // No length gives the rate exactly: the longest record gives it best.
    let large = divisors().find(|&(_, n)| bytes(n) <= LARGEST_BYTES);
    let n = large.map_or_else(|| (LARGEST_BYTES / (recording.leads.len() * 2)).max(1), |(_, n)| n);
    decimal(n as f64 / rate)
        .map(|written| (n, written))
        .ok_or_else(|| WriteError::Unfit(text("EDF 无法表示该采样率", "EDF cannot hold this sampling rate")))
}

/// A positive number in eight characters, as exactly as they allow.
fn decimal(value: f64) -> Option<String> {
    let integer = format!("{value:.0}").len();
    if !(value.is_finite() && value > 0.0) || integer > 8 {
        return None;
    }
    let text = format!("{value:.*}", 7_usize.saturating_sub(integer));
    // Zeros at the end of a rounded number stay: their length tells the reader how far it was rounded.
    let short = if text.contains('.') { text.trim_end_matches('0').trim_end_matches('.') } else { &text };
    let text = if short.parse::<f64>().ok()? == value { short } else { &text };
    (text.parse::<f64>().ok()? > 0.0).then(|| text.to_string())
}

/// The annotation signal's content of each record: the record's start, then the marks in it.
fn lists(recording: &Recording, per_record: usize, records: usize) -> Vec<Vec<u8>> {
    let rate = recording.rate.0;
    let mut lists: Vec<Vec<u8>> = (0..records)
        .map(|k| {
            let mut bytes = stamp((k * per_record) as f64 / rate);
            bytes.extend_from_slice(&[0x14, 0]);
            bytes
        })
        .collect();
    if let Some(first) = lists.first_mut() {
        for (prefix, value) in [(NAME, &recording.patient.name), (IDENTIFIER, &recording.patient.id)] {
            if let Some(value) = value.as_deref().filter(|v| !fits(v)) {
                first.extend(text_list(&format!("{prefix}{}", value.trim())));
            }
        }
    }
    for mark in &recording.annotations {
        if let Some(record) = lists.get_mut(mark.sample / per_record) {
            record.extend(list(mark, rate));
        }
    }
    lists
}

fn header(r: &Recording, steps: &[Step], records: usize, per_record: usize, duration: &str, room: usize) -> Vec<u8> {
    let signals = steps.len() + 1;
    let mut out = Vec::with_capacity(256 * (signals + 1));
    let mut put = |text: &str, width: usize| {
        let text = ascii(text);
        let text = cut(&text, width);
        out.extend_from_slice(text.as_bytes());
        out.resize(out.len() + width - text.len(), b' ');
    };
    put("0", 8);
    put(&patient(r), 80);
    let device = r.origin.device.as_deref().map_or_else(|| "X".into(), subfield);
    let date = r.start.map_or_else(|| "X".to_string(), |s| long_date(s.date()));
    put(&format!("Startdate {date} X X {device}"), 80);
    // EDF+ 2.1.3.4: an anonymised start is 01.01.85 00.00.00.
    let (day, time) = r.start.map_or_else(
        || ("01.01.85".to_string(), "00.00.00".to_string()),
        |s| {
            let day = format!("{:02}.{:02}.{:02}", s.day(), s.month(), s.year().rem_euclid(100));
            (day, format!("{:02}.{:02}.{:02}", s.hour(), s.minute(), s.second()))
        },
    );
    put(&day, 8);
    put(&time, 8);
    put(&(256 * (signals + 1)).to_string(), 8);
    put("EDF+C", 44);
    put(&records.to_string(), 8);
    put(duration, 8);
    put(&signals.to_string(), 4);
    let column = |put: &mut dyn FnMut(&str, usize), width: usize, of: &dyn Fn(usize) -> String, last: &str| {
        (0..steps.len()).for_each(|i| put(&of(i), width));
        put(last, width);
    };
    let full = |i: usize| steps.get(i).map_or_else(Default::default, |s| physical(*s));
    let filter = r.origin.filters.clone().unwrap_or_default();
    column(&mut put, 16, &|i| r.leads.get(i).map_or_else(String::new, label), "EDF Annotations");
    column(&mut put, 80, &|_| String::new(), "");
    column(&mut put, 8, &|i| full(i).1.to_string(), "");
    column(&mut put, 8, &|i| format!("-{}", full(i).0), "-1");
    column(&mut put, 8, &|i| full(i).0, "1");
    column(&mut put, 8, &|_| "-32767".into(), "-32768");
    column(&mut put, 8, &|_| "32767".into(), "32767");
    column(&mut put, 80, &|_| filter.clone(), "");
    column(&mut put, 8, &|_| per_record.to_string(), &room.to_string());
    column(&mut put, 32, &|_| String::new(), "");
    out
}

/// EDF+'s standard text for an ECG lead.
fn label(lead: &LeadName) -> String {
    match lead {
        LeadName::Other(name) if name.to_uppercase().contains("ECG") => name.to_string(),
        lead => format!("ECG {lead}"),
    }
}

/// The physical maximum (32767 steps) and its unit, in at most seven characters (a minus comes before).
fn physical(step: Step) -> (String, &'static str) {
    let (unit, exponent) = match step.exponent {
        ..=1 => ("uV", step.exponent),
        2..=4 => ("mV", step.exponent - 3),
        _ => ("V", step.exponent - 6),
    };
    let full = i64::from(step.mantissa) * 32767;
    let text = if exponent >= 0 {
        (full * 10_i64.pow(exponent as u32)).to_string()
    } else {
        let digits = exponent.unsigned_abs() as usize;
        format!("{:.digits$}", full as f64 / 10_f64.powi(-exponent))
    };
    (text, unit)
}

/// EDF+ local patient identification.
fn patient(r: &Recording) -> String {
    let p = &r.patient;
    let known = |s: Option<&String>| s.filter(|s| fits(s)).map_or_else(|| "X".to_string(), |s| subfield(s));
    let sex = match p.sex {
        Some(Sex::Male) => "M",
        Some(Sex::Female) => "F",
        None => "X",
    };
    let birth = p.birth.map_or_else(|| "X".to_string(), long_date);
    format!("{} {sex} {birth} {}", known(p.id.as_ref()), known(p.name.as_ref()))
}

/// Whether a subfield holds it as it is.
fn fits(text: &str) -> bool {
    text.is_ascii() && !text.contains('_') && text.len() <= 32
}

/// Printable ASCII; dashes keep their meaning.
fn ascii(text: &str) -> String {
    let plain = |c: char| match c {
        '–' | '—' => '-',
        'µ' | 'μ' => 'u',
        ' '..='~' => c,
        _ => '_',
    };
    text.chars().map(plain).collect()
}

/// A subfield holds no blank: EDF+ writes `_` instead.
fn subfield(text: &str) -> String {
    let text = text.trim().replace(|c: char| c.is_whitespace() || c.is_control(), "_");
    if text.is_empty() { "X".to_string() } else { text }
}

fn long_date(date: jiff::civil::Date) -> String {
    const MONTHS: [&str; 12] = ["JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC"];
    let month = MONTHS.get(usize::from(date.month().unsigned_abs()).saturating_sub(1)).unwrap_or(&"JAN");
    format!("{:02}-{month}-{:04}", date.day(), date.year())
}
