//! `einthoven compare`: what changed between two ECGs of one patient.

use super::Failure;
use super::analyze::{Known, Moment, centre, moment, named, outputs, wanted_fonts};
use super::whole;
use crate::ingest;
use crate::interpret::serial::Diagnosis;
use crate::pipeline::diagnose;
use crate::report::{Prior, Report, words};
use crate::signal::Recording;
use crate::text::{Lang, Text, text};
use anyhow::{Context, anyhow};
use jiff::Zoned;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

/// Compare an ECG with an earlier one of the same patient / 与同一患者的前次心电图比较
#[derive(clap::Args)]
pub struct Args {
    /// The earlier ECG / 前次心电图
    old: PathBuf,
    /// The ECG to be reported / 本次心电图
    new: PathBuf,
    /// Folder for the report with the comparison; without it the comparison is printed / 报告输出文件夹，不给出则打印到终端
    #[arg(long, short)]
    out: Option<PathBuf>,
    /// Outputs, see `einthoven list outputs` / 输出格式
    #[arg(long, value_delimiter = ',', default_value = "pdf")]
    to: Vec<String>,
    /// Compare although number, sex or date of birth differ: you know that it is one patient / 编号、性别或出生日期不一致时仍比较（确认为同一患者）
    #[arg(long)]
    same_patient: bool,
    /// Time of the report, RFC 9557, or `none` to leave it out (default: now) / 报告时间，`none` 表示不写
    #[arg(long, value_parser = moment)]
    at: Option<Moment>,
    /// A centre's heading, footer and sheet (TOML) / 中心设置文件（TOML）
    #[arg(long)]
    settings: Option<PathBuf>,
    #[command(flatten)]
    known: Known,
}

/// Runs `einthoven compare`.
pub fn run(args: &Args, lang: Lang) -> Result<ExitCode, Failure> {
    let outputs = outputs(&args.to, lang)?;
    if args.out.is_some() {
        wanted_fonts(&outputs, lang)?;
    }
    let settings = centre(args.settings.as_deref(), lang)?;
    let (old, new) = (read(&args.old, args, lang)?, read(&args.new, args, lang)?);
    let options = args.known.options();
    let (before, now) = (diagnose(&old, &options), diagnose(&new, &options));
    let created = args.at.clone().map_or_else(|| Some(Zoned::now()), |at| at.0);
    let report = Report::new(new, now, created).with_prior(old, before, args.same_patient).map_err(|other| {
        let hint = text("；确为同一患者时请加 --same-patient", "; --same-patient compares them all the same");
        anyhow!("{}{}", other.text().get(lang), hint.get(lang))
    })?;
    let Some(out) = &args.out else {
        if let Some(prior) = &report.prior {
            print(&report, prior, lang);
        }
        return Ok(ExitCode::SUCCESS);
    };
    std::fs::create_dir_all(out).with_context(|| out.display().to_string())?;
    let name = if report.recording.name.is_empty() { "ecg" } else { &report.recording.name };
    let safe: String = name.chars().map(|c| if c.is_alphanumeric() || "-_.".contains(c) { c } else { '_' }).collect();
    for output in outputs {
        let bytes = (output.render)(&report, &settings).map_err(|e| anyhow!("{}", e.text().get(lang)))?;
        let path = out.join(format!("{}.{}", safe.trim_start_matches('.'), output.extension));
        whole::write(&path, &bytes)?;
        println!("{}", path.display());
    }
    Ok(ExitCode::SUCCESS)
}

fn read(path: &Path, args: &Args, lang: Lang) -> Result<Recording, Failure> {
    let read = args.known.read_options();
    let source = named(path, &read).map_err(|e| anyhow!("{}", e.text().get(lang)))?;
    Ok(ingest::read(&source, &read).map_err(|e| anyhow!("{}: {}", source.name(), e.text().get(lang)))?)
}

fn print(report: &Report, prior: &Prior, lang: Lang) {
    let c = &prior.comparison;
    println!("{} · {}", words::PRELIMINARY.get(lang), words::NOT_CERTIFIED.get(lang));
    for (name, report) in [(text("前次", "Prior"), &prior.report), (text("本次", "This "), report)] {
        let recording = &report.recording;
        let start = recording.start.map(|t| t.strftime("%Y-%m-%d %H:%M:%S").to_string()).unwrap_or_default();
        let verdict = words::verdict(report.diagnosis.interpretation.verdict);
        let person = words::person(&report.diagnosis.patient, lang);
        let id = recording.patient.id.as_deref().unwrap_or("—");
        println!("{}  {start}  {}  {id}  {person}  {}", name.get(lang), recording.name, verdict.get(lang));
    }
    println!();
    for doubt in &c.doubts {
        println!("▲ {}", doubt.get(lang));
    }
    for statement in &c.statements {
        let aha = statement.aha.map(|n| format!("  [AHA {n}]")).unwrap_or_default();
        println!("{} {}{aha}", words::change_mark(statement.id), statement.text.get(lang));
        for because in &statement.because {
            println!("      {}", because.get(lang));
        }
    }
    println!();
    for shift in &c.measurements {
        let name = shift.name.get(lang);
        let wide: usize = name.chars().map(|c| if c.is_ascii() { 1 } else { 2 }).sum();
        let [old, new, change] = words::shift(shift);
        println!("{name}{}{old:>10} {new:>10} {change:>12}", " ".repeat(20_usize.saturating_sub(wide)));
    }
    println!();
    list(&text("新出现的诊断", "New diagnoses"), &c.new, lang);
    list(&text("不再出现的诊断", "Diagnoses gone"), &c.gone, lang);
    for note in &c.notes {
        println!("* {}", note.get(lang));
    }
}

fn list(name: &Text, diagnoses: &[Diagnosis], lang: Lang) {
    if !diagnoses.is_empty() {
        let said = diagnoses.iter().map(|d| d.text.get(lang)).collect::<Vec<_>>();
        println!("{}: {}", name.get(lang), said.join(if lang == Lang::Zh { "；" } else { "; " }));
    }
}
