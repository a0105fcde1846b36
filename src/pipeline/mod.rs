//! The only place where the stages are chained.

mod long;
mod stitch;

pub use long::{LONG, Windows, diagnose_windows, is_long};

use crate::detect::{Detection, detect};
use crate::interpret::{Case, Interpretation, Settings, interpret_with};
use crate::measure::{Measurements, measure};
use crate::signal::{Patient, Recording, Sex};

/// What the caller knows that the file may lack; the file wins where both speak.
#[derive(Clone, Debug, Default)]
pub struct Options {
    /// Sex for files that lack it.
    pub sex: Option<Sex>,
    /// Age in years for files that lack it.
    pub age: Option<f64>,
    /// A centre's thresholds of critical values.
    pub critical: Settings,
}

/// Everything the program found in one recording.
#[derive(Clone)]
pub struct Diagnosis {
    /// Whose limits were used.
    pub patient: Patient,
    /// What is in the signal.
    pub detection: Detection,
    /// The numbers.
    pub measurements: Measurements,
    /// The statements.
    pub interpretation: Interpretation,
}

/// Detects, measures and interprets. Never fails: what is not measurable is said to be so.
pub fn diagnose(recording: &Recording, options: &Options) -> Diagnosis {
    if is_long(recording.leads.len(), recording.len()) {
        return long::in_memory(recording, options);
    }
    conclude(recording, detect(recording), options)
}

/// Numbers and statements of what was detected.
fn conclude(recording: &Recording, detection: Detection, options: &Options) -> Diagnosis {
    let mut patient = recording.patient.clone();
    patient.sex = patient.sex.or(options.sex);
    patient.age = patient.age.or(options.age);
    let measurements = measure(recording, &detection);
    let case = Case::new(recording, &detection, &measurements, &patient);
    let interpretation = interpret_with(&case, &options.critical);
    Diagnosis { patient, detection, measurements, interpretation }
}
