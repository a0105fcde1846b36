//! Multiplex groups to millivolts (PS3.3 C.10.9).

use super::envelope::Envelope;
use super::{ID, items, number, raw};
use crate::ingest::{Limits, ReadError, mdc, millivolts, name_leads};
use crate::signal::{DeviceMedian, Hz, LeadName};
use crate::text::Text;
use dicom_core::value::PrimitiveValue;
use dicom_dictionary_std::tags;
use dicom_object::InMemDicomObject;
use ndarray::{Array2, Axis};

/// The rhythm of all groups together, and the median beat beside it.
pub struct Groups {
    pub leads: Vec<LeadName>,
    pub rate: f64,
    /// Leads × samples, mV, NaN = not recorded.
    pub samples: Array2<f32>,
    pub median: Option<DeviceMedian>,
    pub filters: Option<String>,
    /// Of each group in the file's order: its first sample in `samples`, and its channels; `None` for one not in it.
    pub placed: Vec<Option<(usize, Vec<LeadName>)>>,
    /// The sample within the median that it was aligned by, counted from 1.
    pub trigger: Option<usize>,
}

struct Group {
    rate: f64,
    offset_ms: f64,
    leads: Vec<LeadName>,
    samples: Array2<f32>,
    median: bool,
    filters: Option<String>,
    trigger: Option<usize>,
}

/// Frames decoded at a time.
const BLOCK: usize = 512;
/// Multiplex groups of a file: the IODs allow five.
const MOST_GROUPS: usize = 64;

/// Reads every group.
pub fn read(e: &Envelope, limits: &Limits, notes: &mut Vec<Text>) -> Result<Groups, ReadError> {
    let sequence = items(&e.data, tags::WAVEFORM_SEQUENCE);
    if sequence.len() > MOST_GROUPS {
        return Err(ReadError::Limit {
            what: crate::text::text("波形组数", "number of waveform groups"),
            max: MOST_GROUPS as u64,
        });
    }
    let mut groups = Vec::new();
    for (n, item) in sequence.iter().enumerate() {
        groups.push(Group::read(item, n, e.big_endian, limits, notes)?);
    }
    // A sole derived group is a processed rhythm, not a median.
    if groups.iter().all(|g| g.median) {
        for group in &mut groups {
            group.median = false;
        }
    }
    let Some(first) = groups.iter().filter(|g| !g.median).max_by_key(|g| g.samples.len()) else {
        return Err(ReadError::malformed(ID, "文件中没有波形数据", "there is no waveform in the file", "(5400,0100)"));
    };
    let (rate, filters) = (first.rate, first.filters.clone());
    let joined = join(&groups, rate, limits, notes)?;
    let median = groups.into_iter().find(|g| g.median);
    let trigger = median.as_ref().and_then(|m| m.trigger);
    let median = median.map(|m| DeviceMedian { rate: Hz(m.rate), leads: m.leads, samples: m.samples });
    let (leads, samples, placed) = joined;
    Ok(Groups { leads, rate, samples, median, filters, placed, trigger })
}

type Joined = (Vec<LeadName>, Array2<f32>, Vec<Option<(usize, Vec<LeadName>)>>);

/// Lays the groups of one rate side by side.
fn join(groups: &[Group], rate: f64, limits: &Limits, notes: &mut Vec<Text>) -> Result<Joined, ReadError> {
    let earliest = groups.iter().filter(|g| !g.median).map(|g| g.offset_ms).fold(f64::INFINITY, f64::min);
    let mut leads: Vec<LeadName> = Vec::new();
    let mut placed = Vec::new();
    let mut length = 0;
    for (n, group) in groups.iter().enumerate() {
        let rhythm = !group.median;
        if rhythm && group.rate != rate {
            notes.push(Text::of(
                format!("第 {} 组波形采样率不同，未读取", n + 1),
                format!("waveform group {} has another sampling rate and was left out", n + 1),
            ));
        }
        if !rhythm || group.rate != rate {
            placed.push(None);
            continue;
        }
        let at = ((group.offset_ms - earliest) * rate / 1000.0).round() as usize;
        length = length.max(at.saturating_add(group.samples.ncols()));
        leads.extend(group.leads.iter().filter(|l| !leads.contains(l)).cloned().collect::<Vec<_>>());
        placed.push(Some((at, group.leads.clone())));
    }
    limits.shape(leads.len(), length)?;
    let mut samples = Array2::from_elem((leads.len(), length), f32::NAN);
    for (group, place) in groups.iter().zip(&placed) {
        let Some((at, _)) = place else { continue };
        for (lead, row) in group.leads.iter().zip(group.samples.rows()) {
            let Some(i) = leads.iter().position(|l| l == lead) else { continue };
            for (target, v) in samples.row_mut(i).iter_mut().skip(*at).zip(row) {
                if target.is_nan() {
                    *target = *v;
                }
            }
        }
    }
    Ok((leads, samples, placed))
}

