//! The document's elements, gathered in one walk.

use super::ID;
use crate::ingest::ReadError;
use crate::ingest::xml::{self, Element, Step, Walk};
use crate::signal::{Annotation, DeviceFindings, DeviceMeasurement, Hz, Ms, Patient, Sex};
use crc::{CRC_32_ISO_HDLC, Crc, Table};
use jiff::civil::{Date, DateTime, Time};

/// MUSE's checksum of a lead's decoded bytes.
static CRC: Crc<u32, Table<16>> = Crc::<u32, Table<16>>::new(&CRC_32_ISO_HDLC);

/// One lead of a waveform.
#[derive(Default)]
pub struct Lead {
    /// `LeadID`.
    pub label: String,
    /// mV of one unit.
    pub scale_mv: Option<f64>,
    /// Samples before the first.
    pub offset: usize,
    /// The samples; `None` = no valid Base64.
    pub values: Option<Vec<i16>>,
    /// Whether the checksum given is not that of the data.
    pub wrong_sum: bool,
    /// Whether the cart says that the electrode was off.
    pub off: bool,
    units_per_bit: Option<f64>,
    unit: Option<String>,
    sum: Option<u32>,
    size: Option<f64>,
}

/// One `Waveform`.
#[derive(Default)]
pub struct Waveform {
    /// `Rhythm` or `Median`.
    pub kind: Option<String>,
    /// Leads in the document's order.
    pub leads: Vec<Lead>,
    /// Mains filter, Hz.
    pub mains: Option<f64>,
    base: Option<f64>,
    exponent: Option<f64>,
    high_pass: Option<f64>,
    low_pass: Option<f64>,
}

impl Waveform {
    /// Samples a second: base × 10^exponent.
    pub fn rate(&self) -> Option<f64> {
        let exponent = self.exponent.unwrap_or(0.0);
        let rate = self.base? * 10_f64.powi(exponent as i32);
        (rate > 0.0 && rate.is_finite()).then_some(rate)
    }

    /// The filters as words. The high-pass is in hundredths of a hertz (16 = 0.16 Hz).
    pub fn filters(&self) -> Option<String> {
        let high = self.high_pass.filter(|f| *f > 0.0).map(|f| format!("high-pass {} Hz", f / 100.0));
        let low = self.low_pass.filter(|f| *f > 0.0).map(|f| format!("low-pass {f} Hz"));
        let mains = self.mains.filter(|f| *f > 0.0).map(|f| format!("notch {f} Hz"));
        let list: Vec<String> = [high, low, mains].into_iter().flatten().collect();
        (!list.is_empty()).then(|| list.join(", "))
    }
}

/// What a document says.
#[derive(Default)]
pub struct Document {
    /// Waveforms in the document's order.
    pub waveforms: Vec<Waveform>,
    /// The patient.
    pub patient: Patient,
    /// Cart.
    pub device: Option<String>,
    /// Indication, comments, history.
    pub remarks: Vec<String>,
    family: Option<String>,
    given: Option<String>,
    age: Option<f64>,
    age_unit: Option<String>,
    date: Option<String>,
    time: Option<String>,
    measurements: Vec<DeviceMeasurement>,
    original: Vec<DeviceMeasurement>,
    statements: Vec<String>,
    original_statements: Vec<String>,
    sentence: String,
    ends_line: bool,
    beats: Vec<(f64, f64)>,
    beat: (Option<f64>, Option<f64>),
    p_wave: PWave,
}

/// P onset and end, samples of the median beat, and its sampling rate: they make the P duration.
#[derive(Default)]
struct PWave {
    onset: Option<f64>,
    offset: Option<f64>,
}

impl PWave {
    /// The duration, once the sampling rate, which comes last, is met.
    fn met(&mut self, element: &Element) -> Option<DeviceMeasurement> {
        match element.name.as_str() {
            "POnset" => self.onset = element.number(),
            "POffset" => self.offset = element.number(),
            "ECGSampleBase" => {
                let samples = self.offset.take()? - self.onset.take()?;
                let value = samples * 1000.0 / element.number().filter(|r| *r > 0.0)?;
                let found = DeviceMeasurement { name: "p_duration_ms".into(), lead: None, value, unit: "ms".into() };
                return (value > 0.0).then_some(found);
            }
            _ => {}
        }
        None
    }
}

impl Document {
    /// Walks the document.
    pub fn read(text: &str) -> Result<Self, ReadError> {
        let mut document = Self::default();
        let mut walk = Walk::new(text, ID);
        while let Some(step) = walk.next()? {
            match step {
                Step::Open => match walk.parent() {
                    "Waveform" => document.waveforms.push(Waveform::default()),
                    "LeadData" => {
                        if let Some(waveform) = document.waveforms.last_mut() {
                            waveform.leads.push(Lead::default());
                        }
                    }
                    "QRS" => document.beat = (None, None),
                    _ => {}
                },
                Step::Close(element) => document.closed(&walk, &element),
            }
        }
        let patient = &mut document.patient;
        patient.name = Patient::full_name(document.family.as_deref(), document.given.as_deref());
        patient.age = document.age.filter(|a| *a >= 0.0).map(|age| match document.age_unit.as_deref() {
            Some("MONTHS") => age / 12.0,
            Some("WEEKS") => age * 7.0 / 365.25,
            Some("DAYS") => age / 365.25,
            Some("HOURS") => age / 24.0 / 365.25,
            _ => age,
        });
        Ok(document)
    }

