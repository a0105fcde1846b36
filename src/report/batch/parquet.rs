//! The tables of a batch as Parquet files, for research: the columns of the CSV tables, numbers as numbers, an empty
//! cell as null. Rows are held and written in groups, so that memory does not grow with the batch.

use super::summary::{Cell, SUMMARY_COLUMNS, summary_cells};
use super::{FINDING_COLUMNS, Row, finding_cells};
use parquet::basic::{Encoding, LogicalType, Repetition, Type as Physical};
use parquet::data_type::{ByteArray, ByteArrayType, DoubleType};
use parquet::errors::ParquetError;
use parquet::file::properties::WriterProperties;
use parquet::file::writer::SerializedFileWriter;
use parquet::schema::types::Type;
use std::io::Write;
use std::sync::Arc;

/// Rows of one group.
const GROUP: usize = 4096;

/// A table in the making.
pub struct Table<W: Write + Send> {
    writer: SerializedFileWriter<W>,
    numeric: Vec<bool>,
    rows: Vec<Vec<Cell>>,
}

/// The summary: one row an ECG.
pub fn summary_table<W: Write + Send>(out: W) -> Result<Table<W>, ParquetError> {
    Table::new(out, "ecg", SUMMARY_COLUMNS.iter().map(|c| (c.name, c.numeric)))
}

/// The findings: one row a finding.
pub fn findings_table<W: Write + Send>(out: W) -> Result<Table<W>, ParquetError> {
    Table::new(out, "finding", FINDING_COLUMNS.iter().map(|name| (*name, false)))
}

impl<W: Write + Send> Table<W> {
    fn new<'a>(out: W, name: &str, columns: impl Iterator<Item = (&'a str, bool)>) -> Result<Self, ParquetError> {
        let (mut fields, mut numeric) = (Vec::new(), Vec::new());
        for (column, is_number) in columns {
            let physical = if is_number { Physical::DOUBLE } else { Physical::BYTE_ARRAY };
            let logical = (!is_number).then_some(LogicalType::String);
            let field = Type::primitive_type_builder(column, physical)
                .with_repetition(Repetition::OPTIONAL)
                .with_logical_type(logical)
                .build()?;
            fields.push(Arc::new(field));
            numeric.push(is_number);
        }
        let schema = Arc::new(Type::group_type_builder(name).with_fields(fields).build()?);
        let properties = WriterProperties::builder().set_encoding(Encoding::PLAIN).build();
        let writer = SerializedFileWriter::new(out, schema, Arc::new(properties))?;
        Ok(Self { writer, numeric, rows: Vec::new() })
    }

    /// Adds an ECG's row to a summary.
    pub fn add_summary(&mut self, row: &Row) -> Result<(), ParquetError> {
        self.add(summary_cells(row))
    }

    /// Adds an ECG's findings to a table of findings.
    pub fn add_findings(&mut self, row: &Row) -> Result<(), ParquetError> {
        finding_cells(row).into_iter().try_for_each(|cells| self.add(cells.into_iter().map(Cell::Text).collect()))
    }

    fn add(&mut self, cells: Vec<Cell>) -> Result<(), ParquetError> {
        self.rows.push(cells);
        if self.rows.len() >= GROUP { self.group() } else { Ok(()) }
    }

    /// Ends the file and gives back what it was written to.
    pub fn finish(mut self) -> Result<W, ParquetError> {
        self.group()?;
        self.writer.into_inner()
    }

    fn group(&mut self) -> Result<(), ParquetError> {
        if self.rows.is_empty() {
            return Ok(());
        }
        let rows = std::mem::take(&mut self.rows);
        let mut group = self.writer.next_row_group()?;
        for (n, is_number) in self.numeric.iter().enumerate() {
            let Some(mut column) = group.next_column()? else { break };
            let cells = || rows.iter().map(|row| row.get(n));
            if *is_number {
                let values: Vec<Option<f64>> = cells().map(|c| c.and_then(Cell::number)).collect();
                let present: Vec<f64> = values.iter().flatten().copied().collect();
                column.typed::<DoubleType>().write_batch(&present, Some(&levels(&values)), None)?;
            } else {
                let values: Vec<Option<ByteArray>> =
                    cells().map(|c| c.and_then(Cell::text).map(|s| ByteArray::from(s.as_str()))).collect();
                let present: Vec<ByteArray> = values.iter().flatten().cloned().collect();
                column.typed::<ByteArrayType>().write_batch(&present, Some(&levels(&values)), None)?;
            }
            column.close()?;
        }
        group.close()?;
        Ok(())
    }
}

fn levels<T>(values: &[Option<T>]) -> Vec<i16> {
    values.iter().map(|v| i16::from(v.is_some())).collect()
}
