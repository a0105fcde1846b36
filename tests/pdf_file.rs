//! A reader of PDF files (ISO 32000-1) of the tests' own, so that what the library wrote is not measured with itself:
//! cross-reference table, objects, streams, text by each font's `ToUnicode` table. It reads what this program writes
//! (no object streams, no encryption) and panics on anything else.
#![allow(clippy::too_many_lines, clippy::items_after_statements)] // RFC 1951 in one place
use std::collections::BTreeMap;

/// An object.
#[derive(Clone, Debug, PartialEq)]
pub enum Object {
    /// `null`, `true`, `false` and a content stream's operators.
    Word(String),
    /// A number.
    Number(f64),
    /// A name, without its solidus.
    Name(String),
    /// A string's bytes.
    Text(Vec<u8>),
    /// An array.
    Array(Vec<Object>),
    /// A dictionary.
    Dict(BTreeMap<String, Object>),
    /// A reference to an object.
    Ref(usize),
}

/// A file.
pub struct Pdf {
    /// Objects by number: the object and, of a stream, its content as it is in the file.
    pub objects: BTreeMap<usize, (Object, Option<Vec<u8>>)>,
    /// The trailer.
    pub trailer: Object,
}

impl Object {
    /// A dictionary's entry.
    pub fn get(&self, key: &str) -> Option<&Object> {
        if let Self::Dict(entries) = self { entries.get(key) } else { None }
    }

    /// A name's text.
    pub fn name(&self) -> Option<&str> {
        if let Self::Name(name) = self { Some(name) } else { None }
    }

    /// An array's items; of another object itself.
    pub fn items(&self) -> Vec<&Object> {
        if let Self::Array(items) = self { items.iter().collect() } else { vec![self] }
    }
}

/// Splits bytes into objects.
pub struct Lexer<'a> {
    bytes: &'a [u8],
    at: usize,
}

impl<'a> Lexer<'a> {
    pub fn new(bytes: &'a [u8], at: usize) -> Self {
        Self { bytes, at }
    }

    fn peek(&self) -> u8 {
        self.bytes.get(self.at).copied().unwrap_or(0)
    }

    fn blank(&mut self) {
        while self.at < self.bytes.len() {
            match self.peek() {
                b'%' => {
                    while self.at < self.bytes.len() && !matches!(self.peek(), b'\n' | b'\r') {
                        self.at += 1;
                    }
                }
                0 | 9 | 10 | 12 | 13 | 32 => self.at += 1,
                _ => break,
            }
        }
    }

    /// The next object, references not yet put together; `None` at the end.
    fn simple(&mut self) -> Option<Object> {
        self.blank();
        let start = self.at;
        if start >= self.bytes.len() {
            return None;
        }
        self.at += 1;
        Some(match (self.bytes[start], self.peek()) {
            (b'<', b'<') => {
                self.at += 1;
                let mut items = self.until(">>");
                assert!(items.len().is_multiple_of(2), "a dictionary has pairs: {items:?}");
                let mut entries = BTreeMap::new();
                while let (Some(value), Some(key)) = (items.pop(), items.pop()) {
                    entries.insert(key.name().expect("a key is a name").to_string(), value);
                }
                Object::Dict(entries)
            }
            (b'>', b'>') => {
                self.at += 1;
                Object::Word(">>".into())
            }
            (b'[', _) => Object::Array(self.until("]")),
            (b']', _) => Object::Word("]".into()),
            (b'(', _) => Object::Text(self.literal()),
            (b'<', _) => {
                let end = self.at + self.bytes[self.at..].iter().position(|b| *b == b'>').expect("a string ends");
                let digits: Vec<u8> =
                    self.bytes[self.at..end].iter().filter(|b| !b.is_ascii_whitespace()).copied().collect();
                self.at = end + 1;
                let digit = |b: u8| (b as char).to_digit(16).expect("a hexadecimal digit") as u8;
                Object::Text(digits.chunks(2).map(|p| digit(p[0]) << 4 | p.get(1).map_or(0, |b| digit(*b))).collect())
            }
            (b'/', _) => Object::Name(self.word(self.at)),
            _ => {
                let word = self.word(start);
                word.parse().map_or(Object::Word(word), Object::Number)
            }
        })
    }

    fn word(&mut self, from: usize) -> String {
        while self.at < self.bytes.len() && !b"\0\t\n\x0c\r ()<>[]{}/%".contains(&self.peek()) {
            self.at += 1;
        }
        String::from_utf8_lossy(&self.bytes[from..self.at]).into_owned()
    }