/// One channel that is an ECG.
struct Channel {
    /// Its place among the interleaved samples.
    index: usize,
    gain: f32,
    zero: f32,
    bits: u32,
    signed: bool,
}

impl Group {
    fn read(
        item: &InMemDicomObject,
        n: usize,
        big_endian: bool,
        limits: &Limits,
        notes: &mut Vec<Text>,
    ) -> Result<Self, ReadError> {
        let at = format!("waveform group {}", n + 1);
        let bad = |zh: &str, en: &str| ReadError::malformed(ID, zh.to_string(), en.to_string(), at.clone());
        let rate = number(item, tags::SAMPLING_FREQUENCY)
            .filter(|r| *r > 0.0)
            .ok_or_else(|| bad("没有采样率", "there is no sampling rate"))?;
        let definitions = items(item, tags::CHANNEL_DEFINITION_SEQUENCE);
        let count = number(item, tags::NUMBER_OF_WAVEFORM_CHANNELS).map_or(definitions.len(), |c| c as usize);
        if count == 0 || count != definitions.len() {
            return Err(bad("通道数与通道定义不符", "the number of channels is not that of their definitions"));
        }
        let raw_samples = raw_samples(item, big_endian, &at)?;
        let declared = number(item, tags::NUMBER_OF_WAVEFORM_SAMPLES).map_or(usize::MAX, |s| s as usize);
        let length = declared.min(raw_samples.len() / count);
        if length < declared && declared != usize::MAX {
            notes.push(Text::of(
                format!("第 {} 组波形应有 {declared} 个采样点，实有 {length} 个", n + 1),
                format!("waveform group {} has {length} of {declared} samples", n + 1),
            ));
        }
        limits.shape(count, length)?;
        let padding =
            item.get(tags::WAVEFORM_PADDING_VALUE).and_then(|p| padding(item, p.value().primitive()?, big_endian));
        let signed = coding(item).is_some_and(|(_, signed)| signed);
        let (channels, labels) = channels(definitions, signed, &at, notes)?;
        let named = name_leads(&labels.iter().map(String::as_str).collect::<Vec<_>>());
        let mut samples = Array2::zeros((channels.len(), length));
        // Bits above those stored repeat the sign (PS3.3 C.10.9.1.5); a writer that leaves them zero shows by having no
        // negative sample at all.
        let unsigned = raw_samples.iter().all(|v| *v >= 0);
        // A block of frames stays in the cache while every channel is taken out of it.
        for (n, block) in raw_samples.chunks(count * BLOCK).enumerate() {
            for ((channel, (_, sign)), mut row) in channels.iter().zip(&named).zip(samples.axis_iter_mut(Axis(0))) {
                let row = row.as_slice_mut().unwrap_or_default();
                let end = (n * BLOCK + BLOCK).min(row.len());
                channel.decode(block, count, padding, *sign, unsigned, row.get_mut(n * BLOCK..end).unwrap_or_default());
            }
        }
        let label = raw(item, tags::MULTIPLEX_GROUP_LABEL).unwrap_or_default().to_uppercase();
        let says_median = ["MEDIAN", "REPRESENTATIVE", "AVERAGE", "TEMPLATE"].iter().any(|m| label.contains(m));
        let derived = raw(item, tags::WAVEFORM_ORIGINALITY).is_some_and(|o| o.trim() == "DERIVED");
        Ok(Self {
            rate,
            offset_ms: number(item, tags::MULTIPLEX_GROUP_TIME_OFFSET).unwrap_or(0.0).clamp(0.0, 1e9),
            leads: named.into_iter().map(|(l, _)| l).collect(),
            samples,
            median: says_median || derived && !label.contains("RHYTHM"),
            filters: definitions.first().and_then(filters),
            trigger: number(item, tags::TRIGGER_SAMPLE_POSITION).map(|t| t as usize),
        })
    }
}

