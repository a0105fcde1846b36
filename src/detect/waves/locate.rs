//! Where P and T are, by all leads together: a small network looks at every place where the wave may be and says how much it
//! looks like the wave's middle. It sees root mean squares over leads only (slope and bend against those of the QRS), so that
//! neither polarity nor gain nor any one lead matters, and the QRS itself and the neighbouring waves, so that P is not
//! taken for the T before it.

use super::net::Net;
use super::refine::View;

/// Networks of the locator: P, T.
pub const LOCATORS: usize = 2;
/// Values of each curve to either side.
const SIDE: usize = 16;
/// Grid points between the values, for P and T.
const SPACING: [usize; LOCATORS] = [3, 5];
/// Grid points between two places that are tried.
pub const STRIDE: [usize; LOCATORS] = [2, 3];
/// Number of inputs.
pub const INPUTS: usize = 2 * (2 * SIDE + 1) + 3;
/// Longest distances from QRS, grid points: P middle before QRS onset; T middle after the fiducial point.
const P_REACH: usize = 90;
const T_REACH: usize = 150;

/// What is known of the beat.
#[derive(Clone, Copy, Debug)]
pub struct Around {
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
pub fn places(which: usize, a: &Around, length: usize) -> std::ops::Range<usize> {
    let (from, to) = if which == 0 {
        (
            (a.before as usize + 15).max((a.qrs[0] as usize).saturating_sub(P_REACH)),
            (a.qrs[0] as usize).saturating_sub(9),
        )
    } else {
        (a.qrs[1] as usize + 12, (a.after as usize).saturating_sub(14).min(a.qrs[0] as usize + T_REACH))
    };
    from..to.min(length)
}

/// What the network sees at `place`.
pub fn features(view: &View<'_>, which: usize, a: &Around, place: usize, out: &mut Vec<f32>) {
    out.clear();
    for curve in [&view.slopes[2 * which], &view.bends[which]] {
        let range = (a.qrs[0].max(0.0) as usize)..(a.qrs[1] as usize + 1).min(curve.len());
        let top = curve.get(range).map_or(0.0, |s| s.iter().copied().fold(0.0, f32::max)).max(1e-5);
        for k in 0..=2 * SIDE {
            let i = (place + k * SPACING[which]).saturating_sub(SIDE * SPACING[which]);
            let v = curve.get(i).or(curve.last()).copied().unwrap_or(0.0);
            out.push((v / top).min(1.2).sqrt());
        }
    }
    let place = place as f32;
    let distance = if which == 0 { a.qrs[0] - place } else { place - a.qrs[1] };
    out.push(distance / 60.0);
    out.push((a.rr / 250.0).min(2.0));
    out.push(if which == 0 { ((place - a.before) / 100.0).min(2.0) } else { ((a.after - place) / 100.0).min(2.0) });
}

/// The place that looks most like the middle of P (0) or T (1), and how much (about 0 … 1).
pub fn find(net: &Net, view: &View<'_>, which: usize, a: &Around) -> Option<(f32, f32)> {
    let (mut x, mut units) = (Vec::with_capacity(INPUTS), Vec::with_capacity(net.hidden));
    let range = places(which, a, view.grid.len());
    let start = range.start;
    let scores: Vec<f32> = range
        .step_by(STRIDE[which])
        .map(|place| {
            features(view, which, a, place, &mut x);
            net.run(&x, &mut units)
        })
        .collect();
    let best = (0..scores.len()).reduce(|a, b| if scores[b] > scores[a] { b } else { a })?;
    // The vertex of the parabola through the best and its neighbours.
    let shift = match (best.checked_sub(1).and_then(|i| scores.get(i)), scores.get(best + 1)) {
        (Some(l), Some(r)) if l + r < 2.0 * scores[best] => 0.5 * (l - r) / (l - 2.0 * scores[best] + r),
        _ => 0.0,
    };
    Some((start as f32 + (best as f32 + shift) * STRIDE[which] as f32, scores[best]))
}
