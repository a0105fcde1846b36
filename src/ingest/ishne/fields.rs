//! The header's fields (Badilini 1998, table 1), those of the annotation file beside it left to `info`'s own lines.

use super::header::MOST_LEADS;
use crate::ingest::fields::Fields;
use crate::ingest::{Cursor, ReadError, Source, charset};

pub fn fields(source: &Source) -> Fields {
    let mut out = Fields::default();
    // Cut short: what was there is listed.
    let _ = list(source.bytes(), &mut out);
    out
}

fn list(bytes: &[u8], out: &mut Fields) -> Result<(), ReadError> {
    let mut c = Cursor::new(bytes, super::ID);
    out.add("标识", "magic number", charset::latin1(c.take(8)?));
    out.add("校验和", "checksum", format!("{:04x}", c.u16_le()?));
    out.add("变长块长度", "Var_length_block_size", c.u32_le()? as i32);
    out.add("样本数", "Sample_Size_ECG", c.u32_le()? as i32);
    let variable = c.u32_le()? as i32;
    out.add("变长块位置", "Offset_var_length_block", variable);
    let data = c.u32_le()? as i32;
    out.add("数据位置", "Offset_ECG_block", data);
    out.add("版本", "File_Version", c.i16_le()?);
    out.add("名", "First_Name", charset::field(c.take(40)?));
    out.add("姓", "Last_Name", charset::field(c.take(40)?));
    out.add("编号", "ID", charset::field(c.take(20)?));
    out.add("性别代码（1 男，2 女）", "Sex (1 male, 2 female)", c.i16_le()?);
    out.add("种族代码", "Race", c.i16_le()?);
    out.add("出生日期", "Birth_Date", triple(&mut c)?);
    out.add("记录日期", "Record_Date", triple(&mut c)?);
    out.add("建档日期", "File_Date", triple(&mut c)?);
    out.add("起始时间", "Start_Time", triple(&mut c)?);
    let count = c.i16_le()?;
    out.add("导联数", "nLeads", count);
    for (zh, en) in [("导联代码", "Lead_Spec"), ("导联质量", "Lead_Qual"), ("分辨率（nV）", "Resolution (nV)")]
    {
        let mut values = Vec::with_capacity(MOST_LEADS);
        for _ in 0..MOST_LEADS {
            values.push(c.i16_le()?.to_string());
        }
        values.truncate(usize::try_from(count).unwrap_or(0).min(MOST_LEADS));
        out.add(zh, en, values.join(" "));
    }
    out.add("起搏器代码", "Pacemaker", c.i16_le()?);
    out.add("记录仪类型", "Recorder", charset::field(c.take(40)?));
    out.add("采样率（Hz）", "Sampling_Rate (Hz)", c.i16_le()?);
    out.add("版权所有者", "Proprietary", charset::field(c.take(80)?));
    out.add("版权", "Copyright", charset::field(c.take(80)?));
    out.add("保留", "Reserved", charset::field(c.take(88)?));
    let (from, to) = (usize::try_from(variable).unwrap_or(0), usize::try_from(data).unwrap_or(0));
    if let Some(words) = bytes.get(from..to).filter(|b| !b.is_empty()) {
        for line in charset::field(words).lines() {
            out.add("变长块", "variable-length block", line);
        }
    }
    Ok(())
}

fn triple(c: &mut Cursor<'_>) -> Result<String, ReadError> {
    let (a, b, d) = (c.i16_le()?, c.i16_le()?, c.i16_le()?);
    Ok(format!("{a} {b} {d}"))
}
