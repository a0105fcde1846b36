//! XLI, the compression of Philips Sierra waveforms. No specification is public; this is what files and readers of
//! theirs agree on (sierra-ecg-tools' description; checked against an ECG that Philips' own software exported).
//!
//! Data are chunks, one a channel: length (4 bytes, little-endian), an unknown number (2), the delta decoder's start
//! (2), then LZW codes of ten bits, highest bit first, ended by code 1023. Unpacked, the first half holds the samples'
//! high bytes and the second their low bytes; each is a third-order difference, biased by 64. Of the six limb leads
//! the last four are kept as what Einthoven's and Goldberger's equations leave over.

use super::ID;
use crate::ingest::{Cursor, ReadError};

/// Bits of an LZW code.
const BITS: u32 = 10;
/// Ends a chunk.
const END: usize = (1 << BITS) - 1;
/// Codes below are bytes.
const BYTES: usize = 256;
/// Added to differences.
const BIAS: i16 = 64;

/// Decodes the first `leads` chunks of at most `most` samples each.
pub fn decode(data: &[u8], leads: usize, most: usize) -> Result<Vec<Vec<i16>>, ReadError> {
    let mut cursor = Cursor::new(data, ID);
    let mut out = Vec::with_capacity(leads);
    for _ in 0..leads {
        let length = cursor.u32_le()? as usize;
        cursor.u16_le()?;
        let start = cursor.i16_le()?;
        let at = cursor.position();
        let bytes = unpack(cursor.take(length)?, most.saturating_mul(2), at)?;
        let mut samples = join(&bytes);
        integrate(&mut samples, start);
        out.push(samples);
    }
    Ok(out)
}

/// Undoes the LZW coding; more than `most` bytes are an error.
fn unpack(packed: &[u8], most: usize, at: usize) -> Result<Vec<u8>, ReadError> {
    let broken = |zh: &str, en: &str| Err(ReadError::malformed(ID, zh, en, format!("waveform byte {at}")));
    let mut out: Vec<u8> = Vec::new();
    // A string of the table is where it was first written, and its length: the string before and one byte more.
    let mut table: Vec<(usize, usize)> = Vec::with_capacity(END - BYTES);
    let mut last: Option<(usize, usize)> = None;
    let (mut held, mut count) = (0u32, 0);
    for byte in packed {
        held = held << 8 | u32::from(*byte);
        count += 8;
        if count < BITS {
            continue;
        }
        count -= BITS;
        let code = (held >> count) as usize & END;
        if code == END {
            return Ok(out);
        }
        if let Some((from, length)) = last
            && table.len() < END - BYTES
        {
            table.push((from, length + 1));
        }
        let from = out.len();
        if code < BYTES {
            out.push(code as u8);
        } else {
            let Some(&(source, length)) = table.get(code - BYTES) else {
                return broken("压缩波形中有无效编码", "an impossible code in the compressed waveform");
            };
            // The newest string's last byte is the first of this one, which is being written.
            let known = length.min(from - source);
            out.extend_from_within(source..source + known);
            if known < length
                && let Some(&first) = out.get(source)
            {
                out.push(first);
            }
        }
        last = Some((from, out.len() - from));
        if out.len() > most {
            return broken("压缩波形比声明的长", "the compressed waveform is longer than declared");
        }
    }
    Ok(out)
}

/// Puts high and low bytes together.
fn join(bytes: &[u8]) -> Vec<i16> {
    let (high, low) = bytes.split_at(bytes.len() / 2);
    high.iter().zip(low).map(|(h, l)| i16::from_be_bytes([*h, *l])).collect()
}

fn integrate(samples: &mut [i16], start: i16) {
    let Some(([first, second], rest)) = samples.split_first_chunk_mut::<2>() else { return };
    let (mut before, mut last, mut change) = (*first, *second, start);
    for sample in rest {
        let next = last.wrapping_mul(2).wrapping_sub(before).wrapping_sub(change);
        change = sample.wrapping_sub(BIAS);
        (before, last, *sample) = (last, next, next);
    }
}

/// Completes III, aVR, aVL and aVF, the third to sixth of `leads`, from I and II; halves are cut towards zero.
pub fn complete_limb_leads(leads: &mut [Vec<i16>]) {
    let [one, two, three, right, left, foot, ..] = leads else { return };
    let limb = one.iter().zip(two.iter()).zip(three.iter_mut());
    let augmented = right.iter_mut().zip(left.iter_mut()).zip(foot.iter_mut());
    let half = |sum: i32| sum / 2;
    for (((&i, &ii), iii), ((r, l), f)) in limb.zip(augmented) {
        let (i, ii) = (i32::from(i), i32::from(ii));
        let third = ii - i - i32::from(*iii);
        *iii = third as i16;
        *r = (-i32::from(*r) - half(i + ii)) as i16;
        *l = (half(i - third) - i32::from(*l)) as i16;
        *f = (half(ii + third) - i32::from(*f)) as i16;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pack(codes: &[usize]) -> Vec<u8> {
        let bits = codes.iter().map(|c| format!("{c:010b}")).collect::<Vec<_>>().concat();
        let bytes = bits.as_bytes().chunks(8).map(|b| format!("{:0<8}", std::str::from_utf8(b).unwrap()));
        bytes.map(|b| u8::from_str_radix(&b, 2).unwrap()).collect()
    }

    #[test]
    fn strings_of_the_table_and_the_one_being_written() {
        // "a" "b" "ab" (256) "abab"… by the string that is not yet finished (258 = "ab" + "a").
        assert_eq!(unpack(&pack(&[97, 98, 256, 258, END]), 100, 0).unwrap(), b"abababa");
        assert!(unpack(&pack(&[97, 300, END]), 100, 0).is_err());
        assert!(unpack(&pack(&[97, 98, 256, 258, END]), 5, 0).is_err());
    }

    #[test]
    fn differences_of_third_order() {
        // 0, 0, then y[n] = 2y[n-1] − y[n-2] − d[n-1], d = stored − 64.
        let mut samples = [0, 0, 65, 64, 64];
        integrate(&mut samples, -1);
        assert_eq!(samples, [0, 0, 1, 1, 1]);
    }
}
