//! `einthoven watch`: a folder that a device writes into, sent to a centre. A file is sent when it has stopped growing, and
//! noted when the centre has said that it is kept: cut off anywhere, it is sent again, which is harmless.
#![allow(clippy::doc_markdown, rustdoc::bare_urls)] // the help texts stand as they are printed

use super::Failure;
use super::serve::{runtime, stopped};
use crate::ingest::{self, Limits, Source};
use crate::text::{Lang, Text, text};
use anyhow::Context;
use reqwest::StatusCode;
use reqwest::multipart::{Form, Part};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::{Duration, SystemTime};

/// Send what a device writes into a folder to a centre / 监视文件夹并上传
#[derive(clap::Args)]
pub struct Args {
    /// The folder, with those in it / 文件夹
    folder: PathBuf,
    /// Address of the centre: https://… / 中心地址
    #[arg(long)]
    server: String,
    /// Number of the site; default: the key's own / 机构编号
    #[arg(long)]
    site: Option<i64>,
    /// File that holds the API key (or the variable `EINTHOVEN_KEY`) / API 密钥文件
    #[arg(long)]
    key_file: Option<PathBuf>,
    /// Certificate of a centre that signs its own (made with CA:FALSE), or of its authority, PEM / 中心的自签证书（须为
    /// CA:FALSE）或其 CA 证书
    #[arg(long)]
    ca: Option<PathBuf>,
    /// Send what is there and end; exit code 1 when something was refused / 发送后退出
    #[arg(long)]
    once: bool,
}

/// Name of the list of what was sent, in the folder itself.
const SENT: &str = ".einthoven-sent";
/// How often the folder is looked at; a file that did not change in between is whole.
const LOOK: Duration = Duration::from_secs(2);
/// Longest pause while the centre is away.
const AWAY: Duration = Duration::from_mins(1);

/// A state of a file: another size or time is another file.
type Stamp = (u64, u128);

struct Watch<'a> {
    args: &'a Args,
    lang: Lang,
    client: reqwest::Client,
    key: String,
    sent: BTreeSet<String>,
    refused: usize,
}

/// Runs `einthoven watch`.
pub fn run(args: &Args, lang: Lang) -> Result<ExitCode, Failure> {
    let key = match &args.key_file {
        Some(file) => std::fs::read_to_string(file).with_context(|| file.display().to_string())?,
        None => std::env::var("EINTHOVEN_KEY").map_err(|_| {
            let missing = text(
                "请用 --key-file 或环境变量 EINTHOVEN_KEY 给出 API 密钥",
                "give the API key by --key-file or EINTHOVEN_KEY",
            );
            Failure::Usage(missing.get(lang).to_owned())
        })?,
    };
    let runtime = runtime()?;
    let mut builder = reqwest::Client::builder().timeout(Duration::from_mins(5));
    if let Some(ca) = &args.ca {
        let pem = std::fs::read(ca).with_context(|| ca.display().to_string())?;
        builder = builder.add_root_certificate(reqwest::Certificate::from_pem(&pem)?);
    }
    let sent = std::fs::read_to_string(args.folder.join(SENT)).unwrap_or_default();
    let sent = sent.lines().map(ToOwned::to_owned).collect();
    let mut watch = Watch { args, lang, client: builder.build()?, key: key.trim().to_owned(), sent, refused: 0 };
    runtime.block_on(async {
        tokio::select! {
            done = watch.go() => done,
            () = stopped() => Ok(()),
        }
    })?;
    Ok(ExitCode::from(u8::from(args.once && watch.refused > 0)))
}

