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
