//! Logging in and out, and what a person sets for himself or herself.

use super::App;
use super::access::{COOKIE, Who, act_word};
use super::extract::{Body, From};
use super::limits::Counted;
use super::problem::{Answer, Problem};
use super::secret;
use crate::review::{Act, may};
use crate::store::{Person, Session, StoreError};
use crate::text::Lang;
use axum::Json;
use axum::extract::State;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use jiff::{SignedDuration, Timestamp};
use serde::Deserialize;
use serde_json::{Value, json};

/// Wrong passwords in a row that lock an account, and for how long.
const FAILURES: i64 = 5;
const LOCK: SignedDuration = SignedDuration::from_mins(15);
/// Shortest password, characters (NIST SP 800-63B asks for 8).
const SHORTEST: usize = 10;

#[derive(Deserialize)]
pub struct LogIn {
    login: String,
    password: String,
}

/// Until when an account is locked. A lock that ends later than any could is of a clock that has been set back since.
fn locked_until(person: &Person, now: Timestamp) -> Option<Timestamp> {
    person.locked_until.filter(|until| *until > now && *until <= now + LOCK)
}

async fn said(app: &App, person: &Person, session: &Session) -> Answer<Value> {
    let settings = app.store().settings().await?;
    let acts: Vec<&str> = Act::ALL.iter().filter(|a| may(person.role, **a)).map(|a| act_word(*a)).collect();
    let zone = app.store().site(person.site).await?.time_zone;
    Ok(json!({
        "id": person.id,
        "login": person.login,
        "name": person.name,
        "role": person.role,
        "role_text": person.role.text(),
        "site": { "id": person.site, "name": person.site_name },
        "lang": person.lang,
        "has_pin": person.pin.is_some(),
        "must_change_password": person.must_change,
        "acts": acts,
        "csrf": session.csrf,
        "centre": settings.centre,
        "time_zone": zone,
        "demo": app.inner.demo,
        "version": crate::report::VERSION,
        "now": app.now(),
    }))
}

fn set_cookie(app: &App, token: &str, seconds: i64) -> HeaderValue {
    let secure = if app.inner.secure { "; Secure" } else { "" };
    let cookie = format!("{COOKIE}={token}; HttpOnly; SameSite=Strict; Path=/; Max-Age={seconds}{secure}");
    HeaderValue::from_str(&cookie).unwrap_or(HeaderValue::from_static(""))
}

/// `POST /api/session`
pub async fn log_in(State(app): State<App>, From(from): From, Body(asked): Body<LogIn>) -> Answer<Response> {
    let now = app.now();
    app.inner.limits.count(Counted::Login, from, now)?;
    let person = match app.store().person_of_login(&asked.login).await {
        Ok(person) => Some(person).filter(|p| p.active),
        Err(StoreError::Missing) => None,
        Err(other) => return Err(other.into()),
    };
    if let Some(until) = person.as_ref().and_then(|p| locked_until(p, now)) {
        return Err(Problem::new("locked-out").after_s(until.duration_since(now).as_secs()));
    }
    let fits = secret::check(asked.password, person.as_ref().map(|p| p.password.clone())).await;
    let Some(person) = person.filter(|_| fits) else {
        if let Ok(person) = app.store().person_of_login(&asked.login).await {
            app.store().count_failure(person.id, FAILURES, now + LOCK, now).await?;
        }
        return Err(Problem::new("wrong-password"));
    };
    let token = secret::token();
    let session =
        Session { token: secret::digest(&token), person: person.id, csrf: secret::token(), created: now, seen: now };
    app.store().begin_session(&session, &person, now).await?;
    let mut response = Json(said(&app, &person, &session).await?).into_response();
    response.headers_mut().insert(header::SET_COOKIE, set_cookie(&app, &token, 12 * 3600));
    response.extensions_mut().insert(person.lang);
    Ok(response)
}

fn session_of(who: &Who) -> Answer<(&Person, &Session)> {
    match who {
        Who::Person(person, session) => Ok((person, session)),
        Who::Key(_) => Err(Problem::new("forbidden")),
    }
}

/// `GET /api/session`
pub async fn me(State(app): State<App>, who: Who) -> Answer<Json<Value>> {
    let (person, session) = session_of(&who)?;
    Ok(Json(said(&app, person, session).await?))
}

