//! Serial comparison: what changed since an earlier ECG of the same patient.
//!
//! Statements and criteria: Mason, Hancock, Gettes, AHA/ACC/HRS recommendations part II (Circulation 2007;115:1325-1332),
//! table of comparison statements, 400 to 406. Beside them stand two sentences that the table lacks and a reader writes:
//! that something is gone, and that an interval changed. A diagnosis that appears or goes while the averaged beats are
//! the same and no interval moved is no change of the heart but of the reading (406): limits are sharp, hearts are not.
//!
//! What is not done: more than one prior ECG; trends; a comparison of beats other than the dominant ones.

mod groups;
mod identity;
mod leads;
mod numbers;

pub use identity::{Identity, identity, number};
pub use leads::LeadShift;
pub use numbers::Shift;

use super::rule::lower_first;
use super::{Finding, Interpretation, Severity, norms};
use crate::detect::Detection;
use crate::measure::{Measurements, difference};
use crate::signal::{LeadName, Patient, Recording};
use crate::text::{Text, text};
use groups::{Group, group, kind};
use leads::Moved;
use serde::Serialize;

/// Difference of the averaged beats up to which they are the same: between two halves of one ECG it is 0.085 in the
/// median and below 0.15 in nine of ten (250 records of PTB-XL, `tests/serial.rs`).
const SAME_BEAT: f64 = 0.20;
/// Standard leads from which on diagnoses other than of rhythm are compared.
const STANDARD_LEADS: usize = 8;

/// An ECG and all that was found in it.
#[derive(Clone, Copy)]
pub struct Ecg<'a> {
    /// The recording.
    pub recording: &'a Recording,
    /// Whose it is.
    pub patient: &'a Patient,
    /// What was found.
    pub detection: &'a Detection,
    /// What was measured.
    pub measurements: &'a Measurements,
    /// What was said.
    pub interpretation: &'a Interpretation,
}

/// A comparison statement.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Kind {
    /// 400.
    Unchanged,
    /// 401.
    Rhythm,
    /// 402.
    Ischemia,
    /// 403.
    Conduction,
    /// 404.
    Repolarization,
    /// 405.
    Status,
    /// 406.
    Reading,
    /// An interval or the axis changed by more than its limit; no number in the table.
    Intervals,
    /// Something is gone or better that was there; no number in the table.
    Resolved,
}

impl Kind {
    /// AHA/ACC/HRS part II number.
    pub const fn aha(self) -> Option<&'static str> {
        match self {
            Self::Unchanged => Some("400"),
            Self::Rhythm => Some("401"),
            Self::Ischemia => Some("402"),
            Self::Conduction => Some("403"),
            Self::Repolarization => Some("404"),
            Self::Status => Some("405"),
            Self::Reading => Some("406"),
            Self::Intervals | Self::Resolved => None,
        }
    }

    /// As printed.
    pub const fn text(self) -> Text {
        match self {
            Self::Unchanged => text("与前次心电图比较无明显变化", "No significant change from the prior ECG"),
            Self::Rhythm => text("节律较前明显改变", "Significant change in rhythm"),
            Self::Ischemia => text("新出现或加重的缺血或梗死改变", "New or worsened ischemia or infarction"),
            Self::Conduction => text("新出现传导异常", "New conduction abnormality"),
            Self::Repolarization => text("复极较前明显改变", "Significant repolarization change"),
            Self::Status => text(
                "电轴、电压或房室肥大征象较前改变",
                "Change in axis, voltage or chambers, or in what the ECG suggests",
            ),
            Self::Reading => {
                text("波形无明显变化，仅判读不同", "Change in interpretation without significant change in waveform")
            }
            Self::Intervals => text("间期或电轴较前明显改变", "Significant change of an interval or the axis"),
            Self::Resolved => text("原有异常消失或减轻", "An earlier abnormality is gone or less"),
        }
    }
}

/// A comparison statement with what it rests on.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Statement {
    /// Which.
    pub id: Kind,
    /// AHA/ACC/HRS part II number; `None` where the table has none.
    pub aha: Option<&'static str>,
    /// As printed.
    pub text: Text,
    /// Sentences that say what changed, in the order of a report.
    pub because: Vec<Text>,
}

