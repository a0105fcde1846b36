//! The centre over HTTP, as its people meet it: a server in the process, on a store of its own. With
//! `EINTHOVEN_TEST_POSTGRES=postgres://…` the same tests run on PostgreSQL, each in a database of its own; with
//! `EINTHOVEN_TEST_S3=s3://bucket` (and the `AWS_*` variables) on objects in S3, each below a name of its own.
use einthoven::Lang;
use einthoven::review::Role;
use einthoven::server::{App, Config, secret};
use einthoven::store::{NewPerson, Objects, SecondRule, Site, SiteKind, Store};
use jiff::{SignedDuration, Timestamp};
use reqwest::multipart::{Form, Part};
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

pub const PASSWORD: &str = "a long password";

pub fn sample(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("samples").join(name)
}

/// An ECG of the simulator as a WFDB pair.
pub fn pair(name: &str) -> Vec<(String, Vec<u8>)> {
    ["hea", "dat"].map(|end| (format!("{name}.{end}"), std::fs::read(sample(&format!("{name}.{end}"))).unwrap())).into()
}

fn of_its_own() -> String {
    format!("centre_{}", secret::digest(&secret::token()).get(..16).unwrap())
}

/// A new database on the PostgreSQL at `url`.
pub async fn postgres_database(url: &str) -> String {
    sqlx::any::install_default_drivers();
    let name = of_its_own();
    let admin = sqlx::AnyPool::connect(url).await.unwrap();
    sqlx::query(sqlx::AssertSqlSafe(format!("CREATE DATABASE {name}"))).execute(&admin).await.unwrap();
    admin.close().await;
    let (server, _) = url.rsplit_once('/').unwrap();
    format!("{server}/{name}")
}

/// Where the objects of one test are kept, if in S3.
pub fn bucket() -> Option<String> {
    std::env::var("EINTHOVEN_TEST_S3").ok().map(|url| format!("{}/{}", url.trim_end_matches('/'), of_its_own()))
}

/// The store of one test.
async fn store(folder: &Path, objects: Option<Objects>) -> Store {
    let _ = rustls::crypto::ring::default_provider().install_default();
    let kept = bucket().map(|url| Objects::bucket(&url).unwrap());
    let objects = objects.or(kept).unwrap_or_else(|| Objects::folder(&folder.join("objects")).unwrap());
    let url = match std::env::var("EINTHOVEN_TEST_POSTGRES") {
        Ok(url) => postgres_database(&url).await,
        Err(_) => format!("sqlite://{}?mode=rwc", folder.join("centre.sqlite").display()),
    };
    Store::open(&url, objects).await.unwrap()
}

pub struct Centre {
    pub app: App,
    pub base: String,
    pub sites: Vec<Site>,
    clock: Arc<AtomicI64>,
    folder: tempfile::TempDir,
}

/// Sites: 0 centre, 1 hospital A, 2 its village, 3 hospital B. People: one of each role at the centre, `a` and `b` clinics.
pub async fn centre(workers: usize) -> Centre {
    centre_with(workers, env!("CARGO_BIN_EXE_einthoven").into()).await
}

/// The same with another program for what is analysed apart.
pub async fn centre_with(workers: usize, program: PathBuf) -> Centre {
    let folder = tempfile::tempdir().unwrap();
    let store = store(folder.path(), None).await;
    centre_in(folder, store, workers, program).await
}

/// The same with its objects elsewhere.
pub async fn centre_keeping(workers: usize, objects: Objects) -> Centre {
    let folder = tempfile::tempdir().unwrap();
    let store = store(folder.path(), Some(objects)).await;
    centre_in(folder, store, workers, env!("CARGO_BIN_EXE_einthoven").into()).await
}

