//! Which sites a person sees: the own one and all below it, as a stretch of site paths (`/1/4/` holds `/1/4/9/`).

/// A stretch of site paths.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reach {
    path: String,
}

impl Reach {
    /// The site at `path` and all below it.
    pub fn below(path: impl Into<String>) -> Self {
        Self { path: path.into() }
    }

    /// Whether a site at `path` is in it.
    pub fn holds(&self, path: &str) -> bool {
        path.starts_with(&self.path)
    }

    /// First path in it.
    pub fn from(&self) -> &str {
        &self.path
    }

    /// First path after it: `0` follows `/` in bytewise order.
    pub fn to(&self) -> String {
        let mut to = self.path.clone();
        if to.pop().is_some() {
            to.push('0');
        }
        to
    }
}

#[cfg(test)]
mod tests {
    use super::Reach;

    #[test]
    fn the_stretch_is_what_begins_with_the_path() {
        let reach = Reach::below("/1/4/");
        for (path, within) in [("/1/4/", true), ("/1/4/9/", true), ("/1/", false), ("/1/41/", false), ("/1/5/", false)]
        {
            assert_eq!(reach.holds(path), within, "{path}");
            assert_eq!(reach.from() <= path && path < reach.to().as_str(), within, "{path}");
        }
    }
}
