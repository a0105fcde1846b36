//! Free text without names, numbers and dates.

use std::ops::Range;

/// What stands in place of what was removed.
const REMOVED: &str = "[removed]";

/// Keys whose value is a person, a place or a number of a person.
const KEYS: &[&str] = &[
    "name",
    "patient",
    "patient name",
    "patient id",
    "id",
    "mrn",
    "physician",
    "doctor",
    "technician",
    "operator",
    "reader",
    "confirmed by",
    "referred by",
    "hospital",
    "institution",
    "department",
    "ward",
    "room",
    "address",
    "phone",
    "telephone",
    "email",
    "accession",
    "姓名",
    "患者",
    "患者姓名",
    "病历号",
    "住院号",
    "门诊号",
    "就诊卡号",
    "身份证",
    "身份证号",
    "医生",
    "医师",
    "主治医师",
    "操作者",
    "技师",
    "医院",
    "科室",
    "病区",
    "病房",
    "床号",
    "地址",
    "电话",
    "联系电话",
];

const MONTHS: [&str; 12] = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"];

/// Shortest digits-only number that is taken for an identifier: shorter ones are measurements.
const SHORTEST_NUMBER: usize = 4;

/// Shortest part of a Latin name that is searched by itself.
const SHORTEST_PART: usize = 3;

/// What to remove.
pub struct Scrub {
    /// In lower case, longest first.
    secrets: Vec<Vec<char>>,
}

impl Scrub {
    /// Knows these names and numbers, and the parts of names of several words.
    pub fn new<'a>(secrets: impl IntoIterator<Item = &'a str>) -> Self {
        let mut all: Vec<Vec<char>> = Vec::new();
        for secret in secrets {
            let parts =
                secret.split(|c: char| !c.is_alphanumeric() && c != '-').filter(|p| p.chars().count() >= SHORTEST_PART);
            for word in std::iter::once(secret.trim()).chain(parts) {
                let long_number = word.chars().filter(char::is_ascii_digit).count() >= SHORTEST_NUMBER;
                let name = word.chars().any(char::is_alphabetic) && word.chars().count() >= 2;
                if long_number || name {
                    all.push(word.chars().flat_map(char::to_lowercase).collect());
                }
            }
        }
        all.sort_by_key(|s| std::cmp::Reverse(s.len()));
        Self { secrets: all }
    }

    /// The text without them; `None` when nothing had to be removed.
    pub fn text(&self, text: &str) -> Option<String> {
        if let Some((key, value)) = text.split_once([':', '\u{ff1a}', '=']) {
            let bare = key.trim_matches(|c: char| !c.is_alphanumeric()).to_lowercase();
            if KEYS.contains(&bare.as_str()) && !value.trim().is_empty() {
                return Some(format!("{key}: {REMOVED}"));
            }
        }
        let chars: Vec<char> = text.chars().collect();
        let mut ranges = self.known(&chars);
        ranges.extend(dates(&chars));
        ranges.extend(numbers(&chars));
        ranges.extend(mail(&chars));
        if ranges.is_empty() {
            return None;
        }
        ranges.sort_by_key(|r| (r.start, std::cmp::Reverse(r.end)));
        let (mut out, mut at) = (String::new(), 0);
        for range in ranges {
            if range.start >= at {
                out.extend(chars.get(at..range.start).unwrap_or_default());
                out.push_str(REMOVED);
            }
            at = at.max(range.end);
        }
        out.extend(chars.get(at..).unwrap_or_default());
        Some(out)
    }

    fn known(&self, chars: &[char]) -> Vec<Range<usize>> {
        let lower: Vec<char> = chars.iter().map(|c| c.to_lowercase().next().unwrap_or(*c)).collect();
        let word = |i: usize| lower.get(i).is_some_and(char::is_ascii_alphanumeric);
        let mut found = Vec::new();
        for secret in &self.secrets {
            // A Latin name or a number is a whole word; Chinese has no blanks.
            let latin = |c: Option<&char>| c.is_some_and(char::is_ascii_alphanumeric);
            let (head, tail) = (latin(secret.first()), latin(secret.last()));
            for (start, window) in lower.windows(secret.len()).enumerate() {
                let end = start + secret.len();
                let inside = head && start > 0 && word(start - 1) || tail && word(end);
                if window == secret.as_slice() && !inside {
                    found.push(start..end);
                }
            }
        }
        found
    }
}

/// A run of digits or of Latin letters, or one other character.
struct Token {
    range: Range<usize>,
    text: String,
}

fn tokens(chars: &[char]) -> Vec<Token> {
    let kind = |c: char| if c.is_ascii_digit() { 1 } else { 2 * u8::from(c.is_ascii_alphabetic()) };
    let mut tokens: Vec<Token> = Vec::new();
    for (i, c) in chars.iter().enumerate() {
        match tokens.last_mut() {
            Some(t) if kind(*c) != 0 && t.text.chars().last().is_some_and(|l| kind(l) == kind(*c)) => {
                t.range.end = i + 1;
                t.text.push(*c);
            }
            _ => tokens.push(Token { range: i..i + 1, text: c.to_string() }),
        }
    }
    tokens
}

