//! Rounds of blind re-reading: which signed cases a reader reads again without seeing what was signed, and what came of it.

use super::row::{COLUMNS, FROM};
use super::{CaseRow, Entry, Named, Person, Reach, Result, Signed, Store, StoreError, at, get, ms};
use crate::review::{Line, Pair, sample};
use jiff::Timestamp;
use serde_json::json;
use sqlx::{AssertSqlSafe, Row};
use std::collections::BTreeSet;

/// What a quality officer asks for.
#[derive(Clone, Copy, Debug)]
pub struct NewRound<'a> {
    /// The month, as `2026-11`.
    pub month: &'a str,
    /// Signed from, until before.
    pub signed: (Timestamp, Timestamp),
    /// How many cases.
    pub number: usize,
    /// Of the draw.
    pub seed: i64,
    /// Who reads them.
    pub reader: &'a Person,
}

/// A round of blind re-reading.
#[derive(Clone, Debug)]
pub struct Round {
    /// Its key.
    pub id: i64,
    /// The month, as `2026-11`.
    pub month: String,
    /// Seed of the draw.
    pub seed: i64,
    /// Who reads.
    pub reader: Named,
    /// When it was drawn.
    pub made: Timestamp,
    /// Cases in it.
    pub number: i64,
    /// What was signed and what was read, of the cases that are read.
    pub pairs: Vec<Pair>,
}

/// The statements of a conclusion.
fn ids(lines: &[Line]) -> BTreeSet<String> {
    lines.iter().filter_map(|l| l.statement.clone()).collect()
}

impl Store {
    /// Draws a round among the newest versions signed in the time that the reader may see and has never signed; a case that
    /// somebody is to read blindly already is left out. `None` where there is no such case.
    pub async fn begin_round(
        &self,
        new: &NewRound<'_>,
        reach: &Reach,
        by: Option<i64>,
        now: Timestamp,
    ) -> Result<Option<Round>> {
        let mut tx = self.begin().await?;
        let sql = "SELECT v.ecg, e.path FROM version v JOIN ecg e ON e.id = v.ecg AND e.versions = v.version \
                   WHERE v.signed >= $1 AND v.signed < $2 AND e.state = 'reported' AND e.erased IS NULL \
                   AND NOT EXISTS (SELECT 1 FROM version w WHERE w.ecg = v.ecg AND (w.person = $3 OR w.second = $3)) \
                   AND NOT EXISTS (SELECT 1 FROM blind b WHERE b.ecg = v.ecg AND b.read_at IS NULL)";
        let ask = sqlx::query(sql).bind(ms(new.signed.0)).bind(ms(new.signed.1)).bind(new.reader.id);
        let mut cases = Vec::new();
        for row in &ask.fetch_all(&mut *tx.inner).await? {
            let path: String = get(row, "path")?;
            if reach.holds(&path) && new.reader.reach().holds(&path) {
                cases.push(get::<i64>(row, "ecg")?);
            }
        }
        let drawn = sample(&cases, new.number, new.seed.cast_unsigned());
        if drawn.is_empty() {
            return Ok(None);
        }
        let sql =
            "INSERT INTO blind_round (month, seed, reader, made, person) VALUES ($1, $2, $3, $4, $5) RETURNING id";
        let add = sqlx::query(sql).bind(new.month.to_owned()).bind(new.seed).bind(new.reader.id).bind(ms(now)).bind(by);
        let id: i64 = add.fetch_one(&mut *tx.inner).await?.try_get("id")?;
        for case in &drawn {
            let sql = "INSERT INTO blind (round, ecg, version) SELECT $1, id, versions FROM ecg WHERE id = $2";
            sqlx::query(sql).bind(id).bind(*case).execute(&mut *tx.inner).await?;
        }
        let detail =
            json!({ "round": id, "month": new.month, "seed": new.seed, "of": cases.len(), "drawn": drawn.len() });
        tx.audit(Entry { person: by, action: "blind-drawn", detail, ..Entry::default() }, now).await?;
        tx.commit().await?;
        let reader = Named { id: new.reader.id, name: new.reader.name.clone() };
        let number = drawn.len() as i64;
        let (month, seed) = (new.month.to_owned(), new.seed);
        Ok(Some(Round { id, month, seed, reader, made: now, number, pairs: Vec::new() }))
    }