/// A diagnosis that only one of the ECGs has.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Diagnosis {
    /// The statement's id.
    pub id: &'static str,
    /// As printed.
    pub text: Text,
}

/// What changed.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Comparison {
    /// Comparison statements, in the order of their numbers; empty where the ECGs cannot be compared (see `notes`).
    pub statements: Vec<Statement>,
    /// Diagnoses of this ECG that the prior one lacks, in report order.
    pub new: Vec<Diagnosis>,
    /// Diagnoses of the prior ECG that this one lacks.
    pub gone: Vec<Diagnosis>,
    /// Rate, intervals and axes side by side.
    pub measurements: Vec<Shift>,
    /// ST and T lead by lead; empty where they are not compared.
    pub leads: Vec<LeadShift>,
    /// How much the averaged beats differ: RMS of the difference over their RMS; `None` = no common lead of good quality.
    pub difference: Option<f64>,
    /// Why the two might not be of one patient, or not in this order.
    pub doubts: Vec<Text>,
    /// What was not compared, and why.
    pub notes: Vec<Text>,
}

/// Compares an ECG with an earlier one. Whether they are of one patient is the caller's question: see [`identity`].
pub fn compare(old: &Ecg<'_>, new: &Ecg<'_>) -> Comparison {
    let (_, mut doubts) = identity((old.recording, old.patient), (new.recording, new.patient));
    doubts.extend(order(old.recording, new.recording));
    let mut notes = Vec::new();
    let scope = Scope::of(old, new, &mut notes);
    let measurements = numbers::shifts(old, new, scope.axes);
    let mut comparison = Comparison {
        statements: Vec::new(),
        new: Vec::new(),
        gone: Vec::new(),
        measurements,
        leads: if scope.leads { leads::shifts(old, new) } else { Vec::new() },
        difference: difference((old.recording, old.detection), (new.recording, new.detection)),
        doubts,
        notes,
    };
    if scope.anything {
        state(&mut comparison, old, new, &scope);
    }
    comparison
}

/// A doubt where the prior ECG is not the older one.
fn order(old: &Recording, new: &Recording) -> Option<Text> {
    match (old.start, new.start) {
        (Some(a), Some(b)) if a > b => Some(text(
            "“前次”心电图的采集时间晚于本次，请核对先后顺序",
            "the \"prior\" ECG was recorded after this one: check the order",
        )),
        (Some(_), Some(_)) => None,
        _ => Some(text(
            "采集时间不全，先后顺序以用户指定为准",
            "a recording time is missing: the order is the user's word",
        )),
    }
}

/// How far two ECGs can be compared.
#[allow(clippy::struct_excessive_bools)] // four independent questions
struct Scope {
    anything: bool,
    /// Diagnoses other than of rhythm.
    shapes: bool,
    axes: bool,
    /// ST and T by lead.
    leads: bool,
}

