//! Precedence among the statements that fired, and the conclusion on the whole ECG.
//!
//! A statement that stands removes those its rule names in `replaces`; one that is removed itself removes nothing, so that
//! what it stood for is said again (sinus rhythm, where a premature beat explains the arrhythmia that had replaced it). No
//! chain of `replaces` leads back to its start (a test), so that the result does not depend on the order of the rules. The
//! verdict is the worst severity that stands.

use super::{Alarm, Finding, Severity, Tier, Verdict};
use std::collections::BTreeSet;

/// Families whose borderline statements are variants of the normal: with nothing else the ECG is otherwise normal.
const VARIANTS: &[&str] = &["rhythm", "axis", "ectopy"];
/// Statements after which nothing else is worth a verdict.
const UNINTERPRETABLE: &[&str] = &["no-qrs-found", "uninterpretable"];

/// Statements that are told even of a signal that cannot be read.
pub const VITAL: &[&str] = &["ventricular-fibrillation", "asystole"];

/// Whether the signal allows no interpretation.
pub fn is_unreadable(findings: &[Finding]) -> bool {
    findings.iter().any(|f| UNINTERPRETABLE.contains(&f.rule.id))
}

/// Removes what other findings make pointless or forbid; the order stays.
pub fn resolve(fired: Vec<Finding>) -> Vec<Finding> {
    let replacers = |id: &'static str| fired.iter().filter(move |f| f.rule.replaces.contains(&id)).map(|f| f.rule.id);
    let (mut stand, mut gone): (BTreeSet<&str>, BTreeSet<&str>) = (BTreeSet::new(), BTreeSet::new());
    loop {
        let told = stand.len() + gone.len();
        for id in fired.iter().map(|f| f.rule.id) {
            if replacers(id).any(|by| stand.contains(by)) {
                gone.insert(id);
            } else if replacers(id).all(|by| gone.contains(by)) {
                stand.insert(id);
            }
        }
        if told == stand.len() + gone.len() {
            break;
        }
    }
    let keep: Vec<bool> = fired.iter().map(|f| stand.contains(f.rule.id)).collect();
    fired.into_iter().zip(keep).filter_map(|(f, kept)| kept.then_some(f)).collect()
}

/// The conclusion.
pub fn verdict(findings: &[Finding], alarms: &[Alarm]) -> Verdict {
    let critical = alarms.iter().any(|a| a.tier == Tier::Critical);
    if critical || findings.iter().any(|f| f.rule.severity == Severity::Critical) {
        return Verdict::Critical;
    }
    if is_unreadable(findings) {
        return Verdict::Uninterpretable;
    }
    let heart = || findings.iter().filter(|f| f.rule.family != "technical");
    let worst = findings.iter().map(|f| f.rule.severity).max().unwrap_or(Severity::Normal);
    match worst {
        Severity::Abnormal | Severity::Critical => Verdict::Abnormal,
        Severity::Borderline => {
            let variant = |f: &&Finding| f.rule.severity == Severity::Borderline && !VARIANTS.contains(&f.rule.family);
            if findings.iter().any(|f| variant(&f)) { Verdict::Borderline } else { Verdict::OtherwiseNormal }
        }
        Severity::Normal if heart().any(|f| f.rule.id != "sinus-rhythm") => Verdict::OtherwiseNormal,
        Severity::Normal if heart().next().is_none() => Verdict::Uninterpretable,
        Severity::Normal => Verdict::Normal,
    }
}
