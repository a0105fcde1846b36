//! The page that compares with an earlier ECG: what changed, in words and numbers; the averaged beats laid over one
//! another; both rhythm strips.

use super::draft::{BODY, Draft, SMALL, SOFT, STRONG, Style};
use super::marks::Marks;
use super::{LEFT, WIDTH, details, field};
use crate::detect::MedianBeat;
use crate::interpret::serial::Statement;
use crate::report::batch::rhythm_lead;
use crate::report::font::Fonts;
use crate::report::page::{Anchor, Colour, Item, Pen, Point, Rect};
use crate::report::paper::{self, rhythm};
use crate::report::settings::Settings;
use crate::report::simplify::{runs, simplify};
use crate::report::{Prior, Report, words};
use crate::signal::LeadName;
use crate::text::{Text, text};

const TOP: f32 = 19.5;
const STEP: f32 = 3.6;
/// Lowest baseline of the words: the beats need the rest.
const WORDS_END: f32 = 66.0;
const WORDS: f32 = 152.0;
const TABLE: f32 = LEFT + 160.0;
/// Speed of the averaged beats, mm/s.
const SPEED: f32 = 50.0;
/// Panel of one lead, and where in it the fiducial point lies.
const PANEL: (f32, f32) = (65.0, 22.0);
const FIDUCIAL: f32 = 20.0;
/// Most leads laid over one another.
const LEADS: usize = 12;
/// Height of a rhythm strip and of the words above it.
const STRIP: f32 = 20.0;
const CAPTION: f32 = 4.2;
const LAST: f32 = 199.0;
/// The earlier ECG: wide and pale under the thin and dark of the new one, so that paper without colour tells them apart.
const OLD: Pen = Pen { width: 0.8, colour: Colour(0xb4, 0xba, 0xc2) };
const NEW: Pen = Pen { width: 0.25, colour: Colour::INK };

/// The pages, without their feet; none where there is no earlier ECG.
pub fn pages<'a>(report: &'a Report, settings: &'a Settings, fonts: &'a Fonts) -> Vec<Draft<'a>> {
    let Some(prior) = &report.prior else { return Vec::new() };
    let mut draft = details::page(report, settings, fonts);
    let below = said(&mut draft, report, prior).max(table(&mut draft, prior));
    let below = medians(&mut draft, report, prior, below + 2.0);
    if below + 2.0 * (STRIP + CAPTION) <= LAST {
        strips(&mut draft, report, prior, settings, below);
        return vec![draft];
    }
    let mut second = details::page(report, settings, fonts);
    strips(&mut second, report, prior, settings, TOP);
    vec![draft, second]
}

/// `2026-03-01 10:00:00`, or the recording's name where the time is not known.
pub fn when(report: &Report) -> String {
    let recording = &report.recording;
    recording.start.map_or_else(|| recording.name.clone(), |t| t.strftime("%Y-%m-%d %H:%M:%S").to_string())
}

/// Title, doubts, statements; returns the lowest line used.
fn said(draft: &mut Draft<'_>, report: &Report, prior: &Prior) -> f32 {
    let title = Text::of(
        format!("与 {} 的心电图比较", when(&prior.report)),
        format!("Compared with the ECG of {}", when(&prior.report)),
    );
    let title = words::programs(report, title);
    let mut y = TOP;
    let large = Style { size: 3.6, bold: true, colour: Colour::INK };
    let title = title.get(draft.lang).to_string();
    draft.put_within((LEFT, y), large, WORDS, &title);
    y += STEP + 1.2;
    let comparison = &prior.comparison;
    let mut lines: Vec<(f32, Style, String)> = Vec::new();
    for doubt in &comparison.doubts {
        let style = Style { colour: Colour::ALERT, ..STRONG };
        lines.extend(wrapped(draft, &format!("▲ {}", doubt.get(draft.lang)), style, 0.0));
    }
    for statement in &comparison.statements {
        lines.extend(statement_lines(draft, statement));
    }
    for note in &comparison.notes {
        lines.extend(wrapped(draft, note.get(draft.lang), SMALL, 0.0));
    }
    let fit = ((WORDS_END - y) / STEP) as usize + 1;
    let cut = lines.len() > fit;
    let shown = if cut { fit - 1 } else { lines.len() };
    for (indent, style, line) in lines.into_iter().take(shown) {
        draft.put((LEFT + indent, y), style, Anchor::Start, &line);
        y += STEP;
    }
    if cut {
        let more = text("…其余见 JSON 和网页报告", "... the rest is in the JSON and HTML reports");
        draft.put((LEFT, y), SMALL, Anchor::Start, more.get(draft.lang));
        y += STEP;
    }
    y
}

