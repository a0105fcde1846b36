//! einthoven: from the files that ECG machines write to a preliminary report that a physician confirms.
//!
//! Not a certified medical device. Findings are preliminary until a physician confirms them.
#![forbid(unsafe_code)]
#![cfg_attr(test, allow(clippy::unwrap_used, clippy::expect_used, clippy::panic))]

pub mod cli;
pub mod detect;
pub mod dsp;
pub mod evaluate;
pub mod ingest;
pub mod interpret;
pub mod measure;
pub mod pipeline;
pub mod report;
pub mod review;
pub mod signal;
pub mod simulate;
pub mod text;

pub use ingest::{ReadError, open};
pub use pipeline::{Diagnosis, Options, diagnose};
pub use report::{Report, render};
pub use signal::Recording;
pub use text::{Lang, Text};
