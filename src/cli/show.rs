//! `einthoven show`: one ECG in the terminal: findings with their evidence, measurements, quality, a rhythm strip.

use super::Failure;
use super::analyze::Known;
use super::strip;
use crate::ingest::{self};
use crate::interpret::Finding;
use crate::measure::{Global, Lead};
use crate::pipeline::{Diagnosis, diagnose};
use crate::report::globals::{GLOBALS, Quantity};
use crate::report::words;
use crate::signal::Recording;
use crate::text::{Lang, text};
use anyhow::anyhow;
use std::io::IsTerminal;
use std::path::PathBuf;
use std::process::ExitCode;

/// Columns of a terminal that does not say how wide it is.
const WIDTH: usize = 100;

/// Show one ECG in the terminal: findings, measurements, where the evidence is / 在终端查看一份心电图
#[derive(clap::Args)]
pub struct Args {
    /// The recording, `-` for standard input / 心电图文件，`-` 为标准输入
    file: PathBuf,
    /// Lead of the strip (default: II, else the first) / 节律条导联
    #[arg(long)]
    lead: Option<String>,
    #[command(flatten)]
    known: Known,
}

/// Runs `einthoven show`.
pub fn run(args: &Args, lang: Lang) -> Result<ExitCode, Failure> {
    let read = args.known.read_options();
    let source = super::analyze::named(&args.file, &read).map_err(|e| anyhow!("{}", e.text().get(lang)))?;
    let recording = ingest::read(&source, &read).map_err(|e| anyhow!("{}: {}", source.name(), e.text().get(lang)))?;
    let diagnosis = diagnose(&recording, &args.known.options());
    let page = Page { recording: &recording, diagnosis: &diagnosis, lang, colour: std::io::stdout().is_terminal() };
    page.heading();
    page.findings();
    page.strip(args.lead.as_deref());
    page.global();
    page.leads();
    page.device();
    page.notes();
    Ok(ExitCode::SUCCESS)
}

struct Page<'a> {
    recording: &'a Recording,
    diagnosis: &'a Diagnosis,
    lang: Lang,
    colour: bool,
}

