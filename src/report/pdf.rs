//! Display list to PDF/A-2b (ISO 19005-2): vector, fonts embedded and subset, text selectable, the same bytes each run.

use super::font::{Fonts, fonts};
use super::page::{Anchor, Colour, Item, Label, Page, Pen, Point, Rect};
use super::{Logo, Output, PROGRAM, RenderError, Report, Settings, VERSION, sheet, words};
use crate::text::{Lang, text};
use jiff::civil::DateTime;
use krilla::color::rgb;
use krilla::configure::{Archival, ConfigurationBuilder};
use krilla::geom::{PathBuilder, Point as PdfPoint, Rect as PdfRect, Transform};
use krilla::metadata::Metadata;
use krilla::num::NormalizedF32;
use krilla::page::PageSettings;
use krilla::paint::{Fill, FillRule, LineCap, LineJoin, Stroke};
use krilla::surface::Surface;
use krilla::text::{GlyphId, KrillaGlyph};
use krilla::{Document, SerializeSettings};

/// Facts of this output.
pub static PDF: Output = Output {
    id: "pdf",
    name: text("PDF/A（A4 横向，比例真实）", "PDF/A on A4, true to scale"),
    extension: "pdf",
    drawn: true,
    render,
};

/// Points a millimetre.
const POINTS: f32 = 72.0 / 25.4;
/// Drawing units a millimetre: whole numbers keep the file small.
const UNITS: f32 = 100.0;

pub fn render(report: &Report, settings: &Settings) -> Result<Vec<u8>, RenderError> {
    let pages = sheet::pages(report, settings)?;
    document(&pages, fonts(settings.lang)?, report_metadata(report, settings))
}

fn report_metadata(report: &Report, settings: &Settings) -> Metadata {
    let verdict = words::verdict(report.diagnosis.interpretation.verdict);
    let title = format!("{} · {}", report.recording.name, verdict.get(settings.lang));
    // The recording's own time keeps the bytes the same where no clock was given.
    let start = report.recording.start.map(|t| (t, 0));
    let when = report.created.as_ref().map(|t| (t.datetime(), t.offset().seconds() / 60)).or(start);
    metadata(title, when, settings.lang)
        .description(sheet::standing(report).get(settings.lang).to_string())
        .document_id(format!("{PROGRAM}:{VERSION}:{}", report.recording.origin.sha256))
}

/// What a document says of itself; `when` is a local time with its offset from UTC in minutes, for PDF/A wants a date.
pub fn metadata(title: String, when: Option<(DateTime, i32)>, lang: Lang) -> Metadata {
    let (when, offset) = when.unwrap_or((DateTime::constant(1970, 1, 1, 0, 0, 0, 0), 0));
    let date = krilla::metadata::DateTime::new(when.year().unsigned_abs())
        .month(when.month().unsigned_abs())
        .day(when.day().unsigned_abs())
        .hour(when.hour().unsigned_abs())
        .minute(when.minute().unsigned_abs())
        .second(when.second().unsigned_abs())
        .utc_offset_hour((offset / 60) as i8)
        .utc_offset_minute((offset % 60).unsigned_abs() as u8);
    Metadata::new()
        .title(title)
        .creator(PROGRAM.to_string())
        .producer(format!("{PROGRAM} {VERSION}"))
        .language(lang.tag().to_string())
        .creation_date(date)
}

/// Pages as a file.
pub fn document(pages: &[Page], fonts: &Fonts, metadata: Metadata) -> Result<Vec<u8>, RenderError> {
    let write = |e: &dyn std::fmt::Debug| RenderError::Write(format!("{e:?}"));
    let configuration =
        ConfigurationBuilder::new().with_archival_validator(Archival::A2_B).finish().map_err(|e| write(&e))?;
    let mut document = Document::new_with(SerializeSettings { configuration, ..SerializeSettings::default() });
    for page in pages {
        let size = PageSettings::from_wh(page.width * POINTS, page.height * POINTS)
            .ok_or_else(|| RenderError::Write("page size".into()))?;
        let mut sheet = document.start_page_with(size);
        let mut surface = sheet.surface();
        surface.push_transform(&Transform::from_scale(POINTS / UNITS, POINTS / UNITS));
        for item in &page.items {
            draw(&mut surface, item, fonts);
        }
        surface.pop();
        surface.finish();
        sheet.finish();
    }
    document.set_metadata(metadata);
    document.finish().map_err(|e| write(&e))
}

