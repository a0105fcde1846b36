//! How long original files are kept. Never deleted by themselves: a case becomes expired, an administrator deletes what
//! has expired, and signed reports stay.
//!
//! The floor is the administrator's to choose by law: in China outpatient records are kept 15 years from the last visit,
//! inpatient ones 30 years from the last discharge (电子病历应用管理规范（试行）, 2017, §19; 医疗机构管理条例实施细则 §53).

use super::{Case, CriticalStep, State};
use jiff::{Timestamp, ToSpan, Zoned};

/// The time before which a case is expired at `now` (in the centre's time zone); `None` where nothing expires.
pub fn cutoff(now: &Zoned, keep_years: Option<i64>) -> Option<Timestamp> {
    let years = keep_years.filter(|y| *y > 0)?;
    now.checked_sub(years.years()).ok().map(|zoned| zoned.timestamp())
}

/// Whether the originals of a case may go: its course has ended, no critical value is open, and the last that happened to
/// it (arrival, or the newest signature) lies before `cutoff`.
pub fn expired(case: &Case, alarm: Option<CriticalStep>, last: Timestamp, cutoff: Timestamp) -> bool {
    let ended = matches!(case.state, State::Reported | State::Refused { .. } | State::SetAside { .. });
    let open = matches!(alarm, Some(CriticalStep::Raised | CriticalStep::Acknowledged));
    ended && !open && last < cutoff
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_expires_unless_years_are_set_and_only_what_has_ended() {
        let now: Zoned = "2026-02-28T08:00:00+08:00[Asia/Shanghai]".parse().unwrap();
        assert_eq!(cutoff(&now, None), None);
        assert_eq!(cutoff(&now, Some(0)), None);
        let before = cutoff(&now, Some(15)).unwrap();
        assert_eq!(before, "2011-02-28T00:00:00Z".parse().unwrap());
        let (old, young) = ("2011-02-27T23:59:59Z".parse().unwrap(), before);
        let case = |state| Case { state, versions: 1, second: false };
        assert!(expired(&case(State::Reported), None, old, before));
        assert!(!expired(&case(State::Reported), None, young, before));
        assert!(expired(&case(State::Reported), Some(CriticalStep::Closed), old, before));
        for open in [CriticalStep::Raised, CriticalStep::Acknowledged] {
            assert!(!expired(&case(State::Reported), Some(open), old, before));
        }
        for open in [State::Received, State::Waiting { senior: false }, State::SecondWaiting { first: 1 }] {
            assert!(!expired(&case(open), None, old, before));
        }
    }
}
