//! Back-up while running, and restore. The database is copied first (`VACUUM INTO` is a consistent snapshot), then the
//! objects: as objects are never changed, and none is deleted meanwhile, every object that
//! the copy refers to is there.

use super::objects::{name_of, sync_folder};
use super::{EMBEDDED_ONLY, Engine, Entry, Result, Store, StoreError, get};
use jiff::Timestamp;
use serde_json::json;
use sqlx::AssertSqlSafe;
use std::path::Path;

/// A back-up that was made.
#[derive(Clone, Debug)]
pub struct Backup {
    /// Bytes of database and objects.
    pub bytes: u64,
    /// Number of objects.
    pub objects: u64,
}

fn failed(error: impl std::fmt::Display) -> StoreError {
    StoreError::Objects(error.to_string())
}

impl Store {
    /// Size of the embedded database.
    pub async fn database_bytes(&self) -> Result<u64> {
        let sql = "SELECT page_count * page_size AS n FROM pragma_page_count(), pragma_page_size()";
        Ok(get::<i64>(&sqlx::query(sql).fetch_one(&self.reading).await?, "n")?.unsigned_abs())
    }

    /// Copies everything into `folder`, which must not be there yet. Cut short, it leaves nothing; killed, a folder
    /// without `centre.sqlite`, which `restore` refuses.
    pub async fn back_up(&self, folder: &Path, by: Option<i64>, now: Timestamp) -> Result<Backup> {
        let (Engine::Sqlite, Some(objects)) = (self.engine, self.objects.as_folder()) else {
            return Err(StoreError::Unsupported(EMBEDDED_ONLY));
        };
        let _alone = self.keeping.lock().await;
        let name = folder.file_name().map_or_else(String::new, |n| n.to_string_lossy().into_owned());
        let detail = json!({ "name": name });
        self.record(Entry { person: by, action: "backed-up", detail, ..Entry::default() }, now).await?;
        std::fs::create_dir(folder)?;
        let made = self.copy_all(folder, objects).await;
        if made.is_err() {
            // Half a back-up is of no use, and the room it takes may be what there was too little of.
            let _ = std::fs::remove_dir_all(folder);
        }
        made
    }

    async fn copy_all(&self, folder: &Path, objects: &Path) -> Result<Backup> {
        let copy = folder.join("centre.copying");
        let target = copy.to_string_lossy().replace('\'', "''");
        sqlx::query(AssertSqlSafe(format!("VACUUM INTO '{target}'"))).execute(&self.reading).await?;
        let (from, to) = (objects.to_path_buf(), folder.join("objects"));
        let copied = tokio::task::spawn_blocking(move || copy_objects(&from, &to));
        let (bytes, objects) = copied.await.map_err(failed)??;
        let finish = || -> std::io::Result<u64> {
            let file = std::fs::File::open(&copy)?;
            file.sync_all()?;
            std::fs::rename(&copy, folder.join("centre.sqlite"))?;
            sync_folder(folder)?;
            Ok(file.metadata()?.len())
        };
        Ok(Backup { bytes: bytes + finish()?, objects })
    }
}

/// Copies objects that are not there yet; returns bytes and number.
fn copy_objects(from: &Path, to: &Path) -> std::io::Result<(u64, u64)> {
    let (mut bytes, mut number) = (0, 0);
    for group in std::fs::read_dir(from)? {
        let group = group?;
        let name = group.file_name();
        if name.len() != 2 {
            continue;
        }
        let target = to.join(&name);
        std::fs::create_dir_all(&target)?;
        for object in std::fs::read_dir(group.path())? {
            let object = object?;
            let target = target.join(object.file_name());
            // A hard link costs nothing where the back-up is on the same disk, and an object is never written again in
            // place; a copy where it is not.
            if std::fs::hard_link(object.path(), &target).is_err() {
                std::fs::copy(object.path(), &target)?;
                std::fs::File::open(&target)?.sync_all()?;
            }
            bytes += object.metadata()?.len();
            number += 1;
        }
        sync_folder(&target)?;
    }
    Ok((bytes, number))
}

/// Puts the back-up in `folder` in place as the store `data`, which must hold none. Every object is checked against its
/// name first.
pub fn restore(folder: &Path, data: &Path) -> Result<Backup> {
    let database = folder.join("centre.sqlite");
    if !database.is_file() || data.join("centre.sqlite").exists() {
        return Err(StoreError::Missing);
    }
    for group in std::fs::read_dir(folder.join("objects"))? {
        let group = group?.path();
        for object in std::fs::read_dir(&group)? {
            let path = object?.path();
            let named =
                [&group, &path].map(|p| p.file_name().map_or_else(String::new, |n| n.to_string_lossy().into_owned()));
            let bytes = std::fs::read(&path)?;
            if name_of(&bytes) != named.concat() {
                return Err(StoreError::Damaged(named.concat()));
            }
        }
    }
    std::fs::create_dir_all(data)?;
    let (bytes, objects) = copy_objects(&folder.join("objects"), &data.join("objects"))?;
    let copying = data.join("centre.copying");
    let size = std::fs::copy(&database, &copying)?;
    std::fs::File::open(&copying).and_then(|f| f.sync_all())?;
    std::fs::rename(&copying, data.join("centre.sqlite"))?;
    sync_folder(data)?;
    Ok(Backup { bytes: bytes + size, objects })
}
