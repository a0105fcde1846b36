//! What the records' values are called on a report.

use crate::interpret::{Confidence, Severity, Verdict};
use crate::signal::{Patient, Sex};
use crate::text::{Lang, Text, text};

/// Said in the heading of every report nobody has signed.
pub const PRELIMINARY: Text = text("初步结论，须经医师确认", "PRELIMINARY until a physician confirms it");

/// Said in the foot of every report.
pub const NOT_CERTIFIED: Text = text("非经认证的医疗器械", "not a certified medical device");

/// The conclusion as printed.
pub const fn verdict(verdict: Verdict) -> Text {
    match verdict {
        Verdict::Normal => text("正常心电图", "Normal ECG"),
        Verdict::OtherwiseNormal => text("大致正常心电图", "Otherwise normal ECG"),
        Verdict::Borderline => text("临界心电图", "Borderline ECG"),
        Verdict::Abnormal => text("异常心电图", "Abnormal ECG"),
        Verdict::Critical => text("危急值心电图，请立即处理", "Critical ECG: act now"),
        Verdict::Uninterpretable => text("信号不足以判读，建议重新采集", "Signal cannot be interpreted; record again"),
    }
}

/// The JSON name of a verdict, used for filters and style classes too.
pub const fn verdict_id(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Normal => "normal",
        Verdict::OtherwiseNormal => "otherwise-normal",
        Verdict::Borderline => "borderline",
        Verdict::Abnormal => "abnormal",
        Verdict::Critical => "critical",
        Verdict::Uninterpretable => "uninterpretable",
    }
}

/// A shape for a severity, readable where colour is not.
pub const fn mark(severity: Severity) -> &'static str {
    match severity {
        Severity::Normal => "○",
        Severity::Borderline => "◇",
        Severity::Abnormal => "◆",
        Severity::Critical => "▲",
    }
}

/// A statement as printed: qualified where it is not definite.
pub fn qualified(statement: &Text, confidence: Confidence) -> Text {
    match confidence {
        Confidence::Definite => statement.clone(),
        Confidence::Probable => Text::of(format!("{}（很可能）", statement.zh), format!("{} (probable)", statement.en)),
        Confidence::Possible => Text::of(format!("{}（可能）", statement.zh), format!("{} (possible)", statement.en)),
    }
}

/// A sex as printed.
pub const fn sex(sex: Sex) -> Text {
    match sex {
        Sex::Female => text("女", "female"),
        Sex::Male => text("男", "male"),
    }
}

/// An age as printed: days and months for infants, years from two on.
pub fn age(years: f64) -> Text {
    let (days, months) = ((years * 365.25).round(), (years * 12.0).floor());
    if years < 1.0 / 12.0 {
        Text::of(format!("{days} 天"), format!("{days} d"))
    } else if years < 2.0 {
        Text::of(format!("{months} 个月"), format!("{months} mo"))
    } else {
        let years = years.floor();
        Text::of(format!("{years} 岁"), format!("{years} y"))
    }
}

/// Name, sex and age in one line; empty when nothing is known.
pub fn person(patient: &Patient, lang: Lang) -> String {
    let parts = [
        patient.name.clone(),
        patient.sex.map(|s| sex(s).get(lang).to_string()),
        patient.age.map(|a| age(a).get(lang).to_string()),
    ];
    parts.into_iter().flatten().collect::<Vec<_>>().join(" · ")
}
