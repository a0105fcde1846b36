//! Under the grid: paper, notes, the place for the physician's decision, the foot.

use super::draft::{BODY, Draft, SMALL, STRONG};
use super::{LEFT, WIDTH};
use crate::report::page::{Anchor, Colour, Pen};
use crate::report::paper::{Plan, Timing};
use crate::report::settings::Settings;
use crate::report::{Decision, PROGRAM, Report, VERSION, words};
use crate::text::{Text, text};

/// Baseline of the signature's line.
const SIGNATURE: f32 = 198.0;
/// Baseline of the foot.
const FOOT: f32 = 204.0;
const STEP: f32 = 3.3;

/// Speed, gain, timing; then the notes of quality and reading; says whether all of them fitted.
pub fn notes(draft: &mut Draft<'_>, paper: &Text, report: &Report, below: f32) -> bool {
    let y = below + 3.6;
    let used = draft.put((LEFT, y), STRONG, Anchor::Start, paper.get(draft.lang));
    let said: Vec<&str> = words::notes(report).map(|n| n.get(draft.lang)).collect();
    let lacking = lacking(draft, report);
    let joined = said
        .into_iter()
        .chain(lacking.as_deref())
        .collect::<Vec<_>>()
        .join(if draft.lang == crate::text::Lang::Zh { "；" } else { "; " });
    if joined.is_empty() {
        return true;
    }
    let notes = format!("{}{joined}", draft.say(&text("备注：", "Notes: ")));
    let first = WIDTH - used - 6.0;
    let lines = draft.wrap(&notes, SMALL, first);
    let rest: String = lines.iter().skip(1).cloned().collect::<Vec<_>>().join(" ");
    draft.put((LEFT + used + 6.0, y), SMALL, Anchor::Start, &lines[0]);
    let mut lines = draft.wrap(&rest, SMALL, WIDTH);
    let cut = lines.len() > 2;
    lines.truncate(2);
    for (n, line) in lines.iter().enumerate() {
        let line = if cut && n == 1 {
            format!("{line}{}", if draft.lang == crate::text::Lang::Zh { "…" } else { " ..." })
        } else {
            line.clone()
        };
        draft.put_within((LEFT, y + (n as f32 + 1.0) * STEP), SMALL, WIDTH, &line);
    }
    !cut
}

/// Says which characters of the patient's name no installed face can draw.
fn lacking(draft: &Draft<'_>, report: &Report) -> Option<String> {
    let lacking = draft.fonts.lacking(&crate::report::page::clean(report.diagnosis.patient.name.as_deref()?));
    if lacking.is_empty() {
        return None;
    }
    let codes = lacking.iter().map(|c| format!("U+{:04X}", *c as u32)).collect::<Vec<_>>().join(" ");
    let said = Text::of(
        format!("姓名中有已装字体均不含的字符，以〓代替：{codes}"),
        format!("the name holds characters that no installed font has, drawn as 〓: {codes}"),
    );
    Some(said.get(draft.lang).to_string())
}

/// `25 mm/s · 10 mm/mV · 0–10 s of 30 s · columns follow one another`.
pub fn paper(report: &Report, settings: &Settings, plan: &Plan, cut: bool) -> Text {
    let (speed, gain) = (settings.speed, settings.scale());
    let against = match gain {
        5.0 => text("（半电压）", " (half standard)"),
        20.0 => text("（双倍电压）", " (twice standard)"),
        _ => text("", ""),
    };
    let seconds = report.recording.seconds();
    let (zh, en) = if plan.to - plan.from < seconds - 0.05 {
        (
            format!(" · 显示第 {:.0}–{:.0} 秒（全长 {seconds:.1} 秒）", plan.from, plan.to),
            format!(" · {:.0}–{:.0} s of {seconds:.1} s", plan.from, plan.to),
        )
    } else {
        (String::new(), String::new())
    };
    let timing = match plan.timing {
        Timing::Sequential => text(" · 各列依次连续", " · columns follow in time"),
        Timing::Simultaneous => text(" · 各列同步", " · columns show the same time"),
        Timing::Single => text("", ""),
    };
    let legend = legend(report, cut);
    Text::of(
        format!("{speed} mm/s · {gain} mm/mV{}{zh}{}{}", against.zh, timing.zh, legend.zh),
        format!("{speed} mm/s · {gain} mm/mV{}{en}{}{}", against.en, timing.en, legend.en),
    )
}

/// What the marks in the field mean, as far as there are any.
fn legend(report: &Report, cut: bool) -> Text {
    let diagnosis = &report.diagnosis;
    let marks = [
        (!words::leads_fired(diagnosis).is_empty(), " · * 依据导联", " · * leads of a finding"),
        (!words::fired(diagnosis).is_empty(), " · 横条：依据心搏", " · bars: beats of a finding"),
        (!diagnosis.detection.spikes.is_empty(), " · 竖线：起搏脉冲", " · strokes: pacing spikes"),
    ];
    let marks = marks.into_iter().chain([(cut, " · 超出处已截去", " · cut at the edge")]);
    let marks: Vec<(bool, &str, &str)> = marks.collect();
    let shown = || marks.iter().filter(|m| m.0);
    Text::of(shown().map(|m| m.1).collect::<String>(), shown().map(|m| m.2).collect::<String>())
}

/// A line to sign on, or who signed what.
pub fn signature(draft: &mut Draft<'_>, report: &Report) {
    let pen = Pen { width: 0.2, colour: Colour::INK };
    let y = SIGNATURE;
    if let Some(s) = &report.signature {
        let (zh, en) = match s.decision {
            Decision::Confirmed => ("同意", "confirmed"),
            Decision::Changed => ("已修改", "changed"),
        };
        let when = s.signed.strftime("%Y-%m-%d %H:%M %:z");
        let said = Text::of(
            format!("审核医师：{}　决定：{zh}　时间：{when}", s.name),
            format!("Physician: {}   Decision: {en}   Signed: {when}", s.name),
        );
        draft.put_within((LEFT, y), STRONG, WIDTH, said.get(draft.lang));
        return;
    }
    let fields = [
        (text("审核医师（姓名）", "Physician (name)"), LEFT, 70.0),
        (text("决定  □ 同意  □ 修改", "Decision  □ agree  □ change"), LEFT + 74.0, 86.0),
        (text("签名", "Signature"), LEFT + 164.0, 56.0),
        (text("日期", "Date"), LEFT + 224.0, 41.0),
    ];
    for (name, x, room) in fields {
        let used = draft.put((x, y), BODY, Anchor::Start, name.get(draft.lang));
        draft.page.line((x + used + 1.5, y + 0.6), (x + room, y + 0.6), pen);
    }
}

/// Program, what it is not, page.
pub fn foot(draft: &mut Draft<'_>, report: &Report, settings: &Settings, page: usize, pages: usize) {
    let made = report.created.as_ref().map(|t| t.strftime(" · %Y-%m-%d %H:%M %:z").to_string()).unwrap_or_default();
    let own = settings.footer.trim();
    let own = if own.is_empty() { String::new() } else { format!(" · {own}") };
    let left = format!("{PROGRAM} {VERSION}{made} · {}{own}", draft.say(&words::NOT_CERTIFIED));
    let right = format!("{page} / {pages}");
    let used = draft.put((LEFT + WIDTH, FOOT), SMALL, Anchor::End, &right);
    draft.put_within((LEFT, FOOT), SMALL, WIDTH - used - 5.0, &left);
}
