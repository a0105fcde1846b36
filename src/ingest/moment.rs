//! Dates and times as DICOM (PS3.5 6.2, DA TM DT) and HL7 (v3 data types, TS) write them: digits, most significant first.

use jiff::civil::{Date, DateTime, Time};

/// `YYYYMMDD…`; a year of 1900 stands for an unknown date (a filler where a date is obligatory).
pub fn date(text: &str) -> Option<Date> {
    let digits: String =
        text.trim().chars().filter(|c| !matches!(c, '-' | '.' | '/')).take_while(char::is_ascii_digit).collect();
    let number = |range: std::ops::Range<usize>| digits.get(range)?.parse::<i16>().ok();
    let (year, month, day) = (number(0..4)?, number(4..6)?, number(6..8)?);
    (year != 1900).then_some(())?;
    Date::new(year, i8::try_from(month).ok()?, i8::try_from(day).ok()?).ok()
}

/// `HHMM[SS[.f]]`.
pub fn time(text: &str) -> Option<Time> {
    let text: String = text.trim().chars().filter(|c| *c != ':').collect();
    let (whole, fraction) = text.split_once('.').unwrap_or((&text, ""));
    let digits: String = whole.chars().take_while(char::is_ascii_digit).collect();
    let number = |from: usize| digits.get(from..from + 2).map_or(Some(0), |d| d.parse::<i8>().ok());
    (digits.len() >= 4).then_some(())?;
    let fraction: String =
        fraction.chars().take_while(char::is_ascii_digit).chain("000000000".chars()).take(9).collect();
    // A leap second is the last of its minute.
    Time::new(number(0)?, number(2)?, number(4)?.min(59), fraction.parse().ok()?).ok()
}

/// `YYYYMMDDHHMM[SS[.f]]` with any offset from UTC left out: the time on the device's clock.
pub fn datetime(text: &str) -> Option<DateTime> {
    let text = text.trim();
    Some(date(text)?.to_datetime(time(text.get(8..)?)?))
}

/// `YYYYMMDDHHMMSS[.fff]`.
pub fn compact(moment: DateTime) -> String {
    let millis = moment.subsec_nanosecond() / 1_000_000;
    let fraction = if millis == 0 { String::new() } else { format!(".{millis:03}") };
    let (date, time) = (moment.date(), moment.time());
    format!(
        "{:04}{:02}{:02}{:02}{:02}{:02}{fraction}",
        date.year(),
        date.month(),
        date.day(),
        time.hour(),
        time.minute(),
        time.second()
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stamps() {
        let moment = datetime("20021122091000.250+0800").unwrap();
        assert_eq!(moment.to_string(), "2002-11-22T09:10:00.25");
        assert_eq!(datetime(&compact(moment)), Some(moment));
        assert_eq!(datetime("200211220910").unwrap().to_string(), "2002-11-22T09:10:00");
        assert_eq!((datetime("20021122"), datetime("19000101000000"), date("2002")), (None, None, None));
    }
}
