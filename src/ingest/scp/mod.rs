//! SCP-ECG: EN 1064:2005+A1:2007 / ISO 11073-91064, protocol versions 1.x to 3.
//!
//! Read: sections 0 and 1 (pointers, header), 2 (Huffman tables), 3 (leads), 4 (QRS locations), 5 (reference beat),
//! 6 (rhythm), 7, 8, 10 and 11 (measurements and statements). Section 9 is the maker's own and stays unread; the
//! long-term and stress sections 12 … 18 of version 3 are not read: a file with nothing else is refused.
//!
//! A wrong checksum or a damaged section header is said in the notes and costs nothing more; a wrong scale, sampling
//! interval or sample count is never guessed. Written: see [`write`](write/index.html).

mod beats;
mod expand;
mod fields;
mod findings;
mod header;
mod huffman;
mod leads;
mod sections;
mod series;
#[cfg(test)]
mod tests;
mod texts;
mod write;

use super::{Format, ReadError, ReadOptions, Source, alone};
use crate::signal::{Annotation, DeviceMedian, Hz, LeadName, Recording};
use crate::text::Text;
use beats::Beats;
use huffman::Tables;
use leads::{Lead, Leads};
use ndarray::Array2;
use sections::Sections;
use series::Series;

/// Named in errors.
const ID: &str = "scp";

/// The format's record.
pub static FORMAT: Format = Format {
    id: ID,
    name: Text::new("SCP-ECG(EN 1064 / ISO 11073-91064)", "SCP-ECG (EN 1064 / ISO 11073-91064)"),
    extensions: &["scp", "scpecg"],
    probe: |source| sections::probe(source.bytes()),
    read,
    companions: alone,
    fields: fields::fields,
    layout: None,
    write: Some(write::write),
};

fn read(source: &Source, options: &ReadOptions) -> Result<Recording, ReadError> {
    let sections = Sections::find(source.bytes())?;
    let mut notes = sections.notes();
    let header = header::read(&sections, &mut notes);
    let mut leads = Leads::read(&sections, options)?;
    notes.append(&mut leads.notes);
    let tables = Tables::read(&sections)?;
    let beats = Beats::read(&sections)?;
    let reference = reference(&sections, &leads, tables.as_ref(), &beats, &mut notes)?;
    let rhythm = Rhythm { leads: &leads, tables: tables.as_ref(), beats: &beats, reference: reference.as_ref() };
    let (rate, rows) = rhythm.decode(&sections, &mut notes)?;
    let (samples, kept) = align(&rows, options)?;
    let names: Vec<LeadName> = kept.iter().map(|lead| lead.name.clone()).collect();

    let mut recording = Recording::new(source.stem(), names, rate, samples);
    recording.patient = header.patient;
    recording.start = header.start;
    recording.origin.device = header.device;
    recording.origin.filters = header.filters;
    recording.origin.mains = header.mains;
    recording.device = findings::read(&sections, header.charset);
    recording.device.median = reference.as_ref().map(|r| r.median.clone());
    recording.annotations = annotations(&beats, &rows, recording.len());
    recording.comments = header.remarks;
    recording.notes = notes;
    Ok(recording)
}

/// The reference beat, in mV.
struct Reference {
    median: DeviceMedian,
    interval_us: u16,
}

/// Decodes section 5. Damage costs the beat alone unless the rhythm data were reduced by it.
fn reference(
    sections: &Sections,
    leads: &Leads,
    tables: Option<&Tables>,
    beats: &Beats,
    notes: &mut Vec<Text>,
) -> Result<Option<Reference>, ReadError> {
    let decoded = sections.cursor(5).map(|cursor| decode_reference(cursor, leads, tables, beats));
    match decoded {
        Some(Ok(reference)) => Ok(reference),
        Some(Err(error)) if leads.subtracted => Err(error),
        Some(Err(error)) => {
            let why = error.text();
            notes.push(Text::of(format!("参考心搏未读出：{}", why.zh), format!("reference beat not read: {}", why.en)));
            Ok(None)
        }
        None => Ok(None),
    }
}

