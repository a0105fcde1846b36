//! The time column: what sampling rate it means, and where samples are missing.

use super::ID;
use crate::ingest::ReadError;

/// A step of time longer than this many samples' is a gap.
const GAP: f64 = 1.5;

/// How far a whole rate may be from the one measured, besides the rounding of the printed times, as a part of it.
const NEAR: f64 = 1e-4;

/// Seconds of one unit of time; `None` when it is none.
pub fn seconds_of_unit(unit: &str) -> Option<f64> {
    match unit.trim().trim_matches(['(', ')', '[', ']']).to_lowercase().as_str() {
        "s" | "sec" | "secs" | "second" | "seconds" | "秒" => Some(1.0),
        "ms" | "msec" | "millisecond" | "milliseconds" | "毫秒" => Some(1e-3),
        "us" | "µs" | "μs" | "usec" | "microseconds" | "微秒" => Some(1e-6),
        "min" | "minutes" | "分钟" => Some(60.0),
        _ => None,
    }
}

/// Seconds since midnight of `[date ]hh:mm[:ss[.sss]]`; brackets around it are passed over.
pub fn time_of_day(field: &str) -> Option<f64> {
    let field = field.trim_matches(['[', ']', '\'', '"']).trim();
    let clock = field.split([' ', 'T']).find(|p| p.contains(':'))?;
    let parts: Vec<&str> = clock.trim_end_matches('Z').split(':').collect();
    let number = |s: &&str| {
        let plain = s.replace(',', ".");
        plain.parse::<f64>().ok().filter(|v| plain.bytes().all(|b| b.is_ascii_digit() || b == b'.') && *v < 1e4)
    };
    let values: Option<Vec<f64>> = parts.iter().map(number).collect();
    match values?.as_slice() {
        // rdsamp prints elapsed time as minutes and seconds where the seconds have decimals.
        [m, s] if clock.contains('.') => Some(m * 60.0 + s),
        [h, m] => Some(h * 3600.0 + m * 60.0),
        [h, m, s] => Some(h * 3600.0 + m * 60.0 + s),
        _ => None,
    }
}

/// The sampling rate of a column of times in seconds, and, when samples are missing, each row's sample index.
#[derive(Debug, PartialEq)]
pub struct Clock {
    /// Samples a second.
    pub rate: f64,
    /// Sample index of each row; `None` = row `i` is sample `i`.
    pub index: Option<Vec<usize>>,
}

/// Reads the clock. `first_line` is the number of the first row's line, for errors. `None` when all times are equal.
pub fn read(times: &[f64], first_line: usize) -> Result<Option<Clock>, ReadError> {
    let (Some(first), Some(last)) = (times.first(), times.last()) else { return Ok(None) };
    let steps = || times.windows(2).filter_map(|w| Some(w.get(1)? - w.first()?));
    if let Some(i) = steps().position(|s| s < 0.0) {
        return Err(ReadError::malformed(
            ID,
            "时间列倒退",
            "the time column runs backwards",
            format!("line {}", first_line + i + 1),
        ));
    }
    let span = last - first;
    if span <= 0.0 {
        return Ok(None);
    }
    let count = (times.len() - 1) as f64;
    let mean = count / span;
    // Times are rounded: where every one is near its place on an even grid, the grid is meant.
    let places = || times.iter().enumerate().map(|(i, t)| ((t - first) * mean - i as f64).abs());
    let resolution = resolution(times);
    if places().fold(0.0, f64::max) <= 0.5_f64.max(1.1 * resolution * mean) {
        return Ok(Some(Clock { rate: whole(mean, resolution / span), index: None }));
    }
    let mut sorted: Vec<f64> = steps().filter(|s| *s > 0.0).collect();
    sorted.sort_unstable_by(f64::total_cmp);
    let median = sorted.get(sorted.len() / 2).copied().unwrap_or(span);
    // Many steps near the median average the rounding out.
    let (sum, n) = sorted.iter().filter(|s| **s < GAP * median).fold((0.0, 0.0), |(a, n), s| (a + s, n + 1.0));
    let rate = whole(n / sum, resolution / sum);
    let index: Vec<usize> = times.iter().map(|t| ((t - first) * rate).round() as usize).collect();
    if let Some(i) = index.windows(2).position(|w| w.first() >= w.get(1)) {
        return Err(ReadError::malformed(
            ID,
            format!("时间列不均匀（按 {rate} Hz 两行落在同一采样点）"),
            format!("the time column is uneven (at {rate} Hz two rows fall on one sample)"),
            format!("line {}", first_line + i + 1),
        ));
    }
    Ok(Some(Clock { rate, index: Some(index) }))
}

/// The decimals the times are printed with, as a step: the coarsest power of ten that all are multiples of.
fn resolution(times: &[f64]) -> f64 {
    let multiple = |step: f64| times.iter().take(1000).all(|t| ((t / step) - (t / step).round()).abs() < 1e-3);
    [1.0, 0.1, 0.01, 1e-3, 1e-4, 1e-5].into_iter().find(|s| multiple(*s)).unwrap_or(1e-6)
}

/// A whole rate when the measured one is as near as rounding allows.
fn whole(rate: f64, rounding: f64) -> f64 {
    let near = rate.round();
    if near > 0.0 && (rate / near - 1.0).abs() <= NEAR.max(rounding) { near } else { rate }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rounded_times_gaps_and_disorder() {
        let times: Vec<f64> = (0..3600).map(|i| (f64::from(i) / 360.0 * 1000.0).round() / 1000.0).collect();
        assert_eq!(read(&times, 2).unwrap(), Some(Clock { rate: 360.0, index: None }));
        let mut gap: Vec<f64> = (0..100).map(|i| f64::from(i) * 0.004).collect();
        gap.iter_mut().skip(50).for_each(|t| *t += 0.4);
        let clock = read(&gap, 2).unwrap().unwrap();
        assert_eq!(clock.rate, 250.0);
        assert_eq!(clock.index.unwrap()[50], 150);
        gap[70] = 0.1;
        assert!(read(&gap, 2).unwrap_err().to_string().contains("line 72"));
        let seconds: Vec<f64> = (0..2000).map(|i| (f64::from(i) / 500.0).floor()).collect();
        let clock = read(&seconds, 2).unwrap().unwrap();
        assert!((clock.rate - 500.0).abs() < 500.0, "{}", clock.rate);
    }

    #[test]
    fn times_of_day() {
        assert_eq!(time_of_day("10:00:01.250"), Some(36001.25));
        assert_eq!(time_of_day("2026-11-24T10:00:00"), Some(36000.0));
        assert_eq!(time_of_day("[00:00:01.000 01/01/2000]"), Some(1.0));
        assert_eq!(time_of_day("0:01.500"), Some(1.5));
        assert_eq!(time_of_day("a:b"), None);
    }
}
