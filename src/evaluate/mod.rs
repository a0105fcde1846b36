//! How good are we, by the standards' own definitions. A suite scores one database against its experts' truth.

mod beats;
pub mod ec57;
mod noise;
mod quality;
mod statements;
pub mod train;
pub mod trust;
mod waves;

pub use statements::reading;
pub use waves::train::{Trained, train as train_waves};

use crate::ingest::ReadError;
use crate::text::Text;
use serde::Serialize;
use std::path::Path;

/// An evaluation suite: facts and how to run it.
pub struct Suite {
    /// Short stable name, as in `einthoven evaluate ID`.
    pub id: &'static str,
    /// Name as printed.
    pub name: Text,
    /// What is scored against which truth, by which definition.
    pub about: Text,
    /// Scores every record under a folder, in parallel.
    pub run: fn(&Path, &SuiteOptions) -> Result<Scores, EvaluateError>,
}

/// How to run a suite.
#[derive(Clone, Debug, Default)]
pub struct SuiteOptions {
    /// Restricts detection to the lead of this index (0 = first) where the suite allows it.
    pub lead: Option<usize>,
}

/// What a suite found.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Scores {
    /// Tables to print, gross figures first, records last.
    pub tables: Vec<Table>,
    /// The gross figures by name, for baselines.
    pub figures: Vec<Figure>,
}

/// One gross figure.
#[derive(Clone, Debug, Serialize)]
pub struct Figure {
    /// Dotted name: `qrs.sensitivity`, `p_onset.sd_ms`.
    pub id: String,
    /// Its value, in percent or milliseconds as the name says.
    pub value: f64,
    /// Whether more is better.
    pub higher_is_better: bool,
}

/// A table of text cells.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Table {
    /// Heading.
    pub title: String,
    /// Column heads.
    pub columns: Vec<String>,
    /// Rows of as many cells.
    pub rows: Vec<Vec<String>>,
}

/// Why a suite could not run.
#[derive(Debug, thiserror::Error)]
pub enum EvaluateError {
    /// The folder holds no record of this database.
    #[error("{folder}: no record of this suite's database")]
    NoRecords {
        /// The folder.
        folder: String,
    },
    /// A record could not be read.
    #[error(transparent)]
    Read(#[from] ReadError),
}

impl EvaluateError {
    /// The message in both languages.
    pub fn text(&self) -> Text {
        match self {
            Self::NoRecords { folder } => Text::of(format!("{folder}：没有该评测集的记录"), self.to_string()),
            Self::Read(error) => error.text(),
        }
    }
}

/// Every suite.
pub static SUITES: &[&Suite] = &[
    &beats::SUITE,
    &quality::SUITE,
    &noise::SUITE,
    &waves::SUITE,
    &statements::TWELVE_LEAD,
    &statements::PTBXL,
    &statements::LUDB,
    &statements::CINC2021,
    &statements::CINC2017,
];
