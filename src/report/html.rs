//! The report as one HTML file: the ECG as inline SVG true to scale, findings with their evidence, every measurement.
//! It needs nothing from outside and prints on A4.

use super::page::clean;
use super::table::COLUMNS;
use super::{Output, PROGRAM, Prior, RenderError, Report, Settings, VERSION, sheet, svg, words};
use crate::interpret::{Finding, Verdict};
use crate::text::{Lang, Text, text};
use maud::{DOCTYPE, Markup, PreEscaped, html};

/// Facts of this output.
pub static HTML: Output = Output {
    id: "html",
    name: text("HTML 网页（单个文件）", "HTML, one file"),
    extension: "html",
    drawn: true,
    render,
};

const STYLE: &str = include_str!("html.css");

fn render(report: &Report, settings: &Settings) -> Result<Vec<u8>, RenderError> {
    let lang = settings.lang;
    let sheets = sheet::pages(report, settings)?;
    let caption = sheet::caption(report, settings);
    let picture = svg::part("sheet-1", sheet::PICTURE, caption.get(lang));
    let title = format!("{} · {}", words::REPORT.get(lang), report.recording.name);
    let page = html! {
        (DOCTYPE)
        html lang=(lang.tag()) {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta name="robots" content="noindex";
                meta name="generator" content={ (PROGRAM) " " (VERSION) };
                title { (title) }
                style { (PreEscaped(STYLE)) }
            }
            body {
                // Printed instead of what follows: the same sheets as in the PDF. The screen shows a part of them.
                div.sheets aria-hidden="true" {
                    @for (n, page) in sheets.iter().enumerate() {
                        div.sheet { (PreEscaped(svg::inline(page, &format!("sheet-{}", n + 1), lang.tag()))) }
                    }
                }
                main {
                (heading(report, settings))
                (conclusion(report, lang))
                @if let Some(prior) = &report.prior { (comparison(prior, lang)) }
                figure.ecg {
                    div.paper { (PreEscaped(picture)) }
                    figcaption { (caption.get(lang)) }
                }
                (numbers(report, lang))
                (matrix(report, lang))
                (quality(report, lang))
                (device(report, lang))
                (signature(report, lang))
                footer {
                    p {
                        (PROGRAM) " " (VERSION)
                        @if let Some(made) = &report.created { " · " (made.strftime("%Y-%m-%d %H:%M %:z")) }
                        " · " (words::NOT_CERTIFIED.get(lang))
                        @if !settings.footer.is_empty() { " · " (settings.footer) }
                    }
                }
                }
            }
        }
    };
    Ok(page.into_string().into_bytes())
}

fn heading(report: &Report, settings: &Settings) -> Markup {
    let lang = settings.lang;
    let (recording, patient) = (&report.recording, &report.diagnosis.patient);
    let standing = sheet::standing(report);
    let class = if report.signature.is_some() { "standing" } else { "standing preliminary" };
    let unknown = text("未知", "unknown");
    let or_unknown = |value: Option<String>| value.map_or_else(|| unknown.get(lang).to_string(), |v| clean(&v));
    let facts = [
        (text("姓名", "Name"), or_unknown(patient.name.clone())),
        (text("性别", "Sex"), or_unknown(patient.sex.map(|s| words::sex(s).get(lang).to_string()))),
        (text("年龄", "Age"), or_unknown(patient.age.map(|a| words::age(a).get(lang).to_string()))),
        (text("编号", "ID"), or_unknown(patient.id.clone())),
        (
            text("采集时间", "Recorded"),
            or_unknown(recording.start.map(|t| t.strftime("%Y-%m-%d %H:%M:%S").to_string())),
        ),
        (text("设备", "Device"), or_unknown(recording.origin.device.clone())),
        (text("滤波", "Filters"), or_unknown(words::filters(recording, lang))),
        (text("信号", "Signal"), words::signal(recording).get(lang).to_string()),
        (text("文件", "File"), clean(&format!("{} · {}", recording.name, recording.origin.format))),
        (text("SHA-256", "SHA-256"), recording.origin.sha256.clone()),
    ];
    html! {
        header {
            @if let Some(logo) = &settings.picture { img.logo alt="" src=(svg::data(logo)); }
            @if !settings.heading.is_empty() { p.centre { (settings.heading) } }
            h1 { (words::REPORT.get(lang)) }
            p class=(class) { (standing.get(lang)) }
            dl.facts { @for (name, value) in &facts { div { dt { (name.get(lang)) } dd { (value) } } } }
        }
    }
}

