//! Cases: arriving, being looked up, being kept.

use super::clinical::rank;
use super::row::{COLUMNS, FROM};
use super::{CaseRow, Clinical, Entry, Named, Reach, Result, Site, Store, StoreError, Tx, get, ms, word};
use crate::review::{Case, CriticalLoop, CriticalStep, State, Urgency, place};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::json;
use sqlx::{AssertSqlSafe, Row};

/// An original file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct File {
    /// Name as sent; may hold personal data.
    pub name: String,
    /// Its object.
    pub sha256: String,
    /// Its size.
    pub bytes: u64,
}

/// An ECG that arrives. Its files are kept already.
pub struct NewCase<'a> {
    /// Where it was recorded.
    pub site: &'a Site,
    /// SHA-256 of the recording's content.
    pub sha256: &'a str,
    /// Local start of the recording.
    pub recorded: Option<String>,
    /// What the device calls itself.
    pub device: Option<String>,
    /// What the clinic and the file say of the patient.
    pub clinical: &'a Clinical,
    /// The files.
    pub files: &'a [File],
    /// Who sent it.
    pub by: (Option<i64>, Option<i64>),
}

/// How it was received.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Received {
    /// It is a new case.
    New(i64),
    /// The site sent it before.
    Duplicate(i64),
}

/// Name of a state in the database: the tag that serde gives it.
fn state_word(state: &State) -> String {
    let tagged = serde_json::to_value(state).ok();
    tagged.and_then(|v| Some(v.get("state")?.as_str()?.to_owned())).unwrap_or_default()
}

impl Store {
    /// Receives an ECG: the case, its job and the audit in one transaction. When this returns it is durable.
    pub async fn receive(&self, new: &NewCase<'_>, now: Timestamp) -> Result<Received> {
        let (person, key) = new.by;
        let hurry = new.clinical.urgent || new.clinical.chest_pain;
        let urgency = new.clinical.urgency(now, new.site.limit(hurry));
        let case = Case { state: State::Received, versions: 0, second: false };
        let (group, due) = place(&urgency);
        let mut tx = self.begin().await?;
        // The site may have been moved since it was looked up.
        let sql = format!(
            "INSERT INTO ecg (site, path, sha256, received, recorded, device, patient_id, patient_name, clinical, \
             files, sender, state, course, waits, priority, due) \
             VALUES ($1, (SELECT path FROM site WHERE id = $1{}), $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, 0, $13, \
             $14) ON CONFLICT (site, sha256) DO NOTHING RETURNING id",
            tx.for_share()
        );
        let add = sqlx::query(AssertSqlSafe(sql)).bind(new.site.id).bind(new.sha256.to_owned()).bind(ms(now));
        let add = add.bind(&new.recorded).bind(&new.device).bind(&new.clinical.patient_id);
        let add = add.bind(&new.clinical.patient_name).bind(serde_json::to_string(new.clinical)?);
        let add = add.bind(serde_json::to_string(new.files)?).bind(json!([person, key]).to_string());
        let add = add.bind(state_word(&case.state)).bind(serde_json::to_string(&case)?).bind(rank(group)).bind(ms(due));
        let Some(row) = add.fetch_optional(&mut *tx.inner).await? else {
            let sql = "SELECT id FROM ecg WHERE site = $1 AND sha256 = $2";
            let row = sqlx::query(sql).bind(new.site.id).bind(new.sha256.to_owned()).fetch_one(&mut *tx.inner).await?;
            return Ok(Received::Duplicate(row.try_get("id")?));
        };
        let id: i64 = row.try_get("id")?;
        tx.enqueue(id, rank(group), now).await?;
        let entry =
            Entry { person, key, action: "received", case: Some(id), site: Some(new.site.id), ..Entry::default() };
        tx.audit(entry, now).await?;
        tx.commit().await?;
        self.queued.notify_one();
        self.changed.notify_waiters();
        Ok(Received::New(id))
    }

    /// A case, as it stands.
    pub async fn case(&self, id: i64) -> Result<CaseRow> {
        let sql = AssertSqlSafe(format!("SELECT {COLUMNS}{FROM} WHERE e.id = $1"));
        let row = sqlx::query(sql).bind(id).fetch_optional(&self.reading).await?;
        let mut row = row.as_ref().map_or(Err(StoreError::Missing), CaseRow::of)?;
        self.name_first(&mut row).await?;
        Ok(row)
    }

    pub(crate) async fn name_first(&self, row: &mut CaseRow) -> Result<()> {
        if let Some(first) = row.first_reader() {
            row.first = Some(self.name_of(first).await?);
        }
        Ok(())
    }

    /// Its small picture.
    pub async fn thumbnail(&self, id: i64) -> Result<String> {
        let row =
            sqlx::query("SELECT svg FROM thumbnail WHERE ecg = $1").bind(id).fetch_optional(&self.reading).await?;
        row.as_ref().map_or(Err(StoreError::Missing), |r| get(r, "svg"))
    }

