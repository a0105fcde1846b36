//! What the tests share.
use std::path::{Path, PathBuf};

/// A folder of the reference data (`EINTHOVEN_DATA`, else `../shared/data`); `None`, said aloud, where it is not laid out.
#[allow(dead_code)]
pub fn data(name: &str) -> Option<PathBuf> {
    let root = std::env::var_os("EINTHOVEN_DATA")
        .map_or_else(|| Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/data"), PathBuf::from);
    let folder = root.join(name);
    if folder.is_dir() {
        return Some(folder);
    }
    eprintln!("skipped: no reference data at {}", folder.display());
    None
}

/// Reads every truncation (all of them up to 500, then a sample) and `flips` seeded corruptions of `bytes`. None may
/// panic; what is read must be sound: one row a lead, a finite positive rate.
#[allow(dead_code)]
pub fn hostile(name: &str, bytes: &[u8], flips: usize) {
    let step = (bytes.len() / 500).max(1);
    for end in (0..bytes.len()).step_by(step) {
        sound(name, bytes[..end].to_vec());
    }
    // SplitMix64 (Steele et al. 2014).
    let mut state = 0x9E37_79B9_7F4A_7C15_u64;
    let mut random = move |below: usize| {
        state = state.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let z = (state ^ (state >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        let z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        ((z ^ (z >> 31)) % below.max(1) as u64) as usize
    };
    for _ in 0..flips {
        let mut damaged = bytes.to_vec();
        for _ in 0..=random(4) {
            // Headers come first: half of the damage goes there.
            let head = if random(2) == 0 { damaged.len().min(1024) } else { damaged.len() };
            let (at, bit) = (random(head), random(8));
            damaged[at] ^= 1 << bit;
        }
        sound(name, damaged);
    }
}

fn sound(name: &str, bytes: Vec<u8>) {
    use einthoven::ingest::{ReadOptions, Source, read};
    if let Ok(r) = read(&Source::memory(name, bytes), &ReadOptions::default()) {
        assert_eq!(r.samples.nrows(), r.leads.len());
        assert!(r.rate.0.is_finite() && r.rate.0 > 0.0, "rate {}", r.rate.0);
        assert!(r.annotations.iter().all(|a| a.sample < r.len()));
    }
}
