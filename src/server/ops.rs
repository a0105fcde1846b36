//! Running the centre: health, metrics, back-ups, analysing the archive again, and the log.

use super::App;
use super::access::Who;
use super::extract::Body;
use super::problem::{Answer, Problem, Spoken};
use super::room::{self, Enough, room};
use crate::store::{Queue, Reach};
use axum::Json;
use axum::extract::{MatchedPath, Query, Request, State};
use axum::http::{StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use jiff::Timestamp;
use serde::Deserialize;
use serde_json::{Value, json};
use std::fmt::Write as _;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

/// Upper bounds of the histograms, ms.
const BOUNDS_MS: [u64; 8] = [5, 10, 25, 50, 100, 300, 1000, 3000];

/// Counts since the start.
#[derive(Default)]
pub struct Counters {
    accepted: AtomicU64,
    refused: AtomicU64,
    signed: AtomicU64,
    analysed: AtomicU64,
    analysis_ms: AtomicU64,
    answers: [AtomicU64; 5],
    slower: [AtomicU64; BOUNDS_MS.len() + 1],
    answering_ms: AtomicU64,
}

fn one_more(counter: &AtomicU64) {
    counter.fetch_add(1, Ordering::Relaxed);
}

fn now_of(counter: &AtomicU64) -> u64 {
    counter.load(Ordering::Relaxed)
}

impl Counters {
    /// An ECG was accepted.
    pub fn accepted(&self) {
        one_more(&self.accepted);
    }
    /// A file was refused.
    pub fn refused(&self) {
        one_more(&self.refused);
    }
    /// A report was signed.
    pub fn signed(&self) {
        one_more(&self.signed);
    }
    /// An ECG was analysed.
    pub fn analysed(&self, took: Duration) {
        one_more(&self.analysed);
        self.analysis_ms.fetch_add(took.as_millis() as u64, Ordering::Relaxed);
    }
}

/// Counts every answer with its status and how long it took.
pub async fn count(State(app): State<App>, request: Request, next: Next) -> Response {
    let begun = std::time::Instant::now();
    let path = request.extensions().get::<MatchedPath>().map(|p| p.as_str().to_owned());
    let method = request.method().clone();
    let response = next.run(request).await;
    let counters = &app.inner.counters;
    let took = begun.elapsed().as_millis() as u64;
    let class = usize::from(response.status().as_u16() / 100).clamp(1, 5) - 1;
    one_more(&counters.answers[class]);
    one_more(&counters.slower[BOUNDS_MS.iter().position(|b| took <= *b).unwrap_or(BOUNDS_MS.len())]);
    counters.answering_ms.fetch_add(took, Ordering::Relaxed);
    if response.status().is_server_error() {
        // The route as written, never the path as asked.
        log(&format!("{method} {}: {}", path.unwrap_or_default(), response.status().as_u16()));
    }
    response
}

/// A line on standard error: no patient data, no addresses of cases.
pub fn log(line: &str) {
    use std::io::Write;
    let _ = writeln!(std::io::stderr(), "einthoven: {line}");
}

/// `GET /health`
pub async fn health(State(app): State<App>) -> Response {
    let (database, objects) = tokio::join!(app.store().answers(), app.store().objects().answers());
    let queue = if database { app.store().queue().await.unwrap_or_default() } else { Queue::default() };
    let room = if database { room(&app).await.ok().flatten() } else { None };
    let well = database && objects;
    let receives = well && room.is_none_or(|room| room.enough() != Enough::None);
    let body = json!({
        "status": if receives { "ok" } else { "degraded" },
        "version": crate::report::VERSION,
        "database": database,
        "objects": objects,
        "room": room.map(|r| json!({ "enough": r.enough(), "free": r.free, "reserve": r.reserve })),
        "queue": queue.jobs,
        "oldest_queued_s": queue.oldest.map(|ms| (app.now().as_millisecond() - ms).max(0) / 1000),
    });
    // Where only uploads are refused, a proxy must not keep readers away.
    let status = if well { StatusCode::OK } else { StatusCode::SERVICE_UNAVAILABLE };
    let mut response = (status, Json(body)).into_response();
    response.extensions_mut().insert(Spoken);
    response
}

/// `GET /metrics`, in Prometheus' text format 0.0.4.
pub async fn metrics(State(app): State<App>) -> Answer<Response> {
    let c = &app.inner.counters;
    let queue = app.store().queue().await?;
    let counts = app.store().counts(&Reach::below("/"), app.now()).await?;
    let room = room(&app).await?;
    let oldest = queue.oldest.map_or(0, |ms| (app.now().as_millisecond() - ms) / 1000);
    let mut out = String::new();
    let mut say = |name: &str, kind: &str, help: &str, value: i64| {
        let _ =
            writeln!(out, "# HELP einthoven_{name} {help}\n# TYPE einthoven_{name} {kind}\neinthoven_{name} {value}");
    };
    say("uploads_accepted_total", "counter", "ECGs accepted since the start.", now_of(&c.accepted) as i64);
    say("uploads_refused_total", "counter", "Files refused since the start.", now_of(&c.refused) as i64);
    say("reports_signed_total", "counter", "Signatures since the start.", now_of(&c.signed) as i64);
    say("analyses_total", "counter", "ECGs analysed since the start.", now_of(&c.analysed) as i64);
    say("analysis_milliseconds_total", "counter", "Time spent on analyses.", now_of(&c.analysis_ms) as i64);
    say("queue_jobs", "gauge", "ECGs waiting for analysis.", queue.jobs);
    say("queue_oldest_seconds", "gauge", "Age of the oldest of them.", oldest);
    say("worklist_waiting", "gauge", "Cases open to any reader.", counts.waiting);
    say("worklist_reading", "gauge", "Cases open at a reader.", counts.reading);
    say("worklist_second", "gauge", "Cases for a second reader.", counts.second);
    say("worklist_overdue", "gauge", "Cases past the limit of their site.", counts.overdue);
    say("set_aside", "gauge", "Cases that could not be analysed.", counts.set_aside);
    say("critical_unacknowledged", "gauge", "Critical values nobody has acknowledged.", counts.alarms);
    say("event_streams", "gauge", "Pages that listen.", app.inner.events.listeners() as i64);
    if let Some(room) = room {
        say("disk_free_bytes", "gauge", "Room on the centre's own disk.", room.free as i64);
        say("disk_reserve_bytes", "gauge", "Kept back: uploads are refused below.", room.reserve as i64);
    }
    let _ = writeln!(out, "# HELP einthoven_http_responses_total Answers by class of status.");
    let _ = writeln!(out, "# TYPE einthoven_http_responses_total counter");
    for (class, n) in c.answers.iter().enumerate() {
        let _ = writeln!(out, "einthoven_http_responses_total{{class=\"{}xx\"}} {}", class + 1, now_of(n));
    }
    let _ = writeln!(out, "# HELP einthoven_http_seconds Time to answer.\n# TYPE einthoven_http_seconds histogram");
    let mut total = 0;
    for (place, n) in c.slower.iter().enumerate() {
        total += now_of(n);
        let bound = BOUNDS_MS.get(place).map_or_else(|| "+Inf".to_owned(), |ms| (*ms as f64 / 1000.0).to_string());
        let _ = writeln!(out, "einthoven_http_seconds_bucket{{le=\"{bound}\"}} {total}");
    }
    let _ = writeln!(out, "einthoven_http_seconds_sum {}", now_of(&c.answering_ms) as f64 / 1000.0);
    let _ = writeln!(out, "einthoven_http_seconds_count {total}");
    Ok(([(header::CONTENT_TYPE, "text/plain; version=0.0.4")], out).into_response())
}

/// `GET /api/openapi.json`
pub async fn description() -> Response {
    let cached = [(header::CONTENT_TYPE, "application/json"), (header::CACHE_CONTROL, "no-cache")];
    (cached, include_str!("openapi.json")).into_response()
}

/// `GET /api/backups`
pub async fn backups(State(app): State<App>) -> Answer<Json<Value>> {
    let mut all = Vec::new();
    let entries = app.inner.backups.as_ref().and_then(|folder| std::fs::read_dir(folder).ok());
    for entry in entries.into_iter().flatten().flatten() {
        let Ok(about) = entry.path().join("centre.sqlite").metadata() else { continue };
        let made = about.modified().ok().and_then(|t| Timestamp::try_from(t).ok());
        let name = entry.file_name().to_string_lossy().into_owned();
        all.push((name.clone(), json!({ "name": name, "made": made, "bytes": about.len() })));
    }
    all.sort_by(|a, b| b.0.cmp(&a.0));
    Ok(Json(json!({ "backups": all.into_iter().map(|(_, b)| b).collect::<Vec<_>>() })))
}

/// `POST /api/backups`
pub async fn back_up(State(app): State<App>, who: Who) -> Answer<(StatusCode, Json<Value>)> {
    let unsupported = || Problem::from(crate::store::StoreError::Unsupported(crate::store::EMBEDDED_ONLY));
    let folder = app.inner.backups.as_ref().ok_or_else(unsupported)?;
    room::demand(&app, app.store().database_bytes().await?).await?;
    std::fs::create_dir_all(folder).map_err(|_| Problem::new("unavailable"))?;
    let name = app.now().strftime("%Y%m%dT%H%M%SZ").to_string();
    let made = app.store().back_up(&folder.join(&name), who.ids().0, app.now()).await?;
    Ok((StatusCode::CREATED, Json(json!({ "name": name, "bytes": made.bytes, "objects": made.objects }))))
}

/// Which part of the archive.
#[derive(Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Part {
    from: Option<Timestamp>,
    to: Option<Timestamp>,
    site: Option<i64>,
}

