//! What the clinic knows of the patient and the moment.

use crate::pipeline::Options;
use crate::review::{Priority, Urgency};
use crate::signal::{Patient, Sex};
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

/// What the clinic said with the ECG. The file wins where both speak.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Clinical {
    /// Identifier of the patient.
    pub patient_id: Option<String>,
    /// Name of the patient.
    pub patient_name: Option<String>,
    /// Sex.
    pub sex: Option<Sex>,
    /// Age, years.
    pub age: Option<f64>,
    /// Ward or department.
    pub department: Option<String>,
    /// Symptoms.
    pub symptoms: Option<String>,
    /// Medication.
    pub medication: Option<String>,
    /// Earlier illness.
    pub history: Option<String>,
    /// Chest pain now.
    pub chest_pain: bool,
    /// When it began, local time.
    pub chest_pain_onset: Option<jiff::civil::DateTime>,
    /// Urgent.
    pub urgent: bool,
    /// Whom to call.
    pub phone: Option<String>,
}

/// Longest text of a field, characters.
const LONGEST: usize = 1000;

impl Clinical {
    /// Trimmed, empty fields absent, absurd ages absent; `None` where a field is longer than can be meant.
    pub fn tidy(mut self) -> Option<Self> {
        let fields = [
            &mut self.patient_id,
            &mut self.patient_name,
            &mut self.department,
            &mut self.symptoms,
            &mut self.medication,
            &mut self.history,
            &mut self.phone,
        ];
        for field in fields {
            *field = field.take().map(|s| s.trim().to_owned()).filter(|s| !s.is_empty());
            if field.as_ref().is_some_and(|s| s.chars().count() > LONGEST) {
                return None;
            }
        }
        self.age = self.age.filter(|a| (0.0..=130.0).contains(a));
        Some(self)
    }

    /// What the analysis may take from it.
    pub fn options(&self) -> Options {
        Options { sex: self.sex, age: self.age, ..Options::default() }
    }

    /// Fills in what the file does not say.
    pub fn complete(&self, patient: &mut Patient) {
        let fill = |known: &mut Option<String>, said: &Option<String>| {
            if known.as_ref().is_none_or(|k| k.trim().is_empty()) {
                known.clone_from(said);
            }
        };
        fill(&mut patient.id, &self.patient_id);
        fill(&mut patient.name, &self.patient_name);
        patient.sex = patient.sex.or(self.sex);
        patient.age = patient.age.or(self.age);
    }

    /// How urgent it is, before a critical value is known.
    pub fn urgency(&self, received: Timestamp, limit: SignedDuration) -> Urgency {
        Urgency { chest_pain: self.chest_pain, urgent: self.urgent, critical: false, received, limit }
    }
}

/// A group of the worklist as the database sorts it.
pub(crate) const fn rank(priority: Priority) -> i64 {
    match priority {
        Priority::Critical => 0,
        Priority::ChestPain => 1,
        Priority::Urgent => 2,
        Priority::Routine => 3,
    }
}

/// The group of a rank.
pub(crate) const fn priority(rank: i64) -> Priority {
    match rank {
        0 => Priority::Critical,
        1 => Priority::ChestPain,
        2 => Priority::Urgent,
        _ => Priority::Routine,
    }
}
