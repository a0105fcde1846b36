//! Axis, voltage and R-wave progression (AHA part II J).

use super::conduction::conducted;
use super::dominant::{Dominant, dominant};
use super::prelude::*;

/// QRS axis of conducted beats in a recording with limb leads.
fn axis(c: &Case<'_>) -> Option<f64> {
    conducted(c).then(|| c.axis())?
}

/// Largest peak-to-peak QRS among leads, when most of them were measured.
fn largest(c: &Case<'_>, leads: &[L]) -> Option<f64> {
    let seen: Vec<f64> = leads.iter().filter_map(|l| c.amp(l)).map(Amp::qrs).collect();
    (seen.len() + 1 >= leads.len()).then(|| seen.iter().copied().fold(0.0, f64::max))
}

fn low_limb(c: &Case<'_>) -> Option<bool> {
    Some(conducted(c) && largest(c, LIMB)? < 0.5)
}

fn low_chest(c: &Case<'_>) -> Option<bool> {
    Some(conducted(c) && largest(c, CHEST)? < 1.0)
}

/// The largest QRS of the leads that are low.
fn low(c: &Case<'_>) -> Evidence {
    let mut e = fires();
    for (leads, limit, name) in [(LIMB, 0.5, name::QRS_LIMB), (CHEST, 1.0, name::QRS_CHEST)] {
        if let Some(v) = largest(c, leads).filter(|v| *v < limit) {
            e = e.number(name, v, "mV", format!("< {limit:.1}"));
        }
    }
    e
}

pub static LAD: Rule = Rule {
    id: "left-axis-deviation",
    text: text("电轴左偏", "Left axis deviation"),
    family: "axis",
    severity: Borderline,
    codes: codes(&["121"], &[], &["39732003"], &["2-1"]),
    criteria: text(
        "成人QRS电轴-30°至-90°；儿童小于年龄下限",
        "QRS axis -30 to -90 degrees in adults; below the age's limit in children",
    ),
    source: &AHA_PART3,
    replaces: &[],
    when: |c| {
        let (axis, low) = (axis(c)?, norms::axis(c.patient).0);
        ((-90.0..low).contains(&axis)).then(|| fires().number(name::AXIS, axis, "°", format!("< {low}")))
    },
};

pub static RAD: Rule = Rule {
    id: "right-axis-deviation",
    text: text("电轴右偏", "Right axis deviation"),
    family: "axis",
    severity: Abnormal,
    codes: codes(&["120"], &[], &["47665007"], &["2-2"]),
    criteria: text(
        "成人QRS电轴100°至180°；儿童大于年龄上限",
        "QRS axis 100 to 180 degrees in adults; above the age's limit in children",
    ),
    source: &AHA_PART3,
    replaces: &["rightward-axis"],
    when: |c| {
        let (axis, high) = (axis(c)?, norms::axis(c.patient).1);
        let high = if c.adult() { 100.0 } else { high };
        (axis > high).then(|| fires().number(name::AXIS, axis, "°", format!("> {high}")))
    },
};

pub static RIGHTWARD: Rule = Rule {
    id: "rightward-axis",
    text: text("电轴轻度右偏", "Rightward axis"),
    family: "axis",
    severity: Normal,
    codes: codes(&["120"], &[], &["47665007"], &[]),
    criteria: text("成人QRS电轴91°至100°", "QRS axis 91 to 100 degrees in adults"),
    source: &AHA_PART3,
    replaces: &[],
    when: |c| {
        axis(c).filter(|a| c.adult() && (90.5..=100.0).contains(a)).map(|a| fires().number(name::AXIS, a, "°", "> 90"))
    },
};

pub static EXTREME: Rule = Rule {
    id: "extreme-axis-deviation",
    text: text("电轴极度右偏（不确定电轴）", "Right superior axis"),
    family: "axis",
    severity: Abnormal,
    codes: codes(&["122"], &[], &["251118005"], &["2-3"]),
    criteria: text("QRS电轴-90°至-180°", "QRS axis -90 to -180 degrees"),
    source: &AHA_PART3,
    replaces: &["left-axis-deviation", "right-axis-deviation"],
    when: |c| {
        let axis = axis(c).filter(|a| *a <= -90.0)?;
        (c.adult() || norms::axis(c.patient).1 - 360.0 < axis)
            .then(|| fires().number(name::AXIS, axis, "°", "−90 … −180"))
    },
};

