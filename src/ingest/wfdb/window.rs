//! Windows of a long record: a header for the frames cut out, and those frames. Of records in one signal file of format 16
//! or 212, one sample a frame of each signal, without skew: what day-long records are stored in.

use super::header::{Header, parse};
use super::header_text;
use crate::ingest::{Layout, Source};
use std::fmt::Write as _;

pub fn layout(source: &Source) -> Option<Layout> {
    let header = parse(&header_text(source)).ok()?;
    let first = header.signals.first()?;
    let plain = |s: &super::Signal| {
        s.file == first.file && s.format == first.format && s.per_frame == 1 && s.skew == 0 && s.offset == first.offset
    };
    let n = header.signals.len();
    // Two frames of 12-bit samples fill whole bytes whatever their number.
    let block = match first.format {
        16 => (2 * n, 1),
        212 => (3 * n, 2),
        _ => return None,
    };
    let whole = header.signals.iter().all(plain) && header.rate_given && first.file != "~";
    whole.then(|| Layout {
        file: Some(first.file.clone()),
        data: first.offset as u64,
        block,
        blocks: header.frames.map(|f| f / block.1),
        leads: n,
        rate: header.rate,
        join,
    })
}

fn join(source: &Source, blocks: usize, data: Vec<u8>) -> Source {
    let Ok(header) = parse(&header_text(source)) else { return Source::memory(source.name(), Vec::new()) };
    let file = header.signals.first().map_or_else(String::new, |s| s.file.clone());
    let text = smaller(&header, blocks, &data);
    Source::memory(format!("{}.hea", source.stem()), text.into_bytes()).with(file, data)
}

/// The header of a record that is these blocks.
fn smaller(header: &Header, blocks: usize, data: &[u8]) -> String {
    let packed = header.signals.first().is_some_and(|s| s.format == 212);
    let frames = if packed { 2 * blocks } else { blocks };
    let mut text = format!("{} {} {} {frames}", header.name, header.signals.len(), header.rate);
    if let (Some(time), date) = (header.time, header.date) {
        let date = date.map_or_else(String::new, |d| format!(" {}/{}/{}", d.day(), d.month(), d.year()));
        let _ = write!(text, " {:02}:{:02}:{:02}{date}", time.hour(), time.minute(), time.second());
    }
    text.push('\n');
    let sums = sums(data, header.signals.len(), packed);
    for (s, sum) in header.signals.iter().zip(sums) {
        let (resolution, unit) = (s.resolution.unwrap_or(0), s.unit.replace(' ', "_"));
        let _ = writeln!(
            text,
            "{} {} {}({})/{unit} {resolution} {} {} {sum} {} {}",
            s.file, s.format, s.gain, s.baseline, s.zero, s.initial, s.block, s.description
        );
    }
    for comment in &header.comments {
        let _ = writeln!(text, "#{comment}");
    }
    text
}

/// The checksum of each signal: the 16-bit sum of its samples.
fn sums(data: &[u8], signals: usize, packed: bool) -> Vec<i16> {
    let mut sums = vec![0_i16; signals];
    let mut add = |n: usize, value: i16| {
        if let Some(sum) = sums.get_mut(n % signals.max(1)) {
            *sum = sum.wrapping_add(value);
        }
    };
    if packed {
        for (pair, [a, b, c]) in data.as_chunks::<3>().0.iter().enumerate() {
            // Twelve bits with their sign, the low nibble of the middle byte to the first.
            let signed = |low: u8, high: u8| ((i16::from(high) << 8 | i16::from(low)) << 4) >> 4;
            add(2 * pair, signed(*a, b & 0x0f));
            add(2 * pair + 1, signed(*c, b >> 4));
        }
    } else {
        for (n, word) in data.as_chunks::<2>().0.iter().enumerate() {
            add(n, i16::from_le_bytes(*word));
        }
    }
    sums
}
