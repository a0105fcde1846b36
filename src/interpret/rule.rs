//! The shape of a diagnostic statement: declared facts and one pure function that returns its evidence.

use super::conduction::Ventricular;
use super::dominant::Dominant;
use crate::detect::Detection;
use crate::measure::Measurements;
use crate::signal::{LeadName, Patient, Recording};
use crate::text::{Lang, Text};
use serde::{Deserialize, Serialize};
use std::cell::OnceCell;

/// What a rule may look at.
pub struct Case<'a> {
    /// The recording (names, rate, notes; rules do not compute on samples).
    pub recording: &'a Recording,
    /// What was found.
    pub detection: &'a Detection,
    /// What was measured.
    pub measurements: &'a Measurements,
    /// Whose ECG it is.
    pub patient: &'a Patient,
    /// What many rules ask for, found once.
    pub(super) told: Told,
}

/// Answers about a case, each found when it is first asked for.
#[derive(Default)]
pub(super) struct Told {
    pub(super) dominant: OnceCell<Dominant>,
    pub(super) ventricular: OnceCell<Ventricular>,
}

impl<'a> Case<'a> {
    /// What rules may look at.
    pub fn new(
        recording: &'a Recording,
        detection: &'a Detection,
        measurements: &'a Measurements,
        patient: &'a Patient,
    ) -> Self {
        Self { recording, detection, measurements, patient, told: Told::default() }
    }
}

/// How urgent a statement is by itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// Normal, or says nothing about the heart.
    Normal,
    /// A variant of the normal or borderline.
    Borderline,
    /// Abnormal.
    Abnormal,
    /// Must be told at once.
    Critical,
}

/// How sure the statement is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Confidence {
    /// "possible"
    Possible,
    /// "probable"
    Probable,
    /// Definite.
    Definite,
}

/// The statement in the code systems of others; lists because one statement may need several.
#[derive(Clone, Copy, Debug, Default, Serialize)]
pub struct Codes {
    /// AHA/ACC/HRS 2007 part II primary statement numbers.
    pub aha: &'static [&'static str],
    /// SCP-ECG / PTB-XL acronyms.
    pub scp: &'static [&'static str],
    /// SNOMED CT.
    pub snomed: &'static [&'static str],
    /// Minnesota code.
    pub minnesota: &'static [&'static str],
}

/// A citation.
#[derive(Debug, Serialize)]
pub struct Source {
    /// Authors, title in short, year.
    pub cite: &'static str,
    /// The same in English, where it was not written so.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub english: Option<&'static str>,
    /// DOI, when there is one.
    pub doi: Option<&'static str>,
}

impl Source {
    /// The citation as a reader of `lang` finds it, without DOI.
    pub fn said(&self, lang: Lang) -> &'static str {
        self.english.filter(|_| lang == Lang::En).unwrap_or(self.cite)
    }
}

/// A diagnostic statement.
pub struct Rule {
    /// Stable id, kebab-case.
    pub id: &'static str,
    /// Wording as printed.
    pub text: Text,
    /// Family, kebab-case: rhythm, conduction, …
    pub family: &'static str,
    /// Urgency.
    pub severity: Severity,
    /// Codes.
    pub codes: Codes,
    /// Criteria in words.
    pub criteria: Text,
    /// By whom.
    pub source: &'static Source,
    /// Statements that this one makes pointless or forbids.
    pub replaces: &'static [&'static str],
    /// The evidence, when the statement holds.
    pub when: fn(&Case<'_>) -> Option<Evidence>,
}

/// One number that fired a statement, with the limit it broke.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Number {
    /// What was measured.
    pub name: Text,
    /// Its value.
    pub value: f64,
    /// Its unit (`ms`, `mV`, `bpm`, `°`, `%` or empty).
    pub unit: &'static str,
    /// The limit as printed (`> 200`, `≥ 50`, `−10 … 100`), empty when there is none.
    pub limit: String,
}

/// Why a statement holds.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Evidence {
    /// How sure.
    pub confidence: Confidence,
    /// Where in the heart, or how old, when the statement's wording leaves it open.
    pub qualifier: Option<Text>,
    /// Numbers.
    pub numbers: Vec<Number>,
    /// Leads.
    pub leads: Vec<LeadName>,
    /// Indexes of beats.
    pub beats: Vec<usize>,
}

impl Default for Evidence {
    fn default() -> Self {
        Self {
            confidence: Confidence::Definite,
            qualifier: None,
            numbers: Vec::new(),
            leads: Vec::new(),
            beats: Vec::new(),
        }
    }
}

impl Evidence {
    /// Evidence of a confidence below definite.
    pub fn of(confidence: Confidence) -> Self {
        Self { confidence, ..Self::default() }
    }

