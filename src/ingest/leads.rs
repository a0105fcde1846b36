//! Leads that follow from others: III, aVR, aVL and aVF from I and II (Einthoven 1912, Goldberger 1942).

use crate::signal::{LeadName, Recording};
use crate::text::text;
use ndarray::{Array1, Axis};

/// Mean disagreement of I + III with II above which the limb leads are doubted, as a part of II's mean deflection.
/// Rounding of a 5 µV device stays below 0.05.
const EINTHOVEN_TOLERANCE: f32 = 0.2;

/// Adds the missing ones of III, aVR, aVL, aVF where I and II are recorded, puts the leads in report order, and
/// checks Einthoven's law where all three limb leads were recorded.
pub fn complete(recording: &mut Recording) {
    check_einthoven(recording);
    limb_lead(recording);
    let (Some(one), Some(two)) = (owned(recording, &LeadName::I), owned(recording, &LeadName::II)) else {
        return;
    };
    let derived = [
        (LeadName::III, &two - &one),
        (LeadName::AvR, (&one + &two) * -0.5),
        (LeadName::AvL, &one - &(&two * 0.5)),
        (LeadName::AvF, &two - &(&one * 0.5)),
    ];
    for (lead, samples) in derived {
        if !recording.leads.contains(&lead) && recording.samples.push_row(samples.view()).is_ok() {
            recording.leads.push(lead.clone());
            recording.derived.push(lead);
        }
    }
    sort(recording);
}

/// Adds I or II where the other and III are recorded (the ECG90A stores II and III).
fn limb_lead(recording: &mut Recording) {
    let three = owned(recording, &LeadName::III);
    let (lead, samples) = match (owned(recording, &LeadName::I), owned(recording, &LeadName::II), three) {
        (None, Some(two), Some(three)) => (LeadName::I, two - three),
        (Some(one), None, Some(three)) => (LeadName::II, one + three),
        _ => return,
    };
    if recording.samples.push_row(samples.view()).is_ok() {
        recording.leads.push(lead.clone());
        recording.derived.push(lead);
    }
}

/// Normalises the labels of a file's signals. A lead that occurs twice keeps its plain name once; the others become
/// `Other("II #2")`. The number is −1 where a label says that its lead is inverted.
pub fn name_leads(labels: &[&str]) -> Vec<(LeadName, f32)> {
    let mut named: Vec<(LeadName, f32)> = Vec::with_capacity(labels.len());
    for label in labels {
        let (lead, sign) = LeadName::parse(label);
        let taken = |l: &LeadName, named: &[(LeadName, f32)]| named.iter().any(|(n, _)| n == l);
        let mut unique = lead.clone();
        let mut count = 2;
        while taken(&unique, &named) {
            unique = LeadName::Other(format!("{lead} #{count}").into());
            count += 1;
        }
        named.push((unique, sign));
    }
    named
}

fn owned(recording: &Recording, lead: &LeadName) -> Option<Array1<f32>> {
    recording.lead(lead).map(|row| row.to_owned())
}

fn sort(recording: &mut Recording) {
    let mut order: Vec<usize> = (0..recording.leads.len()).collect();
    order.sort_by(|&a, &b| recording.leads[a].cmp(&recording.leads[b]));
    if order.is_sorted() {
        return;
    }
    recording.samples = recording.samples.select(Axis(0), &order);
    recording.leads = order.iter().map(|&i| recording.leads[i].clone()).collect();
}

fn check_einthoven(recording: &mut Recording) {
    let (Some(one), Some(two), Some(three)) =
        (recording.lead(&LeadName::I), recording.lead(&LeadName::II), recording.lead(&LeadName::III))
    else {
        return;
    };
    let mean = |v: &Array1<f32>| v.iter().filter(|x| x.is_finite()).sum::<f32>() / v.len().max(1) as f32;
    let residual = &one + &three - two;
    let deflection = mean(&(&two - mean(&two.to_owned())).mapv(f32::abs));
    // A constant offset is the amplifier's, not the law's.
    let disagreement = mean(&(&residual - mean(&residual)).mapv(f32::abs));
    if disagreement > EINTHOVEN_TOLERANCE * deflection.max(0.02) {
        let note = text(
            "I、II、III 导联不满足艾因特霍芬定律（I + III = II）：导联标记或增益可能有误",
            "leads I, II and III break Einthoven's law (I + III = II): a label or a gain may be wrong",
        );
        if !recording.notes.contains(&note) {
            recording.notes.push(note);
        }
    }
}
