//! The header, field by field.

use super::ID;
use crate::ingest::{Cursor, ReadError, charset};
use crate::signal::{LeadName, Patient, Sex};
use crate::text::{Text, text};
use jiff::civil::{Date, DateTime, Time};

/// Magic, checksum and fixed block.
pub const FIXED: usize = 522;
/// The checksum's algorithm: CCITT, initial value FFFF.
pub const CRC: crc::Crc<u16> = crc::Crc::<u16>::new(&crc::CRC_16_IBM_3740);
/// Most leads the fixed block has room for.
pub const MOST_LEADS: usize = 12;
/// Begins the line of the free text in which our writer names leads outside the standard set.
pub const NAMES: &str = "leads: ";

/// Lead specifications (table 2 of the paper).
#[rustfmt::skip]
pub const SPECS: [(i16, LeadName); 15] = [
    (2, LeadName::X), (3, LeadName::Y), (4, LeadName::Z),
    (5, LeadName::I), (6, LeadName::II), (7, LeadName::III), (8, LeadName::AvR), (9, LeadName::AvL), (10, LeadName::AvF),
    (11, LeadName::V1), (12, LeadName::V2), (13, LeadName::V3), (14, LeadName::V4), (15, LeadName::V5), (16, LeadName::V6),
];

/// One lead.
pub struct Lead {
    pub spec: i16,
    /// nV a step.
    pub resolution: i16,
}

/// What the header says.
pub struct Header {
    pub rate: f64,
    /// Declared samples.
    pub samples: usize,
    /// Offset of the samples.
    pub data: usize,
    pub leads: Vec<Lead>,
    pub patient: Patient,
    pub start: Option<DateTime>,
    pub recorder: Option<String>,
    /// The variable block.
    pub text: String,
}

impl Header {
    pub fn read(bytes: &[u8], notes: &mut Vec<Text>) -> Result<Self, ReadError> {
        let mut c = Cursor::new(bytes, ID);
        c.seek(8)?;
        let crc = c.u16_le()?;
        let variable = i32_le(&mut c)?;
        let samples = i32_le(&mut c)?;
        let variable_at = i32_le(&mut c)?;
        let data = i32_le(&mut c)?;
        let _version = c.i16_le()?;
        let offset = |v: i32, what: &str, zh: &str| {
            usize::try_from(v).map_err(|_| {
                ReadError::malformed(ID, format!("{zh}为负数"), format!("the {what} is negative"), "byte 10")
            })
        };
        let (variable, samples) = (
            offset(variable, "size of the variable block", "变长块长度")?,
            offset(samples, "number of samples", "采样点数")?,
        );
        let (variable_at, data) = (
            offset(variable_at, "offset of the variable block", "变长块位置")?,
            offset(data, "offset of the samples", "数据位置")?,
        );
        let patient = patient(&mut c)?;
        let (recorded, _filed, time) = (triple(&mut c)?, triple(&mut c)?, triple(&mut c)?);
        let count = c.i16_le()?;
        let [specs, qualities, resolutions] = [twelve(&mut c)?, twelve(&mut c)?, twelve(&mut c)?];
        let pacemaker = c.i16_le()?;
        let recorder = Some(charset::field(c.take(40)?)).filter(|r| !r.is_empty());
        let rate = c.i16_le()?;
        c.seek(FIXED)?;
        if data < FIXED {
            return Err(ReadError::malformed(
                ID,
                "数据位置在文件头之内",
                "the samples begin within the header",
                "byte 22",
            ));
        }
        let covered = bytes.get(10..data).unwrap_or(&[]);
        // The sum is of the whole header; some writers leave it zero.
        if crc != 0 && CRC.checksum(covered) != crc {
            notes.push(text("文件头校验和不符，可能已损坏", "the header's checksum is wrong: it may be damaged"));
        }
        let leads = leads(count, &specs, &resolutions)?;
        if rate <= 0 {
            return Err(ReadError::malformed(
                ID,
                format!("采样率 {rate} 无效"),
                format!("sampling rate {rate} is invalid"),
                "byte 272",
            ));
        }
        quality(&qualities, leads.len(), pacemaker, notes);
        let free = bytes.get(variable_at..).and_then(|b| b.get(..variable)).map_or_else(String::new, charset::field);
        let [h, m, s] = time.map(|v| i8::try_from(v).ok());
        let clock = h.zip(m).zip(s).and_then(|((h, m), s)| Time::new(h, m, s, 0).ok());
        let start = date(recorded).zip(clock).map(|(d, t)| d.to_datetime(t));
        Ok(Self { rate: f64::from(rate), samples, data, leads, patient, start, recorder, text: free })
    }