pub static INDETERMINATE: Rule = Rule {
    id: "indeterminate-axis",
    text: text("电轴不能确定", "Indeterminate axis"),
    family: "axis",
    severity: Normal,
    codes: codes(&["123"], &[], &["251119002"], &["2-5"]),
    criteria: text(
        "六个肢体导联QRS波正负面积近于相等，电轴不能测定",
        "Positive and negative QRS about equal in all limb leads",
    ),
    source: &AHA_PART3,
    replaces: &["left-axis-deviation", "right-axis-deviation", "extreme-axis-deviation", "rightward-axis"],
    when: |c| {
        let even = c.leads_where(LIMB, |_, a| (a.up() - a.down()).abs() < 0.15 * a.qrs().max(0.1));
        (conducted(c) && even.len() >= 5).then(|| fires().number(name::LEADS, even.len() as f64, "", "≥ 5").leads(even))
    },
};

pub static S1S2S3: Rule = Rule {
    id: "s1s2s3",
    text: text("S1S2S3综合征", "S1-S2-S3 pattern"),
    family: "axis",
    severity: Borderline,
    codes: codes(&[], &[], &[], &[]),
    criteria: text("I、II、III导联均有S波，且S波不小于R波", "An S wave not smaller than R in I, II and III"),
    source: &SURAWICZ,
    replaces: &["indeterminate-axis"],
    when: |c| {
        let found = c.leads_where(&[L::I, L::II, L::III], |_, a| a.s() >= a.r() && a.s() > 0.2);
        (conducted(c) && found.len() == 3).then(|| fires().leads(found))
    },
};

pub static LOW_VOLTAGE: Rule = Rule {
    id: "low-voltage",
    text: text("QRS波群低电压（肢体导联及胸导联）", "Low QRS voltage"),
    family: "axis",
    severity: Borderline,
    codes: codes(&["125"], &["LVOLT"], &["251146004"], &["9-1"]),
    criteria: text(
        "所有肢体导联QRS振幅小于0.5 mV，且所有胸导联小于1.0 mV",
        "QRS below 0.5 mV in all limb leads and below 1.0 mV in all chest leads",
    ),
    source: &AHA_PART2,
    replaces: &["low-voltage-limb", "low-voltage-precordial"],
    when: |c| low_limb(c)?.then(|| low_chest(c))??.then(|| low(c)),
};

pub static LOW_LIMB: Rule = Rule {
    id: "low-voltage-limb",
    text: text("肢体导联QRS波群低电压", "Low QRS voltage in limb leads"),
    family: "axis",
    severity: Borderline,
    codes: codes(&["125"], &["LVOLT"], &["251146004"], &["9-1"]),
    criteria: text("所有肢体导联QRS振幅小于0.5 mV", "QRS below 0.5 mV in all limb leads"),
    source: &AHA_PART2,
    replaces: &[],
    when: |c| low_limb(c)?.then(|| low(c)),
};

pub static LOW_CHEST: Rule = Rule {
    id: "low-voltage-precordial",
    text: text("胸导联QRS波群低电压", "Low QRS voltage in precordial leads"),
    family: "axis",
    severity: Borderline,
    codes: codes(&["125"], &["LVOLT"], &["251146004"], &["9-1"]),
    criteria: text("所有胸导联QRS振幅小于1.0 mV", "QRS below 1.0 mV in all chest leads"),
    source: &AHA_PART2,
    replaces: &[],
    when: |c| low_chest(c)?.then(|| low(c)),
};

