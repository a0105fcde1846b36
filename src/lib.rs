//! einthoven: from the files that ECG machines write to a preliminary report that a physician confirms.
//!
//! Not a certified medical device. Findings are preliminary until a physician confirms them.
//!
//! The command `einthoven` uses what is public here and nothing else:
//!
//! ```
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! use einthoven::report::Settings;
//! use einthoven::{Lang, Options, Report, diagnose, open, render};
//!
//! let recording = open("samples/av-block-1.hea")?; // any format, recognised by content
//! let diagnosis = diagnose(&recording, &Options::default());
//! let pr = diagnosis.measurements.global.pr_ms.ok_or("no PR interval")?;
//! assert!(pr.0 > 200.0);
//! let ids: Vec<&str> = diagnosis.interpretation.findings.iter().map(|f| f.rule.id).collect();
//! assert!(ids.contains(&"first-degree-av-block"));
//!
//! let report = Report::new(recording, diagnosis, None);
//! let json = render(&report, "json", &Settings::new(Lang::En)).ok_or("no such output")??;
//! assert!(json.starts_with(b"{"));
//! # Ok(())
//! # }
//! ```
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
#[cfg(feature = "serve")]
pub mod server;
pub mod signal;
pub mod simulate;
#[cfg(feature = "serve")]
pub mod store;
pub mod text;

pub use ingest::{ReadError, open};
pub use pipeline::{Diagnosis, Options, diagnose};
pub use report::{Report, render};
pub use signal::Recording;
pub use text::{Lang, Text};
