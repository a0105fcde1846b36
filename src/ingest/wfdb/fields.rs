//! The header's lines, token by token, as header(5) names them.

use super::header_text;
use crate::ingest::Source;
use crate::ingest::fields::Fields;
use crate::text::{Text, text};

/// The record line's tokens; time and date, which headers also give in the other order, go by their form.
const RECORD: [Text; 4] = [
    text("记录名", "record name"),
    text("信号数", "number of signals"),
    text("采样频率（计数频率）", "sampling frequency (counter frequency)"),
    text("每信号样本数", "number of samples per signal"),
];

/// The signal line's tokens, after which the description is the rest of the line.
const SIGNAL: [Text; 8] = [
    text("信号文件", "file name"),
    text("存储格式", "format"),
    text("ADC 增益（基线）/单位", "ADC gain (baseline) / units"),
    text("ADC 位数", "ADC resolution"),
    text("ADC 零点", "ADC zero"),
    text("初始值", "initial value"),
    text("校验和", "checksum"),
    text("块大小", "block size"),
];

pub fn fields(source: &Source) -> Fields {
    let mut out = Fields::default();
    let mut segments = None;
    for (n, line) in header_text(source).lines().enumerate() {
        let line = line.trim();
        out.at(format!("line {}", n + 1));
        if let Some(words) = line.strip_prefix('#') {
            out.add("信息", "info string", words.trim());
        } else if line.is_empty() {
        } else if let Some(many) = segments {
            if many { segment(line, &mut out) } else { signal(line, &mut out) }
        } else {
            segments = Some(line.split_whitespace().next().is_some_and(|name| name.contains('/')));
            record(line, &mut out);
        }
    }
    out
}

fn record(line: &str, out: &mut Fields) {
    let mut names = RECORD.into_iter();
    for token in line.split_whitespace() {
        if token.contains(':') {
            out.add("起始时间", "base time", token);
        } else if token.matches(['/', '-']).count() == 2 {
            out.add("起始日期", "base date", token);
        } else if let Some(name) = names.next() {
            out.push(name, token);
        }
    }
}

fn segment(line: &str, out: &mut Fields) {
    let mut tokens = line.split_whitespace();
    out.add("分段记录名", "segment record name", tokens.next().unwrap_or_default());
    out.add("每信号样本数", "number of samples per signal", tokens.next().unwrap_or_default());
}

fn signal(line: &str, out: &mut Fields) {
    let mut rest = line;
    for name in SIGNAL {
        let Some(token) = super::header::field(&mut rest) else { return };
        out.push(name, token);
    }
    if !rest.trim().is_empty() {
        out.add("描述", "description", rest.trim());
    }
}
