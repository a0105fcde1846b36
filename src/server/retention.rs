//! Originals whose time has come: what they are, and their deletion, which only an administrator starts.

use super::App;
use super::access::Who;
use super::extract::Body;
use super::problem::{Answer, Problem};
use crate::review::cutoff;
use axum::Json;
use axum::extract::State;
use jiff::Timestamp;
use jiff::tz::TimeZone;
use serde::Deserialize;
use serde_json::{Value, json};

/// Cases that a page lists.
const SHOWN: i64 = 100;
/// Cases of one request: the rest goes with the next.
const AT_ONCE: i64 = 1000;

/// The years that are set, and the time before which a case has expired now.
async fn limit(app: &App) -> Answer<(Option<i64>, Option<Timestamp>)> {
    let settings = app.store().settings().await?;
    let zone = TimeZone::get(&settings.time_zone).unwrap_or(TimeZone::UTC);
    Ok((settings.keep_years, cutoff(&app.now().to_zoned(zone), settings.keep_years)))
}

/// `GET /api/retention`: no names of patients; an administrator reads no ECG.
pub async fn listed(State(app): State<App>, who: Who) -> Answer<Json<Value>> {
    let (years, cutoff) = limit(&app).await?;
    let Some(before) = cutoff else {
        return Ok(Json(json!({ "keep_years": years, "before": null, "number": 0, "cases": [] })));
    };
    let (number, rows) = app.store().expired(before, &who.reach(), SHOWN).await?;
    let cases = rows.iter().map(|row| {
        json!({
            "id": row.id,
            "site": row.site,
            "received": row.received,
            "versions": row.case.versions,
            "files": row.files.len(),
            "bytes": row.files.iter().map(|f| f.bytes).sum::<u64>(),
        })
    });
    let cases: Vec<Value> = cases.collect();
    Ok(Json(json!({ "keep_years": years, "before": before, "number": number, "cases": cases })))
}

/// What the administrator saw and wants gone.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Seen {
    before: Timestamp,
    number: i64,
}

/// `POST /api/retention`: deletes what was listed. Where the years, or the number, are no longer those that were seen,
/// nothing goes.
pub async fn erase(State(app): State<App>, who: Who, Body(seen): Body<Seen>) -> Answer<Json<Value>> {
    let (_, cutoff) = limit(&app).await?;
    let stale = || Problem::new("stale");
    if cutoff.is_none_or(|now| seen.before > now) {
        return Err(stale());
    }
    let (number, _) = app.store().expired(seen.before, &who.reach(), 0).await?;
    if number != seen.number {
        return Err(stale());
    }
    let most = AT_ONCE.min(number);
    let erased = app.store().erase(seen.before, &who.reach(), most, who.ids().0, app.now()).await?;
    Ok(Json(json!({
        "erased": erased.cases,
        "objects": erased.objects,
        "waiting": erased.waiting,
        "left": number - erased.cases,
    })))
}
