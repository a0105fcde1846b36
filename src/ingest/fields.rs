//! What a file says, field by field, as it says it: for people who want to see what a reading rests on.
//!
//! Each format lists its own ([`Format::fields`](super::Format)): names as the standard calls them, values as written,
//! long ones shortened. Listing never fails: what is damaged is listed up to the damage, so that a refused file can be
//! looked at too. Nothing is left out because it names the patient: this is the file, shown to who holds it.

use super::charset;
use crate::text::Text;
use serde::Serialize;
use std::fmt::Display;

/// Characters of a value that are shown.
const MOST_CHARACTERS: usize = 160;
/// Bytes of a binary value that are shown.
const MOST_BYTES: usize = 24;
/// Fields of one file that are listed.
const MOST_FIELDS: usize = 4000;
/// Letters in a row that are text within binary data.
const RUN: usize = 4;

/// One field.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Field {
    /// The part of the file it stands in (`line 3`, `section 7`, `signal 2`, an element's path); empty = the whole.
    pub place: String,
    /// What the standard calls it.
    pub name: Text,
    /// The value as written.
    pub value: String,
}

/// A file's fields in its order.
#[derive(Debug, Default)]
pub struct Fields {
    place: String,
    list: Vec<Field>,
    /// How many more there are than are listed.
    pub beyond: usize,
}

impl Fields {
    /// The fields listed.
    pub fn list(&self) -> &[Field] {
        &self.list
    }

    /// What follows stands in this part of the file.
    pub fn at(&mut self, place: impl Into<String>) {
        self.place = place.into();
    }

    /// A field whose name is known in both languages.
    pub fn add(&mut self, zh: &'static str, en: &'static str, value: impl Display) {
        self.push(Text::new(zh, en), &value.to_string());
    }

    /// A field by its name in the file.
    pub fn named(&mut self, name: impl Into<String>, value: impl Display) {
        let name = name.into();
        self.push(Text::of(name.clone(), name), &value.to_string());
    }

    /// A field of both languages made at run time.
    pub fn push(&mut self, name: Text, value: &str) {
        if self.list.len() >= MOST_FIELDS {
            self.beyond += 1;
            return;
        }
        self.list.push(Field { place: self.place.clone(), name, value: shorten(value) });
    }
}

/// A text on one line, without control characters and no longer than is shown.
fn shorten(value: &str) -> String {
    let clean = |c: char| if c.is_control() { ' ' } else { c };
    let mut letters = value.trim_matches(|c: char| c.is_whitespace() || c.is_control()).chars();
    let shown: String = letters.by_ref().take(MOST_CHARACTERS).map(clean).collect();
    let left = letters.count();
    if left == 0 { shown } else { format!("{shown}… (+{left})") }
}

/// Bytes without a meaning known: text where they are one, else their first values in hexadecimal, the length, and what
/// words there are in them.
pub fn bytes(value: &[u8]) -> String {
    let printable = |b: &u8| b.is_ascii_graphic() || *b == b' ';
    let body = value.strip_suffix(&[0]).unwrap_or(value);
    if !body.is_empty() && body.iter().all(|b| printable(b) || *b > 0x7f) && std::str::from_utf8(body).is_ok() {
        return charset::field(body);
    }
    let hex: Vec<String> = value.iter().take(MOST_BYTES).map(|b| format!("{b:02x}")).collect();
    if value.len() <= MOST_BYTES {
        return hex.join(" ");
    }
    let words: Vec<String> =
        value.split(|b| !printable(b)).filter(|run| run.len() >= RUN).take(8).map(charset::latin1).collect();
    let words = if words.is_empty() { String::new() } else { format!(" “{}”", words.join("” “")) };
    format!("{} … ({} B){words}", hex.join(" "), value.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_and_binary_values_are_shortened() {
        let mut fields = Fields::default();
        fields.at("line 1");
        fields.named("x", "é\n".repeat(200));
        assert!(fields.list()[0].value.ends_with("… (+239)"), "{}", fields.list()[0].value);
        assert_eq!(bytes(b"Elixir\0"), "Elixir");
        assert_eq!(bytes(&[1, 2]), "01 02");
        assert_eq!(bytes(&[0; 30]), format!("{} … (30 B)", ["00"; 24].join(" ")));
        for _ in 0..MOST_FIELDS {
            fields.named("x", 1);
        }
        assert_eq!((fields.list().len(), fields.beyond), (MOST_FIELDS, 1));
    }
}
