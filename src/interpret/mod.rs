//! Numbers to statements: rules fire on a [`Case`] with their evidence, `resolve` settles precedence and verdict.

mod rule;

pub use rule::{Case, Codes, Confidence, Evidence, Finding, Interpretation, Number, Rule, Severity, Source, Verdict};

/// Every statement, in report order.
pub static RULES: &[&Rule] = &[];

/// Interprets a case.
pub fn interpret(_case: &Case<'_>) -> Interpretation {
    Interpretation { findings: Vec::new(), verdict: Verdict::Uninterpretable, critical: false }
}
