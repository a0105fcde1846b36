//! The data model of a recording. Knows no file format and no algorithm.

mod device;
mod lead;
mod patient;
mod units;

pub use device::{DeviceFindings, DeviceMeasurement, DeviceMedian};
pub use lead::LeadName;
pub use patient::{Patient, Sex};
pub use units::{Bpm, Deg, Hz, Ms, Mv};

use crate::text::Text;
use ndarray::{Array2, ArrayView1};
use serde::Serialize;
use std::sync::Arc;

/// One ECG as every stage after `ingest` sees it: leads normalised, millivolts, gaps as NaN.
#[derive(Clone, Debug)]
pub struct Recording {
    /// The name to show: file stem or record name. Never the patient's.
    pub name: String,
    /// One name a row of `samples`, each at most once.
    pub leads: Vec<LeadName>,
    /// Samples a second of every lead.
    pub rate: Hz,
    /// Shape leads × samples, mV; NaN = missing.
    pub samples: Array2<f32>,
    /// Samples of each lead of the whole recording, where `samples` holds its beginning only (a day is analysed window by
    /// window and never in memory at once); `None` = `samples` is all of it.
    pub length: Option<usize>,
    /// Leads computed from others (III = II − I, …) and not recorded.
    pub derived: Vec<LeadName>,
    /// What the file says of the patient.
    pub patient: Patient,
    /// Local start of the recording, when said.
    pub start: Option<jiff::civil::DateTime>,
    /// Where it came from.
    pub origin: Origin,
    /// Marks that came with the recording (experts' or the device's), in order of time.
    pub annotations: Vec<Annotation>,
    /// What the recording device itself measured and said; shown beside ours, never mixed with ours.
    pub device: DeviceFindings,
    /// Free text of the file's header, as written (WFDB's info strings, remarks); may hold personal data.
    pub comments: Vec<String>,
    /// What was repaired, assumed or doubted while reading: shown in the report.
    pub notes: Vec<Text>,
}

impl Recording {
    /// A recording with nothing known but its signal; a decoder fills in the rest by update syntax or assignment.
    pub fn new(name: impl Into<String>, leads: Vec<LeadName>, rate: Hz, samples: Array2<f32>) -> Self {
        Self {
            name: name.into(),
            leads,
            rate,
            samples,
            length: None,
            derived: Vec::new(),
            patient: Patient::default(),
            start: None,
            origin: Origin::default(),
            annotations: Vec::new(),
            device: DeviceFindings::default(),
            comments: Vec::new(),
            notes: Vec::new(),
        }
    }

    /// Number of samples of each lead, of the whole recording.
    pub fn len(&self) -> usize {
        self.length.unwrap_or_else(|| self.samples.ncols())
    }

    /// Whether there is no sample at all.
    pub fn is_empty(&self) -> bool {
        self.samples.is_empty()
    }

    /// Length in seconds.
    pub fn seconds(&self) -> f64 {
        self.len() as f64 / self.rate.0
    }

    /// The same recording with only these rows, in this order; what the device said stays.
    #[must_use]
    pub fn select(&self, rows: &[usize]) -> Self {
        let rows: Vec<usize> = rows.iter().copied().filter(|r| *r < self.leads.len()).collect();
        let leads: Vec<LeadName> = rows.iter().map(|r| self.leads[*r].clone()).collect();
        let derived = self.derived.iter().filter(|d| leads.contains(d)).cloned().collect();
        Self { samples: self.samples.select(ndarray::Axis(0), &rows), leads, derived, ..self.clone() }
    }

    /// What this lead's millivolts are to be multiplied with where leads are compared ([`Origin::proportions`]); `None` for a lead
    /// computed from others whose scales contradict one another.
    pub fn proportion(&self, name: &LeadName) -> Option<f64> {
        let known = &self.origin.proportions;
        if known.is_empty() { Some(1.0) } else { known.iter().find(|(l, _)| l == name).map(|(_, factor)| *factor) }
    }

    /// The samples of one lead, if recorded or derived.
    pub fn lead(&self, name: &LeadName) -> Option<ArrayView1<'_, f32>> {
        self.leads.iter().position(|l| l == name).map(|i| self.samples.row(i))
    }
}

/// Where a recording came from.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Origin {
    /// `id` of the format it was read by.
    pub format: &'static str,
    /// SHA-256 of the file and the companions it names, lower-case hex; empty for simulated ECGs never written.
    pub sha256: String,
    /// Maker and model, when said.
    pub device: Option<String>,
    /// Filters the device applied, in its words.
    pub filters: Option<String>,
    /// Whether the file gives no scale that can be trusted: the shape is right, the millivolts are not.
    pub unscaled: bool,
    /// Where the file's scales contradict one another: factor by lead that brings the leads onto one (unknown) scale, for
    /// what needs their proportions only. Empty = they are on one already.
    pub proportions: Vec<(LeadName, f64)>,
    /// Mains frequency the file declares.
    pub mains: Option<Hz>,
}

/// A mark in the signal, by the MIT annotation codes' mnemonics (WFDB Applications Guide, "Annotations").
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Annotation {
    /// Who made it: the annotation file's extension (`atr`, `ii`); empty = the file itself or the device.
    pub annotator: Arc<str>,
    /// Sample index.
    pub sample: usize,
    /// Mnemonic: `N V A F / Q | ~ + " ( ) p t` …
    pub code: String,
    /// Subtype, channel and number fields as WFDB has them.
    pub subtype: i8,
    /// Signal the mark belongs to.
    pub channel: u8,
    /// The number field.
    pub num: i8,
    /// Text beside the mark (rhythm, comment).
    pub text: String,
}
