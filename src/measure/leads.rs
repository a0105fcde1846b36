//! Amplitudes and durations of one lead's waves on the dominant median beat.
//!
//! Reference level: the mean of 16 ms before the global QRS onset (CSE 1985); for P the level at P onset. A deflection counts as a
//! wave from 30 µV for 6 ms (IEC 60601-2-25). Q, R, S and R′ are the alternating deflections between global QRS onset and
//! end, so that an isoelectric part of the QRS in one lead is no part of its Q (IEC 60601-2-25, annex on intervals).

use super::{Lead, small};
use crate::detect::{Detection, LeadWaves, MedianBeat, Wave};
use crate::dsp;
use crate::signal::{Hz, LeadName, Ms, Mv, Recording};

/// A lead that moves less than this shows nothing.
const SILENT_MV: f32 = 0.005;
/// A deflection counts as a wave from this height …
const WAVE_MV: f32 = 0.030;
/// … held or exceeded by half of it for so long.
const WAVE_MS: Ms = Ms(6.0);
/// A deflection begins and ends where it leaves and reaches the level by so much.
const FOOT_MV: f32 = 0.010;

/// Measures every lead; all `None` without a median beat.
pub fn measure(recording: &Recording, detection: &Detection) -> Vec<Lead> {
    let room = detection.median().and_then(|m| small::room_for_u(detection, m, recording.rate));
    let each = |(row, name): (usize, &LeadName)| {
        let empty = Lead::empty(name.clone());
        let Some(median) = detection.median() else { return empty };
        let samples = median.samples.row(row);
        let Some(x) = samples.as_slice().filter(|x| x.iter().all(|v| v.is_finite())) else { return empty };
        let own = median.lead_waves.get(row).copied().unwrap_or_default();
        let mut lead = of_lead(empty, x, recording.rate, median, own);
        lead.u_mv = room.filter(|_| lead.qrs_ms.is_some()).and_then(|room| small::u_wave(x, recording.rate, room));
        lead
    };
    recording.leads.iter().enumerate().map(each).collect()
}

fn of_lead(mut lead: Lead, x: &[f32], rate: Hz, median: &MedianBeat, own: LeadWaves) -> Lead {
    let (low, high) = dsp::range(x);
    if high - low < SILENT_MV {
        return lead;
    }
    if let Some(p) = median.p.and_then(|p| inside(p, x)) {
        p_wave(&mut lead, x, rate, p);
    }
    if let Some(qrs) = median.qrs.and_then(|q| inside(q, x)) {
        complex(&mut lead, x, rate, qrs);
        let st = |after: Ms| level(x, rate, qrs.offset + rate.samples(after));
        (lead.st_j_mv, lead.st_60_mv, lead.st_80_mv) = (st(Ms(0.0)), st(Ms(60.0)), st(Ms(80.0)));
        lead.j_mv = small::j_wave(x, rate, qrs, median.t);
        lead.take_off_fall_mv = small::take_off_fall(x, rate, qrs);
        lead.qrs_ms = own.qrs.map(|q| rate.ms(q.offset.saturating_sub(q.onset) as f64));
    }
    if let Some(t) = median.t.and_then(|t| inside(t, x)) {
        let peak = extreme(&x[t.onset..=t.offset], 0.0);
        lead.t_mv = (peak.abs() >= WAVE_MV).then_some(Mv(f64::from(peak)));
    }
    lead
}

fn inside(w: Wave, x: &[f32]) -> Option<Wave> {
    (w.onset <= w.offset && w.offset < x.len()).then_some(w)
}

/// Mean over 8 ms about `at`; `None` beyond the median beat.
fn level(x: &[f32], rate: Hz, at: usize) -> Option<Mv> {
    let half = rate.samples(Ms(4.0));
    let part = x.get(at.saturating_sub(half)..=at + half)?;
    Some(Mv(f64::from(part.iter().sum::<f32>()) / part.len() as f64))
}

/// The value farthest from `base`, as deflection from it.
fn extreme(x: &[f32], base: f32) -> f32 {
    x.iter().map(|v| v - base).fold(0.0, |a, v| if v.abs() > a.abs() { v } else { a })
}

fn p_wave(lead: &mut Lead, x: &[f32], rate: Hz, p: Wave) {
    let before = p.onset.saturating_sub(rate.samples(Ms(8.0)));
    let base = x[before..=p.onset].iter().sum::<f32>() / (p.onset - before + 1) as f32;
    let part = &x[p.onset..=p.offset];
    let peak = extreme(part, base);
    lead.p_mv = (peak.abs() >= WAVE_MV).then_some(Mv(f64::from(peak)));
    // The terminal part: the last negative deflection, when it lies in the second half (Morris 1964).
    let waves = deflections(part, base, rate);
    let last = waves.last().filter(|w| w.height < 0.0 && (w.from + w.to) >= part.len() / 2);
    lead.p_terminal_mv = last.map(|w| Mv(f64::from(w.height)));
    lead.p_terminal_ms = last.map(|w| rate.ms((w.to - w.from) as f64));
}

