//! `einthoven simulate`: synthetic ECGs with known truth.

use super::{Failure, whole};
use crate::ingest::{FORMATS, Format};
use crate::signal::{Bpm, Hz, LeadName, Ms, Mv, Recording, Sex};
use crate::simulate::{CASES, Case, Script, Simulated, rhythm, shapes, simulate};
use crate::text::{Lang, Text, text};
use anyhow::anyhow;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

/// Simulate ECGs with known truth, for samples and tests / 生成带标准答案的模拟心电图
///
/// The recording is written in any format that can be written, the truth (every wave of every beat in every lead)
/// beside it as NAME.truth.json. The same command gives the same bytes.
#[derive(clap::Args)]
pub struct Args {
    /// What there is to simulate: cases, rhythms, morphologies / 列出可模拟的病例、心律和形态
    #[arg(long)]
    list: bool,
    /// Named cases, or `all` / 预设病例，`all` 为全部
    #[arg(long = "case", value_name = "NAME", value_delimiter = ',')]
    cases: Vec<String>,
    /// Rhythm in place of the case's / 心律
    #[arg(long)]
    rhythm: Option<String>,
    /// Morphologies in place of the case's, in the order in which they are laid on / 波形形态
    #[arg(long = "shape", value_name = "SHAPE", value_delimiter = ',')]
    shapes: Vec<String>,
    /// Heart rate, 20 to 300 bpm / 心率（次/分）
    #[arg(long, value_name = "BPM", value_parser = bpm)]
    rate: Option<f64>,
    /// PR interval, ms / PR间期（毫秒）
    #[arg(long, value_name = "MS", value_parser = interval)]
    pr: Option<f64>,
    /// QRS duration, ms / QRS时限（毫秒）
    #[arg(long, value_name = "MS", value_parser = interval)]
    qrs: Option<f64>,
    /// QT at a rate of 60, ms / 心率60时的QT间期（毫秒）
    #[arg(long, value_name = "MS", value_parser = interval)]
    qtc: Option<f64>,
    /// Length, 1 to 86400 s / 时长（秒）
    #[arg(long, value_name = "S", value_parser = seconds)]
    seconds: Option<f64>,
    /// Sampling rate, 125 to 4000 Hz / 采样率
    #[arg(long, value_name = "HZ", value_parser = hz)]
    hz: Option<f64>,
    /// Leads / 导联
    #[arg(long, value_delimiter = ',')]
    leads: Vec<String>,
    /// Sex, male or female / 性别
    #[arg(long, value_parser = sex)]
    sex: Option<Sex>,
    /// Age in years / 年龄（岁）
    #[arg(long, value_parser = age)]
    age: Option<f64>,
    /// Seed / 随机种子
    #[arg(long)]
    seed: Option<u64>,
    /// Noise in place of the case's, mV RMS: wander, mains, mains60, muscle, motion / 噪声（毫伏有效值）
    #[arg(long, value_name = "KIND=MV", value_delimiter = ',')]
    noise: Vec<String>,
    /// Scale the noise to this signal-to-noise ratio, dB (by WFDB nst's definition) / 信噪比（分贝）
    #[arg(long, value_name = "DB", allow_hyphen_values = true, value_parser = decibel)]
    snr: Option<f64>,
    /// Format, see `einthoven list formats` / 文件格式
    #[arg(long, value_name = "FORMAT", default_value = "wfdb")]
    to: String,
    /// Folder, or file name for a single case / 输出文件夹（单个病例可为文件名）
    #[arg(long, short, default_value = ".")]
    out: PathBuf,
    /// Also write every lead's waves as annotations, in LUDB's style / 同时写入各导联波形标注
    #[arg(long)]
    waves: bool,
    /// Write no NAME.truth.json / 不写标准答案文件
    #[arg(long)]
    no_truth: bool,
}