    /// The leads' names: by specification, else as the free text says, else by number.
    pub fn labels(&self) -> Vec<String> {
        let named = self.text.lines().find_map(|l| l.strip_prefix(NAMES)).unwrap_or("");
        let mut own = named.split(',').map(str::trim);
        let label = |(n, lead): (usize, &Lead)| {
            let said = own.next().filter(|l| !l.is_empty()).map(String::from);
            let standard = SPECS.iter().find(|(s, _)| *s == lead.spec).map(|(_, l)| l.to_string());
            let other = match lead.spec {
                17 => Some("ES".to_string()),
                18 => Some("AS".to_string()),
                19 => Some("AI".to_string()),
                _ => None,
            };
            standard.or(other).or(said).unwrap_or_else(|| format!("signal {}", n + 1))
        };
        self.leads.iter().enumerate().map(label).collect()
    }
}

fn i32_le(c: &mut Cursor<'_>) -> Result<i32, ReadError> {
    Ok(c.u32_le()? as i32)
}

fn triple(c: &mut Cursor<'_>) -> Result<[i16; 3], ReadError> {
    Ok([c.i16_le()?, c.i16_le()?, c.i16_le()?])
}

fn twelve(c: &mut Cursor<'_>) -> Result<[i16; MOST_LEADS], ReadError> {
    let mut out = [0; MOST_LEADS];
    for v in &mut out {
        *v = c.i16_le()?;
    }
    Ok(out)
}

/// Day, month, year.
fn date([day, month, year]: [i16; 3]) -> Option<Date> {
    let (day, month) = (i8::try_from(day).ok()?, i8::try_from(month).ok()?);
    Date::new(year, month, day).ok().filter(|_| year > 0)
}

fn patient(c: &mut Cursor<'_>) -> Result<Patient, ReadError> {
    let (first, last, id) = (charset::field(c.take(40)?), charset::field(c.take(40)?), charset::field(c.take(20)?));
    let sex = match c.i16_le()? {
        1 => Some(Sex::Male),
        2 => Some(Sex::Female),
        _ => None,
    };
    let _race = c.i16_le()?;
    let birth = date(triple(c)?);
    let chinese = first.chars().chain(last.chars()).any(|c| c >= '\u{2E80}');
    let name = if chinese { format!("{last}{first}") } else { format!("{first} {last}").trim().to_string() };
    Ok(Patient {
        id: Some(id).filter(|i| !i.is_empty()),
        name: Some(name).filter(|n| !n.is_empty()),
        sex,
        birth,
        ..Patient::default()
    })
}

fn leads(count: i16, specs: &[i16], resolutions: &[i16]) -> Result<Vec<Lead>, ReadError> {
    let count = usize::try_from(count).ok().filter(|n| (1..=MOST_LEADS).contains(n)).ok_or_else(|| {
        ReadError::malformed(ID, format!("导联数 {count} 无效"), format!("{count} leads are not possible"), "byte 156")
    })?;
    let pairs = specs.iter().zip(resolutions).take(count).enumerate();
    let lead = |(n, (spec, resolution)): (usize, (&i16, &i16))| {
        if *resolution <= 0 {
            return Err(ReadError::malformed(
                ID,
                format!("第 {} 导联没有分辨率，无法换算为毫伏", n + 1),
                format!("lead {} has no resolution: no scale to millivolts", n + 1),
                "byte 206",
            ));
        }
        Ok(Lead { spec: *spec, resolution: *resolution })
    };
    pairs.map(lead).collect()
}

/// Notes on poor leads and a pacemaker.
fn quality(qualities: &[i16], leads: usize, pacemaker: i16, notes: &mut Vec<Text>) {
    for (n, quality) in qualities.iter().take(leads).enumerate() {
        let (zh, en) = match quality {
            2 => ("间歇性干扰（<10%）", "intermittent noise (below 10 %)"),
            3 => ("频繁干扰（>10%）", "frequent noise (above 10 %)"),
            4 => ("间歇性脱落（<10%）", "intermittent disconnection (below 10 %)"),
            5 => ("频繁脱落（>10%）", "frequent disconnection (above 10 %)"),
            _ => continue,
        };
        notes
            .push(Text::of(format!("文件注明第 {} 导联{zh}", n + 1), format!("the file says of lead {}: {en}", n + 1)));
    }
    if (1..=5).contains(&pacemaker) {
        notes.push(text("文件注明患者装有起搏器", "the file says that the patient has a pacemaker"));
    }
}
