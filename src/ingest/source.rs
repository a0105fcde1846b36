//! A file's bytes and the files beside it: decoders ask for siblings by name and do no I/O of their own.

use super::{Limits, ReadError};
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::{Component, Path, PathBuf};

/// One input.
#[derive(Debug)]
pub struct Source {
    limits: Limits,
    name: String,
    bytes: Vec<u8>,
    folder: Option<PathBuf>,
    beside: BTreeMap<String, Vec<u8>>,
}

impl Source {
    /// A file on disk; siblings come from its folder. A file above the limit is refused before it is read.
    pub fn open(path: &Path, limits: &Limits) -> Result<Self, ReadError> {
        let name = path.file_name().map_or_else(String::new, |n| n.to_string_lossy().into_owned());
        let io = |cause| ReadError::Io { file: name.clone(), cause };
        let about = std::fs::metadata(path).map_err(io)?;
        if !about.is_file() && !about.is_dir() {
            // Opening a pipe would wait for a writer, a device may never end.
            return Err(io(std::io::ErrorKind::Unsupported.into()));
        }
        limits.bytes(about.len())?;
        let bytes = std::fs::read(path).map_err(io)?;
        let folder = Some(path.parent().map_or_else(|| PathBuf::from("."), Path::to_path_buf));
        Ok(Self { limits: limits.clone(), name, bytes, folder, beside: BTreeMap::new() })
    }

    /// Bytes in memory, with no siblings.
    pub fn memory(name: impl Into<String>, bytes: Vec<u8>) -> Self {
        Self { limits: Limits::default(), name: name.into(), bytes, folder: None, beside: BTreeMap::new() }
    }

    /// Adds a sibling held in memory.
    #[must_use]
    pub fn with(mut self, name: impl Into<String>, bytes: Vec<u8>) -> Self {
        self.beside.insert(name.into(), bytes);
        self
    }

    /// The file's own name, without its folder.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The name without its last extension.
    pub fn stem(&self) -> &str {
        self.name.rsplit_once('.').map_or(&self.name, |(stem, _)| stem)
    }

    /// The content.
    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// A file beside this one; `None` when there is none or it is above the limit. A name that leads out of the folder
    /// is never followed.
    pub fn sibling(&self, name: &str) -> Option<Vec<u8>> {
        if let Some(bytes) = self.beside.get(name) {
            return Some(bytes.clone());
        }
        let inside = Path::new(name).components().all(|c| matches!(c, Component::Normal(_)));
        let folder = self.folder.as_ref().filter(|_| inside)?;
        let path = folder.join(name);
        let about = std::fs::metadata(&path).ok().filter(std::fs::Metadata::is_file)?;
        self.limits.bytes(about.len()).ok()?;
        std::fs::read(path).ok()
    }

    /// Names of the files beside this one that begin with `prefix`, in order.
    pub fn beside(&self, prefix: &str) -> Vec<String> {
        let mut names: Vec<String> = self.beside.keys().filter(|n| n.starts_with(prefix)).cloned().collect();
        if let Some(entries) = self.folder.as_ref().and_then(|f| std::fs::read_dir(f).ok()) {
            let on_disk = entries.filter_map(|e| e.ok()?.file_name().into_string().ok());
            names.extend(on_disk.filter(|n| n.starts_with(prefix)));
        }
        names.sort_unstable();
        names.dedup();
        names.retain(|n| n != &self.name);
        names
    }

    /// SHA-256, lower-case hex, of the content followed by that of the siblings named (a missing one adds nothing).
    pub fn sha256(&self, siblings: &[String]) -> String {
        let mut hash = Sha256::new_with_prefix(&self.bytes);
        for bytes in siblings.iter().filter_map(|name| self.sibling(name)) {
            hash.update(&bytes);
        }
        hash.finalize().iter().fold(String::with_capacity(64), |mut hex, byte| {
            let _ = write!(hex, "{byte:02x}");
            hex
        })
    }
}
