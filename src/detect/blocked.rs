//! P waves that no QRS follows, and P waves that run on their own: what the search before each QRS cannot see.
//!
//! All leads together are compared with the record's own P wave (or, where none stands before the complexes, with the small
//! deflection that repeats best between T and QRS) by correlation. What is found counts only where it keeps the atrial
//! time: about midway between its neighbours, or at their interval from the last. A U wave, an f wave or noise does not.
//! Where atria and ventricles go their own ways, or the ventricles are slow, the average beat is taken away first, so that P
//! waves within T are seen too; within QRS they stay unseen.

use super::atrial;
use super::envelope::Envelopes;
use super::groups::Groups;
use super::{LeadWaves, Wave};

/// Half of the stretch that is compared, s.
const HALF_S: f64 = 0.06;
/// Correlation with the record's P wave from which a deflection is one. Chosen on simulated blocks; `ptbxl` and `cinc2021`
/// hold next to none.
const ALIKE: f32 = 0.8;
/// Its size against the record's P wave.
const SIZE: (f32, f32) = (0.5, 1.8);
/// Least RMS of a P wave over leads and time, mV, where no P wave is known.
const LEAST_MV: f32 = 0.012;
/// P waves that must be known, and part of the beats that must have one, to take theirs as the record's.
const KNOWN: (usize, f64) = (3, 0.6);
/// Intervals to the neighbours may differ by this factor.
const EVEN: f64 = 1.3;
/// Standard deviation of PR beyond which P and QRS are not tied to each other, s.
const LOOSE_S: f64 = 0.04;
/// A QRS that follows a P wave within this time may be its, s.
const SOON_S: f64 = 0.4;
/// From so many P waves a QRS on, one that comes before a QRS need not be conducted.
const OUTNUMBER: f64 = 1.3;
/// How exactly an interval with a hidden P wave is a multiple of the others.
const HIDDEN: f64 = 0.08;
/// A chain of P waves: its steps differ from those before by no more than this part, it has so many waves, so many of those due,
/// spans this part of the recording; its second wave is among so many after the first.
const CHAIN_EVEN: f64 = 0.06;
const CHAIN_LEAST: usize = 6;
const CHAIN_FILLED: f64 = 0.75;
const CHAIN_SPAN: f64 = 0.7;
const CHAIN_PART: f64 = 0.6;
const CHAIN_NEAR: usize = 4;
/// Of more waves than this, minutes of them, none need be even from end to end.
const CHAIN_MOST: usize = 120;
/// Nearest that two P waves come, s: 250 a minute is flutter.
const APART_S: f64 = 0.24;
/// RR from which P waves are looked for beneath T as well, s: at 50 a minute and below a block may be the reason.
const SLOW_S: f64 = 1.15;
/// Standard deviation of the distance from QRS below which what lies on T belongs to it, s.
const TIED_S: f64 = 0.03;
/// QRS after its fiducial point, s, where P cannot be seen beneath it.
const QRS_S: f64 = 0.09;
/// End of T after the fiducial point where none was found: this part of √RR (s), a long QT.
const QT_S: f64 = 0.46;