impl Page<'_> {
    fn say(&self, zh: &str, en: &str) {
        println!("{}", if self.lang == Lang::Zh { zh } else { en });
    }

    fn heading(&self) {
        let r = self.recording;
        println!("{} · {}", words::PRELIMINARY.get(self.lang), words::NOT_CERTIFIED.get(self.lang));
        let leads: Vec<&str> = r.leads.iter().map(crate::signal::LeadName::as_str).collect();
        println!("{}  {}  {:.1} s  {} Hz  {}", r.name, r.origin.format, r.seconds(), r.rate.0, leads.join(" "));
        println!("{}", words::person(&self.diagnosis.patient, self.lang));
        println!();
    }

    fn findings(&self) {
        let verdict = words::verdict(self.diagnosis.interpretation.verdict);
        println!("{}", self.bold(verdict.get(self.lang)));
        for finding in &self.diagnosis.interpretation.findings {
            self.finding(finding);
        }
        println!();
    }

    fn finding(&self, finding: &Finding) {
        let statement = finding.wording();
        println!("{} {}", words::mark(finding.rule.severity), statement.get(self.lang));
        let e = &finding.evidence;
        let mut because = vec![words::evidence(e, self.lang)];
        because.retain(|b| !b.is_empty());
        if !e.beats.is_empty() {
            let times: Vec<String> = e.beats.iter().filter_map(|b| self.time_of(*b)).take(8).collect();
            because.push(format!("{} {}", text("位于", "at").get(self.lang), times.join(" ")));
        }
        if !because.is_empty() {
            println!("      {}", self.dim(&because.join("; ")));
        }
    }

    fn time_of(&self, beat: usize) -> Option<String> {
        let beat = self.diagnosis.detection.beats.get(beat)?;
        Some(format!("{:.2} s", beat.qrs.peak as f64 / self.recording.rate.0))
    }

    fn strip(&self, wanted: Option<&str>) {
        let r = self.recording;
        let lead = wanted.map(|w| crate::signal::LeadName::parse(w).0);
        let row = lead
            .and_then(|l| r.leads.iter().position(|x| *x == l))
            .or_else(|| r.leads.iter().position(|l| *l == crate::signal::LeadName::II))
            .or_else(|| (!r.leads.is_empty()).then_some(0));
        let Some(row) = row else { return };
        let width = console_width();
        for line in strip::draw(r, row, &self.diagnosis.detection.beats, width) {
            println!("{line}");
        }
        println!();
    }

    fn global(&self) {
        let g = &self.diagnosis.measurements.global;
        for line in table(g, self.lang) {
            println!("{line}");
        }
        println!();
    }

    fn leads(&self) {
        let head = ["", "P", "Q", "R", "S", "R'", "ST J", "ST 60", "ST 80", "T"];
        println!("{}", self.dim(&head.map(|h| format!("{h:>7}")).concat()));
        for (lead, quality) in self.diagnosis.measurements.leads.iter().zip(&self.diagnosis.detection.quality) {
            let cells = lead_cells(lead).map(|c| format!("{c:>7}")).concat();
            let quality = format!("{} {:.0} %", text("质量", "quality").get(self.lang), quality.score * 100.0);
            println!("{:>7}{cells}  {}", lead.lead, self.dim(&quality));
        }
        self.say("       （mV；— = 无此波或无法测量）", "       (mV; — = absent or not measurable)");
        println!();
    }

    fn device(&self) {
        let device = &self.recording.device;
        if device.statements.is_empty() && device.measurements.is_empty() {
            return;
        }
        self.say("设备自身的测量与结论（与本程序无关）：", "What the device itself measured and said (not ours):");
        for statement in &device.statements {
            println!("  {statement}");
        }
        let numbers: Vec<String> = device
            .measurements
            .iter()
            .filter(|m| m.lead.is_none())
            .map(|m| format!("{} {} {}", m.name, words::amount(m.value, 0), m.unit))
            .collect();
        println!("  {}", self.dim(&numbers.join("; ")));
    }

    fn notes(&self) {
        for note in &self.recording.notes {
            println!("* {}", note.get(self.lang));
        }
    }

    fn bold(&self, s: &str) -> String {
        if self.colour { format!("\x1b[1m{s}\x1b[0m") } else { s.to_owned() }
    }

    fn dim(&self, s: &str) -> String {
        if self.colour { format!("\x1b[2m{s}\x1b[0m") } else { s.to_owned() }
    }
}

fn console_width() -> usize {
    std::env::var("COLUMNS").ok().and_then(|c| c.parse().ok()).filter(|c| (40..=400).contains(c)).unwrap_or(WIDTH)
}

/// The global measurements in three columns.
fn table(global: &Global, lang: Lang) -> Vec<String> {
    let cell = |q: &Quantity| {
        let value = (q.value)(global).map_or_else(|| "—".to_owned(), |v| words::amount(v, 0));
        let gap = if q.unit == "°" { "" } else { " " };
        let name = q.name.get(lang);
        let wide: usize = name.chars().map(|c| if c.is_ascii() { 1 } else { 2 }).sum();
        format!("{name}{}{:>9}", " ".repeat(18_usize.saturating_sub(wide)), format!("{value}{gap}{}", q.unit))
    };
    GLOBALS.chunks(3).map(|chunk| chunk.iter().map(cell).collect::<Vec<_>>().join("    ")).collect()
}

fn lead_cells(lead: &Lead) -> [String; 9] {
    [lead.p_mv, lead.q_mv, lead.r_mv, lead.s_mv, lead.r2_mv, lead.st_j_mv, lead.st_60_mv, lead.st_80_mv, lead.t_mv]
        .map(|v| v.map_or_else(|| "—".to_owned(), |v| words::amount(v.0, 2)))
}
