//! What a recording says of its patient. Every field may be unknown.

use serde::Serialize;

/// Sex, as far as diagnostic limits depend on it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Sex {
    /// Female.
    Female,
    /// Male.
    Male,
}

impl Sex {
    /// Reads `M F male female 男 女 0 1`-free spellings found in files; anything else is unknown.
    pub fn parse(s: &str) -> Option<Self> {
        match s.trim().to_lowercase().as_str() {
            "m" | "male" | "man" | "男" | "男性" => Some(Self::Male),
            "f" | "female" | "woman" | "w" | "女" | "女性" => Some(Self::Female),
            _ => None,
        }
    }
}

/// The patient, as the file tells.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Patient {
    /// Identifier in the sender's system.
    pub id: Option<String>,
    /// Name as written.
    pub name: Option<String>,
    /// Sex.
    pub sex: Option<Sex>,
    /// Age in years at the recording; children under one year as a fraction.
    pub age: Option<f64>,
    /// Date of birth.
    pub birth: Option<jiff::civil::Date>,
    /// Height in cm.
    pub height_cm: Option<f64>,
    /// Weight in kg.
    pub weight_kg: Option<f64>,
}