/// The same on any store.
pub async fn centre_in(folder: tempfile::TempDir, store: Store, workers: usize, program: PathBuf) -> Centre {
    let _ = rustls::crypto::ring::default_provider().install_default();
    let clock = Arc::new(AtomicI64::new(Timestamp::now().as_millisecond()));
    let now = Timestamp::now();
    let mut sites = Vec::new();
    for (above, name, kind) in [
        (None, "centre", SiteKind::Centre),
        (Some(0), "hospital A", SiteKind::Hospital),
        (Some(1), "village A", SiteKind::Village),
        (Some(0), "hospital B", SiteKind::Hospital),
    ] {
        let parent = above.map(|n: usize| sites.get(n).map(|s: &Site| s.id).unwrap());
        sites.push(store.add_site(&Site::new(parent, name, kind), None, now).await.unwrap());
    }
    let hash = secret::hash(PASSWORD);
    for (login, role, site) in [
        ("a", Role::Clinic, 2),
        ("b", Role::Clinic, 3),
        ("clinic", Role::Clinic, 0),
        ("reader", Role::Reader, 0),
        ("reader2", Role::Reader, 0),
        ("senior", Role::SeniorReader, 0),
        ("quality-officer", Role::QualityOfficer, 0),
        ("administrator", Role::Administrator, 0),
        ("reader-b", Role::Reader, 3),
    ] {
        let site = sites[site].id;
        let new = NewPerson { login, name: login, role, site, lang: Lang::En, password: &hash, must_change: false };
        store.add_person(&new, None, now).await.unwrap();
    }
    let ticking = Arc::clone(&clock);
    let app = App::new(Config {
        store,
        clock: Arc::new(move || Timestamp::from_millisecond(ticking.load(Ordering::SeqCst)).unwrap()),
        demo: false,
        secure: false,
        proxied: true,
        folders: Vec::new(),
        backups: Some(folder.path().join("backups")),
        program: Some(program),
    });
    app.start(workers);
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let base = format!("http://{}", listener.local_addr().unwrap());
    let served = app.clone();
    tokio::spawn(async move { einthoven::server::answer(&served, listener, None, std::future::pending()).await });
    Centre { app, base, sites, clock, folder }
}

impl Centre {
    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    pub fn pass(&self, time: SignedDuration) {
        self.clock.fetch_add(time.as_millis() as i64, Ordering::SeqCst);
    }

    pub async fn login(&self, login: &str) -> Client {
        Client::login(&self.base, login, PASSWORD).await
    }

