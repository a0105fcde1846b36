//! `einthoven info`: what a file says, field by field, and what was understood of it. Whoever holds the file sees all that
//! it says, the patient's data too; to pass one on, `convert --anonymize` comes first. A file that is refused is listed as
//! far as it is sound, then the reason is given.

use super::Failure;
use super::analyze::Known;
use crate::ingest::{self, FORMATS, Field, Fields, Format, ReadError, Source, place_zh, recognise};
use crate::signal::{LeadName, Recording, Sex};
use crate::text::{Lang, Text};
use anyhow::anyhow;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::path::PathBuf;
use std::process::ExitCode;

/// Show what a file says and what was understood of it / 查看文件内容与解读结果
#[derive(clap::Args)]
pub struct Args {
    /// The recording, `-` for standard input / 心电图文件，`-` 为标准输入
    file: PathBuf,
    /// Print JSON / 输出 JSON
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    known: Known,
}

/// Runs `einthoven info`.
pub fn run(args: &Args, lang: Lang) -> Result<ExitCode, Failure> {
    let read = args.known.read_options();
    let source = super::analyze::named(&args.file, &read).map_err(|e| anyhow!("{}", e.text().get(lang)))?;
    let result = ingest::read(&source, &read);
    let fields = format(&source, &result).map(|f| (f.fields)(&source)).unwrap_or_default();
    if args.json {
        let mut shown = match &result {
            Ok(recording) => Info { source: &source, recording }.json(),
            Err(error) => json!({"file": source.name(), "bytes": source.bytes().len(), "error": error.text()}),
        };
        shown["fields"] = json!(fields.list());
        shown["fields_not_listed"] = json!(fields.beyond);
        println!("{}", serde_json::to_string_pretty(&shown)?);
    } else {
        said(&fields, lang);
        if let Ok(recording) = &result {
            heading(&Text::new("读取结果", "What was understood"), lang);
            print(&Info { source: &source, recording }.rows(lang));
        }
    }
    result.map_err(|e| anyhow!("{}: {}", source.name(), e.text().get(lang)))?;
    Ok(ExitCode::SUCCESS)
}

/// The format by content, or the one whose reader tells what is wrong with a file that its mark no longer shows.
fn format(source: &Source, result: &Result<Recording, ReadError>) -> Option<&'static Format> {
    let told = || match result {
        Err(ReadError::Malformed { format, .. } | ReadError::Unsupported { format, .. }) => {
            FORMATS.iter().copied().find(|f| f.id == *format)
        }
        _ => None,
    };
    recognise(source).or_else(told)
}

/// Prints what the file says, part by part.
fn said(fields: &Fields, lang: Lang) {
    if fields.list().is_empty() {
        return;
    }
    heading(&Text::new("文件内容（逐字段）", "What the file says, field by field"), lang);
    for part in fields.list().chunk_by(|a, b| a.place == b.place) {
        let place = part.first().map_or("", |f| &f.place);
        let indent = if place.is_empty() { "" } else { "  " };
        if !place.is_empty() {
            println!("{}", if lang == Lang::Zh { place_zh(place) } else { place.to_owned() });
        }
        let row = |f: &Field| (format!("{indent}{}", f.name.get(lang)), f.value.clone());
        print(&part.iter().map(row).collect::<Vec<_>>());
    }
    if fields.beyond > 0 {
        let more = Text::of(format!("另有 {} 个字段未列出", fields.beyond), format!("{} more fields", fields.beyond));
        println!("{}", more.get(lang));
    }
    println!();
}

fn heading(words: &Text, lang: Lang) {
    println!("== {} ==", words.get(lang));
}

/// Prints names and values in two columns; a name far longer than the others does not push them apart.
fn print(rows: &[(String, String)]) {
    /// Widest column of names.
    const WIDEST: usize = 48;
    let width = rows.iter().map(|(name, _)| columns(name)).max().unwrap_or(0).min(WIDEST);
    for (name, value) in rows {
        println!("{name}{}  {value}", " ".repeat(width.saturating_sub(columns(name))));
    }
}

/// Columns of a terminal that a text takes: two for each Chinese character.
fn columns(text: &str) -> usize {
    text.chars().map(|c| if c >= '\u{2e80}' { 2 } else { 1 }).sum()
}

struct Info<'a> {
    source: &'a Source,
    recording: &'a Recording,
}

/// Range of one lead.
struct Range {
    lead: LeadName,
    low: f32,
    high: f32,
    missing: usize,
    derived: bool,
}

