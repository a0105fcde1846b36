//! The WFDB header: record line, signal lines, segment lines, info strings.
//!
//! By header(5) of the WFDB Applications Guide (Moody, Pollard, Moody; PhysioNet). Departures of files in the wild that
//! are understood too: the date before the time, dates as `2014-05-08` and `12-May-2020`.

use super::ID;
use crate::ingest::ReadError;
use jiff::civil::{Date, DateTime, Time};

/// Formats we know (signal(5)); 0 is a null signal.
pub const FORMATS: [u16; 14] = [0, 8, 16, 24, 32, 61, 80, 160, 212, 310, 311, 508, 516, 524];

/// Gain of a signal whose header gives none (header(5): `DEFGAIN`).
pub const DEFAULT_GAIN: f64 = 200.0;

/// Frame rate of a record whose header gives none (header(5): `DEFFREQ`).
const DEFAULT_RATE: f64 = 250.0;

/// Samples a frame of one signal beyond which the field is taken for damage.
const MOST_PER_FRAME: usize = 1 << 16;

/// A parsed header.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Header {
    /// Record name.
    pub name: String,
    /// Frames a second.
    pub rate: f64,
    /// Whether the header gives the rate.
    pub rate_given: bool,
    /// Counter ticks a second (`= rate` when not given).
    pub counter_rate: f64,
    /// Counter value at sample 0.
    pub base_counter: f64,
    /// Frames; `None` when not given or 0.
    pub frames: Option<usize>,
    /// Time of day of sample 0.
    pub time: Option<Time>,
    /// Date of sample 0.
    pub date: Option<Date>,
    /// Signals; empty in a multi-segment header.
    pub signals: Vec<Signal>,
    /// Segments: record name and frames; empty in a single-segment header.
    pub segments: Vec<(String, usize)>,
    /// Info strings, without `#`.
    pub comments: Vec<String>,
}

/// A signal line.
#[derive(Clone, Debug, PartialEq)]
pub struct Signal {
    /// Signal file; `~` = none.
    pub file: String,
    /// Storage format, one of [`FORMATS`].
    pub format: u16,
    /// Samples a frame.
    pub per_frame: usize,
    /// Frames of this signal before sample 0.
    pub skew: usize,
    /// Byte of the file's first sample.
    pub offset: usize,
    /// ADC units a physical unit; 0 = uncalibrated.
    pub gain: f64,
    /// ADC value of physical 0.
    pub baseline: f64,
    /// Physical unit, as written; `mV` when none is.
    pub unit: String,
    /// ADC resolution in bits.
    pub resolution: Option<u32>,
    /// ADC value of the middle of its range.
    pub zero: i32,
    /// First sample's ADC value.
    pub initial: i32,
    /// 16-bit sum of all samples, as written.
    pub checksum: Option<i32>,
    /// Block size of special files.
    pub block: usize,
    /// What the signal is; empty when not said.
    pub description: String,
}

impl Header {
    /// Start, when date and time of day are known.
    pub fn start(&self) -> Option<DateTime> {
        Some(DateTime::from_parts(self.date?, self.time?))
    }
}

fn bad(line: usize, zh: impl Into<String>, en: impl Into<String>) -> ReadError {
    ReadError::malformed(ID, zh, en, format!("line {line}"))
}

/// Whether `text` begins as a header does: a record line and a signal or segment line under it.
pub fn looks_like(text: &str) -> bool {
    let mut lines = text.lines().map(str::trim).filter(|l| !l.is_empty() && !l.starts_with('#'));
    let Some((header, signals, segments)) = lines.next().and_then(|l| record_line(l, 1).ok()) else { return false };
    if header.name.is_empty() || header.name.len() > 255 {
        return false;
    }
    match (lines.next(), segments) {
        (Some(line), Some(_)) => segment_line(line, 2).is_ok(),
        // Rows of bare numbers are no header: a signal file's name has a letter.
        (Some(line), None) if signals > 0 => {
            line.split_whitespace().next().is_some_and(|f| f.contains(|c: char| c.is_alphabetic() || c == '~'))
                && signal_line(line, 2).is_ok()
        }
        _ => false,
    }
}

