//! What the machine makes of a case: read the files, analyse, and put the result into the shape that is kept. Pure but for
//! reading the objects; the same files and the same program give the same object.

use crate::detect::{LeadWaves, MedianBeat, Wave};
use crate::ingest::{self, ReadOptions, Source};
use crate::interpret::{Settings as Thresholds, Tier};
use crate::measure::measure;
use crate::pipeline::{Diagnosis, Options, diagnose};
use crate::report::{Report, Settings, VERSION};
use crate::signal::{Hz, LeadName, Recording};
use crate::store::{Analysed, CaseRow, Clinical, Fiducials, Store, StoreError};
use crate::text::{Lang, Text, text};
use serde_json::{Value, json};
use std::fmt::Write as _;

/// The files of a case, the recording's own first.
pub async fn files(store: &Store, row: &CaseRow) -> Result<Vec<(String, Vec<u8>)>, StoreError> {
    if row.erased.is_some() {
        return Err(StoreError::Erased);
    }
    let mut files = Vec::new();
    for file in &row.files {
        files.push((file.name.clone(), store.objects().get(&file.sha256).await?));
    }
    Ok(files)
}

/// Files as one input.
pub fn source_of(files: Vec<(String, Vec<u8>)>) -> Result<Source, StoreError> {
    let mut files = files.into_iter();
    let (name, bytes) = files.next().ok_or(StoreError::Missing)?;
    Ok(files.fold(Source::memory(name, bytes), |source, (name, bytes)| source.with(name, bytes)))
}

/// The files of a case as one input.
pub async fn source(store: &Store, row: &CaseRow) -> Result<Source, StoreError> {
    source_of(files(store, row).await?)
}

/// The recording of a case, with what the clinic adds to what the file says.
pub fn recording(source: &Source, clinical: &Clinical) -> Result<Recording, Text> {
    let mut recording = ingest::read(source, &ReadOptions::default()).map_err(|e| e.text())?;
    clinical.complete(&mut recording.patient);
    Ok(recording)
}

/// Reads and analyses; what a defect of ours breaks is a reason too.
pub fn examine(source: &Source, clinical: &Clinical, thresholds: &Thresholds) -> Result<(Recording, Diagnosis), Text> {
    let both = || {
        let recording = recording(source, clinical)?;
        let options = Options { critical: thresholds.clone(), ..clinical.options() };
        let diagnosis = diagnose(&recording, &options);
        Ok((recording, diagnosis))
    };
    std::panic::catch_unwind(std::panic::AssertUnwindSafe(both))
        .unwrap_or_else(|_| Err(text("程序内部错误，请报告此问题", "internal error of the program: please report it")))
}

