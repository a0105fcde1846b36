//! Lead names and the spellings found in the wild.

use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::fmt;
use std::sync::Arc;

/// An ECG lead. The derived order is the order of a report: limb, augmented, precordial, further, named.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[allow(missing_docs)] // the variants are the leads' own names
#[rustfmt::skip]
pub enum LeadName {
    I, II, III, AvR, AvL, AvF, V1, V2, V3, V4, V5, V6, V7, V8, V9, V3R, V4R, V5R, V6R, X, Y, Z,
    /// A lead outside the standard set, by its name in the file (`MLII`, `ECG`, …).
    Other(Arc<str>),
}

impl LeadName {
    /// The standard twelve, in order.
    #[rustfmt::skip]
    pub const TWELVE: [Self; 12] = [
        Self::I, Self::II, Self::III, Self::AvR, Self::AvL, Self::AvF,
        Self::V1, Self::V2, Self::V3, Self::V4, Self::V5, Self::V6,
    ];

    /// Every name but `Other`, with its printed form.
    #[rustfmt::skip]
    const NAMED: [(Self, &'static str); 22] = [
        (Self::I, "I"), (Self::II, "II"), (Self::III, "III"), (Self::AvR, "aVR"), (Self::AvL, "aVL"), (Self::AvF, "aVF"),
        (Self::V1, "V1"), (Self::V2, "V2"), (Self::V3, "V3"), (Self::V4, "V4"), (Self::V5, "V5"), (Self::V6, "V6"),
        (Self::V7, "V7"), (Self::V8, "V8"), (Self::V9, "V9"),
        (Self::V3R, "V3R"), (Self::V4R, "V4R"), (Self::V5R, "V5R"), (Self::V6R, "V6R"),
        (Self::X, "X"), (Self::Y, "Y"), (Self::Z, "Z"),
    ];

    /// Normalises a label: case, `ECG`/`Lead`/`EKG` around it, `C1` for `V1`, `-aVR` for an inverted aVR, Frank's
    /// `VX`, Roman numerals as digits. The second value is −1 where the label says that the lead is inverted.
    pub fn parse(label: &str) -> (Self, f32) {
        let trimmed = label.trim();
        let mut core = trimmed.to_uppercase();
        for noise in
            ["ECG", "EKG", "LEAD", "DERIVATION", "CHANNEL", "(MV)", "(UV)", "[MV]", "[UV]", "_MV", "_UV", "导联"]
        {
            core = core.replace(noise, " ");
        }
        let core: String = core.chars().filter(|c| c.is_ascii_alphanumeric() || *c == '-').collect();
        let (sign, body) = match core.strip_prefix('-') {
            Some(rest) => (-1.0, rest.to_string()),
            None => (1.0, core.replace('-', "")),
        };
        // `ECG1` and `CHANNEL 2` number the signals of a Holter or monitor and say nothing of electrodes.
        let numbered = body.chars().all(|c| c.is_ascii_digit())
            && ["ECG", "EKG", "CHANNEL"].iter().any(|word| trimmed.to_uppercase().contains(word));
        if numbered && !body.is_empty() {
            return (Self::Other(Arc::from(trimmed)), 1.0);
        }
        let body = match body.as_str() {
            "1" | "DI" | "D1" | "L1" | "LI" => "I",
            "2" | "DII" | "D2" | "L2" | "LII" => "II",
            "3" | "DIII" | "D3" | "L3" | "LIII" => "III",
            "VR" | "AVRNEG" => "AVR",
            "VL" => "AVL",
            "VF" => "AVF",
            "VX" => "X",
            "VY" => "Y",
            "VZ" => "Z",
            other => other,
        };
        let precordial =
            body.strip_prefix('C').filter(|r| r.starts_with(|c: char| c.is_ascii_digit())).map(|r| format!("V{r}"));
        let body = precordial.as_deref().unwrap_or(body);
        let named = Self::NAMED.iter().find(|(_, n)| n.eq_ignore_ascii_case(body));
        match named {
            Some((lead, _)) => (lead.clone(), sign),
            None => (Self::Other(Arc::from(if trimmed.is_empty() { "?" } else { trimmed })), 1.0),
        }
    }

    /// The name as printed.
    pub fn as_str(&self) -> &str {
        match self {
            Self::Other(name) => name,
            known => Self::NAMED.iter().find(|(l, _)| l == known).map_or("?", |(_, n)| n),
        }
    }

    /// Whether it is one of the twelve.
    pub fn is_standard(&self) -> bool {
        *self <= Self::V6
    }

    /// Whether it is I, II, III, aVR, aVL or aVF.
    pub fn is_limb(&self) -> bool {
        *self <= Self::AvF
    }

    /// Whether it is V1 … V6.
    pub fn is_precordial(&self) -> bool {
        *self >= Self::V1 && *self <= Self::V6
    }
}

impl fmt::Display for LeadName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

impl Serialize for LeadName {
    fn serialize<S: Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
        s.serialize_str(self.as_str())
    }
}

/// The printed form only: no other spelling is normalised here.
impl<'de> Deserialize<'de> for LeadName {
    fn deserialize<D: Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
        let label = String::deserialize(d)?;
        let named = Self::NAMED.iter().find(|(_, n)| *n == label).map(|(lead, _)| lead.clone());
        Ok(named.unwrap_or_else(|| Self::Other(label.into())))
    }
}

#[cfg(test)]
mod tests {
    use super::LeadName as L;

    #[test]
    fn spellings_in_the_wild() {
        for (label, lead) in
            [("ECG I", L::I), ("avr", L::AvR), ("Lead II", L::II), ("C4", L::V4), ("vx", L::X), ("V3R", L::V3R)]
        {
            assert_eq!(L::parse(label), (lead, 1.0), "{label}");
        }
        assert_eq!(L::parse("-aVR"), (L::AvR, -1.0));
        for label in ["MLII", "ECG1", "ECG 2", "Channel 3"] {
            assert_eq!(L::parse(label).0.as_str(), label);
        }
        assert_eq!(L::parse("Lead 1").0, L::I);
    }
}