/// Q, R, S, R′, R-peak time and area.
fn complex(lead: &mut Lead, x: &[f32], rate: Hz, qrs: Wave) {
    let part = &x[qrs.onset..=qrs.offset];
    lead.qrs_area = Some(part.iter().map(|v| f64::from(*v)).sum::<f64>() * rate.ms(1.0).0);
    let waves = deflections(part, 0.0, rate);
    let put = |w: &Deflection| (Some(Mv(f64::from(w.height))), Some(rate.ms((w.to - w.from) as f64)));
    let up: Vec<usize> = (0..waves.len()).filter(|&i| waves[i].height > 0.0).collect();
    let Some(&r) = up.first() else {
        if let Some(w) = waves.iter().min_by(|a, b| a.height.total_cmp(&b.height)) {
            (lead.q_mv, lead.q_ms) = put(w);
        }
        return;
    };
    (lead.r_mv, lead.r_ms) = put(&waves[r]);
    if let Some(q) = r.checked_sub(1).and_then(|i| waves.get(i)) {
        (lead.q_mv, lead.q_ms) = put(q);
    }
    let mut last_up = &waves[r];
    if let Some(s) = waves.get(r + 1) {
        (lead.s_mv, lead.s_ms) = put(s);
        if let Some(r2) = waves.get(r + 2) {
            lead.r2_mv = Some(Mv(f64::from(r2.height)));
            last_up = r2;
        }
    }
    lead.r_peak_ms = Some(rate.ms(last_up.peak as f64));
}

/// A stretch on one side of the level.
struct Deflection {
    from: usize,
    to: usize,
    peak: usize,
    height: f32,
}

/// The deflections that count as waves, in order, alternating in sign: two of one sign with only a flicker between them are one.
fn deflections(x: &[f32], base: f32, rate: Hz) -> Vec<Deflection> {
    let mut waves: Vec<Deflection> = Vec::new();
    let least = rate.samples(WAVE_MS).max(1);
    let mut from = 0;
    while from < x.len() {
        let sign = (x[from] - base).signum();
        let to = (from..x.len()).find(|&i| (x[i] - base).signum() != sign).unwrap_or(x.len());
        let part = &x[from..to];
        let peak =
            part.iter().enumerate().fold(0, |b, (i, v)| if (v - base).abs() > (part[b] - base).abs() { i } else { b });
        let height = part[peak] - base;
        let strong = part.iter().filter(|v| (*v - base).abs() >= 0.5 * WAVE_MV).count();
        if height.abs() >= WAVE_MV && strong >= least {
            let off_level = |i: &usize| (part[*i] - base).abs() >= FOOT_MV;
            let first = (0..part.len()).find(off_level).unwrap_or(0);
            let last = (0..part.len()).rev().find(off_level).unwrap_or(0);
            let found = Deflection { from: from + first, to: from + last + 1, peak: from + peak, height };
            match waves.last_mut().filter(|w| w.height * height > 0.0) {
                Some(w) => {
                    w.to = found.to;
                    if found.height.abs() > w.height.abs() {
                        (w.peak, w.height) = (found.peak, found.height);
                    }
                }
                None => waves.push(found),
            }
        }
        from = to;
    }
    waves
}

impl Lead {
    /// A lead in which nothing is measurable.
    pub fn empty(lead: LeadName) -> Self {
        Self {
            lead,
            p_mv: None,
            p_terminal_mv: None,
            p_terminal_ms: None,
            q_mv: None,
            q_ms: None,
            r_mv: None,
            r_ms: None,
            s_mv: None,
            s_ms: None,
            r2_mv: None,
            r_peak_ms: None,
            qrs_area: None,
            st_j_mv: None,
            st_60_mv: None,
            st_80_mv: None,
            t_mv: None,
            j_mv: None,
            take_off_fall_mv: None,
            u_mv: None,
            qrs_ms: None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn trace(parts: &[(f32, usize)]) -> Vec<f32> {
        // Triangles of the given heights and widths, one after the other.
        let mut x = Vec::new();
        for &(height, width) in parts {
            let half = width as f32 / 2.0;
            x.extend((0..width).map(|i| height * (1.0 - ((i as f32 + 0.5 - half) / half).abs())));
        }
        x
    }

    fn measured(parts: &[(f32, usize)]) -> Lead {
        let x = trace(parts);
        let mut lead = Lead::empty(LeadName::II);
        complex(&mut lead, &x, Hz(1000.0), Wave { onset: 0, peak: 0, offset: x.len() - 1 });
        lead
    }

    #[test]
    fn waves_by_their_names() {
        let l = measured(&[(-0.2, 20), (1.0, 40), (-0.5, 30), (0.1, 20)]);
        let near = |m: Option<Mv>, v: f64| (m.unwrap().0 - v).abs() < 0.03;
        assert!(near(l.q_mv, -0.2) && near(l.r_mv, 1.0) && near(l.s_mv, -0.5) && near(l.r2_mv, 0.1), "{l:?}");
        assert!((l.q_ms.unwrap().0 - 20.0).abs() <= 2.0 && (l.r_ms.unwrap().0 - 40.0).abs() <= 2.0, "{l:?}");
        assert!((l.r_peak_ms.unwrap().0 - 100.0).abs() <= 2.0, "{l:?}");
    }

    #[test]
    fn qs_stands_under_q_and_small_deflections_are_none() {
        let l = measured(&[(0.02, 20), (-1.0, 60)]);
        assert!(l.r_mv.is_none() && l.s_mv.is_none() && (l.q_mv.unwrap().0 + 1.0).abs() < 0.04, "{l:?}");
        let l = measured(&[(-0.02, 20), (1.0, 60)]);
        assert!(l.q_mv.is_none() && l.r_mv.is_some(), "{l:?}");
        // 50 µV, but for 4 ms only.
        let l = measured(&[(-0.05, 4), (1.0, 60)]);
        assert!(l.q_mv.is_none(), "{l:?}");
    }
}
