//! The pages after the first: the measurement matrix and the median beat of each lead with its bounds; every finding with
//! criteria and source, notes, the device's own results.

use super::draft::{BODY, Draft, SMALL, SOFT, STRONG, Style};
use super::{LEFT, WIDTH};
use crate::detect::MedianBeat;
use crate::interpret::Finding;
use crate::report::font::Fonts;
use crate::report::page::{Anchor, Colour, Item, Pen, Point, Rect};
use crate::report::settings::Settings;
use crate::report::simplify::{runs, simplify};
use crate::report::table::COLUMNS;
use crate::report::{Report, paper, words};
use crate::text::{Text, text};

/// First baseline, and the last that is free.
const TOP: f32 = 22.0;
const LAST: f32 = 198.0;
const STEP: f32 = 3.6;
/// Speed of the median beats, mm/s: twice the usual one.
const MEDIAN_SPEED: f32 = 50.0;
/// Panel of one lead's median beat.
const PANEL: (f32, f32) = (65.0, 25.0);

/// The usual gain of averaged beats, mm/mV, or the half or quarter of it that the tallest of `beats` fits `height` at.
pub fn beat_gain(beats: impl Iterator<Item = Vec<f32>>, height: f32) -> f32 {
    let span = |beat: Vec<f32>| {
        let finite = beat.into_iter().filter(|v| v.is_finite());
        let (low, high) = finite.fold((0.0f32, 0.0f32), |(low, high), v| (low.min(v), high.max(v)));
        high - low
    };
    let tallest = beats.map(span).fold(0.0, f32::max);
    [10.0, 5.0].into_iter().find(|gain| tallest * gain <= height).unwrap_or(2.5)
}

/// Pages filled from top to bottom.
struct Flow<'a> {
    report: &'a Report,
    fonts: &'a Fonts,
    settings: &'a Settings,
    done: Vec<Draft<'a>>,
    draft: Draft<'a>,
    y: f32,
}

/// The detail pages, without their feet.
pub fn pages<'a>(report: &'a Report, settings: &'a Settings, fonts: &'a Fonts) -> Vec<Draft<'a>> {
    let draft = page(report, settings, fonts);
    let mut flow = Flow { report, fonts, settings, done: Vec::new(), draft, y: TOP };
    // Numbers and beats first: those of twelve leads fill a page, and the rest takes what it needs.
    flow.matrix();
    flow.medians();
    flow.alarms();
    flow.findings();
    flow.advice();
    flow.notes();
    flow.device();
    flow.done.push(flow.draft);
    flow.done
}

/// An empty page that says whose it is.
pub fn page<'a>(report: &Report, settings: &Settings, fonts: &'a Fonts) -> Draft<'a> {
    let mut draft = Draft::new(fonts, settings.lang);
    let patient = &report.diagnosis.patient;
    let start = report.recording.start.map(|t| t.strftime("%Y-%m-%d %H:%M:%S").to_string());
    let who =
        [Some(words::person(patient, settings.lang)), patient.id.clone(), start, Some(report.recording.name.clone())];
    let who = who.into_iter().flatten().filter(|part| !part.is_empty()).collect::<Vec<_>>().join(" · ");
    let standing = super::standing(report);
    let standing = draft.fit(standing.get(settings.lang), STRONG, 100.0);
    let used = draft.put((LEFT + WIDTH, 12.2), STRONG, Anchor::End, &standing);
    draft.put_within((LEFT, 12.2), STRONG, WIDTH - used - 6.0, &who);
    draft.page.line((LEFT, 14.8), (LEFT + WIDTH, 14.8), Pen { width: 0.2, colour: Colour::RULE });
    draft
}

