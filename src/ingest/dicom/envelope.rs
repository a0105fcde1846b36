//! From file bytes to a checked data set: preamble, file meta information (PS3.10 7.1), transfer syntax, deflation.
//!
//! dicom-rs takes memory for a value's declared length before it reads it, so the structure is walked first: lengths,
//! nesting and number of elements are sound when it gets the bytes. A top-level element that reaches beyond the end, or
//! holds a part of a number, cuts the data set there.

use super::ID;
use super::charset::Charset;
use crate::ingest::{Cursor, Limits, ReadError, charset};
use crate::text::{Text, text};
use dicom_core::dictionary::{DataDictionary, DataDictionaryEntry};
use dicom_core::{Tag, VR};
use dicom_dictionary_std::{StandardDataDictionary, tags, uids};
use dicom_encoding::transfer_syntax::{Codec, TransferSyntaxIndex};
use dicom_object::InMemDicomObject;
use dicom_transfer_syntax_registry::TransferSyntaxRegistry;
use std::io::Read;

/// Sequences within sequences; an ECG needs four.
const MOST_NESTED: usize = 16;
/// Elements: a day of annotated beats has fewer.
const MOST_ELEMENTS: usize = 1 << 20;
const UNDEFINED: u32 = u32::MAX;
/// Explicit VR Big Endian: retired from the standard, not from the archives.
const BIG_ENDIAN: &str = "1.2.840.10008.1.2.2";

/// A parsed file.
pub struct Envelope {
    pub sop_class: String,
    pub big_endian: bool,
    pub charset: Charset,
    pub data: InMemDicomObject,
}

/// The offset of the file meta information: after preamble and `DICM`, or at once where a sender left both out.
pub fn meta_offset(bytes: &[u8]) -> Option<usize> {
    if bytes.get(128..132) == Some(b"DICM") {
        return Some(132);
    }
    bytes.starts_with(b"\x02\0\0\0UL\x04\0").then_some(0)
}

impl Envelope {
    pub fn open(bytes: &[u8], limits: &Limits, notes: &mut Vec<Text>) -> Result<Self, ReadError> {
        let (syntax, mut sop_class, start) = meta(bytes)?;
        let mut data = dataset(bytes.get(start..).unwrap_or(&[]), &syntax, limits)?;
        let big_endian = syntax == BIG_ENDIAN;
        let explicit = syntax != uids::IMPLICIT_VR_LITTLE_ENDIAN;
        let mut walk = Walk { bytes: &data, at: 0, big_endian, explicit, elements: 0, charset: None };
        let end = walk.top()?;
        let (cut, declared) = (end < data.len(), walk.charset);
        let mut set = Charset::default();
        if let Some(value) = declared.and_then(|range| data.get_mut(range)) {
            set = Charset::new(&charset::latin1(value));
            // Without a set, dicom-rs decodes texts as Latin-1, which loses no byte.
            value.fill(b' ');
        }
        if cut {
            notes.push(text(
                "文件不完整或已损坏，读到中断处为止",
                "the file is cut short or damaged: read up to where it breaks off",
            ));
        }
        let name = if big_endian {
            BIG_ENDIAN
        } else if explicit {
            uids::EXPLICIT_VR_LITTLE_ENDIAN
        } else {
            uids::IMPLICIT_VR_LITTLE_ENDIAN
        };
        let syntax = TransferSyntaxRegistry.get(name).ok_or_else(|| unsupported_syntax(name))?;
        let data = InMemDicomObject::read_dataset_with_ts(data.get(..end).unwrap_or(&[]), syntax).map_err(|e| {
            ReadError::malformed(
                ID,
                "数据集无法解析",
                format!("the data set cannot be parsed: {e}"),
                format!("byte {start}"),
            )
        })?;
        if sop_class.is_empty() {
            sop_class = data
                .get(tags::SOP_CLASS_UID)
                .and_then(|e| e.to_str().ok())
                .map_or_else(String::new, |s| uid(s.as_bytes()));
        }
        Ok(Self { sop_class, big_endian, charset: set, data })
    }
}

/// Transfer syntax, SOP class and the offset of the data set. The group is always explicit little-endian.
fn meta(bytes: &[u8]) -> Result<(String, String, usize), ReadError> {
    let (mut syntax, mut sop_class) = (String::new(), String::new());
    let mut c = Cursor::new(bytes, ID);
    c.seek(meta_offset(bytes).unwrap_or(0))?;
    loop {
        let start = c.position();
        match meta_element(&mut c)? {
            Some((0x0002, value)) => sop_class = uid(value),
            Some((0x0010, value)) => syntax = uid(value),
            Some(_) => {}
            None => {
                if syntax.is_empty() {
                    syntax = uids::IMPLICIT_VR_LITTLE_ENDIAN.to_string();
                }
                return Ok((syntax, sop_class, start));
            }
        }
    }
}

