//! Series and sequence sets to millivolts: lists of digits with origin and scale, on a generated list of times.

use super::ID;
use super::tree::{Node, seconds};
use crate::ingest::{Limits, ReadError, mdc, millivolts, moment, name_leads};
use crate::signal::LeadName;
use crate::text::Text;
use jiff::civil::DateTime;
use ndarray::Array2;

/// A series' sequence sets, laid side by side in time.
pub struct Series {
    pub rate: f64,
    pub leads: Vec<LeadName>,
    /// Leads × samples, mV, NaN = missing.
    pub samples: Array2<f32>,
    /// Absolute time of the first sample, where the times are absolute.
    pub start: Option<DateTime>,
    /// Seconds that the relative time of the first sample is.
    pub head: f64,
}

/// One sequence set.
struct Set {
    rate: f64,
    start: Option<DateTime>,
    head: f64,
    leads: Vec<(String, Vec<f32>)>,
}

impl Series {
    /// Reads `component/sequenceSet` of a series or derived series.
    pub fn read(series: &Node, limits: &Limits, notes: &mut Vec<Text>) -> Result<Self, ReadError> {
        let mut sets = Vec::new();
        for set in series.all("component").filter_map(|c| c.child("sequenceSet")) {
            sets.push(Set::read(set, limits, notes)?);
        }
        sets.retain(|s| !s.leads.is_empty());
        let longest = sets.iter().max_by_key(|s| s.leads.iter().map(|l| l.1.len()).sum::<usize>());
        let Some(rate) = longest.map(|s| s.rate) else {
            return Err(ReadError::malformed(ID, "没有以电压为单位的导联数据", "there is no lead in volts", "series"));
        };
        if sets.iter().any(|s| s.rate != rate) {
            notes.push(Text::new("采样率不同的波形段未读取", "sequence sets of another sampling rate were left out"));
            sets.retain(|s| s.rate == rate);
        }
        let start = sets.iter().filter_map(|s| s.start).min();
        let head = sets.iter().map(|s| s.head).fold(f64::INFINITY, f64::min);
        join(&sets, rate, start, head, limits)
    }
}

fn join(sets: &[Set], rate: f64, start: Option<DateTime>, head: f64, limits: &Limits) -> Result<Series, ReadError> {
    let offset = |set: &Set| -> usize {
        let absolute = start.zip(set.start).map(|(first, this)| between(first, this));
        let seconds = absolute.unwrap_or(set.head - head);
        (seconds * rate).round().clamp(0.0, 1e12) as usize
    };
    let labels: Vec<Vec<LeadName>> = sets.iter().map(|s| names(s).into_iter().map(|(l, _)| l).collect()).collect();
    let mut leads: Vec<LeadName> = Vec::new();
    for lead in labels.iter().flatten() {
        if !leads.contains(lead) {
            leads.push(lead.clone());
        }
    }
    let end = |s: &Set| offset(s).saturating_add(s.leads.iter().map(|l| l.1.len()).max().unwrap_or(0));
    let length = sets.iter().map(end).max().unwrap_or(0);
    limits.shape(leads.len(), length)?;
    let mut samples = Array2::from_elem((leads.len(), length), f32::NAN);
    for set in sets {
        for ((lead, sign), (_, row)) in names(set).iter().zip(&set.leads) {
            let Some(i) = leads.iter().position(|l| l == lead) else { continue };
            for (target, v) in samples.row_mut(i).iter_mut().skip(offset(set)).zip(row) {
                *target = v * sign;
            }
        }
    }
    Ok(Series { rate, leads, samples, start, head })
}

/// Seconds from one moment to another.
pub fn between(first: DateTime, second: DateTime) -> f64 {
    second.duration_since(first).as_secs_f64()
}

fn names(set: &Set) -> Vec<(LeadName, f32)> {
    name_leads(&set.leads.iter().map(|(label, _)| label.as_str()).collect::<Vec<_>>())
}

impl Set {
    fn read(set: &Node, limits: &Limits, notes: &mut Vec<Text>) -> Result<Self, ReadError> {
        let sequences: Vec<&Node> = set.all("component").filter_map(|c| c.child("sequence")).collect();
        limits.shape(sequences.len().saturating_sub(1), 0)?;
        let time = sequences.iter().find(|s| s.code().starts_with("TIME_")).and_then(|s| s.child("value"));
        let time =
            time.ok_or_else(|| missing("没有时间序列，采样率未知", "no time sequence: the sampling rate is unknown"))?;
        let increment = time.child("increment").and_then(|i| Some((i.quantity()?, i.attribute("value")?)));
        let ((value, unit), written) =
            increment.ok_or_else(|| missing("时间增量无效", "the time increment is invalid"))?;
        let second =
            seconds(unit).ok_or_else(|| missing("时间增量的单位无效", "the time increment's unit is no time"))?;
        let rate =
            rate(value, second, written).ok_or_else(|| missing("时间增量无效", "the time increment is invalid"))?;
        let head = time.child("head");
        let start = head.and_then(|h| moment::datetime(h.attribute("value")?));
        let relative = head.and_then(Node::quantity).and_then(|(v, unit)| Some(v * seconds(unit)?));
        let mut leads = Vec::new();
        let mut room = limits.sample_bytes / 4;
        for sequence in sequences.iter().filter(|s| !s.code().starts_with("TIME_")) {
            if let Some(row) = lead(sequence, &mut room, notes)? {
                leads.push(row);
            }
        }
        if leads.iter().any(|(_, row)| row.len() != leads[0].1.len()) {
            notes.push(Text::new(
                "各导联长度不一，较短者以缺失值补足",
                "leads differ in length: the shorter ones end early",
            ));
        }
        Ok(Self { rate, start, head: relative.unwrap_or(0.0), leads })
    }
}

