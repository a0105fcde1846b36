//! Critical values in two tiers, by a centre's own thresholds.
//!
//! Default: 心电图危急值2017中国专家共识, as widely reproduced. A centre's deviations are a TOML file; [`Settings::parse`]
//! names the key, the value and what is allowed. An absent key keeps its default.

use super::facts::name;
use super::{Alarm, Case, Finding, Number, Tier};
use crate::detect::EpisodeKind;
use crate::signal::Ms;
use crate::text::{Text, text};
use serde::{Deserialize, Serialize};

/// A centre's thresholds. Every key of the TOML file, with its default.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Settings {
    /// Ventricular tachycardia counts as critical from this rate, bpm (100 … 250; consensus 150).
    pub ventricular_tachycardia_bpm: f64,
    /// … sustained for this long, s (0 … 60; consensus 30). A record shorter than this counts when it is filled by it.
    pub ventricular_tachycardia_s: f64,
    /// Supraventricular tachycardia, bpm (150 … 300; consensus 200; Shanxi 180, Zhejiang 230).
    pub supraventricular_tachycardia_bpm: f64,
    /// Atrial fibrillation or flutter, mean ventricular rate, bpm (120 … 300; 180).
    pub fibrillation_bpm: f64,
    /// Fibrillation with preexcitation, shortest RR, ms (150 … 350; 250).
    pub preexcited_rr_ms: f64,
    /// Bradycardia, mean rate, bpm (20 … 50; 35).
    pub bradycardia_bpm: f64,
    /// High-grade or complete AV block, mean ventricular rate, bpm (20 … 60; 35; some provinces 40).
    pub av_block_bpm: f64,
    /// Longest RR, ms: critical (2000 … 10000; 5000 without symptoms).
    pub long_rr_ms: f64,
    /// Longest RR, ms: major positive (2000 … 10000; 3000, critical with symptoms).
    pub long_rr_major_ms: f64,
    /// `QTc` (Fridericia), ms: critical (480 … 700; 550).
    pub qtc_ms: f64,
    /// `QTc`, ms: major positive (450 … 700; 500).
    pub qtc_major_ms: f64,
    /// Whether suspected acute myocardial ischemia (not only infarction) is critical; else major positive.
    pub ischemia_is_critical: bool,
    /// Whether a first complete AV block is critical at any rate.
    pub complete_block_is_critical: bool,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            ventricular_tachycardia_bpm: 150.0,
            ventricular_tachycardia_s: 30.0,
            supraventricular_tachycardia_bpm: 200.0,
            fibrillation_bpm: 180.0,
            preexcited_rr_ms: 250.0,
            bradycardia_bpm: 35.0,
            av_block_bpm: 35.0,
            long_rr_ms: 5000.0,
            long_rr_major_ms: 3000.0,
            qtc_ms: 550.0,
            qtc_major_ms: 500.0,
            ischemia_is_critical: true,
            complete_block_is_critical: false,
        }
    }
}

/// Why a settings file is refused.
#[derive(Debug, thiserror::Error)]
pub enum SettingsError {
    /// Not TOML, an unknown key or a wrong type; the message names line and key.
    #[error("critical values: line {line}: {cause}")]
    Toml {
        /// The line, from 1.
        line: usize,
        /// What the parser says of it.
        cause: String,
    },
    /// A value out of its legal range.
    #[error("critical values: line {line}: {key} = {value} is outside {low} … {high}")]
    Range {
        /// The line, from 1, of the key, or of the key that makes its default impossible; 1 where neither is written.
        line: usize,
        /// The key.
        key: &'static str,
        /// What it says.
        value: f64,
        /// Least allowed.
        low: f64,
        /// Most allowed.
        high: f64,
    },
}

