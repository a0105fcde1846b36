//! The document's elements, gathered in one walk.

use super::ID;
use crate::ingest::xml::{self, Element, Step, Walk};
use crate::ingest::{ReadError, ReadOptions};
use crate::signal::{DeviceFindings, DeviceMeasurement, LeadName, Patient, Sex};
use jiff::civil::{Date, DateTime, Time};

/// One representative beat.
#[derive(Default)]
pub struct Beat {
    /// Lead label.
    pub lead: String,
    /// Samples in units of the beats' resolution.
    pub samples: Vec<i16>,
}

/// One interpretation: when, measurements, statements.
#[derive(Default)]
struct Interpretation {
    when: String,
    measurements: Vec<DeviceMeasurement>,
    statements: Vec<String>,
}

/// What a document says.
#[derive(Default)]
pub struct Document {
    /// `documentversion`.
    pub version: Option<String>,
    /// Samples a second of the rhythm.
    pub rate: Option<f64>,
    /// µV of one unit of the rhythm.
    pub resolution_uv: Option<f64>,
    /// Bits a sample.
    pub bits: Option<f64>,
    /// Offset of a sample.
    pub offset: Option<f64>,
    /// `XLI`, or nothing.
    pub compression: Option<String>,
    /// `Base64`.
    pub encoding: Option<String>,
    /// The rhythm's data as text.
    pub waveform: String,
    /// Representative beats.
    pub beats: Vec<Beat>,
    /// Samples a second of the beats.
    pub beat_rate: Option<f64>,
    /// µV of one unit of the beats.
    pub beat_resolution_uv: Option<f64>,
    /// The patient.
    pub patient: Patient,
    /// Machine model.
    pub device: Option<String>,
    /// Mains frequency.
    pub mains: Option<f64>,
    /// Reason for the order.
    pub remarks: Vec<String>,
    duration_ms: Option<f64>,
    lead_labels: Option<String>,
    valid_channels: Option<f64>,
    date: Option<String>,
    time: Option<String>,
    high_pass: Option<String>,
    low_pass: Option<String>,
    family: Option<String>,
    given: Option<String>,
    fallback_id: Option<String>,
    lead: Option<LeadName>,
    measured_leads: Vec<String>,
    global: Vec<DeviceMeasurement>,
    leads: Vec<DeviceMeasurement>,
    interpretations: Vec<Interpretation>,
    left: Option<String>,
}

impl Document {
    /// Walks the document.
    pub fn read(text: &str) -> Result<Self, ReadError> {
        let mut document = Self::default();
        let mut walk = Walk::new(text, ID);
        while let Some(step) = walk.next()? {
            match step {
                Step::Open => {
                    if let Some(element) = walk.open.last() {
                        document.opened(element);
                    }
                }
                Step::Close(element) => document.closed(&walk, element),
            }
        }
        let patient = &mut document.patient;
        patient.name = Patient::full_name(document.family.as_deref(), document.given.as_deref());
        patient.id = patient.id.take().or(document.fallback_id.take());
        Ok(document)
    }

    fn opened(&mut self, element: &Element) {
        let owned = |name: &str| element.attribute(name).filter(|v| !v.is_empty()).map(ToString::to_string);
        let number = |name: &str| element.attribute(name).and_then(|v| v.parse::<f64>().ok());
        match element.name.as_str() {
            "dataacquisition" => (self.date, self.time) = (owned("date"), owned("time")),
            "leadmeasurement" => {
                let label = owned("leadname").unwrap_or_default();
                self.lead = Some(LeadName::parse(&label).0);
                self.measured_leads.push(label);
            }
            "interpretation" => {
                let when = format!("{} {}", owned("date").unwrap_or_default(), owned("time").unwrap_or_default());
                self.interpretations.push(Interpretation { when, ..Interpretation::default() });
            }
            "parsedwaveforms" => {
                // 1.03 says so twice, and may say that its method is not used.
                let used = element.attribute("compressflag").is_none_or(|f| f.eq_ignore_ascii_case("true"));
                self.compression = owned("compression").or(owned("compressmethod")).filter(|_| used);
                self.encoding = owned("dataencoding");
                self.lead_labels = owned("leadlabels");
                self.duration_ms = number("durationperchannel");
                self.rate = number("samplespersecond").or(self.rate);
                self.resolution_uv = number("resolution").or(self.resolution_uv);
                self.bits = number("bitspersample").or(number("nbitspersample")).or(self.bits);
                self.offset = number("signaloffset").or(self.offset);
            }
            "repbeats" => {
                self.beat_rate = number("samplespersec").or(number("samplespersecond"));
                self.beat_resolution_uv = number("resolution");
            }
            "repbeat" => {
                self.beats.push(Beat { lead: owned("leadname").unwrap_or_default(), samples: Vec::new() });
            }
            _ => {}
        }
    }

