//! `einthoven evaluate`: scores a database against its experts' truth.

mod baseline;
mod page;
mod worst;

use super::{Failure, whole};
use crate::evaluate::{SUITES, SuiteOptions, Table};
use crate::text::{Lang, Text};
use std::path::PathBuf;
use std::process::ExitCode;

/// Score a database against its experts' truth / 用数据库的专家标注评测
#[derive(clap::Args)]
pub struct Args {
    /// Suite, one of `einthoven list suites`
    suite: String,
    /// Folder of the database's records
    #[arg(long)]
    data: PathBuf,
    /// Detect on the lead of this index alone (0 = first)
    #[arg(long)]
    lead: Option<usize>,
    /// Print JSON instead of tables
    #[arg(long)]
    json: bool,
    /// Also write a page with tables, error histograms and the worst records drawn / 另写网页：表格、误差分布和分歧最大的记录
    #[arg(long)]
    html: Option<PathBuf>,
    /// Keep the gross figures in this file / 将总体指标存为基线文件
    #[arg(long)]
    save: Option<PathBuf>,
    /// Fail where a gross figure is worse than in this file / 与基线文件比较，有指标下降即失败
    #[arg(long)]
    against: Option<PathBuf>,
}

pub fn run(args: &Args, lang: Lang) -> Result<ExitCode, Failure> {
    let Some(suite) = SUITES.iter().find(|s| s.id == args.suite) else {
        let known = SUITES.iter().map(|s| s.id).collect::<Vec<_>>().join(", ");
        let name = &args.suite;
        let why = Text::of(
            format!("没有名为 {name} 的评测集；可用：{known}"),
            format!("no suite `{name}`; there are: {known}"),
        );
        return Err(Failure::Usage(why.get(lang).to_owned()));
    };
    let scores = (suite.run)(&args.data, &SuiteOptions { lead: args.lead })?;
    if args.json {
        println!("{}", serde_json::to_string_pretty(&scores)?);
    } else {
        for table in &scores.tables {
            print_table(table);
        }
    }
    if let Some(path) = &args.html {
        let looked = worst::look(&args.data, &scores, args.lead);
        whole::write(path, page::page(suite, &scores, &looked, lang).as_bytes())?;
    }
    if let Some(path) = &args.save {
        whole::write(path, &baseline::file(suite.id, &scores)?)?;
    }
    let Some(path) = &args.against else { return Ok(ExitCode::SUCCESS) };
    let drops = baseline::drops(path, suite.id, &scores).map_err(|why| Failure::Usage(why.get(lang).to_owned()))?;
    for drop in &drops {
        eprintln!("{}", drop.get(lang));
    }
    Ok(ExitCode::from(u8::from(!drops.is_empty())))
}

pub fn print_table(table: &Table) {
    let width = |column: usize| {
        let cells = table.rows.iter().filter_map(|r| r.get(column)).chain(table.columns.get(column));
        cells.map(|c| c.chars().count()).max().unwrap_or(0)
    };
    let widths: Vec<usize> = (0..table.columns.len()).map(width).collect();
    println!("{}", table.title);
    for row in std::iter::once(&table.columns).chain(&table.rows) {
        let cells: Vec<String> = row.iter().zip(&widths).map(|(cell, w)| format!("{cell:>w$}")).collect();
        println!("  {}", cells.join("  "));
    }
    println!();
}
