//! The `einthoven` command: its exit code only; everything else is in the library.
use std::process::ExitCode;

fn main() -> ExitCode {
    einthoven::cli::run()
}
