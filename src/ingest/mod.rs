//! Bytes to a [`Recording`], and back where a format can be written. The format is recognised by content.
//!
//! Past this module nothing meets an alias, a unit, a default or an unresolved reference.

mod aecg;
mod anonymize;
pub mod atc;
pub mod charset;
mod contec;
mod cursor;
mod dicom;
mod edf;
mod error;
mod fields;
mod ishne;
mod json;
mod leads;
mod limits;
mod long;
mod marks;
pub mod mdc;
mod mfer;
mod moment;
mod muse;
mod philips;
pub mod quantise;
mod remarks;
mod scp;
mod source;
mod text;
mod voltage;
mod wav;
pub mod wfdb;
mod xml;

pub use anonymize::{Removed, anonymize};
pub use cursor::Cursor;
pub use error::{ReadError, WriteError, place_zh, plain};
pub use fields::{Field, Fields};
pub use leads::{complete, name_leads};
pub use limits::Limits;
pub use long::{Layout, LongFile, cut_formats};
pub use source::Source;
pub use voltage::{millivolts, no_ecg};

use crate::signal::Recording;
use crate::text::Text;
use std::path::Path;

/// A file format: facts, and how to recognise, read and write it.
pub struct Format {
    /// Short stable name, as in `--to`.
    pub id: &'static str,
    /// Name as printed.
    pub name: Text,
    /// Usual file extensions, for help texts only: recognition is by content.
    pub extensions: &'static [&'static str],
    /// Whether these bytes are this format.
    pub probe: fn(&Source) -> bool,
    /// Decodes one recording. Lead completion and content hash are done by [`read`].
    pub read: fn(&Source, &ReadOptions) -> Result<Recording, ReadError>,
    /// Names of the files beside it that belong to the recording (signal files of a header, a side file); read from
    /// the content's beginning alone. They are no recordings of their own.
    pub companions: fn(&Source) -> Vec<String>,
    /// What the file says, as it says it; lists what is sound of a damaged one.
    pub fields: fn(&Source) -> Fields,
    /// Where the samples lie, so that windows of a long file can be cut; `None` = such a file is read as a whole.
    pub layout: Option<fn(&Source) -> Option<Layout>>,
    /// Encodes a recording into files named after `stem`; `None` where we only read.
    pub write: Option<Write>,
}

/// Encodes a recording into files named after a stem.
pub type Write = fn(&Recording, &str) -> Result<Vec<OutFile>, WriteError>;

/// A file to be written: name and content.
pub type OutFile = (String, Vec<u8>);

/// [`Format::companions`] of the formats that are one file.
pub fn alone(_: &Source) -> Vec<String> {
    Vec::new()
}

/// What the caller knows that a file may lack.
#[derive(Clone, Debug, Default)]
pub struct ReadOptions {
    /// Sampling rate for text without a time column.
    pub rate: Option<f64>,
    /// Units a millivolt, for text whose numbers have no unit (1 = mV, 1000 = µV, 200 = steps of 5 µV) and for WFDB
    /// headers whose gains are wrong.
    pub gain: Option<f64>,
    /// Bounds on what a file may claim.
    pub limits: Limits,
}

/// Every format, in probing order: unmistakable signatures first, free text last.
#[rustfmt::skip] // one line a format
pub static FORMATS: &[&Format] = &[
    &aecg::FORMAT,
    &atc::FORMAT,
    &contec::FORMAT,
    &dicom::FORMAT,
    &edf::FORMAT,
    &ishne::FORMAT,
    &mfer::FORMAT,
    &muse::FORMAT,
    &philips::FORMAT,
    &scp::FORMAT,
    &json::FORMAT,
    &wav::FORMAT,
    &wfdb::FORMAT,
    &text::FORMAT,
];

/// The format of `source` by its content.
pub fn recognise(source: &Source) -> Option<&'static Format> {
    FORMATS.iter().copied().find(|f| (f.probe)(source))
}

/// SHA-256, lower-case hex, of the recording's content: the file and, after it, the companions it names (a WFDB header
/// says little about the ECG; its signal files say it all).
pub fn content_sha256(source: &Source) -> String {
    let companions = recognise(source).map_or_else(Vec::new, |f| (f.companions)(source));
    source.sha256(&companions)
}

/// Reads one recording from `source`.
pub fn read(source: &Source, options: &ReadOptions) -> Result<Recording, ReadError> {
    options.limits.bytes(source.bytes().len() as u64)?;
    let format = recognise(source).ok_or_else(|| wfdb::orphan(source).unwrap_or(ReadError::Unrecognized))?;
    let mut recording = (format.read)(source, options)?;
    recording.origin.format = format.id;
    recording.origin.sha256 = content_sha256(source);
    complete(&mut recording);
    Ok(recording)
}

/// Reads the recording at `path`, with the files beside it that it names.
pub fn open(path: impl AsRef<Path>) -> Result<Recording, ReadError> {
    let options = ReadOptions::default();
    read(&Source::open(path.as_ref(), &options.limits)?, &options)
}
