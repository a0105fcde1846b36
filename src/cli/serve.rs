//! `einthoven serve`: the centre. Prints its address, and at the first start the administrator's one-time password.
#![allow(clippy::doc_markdown, rustdoc::bare_urls)] // the help texts stand as they are printed

use super::Failure;
use crate::server::{App, Clock, Config, Tls, answer, apart, demo, first_start, worker};
use crate::store::{Objects, Store, restore};
use crate::text::{Lang, Text, text};
use anyhow::Context;
use jiff::Timestamp;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;

/// Run a remote ECG diagnosis centre / 运行远程心电诊断中心
#[derive(clap::Args)]
pub struct Args {
    /// Folder of the store; made when missing / 数据文件夹
    #[arg(long)]
    data: PathBuf,
    /// Address to listen on / 监听地址
    #[arg(long, default_value = "127.0.0.1:8460")]
    listen: SocketAddr,
    /// Fill an empty store with invented sites, people and ECGs / 演示数据
    #[arg(long)]
    demo: bool,
    /// PostgreSQL in place of the embedded database: `postgres://user@host/name`; also by the variable
    /// `EINTHOVEN_DATABASE` / 使用 PostgreSQL
    #[arg(long)]
    database: Option<String>,
    /// Objects in S3 in place of the folder: s3://bucket/prefix, with the AWS_* variables / 使用 S3 存储
    #[arg(long)]
    objects: Option<String>,
    /// TLS certificate chain, PEM / TLS 证书
    #[arg(long, requires = "tls_key")]
    tls_cert: Option<PathBuf>,
    /// TLS key, PEM / TLS 私钥
    #[arg(long, requires = "tls_cert")]
    tls_key: Option<PathBuf>,
    /// A proxy in front speaks TLS, and alone reaches this address: mark cookies as secure, take the client's address from
    /// the last hop of its X-Forwarded-For / 前置代理已启用 TLS（仅代理可访问本地址）
    #[arg(long)]
    behind_tls: bool,
    /// Analyses at a time; 0 leaves them to `einthoven worker` (default: one a core) / 并行分析数
    #[arg(long)]
    workers: Option<usize>,
    /// First put this back-up in place; the store must be empty / 从备份恢复
    #[arg(long)]
    restore: Option<PathBuf>,
}

/// The clock of this machine: read here and nowhere below.
pub fn clock() -> Clock {
    Arc::new(Timestamp::now)
}

/// The database asked for, or that of the environment: its password need not stand in the list of processes.
pub fn database(asked: Option<&str>) -> Option<String> {
    asked.map(ToOwned::to_owned).or_else(|| std::env::var("EINTHOVEN_DATABASE").ok().filter(|url| !url.is_empty()))
}

/// Opens the store that the arguments name.
pub async fn store(data: &Path, database: Option<&str>, objects: Option<&str>) -> anyhow::Result<Store> {
    std::fs::create_dir_all(data).with_context(|| data.display().to_string())?;
    let kept = match objects {
        Some(url) => Objects::bucket(url)?,
        None => Objects::folder(&data.join("objects"))?,
    };
    Ok(match (database, objects) {
        (Some(url), _) => Store::open(url, kept).await?,
        (None, None) => Store::embedded(data).await?,
        (None, Some(_)) => {
            Store::open(&format!("sqlite://{}?mode=rwc", data.join("centre.sqlite").display()), kept).await?
        }
    })
}

/// Starts what asynchronous commands need.
pub fn runtime() -> anyhow::Result<tokio::runtime::Runtime> {
    let _ = rustls::crypto::ring::default_provider().install_default();
    Ok(tokio::runtime::Builder::new_multi_thread().enable_all().build()?)
}

/// Resolves when the program is asked to end.
pub async fn stopped() {
    #[cfg(unix)]
    {
        use tokio::signal::unix::{SignalKind, signal};
        if let Ok(mut term) = signal(SignalKind::terminate()) {
            tokio::select! {
                _ = term.recv() => {}
                _ = tokio::signal::ctrl_c() => {}
            }
            return;
        }
    }
    let _ = tokio::signal::ctrl_c().await;
}