/// Parses a header.
pub fn parse(text: &str) -> Result<Header, ReadError> {
    let mut lines = text.lines().enumerate().map(|(i, l)| (i + 1, l.trim()));
    let (n, first) = lines
        .by_ref()
        .find(|(_, l)| !l.is_empty() && !l.starts_with('#'))
        .ok_or_else(|| bad(1, "头文件没有记录行", "the header has no record line"))?;
    let (mut header, signals, segments) = record_line(first, n)?;
    let mut last = n;
    for (n, line) in lines {
        last = n;
        if let Some(comment) = line.strip_prefix('#') {
            header.comments.push(comment.trim().to_string());
        } else if line.is_empty() {
        } else if segments.is_some_and(|s| header.segments.len() < s) {
            header.segments.push(segment_line(line, n)?);
        } else if segments.is_none() && header.signals.len() < signals {
            header.signals.push(signal_line(line, n)?);
        }
    }
    let (wanted, found) = segments.map_or((signals, header.signals.len()), |s| (s, header.segments.len()));
    if found < wanted {
        return Err(bad(
            last,
            format!("头文件声明 {wanted} 行信号或分段，只有 {found} 行"),
            format!("the header announces {wanted} signal or segment lines and has {found}"),
        ));
    }
    Ok(header)
}

/// The header with the record line's fields, the number of signals, and of segments if it is a multi-segment header.
fn record_line(line: &str, n: usize) -> Result<(Header, usize, Option<usize>), ReadError> {
    let mut fields = line.split_whitespace();
    let name = fields.next().unwrap_or_default();
    let (name, segments) = match name.split_once('/') {
        Some((name, count)) => {
            let count = count.parse::<usize>().ok().filter(|c| *c > 0);
            (name, Some(count.ok_or_else(|| bad(n, "分段数不是正整数", "the number of segments is no number"))?))
        }
        None => (name, None),
    };
    let signals = fields
        .next()
        .and_then(|f| f.parse().ok())
        .ok_or_else(|| bad(n, "缺少信号数", "the number of signals is missing"))?;
    let mut header = Header { name: name.into(), rate: DEFAULT_RATE, ..Header::default() };
    let mut fields = fields.peekable();
    if let Some(field) = fields.next_if(|f| !f.contains(':')) {
        rate_field(&mut header, field)
            .ok_or_else(|| bad(n, format!("采样率 {field} 无效"), format!("`{field}` is no sampling rate")))?;
    }
    if header.counter_rate == 0.0 {
        header.counter_rate = header.rate;
    }
    if let Some(field) = fields.next_if(|f| f.bytes().all(|b| b.is_ascii_digit())) {
        let frames: usize = field
            .parse()
            .map_err(|_| bad(n, format!("样本数 {field} 无效"), format!("`{field}` is no number of samples")))?;
        header.frames = Some(frames).filter(|f| *f > 0);
    }
    for field in fields {
        if field.contains(':') {
            header.time = time(field);
        } else if header.date.is_none() {
            header.date = date(field);
        }
    }
    Ok((header, signals, segments))
}

/// `rate[/counter rate[(base counter)]]`.
fn rate_field(header: &mut Header, field: &str) -> Option<()> {
    let positive = |s: &str| s.parse::<f64>().ok().filter(|r| r.is_finite() && *r > 0.0);
    let (rate, counter) = field.split_once('/').map_or((field, None), |(r, c)| (r, Some(c)));
    header.rate = positive(rate)?;
    header.rate_given = true;
    if let Some(counter) = counter {
        let (rate, base) = counter.split_once('(').map_or((counter, None), |(r, b)| (r, Some(b)));
        header.counter_rate = positive(rate)?;
        header.base_counter = base.map_or(Some(0.0), |b| b.trim_end_matches(')').parse().ok())?;
    }
    Some(())
}