fn within(s: &str, from: f64, to: f64, what: &str) -> Result<f64, String> {
    match s.parse::<f64>() {
        Ok(v) if (from..=to).contains(&v) => Ok(v),
        _ => Err(format!("{what}: {from} … {to}")),
    }
}
fn bpm(s: &str) -> Result<f64, String> {
    within(s, 20.0, 300.0, "bpm")
}
fn interval(s: &str) -> Result<f64, String> {
    within(s, 20.0, 900.0, "ms")
}
fn seconds(s: &str) -> Result<f64, String> {
    within(s, 1.0, 86_400.0, "s")
}
fn hz(s: &str) -> Result<f64, String> {
    within(s, 125.0, 4000.0, "Hz")
}
fn sex(s: &str) -> Result<Sex, String> {
    Sex::parse(s).ok_or_else(|| "male, female / 男、女".into())
}
fn age(s: &str) -> Result<f64, String> {
    within(s, 0.0, 130.0, "years / 岁")
}
fn decibel(s: &str) -> Result<f64, String> {
    within(s, -20.0, 80.0, "dB")
}

fn usage(lang: Lang, text: &Text) -> Failure {
    Failure::Usage(text.get(lang).to_string())
}

fn unknown(lang: Lang, what: &Text, name: &str) -> Failure {
    let Text { zh, en } = what;
    let hint = "einthoven simulate --list";
    usage(lang, &Text::of(format!("没有名为“{name}”的{zh}（见 {hint}）"), format!("no {en} “{name}” (see {hint})")))
}

/// Runs `einthoven simulate`.
pub fn run(args: &Args, lang: Lang) -> Result<ExitCode, Failure> {
    if args.list {
        list(lang);
        return Ok(ExitCode::SUCCESS);
    }
    let format = writer(&args.to, lang)?;
    let scripts = scripts(args, lang)?;
    let (folder, stem) = place(&args.out, scripts.len() == 1);
    for mut script in scripts {
        adjust(&mut script, args, lang)?;
        let mut simulated = simulate(&script);
        if args.waves {
            let truth = &simulated.truth;
            let leads = script.leads.iter().enumerate();
            let marks: Vec<_> = leads.flat_map(|lead| truth.wave_annotations(Some(lead))).collect();
            simulated.recording.annotations.extend(marks);
            simulated.recording.annotations.sort_by_key(|a| a.sample);
        }
        let name = stem.as_deref().unwrap_or(&script.name);
        write(&simulated, format, &folder, name, !args.no_truth, lang)?;
    }
    Ok(ExitCode::SUCCESS)
}

fn list(lang: Lang) {
    println!("{}", text("病例 (--case):", "cases (--case):").get(lang));
    for case in CASES {
        println!("  {:<30} {}", case.id, case.name.get(lang));
    }
    println!("{}", text("心律 (--rhythm):", "rhythms (--rhythm):").get(lang));
    for rhythm in rhythm::FAMILIES.iter().flat_map(|f| f.iter()) {
        println!("  {:<30} {}", rhythm.id, rhythm.name.get(lang));
    }
    println!("{}", text("形态 (--shape):", "morphologies (--shape):").get(lang));
    for shape in shapes::FAMILIES.iter().flat_map(|f| f.iter()) {
        println!("  {:<30} {}", shape.id, shape.name.get(lang));
    }
}

fn writer(id: &str, lang: Lang) -> Result<&'static Format, Failure> {
    FORMATS.iter().copied().find(|f| f.id == id && f.write.is_some()).ok_or_else(|| {
        let able: Vec<&str> = FORMATS.iter().filter(|f| f.write.is_some()).map(|f| f.id).collect();
        let able = able.join(" ");
        usage(
            lang,
            &Text::of(format!("无法写入格式“{id}”；可写格式：{able}"), format!("cannot write “{id}”; can: {able}")),
        )
    })
}

fn scripts(args: &Args, lang: Lang) -> Result<Vec<Script>, Failure> {
    let script = |case: &Case| {
        case.script().ok_or_else(|| Failure::Work(anyhow!("{}: unknown rhythm or morphology in its row", case.id)))
    };
    if args.cases.iter().any(|c| c == "all") {
        return CASES.iter().map(script).collect();
    }
    if args.cases.is_empty() {
        let Some(id) = &args.rhythm else {
            let what = text("请指定 --case 或 --rhythm（见 --list）", "name a --case or a --rhythm (see --list)");
            return Err(usage(lang, &what));
        };
        let rhythm = rhythm::find(id).ok_or_else(|| unknown(lang, &text("心律", "rhythm"), id))?;
        let name = args.shapes.first().map_or(id.clone(), |shape| format!("{id}-{shape}"));
        return Ok(vec![Script::new(name, rhythm)]);
    }
    args.cases
        .iter()
        .map(|id| Case::find(id).ok_or_else(|| unknown(lang, &text("病例", "case"), id)).and_then(script))
        .collect()
}

