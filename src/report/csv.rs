//! One report's measurements and findings as a table that spreadsheets and statistics read: a row a value, RFC 4180, UTF-8
//! with a byte order mark.

use super::batch::guarded;
use super::globals::GLOBALS;
use super::json::status;
use super::{Output, RenderError, Report, Settings, words};
use crate::text::{Lang, Text, text};
use serde_json::Value;

/// Facts of this output.
pub static CSV: Output = Output {
    id: "csv",
    name: text("CSV 测量值与结论", "CSV of measurements and findings"),
    extension: "csv",
    drawn: false,
    render,
};

fn render(report: &Report, settings: &Settings) -> Result<Vec<u8>, RenderError> {
    let write = |e: &dyn std::fmt::Display| RenderError::Write(e.to_string());
    let mut table =
        ::csv::WriterBuilder::new().terminator(::csv::Terminator::CRLF).from_writer("\u{feff}".as_bytes().to_vec());
    let mut row = |cells: [&str; 6]| table.write_record(cells).map_err(|e| write(&e));
    row(["kind", "lead", "id", "name", "value", "unit"])?;
    for (kind, id, name, value, unit) in facts(report, settings.lang) {
        row([kind, "", id, name.get(settings.lang), &guarded(&value), unit])?;
    }
    let interpretation = &report.diagnosis.interpretation;
    row([
        "verdict",
        "",
        words::verdict_id(interpretation.verdict),
        words::verdict(interpretation.verdict).get(settings.lang),
        "",
        "",
    ])?;
    for alarm in &interpretation.alarms {
        row(["critical-value", "", alarm.id, &words::alarm(alarm, settings.lang), "", ""])?;
    }
    for finding in &interpretation.findings {
        let statement = finding.wording();
        row(["finding", "", finding.rule.id, statement.get(settings.lang), "", ""])?;
        for number in &finding.evidence.numbers {
            let value = plain(number.value);
            row(["evidence", "", finding.rule.id, number.name.get(settings.lang), &value, number.unit])?;
        }
    }
    if let Some(prior) = &report.prior {
        let comparison = &prior.comparison;
        for statement in &comparison.statements {
            let id =
                serde_json::to_value(statement.id).ok().and_then(|v| v.as_str().map(str::to_owned)).unwrap_or_default();
            row(["comparison", "", &id, statement.text.get(settings.lang), statement.aha.unwrap_or_default(), ""])?;
            for because in &statement.because {
                row(["change", "", &id, because.get(settings.lang), "", ""])?;
            }
        }
        for doubt in comparison.doubts.iter().chain(&comparison.notes) {
            row(["comparison-note", "", "", doubt.get(settings.lang), "", ""])?;
        }
        for shift in &comparison.measurements {
            let change = shift.change.map(plain).unwrap_or_default();
            row(["difference", "", shift.id, shift.name.get(settings.lang), &change, shift.unit])?;
        }
    }
    let measurements = &report.diagnosis.measurements;
    for quantity in GLOBALS {
        let value = (quantity.value)(&measurements.global).map(plain).unwrap_or_default();
        row(["global", "", quantity.id, quantity.name.get(settings.lang), &value, quantity.unit])?;
    }
    for lead in &measurements.leads {
        // The JSON names, so that every output calls a quantity the same.
        let Ok(Value::Object(fields)) = serde_json::to_value(lead) else { continue };
        for (id, value) in fields.iter().filter(|(id, _)| *id != "lead") {
            let unit = if id == "qrs_area" { "mV.ms" } else { unit(id) };
            let value = value.as_f64().map(plain).unwrap_or_default();
            let name = LEAD_NAMES.iter().find(|(known, _)| known == id).map_or("", |(_, name)| name.get(settings.lang));
            row(["lead", lead.lead.as_str(), id, name, &value, unit])?;
        }
    }
    let further = serde_json::to_value(&measurements.further).map_err(|e| write(&e))?;
    let mut values = Vec::new();
    flat("", &further, &mut values);
    for (id, value) in &values {
        row(["further", "", id, "", value, unit(id)])?;
    }
    table.into_inner().map_err(|e| write(&e))
}

