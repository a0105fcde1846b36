//! The record's sections, field by field (EN 1064, 5.2 to 5.14). Section 9, which has no public layout, is shown by its
//! length, its first bytes and the words in it; so are sections beyond 11.

use super::findings::FIELDS;
use super::leads;
use super::sections::Sections;
use super::texts::Charset;
use super::{ID, header};
use crate::ingest::fields::{Fields, bytes};
use crate::ingest::{Cursor, ReadError, Source};
use crate::text::{Text, text};

/// Beats and code structures that are listed one by one.
const MOST_ROWS: u16 = 200;

pub fn fields(source: &Source) -> Fields {
    let mut out = Fields::default();
    let Ok(sections) = Sections::find(source.bytes()) else { return out };
    let mut record = Cursor::new(source.bytes(), ID);
    if let (Ok(sum), Ok(length)) = (record.u16_le(), record.u32_le()) {
        out.add("校验和（CRC）", "CRC", format!("{sum:04x}"));
        out.add("记录长度（字节）", "record length (bytes)", length);
    }
    let charset = header::read(&sections, &mut Vec::new()).charset;
    for (id, length) in sections.listed() {
        out.at(format!("section {id}"));
        out.add("长度（字节）", "length (bytes)", length);
        if let Some(mut head) = sections.head(id) {
            // Cut short: what was there is listed.
            let _ = section_head(&mut head, &mut out);
        }
        if let Some(body) = sections.cursor(id) {
            let _ = section(id, body, charset, &sections, &mut out);
        }
    }
    out
}

fn section_head(c: &mut Cursor, out: &mut Fields) -> Result<(), ReadError> {
    out.add("段校验和", "section CRC", format!("{:04x}", c.u16_le()?));
    out.add("段标识", "section ID", c.u16_le()?);
    c.u32_le()?;
    out.add("段版本", "section version", c.u8()?);
    out.add("协议版本", "protocol version", c.u8()?);
    Ok(())
}

fn section(id: u16, mut c: Cursor, charset: Charset, sections: &Sections, out: &mut Fields) -> Result<(), ReadError> {
    match id {
        1 => {
            for tag in header::tags(c, &mut Vec::new()) {
                out.push(tag_name(tag.id), &tag_value(tag.id, tag.value, charset));
            }
        }
        2 => tables(&mut c, out)?,
        3 => lead_list(&mut c, out)?,
        4 => beats(&mut c, out)?,
        5 | 6 => series(&mut c, sections, out)?,
        7 => global(&mut c, out)?,
        8 | 11 => statements(&mut c, id == 11, charset, out)?,
        10 => per_lead(&mut c, out)?,
        _ => out.add("内容", "content", bytes(c.take(c.remaining())?)),
    }
    Ok(())
}

/// Section 1's tags (5.4.3.1), by number.
const TAGS: [Text; 36] = [
    text("姓", "last name"),
    text("名", "first name"),
    text("患者编号", "patient ID"),
    text("第二姓", "second last name"),
    text("年龄", "age"),
    text("出生日期", "date of birth"),
    text("身高", "height"),
    text("体重", "weight"),
    text("性别（1 男，2 女）", "sex (1 male, 2 female)"),
    text("种族", "race"),
    text("用药", "drugs"),
    text("收缩压（mmHg）", "systolic blood pressure (mmHg)"),
    text("舒张压（mmHg）", "diastolic blood pressure (mmHg)"),
    text("诊断或检查指征", "diagnosis or referral indication"),
    text("采集设备", "acquiring device identification"),
    text("分析设备", "analysing device identification"),
    text("采集机构", "acquiring institution"),
    text("分析机构", "analysing institution"),
    text("采集科室", "acquiring department"),
    text("分析科室", "analysing department"),
    text("申请医师", "referring physician"),
    text("最近确认医师", "latest confirming physician"),
    text("技师", "technician"),
    text("房间", "room"),
    text("急诊级别", "stat code"),
    text("采集日期", "date of acquisition"),
    text("采集时间", "time of acquisition"),
    text("基线滤波（0.01 Hz）", "baseline filter (0.01 Hz)"),
    text("低通滤波（Hz）", "low-pass filter (Hz)"),
    text("其他滤波", "filter bit map"),
    text("自由文本", "free text"),
    text("心电图序号", "ECG sequence number"),
    text("病史诊断代码", "history diagnostic codes"),
    text("电极配置代码", "electrode configuration code"),
    text("时区", "date time zone"),
    text("病史", "medical history"),
];

fn tag_name(id: u8) -> Text {
    let known = TAGS.get(usize::from(id)).cloned();
    known.unwrap_or_else(|| Text::of(format!("标签 {id}"), format!("tag {id}")))
}

