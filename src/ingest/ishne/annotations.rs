//! The annotation file.

use super::ID;
use super::header::FIXED;
use crate::ingest::marks::mark;
use crate::ingest::{Cursor, ReadError};
use crate::signal::Annotation;
use crate::text::{Text, text};

/// Labels and the MIT mnemonics they are (table 4 of the paper: normal, premature ventricular, premature supraventricular,
/// bundle branch block, paced, artefact, unclassified).
pub const LABELS: [(u8, &str); 7] =
    [(b'N', "N"), (b'V', "V"), (b'S', "S"), (b'B', "B"), (b'P', "/"), (b'X', "|"), (b'U', "Q")];
/// No mark, but the longest interval that two bytes hold has passed.
pub const TIMEOUT: u8 = b'!';
const CALIBRATION: u8 = b'C';

/// The marks within the recording's samples.
pub fn read(bytes: &[u8], samples: usize, notes: &mut Vec<Text>) -> Result<Vec<Annotation>, ReadError> {
    let mut c = Cursor::new(bytes, ID);
    c.seek(22)?;
    let data = c.u32_le()? as usize;
    c.seek(data.max(FIXED))?;
    let mut at = u64::from(c.u32_le()?);
    let mut found = Vec::new();
    let mut first = true;
    while c.remaining() >= 4 {
        let (label, _internal, passed) = (c.u8()?, c.u8()?, c.u16_le()?);
        if !first {
            at += u64::from(passed);
        }
        first = false;
        if at >= samples as u64 {
            notes.push(text(
                "标注超出记录长度，其后不再读取",
                "annotations reach beyond the recording and were cut there",
            ));
            break;
        }
        let known = LABELS.iter().find(|(l, _)| *l == label).map(|(_, code)| *code);
        match (known, label) {
            (Some(code), _) => found.push(mark(at as usize, code, "")),
            (None, TIMEOUT) => {}
            (None, CALIBRATION) => found.push(mark(at as usize, "\"", "calibration pulse")),
            (None, other) => found.push(mark(at as usize, "\"", &char::from(other).to_string())),
        }
    }
    Ok(found)
}
