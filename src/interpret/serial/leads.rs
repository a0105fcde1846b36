//! ST level and T polarity of two ECGs, lead by lead.
//!
//! ST: a shift of the J point by 0.1 mV against the patient's own earlier ECG (fourth universal definition of
//! myocardial infarction: "new J-point elevation ≥ 1 mm as compared with the earlier electrocardiogram should be
//! considered an ischemic response"; the same size for depression, Sandau et al., Circulation 2017;136:e273-e344) in
//! two contiguous leads. T: from upright to inverted by more than 0.1 mV each, in two contiguous leads (the same
//! definition), III, aVR and V1 apart, where it may be negative in health.

use super::Ecg;
use crate::interpret::facts::with_neighbour;
use crate::measure::Lead;
use crate::signal::LeadName as L;
use crate::text::Text;
use serde::Serialize;

const ST_SHIFT_MV: f64 = 0.1;
/// An elevation or depression must be one, not a return to the isoelectric line.
const ST_LEVEL_MV: f64 = 0.05;
const T_MV: f64 = 0.1;
/// Least quality of a lead in both ECGs.
const QUALITY: f64 = 0.5;

/// One lead in both ECGs, mV; `None` = not measurable or absent.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct LeadShift {
    /// Which lead.
    pub lead: L,
    /// ST at J in the prior ECG.
    pub st_old_mv: Option<f64>,
    /// ST at J now.
    pub st_new_mv: Option<f64>,
    /// T in the prior ECG.
    pub t_old_mv: Option<f64>,
    /// T now.
    pub t_new_mv: Option<f64>,
}

/// The leads in which something changed, each list empty or with two contiguous leads at least.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Moved {
    /// ST higher, and elevated now.
    pub elevated: Vec<L>,
    /// ST lower, and depressed now.
    pub depressed: Vec<L>,
    /// ST nearer to the isoelectric line.
    pub settled: Vec<L>,
    /// T inverted now.
    pub inverted: Vec<L>,
    /// T upright again.
    pub upright: Vec<L>,
}

/// The leads that both ECGs have in good quality.
pub fn shifts(old: &Ecg<'_>, new: &Ecg<'_>) -> Vec<LeadShift> {
    let good = |ecg: &Ecg<'_>, lead: &L| {
        let row = ecg.recording.leads.iter().position(|l| l == lead);
        row.and_then(|r| ecg.detection.quality.get(r)).is_some_and(|q| q.score >= QUALITY)
    };
    let of = |lead: &Lead| {
        let before = old.measurements.lead(&lead.lead)?;
        (good(old, &lead.lead) && good(new, &lead.lead)).then(|| LeadShift {
            lead: lead.lead.clone(),
            st_old_mv: before.st_j_mv.map(|v| v.0),
            st_new_mv: lead.st_j_mv.map(|v| v.0),
            t_old_mv: before.t_mv.map(|v| v.0),
            t_new_mv: lead.t_mv.map(|v| v.0),
        })
    };
    new.measurements.leads.iter().filter_map(of).collect()
}

/// What moved.
pub fn moved(shifts: &[LeadShift]) -> Moved {
    let st = |test: fn(f64, f64) -> bool| {
        let leads =
            shifts.iter().filter(|s| s.lead != L::AvR && s.st_old_mv.zip(s.st_new_mv).is_some_and(|(a, b)| test(a, b)));
        with_neighbour(&leads.map(|s| s.lead.clone()).collect::<Vec<_>>())
    };
    let t = |test: fn(f64, f64) -> bool| {
        let tells = |s: &&LeadShift| ![L::III, L::AvR, L::V1].contains(&s.lead);
        let leads = shifts.iter().filter(tells).filter(|s| s.t_old_mv.zip(s.t_new_mv).is_some_and(|(a, b)| test(a, b)));
        with_neighbour(&leads.map(|s| s.lead.clone()).collect::<Vec<_>>())
    };
    Moved {
        elevated: st(|a, b| b - a >= ST_SHIFT_MV && b >= ST_LEVEL_MV),
        depressed: st(|a, b| a - b >= ST_SHIFT_MV && b <= -ST_LEVEL_MV),
        settled: st(|a, b| a.abs() - b.abs() >= ST_SHIFT_MV && (a - b).abs() >= ST_SHIFT_MV && a * b >= -1e-3),
        inverted: t(|a, b| a > T_MV && b < -T_MV),
        upright: t(|a, b| a < -T_MV && b > T_MV),
    }
}

impl Moved {
    /// What is worse, in words.
    pub fn worse(&self, shifts: &[LeadShift]) -> Vec<Text> {
        [
            st(shifts, &self.elevated, "ST段较前抬高", "ST higher than before"),
            st(shifts, &self.depressed, "ST段较前压低", "ST lower than before"),
            t(&self.inverted, "T波由直立转为倒置", "T waves now inverted"),
        ]
        .into_iter()
        .flatten()
        .collect()
    }

    /// What is better, in words.
    pub fn better(&self, shifts: &[LeadShift]) -> Vec<Text> {
        [
            st(shifts, &self.settled, "ST段偏移较前减轻", "ST deviation less than before"),
            t(&self.upright, "倒置T波转为直立", "T waves upright again"),
        ]
        .into_iter()
        .flatten()
        .collect()
    }
}

/// `ST higher than before in V2 V3 (most in V3: 0.02 → 0.31 mV)`.
fn st(shifts: &[LeadShift], leads: &[L], zh: &str, en: &str) -> Option<Text> {
    let by = |s: &&LeadShift| s.st_new_mv.unwrap_or(0.0) - s.st_old_mv.unwrap_or(0.0);
    let most = shifts.iter().filter(|s| leads.contains(&s.lead)).max_by(|a, b| by(a).abs().total_cmp(&by(b).abs()))?;
    let mv = |v: Option<f64>| format!("{:.2}", v.unwrap_or(0.0) + 0.0).replace('-', "−");
    let named = named(leads);
    let (lead, both) = (&most.lead, format!("{} → {} mV", mv(most.st_old_mv), mv(most.st_new_mv)));
    Some(Text::of(
        format!("{named} 导联{zh}（{lead} 最明显：{both}）"),
        format!("{en} in {named} (most in {lead}: {both})"),
    ))
}

fn t(leads: &[L], zh: &str, en: &str) -> Option<Text> {
    let named = named(leads);
    (!leads.is_empty()).then(|| Text::of(format!("{named} 导联{zh}"), format!("{en} in {named}")))
}

fn named(leads: &[L]) -> String {
    leads.iter().map(L::as_str).collect::<Vec<_>>().join(" ")
}
