//! Specific Character Set (0008,0005), PS3.3 C.12.1.1.2, PS3.5 6.1: every repertoire of DICOM, with ISO 2022 escapes.
//!
//! dicom-rs knows one set at a time and splits values at the byte 5C, which is a second byte of Chinese characters; it
//! is therefore given the texts as bytes (see `envelope`), and they are decoded here.

use crate::ingest::charset;
use encoding_rs::{EUC_JP, EUC_KR, Encoding, GB18030, SHIFT_JIS, UTF_8};

const ESC: u8 = 0x1B;

/// What a data set declares.
#[derive(Debug, Default)]
pub struct Charset {
    declared: Vec<String>,
}

impl Charset {
    /// From the value of (0008,0005), several joined by `\`.
    pub fn new(value: &str) -> Self {
        Self { declared: value.split('\\').map(|v| v.trim().replace("ISO_IR ", "ISO_IR_")).collect() }
    }

    /// Decodes a text value.
    pub fn decode(&self, bytes: &[u8]) -> String {
        let first = self.declared.first().map_or("", String::as_str);
        if bytes.is_ascii() && !bytes.contains(&ESC) {
            return charset::latin1(bytes);
        }
        // Nothing declared, or ASCII in spite of what is there: devices in China then write GBK or UTF-8.
        if self.declared.iter().all(|d| matches!(d.as_str(), "" | "ISO_IR_6")) {
            return charset::decode(bytes).into_owned();
        }
        if bytes.contains(&ESC) {
            return escaped(first, bytes);
        }
        // A second set without its escape is a common omission; the first one may be empty (ASCII) beside it.
        let set = self.declared.iter().find_map(|d| encoding(d));
        set.map_or_else(|| charset::latin1(bytes), |e| e.decode_without_bom_handling(bytes).0.into_owned())
    }

    /// A person name as one prints it: the ideographic group where there is one, family before given name, Chinese
    /// without a gap (PS3.5 6.2.1).
    pub fn person(&self, bytes: &[u8]) -> String {
        let text = self.decode(bytes);
        let groups: Vec<String> = text.split('=').map(plain).collect();
        let ideographic = groups.get(1).filter(|g| !g.is_empty());
        ideographic.or_else(|| groups.iter().find(|g| !g.is_empty())).cloned().unwrap_or_default()
    }
}

fn plain(group: &str) -> String {
    let parts: Vec<&str> = group.split('^').map(str::trim).filter(|p| !p.is_empty()).collect();
    let chinese = group.chars().any(|c| c >= '\u{2E80}');
    parts.join(if chinese { "" } else { " " })
}

/// The encoding of a defined term.
fn encoding(term: &str) -> Option<&'static Encoding> {
    let label: &[u8] = match term.trim_start_matches("ISO 2022 IR ").trim_start_matches("ISO_IR_") {
        "100" => b"windows-1252",
        "101" => b"iso-8859-2",
        "109" => b"iso-8859-3",
        "110" => b"iso-8859-4",
        "144" => b"iso-8859-5",
        "127" => b"iso-8859-6",
        "126" => b"iso-8859-7",
        "138" => b"iso-8859-8",
        "148" => b"windows-1254",
        "203" => b"iso-8859-15",
        "166" => b"windows-874",
        "13" => return Some(SHIFT_JIS),
        "87" | "159" => return Some(EUC_JP),
        "149" => return Some(EUC_KR),
        "192" => return Some(UTF_8),
        "58" | "GB18030" | "GBK" | "GB2312" => return Some(GB18030),
        _ => return None,
    };
    Encoding::for_label(label)
}

