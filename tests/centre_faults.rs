//! The centre as a process that is killed at random moments under load: nothing acknowledged is lost, nothing is there
//! twice, nothing signed changes, and the audit stays whole. Three times in the usual suite, fifty times when asked:
//! `cargo test --test main killed_fifty -- --ignored`.
use crate::centre::{Client, PASSWORD, case_of, centre, form};
use crate::centre_process::{
    Running, Senders, Sending, acknowledged, all_cases, analysed, einthoven, nothing_lost, nth, sent, set_up,
};
use reqwest::Method;
use serde_json::{Value, json};
use std::sync::atomic::Ordering;
use std::time::Duration;

async fn killed(times: u32) {
    let folder = tempfile::tempdir().unwrap();
    let running = Running::server(folder.path());
    let (_, key) = set_up(&running).await;
    let http = reqwest::Client::new();
    // One is signed before the trouble begins.
    let signed = acknowledged(sent(&http, &running.base, &key, 0).await).unwrap();
    let reader = Client::login(&running.base, "reader", PASSWORD).await;
    analysed(&reader).await;
    reader.sign(signed).await;
    let pdf = reader.pdf(signed).await;
    running.kill();

    let sending = Sending::new();
    let mut chance: u64 = 0x9e37_79b9_7f4a_7c15;
    for _ in 0..times {
        let running = Running::server(folder.path());
        let senders = Senders::start(4, &running.base, &key, &sending);
        chance = chance.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        tokio::time::sleep(Duration::from_millis(150 + (chance >> 33) % 1200)).await;
        running.kill();
        senders.stop().await;
    }

    let kept = sending.kept.lock().unwrap().clone();
    let running = Running::server(folder.path());
    let reader = Client::login(&running.base, "reader", PASSWORD).await;
    let all = sending.next.load(Ordering::SeqCst);
    let cases = analysed(&reader).await;
    assert!(kept.len() as u32 >= times, "hardly anything was sent: {}", kept.len());
    nothing_lost(&kept, &cases);
    assert!(cases.len() as u32 <= all + 1, "more cases than uploads");
    let (n, case) = kept.first_key_value().unwrap();
    let twice = acknowledged(sent(&http, &running.base, &key, *n).await);
    assert_eq!(twice, Some(*case), "sending again finds the case that is there");
    assert_eq!(reader.pdf(signed).await, pdf, "what was signed has changed");
    running.kill();
    let said = einthoven(&["audit", "verify", "--data"]).arg(folder.path()).output().unwrap();
    assert!(said.status.success(), "{}", String::from_utf8_lossy(&said.stdout));
    println!("{times} kills: {} acknowledged of {} sent, none lost", kept.len(), all - 1);
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
    let asked = clinic.request(Method::POST, "/api/recordings").multipart(form(nth(2))).header("accept-language", "zh");
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
