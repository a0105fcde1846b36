//! ECGs arriving: many files in one request, each with its own answer. A file is read before it is accepted, so that a
//! broken one is refused while the sender is there; it is acknowledged when it is durable.

use super::access::Who;
use super::problem::{Answer, Problem};
use super::{App, room};
use crate::ingest::{self, ReadError, ReadOptions, Source};
use crate::store::{CentreSettings, Clinical, File, NewCase, Received, Site};
use crate::text::{Text, text};
use axum::Json;
use axum::extract::multipart::{Field, MultipartError};
use axum::extract::{Multipart, State};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::OwnedSemaphorePermit;

/// A sender may be slow, but not silent for longer.
const SILENCE: Duration = Duration::from_secs(30);
/// No request may take longer.
const LONGEST: Duration = Duration::from_mins(15);

/// What a request brought.
#[derive(Default)]
struct Sent {
    site: Option<i64>,
    clinical: Clinical,
    files: Vec<(String, Vec<u8>)>,
    room: Vec<OwnedSemaphorePermit>,
}

/// `POST /api/recordings`
pub async fn send(State(app): State<App>, who: Who, form: Multipart) -> Answer<Json<Value>> {
    let settings = app.store().settings().await?;
    let sent = tokio::time::timeout(LONGEST, receive(&app, form, &settings));
    let sent = sent.await.map_err(|_| Problem::new("timeout"))??;
    if sent.files.is_empty() {
        return Err(Problem::wrong("没有文件", "there is no file"));
    }
    let site = app.store().site(sent.site.unwrap_or_else(|| who.site())).await?;
    if !who.reach().holds(&site.path) || !site.active {
        return Err(Problem::new("not-found").because(text("没有该单位", "there is no such site")));
    }
    room::demand(&app, sent.files.iter().map(|(_, content)| content.len() as u64).sum()).await?;
    let results = keep(&app, &site, sent.clinical, sent.files, who.ids()).await?;
    Ok(Json(json!({ "results": results })))
}

fn lying(error: &MultipartError) -> Problem {
    if error.status().as_u16() == 413 {
        Problem::new("too-large")
            .because(text("一次上传的总量过大，请分次上传", "too much at a time: send it in parts"))
    } else {
        Problem::wrong("上传数据不完整或格式有误", "the upload is cut short or not a multipart form")
    }
}

async fn receive(app: &App, mut form: Multipart, settings: &CentreSettings) -> Answer<Sent> {
    let mut sent = Sent::default();
    loop {
        let next = tokio::time::timeout(SILENCE, form.next_field()).await.map_err(|_| Problem::new("timeout"))?;
        let Some(field) = next.map_err(|e| lying(&e))? else { break };
        let name = field.name().unwrap_or("").to_owned();
        match name.as_str() {
            "site" => {
                let said = bytes(app, field, 32, &mut sent.room).await?;
                let number = std::str::from_utf8(&said).ok().and_then(|s| s.trim().parse().ok());
                sent.site = Some(number.ok_or_else(|| Problem::wrong("site 应为数字", "site is a number"))?);
            }
            "clinical" => {
                let said = bytes(app, field, 64 * 1024, &mut sent.room).await?;
                let wrong = || Problem::wrong("clinical 字段有误", "clinical does not fit");
                let clinical: Clinical = serde_json::from_slice(&said).map_err(|_| wrong())?;
                sent.clinical = clinical.tidy().ok_or_else(wrong)?;
            }
            "file" => {
                if sent.files.len() >= settings.upload_files {
                    return Err(Problem::new("too-large").because(Text::of(
                        format!("一次最多 {} 个文件", settings.upload_files),
                        format!("at most {} files at a time", settings.upload_files),
                    )));
                }
                let named = base_name(field.file_name().unwrap_or("ecg"));
                let most = usize::try_from(settings.upload_file_mb).unwrap_or(1).saturating_mul(1 << 20);
                let content = bytes(app, field, most, &mut sent.room).await?;
                sent.files.push((named, content));
            }
            _ => return Err(Problem::wrong("表单中有未知字段", "the form has a field that is not known")),
        }
    }
    Ok(sent)
}

/// The name without folders; control characters have no place in it.
fn base_name(name: &str) -> String {
    let last = name.rsplit(['/', '\\']).next().unwrap_or(name);
    let clean: String = last.chars().filter(|c| !c.is_control()).take(200).collect();
    if clean.is_empty() || clean == "." || clean == ".." { "ecg".to_owned() } else { clean }
}

/// A field's bytes: no more than `most`, counted as they come, whatever the headers say.
async fn bytes(app: &App, mut field: Field<'_>, most: usize, room: &mut Vec<OwnedSemaphorePermit>) -> Answer<Vec<u8>> {
    let mut content = Vec::new();
    loop {
        let chunk = tokio::time::timeout(SILENCE, field.chunk()).await.map_err(|_| Problem::new("timeout"))?;
        let Some(chunk) = chunk.map_err(|e| lying(&e))? else { return Ok(content) };
        if content.len() + chunk.len() > most {
            return Err(Problem::new("too-large"));
        }
        room.push(app.inner.limits.upload(chunk.len())?);
        content.extend_from_slice(&chunk);
    }
}