/// Whatever looks like a date: `2026-11-24`, `24.11.2026`, `11/24/26`, `2026年11月24日`, `24-NOV-2026`, `Nov 24, 2026`,
/// `20261124`, `20261124093000`.
fn dates(chars: &[char]) -> Vec<Range<usize>> {
    let tokens = tokens(chars);
    let text = |i: usize| tokens.get(i).map_or("", |t| t.text.as_str());
    let number = |i: usize| text(i).parse::<u32>().ok().filter(|_| text(i).len() <= 4);
    let month = |i: usize| text(i).len() >= 3 && MONTHS.iter().any(|m| text(i).to_ascii_lowercase().starts_with(m));
    let year = |i: usize| number(i).is_some_and(|y| text(i).len() == 4 && (1900..2100).contains(&y));
    let part = |i: usize| number(i).is_some_and(|d| (1..=31).contains(&d));
    let mut found = Vec::new();
    let mut add = |from: usize, last: usize| {
        if let (Some(a), Some(b)) = (tokens.get(from), tokens.get(last)) {
            found.push(a.range.start..b.range.end);
        }
    };
    for i in 0..tokens.len() {
        let mark = |at: usize| matches!(text(at), "-" | "/" | "." | "年" | "月" | " ");
        let even = text(i + 1) == text(i + 3) || text(i + 1) == "年";
        if mark(i + 1) && mark(i + 3) && even && text(i + 1) != " " {
            let short = |at: usize| part(at) && text(at).len() == 2;
            let by_year = year(i) && part(i + 2) && part(i + 4);
            let by_day = part(i) && part(i + 2) && (year(i + 4) || short(i + 4) && text(i + 1) == "/");
            if by_year || by_day {
                add(i, if text(i + 5) == "日" { i + 5 } else { i + 4 });
            }
        }
        if part(i) && matches!(text(i + 1), "-" | "/" | " ") && month(i + 2) && (year(i + 4) || part(i + 4)) {
            add(i, i + 4);
        }
        if month(i) && text(i + 1) == " " && part(i + 2) {
            let comma = usize::from(text(i + 3) == ",");
            if year(i + 4 + comma) {
                add(i, i + 4 + comma);
            }
        }
        if stamp(text(i)) {
            add(i, i);
        }
    }
    found
}

/// `YYYYMMDD` or `YYYYMMDDHHMMSS`.
fn stamp(digits: &str) -> bool {
    let number = |r: Range<usize>| digits.get(r).and_then(|d| d.parse::<u32>().ok()).unwrap_or(0);
    matches!(digits.len(), 8 | 14)
        && digits.bytes().all(|b| b.is_ascii_digit())
        && (1900..2100).contains(&number(0..4))
        && (1..=12).contains(&number(4..6))
        && (1..=31).contains(&number(6..8))
}

/// Mobile telephone numbers (11 digits from 13… to 19…) and identity card numbers (GB 11643: 17 digits and a check).
fn numbers(chars: &[char]) -> Vec<Range<usize>> {
    let tokens = tokens(chars);
    let mut found = Vec::new();
    for (i, token) in tokens.iter().enumerate() {
        let digits = token.text.as_str();
        if !digits.starts_with(|c: char| c.is_ascii_digit()) {
            continue;
        }
        let check = tokens.get(i + 1).is_some_and(|t| t.text.eq_ignore_ascii_case("x"));
        if digits.len() == 17 && check {
            found.push(token.range.start..token.range.end + 1);
        } else if mobile(digits) || digits.len() == 18 {
            found.push(token.range.clone());
        }
    }
    found
}

fn mobile(digits: &str) -> bool {
    let mut head = digits.chars();
    digits.len() == 11 && head.next() == Some('1') && head.next().is_some_and(|c| ('3'..='9').contains(&c))
}

/// `someone@somewhere`.
fn mail(chars: &[char]) -> Vec<Range<usize>> {
    let part = |c: &char| c.is_alphanumeric() || matches!(c, '.' | '-' | '_' | '+');
    let sign = |(i, c): (usize, &char)| (*c == '@').then_some(i);
    let ends = |i: usize| {
        let before = chars.iter().take(i).rev().take_while(|c| part(c)).count();
        let after = chars.iter().skip(i + 1).take_while(|c| part(c)).count();
        (before > 0 && after > 0).then(|| i - before..i + 1 + after)
    };
    chars.iter().enumerate().filter_map(sign).filter_map(ends).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_numbers_and_addresses() {
        let scrub = Scrub::new([]);
        for text in [
            "on 2026-11-24 at 9",
            "24.11.2026",
            "11/24/26",
            "2026年11月24日检查",
            "24-NOV-2026",
            "24 Nov 2026",
            "Nov 24, 2026",
            "20261124",
            "20261124093000",
            "2026/1/4",
            "call 13812345678",
            "11010519491231002X",
            "110105194912310021",
            "mail a.b@c.cn now",
            "Hospital: St. Mary",
            "科室：心内科",
        ] {
            let out = scrub.text(text).unwrap_or_else(|| panic!("{text} kept"));
            assert!(out.contains(REMOVED) && !out.contains("24") || text.contains("1/4"), "{text} became {out}");
        }
        for text in [
            "Dx: 426783006,59118001",
            "PR 160 ms, QRS 96 ms",
            "25 mm/s 10 mm/mV",
            "0.05-150 Hz",
            "v1.2.3",
            "QT 400/420",
            "1-2-3",
            "Dx: 10370003",
        ] {
            assert_eq!(scrub.text(text), None, "{text}");
        }
    }

    #[test]
    fn names_are_whole_words_but_in_chinese() {
        let scrub = Scrub::new(["Li Wei", "李伟"]);
        assert_eq!(scrub.text("患者李伟主诉胸痛").as_deref(), Some("患者[removed]主诉胸痛"));
        assert_eq!(scrub.text("seen: LI WEI").as_deref(), Some("seen: [removed]"));
        assert_eq!(scrub.text("weight, lithium"), None);
    }
}
