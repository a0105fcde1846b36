//! Serial comparison: pairs of simulated ECGs of one patient, and one ECG against itself.
use crate::util::data;
use einthoven::interpret::serial::{Comparison, Kind};
use einthoven::report::{Report, Settings, render};
use einthoven::signal::{Bpm, Mv, Recording, Sex};
use einthoven::simulate::{Script, rhythm, shapes, simulate};
use einthoven::text::Lang;
use einthoven::{Options, diagnose};

/// A woman of sixty, in `rhythm` with `shape`, on a day of 2026.
fn ecg(kind: &str, bpm: f64, shape: &[&str], month: i8) -> Recording {
    let mut script = Script::new("pair", rhythm::find(kind).unwrap());
    script.seed = 7 + month as u64;
    script.bpm = Some(Bpm(bpm));
    script.shapes = shape.iter().map(|id| shapes::find(id).unwrap()).collect();
    script.patient.id = Some("0042".into());
    script.patient.name = Some("欧阳㛃".into());
    script.patient.sex = Some(Sex::Female);
    script.patient.age = Some(60.0);
    script.start = Some(jiff::civil::date(2026, month, 2).at(9, 0, 0, 0));
    script.noise.wander = Mv(0.015);
    script.noise.muscle = Mv(0.004);
    simulate(&script).recording
}

/// The new ECG's report with the old one beside it.
pub fn compared(old: Recording, new: Recording) -> Report {
    let options = Options::default();
    let (before, now) = (diagnose(&old, &options), diagnose(&new, &options));
    Report::new(new, now, None).with_prior(old, before, false).unwrap()
}

fn comparison(old: Recording, new: Recording) -> Comparison {
    compared(old, new).prior.unwrap().comparison
}

fn kinds(c: &Comparison) -> Vec<Kind> {
    c.statements.iter().map(|s| s.id).collect()
}

fn because(c: &Comparison, kind: Kind) -> String {
    let of = c.statements.iter().filter(|s| s.id == kind).flat_map(|s| &s.because);
    of.flat_map(|b| [b.zh.as_ref(), b.en.as_ref()]).collect::<Vec<_>>().join("\n")
}

#[test]
fn the_same_heart_on_another_day_has_not_changed() {
    for shape in [&[][..], &["lbbb"], &["mi-inferior-old"], &["lvh-strain"]] {
        let c = comparison(ecg("sinus", 70.0, shape, 3), ecg("sinus", 76.0, shape, 9));
        assert_eq!(kinds(&c), [Kind::Unchanged], "{shape:?}: {c:#?}");
        assert_eq!(c.statements[0].aha, Some("400"));
        assert!(c.difference.unwrap() < 0.2 && c.doubts.is_empty(), "{shape:?}: {:?} {:?}", c.difference, c.doubts);
    }
}

#[test]
fn new_fibrillation_has_replaced_sinus_rhythm() {
    let c = comparison(ecg("sinus", 72.0, &[], 3), ecg("fibrillation", 120.0, &[], 9));
    assert!(kinds(&c).contains(&Kind::Rhythm), "{c:#?}");
    let said = because(&c, Kind::Rhythm);
    assert!(said.contains("has replaced sinus rhythm") && said.contains("取代窦性心律"), "{said}");
    assert!(said.contains("Heart rate faster by"), "{said}");
    assert!(c.new.iter().any(|d| d.id.starts_with("atrial-fibrillation")));
}

#[test]
fn new_left_bundle_branch_block_is_a_conduction_change_and_no_ischemia() {
    let c = comparison(ecg("sinus", 72.0, &[], 3), ecg("sinus", 72.0, &["lbbb"], 9));
    let said = because(&c, Kind::Conduction);
    assert!(
        said.contains("Left bundle branch block now present") || said.contains("left bundle branch block now present"),
        "{c:#?}"
    );
    assert!(!kinds(&c).contains(&Kind::Ischemia), "{c:#?}");
    assert!(c.leads.is_empty() && !c.notes.is_empty(), "secondary ST and T are not compared: {c:#?}");
    assert!(because(&c, Kind::Intervals).contains("QRS duration longer by"), "{c:#?}");
    let back = comparison(ecg("sinus", 72.0, &["lbbb"], 3), ecg("sinus", 72.0, &[], 9));
    assert!(because(&back, Kind::Resolved).contains("no longer present"), "{back:#?}");
}

#[test]
fn an_evolving_infarct_is_told_by_lead() {
    let c = comparison(ecg("sinus", 72.0, &[], 3), ecg("sinus", 84.0, &["mi-anterior-acute"], 9));
    let said = because(&c, Kind::Ischemia);
    assert!(said.contains("infarction now present") && said.contains("新出现："), "{c:#?}");
    assert!(said.contains("ST higher than before in") && said.contains("V3"), "{c:#?}");
    // The same infarct later: the elevation has fallen.
    let c = comparison(ecg("sinus", 84.0, &["mi-anterior-acute"], 3), ecg("sinus", 72.0, &["mi-anterior-old"], 9));
    assert!(because(&c, Kind::Resolved).contains("ST deviation less than before"), "{c:#?}");
}

