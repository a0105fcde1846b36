//! How a text file lays its numbers out: delimiter, decimal mark, where the table begins, what its columns are called.
//!
//! Nothing is known beforehand, so the table speaks for itself: of all ways to split the lines, the one that gives the
//! longest run of lines with equally many numbers is the one that was meant.

use std::borrow::Cow;

/// Lines looked at to find the layout; headers are shorter.
const LOOKED_AT: usize = 400;

/// Rows below which a run of numbers is no table of samples.
pub const FEWEST_ROWS: usize = 8;

/// What separates fields.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Delimiter {
    /// This character.
    Char(char),
    /// Any run of blanks.
    Blanks,
}

/// The layout of a file.
#[derive(Clone, Debug, PartialEq)]
pub struct Layout {
    /// What separates fields.
    pub delimiter: Delimiter,
    /// Whether the decimal mark is a comma.
    pub comma: bool,
    /// Index of the table's first line.
    pub start: usize,
    /// Fields a row, without those that are empty in every row looked at and stand last.
    pub width: usize,
    /// Column names; empty when there is no header.
    pub names: Vec<String>,
    /// Column units from a line of their own; empty when there is none.
    pub units: Vec<String>,
    /// Lines before the header.
    pub preamble: usize,
}

/// Splits a line into trimmed fields without their quotes.
pub fn split(line: &str, delimiter: Delimiter) -> Vec<Cow<'_, str>> {
    let plain = |f: &str| f.trim().trim_matches('\'').trim().to_string();
    if line.contains('"')
        && let Delimiter::Char(c) = delimiter
    {
        return quoted(line, c).into_iter().map(|f| Cow::Owned(plain(&f))).collect();
    }
    let bare = |f: &'_ str| -> bool { !f.contains('\'') };
    match delimiter {
        Delimiter::Char(c) => {
            line.split(c).map(|f| if bare(f) { Cow::Borrowed(f.trim()) } else { Cow::Owned(plain(f)) }).collect()
        }
        Delimiter::Blanks => line.split_whitespace().map(|f| Cow::Borrowed(f.trim_matches(['\'', '"']))).collect(),
    }
}

/// Fields of a line in which some are in double quotes; a doubled quote is one (RFC 4180, 2.7).
fn quoted(line: &str, delimiter: char) -> Vec<String> {
    let mut fields = vec![String::new()];
    let mut inside = false;
    let mut chars = line.chars().peekable();
    while let Some(c) = chars.next() {
        let Some(field) = fields.last_mut() else { break };
        match c {
            '"' if inside && chars.peek() == Some(&'"') => {
                chars.next();
                field.push('"');
            }
            '"' => inside = !inside,
            c if c == delimiter && !inside => fields.push(String::new()),
            c => field.push(c),
        }
    }
    fields
}

/// A number; `None` = missing, `Err` = something else.
pub fn number(field: &str, comma: bool) -> Result<Option<f64>, ()> {
    if field.is_empty() {
        return Ok(None);
    }
    let parsed = if comma && field.contains(',') {
        if field.contains('.') { None } else { field.replacen(',', ".", 1).parse::<f64>().ok() }
    } else {
        field.parse::<f64>().ok()
    };
    match parsed {
        Some(value) if value.is_finite() => Ok(Some(value)),
        Some(_) => Ok(None),
        None if matches!(field.to_ascii_lowercase().as_str(), "-" | "na" | "n/a" | "null" | "none" | "?") => Ok(None),
        None => Err(()),
    }
}

/// Finds the layout; `None` when the file holds no table of at least `fewest_rows` rows.
pub fn find(lines: &[&str], fewest_rows: usize) -> Option<Layout> {
    let looked_at = lines.get(..LOOKED_AT).unwrap_or(lines);
    let ways = [
        (Delimiter::Char('\t'), false),
        (Delimiter::Char('\t'), true),
        (Delimiter::Char(';'), false),
        (Delimiter::Char(';'), true),
        (Delimiter::Char(','), false),
        (Delimiter::Char('|'), false),
        (Delimiter::Blanks, false),
        (Delimiter::Blanks, true),
    ];
    let mut best: Option<Run> = None;
    for (delimiter, comma) in ways {
        if let Some(run) = longest_run(looked_at, delimiter, comma)
            && best.as_ref().is_none_or(|b| (run.rows, run.width) > (b.rows, b.width))
        {
            best = Some(run);
        }
    }
    let run = best.filter(|r| r.rows >= fewest_rows)?;
    Some(with_header(lines, &run))
}

/// A run of table rows.
struct Run {
    delimiter: Delimiter,
    comma: bool,
    start: usize,
    rows: usize,
    /// Fields of each row.
    fields: usize,
    /// Fields up to the last that is not empty in all rows.
    width: usize,
}

