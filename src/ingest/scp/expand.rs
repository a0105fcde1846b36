//! Bimodal compression undone: outside the protected zones one stored sample stands for several (EN 1064, 5.7.5 and
//! annex C: low-pass filter, then every fourth sample; linear interpolation on reading).

use super::ID;
use super::huffman::Tables;
use super::leads::Lead;
use super::series::Series;
use crate::ingest::ReadError;

/// Decimation factor of the standard's own scheme: 500 samples a second become 125.
pub const USUAL_FACTOR: usize = 4;
/// Largest factor we take: 500 samples a second would become 31, which no ECG survives.
pub const MOST_FACTOR: usize = 16;

/// A stretch of one lead, in samples at the full rate.
struct Stretch {
    len: usize,
    protected: bool,
}

/// Decodes one lead and brings it to the full rate. The number of stored samples must fit the zones: what is left of a
/// stretch that the factor does not divide is stored as one sample more, or not at all; a lead that fits neither is
/// refused, since its time axis would be a guess.
pub fn expand(
    series: &Series,
    bytes: &[u8],
    tables: Option<&Tables>,
    lead: &Lead,
    protected: &[(usize, usize)],
    factor: usize,
) -> Result<Vec<i32>, ReadError> {
    let stretches = stretches(lead, protected);
    let up = stored(&stretches, factor, true);
    let values = series.values(bytes, tables, up)?;
    let rounds_up = if values.len() == up {
        true
    } else if values.len() == stored(&stretches, factor, false) {
        false
    } else {
        return Err(ReadError::malformed(
            ID,
            format!("导联 {}：双模式压缩应有 {up} 个存储样本，实际 {}", lead.name, values.len()),
            format!("lead {}: bimodal zones need {up} stored samples, there are {}", lead.name, values.len()),
            "section 6",
        ));
    };
    let mut out: Vec<i32> = Vec::with_capacity(lead.count());
    let mut rest = values.as_slice();
    for stretch in &stretches {
        let (mine, after) = rest.split_at(stored_len(stretch, factor, rounds_up).min(rest.len()));
        rest = after;
        if stretch.protected {
            out.extend_from_slice(mine);
        } else {
            let before = out.last().copied();
            interpolate(&mut out, mine, before, after.first().copied(), stretch.len, factor);
        }
    }
    Ok(out)
}

fn stretches(lead: &Lead, protected: &[(usize, usize)]) -> Vec<Stretch> {
    let mut out = Vec::with_capacity(protected.len() * 2 + 1);
    let mut next = lead.start;
    for &(first, last) in protected {
        let (first, last) = (first.max(next), last.min(lead.end));
        if last < first {
            continue;
        }
        out.push(Stretch { len: first - next, protected: false });
        out.push(Stretch { len: last + 1 - first, protected: true });
        next = last + 1;
    }
    out.push(Stretch { len: (lead.end + 1).saturating_sub(next), protected: false });
    out
}

fn stored_len(stretch: &Stretch, factor: usize, round_up: bool) -> usize {
    match (stretch.protected, round_up) {
        (true, _) => stretch.len,
        (false, true) => stretch.len.div_ceil(factor),
        (false, false) => stretch.len / factor,
    }
}

fn stored(stretches: &[Stretch], factor: usize, round_up: bool) -> usize {
    stretches.iter().map(|s| stored_len(s, factor, round_up)).sum()
}

/// Appends `len` samples on the lines through the stored ones, each of which lies in the middle of its group; at the
/// ends the line runs to the neighbouring protected sample, or stays level where there is none.
fn interpolate(out: &mut Vec<i32>, stored: &[i32], before: Option<i32>, after: Option<i32>, len: usize, factor: usize) {
    let point = |i: usize| {
        let stored = *stored.get(i)?;
        let group = factor.min(len.saturating_sub(i * factor));
        Some(((i * factor) as f64 + (group as f64 - 1.0) / 2.0, stored))
    };
    let mut right = 0;
    for at in 0..len {
        let x = at as f64;
        while point(right).is_some_and(|(centre, _)| centre < x) {
            right += 1;
        }
        let left = match right.checked_sub(1) {
            Some(i) => point(i),
            None => before.map(|y| (-1.0, y)),
        };
        let right = point(right).or_else(|| after.map(|y| (len as f64, y)));
        let value = match (left, right) {
            (Some((x0, y0)), Some((x1, y1))) if x1 > x0 => {
                f64::from(y0) + (f64::from(y1) - f64::from(y0)) * (x - x0) / (x1 - x0)
            }
            (Some((_, y)), _) | (None, Some((_, y))) => f64::from(y),
            (None, None) => 0.0,
        };
        out.push(value.round() as i32);
    }
}