    /// Objects up to a closing mark; `n g R` becomes a reference.
    fn until(&mut self, end: &str) -> Vec<Object> {
        let mut items = Vec::new();
        loop {
            match self.simple().expect("a bracket closes") {
                Object::Word(word) if word == end => return items,
                Object::Word(word) if word == "R" => {
                    let (_, number) = (items.pop(), items.pop());
                    let Some(Object::Number(number)) = number else { panic!("a reference has a number") };
                    items.push(Object::Ref(number as usize));
                }
                item => items.push(item),
            }
        }
    }

    fn literal(&mut self) -> Vec<u8> {
        let (mut string, mut depth) = (Vec::new(), 1);
        loop {
            let c = self.bytes[self.at];
            self.at += 1;
            match c {
                b'\\' => {
                    let octal = self.bytes[self.at..].iter().take(3).take_while(|d| (b'0'..=b'7').contains(d)).count();
                    if octal > 0 {
                        let digits = &self.bytes[self.at..self.at + octal];
                        string.push(digits.iter().fold(0_u32, |v, d| v * 8 + u32::from(d - b'0')) as u8);
                        self.at += octal;
                        continue;
                    }
                    string.push(match self.bytes[self.at] {
                        b'n' => b'\n',
                        b'r' => b'\r',
                        b't' => b'\t',
                        b'b' => 8,
                        b'f' => 12,
                        other => other,
                    });
                    self.at += 1;
                }
                b'(' => depth += 1,
                b')' if depth == 1 => return string,
                b')' => depth -= 1,
                _ => {}
            }
            if c != b'\\' {
                string.push(c);
            }
        }
    }
}

/// The tokens of a content stream.
pub fn tokens(content: &[u8]) -> Vec<Object> {
    let mut lexer = Lexer::new(content, 0);
    std::iter::from_fn(|| lexer.simple()).collect()
}

impl Pdf {
    /// Reads a file by its cross-reference table.
    pub fn read(bytes: &[u8]) -> Self {
        let last = bytes.windows(9).rposition(|w| w == b"startxref").expect("startxref");
        let mut lexer = Lexer::new(bytes, last + 9);
        let Some(Object::Number(start)) = lexer.simple() else { panic!("startxref has an offset") };
        let mut lexer = Lexer::new(bytes, start as usize);
        assert_eq!(lexer.simple(), Some(Object::Word("xref".into())));
        let mut objects = BTreeMap::new();
        let number = |lexer: &mut Lexer<'_>| match lexer.simple() {
            Some(Object::Number(n)) => n as usize,
            other => panic!("a number, not {other:?}"),
        };
        let (first, count) = (number(&mut lexer), number(&mut lexer));
        for n in first..first + count {
            let (offset, _generation) = (number(&mut lexer), number(&mut lexer));
            if lexer.simple() == Some(Object::Word("n".into())) {
                objects.insert(n, object(bytes, offset, n));
            }
        }
        assert_eq!(lexer.simple(), Some(Object::Word("trailer".into())));
        let trailer = lexer.simple().expect("a trailer");
        Self { objects, trailer }
    }

    /// What a reference leads to; of another object itself.
    pub fn follow<'a>(&'a self, object: &'a Object) -> &'a Object {
        match object {
            Object::Ref(n) => &self.objects.get(n).unwrap_or_else(|| panic!("no object {n}")).0,
            object => object,
        }
    }

    /// A dictionary's entry, followed.
    pub fn at<'a>(&'a self, object: &'a Object, path: &[&str]) -> Option<&'a Object> {
        path.iter().try_fold(self.follow(object), |object, key| Some(self.follow(object.get(key)?)))
    }

    /// A stream's content, inflated where it is deflated.
    pub fn stream(&self, reference: &Object) -> Vec<u8> {
        let Object::Ref(n) = reference else { panic!("a stream is referred to") };
        let (object, raw) = &self.objects[n];
        let raw = raw.as_ref().expect("a stream");
        match object.get("Filter").map(Object::items).as_deref() {
            None => raw.clone(),
            Some([Object::Name(filter)]) if filter == "FlateDecode" => inflate(raw).expect("it inflates"),
            Some(filters) => panic!("{filters:?}"),
        }
    }

    /// The pages in order.
    pub fn pages(&self) -> Vec<&Object> {
        let pages = self.at(&self.trailer, &["Root", "Pages"]).expect("pages");
        let kids = self.at(pages, &["Kids"]).expect("kids").items();
        let found: Vec<&Object> = kids.into_iter().map(|kid| self.follow(kid)).collect();
        assert!(found.iter().all(|p| self.at(p, &["Type"]).and_then(Object::name) == Some("Page")), "a flat tree");
        found
    }

    /// A page's content.
    pub fn content(&self, page: &Object) -> Vec<u8> {
        let contents = page.get("Contents").expect("content");
        let parts: Vec<Vec<u8>> = match self.follow(contents) {
            Object::Array(parts) => parts.iter().map(|p| self.stream(p)).collect(),
            _ => vec![self.stream(contents)],
        };
        parts.join(&b' ')
    }

    /// The texts of a page, one an operator that shows text: a label, or its part in one face.
    pub fn texts(&self, page: &Object) -> Vec<String> {
        let tables: BTreeMap<&str, BTreeMap<usize, String>> = match self.at(page, &["Resources", "Font"]) {
            Some(Object::Dict(fonts)) => fonts
                .iter()
                .map(|(name, font)| (name.as_str(), unicode(&self.stream(self.follow(font).get("ToUnicode").unwrap()))))
                .collect(),
            _ => return Vec::new(),
        };
        let (mut texts, mut font, mut operands) = (Vec::new(), None, Vec::new());
        for token in tokens(&self.content(page)) {
            match token {
                Object::Word(operator) => {
                    match (operator.as_str(), operands.as_slice()) {
                        ("Tf", [Object::Name(name), _]) => font = tables.get(name.as_str()),
                        ("TJ" | "Tj", [shown]) => {
                            let table = font.expect("a font is chosen");
                            let glyphs = shown.items().into_iter().filter_map(|piece| match piece {
                                Object::Text(bytes) => {
                                    Some(bytes.chunks_exact(2).map(|g| usize::from(g[0]) << 8 | usize::from(g[1])))
                                }
                                _ => None,
                            });
                            let text = |glyph| table.get(&glyph).map_or("\u{fffd}", String::as_str);
                            texts.push(glyphs.flatten().map(text).collect());
                        }
                        _ => {}
                    }
                    operands.clear();
                }
                operand => operands.push(operand),
            }
        }
        texts
    }

    /// The texts of all pages.
    pub fn all_texts(&self) -> Vec<String> {
        self.pages().into_iter().flat_map(|page| self.texts(page)).collect()
    }
}

