//! The definitions in the file's order, by the names of MFER Part 1.

use super::definitions::{Head, Reader, tag};
use crate::ingest::fields::{Fields, bytes};
use crate::ingest::{Limits, Source};
use crate::text::{Text, text};

/// Nesting that is followed.
const MOST_NESTED: usize = 4;

/// How a value is written.
enum Kind {
    Number,
    Words,
    /// A unit code, an exponent of ten, a mantissa.
    Scaled,
    Bytes,
}

fn known(tag: u8) -> (Text, Kind) {
    let (zh, en, kind) = match tag {
        tag::BYTE_ORDER => ("字节序（0 大端，1 小端）", "MWF_BLE byte order (0 big, 1 little)", Kind::Number),
        tag::VERSION => ("版本", "MWF_VER version", Kind::Bytes),
        tag::CHARACTERS => ("字符集", "MWF_TXC character code", Kind::Bytes),
        tag::BLOCK => ("数据块长度", "MWF_BLK block length", Kind::Number),
        tag::CHANNELS => ("通道数", "MWF_CHN number of channels", Kind::Number),
        tag::SEQUENCES => ("序列数", "MWF_SEQ number of sequences", Kind::Number),
        0x07 => ("文件指针", "MWF_PNT file pointer", Kind::Bytes),
        tag::WAVEFORM => ("波形类型", "MWF_WFM waveform class", Kind::Number),
        tag::LEAD => ("导联代码", "MWF_LDN lead", Kind::Bytes),
        tag::TYPE => ("数据类型", "MWF_DTP data type", Kind::Number),
        tag::INTERVAL => ("采样间隔", "MWF_IVL sampling interval", Kind::Scaled),
        tag::RESOLUTION => ("采样分辨率", "MWF_SEN sampling resolution", Kind::Scaled),
        tag::OFFSET => ("偏移", "MWF_OFF offset", Kind::Bytes),
        tag::COMPRESSION => ("压缩代码", "MWF_CMP compression code", Kind::Bytes),
        0x0F => ("信息压缩", "MWF_IPD interpolation", Kind::Bytes),
        tag::FILTER => ("滤波", "MWF_FLT filter", Kind::Words),
        tag::MISSING => ("缺失值", "MWF_NUL null value", Kind::Bytes),
        0x15 => ("信息", "MWF_INF information", Kind::Words),
        0x16 => ("注释", "MWF_NTE comment", Kind::Words),
        tag::MAKER => ("厂商与机型", "MWF_MAN maker and model", Kind::Words),
        tag::DATA => ("波形数据", "MWF_WAV waveform data", Kind::Bytes),
        tag::PREAMBLE => ("前导", "MWF_PRE preamble", Kind::Words),
        tag::EVENT => ("事件", "MWF_EVT event", Kind::Bytes),
        0x42 => ("数值", "MWF_VAL value", Kind::Bytes),
        0x44 => ("条件", "MWF_CND condition", Kind::Bytes),
        tag::SET => ("定义组", "MWF_SET group", Kind::Bytes),
        tag::NAME => ("姓名", "MWF_PNM patient name", Kind::Words),
        tag::PATIENT => ("患者编号", "MWF_PID patient ID", Kind::Words),
        tag::AGE => ("年龄与出生日期", "MWF_AGE age", Kind::Bytes),
        tag::SEX => ("性别（1 男，2 女）", "MWF_SEX sex (1 male, 2 female)", Kind::Number),
        tag::START => ("测量时间", "MWF_TIM measurement time", Kind::Bytes),
        0x86 => ("消息", "MWF_MSS message", Kind::Words),
        0x87 => ("标识（UID）", "MWF_UID object identifier", Kind::Words),
        other => return (Text::of(format!("标签 {other:02X}h"), format!("tag {other:02X}h")), Kind::Bytes),
    };
    (text(zh, en), kind)
}

pub fn fields(source: &Source) -> Fields {
    let mut out = Fields::default();
    let limits = Limits::default();
    let mut reader = Reader::new(&limits);
    walk(source.bytes(), &mut reader, &mut out, 0);
    out
}

fn walk(data: &[u8], reader: &mut Reader, out: &mut Fields, depth: usize) {
    let mut at = 0;
    while let Some(head) = Head::read(data, at) {
        if head.tag == tag::ZERO {
            at = head.value;
            continue;
        }
        if head.tag == tag::END {
            return;
        }
        let rest = data.get(head.value..).unwrap_or_default();
        let open = || rest.windows(2).position(|w| w == [0, 0]).unwrap_or(rest.len());
        let length = head.length.unwrap_or_else(open).min(rest.len());
        let value = rest.get(..length).unwrap_or_default();
        if matches!(head.tag, tag::CHANNEL | tag::SET) && depth < MOST_NESTED {
            out.at(if head.tag == tag::CHANNEL { format!("channel {}", head.channel + 1) } else { "set".into() });
            walk(value, reader, out, depth + 1);
            out.at("");
        } else {
            let (name, kind) = known(head.tag);
            reader.learn(head.tag, value);
            out.push(name, &shown(&kind, value, reader));
        }
        at = head.value + length;
    }
}

fn shown(kind: &Kind, value: &[u8], reader: &Reader) -> String {
    match (kind, value) {
        (_, []) => String::new(),
        (Kind::Number, _) if value.len() <= 8 => reader.unsigned(value).to_string(),
        (Kind::Words, _) => reader.text(value),
        (Kind::Scaled, [unit, exponent, mantissa @ ..]) if (1..=8).contains(&mantissa.len()) => {
            format!("{} × 10^{} (unit {unit})", reader.signed(mantissa), i8::from_le_bytes([*exponent]))
        }
        _ => bytes(value),
    }
}
