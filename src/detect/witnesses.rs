//! A complex is seen in most leads at once; an electrode that jerks is seen in its own.
//!
//! What half of the leads hardly show, though the complexes around it stand in them, is taken back where no beat was due: the
//! less they show of it, the nearer to a usual interval the beats on both sides may be apart. A lead that falls silent for a
//! beat thus takes none away, and an interpolated premature beat stays if it is seen in more than half of the leads. Of the 93
//! extra beats of `mitdb` (both leads; all 26 records, on which the constants were chosen) it takes 48, of 59 750 right ones 9. A
//! logistic model of these two numbers, each record left out in turn, does as well (44 and 11); with likeness, height and slope
//! it does worse.

use super::candidates::{Candidate, Traits};
use super::envelope::Envelopes;
use crate::dsp;

/// How far from the hump a lead's own may stand, s.
const REACH_S: f64 = 0.06;
/// Complexes on each side that say what a lead usually shows.
const NEIGHBOURS: usize = 5;
/// A lead that shows less than this of the complexes around (in local heights) is no witness.
const SILENT: f32 = 0.3;
/// Least that is told of a lead's share, in local heights.
const LEAST: f32 = 0.02;
/// Beats on both sides are this many usual intervals apart, and so much more a unit of the missing witness (logarithm), but
/// never more than the last: two intervals are what a right beat has.
const APART: f32 = 0.5;
const APART_MORE: f32 = 0.5;
const APART_MOST: f32 = 1.5;

/// Takes back those of `chosen` (indexes into `candidates`, ascending) that half of the leads do not bear out.
pub fn keep(envelopes: &Envelopes, candidates: &[Candidate], traits: &[Traits], chosen: &mut Vec<usize>) {
    if envelopes.leads.len() < 2 {
        return;
    }
    let time = |place: usize| chosen.get(place).map(|&k| candidates[k].at as f32 / envelopes.rate as f32);
    let apart = |place: usize| {
        let (before, after) = (place.checked_sub(1).and_then(time)?, time(place + 1)?);
        Some((after - before) / traits[chosen[place]].rr.max(0.1))
    };
    let right: Vec<bool> = (0..chosen.len())
        .map(|place| {
            let Some(apart) = apart(place).filter(|&a| a < APART_MOST) else { return true };
            missing(envelopes, candidates, chosen, place).is_none_or(|m| apart >= APART + APART_MORE * m)
        })
        .collect();
    let mut each = right.iter();
    chosen.retain(|_| each.next().copied().unwrap_or(true));
}

/// How much less than usual (logarithm) the leads show, the lower median over those that show the complexes around; `None` of
/// fewer than two such leads.
fn missing(envelopes: &Envelopes, candidates: &[Candidate], chosen: &[usize], place: usize) -> Option<f32> {
    let reach = (REACH_S * envelopes.rate).round() as usize;
    let near = (place.saturating_sub(NEIGHBOURS)..(place + NEIGHBOURS + 1).min(chosen.len())).filter(|&n| n != place);
    let near: Vec<usize> = near.collect();
    let mut shares: Vec<f32> = envelopes
        .leads
        .iter()
        .filter_map(|lead| {
            let shown = |n: usize| {
                let at = candidates[chosen[n]].at;
                let part = lead.get(at.saturating_sub(reach)..(at + reach + 1).min(lead.len())).unwrap_or(&[]);
                part.iter().copied().fold(0.0, f32::max)
            };
            let mut around: Vec<f32> = near.iter().map(|&n| shown(n)).collect();
            let usual = dsp::median(&mut around);
            (usual >= SILENT).then(|| (shown(place).max(LEAST) / usual).ln())
        })
        .collect();
    if shares.len() < 2 {
        return None;
    }
    shares.sort_unstable_by(f32::total_cmp);
    shares.get((shares.len() - 1) / 2).map(|share| -share)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Leads that show a beat where their number stands in `shown`; beats at these times, s.
    fn kept(beats: &[(f32, &[usize])], leads: usize) -> usize {
        let rate = 120.0;
        let mut all = vec![vec![0.02_f32; 1800]; leads];
        for (at, shown) in beats {
            for &lead in shown.iter().filter(|l| **l < leads) {
                all[lead][(at * rate) as usize] = 1.0;
            }
        }
        let envelopes = Envelopes { rate: f64::from(rate), leads: all, ..Envelopes::default() };
        let candidates: Vec<Candidate> =
            beats.iter().map(|b| Candidate { at: (b.0 * rate) as usize, height: 1.0 }).collect();
        let traits = vec![Traits { rr: 0.8, ..Traits::default() }; beats.len()];
        let mut chosen: Vec<usize> = (0..beats.len()).collect();
        keep(&envelopes, &candidates, &traits, &mut chosen);
        chosen.len()
    }

    #[test]
    fn a_jerk_in_one_lead_is_no_beat_and_an_interpolated_beat_is_one() {
        let with = |at: f32, shown: &'static [usize]| {
            let mut beats: Vec<(f32, &[usize])> = (1..16).map(|k| (0.8 * k as f32, &[0, 1, 2][..])).collect();
            beats.push((at, shown));
            beats.sort_by(|a, b| a.0.total_cmp(&b.0));
            beats
        };
        assert_eq!(kept(&with(5.2, &[0, 1]), 3), 16);
        assert_eq!(kept(&with(5.2, &[2]), 3), 15);
        assert_eq!(kept(&with(5.2, &[]), 3), 15);
        // One lead alone has no witness, nor has one beside a lead that shows nothing at all.
        assert_eq!(kept(&with(5.2, &[]), 1), 16);
        let silent: Vec<(f32, &[usize])> =
            with(5.2, &[]).into_iter().map(|b| (b.0, &b.1[..b.1.len().min(1)])).collect();
        assert_eq!(kept(&silent, 2), 16);
    }

    #[test]
    fn a_lead_that_falls_silent_takes_no_beat_that_was_due() {
        let beats: Vec<(f32, &[usize])> =
            (1..16).map(|k| (0.8 * k as f32, if k == 8 { &[0][..] } else { &[0, 1][..] })).collect();
        assert_eq!(kept(&beats, 2), 15);
    }
}
