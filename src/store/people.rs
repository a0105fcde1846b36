//! The people of the centre. Passwords and PINs come and go as hashes only.

use super::{Entry, Reach, Result, Store, StoreError, Tx, at, get, ms, of_word, word};
use crate::review::{Actor, Role};
use crate::text::Lang;
use jiff::Timestamp;
use serde_json::json;
use sqlx::Row;
use sqlx::any::AnyRow;

/// A person with an account.
#[derive(Clone, Debug)]
pub struct Person {
    /// Key.
    pub id: i64,
    /// Name to log in with.
    pub login: String,
    /// Name as printed.
    pub name: String,
    /// What the person is.
    pub role: Role,
    /// Where.
    pub site: i64,
    /// Name of the site.
    pub site_name: String,
    /// Path of the site.
    pub path: String,
    /// Language.
    pub lang: Lang,
    /// Hash of the password.
    pub password: String,
    /// Hash of the signing PIN.
    pub pin: Option<String>,
    /// Whether the password is a one-time one.
    pub must_change: bool,
    /// Whether the person may log in.
    pub active: bool,
    /// Wrong passwords in a row.
    pub failures: i64,
    /// No log-in before.
    pub locked_until: Option<Timestamp>,
    /// Last log-in.
    pub last_login: Option<Timestamp>,
}

/// A person to be added.
#[derive(Clone, Debug)]
pub struct NewPerson<'a> {
    /// Name to log in with.
    pub login: &'a str,
    /// Name as printed.
    pub name: &'a str,
    /// What the person is.
    pub role: Role,
    /// Where.
    pub site: i64,
    /// Language.
    pub lang: Lang,
    /// Hash of the first password.
    pub password: &'a str,
    /// Whether it must be changed at the first log-in.
    pub must_change: bool,
}

const SELECT: &str = "SELECT p.*, s.name AS site_name, s.path AS site_path FROM person p JOIN site s ON s.id = p.site";

/// `zh` or `en`.
pub(crate) const fn lang_word(lang: Lang) -> &'static str {
    match lang {
        Lang::Zh => "zh",
        Lang::En => "en",
    }
}

impl Person {
    fn of(row: &AnyRow) -> Result<Self> {
        let (role, lang): (String, String) = (get(row, "role")?, get(row, "lang")?);
        let (locked, last): (Option<i64>, Option<i64>) = (get(row, "locked_until")?, get(row, "last_login")?);
        Ok(Self {
            id: get(row, "id")?,
            login: get(row, "login")?,
            name: get(row, "name")?,
            role: of_word(&role)?,
            site: get(row, "site")?,
            site_name: get(row, "site_name")?,
            path: get(row, "site_path")?,
            lang: Lang::of_locale(&lang),
            password: get(row, "password")?,
            pin: get(row, "pin")?,
            must_change: get::<i64>(row, "must_change")? != 0,
            active: get::<i64>(row, "active")? != 0,
            failures: get(row, "failures")?,
            locked_until: locked.map(at),
            last_login: last.map(at),
        })
    }

    /// The person as `review` knows people.
    pub const fn actor(&self) -> Actor {
        Actor { id: self.id, role: self.role }
    }

    /// The sites the person sees.
    pub fn reach(&self) -> Reach {
        Reach::below(self.path.clone())
    }
}

impl Store {
    /// Adds a person; `Taken` when the login name is.
    pub async fn add_person(&self, new: &NewPerson<'_>, by: Option<i64>, now: Timestamp) -> Result<i64> {
        let mut tx = self.begin().await?;
        let sql = "INSERT INTO person (login, name, role, site, lang, password, must_change, active) \
                   VALUES ($1, $2, $3, $4, $5, $6, $7, 1) ON CONFLICT (login) DO NOTHING RETURNING id";
        let add = sqlx::query(sql).bind(new.login.to_owned()).bind(new.name.to_owned()).bind(word(&new.role));
        let add = add.bind(new.site).bind(lang_word(new.lang)).bind(new.password.to_owned());
        let row = add.bind(i64::from(new.must_change)).fetch_optional(&mut *tx.inner).await?;
        let id: i64 = row.ok_or(StoreError::Taken)?.try_get("id")?;
        let detail = json!({ "person": id, "role": new.role });
        let entry = Entry { person: by, action: "person-added", site: Some(new.site), detail, ..Entry::default() };
        tx.audit(entry, now).await?;
        tx.commit().await?;
        Ok(id)
    }

