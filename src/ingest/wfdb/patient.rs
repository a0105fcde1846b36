//! What the info strings of public databases say of the patient: `Age: 49`, `<sex>: F`, MIT-BIH's `84 F 1525 167 x1`.

use crate::signal::{Patient, Sex};

/// Ages above are codes for "unknown" or "over 89", not ages.
const OLDEST: f64 = 120.0;

/// Reads age and sex; the first line that gives one wins.
pub fn of(comments: &[String]) -> Patient {
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
