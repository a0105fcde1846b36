//! From a header's signals to leads in millivolts.

use super::header::{DEFAULT_GAIN, Header, Signal};
use super::{ID, samples};
use crate::ingest::{Limits, ReadError, Source, millivolts, name_leads, no_ecg};
use crate::signal::{Hz, Recording};
use crate::text::Text;
use ndarray::Array2;

/// Frames decoded at a time: a multiple of six, so that blocks of the packed formats end on whole bytes.
const BLOCK: usize = 1536;

/// One ECG signal in millivolts.
#[derive(Debug)]
pub(super) struct Row {
    pub description: String,
    pub per_frame: usize,
    pub values: Vec<f32>,
}

/// Reads the signals of a single-segment record.
pub(super) fn read(header: &Header, source: &Source, limits: &Limits) -> Result<Recording, ReadError> {
    let mut notes = Vec::new();
    let rows: Vec<Row> = rows(header, source, limits, &mut notes)?.into_iter().map(|(_, row)| row).collect();
    if !header.rate_given {
        notes.push(Text::of(
            format!("头文件未给出采样率，按 WFDB 规定取 {} Hz", header.rate),
            format!("the header gives no sampling rate: {} Hz by WFDB's rule", header.rate),
        ));
    }
    Ok(assemble(source.stem(), &rows, header.rate, notes))
}

/// Puts rows of perhaps different rates into one matrix.
pub(super) fn assemble(name: &str, rows: &[Row], frame_rate: f64, mut notes: Vec<Text>) -> Recording {
    let fastest = rows.iter().map(|r| r.per_frame).max().unwrap_or(1);
    let frames = rows.iter().map(|r| r.values.len() / r.per_frame).max().unwrap_or(0);
    let length = frames * fastest;
    let labels: Vec<&str> = rows.iter().map(|r| r.description.as_str()).collect();
    let named = name_leads(&labels);
    let mut samples = Array2::from_elem((rows.len(), length), f32::NAN);
    for ((mut target, row), (_, sign)) in samples.rows_mut().into_iter().zip(rows).zip(&named) {
        if row.per_frame == fastest {
            target.iter_mut().zip(&row.values).for_each(|(t, v)| *t = sign * v);
            continue;
        }
        let step = row.per_frame as f64 / fastest as f64;
        target.iter_mut().enumerate().for_each(|(i, t)| *t = sign * between(&row.values, i as f64 * step));
        notes.push(Text::of(
            format!("导联 {} 的采样率较低，已线性插值到 {} Hz", row.description, frame_rate * fastest as f64),
            format!(
                "lead {} is sampled more slowly and was interpolated linearly to {} Hz",
                row.description,
                frame_rate * fastest as f64
            ),
        ));
    }
    let leads = named.into_iter().map(|(lead, _)| lead).collect();
    let mut recording = Recording::new(name, leads, Hz(frame_rate * fastest as f64), samples);
    recording.notes = notes;
    recording
}

/// The value at a fractional index; the last sample holds to the end of its frame, and NaN stays NaN.
pub(super) fn between(values: &[f32], at: f64) -> f32 {
    let i = at.floor() as usize;
    let part = (at - at.floor()) as f32;
    let here = values.get(i).copied().unwrap_or(f32::NAN);
    let next = values.get(i + 1).copied().unwrap_or(here);
    if part == 0.0 { here } else { here + (next - here) * part }
}

/// The ECG signals of a record with their index in the header, in its order.
pub(super) fn rows(
    header: &Header,
    source: &Source,
    limits: &Limits,
    notes: &mut Vec<Text>,
) -> Result<Vec<(usize, Row)>, ReadError> {
    if header.signals.is_empty() {
        return Err(ReadError::unsupported(ID, "记录中没有信号", "the record has no signals"));
    }
    limits.shape(header.signals.len(), 0)?;
    let mut files: Vec<&str> = Vec::new();
    for signal in &header.signals {
        if !files.contains(&signal.file.as_str()) {
            files.push(&signal.file);
        }
    }
    let mut out: Vec<(usize, Row)> = Vec::new();
    let mut problem = None;
    for file in files {
        let group: Vec<(usize, &Signal)> = header.signals.iter().enumerate().filter(|(_, s)| s.file == file).collect();
        match Group::new(file, group).decode(header, source, limits, notes) {
            Ok(rows) => out.extend(rows),
            Err(limit @ ReadError::Limit { .. }) => return Err(limit),
            Err(error) => {
                notes.push(error.text());
                problem = Some(error);
            }
        }
    }
    if out.iter().all(|(_, r)| r.values.is_empty()) {
        return Err(problem.unwrap_or_else(|| {
            ReadError::unsupported(
                ID,
                "记录中没有以电压为单位的心电信号",
                "the record holds no ECG signal with a unit of voltage",
            )
        }));
    }
    out.sort_by_key(|(i, _)| *i);
    Ok(out)
}

