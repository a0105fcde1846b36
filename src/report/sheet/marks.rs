//! The marks of beats: letters at those that are not normal (their EC57 class), strokes at the pacemaker's spikes, bars at
//! the beats of a finding. They have a lane of their own under the last row of each stretch of time, where no trace runs.

use super::draft::{Draft, SMALL, Style};
use crate::detect::BeatClass;
use crate::report::page::{Anchor, Colour, Item, Pen, Point, Rect};
use crate::report::paper::{Plan, Strip};
use crate::report::{Report, words};
use crate::text::{Text, text};

const LETTER: Style = Style { bold: true, colour: Colour::INK, ..SMALL };
/// Height of the lane's letters, and of its strokes and bars, mm.
const LETTERS: f32 = 3.0;
const LINES: f32 = 2.8;

/// The classes that get a letter, and what it means.
static CLASSES: [(BeatClass, &str, Text); 5] = [
    (BeatClass::S, "S", text(" · S 室上性", " · S supraventricular")),
    (BeatClass::V, "V", text(" · V 室性", " · V ventricular")),
    (BeatClass::F, "F", text(" · F 融合", " · F fusion")),
    (BeatClass::P, "P", text(" · P 起搏", " · P paced")),
    (BeatClass::Q, "Q", text(" · Q 未定", " · Q unclassifiable")),
];

/// What is marked, in seconds from the recording's beginning.
#[derive(Default)]
pub struct Marks {
    letters: Vec<(f64, &'static str)>,
    spikes: Vec<f64>,
    bars: Vec<(f64, f64)>,
}

impl Marks {
    /// Those within what a plan shows.
    pub fn of(report: &Report, plan: &Plan) -> Self {
        let detection = &report.diagnosis.detection;
        let seconds = |sample: usize| sample as f64 / detection.rate.0;
        let shown = |at: f64| (plan.from..plan.to).contains(&at);
        let letter = |class: BeatClass| CLASSES.iter().find(|c| c.0 == class).map(|c| c.1);
        let letters = detection.beats.iter().filter_map(|b| Some((seconds(b.qrs.peak), letter(b.class)?)));
        let fired = words::fired(&report.diagnosis);
        let bars = fired.iter().filter_map(|&n| detection.beats.get(n));
        Self {
            letters: letters.filter(|l| shown(l.0)).collect(),
            spikes: detection.spikes.iter().map(|&s| seconds(s)).filter(|&s| shown(s)).collect(),
            bars: bars.map(|b| (seconds(b.qrs.onset), seconds(b.qrs.offset))).filter(|b| shown(b.0)).collect(),
        }
    }

    /// Height of the lane that they take, mm; none without marks.
    pub fn height(&self) -> f32 {
        self.upper() + if self.spikes.is_empty() && self.bars.is_empty() { 0.0 } else { LINES }
    }

    fn upper(&self) -> f32 {
        if self.letters.is_empty() { 0.0 } else { LETTERS }
    }

    /// Draws those of a strip's time at its place in the lane below `top`.
    pub fn draw(&self, draft: &mut Draft<'_>, strip: &Strip, speed: f32, top: f32) {
        let x = |at: f64| {
            let since = at - strip.from;
            (0.0..strip.seconds).contains(&since).then_some(strip.x + since as f32 * speed)
        };
        for &(at, letter) in &self.letters {
            if let Some(x) = x(at) {
                draft.put((x, top + LETTERS - 0.6), LETTER, Anchor::Middle, letter);
            }
        }
        let y = top + self.upper();
        let strokes = self.spikes.iter().filter_map(|&at| x(at)).map(|x| [(x, y + 0.2), (x, y + LINES - 0.2)]);
        let bars = self.bars.iter().filter_map(|&(from, to)| Some([(x(from)?, y + 1.4), (x(to)?, y + 1.4)]));
        for (lines, width) in [(strokes.collect::<Vec<[Point; 2]>>(), 0.35), (bars.collect(), 0.7)] {
            if !lines.is_empty() {
                draft.page.items.push(Item::Lines { lines, pen: Pen { width, colour: Colour::INK } });
            }
        }
    }

    /// What those that are there mean.
    pub fn legend(&self) -> Vec<Text> {
        let letters = CLASSES.iter().filter(|c| self.letters.iter().any(|l| l.1 == c.1)).map(|c| c.2.clone());
        let bars = (!self.bars.is_empty()).then(|| text(" · 横条：依据心搏", " · bars: beats of a finding"));
        let strokes = (!self.spikes.is_empty()).then(|| text(" · 竖线：起搏脉冲", " · strokes: pacing spikes"));
        letters.chain(bars).chain(strokes).collect()
    }

    /// The lane over the whole field.
    pub fn lane(&self, field: Rect, top: f32) -> Rect {
        Rect { y: top, h: self.height(), ..field }
    }
}
