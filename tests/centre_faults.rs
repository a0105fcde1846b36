//! The centre as a process that is killed at random moments under load: nothing acknowledged is lost, nothing is there
//! twice, nothing signed changes, and the audit stays whole. Three times in the usual suite, fifty times when asked:
//! `cargo test --test main killed_fifty -- --ignored`.
use crate::centre::{Client, PASSWORD, case_of, centre, pair};
use reqwest::Method;
use reqwest::multipart::{Form, Part};
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

/// A running server; killed when dropped.
struct Running {
    child: Child,
    base: String,
    printed: Vec<String>,
}

impl Running {
    fn start(data: &Path) -> Self {
        let mut child = Command::new(env!("CARGO_BIN_EXE_einthoven"))
            .args(["--lang", "en", "serve", "--listen", "127.0.0.1:0", "--data"])
            .arg(data)
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let mut printed = Vec::new();
        for line in BufReader::new(child.stdout.take().unwrap()).lines() {
            let line = line.unwrap();
            let address = line.starts_with("http://");
            printed.push(line);
            if address {
                break;
            }
        }
        let base = printed.last().expect("the server prints its address").trim_end_matches('/').to_owned();
        Self { child, base, printed }
    }

    /// SIGKILL: no handler runs, no buffer is flushed.
    fn kill(mut self) {
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

/// First start: the administrator's own password, a clinic and a reader, and a key that sends.
async fn set_up(running: &Running) -> String {
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
    key["secret"].as_str().unwrap().to_owned()
}

/// The `n`th ECG: the same curve under another name, so that each is another content.
pub fn nth(n: u32) -> Vec<(String, Vec<u8>)> {
    let mut files = pair("av-block-1");
    files[0].1.extend_from_slice(format!("# number {n}\n").as_bytes());
    files
}

async fn send(http: &reqwest::Client, base: &str, key: &str, n: u32) -> Option<i64> {
    let mut form = Form::new();
    for (name, bytes) in nth(n) {
        form = form.part("file", Part::bytes(bytes).file_name(name));
    }
    let answer = http.post(format!("{base}/api/recordings")).bearer_auth(key).multipart(form).send().await.ok()?;
    let body: Value = answer.json().await.ok()?;
    let first = body["results"].get(0)?;
    ["accepted", "duplicate"].contains(&first["status"].as_str()?).then(|| first["case"].as_i64())?
}

/// All cases by key, in pages.
async fn all_cases(client: &Client) -> BTreeMap<i64, Value> {
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

async fn killed(times: u32) {
    let _ = rustls::crypto::ring::default_provider().install_default();
    let folder = tempfile::tempdir().unwrap();
    let running = Running::start(folder.path());
    let key = set_up(&running).await;
    let http = reqwest::Client::new();
    // One is signed before the trouble begins.
    let signed = send(&http, &running.base, &key, 0).await.unwrap();
    let reader = Client::login(&running.base, "reader", PASSWORD).await;
    let at = |end: &str| format!("/api/cases/{signed}{end}");
    for _ in 0..200 {
        if reader.get(&at("")).await["row"]["state"] == "waiting" {
            break;
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    let row = reader.post(&at("/claim"), Value::Null).await;
    reader.post(&at("/sign"), json!({ "secret": PASSWORD, "revision": row["revision"] })).await;
    let pdf = reader.request(Method::GET, &at("/report.pdf")).send().await.unwrap().bytes().await.unwrap();
    running.kill();

    let acknowledged: Arc<Mutex<BTreeMap<u32, i64>>> = Arc::default();
    let next = Arc::new(AtomicU32::new(1));
    let mut chance: u64 = 0x9e37_79b9_7f4a_7c15;
    for _ in 0..times {
        let running = Running::start(folder.path());
        let senders: Vec<_> = (0..4)
            .map(|_| {
                let (http, base, key) = (http.clone(), running.base.clone(), key.clone());
                let (acknowledged, next) = (Arc::clone(&acknowledged), Arc::clone(&next));
                tokio::spawn(async move {
                    loop {
                        let n = next.fetch_add(1, Ordering::SeqCst);
                        let Some(case) = send(&http, &base, &key, n).await else { return };
                        acknowledged.lock().unwrap().insert(n, case);
                    }
                })
            })
            .collect();
        chance = chance.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        tokio::time::sleep(Duration::from_millis(150 + (chance >> 33) % 1200)).await;
        running.kill();
        for sender in senders {
            sender.await.unwrap();
        }
    }

    let acknowledged = acknowledged.lock().unwrap().clone();
    let running = Running::start(folder.path());
    let reader = Client::login(&running.base, "reader", PASSWORD).await;
    let sent = next.load(Ordering::SeqCst);
    let mut cases = BTreeMap::new();
    for _ in 0..1200 {
        cases = all_cases(&reader).await;
        if cases.values().all(|c| c["state"] != "received") {
            break;
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    let kept: BTreeSet<i64> = acknowledged.values().copied().collect();
    assert_eq!(kept.len(), acknowledged.len(), "two uploads became one case");
    assert!(kept.len() as u32 >= times, "hardly anything was sent: {}", kept.len());
    for (n, case) in &acknowledged {
        let row = cases.get(case).unwrap_or_else(|| panic!("acknowledged upload {n} is lost"));
        assert_eq!(row["state"], "waiting", "{row}");
    }
    assert!(cases.len() as u32 <= sent + 1, "more cases than uploads");
    let twice = send(&http, &running.base, &key, *acknowledged.keys().next().unwrap()).await.unwrap();
    assert!(kept.contains(&twice), "sending again finds the case that is there");
    let after = reader.request(Method::GET, &at("/report.pdf")).send().await.unwrap().bytes().await.unwrap();
    assert_eq!(after, pdf, "what was signed has changed");
    running.kill();
    let mut audit = Command::new(env!("CARGO_BIN_EXE_einthoven"));
    let said = audit.args(["--lang", "en", "audit", "verify", "--data"]).arg(folder.path()).output().unwrap();
    assert!(said.status.success(), "{}", String::from_utf8_lossy(&said.stdout));
    println!("{times} kills: {} acknowledged of {} sent, none lost", acknowledged.len(), sent - 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn killed_three_times_under_load_it_loses_nothing() {
    killed(3).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "minutes: run by name"]
async fn killed_fifty_times_under_load_it_loses_nothing() {
    killed(50).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_database_that_others_hold_is_said_to_be_away_and_comes_back() {
    if std::env::var("EINTHOVEN_TEST_POSTGRES").is_ok() {
        return; // its writers do not lock one another out
    }
    let centre = centre(1).await;
    let clinic = centre.login("a").await;
    let before = case_of(&clinic.upload(nth(1), json!({})).await);
    centre.settle().await;
    let url = format!("sqlite://{}", centre.folder().join("centre.sqlite").display());
    let other = sqlx::AnyPool::connect(&url).await.unwrap();
    let held = other.begin_with("BEGIN IMMEDIATE").await.unwrap();
    let mut form = Form::new();
    for (name, bytes) in nth(2) {
        form = form.part("file", Part::bytes(bytes).file_name(name));
    }
    let asked = clinic.request(Method::POST, "/api/recordings").multipart(form).header("accept-language", "zh");
    let answer = asked.send().await.unwrap();
    assert_eq!(answer.status(), 503, "not acknowledged");
    assert!(answer.headers().contains_key("retry-after"));
    let problem: Value = answer.json().await.unwrap();
    assert_eq!(problem["title"], "the store is away for the moment: try again", "in the person's language");
    let waveform = clinic.request(Method::GET, &format!("/api/cases/{before}/waveform")).send().await.unwrap();
    assert_eq!(waveform.status(), 200, "reading goes on");
    drop(held);
    other.close().await;
    let after = clinic.upload(nth(2), json!({})).await;
    assert_eq!(after[0]["status"], "accepted", "nothing of the refused one is there: {after:?}");
    centre.settle().await;
    assert_eq!(all_cases(&centre.login("reader").await).await.len(), 2);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_watched_folder_is_sent_once_and_refusals_are_said() {
    let _ = rustls::crypto::ring::default_provider().install_default();
    let data = tempfile::tempdir().unwrap();
    let running = Running::start(data.path());
    let key = set_up(&running).await;
    let folder = tempfile::tempdir().unwrap();
    for (name, bytes) in pair("av-block-1") {
        std::fs::write(folder.path().join(name), bytes).unwrap();
    }
    std::fs::write(folder.path().join("note.txt"), "not an ECG").unwrap();
    let watch = || {
        let mut command = Command::new(env!("CARGO_BIN_EXE_einthoven"));
        command.args(["--lang", "en", "watch"]).arg(folder.path()).args(["--once", "--server", &running.base]);
        let done = command.env("EINTHOVEN_KEY", &key).output().unwrap();
        (done.status.code(), String::from_utf8_lossy(&done.stdout).into_owned())
    };
    let (code, said) = watch();
    assert_eq!(code, Some(0), "{said}");
    assert!(said.contains("av-block-1.hea: accepted") && said.contains("note.txt: no ECG"), "{said}");
    assert_eq!(watch(), (Some(0), String::new()), "all is sent");
    std::fs::remove_file(folder.path().join(".einthoven-sent")).unwrap();
    assert!(watch().1.contains("av-block-1.hea: was sent before"), "sending again is harmless");
    std::fs::write(folder.path().join("cut.scp"), std::fs::read(crate::centre::sample("broken/scp-cut.scp")).unwrap())
        .unwrap();
    let (code, said) = watch();
    assert_eq!(code, Some(1), "{said}");
    assert!(said.contains("cut.scp: refused"), "{said}");
}
