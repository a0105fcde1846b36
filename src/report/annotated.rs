//! The waveform itself with what this program found in it, as a DICOM ECG waveform and as an HL7 aECG: beats by class,
//! bounds of the waves, measurements and statements, for systems that show ECGs and not reports.
//!
//! The statements come first and say whose they are and that they are preliminary; what the recording's own device said
//! follows and is named as the device's.

use super::globals::measured;
use super::{Output, PROGRAM, RenderError, Report, Settings, VERSION, sheet, words};
use crate::detect::{Beat, BeatClass, Detection, EpisodeKind, Wave};
use crate::ingest::{FORMATS, WriteError};
use crate::signal::{Annotation, DeviceMeasurement, Recording};
use crate::text::{Lang, Text, text};

/// `--to dicom`.
pub static WAVEFORM: Output = Output {
    id: "dicom",
    name: text("DICOM 心电波形（含本程序标注与结论）", "DICOM ECG waveform with our annotations and statements"),
    extension: "dcm",
    drawn: false,
    render: |report, settings| render(report, settings, "dicom"),
};

/// `--to aecg`.
pub static AECG: Output = Output {
    id: "aecg",
    name: text("HL7 aECG（含本程序标注与结论）", "HL7 aECG with our annotations and statements"),
    extension: "aecg.xml",
    drawn: false,
    render: |report, settings| render(report, settings, "aecg"),
};

fn render(report: &Report, settings: &Settings, format: &str) -> Result<Vec<u8>, RenderError> {
    let refused = || RenderError::Write(format!("no writer of {format}"));
    let write = FORMATS.iter().find(|f| f.id == format).and_then(|f| f.write).ok_or_else(refused)?;
    let files =
        write(&annotated(report, settings.lang), "report").map_err(|WriteError::Unfit(why)| RenderError::Unfit(why))?;
    files.into_iter().next().map(|(_, bytes)| bytes).ok_or_else(refused)
}

/// The recording with our marks, measurements and statements in place of those it came with.
pub fn annotated(report: &Report, lang: Lang) -> Recording {
    let mut recording = report.recording.clone();
    recording.annotations = marks(&report.diagnosis.detection);
    let device = std::mem::take(&mut recording.device.statements);
    recording.device.statements = statements(report, lang);
    let said = |s: String| Text::of(format!("设备：{s}"), format!("device: {s}")).get(lang).to_string();
    recording.device.statements.extend(device.into_iter().map(said));
    recording.device.measurements = measured(&report.diagnosis.measurements.global)
        .map(|(q, value)| DeviceMeasurement {
            name: q.id.into(),
            lead: None,
            value: (value * 10.0).round() / 10.0,
            unit: q.unit.into(),
        })
        .collect();
    recording
}

fn statements(report: &Report, lang: Lang) -> Vec<String> {
    let interpretation = &report.diagnosis.interpretation;
    let standing = sheet::standing(report);
    let mut said = vec![
        format!("{PROGRAM} {VERSION}: {}", standing.get(lang)),
        words::verdict(interpretation.verdict).get(lang).to_string(),
    ];
    said.extend(report.signature.as_ref().filter(|s| !s.conclusion.is_empty()).map(|s| s.conclusion.clone()));
    said.extend(interpretation.alarms.iter().map(|a| words::alarm(a, lang)));
    said.extend(interpretation.findings.iter().map(|f| f.wording().get(lang).to_string()));
    said.extend(report.prior.iter().map(|p| words::compared(p).get(lang).to_string()));
    said
}

/// Beats and waves as MIT annotations, in order of time.
fn marks(detection: &Detection) -> Vec<Annotation> {
    let mut marks: Vec<Annotation> = detection.beats.iter().flat_map(beat).collect();
    for episode in detection.episodes.iter().filter(|e| e.kind == EpisodeKind::VentricularFibrillation) {
        marks.push(mark(episode.from, "["));
        marks.push(mark(episode.to.saturating_sub(1), "]"));
    }
    marks.sort_by_key(|m| m.sample);
    marks
}

fn beat(beat: &Beat) -> Vec<Annotation> {
    let code = match beat.class {
        BeatClass::N => "N",
        BeatClass::S => "S",
        BeatClass::V => "V",
        BeatClass::F => "F",
        BeatClass::Q => "Q",
        BeatClass::P => "/",
    };
    let wave = |w: Wave, code: &str| [mark(w.onset, "("), mark(w.peak, code), mark(w.offset, ")")];
    let waves = [beat.p.map(|w| wave(w, "p")), Some(wave(beat.qrs, code)), beat.t.map(|w| wave(w, "t"))];
    waves.into_iter().flatten().flatten().collect()
}

fn mark(sample: usize, code: &str) -> Annotation {
    Annotation { sample, code: code.into(), annotator: PROGRAM.into(), ..Annotation::default() }
}
