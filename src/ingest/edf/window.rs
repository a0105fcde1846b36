//! Windows of a long file: whole data records behind the header, which says how many.

use super::header::{Header, Kind};
use crate::ingest::{Layout, Source};

/// The header's number of records.
const RECORDS: std::ops::Range<usize> = 236..244;

/// Of EDF+D, whose records say their own times, no windows are cut.
pub fn layout(source: &Source) -> Option<Layout> {
    let header = Header::read(source.bytes()).ok().filter(|h| h.kind != Kind::Discontinuous)?;
    let chosen = super::choose(&header, &mut Vec::new()).ok()?;
    let first = chosen.first()?;
    Some(Layout {
        file: None,
        data: header.data as u64,
        block: (header.record_bytes(), first.samples),
        blocks: usize::try_from(header.records).ok().filter(|n| *n > 0),
        leads: chosen.len(),
        rate: header.rate(first),
        join,
    })
}

fn join(source: &Source, blocks: usize, data: Vec<u8>) -> Source {
    let end = Header::read(source.bytes()).map_or(0, |h| h.data);
    let mut bytes = source.bytes().get(..end).unwrap_or_default().to_vec();
    if let Some(field) = bytes.get_mut(RECORDS) {
        field.copy_from_slice(format!("{blocks:<8}").as_bytes().get(..8).unwrap_or(b"-1      "));
    }
    bytes.extend(data);
    Source::memory(source.name(), bytes)
}
