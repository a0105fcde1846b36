//! Annotations: beats, waves and rhythms in the signal, measurements and statements beside it (aECG Implementation Guide,
//! HL7 2005, "Annotations"; codes of ISO/IEEE 11073-10102).

use super::series::{Series, between};
use super::tree::{Node, seconds};
use crate::ingest::marks::{mark, of_texts};
use crate::ingest::mdc::{Measure, lead_by_name};
use crate::ingest::moment;
use crate::signal::{Annotation, DeviceFindings, DeviceMeasurement, LeadName};

/// Beats by the MIT annotation codes.
#[rustfmt::skip]
pub const BEATS: [(&str, &str); 17] = [
    ("N", "MDC_ECG_BEAT_NORMAL"), ("V", "MDC_ECG_BEAT_V_P_C"), ("A", "MDC_ECG_BEAT_ATR_P_C"),
    ("a", "MDC_ECG_BEAT_ATR_P_C_ABERR"), ("J", "MDC_ECG_BEAT_JUNC_P_C"), ("S", "MDC_ECG_BEAT_SV_P_C"),
    ("F", "MDC_ECG_BEAT_V_P_C_FUSION"), ("r", "MDC_ECG_BEAT_V_P_C_RonT"), ("e", "MDC_ECG_BEAT_ATR_ESC"),
    ("j", "MDC_ECG_BEAT_JUNC_ESC"), ("n", "MDC_ECG_BEAT_SV_ESC"), ("E", "MDC_ECG_BEAT_V_ESC"),
    ("L", "MDC_ECG_BEAT_LBB_BLK_COMP"), ("R", "MDC_ECG_BEAT_RBB_BLK_COMP"), ("/", "MDC_ECG_BEAT_PACED"),
    ("f", "MDC_ECG_BEAT_PACED_FUS"), ("Q", "MDC_ECG_BEAT_UNKNOWN"),
];

/// Rhythms that MIT annotations name.
#[rustfmt::skip]
const RHYTHMS: [(&str, &str); 6] = [
    ("(N", "MDC_ECG_RHY_SINUS_RHY"), ("(AFIB", "MDC_ECG_RHY_ATR_FIB"), ("(AFL", "MDC_ECG_RHY_ATR_FLUT"),
    ("(VT", "MDC_ECG_RHY_V_TACHY"), ("(SVTA", "MDC_ECG_RHY_SV_TACHY"), ("(VFL", "MDC_ECG_RHY_V_FLUT"),
];

/// Everything that the annotations of a document say.
#[derive(Default)]
pub struct Found {
    pub marks: Vec<Annotation>,
    pub device: DeviceFindings,
}

impl Found {
    /// Takes in the annotation sets of a series; `None` as the series for one whose times are not the rhythm's.
    pub fn add(&mut self, holder: &Node, series: Option<&Series>) {
        for set in holder.all("subjectOf").filter_map(|s| s.child("annotationSet")) {
            let before = self.marks.len();
            for annotation in set.all("component").filter_map(|c| c.child("annotation")) {
                self.annotation(annotation, series, "");
            }
            // A person's marks stand beside the device's and do not double its beats.
            if set.child("author").is_some_and(|a| a.find("assignedPerson").is_some()) {
                self.marks.iter_mut().skip(before).for_each(|m| m.annotator = "person".into());
            }
        }
    }

    fn annotation(&mut self, node: &Node, series: Option<&Series>, wave: &str) {
        let code = node.code();
        let value = node.child("value");
        let coded = value.and_then(|v| v.attribute("code")).unwrap_or("");
        let place = series.and_then(|s| region(node, s));
        match code {
            "MDC_ECG_BEAT" => self.beat(node, coded, series, place),
            "MDC_ECG_WAVC" | "MDC_ECG_WAVC_TYPE" => self.wave(coded, wave, place),
            "MDC_ECG_RHY" => self.rhythm(coded, value, place),
            _ => self.other(node, code, value, place),
        }
        let inner = if code.starts_with("MDC_ECG_WAVC") { coded } else { wave };
        for inside in node.all("component").filter_map(|c| c.child("annotation")) {
            self.annotation(inside, series, inner);
        }
    }

    /// A beat stands where its own region is, else in the middle of its QRS complex.
    fn beat(&mut self, node: &Node, coded: &str, series: Option<&Series>, place: Option<(usize, usize)>) {
        let of_qrs = || {
            let waves = node.all("component").filter_map(|c| c.child("annotation"));
            let mut qrs = waves.filter(|w| {
                w.child("value").and_then(|v| v.attribute("code")).is_some_and(|c| c.starts_with("MDC_ECG_WAVC_QRS"))
            });
            qrs.find_map(|w| region(w, series?))
        };
        let Some((low, high)) = place.or_else(of_qrs) else { return };
        let known = BEATS.iter().find(|(_, mdc)| *mdc == coded).map_or("Q", |(code, _)| code);
        self.marks.push(mark(low + (high - low) / 2, known, ""));
    }

