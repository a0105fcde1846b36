//! The header: fixed ASCII fields, one block for the file and one for each signal (EDF specification, "header record").

use super::ID;
use crate::ingest::{Cursor, ReadError, charset, millivolts, no_ecg};
use crate::signal::{LeadName, Patient, Sex};
use crate::text::{Text, text};
use jiff::civil::{Date, DateTime};

/// Most signals a header may declare: the field has four digits, and 9999 × 256 bytes is the largest header.
const MAX_SIGNALS: usize = 9999;

/// Most data records: three months of one-second records. What is kept for each then stays below 128 MiB.
const MAX_RECORDS: usize = 1 << 23;

/// mV a unit of Contec's carts.
pub const CONTEC_MV: f64 = 0.005;

/// How the records follow one another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Plain EDF or BDF: contiguous.
    Plain,
    /// EDF+C: contiguous, with annotations.
    Continuous,
    /// EDF+D: each record says its own start.
    Discontinuous,
}

/// What the header says.
#[derive(Debug)]
pub struct Header {
    pub kind: Kind,
    /// Bytes a sample: 2 in EDF, 3 in BDF.
    pub width: usize,
    pub patient: String,
    pub recording: String,
    pub start: Option<DateTime>,
    /// Offset of the first data record.
    pub data: usize,
    /// Declared number of records; −1 = not known when the header was written.
    pub records: i64,
    /// Seconds a record.
    pub duration: f64,
    /// Half a unit in the last written digit of `duration`.
    pub duration_error: f64,
    pub signals: Vec<Signal>,
}

/// One signal.
#[derive(Debug)]
pub struct Signal {
    pub label: String,
    pub prefilter: String,
    /// mV a unit of the physical dimension; `None` where it is no voltage.
    pub millivolts: Option<f64>,
    pub physical: (f64, f64),
    pub digital: (i32, i32),
    /// Samples a record.
    pub samples: usize,
    /// Offset of its samples in a record, in samples.
    pub offset: usize,
}

impl Header {
    pub fn read(bytes: &[u8]) -> Result<Self, ReadError> {
        let mut c = Cursor::new(bytes, ID);
        let width = if c.take(8)?.first() == Some(&0xFF) { 3 } else { 2 };
        let patient = charset::field(c.take(80)?);
        let recording = charset::field(c.take(80)?);
        let (date, time) = (field(&mut c, 8)?, field(&mut c, 8)?);
        let data = number::<usize>(&mut c, 8, "字节数", "header size")?;
        let kind = match field(&mut c, 44)?.get(..5) {
            Some("EDF+D" | "BDF+D") => Kind::Discontinuous,
            Some("EDF+C" | "BDF+C") => Kind::Continuous,
            _ => Kind::Plain,
        };
        let records = number::<i64>(&mut c, 8, "数据记录数", "number of records")?;
        let duration_text = field(&mut c, 8)?;
        let duration = parse::<f64>(&duration_text, &c, "记录时长", "record duration")?;
        let count = number::<usize>(&mut c, 4, "信号数", "number of signals")?;
        if count == 0 || count > MAX_SIGNALS || data != 256 + 256 * count {
            return Err(ReadError::malformed(
                ID,
                format!("文件头长度 {data} 与信号数 {count} 不符"),
                format!("header size {data} does not fit {count} signals"),
                "byte 184",
            ));
        }
        let start = start(&date, &time, &recording);
        let signals = signals(&mut c, count)?;
        let duration_error = half_unit(&duration_text);
        Ok(Self { kind, width, patient, recording, start, data, records, duration, duration_error, signals })
    }

    /// Samples of all signals in a record.
    pub fn record_samples(&self) -> usize {
        self.signals.iter().map(|s| s.samples).sum()
    }

    /// Bytes a record; the fields are of at most eight digits, so that this cannot overflow.
    pub fn record_bytes(&self) -> usize {
        self.record_samples() * self.width
    }

    /// Sampling rate. A duration of seven or eight written characters is a rounded one: the whole rate that rounds to it
    /// is meant (0.001250 s and one sample: 800 Hz; 13.88611 s and 4999 samples: 360 Hz).
    pub fn rate(&self, signal: &Signal) -> f64 {
        let samples = signal.samples as f64;
        let rate = samples / self.duration;
        let whole = rate.round();
        let rounded = whole > 0.0 && (samples / whole - self.duration).abs() <= self.duration_error * 1.0001;
        if rounded { whole } else { rate }
    }

