//! The drawn report: true to scale in every output, nothing over anything else, whatever the ECG holds.
use crate::report::fixture::{recording, report};
use einthoven::detect::BeatClass;
use einthoven::interpret::{Evidence, Finding};
use einthoven::report::font::fonts;
use einthoven::report::page::{Anchor, Item, Label, Page, Point, Rect};
use einthoven::report::{Layout, OUTPUTS, RenderError, Report, Settings, pages, render};
use einthoven::signal::{Hz, LeadName, Recording};
use einthoven::text::{Lang, text};
use ndarray::{Array2, Axis};

/// Whether there is a Chinese font to draw with; says so where there is none.
fn drawable() -> bool {
    let found = fonts(Lang::Zh);
    if let Err(why) = &found {
        eprintln!("skipped: {why}");
    }
    found.is_ok()
}

fn bytes(report: &Report, id: &str, settings: &Settings) -> Vec<u8> {
    render(report, id, settings).expect("the output exists").expect("it can be made")
}

fn box_of(label: &Label) -> Rect {
    let w = fonts(Lang::En).unwrap().width(&label.text, label.bold) * label.size;
    let x = match label.anchor {
        Anchor::Start => label.at.0,
        Anchor::Middle => label.at.0 - w / 2.0,
        Anchor::End => label.at.0 - w,
    };
    // Capitals' height to the descenders.
    Rect { x, y: label.at.1 - 0.75 * label.size, w, h: 0.95 * label.size }
}

fn labels<'a>(page: &'a Page) -> Vec<(&'a str, Rect)> {
    let label = |item: &'a Item| match item {
        Item::Text(label) => Some(label),
        _ => None,
    };
    page.items.iter().filter_map(label).map(|l| (l.text.as_str(), box_of(l))).collect()
}

fn crosses(run: &[Point], rect: &Rect) -> bool {
    run.windows(2).any(|p| {
        let ((x0, y0), (x1, y1)) = (p[0], p[1]);
        if x0 > rect.right() || x1 < rect.x {
            return false;
        }
        // Twenty points of each segment: finer than any letter.
        (0..=20).any(|n| {
            let t = n as f32 / 20.0;
            let (x, y) = (x0 + (x1 - x0) * t, y0 + (y1 - y0) * t);
            x > rect.x && x < rect.right() && y > rect.y && y < rect.bottom()
        })
    })
}

/// What is wrong with a page's layout.
fn faults(page: &Page) -> Vec<String> {
    let texts = labels(page);
    let mut faults = Vec::new();
    for (n, (text, rect)) in texts.iter().enumerate() {
        if rect.x < 5.0 || rect.y < 5.0 || rect.right() > page.width - 5.0 || rect.bottom() > page.height - 4.0 {
            faults.push(format!("«{text}» leaves the page: {rect:?}"));
        }
        for (other, other_rect) in &texts[n + 1..] {
            if rect.overlaps(other_rect) {
                faults.push(format!("«{text}» over «{other}»: {rect:?} {other_rect:?}"));
            }
        }
        for item in &page.items {
            if let Item::Trace { lead, runs, .. } = item
                && runs.iter().any(|run| crosses(run, rect))
            {
                faults.push(format!("«{text}» on the trace of {lead}"));
            }
        }
    }
    faults
}

fn with(recording: Recording) -> Report {
    let mut report = report();
    report.diagnosis.patient = recording.patient.clone();
    report.diagnosis.detection.quality.truncate(recording.leads.len());
    report.recording = recording;
    report
}

fn strip(leads: &[&str], rate: f64, seconds: f64) -> Recording {
    let n = (rate * seconds) as usize;
    let samples = Array2::from_shape_fn((leads.len(), n), |(lead, i)| {
        let t = (i as f64 / rate) % 0.8;
        ((-((t - 0.3) / 0.012).powi(2)).exp() + 0.2 * (-((t - 0.55) / 0.05).powi(2)).exp()) as f32
            * (1.0 - 0.3 * lead as f32)
    });
    Recording::new("strip", leads.iter().map(|l| LeadName::parse(l).0).collect(), Hz(rate), samples)
}

/// The usual twelve and Frank's three.
fn fifteen() -> Recording {
    let mut recording = recording();
    for lead in [LeadName::X, LeadName::Y, LeadName::Z] {
        let row = recording.samples.row(1).to_owned();
        recording.samples.push_row(row.view()).unwrap();
        recording.leads.push(lead);
    }
    recording
}

#[test]
fn every_recorded_lead_is_drawn() {
    if !drawable() {
        return;
    }
    let pages = pages(&with(fifteen()), &Settings::new(Lang::En)).unwrap();
    let drawn =
        |name: &str| pages.iter().flat_map(|p| &p.items).any(|i| matches!(i, Item::Trace { lead, .. } if lead == name));
    for lead in fifteen().leads {
        assert!(drawn(lead.as_str()), "{lead} is drawn nowhere");
    }
}

