//! Signed versions: written once; the database itself refuses to change or delete them.

use super::{CaseRow, Draft, Entry, FirstReading, Person, Result, Store, StoreError, Tx, at, get, ms};
use crate::interpret::{RULES, Severity, Verdict};
use crate::review::{Action, Difference, Line, Rules, apply};
use crate::text::Text;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::json;
use sqlx::any::AnyRow;
use std::cmp::Reverse;

/// What was signed.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Signed {
    /// Whether a physician changed anything of the machine's.
    pub changed: bool,
    /// The conclusion.
    pub lines: Vec<Line>,
    /// To the clinic.
    pub advice: Option<String>,
    /// Why a signed report was amended.
    pub reason: Option<String>,
    /// What the conclusion comes to.
    pub verdict: Verdict,
    /// How it differs from the machine's findings.
    pub difference: Difference,
    /// Whether the second reader left the first one's statements as they were; `None` without a second.
    pub agreed: Option<bool>,
    /// The draft it came from, for an amendment to go on from.
    pub draft: Draft,
    /// Version of the program.
    pub program: String,
    /// Object of the PDF in Chinese.
    pub pdf_zh: String,
    /// Object of the PDF in English.
    pub pdf_en: String,
    /// Object of the JSON.
    pub json: String,
    /// Object of the FHIR bundle.
    pub fhir: String,
}

/// A signed version.
#[derive(Clone, Debug)]
pub struct Version {
    /// Of which case.
    pub case: i64,
    /// Its number, from 1.
    pub number: i64,
    /// When it was signed.
    pub signed: Timestamp,
    /// Who signed, or signed first.
    pub by: super::Named,
    /// Who agreed, where a second had to.
    pub second: Option<super::Named>,
    /// Verification code.
    pub code: String,
    /// What was signed.
    pub body: Signed,
}

const SELECT: &str = "SELECT v.*, p.name AS person_name, q.name AS second_name FROM version v \
                      JOIN person p ON p.id = v.person LEFT JOIN person q ON q.id = v.second";

impl Version {
    fn of(row: &AnyRow) -> Result<Self> {
        let body: String = get(row, "body")?;
        let second: Option<i64> = get(row, "second")?;
        let second_name: Option<String> = get(row, "second_name")?;
        Ok(Self {
            case: get(row, "ecg")?,
            number: get(row, "version")?,
            signed: at(get(row, "signed")?),
            by: super::Named { id: get(row, "person")?, name: get(row, "person_name")? },
            second: second.zip(second_name).map(|(id, name)| super::Named { id, name }),
            code: get(row, "code")?,
            body: serde_json::from_str(&body)?,
        })
    }
}

/// The lines that a list shows, as of the machine's findings: the most severe first. What a physician wrote in free text
/// counts as abnormal.
fn headline(lines: &[Line]) -> Vec<Text> {
    let severity = |line: &Line| {
        let rule = RULES.iter().find(|rule| line.statement.as_deref() == Some(rule.id));
        rule.map_or(Severity::Abnormal, |rule| rule.severity)
    };
    let mut ranked: Vec<&Line> = lines.iter().collect();
    ranked.sort_by_key(|line| Reverse(severity(line)));
    ranked.into_iter().take(4).map(|line| line.text.clone()).collect()
}