    fn closed(&mut self, walk: &Walk, element: &Element) {
        match walk.parent() {
            "Waveform" => self.waveform(element),
            "LeadData" => self.lead(element),
            "PatientDemographics" => self.person(element),
            "TestDemographics" => self.test(element),
            "RestingECGMeasurements" => {
                self.measurements.extend(measurement(element).or_else(|| self.p_wave.met(element)));
            }
            "OriginalRestingECGMeasurements" => {
                self.original.extend(measurement(element).or_else(|| self.p_wave.met(element)));
            }
            "QRS" => match element.name.as_str() {
                "Time" => self.beat.0 = element.number(),
                "Type" => self.beat.1 = element.number(),
                _ => {}
            },
            "QRSTimesTypes" => match (element.name.as_str(), self.beat) {
                ("QRS", (Some(time), kind)) => self.beats.push((time, kind.unwrap_or(0.0))),
                ("GlobalRR", _) => self.measurements.extend(measurement(element)),
                _ => {}
            },
            "DiagnosisStatement" => self.statement(element),
            "Order" if element.name == "ReasonForTest" => self.remark("indication: ", element),
            _ => {}
        }
        match element.name.as_str() {
            "DiagnosisStatement" if std::mem::take(&mut self.ends_line) => {
                self.finish(walk.inside("OriginalDiagnosis"));
            }
            "Diagnosis" | "OriginalDiagnosis" => self.finish(element.name == "OriginalDiagnosis"),
            _ => {}
        }
    }

    fn waveform(&mut self, element: &Element) {
        let Some(waveform) = self.waveforms.last_mut() else { return };
        match element.name.as_str() {
            "WaveformType" => waveform.kind = element.words().map(ToString::to_string),
            "SampleBase" => waveform.base = element.number(),
            "SampleExponent" => waveform.exponent = element.number().filter(|e| e.abs() <= 9.0),
            "HighPassFilter" => waveform.high_pass = element.number(),
            "LowPassFilter" => waveform.low_pass = element.number(),
            "ACFilter" => waveform.mains = element.number().filter(|f| *f > 0.0),
            "LeadData" => {
                if let Some(lead) = waveform.leads.last_mut() {
                    lead.close();
                }
            }
            _ => {}
        }
    }

    fn lead(&mut self, element: &Element) {
        let Some(lead) = self.waveforms.last_mut().and_then(|w| w.leads.last_mut()) else { return };
        match element.name.as_str() {
            "LeadID" => lead.label = element.words().unwrap_or_default().to_string(),
            "LeadAmplitudeUnitsPerBit" => lead.units_per_bit = element.number(),
            "LeadAmplitudeUnits" => lead.unit = element.words().map(ToString::to_string),
            "LeadOffsetFirstSample" => lead.offset = element.number().filter(|n| *n > 0.0).map_or(0, |n| n as usize),
            "LeadOff" => lead.off = element.words().is_some_and(|w| w.eq_ignore_ascii_case("true")),
            "LeadSampleSize" => lead.size = element.number(),
            "LeadDataCRC32" => lead.sum = element.words().and_then(|w| w.parse().ok()),
            "WaveFormData" => {
                let bytes = xml::base64(&element.text);
                lead.wrong_sum = bytes.as_ref().zip(lead.sum).is_some_and(|(b, sum)| CRC.checksum(b) != sum);
                let values = |b: Vec<u8>| b.chunks_exact(2).map(|p| i16::from_le_bytes([p[0], p[1]])).collect();
                lead.values = bytes.filter(|b| b.len() >= 2).map(values);
            }
            _ => {}
        }
    }

    fn person(&mut self, element: &Element) {
        let words = || element.words().map(ToString::to_string);
        let positive = || element.number().filter(|n| *n > 0.0);
        match element.name.as_str() {
            "PatientID" => self.patient.id = words(),
            "PatientLastName" => self.family = words(),
            "PatientFirstName" => self.given = words(),
            "Gender" => self.patient.sex = Sex::parse(&element.text),
            "DateofBirth" => self.patient.birth = element.words().and_then(date),
            "PatientAge" => self.age = element.number(),
            "AgeUnits" => self.age_unit = words().map(|w| w.to_uppercase()),
            "HeightCM" => self.patient.height_cm = positive(),
            "HeightIN" => self.patient.height_cm = self.patient.height_cm.or(positive().map(|n| n * 2.54)),
            "WeightKG" => self.patient.weight_kg = positive(),
            "WeightLBS" => self.patient.weight_kg = self.patient.weight_kg.or(positive().map(|n| n * 0.453_592_37)),
            _ => {}
        }
    }