    /// The cases that this person is to read blindly, oldest round first.
    pub async fn blind_cases(&self, person: i64) -> Result<Vec<CaseRow>> {
        let sql = format!(
            "SELECT {COLUMNS}{FROM}JOIN blind b ON b.ecg = e.id JOIN blind_round r ON r.id = b.round \
             WHERE r.reader = $1 AND b.read_at IS NULL ORDER BY r.id, e.id"
        );
        let rows = sqlx::query(AssertSqlSafe(sql)).bind(person).fetch_all(&self.reading).await?;
        rows.iter().map(CaseRow::of).collect()
    }

    /// Their keys.
    pub async fn blind_ids(&self, person: i64) -> Result<BTreeSet<i64>> {
        let sql = "SELECT b.ecg FROM blind b JOIN blind_round r ON r.id = b.round \
                   WHERE r.reader = $1 AND b.read_at IS NULL";
        let rows = sqlx::query(sql).bind(person).fetch_all(&self.reading).await?;
        rows.iter().map(|row| get(row, "ecg")).collect()
    }

    /// Who is to read this case blindly.
    pub async fn blind_reader(&self, case: i64) -> Result<Option<i64>> {
        let sql =
            "SELECT r.reader FROM blind b JOIN blind_round r ON r.id = b.round WHERE b.ecg = $1 AND b.read_at IS NULL";
        let row = sqlx::query(sql).bind(case).fetch_optional(&self.reading).await?;
        row.as_ref().map(|row| get(row, "reader")).transpose()
    }

    /// Keeps what the reader of the round said of a case; it is said once.
    pub async fn read_blind(&self, case: i64, lines: &[Line], by: &Person, now: Timestamp) -> Result<()> {
        let mut tx = self.begin().await?;
        let sql = "UPDATE blind SET read_at = $1, body = $2 WHERE ecg = $3 AND read_at IS NULL \
                   AND round IN (SELECT id FROM blind_round WHERE reader = $4) RETURNING round";
        let keep = sqlx::query(sql).bind(ms(now)).bind(serde_json::to_string(lines)?).bind(case).bind(by.id);
        let row = keep.fetch_optional(&mut *tx.inner).await?.ok_or(StoreError::Missing)?;
        let detail = json!({ "round": get::<i64>(&row, "round")?, "lines": lines.len() });
        let entry = Entry { person: Some(by.id), action: "blind-read", case: Some(case), ..Entry::default() };
        tx.audit(Entry { detail, ..entry }, now).await?;
        tx.commit().await
    }

    /// The rounds whose cases are in reach, newest first.
    pub async fn rounds(&self, reach: &Reach) -> Result<Vec<Round>> {
        let sql = "SELECT r.*, p.name FROM blind_round r JOIN person p ON p.id = r.reader ORDER BY r.id DESC LIMIT 60";
        let mut rounds = Vec::new();
        for row in &sqlx::query(sql).fetch_all(&self.reading).await? {
            let id: i64 = get(row, "id")?;
            let sql = "SELECT b.body AS again, v.body, e.path FROM blind b JOIN ecg e ON e.id = b.ecg \
                       JOIN version v ON v.ecg = b.ecg AND v.version = b.version WHERE b.round = $1 ORDER BY b.ecg";
            let (mut number, mut pairs) = (0, Vec::new());
            for item in &sqlx::query(sql).bind(id).fetch_all(&self.reading).await? {
                if !reach.holds(&get::<String>(item, "path")?) {
                    continue;
                }
                number += 1;
                if let Some(again) = get::<Option<String>>(item, "again")? {
                    let first: Signed = serde_json::from_str(&get::<String>(item, "body")?)?;
                    let again: Vec<Line> = serde_json::from_str(&again)?;
                    pairs.push((ids(&first.lines), ids(&again)));
                }
            }
            if number > 0 {
                rounds.push(Round {
                    id,
                    month: get(row, "month")?,
                    seed: get(row, "seed")?,
                    reader: Named { id: get(row, "reader")?, name: get(row, "name")? },
                    made: at(get(row, "made")?),
                    number,
                    pairs,
                });
            }
        }
        Ok(rounds)
    }
}
