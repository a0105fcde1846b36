//! Whether two ECGs are of one patient. Comparing a swapped patient's is worse than not comparing: it makes a new
//! infarct of two old hearts, or hides one.

use crate::signal::{Patient, Recording};
use crate::text::{Text, text};

/// How sure it is that both ECGs are of one patient.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Identity {
    /// Both files say the same patient number and nothing contradicts it.
    Proven,
    /// A file does not say the number; nothing contradicts.
    Unproven,
    /// Number, sex or date of birth differ.
    Contradicted,
}

/// An age may be wrong by so much against the time between the ECGs before it is a doubt, years: ages are rounded down
/// and typed by hand.
const AGE_SLACK: f64 = 2.0;
const DAYS_A_YEAR: f64 = 365.2425;

/// Compares what the files say of their patients; every reason for doubt is given.
pub fn identity(old: (&Recording, &Patient), new: (&Recording, &Patient)) -> (Identity, Vec<Text>) {
    let mut against = Vec::new();
    let mut doubts = Vec::new();
    let ids = (number(old.1), number(new.1));
    if let (Some(a), Some(b)) = &ids
        && a != b
    {
        against.push(Text::of(format!("患者编号不同：{a} 与 {b}"), format!("the patient numbers differ: {a} and {b}")));
    }
    if let (Some(a), Some(b)) = (old.1.sex, new.1.sex)
        && a != b
    {
        against.push(text("性别不同", "the sexes differ"));
    }
    if let (Some(a), Some(b)) = (old.1.birth, new.1.birth)
        && a != b
    {
        against.push(Text::of(format!("出生日期不同：{a} 与 {b}"), format!("the dates of birth differ: {a} and {b}")));
    }
    if let (Some(a), Some(b)) = (said(old.1.name.as_deref()), said(new.1.name.as_deref()))
        && folded(&a) != folded(&b)
    {
        doubts.push(Text::of(format!("姓名不同：{a} 与 {b}"), format!("the names differ: {a} and {b}")));
    }
    doubts.extend(ages(old, new));
    let identity = match (against.is_empty(), ids) {
        (false, _) => Identity::Contradicted,
        (true, (Some(_), Some(_))) => Identity::Proven,
        (true, _) => {
            doubts.push(text(
                "至少一份心电图没有可用的患者编号，请核对是否为同一患者",
                "a file does not say a patient number that can be relied on: check that both ECGs are of one patient",
            ));
            Identity::Unproven
        }
    };
    against.extend(doubts);
    (identity, against)
}

/// What devices and operators put where no number is known; two patients may well share it.
const FILLERS: &[&str] = &[
    "unknown",
    "none",
    "null",
    "na",
    "noid",
    "test",
    "removed",
    "demo",
    "无",
    "未知",
    "不详",
    "12345",
    "123456",
    "1234567",
    "12345678",
    "123456789",
    "1234567890",
];

/// The patient's number, where it is one: no filler, not one character throughout (`0000`), not an anonymiser's word.
pub fn number(patient: &Patient) -> Option<String> {
    let id = said(patient.id.as_deref())?;
    let plain: String = id.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect();
    let same = plain.chars().count() > 1 && plain.chars().all(|c| plain.starts_with(c));
    let zero = plain.is_empty() || plain == "0";
    (!same && !zero && !plain.starts_with("anon") && !FILLERS.contains(&plain.as_str())).then_some(id)
}

fn said(value: Option<&str>) -> Option<String> {
    value.map(str::trim).filter(|v| !v.is_empty()).map(str::to_string)
}

/// A name as it compares: `ZHANG, Wei` = `zhang wei`.
fn folded(name: &str) -> String {
    name.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect()
}

/// A doubt where the ages do not fit the time that lies between the ECGs.
fn ages(old: (&Recording, &Patient), new: (&Recording, &Patient)) -> Option<Text> {
    let (from, to) = (old.0.start?, new.0.start?);
    let passed = f64::from((to.date() - from.date()).get_days()) / DAYS_A_YEAR;
    let (a, b) = (old.1.age?, new.1.age?);
    ((b - a - passed).abs() > AGE_SLACK).then(|| {
        Text::of(
            format!("年龄与两次采集的间隔不符：{a:.0} 岁与 {b:.0} 岁，相隔 {passed:.1} 年"),
            format!("the ages do not fit the time between: {a:.0} and {b:.0} years, {passed:.1} years apart"),
        )
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::signal::{Hz, Sex};
    use jiff::civil::date;

    fn recording(day: jiff::civil::Date) -> Recording {
        let mut recording = Recording::new("r", Vec::new(), Hz(500.0), ndarray::Array2::zeros((0, 0)));
        recording.start = Some(day.at(9, 0, 0, 0));
        recording
    }

    fn patient() -> Patient {
        Patient {
            id: Some("0042".into()),
            name: Some("Zhang, Wei".into()),
            sex: Some(Sex::Female),
            age: Some(60.0),
            birth: Some(date(1966, 1, 2)),
            ..Patient::default()
        }
    }

    #[test]
    fn a_swapped_patient_is_seen() {
        let (old, new) = (recording(date(2026, 3, 1)), recording(date(2026, 9, 1)));
        let check = |change: &dyn Fn(&mut Patient)| {
            let mut other = patient();
            change(&mut other);
            identity((&old, &patient()), (&new, &other))
        };
        assert_eq!(check(&|_| ()), (Identity::Proven, Vec::new()));
        for wrong in [
            &(|p: &mut Patient| p.id = Some("0043".into())) as &dyn Fn(&mut Patient),
            &|p| p.sex = Some(Sex::Male),
            &|p| p.birth = Some(date(1966, 2, 1)),
        ] {
            assert_eq!(check(wrong).0, Identity::Contradicted);
        }
        assert_eq!(check(&|p| p.id = Some("  ".into())).0, Identity::Unproven);
        for filler in ["0", "0000", "ANON000001", "Unknown", "N/A", "12345"] {
            let anyone = Patient { id: Some(filler.into()), ..patient() };
            assert_eq!(identity((&old, &anyone), (&new, &anyone)).0, Identity::Unproven, "{filler}");
        }
        assert_eq!(check(&|p| p.name = Some("ZHANG wei".into())).1, Vec::new());
        assert_eq!(check(&|p| p.name = Some("Li, Na".into())).1.len(), 1);
        assert_eq!(check(&|p| p.age = Some(31.0)).1.len(), 1);
    }
}
