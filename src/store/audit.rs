//! The audit: every view and every change, append-only, each entry's hash over its content and the hash before it. Its
//! numbers are dense and in the order of the transactions, so that it is also what event streams are fed from.
//!
//! A chain shows any change within it. That its end was cut off shows only against a head noted elsewhere: `verify`
//! returns the head for that.

use super::objects::name_of;
use super::{Result, Store, StoreError, Tx, at, get, ms};
use jiff::Timestamp;
use serde_json::Value;
use sqlx::any::AnyRow;
use sqlx::{AssertSqlSafe, Row};
use std::fmt::Write as _;

/// What is to be recorded.
#[derive(Clone, Debug, Default)]
pub struct Entry {
    /// Who, if a person.
    pub person: Option<i64>,
    /// By which API key, if by one.
    pub key: Option<i64>,
    /// What, kebab-case.
    pub action: &'static str,
    /// On which case.
    pub case: Option<i64>,
    /// At which site.
    pub site: Option<i64>,
    /// More, without patient data.
    pub detail: Value,
}

/// What was recorded.
#[derive(Clone, Debug)]
pub struct Recorded {
    /// Its number, from 1.
    pub seq: i64,
    /// When.
    pub at: Timestamp,
    /// Who.
    pub person: Option<i64>,
    /// Which API key.
    pub key: Option<i64>,
    /// What.
    pub action: String,
    /// On which case.
    pub case: Option<i64>,
    /// At which site.
    pub site: Option<i64>,
    /// More.
    pub detail: Value,
    /// Its hash.
    pub hash: String,
}

/// What a check of the chain found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Chain {
    /// Entries checked.
    pub entries: i64,
    /// Hash of the last.
    pub head: String,
    /// The first entry that does not fit, when one does not.
    pub broken_at: Option<i64>,
}

/// Fields in one unambiguous line: JSON of an array.
fn sealed(before: &str, r: &Recorded, detail: &str) -> String {
    let fields = serde_json::json!([before, r.seq, ms(r.at), r.person, r.key, r.action, r.case, r.site, detail]);
    name_of(fields.to_string().as_bytes())
}

impl Tx {
    /// Records an entry and returns its number.
    pub(crate) async fn audit(&mut self, entry: Entry, now: Timestamp) -> Result<i64> {
        // The update locks the head until the transaction ends: entries have one order.
        let head = "UPDATE audit_head SET seq = seq + 1 WHERE one = 1 RETURNING seq, hash";
        let row = sqlx::query(head).fetch_one(&mut *self.inner).await?;
        let (seq, before): (i64, String) = (row.try_get("seq")?, row.try_get("hash")?);
        let detail = entry.detail.to_string();
        let Entry { person, key, action, case, site, .. } = entry;
        let mut recorded = Recorded {
            seq,
            at: at(ms(now)),
            person,
            key,
            action: action.to_owned(),
            case,
            site,
            detail: Value::Null,
            hash: String::new(),
        };
        recorded.hash = sealed(&before, &recorded, &detail);
        let add = "INSERT INTO audit (seq, at, person, api_key, action, ecg, site, detail, hash) \
                   VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)";
        let add = sqlx::query(add).bind(seq).bind(ms(now)).bind(person).bind(key).bind(action).bind(case).bind(site);
        add.bind(detail).bind(&recorded.hash).execute(&mut *self.inner).await?;
        let move_on = "UPDATE audit_head SET hash = $1 WHERE one = 1";
        sqlx::query(move_on).bind(&recorded.hash).execute(&mut *self.inner).await?;
        Ok(seq)
    }
}

fn recorded(row: &AnyRow) -> Result<Recorded> {
    let detail: String = get(row, "detail")?;
    Ok(Recorded {
        seq: get(row, "seq")?,
        at: at(get(row, "at")?),
        person: get(row, "person")?,
        key: get(row, "api_key")?,
        action: get(row, "action")?,
        case: get(row, "ecg")?,
        site: get(row, "site")?,
        detail: serde_json::from_str(&detail).unwrap_or(Value::Null),
        hash: get(row, "hash")?,
    })
}