    /// With a number that fired it and the limit that the number broke.
    #[must_use]
    pub fn number(mut self, name: Text, value: f64, unit: &'static str, limit: impl Into<String>) -> Self {
        self.numbers.push(Number { name, value, unit, limit: limit.into() });
        self
    }

    /// Whether one of its numbers has this unit.
    pub fn rests_on(&self, unit: &str) -> bool {
        self.numbers.iter().any(|n| n.unit == unit)
    }

    /// With the leads that show it, each once, in a report's order.
    #[must_use]
    pub fn leads(mut self, leads: impl IntoIterator<Item = LeadName>) -> Self {
        self.leads.extend(leads);
        self.leads.sort_unstable();
        self.leads.dedup();
        self
    }

    /// With the beats that show it.
    #[must_use]
    pub fn beats(mut self, beats: impl IntoIterator<Item = usize>) -> Self {
        self.beats.extend(beats);
        self
    }

    /// With the part of the heart or the age.
    #[must_use]
    pub fn qualifier(mut self, qualifier: Text) -> Self {
        self.qualifier = Some(qualifier);
        self
    }
}

/// A statement that holds, with its evidence.
#[derive(Clone)]
pub struct Finding {
    /// The statement.
    pub rule: &'static Rule,
    /// Its evidence.
    pub evidence: Evidence,
}

impl Finding {
    /// The statement as printed, with how sure it is and where: `考虑下壁心肌梗死`, `Probable inferior infarct`.
    pub fn wording(&self) -> Text {
        let (zh, en) = (&self.rule.text.zh, &self.rule.text.en);
        let place = self.evidence.qualifier.as_ref();
        let (zh, en) = match place {
            Some(p) => (format!("{zh}（{}）", p.zh), format!("{en} ({})", p.en)),
            None => (zh.to_string(), en.to_string()),
        };
        // "Possible possible …" would be said by a statement whose own words carry the doubt already.
        let said = en.to_lowercase();
        let hedged = ["possible", "probable", "suggests", "consider", "cannot"].iter().any(|w| said.contains(w));
        match self.evidence.confidence {
            Confidence::Definite => Text::of(zh, en),
            _ if hedged => Text::of(zh, en),
            Confidence::Probable => Text::of(format!("考虑{zh}"), format!("Probable {}", lower_first(&en))),
            Confidence::Possible => Text::of(format!("{zh}可能"), format!("Possible {}", lower_first(&en))),
        }
    }
}

/// The phrase as it stands inside a sentence: `LVH …`, `ST …` and people's names keep their capitals.
pub(super) fn lower_first(phrase: &str) -> String {
    const NAMES: [&str; 3] = ["Brugada", "Cornell", "Wellens"];
    if NAMES.iter().any(|name| phrase.starts_with(name)) {
        return phrase.to_owned();
    }
    let mut chars = phrase.chars();
    match (chars.next(), chars.next()) {
        (Some(first), Some(second)) if second.is_lowercase() => {
            first.to_lowercase().chain(std::iter::once(second)).chain(chars).collect()
        }
        _ => phrase.to_owned(),
    }
}

/// The conclusion on the whole ECG.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Verdict {
    /// Normal ECG.
    Normal,
    /// Otherwise normal ECG (a variant only).
    OtherwiseNormal,
    /// Borderline ECG.
    Borderline,
    /// Abnormal ECG.
    Abnormal,
    /// Critical: tell someone now.
    Critical,
    /// The signal does not allow an interpretation.
    Uninterpretable,
}

/// The findings in report order and the conclusion.
#[derive(Clone)]
pub struct Interpretation {
    /// Findings that stand.
    pub findings: Vec<Finding>,
    /// Conclusion.
    pub verdict: Verdict,
    /// Whether a critical value is among them.
    pub critical: bool,
    /// Critical and major positive values, most urgent first, with the stretch of signal that shows each.
    pub alarms: Vec<Alarm>,
    /// What to do, without repetition.
    pub advice: Vec<Text>,
    /// Which limits were used where age or sex are unknown, and the like.
    pub notes: Vec<Text>,
}

/// How urgently somebody must be told.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Tier {
    /// 重大阳性值: to be told soon.
    MajorPositive,
    /// 危急值: to be told at once.
    Critical,
}

/// A critical value: what, how urgent, and where in the signal.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Alarm {
    /// Which of the centre's items was met, kebab-case.
    pub id: &'static str,
    /// Tier.
    pub tier: Tier,
    /// The item, as printed.
    pub text: Text,
    /// The number that met the limit.
    pub number: Option<Number>,
    /// First sample of the stretch that shows it.
    pub from: usize,
    /// One past its last sample.
    pub to: usize,
}
