//! Normal limits by age and sex.
//!
//! From 16 years: AHA/ACC/HRS 2007–2009 and the universal definition. Below: Rijnbeek 2001 (2nd and 98th percentiles;
//! 11 days to 16 years), for rate, PR, QRS and axis, by sex; Davignon 1980 for the first ten days and for the
//! amplitudes of R and S in V1 and V6. Unknown age counts as adult and unknown sex takes the limit that calls fewer
//! ECGs abnormal; [`notes`] says so in the report.
//!
//! Which studies these are, whom they measured (1912 children of 11 days to 16 years in nine groups; 2141 children in
//! twelve) and which percentiles they print was checked against their abstracts. All 126 numbers of Rijnbeek's nine groups
//! agree with an independent public transcription of his tables. Of Davignon's, entered from memory, a table printed by the
//! University of Chicago (limits in whole millimetres, groups put together) agrees within a millimetre but for S in V1 from one
//! week to one year (3 to 4 mm higher there) and R in V1 from eight years on (2 to 4 mm); S in V6 from three to six months
//! was set to its 1.0 mV. The paper's own charts were not at hand.

use crate::signal::{Patient, Sex};
use crate::text::{Text, text};

/// Age from which the adults' limits hold (Rijnbeek's last group ends here).
pub const ADULT_YEARS: f64 = 16.0;

/// A child's limits.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Child {
    /// Age below which the row holds, years.
    pub below_years: f64,
    /// Rate, bpm.
    pub rate: (f64, f64),
    /// PR, ms.
    pub pr: (f64, f64),
    /// QRS duration, upper limit, ms.
    pub qrs: f64,
    /// QRS axis, degrees.
    pub axis: (f64, f64),
}

const fn row(below_years: f64, rate: (f64, f64), pr: (f64, f64), qrs: f64, axis: (f64, f64)) -> Child {
    Child { below_years, rate, pr, qrs, axis }
}

const DAY: f64 = 1.0 / 365.25;
const MONTH: f64 = 1.0 / 12.0;

/// Boys: the first three rows are Davignon's (both sexes), the others Rijnbeek's.
const BOYS: [Child; 12] = [
    row(1.0 * DAY, (93.0, 154.0), (79.0, 160.0), 75.0, (59.0, 192.0)),
    row(3.0 * DAY, (91.0, 159.0), (81.0, 139.0), 67.0, (64.0, 197.0)),
    row(10.0 * DAY, (90.0, 166.0), (73.0, 136.0), 68.0, (77.0, 187.0)),
    row(1.0 * MONTH, (129.0, 192.0), (77.0, 120.0), 85.0, (75.0, 140.0)),
    row(3.0 * MONTH, (126.0, 187.0), (85.0, 120.0), 77.0, (37.0, 138.0)),
    row(6.0 * MONTH, (112.0, 165.0), (87.0, 134.0), 85.0, (-6.0, 107.0)),
    row(1.0, (106.0, 194.0), (82.0, 141.0), 86.0, (14.0, 122.0)),
    row(3.0, (97.0, 155.0), (86.0, 151.0), 88.0, (-4.0, 118.0)),
    row(5.0, (73.0, 123.0), (98.0, 152.0), 92.0, (7.0, 112.0)),
    row(8.0, (62.0, 113.0), (99.0, 160.0), 98.0, (-10.0, 112.0)),
    row(12.0, (55.0, 101.0), (105.0, 174.0), 103.0, (-21.0, 114.0)),
    row(16.0, (48.0, 99.0), (107.0, 178.0), 111.0, (-9.0, 112.0)),
];

