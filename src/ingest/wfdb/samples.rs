//! Sample storage formats, by signal(5) of the WFDB Applications Guide: bytes to ADC units.

use super::ID;
use crate::ingest::ReadError;

/// The ADC value that says "no sample" in a format; `None` for first differences.
pub fn invalid(format: u16) -> Option<i32> {
    match format {
        16 | 61 | 160 | 516 => Some(i32::from(i16::MIN)),
        80 | 508 => Some(-128),
        212 => Some(-2048),
        310 | 311 => Some(-512),
        24 | 524 => Some(-(1 << 23)),
        32 => Some(i32::MIN),
        _ => None,
    }
}

/// How many samples `bytes` bytes hold in an uncompressed format.
pub fn capacity(format: u16, bytes: usize) -> usize {
    match format {
        8 | 80 => bytes,
        16 | 61 | 160 => bytes / 2,
        24 => bytes / 3,
        32 => bytes / 4,
        212 => bytes / 3 * 2 + usize::from(bytes % 3 == 2),
        // A 310 or 311 group cut after two bytes still holds its first sample.
        310 | 311 => bytes / 4 * 3 + usize::from(bytes % 4 >= 2),
        _ => 0,
    }
}

/// Bytes that `samples` samples take in an uncompressed format; exact where `samples` is a multiple of six.
pub fn span(format: u16, samples: usize) -> usize {
    match format {
        16 | 61 | 160 => samples.saturating_mul(2),
        24 => samples.saturating_mul(3),
        32 => samples.saturating_mul(4),
        212 => samples.saturating_mul(3) / 2,
        310 | 311 => samples.saturating_mul(4) / 3,
        _ => samples,
    }
}

/// Decodes at most `limit` samples in the file's order. Format 8 gives differences; FLAC is [`flac`]'s.
pub fn decode(format: u16, bytes: &[u8], limit: usize) -> Vec<i32> {
    let count = capacity(format, bytes.len()).min(limit);
    let mut out = Vec::with_capacity(count);
    match format {
        8 => out.extend(bytes.iter().take(count).map(|b| i32::from(*b as i8))),
        80 => out.extend(bytes.iter().take(count).map(|b| i32::from(*b) - 128)),
        16 => out.extend(bytes.as_chunks::<2>().0.iter().take(count).map(|b| i32::from(i16::from_le_bytes(*b)))),
        61 => out.extend(bytes.as_chunks::<2>().0.iter().take(count).map(|b| i32::from(i16::from_be_bytes(*b)))),
        160 => {
            out.extend(bytes.as_chunks::<2>().0.iter().take(count).map(|b| i32::from(u16::from_le_bytes(*b)) - 32768));
        }
        24 => out.extend(
            bytes.as_chunks::<3>().0.iter().take(count).map(|[a, b, c]| i32::from_le_bytes([0, *a, *b, *c]) >> 8),
        ),
        32 => out.extend(bytes.as_chunks::<4>().0.iter().take(count).map(|b| i32::from_le_bytes(*b))),
        212 => packed_212(bytes, &mut out),
        310 | 311 => packed_10(format, bytes, &mut out),
        _ => {}
    }
    out.truncate(count);
    out
}

/// The lowest `bits` bits as a two's complement number.
fn signed(value: u32, bits: u32) -> i32 {
    ((value << (32 - bits)) as i32) >> (32 - bits)
}

/// Two 12-bit samples in three bytes: low bytes outside, high nibbles in the middle one.
fn packed_212(bytes: &[u8], out: &mut Vec<i32>) {
    let pair = |[a, b, c]: [u8; 3]| {
        let (a, b, c) = (u32::from(a), u32::from(b), u32::from(c));
        [signed(a | (b & 0x0f) << 8, 12), signed(c | (b & 0xf0) << 4, 12)]
    };
    let (groups, rest) = bytes.as_chunks::<3>();
    out.extend(groups.iter().flat_map(|g| pair(*g)));
    if let [a, b] = *rest {
        out.push(pair([a, b, 0])[0]);
    }
}

/// Three 10-bit samples in four bytes, in two ways.
fn packed_10(format: u16, bytes: &[u8], out: &mut Vec<i32>) {
    let three = |word: u32| {
        let (low, high) = (word & 0xffff, word >> 16);
        if format == 310 {
            // Bits 1…10 of each half are a sample; the third one's halves are above them.
            let third = (low >> 11) | (high >> 11) << 5;
            [signed(low >> 1, 10), signed(high >> 1, 10), signed(third, 10)]
        } else {
            [signed(word, 10), signed(word >> 10, 10), signed(word >> 20, 10)]
        }
    };
    let (groups, rest) = bytes.as_chunks::<4>();
    out.extend(groups.iter().flat_map(|g| three(u32::from_le_bytes(*g))));
    if let [a, b, ..] = *rest {
        out.push(three(u32::from_le_bytes([a, b, 0, 0]))[0]);
    }
}

/// Decodes formats 508, 516 and 524: one FLAC channel a signal. Gives interleaved samples, at most `limit`.
pub fn flac(format: u16, bytes: &[u8], channels: usize, limit: usize, file: &str) -> Result<Vec<i32>, ReadError> {
    let bad = |e: &claxon::Error| {
        ReadError::malformed(ID, format!("FLAC 数据损坏：{e}"), format!("the FLAC data is broken: {e}"), file)
    };
    let mut reader = claxon::FlacReader::new(bytes).map_err(|e| bad(&e))?;
    let info = reader.streaminfo();
    let bits = u32::from(format) - 500;
    if info.channels as usize != channels || info.bits_per_sample != bits {
        return Err(ReadError::malformed(
            ID,
            format!("FLAC 为 {} 通道 {} 位，头文件要求 {channels} 通道 {bits} 位", info.channels, info.bits_per_sample),
            format!(
                "the FLAC stream has {} channels of {} bits, the header wants {channels} of {bits}",
                info.channels, info.bits_per_sample
            ),
            file,
        ));
    }
    let mut out = Vec::new();
    for sample in reader.samples().take(limit) {
        match sample {
            Ok(value) => out.push(value),
            // What was sound before the damage is kept; the caller says how much is missing.
            Err(_) if !out.is_empty() => break,
            Err(e) => return Err(bad(&e)),
        }
    }
    Ok(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn packed_formats_by_hand() {
        // 212: 0x7ff and 0x800 → 2047, −2048.
        assert_eq!(decode(212, &[0xff, 0x87, 0x00, 0x05, 0x0f], 9), [2047, -2048, -251]);
        let word = (0x1ff_u32 | 0x200 << 10 | 0x3ff << 20).to_le_bytes();
        assert_eq!(decode(311, &word, 9), [511, -512, -1]);
        let (low, high) = (0x1ff_u32 << 1 | 0x1f << 11, 0x200_u32 << 1 | 0x0f << 11);
        let word = (low | high << 16).to_le_bytes();
        assert_eq!(decode(310, &word, 9), [511, -512, 511]);
        assert_eq!(decode(24, &[0xff, 0xff, 0xff, 0, 0, 0x80], 9), [-1, -(1 << 23)]);
    }
}