/// Number and value of the next element of group 2; `None` where the group ends.
fn meta_element<'a>(c: &mut Cursor<'a>) -> Result<Option<(u16, &'a [u8])>, ReadError> {
    if c.remaining() < 8 || c.u16_le()? != 2 {
        return Ok(None);
    }
    let element = c.u16_le()?;
    let long = is_long(c.take(2)?);
    let length = if long {
        c.take(2)?;
        c.u32_le()? as usize
    } else {
        usize::from(c.u16_le()?)
    };
    Ok(Some((element, c.take(length)?)))
}

/// The file meta information's elements, as far as they are whole.
pub fn meta_elements(bytes: &[u8]) -> Vec<(u16, &[u8])> {
    let mut c = Cursor::new(bytes, ID);
    let mut elements = Vec::new();
    if c.seek(meta_offset(bytes).unwrap_or(0)).is_ok() {
        while let Ok(Some(element)) = meta_element(&mut c) {
            elements.push(element);
        }
    }
    elements
}

fn uid(value: &[u8]) -> String {
    charset::latin1(value).trim_end_matches(['\0', ' ']).to_string()
}

fn unsupported_syntax(name: &str) -> ReadError {
    ReadError::unsupported(ID, format!("不支持的传输语法 {name}"), format!("transfer syntax {name} is not supported"))
}

/// The data set's bytes, inflated where the transfer syntax says so, no further than the limit.
fn dataset(bytes: &[u8], syntax: &str, limits: &Limits) -> Result<Vec<u8>, ReadError> {
    match syntax {
        uids::IMPLICIT_VR_LITTLE_ENDIAN | uids::EXPLICIT_VR_LITTLE_ENDIAN | BIG_ENDIAN => Ok(bytes.to_vec()),
        uids::DEFLATED_EXPLICIT_VR_LITTLE_ENDIAN => {
            let entry = TransferSyntaxRegistry.get(syntax).ok_or_else(|| unsupported_syntax(syntax))?;
            let Codec::Dataset(Some(adapter)) = entry.codec() else { return Err(unsupported_syntax(syntax)) };
            let mut inflated = Vec::new();
            let most = limits.sample_bytes;
            let mut reader = adapter.adapt_reader(Box::new(bytes)).take(most + 1);
            let result = reader.read_to_end(&mut inflated);
            if inflated.len() as u64 > most {
                return Err(ReadError::Limit {
                    what: text("解压后的数据（字节）", "inflated size in bytes"),
                    max: most,
                });
            }
            if result.is_err() && inflated.is_empty() {
                return Err(ReadError::malformed(ID, "压缩数据损坏", "the deflated data set is damaged", "data set"));
            }
            Ok(inflated)
        }
        other => Err(unsupported_syntax(other)),
    }
}

/// Value representations whose length has four bytes (PS3.5 7.1.2). What is no known one is read as `UN`.
fn is_long(vr: &[u8]) -> bool {
    const SHORT: [&[u8; 2]; 20] = [
        b"AE", b"AS", b"AT", b"CS", b"DA", b"DS", b"DT", b"FL", b"FD", b"IS", b"LO", b"LT", b"PN", b"SH", b"SL", b"SS",
        b"ST", b"TM", b"UI", b"UL",
    ];
    !SHORT.iter().any(|s| s.as_slice() == vr) && vr != b"US"
}

/// Bytes of one number of a value representation; 1 of those that hold none.
fn width(vr: VR) -> u32 {
    match vr {
        VR::US | VR::SS | VR::OW => 2,
        VR::AT | VR::UL | VR::SL | VR::FL | VR::OF | VR::OL => 4,
        VR::FD | VR::OD | VR::UV | VR::SV | VR::OV => 8,
        _ => 1,
    }
}

struct Walk<'a> {
    bytes: &'a [u8],
    at: usize,
    big_endian: bool,
    explicit: bool,
    elements: usize,
    charset: Option<std::ops::Range<usize>>,
}

/// Why a walk stopped.
enum Stop {
    /// Something reaches beyond its end.
    Cut,
    /// More than any ECG needs.
    Beyond(Text, usize),
}

