//! Ectopic beats (AHA part II D, F; modifiers 340 … 344).

use super::dominant::{Dominant, dominant, few_leads};
use super::prelude::*;
use std::collections::BTreeSet;

/// Whether the basic rhythm lets supraventricular ectopy be told: not in fibrillation, flutter or chaos.
fn basic(c: &Case<'_>) -> bool {
    matches!(
        dominant(c),
        Dominant::Sinus
            | Dominant::EctopicAtrial
            | Dominant::Junctional
            | Dominant::AtrialPaced
            | Dominant::VentricularPaced
    )
}

/// Whether ventricular beats are ectopy on another rhythm.
pub fn on_top(c: &Case<'_>) -> bool {
    !matches!(
        dominant(c),
        Dominant::Ventricular | Dominant::WideTachycardia | Dominant::VentricularFibrillation | Dominant::Nothing
    )
}

/// Indexes of the beats of a class, as far as time and shape bear it out.
pub fn beats_of(c: &Case<'_>, class: BeatClass) -> Vec<usize> {
    let classes = c.rhythm().classes.iter().enumerate();
    classes.filter(|(_, k)| **k == class).map(|(i, _)| i).collect()
}

/// The shape group of most beats of the basic rhythm.
fn main_group(c: &Case<'_>) -> Option<usize> {
    let own = beats_of(c, BeatClass::N);
    let group = |i: &usize| c.detection.beats.get(*i).map(|b| b.group);
    let count = |g: usize| own.iter().filter(|i| group(i) == Some(g)).count();
    own.iter().filter_map(group).collect::<BTreeSet<_>>().into_iter().max_by_key(|g| (count(*g), std::cmp::Reverse(*g)))
}

/// Beats so near to fibrillation are its own first or last, s.
const BESIDE_FIBRILLATION_S: f64 = 1.5;

/// Those of a class outside of runs of three and more and of fibrillation, which have statements of their own.
fn outside_runs(c: &Case<'_>, class: BeatClass) -> Vec<usize> {
    let in_run = |i: &usize| c.rhythm().runs.iter().any(|r| r.class == class && (r.first..=r.last).contains(i));
    let near = (BESIDE_FIBRILLATION_S * c.recording.rate.0) as usize;
    let in_fibrillation = |i: &usize| {
        let at = c.detection.beats.get(*i).map_or(0, |b| b.qrs.peak);
        c.detection.episodes.iter().any(|e| {
            e.kind == EpisodeKind::VentricularFibrillation && (e.from.saturating_sub(near)..e.to + near).contains(&at)
        })
    };
    let elsewhere = |i: &usize| in_run(i) || class == BeatClass::V && in_fibrillation(i);
    beats_of(c, class).into_iter().filter(|i| !elsewhere(i)).collect()
}

/// Whether they come six times a minute and more.
fn frequent(c: &Case<'_>, class: BeatClass) -> bool {
    outside_runs(c, class).len() as f64 >= 6.0 * c.recording.seconds() / 60.0
}

/// At least `least` beats of a class on top of another rhythm, outside of runs.
fn ectopic(c: &Case<'_>, class: BeatClass, least: usize) -> Option<Evidence> {
    let found = outside_runs(c, class);
    (on_top(c) && found.len() >= least).then(|| {
        let what = if class == BeatClass::F { name::FUSED } else { name::EARLY };
        let coupling = found.first().and_then(|&i| c.rhythm().rr_ms.get(i).copied().flatten());
        let limit = if least > 1 { format!("≥ {least}") } else { String::new() };
        // One beat is not counted: where it stands says more.
        let e = match (found.len(), coupling) {
            (1, Some(_)) => fires(),
            (n, _) => fires().number(what, n as f64, "", limit),
        };
        let e = match coupling {
            Some(rr) => e.number(name::COUPLING, rr.0, "ms", ""),
            None => e,
        };
        e.beats(found)
    })
}

fn supraventricular(c: &Case<'_>, least: usize) -> Option<Evidence> {
    basic(c).then(|| ectopic(c, BeatClass::S, least))?
}