    /// Keeps what was changed of a person; `what` says in the audit what that was.
    pub async fn change_person(
        &self,
        person: &Person,
        what: &'static str,
        by: Option<i64>,
        now: Timestamp,
    ) -> Result<()> {
        let mut tx = self.begin().await?;
        tx.save_person(person).await?;
        let detail = json!({ "person": person.id, "role": person.role, "active": person.active });
        let entry = Entry { person: by, action: what, site: Some(person.site), detail, ..Entry::default() };
        tx.audit(entry, now).await?;
        tx.commit().await
    }

    /// Counts a wrong password; the account is locked until `lock_until` when `most` have been counted.
    pub async fn count_failure(&self, person: i64, most: i64, lock_until: Timestamp, now: Timestamp) -> Result<()> {
        let mut tx = self.begin().await?;
        let sql = "UPDATE person SET failures = failures + 1, \
                   locked_until = CASE WHEN failures + 1 >= $1 THEN $2 ELSE locked_until END WHERE id = $3";
        sqlx::query(sql).bind(most).bind(ms(lock_until)).bind(person).execute(&mut *tx.inner).await?;
        tx.audit(Entry { person: Some(person), action: "login-failed", ..Entry::default() }, now).await?;
        tx.commit().await
    }

    /// Forgets wrong passwords after a right one.
    pub async fn forgive(&self, person: i64) -> Result<()> {
        let sql = "UPDATE person SET failures = 0, locked_until = NULL WHERE id = $1";
        sqlx::query(sql).bind(person).execute(&self.writing).await?;
        Ok(())
    }

    /// A person by key.
    pub async fn person(&self, id: i64) -> Result<Person> {
        self.one_person(" WHERE p.id = $1", id).await
    }

    async fn one_person(&self, condition: &str, id: i64) -> Result<Person> {
        let sql = sqlx::AssertSqlSafe(format!("{SELECT}{condition}"));
        let row = sqlx::query(sql).bind(id).fetch_optional(&self.reading).await?;
        row.as_ref().map_or(Err(StoreError::Missing), Person::of)
    }

    /// A person by login name.
    pub async fn person_of_login(&self, login: &str) -> Result<Person> {
        let sql = sqlx::AssertSqlSafe(format!("{SELECT} WHERE p.login = $1"));
        let row = sqlx::query(sql).bind(login.to_owned()).fetch_optional(&self.reading).await?;
        row.as_ref().map_or(Err(StoreError::Missing), Person::of)
    }

    /// The people of the sites in reach, by login name.
    pub async fn people(&self, reach: &Reach) -> Result<Vec<Person>> {
        let sql = format!("{SELECT} WHERE s.path >= $1 AND s.path < $2 ORDER BY p.login");
        let query = sqlx::query(sqlx::AssertSqlSafe(sql)).bind(reach.from().to_owned()).bind(reach.to());
        query.fetch_all(&self.reading).await?.iter().map(Person::of).collect()
    }

    /// Whether anybody has an account.
    pub async fn has_people(&self) -> Result<bool> {
        let row = sqlx::query("SELECT COUNT(*) AS n FROM person").fetch_one(&self.reading).await?;
        Ok(get::<i64>(&row, "n")? > 0)
    }

    /// Names of people by key, for lists.
    pub async fn name_of(&self, id: i64) -> Result<super::Named> {
        let row = sqlx::query("SELECT name FROM person WHERE id = $1").bind(id).fetch_optional(&self.reading).await?;
        let name = row.as_ref().map(|r| get(r, "name")).transpose()?.unwrap_or_default();
        Ok(super::Named { id, name })
    }
}

impl Tx {
    pub(crate) async fn save_person(&mut self, person: &Person) -> Result<()> {
        let sql = "UPDATE person SET name = $1, role = $2, site = $3, lang = $4, password = $5, pin = $6, \
                   must_change = $7, active = $8, failures = $9, locked_until = $10, last_login = $11 WHERE id = $12";
        let save = sqlx::query(sql).bind(&person.name).bind(word(&person.role)).bind(person.site);
        let save = save.bind(lang_word(person.lang)).bind(&person.password).bind(&person.pin);
        let save = save.bind(i64::from(person.must_change)).bind(i64::from(person.active)).bind(person.failures);
        let save = save.bind(person.locked_until.map(ms)).bind(person.last_login.map(ms)).bind(person.id);
        save.execute(&mut *self.inner).await?;
        Ok(())
    }
}
