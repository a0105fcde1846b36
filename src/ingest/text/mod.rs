//! Text: tables of numbers with any delimiter, decimal mark and header, one row a sample.
//!
//! Understood: comma, semicolon, tab, bar or blanks; decimal comma; quoted fields; lines above the table as `Key: value`;
//! column names with their unit (`I (uV)`, `II[mV]`, `V1_mV`) or a line of units; a column of time (s, ms, clock) or of
//! sample numbers. Missing values are NaN, as are samples that the time column leaves out. Dialects: Apple Health,
//! CinC Challenge 2011, Contec ECG90A.
//!
//! Sampling rate and scale are never guessed: where neither file nor caller gives them, the error says what to give.

mod clock;
mod dialect;
mod layout;
mod preamble;
mod table;
mod write;

use super::fields::Fields;
use super::{Format, ReadError, ReadOptions, Source, alone, charset, millivolts, name_leads, no_ecg, remarks};
use crate::signal::{Hz, LeadName, Recording};
use crate::text::{Text, text};
use layout::{Delimiter, Layout};
use ndarray::Array2;
use preamble::Preamble;
use table::{Role, Table};

pub(super) const ID: &str = "csv";

/// Text tables.
pub static FORMAT: Format = Format {
    id: ID,
    name: text("文本（CSV、TSV）", "text (CSV, TSV)"),
    extensions: &["csv", "tsv", "txt"],
    probe,
    read,
    companions: alone,
    fields,
    layout: None,
    write: Some(write::write),
};

/// Lines of the table that are shown.
const SHOWN_ROWS: usize = 3;

/// The lines above the table, its first rows, and how many lines there are.
fn fields(source: &Source) -> Fields {
    let mut out = Fields::default();
    let text = charset::decode(source.bytes());
    let lines: Vec<&str> = text.lines().collect();
    let head = layout::find(&lines, fewest_rows(lines.first())).map_or(0, |l| l.start);
    out.add("行数", "lines", lines.len());
    for (n, line) in lines.iter().enumerate().take(head + SHOWN_ROWS) {
        out.at(format!("line {}", n + 1));
        if n < head { out.add("表头", "heading", line) } else { out.add("数据行", "row", line) }
    }
    out
}

/// First words of a file of our own writer, in which a table may be of one row.
pub(super) const SIGNATURE: &str = "# einthoven text recording 1";

/// How much of a file is looked at to recognise it.
const PROBE_BYTES: usize = 64 << 10;

fn fewest_rows(first: Option<&&str>) -> usize {
    if first.is_some_and(|l| l.starts_with(SIGNATURE)) { 1 } else { layout::FEWEST_ROWS }
}

fn probe(source: &Source) -> bool {
    let head = source.bytes().get(..PROBE_BYTES).unwrap_or(source.bytes());
    let utf16 = head.starts_with(&[0xff, 0xfe]) || head.starts_with(&[0xfe, 0xff]);
    if !utf16 && head.contains(&0) {
        return false;
    }
    let text = charset::decode(head);
    let mut lines: Vec<&str> = text.lines().collect();
    if head.len() < source.bytes().len() {
        lines.pop();
    }
    !text.trim_start().starts_with(['{', '<']) && layout::find(&lines, fewest_rows(lines.first())).is_some()
}

fn read(source: &Source, options: &ReadOptions) -> Result<Recording, ReadError> {
    let text = charset::decode(source.bytes());
    let lines: Vec<&str> = text.lines().collect();
    let mut layout = layout::find(&lines, fewest_rows(lines.first())).ok_or(ReadError::Unrecognized)?;
    let above = match lines.get(..layout.preamble).unwrap_or_default() {
        [first, rest @ ..] if first.starts_with(SIGNATURE) => preamble::own(rest),
        lines => preamble::read(lines),
    };
    if above.lead.is_some() && layout.names.is_empty() && layout.delimiter == Delimiter::Char(',') && layout.width == 2
    {
        // One lead announced and `-33,541` in each row: a decimal comma that is not quoted.
        layout = Layout { delimiter: Delimiter::Blanks, comma: true, width: 1, ..layout };
    }
    let table = table::read(&lines, &layout, &options.limits)?;
    Reading { source, options, layout, above, table }.recording()
}

