//! WFDB, the format of PhysioNet: a text header, signal files, annotation files.
//!
//! By the WFDB Applications Guide (Moody, Pollard, Moody; PhysioNet): header(5), signal(5), annot(5). Record `NAME` is
//! `NAME.hea`, the signal files that it names, and annotation files `NAME.<annotator>`.
//!
//! - Invalid samples, what a cut signal file lacks, and gaps between segments are NaN.
//! - A gain of 0 or none is 200 ADC units a millivolt by the manual, and is said to be uncalibrated.
//! - Signals that are no voltage, or whose description names something else, are left out and named in the notes.
//! - Where ECG signals differ in samples a frame, the slower ones are interpolated linearly to the fastest; said too.
//! - A wrong checksum is a warning.
#![cfg_attr(not(test), warn(clippy::indexing_slicing))]

mod annotation;
mod annotation_write;
mod fields;
mod gains;
mod header;
mod record;
mod samples;
mod segments;
mod window;
mod write;

pub use annotation::{MNEMONICS, Marks, annotations, parse as marks};
pub use annotation_write::{write_annotations, write_annotations_at};
pub use header::{Header, Signal, parse as header};

use super::{Format, ReadError, ReadOptions, Source, charset, remarks};
use crate::signal::{Annotation, Recording};
use crate::text::{Text, text};
use std::sync::Arc;

pub(super) const ID: &str = "wfdb";

/// WFDB records.
pub static FORMAT: Format = Format {
    id: ID,
    name: text("WFDB（PhysioNet）记录", "WFDB (PhysioNet) record"),
    extensions: &["hea", "dat", "mat"],
    probe,
    read,
    companions,
    fields: fields::fields,
    layout: Some(window::layout),
    write: Some(write::write),
};

/// Extensions that are never annotators, so that their files are not opened to see.
const NO_ANNOTATOR: [&str; 24] = [
    "hea", "dat", "mat", "csv", "tsv", "txt", "json", "xml", "edf", "bdf", "dcm", "scp", "wav", "pdf", "html", "svg",
    "png", "jpg", "zip", "gz", "ecg", "mwf", "xws", "md",
];

/// Annotation files above this are not looked at: 24 hours of beats take half a megabyte.
const ANNOTATION_BYTES: usize = 64 << 20;

/// How much of a file is looked at to recognise a header.
const PROBE_BYTES: usize = 4096;

fn is_header(source: &Source) -> bool {
    let head = source.bytes().get(..PROBE_BYTES).unwrap_or(source.bytes());
    !head.contains(&0) && header::looks_like(&charset::decode(head))
}

/// The header beside a signal file of the same name, when it names that file.
fn header_beside(source: &Source) -> Option<Vec<u8>> {
    let bytes = source.sibling(&format!("{}.hea", source.stem()))?;
    let header = header::parse(&charset::decode(&bytes)).ok()?;
    header.signals.iter().any(|s| s.file == source.name()).then_some(bytes)
}

fn probe(source: &Source) -> bool {
    is_header(source) || header_beside(source).is_some()
}

/// What to say of a file that no format recognises but whose name is a WFDB signal file's or header's.
pub(super) fn orphan(source: &Source) -> Option<ReadError> {
    let text = source.bytes().first().is_some_and(|b| b.is_ascii_alphanumeric() || *b == b'#');
    if text && source.name().to_ascii_lowercase().ends_with(".hea") {
        return header::parse(&charset::decode(source.bytes())).err();
    }
    let signal_file = [".dat", ".mat"].iter().any(|e| source.name().to_ascii_lowercase().ends_with(e));
    let header = format!("{}.hea", source.stem());
    signal_file.then(|| {
        ReadError::malformed(
            ID,
            format!("可能是 WFDB 信号文件，但旁边没有描述它的头文件 {header}"),
            format!("this may be a WFDB signal file, but no header {header} beside it describes it"),
            source.name(),
        )
    })
}

/// The header's text: the source itself, or what is beside a signal file.
fn header_text(source: &Source) -> String {
    let beside = if is_header(source) { None } else { header_beside(source) };
    let bytes = beside.as_deref().unwrap_or(source.bytes());
    charset::decode(bytes).into_owned()
}

/// Frames a second of a record, in which annotation files count; `None` where `source` is no WFDB record.
pub fn frame_rate(source: &Source) -> Option<f64> {
    probe(source).then(|| header::parse(&header_text(source)).ok()).flatten().map(|h| h.rate)
}

fn companions(source: &Source) -> Vec<String> {
    let Ok(header) = header::parse(&header_text(source)) else { return Vec::new() };
    let mut names: Vec<String> = header.signals.iter().map(|s| s.file.clone()).collect();
    for (segment, _) in header.segments.iter().filter(|(name, _)| name != "~") {
        names.push(format!("{segment}.hea"));
        if let Ok(part) = segments::header_of(segment, source) {
            names.extend(part.signals.into_iter().map(|s| s.file));
        }
    }
    names.extend(annotation_files(source, &header).into_iter().map(|(name, _)| name));
    names.sort_unstable();
    names.dedup();
    names.retain(|n| n != source.name() && n != "~");
    names
}

fn read(source: &Source, options: &ReadOptions) -> Result<Recording, ReadError> {
    let header = header::parse(&header_text(source))?;
    let (mut recording, layout) = if header.segments.is_empty() {
        let mut recording = record::read(&header, source, &options.limits)?;
        gains::settle(&mut recording, &header, options.gain);
        (recording, Vec::new())
    } else {
        segments::read(&header, source, &options.limits)?
    };
    recording.start = header.start();
    add_annotations(&mut recording, source, &header);
    remarks::take(&mut recording, [header.comments, layout].concat());
    Ok(recording)
}

/// The annotation files beside the header, by content: name and marks.
fn annotation_files(source: &Source, header: &Header) -> Vec<(String, Marks)> {
    let mut files = Vec::new();
    for name in source.beside(&format!("{}.", source.stem())) {
        let Some((_, annotator)) = name.rsplit_once('.') else { continue };
        let own = header.signals.iter().any(|s| s.file == name);
        if own || NO_ANNOTATOR.contains(&annotator.to_ascii_lowercase().as_str()) {
            continue;
        }
        let Some(bytes) = source.sibling(&name).filter(|b| b.len() <= ANNOTATION_BYTES) else { continue };
        if let Ok(marks) = annotation::parse(&bytes) {
            files.push((name, marks));
        }
    }
    files
}

/// Adds the marks of every annotation file, in order of time; those beyond the signal's end are counted and left out.
fn add_annotations(recording: &mut Recording, source: &Source, header: &Header) {
    let length = recording.len();
    for (name, file) in annotation_files(source, header) {
        let annotator: Arc<str> = name.rsplit_once('.').map_or("", |(_, a)| a).into();
        let scale = recording.rate.0 / file.resolution.unwrap_or(header.rate);
        let before = file.marks.len();
        let marks = file.marks.into_iter().filter_map(|mark| {
            let sample = if scale == 1.0 { mark.sample } else { (mark.sample as f64 * scale).round() as usize };
            (sample < length).then(|| Annotation { sample, annotator: annotator.clone(), ..mark })
        });
        let count = recording.annotations.len();
        recording.annotations.extend(marks);
        let lost = before - (recording.annotations.len() - count);
        if lost > 0 {
            recording.notes.push(Text::of(
                format!("标注文件 {name} 中有 {lost} 个标注位于信号之外，未采用"),
                format!("{lost} annotations of {name} lie beyond the signal and are left out"),
            ));
        }
    }
    recording.annotations.sort_by_key(|a| a.sample);
}
