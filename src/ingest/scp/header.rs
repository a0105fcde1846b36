//! Section 1: patient, time, device, filters, remarks (EN 1064, 5.4).

use super::sections::Sections;
use super::texts::Charset;
use crate::ingest::Cursor;
use crate::signal::{Hz, Patient, Sex};
use crate::text::Text;
use jiff::civil::{Date, DateTime, Time};

/// What section 1 says.
#[derive(Default)]
pub struct Header {
    /// The patient.
    pub patient: Patient,
    /// Date and time of acquisition.
    pub start: Option<DateTime>,
    /// Maker and model.
    pub device: Option<String>,
    /// Filters applied.
    pub filters: Option<String>,
    /// Mains of the place.
    pub mains: Option<Hz>,
    /// What texts are written in.
    pub charset: Charset,
    /// Drugs, indication, history, free text.
    pub remarks: Vec<String>,
}

/// One tag's value.
pub struct Tag<'a> {
    /// Its number.
    pub id: u8,
    /// Its bytes.
    pub value: &'a [u8],
}

/// Reads section 1; what is missing or broken there is said and left empty.
pub fn read(sections: &Sections, notes: &mut Vec<Text>) -> Header {
    let Some(cursor) = sections.cursor(1) else {
        notes.push(Text::new("没有患者与采集信息（第 1 段）", "there is no header (section 1)"));
        return Header::default();
    };
    let tags = tags(cursor, notes);
    let value = |id: u8| tags.iter().find(|t| t.id == id).map(|t| t.value);
    let machine = value(14);
    let charset = machine.and_then(|m| m.get(16)).map_or_else(Charset::default, |code| Charset::of(*code));
    let words = |id: u8| value(id).and_then(|v| charset.text(v));

    let mut header = Header { charset, ..Header::default() };
    let given = words(1);
    let family = [words(0), words(3)].into_iter().flatten().collect::<Vec<_>>().join(" ");
    header.patient.name = Patient::full_name(Some(&family), given.as_deref());
    header.patient.id = words(2);
    header.patient.sex = value(8).and_then(<[u8]>::first).and_then(|code| match code {
        1 => Some(Sex::Male),
        2 => Some(Sex::Female),
        _ => None,
    });
    header.patient.birth = value(5).and_then(|v| date(v, "出生日期", "date of birth", notes));
    header.patient.age = value(4).and_then(age);
    header.patient.height_cm = value(6).and_then(|v| quantity(v, &[1.0, 2.54, 0.1]));
    header.patient.weight_kg = value(7).and_then(|v| quantity(v, &[1.0, 0.001, 0.453_592_37, 0.028_349_523]));
    let day = value(25).and_then(|v| date(v, "采集日期", "date of acquisition", notes));
    header.start = day.map(|d| d.to_datetime(value(26).and_then(time).unwrap_or_default()));
    header.patient.fill_age(header.start);
    header.device = machine.and_then(|m| device(m, charset));
    header.mains = machine.and_then(|m| m.get(18)).and_then(|code| match code {
        1 => Some(Hz(50.0)),
        2 => Some(Hz(60.0)),
        _ => None,
    });
    header.filters = filters(value(27), value(28), value(29));
    header.remarks = remarks(&tags, charset);
    header
}

/// The tags up to the end mark, or to where the section breaks off, which is said.
pub fn tags<'a>(mut cursor: Cursor<'a>, notes: &mut Vec<Text>) -> Vec<Tag<'a>> {
    let mut tags = Vec::new();
    while let (Ok(id), Ok(length)) = (cursor.u8(), cursor.u16_le()) {
        if id == 255 {
            return tags;
        }
        let Ok(value) = cursor.take(usize::from(length)) else { break };
        tags.push(Tag { id, value });
    }
    notes.push(Text::new(
        "第 1 段（患者信息）没有正常结束，部分字段可能缺失",
        "section 1 (header) does not end as it should: fields may be missing",
    ));
    tags
}

fn u16_at(value: &[u8], at: usize) -> Option<u16> {
    Some(u16::from_le_bytes(value.get(at..at + 2)?.try_into().ok()?))
}

