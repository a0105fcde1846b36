//! `einthoven list`: what this program reads, says, writes and scores, from the slices themselves.

use super::statements;
use crate::evaluate::SUITES;
use crate::ingest::FORMATS;
use crate::interpret::RULES;
use crate::report::OUTPUTS;
use crate::text::Lang;
use clap::ValueEnum;
use std::process::ExitCode;

/// List formats, statements, outputs, suites or the report schema / 列出格式、诊断语句、输出、评测集或报告结构
#[derive(clap::Args)]
pub struct Args {
    what: What,
    /// How statements are printed: as a document to review line by line, with `csv` and `html`
    #[arg(long, value_enum, default_value = "text")]
    format: Format,
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
        What::Schema => println!("{}", crate::report::schema()),
        What::Suites => {
            for s in SUITES {
                println!("{:<12} {}\n             {}", s.id, s.name.get(lang), s.about.get(lang));
            }
        }
    }
    ExitCode::SUCCESS
}
