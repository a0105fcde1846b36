//! Sections 1 and 8: patient, time, device, remarks; statements.

use super::super::texts::{Charset, GB_2312_CODE, LATIN_1_CODE, UNICODE_CODE};
use super::{PROTOCOL, unfit};
use crate::ingest::WriteError;
use crate::signal::{Patient, Recording, Sex};
use encoding_rs::{GBK, WINDOWS_1252};
use jiff::civil::Date;

/// "Rhythm data, not compressed or without loss" (EN 1064, 5.4.5, compatibility category I).
const COMPATIBILITY: u8 = 0x90;

/// Section 1's body.
pub fn section(recording: &Recording) -> Result<Vec<u8>, WriteError> {
    let patient = &recording.patient;
    let words = Words::of(recording);
    let mut tags = Tags(Vec::new());
    let (family, given) = names(patient);
    if let Some(family) = family {
        tags.add(0, &words.bytes(family))?;
    }
    if let Some(given) = given {
        tags.add(1, &words.bytes(given))?;
    }
    tags.add(2, &words.bytes(patient.id.as_deref().unwrap_or("")))?;
    if let Some((number, unit)) = patient.age.and_then(age) {
        tags.number(4, number, unit)?;
    }
    if let Some(birth) = patient.birth {
        tags.add(5, &date(birth))?;
    }
    if let Some(cm) = patient.height_cm.filter(|h| (0.5..65_535.0).contains(h)) {
        // Whole centimetres, or millimetres where that says more.
        let whole = (cm - cm.round()).abs() < 0.05 || cm > 6500.0;
        tags.number(6, if whole { cm } else { cm * 10.0 }.round() as u16, if whole { 1 } else { 3 })?;
    }
    if let Some(kg) = patient.weight_kg.filter(|w| (0.001..65_535.0).contains(w)) {
        let whole = (kg - kg.round()).abs() < 0.0005 || kg > 65.0;
        tags.number(7, if whole { kg } else { kg * 1000.0 }.round() as u16, if whole { 1 } else { 2 })?;
    }
    let sex = match patient.sex {
        Some(Sex::Male) => 1,
        Some(Sex::Female) => 2,
        None => 0,
    };
    tags.add(8, &[sex])?;
    tags.add(14, &machine(recording, &words))?;
    if let Some(start) = recording.start {
        tags.add(25, &date(start.date()))?;
        tags.add(26, &[start.hour() as u8, start.minute() as u8, start.second() as u8])?;
    }
    for comment in &recording.comments {
        tags.add(30, &words.bytes(comment))?;
    }
    tags.0.extend([255, 0, 0]);
    Ok(tags.0)
}

/// A statement of section 11 that is text and no code (EN 1064, 5.14).
const FULL_TEXT: u8 = 2;

/// Section 8's body, where there are statements; section 11's when `typed`.
pub fn statements(recording: &Recording, typed: bool) -> Result<Option<Vec<u8>>, WriteError> {
    let statements = &recording.device.statements;
    if statements.is_empty() {
        return Ok(None);
    }
    let words = Words::of(recording);
    let start = recording.start.unwrap_or_default();
    let mut body = vec![0];
    body.extend(if recording.start.is_some() { date(start.date()) } else { [0; 4] });
    body.extend([start.hour() as u8, start.minute() as u8, start.second() as u8]);
    let count =
        u8::try_from(statements.len()).map_err(|_| unfit("语句超过 255 条", "there are more than 255 statements"))?;
    body.push(count);
    for (number, statement) in (1..=count).zip(statements) {
        let mut text = words.bytes(statement);
        if typed {
            text.insert(0, FULL_TEXT);
        }
        body.push(number);
        body.extend(length(&text)?);
        body.extend(text);
    }
    Ok(Some(body))
}

struct Tags(Vec<u8>);

impl Tags {
    fn add(&mut self, id: u8, value: &[u8]) -> Result<(), WriteError> {
        self.0.push(id);
        self.0.extend(length(value)?);
        self.0.extend(value);
        Ok(())
    }

    fn number(&mut self, id: u8, number: u16, unit: u8) -> Result<(), WriteError> {
        let [low, high] = number.to_le_bytes();
        self.add(id, &[low, high, unit])
    }
}

