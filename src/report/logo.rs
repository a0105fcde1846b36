//! A centre's logo: a PNG or JPEG file that the settings name, decoded once, drawn by every output.

use super::page::Colour;
use crate::text::Text;
use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

/// Largest file and largest side that is taken for a logo.
const BYTES: u64 = 2 << 20;
const SIDE: u32 = 4000;
/// Resolutions at which a PDF draws a logo, dots an inch: the first that takes no more than [`AREAS`] rectangles, so that
/// a photograph does not make the page a large file.
const DOTS: [f32; 5] = [300.0, 200.0, 150.0, 100.0, 72.0];
const AREAS: usize = 6000;

/// A picture, decoded; cloning shares it.
#[derive(Clone, PartialEq)]
pub struct Logo {
    /// The file as it was, for outputs that embed it.
    pub file: Arc<Vec<u8>>,
    /// Its media type: `image/png` or `image/jpeg`.
    pub media: &'static str,
    /// Pixels, RGBA, 8 bit each, not premultiplied.
    pub rgba: Arc<Vec<u8>>,
    /// Width, pixels.
    pub width: u32,
    /// Height, pixels.
    pub height: u32,
}

impl std::fmt::Debug for Logo {
    /// Size and a sum of the content: enough to tell one logo from another in the journal's key.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let sum =
            self.file.iter().fold(0xcbf2_9ce4_8422_2325_u64, |h, b| (h ^ u64::from(*b)).wrapping_mul(0x100_0000_01b3));
        write!(f, "Logo {}x{} {sum:016x}", self.width, self.height)
    }
}

impl Logo {
    /// Reads the logo at `path`; what is wrong with it is said.
    pub fn open(path: &Path) -> Result<Self, Text> {
        let shown = path.display();
        let wrong = |zh: &str, en: &str| Text::of(format!("徽标 {shown}：{zh}"), format!("logo {shown}: {en}"));
        let size = std::fs::metadata(path).map_err(|e| {
            let why = crate::ingest::plain(&e);
            wrong(&why.zh, &why.en)
        })?;
        if !size.is_file() || size.len() > BYTES {
            return Err(wrong("不是文件或超过 2 MB", "not a file, or larger than 2 MB"));
        }
        let bytes = std::fs::read(path).map_err(|e| wrong(&e.to_string(), &e.to_string()))?;
        Self::decode(bytes).ok_or_else(|| {
            wrong(
                "不是可用的 PNG 或 JPEG 图像（边长不超过 4000 像素）；其他格式请另存为 PNG",
                "no usable PNG or JPEG picture (sides up to 4000 pixels); save other formats as PNG",
            )
        })
    }

    /// Decodes a PNG or JPEG file.
    pub fn decode(bytes: Vec<u8>) -> Option<Self> {
        if bytes.starts_with(&[0xff, 0xd8, 0xff]) { Self::jpeg(bytes) } else { Self::png(bytes) }
    }

    fn jpeg(bytes: Vec<u8>) -> Option<Self> {
        use zune_jpeg::zune_core::{bytestream::ZCursor, colorspace::ColorSpace, options::DecoderOptions};
        let options = DecoderOptions::default()
            .set_max_width(SIDE as usize)
            .set_max_height(SIDE as usize)
            .set_strict_mode(true)
            .jpeg_set_out_colorspace(ColorSpace::RGB);
        let mut decoder = zune_jpeg::JpegDecoder::new_with_options(ZCursor::new(&bytes), options);
        let pixels = decoder.decode().ok()?;
        let (width, height) = decoder.dimensions()?;
        let (width, height) = (u32::try_from(width).ok()?, u32::try_from(height).ok()?);
        let rgba = pixels.chunks_exact(3).flat_map(|p| [p[0], p[1], p[2], 255]).collect();
        Self::whole(bytes, "image/jpeg", rgba, width, height)
    }

    fn png(bytes: Vec<u8>) -> Option<Self> {
        let limits = png::Limits { bytes: 4 * (SIDE as usize) * (SIDE as usize) };
        let mut decoder = png::Decoder::new_with_limits(std::io::Cursor::new(&bytes), limits);
        decoder.set_transformations(png::Transformations::normalize_to_color8());
        let mut reader = decoder.read_info().ok()?;
        let (width, height) = (reader.info().width, reader.info().height);
        if width == 0 || height == 0 || width > SIDE || height > SIDE {
            return None;
        }
        let mut pixels = vec![0; reader.output_buffer_size()?];
        let frame = reader.next_frame(&mut pixels).ok()?;
        pixels.truncate(frame.buffer_size());
        let rgba = match frame.color_type {
            png::ColorType::Rgba => pixels,
            png::ColorType::Rgb => pixels.chunks_exact(3).flat_map(|p| [p[0], p[1], p[2], 255]).collect(),
            png::ColorType::Grayscale => pixels.iter().flat_map(|&g| [g, g, g, 255]).collect(),
            png::ColorType::GrayscaleAlpha => pixels.chunks_exact(2).flat_map(|p| [p[0], p[0], p[0], p[1]]).collect(),
            png::ColorType::Indexed => return None,
        };
        Self::whole(bytes, "image/png", rgba, width, height)
    }