impl Watch<'_> {
    async fn go(&mut self) -> anyhow::Result<()> {
        let mut before: BTreeMap<PathBuf, Stamp> = BTreeMap::new();
        let mut pause = LOOK;
        loop {
            let now = files(&self.args.folder);
            let settled = |path: &PathBuf, stamp: &Stamp| self.args.once || before.get(path) == Some(stamp);
            let ready: Vec<(PathBuf, Stamp)> = now
                .iter()
                .filter(|(path, stamp)| settled(path, stamp) && !self.sent.contains(&self.line(path, **stamp)))
                .map(|(path, stamp)| (path.clone(), *stamp))
                .collect();
            match self.send_all(&ready).await {
                Ok(()) => pause = LOOK,
                Err(error) if self.args.once => return Err(error),
                Err(error) => {
                    pause = (pause * 2).min(AWAY);
                    eprintln!(
                        "{}: {error:#}",
                        text("中心暂时不可达，稍后重试", "the centre is away, trying again").get(self.lang)
                    );
                }
            }
            if self.args.once {
                return Ok(());
            }
            before = now;
            tokio::time::sleep(pause).await;
        }
    }

    /// How a file is noted: name in the folder, size and time.
    fn line(&self, path: &Path, (size, time): Stamp) -> String {
        let name = path.strip_prefix(&self.args.folder).unwrap_or(path);
        format!("{size} {time} {}", name.display())
    }

    fn note(&mut self, path: &Path, stamp: Stamp) -> anyhow::Result<()> {
        let line = self.line(path, stamp);
        let list = self.args.folder.join(SENT);
        let mut file = std::fs::OpenOptions::new().create(true).append(true).open(&list);
        let file = file.as_mut().map_err(|e| anyhow::anyhow!("{}: {e}", list.display()))?;
        writeln!(file, "{line}")?;
        file.sync_data()?;
        self.sent.insert(line);
        Ok(())
    }

    async fn send_all(&mut self, ready: &[(PathBuf, Stamp)]) -> anyhow::Result<()> {
        let limits = Limits::default();
        let mut companions: BTreeMap<PathBuf, PathBuf> = BTreeMap::new();
        let mut heads = Vec::new();
        for (path, stamp) in ready {
            let Ok(source) = Source::open(path, &limits) else { continue };
            let named = ingest::recognise(&source).map(|f| (f.companions)(&source));
            let here = path.parent().unwrap_or_else(|| Path::new("."));
            let beside: Vec<PathBuf> =
                named.iter().flatten().map(|n| here.join(n)).filter(|p| p != path && p.is_file()).collect();
            companions.extend(beside.iter().map(|b| (b.clone(), path.clone())));
            heads.push((path.clone(), *stamp, beside, named.is_some()));
        }
        for (path, stamp, beside, is_ecg) in heads {
            if companions.contains_key(&path) {
                self.note(&path, stamp)?; // goes with the file that names it
            } else if is_ecg {
                self.send(&path, &beside).await?;
                self.note(&path, stamp)?;
            } else if self.args.once || is_old(&path) {
                // The header of a signal file may still be on its way: only what stayed alone is given up.
                self.say(&path, &text("不是可识别的心电图文件，略过", "no ECG that is known: passed over"));
                self.note(&path, stamp)?;
            }
        }
        Ok(())
    }

    fn say(&self, path: &Path, what: &Text) {
        println!("{}: {}", path.display(), what.get(self.lang));
    }

    fn refuse(&mut self, path: &Path, why: &str) {
        self.refused += 1;
        self.say(path, &Text::of(format!("未接收：{why}"), format!("refused: {why}")));
    }

    async fn send(&mut self, path: &Path, beside: &[PathBuf]) -> anyhow::Result<()> {
        let mut form = Form::new();
        if let Some(site) = self.args.site {
            form = form.text("site", site.to_string());
        }
        for file in std::iter::once(path).chain(beside.iter().map(PathBuf::as_path)) {
            let name = file.file_name().map_or_else(String::new, |n| n.to_string_lossy().into_owned());
            let bytes = std::fs::read(file).with_context(|| file.display().to_string())?;
            form = form.part("file", Part::bytes(bytes).file_name(name));
        }
        let url = format!("{}/api/recordings", self.args.server.trim_end_matches('/'));
        let tag = match self.lang {
            Lang::Zh => "zh-CN",
            Lang::En => "en",
        };
        let asked = self.client.post(url).bearer_auth(&self.key).header("accept-language", tag).multipart(form);
        let answer = asked.send().await?;
        let status = answer.status();
        let body: Value = answer.json().await.unwrap_or(Value::Null);
        if !status.is_success() {
            let said: Vec<&str> = ["title", "detail"].iter().filter_map(|n| body.get(*n)?.as_str()).collect();
            let why = said.join(text("：", ": ").get(self.lang));
            if status == StatusCode::PAYLOAD_TOO_LARGE {
                // It will be no smaller the next time, and must not keep the others back.
                self.refuse(path, &why);
                return Ok(());
            }
            anyhow::bail!("{status}: {why}");
        }
        let name = path.file_name().map(|n| n.to_string_lossy().into_owned());
        let results = body.get("results").and_then(Value::as_array).into_iter().flatten();
        let own = results.into_iter().find(|r| r.get("name").and_then(Value::as_str) == name.as_deref());
        let own = own.context("the centre's answer does not name the file")?;
        let lang = match self.lang {
            Lang::Zh => "zh",
            Lang::En => "en",
        };
        match own.get("status").and_then(Value::as_str) {
            Some("accepted") => self.say(path, &text("已接收", "accepted")),
            Some("duplicate") => self.say(path, &text("此前已发送", "was sent before")),
            _ => {
                let why = own.pointer(&format!("/reason/{lang}")).and_then(Value::as_str).unwrap_or("?");
                self.refuse(path, why);
            }
        }
        Ok(())
    }
}

fn is_old(path: &Path) -> bool {
    let changed = path.metadata().and_then(|m| m.modified()).ok();
    changed.and_then(|t| SystemTime::now().duration_since(t).ok()).is_some_and(|age| age > AWAY)
}

/// The files in a folder and the folders in it, with their states; hidden ones and temporary ones are not meant.
fn files(folder: &Path) -> BTreeMap<PathBuf, Stamp> {
    let mut found = BTreeMap::new();
    for entry in walkdir::WalkDir::new(folder).into_iter().flatten() {
        let name = entry.file_name().to_string_lossy().into_owned();
        let ends = Path::new(&name)
            .extension()
            .is_some_and(|e| e.eq_ignore_ascii_case("tmp") || e.eq_ignore_ascii_case("part"));
        let unfinished = name.starts_with(['.', '~']) || ends;
        let Ok(about) = entry.metadata() else { continue };
        if about.is_file() && !unfinished {
            let time = about.modified().ok().and_then(|t| t.duration_since(SystemTime::UNIX_EPOCH).ok());
            found.insert(entry.into_path(), (about.len(), time.map_or(0, |t| t.as_nanos())));
        }
    }
    found
}
