//! No file can make a reader panic, hang or take memory without bound: truncations and seeded bit flips of every format's
//! examples give an error or a sound recording.
use crate::util::data;
use einthoven::ingest::{ReadOptions, Source, read};
use std::path::Path;

/// A small generator of its own, so that a failure can be repeated from its seed (Marsaglia's xorshift64).
struct Random(u64);

impl Random {
    fn below(&mut self, n: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 % n.max(1) as u64) as usize
    }
}

/// Reads bytes as they are; whatever comes out must hold together.
pub fn survives(name: &str, bytes: Vec<u8>) {
    let options = ReadOptions::default();
    if let Ok(recording) = read(&Source::memory(name, bytes), &options) {
        assert_eq!(recording.leads.len(), recording.samples.nrows(), "{name}");
        assert!(recording.rate.0 > 0.0 && recording.rate.0.is_finite(), "{name}");
        assert!((recording.samples.len() as u64) * 4 <= 2 * options.limits.sample_bytes, "{name}");
        assert!(recording.annotations.iter().all(|a| a.sample < recording.len().max(1)), "{name}");
        let mut leads = recording.leads.clone();
        leads.sort();
        leads.dedup();
        assert_eq!(leads.len(), recording.leads.len(), "{name}: a lead twice");
    }
}

/// Truncates at places of the first 2000 bytes, where sections begin, and all along; flips bits `flips` times: half of
/// them in the first tenth, where lengths are declared; one flip, or a few at once. `EINTHOVEN_HOSTILE` multiplies the
/// number of flips, for long runs.
pub fn torture(path: &Path, flips: usize) {
    let name = path.file_name().unwrap().to_string_lossy().into_owned();
    let whole = std::fs::read(path).unwrap();
    let mut random = Random(0x9e37_79b9_7f4a_7c15 ^ whole.len() as u64);
    let times = std::env::var("EINTHOVEN_HOSTILE").ok().and_then(|n| n.parse().ok()).unwrap_or(1);
    let head = (0..whole.len().min(2000)).step_by(17);
    for end in head.chain((0..40).map(|k| whole.len() * k / 40)) {
        survives(&name, whole[..end].to_vec());
    }
    for n in 0..flips * times {
        let mut bytes = whole.clone();
        let reach = if n % 2 == 0 { (bytes.len() / 10).max(600).min(bytes.len()) } else { bytes.len() };
        for _ in 0..=random.below(4) {
            let at = random.below(reach);
            bytes[at] ^= 1 << random.below(8);
        }
        survives(&name, bytes);
    }
}

#[test]
fn carts_and_handhelds() {
    let Some(folder) = data("formats") else { return };
    for (file, flips) in [
        ("scp/demo.scp", 200),
        ("scp/ecgtoolkit-example.scp", 400),
        ("scp/welchallyn-1.scp", 400),
        ("philips/1_03-129DYPRG.XML", 100),
        ("philips/1_04-ad4d3d80-d165_1-04_orig.xml", 30),
        ("muse/example1.xml", 60),
        ("kardia/1_lead.atc", 400),
        ("kardia/6_lead.atc", 100),
        ("contec/0000050.ECG", 20),
    ] {
        torture(&folder.join(file), flips);
    }
}
