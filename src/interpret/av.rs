//! Atrioventricular conduction (AHA part II H; 2018 bradycardia guideline).

use super::dominant::{Dominant, REGULAR, dominant, few_leads};
use super::prelude::*;

/// How far above the limit PR must be, ms: two observers' onsets of P and QRS differ by this (CSE 1985).
/// Without it 3 of 9 missed blocks of PTB-XL and LUDB are found (all measure 202 ms) and 6 normal records at 202 and 204 ms
/// are called blocks.
const PR_TOLERANCE_MS: f64 = 4.0;
/// … and in children: the bounds are learned on adults, and at an infant's rate P begins up to 20 ms early by them.
const CHILD_PR_TOLERANCE_MS: f64 = 20.0;

fn tolerance(c: &Case<'_>) -> f64 {
    if c.adult() { PR_TOLERANCE_MS } else { CHILD_PR_TOLERANCE_MS }
}

fn sinus(c: &Case<'_>) -> bool {
    dominant(c) == Dominant::Sinus
}

fn with_p(c: &Case<'_>) -> bool {
    matches!(dominant(c), Dominant::Sinus | Dominant::EctopicAtrial | Dominant::Multifocal)
}

/// Atrial rate from which unconducted P waves are tachycardia's or flutter's and no sign of a diseased node, bpm.
const FASTEST_SINUS: f64 = 150.0;

/// Drift of QRS through the atrial cycle from which P and QRS are unrelated, ms: conducted beats drift by a few.
const DRIFT_MS: f64 = 130.0;

/// The RR interval in which a P wave is dropped is at least this much longer than those in which none is.
const LENGTHENS: f64 = 1.2;

/// Enough P waves that follow each other evenly.
fn regular_p(c: &Case<'_>) -> bool {
    c.detection.p_waves.len() >= 5 && c.rhythm().pp_spread.is_some_and(|s| s < 0.08)
}

/// P waves and QRS complexes each regular and unrelated.
fn dissociated(c: &Case<'_>) -> Option<bool> {
    let r = c.rhythm();
    // Where a P wave stands before most beats at one distance, they belong together.
    let tied = r.p_fraction.is_some_and(|f| f >= 0.8) && r.pr_sd_ms.is_some_and(|s| s.0 < 40.0);
    let varying = !tied && r.drift_ms.is_some_and(|d| d.0 > DRIFT_MS);
    let paced = 2 * r.counts.paced >= r.counts.all;
    Some(regular_p(c) && varying && !paced && !few_leads(c) && r.unevenness? <= REGULAR && r.counts.all >= 4)
}

/// One unconducted P wave between conducted beats: PR of the first beat of the group, of the last before, of the next.
struct Drop {
    beat: usize,
    first_pr: f64,
    last_pr: f64,
    next_pr: f64,
}

/// Single unconducted P waves on time, with the PR intervals around them; `None` when there is none.
fn drops(c: &Case<'_>) -> Option<Vec<Drop>> {
    let (d, r) = (c.detection, c.rhythm());
    (sinus(c) && r.pp_spread? < 0.1 && r.p_rate_bpm?.0 < FASTEST_SINUS).then_some(())?;
    let pp = 60_000.0 / r.p_rate_bpm?.0;
    let gap = |k: usize| {
        let (a, b) = (d.p_waves.get(k.checked_sub(1)?)?, d.p_waves.get(k)?);
        Some(c.recording.rate.ms(b.peak.saturating_sub(a.peak) as f64).0)
    };
    let mut found = Vec::new();
    let mut group = 0;
    for &k in &r.blocked_p {
        let Some(wave) = d.p_waves.get(k) else { continue };
        // P waves in QRS or T stay unseen: the wave may come some cycles after the one seen before.
        let turns = |g: f64| (g / pp).round().clamp(1.0, 4.0);
        let on_time = gap(k).is_some_and(|g| (g / pp - turns(g)).abs() < 0.15)
            && gap(k + 1).is_some_and(|g| (g / pp - 1.0).abs() < 0.2);
        let Some(next) = d.beats.iter().position(|b| b.qrs.onset > wave.peak).filter(|n| *n > 0) else { continue };
        let pr = |i: usize| r.pr_ms.get(i).copied().flatten().map(|m| m.0);
        let known: Vec<f64> = (group..next).filter_map(pr).collect();
        // A P wave beside a ventricular beat finds the ventricles taken: that is no block.
        let taken = [next - 1, next].iter().any(|&n| r.classes.get(n) == Some(&BeatClass::V));
        // One PR far from the dropped beat says nothing of the last one.
        let told = known.len() >= 2 || pr(next - 1).is_some();
        if let (true, true, Some(&first_pr), Some(&last_pr), Some(next_pr)) =
            (on_time && !taken, told, known.first(), known.last(), pr(next))
        {
            found.push(Drop { beat: next, first_pr, last_pr, next_pr });
        }
        group = next;
    }
    // A "dropped" wave that costs the ventricles no time was none.
    let rr = |i: usize| r.rr_ms.get(i).copied().flatten().map(|m| m.0);
    let whole = |i: &usize| [i - 1, *i].iter().all(|&n| r.classes.get(n) == Some(&BeatClass::N));
    let held = |i: &usize| found.iter().any(|d: &Drop| d.beat == *i);
    let mut usual: Vec<f64> = (1..d.beats.len()).filter(|i| whole(i) && !held(i)).filter_map(rr).collect();
    usual.sort_by(f64::total_cmp);
    if let Some(usual) = usual.get(usual.len() / 2) {
        found.retain(|d| rr(d.beat).is_some_and(|held| held >= LENGTHENS * usual));
    }
    (!found.is_empty()).then_some(found)
}