/// Every beat paced, with spikes of 8 mV, and beats of a finding.
fn paced() -> Report {
    let mut report = report();
    let rate = report.recording.rate.0;
    let detection = &mut report.diagnosis.detection;
    for beat in &mut detection.beats {
        let spike = beat.qrs.onset.saturating_sub(5);
        detection.spikes.push(spike);
        let at = (spike as f64 / detection.rate.0 * rate) as usize;
        report.recording.samples.column_mut(at).fill(8.0);
        beat.class = BeatClass::P;
    }
    report.diagnosis.interpretation.findings[0].evidence.beats = vec![1, 2];
    report
}

/// The gain of the first page, as its legend says it.
fn gain_said(report: &Report, settings: &Settings) -> String {
    let pages = pages(report, settings).unwrap();
    let legend = labels(&pages[0]).into_iter().find(|(text, _)| text.contains("mm/mV")).unwrap().0.to_string();
    legend.split(" · ").nth(1).unwrap().to_string()
}

#[test]
fn tall_beats_halve_the_gain_unless_the_settings_say_it() {
    if !drawable() {
        return;
    }
    let (usual, tall) = (Settings::new(Lang::En), |factor: f32| {
        let mut report = report();
        report.recording.samples.mapv_inplace(|v| v * factor);
        report
    });
    assert_eq!(gain_said(&report(), &usual), "10 mm/mV");
    assert_eq!(gain_said(&paced(), &usual), "10 mm/mV", "spikes are no voltage of the heart");
    assert_eq!(gain_said(&tall(4.0), &usual), "5 mm/mV (half standard)");
    assert_eq!(gain_said(&tall(4.0), &Settings { gain: Some(10.0), ..usual.clone() }), "10 mm/mV");
    assert_eq!(gain_said(&tall(1.0), &Settings { gain: Some(20.0), ..usual }), "20 mm/mV (twice standard)");
}

/// ECGs that tempt a layout to go wrong.
fn awkward() -> Vec<(&'static str, Report)> {
    let mut crowded = report();
    let again = crowded.diagnosis.interpretation.findings[1].clone();
    crowded.diagnosis.interpretation.findings =
        (0..14).map(|_| Finding { rule: again.rule, evidence: again.evidence.clone() }).collect();
    crowded.diagnosis.interpretation.findings.push(Finding { rule: again.rule, evidence: Evidence::default() });
    crowded.recording.notes =
        vec![
            text("导联 V6 有很长的一段缺失，无法判读", "a long stretch of V6 is missing and cannot be read");
            30
        ];
    crowded.recording.origin.device =
        Some("A device with quite a long name and a longer model number 12345 ".repeat(4));
    crowded.recording.name = "很长的文件名_".repeat(20);
    crowded.diagnosis.patient.name = Some("阿卜杜热依木·买买提\u{202e}\n<b>".repeat(4));
    crowded.diagnosis.patient.id = Some("1234567890".repeat(9));

    let mut tall = recording();
    tall.samples.mapv_inplace(|v| v * 6.0 + 40.0);
    let mut noisy = recording();
    noisy
        .samples
        .indexed_iter_mut()
        .for_each(|((lead, i), v)| *v = ((i * 7919 + lead * 31) % 997) as f32 / 100.0 - 5.0);
    let mut missing = recording();
    missing.samples.row_mut(7).fill(f32::NAN);
    missing.leads.truncate(9);
    missing.samples = missing.samples.select(Axis(0), &(0..9).collect::<Vec<_>>());
    let mut short = recording();
    short.samples = short.samples.select(Axis(1), &(0..1200).collect::<Vec<_>>());

    vec![
        ("usual", report()),
        ("crowded", crowded),
        ("tall", with(tall)),
        ("noisy", with(noisy)),
        ("paced", paced()),
        ("missing leads", with(missing)),
        ("short", with(short)),
        ("fifteen leads", with(fifteen())),
        ("one lead", with(strip(&["MLII"], 300.0, 31.0))),
        ("two leads", with(strip(&["MLII", "V5"], 360.0, 1800.0))),
        ("three leads", with(strip(&["X", "Y", "Z"], 1000.0, 12.0))),
        ("one sample", with(strip(&["I"], 100.0, 0.01))),
        ("no sample", with(strip(&["I"], 100.0, 0.0))),
        ("no lead", with(strip(&[], 100.0, 0.0))),
    ]
}

