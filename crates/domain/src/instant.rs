//! Points in time.

use time::format_description::well_known::Rfc3339;
use time::{Date, Month, OffsetDateTime, PrimitiveDateTime, Time, UtcOffset};

use crate::serialization::as_text;

/// The text is not a time, or names a time that does not exist.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("must be an RFC 3339 time such as 2026-01-31T08:00:00Z, or a date such as 2026-01-31")]
pub struct InvalidTimestamp;

/// A point in time in UTC at whole microseconds, in the years 1 to 9999.
///
/// Every store can hold microseconds; finer digits are truncated when text is parsed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Timestamp(i64);

const MICROS_PER_SECOND: i64 = 1_000_000;
/// 0001-01-01T00:00:00Z
const EARLIEST: i64 = -62_135_596_800 * MICROS_PER_SECOND;
/// 9999-12-31T23:59:59.999999Z
const LATEST: i64 = 253_402_300_800 * MICROS_PER_SECOND - 1;

impl Timestamp {
    /// Creates a timestamp from microseconds since 1970-01-01T00:00:00Z.
    ///
    /// # Errors
    /// Fails with [`InvalidTimestamp`] outside the years 1 to 9999.
    pub const fn from_micros(micros: i64) -> Result<Self, InvalidTimestamp> {
        if micros < EARLIEST || micros > LATEST { Err(InvalidTimestamp) } else { Ok(Self(micros)) }
    }

    /// Returns the microseconds since 1970-01-01T00:00:00Z, for storage and for cursors.
    pub const fn micros(self) -> i64 {
        self.0
    }

    /// Parses a time with an offset (RFC 3339), or a calendar date such as `2026-01-31`, which means 00:00 UTC of that day.
    ///
    /// # Errors
    /// Fails with [`InvalidTimestamp`] for any other text, and for dates that are not in the calendar.
    pub fn parse(text: &str) -> Result<Self, InvalidTimestamp> {
        if let Some(date) = parse_date(text)? {
            return Self::try_from(PrimitiveDateTime::new(date, Time::MIDNIGHT).assume_utc());
        }
        // RFC 3339 §5.6 has one separator between date and time, but the parser takes any character. The parser also takes second 60 on
        // any day and turns it into second 59; leap seconds are not supported here.
        if !matches!(text.as_bytes().get(10), Some(b'T' | b't')) || text.get(17..19) == Some("60") {
            return Err(InvalidTimestamp);
        }
        let time = OffsetDateTime::parse(text, &Rfc3339).map_err(|_| InvalidTimestamp)?;
        Self::try_from(time)
    }

    /// Formats the time as RFC 3339 in UTC with milliseconds, such as `2026-01-31T08:00:00.000Z`; microseconds are truncated.
    pub fn to_rfc3339(self) -> String {
        self.rfc3339().as_str().to_owned()
    }

    /// Formats the time like [`Self::to_rfc3339`], without allocating.
    pub fn rfc3339(self) -> Rfc3339Text {
        let time = self.to_utc();
        let mut text = *b"0000-00-00T00:00:00.000Z";
        // Written by hand, since responses contain many times and `format!` takes four times as long.
        let mut put = |indexes: std::ops::RangeInclusive<usize>, mut number: u32| {
            for index in indexes.rev() {
                text[index] = b'0' + (number % 10) as u8;
                number /= 10;
            }
        };
        put(0..=3, time.year().unsigned_abs());
        put(5..=6, u8::from(time.month()).into());
        put(8..=9, time.day().into());
        put(11..=12, time.hour().into());
        put(14..=15, time.minute().into());
        put(17..=18, time.second().into());
        put(20..=22, time.millisecond().into());
        Rfc3339Text(text)
    }

    /// Formats the time with all of its microseconds, such as `2026-01-31T08:00:00.000000Z`.
    #[cfg(feature = "serde")]
    fn to_rfc3339_micros(self) -> String {
        let millis = self.rfc3339();
        format!("{}{:03}Z", millis.as_str().trim_end_matches('Z'), self.0.rem_euclid(1_000))
    }

    /// Returns the time `seconds` later, clamped to the supported range.
    #[must_use]
    pub fn plus_seconds(self, seconds: i64) -> Self {
        let micros = self.0.saturating_add(seconds.saturating_mul(MICROS_PER_SECOND));
        Self(micros.clamp(EARLIEST, LATEST))
    }

    /// Returns the start of the hour that contains this time, in UTC.
    #[must_use]
    pub const fn start_of_hour(self) -> Self {
        // The supported range begins at the start of an hour, so the result stays in the range.
        Self(self.0 - self.0.rem_euclid(3_600 * MICROS_PER_SECOND))
    }

