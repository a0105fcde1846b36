//! Multi-segment records, by header(5) "Multi-segment records": a master header names segments that follow one another.
//!
//! Fixed layout: every segment has the same signals in the same order. Variable layout: the first segment has no length
//! and holds the signals' order only; the others have any of them. A segment `~`, a segment that cannot be read and a
//! signal that a segment lacks are NaN.

use super::header::{self, Header};
use super::record::{self, Row};
use super::{ID, charset};
use crate::ingest::{Limits, ReadError, Source};
use crate::signal::Recording;
use crate::text::Text;

/// The header of a segment; a segment is never itself of several.
pub(super) fn header_of(name: &str, source: &Source) -> Result<Header, ReadError> {
    let file = format!("{name}.hea");
    let bytes = source.sibling(&file).ok_or_else(|| {
        ReadError::malformed(ID, "找不到分段的头文件", "the header of a segment is missing", file.clone())
    })?;
    let header = header::parse(&charset::decode(&bytes))?;
    if header.segments.is_empty() {
        return Ok(header);
    }
    Err(ReadError::malformed(ID, "分段本身又是多段记录", "a segment is itself a multi-segment record", file))
}

/// Reads all segments into one recording; also gives the layout's info strings.
pub(super) fn read(master: &Header, source: &Source, limits: &Limits) -> Result<(Recording, Vec<String>), ReadError> {
    let mut notes = Vec::new();
    let layout = match master.segments.first() {
        Some((name, 0)) => Some(header_of(name, source)?),
        _ => None,
    };
    let total = master.segments.iter().fold(0_usize, |t, (_, n)| t.saturating_add(*n));
    limits.shape(1, total)?;
    let mut joined = Joined { total, order: layout.as_ref(), rows: Vec::new() };
    let (mut at, mut problem) = (0, None);
    for (name, frames) in &master.segments {
        if name != "~" && *frames > 0 {
            match segment(name, *frames, master.rate, source, limits, &mut notes) {
                Ok(rows) => joined.add(at, *frames, rows, limits)?,
                Err(limit @ ReadError::Limit { .. }) => return Err(limit),
                Err(error) => {
                    notes.push(Text::of(
                        format!("分段 {name} 无法读取，按缺失处理：{}", error.text().zh),
                        format!("segment {name} cannot be read and is missing: {error}"),
                    ));
                    problem = Some(error);
                }
            }
        }
        at += frames;
    }
    if joined.rows.is_empty() {
        return Err(problem
            .unwrap_or_else(|| ReadError::unsupported(ID, "各分段均无心电信号", "no segment holds an ECG signal")));
    }
    // The same remark of every segment is one remark.
    let mut said: Vec<Text> = Vec::new();
    for note in notes {
        if !said.contains(&note) {
            said.push(note);
        }
    }
    joined.rows.sort_by_key(|(key, _)| *key);
    let rows: Vec<Row> = joined.rows.into_iter().map(|(_, row)| row).collect();
    let comments = layout.map(|l| l.comments).unwrap_or_default();
    Ok((record::assemble(source.stem(), &rows, master.rate, said), comments))
}

fn segment(
    name: &str,
    frames: usize,
    rate: f64,
    source: &Source,
    limits: &Limits,
    notes: &mut Vec<Text>,
) -> Result<Vec<(usize, Row)>, ReadError> {
    let mut header = header_of(name, source)?;
    if header.rate_given && (header.rate - rate).abs() > 1e-6 * rate {
        return Err(ReadError::malformed(
            ID,
            format!("分段采样率 {} 与主头文件 {rate} 不同", header.rate),
            format!("the segment's sampling rate {} differs from the master header's {rate}", header.rate),
            format!("{name}.hea"),
        ));
    }
    if header.signals.is_empty() {
        return Ok(Vec::new());
    }
    header.frames = header.frames.or(Some(frames));
    record::rows(&header, source, limits, notes)
}

/// The rows of the whole record while segments are laid into them.
struct Joined<'a> {
    total: usize,
    order: Option<&'a Header>,
    /// Position in the report, and row.
    rows: Vec<(usize, Row)>,
}

impl Joined<'_> {
    fn add(&mut self, at: usize, frames: usize, rows: Vec<(usize, Row)>, limits: &Limits) -> Result<(), ReadError> {
        for (index, row) in rows {
            let place = self.place(index, &row.description);
            if !self.rows.iter().any(|(p, _)| *p == place) {
                let length = self.total.saturating_mul(row.per_frame);
                limits.shape(self.rows.len() + 1, length)?;
                let values = vec![f32::NAN; length];
                self.rows.push((place, Row { description: row.description.clone(), per_frame: row.per_frame, values }));
            }
            let Some((_, target)) = self.rows.iter_mut().find(|(p, _)| *p == place) else { continue };
            let step = row.per_frame as f64 / target.per_frame as f64;
            let cells = target.values.iter_mut().skip(at * target.per_frame).take(frames * target.per_frame);
            if row.per_frame == target.per_frame {
                cells.zip(&row.values).for_each(|(c, v)| *c = *v);
            } else {
                cells.enumerate().for_each(|(i, c)| *c = record::between(&row.values, i as f64 * step));
            }
        }
        Ok(())
    }

    /// Where a signal goes: by its place in a fixed layout, by its description in a variable one.
    fn place(&self, index: usize, description: &str) -> usize {
        let Some(order) = self.order else { return index };
        let known = order.signals.iter().position(|s| s.description == description);
        let seen = || self.rows.iter().find(|(_, r)| r.description == description).map(|(p, _)| *p);
        known.or_else(seen).unwrap_or(order.signals.len() + self.rows.len())
    }
}