fn wrapped(draft: &Draft<'_>, said: &str, style: Style, indent: f32) -> Vec<(f32, Style, String)> {
    draft.wrap(said, style, WORDS - indent).into_iter().map(|line| (indent, style, line)).collect()
}

/// A statement with its mark, and under it in as few lines as it takes what it rests on.
fn statement_lines(draft: &Draft<'_>, statement: &Statement) -> Vec<(f32, Style, String)> {
    let head = format!("{} {}", words::change_mark(statement.id), statement.text.get(draft.lang));
    let mut lines = wrapped(draft, &head, STRONG, 0.0);
    let between = if draft.lang == crate::text::Lang::Zh { "；" } else { "; " };
    let because = statement.because.iter().map(|b| b.get(draft.lang)).collect::<Vec<_>>().join(between);
    if !because.is_empty() {
        lines.extend(wrapped(draft, &because, BODY, 4.0));
    }
    lines
}

/// Rate, intervals and axes side by side; returns the lowest line used.
fn table(draft: &mut Draft<'_>, prior: &Prior) -> f32 {
    let columns = [50.0, 74.0, 105.0].map(|x| TABLE + x);
    let mut y = TOP;
    let heads = [text("前次", "Prior"), text("本次", "This"), text("改变", "Change")];
    for (x, head) in columns.iter().zip(&heads) {
        draft.put((*x, y), SOFT, Anchor::End, head.get(draft.lang));
    }
    let rule = Pen { width: 0.15, colour: Colour::RULE };
    for shift in &prior.comparison.measurements {
        y += STEP;
        draft.page.line((TABLE, y - 2.8), (LEFT + WIDTH, y - 2.8), rule);
        draft.put((TABLE, y), BODY, Anchor::Start, shift.name.get(draft.lang));
        let style = if shift.significant { STRONG } else { BODY };
        for (x, cell) in columns.iter().zip(words::shift(shift)) {
            draft.put((*x, y), style, Anchor::End, &cell);
        }
    }
    y += STEP;
    let legend = text("粗体与 ★：超过有意义改变的界限", "bold and ★: more than the limit of a significant change");
    draft.put_within((TABLE, y), SMALL, 105.0, legend.get(draft.lang));
    y + STEP
}

/// The averaged beats over one another; returns the lowest line used.
fn medians(draft: &mut Draft<'_>, report: &Report, prior: &Prior, top: f32) -> f32 {
    let (new, old) = (report.diagnosis.detection.median(), prior.report.diagnosis.detection.median());
    let leads: Vec<&LeadName> =
        report.recording.leads.iter().filter(|l| prior.report.recording.leads.contains(l)).take(LEADS).collect();
    let (Some(new), Some(old), false) = (new, old, leads.is_empty()) else { return top };
    let rows = new.samples.rows().into_iter().chain(old.samples.rows());
    let gain = details::beat_gain(rows.map(|row| row.to_vec()), PANEL.1);
    let legend = Text::of(
        format!("中值心搏重叠 · 宽浅色线：前次 · 细深色线：本次 · {SPEED} mm/s · {gain} mm/mV"),
        format!(
            "Averaged beats laid over one another · wide and pale: prior · thin and dark: this · {SPEED} mm/s · {gain} mm/mV"
        ),
    );
    draft.put_within((LEFT, top + 1.0), SOFT, WIDTH, legend.get(draft.lang));
    let top = top + 3.0;
    for (n, lead) in leads.iter().enumerate() {
        let at = (LEFT + (n % 4) as f32 * (PANEL.0 + 1.6), top + (n / 4) as f32 * (PANEL.1 + 1.0));
        panel(draft, [&prior.report, report], lead, at, gain);
    }
    top + leads.len().div_ceil(4) as f32 * (PANEL.1 + 1.0) + 1.0
}

