//! Takes out of a recording what names its patient: name, identifiers, dates, in fields and free text alike.
//!
//! Everything is derived from a secret key by HMAC-SHA256 (RFC 2104), so that the same patient gets the same pseudonym
//! and the same shift of dates in every run and every file, intervals between recordings survive, and nobody without the
//! key can go back. Of the identifiers of 45 CFR 164.514(b)(2) ("safe harbor") an ECG file can hold, removed are names,
//! record numbers, dates (the start is shifted), ages over 89 (90 is written), telephone and identity card numbers,
//! e-mail addresses, and lines that name a physician, an institution or an address. Free text is searched for the names
//! and numbers known from the fields and for whatever looks like a date; a name that stands in free text only is not
//! known to be one, and a person must look.

mod scrub;

use crate::signal::Recording;
use crate::text::Text;
use hmac::{Hmac, KeyInit, Mac};
use jiff::ToSpan;
use scrub::Scrub;
use sha2::Sha256;
use std::collections::BTreeMap;

/// Shift of dates into the past, in days: more than a year, so that the year changes, and at most ten.
const SHIFT: std::ops::RangeInclusive<u64> = 366..=3650;

/// Ages above are one class (45 CFR 164.514(b)(2)(i)(C)).
const OLDEST: f64 = 89.0;

/// What was removed or changed, by field, with how many times; never the content.
pub type Removed = BTreeMap<&'static str, usize>;

/// Anonymises `recording` in place. Its name becomes a pseudonym too: file names often are patients' names.
pub fn anonymize(recording: &mut Recording, key: &[u8]) -> Removed {
    let mut removed = Removed::new();
    let patient = &recording.patient;
    let identity = patient.id.clone().or_else(|| patient.name.clone()).map(|i| i.trim().to_lowercase());
    let known = identity.is_some();
    // Without identity every recording is its own patient.
    let identity = identity.unwrap_or_else(|| recording.origin.sha256.clone());
    let scrub = Scrub::new([
        patient.name.as_deref().unwrap_or_default(),
        patient.id.as_deref().unwrap_or_default(),
        recording.name.as_str(),
    ]);
    let name =
        format!("anon-{}", hex(&mac(key, "recording", &format!("{} {}", recording.name, recording.origin.sha256))));
    texts(recording, &scrub, &mut removed);
    let patient = &mut recording.patient;
    if patient.age.is_none()
        && let (Some(birth), Some(start)) = (patient.birth, recording.start)
    {
        patient.age = birth.until((jiff::Unit::Year, start.date())).ok().map(|s| f64::from(s.get_years()).max(0.0));
    }
    if patient.age.is_some_and(|a| a > OLDEST) {
        patient.age = Some(OLDEST + 1.0);
        count(&mut removed, "patient.age");
    }
    if patient.birth.take().is_some() {
        count(&mut removed, "patient.birth");
    }
    if patient.name.take().is_some() {
        count(&mut removed, "patient.name");
    }
    if patient.id.take().is_some() {
        count(&mut removed, "patient.id");
    }
    patient.id = known.then(|| format!("anon-{}", hex(&mac(key, "patient", &identity))));
    if let Some(start) = &mut recording.start {
        let days = SHIFT.start() + number(&mac(key, "shift", &identity)) % (SHIFT.end() - SHIFT.start() + 1);
        *start = start.saturating_sub((days as i64).days());
        count(&mut removed, "start");
    }
    recording.name = name;
    count(&mut removed, "name");
    removed
}

/// Scrubs every free text of the recording.
fn texts(recording: &mut Recording, scrub: &Scrub, removed: &mut Removed) {
    let mut clean = |field: &'static str, text: &mut String| {
        if let Some(scrubbed) = scrub.text(text) {
            *text = scrubbed;
            count(removed, field);
        }
    };
    recording.comments.iter_mut().for_each(|c| clean("comments", c));
    recording.device.statements.iter_mut().for_each(|s| clean("device.statements", s));
    recording.annotations.iter_mut().for_each(|a| clean("annotations", &mut a.text));
    recording.origin.device.iter_mut().for_each(|d| clean("origin.device", d));
    recording.origin.filters.iter_mut().for_each(|f| clean("origin.filters", f));
    for note in &mut recording.notes {
        let (mut zh, mut en) = (note.zh.to_string(), note.en.to_string());
        clean("notes", &mut zh);
        clean("notes", &mut en);
        *note = Text::of(zh, en);
    }
}

fn count(removed: &mut Removed, field: &'static str) {
    *removed.entry(field).or_default() += 1;
}

fn mac(key: &[u8], purpose: &str, message: &str) -> Vec<u8> {
    // HMAC takes a key of any length; the error cannot happen.
    let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(key) else { return Vec::new() };
    mac.update(purpose.as_bytes());
    mac.update(&[0]);
    mac.update(message.as_bytes());
    mac.finalize().into_bytes().to_vec()
}

fn hex(bytes: &[u8]) -> String {
    format!("{:016x}", number(bytes))
}

fn number(bytes: &[u8]) -> u64 {
    bytes.iter().take(8).fold(0, |n, b| n << 8 | u64::from(*b))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::signal::{Hz, LeadName};
    use jiff::civil::date;

    fn recording(day: i8) -> Recording {
        let mut r = Recording::new("ZHANG San 0042", vec![LeadName::I], Hz(500.0), ndarray::Array2::zeros((1, 10)));
        r.patient.name = Some("张三".into());
        r.patient.id = Some("MRN-0042".into());
        r.patient.birth = Some(date(1930, 5, 2));
        r.start = Some(date(2026, 11, day).at(8, 0, 0, 0));
        r.comments = vec![
            "患者张三,2026年11月24日入院".into(),
            "Dx: 426783006, MRN-0042, seen 24-NOV-2026".into(),
            "Physician: Dr. House".into(),
            "Rate 72, PR 160".into(),
        ];
        r.device.statements = vec!["Unconfirmed, 11/24/2026".into(), "Sinus rhythm".into()];
        r
    }

    #[test]
    fn nothing_of_the_patient_is_left() {
        let mut r = recording(24);
        let removed = anonymize(&mut r, b"a secret of the centre");
        let all = format!("{r:?}");
        for secret in ["张三", "0042", "ZHANG", "2026", "House", "1930", "NOV"] {
            assert!(!all.contains(secret), "{secret} in {all}");
        }
        assert!(all.contains("426783006") && all.contains("Rate 72, PR 160") && all.contains("Sinus rhythm"));
        assert_eq!(r.patient.age, Some(90.0));
        assert_eq!((removed["comments"], removed["device.statements"], removed["patient.name"]), (3, 1, 1));
    }

    #[test]
    fn the_same_patient_is_shifted_alike_and_the_key_decides() {
        let (mut a, mut b, mut c) = (recording(20), recording(24), recording(24));
        anonymize(&mut a, b"key one");
        anonymize(&mut b, b"key one");
        anonymize(&mut c, b"key two");
        assert_eq!(a.patient.id, b.patient.id);
        assert_eq!(a.start.unwrap().until((jiff::Unit::Day, b.start.unwrap())).unwrap().get_days(), 4);
        assert_ne!(b.patient.id, c.patient.id);
        assert_ne!(b.start, c.start);
    }
}