impl SettingsError {
    /// Line and cause for the centre's people. What the parser itself says stays in its English.
    pub fn words(&self) -> Text {
        match self {
            Self::Toml { line, cause } => {
                let what = match cause.split_whitespace().next() {
                    Some("unknown") => "没有这个键",
                    Some("invalid") => "值的类型或写法不对",
                    Some("duplicate") => "键重复",
                    _ => "不符合TOML格式",
                };
                Text::of(format!("第{line}行：{what}（{cause}）"), format!("line {line}: {cause}"))
            }
            Self::Range { line, key, value, low, high } => Text::of(
                format!("第{line}行：{key} = {value}，允许范围为{low}～{high}"),
                format!("line {line}: {key} = {value} is outside {low} … {high}"),
            ),
        }
    }
}

impl Settings {
    /// Reads a centre's file.
    pub fn parse(toml: &str) -> Result<Self, SettingsError> {
        let s: Self = toml::from_str(toml).map_err(|e| SettingsError::Toml {
            line: e.span().map_or(1, |span| 1 + toml.bytes().take(span.start).filter(|b| *b == b'\n').count()),
            cause: e.message().trim().to_owned(),
        })?;
        for (key, value, low, high) in s.ranges() {
            if !(low..=high).contains(&value) {
                // A major limit is bounded by its critical one: `long_rr_ms = 2500` leaves no room for the default 3000.
                let bound = key.replace("_major", "");
                let line = line_of(toml, key).or_else(|| line_of(toml, &bound)).unwrap_or(1);
                return Err(SettingsError::Range { line, key, value, low, high });
            }
        }
        Ok(s)
    }

