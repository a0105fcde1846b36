//! The composition of the sheet: A4 across, heading, ECG on millimetre paper, foot. Texts are measured before they are
//! placed: what does not fit is cut with an ellipsis and said in full on a later page.
//!
//! Clipping: a trace may run into the rows beside its own, as on paper; it is cut only at the edge of the grid.

mod comparison;
mod details;
pub mod draft;
mod field;
mod foot;
mod gain;
mod heading;
mod long;
mod marks;
mod rows;

use super::font::{Fonts, fonts};
use super::page::{Page, Rect};
use super::paper::{Plan, plan, rhythm};
use super::settings::Settings;
use super::{RenderError, Report};
use crate::signal::LeadName;
pub use comparison::when;
use draft::Draft;
pub use heading::standing;
use marks::Marks;

/// Left edge of everything, mm.
pub const LEFT: f32 = 16.0;
/// Width of everything, mm: 53 large boxes.
pub const WIDTH: f32 = 265.0;
/// The grid.
const FIELD: Rect = Rect { x: LEFT, y: 50.0, w: WIDTH, h: 130.0 };

/// The sheet's pages: the ECG; what did not fit or was asked for; the overview of a long recording.
pub fn pages(report: &Report, settings: &Settings) -> Result<Vec<Page>, RenderError> {
    let fonts = fonts(settings.lang)?;
    let plan = plan(&report.recording, settings, FIELD, 0.0);
    let settings = &gain::settled(report, settings, FIELD, &plan);
    let (first, complete) = first(report, settings, fonts, &plan);
    let mut drafts = vec![first];
    if settings.overview && report.recording.seconds() > plan.to + 1.0 {
        drafts.extend(long::page(report, settings, fonts));
    }
    drafts.splice(1..1, comparison::pages(report, settings, fonts));
    drafts.extend(further(report, settings, fonts, &plan));
    if settings.details || !complete {
        drafts.extend(details::pages(report, settings, fonts));
    }
    let total = drafts.len();
    let feet = drafts.into_iter().enumerate().map(|(n, mut draft)| {
        foot::foot(&mut draft, report, settings, n + 1, total);
        draft.page
    });
    Ok(feet.collect())
}

/// Pages of the leads that the sheet of a twelve-lead ECG has no place for (V7 … V9, right-sided, Frank's).
fn further<'a>(report: &Report, settings: &Settings, fonts: &'a Fonts, shown: &Plan) -> Vec<Draft<'a>> {
    let recording = &report.recording;
    let is_shown = |lead: &&LeadName| shown.strips.iter().any(|s| s.lead == **lead);
    let rest: Vec<LeadName> = recording.leads.iter().filter(|l| !is_shown(l)).cloned().collect();
    let page = |leads: &[LeadName]| {
        let mut draft = details::page(report, settings, fonts);
        let window = Rect { y: 24.0, ..FIELD };
        let mut strips = rhythm(recording, leads, settings, window, 0.0);
        // One stretch of time, that of the first page.
        strips.strips.retain(|s| s.from == 0.0);
        strips.rows.truncate(leads.len());
        let marks = Marks::of(report, &strips);
        let cut = field::draw(&mut draft, report, settings, window, &strips, &marks);
        let paper = foot::paper(report, settings, &strips, cut);
        foot::notes(&mut draft, &paper, report, window.bottom());
        draft
    };
    rest.chunks(4).map(page).collect()
}

/// The first page without its foot, and whether everything had its place on it.
fn first<'a>(report: &Report, settings: &Settings, fonts: &'a Fonts, plan: &Plan) -> (Draft<'a>, bool) {
    let mut draft = Draft::new(fonts, settings.lang);
    heading::title(&mut draft, report, settings);
    heading::patient(&mut draft, report);
    heading::measurements(&mut draft, report);
    let findings = heading::findings(&mut draft, report);
    let cut = field::draw(&mut draft, report, settings, FIELD, plan, &Marks::of(report, plan));
    let paper = foot::paper(report, settings, plan, cut);
    let notes = foot::notes(&mut draft, &paper, report, FIELD.bottom());
    foot::signature(&mut draft, report);
    (draft, findings && notes)
}

/// What the picture shows: speed, gain, seconds, timing.
pub fn caption(report: &Report, settings: &Settings) -> crate::text::Text {
    let plan = plan(&report.recording, settings, FIELD, 0.0);
    foot::paper(report, &gain::settled(report, settings, FIELD, &plan), &plan, false)
}

/// The part of the page of a comparison that is below its words.
pub const COMPARED: Rect = Rect { x: FIELD.x - 0.5, y: 15.0, w: FIELD.w + 1.0, h: 185.0 };
/// The part of the first page that is the ECG.
pub const PICTURE: Rect = Rect { x: FIELD.x - 0.5, y: FIELD.y - 0.5, w: FIELD.w + 1.0, h: FIELD.h + 1.0 };
