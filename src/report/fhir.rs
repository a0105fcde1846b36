//! HL7 FHIR R4 (4.0.1): a `Bundle` with the `DiagnosticReport`, its `Observation`s (measurements by LOINC and UCUM, findings
//! by SNOMED CT, the waveform as `SampledData`), `Patient`, `Device`s and, once signed, the `Practitioner`. The PDF is its
//! `presentedForm`.
//!
//! Identifiers are derived from the recording's hash: the same report gives the same bytes. A recording says its local
//! time only; FHIR wants a time zone beside a time of day, so that of the report is taken, and only the date without one.

use super::globals::measured;
use super::{Output, PROGRAM, Prior, RenderError, Report, Settings, VERSION, json, pdf, words};
use crate::ingest::mdc;
use crate::interpret::{Alarm, Finding, Severity, Tier};
use crate::signal::{LeadName, Patient, Sex};
use crate::text::{Lang, Text, text};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use serde_json::{Map, Value, json};
use sha2::{Digest, Sha256};
use std::fmt::Write as _;

/// `--to fhir`.
pub static FHIR: Output = Output {
    id: "fhir",
    name: text("FHIR R4 诊断报告", "FHIR R4 diagnostic report"),
    extension: "fhir.json",
    drawn: true,
    render,
};

const LOINC: &str = "http://loinc.org";
const SNOMED: &str = "http://snomed.info/sct";
const UCUM: &str = "http://unitsofmeasure.org";
const MDC: &str = "urn:iso:std:iso:11073:10101";
const INTERPRETATION: &str = "http://terminology.hl7.org/CodeSystem/v3-ObservationInterpretation";
const CATEGORY: &str = "http://terminology.hl7.org/CodeSystem/observation-category";

/// Millivolts of one unit of `SampledData`: a microvolt, finer than any device's step.
const FACTOR: f64 = 0.001;

fn render(report: &Report, settings: &Settings) -> Result<Vec<u8>, RenderError> {
    let pdf = pdf::render(report, settings)?;
    let bundle = Bundle { report, lang: settings.lang };
    serde_json::to_vec_pretty(&bundle.build(&pdf)).map_err(|e| RenderError::Write(e.to_string()))
}

struct Bundle<'a> {
    report: &'a Report,
    lang: Lang,
}