fn panel(draft: &mut Draft<'_>, reports: [&Report; 2], lead: &LeadName, (x, y): Point, gain: f32) {
    let window = Rect { x, y, w: PANEL.0, h: PANEL.1 };
    draft.page.items.extend(paper::grid(window));
    let beats: Vec<Vec<Point>> = reports.iter().filter_map(|r| beat(r, lead, window, gain)).collect();
    let heights = || beats.iter().flatten().map(|p| p.1);
    let (up, down) = heights().fold((0.0f32, 0.0f32), |(up, down), v| (up.min(v), down.max(v)));
    // The zero line where both beats are centred, on a whole millimetre; the same for both.
    let zero = (y + PANEL.1 / 2.0 - f32::midpoint(up, down)).round();
    let mut taken = field::Taken { segments: Vec::new(), texts: Vec::new() };
    for (points, pen) in beats.into_iter().zip([OLD, NEW]) {
        let mut drawn = Vec::new();
        let placed: Vec<Point> = points.into_iter().map(|(px, py)| (px, py + zero)).collect();
        field::cut(&simplify(&placed, 0.02), window.y, window.bottom(), &mut drawn);
        taken.segments.extend(drawn.clone());
        draft.page.items.push(Item::Trace { lead: lead.to_string(), runs: drawn, pen });
    }
    let style = Style { size: 2.8, ..STRONG };
    let label = draft.fit(lead.as_str(), style, 14.0);
    let size = (draft.width(&label, style), style.size);
    let corners = [(x + 1.2, y + 3.4), (x + 1.2, y + 20.6), (x + 56.0, y + 3.4), (x + 56.0, y + 20.6)];
    if let Some(at) = field::free(corners.into_iter(), size, window, &mut taken) {
        draft.put(at, style, Anchor::Start, &label);
    }
}

/// One averaged beat with its fiducial point at [`FIDUCIAL`], heights against its zero line; the first unbroken run.
fn beat(report: &Report, lead: &LeadName, window: Rect, gain: f32) -> Option<Vec<Point>> {
    let median: &MedianBeat = report.diagnosis.detection.median()?;
    let row = report.recording.leads.iter().position(|l| l == lead)?;
    if row >= median.samples.nrows() {
        return None;
    }
    let rate = report.diagnosis.detection.rate.0;
    let samples: Vec<f32> = median.samples.row(row).to_vec();
    let across = |i: usize| window.x + FIDUCIAL + ((i as f64 - median.fiducial as f64) / rate) as f32 * SPEED;
    let (from, run) = runs(&samples).max_by_key(|(_, run)| run.len())?;
    let points = run.iter().enumerate().map(|(i, &mv)| (across(from + i), -mv * gain));
    let inside: Vec<Point> = points.filter(|p| p.0 >= window.x && p.0 <= window.right()).collect();
    (inside.len() > 1).then_some(inside)
}

/// Ten seconds of both ECGs' rhythm leads, one above the other.
fn strips(draft: &mut Draft<'_>, report: &Report, prior: &Prior, settings: &Settings, top: f32) {
    let both = [(&prior.report, text("前次", "Prior")), (report, text("本次", "This ECG"))];
    for (n, (report, name)) in both.into_iter().enumerate() {
        let y = top + n as f32 * (STRIP + CAPTION);
        let (speed, gain) = (settings.speed, settings.scale());
        let caption = format!("{} · {} · {speed} mm/s · {gain} mm/mV", name.get(draft.lang), when(report));
        draft.put_within((LEFT, y + 3.0), SOFT, WIDTH, &caption);
        let Some(lead) = rhythm_lead(&report.recording) else { continue };
        let window = Rect { x: LEFT, y: y + CAPTION, w: WIDTH, h: STRIP };
        let mut plan = rhythm(&report.recording, &[lead], settings, window, 0.0);
        plan.strips.truncate(1);
        plan.rows = vec![window.y + STRIP / 2.0];
        plan.strips.iter_mut().for_each(|s| s.y = window.y + STRIP / 2.0);
        plan.to = plan.to.min(plan.from + plan.strips.first().map_or(0.0, |s| s.seconds));
        field::draw(draft, report, settings, window, &plan, &Marks::default());
    }
}
