//! What must be refused, clearly and in the reader's language, and leaves nothing behind: broken, lying, oversized and slow
//! uploads; and a clock that was wrong.
use crate::centre::{Centre, Client, PASSWORD, case_of, centre, form, pair, sample};
use crate::centre_process::{Running, acknowledged, nth, sent, set_up};
use jiff::SignedDuration;
use reqwest::Method;
use reqwest::multipart::{Form, Part};
use serde_json::{Value, json};
use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::time::{Duration, Instant};

const FORM: &str = "multipart/form-data; boundary=x";

async fn cases(client: &Client) -> usize {
    client.post("/api/cases/search", json!({ "view": "all" })).await["cases"].as_array().unwrap().len()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_broken_sample_is_refused_with_its_reason_and_nothing_is_kept() {
    let centre = centre(0).await;
    let clinic = centre.login("a").await;
    // The rows of samples/broken/README.md: file, expected cause; `note` = read, with a remark.
    let table = std::fs::read_to_string(sample("broken/README.md")).unwrap();
    let rows = table.lines().filter_map(|line| {
        let mut cells = line.split('|').map(str::trim).skip(1);
        Some((cells.next()?.strip_prefix('`')?.strip_suffix('`')?.to_owned(), cells.next()?.to_owned()))
    });
    let (mut walked, mut noted) = (0, 0);
    for (name, cause) in rows {
        let read = |name: &str| std::fs::read(sample("broken").join(name)).unwrap();
        let mut files = vec![(name.clone(), read(&name))];
        let beside = name.replace(".hea", ".dat");
        if beside != name && sample("broken").join(&beside).exists() {
            files.push((beside.clone(), read(&beside)));
        }
        let results = clinic.upload(files, json!({})).await;
        if cause == "note" {
            noted += 1;
        } else {
            assert_eq!(results[0]["status"], "refused", "{name}: {results:?}");
            for (lang, least) in [("zh", 4), ("en", 10)] {
                let reason = results[0]["reason"][lang].as_str().unwrap_or_default();
                assert!(reason.chars().count() >= least, "{name}: {results:?}");
            }
        }
        walked += 1;
    }
    assert!(walked > 30, "{walked}");
    let empty = clinic.upload(vec![("empty.hea".into(), Vec::new())], json!({})).await;
    assert_eq!(empty[0]["code"], "empty");
    // Only what was read, with a remark, is there.
    assert_eq!(cases(&centre.login("reader").await).await, noted);
}

/// One word of an upload's answer in both languages, for people of both.
async fn refusal(centre: &Centre, body: &[u8], kind: &str) -> (u16, [String; 2]) {
    let clinic = centre.login("a").await;
    let mut said = Vec::new();
    let mut status = 0;
    for lang in ["zh-CN", "en"] {
        clinic.ask(Method::PATCH, "/api/session", json!({ "lang": lang })).await;
        let sent = clinic.request(Method::POST, "/api/recordings").header("content-type", kind).body(body.to_vec());
        let answer = sent.send().await.unwrap();
        status = answer.status().as_u16();
        assert_eq!(answer.headers()["content-type"], "application/problem+json");
        let problem: Value = answer.json().await.unwrap();
        said.push(problem["detail"].as_str().or(problem["title"].as_str()).unwrap().to_owned());
    }
    (status, said.try_into().unwrap())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_form_that_is_none_is_refused_in_both_languages() {
    let centre = centre(0).await;
    let of = |parts: &str| format!("--x\r\nContent-Disposition: form-data; {parts}").into_bytes();
    let cut = ["上传数据不完整或格式有误", "the upload is cut short or not a multipart form"];
    for (body, kind, said) in [
        (of("name=\"file\"; filename=\"a.hea\"\r\n\r\nhalf"), FORM, cut),
        (of("name=\"file\"; filename=\"a.hea\"\r\n"), FORM, cut),
        (b"never a boundary".to_vec(), FORM, cut),
        (of("name=\"site\"\r\n\r\nseven\r\n--x--\r\n"), FORM, ["site 应为数字", "site is a number"]),
        (
            of("name=\"clinical\"\r\n\r\n{\"age\": \"?\"}\r\n--x--\r\n"),
            FORM,
            ["clinical 字段有误", "clinical does not fit"],
        ),
        (
            of("name=\"more\"\r\n\r\n1\r\n--x--\r\n"),
            FORM,
            ["表单中有未知字段", "the form has a field that is not known"],
        ),
        (b"--x--\r\n".to_vec(), FORM, ["没有文件", "there is no file"]),
        (b"{}".to_vec(), "application/json", ["请求有误", "the request is wrong"]),
    ] {
        assert_eq!(refusal(&centre, &body, kind).await, (400, said.map(str::to_owned)), "{kind}");
    }
    assert_eq!(cases(&centre.login("reader").await).await, 0);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_too_large_is_refused_before_it_is_held() {
    let centre = centre(0).await;
    let clinic = centre.login("a").await;
    let admin = centre.login("administrator").await;
    let (status, _) = admin.ask(Method::PUT, "/api/settings", json!({ "upload_file_mb": 1, "upload_files": 2 })).await;
    assert_eq!(status, 200);
    let send = async |form: Form| match clinic.request(Method::POST, "/api/recordings").multipart(form).send().await {
        Ok(answer) => answer.status().as_u16(),
        Err(_) => 413, // cut off while it was still sending
    };
    let big = |bytes: usize| Part::bytes(vec![0; bytes]).file_name("big.dat");
    assert_eq!(send(Form::new().part("file", big(2 << 20))).await, 413, "a file over the centre's limit");
    let three = ["a", "b", "c"].map(|n| (format!("{n}.dat"), vec![0; 10]));
    assert_eq!(send(form(three.into())).await, 413, "more files than the centre takes");
    let (status, _) =
        admin.ask(Method::PUT, "/api/settings", json!({ "upload_file_mb": 128, "upload_files": 9 })).await;
    assert_eq!(status, 200);
    let both = Form::new().part("file", big(100 << 20)).part("file", big(100 << 20));
    assert_eq!(send(both).await, 413, "more than there is room for, however long one waits");
    assert_eq!(cases(&centre.login("reader").await).await, 0);
    assert_eq!(clinic.upload(pair("av-block-1"), json!({})).await[0]["status"], "accepted", "the room is free again");
}

/// A deflated DICOM file of some kilobytes a megabyte: a stored block with what comes first, then runs of zeros, 258 a code
/// (RFC 1951, 3.2.6: fixed codes, length 258 and distance 1 are 13 bits).
fn bomb(inflated: usize) -> Vec<u8> {
    let mut head = Vec::new();
    let mut element = |group: u16, number: u16, vr: &str, value: &[u8], long: Option<u32>| {
        head.extend_from_slice(&group.to_le_bytes());
        head.extend_from_slice(&number.to_le_bytes());
        head.extend_from_slice(vr.as_bytes());
        match long {
            Some(length) => head.extend_from_slice(&[&[0, 0], &length.to_le_bytes()[..]].concat()),
            None => head.extend_from_slice(&(value.len() as u16).to_le_bytes()),
        }
        head.extend_from_slice(value);
    };
    element(0x0008, 0x0016, "UI", b"1.2.840.10008.5.1.4.1.1.9.1.1\0", None);
    element(0x0008, 0x0060, "CS", b"ECG ", None);
    element(0x7FE0, 0x0010, "OW", b"", Some(inflated as u32));
    let length = head.len() as u16;
    let mut stream = vec![0]; // a stored block that is not the last
    stream.extend_from_slice(&length.to_le_bytes());
    stream.extend_from_slice(&(!length).to_le_bytes());
    stream.extend_from_slice(&head);
    let (mut held, mut bits) = (0_u32, 0);
    let mut put = |code: u32, length: u32| {
        held |= code << bits;
        bits += length;
        while bits >= 8 {
            stream.push(held as u8);
            held >>= 8;
            bits -= 8;
        }
    };
    put(0b011, 3); // the last block, fixed codes
    put(0b0000_1100, 8); // a zero: code 0x30, written from its highest bit
    for _ in 0..inflated / 258 {
        put(0b1010_0011, 8); // length 258: code 0xC5, likewise
        put(0, 5);
    }
    put(0, 7); // the end
    put(0, 8);
    let mut meta = Vec::new();
    for (number, vr, value) in [
        (0x0002_u16, "UI", &b"1.2.840.10008.5.1.4.1.1.9.1.1\0"[..]),
        (0x0003, "UI", b"1.2.3\0"),
        (0x0010, "UI", b"1.2.840.10008.1.2.1.99"),
        (0x0012, "UI", b"1.2.3\0"),
    ] {
        meta.extend_from_slice(&2_u16.to_le_bytes());
        meta.extend_from_slice(&number.to_le_bytes());
        meta.extend_from_slice(vr.as_bytes());
        meta.extend_from_slice(&(value.len() as u16).to_le_bytes());
        meta.extend_from_slice(value);
    }
    let mut file = vec![0; 128];
    file.extend_from_slice(b"DICM\x02\0\0\0UL\x04\0");
    file.extend_from_slice(&(meta.len() as u32).to_le_bytes());
    file.extend_from_slice(&meta);
    file.extend_from_slice(&stream);
    file
}

#[cfg(target_os = "linux")]
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_inflates_to_gigabytes_is_refused_within_bounds() {
    let folder = tempfile::tempdir().unwrap();
    let running = Running::server(folder.path());
    let (admin, key) = set_up(&running).await;
    let http = reqwest::Client::new();
    let peak = || {
        let status = std::fs::read_to_string(format!("/proc/{}/status", running.child.id())).unwrap();
        let peak = status.lines().find_map(|l| l.strip_prefix("VmHWM:")).unwrap().trim().trim_end_matches(" kB");
        peak.parse::<u64>().unwrap() / 1024
    };
    // An archive is not looked into: the clinic sends what is in it.
    let zip = [&b"PK\x03\x04\x14\0\0\0\x08\0"[..], &[0; 400]].concat();
    let gz = [&b"\x1f\x8b\x08\0"[..], &[0; 400]].concat();
    for (name, bytes) in [("ecgs.zip", zip), ("ecg.xml.gz", gz), ("bomb.dcm", bomb(2 << 30))] {
        let size = bytes.len() >> 20;
        let sent = http.post(format!("{}/api/recordings", running.base)).bearer_auth(&key);
        let answer: Value =
            sent.multipart(form(vec![(name.into(), bytes)])).send().await.unwrap().json().await.unwrap();
        assert_eq!(answer["results"][0]["status"], "refused", "{name}: {answer}");
        println!("{name}, {size} MB: {}; peak {} MB", answer["results"][0]["reason"]["en"], peak());
        assert!(peak() < 500, "{name}: {} MB", peak());
    }
    assert!(acknowledged(sent(&http, &running.base, &key, 1).await).is_some(), "it goes on");
    assert_eq!(admin.get("/api/audit/verify").await["whole"], true);
}

/// What the server does with a connection on which `say` is written again and again: its last words and how long it took
/// to end it.
fn patience(base: &str, first: &str, say: &str) -> (String, Duration) {
    let begun = Instant::now();
    let mut stream = TcpStream::connect(base.trim_start_matches("http://")).unwrap();
    stream.set_read_timeout(Some(Duration::from_secs(1))).unwrap();
    stream.write_all(first.as_bytes()).unwrap();
    let mut heard = Vec::new();
    while begun.elapsed() < Duration::from_secs(70) {
        if stream.write_all(say.as_bytes()).is_err() {
            break;
        }
        let mut some = [0; 4096];
        match stream.read(&mut some) {
            Ok(0) => break,
            Ok(n) => heard.extend_from_slice(&some[..n]),
            Err(e) if matches!(e.kind(), std::io::ErrorKind::WouldBlock | std::io::ErrorKind::TimedOut) => {}
            Err(_) => break,
        }
    }
    (String::from_utf8_lossy(&heard).into_owned(), begun.elapsed())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_is_slow_is_not_waited_for() {
    let centre = centre(1).await;
    let clinic = centre.login("a").await;
    let head = |more: &str| {
        let built = clinic.request(Method::POST, "/api/recordings").build().unwrap();
        let header = |name: &str| built.headers()[name].to_str().unwrap().to_owned();
        format!(
            "POST /api/recordings HTTP/1.1\r\nHost: x\r\nCookie: {}\r\nX-CSRF-Token: {}\r\n\
             Content-Type: multipart/form-data; boundary=x\r\n{more}",
            header("cookie"),
            header("x-csrf-token")
        )
    };
    let part = "--x\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a.hea\"\r\n\r\n";
    let silent = format!("{}\r\n{part}half", head("Content-Length: 100000\r\n"));
    let log_in = "POST /api/session HTTP/1.1\r\nHost: x\r\nContent-Length: 1000\r\n\r\n{";
    let tried: Vec<_> = [
        ("says nothing", String::new(), ""),
        ("says its headers letter by letter", "GET / HTTP/1.1\r\nX-Slow: ".into(), "a"),
        ("promises a file and falls silent", silent, ""),
        ("says its password letter by letter", log_in.into(), "a"),
    ]
    .into_iter()
    .map(|(who, first, say)| {
        let base = centre.base.clone();
        (who, tokio::task::spawn_blocking(move || patience(&base, &first, say)))
    })
    .collect();
    // Meanwhile others are served.
    assert_eq!(clinic.upload(pair("av-block-1"), json!({})).await[0]["status"], "accepted");
    for ((who, ended), (said, most)) in tried.into_iter().zip([("", 25), ("", 25), ("408", 40), ("408", 65)]) {
        let (heard, took) = ended.await.unwrap();
        assert!(heard.contains(said), "who {who} heard {heard}");
        assert!(took < Duration::from_secs(most), "who {who} was heard for {took:?}");
    }
    // One that promises more than it sends and goes away.
    let address = centre.base.trim_start_matches("http://").to_owned();
    let liar = format!("{}\r\n{part}half", head("Content-Length: 100000\r\n"));
    TcpStream::connect(address).unwrap().write_all(liar.as_bytes()).unwrap();
    centre.settle().await;
    assert_eq!(cases(&clinic).await, 1, "of those nothing is kept");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_clock_that_was_a_year_ahead_locks_nobody_out_and_loses_nothing() {
    let centre = centre(0).await;
    let store = centre.app.store();
    let year = SignedDuration::from_hours(365 * 24);
    let clinic = centre.login("a").await;
    let in_time = case_of(&clinic.upload(nth(1), json!({ "urgent": true })).await);

    centre.pass(year);
    let (clinic, reader) = (centre.login("a").await, centre.login("reader").await);
    let ahead = case_of(&clinic.upload(nth(2), json!({ "urgent": true })).await);
    let leased = case_of(&clinic.upload(nth(3), json!({ "urgent": true })).await);
    store.take_job("w", centre.app.now()).await.unwrap();
    store.take_job("w", centre.app.now()).await.unwrap();
    store.take_job("w", centre.app.now()).await.unwrap();
    assert!(store.take_job("w", centre.app.now()).await.unwrap().is_none(), "all are held by one that is dead");
    for _ in 0..5 {
        let wrong = json!({ "login": "senior", "password": "wrong" });
        assert_eq!(clinic.refused("/api/session", wrong).await.0, 401);
    }
    let right = json!({ "login": "senior", "password": PASSWORD });
    assert_eq!(clinic.refused("/api/session", right).await, (429, "locked-out".into()));

    centre.pass(-year);
    assert_eq!(reader.refused("/api/cases/search", json!({})).await, (401, "unauthenticated".into()), "log in again");
    centre.app.start(1);
    centre.settle().await; // the leases of next year hold nothing up
    centre.login("senior").await; // nor does that lock
    let (reader, other) = (centre.login("reader").await, centre.login("reader2").await);
    let later = case_of(&centre.login("a").await.upload(nth(4), json!({ "urgent": true })).await);
    centre.settle().await;
    let order: Vec<i64> = async {
        // The worklist takes what came "next year" as come now: before what comes later.
        for _ in 0..50 {
            let list = reader.post("/api/cases/search", json!({ "view": "worklist" })).await;
            let order = list["cases"].as_array().unwrap().iter().map(|c| c["id"].as_i64().unwrap()).collect::<Vec<_>>();
            if order.last() == Some(&later) {
                return order;
            }
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
        panic!("what came at a wrong time stands behind");
    }
    .await;
    assert_eq!(order.first(), Some(&in_time));
    assert_eq!(order.len(), 4);

    // A lock given next year is nobody's; one given now is.
    reader.post(&format!("/api/cases/{ahead}/claim"), Value::Null).await;
    centre.pass(-year);
    let other_then = centre.login("reader2").await;
    let row = other_then.post(&format!("/api/cases/{ahead}/claim"), Value::Null).await;
    centre.pass(-SignedDuration::from_secs(30)); // put right by a little: time stands still
    let sign = json!({ "secret": PASSWORD, "revision": row["revision"] });
    let signed = other_then.post(&format!("/api/cases/{ahead}/sign"), sign).await;
    assert_eq!(signed["version"], 1);
    assert_eq!(other.refused("/api/cases/search", json!({})).await.0, 401, "begun at a time that is still to come");
    let pdf = other_then.pdf(ahead).await;
    centre.pass(year);
    let reader = centre.login("reader").await;
    assert_eq!(reader.pdf(ahead).await, pdf);
    reader.sign(leased).await;
    let office = centre.login("quality-officer").await.get("/api/indicators?from=2020-01-01&to=2040-01-01").await;
    assert!(office["rows"][0]["median_min"].as_f64().is_some_and(|m| m >= 0.0), "no time before it came: {office}");
    let chain = store.verify_audit().await.unwrap();
    assert_eq!(chain.broken_at, None);
    let said = store.audit_page(None, None, None, Some("clock-set-back"), 10).await.unwrap();
    assert!(!said.is_empty(), "the audit says that it was set back");
}