    /// The logo, where there is a pixel and there are as many as said.
    fn whole(file: Vec<u8>, media: &'static str, rgba: Vec<u8>, width: u32, height: u32) -> Option<Self> {
        let whole = width > 0 && height > 0 && rgba.len() as u64 == 4 * u64::from(width) * u64::from(height);
        whole.then(|| Self { file: Arc::new(file), media, rgba: Arc::new(rgba), width, height })
    }

    /// The picture for a drawing `mm` high.
    pub fn drawn(&self, mm: f32) -> Scaled {
        let at = |dots: f32| self.scaled((mm * dots / 25.4) as u32);
        let fits = |scaled: &Scaled| scaled.areas().iter().map(|(_, cells)| cells.len()).sum::<usize>() <= AREAS;
        DOTS.into_iter().map(at).find(fits).unwrap_or_else(|| at(DOTS[DOTS.len() - 1]))
    }

    /// The picture on white, at most `height` pixels high: each new pixel the mean of those it covers.
    fn scaled(&self, height: u32) -> Scaled {
        let height = height.clamp(1, self.height);
        let width = (u64::from(self.width) * u64::from(height) / u64::from(self.height)).max(1) as u32;
        let span = |n: u32, of: u32, from: u32| {
            let at = |n: u32| (u64::from(n) * u64::from(from) / u64::from(of)) as usize;
            at(n)..at(n + 1).max(at(n) + 1)
        };
        let mut pixels = Vec::with_capacity(width as usize * height as usize);
        for y in 0..height {
            for x in 0..width {
                let (mut sum, mut count) = ([0u32; 3], 0u32);
                for row in span(y, height, self.height) {
                    for column in span(x, width, self.width) {
                        let at = 4 * (row * self.width as usize + column);
                        let Some(&[r, g, b, a]) = self.rgba.get(at..at + 4).and_then(|p| p.first_chunk()) else {
                            continue;
                        };
                        let on_white = |c: u8| (u32::from(c) * u32::from(a) + 255 * (255 - u32::from(a))) / 255;
                        sum = [sum[0] + on_white(r), sum[1] + on_white(g), sum[2] + on_white(b)];
                        count += 1;
                    }
                }
                let mean = sum.map(|s| (s / count.max(1)) as u8);
                pixels.push(Colour(mean[0], mean[1], mean[2]));
            }
        }
        Scaled { width, height, pixels }
    }
}

/// A small opaque picture.
pub struct Scaled {
    /// Width, pixels.
    pub width: u32,
    /// Height, pixels.
    pub height: u32,
    pixels: Vec<Colour>,
}

impl Scaled {
    /// The picture as rectangles `[x, y, width, height]` in pixels by colour, without white; colours are rounded to 32
    /// levels, so that areas of one colour stay whole.
    pub fn areas(&self) -> Vec<(Colour, Vec<[u32; 4]>)> {
        let level = |c: u8| ((u16::from(c) + 4) / 8 * 8).min(255) as u8;
        let mut areas: BTreeMap<(u8, u8, u8), Vec<[u32; 4]>> = BTreeMap::new();
        for (y, row) in self.pixels.chunks(self.width.max(1) as usize).enumerate() {
            let mut x = 0;
            for run in
                row.chunk_by(|a, b| level(a.0) == level(b.0) && level(a.1) == level(b.1) && level(a.2) == level(b.2))
            {
                let [Colour(r, g, b), ..] = run else { continue };
                let (from, across) = (x, run.len() as u32);
                x += across;
                let colour = (level(*r), level(*g), level(*b));
                if colour == (255, 255, 255) {
                    continue;
                }
                let cells = areas.entry(colour).or_default();
                // The same run in the row above grows downwards.
                let above = cells.iter_mut().rev().find(|c| c[0] == from && c[2] == across && c[1] + c[3] == y as u32);
                match above {
                    Some(cell) => cell[3] += 1,
                    None => cells.push([from, y as u32, across, 1]),
                }
            }
        }
        areas.into_iter().map(|((r, g, b), cells)| (Colour(r, g, b), cells)).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::Logo;
    use crate::report::page::Colour;
    use std::sync::Arc;

    #[test]
    fn a_picture_becomes_areas() {
        // Left half red, right half transparent.
        let rgba: Vec<u8> = (0..64).flat_map(|n| if n % 8 < 4 { [200, 0, 0, 255] } else { [0, 0, 0, 0] }).collect();
        let logo = Logo { file: Arc::default(), media: "image/png", rgba: Arc::new(rgba), width: 8, height: 8 };
        assert_eq!(logo.scaled(4).areas(), [(Colour(200, 0, 0), vec![[0, 0, 2, 4]])]);
        assert!(Logo::decode(b"\x89PNG\r\n\x1a\nno picture".to_vec()).is_none());
    }

    /// Every pixel another colour: the drawing is coarser, not larger.
    #[test]
    fn a_photograph_stays_small() {
        let rgba: Vec<u8> =
            (0..400 * 200_u32).flat_map(|n| [(n * 97) as u8, (n * 31 / 7) as u8, (n / 3) as u8, 255]).collect();
        let logo = Logo { file: Arc::default(), media: "image/png", rgba: Arc::new(rgba), width: 400, height: 200 };
        let cells: usize = logo.drawn(9.4).areas().iter().map(|(_, cells)| cells.len()).sum();
        assert!(cells > 1000 && cells <= 6000, "{cells} rectangles");
    }
}
