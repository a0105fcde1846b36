//! The catalogue of statements as a document that a cardiology department can review line by line: CSV for a table
//! calculator (both languages side by side), HTML to print.

use crate::interpret::{RULES, Rule, Severity};
use crate::text::{Lang, Text, text};
use maud::{DOCTYPE, PreEscaped, html as markup};

/// Columns, in both languages.
const COLUMNS: [Text; 14] = [
    text("序号", "No."),
    text("标识", "id"),
    text("类别", "family"),
    text("中文语句", "Chinese wording"),
    text("英文语句", "English wording"),
    text("程度", "severity"),
    text("判定标准（中文）", "criteria (Chinese)"),
    text("判定标准（英文）", "criteria (English)"),
    text("AHA编码", "AHA"),
    text("SCP-ECG编码", "SCP-ECG"),
    text("SNOMED CT编码", "SNOMED CT"),
    text("明尼苏达编码", "Minnesota"),
    text("取代的语句", "replaces"),
    text("出处", "source"),
];

/// Severity as printed.
const fn severity(severity: Severity) -> Text {
    match severity {
        Severity::Normal => text("正常或技术性", "normal"),
        Severity::Borderline => text("界限性", "borderline"),
        Severity::Abnormal => text("异常", "abnormal"),
        Severity::Critical => text("危急", "critical"),
    }
}

fn source(rule: &Rule, lang: Lang) -> String {
    let cite = rule.source.said(lang);
    rule.source.doi.map_or_else(|| cite.to_owned(), |doi| format!("{cite} doi:{doi}"))
}

/// The citation as it was written, and in English where that is another.
fn sources(rule: &Rule) -> String {
    let (written, english) = (source(rule, Lang::Zh), source(rule, Lang::En));
    if written == english { written } else { format!("{written} / {english}") }
}

/// One rule's cells after its number.
fn cells(rule: &Rule) -> [String; 13] {
    let words = severity(rule.severity);
    [
        rule.id.to_owned(),
        rule.family.to_owned(),
        rule.text.zh.to_string(),
        rule.text.en.to_string(),
        format!("{} {}", words.zh, words.en),
        rule.criteria.zh.to_string(),
        rule.criteria.en.to_string(),
        rule.codes.aha.join(" "),
        rule.codes.scp.join(" "),
        rule.codes.snomed.join(" "),
        rule.codes.minnesota.join(" "),
        rule.replaces.join(" "),
        sources(rule),
    ]
}

/// A field of RFC 4180; one that a table calculator would take for a formula or a date stays text.
fn field(value: &str) -> String {
    let risky = value.starts_with(['=', '+', '-', '@']);
    let value = if risky { format!("'{value}") } else { value.to_owned() };
    format!("\"{}\"", value.replace('"', "\"\""))
}

/// The table, both languages, UTF-8 with a byte-order mark so that Excel reads the Chinese.
pub fn csv() -> String {
    let mut out = String::from("\u{feff}");
    let heads = COLUMNS.map(|c| field(&format!("{} {}", c.zh, c.en)));
    out += &heads.join(",");
    out += "\r\n";
    for (i, rule) in RULES.iter().enumerate() {
        out += &(i + 1).to_string();
        for cell in cells(rule) {
            out.push(',');
            out += &field(&cell);
        }
        out += "\r\n";
    }
    out
}

const STYLE: &str = "body{font:13px/1.5 sans-serif;margin:2em}table{border-collapse:collapse;width:100%}\
td,th{border:1px solid #bbb;padding:4px 6px;text-align:left;vertical-align:top}th{background:#eee}\
h2{margin:1.5em 0 .3em}.id{color:#666;font-size:11px}.critical{color:#b00020;font-weight:bold}.abnormal{color:#a04000}\
.review{width:9em}tr{break-inside:avoid}@media print{body{margin:0}}";

/// The document in one language with the other beside it, by family, with room for the reviewer's mark.
pub fn html(lang: Lang) -> String {
    let title = text("诊断语句审核表", "Statements for review");
    let intro = Text::of(
        format!("共{}条。程序结论均为初步结论，须经医师确认。", RULES.len()),
        format!("{} statements. Every finding is preliminary until a physician confirms it.", RULES.len()),
    );
    let heads = [
        text("语句", "Statement"),
        text("程度", "Severity"),
        text("判定标准与出处", "Criteria and source"),
        text("编码", "Codes"),
        text("取代", "Replaces"),
        text("审核意见", "Reviewer"),
    ];
    let mut families: Vec<&str> = Vec::new();
    for rule in RULES {
        if !families.contains(&rule.family) {
            families.push(rule.family);
        }
    }
    let page = markup! {
        (DOCTYPE)
        html lang=(lang.tag()) {
            head { meta charset="utf-8"; title { (title.get(lang)) } style { (PreEscaped(STYLE)) } }
            body {
                h1 { (title.get(lang)) }
                p { (intro.get(lang)) }
                @for family in families {
                    h2 { (family_name(family).get(lang)) }
                    table {
                        tr { @for head in &heads { th { (head.get(lang)) } } }
                        @for rule in RULES.iter().filter(|r| r.family == family) { (row(rule, lang)) }
                    }
                }
            }
        }
    };
    page.into_string()
}

fn row(rule: &Rule, lang: Lang) -> maud::Markup {
    let other = if lang == Lang::Zh { Lang::En } else { Lang::Zh };
    let class = match rule.severity {
        Severity::Critical => "critical",
        Severity::Abnormal => "abnormal",
        _ => "",
    };
    let codes = [
        ("AHA", rule.codes.aha),
        ("SCP", rule.codes.scp),
        ("SNOMED CT", rule.codes.snomed),
        ("MC", rule.codes.minnesota),
    ];
    markup! {
        tr {
            td { (rule.text.get(lang)) br; (rule.text.get(other)) br; span.id { (rule.id) } }
            td class=(class) { (severity(rule.severity).get(lang)) }
            td { (rule.criteria.get(lang)) br; (rule.criteria.get(other)) br; span.id { (source(rule, lang)) } }
            td { @for (name, list) in codes { @if !list.is_empty() { (name) " " (list.join(", ")) br; } } }
            td.id { (rule.replaces.join(", ")) }
            td.review {}
        }
    }
}

/// A family's heading.
fn family_name(family: &str) -> Text {
    match family {
        "technical" => text("技术与信号质量", "Technical"),
        "rhythm" => text("心律", "Rhythm"),
        "ectopy" => text("期前收缩与逸搏", "Ectopic and escape beats"),
        "conduction" => text("传导", "Conduction"),
        "axis" => text("电轴、电压与R波递增", "Axis, voltage and R progression"),
        "chambers" => text("心房与心室", "Chambers"),
        "infarction" => text("心肌梗死与损伤", "Infarction and injury"),
        "repolarization" => text("复极", "Repolarization"),
        "pacing" => text("起搏", "Pacing"),
        other => Text::of(other, other),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_statement_is_in_the_document() {
        let (csv, zh, en) = (csv(), html(Lang::Zh), html(Lang::En));
        assert_eq!(csv.lines().count(), RULES.len() + 1);
        for rule in RULES {
            assert!(zh.contains(rule.id) && en.contains(rule.id), "{}", rule.id);
            assert!(family_name(rule.family).zh != family_name(rule.family).en, "{}", rule.family);
        }
    }
}
