//! A page in the making, with the measures that keep texts apart.

use crate::report::font::Fonts;
use crate::report::page::{Anchor, Colour, Item, Label, Page, Point, clean};
use crate::text::{Lang, Text};

/// How a text looks.
#[derive(Clone, Copy)]
pub struct Style {
    /// Em size, mm.
    pub size: f32,
    /// Bold.
    pub bold: bool,
    /// Colour.
    pub colour: Colour,
}

/// Usual text: 7.4 pt.
pub const BODY: Style = Style { size: 2.6, bold: false, colour: Colour::INK };
/// Usual text, bold.
pub const STRONG: Style = Style { bold: true, ..BODY };
/// Names of values.
pub const SOFT: Style = Style { colour: Colour::SOFT, ..BODY };
/// Secondary text: 6.2 pt.
pub const SMALL: Style = Style { size: 2.2, bold: false, colour: Colour::SOFT };

/// The numbers behind a finding: 6.8 pt, darker than other secondary text.
pub const EVIDENCE: Style = Style { size: 2.4, bold: false, colour: Colour::SOFT };

/// An ellipsis in English: a Chinese face draws … in the middle of the line.
const ELLIPSIS: &str = "...";

/// A page in the making.
pub struct Draft<'a> {
    /// The page.
    pub page: Page,
    /// The faces that measure it.
    pub fonts: &'a Fonts,
    /// Language of what is put.
    pub lang: Lang,
}

impl<'a> Draft<'a> {
    /// An empty A4 page.
    pub fn new(fonts: &'a Fonts, lang: Lang) -> Self {
        Self { page: Page::a4_landscape(), fonts, lang }
    }

    /// The wording in the page's language.
    pub fn say<'t>(&self, text: &'t Text) -> &'t str {
        text.get(self.lang)
    }

    /// Width of `text`, mm.
    pub fn width(&self, text: &str, style: Style) -> f32 {
        self.fonts.width(text, style.bold) * style.size
    }

    /// Puts `text`, which is known to fit, and returns its width.
    pub fn put(&mut self, at: Point, style: Style, anchor: Anchor, text: &str) -> f32 {
        let text = clean(text);
        let text = if self.lang == Lang::Zh { text } else { text.replace('…', ELLIPSIS) };
        let width = self.width(&text, style);
        if !text.is_empty() {
            let Style { size, bold, colour } = style;
            self.page.items.push(Item::Text(Label { at, size, anchor, bold, colour, text }));
        }
        width
    }

    /// Puts as much of `text` as fits `room`, and returns its width.
    pub fn put_within(&mut self, at: Point, style: Style, room: f32, text: &str) -> f32 {
        let fitting = self.fit(&clean(text), style, room);
        self.put(at, style, Anchor::Start, &fitting)
    }

    /// `text`, or its beginning with an ellipsis that fits `room`.
    pub fn fit(&self, text: &str, style: Style, room: f32) -> String {
        if self.width(text, style) <= room {
            return text.to_string();
        }
        let cut = if self.lang == Lang::Zh { "…" } else { ELLIPSIS };
        let room = room - self.width(cut, style);
        let mut used = 0.0;
        let mut kept = String::new();
        for c in text.chars() {
            used += self.width(c.encode_utf8(&mut [0; 4]), style);
            if used > room {
                break;
            }
            kept.push(c);
        }
        kept.truncate(kept.trim_end().len());
        kept.push_str(cut);
        kept
    }

    /// `text` in lines no wider than `room`: broken at blanks and between Chinese characters, never before closing
    /// punctuation; a longer word is broken anywhere.
    pub fn wrap(&self, text: &str, style: Style, room: f32) -> Vec<String> {
        let mut lines = Vec::new();
        let (mut line, mut used) = (String::new(), 0.0);
        for word in words(&clean(text)) {
            let width = self.width(word.trim_end(), style);
            if used + width > room && !line.is_empty() {
                lines.push(std::mem::take(&mut line).trim_end().to_string());
                used = 0.0;
            }
            if width > room {
                for c in word.chars() {
                    let width = self.width(c.encode_utf8(&mut [0; 4]), style);
                    if used + width > room {
                        lines.push(std::mem::take(&mut line));
                        used = 0.0;
                    }
                    line.push(c);
                    used += width;
                }
            } else {
                line.push_str(word);
                used += self.width(word, style);
            }
        }
        if !line.trim().is_empty() {
            lines.push(line.trim_end().to_string());
        }
        lines
    }
}

/// The unbreakable pieces of `text`, with the blanks after them.
fn words(text: &str) -> impl Iterator<Item = &str> {
    let mut rest = text;
    std::iter::from_fn(move || {
        if rest.is_empty() {
            return None;
        }
        let mut before: Option<char> = None;
        let end = rest
            .char_indices()
            .find_map(|(at, c)| {
                let breaks = before.is_some_and(|b| c != ' ' && (b == ' ' || between(b, c)));
                before = Some(c);
                breaks.then_some(at)
            })
            .unwrap_or(rest.len());
        let (word, after) = rest.split_at(end);
        rest = after;
        Some(word)
    })
}

/// Whether a line may end between two characters that no blank parts.
fn between(before: char, after: char) -> bool {
    let wide = |c: char| matches!(c, '\u{2e80}'..='\u{9fff}' | '\u{f900}'..='\u{faff}' | '\u{20000}'..='\u{3ffff}');
    let closing = |c: char| "，。、；：？！）】》”’…%°,.;:)]".contains(c);
    let opening = |c: char| "（【《“‘([".contains(c);
    (wide(before) || wide(after) || "，。；：）".contains(before)) && !closing(after) && !opening(before)
}

#[cfg(test)]
mod tests {
    use super::words;

    #[test]
    fn lines_break_where_readers_expect() {
        let found: Vec<&str> = words("QRS 时限 148 ms，见（V1）。").collect();
        assert_eq!(found, ["QRS ", "时", "限 ", "148 ", "ms，", "见", "（V1）。"]);
        assert_eq!(words("").count(), 0);
    }
}
