//! ECG paper: the millimetre grid, and which lead's which seconds stand where.
//!
//! Speed, gain and the order of leads by Kligfield et al., "Recommendations for the standardization and interpretation
//! of the electrocardiogram, part I" (J Am Coll Cardiol 2007); the Cabrera order is that paper's recommended alternative.

use super::page::{Colour, Item, Pen, Rect};
use super::settings::{Layout, Settings};
use crate::signal::{LeadName, Recording};

/// Seconds that a standard sheet shows.
pub const SHEET_SECONDS: f64 = 10.0;
/// Width of the calibration zone at the left of each row, mm.
pub const CALIBRATION_MM: f32 = 12.5;
/// Leads among the twelve from which on the twelve-lead sheet is used.
const TWELVE_LEAD_FROM: usize = 6;
/// Most rows that a page of rhythm strips has.
const RHYTHM_ROWS: usize = 4;

/// A stretch of one lead on the sheet.
#[derive(Clone, Debug, PartialEq)]
pub struct Strip {
    /// Which lead.
    pub lead: LeadName,
    /// Drawn upside down (−aVR of the Cabrera order).
    pub inverted: bool,
    /// Left end, mm.
    pub x: f32,
    /// Zero line, mm.
    pub y: f32,
    /// First second shown.
    pub from: f64,
    /// Seconds shown.
    pub seconds: f64,
    /// Whether it runs over the whole width.
    pub rhythm: bool,
}

/// How the strips share time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Timing {
    /// Columns follow one another in time.
    Sequential,
    /// Columns show the same time.
    Simultaneous,
    /// One column.
    Single,
}

/// Where everything is on a page's field.
#[derive(Clone, Debug, PartialEq)]
pub struct Plan {
    /// The strips.
    pub strips: Vec<Strip>,
    /// Zero line of each row: there the calibration pulse is drawn.
    pub rows: Vec<f32>,
    /// How columns share time.
    pub timing: Timing,
    /// First second shown.
    pub from: f64,
    /// One past the last second shown.
    pub to: f64,
}

impl Plan {
    /// The row of a strip.
    pub fn row(&self, strip: &Strip) -> usize {
        self.rows.iter().position(|y| *y == strip.y).unwrap_or_default()
    }

    /// Whether the marks of beats stand under a row: the last one of its stretch of time.
    pub fn is_marked(&self, row: usize) -> bool {
        let begins = |row: usize| self.strips.iter().find(|s| self.rows.get(row) == Some(&s.y)).map(|s| s.from);
        begins(row).is_some() && begins(row) != begins(row + 1)
    }
}

/// The grid of `field`: lines at every millimetre, heavier at every 5 mm, from the field's upper left corner.
pub fn grid(field: Rect) -> [Item; 2] {
    let (mut fine, mut bold) = (Vec::new(), Vec::new());
    for n in 0..=field.w.round() as usize {
        let x = field.x + n as f32;
        if n % 5 == 0 { &mut bold } else { &mut fine }.push([(x, field.y), (x, field.bottom())]);
    }
    for n in 0..=field.h.round() as usize {
        let y = field.y + n as f32;
        if n % 5 == 0 { &mut bold } else { &mut fine }.push([(field.x, y), (field.right(), y)]);
    }
    [
        Item::Lines { lines: fine, pen: Pen { width: 0.1, colour: Colour::GRID } },
        Item::Lines { lines: bold, pen: Pen { width: 0.18, colour: Colour::GRID_BOLD } },
    ]
}