/// A file after it was looked at.
enum Looked {
    Recording(Box<Taken>),
    Companion(String),
    Refused(&'static str, Text),
}

struct Taken {
    sha256: String,
    recorded: Option<String>,
    device: Option<String>,
    clinical: Clinical,
    files: Vec<(String, Vec<u8>)>,
}

/// Which file of the request each belongs to, and what each is.
fn look(files: Vec<(String, Vec<u8>)>, clinical: &Clinical) -> Vec<(String, Looked)> {
    let files: Vec<(String, Arc<Vec<u8>>)> = files.into_iter().map(|(n, b)| (n, Arc::new(b))).collect();
    let by_name: BTreeMap<&str, &Arc<Vec<u8>>> = files.iter().map(|(n, b)| (n.as_str(), b)).collect();
    let mut companions: BTreeMap<String, String> = BTreeMap::new();
    let mut needs = Vec::new();
    for (name, content) in &files {
        let source = Source::memory(name.clone(), content.to_vec());
        let names = ingest::recognise(&source).map_or_else(Vec::new, |f| (f.companions)(&source));
        let here: Vec<String> = names.into_iter().filter(|n| n != name && by_name.contains_key(n.as_str())).collect();
        companions.extend(here.iter().map(|n| (n.clone(), name.clone())));
        needs.push((source, here));
    }
    let mut looked = Vec::new();
    for ((name, content), (mut source, here)) in files.iter().zip(needs) {
        if let Some(of) = companions.get(name) {
            looked.push((name.clone(), Looked::Companion(of.clone())));
            continue;
        }
        let mut kept = vec![(name.clone(), content.to_vec())];
        for sibling in &here {
            if let Some(content) = by_name.get(sibling.as_str()) {
                source = source.with(sibling.clone(), content.to_vec());
                kept.push((sibling.clone(), content.to_vec()));
            }
        }
        looked.push((name.clone(), one(&source, kept, clinical)));
    }
    looked
}

fn one(source: &Source, files: Vec<(String, Vec<u8>)>, clinical: &Clinical) -> Looked {
    if source.bytes().is_empty() {
        return Looked::Refused("empty", text("文件是空的", "the file is empty"));
    }
    let read = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| ingest::read(source, &ReadOptions::default())));
    let recording = match read {
        Ok(Ok(recording)) => recording,
        Ok(Err(error)) => return Looked::Refused(cause(&error), error.text()),
        Err(_) => {
            let why = text("程序读取此文件时出错，请报告此问题", "the program failed on this file: please report it");
            return Looked::Refused("internal", why);
        }
    };
    let file = recording.patient;
    let said = clinical.clone();
    let clinical = Clinical {
        patient_id: file.id.filter(|s| !s.trim().is_empty()).or(said.patient_id),
        patient_name: file.name.filter(|s| !s.trim().is_empty()).or(said.patient_name),
        sex: file.sex.or(said.sex),
        age: file.age.or(said.age),
        ..said
    };
    Looked::Recording(Box::new(Taken {
        sha256: recording.origin.sha256,
        recorded: recording.start.map(|t| t.strftime("%Y-%m-%dT%H:%M:%S").to_string()),
        device: recording.origin.device,
        clinical,
        files,
    }))
}

const fn cause(error: &ReadError) -> &'static str {
    match error {
        ReadError::Unrecognized => "unrecognized",
        ReadError::Malformed { .. } => "malformed",
        ReadError::Unsupported { .. } => "unsupported",
        ReadError::Limit { .. } => "limit",
        ReadError::Io { .. } => "io",
    }
}

/// Keeps what can be read, and says of each file what became of it, in the order sent.
pub async fn keep(
    app: &App,
    site: &Site,
    clinical: Clinical,
    files: Vec<(String, Vec<u8>)>,
    by: (Option<i64>, Option<i64>),
) -> Answer<Vec<Value>> {
    let looked = tokio::task::spawn_blocking(move || look(files, &clinical));
    let looked = looked.await.map_err(|_| Problem::new("internal"))?;
    let mut results = Vec::new();
    let mut cases: BTreeMap<String, i64> = BTreeMap::new();
    for (name, looked) in looked {
        results.push(match looked {
            Looked::Companion(of) => json!({ "name": name, "status": "companion", "of": of }),
            Looked::Refused(code, reason) => {
                app.inner.counters.refused();
                json!({ "name": name, "status": "refused", "code": code, "reason": reason })
            }
            Looked::Recording(taken) => {
                let (status, case) = store(app, site, *taken, by).await?;
                cases.insert(name.clone(), case);
                json!({ "name": name, "status": status, "case": case })
            }
        });
    }
    for result in &mut results {
        if let Some(case) = result.get("of").and_then(Value::as_str).and_then(|of| cases.get(of)).copied() {
            result["case"] = json!(case);
        }
    }
    Ok(results)
}

async fn store(app: &App, site: &Site, taken: Taken, by: (Option<i64>, Option<i64>)) -> Answer<(&'static str, i64)> {
    let Taken { sha256, recorded, device, clinical, files: contents } = taken;
    let mut files = Vec::new();
    for (name, content) in contents {
        let bytes = content.len() as u64;
        files.push(File { name, sha256: app.store().objects().put(content).await?, bytes });
    }
    let new = NewCase { site, sha256: &sha256, recorded, device, clinical: &clinical, files: &files, by };
    Ok(match app.store().receive(&new, app.now()).await? {
        Received::New(case) => {
            app.inner.counters.accepted();
            ("accepted", case)
        }
        Received::Duplicate(case) => ("duplicate", case),
    })
}
