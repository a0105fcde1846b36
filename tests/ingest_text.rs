//! Text tables: layouts of the wild, dialects, refusals that say what to give.
use crate::util::data;
use einthoven::ingest::{self, ReadError, ReadOptions, Source, recognise};
use einthoven::signal::LeadName;
use einthoven::{Recording, open};
use std::fmt::Write as _;

fn read_with(text: impl Into<Vec<u8>>, options: &ReadOptions) -> Result<Recording, ReadError> {
    ingest::read(&Source::memory("t.csv", text.into()), options)
}

fn read(text: impl Into<Vec<u8>>) -> Result<Recording, ReadError> {
    read_with(text, &ReadOptions::default())
}

/// A table of 20 rows made by `row`.
fn table(head: &str, row: impl Fn(usize) -> String) -> String {
    (0..20).fold(head.to_string(), |mut text, i| {
        let _ = writeln!(text, "{}", row(i));
        text
    })
}

#[test]
fn the_same_table_in_many_layouts() {
    let ways = [
        table("time (s),I (mV),II (mV)\n", |i| format!("{},{},{}", i as f64 * 0.004, i as f64 / 10.0, -1.5)),
        table("time_ms\tI_uV\tII_uV\r\n", |i| format!("{}\t{}\t-1500\r", i * 4, i * 100)),
        table("Zeit [ms];I [µV];II [µV];\n", |i| format!("{};{},0;-1500,0;", i * 4, i * 100)),
        table("  t   I/mV  II/mV\n", |i| format!("  {:.3}   {}   -1.5 ", i as f64 * 0.004, i as f64 / 10.0)),
        table("'Elapsed time','I','II'\n'hh:mm:ss.mmm','mV','mV'\n", |i| {
            format!("'0:00:00.{:03}',{},-1.5", i * 4, i as f64 / 10.0)
        }),
        table("# Sampling frequency: 250 Hz\n# gain = 200\n\"I\",\"II\"\n", |i| format!("{},\"-300\"", i * 20)),
        table("采样率:250\n单位:微伏\n\nI导联,II导联\n", |i| format!("{},-1500", i * 100)),
    ];
    for text in ways {
        let r = read(text.clone()).unwrap_or_else(|e| panic!("{e}\n{text}"));
        assert_eq!((r.rate.0, r.len(), r.leads.len()), (250.0, 20, 6), "{text}");
        let (one, two) = (r.lead(&LeadName::I).unwrap(), r.lead(&LeadName::II).unwrap());
        for (i, (a, b)) in one.iter().zip(two).enumerate() {
            assert!((a - i as f32 / 10.0).abs() < 1e-6 && (b - -1.5).abs() < 1e-6, "{text}");
        }
    }
}

#[test]
fn encodings_and_missing_values() {
    let text = table("时间(秒),I(毫伏)\n", |i| match i {
        3 => "0.012,".to_string(),
        4 => "0.016,NaN".to_string(),
        _ => format!("{},0.5", i as f64 * 0.004),
    });
    let gb: Vec<u8> = text
        .chars()
        .flat_map(|c| match c {
            '时' => vec![0xca, 0xb1],
            '间' => vec![0xbc, 0xe4],
            '秒' => vec![0xc3, 0xeb],
            '毫' => vec![0xba, 0xc1],
            '伏' => vec![0xb7, 0xfc],
            '(' => vec![0xa3, 0xa8],
            ')' => vec![0xa3, 0xa9],
            c => c.to_string().into_bytes(),
        })
        .collect();
    let utf16: Vec<u8> = [0xff, 0xfe].into_iter().chain(text.encode_utf16().flat_map(u16::to_le_bytes)).collect();
    let marked = [b"\xef\xbb\xbf".to_vec(), text.clone().into_bytes()].concat();
    for bytes in [text.into_bytes(), gb, utf16, marked] {
        let r = read(bytes).unwrap();
        let one = r.lead(&LeadName::I).unwrap();
        assert_eq!((r.rate.0, one.len()), (250.0, 20));
        assert!(one[3].is_nan() && one[4].is_nan() && one[5] == 0.5);
    }
}

