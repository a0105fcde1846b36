//! XML as ECG systems write it: any declared encoding, and nothing that a document could blow up with. Entities other
//! than XML's own five and character references stay unresolved and are refused; a document type is skipped; depth and
//! attributes are bounded.

use super::fields::Fields;
use super::{ReadError, Source, charset};
use crate::text::text;
use encoding_rs::{Encoding, UTF_8, UTF_16BE, UTF_16LE};
use quick_xml::Reader;
use quick_xml::events::{BytesStart, Event};
use std::borrow::Cow;

/// Deepest nesting accepted; aECG, the deepest in use, stays below 40.
const MOST_DEPTH: usize = 128;
/// Most attributes of one element.
const MOST_ATTRIBUTES: usize = 64;
/// Where an encoding is declared, bytes from the start.
const DECLARATION: usize = 256;

/// The document as text: by byte order mark, by the look of UTF-16, by the declared encoding, else as any text.
pub fn decode(bytes: &[u8]) -> Cow<'_, str> {
    if Encoding::for_bom(bytes).is_some() {
        return charset::decode(bytes);
    }
    let wide = match bytes {
        [b'<', 0, ..] => Some(UTF_16LE),
        [0, b'<', ..] => Some(UTF_16BE),
        _ => None,
    };
    if let Some(encoding) = wide {
        return encoding.decode_without_bom_handling(bytes).0;
    }
    match declared(bytes) {
        // A document converted from UTF-16 keeps declaring it: its bytes are narrow all the same.
        Some(encoding) if encoding != UTF_8 && encoding != UTF_16LE && encoding != UTF_16BE => {
            encoding.decode_without_bom_handling(bytes).0
        }
        _ => charset::decode(bytes),
    }
}

fn declared(bytes: &[u8]) -> Option<&'static Encoding> {
    let head = charset::latin1(bytes.get(..DECLARATION.min(bytes.len()))?);
    let declaration = head.trim_start().strip_prefix("<?xml")?.split("?>").next()?;
    let value = declaration.split("encoding").nth(1)?.trim_start().strip_prefix('=')?.trim_start();
    let quote = value.chars().next()?;
    Encoding::for_label(value.get(1..)?.split(quote).next()?.as_bytes())
}

/// Whether the document's root element is `name`; reads the beginning only.
pub fn root_is(bytes: &[u8], name: &str) -> bool {
    let text = decode(bytes.get(..4096.min(bytes.len())).unwrap_or_default());
    let mut rest = text.trim_start_matches('\u{feff}');
    loop {
        rest = rest.trim_start();
        let skipped = if rest.starts_with("<?") {
            rest.split_once("?>")
        } else if rest.starts_with("<!--") {
            rest.split_once("-->")
        } else if rest.starts_with("<!") {
            // An internal subset has brackets of its own.
            let open = rest.split('>').next().is_some_and(|d| d.contains('['));
            rest.split_once(if open { "]" } else { ">" }).map(|(d, r)| (d, r.trim_start().trim_start_matches('>')))
        } else {
            break;
        };
        match skipped {
            Some((_, after)) => rest = after,
            None => return false,
        }
    }
    let Some(tag) = rest.strip_prefix('<') else { return false };
    let tag = tag.split(|c: char| c.is_whitespace() || c == '>' || c == '/').next().unwrap_or("");
    tag.rsplit(':').next() == Some(name)
}

/// An element: its name without prefix, its attributes, and the text directly inside it.
#[derive(Debug, Default)]
pub struct Element {
    /// Local name.
    pub name: String,
    /// Attributes in the document's order, by local name.
    pub attributes: Vec<(String, String)>,
    /// Its own text, without its children's.
    pub text: String,
}

impl Element {
    /// The value of an attribute.
    pub fn attribute(&self, name: &str) -> Option<&str> {
        self.attributes.iter().find(|(n, _)| n == name).map(|(_, v)| v.trim())
    }

    /// The text trimmed; `None` when empty.
    pub fn words(&self) -> Option<&str> {
        Some(self.text.trim()).filter(|t| !t.is_empty())
    }

    /// The text as a number.
    pub fn number(&self) -> Option<f64> {
        self.words()?.parse().ok().filter(|n: &f64| n.is_finite())
    }
}

/// What [`Walk::next`] met.
pub enum Step {
    /// The element now last in [`Walk::open`] begins; its text is not yet known.
    Open,
    /// This element, no longer in [`Walk::open`], is complete.
    Close(Element),
}