fn tag_value(id: u8, value: &[u8], charset: Charset) -> String {
    let words = |v: &[u8]| charset.text(v).unwrap_or_default();
    match (id, value) {
        (5 | 25, [low, high, month, day]) => format!("{:04}-{month:02}-{day:02}", u16::from_le_bytes([*low, *high])),
        (26, [hour, minute, second]) => format!("{hour:02}:{minute:02}:{second:02}"),
        (4, [low, high, unit]) => with_unit(&["", "y", "mo", "wk", "d", "h"], *low, *high, *unit),
        (6, [low, high, unit]) => with_unit(&["", "cm", "in", "mm"], *low, *high, *unit),
        (7, [low, high, unit]) => with_unit(&["", "kg", "g", "lb", "oz"], *low, *high, *unit),
        (11 | 12 | 27 | 28, [low, high]) => u16::from_le_bytes([*low, *high]).to_string(),
        (8 | 9 | 24 | 29, [code]) => code.to_string(),
        (14 | 15, machine) => machine_id(machine, charset),
        (10, [_, _, _, name @ ..]) => words(name),
        (32..=34, value) => bytes(value),
        (_, value) => words(value),
    }
}

fn with_unit(units: &[&str], low: u8, high: u8, unit: u8) -> String {
    let unit = units.get(usize::from(unit)).copied().unwrap_or("?");
    format!("{} {unit}", u16::from_le_bytes([low, high]))
}

/// Tag 14 (5.4.5): numbers, codes, then strings.
fn machine_id(machine: &[u8], charset: Charset) -> String {
    let byte = |at: usize| machine.get(at).copied().unwrap_or(0);
    let word = |at: usize| u16::from_le_bytes([byte(at), byte(at + 1)]);
    let model = machine.get(8..14).and_then(|m| charset.text(m)).unwrap_or_default();
    let strings = machine.get(36..).unwrap_or_default().split(|b| *b == 0).filter_map(|s| charset.text(s));
    format!(
        "institution {}, department {}, device {}, type {}, manufacturer {}, model “{model}”, protocol {}, \
         compatibility {}, language {:02x}h, capabilities {:02x}h, mains {}; {}",
        word(0),
        word(2),
        word(4),
        byte(6),
        byte(7),
        byte(14),
        byte(15),
        byte(16),
        byte(17),
        byte(18),
        strings.collect::<Vec<_>>().join(" | ")
    )
}

fn tables(c: &mut Cursor, out: &mut Fields) -> Result<(), ReadError> {
    let count = c.u16_le()?;
    out.add("霍夫曼表数（19999 = 标准表）", "Huffman tables (19999 = the default)", count);
    let count = if count == 19999 { 0 } else { count.min(MOST_ROWS) };
    for table in 1..=count {
        let structures = c.u16_le()?;
        out.named(format!("table {table}"), format!("{structures} codes"));
        for _ in 0..structures {
            let (prefix, total, mode) = (c.u8()?, c.u8()?, c.u8()?);
            let (base, code) = (c.i16_le()?, c.u32_le()?);
            out.named("code", format!("prefix {prefix}, bits {total}, mode {mode}, base {base}, code {code:x}h"));
        }
    }
    Ok(())
}

fn lead_list(c: &mut Cursor, out: &mut Fields) -> Result<(), ReadError> {
    let count = c.u8()?;
    let flags = c.u8()?;
    out.add("导联数", "number of leads", count);
    out.add(
        "标志（位 0 已减参考心搏，位 2 同步采集）",
        "flags (bit 0 reference beat subtracted, bit 2 all simultaneous)",
        format!("{flags:08b}"),
    );
    for _ in 0..count {
        let (start, end, code) = (c.u32_le()?, c.u32_le()?, c.u8()?);
        let (name, sign) = leads::name(code);
        let sign = if sign < 0.0 { "−" } else { "" };
        out.add("导联", "lead", format!("{sign}{name} (code {code}), samples {start} … {end}"));
    }
    Ok(())
}

fn beats(c: &mut Cursor, out: &mut Fields) -> Result<(), ReadError> {
    out.add("参考心搏长度（ms）", "length of the reference beat (ms)", c.u16_le()?);
    out.add("参考心搏基准点（样本）", "fiducial sample of the reference beat", c.u16_le()?);
    let count = c.u16_le()?;
    out.add("QRS 数", "number of QRS complexes", count);
    for _ in 0..count {
        let (kind, start, fiducial, end) = (c.u16_le()?, c.u32_le()?, c.u32_le()?, c.u32_le()?);
        out.named("QRS", format!("type {kind}, subtracted {start} … {end}, fiducial {fiducial}"));
    }
    for _ in 0..count.min((c.remaining() / 8) as u16) {
        out.add("保护区", "protected area", format!("{} … {}", c.u32_le()?, c.u32_le()?));
    }
    Ok(())
}

fn series(c: &mut Cursor, sections: &Sections, out: &mut Fields) -> Result<(), ReadError> {
    out.add("幅值单位（nV）", "amplitude multiplier (nV)", c.u16_le()?);
    out.add("采样间隔（µs）", "sample time interval (µs)", c.u16_le()?);
    out.add("差分阶数", "encoding (order of differences)", c.u8()?);
    out.add("压缩标志", "compression flag", c.u8()?);
    let leads = sections.cursor(3).and_then(|mut c| c.u8().ok()).unwrap_or(0);
    let lengths = (0..leads).map(|_| Ok(c.u16_le()?.to_string())).collect::<Result<Vec<_>, ReadError>>()?;
    out.add("各导联字节数", "bytes of each lead", lengths.join(" "));
    Ok(())
}

