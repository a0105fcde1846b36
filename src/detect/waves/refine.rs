//! Exact bounds, lead by lead: from first bounds that may be 40 ms off, small networks read how far each true bound lies.
//!
//! A cascade as in landmark regression (Cao et al., IJCV 107:177, 2014): each step looks at the signal about the present
//! bound and moves it; the second step also knows where the other leads have it. What a network sees is free of sign
//! and gain: the lead's own trace by the wave's height, and the slope over all leads by its peak.

use super::grid::Grid;
use super::model::Model;
use crate::dsp;
use crate::signal::LeadName;

/// Onset and end of P, QRS and T in one lead, as grid positions.
pub type Marks = [[f32; 2]; 3];

/// Steps of the cascade.
pub const STEPS: usize = 2;
/// Bounds: P on, P off, QRS on, QRS off, T on, T off.
pub const BOUNDS: usize = 6;
/// A network's output of 1 is this many grid points.
pub const UNIT: f32 = 10.0;
/// Scalars beside the two traces.
const SCALARS: usize = 6 + 12;

/// What is looked at about a bound.
pub struct Look {
    /// Grid points between two values, 1 … 4.
    pub spacing: usize,
    /// Values before and after the bound.
    pub before: usize,
    /// Values after it.
    pub after: usize,
}

/// One a bound.
pub const LOOKS: [Look; BOUNDS] = [
    Look { spacing: 2, before: 14, after: 14 },
    Look { spacing: 2, before: 14, after: 12 },
    Look { spacing: 1, before: 16, after: 22 },
    Look { spacing: 1, before: 26, after: 26 },
    Look { spacing: 3, before: 16, after: 18 },
    Look { spacing: 4, before: 16, after: 12 },
];
/// Half the distance of the slope's difference for P, QRS and T, grid points.
const REACH: [usize; 3] = [3, 1, 6];
/// Distance of the surroundings that P and T bend against.
const BEND: [usize; 2] = [14, 30];

/// A stretch of signal on the grid with the slopes over all leads.
pub struct View<'a> {
    /// The signal.
    pub grid: &'a Grid,
    /// Names of its leads.
    pub names: &'a [LeadName],
    /// Root mean square slope over leads for P, QRS and T.
    pub slopes: [Vec<f32>; 3],
    /// The highest of each of them.
    pub tops: [f32; 3],
    /// Root mean square over leads of the bend (a point against the mean of its surroundings at either side) for P and T.
    pub bends: [Vec<f32>; 2],
    /// Which of the twelve standard leads each row is.
    pub standard: Vec<Option<usize>>,
    /// Noise of each lead: the median of its second differences, mV.
    pub noise: Vec<f32>,
}

impl<'a> View<'a> {
    /// Prepares the slopes of the leads of `use_leads`.
    pub fn new(grid: &'a Grid, use_leads: &[usize], names: &'a [LeadName]) -> Self {
        let slopes = REACH.map(|reach| over_leads(grid, use_leads, reach, |left, _, right| right - left));
        let bends = BEND.map(|reach| over_leads(grid, use_leads, reach, |left, at, right| at - 0.5 * (left + right)));
        let standard = names.iter().map(|n| LeadName::TWELVE.iter().position(|t| t == n)).collect();
        let noise = (0..grid.alive.len()).map(|l| noise(grid.row(l))).collect();
        let tops = [0, 1, 2].map(|w: usize| dsp::range(&slopes[w]).1.max(1e-5));
        Self { grid, names, slopes, tops, bends, standard, noise }
    }
}

/// Root of the summed squares over leads of what `of` makes of each point and those `reach` before and after it; 0 at the ends.
fn over_leads(grid: &Grid, leads: &[usize], reach: usize, of: impl Fn(f32, f32, f32) -> f32) -> Vec<f32> {
    let mut sum = vec![0.0_f32; grid.len()];
    let Some(count) = grid.len().checked_sub(2 * reach) else { return sum };
    let parts = |l: usize| [0, reach, 2 * reach].map(|from| &grid.row(l)[from..from + count]);
    let sums = &mut sum[reach..reach + count];
    // Four leads at a pass, so that the sums are loaded less often.
    let (fours, rest) = leads.as_chunks::<4>();
    for four in fours {
        let rows = four.map(parts);
        for (i, s) in sums.iter_mut().enumerate() {
            for [left, at, right] in &rows {
                let d = of(left[i], at[i], right[i]);
                *s += d * d;
            }
        }
    }
    for [left, at, right] in rest.iter().map(|&l| parts(l)) {
        for (((s, l), a), r) in sums.iter_mut().zip(left).zip(at).zip(right) {
            let d = of(*l, *a, *r);
            *s += d * d;
        }
    }
    for s in &mut sum {
        *s = s.sqrt();
    }
    sum
}