/// Girls, likewise.
const GIRLS: [Child; 12] = [
    row(1.0 * DAY, (93.0, 154.0), (79.0, 160.0), 75.0, (59.0, 192.0)),
    row(3.0 * DAY, (91.0, 159.0), (81.0, 139.0), 67.0, (64.0, 197.0)),
    row(10.0 * DAY, (90.0, 166.0), (73.0, 136.0), 68.0, (77.0, 187.0)),
    row(1.0 * MONTH, (136.0, 216.0), (91.0, 121.0), 79.0, (63.0, 155.0)),
    row(3.0 * MONTH, (126.0, 200.0), (78.0, 133.0), 77.0, (39.0, 121.0)),
    row(6.0 * MONTH, (122.0, 191.0), (84.0, 127.0), 78.0, (17.0, 108.0)),
    row(1.0, (106.0, 187.0), (88.0, 133.0), 80.0, (1.0, 102.0)),
    row(3.0, (95.0, 178.0), (78.0, 147.0), 85.0, (2.0, 121.0)),
    row(5.0, (78.0, 124.0), (99.0, 153.0), 88.0, (3.0, 106.0)),
    row(8.0, (68.0, 115.0), (92.0, 156.0), 95.0, (27.0, 117.0)),
    row(12.0, (58.0, 110.0), (103.0, 163.0), 99.0, (5.0, 117.0)),
    row(16.0, (54.0, 107.0), (106.0, 176.0), 106.0, (5.0, 101.0)),
];

/// A child's amplitudes, mV, 98th percentiles (Davignon 1980).
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ChildVoltage {
    /// Age below which the row holds, years.
    pub below_years: f64,
    /// R in V1.
    pub r_v1: f64,
    /// S in V1.
    pub s_v1: f64,
    /// R in V6.
    pub r_v6: f64,
    /// S in V6.
    pub s_v6: f64,
}

const fn volts(below_years: f64, r_v1: f64, s_v1: f64, r_v6: f64, s_v6: f64) -> ChildVoltage {
    ChildVoltage { below_years, r_v1, s_v1, r_v6, s_v6 }
}

const VOLTAGES: [ChildVoltage; 12] = [
    volts(1.0 * DAY, 2.6, 2.3, 1.1, 0.98),
    volts(3.0 * DAY, 2.7, 2.1, 1.2, 0.98),
    volts(7.0 * DAY, 2.4, 1.7, 1.2, 0.98),
    volts(1.0 * MONTH, 2.1, 1.1, 1.65, 0.98),
    volts(3.0 * MONTH, 1.8, 1.2, 2.15, 0.72),
    volts(6.0 * MONTH, 2.0, 1.7, 2.25, 1.0),
    volts(1.0, 2.0, 1.8, 2.25, 0.70),
    volts(3.0, 1.7, 2.1, 2.25, 0.65),
    volts(5.0, 1.8, 2.1, 2.45, 0.56),
    volts(8.0, 1.4, 2.4, 2.65, 0.40),
    volts(12.0, 1.2, 2.5, 2.55, 0.40),
    volts(16.0, 1.0, 2.1, 2.3, 0.39),
];

/// A child's limits; `None` for adults and where the age is unknown.
pub fn child(patient: &Patient) -> Option<Child> {
    let age = patient.age.filter(|a| (0.0..ADULT_YEARS).contains(a))?;
    let find = |rows: &[Child; 12]| rows.iter().find(|r| age < r.below_years).copied();
    match patient.sex {
        Some(Sex::Male) => find(&BOYS),
        Some(Sex::Female) => find(&GIRLS),
        None => {
            let (b, g) = (find(&BOYS)?, find(&GIRLS)?);
            let wider = |x: (f64, f64), y: (f64, f64)| (x.0.min(y.0), x.1.max(y.1));
            Some(Child {
                below_years: b.below_years,
                rate: wider(b.rate, g.rate),
                pr: wider(b.pr, g.pr),
                qrs: b.qrs.max(g.qrs),
                axis: wider(b.axis, g.axis),
            })
        }
    }
}

/// A child's voltages; `None` for adults and where the age is unknown.
pub fn child_voltage(patient: &Patient) -> Option<ChildVoltage> {
    let age = patient.age.filter(|a| (0.0..ADULT_YEARS).contains(a))?;
    VOLTAGES.iter().find(|r| age < r.below_years).copied()
}

/// Normal sinus rate, bpm; adults 60 … 100 (AHA part II 21, 22; Chinese terminology consensus 2019).
pub fn rate(patient: &Patient) -> (f64, f64) {
    child(patient).map_or((60.0, 100.0), |c| c.rate)
}

/// Normal PR, ms; adults 120 … 200 (AHA part II 80, 82).
pub fn pr(patient: &Patient) -> (f64, f64) {
    child(patient).map_or((120.0, 200.0), |c| c.pr)
}

