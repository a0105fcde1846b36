//! The PDF is measured in the file itself, by an inflater and a reader of the test's own.
#![allow(clippy::too_many_lines, clippy::items_after_statements)] // RFC 1951 in one place
use crate::report::report;
use einthoven::report::{Settings, render};
use einthoven::text::Lang;

/// What a deflate stream (RFC 1951) within a zlib wrapper (RFC 1950) holds: an inflater of the test's own, so that the
/// PDF is measured without the library that wrote it.
fn inflate(zlib: &[u8]) -> Option<Vec<u8>> {
    let data = zlib.get(2..)?;
    let mut at = 0_usize;
    let mut bits = |n: usize| -> Option<usize> {
        let mut value = 0;
        for i in 0..n {
            value |= usize::from(data.get(at / 8)? >> (at % 8) & 1) << i;
            at += 1;
        }
        Some(value)
    };
    /// Number of codes of each length, and the symbols in order of their codes.
    fn table(lengths: &[usize]) -> ([usize; 16], Vec<usize>) {
        let mut count = [0; 16];
        for length in lengths {
            count[*length] += 1;
        }
        count[0] = 0;
        let mut symbols: Vec<usize> = (0..lengths.len()).filter(|s| lengths[*s] > 0).collect();
        symbols.sort_by_key(|s| (lengths[*s], *s));
        (count, symbols)
    }
    fn symbol(
        bits: &mut dyn FnMut(usize) -> Option<usize>,
        (count, symbols): &([usize; 16], Vec<usize>),
    ) -> Option<usize> {
        let (mut code, mut first, mut index) = (0, 0, 0);
        for count in &count[1..] {
            code |= bits(1)?;
            if code < first + count {
                return symbols.get(index + code - first).copied();
            }
            index += count;
            first = (first + count) << 1;
            code <<= 1;
        }
        None
    }
    const LENGTH: [(usize, usize); 29] = [
        (3, 0),
        (4, 0),
        (5, 0),
        (6, 0),
        (7, 0),
        (8, 0),
        (9, 0),
        (10, 0),
        (11, 1),
        (13, 1),
        (15, 1),
        (17, 1),
        (19, 2),
        (23, 2),
        (27, 2),
        (31, 2),
        (35, 3),
        (43, 3),
        (51, 3),
        (59, 3),
        (67, 4),
        (83, 4),
        (99, 4),
        (115, 4),
        (131, 5),
        (163, 5),
        (195, 5),
        (227, 5),
        (258, 0),
    ];
    const ORDER: [usize; 19] = [16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15];
    let mut out: Vec<u8> = Vec::new();
    loop {
        let last = bits(1)?;
        let (literals, distances) = match bits(2)? {
            0 => return None, // stored blocks: no stream of ours is that short of repetition
            1 => {
                let fixed: Vec<usize> = (0..288)
                    .map(|s| match s {
                        144..=255 => 9,
                        256..=279 => 7,
                        _ => 8,
                    })
                    .collect();
                (table(&fixed), table(&[5; 30]))
            }
            _ => {
                let (n, d, c) = (bits(5)? + 257, bits(5)? + 1, bits(4)? + 4);
                let mut lengths = [0; 19];
                for place in ORDER.iter().take(c) {
                    lengths[*place] = bits(3)?;
                }
                let codes = table(&lengths);
                let mut lengths: Vec<usize> = Vec::new();
                while lengths.len() < n + d {
                    match symbol(&mut bits, &codes)? {
                        16 => {
                            let before = *lengths.last()?;
                            let times = 3 + bits(2)?;
                            lengths.extend(std::iter::repeat_n(before, times));
                        }
                        17 => {
                            let times = 3 + bits(3)?;
                            lengths.extend(std::iter::repeat_n(0, times));
                        }
                        18 => {
                            let times = 11 + bits(7)?;
                            lengths.extend(std::iter::repeat_n(0, times));
                        }
                        length => lengths.push(length),
                    }
                }
                (table(&lengths[..n]), table(&lengths[n..n + d]))
            }
        };
        loop {
            match symbol(&mut bits, &literals)? {
                256 => break,
                byte @ 0..=255 => out.push(byte as u8),
                long => {
                    let (base, extra) = *LENGTH.get(long - 257)?;
                    let length = base + bits(extra)?;
                    let d = symbol(&mut bits, &distances)?;
                    let extra = d.saturating_sub(2) / 2;
                    let base = if d < 4 { d + 1 } else { ((2 + d % 2) << extra) + 1 };
                    let back = out.len().checked_sub(base + bits(extra)?)?;
                    for i in 0..length {
                        out.push(out[back + i]);
                    }
                }
            }
        }
        if last == 1 {
            return Some(out);
        }
    }
}

