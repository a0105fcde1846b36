//! Long files read window by window: the same samples, the same beats, the same hash as in one piece.
use einthoven::ingest::{FORMATS, LongFile, ReadOptions, Source, content_sha256, cut_formats, read};
use einthoven::pipeline::{Options, diagnose_windows};
use einthoven::signal::Hz;
use einthoven::simulate::{Case, simulate};
use einthoven::{Recording, detect::detect};
use std::path::{Path, PathBuf};

fn holter(seconds: f64) -> Recording {
    let mut script = Case::find("holter-clip").unwrap().script().unwrap();
    (script.seconds, script.rate) = (seconds, Hz(250.0));
    simulate(&script).recording
}

/// Writes a recording in a format; the path of the file to be opened.
fn written(r: &Recording, id: &str, folder: &Path) -> PathBuf {
    let format = FORMATS.iter().find(|f| f.id == id).unwrap();
    let files = (format.write.unwrap())(r, id).unwrap();
    for (name, bytes) in &files {
        std::fs::write(folder.join(name), bytes).unwrap();
    }
    folder.join(&files[0].0)
}

fn same(a: f32, b: f32) -> bool {
    a == b || a.is_nan() && b.is_nan()
}

#[test]
fn a_window_of_a_file_is_that_part_of_it() {
    let dir = tempfile::tempdir().unwrap();
    let mut r = holter(60.0);
    r.samples[(0, 4000)] = f32::NAN;
    r.patient.name = Some("欧阳娜".into());
    let options = ReadOptions::default();
    for id in cut_formats() {
        let path = written(&r, id, dir.path());
        let source = Source::open(&path, &options.limits).unwrap();
        let whole = read(&source, &options).unwrap();
        let long = LongFile::open(&path, &options, 1000).unwrap_or_else(|| panic!("{id}: no windows"));
        assert_eq!(long.samples(), whole.len(), "{id}");
        assert_eq!(long.sha256().unwrap(), content_sha256(&source), "{id}");
        for (from, to) in [(0, 250), (1, 2), (3999, 4300), (7777, 12_345), (whole.len() - 3, whole.len())] {
            let window = long.window(from..to).unwrap();
            assert_eq!((&window.leads, window.rate, window.len()), (&whole.leads, whole.rate, to - from), "{id}");
            for (a, b) in window.samples.rows().into_iter().zip(whole.samples.rows()) {
                assert!(a.iter().zip(b.iter().skip(from)).all(|(a, b)| same(*a, *b)), "{id} {from}..{to}");
            }
        }
        let head = long.head().unwrap();
        assert_eq!((head.len(), head.start, head.seconds()), (whole.len(), whole.start, whole.seconds()), "{id}");
        assert_eq!((&head.patient, &head.origin.sha256), (&whole.patient, &whole.origin.sha256), "{id}");
        let wrong: Vec<_> =
            head.notes.iter().filter(|n| n.en.contains("checksum") || n.en.contains("cut short")).collect();
        assert!(wrong.is_empty(), "{id}: {wrong:?}");
        // A short file is none, and what is no recording is none.
        assert!(LongFile::open(&path, &options, 1 << 30).is_none(), "{id}");
    }
    assert_eq!(cut_formats().collect::<Vec<_>>(), ["edf", "ishne", "wfdb"]);
    std::fs::write(dir.path().join("x.txt"), "no ECG").unwrap();
    assert!(LongFile::open(&dir.path().join("x.txt"), &options, 0).is_none());
}

#[test]
fn windows_from_disk_give_the_beats_of_the_whole() {
    let dir = tempfile::tempdir().unwrap();
    let path = written(&holter(1830.0), "wfdb", dir.path());
    let options = ReadOptions::default();
    let whole = read(&Source::open(&path, &options.limits).unwrap(), &options).unwrap();
    let found = detect(&whole);
    let long = LongFile::open(&path, &options, 0).unwrap();
    let windowed = diagnose_windows(&long.head().unwrap(), &long, &Options::default()).unwrap().detection;
    let places = |d: &einthoven::detect::Detection| d.beats.iter().map(|b| b.qrs.peak).collect::<Vec<_>>();
    assert!(found.beats.len() > 1500, "{}", found.beats.len());
    let (a, b) = (places(&windowed), places(&found));
    assert_eq!(a.len(), b.len());
    let elsewhere: Vec<_> = a.iter().zip(&b).filter(|(a, b)| a != b).collect();
    assert!(elsewhere.is_empty(), "{elsewhere:?}");
    let other = windowed.beats.iter().zip(&found.beats).filter(|(a, b)| a.class != b.class).count();
    assert!(other * 1000 <= found.beats.len(), "{other} of {} beats of another class", found.beats.len());
    assert_eq!(windowed.groups.iter().sum::<usize>(), windowed.beats.len());
    assert!((windowed.quality_score() - found.quality_score()).abs() < 0.05);
}

#[test]
fn a_file_cut_short_is_read_to_its_end_and_a_vanished_one_is_an_error() {
    let dir = tempfile::tempdir().unwrap();
    let path = written(&holter(60.0), "wfdb", dir.path());
    let data = path.with_extension("dat");
    let bytes = std::fs::read(&data).unwrap();
    std::fs::write(&data, &bytes[..bytes.len() / 2]).unwrap();
    let options = ReadOptions::default();
    let long = LongFile::open(&path, &options, 1000).unwrap();
    assert!(long.samples() > 5000 && long.samples() < 8000, "{}", long.samples());
    let head = long.head().unwrap();
    assert!(head.notes.iter().any(|n| n.en.contains("shorter than declared")), "{:?}", head.notes);
    assert_eq!(long.window(0..long.samples()).unwrap().len(), long.samples());
    std::fs::remove_file(&data).unwrap();
    assert!(long.window(0..10).is_err());
}