/// QRS duration from which a bundle branch block is complete, ms: 120 in adults, more than 100 between 4 and 16 years,
/// more than 90 below 4 (AHA part III).
pub fn complete_block(patient: &Patient) -> f64 {
    match patient.age {
        Some(a) if a < 4.0 => 90.0,
        Some(a) if a < ADULT_YEARS => 100.0,
        _ => 120.0,
    }
}

/// QRS duration from which the shape of right bundle branch block is an incomplete one, ms: 86 below 4 years, 90 below 16
/// (AHA part III, whose 86 reaches to 8 years). Adults: part III says 110; by our QRS (third widest lead) readers say it from 94 on.
pub fn incomplete_block(patient: &Patient) -> f64 {
    match patient.age {
        Some(a) if a < 4.0 => 86.0,
        Some(a) if a < ADULT_YEARS => 90.0,
        _ => 94.0,
    }
}

/// QRS duration above the normal, ms: 110 in adults (AHA part III), 98th percentile in children.
pub fn qrs(patient: &Patient) -> f64 {
    child(patient).map_or(110.0, |c| c.qrs)
}

/// Normal QRS axis, degrees; adults −30 … 90 (AHA part III).
pub fn axis(patient: &Patient) -> (f64, f64) {
    child(patient).map_or((-30.0, 90.0), |c| c.axis)
}

/// `QTc` from which QT is long, ms: 460 in women, 450 in men (AHA part IV), 460 in children and unknown sex.
pub fn qtc(patient: &Patient) -> f64 {
    let adult = patient.age.is_none_or(|a| a >= ADULT_YEARS);
    if adult && patient.sex == Some(Sex::Male) { 450.0 } else { 460.0 }
}

/// ST elevation at J that counts in V2 and V3, mV: 0.25 in men under 40, 0.2 in men from 40, 0.15 in women (universal
/// definition 2018); unknown age or sex takes the largest that could hold.
pub fn st_v2_v3(patient: &Patient) -> f64 {
    match (patient.sex, patient.age) {
        (Some(Sex::Female), _) => 0.15,
        (_, Some(a)) if a >= 40.0 => 0.2,
        _ => 0.25,
    }
}

/// Which limits were used where the age or the sex is unknown.
pub fn notes(patient: &Patient) -> Vec<Text> {
    let mut notes = Vec::new();
    if patient.age.is_none() {
        notes.push(text("年龄不详，按成人标准判读", "Age unknown: adult limits used"));
    }
    if patient.sex.is_none() {
        notes.push(text(
            "性别不详，有性别差异的标准采用较宽的界限",
            "Sex unknown: the wider of both sexes' limits used",
        ));
    }
    notes
}

#[cfg(test)]
mod tests {
    use super::*;

    fn patient(age: Option<f64>, sex: Option<Sex>) -> Patient {
        Patient { sex, age, ..Patient::default() }
    }

    #[test]
    fn limits_follow_age_and_sex() {
        assert_eq!(rate(&patient(Some(0.5 / 365.25), None)), (93.0, 154.0));
        assert_eq!(rate(&patient(Some(4.0), Some(Sex::Female))), (78.0, 124.0));
        assert_eq!(rate(&patient(Some(4.0), None)), (73.0, 124.0));
        assert_eq!(rate(&patient(None, None)), (60.0, 100.0));
        assert_eq!(qtc(&patient(Some(50.0), Some(Sex::Male))), 450.0);
        assert_eq!(qtc(&patient(Some(50.0), None)), 460.0);
        assert_eq!(st_v2_v3(&patient(Some(30.0), Some(Sex::Male))), 0.25);
        assert_eq!(st_v2_v3(&patient(Some(60.0), Some(Sex::Female))), 0.15);
        assert_eq!(notes(&patient(None, None)).len(), 2);
    }

    #[test]
    fn rows_ascend_and_limits_are_ordered() {
        for rows in [&BOYS, &GIRLS] {
            for pair in rows.windows(2) {
                assert!(pair[0].below_years < pair[1].below_years);
            }
            for r in rows {
                assert!(r.rate.0 < r.rate.1 && r.pr.0 < r.pr.1 && r.axis.0 < r.axis.1);
            }
        }
        for pair in VOLTAGES.windows(2) {
            assert!(pair[0].below_years < pair[1].below_years);
        }
        assert_eq!(VOLTAGES[11].below_years, ADULT_YEARS);
    }
}
