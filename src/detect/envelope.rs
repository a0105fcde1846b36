//! The signal in which QRS complexes stand out: the envelope of each lead around [`CENTRE_HZ`], at a working rate of
//! 120 … 240 Hz, and the leads' envelopes together.
//!
//! A quadrature pair of Morlet kernels gives one smooth hump a complex whatever its polarity and shape, centred on it
//! (no delay). 10 … 15 Hz is where QRS power exceeds T and P waves, muscle and movement most
//! (Thakor, Webster & Tompkins, IEEE TBME 31:702, 1984).

use super::condition::Conditioned;
use crate::dsp;

/// Centre of the band.
const CENTRE_HZ: f64 = 12.0;
/// Standard deviation of the kernels' Gaussian, s (band ± 4.5 Hz).
const SPREAD_S: f64 = 0.035;
/// Length of the blocks whose maxima give the local height of a lead's complexes: at least one beat at 30 a minute.
const BLOCK_S: f64 = 2.0;
/// Blocks on each side that the local height is the median of.
const NEAR_BLOCKS: usize = 5;
/// A lead's envelope counts up to this many times its local height, so that a jerk in one lead does not drown the others.
const CEILING: f32 = 3.0;
/// Pure noise has this ratio of local height to background (Rayleigh distribution, 20 independent values a block).
const NOISE_RATIO: f32 = 2.5;

/// A lead whose complexes are lower than this in the band has none, mV (the lowest voltages seen are ten times that).
const FAINT_MV: f32 = 0.008;

/// Envelopes at the working rate.
#[derive(Clone, Debug, Default)]
pub struct Envelopes {
    /// Samples of the recording to one of the envelope.
    pub step: usize,
    /// Working rate, Hz.
    pub rate: f64,
    /// Each lead at the working rate, mV.
    pub slow: Vec<Vec<f32>>,
    /// One a lead, in units of the lead's local QRS height; 0 where the lead is missing.
    pub leads: Vec<Vec<f32>>,
    /// All leads together, weighted: about 1 at a usual QRS.
    pub all: Vec<f32>,
    /// Weight of each lead and block of [`Self::block`] envelope samples, 0 … 1.
    pub weights: Vec<Vec<f32>>,
    /// Local QRS height of each lead and block, mV.
    pub heights: Vec<Vec<f32>>,
    /// Length of a block in envelope samples.
    pub block: usize,
}

/// Samples of the recording to one of the envelope: a working rate of 120 … 240 Hz.
pub fn step(rate: f64) -> usize {
    ((rate / 120.0).floor() as usize).max(1)
}

/// Finds every lead's envelope and puts them together.
pub fn envelopes(signal: &Conditioned) -> Envelopes {
    let step = step(signal.rate.0);
    let rate = signal.rate.0 / step as f64;
    let (even, odd) = kernels(rate);
    let block = ((BLOCK_S * rate) as usize).max(1);
    let mut out = Envelopes { step, rate, block, ..Envelopes::default() };
    let (mut re, mut im) = (Vec::new(), Vec::new());
    for lead in 0..signal.leads() {
        let slow = dsp::block_means(signal.lead(lead), step);
        dsp::convolve(&slow, &even, &mut re);
        dsp::convolve(&slow, &odd, &mut im);
        for (r, i) in re.iter_mut().zip(&im) {
            *r = (*r * *r + i * i).sqrt();
        }
        // A bridged gap's corners are no complexes.
        let margin = even.len() / 2;
        for gap in signal.gaps.get(lead).into_iter().flatten() {
            let (from, to) = ((gap.start / step).saturating_sub(margin), (gap.end / step + margin).min(re.len()));
            re[from.min(to)..to].fill(0.0);
        }
        let (heights, weights) = local_heights(&re, block);
        for (part, &h) in re.chunks_mut(block).zip(&heights) {
            let scale = if h > 0.0 { 1.0 / h } else { 0.0 };
            for v in part {
                *v = (*v * scale).min(CEILING);
            }
        }
        out.slow.push(slow);
        out.leads.push(re.clone());
        out.heights.push(heights);
        out.weights.push(weights);
    }
    out.all = together(&out);
    out
}

/// Even and odd kernels of unit gain at the centre; the even one is made free of offset.
fn kernels(rate: f64) -> (Vec<f32>, Vec<f32>) {
    let half = (3.0 * SPREAD_S * rate).ceil() as i64;
    let time = |i: i64| i as f64 / rate;
    let gauss = |i: i64| (-0.5 * (time(i) / SPREAD_S).powi(2)).exp();
    let turn = |i: i64| std::f64::consts::TAU * CENTRE_HZ * time(i);
    let area: f64 = (-half..=half).map(gauss).sum();
    let offset: f64 = (-half..=half).map(|i| gauss(i) * turn(i).cos()).sum::<f64>() / area;
    let gain = 2.0 / area;
    let even = (-half..=half).map(|i| (gain * gauss(i) * (turn(i).cos() - offset)) as f32).collect();
    let odd = (-half..=half).map(|i| (gain * gauss(i) * turn(i).sin()) as f32).collect();
    (even, odd)
}

/// Height of the usual complex in each block (median of the block maxima nearby) and the lead's weight there, from how
/// far that height stands above the background.
fn local_heights(envelope: &[f32], block: usize) -> (Vec<f32>, Vec<f32>) {
    let maxima: Vec<f32> = envelope.chunks(block).map(|c| dsp::range(c).1.max(0.0)).collect();
    let mut copy = Vec::with_capacity(block);
    let floors: Vec<f32> = envelope
        .chunks(block)
        .map(|c| {
            copy.clear();
            copy.extend(c.iter().copied().step_by(4));
            dsp::quantile(&mut copy, 0.4)
        })
        .collect();
    let n = maxima.len();
    let mut near = Vec::new();
    let mut local = |values: &[f32], b: usize| {
        near.clear();
        near.extend_from_slice(&values[b.saturating_sub(NEAR_BLOCKS)..(b + NEAR_BLOCKS + 1).min(n)]);
        dsp::median(&mut near)
    };
    let heights: Vec<f32> = (0..n).map(|b| local(&maxima, b)).collect();
    let weights = (0..n)
        .map(|b| {
            let floor = local(&floors, b).max(floors[b]);
            let ratio = if floor > 0.0 { heights[b] / floor } else { 20.0 };
            if heights[b] < FAINT_MV { 0.0 } else { ((ratio - NOISE_RATIO) / 10.0).clamp(0.02, 1.0) }
        })
        .collect();
    (heights, weights)
}

/// The weighted mean of the leads' envelopes.
fn together(e: &Envelopes) -> Vec<f32> {
    let n = e.leads.first().map_or(0, Vec::len);
    let mut all = vec![0.0_f32; n];
    for (b, out) in all.chunks_mut(e.block).enumerate() {
        let total: f32 = e.weights.iter().map(|w| w[b]).sum();
        if total <= 0.0 {
            continue;
        }
        for (lead, weights) in e.leads.iter().zip(&e.weights) {
            let w = weights[b] / total;
            for (o, v) in out.iter_mut().zip(&lead[b * e.block..]) {
                *o += w * v;
            }
        }
    }
    all
}
