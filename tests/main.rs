//! One test binary; one module a subject.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::print_stderr, clippy::print_stdout)]
#[cfg(feature = "serve")]
mod centre;
#[cfg(feature = "serve")]
mod centre_access;
#[cfg(feature = "serve")]
mod centre_bad;
#[cfg(feature = "serve")]
mod centre_faults;
#[cfg(feature = "serve")]
mod centre_keeping;
#[cfg(feature = "serve")]
mod centre_load;
#[cfg(feature = "serve")]
mod centre_office;
#[cfg(feature = "serve")]
mod centre_operation;
#[cfg(feature = "serve")]
mod centre_outage;
#[cfg(feature = "serve")]
mod centre_process;
mod cli;
mod convert;
mod damage;
mod detect;
mod drawing;
mod exchange;
mod ingest_aecg;
mod ingest_dicom;
mod ingest_edf;
mod ingest_fields;
mod ingest_handheld;
mod ingest_ishne;
mod ingest_long;
mod ingest_mfer;
mod ingest_muse;
mod ingest_own;
mod ingest_philips;
mod ingest_scp;
mod ingest_text;
mod ingest_wfdb;
mod interpret;
mod interpret_limits;
mod interpret_order;
mod interpret_reports;
mod layers;
mod measure;
mod pdf;
mod pdf_file;
mod report;
mod report_facts;
mod report_samples;
mod roundtrip;
mod serial;
mod simulate;
mod util;
mod waves;
