//! The page of a long recording: its rhythm lead from end to end, and its RR intervals over time and against the next
//! (tachogram and Lorenz plot).

use super::draft::{Draft, SMALL, SOFT, STRONG};
use super::{LEFT, WIDTH, details};
use crate::detect::BeatClass;
use crate::report::Report;
use crate::report::batch::rhythm_lead;
use crate::report::font::Fonts;
use crate::report::page::{Anchor, Colour, Item, Pen, Point, Rect};
use crate::report::settings::Settings;
use crate::report::simplify::{runs, simplify};
use crate::signal::LeadName;
use crate::text::{Text, text};

/// Seconds a row may show.
const ROW_SECONDS: [f64; 9] = [10.0, 15.0, 30.0, 60.0, 120.0, 300.0, 600.0, 1800.0, 3600.0];
/// Most rows on the page.
const ROWS: usize = 30;
/// Where the rows lie.
const FIELD: Rect = Rect { x: LEFT + 15.0, y: 70.0, w: WIDTH - 15.0, h: 127.0 };
/// Where the rows lie when there are no intervals to plot.
const TALL: Rect = Rect { x: LEFT + 15.0, y: 26.0, w: WIDTH - 15.0, h: 171.0 };
/// Height of a row's trace that still tells it from the next one's, in rows.
const CROSSING: f32 = 1.2;
/// Fewest intervals worth a plot.
const INTERVALS: usize = 30;
/// Most intervals plotted: more are thinned evenly.
const PLOTTED: usize = 4000;
/// Longest interval plotted, ms.
const LONGEST: f64 = 2000.0;

/// The page, without its foot; `None` without a lead to draw.
pub fn page<'a>(report: &'a Report, settings: &'a Settings, fonts: &'a Fonts) -> Option<Draft<'a>> {
    let recording = &report.recording;
    let lead = rhythm_lead(recording)?;
    let seconds = ROW_SECONDS.into_iter().find(|s| recording.seconds() / s <= ROWS as f64).unwrap_or(3600.0);
    let mut draft = details::page(report, settings, fonts);
    let intervals = intervals(report);
    let field = if intervals.len() >= INTERVALS { FIELD } else { TALL };
    let rows = ((recording.seconds() / seconds).ceil() as usize).clamp(1, ROWS);
    let pitch = (field.h / rows as f32).min(15.0);
    let gain = gain(report, &lead, pitch);
    let said = Text::of(
        format!("全程概览：{lead} 导联 · 每行 {seconds} s · {gain} mm/mV · 短线：S（细）、V（粗）类心搏"),
        format!(
            "Whole recording: lead {lead} · {seconds} s a row · {gain} mm/mV · ticks: S (thin) and V (thick) beats"
        ),
    );
    draft.put_within((LEFT, field.y - 3.0), STRONG, WIDTH, said.get(settings.lang));
    for row in 0..rows {
        let zero = field.y + (row as f32 + 0.55) * pitch;
        let from = row as f64 * seconds;
        draft.put((LEFT, zero + 0.8), SMALL, Anchor::Start, &clock(from));
        strip(&mut draft, report, &lead, Row { from, seconds, zero, pitch, gain, field });
    }
    if intervals.len() >= INTERVALS {
        plots(&mut draft, &intervals);
    }
    Some(draft)
}

/// The gain, mm/mV, at which nine of ten seconds of the lead fit their row and a little of the next.
fn gain(report: &Report, lead: &LeadName, pitch: f32) -> f32 {
    const MOST: usize = 4000;
    let samples = report.recording.lead(lead).map(|row| row.to_vec()).unwrap_or_default();
    let second = (report.recording.rate.0 as usize).max(1);
    let thin = (samples.len() / second).div_ceil(MOST).max(1);
    let span = |second: &[f32]| {
        let finite = second.iter().copied().filter(|v| v.is_finite());
        let ends = finite.fold((f32::INFINITY, f32::NEG_INFINITY), |(low, high), v| (low.min(v), high.max(v)));
        (ends.1 - ends.0).max(0.0)
    };
    let mut spans: Vec<f32> = samples.chunks(second).step_by(thin).map(span).collect();
    spans.sort_by(f32::total_cmp);
    let usual = spans.get(spans.len() * 9 / 10).copied().unwrap_or_default();
    [5.0, 2.5].into_iter().find(|gain| usual * gain <= CROSSING * pitch).unwrap_or(1.25)
}

fn clock(seconds: f64) -> String {
    let s = seconds as u64;
    if s >= 3600 {
        format!("{}:{:02}:{:02}", s / 3600, s / 60 % 60, s % 60)
    } else {
        format!("{}:{:02}", s / 60, s % 60)
    }
}

#[derive(Clone, Copy)]
struct Row {
    from: f64,
    seconds: f64,
    zero: f32,
    pitch: f32,
    gain: f32,
    field: Rect,
}