    fn wave(&mut self, coded: &str, outer: &str, place: Option<(usize, usize)>) {
        let Some((low, high)) = place else { return };
        let kind = if coded == "MDC_ECG_WAVC_PEAK" { outer } else { coded };
        let wave = match kind {
            "MDC_ECG_WAVC_PWAVE" => 0,
            "MDC_ECG_WAVC_TWAVE" => 2,
            other if other.starts_with("MDC_ECG_WAVC_QRS") || other == "MDC_ECG_WAVC_RWAVE" => 1,
            _ => return,
        };
        if coded == "MDC_ECG_WAVC_PEAK" || low == high {
            let code = ["p", "Q", "t"].get(wave).copied().unwrap_or("\"");
            self.marks.push(mark(low, code, ""));
            return;
        }
        for (sample, code) in [(low, "("), (high, ")")] {
            self.marks.push(Annotation { num: wave as i8, ..mark(sample, code, "") });
        }
    }

    fn rhythm(&mut self, coded: &str, value: Option<&Node>, place: Option<(usize, usize)>) {
        let said = value.and_then(|v| v.attribute("displayName").map(String::from).or_else(|| v.words()));
        self.device.statements.extend(said.or_else(|| (!coded.is_empty()).then(|| coded.to_string())));
        let known = RHYTHMS.iter().find(|(_, mdc)| *mdc == coded);
        if let (Some((rhythm, _)), Some((low, _))) = (known, place) {
            self.marks.push(mark(low, "+", rhythm));
        }
    }

    /// A measurement by its unit, a statement by its text, a mark by its place.
    fn other(&mut self, node: &Node, code: &str, value: Option<&Node>, place: Option<(usize, usize)>) {
        let Some(value) = value else { return };
        if let Some((number, unit)) = value.quantity() {
            let known = Measure::find(code, node.child("code").and_then(|c| c.attribute("displayName")).unwrap_or(""));
            let (factor, unit) = match (known, unit) {
                (Some(Measure { unit: "ms", .. }), unit) if seconds(unit).is_some() => {
                    (seconds(unit).unwrap_or(1.0) * 1000.0, "ms")
                }
                (_, unit) => (1.0, Measure::printed(unit)),
            };
            let name = known.map_or_else(|| code.to_string(), |m| m.name.to_string());
            let value = (number * factor * 1e6).round() / 1e6;
            let measurement = DeviceMeasurement { name, lead: region_lead(node), value, unit: unit.to_string() };
            // Sets of several annotators repeat what the device said.
            if !self.device.measurements.contains(&measurement) {
                self.device.measurements.push(measurement);
            }
            return;
        }
        let words = value.words().or_else(|| value.attribute("displayName").map(String::from));
        let Some(words) = words else { return };
        match place {
            Some((low, _)) => self.marks.extend(of_texts(low, words.lines())),
            None if !node.code().is_empty() => self.device.statements.push(words),
            None => {}
        }
    }
}

/// The boundaries of the region that supports an annotation.
fn boundaries(node: &Node) -> impl Iterator<Item = &Node> {
    let region = node.at(&["support", "supportingROI"]);
    region.into_iter().flat_map(|r| r.all("component")).filter_map(|c| c.child("boundary"))
}

/// First and last sample of an annotation's region; both the same for a point. Where one end is left out, it is the other.
fn region(node: &Node, series: &Series) -> Option<(usize, usize)> {
    let boundary = boundaries(node).find(|b| b.code().starts_with("TIME_"))?;
    let value = boundary.child("value")?;
    let sample = |node: &Node| -> Option<usize> {
        let time = match boundary.code() {
            "TIME_ABSOLUTE" => between(series.start?, moment::datetime(node.attribute("value")?)?),
            _ => node.quantity().and_then(|(v, unit)| Some(v * seconds(unit)?))? - series.head,
        };
        let sample = (time * series.rate).round();
        (sample >= 0.0 && sample <= series.samples.ncols() as f64).then_some(sample as usize)
    };
    let end = |name: &str| value.child(name).and_then(sample);
    let low = end("low").or_else(|| end("center")).or_else(|| sample(value)).or_else(|| end("high"))?;
    let last = series.samples.ncols().checked_sub(1)?;
    let high = end("high").unwrap_or(low).max(low);
    // A beginning after the end is outside; an end just at it is the last sample.
    (low <= last).then_some((low, high.min(last)))
}

/// The lead of an annotation whose region names just one.
fn region_lead(node: &Node) -> Option<LeadName> {
    let mut leads = boundaries(node).filter(|b| b.code().starts_with("MDC_ECG_LEAD_"));
    let lead = lead_by_name(leads.next()?.code()).0;
    leads.next().is_none().then_some(lead)
}
