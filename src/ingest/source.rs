//! A file's bytes and the files beside it: decoders ask for siblings by name and do no I/O of their own.

use super::{Limits, ReadError};
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::io::{Read, Seek, SeekFrom};
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

    /// The first `most` bytes of a file on disk, which may be longer; [`Self::part`] gives the rest.
    pub fn beginning(path: &Path, most: u64, limits: &Limits) -> Result<Self, ReadError> {
        let name = path.file_name().map_or_else(String::new, |n| n.to_string_lossy().into_owned());
        let io = |cause| ReadError::Io { file: name.clone(), cause };
        let about = std::fs::metadata(path).map_err(io)?;
        if !about.is_file() {
            return Err(io(std::io::ErrorKind::Unsupported.into()));
        }
        limits.bytes(about.len())?;
        let mut bytes = Vec::new();
        std::fs::File::open(path).and_then(|f| f.take(most).read_to_end(&mut bytes)).map_err(io)?;
        let folder = Some(path.parent().map_or_else(|| PathBuf::from("."), Path::to_path_buf));
        Ok(Self { limits: limits.clone(), name, bytes, folder, beside: BTreeMap::new() })
    }

    /// Where the file, or one beside it, lies on disk.
    fn on_disk(&self, sibling: Option<&str>) -> Option<PathBuf> {
        let name = sibling.unwrap_or(&self.name);
        let inside = Path::new(name).components().all(|c| matches!(c, Component::Normal(_)));
        self.folder.as_ref().filter(|_| inside).map(|folder| folder.join(name))
    }

    /// Bytes of the file on disk, or of one beside it; `None` where there is none or it is above the limit.
    pub fn size(&self, sibling: Option<&str>) -> Option<u64> {
        let about = std::fs::metadata(self.on_disk(sibling)?).ok().filter(std::fs::Metadata::is_file)?;
        self.limits.bytes(about.len()).ok()?;
        Some(about.len())
    }

    /// `length` bytes from `from` on of the file on disk, or of one beside it.
    pub fn part(&self, sibling: Option<&str>, from: u64, length: usize) -> Result<Vec<u8>, ReadError> {
        let io = |cause| ReadError::Io { file: sibling.unwrap_or(&self.name).to_owned(), cause };
        let path = self.on_disk(sibling).ok_or_else(|| io(std::io::ErrorKind::NotFound.into()))?;
        // The length is checked before memory is taken for it.
        if self.size(sibling).is_none_or(|size| from.saturating_add(length as u64) > size) {
            return Err(io(std::io::ErrorKind::UnexpectedEof.into()));
        }
        let mut bytes = vec![0; length];
        let mut file = std::fs::File::open(path).map_err(io)?;
        file.seek(SeekFrom::Start(from)).and_then(|_| file.read_exact(&mut bytes)).map_err(io)?;
        Ok(bytes)
    }

    /// [`Self::sha256`] of files on disk, read piece by piece.
    pub fn digest(&self, siblings: &[String]) -> Result<String, ReadError> {
        let mut hash = Sha256::new();
        let own = std::iter::once(None);
        for name in own.chain(siblings.iter().map(|s| Some(s.as_str()))) {
            let io = |cause| ReadError::Io { file: name.unwrap_or(&self.name).to_owned(), cause };
            // A companion that is not there adds nothing.
            let Some(path) = self.on_disk(name).filter(|_| name.is_none() || self.size(name).is_some()) else {
                continue;
            };
            let mut file = std::fs::File::open(path).map_err(io)?;
            let mut piece = vec![0; 1 << 20];
            loop {
                let n = file.read(&mut piece).map_err(io)?;
                if n == 0 {
                    break;
                }
                hash.update(piece.get(..n).unwrap_or_default());
            }
        }
        Ok(hex(&hash.finalize()))
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
        hex(&hash.finalize())
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::with_capacity(2 * bytes.len()), |mut hex, byte| {
        let _ = write!(hex, "{byte:02x}");
        hex
    })
}
