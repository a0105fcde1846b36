//! Who may use whom: the house's order, lowest first; a module uses rows above it only.
use std::fs;
use std::path::Path;

/// Each layer with the layers it may use.
const MAY_USE: &[(&str, &[&str])] = &[
    ("text", &[]),
    ("signal", &["text"]),
    ("dsp", &[]),
    ("ingest", &["signal", "text"]),
    ("detect", &["signal", "dsp"]),
    ("measure", &["signal", "dsp", "detect"]),
    ("interpret", &["signal", "text", "detect", "measure"]),
    ("pipeline", &["signal", "ingest", "detect", "measure", "interpret"]),
    ("simulate", &["text", "signal", "ingest", "detect"]),
    ("evaluate", &["text", "signal", "dsp", "ingest", "detect", "measure", "interpret", "pipeline", "simulate"]),
    ("report", &["text", "signal", "dsp", "ingest", "detect", "measure", "interpret", "pipeline"]),
    ("review", &["text", "interpret", "report"]),
    ("store", &["text", "signal", "interpret", "pipeline", "report", "review"]),
    (
        "server",
        &[
            "text",
            "signal",
            "dsp",
            "ingest",
            "detect",
            "measure",
            "interpret",
            "pipeline",
            "simulate",
            "report",
            "review",
            "store",
        ],
    ),
];

fn sources(folder: &Path, found: &mut Vec<std::path::PathBuf>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            sources(&path, found);
        } else if path.extension().is_some_and(|e| e == "rs") {
            found.push(path);
        }
    }
}

#[test]
fn layers_use_only_those_below() {
    let src = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut files = Vec::new();
    sources(&src, &mut files);
    let mut broken = Vec::new();
    let mut seen = 0;
    for file in files {
        let layer = file
            .strip_prefix(&src)
            .unwrap()
            .components()
            .next()
            .unwrap()
            .as_os_str()
            .to_string_lossy()
            .replace(".rs", "");
        let Some((_, allowed)) = MAY_USE.iter().find(|(l, _)| *l == layer) else { continue };
        for (n, line) in fs::read_to_string(&file).unwrap().lines().enumerate() {
            for used in line.split("crate::").skip(1) {
                let used: String = used.chars().take_while(|c| c.is_ascii_lowercase() || *c == '_').collect();
                seen += 1;
                if !used.is_empty() && used != layer && !allowed.contains(&used.as_str()) {
                    broken.push(format!("{}:{}: {layer} uses {used}", file.display(), n + 1));
                }
            }
        }
    }
    assert!(seen > 10, "the check found next to nothing to check");
    assert!(broken.is_empty(), "{}", broken.join("\n"));
}