fn decode_reference(
    cursor: super::Cursor,
    leads: &Leads,
    tables: Option<&Tables>,
    beats: &Beats,
) -> Result<Option<Reference>, ReadError> {
    let series = Series::read(cursor, leads.all.len())?;
    let rate = series.rate()?;
    let count = (f64::from(beats.reference_ms) * rate.0 / 1000.0).round() as usize;
    let mut rows = Vec::with_capacity(series.leads.len());
    for bytes in &series.leads {
        rows.push(series.values(bytes, tables, if count == 0 { usize::MAX } else { count })?);
    }
    let width = rows.iter().map(Vec::len).min().unwrap_or(0);
    if width == 0 || rows.len() < leads.all.len() {
        return Ok(None);
    }
    let mut samples = Array2::zeros((rows.len(), width));
    for ((mut out, row), lead) in samples.rows_mut().into_iter().zip(&rows).zip(&leads.all) {
        let scale = series.scale_mv * lead.sign;
        for (sample, value) in out.iter_mut().zip(row) {
            *sample = *value as f32 * scale;
        }
    }
    let names = leads.all.iter().map(|lead| lead.name.clone()).collect();
    Ok(Some(Reference { median: DeviceMedian { rate, leads: names, samples }, interval_us: series.interval_us }))
}

/// Section 6 and what it takes to undo its compression.
struct Rhythm<'a> {
    leads: &'a Leads,
    tables: Option<&'a Tables>,
    beats: &'a Beats,
    reference: Option<&'a Reference>,
}

/// One decoded lead in mV.
struct Row<'a> {
    lead: &'a Lead,
    samples: Vec<f32>,
}

impl<'a> Rhythm<'a> {
    fn decode(&self, sections: &Sections, notes: &mut Vec<Text>) -> Result<(Hz, Vec<Row<'a>>), ReadError> {
        let cursor = sections.cursor(6).ok_or_else(|| no_rhythm(sections))?;
        let series = Series::read(cursor, self.leads.all.len())?;
        if series.leads.len() < self.leads.all.len() {
            let lost = self.leads.all.len() - series.leads.len();
            notes.push(Text::of(
                format!("文件被截断：缺少 {lost} 个导联的数据"),
                format!("the file is cut short: the data of {lost} leads are missing"),
            ));
        }
        let factor = if series.bimodal { self.factor(&series)? } else { 1 };
        let rate = if factor > 1 { self.full_rate(&series)? } else { series.rate()? };
        let mut rows = Vec::with_capacity(series.leads.len());
        let mut short = Vec::new();
        for (lead, bytes) in self.leads.all.iter().zip(&series.leads) {
            let values = if factor > 1 {
                expand::expand(&series, bytes, self.tables, lead, &self.beats.protected, factor)?
            } else {
                series.values(bytes, self.tables, lead.count())?
            };
            if values.len() < lead.count() {
                short.push((lead.name.to_string(), values.len(), lead.count()));
            }
            let scale = series.scale_mv * lead.sign;
            rows.push(Row { lead, samples: values.iter().map(|v| *v as f32 * scale).collect() });
        }
        notes.extend(shortened(&short, rows.len()));
        if self.leads.subtracted {
            let reference = self.reference.ok_or_else(|| {
                ReadError::malformed(
                    ID,
                    "缺少重建波形所需的参考心搏",
                    "the reference beat that was subtracted is missing",
                    "section 5",
                )
            })?;
            for (index, row) in rows.iter_mut().enumerate() {
                self.beats.restore(
                    row.lead.start,
                    &mut row.samples,
                    &reference.median.samples.row(index),
                    rate,
                    reference.median.rate,
                )?;
            }
        }
        rows.retain(|row| !row.samples.is_empty());
        if rows.is_empty() {
            return Err(ReadError::malformed(ID, "没有任何导联的数据", "no lead has any data", "section 6"));
        }
        Ok((rate, rows))
    }