/// The object whose header is at `offset`.
fn object(bytes: &[u8], offset: usize, n: usize) -> (Object, Option<Vec<u8>>) {
    let mut lexer = Lexer::new(bytes, offset);
    assert_eq!(lexer.simple(), Some(Object::Number(n as f64)), "the table leads to object {n}");
    lexer.simple();
    assert_eq!(lexer.simple(), Some(Object::Word("obj".into())));
    let mut object = lexer.simple().expect("an object");
    let before = lexer.at;
    let mut word = lexer.simple();
    if let (Object::Number(to), Some(Object::Number(_))) = (&object, &word) {
        assert_eq!(lexer.simple(), Some(Object::Word("R".into())));
        object = Object::Ref(*to as usize);
        word = lexer.simple();
    }
    if word != Some(Object::Word("stream".into())) {
        assert_eq!(word, Some(Object::Word("endobj".into())), "object {n} ends at {before}");
        return (object, None);
    }
    let mut start = lexer.at;
    if bytes[start] == b'\r' {
        start += 1;
    }
    assert_eq!(bytes[start], b'\n', "a line ends after `stream`");
    start += 1;
    let Some(Object::Number(length)) = object.get("Length") else { panic!("object {n} has no length of its own") };
    let end = start + *length as usize;
    let mut lexer = Lexer::new(bytes, end);
    assert_eq!(lexer.simple(), Some(Object::Word("endstream".into())), "the length of {n} is that of its data");
    let content = bytes[start..end].to_vec();
    (object, Some(content))
}

/// A font's `ToUnicode` table: `<0001> <5FC3>` (ISO 32000-1, 9.10.3).
fn unicode(cmap: &[u8]) -> BTreeMap<usize, String> {
    let pair = |line: &str| {
        let (glyph, text) = line.strip_prefix('<')?.split_once("> <")?;
        let text = text.strip_suffix('>')?;
        let units: Vec<u16> =
            (0..text.len() / 4).filter_map(|n| u16::from_str_radix(text.get(4 * n..4 * n + 4)?, 16).ok()).collect();
        Some((usize::from_str_radix(glyph, 16).ok()?, String::from_utf16(&units).ok()?))
    };
    String::from_utf8_lossy(cmap).lines().filter_map(|l| pair(l.trim())).collect()
}