fn conclusion(report: &Report, lang: Lang) -> Markup {
    let interpretation = &report.diagnosis.interpretation;
    let grave = interpretation.critical || interpretation.verdict == Verdict::Critical;
    html! {
        section {
            h2 class=(if grave { "critical" } else { "" }) { (words::verdict(interpretation.verdict).get(lang)) }
            @if let Some(s) = report.signature.as_ref().filter(|s| !s.conclusion.is_empty()) {
                p.physician { (text("医师结论：", "Physician: ").get(lang)) (clean(&s.conclusion)) }
            }
            @if !interpretation.alarms.is_empty() {
                ul.alarms { @for alarm in &interpretation.alarms { li { (words::alarm(alarm, lang)) } } }
            }
            @if !interpretation.findings.is_empty() {
                table.findings {
                    thead { tr {
                        th { (text("结论", "Finding").get(lang)) }
                        th { (text("依据", "Evidence").get(lang)) }
                        th { (text("标准与出处", "Criteria and source").get(lang)) }
                    } }
                    tbody { @for finding in &interpretation.findings { (entry(finding, lang)) } }
                }
            }
            @if !interpretation.advice.is_empty() {
                h2 { (text("建议", "Advice").get(lang)) }
                ul { @for advice in &interpretation.advice { li { (advice.get(lang)) } } }
            }
        }
    }
}

fn entry(finding: &Finding, lang: Lang) -> Markup {
    let (rule, evidence) = (finding.rule, &finding.evidence);
    let beats = match evidence.beats.len() {
        0 => None,
        n => Some(Text::of(format!("心搏 {n} 个"), format!("{n} beats"))),
    };
    html! {
        tr class=(words::severity(rule.severity).en) {
            td { span.mark { (words::mark(rule.severity)) } " " (finding.wording().get(lang))
                 @if let Some(weight) = words::weight(rule) { span.severity { (weight.get(lang)) } } }
            td {
                (words::evidence(evidence, lang))
                @if let Some(beats) = beats { " · " (beats.get(lang)) }
            }
            td.source { (rule.criteria.get(lang)) br; cite { (rule.source.said(lang)) @if let Some(doi) = rule.source.doi { " doi:" (doi) } } }
        }
    }
}

/// What changed since the earlier ECG; its page stands behind the first sheet.
fn comparison(prior: &Prior, lang: Lang) -> Markup {
    let c = &prior.comparison;
    let title = Text::of(
        format!("与 {} 的心电图比较", sheet::when(&prior.report)),
        format!("Compared with the ECG of {}", sheet::when(&prior.report)),
    );
    let heads = [text("测量", "Measurement"), text("前次", "Prior"), text("本次", "This"), text("改变", "Change")];
    html! {
        section.comparison {
            h2 { (title.get(lang)) }
            @if !c.doubts.is_empty() { ul.alarms { @for doubt in &c.doubts { li { (doubt.get(lang)) } } } }
            ul { @for s in &c.statements {
                li { b { (words::change_mark(s.id)) " " (s.text.get(lang)) }
                     @if let Some(aha) = s.aha { span.severity { "AHA " (aha) } }
                     @if !s.because.is_empty() { ul { @for b in &s.because { li { (b.get(lang)) } } } } }
            } }
            @for note in &c.notes { p.note { (note.get(lang)) } }
            table.matrix {
                thead { tr { @for head in &heads { th { (head.get(lang)) } } } }
                tbody { @for shift in &c.measurements { tr {
                    th { (shift.name.get(lang)) }
                    @for cell in words::shift(shift) { td { @if shift.significant { b { (cell) } } @else { (cell) } } }
                } } }
            }
            figure.ecg { div.paper { (PreEscaped(svg::part("sheet-2", sheet::COMPARED, title.get(lang)))) } }
        }
    }
}

