//! Display list to PNG, 150 dots an inch (said in the file, so that it prints true to scale).

use super::font::{Face, Fonts, fonts};
use super::page::{Anchor, Colour, Item, Label, Page, Pen, Point, Rect};
use super::{Logo, Output, RenderError, Report, Settings, sheet};
use crate::text::text;
use skrifa::instance::{LocationRef, Size};
use skrifa::outline::{DrawSettings, OutlinePen};
use skrifa::{GlyphId, MetadataProvider};
use tiny_skia::{
    FillRule, FilterQuality, LineCap, LineJoin, Paint, PathBuilder, Pixmap, PixmapPaint, PremultipliedColorU8, Stroke,
    Transform,
};

/// Facts of this output.
pub static PNG: Output =
    Output { id: "png", name: text("PNG 图像", "PNG picture"), extension: "png", drawn: true, render };

fn render(report: &Report, settings: &Settings) -> Result<Vec<u8>, RenderError> {
    let pages = sheet::pages(report, settings)?;
    document(&pages, fonts(settings.lang)?, settings.dpi)
}

/// Pages one below the other at `dpi` dots an inch.
pub fn document(pages: &[Page], fonts: &Fonts, dpi: f32) -> Result<Vec<u8>, RenderError> {
    let scale = dpi / 25.4;
    let pixels = |mm: f32| (mm * scale).round() as u32;
    let width = pixels(pages.iter().map(|p| p.width).fold(0.0, f32::max));
    let height = pages.iter().map(|p| pixels(p.height)).sum();
    let mut image = Pixmap::new(width, height).ok_or_else(|| RenderError::Write("image size".into()))?;
    image.fill(tiny_skia::Color::WHITE);
    let mut top = 0.0;
    for page in pages {
        let place = Transform::from_scale(scale, scale).post_translate(0.0, top);
        for item in &page.items {
            draw(&mut image, item, fonts, place);
        }
        top += pixels(page.height) as f32;
    }
    encode(&image, dpi)
}

fn draw(image: &mut Pixmap, item: &Item, fonts: &Fonts, place: Transform) {
    match item {
        Item::Lines { lines, pen } => {
            polylines(image, lines.iter().map(<[Point; 2]>::as_slice), *pen, LineCap::Butt, place);
        }
        Item::Trace { runs, pen, .. } => polylines(image, runs.iter().map(Vec::as_slice), *pen, LineCap::Round, place),
        Item::Box { rect, fill, pen } => {
            let Some(rect) = tiny_skia::Rect::from_xywh(rect.x, rect.y, rect.w, rect.h) else { return };
            if let Some(fill) = fill {
                image.fill_rect(rect, &paint(*fill), place, None);
            }
            if let Some(pen) = pen {
                let path = PathBuilder::from_rect(rect);
                image.stroke_path(&path, &paint(pen.colour), &stroke(*pen, LineCap::Butt), place, None);
            }
        }
        Item::Picture { rect, logo } => picture(image, *rect, logo, place),
        Item::Text(label) => text_run(image, label, fonts, place),
    }
}

/// A picture, premultiplied as the canvas wants it.
fn picture(image: &mut Pixmap, rect: Rect, logo: &Logo, place: Transform) {
    let premultiplied = |p: &[u8]| {
        let by = |c: u8| (u16::from(c) * u16::from(p[3]) / 255) as u8;
        [by(p[0]), by(p[1]), by(p[2]), p[3]]
    };
    let pixels = logo.rgba.chunks_exact(4).flat_map(premultiplied).collect();
    let size = tiny_skia::IntSize::from_wh(logo.width, logo.height);
    let Some(source) = size.and_then(|size| Pixmap::from_vec(pixels, size)) else { return };
    let (x, y) = (rect.w / logo.width as f32, rect.h / logo.height as f32);
    let place = place.pre_translate(rect.x, rect.y).pre_scale(x, y);
    let paint = PixmapPaint { quality: FilterQuality::Bilinear, ..PixmapPaint::default() };
    image.draw_pixmap(0, 0, source.as_ref(), &paint, place, None);
}

