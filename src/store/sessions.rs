//! Log-ins. A token is kept as its hash: who reads the database cannot log in with what it holds.

use super::{Entry, Person, Result, Store, StoreError, at, get, ms};
use jiff::{SignedDuration, Timestamp};
use serde_json::Value;

/// A log-in under way.
#[derive(Clone, Debug)]
pub struct Session {
    /// Hash of the token.
    pub token: String,
    /// Who.
    pub person: i64,
    /// What unsafe requests must carry.
    pub csrf: String,
    /// When it began.
    pub created: Timestamp,
    /// When it was last used, to the minute.
    pub seen: Timestamp,
}

/// No session lasts longer.
const LONGEST: SignedDuration = SignedDuration::from_hours(12);
/// A session that began so much later than now is of a clock that was wrong and has been set back since: it is over, or it
/// would last until then.
const AHEAD: SignedDuration = SignedDuration::from_mins(-5);

impl Store {
    /// Begins a session, clears the count of wrong passwords, and forgets sessions that are over.
    pub async fn begin_session(&self, session: &Session, person: &Person, now: Timestamp) -> Result<()> {
        let mut tx = self.begin().await?;
        let over = sqlx::query("DELETE FROM session WHERE created < $1 OR created > $2");
        let over = over.bind(ms(now - LONGEST)).bind(ms(now - AHEAD));
        over.execute(&mut *tx.inner).await?;
        let sql = "INSERT INTO session (token, person, csrf, created, seen) VALUES ($1, $2, $3, $4, $4)";
        let begin = sqlx::query(sql).bind(&session.token).bind(person.id).bind(&session.csrf).bind(ms(now));
        begin.execute(&mut *tx.inner).await?;
        let person = Person { failures: 0, locked_until: None, last_login: Some(now), ..person.clone() };
        tx.save_person(&person).await?;
        let entry = Entry { person: Some(person.id), action: "login", site: Some(person.site), ..Entry::default() };
        tx.audit(Entry { detail: Value::Null, ..entry }, now).await?;
        tx.commit().await
    }

    /// The session of this token's hash, unless it has been idle for longer than `idle`.
    pub async fn session(&self, token: &str, idle: SignedDuration, now: Timestamp) -> Result<Session> {
        let sql = "SELECT token, person, csrf, created, seen FROM session WHERE token = $1";
        let row = sqlx::query(sql).bind(token.to_owned()).fetch_optional(&self.reading).await?;
        let row = row.ok_or(StoreError::Missing)?;
        let session = Session {
            token: get(&row, "token")?,
            person: get(&row, "person")?,
            csrf: get(&row, "csrf")?,
            created: at(get(&row, "created")?),
            seen: at(get(&row, "seen")?),
        };
        let (age, rest) = (now.duration_since(session.created), now.duration_since(session.seen));
        if age > LONGEST || rest > idle || age < AHEAD {
            return Err(StoreError::Missing);
        }
        if rest > SignedDuration::from_mins(1) {
            let touch =
                sqlx::query("UPDATE session SET seen = $1 WHERE token = $2").bind(ms(now)).bind(token.to_owned());
            // Best effort: a database that cannot be written must not keep anybody from reading.
            let _ = touch.execute(&self.writing).await;
        }
        Ok(session)
    }

    /// Ends one session.
    pub async fn end_session(&self, session: &Session, now: Timestamp) -> Result<()> {
        let mut tx = self.begin().await?;
        let end = sqlx::query("DELETE FROM session WHERE token = $1").bind(&session.token);
        end.execute(&mut *tx.inner).await?;
        tx.audit(Entry { person: Some(session.person), action: "logout", ..Entry::default() }, now).await?;
        tx.commit().await
    }

    /// Ends a person's sessions, but for one.
    pub async fn end_sessions(&self, person: i64, but: &str) -> Result<()> {
        let end =
            sqlx::query("DELETE FROM session WHERE person = $1 AND token <> $2").bind(person).bind(but.to_owned());
        end.execute(&self.writing).await?;
        Ok(())
    }

    /// People with a session used since `since`.
    pub async fn online(&self, since: Timestamp) -> Result<Vec<i64>> {
        let sql = "SELECT DISTINCT person FROM session WHERE seen >= $1 ORDER BY person";
        let rows = sqlx::query(sql).bind(ms(since)).fetch_all(&self.reading).await?;
        rows.iter().map(|r| get(r, "person")).collect()
    }
}
