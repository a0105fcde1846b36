//! What the centre keeps: one SQL database (embedded `SQLite`, or `PostgreSQL` by URL), objects named by their content, and
//! the append-only audit. It decides nothing: `review` says what may happen, this carries it out in one transaction.
//!
//! `SQLite` runs with a write-ahead log and `synchronous=FULL` (<https://www.sqlite.org/wal.html>): a transaction that has
//! been acknowledged survives a power cut. One connection writes, so that writers queue instead of failing; others read.

mod audit;
mod backup;
mod blind;
mod cases;
mod clinical;
mod course;
mod drafts;
mod jobs;
mod keys;
mod objects;
mod people;
mod quality;
mod reach;
mod retention;
mod row;
mod schema;
mod search;
mod sessions;
mod settings;
mod sites;
mod versions;

pub use audit::{Chain, Entry, Recorded};
pub use backup::{Backup, restore};
pub use blind::{NewRound, Round};
pub use cases::{File, NewCase, Received};
pub use clinical::Clinical;
pub use course::{Analysed, Change, possible};
pub use drafts::{Draft, Fiducials, FirstReading};
pub use jobs::{Job, Queue};
pub use keys::{Key, KeyScope};
pub use objects::Objects;
pub use people::{NewPerson, Person};
pub use quality::{Group, IndicatorRow, Indicators, StatementQuality};
pub use reach::Reach;
pub use retention::Erased;
pub use row::{CaseRow, Named};
pub use search::{Counts, Found, Query, View};
pub use sessions::Session;
pub use settings::CentreSettings;
pub use sites::{SecondRule, Site, SiteKind};
pub use versions::{Signed, Version};

use crate::review::{Misplaced, Refusal};
use crate::text::{Text, text};
use jiff::Timestamp;
use sqlx::any::{AnyPoolOptions, AnyRow};
use sqlx::{Any, AnyPool, Connection, Executor, Row, Transaction};
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::Notify;

/// Why the store did not do it.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The database failed or is away.
    #[error("database: {0}")]
    Database(#[from] sqlx::Error),
    /// An object could not be written or read.
    #[error("objects: {0}")]
    Objects(String),
    /// There is no room for it.
    #[error("no room left: {0}")]
    Full(String),
    /// An object is not what its name says.
    #[error("object {0} is damaged")]
    Damaged(String),
    /// Something in the database does not make sense.
    #[error("the store holds what it should not: {0}")]
    Corrupt(String),
    /// The originals were deleted when their time had come.
    #[error("the originals were deleted")]
    Erased,
    /// There is none.
    #[error("not found")]
    Missing,
    /// It has moved on since it was seen.
    #[error("stale")]
    Stale,
    /// It is there already (a login name, for one).
    #[error("taken")]
    Taken,
    /// The rules of a case refuse the step.
    #[error("refused: {0:?}")]
    Refused(Refusal),
    /// The tree of sites does not allow it.
    #[error("misplaced: {0:?}")]
    Misplaced(Misplaced),
    /// The database was written by a newer program.
    #[error("the store has schema {0}, this program knows {1}")]
    Newer(i64, i64),
    /// Not on this kind of store.
    #[error("{}", .0.en)]
    Unsupported(Text),
}

impl From<Refusal> for StoreError {
    fn from(refusal: Refusal) -> Self {
        Self::Refused(refusal)
    }
}

/// Of the folders of objects and back-ups.
impl From<std::io::Error> for StoreError {
    fn from(error: std::io::Error) -> Self {
        use std::io::ErrorKind::{QuotaExceeded, StorageFull};
        let full = matches!(error.kind(), StorageFull | QuotaExceeded);
        if full { Self::Full(error.to_string()) } else { Self::Objects(error.to_string()) }
    }
}

impl From<serde_json::Error> for StoreError {
    fn from(error: serde_json::Error) -> Self {
        Self::Corrupt(error.to_string())
    }
}

/// Of the store's own calls.
pub type Result<T> = std::result::Result<T, StoreError>;

/// What has not answered by then is away.
const ANSWERS: Duration = Duration::from_secs(3);

/// Which database it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Engine {
    /// Embedded.
    Sqlite,
    /// A server's.
    Postgres,
}

/// The store. Cheap to clone.
#[derive(Clone)]
pub struct Store {
    engine: Engine,
    reading: AnyPool,
    writing: AnyPool,
    objects: Objects,
    /// Woken when this process has written an event; others' are found by asking.
    changed: Arc<Notify>,
    /// Woken when there is something to analyse.
    queued: Arc<Notify>,
    /// Held by what copies objects and by what deletes them.
    keeping: Arc<tokio::sync::Mutex<()>>,
}

/// A transaction that writes.
pub(crate) struct Tx {
    pub(crate) inner: Transaction<'static, Any>,
    engine: Engine,
}