/// `HH:MM:SS[.sss]`, `MM:SS` or `SS`; a leading `[` as WFDB prints absolute times is passed over.
fn time(field: &str) -> Option<Time> {
    let mut parts: Vec<&str> = field.trim_matches(['[', ']']).split(':').collect();
    while parts.len() < 3 {
        parts.insert(0, "0");
    }
    let [hours, minutes, seconds] = parts.as_slice() else { return None };
    let seconds: f64 = seconds.parse().ok().filter(|s| (0.0..61.0).contains(s))?;
    let nanos = (seconds.fract() * 1e9).round().min(999_999_999.0) as i32;
    Time::new(hours.parse().ok()?, minutes.parse().ok()?, seconds as i8, nanos).ok()
}

/// `DD/MM/YYYY`; in the wild also `YYYY-MM-DD` and `DD-Mon-YYYY`.
fn date(field: &str) -> Option<Date> {
    let parts: Vec<&str> = field.trim_matches(['[', ']']).split(['/', '-']).collect();
    let [a, b, c] = parts.as_slice() else { return None };
    let (year, day) = if a.len() == 4 { (a, c) } else { (c, a) };
    Date::new(year.parse().ok()?, month(b)?, day.parse().ok()?).ok()
}

fn month(s: &str) -> Option<i8> {
    const NAMES: [&str; 12] = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"];
    let by_name = || NAMES.iter().position(|m| s.to_ascii_lowercase().starts_with(m)).map(|i| i as i8 + 1);
    s.parse().ok().or_else(by_name)
}

fn segment_line(line: &str, n: usize) -> Result<(String, usize), ReadError> {
    let mut fields = line.split_whitespace();
    let (name, frames) = (fields.next(), fields.next().and_then(|f| f.parse().ok()));
    name.zip(frames)
        .filter(|_| fields.next().is_none())
        .map(|(name, frames)| (name.to_string(), frames))
        .ok_or_else(|| bad(n, "分段行应为“名称 样本数”", "a segment line is a record name and a number of samples"))
}

/// Splits the next whitespace-separated field off; the rest keeps its inner spaces.
pub(super) fn field<'a>(rest: &mut &'a str) -> Option<&'a str> {
    let line = rest.trim_start();
    let end = line.find(char::is_whitespace).unwrap_or(line.len());
    let (head, tail) = line.split_at(end);
    *rest = tail;
    Some(head).filter(|h| !h.is_empty())
}

fn signal_line(line: &str, n: usize) -> Result<Signal, ReadError> {
    let mut rest = line;
    let file = field(&mut rest).unwrap_or_default().to_string();
    let storage = field(&mut rest).ok_or_else(|| bad(n, "缺少存储格式", "the storage format is missing"))?;
    let (format, per_frame, skew, offset) = storage_field(storage)
        .ok_or_else(|| bad(n, format!("存储格式 {storage} 无效"), format!("`{storage}` is no storage format")))?;
    if !FORMATS.contains(&format) {
        return Err(ReadError::unsupported(
            ID,
            format!("不支持的存储格式 {format}"),
            format!("storage format {format} is not known"),
        ));
    }
    let (gain, baseline, unit) = match field(&mut rest) {
        Some(g) => gain_field(g).ok_or_else(|| bad(n, format!("增益 {g} 无效"), format!("`{g}` is no gain")))?,
        None => (0.0, None, None),
    };
    let mut integer = |zh: &str, en: &str| -> Result<Option<i32>, ReadError> {
        let Some(text) = field(&mut rest) else { return Ok(None) };
        text.parse()
            .map(Some)
            .map_err(|_| bad(n, format!("{zh} {text} 不是整数"), format!("{en} `{text}` is no whole number")))
    };
    let resolution = integer("ADC 位数", "the ADC resolution")?;
    let zero = integer("ADC 零点", "the ADC zero")?.unwrap_or(0);
    let initial = integer("初始值", "the initial value")?.unwrap_or(zero);
    let checksum = integer("校验和", "the checksum")?;
    let block = integer("块大小", "the block size")?.unwrap_or(0);
    Ok(Signal {
        file,
        format,
        per_frame,
        skew,
        offset,
        gain,
        baseline: baseline.unwrap_or(f64::from(zero)),
        unit: unit.unwrap_or_else(|| "mV".into()),
        resolution: resolution.and_then(|r| u32::try_from(r).ok()).filter(|r| *r > 0),
        zero,
        initial,
        checksum,
        block: usize::try_from(block).unwrap_or(0),
        description: rest.trim().to_string(),
    })
}

