//! Annotation files in MIT format, by annot(5) of the WFDB Applications Guide.
//!
//! A word is six bits of code and ten of the time since the last annotation; codes 59 … 63 modify. The table "Annotation
//! codes" gives the mnemonics.

use super::ID;
use crate::ingest::ReadError;
use crate::signal::Annotation;
use std::collections::BTreeMap;

/// Mnemonics of codes 0 … 41; the empty ones are not assigned.
pub const MNEMONICS: [&str; 42] = [
    " ", "N", "L", "R", "a", "V", "F", "J", "A", "S", "E", "j", "/", "Q", "~", "", "|", "", "s", "T", "*", "D", "\"",
    "=", "p", "B", "^", "t", "+", "u", "?", "!", "[", "]", "e", "n", "@", "x", "f", "(", ")", "r",
];

/// The last code that marks something; 50 … 58 are not used.
pub(super) const LAST_CODE: u16 = 49;
pub(super) const SKIP: u16 = 59;
pub(super) const NUM: u16 = 60;
pub(super) const SUB: u16 = 61;
pub(super) const CHN: u16 = 62;
pub(super) const AUX: u16 = 63;
/// `"`: a note; at the file's beginning it also carries the file's own definitions.
pub(super) const NOTE: u16 = 22;

/// What precedes the sampling rate the times count in.
pub(super) const RESOLUTION: &str = "## time resolution: ";
const DEFINITIONS: &str = "## annotation type definitions";
const END_OF_DEFINITIONS: &str = "## end of definitions";

/// The marks of a file and how it counts time.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Marks {
    /// In the file's order, which is order of time; `annotator` is empty.
    pub marks: Vec<Annotation>,
    /// Ticks a second, where the file says so; else the record's frames.
    pub resolution: Option<f64>,
}

/// Reads an annotation file in MIT format; sample indexes are as in the file.
pub fn annotations(bytes: &[u8]) -> Result<Vec<Annotation>, ReadError> {
    parse(bytes).map(|m| m.marks)
}

fn bad(at: usize, zh: impl Into<String>, en: impl Into<String>) -> ReadError {
    ReadError::malformed(ID, zh, en, format!("byte {at}"))
}

/// Reads an annotation file with its time resolution. A file without its end mark is cut short: an error.
pub fn parse(bytes: &[u8]) -> Result<Marks, ReadError> {
    let mut reader = Reader { bytes, at: 0 };
    let mut raw: Vec<(u16, Annotation)> = Vec::new();
    let (mut time, mut channel, mut num) = (0_i64, 0_u8, 0_i8);
    loop {
        let at = reader.at;
        let word = reader.word()?;
        let (code, value) = (word >> 10, word & 0x3ff);
        match code {
            0 if value == 0 => break,
            0..=LAST_CODE => {
                time = time.saturating_add(i64::from(value));
                let sample =
                    usize::try_from(time).map_err(|_| bad(at, "标注时间为负", "an annotation before sample 0"))?;
                let text = String::new();
                raw.push((code, Annotation { sample, channel, num, text, ..Annotation::default() }));
            }
            SKIP => {
                let (high, low) = (reader.word()?, reader.word()?);
                let skip = (u32::from(high) << 16 | u32::from(low)) as i32;
                time = time.saturating_add(i64::from(skip));
            }
            NUM | SUB | CHN | AUX => {
                let Some((_, last)) = raw.last_mut() else {
                    return Err(bad(at, "修饰字段之前没有标注", "a modifier without an annotation before it"));
                };
                match code {
                    // NUM and CHN hold for the annotations that follow, SUB for this one.
                    NUM => {
                        num = value as i8;
                        last.num = num;
                    }
                    SUB => last.subtype = value as i8,
                    CHN => {
                        channel = value as u8;
                        last.channel = channel;
                    }
                    _ => last.text = reader.text(usize::from(value))?,
                }
            }
            _ => {
                return Err(bad(
                    at,
                    format!("未定义的标注码 {code}"),
                    format!("annotation code {code} is not defined"),
                ));
            }
        }
    }
    let rest = bytes.get(reader.at..).unwrap_or_default();
    if rest.iter().any(|b| *b != 0) {
        return Err(bad(reader.at, "标注结束标记之后还有数据", "data after the annotations' end mark"));
    }
    Ok(named(raw))
}

