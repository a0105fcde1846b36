//! API keys: for machines that send, and for what watches the centre. Kept as hashes.

use super::{Entry, Reach, Result, Store, StoreError, at, get, ms, of_word, word};
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use serde_json::json;
use sqlx::Row;
use sqlx::any::AnyRow;

/// What a key opens.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum KeyScope {
    /// Sending ECGs for a site and fetching their reports.
    Upload,
    /// The metrics.
    Metrics,
}

/// A key, without its secret.
#[derive(Clone, Debug)]
pub struct Key {
    /// Key of the key.
    pub id: i64,
    /// What it is called.
    pub name: String,
    /// For which site.
    pub site: i64,
    /// Name of the site.
    pub site_name: String,
    /// Path of the site.
    pub path: String,
    /// What it opens.
    pub scope: KeyScope,
    /// First characters of the secret.
    pub prefix: String,
    /// When it was made.
    pub created: Timestamp,
    /// When it was last used, to the minute.
    pub last_used: Option<Timestamp>,
    /// When it was revoked.
    pub revoked: Option<Timestamp>,
}

const SELECT: &str = "SELECT k.*, s.name AS site_name, s.path AS site_path FROM api_key k JOIN site s ON s.id = k.site";

impl Key {
    fn of(row: &AnyRow) -> Result<Self> {
        let scope: String = get(row, "scope")?;
        let (used, revoked): (Option<i64>, Option<i64>) = (get(row, "last_used")?, get(row, "revoked")?);
        Ok(Self {
            id: get(row, "id")?,
            name: get(row, "name")?,
            site: get(row, "site")?,
            site_name: get(row, "site_name")?,
            path: get(row, "site_path")?,
            scope: of_word(&scope)?,
            prefix: get(row, "prefix")?,
            created: at(get(row, "created")?),
            last_used: used.map(at),
            revoked: revoked.map(at),
        })
    }
}

impl Store {
    /// Adds a key by the hash of its secret.
    pub async fn add_key(
        &self,
        (name, site, scope): (&str, i64, KeyScope),
        (prefix, hash): (&str, &str),
        by: Option<i64>,
        now: Timestamp,
    ) -> Result<i64> {
        let mut tx = self.begin().await?;
        let sql = "INSERT INTO api_key (name, site, scope, prefix, hash, created) VALUES ($1, $2, $3, $4, $5, $6) RETURNING id";
        let add = sqlx::query(sql).bind(name.to_owned()).bind(site).bind(word(&scope)).bind(prefix.to_owned());
        let id: i64 = add.bind(hash.to_owned()).bind(ms(now)).fetch_one(&mut *tx.inner).await?.try_get("id")?;
        let detail = json!({ "key": id, "scope": scope });
        let entry = Entry { person: by, action: "key-added", site: Some(site), detail, ..Entry::default() };
        tx.audit(entry, now).await?;
        tx.commit().await?;
        Ok(id)
    }

    /// Takes a key out of use.
    pub async fn revoke_key(&self, key: &Key, by: Option<i64>, now: Timestamp) -> Result<()> {
        let mut tx = self.begin().await?;
        let sql = "UPDATE api_key SET revoked = $1 WHERE id = $2 AND revoked IS NULL";
        sqlx::query(sql).bind(ms(now)).bind(key.id).execute(&mut *tx.inner).await?;
        let detail = json!({ "key": key.id });
        let entry = Entry { person: by, action: "key-revoked", site: Some(key.site), detail, ..Entry::default() };
        tx.audit(entry, now).await?;
        tx.commit().await
    }

    /// The key of this secret's hash, unless it was revoked.
    pub async fn key_of_hash(&self, hash: &str, now: Timestamp) -> Result<Key> {
        let sql = sqlx::AssertSqlSafe(format!("{SELECT} WHERE k.hash = $1 AND k.revoked IS NULL"));
        let row = sqlx::query(sql).bind(hash.to_owned()).fetch_optional(&self.reading).await?;
        let key = row.as_ref().map_or(Err(StoreError::Missing), Key::of)?;
        if key.last_used.is_none_or(|used| now.duration_since(used) > SignedDuration::from_mins(1)) {
            let touch = sqlx::query("UPDATE api_key SET last_used = $1 WHERE id = $2").bind(ms(now)).bind(key.id);
            let _ = touch.execute(&self.writing).await; // best effort, as a session's
        }
        Ok(key)
    }

    /// A key by its key.
    pub async fn key(&self, id: i64) -> Result<Key> {
        let sql = sqlx::AssertSqlSafe(format!("{SELECT} WHERE k.id = $1"));
        let row = sqlx::query(sql).bind(id).fetch_optional(&self.reading).await?;
        row.as_ref().map_or(Err(StoreError::Missing), Key::of)
    }

    /// The keys of the sites in reach, newest first.
    pub async fn keys(&self, reach: &Reach) -> Result<Vec<Key>> {
        let sql = format!("{SELECT} WHERE s.path >= $1 AND s.path < $2 ORDER BY k.id DESC");
        let query = sqlx::query(sqlx::AssertSqlSafe(sql)).bind(reach.from().to_owned()).bind(reach.to());
        query.fetch_all(&self.reading).await?.iter().map(Key::of).collect()
    }
}
