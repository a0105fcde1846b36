//! What is to be analysed. A job is a row beside its case, written in the same transaction: an acknowledged upload cannot
//! be without it. A worker holds a lease and renews it; where the worker dies the lease runs out and another takes the
//! job. From its second attempt on a job is analysed in a process of its own (`server::apart`), whose deaths alone count
//! against the file: a worker that was killed from outside says nothing of what it held. After two such deaths the case is
//! set aside for somebody to look at.
//!
//! The queue is this table and not a library's. Of apalis-sqlite and apalis-postgres 1.0.0 (read again in their sources):
//! `push_tasks` takes part in a transaction of `sqlx::Sqlite` or `sqlx::Postgres` only, while this store is one text on
//! `sqlx::Any`; a job ends in a statement of its own after its handler, not with its result; a dead worker is known by the
//! database's clock, which no test can set, and its job is taken again (`status = 'Pending'`) however often that happened,
//! where a file that ends processes must be set aside; and `SqliteStorage::setup` switches `synchronous` off.
//! `graphile_worker` is for PostgreSQL alone.

use super::{CaseRow, Entry, Reach, Result, Store, Tx, get, ms};
use crate::review::Action;
use crate::text::text;
use jiff::{SignedDuration, Timestamp};
use sqlx::{AssertSqlSafe, Row};

/// How long a worker may go without a sign of life.
const LEASE: SignedDuration = SignedDuration::from_secs(30);
/// How far the clocks of two machines may be apart. A lease that ends later than any could is of a clock that was wrong and
/// has been set back since: waiting for it could take years.
const SKEW: SignedDuration = SignedDuration::from_mins(5);
/// A job that ended this many processes of its own, after the worker that held it first, is set aside.
const DEATHS: i64 = 2;
/// Place of a second analysis in the queue: after all that waits for a reader.
const AGAIN: i64 = 9;

/// A job that this worker holds.
#[derive(Clone, Copy, Debug)]
pub struct Job {
    /// The case.
    pub case: i64,
    /// Which attempt this is, from 1.
    pub attempt: i64,
}

/// How much is waiting.
#[derive(Clone, Copy, Debug, Default)]
pub struct Queue {
    /// Jobs, running ones among them.
    pub jobs: i64,
    /// Enqueued at, of the oldest; ms.
    pub oldest: Option<i64>,
}

impl Tx {
    pub(crate) async fn enqueue(&mut self, case: i64, priority: i64, now: Timestamp) -> Result<()> {
        let sql = "INSERT INTO job (ecg, priority, enqueued, attempts, lease) VALUES ($1, $2, $3, 0, 0) \
                   ON CONFLICT (ecg) DO NOTHING";
        sqlx::query(sql).bind(case).bind(priority).bind(ms(now)).execute(&mut *self.inner).await?;
        Ok(())
    }

    pub(crate) async fn done(&mut self, case: i64) -> Result<()> {
        sqlx::query("DELETE FROM job WHERE ecg = $1").bind(case).execute(&mut *self.inner).await?;
        Ok(())
    }
}

impl Store {
    /// Takes the most urgent job that nobody holds.
    pub async fn take_job(&self, worker: &str, now: Timestamp) -> Result<Option<Job>> {
        let mut tx = self.begin().await?;
        let skip = if tx.for_update().is_empty() { "" } else { " FOR UPDATE SKIP LOCKED" };
        let sql = format!(
            "UPDATE job SET owner = $1, lease = $2, attempts = attempts + 1 WHERE ecg = (SELECT ecg FROM job \
             WHERE lease < $3 OR lease > $4 ORDER BY priority, enqueued LIMIT 1{skip}) RETURNING ecg, attempts"
        );
        let take = sqlx::query(AssertSqlSafe(sql)).bind(worker.to_owned()).bind(ms(now + LEASE)).bind(ms(now));
        let take = take.bind(ms(now + LEASE + SKEW));
        let row = take.fetch_optional(&mut *tx.inner).await?;
        let job = row.map(|r| Ok::<_, sqlx::Error>(Job { case: r.try_get("ecg")?, attempt: r.try_get("attempts")? }));
        let job = job.transpose()?;
        tx.commit().await?;
        Ok(job)
    }

    /// Says that the worker is alive; `false` = the job is no longer its own.
    pub async fn renew_job(&self, job: Job, worker: &str, now: Timestamp) -> Result<bool> {
        let sql = "UPDATE job SET lease = $1 WHERE ecg = $2 AND owner = $3 AND attempts = $4";
        let renew = sqlx::query(sql).bind(ms(now + LEASE)).bind(job.case).bind(worker.to_owned()).bind(job.attempt);
        Ok(renew.execute(&self.writing).await?.rows_affected() > 0)
    }

