//! The system's fonts: a Chinese face found once, others for what it lacks, and the measures that layout needs.
//!
//! No font is ours to ship. Without a Chinese face a Chinese report is refused with what to install, never drawn as
//! boxes; a character that no installed face has is drawn as 〓 and said.

use super::RenderError;
use crate::text::{Lang, Text, text};
use fontdb::{Database, FaceInfo, Source, Stretch, Style, Weight};
use skrifa::instance::{LocationRef, Size};
use skrifa::{FontRef, GlyphId, MetadataProvider};
use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

/// Simplified-Chinese families, best first: those of Debian, Windows and macOS.
const CHINESE: &[&str] = &[
    "Noto Sans CJK SC",
    "Noto Sans SC",
    "Source Han Sans SC",
    "Source Han Sans CN",
    "WenQuanYi Micro Hei",
    "WenQuanYi Zen Hei",
    "Microsoft YaHei",
    "PingFang SC",
    "SimHei",
    "Droid Sans Fallback",
];
/// Families for English where no Chinese one is installed.
const LATIN: &[&str] = &["Noto Sans", "DejaVu Sans", "Liberation Sans", "Arial", "Helvetica"];

const MISSING: Text = text(
    "没有可用的中文字体，请安装：apt-get install fonts-noto-cjk（或 fonts-wqy-microhei）",
    "no Chinese font is installed: apt-get install fonts-noto-cjk (or fonts-wqy-microhei)",
);
const NO_FONT: Text = text(
    "没有可用的字体，请安装：apt-get install fonts-noto-cjk",
    "no usable font is installed: apt-get install fonts-noto-cjk",
);

/// Drawn for a character that no face has: the geta mark, as printers do.
const GETA: char = '〓';
/// How many different characters are looked for in the other faces before all further ones are given up.
const RARE: usize = 2000;

/// A loaded face.
pub struct Face {
    /// The file's content.
    data: Arc<Vec<u8>>,
    /// Index of the face in the file.
    index: u32,
    /// The same face as the PDF writer holds it.
    pub pdf: krilla::text::Font,
    units_per_em: f32,
    ascii: [(u32, f32); 128],
}

/// A glyph placed by its advance.
#[derive(Clone, Debug)]
pub struct Glyph {
    /// Glyph index in its face.
    pub id: u32,
    /// Advance in em.
    pub advance: f32,
    /// Bytes of the text that it stands for.
    pub bytes: Range<usize>,
}

/// Neighbouring glyphs of one face.
pub struct Run {
    /// The face.
    pub face: Arc<Face>,
    /// The glyphs.
    pub glyphs: Vec<Glyph>,
}

/// What text is drawn with.
pub struct Fonts {
    database: Database,
    family: &'static str,
    regular: Arc<Face>,
    bold: Arc<Face>,
    chinese: bool,
    rare: Mutex<BTreeMap<char, Option<Arc<Face>>>>,
}

/// The system's fonts for `lang`, loaded at the first call.
pub fn fonts(lang: Lang) -> Result<&'static Fonts, RenderError> {
    static FONTS: OnceLock<Option<Fonts>> = OnceLock::new();
    let missing = || RenderError::Font(if lang == Lang::Zh { MISSING } else { NO_FONT });
    let fonts = FONTS.get_or_init(Fonts::load).as_ref().ok_or_else(missing)?;
    if lang == Lang::Zh && !fonts.chinese { Err(missing()) } else { Ok(fonts) }
}