/// Where `out` leads: a folder, and for one recording perhaps its name.
fn place(out: &Path, single: bool) -> (PathBuf, Option<String>) {
    if single && !out.is_dir() && out.extension().is_some() {
        let folder = out.parent().map_or_else(PathBuf::new, Path::to_path_buf);
        return (folder, out.file_stem().map(|s| s.to_string_lossy().into_owned()));
    }
    (out.to_path_buf(), None)
}

/// Lays the command line's wishes over the script.
fn adjust(script: &mut Script, args: &Args, lang: Lang) -> Result<(), Failure> {
    if let Some(id) = &args.rhythm {
        script.rhythm = rhythm::find(id).ok_or_else(|| unknown(lang, &text("心律", "rhythm"), id))?;
        script.bpm = None;
    }
    if !args.shapes.is_empty() {
        let found =
            args.shapes.iter().map(|id| shapes::find(id).ok_or_else(|| unknown(lang, &text("形态", "morphology"), id)));
        script.shapes = found.collect::<Result<_, _>>()?;
    }
    script.bpm = args.rate.map(Bpm).or(script.bpm);
    script.pr = args.pr.map(Ms).or(script.pr);
    script.qrs = args.qrs.map(Ms).or(script.qrs);
    script.qtc = args.qtc.map(Ms).or(script.qtc);
    script.seconds = args.seconds.unwrap_or(script.seconds);
    script.rate = args.hz.map_or(script.rate, Hz);
    script.seed = args.seed.unwrap_or(script.seed);
    script.patient.sex = args.sex.or(script.patient.sex);
    script.patient.age = args.age.or(script.patient.age);
    if !args.leads.is_empty() {
        script.leads.clear();
        for lead in args.leads.iter().map(|l| LeadName::parse(l).0) {
            if !script.leads.contains(&lead) {
                script.leads.push(lead);
            }
        }
    }
    if !args.noise.is_empty() {
        noise(script, &args.noise, lang)?;
    }
    if let Some(db) = args.snr {
        script.noise = script.noise.at_snr(script, db);
    }
    Ok(())
}

fn noise(script: &mut Script, wishes: &[String], lang: Lang) -> Result<(), Failure> {
    let noise = &mut script.noise;
    (noise.wander, noise.mains, noise.muscle, noise.motion) = (Mv(0.0), Mv(0.0), Mv(0.0), Mv(0.0));
    for wish in wishes {
        let wrong = || unknown(lang, &text("噪声", "noise"), wish);
        let (kind, size) = wish.split_once('=').ok_or_else(wrong)?;
        let size = size.parse().ok().filter(|s| (0.0..=100.0).contains(s)).map(Mv).ok_or_else(wrong)?;
        match kind {
            "wander" => noise.wander = size,
            "mains" => noise.mains = size,
            "mains60" => (noise.mains, noise.mains_hz) = (size, Hz(60.0)),
            "muscle" => noise.muscle = size,
            "motion" => noise.motion = size,
            _ => return Err(wrong()),
        }
    }
    Ok(())
}

fn write(sim: &Simulated, format: &Format, folder: &Path, name: &str, truth: bool, lang: Lang) -> Result<(), Failure> {
    let recording: &Recording = &sim.recording;
    let encode = format.write.ok_or_else(|| anyhow!("{}", format.id))?;
    let files = encode(recording, name).map_err(|e| {
        let crate::ingest::WriteError::Unfit(why) = e;
        anyhow!("{name}: {}", why.get(lang))
    })?;
    for (file, bytes) in files {
        whole::write(&folder.join(file), &bytes)?;
    }
    if truth {
        let mut json = sim.truth.json(&recording.leads).to_string();
        json.push('\n');
        whole::write(&folder.join(format!("{name}.truth.json")), json.as_bytes())?;
    }
    Ok(())
}
