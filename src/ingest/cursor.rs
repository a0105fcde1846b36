//! Checked reads of a binary file: every read past the end is an error that names the byte.

use super::ReadError;

/// A position in a byte slice.
pub struct Cursor<'a> {
    bytes: &'a [u8],
    at: usize,
    format: &'static str,
}

impl<'a> Cursor<'a> {
    /// Starts at the first byte; `format` is named in errors.
    pub fn new(bytes: &'a [u8], format: &'static str) -> Self {
        Self { bytes, at: 0, format }
    }

    /// Byte position.
    pub fn position(&self) -> usize {
        self.at
    }

    /// Moves to an absolute position, which may be the end.
    pub fn seek(&mut self, at: usize) -> Result<(), ReadError> {
        if at > self.bytes.len() {
            return Err(self.short(at));
        }
        self.at = at;
        Ok(())
    }

    /// Bytes not yet read.
    pub fn remaining(&self) -> usize {
        self.bytes.len().saturating_sub(self.at)
    }

    /// The next `n` bytes.
    pub fn take(&mut self, n: usize) -> Result<&'a [u8], ReadError> {
        let end = self.at.checked_add(n).ok_or_else(|| self.short(usize::MAX))?;
        let slice = self.bytes.get(self.at..end).ok_or_else(|| self.short(end))?;
        self.at = end;
        Ok(slice)
    }

    fn array<const N: usize>(&mut self) -> Result<[u8; N], ReadError> {
        let mut out = [0; N];
        out.copy_from_slice(self.take(N)?);
        Ok(out)
    }

    /// One byte.
    pub fn u8(&mut self) -> Result<u8, ReadError> {
        Ok(self.array::<1>()?[0])
    }

    /// Little-endian 16 bits.
    pub fn u16_le(&mut self) -> Result<u16, ReadError> {
        Ok(u16::from_le_bytes(self.array()?))
    }

    /// Little-endian 16 bits, signed.
    pub fn i16_le(&mut self) -> Result<i16, ReadError> {
        Ok(i16::from_le_bytes(self.array()?))
    }

    /// Little-endian 32 bits.
    pub fn u32_le(&mut self) -> Result<u32, ReadError> {
        Ok(u32::from_le_bytes(self.array()?))
    }

    fn short(&self, wanted: usize) -> ReadError {
        ReadError::malformed(
            self.format,
            format!("文件不完整：需要到第 {wanted} 字节，实际只有 {} 字节", self.bytes.len()),
            format!("the file is cut short: byte {wanted} is needed, there are {}", self.bytes.len()),
            format!("byte {}", self.at),
        )
    }
}
