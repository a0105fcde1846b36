//! What must not be lost: jobs of workers that died, the audit, back-ups, sessions and locks; and what pages are told.
use crate::centre::{Client, PASSWORD, bucket, case_of, centre, centre_with, form, pair};
use einthoven::review::State;
use einthoven::store::{Objects, Reach, Store, restore};
use futures_util::StreamExt;
use jiff::SignedDuration;
use reqwest::Method;
use serde_json::{Value, json};
use std::time::Duration;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_dead_workers_job_is_done_by_another_however_often_it_was_killed() {
    let centre = centre(0).await;
    let clinic = centre.login("a").await;
    let case = case_of(&clinic.upload(pair("av-block-1"), json!({})).await);
    let urgent = case_of(&clinic.upload(pair("brugada"), json!({ "urgent": true })).await);
    let store = centre.app.store();
    let take = async || store.take_job("w", centre.app.now()).await.unwrap().map(|j| (j.case, j.attempt));
    for attempt in 1..=7 {
        assert_eq!(take().await, Some((urgent, attempt)), "the most urgent first");
        assert_eq!(take().await, Some((case, attempt)));
        assert_eq!(take().await, None, "both are held");
        centre.pass(SignedDuration::from_secs(31)); // the worker is killed from outside
    }
    let first = case_of(&centre.login("b").await.upload(pair("av-block-1"), json!({})).await);
    centre.app.start(1);
    centre.settle().await;
    let (apart, here) = (store.case(case).await.unwrap(), store.case(first).await.unwrap());
    assert_eq!(apart.case.state, State::Waiting { senior: false });
    assert!(apart.analysis.is_some());
    assert_eq!(apart.analysis, here.analysis, "in a process of its own or in the worker: the same result");
}

#[cfg(unix)]
/// What becomes of a case whose file once ended a worker, where the analysis apart runs `deed`: its state when it ran
/// `times` times.
async fn analysed_by(deed: &str, times: usize) -> Value {
    use std::os::unix::fs::PermissionsExt;
    let folder = tempfile::tempdir().unwrap();
    let (script, runs) = (folder.path().join("apart"), folder.path().join("runs"));
    std::fs::write(&script, format!("#!/bin/sh\necho run >> {}\ncat > /dev/null\n{deed}\n", runs.display())).unwrap();
    std::fs::set_permissions(&script, std::fs::Permissions::from_mode(0o755)).unwrap();
    let centre = centre_with(0, script).await;
    let clinic = centre.login("a").await;
    let case = case_of(&clinic.upload(pair("av-block-1"), json!({})).await);
    centre.app.store().take_job("w", centre.app.now()).await.unwrap();
    centre.app.start(1);
    let reader = centre.login("reader").await;
    for _ in 0..300 {
        centre.pass(SignedDuration::from_secs(31));
        tokio::time::sleep(Duration::from_millis(100)).await;
        let ran = std::fs::read_to_string(&runs).map_or(0, |r| r.lines().count());
        let row = reader.get(&format!("/api/cases/{case}")).await["row"].clone();
        if row["state"] == "set-aside" || ran >= times {
            return json!({ "ran": ran, "row": row, "case": case });
        }
    }
    panic!("{deed}: it did not run {times} times");
}