/// Walks a document in order.
pub struct Walk<'a> {
    reader: Reader<&'a [u8]>,
    format: &'static str,
    /// The elements around the current place, outermost first.
    pub open: Vec<Element>,
    /// An empty element is opened in one step and closed in the next.
    closing: bool,
}

impl<'a> Walk<'a> {
    /// Starts at the document's beginning; `format` is named in errors.
    pub fn new(text: &'a str, format: &'static str) -> Self {
        Self { reader: Reader::from_str(text.trim_start_matches('\u{feff}')), format, open: Vec::new(), closing: false }
    }

    /// Whether the current place is in an element of this name, at any depth.
    pub fn inside(&self, name: &str) -> bool {
        self.open.iter().any(|e| e.name == name)
    }

    /// The name of the innermost open element.
    pub fn parent(&self) -> &str {
        self.open.last().map_or("", |e| &e.name)
    }

    /// Byte position in the decoded text.
    pub fn position(&self) -> String {
        format!("byte {}", self.reader.buffer_position())
    }

    /// The next beginning or end of an element; `None` at the document's end.
    pub fn next(&mut self) -> Result<Option<Step>, ReadError> {
        if std::mem::take(&mut self.closing) {
            return Ok(self.open.pop().map(Step::Close));
        }
        loop {
            let event = self.reader.read_event().map_err(|e| self.broken(&e.to_string()))?;
            match event {
                Event::Start(start) => return self.begin(&start, false),
                Event::Empty(start) => return self.begin(&start, true),
                Event::End(_) => return Ok(self.open.pop().map(Step::Close)),
                Event::Text(words) => self.append(&words.xml10_content()),
                Event::CData(words) => self.append(&words.xml10_content()),
                Event::GeneralRef(reference) => {
                    let resolved = match reference.resolve_char_ref() {
                        Ok(Some(c)) => Some(Cow::Owned(c.to_string())),
                        Ok(None) => predefined(&reference.xml10_content()).map(Cow::Borrowed),
                        Err(_) => None,
                    };
                    match resolved {
                        Some(words) => self.append(&words),
                        None => return Err(self.broken("an entity that XML does not define")),
                    }
                }
                Event::Eof if self.open.is_empty() => return Ok(None),
                Event::Eof => return Err(self.broken("the document ends inside an element")),
                _ => {}
            }
        }
    }

    fn begin(&mut self, start: &BytesStart, empty: bool) -> Result<Option<Step>, ReadError> {
        if self.open.len() >= MOST_DEPTH {
            return Err(ReadError::Limit {
                what: text("XML 嵌套层数", "XML nesting depth"), max: MOST_DEPTH as u64
            });
        }
        let mut element = Element { name: local(start.local_name().as_ref()), ..Element::default() };
        for attribute in start.attributes().take(MOST_ATTRIBUTES) {
            let attribute = attribute.map_err(|e| self.broken(&e.to_string()))?;
            let value =
                unescape(attribute.value.as_ref()).ok_or_else(|| self.broken("an entity that XML does not define"))?;
            element.attributes.push((local(attribute.key.local_name().as_ref()), value));
        }
        self.open.push(element);
        self.closing = empty;
        Ok(Some(Step::Open))
    }

    fn append(&mut self, words: &str) {
        if let Some(element) = self.open.last_mut() {
            element.text.push_str(words);
        }
    }

    fn broken(&self, why: &str) -> ReadError {
        ReadError::malformed(
            self.format,
            format!("XML 语法错误（{why}）"),
            format!("broken XML ({why})"),
            self.position(),
        )
    }
}

fn local(name: &str) -> String {
    name.to_string()
}

fn predefined(name: &str) -> Option<&'static str> {
    match name {
        "amp" => Some("&"),
        "lt" => Some("<"),
        "gt" => Some(">"),
        "quot" => Some("\""),
        "apos" => Some("'"),
        _ => None,
    }
}

/// Resolves the five entities and character references of an attribute.
fn unescape(value: &str) -> Option<String> {
    let mut out = String::with_capacity(value.len());
    let mut parts = value.split('&');
    out.push_str(parts.next()?);
    for part in parts {
        let (name, rest) = part.split_once(';')?;
        if let Some(number) = name.strip_prefix('#') {
            let code = match number.strip_prefix(['x', 'X']) {
                Some(hex) => u32::from_str_radix(hex, 16),
                None => number.parse(),
            };
            out.push(char::from_u32(code.ok()?)?);
        } else {
            out.push_str(predefined(name)?);
        }
        out.push_str(rest);
    }
    Some(out)
}