impl Store {
    /// Records an entry that stands alone: a view, a log-in.
    pub async fn record(&self, entry: Entry, now: Timestamp) -> Result<()> {
        let mut tx = self.begin().await?;
        tx.audit(entry, now).await?;
        tx.commit().await
    }

    /// Entries after `seq`, oldest first, at most `most`.
    pub async fn tail(&self, seq: i64, most: i64) -> Result<Vec<Recorded>> {
        let sql = "SELECT * FROM audit WHERE seq > $1 ORDER BY seq LIMIT $2";
        let rows = sqlx::query(sql).bind(seq).bind(most).fetch_all(&self.reading).await?;
        rows.iter().map(recorded).collect()
    }

    /// Number of the newest entry.
    pub async fn last_seq(&self) -> Result<i64> {
        let row = sqlx::query("SELECT seq FROM audit_head WHERE one = 1").fetch_one(&self.reading).await?;
        get(&row, "seq")
    }

    /// Entries, newest first, by case, person and action.
    pub async fn audit_page(
        &self,
        before: Option<i64>,
        case: Option<i64>,
        person: Option<i64>,
        action: Option<&str>,
        most: i64,
    ) -> Result<Vec<Recorded>> {
        let mut sql = String::from("SELECT * FROM audit WHERE seq < $1");
        for (n, (column, asked)) in
            [("ecg", case.is_some()), ("person", person.is_some()), ("action", action.is_some())].iter().enumerate()
        {
            if *asked {
                let _ = write!(sql, " AND {column} = ${}", n + 2);
            }
        }
        sql += " AND $2 = $2 AND $3 = $3 AND $4 = $4 ORDER BY seq DESC LIMIT $5";
        let query = sqlx::query(AssertSqlSafe(sql)).bind(before.unwrap_or(i64::MAX)).bind(case.unwrap_or(0));
        let query = query.bind(person.unwrap_or(0)).bind(action.unwrap_or("").to_owned()).bind(most);
        query.fetch_all(&self.reading).await?.iter().map(recorded).collect()
    }

    /// Checks the whole chain.
    pub async fn verify_audit(&self) -> Result<Chain> {
        let head = sqlx::query("SELECT seq, hash FROM audit_head WHERE one = 1").fetch_one(&self.reading).await?;
        let (last, head): (i64, String) = (get(&head, "seq")?, get(&head, "hash")?);
        let (mut seq, mut before) = (0, String::new());
        while seq < last {
            let sql = "SELECT * FROM audit WHERE seq > $1 AND seq <= $2 ORDER BY seq LIMIT 1000";
            let rows = sqlx::query(sql).bind(seq).bind(last).fetch_all(&self.reading).await?;
            if rows.is_empty() {
                return Ok(Chain { entries: seq, head: before, broken_at: Some(seq + 1) });
            }
            for row in &rows {
                let entry = recorded(row)?;
                let detail: String = get(row, "detail")?;
                if entry.seq != seq + 1 || sealed(&before, &entry, &detail) != entry.hash {
                    return Ok(Chain { entries: seq, head: before, broken_at: Some(seq + 1) });
                }
                seq = entry.seq;
                before = entry.hash;
            }
        }
        let broken_at = (before != head).then_some(last);
        Ok(Chain { entries: last, head: before, broken_at })
    }

    /// Checks that `head` is in the chain: nothing up to it was cut off.
    pub async fn holds(&self, head: &str) -> Result<()> {
        let found = sqlx::query("SELECT seq FROM audit WHERE hash = $1").bind(head).fetch_optional(&self.reading);
        found.await?.map(|_| ()).ok_or(StoreError::Missing)
    }
}
