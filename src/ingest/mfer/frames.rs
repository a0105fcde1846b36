//! Frames to millivolts: sequences × channels × blocks of samples.

use super::ID;
use super::definitions::{Channel, Event, Reader, compressed};
use crate::ingest::marks::of_texts;
use crate::ingest::{Limits, ReadError, mdc, name_leads};
use crate::signal::{Annotation, LeadName};
use crate::text::Text;
use jiff::civil::DateTime;
use ndarray::{Array2, Axis};

/// Samples a second where no interval is defined (MFER Part 1, 5.2.1: 1 kHz).
pub const DEFAULT_RATE: f64 = 1000.0;
/// Volts a step where no resolution is defined (5.2.2: 1 µV).
const DEFAULT_STEP: (u8, f64) = (0, 1e-6);
/// Unit code of volts.
const VOLT: u8 = 0;
/// Waveform type of dominant beats.
const DOMINANT_BEAT: u32 = 9;
/// Data type of status words.
const STATUS: u8 = 4;

/// One frame's ECG.
pub struct Frame {
    pub rate: f64,
    pub leads: Vec<LeadName>,
    /// Leads × samples, mV, NaN = missing.
    pub samples: Array2<f32>,
    pub median: bool,
    pub start: Option<DateTime>,
}

/// All frames together.
pub struct Joined {
    pub rate: f64,
    pub leads: Vec<LeadName>,
    pub samples: Array2<f32>,
    pub median: Option<Frame>,
}

/// A channel of the frame with all defaults resolved.
struct Layout {
    block: usize,
    width: usize,
    kind: u8,
    rate: f64,
    /// Offset of its block within a sequence, in bytes.
    from: usize,
    /// mV a step; `None` for what is no ECG.
    gain: Option<f64>,
    offset: f64,
    missing: Option<f64>,
    label: String,
    waveform: u32,
}

/// Reads a frame; channels that are no ECG go to the notes.
pub fn read(r: &Reader, data: &[u8], at: usize, limits: &Limits, notes: &mut Vec<Text>) -> Result<Frame, ReadError> {
    let layouts = layouts(r)?;
    let sequence: usize = layouts.iter().map(|l| l.block * l.width).sum();
    let held = data.len().checked_div(sequence).unwrap_or(0);
    let sequences = r.sequences.unwrap_or(held);
    if sequence == 0 || data.is_empty() {
        return Err(ReadError::malformed(ID, "波形数据为空", "the waveform data is empty", format!("byte {at}")));
    }
    if sequences > held {
        notes.push(Text::of(
            format!("波形数据不完整：应有 {sequences} 段，实有 {held} 段"),
            format!("the waveform is cut short: {held} of {sequences} sequences are there"),
        ));
    }
    let median = layouts.iter().any(|l| l.waveform == DOMINANT_BEAT);
    let chosen = choose(&layouts, notes)?;
    let (Some(first), count) = (chosen.first(), sequences.min(held)) else {
        return Err(ReadError::unsupported(ID, "文件中没有心电通道", "there is no ECG channel in the file"));
    };
    let rate = first.rate;
    limits.shape(chosen.len(), count.saturating_mul(first.block))?;
    let mut samples = Array2::from_elem((chosen.len(), count * first.block), f32::NAN);
    for (layout, mut row) in chosen.iter().zip(samples.axis_iter_mut(Axis(0))) {
        let Some(row) = row.as_slice_mut() else { continue };
        for (out, frame) in row.chunks_exact_mut(layout.block.max(1)).zip(data.chunks_exact(sequence)) {
            let bytes = frame.get(layout.from..).and_then(|b| b.get(..layout.block * layout.width)).unwrap_or(&[]);
            layout.decode(bytes, r.big_endian, out);
        }
    }
    let named = name_leads(&chosen.iter().map(|l| l.label.as_str()).collect::<Vec<_>>());
    for ((_, sign), mut row) in named.iter().zip(samples.axis_iter_mut(Axis(0))) {
        if *sign < 0.0 {
            row.mapv_inplace(|v| -v);
        }
    }
    Ok(Frame { rate, leads: named.into_iter().map(|(l, _)| l).collect(), samples, median, start: None })
}

/// Bytes of a sample of a data type (Part 1, table 5-6).
fn width(kind: u8) -> Option<usize> {
    Some(match kind {
        3 | 5 => 1,
        0 | 1 | STATUS => 2,
        2 | 6 | 7 => 4,
        8 => 8,
        _ => return None,
    })
}

