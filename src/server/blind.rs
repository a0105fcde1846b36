//! Blind re-reading: the quality officer draws a sample of signed cases for a reader, who sees them as if nobody had signed
//! them and says what they show; the office sees how the two readings agree. Until it is read, nothing that was signed of
//! such a case reaches its reader, by whatever route.

use super::access::{TheCase, Who};
use super::extract::Body;
use super::office::words;
use super::problem::{Answer, Problem};
use super::{App, shape};
use crate::review::{Act, Edit, conclude, concord, may};
use crate::store::{CaseRow, NewRound, Person, Reach, Round};
use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use jiff::ToSpan;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use serde::Deserialize;
use serde_json::{Value, json};
use std::collections::BTreeSet;

/// Whether this person is to read the case blindly.
pub async fn is_blind(app: &App, who: &Who, case: i64) -> Answer<bool> {
    Ok(hidden(app, who).await?.contains(&case))
}

/// The cases whose signed reports this person must not see yet.
pub async fn hidden(app: &App, who: &Who) -> Answer<BTreeSet<i64>> {
    match who {
        Who::Person(person, _) if may(person.role, Act::Read) => Ok(app.store().blind_ids(person.id).await?),
        _ => Ok(BTreeSet::new()),
    }
}

/// Refuses what would show the signed report to who reads it blindly.
pub async fn shield(app: &App, who: &Who, row: &CaseRow) -> Answer<()> {
    if is_blind(app, who, row.id).await? { Err(Problem::new("blind")) } else { Ok(()) }
}

/// The row without what was signed: the machine's findings stand in the place of the physician's, and its urgency is what
/// the clinic said (a physician may have raised or withdrawn a critical value).
pub fn masked(row: &CaseRow) -> CaseRow {
    let priority = row.clinical.urgency(row.received, row.due.duration_since(row.received)).priority();
    CaseRow {
        priority,
        summary: row.machine.iter().take(4).map(|(_, text)| text.clone()).collect(),
        verdict: None,
        reader: None,
        first: None,
        reason: None,
        alarm: None,
        ..row.clone()
    }
}

fn round(round: &Round) -> Value {
    let found = concord(&round.pairs);
    let statements = found.statements.iter().map(|s| {
        let mut said = serde_json::to_value(s).unwrap_or_default();
        said["text"] = json!(words(&s.id));
        said
    });
    json!({
        "id": round.id, "month": round.month, "seed": round.seed, "reader": round.reader, "made": round.made,
        "number": round.number, "read": found.read, "same": found.same, "statements": statements.collect::<Vec<_>>(),
    })
}

/// Whether somebody reads for a part of `reach`.
fn reads(person: &Person, reach: &Reach) -> bool {
    let near = reach.holds(&person.path) || person.reach().holds(reach.from());
    person.active && may(person.role, Act::Read) && near
}

/// `GET /api/blind`
pub async fn rounds(State(app): State<App>, who: Who) -> Answer<Json<Value>> {
    let reach = who.reach();
    let rounds = app.store().rounds(&reach).await?;
    let people = app.store().people(&Reach::below("/")).await?;
    let readers = people.iter().filter(|p| reads(p, &reach)).map(|p| json!({ "id": p.id, "name": p.name }));
    Ok(Json(json!({
        "readers": readers.collect::<Vec<_>>(),
        "rounds": rounds.iter().map(round).collect::<Vec<_>>(),
    })))
}

/// What is to be drawn.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Wanted {
    month: String,
    number: usize,
    reader: i64,
    #[serde(default)]
    seed: Option<i64>,
}

/// `POST /api/blind`
pub async fn draw(State(app): State<App>, who: Who, Body(wanted): Body<Wanted>) -> Answer<(StatusCode, Json<Value>)> {
    let wrong =
        || Problem::wrong("月份应为 2026-11，份数 1–200", "the month is written 2026-11, the number is 1 to 200");
    let first: Date = format!("{}-01", wanted.month).parse().map_err(|_| wrong())?;
    if !(1..=200).contains(&wanted.number) || wanted.month.len() != 7 {
        return Err(wrong());
    }
    let reader = app.store().person(wanted.reader).await?;
    if !reads(&reader, &who.reach()) {
        return Err(Problem::new("not-found"));
    }
    let zone = TimeZone::get(&app.store().settings().await?.time_zone).unwrap_or(TimeZone::UTC);
    let start = |date: Date| date.to_zoned(zone.clone()).map(|z| z.timestamp()).map_err(|_| wrong());
    let signed = (start(first)?, start(first.saturating_add(1.month()))?);
    let seed = wanted.seed.unwrap_or_else(|| app.now().as_millisecond());
    let new = NewRound { month: &wanted.month, signed, number: wanted.number, seed, reader: &reader };
    let drawn = app.store().begin_round(&new, &who.reach(), who.ids().0, app.now()).await?;
    let none = || {
        Problem::wrong(
            "该月没有此医师可以盲法复读的已签发病例",
            "no case was signed in this month that this reader could read blindly",
        )
        .status(StatusCode::UNPROCESSABLE_ENTITY)
    };
    Ok((StatusCode::CREATED, Json(round(&drawn.ok_or_else(none)?))))
}

/// `GET /api/blind/mine`
pub async fn mine(State(app): State<App>, who: Who) -> Answer<Json<Value>> {
    let rows = app.store().blind_cases(who.person()?.id).await?;
    Ok(Json(json!({ "cases": rows.iter().map(|row| shape::row(&masked(row))).collect::<Vec<_>>() })))
}

/// What the reader made of the machine's findings.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Reading {
    edits: Vec<Edit>,
}

/// `POST /api/cases/{case}/blind`
pub async fn read(
    State(app): State<App>,
    who: Who,
    TheCase(row): TheCase,
    Body(reading): Body<Reading>,
) -> Answer<Json<Value>> {
    let person = who.person()?;
    if !is_blind(&app, &who, row.id).await? {
        return Err(Problem::new("out-of-turn"));
    }
    let said = conclude(&row.machine, &reading.edits).map_err(|_| Problem::new("stale"))?;
    if said.lines.is_empty() {
        return Err(Problem::wrong("结论不能为空", "the conclusion is empty").status(StatusCode::UNPROCESSABLE_ENTITY));
    }
    app.store().read_blind(row.id, &said.lines, person, app.now()).await?;
    let next = app.store().blind_cases(person.id).await?.first().map(|next| next.id);
    Ok(Json(json!({ "next": next })))
}
