//! What a simulated recording really holds.

use crate::detect::{Beat, BeatClass, Episode, LeadWaves, Wave};
use crate::signal::{Annotation, Hz, LeadName};
use serde_json::{Value, json};

/// The annotator under which beats are written, as reference beats are everywhere.
const ANNOTATOR: &str = "atr";

/// Every wave, beat, spike and rhythm of a simulated recording, in samples.
///
/// A wave is in a lead when its noise-free contribution there reaches 30 µV; it begins and ends at the first and last
/// sample at which that contribution has at least 10 µV; it peaks where that is largest. Global bounds are the earliest
/// onset and latest offset over the recording's leads, the global peak the median of the leads' peaks. A wave that is
/// partly outside the strip has no bounds, a beat whose QRS is has no entry. ST deviation belongs to no wave; U waves
/// are not listed.
#[derive(Clone, Debug, Default)]
pub struct Truth {
    /// Sampling rate the indexes count in.
    pub rate: Hz,
    /// Beats in order of time.
    pub beats: Vec<Beat>,
    /// MIT annotation code of each beat.
    pub codes: Vec<&'static str>,
    /// Bounds per beat and lead (as in `Recording::leads`).
    pub lead_waves: Vec<Vec<LeadWaves>>,
    /// Every P wave, conducted or not.
    pub p_waves: Vec<Wave>,
    /// Pacemaker spikes.
    pub spikes: Vec<usize>,
    /// From which sample on which rhythm (MIT-BIH's spelling, `(BI` and `(BIII`, `(ASYS`, `(EAT`, `(VF` being ours).
    pub rhythms: Vec<(usize, &'static str)>,
    /// Stretches without countable beats.
    pub episodes: Vec<Episode>,
}

impl Truth {
    /// The truth as MIT annotations: rhythm changes, beats at their QRS peak, spikes.
    pub fn annotations(&self) -> Vec<Annotation> {
        let mut all: Vec<Annotation> = self.rhythms.iter().map(|(at, name)| mark(ANNOTATOR, *at, "+", name)).collect();
        all.extend(self.beats.iter().zip(&self.codes).map(|(beat, code)| mark(ANNOTATOR, beat.qrs.peak, code, "")));
        all.extend(self.spikes.iter().map(|&at| mark(ANNOTATOR, at, "^", "")));
        all.sort_by_key(|a| a.sample);
        all
    }

    /// The waves of one lead as LUDB marks them: `(`, `p` `N` `t`, `)`; `None` takes the global bounds. The annotator is
    /// the lead's name in lower case, or `waves`.
    pub fn wave_annotations(&self, lead: Option<(usize, &LeadName)>) -> Vec<Annotation> {
        let annotator = lead.map_or("waves".to_string(), |(_, name)| name.as_str().to_lowercase());
        let mut all = Vec::new();
        for (beat, leads) in self.beats.iter().zip(&self.lead_waves) {
            let waves = match lead {
                None => LeadWaves { p: beat.p, qrs: Some(beat.qrs), t: beat.t },
                Some((row, _)) => leads.get(row).copied().unwrap_or_default(),
            };
            for (wave, code, num) in [(waves.p, "p", 0), (waves.qrs, "N", 1), (waves.t, "t", 2)] {
                let Some(wave) = wave else { continue };
                for (sample, code) in [(wave.onset, "("), (wave.peak, code), (wave.offset, ")")] {
                    all.push(Annotation { num, ..mark(&annotator, sample, code, "") });
                }
            }
        }
        all.sort_by_key(|a| a.sample);
        all
    }

    /// The truth as JSON; bounds are `[onset, peak, offset]` in samples, null = the wave is not there.
    pub fn json(&self, leads: &[LeadName]) -> Value {
        let wave = |w: Option<Wave>| w.map_or(Value::Null, |w| json!([w.onset, w.peak, w.offset]));
        let beats: Vec<Value> = self
            .beats
            .iter()
            .zip(&self.codes)
            .zip(&self.lead_waves)
            .map(|((beat, code), lead_waves)| {
                let by_lead: serde_json::Map<String, Value> = leads
                    .iter()
                    .zip(lead_waves)
                    .map(|(name, w)| (name.to_string(), json!({ "p": wave(w.p), "qrs": wave(w.qrs), "t": wave(w.t) })))
                    .collect();
                json!({
                    "code": code, "class": beat.class, "group": beat.group,
                    "p": wave(beat.p), "qrs": wave(Some(beat.qrs)), "t": wave(beat.t), "leads": by_lead,
                })
            })
            .collect();
        json!({
            "rate_hz": self.rate,
            "definition": "a wave is in a lead when its noise-free contribution reaches 0.030 mV there, between the first and last sample with at least 0.010 mV; global bounds are the earliest onset and latest offset over leads; [onset, peak, offset] in samples from 0",
            "measurements": self.measurements(),
            "rhythms": self.rhythms.iter().map(|(at, name)| json!({ "sample": at, "rhythm": name })).collect::<Vec<_>>(),
            "episodes": self.episodes,
            "spikes": self.spikes,
            "p_waves": self.p_waves.iter().map(|w| wave(Some(*w))).collect::<Vec<_>>(),
            "beats": beats,
        })
    }

    /// Intervals of the dominant beats, by the names of our report.
    pub fn measurements(&self) -> Value {
        let beats: Vec<&Beat> = self.beats.iter().filter(|b| b.group == 0).collect();
        let of = |f: &dyn Fn(&Beat) -> Option<usize>| median(beats.iter().filter_map(|b| f(b)).collect(), self.rate);
        let rr = median(self.beats.windows(2).map(|w| w[1].qrs.onset - w[0].qrs.onset).collect(), self.rate);
        json!({
            "heart_rate_bpm": rr.map(|ms| 60_000.0 / ms),
            "p_duration_ms": of(&|b| b.p.map(|p| p.offset - p.onset)),
            "pr_ms": of(&|b| b.p.and_then(|p| b.qrs.onset.checked_sub(p.onset))),
            "qrs_duration_ms": of(&|b| Some(b.qrs.offset - b.qrs.onset)),
            "qt_ms": of(&|b| b.t.map(|t| t.offset - b.qrs.onset)),
        })
    }

    /// Number of beats of a class.
    pub fn count(&self, class: BeatClass) -> usize {
        self.beats.iter().filter(|b| b.class == class).count()
    }
}

fn mark(annotator: &str, sample: usize, code: &str, text: &str) -> Annotation {
    Annotation {
        annotator: annotator.into(),
        sample,
        code: code.into(),
        subtype: 0,
        channel: 0,
        num: 0,
        text: text.into(),
    }
}

fn median(mut samples: Vec<usize>, rate: Hz) -> Option<f64> {
    samples.sort_unstable();
    samples.get(samples.len() / 2).map(|&s| rate.ms(s as f64).0)
}
