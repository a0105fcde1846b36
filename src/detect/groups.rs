//! Beats grouped by the shape of their QRS over all leads.
//!
//! A beat joins the group whose mean shape it differs from least, by squares relative to the larger of both (which
//! sees scale as well as form), and founds a new group when none is near. Groups that turn out alike are merged and
//! every beat is then given to its nearest.
//!
//! The first group is the basic one, against which all beats are measured and classed: the largest, unless one nearly as large
//! has a much narrower QRS. A run of ventricular tachycardia may hold more than half of a strip's beats, and still what the
//! sinus node sends is the basic rhythm.

use super::condition::Conditioned;
use super::envelope;
use crate::dsp;

/// Half the stretch compared, s: a QRS of up to 200 ms.
const HALF_S: f64 = 0.1;
/// A beat may be moved this much to fit, s.
const SLACK_S: f64 = 0.025;
/// Joins a group below this relative squared difference (equal size: correlation above 0.87). Empirical, on `mitdb`.
const JOIN: f32 = 0.26;
/// Groups whose means differ less than this are one.
const MERGE: f32 = 0.16;
/// A group of at least this part of the largest one's beats …
const NEARLY: f64 = 0.5;
/// … and so many of them is the basic one when its QRS is narrower than this part of the largest one's.
const ENOUGH: usize = 3;
const NARROWER: f32 = 0.5;
/// At most so many groups; further odd shapes go to the nearest.
const MOST: usize = 24;

/// Which beat is of which shape.
#[derive(Clone, Debug, Default)]
pub struct Groups {
    /// Group of each beat; 0 is the basic one, the others follow by their size.
    pub of_beat: Vec<usize>,
    /// Number of beats of each group.
    pub sizes: Vec<usize>,
}

/// Every beat's QRS in all leads at the working rate, with room to be moved.
struct Shapes {
    values: Vec<f32>,
    /// Energy of each beat at each shift.
    energies: Vec<f32>,
    leads: usize,
    half: usize,
    slack: usize,
}

impl Shapes {
    fn cut(signal: &Conditioned, fiducials: &[usize]) -> Self {
        let step = envelope::step(signal.rate.0);
        let rate = signal.rate.0 / step as f64;
        let (half, slack) = ((HALF_S * rate).round() as usize, (SLACK_S * rate).round() as usize);
        let long = 2 * (half + slack) + 1;
        let mut values = Vec::with_capacity(fiducials.len() * signal.leads() * long);
        let mut copy = Vec::with_capacity(long);
        for &f in fiducials {
            for lead in 0..signal.leads() {
                let x = signal.lead(lead);
                let from = values.len();
                let begin = f as isize - ((half + slack) * step) as isize - (step / 2) as isize;
                let inside = usize::try_from(begin).ok().and_then(|at| x.get(at..at + long * step));
                if let Some(part) = inside {
                    values.extend(dsp::block_means(part, step));
                } else {
                    // Beyond the ends the lead stays at its last level.
                    values.extend((0..long).map(|k| {
                        let at = begin + (k * step) as isize;
                        let start = at.clamp(0, x.len() as isize - 1) as usize;
                        let part = &x[start..(start + step).min(x.len())];
                        part.iter().sum::<f32>() / part.len().max(1) as f32
                    }));
                }
                copy.clear();
                copy.extend_from_slice(&values[from..]);
                let level = dsp::median(&mut copy);
                for v in &mut values[from..] {
                    *v -= level;
                }
            }
        }
        let squares: Vec<f32> = values.iter().map(|v| v * v).collect();
        let (ones, shifts) = (vec![1.0; 2 * half + 1], 2 * slack + 1);
        let mut energies = vec![0.0; fiducials.len() * shifts];
        for (beat, own) in squares.chunks(signal.leads() * long).zip(energies.chunks_mut(shifts)) {
            for row in beat.chunks(long) {
                dsp::products_by_shift(row, &ones, own);
            }
        }
        Self { values, energies, leads: signal.leads(), half, slack }
    }