fn layouts(r: &Reader) -> Result<Vec<Layout>, ReadError> {
    let mut layouts = Vec::with_capacity(r.channels);
    let none = Channel::default();
    let mut from = 0_usize;
    for n in 0..r.channels {
        let own = r.own.get(&n).unwrap_or(&none);
        let root = &r.root;
        let kind = own.kind.or(root.kind).unwrap_or(0);
        if kind == 9 {
            return Err(compressed());
        }
        let width = width(kind).ok_or_else(|| {
            ReadError::malformed(
                ID,
                "数据类型无效",
                format!("data type {kind} is not defined"),
                format!("channel {}", n + 1),
            )
        })?;
        let block = own.block.or(root.block).unwrap_or(1);
        let (unit, step) = own.resolution.or(root.resolution).unwrap_or(DEFAULT_STEP);
        let volts = unit == VOLT && kind != STATUS && step != 0.0 && step.is_finite();
        // A lead named for all channels is that of the first alone.
        let lead = own.lead.clone().or_else(|| root.lead.clone().filter(|_| n == 0));
        let value = |bytes: Option<&Vec<u8>>| bytes.and_then(|b| one(b, kind, r.big_endian));
        layouts.push(Layout {
            block,
            width,
            kind,
            rate: own.rate.or(root.rate).unwrap_or(DEFAULT_RATE),
            from,
            gain: volts.then_some(step * 1000.0),
            offset: value(own.offset.as_ref().or(root.offset.as_ref())).unwrap_or(0.0),
            missing: value(own.missing.as_ref().or(root.missing.as_ref())),
            label: label(lead, n),
            waveform: own.waveform.or(root.waveform).unwrap_or(0),
        });
        from = from.saturating_add(block.saturating_mul(width));
        // A sequence longer than any file is an error of its length fields.
        if block > 1 << 31 || from > 1 << 40 {
            return Err(ReadError::Limit { what: Text::new("数据块长度", "block length"), max: 1 << 31 });
        }
    }
    Ok(layouts)
}

/// The codes are SCP-ECG's (Part 1, table 5-17), with names for those outside the standard set.
fn label(lead: Option<(u32, String)>, channel: usize) -> String {
    const OTHERS: [(u32, &str); 15] = [
        (15, "V7R"),
        (19, "CC5"),
        (20, "CM5"),
        (31, "NASA"),
        (32, "CB4"),
        (33, "CB5"),
        (34, "CB6"),
        (65, "-aVR"),
        (68, "V8R"),
        (69, "V9R"),
        (70, "D"),
        (71, "A"),
        (72, "J"),
        (4166, "ECG1"),
        (4167, "ECG2"),
    ];
    match lead {
        Some((code, words)) => {
            let coded = if code < 256 { mdc::lead(code) } else { None };
            let other = || OTHERS.iter().find(|(n, _)| *n == code).map(|(_, l)| (*l).to_string());
            let words = Some(words.trim_matches(['[', ']']).to_string()).filter(|w| !w.is_empty());
            coded.map(|l| l.to_string()).or_else(other).or(words).unwrap_or_else(|| format!("MFER {code}"))
        }
        None => format!("signal {}", channel + 1),
    }
}

/// The ECG channels of one rate and block length.
fn choose<'a>(layouts: &'a [Layout], notes: &mut Vec<Text>) -> Result<Vec<&'a Layout>, ReadError> {
    /// Waveform types from spectra, trends and sounds to the EEG's begin here (Part 1, table 5-14).
    const FIRST_OTHER: u32 = 22;
    if let Some(l) = layouts.iter().find(|l| l.waveform >= FIRST_OTHER) {
        let kind = l.waveform;
        return Err(ReadError::unsupported(
            ID,
            format!("不是心电波形（波形类型 {kind}）"),
            format!("no ECG (waveform type {kind})"),
        ));
    }
    let ecgs: Vec<&Layout> = layouts.iter().filter(|l| l.gain.is_some() && l.block > 0).collect();
    let key = |l: &Layout| (l.block, l.rate.to_bits());
    let count = |k| ecgs.iter().filter(|l| key(l) == k).count();
    let common = ecgs.iter().map(|l| key(l)).max_by_key(|k| (count(*k), *k));
    let chosen: Vec<&Layout> = ecgs.into_iter().filter(|l| Some(key(l)) == common).collect();
    let left: Vec<&str> =
        layouts.iter().filter(|l| !chosen.iter().any(|c| std::ptr::eq(*c, *l))).map(|l| l.label.as_str()).collect();
    if !left.is_empty() {
        let list = left.join(", ");
        notes.push(Text::of(
            format!("未读取非心电或采样率不同的通道：{list}"),
            format!("channels that are no ECG, or of another sampling rate, were left out: {list}"),
        ));
    }
    Ok(chosen)
}

