//! Pacing and its failures (AHA part II N; Mulpuru 2017). Spikes below the recorder's bandwidth are not seen.

use super::dominant::{Dominant, dominant};
use super::prelude::*;

/// Evidence of ventricular pacing.
fn paced(c: &Case<'_>) -> Evidence {
    let beats = c.detection.beats.iter().enumerate().filter(|(_, b)| b.class == BeatClass::P).map(|(i, _)| i);
    let n = c.rhythm().counts;
    if n.paced == 0 {
        let spikes = c.detection.spikes.len() as f64;
        return Evidence::of(Confidence::Probable).number(name::SPIKES, spikes, "", "");
    }
    fires().number(name::PACED, n.paced as f64, "", "").number(name::BEATS, n.all as f64, "", "").beats(beats)
}

/// Paced beats with a second spike 80 … 300 ms before QRS.
fn two_spikes(c: &Case<'_>) -> usize {
    let ms = |n: usize| c.recording.rate.ms(n as f64).0;
    let early = |b: &&crate::detect::Beat| {
        c.detection.spikes.iter().any(|&s| s < b.qrs.onset && (80.0..=300.0).contains(&ms(b.qrs.onset - s)))
    };
    c.detection.beats.iter().filter(|b| b.class == BeatClass::P).filter(early).count()
}

/// Spikes that nothing follows: no QRS within 150 ms, none within the 300 ms before, no P wave within 200 ms.
fn lost_spikes(c: &Case<'_>) -> Vec<usize> {
    let (d, ms) = (c.detection, |n: usize| c.recording.rate.ms(n as f64).0);
    let near = |s: usize| {
        d.beats.iter().any(|b| {
            let (on, off) = (b.qrs.onset, b.qrs.offset);
            (on >= s && ms(on - s) < 150.0) || (s >= on && s <= off) || (s > off && ms(s - off) < 300.0)
        })
    };
    let p = |s: usize| d.p_waves.iter().any(|w| w.peak >= s && ms(w.peak - s) < 200.0);
    let end = c.recording.len().saturating_sub(c.recording.rate.samples(crate::signal::Ms(300.0)));
    d.spikes.iter().copied().filter(|&s| s < end && !near(s) && !p(s)).collect()
}

pub static V_PACED: Rule = Rule {
    id: "ventricular-paced-rhythm",
    text: text("心室起搏心律", "Ventricular-paced rhythm"),
    family: "pacing",
    severity: Abnormal,
    codes: codes(&["181"], &["PACE"], &["10370003"], &["6-8"]),
    criteria: text("多数QRS波由起搏脉冲引起", "Most QRS complexes follow a pacing spike"),
    source: &PACING,
    replaces: &["sinus-arrhythmia"],
    when: |c| (dominant(c) == Dominant::VentricularPaced).then(|| paced(c)),
};

pub static A_PACED: Rule = Rule {
    id: "atrial-paced-rhythm",
    text: text("心房起搏心律", "Atrial-paced rhythm"),
    family: "pacing",
    severity: Abnormal,
    codes: codes(&["180"], &["PACE"], &["10370003", "251268003"], &["6-8"]),
    criteria: text("起搏脉冲后有P波并下传为自身QRS波", "Pacing spikes followed by P waves and conducted QRS complexes"),
    source: &PACING,
    replaces: &["sinus-rhythm"],
    when: |c| {
        (dominant(c) == Dominant::AtrialPaced)
            .then(|| fires().number(name::SPIKES, c.detection.spikes.len() as f64, "", ""))
    },
};

pub static AV_PACED: Rule = Rule {
    id: "av-sequential-paced-rhythm",
    text: text("房室顺序起搏心律", "AV dual-paced rhythm"),
    family: "pacing",
    severity: Abnormal,
    codes: codes(&["184"], &["PACE"], &["10370003", "251266004"], &["6-8"]),
    criteria: text(
        "多数QRS波前80–300 ms另有一个起搏脉冲",
        "A second spike 80 to 300 ms before the ventricular one in most beats",
    ),
    source: &PACING,
    replaces: &["ventricular-paced-rhythm", "p-synchronous-pacing"],
    when: |c| {
        let n = two_spikes(c);
        let paced_beats = c.rhythm().counts.paced;
        (dominant(c) == Dominant::VentricularPaced && paced_beats > 0 && 2 * n >= paced_beats).then(|| paced(c))
    },
};

