//! Arguments and dispatch; one file a subcommand; the only place that prints.
#![allow(clippy::print_stdout, clippy::print_stderr)]

mod analyze;
mod annotate;
#[cfg(feature = "serve")]
mod apart;
#[cfg(feature = "serve")]
mod audit;
mod compare;
mod convert;
mod evaluate;
mod info;
mod inputs;
mod journal;
mod list;
mod prior;
mod progress;
#[cfg(feature = "serve")]
mod serve;
mod show;
mod simulate;
mod statements;
mod strip;
mod train;
#[cfg(feature = "serve")]
mod watch;
mod whole;
#[cfg(feature = "serve")]
mod worker;

use crate::text::Lang;
use clap::{Parser, Subcommand, ValueEnum};
use std::process::ExitCode;

/// Open ECG analysis: reads what ECG machines write, measures, interprets and reports preliminary findings.
/// 开放的心电图分析程序：读取、测量、判读并给出初步报告。
///
/// Not a certified medical device; every finding is preliminary until a physician confirms it.
/// 本程序不是经认证的医疗器械；所有结论在医师确认之前均为初步结论。
#[derive(Parser)]
#[command(name = "einthoven", version)]
struct Cli {
    /// Language of what is printed and reported (default: by locale) / 语言
    #[arg(long, global = true, value_enum)]
    lang: Option<LangArg>,
    #[command(subcommand)]
    command: Command,
}

#[derive(Clone, Copy, ValueEnum)]
enum LangArg {
    Zh,
    En,
}

#[derive(Subcommand)]
enum Command {
    Analyze(analyze::Args),
    Show(show::Args),
    Compare(compare::Args),
    Info(info::Args),
    Convert(convert::Args),
    Annotate(annotate::Args),
    List(list::Args),
    Simulate(simulate::Args),
    Evaluate(evaluate::Args),
    Train(train::Args),
    #[cfg(feature = "serve")]
    Serve(serve::Args),
    #[cfg(feature = "serve")]
    Watch(watch::Args),
    #[cfg(feature = "serve")]
    Worker(worker::Args),
    #[cfg(feature = "serve")]
    Audit(audit::Args),
    #[cfg(feature = "serve")]
    #[command(name = crate::server::apart::COMMAND, hide = true)]
    AnalyzeApart,
}

/// Something that went wrong, with the exit code that says of which kind it is.
enum Failure {
    /// 1: something could not be read or written.
    Work(anyhow::Error),
    /// 2: wrong usage.
    Usage(String),
}

impl<E: Into<anyhow::Error>> From<E> for Failure {
    fn from(error: E) -> Self {
        Self::Work(error.into())
    }
}

/// `einthoven … | head` ends when its reader does: Rust's `println!` would panic where other programs end quietly.
fn end_quietly_with_the_reader() {
    let usual = std::panic::take_hook();
    std::panic::set_hook(Box::new(move |panic| {
        let gone =
            panic.payload_as_str().is_some_and(|p| p.contains("failed printing to") && p.contains("os error 32"));
        if gone {
            std::process::exit(0);
        }
        usual(panic);
    }));
}

/// Runs the command line; 0 = well, 1 = something could not be read or written, 2 = wrong usage.
pub fn run() -> ExitCode {
    end_quietly_with_the_reader();
    let cli = Cli::parse();
    let lang = cli.lang.map_or_else(
        || sys_locale::get_locale().map_or(Lang::En, |l| Lang::of_locale(&l)),
        |l| match l {
            LangArg::Zh => Lang::Zh,
            LangArg::En => Lang::En,
        },
    );
    let done = match cli.command {
        Command::Analyze(args) => analyze::run(&args, lang),
        Command::Show(args) => show::run(&args, lang),
        Command::Compare(args) => compare::run(&args, lang),
        Command::Info(args) => info::run(&args, lang),
        Command::Convert(args) => convert::run(&args, lang),
        Command::Annotate(args) => Ok(annotate::run(&args, lang)),
        Command::List(args) => Ok(list::run(&args, lang)),
        Command::Simulate(args) => simulate::run(&args, lang),
        Command::Evaluate(args) => evaluate::run(&args, lang),
        Command::Train(args) => train::run(&args, lang),
        #[cfg(feature = "serve")]
        Command::Serve(args) => serve::run(&args, lang),
        #[cfg(feature = "serve")]
        Command::Watch(args) => watch::run(&args, lang),
        #[cfg(feature = "serve")]
        Command::Worker(args) => worker::run(&args, lang),
        #[cfg(feature = "serve")]
        Command::Audit(args) => audit::run(&args, lang),
        #[cfg(feature = "serve")]
        Command::AnalyzeApart => apart::run(),
    };
    match done {
        Ok(code) => code,
        Err(Failure::Work(error)) => {
            eprintln!("einthoven: {}", explain(&error, lang));
            ExitCode::from(1)
        }
        Err(Failure::Usage(message)) => {
            eprintln!("einthoven: {message}");
            ExitCode::from(2)
        }
    }
}

/// An error and its causes on one line, the operating system's in plain words.
fn explain(error: &anyhow::Error, lang: Lang) -> String {
    let said = |cause: &(dyn std::error::Error + 'static)| {
        let io = cause.downcast_ref().map(crate::ingest::plain);
        let text = io.or_else(|| Some(cause.downcast_ref::<crate::evaluate::EvaluateError>()?.text()));
        text.map_or_else(|| cause.to_string(), |t| t.get(lang).to_owned())
    };
    let mut parts: Vec<String> = Vec::new();
    for cause in error.chain() {
        parts.push(said(cause));
        if cause.is::<std::io::Error>() {
            break; // what follows says the same in the system's words
        }
    }
    parts.join(if lang == Lang::Zh { "：" } else { ": " })
}