/// Adds to `p_waves` those that stand apart from the beats; `beats` are the bounds of each.
pub fn add(p_waves: &mut Vec<Wave>, envelopes: &Envelopes, fiducials: &[usize], groups: &Groups, beats: &[LeadWaves]) {
    if fiducials.len() < 2 || envelopes.slow.is_empty() {
        return;
    }
    let known: Vec<usize> = p_waves.iter().map(|p| p.onset.midpoint(p.offset) / envelopes.step).collect();
    let enough = known.len() >= KNOWN.0 && known.len() as f64 >= KNOWN.1 * beats.len() as f64;
    let at: Vec<usize> = fiducials.iter().map(|f| f / envelopes.step).collect();
    let rr = atrial::usual_rr(&at) as f64 / envelopes.rate;
    let free = !enough || loose(beats, envelopes) || rr >= SLOW_S;
    let beneath: Vec<Vec<f32>>;
    let search = if free && fiducials.len() >= KNOWN.0 {
        let lead_ins = atrial::lead_ins(fiducials, beats, groups, envelopes.rate * envelopes.step as f64);
        let cancelled = |x: &Vec<f32>| {
            let mut x = x.clone();
            atrial::cancel(&mut x, &at, groups, &lead_ins, envelopes.rate, rr);
            x
        };
        beneath = envelopes.slow.iter().map(cancelled).collect();
        Search::beneath(&beneath, envelopes, fiducials, beats)
    } else {
        Search::between(envelopes, fiducials, beats)
    };
    // The pattern comes from where no T disturbs it; where nothing there repeats, the few P waves known must do.
    let template = if enough {
        search.mean(&known)
    } else {
        let apart = Search::between(envelopes, fiducials, beats).commonest();
        apart.or_else(|| search.mean(&known).filter(|_| known.len() >= KNOWN.0))
    };
    let Some(template) = template else { return };
    let apart = (APART_S * envelopes.rate) as usize;
    let mut found = search.like(&template);
    found.retain(|at| known.iter().all(|k| k.abs_diff(*at) >= apart));
    if free {
        drop_tied(&mut found, &at, rr, envelopes.rate);
    }
    let mut all: Vec<(usize, bool)> =
        known.iter().map(|k| (*k, true)).chain(found.into_iter().map(|f| (f, false))).collect();
    all.sort_unstable();
    match even_chain(&all, envelopes.all.len()).filter(|_| free) {
        Some(kept) => {
            let mut kept = kept.into_iter();
            all.retain(|p| p.1 | kept.next().unwrap_or(false));
        }
        None => keep_time(&mut all, free),
    }
    let outnumber = all.len() as f64 >= OUTNUMBER * beats.len() as f64;
    // Where P waves are free, one that a QRS without P follows is likely that QRS's own.
    all.retain(|&(at, known)| known || free || outnumber || stands_alone(at, envelopes, fiducials, beats));
    let width = p_waves.first().map_or((0.1 * envelopes.rate) as usize * envelopes.step, |p| p.offset - p.onset);
    for at in all.iter().filter(|(_, known)| !known).map(|(at, _)| at * envelopes.step) {
        p_waves.push(Wave { onset: at.saturating_sub(width / 2), peak: at, offset: at + width / 2 });
    }
    p_waves.sort_by_key(|p| p.peak);
}

/// Drops what lies on T always at the same distance from QRS: the rest of T, not a P wave of its own time.
fn drop_tied(found: &mut Vec<usize>, beats: &[usize], rr: f64, rate: f64) {
    let on_t = |at: usize| {
        let before = beats.partition_point(|b| *b <= at).checked_sub(1)?;
        let since = (at - beats[before]) as f64 / rate;
        (since < QT_S * rr.sqrt().min(1.1)).then_some(since)
    };
    let since: Vec<f64> = found.iter().filter_map(|&at| on_t(at)).collect();
    let mean = since.iter().sum::<f64>() / since.len().max(1) as f64;
    let variance = since.iter().map(|s| (s - mean) * (s - mean)).sum::<f64>() / since.len().max(1) as f64;
    if since.len() >= 2 && variance.sqrt() < TIED_S {
        found.retain(|&at| on_t(at).is_none());
    }
}

/// Whether PR varies as where atria and ventricles go their own ways.
fn loose(beats: &[LeadWaves], envelopes: &Envelopes) -> bool {
    let pr = |b: &LeadWaves| Some(b.qrs?.onset.saturating_sub(b.p?.onset) as f64);
    let pr: Vec<f64> = beats.iter().filter_map(pr).collect();
    let mean = pr.iter().sum::<f64>() / pr.len().max(1) as f64;
    let variance = pr.iter().map(|v| (v - mean) * (v - mean)).sum::<f64>() / pr.len().max(1) as f64;
    variance.sqrt() > LOOSE_S * envelopes.rate * envelopes.step as f64
}

/// Whether no QRS that lacks its P wave follows soon, nor the end of the recording: that P may be conducted.
fn stands_alone(at: usize, envelopes: &Envelopes, fiducials: &[usize], beats: &[LeadWaves]) -> bool {
    let soon = (SOON_S * envelopes.rate) as usize;
    let follows = |f: &usize| (at..at + soon).contains(&(f / envelopes.step));
    let lacks = fiducials.iter().zip(beats).any(|(f, b)| follows(f) && b.p.is_none());
    let length = envelopes.slow.iter().map(Vec::len).min().unwrap_or(0);
    !lacks && at + soon < length
}

