//! The order of the worklist: critical, chest pain, urgent, then the time left to the site's limit.

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

/// What the clinic said when it sent the ECG, and the site's limit.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Urgency {
    /// Chest pain now.
    pub chest_pain: bool,
    /// Marked urgent by the clinic.
    pub urgent: bool,
    /// Whether the preliminary findings hold a critical value.
    pub critical: bool,
    /// When it was received.
    pub received: Timestamp,
    /// How long a report may take: the site's limit for urgent or for routine ECGs.
    pub limit: SignedDuration,
}

/// Which of the groups of the worklist.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Priority {
    /// A critical value.
    Critical,
    /// Chest pain.
    ChestPain,
    /// Urgent.
    Urgent,
    /// All else.
    Routine,
}

impl Urgency {
    /// Its group.
    pub const fn priority(&self) -> Priority {
        match self {
            Self { critical: true, .. } => Priority::Critical,
            Self { chest_pain: true, .. } => Priority::ChestPain,
            Self { urgent: true, .. } => Priority::Urgent,
            _ => Priority::Routine,
        }
    }

    /// When the report is due.
    pub fn due(&self) -> Timestamp {
        self.received.checked_add(self.limit).unwrap_or(Timestamp::MAX)
    }

    /// Time left; negative = overdue.
    pub fn left(&self, now: Timestamp) -> SignedDuration {
        self.due().duration_since(now)
    }
}

/// Place in the worklist, least first: the group, then who is due first. It does not depend on the present time, so a
/// database can keep it sorted.
pub fn place(urgency: &Urgency) -> (Priority, Timestamp) {
    (urgency.priority(), urgency.due())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_late_routine_case_stays_behind_chest_pain() {
        let base = Urgency {
            chest_pain: false,
            urgent: false,
            critical: false,
            received: Timestamp::from_second(1_800_000_000).unwrap(),
            limit: SignedDuration::from_mins(30),
        };
        let later = |m: i64| base.received.checked_add(SignedDuration::from_mins(m)).unwrap();
        let mut cases = [
            Urgency { received: later(50), ..base.clone() },
            Urgency { urgent: true, received: later(60), limit: SignedDuration::from_mins(10), ..base.clone() },
            base.clone(),
            Urgency { critical: true, received: later(90), ..base.clone() },
            Urgency { chest_pain: true, urgent: true, received: later(80), ..base.clone() },
        ];
        cases.sort_by_key(place);
        let order: Vec<_> = cases.iter().map(Urgency::priority).collect();
        let routine = [Priority::Routine, Priority::Routine];
        assert_eq!(order[..3], [Priority::Critical, Priority::ChestPain, Priority::Urgent]);
        assert_eq!(order[3..], routine);
        assert_eq!(cases[3].received, base.received, "first due, first read");
        assert!(base.left(later(40)) < SignedDuration::ZERO);
    }
}
