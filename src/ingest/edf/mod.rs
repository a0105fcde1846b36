//! EDF (Kemp et al., Electroenceph. clin. Neurophysiol. 82:391, 1992), EDF+ (Kemp & Olivan, Clin. Neurophysiol.
//! 114:1755, 2003) continuous and discontinuous, and `BioSemi`'s 24-bit BDF.
//!
//! Of the signals only ECGs in volts are read; all others are named in a note. Where ECG signals differ in sampling rate,
//! those of the rate that most of them share are read (the higher one on a tie) and the rest are named in a note. Gaps of
//! EDF+D become NaN. A sample of −32768 in a signal that declares −32767 as its digital minimum is missing (outside the
//! declared range, and WFDB's mark for missing in 16 bits); [`write`] marks missing samples so.

mod annotations;
mod fields;
mod header;
mod samples;
mod window;
mod write;

use super::{Format, ReadError, ReadOptions, Source, alone, charset};
use crate::signal::{Hz, Recording};
use crate::text::{Text, text};
use header::{Header, Signal};

const ID: &str = "edf";

/// EDF, EDF+, BDF.
pub static FORMAT: Format = Format {
    id: ID,
    name: text("EDF / EDF+ / BDF", "EDF / EDF+ / BDF"),
    extensions: &["edf", "bdf", "rec"],
    probe,
    read,
    companions: alone,
    fields: fields::fields,
    layout: Some(window::layout),
    write: Some(write::write),
};

fn probe(source: &Source) -> bool {
    let bytes = source.bytes();
    let version = bytes.starts_with(b"0       ") || bytes.starts_with(b"\xFFBIOSEMI");
    let numeric = |range: std::ops::Range<usize>| {
        bytes.get(range).is_some_and(|f| charset::latin1(f).trim().parse::<f64>().is_ok())
    };
    version && numeric(184..192) && numeric(236..244) && numeric(244..252) && numeric(252..256)
}

fn read(source: &Source, options: &ReadOptions) -> Result<Recording, ReadError> {
    let header = Header::read(source.bytes())?;
    let mut notes = Vec::new();
    let records = header.complete_records(source.bytes().len(), &mut notes)?;
    let chosen = choose(&header, &mut notes)?;
    if header.is_contec() {
        notes.push(text(
            "康泰（Contec）软件写的 EDF 量程（±1000 mV）有误，按该设备的 5 µV/单位换算",
            "the range that Contec's software writes into its EDF files (±1000 mV) is wrong: read as the device's 5 µV a unit",
        ));
    }
    let rate = chosen.first().map_or(0.0, |s| header.rate(s));
    let data = source.bytes().get(header.data..).unwrap_or(&[]);
    let tracks = annotations::tracks(&header, data, records);
    let starts = samples::starts(&header, &tracks, records, rate, &mut notes)?;
    let mut matrix = samples::decode(&header, data, &chosen, &starts, &options.limits)?;
    let leads = samples::name(&chosen, &mut matrix);
    let mut recording = Recording::new(source.stem(), leads, Hz(rate), matrix);
    recording.annotations = annotations::marks(&tracks, rate, recording.len());
    recording.patient = header.patient();
    recording.patient.name = tracks.said(annotations::NAME).or(recording.patient.name);
    recording.patient.id = tracks.said(annotations::IDENTIFIER).or(recording.patient.id);
    recording.start = header.start;
    recording.patient.fill_age(recording.start);
    recording.origin.device = header.device();
    recording.origin.filters = chosen.iter().map(|s| s.prefilter.as_str()).find(|f| !f.is_empty()).map(String::from);
    recording.notes = notes;
    Ok(recording)
}

/// The ECG signals of one rate.
fn choose<'a>(header: &'a Header, notes: &mut Vec<Text>) -> Result<Vec<&'a Signal>, ReadError> {
    let ordinary = || header.signals.iter().filter(|s| !s.is_annotations());
    let volts = |s: &Signal| s.millivolts.is_some() && s.samples > 0;
    let sure = ordinary().any(|s| volts(s) && s.is_ecg(header));
    // Unlabelled voltages are taken for ECGs only where no signal is known to be something else.
    let unsure = !sure && ordinary().all(Signal::may_be_ecg);
    let wanted = |s: &Signal| volts(s) && (unsure || s.is_ecg(header));
    let ecgs: Vec<&Signal> = ordinary().filter(|s| wanted(s)).collect();
    let count = |samples: usize| ecgs.iter().filter(|s| s.samples == samples).count();
    let Some(common) = ecgs.iter().map(|s| s.samples).max_by_key(|&n| (count(n), n)) else {
        return Err(ReadError::unsupported(
            ID,
            "文件中没有以电压为单位的心电信号",
            "the file holds no ECG signal in volts",
        ));
    };
    let other: Vec<&str> = ordinary().filter(|s| !wanted(s)).map(|s| s.label.as_str()).collect();
    if !other.is_empty() {
        let list = other.join(", ");
        notes.push(Text::of(
            format!("未读取非心电信号：{list}"),
            format!("signals that are no ECG were left out: {list}"),
        ));
    }
    let slower: Vec<&str> = ecgs.iter().filter(|s| s.samples != common).map(|s| s.label.as_str()).collect();
    if !slower.is_empty() {
        let list = slower.join(", ");
        notes.push(Text::of(
            format!("采样率不同的心电信号未读取：{list}"),
            format!("ECG signals of another sampling rate were left out: {list}"),
        ));
    }
    if !sure {
        notes.push(text(
            "信号标签未说明是心电，按电压信号作为心电读取",
            "no label says ECG: the signals in volts were taken for ECGs",
        ));
    }
    Ok(ecgs.into_iter().filter(|s| s.samples == common).collect())
}