/// Coupling of a single ventricular beat below which it falls on T beyond doubt, part of QT.
const R_ON_T_PART: f64 = 0.88;

/// Exactly two beats of a class in a row.
fn couplets(c: &Case<'_>, class: BeatClass) -> Option<Evidence> {
    let is = |k: Option<usize>| k.and_then(|k| c.class(k)) == Some(class);
    let found: Vec<usize> = (0..c.detection.beats.len())
        .filter(|&i| is(Some(i)) && is(Some(i + 1)) && !is(i.checked_sub(1)) && !is(Some(i + 2)))
        .collect();
    (on_top(c) && !found.is_empty())
        .then(|| fires().number(name::PAIRS, found.len() as f64, "", "").beats(found.iter().flat_map(|&i| [i, i + 1])))
}

/// Every `period`-th beat of a class, others ordinary, at least `times` in a row.
fn alternation(c: &Case<'_>, class: BeatClass, period: usize, times: usize) -> Option<Evidence> {
    let found = beats_of(c, class);
    let ordinary = |a: usize, b: usize| {
        c.rhythm().classes.get(a + 1..b).is_some_and(|between| between.iter().all(|k| *k == BeatClass::N))
    };
    let mut row = found.get(..1).unwrap_or_default().to_vec();
    let mut best = Vec::new();
    for w in found.windows(2) {
        if w[1] - w[0] == period && ordinary(w[0], w[1]) {
            row.push(w[1]);
        } else {
            row = vec![w[1]];
        }
        if row.len() > best.len() {
            best.clone_from(&row);
        }
    }
    let allowed = if class == BeatClass::S { basic(c) } else { on_top(c) };
    (allowed && best.len() >= times)
        .then(|| fires().number(name::TIMES, best.len() as f64, "", format!("≥ {times}")).beats(best))
}

/// RR before and after a beat, ms.
pub fn around(c: &Case<'_>, i: usize) -> Option<(f64, f64)> {
    let rr = |k: usize| c.rhythm().rr_ms.get(k).copied().flatten().map(|m| m.0);
    rr(i).zip(rr(i + 1))
}

/// Whether a premature beat's P wave may lie in the T wave before it.
fn p_hidden(c: &Case<'_>, i: usize) -> bool {
    let qt = c.global().qt_ms.map_or(400.0, |m| m.0);
    c.rhythm().rr_ms.get(i).copied().flatten().is_none_or(|rr| rr.0 < qt + 160.0)
}

pub static PVC: Rule = Rule {
    id: "ventricular-premature-beats",
    text: text("室性期前收缩", "Ventricular premature complex(es)"),
    family: "ectopy",
    severity: Abnormal,
    codes: codes(&["60"], &["PVC", "PRC(S)"], &["427172004", "17338001"], &["8-1-2"]),
    criteria: text(
        "提前出现的宽大畸形QRS波，其前无相关P波",
        "Premature wide and different QRS complexes without related P wave",
    ),
    source: &AHA_PART2,
    replaces: &[],
    when: |c| ectopic(c, BeatClass::V, 1),
};

pub static PVC_FREQUENT: Rule = Rule {
    id: "frequent-ventricular-premature-beats",
    text: text("频发室性期前收缩", "Frequent ventricular premature complexes"),
    family: "ectopy",
    severity: Abnormal,
    codes: codes(&["60"], &["PVC", "PRC(S)"], &["427172004", "17338001", "251180001"], &["8-1-2"]),
    criteria: text(
        "室性期前收缩每分钟6次及以上（记录中不少于3次，连续3个以上者不计）",
        "Six or more ventricular premature complexes a minute outside of runs, three or more of them recorded",
    ),
    source: &CHINA_TERMS,
    replaces: &["ventricular-premature-beats"],
    when: |c| frequent(c, BeatClass::V).then(|| ectopic(c, BeatClass::V, 3))?,
};

