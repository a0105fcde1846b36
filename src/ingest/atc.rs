//! `AliveCor` ATC, the recordings of Kardia handhelds: one lead or six.
//!
//! After the mark `ALIVE` and a version come blocks: a name of four letters, the length, the data, and the sum of all
//! these bytes. `info` holds date, recorder and app as fixed fields, `fmt ` sampling rate, nanovolts a unit and flags,
//! `ecg `, `ecg2` … `ecg6` the leads I, II, III, aVR, aVL, aVF as 16-bit samples, `ann ` beat positions. Names and
//! layout as `AliveCor` published them for researchers; that the six are these leads follows from the data, in which
//! Einthoven's and Goldberger's equations hold to the bit. A wrong sum is said in the notes. The codes in `ann ` stay
//! numbers, and unknown blocks stay unread.

use super::fields::{Fields, bytes};
use super::{Cursor, Format, ReadError, ReadOptions, Source, alone, charset};
use crate::signal::{Annotation, Hz, LeadName, Recording};
use crate::text::Text;
use jiff::civil::DateTime;
use ndarray::Array2;

/// Named in errors.
const ID: &str = "atc";
/// First bytes of a file.
const MARK: &[u8] = b"ALIVE\0\0\0";
/// Blocks of the leads, in the leads' order.
const LEADS: [(&[u8; 4], LeadName); 6] = [
    (b"ecg ", LeadName::I),
    (b"ecg2", LeadName::II),
    (b"ecg3", LeadName::III),
    (b"ecg4", LeadName::AvR),
    (b"ecg5", LeadName::AvL),
    (b"ecg6", LeadName::AvF),
];
/// Fields of `info`: model, software and hardware, each of [`FIELD`] bytes.
const MODEL: usize = 116;
const SOFTWARE: usize = 148;
const HARDWARE: usize = 180;
const FIELD: usize = 32;
/// Flags of `fmt `: mains of 60 Hz rather than 50, and the filters that the app applied.
const MAINS_60: u8 = 1 << 1;
const FILTERS: [(u8, &str); 4] =
    [(1 << 2, "mains filter"), (1 << 3, "low-pass"), (1 << 4, "baseline filter"), (1 << 5, "mains notch")];

/// The format's record.
pub static FORMAT: Format = Format {
    id: ID,
    name: Text::new("AliveCor ATC（Kardia 手持心电仪）", "AliveCor ATC (Kardia)"),
    extensions: &["atc"],
    probe: |source| source.bytes().starts_with(MARK),
    read,
    companions: alone,
    fields,
    layout: None,
    write: None,
};

/// A block's name and data.
struct Block<'a> {
    name: &'a [u8],
    data: &'a [u8],
}

fn read(source: &Source, options: &ReadOptions) -> Result<Recording, ReadError> {
    let mut notes = Vec::new();
    let blocks = blocks(source.bytes(), &mut notes)?;
    let block = |name: &[u8]| blocks.iter().find(|b| b.name == name).map(|b| b.data);
    let form = block(b"fmt ").ok_or_else(|| missing("格式块（fmt）", "the format block (fmt)"))?;
    let mut form = Cursor::new(form, ID);
    let kind = form.u8()?;
    let (rate, nanovolts, flags) = (form.u16_le()?, form.u16_le()?, form.u8()?);
    if kind != 1 || rate == 0 || nanovolts == 0 {
        return Err(ReadError::unsupported(
            ID,
            format!("不支持的采样格式（类型 {kind}，{rate} Hz，{nanovolts} nV）"),
            format!("sample format {kind} of {rate} Hz and {nanovolts} nV is not supported"),
        ));
    }
    let leads: Vec<(LeadName, &[u8])> =
        LEADS.iter().filter_map(|(name, lead)| Some((lead.clone(), block(*name)?))).collect();
    let width = leads.iter().map(|(_, data)| data.len() / 2).max().unwrap_or(0);
    if width == 0 {
        return Err(missing("心电数据", "the ECG"));
    }
    options.limits.shape(leads.len(), width)?;
    let scale = f32::from(nanovolts) * 1e-6;
    let mut samples = Array2::from_elem((leads.len(), width), f32::NAN);
    for (mut row, (_, data)) in samples.rows_mut().into_iter().zip(&leads) {
        for (sample, pair) in row.iter_mut().zip(data.chunks_exact(2)) {
            *sample = f32::from(i16::from_le_bytes([pair[0], pair[1]])) * scale;
        }
    }
    let names = leads.into_iter().map(|(lead, _)| lead).collect();
    let mut recording = Recording::new(source.stem(), names, Hz(f64::from(rate)), samples);
    recording.origin.mains = Some(Hz(if flags & MAINS_60 == 0 { 50.0 } else { 60.0 }));
    let filters: Vec<&str> = FILTERS.iter().filter(|(bit, _)| flags & bit != 0).map(|(_, name)| *name).collect();
    recording.origin.filters = (!filters.is_empty()).then(|| filters.join(", "));
    if let Some(info) = block(b"info") {
        describe(&mut recording, info);
    }
    if let Some(marks) = block(b"ann ") {
        recording.annotations = annotations(marks, f64::from(rate), width);
    }
    recording.notes = notes;
    Ok(recording)
}

