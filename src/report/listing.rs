//! Tables as a PDF to hand on: a heading, columns with their names on every page, rows from top to bottom.

use super::font::fonts;
use super::page::{Anchor, Colour, Pen};
use super::sheet::draft::{BODY, Draft, SMALL, SOFT, STRONG, Style};
use super::sheet::{LEFT, WIDTH};
use super::{PROGRAM, RenderError, Settings, VERSION, pdf};
use crate::text::Text;
use jiff::Zoned;

/// First baseline of the rows, the last one, and from one to the next, mm.
const ROWS: (f32, f32, f32) = (31.0, 196.0, 4.6);
/// The first column names the row and has what the others leave: so much at least, mm.
const NAME: f32 = 62.0;
/// Widest of the others, mm.
const COLUMN: f32 = 24.0;

/// Tables under one heading.
pub struct Listing<'a> {
    /// Of which time, or of what.
    pub of: &'a str,
    /// The tables, each from a page of its own.
    pub tables: &'a [Table],
}

/// A table.
#[derive(Clone, Debug)]
pub struct Table {
    /// What it is.
    pub name: Text,
    /// Names of the columns; the first names the rows.
    pub columns: Vec<Text>,
    /// The rows, as many cells as columns.
    pub rows: Vec<Vec<String>>,
}

/// The tables as A4 pages across.
pub fn pdf(listing: &Listing<'_>, created: &Zoned, settings: &Settings) -> Result<Vec<u8>, RenderError> {
    let fonts = fonts(settings.lang)?;
    let (first, last, step) = ROWS;
    let on_a_page = ((last - first) / step) as usize + 1;
    let mut chunks: Vec<(&Table, &[Vec<String>])> = Vec::new();
    for table in listing.tables {
        let whole = if table.rows.is_empty() { vec![&[][..]] } else { table.rows.chunks(on_a_page).collect() };
        chunks.extend(whole.into_iter().map(|rows| (table, rows)));
    }
    let total = chunks.len();
    let mut pages = Vec::new();
    for (n, (table, rows)) in chunks.into_iter().enumerate() {
        let mut draft = Draft::new(fonts, settings.lang);
        head(&mut draft, table, listing.of, created, settings);
        for (place, row) in rows.iter().enumerate() {
            cells(&mut draft, first + place as f32 * step, BODY, row.iter().map(String::as_str));
        }
        let foot = format!("{PROGRAM} {VERSION} · {} / {total}", n + 1);
        draft.put_within((LEFT, 204.0), SMALL, WIDTH, &foot);
        pages.push(draft.page);
    }
    let when = Some((created.datetime(), created.offset().seconds() / 60));
    let name = listing.tables.first().map_or("", |table| table.name.get(settings.lang));
    let metadata = pdf::metadata(name.to_owned(), when, settings.lang);
    pdf::document(&pages, fonts, metadata)
}

fn head(draft: &mut Draft<'_>, table: &Table, of: &str, created: &Zoned, settings: &Settings) {
    let heading = format!("{}  {}", settings.heading, table.name.get(settings.lang));
    let style = Style { size: 4.8, bold: true, colour: Colour::INK };
    draft.put_within((LEFT, 12.2), style, WIDTH - 50.0, heading.trim());
    let made = created.strftime("%Y-%m-%d %H:%M").to_string();
    draft.put((LEFT + WIDTH, 12.2), SOFT, Anchor::End, &made);
    draft.put_within((LEFT, 18.6), SOFT, WIDTH, of);
    let names: Vec<&str> = table.columns.iter().map(|c| c.get(settings.lang)).collect();
    cells(draft, 25.0, STRONG, names.into_iter());
    draft.page.line((LEFT, 26.6), (LEFT + WIDTH, 26.6), Pen { width: 0.2, colour: Colour::RULE });
}

/// The first cell from the left, the others against the right ends of their columns.
fn cells<'t>(draft: &mut Draft<'_>, y: f32, style: Style, cells: impl ExactSizeIterator<Item = &'t str>) {
    let others = (cells.len().max(2) - 1) as f32;
    let width = ((WIDTH - NAME) / others).min(COLUMN);
    let name = WIDTH - others * width;
    for (n, cell) in cells.enumerate() {
        if n == 0 {
            draft.put_within((LEFT, y), style, name - 2.0, cell);
        } else {
            let fitting = draft.fit(cell, style, width - 1.5);
            draft.put((LEFT + name + n as f32 * width, y), style, Anchor::End, &fitting);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::text::{Lang, text};
    use std::slice::from_ref;

    #[test]
    fn a_long_table_goes_on_over_pages() {
        let columns = vec![text("分组", "group"), text("接收", "received")];
        let rows: Vec<Vec<String>> = (0..100).map(|n| vec![format!("站点 {n}"), n.to_string()]).collect();
        let long = Table { name: text("质控指标", "Indicators"), columns, rows };
        let short = Table { rows: long.rows[..5].to_vec(), ..long.clone() };
        let created: Zoned = "2026-11-25T10:00:00+08:00[+08:00]".parse().unwrap();
        let made =
            |tables: &[Table]| pdf(&Listing { of: "2026-11", tables }, &created, &Settings::new(Lang::Zh)).unwrap();
        let (one, many) = (made(from_ref(&short)), made(from_ref(&long)));
        assert!(one.starts_with(b"%PDF") && many.len() > one.len());
        assert_eq!(many, made(from_ref(&long)), "same bytes each run");
        assert!(made(&[long, short]).len() > many.len(), "each table from a page of its own");
    }
}