pub static PVC_MULTIFORM: Rule = Rule {
    id: "multiform-ventricular-premature-beats",
    text: text("多形性室性期前收缩", "Multiform ventricular premature complexes"),
    family: "ectopy",
    severity: Abnormal,
    codes: codes(&["60", "344"], &["PVC"], &["427172004", "10626002"], &["8-1-2"]),
    criteria: text("室性期前收缩有两种以上形态", "Ventricular premature complexes of two shapes or more"),
    source: &AHA_PART2,
    replaces: &["ventricular-premature-beats"],
    when: |c| {
        let n = beats_of(c, BeatClass::V);
        let shapes: BTreeSet<usize> = n.iter().map(|&i| c.detection.beats[i].group).collect();
        (shapes.len() >= 2 && n.len() >= 2).then(|| {
            let e = fires().number(name::EARLY, n.len() as f64, "", "");
            e.number(name::SHAPES, shapes.len() as f64, "", "≥ 2").beats(n)
        })
    },
};

pub static PVC_COUPLET: Rule = Rule {
    id: "ventricular-couplets",
    text: text("成对室性期前收缩", "Ventricular couplet(s)"),
    family: "ectopy",
    severity: Abnormal,
    codes: codes(&["60", "340"], &["PVC"], &["427172004", "251178000"], &["8-1-3"]),
    criteria: text("两个连续的室性期前收缩", "Two ventricular premature complexes in a row"),
    source: &AHA_PART2,
    replaces: &["ventricular-premature-beats"],
    when: |c| couplets(c, BeatClass::V),
};

pub static PVC_BIGEMINY: Rule = Rule {
    id: "ventricular-bigeminy",
    text: text("室性期前收缩二联律", "Ventricular bigeminy"),
    family: "ectopy",
    severity: Abnormal,
    codes: codes(&["60", "341"], &["PVC", "BIGU"], &["11157007"], &["8-1-2"]),
    criteria: text(
        "每个基本心搏后有一个室性期前收缩，连续3组以上",
        "A ventricular premature complex after each basic beat, three times in a row",
    ),
    source: &AHA_PART2,
    replaces: &["ventricular-premature-beats", "frequent-ventricular-premature-beats"],
    when: |c| alternation(c, BeatClass::V, 2, 3),
};

pub static PVC_TRIGEMINY: Rule = Rule {
    id: "ventricular-trigeminy",
    text: text("室性期前收缩三联律", "Ventricular trigeminy"),
    family: "ectopy",
    severity: Abnormal,
    codes: codes(&["60", "342"], &["PVC", "TRIGU"], &["251180001"], &["8-1-2"]),
    criteria: text(
        "每两个基本心搏后有一个室性期前收缩，连续3组以上",
        "A ventricular premature complex after every two basic beats, three times in a row",
    ),
    source: &AHA_PART2,
    replaces: &["ventricular-premature-beats", "frequent-ventricular-premature-beats"],
    when: |c| alternation(c, BeatClass::V, 3, 3),
};

pub static PVC_QUADRIGEMINY: Rule = Rule {
    id: "ventricular-quadrigeminy",
    text: text("室性期前收缩四联律", "Ventricular quadrigeminy"),
    family: "ectopy",
    severity: Abnormal,
    codes: codes(&["60"], &["PVC"], &["427172004"], &["8-1-2"]),
    criteria: text(
        "每三个基本心搏后有一个室性期前收缩，连续3组以上",
        "A ventricular premature complex after every three basic beats, three times in a row",
    ),
    source: &AHA_PART2,
    replaces: &["ventricular-premature-beats", "frequent-ventricular-premature-beats"],
    when: |c| alternation(c, BeatClass::V, 4, 3),
};