/// Points on the page, y up.
type Polyline = Vec<(f64, f64)>;

/// The polylines of a PDF's first page of drawing, in points on the page (y up).
fn pdf_polylines(pdf: &[u8]) -> Vec<Polyline> {
    let find = |from: usize, what: &[u8]| pdf[from..].windows(what.len()).position(|w| w == what).map(|p| from + p);
    let mut from = 0;
    while let Some(start) = find(from, b"stream\n") {
        let start = start + 7;
        let end = find(start, b"endstream").expect("a stream ends");
        from = end + 9;
        let Some(content) = inflate(&pdf[start..end]) else { continue };
        let content = plain(&String::from_utf8_lossy(&content));
        if content.contains(" l ") && content.contains(" cm ") {
            return polylines(&content);
        }
    }
    panic!("no page content found")
}

/// A content stream without its strings, names apart from the operators before them.
fn plain(content: &str) -> String {
    let (mut out, mut depth, mut escaped) = (String::new(), 0_usize, false);
    for c in content.chars() {
        match c {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            '(' => depth += 1,
            ')' => depth = depth.saturating_sub(1),
            '/' if depth == 0 => out.push_str(" /"),
            c if depth == 0 => out.push(c),
            _ => {}
        }
    }
    out
}

fn polylines(content: &str) -> Vec<Polyline> {
    let mut matrix = [1.0, 0.0, 0.0, 1.0, 0.0, 0.0];
    let (mut stack, mut numbers) = (Vec::new(), Vec::new());
    let mut lines: Vec<Polyline> = Vec::new();
    for token in content.split_ascii_whitespace() {
        if let Ok(number) = token.parse() {
            numbers.push(number);
            continue;
        }
        let [a, b, c, d, e, f] = matrix;
        let place = |n: &[f64]| (a * n[0] + c * n[1] + e, b * n[0] + d * n[1] + f);
        match token {
            "q" => stack.push(matrix),
            "Q" => matrix = stack.pop().expect("balanced"),
            "cm" => {
                let n = &numbers;
                matrix = [
                    n[0] * a + n[1] * c,
                    n[0] * b + n[1] * d,
                    n[2] * a + n[3] * c,
                    n[2] * b + n[3] * d,
                    n[4] * a + n[5] * c + e,
                    n[4] * b + n[5] * d + f,
                ];
            }
            "m" => lines.push(vec![place(&numbers)]),
            "l" => lines.last_mut().expect("a line begins with a move").push(place(&numbers)),
            _ => {}
        }
        numbers.clear();
    }
    lines
}

/// Points a millimetre.
const POINTS: f64 = 72.0 / 25.4;

#[test]
fn pdf_is_true_to_scale_and_small() {
    if let Err(why) = einthoven::report::font::fonts(Lang::Zh) {
        eprintln!("skipped: {why}");
        return;
    }
    for (speed, gain) in [(25.0, 10.0), (50.0, 20.0)] {
        let settings = Settings { speed, gain, ..Settings::new(Lang::Zh) };
        let pdf = render(&report(), "pdf", &settings).unwrap().unwrap();
        assert!(pdf.len() <= 350 * 1024, "{} bytes", pdf.len());
        let lines = pdf_polylines(&pdf);
        let close = |said: f64, mm: f64| (said / (mm * POINTS) - 1.0).abs() < 0.002;
        // The calibration pulse: six points, 5 mm wide, 1 mV high.
        let pulse = |l: &&Polyline| l.len() == 6 && l[1].0 == l[2].0 && l[3].0 == l[4].0 && l[0].1 == l[5].1;
        let pulses: Vec<_> = lines.iter().filter(pulse).collect();
        assert_eq!(pulses.len(), 4, "one a row");
        for p in &pulses {
            assert!(close(p[2].1 - p[1].1, f64::from(gain)), "1 mV is {} mm", (p[2].1 - p[1].1) / POINTS);
            assert!(close(p[3].0 - p[2].0, 5.0), "the pulse is {} mm wide", (p[3].0 - p[2].0) / POINTS);
        }
        // The grid: 265 mm and 130 mm, every line where its millimetre is.
        let mut across: Vec<f64> = lines
            .iter()
            .filter(|l| l.len() == 2 && l[0].0 == l[1].0 && (l[0].1 - l[1].1).abs() > 300.0)
            .map(|l| l[0].0)
            .collect();
        across.sort_by(f64::total_cmp);
        assert_eq!(across.len(), 266, "vertical grid lines");
        assert!(close(across[265] - across[0], 265.0));
        assert!(across.windows(2).all(|w| (w[1] - w[0] - POINTS).abs() < 0.02 * POINTS));
    }
}

