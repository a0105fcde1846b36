//! The layout that sections 5 and 6 share: scale, interval, encoding, and one block of bytes a lead (EN 1064, 5.8.3
//! and 5.9.3).

use super::ID;
use super::huffman::Tables;
use crate::ingest::{Cursor, ReadError};
use crate::signal::Hz;

/// One section's samples, still encoded.
pub struct Series<'a> {
    /// Millivolts of one unit.
    pub scale_mv: f32,
    /// Sample interval, µs.
    pub interval_us: u16,
    /// Whether the rate was reduced outside the protected zones.
    pub bimodal: bool,
    differences: u8,
    /// The leads' bytes, as many as are whole.
    pub leads: Vec<&'a [u8]>,
}

impl<'a> Series<'a> {
    /// Reads the section's head and finds the leads' bytes; leads that lie behind the section's end are left out.
    pub fn read(mut cursor: Cursor<'a>, leads: usize) -> Result<Self, ReadError> {
        let nanovolts = cursor.u16_le()?;
        let interval_us = cursor.u16_le()?;
        let differences = cursor.u8()?;
        let bimodal = cursor.u8()? == 1;
        let at = || format!("byte {}", cursor.position());
        if nanovolts == 0 {
            return Err(ReadError::malformed(ID, "幅值单位为零", "the amplitude unit is zero", at()));
        }
        if interval_us == 0 {
            return Err(ReadError::malformed(ID, "采样间隔为零", "the sample interval is zero", at()));
        }
        if differences > 2 {
            return Err(ReadError::unsupported(
                ID,
                format!("未知的编码方式 {differences}"),
                format!("unknown encoding {differences}"),
            ));
        }
        let lengths = (0..leads).map(|_| cursor.u16_le().map(usize::from)).collect::<Result<Vec<_>, _>>()?;
        let blocks = lengths.into_iter().map_while(|length| cursor.take(length).ok()).collect();
        let scale_mv = (f64::from(nanovolts) * 1e-6) as f32;
        Ok(Self { scale_mv, interval_us, bimodal, differences, leads: blocks })
    }

    /// Samples a second.
    pub fn rate(&self) -> Result<Hz, ReadError> {
        rate_of(self.interval_us).map(Hz).ok_or_else(|| {
            ReadError::malformed(ID, "采样间隔不在允许范围内", "an impossible sample interval", "section 6")
        })
    }

    /// Decodes one lead's bytes into at most `most` values.
    pub fn values(&self, bytes: &[u8], tables: Option<&Tables>, most: usize) -> Result<Vec<i32>, ReadError> {
        let mut values = match tables {
            Some(tables) => tables.decode(bytes, most)?,
            None => bytes.chunks_exact(2).take(most).map(|b| i32::from(i16::from_le_bytes([b[0], b[1]]))).collect(),
        };
        match self.differences {
            1 => first_differences(&mut values),
            2 => second_differences(&mut values),
            _ => {}
        }
        Ok(values)
    }
}

/// Samples a second of an interval. It is in whole µs: 1667 stands for 600 Hz, so the whole rate is taken whose interval
/// rounds to the one given.
pub fn rate_of(interval_us: u16) -> Option<f64> {
    let interval = f64::from(interval_us);
    let exact = (interval > 0.0).then(|| 1e6 / interval)?;
    let same = (1e6 / exact.round()).round() == interval;
    Some(if same { exact.round() } else { exact })
}

/// Undoes first differences; the first value is a sample itself.
fn first_differences(values: &mut [i32]) {
    let mut last = 0i32;
    for value in values {
        last = last.wrapping_add(*value);
        *value = last;
    }
}

/// Undoes second differences; the first two values are samples themselves.
fn second_differences(values: &mut [i32]) {
    let Some(([first, second], rest)) = values.split_first_chunk_mut::<2>() else { return };
    let (mut before, mut last) = (*first, *second);
    for value in rest {
        let next = value.wrapping_add(last.wrapping_mul(2)).wrapping_sub(before);
        (before, last, *value) = (last, next, next);
    }
}