fn noise(x: &[f32]) -> f32 {
    let mut d: Vec<f32> = x.windows(3).step_by(5).map(|w| (w[0] - 2.0 * w[1] + w[2]).abs()).collect();
    let k = d.len() / 2;
    if d.is_empty() { 0.0 } else { *d.select_nth_unstable_by(k, f32::total_cmp).1 }
}

/// Value at a position between points; beyond the ends the last value.
fn at(x: &[f32], position: f32) -> f32 {
    let top = x.len() as f32 - 1.0;
    let p = position.clamp(0.0, top.max(0.0));
    // Beyond 2^24 points (18 h) an f32 is no longer exact and may round up to the length.
    let last = x.len() - 1;
    let i = (p as usize).min(last);
    let (a, b) = (x[i], x[(i + 1).min(last)]);
    a + (b - a) * (p - i as f32)
}

/// Values a `part` of the way from every `SPACING`-th point to the next, as many as `out` takes.
fn between<const SPACING: usize>(x: &[f32], part: f32, out: &mut [f32]) {
    for (k, o) in out.iter_mut().enumerate() {
        let (a, b) = (x[k * SPACING], x[k * SPACING + 1]);
        *o = a + (b - a) * part;
    }
}

/// Writes the values about `place` that `look` asks for, less `base`, times `scale`, within ±`limit`.
fn window(x: &[f32], place: f32, look: &Look, base: f32, scale: f32, limit: f32, out: &mut [f32]) {
    let first = place - (look.before * look.spacing) as f32;
    let (whole, last) = (first as usize, (look.before + look.after) * look.spacing);
    if let Some(x) = x.get(whole..whole + last + 2).filter(|_| first >= 0.0) {
        let part = first - whole as f32;
        match look.spacing {
            1 => between::<1>(x, part, out),
            2 => between::<2>(x, part, out),
            3 => between::<3>(x, part, out),
            _ => between::<4>(x, part, out),
        }
    } else {
        for (k, o) in out.iter_mut().enumerate() {
            *o = at(x, first + (k * look.spacing) as f32);
        }
    }
    for o in out {
        *o = ((*o - base) * scale).clamp(-limit, limit);
    }
}

/// Largest deflection of a wave in this lead from the line between its bounds (QRS: from the level at its onset), with sign.
fn height(x: &[f32], wave: usize, [on, off]: [f32; 2]) -> f32 {
    let (from, to) = (on.max(0.0) as usize, (off.max(0.0) as usize).min(x.len() - 1));
    if to <= from {
        return 0.0;
    }
    let slope = if wave == 1 { 0.0 } else { (x[to] - x[from]) / (to - from) as f32 };
    let (mut best, mut base) = (0.0_f32, x[from]);
    if wave == 1 {
        let (low, high) = dsp::range(&x[from..=to]);
        let (down, up) = (low - base, high - base);
        if down.abs() != up.abs() {
            return if up > down.abs() { up } else { down };
        }
    }
    for v in &x[from..=to] {
        let d = v - base;
        if d.abs() > best.abs() {
            best = d;
        }
        base += slope;
    }
    best
}

/// Number of inputs of a bound's networks.
pub const fn inputs(bound: usize) -> usize {
    2 * (LOOKS[bound].before + LOOKS[bound].after + 1) + SCALARS
}

/// The size of a wave between its bounds, the same for its onset and its end.
#[derive(Clone, Copy, Default)]
struct Size {
    /// Of its largest deflection in the lead, mV.
    height: f32,
    /// Highest slope over all leads.
    top: f32,
}

impl Size {
    fn of(view: &View<'_>, lead: usize, wave: usize, bounds: [f32; 2]) -> Self {
        let slope = &view.slopes[wave];
        let range = (bounds[0].max(0.0) as usize)..((bounds[1].max(0.0) as usize + 1).min(slope.len()));
        let top = slope.get(range).map_or(0.0, |s| dsp::range(s).1).max(1e-5);
        Self { height: height(view.grid.row(lead), wave, bounds), top }
    }
}