pub static PVC_INTERPOLATED: Rule = Rule {
    id: "interpolated-ventricular-premature-beats",
    text: text("插入性室性期前收缩", "Interpolated ventricular premature complex(es)"),
    family: "ectopy",
    severity: Abnormal,
    codes: codes(&["60"], &["PVC"], &["251182009"], &["8-1-2"]),
    criteria: text(
        "夹在两个窦性心搏之间的室性期前收缩，前后两个窦性心搏的间期接近一个基本RR间期",
        "A ventricular premature complex between two basic beats that are about one RR apart",
    ),
    source: &SURAWICZ,
    replaces: &["ventricular-premature-beats"],
    when: |c| {
        let base = c.rhythm().sinus_rr_ms?.0;
        let found: Vec<usize> = beats_of(c, BeatClass::V)
            .into_iter()
            .filter(|&i| [i.wrapping_sub(1), i + 1].iter().all(|&k| c.class(k).is_some_and(|k| k != BeatClass::V)))
            .filter(|&i| around(c, i).is_some_and(|(before, after)| before + after < 1.25 * base))
            .collect();
        (!found.is_empty()).then(|| fires().number(name::EARLY, found.len() as f64, "", "").beats(found))
    },
};

pub static R_ON_T: Rule = Rule {
    id: "r-on-t",
    text: text("R-on-T现象的室性期前收缩", "R-on-T ventricular premature complex"),
    family: "ectopy",
    severity: Critical,
    codes: codes(&["60"], &["PVC"], &["427172004"], &["8-1-2"]),
    criteria: text(
        "室性期前收缩起始于前一心搏T波终点之前",
        "A ventricular premature complex that starts before the end of the preceding T wave",
    ),
    source: &CHINA_CRITICAL,
    replaces: &["ventricular-premature-beats"],
    when: |c| {
        let qt = c.global().qt_ms?.0;
        let ms = |n: usize| c.recording.rate.ms(n as f64).0;
        let after = |i: usize| {
            let before = i.checked_sub(1).filter(|k| c.class(*k) == Some(BeatClass::N))?;
            let (a, b) = (c.detection.beats.get(before)?, c.detection.beats.get(i)?);
            Some(ms(b.qrs.onset.checked_sub(a.qrs.onset)?))
        };
        let limit = (qt - 20.0).min(400.0);
        let found: Vec<usize> =
            beats_of(c, BeatClass::V).into_iter().filter(|&i| after(i).is_some_and(|v| v < limit)).collect();
        // One beat at the very end of T is within the error of two bounds: it must not raise an alarm by itself.
        let clear = found.iter().filter_map(|&i| after(i)).any(|v| v < R_ON_T_PART * qt);
        (on_top(c) && (found.len() >= 2 || clear)).then(|| {
            Evidence::of(Confidence::Probable)
                .number(name::EARLY, found.len() as f64, "", "")
                .number(
                    name::AFTER_QRS,
                    found.iter().filter_map(|&i| after(i)).fold(f64::MAX, f64::min),
                    "ms",
                    format!("< {limit:.0}"),
                )
                .number(name::QT, qt, "ms", "")
                .beats(found)
        })
    },
};

pub static FUSION: Rule = Rule {
    id: "fusion-complexes",
    text: text("室性融合波", "Ventricular fusion complex(es)"),
    family: "ectopy",
    severity: Abnormal,
    codes: codes(&["61"], &[], &["13640000"], &["8-1-2"]),
    criteria: text(
        "形态介于窦性与室性心搏之间的QRS波",
        "QRS complexes of a shape between the basic and the ventricular beats'",
    ),
    source: &AHA_PART2,
    replaces: &[],
    when: |c| ectopic(c, BeatClass::F, 1),
};

pub static PAC: Rule = Rule {
    id: "atrial-premature-beats",
    text: text("房性期前收缩", "Atrial premature complex(es)"),
    family: "ectopy",
    severity: Borderline,
    codes: codes(&["30"], &["PAC", "PRC(S)"], &["284470004", "63593006"], &["8-1-1"]),
    criteria: text(
        "提前出现的QRS波，形态与基本心搏相同，其前有异位P波或P波融入前一T波",
        "Premature QRS complexes shaped like the basic ones, with an ectopic P wave or one hidden in the T wave",
    ),
    source: &AHA_PART2,
    replaces: &["sinus-arrhythmia"],
    when: |c| supraventricular(c, 1),
};