    fn long(&self) -> usize {
        2 * (self.half + self.slack) + 1
    }

    fn short(&self) -> usize {
        2 * self.half + 1
    }

    /// Rows of one beat, moved by `shift` (0 … 2·slack).
    fn rows(&self, beat: usize, shift: usize) -> impl Iterator<Item = &[f32]> {
        let (long, short) = (self.long(), self.short());
        (0..self.leads).map(move |l| {
            let from = (beat * self.leads + l) * long + shift;
            &self.values[from..from + short]
        })
    }

    /// Smallest relative difference from a mean shape of energy `energy`, and the shift at which it is reached.
    fn nearest(&self, beat: usize, mean: &[f32], energy: f32) -> (f32, usize) {
        let (shifts, size) = (2 * self.slack + 1, self.leads * self.long());
        let mut crosses = vec![0.0_f32; shifts];
        let rows = self.values[beat * size..(beat + 1) * size].chunks(self.long());
        for (row, model) in rows.zip(mean.chunks(self.short())) {
            dsp::products_by_shift(row, model, &mut crosses);
        }
        let energies = &self.energies[beat * shifts..(beat + 1) * shifts];
        let mut best = (f32::INFINITY, self.slack);
        for (shift, (&own, &cross)) in energies.iter().zip(&crosses).enumerate() {
            let larger = own.max(energy);
            let d = if larger > 0.0 { (own + energy - 2.0 * cross) / larger } else { 0.0 };
            if d < best.0 {
                best = (d, shift);
            }
        }
        best
    }

    fn add(&self, beat: usize, shift: usize, group: &mut Group, part: f32) {
        let short = self.short();
        for (row, model) in self.rows(beat, shift).zip(group.mean.chunks_mut(short)) {
            for (m, &v) in model.iter_mut().zip(row) {
                *m += (v - *m) * part;
            }
        }
        group.energy = group.mean.iter().map(|v| v * v).sum();
    }
}

struct Group {
    mean: Vec<f32>,
    energy: f32,
    beats: usize,
}

impl Group {
    /// How far its steepness is spread about the middle of the QRS, samples; `short`: length of one lead's mean.
    fn spread(&self, short: usize) -> f32 {
        let mut power = vec![0.0_f32; short.saturating_sub(2)];
        for row in self.mean.chunks_exact(short) {
            row.windows(3).zip(&mut power).for_each(|(w, p)| *p += (w[2] - w[0]).powi(2));
        }
        dsp::spread(&power)
    }
}

/// Groups the beats at `fiducials`; `basic`: the basic group first, or else the largest whatever it is.
pub fn group(signal: &Conditioned, fiducials: &[usize], basic: bool) -> Groups {
    if fiducials.is_empty() || signal.is_empty() {
        return Groups::default();
    }
    let shapes = Shapes::cut(signal, fiducials);
    let mut groups: Vec<Group> = Vec::new();
    for beat in 0..fiducials.len() {
        let near = nearest(&shapes, beat, &groups);
        match near {
            Some((g, d, shift)) if d < JOIN || groups.len() >= MOST => {
                groups[g].beats += 1;
                // The mean follows slow change of shape (posture, electrodes) over some 30 beats.
                let part = 1.0 / (groups[g].beats as f32).min(30.0);
                shapes.add(beat, shift, &mut groups[g], part);
            }
            _ => {
                let mut new = Group { mean: vec![0.0; shapes.leads * shapes.short()], energy: 0.0, beats: 1 };
                shapes.add(beat, shapes.slack, &mut new, 1.0);
                groups.push(new);
            }
        }
    }
    merge(&mut groups);
    assign(&shapes, fiducials.len(), &groups, basic)
}

fn nearest(shapes: &Shapes, beat: usize, groups: &[Group]) -> Option<(usize, f32, usize)> {
    let each = groups.iter().enumerate().map(|(g, group)| {
        let (d, shift) = shapes.nearest(beat, &group.mean, group.energy);
        (g, d, shift)
    });
    each.min_by(|a, b| a.1.total_cmp(&b.1))
}

