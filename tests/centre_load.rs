//! Load, on this machine only, when asked:
//! `EINTHOVEN_LOAD_RATE=60 EINTHOVEN_LOAD_SECONDS=300 cargo test --release --test main load_ -- --ignored --nocapture`.
//! Server and generator share the process; what is printed is for the README.
use crate::centre::{case_of, centre, pair};
use crate::centre_process::nth;
use futures_util::StreamExt;
use reqwest::Method;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

fn asked(name: &str, usual: u32) -> u32 {
    std::env::var(name).ok().and_then(|v| v.parse().ok()).unwrap_or(usual)
}

/// Median, 99th percentile and largest, ms.
fn figures(times: &mut [Duration]) -> [u128; 3] {
    times.sort();
    let at = |part: f64| {
        times.get(((times.len() as f64 * part) as usize).min(times.len() - 1)).map_or(0, Duration::as_millis)
    };
    [at(0.5), at(0.99), at(1.0)]
}

fn resident_mb() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let peak = status.lines().find_map(|l| l.strip_prefix("VmHWM:"))?;
    Some(peak.trim().trim_end_matches(" kB").trim().parse::<u64>().ok()? / 1024)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "load: run by name"]
async fn load_uploads_reach_the_worklist_in_time() {
    let (rate, seconds) = (asked("EINTHOVEN_LOAD_RATE", 60), asked("EINTHOVEN_LOAD_SECONDS", 30));
    let streams = asked("EINTHOVEN_LOAD_STREAMS", 200);
    let centre = centre(2).await;
    let (clinic, reader) = (centre.login("a").await, centre.login("reader").await);
    let listed: Arc<Mutex<BTreeMap<i64, Instant>>> = Arc::default();
    for n in 0..streams {
        let (reader, listed) = (reader.clone(), Arc::clone(&listed));
        tokio::spawn(async move {
            let mut stream = reader.request(Method::GET, "/api/events").send().await.unwrap().bytes_stream();
            while let Some(Ok(bytes)) = stream.next().await {
                if n == 0 {
                    for line in String::from_utf8_lossy(&bytes).lines().filter_map(|l| l.strip_prefix("data: ")) {
                        let Ok(event) = serde_json::from_str::<Value>(line) else { continue };
                        if event["action"] == "analysed" {
                            listed.lock().unwrap().insert(event["case"].as_i64().unwrap(), Instant::now());
                        }
                    }
                }
            }
        });
    }
    tokio::time::sleep(Duration::from_secs(1)).await;
    let mut ticks = tokio::time::interval(Duration::from_secs(1) / rate);
    let mut sending = Vec::new();
    for n in 0..rate * seconds {
        ticks.tick().await;
        let clinic = clinic.clone();
        sending.push(tokio::spawn(async move {
            let begun = Instant::now();
            let case = case_of(&clinic.upload(nth(n), json!({})).await);
            (case, begun, begun.elapsed())
        }));
    }
    let mut sent = Vec::new();
    for one in sending {
        sent.push(one.await.unwrap());
    }
    centre.settle().await;
    tokio::time::sleep(Duration::from_secs(1)).await;
    let listed = listed.lock().unwrap();
    let mut acknowledged: Vec<Duration> = sent.iter().map(|(_, _, took)| *took).collect();
    let mut waiting: Vec<Duration> =
        sent.iter().filter_map(|(case, begun, _)| Some(listed.get(case)?.duration_since(*begun))).collect();
    let heard = waiting.len();
    println!("{} uploads at {rate}/s, {streams} streams; heard of {heard}", sent.len());
    println!(
        "ms (median, P99, largest): acknowledged {:?}, in the worklist {:?}",
        figures(&mut acknowledged),
        figures(&mut waiting)
    );
    println!("peak memory of server and generator: {:?} MB", resident_mb());
    assert_eq!(heard, sent.len());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "100 000 cases: run by name"]
async fn load_a_long_worklist_opens_at_once() {
    let centre = centre(1).await;
    let clinic = centre.login("a").await;
    let case = case_of(&clinic.upload(pair("av-block-1"), json!({})).await);
    centre.settle().await;
    let copies = "INSERT INTO ecg (site, path, sha256, received, recorded, device, patient_id, patient_name, clinical, \
        files, sender, state, course, versions, second, revision, waits, priority, due, program, analysis, verdict, \
        machine, summary) WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 100000) \
        SELECT site, path, sha256 || i, received + i, recorded, device, 'P' || i, patient_name, clinical, files, sender, \
        state, course, versions, second, revision, waits, i % 4, due + i * 37 % 100000, program, analysis, verdict, \
        machine, summary FROM ecg, n WHERE ecg.id = 1";
    assert_eq!(centre.app.store().run(copies).await.unwrap(), 100_000);
    let reader = centre.login("reader").await;
    let time = async |path: &str, body: Option<Value>| {
        let mut times = Vec::new();
        for _ in 0..20 {
            let begun = Instant::now();
            match &body {
                Some(body) => reader.post(path, body.clone()).await,
                None => reader.get(path).await,
            };
            times.push(begun.elapsed());
        }
        figures(&mut times)
    };
    println!("ms (median, P99, largest) with 100 000 waiting:");
    println!("worklist {:?}", time("/api/cases/search", Some(json!({ "view": "worklist" }))).await);
    println!("by name {:?}", time("/api/cases/search", Some(json!({ "view": "all", "text": "P9999" }))).await);
    println!("case {:?}", time(&format!("/api/cases/{case}"), None).await);
    let waveform = async || {
        let begun = Instant::now();
        let answer = reader.request(Method::GET, &format!("/api/cases/{case}/waveform")).send().await.unwrap();
        assert!(answer.bytes().await.unwrap().len() > 100_000);
        begun.elapsed()
    };
    let mut times = Vec::new();
    for _ in 0..20 {
        times.push(waveform().await);
    }
    println!("waveform {:?}", figures(&mut times));
}