/// Every text of the PDF, read with each font's table in turn: under the right one it is what was printed.
fn pdf_texts(pdf: &[u8]) -> String {
    let find = |from: usize, what: &[u8]| pdf[from..].windows(what.len()).position(|w| w == what).map(|p| from + p);
    let (mut from, mut tables, mut strings) = (0, Vec::new(), Vec::new());
    while let Some(start) = find(from, b"stream\n") {
        let end = find(start + 7, b"endstream").expect("a stream ends");
        from = end + 9;
        let Some(content) = inflate(&pdf[start + 7..end]) else { continue };
        let text = String::from_utf8_lossy(&content);
        if text.contains("beginbfchar") {
            tables.push(unicode(&text));
        } else if text.contains(" Tf ") {
            strings.extend(shown(&content));
        }
    }
    assert!(!tables.is_empty() && !strings.is_empty(), "no text in the PDF");
    let mut said = String::new();
    for string in &strings {
        for table in &tables {
            let glyphs = string.chunks_exact(2).map(|g| u32::from(g[0]) << 8 | u32::from(g[1]));
            said.extend(glyphs.map(|g| table.get(&g).map_or("\u{fffd}", String::as_str)));
            said.push('\n');
        }
    }
    said
}

/// A font's `ToUnicode` table: `<0001> <5FC3>` (PDF 32000-1, 9.10.3).
fn unicode(cmap: &str) -> std::collections::BTreeMap<u32, String> {
    let pair = |line: &str| {
        let (glyph, text) = line.strip_prefix('<')?.split_once("> <")?;
        let text = text.strip_suffix('>')?;
        let units: Vec<u16> =
            (0..text.len() / 4).filter_map(|n| u16::from_str_radix(text.get(4 * n..4 * n + 4)?, 16).ok()).collect();
        Some((u32::from_str_radix(glyph, 16).ok()?, String::from_utf16(&units).ok()?))
    };
    cmap.lines().filter_map(|l| pair(l.trim())).collect()
}

/// The strings that a content stream shows, the pieces of one array as one.
fn shown(content: &[u8]) -> Vec<Vec<u8>> {
    let (mut found, mut string, mut depth) = (Vec::new(), Vec::new(), 0_usize);
    let mut at = 0;
    while at < content.len() {
        let c = content[at];
        at += 1;
        match (depth, c) {
            (0, b'(') => depth = 1,
            (0, b']') => found.push(std::mem::take(&mut string)),
            (0, _) => {}
            (_, b'\\') => {
                let octal = content[at..].iter().take(3).take_while(|d| (b'0'..=b'7').contains(d)).count();
                if octal > 0 {
                    string.push(content[at..at + octal].iter().fold(0_u32, |v, d| v * 8 + u32::from(d - b'0')) as u8);
                    at += octal;
                } else {
                    string.push(match content[at] {
                        b'n' => b'\n',
                        b'r' => b'\r',
                        b't' => b'\t',
                        b'b' => 8,
                        b'f' => 12,
                        other => other,
                    });
                    at += 1;
                }
            }
            (_, b'(') => {
                depth += 1;
                string.push(c);
            }
            (1, b')') => depth = 0,
            (_, b')') => {
                depth -= 1;
                string.push(c);
            }
            _ => string.push(c),
        }
    }
    found
}

#[test]
fn the_pdfs_text_says_what_the_report_says() {
    if let Err(why) = einthoven::report::font::fonts(Lang::Zh) {
        eprintln!("skipped: {why}");
        return;
    }
    let report = report();
    for lang in [Lang::Zh, Lang::En] {
        let pdf = render(&report, "pdf", &Settings::new(lang)).unwrap().unwrap();
        let said = pdf_texts(&pdf);
        for fact in ["75 bpm", "420 / 470 ms", "欧阳㛃", "0042"] {
            assert!(said.contains(fact), "{lang:?}: the PDF lacks {fact}");
        }
        for finding in &report.diagnosis.interpretation.findings {
            assert!(said.contains(finding.wording().get(lang)), "{lang:?}: the PDF lacks {}", finding.rule.id);
        }
    }
}
