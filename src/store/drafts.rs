//! What a reader has changed so far, kept whole each time: a crash of the page or of the server costs nothing.

use super::{Result, Store, StoreError, Tx, at, get, ms};
use crate::review::{Conclusion, Edit, Line};
use crate::text::Text;
use jiff::Timestamp;
use serde::{Deserialize, Deserializer, Serialize};

/// A reader's changes.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Draft {
    /// Changes of the lines, in the order made.
    pub edits: Vec<Edit>,
    /// Wave bounds as the reader put them.
    pub fiducials: Option<Fiducials>,
    /// To the clinic; `None` = the machine's advice.
    pub advice: Option<String>,
    /// To the next reader; not printed.
    pub note: Option<String>,
    /// Why a signed report is amended.
    pub reason: Option<String>,
    /// The first reading, where a second is under way.
    pub first: Option<FirstReading>,
}

/// What the first of two readers signed.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct FirstReading {
    /// Who.
    pub by: i64,
    /// When.
    pub at: Timestamp,
    /// The conclusion.
    pub lines: Vec<Line>,
}

/// Wave bounds of the dominant median beat, ms from its first sample. Outer `None` = the machine's; inner `None` = the
/// wave is absent.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[allow(clippy::option_option, clippy::struct_field_names)] // three things are told apart; the names carry the unit
pub struct Fiducials {
    /// P onset.
    #[serde(deserialize_with = "said", skip_serializing_if = "Option::is_none")]
    pub p_onset_ms: Option<Option<f64>>,
    /// P end.
    #[serde(deserialize_with = "said", skip_serializing_if = "Option::is_none")]
    pub p_offset_ms: Option<Option<f64>>,
    /// QRS onset.
    #[serde(deserialize_with = "said", skip_serializing_if = "Option::is_none")]
    pub qrs_onset_ms: Option<Option<f64>>,
    /// J point.
    #[serde(deserialize_with = "said", skip_serializing_if = "Option::is_none")]
    pub qrs_offset_ms: Option<Option<f64>>,
    /// T end.
    #[serde(deserialize_with = "said", skip_serializing_if = "Option::is_none")]
    pub t_offset_ms: Option<Option<f64>>,
}

#[allow(clippy::option_option)]
fn said<'de, D: Deserializer<'de>>(d: D) -> std::result::Result<Option<Option<f64>>, D::Error> {
    Option::<f64>::deserialize(d).map(Some)
}

impl Draft {
    /// The conclusion on the machine's findings.
    pub fn conclude(&self, machine: &[(String, Text)]) -> std::result::Result<Conclusion, usize> {
        crate::review::conclude(machine, &self.edits)
    }

    /// A draft that comes to `lines` whatever the machine says.
    pub fn of_lines(machine: &[(String, Text)], lines: &[Line]) -> Self {
        let away = machine.iter().map(|_| Edit::Delete { at: 0 });
        let add =
            |(at, line): (usize, &Line)| Edit::Add { at, statement: line.statement.clone(), text: line.text.clone() };
        Self { edits: away.chain(lines.iter().enumerate().map(add)).collect(), ..Self::default() }
    }
}

impl Store {
    /// The draft of a case, with who made it and when.
    pub async fn draft(&self, case: i64) -> Result<Option<(Draft, i64, Timestamp)>> {
        let sql = "SELECT person, at, body FROM draft WHERE ecg = $1";
        let row = sqlx::query(sql).bind(case).fetch_optional(&self.reading).await?;
        let Some(row) = row else { return Ok(None) };
        let body: String = get(&row, "body")?;
        Ok(Some((serde_json::from_str(&body)?, get(&row, "person")?, at(get(&row, "at")?))))
    }
}

impl Tx {
    pub(crate) async fn draft(&mut self, case: i64) -> Result<Option<Draft>> {
        let row =
            sqlx::query("SELECT body FROM draft WHERE ecg = $1").bind(case).fetch_optional(&mut *self.inner).await?;
        let body: Option<String> = row.as_ref().map(|r| get(r, "body")).transpose()?;
        Ok(body.map(|b| serde_json::from_str(&b)).transpose()?)
    }

    pub(crate) async fn keep_draft(&mut self, case: i64, draft: &Draft, by: i64, now: Timestamp) -> Result<()> {
        let body = serde_json::to_string(draft)?;
        if body.len() > 200_000 {
            return Err(StoreError::Corrupt("a draft of more than 200 kB".to_owned()));
        }
        let sql = "INSERT INTO draft (ecg, person, at, body) VALUES ($1, $2, $3, $4) ON CONFLICT (ecg) \
                   DO UPDATE SET person = excluded.person, at = excluded.at, body = excluded.body";
        sqlx::query(sql).bind(case).bind(by).bind(ms(now)).bind(body).execute(&mut *self.inner).await?;
        Ok(())
    }

    pub(crate) async fn drop_draft(&mut self, case: i64) -> Result<()> {
        sqlx::query("DELETE FROM draft WHERE ecg = $1").bind(case).execute(&mut *self.inner).await?;
        Ok(())
    }
}
