//! Time-stamped annotation lists, TALs (EDF+ specification 2.2): `+onset[\x15duration]\x14text\x14…\x14\0`.

use super::header::{Header, Kind};
use crate::ingest::{charset, marks};
use crate::signal::Annotation;

/// What precedes a name that the header's ASCII cannot hold.
pub const NAME: &str = "Patient name: ";
/// The same of an identifier.
pub const IDENTIFIER: &str = "Patient id: ";
/// Most annotations kept: a day of beats at 200 a minute, three marks each.
const MOST: usize = 1 << 20;

/// One list: seconds from the file's start, and its texts. The first list of a record has none and says when it starts.
pub struct Tal {
    pub onset: f64,
    pub texts: Vec<String>,
}

/// What the annotation signals say.
#[derive(Default)]
pub struct Tracks {
    /// Seconds at which each record starts, by its first list; NaN where it has none. Empty in a file without annotations.
    pub starts: Vec<f64>,
    /// All lists that have texts.
    pub lists: Vec<Tal>,
}

/// Every list of every record.
pub fn tracks(header: &Header, data: &[u8], records: usize) -> Tracks {
    let signals: Vec<_> = header.signals.iter().filter(|s| s.is_annotations() && header.kind != Kind::Plain).collect();
    let mut tracks = Tracks::default();
    if signals.is_empty() {
        return tracks;
    }
    for record in data.chunks_exact(header.record_bytes().max(1)).take(records) {
        let bytes = signals
            .iter()
            .filter_map(|s| record.get(s.offset * header.width..).and_then(|r| r.get(..s.samples * header.width)));
        let mut lists = bytes.flat_map(|b| b.split(|&b| b == 0).filter_map(tal)).peekable();
        tracks.starts.push(lists.peek().map_or(f64::NAN, |t| t.onset));
        let room = MOST.saturating_sub(tracks.lists.len());
        tracks.lists.extend(lists.filter(|t| !t.texts.is_empty()).take(room));
    }
    tracks
}

fn tal(bytes: &[u8]) -> Option<Tal> {
    let mut parts = bytes.split(|&b| b == 0x14);
    let stamp = parts.next()?;
    let onset = stamp.split(|&b| b == 0x15).next()?;
    let onset = std::str::from_utf8(onset).ok()?;
    // The sign is obligatory: it is what tells a list from noise.
    if !onset.starts_with(['+', '-']) {
        return None;
    }
    let onset: f64 = onset.parse().ok().filter(|t: &f64| t.is_finite())?;
    Some(Tal { onset, texts: parts.map(charset::field).filter(|t| !t.is_empty()).collect() })
}

impl Tracks {
    /// When record `k` starts.
    pub fn start(&self, k: usize) -> Option<f64> {
        self.starts.get(k).copied().filter(|t| t.is_finite())
    }
}

impl Tracks {
    /// What our writer says of the patient beside the header: the text after `prefix`.
    pub fn said(&self, prefix: &str) -> Option<String> {
        self.lists.iter().flat_map(|l| &l.texts).find_map(|t| t.strip_prefix(prefix)).map(|t| t.trim().to_string())
    }
}

/// The marks at the samples of a recording that starts with the first record.
pub fn marks(tracks: &Tracks, rate: f64, samples: usize) -> Vec<Annotation> {
    let zero = tracks.start(0).unwrap_or(0.0);
    let mut found = Vec::new();
    for tal in &tracks.lists {
        let sample = ((tal.onset - zero) * rate).round();
        if sample >= 0.0 && sample < samples as f64 {
            let texts =
                tal.texts.iter().map(String::as_str).filter(|t| !t.starts_with(NAME) && !t.starts_with(IDENTIFIER));
            found.extend(marks::of_texts(sample as usize, texts));
        }
    }
    found.sort_by_key(|a| a.sample);
    found
}

/// The list of one mark, as [`marks`] reads it.
pub fn list(mark: &Annotation, rate: f64) -> Vec<u8> {
    let mut bytes = stamp(mark.sample as f64 / rate);
    for text in marks::texts(mark) {
        bytes.extend_from_slice(text.as_bytes());
        bytes.push(0x14);
    }
    bytes.push(0);
    bytes
}

/// A list at the beginning.
pub fn text_list(text: &str) -> Vec<u8> {
    let mut bytes = stamp(0.0);
    bytes.extend(text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect::<String>().into_bytes());
    bytes.extend_from_slice(&[0x14, 0]);
    bytes
}

/// `+onset\x14` with a tenth of a microsecond, which no sample index is too fine for.
pub fn stamp(seconds: f64) -> Vec<u8> {
    let text = format!("+{seconds:.7}");
    let text = text.trim_end_matches('0').trim_end_matches('.');
    let mut bytes = text.as_bytes().to_vec();
    bytes.push(0x14);
    bytes
}