impl Store {
    /// Opens the store at `database` (`sqlite:PATH` or `postgres://…`), making its tables where there are none.
    pub async fn open(database: &str, objects: Objects) -> Result<Self> {
        sqlx::any::install_default_drivers();
        let engine = if database.starts_with("postgres") { Engine::Postgres } else { Engine::Sqlite };
        let pool = |most: u32| {
            let options = AnyPoolOptions::new().max_connections(most).acquire_timeout(Duration::from_secs(10));
            // SQLite ends a transaction by itself where the disk is full. The roll-back that follows fails, and sqlx takes the
            // connection to be within a transaction from then on: nothing could be written until the program starts anew.
            let options = options.before_acquire(|connection, _| {
                let usable = !connection.is_in_transaction();
                Box::pin(async move { Ok(usable) })
            });
            options.after_connect(move |connection, _| Box::pin(async move { prepare(engine, connection).await }))
        };
        let (readers, writers) = match engine {
            Engine::Sqlite => (6, 1),
            Engine::Postgres => (8, 8),
        };
        let writing = pool(writers).connect(database).await?;
        schema::migrate(&writing, engine).await?;
        let reading = pool(readers).connect(database).await?;
        let (changed, queued, keeping) = Default::default();
        Ok(Self { engine, reading, writing, objects, changed, queued, keeping })
    }

    /// The embedded store in the folder `data`.
    pub async fn embedded(data: &Path) -> Result<Self> {
        let database = data.join("centre.sqlite");
        let url = format!("sqlite://{}?mode=rwc", database.display());
        Self::open(&url, Objects::folder(&data.join("objects"))?).await
    }

    /// Which database it is.
    pub const fn engine(&self) -> Engine {
        self.engine
    }

    /// The objects.
    pub const fn objects(&self) -> &Objects {
        &self.objects
    }

    pub(crate) async fn begin(&self) -> Result<Tx> {
        let inner = match self.engine {
            // Deferred transactions fail where two upgrade from reading to writing at once; immediate ones wait.
            Engine::Sqlite => self.writing.begin_with("BEGIN IMMEDIATE").await?,
            Engine::Postgres => self.writing.begin().await?,
        };
        Ok(Tx { inner, engine: self.engine })
    }

    /// Waits until this process has written an event, or `longest` has passed.
    pub async fn changed(&self, longest: Duration) {
        let _ = tokio::time::timeout(longest, self.changed.notified()).await;
    }

    /// Waits until there may be something to analyse, or `longest` has passed.
    pub async fn queued(&self, longest: Duration) {
        let _ = tokio::time::timeout(longest, self.queued.notified()).await;
    }

    /// Whether the database answers.
    pub async fn answers(&self) -> bool {
        let ask = sqlx::query("SELECT 1").execute(&self.reading);
        matches!(tokio::time::timeout(ANSWERS, ask).await, Ok(Ok(_)))
    }

    /// Runs one statement of SQL: for those who look after the database, and for tests.
    pub async fn run(&self, statement: &'static str) -> Result<u64> {
        Ok(sqlx::query(statement).execute(&self.writing).await?.rows_affected())
    }

    /// Ends every connection; what is written stays.
    pub async fn close(&self) {
        self.reading.close().await;
        self.writing.close().await;
    }
}

impl Tx {
    pub(crate) async fn commit(self) -> Result<()> {
        Ok(self.inner.commit().await?)
    }

    /// The end of a query whose rows others may read, but not change, until the transaction ends.
    pub(crate) const fn for_share(&self) -> &'static str {
        match self.engine {
            Engine::Sqlite => "",
            Engine::Postgres => " FOR SHARE",
        }
    }

    /// The end of a query whose rows stay locked until the transaction ends.
    pub(crate) const fn for_update(&self) -> &'static str {
        match self.engine {
            Engine::Sqlite => "",
            Engine::Postgres => " FOR UPDATE",
        }
    }
}

async fn prepare(engine: Engine, connection: &mut sqlx::AnyConnection) -> std::result::Result<(), sqlx::Error> {
    if engine == Engine::Sqlite {
        let pragmas = "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON; \
                       PRAGMA busy_timeout = 10000; PRAGMA cache_size = -16000; PRAGMA journal_size_limit = 67108864;";
        connection.execute(sqlx::raw_sql(pragmas)).await?;
    }
    Ok(())
}

pub(crate) fn ms(at: Timestamp) -> i64 {
    at.as_millisecond()
}

/// A time out of the database; one out of range is the epoch.
pub(crate) fn at(ms: i64) -> Timestamp {
    Timestamp::from_millisecond(ms).unwrap_or(Timestamp::UNIX_EPOCH)
}

/// A column of a row.
pub(crate) fn get<'r, T>(row: &'r AnyRow, name: &str) -> Result<T>
where
    T: sqlx::Decode<'r, Any> + sqlx::Type<Any>,
{
    Ok(row.try_get(name)?)
}

/// A kebab-case word of an enumeration, as serde writes it.
pub(crate) fn word<T: serde::Serialize>(value: &T) -> String {
    match serde_json::to_value(value) {
        Ok(serde_json::Value::String(word)) => word,
        _ => String::new(),
    }
}

/// The enumeration's value of a word.
pub(crate) fn of_word<T: serde::de::DeserializeOwned>(word: &str) -> Result<T> {
    Ok(serde_json::from_value(serde_json::Value::String(word.to_owned()))?)
}

/// Said where only the embedded store with a folder of objects can do it.
pub(crate) const EMBEDDED_ONLY: Text = text(
    "仅内置数据库支持；PostgreSQL 请使用其自带工具",
    "only with the embedded database; use PostgreSQL's own tools otherwise",
);