fn date(value: &[u8], zh: &str, en: &str, notes: &mut Vec<Text>) -> Option<Date> {
    let (year, month, day) = (u16_at(value, 0)?, *value.get(2)?, *value.get(3)?);
    if year == 0 {
        return None;
    }
    let date = i16::try_from(year).ok().and_then(|y| Date::new(y, month as i8, day as i8).ok());
    if date.is_none() {
        notes.push(Text::of(format!("{zh}无效，已忽略"), format!("the {en} is impossible and was left out")));
    }
    date
}

fn time(value: &[u8]) -> Option<Time> {
    let [hour, minute, second, ..] = value else { return None };
    Time::new(*hour as i8, *minute as i8, *second as i8, 0).ok()
}

/// Age in years; the second field is the unit: years, months, weeks, days, hours.
fn age(value: &[u8]) -> Option<f64> {
    let number = f64::from(u16_at(value, 0)?);
    let parts_a_year = match value.get(2)? {
        1 => 1.0,
        2 => 12.0,
        3 => 365.25 / 7.0,
        4 => 365.25,
        5 => 365.25 * 24.0,
        _ => return None,
    };
    // A record that says "0 years" of an adult says nothing.
    (number > 0.0 || parts_a_year > 1.0).then_some(number / parts_a_year)
}

/// A number in one of the units 1, 2, … with their factors; 0 is unspecified.
fn quantity(value: &[u8], factors: &[f64]) -> Option<f64> {
    let number = f64::from(u16_at(value, 0)?);
    let factor = factors.get(usize::from(*value.get(2)?).checked_sub(1)?)?;
    (number > 0.0).then_some(number * factor)
}

/// Makers by code (EN 1064, 5.4.5, tag 14); 255 = named in the text.
const MAKERS: [&str; 20] = [
    "",
    "Burdick",
    "Cambridge",
    "Compumed",
    "Datamed",
    "Fukuda",
    "Hewlett-Packard",
    "Marquette",
    "Mortara",
    "Nihon Kohden",
    "Okin",
    "Quinton",
    "Siemens",
    "Spacelabs",
    "Telemed",
    "Hellige",
    "Esaote",
    "Schiller",
    "Picker-Schwarzer",
    "et medical devices",
];

fn device(machine: &[u8], charset: Charset) -> Option<String> {
    let model = machine.get(8..14).and_then(|m| charset.text(m));
    // From byte 36 on: analysing program, serial number, system software, SCP software, maker.
    let maker = machine
        .get(36..)
        .and_then(|strings| strings.split(|b| *b == 0).nth(4))
        .and_then(|maker| charset.text(maker))
        .or_else(|| machine.get(7).and_then(|code| MAKERS.get(usize::from(*code))).map(ToString::to_string));
    let words: Vec<String> = [maker, model].into_iter().flatten().filter(|w| !w.is_empty()).collect();
    (!words.is_empty()).then(|| words.join(" "))
}

fn filters(baseline: Option<&[u8]>, low_pass: Option<&[u8]>, bits: Option<&[u8]>) -> Option<String> {
    let mut list = Vec::new();
    if let Some(hundredths) = baseline.and_then(|v| u16_at(v, 0)).filter(|v| *v > 0) {
        list.push(format!("high-pass {} Hz", f64::from(hundredths) / 100.0));
    }
    if let Some(hertz) = low_pass.and_then(|v| u16_at(v, 0)).filter(|v| *v > 0) {
        list.push(format!("low-pass {hertz} Hz"));
    }
    let bits = bits.and_then(<[u8]>::first).copied().unwrap_or(0);
    for (bit, name) in ["notch 60 Hz", "notch 50 Hz", "artifact filter", "baseline filter"].iter().enumerate() {
        if bits >> bit & 1 == 1 {
            list.push((*name).to_string());
        }
    }
    (!list.is_empty()).then(|| list.join(", "))
}

fn remarks(tags: &[Tag], charset: Charset) -> Vec<String> {
    let mut out = Vec::new();
    for tag in tags {
        let (label, value) = match tag.id {
            10 => ("drug: ", tag.value.get(3..).unwrap_or_default()),
            13 => ("indication: ", tag.value),
            30 => ("", tag.value),
            35 => ("history: ", tag.value),
            _ => continue,
        };
        out.extend(charset.text(value).map(|words| format!("{label}{words}")));
    }
    out
}
