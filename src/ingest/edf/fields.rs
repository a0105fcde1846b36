//! The header's fields as they are written (EDF specification, "header record").

use super::annotations::tracks;
use super::header::Header;
use crate::ingest::fields::{Fields, bytes};
use crate::ingest::{Cursor, Source, charset};
use crate::text::{Text, text};

/// The file's fields and their widths.
const FILE: [(Text, usize); 10] = [
    (text("版本", "version of this data format"), 8),
    (text("患者信息", "local patient identification"), 80),
    (text("记录信息", "local recording identification"), 80),
    (text("起始日期", "startdate of recording"), 8),
    (text("起始时间", "starttime of recording"), 8),
    (text("文件头字节数", "number of bytes in header record"), 8),
    (text("保留", "reserved"), 44),
    (text("数据记录数", "number of data records"), 8),
    (text("数据记录时长（s）", "duration of a data record, in seconds"), 8),
    (text("信号数", "number of signals in data record"), 4),
];

/// The signals' fields and their widths; each comes for all signals before the next.
const SIGNAL: [(Text, usize); 10] = [
    (text("标签", "label"), 16),
    (text("传感器类型", "transducer type"), 80),
    (text("物理单位", "physical dimension"), 8),
    (text("物理最小值", "physical minimum"), 8),
    (text("物理最大值", "physical maximum"), 8),
    (text("数字最小值", "digital minimum"), 8),
    (text("数字最大值", "digital maximum"), 8),
    (text("预滤波", "prefiltering"), 80),
    (text("每记录样本数", "number of samples in each data record"), 8),
    (text("保留", "reserved"), 32),
];

pub fn fields(source: &Source) -> Fields {
    let mut out = Fields::default();
    let mut cursor = Cursor::new(source.bytes(), super::ID);
    let mut signals = 0;
    for (name, width) in FILE {
        let Ok(value) = cursor.take(width) else { return out };
        let words = charset::field(value);
        signals = words.parse().unwrap_or(0);
        // BDF's version begins with the byte 255.
        let shown = if value.first() == Some(&0xff) { bytes(value) } else { words };
        out.push(name, &shown);
    }
    let Some(head) = source.bytes().get(cursor.position()..) else { return out };
    for signal in 0..signals.min(head.len() / 256) {
        out.at(format!("signal {}", signal + 1));
        let mut column = 0;
        for (name, width) in SIGNAL {
            let value = head.get(column + signal * width..).and_then(|b| b.get(..width)).unwrap_or_default();
            out.push(name, &charset::field(value));
            column += signals * width;
        }
    }
    annotations(source.bytes(), &mut out);
    out
}

/// The texts of the annotation signals, of a header that is sound.
fn annotations(bytes: &[u8], out: &mut Fields) {
    let Ok(header) = Header::read(bytes) else { return };
    let data = bytes.get(header.data..).unwrap_or_default();
    let records = data.len().checked_div(header.record_bytes()).unwrap_or(0);
    for (n, list) in tracks(&header, data, records).lists.iter().enumerate() {
        out.at(format!("annotation {}", n + 1));
        out.add("起点（s）", "onset (s)", list.onset);
        for words in &list.texts {
            out.add("文字", "text", words);
        }
    }
}