#[cfg(unix)]
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_file_that_ends_a_process_of_its_own_twice_is_set_aside_and_a_kill_from_outside_is_not_its_fault() {
    for deadly in ["kill -SEGV $$", "kill -KILL $$", "exit 101"] {
        let ended = analysed_by(deadly, 5).await;
        assert_eq!((&ended["ran"], &ended["row"]["state"]), (&json!(2), &json!("set-aside")), "{deadly}: {ended}");
        assert!(ended["row"]["reason"].as_str().is_some_and(|r| r.contains('三')), "{ended}");
    }
    let stopped = analysed_by("kill -TERM $$", 4).await;
    assert_eq!(stopped["row"]["state"], "received", "somebody stopped it: {stopped}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_audit_shows_what_was_changed_and_signed_versions_cannot_be() {
    let centre = centre(1).await;
    let clinic = centre.login("a").await;
    let case = case_of(&clinic.upload(pair("av-block-1"), json!({})).await);
    centre.settle().await;
    let reader = centre.login("reader").await;
    reader.sign(case).await;
    reader.get(&format!("/api/cases/{case}")).await;
    let history = reader.get(&format!("/api/cases/{case}/history")).await;
    let actions: Vec<&str> =
        history["entries"].as_array().unwrap().iter().map(|e| e["action"].as_str().unwrap()).collect();
    assert_eq!(actions, ["viewed", "signed", "claimed", "analysed", "received"], "newest first");
    let store = centre.app.store();
    let whole = store.verify_audit().await.unwrap();
    assert_eq!(whole.broken_at, None);
    store.holds(&whole.head).await.unwrap();
    assert!(store.holds("no such head").await.is_err());
    for forbidden in [
        "UPDATE version SET body = '{}'",
        "DELETE FROM version",
        "UPDATE audit SET action = 'x' WHERE seq = 2",
        "DELETE FROM audit WHERE seq = 2",
    ] {
        assert!(store.run(forbidden).await.is_err(), "{forbidden}");
    }
    assert_eq!(store.verify_audit().await.unwrap(), whole);
    // Who owns the file can take the guard away; the chain shows it all the same.
    if std::env::var("EINTHOVEN_TEST_POSTGRES").is_err() {
        store.run("DROP TRIGGER audit_no_UPDATE").await.unwrap();
        store.run("UPDATE audit SET action = 'received' WHERE seq = 7").await.unwrap();
        assert_eq!(store.verify_audit().await.unwrap().broken_at, Some(7));
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_back_up_made_while_running_restores_the_centre() {
    if std::env::var("EINTHOVEN_TEST_POSTGRES").is_ok() || bucket().is_some() {
        return; // those have their own tools
    }
    let centre = centre(1).await;
    let clinic = centre.login("a").await;
    let case = case_of(&clinic.upload(pair("av-block-1"), json!({ "symptoms": "胸闷" })).await);
    centre.settle().await;
    let made = centre.login("administrator").await.post("/api/backups", Value::Null).await;
    assert!(made["objects"].as_u64().unwrap() >= 3, "{made}");
    clinic.upload(pair("brugada"), json!({})).await;
    let backup = centre.folder().join("backups").join(made["name"].as_str().unwrap());
    let fresh = tempfile::tempdir().unwrap();
    restore(&backup, fresh.path()).unwrap();
    assert!(restore(&backup, fresh.path()).is_err(), "never over a store that is there");
    let restored = Store::embedded(fresh.path()).await.unwrap();
    let row = restored.case(case).await.unwrap();
    assert_eq!(row.clinical.symptoms.as_deref(), Some("胸闷"));
    restored.objects().get(row.analysis.as_ref().unwrap()).await.unwrap();
    assert_eq!(restored.verify_audit().await.unwrap().broken_at, None);
    let all = restored.find(&einthoven::store::Query::default(), &Reach::below("/"), 0).await.unwrap();
    assert_eq!(all.cases.len(), 1, "what came after the back-up is not in it");
    let object = backup.join("objects");
    let victim = walkdir::WalkDir::new(&object).into_iter().flatten().find(|e| e.file_type().is_file()).unwrap();
    std::fs::remove_file(victim.path()).unwrap();
    std::fs::write(victim.path(), b"bit rot").unwrap();
    let another = tempfile::tempdir().unwrap();
    assert!(restore(&backup, another.path()).is_err(), "a damaged back-up is not put in place");
    assert!(!another.path().join("centre.sqlite").exists());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn passwords_lock_and_sessions_end() {
    let centre = centre(0).await;
    let http = reqwest::Client::new();
    let try_in = async |login: &str, password: &str| {
        let body = json!({ "login": login, "password": password }).to_string();
        let url = format!("{}/api/session", centre.base);
        http.post(url).header("accept-language", "zh-CN").body(body).send().await.unwrap()
    };
    assert_eq!(try_in("nobody", PASSWORD).await.status(), 401);
    for _ in 0..5 {
        let wrong = try_in("reader", "wrong").await;
        assert_eq!(wrong.status(), 401);
        let problem: Value = wrong.json().await.unwrap();
        assert_eq!(problem["title"], "用户名或密码错误", "in the reader's language");
    }
    let locked = try_in("reader", PASSWORD).await;
    assert_eq!(locked.status(), 429);
    assert!(locked.headers().contains_key("retry-after"));
    centre.pass(SignedDuration::from_mins(16));
    let reader = centre.login("reader").await;
    assert_eq!(reader.get("/api/session").await["role"], "reader");
    centre.pass(SignedDuration::from_mins(61));
    assert_eq!(reader.ask(Method::GET, "/api/session", Value::Null).await.0, 401, "idle for too long");
    // A one-time password opens nothing but its own change.
    let admin = centre.login("administrator").await;
    let new = json!({ "login": "new.reader", "name": "新医师", "role": "reader", "site": centre.sites[0].id });
    let added = admin.post("/api/users", new).await;
    let once = added["one_time_password"].as_str().unwrap();
    let fresh = Client::login(&centre.base, "new.reader", once).await;
    assert_eq!(fresh.refused("/api/cases/search", json!({})).await, (403, "must-change-password".into()));
    let change = |new: &str| json!({ "old": once, "new": new });
    assert_eq!(fresh.ask(Method::PUT, "/api/session/password", change("short")).await.0, 400);
    assert_eq!(fresh.ask(Method::PUT, "/api/session/password", change("long enough now")).await.0, 200);
    assert_eq!(fresh.refused("/api/cases/search", json!({})).await.0, 200);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn keys_send_for_their_site_and_open_nothing_else() {
    let centre = centre(0).await;
    let admin = centre.login("administrator").await;
    let made = admin.post("/api/keys", json!({ "name": "ward", "site": centre.sites[1].id })).await;
    let (secret, id) = (made["secret"].as_str().unwrap(), made["key"]["id"].as_i64().unwrap());
    let http = reqwest::Client::new();
    let send = async |site: i64| {
        let form = form(pair("av-block-1")).text("site", site.to_string());
        let asked = http.post(format!("{}/api/recordings", centre.base)).bearer_auth(secret).multipart(form);
        asked.send().await.unwrap().status().as_u16()
    };
    assert_eq!(send(centre.sites[2].id).await, 200, "the village below");
    assert_eq!(send(centre.sites[3].id).await, 404, "another hospital");
    let get = async |path: &str| {
        http.get(format!("{}{path}", centre.base)).bearer_auth(secret).send().await.unwrap().status().as_u16()
    };
    assert_eq!((get("/api/users").await, get("/metrics").await, get("/api/session").await), (403, 403, 403));
    let (status, _) = admin.ask(Method::DELETE, &format!("/api/keys/{id}"), Value::Null).await;
    assert_eq!(status, 204);
    assert_eq!(send(centre.sites[2].id).await, 401, "revoked");
    let watcher =
        admin.post("/api/keys", json!({ "name": "prometheus", "site": centre.sites[0].id, "scope": "metrics" })).await;
    let metrics = http.get(format!("{}/metrics", centre.base)).bearer_auth(watcher["secret"].as_str().unwrap());
    let metrics = metrics.send().await.unwrap().text().await.unwrap();
    assert!(metrics.contains("einthoven_uploads_accepted_total 1\n"), "{metrics}");
    assert!(metrics.contains("einthoven_queue_jobs 1\n"), "{metrics}");
}

/// Events of a stream until `n` of them are of cases.
pub async fn hear(client: &Client, since: Option<i64>, n: usize) -> Vec<Value> {
    let mut asked = client.request(Method::GET, "/api/events");
    if let Some(seq) = since {
        asked = asked.header("last-event-id", seq.to_string());
    }
    let mut stream = asked.send().await.unwrap().bytes_stream();
    let mut text = String::new();
    let listen = async {
        loop {
            let found: Vec<Value> = text
                .split("\n\n")
                .filter(|e| e.contains("event: case"))
                .filter_map(|e| serde_json::from_str(e.lines().find_map(|l| l.strip_prefix("data: "))?).ok())
                .collect();
            if found.len() >= n {
                return found;
            }
            text += std::str::from_utf8(&stream.next().await.unwrap().unwrap()).unwrap();
        }
    };
    tokio::time::timeout(Duration::from_secs(30), listen).await.unwrap_or_default()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn pages_hear_what_changes_in_their_reach_and_miss_nothing() {
    let centre = centre(0).await;
    let (clinic, reader, other) = (centre.login("a").await, centre.login("reader").await, centre.login("b").await);
    let start = centre.app.store().last_seq().await.unwrap();
    let (heard, elsewhere, ()) = tokio::join!(
        hear(&reader, None, 2),
        async { tokio::time::timeout(Duration::from_secs(3), hear(&other, None, 1)).await.unwrap_or_default() },
        async {
            tokio::time::sleep(Duration::from_millis(700)).await;
            clinic.upload(pair("av-block-1"), json!({ "patient_name": "张三" })).await;
            clinic.upload(pair("brugada"), json!({})).await;
        }
    );
    assert_eq!(heard.iter().map(|e| e["action"].as_str().unwrap()).collect::<Vec<_>>(), ["received", "received"]);
    assert!(!heard.iter().any(|e| e.to_string().contains("张三")), "no patient in an event");
    assert_eq!(elsewhere, Vec::<Value>::new(), "another site hears nothing");
    let missed = hear(&reader, Some(start), 2).await;
    assert_eq!(missed, heard, "who was away gets it all");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_archive_is_analysed_again_and_signed_reports_stay() {
    let centre = centre(1).await;
    let clinic = centre.login("a").await;
    let case = case_of(&clinic.upload(pair("av-block-1"), json!({})).await);
    centre.settle().await;
    centre.login("reader").await.sign(case).await;
    let before = clinic.pdf(case).await;
    // As if an older program had said something else.
    centre
        .app
        .store()
        .run("UPDATE ecg SET program = '0.0.1', machine = '[[\"lvh\",{\"zh\":\"x\",\"en\":\"x\"}]]'")
        .await
        .unwrap();
    let admin = centre.login("administrator").await;
    assert_eq!(admin.post("/api/reanalysis", json!({})).await["queued"], 1);
    centre.settle().await;
    let changed = admin.get("/api/reanalysis").await;
    assert_eq!(
        (&changed["changes"][0]["gone"], &changed["changes"][0]["signed"]),
        (&json!(["lvh"]), &json!(true)),
        "{changed}"
    );
    assert_eq!(clinic.pdf(case).await, before);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_centres_own_thresholds_ring() {
    let centre = centre(1).await;
    let admin = centre.login("administrator").await;
    let set = async |toml: &str| admin.ask(Method::PUT, "/api/settings", json!({ "critical_toml": toml })).await.0;
    assert_eq!(set("bradycardia_bpm = 5").await, 400, "out of its range");
    let clinic = centre.login("a").await;
    let alarms = async || clinic.get("/api/critical").await["open"].as_array().unwrap().len();
    clinic.upload(pair("sinus-bradycardia"), json!({})).await;
    centre.settle().await;
    assert_eq!(alarms().await, 0, "44 bpm is above the consensus' limit");
    assert_eq!(set("bradycardia_bpm = 50").await, 200);
    let mut other = pair("sinus-bradycardia");
    other[0].1.extend_from_slice(b"# another recording\n");
    clinic.upload(other, json!({})).await;
    centre.settle().await;
    assert_eq!(alarms().await, 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_store_away_is_said_and_comes_back() {
    let centre = centre(1).await;
    let clinic = centre.login("a").await;
    let health = async || {
        let answer = reqwest::get(format!("{}/health", centre.base)).await.unwrap();
        (answer.status().as_u16(), answer.json::<Value>().await.unwrap())
    };
    assert_eq!(health().await.0, 200);
    let Objects::Folder(folder) = centre.app.store().objects() else { return };
    // A disk that takes nothing more: the folder that files are written into is gone.
    std::fs::rename(folder.join("aside"), folder.join("gone")).unwrap();
    let (status, said) = health().await;
    assert_eq!((status, &said["objects"]), (503, &json!(false)));
    let sent = clinic.request(Method::POST, "/api/recordings").multipart(form(pair("av-block-1")));
    let answer = sent.send().await.unwrap();
    assert_eq!(answer.status(), 503, "not acknowledged: it is not durable");
    std::fs::rename(folder.join("gone"), folder.join("aside")).unwrap();
    assert_eq!(health().await.0, 200);
    assert_eq!(clinic.upload(pair("av-block-1"), json!({})).await[0]["status"], "accepted");
    centre.settle().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_signed_report_is_compared_with_the_patients_last_ecg() {
    let centre = centre(1).await;
    let (clinic, other) = (centre.login("a").await, centre.login("b").await);
    let dated = |name: &str, year: u32| {
        let mut files = pair(name);
        let header = String::from_utf8(files[0].1.clone()).unwrap();
        let (first, rest) = header.split_once('\n').unwrap();
        let first: Vec<&str> = first.split(' ').take(4).collect();
        // The file's own word of the patient would go before the clinic's.
        let rest: Vec<&str> = rest.lines().filter(|line| !line.starts_with('#')).collect();
        files[0].1 = format!("{} 08:00:00 01/02/{year}\n{}\n", first.join(" "), rest.join("\n")).into_bytes();
        files
    };
    let patient = |name: Value| json!({ "patient_id": "H2024-77", "patient_name": name, "sex": "male", "age": 60 });
    clinic.upload(dated("brugada", 2022), patient(json!("张三"))).await;
    let last = case_of(&clinic.upload(dated("av-block-1", 2023), patient(json!("张三"))).await);
    let named_otherwise = case_of(&other.upload(dated("asystole", 2024), patient(json!("李四"))).await);
    other.upload(dated("av-block-3", 2024), patient(Value::Null)).await;
    let case = case_of(&clinic.upload(dated("sinus-bradycardia", 2025), patient(json!("张三"))).await);
    centre.settle().await;
    let report = async || clinic.get(&format!("/api/cases/{case}/report.json")).await;
    let preliminary = report().await["comparison"].clone();
    assert!(preliminary["prior"].to_string().contains("2023-02-01"), "the last one of the same person: {preliminary}");
    let reader = centre.login("reader").await;
    let page = reader.get(&format!("/api/cases/{case}/comparison?with={last}")).await;
    assert_eq!(page["refused"], Value::Null);
    assert!(page["comparison"]["statements"][0]["text"]["zh"].is_string(), "{page}");
    assert_eq!(page["comparison"]["statements"], preliminary["statements"], "the page says what the report says");
    let (status, _) =
        reader.ask(Method::GET, &format!("/api/cases/{case}/comparison?with={named_otherwise}"), Value::Null).await;
    assert_eq!(status, 404, "another patient's");
    reader.sign(case).await;
    let signed = report().await;
    assert_eq!(signed["comparison"], preliminary);
    assert_eq!(signed["signature"]["decision"], "confirmed");
}
