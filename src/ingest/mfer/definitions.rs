//! Definitions in the order of the file (MFER Part 1, 5): those of the frame, each for all channels or for one, and those
//! of patient, time and maker.

use super::ID;
use super::frames::{self, Frame};
use crate::ingest::{Limits, ReadError, charset};
use crate::signal::{Patient, Sex};
use crate::text::{Text, text};
use encoding_rs::Encoding;
use jiff::civil::{Date, DateTime, Time};
use std::collections::BTreeMap;

pub mod tag {
    pub const ZERO: u8 = 0x00;
    pub const BYTE_ORDER: u8 = 0x01;
    pub const VERSION: u8 = 0x02;
    pub const CHARACTERS: u8 = 0x03;
    pub const BLOCK: u8 = 0x04;
    pub const CHANNELS: u8 = 0x05;
    pub const SEQUENCES: u8 = 0x06;
    pub const WAVEFORM: u8 = 0x08;
    pub const LEAD: u8 = 0x09;
    pub const TYPE: u8 = 0x0A;
    pub const INTERVAL: u8 = 0x0B;
    pub const RESOLUTION: u8 = 0x0C;
    pub const OFFSET: u8 = 0x0D;
    pub const COMPRESSION: u8 = 0x0E;
    pub const FILTER: u8 = 0x11;
    pub const MISSING: u8 = 0x12;
    pub const MAKER: u8 = 0x17;
    pub const DATA: u8 = 0x1E;
    pub const CHANNEL: u8 = 0x3F;
    pub const PREAMBLE: u8 = 0x40;
    pub const EVENT: u8 = 0x41;
    pub const SET: u8 = 0x67;
    pub const END: u8 = 0x80;
    pub const NAME: u8 = 0x81;
    pub const PATIENT: u8 = 0x82;
    pub const AGE: u8 = 0x83;
    pub const SEX: u8 = 0x84;
    pub const START: u8 = 0x85;
}

/// Channels and sets within one another; the rules allow one level of channels.
const MOST_NESTED: usize = 4;
/// Frames of one file.
const MOST_FRAMES: usize = 1 << 16;
/// Events kept.
const MOST_EVENTS: usize = 1 << 20;

/// What is in force for one channel; an empty field takes the root's, then the default.
#[derive(Clone, Debug, Default)]
pub struct Channel {
    pub block: Option<usize>,
    pub waveform: Option<u32>,
    /// Lead code, and its name as text.
    pub lead: Option<(u32, String)>,
    pub kind: Option<u8>,
    pub rate: Option<f64>,
    /// Unit code and value of a step.
    pub resolution: Option<(u8, f64)>,
    pub offset: Option<Vec<u8>>,
    pub missing: Option<Vec<u8>>,
}

/// An event: its time in sampling intervals of `rate`, and its words.
pub struct Event {
    pub code: u32,
    pub at: u64,
    pub rate: f64,
    pub words: String,
}

/// Reads definitions.
pub struct Reader<'a> {
    limits: &'a Limits,
    pub big_endian: bool,
    characters: String,
    pub channels: usize,
    pub sequences: Option<usize>,
    pub root: Channel,
    pub own: BTreeMap<usize, Channel>,
    pub frames: Vec<Frame>,
    pub patient: Patient,
    pub start: Option<DateTime>,
    /// The start that the next frame has, where one stands before it.
    next_start: Option<DateTime>,
    pub device: Option<String>,
    pub filters: Option<String>,
    pub events: Vec<Event>,
    pub notes: Vec<Text>,
    ended: bool,
}

/// A preamble, or definitions known and whole up to the first data.
pub fn is_mfer(bytes: &[u8]) -> bool {
    if let [tag::PREAMBLE, _, b'M', b'F', b'R', ..] = bytes {
        return true;
    }
    let mut at = 0;
    let mut seen_type = false;
    while let Some(head) = Head::read(bytes, at) {
        let known = matches!(head.tag, 0x01..=0x1E | tag::CHANNEL..=0x46 | tag::SET | 0x80..=0x88);
        seen_type |= matches!(head.tag, tag::BYTE_ORDER | tag::INTERVAL | tag::CHANNELS);
        if head.tag == tag::DATA {
            return seen_type && at > 8;
        }
        let fixed = match head.tag {
            tag::BYTE_ORDER | tag::TYPE | tag::SEX => head.length == Some(1),
            tag::INTERVAL | tag::RESOLUTION => head.length.is_some_and(|l| (3..=10).contains(&l)),
            tag::BLOCK | tag::CHANNELS | tag::SEQUENCES => head.length.is_some_and(|l| (1..=4).contains(&l)),
            _ => true,
        };
        let Some(length) = head.length.filter(|_| known && fixed && head.tag != tag::END) else { return false };
        at = head.value.saturating_add(length);
    }
    false
}