pub static ASVP: Rule = Rule {
    id: "p-synchronous-pacing",
    text: text("心房感知心室起搏心律", "Atrial-sensed ventricular-paced rhythm"),
    family: "pacing",
    severity: Abnormal,
    codes: codes(&["183"], &["PACE"], &["10370003"], &["6-8"]),
    criteria: text("心室起搏前有自身P波，PR间期固定", "Ventricular pacing after native P waves at a constant interval"),
    source: &PACING,
    replaces: &["ventricular-paced-rhythm"],
    when: |c| {
        let r = c.rhythm();
        let with_p = c.detection.beats.iter().filter(|b| b.class == BeatClass::P && b.p.is_some()).count();
        let fixed = r.pr_sd_ms.is_some_and(|s| s.0 < 25.0);
        (dominant(c) == Dominant::VentricularPaced
            && r.counts.paced > 0
            && with_p as f64 >= 0.7 * r.counts.paced as f64
            && fixed
            && 2 * two_spikes(c) < r.counts.paced)
            .then(|| Evidence::of(Confidence::Probable).number(name::WITH_P, with_p as f64, "", ""))
    },
};

pub static BIV_PACED: Rule = Rule {
    id: "biventricular-pacing",
    text: text(
        "心室起搏（非右心室心尖部，双心室起搏可能）",
        "Ventricular pacing, not from the right ventricular apex (suggests biventricular)",
    ),
    family: "pacing",
    severity: Abnormal,
    codes: codes(&["182"], &["PACE"], &["10370003"], &["6-8"]),
    criteria: text(
        "起搏QRS波在V1导联主波向上且在I导联有q波或主波向下",
        "Paced QRS positive in V1 with a q wave or a negative QRS in I",
    ),
    source: &PACING,
    replaces: &["ventricular-paced-rhythm", "p-synchronous-pacing"],
    when: |c| {
        let (i, v1) = (c.amp(&L::I)?, c.amp(&L::V1)?);
        (dominant(c) == Dominant::VentricularPaced && v1.up() > v1.down() && (i.q() > 0.05 || i.down() > i.up()))
            .then(|| Evidence { confidence: Confidence::Probable, ..paced(c) }.leads([L::I, L::V1]))
    },
};

pub static DEMAND: Rule = Rule {
    id: "intermittent-pacing",
    text: text("间歇性（按需）起搏", "Intermittent (demand) pacing"),
    family: "pacing",
    severity: Abnormal,
    codes: codes(&["181"], &["PACE"], &["10370003"], &["6-8"]),
    criteria: text("起搏心搏与自身心搏并存，起搏心搏不占多数", "Paced and native beats together, the paced ones fewer"),
    source: &PACING,
    replaces: &[],
    when: |c| {
        let n = c.rhythm().counts;
        (n.paced >= 1 && 2 * n.paced < n.all)
            .then(|| fires().number(name::PACED, n.paced as f64, "", "").number(name::BEATS, n.all as f64, "", ""))
    },
};

pub static SPIKES: Rule = Rule {
    id: "pacemaker-spikes",
    text: text("可见起搏脉冲", "Pacemaker spikes present"),
    family: "pacing",
    severity: Normal,
    codes: codes(&[], &["PACE"], &["10370003"], &[]),
    criteria: text("见两个以上起搏脉冲，未见起搏心搏", "Two spikes or more without paced beats"),
    source: &PACING,
    replaces: &[],
    when: |c| {
        let n = c.detection.spikes.len();
        let told = matches!(dominant(c), Dominant::AtrialPaced | Dominant::VentricularPaced);
        (n >= 2 && c.rhythm().counts.paced == 0 && !told)
            .then(|| Evidence::of(Confidence::Probable).number(name::SPIKES, n as f64, "", ""))
    },
};

