//! The report as JSON: every fact under a stable name, by the published schema in `schema.json` (draft 2020-12).
//!
//! `null` = not measurable or not known. Times count in ms from the first sample. A change that breaks readers raises
//! the number in [`SCHEMA_ID`]; a new optional field does not.

use super::{Output, PROGRAM, Prior, RenderError, Report, Settings, Signature, VERSION, words};
use crate::detect::{Beat, BeatClass, Episode, EpisodeKind, LeadQuality, Wave};
use crate::interpret::serial::Comparison;
use crate::interpret::{Alarm, Codes, Confidence, Finding, Number, Severity, Source, Tier, Verdict};
use crate::measure::Measurements;
use crate::signal::{DeviceMeasurement, Hz, LeadName, Patient};
use crate::text::{Text, text};
use jiff::Zoned;
use serde::{Serialize, Serializer};
use serde_json::ser::Formatter;
use std::io::{self, Write};

/// Facts of this output.
pub static JSON: Output = Output {
    id: "json",
    name: text("JSON（遵循公开的数据模式）", "JSON, by the published schema"),
    extension: "json",
    drawn: false,
    render,
};

/// Value of a report's `schema` field.
pub const SCHEMA_ID: &str = "einthoven-report/1";

/// The JSON Schema (draft 2020-12) that reports validate against.
pub fn schema() -> &'static str {
    include_str!("schema.json")
}

fn render(report: &Report, _: &Settings) -> Result<Vec<u8>, RenderError> {
    let mut bytes = Vec::with_capacity(16 * 1024);
    let mut serializer = serde_json::Serializer::with_formatter(&mut bytes, Readable::default());
    document(report).serialize(&mut serializer).map_err(|e| RenderError::Write(e.to_string()))?;
    bytes.push(b'\n');
    Ok(bytes)
}

#[derive(Serialize)]
struct Document<'a> {
    schema: &'static str,
    program: Program,
    status: &'static str,
    #[serde(serialize_with = "optional_instant")]
    created: &'a Option<Zoned>,
    recording: Recorded<'a>,
    quality: Quality<'a>,
    verdict: Verdict,
    verdict_text: Text,
    critical: bool,
    critical_values: Vec<AlarmEntry<'a>>,
    findings: Vec<Statement<'a>>,
    advice: &'a [Text],
    notes: &'a [Text],
    comparison: Option<ComparisonEntry<'a>>,
    measurements: &'a Measurements,
    beats: Vec<BeatEntry>,
    episodes: Vec<EpisodeEntry>,
    pacemaker_spikes_ms: Vec<f64>,
    device: Device<'a>,
    signature: &'a Option<Signature>,
}

#[derive(Serialize)]
struct ComparisonEntry<'a> {
    prior: PriorEntry<'a>,
    #[serde(flatten)]
    comparison: &'a Comparison,
}

#[derive(Serialize)]
struct PriorEntry<'a> {
    name: &'a str,
    sha256: &'a str,
    start: Option<String>,
    patient: PatientEntry<'a>,
}

#[derive(Serialize)]
struct Program {
    name: &'static str,
    version: &'static str,
}

#[derive(Serialize)]
struct Recorded<'a> {
    name: &'a str,
    sha256: &'a str,
    format: &'static str,
    start: Option<String>,
    duration_s: f64,
    rate_hz: Hz,
    samples: usize,
    leads: &'a [LeadName],
    derived_leads: &'a [LeadName],
    patient: PatientEntry<'a>,
    device: Option<&'a str>,
    filters: Option<&'a str>,
    mains_hz: Option<Hz>,
    notes: &'a [Text],
}

#[derive(Serialize)]
struct PatientEntry<'a> {
    id: Option<&'a str>,
    name: Option<&'a str>,
    sex: Option<crate::signal::Sex>,
    age_years: Option<f64>,
    birth: Option<String>,
    height_cm: Option<f64>,
    weight_kg: Option<f64>,
}

#[derive(Serialize)]
struct Quality<'a> {
    score: Option<f64>,
    leads: Vec<QualityEntry<'a>>,
}

#[derive(Serialize)]
struct QualityEntry<'a> {
    lead: &'a LeadName,
    #[serde(flatten)]
    quality: LeadQuality,
}

#[derive(Serialize)]
struct Statement<'a> {
    id: &'static str,
    text: &'a Text,
    wording: Text,
    severity: Severity,
    confidence: Confidence,
    family: &'static str,
    codes: Codes,
    evidence: EvidenceEntry<'a>,
    criteria: &'a Text,
    source: &'static Source,
}

#[derive(Serialize)]
struct AlarmEntry<'a> {
    id: &'static str,
    tier: Tier,
    text: &'a Text,
    number: &'a Option<Number>,
    from_ms: f64,
    to_ms: f64,
}

#[derive(Serialize)]
struct EvidenceEntry<'a> {
    numbers: &'a [Number],
    leads: &'a [LeadName],
    beats: &'a [usize],
}