/// Tag, channel number and length of a definition.
pub struct Head {
    pub tag: u8,
    pub channel: usize,
    /// `None` = up to the end-of-contents mark.
    pub length: Option<usize>,
    /// Where the value begins.
    pub value: usize,
}

impl Head {
    pub fn read(bytes: &[u8], at: usize) -> Option<Self> {
        let tag = *bytes.get(at)?;
        let mut at = at + 1;
        let mut channel = 0_usize;
        if tag == tag::ZERO || tag == tag::END {
            return Some(Self { tag, channel, length: Some(0), value: at });
        }
        if tag == tag::CHANNEL {
            loop {
                let byte = *bytes.get(at)?;
                at += 1;
                channel = channel.checked_mul(128)? | usize::from(byte & 0x7F);
                if byte & 0x80 == 0 {
                    break;
                }
            }
        }
        let first = *bytes.get(at)?;
        at += 1;
        if first == 0x80 {
            return Some(Self { tag, channel, length: None, value: at });
        }
        if first < 0x80 {
            return Some(Self { tag, channel, length: Some(usize::from(first)), value: at });
        }
        let count = usize::from(first & 0x7F);
        let digits = bytes.get(at..at.checked_add(count)?).filter(|d| d.len() <= 4)?;
        let length = digits.iter().fold(0_usize, |v, d| v << 8 | usize::from(*d));
        Some(Self { tag, channel, length: Some(length), value: at + count })
    }
}

impl<'a> Reader<'a> {
    pub fn new(limits: &'a Limits) -> Self {
        Self {
            limits,
            big_endian: true,
            characters: String::new(),
            channels: 1,
            sequences: None,
            root: Channel::default(),
            own: BTreeMap::new(),
            frames: Vec::new(),
            patient: Patient::default(),
            start: None,
            next_start: None,
            device: None,
            filters: None,
            events: Vec::new(),
            notes: Vec::new(),
            ended: false,
        }
    }

    /// Walks definitions from `offset` in the file on; of one channel where `channel` says so.
    pub fn walk(&mut self, bytes: &[u8], offset: usize, channel: Option<usize>, depth: usize) -> Result<(), ReadError> {
        let broken = |at: usize| {
            ReadError::malformed(ID, "定义不完整", "a definition is cut short", format!("byte {}", offset + at))
        };
        if depth > MOST_NESTED {
            return Err(ReadError::Limit {
                what: text("定义嵌套层数", "nesting of definitions"),
                max: MOST_NESTED as u64,
            });
        }
        let mut at = 0;
        while at < bytes.len() && !self.ended {
            let head = Head::read(bytes, at).ok_or_else(|| broken(at))?;
            let rest = bytes.get(head.value..).unwrap_or(&[]);
            let length = match head.length {
                Some(length) => length,
                // Two zero bytes end a group of undefined length; only groups may have it.
                None if matches!(head.tag, tag::CHANNEL | tag::SET) => {
                    rest.windows(2).position(|w| w == [0, 0]).ok_or_else(|| broken(at))?
                }
                None => return Err(broken(at)),
            };
            let value = match rest.get(..length) {
                Some(value) => value,
                // The last frame of an interrupted recording is read as far as it goes.
                None if head.tag == tag::DATA => {
                    self.notes.push(text(
                        "文件不完整，波形读到文件结尾为止",
                        "the file is cut short: the waveform ends where it does",
                    ));
                    rest
                }
                None => return Err(broken(at)),
            };
            self.definition(&head, value, offset + head.value, channel, depth)?;
            at = head.value + value.len();
        }
        Ok(())
    }

    fn definition(
        &mut self,
        head: &Head,
        value: &[u8],
        at: usize,
        channel: Option<usize>,
        depth: usize,
    ) -> Result<(), ReadError> {
        match head.tag {
            tag::END => self.ended = true,
            tag::BYTE_ORDER | tag::CHARACTERS => self.learn(head.tag, value),
            tag::CHANNELS => {
                self.channels = self.unsigned(value) as usize;
                self.limits.shape(self.channels, 0)?;
                // A new number of channels ends what was said of each.
                self.own.clear();
            }
            tag::SEQUENCES => self.sequences = Some(self.unsigned(value) as usize).filter(|s| *s > 0),
            tag::COMPRESSION if value.iter().any(|b| *b != 0) => return Err(compressed()),
            tag::CHANNEL if head.channel < self.channels => self.walk(value, at, Some(head.channel), depth + 1)?,
            tag::SET => self.walk(value, at, channel, depth + 1)?,
            tag::DATA => self.frame(value, at)?,
            tag::BLOCK..=tag::MISSING => self.of_channel(head.tag, value, at, channel)?,
            _ => self.of_file(head.tag, value),
        }
        Ok(())
    }