/// Samples a second. An increment is often rounded (`0.003333`): where just one whole rate rounds to what is written, that
/// is meant.
fn rate(value: f64, second: f64, written: &str) -> Option<f64> {
    let exact = 1.0 / (value * second);
    let whole = exact.round();
    let digits = written.split_once('.').map_or(0, |(_, fraction)| fraction.len());
    let error = 0.5 * 10_f64.powi(-(digits.min(300) as i32)) * second;
    let meant = whole > 0.0 && (1.0 / whole - value * second).abs() <= error && error * whole * whole < 0.5;
    let rate = if meant { whole } else { exact };
    (rate.is_finite() && rate > 0.0).then_some(rate)
}

fn missing(zh: &'static str, en: &'static str) -> ReadError {
    ReadError::malformed(ID, zh, en, "sequenceSet")
}

/// One lead's label and millivolts; `None` for what is no voltage.
fn lead(sequence: &Node, room: &mut u64, notes: &mut Vec<Text>) -> Result<Option<(String, Vec<f32>)>, ReadError> {
    let code = sequence.code();
    let (lead, sign) = mdc::lead_by_name(code);
    let label = if sign < 0.0 { format!("-{lead}") } else { lead.to_string() };
    let at = || format!("sequence {code}");
    let Some(value) = sequence.child("value") else { return Ok(None) };
    let Some(digits) = value.child("digits") else { return Ok(None) };
    let scale = value.child("scale").and_then(Node::quantity);
    let (scale, unit) = scale.filter(|(v, _)| *v != 0.0).ok_or_else(|| {
        ReadError::malformed(ID, "导联没有比例系数，无法换算为毫伏", "the lead has no scale to millivolts", at())
    })?;
    let Some(millivolt) = millivolts(unit) else {
        if unit.is_empty() {
            return Err(ReadError::malformed(ID, "比例系数没有单位", "the lead's scale has no unit", at()));
        }
        notes.push(Text::of(
            format!("未读取非电压信号：{label}（{unit}）"),
            format!("{label} in {unit} is no ECG and was left out"),
        ));
        return Ok(None);
    };
    let origin = match value.child("origin").and_then(Node::quantity) {
        None => 0.0,
        Some((v, "")) => v * millivolt,
        Some((v, unit)) => {
            v * millivolts(unit)
                .ok_or_else(|| ReadError::malformed(ID, "原点的单位无效", "the origin's unit is no voltage", at()))?
        }
    };
    let row = numbers(&digits.element.text, scale * millivolt, origin, room).map_err(|position| {
        ReadError::malformed(ID, "采样值不是数字", "a sample is no number", format!("{}, digit {position}", at()))
    })?;
    if *room == 0 {
        return Err(ReadError::Limit {
            what: Text::new("信号数据量（采样点）", "number of samples"),
            max: row.len() as u64,
        });
    }
    Ok(Some((label, row)))
}

/// Blank-separated numbers times `scale` plus `origin`; the error is the place of what is no number. At most `room`
/// values.
fn numbers(text: &str, scale: f64, origin: f64, room: &mut u64) -> Result<Vec<f32>, usize> {
    // A value takes two characters at least; twelve leads of a long recording are not allocated at once.
    let mut row = Vec::with_capacity((text.len() / 4).min(*room as usize));
    for token in text.as_bytes().split(u8::is_ascii_whitespace).filter(|t| !t.is_empty()) {
        if *room == 0 {
            return Ok(row);
        }
        *room -= 1;
        let value = match integer(token) {
            Some(v) => f64::from(v) * scale + origin,
            None => match std::str::from_utf8(token).ok().and_then(|t| t.parse::<f64>().ok()) {
                Some(v) if v.is_finite() => v * scale + origin,
                Some(_) => f64::NAN,
                None => return Err(row.len()),
            },
        };
        row.push(value as f32);
    }
    Ok(row)
}

/// A plain integer of at most nine digits, which nearly every sample is.
fn integer(token: &[u8]) -> Option<i32> {
    let (negative, digits) = match token {
        [b'-', rest @ ..] => (true, rest),
        [b'+', rest @ ..] => (false, rest),
        all => (false, all),
    };
    if digits.is_empty() || digits.len() > 9 {
        return None;
    }
    let mut value = 0_i32;
    for d in digits {
        value = value * 10 + i32::from(d.checked_sub(b'0').filter(|d| *d < 10)?);
    }
    Some(if negative { -value } else { value })
}

#[cfg(test)]
mod tests {
    use super::{numbers, rate};

    #[test]
    fn rates_and_digits() {
        assert_eq!(rate(0.002, 1.0, "0.002"), Some(500.0));
        assert_eq!(rate(0.003333, 1.0, "0.003333"), Some(300.0));
        assert_eq!(rate(1953.125, 1e-6, "1953.125"), Some(512.0));
        assert_eq!(rate(0.0, 1.0, "0"), None);
        let mut room = 100;
        assert_eq!(numbers(" 1 -2\n+3 1e1 2.5 ", 0.5, 1.0, &mut room), Ok(vec![1.5, 0.0, 2.5, 6.0, 2.25]));
        assert_eq!(numbers("1 x", 1.0, 0.0, &mut room), Err(1));
        let mut room = 1;
        assert_eq!((numbers("1 2", 1.0, 0.0, &mut room).unwrap().len(), room), (1, 0));
    }
}
