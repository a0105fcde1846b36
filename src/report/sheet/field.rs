//! The ECG on its grid: traces, calibration pulses, lead names put where no trace runs.

use super::draft::{Draft, STRONG, Style};
use super::marks::Marks;
use super::rows::fitted;
use crate::report::page::{Anchor, Colour, Item, Pen, Point, Rect};
use crate::report::paper::{self, CALIBRATION_MM, Plan, Strip};
use crate::report::settings::Settings;
use crate::report::simplify::{runs, simplify};
use crate::report::{Report, words};
use crate::text::text;

/// Trace pen: thin enough for 0.1 mV to be read.
const TRACE: Pen = Pen { width: 0.25, colour: Colour::INK };
/// How far a drawn trace may leave its samples, mm.
const TOLERANCE: f32 = 0.02;
/// Height of a row under which names stand on its zero line, mm.
const NARROW: f32 = 16.0;
/// Width and height of the reference pulse: 5 mm, 1 mV.
const PULSE_MM: f32 = 5.0;

/// Draws a plan, `marks` in lanes of their own; says whether some of it lay outside its place and was cut.
pub fn draw(
    draft: &mut Draft<'_>,
    report: &Report,
    settings: &Settings,
    field: Rect,
    plan: &Plan,
    marks: &Marks,
) -> bool {
    draft.page.items.extend(paper::grid(field));
    let whole: Vec<Vec<Vec<Point>>> = plan.strips.iter().map(|s| trace(report, settings, plan, s)).collect();
    let calm: Vec<_> = plan.strips.iter().zip(&whole).map(|(s, runs)| calm(report, settings, s, runs)).collect();
    let (plan, lanes) = &fitted(plan, &calm, field, marks.height());
    let lanes: Vec<(usize, Rect)> = lanes.iter().map(|&(row, top)| (row, marks.lane(field, top))).collect();
    let mut outside = false;
    let traces: Vec<Vec<Vec<Point>>> = whole
        .into_iter()
        .zip(&plan.strips)
        .map(|(runs, strip)| {
            let (top, bottom) = between(&lanes, plan.row(strip), field);
            let mut drawn = Vec::new();
            for mut run in runs {
                for point in &mut run {
                    point.1 += strip.y;
                }
                outside |= run.iter().any(|p| p.1 < top || p.1 > bottom);
                cut(&run, top, bottom, &mut drawn);
            }
            drawn
        })
        .collect();
    let mut taken = Taken {
        segments: traces.iter().flatten().cloned().collect(),
        texts: lanes.iter().map(|(_, lane)| *lane).collect(),
    };
    for &y in &plan.rows {
        taken.segments.push(pulse(field, y, settings.scale()));
    }
    for (strip, runs) in plan.strips.iter().zip(&traces) {
        name(draft, report, plan, strip, field, runs.is_empty(), &mut taken);
    }
    for (row, lane) in &lanes {
        for strip in plan.strips.iter().filter(|s| plan.row(s) == *row) {
            marks.draw(draft, strip, settings.speed, lane.y);
        }
    }
    for &y in &plan.rows {
        let runs = vec![pulse(field, y, settings.scale())];
        draft.page.items.push(Item::Trace { lead: "1 mV".into(), runs, pen: TRACE });
    }
    for (strip, runs) in plan.strips.iter().zip(traces) {
        if strip.x > field.x + CALIBRATION_MM + 0.5 {
            let edge = [(strip.x, strip.y - 2.5), (strip.x, strip.y + 2.5)];
            draft.page.items.push(Item::Lines { lines: vec![edge], pen: Pen { width: 0.3, ..TRACE } });
        }
        draft.page.items.push(Item::Trace { lead: label(strip), runs, pen: TRACE });
    }
    outside
}

/// From where to where a row's traces may run: between the lanes above and below it, at most to the field's edges.
fn between(lanes: &[(usize, Rect)], row: usize, field: Rect) -> (f32, f32) {
    let above = lanes.iter().rev().find(|(n, _)| *n < row).map(|(_, lane)| lane.bottom());
    let below = lanes.iter().find(|(n, _)| *n >= row).map(|(_, lane)| lane.y);
    (above.unwrap_or(field.y), below.unwrap_or(field.bottom()))
}

/// A strip's curve without the pacemaker's spikes: rows make no room for them, which would be taken from the beats.
fn calm(report: &Report, settings: &Settings, strip: &Strip, runs: &[Vec<Point>]) -> Vec<Vec<Point>> {
    /// Length of a spike on either side of its sample.
    const SECONDS: f32 = 0.02;
    let detection = &report.diagnosis.detection;
    let x = |s: &usize| strip.x + (*s as f64 / detection.rate.0 - strip.from) as f32 * settings.speed;
    let spikes: Vec<f32> = detection.spikes.iter().map(x).collect();
    let is_spike = |p: &Point| spikes.iter().any(|x| (p.0 - x).abs() <= SECONDS * settings.speed);
    runs.iter().flat_map(|run| run.split(is_spike).map(<[Point]>::to_vec)).collect()
}

