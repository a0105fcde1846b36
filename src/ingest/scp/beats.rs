//! Section 4: where the QRS complexes are, where the reference beat was subtracted, and which zones kept the full
//! sampling rate (EN 1064, 5.7).

use super::ID;
use super::sections::Sections;
use crate::ingest::ReadError;
use crate::signal::Hz;
use ndarray::ArrayView1;

/// One QRS complex. Samples are counted from 1 at the full rate.
pub struct Beat {
    /// Reference beat type; 0 is the one of section 5.
    pub kind: u16,
    /// First sample of the subtraction zone; 0 = none.
    pub start: u32,
    /// The fiducial point.
    pub fiducial: u32,
    /// Last sample of the subtraction zone.
    pub end: u32,
}

/// Section 4; empty when the record has none.
#[derive(Default)]
pub struct Beats {
    /// Length of the reference beat, ms.
    pub reference_ms: u16,
    /// The reference beat's fiducial point, sample from 1.
    pub reference_fiducial: u16,
    /// The complexes in the file's order.
    pub all: Vec<Beat>,
    /// Zones kept at the full rate, first and last sample, in order and without overlap.
    pub protected: Vec<(usize, usize)>,
}

impl Beats {
    /// Reads section 4 where there is one.
    pub fn read(sections: &Sections) -> Result<Self, ReadError> {
        let Some(mut cursor) = sections.cursor(4) else { return Ok(Self::default()) };
        let mut beats =
            Self { reference_ms: cursor.u16_le()?, reference_fiducial: cursor.u16_le()?, ..Self::default() };
        let count = cursor.u16_le()?;
        for _ in 0..count {
            beats.all.push(Beat {
                kind: cursor.u16_le()?,
                start: cursor.u32_le()?,
                fiducial: cursor.u32_le()?,
                end: cursor.u32_le()?,
            });
        }
        // Records without bimodal compression may end here.
        let mut zones = Vec::new();
        for _ in 0..count.min((cursor.remaining() / 8) as u16) {
            let (first, last) = (cursor.u32_le()? as usize, cursor.u32_le()? as usize);
            if first > 0 && last >= first {
                zones.push((first, last));
            }
        }
        zones.sort_unstable();
        for (first, last) in zones {
            match beats.protected.last_mut() {
                Some(previous) if first <= previous.1 => previous.1 = previous.1.max(last),
                _ => beats.protected.push((first, last)),
            }
        }
        Ok(beats)
    }

    /// Adds the reference beat back where it was subtracted: around every beat of type 0, fiducial on fiducial.
    /// `samples` is one lead's, mV, whose first sample has the number `first`.
    pub fn restore(
        &self,
        first: usize,
        samples: &mut [f32],
        reference: &ArrayView1<f32>,
        rate: Hz,
        reference_rate: Hz,
    ) -> Result<(), ReadError> {
        if rate != reference_rate {
            return Err(ReadError::unsupported(
                ID,
                "参考心搏与心律数据的采样率不同",
                "the reference beat's sampling rate is not the rhythm's",
            ));
        }
        let mut zones: Vec<&Beat> =
            self.all.iter().filter(|b| b.kind == 0 && b.start > 0 && b.end >= b.start).collect();
        zones.sort_unstable_by_key(|b| b.start);
        if zones.windows(2).any(|w| matches!(w, [a, b] if b.start <= a.end)) {
            return Err(ReadError::malformed(ID, "参考心搏相减区重叠", "subtraction zones overlap", "section 4"));
        }
        for beat in zones {
            // Number of the sample that the reference beat's first sample lies on.
            let origin = i64::from(beat.fiducial) - i64::from(self.reference_fiducial) + 1;
            let from = i64::from(beat.start).max(origin).max(first as i64);
            let to =
                i64::from(beat.end).min(origin + reference.len() as i64 - 1).min((first + samples.len()) as i64 - 1);
            for number in from..=to {
                let added = reference.get((number - origin) as usize);
                if let (Some(sample), Some(added)) = (samples.get_mut((number - first as i64) as usize), added) {
                    *sample += added;
                }
            }
        }
        Ok(())
    }
}