    /// Gives a job back after a failure that is not the file's (database or objects away); it is tried again soon and
    /// does not count as an attempt.
    pub async fn return_job(&self, job: Job, worker: &str, now: Timestamp) -> Result<()> {
        let later = ms(now + SignedDuration::from_secs(2));
        let sql = "UPDATE job SET lease = $1, attempts = attempts - 1, owner = NULL WHERE ecg = $2 AND owner = $3";
        sqlx::query(sql).bind(later).bind(job.case).bind(worker.to_owned()).execute(&self.writing).await?;
        Ok(())
    }

    /// Frees the jobs of workers that are known to be dead: those of an earlier run in the same folder.
    pub async fn free_jobs(&self, prefix: &str) -> Result<()> {
        let sql = "UPDATE job SET lease = 0, owner = NULL WHERE owner LIKE $1";
        sqlx::query(sql).bind(format!("{prefix}%")).execute(&self.writing).await?;
        Ok(())
    }

    /// Says that the process that analysed this job alone died of it: the job is tried once more, then set aside.
    pub async fn died(&self, job: Job, worker: &str, now: Timestamp) -> Result<()> {
        let sql = "UPDATE job SET lease = 0, owner = NULL, deaths = deaths + 1 WHERE ecg = $1 AND owner = $2 \
                   RETURNING deaths";
        let died = sqlx::query(sql).bind(job.case).bind(worker.to_owned()).fetch_optional(&self.writing).await?;
        let deaths: i64 = died.map_or(Ok(0), |row| get(&row, "deaths"))?;
        if deaths < DEATHS {
            return Ok(());
        }
        let reason = text(
            "分析程序三次因此文件异常终止，请人工查看",
            "the analysis was ended by this file three times: look at it",
        );
        self.set_aside(job.case, &reason, now).await
    }

    /// How much is waiting.
    pub async fn queue(&self) -> Result<Queue> {
        let sql = "SELECT COUNT(*) AS n, MIN(enqueued) AS oldest FROM job";
        let row = sqlx::query(sql).fetch_one(&self.reading).await?;
        Ok(Queue { jobs: get(&row, "n")?, oldest: get(&row, "oldest")? })
    }

    /// Enqueues again what was analysed, by time of arrival and site; what a reader has open or a second reader waits
    /// for stays as it is. Returns how many.
    pub async fn reanalyse(
        &self,
        (from, to): (Option<Timestamp>, Option<Timestamp>),
        reach: &Reach,
        by: i64,
        now: Timestamp,
    ) -> Result<u64> {
        let mut tx = self.begin().await?;
        let sql = "INSERT INTO job (ecg, priority, enqueued, attempts, lease) SELECT id, $1, $2, 0, 0 FROM ecg \
                   WHERE state IN ('waiting', 'reported', 'set-aside', 'refused') AND received >= $3 AND received < $4 \
                   AND erased IS NULL AND path >= $5 AND path < $6 ON CONFLICT (ecg) DO NOTHING";
        let add = sqlx::query(sql).bind(AGAIN).bind(ms(now)).bind(from.map_or(0, ms)).bind(to.map_or(i64::MAX, ms));
        let added = add.bind(reach.from().to_owned()).bind(reach.to()).execute(&mut *tx.inner).await?.rows_affected();
        let detail = serde_json::json!({ "queued": added, "from": from, "to": to });
        tx.audit(Entry { person: Some(by), action: "reanalysis", detail, ..Entry::default() }, now).await?;
        tx.commit().await?;
        self.queued.notify_waiters();
        Ok(added)
    }

    /// Enqueues one case again, at its own urgency.
    pub async fn retry(&self, row: &CaseRow, by: Entry, now: Timestamp) -> Result<()> {
        let mut tx = self.begin().await?;
        tx.done(row.id).await?;
        tx.enqueue(row.id, super::clinical::rank(row.priority), now).await?;
        tx.audit(by, now).await?;
        tx.commit().await?;
        self.queued.notify_waiters();
        Ok(())
    }

    /// Sets a case aside: it could not be analysed.
    pub async fn set_aside(&self, case: i64, reason: &crate::text::Text, now: Timestamp) -> Result<()> {
        let mut tx = self.begin().await?;
        tx.done(case).await?;
        let mut row = tx.case(case).await?;
        let action = Action::SetAside { reason: reason.clone() };
        // A second analysis that fails leaves the case as the first one made it.
        if let Ok((next, _)) = crate::review::apply(&row.case, &action, None, now, &crate::review::Rules::default()) {
            row.case = next;
            row.reason = Some(reason.zh.to_string());
            tx.save(&mut row).await?;
        }
        let entry = Entry { action: "set-aside", case: Some(case), site: Some(row.site.id), ..Entry::default() };
        tx.audit(entry, now).await?;
        tx.commit().await?;
        self.changed.notify_waiters();
        Ok(())
    }
}
