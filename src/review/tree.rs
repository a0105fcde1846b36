//! The tree of sites: where a site may be moved, and when one may be closed or opened. A place is the chain of keys from
//! the top, `/1/4/`.

use crate::text::{Text, text};

/// A site's place in the tree.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Place<'a> {
    /// Keys from the top to itself, each followed by a slash.
    pub path: &'a str,
    /// Whether it may send.
    pub active: bool,
}

/// Why a site stays where, or what, it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Misplaced {
    /// The top has nothing above it.
    Top,
    /// It would hang below itself.
    BelowItself,
    /// A closed site takes no open one under it.
    ClosedAbove,
    /// Sites below it are still open.
    OpenBelow,
}

impl Misplaced {
    /// As said to the administrator.
    pub const fn text(self) -> Text {
        match self {
            Self::Top => text("最上级单位不能移动", "the top site cannot be moved"),
            Self::BelowItself => {
                text("不能移到本单位或其下级单位之下", "a site cannot be moved below itself or a site of its own")
            }
            Self::ClosedAbove => {
                text("上级单位已停用，请先启用上级单位", "the site above is closed: open that one first")
            }
            Self::OpenBelow => {
                text("仍有下级单位在用，请先停用下级单位", "sites below it are still open: close those first")
            }
        }
    }
}

/// The path above; empty at the top.
fn above(path: &str) -> &str {
    let inner = path.trim_end_matches('/');
    inner.rfind('/').map_or("", |at| &path[..=at])
}

/// The path of `site` once it is moved under `parent`; those below it keep what follows its old path.
pub fn moved(site: Place<'_>, parent: Place<'_>) -> Result<String, Misplaced> {
    let from = above(site.path);
    if from.len() <= 1 {
        return Err(Misplaced::Top);
    }
    if parent.path.starts_with(site.path) {
        return Err(Misplaced::BelowItself);
    }
    if site.active && !parent.active {
        return Err(Misplaced::ClosedAbove);
    }
    Ok(format!("{}{}", parent.path, &site.path[from.len()..]))
}

/// Whether the site at `path` may be closed, or opened (`active`), among `all` sites.
pub fn switched(path: &str, active: bool, all: &[Place<'_>]) -> Result<(), Misplaced> {
    let mut others = all.iter().filter(|p| p.path != path);
    if active && others.clone().any(|p| path.starts_with(p.path) && !p.active) {
        return Err(Misplaced::ClosedAbove);
    }
    if !active && others.any(|p| p.path.starts_with(path) && p.active) {
        return Err(Misplaced::OpenBelow);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    const fn open(path: &str) -> Place<'_> {
        Place { path, active: true }
    }
    const fn closed(path: &str) -> Place<'_> {
        Place { path, active: false }
    }

    #[test]
    fn a_site_moves_with_what_is_below_it_and_never_below_itself() {
        assert_eq!(moved(open("/1/4/9/"), open("/1/5/")).as_deref(), Ok("/1/5/9/"));
        assert_eq!(moved(open("/1/4/"), open("/1/41/")).as_deref(), Ok("/1/41/4/"), "a key is not a prefix of another");
        assert_eq!(moved(open("/1/"), open("/1/4/")), Err(Misplaced::Top));
        for below in ["/1/4/", "/1/4/9/"] {
            assert_eq!(moved(open("/1/4/"), open(below)), Err(Misplaced::BelowItself));
        }
        assert_eq!(moved(open("/1/4/"), closed("/1/5/")), Err(Misplaced::ClosedAbove));
        assert!(moved(closed("/1/4/"), closed("/1/5/")).is_ok(), "what is closed may hang below what is closed");
    }

    #[test]
    fn the_last_open_one_below_keeps_a_site_open() {
        let all = [open("/1/"), open("/1/4/"), closed("/1/4/9/"), open("/1/41/")];
        assert_eq!(switched("/1/4/", false, &all), Ok(()));
        assert_eq!(switched("/1/", false, &all), Err(Misplaced::OpenBelow));
        assert_eq!(switched("/1/4/9/", true, &all), Ok(()));
        let all = [open("/1/"), closed("/1/4/"), closed("/1/4/9/")];
        assert_eq!(switched("/1/4/9/", true, &all), Err(Misplaced::ClosedAbove));
    }
}