fn numbers(report: &Report, lang: Lang) -> Markup {
    html! {
        section {
            h2 { (text("测量", "Measurements").get(lang)) }
            dl.facts.numbers {
                @for (name, value) in words::numbers(&report.diagnosis.measurements) {
                    div { dt { (name.get(lang)) } dd { (value) } }
                }
            }
        }
    }
}

fn matrix(report: &Report, lang: Lang) -> Markup {
    let leads = &report.diagnosis.measurements.leads;
    html! {
        @if !leads.is_empty() {
            section.wide {
                table.matrix {
                    thead { tr {
                        th { (text("导联", "Lead").get(lang)) }
                        @for c in COLUMNS { th { (c.name.get(lang)) br; span.unit { (c.unit) } } }
                    } }
                    tbody { @for lead in leads { tr { th { (lead.lead) } @for c in COLUMNS { td { (c.print(lead)) } } } } }
                }
            }
        }
    }
}

fn quality(report: &Report, lang: Lang) -> Markup {
    let recording = &report.recording;
    let rows = recording.leads.iter().zip(&report.diagnosis.detection.quality);
    let heads = [
        text("评分", "Score"),
        text("基线漂移 mV", "Wander mV"),
        text("工频干扰 mV", "Mains mV"),
        text("噪声 mV", "Noise mV"),
        text("平直", "Flat"),
        text("饱和", "Saturated"),
        text("缺失", "Missing"),
    ];
    let percent = |v: f64| format!("{:.0} %", v * 100.0);
    html! {
        section.wide {
            h2 { (text("信号质量", "Signal quality").get(lang)) " · " (words::quality(report).get(lang)) }
            ul { @for note in words::notes(report) { li { (note.get(lang)) } } }
            table.matrix {
                thead { tr { th { (text("导联", "Lead").get(lang)) } @for head in &heads { th { (head.get(lang)) } } } }
                tbody { @for (lead, q) in rows { tr {
                    th { (lead) @if recording.derived.contains(lead) { " *" } }
                    td { (percent(q.score)) }
                    @for v in [q.wander_mv, q.mains_mv, q.noise_mv] { td { (format!("{v:.3}")) } }
                    @for v in [q.flat, q.saturated, q.missing] { td { (percent(v)) } }
                } } }
            }
            @if !recording.derived.is_empty() { p.note { (text("* 由其他导联推算", "* derived from other leads").get(lang)) } }
        }
    }
}

fn device(report: &Report, lang: Lang) -> Markup {
    let device = &report.recording.device;
    html! {
        @if !(device.statements.is_empty() && device.measurements.is_empty()) {
            section {
                h2 { (text("设备自带结果（非本程序结论）", "The device's own results (not this program's)").get(lang)) }
                @if !device.statements.is_empty() { ul { @for s in &device.statements { li { (clean(s)) } } } }
                @if !device.measurements.is_empty() {
                    dl.facts.numbers { @for m in &device.measurements {
                        div {
                            dt { (clean(&m.name)) @if let Some(lead) = &m.lead { " " (lead) } }
                            dd { (words::amount(m.value, if m.value.fract() == 0.0 { 0 } else { 3 })) " " (m.unit) }
                        }
                    } }
                }
            }
        }
    }
}

fn signature(report: &Report, lang: Lang) -> Markup {
    html! {
        section.signature {
            @match &report.signature {
                Some(s) => p { (sheet::standing(report).get(lang)) " · " (s.signed.strftime("%Y-%m-%d %H:%M %:z")) },
                None => {
                    @for name in [
                        text("审核医师（姓名）", "Physician (name)"),
                        text("决定 □ 同意 □ 修改", "Decision □ agree □ change"),
                        text("签名", "Signature"),
                        text("日期", "Date"),
                    ] { p { span { (name.get(lang)) } } }
                }
            }
        }
    }
}
