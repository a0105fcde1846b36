//! The worklist as one HTML file that works offline: no outside resource, readable without scripts, on paper and on a
//! telephone. A few lines of script add search, filters and sorting where they run.

use super::{Outcome, Row, Summary, Thumbnail, Totals};
use crate::report::page::clean;
use crate::report::{PROGRAM, VERSION, words};
use crate::text::{Lang, Text, text};
use maud::{DOCTYPE, Markup, PreEscaped, html};

const STYLE: &str = include_str!("index.css");
const SCRIPT: &str = include_str!("index.js");

const TITLE: Text = text("心电图工作列表", "ECG worklist");
const COLUMNS: [Text; 7] = [
    text("结论", "Conclusion"),
    text("心电图", "ECG"),
    text("主要发现", "Headline findings"),
    text("节律导联", "Rhythm lead"),
    text("心率", "Rate"),
    text("QTc", "QTc"),
    text("质量", "Quality"),
];

/// Everything before the first row.
pub fn index_head(totals: &Totals, lang: Lang) -> String {
    let kinds = [
        ("critical", text("危急", "critical"), totals.critical),
        ("abnormal", text("异常", "abnormal"), totals.abnormal),
        ("failed", text("未能读取", "not read"), totals.failed),
        ("uninterpretable", text("无法判读", "not interpretable"), totals.uninterpretable),
        ("borderline", text("临界", "borderline"), totals.borderline),
        ("normal", text("正常或大致正常", "normal or otherwise normal"), totals.normal),
    ];
    let all = totals.all();
    let head = html! {
        head {
            meta charset="utf-8";
            meta name="viewport" content="width=device-width, initial-scale=1";
            meta name="robots" content="noindex";
            title { (TITLE.get(lang)) }
            style { (PreEscaped(STYLE)) }
        }
    };
    let top = html! {
        header {
            h1 { (TITLE.get(lang)) }
            p.preliminary { (words::PRELIMINARY.get(lang)) }
            p.total { (Text::of(format!("共 {all} 份，最紧急的在最前"), format!("{all} ECGs, most urgent first")).get(lang)) }
            ul.kinds {
                @for (id, name, count) in &kinds {
                    li class=(id) data-kind=(id) { span.mark { (kind_mark(id)) } " " (name.get(lang)) " " b { (count) } }
                }
            }
            p.tools hidden {
                input #search type="search" placeholder=(text("按文件、患者或发现查找", "find by file, patient or finding").get(lang));
                " " span #shown {}
            }
        }
    };
    let columns = html! {
        thead { tr { @for column in &COLUMNS { th scope="col" { (column.get(lang)) } } } }
    };
    format!(
        "{}<html lang=\"{}\">{}<body>{}<main><table id=\"worklist\">{}<tbody>\n",
        DOCTYPE.0,
        lang.tag(),
        head.0,
        top.0,
        columns.0
    )
}

/// One row.
pub fn index_row(row: &Row, lang: Lang) -> String {
    let (kind, cells) = match &row.outcome {
        Outcome::Failed(reason) => ("failed", failed(row, reason, lang)),
        Outcome::Reported(summary) => (kind(summary), reported(row, summary, lang)),
    };
    let mut line = html! { tr class=(kind) data-kind=(kind) data-urgency=(row.urgency()) { (cells) } }.0;
    line.push('\n');
    line
}

/// Everything after the last row.
pub fn index_foot(lang: Lang) -> String {
    let note = text(
        "按紧急程度排列：危急、异常、须重新采集或重新发送、临界、正常。",
        "Order: critical, abnormal, to be recorded or sent again, borderline, normal.",
    );
    let foot = html! {
        footer {
            p { (note.get(lang)) }
            p { (PROGRAM) " " (VERSION) " · " (words::NOT_CERTIFIED.get(lang)) }
        }
    };
    format!("</tbody></table></main>{}<script>{SCRIPT}</script></body></html>\n", foot.0)
}

