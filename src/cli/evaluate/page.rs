//! A suite's result as one HTML file that needs nothing from outside: tables, histograms of the errors, and the records
//! in which we and the experts agree least, with both sides' marks.

use super::worst::{Looked, Mark, SECONDS, Worst};
use crate::evaluate::{Scores, Suite, Table};
use crate::report::{PROGRAM, VERSION};
use crate::text::{Lang, Text, text};
use maud::{DOCTYPE, Markup, PreEscaped, html};
use std::fmt::Write;

const STYLE: &str = "body{font:14px/1.4 system-ui,sans-serif;margin:1rem auto;max-width:70rem;padding:0 1rem;color:#101418}\
table{border-collapse:collapse;font-size:.88em;margin:.3rem 0 1rem}td,th{border-bottom:1px solid #d5d9de;padding:.15rem .5rem;\
text-align:right;vertical-align:top}td:first-child,th:first-child{text-align:left}.wide{overflow-x:auto}\
svg{background:#fff;border:1px solid #e9d5d5;max-width:100%;height:auto}figure{margin:.6rem 0 1.2rem}\
figcaption{color:#555b63;font-size:.9em}.row{display:flex;flex-wrap:wrap;gap:1rem}";
/// Pixels of a strip.
const WIDTH: f64 = 1060.0;
/// Pixels of one lead; of one millivolt.
const LEAD: f64 = 130.0;
const MILLIVOLT: f64 = 42.0;
/// Leads drawn at most.
const LEADS: usize = 3;
/// Width of a histogram's bar, ms, and its end.
const BAR_MS: f64 = 5.0;
const END_MS: f64 = 100.0;

/// The page.
pub fn page(suite: &Suite, scores: &Scores, looked: &Looked, lang: Lang) -> String {
    let title = format!("{PROGRAM} evaluate {}", suite.id);
    let errors = text("误差分布（本程序 − 专家）", "Errors (ours − experts')");
    let worst = text("分歧最大的记录", "The records with most disagreement");
    let legend = text(
        "上：专家标注（蓝）；下：本程序（黑）；红色为无对应者",
        "above: the experts' marks (blue); below: ours (black); red: without a partner",
    );
    let page = html! {
        (DOCTYPE)
        html lang=(lang.tag()) {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                title { (title) }
                style { (PreEscaped(STYLE)) }
            }
            body {
                h1 { (suite.name.get(lang)) }
                p { (suite.about.get(lang)) " · " (PROGRAM) " " (VERSION) }
                @for table in &scores.tables { (rows(table)) }
                @if !looked.errors.is_empty() {
                    h2 { (errors.get(lang)) }
                    div.row { @for (point, values) in &looked.errors { (histogram(point, values, lang)) } }
                }
                @if !looked.worst.is_empty() {
                    h2 { (worst.get(lang)) }
                    p { (legend.get(lang)) }
                    @for w in &looked.worst { (strip(w, lang)) }
                }
            }
        }
    };
    page.into_string()
}

fn rows(table: &Table) -> Markup {
    html! {
        h2 { (table.title) }
        div.wide { table {
            thead { tr { @for c in &table.columns { th { (c) } } } }
            tbody { @for row in &table.rows { tr { @for cell in row { td { (cell) } } } } }
        } }
    }
}

/// Bars of 5 ms; what lies further out stands in the outermost.
fn histogram(point: &str, values: &[f64], lang: Lang) -> Markup {
    let bars = (2.0 * END_MS / BAR_MS) as usize;
    let mut counts = vec![0_usize; bars];
    for v in values {
        let bar = ((v + END_MS) / BAR_MS).floor().clamp(0.0, bars as f64 - 1.0) as usize;
        counts[bar] += 1;
    }
    let most = counts.iter().copied().max().unwrap_or(0).max(1) as f64;
    let mean = values.iter().sum::<f64>() / values.len().max(1) as f64;
    let sd =
        (values.iter().map(|v| (v - mean).powi(2)).sum::<f64>() / values.len().max(2).saturating_sub(1) as f64).sqrt();
    let (w, h) = (320.0, 120.0);
    let mut body = String::new();
    for (n, count) in counts.iter().enumerate() {
        let (x, high) = (n as f64 * w / bars as f64, *count as f64 / most * (h - 10.0));
        let _ = write!(
            body,
            "<rect x='{x:.1}' y='{:.1}' width='{:.1}' height='{high:.1}' fill='#33658a'/>",
            h - high,
            w / bars as f64 - 0.6
        );
    }
    let _ = write!(body, "<path d='M{} 0V{h}' stroke='#a8071a'/>", w / 2.0);
    let n = values.len();
    let said = Text::of(
        format!("{point}：n = {n}，均值 {mean:+.1} ms，标准差 {sd:.1} ms（−100 … +100 ms）"),
        format!("{point}: n = {n}, mean {mean:+.1} ms, SD {sd:.1} ms (−100 … +100 ms)"),
    );
    html! {
        figure {
            (PreEscaped(format!("<svg width='{w}' height='{}' viewBox='0 0 {w} {}'>{body}</svg>", h + 4.0, h + 4.0)))
            figcaption { (said.get(lang)) }
        }
    }
}