    fn closed(&mut self, walk: &Walk, element: Element) {
        match walk.parent() {
            "waveforms" if element.name == "parsedwaveforms" => self.waveform = element.text,
            "repbeat" if element.name == "waveform" => {
                if let (Some(beat), Some(bytes)) = (self.beats.last_mut(), xml::base64(&element.text)) {
                    beat.samples = bytes.chunks_exact(2).map(|b| i16::from_le_bytes([b[0], b[1]])).collect();
                }
            }
            "signalcharacteristics" => self.characteristic(&element),
            "generalpatientdata" | "name" | "age" | "height" | "weight" => self.person(walk, &element),
            "leadmeasurement" => {
                if let (Some(lead), Some(value)) = (&self.lead, element.number()) {
                    self.leads.extend(of_lead(&element.name, lead, value));
                }
            }
            "globalmeasurements" | "interpretationmeasurements" | "crossleadmeasurements" => {
                let last = self.interpretations.last_mut().filter(|_| walk.inside("interpretation"));
                let list = last.map_or(&mut self.global, |i| &mut i.measurements);
                // The first of a name counts: the list stays as short as there are names.
                let found = element.number().and_then(|value| global(&element.name, value));
                list.extend(found.filter(|f| list.iter().all(|m| m.name != f.name)));
            }
            _ => self.statement(walk, &element),
        }
    }

    fn characteristic(&mut self, element: &Element) {
        let words = || element.words().map(ToString::to_string);
        match element.name.as_str() {
            "samplingrate" => self.rate = element.number(),
            "resolution" | "signalresolution" => self.resolution_uv = element.number(),
            "bitspersample" => self.bits = element.number(),
            "signaloffset" => self.offset = element.number(),
            "numberchannelsvalid" => self.valid_channels = element.number(),
            "acsetting" => self.mains = element.number().filter(|f| *f > 0.0),
            "hipass" => self.high_pass = words(),
            "lowpass" => self.low_pass = words(),
            "signalbandwidth" => {
                if let Some((low, high)) = element.text.trim().split_once('-') {
                    (self.high_pass, self.low_pass) = (Some(low.trim().into()), Some(high.trim().into()));
                }
            }
            _ => {}
        }
    }

    fn person(&mut self, walk: &Walk, element: &Element) {
        let words = || element.words().map(ToString::to_string);
        let years = |n: Option<f64>, parts: f64| n.filter(|n| *n >= 0.0).map(|n| n / parts);
        let patient = &mut self.patient;
        match (walk.parent(), element.name.as_str()) {
            (_, "patientid") => patient.id = words(),
            (_, "MRN" | "uniquepatientid") => self.fallback_id = words().or(self.fallback_id.take()),
            ("name", "lastname") => self.family = words(),
            ("name", "firstname") => self.given = words(),
            (_, "sex") => patient.sex = Sex::parse(&element.text),
            (_, "dateofbirth") => patient.birth = element.words().and_then(|w| w.parse::<Date>().ok()),
            ("age", "years") => patient.age = years(element.number(), 1.0),
            ("age", "months") => patient.age = patient.age.or(years(element.number(), 12.0)),
            ("age", "weeks") => patient.age = patient.age.or(years(element.number(), 365.25 / 7.0)),
            ("age", "days") => patient.age = patient.age.or(years(element.number(), 365.25)),
            ("height", "cm") => patient.height_cm = element.number().filter(|n| *n > 0.0),
            ("height", "inch") => patient.height_cm = element.number().filter(|n| *n > 0.0).map(|n| n * 2.54),
            ("weight", "kg") => patient.weight_kg = element.number().filter(|n| *n > 0.0),
            ("weight", "lb") => patient.weight_kg = element.number().filter(|n| *n > 0.0).map(|n| n * 0.453_592_37),
            _ => {}
        }
    }

    fn statement(&mut self, walk: &Walk, element: &Element) {
        let words = || element.words().map(ToString::to_string);
        let interpretation = self.interpretations.last_mut();
        match (walk.parent(), element.name.as_str()) {
            ("documentinfo", "documentversion") => self.version = words(),
            ("dataacquisition", "machine") => self.device = words(),
            ("orderinfo", "reasonfororder") => self.remarks.extend(words().map(|w| format!("indication: {w}"))),
            ("statement", "leftstatement") => self.left = words(),
            ("statement", "rightstatement") => {
                if let (Some(interpretation), Some(left)) = (interpretation, self.left.take()) {
                    let reason = words().map_or_else(String::new, |right| format!(" ({right})"));
                    interpretation.statements.push(left + &reason);
                }
            }
            ("interpretation", "severity") => {
                let severity = element.text.trim_matches(|c: char| c == '-' || c.is_whitespace());
                if let Some(interpretation) = interpretation.filter(|_| !severity.is_empty()) {
                    interpretation.statements.push(severity.to_string());
                }
            }
            _ => {}
        }
    }

    /// Labels of the rhythm's leads: declared, or (1.03) those that were measured, or the standard twelve.
    pub fn labels(&self) -> Result<Vec<String>, ReadError> {
        if let Some(labels) = &self.lead_labels {
            return Ok(labels.split_whitespace().map(ToString::to_string).collect());
        }
        let valid = self.valid_channels.unwrap_or(0.0);
        if !self.measured_leads.is_empty() && self.measured_leads.len() as f64 == valid {
            return Ok(self.measured_leads.clone());
        }
        if valid == 12.0 {
            return Ok(LeadName::TWELVE.iter().map(ToString::to_string).collect());
        }
        Err(ReadError::malformed(ID, "未说明导联名称", "the leads are not named", "parsedwaveforms"))
    }

