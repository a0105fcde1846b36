//! The PDF is measured in the file itself, by a reader of the tests' own.
use crate::pdf_file::{Object, Pdf, tokens};
use crate::report::report;
use crate::report_samples::unescape;
use einthoven::report::{Settings, render};
use einthoven::text::Lang;

/// Points on the page, y up.
type Polyline = Vec<(f64, f64)>;

/// The polylines of a PDF's first page, in points on the page (y up).
fn pdf_polylines(pdf: &[u8]) -> Vec<Polyline> {
    let pdf = Pdf::read(pdf);
    let mut matrix = [1.0, 0.0, 0.0, 1.0, 0.0, 0.0];
    let (mut stack, mut numbers) = (Vec::new(), Vec::new());
    let mut lines: Vec<Polyline> = Vec::new();
    for token in tokens(&pdf.content(pdf.pages()[0])) {
        let operator = match token {
            Object::Number(number) => {
                numbers.push(number);
                continue;
            }
            Object::Word(operator) => operator,
            _ => continue,
        };
        let [a, b, c, d, e, f] = matrix;
        let place = |n: &[f64]| (a * n[0] + c * n[1] + e, b * n[0] + d * n[1] + f);
        match operator.as_str() {
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
        let settings = Settings { speed, gain: Some(gain), ..Settings::new(Lang::Zh) };
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

#[test]
fn the_pdfs_text_says_what_the_report_says() {
    if let Err(why) = einthoven::report::font::fonts(Lang::Zh) {
        eprintln!("skipped: {why}");
        return;
    }
    let report = report();
    for lang in [Lang::Zh, Lang::En] {
        let pdf = render(&report, "pdf", &Settings::new(lang)).unwrap().unwrap();
        let said = Pdf::read(&pdf).all_texts();
        let has = |fact: &str| said.iter().any(|t| t.contains(fact));
        for fact in ["75 bpm", "420 / 470 ms", "0042"] {
            assert!(has(fact), "{lang:?}: the PDF lacks {fact}");
        }
        // A rare character may be of another face, and so another piece.
        assert!(said.concat().contains("欧阳㛃"), "{lang:?}: the PDF lacks the name");
        for finding in &report.diagnosis.interpretation.findings {
            assert!(has(finding.wording().get(lang)), "{lang:?}: the PDF lacks {}", finding.rule.id);
        }
    }
}

/// Characters of names beyond the usual ones (GB 18030-2022), in both planes: printed as themselves where a font has them.
#[test]
fn rare_names_print() {
    let fonts = match einthoven::report::font::fonts(Lang::Zh) {
        Ok(fonts) => fonts,
        Err(why) => return eprintln!("skipped: {why}"),
    };
    let mut report = report();
    report.diagnosis.patient.name = Some("王𬭎䶮㛃𠅤".into());
    let lacking = fonts.lacking("王𬭎䶮㛃𠅤");
    let pdf = Pdf::read(&render(&report, "pdf", &Settings::new(Lang::Zh)).unwrap().unwrap()).all_texts().concat();
    for c in "王𬭎䶮㛃𠅤".chars() {
        let said = format!("U+{:04X}", c as u32);
        assert!(pdf.contains(c) != lacking.contains(&c), "{c} is neither printed nor replaced");
        assert_eq!(pdf.contains(&said), lacking.contains(&c), "{c}: what is lacking is said");
    }
    if fonts.family() == "Noto Sans CJK SC" {
        assert!(lacking.is_empty(), "{lacking:?}");
    }
}

/// Every object that is reachable or not; PDF/A's demands count for all.
fn dictionaries(object: &Object, into: &mut Vec<Object>) {
    match object {
        Object::Dict(entries) => {
            into.push(object.clone());
            for entry in entries.values() {
                dictionaries(entry, into);
            }
        }
        Object::Array(items) => items.iter().for_each(|o| dictionaries(o, into)),
        _ => {}
    }
}

/// What ISO 19005-2 asks of a file of level B, as far as it can be seen without rendering; clauses in brackets.
fn archival_faults(bytes: &[u8]) -> Vec<String> {
    let mut faults = Vec::new();
    let mut must = |holds: bool, what: &str| {
        if !holds {
            faults.push(what.to_string());
        }
    };
    must(bytes.starts_with(b"%PDF-1.7\n%"), "header and binary comment (6.1.2)");
    must(
        bytes.get(9..14).is_some_and(|c| c[0] == b'%' && c[1..].iter().all(|b| *b > 127)),
        "four bytes over 127 (6.1.2)",
    );
    must(bytes.trim_ascii_end().ends_with(b"%%EOF"), "nothing after the end (6.1.3)");
    let pdf = Pdf::read(bytes);
    let trailer = &pdf.trailer;
    must(trailer.get("ID").is_some_and(|id| id.items().len() == 2), "an identifier in the trailer (6.1.3)");
    must(trailer.get("Encrypt").is_none(), "no encryption (6.1.3)");
    let root = pdf.at(trailer, &["Root"]).unwrap();
    for key in ["AA", "OpenAction", "Names", "OCProperties", "AcroForm"] {
        must(root.get(key).is_none(), &format!("no {key} in the catalogue (6.4 to 6.6)"));
    }
    let mut all = Vec::new();
    for (object, _) in pdf.objects.values() {
        dictionaries(object, &mut all);
    }
    for dict in &all {
        must(dict.get("S").and_then(Object::name) != Some("JavaScript"), "no script (6.5.1)");
        must(
            !["Launch", "Sound", "Movie", "ResetForm", "ImportData"]
                .contains(&dict.get("S").and_then(Object::name).unwrap_or("")),
            "no action (6.5.1)",
        );
        must(dict.get("F").is_none() || dict.get("Length").is_none(), "no external stream (6.1.7)");
        for filter in dict.get("Filter").map(Object::items).unwrap_or_default() {
            must(!["LZWDecode", "LZW", "Crypt"].contains(&filter.name().unwrap_or("")), "no LZW (6.1.7)");
        }
        must(dict.get("TR").is_none() && dict.get("HTP").is_none(), "no transfer function (6.2.5)");
        must(dict.get("Subtype").and_then(Object::name) != Some("PS"), "no PostScript (6.2.9)");
    }
    // Colour: one output intent with a profile of three components, and no colour that does not go through a profile.
    let intents = pdf.at(root, &["OutputIntents"]).map(Object::items).unwrap_or_default();
    must(intents.len() == 1, "one output intent (6.2.3)");
    for intent in intents.into_iter().map(|i| pdf.follow(i)) {
        must(intent.get("S").and_then(Object::name) == Some("GTS_PDFA1"), "the output intent is PDF/A's (6.2.3)");
        let profile = pdf.stream(intent.get("DestOutputProfile").unwrap());
        must(
            profile.get(36..40) == Some(b"acsp") && profile.get(16..20) == Some(b"RGB "),
            "an ICC profile of RGB (6.2.3)",
        );
    }
    for page in pdf.pages() {
        let content = tokens(&pdf.content(page));
        for word in content.iter().filter_map(|t| if let Object::Word(w) = t { Some(w.as_str()) } else { None }) {
            must(!["rg", "RG", "k", "K", "g", "G"].contains(&word), "colours by profile (6.2.4.3)");
            must(!["BX", "EX"].contains(&word), "no undefined operator (6.2.2)");
        }
        if let Some(Object::Dict(states)) = pdf.at(page, &["Resources", "ExtGState"]) {
            for state in states.values().map(|s| pdf.follow(s)) {
                must(
                    state.get("SMask").is_none_or(|m| m.name() == Some("None")),
                    "no soft mask without a group (6.2.10)",
                );
            }
        }
        let Some(Object::Dict(fonts)) = pdf.at(page, &["Resources", "Font"]) else { continue };
        for font in fonts.values().map(|f| pdf.follow(f)) {
            must(font.get("ToUnicode").is_some(), "text can be read back");
            must(font.get("Encoding").and_then(Object::name) == Some("Identity-H"), "an allowed CMap (6.2.11.3.3)");
            let kid = pdf.follow(pdf.at(font, &["DescendantFonts"]).unwrap().items()[0]);
            let descriptor = pdf.at(kid, &["FontDescriptor"]).unwrap();
            let embedded = ["FontFile2", "FontFile3"].iter().any(|key| descriptor.get(key).is_some());
            must(embedded, "every font embedded (6.2.11.4)");
            let subset = font.get("BaseFont").and_then(Object::name).and_then(|n| n.split_once('+'));
            must(subset.is_some_and(|(tag, _)| tag.len() == 6), "fonts are subsets");
            if kid.get("Subtype").and_then(Object::name) == Some("CIDFontType2") {
                must(kid.get("CIDToGIDMap").is_some(), "a glyph map (6.2.11.3.2)");
            }
        }
    }
    metadata_faults(&pdf, &mut must);
    faults
}

/// XMP says part 2, level B, and the same as the Info dictionary (6.6.2, 6.6.4).
fn metadata_faults(pdf: &Pdf, must: &mut dyn FnMut(bool, &str)) {
    let root = pdf.at(&pdf.trailer, &["Root"]).unwrap();
    let Object::Ref(n) = root.get("Metadata").unwrap() else { panic!("metadata is a stream") };
    must(pdf.objects[n].0.get("Filter").is_none(), "metadata is not compressed (6.6.2.1)");
    let xmp = String::from_utf8(pdf.stream(root.get("Metadata").unwrap())).expect("XMP is UTF-8");
    let between = |from: &str, to: &str| Some(xmp.split_once(from)?.1.split_once(to)?.0.to_string());
    let element = |name: &str| between(&format!("<{name}>"), &format!("</{name}>"));
    let inner = |name: &str| {
        let element = element(name)?;
        Some(unescape(element.split_once("\">")?.1.split_once("</")?.0))
    };
    must(element("pdfaid:part").as_deref() == Some("2"), "part 2 (6.6.4)");
    must(element("pdfaid:conformance").as_deref() == Some("B"), "level B (6.6.4)");
    let info = pdf.at(&pdf.trailer, &["Info"]).unwrap();
    let said = |key: &str| match info.get(key) {
        Some(Object::Text(bytes)) if bytes.starts_with(&[0xfe, 0xff]) => {
            let units: Vec<u16> = bytes[2..].chunks_exact(2).map(|b| u16::from_be_bytes([b[0], b[1]])).collect();
            Some(String::from_utf16(&units).unwrap())
        }
        Some(Object::Text(bytes)) => Some(String::from_utf8(bytes.clone()).unwrap()),
        _ => None,
    };
    must(said("Title").is_some() && said("Title") == inner("dc:title"), "the title (6.6.3)");
    must(said("Subject") == inner("dc:description"), "the subject (6.6.3)");
    must(said("Creator") == element("xmp:CreatorTool"), "the creator (6.6.3)");
    must(said("Producer") == element("pdf:Producer"), "the producer (6.6.3)");
    let digits = |s: Option<String>| s.map(|s| s.chars().filter(char::is_ascii_digit).take(14).collect::<String>());
    let created = digits(said("CreationDate"));
    must(created.is_some() && created == digits(element("xmp:CreateDate")), "the date (6.6.3)");
}

#[test]
fn every_pdf_is_pdf_a_2b() {
    use einthoven::report::batch::{Row, Tally, overview_pdf};
    use einthoven::report::{Layout, Logo};
    if let Err(why) = einthoven::report::font::fonts(Lang::Zh) {
        eprintln!("skipped: {why}");
        return;
    }
    let mut signed = crate::report::signed();
    signed.created = Some("2026-03-01T10:30:00+08:00[+08:00]".parse().unwrap());
    signed.recording.name = "a & b <c>".into();
    let with_prior = crate::serial::compared(crate::report::fixture::recording(), {
        let mut later = crate::report::fixture::recording();
        later.start = Some(jiff::civil::date(2026, 9, 1).at(8, 0, 0, 0));
        later
    });
    for lang in [Lang::Zh, Lang::En] {
        let plain = Settings::new(lang);
        let full = Settings {
            details: true,
            layout: Layout::SixByTwo,
            picture: Logo::decode(crate::report::logo()),
            ..Settings::new(lang)
        };
        for report in [&report(), &signed, &with_prior] {
            for settings in [&plain, &full] {
                let faults = archival_faults(&render(report, "pdf", settings).unwrap().unwrap());
                assert!(faults.is_empty(), "{lang:?}: {faults:?}");
            }
        }
        let mut tally = Tally::default();
        tally.add(&Row::of("a/b.dat", &report()));
        let faults = archival_faults(&overview_pdf(&tally, None, &plain).unwrap());
        assert!(faults.is_empty(), "overview, {lang:?}: {faults:?}");
    }
    // The check sees what is wrong.
    let good = render(&report(), "pdf", &Settings::new(Lang::Zh)).unwrap().unwrap();
    let with = |from: &str, to: &str| {
        assert_eq!(from.len(), to.len());
        let at = good.windows(from.len()).position(|w| w == from.as_bytes()).expect("it is in the file");
        let mut changed = good.clone();
        changed[at..at + to.len()].copy_from_slice(to.as_bytes());
        archival_faults(&changed)
    };
    assert!(!with("<pdfaid:part>2<", "<pdfaid:part>3<").is_empty());
    assert!(!with("/S/GTS_PDFA1", "/S/GTS_PDFX ").is_empty());
    assert!(!with("<pdf:Producer>e", "<pdf:Producer>E").is_empty());
    assert!(!with("/FontFile3", "/FontFile9").is_empty() || !good.windows(10).any(|w| w == b"/FontFile3"));
}
