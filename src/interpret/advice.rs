//! What to do, by statement: the lines that Chinese primary care expects beside the findings. One table, so that a
//! centre can review it; a report prints each line once.

use super::{Alarm, Finding, Severity, Tier, Verdict};
use crate::text::{Text, text};

/// Emergency.
pub const AT_ONCE: Text =
    text("危急值，请立即联系临床并处置", "Critical value: contact the treating physician at once");
/// Referral.
pub const REFER: Text = text("建议到上级医院复查", "Review at a higher-level hospital advised");
/// Holter.
pub const HOLTER: Text = text("建议动态心电图检查", "Ambulatory ECG (Holter) advised");
/// Repeat for noise.
pub const REPEAT: Text = text("信号存在干扰，请重新采集", "Interference in the signal: please record again");
/// Electrodes.
pub const ELECTRODES: Text = text("请核对导联连接", "Please check electrode placement");
/// Serial ECG.
pub const SERIAL: Text = text("建议动态观察心电图变化", "Serial ECGs advised");
/// Posterior leads.
pub const POSTERIOR: Text = text("建议加做V7–V9导联", "Record leads V7 to V9");
/// Right-sided leads.
pub const RIGHT_SIDED: Text = text("建议加做V3R–V5R导联", "Record right-sided leads V3R to V5R");
/// Electrolytes.
pub const ELECTROLYTES: Text = text("建议检查血电解质", "Check serum electrolytes");
/// Echo.
pub const ECHO: Text = text("建议超声心动图检查", "Echocardiography advised");
/// Device check.
pub const DEVICE: Text = text("建议起搏器程控检查", "Pacemaker check advised");
/// Clinic.
pub const CLINICAL: Text = text("请结合临床", "Correlate clinically");

/// Advice by statement id; a trailing `-` stands for every id that starts so.
pub static TABLE: &[(&str, &[Text])] = &[
    ("arm-electrode-reversal", &[ELECTRODES]),
    ("leg-arm-electrode-reversal", &[ELECTRODES]),
    ("left-arm-left-leg-electrode-reversal", &[ELECTRODES]),
    ("precordial-electrode-reversal", &[ELECTRODES]),
    ("high-precordial-electrodes", &[ELECTRODES]),
    ("dextrocardia", &[ELECTRODES, ECHO]),
    ("lead-off", &[ELECTRODES]),
    ("no-qrs-found", &[REPEAT]),
    ("uninterpretable", &[REPEAT]),
    ("poor-data-quality", &[REPEAT]),
    ("atrial-fibrillation", &[REFER]),
    ("atrial-fibrillation-", &[REFER]),
    ("atrial-flutter", &[REFER]),
    ("atrial-flutter-", &[REFER]),
    ("supraventricular-tachycardia", &[REFER]),
    ("sinus-pause", &[HOLTER]),
    ("pause", &[HOLTER]),
    ("sinoatrial-block-second-degree", &[HOLTER]),
    ("marked-sinus-bradycardia", &[HOLTER]),
    ("frequent-ventricular-premature-beats", &[HOLTER]),
    ("multiform-ventricular-premature-beats", &[HOLTER]),
    ("ventricular-couplets", &[HOLTER]),
    ("ventricular-bigeminy", &[HOLTER]),
    ("nonsustained-ventricular-tachycardia", &[HOLTER, ECHO]),
    ("atrial-run", &[HOLTER]),
    ("wenckebach", &[HOLTER]),
    ("mobitz-ii", &[REFER, HOLTER]),
    ("av-block-2-1", &[REFER, HOLTER]),
    ("high-grade-av-block", &[REFER]),
    ("complete-av-block", &[REFER]),
    ("left-bundle-branch-block", &[ECHO]),
    ("bifascicular-with-first-degree", &[HOLTER]),
    ("preexcitation", &[REFER]),
    ("preexcitation-", &[REFER]),
    ("lvh", &[ECHO]),
    ("lvh-", &[ECHO]),
    ("right-ventricular-hypertrophy", &[ECHO]),
    ("stemi-inferior", &[RIGHT_SIDED]),
    ("stemi-posterior", &[POSTERIOR]),
    ("posterior-infarct", &[POSTERIOR]),
    ("acute-ischemia", &[SERIAL, REFER]),
    ("st-elevation", &[SERIAL]),
    ("wellens", &[REFER]),
    ("t-inversion-", &[CLINICAL]),
    ("nonspecific-", &[CLINICAL]),
    ("hyperkalemia", &[ELECTROLYTES]),
    ("hypokalemia", &[ELECTROLYTES]),
    ("hypocalcemia", &[ELECTROLYTES]),
    ("hypercalcemia", &[ELECTROLYTES]),
    ("long-qt", &[ELECTROLYTES, CLINICAL]),
    ("brugada-type-1", &[REFER]),
    ("failure-to-", &[DEVICE]),
];

/// The advice for a report, in the table's order, each line once.
pub fn advice(findings: &[Finding], alarms: &[Alarm], verdict: Verdict) -> Vec<Text> {
    let mut lines = Vec::new();
    if alarms.iter().any(|a| a.tier == Tier::Critical) {
        lines.push(AT_ONCE);
    }
    let hits = |key: &str, id: &str| if key.ends_with('-') { id.starts_with(key) } else { id == key };
    for (key, texts) in TABLE {
        if findings.iter().any(|f| hits(key, f.rule.id)) {
            lines.extend(texts.iter().cloned());
        }
    }
    let abnormal = findings.iter().any(|f| f.rule.severity >= Severity::Abnormal);
    if abnormal && verdict != Verdict::Uninterpretable && lines.is_empty() {
        lines.push(CLINICAL);
    }
    let mut once = Vec::new();
    lines.retain(|l| {
        !once.contains(l) && {
            once.push(l.clone());
            true
        }
    });
    lines
}
