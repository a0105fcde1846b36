//! Text of undeclared encoding: byte order mark, else UTF-8, else GB18030 (the national standard every Chinese device
//! may use), else Windows-1252. A file that declares its encoding is decoded by that declaration, not here.

use encoding_rs::{Encoding, GB18030, WINDOWS_1252};
use std::borrow::Cow;

/// Decodes `bytes`; never fails, as the last resort maps every byte.
pub fn decode(bytes: &[u8]) -> Cow<'_, str> {
    if let Some((encoding, mark)) = Encoding::for_bom(bytes) {
        let (text, _) = encoding.decode_without_bom_handling(bytes.get(mark..).unwrap_or_default());
        return text;
    }
    if let Ok(text) = std::str::from_utf8(bytes) {
        return Cow::Borrowed(text);
    }
    // Chinese has both bytes of a character above 0x7f; a lone one (µV, °, Müller) is Western.
    let chinese = bytes.windows(2).any(|pair| pair.iter().all(|b| *b > 0x7f));
    let gb18030 = || GB18030.decode_without_bom_handling_and_without_replacement(bytes);
    chinese.then(gb18030).flatten().unwrap_or_else(|| WINDOWS_1252.decode_without_bom_handling(bytes).0)
}

/// [`decode`] of a field of fixed width: what follows a NUL is no part of it, nor are blanks around it.
pub fn field(bytes: &[u8]) -> String {
    let end = bytes.iter().position(|&b| b == 0).unwrap_or(bytes.len());
    decode(bytes.get(..end).unwrap_or(bytes)).trim().to_string()
}

/// ISO 8859-1, which every byte string is.
pub fn latin1(bytes: &[u8]) -> String {
    bytes.iter().map(|&b| char::from(b)).collect()
}

/// `text` in UTF-8, cut at a character's end so as to take no more than `max` bytes.
pub fn cut(text: &str, max: usize) -> &str {
    let mut end = max.min(text.len());
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    text.get(..end).unwrap_or("")
}

#[cfg(test)]
mod tests {
    use super::{cut, decode, field};

    #[test]
    fn encodings() {
        assert_eq!(decode("张三".as_bytes()), "张三");
        assert_eq!(decode(b"\xef\xbb\xbfI"), "I");
        assert_eq!(decode(b"\xff\xfeI\0"), "I");
        assert_eq!(decode(b"\xd5\xc5\xc8\xfd"), "张三");
        assert_eq!(decode(b"\xb5V"), "µV");
    }

    #[test]
    fn fixed_fields() {
        assert_eq!(field(&[0xD6, 0xEC, 0xE9, 0x46, 0xBB, 0xF9, b' ', 0, 7]), "朱镕基");
        assert_eq!(field(b"M\xFCller "), "Müller");
        assert_eq!(cut("张三", 4), "张");
    }
}
