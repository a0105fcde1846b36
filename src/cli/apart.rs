//! `einthoven analyze-apart`: one ECG from standard input, for a worker of the centre that fears it. Not for people.

use super::Failure;
use crate::server::apart;
use std::process::ExitCode;

/// Answers one question.
pub fn run() -> Result<ExitCode, Failure> {
    apart::answer(&mut std::io::stdin().lock(), &mut std::io::stdout().lock())?;
    Ok(ExitCode::SUCCESS)
}
