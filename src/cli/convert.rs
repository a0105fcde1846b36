//! `einthoven convert`: recordings into another format, other leads, another sampling rate, without the patient's name.

use super::analyze::Known;
use super::inputs::{Input, Inputs};
use super::{Failure, whole};
use crate::dsp::Resampler;
use crate::ingest::{self, FORMATS, Format, ReadOptions, Removed, Source, Write, anonymize, recognise};
use crate::signal::{Hz, LeadName, Recording};
use crate::text::{Lang, Text};
use anyhow::{Context, anyhow};
use ndarray::Array2;
use rayon::prelude::*;
use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::{Mutex, PoisonError};

/// Shortest key for anonymising, in bytes.
const SHORTEST_KEY: usize = 8;

/// Convert recordings to another format / 转换格式（可重采样、选导联、匿名化）
#[derive(clap::Args)]
pub struct Args {
    /// Files, folders (recursive), patterns / 文件、文件夹、通配符
    #[arg(required = true)]
    inputs: Vec<String>,
    /// Format, one of `einthoven list formats` that can be written / 目标格式
    #[arg(long)]
    to: String,
    /// Output folder / 输出文件夹
    #[arg(long, short)]
    out: PathBuf,
    /// Leads to keep, in this order / 保留的导联
    #[arg(long, value_delimiter = ',')]
    leads: Vec<String>,
    /// New sampling rate, Hz / 重采样到此采样率
    #[arg(long, value_name = "HZ", value_parser = hz)]
    resample: Option<f64>,
    /// Remove names, identifiers and dates; needs a key / 匿名化：去除姓名、编号和日期，需要密钥
    #[arg(long)]
    anonymize: bool,
    /// Secret that pseudonyms and shifted dates are derived from / 匿名化密钥
    #[arg(long, value_name = "TEXT", conflicts_with = "key_file")]
    key: Option<String>,
    /// File that holds the secret / 密钥文件
    #[arg(long, value_name = "FILE")]
    key_file: Option<PathBuf>,
    #[command(flatten)]
    known: Known,
}

fn hz(word: &str) -> Result<f64, String> {
    word.parse().ok().filter(|r| (50.0..=100_000.0).contains(r)).ok_or_else(|| "50 … 100000 Hz".into())
}

/// One run.
struct Conversion<'a> {
    args: &'a Args,
    id: &'static str,
    write: Write,
    key: Option<Vec<u8>>,
    read: ReadOptions,
    lang: Lang,
    /// What was read: never written over.
    inputs: BTreeSet<PathBuf>,
    /// What was written: never twice.
    written: Mutex<BTreeSet<PathBuf>>,
}

/// What became of one input.
struct Done {
    files: Vec<PathBuf>,
    removed: Removed,
}

/// Runs `einthoven convert`.
pub fn run(args: &Args, lang: Lang) -> Result<ExitCode, Failure> {
    let (id, write) = target(&args.to, lang)?;
    let inputs = Inputs::find(&args.inputs, Some(&args.out));
    inputs.warn_if_empty(lang);
    let paths = inputs.found.iter().filter_map(|i| i.path.as_ref()?.canonicalize().ok()).collect();
    let conversion = Conversion {
        args,
        id,
        write,
        key: key(args, lang)?,
        read: args.known.read_options(),
        lang,
        inputs: paths,
        written: Mutex::default(),
    };
    let done: Vec<_> = inputs.found.par_iter().map(|input| (input, conversion.one(input))).collect();
    let mut failed = 0;
    let mut report = String::from("file,field,count\n");
    for (input, result) in done {
        match result {
            Ok(done) => {
                let names: Vec<String> = done.files.iter().map(|f| f.display().to_string()).collect();
                println!("{} → {}", input.label, names.join(" "));
                let name = done.files.first().and_then(|f| f.file_name()).unwrap_or_default().to_string_lossy();
                for (field, count) in &done.removed {
                    let _ = writeln!(report, "{name},{field},{count}");
                }
            }
            Err(error) => {
                failed += 1;
                eprintln!("{}: {}", input.label, super::explain(&error, lang));
            }
        }
    }
    for (name, why) in &inputs.missing {
        failed += 1;
        eprintln!("{name}: {}", why.get(lang));
    }
    if args.anonymize {
        let path = args.out.join("anonymized.csv");
        whole::write(&path, report.as_bytes())?;
        match lang {
            Lang::Zh => println!("去除内容清单：{}（自由文本中的姓名请人工复核）", path.display()),
            Lang::En => println!("what was removed: {} (names in free text need a person's look)", path.display()),
        }
    }
    Ok(ExitCode::from(u8::from(failed > 0)))
}

fn target(id: &str, lang: Lang) -> Result<(&'static str, Write), Failure> {
    let writable = |f: &&&'static Format| f.write.is_some();
    let format = FORMATS.iter().find(|f| f.id == id);
    format.and_then(|f| Some((f.id, f.write?))).ok_or_else(|| {
        let known: Vec<&str> = FORMATS.iter().filter(writable).map(|f| f.id).collect();
        let known = known.join(", ");
        let why = Text::of(format!("不能写成 {id}；可用：{known}"), format!("cannot write `{id}`; there are: {known}"));
        Failure::Usage(why.get(lang).to_owned())
    })
}