impl Fonts {
    fn load() -> Option<Self> {
        let mut database = Database::new();
        database.load_system_fonts();
        let find = |families: &'static [&'static str]| {
            families.iter().find_map(|family| Some((*family, face(&database, family, Weight::NORMAL)?)))
        };
        let chosen = find(CHINESE);
        let chinese = chosen.is_some();
        let (family, regular) = chosen.or_else(|| find(LATIN))?;
        let bold = face(&database, family, Weight::BOLD).unwrap_or_else(|| regular.clone());
        Some(Self { database, family, regular, bold, chinese, rare: Mutex::new(BTreeMap::new()) })
    }

    /// The family that most text is measured and drawn in.
    pub fn family(&self) -> &'static str {
        self.family
    }

    /// Width of `text` in em.
    pub fn width(&self, text: &str, bold: bool) -> f32 {
        let main = if bold { &self.bold } else { &self.regular };
        text.chars().map(|c| self.glyph(main, c).2).sum()
    }

    /// The glyphs of `text`, in runs of one face.
    pub fn runs(&self, text: &str, bold: bool) -> Vec<Run> {
        let main = if bold { &self.bold } else { &self.regular };
        let mut runs: Vec<Run> = Vec::new();
        for (at, c) in text.char_indices() {
            let (face, id, advance) = self.glyph(main, c);
            let glyph = Glyph { id, advance, bytes: at..at + c.len_utf8() };
            match runs.last_mut().filter(|run| Arc::ptr_eq(&run.face, &face)) {
                Some(run) => run.glyphs.push(glyph),
                None => runs.push(Run { face, glyphs: vec![glyph] }),
            }
        }
        runs
    }

    /// Characters of `text` that no installed face has.
    pub fn lacking(&self, text: &str) -> Vec<char> {
        text.chars().filter(|&c| self.regular.glyph(c).is_none() && self.other(c).is_none()).collect()
    }

    fn glyph(&self, main: &Arc<Face>, c: char) -> (Arc<Face>, u32, f32) {
        if let Some((id, advance)) = main.glyph(c) {
            return (main.clone(), id, advance);
        }
        if let Some((face, (id, advance))) = self.other(c).and_then(|f| f.glyph(c).map(|g| (f.clone(), g))) {
            return (face, id, advance);
        }
        let (id, advance) = main.glyph(GETA).or_else(|| main.glyph('?')).unwrap_or((0, 1.0));
        (main.clone(), id, advance)
    }

    /// The first face, by family and file, that has `c`.
    fn other(&self, c: char) -> Option<Arc<Face>> {
        let mut rare = self.rare.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(known) = rare.get(&c) {
            return known.clone();
        }
        if rare.len() >= RARE {
            return None;
        }
        let mut candidates: Vec<&FaceInfo> = self.database.faces().filter(|f| f.style == Style::Normal).collect();
        candidates.sort_by_key(|f| {
            (f.weight.0.abs_diff(400), f.families.first().map(|(name, _)| name.clone()), path(f), f.index)
        });
        let found = candidates.iter().find(|f| has(&self.database, f, c)).and_then(|f| load(f));
        rare.insert(c, found.clone());
        found
    }
}

impl Face {
    /// The face for reading outlines.
    pub fn outlines(&self) -> Option<FontRef<'_>> {
        FontRef::from_index(&self.data, self.index).ok()
    }

    /// Units of an em.
    pub fn units_per_em(&self) -> f32 {
        self.units_per_em
    }

    /// Glyph and advance in em of a character; `None` where the face lacks it.
    fn glyph(&self, c: char) -> Option<(u32, f32)> {
        let known = self.ascii.get(c as usize).copied();
        known.or_else(|| lookup(&self.outlines()?, self.units_per_em, c)).filter(|(id, _)| *id != 0)
    }
}

fn lookup(font: &FontRef<'_>, units_per_em: f32, c: char) -> Option<(u32, f32)> {
    let id = font.charmap().map(c).filter(|id| *id != GlyphId::NOTDEF)?;
    let advance = font.glyph_metrics(Size::unscaled(), LocationRef::default()).advance_width(id)?;
    Some((id.to_u32(), advance / units_per_em))
}

fn face(database: &Database, family: &str, weight: Weight) -> Option<Arc<Face>> {
    let query = fontdb::Query {
        families: &[fontdb::Family::Name(family)],
        weight,
        stretch: Stretch::Normal,
        style: Style::Normal,
    };
    load(database.face(database.query(&query)?)?)
}

fn path(info: &FaceInfo) -> Option<std::path::PathBuf> {
    match &info.source {
        Source::File(path) | Source::SharedFile(path, _) => Some(path.clone()),
        Source::Binary(_) => None,
    }
}

fn has(database: &Database, info: &FaceInfo, c: char) -> bool {
    let mapped = |data: &[u8], index| {
        let font = FontRef::from_index(data, index).ok()?;
        let drawable = font.outline_glyphs().format().is_some();
        font.charmap().map(c).filter(|id| drawable && *id != GlyphId::NOTDEF)
    };
    database.with_face_data(info.id, |data, index| mapped(data, index).is_some()).unwrap_or(false)
}

/// Faces of one file share its content.
fn load(info: &FaceInfo) -> Option<Arc<Face>> {
    let data = Arc::new(std::fs::read(path(info)?).ok()?);
    let pdf = krilla::text::Font::new(data.clone().into(), info.index)?;
    let font = FontRef::from_index(&data, info.index).ok()?;
    let units_per_em = f32::from(font.metrics(Size::unscaled(), LocationRef::default()).units_per_em.max(1));
    let ascii = std::array::from_fn(|c| {
        char::from_u32(c as u32).and_then(|c| lookup(&font, units_per_em, c)).unwrap_or_default()
    });
    Some(Arc::new(Face { index: info.index, pdf, units_per_em, ascii, data }))
}
