//! The steps of a case: opened, given on, refused, changed, signed, amended.

use super::access::{TheCase, Who};
use super::extract::Body;
use super::problem::{Answer, Problem};
use super::session::check_secret;
use super::{App, blind, cases, shape, signing};
use crate::review::{Act, Action, State as CaseState, may};
use crate::store::{CaseRow, Draft, Entry, StoreError};
use axum::Json;
use axum::extract::{Query, State};
use axum::routing::{MethodRouter, post};
use jiff::SignedDuration;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

/// What a body asks for: the step, and a note for the next reader or the reason.
type Asked = (Action, Option<String>);

async fn step(app: &App, who: &Who, row: &CaseRow, (action, note): Asked) -> Answer<Json<Value>> {
    blind::shield(app, who, row).await?;
    let rules = app.store().settings().await?.rules();
    let stepped = app.store().step(row.id, &action, note.as_deref(), who.person()?, (&rules, app.now())).await;
    match stepped {
        Ok(row) => Ok(Json(shape::row(&row))),
        Err(error) => Err(named(app, error).await),
    }
}

/// A handler that takes the step which `of` makes of the body.
fn taking<T: DeserializeOwned + Send + 'static>(of: fn(T) -> Asked) -> MethodRouter<App> {
    post(async move |State(app): State<App>, who: Who, TheCase(row): TheCase, Body(asked): Body<T>| {
        step(&app, &who, &row, of(asked)).await
    })
}

/// The name of who has it open, where that is the trouble.
async fn named(app: &App, error: StoreError) -> Problem {
    let by = match &error {
        StoreError::Refused(crate::review::Refusal::Locked { by, .. }) => app.store().name_of(*by).await.ok(),
        _ => None,
    };
    let problem = Problem::from(error);
    match by {
        Some(by) => problem.with("by", json!(by.name)),
        None => problem,
    }
}

/// Nothing.
#[derive(Deserialize)]
struct Nothing {}

/// Of `claim`.
#[derive(Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct Claim {
    take_over: bool,
}

/// Of `ask-senior`.
#[derive(Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct Note {
    note: Option<String>,
}

/// Of `refuse` and `amend`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Reason {
    reason: String,
}

/// `POST …/claim`
pub fn claim() -> MethodRouter<App> {
    taking(|asked: Claim| (if asked.take_over { Action::TakeOver } else { Action::Claim }, None))
}

/// `POST …/release`
pub fn release() -> MethodRouter<App> {
    taking(|_: Nothing| (Action::Release, None))
}

/// `POST …/ask-senior`
pub fn ask_senior() -> MethodRouter<App> {
    taking(|asked: Note| (Action::AskSenior, asked.note))
}

/// `POST …/refuse`
pub fn refuse() -> MethodRouter<App> {
    taking(|asked: Reason| (Action::Refuse { reason: asked.reason.trim().to_owned() }, None))
}

/// `POST …/amend`
pub fn amend() -> MethodRouter<App> {
    taking(|asked: Reason| (Action::Amend, Some(asked.reason.trim().to_owned())))
}

/// Of `hand-over`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct HandOver {
    to: i64,
    #[serde(default)]
    note: Option<String>,
}

/// `POST …/hand-over`
pub async fn hand_over(
    State(app): State<App>,
    who: Who,
    TheCase(row): TheCase,
    Body(asked): Body<HandOver>,
) -> Answer<Json<Value>> {
    let to = app.store().person(asked.to).await?;
    // Only to who sees the case: to anybody else it would be lost until the lock falls.
    if !to.active || !to.reach().holds(&row.path) {
        return Err(Problem::new("not-found"));
    }
    step(&app, &who, &row, (Action::HandOver { to: to.actor() }, asked.note)).await
}

/// Of `draft`.
#[derive(Deserialize)]
pub struct Seen {
    revision: Option<i64>,
}

/// `PUT …/draft`
pub async fn draft(
    State(app): State<App>,
    who: Who,
    TheCase(row): TheCase,
    Query(seen): Query<Seen>,
    Body(draft): Body<Draft>,
) -> Answer<Json<Value>> {
    blind::shield(&app, &who, &row).await?;
    let report = cases::analysis_of(&app, &row).await?.get("report").cloned().unwrap_or(Value::Null);
    // What does not fit is refused before it is kept.
    cases::draft_state(&app, &row, &draft, &report).await?;
    let rules = app.store().settings().await?.rules();
    let kept = app.store().save_draft(row.id, &draft, seen.revision, who.person()?, (&rules, app.now())).await;
    match kept {
        Ok(row) => Ok(Json(cases::draft_state(&app, &row, &draft, &report).await?)),
        Err(error) => Err(named(&app, error).await),
    }
}

/// Of `sign`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Sign {
    secret: String,
    revision: i64,
}

/// `POST …/sign`
pub async fn sign(
    State(app): State<App>,
    who: Who,
    TheCase(row): TheCase,
    Body(asked): Body<Sign>,
) -> Answer<Json<Value>> {
    let person = who.person()?;
    blind::shield(&app, &who, &row).await?;
    if row.revision != asked.revision {
        return Err(Problem::new("stale"));
    }
    if !matches!(row.case.state, CaseState::Reading { .. } | CaseState::SecondReading { .. }) {
        return Err(crate::review::Refusal::NotHeld.into());
    }
    check_secret(&app, person, &asked.secret).await?;
    let draft = app.store().draft(row.id).await?.map(|(draft, _, _)| draft).unwrap_or_default();
    let first = match row.first_reader() {
        Some(id) => Some(app.store().name_of(id).await?.name),
        None => None,
    };
    let prepared = signing::prepare(&app, &row, draft, first, person).await?;
    let rules = app.store().settings().await?.rules();
    let signed =
        app.store().sign(row.id, asked.revision, (&prepared.code, prepared.body), person, (&rules, app.now())).await;
    let (row, version) = match signed {
        Ok(signed) => signed,
        Err(error) => return Err(named(&app, error).await),
    };
    app.inner.counters.signed();
    let next = app.store().first_waiting(&who.reach()).await?;
    let code = version.map(|_| prepared.code);
    Ok(Json(json!({ "row": shape::row(&row), "version": version, "code": code, "next": next })))
}

/// `POST …/retry`
pub async fn retry(State(app): State<App>, who: Who, TheCase(row): TheCase) -> Answer<Json<Value>> {
    if row.erased.is_some() {
        return Err(Problem::new("erased"));
    }
    if !matches!(row.case.state, CaseState::SetAside { .. }) {
        return Err(Problem::new("out-of-turn"));
    }
    let entry = Entry { case: Some(row.id), site: Some(row.site.id), ..who.entry("retried") };
    app.store().retry(&row, entry, app.now()).await?;
    Ok(Json(shape::row(&row)))
}

/// `GET /api/readers`
pub async fn readers(State(app): State<App>, who: Who) -> Answer<Json<Value>> {
    let me = who.person()?;
    let online = app.store().online(app.now() - SignedDuration::from_mins(3)).await?;
    let root = crate::store::Reach::below("/");
    let mut readers = Vec::new();
    for person in app.store().people(&root).await? {
        // Who reads for this site or for one above it can be given what is mine.
        let sees = person.reach().holds(&me.path) || me.reach().holds(&person.path);
        if person.active && person.id != me.id && sees && may(person.role, Act::Read) {
            let here = online.contains(&person.id);
            readers.push(json!({ "id": person.id, "name": person.name, "role": person.role, "online": here }));
        }
    }
    Ok(Json(json!({ "readers": readers })))
}