/// Text with code extensions: each escape sequence designates a set to G0 (7 bit) or G1 (8 bit).
fn escaped(first: &str, bytes: &[u8]) -> String {
    let initial = encoding(first);
    let (mut set, mut seven) = (initial, false);
    let mut out = String::new();
    for (n, segment) in bytes.split(|&b| b == ESC).enumerate() {
        let mut body = segment;
        if n > 0 {
            let (designated, is_seven, length) = designation(segment);
            set = designated.or(initial);
            seven = is_seven;
            body = segment.get(length..).unwrap_or(&[]);
        }
        let eight: Vec<u8> = if seven {
            body.iter().map(|b| if b.is_ascii_graphic() { b | 0x80 } else { *b }).collect()
        } else {
            body.to_vec()
        };
        match set {
            Some(e) => out.push_str(&e.decode_without_bom_handling(&eight).0),
            None => out.push_str(&charset::latin1(&eight)),
        }
    }
    out
}

/// The set that the bytes after an ESC designate, whether its text is of 7 bits, and the sequence's length
/// (PS3.3, tables C.12-3 and C.12-4).
fn designation(after: &[u8]) -> (Option<&'static Encoding>, bool, usize) {
    let latin = |label: &[u8]| (Encoding::for_label(label), false, 2);
    match after {
        [b'$', b')', b'A', ..] => (Some(GB18030), false, 3),
        [b'$', b')', b'C', ..] => (Some(EUC_KR), false, 3),
        [b'$', b'B' | b'@', ..] => (Some(EUC_JP), true, 2),
        [b'$', b'(', b'D', ..] => (None, false, 3),
        [b'(', b'B' | b'J', ..] => (None, false, 2),
        [b')', b'I', ..] => (Some(SHIFT_JIS), false, 2),
        [b'-', b'A', ..] => latin(b"windows-1252"),
        [b'-', b'B', ..] => latin(b"iso-8859-2"),
        [b'-', b'C', ..] => latin(b"iso-8859-3"),
        [b'-', b'D', ..] => latin(b"iso-8859-4"),
        [b'-', b'F', ..] => latin(b"iso-8859-7"),
        [b'-', b'G', ..] => latin(b"iso-8859-6"),
        [b'-', b'H', ..] => latin(b"iso-8859-8"),
        [b'-', b'L', ..] => latin(b"iso-8859-5"),
        [b'-', b'M', ..] => latin(b"windows-1254"),
        [b'-', b'T', ..] => latin(b"windows-874"),
        _ => (None, false, 0),
    }
}

#[cfg(test)]
mod tests {
    use super::Charset;

    #[test]
    fn names_in_every_set() {
        let name = |set: &str, bytes: &[u8]| Charset::new(set).person(bytes);
        // PS3.5 annex K.2: Wang XiaoDong, GB18030.
        let gb = b"Wang^XiaoDong=\xCD\xF5^\xD0\xA1\xB6\xAB=";
        assert_eq!(name("GB18030", gb), "王小东");
        assert_eq!(name("GBK", gb), "王小东");
        // PS3.5 annex K.1: the same in ISO 2022 IR 58, each component with its escape.
        let escaped = b"Zhang^XiaoDong=\x1B$)A\xD5\xC5^\x1B$)A\xD0\xA1\xB6\xAB=";
        assert_eq!(name("\\ISO 2022 IR 58", escaped), "张小东");
        // A Chinese character whose second byte is the backslash.
        assert_eq!(name("GBK", b"\x81\x5C"), "\u{4e57}");
        assert_eq!(name("ISO_IR 192", "王^小东".as_bytes()), "王小东");
        assert_eq!(name("ISO_IR 100", b"M\xFCller^Jan"), "Müller Jan");
        // PS3.5 annex H.3: Yamada Tarou.
        let japanese = b"Yamada^Tarou=\x1B$B;3ED\x1B(B^\x1B$BB@O:\x1B(B";
        assert_eq!(name("\\ISO 2022 IR 87", japanese), "山田太郎");
        assert_eq!(name("\\ISO 2022 IR 149", b"Hong=\x1B$)C\xFB\xF3^\x1B$)C\xD1\xCE\xD4\xD7"), "洪吉洞");
        // Undeclared GBK, as devices write it.
        assert_eq!(name("", b"\xD5\xC5\xC8\xFD"), "张三");
    }
}