    /// How many whole records the file holds; the difference from the declared number goes to the notes.
    pub fn complete_records(&self, file: usize, notes: &mut Vec<Text>) -> Result<usize, ReadError> {
        let size = self.record_bytes();
        let held = file.saturating_sub(self.data).checked_div(size).unwrap_or(0);
        if held == 0 {
            return Err(ReadError::malformed(
                ID,
                "文件中没有一个完整的数据记录",
                "there is not one whole data record",
                format!("byte {}", self.data),
            ));
        }
        if held > MAX_RECORDS {
            return Err(ReadError::Limit {
                what: text("数据记录数", "number of data records"),
                max: MAX_RECORDS as u64,
            });
        }
        match usize::try_from(self.records) {
            Ok(declared) if declared > 0 && declared <= held => Ok(declared),
            Ok(declared) if declared > held => {
                notes.push(Text::of(
                    format!("文件不完整：应有 {declared} 个数据记录，只读到 {held} 个"),
                    format!("the file is cut short: {held} of {declared} data records are there"),
                ));
                Ok(held)
            }
            _ => {
                notes.push(text(
                    "文件头未写明记录数（采集可能中断），按文件长度读取",
                    "the header does not say how many records there are (recording interrupted?): read to the file's end",
                ));
                Ok(held)
            }
        }
    }

    /// Whether Contec's cart software wrote it: its template's patient field is left unfilled, and its range of ±1000 mV is
    /// that of no amplifier. The samples are units of [`CONTEC_MV`] all the same, as the same recording in the device's own
    /// file, as SCP-ECG and as CSV shows.
    pub fn is_contec(&self) -> bool {
        let template = |s: &Signal| {
            s.samples == 1
                && s.millivolts == Some(1.0)
                && s.physical == (-1000.0, 1000.0)
                && s.digital == (-32768, 32767)
        };
        self.patient == "dd-MMM-yyyy" && self.signals.iter().all(template)
    }

    /// EDF+ subfields `code sex birthdate name`; a plain EDF's field, which has no structure, is the identifier.
    pub fn patient(&self) -> Patient {
        let known = |s: &str| (!s.is_empty() && s != "X").then(|| s.replace('_', " "));
        let mut parts = self.patient.split_whitespace();
        let (code, sex, birth, name) = (parts.next(), parts.next(), parts.next(), parts.next());
        let structured = matches!(sex, Some("M" | "F" | "X")) && birth.is_some_and(|b| b == "X" || date(b).is_some());
        if self.kind == Kind::Plain && !structured {
            // A template left unfilled (Contec writes "dd-MMM-yyyy") tells nothing.
            return Patient { id: known(&self.patient.replace("dd-MMM-yyyy", "")), ..Patient::default() };
        }
        Patient {
            id: code.and_then(known),
            sex: sex.and_then(Sex::parse),
            birth: birth.and_then(date),
            name: name.and_then(known),
            ..Patient::default()
        }
    }

    /// EDF+ recording subfields `Startdate dd-MMM-yyyy code technician equipment`: the equipment.
    pub fn device(&self) -> Option<String> {
        let mut parts = self.recording.split_whitespace();
        (parts.next()? == "Startdate").then_some(())?;
        parts.nth(3).filter(|e| *e != "X").map(|e| e.replace('_', " "))
    }
}

impl Signal {
    pub fn is_annotations(&self) -> bool {
        self.label.ends_with("Annotations") && (self.label.starts_with("EDF") || self.label.starts_with("BDF"))
    }

    /// The label says ECG, or is a lead's name. `C3` and its kind are leads only where no scalp electrode is near.
    pub fn is_ecg(&self, header: &Header) -> bool {
        if self.says(&["ECG", "EKG"]) {
            return true;
        }
        let scalp = || header.signals.iter().any(Signal::is_scalp);
        let ambiguous = self.label.trim().to_ascii_uppercase().starts_with('C');
        let named = !matches!(LeadName::parse(&self.label).0, LeadName::Other(_));
        named && self.may_be_ecg() && !(ambiguous && scalp()) || self.label.trim().eq_ignore_ascii_case("MLII")
    }

    /// The label names no other kind of signal (EDF+ specification, "standard texts").
    pub fn may_be_ecg(&self) -> bool {
        !self.says(&["EEG", "ERG", "MEG", "MCG", "EP", "SEP", "VEP", "Light", "Sound"])
            && !no_ecg(&self.label)
            && !self.is_scalp()
    }

    fn says(&self, types: &[&str]) -> bool {
        let mut words = self.label.split(|c: char| !c.is_ascii_alphanumeric());
        words.any(|w| types.iter().any(|t| w.get(..t.len()).is_some_and(|head| head.eq_ignore_ascii_case(t))))
    }

    fn is_scalp(&self) -> bool {
        let label = self.label.to_ascii_uppercase();
        let name = label.trim_start_matches("EEG").trim();
        ["FP1", "FP2", "FZ", "CZ", "PZ", "OZ", "O1", "O2", "T3", "T4", "P3", "P4", "F7", "F8"]
            .iter()
            .any(|e| name == *e || name.starts_with(&format!("{e}-")))
    }

    /// mV a digital unit, and mV at digital zero.
    pub fn scale(&self) -> Result<(f64, f64), ReadError> {
        let millivolts = self.millivolts.unwrap_or(0.0);
        let steps = f64::from(self.digital.1) - f64::from(self.digital.0);
        let gain = (self.physical.1 - self.physical.0) / steps * millivolts;
        if !gain.is_finite() || gain == 0.0 {
            return Err(ReadError::malformed(
                ID,
                "物理或数字量程无效，无法换算为毫伏",
                "physical or digital range is empty: no scale to millivolts",
                format!("signal {}", self.label),
            ));
        }
        Ok((gain, self.physical.0 * millivolts - gain * f64::from(self.digital.0)))
    }
}

