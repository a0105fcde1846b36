//! Ventricular rhythms and tachycardias (AHA part II F, G; Brugada 1991, Vereckei 2008).

use super::dominant::{Dominant, dominant, episode_seconds, undulates};
use super::prelude::*;
use crate::measure::Run;
use std::collections::BTreeSet;

/// Up to it a ventricular tachycardia may come from a fascicle, ms (Michowitz 2017).
const FASCICULAR_MS: f64 = 140.0;

/// The leads that speak for a ventricular origin of a wide-QRS tachycardia: initial dominant R in aVR (Vereckei step 1),
/// no RS complex in any chest lead (Brugada step 1), or a superior axis to the right.
fn ventricular_origin(c: &Case<'_>) -> Option<Vec<L>> {
    let avr = c.amp(&L::AvR)?;
    if avr.r() > 0.1 && avr.q() < 0.05 && avr.r() > avr.s() {
        return Some(vec![L::AvR]);
    }
    let seen = c.leads_where(CHEST, |_, _| true);
    let rs = c.leads_where(CHEST, |_, a| a.r() > 0.05 && a.s() > 0.05);
    if seen.len() >= 4 && rs.is_empty() {
        return Some(seen);
    }
    c.axis().filter(|a| *a < -90.0 || *a > 180.0).map(|_| vec![L::I, L::AvF])
}

fn polymorphic(c: &Case<'_>) -> Option<Evidence> {
    let run = c.rhythm().runs.iter().find(|r| {
        let beats = c.detection.beats.get(r.first..=r.last).unwrap_or_default();
        let shapes: BTreeSet<usize> = beats.iter().map(|b| b.group).collect();
        r.class == BeatClass::V && r.beats() >= 5 && r.rate_bpm.0 > 120.0 && shapes.len() >= 3
    })?;
    Some(
        Evidence::of(Confidence::Probable)
            .number(name::IN_A_ROW, run.beats() as f64, "", "≥ 5")
            .number(name::RATE, run.rate_bpm.0, "bpm", "> 120")
            .beats(run.first..=run.last),
    )
}

/// A fibrillation-like run that ends by itself: beats of the basic rhythm stand before it and after it.
fn ends_by_itself(c: &Case<'_>) -> Option<Evidence> {
    let d = c.detection;
    let run = d.episodes.iter().find(|e| e.kind == EpisodeKind::VentricularFibrillation)?;
    let basic = || d.beats.iter().filter(|b| b.group == 0 && b.class != BeatClass::V);
    let before = basic().filter(|b| b.qrs.peak < run.from).count();
    let after = basic().filter(|b| b.qrs.peak >= run.to).count();
    let s = run.to.saturating_sub(run.from) as f64 / c.recording.rate.0;
    (before >= 2 && after >= 1).then(|| {
        Evidence::of(Confidence::Probable).number(name::DURATION, s, "s", format!("< {:.0}", c.recording.seconds()))
    })
}

fn idioventricular(c: &Case<'_>, from: f64, to: f64) -> Option<Evidence> {
    let rate = c.rate().filter(|r| *r >= from && *r < to)?;
    let confidence = match dominant(c) {
        Dominant::Ventricular => Confidence::Definite,
        Dominant::WideSlow => Confidence::Probable,
        _ => return None,
    };
    Some(c.qrs_told(
        Evidence::of(confidence).number(name::RATE, rate, "bpm", format!("{from} … {to}")),
        0.0,
        f64::INFINITY,
        "",
    ))
}

pub static VF: Rule = Rule {
    id: "ventricular-fibrillation",
    text: text("心室颤动/心室扑动", "Ventricular fibrillation or flutter"),
    family: "rhythm",
    severity: Critical,
    codes: codes(&["74"], &[], &["164896001", "111288001"], &["8-2-1"]),
    criteria: text(
        "QRS波与T波消失，代以快速不规则或正弦样波动，持续3 s以上",
        "No QRS or T waves, fast irregular or sine-like undulation for 3 s or more",
    ),
    source: &VA_2017,
    replaces: &[
        "undetermined-rhythm",
        "uninterpretable",
        "poor-data-quality",
        "multiform-ventricular-premature-beats",
        "frequent-ventricular-premature-beats",
        "ventricular-premature-beats",
        "ventricular-couplets",
    ],
    when: |c| {
        let s = episode_seconds(c, EpisodeKind::VentricularFibrillation);
        (s >= 3.0).then(|| fires().number(name::DURATION, s, "s", "≥ 3"))
    },
};