/// What the network of `bound` sees in `lead` with the bounds at `marks`; `others` is where the other leads have it.
pub fn features(view: &View<'_>, lead: usize, bound: usize, marks: &Marks, others: f32, rr: f32, out: &mut Vec<f32>) {
    let size = Size::of(view, lead, bound / 2, marks[bound / 2]);
    features_of(view, lead, bound, marks, Known { size, others, rr }, out);
}

/// What is known of a bound beside where it is.
#[derive(Clone, Copy)]
struct Known {
    size: Size,
    /// Where the other leads have it.
    others: f32,
    /// RR interval before the beat, grid points.
    rr: f32,
}

fn features_of(view: &View<'_>, lead: usize, bound: usize, marks: &Marks, known: Known, out: &mut Vec<f32>) {
    let Known { size: Size { height, top }, others, rr } = known;
    let (wave, side) = (bound / 2, bound % 2);
    let look = &LOOKS[bound];
    let x = view.grid.row(lead);
    let place = marks[wave][side];
    let noise = view.noise[lead].max(1e-4);
    let scale = height.signum() / height.abs().max(noise);
    let here = at(x, place);
    out.clear();
    out.resize(inputs(bound) - SCALARS, 0.0);
    let (own, slope) = out.split_at_mut(look.before + look.after + 1);
    window(x, place, look, here, scale, 4.0, own);
    window(&view.slopes[wave], place, look, 0.0, 1.0 / top, 3.0, slope);
    let distance = match wave {
        0 => marks[1][0] - place,
        1 => 0.0,
        _ => place - marks[1][1],
    };
    out.push(height.abs() / (height.abs() + 10.0 * noise));
    out.push(((marks[wave][1] - marks[wave][0]) / 40.0).clamp(-1.0, 3.0));
    out.push((distance / 60.0).clamp(-1.0, 3.0));
    out.push((rr / 250.0).min(2.0));
    out.push(((others - place) / UNIT).clamp(-2.0, 2.0));
    let own = view.standard.get(lead).copied().flatten();
    out.extend((0..12).map(|k| if own == Some(k) { 1.0 } else { 0.0 }));
    out.push((top / view.tops[wave]).min(1.0));
}

/// Which waves there are: P, QRS, T.
pub type Present = [bool; 3];

/// Moves the bounds of all leads by one step of the cascade.
pub fn step(model: &Model, step: usize, view: &View<'_>, leads: &mut [Marks], present: Present, rr: f32) {
    let Some(nets) = model.nets.get(step) else { return };
    let mut x = [Vec::with_capacity(128), Vec::with_capacity(128)];
    let before = leads.to_vec();
    let alive: Vec<usize> = (0..leads.len()).filter(|&l| view.grid.alive[l]).collect();
    let mut sizes = vec![Size::default(); leads.len()];
    for (bound, net) in nets.iter().enumerate() {
        let (wave, side) = (bound / 2, bound % 2);
        if !present[wave] {
            continue;
        }
        let others = consensus(view, &before, bound);
        if side == 0 {
            for &l in &alive {
                sizes[l] = Size::of(view, l, wave, before[l][wave]);
            }
        }
        for pair in alive.chunks(2) {
            for (&l, x) in pair.iter().zip(&mut x) {
                features_of(view, l, bound, &before[l], Known { size: sizes[l], others, rr }, x);
            }
            let moves = if pair.len() == 2 { net.run_each([&x[0], &x[1]]) } else { [net.run(&x[0]); 2] };
            for (&l, by) in pair.iter().zip(moves) {
                leads[l][wave][side] += UNIT * by;
            }
        }
    }
    for marks in leads.iter_mut() {
        settle(marks);
    }
}

/// The middle of a bound over leads with signal.
pub fn consensus(view: &View<'_>, leads: &[Marks], bound: usize) -> f32 {
    let mut values = Vec::with_capacity(leads.len());
    values.extend(leads.iter().zip(&view.grid.alive).filter(|(_, a)| **a).map(|(m, _)| m[bound / 2][bound % 2]));
    dsp::median(&mut values)
}

/// Keeps the bounds in order: P on < P off ≤ QRS on < QRS off ≤ T on < T off, by at least a grid point each.
fn settle(m: &mut Marks) {
    m[1][1] = m[1][1].max(m[1][0] + 2.0);
    m[0][1] = m[0][1].min(m[1][0]);
    m[0][0] = m[0][0].min(m[0][1] - 2.0);
    m[2][0] = m[2][0].max(m[1][1]);
    m[2][1] = m[2][1].max(m[2][0] + 2.0);
}