/// Merges groups whose means are alike, smaller into larger.
fn merge(groups: &mut Vec<Group>) {
    groups.sort_by_key(|g| std::cmp::Reverse(g.beats));
    let mut kept: Vec<Group> = Vec::new();
    for group in groups.drain(..) {
        let like = kept.iter_mut().find(|k| {
            let cross: f32 = k.mean.iter().zip(&group.mean).map(|(a, b)| a * b).sum();
            let larger = k.energy.max(group.energy);
            larger > 0.0 && (k.energy + group.energy - 2.0 * cross) / larger < MERGE
        });
        match like {
            Some(k) => k.beats += group.beats,
            None => kept.push(group),
        }
    }
    *groups = kept;
}

fn assign(shapes: &Shapes, beats: usize, groups: &[Group], basic: bool) -> Groups {
    let near: Vec<(usize, f32)> =
        (0..beats).map(|b| nearest(shapes, b, groups).map_or((0, 0.0), |(g, d, _)| (g, d))).collect();
    let mut sizes = vec![0; groups.len()];
    for &(g, _) in &near {
        sizes[g] += 1;
    }
    let mut order: Vec<usize> = (0..groups.len()).filter(|&g| sizes[g] > 0).collect();
    order.sort_by_key(|&g| std::cmp::Reverse(sizes[g]));
    let of = |g: usize| (sizes[g], groups[g].spread(shapes.short()));
    if basic {
        basic_first(&mut order, of);
    }
    let mut place = vec![0; groups.len()];
    for (new, &old) in order.iter().enumerate() {
        place[old] = new;
    }
    Groups { of_beat: near.iter().map(|n| place[n.0]).collect(), sizes: order.iter().map(|&g| sizes[g]).collect() }
}

/// Puts the basic one of some groups, the largest of which is the first, before the others; `of`: a group's number of beats and
/// the width of its QRS, in any unit.
pub fn basic_first(order: &mut [usize], of: impl Fn(usize) -> (usize, f32)) {
    let facts: Vec<(usize, f32)> = order.iter().map(|&g| of(g)).collect();
    let Some(&(most, wide)) = facts.first() else { return };
    let narrow = facts.iter().enumerate().filter(|(_, (beats, width))| {
        *beats >= ENOUGH && *beats as f64 >= NEARLY * most as f64 && *width < NARROWER * wide
    });
    let basic = narrow.min_by(|a, b| a.1.1.total_cmp(&b.1.1)).map_or(0, |(place, _)| place);
    order[..=basic].rotate_right(1);
}

#[cfg(test)]
mod tests {
    use super::*;

    fn first(groups: &[(usize, f32)]) -> usize {
        let mut order: Vec<usize> = (0..groups.len()).collect();
        basic_first(&mut order, |g| groups[g]);
        let others: Vec<usize> = order.iter().copied().skip(1).collect();
        assert!(others.is_sorted(), "{order:?}");
        order[0]
    }

    #[test]
    fn a_run_of_wide_beats_is_not_the_basic_rhythm() {
        // As many narrow beats nearly; fewer than half; too few to be a rhythm; hardly narrower.
        assert_eq!(first(&[(10, 5.7), (1, 1.0), (9, 2.3)]), 2);
        assert_eq!(first(&[(20, 5.7), (9, 2.3)]), 0);
        assert_eq!(first(&[(3, 5.7), (2, 2.3)]), 0);
        assert_eq!(first(&[(10, 5.7), (9, 3.9)]), 0);
        // Unknown widths change nothing.
        assert_eq!(first(&[(10, 5.7), (9, f32::NAN)]), 0);
        assert_eq!(first(&[(10, f32::NAN), (9, 2.3)]), 0);
        basic_first(&mut [], |_| (0, 0.0));
    }
}