pub static CAPTURE_V: Rule = Rule {
    id: "failure-to-capture-ventricular",
    text: text("心室起搏失夺获", "Failure to capture (ventricular)"),
    family: "pacing",
    severity: Abnormal,
    codes: codes(&["186"], &[], &["10370003"], &[]),
    criteria: text(
        "起搏心律中一个以上起搏脉冲后150 ms内无QRS波（且不在QRS波内及其后的不应期内，其后亦无P波）",
        "In a paced rhythm spikes without QRS within 150 ms, outside the refractory period and without P wave",
    ),
    source: &PACING,
    replaces: &[],
    when: |c| {
        let lost = lost_spikes(c);
        (c.rhythm().counts.paced >= 2 && two_spikes(c) == 0 && !lost.is_empty())
            .then(|| Evidence::of(Confidence::Probable).number(name::LOST, lost.len() as f64, "", ""))
    },
};

pub static SENSE_V: Rule = Rule {
    id: "failure-to-sense",
    text: text("起搏器感知不良", "Failure to inhibit (undersensing)"),
    family: "pacing",
    severity: Abnormal,
    codes: codes(&["188"], &[], &["10370003"], &[]),
    criteria: text("自身QRS波后50–400 ms内仍发放起搏脉冲", "A spike 50 to 400 ms after a native QRS"),
    source: &PACING,
    replaces: &["failure-to-capture-ventricular"],
    when: |c| {
        let ms = |n: usize| c.recording.rate.ms(n as f64).0;
        let native = |b: &&crate::detect::Beat| b.class != BeatClass::P;
        let odd = c.detection.spikes.iter().filter(|&&s| {
            c.detection
                .beats
                .iter()
                .filter(native)
                .any(|b| s > b.qrs.onset && (50.0..=400.0).contains(&ms(s - b.qrs.onset)))
        });
        let n = odd.count();
        (n >= 2 && c.rhythm().counts.paced >= 1)
            .then(|| Evidence::of(Confidence::Possible).number(name::ODD_SPIKES, n as f64, "", "≥ 2"))
    },
};

pub static PACE_FAIL: Rule = Rule {
    id: "failure-to-pace",
    text: text("起搏器不起搏（停搏）", "Failure to pace"),
    family: "pacing",
    severity: Abnormal,
    codes: codes(&["190"], &[], &["10370003"], &[]),
    criteria: text(
        "起搏心律中RR间期超过起搏间期1.5倍且不短于1500 ms，其间无起搏脉冲",
        "In a paced rhythm an RR above 1.5 times the pacing interval and 1500 ms without spike",
    ),
    source: &PACING,
    replaces: &[],
    when: |c| {
        let (d, r) = (c.detection, c.rhythm());
        let paced = |i: usize| d.beats.get(i).is_some_and(|b| b.class == BeatClass::P);
        let own: Vec<f64> = (1..d.beats.len())
            .filter(|&i| paced(i) && paced(i - 1))
            .filter_map(|i| r.rr_ms.get(i).copied().flatten())
            .map(|m| m.0)
            .collect();
        let base = own.iter().copied().fold(f64::INFINITY, f64::min);
        let at = (1..d.beats.len()).find(|&i| {
            let long = r.rr_ms.get(i).copied().flatten().is_some_and(|m| m.0 > 1.5 * base && m.0 >= 1500.0);
            let (a, b) = (d.beats[i - 1].qrs.offset, d.beats[i].qrs.onset);
            let margin = c.recording.rate.samples(crate::signal::Ms(60.0));
            long && paced(i - 1) && !d.spikes.iter().any(|s| *s > a && *s + margin < b)
        })?;
        (own.len() >= 3).then(|| {
            Evidence::of(Confidence::Possible)
                .number(name::RR, r.rr_ms[at].map_or(0.0, |m| m.0), "ms", format!("> 1.5 x {base:.0}"))
                .beats([at])
        })
    },
};
