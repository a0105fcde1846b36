//! The rows: numbers by column, the time or index column apart.

use super::layout::{Layout, number, split};
use super::{ID, clock};
use crate::ingest::{Limits, ReadError};
use crate::text::{Text, text};
use jiff::civil::DateTime;

/// Largest step of a first column without a name that is taken for seconds: 10 Hz.
const LARGEST_STEP: f64 = 0.1;

/// A column's name and unit as its heading gives them.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Label {
    pub name: String,
    pub unit: Option<String>,
}

/// What a column holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// Times.
    Time,
    /// Sample numbers.
    Index,
    /// Samples.
    Values,
}

/// A table read.
#[derive(Debug, Default)]
pub struct Table {
    /// Fields of the first row, also empty ones.
    pub fields: usize,
    pub rows: usize,
    /// Headings of `columns`.
    pub labels: Vec<Label>,
    /// Samples by column, NaN = missing.
    pub columns: Vec<Vec<f32>>,
    /// Seconds, from a column of times.
    pub times: Option<Vec<f64>>,
    /// Sample numbers, from a column of them.
    pub index: Option<Vec<f64>>,
    /// Start, where the times are of a day.
    pub date: Option<DateTime>,
    pub notes: Vec<Text>,
    first_line: usize,
}

/// `I (uV)`, `II[mV]`, `V1_mV`, `aVR/mV` → name and unit.
pub fn label(heading: &str) -> Label {
    let heading = heading.trim();
    for (open, close) in [('(', ')'), ('[', ']'), ('\u{ff08}', '\u{ff09}')] {
        if let Some((name, rest)) = heading.split_once(open)
            && let Some(unit) = rest.trim_end().strip_suffix(close)
        {
            return Label { name: name.trim().into(), unit: Some(unit.trim().into()) };
        }
    }
    for sign in ['_', '/', ' '] {
        if let Some((name, unit)) = heading.rsplit_once(sign)
            && (crate::ingest::millivolts(unit).is_some() || clock::seconds_of_unit(unit).is_some())
            && !unit.eq_ignore_ascii_case("v")
        {
            return Label { name: name.trim().into(), unit: Some(unit.into()) };
        }
    }
    Label { name: heading.into(), unit: None }
}

/// Reads the rows below the header.
pub fn read(lines: &[&str], layout: &Layout, limits: &Limits) -> Result<Table, ReadError> {
    let body = lines.get(layout.start..).unwrap_or_default();
    let labels = labels(layout);
    let roles = roles(&labels, body, layout);
    let named = !layout.names.is_empty();
    let fields = body.first().map_or(0, |l| split(l, layout.delimiter).len());
    let values = roles.iter().filter(|r| **r == Role::Values).count();
    limits.shape(values, body.len())?;
    let mut table = Table { fields, first_line: layout.start + 1, ..Table::default() };
    table.columns = vec![Vec::with_capacity(body.len()); values];
    table.labels = labels.iter().zip(&roles).filter(|(_, r)| **r == Role::Values).map(|(l, _)| l.clone()).collect();
    let clock = roles.iter().position(|r| *r == Role::Time);
    let unit = clock.and_then(|c| labels.get(c)).and_then(|l| l.unit.as_deref());
    let (mut times, mut index) = (Vec::new(), Vec::new());
    let last = body.iter().rposition(|l| !l.trim().is_empty()).unwrap_or(0);
    for (i, line) in body.iter().enumerate().take(last + 1) {
        let row = Row { line, number: layout.start + i + 1, layout, unit };
        match row.parse(&roles, named) {
            Ok(parsed) => {
                table.columns.iter_mut().zip(parsed.values).for_each(|(c, v)| c.push(v));
                times.extend(parsed.time);
                index.extend(parsed.index);
                table.rows += 1;
            }
            // The power went while the last line was written.
            Err(_) if i == last && i > 0 && split(line, layout.delimiter).len() < fields => {
                table.notes.push(text("最后一行不完整，未读入", "the last line is cut short and is left out"));
            }
            Err(error) => return Err(error),
        }
    }
    table.date = start(body, layout, &roles);
    table.times = roles.contains(&Role::Time).then_some(times);
    table.index = roles.contains(&Role::Index).then_some(index);
    Ok(table)
}

fn labels(layout: &Layout) -> Vec<Label> {
    let mut labels: Vec<Label> = layout.names.iter().map(|n| label(n)).collect();
    labels.resize(layout.width, Label::default());
    for (label, unit) in labels.iter_mut().zip(&layout.units) {
        label.unit = Some(unit.clone()).filter(|u| !u.is_empty()).or(label.unit.take());
    }
    labels
}

/// What each column holds: by its heading, else the first by its look.
fn roles(labels: &[Label], body: &[&str], layout: &Layout) -> Vec<Role> {
    let mut roles: Vec<Role> = labels.iter().map(|l| Role::of(&l.name, l.unit.as_deref())).collect();
    let no_name = labels.first().is_some_and(|l| l.name.is_empty());
    if layout.width > 1 && no_name && roles.first() == Some(&Role::Values) {
        roles.splice(..1, [look(body, layout, 0)]);
    }
    for (c, (role, label)) in roles.iter_mut().zip(labels).enumerate() {
        // A clock without unit may count in anything.
        if *role == Role::Time && label.unit.is_none() {
            *role = match look(body, layout, c) {
                Role::Time => Role::Time,
                _ => Role::Index,
            };
        }
    }
    roles
}

