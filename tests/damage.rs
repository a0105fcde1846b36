//! Broken and hostile files: refused with the reason or read with a note; never a panic, a hang, or memory beyond the limit.
//!
//! The damaged files are read in a child process with its address space and its processor time limited by the system, so
//! that an allocation or a loop without bounds ends the child, whatever the machine's speed and memory.
use einthoven::ingest::{FORMATS, Limits, ReadError, ReadOptions, Source, read, recognise};
use einthoven::signal::Hz;
use einthoven::simulate::{Case, simulate};
use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// Address space of the child, KiB: the limits' 256 MiB of samples, their copy while leads are completed, the program.
const MEMORY_KIB: u64 = 1_200_000;
/// Truncations and bit flips of each file in the ordinary test (a third of it where a file is large).
const ORDINARY: usize = 30;
/// … and in the full one.
const FULL: usize = 10_000;

fn samples() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("samples")
}

/// The rows of samples/broken/README.md: file, expected cause.
fn expected() -> Vec<(String, String)> {
    let table = fs::read_to_string(samples().join("broken/README.md")).unwrap();
    let cells = |line: &str| line.trim_matches('|').split('|').map(|c| c.trim().replace('`', "")).collect::<Vec<_>>();
    let rows = table.lines().filter(|l| l.starts_with("| `")).map(cells);
    rows.map(|c| (c[0].clone(), c[1].clone())).collect()
}