fn key(args: &Args, lang: Lang) -> Result<Option<Vec<u8>>, Failure> {
    let key = match (&args.key, &args.key_file) {
        (Some(key), _) => Some(key.clone().into_bytes()),
        (None, Some(path)) => Some(std::fs::read(path).with_context(|| path.display().to_string())?),
        (None, None) => None,
    };
    let key = key.map(|k| k.trim_ascii().to_vec());
    let why = match (args.anonymize, &key) {
        (true, None) => Text::new("匿名化需要 --key 或 --key-file", "--anonymize needs --key or --key-file"),
        (true, Some(key)) if key.len() < SHORTEST_KEY => {
            Text::new("密钥至少 8 字节", "the key must have at least 8 bytes")
        }
        (false, Some(_)) => Text::new("--key 仅用于 --anonymize", "--key is for --anonymize"),
        _ => return Ok(key),
    };
    Err(Failure::Usage(why.get(lang).to_owned()))
}

impl Conversion<'_> {
    fn one(&self, input: &Input) -> anyhow::Result<Done> {
        let source = super::analyze::source(input, &self.read).map_err(|e| anyhow!("{}", e.text().get(self.lang)))?;
        let mut recording = ingest::read(&source, &self.read).map_err(|e| anyhow!("{}", e.text().get(self.lang)))?;
        if !self.args.leads.is_empty() {
            recording = self.only(&recording)?;
        }
        if let Some(rate) = self.args.resample {
            recording = resample(&recording, rate);
        }
        let (folder, stem) = input.base.rsplit_once('/').map_or(("", input.base.as_str()), |(f, s)| (f, s));
        let (mut folder, mut stem) = (folder.to_owned(), stem.to_owned());
        let mut removed = Removed::new();
        if let Some(key) = &self.key {
            removed = anonymize(&mut recording, key);
            // Folders and file names are often patients' names.
            folder.clear();
            stem.clone_from(&recording.name);
        }
        let files =
            (self.write)(&recording, &stem).map_err(|e| anyhow!("{}: {}", self.id, refusal(&e).get(self.lang)))?;
        let folder = self.args.out.join(folder);
        let targets: Vec<PathBuf> = files.iter().map(|(name, _)| folder.join(name)).collect();
        self.claim(&targets)?;
        for ((_, bytes), path) in files.iter().zip(&targets) {
            whole::write(path, bytes)?;
        }
        Ok(Done { files: targets, removed })
    }

    /// Refuses to write over what is read, or over what this run wrote.
    fn claim(&self, targets: &[PathBuf]) -> anyhow::Result<()> {
        let mut written = self.written.lock().unwrap_or_else(PoisonError::into_inner);
        for path in targets {
            let why = if self.is_input(path) {
                Text::new("输出会覆盖输入文件", "this would write over an input")
            } else if !written.insert(path.clone()) {
                Text::new("两个输入会写成同一个文件", "two inputs would become this file")
            } else {
                continue;
            };
            return Err(anyhow!("{}: {}", path.display(), why.get(self.lang)));
        }
        Ok(())
    }

    /// Whether a file is an input, or belongs to one (a signal file, an annotation file).
    fn is_input(&self, path: &Path) -> bool {
        let Ok(real) = path.canonicalize() else { return false };
        let name = real.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let belongs = |input: &PathBuf| {
            input.parent() == real.parent()
                && Source::open(input, &self.read.limits)
                    .is_ok_and(|source| recognise(&source).is_some_and(|f| (f.companions)(&source).contains(&name)))
        };
        self.inputs.contains(&real) || self.inputs.iter().any(belongs)
    }

    fn only(&self, recording: &Recording) -> anyhow::Result<Recording> {
        let mut rows = Vec::new();
        for label in &self.args.leads {
            let (lead, _) = LeadName::parse(label);
            let row = recording.leads.iter().position(|l| *l == lead || l.as_str().eq_ignore_ascii_case(label.trim()));
            let why = || {
                let there: Vec<&str> = recording.leads.iter().map(LeadName::as_str).collect();
                let there = there.join(" ");
                let why =
                    Text::of(format!("没有导联 {label}；有：{there}"), format!("no lead {label}; there are: {there}"));
                anyhow!("{}", why.get(self.lang).to_owned())
            };
            rows.push(row.ok_or_else(why)?);
        }
        Ok(recording.select(&rows))
    }
}

fn refusal(error: &ingest::WriteError) -> Text {
    match error {
        ingest::WriteError::Unfit(why) => why.clone(),
    }
}

/// The recording at another rate: samples band-limited, marks moved with them.
fn resample(recording: &Recording, rate: f64) -> Recording {
    let resampler = Resampler::new(recording.rate.0, rate);
    let length = resampler.length(recording.len());
    let mut samples = Array2::from_elem((recording.leads.len(), length), f32::NAN);
    for (mut target, row) in samples.rows_mut().into_iter().zip(recording.samples.rows()) {
        let new = resampler.run(&row.to_vec());
        target.iter_mut().zip(new).for_each(|(t, v)| *t = v);
    }
    let factor = rate / recording.rate.0;
    let mut out = Recording { rate: Hz(rate), samples, ..recording.clone() };
    for mark in &mut out.annotations {
        mark.sample = ((mark.sample as f64 * factor).round() as usize).min(length.saturating_sub(1));
    }
    out.notes.push(Text::of(
        format!("已由 {} Hz 重采样到 {rate} Hz", recording.rate.0),
        format!("resampled from {} Hz to {rate} Hz", recording.rate.0),
    ));
    out
}