impl Scope {
    fn of(old: &Ecg<'_>, new: &Ecg<'_>, notes: &mut Vec<Text>) -> Self {
        let has = |test: &dyn Fn(&Ecg<'_>) -> bool| test(old) || test(new);
        let anything =
            !has(&|e| e.interpretation.verdict == super::Verdict::Uninterpretable || e.detection.beats.len() < 2);
        if !anything {
            notes.push(text(
                "其中一份心电图无法判读或心搏过少，未作比较结论",
                "one of the ECGs cannot be interpreted or has too few beats: no comparison is made",
            ));
        }
        let swapped = has(&|e| e.interpretation.findings.iter().any(|f| f.rule.id.ends_with("electrode-reversal")));
        if swapped {
            notes.push(text(
                "其中一份疑有电极错接：电轴、ST段和T波未比较，形态诊断的差异不可靠",
                "electrodes seem swapped in one of the ECGs: axes, ST and T are not compared, and differences in shape are not to be relied on",
            ));
        }
        let standard = |e: &Ecg<'_>| LeadName::TWELVE.iter().filter(|l| e.recording.leads.contains(l)).count();
        let few = has(&|e| standard(e) < STANDARD_LEADS);
        if few {
            notes.push(text(
                "导联不全，仅比较节律和共有的测量值",
                "too few leads: only rhythm and common measurements are compared",
            ));
        }
        let unscaled = has(&|e| e.recording.origin.unscaled);
        let secondary = wide(old) != wide(new);
        if secondary && !few && !swapped {
            notes.push(text(
                "两次心电图的心室激动方式不同（束支阻滞、预激或起搏），ST段和T波的改变为继发性，未逐导联比较",
                "the ventricles are activated differently in the two ECGs (block, preexcitation or pacing): ST and T change with it and are not compared lead by lead",
            ));
        }
        if let (Some(a), Some(b)) = (&old.recording.origin.filters, &new.recording.origin.filters)
            && a != b
        {
            notes.push(Text::of(
                format!("两次滤波设置不同（{a}；{b}），ST段水平可能因此不同"),
                format!("the ECGs were filtered differently ({a}; {b}): ST levels may differ for it"),
            ));
        }
        Self {
            anything,
            shapes: !few && !swapped,
            axes: !swapped && !few,
            leads: anything && !few && !swapped && !unscaled && !secondary,
        }
    }
}

/// Whether repolarisation is secondary to how the ventricles are activated.
fn wide(ecg: &Ecg<'_>) -> bool {
    let limit = norms::complete_block(ecg.patient);
    let said = |f: &Finding| {
        [
            "bundle-branch-block",
            "bifascicular",
            "preexcitation",
            "ventricular-pac",
            "synchronous-pac",
            "biventricular-pac",
        ]
        .iter()
        .any(|k| f.rule.id.contains(k))
            && !f.rule.id.starts_with("incomplete")
    };
    let findings = &ecg.interpretation.findings;
    findings.iter().any(said) || ecg.measurements.global.qrs_duration_ms.is_some_and(|q| q.0 >= limit + 10.0)
}

/// Fills in diagnoses and statements.
fn state(c: &mut Comparison, old: &Ecg<'_>, new: &Ecg<'_>, scope: &Scope) {
    let (before, now) = (&old.interpretation.findings, &new.interpretation.findings);
    let within =
        |f: &&Finding| group(f.rule).is_some_and(|g| scope.shapes || matches!(g, Group::Rhythm | Group::Ectopy));
    let lacks = |others: &[Finding], f: &Finding| !others.iter().any(|o| kind(o.rule.id) == kind(f.rule.id));
    let fresh: Vec<&Finding> = now.iter().filter(within).filter(|f| lacks(before, f)).collect();
    let gone: Vec<&Finding> = before.iter().filter(within).filter(|f| lacks(now, f)).collect();
    let diagnosis = |f: &&Finding| Diagnosis { id: f.rule.id, text: f.wording() };
    c.new = fresh.iter().map(diagnosis).collect();
    c.gone = gone.iter().map(diagnosis).collect();

    let moved = leads::moved(&c.leads);
    let replaced = replaced(before, now);
    let still = c.difference.is_some_and(|d| d <= SAME_BEAT)
        && moved == Moved::default()
        && !c.measurements.iter().any(|m| m.significant);
    if fresh.iter().chain(&gone).any(|f| groups::by_chance(f.rule)) {
        c.notes.push(text(
            "偶发早搏仅见于其中一份，短时记录中属偶然，不视为变化",
            "single premature beats are seen in one of the ECGs only: chance in a short record, no change",
        ));
    }
    let mut found = Found::default();
    found.rhythm(replaced, &fresh, &gone);
    for f in fresh.iter().filter(|f| !is_rhythm(f)) {
        found.diagnosis(f, true, still);
    }
    for f in gone.iter().filter(|f| !is_rhythm(f)) {
        found.diagnosis(f, false, still);
    }
    found.add(Kind::Ischemia, moved.worse(&c.leads));
    found.add(Kind::Resolved, moved.better(&c.leads));
    for m in c.measurements.iter().filter(|m| m.significant) {
        let kind = match m.id {
            "heart_rate_bpm" => Kind::Rhythm,
            "qtc_fridericia_ms" => Kind::Repolarization,
            _ => Kind::Intervals,
        };
        found.add(kind, m.wording());
    }
    c.statements = found.statements();
}

fn is_rhythm(f: &Finding) -> bool {
    matches!(group(f.rule), Some(Group::Rhythm | Group::Ectopy))
}

/// The dominant rhythms, where one has replaced the other.
fn replaced<'a>(before: &'a [Finding], now: &'a [Finding]) -> Option<(&'a Finding, &'a Finding)> {
    let (a, b) = (groups::rhythm(before)?, groups::rhythm(now)?);
    (kind(a.rule.id) != kind(b.rule.id)).then_some((a, b))
}