/// Ten seconds of a record, one lead under the other, marks of both sides at the first.
fn strip(w: &Worst, lang: Lang) -> Markup {
    let rate = w.recording.rate.0;
    let span = ((SECONDS * rate) as usize).min(w.recording.len().saturating_sub(w.from)).max(1);
    let preferred = ["II", "MLII", "V1", "V5"];
    let mut order: Vec<usize> =
        preferred.iter().filter_map(|p| w.recording.leads.iter().position(|l| l.as_str() == *p)).collect();
    order.extend((0..w.recording.leads.len()).filter(|n| !order.contains(n)).collect::<Vec<_>>());
    order.truncate(LEADS);
    let height = LEAD * order.len() as f64;
    let x = |sample: usize| (sample as f64 - w.from as f64) / (SECONDS * rate) * WIDTH;
    let mut body = grid(height);
    for (n, row) in order.iter().enumerate() {
        let samples: Vec<f32> = w.recording.samples.row(*row).iter().skip(w.from).take(span).copied().collect();
        let zero = LEAD * (n as f64 + 0.5);
        trace(&mut body, &samples, |i| x(w.from + i), zero);
        let _ = write!(
            body,
            "<text x='4' y='{:.0}' font-size='12' fill='#555b63'>{}</text>",
            zero - LEAD / 2.0 + 13.0,
            crate::report::escaped(w.recording.leads[*row].as_str())
        );
    }
    let end = w.from + span;
    marks(&mut body, w.theirs.iter().filter(|m| (w.from..end).contains(&m.sample)), &x, (0.0, LEAD * 0.2), "#1d4ed8");
    marks(&mut body, w.ours.iter().filter(|m| (w.from..end).contains(&m.sample)), &x, (LEAD * 0.8, LEAD), "#101418");
    let svg = format!("<svg width='{WIDTH}' height='{height}' viewBox='0 0 {WIDTH} {height}'>{body}</svg>");
    let reader = text("阅图者意见：", "A reader's view: ");
    html! {
        figure {
            (PreEscaped(svg))
            figcaption { b { (w.recording.name) } " · " (format!("{:.0} s", w.from as f64 / rate)) " · " (w.about)
                @if let Some((zh, en)) = w.reading {
                    br;
                    (reader.get(lang)) (if lang == Lang::Zh { zh } else { en })
                } }
        }
    }
}

fn grid(height: f64) -> String {
    let mut d = String::new();
    for n in 0..=(SECONDS * 5.0) as usize {
        let _ = write!(d, "M{:.1} 0v{height}", n as f64 * WIDTH / (SECONDS * 5.0));
    }
    format!("<path d='{d}' stroke='#f4d4d4' stroke-width='1'/>")
}

/// The curve against its median, lowest and highest of each pixel.
fn trace(body: &mut String, samples: &[f32], x: impl Fn(usize) -> f64, zero: f64) {
    let mut finite: Vec<f32> = samples.iter().copied().filter(|v| v.is_finite()).collect();
    finite.sort_by(f32::total_cmp);
    let middle = f64::from(finite.get(finite.len() / 2).copied().unwrap_or_default());
    let y = |v: f32| (zero - (f64::from(v) - middle) * MILLIVOLT).clamp(zero - LEAD / 2.0, zero + LEAD / 2.0);
    let step = (samples.len() / (WIDTH as usize)).max(1);
    let mut d = String::new();
    let mut down = false;
    for (n, part) in samples.chunks(step).enumerate() {
        let seen = || part.iter().copied().filter(|v| v.is_finite());
        let (Some(low), Some(high)) = (seen().reduce(f32::min), seen().reduce(f32::max)) else {
            down = false;
            continue;
        };
        let at = x(n * step);
        let _ = write!(d, "{}{at:.1} {:.1}", if down { 'L' } else { 'M' }, y(low));
        if high > low {
            let _ = write!(d, "L{at:.1} {:.1}", y(high));
        }
        down = true;
    }
    let _ = write!(body, "<path d='{d}' fill='none' stroke='#101418' stroke-width='1'/>");
}

fn marks<'a>(
    body: &mut String,
    marks: impl Iterator<Item = &'a Mark>,
    x: &impl Fn(usize) -> f64,
    (top, bottom): (f64, f64),
    colour: &str,
) {
    for mark in marks {
        let colour = if mark.alone { "#d00020" } else { colour };
        let at = x(mark.sample);
        let _ = write!(body, "<path d='M{at:.1} {top:.0}V{bottom:.0}' stroke='{colour}'/>");
        let y = if top == 0.0 { 10.0 } else { bottom - 2.0 };
        let said = crate::report::escaped(&mark.text.replace(" on", "(").replace(" off", ")").replace("QRS", ""));
        let _ = write!(body, "<text x='{:.1}' y='{y:.0}' font-size='10' fill='{colour}'>{said}</text>", at + 1.5);
    }
}
