//! Units of voltage as files write them, and which signals are no ECG.

/// Millivolts of one `unit`; `None` when it is no voltage (`NU`, `mmHg`, `adu`, `%` …).
pub fn millivolts(unit: &str) -> Option<f64> {
    // U+00B5 and U+03BC are both in use for the micro sign.
    let unit = unit.trim().trim_matches(['(', ')', '[', ']']).replace(['µ', 'μ'], "u").to_ascii_lowercase();
    match unit.as_str() {
        "mv" | "millivolt" | "millivolts" | "毫伏" => Some(1.0),
        "uv" | "microvolt" | "microvolts" | "微伏" => Some(1e-3),
        "nv" | "nanovolt" | "nanovolts" | "纳伏" => Some(1e-6),
        "v" | "volt" | "volts" | "伏" => Some(1e3),
        _ => None,
    }
}

/// Words that name another signal than an ECG, however it is scaled; compared with whole words of a label.
const OTHERS: [&str; 36] = [
    "resp",
    "respiration",
    "respiratory",
    "impedance",
    "rr",
    "pleth",
    "ppg",
    "spo2",
    "sao2",
    "co2",
    "etco2",
    "abp",
    "art",
    "bp",
    "nibp",
    "ibp",
    "cvp",
    "pap",
    "icp",
    "eeg",
    "eog",
    "emg",
    "gsr",
    "temp",
    "temperature",
    "airflow",
    "flow",
    "snore",
    "thorax",
    "abdomen",
    "position",
    "acc",
    "gyro",
    "event",
    "marker",
    "呼吸",
];

/// Whether a signal's label says that it is no ECG, though its unit may be a voltage.
pub fn no_ecg(label: &str) -> bool {
    let label = label.to_lowercase();
    label.split(|c: char| !c.is_alphanumeric()).any(|word| OTHERS.contains(&word))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn units_and_labels() {
        assert_eq!(millivolts("mv"), Some(1.0));
        assert_eq!((millivolts("µV"), millivolts("μV"), millivolts("[uV]")), (Some(1e-3), Some(1e-3), Some(1e-3)));
        assert_eq!((millivolts("NU"), millivolts("mmHg"), millivolts("")), (None, None, None));
        assert!(no_ecg("RESP") && no_ecg("EEG Fpz-Cz") && no_ecg("Resp oro-nasal"));
        assert!(!no_ecg("ECG I") && !no_ecg("MCL1") && !no_ecg("aVR") && !no_ecg("sig 0, fmt 8"));
    }
}