fn label(strip: &Strip) -> String {
    if strip.inverted { format!("-{}", strip.lead) } else { strip.lead.to_string() }
}

/// A strip's curve on paper against its zero line, thinned. The zero line is the lead's median over what the page
/// shows, so that an amplifier's offset does not push a trace off its row.
fn trace(report: &Report, settings: &Settings, plan: &Plan, strip: &Strip) -> Vec<Vec<Point>> {
    let recording = &report.recording;
    let Some(row) = recording.lead(&strip.lead) else { return Vec::new() };
    let samples = row.to_slice().map_or_else(|| row.to_vec().into(), std::borrow::Cow::Borrowed);
    let rate = recording.rate.0;
    let index = |seconds: f64| ((seconds * rate).round().max(0.0) as usize).min(samples.len());
    let middle = median(&samples[index(plan.from)..index(plan.to)]);
    let (first, last) = (index(strip.from), index(strip.from + strip.seconds));
    // One sample more, so that neighbouring strips meet.
    let shown = &samples[first..(last + 1).min(samples.len())];
    let sign = if strip.inverted { -1.0 } else { 1.0 };
    let x = |i: usize| strip.x + ((first + i) as f64 / rate - strip.from) as f32 * settings.speed;
    let y = |mv: f32| -(mv - middle) * sign * settings.scale();
    let right = strip.x + strip.seconds as f32 * settings.speed;
    let mut drawn = Vec::new();
    for (from, run) in runs(shown) {
        let mut points: Vec<Point> = run.iter().enumerate().map(|(i, &mv)| (x(from + i), y(mv))).collect();
        points.retain(|p| p.0 <= right + 1e-3);
        if let [only] = points[..] {
            points.push((only.0 + TRACE.width, only.1));
        }
        drawn.push(simplify(&points, TOLERANCE));
    }
    drawn
}

/// Middle value of the finite samples; 0 without one.
pub fn median(samples: &[f32]) -> f32 {
    let mut finite: Vec<f32> = samples.iter().copied().filter(|v| v.is_finite()).collect();
    let middle = finite.len() / 2;
    if finite.is_empty() { 0.0 } else { *finite.select_nth_unstable_by(middle, f32::total_cmp).1 }
}

/// The parts of a polyline between two heights.
pub fn cut(points: &[Point], top: f32, bottom: f32, into: &mut Vec<Vec<Point>>) {
    let mut run: Vec<Point> = Vec::new();
    for pair in points.windows(2) {
        let ((x0, y0), (x1, y1)) = (pair[0], pair[1]);
        let at = |y: f32| if y1 == y0 { x0 } else { x0 + (x1 - x0) * (y - y0) / (y1 - y0) };
        let clip = |(x, y): Point| {
            if y < top {
                (at(top), top)
            } else if y > bottom {
                (at(bottom), bottom)
            } else {
                (x, y)
            }
        };
        if y0.max(y1) < top || y0.min(y1) > bottom {
            continue;
        }
        let (from, to) = (clip((x0, y0)), clip((x1, y1)));
        if run.last() != Some(&from) {
            if run.len() > 1 {
                into.push(std::mem::take(&mut run));
            }
            run = vec![from];
        }
        run.push(to);
    }
    if run.len() > 1 {
        into.push(run);
    }
}

/// The reference pulse of 1 mV in the calibration zone, lower where the row has no room for it above its zero line.
fn pulse(field: Rect, y: f32, gain: f32) -> Vec<Point> {
    let x = field.x + 2.5;
    let top = (y - gain).max(field.y + 1.0);
    let y = top + gain;
    vec![
        (x, y),
        (x + 2.5, y),
        (x + 2.5, top),
        (x + 2.5 + PULSE_MM, top),
        (x + 2.5 + PULSE_MM, y),
        (x + CALIBRATION_MM - 2.5, y),
    ]
}

/// What is drawn already, for finding a free place.
pub struct Taken {
    /// Curves.
    pub segments: Vec<Vec<Point>>,
    /// Texts.
    pub texts: Vec<Rect>,
}

impl Taken {
    /// How many drawn pieces a rectangle would touch.
    fn touched(&self, rect: &Rect) -> usize {
        let crosses = |pair: &[Point]| {
            let ((x0, y0), (x1, y1)) = (pair[0], pair[1]);
            x0.min(x1) < rect.right() && x0.max(x1) > rect.x && y0.min(y1) < rect.bottom() && y0.max(y1) > rect.y
        };
        let near = |run: &&Vec<Point>| {
            run.first().is_some_and(|p| p.0 < rect.right()) && run.last().is_some_and(|p| p.0 > rect.x)
        };
        let lines: usize =
            self.segments.iter().filter(near).map(|run| run.windows(2).filter(|pair| crosses(pair)).count()).sum();
        lines + self.texts.iter().filter(|text| text.overlaps(rect)).count() * 100
    }
}

