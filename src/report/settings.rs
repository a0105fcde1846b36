//! How a centre wants its reports.

use crate::text::Lang;

/// Which leads stand where on the sheet of a twelve-lead ECG.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Layout {
    /// Three rows of four leads, and lead II throughout.
    #[default]
    ThreeByFour,
    /// Three rows of four leads, and V1, II, V5 throughout.
    ThreeByFourThree,
    /// Six rows of two leads.
    SixByTwo,
    /// Twelve rows.
    TwelveByOne,
}

/// What may differ from centre to centre and from call to call. The default is the usual sheet: 25 mm/s, 10 mm/mV.
#[derive(Clone, Debug, PartialEq)]
pub struct Settings {
    /// Language of what is printed.
    pub lang: Lang,
    /// Layout of a twelve-lead ECG.
    pub layout: Layout,
    /// Limb leads in Cabrera's order (aVL I −aVR II aVF III).
    pub cabrera: bool,
    /// Paper speed, mm/s.
    pub speed: f32,
    /// Gain, mm/mV.
    pub gain: f32,
    /// Dots an inch of the PNG.
    pub dpi: f32,
    /// Name of the centre, above the title; empty = none.
    pub heading: String,
    /// The centre's own line in the foot; empty = none.
    pub footer: String,
}

impl Settings {
    /// The default in `lang`.
    pub fn new(lang: Lang) -> Self {
        Self {
            lang,
            layout: Layout::default(),
            cabrera: false,
            speed: 25.0,
            gain: 10.0,
            dpi: 150.0,
            heading: String::new(),
            footer: String::new(),
        }
    }
}

impl Default for Settings {
    fn default() -> Self {
        Self::new(Lang::default())
    }
}