/// A file half understood.
struct Reading<'a> {
    source: &'a Source,
    options: &'a ReadOptions,
    layout: Layout,
    above: Preamble,
    table: Table,
}

impl Reading<'_> {
    fn recording(mut self) -> Result<Recording, ReadError> {
        let mut notes = std::mem::take(&mut self.table.notes);
        let dialect = if self.layout.names.is_empty() {
            let indexed = self.table.index.is_some();
            let fields = self.table.fields - usize::from(indexed);
            dialect::recognise(&self.table.columns, fields, indexed, self.table.rows)
        } else {
            None
        };
        let (named, kept) = self.leads(dialect.as_ref(), &mut notes);
        if kept.is_empty() {
            return Err(ReadError::unsupported(ID, "表中没有心电列", "the table has no column of an ECG"));
        }
        let (rate, index) = self.rate(dialect.as_ref())?;
        let mut scales = Vec::with_capacity(kept.len());
        for &column in &kept {
            scales.push(self.scale(column, dialect.as_ref())?);
        }
        let length = index.as_ref().map_or(self.table.rows, |i| i.last().map_or(0, |l| l.saturating_add(1)));
        self.options.limits.shape(kept.len(), length)?;
        let mut samples = Array2::from_elem((kept.len(), length), f32::NAN);
        for ((mut row, &column), (scale, (_, sign))) in
            samples.rows_mut().into_iter().zip(&kept).zip(scales.iter().zip(&named))
        {
            let factor = scale * f64::from(*sign);
            for (i, value) in self.table.columns.get(column).into_iter().flatten().enumerate() {
                let at = index.as_ref().map_or(Some(i), |index| index.get(i).copied());
                if let Some(cell) = at.and_then(|at| row.get_mut(at)) {
                    *cell = if factor == 1.0 { *value } else { (f64::from(*value) * factor) as f32 };
                }
            }
        }
        if let Some(dialect) = dialect {
            notes.push(dialect.note);
        }
        if index.is_some() {
            notes.push(text(
                "时间列有间断，缺失的采样点按缺失处理",
                "the time column has gaps; their samples are missing",
            ));
        }
        let leads = named.into_iter().map(|(lead, _)| lead).collect();
        let mut recording = Recording::new(self.source.stem(), leads, Hz(rate), samples);
        recording.notes = notes;
        self.tell(&mut recording);
        Ok(recording)
    }

    /// What stands above the table.
    fn tell(self, recording: &mut Recording) {
        let above = self.above;
        remarks::take(recording, above.others);
        let patient = &mut recording.patient;
        patient.name = patient.name.take().or(above.name);
        patient.id = patient.id.take().or(above.id);
        patient.birth = patient.birth.or(above.birth);
        patient.age = patient.age.or(above.age);
        patient.sex = patient.sex.or(above.sex);
        recording.start = above.start.or(self.table.date);
        recording.origin.device = recording.origin.device.take().or(above.device);
        recording.device.statements.extend(above.statement);
    }

    /// The leads' names, and the columns that they are in.
    fn leads(&self, dialect: Option<&dialect::Dialect>, notes: &mut Vec<Text>) -> (Vec<(LeadName, f32)>, Vec<usize>) {
        let labels = &self.table.labels;
        let empty = |c: usize| self.table.columns.get(c).is_none_or(|v| v.iter().all(|x| x.is_nan()));
        let mut kept = Vec::new();
        for (c, label) in labels.iter().enumerate() {
            let foreign = label.unit.as_ref().is_some_and(|u| millivolts(u).is_none() && !is_count(u));
            if foreign || no_ecg(&label.name) {
                notes.push(Text::of(
                    format!("列“{}”不是心电，未读入", label.name),
                    format!("column \"{}\" is no ECG and is left out", label.name),
                ));
            } else if !self.layout.names.is_empty() || !empty(c) {
                kept.push(c);
            }
        }
        if let Some(dialect) = dialect {
            let named = kept.iter().filter_map(|c| Some((dialect.leads.get(*c)?.clone(), 1.0))).collect();
            return (named, kept);
        }
        if self.layout.names.is_empty() {
            let lead = self.above.lead.as_deref().filter(|_| kept.len() == 1);
            if let Some(lead) = lead {
                return (name_leads(&[lead]), kept);
            }
            notes.push(text("没有列名，导联未知", "the columns have no names: the leads are not known"));
            let number = |c: &usize| (LeadName::Other(format!("ch{}", c + 1).into()), 1.0);
            return (kept.iter().map(number).collect(), kept);
        }
        let names: Vec<&str> = kept.iter().filter_map(|c| labels.get(*c)).map(|l| l.name.as_str()).collect();
        (name_leads(&names), kept)
    }

    fn rate(&self, dialect: Option<&dialect::Dialect>) -> Result<(f64, Option<Vec<usize>>), ReadError> {
        let clock = match &self.table.times {
            Some(times) => clock::read(times, self.layout.start + 1)?,
            None => None,
        };
        let said = self.above.rate.or_else(|| dialect.and_then(|d| d.rate)).or(self.options.rate);
        let index = self.table.gaps()?;
        match (clock, said) {
            // Where the file says both, its word is exact and the printed times are rounded.
            (Some(clock), Some(rate)) if clock.index.is_none() && (clock.rate / rate - 1.0).abs() < 0.01 => {
                Ok((rate, None))
            }
            (Some(clock), _) => Ok((clock.rate, clock.index)),
            (None, Some(rate)) => Ok((rate, index)),
            (None, None) => Err(ReadError::unsupported(
                ID,
                "文件未给出采样率，也没有可换算的时间列：请用 --rate 指定（Hz）",
                "the file gives no sampling rate and no column of time: give it by --rate (Hz)",
            )),
        }
    }

    /// Millivolts of one unit of a column.
    fn scale(&self, column: usize, dialect: Option<&dialect::Dialect>) -> Result<f64, ReadError> {
        let label = self.table.labels.get(column);
        let unit = label.and_then(|l| l.unit.as_deref()).and_then(millivolts);
        let gain = self.above.gain.map(f64::recip);
        unit.or(self.above.scale)
            .or(gain)
            .or_else(|| dialect.and_then(|d| d.scale))
            .or_else(|| self.options.gain.filter(|g| *g > 0.0).map(f64::recip))
            .ok_or_else(|| {
                let name = label.map_or("", |l| l.name.as_str());
                ReadError::unsupported(
                    ID,
                    format!("列“{name}”没有电压单位：请用 --gain 指定每毫伏的单位数（1 = mV，1000 = µV）"),
                    format!("column \"{name}\" has no unit of voltage: give the units a millivolt by --gain (1 = mV, 1000 = µV)"),
                )
            })
    }
}

/// Whether a unit says that the numbers are the converter's.
fn is_count(unit: &str) -> bool {
    matches!(unit.to_lowercase().as_str(), "adu" | "adc" | "counts" | "count" | "raw" | "lsb" | "")
}

impl Role {
    /// What a column's name and unit say it is.
    fn of(name: &str, unit: Option<&str>) -> Self {
        let name = name.to_lowercase();
        let words: Vec<&str> = name.split(|c: char| !c.is_alphanumeric()).filter(|w| !w.is_empty()).collect();
        let is = |list: &[&str]| words.iter().any(|w| list.contains(w));
        if unit.and_then(clock::seconds_of_unit).is_some() || is(&["time", "timestamp", "zeit", "时间", "t", "elapsed"])
        {
            Self::Time
        } else if is(&["sample", "samples", "index", "idx", "nr", "序号", "样本", "采样点"]) {
            Self::Index
        } else {
            Self::Values
        }
    }
}
