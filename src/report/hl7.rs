//! HL7 v2.5.1 `ORU^R01`: measurements and findings as OBX segments and the PDF as encapsulated data, in UTF-8 or
//! GB 18030 as the settings want and MSH-18 declares (table 0211). Segments end with a carriage return (chapter 2, 2.5.3); delimiters in texts are escaped (2.7.1).

use super::globals::measured;
use super::{Charset, Output, PROGRAM, Prior, RenderError, Report, Settings, VERSION, pdf, words};
use crate::interpret::{Finding, Severity, Tier};
use crate::signal::Sex;
use crate::text::{Lang, text};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use jiff::civil::DateTime;

/// `--to hl7`.
pub static HL7: Output = Output {
    id: "hl7",
    name: text("HL7 v2.5.1 检查结果", "HL7 v2.5.1 result (ORU^R01)"),
    extension: "hl7",
    drawn: true,
    render,
};

fn render(report: &Report, settings: &Settings) -> Result<Vec<u8>, RenderError> {
    let pdf = pdf::render(report, settings)?;
    let charset = settings.hl7_charset;
    let message = Message { report, lang: settings.lang, charset, observations: 0, segments: Vec::new() };
    let message = message.build(&pdf);
    Ok(match charset {
        Charset::Utf8 => message.into_bytes(),
        // GB 18030 has every character of Unicode: nothing is lost.
        Charset::Gb18030 => encoding_rs::GB18030.encode(&message).0.into_owned(),
    })
}

struct Message<'a> {
    report: &'a Report,
    lang: Lang,
    charset: Charset,
    observations: usize,
    segments: Vec<String>,
}

