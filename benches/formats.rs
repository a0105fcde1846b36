//! Decoding speed of each format that can be written, on a simulated day-to-day recording and a longer one: MB/s of raw
//! samples (two bytes each) for every format, and of the file itself for text and XML.
//!
//! Targets: 200 MB/s of raw samples for binary formats, 60 MB/s of file for XML.
#![allow(clippy::unwrap_used)]
use divan::Bencher;
use divan::counter::BytesCount;
use einthoven::Recording;
use einthoven::ingest::{FORMATS, Format, OutFile, ReadOptions, Source};
use einthoven::signal::{Hz, LeadName};
use ndarray::Array2;

fn main() {
    divan::main();
}

/// Twelve leads of a smooth, spiky signal with small noise: the size of its differences is that of an ECG's.
fn recording(seconds: usize) -> Recording {
    let samples = Array2::from_shape_fn((12, seconds * 500), |(lead, n)| {
        let t = n as f32 / 500.0;
        let beat = (t / 0.8).fract();
        let qrs = (-((beat - 0.4) / 0.012).powi(2)).exp() * (1.0 - lead as f32 * 0.12);
        let wave = (-((beat - 0.7) / 0.05).powi(2)).exp() * 0.3 + (-((beat - 0.22) / 0.025).powi(2)).exp() * 0.12;
        let noise = ((n * 7919 + lead * 104_729) % 17) as f32 * 0.001;
        // A device of 5 µV a step.
        ((qrs + wave + noise) * 200.0).round() / 200.0
    });
    Recording::new("bench", LeadName::TWELVE.to_vec(), Hz(500.0), samples)
}

fn names() -> Vec<&'static str> {
    FORMATS.iter().filter(|f| f.write.is_some()).map(|f| f.id).collect()
}

struct Case {
    format: &'static Format,
    source: Source,
    raw: usize,
    file: usize,
}

/// `None` where the format cannot hold so long a recording.
fn case(id: &str, seconds: usize) -> Option<Case> {
    let format = FORMATS.iter().copied().find(|f| f.id == id).unwrap();
    let recording = recording(seconds);
    let files: Vec<OutFile> = (format.write.unwrap())(&recording, "bench").ok()?;
    let file = files.iter().map(|(_, b)| b.len()).sum();
    let (name, bytes) = files[0].clone();
    let source = files.into_iter().skip(1).fold(Source::memory(name, bytes), |s, (n, b)| s.with(n, b));
    Some(Case { format, source, raw: recording.samples.len() * 2, file })
}

fn decode(bencher: Bencher, case: &Case, counted: usize) {
    let options = ReadOptions::default();
    bencher.counter(BytesCount::new(counted)).bench_local(|| (case.format.read)(&case.source, &options).unwrap());
}

/// A resting ECG: 10 s.
#[divan::bench(args = names())]
fn resting_raw_samples(bencher: Bencher, id: &str) {
    let Some(case) = case(id, 10) else { return };
    let raw = case.raw;
    decode(bencher, &case, raw);
}

/// Ten minutes.
#[divan::bench(args = names(), sample_count = 20)]
fn long_raw_samples(bencher: Bencher, id: &str) {
    let Some(case) = case(id, 600) else { return };
    let raw = case.raw;
    decode(bencher, &case, raw);
}

/// The file itself, which is what counts for text.
#[divan::bench(args = names())]
fn resting_file(bencher: Bencher, id: &str) {
    let Some(case) = case(id, 10) else { return };
    let file = case.file;
    decode(bencher, &case, file);
}

/// The files of devices that we do not write, where the reference data is laid out.
#[divan::bench(args = ["muse/example1.xml", "philips/1_04-ad4d3d80-d165_1-04_orig.xml", "kardia/6_lead.atc", "contec/0000050.ECG"])]
fn device_file(bencher: Bencher, path: &str) {
    let Some(root) = std::env::var_os("EINTHOVEN_DATA") else { return };
    let path = std::path::Path::new(&root).join("formats").join(path);
    let options = ReadOptions::default();
    let Ok(source) = Source::open(&path, &options.limits) else { return };
    let Some(format) = einthoven::ingest::recognise(&source) else { return };
    let bytes = source.bytes().len();
    bencher.counter(BytesCount::new(bytes)).bench_local(|| (format.read)(&source, &options).map(|r| r.len()));
}