/// Whether a column without a telling heading is a clock: times of day, even steps of a fraction of a second, or whole
/// numbers that count.
fn look(body: &[&str], layout: &Layout, column: usize) -> Role {
    let rows = body.iter().take(layout_rows(body));
    let fields: Vec<_> = rows.map(|l| split(l, layout.delimiter).into_iter().nth(column).unwrap_or_default()).collect();
    if fields.iter().all(|f| clock::time_of_day(f).is_some()) {
        return Role::Time;
    }
    let values: Vec<f64> = fields.iter().filter_map(|f| number(f, layout.comma).ok().flatten()).collect();
    let steps: Vec<f64> = values.windows(2).filter_map(|w| Some(w.get(1)? - w.first()?)).collect();
    if values.len() != fields.len() || steps.len() < 2 || steps.iter().any(|s| *s <= 0.0) {
        return Role::Values;
    }
    let mut sorted = steps.clone();
    sorted.sort_unstable_by(f64::total_cmp);
    let median = sorted.get(sorted.len() / 2).copied().unwrap_or(1.0);
    let even = steps.iter().filter(|s| (*s / median - 1.0).abs() < 0.5).count() * 10 >= steps.len() * 9;
    match even {
        false => Role::Values,
        true if median < LARGEST_STEP => Role::Time,
        // Samples or milliseconds: it counts, but the rate does not follow from it.
        true => Role::Index,
    }
}

fn layout_rows(body: &[&str]) -> usize {
    body.len().min(200).saturating_sub(usize::from(body.len() > 3))
}

fn start(body: &[&str], layout: &Layout, roles: &[Role]) -> Option<DateTime> {
    let column = roles.iter().position(|r| *r == Role::Time)?;
    let field = split(body.first()?, layout.delimiter).into_iter().nth(column)?;
    field.trim_matches(['[', ']']).trim_end_matches('Z').replace(' ', "T").parse().ok()
}

struct Row<'a> {
    line: &'a str,
    number: usize,
    layout: &'a Layout,
    unit: Option<&'a str>,
}

#[derive(Default)]
struct Parsed {
    values: Vec<f32>,
    time: Option<f64>,
    index: Option<f64>,
}

impl Row<'_> {
    fn parse(&self, roles: &[Role], named: bool) -> Result<Parsed, ReadError> {
        let fields = split(self.line, self.layout.delimiter);
        if fields.len() < roles.len() {
            // A blank line in a one-column table is a missing sample.
            return Err(self.bad(
                fields.len(),
                format!("本行有 {} 个字段，应有 {}", fields.len(), roles.len()),
                format!("the row has {} fields, {} are needed", fields.len(), roles.len()),
            ));
        }
        if let Some(extra) = fields.get(roles.len()..).and_then(|e| e.iter().position(|f| !f.is_empty()))
            && named
        {
            return Err(self.bad(roles.len() + extra, "字段比列名多", "more fields than column names"));
        }
        let mut parsed = Parsed::default();
        for (c, (field, role)) in fields.iter().zip(roles).enumerate() {
            let value = || {
                number(field, self.layout.comma)
                    .map_err(|()| self.bad(c, format!("“{field}”不是数"), format!("`{field}` is no number")))
            };
            match role {
                Role::Values => parsed.values.push(value()?.map_or(f32::NAN, |v| v as f32)),
                Role::Index => parsed.index = parsed.index.or(value()?),
                Role::Time => {
                    let factor = self.unit.and_then(clock::seconds_of_unit).unwrap_or(1.0);
                    let time = match clock::time_of_day(field) {
                        Some(seconds) => Some(seconds),
                        None => value()?.map(|v| v * factor),
                    };
                    let missing = || self.bad(c, "时间缺失", "the time is missing");
                    parsed.time = parsed.time.or(Some(time.ok_or_else(missing)?));
                }
            }
        }
        Ok(parsed)
    }

    fn bad(&self, column: usize, zh: impl Into<String>, en: impl Into<String>) -> ReadError {
        ReadError::malformed(ID, zh, en, format!("line {}, column {}", self.number, column + 1))
    }
}

impl Table {
    /// Each row's sample index where the sample numbers leave some out.
    pub fn gaps(&self) -> Result<Option<Vec<usize>>, ReadError> {
        let Some(numbers) = &self.index else { return Ok(None) };
        let first = numbers.first().copied().unwrap_or(0.0);
        let steps = || numbers.windows(2).filter_map(|w| Some(w.get(1)? - w.first()?));
        if let Some(i) = steps().position(|s| s <= 0.0) {
            return Err(ReadError::malformed(
                ID,
                "样本序号不递增",
                "the sample numbers do not increase",
                format!("line {}", self.first_line + i + 1),
            ));
        }
        // Counted in ones, or in equal steps of another size.
        let least = steps().fold(f64::INFINITY, f64::min);
        if numbers.len() < self.rows || steps().all(|s| s == least) {
            return Ok(None);
        }
        Ok(Some(numbers.iter().map(|n| ((n - first) / least).round() as usize).collect()))
    }
}

#[cfg(test)]
mod tests {
    use super::label;

    #[test]
    fn headings() {
        let of = |h: &str| {
            let l = label(h);
            (l.name, l.unit.unwrap_or_default())
        };
        for (heading, name, unit) in [
            ("I (uV)", "I", "uV"),
            ("II[mV]", "II", "mV"),
            ("V1_mV", "V1", "mV"),
            ("aVR/µV", "aVR", "µV"),
            ("Lead II mV", "Lead II", "mV"),
            ("time (s)", "time", "s"),
            ("时间(毫秒)", "时间", "毫秒"),
            ("MLII", "MLII", ""),
            ("ECG V", "ECG V", ""),
        ] {
            assert_eq!(of(heading), (name.to_string(), unit.to_string()), "{heading}");
        }
    }
}