    fn test(&mut self, element: &Element) {
        let words = || element.words().map(ToString::to_string);
        match element.name.as_str() {
            "AcquisitionDate" => self.date = words(),
            "AcquisitionTime" => self.time = words(),
            "AcquisitionDevice" => self.device = words().map(|w| format!("GE {w}")),
            "TestReason" => self.remark("indication: ", element),
            _ => {}
        }
    }

    fn remark(&mut self, label: &str, element: &Element) {
        self.remarks.extend(element.words().map(|words| format!("{label}{words}")));
    }

    /// A line of the diagnosis is one or more statements, the last of which is flagged `ENDSLINE`.
    fn statement(&mut self, element: &Element) {
        match element.name.as_str() {
            "StmtText" => {
                if let Some(words) = element.words() {
                    if !self.sentence.is_empty() {
                        self.sentence.push(' ');
                    }
                    self.sentence.push_str(words);
                }
            }
            "StmtFlag" => self.ends_line |= element.words() == Some("ENDSLINE"),
            _ => {}
        }
    }

    fn finish(&mut self, original: bool) {
        let sentence = std::mem::take(&mut self.sentence);
        let list = if original { &mut self.original_statements } else { &mut self.statements };
        if !sentence.trim().is_empty() {
            list.push(sentence.trim().to_string());
        }
    }

    /// Start of the recording: `MM-DD-YYYY` and `HH:MM:SS`.
    pub fn start(&self) -> Option<DateTime> {
        let day = date(self.date.as_deref()?)?;
        let time = self.time.as_deref().and_then(|t| t.parse::<Time>().ok()).unwrap_or_default();
        Some(day.to_datetime(time))
    }

    /// The device's QRS positions, which it gives in ms. Types say which beats are alike, not what they are: hence `?`.
    pub fn marks(&self, rate: Hz, len: usize) -> Vec<Annotation> {
        let sample = |time: f64| rate.samples(Ms(time));
        let inside = self.beats.iter().filter(|(time, _)| *time >= 0.0 && sample(*time) < len);
        let mark = |&(time, kind): &(f64, f64)| Annotation {
            sample: sample(time),
            code: "?".into(),
            text: format!("type {kind}"),
            ..Annotation::default()
        };
        inside.map(mark).collect()
    }

    /// Measurements and statements as confirmed; where there are none, the machine's original.
    pub fn findings(&mut self) -> DeviceFindings {
        let or = |a: Vec<DeviceMeasurement>, b| if a.is_empty() { b } else { a };
        let measurements = or(std::mem::take(&mut self.measurements), std::mem::take(&mut self.original));
        let statements = if self.statements.is_empty() { &mut self.original_statements } else { &mut self.statements };
        DeviceFindings { measurements, statements: std::mem::take(statements), median: None }
    }
}

impl Lead {
    /// Settles the scale once all is known.
    fn close(&mut self) {
        let millivolts = match self.unit.as_deref().map(str::to_uppercase).as_deref() {
            None | Some("MICROVOLTS" | "UV") => Some(1e-3),
            Some("MILLIVOLTS" | "MV") => Some(1.0),
            Some("NANOVOLTS" | "NV") => Some(1e-6),
            Some(_) => None,
        };
        let sixteen_bits = self.size.is_none_or(|size| size == 2.0);
        self.scale_mv = self
            .units_per_bit
            .filter(|u| *u > 0.0 && sixteen_bits)
            .zip(millivolts)
            .map(|(units, millivolts)| units * millivolts);
    }
}

/// `MM-DD-YYYY`, as MUSE writes it, or `YYYY-MM-DD`.
fn date(text: &str) -> Option<Date> {
    let parts: Vec<i16> = text.split(['-', '/']).map(str::parse).collect::<Result<_, _>>().ok()?;
    let [a, b, c] = parts[..] else { return None };
    let (year, month, day) = if a > 31 { (a, b, c) } else { (c, a, b) };
    Date::new(year, i8::try_from(month).ok()?, i8::try_from(day).ok()?).ok()
}

fn measurement(element: &Element) -> Option<DeviceMeasurement> {
    let (name, unit) = match element.name.as_str() {
        "VentricularRate" => ("heart_rate_bpm", "bpm"),
        "AtrialRate" => ("atrial_rate_bpm", "bpm"),
        "PRInterval" => ("pr_ms", "ms"),
        "PDuration" => ("p_duration_ms", "ms"),
        "QRSDuration" => ("qrs_duration_ms", "ms"),
        "QTInterval" => ("qt_ms", "ms"),
        // MUSE's corrected QT is Bazett's.
        "QTCorrected" => ("qtc_bazett_ms", "ms"),
        "QTcFrederica" => ("qtc_fridericia_ms", "ms"),
        "QTcFramingham" => ("qtc_framingham_ms", "ms"),
        "PAxis" => ("p_axis_deg", "°"),
        "RAxis" => ("qrs_axis_deg", "°"),
        "TAxis" => ("t_axis_deg", "°"),
        "GlobalRR" => ("rr_ms", "ms"),
        _ => return None,
    };
    let value = element.number()?;
    let known = if unit == "°" { value.abs() <= 360.0 } else { value > 0.0 };
    known.then(|| DeviceMeasurement { name: name.into(), lead: None, value, unit: unit.into() })
}
