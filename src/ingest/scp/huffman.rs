//! Section 2: Huffman tables, and the decoding of what they code (EN 1064, 5.5 and annex C).
//!
//! A code is a prefix, and after it bits that are the value itself, as a signed number; a code may instead switch to
//! another table. Bits run from the highest of each byte; base codes are stored with their first bit lowest.

use super::ID;
use super::sections::Sections;
use crate::ingest::{Cursor, ReadError};
use crate::text::text;

/// In place of the number of tables: the standard's own table.
const DEFAULT: u16 = 19999;
/// Tables we accept; makers use one to a handful.
const MOST_TABLES: usize = 64;
/// Codes of one table we accept; the default table has 19.
const MOST_CODES: u16 = 4096;
/// Of these, codes longer than [`LOOK`], which are searched one by one.
const MOST_LONG: usize = 256;
/// Bits looked up at once. Ten hold every prefix of the default table.
const LOOK: u32 = 10;

/// The default table's short codes: bits, value, code as it stands in the stream (annex C, table C.1). Two escapes
/// follow them: 1111111110 and eight bits, 1111111111 and sixteen.
pub const SHORT: [(u8, i16, u32); 17] = [
    (1, 0, 0b0),
    (3, 1, 0b100),
    (3, -1, 0b101),
    (4, 2, 0b1100),
    (4, -2, 0b1101),
    (5, 3, 0b1_1100),
    (5, -3, 0b1_1101),
    (6, 4, 0b11_1100),
    (6, -4, 0b11_1101),
    (7, 5, 0b111_1100),
    (7, -5, 0b111_1101),
    (8, 6, 0b1111_1100),
    (8, -6, 0b1111_1101),
    (9, 7, 0b1_1111_1100),
    (9, -7, 0b1_1111_1101),
    (10, 8, 0b11_1111_1100),
    (10, -8, 0b11_1111_1101),
];
/// Prefix of the default table's escape to eight bits.
pub const ESCAPE_8: u32 = 0b11_1111_1110;
/// Prefix of the default table's escape to sixteen bits.
pub const ESCAPE_16: u32 = 0b11_1111_1111;

/// What a code stands for.
#[derive(Clone, Copy)]
enum Meaning {
    Value(i16),
    /// The next bits, as a signed number.
    Bits(u8),
    /// Go on with the table of this index.
    Table(usize),
}

#[derive(Clone, Copy)]
struct Code {
    prefix: u8,
    bits: u32,
    meaning: Meaning,
}

/// What the next [`LOOK`] bits begin with. Small: the whole lookup stays in the fastest cache.
#[derive(Clone, Copy, Default)]
struct Entry {
    /// The value, of the common code that is a value itself; else the code's number, from 1.
    value: i16,
    /// Length of the common code; 0 = another code, or none.
    length: u8,
}

/// One table: all codes, those that the lookup does not hold, and the lookup.
struct Table {
    codes: Vec<Code>,
    long: Vec<Code>,
    look: Vec<Entry>,
}

/// The record's tables; decoding starts with the first.
pub struct Tables(Vec<Table>);

impl Tables {
    /// Reads section 2; `None` = the samples are not Huffman coded.
    pub fn read(sections: &Sections) -> Result<Option<Self>, ReadError> {
        let Some(mut cursor) = sections.cursor(2) else { return Ok(None) };
        match cursor.u16_le()? {
            DEFAULT => Ok(Some(Self::standard())),
            0 => Ok(None),
            count => Ok(Some(Self::own(&mut cursor, usize::from(count))?)),
        }
    }

    /// The table of annex C.
    pub fn standard() -> Self {
        let short = SHORT.iter().map(|&(prefix, value, bits)| Code { prefix, bits, meaning: Meaning::Value(value) });
        let escapes = [(ESCAPE_8, 8), (ESCAPE_16, 16)];
        let escapes = escapes.iter().map(|&(bits, more)| Code { prefix: 10, bits, meaning: Meaning::Bits(more) });
        Self(vec![Table::new(short.chain(escapes).collect())])
    }

    fn own(cursor: &mut Cursor, count: usize) -> Result<Self, ReadError> {
        if count > MOST_TABLES {
            return Err(ReadError::Limit {
                what: text("霍夫曼表的数量", "number of Huffman tables"),
                max: MOST_TABLES as u64,
            });
        }
        let mut tables = Vec::with_capacity(count);
        for _ in 0..count {
            let structures = cursor.u16_le()?;
            let most =
                |max: u64| ReadError::Limit { what: text("霍夫曼表的码数", "codes of a Huffman table"), max };
            if structures > MOST_CODES {
                return Err(most(MOST_CODES.into()));
            }
            let codes = (0..structures).map(|_| code(cursor, count)).collect::<Result<Vec<_>, _>>()?;
            if codes.iter().filter(|c| u32::from(c.prefix) > LOOK).count() > MOST_LONG {
                return Err(most(MOST_LONG as u64));
            }
            tables.push(Table::new(codes));
        }
        Ok(Self(tables))
    }

