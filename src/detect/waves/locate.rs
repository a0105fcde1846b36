//! Where P and T are, by all leads together: a small network looks at every place where the wave may be and says how much it
//! looks like the wave's middle. It sees root mean squares over leads only (slope and bend against those of the QRS), so that
//! neither polarity nor gain nor any one lead matters, and the QRS itself and the neighbouring waves, so that P is not
//! taken for the T before it.

use super::model::Model;
use super::net::Net;
use super::refine::View;

/// Networks of the locator: P, T.
pub const LOCATORS: usize = 2;
/// Values of each curve to either side.
const SIDE: usize = 16;
/// Grid points between the values, for P and T.
const SPACING: [usize; LOCATORS] = [3, 5];
/// Grid points between two places that are tried at first.
const STRIDE: [usize; LOCATORS] = [4, 6];
/// Number of inputs.
pub const INPUTS: usize = 2 * (2 * SIDE + 1) + 3;
/// Longest distances from QRS, grid points: P middle before QRS onset; T middle after the fiducial point.
const P_REACH: usize = 95;
/// The nearest that the middle of P comes to QRS onset: a P that runs into the QRS.
const P_NEAR: usize = 5;
const T_REACH: usize = 150;

/// So many places of a beat are considered.
const PEAKS: usize = 3;
/// What the record's usual distance from QRS is worth, and within how many grid points of it.
const FAVOUR: f32 = 0.3;
const NEAR: f32 = 15.0;

/// What is known of the beat.
#[derive(Clone, Copy, Debug)]
pub struct Around {
    /// Its fiducial point.
    pub at: f32,
    /// Bounds of its QRS.
    pub qrs: [f32; 2],
    /// End of the QRS before it (0 at the beginning).
    pub before: f32,
    /// Onset of the QRS after it (the end at the last).
    pub after: f32,
    /// RR interval before it, grid points.
    pub rr: f32,
}

/// The places where the middle of P (0) or T (1) may lie.
fn places(which: usize, a: &Around, length: usize) -> std::ops::Range<usize> {
    let (from, to) = if which == 0 {
        (
            (a.before as usize + 15).max((a.qrs[0] as usize).saturating_sub(P_REACH)),
            (a.qrs[0] as usize).saturating_sub(P_NEAR),
        )
    } else {
        (a.qrs[1] as usize + 12, (a.after as usize).saturating_sub(14).min(a.qrs[0] as usize + T_REACH))
    };
    from..to.min(length)
}

/// A beat as the network sees it: both curves by the height they have in the QRS, square roots for the range.
pub struct Scene<'a> {
    which: usize,
    around: &'a Around,
    /// The first place.
    start: usize,
    /// From `SIDE` values before the first place to as many after the last.
    curves: [Vec<f32>; 2],
    /// Places that may be.
    pub places: usize,
}

impl<'a> Scene<'a> {
    /// Prepares the search for P (0) or T (1).
    pub fn new(view: &View<'_>, which: usize, around: &'a Around) -> Self {
        let range = places(which, around, view.grid.len());
        let side = SIDE * SPACING[which];
        let curves = [&view.slopes[2 * which], &view.bends[which]].map(|curve| {
            let qrs = (around.qrs[0].max(0.0) as usize)..(around.qrs[1] as usize + 1).min(curve.len());
            let top = curve.get(qrs).map_or(0.0, |s| s.iter().copied().fold(0.0, f32::max)).max(1e-5);
            // Beyond the ends the curve stays at its last value.
            let (first, last) = curve.first().zip(curve.last()).map_or((0.0, 0.0), |(a, b)| (*a, *b));
            let (from, count) = (range.start, range.len() + 1 + 2 * side);
            let mut values = vec![first; side.saturating_sub(from).min(count)];
            let inside = curve.get(from.saturating_sub(side)..).unwrap_or(&[]);
            values.extend(inside.iter().take(count - values.len()));
            values.resize(count, last);
            for v in &mut values {
                *v = (*v / top).min(1.2).sqrt();
            }
            values
        });
        Self { which, around, start: range.start, curves, places: range.len() }
    }

    /// What the network sees at the `k`-th place.
    pub fn features(&self, k: usize, out: &mut Vec<f32>) {
        out.clear();
        out.resize(2 * (2 * SIDE + 1), 0.0);
        let spacing = SPACING[self.which];
        for (values, curve) in out.chunks_exact_mut(2 * SIDE + 1).zip(&self.curves) {
            let curve = &curve[k..=k + 2 * SIDE * spacing];
            for (i, value) in values.iter_mut().enumerate() {
                *value = curve[i * spacing];
            }
        }
        let (place, a) = (self.place(k), self.around);
        let early = self.which == 0;
        out.push(if early { a.qrs[0] - place } else { place - a.qrs[1] } / 60.0);
        out.push((a.rr / 250.0).min(2.0));
        out.push((if early { place - a.before } else { a.after - place } / 100.0).min(2.0));
    }