fn global(c: &mut Cursor, out: &mut Fields) -> Result<(), ReadError> {
    let (beats, spikes) = (c.u8()?, c.u8()?);
    out.add("测量的心搏（类型）数", "number of reference beat types or beats measured", beats);
    out.add("起搏脉冲数", "number of pacemaker spikes", spikes);
    out.add("平均 RR 间期（ms）", "average RR interval (ms)", c.u16_le()?);
    out.add("平均 PP 间期（ms）", "average PP interval (ms)", c.u16_le()?);
    for beat in 1..=beats {
        let mut bounds = Vec::new();
        for name in ["P onset", "P end", "QRS onset", "QRS end", "T end"] {
            bounds.push(format!("{name} {}", c.u16_le()?));
        }
        for name in ["P axis", "QRS axis", "T axis"] {
            bounds.push(format!("{name} {}", c.i16_le()?));
        }
        out.named(format!("beat {beat}"), bounds.join(", "));
    }
    for _ in 0..spikes {
        out.add("起搏脉冲", "pacemaker spike", format!("{} ms, {} µV", c.u16_le()?, c.i16_le()?));
    }
    for _ in 0..spikes {
        let (kind, source, trigger, width) = (c.u8()?, c.u8()?, c.u16_le()?, c.u16_le()?);
        out.add(
            "起搏脉冲信息",
            "pacemaker spike information",
            format!("type {kind}, source {source}, triggers QRS {trigger}, width {width} µs"),
        );
    }
    let complexes = c.u16_le()?;
    out.add("分型的 QRS 数", "number of QRS complexes classified", complexes);
    let kinds: Vec<String> = c.take(usize::from(complexes))?.iter().map(u8::to_string).collect();
    out.add("QRS 类型", "QRS types", kinds.join(" "));
    out.add("心室率", "ventricular rate", c.u16_le()?);
    out.add("心房率", "atrial rate", c.u16_le()?);
    out.add("QTc（ms）", "QTc (ms)", c.u16_le()?);
    out.add("心率校正公式（1 Bazett，2 Hodges）", "heart-rate formula (1 Bazett, 2 Hodges)", c.u8()?);
    let tagged = c.u16_le()?;
    out.add("附加测量", "tagged fields", bytes(c.take(usize::from(tagged).min(c.remaining()))?));
    Ok(())
}

fn per_lead(c: &mut Cursor, out: &mut Fields) -> Result<(), ReadError> {
    let count = c.u16_le()?;
    out.add("导联数", "number of leads", count);
    out.add("厂商标识", "manufacturer specific", c.u16_le()?);
    for _ in 0..count {
        let (code, length) = (c.u16_le()?, c.u16_le()?);
        let lead = u8::try_from(code).map_or_else(|_| code.to_string(), |code| leads::name(code).0.to_string());
        let pairs = c.take(usize::from(length))?.as_chunks::<2>().0;
        for (n, pair) in pairs.iter().enumerate() {
            // 29999 not computed, 29998 lead rejected, 19999 wave absent.
            let name = FIELDS.get(n).map_or_else(|| format!("field {}", n + 1), |(name, _)| raw_name(name));
            out.named(format!("{lead} {name}"), i16::from_le_bytes(*pair));
        }
    }
    Ok(())
}

/// The name of a field of section 10 with the unit it is stored in: amplitudes are microvolts there.
fn raw_name(name: &str) -> String {
    name.strip_suffix("_mv").map_or_else(|| name.to_string(), |stem| format!("{stem}_uv"))
}

fn statements(c: &mut Cursor, typed: bool, charset: Charset, out: &mut Fields) -> Result<(), ReadError> {
    out.add("确认状态（0 原始，1 已确认，2 已复读）", "confirmed (0 original, 1 confirmed, 2 overread)", c.u8()?);
    let (year, month, day) = (c.u16_le()?, c.u8()?, c.u8()?);
    out.add("日期", "date", format!("{year:04}-{month:02}-{day:02}"));
    out.add("时间", "time", format!("{:02}:{:02}:{:02}", c.u8()?, c.u8()?, c.u8()?));
    let count = c.u8()?;
    out.add("语句数", "number of statements", count);
    for _ in 0..count {
        let number = c.u8()?;
        let length = usize::from(c.u16_le()?);
        let value = c.take(length)?;
        let (kind, value) = match value.split_first() {
            Some((kind, rest)) if typed => (format!(", type {kind}"), rest),
            _ => (String::new(), value),
        };
        let strings: Vec<String> = value.split(|b| *b == 0).filter_map(|s| charset.text(s)).collect();
        out.named(format!("statement {number}{kind}"), strings.join(" | "));
    }
    Ok(())
}