#[test]
fn no_text_lies_on_another_text_or_on_a_trace() {
    if !drawable() {
        return;
    }
    let mut wrong = Vec::new();
    for (what, report) in awkward() {
        for lang in [Lang::Zh, Lang::En] {
            for layout in [Layout::ThreeByFour, Layout::ThreeByFourThree, Layout::SixByTwo, Layout::TwelveByOne] {
                let settings =
                    Settings { layout, cabrera: layout == Layout::SixByTwo, details: true, ..Settings::new(lang) };
                let pages = pages(&report, &settings).unwrap();
                for (n, page) in pages.iter().enumerate() {
                    // Where the whole field is one tangle there is no free place for a lead's name.
                    let all = faults(page);
                    let tangle = matches!(what, "noisy" | "tall") || layout == Layout::TwelveByOne;
                    // The letters of beats have a lane without traces.
                    let letter = |f: &str| ["«P»", "«Q»", "«S»", "«V»", "«F»"].iter().any(|l| f.starts_with(l));
                    let kept = all.into_iter().filter(|f| !(tangle && f.contains("on the trace of") && !letter(f)));
                    wrong.extend(kept.map(|f| format!("{what}, {lang:?}, {layout:?}, page {}: {f}", n + 1)));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn every_output_of_every_awkward_ecg_can_be_made_twice_alike() {
    if !drawable() {
        return;
    }
    for (what, report) in awkward() {
        for output in OUTPUTS {
            let settings = Settings { dpi: 40.0, ..Settings::new(Lang::Zh) };
            let made = || match render(&report, output.id, &settings).unwrap() {
                Ok(bytes) => Some(bytes),
                // DICOM holds no recording without a sample, and says so.
                Err(RenderError::Unfit(_)) => None,
                Err(error) => panic!("{what}: {}: {error}", output.id),
            };
            let (Some(once), Some(again)) = (made(), made()) else {
                assert!(report.recording.is_empty() || output.id == "dicom", "{what}: {} is refused", output.id);
                continue;
            };
            assert!(once == again, "{what}: {} differs from run to run", output.id);
            assert!(once.len() > 100, "{what}: {} is empty", output.id);
        }
    }
}

/// `EINTHOVEN_LOOK=folder cargo test --test main gallery -- --ignored`
#[test]
#[ignore = "makes a gallery to look at"]
fn gallery() {
    let folder = std::env::var("EINTHOVEN_LOOK").expect("EINTHOVEN_LOOK names the folder");
    for (what, report) in awkward() {
        for lang in [Lang::Zh, Lang::En] {
            for output in OUTPUTS {
                let name = format!("{folder}/{}-{}.{}", what.replace(' ', "-"), lang.tag(), output.extension);
                std::fs::write(name, bytes(&report, output.id, &Settings::new(lang))).unwrap();
            }
        }
    }
}

/// The points of a path made of `M` and relative `l`.
fn path_points(d: &str) -> Vec<(f64, f64)> {
    let spaced = d.replace('M', " M ").replace('l', " l ").replace('-', " -");
    let (mut points, mut relative, mut at) = (Vec::new(), false, (0.0, 0.0));
    let mut tokens = spaced.split_whitespace();
    while let Some(token) = tokens.next() {
        let x: f64 = match token {
            "M" | "l" => {
                relative = token == "l";
                continue;
            }
            number => number.parse().unwrap(),
        };
        let y: f64 = tokens.next().unwrap().parse().unwrap();
        at = if relative { (at.0 + x, at.1 + y) } else { (x, y) };
        points.push(at);
    }
    points
}

fn svg_paths(svg: &str, lead: &str) -> Vec<Vec<(f64, f64)>> {
    svg.split("<path ")
        .filter(|p| p.starts_with(&format!("data-lead=\"{lead}\"")))
        .map(|p| path_points(p.split(" d=\"").nth(1).unwrap().split('"').next().unwrap()))
        .collect()
}

#[test]
fn svg_and_html_are_true_to_scale() {
    if !drawable() {
        return;
    }
    for (speed, gain) in [(25.0, 10.0), (50.0, 10.0), (25.0, 20.0), (25.0, 5.0)] {
        let settings = Settings { speed, gain: Some(gain), overview: false, ..Settings::new(Lang::En) };
        let drawn = ["svg", "html"].map(|id| String::from_utf8(bytes(&report(), id, &settings)).unwrap());
        for svg in drawn {
            is_true_to_scale(&svg, f64::from(speed), f64::from(gain));
        }
    }
}

/// Measures a drawing in SVG, alone or within HTML.
fn is_true_to_scale(svg: &str, speed: f64, gain: f64) {
    let near = |found: f64, wanted: f64| assert!((found / wanted - 1.0).abs() < 0.002, "{found} mm, not {wanted}");
    let value = |tag: &str, name: &str| tag.split(&format!(" {name}=\"")).nth(1)?.split('"').next().map(String::from);
    // A unit is a millimetre: on the sheet, and in HTML in the part of it that the screen shows.
    let pictures = svg.split("<svg ").skip(1).map(|tag| tag.split('>').next().unwrap());
    let mut sheets = 0;
    for tag in pictures {
        let parts = value(tag, "viewBox").unwrap();
        let size: Vec<f64> = parts.split(' ').map(|n| n.parse().unwrap()).collect();
        let mm = |name| value(tag, name).unwrap().trim_end_matches("mm").parse::<f64>().unwrap();
        assert_eq!((mm("width"), mm("height")), (size[2], size[3]), "{tag}");
        sheets += usize::from((size[2], size[3]) == (297.0, 210.0));
    }
    assert_eq!(sheets, 1);
    assert!(!svg.contains("max-width:100%"), "no style scales it");
    for pulse in svg_paths(svg, "1 mV") {
        let heights: Vec<f64> = pulse.iter().map(|p| p.1).collect();
        near(heights.iter().copied().fold(0.0, f64::max) - heights.iter().copied().fold(1e9, f64::min), gain);
    }
    // The rhythm strip: R peaks every 0.8 s, 1.1 · 0.87 mV above the baseline, which is the median.
    let trace = svg_paths(svg, "II").pop().unwrap();
    let top = trace.iter().map(|p| p.1).fold(1e9, f64::min);
    let peaks: Vec<f64> = trace.iter().filter(|p| p.1 < top + 0.05).map(|p| p.0).collect();
    let (first, last) = (peaks[0], peaks[peaks.len() - 1]);
    let beats = ((last - first) / (0.8 * speed)).round();
    assert!(beats >= 5.0, "{peaks:?}");
    near(last - first, beats * 0.8 * speed);
    let mut heights: Vec<f64> = trace.iter().map(|p| p.1).collect();
    heights.sort_by(f64::total_cmp);
    let floor = heights[heights.len() - 1];
    assert!((floor - top - 1.1 * 0.87 * gain).abs() < 0.05, "{} mm high", floor - top);
}

#[test]
fn png_is_true_to_scale() {
    if !drawable() {
        return;
    }
    let settings = Settings { dpi: 300.0, ..Settings::new(Lang::En) };
    let picture = bytes(&report(), "png", &settings);
    let decoder = png::Decoder::new(std::io::Cursor::new(picture));
    let mut reader = decoder.read_info().unwrap();
    let info = reader.info();
    assert_eq!(info.pixel_dims.unwrap().xppu, 11811, "300 dots an inch are said");
    let (width, height) = (info.width as usize, info.height as usize);
    assert_eq!((width, height), (3508, 2480), "A4");
    let mut pixels = vec![0; reader.output_buffer_size().unwrap()];
    reader.next_frame(&mut pixels).unwrap();
    let dark = |x: usize, y: usize| (255.0 - f64::from(pixels[(y * width + x) * 3 + 1])).max(0.0);
    let px = |mm: f64| (mm * 300.0 / 25.4) as usize;
    let centre = |from: usize, to: usize, at: &dyn Fn(usize) -> f64| {
        // Black only: the grid is lighter.
        let weights: Vec<f64> = (from..to).map(|i| if at(i) > 160.0 { at(i) } else { 0.0 }).collect();
        let total: f64 = weights.iter().sum();
        assert!(total > 0.0, "nothing drawn between {from} and {to}");
        (from..to).zip(&weights).map(|(i, w)| i as f64 * w).sum::<f64>() / total
    };
    // First row's pulse: its foot 1 mm and its top 4 mm right of its start; field and row as the sheet has them.
    let (left, zero) = (16.0 + 2.5, 50.0 + 130.0 / 8.0);
    let foot = centre(px(zero - 2.0), px(zero + 2.0), &|y| dark(px(left + 1.0), y));
    let top = centre(px(zero - 12.0), px(zero - 8.0), &|y| dark(px(left + 5.0), y));
    let high = (foot - top) * 25.4 / 300.0;
    assert!((high / 10.0 - 1.0).abs() < 0.002, "1 mV is {high} mm");
    let rise = centre(px(left + 1.5), px(left + 3.5), &|x| dark(x, px(zero - 5.0)));
    let fall = centre(px(left + 6.5), px(left + 8.5), &|x| dark(x, px(zero - 5.0)));
    let wide = (fall - rise) * 25.4 / 300.0;
    assert!((wide / 5.0 - 1.0).abs() < 0.002, "200 ms are {wide} mm");
}

#[test]
fn a_character_no_font_has_is_said() {
    if !drawable() {
        return;
    }
    let mut report = report();
    report.diagnosis.patient.name = Some("王\u{10fffd}".into());
    let svg = String::from_utf8(bytes(&report, "svg", &Settings::new(Lang::Zh))).unwrap();
    assert!(svg.contains("U+10FFFD"), "nothing is said of the missing character");
    assert!(bytes(&report, "pdf", &Settings::new(Lang::Zh)).starts_with(b"%PDF-1.7"));
}
