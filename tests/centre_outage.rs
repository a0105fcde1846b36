//! What the centre stands on fails under load and comes back: the disk is full, the store of objects is slow or silent,
//! the database is gone. What was acknowledged is there once, what was not is refused with its reason, what was signed
//! stays, the audit is whole, and nobody has to help.
use crate::centre::{Client, PASSWORD, case_of, centre_keeping, form};
use crate::centre_process::{
    Postgres, Running, Senders, Sending, acknowledged, analysed, elsewhere, nothing_lost, nth, sent, serve, set_up,
};
use axum::body::Bytes;
use axum::extract::{Request, State};
use axum::response::{IntoResponse as _, Response};
use einthoven::store::Objects;
use object_store::ObjectStore;
use object_store::memory::InMemory;
use object_store::throttle::{ThrottleConfig, ThrottledStore};
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

/// A server with one signed report.
struct Trial {
    running: Running,
    admin: Client,
    reader: Client,
    key: String,
    signed: i64,
    pdf: Vec<u8>,
    http: reqwest::Client,
    sending: Arc<Sending>,
}

impl Trial {
    async fn of(running: Running) -> Self {
        Self::keeping_back(running, 0).await
    }

    /// The same with so many MB of its disk kept back.
    async fn keeping_back(running: Running, mb: u64) -> Self {
        let (admin, key) = set_up(&running).await;
        assert_eq!(admin.ask(Method::PUT, "/api/settings", json!({ "reserve_mb": mb })).await.0, 200);
        let reader = Client::login(&running.base, "reader", PASSWORD).await;
        let http = reqwest::Client::new();
        let signed = acknowledged(sent(&http, &running.base, &key, 0).await).unwrap();
        analysed(&reader).await;
        reader.sign(signed).await;
        let pdf = reader.pdf(signed).await;
        let sending = Sending::new();
        Self { running, admin, reader, key, signed, pdf, http, sending }
    }

    fn senders(&self) -> Senders {
        Senders::start(3, &self.running.base, &self.key, &self.sending)
    }

    fn kept(&self) -> usize {
        self.sending.kept.lock().unwrap().len()
    }

    /// Sends one ECG once: status, code and title of the answer.
    async fn once(&self, n: u32) -> (u16, String, String) {
        let (status, body) = sent(&self.http, &self.running.base, &self.key, n).await.expect("an answer");
        let word = |name: &str| body[name].as_str().unwrap_or("").to_owned();
        (status.as_u16(), word("code"), word("title"))
    }

    async fn health(&self) -> u16 {
        self.told().await.0
    }

    /// What the health page answers.
    async fn told(&self) -> (u16, Value) {
        // A connection of its own: one whose upload was refused half-way is closed by the server.
        let answer = reqwest::get(format!("{}/health", self.running.base)).await.unwrap();
        (answer.status().as_u16(), answer.json().await.unwrap())
    }

    /// Fills the disk until no more than so many MB are free.
    async fn leave(&self, mb: u64, ballast: &Path) {
        let mut file = std::fs::OpenOptions::new().create(true).append(true).open(ballast).unwrap();
        loop {
            let free = self.told().await.1["room"]["free"].as_u64().unwrap();
            let Some(more) = free.checked_sub(mb << 20).filter(|more| *more > 0) else { return };
            file.write_all(&vec![7; more as usize]).unwrap();
        }
    }

