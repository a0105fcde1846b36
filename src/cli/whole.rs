//! Whole files only: written aside in the same folder, then renamed. A power cut leaves the old file or the new one.

use anyhow::Context;
use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};
use tempfile::NamedTempFile;

/// Temporary files begin so; what a killed run left behind is swept by the next one.
const PREFIX: &str = ".einthoven-";

/// A file that appears under its name only when [`Whole::keep`] is called.
pub struct Whole {
    path: PathBuf,
    file: BufWriter<NamedTempFile>,
}

impl Whole {
    /// Starts the file `path`; its folder is made when missing.
    pub fn create(path: &Path) -> anyhow::Result<Self> {
        let folder = path.parent().unwrap_or_else(|| Path::new("."));
        std::fs::create_dir_all(folder).with_context(|| format!("{}", folder.display()))?;
        let mut builder = tempfile::Builder::new();
        builder.prefix(PREFIX);
        readable(&mut builder);
        let file = builder.tempfile_in(folder).with_context(|| format!("{}", folder.display()))?;
        Ok(Self { path: path.to_path_buf(), file: BufWriter::new(file) })
    }

    /// Puts the file in its place.
    pub fn keep(self) -> anyhow::Result<()> {
        let name = self.path.display().to_string();
        let file = self.file.into_inner().map_err(std::io::IntoInnerError::into_error).with_context(|| name.clone())?;
        file.persist(&self.path).map_err(|e| e.error).with_context(|| name)?;
        Ok(())
    }
}

impl Write for Whole {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.file.write(bytes)
    }

    fn flush(&mut self) -> std::io::Result<()> {
        self.file.flush()
    }
}

/// As any other file's (the umask applies), not a temporary file's 0600: a report is for others to read.
fn readable(builder: &mut tempfile::Builder<'_, '_>) {
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        builder.permissions(std::fs::Permissions::from_mode(0o666));
    }
    #[cfg(not(unix))]
    let _ = builder;
}

/// Writes `bytes` as the whole content of `path`.
pub fn write(path: &Path, bytes: &[u8]) -> anyhow::Result<()> {
    let mut whole = Whole::create(path)?;
    whole.write_all(bytes).with_context(|| format!("{}", path.display()))?;
    whole.keep()
}

/// Removes what a killed run left under `folder`.
pub fn sweep(folder: &Path) {
    for entry in walkdir::WalkDir::new(folder).into_iter().flatten() {
        if entry.file_type().is_file() && entry.file_name().to_string_lossy().starts_with(PREFIX) {
            let _ = std::fs::remove_file(entry.path());
        }
    }
}
