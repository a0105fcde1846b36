//! Remarks: free lines of a text header. What those of public databases say of the patient (`Age: 49`, `<sex>: F`,
//! MIT-BIH's `84 F 1525 167 x1`), and the `Key: value` lines in which our text writers keep what their format has no field
//! for. Lines of our own are consumed on reading, all others stay the recording's comments.

use crate::signal::{LeadName, Patient, Recording, Sex};

/// Ages above are codes for "unknown" or "over 89", not ages.
const OLDEST: f64 = 120.0;

const ID: &str = "Patient ID";
const NAME: &str = "Patient name";
const BIRTH: &str = "Birth date";
const HEIGHT: &str = "Height (cm)";
const WEIGHT: &str = "Weight (kg)";
const DEVICE: &str = "Recorder";
const FILTERS: &str = "Filters";
const DERIVED: &str = "Derived leads";
const STATEMENT: &str = "Device statement";

/// Takes into `recording` what its remarks say.
pub(super) fn take(recording: &mut Recording, lines: Vec<String>) {
    recording.patient = of(&lines);
    for line in lines {
        let known = line.split_once(": ").is_some_and(|(key, value)| own(recording, key, value));
        if !known {
            recording.comments.push(line);
        }
    }
}

fn own(recording: &mut Recording, key: &str, value: &str) -> bool {
    let patient = &mut recording.patient;
    match key {
        ID => patient.id = Some(value.into()),
        NAME => patient.name = Some(value.into()),
        BIRTH => patient.birth = value.parse().ok(),
        HEIGHT => patient.height_cm = value.parse().ok(),
        WEIGHT => patient.weight_kg = value.parse().ok(),
        DEVICE => recording.origin.device = Some(value.into()),
        FILTERS => recording.origin.filters = Some(value.into()),
        STATEMENT => recording.device.statements.push(value.into()),
        DERIVED => {
            let named = value.split_whitespace().map(|label| LeadName::parse(label).0);
            recording.derived = named.filter(|lead| recording.leads.contains(lead)).collect();
        }
        _ => return false,
    }
    true
}

/// The remarks of a recording: its comments, and what the format has no field for.
pub(super) fn lines(recording: &Recording) -> Vec<String> {
    let mut lines = recording.comments.clone();
    let patient = &recording.patient;
    let said = of(&lines);
    if said.age.is_none()
        && let Some(age) = patient.age
    {
        lines.push(format!("Age: {age}"));
    }
    if said.sex.is_none()
        && let Some(sex) = patient.sex
    {
        lines.push(format!("Sex: {}", if sex == Sex::Female { "Female" } else { "Male" }));
    }
    let derived: Vec<&str> = recording.derived.iter().map(LeadName::as_str).collect();
    let fields = [
        (ID, patient.id.clone()),
        (NAME, patient.name.clone()),
        (BIRTH, patient.birth.map(|b| b.to_string())),
        (HEIGHT, patient.height_cm.map(|h| h.to_string())),
        (WEIGHT, patient.weight_kg.map(|w| w.to_string())),
        (DEVICE, recording.origin.device.clone()),
        (FILTERS, recording.origin.filters.clone()),
        (DERIVED, (!derived.is_empty()).then(|| derived.join(" "))),
    ];
    lines.extend(fields.into_iter().filter_map(|(key, value)| Some(format!("{key}: {}", value?))));
    lines.extend(recording.device.statements.iter().map(|s| format!("{STATEMENT}: {s}")));
    lines
}

/// Reads age and sex; the first line that gives one wins.
fn of(comments: &[String]) -> Patient {
    let mut patient = Patient::default();
    for (n, line) in comments.iter().enumerate() {
        if n == 0 {
            let mut words = line.split_whitespace();
            if let (Some(a), Some(s)) = (words.next().and_then(age), words.next().and_then(Sex::parse)) {
                patient.age = Some(a);
                patient.sex = Some(s);
            }
        }
        patient.age = patient.age.or_else(|| value(line, "age").and_then(age));
        patient.sex = patient.sex.or_else(|| value(line, "sex").or_else(|| value(line, "gender")).and_then(Sex::parse));
    }
    patient
}

fn age(word: &str) -> Option<f64> {
    word.parse().ok().filter(|a| (0.0..=OLDEST).contains(a))
}

/// The word after `key:`, `<key>:` or `<key>`.
fn value<'a>(line: &'a str, key: &str) -> Option<&'a str> {
    let at = line.to_ascii_lowercase().find(key)?;
    let before = line.get(..at)?.chars().next_back();
    let rest = line.get(at + key.len()..)?;
    let body = rest.trim_start_matches([':', '=', '>', ' ', '\t']);
    let marked = rest.len() > body.len() && rest.starts_with([':', '=', '>', ' ']);
    let whole = before.is_none_or(|c| !c.is_alphanumeric());
    body.split([' ', '\t', ',', ';', '<']).next().filter(|w| marked && whole && !w.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn public_databases() {
        let of = |lines: &[&str]| {
            let p = of(&lines.iter().map(ToString::to_string).collect::<Vec<_>>());
            (p.age, p.sex)
        };
        assert_eq!(of(&["<age>: 51", "<sex>: F"]), (Some(51.0), Some(Sex::Female)));
        assert_eq!(of(&["Age: 74", "Sex: Male"]), (Some(74.0), Some(Sex::Male)));
        assert_eq!(of(&["<age>: 65 <sex>: M <diagnoses>: none"]), (Some(65.0), Some(Sex::Male)));
        assert_eq!(of(&["84 F 1525 167 x1", "Digoxin"]), (Some(84.0), Some(Sex::Female)));
        assert_eq!(of(&["Age: NaN", "Sex: Unknown", "Dosage: 5"]), (None, None));
        assert_eq!(of(&["age: 300"]), (None, None));
    }
}
