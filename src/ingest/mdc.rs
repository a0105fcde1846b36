//! Codes that DICOM, HL7 aECG and SCP-ECG share: leads by ISO/IEEE 11073-10101 (partition 2; the numbers are those of
//! EN 1064 5.6.3), global measurements by reference identifier.

use crate::signal::LeadName;

/// A lead's number within partition 2, which is its SCP-ECG number.
#[rustfmt::skip]
const LEADS: [(u32, LeadName); 22] = [
    (1, LeadName::I), (2, LeadName::II), (61, LeadName::III), (62, LeadName::AvR), (63, LeadName::AvL), (64, LeadName::AvF),
    (3, LeadName::V1), (4, LeadName::V2), (5, LeadName::V3), (6, LeadName::V4), (7, LeadName::V5), (8, LeadName::V6),
    (9, LeadName::V7), (66, LeadName::V8), (67, LeadName::V9),
    (11, LeadName::V3R), (12, LeadName::V4R), (13, LeadName::V5R), (14, LeadName::V6R),
    (16, LeadName::X), (17, LeadName::Y), (18, LeadName::Z),
];

/// The lead of a number; the numbers of the potentials of electrodes (256 + n, `MDC_ECG_ELEC_POTL_…`) are the same leads.
pub fn lead(number: u32) -> Option<LeadName> {
    LEADS.iter().find(|(n, _)| *n == number % 256 && number < 512).map(|(_, l)| l.clone())
}

/// The number of a lead.
pub fn number(lead: &LeadName) -> Option<u32> {
    LEADS.iter().find(|(_, l)| l == lead).map(|(n, _)| *n)
}

/// The lead of a reference identifier (`MDC_ECG_LEAD_AVR`), or of what another maker writes in its place (`aVR`).
pub fn lead_by_name(code: &str) -> (LeadName, f32) {
    let name = code.trim();
    let short = name.strip_prefix("MDC_ECG_LEAD_").or_else(|| name.strip_prefix("MDC_ECG_ELEC_POTL_"));
    LeadName::parse(short.unwrap_or(name))
}

/// A global measurement that we have too.
pub struct Measure {
    /// Our name of it in JSON.
    pub name: &'static str,
    /// Unit, in UCUM.
    pub unit: &'static str,
    /// ISO/IEEE 11073-10101 reference identifier.
    pub mdc: &'static str,
    /// Code of scheme SCPECG as devices write it in DICOM; empty where none has been seen.
    pub scpecg: &'static str,
    /// Code meaning.
    pub meaning: &'static str,
}

/// The measurements that devices state, in a report's order. A `QTc` whose formula is not said is none of ours.
#[rustfmt::skip]
pub static MEASURES: [Measure; 11] = [
    Measure { name: "heart_rate_bpm", unit: "/min", mdc: "MDC_ECG_HEART_RATE", scpecg: "", meaning: "Ventricular Heart Rate" },
    Measure { name: "rr_ms", unit: "ms", mdc: "MDC_ECG_TIME_PD_RR", scpecg: "5.10.2.1-3", meaning: "RR Interval" },
    Measure { name: "p_duration_ms", unit: "ms", mdc: "MDC_ECG_TIME_PD_P", scpecg: "", meaning: "P Duration" },
    Measure { name: "pr_ms", unit: "ms", mdc: "MDC_ECG_TIME_PD_PR", scpecg: "5.13.5-7", meaning: "PR Interval" },
    Measure { name: "qrs_duration_ms", unit: "ms", mdc: "MDC_ECG_TIME_PD_QRS", scpecg: "5.13.5-9", meaning: "QRS Duration" },
    Measure { name: "qt_ms", unit: "ms", mdc: "MDC_ECG_TIME_PD_QT", scpecg: "5.13.5-11", meaning: "QT Interval" },
    Measure { name: "qtc_bazett_ms", unit: "ms", mdc: "MDC_ECG_TIME_PD_QTcB", scpecg: "", meaning: "QTc Interval Bazett" },
    Measure { name: "qtc_fridericia_ms", unit: "ms", mdc: "MDC_ECG_TIME_PD_QTcF", scpecg: "", meaning: "QTc Interval Fridericia" },
    Measure { name: "p_axis_deg", unit: "deg", mdc: "MDC_ECG_ANGLE_P_FRONT", scpecg: "5.10.3-11", meaning: "P Axis" },
    Measure { name: "qrs_axis_deg", unit: "deg", mdc: "MDC_ECG_ANGLE_QRS_FRONT", scpecg: "5.10.3-13", meaning: "QRS Axis" },
    Measure { name: "t_axis_deg", unit: "deg", mdc: "MDC_ECG_ANGLE_T_FRONT", scpecg: "5.10.3-15", meaning: "T Axis" },
];

impl Measure {
    /// The measurement that a code or, failing that, its meaning says.
    pub fn find(code: &str, meaning: &str) -> Option<&'static Self> {
        let plain = |s: &str| -> String {
            s.chars().filter(char::is_ascii_alphanumeric).collect::<String>().to_ascii_uppercase()
        };
        let said = plain(meaning);
        let said = match said.as_str() {
            "HEARTRATE" | "VENTRICULARRATE" | "RATE" | "VENTRATE" => "VENTRICULARHEARTRATE",
            "PQINTERVAL" => "PRINTERVAL",
            other => other,
        };
        let code = code.trim();
        MEASURES
            .iter()
            .find(|m| !code.is_empty() && (m.mdc.eq_ignore_ascii_case(code) || m.scpecg == code))
            .or_else(|| MEASURES.iter().find(|m| plain(m.meaning) == said))
    }

    /// The unit as we print it.
    pub fn printed(unit: &str) -> &str {
        match unit.trim() {
            "deg" => "°",
            "/min" | "{beats}/min" | "bpm" | "{H.B.}/min" | "/m" => "bpm",
            "uV" => "µV",
            other => other,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes() {
        assert_eq!((lead(62), lead(257), lead(600)), (Some(LeadName::AvR), Some(LeadName::I), None));
        assert_eq!(lead_by_name("MDC_ECG_LEAD_AVL").0, LeadName::AvL);
        assert_eq!(Measure::find("5.13.5-7", "").map(|m| m.name), Some("pr_ms"));
        assert_eq!(Measure::find("2:1", "QRS duration").map(|m| m.name), Some("qrs_duration_ms"));
        assert!(Measure::find("MDC_ECG_TIME_PD_QTc", "QTc Interval").is_none());
    }
}