/// The sheet's plan of a recording, from `from` seconds on.
pub fn plan(recording: &Recording, settings: &Settings, field: Rect, from: f64) -> Plan {
    let standard = LeadName::TWELVE.iter().filter(|l| recording.leads.contains(l)).count();
    if standard < TWELVE_LEAD_FROM {
        return rhythm(recording, &rhythm_leads(recording), settings, field, from);
    }
    let layout = settings.layout;
    // Six-lead devices have no chest leads: half the sheet would say so and nothing else.
    let chest = order(false).into_iter().skip(6).any(|(lead, _)| recording.leads.contains(&lead));
    let (columns, rows): (usize, usize) = match (layout, chest) {
        (Layout::ThreeByFour | Layout::ThreeByFourThree, true) => (4, 3),
        (Layout::ThreeByFour | Layout::ThreeByFourThree, false) => (2, 3),
        (Layout::SixByTwo, true) => (2, 6),
        (Layout::TwelveByOne, true) => (1, 12),
        (Layout::SixByTwo | Layout::TwelveByOne, false) => (1, 6),
    };
    let strips: &[LeadName] = match (layout, chest) {
        (Layout::ThreeByFourThree, true) => &[LeadName::V1, LeadName::II, LeadName::V5],
        (Layout::ThreeByFour | Layout::ThreeByFourThree, _) => &[LeadName::II],
        (Layout::SixByTwo | Layout::TwelveByOne, _) => &[],
    };
    let width =
        f64::from((field.w - CALIBRATION_MM) / settings.speed).min(SHEET_SECONDS * 25.0 / f64::from(settings.speed));
    let column = width / columns as f64;
    let pitch = field.h / (rows + strips.len()) as f32;
    let zero = |row: usize| field.y + (row as f32 + 0.5) * pitch;
    let left = field.x + CALIBRATION_MM;
    let sequential = columns > 1 && recording.seconds() - from >= width - 1.0 / recording.rate.0;
    let mut plan = Plan {
        strips: Vec::new(),
        rows: (0..rows + strips.len()).map(zero).collect(),
        timing: match (columns, sequential) {
            (1, _) => Timing::Single,
            (_, true) => Timing::Sequential,
            (_, false) => Timing::Simultaneous,
        },
        from,
        to: recording.seconds().min(from + width),
    };
    for (n, (lead, inverted)) in order(settings.cabrera).into_iter().take(columns * rows).enumerate() {
        let (place, row) = (n / rows, n % rows);
        let offset = place as f64 * column;
        plan.strips.push(Strip {
            lead,
            inverted,
            x: left + offset as f32 * settings.speed,
            y: zero(row),
            from: from + if sequential { offset } else { 0.0 },
            seconds: column,
            rhythm: columns == 1,
        });
    }
    for (n, lead) in strips.iter().enumerate() {
        let (lead, y) = (rhythm_lead(recording, lead), zero(rows + n));
        plan.strips.push(Strip { lead, inverted: false, x: left, y, from, seconds: width, rhythm: true });
    }
    plan
}

fn order(cabrera: bool) -> Vec<(LeadName, bool)> {
    use LeadName as L;
    let limb: [(LeadName, bool); 6] = if cabrera {
        [(L::AvL, false), (L::I, false), (L::AvR, true), (L::II, false), (L::AvF, false), (L::III, false)]
    } else {
        [L::I, L::II, L::III, L::AvR, L::AvL, L::AvF].map(|lead| (lead, false))
    };
    limb.into_iter().chain([L::V1, L::V2, L::V3, L::V4, L::V5, L::V6].map(|lead| (lead, false))).collect()
}

/// The wanted rhythm lead, or the first that was recorded.
fn rhythm_lead(recording: &Recording, wanted: &LeadName) -> LeadName {
    let recorded = |lead: &&LeadName| recording.lead(lead).is_some_and(|s| s.iter().any(|v| v.is_finite()));
    std::iter::once(wanted).chain(&recording.leads).find(recorded).unwrap_or(wanted).clone()
}

/// Leads of a page of strips: the first few of the recording.
fn rhythm_leads(recording: &Recording) -> Vec<LeadName> {
    let recorded: Vec<LeadName> =
        recording.leads.iter().filter(|l| !recording.derived.contains(l)).take(RHYTHM_ROWS).cloned().collect();
    if recorded.is_empty() { recording.leads.iter().take(RHYTHM_ROWS).cloned().collect() } else { recorded }
}

/// Strips over the whole width: one lead in up to four consecutive rows, two in two pairs, three and four at once.
pub fn rhythm(recording: &Recording, leads: &[LeadName], settings: &Settings, field: Rect, from: f64) -> Plan {
    let width =
        f64::from((field.w - CALIBRATION_MM) / settings.speed).min(SHEET_SECONDS * 25.0 / f64::from(settings.speed));
    let fit = (RHYTHM_ROWS / leads.len().max(1)).max(1);
    let needed = ((recording.seconds() - from) / width - 1e-6).ceil().max(1.0) as usize;
    let blocks = needed.min(fit);
    let rows = blocks * leads.len();
    let pitch = (field.h / rows.max(1) as f32).min(field.h / 3.0);
    let top = field.y + (field.h - pitch * rows as f32) / 2.0;
    let zero = |row: usize| top + (row as f32 + 0.5) * pitch;
    let mut plan = Plan {
        strips: Vec::new(),
        rows: (0..rows).map(zero).collect(),
        timing: Timing::Single,
        from,
        to: recording.seconds().min(from + blocks as f64 * width),
    };
    for block in 0..blocks {
        for (n, lead) in leads.iter().enumerate() {
            plan.strips.push(Strip {
                lead: lead.clone(),
                inverted: false,
                x: field.x + CALIBRATION_MM,
                y: zero(block * leads.len() + n),
                from: from + block as f64 * width,
                seconds: width,
                rhythm: true,
            });
        }
    }
    plan
}
