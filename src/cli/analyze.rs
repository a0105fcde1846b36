//! `einthoven analyze`: a folder of recordings to a report each and a worklist, most urgent first.

use super::Failure;
use super::inputs::{Input, Inputs};
use super::journal::{Journal, Key};
use super::prior::Priors;
use super::progress::Progress;
use super::whole::{self, Whole};
use crate::ingest::{self, LongFile, ReadOptions, Source};
use crate::interpret::Settings as Thresholds;
use crate::pipeline::{LONG, Options, diagnose, diagnose_windows};
use crate::report::batch::{self, Row, Tally, Totals};
use crate::report::{Output, RenderError, Report, Settings, VERSION};
use crate::signal::Sex;
use crate::text::{Lang, Text, text};
use anyhow::Context;
use clap::ValueEnum;
use jiff::Zoned;
use rayon::prelude::*;
use std::io::{Read, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};

/// Set by Ctrl-C: what is begun is finished, nothing more is begun.
static STOP: AtomicBool = AtomicBool::new(false);

/// Analyse recordings: one preliminary report each, a worklist and a table / 批量分析：逐份生成初步报告、待阅列表和汇总表
#[derive(clap::Args)]
pub struct Args {
    /// Files, folders (recursive), patterns; `-` = one file on standard input / 文件、文件夹、通配符；`-` 为标准输入
    #[arg(required = true)]
    inputs: Vec<String>,
    /// Folder for the reports / 报告输出文件夹
    #[arg(long, short)]
    out: PathBuf,
    /// Outputs, see `einthoven list outputs` / 输出格式
    #[arg(long, value_delimiter = ',', default_value = "json,html,pdf")]
    to: Vec<String>,
    /// Recordings at a time (default: one a core) / 并行数
    #[arg(long)]
    jobs: Option<usize>,
    /// Skip what is already reported, by content and program version / 跳过已有报告的记录
    #[arg(long)]
    resume: bool,
    /// Time of the report, RFC 9557, or `none` to leave it out (default: now) / 报告时间，`none` 表示不写
    #[arg(long, value_parser = moment)]
    at: Option<Moment>,
    /// A centre's heading, footer and sheet (TOML) / 中心设置文件（TOML）
    #[arg(long)]
    settings: Option<PathBuf>,
    /// Earlier ECGs, file or folder: each recording is compared with the patient's last one before it, by patient number / 前次心电图文件或文件夹，按患者编号与采集时间比较
    #[arg(long)]
    prior: Option<PathBuf>,
    /// A centre's thresholds of critical values (TOML); `einthoven list critical` prints those in force / 危急值设置文件（TOML）
    #[arg(long, value_name = "FILE")]
    critical: Option<PathBuf>,
    /// Also write the batch's tables as Parquet files / 同时写出 Parquet 汇总表
    #[arg(long)]
    parquet: bool,
    #[command(flatten)]
    known: Known,
}

/// What `--at` says.
#[derive(Clone, Debug)]
pub struct Moment(pub Option<Zoned>);

/// Reads `--at`.
pub fn moment(word: &str) -> Result<Moment, String> {
    if word == "none" {
        return Ok(Moment(None));
    }
    word.parse().map(|at| Moment(Some(at))).map_err(|e: jiff::Error| e.to_string())
}