    fn frame(&mut self, data: &[u8], at: usize) -> Result<(), ReadError> {
        if self.frames.len() >= MOST_FRAMES {
            return Err(ReadError::Limit { what: text("数据帧数", "number of frames"), max: MOST_FRAMES as u64 });
        }
        let mut notes = Vec::new();
        let mut frame = frames::read(self, data, at, self.limits, &mut notes)?;
        frame.start = self.next_start.take();
        notes.retain(|n| !self.notes.contains(n));
        self.notes.extend(notes);
        self.frames.push(frame);
        Ok(())
    }

    /// What a frame is made by, for one channel or all. No length = back to the default.
    fn of_channel(&mut self, tag: u8, value: &[u8], at: usize, channel: Option<usize>) -> Result<(), ReadError> {
        let given = !value.is_empty();
        let number = self.unsigned(value);
        let scaled = |what: &str| -> Result<Option<(u8, f64)>, ReadError> {
            let bad = || {
                ReadError::malformed(ID, "采样间隔或分辨率无效", format!("the {what} is invalid"), format!("byte {at}"))
            };
            match value {
                [] => Ok(None),
                [unit, exponent, mantissa @ ..] if (1..=8).contains(&mantissa.len()) => {
                    let exponent = i32::from(i8::from_le_bytes([*exponent]));
                    let power = 10_f64.powi(exponent.abs());
                    let mantissa = self.signed(mantissa) as f64;
                    Ok(Some((*unit, if exponent < 0 { mantissa / power } else { mantissa * power })))
                }
                _ => Err(bad()),
            }
        };
        let interval = if tag == tag::INTERVAL { scaled("sampling interval")? } else { None };
        let resolution = if tag == tag::RESOLUTION { scaled("resolution")? } else { None };
        let lead = (self.unsigned(value.get(..2).unwrap_or(value)) as u32, self.text(value.get(2..).unwrap_or(&[])));
        let waveform = self.unsigned(value.get(..2).unwrap_or(value)) as u32;
        let target = match channel {
            Some(c) => self.own.entry(c).or_default(),
            None => &mut self.root,
        };
        match tag {
            tag::BLOCK => target.block = given.then_some(number as usize),
            tag::WAVEFORM => target.waveform = given.then_some(waveform),
            tag::LEAD => target.lead = given.then_some(lead),
            tag::TYPE => target.kind = value.first().copied(),
            tag::INTERVAL => target.rate = interval.map(|(unit, v)| if unit == 0 { v } else { 1.0 / v }),
            tag::RESOLUTION => target.resolution = resolution,
            tag::OFFSET => target.offset = given.then(|| value.to_vec()),
            tag::MISSING => target.missing = given.then(|| value.to_vec()),
            _ => {}
        }
        // A second interval unit than seconds (metres, say) is no time.
        if interval.is_some_and(|(unit, v)| unit > 1 || v <= 0.0 || !v.is_finite()) {
            return Err(ReadError::malformed(
                ID,
                "采样间隔无效",
                "the sampling interval is invalid",
                format!("byte {at}"),
            ));
        }
        Ok(())
    }

    fn of_file(&mut self, tag: u8, value: &[u8]) {
        match tag {
            tag::MAKER => {
                let words = self.text(value);
                let parts: Vec<&str> = words.split('^').take(2).map(str::trim).filter(|p| !p.is_empty()).collect();
                self.device = Some(parts.join(" ")).filter(|d| !d.is_empty());
            }
            tag::FILTER => {
                self.filters = Some(self.text(value)).filter(|f| !f.is_empty() && !f.contains(char::is_control));
            }
            tag::NAME => self.patient.name = Some(name(&self.text(value))).filter(|n| !n.is_empty()),
            tag::PATIENT => self.patient.id = Some(self.text(value)).filter(|n| !n.is_empty()),
            tag::SEX => {
                self.patient.sex = match value.first() {
                    Some(1) => Some(Sex::Male),
                    Some(2) => Some(Sex::Female),
                    _ => None,
                }
            }
            tag::AGE => self.age(value),
            tag::START => {
                let moment = self.moment(value);
                self.start = self.start.or(moment);
                self.next_start = moment;
            }
            tag::EVENT if value.len() >= 6 && self.events.len() < MOST_EVENTS => {
                let part = |from: usize, to: usize| self.unsigned(value.get(from..to).unwrap_or(&[]));
                let words = self.text(value.get(10..).unwrap_or(&[]));
                let rate = self.root.rate.unwrap_or(frames::DEFAULT_RATE);
                self.events.push(Event { code: part(0, 2) as u32, at: part(2, 6), rate, words });
            }
            _ => {}
        }
    }

