//! Writes annotation files in MIT format; see `annotation` for the format.

use super::annotation::{AUX, CHN, LAST_CODE, MNEMONICS, NOTE, NUM, RESOLUTION, SKIP, SUB, mnemonic};
use crate::signal::Annotation;

/// Longest text beside a mark in bytes: WFDB's `aux` counts in one byte.
const LONGEST_TEXT: usize = 255;

/// Largest time step of a word; longer ones are skips.
const STEP: usize = 0x3ff;

/// As [`write_annotations`], for marks that count `rate` samples a second where the record's frames count otherwise: the
/// file says so itself.
pub fn write_annotations_at(marks: &[Annotation], rate: f64) -> Vec<u8> {
    let text = format!("{RESOLUTION}{rate}");
    let note = Annotation { code: mnemonic(NOTE), text, ..Annotation::default() };
    write_annotations(std::iter::once(&note).chain(marks))
}

/// Encodes marks as an annotation file, in order of time. A code without a WFDB number becomes a note with the code
/// before its text.
pub fn write_annotations<'a>(marks: impl IntoIterator<Item = &'a Annotation>) -> Vec<u8> {
    let mut marks: Vec<&Annotation> = marks.into_iter().collect();
    marks.sort_by_key(|m| m.sample);
    let mut out = Vec::with_capacity(marks.len() * 2 + 2);
    let word = |out: &mut Vec<u8>, code: u16, value: u16| out.extend((code << 10 | value & 0x3ff).to_le_bytes());
    let (mut time, mut channel, mut num) = (0, 0, 0);
    for mark in marks {
        let mut step = mark.sample - time;
        time = mark.sample;
        while step > STEP {
            let skip = u32::try_from(step).unwrap_or(u32::MAX).min(i32::MAX as u32);
            word(&mut out, SKIP, 0);
            out.extend(((skip >> 16) as u16).to_le_bytes());
            out.extend((skip as u16).to_le_bytes());
            step -= skip as usize;
        }
        let known = code(&mark.code);
        word(&mut out, known.unwrap_or(NOTE), step as u16);
        if mark.subtype != 0 {
            word(&mut out, SUB, mark.subtype as u16);
        }
        if mark.channel != channel {
            channel = mark.channel;
            word(&mut out, CHN, u16::from(channel));
        }
        if mark.num != num {
            num = mark.num;
            word(&mut out, NUM, num as u16);
        }
        let note = if known.is_some() { mark.text.clone() } else { format!("{} {}", mark.code, mark.text) };
        let note = cut(note.trim_end());
        if !note.is_empty() {
            word(&mut out, AUX, note.len() as u16);
            out.extend(note.as_bytes());
            out.extend((note.len() % 2 == 1).then_some(0));
        }
    }
    out.extend([0, 0]);
    out
}

fn code(mnemonic: &str) -> Option<u16> {
    let listed = MNEMONICS.iter().position(|m| !m.is_empty() && *m == mnemonic).map(|i| i as u16);
    let numbered = || mnemonic.strip_prefix('[')?.strip_suffix(']')?.parse().ok();
    // 0 is no mark: as the first of a file it could not be told from the end.
    listed.or_else(numbered).filter(|c| (1..=LAST_CODE).contains(c))
}

/// The longest beginning that fits and does not split a character.
fn cut(text: &str) -> &str {
    let mut end = text.len().min(LONGEST_TEXT);
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    text.get(..end).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::super::annotations;
    use super::*;

    #[test]
    fn round_trip() {
        let mark = |sample, code: &str, subtype, channel, num, text: &str| Annotation {
            sample,
            code: code.into(),
            subtype,
            channel,
            num,
            text: text.into(),
            ..Annotation::default()
        };
        let marks = [
            mark(0, "N", 0, 0, 0, ""),
            mark(1023, "+", 0, 0, 0, "(AFIB"),
            mark(2047, "V", -3, 1, 2, "室早"),
            mark(70_000, "/", 0, 1, 2, ""),
            mark(5_000_000_000, "[42]", 0, 0, -1, "x"),
        ];
        assert_eq!(annotations(&write_annotations(&marks)).unwrap(), marks);
        let long = "长".repeat(100);
        let back = annotations(&write_annotations(&[mark(5, "unheard", 0, 0, 0, &long)])).unwrap();
        assert_eq!(back[0].code, "\"");
        assert!(back[0].text.starts_with("unheard 长") && back[0].text.ends_with('长'));
    }
}
