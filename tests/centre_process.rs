//! The centre as a process of its own, as it is run: what the tests of faults and of operation share.
use crate::centre::{Client, PASSWORD, bucket, form, pair, postgres_database};
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Read, Seek};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

/// `einthoven` with a language that tests can read.
pub fn einthoven(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_einthoven"));
    command.args(["--lang", "en"]).args(arguments);
    command
}

/// `einthoven serve` on a free port.
pub fn serve(data: &Path) -> Command {
    let mut command = einthoven(&["serve", "--listen", "127.0.0.1:0", "--data"]);
    command.arg(data);
    command
}

/// A running program; killed when dropped.
pub struct Running {
    pub child: Child,
    /// Of a server: where it is reached.
    pub base: String,
    pub printed: Vec<String>,
}

impl Running {
    pub fn server(data: &Path) -> Self {
        Self::start(&mut serve(data), "http")
    }

    /// Starts it and waits until it prints a line that begins so.
    pub fn start(command: &mut Command, ready: &str) -> Self {
        let mut complaints = tempfile::tempfile().unwrap();
        let stderr = complaints.try_clone().unwrap();
        let mut child = command.stdout(Stdio::piped()).stderr(stderr).spawn().unwrap();
        let mut printed = Vec::new();
        for line in BufReader::new(child.stdout.take().unwrap()).lines() {
            let line = line.unwrap();
            let is_ready = line.starts_with(ready);
            printed.push(line);
            if is_ready {
                break;
            }
        }
        if !printed.last().is_some_and(|line| line.starts_with(ready)) {
            let mut said = String::new();
            complaints.rewind().unwrap();
            complaints.read_to_string(&mut said).unwrap();
            panic!("it ended before it was ready: {printed:?} {said}");
        }
        let base = printed.last().unwrap().trim_end_matches('/').to_owned();
        Self { child, base, printed }
    }