fn kind(summary: &Summary) -> &'static str {
    match words::verdict_id(summary.verdict) {
        _ if summary.critical => "critical",
        "otherwise-normal" => "normal",
        other => other,
    }
}

fn kind_mark(kind: &str) -> &'static str {
    match kind {
        "critical" => "▲",
        "abnormal" => "◆",
        "borderline" => "◇",
        "normal" => "○",
        _ => "✕",
    }
}

fn failed(row: &Row, reason: &Text, lang: Lang) -> Markup {
    html! {
        td.verdict { span.mark { (kind_mark("failed")) } " " (text("未能读取", "Not read").get(lang)) }
        td { (identity(row, None, lang)) }
        td.reason colspan="5" { (reason.get(lang)) }
    }
}

fn reported(row: &Row, s: &Summary, lang: Lang) -> Markup {
    let more = s.findings.saturating_sub(s.headlines.len());
    html! {
        td.verdict { span.mark { (kind_mark(kind(s))) } " " (words::verdict(s.verdict).get(lang)) }
        td { (identity(row, Some(s), lang)) }
        td.findings {
            ul { @for (mark, finding) in &s.headlines { li { span.mark { (mark) } " " (finding.get(lang)) } } }
            @if more > 0 { p.more { (Text::of(format!("另有 {more} 项"), format!("{more} more")).get(lang)) } }
        }
        td.strip { @if let Some(t) = &s.thumbnail { (strip(t)) } }
        td.number data-label=(COLUMNS[4].get(lang)) { (number(s.rate, "bpm")) }
        td.number data-label=(COLUMNS[5].get(lang)) { (number(s.qtc, "ms")) }
        td.number data-label=(COLUMNS[6].get(lang)) { (number(s.quality.map(|q| q * 100.0), "%")) }
    }
}

fn number(value: Option<f64>, unit: &str) -> Markup {
    html! {
        @match value {
            Some(v) => { span.value { (format!("{v:.0}")) } " " span.unit { (unit) } }
            None => { span.none { "—" } }
        }
    }
}

fn identity(row: &Row, summary: Option<&Summary>, lang: Lang) -> Markup {
    let first = row.links.first();
    let details = summary.map(|s| {
        let id = s.patient_id.as_deref().unwrap_or_default();
        [s.patient.get(lang), id, s.start.as_deref().unwrap_or_default(), s.device.as_deref().unwrap_or_default()]
            .into_iter()
            .filter(|part| !part.is_empty())
            .collect::<Vec<_>>()
    });
    html! {
        div.file { @match first { Some((_, target)) => a href=(href(target)) { (clean(&row.file)) }, None => (clean(&row.file)) } }
        @for detail in details.into_iter().flatten() { div.detail { (clean(detail)) } }
        @if !row.links.is_empty() {
            div.links { @for (name, target) in &row.links { a href=(href(target)) { (name) } " " } }
        }
    }
}

fn hex(nibble: u8) -> char {
    char::from_digit(u32::from(nibble), 16).map_or('0', |c| c.to_ascii_uppercase())
}

/// A relative path as a link: what would end the path or start a scheme is escaped (RFC 3986, 3.3).
fn href(path: &str) -> String {
    let mut escaped = String::from("./");
    for byte in path.bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' | b'/' => escaped.push(byte as char),
            _ => escaped.extend(['%', hex(byte >> 4), hex(byte & 15)]),
        }
    }
    escaped
}

fn strip(t: &Thumbnail) -> Markup {
    let view = format!("0 0 {} {}", Thumbnail::WIDTH, Thumbnail::HEIGHT);
    let label = format!("{} · {:.0} s", t.lead, t.seconds);
    html! {
        svg viewBox=(view) role="img" aria-label=(label) {
            title { (label) }
            path d=(t.path) {}
        }
        div.detail { (label) }
    }
}
