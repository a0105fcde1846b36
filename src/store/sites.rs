//! The tree of sites: centre, hospitals, township and village clinics, with their limits.

use super::{Entry, Reach, Result, Store, StoreError, Tx, get, of_word, word};
use crate::interpret::Verdict;
use crate::review::{Place, moved, switched};
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use serde_json::json;
use sqlx::any::AnyRow;
use sqlx::{AssertSqlSafe, Row};

/// What a site is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum SiteKind {
    /// The diagnosis centre.
    Centre,
    /// A hospital.
    Hospital,
    /// A township hospital.
    Township,
    /// A village clinic.
    #[default]
    Village,
}

/// When a second physician must agree.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum SecondRule {
    /// Never by rule.
    #[default]
    Never,
    /// Abnormal and critical ECGs.
    Abnormal,
    /// Critical ECGs.
    Critical,
    /// Every one.
    Always,
}

impl SecondRule {
    /// Whether it asks for a second reading of an ECG of this verdict.
    pub const fn demands(self, verdict: Verdict) -> bool {
        match self {
            Self::Never => false,
            Self::Abnormal => matches!(verdict, Verdict::Abnormal | Verdict::Critical),
            Self::Critical => matches!(verdict, Verdict::Critical),
            Self::Always => true,
        }
    }
}

/// A site.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Site {
    /// Its key; 0 before it is kept.
    #[serde(default)]
    pub id: i64,
    /// The site above.
    #[serde(default)]
    pub parent: Option<i64>,
    /// Keys from the top to itself, `/1/4/`.
    #[serde(skip)]
    pub path: String,
    /// Name.
    pub name: String,
    /// What it is.
    #[serde(default)]
    pub kind: SiteKind,
    /// IANA time zone.
    #[serde(default = "shanghai")]
    pub time_zone: String,
    /// Minutes an urgent report may take.
    #[serde(default = "ten")]
    pub urgent_min: i64,
    /// Minutes any other may take.
    #[serde(default = "thirty")]
    pub routine_min: i64,
    /// When a second physician must agree.
    #[serde(default)]
    pub second: SecondRule,
    /// Telephone.
    #[serde(default)]
    pub phone: Option<String>,
    /// Whether it may send.
    #[serde(default = "yes")]
    pub active: bool,
}

fn shanghai() -> String {
    "Asia/Shanghai".to_owned()
}
const fn ten() -> i64 {
    10
}
const fn thirty() -> i64 {
    30
}
const fn yes() -> bool {
    true
}

impl Site {
    /// A site with the usual limits.
    pub fn new(parent: Option<i64>, name: &str, kind: SiteKind) -> Self {
        Self {
            id: 0,
            parent,
            path: String::new(),
            name: name.to_owned(),
            kind,
            time_zone: shanghai(),
            urgent_min: ten(),
            routine_min: thirty(),
            second: SecondRule::Never,
            phone: None,
            active: true,
        }
    }

    /// How long a report may take.
    pub fn limit(&self, urgent: bool) -> SignedDuration {
        SignedDuration::from_mins(if urgent { self.urgent_min } else { self.routine_min })
    }

    fn place(&self) -> Place<'_> {
        Place { path: &self.path, active: self.active }
    }

    fn of(row: &AnyRow) -> Result<Self> {
        let (kind, second): (String, String) = (get(row, "kind")?, get(row, "second")?);
        Ok(Self {
            id: get(row, "id")?,
            parent: get(row, "parent")?,
            path: get(row, "path")?,
            name: get(row, "name")?,
            kind: of_word(&kind)?,
            time_zone: get(row, "time_zone")?,
            urgent_min: get(row, "urgent_min")?,
            routine_min: get(row, "routine_min")?,
            second: of_word(&second)?,
            phone: get(row, "phone")?,
            active: get::<i64>(row, "active")? != 0,
        })
    }
}

impl Store {
    /// Adds a site.
    pub async fn add_site(&self, site: &Site, by: Option<i64>, now: Timestamp) -> Result<Site> {
        let mut tx = self.begin().await?;
        let above = match site.parent {
            Some(parent) => tx.site(parent).await?.path,
            None => "/".to_owned(),
        };
        let sql = "INSERT INTO site (parent, path, name, kind, time_zone, urgent_min, routine_min, second, phone, active) \
                   VALUES ($1, '', $2, $3, $4, $5, $6, $7, $8, $9) RETURNING id";
        let add = sqlx::query(sql).bind(site.parent).bind(&site.name).bind(word(&site.kind)).bind(&site.time_zone);
        let add = add.bind(site.urgent_min).bind(site.routine_min).bind(word(&site.second)).bind(&site.phone);
        let id: i64 = add.bind(i64::from(site.active)).fetch_one(&mut *tx.inner).await?.try_get("id")?;
        let path = format!("{above}{id}/");
        let place = sqlx::query("UPDATE site SET path = $1 WHERE id = $2").bind(&path).bind(id);
        place.execute(&mut *tx.inner).await?;
        let entry = Entry { person: by, action: "site-added", site: Some(id), ..Entry::default() };
        tx.audit(entry, now).await?;
        tx.commit().await?;
        Ok(Site { id, path, ..site.clone() })
    }

