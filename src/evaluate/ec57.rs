//! Beat-by-beat comparison as ANSI/AAMI EC57:2012 (clause 4.3) and its reference program `bxb` define it.
//!
//! Both sequences are walked in time; the earlier of the two beats at hand pairs with the other when it lies within
//! [`MATCH`] and no later beat of its partner's sequence is nearer, else it is an extra detection or a miss.
//! Reference beats between `[` and `]` (ventricular flutter or fibrillation) and detections there do not count.

use crate::detect::BeatClass;
use crate::signal::{Annotation, Hz, Ms};
use std::ops::Range;

/// The match window of EC57.
pub const MATCH: Ms = Ms(150.0);

/// A beat of either side.
pub type Mark = (usize, BeatClass);

/// Counts of pairs: row = reference N S V F Q, then none (extra detection); column = test N S V F Q, then none (miss).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Tally(pub [[usize; 6]; 6]);

impl Tally {
    /// Adds another record's counts.
    pub fn add(&mut self, other: &Self) {
        for (row, more) in self.0.iter_mut().zip(&other.0) {
            for (cell, n) in row.iter_mut().zip(more) {
                *cell += n;
            }
        }
    }

    /// Beats found, missed and extra, whatever their class.
    pub fn beats(&self) -> Counts {
        let found = self.0[..5].iter().map(|row| row[..5].iter().sum::<usize>()).sum();
        let missed = self.0[..5].iter().map(|row| row[5]).sum();
        Counts { found, missed, extra: self.0[5][..5].iter().sum() }
    }

    /// Ventricular ectopic beats. Fusion and unclassifiable reference beats called V are no error (EC57 4.3.3.2).
    pub fn veb(&self) -> Counts {
        let row = &self.0[2];
        let extra = self.0[0][2] + self.0[1][2] + self.0[5][2];
        Counts { found: row[2], missed: row.iter().sum::<usize>() - row[2], extra }
    }

    /// Supraventricular ectopic beats. Unclassifiable reference beats called S are no error (EC57 4.3.3.3).
    pub fn sveb(&self) -> Counts {
        let row = &self.0[1];
        let extra = self.0[0][1] + self.0[2][1] + self.0[3][1] + self.0[5][1];
        Counts { found: row[1], missed: row.iter().sum::<usize>() - row[1], extra }
    }
}

/// Right, missed and extra detections.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// True positives.
    pub found: usize,
    /// False negatives.
    pub missed: usize,
    /// False positives.
    pub extra: usize,
}

impl Counts {
    /// Percent found of what there is; `None` when there is nothing.
    pub fn sensitivity(&self) -> Option<f64> {
        percent(self.found, self.found + self.missed)
    }

    /// Percent right of what was said (+P); `None` when nothing was said.
    pub fn predictivity(&self) -> Option<f64> {
        percent(self.found, self.found + self.extra)
    }
}

fn percent(part: usize, whole: usize) -> Option<f64> {
    (whole > 0).then(|| 100.0 * part as f64 / whole as f64)
}

/// Class of an MIT annotation code by EC57's table; `None` of what is no beat.
pub fn class_of(code: &str) -> Option<BeatClass> {
    Some(match code {
        "N" | "L" | "R" | "B" | "e" | "j" | "n" => BeatClass::N,
        "A" | "a" | "J" | "S" => BeatClass::S,
        "V" | "E" | "r" => BeatClass::V,
        "F" => BeatClass::F,
        "/" | "f" | "Q" | "?" => BeatClass::Q,
        _ => return None,
    })
}

/// The reference's beats, in order.
pub fn beats_of(annotations: &[Annotation]) -> Vec<Mark> {
    annotations.iter().filter_map(|a| class_of(&a.code).map(|c| (a.sample, c))).collect()
}

/// Stretches of ventricular flutter or fibrillation (`[` … `]`), widened by the match window; one that never ends runs
/// to `end`.
pub fn flutter(annotations: &[Annotation], rate: Hz, end: usize) -> Vec<Range<usize>> {
    let margin = rate.samples(MATCH);
    let mut out = Vec::new();
    let mut open = None;
    for a in annotations {
        match (a.code.as_str(), open) {
            ("[", None) => open = Some(a.sample),
            ("]", Some(from)) => {
                out.push(from.saturating_sub(margin)..a.sample + margin);
                open = None;
            }
            _ => {}
        }
    }
    out.extend(open.map(|from| from.saturating_sub(margin)..end));
    out
}

