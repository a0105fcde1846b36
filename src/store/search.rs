//! The worklist, searches and counts.

use super::row::{COLUMNS, FROM};
use super::{CaseRow, Reach, Result, Store, get, ms, word};
use crate::interpret::Verdict;
use crate::review::Priority;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use sqlx::AssertSqlSafe;
use std::fmt::Write as _;

/// Which list.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum View {
    /// What waits for readers, in reading order.
    Worklist,
    /// What I have open or have read.
    Mine,
    /// What waits for a second reader.
    Second,
    /// What is reported.
    Done,
    /// What was refused for quality.
    Refused,
    /// What could not be analysed.
    SetAside,
    /// What has a critical value that is not closed.
    Critical,
    /// Everything, newest first.
    #[default]
    All,
}

/// What is looked for.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Query {
    /// Which list.
    pub view: Option<View>,
    /// In one of these states.
    pub states: Vec<String>,
    /// In one of these groups.
    pub priorities: Vec<Priority>,
    /// At this site and below it.
    pub site: Option<i64>,
    /// Part of the patient's name, or the beginning of the identifier.
    pub text: Option<String>,
    /// This very case.
    pub case: Option<i64>,
    /// Received from then on.
    pub from: Option<Timestamp>,
    /// Received before then.
    pub to: Option<Timestamp>,
    /// With this conclusion.
    pub verdict: Option<Verdict>,
    /// At most so many.
    pub limit: Option<i64>,
    /// After the last of the page before.
    pub after: Option<String>,
}

/// A page of a list.
#[derive(Debug)]
pub struct Found {
    /// The cases.
    pub cases: Vec<CaseRow>,
    /// Where the next page begins; `None` = this is the last.
    pub next: Option<String>,
}

/// How much there is, of all sites in reach.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Counts {
    /// Worklist: critical.
    pub critical: i64,
    /// Worklist: chest pain.
    pub chest_pain: i64,
    /// Worklist: urgent.
    pub urgent: i64,
    /// Worklist: all else.
    pub routine: i64,
    /// Open to any reader.
    pub waiting: i64,
    /// Open at a reader.
    pub reading: i64,
    /// Waiting for a second reader, or with one.
    pub second: i64,
    /// Past the site's limit.
    pub overdue: i64,
    /// Not analysed yet.
    pub received: i64,
    /// Set aside.
    pub set_aside: i64,
    /// Critical values that nobody has acknowledged.
    pub alarms: i64,
}

impl Query {
    /// Whether what is found, or its order, tells what a physician signed.
    const fn tells(&self) -> bool {
        let told = matches!(self.view, Some(View::Worklist | View::Second | View::Critical));
        told || self.verdict.is_some() || !self.priorities.is_empty()
    }
}

/// A condition with the values of its places `?`.
#[derive(Default)]
struct Conditions {
    sql: Vec<String>,
    values: Vec<Value>,
}

enum Value {
    Number(i64),
    Words(String),
}

impl Conditions {
    fn plain(&mut self, sql: &str) {
        self.sql.push(sql.to_owned());
    }

    /// `sql` with `?` for each value.
    fn with(&mut self, sql: &str, values: Vec<Value>) {
        let mut said = String::new();
        let mut number = self.values.len();
        for part in sql.split('?') {
            if !said.is_empty() {
                number += 1;
                let _ = write!(said, "${number}");
            }
            said += part;
        }
        self.sql.push(said);
        self.values.extend(values);
    }

    fn one_of(&mut self, column: &str, values: Vec<Value>) {
        let places = vec!["?"; values.len()].join(", ");
        self.with(&format!("{column} IN ({places})"), values);
    }
}

fn in_order(query: &Query, reader: i64) -> (Conditions, bool) {
    let mut conditions = Conditions::default();
    let view = query.view.unwrap_or_default();
    match view {
        View::Worklist => conditions.plain("e.waits = 1"),
        View::Mine => conditions.with("e.reader = ?", vec![Value::Number(reader)]),
        View::Second => conditions.plain("e.waits = 1 AND e.state IN ('second-waiting', 'second-reading')"),
        View::Done => conditions.plain("e.state = 'reported'"),
        View::Refused => conditions.plain("e.state = 'refused'"),
        View::SetAside => conditions.plain("e.state = 'set-aside'"),
        View::Critical => conditions.plain("e.alarm IN ('raised', 'acknowledged')"),
        View::All => {}
    }
    (conditions, matches!(view, View::Worklist | View::Second))
}

