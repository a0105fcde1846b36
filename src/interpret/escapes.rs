//! Escape beats: late, after a long interval (AHA part II D, F).

use super::dominant::few_leads;
use super::ectopy::{around, beats_of, on_top};
use super::prelude::*;

/// Late beats of a class.
fn escape(c: &Case<'_>, class: BeatClass) -> Option<Evidence> {
    let base = c.rhythm().sinus_rr_ms?.0;
    let late = |&i: &usize| around(c, i).is_some_and(|(before, _)| before > 1.2 * base && before > 1200.0);
    let all = beats_of(c, class);
    let found: Vec<usize> = all.iter().copied().filter(late).collect();
    (on_top(c) && !found.is_empty() && found.len() == all.len())
        .then(|| Evidence::of(Confidence::Probable).number(name::ESCAPES, found.len() as f64, "", "").beats(found))
}

pub static V_ESCAPE: Rule = Rule {
    id: "ventricular-escape",
    text: text("室性逸搏", "Ventricular escape complex(es)"),
    family: "ectopy",
    severity: Abnormal,
    codes: codes(&["62"], &[], &["81898007"], &["8-1-2"]),
    criteria: text("长间歇后延迟出现的宽大畸形QRS波", "Late wide and different QRS complexes after a long interval"),
    source: &CHINA_TERMS,
    replaces: &["ventricular-premature-beats"],
    when: |c| escape(c, BeatClass::V),
};

pub static J_ESCAPE: Rule = Rule {
    id: "junctional-escape",
    text: text("交界性逸搏", "Junctional escape complex(es)"),
    family: "ectopy",
    severity: Abnormal,
    codes: codes(&["37"], &[], &["426995002"], &[]),
    criteria: text(
        "长间歇后延迟出现、其前无P波的正常QRS波",
        "Late normal QRS complexes without P wave after a long interval",
    ),
    source: &CHINA_TERMS,
    replaces: &["pause"],
    when: |c| {
        let base = c.rhythm().sinus_rr_ms?.0;
        let found: Vec<usize> = c
            .rhythm()
            .rr_ms
            .iter()
            .enumerate()
            .filter(|(i, rr)| {
                rr.is_some_and(|m| m.0 > 1.25 * base && m.0 > 1200.0)
                    && c.class(*i) == Some(BeatClass::N)
                    && c.rhythm().pr_ms.get(*i).copied().flatten().is_none()
            })
            .map(|(i, _)| i)
            .collect();
        let sinus = c.rhythm().p_fraction? >= 0.6 && c.detection.atrial.p_present >= 0.6;
        (sinus && !few_leads(c) && !found.is_empty() && found.len() <= 3)
            .then(|| Evidence::of(Confidence::Probable).number(name::ESCAPES, found.len() as f64, "", "").beats(found))
    },
};
