//! The lines above a table: `Key: value`, `Key,value`, `# Key = value`, in the languages that programs write them in.
//!
//! Apple Health's ECG export has such a block in the telephone's language (keys as exported by iOS in English, Chinese,
//! German, French, Spanish, Italian, Japanese); our own writer has it too.

use super::layout::{Delimiter, split};
use crate::ingest::millivolts;
use crate::signal::Sex;
use jiff::civil::{Date, DateTime};

/// What the lines say.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Preamble {
    pub rate: Option<f64>,
    /// Millivolts of one unit of the table.
    pub scale: Option<f64>,
    /// Units a millivolt.
    pub gain: Option<f64>,
    pub lead: Option<String>,
    pub start: Option<DateTime>,
    pub name: Option<String>,
    pub id: Option<String>,
    pub birth: Option<Date>,
    pub age: Option<f64>,
    pub sex: Option<Sex>,
    pub device: Option<String>,
    /// The device's classification.
    pub statement: Option<String>,
    /// Lines that said nothing of the above.
    pub others: Vec<String>,
}

/// Keys of our own writer.
pub const RATE: &str = "Sampling rate";
pub const START: &str = "Start";

#[derive(Clone, Copy)]
enum Key {
    Rate,
    Unit,
    Gain,
    Lead,
    Start,
    Name,
    Id,
    Birth,
    Age,
    Sex,
    Device,
    Statement,
}

#[rustfmt::skip]
const KEYS: &[(Key, &[&str])] = &[
    (Key::Rate, &["sample rate", "sampling rate", "sampling frequency", "sample frequency", "samplerate", "fs", "rate",
        "采样率", "采样频率", "取样率", "採樣率", "abtastrate", "fréquence d'échantillonnage", "frecuencia de muestreo",
        "frecuencia de la muestra", "frequenza di campionamento", "サンプルレート", "サンプリングレート"]),
    (Key::Unit, &["unit", "units", "单位", "單位", "einheit", "unité", "unidad", "unità", "単位"]),
    (Key::Gain, &["gain", "units per mv", "adc units per mv", "增益"]),
    (Key::Lead, &["lead", "导联", "導聯", "ableitung", "dérivation", "derivación", "derivazione", "誘導"]),
    (Key::Start, &["recorded date", "start", "start time", "recording date", "date", "记录日期", "录制日期", "記錄日期", "采集时间", "检查时间",
        "aufzeichnungsdatum", "date d'enregistrement", "fecha de registro", "data di registrazione", "記録日"]),
    (Key::Name, &["name", "patient name", "patient", "姓名", "患者姓名", "nom", "nombre", "nome", "名前"]),
    (Key::Id, &["patient id", "id", "患者编号", "病历号", "编号"]),
    (Key::Birth, &["date of birth", "birth date", "出生日期", "geburtsdatum", "date de naissance", "fecha de nacimiento",
        "data di nascita", "生年月日"]),
    (Key::Age, &["age", "年龄", "alter", "âge"]),
    (Key::Sex, &["sex", "gender", "性别", "geschlecht"]),
    (Key::Device, &["device", "recorder", "设备", "裝置", "gerät", "appareil", "dispositivo", "デバイス"]),
    (Key::Statement, &["classification", "分类", "分類", "klassifizierung", "classificazione", "clasificación"]),
];

/// Reads the lines above a table of our own writer: all but rate and start are remarks.
pub fn own(lines: &[&str]) -> Preamble {
    let mut preamble = Preamble::default();
    for line in lines.iter().map(|l| l.trim_start_matches('#').trim()) {
        match line.split_once(": ") {
            Some((RATE, value)) => preamble.rate = leading_number(value).filter(|r| *r > 0.0),
            Some((START, value)) => preamble.start = value.parse().ok(),
            _ => preamble.others.push(line.to_string()),
        }
    }
    preamble
}

/// Reads the lines.
pub fn read(lines: &[&str]) -> Preamble {
    let mut preamble = Preamble::default();
    for line in lines {
        let line = line.trim().trim_start_matches(['#', '%', '/']).trim();
        if line.trim_matches([',', ';', '\t']).is_empty() {
            continue;
        }
        let pair = pair(line);
        let known = pair.as_ref().is_some_and(|(key, value)| preamble.take(key, value));
        if !known {
            preamble.others.push(line.to_string());
        }
    }
    preamble
}

/// Whether a line is a known key with its value, and so no header of a table.
pub fn says(line: &str) -> bool {
    pair(line).is_some_and(|(key, value)| Preamble::default().take(&key, &value))
}

/// `key,value`, `key;value`, `key<tab>value`, `key: value` or `key = value`, whichever comes first.
fn pair(line: &str) -> Option<(String, String)> {
    let at = line.find([',', ';', '\t', ':', '=', '\u{ff1a}'])?;
    let sign = line.get(at..)?.chars().next()?;
    let (key, value) = if matches!(sign, ',' | ';' | '\t') {
        let fields = split(line, Delimiter::Char(sign));
        let mut fields = fields.iter().filter(|f| !f.is_empty());
        (fields.next()?.to_string(), fields.next()?.to_string())
    } else {
        (line.get(..at)?.to_string(), line.get(at + sign.len_utf8()..)?.to_string())
    };
    let value = value.trim().trim_matches('"').to_string();
    Some((key.trim().trim_matches('"').replace('’', "'").to_lowercase(), value)).filter(|(_, v)| !v.is_empty())
}