    /// Samples that one stored sample stands for outside the protected zones: the ratio of the two sections'
    /// intervals (EN 1064, 5.9.3; 4 in the standard's own scheme).
    fn factor(&self, series: &Series) -> Result<usize, ReadError> {
        let full = self.reference.map(|r| r.interval_us).ok_or_else(|| {
            ReadError::unsupported(
                ID,
                "双模式压缩的数据缺少参考心搏，无法得知原采样率",
                "bimodal data without a reference beat, whose interval is the full one",
            )
        })?;
        match (series.interval_us / full, series.interval_us % full) {
            (1, 0) => Ok(expand::USUAL_FACTOR),
            (ratio, 0) if usize::from(ratio) <= expand::MOST_FACTOR => Ok(usize::from(ratio)),
            _ => Err(ReadError::malformed(
                ID,
                format!("双模式压缩的采样间隔 {} µs 不是 {full} µs 的整数倍", series.interval_us),
                format!("bimodal interval {} µs is no multiple of {full} µs", series.interval_us),
                "section 6",
            )),
        }
    }

    fn full_rate(&self, series: &Series) -> Result<Hz, ReadError> {
        self.reference.map_or_else(|| series.rate(), |r| Ok(r.median.rate))
    }
}

/// Says which leads have fewer samples than declared; in one phrase where it is all of them alike.
fn shortened(short: &[(String, usize, usize)], leads: usize) -> Option<Text> {
    let (_, there, declared) = short.first()?;
    if short.len() == leads && short.iter().all(|(_, t, d)| (t, d) == (there, declared)) {
        return Some(Text::of(
            format!("导联数据短于声明的长度：各导联只有 {declared} 个样本中的 {there} 个"),
            format!("leads shorter than declared: {there} of {declared} samples each"),
        ));
    }
    let list =
        short.iter().map(|(name, there, declared)| format!("{name} {there}/{declared}")).collect::<Vec<_>>().join(", ");
    Some(Text::of(format!("导联数据短于声明的长度：{list}"), format!("leads shorter than declared: {list}")))
}

fn no_rhythm(sections: &Sections) -> ReadError {
    if sections.cursor(12).is_some() {
        return ReadError::unsupported(
            ID,
            "只含长时程心电数据（第 12 段），尚不支持",
            "holds long-term ECG data only (section 12), which is not supported",
        );
    }
    ReadError::malformed(ID, "没有心律数据（第 6 段）", "there are no rhythm data (section 6)", "section 0")
}

/// Puts leads of different starts and ends on one time axis; NaN where a lead was not recorded. Also returns the
/// leads of the rows.
fn align<'a>(rows: &[Row<'a>], options: &ReadOptions) -> Result<(Array2<f32>, Vec<&'a Lead>), ReadError> {
    let first = rows.iter().map(|row| row.lead.start).min().unwrap_or(1);
    let width = rows.iter().map(|row| row.lead.start - first + row.samples.len()).max().unwrap_or(0);
    options.limits.shape(rows.len(), width)?;
    let total: usize = rows.iter().map(|row| row.samples.len()).sum();
    if width > total {
        return Err(ReadError::malformed(
            ID,
            "导联的起止位置之间有无人填充的空隙",
            "the leads' starts leave a gap that no lead fills",
            "section 3",
        ));
    }
    let mut samples = Array2::from_elem((rows.len(), width), f32::NAN);
    for (mut out, row) in samples.rows_mut().into_iter().zip(rows) {
        for (sample, value) in out.iter_mut().skip(row.lead.start - first).zip(&row.samples) {
            *sample = *value;
        }
    }
    Ok((samples, rows.iter().map(|row| row.lead).collect()))
}

/// The device's QRS positions. Its SCP types say which beats are alike, not what they are: hence `?`.
fn annotations(beats: &Beats, rows: &[Row], len: usize) -> Vec<Annotation> {
    let first = rows.iter().map(|row| row.lead.start).min().unwrap_or(1);
    let mut places: Vec<(usize, u16)> = beats
        .all
        .iter()
        .filter_map(|beat| Some(((beat.fiducial as usize).checked_sub(first)?, beat.kind)))
        .filter(|(sample, _)| *sample < len)
        .collect();
    places.sort_unstable();
    let mark =
        |(sample, kind)| Annotation { sample, code: "?".into(), text: format!("type {kind}"), ..Annotation::default() };
    places.into_iter().map(mark).collect()
}

/// Said where leads share one name.
fn doubled(name: &LeadName) -> Text {
    Text::of(
        format!("导联 {name} 出现多次，后者已改名"),
        format!("lead {name} occurs more than once; the later was renamed"),
    )
}