impl Bundle<'_> {
    fn build(&self, pdf: &[u8]) -> Value {
        let mut resources = vec![("patient".to_owned(), self.patient()), ("program".to_owned(), self.program())];
        if let Some(device) = &self.report.recording.origin.device {
            resources.push(("recorder".into(), json!({ "resourceType": "Device", "deviceName": [name(device)] })));
        }
        if let Some(signature) = &self.report.signature {
            let practitioner = json!({ "resourceType": "Practitioner", "name": [{ "text": signature.name }] });
            resources.push(("practitioner".into(), practitioner));
        }
        let mut observations = vec![("measurements".to_owned(), self.measurements())];
        for (n, alarm) in self.report.diagnosis.interpretation.alarms.iter().enumerate() {
            observations.push((format!("critical-value-{n}-{}", alarm.id), self.alarm(alarm)));
        }
        for finding in &self.report.diagnosis.interpretation.findings {
            observations.push((format!("finding-{}", finding.rule.id), self.finding(finding)));
        }
        if let Some(prior) = &self.report.prior {
            observations.push(("comparison".into(), self.comparison(prior)));
        }
        observations.push(("waveform".into(), self.waveform()));
        let results: Vec<Value> = observations.iter().map(|(key, _)| self.reference(key)).collect();
        let diagnostic = self.diagnostic(&results, pdf);
        resources.insert(0, ("report".into(), diagnostic));
        resources.extend(observations);
        let entry = |(key, resource): (String, Value)| json!({ "fullUrl": self.url(&key), "resource": resource });
        let mut bundle = object(json!({
            "resourceType": "Bundle",
            "type": "collection",
            "entry": resources.into_iter().map(entry).collect::<Vec<_>>(),
        }));
        if let Some(created) = &self.report.created {
            bundle.insert("timestamp".into(), json!(json::rfc3339(created)));
        }
        Value::Object(bundle)
    }

    /// `urn:uuid:` from the recording's hash and the resource's part in the report (RFC 9562, version 8).
    fn url(&self, key: &str) -> String {
        let origin = &self.report.recording.origin;
        let mut hash: [u8; 32] = Sha256::digest(format!("{PROGRAM} {} {key}", origin.sha256)).into();
        hash[6] = 0x80 | hash[6] & 0x0f;
        hash[8] = 0x80 | hash[8] & 0x3f;
        let mut url = String::from("urn:uuid:");
        for (i, byte) in hash[..16].iter().enumerate() {
            if [4, 6, 8, 10].contains(&i) {
                url.push('-');
            }
            let _ = write!(url, "{byte:02x}");
        }
        url
    }

    fn reference(&self, key: &str) -> Value {
        json!({ "reference": self.url(key) })
    }

    fn diagnostic(&self, results: &[Value], pdf: &[u8]) -> Value {
        let interpretation = &self.report.diagnosis.interpretation;
        let verdict = words::verdict(interpretation.verdict);
        let statement = |f: &Finding| f.wording().get(self.lang).to_owned();
        let alarms = interpretation.alarms.iter().map(|a| words::alarm(a, self.lang));
        let said: Vec<String> = alarms.chain(interpretation.findings.iter().map(statement)).collect();
        let machine = format!("{}\n{}", verdict.get(self.lang), said.join("\n"));
        let signed = self.report.signature.as_ref().filter(|s| !s.conclusion.is_empty());
        let unsigned = words::PRELIMINARY;
        let preliminary = if self.report.signature.is_none() { unsigned.get(self.lang) } else { "" };
        let conclusion = signed.map_or(machine, |s| s.conclusion.clone());
        let lines: Vec<&str> = [preliminary, &conclusion].into_iter().filter(|s| !s.is_empty()).collect();
        let mut report = object(json!({
            "resourceType": "DiagnosticReport",
            "identifier": [{ "system": "urn:einthoven:recording-sha256", "value": self.report.recording.origin.sha256 }],
            "status": json::status(self.report),
            "category": [concept("http://terminology.hl7.org/CodeSystem/v2-0074", "EC", "Electrocardiac (e.g. EKG, EEC, Holter)")],
            "code": self.named(&concept(LOINC, "11524-6", "EKG study"), &text("心电图检查", "ECG report")),
            "subject": self.reference("patient"),
            "result": results,
            "conclusion": lines.join("\n"),
            "presentedForm": [{ "contentType": "application/pdf", "language": self.lang.tag(), "data": BASE64.encode(pdf) }],
        }));
        let codes: Vec<Value> = interpretation.findings.iter().map(|f| self.codes(f)).collect();
        if signed.is_none() && !codes.is_empty() {
            report.insert("conclusionCode".into(), json!(codes));
        }
        if let Some(created) = &self.report.created {
            report.insert("issued".into(), json!(json::rfc3339(created)));
        }
        if self.report.signature.is_some() {
            report.insert("resultsInterpreter".into(), json!([self.reference("practitioner")]));
        }
        self.effective(&mut report);
        Value::Object(report)
    }

    /// When the ECG was recorded.
    fn effective(&self, resource: &mut Map<String, Value>) {
        let Some(start) = self.report.recording.start else { return };
        let zone = self.report.created.as_ref().map(|c| c.time_zone().clone());
        let zoned = zone.and_then(|zone| start.to_zoned(zone).ok());
        let when = zoned.map_or_else(|| start.date().to_string(), |z| json::rfc3339(&z));
        resource.insert("effectiveDateTime".into(), json!(when));
    }

    fn observation(&self, category: &str, code: &Value, more: Value) -> Value {
        let mut observation = object(json!({
            "resourceType": "Observation",
            "status": json::status(self.report),
            "category": [concept(CATEGORY, category, if category == "exam" { "Exam" } else { "Procedure" })],
            "code": code,
            "subject": self.reference("patient"),
            "device": self.reference("program"),
        }));
        self.effective(&mut observation);
        observation.extend(object(more));
        Value::Object(observation)
    }

    fn measurements(&self) -> Value {
        let component = |(q, value): (&super::globals::Quantity, f64)| {
            let mut code = object(json!({ "text": q.name.get(self.lang) }));
            if let Some(loinc) = q.loinc {
                code.insert("coding".into(), json!([{ "system": LOINC, "code": loinc }]));
            }
            json!({
                "code": code,
                "valueQuantity": { "value": rounded(value), "unit": q.unit, "system": UCUM, "code": q.ucum },
            })
        };
        let components: Vec<Value> = measured(&self.report.diagnosis.measurements.global).map(component).collect();
        let code = concept(LOINC, "34534-8", "12 lead EKG panel");
        let code = self.named(&code, &text("心电图测量", "ECG measurements"));
        let more = if components.is_empty() {
            let reason = concept("http://terminology.hl7.org/CodeSystem/data-absent-reason", "error", "Error");
            json!({ "dataAbsentReason": reason })
        } else {
            json!({ "component": components })
        };
        self.observation("procedure", &code, more)
    }

    fn codes(&self, finding: &Finding) -> Value {
        let codings: Vec<Value> =
            finding.rule.codes.snomed.iter().map(|code| json!({ "system": SNOMED, "code": code })).collect();
        let text = finding.wording();
        let mut concept = object(json!({ "text": text.get(self.lang) }));
        if !codings.is_empty() {
            concept.insert("coding".into(), json!(codings));
        }
        Value::Object(concept)
    }

    /// A critical or major positive value: what it is, its number, and how urgent.
    fn alarm(&self, alarm: &Alarm) -> Value {
        let mark = match alarm.tier {
            Tier::Critical => ("AA", "Critical abnormal"),
            Tier::MajorPositive => ("A", "Abnormal"),
        };
        let more = json!({
            "identifier": [{ "system": "urn:einthoven:critical-value", "value": alarm.id }],
            "valueString": words::alarm(alarm, self.lang),
            "interpretation": [concept(INTERPRETATION, mark.0, mark.1)],
        });
        self.observation("exam", &self.named(&Value::Null, &words::tier(alarm.tier)), more)
    }

    fn finding(&self, finding: &Finding) -> Value {
        let mark = match finding.rule.severity {
            Severity::Normal => ("N", "Normal"),
            Severity::Borderline | Severity::Abnormal => ("A", "Abnormal"),
            Severity::Critical => ("AA", "Critical abnormal"),
        };
        let mut more = object(json!({
            "identifier": [{ "system": "urn:einthoven:statement", "value": finding.rule.id }],
            "valueCodeableConcept": self.codes(finding),
            "interpretation": [concept(INTERPRETATION, mark.0, mark.1)],
        }));
        let evidence = words::evidence(&finding.evidence, self.lang);
        if !evidence.is_empty() {
            more.insert("note".into(), json!([{ "text": evidence }]));
        }
        let code = self.named(&concept(LOINC, "8601-7", "EKG impression"), &text("心电图结论", "ECG finding"));
        self.observation("exam", &code, Value::Object(more))
    }

    /// Comparison statements as one text, what they rest on as notes.
    fn comparison(&self, prior: &Prior) -> Value {
        let comparison = &prior.comparison;
        let said = comparison.statements.iter().flat_map(|s| s.because.iter());
        let lines = comparison.doubts.iter().chain(said).chain(&comparison.notes);
        let notes: Vec<Value> = lines.map(|t| json!({ "text": t.get(self.lang) })).collect();
        let mut more = object(json!({ "valueString": words::compared(prior).get(self.lang) }));
        if !notes.is_empty() {
            more.insert("note".into(), json!(notes));
        }
        let code = self.named(&Value::Null, &words::COMPARISON);
        self.observation("exam", &code, Value::Object(more))
    }

    fn waveform(&self) -> Value {
        let recording = &self.report.recording;
        let period = 1000.0 / recording.rate.0;
        let component = |(lead, row): (&LeadName, ndarray::ArrayView1<'_, f32>)| {
            let mut code = object(json!({ "text": lead.as_str() }));
            if let Some(number) = mdc::number(lead) {
                code.insert("coding".into(), json!([{ "system": MDC, "code": (131_072 + number).to_string() }]));
            }
            json!({
                "code": code,
                "valueSampledData": {
                    "origin": { "value": 0, "unit": "mV", "system": UCUM, "code": "mV" },
                    "period": period,
                    "factor": FACTOR,
                    "dimensions": 1,
                    "data": samples(row.iter().copied()),
                },
            })
        };
        let components: Vec<Value> = recording.leads.iter().zip(recording.samples.rows()).map(component).collect();
        let code = self.named(&concept(MDC, "131328", "MDC_ECG_ELEC_POTL"), &text("心电图波形", "ECG waveform"));
        self.observation("procedure", &code, json!({ "component": components }))
    }

    fn patient(&self) -> Value {
        let Patient { id, name, sex, birth, .. } = &self.report.diagnosis.patient;
        let gender = match sex {
            Some(Sex::Female) => "female",
            Some(Sex::Male) => "male",
            None => "unknown",
        };
        let mut patient = object(json!({ "resourceType": "Patient", "gender": gender }));
        if let Some(id) = id.as_deref().map(str::trim).filter(|s| !s.is_empty()) {
            patient.insert("identifier".into(), json!([{ "value": id }]));
        }
        if let Some(name) = name.as_deref().map(str::trim).filter(|s| !s.is_empty()) {
            patient.insert("name".into(), json!([{ "text": name }]));
        }
        if let Some(birth) = birth {
            patient.insert("birthDate".into(), json!(birth.to_string()));
        }
        Value::Object(patient)
    }

    /// The concept with its name in the report's language: the code systems' own are English.
    fn named(&self, concept: &Value, name: &Text) -> Value {
        let mut concept = object(concept.clone());
        concept.insert("text".into(), json!(name.get(self.lang)));
        Value::Object(concept)
    }

    fn program(&self) -> Value {
        json!({
            "resourceType": "Device",
            "deviceName": [name(PROGRAM)],
            "version": [{ "value": VERSION }],
            "note": [{ "text": words::NOT_CERTIFIED.get(self.lang) }],
        })
    }
}

fn name(device: &str) -> Value {
    json!({ "name": device, "type": "user-friendly-name" })
}

fn concept(system: &str, code: &str, display: &str) -> Value {
    json!({ "coding": [{ "system": system, "code": code, "display": display }] })
}

fn object(value: Value) -> Map<String, Value> {
    match value {
        Value::Object(map) => map,
        _ => Map::new(),
    }
}

fn rounded(value: f64) -> Value {
    json!((value * 10.0).round() / 10.0)
}

/// Whole multiples of [`FACTOR`]; `E` = no valid value there (FHIR R4, `SampledData.data`).
fn samples(row: impl Iterator<Item = f32>) -> String {
    let mut data = String::new();
    for value in row {
        if !data.is_empty() {
            data.push(' ');
        }
        if value.is_finite() {
            let _ = write!(data, "{}", (f64::from(value) / FACTOR).round() as i64);
        } else {
            data.push('E');
        }
    }
    data
}
