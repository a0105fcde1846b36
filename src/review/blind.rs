//! Blind re-reading: a random sample of signed cases is read again by somebody who does not see what was signed, and the two
//! readings are compared.
//!
//! Agreement per statement is Cohen's kappa (Educ. Psychol. Meas. 1960;20:37–46) over the cases that were read again. Free
//! text belongs to no statement and is not compared. Both readers see the machine's findings, as every reader does: what
//! is measured is the agreement of readers who work with the program, not of readers without it.

use serde::Serialize;
use std::collections::BTreeSet;

/// `number` of `cases`, by chance: the same for the same seed, in whatever order the cases are given.
pub fn sample(cases: &[i64], number: usize, seed: u64) -> Vec<i64> {
    let mut drawn: Vec<(u64, i64)> = cases.iter().map(|id| (mixed(seed ^ mixed(id.cast_unsigned())), *id)).collect();
    drawn.sort_unstable();
    let mut drawn: Vec<i64> = drawn.into_iter().take(number).map(|(_, id)| id).collect();
    drawn.sort_unstable();
    drawn
}

/// `SplitMix64` (Steele, Lea, Flood: OOPSLA 2014).
const fn mixed(seed: u64) -> u64 {
    let z = seed.wrapping_add(0x9e37_79b9_7f4a_7c15);
    let z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

/// What two readers said of one case, as statement ids.
pub type Pair = (BTreeSet<String>, BTreeSet<String>);

/// How two readings agree on one statement, in cases.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Agreement {
    /// The statement.
    pub id: String,
    /// Said by both.
    pub both: usize,
    /// Said in the signed report only.
    pub first: usize,
    /// Said by the second reader only.
    pub second: usize,
    /// Said by neither.
    pub neither: usize,
    /// Cohen's kappa; `None` where chance alone would agree always.
    pub kappa: Option<f64>,
}

/// How two readings agree on a sample.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Concord {
    /// Cases read by both.
    pub read: usize,
    /// Of those with the same statements.
    pub same: usize,
    /// By statement, those that were said at all, in the order of their ids.
    pub statements: Vec<Agreement>,
}

/// How the pairs agree.
pub fn concord(pairs: &[Pair]) -> Concord {
    let said: BTreeSet<&String> = pairs.iter().flat_map(|(a, b)| a.union(b)).collect();
    let statements = said.into_iter().map(|id| {
        let count = |a: bool, b: bool| pairs.iter().filter(|p| p.0.contains(id) == a && p.1.contains(id) == b).count();
        let [both, first, second, neither] =
            [count(true, true), count(true, false), count(false, true), count(false, false)];
        Agreement { id: id.clone(), both, first, second, neither, kappa: kappa([both, first, second, neither]) }
    });
    Concord { read: pairs.len(), same: pairs.iter().filter(|(a, b)| a == b).count(), statements: statements.collect() }
}

/// Cohen's kappa of a two-by-two table: both, first only, second only, neither.
fn kappa(table: [usize; 4]) -> Option<f64> {
    let [both, first, second, neither] = table.map(|n| n as f64);
    let all = both + first + second + neither;
    let observed = (both + neither) / all;
    let chance = ((both + first) * (both + second) + (second + neither) * (first + neither)) / (all * all);
    (all > 0.0 && chance < 1.0).then(|| (observed - chance) / (1.0 - chance))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sample_is_of_the_cases_and_the_seeds_alone() {
        let cases: Vec<i64> = (1..=200).collect();
        let mut turned = cases.clone();
        turned.reverse();
        let drawn = sample(&cases, 20, 7);
        assert_eq!(drawn, sample(&turned, 20, 7));
        assert_eq!(drawn.iter().collect::<BTreeSet<_>>().len(), 20);
        assert_ne!(drawn, sample(&cases, 20, 8));
        assert_eq!(sample(&cases[..3], 20, 7), [1, 2, 3], "fewer than asked for: all");
        // By chance: every case is drawn about as often.
        let mut times = vec![0_usize; 201];
        (0..2000).flat_map(|seed| sample(&cases, 20, seed)).for_each(|id| times[id as usize] += 1);
        assert!(times[1..].iter().all(|n| (130..=280).contains(n)), "200 expected, SD 13: {times:?}");
    }

    #[test]
    fn kappa_is_cohens() {
        // Both 20, first only 5, second only 10, neither 15: 0.7 observed, 0.5 by chance.
        assert!((kappa([20, 5, 10, 15]).unwrap() - 0.4).abs() < 1e-12);
        assert_eq!(kappa([0, 0, 0, 0]), None);
        assert_eq!(kappa([9, 0, 0, 0]), None, "said of every case by both: chance agrees as well");
        assert!((kappa([0, 5, 5, 0]).unwrap() + 1.0).abs() < 1e-12);
    }

    #[test]
    fn statements_are_counted_by_case() {
        let set = |ids: &[&str]| ids.iter().map(|i| (*i).to_owned()).collect::<BTreeSet<_>>();
        let pairs = [
            (set(&["sinus-rhythm", "lvh"]), set(&["sinus-rhythm", "lvh"])),
            (set(&["sinus-rhythm"]), set(&["sinus-rhythm", "lvh"])),
            (set(&["atrial-fibrillation"]), set(&["atrial-fibrillation"])),
        ];
        let found = concord(&pairs);
        assert_eq!((found.read, found.same), (3, 2));
        let of = |id: &str| found.statements.iter().find(|s| s.id == id).unwrap();
        let lvh = of("lvh");
        assert_eq!((lvh.both, lvh.first, lvh.second, lvh.neither), (1, 0, 1, 1));
        assert!((lvh.kappa.unwrap() - 0.4).abs() < 1e-12);
        assert_eq!(of("sinus-rhythm").kappa, Some(1.0));
    }
}
