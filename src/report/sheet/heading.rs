//! The heading: title and standing, patient and recording, measurements, findings.

use super::draft::{BODY, Draft, EVIDENCE, SOFT, STRONG, Style};
use super::{LEFT, WIDTH};
use crate::interpret::{Finding, Severity};
use crate::report::page::{Anchor, Colour, Item, Pen, Rect};
use crate::report::settings::Settings;
use crate::report::words;
use crate::report::{Decision, Logo, Report};
use crate::text::{Text, text};

const RULE: Pen = Pen { width: 0.2, colour: Colour::RULE };
/// First baseline under the rule.
const TOP: f32 = 18.8;
/// Line height, mm.
const STEP: f32 = 3.65;
/// Last baseline above the grid.
const LAST: f32 = 48.4;
/// Shortest room that evidence is put in, mm.
const SHORTEST: f32 = 12.0;
/// A value that is too long for its line in the usual size.
const NARROW: Style = Style { size: 2.2, ..BODY };
/// Largest logo, mm.
const LOGO: (f32, f32) = (40.0, 9.4);
/// Most critical values told on the first page.
const ALARMS: usize = 3;
const PATIENT: (f32, f32) = (LEFT, 70.0);
const NUMBERS: (f32, f32) = (LEFT + 74.0, 52.0);
const FINDINGS: (f32, f32) = (LEFT + 131.0, WIDTH - 131.0);

/// Centre, title, and in a box whether a physician has confirmed the report.
pub fn title(draft: &mut Draft<'_>, report: &Report, settings: &Settings) {
    let style = Style { size: 4.8, bold: true, colour: Colour::INK };
    let standing = standing(report);
    let standing_style =
        Style { size: 3.1, bold: true, colour: if report.signature.is_some() { Colour::INK } else { Colour::ALERT } };
    let standing = draft.fit(standing.get(draft.lang), standing_style, 110.0);
    let boxed = draft.width(&standing, standing_style) + 5.0;
    let shown = settings.picture.as_ref().map_or(0.0, |logo| picture(draft, logo));
    let room = WIDTH - boxed - 6.0 - shown;
    let title = if settings.heading.trim().is_empty() {
        draft.say(&words::REPORT).to_string()
    } else {
        format!("{}  {}", settings.heading.trim(), draft.say(&words::REPORT))
    };
    draft.put_within((LEFT + shown, 12.2), style, room, &title);
    let rect = Rect { x: LEFT + WIDTH - boxed, y: 7.4, w: boxed, h: 6.0 };
    let pen = Pen { width: 0.35, colour: standing_style.colour };
    draft.page.items.push(Item::Box { rect, fill: None, pen: Some(pen) });
    draft.put((rect.x + boxed / 2.0, 11.5), standing_style, Anchor::Middle, &standing);
    draft.page.line((LEFT, 14.8), (LEFT + WIDTH, 14.8), RULE);
}

/// The logo before the title; returns the width it takes, with the gap after it.
fn picture(draft: &mut Draft<'_>, logo: &Logo) -> f32 {
    let ratio = logo.width as f32 / logo.height as f32;
    let h = LOGO.1.min(LOGO.0 / ratio);
    let rect = Rect { x: LEFT, y: 4.6 + (LOGO.1 - h) / 2.0, w: h * ratio, h };
    draft.page.items.push(Item::Picture { rect, logo: logo.clone() });
    rect.w + 3.0
}

/// What the box in the heading says.
pub fn standing(report: &Report) -> Text {
    match &report.signature {
        None => words::PRELIMINARY,
        Some(s) => {
            let (zh, en) = match s.decision {
                Decision::Confirmed => ("已确认", "Confirmed"),
                Decision::Changed => ("已修改并确认", "Changed and confirmed"),
            };
            let name = crate::report::page::clean(&s.name);
            match report.revision {
                0 => Text::of(format!("{zh}：{name}"), format!("{en}: {name}")),
                n => {
                    Text::of(format!("更正报告（第 {n} 次更正）：{name}"), format!("Amended report (no. {n}): {name}"))
                }
            }
        }
    }
}

