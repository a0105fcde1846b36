//! The catalogue as a whole: every statement is complete, and the declared precedence makes sense.
use einthoven::interpret::RULES;
use einthoven::simulate::{Case, simulate};
use std::collections::BTreeSet;

fn kebab(id: &str) -> bool {
    let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
    !id.is_empty() && id.chars().all(plain) && !id.starts_with('-') && !id.ends_with('-') && !id.contains("--")
}

fn has_chinese(s: &str) -> bool {
    s.chars().any(|c| ('\u{4e00}'..='\u{9fff}').contains(&c))
}

#[test]
fn statements_are_complete_and_unique() {
    assert!(RULES.len() >= 140, "{} statements", RULES.len());
    let mut ids = BTreeSet::new();
    let mut texts = BTreeSet::new();
    for rule in RULES {
        assert!(kebab(rule.id), "{}", rule.id);
        assert!(kebab(rule.family), "{}: {}", rule.id, rule.family);
        assert!(ids.insert(rule.id), "twice: {}", rule.id);
        assert!(texts.insert(rule.text.en.to_lowercase()), "same words twice: {}", rule.text.en);
        assert!(has_chinese(&rule.text.zh) || rule.text.zh.starts_with("R-on-T"), "{}", rule.id);
        assert!(has_chinese(&rule.criteria.zh), "{}", rule.id);
        assert!(
            rule.text.en.is_ascii() && rule.text.en.chars().next().unwrap().is_ascii_alphanumeric(),
            "{}",
            rule.text.en
        );
        assert!(rule.criteria.en.len() > 10, "{}", rule.id);
        assert!(rule.source.cite.len() > 20, "{}", rule.id);
        assert!(rule.source.doi.is_none_or(|d| d.starts_with("10.") && d.contains('/')), "{:?}", rule.source.doi);
    }
}

#[test]
fn replaced_statements_exist_and_no_pair_removes_each_other() {
    let replaces = |id: &str| RULES.iter().find(|r| r.id == id).map(|r| r.replaces);
    for rule in RULES {
        for other in rule.replaces {
            let theirs = replaces(other).unwrap_or_else(|| panic!("{} replaces unknown `{other}`", rule.id));
            assert!(!theirs.contains(&rule.id), "{} and {other} remove each other", rule.id);
            assert_ne!(rule.id, *other);
        }
    }
}

#[test]
fn codes_are_well_formed() {
    for rule in RULES {
        let digits = |s: &str| !s.is_empty() && s.chars().all(|c| c.is_ascii_digit());
        for code in rule.codes.aha {
            let n: u32 = code.parse().unwrap();
            assert!((1..=503).contains(&n), "{}: AHA {code}", rule.id);
        }
        for code in rule.codes.snomed {
            assert!(digits(code) && (6..=18).contains(&code.len()), "{}: SNOMED CT {code}", rule.id);
        }
        for code in rule.codes.minnesota {
            assert!(code.split('-').all(digits), "{}: Minnesota {code}", rule.id);
        }
        for code in rule.codes.scp {
            assert!(code.chars().all(|c| c.is_ascii_uppercase() || c.is_ascii_digit() || "_/()".contains(c)), "{code}");
        }
    }
}

#[test]
fn without_a_scale_nothing_is_said_of_voltages() {
    let mut recording = simulate(&Case::find("lvh-strain").unwrap().script().unwrap()).recording;
    let said = |r: &einthoven::Recording| {
        let interpretation = einthoven::diagnose(r, &einthoven::Options::default()).interpretation;
        interpretation.findings.iter().map(|f| (f.rule.id, f.evidence.rests_on("mV"))).collect::<Vec<_>>()
    };
    assert!(said(&recording).iter().any(|f| f.1), "the case rests on voltages");
    recording.origin.unscaled = true;
    let doubtful = said(&recording);
    assert!(doubtful.iter().all(|f| !f.1) && doubtful.iter().any(|f| f.0 == "amplitude-scale-unknown"), "{doubtful:?}");
    assert!(doubtful.iter().any(|f| f.0 == "sinus-rhythm"), "{doubtful:?}");
}