/// Drops new P waves that do not keep the atrial time, until all do. With `hidden`, one or two P waves may be out of sight
/// between two that are seen: where atria and ventricles go their own ways, some fall into QRS and T.
fn keep_time(all: &mut Vec<(usize, bool)>, hidden: bool) {
    let even = |a: usize, b: usize| {
        let ratio = a.max(b) as f64 / a.min(b).max(1) as f64;
        ratio <= EVEN || hidden && [2.0, 3.0].iter().any(|n| (ratio / n - 1.0).abs() < HIDDEN)
    };
    loop {
        let interval = |i: usize| all.get(i + 1).map(|next| next.0 - all[i].0);
        let keeps = |i: usize| {
            let (before, after) = (i.checked_sub(1).and_then(interval), interval(i));
            match (before, after) {
                (Some(b), Some(a)) => even(b, a),
                (Some(b), None) => i.checked_sub(2).and_then(interval).is_some_and(|bb| even(b, bb)),
                (None, Some(a)) => interval(i + 1).is_some_and(|aa| even(a, aa)),
                (None, None) => false,
            }
        };
        let Some(odd) = (0..all.len()).find(|&i| !all[i].1 && !keeps(i)) else { return };
        all.remove(odd);
    }
}

/// The waves that go on in even steps, of about `step`, from the first two, and how many steps that takes from the second on; one
/// at a time may be hidden.
fn chain(all: &[(usize, bool)], first: usize, second: usize, mut step: f64) -> (Vec<usize>, f64) {
    let (mut chain, mut last, mut turns) = (vec![first, second], second, 0.0);
    for next in second + 1..all.len() {
        let off = |k: usize| {
            let gap = (all[k].0 - all[last].0) as f64 / step;
            let times = gap.round();
            (times, (gap - times).abs() / times.max(1.0))
        };
        let (times, apart) = off(next);
        // Of two in turn that would do the nearer one is meant.
        let better = next + 1 < all.len() && off(next + 1).0 <= times && off(next + 1).1 < apart;
        if (1.0..=2.0).contains(&times) && apart <= CHAIN_EVEN && !better {
            chain.push(next);
            turns += times;
            step += 0.3 * ((all[next].0 - all[last].0) as f64 / times - step);
            last = next;
        }
    }
    (chain, turns)
}

/// Which of the waves make the longest chain of even steps through the recording of length `end`; `None` where none is both long
/// and all but whole: what stands between (the rest of T, U) is not the atria's then, however many there are of it.
fn even_chain(all: &[(usize, bool)], end: usize) -> Option<Vec<bool>> {
    if all.len() > CHAIN_MOST {
        return None;
    }
    let mut best: Option<Vec<usize>> = None;
    for first in 0..all.len() {
        for (second, hidden) in (first + 1..all.len()).take(CHAIN_NEAR).flat_map(|s| [(s, 1.0), (s, 2.0)]) {
            let step = (all[second].0 - all[first].0) as f64 / hidden;
            let (chain, turns) = chain(all, first, second, step);
            let (span, long) = ((all[chain[chain.len() - 1]].0 - all[first].0) as f64, chain.len() as f64);
            let most = long >= CHAIN_PART * all.len() as f64 && span >= CHAIN_SPAN * end as f64;
            let whole = long >= CHAIN_FILLED * (hidden + turns + 1.0);
            if most && whole && chain.len() >= CHAIN_LEAST && best.as_ref().is_none_or(|b| chain.len() > b.len()) {
                best = Some(chain);
            }
        }
    }
    let chain = best?;
    let mut kept = vec![false; all.len()];
    for k in chain {
        kept[k] = true;
    }
    let known = all.iter().filter(|p| p.1).count();
    let held = all.iter().zip(&kept).filter(|(p, k)| p.1 && **k).count();
    (4 * held >= 3 * known).then_some(kept)
}

/// The stretches in which P waves may stand, and how to compare in them.
struct Search<'a> {
    leads: &'a [Vec<f32>],
    half: usize,
    /// Middles that may be, in order.
    places: Vec<usize>,
}