    /// Waits until nothing is left to analyse.
    pub async fn settle(&self) {
        for _ in 0..600 {
            if self.app.store().queue().await.unwrap().jobs == 0 {
                return;
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        panic!("the analyses did not end");
    }
}

/// A browser.
#[derive(Clone)]
pub struct Client {
    http: reqwest::Client,
    base: String,
    cookie: String,
    csrf: String,
}

impl Client {
    pub async fn login(base: &str, login: &str, password: &str) -> Self {
        let http = reqwest::Client::new();
        let body = json!({ "login": login, "password": password }).to_string();
        let answer = http.post(format!("{base}/api/session")).body(body).send().await.unwrap();
        assert_eq!(answer.status(), 200, "{login}");
        let cookie = answer.headers()["set-cookie"].to_str().unwrap().to_owned();
        assert!(cookie.contains("HttpOnly") && cookie.contains("SameSite=Strict"), "{cookie}");
        let cookie = cookie.split(';').next().unwrap().to_owned();
        let me: Value = answer.json().await.unwrap();
        Self { http, base: base.to_owned(), cookie, csrf: me["csrf"].as_str().unwrap().to_owned() }
    }

    pub fn request(&self, method: Method, path: &str) -> reqwest::RequestBuilder {
        let asked = self.http.request(method, format!("{}{path}", self.base));
        asked.header("cookie", &self.cookie).header("x-csrf-token", &self.csrf)
    }

    pub async fn ask(&self, method: Method, path: &str, body: Value) -> (StatusCode, Value) {
        let answer = self.request(method, path).body(if body.is_null() { String::new() } else { body.to_string() });
        let answer = answer.send().await.unwrap();
        let status = answer.status();
        let bytes = answer.bytes().await.unwrap();
        (status, serde_json::from_slice(&bytes).unwrap_or(Value::Null))
    }

    pub async fn get(&self, path: &str) -> Value {
        let (status, body) = self.ask(Method::GET, path, Value::Null).await;
        assert_eq!(status, 200, "{path}: {body}");
        body
    }

    pub async fn post(&self, path: &str, body: Value) -> Value {
        let (status, body) = self.ask(Method::POST, path, body).await;
        assert!(status.is_success(), "{path}: {status} {body}");
        body
    }

    pub async fn refused(&self, path: &str, body: Value) -> (u16, String) {
        let (status, body) = self.ask(Method::POST, path, body).await;
        (status.as_u16(), body["code"].as_str().unwrap_or("").to_owned())
    }

    /// Opens a case and signs it as it is.
    pub async fn sign(&self, case: i64) -> Value {
        let row = self.post(&format!("/api/cases/{case}/claim"), Value::Null).await;
        self.post(&format!("/api/cases/{case}/sign"), json!({ "secret": PASSWORD, "revision": row["revision"] })).await
    }

    /// The newest report of a case, PDF.
    pub async fn pdf(&self, case: i64) -> Vec<u8> {
        let answer = self.request(Method::GET, &format!("/api/cases/{case}/report.pdf")).send().await.unwrap();
        assert_eq!(answer.status(), 200);
        answer.bytes().await.unwrap().into()
    }

    pub async fn upload(&self, files: Vec<(String, Vec<u8>)>, clinical: Value) -> Vec<Value> {
        let form = form(files).text("clinical", clinical.to_string());
        let answer = self.request(Method::POST, "/api/recordings").multipart(form).send().await.unwrap();
        assert_eq!(answer.status(), 200);
        let body: Value = answer.json().await.unwrap();
        body["results"].as_array().unwrap().clone()
    }
}

/// The form of an upload.
pub fn form(files: Vec<(String, Vec<u8>)>) -> Form {
    let part = |form: Form, (name, bytes)| form.part("file", Part::bytes(bytes).file_name(name));
    files.into_iter().fold(Form::new(), part)
}

pub fn case_of(results: &[Value]) -> i64 {
    results.iter().find_map(|r| r["case"].as_i64()).unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn from_the_clinic_to_the_signed_report_and_its_amendment() {
    let centre = centre(1).await;
    let (clinic, reader) = (centre.login("a").await, centre.login("reader").await);
    let mut files = pair("av-block-1");
    files.push(("note.txt".into(), b"not an ECG at all".to_vec()));
    let sent = clinic.upload(files, json!({ "patient_name": "张三", "patient_id": "42", "symptoms": "胸闷" })).await;
    let statuses: Vec<&str> = sent.iter().map(|r| r["status"].as_str().unwrap()).collect();
    assert_eq!(statuses, ["accepted", "companion", "refused"]);
    assert!(sent[2]["reason"]["zh"].as_str().is_some_and(|r| !r.is_empty()), "{sent:?}");
    let again = clinic.upload(pair("av-block-1"), json!({})).await;
    assert_eq!((again[0]["status"].as_str(), &again[0]["case"]), (Some("duplicate"), &sent[0]["case"]));
    centre.settle().await;

    let list = reader.post("/api/cases/search", json!({})).await;
    assert_eq!(list["counts"]["routine"], 1);
    let case = list["cases"][0]["id"].as_i64().unwrap();
    let at = |end: &str| format!("/api/cases/{case}{end}");
    assert_eq!(reader.refused(&at("/sign"), json!({ "secret": PASSWORD, "revision": 1 })).await.0, 409, "not open");
    reader.post(&at("/claim"), Value::Null).await;
    let whole = reader.get(&at("")).await;
    let ids: Vec<&str> =
        whole["report"]["findings"].as_array().unwrap().iter().map(|f| f["id"].as_str().unwrap()).collect();
    let block = ids.iter().position(|id| *id == "first-degree-av-block").unwrap();
    let pr = whole["report"]["measurements"]["global"]["pr_ms"].as_f64().unwrap();
    let onset = whole["medians"][0]["p"]["onset_ms"].as_f64().unwrap();
    assert!(whole["may"].as_array().unwrap().contains(&json!("sign")));

    let draft = json!({
        "edits": [{ "edit": "delete", "at": block }, { "edit": "add", "at": 0, "statement": null, "text": { "zh": "请结合临床", "en": "Correlate clinically" } }],
        "fiducials": { "p_onset_ms": onset + 40.0 },
    });
    let (status, kept) = reader.ask(Method::PUT, &at("/draft"), draft.clone()).await;
    assert_eq!(status, 200, "{kept}");
    assert_eq!(kept["conclusion"][0]["text"]["zh"], "请结合临床");
    let moved = kept["measurements"]["global"]["pr_ms"].as_f64().unwrap();
    assert!((pr - moved - 40.0).abs() <= 2.0, "PR {pr} → {moved}");
    let (status, _) = reader.ask(Method::PUT, &format!("{}?revision=1", at("/draft")), draft).await;
    assert_eq!(status, 409, "a draft on what has moved on");
    let (status, _) =
        reader.ask(Method::PUT, &at("/draft"), json!({ "edits": [{ "edit": "delete", "at": 99 }] })).await;
    assert_eq!(status, 422);

    let revision = kept["revision"].clone();
    let wrong = reader.refused(&at("/sign"), json!({ "secret": "wrong", "revision": revision })).await;
    assert_eq!(wrong, (403, "wrong-password".into()));
    let signed = reader.post(&at("/sign"), json!({ "secret": PASSWORD, "revision": revision })).await;
    assert_eq!(signed["version"], 1);
    let code = signed["code"].as_str().unwrap();

    let pdf = clinic.request(Method::GET, &at("/report.pdf?lang=zh")).send().await.unwrap();
    assert_eq!(pdf.headers()["content-type"], "application/pdf");
    let pdf = pdf.bytes().await.unwrap();
    assert!(pdf.starts_with(b"%PDF"));
    let report = clinic.get(&at("/report.json")).await;
    assert_eq!(report["signature"]["decision"], "changed");
    assert!(report["signature"]["conclusion"].as_str().unwrap().contains("请结合临床"));
    let fhir = clinic.get(&at("/report.fhir.json")).await;
    assert_eq!(fhir["resourceType"], "Bundle");

    let hash: String = {
        use sha2::Digest;
        sha2::Sha256::digest(&pdf).iter().map(|b| format!("{b:02x}")).collect::<Vec<_>>().concat()
    };
    let anyone = reqwest::Client::new();
    let verify = async |hash: &str| -> Value {
        let url = format!("{}/api/verify/{}?sha256={hash}", centre.base, code.to_lowercase());
        anyone.get(url).send().await.unwrap().json().await.unwrap()
    };
    let genuine = verify(&hash).await;
    assert_eq!(
        (&genuine["genuine"], &genuine["newest"], &genuine["whole"]),
        (&json!(true), &json!(true), &json!(true))
    );
    assert_eq!(verify(&"0".repeat(64)).await["whole"], false);
    assert!(!genuine.to_string().contains("张三"), "nothing of the patient: {genuine}");

    assert_eq!(reader.refused(&at("/amend"), json!({ "reason": " " })).await, (422, "no-reason".into()));
    reader.post(&at("/amend"), json!({ "reason": "漏写" })).await;
    let whole = reader.get(&at("")).await;
    assert_eq!(whole["draft"]["conclusion"][0]["text"]["zh"], "请结合临床", "it goes on from what was signed");
    let revision = whole["row"]["revision"].clone();
    assert_eq!(reader.post(&at("/sign"), json!({ "secret": PASSWORD, "revision": revision })).await["version"], 2);
    assert_eq!(verify(&hash).await["newest"], false);
    let old = clinic.request(Method::GET, &at("/report.pdf?version=1&lang=zh")).send().await.unwrap().bytes().await;
    assert_eq!(old.unwrap(), pdf, "what was signed stays as it was");

    let audit = centre.login("administrator").await.get("/api/audit/verify").await;
    assert_eq!(audit["whole"], true, "{audit}");
    let office = centre.login("quality-officer").await.get("/api/indicators?by=site").await;
    assert_eq!((&office["rows"][0]["reported"], &office["rows"][0]["amended"]), (&json!(1), &json!(1)), "{office}");
    let overruled = office["statements"].as_array().unwrap();
    assert!(overruled.iter().any(|s| s["id"] == "first-degree-av-block" && s["deleted"] == 1), "{office}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_critical_value_rings_until_the_clinic_has_said_what_was_done() {
    let centre = centre(1).await;
    let (clinic, reader) = (centre.login("a").await, centre.login("reader").await);
    clinic.upload(pair("av-block-1"), json!({ "chest_pain": true })).await;
    let critical = case_of(&clinic.upload(pair("asystole"), json!({})).await);
    centre.settle().await;
    let list = reader.post("/api/cases/search", json!({ "view": "worklist" })).await;
    assert_eq!(list["cases"][0]["id"], critical, "critical before chest pain: {list}");
    let open = clinic.get("/api/critical").await;
    assert_eq!((&open["open"][0]["row"]["id"], &open["open"][0]["loop"]["step"]), (&json!(critical), &json!("raised")));
    centre.pass(SignedDuration::from_mins(11));
    assert!(clinic.get("/api/critical").await["open"][0]["loop"]["overdue_s"].as_i64().unwrap() >= 59);
    let other = centre.login("b").await;
    assert_eq!(other.get("/api/critical").await["open"], json!([]), "not another clinic's");
    let at = |end: &str| format!("/api/cases/{critical}/critical/{end}");
    clinic.post(&at("acknowledge"), Value::Null).await;
    assert_eq!(clinic.refused(&at("dispose"), json!({ "what": " " })).await.0, 422);
    let closed = clinic.post(&at("dispose"), json!({ "what": "心肺复苏，120 转运" })).await;
    assert_eq!(closed["step"], "closed");
    assert_eq!(clinic.refused(&at("dispose"), json!({ "what": "again" })).await.1, "out-of-turn");
    assert_eq!(clinic.get("/api/critical").await["open"], json!([]));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_second_reader_agrees_before_the_clinic_gets_it() {
    let centre = centre(1).await;
    let village = Site { second: SecondRule::Always, ..centre.sites[2].clone() };
    centre.app.store().change_site(&village, None, Timestamp::now()).await.unwrap();
    let clinic = centre.login("a").await;
    let (reader, senior) = (centre.login("reader").await, centre.login("senior").await);
    let case = case_of(&clinic.upload(pair("av-block-1"), json!({})).await);
    centre.settle().await;
    let at = |end: &str| format!("/api/cases/{case}{end}");
    let first = reader.sign(case).await;
    assert_eq!((&first["version"], &first["row"]["state"]), (&Value::Null, &json!("second-waiting")));
    assert_eq!(clinic.get(&at("")).await["versions"], json!([]), "not out yet");
    assert_eq!(reader.refused(&at("/claim"), Value::Null).await.1, "senior-only");
    let second = senior.sign(case).await;
    assert_eq!(second["version"], 1);
    let version = &clinic.get(&at("")).await["versions"][0];
    assert_eq!((&version["by"]["name"], &version["second"]["name"]), (&json!("reader"), &json!("senior")));
    let office = centre.login("quality-officer").await.get("/api/indicators").await;
    assert_eq!((&office["rows"][0]["second_read"], &office["rows"][0]["second_agreed"]), (&json!(1), &json!(1)));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_readers_never_sign_one_report() {
    let centre = centre(1).await;
    let clinic = centre.login("a").await;
    let case = case_of(&clinic.upload(pair("av-block-1"), json!({})).await);
    centre.settle().await;
    let at = |end: &str| format!("/api/cases/{case}{end}");
    let (one, two) = (centre.login("reader").await, centre.login("reader2").await);
    let row = one.post(&at("/claim"), Value::Null).await;
    assert_eq!(two.refused(&at("/claim"), Value::Null).await, (409, "locked".into()));
    // The same reader in two windows, at the same moment.
    let window = centre.login("reader").await;
    let sign = json!({ "secret": PASSWORD, "revision": row["revision"] });
    let path = at("/sign");
    let (first, second, third) = tokio::join!(
        one.ask(Method::POST, &path, sign.clone()),
        window.ask(Method::POST, &path, sign.clone()),
        two.ask(Method::POST, &path, sign.clone())
    );
    let won = [&first, &second, &third].iter().filter(|(status, _)| status.is_success()).count();
    assert_eq!(won, 1, "{first:?} {second:?} {third:?}");
    assert!(!third.0.is_success());
    assert_eq!(clinic.get(&at("")).await["versions"].as_array().unwrap().len(), 1);
    // A lock that has run out is another's.
    let case = case_of(&clinic.upload(pair("brugada"), json!({})).await);
    centre.settle().await;
    let at = |end: &str| format!("/api/cases/{case}{end}");
    one.post(&at("/claim"), Value::Null).await;
    centre.pass(SignedDuration::from_mins(11));
    let row = two.post(&at("/claim"), Value::Null).await;
    let late = one.refused(&at("/sign"), json!({ "secret": PASSWORD, "revision": row["revision"] })).await;
    assert_eq!(late, (409, "locked".into()));
    let handed = two.post(&at("/hand-over"), json!({ "to": row["reader"]["id"].as_i64().unwrap() - 1 })).await;
    assert_eq!(handed["reader"]["name"], "reader");
    let refused = one.post(&at("/refuse"), json!({ "reason": "电极脱落" })).await;
    assert_eq!((&refused["state"], &refused["reason"]), (&json!("refused"), &json!("电极脱落")));
}
