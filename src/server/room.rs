//! Room on the centre's own disk. What was acknowledged takes room again, for its analysis, audit and report: uploads are
//! refused while there is still enough for that, and the administrator is told before it comes to it.

use super::App;
use super::problem::{Answer, Problem};
use crate::text::text;
use serde::Serialize;
use std::path::Path;

/// Room, in bytes.
#[derive(Clone, Copy, Debug)]
pub struct Room {
    /// What is free on the fullest of the disks that the centre keeps things on.
    pub free: u64,
    /// What is kept back for what was accepted.
    pub reserve: u64,
}

/// How much that is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Enough {
    /// All is well.
    Ok,
    /// Less than twice the reserve is free: soon uploads will be refused.
    Low,
    /// Uploads are refused.
    None,
}

impl Room {
    /// Whether the reserve stays whole when so many bytes come in.
    pub const fn holds(self, bytes: u64) -> bool {
        self.free >= self.reserve.saturating_add(bytes)
    }

    /// How much it is.
    pub const fn enough(self) -> Enough {
        if !self.holds(0) {
            Enough::None
        } else if !self.holds(self.reserve) {
            Enough::Low
        } else {
            Enough::Ok
        }
    }
}

/// Bytes that may be written on the disk of `folder`; `None` where that cannot be told.
#[cfg(unix)]
fn free(folder: &Path) -> Option<u64> {
    let disk = rustix::fs::statvfs(folder).ok()?;
    Some(disk.f_bavail.saturating_mul(disk.f_frsize))
}

#[cfg(not(unix))]
fn free(_: &Path) -> Option<u64> {
    None
}

/// The room there is; `None` where nothing is kept on this machine or it cannot be told.
pub async fn room(app: &App) -> Answer<Option<Room>> {
    let reserve = app.store().settings().await?.reserve_mb << 20;
    let disks = app.clone();
    // A disk of a network that hangs must not hold up others.
    let free = tokio::task::spawn_blocking(move || disks.inner.folders.iter().filter_map(|f| free(f)).min());
    let free = free.await.map_err(|_| Problem::new("internal"))?;
    Ok(free.map(|free| Room { free, reserve }))
}

/// Refuses what would take of the reserve.
pub async fn demand(app: &App, bytes: u64) -> Answer<()> {
    if room(app).await?.is_none_or(|room| room.holds(bytes)) {
        return Ok(());
    }
    Err(Problem::new("full").because(text(
        "剩余空间须留给已接收的心电图",
        "the room that is left is kept for the ECGs that were accepted before",
    )))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_reserve_is_kept_and_low_room_is_said_before() {
        let room = |free| Room { free, reserve: 100 };
        let enough: Vec<Enough> = [99, 100, 199, 200].map(|free| room(free).enough()).to_vec();
        assert_eq!(enough, [Enough::None, Enough::Low, Enough::Low, Enough::Ok]);
        assert!(room(150).holds(50) && !room(150).holds(51));
        assert_eq!(Room { free: 0, reserve: 0 }.enough(), Enough::Ok, "nothing is kept back");
    }

    #[cfg(unix)]
    #[test]
    fn what_is_free_is_told() {
        assert!(free(&std::env::temp_dir()).is_some());
        assert_eq!(free(Path::new("/nowhere/at/all")), None);
    }
}
