//! The composition of the sheet: A4 across, heading, ECG on millimetre paper, foot. Texts are measured before they are
//! placed: what does not fit is cut with an ellipsis and said in full on a later page.
//!
//! Clipping: a trace may run into the rows beside its own, as on paper; it is cut only at the edge of the grid.

mod draft;
mod field;
mod foot;
mod heading;

use super::font::{Fonts, fonts};
use super::page::{Page, Rect};
use super::paper::plan;
use super::settings::Settings;
use super::{RenderError, Report};
use draft::Draft;
pub use heading::standing;

/// Left edge of everything, mm.
const LEFT: f32 = 16.0;
/// Width of everything, mm: 53 large boxes.
const WIDTH: f32 = 265.0;
/// The grid.
const FIELD: Rect = Rect { x: LEFT, y: 50.0, w: WIDTH, h: 130.0 };

/// The sheet's pages.
pub fn pages(report: &Report, settings: &Settings) -> Result<Vec<Page>, RenderError> {
    let fonts = fonts(settings.lang)?;
    Ok(vec![first(report, settings, fonts)])
}

fn first(report: &Report, settings: &Settings, fonts: &Fonts) -> Page {
    let mut draft = Draft::new(fonts, settings.lang);
    heading::title(&mut draft, report, settings);
    heading::patient(&mut draft, report);
    heading::measurements(&mut draft, report);
    heading::findings(&mut draft, report);
    let plan = field::draw(&mut draft, report, settings, FIELD, 0.0);
    foot::notes(&mut draft, report, settings, &plan, FIELD.bottom());
    foot::signature(&mut draft, report);
    foot::foot(&mut draft, report, settings, 1, 1);
    draft.page
}

/// What the picture shows: speed, gain, seconds, timing.
pub fn caption(report: &Report, settings: &Settings) -> crate::text::Text {
    foot::paper(report, settings, &plan(&report.recording, settings, FIELD, 0.0))
}

/// The part of the first page that is the ECG.
pub const PICTURE: Rect = Rect { x: FIELD.x - 0.5, y: FIELD.y - 0.5, w: FIELD.w + 1.0, h: FIELD.h + 1.0 };