#[test]
fn a_longer_qt_is_a_repolarization_change() {
    let c = comparison(ecg("sinus", 66.0, &[], 3), ecg("sinus", 66.0, &["long-qt"], 9));
    let said = because(&c, Kind::Repolarization);
    assert!(said.contains("QTc (Fridericia) longer by") && said.contains("QTc（Fridericia）延长"), "{c:#?}");
    assert!(!kinds(&c).contains(&Kind::Rhythm) && !kinds(&c).contains(&Kind::Ischemia), "{c:#?}");
}

#[test]
fn another_patients_ecg_is_refused_and_a_vouched_one_says_so() {
    let (old, mut new) = (ecg("sinus", 70.0, &[], 3), ecg("sinus", 70.0, &[], 9));
    new.patient.id = Some("0043".into());
    new.patient.sex = Some(Sex::Male);
    let options = Options::default();
    let report = Report::new(new.clone(), diagnose(&new, &options), None);
    let Err(other) = report.clone().with_prior(old.clone(), diagnose(&old, &options), false) else {
        panic!("compared")
    };
    let said = other.text();
    assert!(said.en.contains("0042") && said.en.contains("sexes") && said.zh.contains("性别不同"), "{said:?}");
    let vouched = report.with_prior(old.clone(), diagnose(&old, &options), true).unwrap();
    assert_eq!(vouched.prior.unwrap().comparison.doubts.len(), 2);
    // In the wrong order of time it is said as well.
    let c = comparison(ecg("sinus", 70.0, &[], 9), old);
    assert!(c.doubts.iter().any(|d| d.en.contains("recorded after")), "{:?}", c.doubts);
}

#[test]
fn every_output_tells_the_comparison() {
    if einthoven::report::font::fonts(Lang::Zh).is_err() {
        eprintln!("skipped: no Chinese font");
        return;
    }
    let report = compared(ecg("sinus", 72.0, &[], 3), ecg("sinus", 84.0, &["mi-anterior-acute"], 9));
    for lang in [Lang::Zh, Lang::En] {
        let statement = Kind::Ischemia.text();
        let statement = statement.get(lang);
        for id in ["json", "html", "svg", "csv", "fhir", "hl7"] {
            let bytes = render(&report, id, &Settings::new(lang)).unwrap().unwrap();
            let said = String::from_utf8(bytes).unwrap();
            assert!(said.contains(statement), "{id} lacks {statement}");
            assert!(said.contains("V3"), "{id} lacks the leads");
        }
    }
}

#[test]
fn beside_a_physicians_word_the_programs_comparison_is_named_as_its_own() {
    use einthoven::report::{Decision, Signature};
    if einthoven::report::font::fonts(Lang::Zh).is_err() {
        eprintln!("skipped: no Chinese font");
        return;
    }
    let preliminary = compared(ecg("sinus", 72.0, &[], 3), ecg("sinus", 84.0, &["mi-anterior-acute"], 9));
    let signed: jiff::Zoned = "2026-03-01T10:00:00+08:00[+08:00]".parse().unwrap();
    let conclusion = "急性心肌梗死".to_owned();
    let signature = Signature { name: "王医师".into(), decision: Decision::Changed, conclusion, signed };
    let by_hand = Report { signature: Some(signature), ..preliminary.clone() };
    for (lang, mark) in [(Lang::Zh, "程序比较，"), (Lang::En, "By the program: ")] {
        let svg =
            |report: &Report| String::from_utf8(render(report, "svg", &Settings::new(lang)).unwrap().unwrap()).unwrap();
        assert_eq!(svg(&by_hand).matches(mark).count(), 2, "on the first page and above the comparison");
        assert!(!svg(&preliminary).contains(mark), "where all is the program's nothing needs the mark");
    }
}

/// Two halves of one ECG: what the comparison calls a change there is an error of ours.
#[test]
fn two_halves_of_one_ecg_hardly_differ() {
    let Some(folder) = data("ptbxl") else { return };
    let mut files: Vec<_> = std::fs::read_dir(folder).unwrap().map(|e| e.unwrap().path()).collect();
    files.retain(|p| p.extension().is_some_and(|e| e == "hea"));
    files.sort();
    let every = if std::env::var_os("EINTHOVEN_ALL").is_some() { 1 } else { 10 };
    let (mut all, mut unchanged, mut apart) = (0, 0, Vec::new());
    for path in files.iter().step_by(every) {
        let mut whole = einthoven::open(path).unwrap();
        whole.patient.id = Some("1".into());
        let half = whole.len() / 2;
        let part = |from: usize, to: usize| {
            let mut part = whole.clone();
            part.samples = whole.samples.slice_axis(ndarray::Axis(1), (from..to).into()).to_owned();
            part.annotations.clear();
            part
        };
        let c = comparison(part(0, half), part(half, 2 * half));
        let kinds = kinds(&c);
        all += 1;
        unchanged += usize::from(kinds == [Kind::Unchanged] || kinds == [Kind::Reading]);
        apart.extend(c.difference);
        if every == 1 && !(kinds == [Kind::Unchanged] || kinds == [Kind::Reading]) {
            eprintln!(
                "{}: {:?} {:?}",
                path.display(),
                c.difference,
                c.statements
                    .iter()
                    .map(|s| (&s.text.en, s.because.iter().map(|b| &b.en).collect::<Vec<_>>()))
                    .collect::<Vec<_>>()
            );
        }
    }
    apart.sort_by(f64::total_cmp);
    let at = |part: f64| apart[((apart.len() - 1) as f64 * part) as usize];
    eprintln!(
        "halves: {unchanged} of {all} unchanged; difference median {:.3}, 90 % {:.3}, 99 % {:.3}",
        at(0.5),
        at(0.9),
        at(0.99)
    );
    assert!(unchanged * 10 >= all * 6, "{unchanged} of {all} unchanged");
}