/// One number of a data type; `None` where the bytes are those of another type (the root's null value for a wider channel).
fn one(bytes: &[u8], kind: u8, big_endian: bool) -> Option<f64> {
    let mut out = None;
    if width(kind) == Some(bytes.len()) {
        each(bytes, kind, big_endian, |_, v| out = Some(v), 1);
    }
    out
}

/// Calls `put` with the index and value of each of at most `most` samples.
fn each(bytes: &[u8], kind: u8, big_endian: bool, mut put: impl FnMut(usize, f64), most: usize) {
    macro_rules! numbers {
        ($type:ty, $width:literal) => {
            for (i, b) in bytes.as_chunks::<$width>().0.iter().take(most).enumerate() {
                let v = if big_endian { <$type>::from_be_bytes(*b) } else { <$type>::from_le_bytes(*b) };
                put(i, v as f64);
            }
        };
    }
    match kind {
        1 | STATUS => numbers!(u16, 2),
        2 => numbers!(i32, 4),
        3 => numbers!(u8, 1),
        5 => numbers!(i8, 1),
        6 => numbers!(u32, 4),
        7 => numbers!(f32, 4),
        8 => numbers!(f64, 8),
        _ => numbers!(i16, 2),
    }
}

impl Layout {
    fn decode(&self, bytes: &[u8], big_endian: bool, out: &mut [f32]) {
        let gain = self.gain.unwrap_or(0.0);
        let (missing, offset) = (self.missing.unwrap_or(f64::NAN), self.offset);
        let most = out.len();
        let put = |i: usize, v: f64| {
            if let Some(target) = out.get_mut(i) {
                *target = if v == missing || !v.is_finite() { f32::NAN } else { ((v + offset) * gain) as f32 };
            }
        };
        each(bytes, self.kind, big_endian, put, most);
    }
}

/// Frames of the first one's leads and rate one after the other; a frame with a start of its own lies where that is.
pub fn join(
    frames: Vec<Frame>,
    start: Option<DateTime>,
    limits: &Limits,
    notes: &mut Vec<Text>,
) -> Result<Joined, ReadError> {
    let (mut rhythm, medians): (Vec<Frame>, Vec<Frame>) = frames.into_iter().partition(|f| !f.median);
    let median = medians.into_iter().next();
    let Some(first) = rhythm.first() else {
        return Err(ReadError::malformed(ID, "文件中没有波形数据", "there is no waveform in the file", "byte 0"));
    };
    let (rate, leads) = (first.rate, first.leads.clone());
    let all = rhythm.len();
    rhythm.retain(|f| f.rate == rate && f.leads == leads);
    if rhythm.len() < all {
        notes.push(Text::new(
            "导联或采样率不同的数据帧未读取",
            "frames of other leads or another sampling rate were left out",
        ));
    }
    if rhythm.len() == 1 {
        let samples = rhythm.pop().map_or_else(|| Array2::zeros((0, 0)), |f| f.samples);
        return Ok(Joined { rate, leads, samples, median });
    }
    let mut places = Vec::with_capacity(rhythm.len());
    let mut next = 0_usize;
    for frame in &rhythm {
        let said =
            start.zip(frame.start).map(|(a, b)| (b.duration_since(a).as_secs_f64() * rate).round().max(0.0) as usize);
        let at = said.unwrap_or(next).max(next);
        places.push(at);
        next = at.saturating_add(frame.samples.ncols());
    }
    limits.shape(leads.len(), next)?;
    let mut samples = Array2::from_elem((leads.len(), next), f32::NAN);
    for (frame, at) in rhythm.iter().zip(places) {
        for (mut target, row) in samples.rows_mut().into_iter().zip(frame.samples.rows()) {
            target.iter_mut().skip(at).zip(row).for_each(|(t, v)| *t = *v);
        }
    }
    Ok(Joined { rate, leads, samples, median })
}

/// Events with words, as marks.
pub fn marks(events: &[Event], rate: f64, samples: usize) -> Vec<Annotation> {
    let mut found = Vec::new();
    for event in events {
        let at = (event.at as f64 * rate / event.rate).round();
        if at < samples as f64 {
            let texts: Vec<&str> = event.words.lines().collect();
            let words = if event.code == 0 { texts } else { vec![event.words.as_str()] };
            found.extend(of_texts(at as usize, words));
        }
    }
    found.sort_by_key(|a| a.sample);
    found
}
