//! What every fuzz target does with its bytes.
//!
//! Runs of ten minutes a target (one process, two targets at a time on two shared cores, memory limit 2 GiB, 10 s a file),
//! seeded with `samples/` and devices' files, of 25 November 2026; executions: ISHNE 4 564 175, WFDB 1 459 318, Contec
//! 1 269 631, EDF 886 549, WAV 522 197, SCP-ECG 392 810, ATC 339 778, MFER 316 717, Philips 230 698, DICOM 142 424, JSON
//! 87 422, MUSE 10 583, aECG 1429, CSV 757 (whole documents of 100 kB and more: few a second). No crash, no timeout. Found:
//! one DICOM file in fifteen forms that made the parser take gigabytes, a number whose length is no multiple of its size
//! (`samples/broken/dicom-half-number.dcm`); all fifteen are refused since. Ten minutes more after that, with the listing of
//! fields, from inputs of at most 20 kB: DICOM 379 196, aECG 891 909, CSV 9883, MUSE 219429; nothing found. Ten minutes
//! of windows of long files (EDF, ISHNE and WFDB, inputs of at most 60 kB): 281 399; nothing found.

use einthoven::ingest::{FORMATS, LongFile, ReadOptions, Source, complete};

/// Hands `bytes` to the decoder called `id`: the primary file, then each file beside it after a line `--- NAME` (for
/// formats of several files). What is read has to be sound.
pub fn decode(id: &str, bytes: &[u8]) {
    let format = FORMATS.iter().find(|f| f.id == id).expect("no such format");
    let mut parts = split(bytes);
    let first = parts.remove(0).1;
    let source = parts.into_iter().fold(Source::memory("x", first), |s, (name, bytes)| s.with(name, bytes));
    let _ = (format.probe)(&source);
    let _ = (format.companions)(&source);
    let _ = (format.fields)(&source);
    if let Ok(mut recording) = (format.read)(&source, &ReadOptions::default()) {
        assert_eq!(recording.samples.nrows(), recording.leads.len(), "one row a lead");
        assert!(recording.rate.0.is_finite() && recording.rate.0 > 0.0, "rate {}", recording.rate.0);
        complete(&mut recording);
        assert_eq!(recording.samples.nrows(), recording.leads.len(), "one row a lead when complete");
    }
}

/// Hands `bytes`, files as in [`decode`], to the reader of long files: the beginning, then windows at and across the edges.
/// It reads from disk, so they are written into a folder of this process.
pub fn windows(bytes: &[u8]) {
    let folder = std::env::temp_dir().join(format!("einthoven-fuzz-{}", std::process::id()));
    let _ = std::fs::remove_dir_all(&folder);
    std::fs::create_dir_all(&folder).expect("a folder for the files");
    let mut parts = split(bytes).into_iter();
    let primary = folder.join("x");
    std::fs::write(&primary, parts.next().expect("never empty").1).expect("written");
    for (name, bytes) in parts.filter(|(n, _)| !n.is_empty() && n.len() < 100 && !n.starts_with('.')) {
        if !name.contains(['/', '\0']) {
            std::fs::write(folder.join(name), bytes).expect("written");
        }
    }
    let Some(long) = LongFile::open(&primary, &ReadOptions::default(), 0) else { return };
    let n = long.samples();
    let _ = long.head();
    for range in [0..n.min(5000), n / 2..(n / 2).saturating_add(700).min(n), n.saturating_sub(300)..n, n..n] {
        let wanted = range.len();
        if let Ok(recording) = long.window(range) {
            assert!(recording.samples.ncols() <= wanted, "no more than was asked for");
            assert!(recording.rate.0.is_finite() && recording.rate.0 > 0.0, "rate {}", recording.rate.0);
        }
    }
}

/// The primary file and the named ones after it.
fn split(bytes: &[u8]) -> Vec<(String, Vec<u8>)> {
    let mark = b"\n--- ";
    let mut parts = vec![(String::new(), Vec::new())];
    let mut rest = bytes;
    while let Some(at) = rest.windows(mark.len()).position(|w| w == mark) {
        parts.last_mut().expect("never empty").1.extend(&rest[..=at]);
        let after = &rest[at + mark.len()..];
        let end = after.iter().position(|b| *b == b'\n').unwrap_or(after.len());
        parts.push((String::from_utf8_lossy(&after[..end]).into_owned(), Vec::new()));
        rest = after.get(end + 1..).unwrap_or_default();
    }
    parts.last_mut().expect("never empty").1.extend(rest);
    parts
}
