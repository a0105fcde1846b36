//! Objects named by the SHA-256 of their content: original files, analyses, signed reports. Writing one twice is harmless;
//! a damaged one is noticed when it is read.
//!
//! In a folder an object is durable when `put` returns: written aside, synced, renamed, and its folder synced
//! (`object_store`'s own local folder syncs nothing). In S3 the store's answer is the promise; where it does not come in
//! time the sender is told so, who sends again.

use super::{Result, StoreError};
use object_store::aws::AmazonS3Builder;
use object_store::path::Path as Key;
use object_store::{ObjectStore, ObjectStoreExt, RetryConfig};
use sha2::{Digest, Sha256};
use std::fmt::Write as _;
use std::fs::File;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

/// How long a bucket that fails is asked again before the failure is passed on: a clinic waits, and can send again.
const ASKED_AGAIN: Duration = Duration::from_secs(10);
/// Longest that a bucket may take for one object.
const PATIENCE: Duration = Duration::from_secs(45);

/// Where objects are kept.
#[derive(Clone)]
pub enum Objects {
    /// In a folder of the machine.
    Folder(Arc<PathBuf>),
    /// In a bucket.
    Bucket(Arc<dyn ObjectStore>),
}

/// Its name: SHA-256 in lower-case hex.
pub fn name_of(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().fold(String::with_capacity(64), |mut hex, byte| {
        let _ = write!(hex, "{byte:02x}");
        hex
    })
}

impl Objects {
    /// Objects in `folder`, which is made when missing.
    pub fn folder(folder: &Path) -> Result<Self> {
        let made = || -> std::io::Result<()> {
            std::fs::create_dir_all(folder.join("aside"))?;
            for byte in 0..=255_u8 {
                std::fs::create_dir_all(folder.join(format!("{byte:02x}")))?;
            }
            sync_folder(folder)?;
            // What a killed run left half written has no name: nobody refers to it.
            for entry in std::fs::read_dir(folder.join("aside"))? {
                let entry = entry?;
                let old = entry.metadata()?.modified()?.elapsed().is_ok_and(|age| age.as_secs() > 3600);
                let name = entry.file_name().to_string_lossy().into_owned();
                if old {
                    let _ = std::fs::remove_file(entry.path());
                } else if let Some(name) = name.strip_prefix("gone-").filter(|n| n.len() == 64 && n.is_ascii()) {
                    // Cut short while its age was looked at.
                    std::fs::rename(entry.path(), place(folder, name))?;
                }
            }
            Ok(())
        };
        made()?;
        Ok(Self::Folder(Arc::new(folder.to_path_buf())))
    }

    /// Objects in the bucket `url` (`s3://bucket/prefix`); credentials and endpoint come from the usual `AWS_*`
    /// variables of the environment.
    pub fn bucket(url: &str) -> Result<Self> {
        let wrong = |e: object_store::Error| StoreError::Objects(e.to_string());
        let prefix = url.split_once("://").and_then(|(_, rest)| rest.split_once('/')).map_or("", |(_, p)| p);
        let retry = RetryConfig { max_retries: 5, retry_timeout: ASKED_AGAIN, ..RetryConfig::default() };
        let store = AmazonS3Builder::from_env().with_url(url).with_retry(retry).build().map_err(wrong)?;
        Ok(Self::Bucket(Arc::new(object_store::prefix::PrefixStore::new(store, prefix))))
    }

    /// Keeps `bytes` and returns their name when they are durable.
    pub async fn put(&self, bytes: Vec<u8>) -> Result<String> {
        match self {
            Self::Folder(folder) => {
                let folder = Arc::clone(folder);
                let written = tokio::task::spawn_blocking(move || {
                    let name = name_of(&bytes);
                    write(&folder, &name, &bytes).map(|()| name)
                });
                Ok(written.await.map_err(gone)??)
            }
            Self::Bucket(bucket) => {
                let name = name_of(&bytes);
                in_time(bucket.put(&key(&name), bytes.into())).await.map(|_| name)
            }
        }
    }