pub static PAC_FREQUENT: Rule = Rule {
    id: "frequent-atrial-premature-beats",
    text: text("频发房性期前收缩", "Frequent atrial premature complexes"),
    family: "ectopy",
    severity: Abnormal,
    codes: codes(&["30"], &["PAC", "PRC(S)"], &["284470004", "63593006"], &["8-1-1"]),
    criteria: text(
        "房性期前收缩每分钟6次及以上（记录中不少于3次，连续3个以上者不计）",
        "Six or more atrial premature complexes a minute outside of runs, three or more of them recorded",
    ),
    source: &CHINA_TERMS,
    replaces: &["atrial-premature-beats", "sinus-arrhythmia"],
    when: |c| frequent(c, BeatClass::S).then(|| supraventricular(c, 3))?,
};

pub static PAC_COUPLET: Rule = Rule {
    id: "atrial-couplets",
    text: text("成对房性期前收缩", "Atrial couplet(s)"),
    family: "ectopy",
    severity: Abnormal,
    codes: codes(&["30", "340"], &["PAC"], &["284470004", "63593006"], &["8-1-1"]),
    criteria: text("两个连续的房性期前收缩", "Two atrial premature complexes in a row"),
    source: &AHA_PART2,
    replaces: &["atrial-premature-beats", "sinus-arrhythmia"],
    when: |c| basic(c).then(|| couplets(c, BeatClass::S))?,
};

pub static PAC_BIGEMINY: Rule = Rule {
    id: "atrial-bigeminy",
    text: text("房性期前收缩二联律", "Atrial bigeminy"),
    family: "ectopy",
    severity: Abnormal,
    codes: codes(&["30", "341"], &["PAC", "BIGU"], &["251173003"], &["8-1-1"]),
    criteria: text(
        "每个基本心搏后有一个房性期前收缩，连续3组以上",
        "An atrial premature complex after each basic beat, three times in a row",
    ),
    source: &AHA_PART2,
    replaces: &["atrial-premature-beats", "frequent-atrial-premature-beats", "sinus-arrhythmia"],
    when: |c| alternation(c, BeatClass::S, 2, 3),
};

pub static PAC_TRIGEMINY: Rule = Rule {
    id: "atrial-trigeminy",
    text: text("房性期前收缩三联律", "Atrial trigeminy"),
    family: "ectopy",
    severity: Abnormal,
    codes: codes(&["30", "342"], &["PAC", "TRIGU"], &["284470004", "63593006"], &["8-1-1"]),
    criteria: text(
        "每两个基本心搏后有一个房性期前收缩，连续3组以上",
        "An atrial premature complex after every two basic beats, three times in a row",
    ),
    source: &AHA_PART2,
    replaces: &["atrial-premature-beats", "frequent-atrial-premature-beats", "sinus-arrhythmia"],
    when: |c| alternation(c, BeatClass::S, 3, 3),
};

pub static ATRIAL_RUN: Rule = Rule {
    id: "atrial-run",
    text: text("短阵房性心动过速", "Atrial run"),
    family: "ectopy",
    severity: Abnormal,
    codes: codes(&["30", "55"], &["PAC", "SVTAC", "PSVT"], &["713422000", "63593006"], &["8-4"]),
    criteria: text(
        "连续3个以上房性期前收缩，频率大于100次/分",
        "Three or more atrial premature complexes in a row above 100 bpm",
    ),
    source: &ESC_SVT,
    replaces: &["atrial-premature-beats", "atrial-couplets", "frequent-atrial-premature-beats", "sinus-arrhythmia"],
    when: |c| {
        let run = c.rhythm().runs.iter().find(|r| r.class == BeatClass::S && r.rate_bpm.0 > 100.0)?;
        basic(c).then(|| {
            fires()
                .number(name::IN_A_ROW, run.beats() as f64, "", "≥ 3")
                .number(name::RATE, run.rate_bpm.0, "bpm", "> 100")
                .beats(run.first..=run.last)
        })
    },
};

