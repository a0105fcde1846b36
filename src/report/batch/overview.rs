//! The batch on one page: how many ECGs, how urgent, and which senders' signals are poor.

use super::{Outcome, Row, Totals};
use crate::report::font::fonts;
use crate::report::page::{Anchor, Colour, Item, Page, Pen, Rect};
use crate::report::sheet::draft::{BODY, Draft, SMALL, SOFT, STRONG, Style};
use crate::report::sheet::{LEFT, WIDTH};
use crate::report::{PROGRAM, RenderError, Settings, VERSION, pdf, words};
use crate::text::{Text, text};
use jiff::Zoned;
use std::collections::BTreeMap;

/// Senders told apart; the files of any further one are counted together.
const SENDERS: usize = 2000;
/// Senders shown on the page.
const SHOWN: usize = 30;
/// Score under which a signal counts as poor.
const POOR: f64 = 0.5;

const TITLE: Text = text("心电图批次概况", "ECG batch at a glance");

/// What a page on the batch needs; grows with the number of senders only.
#[derive(Clone, Debug, Default)]
pub struct Tally {
    totals: Totals,
    senders: BTreeMap<String, Sender>,
}

/// One sender: the folder that its files lie in.
#[derive(Clone, Debug, Default)]
struct Sender {
    all: usize,
    urgent: usize,
    abnormal: usize,
    unusable: usize,
    poor: usize,
    /// Longest time from a recording to its report, minutes.
    worst: Option<f64>,
}

impl Sender {
    /// Part of the files that were poor or of no use.
    fn bad(&self) -> f64 {
        (self.poor + self.unusable) as f64 / self.all.max(1) as f64
    }
}

impl Tally {
    /// Counts a row.
    pub fn add(&mut self, row: &Row) {
        self.totals.add(row);
        let name = row.file.replace('\\', "/");
        let folder = name.rsplit_once('/').map_or("", |(folder, _)| folder);
        let known = self.senders.contains_key(folder) || self.senders.len() < SENDERS;
        let sender = self.senders.entry(if known { folder.to_string() } else { "…".to_string() }).or_default();
        sender.all += 1;
        let mut one = Totals::default();
        one.add(row);
        sender.urgent += one.critical;
        sender.abnormal += one.abnormal;
        sender.unusable += one.failed + one.uninterpretable;
        if let Outcome::Reported(summary) = &row.outcome {
            sender.worst = [sender.worst, summary.turnaround_min].into_iter().flatten().reduce(f64::max);
            sender.poor += usize::from(one.uninterpretable == 0 && summary.quality.is_some_and(|q| q < POOR));
        }
    }

    /// The counts.
    pub fn totals(&self) -> Totals {
        self.totals
    }
}

/// The page as PDF.
pub fn overview_pdf(tally: &Tally, created: Option<&Zoned>, settings: &Settings) -> Result<Vec<u8>, RenderError> {
    let fonts = fonts(settings.lang)?;
    let page = overview(tally, created, settings)?;
    let when = created.map(|t| (t.datetime(), t.offset().seconds() / 60));
    let metadata = pdf::metadata(TITLE.get(settings.lang).to_string(), when, settings.lang);
    pdf::document(&[page], fonts, metadata)
}

/// The page.
pub fn overview(tally: &Tally, created: Option<&Zoned>, settings: &Settings) -> Result<Page, RenderError> {
    let mut draft = Draft::new(fonts(settings.lang)?, settings.lang);
    let heading = format!("{}  {}", settings.heading, TITLE.get(settings.lang));
    let style = Style { size: 4.8, bold: true, colour: Colour::INK };
    draft.put_within((LEFT, 12.2), style, WIDTH - 70.0, heading.trim());
    let made = created.map(|t| t.strftime("%Y-%m-%d %H:%M").to_string()).unwrap_or_default();
    draft.put((LEFT + WIDTH, 12.2), SOFT, Anchor::End, &made);
    draft.page.line((LEFT, 14.8), (LEFT + WIDTH, 14.8), Pen { width: 0.2, colour: Colour::RULE });
    urgency(&mut draft, &tally.totals);
    senders(&mut draft, tally);
    let foot = format!(
        "{PROGRAM} {VERSION} · {} · {}{}",
        draft.say(&words::PRELIMINARY),
        draft.say(&words::NOT_CERTIFIED),
        settings.closing()
    );
    draft.put_within((LEFT, 204.0), SMALL, WIDTH, &foot);
    Ok(draft.page)
}

