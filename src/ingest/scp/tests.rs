//! Every compression of the standard, on records made here: no maker's file at hand uses them.

use super::write::{code, frame};
use crate::ingest::{ReadOptions, Source, read};
use crate::signal::{LeadName, Recording};

const UNIT_NV: u16 = 5000;

fn le16(values: &[u16]) -> Vec<u8> {
    values.iter().flat_map(|v| v.to_le_bytes()).collect()
}

fn le32(values: &[u32]) -> Vec<u8> {
    values.iter().flat_map(|v| v.to_le_bytes()).collect()
}

fn leads(count: u8, len: u32, subtracted: bool) -> Vec<u8> {
    let mut body = vec![count, 0b100 | count << 3 | u8::from(subtracted)];
    for lead in 1..=count {
        body.extend(le32(&[1, len]));
        body.push(lead);
    }
    body
}

fn series(interval: u16, differences: u8, bimodal: bool, blocks: &[Vec<u8>]) -> Vec<u8> {
    let mut body = le16(&[UNIT_NV, interval]);
    body.extend([differences, u8::from(bimodal)]);
    body.extend(le16(&blocks.iter().map(|b| b.len() as u16).collect::<Vec<_>>()));
    body.extend(blocks.concat());
    body
}

fn beats(length_ms: u16, fiducial: u16, beats: &[(u16, u32, u32, u32)], protected: &[(u32, u32)]) -> Vec<u8> {
    let mut body = le16(&[length_ms, fiducial, beats.len() as u16]);
    for (kind, start, at, end) in beats {
        body.extend(le16(&[*kind]));
        body.extend(le32(&[*start, *at, *end]));
    }
    for (first, last) in protected {
        body.extend(le32(&[*first, *last]));
    }
    body
}

fn open(sections: &[(u16, Vec<u8>)]) -> Result<Recording, String> {
    let bytes = frame(sections).map_err(|e| e.to_string())?;
    read(&Source::memory("x.scp", bytes), &ReadOptions::default()).map_err(|e| e.to_string())
}

/// A beat of 60 samples: narrow wave about its 30th sample, then a broad one.
fn beat() -> Vec<i16> {
    let wave = |k: f32, at: f32, width: f32| (-((k - at) / width).powi(2)).exp();
    (0..60).map(|k| (200.0 * wave(k as f32, 29.0, 3.0) + 40.0 * wave(k as f32, 46.0, 6.0)) as i16).collect()
}

fn differences(values: &[i16], order: usize) -> Vec<i16> {
    let at = |k: usize| values[k];
    (0..values.len())
        .map(|k| match (order, k) {
            (1, 1..) => at(k) - at(k - 1),
            (2, 2..) => at(k) - 2 * at(k - 1) + at(k - 2),
            _ => at(k),
        })
        .collect()
}

/// Fiducials of the whole, of which the third beat is another type and was not subtracted.
const FIDUCIALS: [u32; 4] = [60, 160, 260, 360];
const LENGTH: usize = 400;

/// A lead: slow wander, beats, a foreign beat.
fn whole() -> Vec<i16> {
    let mut samples: Vec<i16> = (0..LENGTH).map(|k| (30.0 * (k as f32 / 40.0).sin()) as i16).collect();
    for (n, fiducial) in FIDUCIALS.iter().enumerate() {
        for (k, value) in beat().into_iter().enumerate() {
            samples[*fiducial as usize - 30 + k] += if n == 2 { -value } else { value };
        }
    }
    samples
}

/// Subtraction zones around the beats of type 0 (the reference beat's 30th sample is its fiducial).
fn zones() -> Vec<(u16, u32, u32, u32)> {
    FIDUCIALS.iter().enumerate().map(|(n, f)| if n == 2 { (1, 0, *f, 0) } else { (0, f - 20, *f, f + 25) }).collect()
}

/// What is left of the whole after subtraction within the zones.
fn residual() -> Vec<i16> {
    let mut samples = whole();
    let beat = beat();
    for (kind, start, fiducial, end) in zones() {
        for number in start..=end {
            if kind == 0 {
                samples[number as usize - 1] -= beat[(number + 30 - fiducial - 1) as usize];
            }
        }
    }
    samples
}

