//! Under the grid: paper, notes, the place for the physician's decision, the foot.

use super::draft::{BODY, Draft, SMALL, STRONG};
use super::gain::STANDARD;
use super::marks::Marks;
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
/// Shortest room beside the paper's line in which notes begin, mm.
const SHORTEST: f32 = 40.0;

/// Speed, gain, timing; then the notes of quality and reading; says whether all of them fitted.
pub fn notes(draft: &mut Draft<'_>, paper: &Text, report: &Report, below: f32) -> bool {
    let y = below + 3.6;
    let used = draft.put_within((LEFT, y), STRONG, WIDTH, paper.get(draft.lang));
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
    let beside = WIDTH - used - 6.0;
    let rest = if beside < SHORTEST {
        notes
    } else {
        let lines = draft.wrap(&notes, SMALL, beside);
        draft.put((LEFT + used + 6.0, y), SMALL, Anchor::Start, &lines[0]);
        lines[1..].join(" ")
    };
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

/// `25 mm/s · 10 mm/mV · 0–10 s of 30 s · columns follow one another`, and what the marks in the field mean.
pub fn paper(report: &Report, settings: &Settings, plan: &Plan, cut: bool) -> Text {
    let (speed, gain) = (settings.speed, settings.scale());
    let scale = format!("{speed} mm/s · {gain} mm/mV");
    let mut parts = vec![Text::of(scale.clone(), scale)];
    if gain != STANDARD {
        let half = gain < STANDARD;
        parts.push(if half {
            text("（半电压）", " (half standard)")
        } else {
            text("（双倍电压）", " (twice standard)")
        });
    }
    let seconds = report.recording.seconds();
    if plan.to - plan.from < seconds - 0.05 {
        parts.push(Text::of(
            format!(" · 显示第 {:.0}–{:.0} 秒（全长 {seconds:.1} 秒）", plan.from, plan.to),
            format!(" · {:.0}–{:.0} s of {seconds:.1} s", plan.from, plan.to),
        ));
    }
    match plan.timing {
        Timing::Sequential => parts.push(text(" · 各列依次连续", " · columns follow in time")),
        Timing::Simultaneous => parts.push(text(" · 各列同步", " · columns show the same time")),
        Timing::Single => {}
    }
    if !words::leads_fired(&report.diagnosis).is_empty() {
        parts.push(text(" · * 依据导联", " · * leads of a finding"));
    }
    parts.extend(Marks::of(report, plan).legend());
    if cut {
        parts.push(text(" · 超出处已截去", " · cut at the edge"));
    }
    Text::of(parts.iter().map(|t| &*t.zh).collect::<String>(), parts.iter().map(|t| &*t.en).collect::<String>())
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
    let left = format!("{PROGRAM} {VERSION}{made} · {}{}", draft.say(&words::NOT_CERTIFIED), settings.closing());
    let right = format!("{page} / {pages}");
    let used = draft.put((LEFT + WIDTH, FOOT), SMALL, Anchor::End, &right);
    draft.put_within((LEFT, FOOT), SMALL, WIDTH - used - 5.0, &left);
}