fn polylines<'a>(
    image: &mut Pixmap,
    lines: impl Iterator<Item = &'a [Point]>,
    pen: Pen,
    cap: LineCap,
    place: Transform,
) {
    let mut path = PathBuilder::new();
    for line in lines {
        for (n, &(x, y)) in line.iter().enumerate() {
            if n == 0 { path.move_to(x, y) } else { path.line_to(x, y) }
        }
    }
    if let Some(path) = path.finish() {
        image.stroke_path(&path, &paint(pen.colour), &stroke(pen, cap), place, None);
    }
}

fn text_run(image: &mut Pixmap, label: &Label, fonts: &Fonts, place: Transform) {
    let width = fonts.width(&label.text, label.bold) * label.size;
    let shift = match label.anchor {
        Anchor::Start => 0.0,
        Anchor::Middle => width / 2.0,
        Anchor::End => width,
    };
    let mut outline = Outline { path: PathBuilder::new(), x: label.at.0 - shift, y: label.at.1, scale: 1.0 };
    for run in fonts.runs(&label.text, label.bold) {
        outline.scale = label.size / run.face.units_per_em();
        for glyph in &run.glyphs {
            outline.glyph(&run.face, glyph.id);
            outline.x += glyph.advance * label.size;
        }
    }
    if let Some(path) = outline.path.finish() {
        image.fill_path(&path, &paint(label.colour), FillRule::Winding, place, None);
    }
}

/// Collects glyph outlines, placed, with y down.
struct Outline {
    path: PathBuilder,
    x: f32,
    y: f32,
    scale: f32,
}

impl Outline {
    fn glyph(&mut self, face: &Face, id: u32) {
        let Some(font) = face.outlines() else { return };
        if let Some(glyph) = font.outline_glyphs().get(GlyphId::new(id)) {
            // A glyph that cannot be drawn leaves its place empty; the face was checked when it was chosen.
            let _ = glyph.draw(DrawSettings::unhinted(Size::unscaled(), LocationRef::default()), self);
        }
    }

    fn at(&self, x: f32, y: f32) -> Point {
        (self.x + x * self.scale, self.y - y * self.scale)
    }
}

impl OutlinePen for Outline {
    fn move_to(&mut self, x: f32, y: f32) {
        let (x, y) = self.at(x, y);
        self.path.move_to(x, y);
    }
    fn line_to(&mut self, x: f32, y: f32) {
        let (x, y) = self.at(x, y);
        self.path.line_to(x, y);
    }
    fn quad_to(&mut self, cx: f32, cy: f32, x: f32, y: f32) {
        let ((cx, cy), (x, y)) = (self.at(cx, cy), self.at(x, y));
        self.path.quad_to(cx, cy, x, y);
    }
    fn curve_to(&mut self, ax: f32, ay: f32, bx: f32, by: f32, x: f32, y: f32) {
        let ((ax, ay), (bx, by), (x, y)) = (self.at(ax, ay), self.at(bx, by), self.at(x, y));
        self.path.cubic_to(ax, ay, bx, by, x, y);
    }
    fn close(&mut self) {
        self.path.close();
    }
}

fn paint(Colour(r, g, b): Colour) -> Paint<'static> {
    let mut paint = Paint { anti_alias: true, ..Paint::default() };
    paint.set_color_rgba8(r, g, b, 255);
    paint
}

fn stroke(pen: Pen, cap: LineCap) -> Stroke {
    Stroke { width: pen.width, line_cap: cap, line_join: LineJoin::Round, ..Stroke::default() }
}

/// Opaque RGB with the resolution in the `pHYs` chunk.
fn encode(image: &Pixmap, dpi: f32) -> Result<Vec<u8>, RenderError> {
    let write = |e: png::EncodingError| RenderError::Write(e.to_string());
    let pixels: Vec<u8> =
        image.pixels().iter().flat_map(|p: &PremultipliedColorU8| [p.red(), p.green(), p.blue()]).collect();
    let mut bytes = Vec::new();
    let mut encoder = png::Encoder::new(&mut bytes, image.width(), image.height());
    encoder.set_color(png::ColorType::Rgb);
    encoder.set_compression(png::Compression::Fast);
    let per_metre = (dpi / 0.0254).round() as u32;
    encoder.set_pixel_dims(Some(png::PixelDimensions { xppu: per_metre, yppu: per_metre, unit: png::Unit::Meter }));
    let mut writer = encoder.write_header().map_err(write)?;
    writer.write_image_data(&pixels).map_err(write)?;
    writer.finish().map_err(write)?;
    Ok(bytes)
}