pub static PAC_ABERRANT: Rule = Rule {
    id: "aberrant-supraventricular-beats",
    text: text("房性期前收缩伴室内差异性传导", "Atrial premature complex(es) with aberrant conduction"),
    family: "ectopy",
    severity: Abnormal,
    codes: codes(&["30", "100"], &["PAC"], &["284470004"], &["8-1-1"]),
    criteria: text(
        "房性期前收缩的QRS形态不同于基本心搏",
        "Atrial premature complexes whose QRS differs from the basic shape",
    ),
    source: &AHA_PART2,
    replaces: &["atrial-premature-beats", "sinus-arrhythmia"],
    when: |c| {
        let main = main_group(c)?;
        let found: Vec<usize> =
            beats_of(c, BeatClass::S).into_iter().filter(|&i| c.detection.beats[i].group != main).collect();
        (basic(c) && !found.is_empty())
            .then(|| Evidence::of(Confidence::Probable).number(name::EARLY, found.len() as f64, "", "").beats(found))
    },
};

/// Length of the pause after a nonconducted P wave, part of the basic RR.
const PAUSE_PART: f64 = 1.2;

pub static PAC_BLOCKED: Rule = Rule {
    id: "nonconducted-atrial-premature-beats",
    text: text("未下传的房性期前收缩", "Nonconducted atrial premature complex(es)"),
    family: "ectopy",
    severity: Abnormal,
    codes: codes(&["31"], &["PAC"], &["251170000"], &["8-1-1"]),
    criteria: text(
        "提前出现的P波后无QRS波，其后有不完全代偿间歇",
        "A premature P wave without QRS, followed by a pause",
    ),
    source: &AHA_PART2,
    replaces: &["sinus-arrhythmia", "sinus-pause", "pause", "mobitz-ii", "high-grade-av-block"],
    when: |c| {
        let (r, d) = (c.rhythm(), c.detection);
        let (pp, base) = (60_000.0 / r.p_rate_bpm?.0, r.sinus_rr_ms?.0);
        let ms = |n: usize| c.recording.rate.ms(n as f64).0;
        // The interval about P wave k is longer than the basic one: without a pause it is T or noise that looks like P.
        let pause = |k: usize| {
            let at = d.p_waves.get(k).map_or(0, |p| p.peak);
            let next = d.beats.partition_point(|b| b.qrs.peak <= at);
            r.rr_ms.get(next).copied().flatten().is_some_and(|rr| rr.0 >= PAUSE_PART * base)
        };
        let early: Vec<usize> = r
            .blocked_p
            .iter()
            .copied()
            .filter(|&k| {
                let pair = k.checked_sub(1).and_then(|j| d.p_waves.get(j)).zip(d.p_waves.get(k));
                pair.is_some_and(|(a, b)| ms(b.peak.saturating_sub(a.peak)) < 0.8 * pp) && pause(k)
            })
            .collect();
        (basic(c) && !few_leads(c) && !early.is_empty() && early.len() <= 3 && r.pp_spread? < 0.1)
            .then(|| Evidence::of(Confidence::Possible).number(name::DROPPED, early.len() as f64, "", ""))
    },
};

pub static JPC: Rule = Rule {
    id: "junctional-premature-beats",
    text: text("交界性期前收缩", "Junctional premature complex(es)"),
    family: "ectopy",
    severity: Borderline,
    codes: codes(&["36"], &["PRC(S)"], &["251164006", "63593006"], &["8-1-1"]),
    criteria: text(
        "提前出现的正常形态QRS波，其前无P波",
        "Premature QRS complexes of normal shape without P wave before them",
    ),
    source: &AHA_PART2,
    replaces: &["atrial-premature-beats", "sinus-arrhythmia"],
    when: |c| {
        let early = beats_of(c, BeatClass::S);
        let without = |&i: &usize| c.detection.beats[i].p.is_none() && !p_hidden(c, i);
        let found: Vec<usize> = early.iter().copied().filter(without).collect();
        (basic(c) && !found.is_empty() && found.len() == early.len())
            .then(|| Evidence::of(Confidence::Possible).number(name::EARLY, found.len() as f64, "", "").beats(found))
    },
};
