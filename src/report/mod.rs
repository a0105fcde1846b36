//! A diagnosis as people and systems read it: one [`Report`], many [`OUTPUTS`].

use crate::pipeline::Diagnosis;
use crate::signal::Recording;
use crate::text::{Lang, Text};

/// Everything a report says.
pub struct Report {
    /// The ECG.
    pub recording: Recording,
    /// What was found.
    pub diagnosis: Diagnosis,
}

/// Why an output could not be made.
#[derive(Debug, thiserror::Error)]
pub enum RenderError {
    /// No installed font has the glyphs.
    #[error("{0}")]
    Font(String),
    /// The writer's own failure.
    #[error("{0}")]
    Write(String),
}

/// A report output: facts and how to make it.
pub struct Output {
    /// Short stable name, as in `--to`.
    pub id: &'static str,
    /// Name as printed.
    pub name: Text,
    /// File extension.
    pub extension: &'static str,
    /// Report to bytes; the same input gives the same bytes.
    pub render: fn(&Report, Lang) -> Result<Vec<u8>, RenderError>,
}

/// Every output.
pub static OUTPUTS: &[&Output] = &[];

/// Makes the output named `id`; `None` when there is no such output.
pub fn render(report: &Report, id: &str, lang: Lang) -> Option<Result<Vec<u8>, RenderError>> {
    OUTPUTS.iter().find(|o| o.id == id).map(|o| (o.render)(report, lang))
}