/// One server a folder: a second would free the first one's jobs.
fn locked(data: &Path, lang: Lang) -> anyhow::Result<std::fs::File> {
    const BUSY: Text = text("另一个程序正在使用此数据文件夹", "another program uses this folder");
    std::fs::create_dir_all(data).with_context(|| data.display().to_string())?;
    let lock = std::fs::File::create(data.join("lock")).with_context(|| data.display().to_string())?;
    lock.try_lock().map_err(|_| anyhow::anyhow!("{}: {}", data.display(), BUSY.get(lang)))?;
    Ok(lock)
}

/// Where on this machine the centre keeps things: its database, its objects, or neither.
fn kept_in(args: &Args, elsewhere: bool) -> Vec<PathBuf> {
    let database = (!elsewhere).then(|| args.data.clone());
    let objects = args.objects.is_none().then(|| args.data.join("objects"));
    database.into_iter().chain(objects).collect()
}

/// Runs `einthoven serve`.
pub fn run(args: &Args, lang: Lang) -> Result<ExitCode, Failure> {
    let runtime = runtime()?;
    let _lock = locked(&args.data, lang)?;
    runtime.block_on(serve(args, lang))?;
    Ok(ExitCode::SUCCESS)
}

async fn serve(args: &Args, lang: Lang) -> anyhow::Result<()> {
    // Reports are drawn later, when nobody looks at this terminal.
    if let Err(why) = crate::report::font::fonts(Lang::Zh) {
        eprintln!("{}", why.text().get(lang));
    }
    if let Some(backup) = &args.restore {
        if args.data.join("centre.sqlite").exists() {
            let there = text("数据文件夹不为空，不能恢复", "there is a store already: restore into an empty folder");
            anyhow::bail!("{}: {}", args.data.display(), there.get(lang));
        }
        let restored = restore(backup, &args.data).with_context(|| backup.display().to_string())?;
        let said = Text::of(
            format!("已恢复 {} 个对象，校验无误", restored.objects),
            format!("{} objects restored and checked", restored.objects),
        );
        println!("{}", said.get(lang));
    }
    let database = database(args.database.as_deref());
    let store = store(&args.data, database.as_deref(), args.objects.as_deref()).await?;
    if database.is_none() {
        store.free_jobs(worker::INSIDE).await?;
    }
    let tls = args.tls_cert.clone().zip(args.tls_key.clone()).map(|(certificate, key)| Tls { certificate, key });
    let app = App::new(Config {
        store: store.clone(),
        clock: clock(),
        demo: args.demo,
        secure: tls.is_some() || args.behind_tls,
        proxied: args.behind_tls,
        folders: kept_in(args, database.is_some()),
        backups: (database.is_none() && args.objects.is_none()).then(|| args.data.join("backups")),
        program: apart::this_program(),
    });
    let listener = std::net::TcpListener::bind(args.listen).with_context(|| args.listen.to_string())?;
    if args.demo {
        if let Some(people) = demo::fill(&app, lang).await? {
            let said = text("演示账户（密码仅显示这一次）：", "accounts of the demonstration (shown this once):");
            println!("{}", said.get(lang));
            for (login, password) in people {
                println!("  {login:<10} {password}");
            }
        }
    } else if let Some((login, password)) = first_start(&store, lang, app.now()).await? {
        let said = text(
            "首次启动：管理员与一次性密码（仅显示这一次）",
            "first start: administrator and one-time password (shown this once)",
        );
        println!("{}\n  {login}  {password}", said.get(lang));
    }
    app.start(args.workers.unwrap_or_else(|| std::thread::available_parallelism().map_or(2, std::num::NonZero::get)));
    let scheme = if tls.is_some() { "https" } else { "http" };
    println!("{scheme}://{}/", listener.local_addr()?);
    if tls.is_none() && !args.behind_tls && !args.listen.ip().is_loopback() {
        let warning = text(
            "注意：未启用 TLS，密码与患者数据将以明文传输",
            "warning: no TLS: passwords and patient data cross the network in the clear",
        );
        eprintln!("{}", warning.get(lang));
    }
    answer(&app, listener, tls, stopped()).await?;
    store.close().await;
    Ok(())
}