/// Every attribute and text of a document, each under its elements' names; digits of a waveform shortened like any long
/// value. What is broken is listed up to there.
pub fn fields(source: &Source) -> Fields {
    let text = decode(source.bytes());
    let mut out = Fields::default();
    let mut walk = Walk::new(&text, "xml");
    while let Ok(Some(step)) = walk.next() {
        let path = || walk.open.iter().skip(1).map(|e| e.name.as_str()).collect::<Vec<_>>().join("/");
        match step {
            Step::Open => {
                let Some(element) = walk.open.last() else { continue };
                out.at(path());
                for (name, value) in &element.attributes {
                    out.named(format!("@{name}"), value);
                }
            }
            Step::Close(element) => {
                if let Some(words) = element.words() {
                    out.at(path());
                    out.named(element.name.clone(), words);
                }
            }
        }
    }
    out
}

/// Base64 as these documents wrap it: line breaks and blanks anywhere. `None` when it is no base64.
pub fn base64(text: &str) -> Option<Vec<u8>> {
    use base64::Engine;
    use base64::engine::DecodePaddingMode;
    use base64::engine::general_purpose::{GeneralPurpose, GeneralPurposeConfig};
    let config = GeneralPurposeConfig::new()
        .with_decode_padding_mode(DecodePaddingMode::Indifferent)
        .with_decode_allow_trailing_bits(true);
    let engine = GeneralPurpose::new(&base64::alphabet::STANDARD, config);
    let packed: Vec<u8> = text.bytes().filter(|b| !b.is_ascii_whitespace()).collect();
    engine.decode(packed).ok()
}

#[cfg(test)]
mod tests {
    use super::{Step, Walk, base64, decode, root_is};

    fn texts(document: &str) -> Result<Vec<String>, String> {
        let mut walk = Walk::new(document, "test");
        let mut out = Vec::new();
        while let Some(step) = walk.next().map_err(|e| e.to_string())? {
            if let Step::Close(element) = step {
                out.push(format!("{}={}", element.name, element.text.trim()));
            }
        }
        Ok(out)
    }

    #[test]
    fn texts_and_entities() {
        let document = r#"<?xml version="1.0"?><a><b>1 &lt; 2 &#x5f20;</b><c/><![CDATA[x]]></a>"#;
        assert_eq!(texts(document).unwrap(), ["b=1 < 2 张", "c=", "a=x"]);
    }

    #[test]
    fn bombs_and_broken_documents_are_refused() {
        let bomb = r#"<!DOCTYPE a [<!ENTITY b "bbbb"><!ENTITY c "&b;&b;">]><a>&c;</a>"#;
        assert!(texts(bomb).unwrap_err().contains("entity"));
        assert!(texts(&"<a>".repeat(1000)).unwrap_err().contains("depth"));
        for broken in ["<a><b></a>", "<a", "<a>", "<a b=\"&x;\"/>"] {
            assert!(texts(broken).is_err(), "{broken}");
        }
    }

    #[test]
    fn encodings_by_mark_look_and_declaration() {
        let wide: Vec<u8> = "<a>张</a>".encode_utf16().flat_map(u16::to_le_bytes).collect();
        assert_eq!(decode(&wide), "<a>张</a>");
        assert!(decode(b"<?xml version='1.0' encoding='ISO-8859-1'?><a>\xe9</a>").contains('é'));
        assert!(decode(b"<?xml version='1.0' encoding=\"GB2312\"?><a>\xd5\xc5</a>").contains('张'));
        assert!(decode(b"<?xml version='1.0' encoding='utf-16'?><a>x</a>").contains("<a>x"));
    }

    #[test]
    fn the_root_is_found_behind_everything() {
        let document = b"<?xml version='1.0'?><!-- x --><!DOCTYPE RestingECG SYSTEM 'r.dtd'>\n<m:RestingECG a='1'>";
        assert!(root_is(document, "RestingECG"));
        assert!(!root_is(document, "restingecgdata"));
        assert!(root_is(b"<!DOCTYPE a [<!ENTITY b 'c'>]><a/>", "a"));
    }

    #[test]
    fn base64_with_breaks_and_without_padding() {
        assert_eq!(base64(" AQID\n BA== ").unwrap(), [1, 2, 3, 4]);
        assert_eq!(base64("AQIDBA").unwrap(), [1, 2, 3, 4]);
        assert!(base64("A*").is_none());
    }
}
