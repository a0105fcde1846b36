//! Windows of a long file: some samples behind the header, which says how many; without its checksum, which some writers
//! leave zero.

use super::header::Header;
use crate::ingest::{Layout, Source};

/// Checksum and number of samples.
const CRC: std::ops::Range<usize> = 8..10;
const SAMPLES: std::ops::Range<usize> = 14..18;

pub fn layout(source: &Source) -> Option<Layout> {
    if !source.bytes().starts_with(super::ECG) {
        return None;
    }
    let header = Header::read(source.bytes(), &mut Vec::new()).ok()?;
    let leads = header.leads.len();
    // Some writers count the samples of all leads together: the file's length decides.
    Some(Layout {
        file: None,
        data: header.data as u64,
        block: (2 * leads, 1),
        blocks: None,
        leads,
        rate: header.rate,
        join,
    })
}

fn join(source: &Source, blocks: usize, data: Vec<u8>) -> Source {
    let end = Header::read(source.bytes(), &mut Vec::new()).map_or(0, |h| h.data);
    let mut bytes = source.bytes().get(..end).unwrap_or_default().to_vec();
    if let Some(sum) = bytes.get_mut(CRC) {
        sum.fill(0);
    }
    if let Some(field) = bytes.get_mut(SAMPLES) {
        field.copy_from_slice(&u32::try_from(blocks).unwrap_or(0).to_le_bytes());
    }
    bytes.extend(data);
    Source::memory(source.name(), bytes)
}