/// Puts a lead's name by the strip's beginning, above the zero line where it can.
fn name(
    draft: &mut Draft<'_>,
    report: &Report,
    plan: &Plan,
    strip: &Strip,
    field: Rect,
    silent: bool,
    taken: &mut Taken,
) {
    let mut said = if strip.inverted { format!("−{}", strip.lead) } else { strip.lead.to_string() };
    let blocks = plan.strips.iter().filter(|s| s.rhythm && s.lead == strip.lead).count() > 1;
    if strip.rhythm && (blocks || plan.from > 0.0) {
        said = format!("{said}  {:.0}–{:.0} s", strip.from, (strip.from + strip.seconds).min(plan.to));
    }
    if words::leads_fired(&report.diagnosis).contains(&strip.lead) {
        said.push_str(" *");
    }
    if silent {
        let why = if report.recording.leads.contains(&strip.lead) {
            text("（此段无信号）", "(no signal here)")
        } else {
            text("（未记录）", "(not recorded)")
        };
        said = format!("{said} {}", draft.say(&why));
    }
    let style = Style { size: 3.0, ..STRONG };
    let said =
        draft.fit(&crate::report::page::clean(&said), style, (strip.seconds as f32 * 25.0 - 4.0).clamp(12.0, 60.0));
    let size = (draft.width(&said, style), style.size);
    let pitch = field.h / plan.rows.len().max(1) as f32;
    // Nearer to its own row than to the next one, or a reader takes it for the next one's; further off only where that
    // is free and nothing nearer is.
    let near = if pitch < NARROW {
        on_the_line(strip)
    } else {
        places(strip, &[1.2, 8.0, 16.0, 26.0, 36.0], (0.45 * pitch).max(4.0))
    };
    let wide = places(strip, &[1.2, 8.0, 16.0, 26.0], 0.6 * pitch);
    let best = best(near.into_iter(), size, field, taken);
    let other = match best {
        Some((0, ..)) => None,
        _ => self::best(wide.into_iter(), size, field, taken).filter(|b| b.0 == 0),
    };
    if let Some((_, at, rect)) = other.or(best) {
        taken.texts.push(rect);
        draft.put(at, style, Anchor::Start, &said);
    }
}

/// Places of a strip's name right above its zero line, between the waves of the first seconds: where rows are narrow, a
/// name further off would be taken for another row's.
fn on_the_line(strip: &Strip) -> Vec<Point> {
    const ACROSS: f32 = 70.0;
    let columns = (0..).map(|n| 1.2 + n as f32).take_while(|dx| *dx < ACROSS.min(strip.seconds as f32 * 25.0 - 8.0));
    columns.flat_map(|dx| [-1.7, -3.2].map(|dy| (strip.x + dx, strip.y + dy))).collect()
}

/// Places of a strip's name, the usual ones first, up to `reach` above and below its zero line.
fn places(strip: &Strip, across: &[f32], reach: f32) -> Vec<Point> {
    const HEIGHTS: [f32; 11] = [-9.0, -7.0, -11.0, -5.0, -13.0, 7.0, 9.0, 11.0, 13.0, -3.6, 5.2];
    let right = strip.seconds as f32 * 25.0 - 8.0;
    let columns = across.iter().filter(|dx| **dx <= 16.0 || **dx <= right);
    columns
        .flat_map(|dx| HEIGHTS.iter().filter(|dy| dy.abs() <= reach).map(move |dy| (strip.x + dx, strip.y + dy)))
        .collect()
}

/// The first place of a text of `size` inside the field that touches nothing, else the one that touches least.
pub fn free(places: impl Iterator<Item = Point>, size: (f32, f32), field: Rect, taken: &mut Taken) -> Option<Point> {
    let (_, at, rect) = best(places, size, field, taken)?;
    taken.texts.push(rect);
    Some(at)
}

/// The best of the places: how much it touches, the place, and what the text takes there.
fn best(
    places: impl Iterator<Item = Point>,
    (w, h): (f32, f32),
    field: Rect,
    taken: &Taken,
) -> Option<(usize, Point, Rect)> {
    let mut best: Option<(usize, Point, Rect)> = None;
    for (x, y) in places {
        // From above the capitals to below the baseline.
        let rect = Rect { x: x - 0.7, y: y - 0.9 * h - 0.4, w: w + 1.4, h: 1.15 * h + 0.8 };
        if rect.y < field.y || rect.bottom() > field.bottom() || rect.right() > field.right() {
            continue;
        }
        let touched = taken.touched(&rect);
        if best.is_none_or(|(least, ..)| touched < least) {
            best = Some((touched, (x, y), rect));
        }
        if touched == 0 {
            break;
        }
    }
    best
}
