//! The centre over HTTP: clinics send, readers confirm, reports go back. One file a resource; the interface is described
//! in `openapi.json`, which a test holds against [`routes`]. Pages come from the binary.
//!
//! `review` decides, `store` keeps; here is who may ask (`access`), how it is said (`problem`), and the work of the
//! machine (`analysis`, `worker`).

mod access;
mod admin;
pub mod analysis;
pub mod apart;
mod audit;
mod blind;
mod cases;
mod compare;
mod critical;
pub mod demo;
mod events;
mod extract;
mod figures;
mod limits;
mod office;
mod ops;
mod pages;
mod problem;
mod recordings;
mod retention;
mod room;
mod routes;
pub mod secret;
mod session;
mod settings;
mod shape;
mod signing;
mod statements;
mod steps;
mod verify;
pub mod worker;

pub use access::Access;
pub use routes::{ROUTES, Route};

use crate::review::Role;
use crate::store::{NewPerson, Site, SiteKind, Store, StoreError};
use crate::text::Lang;
use axum::Router;
use axum_server::Server;
use jiff::Timestamp;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicI64, Ordering};
use std::time::Duration;

/// The time now: an argument, so that tests can set it.
pub type Clock = Arc<dyn Fn() -> Timestamp + Send + Sync>;

/// What network time corrects in passing, ms; nobody is to see time run backwards for that.
const STANDS_STILL_MS: i64 = 60_000;

/// A new connection may take so long to say what it wants.
const SILENCE: Duration = Duration::from_secs(20);
/// One that was of use may rest so long and say the next: longer than clients keep theirs open (90 s at most, as far as
/// known), so that none is closed under a request that is on its way.
const REST: Duration = Duration::from_mins(2);

/// What every handler knows. Cheap to clone.
#[derive(Clone)]
pub struct App {
    pub(crate) inner: Arc<Inner>,
}

/// One centre's state in memory: nothing that must survive.
pub(crate) struct Inner {
    pub(crate) store: Store,
    clock: Clock,
    /// The latest time given out, ms.
    latest: AtomicI64,
    /// Whether the clock was set back since somebody looked; also at the start, which may be why it was stopped.
    set_back: AtomicBool,
    pub(crate) demo: bool,
    pub(crate) secure: bool,
    pub(crate) proxied: bool,
    pub(crate) backups: Option<std::path::PathBuf>,
    folders: Vec<std::path::PathBuf>,
    program: Option<std::path::PathBuf>,
    pub(crate) limits: limits::Limits,
    pub(crate) events: events::Hub,
    pub(crate) counters: ops::Counters,
}

/// How a centre is run.
pub struct Config {
    /// Where it keeps things.
    pub store: Store,
    /// The time.
    pub clock: Clock,
    /// Whether it is a demonstration.
    pub demo: bool,
    /// Whether it is reached over TLS: cookies say so.
    pub secure: bool,
    /// Whether a proxy is in front, so that it says who asks.
    pub proxied: bool,
    /// Folder for back-ups, where it can make them.
    pub backups: Option<std::path::PathBuf>,
    /// Folders of this machine that it keeps things in: uploads are refused while there is still room for what was
    /// accepted.
    pub folders: Vec<std::path::PathBuf>,
    /// This program's file: it analyses what ended a worker before in a process of its own. `None` = in the worker.
    pub program: Option<std::path::PathBuf>,
}

impl App {
    /// A centre.
    pub fn new(config: Config) -> Self {
        let Config { store, clock, demo, secure, proxied, backups, folders, program } = config;
        let inner = Inner {
            store,
            clock,
            latest: AtomicI64::new(0),
            set_back: AtomicBool::new(true),
            demo,
            secure,
            proxied,
            backups,
            folders,
            program,
            limits: limits::Limits::default(),
            events: events::Hub::default(),
            counters: ops::Counters::default(),
        };
        Self { inner: Arc::new(inner) }
    }