/// Where a page ended: of the worklist its place, of others the time of arrival.
fn after(cursor: &str, sorted: bool, conditions: &mut Conditions) {
    let numbers: Option<Vec<i64>> = cursor.split('.').map(|n| n.parse().ok()).collect();
    let number = |n: &i64| Value::Number(*n);
    match (numbers.as_deref(), sorted) {
        (Some([group, due, id]), true) => {
            conditions
                .with("(e.priority, e.due, e.id) > (?, ?, ?)", [group, due, id].into_iter().map(number).collect());
        }
        (Some([received, id]), false) => {
            conditions.with("(e.received, e.id) < (?, ?)", [received, id].into_iter().map(number).collect());
        }
        _ => conditions.plain("1 = 0"),
    }
}

impl Store {
    /// A page of the cases in `reach` that are looked for. What `reader` is to read blindly is in no list that would tell
    /// what was signed of it.
    pub async fn find(&self, query: &Query, reach: &Reach, reader: i64) -> Result<Found> {
        let (mut conditions, sorted) = in_order(query, reader);
        let within = match query.site {
            Some(site) => Reach::below(self.site(site).await?.path),
            None => reach.clone(),
        };
        // The whole centre needs no condition, and an index in reading order serves it as it is.
        for reach in [reach, &within] {
            if reach.from().matches('/').count() > 2 {
                let bounds = vec![Value::Words(reach.from().to_owned()), Value::Words(reach.to())];
                conditions.with("e.path >= ? AND e.path < ?", bounds);
            }
        }
        if !query.states.is_empty() {
            conditions.one_of("e.state", query.states.iter().map(|s| Value::Words(s.clone())).collect());
        }
        if !query.priorities.is_empty() {
            let ranks = query.priorities.iter().map(|p| Value::Number(super::clinical::rank(*p)));
            conditions.one_of("e.priority", ranks.collect());
        }
        if let Some(text) = query.text.as_ref().map(|t| t.trim()).filter(|t| t.chars().count() >= 2) {
            let plain = text.replace(['%', '_', '\\'], "");
            let places = vec![Value::Words(format!("{plain}%")), Value::Words(format!("%{plain}%"))];
            conditions.with("(e.patient_id LIKE ? OR e.patient_name LIKE ?)", places);
        }
        if let Some(case) = query.case {
            conditions.with("e.id = ?", vec![Value::Number(case)]);
        }
        if let Some(from) = query.from {
            conditions.with("e.received >= ?", vec![Value::Number(ms(from))]);
        }
        if let Some(to) = query.to {
            conditions.with("e.received < ?", vec![Value::Number(ms(to))]);
        }
        if let Some(verdict) = &query.verdict {
            conditions.with("e.verdict = ?", vec![Value::Words(word(verdict))]);
        }
        if query.tells() {
            let blind = "e.id NOT IN (SELECT b.ecg FROM blind b JOIN blind_round r ON r.id = b.round \
                         WHERE r.reader = ? AND b.read_at IS NULL)";
            conditions.with(blind, vec![Value::Number(reader)]);
        }
        if let Some(cursor) = &query.after {
            after(cursor, sorted, &mut conditions);
        }
        self.page(conditions, sorted, query.limit.unwrap_or(50).clamp(1, 200)).await
    }