    /// Whether the rhythm begins with the six limb leads in order.
    pub fn limb_leads_first(&self) -> bool {
        let labels = self.labels().unwrap_or_default();
        labels.len() >= 6 && labels.iter().zip(&LeadName::TWELVE).take(6).all(|(l, lead)| LeadName::parse(l).0 == *lead)
    }

    /// Samples of each lead as declared; without a declaration, what the limits allow.
    pub fn samples(&self, rate: f64, leads: usize, options: &ReadOptions) -> Result<usize, ReadError> {
        let declared = self.duration_ms.filter(|ms| *ms > 0.0).map(|ms| (ms * rate / 1000.0).round() as usize);
        let allowed = (options.limits.sample_bytes / 4) as usize / leads.max(1);
        let samples = declared.unwrap_or(allowed);
        options.limits.shape(leads, samples)?;
        Ok(samples)
    }

    /// Whether the document says how long the leads are.
    pub fn declares_length(&self) -> bool {
        self.duration_ms.is_some_and(|ms| ms > 0.0)
    }

    /// Start of the recording.
    pub fn start(&self) -> Option<DateTime> {
        let date: Date = self.date.as_ref()?.parse().ok()?;
        let time = self.time.as_ref().and_then(|t| t.parse::<Time>().ok()).unwrap_or_default();
        Some(date.to_datetime(time))
    }

    /// Filters of the acquisition.
    pub fn filters(&self) -> Option<String> {
        let high = self.high_pass.as_ref().map(|f| format!("high-pass {f} Hz"));
        let low = self.low_pass.as_ref().map(|f| format!("low-pass {f} Hz"));
        let list: Vec<String> = [high, low].into_iter().flatten().collect();
        (!list.is_empty()).then(|| list.join(", "))
    }

    /// The latest interpretation's measurements and statements, what only the analysis measured, and each lead's.
    pub fn findings(&mut self) -> DeviceFindings {
        let latest = self.interpretations.drain(..).reduce(|a, b| if b.when >= a.when { b } else { a });
        let Interpretation { mut measurements, statements, .. } = latest.unwrap_or_default();
        for measurement in self.global.drain(..) {
            if !measurements.iter().any(|m| m.name == measurement.name) {
                measurements.push(measurement);
            }
        }
        measurements.append(&mut self.leads);
        DeviceFindings { measurements, statements, median: None }
    }
}

fn global(name: &str, value: f64) -> Option<DeviceMeasurement> {
    let (name, unit) = match name {
        "heartrate" | "meanventrate" => ("heart_rate_bpm", "bpm"),
        "atrialrate" => ("atrial_rate_bpm", "bpm"),
        "rrint" | "meanrrint" => ("rr_ms", "ms"),
        "pdur" => ("p_duration_ms", "ms"),
        "print" | "meanprint" => ("pr_ms", "ms"),
        "qrsdur" | "meanqrsdur" => ("qrs_duration_ms", "ms"),
        "qtint" | "meanqtint" => ("qt_ms", "ms"),
        "qtcb" => ("qtc_bazett_ms", "ms"),
        "qtcf" => ("qtc_fridericia_ms", "ms"),
        "meanqtc" => ("qtc_ms", "ms"),
        "pfrontaxis" => ("p_axis_deg", "°"),
        "qrsfrontaxis" => ("qrs_axis_deg", "°"),
        "tfrontaxis" => ("t_axis_deg", "°"),
        _ => return None,
    };
    let known = unit == "°" || value > 0.0;
    known.then(|| DeviceMeasurement { name: name.into(), lead: None, value, unit: unit.into() })
}

/// A lead's measurement; amplitudes are in µV, and zero says that there is no such wave.
fn of_lead(name: &str, lead: &LeadName, value: f64) -> Option<DeviceMeasurement> {
    let (name, unit) = match name {
        "pamp" => ("p_mv", "mV"),
        "pdur" => ("p_ms", "ms"),
        "qamp" => ("q_mv", "mV"),
        "qdur" => ("q_ms", "ms"),
        "ramp" => ("r_mv", "mV"),
        "rdur" => ("r_ms", "ms"),
        "samp" => ("s_mv", "mV"),
        "sdur" => ("s_ms", "ms"),
        "rpamp" => ("r2_mv", "mV"),
        "vat" => ("r_peak_ms", "ms"),
        "qrsdur" => ("qrs_ms", "ms"),
        "ston" => ("st_j_mv", "mV"),
        "st80" => ("st_80_mv", "mV"),
        "tamp" => ("t_mv", "mV"),
        "print" => ("pr_ms", "ms"),
        "qtint" => ("qt_ms", "ms"),
        _ => return None,
    };
    let value = if unit == "mV" { value / 1000.0 } else { value };
    let known = value != 0.0 || name.starts_with("st_");
    known.then(|| DeviceMeasurement { name: name.into(), lead: Some(lead.clone()), value, unit: unit.into() })
}