    /// The store.
    pub fn store(&self) -> &Store {
        &self.inner.store
    }

    /// The time. It stands still where the clock is put right by a little, and goes back where it was wrong by more: what
    /// was locked, leased or begun at a time that is still to come is void then, wherever such a time is looked at.
    pub fn now(&self) -> Timestamp {
        let clock = (self.inner.clock)().as_millisecond();
        let latest = self.inner.latest.fetch_max(clock, Ordering::Relaxed).max(clock);
        let set_back = latest - clock > STANDS_STILL_MS;
        if set_back {
            self.inner.latest.store(clock, Ordering::Relaxed);
            self.inner.set_back.store(true, Ordering::Relaxed);
        }
        Timestamp::from_millisecond(if set_back { clock } else { latest }).unwrap_or(Timestamp::UNIX_EPOCH)
    }

    /// Everything that answers.
    pub fn router(&self) -> Router {
        routes::router(self)
    }

    /// Starts what runs beside the requests: the fan-out of events, and `workers` analyses at a time.
    pub fn start(&self, workers: usize) {
        tokio::spawn(events::feed(self.clone()));
        for number in 0..workers {
            let name = format!("{}{number}", worker::INSIDE);
            let worker = worker::Worker {
                store: self.store().clone(),
                name,
                clock: self.clock(),
                program: self.inner.program.clone(),
                app: Some(self.clone()),
            };
            tokio::spawn(worker.work());
        }
    }

    /// The clock as others take it.
    pub fn clock(&self) -> Clock {
        let app = self.clone();
        Arc::new(move || app.now())
    }
}

/// Makes the first site and administrator where there is nobody; returns login name and one-time password.
pub async fn first_start(store: &Store, lang: Lang, now: Timestamp) -> Result<Option<(String, String)>, StoreError> {
    if store.has_people().await? {
        return Ok(None);
    }
    let centre = store.settings().await?.centre;
    let site = store.add_site(&Site::new(None, centre.get(lang), SiteKind::Centre), None, now).await?;
    let password = secret::readable(14);
    let hash = secret::hash(&password);
    let admin = NewPerson {
        login: "admin",
        name: match lang {
            Lang::Zh => "管理员",
            Lang::En => "Administrator",
        },
        role: Role::Administrator,
        site: site.id,
        lang,
        password: &hash,
        must_change: true,
    };
    store.add_person(&admin, None, now).await?;
    Ok(Some(("admin".to_owned(), password)))
}

/// Certificate chain and key, PEM files.
pub struct Tls {
    /// The chain.
    pub certificate: std::path::PathBuf,
    /// The key.
    pub key: std::path::PathBuf,
}

/// Answers on `listener` until `stop` resolves; requests under way are finished, for ten seconds at most.
pub async fn answer(
    app: &App,
    listener: std::net::TcpListener,
    tls: Option<Tls>,
    stop: impl Future<Output = ()> + Send + 'static,
) -> std::io::Result<()> {
    let handle = axum_server::Handle::<SocketAddr>::new();
    let control = handle.clone();
    tokio::spawn(async move {
        stop.await;
        control.graceful_shutdown(Some(Duration::from_secs(10)));
    });
    listener.set_nonblocking(true)?;
    let service = app.router().into_make_service_with_connect_info::<SocketAddr>();
    match tls {
        None => patient(axum_server::from_tcp(listener)?).handle(handle).serve(service).await,
        Some(tls) => {
            let config = axum_server::tls_rustls::RustlsConfig::from_pem_file(tls.certificate, tls.key).await?;
            patient(axum_server::from_tcp_rustls(listener, config)?).handle(handle).serve(service).await
        }
    }
}

/// The server with an end to its patience: axum-server has none of its own for who connects and says nothing, or says it
/// letter by letter.
fn patient<A>(mut server: Server<SocketAddr, A>) -> Server<SocketAddr, A> {
    server.http_builder().http1().header_read_timeout(REST);
    server.first_request_timeout(SILENCE)
}