impl Message<'_> {
    fn build(mut self, pdf: &[u8]) -> String {
        self.header();
        self.patient();
        self.request();
        for (q, value) in measured(&self.report.diagnosis.measurements.global) {
            let loinc = q.loinc.map_or_else(String::new, |code| format!("{code}^{}^LN", escape(&q.name.en)));
            // LOINC has one code for every corrected QT: ours beside it says by whose formula.
            let ours = format!("{}^{}^L", q.id, escape(q.name.get(self.lang)));
            let code = if loinc.is_empty() { ours } else { format!("{loinc}^{ours}") };
            self.observation("NM", &code, &format!("{value:.0}"), &format!("{}^^UCUM", q.ucum), "");
        }
        for alarm in &self.report.diagnosis.interpretation.alarms {
            let code = format!("{}^{}^L", alarm.id, escape(words::tier(alarm.tier).get(self.lang)));
            let flag = if alarm.tier == Tier::Critical { "AA" } else { "A" };
            self.observation("TX", &code, &escape(&words::alarm(alarm, self.lang)), "", flag);
        }
        for finding in &self.report.diagnosis.interpretation.findings {
            self.finding(finding);
        }
        let verdict = words::verdict(self.report.diagnosis.interpretation.verdict);
        let code = "18844-1^EKG impression^LN";
        self.observation("TX", code, &escape(verdict.get(self.lang)), "", "");
        if let Some(signature) = self.report.signature.as_ref().filter(|s| !s.conclusion.is_empty()) {
            self.observation("TX", code, &escape(&signature.conclusion), "", "");
        }
        if let Some(prior) = &self.report.prior {
            self.comparison(prior);
        }
        let data = format!("^application^pdf^Base64^{}", BASE64.encode(pdf));
        self.observation("ED", "11524-6^EKG study^LN", &data, "", "");
        self.segments.join("\r") + "\r"
    }

    fn header(&mut self) {
        let created = self.report.created.as_ref().map(|c| time(c.datetime())).unwrap_or_default();
        let control: String = self.report.recording.origin.sha256.chars().take(20).collect();
        let charset = match self.charset {
            Charset::Utf8 => "UNICODE UTF-8",
            Charset::Gb18030 => "GB 18030-2000",
        };
        self.segments.push(format!(
            "MSH|^~\\&|{PROGRAM}^{VERSION}||||{created}||ORU^R01^ORU_R01|{control}|P|2.5.1||||||{charset}"
        ));
    }

    fn patient(&mut self) {
        let p = &self.report.diagnosis.patient;
        let id = escape(p.id.as_deref().unwrap_or_default());
        let name = escape(p.name.as_deref().unwrap_or_default());
        let birth = p.birth.map(|d| d.strftime("%Y%m%d").to_string()).unwrap_or_default();
        let sex = match p.sex {
            Some(Sex::Female) => "F",
            Some(Sex::Male) => "M",
            None => "U",
        };
        self.segments.push(format!("PID|1||{id}||{name}||{birth}|{sex}"));
    }

    fn request(&mut self) {
        let recorded = self.report.recording.start.map(time).unwrap_or_default();
        let hash = &self.report.recording.origin.sha256;
        let reported = self.report.created.as_ref().map(|c| time(c.datetime())).unwrap_or_default();
        let status = self.status();
        let reader = self.report.signature.as_ref().map(|s| escape(&s.name)).unwrap_or_default();
        self.segments.push(format!(
            "OBR|1||{}|11524-6^EKG study^LN|||{recorded}|||||||||||||||{reported}||EC|{status}|||||||^{reader}",
            hash.chars().take(40).collect::<String>()
        ));
        if self.report.signature.is_none() {
            self.segments.push(format!("NTE|1|L|{}", escape(words::PRELIMINARY.get(self.lang))));
        }
    }

    /// Table 0085 (and 0123): preliminary, final, corrected.
    fn status(&self) -> &'static str {
        match (&self.report.signature, self.report.revision) {
            (None, _) => "P",
            (Some(_), 0) => "F",
            (Some(_), _) => "C",
        }
    }

    /// Comparison statements, each with what it rests on; doubts of whose ECG the prior is come first.
    fn comparison(&mut self, prior: &Prior) {
        let code = format!("comparison^{}^L", escape(words::COMPARISON.get(self.lang)));
        self.observation("TX", &code, &escape(words::compared(prior).get(self.lang)), "", "");
        let comparison = &prior.comparison;
        let said = comparison.statements.iter().flat_map(|s| s.because.iter());
        for (n, line) in comparison.doubts.iter().chain(said).chain(&comparison.notes).enumerate() {
            self.segments.push(format!("NTE|{}|L|{}", n + 1, escape(line.get(self.lang))));
        }
    }

    fn finding(&mut self, finding: &Finding) {
        let statement = finding.wording();
        let statement = escape(statement.get(self.lang));
        let snomed = finding.rule.codes.snomed.first();
        let value = match snomed {
            Some(code) => format!("{code}^{statement}^SCT^{}^{statement}^L", finding.rule.id),
            None => format!("{}^{statement}^L", finding.rule.id),
        };
        // Table 0078.
        let flag = match finding.rule.severity {
            Severity::Normal => "N",
            Severity::Borderline | Severity::Abnormal => "A",
            Severity::Critical => "AA",
        };
        self.observation("CWE", "8601-7^EKG impression^LN", &value, "", flag);
        let evidence = words::evidence(&finding.evidence, self.lang);
        if !evidence.is_empty() {
            self.segments.push(format!("NTE|1|L|{}", escape(&evidence)));
        }
    }

    fn observation(&mut self, kind: &str, code: &str, value: &str, unit: &str, flag: &str) {
        self.observations += 1;
        let (n, status) = (self.observations, self.status());
        self.segments.push(format!("OBX|{n}|{kind}|{code}|{n}|{value}|{unit}||{flag}|||{status}"));
    }
}

fn time(at: DateTime) -> String {
    at.strftime("%Y%m%d%H%M%S").to_string()
}

/// Delimiters as escape sequences; line ends as `\.br\`; other control characters are dropped.
fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '|' => escaped.push_str("\\F\\"),
            '^' => escaped.push_str("\\S\\"),
            '&' => escaped.push_str("\\T\\"),
            '~' => escaped.push_str("\\R\\"),
            '\\' => escaped.push_str("\\E\\"),
            '\n' => escaped.push_str("\\.br\\"),
            c if c.is_control() => {}
            c => escaped.push(c),
        }
    }
    escaped
}

#[cfg(test)]
mod tests {
    use super::escape;

    #[test]
    fn a_name_cannot_break_the_message() {
        assert_eq!(escape("王|小^明\r\nPID|2"), "王\\F\\小\\S\\明\\.br\\PID\\F\\2");
        assert_eq!(escape("A&B~C\\D"), "A\\T\\B\\R\\C\\E\\D");
    }
}
