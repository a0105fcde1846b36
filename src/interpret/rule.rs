//! The shape of a diagnostic statement: declared facts and one pure function that returns its evidence.

use crate::detect::Detection;
use crate::measure::Measurements;
use crate::signal::{LeadName, Patient, Recording};
use crate::text::Text;
use serde::{Deserialize, Serialize};

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
    /// DOI, when there is one.
    pub doi: Option<&'static str>,
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
    /// The limit, in words (`> 200`), empty when there is none.
    pub limit: String,
}

/// Why a statement holds.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Evidence {
    /// How sure.
    pub confidence: Confidence,
    /// Numbers.
    pub numbers: Vec<Number>,
    /// Leads.
    pub leads: Vec<LeadName>,
    /// Indexes of beats.
    pub beats: Vec<usize>,
}

impl Default for Evidence {
    fn default() -> Self {
        Self { confidence: Confidence::Definite, numbers: Vec::new(), leads: Vec::new(), beats: Vec::new() }
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
}
