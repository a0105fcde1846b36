//! Critical values: raised, acknowledged by the clinic, what was done recorded, or withdrawn by a physician.

use super::access::{TheCase, Who};
use super::extract::Body;
use super::problem::{Answer, Problem};
use super::{App, blind, cases, shape};
use crate::review::{CriticalLoop, Refusal};
use crate::store::CaseRow;
use axum::Json;
use axum::extract::State;
use serde::Deserialize;
use serde_json::{Value, json};

async fn said(app: &App, row: &CaseRow) -> Answer<Value> {
    let report = cases::analysis_of(app, row).await?.get("report").cloned().unwrap_or(Value::Null);
    let alarm = row.alarm.as_ref().ok_or_else(|| Problem::new("not-found"))?;
    let limits = app.store().settings().await?.critical();
    Ok(shape::alarm(app.store(), alarm, &cases::critical_items(row, &report), &limits, app.now()).await?)
}

async fn moved(
    app: &App,
    who: &Who,
    row: &CaseRow,
    action: &'static str,
    detail: Value,
    next: impl FnOnce(Option<CriticalLoop>) -> Option<CriticalLoop> + Send,
) -> Answer<Json<Value>> {
    blind::shield(app, who, row).await?;
    let entry = crate::store::Entry { detail, ..who.entry(action) };
    let row = app.store().alarm(row.id, next, entry, app.now()).await?;
    Ok(Json(said(app, &row).await?))
}

/// What is critical, or what was done.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct What {
    what: String,
}

/// `POST …/critical/raise`
pub async fn raise(
    State(app): State<App>,
    who: Who,
    TheCase(row): TheCase,
    Body(asked): Body<What>,
) -> Answer<Json<Value>> {
    if asked.what.trim().is_empty() {
        return Err(Refusal::NoReason.into());
    }
    let now = app.now();
    let detail = json!({ "what": asked.what.trim() });
    moved(&app, &who, &row, "critical-raised", detail, |before| {
        let over = before.is_none_or(|b| b.step() > crate::review::CriticalStep::Acknowledged);
        over.then(|| CriticalLoop::raise(now))
    })
    .await
}

/// `POST …/critical/withdraw`
pub async fn withdraw(State(app): State<App>, who: Who, TheCase(row): TheCase) -> Answer<Json<Value>> {
    let (now, by) = (app.now(), who.person()?.id);
    moved(&app, &who, &row, "critical-withdrawn", Value::Null, |before| before?.withdraw(now, by)).await
}

/// `POST …/critical/acknowledge`
pub async fn acknowledge(State(app): State<App>, who: Who, TheCase(row): TheCase) -> Answer<Json<Value>> {
    let (now, by) = (app.now(), who.person()?.id);
    moved(&app, &who, &row, "critical-acknowledged", Value::Null, |before| Some(before?.acknowledge(now, by))).await
}

/// `POST …/critical/dispose`
pub async fn dispose(
    State(app): State<App>,
    who: Who,
    TheCase(row): TheCase,
    Body(asked): Body<What>,
) -> Answer<Json<Value>> {
    let (now, by) = (app.now(), who.person()?.id);
    if asked.what.trim().is_empty() {
        return Err(Refusal::NoReason.into());
    }
    moved(&app, &who, &row, "critical-disposed", Value::Null, |before| before?.dispose(now, by, &asked.what)).await
}

/// `GET /api/critical`
pub async fn open(State(app): State<App>, who: Who) -> Answer<Json<Value>> {
    let (limits, now) = (app.store().settings().await?.critical(), app.now());
    let mut rows = app.store().open_alarms(&who.reach()).await?;
    let hidden = blind::hidden(&app, &who).await?;
    rows.retain(|row| !hidden.contains(&row.id));
    let overdue = |row: &CaseRow| row.alarm.as_ref().and_then(|a| a.overdue(now, &limits)).map_or(0, |d| d.as_secs());
    rows.sort_by_key(|row| std::cmp::Reverse(overdue(row)));
    let mut open = Vec::new();
    for row in rows {
        open.push(json!({ "row": shape::row(&row), "loop": said(&app, &row).await? }));
    }
    Ok(Json(json!({ "open": open })))
}
