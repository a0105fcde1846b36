//! Server-sent events: what changes of the cases in reach, as it changes. They are fed from the audit, which every change
//! is in, in one order; who was away for a while goes on from the number last seen.

use super::App;
use super::access::Who;
use super::problem::Answer;
use crate::store::{CaseRow, Recorded, StoreError};
use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::sse::{Event, KeepAlive, Sse};
use futures_util::stream::{self, Stream};
use serde_json::{Value, json};
use std::collections::VecDeque;
use std::convert::Infallible;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;
use tokio::sync::broadcast;
use tokio::sync::broadcast::error::RecvError;

/// Entries of the audit that pages hear of.
const HEARD: &[&str] = &[
    "received",
    "analysed",
    "set-aside",
    "claimed",
    "released",
    "taken-over",
    "handed-over",
    "asked-senior",
    "drafted",
    "refused",
    "signed-first",
    "signed",
    "amended",
    "critical-raised",
    "critical-acknowledged",
    "critical-disposed",
    "critical-withdrawn",
    "clinical-changed",
];
/// Who is further behind than this reloads.
const BACKLOG: i64 = 500;

/// A change on its way to the pages.
#[derive(Clone, Debug)]
pub struct Change {
    seq: i64,
    path: String,
    /// Who reads the case blindly and must not hear of it.
    not_for: Option<i64>,
    data: String,
}

impl Change {
    fn is_for(&self, who: &Who) -> bool {
        who.reach().holds(&self.path) && (self.not_for.is_none() || self.not_for != who.ids().0)
    }
}

/// The fan-out of this process.
pub struct Hub {
    out: broadcast::Sender<Arc<Change>>,
}

impl Default for Hub {
    fn default() -> Self {
        Self { out: broadcast::channel(1024).0 }
    }
}

impl Hub {
    /// Streams that are open.
    pub fn listeners(&self) -> usize {
        self.out.receiver_count()
    }
}

fn change(entry: &Recorded, row: &CaseRow, not_for: Option<i64>) -> Change {
    let state = serde_json::to_value(&row.case.state).ok();
    let data = json!({
        "seq": entry.seq,
        "action": entry.action,
        "case": row.id,
        "site": row.site.id,
        "state": state.as_ref().and_then(|s| s.get("state")).cloned().unwrap_or(Value::Null),
        "priority": row.priority,
        "critical": row.alarm_step(),
        "by": entry.person,
    });
    Change { seq: entry.seq, path: row.path.clone(), not_for, data: data.to_string() }
}

async fn changes(app: &App, entries: &[Recorded]) -> Result<Vec<Change>, StoreError> {
    let mut all = Vec::new();
    for entry in entries.iter().filter(|e| HEARD.contains(&e.action.as_str())) {
        if let Some(case) = entry.case {
            let row = app.store().case(case).await?;
            // Only what was signed is read blindly.
            let not_for = if row.case.versions > 0 { app.store().blind_reader(case).await? } else { None };
            all.push(change(entry, &row, not_for));
        }
    }
    Ok(all)
}

/// Follows the audit and hands on what is new. Runs as long as the server.
pub async fn feed(app: App) {
    let mut seq = loop {
        match app.store().last_seq().await {
            Ok(seq) => break seq,
            Err(_) => tokio::time::sleep(Duration::from_secs(1)).await,
        }
    };
    loop {
        app.store().changed(Duration::from_millis(250)).await;
        let now = app.now();
        if app.inner.set_back.swap(false, Ordering::Relaxed) && app.store().set_back(now).await.is_err() {
            app.inner.set_back.store(true, Ordering::Relaxed);
        }
        if app.inner.events.listeners() == 0 {
            if let Ok(last) = app.store().last_seq().await {
                seq = last;
            }
            continue;
        }
        let Ok(entries) = app.store().tail(seq, 200).await else {
            tokio::time::sleep(Duration::from_secs(1)).await;
            continue;
        };
        let Some(last) = entries.last().map(|e| e.seq) else { continue };
        let Ok(new) = changes(&app, &entries).await else { continue };
        for change in new {
            let _ = app.inner.events.out.send(Arc::new(change));
        }
        seq = last;
    }
}

/// One page's stream.
struct Listening {
    who: Who,
    heard: i64,
    ready: VecDeque<Event>,
    from: broadcast::Receiver<Arc<Change>>,
}

fn event(change: &Change) -> Event {
    Event::default().event("case").id(change.seq.to_string()).data(&change.data)
}

impl Listening {
    async fn next(mut self) -> Option<(Result<Event, Infallible>, Self)> {
        loop {
            if let Some(event) = self.ready.pop_front() {
                return Some((Ok(event), self));
            }
            match self.from.recv().await {
                Ok(change) if change.seq > self.heard && change.is_for(&self.who) => {
                    self.heard = change.seq;
                    self.ready.push_back(event(&change));
                }
                Ok(_) => {}
                Err(RecvError::Lagged(_)) => self.ready.push_back(Event::default().event("reload").data("{}")),
                Err(RecvError::Closed) => return None,
            }
        }
    }
}

/// `GET /api/events`
pub async fn stream(
    State(app): State<App>,
    who: Who,
    headers: HeaderMap,
) -> Answer<Sse<impl Stream<Item = Result<Event, Infallible>>>> {
    // First listened, then looked back: what happens in between comes twice at most, and `heard` drops it.
    let from = app.inner.events.out.subscribe();
    let last = app.store().last_seq().await?;
    let hello = json!({ "now": app.now(), "seq": last }).to_string();
    let mut ready = VecDeque::from([Event::default().event("hello").id(last.to_string()).data(hello)]);
    let seen = headers.get("last-event-id").and_then(|v| v.to_str().ok()?.parse::<i64>().ok());
    let mut heard = last;
    if let Some(seen) = seen.filter(|seen| *seen < last) {
        if last - seen > BACKLOG {
            ready.push_back(Event::default().event("reload").data("{}"));
        } else {
            let missed = changes(&app, &app.store().tail(seen, BACKLOG).await?).await?;
            ready.extend(missed.iter().filter(|c| c.is_for(&who)).map(event));
            heard = missed.last().map_or(last, |c| c.seq.max(last));
        }
    }
    let listening = Listening { who, heard, ready, from };
    let stream = stream::unfold(listening, Listening::next);
    Ok(Sse::new(stream).keep_alive(KeepAlive::new().interval(Duration::from_secs(15))))
}