impl Flow<'_> {
    /// Begins a new page where `height` does not fit.
    fn need(&mut self, height: f32) {
        if self.y + height > LAST && self.y > TOP {
            let fresh = page(self.report, self.settings, self.fonts);
            self.done.push(std::mem::replace(&mut self.draft, fresh));
            self.y = TOP;
        }
    }

    fn heading(&mut self, heading: &Text, with: f32) {
        self.need(6.0 + with);
        let style = Style { size: 3.3, bold: true, colour: Colour::INK };
        self.y += if self.y > TOP { 2.5 } else { 0.0 };
        let said = heading.get(self.settings.lang);
        self.draft.put((LEFT, self.y), style, Anchor::Start, said);
        self.y += STEP + 1.2;
    }

    /// `said` in as many lines as it takes.
    fn paragraph(&mut self, said: &str, style: Style, indent: f32) {
        for line in self.draft.wrap(said, style, WIDTH - indent) {
            self.need(0.0);
            self.draft.put((LEFT + indent, self.y), style, Anchor::Start, &line);
            self.y += STEP;
        }
    }

    fn findings(&mut self) {
        let report = self.report;
        let findings = &report.diagnosis.interpretation.findings;
        if findings.is_empty() {
            return;
        }
        self.heading(
            &text("全部结论、依据、标准与出处", "All findings with evidence, criteria and source"),
            3.0 * STEP,
        );
        for finding in findings {
            self.finding(finding);
        }
    }

    fn finding(&mut self, finding: &Finding) {
        let lang = self.settings.lang;
        let (rule, evidence) = (finding.rule, &finding.evidence);
        self.need(2.0 * STEP);
        let statement = finding.wording();
        self.draft.put((LEFT, self.y), STRONG, Anchor::Start, words::mark(rule.severity));
        let head = [Some(statement), words::weight(rule)];
        let apart = if lang == crate::text::Lang::Zh { "　" } else { "  " };
        let head = head.iter().flatten().map(|t| t.get(lang)).collect::<Vec<_>>().join(apart);
        self.paragraph(&head, STRONG, 4.0);
        let numbers = words::evidence(evidence, lang);
        if !numbers.is_empty() {
            self.paragraph(&numbers, BODY, 4.0);
        }
        let doi = rule.source.doi.map(|doi| format!(" doi:{doi}")).unwrap_or_default();
        self.paragraph(&format!("{} · {}{doi}", rule.criteria.get(lang), rule.source.said(lang)), SMALL, 4.0);
        self.y += 0.6;
    }

    fn alarms(&mut self) {
        let report = self.report;
        let alarms = &report.diagnosis.interpretation.alarms;
        if !alarms.is_empty() {
            self.heading(&text("危急值与重大阳性值", "Critical and major positive values"), STEP);
        }
        for alarm in alarms {
            let style = Style { colour: Colour::ALERT, ..STRONG };
            self.paragraph(&words::alarm(alarm, self.settings.lang), style, 0.0);
        }
    }

    fn advice(&mut self) {
        let report = self.report;
        let advice = &report.diagnosis.interpretation.advice;
        if !advice.is_empty() {
            self.heading(&text("建议", "Advice"), STEP);
        }
        for advice in advice {
            self.paragraph(advice.get(self.settings.lang), BODY, 0.0);
        }
    }

    fn notes(&mut self) {
        let report = self.report;
        let notes: Vec<&Text> = words::notes(report).collect();
        if notes.is_empty() {
            return;
        }
        self.heading(&text("备注", "Notes"), STEP);
        for note in notes {
            self.paragraph(note.get(self.settings.lang), BODY, 0.0);
        }
    }

    fn device(&mut self) {
        let report = self.report;
        if report.recording.device.statements.is_empty() {
            return;
        }
        self.heading(&text("设备自带结论（非本程序结论）", "The device's own statements (not this program's)"), STEP);
        for statement in &report.recording.device.statements {
            self.paragraph(statement, BODY, 0.0);
        }
    }

    fn matrix(&mut self) {
        let report = self.report;
        let leads = &report.diagnosis.measurements.leads;
        if leads.is_empty() {
            return;
        }
        let lang = self.settings.lang;
        self.heading(&text("各导联测量值", "Measurements of each lead"), (leads.len().min(12) + 2) as f32 * STEP);
        let first = 15.0;
        let column = (WIDTH - first) / COLUMNS.len() as f32;
        let right = |n: usize| LEFT + first + (n + 1) as f32 * column;
        for (n, c) in COLUMNS.iter().enumerate() {
            let head = self.draft.fit(c.name.get(lang), SMALL, column - 1.0);
            self.draft.put((right(n), self.y), SMALL, Anchor::End, &head);
            self.draft.put((right(n), self.y + 3.0), SMALL, Anchor::End, c.unit);
        }
        self.y += 3.0 + STEP + 0.8;
        let rule = Pen { width: 0.15, colour: Colour::RULE };
        for lead in leads {
            self.need(0.0);
            self.draft.page.line((LEFT, self.y - 2.9), (LEFT + WIDTH, self.y - 2.9), rule);
            self.draft.put_within((LEFT, self.y), STRONG, first, lead.lead.as_str());
            for (n, c) in COLUMNS.iter().enumerate() {
                self.draft.put((right(n), self.y), BODY, Anchor::End, &c.print(lead));
            }
            self.y += STEP;
        }
    }

    fn medians(&mut self) {
        let report = self.report;
        let Some(median) = report.diagnosis.detection.median() else { return };
        let leads = &report.recording.leads;
        if median.samples.nrows() != leads.len() || median.samples.is_empty() {
            return;
        }
        // All of twelve leads together where they fit on a page, not a row here and two there.
        let rows = leads.len().div_ceil(4).min(6) as f32;
        self.heading(&text("中值心搏", "Median beats"), rows * (PANEL.1 + 2.0) + 6.0);
        let beats = median.beats;
        let gain = beat_gain(median.samples.rows().into_iter().map(|row| row.to_vec()), PANEL.1);
        let said = Text::of(
            format!("{beats} 次心搏 · {MEDIAN_SPEED} mm/s · {gain} mm/mV · 虚线：P起点与终点、QRS起点、J点、T终点"),
            format!(
                "{beats} beats · {MEDIAN_SPEED} mm/s · {gain} mm/mV · dashed: P onset and end, QRS onset, J, T end"
            ),
        );
        self.draft.put_within((LEFT, self.y - 0.8), SOFT, WIDTH, said.get(self.settings.lang));
        self.y += 1.0;
        for row in 0..leads.len().div_ceil(4) {
            self.need(PANEL.1);
            for place in 0..4 {
                let lead = row * 4 + place;
                if lead < leads.len() {
                    let at = (LEFT + place as f32 * (PANEL.0 + 1.6), self.y);
                    self.panel(median, lead, at, gain);
                }
            }
            self.y += PANEL.1 + 2.0;
        }
        self.y += 1.5;
    }

    fn panel(&mut self, median: &MedianBeat, lead: usize, (x, y): Point, gain: f32) {
        let report = self.report;
        let field = Rect { x, y, w: PANEL.0, h: PANEL.1 };
        self.draft.page.items.extend(paper::grid(field));
        let rate = report.diagnosis.detection.rate.0;
        let wanted = ((PANEL.0 / MEDIAN_SPEED) as f64 * rate) as usize;
        let samples: Vec<f32> = median.samples.row(lead).iter().copied().take(wanted).collect();
        let across = |sample: f64| x + (sample / rate) as f32 * MEDIAN_SPEED;
        let (low, high) = samples
            .iter()
            .filter(|v| v.is_finite())
            .fold((0.0f32, 0.0f32), |(low, high), &v| (low.min(v), high.max(v)));
        // The zero line where the beat is centred, on a whole millimetre.
        let zero = (y + PANEL.1 / 2.0 + f32::midpoint(high, low) * gain).round();
        self.bounds(median, field, &across);
        let mut drawn = Vec::new();
        for (from, run) in runs(&samples) {
            let points: Vec<Point> =
                run.iter().enumerate().map(|(i, &mv)| (across((from + i) as f64), zero - mv * gain)).collect();
            super::field::cut(&simplify(&points, 0.02), field.y, field.bottom(), &mut drawn);
        }
        let name = report.recording.leads[lead].to_string();
        let style = Style { size: 2.8, ..STRONG };
        let label = self.draft.fit(&name, style, 14.0);
        let mut taken = super::field::Taken { segments: drawn.clone(), texts: Vec::new() };
        let size = (self.draft.width(&label, style), style.size);
        let corners = [(x + 1.2, y + 3.4), (x + 1.2, y + 23.6), (x + 50.0, y + 3.4), (x + 50.0, y + 23.6)];
        if let Some(at) = super::field::free(corners.into_iter(), size, field, &mut taken) {
            self.draft.put(at, style, Anchor::Start, &label);
        }
        let pen = Pen { width: 0.25, colour: Colour::INK };
        self.draft.page.items.push(Item::Trace { lead: name, runs: drawn, pen });
    }

    /// Dashed lines at the bounds of the waves over all leads.
    fn bounds(&mut self, median: &MedianBeat, field: Rect, across: &dyn Fn(f64) -> f32) {
        let marks = [
            median.p.map(|w| w.onset),
            median.p.map(|w| w.offset),
            median.qrs.map(|w| w.onset),
            median.qrs.map(|w| w.offset),
            median.t.map(|w| w.offset),
        ];
        let mut lines = Vec::new();
        for sample in marks.into_iter().flatten() {
            let x = across(sample as f64);
            if x < field.right() {
                let dashes = (0..(field.h / 2.0) as usize).map(|n| field.y + n as f32 * 2.0 + 0.5);
                lines.extend(dashes.map(|y| [(x, y), (x, y + 1.0)]));
            }
        }
        if !lines.is_empty() {
            self.draft.page.items.push(Item::Lines { lines, pen: Pen { width: 0.18, colour: Colour::SOFT } });
        }
    }
}