    /// Changes a site. Under another parent than before it moves there, with all below it and with their cases, in the
    /// same transaction.
    pub async fn change_site(&self, site: &Site, by: Option<i64>, now: Timestamp) -> Result<()> {
        let mut tx = self.begin().await?;
        let before = tx.site(site.id).await?;
        if site.active != before.active {
            tx.switch(&before, site.active).await?;
        }
        let above = site.parent.filter(|_| site.parent != before.parent);
        if let Some(parent) = above {
            tx.move_site(&Site { active: site.active, ..before.clone() }, parent).await?;
        }
        let sql = "UPDATE site SET name = $1, kind = $2, time_zone = $3, urgent_min = $4, routine_min = $5, \
                   second = $6, phone = $7, active = $8 WHERE id = $9";
        let change = sqlx::query(sql).bind(&site.name).bind(word(&site.kind)).bind(&site.time_zone);
        let change = change.bind(site.urgent_min).bind(site.routine_min).bind(word(&site.second)).bind(&site.phone);
        change.bind(i64::from(site.active)).bind(site.id).execute(&mut *tx.inner).await?;
        let mut detail =
            json!({ "urgent_min": site.urgent_min, "routine_min": site.routine_min, "active": site.active });
        if let Some(parent) = above {
            detail["moved"] = json!({ "from": before.parent, "to": parent });
        }
        let entry = Entry { person: by, action: "site-changed", site: Some(site.id), detail, ..Entry::default() };
        tx.audit(entry, now).await?;
        tx.commit().await
    }

    /// One site.
    pub async fn site(&self, id: i64) -> Result<Site> {
        let row = sqlx::query("SELECT * FROM site WHERE id = $1").bind(id).fetch_optional(&self.reading).await?;
        row.as_ref().map_or(Err(StoreError::Missing), Site::of)
    }

    /// The sites in reach, in the tree's order.
    pub async fn sites(&self, reach: &Reach) -> Result<Vec<Site>> {
        let sql = "SELECT * FROM site WHERE path >= $1 AND path < $2 ORDER BY path";
        let rows = sqlx::query(sql).bind(reach.from().to_owned()).bind(reach.to()).fetch_all(&self.reading).await?;
        rows.iter().map(Site::of).collect()
    }
}

impl Tx {
    pub(crate) async fn site(&mut self, id: i64) -> Result<Site> {
        let row = sqlx::query("SELECT * FROM site WHERE id = $1").bind(id).fetch_optional(&mut *self.inner).await?;
        row.as_ref().map_or(Err(StoreError::Missing), Site::of)
    }

    /// Refuses to close what open sites hang below, and to open what hangs below a closed one.
    async fn switch(&mut self, site: &Site, active: bool) -> Result<()> {
        let rows = sqlx::query("SELECT * FROM site").fetch_all(&mut *self.inner).await?;
        let all = rows.iter().map(Site::of).collect::<Result<Vec<_>>>()?;
        let places: Vec<Place<'_>> = all.iter().map(Site::place).collect();
        switched(&site.path, active, &places).map_err(StoreError::Misplaced)
    }

    /// Moves a site under another, and with it all below and the cases of all of them. Their rows stay locked until the
    /// end, so that no upload lands at the old place ([`Store::receive`] reads the path under a lock of its own).
    async fn move_site(&mut self, site: &Site, parent: i64) -> Result<()> {
        let reach = Reach::below(site.path.clone());
        let sql = format!("SELECT * FROM site WHERE path >= $1 AND path < $2 ORDER BY id{}", self.for_update());
        let held = sqlx::query(AssertSqlSafe(sql)).bind(site.path.clone()).bind(reach.to());
        held.fetch_all(&mut *self.inner).await?;
        let parent = self.site(parent).await?;
        let path = moved(site.place(), parent.place()).map_err(StoreError::Misplaced)?;
        let rest = site.path.len() + 1;
        for table in ["site", "ecg"] {
            let sql = format!("UPDATE {table} SET path = $1 || substr(path, {rest}) WHERE path >= $2 AND path < $3");
            let place = sqlx::query(AssertSqlSafe(sql)).bind(path.clone()).bind(site.path.clone()).bind(reach.to());
            place.execute(&mut *self.inner).await?;
        }
        let hang = sqlx::query("UPDATE site SET parent = $1 WHERE id = $2").bind(parent.id).bind(site.id);
        hang.execute(&mut *self.inner).await?;
        Ok(())
    }
}