/// What a deflate stream (RFC 1951) within a zlib wrapper (RFC 1950) holds: an inflater of the test's own, so that the
/// PDF is measured without the library that wrote it.
pub fn inflate(zlib: &[u8]) -> Option<Vec<u8>> {
    let data = zlib.get(2..)?;
    let mut at = 0_usize;
    let mut bits = |n: usize| -> Option<usize> {
        let mut value = 0;
        for i in 0..n {
            value |= usize::from(data.get(at / 8)? >> (at % 8) & 1) << i;
            at += 1;
        }
        Some(value)
    };
    /// Number of codes of each length, and the symbols in order of their codes.
    fn table(lengths: &[usize]) -> ([usize; 16], Vec<usize>) {
        let mut count = [0; 16];
        for length in lengths {
            count[*length] += 1;
        }
        count[0] = 0;
        let mut symbols: Vec<usize> = (0..lengths.len()).filter(|s| lengths[*s] > 0).collect();
        symbols.sort_by_key(|s| (lengths[*s], *s));
        (count, symbols)
    }
    fn symbol(
        bits: &mut dyn FnMut(usize) -> Option<usize>,
        (count, symbols): &([usize; 16], Vec<usize>),
    ) -> Option<usize> {
        let (mut code, mut first, mut index) = (0, 0, 0);
        for count in &count[1..] {
            code |= bits(1)?;
            if code < first + count {
                return symbols.get(index + code - first).copied();
            }
            index += count;
            first = (first + count) << 1;
            code <<= 1;
        }
        None
    }
    const LENGTH: [(usize, usize); 29] = [
        (3, 0),
        (4, 0),
        (5, 0),
        (6, 0),
        (7, 0),
        (8, 0),
        (9, 0),
        (10, 0),
        (11, 1),
        (13, 1),
        (15, 1),
        (17, 1),
        (19, 2),
        (23, 2),
        (27, 2),
        (31, 2),
        (35, 3),
        (43, 3),
        (51, 3),
        (59, 3),
        (67, 4),
        (83, 4),
        (99, 4),
        (115, 4),
        (131, 5),
        (163, 5),
        (195, 5),
        (227, 5),
        (258, 0),
    ];
    const ORDER: [usize; 19] = [16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15];
    let mut out: Vec<u8> = Vec::new();
    loop {
        let last = bits(1)?;
        let (literals, distances) = match bits(2)? {
            0 => return None, // stored blocks: no stream of ours is that short of repetition
            1 => {
                let fixed: Vec<usize> = (0..288)
                    .map(|s| match s {
                        144..=255 => 9,
                        256..=279 => 7,
                        _ => 8,
                    })
                    .collect();
                (table(&fixed), table(&[5; 30]))
            }
            _ => {
                let (n, d, c) = (bits(5)? + 257, bits(5)? + 1, bits(4)? + 4);
                let mut lengths = [0; 19];
                for place in ORDER.iter().take(c) {
                    lengths[*place] = bits(3)?;
                }
                let codes = table(&lengths);
                let mut lengths: Vec<usize> = Vec::new();
                while lengths.len() < n + d {
                    match symbol(&mut bits, &codes)? {
                        16 => {
                            let before = *lengths.last()?;
                            let times = 3 + bits(2)?;
                            lengths.extend(std::iter::repeat_n(before, times));
                        }
                        17 => {
                            let times = 3 + bits(3)?;
                            lengths.extend(std::iter::repeat_n(0, times));
                        }
                        18 => {
                            let times = 11 + bits(7)?;
                            lengths.extend(std::iter::repeat_n(0, times));
                        }
                        length => lengths.push(length),
                    }
                }
                (table(&lengths[..n]), table(&lengths[n..n + d]))
            }
        };
        loop {
            match symbol(&mut bits, &literals)? {
                256 => break,
                byte @ 0..=255 => out.push(byte as u8),
                long => {
                    let (base, extra) = *LENGTH.get(long - 257)?;
                    let length = base + bits(extra)?;
                    let d = symbol(&mut bits, &distances)?;
                    let extra = d.saturating_sub(2) / 2;
                    let base = if d < 4 { d + 1 } else { ((2 + d % 2) << extra) + 1 };
                    let back = out.len().checked_sub(base + bits(extra)?)?;
                    for i in 0..length {
                        out.push(out[back + i]);
                    }
                }
            }
        }
        if last == 1 {
            return Some(out);
        }
    }
}