/// The ECG channels with their labels. A channel in another unit than volts is named in a note, one without a scale is an
/// error: a scale is never guessed.
fn channels(
    definitions: &[InMemDicomObject],
    signed: bool,
    at: &str,
    notes: &mut Vec<Text>,
) -> Result<(Vec<Channel>, Vec<String>), ReadError> {
    let (mut channels, mut labels) = (Vec::new(), Vec::new());
    for (index, definition) in definitions.iter().enumerate() {
        let label = label(definition);
        let unit = items(definition, tags::CHANNEL_SENSITIVITY_UNITS_SEQUENCE).first();
        let said = |tag| unit.and_then(|u| raw(u, tag)).unwrap_or_default();
        let (code, meaning) = (said(tags::CODE_VALUE), said(tags::CODE_MEANING));
        let Some(unit) = millivolts(&code).or_else(|| millivolts(&meaning)) else {
            if code.is_empty() && meaning.is_empty() {
                return Err(no_scale(at, &label));
            }
            notes.push(Text::of(
                format!("未读取非电压通道：{label}（{code}）"),
                format!("channel {label} in {code} is no ECG and was left out"),
            ));
            continue;
        };
        let sensitivity = number(definition, tags::CHANNEL_SENSITIVITY).ok_or_else(|| no_scale(at, &label))?;
        let correction =
            number(definition, tags::CHANNEL_SENSITIVITY_CORRECTION_FACTOR).filter(|f| *f != 0.0).unwrap_or(1.0);
        let gain = sensitivity * correction * unit;
        if gain == 0.0 {
            return Err(no_scale(at, &label));
        }
        let zero = number(definition, tags::CHANNEL_BASELINE).unwrap_or(0.0) * unit;
        let bits = number(definition, tags::WAVEFORM_BITS_STORED).map_or(32, |b| b as u32);
        channels.push(Channel { index, gain: gain as f32, zero: zero as f32, bits, signed });
        labels.push(label);
    }
    if channels.is_empty() {
        return Err(ReadError::unsupported(ID, "没有以电压为单位的通道", "no channel is in volts"));
    }
    Ok((channels, labels))
}

fn no_scale(at: &str, label: &str) -> ReadError {
    ReadError::malformed(
        ID,
        format!("通道 {label} 没有灵敏度或单位，无法换算为毫伏"),
        format!("channel {label} has no sensitivity or unit: no scale to millivolts"),
        at.to_string(),
    )
}

/// A channel's lead: by MDC (`2:1`, `131073`, `MDC_ECG_LEAD_I`) or SCPECG code (`5.6.3-9-1`), else by what the code
/// means, else by the channel's label.
fn label(definition: &InMemDicomObject) -> String {
    let source = items(definition, tags::CHANNEL_SOURCE_SEQUENCE).first();
    let said = |tag| source.and_then(|s| raw(s, tag)).map_or_else(String::new, |t| t.trim().to_string());
    let code = said(tags::CODE_VALUE);
    let tail = code.strip_prefix("2:").or_else(|| code.strip_prefix("5.6.3-9-")).unwrap_or(&code);
    let coded = tail.parse::<u32>().ok().and_then(|n| mdc::lead(if n >= 1 << 17 { n - (1 << 17) } else { n }));
    if let Some(lead) = coded {
        return lead.to_string();
    }
    let meaning = said(tags::CODE_MEANING);
    let meaning = meaning.split('(').next().unwrap_or("").trim().trim_start_matches("Lead ").to_string();
    let own = raw(definition, tags::CHANNEL_LABEL).map_or_else(String::new, |t| t.trim().to_string());
    let identifier = if code.starts_with("MDC_") { code } else { String::new() };
    let texts = [identifier, meaning, own];
    let known = texts.iter().map(|t| mdc::lead_by_name(t).0).find(|l| !matches!(l, LeadName::Other(_)));
    // "-aVR" must keep its sign: the text itself is handed on where no code is known.
    known.map_or_else(
        || texts.iter().rev().find(|t| !t.is_empty()).cloned().unwrap_or_default(),
        |l| {
            let inverted = texts.iter().any(|t| mdc::lead_by_name(t) == (l.clone(), -1.0));
            if inverted { format!("-{l}") } else { l.to_string() }
        },
    )
}

fn filters(channel: &InMemDicomObject) -> Option<String> {
    let low = number(channel, tags::FILTER_LOW_FREQUENCY).filter(|f| *f > 0.0);
    let high = number(channel, tags::FILTER_HIGH_FREQUENCY).filter(|f| *f > 0.0);
    let notch = number(channel, tags::NOTCH_FILTER_FREQUENCY).filter(|f| *f > 0.0);
    let band = match (low, high) {
        (Some(l), Some(h)) => Some(format!("{l}–{h} Hz")),
        (Some(l), None) => Some(format!("≥ {l} Hz")),
        (None, Some(h)) => Some(format!("≤ {h} Hz")),
        (None, None) => None,
    };
    let parts: Vec<String> = band.into_iter().chain(notch.map(|n| format!("notch {n} Hz"))).collect();
    (!parts.is_empty()).then(|| parts.join(", "))
}

