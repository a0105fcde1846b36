//! Originals whose time has come: listed, and deleted when an administrator says so. The case, its analysis and its signed
//! reports stay; which files went is in the audit.
//!
//! A case is marked and its files are noted as doomed in one transaction; then the objects go. What a power cut leaves is
//! in the list of the doomed and goes the next time. Objects are named by content: one that another case or a report still
//! needs stays, and one that was written within [`FRESH`] may belong to an upload that is not in the database yet.

use super::row::{COLUMNS, FROM};
use super::{CaseRow, Entry, Reach, Result, Signed, Store, get, ms};
use crate::review::expired;
use jiff::Timestamp;
use serde_json::json;
use sqlx::{AssertSqlSafe, Row};
use std::collections::BTreeSet;
use std::time::Duration;

/// An object younger than this is left for the next time: uploads take minutes at most.
const FRESH: Duration = Duration::from_hours(1);
/// Cases of one transaction.
const AT_ONCE: i64 = 200;

/// What was deleted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Erased {
    /// Cases whose originals are gone.
    pub cases: i64,
    /// Objects deleted.
    pub objects: i64,
    /// Objects that wait for the next time.
    pub waiting: i64,
}

/// Where the expired are, by a cut-off `$1` and a reach `$2`, `$3`; `review` decides on each.
const WHERE: &str = " WHERE e.erased IS NULL AND e.received < $1 AND e.state IN ('reported', 'refused', 'set-aside') \
                     AND COALESCE(e.alarm, '') NOT IN ('raised', 'acknowledged') \
                     AND NOT EXISTS (SELECT 1 FROM version v WHERE v.ecg = e.id AND v.signed >= $1) \
                     AND e.path >= $2 AND e.path < $3";

impl Store {
    /// Cases of `reach` whose originals have expired: how many, their bytes, and the oldest `most`.
    pub async fn expired(&self, cutoff: Timestamp, reach: &Reach, most: i64) -> Result<(i64, Vec<CaseRow>)> {
        let sql = format!("SELECT COUNT(*) AS n{FROM}{WHERE}");
        let ask = sqlx::query(AssertSqlSafe(sql)).bind(ms(cutoff)).bind(reach.from().to_owned()).bind(reach.to());
        let number: i64 = get(&ask.fetch_one(&self.reading).await?, "n")?;
        let sql = format!("SELECT {COLUMNS}{FROM}{WHERE} ORDER BY e.received, e.id LIMIT {most}");
        let ask = sqlx::query(AssertSqlSafe(sql)).bind(ms(cutoff)).bind(reach.from().to_owned()).bind(reach.to());
        let rows = ask.fetch_all(&self.reading).await?.iter().map(CaseRow::of).collect::<Result<Vec<_>>>()?;
        Ok((number, rows))
    }

    /// Deletes the originals of at most `most` expired cases.
    pub async fn erase(
        &self,
        cutoff: Timestamp,
        reach: &Reach,
        most: i64,
        by: Option<i64>,
        now: Timestamp,
    ) -> Result<Erased> {
        let _alone = self.keeping.lock().await;
        let mut erased = Erased::default();
        while erased.cases < most {
            let (_, rows) = self.expired(cutoff, reach, AT_ONCE.min(most - erased.cases)).await?;
            let marked = self.mark(&rows, cutoff, by, now).await?;
            if marked == 0 {
                break;
            }
            erased.cases += marked;
        }
        let (objects, waiting) = self.sweep().await?;
        Ok(Erased { objects, waiting, ..erased })
    }