#[test]
fn nothing_is_guessed() {
    let no_rate = read(table("I (mV),II (mV)\n", |i| format!("{i},1"))).unwrap_err();
    assert!(no_rate.to_string().contains("--rate") && no_rate.text().zh.contains("采样率"));
    let no_unit = read(table("time,I,II\n", |i| format!("{},1,2", i as f64 * 0.002))).unwrap_err();
    assert!(no_unit.to_string().contains("--gain"), "{no_unit}");
    let text = table("sample,ECG\n", |i| format!("{i},{i}"));
    assert!(read(text.clone()).is_err());
    let given = ReadOptions { rate: Some(300.0), gain: Some(1000.0), ..ReadOptions::default() };
    let r = read_with(text, &given).unwrap();
    assert_eq!((r.rate.0, r.samples[(0, 5)]), (300.0, 0.005));
    // A clock without unit in steps of 2 is no seconds.
    assert!(read(table("timestamp,I (mV)\n", |i| format!("{},1", 1_700_000_000_000_u64 + 2 * i as u64))).is_err());
}

#[test]
fn errors_name_line_and_column() {
    let broken = table("time (s),I (mV),II (mV)\n", |i| {
        if i == 15 { "0.06,0.1,oops".to_string() } else { format!("{},0.1,0.2", i as f64 * 0.004) }
    });
    let error = read(broken).unwrap_err().to_string();
    assert!(error.contains("line 17, column 3") && error.contains("oops"), "{error}");
    let short = table("time (s),I (mV),II (mV)\n", |i| {
        if i == 12 { "0.048,0.1".to_string() } else { format!("{},0.1,0.2", i as f64 * 0.004) }
    });
    assert!(read(short).unwrap_err().to_string().contains("line 14"));
    let mut cut = table("time (s),I (mV),II (mV)\n", |i| format!("{},0.1,0.2", i as f64 * 0.004));
    cut.push_str("0.08,0.");
    let r = read(cut).unwrap();
    assert_eq!(r.len(), 20);
    assert!(r.notes.iter().any(|n| n.en.contains("last line")));
}

#[test]
fn gaps_in_time_are_missing_samples() {
    let text = table("time (s),I (mV)\n", |i| format!("{},1", (i + if i >= 10 { 5 } else { 0 }) as f64 * 0.004));
    let r = read(text).unwrap();
    assert_eq!((r.rate.0, r.len()), (250.0, 25));
    assert_eq!(r.samples.row(0).iter().filter(|v| v.is_nan()).count(), 5);
    let backwards = table("time (s),I (mV)\n", |i| format!("{},1", if i == 15 { 0.0 } else { i as f64 * 0.004 }));
    assert!(read(backwards).unwrap_err().to_string().contains("line 17"));
}

#[test]
fn other_signals_and_other_files() {
    let text = table("time (s),I (mV),RESP (mV),SpO2 (%)\n", |i| format!("{},1,2,98", i as f64 * 0.004));
    let r = read(text).unwrap();
    assert_eq!(r.leads, [LeadName::I]);
    assert_eq!(r.notes.len(), 2);
    for other in
        ["# Notes\nJust words.\n".repeat(30), table("{\"a\":1}\n", |i| format!("{i}")), "a,b\n1,x\n".repeat(20)]
    {
        assert!(matches!(read(other.clone()), Err(ReadError::Unrecognized)), "{other}");
    }
}