fn units(mm: f32) -> f32 {
    (mm * UNITS).round()
}

fn draw(surface: &mut Surface<'_>, item: &Item, fonts: &Fonts) {
    match item {
        Item::Lines { lines, pen } => polylines(surface, lines.iter().map(<[Point; 2]>::as_slice), *pen, LineCap::Butt),
        Item::Trace { runs, pen, .. } => polylines(surface, runs.iter().map(Vec::as_slice), *pen, LineCap::Round),
        Item::Box { rect, fill, pen } => {
            let mut path = PathBuilder::new();
            let Some(rect) = PdfRect::from_xywh(units(rect.x), units(rect.y), units(rect.w), units(rect.h)) else {
                return;
            };
            path.push_rect(rect);
            surface.set_fill(fill.map(solid));
            surface.set_stroke(pen.map(|pen| stroke(pen, LineCap::Butt)));
            if let Some(path) = path.finish() {
                surface.draw_path(&path);
            }
        }
        Item::Picture { rect, logo } => picture(surface, *rect, logo),
        Item::Text(label) => text_run(surface, label, fonts),
    }
}

/// A picture as filled rectangles, one path a colour: a logo is small and has few colours, and the PDF writer's own
/// pictures would bring four decoders with them. White is the paper.
fn picture(surface: &mut Surface<'_>, rect: Rect, logo: &Logo) {
    let scaled = logo.drawn(rect.h);
    let (w, h) = (rect.w / scaled.width as f32, rect.h / scaled.height as f32);
    for (colour, cells) in scaled.areas() {
        let mut path = PathBuilder::new();
        for [x, y, across, down] in cells {
            let place = (units(rect.x + x as f32 * w), units(rect.y + y as f32 * h));
            let end = (units(rect.x + (x + across) as f32 * w), units(rect.y + (y + down) as f32 * h));
            if let Some(cell) = PdfRect::from_xywh(place.0, place.1, end.0 - place.0, end.1 - place.1) {
                path.push_rect(cell);
            }
        }
        surface.set_stroke(None);
        surface.set_fill(Some(solid(colour)));
        if let Some(path) = path.finish() {
            surface.draw_path(&path);
        }
    }
}

fn polylines<'a>(surface: &mut Surface<'_>, lines: impl Iterator<Item = &'a [Point]>, pen: Pen, cap: LineCap) {
    let mut path = PathBuilder::new();
    for line in lines {
        for (n, &(x, y)) in line.iter().enumerate() {
            if n == 0 { path.move_to(units(x), units(y)) } else { path.line_to(units(x), units(y)) }
        }
    }
    surface.set_fill(None);
    surface.set_stroke(Some(stroke(pen, cap)));
    if let Some(path) = path.finish() {
        surface.draw_path(&path);
    }
}

fn text_run(surface: &mut Surface<'_>, label: &Label, fonts: &Fonts) {
    let size = label.size * UNITS;
    let width = fonts.width(&label.text, label.bold) * size;
    let shift = match label.anchor {
        Anchor::Start => 0.0,
        Anchor::Middle => width / 2.0,
        Anchor::End => width,
    };
    let mut x = units(label.at.0) - shift;
    surface.set_fill(Some(solid(label.colour)));
    surface.set_stroke(None);
    for run in fonts.runs(&label.text, label.bold) {
        let glyphs: Vec<KrillaGlyph> = run
            .glyphs
            .iter()
            .map(|g| KrillaGlyph::new(GlyphId::new(g.id), g.advance, 0.0, 0.0, 0.0, g.bytes.clone(), None))
            .collect();
        let start = PdfPoint::from_xy(x, units(label.at.1));
        surface.draw_glyphs(start, &glyphs, run.face.pdf.clone(), &label.text, size, false);
        x += run.glyphs.iter().map(|g| g.advance).sum::<f32>() * size;
    }
}

fn solid(colour: Colour) -> Fill {
    Fill { paint: paint(colour), opacity: NormalizedF32::ONE, rule: FillRule::NonZero }
}

fn stroke(pen: Pen, cap: LineCap) -> Stroke {
    Stroke {
        paint: paint(pen.colour),
        width: pen.width * UNITS,
        line_cap: cap,
        line_join: LineJoin::Round,
        ..Stroke::default()
    }
}

fn paint(Colour(r, g, b): Colour) -> krilla::paint::Paint {
    rgb::Color::new(r, g, b).into()
}