fn dropped(c: &Case<'_>, drops: &[Drop]) -> Evidence {
    let (d, r) = (drops.len(), c.detection.p_waves.len());
    let mut e = fires().number(name::DROPPED, d as f64, "", "").number(name::P_WAVES, r as f64, "", "");
    if let Some(first) = drops.first() {
        e = e.number(name::PR_BEFORE, first.last_pr, "ms", "").number(name::PR_AFTER, first.next_pr, "ms", "");
    }
    e.beats(drops.iter().map(|d| d.beat))
}

pub static SHORT_PR: Rule = Rule {
    id: "short-pr",
    text: text("短PR间期", "Short PR interval"),
    family: "conduction",
    severity: Borderline,
    codes: codes(&["80"], &[], &["49578007"], &["6-5"]),
    criteria: text(
        "PR间期短于年龄下限（成人小于120 ms），无预激波",
        "PR below the age's limit (adults: 120 ms) without delta wave",
    ),
    source: &AHA_PART2,
    replaces: &[],
    when: |c| {
        let (pr, low) = (c.pr()?, norms::pr(c.patient).0);
        (sinus(c) && pr < low - 5.0).then(|| fires().number(name::PR, pr, "ms", format!("< {low}")))
    },
};

pub static FIRST_DEGREE: Rule = Rule {
    id: "first-degree-av-block",
    text: text("一度房室阻滞", "First-degree AV block"),
    family: "conduction",
    severity: Abnormal,
    codes: codes(&["82"], &["1AVB", "LPR"], &["270492004", "164947007"], &["6-3"]),
    criteria: text(
        "PR间期长于年龄上限（成人大于200 ms），每个P波后有QRS波",
        "PR above the age's limit (adults: 200 ms), a QRS after each P wave",
    ),
    source: &BRADY_2018,
    replaces: &[],
    when: |c| {
        let (pr, high) = (c.pr()?, norms::pr(c.patient).1);
        (with_p(c) && pr > high + tolerance(c)).then(|| fires().number(name::PR, pr, "ms", format!("> {high}")))
    },
};

pub static MARKED_FIRST_DEGREE: Rule = Rule {
    id: "marked-first-degree-av-block",
    text: text("一度房室阻滞，PR间期显著延长", "Marked first-degree AV block"),
    family: "conduction",
    severity: Abnormal,
    codes: codes(&["82"], &["1AVB", "LPR"], &["270492004", "164947007"], &["6-3"]),
    criteria: text("PR间期不短于300 ms", "PR of 300 ms or more"),
    source: &BRADY_2018,
    replaces: &["first-degree-av-block"],
    when: |c| c.pr().filter(|pr| with_p(c) && *pr >= 300.0).map(|pr| fires().number(name::PR, pr, "ms", "≥ 300")),
};

pub static WENCKEBACH: Rule = Rule {
    id: "wenckebach",
    text: text("二度I型房室阻滞", "Second-degree AV block, Mobitz I (Wenckebach)"),
    family: "conduction",
    severity: Abnormal,
    codes: codes(&["83"], &["2AVB"], &["54016002", "195042002"], &["6-2"]),
    criteria: text(
        "PR间期逐渐延长至一个P波不能下传，其后PR间期最短",
        "PR lengthens until a P wave is not conducted; PR is shortest after it",
    ),
    source: &BRADY_2018,
    replaces: &["first-degree-av-block", "marked-first-degree-av-block", "sinus-arrhythmia", "sinus-pause", "pause"],
    when: |c| {
        let drops = drops(c)?;
        let lengthening = drops.iter().filter(|d| d.last_pr - d.next_pr >= 20.0 || d.last_pr - d.first_pr >= 20.0);
        let n = lengthening.count();
        (n >= 1 && 2 * n >= drops.len()).then(|| dropped(c, &drops))
    },
};