#[test]
fn apple_health_in_english_and_german() {
    let english = "Name,\"Jane Doe\"\nDate of Birth,\"Jan 31, 1980\"\nRecorded Date,2019-03-28 10:12:13 +0100\n\
        Classification,Sinus Rhythm\nSymptoms,\nSoftware Version,1.90\nDevice,\"Watch4,2\"\nSample Rate,512 hertz\n\n\n\
        Lead,Lead I\nUnit,µV\n\n";
    let german = "Name,\"Jane Doe\"\nGeburtsdatum,31.01.1980\nAufzeichnungsdatum,2019-03-28 10:12:13 +0100\n\
        Klassifizierung,Sinusrhythmus\nSymptome,\nSoftwareversion,1.90\nGerät,\"Watch4,2\"\nAbtastrate,\"512 Hertz\"\n\n\n\
        Ableitung,Ableitung I\nEinheit,µV\n\n";
    let value = |i: usize| -33.5 + i as f64;
    let comma = |i: usize| format!("{:.3}", value(i)).replace('.', ",");
    for text in [
        table(english, |i| format!("{:.3}", value(i))),
        table(german, comma),
        table(german, |i| format!("\"{}\"", comma(i))),
    ] {
        let r = read(text.clone()).unwrap_or_else(|e| panic!("{e}\n{text}"));
        assert_eq!((r.rate.0, r.len()), (512.0, 20), "{text}");
        assert_eq!(r.patient.birth, Some(jiff::civil::date(1980, 1, 31)));
        assert_eq!(r.device.statements.len(), 1);
        assert_eq!(r.start.unwrap().to_string(), "2019-03-28T10:12:13");
        assert!((r.samples[(0, 2)] - -0.0315).abs() < 1e-7, "{}", r.samples[(0, 2)]);
    }
}

#[test]
fn challenge_2011() {
    let Some(folder) = data("cinc2011") else { return };
    let r = open(folder.join("group-I/1002867.txt")).unwrap();
    assert_eq!((r.leads.len(), r.rate.0, r.len()), (12, 500.0, 5000));
    assert_eq!(r.leads, LeadName::TWELVE);
    // In the file, aVF (II − I/2 = −468) stands before aVL (I − II/2 = 6).
    assert!((r.lead(&LeadName::AvL).unwrap()[0] - 0.03).abs() < 1e-6);
    assert!((r.samples[(0, 0)] - -304.0 * 0.005).abs() < 1e-6 && r.derived.is_empty());
    assert!(r.notes.iter().any(|n| n.en.contains("2011")));
    let mut unread = Vec::new();
    for group in ["group-I", "group-II"] {
        for entry in std::fs::read_dir(folder.join(group)).unwrap() {
            let path = entry.unwrap().path();
            match open(&path) {
                Ok(r) => assert_eq!((r.leads.len(), r.len()), (12, 5000), "{}", path.display()),
                Err(e) => unread.push(format!("{}: {e}", path.display())),
            }
        }
    }
    assert!(unread.is_empty(), "{}", unread.join("\n"));
}

#[test]
fn contec_csv() {
    let Some(folder) = data("formats/contec") else { return };
    let r = open(folder.join("0000050.csv")).unwrap();
    assert_eq!((r.leads.len(), r.rate.0, r.len()), (6, 800.0, 37_855));
    assert!((r.samples[(0, 0)] - -0.1).abs() < 1e-6);
    // Its SCP twin holds the same counts and the scale.
    let twin = open(folder.join("0000050.scp")).unwrap();
    for lead in &r.leads {
        let (a, b) = (r.lead(lead).unwrap(), twin.lead(lead).unwrap());
        let worst = a.iter().zip(b).map(|(a, b)| (a - b).abs()).fold(0.0, f32::max);
        assert!(worst <= 0.0026, "{lead}: {worst}");
    }
}

#[test]
fn no_text_is_taken_for_another_format() {
    for text in [table("t,I\n", |i| format!("{i},1")), "1 12 500 5000\n2 16 3 4\n".repeat(20)] {
        let source = Source::memory("x", text.into_bytes());
        assert_eq!(recognise(&source).map(|f| f.id), Some("csv"));
    }
}