    /// The `k`-th place as a grid position.
    pub fn place(&self, k: usize) -> f32 {
        (self.start + k) as f32
    }

    /// How much the place nearest to `position` looks like the middle of the wave; 0 where it may not lie.
    pub fn score(&self, net: &Net, position: f32, x: &mut Vec<f32>) -> f32 {
        let k = position.round() - self.start as f32;
        if k < 0.0 || k as usize >= self.places {
            return 0.0;
        }
        self.features(k as usize, x);
        net.run(x)
    }

    /// The places that look most like the middle of the wave, the best first, and how much (about 0 … 1): the highest
    /// of every `STRIDE`-th place, made exact.
    fn peaks(&self, net: &Net) -> Vec<(f32, f32)> {
        let (mut x, mut y) = (Vec::with_capacity(INPUTS), Vec::with_capacity(INPUTS));
        let stride = STRIDE[self.which];
        let count = self.places.div_ceil(stride);
        let mut scores = Vec::with_capacity(count + 1);
        for i in (0..count).step_by(2) {
            self.features(i * stride, &mut x);
            self.features((i + 1).min(count - 1) * stride, &mut y);
            scores.extend(net.run_each([&x, &y]));
        }
        scores.truncate(count);
        let mut score = |k: usize| {
            self.features(k, &mut x);
            net.run(&x)
        };
        let below = |i: Option<usize>, s: f32| i.and_then(|i| scores.get(i)).is_none_or(|v| *v <= s);
        let is_peak = |i: &usize| below(i.checked_sub(1), scores[*i]) && below(Some(i + 1), scores[*i]);
        let mut peaks: Vec<usize> = (0..scores.len()).filter(is_peak).collect();
        peaks.sort_by(|a, b| scores[*b].total_cmp(&scores[*a]));
        peaks.truncate(PEAKS);
        let half = stride / 2;
        let mut exact = |i: usize| {
            let k = i * stride;
            let near = [k.checked_sub(half), Some(k + half).filter(|k| *k < self.places)];
            let near = near.map(|k| k.map(|k| (k, score(k))));
            let (k, s) = near.into_iter().flatten().fold((k, scores[i]), |a, b| if b.1 > a.1 { b } else { a });
            // The vertex of the parabola through the best and its neighbours.
            let sides = [k.checked_sub(half), Some(k + half).filter(|k| *k < self.places)].map(|k| k.map(&mut score));
            let shift = match sides {
                [Some(l), Some(r)] if l + r < 2.0 * s => (0.5 * (l - r) / (l - 2.0 * s + r)).clamp(-1.0, 1.0),
                _ => 0.0,
            };
            (self.place(k) + shift * half as f32, s)
        };
        peaks.into_iter().map(&mut exact).collect()
    }
}

/// The middle of P (0) or T (1) of every beat, and how much it looks like one. Where a beat has several places that do, the
/// one at the record's usual distance from QRS is favoured: at high rates P and T run into one another. `usual`: that distance
/// from QRS onset where it is known already, and how far it is to be trusted (0 … 1).
pub fn all(
    model: &Model,
    view: &View<'_>,
    which: usize,
    arounds: &[Around],
    known: Option<(f32, f32)>,
) -> Vec<Option<(f32, f32)>> {
    let Some(net) = model.locators.get(which) else { return vec![None; arounds.len()] };
    let mut x = Vec::with_capacity(INPUTS);
    let mut each = |a: &Around| {
        let scene = Scene::new(view, which, a);
        let mut peaks = scene.peaks(net);
        if let Some((distance, _)) = known {
            // On the flank of T a P need be no peak.
            let place = a.qrs[0] + distance;
            if peaks.iter().all(|p| (p.0 - place).abs() > STRIDE[which] as f32) {
                let score = scene.score(net, place, &mut x);
                peaks.extend((score > 0.0).then_some((place, score)));
            }
        }
        peaks
    };
    let peaks: Vec<Vec<(f32, f32)>> = arounds.iter().map(&mut each).collect();
    let distance = |b: usize, place: f32| place - arounds[b].qrs[0];
    let first = peaks.iter().enumerate().filter_map(|(b, p)| p.first().map(|p| distance(b, p.0)));
    let mut usual: Vec<f32> = first.collect();
    let k = usual.len() / 2;
    if usual.is_empty() {
        return vec![None; arounds.len()];
    }
    let middle = *usual.select_nth_unstable_by(k, f32::total_cmp).1;
    let (usual, trust) = known.map_or((middle, 0.0), |(d, t)| if t > 0.3 { (d, t) } else { (middle, 0.0) });
    let favour = FAVOUR * (1.0 + trust);
    let favoured = |b: usize, p: &(f32, f32)| p.1 + favour * (1.0 - ((distance(b, p.0) - usual) / NEAR).abs()).max(0.0);
    let best = |(b, peaks): (usize, &Vec<(f32, f32)>)| {
        peaks.iter().copied().reduce(|x, y| if favoured(b, &y) > favoured(b, &x) { y } else { x })
    };
    peaks.iter().enumerate().map(best).collect()
}
