//! A diagnosis as people and systems read it: one [`Report`], many [`OUTPUTS`].

mod annotated;
pub mod batch;
mod csv;
mod dicom;
mod fhir;
pub mod font;
pub(crate) mod globals;
mod hl7;
mod html;
mod json;
pub mod listing;
mod logo;
pub mod page;
mod paper;
mod pdf;
mod png;
mod prior;
mod settings;
mod sheet;
mod simplify;
mod svg;
mod table;
pub(crate) mod words;

pub use annotated::annotated;
pub use json::schema;
pub use logo::Logo;
pub use prior::{OtherPatient, Prior, same_patient};
pub use settings::{Charset, Layout, Settings};
pub use sheet::pages;
pub use svg::escape as escaped;

use crate::pipeline::Diagnosis;
use crate::signal::Recording;
use crate::text::Text;
use jiff::Zoned;
use serde::Serialize;

/// Name of the program as reports give it.
pub const PROGRAM: &str = env!("CARGO_PKG_NAME");
/// Version of the program as reports give it.
pub const VERSION: &str = env!("CARGO_PKG_VERSION");

/// Everything a report says.
#[derive(Clone)]
pub struct Report {
    /// The ECG.
    pub recording: Recording,
    /// What was found.
    pub diagnosis: Diagnosis,
    /// When the report was made; `None` keeps the bytes the same from run to run.
    pub created: Option<Zoned>,
    /// The physician's word; without it the report is preliminary.
    pub signature: Option<Signature>,
    /// How often the signed report was changed after its first signing: from 1 on it is an amended one.
    pub revision: u32,
    /// An earlier ECG of the patient, when there is one to compare with.
    pub prior: Option<Box<Prior>>,
}

/// A physician's confirmation.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Signature {
    /// Who signed, as printed.
    pub name: String,
    /// What was decided.
    pub decision: Decision,
    /// The conclusion in the physician's words; empty where the machine's stands.
    pub conclusion: String,
    /// When.
    #[serde(serialize_with = "json::instant")]
    pub signed: Zoned,
}

/// What a physician did with the preliminary findings.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Decision {
    /// The findings stand.
    Confirmed,
    /// Some were changed: the conclusion says how.
    Changed,
}

impl Report {
    /// A preliminary report.
    pub fn new(recording: Recording, diagnosis: Diagnosis, created: Option<Zoned>) -> Self {
        Self { recording, diagnosis, created, signature: None, revision: 0, prior: None }
    }

    /// Signal quality of the recording, 0 … 1; `None` without a lead.
    pub fn quality(&self) -> Option<f64> {
        let detection = &self.diagnosis.detection;
        (!detection.quality.is_empty()).then(|| detection.quality_score())
    }
}

/// Why an output could not be made.
#[derive(Debug, thiserror::Error)]
pub enum RenderError {
    /// No installed font has the glyphs.
    #[error("{}", .0.en)]
    Font(Text),
    /// The format cannot hold this recording.
    #[error("{}", .0.en)]
    Unfit(Text),
    /// The writer's own failure.
    #[error("{0}")]
    Write(String),
}

impl RenderError {
    /// The message in both languages.
    pub fn text(&self) -> Text {
        match self {
            Self::Font(text) | Self::Unfit(text) => text.clone(),
            Self::Write(cause) => Text::of(format!("写出失败：{cause}"), format!("could not be written: {cause}")),
        }
    }
}

/// A report output: facts and how to make it.
pub struct Output {
    /// Short stable name, as in `--to`.
    pub id: &'static str,
    /// Name as printed.
    pub name: Text,
    /// File extension.
    pub extension: &'static str,
    /// Whether it is drawn or holds a drawing, and so wants an installed font.
    pub drawn: bool,
    /// Report to bytes; the same input gives the same bytes.
    pub render: fn(&Report, &Settings) -> Result<Vec<u8>, RenderError>,
}

/// Every output.
#[rustfmt::skip] // one line an output
pub static OUTPUTS: &[&Output] = &[
    &json::JSON,
    &html::HTML,
    &pdf::PDF,
    &svg::SVG,
    &png::PNG,
    &csv::CSV,
    &fhir::FHIR,
    &hl7::HL7,
    &dicom::DICOM,
    &annotated::WAVEFORM,
    &annotated::AECG,
];

/// The output named `id`, when there is one.
pub fn output(id: &str) -> Option<&'static Output> {
    OUTPUTS.iter().copied().find(|o| o.id == id)
}

/// Makes the output named `id`; `None` when there is no such output.
pub fn render(report: &Report, id: &str, settings: &Settings) -> Option<Result<Vec<u8>, RenderError>> {
    output(id).map(|o| (o.render)(report, settings))
}
