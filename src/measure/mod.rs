//! Clinical numbers with units, global and per lead. `None` = not measurable or absent.

mod alternans;
mod atria;
mod classes;
mod further;
mod global;
mod hrv;
mod late_potentials;
mod leads;
mod likeness;
mod rhythm;
mod small;

pub use alternans::Alternans;
pub use further::Further;
pub use hrv::Hrv;
pub use late_potentials::LatePotentials;
pub use likeness::difference;
pub use rhythm::{Counts, PAUSE, Rhythm, Run, rhythm};

use crate::detect::Detection;
use crate::signal::{Bpm, Deg, LeadName, Ms, Mv, Recording};
use serde::Serialize;

/// Everything measured.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Measurements {
    /// Over all leads.
    pub global: Global,
    /// One a lead.
    pub leads: Vec<Lead>,
    /// The rhythm: RR statistics, ectopy, PR of each beat, pauses, runs.
    pub rhythm: Rhythm,
    /// What takes a longer strip or many leads: variability, alternans, late potentials, QT dispersion.
    pub further: Further,
}

/// Global measurements, on the median beat unless said otherwise.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Global {
    /// 60 000 / mean RR over the strip.
    pub heart_rate_bpm: Option<Bpm>,
    /// Mean, shortest, longest RR interval over the strip.
    pub rr_ms: Option<Ms>,
    /// Shortest RR interval.
    pub rr_min_ms: Option<Ms>,
    /// Longest RR interval.
    pub rr_max_ms: Option<Ms>,
    /// Root mean square of successive RR differences.
    pub rmssd_ms: Option<Ms>,
    /// P duration.
    pub p_duration_ms: Option<Ms>,
    /// PR interval: P onset to QRS onset.
    pub pr_ms: Option<Ms>,
    /// QRS duration.
    pub qrs_duration_ms: Option<Ms>,
    /// QT interval.
    pub qt_ms: Option<Ms>,
    /// QT · RR^(−1/2) (Bazett 1920).
    pub qtc_bazett_ms: Option<Ms>,
    /// QT · RR^(−1/3) (Fridericia 1920).
    pub qtc_fridericia_ms: Option<Ms>,
    /// QT + 154·(1 − RR) ms (Sagie 1992).
    pub qtc_framingham_ms: Option<Ms>,
    /// QT + 1.75·(rate − 60) ms (Hodges 1983).
    pub qtc_hodges_ms: Option<Ms>,
    /// Frontal axis of P.
    pub p_axis_deg: Option<Deg>,
    /// Frontal axis of QRS.
    pub qrs_axis_deg: Option<Deg>,
    /// Frontal axis of T.
    pub t_axis_deg: Option<Deg>,
}

/// One lead's measurements on the median beat, against the level at QRS onset (P: at P onset). Amplitudes keep their
/// sign (Q and S negative); `None` = the wave is absent in this lead, or less than the 30 µV for 6 ms from which it
/// counts. A complex without R is a QS: its amplitude and duration stand under Q.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Lead {
    /// Which lead.
    pub lead: LeadName,
    /// P amplitude (the larger deflection).
    pub p_mv: Option<Mv>,
    /// Terminal negative P deflection (V1), when there is one.
    pub p_terminal_mv: Option<Mv>,
    /// Duration of that deflection.
    pub p_terminal_ms: Option<Ms>,
    /// Q amplitude.
    pub q_mv: Option<Mv>,
    /// Q duration.
    pub q_ms: Option<Ms>,
    /// R amplitude.
    pub r_mv: Option<Mv>,
    /// R duration.
    pub r_ms: Option<Ms>,
    /// S amplitude.
    pub s_mv: Option<Mv>,
    /// S duration.
    pub s_ms: Option<Ms>,
    /// R′ amplitude.
    pub r2_mv: Option<Mv>,
    /// R-peak time (intrinsicoid deflection) from QRS onset, to the peak of R′ where there is one.
    pub r_peak_ms: Option<Ms>,
    /// QRS net area, mV·ms.
    pub qrs_area: Option<f64>,
    /// ST level at J.
    pub st_j_mv: Option<Mv>,
    /// ST level at J + 60 ms.
    pub st_60_mv: Option<Mv>,
    /// ST level at J + 80 ms.
    pub st_80_mv: Option<Mv>,
    /// T amplitude (the larger deflection).
    pub t_mv: Option<Mv>,
    /// Peak of an end-QRS notch (J wave).
    pub j_mv: Option<Mv>,
    /// Fall within 40 ms after the highest point about J.
    #[serde(skip)]
    pub take_off_fall_mv: Option<Mv>,
    /// U amplitude, from the nearer of the levels at the end of T and before the next P.
    pub u_mv: Option<Mv>,
    /// QRS duration in this lead.
    pub qrs_ms: Option<Ms>,
}

impl Measurements {
    /// The measurements of one lead.
    pub fn lead(&self, name: &LeadName) -> Option<&Lead> {
        self.leads.iter().find(|l| l.lead == *name)
    }
}

/// Measures a recording.
pub fn measure(recording: &Recording, detection: &Detection) -> Measurements {
    let leads = leads::measure(recording, detection);
    let rhythm = rhythm(detection);
    let further = further::measure(recording, detection, &rhythm);
    Measurements { global: global::measure(recording, detection, &leads), leads, rhythm, further }
}
