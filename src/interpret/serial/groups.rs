//! To which comparison statement a diagnosis belongs (AHA/ACC/HRS part II, table of comparison statements).

use crate::interpret::{Finding, Rule, Severity};

/// Kind of diagnosis as the comparison statements sort them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Group {
    /// Rhythm and pacing (401).
    Rhythm,
    /// Single beats and short runs out of order (401).
    Ectopy,
    /// AV and intraventricular conduction (403).
    Conduction,
    /// Infarction and ischemic ST and T (402).
    Ischemia,
    /// QT, U, other ST and T (404).
    Repolarization,
    /// Axis, voltage, chambers, and what a statement "suggests" (405).
    Status,
}

/// ST and T statements that say ischemia; the other ones of their family do not.
const ISCHEMIC: &[&str] = &[
    "acute-ischemia",
    "consider-ischemia",
    "st-depression-anterior",
    "st-depression-lateral",
    "st-depression-inferior",
    "t-inversion-anterior",
    "t-inversion-lateral",
    "t-inversion-inferior",
    "giant-t-inversion",
    "st-elevation",
];
/// Sinus rhythm by its rates: the change among them is that of the heart rate, which has a limit of its own.
const SINUS: &[&str] =
    &["sinus-rhythm", "sinus-bradycardia", "marked-sinus-bradycardia", "sinus-tachycardia", "sinus-arrhythmia"];
/// Part II's "suggests" statements.
const SUGGESTS: std::ops::RangeInclusive<u16> = 200..=215;

/// The group of a statement; `None` for what says nothing of the heart (technical) and for normal variants, which
/// 400 excepts.
pub fn group(rule: &Rule) -> Option<Group> {
    let suggests = || rule.codes.aha.iter().filter_map(|c| c.parse().ok()).any(|c: u16| SUGGESTS.contains(&c));
    match rule.family {
        "technical" => None,
        "rhythm" | "pacing" => Some(Group::Rhythm),
        _ if rule.severity == Severity::Normal => None,
        "ectopy" => Some(Group::Ectopy),
        "conduction" => Some(Group::Conduction),
        "infarction" => Some(Group::Ischemia),
        "repolarization" if ISCHEMIC.contains(&rule.id) => Some(Group::Ischemia),
        "repolarization" if !suggests() => Some(Group::Repolarization),
        _ => Some(Group::Status),
    }
}

/// What a statement is at heart: its degrees (rates of fibrillation, lengths of QT) are one disease.
pub fn kind(id: &'static str) -> &'static str {
    const KINDS: &[&str] = &["atrial-fibrillation", "atrial-flutter", "ectopic-atrial", "junctional", "stemi", "lvh"];
    match id {
        id if SINUS.contains(&id) => "sinus",
        "long-qt" | "markedly-long-qt" | "borderline-long-qt" => "long-qt",
        "first-degree-av-block" | "marked-first-degree-av-block" => "first-degree-av-block",
        "sinus-pause" | "pause" => "pause",
        "junctional-escape" | "junctional-premature-beats" => id,
        "ventricular-paced-rhythm" | "p-synchronous-pacing" | "av-sequential-paced-rhythm" | "biventricular-pacing" => {
            "ventricular-pacing"
        }
        id => KINDS.iter().find(|k| id.starts_with(**k)).copied().unwrap_or(id),
    }
}

/// Whether a statement is of single premature beats: whether one falls into ten seconds is chance.
pub fn by_chance(rule: &Rule) -> bool {
    ["ventricular-premature-beats", "atrial-premature-beats", "junctional-premature-beats"].contains(&rule.id)
}

/// The finding that names the dominant rhythm: the first of its family in report order that is one.
pub fn rhythm(findings: &[Finding]) -> Option<&Finding> {
    const ON_TOP: &[&str] = &[
        "sinus-arrhythmia",
        "sinus-pause",
        "sinoatrial-block-second-degree",
        "pause",
        "wandering-atrial-pacemaker",
        "nonsustained-ventricular-tachycardia",
        "pacemaker-spikes",
        "intermittent-pacing",
        "failure-to-capture-ventricular",
        "failure-to-sense",
        "failure-to-pace",
    ];
    findings.iter().find(|f| group(f.rule) == Some(Group::Rhythm) && !ON_TOP.contains(&f.rule.id))
}
