//! What the records' values are called on a report.

use super::{Prior, Report, sheet};
use crate::interpret::serial::{Kind, Shift};
use crate::interpret::{Alarm, Evidence, Finding, Number, Rule, Severity, Tier, Verdict};
use crate::measure::Measurements;
use crate::pipeline::Diagnosis;
use crate::signal::{LeadName, Patient, Recording, Sex};
use crate::text::{Lang, Text, text};

/// Said in the heading of every report nobody has signed.
pub const PRELIMINARY: Text = text("初步结论，须经医师确认", "PRELIMINARY until a physician confirms it");

/// Said in the foot of every report.
pub const NOT_CERTIFIED: Text = text("非经认证的医疗器械", "not a certified medical device");

/// What the document is called.
pub const REPORT: Text = text("心电图报告", "ECG report");

/// What a comparison with an earlier ECG is called.
pub const COMPARISON: Text = text("与前次心电图比较", "Comparison with prior ECG");

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

/// A severity as printed.
pub const fn severity(severity: Severity) -> Text {
    match severity {
        Severity::Normal => text("正常", "normal"),
        Severity::Borderline => text("临界", "borderline"),
        Severity::Abnormal => text("异常", "abnormal"),
        Severity::Critical => text("危急", "critical"),
    }
}

/// How grave a statement is, as printed beside it; nothing of one that is about the signal and not about the heart.
pub fn weight(rule: &Rule) -> Option<Text> {
    let about_the_signal = rule.family == "technical" && rule.severity == Severity::Normal;
    (!about_the_signal).then(|| severity(rule.severity))
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

/// A tier of critical values as printed.
pub const fn tier(tier: Tier) -> Text {
    match tier {
        Tier::Critical => text("危急值", "Critical value"),
        Tier::MajorPositive => text("重大阳性值", "Major positive value"),
    }
}

/// A critical value as printed: tier, item, number.
pub fn alarm(alarm: &Alarm, lang: Lang) -> String {
    let tier = tier(alarm.tier);
    let said = match &alarm.number {
        Some(n) => format!("{} · {}", alarm.text.get(lang), number(n, lang)),
        None => alarm.text.get(lang).to_string(),
    };
    match lang {
        Lang::Zh => format!("{}：{said}", tier.zh),
        Lang::En => format!("{}: {said}", tier.en),
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

/// `12 导联 · 500 Hz · 10.0 s`.
pub fn signal(recording: &Recording) -> Text {
    let derived = recording.derived.len();
    let leads = recording.leads.len().saturating_sub(derived);
    let (rate, seconds) = (recording.rate.0, recording.seconds());
    let (zh, en) = match derived {
        0 => (String::new(), String::new()),
        n => (format!("（推算 {n}）"), format!(" (+{n} derived)")),
    };
    Text::of(
        format!("{leads} 导联{zh} · {rate} Hz · {seconds:.1} s"),
        format!("{leads} leads{en} · {rate} Hz · {seconds:.1} s"),
    )
}

/// The device's filters as printed: our decoders' words in the report's language, a file's own as they are.
pub fn filters(recording: &Recording, lang: Lang) -> Option<String> {
    const WORDS: [(&str, &str); 8] = [
        ("high-pass", "高通"),
        ("low-pass", "低通"),
        ("mains notch", "工频陷波"),
        ("mains filter", "工频滤波"),
        ("notch", "陷波"),
        ("artifact filter", "伪差滤波"),
        ("baseline filter", "基线滤波"),
        (", ", "，"),
    ];
    let said = band(recording.origin.filters.as_deref()?);
    Some(match lang {
        Lang::En => said,
        Lang::Zh => WORDS.iter().fold(said, |said, (en, zh)| said.replace(en, zh)),
    })
}

/// `high-pass 0.05 Hz, low-pass 150 Hz` as the band that it leaves: `0.05–150 Hz`.
fn band(filters: &str) -> String {
    let mut parts: Vec<String> = filters.split(", ").map(String::from).collect();
    let find = |kind: &str| parts.iter().position(|p| p.starts_with(kind) && p.ends_with(" Hz"));
    if let (Some(high), Some(low)) = (find("high-pass "), find("low-pass ")) {
        let from = parts[high]["high-pass ".len()..].trim_end_matches(" Hz").to_string();
        let to = parts[low]["low-pass ".len()..].to_string();
        parts[high] = format!("{from}–{to}");
        parts.remove(low);
    }
    parts.join(", ")
}

/// Mean quality and the leads that are bad.
pub fn quality(report: &Report) -> Text {
    /// Score under which a lead is named.
    const POOR: f64 = 0.5;
    /// Most leads that are named; more are counted.
    const NAMED: usize = 6;
    let Some(score) = report.quality() else { return text("未评估", "not assessed") };
    let leads = report.recording.leads.iter().zip(&report.diagnosis.detection.quality);
    let poor: Vec<String> = leads.filter(|(_, q)| q.score < POOR).map(|(lead, _)| lead.to_string()).collect();
    let percent = format!("{:.0} %", score * 100.0);
    if poor.is_empty() {
        return Text::of(percent.clone(), percent);
    }
    if poor.len() > NAMED {
        let (n, all) = (poor.len(), report.recording.leads.len());
        return Text::of(
            format!("{percent} · 差：{all} 导联中 {n} 个"),
            format!("{percent} · poor: {n} of {all} leads"),
        );
    }
    let poor = poor.join(" ");
    Text::of(format!("{percent} · 差：{poor}"), format!("{percent} · poor: {poor}"))
}

/// The global measurements as printed: name, value with unit; `—` = not measurable.
pub fn numbers(measurements: &Measurements) -> Vec<(Text, String)> {
    let m = &measurements.global;
    let whole = |value: Option<f64>| value.map_or_else(|| "—".to_string(), |v| amount(v, 0));
    let amplitude = |value: Option<f64>| value.map_or_else(|| "—".to_string(), |v| amount(v, 2));
    let r5 = measurements.lead(&LeadName::V5).and_then(|l| l.r_mv).map(|v| v.0);
    let s1 = measurements.lead(&LeadName::V1).and_then(|l| l.s_mv).map(|v| v.0.abs());
    let both = r5.zip(s1).map(|(r, s)| r + s);
    let axes = [m.p_axis_deg, m.qrs_axis_deg, m.t_axis_deg].map(|a| whole(a.map(|v| v.0)));
    vec![
        (text("心率", "Heart rate"), format!("{} bpm", whole(m.heart_rate_bpm.map(|v| v.0)))),
        (text("P波时限", "P duration"), format!("{} ms", whole(m.p_duration_ms.map(|v| v.0)))),
        (text("PR间期", "PR interval"), format!("{} ms", whole(m.pr_ms.map(|v| v.0)))),
        (text("QRS时限", "QRS duration"), format!("{} ms", whole(m.qrs_duration_ms.map(|v| v.0)))),
        (
            text("QT / QTc（Bazett）", "QT / QTc (Bazett)"),
            format!("{} / {} ms", whole(m.qt_ms.map(|v| v.0)), whole(m.qtc_bazett_ms.map(|v| v.0))),
        ),
        (text("QTc（Fridericia）", "QTc (Fridericia)"), format!("{} ms", whole(m.qtc_fridericia_ms.map(|v| v.0)))),
        (text("P / QRS / T 电轴", "P / QRS / T axes"), format!("{}° ", axes.join(" / ")).trim().to_string()),
        (text("RV5 / SV1", "RV5 / SV1"), format!("{} / {} mV", amplitude(r5), amplitude(s1))),
        (text("RV5 + SV1", "RV5 + SV1"), format!("{} mV", amplitude(both))),
    ]
}

/// A value with a true minus sign and no negative zero.
pub fn amount(value: f64, decimals: usize) -> String {
    let printed = format!("{value:.decimals$}");
    if printed.trim_start_matches('-').chars().all(|c| c == '0' || c == '.') {
        return printed.replace('-', "");
    }
    printed.replace('-', "−")
}

/// A number that fired a statement: `QRS时限 148 ms（≥ 120）`.
pub fn number(number: &Number, lang: Lang) -> String {
    let value = match number.unit {
        "ms" | "bpm" | "°" | "%" => amount(number.value, 0),
        "mV" => amount(number.value, 2),
        _ => amount((number.value * 100.0).round() / 100.0, if number.value.fract() == 0.0 { 0 } else { 2 }),
    };
    let unit = match number.unit {
        "" | "°" => number.unit.to_string(),
        unit => format!(" {unit}"),
    };
    let name = number.name.get(lang);
    let limit = limit(number, lang);
    match (limit.as_str(), lang) {
        ("", _) => format!("{name} {value}{unit}"),
        (limit, Lang::Zh) => format!("{name} {value}{unit}（{limit}）"),
        (limit, Lang::En) => format!("{name} {value}{unit} ({limit})"),
    }
}

/// A limit as a reader writes it: `≥ 11 / 2` beats are half of them, `≥ 50 %` of a count is a part of the beats.
fn limit(number: &Number, lang: Lang) -> String {
    let limit = number.limit.replace('-', "−").replace(" x ", " × ");
    let (range, and) = if lang == Lang::Zh { ("～", "，") } else { (" to ", ", ") };
    let limit = pieces(&limit.replace(" … ", range)).into_iter().map(of_what).collect::<Vec<_>>().join(and);
    let limit = if lang == Lang::Zh { limit.replace(", ", "、") } else { limit };
    let counted = number.unit.is_empty();
    if let Some(all) = limit.strip_suffix(" / 2").filter(|_| counted) {
        let (sign, all) = all.split_once(' ').unwrap_or(("", all));
        return match lang {
            Lang::Zh => format!("{sign} {all} 的一半"),
            Lang::En => format!("{sign} half of {all}"),
        };
    }
    if let Some((sign, waves)) = limit.strip_suffix(" P").and_then(|l| l.split_once(" / ")).filter(|_| counted) {
        return match lang {
            Lang::Zh => format!("{sign}，共 {waves} 个P波"),
            Lang::En => format!("{sign} of {waves} P waves"),
        };
    }
    if counted && limit.ends_with('%') {
        return match lang {
            Lang::Zh => format!("占心搏 {limit}"),
            Lang::En => format!("{limit} of the beats"),
        };
    }
    limit
}

/// A limit's parts between commas that stand in no bracket.
fn pieces(limit: &str) -> Vec<&str> {
    let mut depth = 0_i32;
    let at_comma = |c: char| {
        depth += i32::from(c == '(') - i32::from(c == ')');
        c == ',' && depth == 0
    };
    limit.split(at_comma).map(str::trim).collect()
}

/// `> 1 (V2)` as `V2 > 1`, for the limit itself stands in brackets.
fn of_what(piece: &str) -> String {
    match piece.strip_suffix(')').and_then(|p| p.split_once(" (")) {
        Some((limit, what)) => format!("{what} {limit}"),
        None => piece.to_string(),
    }
}

/// English after a comma: a common word's capital goes, an abbreviation's (QRS, T) and a person's stay.
fn mid_sentence(said: &str) -> String {
    const PERSONS: [&str; 6] = ["Bazett", "Cornell", "Fridericia", "Lewis", "Peguero", "Sokolow"];
    let common = said.chars().nth(1).is_some_and(char::is_lowercase);
    match said.chars().next() {
        Some(first) if common && !PERSONS.iter().any(|p| said.starts_with(p)) => {
            format!("{}{}", first.to_lowercase(), &said[first.len_utf8()..])
        }
        _ => said.to_string(),
    }
}

/// Numbers and leads of an evidence in one line; empty when there are none.
pub fn evidence(evidence: &Evidence, lang: Lang) -> String {
    let named = |(i, n): (usize, &Number)| match (i, lang) {
        (0, _) | (_, Lang::Zh) => number(n, lang),
        _ => mid_sentence(&number(n, lang)),
    };
    let mut parts: Vec<String> = evidence.numbers.iter().enumerate().map(named).collect();
    if !evidence.leads.is_empty() {
        let leads = evidence.leads.iter().map(LeadName::as_str).collect::<Vec<_>>().join(" ");
        parts.push(match lang {
            Lang::Zh => format!("导联 {leads}"),
            Lang::En if evidence.leads.len() == 1 => format!("lead {leads}"),
            Lang::En => format!("leads {leads}"),
        });
    }
    parts.join(if lang == Lang::Zh { "，" } else { ", " })
}

/// Beats that fired a finding which is not normal, where they are not most of the beats; sorted.
pub fn fired(diagnosis: &Diagnosis) -> Vec<usize> {
    let all = diagnosis.detection.beats.len();
    let telling = |beats: &&Vec<usize>| beats.len() * 2 < all;
    let grave = diagnosis.interpretation.findings.iter().filter(|f| f.rule.severity > Severity::Normal);
    let mut beats: Vec<usize> = grave.map(|f| &f.evidence.beats).filter(telling).flatten().copied().collect();
    beats.sort_unstable();
    beats.dedup();
    beats
}

/// Leads that fired a finding which is not normal, where they are not most of the leads, and all of a critical one's;
/// sorted.
pub fn leads_fired(diagnosis: &Diagnosis) -> Vec<LeadName> {
    let all = diagnosis.measurements.leads.len();
    let telling = |f: &&Finding| f.rule.severity == Severity::Critical || f.evidence.leads.len() * 2 < all;
    let grave = diagnosis.interpretation.findings.iter().filter(|f| f.rule.severity > Severity::Normal);
    let mut leads: Vec<LeadName> = grave.filter(telling).flat_map(|f| &f.evidence.leads).cloned().collect();
    leads.sort();
    leads.dedup();
    leads
}

/// What changed since the earlier ECG, in one line.
pub fn compared(prior: &Prior) -> Text {
    let when = sheet::when(&prior.report);
    let date = when.split(' ').next().unwrap_or_default();
    let summary = prior.comparison.summary();
    let (zh, en) = if prior.comparison.doubts.is_empty() {
        ("", "")
    } else {
        ("请核对患者身份；", "check the patient's identity; ")
    };
    Text::of(format!("较 {date}：{zh}{}", summary.zh), format!("Since {date}: {en}{}", summary.en))
}

/// What the program alone says, where a physician's word stands beside it.
pub fn programs(report: &Report, said: Text) -> Text {
    if report.signature.is_none() {
        return said;
    }
    Text::of(format!("程序比较，{}", said.zh), format!("By the program: {}", said.en))
}

/// Prior, this and change, as printed.
pub fn shift(shift: &Shift) -> [String; 3] {
    let gap = if shift.unit == "°" { "" } else { " " };
    let value = |v: Option<f64>| v.map_or_else(|| "—".into(), |v| format!("{}{gap}{}", amount(v, 0), shift.unit));
    let change = shift.change.map_or_else(
        || "—".to_string(),
        |v| {
            let sign = if v.round() > 0.0 { "+" } else { "" };
            let star = if shift.significant { "★ " } else { "" };
            format!("{star}{sign}{}{gap}{}", amount(v, 0), shift.unit)
        },
    );
    [value(shift.old), value(shift.new), change]
}

/// A shape for a comparison statement: whether something changed.
pub const fn change_mark(kind: Kind) -> &'static str {
    match kind {
        Kind::Unchanged | Kind::Reading | Kind::Resolved => "○",
        _ => "◆",
    }
}

/// What is to be said beside the findings: of the reading, and of the interpretation.
pub fn notes(report: &Report) -> impl Iterator<Item = &Text> {
    report.recording.notes.iter().chain(&report.diagnosis.interpretation.notes)
}

#[cfg(test)]
mod tests {
    use super::{Number, number};
    use crate::text::{Lang, text};

    #[test]
    fn limits_read_as_in_each_language() {
        let said = |limit: &str, lang| {
            let name = text("比值", "Ratio");
            number(&Number { name, value: 2.5, unit: "", limit: limit.into() }, lang)
        };
        assert_eq!(said("> 1 (V2)", Lang::Zh), "比值 2.50（V2 > 1）");
        assert_eq!(said("> 1.5 (S/R, I)", Lang::En), "Ratio 2.50 (S/R, I > 1.5)");
        assert_eq!(said("< 0 (V3), > 0 (V1)", Lang::Zh), "比值 2.50（V3 < 0，V1 > 0）");
        assert_eq!(said("-10 … 100", Lang::Zh), "比值 2.50（−10～100）");
        assert_eq!(said("-10 … 100", Lang::En), "Ratio 2.50 (−10 to 100)");
        assert_eq!(said("≥ 1 / 12 P", Lang::En), "Ratio 2.50 (≥ 1 of 12 P waves)");
        assert_eq!(said("> 10 / 2", Lang::Zh), "比值 2.50（> 10 的一半）");
    }
}
