//! Character sets: the language support code of the acquiring device (EN 1064, 5.4.5, tag 14), ISO 2022 escapes, and
//! what writers that declare nothing use all the same.

use encoding_rs::{
    EUC_JP, EUC_KR, Encoding, GB18030, ISO_8859_2, ISO_8859_4, ISO_8859_5, ISO_8859_6, ISO_8859_7, ISO_8859_8,
    ISO_8859_15, UTF_16LE, WINDOWS_874, WINDOWS_1252,
};
use std::borrow::Cow;

/// What the texts of a record are written in.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum Charset {
    /// ASCII or not said: what is not ASCII is told by its look.
    #[default]
    Unsaid,
    /// Declared as ISO 10646: UTF-16 in old records, UTF-8 in new ones; told by the look.
    Unicode,
    /// One of the declared sets.
    Declared(&'static Encoding),
}

/// Language support code of ISO 8859-1.
pub const LATIN_1_CODE: u8 = 0x01;
/// Language support code of GB 2312.
pub const GB_2312_CODE: u8 = 0x27;
/// Language support code of ISO 10646.
pub const UNICODE_CODE: u8 = 0x07;

impl Charset {
    /// The set of a language support code.
    pub fn of(code: u8) -> Self {
        let encoding = match code {
            0x03 => ISO_8859_2,
            0x0b => ISO_8859_4,
            0x13 => ISO_8859_5,
            0x1b => ISO_8859_6,
            0x23 => ISO_8859_7,
            0x2b => ISO_8859_8,
            0x33 => WINDOWS_874,
            0x3b => ISO_8859_15,
            UNICODE_CODE => return Self::Unicode,
            0x0f | 0x17 | 0x1f => EUC_JP,
            // GB 2312 is a part of GB 18030, and writers do not stop at the part.
            GB_2312_CODE => GB18030,
            0x2f => EUC_KR,
            code if code & 3 == 1 => WINDOWS_1252,
            _ => return Self::Unsaid,
        };
        Self::Declared(encoding)
    }

    /// The text up to its end mark, trimmed; `None` when nothing is left.
    pub fn text(self, bytes: &[u8]) -> Option<String> {
        let text = if self == Self::Unicode && looks_wide(bytes) {
            let end = bytes.chunks_exact(2).position(|pair| pair == [0, 0]).map_or(bytes.len(), |n| n * 2);
            UTF_16LE.decode_without_bom_handling(bytes.get(..end)?).0
        } else {
            let end = bytes.iter().position(|b| *b == 0).unwrap_or(bytes.len());
            self.narrow(bytes.get(..end)?)
        };
        let text = text.trim_matches(|c: char| c.is_whitespace() || c.is_control());
        (!text.is_empty()).then(|| text.to_string())
    }

    fn narrow(self, bytes: &[u8]) -> Cow<'_, str> {
        if bytes.contains(&ESCAPE) {
            return Cow::Owned(iso_2022(bytes));
        }
        if let Self::Declared(encoding) = self {
            return encoding.decode_without_bom_handling(bytes).0;
        }
        match std::str::from_utf8(bytes) {
            Ok(text) => Cow::Borrowed(text),
            Err(_) if looks_chinese(bytes) => GB18030.decode_without_bom_handling(bytes).0,
            Err(_) => WINDOWS_1252.decode_without_bom_handling(bytes).0,
        }
    }
}

/// UTF-16 rather than UTF-8: it ends with a zero of two bytes, or begins with a letter whose second byte is zero.
fn looks_wide(bytes: &[u8]) -> bool {
    let mut pairs = bytes.chunks_exact(2);
    let latin = matches!(pairs.next(), Some([first, 0]) if *first != 0);
    bytes.len().is_multiple_of(2) && (latin || bytes.ends_with(&[0, 0]))
}

/// GB 2312: bytes above ASCII come in pairs, the first of a pair in the rows of characters, the second above 0xA0.
/// Western texts have single ones between letters.
fn looks_chinese(bytes: &[u8]) -> bool {
    let mut rest = bytes;
    while let Some((first, after)) = rest.split_first() {
        rest = if first.is_ascii() {
            after
        } else {
            match after.split_first() {
                Some((second, after)) if (0xA1..=0xF7).contains(first) && *second >= 0xA1 => after,
                _ => return false,
            }
        };
    }
    true
}

const ESCAPE: u8 = 0x1b;

/// ISO 2022 (ISO/IEC 2022, ISO-IR registry): escapes that designate the sets devices use. `$)A` GB 2312, `$)C`
/// KS X 1001 in the upper half; `$B` `$@` `(J` `(B` by ISO-2022-JP; others are Latin 1.
fn iso_2022(bytes: &[u8]) -> String {
    if bytes.windows(3).any(|w| matches!(w, [ESCAPE, b'$', b'B' | b'@'])) {
        return encoding_rs::ISO_2022_JP.decode_without_bom_handling(bytes).0.into_owned();
    }
    let mut text = String::new();
    let mut encoding = WINDOWS_1252;
    for (n, part) in bytes.split(|b| *b == ESCAPE).enumerate() {
        let body = if n == 0 {
            part
        } else {
            let (next, skip) = match part {
                [b'$', b')', b'A', ..] => (GB18030, 3),
                [b'$', b')', b'C', ..] => (EUC_KR, 3),
                [b'$', _, _, ..] => (WINDOWS_1252, 3),
                [b'(', b'B', ..] => (encoding, 2),
                [_, _, ..] => (WINDOWS_1252, 2),
                _ => (WINDOWS_1252, part.len()),
            };
            encoding = next;
            part.get(skip..).unwrap_or_default()
        };
        text.push_str(&encoding.decode_without_bom_handling(body).0);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_in_every_charset() {
        let gb = [0xd5, 0xc5, 0xce, 0xb0, 0];
        assert_eq!(Charset::of(0x27).text(&gb).as_deref(), Some("张伟"));
        assert_eq!(Charset::Unsaid.text(&gb).as_deref(), Some("张伟"));
        assert_eq!(Charset::Unsaid.text("张伟\0".as_bytes()).as_deref(), Some("张伟"));
        assert_eq!(Charset::Unicode.text("张伟\0".as_bytes()).as_deref(), Some("张伟"));
        assert_eq!(Charset::Unicode.text(b"Li\0").as_deref(), Some("Li"));
        assert_eq!(Charset::Unicode.text(b"Liu\0").as_deref(), Some("Liu"));
        assert_eq!(Charset::Unicode.text(&[0x20, 0x5f, 0x1f, 0x4f, 0, 0]).as_deref(), Some("张伟"));
        assert_eq!(Charset::Unicode.text(&[b'L', 0, b'i', 0, 0, 0]).as_deref(), Some("Li"));
        assert_eq!(Charset::Unsaid.text(b"\x1b$)A\xd5\xc5\xce\xb0").as_deref(), Some("张伟"));
        assert_eq!(Charset::Unsaid.text(b"med hj\xe4lp, m\xe5ste").as_deref(), Some("med hjälp, måste"));
        // 䶮 (GB 18030, four bytes) in a record that declares GB.
        assert_eq!(Charset::of(0x27).text(&GB18030.encode("王䶮").0).as_deref(), Some("王䶮"));
        assert_eq!(Charset::Unsaid.text(b"\0\0"), None);
    }
}
