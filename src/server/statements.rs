//! What readers type from: every statement with its codes and the initials of its Chinese wording, templates, and usual
//! reasons to refuse an ECG.

use super::App;
use crate::interpret::{RULES, Rule};
use crate::text::{Text, text};
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use pinyin::ToPinyin;
use serde_json::{Value, json};
use std::sync::OnceLock;

/// Initials of a Chinese phrase, letters and digits as they are: 窦性心律 → dxxl, ST段 → std. Characters of several
/// readings take the usual one, but for those that ECG language reads otherwise.
pub fn initials(phrase: &str) -> String {
    // 重 in 二重, 传 in 传导, 长 in 延长, 行 in 逆行, 率 in 心率: the usual reading of some is another one.
    const OTHERWISE: &[(char, char)] =
        &[('传', 'c'), ('长', 'c'), ('率', 'l'), ('重', 'c'), ('行', 'x'), ('差', 'c'), ('调', 't')];
    let initial = |c: char| {
        let known = OTHERWISE.iter().find(|(other, _)| *other == c).map(|(_, initial)| *initial);
        known.or_else(|| c.to_pinyin()?.plain().chars().next())
    };
    phrase
        .chars()
        .filter_map(|c| if c.is_ascii_alphanumeric() { Some(c.to_ascii_lowercase()) } else { initial(c) })
        .collect()
}

/// Templates: a name and the statements of a whole conclusion.
#[rustfmt::skip]
const TEMPLATES: &[(&str, Text, &[&str])] = &[
    ("normal", text("正常心电图", "Normal ECG"), &["sinus-rhythm"]),
    ("bradycardia", text("窦性心动过缓", "Sinus bradycardia"), &["sinus-bradycardia"]),
    ("tachycardia", text("窦性心动过速", "Sinus tachycardia"), &["sinus-tachycardia"]),
    ("fibrillation", text("心房颤动", "Atrial fibrillation"), &["atrial-fibrillation"]),
];

/// Usual reasons to refuse.
#[rustfmt::skip]
const REASONS: &[Text] = &[
    text("基线漂移明显，请清洁皮肤后重新采集", "Wandering baseline: clean the skin and record again"),
    text("肌电干扰明显，请嘱患者放松后重新采集", "Muscle tremor: let the patient relax and record again"),
    text("交流电干扰明显，请检查接地后重新采集", "Mains interference: check the earthing and record again"),
    text("电极脱落或接触不良，请检查后重新采集", "Electrode off or loose: check and record again"),
    text("疑似肢体导联接反，请核对后重新采集", "Limb leads seem to be exchanged: check and record again"),
    text("疑似胸导联位置有误，请核对后重新采集", "Chest leads seem to be misplaced: check and record again"),
    text("记录时间不足，请重新采集", "Too short: record again"),
    text("患者信息不全或不符，请核对", "Patient data missing or wrong: check them"),
];

fn statement(rule: &Rule) -> Value {
    let codes: Vec<&str> = rule.codes.scp.iter().chain(rule.codes.aha).chain(rule.codes.minnesota).copied().collect();
    json!({
        "id": rule.id,
        "text": rule.text,
        "pinyin": initials(&rule.text.zh),
        "family": rule.family,
        "severity": rule.severity,
        "codes": codes,
        "criteria": rule.criteria,
    })
}

fn template((id, name, statements): &(&str, Text, &[&str])) -> Value {
    let lines = statements.iter().filter_map(|id| RULES.iter().find(|r| r.id == *id));
    let lines: Vec<Value> = lines.map(|r| json!({ "statement": r.id, "text": r.text })).collect();
    json!({ "id": id, "name": name, "pinyin": initials(&name.zh), "lines": lines })
}

/// `GET /api/statements`
pub async fn all(State(_): State<App>, headers: HeaderMap) -> Response {
    static BODY: OnceLock<(String, String)> = OnceLock::new();
    let (body, tag) = BODY.get_or_init(|| {
        let body = json!({
            "statements": RULES.iter().map(|r| statement(r)).collect::<Vec<_>>(),
            "templates": TEMPLATES.iter().map(template).collect::<Vec<_>>(),
            "quality_reasons": REASONS,
        })
        .to_string();
        let tag = format!("\"{}\"", &super::secret::digest(&body)[..24]);
        (body, tag)
    });
    let cached = [(header::CACHE_CONTROL, "private, no-cache"), (header::ETAG, tag.as_str())];
    if headers.get(header::IF_NONE_MATCH).is_some_and(|v| v.as_bytes() == tag.as_bytes()) {
        return (StatusCode::NOT_MODIFIED, cached).into_response();
    }
    (cached, [(header::CONTENT_TYPE, "application/json")], body.clone()).into_response()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn initials_are_what_a_reader_types() {
        for (phrase, typed) in
            [("窦性心律", "dxxl"), ("室性早搏", "sxzb"), ("一度房室传导阻滞", "ydfscdzz"), ("ST段抬高", "stdtg")]
        {
            assert_eq!(initials(phrase), typed);
        }
    }

    #[test]
    fn every_template_is_made_of_statements_and_every_statement_can_be_typed() {
        for (id, _, statements) in TEMPLATES {
            for statement in *statements {
                assert!(RULES.iter().any(|r| r.id == *statement), "{id}: {statement}");
            }
        }
        for rule in RULES {
            assert!(!initials(&rule.text.zh).is_empty(), "{}", rule.id);
        }
    }
}