fn assert_close(recording: &Recording, expected: &[i16], units: f32) {
    let row = recording.lead(&LeadName::I).unwrap();
    assert_eq!(row.len(), expected.len());
    for (k, (got, want)) in row.iter().zip(expected).enumerate() {
        assert!((got / 0.005 - f32::from(*want)).abs() <= units, "sample {k}: {} for {want}", got / 0.005);
    }
}

#[test]
fn every_difference_plain_and_huffman() {
    for order in 0..=2 {
        let values = differences(&whole(), order);
        let plain: Vec<u8> = values.iter().flat_map(|v| v.to_le_bytes()).collect();
        let lead = leads(1, LENGTH as u32, false);
        let recording = open(&[(3, lead.clone()), (6, series(2000, order as u8, false, &[plain]))]).unwrap();
        assert_close(&recording, &whole(), 0.01);
        let packed = [(2, le16(&[19999])), (3, lead), (6, series(2000, order as u8, false, &[code(&values)]))];
        assert_close(&open(&packed).unwrap(), &whole(), 0.01);
    }
}

#[test]
fn the_reference_beat_is_added_back() {
    let sections = |zones: &[(u16, u32, u32, u32)]| {
        [
            (2, le16(&[19999])),
            (3, leads(1, LENGTH as u32, true)),
            (4, beats(120, 30, zones, &[])),
            (5, series(2000, 1, false, &[code(&differences(&beat(), 1))])),
            (6, series(2000, 2, false, &[code(&differences(&residual(), 2))])),
        ]
    };
    let recording = open(&sections(&zones())).unwrap();
    assert_close(&recording, &whole(), 0.01);
    let median = recording.device.median.as_ref().unwrap();
    assert_eq!(median.samples.row(0).to_vec(), beat().iter().map(|v| f32::from(*v) * 0.005).collect::<Vec<_>>());
    let marks: Vec<usize> = recording.annotations.iter().map(|a| a.sample).collect();
    assert_eq!(marks, [59, 159, 259, 359]);

    let mut overlapping = zones();
    overlapping[1].1 = 70;
    assert!(open(&sections(&overlapping)).unwrap_err().contains("overlap"));
    let without: Vec<_> = sections(&zones()).into_iter().filter(|(id, _)| *id != 5).collect();
    assert!(open(&without).unwrap_err().contains("missing"));
}

#[test]
fn bimodal_data_come_back_at_the_full_rate() {
    // 20 samples of each complex at the full rate; the rest as means of four, one more for what four leave over.
    let protected: Vec<(u32, u32)> = FIDUCIALS.iter().map(|f| (f - 12, f + 27)).collect();
    let residual = residual();
    let mut stored: Vec<i16> = Vec::new();
    let mut next = 0;
    let means = |part: &[i16]| -> Vec<i16> {
        part.chunks(4).map(|g| (g.iter().map(|v| f32::from(*v)).sum::<f32>() / g.len() as f32).round() as i16).collect()
    };
    for (first, last) in &protected {
        stored.extend(means(&residual[next..*first as usize - 1]));
        stored.extend(&residual[*first as usize - 1..*last as usize]);
        next = *last as usize;
    }
    stored.extend(means(&residual[next..]));
    let sections = |stored: &[i16]| {
        [
            (2, le16(&[19999])),
            (3, leads(1, LENGTH as u32, true)),
            (4, beats(120, 30, &zones(), &protected)),
            (5, series(2000, 1, false, &[code(&differences(&beat(), 1))])),
            (6, series(8000, 1, true, &[code(&differences(stored, 1))])),
        ]
    };
    let recording = open(&sections(&stored)).unwrap();
    assert_eq!(recording.rate.0, 500.0);
    // The foreign beat's flanks outside its zone are what the low-pass costs.
    assert_close(&recording, &whole(), 9.0);
    let exact = recording.lead(&LeadName::I).unwrap();
    for (first, last) in &protected {
        for number in *first..=*last {
            let want = f32::from(whole()[number as usize - 1]) * 0.005;
            assert!((exact[number as usize - 1] - want).abs() < 1e-4, "sample {number}");
        }
    }
    // A count that fits the zones in no way is no time axis.
    assert!(open(&sections(&stored[..stored.len() - 40])).unwrap_err().contains("bimodal"));
}

