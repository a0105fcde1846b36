//! Earlier ECGs to compare with: a folder's recordings by patient number and time.
//!
//! A prior ECG is one of the same patient number, recorded before; the latest of them. Without a number or a time on
//! both there is none: a guessed one would be another patient's.

use super::analyze::source;
use super::inputs::{Input, Inputs};
use crate::ingest::{self, ReadOptions};
use crate::interpret::serial::number;
use crate::pipeline::{Options, diagnose};
use crate::report::Report;
use crate::signal::Recording;
use crate::text::{Lang, Text};
use jiff::civil::DateTime;
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;
use std::path::Path;

/// One earlier ECG: when, which content, where.
struct Known {
    start: DateTime,
    sha256: String,
    input: Input,
}

/// The earlier ECGs that have a patient number and a time.
#[derive(Default)]
pub struct Priors {
    by_patient: BTreeMap<String, Vec<Known>>,
    read: ReadOptions,
}

impl Priors {
    /// Reads all recordings at `path`; those that cannot serve are counted and said.
    pub fn find(path: &Path, read: &ReadOptions, lang: Lang) -> Result<Self, Text> {
        let inputs = Inputs::find(&[path.display().to_string()], None);
        if let Some((name, why)) = inputs.missing.first() {
            return Err(Text::of(format!("--prior {name}：{}", why.zh), format!("--prior {name}: {}", why.en)));
        }
        let mut priors = Self { read: read.clone(), ..Self::default() };
        let (mut used, mut passed) = (0, 0);
        for input in inputs.found {
            let recording = source(&input, read).and_then(|s| ingest::read(&s, read));
            let known = recording.ok().and_then(|r| Some((number(&r.patient)?, r.start?, r.origin.sha256)));
            let Some((number, start, sha256)) = known else {
                passed += 1;
                continue;
            };
            used += 1;
            priors.by_patient.entry(number).or_default().push(Known { start, sha256, input });
        }
        for ecgs in priors.by_patient.values_mut() {
            ecgs.sort_by(|a, b| (a.start, &a.sha256).cmp(&(b.start, &b.sha256)));
        }
        let said = Text::of(
            format!("前次心电图：可用 {used} 份；{passed} 份无法读取，或未注明患者编号或采集时间，不参与比较"),
            format!("prior ECGs: {used} to compare with; {passed} cannot be read or do not say patient number or time"),
        );
        eprintln!("{}", said.get(lang));
        Ok(priors)
    }

    /// What the priors come to in the journal's key: other priors make other reports.
    pub fn fingerprint(&self) -> String {
        let mut hash = Sha256::new();
        for (number, ecgs) in &self.by_patient {
            hash.update(number);
            for known in ecgs {
                hash.update(&known.sha256);
            }
        }
        let digest: [u8; 32] = hash.finalize().into();
        format!("{:016x}", digest.first_chunk().map_or(0, |half| u64::from_be_bytes(*half)))
    }

    /// The report compared with the patient's latest earlier ECG, when there is one. A prior that contradicts the
    /// recording on whose it is is not used, and the report says so.
    pub fn compare(&self, report: Report, options: &Options) -> Report {
        let Some(known) = self.latest(&report.recording) else { return report };
        let read = source(&known.input, &self.read).and_then(|s| ingest::read(&s, &self.read));
        let Ok(prior) = read else { return report };
        let diagnosis = diagnose(&prior, options);
        match report.clone().with_prior(prior, diagnosis, false) {
            Ok(compared) => compared,
            Err(other) => {
                let mut report = report;
                report.diagnosis.interpretation.notes.insert(0, other.text());
                report
            }
        }
    }

    fn latest(&self, recording: &Recording) -> Option<&Known> {
        let start = recording.start?;
        let ecgs = self.by_patient.get(&number(&recording.patient)?)?;
        ecgs.iter().rev().find(|k| k.start < start && k.sha256 != recording.origin.sha256)
    }
}
