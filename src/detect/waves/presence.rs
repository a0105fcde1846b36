//! Whether there is a P wave: a wave that comes again, in the same shape and at the same distance, before the beats of
//! a group. Fibrillatory waves, the end of T and noise do not repeat with the QRS.

use super::coarse::Coarse;
use super::grid::{Grid, points};
use crate::signal::Ms;

/// Half of the stretch that is compared, about the P peak.
const HALF: Ms = Ms(60.0);
/// Mean correlation over all leads of a P wave with the mean of the others from which it counts as the same wave.
const SAME: f32 = 0.6;
/// And it must rise to this over its surroundings, mV in root mean square over leads: "a wave counts from 30 µV for
/// 6 ms" (IEC 60601-2-25) in the lead that shows it best.
const LEAST_MV: f32 = 0.012;

/// For each beat, whether its P candidate is a P wave.
pub fn p_waves(grid: &Grid, beats: &[Coarse], membership: &[usize]) -> Vec<bool> {
    let shapes: Vec<Option<Vec<f32>>> = beats.iter().map(|b| b.p.and_then(|p| shape(grid, p.0[1]))).collect();
    let length = shapes.iter().flatten().map(Vec::len).next().unwrap_or(0);
    let mut sum = vec![0.0_f32; length];
    let mut count = 0;
    for s in shapes.iter().flatten() {
        sum.iter_mut().zip(s).for_each(|(a, v)| *a += v);
        count += 1;
    }
    let _ = membership;
    beats
        .iter()
        .zip(&shapes)
        .map(|(beat, s)| {
            let (Some((_, rise)), Some(s)) = (beat.p, s) else { return false };
            if count < 3 {
                return rise > 3.0 * LEAST_MV;
            }
            let others: Vec<f32> = sum.iter().zip(s).map(|(a, v)| a - v).collect();
            rise > LEAST_MV && correlation(&others, s) > SAME
        })
        .collect()
}

/// The stretch about `peak` in all leads, without its straight line in each.
fn shape(grid: &Grid, peak: f32) -> Option<Vec<f32>> {
    let half = points(HALF);
    let from = (peak as usize).checked_sub(half)?;
    let mut all = Vec::with_capacity(grid.alive.len() * (2 * half + 1));
    for l in 0..grid.alive.len() {
        let x = grid.row(l).get(from..=from + 2 * half)?;
        let (a, b) = (x[0], x[2 * half]);
        all.extend(x.iter().enumerate().map(|(i, v)| v - a - (b - a) * i as f32 / (2 * half) as f32));
    }
    Some(all)
}

fn correlation(a: &[f32], b: &[f32]) -> f32 {
    let (mut ab, mut aa, mut bb) = (0.0, 0.0, 0.0);
    for (x, y) in a.iter().zip(b) {
        ab += x * y;
        aa += x * x;
        bb += y * y;
    }
    if aa > 0.0 && bb > 0.0 { ab / (aa * bb).sqrt() } else { 0.0 }
}
