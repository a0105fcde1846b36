//! Samples to bytes: the amplitude unit, differences, Huffman coding.

use super::super::huffman::{ESCAPE_8, ESCAPE_16, SHORT};
use super::{Line, unfit};
use crate::ingest::WriteError;
use crate::ingest::quantise::Step;

/// The largest block of a lead: its length is a 16-bit number.
const MOST_BYTES: usize = 65_535;
/// Amplitude units devices use, nV, coarsest first.
const USUAL: [u16; 10] = [10_000, 5000, 4880, 4000, 3750, 2500, 2000, 1250, 1000, 500];
/// The coarsest unit taken where nothing demands it, nV: a fifth of the 5 µV that IEC 60601-2-25 asks of a recorder.
const COARSEST: f64 = 1000.0;
/// How far from whole a sample on a grid may be, in units, besides the rounding of f32.
const ON_GRID: f64 = 1e-3;

/// Encoded leads.
pub struct Encoded {
    /// Amplitude unit, nV.
    pub nanovolts: u16,
    /// 0, 1 or 2.
    pub differences: u8,
    /// Whether the default Huffman table was used.
    pub huffman: bool,
    /// One a lead.
    pub blocks: Vec<Vec<u8>>,
}

/// Encodes the leads in the smallest way, with or without the Huffman table where that is settled; refuses what no way
/// fits.
pub fn encode(lines: &[Line], coded: Option<bool>) -> Result<Encoded, WriteError> {
    let samples = || lines.iter().flat_map(|line| line.samples.iter().copied());
    for nanovolts in units(samples)? {
        let values: Vec<Vec<i16>> = lines.iter().map(|line| quantise(&line.samples, nanovolts)).collect();
        let ways = [(0, false), (0, true), (1, true), (2, true)];
        let allowed = ways.into_iter().filter(|(_, huffman)| coded.is_none_or(|c| c == *huffman));
        let tried = allowed.filter_map(|(differences, huffman)| {
            let blocks = values.iter().map(|v| block(v, differences, huffman)).collect::<Option<Vec<_>>>()?;
            Some(Encoded { nanovolts, differences, huffman, blocks })
        });
        if let Some(best) = tried.min_by_key(|e| e.blocks.iter().map(Vec::len).sum::<usize>()) {
            return Ok(best);
        }
    }
    Err(unfit("导联太长（每导联最多 65535 字节）", "the leads are too long (65 535 bytes each at most)"))
}

/// Units to be tried in turn, nV: the grid if there is one, else the finest that 16 bits hold and coarser ones.
fn units<I: Iterator<Item = f32>>(samples: impl Fn() -> I) -> Result<Vec<u16>, WriteError> {
    let round = Step::fit(samples(), i32::from(i16::MAX)).map(|step| step.microvolts() * 1000.0);
    // The field ends between two round steps: the last stretch takes any whole number.
    let peak = samples().fold(0.0_f32, |m, v| m.max(v.abs()));
    let odd = (f64::from(peak) * 1e6 / f64::from(i16::MAX)).ceil();
    let fits = |unit: &f64| *unit <= f64::from(u16::MAX);
    let finest = round.filter(fits).or(Some(odd).filter(fits));
    let finest =
        finest.ok_or_else(|| unfit("幅值超过 16 位所能表示的范围", "its amplitudes are beyond what 16 bits hold"))?;
    let on_grid = |unit: f64| {
        samples().all(|v| {
            let units = f64::from(v) * 1e6 / unit;
            (units - units.round()).abs() < ON_GRID + units.abs() * f64::from(f32::EPSILON)
        })
    };
    if let Some(grid) = USUAL.into_iter().find(|u| f64::from(*u) >= finest && on_grid(f64::from(*u))) {
        return Ok(vec![grid]);
    }
    let ladder = (0..=5).flat_map(|power| [1.0, 2.0, 5.0].map(|m| m * 10_f64.powi(power)));
    let coarser = ladder.filter(|unit| *unit > finest && *unit <= COARSEST);
    Ok(std::iter::once(finest.max(1.0)).chain(coarser).map(|unit| unit.round() as u16).collect())
}

fn quantise(samples: &[f32], nanovolts: u16) -> Vec<i16> {
    let unit = f64::from(nanovolts) * 1e-6;
    samples.iter().map(|v| (f64::from(*v) / unit).round() as i16).collect()
}

/// One lead's bytes; `None` where a difference or the block exceeds 16 bits.
fn block(values: &[i16], differences: u8, huffman: bool) -> Option<Vec<u8>> {
    let bytes = if huffman {
        code(&difference(values, differences)?)
    } else {
        values.iter().flat_map(|v| v.to_le_bytes()).collect()
    };
    (bytes.len() <= MOST_BYTES).then_some(bytes)
}

fn difference(values: &[i16], order: u8) -> Option<Vec<i16>> {
    let at = |k: usize| values.get(k).copied().map_or(0, i32::from);
    let one = |k: usize| match (order, k) {
        (0, _) | (1, 0) | (2, 0 | 1) => at(k),
        (1, _) => at(k) - at(k - 1),
        _ => at(k) - 2 * at(k - 1) + at(k - 2),
    };
    (0..values.len()).map(|k| i16::try_from(one(k)).ok()).collect()
}

/// Codes values with the default table (EN 1064, annex C).
pub fn code(values: &[i16]) -> Vec<u8> {
    let mut out = Vec::with_capacity(values.len());
    let (mut held, mut count) = (0u64, 0u32);
    for value in values {
        let (bits, length) = if let Some((length, _, bits)) = SHORT.iter().find(|(_, v, _)| v == value) {
            (*bits, u32::from(*length))
        } else if let Ok(small) = i8::try_from(*value) {
            (ESCAPE_8 << 8 | u32::from(small as u8), 18)
        } else {
            (ESCAPE_16 << 16 | u32::from(*value as u16), 26)
        };
        held = held << length | u64::from(bits);
        count += length;
        while count >= 8 {
            count -= 8;
            out.push((held >> count) as u8);
        }
    }
    if count > 0 {
        out.push((held << (8 - count)) as u8);
    }
    out
}
