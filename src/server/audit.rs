//! The audit for the administrator.

use super::problem::Answer;
use super::{App, shape};
use axum::Json;
use axum::extract::{Query, State};
use serde::Deserialize;
use serde_json::{Value, json};

/// Which entries.
#[derive(Deserialize)]
pub struct Wanted {
    before: Option<i64>,
    limit: Option<i64>,
    case: Option<i64>,
    user: Option<i64>,
    action: Option<String>,
}

/// `GET /api/audit`
pub async fn page(State(app): State<App>, Query(wanted): Query<Wanted>) -> Answer<Json<Value>> {
    let limit = wanted.limit.unwrap_or(100).clamp(1, 500);
    let Wanted { before, case, user, action, .. } = wanted;
    let entries = app.store().audit_page(before, case, user, action.as_deref(), limit).await?;
    let next = entries.last().map(|e| e.seq).filter(|seq| entries.len() as i64 == limit && *seq > 1);
    Ok(Json(json!({ "entries": shape::entries(app.store(), &entries).await?, "next": next })))
}

/// `GET /api/audit/verify`
pub async fn verify(State(app): State<App>) -> Answer<Json<Value>> {
    let chain = app.store().verify_audit().await?;
    Ok(Json(json!({
        "whole": chain.broken_at.is_none(),
        "entries": chain.entries,
        "head": chain.head,
        "broken_at": chain.broken_at,
    })))
}
