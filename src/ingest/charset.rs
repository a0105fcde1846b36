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

#[cfg(test)]
mod tests {
    use super::decode;

    #[test]
    fn encodings() {
        assert_eq!(decode("张三".as_bytes()), "张三");
        assert_eq!(decode(b"\xef\xbb\xbfI"), "I");
        assert_eq!(decode(b"\xff\xfeI\0"), "I");
        assert_eq!(decode(b"\xd5\xc5\xc8\xfd"), "张三");
        assert_eq!(decode(b"\xb5V"), "µV");
    }
}