impl Preamble {
    fn take(&mut self, key: &str, value: &str) -> bool {
        // A key may carry its unit: `Abtastrate (Hz)`.
        let bare = key.split(['(', '[']).next().unwrap_or(key).trim();
        let Some((key, _)) = KEYS.iter().find(|(_, names)| names.contains(&bare)) else { return false };
        let text = Some(value.to_string());
        match key {
            Key::Rate => self.rate = leading_number(value).filter(|r| *r > 0.0),
            Key::Unit => {
                self.scale = millivolts(value);
                return self.scale.is_some();
            }
            Key::Gain => self.gain = leading_number(value).filter(|g| *g > 0.0),
            Key::Lead => self.lead = text,
            Key::Start => {
                self.start = date_time(value);
                return self.start.is_some();
            }
            Key::Name => self.name = text,
            Key::Id => self.id = text,
            Key::Birth => {
                self.birth = date(value);
                return self.birth.is_some();
            }
            Key::Age => self.age = leading_number(value).filter(|a| (0.0..=120.0).contains(a)),
            Key::Sex => self.sex = Sex::parse(value),
            Key::Device => self.device = text,
            Key::Statement => self.statement = text,
        }
        true
    }
}

/// The number a value begins with: `512 hertz`, `511,5 Hz`.
fn leading_number(value: &str) -> Option<f64> {
    let end = value.find(|c: char| !c.is_ascii_digit() && c != '.' && c != ',').unwrap_or(value.len());
    value.get(..end)?.trim_end_matches([',', '.']).replace(',', ".").parse().ok()
}

/// `2019-03-28 10:12:13[.5] [+0100]` or with `T`, local time as written.
fn date_time(value: &str) -> Option<DateTime> {
    let (date, rest) = value.trim().split_at_checked(10)?;
    let clock = rest.trim_start_matches(['T', ' ']).split([' ', '+', 'Z']).next()?;
    format!("{}T{clock}", date.replace('/', "-")).parse().ok()
}

/// `1980-01-31`, `Jan 31, 1980`, `31 Jan 1980`, `31.01.1980`, `1980年1月31日`.
fn date(value: &str) -> Option<Date> {
    const MONTHS: [&str; 12] = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"];
    let words: Vec<String> = value
        .split(|c: char| !c.is_alphanumeric() || "年月日".contains(c))
        .map(str::to_lowercase)
        .filter(|w| !w.is_empty())
        .collect();
    let month = words.iter().find_map(|w| MONTHS.iter().position(|m| w.starts_with(m))).map(|i| i as i16 + 1);
    let numbers: Vec<i16> = words.iter().filter_map(|w| w.parse().ok()).collect();
    let (year, month, day) = match (month, numbers.as_slice()) {
        (Some(month), [day, year]) if *year > 31 => (*year, month, *day),
        (None, [year, month, day]) if *year > 31 => (*year, *month, *day),
        // Day before month with dots and full years (DIN 5008); with slashes the order is not known.
        (None, [day, month, year]) if *year > 31 && value.contains('.') => (*year, *month, *day),
        _ => return None,
    };
    Date::new(year, i8::try_from(month).ok()?, i8::try_from(day).ok()?).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn apple_health_in_three_languages() {
        let english = [
            "Name,\"Jane, Doe\"",
            "Date of Birth,\"Jan 31, 1980\"",
            "Recorded Date,2019-03-28 10:12:13 +0100",
            "Classification,Sinus Rhythm",
            "Symptoms,",
            "Software Version,1.90",
            "Device,\"Watch4,2\"",
            "Sample Rate,512 hertz",
            "",
            "Lead,Lead I",
            "Unit,µV",
        ];
        let p = read(&english);
        assert_eq!((p.rate, p.scale, p.lead.as_deref()), (Some(512.0), Some(1e-3), Some("Lead I")));
        assert_eq!((p.name.as_deref(), p.birth), (Some("Jane, Doe"), Some(jiff::civil::date(1980, 1, 31))));
        assert_eq!(p.start.unwrap().to_string(), "2019-03-28T10:12:13");
        assert_eq!((p.statement.as_deref(), p.device.as_deref()), (Some("Sinus Rhythm"), Some("Watch4,2")));
        let p = read(&["Geburtsdatum,31.01.1980", "Abtastrate,\"511,8 Hertz\"", "Ableitung,Ableitung I", "Einheit,µV"]);
        assert_eq!((p.rate, p.scale, p.birth), (Some(511.8), Some(1e-3), Some(jiff::civil::date(1980, 1, 31))));
        let p = read(&["姓名,张三", "出生日期,1980年1月31日", "采样率,512 赫兹", "导联,I 导联", "单位,µV"]);
        assert_eq!(
            (p.rate, p.name.as_deref(), p.birth),
            (Some(512.0), Some("张三"), Some(jiff::civil::date(1980, 1, 31)))
        );
    }

    #[test]
    fn other_blocks() {
        let p = read(&["# Sampling frequency: 250 Hz", "# gain = 200", "% free words", "Date,03/04/2020"]);
        assert_eq!((p.rate, p.gain), (Some(250.0), Some(200.0)));
        assert_eq!(p.others, ["free words", "Date,03/04/2020"]);
    }
}