impl Store {
    /// Signs the case as it was seen (`revision`). Where a second reader must agree, it goes to the second instead and
    /// `None` is returned; else the version is out. `body.agreed`, `reason` and `draft` are filled in here.
    pub async fn sign(
        &self,
        case: i64,
        revision: i64,
        (code, mut body): (&str, Signed),
        by: &Person,
        (rules, now): (&Rules, Timestamp),
    ) -> Result<(CaseRow, Option<i64>)> {
        let mut tx = self.begin().await?;
        let mut row = tx.case(case).await?;
        let (next, _) = apply(&row.case, &Action::Sign, Some(&by.actor()), now, rules)?;
        if row.revision != revision {
            return Err(StoreError::Stale);
        }
        let mut draft = tx.draft(case).await?.unwrap_or_default();
        let published = next.versions > row.case.versions;
        row.case = next;
        let (person, site) = (Some(by.id), Some(row.site.id));
        let entry = Entry { person, case: Some(case), site, ..Entry::default() };
        if !published {
            draft.first = Some(FirstReading { by: by.id, at: now, lines: body.lines });
            tx.keep_draft(case, &draft, by.id, now).await?;
            tx.save(&mut row).await?;
            tx.audit(Entry { action: "signed-first", ..entry }, now).await?;
            tx.commit().await?;
            self.changed.notify_waiters();
            return Ok((row, None));
        }
        let first = draft.first.take();
        body.agreed = first.as_ref().map(|f| statements(&f.lines) == statements(&body.lines));
        body.reason = draft.reason.take();
        body.draft = draft;
        let number = i64::from(row.case.versions);
        let (signer, second) = first.map_or((by.id, None), |f| (f.by, Some(by.id)));
        let sql = "INSERT INTO version (ecg, version, signed, person, second, code, body) \
                   VALUES ($1, $2, $3, $4, $5, $6, $7)";
        let add = sqlx::query(sql).bind(case).bind(number).bind(ms(now)).bind(signer).bind(second);
        add.bind(code.to_owned()).bind(serde_json::to_string(&body)?).execute(&mut *tx.inner).await?;
        tx.drop_draft(case).await?;
        row.verdict = Some(body.verdict);
        row.summary = headline(&body.lines);
        row.reported = row.reported.or(Some(now));
        row.reader = Some(super::Named { id: by.id, name: by.name.clone() });
        tx.save(&mut row).await?;
        let detail = json!({ "version": number, "json": body.json, "pdf_zh": body.pdf_zh });
        tx.audit(Entry { action: "signed", detail, ..entry }, now).await?;
        tx.commit().await?;
        self.changed.notify_waiters();
        Ok((row, Some(number)))
    }

    /// The signed versions of a case, newest first.
    pub async fn versions(&self, case: i64) -> Result<Vec<Version>> {
        let sql = sqlx::AssertSqlSafe(format!("{SELECT} WHERE v.ecg = $1 ORDER BY v.version DESC"));
        sqlx::query(sql).bind(case).fetch_all(&self.reading).await?.iter().map(Version::of).collect()
    }

    /// The version of a verification code, and whether it is the newest of its case.
    pub async fn version_of_code(&self, code: &str) -> Result<(Version, bool)> {
        let sql = sqlx::AssertSqlSafe(format!("{SELECT} WHERE v.code = $1"));
        let row = sqlx::query(sql).bind(code.to_owned()).fetch_optional(&self.reading).await?;
        let version = row.as_ref().map_or(Err(StoreError::Missing), Version::of)?;
        let newest = self.versions(version.case).await?.first().map(|v| v.number);
        let is_newest = newest == Some(version.number);
        Ok((version, is_newest))
    }

    /// Every version signed from `from` until before `to`, for the indicators.
    pub(crate) async fn versions_between(&self, from: Timestamp, to: Timestamp) -> Result<Vec<Version>> {
        let sql = format!("{SELECT} WHERE v.signed >= $1 AND v.signed < $2 ORDER BY v.ecg, v.version");
        let rows = sqlx::query(sqlx::AssertSqlSafe(sql)).bind(ms(from)).bind(ms(to)).fetch_all(&self.reading).await?;
        rows.iter().map(Version::of).collect()
    }
}

impl Tx {
    pub(crate) async fn newest_version(&mut self, case: i64) -> Result<Option<Version>> {
        let sql = sqlx::AssertSqlSafe(format!("{SELECT} WHERE v.ecg = $1 ORDER BY v.version DESC LIMIT 1"));
        let row = sqlx::query(sql).bind(case).fetch_optional(&mut *self.inner).await?;
        row.as_ref().map(Version::of).transpose()
    }
}

/// What a conclusion says, without its wording and order.
fn statements(lines: &[Line]) -> std::collections::BTreeSet<&str> {
    lines.iter().map(|l| l.statement.as_deref().unwrap_or(&l.text.zh)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::review::LineOrigin;

    #[test]
    fn a_list_shows_the_most_severe_lines_and_none_of_free_text_is_lost_to_variants() {
        let line = |severity: Option<Severity>| {
            let rule = severity.and_then(|severity| RULES.iter().find(|rule| rule.severity == severity));
            let text = rule.map_or_else(|| Text::of("自由文本", "free text"), |rule| rule.text.clone());
            Line { statement: rule.map(|rule| rule.id.to_owned()), text, origin: LineOrigin::Added }
        };
        let [normal, variant, critical] =
            [Severity::Normal, Severity::Borderline, Severity::Critical].map(Some).map(line);
        let lines = [normal.clone(), variant.clone(), variant.clone(), variant.clone(), critical.clone(), line(None)];
        assert_eq!(headline(&lines), [critical, line(None), variant.clone(), variant].map(|l| l.text));
        assert_eq!(headline(std::slice::from_ref(&normal)), [normal.text]);
    }
}