pub static PRWP: Rule = Rule {
    id: "poor-r-progression",
    text: text("胸导联R波递增不良", "Poor R-wave progression"),
    family: "axis",
    severity: Borderline,
    codes: codes(&["128"], &[], &["365413008"], &["9-4"]),
    criteria: text("V3导联R波不大于0.3 mV，且V3不小于V2导联R波", "R in V3 of 0.3 mV or less and not below R in V2"),
    source: &SURAWICZ,
    replaces: &[],
    when: |c| {
        let (v2, v3) = (c.amp(&L::V2)?, c.amp(&L::V3)?);
        (conducted(c) && c.adult() && v3.r() <= 0.3 && v3.r() >= v2.r() && v3.s() > v3.r())
            .then(|| fires().number(name::R, v3.r(), "mV", "≤ 0.3 (V3)").leads([L::V1, L::V2, L::V3]))
    },
};

pub static REVERSED_R: Rule = Rule {
    id: "reversed-r-progression",
    text: text("胸导联R波逆向递增", "Reversed R-wave progression"),
    family: "axis",
    severity: Abnormal,
    codes: codes(&["128"], &[], &["365413008"], &[]),
    criteria: text("V1至V4导联中后一导联R波明显低于前一导联", "R falls from one of V1 … V3 to the next"),
    source: &SURAWICZ,
    replaces: &["poor-r-progression"],
    when: |c| {
        let pair = ANTERIOR.windows(2).find_map(|w| {
            let [a, b] = w else { return None };
            let (before, after) = (c.amp(a)?, c.amp(b)?);
            (after.r() + 0.1 < before.r() && after.r() < 0.3 && before.r() < 0.8 && after.s() > after.r())
                .then(|| (a.clone(), b.clone(), before.r(), after.r()))
        })?;
        (conducted(c) && c.adult())
            .then(|| fires().number(name::R, pair.3, "mV", format!("< {:.2}", pair.2)).leads([pair.0, pair.1]))
    },
};

pub static EARLY_TRANSITION: Rule = Rule {
    id: "early-transition",
    text: text("逆钟向转位", "Counterclockwise rotation (early transition)"),
    family: "axis",
    severity: Normal,
    codes: codes(&["128"], &[], &[], &["9-4-1"]),
    criteria: text(
        "V2导联R/S大于1，V1导联R/S小于1，QRS时限正常",
        "R/S above 1 in V2 but not in V1 with a normal QRS duration",
    ),
    source: &MINNESOTA,
    replaces: &[],
    when: |c| {
        let (v1, v2) = (c.amp(&L::V1)?, c.amp(&L::V2)?);
        (conducted(c) && c.adult() && v2.r() > v2.s() && v1.r() < v1.s() && v2.r() > 0.3 && c.qrs()? < 110.0)
            .then(|| fires().number(name::R_S, v2.r() / v2.s().max(0.01), "", "> 1 (V2)").leads([L::V2]))
    },
};

pub static LATE_TRANSITION: Rule = Rule {
    id: "late-transition",
    text: text("顺钟向转位", "Clockwise rotation (late transition)"),
    family: "axis",
    severity: Normal,
    codes: codes(&["128"], &[], &[], &["9-4-2"]),
    criteria: text("V5导联仍以S波为主（R/S小于1）", "R/S still below 1 in V5"),
    source: &MINNESOTA,
    replaces: &[],
    when: |c| {
        let v5 = c.amp(&L::V5)?;
        (conducted(c) && c.adult() && v5.r() < v5.s() && v5.s() > 0.2)
            .then(|| fires().number(name::R_S, v5.r() / v5.s().max(0.01), "", "< 1 (V5)").leads([L::V5]))
    },
};

pub static P_AXIS: Rule = Rule {
    id: "abnormal-p-axis",
    text: text("P电轴异常", "Abnormal P-wave axis"),
    family: "axis",
    severity: Borderline,
    codes: codes(&["131"], &[], &["251205003"], &[]),
    criteria: text("窦性心律中P电轴小于0°或大于80°", "P axis below 0 or above 80 degrees in sinus rhythm"),
    source: &AHA_PART2,
    replaces: &[],
    when: |c| {
        let axis = c.global().p_axis_deg?.0;
        (dominant(c) == Dominant::Sinus && c.adult() && !(0.0..=80.0).contains(&axis))
            .then(|| fires().number(name::P_AXIS, axis, "°", "0 … 80"))
    },
};