    /// Years, days, and the date of birth; all ones = not known.
    fn age(&mut self, value: &[u8]) {
        let part = |from: usize, to: usize| self.unsigned(value.get(from..to).unwrap_or(&[]));
        let years = value.first().filter(|y| **y != 0xFF).map(|y| f64::from(*y));
        let days = (value.len() >= 3).then(|| part(1, 3)).filter(|d| *d != 0xFFFF);
        let infant = years.filter(|y| *y == 0.0).and(days).map(|d| d as f64 / 365.2425);
        let byte = |i: usize| value.get(i).and_then(|b| i8::try_from(*b).ok());
        let birth = i16::try_from(part(3, 5)).ok().zip(byte(5)).zip(byte(6));
        self.patient.birth = birth.and_then(|((y, m), d)| Date::new(y, m, d).ok());
        // A birth date is the better source of an age.
        self.patient.age = infant.or(years).filter(|_| self.patient.birth.is_none());
    }

    fn moment(&self, value: &[u8]) -> Option<DateTime> {
        let part = |from: usize, to: usize| self.unsigned(value.get(from..to).unwrap_or(&[]));
        let byte = |i: usize| value.get(i).and_then(|b| i8::try_from(*b).ok());
        let date = Date::new(i16::try_from(part(0, 2)).ok()?, byte(2)?, byte(3)?).ok()?;
        let nanos = (part(7, 9) * 1000 + part(9, 11)).saturating_mul(1000).min(999_999_999);
        Some(date.to_datetime(Time::new(byte(4)?, byte(5)?, byte(6)?, nanos as i32).ok()?))
    }

    pub fn unsigned(&self, value: &[u8]) -> u64 {
        let join = |v: u64, b: &u8| v << 8 | u64::from(*b);
        let value = value.get(..8.min(value.len())).unwrap_or(&[]);
        if self.big_endian { value.iter().fold(0, join) } else { value.iter().rev().fold(0, join) }
    }

    pub fn signed(&self, value: &[u8]) -> i64 {
        let bits = 8 * value.len().clamp(1, 8) as u32;
        let shift = 64 - bits;
        ((self.unsigned(value) << shift) as i64) >> shift
    }

    /// Takes note of what later values are written in.
    pub fn learn(&mut self, tag: u8, value: &[u8]) {
        match tag {
            tag::BYTE_ORDER => self.big_endian = value.first() == Some(&0),
            tag::CHARACTERS => self.characters = charset::field(value),
            _ => {}
        }
    }

    /// Text in the declared character set.
    pub fn text(&self, value: &[u8]) -> String {
        let declared = self.characters.to_ascii_uppercase().replace([' ', '_'], "-");
        let label = match declared.as_str() {
            "" | "ANSI-X3.4" | "ASCII" | "ISO-646" => return charset::field(value),
            "UNICODE" | "UTF8" => "UTF-8",
            "JIS-X-0201" | "JIS-X-0208" => "SHIFT_JIS",
            "RFC-1468" | "ISO-2022" => "ISO-2022-JP",
            other => other,
        };
        match Encoding::for_label(label.as_bytes()) {
            Some(encoding) => {
                let words = encoding.decode_without_bom_handling(value).0;
                words.split('\0').next().unwrap_or("").trim().to_string()
            }
            None => charset::field(value),
        }
    }
}

/// A name's parts (`family^given`) as one prints them.
fn name(words: &str) -> String {
    let parts: Vec<&str> = words.split('^').map(str::trim).filter(|p| !p.is_empty()).collect();
    let chinese = words.chars().any(|c| c >= '\u{2E80}');
    parts.join(if chinese { "" } else { " " })
}

pub fn compressed() -> ReadError {
    ReadError::unsupported(ID, "波形数据经过压缩，不支持", "the waveform is compressed, which is not supported")
}