/// What the JSON's names of a lead's measurements mean.
static LEAD_NAMES: [(&str, Text); 19] = [
    ("p_mv", text("P波振幅", "P amplitude")),
    ("p_terminal_mv", text("P波终末部分振幅", "P terminal amplitude")),
    ("p_terminal_ms", text("P波终末部分时限", "P terminal duration")),
    ("q_mv", text("Q波振幅", "Q amplitude")),
    ("q_ms", text("Q波时限", "Q duration")),
    ("r_mv", text("R波振幅", "R amplitude")),
    ("r_ms", text("R波时限", "R duration")),
    ("s_mv", text("S波振幅", "S amplitude")),
    ("s_ms", text("S波时限", "S duration")),
    ("r2_mv", text("R′波振幅", "R′ amplitude")),
    ("r_peak_ms", text("R峰时间", "R peak time")),
    ("qrs_area", text("QRS面积", "QRS area")),
    ("qrs_ms", text("QRS时限", "QRS duration")),
    ("st_j_mv", text("ST段偏移（J点）", "ST level at J")),
    ("st_60_mv", text("ST段偏移（J+60 ms）", "ST level at J+60 ms")),
    ("st_80_mv", text("ST段偏移（J+80 ms）", "ST level at J+80 ms")),
    ("t_mv", text("T波振幅", "T amplitude")),
    ("j_mv", text("J波振幅", "J wave amplitude")),
    ("u_mv", text("U波振幅", "U amplitude")),
];

/// Kind, id, name, value and unit of what the report is of and how far it has come; only what is known.
fn facts(report: &Report, lang: Lang) -> Vec<(&'static str, &'static str, Text, String, &'static str)> {
    let (recording, patient) = (&report.recording, &report.diagnosis.patient);
    let local = |t: jiff::civil::DateTime| t.strftime("%Y-%m-%d %H:%M:%S").to_string();
    let signer = report.signature.as_ref();
    let all = [
        ("report", "status", text("状态", "Status"), Some(status(report).to_string()), ""),
        ("report", "physician", text("审核医师", "Physician"), signer.map(|s| s.name.clone()), ""),
        (
            "report",
            "conclusion",
            text("医师结论", "Physician's conclusion"),
            signer.map(|s| s.conclusion.clone()).filter(|c| !c.is_empty()),
            "",
        ),
        ("recording", "name", text("名称", "Name"), Some(recording.name.clone()), ""),
        ("recording", "sha256", text("文件校验值", "Hash of the file"), Some(recording.origin.sha256.clone()), ""),
        ("recording", "start", text("采集时间", "Recorded"), recording.start.map(local), ""),
        ("recording", "duration", text("时长", "Duration"), Some(plain(recording.seconds())), "s"),
        ("recording", "rate", text("采样率", "Sampling rate"), Some(plain(recording.rate.0)), "Hz"),
        ("patient", "id", text("编号", "ID"), patient.id.clone(), ""),
        ("patient", "name", text("姓名", "Name"), patient.name.clone(), ""),
        ("patient", "sex", text("性别", "Sex"), patient.sex.map(|s| words::sex(s).get(lang).to_string()), ""),
        ("patient", "age", text("年龄", "Age"), patient.age.map(plain), "a"),
        ("patient", "birth", text("出生日期", "Date of birth"), patient.birth.map(|d| d.to_string()), ""),
    ];
    let known = all.into_iter().filter_map(|(kind, id, name, value, unit)| Some((kind, id, name, value?, unit)));
    known.collect()
}

/// The unit that a field's name ends with.
fn unit(id: &str) -> &'static str {
    const UNITS: [(&str, &str); 5] = [("_ms2", "ms2"), ("_ms", "ms"), ("_mv", "mV"), ("_uv", "uV"), ("_percent", "%")];
    UNITS.iter().find(|(end, _)| id.ends_with(end)).map_or("", |(_, unit)| unit)
}

/// The values in an object by their path.
fn flat(path: &str, value: &Value, into: &mut Vec<(String, String)>) {
    match value {
        Value::Object(fields) => {
            for (name, value) in fields {
                let dot = if path.is_empty() { "" } else { "." };
                flat(&format!("{path}{dot}{name}"), value, into);
            }
        }
        Value::Null => {}
        Value::String(words) => into.push((path.to_owned(), words.clone())),
        other => into.push((path.to_owned(), other.as_f64().map_or_else(|| other.to_string(), plain))),
    }
}

/// A value to four places, without idle zeros.
fn plain(value: f64) -> String {
    let rounded = (value * 1e4).round() / 1e4;
    format!("{}", if rounded == 0.0 { 0.0 } else { rounded })
}
