//! Numbers to statements: rules fire on a [`Case`] with their evidence, `resolve` settles precedence and verdict,
//! `critical` says what somebody must be told.

pub mod advice;
mod av;
mod axis;
mod catalog;
mod chambers;
mod children;
mod conduction;
pub mod critical;
mod dominant;
mod ectopy;
mod escapes;
mod facts;
mod fibrillation;
mod infarction;
mod intraventricular;
mod metabolic;
pub mod norms;
mod pacing;
mod patterns;
mod prelude;
mod repolarization;
mod resolve;
mod rhythm;
mod rule;
mod scar;
pub mod serial;
mod small;
mod sources;
mod technical;
mod ventricular;

pub use catalog::RULES;
pub use critical::{Settings, SettingsError};
pub use dominant::{Dominant, dominant};
pub use rule::{
    Alarm, Case, Codes, Confidence, Evidence, Finding, Interpretation, Number, Rule, Severity, Source, Tier, Verdict,
};

/// Interprets a case with the consensus' critical values.
pub fn interpret(case: &Case<'_>) -> Interpretation {
    interpret_with(case, &Settings::default())
}

/// Interprets a case with a centre's critical values.
pub fn interpret_with(case: &Case<'_>, settings: &Settings) -> Interpretation {
    let fired = RULES.iter().filter_map(|rule| Some(Finding { rule, evidence: (rule.when)(case)? }));
    // Without a scale nothing that rests on millivolts (or on millimetres of paper) may be said; ratios, times and shapes stand.
    let scaled = |f: &Finding| ["mV", "mm·s"].iter().any(|unit| f.evidence.rests_on(unit));
    let sayable = |f: &Finding| !case.recording.origin.unscaled || !scaled(f);
    let fired = fired.filter(sayable).collect();
    let mut findings = resolve::resolve(fired);
    let mut alarms = critical::alarms(case, &findings, settings);
    if resolve::is_unreadable(&findings) {
        // What cannot be read raises no alarm by its numbers; only a heart that may stand still does.
        findings.retain(|f| f.rule.family == "technical" || resolve::VITAL.contains(&f.rule.id));
        alarms.retain(|_| findings.iter().any(|f| resolve::VITAL.contains(&f.rule.id)));
    }
    let verdict = resolve::verdict(&findings, &alarms);
    Interpretation {
        verdict,
        critical: verdict == Verdict::Critical,
        advice: advice::advice(&findings, &alarms, verdict),
        notes: norms::notes(case.patient),
        findings,
        alarms,
    }
}