fn longest_run(lines: &[&str], delimiter: Delimiter, comma: bool) -> Option<Run> {
    let mut best: Option<Run> = None;
    let mut run: Option<Run> = None;
    for (i, line) in lines.iter().enumerate() {
        match (&mut run, row(line, delimiter, comma)) {
            (Some(run), Some((fields, filled))) if run.fields == fields => {
                run.rows += 1;
                run.width = run.width.max(filled);
            }
            (_, Some((fields, width))) => run = Some(Run { delimiter, comma, start: i, rows: 1, fields, width }),
            (_, None) => run = None,
        }
        if let Some(run) = &run
            && best.as_ref().is_none_or(|b| run.rows > b.rows)
        {
            best = Some(Run { ..*run });
        }
    }
    best
}

/// Number of fields and of those up to the last that is not empty, when the line is a row of numbers (a time of day may
/// stand first).
fn row(line: &str, delimiter: Delimiter, comma: bool) -> Option<(usize, usize)> {
    let fields = split(line, delimiter);
    let filled = fields.iter().rposition(|f| !f.is_empty())? + 1;
    let mut numbers = 0;
    for (i, field) in fields.iter().enumerate() {
        match number(field, comma) {
            Ok(value) => numbers += usize::from(value.is_some()),
            Err(()) if i == 0 && filled > 1 && super::clock::time_of_day(field).is_some() => {}
            Err(()) => return None,
        }
    }
    (numbers > 0).then_some((fields.len(), filled))
}

fn with_header(lines: &[&str], run: &Run) -> Layout {
    let mut layout = Layout {
        delimiter: run.delimiter,
        comma: run.comma,
        start: run.start,
        width: run.width,
        names: Vec::new(),
        units: Vec::new(),
        preamble: run.start,
    };
    // A header may begin with a comment sign.
    let above = |i: usize| -> Option<Vec<String>> {
        let line = lines.get(i)?.trim_start_matches(['#', '%']);
        let mut fields: Vec<String> = split(line, run.delimiter).iter().map(ToString::to_string).collect();
        while fields.last().is_some_and(String::is_empty) {
            fields.pop();
        }
        let words = fields.iter().any(|f| f.chars().any(char::is_alphabetic));
        if run.width == 1 && line.contains([',', ';', ':', '=']) || run.width == 2 && super::preamble::says(line) {
            return None;
        }
        // A lead may be empty in every row looked at and still have its name.
        ((run.width..=run.fields).contains(&fields.len()) && words).then_some(fields)
    };
    // Blank lines may part header and table. One column has a header only directly above: further up is a preamble.
    let mut at = run.start;
    while at > 0 && run.width > 1 && lines.get(at - 1).is_some_and(|l| l.trim().is_empty()) {
        at -= 1;
    }
    let Some(first) = at.checked_sub(1).and_then(above) else { return layout };
    at -= 1;
    let is_unit = |f: &String| {
        f.is_empty()
            || crate::ingest::millivolts(f).is_some()
            || super::clock::seconds_of_unit(f).is_some()
            || f.starts_with("hh:mm")
            || f == "NU"
    };
    if run.width > 1
        && first.iter().all(is_unit)
        && let Some(names) = at.checked_sub(1).and_then(above)
    {
        layout.units = first;
        layout.names = names;
        at -= 1;
    } else {
        layout.names = first;
    }
    layout.preamble = at;
    layout.width = layout.names.len();
    layout
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(text: &str) -> Layout {
        find(&text.lines().collect::<Vec<_>>(), FEWEST_ROWS).unwrap()
    }

    fn rows(row: &str) -> String {
        format!("{row}\n").repeat(10)
    }

    #[test]
    fn delimiters_and_decimal_marks() {
        let layout = |row: &str| {
            let l = found(&rows(row));
            (l.delimiter, l.comma, l.width)
        };
        assert_eq!(layout("1,2,-3.5"), (Delimiter::Char(','), false, 3));
        assert_eq!(layout("1,5;2,25;3"), (Delimiter::Char(';'), true, 3));
        assert_eq!(layout("1.5\t2\t"), (Delimiter::Char('\t'), false, 2));
        assert_eq!(layout("  1,5   2,7 "), (Delimiter::Blanks, true, 2));
        assert_eq!(layout("12:00:01.5;1;2"), (Delimiter::Char(';'), false, 3));
        assert_eq!(layout("-20,-25,-5,23,-7,-15,,,,,,").2, 6);
    }

    #[test]
    fn headers() {
        let l = found(&format!("# Rate: 500 Hz\nt (s),\"I, raw\",II\n{}", rows("0,1,2")));
        assert_eq!((l.names, l.preamble, l.start), (vec!["t (s)".into(), "I, raw".into(), "II".into()], 1, 2));
        let l = found(&format!("'Elapsed time','MLII'\n'seconds','mV'\n{}", rows("0.5,1")));
        assert_eq!((l.names[1].as_str(), l.units[1].as_str(), l.preamble), ("MLII", "mV", 0));
        let l = found(&rows("0.5,1"));
        assert!(l.names.is_empty());
        assert!(find(&["name,age", "a,1", "b,2"], 2).is_none());
    }
}