    /// The object of this name, checked.
    pub async fn get(&self, name: &str) -> Result<Vec<u8>> {
        if name.len() != 64 || !name.bytes().all(|b| b.is_ascii_hexdigit()) {
            return Err(StoreError::Missing);
        }
        let bytes = match self {
            Self::Folder(folder) => {
                let path = place(folder, name);
                let read = tokio::task::spawn_blocking(move || std::fs::read(path));
                read.await.map_err(gone)?.map_err(|e| StoreError::Objects(format!("{name}: {e}")))?
            }
            Self::Bucket(bucket) => in_time(async { bucket.get(&key(name)).await?.bytes().await }).await?.to_vec(),
        };
        if name_of(&bytes) == name { Ok(bytes) } else { Err(StoreError::Damaged(name.to_owned())) }
    }

    /// Deletes the object of this name unless it was written within `fresh`; `false` where it was and stays. One that is
    /// not there counts as deleted.
    ///
    /// In a folder it is taken out of its place before its age is looked at, so that one that is put there meanwhile
    /// stays. A bucket cannot do so: between the question and the deletion lies a moment.
    pub async fn remove(&self, name: &str, fresh: std::time::Duration) -> Result<bool> {
        if name.len() != 64 || !name.bytes().all(|b| b.is_ascii_hexdigit()) {
            return Err(StoreError::Missing);
        }
        match self {
            Self::Folder(folder) => {
                let (folder, name) = (Arc::clone(folder), name.to_owned());
                let removed = tokio::task::spawn_blocking(move || remove(&folder, &name, fresh));
                removed.await.map_err(gone)?.map_err(|e| StoreError::Objects(e.to_string()))
            }
            Self::Bucket(bucket) => {
                let wrong = |e: object_store::Error| StoreError::Objects(e.to_string());
                let about = match bucket.head(&key(name)).await {
                    Err(object_store::Error::NotFound { .. }) => return Ok(true),
                    about => about.map_err(wrong)?,
                };
                let written = std::time::SystemTime::from(about.last_modified);
                if written.elapsed().is_ok_and(|age| age < fresh) {
                    return Ok(false);
                }
                bucket.delete(&key(name)).await.map(|()| true).map_err(wrong)
            }
        }
    }

    /// Whether objects can be written now.
    pub async fn answers(&self) -> bool {
        matches!(tokio::time::timeout(super::ANSWERS, self.put(b"health".to_vec())).await, Ok(Ok(_)))
    }

    /// The folder, where it is one.
    pub fn as_folder(&self) -> Option<&Path> {
        match self {
            Self::Folder(folder) => Some(folder),
            Self::Bucket(_) => None,
        }
    }
}

/// What the bucket answers; one that does not is away.
async fn in_time<T>(asked: impl Future<Output = object_store::Result<T>>) -> Result<T> {
    let answer = tokio::time::timeout(PATIENCE, asked).await;
    let answer = answer.map_err(|_| StoreError::Objects("the bucket does not answer".to_owned()))?;
    answer.map_err(|e| StoreError::Objects(e.to_string()))
}

#[allow(clippy::needless_pass_by_value)] // as `map_err` hands it over
fn gone(error: tokio::task::JoinError) -> StoreError {
    StoreError::Objects(error.to_string())
}

fn key(name: &str) -> Key {
    Key::from(format!("{}/{}", &name[..2], &name[2..]))
}

/// The file of an object; `name` is 64 hex digits.
pub fn place(folder: &Path, name: &str) -> PathBuf {
    folder.join(&name[..2]).join(&name[2..])
}

fn write(folder: &Path, name: &str, bytes: &[u8]) -> std::io::Result<()> {
    let path = place(folder, name);
    let mut file = tempfile::NamedTempFile::new_in(folder.join("aside"))?;
    file.write_all(bytes)?;
    file.as_file().sync_data()?;
    // Also where it is there already: another may have renamed it and not have synced it yet.
    file.persist(&path).map_err(|e| e.error)?;
    path.parent().map_or(Ok(()), sync_folder)
}