/// The object of an analysis, and what lists need of it (its `analysis` is still empty).
pub fn result(recording: Recording, diagnosis: Diagnosis) -> Result<(Vec<u8>, Analysed), Text> {
    let medians: Vec<Value> = diagnosis
        .detection
        .medians
        .iter()
        .enumerate()
        .filter(|(_, m)| m.beats > 0 && !m.samples.is_empty())
        .map(|(group, m)| median(group, m, diagnosis.detection.rate))
        .collect();
    let interpretation = &diagnosis.interpretation;
    let machine = interpretation.findings.iter().map(|f| (f.rule.id.to_owned(), f.wording())).collect();
    // A row of the worklist has room for two lines: an infarct must not stand behind a rotation.
    let mut ranked: Vec<_> = interpretation.findings.iter().collect();
    ranked.sort_by_key(|f| std::cmp::Reverse(f.rule.severity));
    let summary = ranked.iter().take(4).map(|f| f.wording()).collect();
    let critical = interpretation.alarms.iter().filter(|a| a.tier == Tier::Critical).map(|a| a.text.clone());
    let found = Analysed {
        program: VERSION.to_owned(),
        analysis: String::new(),
        verdict: interpretation.verdict,
        machine,
        summary,
        critical: critical.collect(),
        thumbnail: thumbnail(&recording),
    };
    let report = Report::new(recording, diagnosis, None);
    let report = crate::report::render(&report, "json", &Settings::new(Lang::Zh));
    let report = report.ok_or_else(|| text("没有 JSON 输出", "there is no JSON output"))?.map_err(|e| e.text())?;
    let mut object = br#"{"medians":"#.to_vec();
    object.extend_from_slice(json!(medians).to_string().as_bytes());
    object.extend_from_slice(br#","report":"#);
    object.extend_from_slice(&report);
    object.push(b'}');
    Ok((object, found))
}

fn ms(rate: Hz, sample: usize) -> f64 {
    (rate.ms(sample as f64).0 * 1000.0).round() / 1000.0
}

fn bounds(rate: Hz, wave: Option<Wave>) -> Value {
    wave.map_or(
        Value::Null,
        |w| json!({ "onset_ms": ms(rate, w.onset), "peak_ms": ms(rate, w.peak), "offset_ms": ms(rate, w.offset) }),
    )
}

fn median(group: usize, median: &MedianBeat, rate: Hz) -> Value {
    let microvolts = |v: &f32| if v.is_finite() { (v * 1000.0).round() as i64 } else { 0 };
    let samples: Vec<Vec<i64>> =
        median.samples.rows().into_iter().map(|r| r.iter().map(microvolts).collect()).collect();
    let lead = |l: &LeadWaves| json!({ "p": bounds(rate, l.p), "qrs": bounds(rate, l.qrs), "t": bounds(rate, l.t) });
    json!({
        "group": group,
        "beats": median.beats,
        "rate_hz": rate.0,
        "fiducial_ms": ms(rate, median.fiducial),
        "samples": samples,
        "p": bounds(rate, median.p),
        "qrs": bounds(rate, median.qrs),
        "t": bounds(rate, median.t),
        "leads": median.lead_waves.iter().map(lead).collect::<Vec<_>>(),
    })
}

/// Puts the bounds of the dominant median beat where the reader has them, and measures again. Bounds that are out of
/// order or out of the beat are refused.
pub fn move_fiducials(recording: &Recording, diagnosis: &mut Diagnosis, moved: &Fiducials) -> Result<(), Text> {
    let rate = diagnosis.detection.rate;
    let Some(median) = diagnosis.detection.medians.first_mut().filter(|m| m.beats > 0) else {
        return Err(text("没有中值心搏", "there is no median beat"));
    };
    let last = median.samples.ncols().saturating_sub(1);
    let sample = |at: f64| ((at / 1000.0 * rate.0).round().max(0.0) as usize).min(last);
    let put = |wave: Option<Wave>, onset: Option<Option<f64>>, offset: Option<Option<f64>>| match (wave, onset, offset)
    {
        (_, Some(None), _) | (_, _, Some(None)) => None,
        (wave, None, None) => wave,
        (wave, onset, offset) => {
            let first = onset.flatten().map(sample).or(wave.map(|w| w.onset));
            let end = offset.flatten().map(sample).or(wave.map(|w| w.offset));
            first.zip(end).map(|(onset, offset)| {
                let peak = wave.map_or(usize::midpoint(onset, offset), |w| w.peak);
                Wave { onset, peak: peak.clamp(onset.min(offset), onset.max(offset)), offset }
            })
        }
    };
    median.p = put(median.p, moved.p_onset_ms, moved.p_offset_ms);
    median.qrs = put(median.qrs, moved.qrs_onset_ms, moved.qrs_offset_ms);
    let t_onset = median.t.map(|w| Some(ms(rate, w.onset))).or(median.qrs.map(|q| Some(ms(rate, q.offset))));
    median.t = put(median.t, t_onset.filter(|_| moved.t_offset_ms.is_some()), moved.t_offset_ms);
    let order: Vec<usize> =
        [median.p, median.qrs, median.t].iter().flatten().flat_map(|w| [w.onset, w.offset]).collect();
    if order.windows(2).any(|w| w[0] > w[1]) {
        return Err(text("波的起止点次序不对", "the bounds of the waves are out of order"));
    }
    diagnosis.measurements = measure(recording, &diagnosis.detection);
    Ok(())
}

/// Size of the small picture, its units.
const WIDTH: usize = 240;
const HEIGHT: usize = 64;

/// Lead II (or the first) above V1 (or the second), the whole recording up to ten seconds: the highest and lowest value of
/// each column. 10 mm of paper are a third of a row.
fn thumbnail(recording: &Recording) -> String {
    let find = |name: &LeadName, other: usize| {
        recording.leads.iter().position(|l| l == name).or((other < recording.leads.len()).then_some(other))
    };
    let mut rows = vec![find(&LeadName::II, 0), find(&LeadName::V1, 1)];
    rows.dedup();
    let mut svg = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {WIDTH} {HEIGHT}\" preserveAspectRatio=\"none\" \
         fill=\"none\" stroke=\"currentColor\" stroke-width=\"1\" stroke-linejoin=\"round\">"
    );
    let shown = recording.len().min((10.0 * recording.rate.0) as usize);
    for (place, row) in rows.into_iter().flatten().enumerate() {
        let samples = recording.samples.row(row);
        let Some(samples) = samples.as_slice().and_then(|s| s.get(..shown)) else { continue };
        let mut finite: Vec<f32> = samples.iter().copied().filter(|v| v.is_finite()).collect();
        if finite.is_empty() {
            continue;
        }
        let middle = finite.len() / 2;
        let base = *finite.select_nth_unstable_by(middle, f32::total_cmp).1;
        let zero = (HEIGHT / 4 + place * HEIGHT / 2) as f32 + 4.0;
        let y = |mv: f32| (zero - (mv - base) * 10.0).clamp(0.0, HEIGHT as f32).round() as i32;
        svg.push_str("<path d=\"");
        let mut pen = 'M';
        for x in 0..WIDTH {
            let (from, to) = (x * shown / WIDTH, ((x + 1) * shown / WIDTH).max(x * shown / WIDTH + 1));
            let column = samples.get(from..to.min(shown)).unwrap_or(&[]);
            let finite = column.iter().copied().filter(|v| v.is_finite());
            let (low, high) = finite.fold((f32::MAX, f32::MIN), |(l, h), v| (l.min(v), h.max(v)));
            if low > high {
                pen = 'M';
                continue;
            }
            let (top, bottom) = (y(high), y(low));
            let _ = if top == bottom { write!(svg, "{pen}{x} {top}") } else { write!(svg, "{pen}{x} {top}V{bottom}") };
            pen = 'L';
        }
        svg.push_str("\"/>");
    }
    svg.push_str("</svg>");
    svg
}
