//! Marks as plain text: how a file without codes of its own (EDF+, DICOM's unformatted text) says an MIT annotation.

use super::wfdb::MNEMONICS;
use crate::signal::Annotation;

/// The marks that `texts` at one sample are. A text that is an MIT mnemonic is that code and the texts after it
/// belong to it, one that opens a rhythm (`(AFIB`) is a rhythm change, any other is a comment.
pub fn of_texts<'a>(sample: usize, texts: impl IntoIterator<Item = &'a str>) -> Vec<Annotation> {
    let mut found: Vec<Annotation> = Vec::new();
    let mut coded = false;
    for text in texts.into_iter().map(str::trim).filter(|t| !t.is_empty()) {
        let mnemonic = MNEMONICS.contains(&text);
        if let Some(last) = found.last_mut().filter(|_| coded && !mnemonic) {
            let gap = if last.text.is_empty() { "" } else { " " };
            last.text = format!("{}{gap}{text}", last.text);
            continue;
        }
        coded = mnemonic;
        let (code, text) = match text {
            code if mnemonic => (code, ""),
            rhythm if is_rhythm(rhythm) => ("+", rhythm),
            comment => ("\"", comment),
        };
        found.push(mark(sample, code, text));
    }
    found
}

/// The texts that [`of_texts`] reads as `mark`.
pub fn texts(mark: &Annotation) -> Vec<String> {
    let clean = |s: &str| s.replace(|c: char| c < ' ', " ");
    match mark.code.as_str() {
        "+" if is_rhythm(&mark.text) => vec![clean(&mark.text)],
        // A comment that is but a mnemonic must not become a beat: it keeps its quotes.
        "\"" if MNEMONICS.contains(&mark.text.as_str()) => vec![format!("\"{}\"", mark.text)],
        "\"" if !mark.text.is_empty() => vec![clean(&mark.text)],
        code if mark.text.is_empty() => vec![clean(code)],
        code => vec![clean(code), clean(&mark.text)],
    }
}

/// A mark made by the file itself.
pub fn mark(sample: usize, code: &str, text: &str) -> Annotation {
    Annotation { sample, code: code.to_string(), text: text.to_string(), ..Annotation::default() }
}

fn is_rhythm(text: &str) -> bool {
    text.strip_prefix('(').is_some_and(|r| !r.is_empty() && r.chars().all(|c| c.is_ascii_uppercase() || c == '_'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn marks_come_back_from_their_texts() {
        for (code, text) in [("N", ""), ("V", "couplet"), ("+", "(AFIB"), ("\"", "moved"), ("~", "")] {
            let mark = mark(3, code, text);
            assert_eq!(of_texts(3, texts(&mark).iter().map(String::as_str)), [mark]);
        }
        assert_eq!(texts(&mark(3, "\"", "N")), ["\"N\""]);
    }
}