    /// Each number: its key, value, least and most allowed.
    pub fn ranges(&self) -> [(&'static str, f64, f64, f64); 11] {
        [
            ("ventricular_tachycardia_bpm", self.ventricular_tachycardia_bpm, 100.0, 250.0),
            ("ventricular_tachycardia_s", self.ventricular_tachycardia_s, 0.0, 60.0),
            ("supraventricular_tachycardia_bpm", self.supraventricular_tachycardia_bpm, 150.0, 300.0),
            ("fibrillation_bpm", self.fibrillation_bpm, 120.0, 300.0),
            ("preexcited_rr_ms", self.preexcited_rr_ms, 150.0, 350.0),
            ("bradycardia_bpm", self.bradycardia_bpm, 20.0, 50.0),
            ("av_block_bpm", self.av_block_bpm, 20.0, 60.0),
            ("long_rr_ms", self.long_rr_ms, 2000.0, 10_000.0),
            ("long_rr_major_ms", self.long_rr_major_ms, 2000.0, self.long_rr_ms),
            ("qtc_ms", self.qtc_ms, 480.0, 700.0),
            ("qtc_major_ms", self.qtc_major_ms, 450.0, self.qtc_ms),
        ]
    }
}

/// The line, from 1, that gives this key its value.
fn line_of(toml: &str, key: &str) -> Option<usize> {
    let gives = |line: &str| line.split_once('=').is_some_and(|(name, _)| name.trim().trim_matches(['"', '\'']) == key);
    toml.lines().position(gives).map(|i| i + 1)
}

/// Statements that are critical whatever the numbers, and the centre's item that they meet.
const ALWAYS: &[(&str, &[&str], Text)] = &[
    (
        "acute-infarction",
        &["stemi-", "sgarbossa", "de-winter", "left-main-pattern"],
        text("疑似急性心肌梗死", "Suspected acute myocardial infarction"),
    ),
    (
        "ventricular-fibrillation",
        &["ventricular-fibrillation"],
        text("心室扑动、心室颤动", "Ventricular fibrillation or flutter"),
    ),
    ("asystole", &["asystole"], text("心室停搏", "Ventricular asystole")),
    (
        "polymorphic-vt",
        &["polymorphic-ventricular-tachycardia", "torsades-de-pointes"],
        text("多形性室性心动过速、尖端扭转型室性心动过速", "Polymorphic ventricular tachycardia, torsades de pointes"),
    ),
    ("hyperkalemia", &["hyperkalemia"], text("严重高钾血症心电图表现", "ECG of severe hyperkalemia")),
    ("r-on-t", &["r-on-t"], text("R-on-T室性期前收缩", "R-on-T ventricular premature complex")),
    ("t-wave-alternans", &["t-wave-alternans"], text("显性T波电交替", "Overt T-wave alternans")),
    (
        "pacing-failure",
        &["failure-to-capture-ventricular", "failure-to-pace"],
        text("起搏器失夺获或不起搏", "Pacemaker failure to capture or to pace"),
    ),
];

/// Statements that are told soon.
const SOON: &[(&str, &[&str], Text)] = &[
    ("wellens", &["wellens"], text("Wellens综合征心电图表现", "Wellens pattern")),
    ("pulmonary-embolism", &["pulmonary-embolism"], text("疑似急性肺栓塞", "Suspected acute pulmonary embolism")),
    ("brugada", &["brugada-type-1"], text("Brugada波（1型）", "Brugada pattern, type 1")),
    ("hypokalemia", &["hypokalemia"], text("低钾血症心电图表现", "ECG of hypokalemia")),
    (
        "high-grade-block",
        &["high-grade-av-block", "complete-av-block", "mobitz-ii", "atrial-fibrillation-regular"],
        text("高度或三度房室阻滞、二度II型房室阻滞", "High-grade, complete or Mobitz II AV block"),
    ),
    ("idioventricular", &["idioventricular-rhythm"], text("室性逸搏心律", "Idioventricular rhythm")),
    (
        "wide-qrs-tachycardia",
        &["wide-qrs-tachycardia", "ventricular-tachycardia"],
        text("宽QRS波心动过速", "Wide-QRS tachycardia"),
    ),
    (
        "fibrillation-preexcited",
        &["atrial-fibrillation-preexcited"],
        text("预激合并心房颤动", "Atrial fibrillation with preexcitation"),
    ),
];

/// Statements of acute ischemia.
const ISCHEMIA: &[&str] = &["acute-ischemia", "subendocardial-ischemia"];

/// The critical values of a case, most urgent first.
pub fn alarms(case: &Case<'_>, findings: &[Finding], settings: &Settings) -> Vec<Alarm> {
    let mut found = Vec::new();
    for (tier, items) in [(Tier::Critical, ALWAYS), (Tier::MajorPositive, SOON)] {
        for (id, statements, words) in items {
            let hit = findings.iter().find(|f| statements.iter().any(|s| matches(f.rule.id, s)));
            if let Some(f) = hit {
                found.push(alarm(
                    case,
                    id,
                    tier,
                    words.clone(),
                    f.evidence.numbers.first().cloned(),
                    &f.evidence.beats,
                ));
            }
        }
    }
    if let Some(f) = findings.iter().find(|f| ISCHEMIA.contains(&f.rule.id)) {
        let tier = if settings.ischemia_is_critical { Tier::Critical } else { Tier::MajorPositive };
        let words = text("疑似急性心肌缺血", "Suspected acute myocardial ischemia");
        found.push(alarm(case, "acute-ischemia", tier, words, f.evidence.numbers.first().cloned(), &f.evidence.beats));
    }
    by_rate(case, findings, settings, &mut found);
    by_interval(case, settings, &mut found);
    found.sort_by_key(|a| std::cmp::Reverse(a.tier));
    let mut seen = Vec::new();
    found.retain(|a| {
        !seen.contains(&a.id) && {
            seen.push(a.id);
            true
        }
    });
    found
}

/// `stemi-` names every statement that starts so; anything else names itself.
fn matches(id: &str, pattern: &str) -> bool {
    if pattern.ends_with('-') { id.starts_with(pattern) } else { id == pattern }
}

fn number(name: Text, value: f64, unit: &'static str, limit: String) -> Number {
    Number { name, value, unit, limit }
}

fn by_rate(case: &Case<'_>, findings: &[Finding], s: &Settings, found: &mut Vec<Alarm>) {
    let Some(rate) = case.rate() else { return };
    let has = |patterns: &[&str]| findings.iter().any(|f| patterns.iter().any(|p| matches(f.rule.id, p)));
    let mut push = |id, tier, words, limit: String| {
        found.push(alarm(case, id, tier, words, Some(number(name::RATE, rate, "bpm", limit)), &[]));
    };
    // A wide-QRS tachycardia of unknown origin is treated as ventricular until shown otherwise (Al-Khatib 2018).
    let vt = has(&["ventricular-tachycardia", "wide-qrs-tachycardia"]);
    let long_enough = case.recording.seconds().min(s.ventricular_tachycardia_s);
    if vt && rate >= s.ventricular_tachycardia_bpm && case.recording.seconds() >= long_enough {
        let words = text("持续性室性（宽QRS波）心动过速", "Sustained ventricular (wide-QRS) tachycardia");
        push("ventricular-tachycardia", Tier::Critical, words, format!("≥ {}", s.ventricular_tachycardia_bpm));
    }
    if has(&["supraventricular-tachycardia", "ectopic-atrial-tachycardia", "junctional-tachycardia"])
        && rate >= s.supraventricular_tachycardia_bpm
        && case.adult()
    {
        let words = text("室上性心动过速，心室率过快", "Supraventricular tachycardia with a very fast rate");
        push(
            "supraventricular-tachycardia",
            Tier::Critical,
            words,
            format!("≥ {}", s.supraventricular_tachycardia_bpm),
        );
    }
    if has(&["atrial-fibrillation", "atrial-fibrillation-", "atrial-flutter", "atrial-flutter-"])
        && rate >= s.fibrillation_bpm
    {
        let words =
            text("心房颤动/扑动伴极快心室率", "Atrial fibrillation or flutter with a very fast ventricular rate");
        push("fibrillation-fast", Tier::Critical, words, format!("≥ {}", s.fibrillation_bpm));
    }
    let shortest = case.global().rr_min_ms.map_or(f64::MAX, |m| m.0);
    if has(&["atrial-fibrillation-preexcited"]) && shortest <= s.preexcited_rr_ms {
        let words =
            text("预激合并心房颤动，最短RR间期过短", "Atrial fibrillation with preexcitation and a very short RR");
        let n = number(name::SHORTEST_RR, shortest, "ms", format!("≤ {}", s.preexcited_rr_ms));
        found.push(alarm(case, "fibrillation-preexcited", Tier::Critical, words, Some(n), &[]));
    }
    let mut push = |id, words, limit: String| {
        found.push(alarm(case, id, Tier::Critical, words, Some(number(name::RATE, rate, "bpm", limit)), &[]));
    };
    let block = has(&["high-grade-av-block", "complete-av-block", "atrial-fibrillation-regular"]);
    if block && (rate <= s.av_block_bpm || (s.complete_block_is_critical && has(&["complete-av-block"]))) {
        let words =
            text("高度、三度房室阻滞伴缓慢心室率", "High-grade or complete AV block with a slow ventricular rate");
        push("high-grade-block", words, format!("≤ {}", s.av_block_bpm));
    }
    if rate <= s.bradycardia_bpm && case.detection.beats.len() >= 2 {
        push("severe-bradycardia", text("严重心动过缓", "Severe bradycardia"), format!("≤ {}", s.bradycardia_bpm));
    }
}

fn by_interval(case: &Case<'_>, s: &Settings, found: &mut Vec<Alarm>) {
    let longest = case.rhythm().rr_ms.iter().enumerate().filter_map(|(i, rr)| Some((i, (*rr)?.0)));
    if let Some((i, rr)) = longest.max_by(|a, b| a.1.total_cmp(&b.1)) {
        let tier = (rr >= s.long_rr_major_ms).then_some(if rr >= s.long_rr_ms {
            (Tier::Critical, s.long_rr_ms)
        } else {
            (Tier::MajorPositive, s.long_rr_major_ms)
        });
        if let Some((tier, limit)) = tier {
            let n = number(name::LONGEST_RR, rr, "ms", format!("≥ {limit}"));
            found.push(alarm(
                case,
                "long-rr",
                tier,
                text("长RR间期", "Long RR interval"),
                Some(n),
                &[i.saturating_sub(1), i],
            ));
        }
    }
    if let Some(qtc) = case.global().qtc_fridericia_ms.map(|m| m.0).filter(|q| *q >= s.qtc_major_ms) {
        let narrow = super::conduction::narrow(case);
        let (tier, limit) =
            if qtc >= s.qtc_ms { (Tier::Critical, s.qtc_ms) } else { (Tier::MajorPositive, s.qtc_major_ms) };
        if narrow {
            let n = number(name::QTC_FRIDERICIA, qtc, "ms", format!("≥ {limit}"));
            found.push(alarm(case, "long-qt", tier, text("QTc间期显著延长", "Markedly prolonged QTc"), Some(n), &[]));
        }
    }
}

/// An alarm with the stretch that shows it: an episode, the beats named ± 1 s, or the first 3 s.
fn alarm(case: &Case<'_>, id: &'static str, tier: Tier, text: Text, number: Option<Number>, beats: &[usize]) -> Alarm {
    let margin = case.recording.rate.samples(Ms(1000.0));
    let end = case.recording.len();
    let episode = case.detection.episodes.iter().find(|e| {
        matches!(
            (id, e.kind),
            ("ventricular-fibrillation", EpisodeKind::VentricularFibrillation) | ("asystole", EpisodeKind::Asystole)
        )
    });
    let at = |i: &usize| case.detection.beats.get(*i).map(|b| b.qrs);
    let (from, to) = match (episode, beats.iter().min().and_then(at), beats.iter().max().and_then(at)) {
        (Some(e), ..) => (e.from, e.to),
        (None, Some(a), Some(b)) => (a.onset.saturating_sub(margin), b.offset + margin),
        _ => (0, 3 * margin),
    };
    Alarm { id, tier, text, number, from: from.min(end), to: to.min(end) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_critical_by_itself_raises_a_critical_value() {
        // Else the heading would say "critical" over no critical value; what hangs on a rate is for the centre's limits.
        for rule in crate::interpret::RULES.iter().filter(|r| r.severity == crate::interpret::Severity::Critical) {
            assert!(ALWAYS.iter().any(|(_, ids, _)| ids.iter().any(|p| matches(rule.id, p))), "{}", rule.id);
        }
    }

    #[test]
    fn settings_say_what_is_wrong() {
        assert_eq!(Settings::parse("").unwrap(), Settings::default());
        assert_eq!(Settings::parse("bradycardia_bpm = 40").unwrap().bradycardia_bpm, 40.0);
        let wrong = Settings::parse("bradycardia_bpm = 140").unwrap_err().to_string();
        assert!(wrong.contains("bradycardia_bpm = 140") && wrong.contains("50"), "{wrong}");
        let unknown = Settings::parse("bradicardia = 40").unwrap_err().to_string();
        assert!(unknown.contains("bradicardia"), "{unknown}");
        assert!(Settings::parse("qtc_major_ms = 600").is_err());
        let said = |toml: &str| Settings::parse(toml).unwrap_err().words();
        let range = said("# ours\nqtc_ms = 560\nbradycardia_bpm = nan\n");
        assert!(range.en.starts_with("line 3: bradycardia_bpm") && range.zh.starts_with("第3行："), "{range:?}");
        let kind = said("qtc_ms = 560\n\nav_block_bpm = 'slow'");
        assert!(kind.en.starts_with("line 3: ") && kind.zh.contains("类型"), "{kind:?}");
        let broken = said("qtc_ms 560");
        assert!(broken.en.starts_with("line 1: ") && broken.zh.contains("TOML"), "{broken:?}");
        // Its own line is nowhere: the line that leaves no room for the default is named.
        assert!(said("\nlong_rr_ms = 2500").en.starts_with("line 2: long_rr_major_ms"));
    }
}