/// Statements in the making.
#[derive(Default)]
struct Found(Vec<(Kind, Text)>);

impl Found {
    fn add(&mut self, kind: Kind, because: impl IntoIterator<Item = Text>) {
        self.0.extend(because.into_iter().map(|b| (kind, b)));
    }

    fn rhythm(&mut self, replaced: Option<(&Finding, &Finding)>, fresh: &[&Finding], gone: &[&Finding]) {
        if let Some((a, b)) = replaced {
            let (old, new) = (a.wording(), b.wording());
            let said = Text::of(
                format!("{}取代{}", new.zh, old.zh),
                format!("{} has replaced {}", new.en, lower_first(&old.en)),
            );
            self.add(Kind::Rhythm, [said]);
        }
        let told = |f: &&&Finding| replaced.is_none_or(|(a, b)| f.rule.id != a.rule.id && f.rule.id != b.rule.id);
        // Sinus rhythm that came or went is said by what replaced it, or by the rate.
        let worth = |f: &&&Finding| {
            is_rhythm(f)
                && !groups::by_chance(f.rule)
                && (f.rule.severity > Severity::Normal || kind(f.rule.id) != "sinus")
        };
        self.add(Kind::Rhythm, fresh.iter().filter(worth).filter(told).map(|f| now_present(f)));
        self.add(Kind::Rhythm, gone.iter().filter(worth).filter(told).map(|f| no_longer(f)));
    }

    fn diagnosis(&mut self, f: &Finding, fresh: bool, still: bool) {
        let said = if fresh { now_present(f) } else { no_longer(f) };
        let kind = match group(f.rule) {
            _ if still => Kind::Reading,
            Some(Group::Status) => Kind::Status,
            Some(Group::Repolarization) => Kind::Repolarization,
            Some(Group::Ischemia) if fresh => Kind::Ischemia,
            Some(Group::Conduction) if fresh => Kind::Conduction,
            Some(_) => Kind::Resolved,
            None => return,
        };
        self.add(kind, [said]);
    }

    fn statements(self) -> Vec<Statement> {
        const ORDER: [Kind; 8] = [
            Kind::Rhythm,
            Kind::Ischemia,
            Kind::Conduction,
            Kind::Repolarization,
            Kind::Intervals,
            Kind::Status,
            Kind::Resolved,
            Kind::Reading,
        ];
        let statement =
            |kind: Kind, because: Vec<Text>| Statement { id: kind, aha: kind.aha(), text: kind.text(), because };
        let of = |kind: Kind| {
            let because: Vec<Text> = self.0.iter().filter(|(k, _)| *k == kind).map(|(_, b)| b.clone()).collect();
            (!because.is_empty()).then(|| statement(kind, because))
        };
        let found: Vec<Statement> = ORDER.into_iter().filter_map(of).collect();
        if found.is_empty() { vec![statement(Kind::Unchanged, Vec::new())] } else { found }
    }
}

fn now_present(f: &Finding) -> Text {
    let said = f.wording();
    Text::of(format!("新出现：{}", said.zh), format!("{} now present", said.en))
}

fn no_longer(f: &Finding) -> Text {
    let said = f.wording();
    Text::of(format!("不再出现：{}", said.zh), format!("{} no longer present", said.en))
}

impl Comparison {
    /// The statements in one line, for a report's first page; the reason where there is none.
    pub fn summary(&self) -> Text {
        if self.statements.is_empty() {
            return self.notes.first().cloned().unwrap_or_else(|| Kind::Unchanged.text());
        }
        let joined = |get: fn(&Text) -> &str, between: &str| {
            self.statements.iter().map(|s| get(&s.text)).collect::<Vec<_>>().join(between)
        };
        Text::of(joined(|t| &t.zh, "；"), joined(|t| &t.en, "; "))
    }
}
