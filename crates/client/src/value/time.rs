//! Times and dates.

use std::fmt;
use std::str::FromStr;
use std::time::SystemTime;

use serde::{Deserialize, Deserializer, Serialize, Serializer};
use time::format_description::well_known::Rfc3339;
use time::{OffsetDateTime, UtcOffset};

use super::parsed;

/// The error for a text that is not a time or a date.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not a time of RFC 3339 or a date such as 2026-01-31")]
pub struct InvalidTime;

/// A time, to the millisecond. It is parsed as RFC 3339 describes, with any offset, and shown in UTC.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Timestamp(OffsetDateTime);

impl FromStr for Timestamp {
    type Err = InvalidTime;

    fn from_str(text: &str) -> Result<Self, InvalidTime> {
        let time = OffsetDateTime::parse(text, &Rfc3339).map_err(|_| InvalidTime)?;
        let time = time.checked_to_offset(UtcOffset::UTC).ok_or(InvalidTime)?;
        time.replace_millisecond(time.millisecond()).map(Self).map_err(|_| InvalidTime)
    }
}

impl TryFrom<SystemTime> for Timestamp {
    type Error = InvalidTime;

    /// Fails if the time is not in the years 0 to 9999.
    fn try_from(time: SystemTime) -> Result<Self, InvalidTime> {
        let since = time.duration_since(SystemTime::UNIX_EPOCH).map_err(|_| InvalidTime)?;
        let millis = i128::try_from(since.as_millis()).map_err(|_| InvalidTime)?;
        OffsetDateTime::from_unix_timestamp_nanos(millis * 1_000_000).map(Self).map_err(|_| InvalidTime)
    }
}

impl From<Timestamp> for SystemTime {
    fn from(time: Timestamp) -> Self {
        time.0.into()
    }
}

impl fmt::Display for Timestamp {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (date, (hour, minute, second, milli)) = (Date(self.0.date()), self.0.time().as_hms_milli());
        write!(formatter, "{date}T{hour:02}:{minute:02}:{second:02}.{milli:03}Z")
    }
}

/// A day of the calendar.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Date(time::Date);

impl Date {
    /// Creates a date. Fails if there is no such day, or if the year is after 9999.
    pub fn new(year: u16, month: u8, day: u8) -> Result<Self, InvalidTime> {
        let month = time::Month::try_from(month).map_err(|_| InvalidTime)?;
        time::Date::from_calendar_date(i32::from(year), month, day).map(Self).map_err(|_| InvalidTime)
    }
}

impl FromStr for Date {
    type Err = InvalidTime;

    fn from_str(text: &str) -> Result<Self, InvalidTime> {
        let digits =
            |text: &str, count| text.len() == count && text.bytes().all(|byte| byte.is_ascii_digit());
        let parts: Vec<_> = text.split('-').collect();
        match parts[..] {
            [year, month, day] if digits(year, 4) && digits(month, 2) && digits(day, 2) => {
                let number = |text: &str| text.parse().map_err(|_| InvalidTime);
                Self::new(year.parse().map_err(|_| InvalidTime)?, number(month)?, number(day)?)
            }
            _ => Err(InvalidTime),
        }
    }
}

impl fmt::Display for Date {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (year, month, day) = self.0.to_calendar_date();
        write!(formatter, "{year:04}-{:02}-{day:02}", u8::from(month))
    }
}

/// A time or a date in a request. The service takes a date as the beginning of that day in UTC.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum TimeOrDate {
    /// A time.
    Time(Timestamp),
    /// A date.
    Date(Date),
}

impl From<Timestamp> for TimeOrDate {
    fn from(time: Timestamp) -> Self {
        Self::Time(time)
    }
}

impl From<Date> for TimeOrDate {
    fn from(date: Date) -> Self {
        Self::Date(date)
    }
}

impl Serialize for Timestamp {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Timestamp {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        parsed(deserializer)
    }
}

impl Serialize for TimeOrDate {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Time(time) => serializer.collect_str(time),
            Self::Date(date) => serializer.collect_str(date),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_with_an_offset_is_shown_in_utc_with_milliseconds() {
        let time: Timestamp = "2026-03-01T00:30:00.1239+01:00".parse().unwrap();
        assert_eq!(time.to_string(), "2026-02-28T23:30:00.123Z");
        assert_eq!(time, SystemTime::from(time).try_into().unwrap());
    }

    #[test]
    fn an_invalid_time_or_date_is_an_error() {
        for text in ["", "2026-03-01", "2026-02-30T00:00:00Z", "2026-03-01T00:00:00", "yesterday"] {
            assert_eq!(text.parse::<Timestamp>(), Err(InvalidTime), "{text}");
        }
        for text in ["", "2026-02-29", "2026-3-1", "2026-03-01T00:00:00Z"] {
            assert_eq!(text.parse::<Date>(), Err(InvalidTime), "{text}");
        }
        assert_eq!(Date::new(2024, 2, 29).unwrap().to_string(), "2024-02-29");
        assert_eq!(Date::new(2026, 13, 1), Err(InvalidTime));
    }
}
