//! Arguments and dispatch; the only place that prints.
use std::process::ExitCode;

/// Runs the command line; 0 = well, 1 = something could not be read or written, 2 = wrong usage.
pub fn run() -> ExitCode {
    ExitCode::SUCCESS
}
