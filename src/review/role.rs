//! Who may do what: one table, asked by every route.

use crate::text::{Text, text};
use serde::{Deserialize, Serialize};

/// What a person is at the centre. One person has one role.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Role {
    /// Records ECGs and gets the reports of its own site.
    Clinic,
    /// Reads and signs.
    Reader,
    /// Reads, signs, reads second and takes over.
    SeniorReader,
    /// Sees how well the centre works; changes no case.
    QualityOfficer,
    /// Runs the centre; reads no ECG.
    Administrator,
}

impl Role {
    /// Every role.
    pub const ALL: [Self; 5] =
        [Self::Clinic, Self::Reader, Self::SeniorReader, Self::QualityOfficer, Self::Administrator];

    /// As printed.
    pub const fn text(self) -> Text {
        match self {
            Self::Clinic => text("采集单位", "Clinic"),
            Self::Reader => text("诊断医师", "Reader"),
            Self::SeniorReader => text("审核医师", "Senior reader"),
            Self::QualityOfficer => text("质控员", "Quality officer"),
            Self::Administrator => text("管理员", "Administrator"),
        }
    }
}

/// Something that can be done at the centre.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Act {
    /// Send an ECG with what the clinic knows of the patient.
    Upload,
    /// See cases of the sites in one's reach, their ECG and reports.
    SeeCases,
    /// See the readers' worklist.
    SeeWorklist,
    /// Claim, edit, refuse, sign and amend.
    Read,
    /// Read second, take a case from another reader.
    ReadSecond,
    /// Acknowledge a critical value and record what was done.
    Acknowledge,
    /// See indicators, blind re-reading, exports for the office.
    SeeQuality,
    /// Sites, people, keys, limits, texts, back-up, re-analysis, audit.
    Administer,
}

impl Act {
    /// Every act.
    pub const ALL: [Self; 8] = [
        Self::Upload,
        Self::SeeCases,
        Self::SeeWorklist,
        Self::Read,
        Self::ReadSecond,
        Self::Acknowledge,
        Self::SeeQuality,
        Self::Administer,
    ];
}

/// Whether a role allows an act; in which sites is another question (`store`'s site tree answers it).
pub const fn may(role: Role, act: Act) -> bool {
    use {Act as A, Role as R};
    match act {
        A::Upload | A::Acknowledge => matches!(role, R::Clinic),
        A::SeeCases => !matches!(role, R::Administrator),
        A::SeeWorklist | A::Read => matches!(role, R::Reader | R::SeniorReader),
        A::ReadSecond => matches!(role, R::SeniorReader),
        A::SeeQuality => matches!(role, R::QualityOfficer),
        A::Administer => matches!(role, R::Administrator),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nobody_both_reads_and_runs_the_centre() {
        for role in Role::ALL {
            assert!(!(may(role, Act::Read) && may(role, Act::Administer)), "{role:?}");
            assert!(!(may(role, Act::Upload) && may(role, Act::Read)), "{role:?}");
        }
        assert!(Act::ALL.iter().all(|act| Role::ALL.iter().any(|role| may(*role, *act))), "an act nobody may do");
    }
}
