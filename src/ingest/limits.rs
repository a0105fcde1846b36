//! Bounds on what a file may claim, checked before memory is taken.

use super::ReadError;
use crate::text::text;

/// The largest recording we accept.
#[derive(Clone, Debug)]
pub struct Limits {
    /// Bytes of one input file.
    pub file_bytes: u64,
    /// Bytes of decoded samples (f32).
    pub sample_bytes: u64,
    /// Leads.
    pub leads: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self { file_bytes: 1 << 30, sample_bytes: 256 << 20, leads: 128 }
    }
}

impl Limits {
    /// Refuses a file of more than the allowed bytes.
    pub fn bytes(&self, n: u64) -> Result<(), ReadError> {
        if n > self.file_bytes {
            return Err(ReadError::Limit {
                what: text("文件大小（字节）", "file size in bytes"),
                max: self.file_bytes,
            });
        }
        Ok(())
    }

    /// Refuses a recording of more leads or samples than allowed. Call before allocating.
    pub fn shape(&self, leads: usize, samples: usize) -> Result<(), ReadError> {
        if leads > self.leads {
            return Err(ReadError::Limit { what: text("导联数", "number of leads"), max: self.leads as u64 });
        }
        let bytes = (leads as u64).saturating_mul(samples as u64).saturating_mul(4);
        if bytes > self.sample_bytes {
            return Err(ReadError::Limit {
                what: text("信号数据量（字节）", "signal size in bytes"),
                max: self.sample_bytes,
            });
        }
        Ok(())
    }
}