pub static ASYSTOLE: Rule = Rule {
    id: "asystole",
    text: text("心室停搏", "Ventricular asystole"),
    family: "rhythm",
    severity: Critical,
    codes: codes(&["26"], &[], &["397829000"], &["8-5"]),
    criteria: text("电极在位而3 s以上无QRS波", "No QRS complex for 3 s or more though the electrodes are on"),
    source: &BRADY_2018,
    replaces: &["pause", "sinus-pause", "undetermined-rhythm"],
    when: |c| {
        let s = episode_seconds(c, EpisodeKind::Asystole);
        (s >= 3.0).then(|| fires().number(name::DURATION, s, "s", "≥ 3"))
    },
};

pub static VT: Rule = Rule {
    id: "ventricular-tachycardia",
    text: text("室性心动过速", "Ventricular tachycardia"),
    family: "rhythm",
    severity: Abnormal,
    codes: codes(&["70"], &[], &["164895002"], &["8-2-2"]),
    criteria: text(
        "室性心搏为主，心率大于100次/分；或宽QRS波心动过速符合Brugada或Vereckei标准",
        "Mostly ventricular beats above 100 bpm, or a wide-QRS tachycardia meeting Brugada's or Vereckei's criteria",
    ),
    source: &VERECKEI,
    replaces: &[
        "wide-qrs-tachycardia",
        "nonsustained-ventricular-tachycardia",
        "sinus-tachycardia",
        "ventricular-premature-beats",
        "frequent-ventricular-premature-beats",
        "ventricular-couplets",
    ],
    when: |c| {
        let rate = c.rate().filter(|r| *r > 100.0)?;
        match dominant(c) {
            Dominant::Ventricular => Some(fires().number(name::RATE, rate, "bpm", "> 100")),
            Dominant::WideTachycardia => {
                let reason = ventricular_origin(c)?;
                Some(Evidence::of(Confidence::Probable).number(name::RATE, rate, "bpm", "> 100").leads(reason))
            }
            _ => None,
        }
    },
};

pub static NSVT: Rule = Rule {
    id: "nonsustained-ventricular-tachycardia",
    text: text("短阵室性心动过速", "Nonsustained ventricular tachycardia"),
    family: "rhythm",
    severity: Abnormal,
    codes: codes(&["71"], &[], &["444658006"], &["8-2-2"]),
    criteria: text(
        "连续3个以上室性心搏，频率大于100次/分，持续不足30 s",
        "Three or more ventricular beats in a row above 100 bpm for less than 30 s",
    ),
    source: &VA_2017,
    replaces: &["ventricular-couplets"],
    when: |c| {
        let runs = || c.rhythm().runs.iter().filter(|r| r.class == BeatClass::V && r.rate_bpm.0 > 100.0);
        // The first of the longest is told, all are marked.
        let longest = runs().map(Run::beats).max()?;
        let run = runs().find(|r| r.beats() == longest)?;
        Some(
            fires()
                .number(name::IN_A_ROW, longest as f64, "", "≥ 3")
                .number(name::RATE, run.rate_bpm.0, "bpm", "> 100")
                .beats(runs().flat_map(|r| r.first..=r.last)),
        )
    },
};

pub static POLYMORPHIC_VT: Rule = Rule {
    id: "polymorphic-ventricular-tachycardia",
    text: text("多形性室性心动过速", "Polymorphic ventricular tachycardia"),
    family: "rhythm",
    severity: Critical,
    codes: codes(&["72"], &[], &["251158004"], &["8-2-2"]),
    criteria: text(
        "5个以上连续室性心搏，频率大于120次/分，QRS形态三种以上",
        "Five or more ventricular beats in a row above 120 bpm of three or more shapes",
    ),
    source: &VA_2017,
    replaces: &["ventricular-tachycardia", "nonsustained-ventricular-tachycardia"],
    when: |c| polymorphic(c),
};

pub static TORSADES: Rule = Rule {
    id: "torsades-de-pointes",
    text: text("尖端扭转型室性心动过速", "Torsades de pointes"),
    family: "rhythm",
    severity: Critical,
    codes: codes(&["73"], &[], &["31722008"], &["8-2-2"]),
    criteria: text(
        "多形性室性心动过速（或自行终止的类心室颤动样发作），且基础心律QTc间期不短于500 ms",
        "Polymorphic ventricular tachycardia (or a fibrillation-like run that ends by itself) with a QTc of 500 ms or more in the basic rhythm",
    ),
    source: &VA_2017,
    replaces: &[
        "polymorphic-ventricular-tachycardia",
        "ventricular-tachycardia",
        "nonsustained-ventricular-tachycardia",
        "ventricular-fibrillation",
        "multiform-ventricular-premature-beats",
        "sinus-arrhythmia",
        "poor-data-quality",
    ],
    when: |c| {
        let qtc = c.global().qtc_fridericia_ms.filter(|q| q.0 >= 500.0)?;
        Some(polymorphic(c).or_else(|| ends_by_itself(c))?.number(name::QTC_FRIDERICIA, qtc.0, "ms", "≥ 500"))
    },
};