impl Walk<'_> {
    /// Walks the data set; the end of the last sound top-level element.
    fn top(&mut self) -> Result<usize, ReadError> {
        let mut sound = 0;
        while self.at < self.bytes.len() {
            match self.element(self.bytes.len(), 0) {
                Ok(_) => sound = self.at,
                Err(Stop::Cut) => break,
                Err(Stop::Beyond(what, max)) => return Err(ReadError::Limit { what, max: max as u64 }),
            }
        }
        Ok(sound)
    }

    fn take(&mut self, n: usize, end: usize) -> Result<&[u8], Stop> {
        let stop = self.at.checked_add(n).filter(|s| *s <= end).ok_or(Stop::Cut)?;
        let slice = self.bytes.get(self.at..stop).ok_or(Stop::Cut)?;
        self.at = stop;
        Ok(slice)
    }

    fn u16(&mut self, end: usize) -> Result<u16, Stop> {
        let big = self.big_endian;
        let b = self.take(2, end)?.first_chunk::<2>().copied().ok_or(Stop::Cut)?;
        Ok(if big { u16::from_be_bytes(b) } else { u16::from_le_bytes(b) })
    }

    fn u32(&mut self, end: usize) -> Result<u32, Stop> {
        let big = self.big_endian;
        let b = self.take(4, end)?.first_chunk::<4>().copied().ok_or(Stop::Cut)?;
        Ok(if big { u32::from_be_bytes(b) } else { u32::from_le_bytes(b) })
    }

    /// One element with all it holds; false where it is the delimiter of an item or a sequence.
    fn element(&mut self, end: usize, depth: usize) -> Result<bool, Stop> {
        self.elements += 1;
        if self.elements > MOST_ELEMENTS {
            return Err(Stop::Beyond(text("数据元素数", "number of data elements"), MOST_ELEMENTS));
        }
        let tag = Tag(self.u16(end)?, self.u16(end)?);
        if tag.0 == 0xFFFE {
            self.u32(end)?;
            return if depth > 0 { Ok(false) } else { Err(Stop::Cut) };
        }
        let (vr, length) = if self.explicit {
            let vr = self.take(2, end)?.first_chunk::<2>().copied().ok_or(Stop::Cut)?;
            let length = if is_long(&vr) {
                self.take(2, end)?;
                self.u32(end)?
            } else {
                u32::from(self.u16(end)?)
            };
            (VR::from_binary(vr), length)
        } else {
            (StandardDataDictionary.by_tag(tag).map(|e| e.vr().relaxed()), self.u32(end)?)
        };
        if vr == Some(VR::SQ) {
            self.sequence(length, end, depth)?;
            return Ok(true);
        }
        // dicom-rs reads whole numbers, loses step where some bytes are left over, and takes what follows for lengths.
        if length == UNDEFINED || !length.is_multiple_of(vr.map_or(1, width)) {
            return Err(Stop::Cut);
        }
        let start = self.at;
        self.take(length as usize, end)?;
        if depth == 0 && tag == tags::SPECIFIC_CHARACTER_SET {
            self.charset = Some(start..self.at);
        }
        Ok(true)
    }

    fn sequence(&mut self, length: u32, end: usize, depth: usize) -> Result<(), Stop> {
        if depth >= MOST_NESTED {
            return Err(Stop::Beyond(text("序列嵌套层数", "nesting of sequences"), MOST_NESTED));
        }
        let end = self.end_of(length, end)?;
        while self.at < end {
            let tag = Tag(self.u16(end)?, self.u16(end)?);
            let length_of_item = self.u32(end)?;
            match tag {
                Tag(0xFFFE, 0xE000) => self.item(length_of_item, end, depth + 1)?,
                Tag(0xFFFE, 0xE0DD) if length == UNDEFINED => return Ok(()),
                _ => return Err(Stop::Cut),
            }
        }
        if length == UNDEFINED { Err(Stop::Cut) } else { Ok(()) }
    }

    fn item(&mut self, length: u32, end: usize, depth: usize) -> Result<(), Stop> {
        let end = self.end_of(length, end)?;
        while self.at < end {
            if !self.element(end, depth)? {
                return if length == UNDEFINED { Ok(()) } else { Err(Stop::Cut) };
            }
        }
        if length == UNDEFINED { Err(Stop::Cut) } else { Ok(()) }
    }

    fn end_of(&self, length: u32, end: usize) -> Result<usize, Stop> {
        if length == UNDEFINED {
            return Ok(end);
        }
        self.at.checked_add(length as usize).filter(|e| *e <= end).ok_or(Stop::Cut)
    }
}