#[test]
fn broken_files_are_refused_for_the_right_reason_or_read_with_a_note() {
    let rows = expected();
    let listed: BTreeSet<&str> = rows.iter().map(|(file, _)| file.as_str()).collect();
    let mut wrong = Vec::new();
    for (file, cause) in &rows {
        let path = samples().join("broken").join(file);
        let limits = Limits::default();
        let result = Source::open(&path, &limits).and_then(|s| read(&s, &ReadOptions::default()));
        let is = match &result {
            Ok(r) if r.notes.is_empty() => "read without a note",
            Ok(_) => "note",
            Err(ReadError::Unrecognized) => "unrecognized",
            Err(ReadError::Malformed { .. }) => "malformed",
            Err(ReadError::Unsupported { .. }) => "unsupported",
            Err(ReadError::Limit { .. }) => "limit",
            Err(ReadError::Io { .. }) => "io",
        };
        if is != cause {
            wrong.push(format!("{file}: {is}, expected {cause} ({:?})", result.err()));
        } else if let Err(error) = result {
            let text = error.text();
            assert!(!text.zh.is_empty() && !text.en.is_empty(), "{file}: both languages");
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    for entry in fs::read_dir(samples().join("broken")).unwrap() {
        let name = entry.unwrap().file_name().into_string().unwrap();
        let companion = Path::new(&name).extension().is_some_and(|e| e == "dat");
        assert!(companion || name == "README.md" || listed.contains(name.as_str()), "{name} is not in the table");
    }
}

#[test]
fn sound_samples_are_read() {
    let sources: Vec<(PathBuf, Source)> = walk(&samples())
        .into_iter()
        .filter(|p| !p.components().any(|c| c.as_os_str() == "broken"))
        .filter(|p| !p.to_string_lossy().ends_with(".truth.json"))
        .map(|p| (p.clone(), Source::open(&p, &Limits::default()).unwrap()))
        .filter(|(_, source)| einthoven::ingest::recognise(source).is_some())
        .collect();
    // signal and annotation files belong to another file
    let belonging: BTreeSet<PathBuf> = sources
        .iter()
        .flat_map(|(path, source)| {
            let format = einthoven::ingest::recognise(source).unwrap();
            let names = (format.companions)(source).into_iter().filter(|n| n != source.name());
            names.map(|n| path.with_file_name(n)).collect::<Vec<_>>()
        })
        .collect();
    let mut count = 0;
    for (path, source) in sources.iter().filter(|(p, _)| !belonging.contains(p)) {
        let recording = read(source, &ReadOptions::default()).unwrap_or_else(|e| panic!("{}: {e}", path.display()));
        assert!(recording.seconds() >= 5.0 && !recording.leads.is_empty(), "{}", path.display());
        count += 1;
    }
    assert!(count > 50, "only {count} samples");
}

fn walk(folder: &Path) -> Vec<PathBuf> {
    let mut entries: Vec<PathBuf> = fs::read_dir(folder).unwrap().map(|e| e.unwrap().path()).collect();
    entries.sort();
    let (folders, files): (Vec<_>, Vec<_>) = entries.into_iter().partition(|p| p.is_dir());
    files.into_iter().chain(folders.iter().flat_map(|f| walk(f))).collect()
}

#[test]
fn damaged_files_do_no_harm() {
    in_child(ORDINARY, 900);
}

#[test]
#[ignore = "10 000 bit flips a file; cargo test --release --test main -- --ignored damage"]
fn damaged_files_do_no_harm_in_full() {
    in_child(FULL, 14_400);
}

/// Runs [`child`] with its memory and processor seconds limited.
fn in_child(flips: usize, cpu_seconds: u64) {
    let limits = format!("ulimit -v {MEMORY_KIB} && ulimit -t {cpu_seconds} && exec \"$0\" \"$@\"");
    let output = Command::new("sh")
        .args(["-c", &limits])
        .arg(std::env::current_exe().unwrap())
        .args(["--exact", "damage::child", "--ignored", "--nocapture", "--test-threads=1"])
        .env("EINTHOVEN_FLIPS", flips.to_string())
        .output()
        .expect("a shell");
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{}\n{}\n{said}", output.status, String::from_utf8_lossy(&output.stdout));
    assert!(said.contains("readings of damaged files"), "the child did its work: {said}");
}

#[test]
#[ignore = "run by the tests above, within limits"]
fn child() {
    let flips = std::env::var("EINTHOVEN_FLIPS").ok().and_then(|f| f.parse().ok()).unwrap_or(ORDINARY);
    let mut readings = 0;
    for victim in victims() {
        readings += damage(&victim, flips);
    }
    eprintln!("{readings} readings of damaged files");
}

/// A recording as files: which of them is damaged, and the primary one.
struct Victim {
    name: String,
    files: Vec<(String, Vec<u8>)>,
    damaged: usize,
}

/// A short simulated ECG in every format that can be written, every broken sample, and, where the reference data lie,
/// files of the formats that can only be read.
fn victims() -> Vec<Victim> {
    let mut script = Case::find("paced-dual").unwrap().script().unwrap();
    (script.seconds, script.rate) = (1.5, Hz(250.0));
    let whole = simulate(&script).recording;
    script.noise.gaps.push((0.2, 0.25));
    let gap = simulate(&script).recording;
    let mut victims = Vec::new();
    for format in FORMATS.iter().filter(|f| f.write.is_some()) {
        // not every format has a value for what is missing
        let write = format.write.unwrap();
        let files = write(&gap, "x").or_else(|_| write(&whole, "x")).unwrap();
        for damaged in 0..files.len() {
            victims.push(Victim { name: format!("{} {}", format.id, files[damaged].0), files: files.clone(), damaged });
        }
    }
    let mut more: Vec<PathBuf> = walk(&samples().join("broken"));
    if let Some(data) = crate::util::data("formats") {
        more.extend(walk(&data).into_iter().filter(|p| fs::metadata(p).unwrap().len() < 1 << 20));
    }
    for path in more {
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        let files = vec![(name.clone(), fs::read(&path).unwrap())];
        victims.push(Victim { name, files, damaged: 0 });
    }
    victims
}

/// Reads the victim cut at up to 1000 places and with `flips` seeded corruptions; gives the number of readings.
fn damage(victim: &Victim, flips: usize) -> usize {
    let sound = &victim.files[victim.damaged].1;
    // large files cost much and teach little in the ordinary test
    let (cuts, flips) = match (sound.len(), flips <= ORDINARY) {
        (20_000.., true) => (ORDINARY / 3, flips / 3),
        (_, true) => (ORDINARY, flips),
        (_, false) => (1000, flips),
    };
    let step = sound.len().div_ceil(cuts).max(1);
    let mut readings = 0;
    for end in (0..sound.len()).step_by(step) {
        check(victim, sound[..end].to_vec(), &format!("cut at {end}"));
        readings += 1;
    }
    let mut chance = einthoven::simulate::Chance::new(0x0ec6, &victim.name);
    for flip in 0..flips {
        let mut bytes = sound.clone();
        for _ in 0..=chance.below(4) {
            // half of the damage goes to headers, which come first
            let within = if chance.below(2) == 0 { bytes.len().min(2048) } else { bytes.len() };
            if let Some(byte) = bytes.get_mut(chance.below(within)) {
                *byte = if chance.below(4) == 0 { chance.below(256) as u8 } else { *byte ^ (1 << chance.below(8)) };
            }
        }
        check(victim, bytes, &format!("flip {flip}"));
        readings += 1;
    }
    readings
}

fn check(victim: &Victim, bytes: Vec<u8>, how: &str) {
    let source = |damaged: Vec<u8>| {
        let file = |k: usize| if k == victim.damaged { damaged.clone() } else { victim.files[k].1.clone() };
        let first = Source::memory(victim.files[0].0.clone(), file(0));
        (1..victim.files.len()).fold(first, |s, k| s.with(victim.files[k].0.clone(), file(k)))
    };
    let source = source(bytes);
    let result = std::panic::catch_unwind(|| read(&source, &ReadOptions::default()));
    let Ok(result) = result else { panic!("{}: panic when {how}", victim.name) };
    let listed = std::panic::catch_unwind(|| recognise(&source).map(|f| (f.fields)(&source)));
    assert!(listed.is_ok(), "{}: panic in listing its fields when {how}", victim.name);
    if let Ok(r) = result {
        assert_eq!(r.samples.nrows(), r.leads.len(), "{} {how}: one row a lead", victim.name);
        assert!(r.rate.0.is_finite() && r.rate.0 > 0.0, "{} {how}: rate {}", victim.name, r.rate.0);
        assert!(r.samples.len() * 4 <= 256 << 20, "{} {how}: more than the limit", victim.name);
        assert!(r.annotations.iter().all(|a| a.sample < r.len()), "{} {how}: a mark outside", victim.name);
    }
}