    fn to_utc(self) -> OffsetDateTime {
        // The range of this type lies within that of `OffsetDateTime`, so the conversion cannot fail; the epoch is only there to avoid a
        // panic.
        let second = self.0.div_euclid(MICROS_PER_SECOND);
        let micros = time::Duration::microseconds(self.0.rem_euclid(MICROS_PER_SECOND));
        OffsetDateTime::from_unix_timestamp(second).unwrap_or(OffsetDateTime::UNIX_EPOCH) + micros
    }
}

as_text!(Timestamp, to_rfc3339_micros);

/// The text that [`Timestamp::rfc3339`] returns: 24 ASCII characters.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rfc3339Text([u8; 24]);

impl Rfc3339Text {
    /// Returns the text.
    pub fn as_str(&self) -> &str {
        // The bytes are ASCII, so this cannot fail.
        std::str::from_utf8(&self.0).unwrap_or_default()
    }
}

impl TryFrom<OffsetDateTime> for Timestamp {
    type Error = InvalidTimestamp;

    fn try_from(time: OffsetDateTime) -> Result<Self, InvalidTimestamp> {
        let micros = time
            .checked_to_offset(UtcOffset::UTC)
            .ok_or(InvalidTimestamp)?
            .unix_timestamp_nanos()
            .div_euclid(1_000);
        i64::try_from(micros).map_err(|_| InvalidTimestamp).and_then(Self::from_micros)
    }
}

/// Parses `YYYY-MM-DD`. Returns `None` if the text has another shape.
fn parse_date(text: &str) -> Result<Option<Date>, InvalidTimestamp> {
    let bytes = text.as_bytes();
    let shape = bytes.len() == 10
        && bytes
            .iter()
            .enumerate()
            .all(|(i, b)| if i == 4 || i == 7 { *b == b'-' } else { b.is_ascii_digit() });
    if !shape {
        return Ok(None);
    }
    let number = |range: std::ops::Range<usize>| text[range].parse::<u16>().map_err(|_| InvalidTimestamp);
    let month = u8::try_from(number(5..7)?).map_err(|_| InvalidTimestamp)?;
    let day = u8::try_from(number(8..10)?).map_err(|_| InvalidTimestamp)?;
    let month = Month::try_from(month).map_err(|_| InvalidTimestamp)?;
    Date::from_calendar_date(i32::from(number(0..4)?), month, day).map(Some).map_err(|_| InvalidTimestamp)
}

/// The start is later than the end.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the start must not be later than the end")]
pub struct StartAfterEnd;

/// A start and an end; either may be absent, and they may be equal.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct DateRange {
    start: Option<Timestamp>,
    end: Option<Timestamp>,
}

impl DateRange {
    /// Creates a range.
    ///
    /// # Errors
    /// Fails with [`StartAfterEnd`] if both ends are given and `start` is later than `end`.
    pub fn new(start: Option<Timestamp>, end: Option<Timestamp>) -> Result<Self, StartAfterEnd> {
        match (start, end) {
            (Some(start), Some(end)) if start > end => Err(StartAfterEnd),
            _ => Ok(Self { start, end }),
        }
    }

    /// Returns the start, if there is one.
    pub const fn start(self) -> Option<Timestamp> {
        self.start
    }