/// What the user knows that a file may lack.
#[derive(clap::Args, Clone, Debug)]
pub struct Known {
    /// Sex, for files that do not say / 性别（文件未注明时使用）
    #[arg(long, alias = "sex", value_enum)]
    patient_sex: Option<SexArg>,
    /// Age in years, for files that do not say / 年龄（岁，文件未注明时使用）
    #[arg(long, alias = "age", value_parser = age)]
    patient_age: Option<f64>,
    /// Samples a second, for text without a time column / 采样率（Hz，用于无时间列的文本）
    #[arg(long, value_parser = rate)]
    rate: Option<f64>,
    /// Stored units a millivolt, for text without a unit and WFDB headers whose gains are wrong / 每毫伏单位数（文件未给出或给错增益时使用）
    #[arg(long, value_parser = gain)]
    gain: Option<f64>,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum SexArg {
    Female,
    Male,
}

fn age(word: &str) -> Result<f64, String> {
    word.parse().ok().filter(|a| (0.0..=130.0).contains(a)).ok_or_else(|| "0 … 130".into())
}

fn rate(word: &str) -> Result<f64, String> {
    word.parse().ok().filter(|r| (1.0..=100_000.0).contains(r)).ok_or_else(|| "1 … 100000 Hz".into())
}

fn gain(word: &str) -> Result<f64, String> {
    word.parse().ok().filter(|g| (1e-3..=1e9).contains(g)).ok_or_else(|| "> 0".into())
}

impl Known {
    /// For the decoders.
    pub fn read_options(&self) -> ReadOptions {
        ReadOptions { rate: self.rate, gain: self.gain, ..ReadOptions::default() }
    }

    /// For the analysis.
    pub fn options(&self) -> Options {
        let sex = self.patient_sex.map(|s| match s {
            SexArg::Female => Sex::Female,
            SexArg::Male => Sex::Male,
        });
        Options { sex, age: self.patient_age, ..Options::default() }
    }
}

/// An input: in memory, or on disk to be read window by window.
enum Opened {
    Whole(Source),
    Long(LongFile),
}

impl Opened {
    fn sha256(&self) -> Result<String, ingest::ReadError> {
        match self {
            Self::Whole(source) => Ok(ingest::content_sha256(source)),
            Self::Long(file) => file.sha256(),
        }
    }
}

/// One run.
struct Batch<'a> {
    out: &'a Path,
    outputs: Vec<&'static Output>,
    settings: Settings,
    parquet: bool,
    read: ReadOptions,
    options: Options,
    /// What the settings come to in the journal's key.
    fingerprint: String,
    priors: Option<Priors>,
    journal: Journal,
    progress: Progress,
    lang: Lang,
    created: Option<Zoned>,
    kept: AtomicUsize,
    refused: AtomicUsize,
    /// The first failure to write: the disk is full or gone, and going on would lose reports.
    broken: Mutex<Option<anyhow::Error>>,
}

/// The centre's settings, the default without a file.
pub fn centre(path: Option<&Path>, lang: Lang) -> Result<Settings, Failure> {
    let Some(path) = path else { return Ok(Settings::new(lang)) };
    let toml = std::fs::read_to_string(path).with_context(|| path.display().to_string())?;
    let folder = path.parent().unwrap_or_else(|| Path::new(""));
    Settings::read_in(&toml, folder, lang).map_err(|why| Failure::Usage(why.get(lang).to_string()))
}

/// A centre's thresholds of critical values, the consensus' without a file.
pub fn thresholds(path: Option<&Path>, lang: Lang) -> Result<Thresholds, Failure> {
    let Some(path) = path else { return Ok(Thresholds::default()) };
    let toml = std::fs::read_to_string(path).with_context(|| path.display().to_string())?;
    Thresholds::parse(&toml).map_err(|why| Failure::Usage(format!("{}: {}", path.display(), why.words().get(lang))))
}

