//! How a centre wants its reports.

use crate::text::Lang;

/// What may differ from centre to centre and from call to call. The default is the usual Chinese and international
/// sheet: 25 mm/s, 10 mm/mV.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Settings {
    /// Language of what is printed.
    pub lang: Lang,
}

impl Settings {
    /// The default in `lang`.
    pub fn new(lang: Lang) -> Self {
        Self { lang }
    }
}