/// Two tables of our own: the first holds 0, ±1 and a switch; the second eight bits as they are and a switch back.
#[test]
fn own_tables_and_switching_between_them() {
    let structure = |prefix: u8, total: u8, mode: u8, base: i16, code: u32| {
        let mut bytes = vec![prefix, total, mode];
        bytes.extend(base.to_le_bytes());
        bytes.extend(code.to_le_bytes());
        bytes
    };
    let mut tables = le16(&[2, 4]);
    // Codes are stored with their first bit lowest: 0, 10, 110, 111.
    for bytes in [
        structure(1, 1, 1, 0, 0),
        structure(2, 2, 1, 1, 0b01),
        structure(3, 3, 1, -1, 0b011),
        structure(3, 3, 0, 2, 0b111),
    ] {
        tables.extend(bytes);
    }
    tables.extend(le16(&[2]));
    // 0 and eight bits; 1 switches back.
    tables.extend(structure(1, 9, 1, 0, 0));
    tables.extend(structure(1, 1, 0, 1, 1));
    // 0 | 1 | −1 | switch | −100 | 77 | back | 0 | 1
    let bits = "0 10 110 111 010011100 001001101 1 0 10".replace(' ', "");
    let bytes: Vec<u8> = bits
        .as_bytes()
        .chunks(8)
        .map(|b| u8::from_str_radix(&format!("{:0<8}", std::str::from_utf8(b).unwrap()), 2).unwrap())
        .collect();
    let sections = [(2, tables), (3, leads(1, 7, false)), (6, series(2000, 0, false, &[bytes]))];
    assert_close(&open(&sections).unwrap(), &[0, 1, -1, -100, 77, 0, 1], 0.01);
}

#[test]
fn leads_of_different_extent_share_one_axis() {
    let block = |n: i16| -> Vec<u8> { (1..=n).flat_map(i16::to_le_bytes).collect() };
    let lead = |start: u32, end: u32, code: u8| [le32(&[start, end]), vec![code]].concat();
    let section = [vec![2, 0], lead(1, 4, 1), lead(3, 6, 65)].concat();
    let recording = open(&[(3, section), (6, series(4000, 0, false, &[block(4), block(4)]))]).unwrap();
    assert_eq!((recording.rate.0, recording.len()), (250.0, 6));
    let one = recording.lead(&LeadName::I).unwrap();
    assert!(one[3] == 0.02 && one[4].is_nan());
    // Code 65 is −aVR.
    let right = recording.lead(&LeadName::AvR).unwrap();
    assert!(right[1].is_nan() && right[2] == -0.005);
    let far = [vec![1, 0], lead(1000, 1003, 1)].concat();
    assert_eq!(open(&[(3, far), (6, series(4000, 0, false, &[block(4)]))]).unwrap().len(), 4);
    let gap = [vec![2, 0], lead(1, 4, 1), lead(1000, 1003, 2)].concat();
    assert!(open(&[(3, gap), (6, series(4000, 0, false, &[block(4), block(4)]))]).unwrap_err().contains("gap"));
}

#[test]
fn huge_tables_are_refused() {
    let table = |codes: u16, prefix: u8| {
        let mut body = le16(&[1, codes]);
        (0..codes).for_each(|n| body.extend([prefix, prefix, 1, 0, 0, n as u8, (n >> 8) as u8, 0, 0]));
        [(2, body), (3, leads(1, 4, false)), (6, series(2000, 0, false, &[vec![0; 8]]))]
    };
    assert!(open(&table(300, 20)).unwrap_err().contains("limit"));
    assert!(open(&table(5000, 10)).unwrap_err().contains("limit"));
    assert!(open(&table(200, 20)).is_ok());
}