#[test]
#[ignore = "makes pictures to look at"]
fn pictures() {
    let folder = std::env::var("EINTHOVEN_LOOK").expect("EINTHOVEN_LOOK names the folder");
    let pairs = [
        ("stemi", ecg("sinus", 72.0, &[], 3), ecg("sinus", 84.0, &["mi-anterior-acute"], 9)),
        ("lbbb", ecg("sinus", 72.0, &[], 3), ecg("sinus", 72.0, &["lbbb"], 9)),
        ("af", ecg("sinus", 72.0, &[], 3), ecg("fibrillation", 120.0, &["st-t-nonspecific"], 9)),
        ("same", ecg("sinus", 70.0, &[], 3), ecg("sinus", 76.0, &[], 9)),
    ];
    for (name, old, new) in pairs {
        let report = compared(old, new);
        for lang in [Lang::Zh, Lang::En] {
            for id in ["png", "pdf", "html"] {
                let bytes = render(&report, id, &Settings::new(lang)).unwrap().unwrap();
                std::fs::write(format!("{folder}/compare-{name}-{}.{id}", lang.tag()), bytes).unwrap();
            }
        }
    }
}

/// Writes a recording as DICOM, which holds the patient's number, sex and the time.
fn write(folder: &std::path::Path, name: &str, recording: &Recording) {
    let dicom = einthoven::ingest::FORMATS.iter().find(|f| f.id == "dicom").unwrap();
    for (file, bytes) in dicom.write.unwrap()(recording, name).unwrap() {
        std::fs::write(folder.join(file), bytes).unwrap();
    }
}

#[test]
fn a_batch_compares_with_the_patients_last_ecg_and_with_no_one_elses() {
    let dir = tempfile::tempdir().unwrap();
    let (new, old, out) = (dir.path().join("new"), dir.path().join("old"), dir.path().join("out"));
    std::fs::create_dir_all(&new).unwrap();
    std::fs::create_dir_all(&old).unwrap();
    let swapped = |mut recording: Recording| {
        recording.patient.sex = Some(Sex::Male);
        recording
    };
    write(&new, "a", &ecg("sinus", 72.0, &["lbbb"], 9));
    write(
        &new,
        "b",
        &Recording {
            patient: einthoven::signal::Patient { id: Some("0099".into()), ..Default::default() },
            ..ecg("sinus", 72.0, &[], 9)
        },
    );
    write(&old, "first", &ecg("sinus", 72.0, &["lbbb"], 2));
    write(&old, "last", &ecg("sinus", 72.0, &[], 5));
    write(&old, "later", &ecg("sinus", 72.0, &["lbbb"], 11));
    let run = |prior: &std::path::Path| {
        let mut command = assert_cmd::Command::cargo_bin("einthoven").unwrap();
        let done = command
            .args(["--lang", "en", "analyze"])
            .arg(&new)
            .arg("--out")
            .arg(&out)
            .arg("--prior")
            .arg(prior)
            .args(["--to", "json", "--at", "none"])
            .output()
            .unwrap();
        assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
        ["a.json", "b.json"]
            .map(|name| serde_json::from_slice::<serde_json::Value>(&std::fs::read(out.join(name)).unwrap()).unwrap())
    };
    let [a, b] = run(&old);
    assert_eq!(a["comparison"]["prior"]["start"], "2026-05-02T09:00:00", "the last one before it");
    assert!(a["comparison"]["statements"].as_array().unwrap().iter().any(|s| s["aha"] == "403"), "{}", a["comparison"]);
    assert_eq!(b["comparison"], serde_json::Value::Null, "no ECG of this patient");
    // The same number, another sex: nothing is compared, and the report says why.
    let mixed = dir.path().join("mixed");
    std::fs::create_dir_all(&mixed).unwrap();
    write(&mixed, "x", &swapped(ecg("sinus", 72.0, &[], 5)));
    let [a, _] = run(&mixed);
    assert_eq!(a["comparison"], serde_json::Value::Null);
    assert!(a["notes"][0]["en"].as_str().unwrap().contains("not of one patient"), "{}", a["notes"]);
}
