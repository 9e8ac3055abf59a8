//! Durations, as people type them.

/// The text is not a valid duration.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("must be a whole number with a unit, such as 30m, 12h, 90d or 8w, and at most {MAX_DAYS} days")]
pub(crate) struct InvalidLifetime;

/// The maximum duration in days, a hundred years. A longer one is not needed: without a duration there is no end.
const MAX_DAYS: i64 = 36_500;
const MAX_SECONDS: i64 = MAX_DAYS * 86_400;

/// A positive number of seconds, read from text such as `90d`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Lifetime(i64);

impl Lifetime {
    /// Parses whole numbers and their units, as `humantime` does: `90d`, `1h30m`, `8weeks`. Capitals are not accepted, since `M` would mean
    /// months and `m` minutes.
    pub(crate) fn parse(text: &str) -> Result<Self, InvalidLifetime> {
        if !text.bytes().all(|byte| byte.is_ascii_digit() || byte.is_ascii_lowercase()) {
            return Err(InvalidLifetime);
        }
        // humantime 2.4 panics at the end of what a duration can hold.
        if text.split(|letter: char| !letter.is_ascii_digit()).any(|digits| digits.len() > 10) {
            return Err(InvalidLifetime);
        }
        let duration = humantime::parse_duration(text).map_err(|_| InvalidLifetime)?;
        match i64::try_from(duration.as_secs()) {
            Ok(seconds @ 1..=MAX_SECONDS) if duration.subsec_nanos() == 0 => Ok(Self(seconds)),
            _ => Err(InvalidLifetime),
        }
    }

    /// Returns the number of seconds.
    pub(crate) const fn seconds(self) -> i64 {
        self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_and_a_unit_make_seconds() {
        for (text, seconds) in [
            ("30m", 1_800),
            ("12h", 43_200),
            ("90d", 7_776_000),
            ("8w", 4_838_400),
            ("1h30m", 5_400),
            ("36500d", 3_153_600_000),
        ] {
            assert_eq!(Lifetime::parse(text).map(Lifetime::seconds), Ok(seconds), "{text}");
        }
    }

    #[test]
    fn anything_else_is_refused() {
        for text in [
            "",
            "d",
            "90",
            "90 d",
            "-1d",
            "+1d",
            "1.5h",
            "0d",
            "90D",
            "3M",
            "500ms",
            "1d500ms",
            "36501d",
            "99999999999999999999d",
            "18446744073709551615s1000ms",
            "9é",
        ] {
            assert_eq!(Lifetime::parse(text), Err(InvalidLifetime), "{text:?}");
        }
    }
}