fn missing(zh: &str, en: &str) -> ReadError {
    ReadError::malformed(ID, format!("缺少{zh}"), format!("{en} is missing"), "block")
}

/// The blocks up to the file's end; what is cut short is left out and said.
fn blocks<'a>(bytes: &'a [u8], notes: &mut Vec<Text>) -> Result<Vec<Block<'a>>, ReadError> {
    let mut cursor = Cursor::new(bytes, ID);
    cursor.take(MARK.len())?;
    cursor.u32_le()?;
    let mut blocks = Vec::new();
    let mut wrong = Vec::new();
    while cursor.remaining() > 0 {
        let start = cursor.position();
        let mut next = || {
            Ok::<_, ReadError>({
                let name = cursor.take(4)?;
                let length = cursor.u32_le()? as usize;
                let data = cursor.take(length)?;
                (name, data, cursor.position(), cursor.u32_le()?)
            })
        };
        let Ok((name, data, end, sum)) = next() else {
            notes.push(Text::new("文件末尾不完整", "the file is cut short"));
            break;
        };
        let whole = bytes.get(start..end).unwrap_or_default();
        if whole.iter().fold(0u32, |sum, byte| sum.wrapping_add(u32::from(*byte))) != sum {
            wrong.push(charset::field(name));
        }
        blocks.push(Block { name, data });
    }
    if !wrong.is_empty() {
        let list = wrong.join(", ");
        notes.push(Text::of(
            format!("数据块 {list} 的校验和不符：数据可能被修改或损坏"),
            format!("wrong checksum of block {list}: the data were altered or damaged"),
        ));
    }
    Ok(blocks)
}

fn describe(recording: &mut Recording, info: &[u8]) {
    let field = |at: usize| info.get(at..at + FIELD).map(charset::field).filter(|f| !f.is_empty());
    recording.start = field(0).and_then(|date| local(&date));
    let device = [Some("AliveCor".to_string()), field(HARDWARE), field(MODEL), field(SOFTWARE)];
    recording.origin.device = Some(device.into_iter().flatten().collect::<Vec<_>>().join(" · "));
}

/// `2016-06-01T18:15:25.777-04:00`, without its offset from UTC: the time on the phone's clock.
fn local(date: &str) -> Option<DateTime> {
    let day = date.find('T')?;
    let end = date.get(day..)?.find(['+', '-', 'Z']).map_or(date.len(), |n| day + n);
    date.get(..end)?.parse().ok()
}

/// `ann `: ticks a second, then position and code of each beat.
fn annotations(data: &[u8], rate: f64, len: usize) -> Vec<Annotation> {
    let mut cursor = Cursor::new(data, ID);
    let Ok(ticks) = cursor.u32_le() else { return Vec::new() };
    let mut marks = Vec::new();
    while let (Ok(at), Ok(code)) = (cursor.u32_le(), cursor.u16_le()) {
        let sample = (f64::from(at) * rate / f64::from(ticks.max(1))).round() as usize;
        if sample < len {
            marks.push(Annotation { sample, code: "?".into(), text: format!("type {code}"), ..Annotation::default() });
        }
    }
    marks
}

/// The fixed fields of `info`: names, where they begin, how long they are.
const INFO: [(&str, &str, usize, usize); 7] = [
    ("记录日期", "date recorded", 0, 32),
    ("记录标识", "recording UUID", 32, 40),
    ("手机标识", "phone UDID", 72, 44),
    ("手机型号", "phone model", MODEL, FIELD),
    ("软件", "recorder software", SOFTWARE, FIELD),
    ("硬件", "recorder hardware", HARDWARE, FIELD),
    ("位置", "location", 212, 52),
];

fn fields(source: &Source) -> Fields {
    let mut out = Fields::default();
    out.add("版本", "version", source.bytes().get(8..12).map(bytes).unwrap_or_default());
    for block in blocks(source.bytes(), &mut Vec::new()).unwrap_or_default() {
        out.at(charset::field(block.name));
        match block.name {
            b"info" => {
                for (zh, en, at, length) in INFO {
                    if let Some(value) = block.data.get(at..at + length).filter(|v| v.iter().any(|b| *b != 0)) {
                        out.add(zh, en, charset::field(value));
                    }
                }
            }
            b"fmt " => {
                let at = |n: usize| block.data.get(n).copied().unwrap_or(0);
                let word = |n: usize| u16::from_le_bytes([at(n), at(n + 1)]);
                out.add("采样格式", "ECG format", at(0));
                out.add("采样率（Hz）", "sample rate (Hz)", word(1));
                out.add("分辨率（nV）", "amplitude resolution (nV)", word(3));
                out.add("标志位", "flags", format!("{:08b}", at(5)));
            }
            _ => out.add("数据", "data", bytes(block.data)),
        }
    }
    out
}