/// `POST /api/reanalysis`
pub async fn reanalyse(State(app): State<App>, who: Who, Body(part): Body<Part>) -> Answer<Json<Value>> {
    let mut reach = who.reach();
    if let Some(site) = part.site {
        let path = app.store().site(site).await?.path;
        if !reach.holds(&path) {
            return Err(Problem::new("not-found"));
        }
        reach = Reach::below(path);
    }
    let queued = app.store().reanalyse((part.from, part.to), &reach, who.person()?.id, app.now()).await?;
    Ok(Json(json!({ "queued": queued })))
}

/// How many.
#[derive(Deserialize)]
pub struct Most {
    limit: Option<i64>,
}

/// `GET /api/reanalysis`
pub async fn changes(State(app): State<App>, Query(most): Query<Most>) -> Answer<Json<Value>> {
    let changes = app.store().changes(most.limit.unwrap_or(200).clamp(1, 1000)).await?;
    let listed = changes.iter().map(|(case, at, c)| {
        json!({
            "case": case, "at": at, "before": c.before, "after": c.after, "gone": c.gone, "new": c.new,
            "signed": c.signed,
        })
    });
    Ok(Json(json!({
        "pending": app.store().queue().await?.jobs,
        "done": now_of(&app.inner.counters.analysed),
        "changes": listed.collect::<Vec<_>>(),
    })))
}
