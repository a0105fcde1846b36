//! One report's measurements and findings as a table that spreadsheets and statistics read: a row a value, RFC 4180, UTF-8
//! with a byte order mark.

use super::globals::GLOBALS;
use super::{Output, RenderError, Report, Settings, words};
use crate::text::text;
use serde_json::Value;

/// Facts of this output.
pub static CSV: Output =
    Output {
        id: "csv", name: text("CSV 测量值与结论", "CSV of measurements and findings"), extension: "csv", render
    };

fn render(report: &Report, settings: &Settings) -> Result<Vec<u8>, RenderError> {
    let write = |e: &dyn std::fmt::Display| RenderError::Write(e.to_string());
    let mut table =
        ::csv::WriterBuilder::new().terminator(::csv::Terminator::CRLF).from_writer("\u{feff}".as_bytes().to_vec());
    let mut row = |cells: [&str; 6]| table.write_record(cells).map_err(|e| write(&e));
    row(["kind", "lead", "id", "name", "value", "unit"])?;
    let hash = report.recording.origin.sha256.as_str();
    row(["recording", "", "sha256", "", hash, ""])?;
    let interpretation = &report.diagnosis.interpretation;
    row([
        "verdict",
        "",
        words::verdict_id(interpretation.verdict),
        words::verdict(interpretation.verdict).get(settings.lang),
        "",
        "",
    ])?;
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
            row(["lead", lead.lead.as_str(), id, "", &value, unit])?;
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