/// Gives codes their mnemonics, and takes the file's own definitions out of the marks.
fn named(raw: Vec<(u16, Annotation)>) -> Marks {
    let mut marks = Marks::default();
    let mut own: BTreeMap<u16, String> = BTreeMap::new();
    let mut defining = false;
    for (code, mut mark) in raw {
        if code == NOTE && mark.sample == 0 {
            if let Some(rate) = mark.text.strip_prefix(RESOLUTION) {
                marks.resolution = rate.trim().parse().ok().filter(|r: &f64| r.is_finite() && *r > 0.0);
                continue;
            }
            if mark.text.starts_with(DEFINITIONS) || mark.text.starts_with(END_OF_DEFINITIONS) {
                defining = mark.text.starts_with(DEFINITIONS);
                continue;
            }
            let mut words = mark.text.split_whitespace();
            if let (true, Some(Ok(code)), Some(name)) = (defining, words.next().map(str::parse), words.next()) {
                own.insert(code, name.to_string());
                continue;
            }
        }
        mark.code = own.get(&code).cloned().unwrap_or_else(|| mnemonic(code));
        marks.marks.push(mark);
    }
    marks
}

pub(super) fn mnemonic(code: u16) -> String {
    MNEMONICS.get(usize::from(code)).filter(|m| !m.is_empty()).map_or_else(|| format!("[{code}]"), ToString::to_string)
}

struct Reader<'a> {
    bytes: &'a [u8],
    at: usize,
}

impl Reader<'_> {
    fn take(&mut self, n: usize) -> Result<&[u8], ReadError> {
        let end = self.at.saturating_add(n);
        let taken = self.bytes.get(self.at..end).ok_or_else(|| {
            bad(self.at, "标注文件不完整：缺少结束标记", "the annotation file is cut short: its end mark is missing")
        })?;
        self.at = end;
        Ok(taken)
    }

    fn word(&mut self) -> Result<u16, ReadError> {
        let word = self.take(2)?;
        Ok(word.iter().rev().fold(0, |w, b| w << 8 | u16::from(*b)))
    }

    /// `n` bytes of text, padded to an even number; often closed by a NUL.
    fn text(&mut self, n: usize) -> Result<String, ReadError> {
        let padded = self.take(n.saturating_add(n & 1))?;
        let text = padded.get(..n).unwrap_or_default();
        let text = text.split(|b| *b == 0).next().unwrap_or_default();
        Ok(crate::ingest::charset::decode(text).into_owned())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_modifier() {
        let word = |code: u16, value: u16| (code << 10 | value).to_le_bytes();
        let mut file = Vec::new();
        file.extend(word(28, 18)); // rhythm change at 18
        file.extend(word(AUX, 3));
        file.extend(b"(N\0\0");
        file.extend(word(SKIP, 0));
        file.extend([1, 0, 0, 0]); // 65536, high half first
        file.extend(word(5, 2));
        file.extend(word(SUB, 0x3ff)); // -1
        file.extend(word(CHN, 1));
        file.extend(word(NUM, 3));
        file.extend(word(1, 10));
        file.extend(word(42, 1));
        file.extend([0, 0]);
        let got: Vec<_> = annotations(&file)
            .unwrap()
            .into_iter()
            .map(|a| (a.sample, a.code, a.subtype, a.channel, a.num, a.text))
            .collect();
        let expect =
            |s: usize, c: &str, sub, chan, num, text: &str| (s, c.to_string(), sub, chan, num, text.to_string());
        let wanted = [
            expect(18, "+", 0, 0, 0, "(N"),
            expect(65556, "V", -1, 1, 3, ""),
            expect(65566, "N", 0, 1, 3, ""),
            expect(65567, "[42]", 0, 1, 3, ""),
        ];
        assert_eq!(got, wanted);
        for cut in 0..file.len() - 1 {
            assert!(annotations(&file[..cut]).is_err(), "cut at {cut}");
        }
    }
}