impl Info<'_> {
    fn companions(&self) -> Vec<String> {
        let named = recognise(self.source).map_or_else(Vec::new, |f| (f.companions)(self.source));
        named.into_iter().filter(|n| self.source.sibling(n).is_some()).collect()
    }

    fn ranges(&self) -> Vec<Range> {
        let r = self.recording;
        let range = |(lead, row): (&LeadName, ndarray::ArrayView1<'_, f32>)| {
            let known = || row.iter().copied().filter(|v| !v.is_nan());
            Range {
                lead: lead.clone(),
                low: known().reduce(f32::min).unwrap_or(f32::NAN),
                high: known().reduce(f32::max).unwrap_or(f32::NAN),
                missing: row.len() - known().count(),
                derived: r.derived.contains(lead),
            }
        };
        r.leads.iter().zip(r.samples.rows()).map(range).collect()
    }

    /// How many marks of each kind each annotator made.
    fn marks(&self) -> BTreeMap<String, BTreeMap<String, usize>> {
        let mut marks: BTreeMap<String, BTreeMap<String, usize>> = BTreeMap::new();
        for mark in &self.recording.annotations {
            *marks.entry(mark.annotator.to_string()).or_default().entry(mark.code.clone()).or_default() += 1;
        }
        marks
    }

    fn json(&self) -> Value {
        let r = self.recording;
        let number = |v: f32| if v.is_nan() { Value::Null } else { json!(v) };
        let leads: Vec<Value> = self
            .ranges()
            .into_iter()
            .map(|l| {
                json!({"lead": l.lead, "min_mv": number(l.low), "max_mv": number(l.high),
                    "missing_samples": l.missing, "derived": l.derived})
            })
            .collect();
        json!({
            "file": self.source.name(),
            "bytes": self.source.bytes().len(),
            "companions": self.companions(),
            "sha256": r.origin.sha256,
            "format": r.origin.format,
            "name": r.name,
            "rate_hz": r.rate.0,
            "samples": r.len(),
            "duration_s": r.seconds(),
            "start": r.start,
            "leads": leads,
            "patient": r.patient,
            "device": {"name": r.origin.device, "filters": r.origin.filters, "mains_hz": r.origin.mains,
                "measurements": r.device.measurements, "statements": r.device.statements,
                "median_beat": r.device.median.as_ref().map(|m| json!({"leads": m.leads, "samples": m.samples.ncols(),
                    "rate_hz": m.rate.0}))},
            "annotations": self.marks(),
            "comments": r.comments,
            "notes": r.notes,
        })
    }

    fn rows(&self, lang: Lang) -> Vec<(String, String)> {
        let r = self.recording;
        let mut rows = Rows { lang, rows: Vec::new() };
        rows.add("文件", "file", format!("{} ({} B)", self.source.name(), self.source.bytes().len()));
        rows.add("附属文件", "companions", self.companions().join(" "));
        rows.add("内容校验", "SHA-256", r.origin.sha256.clone());
        let format = recognise(self.source).map_or(String::new(), |f| format!("{} · {}", f.id, f.name.get(lang)));
        rows.add("格式", "format", format);
        rows.add("记录名", "record", r.name.clone());
        let length = format!("{} Hz, {} × {} = {:.3} s", r.rate.0, r.leads.len(), r.len(), r.seconds());
        rows.add("采样", "sampling", length);
        rows.add("开始时间", "start", r.start.map_or(String::new(), |s| s.to_string()));
        self.patient(&mut rows);
        rows.add("设备", "device", r.origin.device.clone().unwrap_or_default());
        rows.add("设备滤波", "device filters", r.origin.filters.clone().unwrap_or_default());
        rows.add("工频", "mains", r.origin.mains.map_or(String::new(), |m| format!("{} Hz", m.0)));
        for l in self.ranges() {
            let derived = Text::new("（推算）", "(derived)");
            let missing = Text::of(format!("缺失 {} 个样本", l.missing), format!("{} samples missing", l.missing));
            let tail = [(l.derived, derived.get(lang)), (l.missing > 0, missing.get(lang))];
            let tail: Vec<&str> = tail.into_iter().filter_map(|(said, t)| said.then_some(t)).collect();
            rows.add("导联", "lead", format!("{:<6} {:.3} … {:.3} mV {}", l.lead, l.low, l.high, tail.join(" ")));
        }
        for m in &r.device.measurements {
            let lead = m.lead.as_ref().map_or(String::new(), |l| format!("{l} "));
            rows.add("设备测量", "device measured", format!("{lead}{} = {} {}", m.name, m.value, m.unit));
        }
        for statement in &r.device.statements {
            rows.add("设备结论", "device says", statement.clone());
        }
        if let Some(m) = &r.device.median {
            let shape = format!("{} × {} @ {} Hz", m.leads.len(), m.samples.ncols(), m.rate.0);
            rows.add("设备平均心搏", "device's median beat", shape);
        }
        for (annotator, codes) in self.marks() {
            let counts: Vec<String> = codes.iter().map(|(code, n)| format!("{code}×{n}")).collect();
            rows.add("标注", "annotations", format!("{annotator}: {}", counts.join(" ")));
        }
        for comment in &r.comments {
            rows.add("备注", "comment", comment.clone());
        }
        for note in &r.notes {
            rows.add("读取说明", "note", note.get(lang).to_owned());
        }
        rows.rows
    }

    fn patient(&self, rows: &mut Rows) {
        let p = &self.recording.patient;
        rows.add("患者编号", "patient id", p.id.clone().unwrap_or_default());
        rows.add("姓名", "name", p.name.clone().unwrap_or_default());
        let sex = p.sex.map(|s| match s {
            Sex::Female => Text::new("女", "female"),
            Sex::Male => Text::new("男", "male"),
        });
        rows.add("性别", "sex", sex.map_or(String::new(), |s| s.get(rows.lang).to_owned()));
        rows.add("年龄", "age", p.age.map_or(String::new(), |a| a.to_string()));
        rows.add("出生日期", "birth", p.birth.map_or(String::new(), |b| b.to_string()));
        rows.add("身高", "height", p.height_cm.map_or(String::new(), |h| format!("{h} cm")));
        rows.add("体重", "weight", p.weight_kg.map_or(String::new(), |w| format!("{w} kg")));
    }
}

/// Lines to print; what a file does not say is left out.
struct Rows {
    lang: Lang,
    rows: Vec<(String, String)>,
}

impl Rows {
    fn add(&mut self, zh: &'static str, en: &'static str, value: String) {
        if !value.is_empty() {
            self.rows.push((Text::new(zh, en).get(self.lang).to_owned(), value));
        }
    }
}
