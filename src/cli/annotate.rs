//! `einthoven annotate`: our beats and waves as WFDB annotation files, so that anyone's tools can score them.
//!
//! `NAME.qrs` holds every beat by its AAMI class (`N S V F Q`, paced `/`) at its fiducial point, and `[` `]` around
//! ventricular fibrillation. With `--waves`, one file a lead (`NAME.i` … `NAME.v6`, as the Lobachevsky database has them)
//! holds `(`, `p` `N` or `t`, `)` for each wave; their number field is 0 for P, 1 for QRS and 2 for T, as `ecgpuwave`
//! writes it.

use super::analyze::Known;
use super::inputs::{Input, Inputs};
use super::whole;
use crate::detect::{BeatClass, Detection, EpisodeKind, LeadWaves, Wave, detect};
use crate::ingest::wfdb::{frame_rate, write_annotations, write_annotations_at};
use crate::ingest::{self, ReadOptions};
use crate::signal::{Annotation, LeadName};
use crate::text::{Lang, Text};
use anyhow::{Context, anyhow};
use rayon::prelude::*;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

/// Write our beats and waves as WFDB annotations / 将心搏和波形界点写成 WFDB 标注文件
#[derive(clap::Args)]
pub struct Args {
    /// Files, folders (recursive), patterns / 文件、文件夹、通配符
    #[arg(required = true)]
    inputs: Vec<String>,
    /// Folder for the annotation files / 输出文件夹
    #[arg(long, short)]
    out: PathBuf,
    /// Also the bounds of P, QRS and T, one file a lead / 同时输出各导联 P、QRS、T 的界点
    #[arg(long)]
    waves: bool,
    /// Detect on the lead of this index alone (0 = the file's first) / 仅用此序号的导联检测（0 为第一导联）
    #[arg(long, value_name = "N")]
    lead: Option<usize>,
    #[command(flatten)]
    known: Known,
}

/// Runs `einthoven annotate`.
pub fn run(args: &Args, lang: Lang) -> ExitCode {
    let inputs = Inputs::find(&args.inputs, Some(&args.out));
    inputs.warn_if_empty(lang);
    let read = args.known.read_options();
    let done: Vec<Result<(), String>> = inputs
        .found
        .par_iter()
        .map(|input| {
            one(input, args, &read, lang).map_err(|e| format!("{}: {}", input.label, super::explain(&e, lang)))
        })
        .collect();
    let missing = inputs.missing.iter().map(|(name, why)| format!("{name}: {}", why.get(lang)));
    let failed: Vec<String> = done.into_iter().filter_map(Result::err).chain(missing).collect();
    for line in &failed {
        eprintln!("{line}");
    }
    let written = inputs.found.len().saturating_sub(failed.len());
    match lang {
        Lang::Zh => println!("已标注 {written} 份，失败 {} 份：{}", failed.len(), args.out.display()),
        Lang::En => println!("{written} annotated, {} failed: {}", failed.len(), args.out.display()),
    }
    ExitCode::from(u8::from(!failed.is_empty()))
}

fn one(input: &Input, args: &Args, read: &ReadOptions, lang: Lang) -> anyhow::Result<()> {
    let source = super::analyze::source(input, read).map_err(|e| anyhow!("{}", e.text().get(lang)))?;
    let mut recording = ingest::read(&source, read).map_err(|e| anyhow!("{}", e.text().get(lang)))?;
    if let Some(lead) = args.lead {
        if lead >= recording.leads.len() {
            let n = recording.leads.len();
            let why =
                Text::of(format!("没有序号为 {lead} 的导联（共 {n} 个）"), format!("no lead {lead}: there are {n}"));
            return Err(anyhow!("{}", why.get(lang).to_owned()));
        }
        recording = recording.select(&[lead]);
    }
    let detection = detect(&recording);
    // A WFDB record's annotations count its frames; of several samples a frame the file says so.
    let rate = frame_rate(&source).filter(|r| *r != recording.rate.0).map(|_| recording.rate.0);
    write(&args.out, &input.base, "qrs", &beats(&detection), rate)?;
    if args.waves {
        for (lead, waves) in recording.leads.iter().zip(&detection.lead_waves) {
            write(&args.out, &input.base, &annotator(lead), &bounds(waves), rate)?;
        }
    }
    Ok(())
}

fn write(out: &Path, base: &str, annotator: &str, marks: &[Annotation], rate: Option<f64>) -> anyhow::Result<()> {
    let path = out.join(format!("{base}.{annotator}"));
    let bytes = rate.map_or_else(|| write_annotations(marks), |rate| write_annotations_at(marks, rate));
    whole::write(&path, &bytes).with_context(|| path.display().to_string())
}

/// The file extension of a lead's annotations.
fn annotator(lead: &LeadName) -> String {
    let name: String = lead.as_str().to_lowercase().chars().filter(char::is_ascii_alphanumeric).collect();
    if name.is_empty() { "lead".into() } else { name }
}

fn mark(sample: usize, code: &str, num: i8) -> Annotation {
    Annotation { sample, code: code.into(), num, ..Annotation::default() }
}

fn beats(detection: &Detection) -> Vec<Annotation> {
    let code = |class: BeatClass| match class {
        BeatClass::N => "N",
        BeatClass::S => "S",
        BeatClass::V => "V",
        BeatClass::F => "F",
        BeatClass::Q => "Q",
        BeatClass::P => "/",
    };
    let mut marks: Vec<Annotation> = detection.beats.iter().map(|b| mark(b.qrs.peak, code(b.class), 0)).collect();
    for episode in detection.episodes.iter().filter(|e| e.kind == EpisodeKind::VentricularFibrillation) {
        marks.push(mark(episode.from, "[", 0));
        marks.push(mark(episode.to, "]", 0));
    }
    marks.sort_by_key(|m| m.sample);
    marks
}

fn bounds(waves: &[LeadWaves]) -> Vec<Annotation> {
    let wave = |wave: &Option<Wave>, code: &str, num: i8| {
        wave.map(|w| [mark(w.onset, "(", num), mark(w.peak, code, num), mark(w.offset, ")", num)])
    };
    let mut marks: Vec<Annotation> = waves
        .iter()
        .flat_map(|w| [wave(&w.p, "p", 0), wave(&w.qrs, "N", 1), wave(&w.t, "t", 2)])
        .flatten()
        .flatten()
        .collect();
    marks.sort_by_key(|m| m.sample);
    marks
}