/// Why a signal is no ECG in millivolts, if so.
fn excluded(signal: &Signal) -> bool {
    signal.format == 0 || millivolts(&signal.unit).is_none() || no_ecg(&signal.description)
}

/// The signals of one file, interleaved frame by frame.
struct Group<'a> {
    file: &'a str,
    signals: Vec<(usize, &'a Signal)>,
    /// Samples a frame of all signals.
    width: usize,
}

/// One signal while it is decoded.
struct Track<'a> {
    index: usize,
    signal: &'a Signal,
    /// Where its samples begin within a frame.
    at: usize,
    invalid: Option<i32>,
    scale: f64,
    last: i32,
    sum: i32,
    values: Vec<f32>,
}

impl<'a> Group<'a> {
    fn new(file: &'a str, signals: Vec<(usize, &'a Signal)>) -> Self {
        let width = signals.iter().fold(0_usize, |w, (_, s)| w.saturating_add(s.per_frame));
        Self { file, signals, width }
    }

    fn malformed(&self, zh: impl Into<String>, en: impl Into<String>) -> ReadError {
        ReadError::malformed(ID, zh, en, self.file)
    }

    fn decode(
        &self,
        header: &Header,
        source: &Source,
        limits: &Limits,
        notes: &mut Vec<Text>,
    ) -> Result<Vec<(usize, Row)>, ReadError> {
        for (_, signal) in self.signals.iter().filter(|(_, s)| excluded(s)) {
            notes.push(left_out(signal));
        }
        let mut tracks = self.tracks();
        let Some((_, first)) = self.signals.first().filter(|_| !tracks.is_empty()) else { return Ok(Vec::new()) };
        if self.signals.iter().any(|(_, s)| s.format != first.format || s.offset != first.offset) {
            return Err(self.malformed(
                "同一信号文件中的信号使用了不同的存储格式或偏移",
                "signals of one file differ in storage format or byte offset",
            ));
        }
        let owned;
        let bytes = if self.file == source.name() {
            source.bytes()
        } else {
            owned = source
                .sibling(self.file)
                .ok_or_else(|| self.malformed("找不到信号文件", "the signal file is missing"))?;
            &owned
        };
        let data = bytes.get(first.offset..).unwrap_or_default();
        if first.format > 500 {
            self.decode_flac(first.format, data, header, limits, &mut tracks)?;
        } else {
            self.decode_packed(first.format, data, header, limits, &mut tracks)?;
        }
        self.finish(header, tracks, notes)
    }

    fn tracks(&self) -> Vec<Track<'a>> {
        let mut at = 0_usize;
        let mut tracks = Vec::new();
        for (index, signal) in &self.signals {
            if !excluded(signal) {
                let gain = if signal.gain == 0.0 { DEFAULT_GAIN } else { signal.gain };
                tracks.push(Track {
                    index: *index,
                    signal,
                    at,
                    invalid: samples::invalid(signal.format),
                    scale: millivolts(&signal.unit).unwrap_or(1.0) / gain,
                    last: signal.initial,
                    sum: 0,
                    values: Vec::new(),
                });
            }
            at = at.saturating_add(signal.per_frame);
        }
        tracks
    }

    fn decode_packed(
        &self,
        format: u16,
        data: &[u8],
        header: &Header,
        limits: &Limits,
        tracks: &mut [Track<'_>],
    ) -> Result<(), ReadError> {
        let held = samples::capacity(format, data.len()) / self.width;
        let frames = header.frames.map_or(held, |f| f.min(held));
        limits.shape(1, frames.saturating_mul(self.width))?;
        for track in tracks.iter_mut() {
            track.values.reserve_exact(frames * track.signal.per_frame);
        }
        let step = samples::span(format, BLOCK * self.width);
        let mut left = frames;
        for chunk in data.chunks(step.max(1)) {
            let now = left.min(BLOCK);
            let block = samples::decode(format, chunk, now * self.width);
            for track in tracks.iter_mut() {
                track.push(&block, self.width);
            }
            left -= now;
            if left == 0 {
                break;
            }
        }
        Ok(())
    }

    fn decode_flac(
        &self,
        format: u16,
        data: &[u8],
        header: &Header,
        limits: &Limits,
        tracks: &mut [Track<'_>],
    ) -> Result<(), ReadError> {
        if self.signals.iter().any(|(_, s)| s.per_frame != 1) {
            return Err(ReadError::unsupported(
                ID,
                "不支持每帧多样本的 FLAC 信号",
                "FLAC signals of several samples a frame are not supported",
            ));
        }
        let most = usize::try_from(limits.sample_bytes / 4).unwrap_or(usize::MAX) / self.width * self.width;
        let wanted = header.frames.unwrap_or(usize::MAX).saturating_mul(self.width);
        let block = samples::flac(format, data, self.width, wanted.min(most.saturating_add(1)), self.file)?;
        limits.shape(1, block.len())?;
        for track in tracks.iter_mut() {
            track.push(&block, self.width);
        }
        Ok(())
    }

    /// Checks what was decoded, and takes skew out.
    fn finish(
        &self,
        header: &Header,
        tracks: Vec<Track<'_>>,
        notes: &mut Vec<Text>,
    ) -> Result<Vec<(usize, Row)>, ReadError> {
        let held = tracks.first().map_or(0, |t| t.values.len() / t.signal.per_frame);
        if held == 0 {
            return Err(self.malformed("信号文件中没有样本", "the signal file holds no samples"));
        }
        let whole = header.frames.is_none_or(|f| held >= f);
        if let Some(declared) = header.frames.filter(|_| !whole) {
            notes.push(Text::of(
                format!("信号文件 {} 不完整：应有 {declared} 帧，只有 {held} 帧", self.file),
                format!("signal file {} is cut short: {held} of {declared} frames are there", self.file),
            ));
        }
        Ok(tracks
            .into_iter()
            .map(|track| {
                notes.extend(track.doubts(whole && header.frames.is_some()));
                (track.index, track.into_row())
            })
            .collect())
    }
}

impl Track<'_> {
    /// Takes this signal's samples out of whole frames of `width` samples.
    fn push(&mut self, block: &[i32], width: usize) {
        let (at, per_frame) = (self.at, self.signal.per_frame);
        let (scale, baseline, invalid) = (self.scale, self.signal.baseline, self.invalid);
        let differences = self.signal.format == 8;
        for frame in block.chunks_exact(width) {
            for &raw in frame.get(at..at + per_frame).unwrap_or_default() {
                let value = if differences { self.last.wrapping_add(raw) } else { raw };
                self.last = value;
                self.sum = self.sum.wrapping_add(value);
                let mv = if invalid == Some(value) { f32::NAN } else { ((f64::from(value) - baseline) * scale) as f32 };
                self.values.push(mv);
            }
        }
    }

    /// What to say of this signal: no calibration, a wrong checksum.
    fn doubts(&self, whole: bool) -> Vec<Text> {
        let mut doubts = Vec::new();
        let name = &self.signal.description;
        if self.signal.gain == 0.0 {
            doubts.push(Text::of(
                format!("导联 {name} 未定标，按 WFDB 规定取 200 单位/mV：幅度不可信"),
                format!("lead {name} is uncalibrated; 200 units a mV by WFDB's rule: amplitudes are not to be trusted"),
            ));
        }
        // Many converters write 0 for "not computed".
        let expected = self.signal.checksum.filter(|c| *c != 0 && whole);
        if expected.is_some_and(|c| c as i16 != self.sum as i16) {
            doubts.push(Text::of(
                format!("导联 {name} 校验和不符：文件可能已损坏或被改动"),
                format!("lead {name} does not match its checksum: the file may be damaged or altered"),
            ));
        }
        doubts
    }

    fn into_row(self) -> Row {
        let mut values = self.values;
        let shift = self.signal.skew.saturating_mul(self.signal.per_frame).min(values.len());
        if shift > 0 {
            values.rotate_left(shift);
            let kept = values.len() - shift;
            values.iter_mut().skip(kept).for_each(|v| *v = f32::NAN);
        }
        Row { description: self.signal.description.clone(), per_frame: self.signal.per_frame, values }
    }
}

fn left_out(signal: &Signal) -> Text {
    let (name, unit) = (&signal.description, &signal.unit);
    Text::of(
        format!("信号“{name}”（单位 {unit}）不是心电，未读入"),
        format!("signal \"{name}\" (unit {unit}) is no ECG and is left out"),
    )
}