    /// SIGKILL: no handler runs, no buffer is flushed.
    pub fn kill(mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// First start: the administrator's own password, a reader's, and a key that sends.
pub async fn set_up(running: &Running) -> (Client, String) {
    let _ = rustls::crypto::ring::default_provider().install_default();
    let once = running.printed.iter().find_map(|l| l.trim().strip_prefix("admin  ")).expect("a one-time password");
    let own = async |login: &str, once: &str| {
        let client = Client::login(&running.base, login, once).await;
        let change = json!({ "old": once, "new": PASSWORD });
        assert_eq!(client.ask(Method::PUT, "/api/session/password", change).await.0, 200);
        client
    };
    let admin = own("admin", once).await;
    let site = admin.get("/api/session").await["site"]["id"].clone();
    let reader = json!({ "login": "reader", "name": "reader", "role": "reader", "site": site });
    let added = admin.post("/api/users", reader).await;
    own("reader", added["one_time_password"].as_str().unwrap()).await;
    let key = admin.post("/api/keys", json!({ "name": "load", "site": site })).await;
    (admin, key["secret"].as_str().unwrap().to_owned())
}

/// The `n`th ECG: the same curve under another name, so that each is another content.
pub fn nth(n: u32) -> Vec<(String, Vec<u8>)> {
    let mut files = pair("av-block-1");
    files[0].1.extend_from_slice(format!("# number {n}\n").as_bytes());
    files
}

/// Sends the `n`th ECG; what the centre answered, if it did.
pub async fn sent(http: &reqwest::Client, base: &str, key: &str, n: u32) -> Option<(StatusCode, Value)> {
    let asked = http.post(format!("{base}/api/recordings")).bearer_auth(key).multipart(form(nth(n)));
    let answer = asked.header("accept-language", "zh-CN").send().await.ok()?;
    let status = answer.status();
    Some((status, answer.json().await.ok()?))
}

/// The case of an answer that acknowledges.
pub fn acknowledged(answer: Option<(StatusCode, Value)>) -> Option<i64> {
    let (_, body) = answer?;
    let first = body["results"].get(0)?;
    ["accepted", "duplicate"].contains(&first["status"].as_str()?).then(|| first["case"].as_i64())?
}

/// What clinics sent.
#[derive(Default)]
pub struct Sending {
    /// Number and case of what was acknowledged.
    pub kept: Mutex<BTreeMap<u32, i64>>,
    /// How often each status was answered; 0 = no answer.
    pub answers: Mutex<BTreeMap<u16, u32>>,
    /// The next number.
    pub next: AtomicU32,
    over: AtomicBool,
}

impl Sending {
    /// Nothing yet; numbers from 1.
    pub fn new() -> Arc<Self> {
        Arc::new(Self { next: 1.into(), ..Self::default() })
    }
}

/// Clinics that go on sending whatever happens, each ECG again until it is acknowledged.
pub struct Senders {
    sending: Arc<Sending>,
    tasks: Vec<tokio::task::JoinHandle<()>>,
}

impl Senders {
    pub fn start(number: u32, base: &str, key: &str, sending: &Arc<Sending>) -> Self {
        sending.over.store(false, Ordering::SeqCst);
        let one = |_| tokio::spawn(Self::send(base.to_owned(), key.to_owned(), Arc::clone(sending)));
        Self { tasks: (0..number).map(one).collect(), sending: Arc::clone(sending) }
    }

    async fn send(base: String, key: String, sending: Arc<Sending>) {
        let http = reqwest::Client::new();
        while !sending.over.load(Ordering::SeqCst) {
            let n = sending.next.fetch_add(1, Ordering::SeqCst);
            while !sending.over.load(Ordering::SeqCst) {
                let answer = sent(&http, &base, &key, n).await;
                let status = answer.as_ref().map_or(0, |(status, _)| status.as_u16());
                *sending.answers.lock().unwrap().entry(status).or_default() += 1;
                if let Some(case) = acknowledged(answer) {
                    sending.kept.lock().unwrap().insert(n, case);
                    break;
                }
                tokio::time::sleep(Duration::from_millis(100)).await;
            }
        }
    }

    pub async fn stop(self) {
        self.sending.over.store(true, Ordering::SeqCst);
        for task in self.tasks {
            task.await.unwrap();
        }
    }
}

/// All cases by key, in pages.
pub async fn all_cases(client: &Client) -> BTreeMap<i64, Value> {
    let mut cases = BTreeMap::new();
    let mut after = Value::Null;
    loop {
        let page = client.post("/api/cases/search", json!({ "view": "all", "limit": 200, "after": after })).await;
        for case in page["cases"].as_array().unwrap() {
            assert!(cases.insert(case["id"].as_i64().unwrap(), case.clone()).is_none(), "listed twice");
        }
        after = page["next"].clone();
        if after.is_null() {
            return cases;
        }
    }
}

/// Waits until nothing waits for its analysis, or nothing has been analysed for two minutes; all cases.
pub async fn analysed(client: &Client) -> BTreeMap<i64, Value> {
    let (mut least, mut since) = (usize::MAX, Instant::now());
    loop {
        let cases = all_cases(client).await;
        let left = cases.values().filter(|c| c["state"] == "received").count();
        if left == 0 || since.elapsed() > Duration::from_mins(2) {
            return cases;
        }
        if left < least {
            (least, since) = (left, Instant::now());
        }
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
}

/// Holds what was acknowledged, by its number, against what is there: nothing lost, nothing twice, all of it waiting for a
/// reader.
pub fn nothing_lost(acknowledged: &BTreeMap<u32, i64>, cases: &BTreeMap<i64, Value>) {
    let mut of = BTreeMap::new();
    for (n, case) in acknowledged {
        if let Some(other) = of.insert(case, n) {
            panic!("uploads {other} and {n} became one case");
        }
        let row = cases.get(case).unwrap_or_else(|| panic!("acknowledged upload {n} is lost"));
        assert_eq!(row["state"], "waiting", "{row}");
    }
}

/// Runs `tests/postgres`; what it prints, or `None` where no PostgreSQL is installed.
fn postgres(arguments: &[&str]) -> Option<String> {
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/postgres");
    // Its output goes to a file: the server would hold a pipe open as long as it lives.
    let said = tempfile::NamedTempFile::new().unwrap();
    let status = Command::new(script).args(arguments).stdout(said.reopen().unwrap()).status().unwrap();
    if status.code() == Some(3) {
        return None;
    }
    assert!(status.success(), "tests/postgres {arguments:?}");
    Some(std::fs::read_to_string(said.path()).unwrap().trim().to_owned())
}

/// A PostgreSQL of a test's own, to be stopped and started.
pub struct Postgres {
    folder: tempfile::TempDir,
    pub url: String,
}

impl Postgres {
    /// `None`, said aloud, where none is installed.
    pub fn start() -> Option<Self> {
        let folder = tempfile::tempdir().unwrap();
        let url = postgres(&["start", folder.path().to_str().unwrap()]);
        if url.is_none() {
            eprintln!("skipped: no PostgreSQL is installed");
        }
        Some(Self { folder, url: url? })
    }

    pub fn stop(&self, mode: &str) {
        postgres(&["stop", self.folder.path().to_str().unwrap(), mode]);
    }

    pub fn again(&self) {
        postgres(&["start", self.folder.path().to_str().unwrap()]);
    }

    pub async fn database(&self) -> String {
        postgres_database(&self.url).await
    }
}

impl Drop for Postgres {
    fn drop(&mut self) {
        let _ = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| self.stop("immediate")));
    }
}

/// The arguments that put a centre on this database, and on S3 where the tests run on that.
pub fn elsewhere(database: &str) -> Vec<String> {
    let mut arguments = vec!["--database".to_owned(), database.to_owned()];
    arguments.extend(bucket().into_iter().flat_map(|url| ["--objects".to_owned(), url]));
    arguments
}