/// Runs `einthoven analyze`.
pub fn run(args: &Args, lang: Lang) -> Result<ExitCode, Failure> {
    let outputs = outputs(&args.to, lang)?;
    if args.parquet && !cfg!(feature = "parquet") {
        let why = text(
            "此程序未带 Parquet 功能：请用 cargo build --release --features parquet 编译",
            "this program was built without Parquet: build it with cargo build --release --features parquet",
        );
        return Err(Failure::Usage(why.get(lang).to_owned()));
    }
    wanted_fonts(&outputs, lang)?;
    let settings = centre(args.settings.as_deref(), lang)?;
    let options = Options { critical: thresholds(args.critical.as_deref(), lang)?, ..args.known.options() };
    let read = args.known.read_options();
    let priors = args.prior.as_deref().map(|p| Priors::find(p, &read, lang)).transpose();
    let priors = priors.map_err(|why| Failure::Usage(why.get(lang).to_owned()))?;
    let inputs = Inputs::find(&args.inputs, Some(&args.out));
    inputs.warn_if_empty(lang);
    std::fs::create_dir_all(&args.out).with_context(|| args.out.display().to_string())?;
    whole::sweep(&args.out);
    let batch = Batch {
        out: &args.out,
        outputs,
        settings: settings.clone(),
        parquet: args.parquet,
        read,
        fingerprint: format!(
            "{} {settings:?} {:?} {:?} {}",
            args.to.join(","),
            args.known,
            options.critical,
            priors.as_ref().map(Priors::fingerprint).unwrap_or_default()
        ),
        options,
        priors,
        journal: Journal::open(&args.out, args.resume)?,
        progress: Progress::new(inputs.found.len(), lang),
        lang,
        created: args.at.clone().map_or_else(|| Some(Zoned::now()), |at| at.0),
        kept: AtomicUsize::new(0),
        refused: AtomicUsize::new(0),
        broken: Mutex::new(None),
    };
    stop_on_ctrl_c();
    for (name, why) in &inputs.missing {
        batch.refuse(&batch.key(name), name, why)?;
    }
    let pool = rayon::ThreadPoolBuilder::new().num_threads(args.jobs.unwrap_or(0)).build()?;
    pool.install(|| inputs.found.par_iter().for_each(|input| batch.one(input)));
    let rate = batch.progress.finish();
    if let Some(error) = batch.broken.lock().unwrap_or_else(PoisonError::into_inner).take() {
        return Err(Failure::Work(error));
    }
    let totals = batch.worklist()?;
    Ok(batch.sum_up(&inputs, totals, rate))
}

/// A font that is missing is told once, before the work, with what to install.
pub fn wanted_fonts(outputs: &[&Output], lang: Lang) -> Result<(), Failure> {
    let missing = outputs.iter().any(|o| o.drawn).then(|| crate::report::font::fonts(lang).err()).flatten();
    missing.map_or(Ok(()), |why| Err(Failure::Work(anyhow::anyhow!("{}", why.text().get(lang)))))
}

/// The outputs of these names.
pub fn outputs(names: &[String], lang: Lang) -> Result<Vec<&'static Output>, Failure> {
    let mut outputs: Vec<&'static Output> = Vec::new();
    for name in names {
        let Some(output) = crate::report::output(name.trim()) else {
            let known: Vec<_> = crate::report::OUTPUTS.iter().map(|o| o.id).collect();
            let message = Text::of(
                format!("没有名为 {name} 的输出；可用：{}", known.join(", ")),
                format!("no output `{name}`; there are: {}", known.join(", ")),
            );
            return Err(Failure::Usage(message.get(lang).to_owned()));
        };
        if !outputs.iter().any(|o| o.id == output.id) {
            outputs.push(output);
        }
    }
    Ok(outputs)
}

/// The first Ctrl-C lets what is begun be finished; a second ends at once (what is half written has no name yet).
fn stop_on_ctrl_c() {
    let _ = ctrlc::set_handler(|| {
        if STOP.swap(true, Ordering::SeqCst) {
            std::process::exit(130);
        }
    });
}