    /// Marks what is still expired, and dooms its files.
    async fn mark(&self, rows: &[CaseRow], cutoff: Timestamp, by: Option<i64>, now: Timestamp) -> Result<i64> {
        let mut tx = self.begin().await?;
        let mut marked = 0;
        for seen in rows {
            let mut row = tx.case(seen.id).await?;
            let signed = tx.newest_version(row.id).await?.map_or(row.received, |v| v.signed);
            let last = signed.max(row.received);
            if row.erased.is_some() || !expired(&row.case, row.alarm_step(), last, cutoff) {
                continue;
            }
            for file in &row.files {
                let sql = "INSERT INTO doomed (object) VALUES ($1) ON CONFLICT (object) DO NOTHING";
                sqlx::query(sql).bind(file.sha256.clone()).execute(&mut *tx.inner).await?;
            }
            let mark = sqlx::query("UPDATE ecg SET erased = $1 WHERE id = $2").bind(ms(now)).bind(row.id);
            mark.execute(&mut *tx.inner).await?;
            tx.done(row.id).await?;
            tx.save(&mut row).await?;
            let files: Vec<_> = row.files.iter().map(|f| json!({ "sha256": f.sha256, "bytes": f.bytes })).collect();
            let (case, site) = (Some(row.id), Some(row.site.id));
            let entry = Entry { person: by, case, site, action: "originals-erased", ..Entry::default() };
            tx.audit(Entry { detail: json!({ "files": files, "before": cutoff }), ..entry }, now).await?;
            marked += 1;
        }
        tx.commit().await?;
        self.changed.notify_waiters();
        Ok(marked)
    }

    /// Deletes the doomed objects that nothing needs any more; returns how many, and how many wait.
    async fn sweep(&self) -> Result<(i64, i64)> {
        let rows = sqlx::query("SELECT object FROM doomed").fetch_all(&self.reading).await?;
        let mut doomed = rows.iter().map(|r| get::<String>(r, "object")).collect::<Result<BTreeSet<_>>>()?;
        let all = doomed.clone();
        self.spare(&mut doomed).await?;
        let (mut gone, mut waiting) = (0, 0);
        for object in &all {
            if doomed.contains(object) {
                if !self.objects.remove(object, FRESH).await? {
                    waiting += 1;
                    continue;
                }
                gone += 1;
            }
            let done = sqlx::query("DELETE FROM doomed WHERE object = $1").bind(object.clone());
            done.execute(&self.writing).await?;
        }
        Ok((gone, waiting))
    }

    /// Takes out of `doomed` what a case that keeps its originals, an analysis or a signed report refers to.
    async fn spare(&self, doomed: &mut BTreeSet<String>) -> Result<()> {
        let mut last = 0;
        while !doomed.is_empty() {
            let sql = "SELECT id, files, analysis, erased FROM ecg WHERE id > $1 ORDER BY id LIMIT 1000";
            let rows = sqlx::query(sql).bind(last).fetch_all(&self.reading).await?;
            let Some(end) = rows.last() else { break };
            last = get(end, "id")?;
            for row in &rows {
                let analysis: Option<String> = get(row, "analysis")?;
                if let Some(object) = analysis {
                    doomed.remove(&object);
                }
                if get::<Option<i64>>(row, "erased")?.is_none() {
                    let files: Vec<super::File> = serde_json::from_str(&get::<String>(row, "files")?)?;
                    for file in &files {
                        doomed.remove(&file.sha256);
                    }
                }
            }
        }
        let (mut last, mut number) = (0, 0);
        while !doomed.is_empty() {
            let sql = "SELECT ecg, version, body FROM version WHERE ecg > $1 OR (ecg = $1 AND version > $2) \
                       ORDER BY ecg, version LIMIT 1000";
            let rows = sqlx::query(sql).bind(last).bind(number).fetch_all(&self.reading).await?;
            let Some(end) = rows.last() else { break };
            (last, number) = (end.try_get::<i64, _>("ecg")?, end.try_get::<i64, _>("version")?);
            for row in &rows {
                let body: Signed = serde_json::from_str(&get::<String>(row, "body")?)?;
                for object in [&body.pdf_zh, &body.pdf_en, &body.json, &body.fhir] {
                    doomed.remove(object);
                }
            }
        }
        Ok(())
    }
}
