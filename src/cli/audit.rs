//! `einthoven audit verify`: checks the chain of the audit, without the server.
#![allow(clippy::doc_markdown, rustdoc::bare_urls)] // the help texts stand as they are printed

use super::Failure;
use super::serve::{self, runtime, store};
use crate::text::{Lang, Text};
use std::path::PathBuf;
use std::process::ExitCode;

/// Check a centre's audit / 检查审计记录
#[derive(clap::Args)]
pub struct Args {
    #[command(subcommand)]
    what: What,
}

#[derive(clap::Subcommand)]
enum What {
    /// Whether any entry was changed, taken out or cut off / 校验审计链是否完整
    Verify {
        /// The centre's folder / 数据文件夹
        #[arg(long)]
        data: PathBuf,
        /// The centre's PostgreSQL / 中心的 PostgreSQL
        #[arg(long)]
        database: Option<String>,
        /// A head that was noted earlier: it must still be in the chain / 以前记下的链头
        #[arg(long)]
        head: Option<String>,
    },
}

/// Runs `einthoven audit`: 0 = whole, 1 = broken.
pub fn run(args: &Args, lang: Lang) -> Result<ExitCode, Failure> {
    let What::Verify { data, database, head } = &args.what;
    let database = serve::database(database.as_deref());
    let there = database.is_some() || data.join("centre.sqlite").is_file();
    if !there {
        let said = Text::of(format!("{} 中没有数据", data.display()), format!("no store in {}", data.display()));
        return Err(Failure::Usage(said.get(lang).to_owned()));
    }
    let (chain, cut_off) = runtime()?.block_on(async {
        let store = store(data, database.as_deref(), None).await?;
        let chain = store.verify_audit().await?;
        let cut_off = match head {
            Some(head) => store.holds(head).await.is_err(),
            None => false,
        };
        store.close().await;
        anyhow::Ok((chain, cut_off))
    })?;
    let said = match (chain.broken_at, cut_off) {
        (Some(seq), _) => Text::of(format!("审计链在第 {seq} 条断裂"), format!("the audit is broken at entry {seq}")),
        (None, true) => {
            Text::of("以前的链头已不在审计链中：末尾被截去", "the head noted earlier is gone: the end was cut off")
        }
        (None, false) => Text::of(
            format!("审计链完整：{} 条，链头 {}", chain.entries, chain.head),
            format!("the audit is whole: {} entries, head {}", chain.entries, chain.head),
        ),
    };
    println!("{}", said.get(lang));
    Ok(ExitCode::from(u8::from(chain.broken_at.is_some() || cut_off)))
}