/// `format[xSAMPLES][:SKEW][+OFFSET]`.
fn storage_field(field: &str) -> Option<(u16, usize, usize, usize)> {
    let (mut per_frame, mut skew, mut offset) = (1, 0, 0);
    let end = field.find(['x', ':', '+']).unwrap_or(field.len());
    let (format, mut rest) = field.split_at(end);
    while let Some(kind) = rest.chars().next() {
        let body = rest.get(1..)?;
        let end = body.find(['x', ':', '+']).unwrap_or(body.len());
        let (number, tail) = body.split_at(end);
        let number: usize = number.parse().ok()?;
        match kind {
            'x' if number > MOST_PER_FRAME => return None,
            'x' => per_frame = number.max(1),
            ':' => skew = number,
            _ => offset = number,
        }
        rest = tail;
    }
    Some((format.parse().ok()?, per_frame, skew, offset))
}

/// `gain[(baseline)][/unit]`.
fn gain_field(field: &str) -> Option<(f64, Option<f64>, Option<String>)> {
    let (number, unit) = match field.split_once('/') {
        Some((number, unit)) => (number, Some(unit).filter(|u| !u.is_empty())),
        None => (field, None),
    };
    let (gain, baseline) = match number.split_once('(') {
        Some((gain, baseline)) => (gain, Some(baseline.strip_suffix(')')?.parse().ok()?)),
        None => (number, None),
    };
    let gain = gain.parse::<f64>().ok().filter(|g| g.is_finite())?;
    Some((gain, baseline, unit.map(str::to_string)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_field() {
        let text = "# before the record line: no info string\r\nrec 2 250.5/25(-3.5) 1000 1:02:03.5 24/11/2026\r\n\
            a.dat 212x4:7+24 -12.5(-1605)/uV 12 5 -304 6310 8 lead two words\r\nb.dat 16\r\n# info\r\n#Age: 5\r\n";
        let h = parse(text).unwrap();
        assert_eq!((h.name.as_str(), h.rate, h.counter_rate, h.base_counter), ("rec", 250.5, 25.0, -3.5));
        assert_eq!(h.start().unwrap().to_string(), "2026-11-24T01:02:03.5");
        assert_eq!(h.frames, Some(1000));
        assert_eq!(h.comments, ["info", "Age: 5"]);
        let s = &h.signals[0];
        assert_eq!((s.format, s.per_frame, s.skew, s.offset), (212, 4, 7, 24));
        assert_eq!((s.gain, s.baseline, s.unit.as_str()), (-12.5, -1605.0, "uV"));
        assert_eq!((s.resolution, s.zero, s.initial, s.checksum, s.block), (Some(12), 5, -304, Some(6310), 8));
        assert_eq!(s.description, "lead two words");
        let bare = &h.signals[1];
        assert_eq!((bare.gain, bare.baseline, bare.unit.as_str(), bare.checksum), (0.0, 0.0, "mV", None));
    }

    #[test]
    fn dates_in_the_wild() {
        for line in
            ["A 1 300 9000 2014-05-08 05:05:15 ", "A 1 300 9000 05:05:15 08-May-2014", "A 1 300 9 5:5:15 8/5/2014"]
        {
            let h = parse(&format!("{line}\nA.dat 16\n")).unwrap();
            assert_eq!(h.start().unwrap().to_string(), "2014-05-08T05:05:15", "{line}");
        }
    }

    #[test]
    fn numbers_are_no_header() {
        assert!(looks_like("1 12 500 5000\n1.dat 16 1716(6)/mV 0 0 -120 -32198 0 i\n"));
        assert!(looks_like("rec/2 3 250 100\nrec_layout 0\nseg1 100\n"));
        assert!(!looks_like("1 12 500 5000\n2 16 200 3\n"));
        assert!(!looks_like("time,I,II\n0,1,2\n"));
        assert!(!looks_like("100 0\n"));
    }
}
