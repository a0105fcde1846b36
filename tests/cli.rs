//! The command as its users call it.
use assert_cmd::Command;
use einthoven::ingest::FORMATS;
use einthoven::simulate::{Case, simulate};
use std::fs;
use std::path::Path;
use std::process::Output;

fn einthoven(arguments: &[&str]) -> Output {
    Command::cargo_bin("einthoven").unwrap().env("LC_ALL", "C.UTF-8").args(arguments).output().unwrap()
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

/// Writes a simulated case as WFDB.
fn record(folder: &Path, case: &str, name: &str) {
    let recording = simulate(&Case::find(case).unwrap().script().unwrap()).recording;
    let wfdb = FORMATS.iter().find(|f| f.id == "wfdb").unwrap();
    for (file, bytes) in wfdb.write.unwrap()(&recording, name).unwrap() {
        fs::write(folder.join(file), bytes).unwrap();
    }
}

fn files(folder: &Path) -> Vec<String> {
    let mut names: Vec<String> =
        fs::read_dir(folder).unwrap().map(|e| e.unwrap().file_name().to_string_lossy().into_owned()).collect();
    names.sort();
    names
}

fn inbox() -> tempfile::TempDir {
    let dir = tempfile::tempdir().unwrap();
    fs::create_dir(dir.path().join("in")).unwrap();
    record(&dir.path().join("in"), "normal-man", "a");
    record(&dir.path().join("in"), "normal-man", "b");
    dir
}

#[test]
fn a_folder_becomes_a_report_each_a_table_and_a_worklist() {
    let dir = inbox();
    let (input, out) = (dir.path().join("in").display().to_string(), dir.path().join("out"));
    let run = einthoven(&["analyze", &input, "--out", out.to_str().unwrap(), "--to", "json"]);
    assert_eq!(run.status.code(), Some(0), "{}", text(&run.stderr));
    assert_eq!(files(&out), [".einthoven", "a.json", "b.json", "findings.csv", "index.html", "summary.csv"]);
    let report: serde_json::Value = serde_json::from_slice(&fs::read(out.join("a.json")).unwrap()).unwrap();
    assert_eq!(report["recording"]["format"], "wfdb");
    assert_eq!(fs::read_to_string(out.join("summary.csv")).unwrap().lines().count(), 3);
    assert!(fs::read_to_string(out.join("index.html")).unwrap().contains("a.json"));
}

#[test]
fn a_broken_file_costs_itself_only_and_its_row_says_why() {
    let dir = inbox();
    let (input, out) = (dir.path().join("in"), dir.path().join("out"));
    fs::write(input.join("holiday.jpg"), b"\xff\xd8\xff\xe0 not an ECG").unwrap();
    fs::write(input.join("c.hea"), "c 12 500 5000\nmissing.dat 16 1000/mV 16 0 0 0 0 I\n").unwrap();
    let run = einthoven(&["analyze", input.to_str().unwrap(), "--out", out.to_str().unwrap(), "--to", "json"]);
    assert_eq!(run.status.code(), Some(1));
    let table = fs::read_to_string(out.join("summary.csv")).unwrap();
    assert!(table.contains("holiday.jpg,failed"), "{table}");
    assert!(table.contains("c.hea,failed"), "{table}");
    assert!(out.join("a.json").is_file() && out.join("b.json").is_file());
}

#[test]
fn resume_does_what_is_new_or_changed_only() {
    let dir = inbox();
    let (input, out) = (dir.path().join("in"), dir.path().join("out"));
    let run = |more: &[&str]| {
        let mut all = vec!["analyze", input.to_str().unwrap(), "--out", out.to_str().unwrap(), "--to", "json"];
        all.extend(more);
        text(&einthoven(&all).stdout)
    };
    run(&[]);
    assert!(run(&["--resume"]).contains("2 reports kept"));
    // Only the signal file changes: the header alone would look the same.
    let mut samples = fs::read(input.join("b.dat")).unwrap();
    samples[4000] ^= 1;
    fs::write(input.join("b.dat"), samples).unwrap();
    fs::remove_file(out.join("a.json")).unwrap();
    record(&input, "normal-man", "d");
    assert!(run(&["--resume"]).contains("0 reports kept"));
    assert!(run(&["--resume"]).contains("3 reports kept"));
    assert!(run(&["--resume", "--patient-age", "40"]).contains("0 reports kept"), "another age is another report");
    assert!(run(&[]).contains("0 reports kept"));
}

#[test]
fn a_journal_cut_by_a_power_failure_is_gone_on_from() {
    let dir = inbox();
    let (input, out) = (dir.path().join("in"), dir.path().join("out"));
    let arguments = ["analyze", input.to_str().unwrap(), "--out", out.to_str().unwrap(), "--to", "json", "--resume"];
    einthoven(&arguments);
    let journal = out.join(".einthoven/rows.jsonl");
    let whole = fs::read(&journal).unwrap();
    fs::write(&journal, &whole[..whole.len() - 40]).unwrap();
    fs::write(out.join(".einthoven-left"), "half a file").unwrap();
    let run = einthoven(&arguments);
    assert!(text(&run.stdout).contains("1 reports kept"), "{}", text(&run.stdout));
    assert!(!out.join(".einthoven-left").exists(), "what a killed run left is swept");
}

#[test]
fn the_same_bytes_on_any_number_of_threads() {
    let dir = inbox();
    let input = dir.path().join("in");
    let run = |out: &str, jobs: &str| {
        let out = dir.path().join(out);
        let to = ["--out", out.to_str().unwrap(), "--to", "json", "--jobs", jobs, "--at", "none"];
        einthoven(&[&["analyze", input.to_str().unwrap()], &to[..]].concat());
        ["a.json", "index.html", "summary.csv"].map(|f| fs::read(out.join(f)).unwrap())
    };
    assert!(run("one", "1") == run("two", "2"));
}

#[test]
fn one_file_on_standard_input() {
    let dir = tempfile::tempdir().unwrap();
    let out = dir.path().join("out");
    let run = Command::cargo_bin("einthoven")
        .unwrap()
        .args(["analyze", "-", "--out", out.to_str().unwrap(), "--to", "json", "--lang", "zh"])
        .write_stdin("<html>not an ECG</html>")
        .output()
        .unwrap();
    assert_eq!(run.status.code(), Some(1));
    assert!(text(&run.stderr).contains("不是任何已知格式"), "{}", text(&run.stderr));
}

#[test]
fn wrong_usage_is_two_and_says_what_there_is() {
    let none = einthoven(&["analyze", "x", "--out", "y", "--to", "docx"]);
    assert_eq!(none.status.code(), Some(2));
    assert!(text(&none.stderr).contains("json"));
    assert_eq!(einthoven(&["analyze"]).status.code(), Some(2));
    assert_eq!(einthoven(&["analyze", "x", "--out", "y", "--patient-age", "999"]).status.code(), Some(2));
    let missing = einthoven(&["show", "/no/such/file"]);
    assert_eq!(missing.status.code(), Some(1));
}

#[test]
fn the_locale_chooses_the_language() {
    let run = |locale: &str| {
        let out = Command::cargo_bin("einthoven").unwrap().env("LC_ALL", locale).args(["list", "formats"]).output();
        text(&out.unwrap().stdout)
    };
    assert_ne!(run("zh_CN.UTF-8"), run("en_US.UTF-8"));
    for what in ["formats", "statements", "outputs", "suites", "schema"] {
        assert_eq!(einthoven(&["list", what]).status.code(), Some(0), "{what}");
    }
}

#[cfg(unix)]
#[test]
fn an_interrupt_leaves_whole_files_only() {
    let dir = tempfile::tempdir().unwrap();
    let (input, out) = (dir.path().join("in"), dir.path().join("out"));
    fs::create_dir(&input).unwrap();
    for n in 0..60 {
        record(&input, "normal-man", &format!("r{n:02}"));
    }
    let mut child = std::process::Command::new(assert_cmd::cargo::cargo_bin("einthoven"))
        .args(["analyze", input.to_str().unwrap(), "--out", out.to_str().unwrap(), "--to", "json", "--jobs", "1"])
        .stdout(std::process::Stdio::null())
        .stderr(std::process::Stdio::null())
        .spawn()
        .unwrap();
    let reports = || -> Vec<String> {
        let all = if out.is_dir() { files(&out) } else { Vec::new() };
        all.into_iter().filter(|f| Path::new(f).extension().is_some_and(|e| e == "json")).collect()
    };
    while reports().is_empty() {
        assert!(child.try_wait().unwrap().is_none(), "ended before its first report");
        std::thread::yield_now();
    }
    std::process::Command::new("kill").args(["-INT", &child.id().to_string()]).status().unwrap();
    let status = child.wait().unwrap();
    let reports = reports();
    // All may have been done before the signal came; else the code says that it was interrupted.
    assert!(status.code() == Some(130) || reports.len() == 60, "{status:?} after {}", reports.len());
    for report in &reports {
        let bytes = fs::read(out.join(report)).unwrap();
        assert!(serde_json::from_slice::<serde_json::Value>(&bytes).is_ok(), "{report} is not whole");
    }
    assert!(files(&out).iter().all(|f| !f.starts_with(".einthoven-")));
    assert!(out.join("index.html").is_file());
}

#[cfg(unix)]
#[test]
fn what_is_no_file_is_refused_in_plain_words_and_never_waited_for() {
    let dir = inbox();
    let at = |name: &str| dir.path().join(name).display().to_string();
    assert!(std::process::Command::new("mkfifo").arg(at("in/pipe")).status().unwrap().success());
    std::os::unix::fs::symlink("/no/such/file", at("in/gone.dat")).unwrap();
    let said = |arguments: &[&str]| {
        let mut command = Command::cargo_bin("einthoven").unwrap();
        let run = command.timeout(std::time::Duration::from_mins(1)).args(arguments).output().unwrap();
        assert_eq!(run.status.code(), Some(1), "{arguments:?}");
        text(&run.stderr)
    };
    let cases = [
        ("in/pipe", "不是普通文件", "not a regular file"),
        ("in/gone.dat", "没有这个文件", "no such file"),
        ("in", "这是文件夹", "this is a folder"),
    ];
    for (name, zh, en) in cases {
        for command in ["info", "show"] {
            assert!(said(&[command, &at(name), "--lang", "zh"]).contains(zh), "{command} {name}");
            assert!(said(&[command, &at(name), "--lang", "en"]).contains(en), "{command} {name}");
        }
    }
    assert!(
        said(&["analyze", &at("in/pipe"), "--out", &at("one"), "--to", "json", "--lang", "zh"]).contains("普通文件")
    );
    let whole = said(&["analyze", &at("in"), "--out", &at("out"), "--to", "json", "--lang", "zh"]);
    assert!(whole.contains("gone.dat") && whole.contains("没有这个文件"), "{whole}");
    assert!(dir.path().join("out/a.json").is_file(), "the rest is reported");
    let blocked = said(&["analyze", &at("in"), "--out", &at("in/a.hea"), "--lang", "zh"]);
    assert!(blocked.contains("这是文件，不是文件夹"), "{blocked}");
}

#[test]
fn an_empty_folder_and_an_output_named_twice() {
    let dir = inbox();
    let at = |name: &str| dir.path().join(name).display().to_string();
    fs::create_dir(dir.path().join("empty")).unwrap();
    for command in [&["analyze"][..], &["convert", "--to", "csv"], &["annotate"]] {
        let run = einthoven(&[command, &[&at("empty"), "--out", &at("none"), "--lang", "zh"]].concat());
        assert!(text(&run.stderr).contains("没有找到心电图文件"), "{command:?}");
    }
    einthoven(&["analyze", &at("in"), "--out", &at("out"), "--to", "json,json"]);
    let index = fs::read_to_string(dir.path().join("out/index.html")).unwrap();
    assert_eq!(index.matches(">JSON<").count(), 2, "one link for each of two recordings: {index}");
}

#[test]
fn info_and_show_read_standard_input() {
    let dir = inbox();
    let out = dir.path().join("csv");
    let input = dir.path().join("in");
    einthoven(&["convert", input.to_str().unwrap(), "--to", "csv", "--out", out.to_str().unwrap()]);
    for command in ["info", "show"] {
        let run = Command::cargo_bin("einthoven")
            .unwrap()
            .args([command, "-", "--lang", "en"])
            .write_stdin(fs::read(out.join("a.csv")).unwrap())
            .output()
            .unwrap();
        assert_eq!(run.status.code(), Some(0), "{command}: {}", text(&run.stderr));
    }
    let wrong = einthoven(&["evaluate", "nothing", "--data", ".", "--lang", "zh"]);
    assert!(wrong.status.code() == Some(2) && text(&wrong.stderr).contains("没有名为 nothing 的评测集"));
    let empty = einthoven(&[
        "train",
        "beats",
        "--data",
        dir.path().join("csv").to_str().unwrap(),
        "--out",
        "m",
        "--lang",
        "zh",
    ]);
    assert!(
        empty.status.code() == Some(1) && text(&empty.stderr).contains("没有该评测集的记录"),
        "{}",
        text(&empty.stderr)
    );
}

#[test]
fn critical_thresholds_are_checked_by_file_line_and_cause() {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("centre.toml").display().to_string();
    let check = |lang: &str, toml: &str| {
        fs::write(&file, toml).unwrap();
        einthoven(&["--lang", lang, "list", "critical", "--critical", &file])
    };
    let defaults = text(&einthoven(&["list", "critical"]).stdout);
    // What is printed is itself a file that is accepted and means the same.
    let again = check("en", &defaults);
    assert!(again.status.success(), "{}", text(&again.stderr));
    assert_eq!(text(&again.stdout), defaults);
    let ours = check("en", "bradycardia_bpm = 40");
    assert!(text(&ours.stdout).contains("bradycardia_bpm = 40.0") && text(&ours.stdout).contains("default 35"));
    for (lang, cause) in [("en", "line 2: bradycardia_bpm = 140"), ("zh", "第2行：bradycardia_bpm = 140")] {
        let refused = check(lang, "# ours\nbradycardia_bpm = 140\n");
        let said = text(&refused.stderr);
        assert_eq!(refused.status.code(), Some(1));
        assert!(said.contains("centre.toml: ") && said.contains(cause) && refused.stdout.is_empty(), "{said}");
    }
    let nowhere = einthoven(&["list", "critical", "--critical", &format!("{file}.gone")]);
    assert_eq!(nowhere.status.code(), Some(2));
}

#[test]
fn analysis_applies_the_centres_critical_thresholds() {
    let dir = tempfile::tempdir().unwrap();
    let (file, out) = (dir.path().join("centre.toml"), dir.path().join("out"));
    let sample = format!("{}/samples/av-block-3.hea", env!("CARGO_MANIFEST_DIR"));
    let (file, folder) = (file.display().to_string(), out.display().to_string());
    let analyze = |more: &[&str]| {
        let mut words = vec!["analyze", &sample, "--out", &folder, "--to", "json", "--resume", "--lang", "en"];
        words.extend_from_slice(more);
        einthoven(&words)
    };
    let verdict = || {
        let report = fs::read(out.join("av-block-3.json")).unwrap();
        let report: serde_json::Value = serde_json::from_slice(&report).unwrap();
        let tiers =
            report["critical_values"].as_array().unwrap().iter().map(|v| v["tier"].as_str().unwrap().to_owned());
        (report["critical"].as_bool().unwrap(), tiers.collect::<Vec<_>>())
    };
    assert!(analyze(&[]).status.success());
    assert_eq!(verdict(), (false, vec!["major-positive".to_owned()]));
    // The same file by other thresholds is another report: `--resume` must not keep the old one.
    fs::write(&file, "complete_block_is_critical = true\n").unwrap();
    let stricter = analyze(&["--critical", &file]);
    assert!(stricter.status.success(), "{}", text(&stricter.stderr));
    assert_eq!(verdict(), (true, vec!["critical".to_owned()]));
    fs::write(&file, "bradicardia = 40\n").unwrap();
    let wrong = analyze(&["--critical", &file]);
    assert!(
        wrong.status.code() == Some(2) && text(&wrong.stderr).contains("centre.toml: line 1"),
        "{}",
        text(&wrong.stderr)
    );
}
