//! What the standard deviations of the bounds are made of, and what the experts' own marks allow.
//!
//! LUDB's leads were marked one by one, and the marks of one wave lie apart: no bound that is common to all leads, not even the
//! mean of the experts' own, comes nearer to the single marks than [`Spread::common`]. Published deviations of programs that
//! average bounds over leads (Kalyakulina et al., IEEE Access 8:186181, 2020) are smaller than that, so they cannot have been
//! pooled over leads as ours are. What is left when beat and lead have had their say ([`Spread::rest`]) is mark by mark scatter:
//! a program that marks the like beats of a lead alike comes no nearer.

use super::truth::LeadTruth;
use super::{PLACES, RecordScore, Table, WAVES, mean_sd};
use crate::signal::{Hz, Ms};

/// Least marks of a beat over leads, and of a lead over beats, that make a mean.
const LEAST: (usize, usize) = (4, 3);
/// Onset and end of P, QRS, T: wave, place.
pub const BOUNDS: [(usize, usize); 6] = [(0, 0), (0, 2), (1, 0), (1, 2), (2, 0), (2, 2)];

/// Deviations of one record's marks of one bound, ms.
#[derive(Clone, Debug, Default)]
pub struct Spread {
    /// From the mean over leads of the same beat.
    common: Vec<f64>,
    /// From that mean and the lead's usual distance from it.
    rest: Vec<f64>,
}

/// The waves of one beat by lead: those whose peak is `near`.
pub fn beside(
    leads: &[LeadTruth],
    wave: usize,
    near: impl Fn(usize) -> bool,
) -> impl Iterator<Item = (usize, super::truth::Marked)> {
    let here = move |(l, lead): (usize, &LeadTruth)| {
        lead.waves[wave].iter().find(|m| m.points[1].is_some_and(&near)).map(|m| (l, *m))
    };
    leads.iter().enumerate().filter_map(here)
}

/// Whether a peak of P, QRS or T belongs to the beat whose QRS peaks at `anchor`.
pub fn belongs(wave: usize, peak: usize, anchor: usize, rate: Hz) -> bool {
    match wave {
        0 => peak < anchor && anchor - peak < rate.samples(Ms(400.0)),
        1 => peak.abs_diff(anchor) < rate.samples(Ms(100.0)),
        _ => peak > anchor && peak - anchor < rate.samples(Ms(600.0)),
    }
}

/// The spread of one record's marks, bound by bound.
pub fn of(leads: &[LeadTruth], rate: Hz) -> [Spread; 6] {
    let anchors = leads.iter().max_by_key(|l| l.waves[1].len());
    let anchors: Vec<usize> = anchors.iter().flat_map(|l| &l.waves[1]).filter_map(|m| m.points[1]).collect();
    BOUNDS.map(|(wave, place)| {
        let mut by_lead: Vec<Vec<f64>> = vec![Vec::new(); leads.len()];
        for &anchor in &anchors {
            let marks = beside(leads, wave, |peak| belongs(wave, peak, anchor, rate));
            let marks: Vec<(usize, f64)> =
                marks.filter_map(|(l, m)| m.points[place].map(|p| (l, rate.ms(p as f64).0))).collect();
            if marks.len() < LEAST.0 {
                continue;
            }
            let mean = marks.iter().map(|m| m.1).sum::<f64>() / marks.len() as f64;
            for (lead, at) in marks {
                by_lead[lead].push(at - mean);
            }
        }
        let mut spread = Spread::default();
        for lead in by_lead {
            let mean = lead.iter().sum::<f64>() / lead.len().max(1) as f64;
            if lead.len() >= LEAST.1 {
                spread.rest.extend(lead.iter().map(|d| d - mean));
            }
            spread.common.extend(lead);
        }
        spread
    })
}

/// Our deviations without the farthest 1, 2 and 5 %, the mean of the records' own, and the experts' spread.
pub fn table(records: &[RecordScore]) -> Table {
    let row = |(bound, (wave, place)): (usize, &(usize, usize))| {
        let errors: Vec<f64> = records.iter().flat_map(|r| r.points[*wave][*place].errors.iter().copied()).collect();
        let (mean, sd) = mean_sd(&errors);
        let mut apart: Vec<f64> = errors.iter().map(|e| e - mean).collect();
        apart.sort_by(|a, b| a.abs().total_cmp(&b.abs()));
        let nearest = |part: f64| mean_sd(&apart[..(apart.len() as f64 * part) as usize]).1;
        let own: Vec<f64> = records
            .iter()
            .map(|r| &r.points[*wave][*place].errors)
            .filter(|e| !e.is_empty())
            .map(|e| mean_sd(e).1)
            .collect();
        let pooled = |pick: fn(&Spread) -> &[f64]| {
            mean_sd(&records.iter().flat_map(|r| pick(&r.spread[bound]).iter().copied()).collect::<Vec<_>>()).1
        };
        let values = [
            sd,
            nearest(0.99),
            nearest(0.98),
            nearest(0.95),
            mean_sd(&own).0,
            pooled(|s| &s.common),
            pooled(|s| &s.rest),
        ];
        let name = format!("{} {}", WAVES[*wave], PLACES[*place].1);
        std::iter::once(name).chain(values.iter().map(|v| format!("{v:.1}"))).collect()
    };
    Table {
        title: "What the SD is made of, ms: ours; without the farthest 1, 2, 5 % of the marks; mean of the records' own SDs; \
                the experts' marks about their mean over leads (a bound common to all leads comes no nearer); of that what changes \
                from beat to beat"
            .into(),
        columns: ["bound", "SD", "-1 %", "-2 %", "-5 %", "in records", "experts over leads", "beat by beat"]
            .map(String::from)
            .to_vec(),
        rows: BOUNDS.iter().enumerate().map(row).collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::super::truth::Marked;
    use super::*;

    #[test]
    fn a_lead_that_is_always_late_adds_to_the_common_part_only() {
        // Four leads, three beats; QRS onset of the last lead 8 samples (16 ms) late in every beat.
        let lead = |late: usize| {
            let wave = |b: usize| Marked { points: [Some(b * 500 + late), Some(b * 500 + 20), None] };
            LeadTruth { waves: [Vec::new(), (1..4).map(wave).collect(), Vec::new()], span: None }
        };
        let spread = of(&[lead(0), lead(0), lead(0), lead(8)], Hz(500.0));
        assert_eq!(spread[2].common.len(), 12);
        assert!((mean_sd(&spread[2].common).1 - 48.0_f64.sqrt()).abs() < 1e-9);
        assert!(spread[2].rest.iter().all(|d| d.abs() < 1e-9));
        assert!(spread[0].common.is_empty());
    }
}
