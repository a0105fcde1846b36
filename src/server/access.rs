//! Who may ask: the one place where role and site are checked, for every route. [`super::ROUTES`] says what a route
//! demands; the guard finds out who asks, checks the role by `review`'s table, looks up the case, site, person or key
//! that the path names, and answers 404 for what is out of reach, so that nothing is said about what others have.

use super::App;
use super::problem::{Answer, Problem};
use super::secret;
use crate::review::{Act, Role, may};
use crate::store::{CaseRow, Entry, Key, KeyScope, Person, Reach, Session, Site};
use crate::text::Lang;
use axum::extract::{FromRequestParts, RawPathParams, Request, State};
use axum::http::{HeaderMap, Method, header, request::Parts};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use jiff::SignedDuration;
use std::sync::Arc;

/// What a route demands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Access {
    /// Nothing.
    Public,
    /// That somebody is logged in.
    Session,
    /// An act that the role allows.
    Act(Act),
    /// An administrator's session, or a key for metrics.
    Metrics,
    /// Reading or administering: to try a case again.
    Retry,
}

impl Access {
    /// As the interface's description has it.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Public => "public",
            Self::Session => "session",
            Self::Metrics => "metrics",
            Self::Retry => "retry",
            Self::Act(act) => act_word(act),
        }
    }

    /// Whether a person of this role may.
    pub const fn allows(self, role: Role) -> bool {
        match self {
            Self::Public | Self::Session => true,
            Self::Metrics => may(role, Act::Administer),
            Self::Retry => may(role, Act::Read) || may(role, Act::Administer),
            Self::Act(act) => may(role, act),
        }
    }

    /// Whether a key of this scope may: sending, and fetching what was sent.
    const fn allows_key(self, scope: KeyScope) -> bool {
        match scope {
            KeyScope::Upload => matches!(self, Self::Public | Self::Act(Act::Upload | Act::SeeCases)),
            KeyScope::Metrics => matches!(self, Self::Public | Self::Metrics),
        }
    }
}

/// An act as the interface calls it.
pub const fn act_word(act: Act) -> &'static str {
    match act {
        Act::Upload => "upload",
        Act::SeeCases => "see-cases",
        Act::SeeWorklist => "see-worklist",
        Act::Read => "read",
        Act::ReadSecond => "read-second",
        Act::Acknowledge => "acknowledge",
        Act::SeeQuality => "see-quality",
        Act::Administer => "administer",
    }
}

/// Who asks.
#[derive(Clone, Debug)]
pub enum Who {
    /// A person with a session.
    Person(Arc<Person>, Arc<Session>),
    /// A machine with a key.
    Key(Arc<Key>),
}

impl Who {
    /// The sites in reach.
    pub fn reach(&self) -> Reach {
        match self {
            Self::Person(person, _) => person.reach(),
            Self::Key(key) => Reach::below(key.path.clone()),
        }
    }

    /// The own site.
    pub fn site(&self) -> i64 {
        match self {
            Self::Person(person, _) => person.site,
            Self::Key(key) => key.site,
        }
    }

    /// The person; a key is none.
    pub fn person(&self) -> Answer<&Person> {
        match self {
            Self::Person(person, _) => Ok(person),
            Self::Key(_) => Err(Problem::new("forbidden")),
        }
    }

    /// The person's key, or the key's.
    pub fn ids(&self) -> (Option<i64>, Option<i64>) {
        match self {
            Self::Person(person, _) => (Some(person.id), None),
            Self::Key(key) => (None, Some(key.id)),
        }
    }

    /// The language to answer in.
    pub fn lang(&self, headers: &HeaderMap) -> Lang {
        match self {
            Self::Person(person, _) => person.lang,
            Self::Key(_) => super::problem::lang_of(headers),
        }
    }

    /// An entry of the audit by this hand.
    pub fn entry(&self, action: &'static str) -> Entry {
        let (person, key) = self.ids();
        Entry { person, key, action, ..Entry::default() }
    }
}

/// The case that the path names, in reach.
#[derive(Clone)]
pub struct TheCase(pub Arc<CaseRow>);
/// The site that the path names, in reach.
#[derive(Clone)]
pub struct TheSite(pub Arc<Site>);
/// The person that the path names, in reach.
#[derive(Clone)]
pub struct ThePerson(pub Arc<Person>);
/// The key that the path names, in reach.
#[derive(Clone)]
pub struct TheKey(pub Arc<Key>);

/// What the guard found, handed to the handler.
macro_rules! found {
    ($($name:ty),*) => {$(
        impl<S: Send + Sync> FromRequestParts<S> for $name {
            type Rejection = Problem;

            async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Problem> {
                parts.extensions.get::<Self>().cloned().ok_or_else(|| Problem::new("not-found"))
            }
        }
    )*};
}
found!(Who, TheCase, TheSite, ThePerson, TheKey);

/// Name of the session's cookie.
pub const COOKIE: &str = "einthoven_session";