pub static MOBITZ_II: Rule = Rule {
    id: "mobitz-ii",
    text: text("二度II型房室阻滞", "Second-degree AV block, Mobitz II"),
    family: "conduction",
    severity: Abnormal,
    codes: codes(&["84"], &["2AVB"], &["28189009", "195042002"], &["6-2-2"]),
    criteria: text("PR间期固定，间断出现P波不能下传", "PR constant, some P waves not conducted"),
    source: &BRADY_2018,
    replaces: &["sinus-arrhythmia", "sinus-pause", "pause"],
    when: |c| {
        let drops = drops(c)?;
        let constant =
            drops.iter().all(|d| (d.last_pr - d.next_pr).abs() < 20.0 && (d.last_pr - d.first_pr).abs() < 20.0);
        constant.then(|| dropped(c, &drops))
    },
};

pub static TWO_TO_ONE: Rule = Rule {
    id: "av-block-2-1",
    text: text("2:1房室阻滞", "2:1 AV block"),
    family: "conduction",
    severity: Abnormal,
    codes: codes(&["85"], &["2AVB"], &["195042002", "54016002"], &["6-2-3"]),
    criteria: text("P波规则，每两个P波中有一个下传", "Regular P waves, every second one conducted"),
    source: &BRADY_2018,
    replaces: &[
        "sinus-rhythm",
        "sinus-bradycardia",
        "marked-sinus-bradycardia",
        "mobitz-ii",
        "wenckebach",
        "first-degree-av-block",
    ],
    when: |c| {
        let (atrial, rate) = (c.rhythm().p_rate_bpm?.0, c.rate()?);
        let ratio = atrial / rate;
        let half = c.rhythm().blocked_p.len() as f64 / c.detection.p_waves.len().max(1) as f64;
        let fixed = c.rhythm().pr_sd_ms.is_some_and(|s| s.0 < 20.0);
        (regular_p(c) && (1.85..=2.15).contains(&ratio) && (0.4..=0.6).contains(&half) && fixed && rate < 75.0)
            .then(|| fires().number(name::ATRIAL_RATE, atrial, "bpm", "").number(name::RATIO, ratio, "", "= 2"))
    },
};

pub static HIGH_GRADE: Rule = Rule {
    id: "high-grade-av-block",
    text: text("高度房室阻滞", "High-grade AV block"),
    family: "conduction",
    severity: Abnormal,
    codes: codes(&["87"], &["2AVB"], &["284941000000107", "195042002"], &["6-2"]),
    criteria: text(
        "两个以上连续P波不能下传，房室传导比例3:1以上",
        "Two or more P waves in a row not conducted, ratio of 3:1 or more",
    ),
    source: &BRADY_2018,
    replaces: &[
        "mobitz-ii",
        "wenckebach",
        "sinus-rhythm",
        "sinus-bradycardia",
        "marked-sinus-bradycardia",
        "first-degree-av-block",
        "sinus-pause",
        "pause",
    ],
    when: |c| {
        let r = c.rhythm();
        let rows = r.blocked_p.windows(2).filter(|w| w[1] == w[0] + 1).count();
        let fixed = r.pr_sd_ms.is_some_and(|s| s.0 < 25.0);
        let tied = r.drift_ms.is_none_or(|d| d.0 < DRIFT_MS);
        (regular_p(c) && rows >= 1 && fixed && tied && r.p_rate_bpm?.0 > 1.5 * c.rate()?).then(|| {
            fires().number(name::ATRIAL_RATE, r.p_rate_bpm.map_or(0.0, |b| b.0), "bpm", "").number(
                name::DROPPED,
                r.blocked_p.len() as f64,
                "",
                "",
            )
        })
    },
};

