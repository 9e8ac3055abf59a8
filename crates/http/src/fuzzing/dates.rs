//! Timestamps, compared with an independent calendar.

use loggia_domain::instant::{DateRange, Timestamp};

use super::{choice, padded};

const DAY: i64 = 86_400;
const MICROS: i64 = 1_000_000;

/// Timestamps as text and as numbers.
pub fn dates(data: &[u8]) {
    if let Ok(text) = std::str::from_utf8(data) {
        let time = Timestamp::parse(text).ok();
        assert_eq!(time.map(Timestamp::micros), read(text), "{text:?}");
        time.into_iter().for_each(prints_back);
    }
    let (how, rest) = choice(data);
    let number = i64::from_be_bytes(padded(rest)) >> (how % 16);
    let Ok(time) = Timestamp::from_micros(number) else { return };
    assert_eq!(time.micros(), number);
    prints_back(time);
    let seconds = i64::from_be_bytes(padded(rest.get(8..).unwrap_or_default()));
    let later = time.plus_seconds(seconds);
    prints_back(later);
    assert!(if seconds < 0 { later <= time } else { later >= time });
    assert_eq!(DateRange::new(Some(time), Some(later)).is_ok(), time <= later);
    let hour = time.start_of_hour();
    assert_eq!(hour.micros().rem_euclid(3_600 * MICROS), 0);
    assert!((0..3_600 * MICROS).contains(&(number - hour.micros())));
}

/// Checks that a time is written in the one form, and parses back to the same millisecond.
fn prints_back(time: Timestamp) {
    let text = time.to_rfc3339();
    assert!(text.len() == 24 && text.ends_with('Z'), "{text}");
    let shown = time.micros() - time.micros().rem_euclid(1_000);
    assert_eq!(read(&text), Some(shown), "{text}");
    assert_eq!(Timestamp::parse(&text).map(Timestamp::micros), Ok(shown), "{text}");
}

/// Parses RFC 3339 §5.6 without leap seconds, or a date alone, in the years 1 to 9999 of UTC. Returns microseconds since 1970.
fn read(text: &str) -> Option<i64> {
    let mut rest = text.as_bytes();
    let (year, month, day) = (number(&mut rest, 4)?, after(&mut rest, b"-", 2)?, after(&mut rest, b"-", 2)?);
    let days = days(year, month, day)?;
    let micros = if rest.is_empty() { days * DAY * MICROS } else { days * DAY * MICROS + time(rest)? };
    (days_before(1) * DAY * MICROS..days_before(10_000) * DAY * MICROS).contains(&micros).then_some(micros)
}

/// Parses the time of day from the separator on. Returns microseconds since midnight in UTC.
fn time(mut rest: &[u8]) -> Option<i64> {
    let (hour, minute) = (after(&mut rest, b"Tt", 2)?, after(&mut rest, b":", 2)?);
    let second = after(&mut rest, b":", 2)?;
    let mut micros = 0;
    if let Some(fraction) = rest.strip_prefix(b".") {
        let digits = fraction.iter().take_while(|byte| byte.is_ascii_digit()).count();
        let (mut given, after) = fraction.split_at_checked(digits).filter(|_| digits > 0)?;
        for _ in 0..6 {
            micros = micros * 10 + number(&mut given, 1).unwrap_or(0);
        }
        rest = after;
    }
    let offset = match rest {
        [b'Z' | b'z'] => 0,
        [sign @ (b'+' | b'-'), offset @ ..] => {
            let mut offset = offset;
            let (hours, minutes) = (number(&mut offset, 2)?, after(&mut offset, b":", 2)?);
            (offset.is_empty() && hours < 24 && minutes < 60).then_some(())?;
            (hours * 60 + minutes) * if *sign == b'-' { -60 } else { 60 }
        }
        _ => return None,
    };
    (hour < 24 && minute < 60 && second < 60).then_some(())?;
    Some((hour * 3_600 + minute * 60 + second - offset) * MICROS + micros)
}

fn after(rest: &mut &[u8], separators: &[u8], digits: usize) -> Option<i64> {
    let (separator, others) = rest.split_first()?;
    separators.contains(separator).then_some(())?;
    *rest = others;
    number(rest, digits)
}

fn number(rest: &mut &[u8], digits: usize) -> Option<i64> {
    let (given, others) = rest.split_at_checked(digits)?;
    given.iter().all(u8::is_ascii_digit).then_some(())?;
    *rest = others;
    Some(given.iter().fold(0, |number, digit| number * 10 + i64::from(digit - b'0')))
}

fn is_leap(year: i64) -> bool {
    year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)
}

/// Returns the number of days from 1970-01-01 to the first day of that year.
fn days_before(year: i64) -> i64 {
    let days = |year: i64| 365 * year + year.div_euclid(4) - year.div_euclid(100) + year.div_euclid(400);
    days(year - 1) - days(1969)
}

fn days(year: i64, month: i64, day: i64) -> Option<i64> {
    let february = if is_leap(year) { 29 } else { 28 };
    let lengths = [31, february, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];
    let month = usize::try_from(month.checked_sub(1)?).ok()?;
    (1..=*lengths.get(month)?).contains(&day).then_some(())?;
    Some(days_before(year) + lengths.iter().take(month).sum::<i64>() + day - 1)
}