/// Who, when, with what.
pub fn patient(draft: &mut Draft<'_>, report: &Report) {
    let (recording, patient) = (&report.recording, &report.diagnosis.patient);
    let unknown = text("未知", "unknown");
    let name = patient
        .name
        .as_deref()
        .map_or_else(|| draft.say(&text("姓名未知", "Name unknown")).to_string(), str::to_string);
    let person = [
        patient.sex.map_or(text("性别未知", "sex unknown"), words::sex),
        patient.age.map_or(text("年龄未知", "age unknown"), words::age),
    ];
    let (x, room) = PATIENT;
    let large = Style { size: 3.6, bold: true, colour: Colour::INK };
    let person = person.iter().map(|t| draft.say(t)).collect::<Vec<_>>().join(" · ");
    let beside = draft.width(&person, STRONG);
    let used = draft.put_within((x, TOP + 0.3), large, room - beside - 4.0, &name);
    draft.put((x + used + 4.0, TOP + 0.3), STRONG, Anchor::Start, &person);

    let start = recording.start.map(|t| t.strftime("%Y-%m-%d %H:%M:%S").to_string());
    let or_unknown = |v: Option<&str>| v.unwrap_or(unknown.get(draft.lang)).to_string();
    let lines = [
        (text("编号", "ID"), or_unknown(patient.id.as_deref())),
        (text("采集时间", "Recorded"), or_unknown(start.as_deref())),
        (text("设备", "Device"), or_unknown(recording.origin.device.as_deref())),
        (text("滤波", "Filters"), or_unknown(words::filters(recording, draft.lang).as_deref())),
        (text("信号", "Signal"), words::signal(recording).get(draft.lang).to_string()),
        (text("质量", "Quality"), words::quality(report).get(draft.lang).to_string()),
        (text("文件", "File"), file(report)),
    ];
    for (n, (name, value)) in lines.iter().enumerate() {
        let y = TOP + (n as f32 + 1.0) * STEP + 0.8;
        draft.put((x, y), SOFT, Anchor::Start, name.get(draft.lang));
        let narrow = draft.width(value, BODY) > room - 15.0;
        draft.put_within((x + 15.0, y), if narrow { NARROW } else { BODY }, room - 15.0, value);
    }
}

/// Name, format and the beginning of the content's hash.
fn file(report: &Report) -> String {
    let origin = &report.recording.origin;
    let hash: String = origin.sha256.chars().take(12).collect();
    [report.recording.name.as_str(), origin.format, &hash]
        .into_iter()
        .filter(|part| !part.is_empty())
        .collect::<Vec<_>>()
        .join(" · ")
}

/// The global measurements.
pub fn measurements(draft: &mut Draft<'_>, report: &Report) {
    let (x, room) = NUMBERS;
    for (n, (name, value)) in words::numbers(&report.diagnosis.measurements).iter().enumerate() {
        let y = TOP + n as f32 * STEP;
        draft.put((x, y), SOFT, Anchor::Start, name.get(draft.lang));
        draft.put((x + room, y), STRONG, Anchor::End, value);
    }
    for x in [NUMBERS.0 - 3.0, FINDINGS.0 - 3.0] {
        draft.page.line((x, 16.0), (x, LAST + 0.6), RULE);
    }
}