fn signals(c: &mut Cursor<'_>, count: usize) -> Result<Vec<Signal>, ReadError> {
    let mut column = |width: usize| -> Result<Vec<String>, ReadError> {
        (0..count).map(|_| Ok(charset::field(c.take(width)?))).collect()
    };
    let labels = column(16)?;
    let _transducers = column(80)?;
    let dimensions = column(8)?;
    let (pmin, pmax, dmin, dmax) = (column(8)?, column(8)?, column(8)?, column(8)?);
    let prefilters = column(80)?;
    let counts = column(8)?;
    let mut offset = 0_usize;
    let mut signals = Vec::with_capacity(count);
    let rows = labels.into_iter().zip(prefilters).zip(dimensions.iter().zip(&counts));
    let ranges = pmin.iter().zip(&pmax).zip(dmin.iter().zip(&dmax));
    for (((label, prefilter), (dimension, samples)), ((pmin, pmax), (dmin, dmax))) in rows.zip(ranges) {
        let at = |what: &str| format!("signal {label}: {what}");
        let float = |s: &str| s.replace(',', ".").parse::<f64>().map_err(|_| bad(at("range")));
        let samples: usize = samples.parse().map_err(|_| bad(at("samples per record")))?;
        let annotations = label.ends_with("Annotations");
        // An annotation signal's ranges mean nothing and are sometimes blank.
        let (physical, digital) = if annotations {
            ((0.0, 0.0), (0, 0))
        } else {
            ((float(pmin)?, float(pmax)?), (float(dmin)? as i32, float(dmax)? as i32))
        };
        let millivolts = millivolts(dimension);
        signals.push(Signal { label, prefilter, millivolts, physical, digital, samples, offset });
        offset = offset.saturating_add(samples);
    }
    Ok(signals)
}

fn field(c: &mut Cursor<'_>, width: usize) -> Result<String, ReadError> {
    Ok(charset::field(c.take(width)?))
}

fn number<T: std::str::FromStr>(c: &mut Cursor<'_>, width: usize, zh: &str, en: &str) -> Result<T, ReadError> {
    let text = field(c, width)?;
    parse(&text, c, zh, en)
}

fn parse<T: std::str::FromStr>(text: &str, c: &Cursor<'_>, zh: &str, en: &str) -> Result<T, ReadError> {
    text.replace(',', ".").parse().map_err(|_| {
        ReadError::malformed(
            ID,
            format!("文件头的“{zh}”不是数字"),
            format!("the header's {en} is no number"),
            format!("byte {}", c.position()),
        )
    })
}

fn bad(at: String) -> ReadError {
    ReadError::malformed(ID, "信号描述无效", "a signal's description is invalid", at)
}

/// Half a unit in the last place of a decimal that fills its field (7 or 8 characters); nothing for a shorter one,
/// which is exact.
fn half_unit(text: &str) -> f64 {
    match text.split_once('.') {
        Some((_, fraction)) if text.len() >= 7 => 0.5 * 10_f64.powi(-(fraction.len() as i32)),
        _ => 0.0,
    }
}

/// EDF+'s `dd-MMM-yyyy`.
fn date(text: &str) -> Option<Date> {
    const MONTHS: [&str; 12] = ["JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC"];
    let mut parts = text.split('-');
    let (day, month, year) = (parts.next()?, parts.next()?.to_ascii_uppercase(), parts.next()?);
    let month = MONTHS.iter().position(|m| *m == month)? + 1;
    Date::new(year.parse().ok()?, month as i8, day.parse().ok()?).ok()
}

/// Start of the recording. The header's year has two digits (85–99: 1985–1999); EDF+ has the whole date in the
/// recording field, which counts. A date of 01.01.85 or of blanks is an anonymised one.
fn start(day: &str, time: &str, recording: &str) -> Option<DateTime> {
    let digits = |s: &str| -> Option<[i16; 3]> {
        let mut parts = s.split(['.', ':', '-', '/']).map(|p| p.trim().parse::<i16>().ok());
        Some([parts.next()??, parts.next()??, parts.next()??])
    };
    let [d, m, y] = digits(day)?;
    let mut words = recording.split_whitespace();
    let full = if words.next() == Some("Startdate") { words.next() } else { None };
    // "Startdate X" is how EDF+ says that the date was removed; the header's own then is a filler.
    if full == Some("X") {
        return None;
    }
    let year = if y >= 100 { y } else { y + if y >= 85 { 1900 } else { 2000 } };
    let day = match full.and_then(date) {
        Some(full) => full,
        None => Date::new(year, i8::try_from(m).ok()?, i8::try_from(d).ok()?).ok()?,
    };
    let [hour, minute, second] = digits(time)?.map(|v| i8::try_from(v).ok());
    Some(day.to_datetime(jiff::civil::Time::new(hour?, minute?, second?, 0).ok()?))
}