    async fn page(&self, conditions: Conditions, sorted: bool, limit: i64) -> Result<Found> {
        let order = if sorted { "e.priority, e.due, e.id" } else { "e.received DESC, e.id DESC" };
        let all = if conditions.sql.is_empty() { "1 = 1".to_owned() } else { conditions.sql.join(" AND ") };
        let sql = format!("SELECT {COLUMNS}{FROM} WHERE {all} ORDER BY {order} LIMIT {}", limit + 1);
        let mut ask = sqlx::query(AssertSqlSafe(sql));
        for value in conditions.values {
            ask = match value {
                Value::Number(n) => ask.bind(n),
                Value::Words(w) => ask.bind(w),
            };
        }
        let rows = ask.fetch_all(&self.reading).await?;
        let mut cases = rows.iter().take(limit as usize).map(CaseRow::of).collect::<Result<Vec<_>>>()?;
        for case in &mut cases {
            self.name_first(case).await?;
        }
        let more = rows.len() > cases.len();
        let next = cases.last().filter(|_| more).map(|last| {
            if sorted {
                format!("{}.{}.{}", super::clinical::rank(last.priority), ms(last.due), last.id)
            } else {
                format!("{}.{}", ms(last.received), last.id)
            }
        });
        Ok(Found { cases, next })
    }

    /// How much there is in reach.
    pub async fn counts(&self, reach: &Reach, now: Timestamp) -> Result<Counts> {
        let whole = reach.from().matches('/').count() <= 2;
        let within = if whole { "$2 = $2 AND $3 = $3" } else { "path >= $2 AND path < $3" };
        let sql = format!(
            "SELECT priority, state, COUNT(*) AS n, COUNT(CASE WHEN due < $1 THEN 1 END) AS late \
             FROM ecg WHERE waits = 1 AND {within} GROUP BY priority, state"
        );
        let ask = sqlx::query(AssertSqlSafe(sql)).bind(ms(now)).bind(reach.from().to_owned()).bind(reach.to());
        let mut counts = Counts::default();
        for row in &ask.fetch_all(&self.reading).await? {
            let (n, late): (i64, i64) = (get(row, "n")?, get(row, "late")?);
            let state: String = get(row, "state")?;
            *match get::<i64>(row, "priority")? {
                0 => &mut counts.critical,
                1 => &mut counts.chest_pain,
                2 => &mut counts.urgent,
                _ => &mut counts.routine,
            } += n;
            *match state.as_str() {
                "waiting" => &mut counts.waiting,
                "reading" => &mut counts.reading,
                _ => &mut counts.second,
            } += n;
            counts.overdue += late;
        }
        counts.received = self.count("state = 'received'", reach).await?;
        counts.set_aside = self.count("state = 'set-aside'", reach).await?;
        counts.alarms = self.count("alarm = 'raised'", reach).await?;
        Ok(counts)
    }

    async fn count(&self, condition: &'static str, reach: &Reach) -> Result<i64> {
        let sql = format!("SELECT COUNT(*) AS n FROM ecg WHERE {condition} AND path >= $1 AND path < $2");
        let ask = sqlx::query(AssertSqlSafe(sql)).bind(reach.from().to_owned()).bind(reach.to());
        get(&ask.fetch_one(&self.reading).await?, "n")
    }

    /// First case of the worklist that waits for anybody, in reach.
    pub async fn first_waiting(&self, reach: &Reach) -> Result<Option<i64>> {
        let sql = "SELECT id FROM ecg WHERE waits = 1 AND state = 'waiting' AND course NOT LIKE '%\"senior\":true%' \
                   AND path >= $1 AND path < $2 ORDER BY priority, due, id LIMIT 1";
        let ask = sqlx::query(sql).bind(reach.from().to_owned()).bind(reach.to());
        ask.fetch_optional(&self.reading).await?.as_ref().map(|r| get(r, "id")).transpose()
    }

    /// Cases with a critical value that is not closed, in reach, oldest first.
    pub async fn open_alarms(&self, reach: &Reach) -> Result<Vec<CaseRow>> {
        let sql = format!(
            "SELECT {COLUMNS}{FROM} WHERE e.alarm IN ('raised', 'acknowledged') AND e.path >= $1 AND e.path < $2 \
             ORDER BY e.received, e.id LIMIT 500"
        );
        let ask = sqlx::query(AssertSqlSafe(sql)).bind(reach.from().to_owned()).bind(reach.to());
        ask.fetch_all(&self.reading).await?.iter().map(CaseRow::of).collect()
    }
}
