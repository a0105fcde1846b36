//! Files too long for memory, read window by window.
//!
//! A window of a file is a file: a format says where its samples lie ([`Layout`]) and how a header and some of its blocks
//! make a smaller file of the same kind, which its ordinary reader then reads. Nothing else has to know of windows.
//! Annotations beside such a file are not read.

use super::{FORMATS, Format, ReadError, ReadOptions, Source, complete, recognise};
use crate::signal::Recording;
use crate::text::Text;
use ndarray::{Axis, Slice};
use std::ops::Range;
use std::path::Path;

/// Bytes of a file that hold any header.
const HEAD: u64 = 4 << 20;
/// What is held of a recording for drawing, s.
const HELD_S: f64 = 600.0;

/// Where the samples lie in a file.
#[derive(Clone, Debug)]
pub struct Layout {
    /// The file beside the header that holds them; `None` = the file itself.
    pub file: Option<String>,
    /// Byte of the first block.
    pub data: u64,
    /// Bytes of a block, and samples of each lead in it.
    pub block: (usize, usize),
    /// Blocks that the header announces; `None` = as many as there are.
    pub blocks: Option<usize>,
    /// Leads recorded.
    pub leads: usize,
    /// Samples a second.
    pub rate: f64,
    /// Makes a file of the header and some whole blocks.
    pub join: fn(&Source, usize, Vec<u8>) -> Source,
}

/// A file that is read window by window.
#[derive(Debug)]
pub struct LongFile {
    source: Source,
    format: &'static Format,
    layout: Layout,
    blocks: usize,
    options: ReadOptions,
}

impl std::fmt::Debug for Format {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.id)
    }
}

impl LongFile {
    /// The file at `path`, where it holds more than `least` lead-samples in a format whose windows can be cut; `None` =
    /// to be read as a whole.
    pub fn open(path: &Path, options: &ReadOptions, least: usize) -> Option<Self> {
        let source = Source::beginning(path, HEAD, &options.limits).ok()?;
        let format = recognise(&source)?;
        let layout = (format.layout?)(&source)?;
        let (bytes, samples) = layout.block;
        let there = source.size(layout.file.as_deref())?.checked_sub(layout.data)?;
        let held = usize::try_from(there).ok()?.checked_div(bytes)?;
        let blocks = layout.blocks.map_or(held, |declared| declared.min(held));
        let long = blocks.saturating_mul(samples).saturating_mul(layout.leads) > least;
        long.then(|| Self { source, format, layout, blocks, options: options.clone() })
    }

    /// Samples of each lead.
    pub fn samples(&self) -> usize {
        self.blocks * self.layout.block.1
    }

    /// The recording as its beginning shows it, with its whole length.
    pub fn head(&self) -> Result<Recording, ReadError> {
        let held = ((HELD_S * self.layout.rate) as usize).min(self.samples());
        let mut recording = self.window(0..held)?;
        self.source.stem().clone_into(&mut recording.name);
        recording.length = Some(self.samples());
        recording.origin.format = self.format.id;
        recording.origin.sha256 = self.sha256()?;
        let minutes = HELD_S / 60.0;
        recording.notes.push(Text::of(
            format!("长程记录：全程分析，图中只绘出最初 {minutes} 分钟"),
            format!("a long recording: all of it was analysed, its first {minutes} minutes are drawn"),
        ));
        if self.layout.blocks.is_some_and(|declared| declared > self.blocks) {
            recording.notes.push(Text::new("文件不完整，短于声明的长度", "the file is shorter than declared"));
        }
        Ok(recording)
    }

    /// The samples of this range.
    pub fn window(&self, range: Range<usize>) -> Result<Recording, ReadError> {
        let (bytes, samples) = self.layout.block;
        let first = range.start / samples;
        let last = range.end.div_ceil(samples).min(self.blocks).max(first);
        let from = self.layout.data + first as u64 * bytes as u64;
        let data = self.source.part(self.layout.file.as_deref(), from, (last - first) * bytes)?;
        let window = (self.layout.join)(&self.source, last - first, data);
        let mut recording = (self.format.read)(&window, &self.options)?;
        complete(&mut recording);
        let (skip, held) = (range.start - first * samples, recording.samples.ncols());
        let wanted = skip.min(held)..(skip + range.len()).min(held);
        if wanted != (0..held) {
            recording.samples = recording.samples.slice_axis(Axis(1), Slice::from(wanted)).to_owned();
        }
        Ok(recording)
    }

    /// SHA-256 as [`super::content_sha256`] gives it of the file as a whole.
    pub fn sha256(&self) -> Result<String, ReadError> {
        self.source.digest(&(self.format.companions)(&self.source))
    }
}

/// Formats whose windows can be cut, by name.
pub fn cut_formats() -> impl Iterator<Item = &'static str> {
    FORMATS.iter().filter(|f| f.layout.is_some()).map(|f| f.id)
}