pub static COMPLETE: Rule = Rule {
    id: "complete-av-block",
    text: text("三度房室阻滞", "Complete (third-degree) AV block"),
    family: "conduction",
    severity: Abnormal,
    codes: codes(&["88"], &["3AVB"], &["27885002"], &["6-1"]),
    criteria: text(
        "P波与QRS波无关（PR间期不定），PP与RR各自规则，心房率高于心室率，心室率低于60次/分",
        "P waves and QRS unrelated (PR varies), PP and RR each regular, atrial rate above the ventricular, which is below 60 bpm",
    ),
    source: &BRADY_2018,
    replaces: &[
        "sinus-rhythm",
        "sinus-bradycardia",
        "marked-sinus-bradycardia",
        "sinus-arrhythmia",
        "first-degree-av-block",
        "marked-first-degree-av-block",
        "av-block-2-1",
        "high-grade-av-block",
        "mobitz-ii",
        "wenckebach",
        "av-dissociation",
        "junctional-rhythm",
        "junctional-bradycardia",
        "ventricular-rhythm",
        "idioventricular-rhythm",
        "undetermined-rhythm",
        "ectopic-atrial-rhythm",
        "atrial-fibrillation-regular",
    ],
    when: |c| {
        let rate = c.rate().filter(|r| *r < 60.0)?;
        let atrial = c.rhythm().p_rate_bpm?.0;
        (dissociated(c)? && atrial > 1.25 * rate).then(|| {
            fires()
                .number(name::RATE, rate, "bpm", "< 60")
                .number(name::ATRIAL_RATE, atrial, "bpm", format!("> {rate:.0}"))
                .number(name::DRIFT, c.rhythm().drift_ms.map_or(0.0, |m| m.0), "ms", format!("> {DRIFT_MS}"))
        })
    },
};

pub static DISSOCIATION: Rule = Rule {
    id: "av-dissociation",
    text: text("房室分离", "AV dissociation"),
    family: "conduction",
    severity: Abnormal,
    codes: codes(&["89"], &[], &["50799005"], &["6-1"]),
    criteria: text(
        "P波与QRS波无关，PP与RR各自规则，心室率不低于心房率",
        "P waves and QRS unrelated, PP and RR each regular, ventricular rate not below the atrial",
    ),
    source: &AHA_PART2,
    replaces: &["first-degree-av-block", "sinus-arrhythmia"],
    when: |c| {
        let (rate, atrial) = (c.rate()?, c.rhythm().p_rate_bpm?.0);
        let apart = c.rhythm().p_fraction.is_none_or(|f| f < 0.5);
        (dissociated(c)? && apart && atrial <= 1.25 * rate && atrial > 35.0).then(|| {
            Evidence::of(Confidence::Probable)
                .number(name::ATRIAL_RATE, atrial, "bpm", "")
                .number(name::RATE, rate, "bpm", "")
                .number(name::DRIFT, c.rhythm().drift_ms.map_or(0.0, |m| m.0), "ms", format!("> {DRIFT_MS}"))
        })
    },
};

pub static RETROGRADE: Rule = Rule {
    id: "retrograde-conduction",
    text: text("室房逆传", "Retrograde (ventriculoatrial) conduction"),
    family: "conduction",
    severity: Abnormal,
    codes: codes(&["32"], &[], &[], &[]),
    criteria: text("多数QRS波后80–240 ms有逆行P波", "A retrograde P wave 80 to 240 ms after most QRS complexes"),
    source: &AHA_PART2,
    replaces: &[],
    when: |c| {
        let (d, r) = (c.detection, c.rhythm());
        let after = |b: &crate::detect::Beat| {
            d.p_waves.iter().any(|p| {
                p.peak > b.qrs.onset && (80.0..=240.0).contains(&c.recording.rate.ms((p.peak - b.qrs.onset) as f64).0)
            })
        };
        let n = d.beats.iter().filter(|b| after(b)).count();
        (d.beats.len() >= 5 && n as f64 > 0.7 * d.beats.len() as f64 && r.p_fraction.unwrap_or(0.0) < 0.2).then(|| {
            Evidence::of(Confidence::Possible).number(name::RETROGRADE, n as f64, "", "").number(
                name::BEATS,
                d.beats.len() as f64,
                "",
                "",
            )
        })
    },
};

pub static REENTRY: Rule = Rule {
    id: "av-reentry",
    text: text("考虑房室折返性心动过速", "Consider AV reentrant tachycardia"),
    family: "conduction",
    severity: Abnormal,
    codes: codes(&["56", "222"], &["PSVT"], &[], &[]),
    criteria: text(
        "窄QRS波心动过速，多数QRS波后80–240 ms有逆行P波",
        "A narrow-QRS tachycardia with a retrograde P wave 80 to 240 ms after most QRS complexes",
    ),
    source: &ESC_SVT,
    replaces: &["retrograde-conduction"],
    when: |c| (dominant(c) == Dominant::NarrowTachycardia).then(|| (RETROGRADE.when)(c))?,
};