/// Pairs of indexes into reference and test; `None` on one side is an extra detection or a miss.
pub fn pair(reference: &[Mark], test: &[Mark], window: usize) -> Vec<(Option<usize>, Option<usize>)> {
    let (mut r, mut t) = (0, 0);
    let mut pairs = Vec::with_capacity(reference.len().max(test.len()));
    let gap = |marks: &[Mark], k: usize, at: usize| marks.get(k).map_or(usize::MAX, |m| m.0.abs_diff(at));
    while r < reference.len() || t < test.len() {
        let (a, b) = (reference.get(r).map_or(usize::MAX, |m| m.0), test.get(t).map_or(usize::MAX, |m| m.0));
        let apart = a.abs_diff(b);
        if b < a {
            if apart <= window && apart < gap(test, t + 1, a) {
                pairs.push((Some(r), Some(t)));
                r += 1;
            } else {
                pairs.push((None, Some(t)));
            }
            t += 1;
        } else {
            if apart <= window && apart < gap(reference, r + 1, b) {
                pairs.push((Some(r), Some(t)));
                t += 1;
            } else {
                pairs.push((Some(r), None));
            }
            r += 1;
        }
    }
    pairs
}

/// Row and column of a class in a [`Tally`].
pub fn column(class: BeatClass) -> usize {
    match class {
        BeatClass::N => 0,
        BeatClass::S => 1,
        BeatClass::V => 2,
        BeatClass::F => 3,
        BeatClass::Q | BeatClass::P => 4,
    }
}

/// Compares two sequences outside `excluded` stretches and from sample `from` on.
pub fn compare(reference: &[Mark], test: &[Mark], rate: Hz, excluded: &[Range<usize>], from: usize) -> Tally {
    let out = |at: usize| at < from || excluded.iter().any(|e| e.contains(&at));
    let mut tally = Tally::default();
    for (r, t) in pair(reference, test, rate.samples(MATCH)) {
        let (a, b) = (r.map(|r| reference[r]), t.map(|t| test[t]));
        if a.or(b).is_some_and(|m| out(m.0)) {
            continue;
        }
        tally.0[a.map_or(5, |m| column(m.1))][b.map_or(5, |m| column(m.1))] += 1;
    }
    tally
}

#[cfg(test)]
mod tests {
    use super::*;

    fn marks(at: &[usize]) -> Vec<Mark> {
        at.iter().map(|&a| (a, BeatClass::N)).collect()
    }

    #[test]
    fn pairs_nearest_within_the_window() {
        let reference = marks(&[1000, 2000, 3000]);
        // 900 and 1010 both lie in the window of 1000: the nearer one pairs; 2200 is out of reach.
        let test = marks(&[900, 1010, 2200, 3100]);
        let tally = compare(&reference, &test, Hz(1000.0), &[], 0);
        assert_eq!(tally.beats(), Counts { found: 2, missed: 1, extra: 2 });
    }

    #[test]
    fn a_reference_pair_takes_the_nearer_detection() {
        // The detection belongs to the second beat though the first is in reach.
        let pairs = pair(&marks(&[1000, 1140]), &marks(&[1100]), 150);
        assert_eq!(pairs, vec![(Some(0), None), (Some(1), Some(0))]);
    }

    #[test]
    fn flutter_does_not_count() {
        let mark = |sample, code: &str| Annotation {
            annotator: "".into(),
            sample,
            code: code.into(),
            subtype: 0,
            channel: 0,
            num: 0,
            text: String::new(),
        };
        let marks = [mark(100, "N"), mark(1000, "["), mark(1500, "!"), mark(3000, "]"), mark(4000, "V")];
        let excluded = flutter(&marks, Hz(1000.0), 5000);
        assert_eq!(excluded, vec![850..3150]);
        let test = [(100, BeatClass::N), (2000, BeatClass::N), (4000, BeatClass::V)];
        let tally = compare(&beats_of(&marks), &test, Hz(1000.0), &excluded, 0);
        assert_eq!(tally.beats(), Counts { found: 2, missed: 0, extra: 0 });
        assert_eq!(tally.veb(), Counts { found: 1, missed: 0, extra: 0 });
    }
}