fn strip(draft: &mut Draft<'_>, report: &Report, lead: &LeadName, row: Row) {
    let recording = &report.recording;
    let Some(samples) = recording.lead(lead) else { return };
    let rate = recording.rate.0;
    let index = |seconds: f64| ((seconds * rate) as usize).min(samples.len());
    let (first, last) = (index(row.from), index(row.from + row.seconds));
    let shown: Vec<f32> = samples.iter().skip(first).take(last - first).copied().collect();
    let middle = super::field::median(&shown);
    let scale = row.field.w / row.seconds as f32;
    // Lowest and highest of every 0.2 mm: all that the print can show.
    let step = ((0.2 / scale) as f64 * rate).max(1.0) as usize;
    // The first row stays under the words above it.
    let (top, bottom) = ((row.zero - row.pitch * 0.75).max(row.field.y - 1.5), row.zero + row.pitch * 0.75);
    let y = |mv: f32| (row.zero - (mv - middle) * row.gain).clamp(top, bottom);
    let x = |i: usize| row.field.x + (i as f64 / rate) as f32 * scale;
    let mut drawn = Vec::new();
    for (from, run) in runs(&shown) {
        let points: Vec<Point> =
            crate::report::simplify::extremes(run, step).map(|(i, mv)| (x(from + i), y(mv))).collect();
        let points = simplify(&points, 0.05);
        if points.len() > 1 {
            drawn.push(points);
        }
    }
    let pen = Pen { width: 0.15, colour: Colour::INK };
    // Ticks lie in their own row, not by the next one's trace.
    let foot = row.zero + row.pitch * 0.4;
    let beats = &report.diagnosis.detection.beats;
    for (class, width, height) in [(BeatClass::S, 0.2, 1.0), (BeatClass::V, 0.5, 1.6)] {
        let marked = beats.iter().filter(|b| b.class == class && (first..last).contains(&b.qrs.peak));
        let lines: Vec<[Point; 2]> =
            marked.map(|b| x(b.qrs.peak - first)).map(|x| [(x, foot - height), (x, foot)]).collect();
        if !lines.is_empty() {
            draft.page.items.push(Item::Lines { lines, pen: Pen { width, colour: Colour::INK } });
        }
    }
    draft.page.items.push(Item::Trace { lead: lead.to_string(), runs: drawn, pen });
}

/// (Seconds, RR in ms) of each beat after the first.
fn intervals(report: &Report) -> Vec<(f64, f64)> {
    let detection = &report.diagnosis.detection;
    let at = |sample: usize| sample as f64 / detection.rate.0;
    let pairs =
        detection.beats.windows(2).map(|b| (at(b[1].qrs.peak), (at(b[1].qrs.peak) - at(b[0].qrs.peak)) * 1000.0));
    pairs.collect()
}

fn plots(draft: &mut Draft<'_>, intervals: &[(f64, f64)]) {
    let thin = intervals.len().div_ceil(PLOTTED).max(1);
    let end = intervals.last().map_or(1.0, |i| i.0).max(1.0);
    let height = |ms: f64| (ms.min(LONGEST) / LONGEST) as f32;
    let tachogram = Rect { x: LEFT + 15.0, y: 20.0, w: 195.0, h: 40.0 };
    let lorenz = Rect { x: LEFT + WIDTH - 40.0, y: 20.0, w: 40.0, h: 40.0 };
    for plot in [tachogram, lorenz] {
        axes(draft, plot);
    }
    times(draft, tachogram, end);
    for n in 1..=4 {
        let x = lorenz.x + n as f32 * lorenz.w / 4.0;
        draft.page.line((x, lorenz.y), (x, lorenz.bottom()), THIN);
        draft.put((x, lorenz.bottom() + 3.0), SMALL, Anchor::Middle, &format!("{}", n * 500));
    }
    let over_time = draft.say(&text("RR间期 / ms", "RR interval / ms")).to_string();
    draft.put((tachogram.x, 19.0), SOFT, Anchor::Start, &over_time);
    let caption = draft.say(&text("RR(n+1) 对 RR(n) / ms", "RR(n+1) against RR(n) / ms")).to_string();
    draft.put((lorenz.right(), 19.0), SOFT, Anchor::End, &caption);
    let dots = |points: Vec<Point>| points.into_iter().map(|(x, y)| vec![(x - 0.05, y), (x + 0.05, y)]).collect();
    let pen = Pen { width: 0.35, colour: Colour::INK };
    let over_time = intervals
        .iter()
        .step_by(thin)
        .map(|&(s, ms)| (tachogram.x + (s / end) as f32 * tachogram.w, tachogram.bottom() - height(ms) * tachogram.h));
    let against_next = intervals
        .windows(2)
        .step_by(thin)
        .map(|p| (lorenz.x + height(p[0].1) * lorenz.w, lorenz.bottom() - height(p[1].1) * lorenz.h));
    let plotted: [(&str, Vec<Point>); 2] = [("RR", over_time.collect()), ("RR(n+1)", against_next.collect())];
    for (name, points) in plotted {
        draft.page.items.push(Item::Trace { lead: name.into(), runs: dots(points), pen });
    }
}

/// Lines of the plots.
const THIN: Pen = Pen { width: 0.15, colour: Colour::RULE };

/// A frame with lines at every 500 ms, named at its left.
fn axes(draft: &mut Draft<'_>, plot: Rect) {
    draft.page.items.push(Item::Box { rect: plot, fill: None, pen: Some(THIN) });
    for n in 0..=4 {
        let y = plot.bottom() - n as f32 * plot.h / 4.0;
        draft.page.line((plot.x, y), (plot.right(), y), THIN);
        draft.put((plot.x - 1.0, y + 0.8), SMALL, Anchor::End, &format!("{}", n * 500));
    }
}

/// The time under a plot that ends at `end` seconds: as on the rows below, at most eight round ones.
fn times(draft: &mut Draft<'_>, plot: Rect, end: f64) {
    const STEPS: [f64; 10] = [10.0, 30.0, 60.0, 120.0, 300.0, 600.0, 1800.0, 3600.0, 7200.0, 14400.0];
    let step = STEPS.into_iter().find(|step| end / step <= 8.0).unwrap_or(43200.0);
    for n in 1..=(end / step) as usize {
        let seconds = n as f64 * step;
        let x = plot.x + (seconds / end) as f32 * plot.w;
        draft.page.line((x, plot.bottom()), (x, plot.bottom() + 0.8), THIN);
        draft.put((x, plot.bottom() + 3.0), SMALL, Anchor::Middle, &clock(seconds));
    }
}