    /// Returns the end, if there is one.
    pub const fn end(self) -> Option<Timestamp> {
        self.end
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn shown(text: &str) -> Result<String, InvalidTimestamp> {
        Timestamp::parse(text).map(Timestamp::to_rfc3339)
    }

    #[test]
    fn times_are_read_in_any_offset_and_shown_in_utc() {
        assert_eq!(shown("2026-01-31"), Ok("2026-01-31T00:00:00.000Z".into()));
        assert_eq!(shown("2026-01-31T08:00:00Z"), Ok("2026-01-31T08:00:00.000Z".into()));
        assert_eq!(shown("2026-01-31T08:00:00.123456789+02:00"), Ok("2026-01-31T06:00:00.123Z".into()));
        assert_eq!(shown("2024-02-29"), Ok("2024-02-29T00:00:00.000Z".into()));
        assert_eq!(shown("0001-01-01"), Ok("0001-01-01T00:00:00.000Z".into()));
        assert_eq!(shown("9999-12-31T23:59:59.999999999Z"), Ok("9999-12-31T23:59:59.999Z".into()));
    }

    #[test]
    fn impossible_times_are_refused() {
        for text in [
            "",
            "2026-02-29",
            "2026-02-30T00:00:00Z",
            "2026-13-01",
            "2026-00-01",
            "2026-01-31T24:00:00Z",
            "2026-01-31T08:00:00",
            "2026-01-31 08:00:00Z",
            "2026-01-31_08:00:00Z",
            "2026-01-31T23:59:60Z",
            "2016-12-31T23:59:60Z",
            "2026-1-31",
            "31.01.2026",
            "0000-01-01",
            "0001-01-01T00:00:00+01:00",
            "9999-12-31T23:59:59-01:00",
            "1769846400",
        ] {
            assert_eq!(shown(text), Err(InvalidTimestamp), "{text:?}");
        }
    }

    #[test]
    fn a_range_may_be_open_or_a_single_instant_but_not_reversed() {
        let (early, late) = (Timestamp::parse("2026-01-01").ok(), Timestamp::parse("2026-01-02").ok());
        assert!(DateRange::new(None, None).is_ok());
        assert!(DateRange::new(late, None).is_ok());
        assert!(DateRange::new(early, early).is_ok());
        assert!(DateRange::new(early, late).is_ok());
        assert_eq!(DateRange::new(late, early), Err(StartAfterEnd));
    }

    #[test]
    fn adding_seconds_stays_in_the_calendar() {
        let time = Timestamp::parse("2026-01-31T08:00:00Z").expect("a time");
        assert_eq!(time.plus_seconds(90).to_rfc3339(), "2026-01-31T08:01:30.000Z");
        assert_eq!(time.plus_seconds(-1).to_rfc3339(), "2026-01-31T07:59:59.000Z");
        assert_eq!(time.plus_seconds(i64::MAX).micros(), LATEST);
        assert_eq!(time.plus_seconds(i64::MIN).micros(), EARLIEST);
    }

    #[test]
    fn an_hour_begins_at_its_first_microsecond_also_before_1970() {
        let hour = |text| Timestamp::parse(text).expect("a time").start_of_hour().to_rfc3339();
        assert_eq!(hour("2026-01-31T08:00:00Z"), "2026-01-31T08:00:00.000Z");
        assert_eq!(hour("2026-01-31T08:59:59.999999Z"), "2026-01-31T08:00:00.000Z");
        assert_eq!(hour("1969-12-31T23:59:59.999999Z"), "1969-12-31T23:00:00.000Z");
        let earliest = Timestamp::from_micros(EARLIEST).expect("a time");
        assert_eq!(earliest.start_of_hour(), earliest);
    }

    #[test]
    fn the_bounds_are_the_first_and_the_last_microsecond_of_the_calendar() {
        assert!(Timestamp::from_micros(EARLIEST).is_ok() && Timestamp::from_micros(LATEST).is_ok());
        assert_eq!(Timestamp::from_micros(EARLIEST - 1), Err(InvalidTimestamp));
        assert_eq!(Timestamp::from_micros(LATEST + 1), Err(InvalidTimestamp));
        let micros = |text| Timestamp::parse(text).map(Timestamp::micros);
        assert_eq!(micros("0001-01-01"), Ok(EARLIEST));
        assert_eq!(micros("9999-12-31T23:59:59.999999Z"), Ok(LATEST));
    }

    proptest! {
        #[test]
        fn times_at_whole_milliseconds_read_back_from_text(millis in EARLIEST / 1_000..=LATEST / 1_000) {
            let time = Timestamp::from_micros(millis * 1_000).expect("a time of the calendar");
            prop_assert_eq!(Timestamp::parse(&time.to_rfc3339()), Ok(time));
        }

        #[test]
        fn text_has_one_length_and_the_order_of_the_times(
            one in EARLIEST..=LATEST,
            other in EARLIEST..=LATEST,
        ) {
            let text = |micros| Timestamp::from_micros(micros).expect("a time").to_rfc3339();
            prop_assert_eq!(text(one).len(), 24);
            // The text has milliseconds, so formatting truncates less than one millisecond.
            let read = Timestamp::parse(&text(one)).expect("a time");
            prop_assert!((0..1_000).contains(&(one - read.micros())));
            prop_assert_eq!((one / 1_000).cmp(&(other / 1_000)), text(one).cmp(&text(other)));
        }

        #[test]
        fn no_text_makes_reading_a_time_panic(text: String, near in "[0-9TZ:.+-]{0,30}") {
            for text in [text, near] {
                if let Ok(time) = Timestamp::parse(&text) {
                    prop_assert!(Timestamp::from_micros(time.micros()).is_ok());
                }
            }
        }
    }
}