#[derive(Deserialize)]
pub struct Language {
    lang: String,
}

/// `PATCH /api/session`
pub async fn set_language(State(app): State<App>, who: Who, Body(asked): Body<Language>) -> Answer<Json<Value>> {
    let (person, session) = session_of(&who)?;
    let person = Person { lang: Lang::of_locale(&asked.lang), ..person.clone() };
    app.store().change_person(&person, "language-changed", Some(person.id), app.now()).await?;
    Ok(Json(said(&app, &person, session).await?))
}

/// `DELETE /api/session`
pub async fn log_out(State(app): State<App>, who: Who) -> Answer<Response> {
    let (_, session) = session_of(&who)?;
    app.store().end_session(session, app.now()).await?;
    let mut response = StatusCode::NO_CONTENT.into_response();
    response.headers_mut().insert(header::SET_COOKIE, set_cookie(&app, "", 0));
    Ok(response)
}

#[derive(Deserialize)]
pub struct NewPassword {
    old: String,
    new: String,
}

/// `PUT /api/session/password`
pub async fn set_password(State(app): State<App>, who: Who, Body(asked): Body<NewPassword>) -> Answer<Json<Value>> {
    let (person, session) = session_of(&who)?;
    if !secret::check(asked.old.clone(), Some(person.password.clone())).await {
        return Err(wrong_secret(&app, person).await?);
    }
    let length = asked.new.chars().count();
    if !(SHORTEST..=200).contains(&length) || asked.new == asked.old || asked.new == person.login {
        return Err(Problem::wrong(
            format!("新密码至少 {SHORTEST} 个字符，且不能与旧密码或用户名相同"),
            format!(
                "the new password needs {SHORTEST} characters at least, and to differ from the old one and the name"
            ),
        ));
    }
    let password = secret::hash_aside(asked.new).await;
    let person = Person { password, must_change: false, ..person.clone() };
    app.store().change_person(&person, "password-changed", Some(person.id), app.now()).await?;
    app.store().end_sessions(person.id, &session.token).await?;
    Ok(Json(said(&app, &person, session).await?))
}

#[derive(Deserialize)]
pub struct NewPin {
    password: String,
    pin: Option<String>,
}

/// `PUT /api/session/pin`
pub async fn set_pin(State(app): State<App>, who: Who, Body(asked): Body<NewPin>) -> Answer<Json<Value>> {
    let (person, session) = session_of(&who)?;
    if !secret::check(asked.password, Some(person.password.clone())).await {
        return Err(wrong_secret(&app, person).await?);
    }
    let pin = match asked.pin {
        Some(pin) if (4..=12).contains(&pin.len()) && pin.bytes().all(|b| b.is_ascii_digit()) => {
            Some(secret::hash_aside(pin).await)
        }
        Some(_) => return Err(Problem::wrong("签名 PIN 为 4–12 位数字", "a PIN has 4 to 12 digits")),
        None => None,
    };
    let person = Person { pin, ..person.clone() };
    app.store().change_person(&person, "pin-changed", Some(person.id), app.now()).await?;
    Ok(Json(said(&app, &person, session).await?))
}

/// Checks what a person signs with: password or PIN. Wrong ones count as at the log-in, and lock the account.
pub async fn check_secret(app: &App, person: &Person, given: &str) -> Answer<()> {
    let now = app.now();
    if let Some(until) = locked_until(person, now) {
        return Err(Problem::new("locked-out").after_s(until.duration_since(now).as_secs()));
    }
    let digits = given.len() <= 12 && given.bytes().all(|b| b.is_ascii_digit());
    let fits = digits && secret::check(given.to_owned(), person.pin.clone()).await
        || secret::check(given.to_owned(), Some(person.password.clone())).await;
    if !fits {
        return Err(wrong_secret(app, person).await?);
    }
    if person.failures > 0 {
        app.store().forgive(person.id).await?;
    }
    Ok(())
}

async fn wrong_secret(app: &App, person: &Person) -> Answer<Problem> {
    let now = app.now();
    app.store().count_failure(person.id, FAILURES, now + LOCK, now).await?;
    Ok(Problem::new("wrong-password").status(StatusCode::FORBIDDEN))
}