fn length(value: &[u8]) -> Result<[u8; 2], WriteError> {
    u16::try_from(value.len())
        .map(u16::to_le_bytes)
        .map_err(|_| unfit("有文本超过 65535 字节", "a text exceeds 65 535 bytes"))
}

fn date(date: Date) -> [u8; 4] {
    let [low, high] = date.year().to_le_bytes();
    [low, high, date.month() as u8, date.day() as u8]
}

/// Age as the format has it: a number and years, months or days.
fn age(years: f64) -> Option<(u16, u8)> {
    let fits = |n: f64| (0.0..=65_535.0).contains(&n).then_some(n as u16);
    let whole = |n: f64| (n - n.round()).abs() < 1e-3;
    if years >= 1.0 && whole(years) || years >= 150.0 {
        return Some((fits(years.round())?, 1));
    }
    if whole(years * 12.0) {
        return Some((fits((years * 12.0).round())?, 2));
    }
    Some((fits((years * 365.25).round())?, 4))
}

/// Family and given name, where the name comes apart so that the reader puts it together the same way.
fn names(patient: &Patient) -> (Option<&str>, Option<&str>) {
    let Some(name) = patient.name.as_deref() else { return (None, None) };
    match name.split_once(", ") {
        Some((family, given)) if Patient::full_name(Some(family), Some(given)).as_deref() == Some(name) => {
            (Some(family), Some(given))
        }
        _ => (Some(name), None),
    }
}

/// Tag 14: the maker in words (255 = not in the list), protocol, character set, mains, and this program.
fn machine(recording: &Recording, words: &Words) -> Vec<u8> {
    let mut id = vec![0; 36];
    let mains = recording.origin.mains.map_or(0, |hertz| match hertz.0.round() as u16 {
        50 => 1,
        60 => 2,
        _ => 0,
    });
    for (place, value) in [(7, 255), (14, PROTOCOL), (15, COMPATIBILITY), (16, words.code), (18, mains), (35, 1)] {
        if let Some(byte) = id.get_mut(place) {
            *byte = value;
        }
    }
    let program = concat!("einthoven ", env!("CARGO_PKG_VERSION"));
    let device = recording.origin.device.as_deref().unwrap_or("");
    // Analysing program, serial number, system software, SCP software, maker.
    for text in ["", "", program, program, device] {
        id.extend(words.bytes(text));
    }
    id
}

/// The first character set that holds all of the record's texts.
struct Words {
    code: u8,
}

impl Words {
    fn of(recording: &Recording) -> Self {
        let patient = &recording.patient;
        let single = [&patient.id, &patient.name, &recording.origin.device];
        let texts = single.into_iter().flatten().chain(&recording.comments).chain(&recording.device.statements);
        let all: Vec<&str> = texts.map(String::as_str).collect();
        let latin = |c: char| c.is_ascii() || ('\u{a0}'..='\u{ff}').contains(&c);
        let code = if all.iter().all(|t| t.is_ascii()) {
            0
        } else if all.iter().all(|t| t.chars().all(latin)) {
            LATIN_1_CODE
        } else if all.iter().all(|t| gb_2312(t)) {
            GB_2312_CODE
        } else {
            UNICODE_CODE
        };
        Self { code }
    }

    /// The text with its end mark.
    fn bytes(&self, text: &str) -> Vec<u8> {
        let mut bytes = match self.code {
            LATIN_1_CODE => WINDOWS_1252.encode(text).0.into_owned(),
            GB_2312_CODE => GBK.encode(text).0.into_owned(),
            _ => text.as_bytes().to_vec(),
        };
        bytes.retain(|b| *b != 0);
        bytes.push(0);
        bytes
    }
}

/// Whether the text is of ASCII and GB 2312: in GBK, both bytes of every other character are above 0xA0.
fn gb_2312(text: &str) -> bool {
    let (bytes, _, unmapped) = GBK.encode(text);
    !unmapped
        && Charset::of(GB_2312_CODE).text(&bytes).as_deref() == Some(text.trim())
        && bytes.iter().all(|b| b.is_ascii() || *b > 0xa0)
        && pairs(&bytes)
}

/// Whether bytes above ASCII come in pairs.
fn pairs(bytes: &[u8]) -> bool {
    bytes.split(u8::is_ascii).all(|run| run.len().is_multiple_of(2))
}