impl<'a> Search<'a> {
    /// Everything but QRS, in leads whose average beat was taken away.
    fn beneath(leads: &'a [Vec<f32>], envelopes: &Envelopes, fiducials: &[usize], beats: &[LeadWaves]) -> Self {
        let (step, rate) = (envelopes.step, envelopes.rate);
        let length = leads.iter().map(Vec::len).min().unwrap_or(0);
        let half = (HALF_S * rate).round() as usize;
        let mut places = Vec::new();
        for (i, f) in fiducials.iter().enumerate() {
            let next = fiducials.get(i + 1).map_or(length, |f| f / step);
            let qrs = beats.get(i + 1).and_then(|b| b.qrs).map_or(next.saturating_sub(half), |q| q.onset / step);
            places.extend((f / step + (QRS_S * rate) as usize + half)..qrs.min(next).saturating_sub(half));
        }
        places.retain(|p| p + half < length && *p >= half);
        Self { leads, half, places }
    }

    /// The stretches between T and QRS.
    fn between(envelopes: &'a Envelopes, fiducials: &[usize], beats: &[LeadWaves]) -> Self {
        let (step, rate) = (envelopes.step, envelopes.rate);
        let length = envelopes.slow.iter().map(Vec::len).min().unwrap_or(0);
        let half = (HALF_S * rate).round() as usize;
        let at = |i: usize| fiducials[i] / step;
        let mut places = Vec::new();
        for i in 0..fiducials.len() {
            let next = fiducials.get(i + 1).map_or(length, |f| f / step);
            let rr = (next - at(i)) as f64 / rate;
            let usual = at(i) + (QT_S * rr.sqrt().min(1.1) * rate) as usize;
            let t_end = beats.get(i).and_then(|b| b.t).map_or(usual, |t| (t.offset / step).min(usual));
            let qrs = beats.get(i + 1).and_then(|b| b.qrs).map_or(next.saturating_sub(half), |q| q.onset / step);
            places.extend((t_end + half)..qrs.min(next).saturating_sub(half));
        }
        places.retain(|p| p + half < length && *p >= half);
        Self { leads: &envelopes.slow, half, places }
    }

    /// All leads about a middle, each without its straight line.
    fn shape(&self, middle: usize) -> Vec<f32> {
        let mut shape = Vec::with_capacity(self.leads.len() * (2 * self.half + 1));
        for lead in self.leads {
            let Some(x) = middle.checked_sub(self.half).and_then(|from| lead.get(from..=middle + self.half)) else {
                shape.extend(std::iter::repeat_n(0.0, 2 * self.half + 1));
                continue;
            };
            let (first, last) = (x[0], x[2 * self.half]);
            let slope = (last - first) / (2 * self.half).max(1) as f32;
            shape.extend(x.iter().enumerate().map(|(i, v)| v - first - slope * i as f32));
        }
        shape
    }

    fn mean(&self, middles: &[usize]) -> Option<Vec<f32>> {
        let mut sum = self.shape(*middles.first()?);
        for m in &middles[1..] {
            sum.iter_mut().zip(self.shape(*m)).for_each(|(s, v)| *s += v);
        }
        for s in &mut sum {
            *s /= middles.len() as f32;
        }
        Some(sum)
    }

    /// The middles that look like `template`: the best of each neighbourhood.
    fn like(&self, template: &[f32]) -> Vec<usize> {
        let mut compared = Vec::with_capacity(self.places.len());
        for run in self.places.chunk_by(|a, b| a + 1 == *b) {
            let (eights, rest) = run.as_chunks::<8>();
            compared.extend(eights.iter().flat_map(|places| self.compared::<8>(template, places[0])));
            compared.extend(rest.iter().flat_map(|&place| self.compared::<1>(template, place)));
        }
        let score = |(&p, (correlation, size))| (p, if size >= SIZE.0 && size <= SIZE.1 { correlation } else { 0.0 });
        let scores: Vec<(usize, f32)> = self.places.iter().zip(compared).map(score).collect();
        let near = 2 * self.half;
        let is_best = |i: usize| {
            let (p, s) = scores[i];
            let rivals = scores[i.saturating_sub(near)..(i + near + 1).min(scores.len())].iter();
            s >= ALIKE && rivals.filter(|r| r.0.abs_diff(p) <= near).all(|r| r.1 < s || (r.1 == s && r.0 >= p))
        };
        (0..scores.len()).filter(|&i| is_best(i)).map(|i| scores[i].0).collect()
    }

