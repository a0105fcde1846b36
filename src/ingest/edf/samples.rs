//! Data records to millivolts.

use super::ID;
use super::annotations::Tracks;
use super::header::{CONTEC_MV, Header, Kind, Signal};
use crate::ingest::{Limits, ReadError, name_leads};
use crate::signal::LeadName;
use crate::text::Text;
use ndarray::{Array2, Axis};

/// The sample at which each record starts. A record of EDF+D that says no start follows the one before.
pub fn starts(
    header: &Header,
    tracks: &Tracks,
    records: usize,
    rate: f64,
    notes: &mut Vec<Text>,
) -> Result<Vec<usize>, ReadError> {
    if !rate.is_finite() || rate <= 0.0 {
        return Err(ReadError::malformed(
            ID,
            "记录时长无效，无法得到采样率",
            "no sampling rate: the record duration is invalid",
            "byte 244",
        ));
    }
    let per_record = (header.duration * rate).round() as usize;
    if header.kind != Kind::Discontinuous {
        return Ok((0..records).map(|k| k.saturating_mul(per_record)).collect());
    }
    let zero = tracks.start(0).unwrap_or(0.0);
    let mut starts = Vec::with_capacity(records);
    let mut next = 0_usize;
    let mut gaps = 0;
    for k in 0..records {
        let said = tracks.start(k).map_or(next as f64, |t| ((t - zero) * rate).round());
        // A start may be rounded by one sample; earlier than that, records overlap.
        if said + 1.0 < next as f64 {
            return Err(ReadError::malformed(
                ID,
                "数据记录在时间上重叠",
                "data records overlap in time",
                format!("record {k}"),
            ));
        }
        let start = if said <= next as f64 + 1.0 { next } else { said as usize };
        gaps += usize::from(start != next);
        starts.push(start);
        next = start.saturating_add(per_record);
    }
    if gaps > 0 {
        notes.push(Text::of(
            format!("记录不连续，有 {gaps} 处中断（以缺失值表示）"),
            format!("the recording is interrupted {gaps} times (samples missing there)"),
        ));
    }
    Ok(starts)
}

/// Leads × samples in mV, gaps NaN.
pub fn decode(
    header: &Header,
    data: &[u8],
    chosen: &[&Signal],
    starts: &[usize],
    limits: &Limits,
) -> Result<Array2<f32>, ReadError> {
    let per_record = chosen.first().map_or(0, |s| s.samples);
    let length = starts.last().map_or(0, |s| s.saturating_add(per_record));
    limits.shape(chosen.len(), length)?;
    let mut samples = Array2::from_elem((chosen.len(), length), f32::NAN);
    let contec = header.is_contec();
    for (signal, mut row) in chosen.iter().zip(samples.axis_iter_mut(Axis(0))) {
        let (gain, zero) = if contec { (CONTEC_MV, 0.0) } else { signal.scale()? };
        let (gain, zero) = (gain as f32, zero as f32);
        let missing = signal.digital.0 == -32767 && header.width == 2;
        let Some(row) = row.as_slice_mut() else { continue };
        for (record, &start) in data.chunks_exact(header.record_bytes().max(1)).zip(starts) {
            let from = signal.offset * header.width;
            let bytes = record.get(from..).and_then(|r| r.get(..per_record * header.width)).unwrap_or(&[]);
            let out = row.get_mut(start..).and_then(|r| r.get_mut(..per_record)).unwrap_or_default();
            if header.width == 3 {
                for (v, b) in out.iter_mut().zip(bytes.as_chunks::<3>().0) {
                    *v = (i32::from_le_bytes([0, b[0], b[1], b[2]]) >> 8) as f32 * gain + zero;
                }
            } else if missing {
                for (v, b) in out.iter_mut().zip(bytes.as_chunks::<2>().0) {
                    let raw = i16::from_le_bytes(*b);
                    *v = if raw == i16::MIN { f32::NAN } else { f32::from(raw) * gain + zero };
                }
            } else {
                for (v, b) in out.iter_mut().zip(bytes.as_chunks::<2>().0) {
                    *v = f32::from(i16::from_le_bytes(*b)) * gain + zero;
                }
            }
        }
    }
    Ok(samples)
}

/// Normalised lead names; an inverted lead is turned.
pub fn name(chosen: &[&Signal], samples: &mut Array2<f32>) -> Vec<LeadName> {
    // EDF+'s "ECG V2" is V2, and "ECG MLII" MLII.
    let labels: Vec<&str> = chosen.iter().map(|s| s.label.strip_prefix("ECG ").unwrap_or(&s.label)).collect();
    let named = name_leads(&labels);
    for ((_, sign), mut row) in named.iter().zip(samples.axis_iter_mut(Axis(0))) {
        if *sign < 0.0 {
            row.mapv_inplace(|v| -v);
        }
    }
    named.into_iter().map(|(lead, _)| lead).collect()
}