#[derive(Serialize)]
struct BeatEntry {
    at_ms: f64,
    rr_ms: Option<f64>,
    class: BeatClass,
    group: usize,
    p: Option<Bounds>,
    qrs: Bounds,
    t: Option<Bounds>,
}

#[derive(Serialize)]
#[allow(clippy::struct_field_names)] // the JSON names carry the unit
struct Bounds {
    onset_ms: f64,
    peak_ms: f64,
    offset_ms: f64,
}

#[derive(Serialize)]
struct EpisodeEntry {
    kind: EpisodeKind,
    from_ms: f64,
    to_ms: f64,
}

#[derive(Serialize)]
struct Device<'a> {
    measurements: &'a [DeviceMeasurement],
    statements: &'a [String],
}

fn document(report: &Report) -> Document<'_> {
    let Report { recording, diagnosis, created, signature, .. } = report;
    let rate = diagnosis.detection.rate;
    Document {
        schema: SCHEMA_ID,
        program: Program { name: PROGRAM, version: VERSION },
        status: status(report),
        created,
        recording: recorded(report),
        quality: Quality {
            score: report.quality(),
            leads: recording
                .leads
                .iter()
                .zip(&diagnosis.detection.quality)
                .map(|(lead, &quality)| QualityEntry { lead, quality })
                .collect(),
        },
        verdict: diagnosis.interpretation.verdict,
        verdict_text: words::verdict(diagnosis.interpretation.verdict),
        critical: diagnosis.interpretation.critical,
        critical_values: diagnosis.interpretation.alarms.iter().map(|a| alarm(a, rate)).collect(),
        findings: diagnosis.interpretation.findings.iter().map(statement).collect(),
        advice: &diagnosis.interpretation.advice,
        notes: &diagnosis.interpretation.notes,
        comparison: report.prior.as_deref().map(comparison),
        measurements: &diagnosis.measurements,
        beats: beats(&diagnosis.detection.beats, rate),
        episodes: diagnosis.detection.episodes.iter().map(|e| episode(e, rate)).collect(),
        pacemaker_spikes_ms: diagnosis.detection.spikes.iter().map(|&s| ms(s, rate)).collect(),
        device: Device { measurements: &recording.device.measurements, statements: &recording.device.statements },
        signature,
    }
}

/// FHIR's word for how far a report has come.
pub fn status(report: &Report) -> &'static str {
    match (&report.signature, report.revision) {
        (None, _) => "preliminary",
        (Some(_), 0) => "final",
        (Some(_), _) => "amended",
    }
}

fn comparison(prior: &Prior) -> ComparisonEntry<'_> {
    let recording = &prior.report.recording;
    ComparisonEntry {
        prior: PriorEntry {
            name: &recording.name,
            sha256: &recording.origin.sha256,
            start: recording.start.map(|t| t.to_string()),
            patient: patient(&prior.report.diagnosis.patient),
        },
        comparison: &prior.comparison,
    }
}

fn recorded(report: &Report) -> Recorded<'_> {
    let recording = &report.recording;
    Recorded {
        name: &recording.name,
        sha256: &recording.origin.sha256,
        format: recording.origin.format,
        start: recording.start.map(|t| t.to_string()),
        duration_s: recording.seconds(),
        rate_hz: recording.rate,
        samples: recording.len(),
        leads: &recording.leads,
        derived_leads: &recording.derived,
        patient: patient(&report.diagnosis.patient),
        device: recording.origin.device.as_deref(),
        filters: recording.origin.filters.as_deref(),
        mains_hz: recording.origin.mains,
        notes: &recording.notes,
    }
}

fn patient(patient: &Patient) -> PatientEntry<'_> {
    PatientEntry {
        id: patient.id.as_deref(),
        name: patient.name.as_deref(),
        sex: patient.sex,
        age_years: patient.age,
        birth: patient.birth.map(|d| d.to_string()),
        height_cm: patient.height_cm,
        weight_kg: patient.weight_kg,
    }
}

fn statement(finding: &Finding) -> Statement<'_> {
    let (rule, evidence) = (finding.rule, &finding.evidence);
    Statement {
        id: rule.id,
        text: &rule.text,
        wording: finding.wording(),
        severity: rule.severity,
        confidence: evidence.confidence,
        family: rule.family,
        codes: rule.codes,
        evidence: EvidenceEntry { numbers: &evidence.numbers, leads: &evidence.leads, beats: &evidence.beats },
        criteria: &rule.criteria,
        source: rule.source,
    }
}

fn alarm(alarm: &Alarm, rate: Hz) -> AlarmEntry<'_> {
    let Alarm { id, tier, text, number, from, to } = alarm;
    AlarmEntry { id, tier: *tier, text, number, from_ms: ms(*from, rate), to_ms: ms(*to, rate) }
}

fn ms(sample: usize, rate: Hz) -> f64 {
    rate.ms(sample as f64).0
}

