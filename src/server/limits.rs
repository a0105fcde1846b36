//! How often and how much: per address for what strangers may ask, and in bytes for uploads under way.

use super::problem::Problem;
use jiff::{SignedDuration, Timestamp};
use std::collections::BTreeMap;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, PoisonError};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// What is counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Counted {
    /// Log-ins.
    Login,
    /// Questions about verification codes.
    Verify,
}

impl Counted {
    /// Most in a minute from one address. A county hospital's readers may share one.
    const fn most(self) -> u32 {
        match self {
            Self::Login => 60,
            Self::Verify => 30,
        }
    }
}

/// Bytes of uploads held in memory at a time, KiB.
const UPLOADS_KIB: usize = 160 * 1024;
/// Longest request: one that is larger than all room could never be let in.
pub const LARGEST: usize = (UPLOADS_KIB - 1024) << 10;

/// Counts and budgets.
pub struct Limits {
    counts: Mutex<BTreeMap<(Counted, IpAddr), (Timestamp, u32)>>,
    uploads: Arc<Semaphore>,
    /// Signed reports are drawn by so many at a time.
    pub drawing: Semaphore,
}

impl Default for Limits {
    fn default() -> Self {
        Self { counts: Mutex::default(), uploads: Arc::new(Semaphore::new(UPLOADS_KIB)), drawing: Semaphore::new(4) }
    }
}

impl Limits {
    /// Counts one; a problem when there were too many in this minute.
    pub fn count(&self, what: Counted, from: IpAddr, now: Timestamp) -> Result<(), Problem> {
        let minute = SignedDuration::from_mins(1);
        let mut counts = self.counts.lock().unwrap_or_else(PoisonError::into_inner);
        if counts.len() > 10_000 {
            counts.retain(|_, (since, _)| now.duration_since(*since).abs() < minute);
        }
        let (since, n) = counts.entry((what, from)).or_insert((now, 0));
        if now.duration_since(*since).abs() >= minute {
            (*since, *n) = (now, 0); // also where the clock was set back
        }
        *n += 1;
        let left = (minute - now.duration_since(*since)).as_secs();
        if *n > what.most() { Err(Problem::new("too-many").after_s(left)) } else { Ok(()) }
    }

    /// Room for `bytes` more of an upload, given back when dropped; a problem when there is none: waiting for it could
    /// wait for ever, as others wait too.
    pub fn upload(&self, bytes: usize) -> Result<OwnedSemaphorePermit, Problem> {
        let kib = u32::try_from(bytes / 1024 + 1).unwrap_or(u32::MAX);
        Arc::clone(&self.uploads).try_acquire_many_owned(kib).map_err(|_| Problem::new("too-many").after_s(2))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn too_many_in_a_minute_are_refused_and_the_next_minute_is_new() {
        let limits = Limits::default();
        let home: IpAddr = [192, 0, 2, 1].into();
        let at = |s: i64| Timestamp::from_second(1_800_000_000 + s).unwrap();
        for n in 0..30 {
            assert!(limits.count(Counted::Verify, home, at(n)).is_ok(), "{n}");
        }
        assert!(limits.count(Counted::Verify, home, at(31)).is_err());
        assert!(limits.count(Counted::Verify, [192, 0, 2, 2].into(), at(31)).is_ok(), "another address");
        assert!(limits.count(Counted::Verify, home, at(60)).is_ok());
        for _ in 0..30 {
            let _ = limits.count(Counted::Verify, home, at(61));
        }
        assert!(limits.count(Counted::Verify, home, at(61)).is_err());
        assert!(limits.count(Counted::Verify, home, at(-86_400)).is_ok(), "the clock was set back by a day");
    }

    #[test]
    fn uploads_have_room_for_so_much_and_give_it_back() {
        let limits = Limits::default();
        let most = limits.upload((UPLOADS_KIB - 1) * 1024).unwrap();
        assert!(limits.upload(4096).is_err());
        drop(most);
        assert!(limits.upload(4096).is_ok());
    }
}