    /// Waits, three minutes at most, until it is well and takes ECGs again.
    async fn recovers(&self) {
        let (begun, before) = (Instant::now(), self.kept());
        while self.health().await != 200 || self.kept() < before + 3 {
            assert!(begun.elapsed() < Duration::from_mins(3), "it does not recover");
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
    }

    /// Something that it stands on goes away under load and comes back.
    async fn outage(&self, number: u32, away: impl FnOnce(), back: impl FnOnce()) {
        let (senders, before) = (self.senders(), self.kept());
        while self.kept() < before + 3 {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        away();
        let said = self.once(1_000_000 + number).await;
        assert_eq!((said.0, said.1.as_str()), (503, "unavailable"), "{said:?}");
        assert_eq!(said.2, "存储暂时不可用，请稍后重试");
        assert_eq!(self.health().await, 503);
        back();
        self.recovers().await;
        senders.stop().await;
        let answers = self.sending.answers.lock().unwrap();
        assert!(answers.keys().all(|status| [200, 503].contains(status)), "{answers:?}");
    }

    /// The end: everything is as it must be. Every ECG was sent until it was acknowledged, but for those under way when
    /// the senders stopped.
    async fn is_whole(&self, what: &str) {
        let kept = self.sending.kept.lock().unwrap().clone();
        let mut cases = analysed(&self.reader).await;
        assert!(cases.remove(&self.signed).is_some());
        nothing_lost(&kept, &cases);
        let numbers = self.sending.next.load(Ordering::SeqCst) as usize - 1;
        assert!(cases.len() <= numbers, "{} cases of {numbers} ECGs", cases.len());
        assert_eq!(self.reader.pdf(self.signed).await, self.pdf, "what was signed has changed");
        let audit = self.admin.get("/api/audit/verify").await;
        assert_eq!(audit["whole"], true, "{audit}");
        println!("{what}: {} acknowledged; answers {:?}", kept.len(), self.sending.answers.lock().unwrap());
    }
}

/// A server whose folder is a disk of so many MB; `None`, said aloud, where none can be made.
fn on_a_small_disk(folder: &Path, mb: u32) -> Option<Running> {
    let own = ["--map-root-user", "--mount"];
    let may = Command::new("unshare").args(own).args(["mount", "-t", "tmpfs", "tmpfs"]).arg(folder).output();
    if !may.is_ok_and(|done| done.status.success()) {
        eprintln!("skipped: no file system of its own can be mounted here");
        return None;
    }
    let mounted = "mount -t tmpfs -o size=\"$1\"m tmpfs \"$2\" && shift 2 && exec \"$@\"";
    let mut command = Command::new("unshare");
    command.args(own).args(["sh", "-c", mounted, "sh", &mb.to_string()]).arg(folder);
    let server = serve(folder);
    command.arg(server.get_program()).args(server.get_args());
    Some(Running::start(&mut command, "http"))
}

/// Takes the room that is left, in few blocks: what is acknowledged meanwhile must find room for its analysis later.
fn fill(ballast: &Path, pause: Duration) {
    let mut file = std::fs::OpenOptions::new().create(true).append(true).open(ballast).unwrap();
    for block in [16 << 20, 1 << 20, 4096] {
        while file.write_all(&vec![7; block]).is_ok() {
            std::thread::sleep(pause);
        }
    }
}

#[cfg(target_os = "linux")]
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_full_disk_is_said_loses_nothing_and_needs_room_only() {
    let folder = tempfile::tempdir().unwrap();
    let Some(running) = on_a_small_disk(folder.path(), 192) else { return };
    let inside = PathBuf::from(format!("/proc/{}/root{}", running.child.id(), folder.path().display()));
    let ballast = inside.join("ballast");
    let trial = Trial::of(running).await;
    for round in 0..3 {
        let senders = trial.senders();
        // Full at once, or while much is under way.
        fill(&ballast, Duration::from_millis(round * 10));
        tokio::time::sleep(Duration::from_millis(500)).await;
        senders.stop().await;
        let mut said = (0, String::new(), String::new());
        for n in 1_000_000..1_000_050 {
            fill(&ballast, Duration::ZERO);
            said = trial.once(n + 100 * round as u32).await;
            if said.0 == 507 {
                break;
            }
        }
        assert_eq!((said.0, said.1.as_str()), (507, "full"), "{said:?}");
        assert!(said.2.starts_with("存储空间已满，未接收"), "{said:?}");
        assert_eq!(trial.health().await, 503);
        trial.reader.post("/api/cases/search", json!({})).await; // the worklist can be seen all the same
        std::fs::remove_file(&ballast).unwrap();
        let senders = trial.senders();
        trial.recovers().await;
        senders.stop().await;
    }
    let answers = trial.sending.answers.lock().unwrap().clone();
    assert!(answers.keys().all(|status| [200, 503, 507].contains(status)), "{answers:?}");
    trial.is_whole("disk full three times").await;
}

#[cfg(target_os = "linux")]
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn room_is_kept_for_what_was_accepted_and_the_administrator_is_told_before() {
    let folder = tempfile::tempdir().unwrap();
    let Some(running) = on_a_small_disk(folder.path(), 192) else { return };
    let inside = PathBuf::from(format!("/proc/{}/root{}", running.child.id(), folder.path().display()));
    let ballast = inside.join("ballast");
    let trial = Trial::keeping_back(running, 40).await;
    let room = |told: &Value| (told["status"].clone(), told["room"]["enough"].clone());
    let (status, told) = trial.told().await;
    assert_eq!((status, room(&told)), (200, (json!("ok"), json!("ok"))), "{told}");
    assert_eq!(told["room"]["reserve"], 40 << 20);

    trial.leave(70, &ballast).await;
    let (status, told) = trial.told().await;
    assert_eq!((status, room(&told)), (200, (json!("ok"), json!("low"))), "said before anything is refused: {told}");
    let senders = trial.senders();
    while trial.kept() < 30 {
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    trial.leave(39, &ballast).await;
    let (status, code, title) = trial.once(1_000_000).await;
    senders.stop().await;
    assert_eq!((status, code.as_str()), (507, "full"), "{title}");
    let (status, told) = trial.told().await;
    assert_eq!((status, room(&told)), (200, (json!("degraded"), json!("none"))), "readers go on: {told}");
    let metrics = trial.admin.request(Method::GET, "/metrics").send().await.unwrap().text().await.unwrap();
    assert!(metrics.contains("einthoven_disk_reserve_bytes 41943040\n"), "{metrics}");
    assert!(metrics.contains("einthoven_disk_free_bytes "), "{metrics}");

    // What was accepted is analysed, read and signed in the room that was kept for it.
    let cases = analysed(&trial.reader).await;
    let kept = trial.sending.kept.lock().unwrap().clone();
    nothing_lost(&kept, &cases);
    for case in kept.values().take(3) {
        trial.reader.sign(*case).await;
        assert!(trial.reader.pdf(*case).await.starts_with(b"%PDF"));
    }
    std::fs::remove_file(&ballast).unwrap();
    assert_eq!(trial.once(1_000_001).await.0, 200, "it takes ECGs again");
    let answers = trial.sending.answers.lock().unwrap().clone();
    assert!(answers.keys().all(|status| [200, 507].contains(status)), "{answers:?}");
    assert_eq!(trial.admin.get("/api/audit/verify").await["whole"], true);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_database_that_is_gone_comes_back_and_nothing_is_lost() {
    let Some(postgres) = Postgres::start() else { return };
    let folder = tempfile::tempdir().unwrap();
    let database = postgres.database().await;
    let running = Running::start(serve(folder.path()).args(elsewhere(&database)), "http");
    let trial = Trial::of(running).await;
    for (number, mode) in ["immediate", "fast", "immediate"].into_iter().enumerate() {
        trial.outage(number as u32, || postgres.stop(mode), || postgres.again()).await;
    }
    trial.is_whole("PostgreSQL stopped three times").await;
}

/// As much of S3 as the centre asks of it, in memory; it can be away.
#[derive(Clone, Default)]
struct Bucket {
    kept: Arc<Mutex<BTreeMap<String, Bytes>>>,
    away: Arc<AtomicBool>,
}

impl Bucket {
    async fn start(&self) -> String {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = format!("http://{}", listener.local_addr().unwrap());
        let router = axum::Router::new().fallback(Self::answer).with_state(self.clone());
        tokio::spawn(async move { axum::serve(listener, router).await });
        address
    }

    async fn answer(State(bucket): State<Self>, request: Request) -> Response {
        if bucket.away.load(Ordering::SeqCst) {
            return StatusCode::SERVICE_UNAVAILABLE.into_response();
        }
        let (method, path) = (request.method().clone(), request.uri().path().to_owned());
        let bytes = axum::body::to_bytes(request.into_body(), 1 << 28).await.unwrap();
        let mut kept = bucket.kept.lock().unwrap();
        let said = [("etag", "\"1\""), ("last-modified", "Wed, 25 Nov 2026 00:00:00 GMT")];
        if method == Method::PUT {
            kept.insert(path, bytes);
            return said.into_response();
        }
        kept.get(&path).map_or(StatusCode::NOT_FOUND.into_response(), |b| (said, b.clone()).into_response())
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_bucket_that_is_away_for_a_while_holds_everything_in_the_end() {
    let bucket = Bucket::default();
    let endpoint = bucket.start().await;
    let folder = tempfile::tempdir().unwrap();
    let mut command = serve(folder.path());
    command.args(["--objects", "s3://ecg/centre"]).env("AWS_ENDPOINT", endpoint).env("AWS_ALLOW_HTTP", "true");
    command.env("AWS_REGION", "us-east-1").env("AWS_ACCESS_KEY_ID", "x").env("AWS_SECRET_ACCESS_KEY", "x");
    let trial = Trial::of(Running::start(&mut command, "http")).await;
    for number in 0..2 {
        let away = |away: bool| bucket.away.store(away, Ordering::SeqCst);
        trial.outage(number, || away(true), || away(false)).await;
    }
    trial.is_whole("the bucket away twice").await;
    let kept = bucket.kept.lock().unwrap();
    assert!(kept.len() > 2 * trial.kept(), "a header and an analysis each");
    assert!(kept.keys().all(|key| key.starts_with("/ecg/centre/")));
}

fn pause(get: Duration, put: Duration) -> ThrottleConfig {
    ThrottleConfig { wait_get_per_call: get, wait_put_per_call: put, ..ThrottleConfig::default() }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_slow_store_of_objects_delays() {
    let long = Duration::from_secs(2);
    let slow = ThrottledStore::new(InMemory::new(), pause(long, long));
    let centre = centre_keeping(2, Objects::Bucket(Arc::new(slow))).await;
    let (clinic, reader) = (centre.login("a").await, centre.login("reader").await);
    let begun = Instant::now();
    let sending: Vec<_> = (0..6)
        .map(|n| {
            let clinic = clinic.clone();
            tokio::spawn(async move { case_of(&clinic.upload(nth(n), json!({})).await) })
        })
        .collect();
    // Who only looks does not wait for it.
    let listed = Instant::now();
    reader.post("/api/cases/search", json!({})).await;
    assert!(listed.elapsed() < long, "the worklist took {:?}", listed.elapsed());
    let mut cases = Vec::new();
    for one in sending {
        cases.push(one.await.unwrap());
    }
    assert!(begun.elapsed() >= 2 * long, "two objects each, one after the other");
    cases.sort_unstable();
    cases.dedup();
    assert_eq!(cases.len(), 6, "each once");
    centre.settle().await;
    let waiting = reader.post("/api/cases/search", json!({})).await["cases"].as_array().unwrap().len();
    assert_eq!(waiting, 6);
    reader.sign(cases[0]).await;
    assert!(reader.pdf(cases[0]).await.starts_with(b"%PDF"));
    assert_eq!(centre.app.store().verify_audit().await.unwrap().broken_at, None);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_silent_store_of_objects_is_not_waited_for_and_nothing_is_acknowledged() {
    let store = Arc::new(ThrottledStore::new(InMemory::new(), ThrottleConfig::default()));
    let centre = centre_keeping(2, Objects::Bucket(Arc::clone(&store) as Arc<dyn ObjectStore>)).await;
    let (clinic, reader) = (centre.login("a").await, centre.login("reader").await);
    let case = case_of(&clinic.upload(nth(0), json!({})).await);
    centre.settle().await;
    reader.sign(case).await;
    let pdf = reader.pdf(case).await;

    store.config_mut(|config| *config = pause(Duration::from_hours(1), Duration::from_hours(1)));
    let health = reqwest::get(format!("{}/health", centre.base)).await.unwrap();
    assert_eq!((health.status().as_u16(), &health.json::<Value>().await.unwrap()["objects"]), (503, &json!(false)));
    let begun = Instant::now();
    let send = clinic.request(Method::POST, "/api/recordings").multipart(form(nth(99)));
    let answer = send.send().await.unwrap();
    assert_eq!(answer.status(), 503, "after {:?}", begun.elapsed());
    assert!(answer.headers().contains_key("retry-after"));
    store.config_mut(|config| *config = ThrottleConfig::default());
    let after = clinic.upload(nth(99), json!({})).await;
    assert_eq!(after[0]["status"], "accepted", "nothing of the refused one is there: {after:?}");
    centre.settle().await;
    assert_eq!(reader.pdf(case).await, pdf);
    assert_eq!(centre.app.store().verify_audit().await.unwrap().broken_at, None);
}
