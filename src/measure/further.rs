//! Measures that an ordinary ten seconds do not give, each where strip and leads allow it. Of them only T-wave
//! alternans makes a statement: the others are numbers for the physician.

use super::alternans::{Alternans, alternans};
use super::hrv::{Hrv, hrv};
use super::late_potentials::{LatePotentials, late_potentials};
use super::rhythm::Rhythm;
use crate::detect::Detection;
use crate::signal::{Ms, Recording};
use serde::Serialize;

/// Fewest leads with a T end of which a dispersion is given.
const LEAST_LEADS: usize = 8;

/// Further measures; `None` = the strip or its leads do not allow it.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Further {
    /// Heart rate variability, from a minute on.
    pub hrv: Option<Hrv>,
    /// T-wave alternans, from 64 beats in turn on; of a recording of hours, in its first ten minutes. Of a shorter strip of
    /// eight beats and more only an overt one.
    pub t_wave_alternans: Option<Alternans>,
    /// Late potentials of the signal-averaged QRS, from 50 beats at 1000 samples a second on; likewise.
    pub late_potentials: Option<LatePotentials>,
    /// Longest less shortest QT of the recorded leads on the median beat, from eight leads on (Day et al., Br Heart J
    /// 63:342, 1990). Ends of T are uncertain by as much: a large one is first of all a reason to look.
    pub qt_dispersion_ms: Option<Ms>,
}

/// Measures what can be.
pub fn measure(recording: &Recording, detection: &Detection, rhythm: &Rhythm) -> Further {
    Further {
        hrv: hrv(detection, &rhythm.rr_ms),
        t_wave_alternans: alternans(recording, detection),
        late_potentials: late_potentials(recording, detection),
        qt_dispersion_ms: dispersion(recording, detection),
    }
}

fn dispersion(recording: &Recording, detection: &Detection) -> Option<Ms> {
    let median = detection.median()?;
    let recorded = recording.leads.iter().zip(&median.lead_waves).filter(|(l, _)| !recording.derived.contains(l));
    let qts: Vec<usize> =
        recorded.filter_map(|(_, w)| w.t?.offset.checked_sub(w.qrs?.onset).filter(|qt| *qt > 0)).collect();
    let (longest, shortest) = (qts.iter().max()?, qts.iter().min()?);
    (qts.len() >= LEAST_LEADS).then(|| recording.rate.ms((longest - shortest) as f64))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::detect::{LeadWaves, MedianBeat, Wave};
    use crate::signal::{Hz, LeadName};

    #[test]
    fn dispersion_is_of_recorded_leads_and_needs_eight() {
        let wave = |onset, offset| Some(Wave { onset, peak: onset + 5, offset });
        let lead = |n: usize| LeadWaves { p: None, qrs: wave(100, 150), t: wave(200, 300 + n) };
        let median = MedianBeat { beats: 5, lead_waves: (0..12).map(lead).collect(), ..MedianBeat::default() };
        let detection = Detection { rate: Hz(500.0), medians: vec![median], ..Detection::default() };
        let mut r = Recording::new("t", LeadName::TWELVE.to_vec(), Hz(500.0), ndarray::Array2::zeros((12, 10)));
        assert_eq!(dispersion(&r, &detection), Some(Ms(22.0)));
        r.derived = LeadName::TWELVE[2..6].to_vec();
        assert_eq!(dispersion(&r, &detection), Some(Ms(22.0)), "eight are left");
        r.derived.push(LeadName::V6);
        assert_eq!(dispersion(&r, &detection), None);
    }
}