impl Batch<'_> {
    fn one(&self, input: &Input) {
        if STOP.load(Ordering::SeqCst) {
            return;
        }
        if let Err(error) = self.try_one(input) {
            STOP.store(true, Ordering::SeqCst);
            self.broken.lock().unwrap_or_else(PoisonError::into_inner).get_or_insert(error);
        }
        self.progress.step();
    }

    /// Fails only where a report cannot be written; a recording that cannot be read gets its row.
    fn try_one(&self, input: &Input) -> anyhow::Result<()> {
        let mut key = self.key(&input.label);
        let source = match self.open(input) {
            Ok(source) => source,
            Err(error) => return self.refuse(&key, &input.label, &error.text()),
        };
        key.content = match source.sha256() {
            Ok(content) => content,
            Err(error) => return self.refuse(&key, &input.label, &error.text()),
        };
        if self.journal.has(&key) && self.outputs.iter().all(|o| self.path(input, o).is_file()) {
            self.kept.fetch_add(1, Ordering::Relaxed);
            return Ok(());
        }
        // A defect of ours must cost this recording only: the batch goes on and the row says so.
        let made = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| self.analyse(&source)));
        let report = match made {
            Ok(Ok(report)) => report,
            Ok(Err(why)) => return self.refuse(&key, &input.label, &why),
            Err(_) => {
                let why = text("程序内部错误，请报告此问题", "internal error of the program: please report it");
                return self.refuse(&key, &input.label, &why);
            }
        };
        let mut links = Vec::new();
        for output in &self.outputs {
            match (output.render)(&report, &self.settings) {
                Ok(bytes) => whole::write(&self.path(input, output), &bytes)?,
                // One format cannot hold this recording: its other reports stand.
                Err(RenderError::Unfit(why)) => {
                    self.refused.fetch_add(1, Ordering::Relaxed);
                    self.progress.say(&format!("{}: {}: {}", input.label, output.id, why.get(self.lang)));
                    continue;
                }
                Err(error) => return self.refuse(&key, &input.label, &error.text()),
            }
            links.push((output.id.to_uppercase(), format!("{}.{}", input.base, output.extension)));
        }
        let row = Row { links, ..Row::of(&input.label, &report) };
        self.journal.add(&key, &row)
    }

    /// A file of hours is read window by window, any other as a whole.
    fn open(&self, input: &Input) -> Result<Opened, ingest::ReadError> {
        let long = input.path.as_ref().and_then(|path| LongFile::open(path, &self.read, LONG));
        long.map_or_else(|| Ok(Opened::Whole(source(input, &self.read)?)), |long| Ok(Opened::Long(long)))
    }

    fn analyse(&self, source: &Opened) -> Result<Report, Text> {
        let (recording, diagnosis) = match source {
            Opened::Whole(source) => {
                let recording = ingest::read(source, &self.read).map_err(|e| e.text())?;
                let diagnosis = diagnose(&recording, &self.options);
                (recording, diagnosis)
            }
            Opened::Long(file) => {
                let head = file.head().map_err(|e| e.text())?;
                let diagnosis = diagnose_windows(&head, file, &self.options).map_err(|e| e.text())?;
                (head, diagnosis)
            }
        };
        let report = Report::new(recording, diagnosis, self.created.clone());
        Ok(match &self.priors {
            Some(priors) => priors.compare(report, &self.options),
            None => report,
        })
    }

    fn refuse(&self, key: &Key, label: &str, why: &Text) -> anyhow::Result<()> {
        self.refused.fetch_add(1, Ordering::Relaxed);
        self.progress.say(&format!("{label}: {}", why.get(self.lang)));
        self.journal.add(key, &Row::failed(label, why.clone()))
    }

    fn key(&self, label: &str) -> Key {
        Key {
            label: label.to_owned(),
            content: String::new(),
            version: VERSION.into(),
            settings: self.fingerprint.clone(),
        }
    }

    fn path(&self, input: &Input, output: &Output) -> PathBuf {
        self.out.join(format!("{}.{}", input.base, output.extension))
    }

    /// Writes `index.html`, most urgent first, `summary.csv`, in order of name, and with PDFs `overview.pdf`, from the
    /// journal.
    fn worklist(&self) -> anyhow::Result<Totals> {
        let mut places = self.journal.places()?;
        let mut tally = Tally::default();
        let mut summary = Whole::create(&self.out.join("summary.csv"))?;
        let mut findings = Whole::create(&self.out.join("findings.csv"))?;
        summary.write_all(batch::summary_header().as_bytes())?;
        findings.write_all(batch::findings_header().as_bytes())?;
        for row in self.journal.rows(&places)? {
            let row = row?;
            tally.add(&row);
            summary.write_all(batch::summary_row(&row).as_bytes())?;
            findings.write_all(batch::finding_rows(&row).as_bytes())?;
        }
        summary.keep()?;
        findings.keep()?;
        self.tables(&places)?;
        let totals = tally.totals();
        if self.outputs.iter().any(|o| o.id == "pdf") && totals.all() > 1 {
            let page = batch::overview_pdf(&tally, self.created.as_ref(), &self.settings)?;
            let mut overview = Whole::create(&self.out.join("overview.pdf"))?;
            overview.write_all(&page)?;
            overview.keep()?;
        }
        places.sort_by(|a, b| a.urgency.cmp(&b.urgency).then_with(|| a.label.cmp(&b.label)));
        let mut index = Whole::create(&self.out.join("index.html"))?;
        index.write_all(batch::index_head(&totals, self.lang).as_bytes())?;
        for row in self.journal.rows(&places)? {
            index.write_all(batch::index_row(&row?, self.lang).as_bytes())?;
        }
        index.write_all(batch::index_foot(self.lang).as_bytes())?;
        index.keep()?;
        Ok(totals)
    }

    /// The tables as Parquet files, where they are wanted.
    #[cfg(feature = "parquet")]
    fn tables(&self, places: &[super::journal::Place]) -> anyhow::Result<()> {
        if !self.parquet {
            return Ok(());
        }
        let mut summary = batch::summary_table(Whole::create(&self.out.join("summary.parquet"))?)?;
        let mut findings = batch::findings_table(Whole::create(&self.out.join("findings.parquet"))?)?;
        for row in self.journal.rows(places)? {
            let row = row?;
            summary.add_summary(&row)?;
            findings.add_findings(&row)?;
        }
        summary.finish()?.keep()?;
        findings.finish()?.keep()
    }

    #[cfg(not(feature = "parquet"))]
    #[allow(clippy::unused_self, clippy::unnecessary_wraps)] // the other build's signature
    fn tables(&self, _: &[super::journal::Place]) -> anyhow::Result<()> {
        debug_assert!(!self.parquet);
        Ok(())
    }

    /// The last words on standard output, and the exit code.
    fn sum_up(&self, inputs: &Inputs, totals: Totals, rate: f64) -> ExitCode {
        let kept = self.kept.load(Ordering::Relaxed);
        let refused = self.refused.load(Ordering::Relaxed);
        let index = self.out.join("index.html");
        let Totals { critical, abnormal, borderline, normal, uninterpretable, .. } = totals;
        match self.lang {
            Lang::Zh => {
                println!(
                    "危急 {critical} · 异常 {abnormal} · 临界 {borderline} · 正常 {normal} · 无法判读 {uninterpretable} · 未能读取 {refused}"
                );
                println!(
                    "共 {} 份，沿用已有报告 {kept} 份，略过说明文件 {} 个；{rate:.0} 份/秒",
                    totals.all(),
                    inputs.papers
                );
                println!("待阅列表：{}", index.display());
            }
            Lang::En => {
                println!(
                    "critical {critical} · abnormal {abnormal} · borderline {borderline} · normal {normal} · \
                     uninterpretable {uninterpretable} · not read {refused}"
                );
                println!(
                    "{} ECGs, {kept} reports kept from before, {} papers passed over; {rate:.0} a second",
                    totals.all(),
                    inputs.papers
                );
                println!("worklist: {}", index.display());
            }
        }
        if STOP.load(Ordering::SeqCst) {
            let stopped = text("已中断：未处理的文件可用 --resume 继续", "interrupted: --resume goes on from here");
            eprintln!("{}", stopped.get(self.lang));
            return ExitCode::from(130);
        }
        ExitCode::from(u8::from(refused > 0))
    }
}

/// The file of this name; `-` is standard input.
pub fn named(path: &Path, read: &ReadOptions) -> Result<Source, ingest::ReadError> {
    let path = (path.as_os_str() != "-").then(|| path.to_path_buf());
    source(&Input { path, label: String::new(), base: String::new() }, read)
}

/// The bytes of one input.
pub fn source(input: &Input, read: &ReadOptions) -> Result<Source, ingest::ReadError> {
    let Some(path) = &input.path else {
        let mut bytes = Vec::new();
        let io = |cause| ingest::ReadError::Io { file: "-".into(), cause };
        std::io::stdin().take(read.limits.file_bytes + 1).read_to_end(&mut bytes).map_err(io)?;
        return Ok(Source::memory("stdin", bytes));
    };
    Source::open(path, &read.limits)
}