/// Conclusion and findings, each with the numbers that fired it; says whether all of them fitted.
pub fn findings(draft: &mut Draft<'_>, report: &Report) -> bool {
    let interpretation = &report.diagnosis.interpretation;
    let (x, room) = FINDINGS;
    let grave = interpretation.critical || interpretation.verdict == crate::interpret::Verdict::Critical;
    let style = Style { size: 3.6, bold: true, colour: if grave { Colour::ALERT } else { Colour::INK } };
    let conclusion = match &report.signature {
        Some(s) if !s.conclusion.trim().is_empty() => s.conclusion.clone(),
        _ => draft.say(&words::verdict(interpretation.verdict)).to_string(),
    };
    let used = draft.put_within((x, TOP + 0.3), style, room, &conclusion);
    if let Some(prior) = report.prior.as_deref().filter(|_| room - used > 30.0) {
        let colour = if prior.comparison.doubts.is_empty() { Colour::INK } else { Colour::ALERT };
        let said = words::programs(report, words::compared(prior));
        let said = said.get(draft.lang).to_string();
        draft.put_within((x + used + 4.0, TOP + 0.3), Style { colour, ..STRONG }, room - used - 4.0, &said);
    }
    let mut y = TOP + STEP + 1.2;
    for alarm in interpretation.alarms.iter().take(ALARMS) {
        let style = Style { colour: Colour::ALERT, ..STRONG };
        draft.put((x, y), style, Anchor::Start, words::mark(Severity::Critical));
        draft.put_within((x + 4.0, y), style, room - 4.0, &words::alarm(alarm, draft.lang));
        y += STEP;
    }
    let total = interpretation.findings.len();
    // Where not all have room for their lines, each gets one, its evidence as far as it fits.
    let wanted: usize = interpretation.findings.iter().map(|f| entry_rows(draft, f, room)).sum();
    let roomy = y + (wanted.saturating_sub(1)) as f32 * STEP <= LAST;
    for (n, finding) in interpretation.findings.iter().enumerate() {
        // The last line is kept for saying what is left out.
        let last = n + 1 == total;
        let rows = if roomy { entry_rows(draft, finding, room) } else { 1 };
        let needed = (rows - 1) as f32 * STEP;
        if y + needed > if last { LAST } else { LAST - STEP } {
            let left = total - n;
            let more = Text::of(format!("…另有 {left} 项结论，见后页"), format!("... {left} more on a later page"));
            draft.put_within((x, y), STRONG, room, more.get(draft.lang));
            return false;
        }
        y = entry(draft, finding, (x, y), room, rows);
    }
    roomy && interpretation.alarms.len() <= ALARMS
}

/// Lines that a finding takes: its evidence stands beside it where it fits, else under it, whole.
fn entry_rows(draft: &Draft<'_>, finding: &Finding, room: f32) -> usize {
    let (head, evidence) = entry_text(draft, finding);
    let beside = draft.width(&head, STRONG) + 8.0 + draft.width(&evidence, EVIDENCE) <= room;
    if beside { 1 } else { 1 + draft.wrap(&evidence, EVIDENCE, room - 4.0).len() }
}

fn entry_text(draft: &Draft<'_>, finding: &Finding) -> (String, String) {
    let statement = finding.wording();
    (statement.get(draft.lang).to_string(), words::evidence(&finding.evidence, draft.lang))
}

/// One finding; returns the next baseline.
fn entry(draft: &mut Draft<'_>, finding: &Finding, (x, y): (f32, f32), room: f32, rows: usize) -> f32 {
    let colour = if finding.rule.severity == Severity::Critical { Colour::ALERT } else { Colour::INK };
    let (head, evidence) = entry_text(draft, finding);
    let style = Style { colour, ..STRONG };
    draft.put((x, y), style, Anchor::Start, words::mark(finding.rule.severity));
    let used = draft.put_within((x + 4.0, y), style, room - 4.0, &head);
    if rows == 1 {
        let left = room - used - 7.0;
        if left > SHORTEST {
            draft.put_within((x + 4.0 + used + 3.0, y), EVIDENCE, left, &evidence);
        }
        return y + STEP;
    }
    let lines = draft.wrap(&evidence, EVIDENCE, room - 4.0);
    for (n, line) in lines.iter().enumerate() {
        draft.put((x + 4.0, y + (n as f32 + 1.0) * STEP - 0.3), EVIDENCE, Anchor::Start, line);
    }
    y + rows as f32 * STEP
}