/// A bar a kind, most urgent first.
fn urgency(draft: &mut Draft<'_>, totals: &Totals) {
    let all = totals.all();
    let said = Text::of(format!("共 {all} 份"), format!("{all} ECGs"));
    let large = Style { size: 4.2, bold: true, colour: Colour::INK };
    draft.put((LEFT, 23.0), large, Anchor::Start, said.get(draft.lang));
    let kinds = [
        ("▲", text("危急", "Critical"), totals.critical, Colour::ALERT),
        ("◆", text("异常", "Abnormal"), totals.abnormal, Colour::INK),
        ("✕", text("未能读取", "Not read"), totals.failed, Colour::SOFT),
        ("✕", text("无法判读", "Not interpretable"), totals.uninterpretable, Colour::SOFT),
        ("◇", text("临界", "Borderline"), totals.borderline, Colour::RULE),
        ("○", text("正常或大致正常", "Normal, otherwise normal"), totals.normal, Colour::RULE),
    ];
    let most = kinds.iter().map(|k| k.2).max().unwrap_or(0).max(1);
    for (n, (mark, name, count, colour)) in kinds.into_iter().enumerate() {
        let y = 31.0 + n as f32 * 6.2;
        draft.put((LEFT, y), STRONG, Anchor::Start, mark);
        draft.put((LEFT + 5.0, y), BODY, Anchor::Start, name.get(draft.lang));
        let length = count as f32 / most as f32 * 165.0;
        let rect = Rect { x: LEFT + 50.0, y: y - 3.4, w: length.max(0.3), h: 4.4 };
        draft.page.items.push(Item::Box { rect, fill: Some(colour), pen: None });
        let percent = count as f64 / all.max(1) as f64 * 100.0;
        let share = Text::of(format!("{count}（{percent:.1} %）"), format!("{count}  ({percent:.1} %)"));
        draft.put((LEFT + 52.0 + length, y), STRONG, Anchor::Start, share.get(draft.lang));
    }
}

/// Minutes as people say them: minutes, hours and minutes, days and hours.
fn duration(minutes: f64) -> Text {
    let all = minutes.round() as u64;
    match (all / 1440, all / 60 % 24, all % 60) {
        (0, 0, m) => Text::of(format!("{m} 分钟"), format!("{m} min")),
        (0, h, m) => Text::of(format!("{h} 小时 {m} 分"), format!("{h} h {m} min")),
        (d, h, _) => Text::of(format!("{d} 天 {h} 小时"), format!("{d} d {h} h")),
    }
}

/// The senders with the largest part of poor signals first.
fn senders(draft: &mut Draft<'_>, tally: &Tally) {
    let mut senders: Vec<(&String, &Sender)> = tally.senders.iter().collect();
    senders.sort_by(|a, b| b.1.bad().total_cmp(&a.1.bad()).then(b.1.all.cmp(&a.1.all)).then(a.0.cmp(b.0)));
    let top = 76.0;
    let heads = [
        (LEFT, Anchor::Start, text("来源（文件夹），信号差者在前", "Sender (folder), poor signals first")),
        (LEFT + 110.0, Anchor::End, text("份数", "ECGs")),
        (LEFT + 130.0, Anchor::End, text("危急", "Critical")),
        (LEFT + 150.0, Anchor::End, text("异常", "Abnormal")),
        (LEFT + 172.0, Anchor::End, text("不可用", "Unusable")),
        (LEFT + 192.0, Anchor::End, text("质量差", "Poor")),
        (LEFT + 197.0, Anchor::Start, text("不可用与质量差的比例", "Part unusable or poor")),
        (LEFT + WIDTH, Anchor::End, text("最长周转时间", "Worst turn-around")),
    ];
    for (x, anchor, head) in &heads {
        draft.put((*x, top), SOFT, *anchor, head.get(draft.lang));
    }
    draft.page.line((LEFT, top + 1.4), (LEFT + WIDTH, top + 1.4), Pen { width: 0.2, colour: Colour::RULE });
    for (n, (name, sender)) in senders.iter().take(SHOWN).enumerate() {
        let y = top + 5.2 + n as f32 * 3.8;
        let top_folder = text("（顶层文件夹）", "(top folder)");
        let name = if name.is_empty() { top_folder.get(draft.lang) } else { name.as_str() };
        draft.put_within((LEFT, y), BODY, 92.0, name);
        let counts = [
            (110.0, sender.all),
            (130.0, sender.urgent),
            (150.0, sender.abnormal),
            (172.0, sender.unusable),
            (192.0, sender.poor),
        ];
        for (x, count) in counts {
            draft.put((LEFT + x, y), BODY, Anchor::End, &count.to_string());
        }
        let rect = Rect { x: LEFT + 197.0, y: y - 2.4, w: (sender.bad() as f32 * 32.0).max(0.2), h: 2.8 };
        draft.page.items.push(Item::Box { rect, fill: Some(Colour::SOFT), pen: None });
        draft.put((rect.right() + 1.5, y), SMALL, Anchor::Start, &format!("{:.0} %", sender.bad() * 100.0));
    }
    for (n, (_, sender)) in senders.iter().take(SHOWN).enumerate() {
        let said = sender.worst.map_or_else(|| text("—", "—"), duration);
        let y = top + 5.2 + n as f32 * 3.8;
        let said = said.get(draft.lang).to_string();
        draft.put((LEFT + WIDTH, y), BODY, Anchor::End, &said);
    }
    if senders.len() > SHOWN {
        let more = senders.len() - SHOWN;
        let said =
            Text::of(format!("另有 {more} 个来源，见 summary.csv"), format!("{more} more senders, see summary.csv"));
        draft.put((LEFT, top + 5.2 + SHOWN as f32 * 3.8), SOFT, Anchor::Start, said.get(draft.lang));
    }
}
