//! The record's frame: length, checksums, and section 0's pointers (EN 1064, 5.2 and 5.3).

use super::ID;
use crate::ingest::{Cursor, ReadError};
use crate::text::Text;
use crc::{CRC_16_IBM_3740, Crc, Table};

/// CRC-CCITT, start value 0xFFFF (EN 1064, 5.2.2).
pub static CRC: Crc<u16, Table<16>> = Crc::<u16, Table<16>>::new(&CRC_16_IBM_3740);
/// Length of a section's own header.
pub const HEADER: usize = 16;
/// CRC and length before section 0.
pub const PREFIX: usize = 6;
/// Bytes of one pointer: section, length, index.
pub const POINTER: usize = 10;

/// Whether these bytes open an SCP-ECG record: by the mark in section 0's header, or, from makers who leave the mark
/// out, by a pointer of section 0 to itself and the record's length.
pub fn probe(bytes: &[u8]) -> bool {
    if bytes.get(16..22) == Some(b"SCPECG") {
        return true;
    }
    let self_pointer = bytes.get(22..24) == Some(&[0, 0]) && bytes.get(28..32) == Some(&[7, 0, 0, 0]);
    let length = u32::try_from(bytes.len()).unwrap_or(u32::MAX).to_le_bytes();
    self_pointer && bytes.get(8..10) == Some(&[0, 0]) && bytes.get(2..6) == Some(&length)
}

/// Where a section is: `start` is its own header's first byte.
struct Section {
    id: u16,
    start: usize,
    end: usize,
}

/// The sections of a record, and what is wrong with its frame.
pub struct Sections<'a> {
    bytes: &'a [u8],
    found: Vec<Section>,
    cut: Vec<u16>,
}

impl<'a> Sections<'a> {
    /// Reads the pointers; a section that is not wholly in the file ends with the file.
    pub fn find(bytes: &'a [u8]) -> Result<Self, ReadError> {
        let mut cursor = Cursor::new(bytes, ID);
        cursor.seek(PREFIX + 4)?;
        let length = cursor.u32_le()? as usize;
        cursor.seek(PREFIX + HEADER)?;
        let pointers = length.saturating_sub(HEADER) / POINTER;
        let mut sections = Self { bytes, found: Vec::new(), cut: Vec::new() };
        for _ in 0..pointers.min(cursor.remaining() / POINTER) {
            let (id, length, index) = (cursor.u16_le()?, cursor.u32_le()? as usize, cursor.u32_le()? as usize);
            sections.add(id, length, index);
        }
        Ok(sections)
    }

    fn add(&mut self, id: u16, length: usize, index: usize) {
        let absent = length <= HEADER || index == 0 || self.found.iter().any(|s| s.id == id);
        let start = index.saturating_sub(1);
        if absent || id == 0 {
            return;
        }
        let end = start.saturating_add(length);
        if end > self.bytes.len() {
            self.cut.push(id);
        }
        let end = end.min(self.bytes.len());
        if start.saturating_add(HEADER) < end {
            self.found.push(Section { id, start, end });
        }
    }

    /// At the first data byte of section `id`; reads end with the section.
    pub fn cursor(&self, id: u16) -> Option<Cursor<'a>> {
        let section = self.found.iter().find(|s| s.id == id)?;
        let mut cursor = Cursor::new(self.bytes.get(..section.end)?, ID);
        cursor.seek(section.start + HEADER).ok()?;
        Some(cursor)
    }

    /// The sections in the pointers' order, with their lengths as far as the file reaches.
    pub fn listed(&self) -> impl Iterator<Item = (u16, usize)> {
        self.found.iter().map(|s| (s.id, s.end - s.start))
    }

    /// At section `id`'s own header.
    pub fn head(&self, id: u16) -> Option<Cursor<'a>> {
        let section = self.found.iter().find(|s| s.id == id)?;
        let mut cursor = Cursor::new(self.bytes.get(..section.end)?, ID);
        cursor.seek(section.start).ok()?;
        Some(cursor)
    }

    /// What is damaged: sections cut, checksums, section headers.
    pub fn notes(&self) -> Vec<Text> {
        let mut notes = Vec::new();
        let list = |ids: &[u16]| ids.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ");
        if !self.cut.is_empty() {
            let ids = list(&self.cut);
            notes.push(Text::of(
                format!("文件不完整：第 {ids} 段被截断"),
                format!("the file is cut short in section {ids}"),
            ));
        }
        let wrong: Vec<u16> = self.found.iter().filter(|s| !self.sound(s)).map(|s| s.id).collect();
        let record = self.record_sound();
        if !record || !wrong.is_empty() {
            let (zh, en) = match (record, wrong.is_empty()) {
                (false, true) => ("整个记录".into(), "of the whole record".into()),
                (false, false) => (
                    format!("整个记录及第 {} 段", list(&wrong)),
                    format!("of the whole record and of section {}", list(&wrong)),
                ),
                _ => (format!("第 {} 段", list(&wrong)), format!("of section {}", list(&wrong))),
            };
            notes.push(Text::of(
                format!("校验和（CRC）不符：{zh}；文件可能被修改或损坏"),
                format!("wrong checksum (CRC) {en}: the file was altered or damaged"),
            ));
        }
        let foreign: Vec<u16> = self.found.iter().filter(|s| self.own_id(s) != Some(s.id)).map(|s| s.id).collect();
        if !foreign.is_empty() {
            let ids = list(&foreign);
            notes.push(Text::of(
                format!("第 {ids} 段的段头与指针表不一致，已按指针表读取"),
                format!("the header of section {ids} contradicts the pointers, which were followed"),
            ));
        }
        notes
    }

    fn own_id(&self, section: &Section) -> Option<u16> {
        let pair = self.bytes.get(section.start + 2..section.start + 4)?;
        Some(u16::from_le_bytes(pair.try_into().ok()?))
    }

    fn sound(&self, section: &Section) -> bool {
        self.cut.contains(&section.id) || self.bytes.get(section.start..section.end).is_some_and(crc_fits)
    }

    fn record_sound(&self) -> bool {
        let length = self.bytes.get(2..6).and_then(|b| b.try_into().ok()).map_or(0, u32::from_le_bytes) as usize;
        self.bytes.get(..length.min(self.bytes.len())).is_some_and(crc_fits)
    }
}

/// Whether the first two bytes are the CRC of the rest.
fn crc_fits(bytes: &[u8]) -> bool {
    bytes.split_first_chunk::<2>().is_some_and(|(crc, rest)| CRC.checksum(rest) == u16::from_le_bytes(*crc))
}