fn remove(folder: &Path, name: &str, fresh: std::time::Duration) -> std::io::Result<bool> {
    let (path, away) = (place(folder, name), folder.join("aside").join(format!("gone-{name}")));
    match std::fs::rename(&path, &away) {
        Err(e) if e.kind() == std::io::ErrorKind::NotFound => return Ok(true),
        moved => moved?,
    }
    if away.metadata()?.modified()?.elapsed().is_ok_and(|age| age < fresh) {
        std::fs::rename(&away, &path)?;
        return Ok(false);
    }
    std::fs::remove_file(&away)?;
    path.parent().map_or(Ok(()), sync_folder).map(|()| true)
}

/// Makes names in `folder` durable. Windows has no such call and journals names by itself.
pub fn sync_folder(folder: &Path) -> std::io::Result<()> {
    if cfg!(unix) { File::open(folder)?.sync_all() } else { Ok(()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn what_is_put_is_got_and_damage_is_noticed() {
        let folder = tempfile::tempdir().unwrap();
        let objects = Objects::folder(folder.path()).unwrap();
        let name = objects.put(b"an ECG".to_vec()).await.unwrap();
        assert_eq!(objects.put(b"an ECG".to_vec()).await.unwrap(), name, "twice is once");
        assert_eq!(objects.get(&name).await.unwrap(), b"an ECG");
        std::fs::write(place(folder.path(), &name), b"an ECg").unwrap();
        assert!(matches!(objects.get(&name).await, Err(StoreError::Damaged(_))));
        for wrong in ["", "../../etc/passwd", &"g".repeat(64)] {
            assert!(matches!(objects.get(wrong).await, Err(StoreError::Missing)), "{wrong}");
        }
    }

    #[tokio::test]
    async fn what_was_just_written_is_not_removed() {
        let folder = tempfile::tempdir().unwrap();
        let objects = Objects::folder(folder.path()).unwrap();
        let name = objects.put(b"an ECG".to_vec()).await.unwrap();
        let hour = std::time::Duration::from_hours(1);
        assert!(!objects.remove(&name, hour).await.unwrap());
        assert_eq!(objects.get(&name).await.unwrap(), b"an ECG");
        let old = std::time::SystemTime::now() - 2 * hour;
        File::options().write(true).open(place(folder.path(), &name)).unwrap().set_modified(old).unwrap();
        assert!(objects.remove(&name, hour).await.unwrap());
        assert!(objects.get(&name).await.is_err());
        assert!(objects.remove(&name, hour).await.unwrap(), "gone is gone");
        assert!(std::fs::read_dir(folder.path().join("aside")).unwrap().next().is_none());
    }

    #[tokio::test]
    async fn a_bucket_keeps_what_is_fresh_and_removes_what_is_not() {
        let bucket = Objects::Bucket(Arc::new(object_store::memory::InMemory::new()));
        let name = bucket.put(b"an ECG".to_vec()).await.unwrap();
        assert!(!bucket.remove(&name, std::time::Duration::from_hours(1)).await.unwrap());
        assert_eq!(bucket.get(&name).await.unwrap(), b"an ECG");
        assert!(bucket.remove(&name, std::time::Duration::ZERO).await.unwrap());
        assert!(bucket.get(&name).await.is_err());
        assert!(bucket.remove(&name, std::time::Duration::ZERO).await.unwrap(), "gone is gone");
    }

    #[tokio::test]
    async fn a_full_disk_is_an_error_and_leaves_no_object() {
        let folder = tempfile::tempdir().unwrap();
        let objects = Objects::folder(folder.path()).unwrap();
        std::fs::remove_dir_all(folder.path().join("aside")).unwrap();
        assert!(matches!(objects.put(b"x".to_vec()).await, Err(StoreError::Objects(_))));
        assert!(!place(folder.path(), &name_of(b"x")).exists());
    }
}