    /// Decodes until `most` values are there or the bits are used up.
    pub fn decode(&self, bytes: &[u8], most: usize) -> Result<Vec<i32>, ReadError> {
        // No code is shorter than one bit.
        let mut values = Vec::with_capacity(most.min(bytes.len().saturating_mul(8)));
        let mut bits = Bits { bytes, at: 0, held: 0, count: 0 };
        let Some(mut table) = self.0.first() else { return Ok(values) };
        while values.len() < most {
            bits.fill();
            let entry = table.look.get((bits.held >> (64 - LOOK)) as usize).copied().unwrap_or_default();
            if entry.length > 0 && u32::from(entry.length) <= bits.count {
                bits.skip(entry.length);
                values.push(i32::from(entry.value));
                continue;
            }
            let Some(code) = table.find(entry, bits.held).filter(|c| u32::from(c.prefix) <= bits.count) else {
                // What is left pads the last byte, or no code fits.
                if bits.count >= 8 + LOOK {
                    return Err(no_code(bits.at));
                }
                break;
            };
            bits.skip(code.prefix);
            match code.meaning {
                Meaning::Value(value) => values.push(i32::from(value)),
                Meaning::Bits(more) => match bits.signed(more) {
                    Some(value) => values.push(value),
                    None => break,
                },
                Meaning::Table(index) => {
                    table = self.0.get(index).ok_or_else(|| no_code(bits.at))?;
                }
            }
        }
        Ok(values)
    }
}

/// One code structure of nine bytes.
fn code(cursor: &mut Cursor, tables: usize) -> Result<Code, ReadError> {
    let (prefix, total, mode) = (cursor.u8()?, cursor.u8()?, cursor.u8()?);
    let (base, reversed) = (cursor.i16_le()?, cursor.u32_le()?);
    let wrong = || {
        ReadError::malformed(
            ID,
            format!("霍夫曼码无效（前缀 {prefix} 位，全长 {total} 位）"),
            format!("impossible Huffman code (prefix {prefix} bits, {total} in all)"),
            "section 2",
        )
    };
    let more = total.checked_sub(prefix).filter(|m| *m <= 32).ok_or_else(wrong)?;
    if !(1..=32).contains(&prefix) {
        return Err(wrong());
    }
    let meaning = match (mode, more) {
        (0, _) => {
            let index = usize::try_from(base).ok().and_then(|n| n.checked_sub(1)).filter(|i| *i < tables);
            Meaning::Table(index.ok_or_else(wrong)?)
        }
        (_, 0) => Meaning::Value(base),
        (_, more) => Meaning::Bits(more),
    };
    Ok(Code { prefix, bits: reversed.reverse_bits() >> (32 - u32::from(prefix)), meaning })
}

impl Table {
    fn new(codes: Vec<Code>) -> Self {
        let mut look = vec![None; 1 << LOOK];
        for (number, code) in (1..=i16::MAX).zip(&codes).filter(|(_, c)| u32::from(c.prefix) <= LOOK) {
            let free = LOOK - u32::from(code.prefix);
            let from = (code.bits << free) as usize;
            let entry = match code.meaning {
                Meaning::Value(value) => Entry { value, length: code.prefix },
                _ => Entry { value: number, length: 0 },
            };
            for slot in look.iter_mut().skip(from).take(1 << free) {
                // Of codes that contradict each other the first counts, here and in `find`.
                slot.get_or_insert(entry);
            }
        }
        let long = codes.iter().filter(|c| u32::from(c.prefix) > LOOK).copied().collect();
        Self { codes, long, look: look.into_iter().map(Option::unwrap_or_default).collect() }
    }

    /// The first code that the bits begin with, of which the lookup says what it knows.
    fn find(&self, entry: Entry, held: u64) -> Option<Code> {
        if entry.length == 0 && entry.value > 0 {
            return self.codes.get(entry.value as usize - 1).copied();
        }
        self.long.iter().find(|c| held >> (64 - u32::from(c.prefix)) == u64::from(c.bits)).copied()
    }
}

fn no_code(at: usize) -> ReadError {
    ReadError::malformed(
        ID,
        "数据中有霍夫曼表之外的码",
        "a code that no Huffman table has",
        format!("section 6, byte {at} of a lead"),
    )
}

/// Bits from the highest down; `held`'s upper `count` bits are the next ones.
struct Bits<'a> {
    bytes: &'a [u8],
    at: usize,
    held: u64,
    count: u32,
}

impl Bits<'_> {
    /// Holds at least 56 bits, or all there are.
    #[inline]
    fn fill(&mut self) {
        if self.count >= 32 {
            return;
        }
        if let Some(word) = self.bytes.get(self.at..).and_then(<[u8]>::first_chunk::<8>) {
            self.held |= u64::from_be_bytes(*word) >> self.count;
            let taken = (63 - self.count) / 8;
            self.at += taken as usize;
            self.count += taken * 8;
            // The word may have left bits of a byte not counted: they are read again.
            self.held &= u64::MAX << (64 - self.count);
            return;
        }
        while self.count <= 56
            && let Some(byte) = self.bytes.get(self.at)
        {
            self.held |= u64::from(*byte) << (56 - self.count);
            self.at += 1;
            self.count += 8;
        }
    }

    #[inline]
    fn skip(&mut self, n: u8) {
        self.held <<= u32::from(n);
        self.count -= u32::from(n);
    }

    /// The next `n` (1 … 32) bits as a signed number.
    #[inline]
    fn signed(&mut self, n: u8) -> Option<i32> {
        self.fill();
        if u32::from(n) > self.count {
            return None;
        }
        let value = (self.held as i64 >> (64 - u32::from(n))) as i32;
        self.skip(n);
        Some(value)
    }
}