    /// Other ECGs of the same patient in reach, newest first: the same identifier, and no other name or sex.
    pub async fn others_of_patient(&self, row: &CaseRow, reach: &Reach) -> Result<Vec<CaseRow>> {
        let Some(patient) = &row.clinical.patient_id else { return Ok(Vec::new()) };
        let sql = format!(
            "SELECT {COLUMNS}{FROM} WHERE e.patient_id = $1 AND e.id <> $2 AND e.path >= $3 AND e.path < $4 \
             ORDER BY COALESCE(e.recorded, '') DESC, e.id DESC LIMIT 50"
        );
        let ask = sqlx::query(AssertSqlSafe(sql)).bind(patient.clone()).bind(row.id).bind(reach.from().to_owned());
        let rows = ask.bind(reach.to()).fetch_all(&self.reading).await?;
        let mut same = Vec::new();
        for other in rows.iter().map(CaseRow::of) {
            let other = other?;
            let (a, b) = (&row.clinical, &other.clinical);
            let named = a.patient_name.as_ref().zip(b.patient_name.as_ref()).is_none_or(|(a, b)| a == b);
            if named && a.sex.zip(b.sex).is_none_or(|(a, b)| a == b) {
                same.push(other);
            }
        }
        Ok(same)
    }
}

impl Tx {
    /// A case, locked until the transaction ends.
    pub(crate) async fn case(&mut self, id: i64) -> Result<CaseRow> {
        let lock = if self.for_update().is_empty() { "" } else { " FOR UPDATE OF e" };
        let sql = AssertSqlSafe(format!("SELECT {COLUMNS}{FROM} WHERE e.id = $1{lock}"));
        let row = sqlx::query(sql).bind(id).fetch_optional(&mut *self.inner).await?;
        row.as_ref().map_or(Err(StoreError::Missing), CaseRow::of)
    }

    /// Keeps a case, with a new revision and its place in the worklist.
    pub(crate) async fn save(&mut self, row: &mut CaseRow) -> Result<()> {
        let state = &row.case.state;
        let waits = matches!(
            state,
            State::Waiting { .. } | State::Reading { .. } | State::SecondWaiting { .. } | State::SecondReading { .. }
        );
        let reader = match state {
            State::Reading { by, .. } | State::SecondReading { by, .. } | State::Refused { by, .. } => Some(*by),
            State::Reported => row.reader.as_ref().map(|r| r.id),
            State::SecondWaiting { first } => Some(*first),
            _ => None,
        };
        row.reader = match reader {
            Some(id) => Some(self.name_of(id).await?),
            None => None,
        };
        let step = row.alarm.as_ref().map(CriticalLoop::step);
        let urgency = Urgency {
            chest_pain: row.clinical.chest_pain,
            urgent: row.clinical.urgent,
            critical: step.is_some_and(|s| s != CriticalStep::Withdrawn),
            received: row.received,
            limit: row.due.duration_since(row.received),
        };
        row.priority = urgency.priority();
        row.revision += 1;
        let sql = "UPDATE ecg SET state = $1, course = $2, versions = $3, second = $4, revision = $5, waits = $6, \
                   priority = $7, due = $8, reader = $9, program = $10, analysis = $11, verdict = $12, machine = $13, \
                   summary = $14, alarm = $15, alarm_loop = $16, reported = $17, reason = $18, clinical = $19, \
                   patient_id = $20, patient_name = $21 WHERE id = $22";
        let save = sqlx::query(sql).bind(state_word(state)).bind(serde_json::to_string(&row.case)?);
        let save = save.bind(i64::from(row.case.versions)).bind(i64::from(row.case.second)).bind(row.revision);
        let save = save.bind(i64::from(waits)).bind(rank(row.priority)).bind(ms(row.due)).bind(reader);
        let save = save.bind(&row.program).bind(&row.analysis).bind(row.verdict.as_ref().map(word));
        let save = save.bind(serde_json::to_string(&row.machine)?).bind(serde_json::to_string(&row.summary)?);
        let save = save.bind(step.as_ref().map(word)).bind(row.alarm.as_ref().map(serde_json::to_string).transpose()?);
        let save = save.bind(row.reported.map(ms)).bind(&row.reason).bind(serde_json::to_string(&row.clinical)?);
        let save = save.bind(&row.clinical.patient_id).bind(&row.clinical.patient_name).bind(row.id);
        save.execute(&mut *self.inner).await?;
        Ok(())
    }

    pub(crate) async fn name_of(&mut self, id: i64) -> Result<Named> {
        let sql = "SELECT name FROM person WHERE id = $1";
        let row = sqlx::query(sql).bind(id).fetch_optional(&mut *self.inner).await?;
        let name = row.as_ref().map(|r| get(r, "name")).transpose()?.unwrap_or_default();
        Ok(Named { id, name })
    }
}
