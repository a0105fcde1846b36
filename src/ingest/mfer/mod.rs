//! MFER, Medical waveform Format Encoding Rules (ISO 22077-1; MFER Part 1, version 1.05).
//!
//! A file is a list of definitions (tag, length, value) that hold from where they stand; waveform data makes a frame of
//! sequences × channels × blocks out of those in force. Frames of the same leads follow one another, or lie where a new
//! start time puts them. A frame of dominant beats is the device's median. Channels in another unit than volts (pressures,
//! status) are named in a note. Compressed data is refused. A physical value is (sample + offset) × resolution.

mod definitions;
mod fields;
mod frames;
mod write;

use super::{Format, ReadError, ReadOptions, Source, alone};
use crate::signal::{DeviceMedian, Hz, Recording};
use crate::text::text;
use definitions::Reader;

const ID: &str = "mfer";

/// MFER.
pub static FORMAT: Format = Format {
    id: ID,
    name: text("MFER(ISO 22077)", "MFER (ISO 22077)"),
    extensions: &["mwf", "mfer", "mfr"],
    probe: |source| definitions::is_mfer(source.bytes()),
    read,
    companions: alone,
    fields: fields::fields,
    layout: None,
    write: Some(write::write),
};

fn read(source: &Source, options: &ReadOptions) -> Result<Recording, ReadError> {
    let mut reader = Reader::new(&options.limits);
    reader.walk(source.bytes(), 0, None, 0)?;
    let Reader { frames, mut patient, start, device, filters, events, mut notes, .. } = reader;
    let joined = frames::join(frames, start, &options.limits, &mut notes)?;
    let mut recording = Recording::new(source.stem(), joined.leads, Hz(joined.rate), joined.samples);
    recording.annotations = frames::marks(&events, joined.rate, recording.len());
    recording.device.median =
        joined.median.map(|m| DeviceMedian { rate: Hz(m.rate), leads: m.leads, samples: m.samples });
    patient.fill_age(start);
    recording.patient = patient;
    recording.start = start;
    recording.origin.device = device;
    recording.origin.filters = filters;
    recording.notes = notes;
    Ok(recording)
}
