//! What a recording says of its patient. Every field may be unknown.

use serde::{Deserialize, Serialize};

/// Sex, as far as diagnostic limits depend on it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
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
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
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

impl Patient {
    /// A name from its parts: `Zhang, Wei` in Western writing, `张伟` in Chinese; `None` when both are empty.
    pub fn full_name(family: Option<&str>, given: Option<&str>) -> Option<String> {
        let part = |p: Option<&str>| p.map(str::trim).filter(|p| !p.is_empty()).map(ToString::to_string);
        match (part(family), part(given)) {
            (Some(family), Some(given)) if family.is_ascii() || given.is_ascii() || !east_asian(&family) => {
                Some(format!("{family}, {given}"))
            }
            (Some(family), Some(given)) => Some(family + &given),
            (family, given) => family.or(given),
        }
    }

    /// Sets the age from date of birth and recording where the file does not say it. A negative or absurd difference
    /// (a birth of 1900 as filler) is no age.
    pub fn fill_age(&mut self, start: Option<jiff::civil::DateTime>) {
        /// Oldest age believed, years.
        const OLDEST: f64 = 120.0;
        if let (None, Some(birth), Some(start)) = (self.age, self.birth, start) {
            let days = (start.date() - birth).get_days();
            let years = f64::from(days) / 365.2425;
            self.age =
                (0.0..=OLDEST).contains(&years).then_some(if years < 1.0 { years } else { whole_years(birth, start) });
        }
    }
}

fn whole_years(birth: jiff::civil::Date, start: jiff::civil::DateTime) -> f64 {
    let before_birthday = (start.month(), start.day()) < (birth.month(), birth.day());
    f64::from(start.year() - birth.year() - i16::from(before_birthday))
}

/// Han, kana or hangul: names written family first, without a space.
fn east_asian(s: &str) -> bool {
    s.chars().any(|c| matches!(c, '\u{3040}'..='\u{30ff}' | '\u{3400}'..='\u{9fff}' | '\u{ac00}'..='\u{d7af}' | '\u{20000}'..='\u{3ffff}'))
}