pub static IVR: Rule = Rule {
    id: "idioventricular-rhythm",
    text: text("室性逸搏心律", "Idioventricular rhythm"),
    family: "rhythm",
    severity: Abnormal,
    codes: codes(&["63", "62"], &[], &["49260003"], &["8-2-3"]),
    criteria: text(
        "宽QRS波（或室性心搏为主）、无P波，心率低于40次/分",
        "Wide QRS (or mostly ventricular beats) without P waves below 40 bpm",
    ),
    source: &CHINA_TERMS,
    replaces: &[],
    when: |c| idioventricular(c, 0.0, 40.0),
};

pub static IVR_FASTER: Rule = Rule {
    id: "ventricular-rhythm",
    text: text("室性自主心律", "Ventricular rhythm"),
    family: "rhythm",
    severity: Abnormal,
    codes: codes(&["63"], &[], &["49260003"], &["8-2-3"]),
    criteria: text(
        "宽QRS波（或室性心搏为主）、无P波，心率40–60次/分",
        "Wide QRS (or mostly ventricular beats) without P waves at 40 to 60 bpm",
    ),
    source: &CHINA_TERMS,
    replaces: &[],
    when: |c| idioventricular(c, 40.0, 60.0),
};

pub static AIVR: Rule = Rule {
    id: "accelerated-idioventricular-rhythm",
    text: text("加速的室性自主心律", "Accelerated idioventricular rhythm"),
    family: "rhythm",
    severity: Abnormal,
    codes: codes(&["64"], &[], &["61277005"], &["8-2-3"]),
    criteria: text(
        "宽QRS波（或室性心搏为主）、无P波，心率60–100次/分",
        "Wide QRS (or mostly ventricular beats) without P waves at 60 to 100 bpm",
    ),
    source: &CHINA_TERMS,
    replaces: &[],
    when: |c| idioventricular(c, 60.0, 100.0),
};

pub static WIDE_TACHYCARDIA: Rule = Rule {
    id: "wide-qrs-tachycardia",
    text: text("宽QRS波心动过速", "Wide-QRS tachycardia"),
    family: "rhythm",
    severity: Abnormal,
    codes: codes(&["76"], &[], &["426525004"], &["8-2-2"]),
    criteria: text(
        "RR规则，QRS波增宽，看不到P波，心率高于100次/分，起源不能确定；或一半以上时间内多数导联如同单一波动而无静息",
        "Regular wide QRS without visible P wave above 100 bpm, origin not determined; or most leads swing like one wave without rest for more than half of the time",
    ),
    source: &BRUGADA_VT,
    replaces: &[],
    when: |c| {
        (dominant(c) == Dominant::WideTachycardia).then(|| {
            let (e, least) = (fires(), norms::complete_block(c.patient));
            let e = e.number(name::RATE, c.rate().unwrap_or(0.0), "bpm", "> 100");
            if undulates(c) {
                return e.number(name::UNDULATING, 100.0 * c.detection.undulating, "%", "> 50 %");
            }
            c.qrs_told(e, least, f64::INFINITY, format!("≥ {least}"))
        })
    },
};

pub static FASCICULAR_VT: Rule = Rule {
    id: "fascicular-tachycardia",
    text: text("提示左后分支型室性心动过速", "Suggests left posterior fascicular ventricular tachycardia"),
    family: "rhythm",
    severity: Abnormal,
    codes: codes(&["75"], &[], &[], &["8-2-2"]),
    criteria: text(
        "室性心动过速，QRS不超过140 ms，V1导联主波向上，电轴-45°至-120°，V6导联R/S不大于1",
        "Ventricular tachycardia with QRS of 140 ms or less, positive in V1, axis -45 to -120 degrees and R/S of 1 or less in V6",
    ),
    source: &MICHOWITZ,
    replaces: &[],
    when: |c| {
        let axis = (VT.when)(c).and(c.axis()).filter(|a| (-120.0..=-45.0).contains(a))?;
        let (v1, v6) = (c.amp(&L::V1)?, c.amp(&L::V6)?);
        (v1.up() > v1.down() && v6.r() <= v6.s() && c.qrs()? <= FASCICULAR_MS).then(|| {
            let e = Evidence::of(Confidence::Possible).number(name::AXIS, axis, "°", "−45 … −120");
            c.qrs_told(e, 0.0, FASCICULAR_MS, format!("≤ {FASCICULAR_MS}")).leads([L::V1, L::V6])
        })
    },
};
