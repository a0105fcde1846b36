//! An earlier ECG beside a report's own. A contradicted identity is refused here, so that no caller can forget to ask.

use super::Report;
use crate::interpret::serial::{Comparison, Ecg, Identity, compare, identity};
use crate::pipeline::Diagnosis;
use crate::signal::{Patient, Recording};
use crate::text::Text;

/// An earlier ECG of the patient and what changed since.
#[derive(Clone)]
pub struct Prior {
    /// The earlier ECG, as a report of its own.
    pub report: Report,
    /// What changed.
    pub comparison: Comparison,
}

/// Why two ECGs must not be compared: they are of different patients by what their files say.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[error("the two ECGs are not of one patient: {}", .0.iter().map(|t| t.en.as_ref()).collect::<Vec<_>>().join("; "))]
pub struct OtherPatient(pub Vec<Text>);

impl OtherPatient {
    /// The message in both languages.
    pub fn text(&self) -> Text {
        let joined = |get: fn(&Text) -> &str, between: &str| self.0.iter().map(get).collect::<Vec<_>>().join(between);
        Text::of(
            format!("两份心电图不是同一患者，未作比较：{}", joined(|t| &t.zh, "；")),
            format!("the two ECGs are not of one patient, nothing is compared: {}", joined(|t| &t.en, "; ")),
        )
    }
}

/// How sure it is that two ECGs are of one patient, by what their files say (what the command line added does not count).
pub fn same_patient(old: &Recording, new: &Recording) -> (Identity, Vec<Text>) {
    fn of(recording: &Recording) -> (&Recording, &Patient) {
        (recording, &recording.patient)
    }
    identity(of(old), of(new))
}

impl Report {
    /// The report with an earlier ECG to compare with. Refused where the files contradict one another on whose ECGs they
    /// are, unless somebody `vouched` for it; the contradiction is then said in the report.
    pub fn with_prior(
        mut self,
        recording: Recording,
        diagnosis: Diagnosis,
        vouched: bool,
    ) -> Result<Self, OtherPatient> {
        let (identity, reasons) = same_patient(&recording, &self.recording);
        if identity == Identity::Contradicted && !vouched {
            return Err(OtherPatient(reasons));
        }
        let comparison = compare(&ecg(&recording, &diagnosis), &ecg(&self.recording, &self.diagnosis));
        let report = Self::new(recording, diagnosis, None);
        self.prior = Some(Box::new(Prior { report, comparison }));
        Ok(self)
    }
}

fn ecg<'a>(recording: &'a Recording, diagnosis: &'a Diagnosis) -> Ecg<'a> {
    Ecg {
        recording,
        patient: &diagnosis.patient,
        detection: &diagnosis.detection,
        measurements: &diagnosis.measurements,
        interpretation: &diagnosis.interpretation,
    }
}
