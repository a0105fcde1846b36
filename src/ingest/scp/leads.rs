//! Section 3: which leads, from which sample to which (EN 1064, 5.6; codes of table 5, which are also DICOM's SCPECG
//! codes 5.6.3-9-n).

use super::sections::Sections;
use super::{ID, doubled};
use crate::ingest::{ReadError, ReadOptions};
use crate::signal::LeadName;
use crate::text::Text;
use std::sync::Arc;

/// One lead as section 3 declares it.
pub struct Lead {
    /// Normalised name.
    pub name: LeadName,
    /// −1 where the code is that of an inverted lead.
    pub sign: f32,
    /// First sample, counted from 1.
    pub start: usize,
    /// Last sample.
    pub end: usize,
}

impl Lead {
    /// Number of samples declared.
    pub fn count(&self) -> usize {
        (self.end + 1).saturating_sub(self.start)
    }
}

/// All leads in the file's order.
pub struct Leads {
    /// The leads.
    pub all: Vec<Lead>,
    /// Whether the rhythm data are what is left after subtraction of the reference beat.
    pub subtracted: bool,
    /// What was renamed.
    pub notes: Vec<Text>,
}

impl Leads {
    /// Reads section 3, which every record must have.
    pub fn read(sections: &Sections, options: &ReadOptions) -> Result<Self, ReadError> {
        let mut cursor = sections.cursor(3).ok_or_else(|| {
            ReadError::malformed(ID, "没有导联定义（第 3 段）", "there is no lead definition (section 3)", "section 0")
        })?;
        let count = usize::from(cursor.u8()?);
        let flags = cursor.u8()?;
        options.limits.shape(count, 0)?;
        let mut leads = Self { all: Vec::with_capacity(count), subtracted: flags & 1 != 0, notes: Vec::new() };
        for _ in 0..count {
            // Some makers count from 0 and give the number of samples as the last.
            let start = (cursor.u32_le()? as usize).max(1);
            let end = cursor.u32_le()? as usize;
            let code = cursor.u8()?;
            leads.push(code, start, end)?;
        }
        if leads.all.is_empty() {
            return Err(ReadError::malformed(ID, "导联数为零", "there are no leads", "section 3"));
        }
        let longest = leads.all.iter().map(Lead::count).max().unwrap_or(0);
        options.limits.shape(count, longest)?;
        Ok(leads)
    }

    fn push(&mut self, code: u8, start: usize, end: usize) -> Result<(), ReadError> {
        if end < start {
            return Err(ReadError::malformed(
                ID,
                format!("导联 {code} 的末样本 {end} 在首样本 {start} 之前"),
                format!("lead {code} ends at sample {end}, before its first, {start}"),
                "section 3",
            ));
        }
        let (mut name, sign) = name(code);
        if self.all.iter().any(|l| l.name == name) {
            self.notes.push(doubled(&name));
            name = LeadName::Other(Arc::from(format!("{name} #{}", self.all.len() + 1)));
        }
        self.all.push(Lead { name, sign, start, end });
        Ok(())
    }
}

/// The standard's lead codes that have a name of ours.
const CODES: &[(u8, LeadName)] = &[
    (1, LeadName::I),
    (2, LeadName::II),
    (3, LeadName::V1),
    (4, LeadName::V2),
    (5, LeadName::V3),
    (6, LeadName::V4),
    (7, LeadName::V5),
    (8, LeadName::V6),
    (9, LeadName::V7),
    (11, LeadName::V3R),
    (12, LeadName::V4R),
    (13, LeadName::V5R),
    (14, LeadName::V6R),
    (16, LeadName::X),
    (17, LeadName::Y),
    (18, LeadName::Z),
    (61, LeadName::III),
    (62, LeadName::AvR),
    (63, LeadName::AvL),
    (64, LeadName::AvF),
    (66, LeadName::V8),
    (67, LeadName::V9),
];

/// −aVR, the one inverted lead with a code.
const MINUS_AVR: u8 = 65;

/// Leads without a name of ours, by the standard's own.
const OTHERS: &[(u8, &str)] = &[
    (10, "V2R"),
    (15, "V7R"),
    (19, "CC5"),
    (20, "CM5"),
    (21, "LA"),
    (22, "RA"),
    (23, "LL"),
    (24, "fI"),
    (25, "fE"),
    (26, "fC"),
    (27, "fA"),
    (28, "fM"),
    (29, "fF"),
    (30, "fH"),
    (31, "dI"),
    (32, "dII"),
    (33, "dV1"),
    (34, "dV2"),
    (35, "dV3"),
    (36, "dV4"),
    (37, "dV5"),
    (38, "dV6"),
    (68, "V8R"),
    (69, "V9R"),
    (70, "Nehb D"),
    (71, "Nehb A"),
    (72, "Nehb J"),
    (79, "C"),
    (80, "V"),
    (81, "VR"),
    (82, "VL"),
    (83, "VF"),
    (84, "MCL"),
];

/// The lead of a code; an unknown code keeps its number.
pub fn name(code: u8) -> (LeadName, f32) {
    if code == MINUS_AVR {
        return (LeadName::AvR, -1.0);
    }
    if let Some((_, name)) = CODES.iter().find(|(c, _)| *c == code) {
        return (name.clone(), 1.0);
    }
    let other =
        OTHERS.iter().find(|(c, _)| *c == code).map_or_else(|| format!("SCP {code}"), |(_, n)| (*n).to_string());
    (LeadName::Other(Arc::from(other)), 1.0)
}

/// The code of a lead, if the standard has one.
pub fn code(name: &LeadName) -> Option<u8> {
    match name {
        LeadName::Other(label) => OTHERS
            .iter()
            .find(|(_, n)| *n == label.as_ref())
            .map(|(c, _)| *c)
            .or_else(|| label.strip_prefix("SCP ")?.parse().ok()),
        known => CODES.iter().find(|(_, n)| n == known).map(|(c, _)| *c),
    }
}
