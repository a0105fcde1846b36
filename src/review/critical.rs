//! The loop of a critical value (危急值): raised → the clinic is notified → it acknowledges → what was done is recorded →
//! closed. Every step is timed, and a limit that has passed is visible to everyone on duty.

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

/// How long the steps may take.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CriticalLimits {
    /// From raised to the clinic's acknowledgement; the default of the 2017 Chinese consensus as widely reproduced.
    pub acknowledge: SignedDuration,
    /// From acknowledged to what was done.
    pub dispose: SignedDuration,
}

impl Default for CriticalLimits {
    fn default() -> Self {
        Self { acknowledge: SignedDuration::from_mins(10), dispose: SignedDuration::from_mins(30) }
    }
}

/// A step of the loop.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum CriticalStep {
    /// A critical value was found; the clinic rings until it is acknowledged.
    Raised,
    /// The clinic knows.
    Acknowledged,
    /// What was done is recorded, and so the loop is closed.
    Closed,
    /// A physician found that it is none.
    Withdrawn,
}

/// One critical value on its way.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CriticalLoop {
    /// When it was raised.
    pub raised: Timestamp,
    /// When the clinic acknowledged, and who did.
    pub acknowledged: Option<(Timestamp, i64)>,
    /// When what was done was recorded, by whom, and what it was.
    pub disposed: Option<(Timestamp, i64, String)>,
    /// When a physician withdrew it, and who did.
    pub withdrawn: Option<(Timestamp, i64)>,
}

impl CriticalLoop {
    /// A loop that begins.
    pub const fn raise(now: Timestamp) -> Self {
        Self { raised: now, acknowledged: None, disposed: None, withdrawn: None }
    }

    /// Where it stands.
    pub const fn step(&self) -> CriticalStep {
        match self {
            Self { disposed: Some(_), .. } => CriticalStep::Closed,
            Self { withdrawn: Some(_), .. } => CriticalStep::Withdrawn,
            Self { acknowledged: Some(_), .. } => CriticalStep::Acknowledged,
            _ => CriticalStep::Raised,
        }
    }

    /// The clinic acknowledges. The first acknowledgement counts; a second click changes nothing.
    #[must_use]
    pub fn acknowledge(mut self, now: Timestamp, by: i64) -> Self {
        if self.step() == CriticalStep::Raised {
            self.acknowledged = Some((now, by));
        }
        self
    }

    /// Records what was done; it acknowledges too where nobody had. `None` when `what` says nothing or it is over.
    pub fn dispose(self, now: Timestamp, by: i64, what: &str) -> Option<Self> {
        let mut next = self.acknowledge(now, by);
        if what.trim().is_empty() || next.step() != CriticalStep::Acknowledged {
            return None;
        }
        next.disposed = Some((now, by, what.trim().to_owned()));
        Some(next)
    }

    /// A physician says that it is no critical value. `None` when it is over.
    pub fn withdraw(mut self, now: Timestamp, by: i64) -> Option<Self> {
        if self.step() > CriticalStep::Acknowledged {
            return None;
        }
        self.withdrawn = Some((now, by));
        Some(self)
    }

    /// How long past its limit the present step is; `None` within it. A clock set back counts as no time passed.
    pub fn overdue(&self, now: Timestamp, limits: &CriticalLimits) -> Option<SignedDuration> {
        let (since, limit) = match self.step() {
            CriticalStep::Raised => (self.raised, limits.acknowledge),
            CriticalStep::Acknowledged => (self.acknowledged.map_or(self.raised, |(at, _)| at), limits.dispose),
            CriticalStep::Closed | CriticalStep::Withdrawn => return None,
        };
        let over = now.duration_since(since) - limit;
        (over > SignedDuration::ZERO).then_some(over)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(minute: i64) -> Timestamp {
        Timestamp::from_second(1_800_000_000 + minute * 60).unwrap()
    }

    #[test]
    fn it_does_not_rest_until_it_is_closed() {
        let limits = CriticalLimits::default();
        let raised = CriticalLoop::raise(at(0));
        assert_eq!(raised.overdue(at(10), &limits), None);
        assert_eq!(raised.overdue(at(12), &limits), Some(SignedDuration::from_mins(2)));
        assert_eq!(raised.overdue(at(-60), &limits), None, "the clock was set back");
        let acknowledged = raised.acknowledge(at(12), 7).acknowledge(at(20), 8);
        assert_eq!(acknowledged.acknowledged, Some((at(12), 7)));
        assert_eq!(acknowledged.overdue(at(43), &limits), Some(SignedDuration::from_mins(1)));
        assert!(acknowledged.clone().dispose(at(44), 7, " ").is_none());
        let closed = acknowledged.dispose(at(44), 7, "120 已转诊").unwrap();
        assert_eq!((closed.step(), closed.overdue(at(900), &limits)), (CriticalStep::Closed, None));
        assert!(closed.withdraw(at(901), 1).is_none(), "what is closed stays closed");
    }
}
