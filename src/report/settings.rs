//! How a centre wants its reports: its words, and the sheet.

use super::Logo;
use crate::text::{Lang, Text};
use serde::Deserialize;
use std::path::{Path, PathBuf};

/// Which leads stand where on the sheet of a twelve-lead ECG.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
pub enum Layout {
    /// Three rows of four leads, and lead II throughout.
    #[default]
    #[serde(rename = "3x4+1")]
    ThreeByFour,
    /// Three rows of four leads, and V1, II, V5 throughout.
    #[serde(rename = "3x4+3")]
    ThreeByFourThree,
    /// Six rows of two leads.
    #[serde(rename = "6x2")]
    SixByTwo,
    /// Twelve rows.
    #[serde(rename = "12x1")]
    TwelveByOne,
}

/// How the texts of an HL7 v2 message are encoded.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
pub enum Charset {
    /// UTF-8.
    #[default]
    #[serde(rename = "utf-8")]
    Utf8,
    /// GB 18030: what many Chinese hospital systems expect.
    #[serde(rename = "gb18030")]
    Gb18030,
}

/// What may differ from centre to centre and from call to call. The default is the usual sheet: 25 mm/s, 10 mm/mV.
///
/// As a TOML file, every key optional:
/// ```toml
/// heading = "某县人民医院远程心电诊断中心"
/// footer = "电话 0000-0000000"
/// logo = "logo.png"  # PNG or JPEG, beside the settings file; few colours print sharpest
/// hl7_charset = "utf-8"   # or gb18030
/// layout = "3x4+1"   # 3x4+3, 6x2, 12x1
/// cabrera = false
/// speed = 25.0       # mm/s: 25, 50
/// gain = 10.0        # mm/mV: 5, 10, 20; without it 10, or 5 where traces would cross
/// dpi = 150.0        # of the PNG
/// details = false    # always add findings with sources, measurement matrix and median beats
/// overview = true    # add a page with the whole of a recording longer than the sheet
/// ```
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Settings {
    /// Language of what is printed.
    #[serde(skip)]
    pub lang: Lang,
    /// Layout of a twelve-lead ECG.
    pub layout: Layout,
    /// Limb leads in Cabrera's order (aVL I −aVR II aVF III).
    pub cabrera: bool,
    /// Paper speed, mm/s.
    pub speed: f32,
    /// Gain, mm/mV; none = 10, or 5 where the beats would run into other rows.
    pub gain: Option<f32>,
    /// Dots an inch of the PNG.
    pub dpi: f32,
    /// Whether findings with sources, measurement matrix and median beats are always added; else only what did not fit.
    pub details: bool,
    /// Whether a recording longer than the sheet gets a page that shows all of it.
    pub overview: bool,
    /// Name of the centre, before the title; empty = none.
    pub heading: String,
    /// The centre's own line in the foot; empty = none.
    pub footer: String,
    /// The file of the centre's logo, as the settings name it.
    pub logo: Option<PathBuf>,
    /// The logo itself.
    #[serde(skip)]
    pub picture: Option<Logo>,
    /// Encoding of HL7 v2 messages.
    pub hl7_charset: Charset,
}

impl Settings {
    /// The default in `lang`.
    pub fn new(lang: Lang) -> Self {
        Self {
            lang,
            layout: Layout::default(),
            cabrera: false,
            speed: 25.0,
            gain: None,
            dpi: 150.0,
            details: false,
            overview: true,
            heading: String::new(),
            footer: String::new(),
            logo: None,
            picture: None,
            hl7_charset: Charset::Utf8,
        }
    }

    /// The centre's own line as it ends a foot: ` · …`, or nothing.
    pub fn closing(&self) -> String {
        let own = self.footer.trim();
        if own.is_empty() { String::new() } else { format!(" · {own}") }
    }

    /// Reads a centre's settings; what is wrong with them is said. The logo's path counts from the working folder.
    pub fn read(toml: &str, lang: Lang) -> Result<Self, Text> {
        Self::read_in(toml, Path::new(""), lang)
    }

    /// Reads a centre's settings from a file of `folder`, from which the logo's path counts.
    pub fn read_in(toml: &str, folder: &Path, lang: Lang) -> Result<Self, Text> {
        let settings: Self = toml::from_str(toml).map_err(|e| {
            let why = e.to_string();
            Text::of(format!("设置文件有误：{why}"), format!("the settings file is wrong: {why}"))
        })?;
        let bounded = |key: &str, value: f32, allowed: &[f32]| {
            let choices = allowed.iter().map(ToString::to_string).collect::<Vec<_>>().join(" / ");
            let wrong = || {
                Text::of(
                    format!("设置文件有误：{key} = {value}，可用 {choices}"),
                    format!("the settings file is wrong: {key} = {value}, possible are {choices}"),
                )
            };
            allowed.contains(&value).then_some(()).ok_or_else(wrong)
        };
        bounded("speed", settings.speed, &[25.0, 50.0])?;
        if let Some(gain) = settings.gain {
            bounded("gain", gain, &[5.0, 10.0, 20.0])?;
        }
        bounded("dpi", settings.dpi, &[72.0, 96.0, 100.0, 150.0, 200.0, 300.0, 600.0])?;
        let picture = settings.logo.as_deref().map(|path| Logo::open(&folder.join(path))).transpose()?;
        Ok(Self { lang, picture, ..settings })
    }
}

impl Default for Settings {
    fn default() -> Self {
        Self::new(Lang::default())
    }
}

#[cfg(test)]
mod tests {
    use super::{Layout, Settings};
    use crate::text::Lang;

    #[test]
    fn a_settings_file_is_read_or_refused_with_the_reason() {
        let read = |text| Settings::read(text, Lang::Zh);
        assert_eq!(read("").unwrap(), Settings::new(Lang::Zh));
        let own = read("heading = \"中心\"\nlayout = \"6x2\"\nspeed = 50").unwrap();
        assert_eq!((own.heading.as_str(), own.layout, own.speed), ("中心", Layout::SixByTwo, 50.0));
        for (wrong, said) in [
            ("speed = 30", "speed"),
            ("headings = \"a\"", "headings"),
            ("layout = \"5x5\"", "5x5"),
            ("logo = \"no-such.png\"", "no-such.png"),
        ] {
            let why = read(wrong).unwrap_err();
            assert!(why.en.contains(said) && why.zh.contains(said), "{why:?}");
        }
    }
}