/// How samples are coded: bytes each, and whether signed.
fn coding(item: &InMemDicomObject) -> Option<(usize, bool)> {
    match raw(item, tags::WAVEFORM_SAMPLE_INTERPRETATION)?.trim() {
        "SB" => Some((1, true)),
        "UB" => Some((1, false)),
        "SS" => Some((2, true)),
        "US" => Some((2, false)),
        "SL" => Some((4, true)),
        "UL" => Some((4, false)),
        _ => None,
    }
}

fn raw_samples(item: &InMemDicomObject, big_endian: bool, at: &str) -> Result<Vec<i64>, ReadError> {
    let (width, signed) = coding(item).ok_or_else(|| {
        let said = raw(item, tags::WAVEFORM_SAMPLE_INTERPRETATION).unwrap_or_default();
        ReadError::unsupported(
            ID,
            format!("不支持的采样编码 {said}"),
            format!("sample interpretation {said} is not supported"),
        )
    })?;
    let allocated = number(item, tags::WAVEFORM_BITS_ALLOCATED).map_or(width * 8, |b| b as usize);
    if allocated != width * 8 {
        return Err(ReadError::malformed(
            ID,
            "采样位数与编码方式不符",
            "bits allocated and sample interpretation disagree",
            at.to_string(),
        ));
    }
    let data = item.get(tags::WAVEFORM_DATA).and_then(|e| e.value().primitive());
    let data =
        data.ok_or_else(|| ReadError::malformed(ID, "没有波形数据", "there is no waveform data", at.to_string()))?;
    Ok(integers(data, width, signed, big_endian))
}

/// Integers from OW (words in the machine's order already) or OB (bytes as in the file).
fn integers(data: &PrimitiveValue, width: usize, signed: bool, big_endian: bool) -> Vec<i64> {
    let sign = |v: u64| {
        let shift = 64 - 8 * width as u32;
        if signed { ((v << shift) as i64) >> shift } else { v as i64 }
    };
    match (data, width) {
        (PrimitiveValue::U16(words), 2) => words.iter().map(|&w| sign(u64::from(w))).collect(),
        (PrimitiveValue::U16(words), 1) => {
            words.iter().flat_map(|w| w.to_le_bytes()).map(|b| sign(u64::from(b))).collect()
        }
        (PrimitiveValue::U16(words), _) => {
            let pairs = words.as_chunks::<2>().0.iter();
            let (low, high) = if big_endian { (1, 0) } else { (0, 1) };
            pairs.map(|p| sign(u64::from(p[low]) | u64::from(p[high]) << 16)).collect()
        }
        (PrimitiveValue::U32(words), 4) => words.iter().map(|&w| sign(u64::from(w))).collect(),
        (PrimitiveValue::I16(words), 2) => words.iter().map(|&w| sign(u64::from(w as u16))).collect(),
        (PrimitiveValue::U8(bytes), _) => {
            let join = |c: &[u8]| {
                let value = |v: u64, b: &u8| v << 8 | u64::from(*b);
                sign(if big_endian { c.iter().fold(0, value) } else { c.iter().rev().fold(0, value) })
            };
            bytes.chunks_exact(width).map(join).collect()
        }
        _ => Vec::new(),
    }
}

/// The padding value as a sample.
fn padding(item: &InMemDicomObject, value: &PrimitiveValue, big_endian: bool) -> Option<i64> {
    let (width, signed) = coding(item)?;
    integers(value, width, signed, big_endian).first().copied()
}

impl Channel {
    fn decode(&self, raw: &[i64], count: usize, padding: Option<i64>, sign: f32, unsigned: bool, row: &mut [f32]) {
        let (gain, zero) = (self.gain * sign, self.zero * sign);
        let narrow = self.signed && unsigned && self.bits > 0 && self.bits < 32;
        let (shift, limit) = if narrow { (64 - self.bits, 1_i64 << self.bits) } else { (0, 0) };
        for (v, frame) in row.iter_mut().zip(raw.chunks_exact(count)) {
            let sample = frame.get(self.index).copied().unwrap_or(0);
            let extended = if sample < limit { sample << shift >> shift } else { sample };
            *v = if Some(sample) == padding { f32::NAN } else { extended as f32 * gain + zero };
        }
    }
}
