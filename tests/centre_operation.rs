//! The centre as an administrator runs it, by its commands: TLS with a certificate of one's own, workers on other machines,
//! a back-up while ECGs come in and its restoration, the watched folder of a clinic.
use crate::centre::{Client, PASSWORD, pair};
use crate::centre_process::{
    Postgres, Running, Senders, Sending, all_cases, analysed, einthoven, elsewhere, nothing_lost, serve, set_up,
};
use reqwest::Method;
use serde_json::{Value, json};
use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};

/// A certificate for 127.0.0.1 that signs itself; `false`, said aloud, where there is no openssl.
fn certificate(folder: &Path) -> bool {
    let mut command = Command::new("openssl");
    command
        .args("req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 -subj /CN=centre".split(' '));
    command.args(["-addext", "subjectAltName=IP:127.0.0.1", "-addext", "basicConstraints=critical,CA:FALSE"]);
    command.args(["-keyout", "key.pem", "-out", "cert.pem"]);
    let made = command.current_dir(folder).output().is_ok_and(|done| done.status.success());
    if !made {
        eprintln!("skipped: no openssl");
    }
    made
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn over_tls_cookies_are_secure_and_a_clinic_trusts_the_centres_own_certificate() {
    let folder = tempfile::tempdir().unwrap();
    if !certificate(folder.path()) {
        return;
    }
    let _ = rustls::crypto::ring::default_provider().install_default();
    let (cert, key) = (folder.path().join("cert.pem"), folder.path().join("key.pem"));
    let mut server = serve(&folder.path().join("data"));
    let running = Running::start(server.arg("--tls-cert").arg(&cert).arg("--tls-key").arg(&key), "https");
    let own = reqwest::Certificate::from_pem(&std::fs::read(&cert).unwrap()).unwrap();
    let trusting = reqwest::Client::builder().tls_certs_only([own]).build().unwrap();
    let health = trusting.get(format!("{}/health", running.base)).send().await.unwrap();
    assert_eq!((health.status().as_u16(), health.headers()["strict-transport-security"].len() > 8), (200, true));
    let stranger = reqwest::Client::new().get(format!("{}/health", running.base)).send().await;
    assert!(stranger.is_err(), "nobody else trusts it");
    let clear = reqwest::Client::new().get(format!("{}/health", running.base.replace("https", "http"))).send().await;
    assert!(clear.is_err(), "nothing is said in the clear");

    let once = running.printed.iter().find_map(|l| l.trim().strip_prefix("admin  ")).unwrap();
    let body = json!({ "login": "admin", "password": once }).to_string();
    let entered = trusting.post(format!("{}/api/session", running.base)).body(body).send().await.unwrap();
    let cookie = entered.headers()["set-cookie"].to_str().unwrap().to_owned();
    for word in ["HttpOnly", "SameSite=Strict", "; Secure"] {
        assert!(cookie.contains(word), "{cookie}");
    }
    let me: Value = entered.json().await.unwrap();
    let csrf = me["csrf"].as_str().unwrap();
    let ask = async |method: Method, path: &str, body: Value| -> Value {
        let asked = trusting.request(method, format!("{}{path}", running.base)).header("x-csrf-token", csrf);
        let asked = asked.header("cookie", cookie.split(';').next().unwrap()).body(body.to_string());
        asked.send().await.unwrap().json().await.unwrap()
    };
    ask(Method::PUT, "/api/session/password", json!({ "old": once, "new": PASSWORD })).await;
    let made = ask(Method::POST, "/api/keys", json!({ "name": "clinic", "site": me["site"]["id"] })).await;

    let inbox = tempfile::tempdir().unwrap();
    for (name, bytes) in pair("av-block-1") {
        std::fs::write(inbox.path().join(name), bytes).unwrap();
    }
    let watch = |ca: bool| {
        let mut command = einthoven(&["watch", "--once", "--server", &running.base]);
        if ca {
            command.arg("--ca").arg(&cert);
        }
        let done = command.arg(inbox.path()).env("EINTHOVEN_KEY", made["secret"].as_str().unwrap()).output().unwrap();
        (done.status.code(), String::from_utf8_lossy(&done.stdout).into_owned())
    };
    assert_ne!(watch(false).0, Some(0), "an unknown certificate is nobody's");
    let (code, said) = watch(true);
    assert_eq!(code, Some(0), "{said}");
    assert!(said.contains("av-block-1.hea: accepted"), "{said}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn workers_elsewhere_analyse_and_one_that_is_killed_loses_nothing() {
    let Some(postgres) = Postgres::start() else { return };
    let folder = tempfile::tempdir().unwrap();
    let arguments = elsewhere(&postgres.database().await);
    let running = Running::start(serve(folder.path()).args(["--workers", "0"]).args(&arguments), "http");
    let (admin, key) = set_up(&running).await;
    let reader = Client::login(&running.base, "reader", PASSWORD).await;
    let worker = || {
        let mut command = einthoven(&["worker", "--workers", "1", "--data"]);
        Running::start(command.arg(folder.path()).args(&arguments), "1 analyses")
    };
    let sending = Sending::new();
    let senders = Senders::start(4, &running.base, &key, &sending);
    let (one, other) = (worker(), worker());
    let mut one = Some(one);
    let begun = Instant::now();
    loop {
        let done = all_cases(&reader).await.values().filter(|c| c["state"] == "waiting").count();
        if done >= 10 {
            // In the middle of one, most likely.
            if let Some(one) = one.take() {
                one.kill();
            }
        }
        if sending.kept.lock().unwrap().len() >= 100 && one.is_none() {
            break;
        }
        assert!(begun.elapsed() < Duration::from_mins(5), "{done} analysed");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    senders.stop().await;
    let cases = analysed(&reader).await;
    let kept = sending.kept.lock().unwrap().clone();
    nothing_lost(&kept, &cases);
    drop(other);
    let audit = admin.get("/api/audit/verify").await;
    let said = einthoven(&["audit", "verify", "--data"]).arg(folder.path()).args(&arguments[..2]).output().unwrap();
    let said = (said.status.code(), String::from_utf8_lossy(&said.stdout).into_owned());
    assert!(said.0 == Some(0) && said.1.contains(audit["head"].as_str().unwrap()), "{said:?}");
    println!("{} acknowledged and analysed by two workers, one of them killed", kept.len());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_back_up_made_under_load_is_restored_by_the_command() {
    let folder = tempfile::tempdir().unwrap();
    let (data, fresh) = (folder.path().join("data"), folder.path().join("fresh"));
    let running = Running::server(&data);
    let (admin, key) = set_up(&running).await;
    let sending = Sending::new();
    let senders = Senders::start(3, &running.base, &key, &sending);
    while sending.kept.lock().unwrap().len() < 10 {
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    let before = sending.kept.lock().unwrap().clone();
    let head = admin.get("/api/audit/verify").await["head"].as_str().unwrap().to_owned();
    let made = admin.post("/api/backups", Value::Null).await;
    senders.stop().await;
    running.kill();
    let backup = data.join("backups").join(made["name"].as_str().unwrap());
    let restored = Running::start(serve(&fresh).arg("--restore").arg(&backup), "http");
    let reader = Client::login(&restored.base, "reader", PASSWORD).await;
    let cases = analysed(&reader).await;
    nothing_lost(&before, &cases);
    for case in before.values() {
        assert!(reader.pdf(*case).await.starts_with(b"%PDF"), "its files are there");
    }
    drop(restored);
    let said = einthoven(&["audit", "verify", "--head", &head, "--data"]).arg(&fresh).output().unwrap();
    assert!(said.status.success(), "{}", String::from_utf8_lossy(&said.stdout));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_watched_folder_is_sent_once_and_refusals_are_said() {
    let data = tempfile::tempdir().unwrap();
    let running = Running::server(data.path());
    let (admin, key) = set_up(&running).await;
    let folder = tempfile::tempdir().unwrap();
    for (name, bytes) in pair("av-block-1") {
        std::fs::write(folder.path().join(name), bytes).unwrap();
    }
    std::fs::write(folder.path().join("note.txt"), "not an ECG").unwrap();
    let watch = || {
        let mut command = einthoven(&["watch", "--once", "--server", &running.base]);
        let done = command.arg(folder.path()).env("EINTHOVEN_KEY", &key).output().unwrap();
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

    // One that is too large for the centre keeps none of the others back, and is said once.
    admin.ask(Method::PUT, "/api/settings", json!({ "upload_file_mb": 1 })).await;
    let [header, samples] = pair("brugada").try_into().unwrap();
    let long = String::from_utf8(header.1).unwrap() + &"# a long note\n".repeat(100_000);
    std::fs::write(folder.path().join("a-long.hea"), long).unwrap();
    std::fs::write(folder.path().join(samples.0), samples.1).unwrap();
    for (name, bytes) in pair("wpw") {
        std::fs::write(folder.path().join(name), bytes).unwrap();
    }
    let (code, said) = watch();
    assert_eq!(code, Some(1), "{said}");
    assert!(said.contains("a-long.hea: refused: too large") && said.contains("wpw.hea: accepted"), "{said}");
    assert_eq!(watch(), (Some(0), String::new()), "all is sent or refused");
}