fn beats(beats: &[Beat], rate: Hz) -> Vec<BeatEntry> {
    let bounds =
        |w: Wave| Bounds { onset_ms: ms(w.onset, rate), peak_ms: ms(w.peak, rate), offset_ms: ms(w.offset, rate) };
    let mut previous = None;
    let entry = |beat: &Beat| {
        let at_ms = ms(beat.qrs.peak, rate);
        let rr_ms = previous.replace(at_ms).map(|before| at_ms - before);
        BeatEntry {
            at_ms,
            rr_ms,
            class: beat.class,
            group: beat.group,
            p: beat.p.map(bounds),
            qrs: bounds(beat.qrs),
            t: beat.t.map(bounds),
        }
    };
    beats.iter().map(entry).collect()
}

fn episode(episode: &Episode, rate: Hz) -> EpisodeEntry {
    EpisodeEntry { kind: episode.kind, from_ms: ms(episode.from, rate), to_ms: ms(episode.to, rate) }
}

/// A moment as RFC 3339 with its offset.
pub fn instant<S: Serializer>(moment: &Zoned, s: S) -> Result<S::Ok, S::Error> {
    s.serialize_str(&rfc3339(moment))
}

/// `2026-11-24T23:01:02+08:00`.
pub fn rfc3339(moment: &Zoned) -> String {
    moment.strftime("%Y-%m-%dT%H:%M:%S%:z").to_string()
}

#[allow(clippy::ref_option)] // serde's calling convention
fn optional_instant<S: Serializer>(moment: &Option<Zoned>, s: S) -> Result<S::Ok, S::Error> {
    match moment {
        Some(moment) => instant(moment, s),
        None => s.serialize_none(),
    }
}

/// Indents to [`Readable::DEPTH`], keeps deeper values on their line, and rounds to what can be meant: 1 µV, 1 µs, 0.0001°.
#[derive(Default)]
struct Readable {
    depth: usize,
    empty: bool,
}

impl Readable {
    const DEPTH: usize = 2;
    const DECIMALS: i32 = 4;

    fn open<W: ?Sized + Write>(&mut self, w: &mut W, bracket: &[u8]) -> io::Result<()> {
        self.depth += 1;
        self.empty = true;
        w.write_all(bracket)
    }

    fn close<W: ?Sized + Write>(&mut self, w: &mut W, bracket: &[u8]) -> io::Result<()> {
        self.depth -= 1;
        if !self.empty && self.depth < Self::DEPTH {
            newline(w, self.depth)?;
        }
        self.empty = false;
        w.write_all(bracket)
    }

    fn next<W: ?Sized + Write>(&mut self, w: &mut W, first: bool) -> io::Result<()> {
        self.empty = false;
        w.write_all(if first { b"" } else { b"," })?;
        match (self.depth <= Self::DEPTH, first) {
            (true, _) => newline(w, self.depth),
            (false, true) => Ok(()),
            (false, false) => w.write_all(b" "),
        }
    }
}

fn newline<W: ?Sized + Write>(w: &mut W, depth: usize) -> io::Result<()> {
    w.write_all(b"\n")?;
    (0..depth).try_for_each(|_| w.write_all(b"  "))
}

impl Formatter for Readable {
    fn write_f64<W: ?Sized + Write>(&mut self, w: &mut W, value: f64) -> io::Result<()> {
        let scale = 10f64.powi(Self::DECIMALS);
        let rounded = (value * scale).round() / scale;
        // −0 and integers print as the integer they are.
        if rounded.fract() == 0.0 && rounded.abs() < 1e15 {
            write!(w, "{}", rounded as i64)
        } else {
            write!(w, "{rounded}")
        }
    }
    fn write_f32<W: ?Sized + Write>(&mut self, w: &mut W, value: f32) -> io::Result<()> {
        self.write_f64(w, f64::from(value))
    }
    fn begin_array<W: ?Sized + Write>(&mut self, w: &mut W) -> io::Result<()> {
        self.open(w, b"[")
    }
    fn end_array<W: ?Sized + Write>(&mut self, w: &mut W) -> io::Result<()> {
        self.close(w, b"]")
    }
    fn begin_array_value<W: ?Sized + Write>(&mut self, w: &mut W, first: bool) -> io::Result<()> {
        self.next(w, first)
    }
    fn begin_object<W: ?Sized + Write>(&mut self, w: &mut W) -> io::Result<()> {
        self.open(w, b"{")
    }
    fn end_object<W: ?Sized + Write>(&mut self, w: &mut W) -> io::Result<()> {
        self.close(w, b"}")
    }
    fn begin_object_key<W: ?Sized + Write>(&mut self, w: &mut W, first: bool) -> io::Result<()> {
        self.next(w, first)
    }
    fn begin_object_value<W: ?Sized + Write>(&mut self, w: &mut W) -> io::Result<()> {
        w.write_all(b": ")
    }
}
