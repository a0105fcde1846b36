//! `einthoven list`: what this program reads, says, writes and scores, from the slices themselves.

use super::statements;
use crate::evaluate::SUITES;
use crate::ingest::FORMATS;
use crate::interpret::{RULES, Settings};
use crate::report::OUTPUTS;
use crate::text::Lang;
use clap::ValueEnum;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

/// List formats, statements, outputs, suites or the report schema / 列出格式、诊断语句、输出、评测集或报告结构
#[derive(clap::Args)]
pub struct Args {
    what: What,
    /// How statements are printed: as a document to review line by line, with `csv` and `html`
    #[arg(long, value_enum, default_value = "text")]
    format: Format,
    /// With `critical`: a centre's thresholds (TOML) to check and show / 要检查并列出的危急值设置文件
    #[arg(long, value_name = "FILE")]
    critical: Option<PathBuf>,
}

#[derive(Clone, Copy, ValueEnum)]
enum Format {
    Text,
    Csv,
    Html,
}

#[derive(Clone, Copy, ValueEnum)]
enum What {
    Formats,
    Statements,
    Outputs,
    Suites,
    /// The critical values' thresholds, the centre's (`--critical FILE`) or the defaults
    Critical,
    /// The JSON report's schema
    Schema,
}

pub fn run(args: &Args, lang: Lang) -> ExitCode {
    match args.what {
        What::Formats => {
            for f in FORMATS {
                let ways = if f.write.is_some() { "read write" } else { "read" };
                println!("{:<10} {:<11} {}  ({})", f.id, ways, f.name.get(lang), f.extensions.join(" "));
            }
        }
        What::Statements => match args.format {
            Format::Text => {
                for r in RULES {
                    println!("{:<36} {}", r.id, r.text.get(lang));
                }
            }
            Format::Csv => print!("{}", statements::csv()),
            Format::Html => print!("{}", statements::html(lang)),
        },
        What::Outputs => {
            for o in OUTPUTS {
                println!("{:<10} .{:<9} {}", o.id, o.extension, o.name.get(lang));
            }
        }
        What::Critical => return critical(args.critical.as_deref(), lang),
        What::Schema => println!("{}", crate::report::schema()),
        What::Suites => {
            for s in SUITES {
                println!("{:<12} {}\n             {}", s.id, s.name.get(lang), s.about.get(lang));
            }
        }
    }
    ExitCode::SUCCESS
}

/// Prints the thresholds in force as a TOML file, each with its legal range, or says what is wrong with the file.
fn critical(file: Option<&Path>, lang: Lang) -> ExitCode {
    let settings = match file.map(|f| (f, std::fs::read_to_string(f))) {
        None => Settings::default(),
        Some((f, Err(why))) => {
            eprintln!("{}: {why}", f.display());
            return ExitCode::from(2);
        }
        Some((f, Ok(toml))) => match Settings::parse(&toml) {
            Ok(settings) => settings,
            Err(why) => {
                eprintln!("{}: {}", f.display(), why.words().get(lang));
                return ExitCode::from(1);
            }
        },
    };
    for ((key, value, low, high), (_, usual, ..)) in settings.ranges().into_iter().zip(Settings::default().ranges()) {
        let usual = match (value.to_bits() == usual.to_bits(), lang) {
            (true, _) => String::new(),
            (false, Lang::Zh) => format!("，默认{usual}"),
            (false, Lang::En) => format!(", default {usual}"),
        };
        println!("{:<44} # {low} … {high}{usual}", format!("{key} = {value:?}"));
    }
    println!("ischemia_is_critical = {}", settings.ischemia_is_critical);
    println!("complete_block_is_critical = {}", settings.complete_block_is_critical);
    ExitCode::SUCCESS
}