    /// [`compare`] of `template` with the shapes about `N` places in a row, side by side.
    fn compared<const N: usize>(&self, template: &[f32], place: usize) -> [(f32, f32); N] {
        let long = 2 * self.half + 1;
        let (mut ab, mut bb) = ([0.0_f32; N], [0.0_f32; N]);
        for (lead, model) in self.leads.iter().zip(template.chunks_exact(long)) {
            let x = &lead[place - self.half..][..long + N - 1];
            let (first, last) = (&x[..N], &x[long - 1..]);
            let slopes: [f32; N] = std::array::from_fn(|n| (last[n] - first[n]) / (2 * self.half).max(1) as f32);
            for ((i, m), x) in model.iter().enumerate().zip(x.windows(N)) {
                for ((((x, first), slope), ab), bb) in x.iter().zip(first).zip(&slopes).zip(&mut ab).zip(&mut bb) {
                    let v = x - first - slope * i as f32;
                    *ab += m * v;
                    *bb += v * v;
                }
            }
        }
        let aa: f32 = template.iter().map(|v| v * v).sum();
        std::array::from_fn(|n| likeness(ab[n], aa, bb[n]))
    }

    /// The small deflection that repeats best between T and QRS: the mean of it and its likes.
    fn commonest(&self) -> Option<Vec<f32>> {
        let rms = |p: usize| {
            let s = self.shape(p);
            (s.iter().map(|v| v * v).sum::<f32>() / s.len().max(1) as f32).sqrt()
        };
        let heights: Vec<f32> = self.places.iter().map(|&p| rms(p)).collect();
        let near = 2 * self.half;
        let peak = |i: &usize| {
            let around = i.saturating_sub(near)..(i + near + 1).min(heights.len());
            heights[*i] >= LEAST_MV && around.into_iter().all(|k| heights[k] <= heights[*i])
        };
        let middles: Vec<usize> = (0..heights.len()).filter(peak).map(|i| self.places[i]).take(60).collect();
        let shapes: Vec<Vec<f32>> = middles.iter().map(|&m| self.shape(m)).collect();
        let likes = |a: &Vec<f32>| -> Vec<usize> {
            let alike = |b: &Vec<f32>| {
                let (correlation, size) = compare(a, b);
                correlation >= ALIKE && size >= SIZE.0 && size <= SIZE.1
            };
            shapes.iter().zip(&middles).filter(|(b, _)| alike(b)).map(|(_, m)| *m).collect()
        };
        let best = shapes.iter().map(likes).max_by_key(Vec::len)?;
        // Half of what stands between the beats must be of one kind: else it is noise.
        (best.len() >= KNOWN.0 && 2 * best.len() >= middles.len()).then(|| self.mean(&best)).flatten()
    }
}

/// Correlation of `b` with `a`, and its size along `a` (1 = the same).
fn compare(a: &[f32], b: &[f32]) -> (f32, f32) {
    let (mut ab, mut aa, mut bb) = (0.0_f32, 0.0_f32, 0.0_f32);
    for (x, y) in a.iter().zip(b) {
        ab += x * y;
        aa += x * x;
        bb += y * y;
    }
    likeness(ab, aa, bb)
}

fn likeness(ab: f32, aa: f32, bb: f32) -> (f32, f32) {
    if aa > 0.0 && bb > 0.0 { (ab / (aa * bb).sqrt(), ab / aa) } else { (0.0, 0.0) }
}

#[cfg(test)]
mod tests {
    use super::keep_time;

    #[test]
    fn new_waves_keep_the_atrial_time_and_known_ones_stay() {
        // Every second P is followed by a QRS: the others stand midway.
        let mut two_to_one = vec![(0, true), (100, false), (200, true), (298, false), (400, true)];
        keep_time(&mut two_to_one, false);
        assert_eq!(two_to_one.len(), 5);
        // A U wave stands soon after the P before it.
        let mut u = vec![(0, true), (60, false), (200, true), (262, false), (400, true)];
        keep_time(&mut u, false);
        assert_eq!(u, [(0, true), (200, true), (400, true)]);
    }
}
