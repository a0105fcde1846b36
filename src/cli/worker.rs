//! `einthoven worker`: analyses for a centre from another machine, against the same `PostgreSQL` and object store.
#![allow(clippy::doc_markdown, rustdoc::bare_urls)] // the help texts stand as they are printed

use super::Failure;
use super::serve::{clock, database, runtime, stopped, store};
use crate::server::worker::Worker;
use crate::server::{apart, secret};
use crate::text::{Lang, Text};
use std::path::PathBuf;
use std::process::ExitCode;

/// Analyse for a centre on another machine / 分析工作进程
#[derive(clap::Args)]
pub struct Args {
    /// The centre's folder, where objects or database are in it / 数据文件夹
    #[arg(long)]
    data: PathBuf,
    /// The centre's PostgreSQL / 中心的 PostgreSQL
    #[arg(long)]
    database: Option<String>,
    /// The centre's objects: s3://bucket/prefix / 中心的 S3 存储
    #[arg(long)]
    objects: Option<String>,
    /// Analyses at a time (default: one a core) / 并行分析数
    #[arg(long)]
    workers: Option<usize>,
}

/// Runs `einthoven worker` until it is ended.
pub fn run(args: &Args, lang: Lang) -> Result<ExitCode, Failure> {
    runtime()?.block_on(async {
        let store = store(&args.data, database(args.database.as_deref()).as_deref(), args.objects.as_deref()).await?;
        let number =
            args.workers.unwrap_or_else(|| std::thread::available_parallelism().map_or(2, std::num::NonZero::get));
        let name = format!("worker-{}-", secret::readable(8));
        for n in 0..number {
            let worker = Worker {
                store: store.clone(),
                name: format!("{name}{n}"),
                clock: clock(),
                program: apart::this_program(),
                app: None,
            };
            tokio::spawn(worker.work());
        }
        let said = Text::of(format!("{number} 个分析进程已就绪"), format!("{number} analyses at a time"));
        println!("{}", said.get(lang));
        stopped().await;
        store.close().await;
        anyhow::Ok(())
    })?;
    Ok(ExitCode::SUCCESS)
}
