//! A rhythm strip in characters: Braille dots, two across and four down a character, beats marked below.

use crate::detect::{Beat, BeatClass};
use crate::signal::Recording;

/// Rows of characters of a strip: 4 dots each.
const ROWS: usize = 6;

/// Seconds of one line; longer recordings take more lines, up to [`LINES`].
const SECONDS: f64 = 10.0;

/// Lines drawn at most.
const LINES: usize = 3;

/// The first half minute of lead `row`, at most, in lines of `width` characters.
pub fn draw(recording: &Recording, row: usize, beats: &[Beat], width: usize) -> Vec<String> {
    let samples: Vec<f32> = recording.samples.row(row).to_vec();
    let per_line = ((SECONDS * recording.rate.0) as usize).max(1);
    let label = &recording.leads[row];
    let mut lines = Vec::new();
    for (n, part) in samples.chunks(per_line).take(LINES).enumerate() {
        let from = n * per_line;
        lines.push(format!("{label}  {:.0} s", n as f64 * SECONDS));
        lines.extend(trace(part, per_line, width));
        lines.push(marks(beats, from, per_line, width));
    }
    lines
}

fn trace(part: &[f32], per_line: usize, width: usize) -> Vec<String> {
    let (columns, rows) = (width * 2, ROWS * 4);
    let finite = || part.iter().copied().filter(|v| v.is_finite());
    let (low, high) = finite().fold((f32::MAX, f32::MIN), |(l, h), v| (l.min(v), h.max(v)));
    let mut dots = vec![0_u8; width * ROWS];
    if low <= high {
        let span = (high - low).max(0.5);
        for column in 0..columns {
            let at = |c: usize| (c * per_line / columns).min(part.len());
            let bit = &part[at(column)..at(column + 1).max(at(column) + 1).min(part.len())];
            let (l, h) =
                bit.iter().filter(|v| v.is_finite()).fold((f32::MAX, f32::MIN), |(l, h), v| (l.min(*v), h.max(*v)));
            if l > h {
                continue;
            }
            let y = |v: f32| (((high - v) / span) * (rows - 1) as f32) as usize;
            for dot in y(h)..=y(l).min(rows - 1) {
                dots[(dot / 4) * width + column / 2] |= BRAILLE[dot % 4][column % 2];
            }
        }
    }
    let character = |d: &u8| char::from_u32(0x2800 + u32::from(*d)).unwrap_or(' ');
    dots.chunks(width).map(|row| row.iter().map(character).collect()).collect()
}

/// Bits of the Braille block by row and column of the dot (Unicode 2800–28FF).
const BRAILLE: [[u8; 2]; 4] = [[0x01, 0x08], [0x02, 0x10], [0x04, 0x20], [0x40, 0x80]];

fn marks(beats: &[Beat], from: usize, per_line: usize, width: usize) -> String {
    let mut line = vec![' '; width];
    for beat in beats.iter().filter(|b| (from..from + per_line).contains(&b.qrs.peak)) {
        let column = ((beat.qrs.peak - from) * width / per_line).min(width - 1);
        line[column] = match beat.class {
            BeatClass::N => 'N',
            BeatClass::S => 'S',
            BeatClass::V => 'V',
            BeatClass::F => 'F',
            BeatClass::Q => 'Q',
            BeatClass::P => '/',
        };
    }
    line.into_iter().collect()
}
