//! Display list to SVG 1.1: sizes in millimetres, so that it prints true to scale; text stays text.

use super::page::{Anchor, Colour, Item, Label, Page, Pen, Point, Rect};
use super::{Logo, Output, RenderError, Report, Settings, sheet};
use crate::text::text;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use std::fmt::Write;

/// Facts of this output.
pub static SVG: Output =
    Output { id: "svg", name: text("SVG 矢量图", "SVG drawing"), extension: "svg", drawn: true, render };

/// Families asked of the viewer, after the one that the text was measured with.
const FAMILIES: &str = "'Noto Sans CJK SC','Noto Sans SC','Source Han Sans SC','Microsoft YaHei','PingFang SC','WenQuanYi Micro Hei',sans-serif";

fn render(report: &Report, settings: &Settings) -> Result<Vec<u8>, RenderError> {
    let pages = sheet::pages(report, settings)?;
    Ok(document(&pages, settings.lang.tag()).into_bytes())
}

/// Pages one below the other, as a file.
pub fn document(pages: &[Page], lang: &str) -> String {
    let mut out = String::with_capacity(256 * 1024);
    let width = pages.iter().map(|p| p.width).fold(0.0, f32::max);
    let height: f32 = pages.iter().map(|p| p.height).sum();
    out.push_str("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n");
    open(&mut out, width, height, lang);
    let mut y = 0.0;
    for page in pages {
        let _ = writeln!(out, "<g transform=\"translate(0 {})\">", number(y));
        content(&mut out, page);
        out.push_str("</g>\n");
        y += page.height;
    }
    out.push_str("</svg>\n");
    out
}

/// A page as an element of an HTML document, its content in a group of the given id.
pub fn inline(page: &Page, id: &str, lang: &str) -> String {
    let mut out = String::with_capacity(128 * 1024);
    open(&mut out, page.width, page.height, lang);
    let _ = writeln!(
        out,
        "<g id=\"{id}\" font-family=\"{FAMILIES}\" fill=\"none\" stroke-linejoin=\"round\" stroke-linecap=\"round\">"
    );
    content(&mut out, page);
    out.push_str("</g></svg>");
    out
}

/// A part of the group `id` as another element of the same document, as large as on paper.
pub fn part(id: &str, part: Rect, label: &str) -> String {
    let (x, y, w, h) = (number(part.x), number(part.y), number(part.w), number(part.h));
    format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" role=\"img\" aria-label=\"{}\" width=\"{w}mm\" height=\"{h}mm\" viewBox=\"{x} {y} {w} {h}\"><use href=\"#{id}\"/></svg>",
        escape(label)
    )
}

fn open(out: &mut String, width: f32, height: f32, lang: &str) {
    let (w, h) = (number(width), number(height));
    let _ = writeln!(
        out,
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{w}mm\" height=\"{h}mm\" viewBox=\"0 0 {w} {h}\" xml:lang=\"{lang}\" \
         font-family=\"{FAMILIES}\" fill=\"none\" stroke-linejoin=\"round\" stroke-linecap=\"round\">\n\
         <rect width=\"{w}\" height=\"{h}\" fill=\"#fff\"/>"
    );
}

fn content(out: &mut String, page: &Page) {
    for item in &page.items {
        match item {
            Item::Lines { lines, pen } => {
                out.push_str("<path stroke-linecap=\"butt\"");
                stroke(out, *pen);
                out.push_str(" d=\"");
                for [from, to] in lines {
                    path(out, &[*from, *to]);
                }
                out.push_str("\"/>\n");
            }
            Item::Trace { lead, runs, pen } => {
                let _ = write!(out, "<path data-lead=\"{}\"", escape(lead));
                stroke(out, *pen);
                out.push_str(" d=\"");
                for run in runs {
                    path(out, run);
                }
                out.push_str("\"/>\n");
            }
            Item::Box { rect, fill, pen } => {
                let (x, y, w, h) = (number(rect.x), number(rect.y), number(rect.w), number(rect.h));
                let _ = write!(out, "<rect x=\"{x}\" y=\"{y}\" width=\"{w}\" height=\"{h}\"");
                if let Some(fill) = fill {
                    let _ = write!(out, " fill=\"{}\"", colour(*fill));
                }
                if let Some(pen) = pen {
                    stroke(out, *pen);
                }
                out.push_str("/>\n");
            }
            Item::Picture { rect, logo } => {
                let (x, y, w, h) = (number(rect.x), number(rect.y), number(rect.w), number(rect.h));
                let _ =
                    writeln!(out, "<image x=\"{x}\" y=\"{y}\" width=\"{w}\" height=\"{h}\" href=\"{}\"/>", data(logo));
            }
            Item::Text(label) => text_element(out, label),
        }
    }
}

fn text_element(out: &mut String, label: &Label) {
    let (x, y) = (number(label.at.0), number(label.at.1));
    let _ =
        write!(out, "<text x=\"{x}\" y=\"{y}\" font-size=\"{}\" fill=\"{}\"", number(label.size), colour(label.colour));
    out.push_str(match label.anchor {
        Anchor::Start => "",
        Anchor::Middle => " text-anchor=\"middle\"",
        Anchor::End => " text-anchor=\"end\"",
    });
    if label.bold {
        out.push_str(" font-weight=\"700\"");
    }
    let _ = writeln!(out, " xml:space=\"preserve\">{}</text>", escape(&label.text));
}

fn stroke(out: &mut String, pen: Pen) {
    let _ = write!(out, " stroke=\"{}\" stroke-width=\"{}\"", colour(pen.colour), number(pen.width));
}

fn colour(Colour(r, g, b): Colour) -> String {
    format!("#{r:02x}{g:02x}{b:02x}")
}

/// A polyline as path data: hundredths of a millimetre, relative, so that it is short; the differences are of rounded
/// positions, so that nothing adds up.
fn path(out: &mut String, points: &[Point]) {
    let mut at = (0, 0);
    for (n, &(x, y)) in points.iter().enumerate() {
        let to = (hundredths(x), hundredths(y));
        match n {
            0 => out.push('M'),
            1 => out.push('l'),
            _ => out.push(' '),
        }
        let (dx, dy) = if n == 0 { to } else { (to.0 - at.0, to.1 - at.1) };
        decimal(out, dx);
        if dy >= 0 {
            out.push(' ');
        }
        decimal(out, dy);
        at = to;
    }
}

fn hundredths(mm: f32) -> i32 {
    (mm * 100.0).round() as i32
}

/// Hundredths as the shortest decimal.
fn decimal(out: &mut String, value: i32) {
    let (whole, part) = (value.unsigned_abs() / 100, value.unsigned_abs() % 100);
    if value < 0 {
        out.push('-');
    }
    if whole > 0 || part == 0 {
        let _ = write!(out, "{whole}");
    }
    if part > 0 {
        out.push('.');
        out.push((b'0' + (part / 10) as u8) as char);
        if part % 10 > 0 {
            out.push((b'0' + (part % 10) as u8) as char);
        }
    }
}

fn number(value: f32) -> String {
    let mut out = String::new();
    decimal(&mut out, hundredths(value));
    out
}

/// A picture within the document itself.
pub fn data(logo: &Logo) -> String {
    format!("data:{};base64,{}", logo.media, BASE64.encode(logo.file.as_slice()))
}

/// `text` for an element or a quoted attribute.
pub fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            c => out.push(c),
        }
    }
    out
}