/// The session's token in a request.
pub fn cookie(headers: &HeaderMap) -> Option<&str> {
    let all = headers.get_all(header::COOKIE).iter().filter_map(|v| v.to_str().ok());
    all.flat_map(|v| v.split(';')).find_map(|pair| pair.trim().strip_prefix(COOKIE)?.strip_prefix('='))
}

async fn identify(app: &App, headers: &HeaderMap) -> Answer<Option<Who>> {
    let bearer = headers.get(header::AUTHORIZATION).and_then(|v| v.to_str().ok()?.strip_prefix("Bearer "));
    let missing = |e| match e {
        crate::store::StoreError::Missing => Ok(None),
        other => Err(Problem::from(other)),
    };
    if let Some(secret) = bearer {
        let key = app.store().key_of_hash(&secret::digest(secret.trim()), app.now()).await;
        return key.map_or_else(missing, |key| Ok(Some(Who::Key(Arc::new(key)))));
    }
    let Some(token) = cookie(headers) else { return Ok(None) };
    let idle = SignedDuration::from_mins(app.store().settings().await?.session_min);
    let session = match app.store().session(&secret::digest(token), idle, app.now()).await {
        Ok(session) => session,
        Err(e) => return missing(e),
    };
    let person = app.store().person(session.person).await?;
    Ok(person.active.then(|| Who::Person(Arc::new(person), Arc::new(session))))
}

/// What a person with a one-time password may still do.
fn while_one_time(method: &Method, path: &str) -> bool {
    matches!(
        (method.as_str(), path),
        ("GET" | "PATCH" | "DELETE" | "POST", "/api/session") | ("PUT", "/api/session/password")
    )
}

fn check(access: Access, who: Option<&Who>, request: &Request) -> Answer<()> {
    if access == Access::Public {
        return Ok(());
    }
    match who {
        None => Err(Problem::new("unauthenticated")),
        Some(Who::Key(key)) if access.allows_key(key.scope) => Ok(()),
        Some(Who::Key(_)) => Err(Problem::new("forbidden")),
        Some(Who::Person(person, session)) => {
            let (method, path) = (request.method(), request.uri().path());
            let safe = matches!(*method, Method::GET | Method::HEAD);
            let sent = request.headers().get("x-csrf-token").map(axum::http::HeaderValue::as_bytes);
            if !safe && sent != Some(session.csrf.as_bytes()) {
                return Err(Problem::new("csrf"));
            }
            if person.must_change && !while_one_time(method, path) {
                return Err(Problem::new("must-change-password"));
            }
            if access.allows(person.role) { Ok(()) } else { Err(Problem::new("forbidden")) }
        }
    }
}

/// Looks up what the path names, and refuses what is out of reach.
async fn look_up(app: &App, who: &Who, params: &RawPathParams, request: &mut Request) -> Answer<()> {
    let reach = who.reach();
    let away = || Problem::new("not-found");
    for (name, value) in params {
        if !matches!(name, "case" | "site" | "user" | "key") {
            continue;
        }
        let id: i64 = value.parse().map_err(|_| away())?;
        let store = app.store();
        let path = match name {
            "case" => {
                let row = store.case(id).await?;
                let path = row.path.clone();
                request.extensions_mut().insert(TheCase(Arc::new(row)));
                path
            }
            "site" => {
                let site = store.site(id).await?;
                let path = site.path.clone();
                request.extensions_mut().insert(TheSite(Arc::new(site)));
                path
            }
            "user" => {
                let person = store.person(id).await?;
                let path = person.path.clone();
                request.extensions_mut().insert(ThePerson(Arc::new(person)));
                path
            }
            _ => {
                let key = store.key(id).await?;
                let path = key.path.clone();
                request.extensions_mut().insert(TheKey(Arc::new(key)));
                path
            }
        };
        if !reach.holds(&path) {
            return Err(away());
        }
    }
    Ok(())
}

/// The guard before every handler.
pub async fn guard(State((app, access)): State<(App, Access)>, request: Request, next: Next) -> Response {
    let (mut parts, body) = request.into_parts();
    let params = RawPathParams::from_request_parts(&mut parts, &()).await;
    let mut request = Request::from_parts(parts, body);
    let who = match identify(&app, request.headers()).await {
        Ok(who) => who,
        Err(_) if access == Access::Public => None,
        Err(problem) => return problem.into_response(),
    };
    let lang = who.as_ref().map(|w| w.lang(request.headers()));
    let allowed = async {
        check(access, who.as_ref(), &request)?;
        if let (Some(who), Ok(params)) = (&who, &params) {
            if access != Access::Public {
                look_up(&app, who, params, &mut request).await?;
            }
            request.extensions_mut().insert(who.clone());
        }
        Ok::<(), Problem>(())
    };
    let mut response = match allowed.await {
        Ok(()) => next.run(request).await,
        Err(problem) => problem.into_response(),
    };
    if let Some(lang) = lang {
        response.extensions_mut().insert(lang);
    }
    response
}
