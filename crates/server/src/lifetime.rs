//! Durations, as people type them.

/// The text is not a valid duration.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("must be a whole number with a unit, such as 30m, 12h, 90d or 8w, and at most {MAX_DAYS} days")]
pub(crate) struct InvalidLifetime;

/// The maximum duration in days, a hundred years. A longer one is not needed: without a duration there is no end.
const MAX_DAYS: i64 = 36_500;

/// A positive number of seconds, read from text such as `90d`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Lifetime(i64);

impl Lifetime {
    /// Parses a whole number and its unit: `m`inutes, `h`ours, `d`ays or `w`eeks.
    pub(crate) fn parse(text: &str) -> Result<Self, InvalidLifetime> {
        let (number, unit) =
            text.char_indices().last().map(|(at, unit)| (&text[..at], unit)).ok_or(InvalidLifetime)?;
        let unit = match unit {
            'm' => 60,
            'h' => 3_600,
            'd' => 86_400,
            'w' => 7 * 86_400,
            _ => return Err(InvalidLifetime),
        };
        if !number.bytes().all(|byte| byte.is_ascii_digit()) {
            return Err(InvalidLifetime);
        }
        let number: i64 = number.parse().map_err(|_| InvalidLifetime)?;
        let seconds = number.checked_mul(unit).ok_or(InvalidLifetime)?;
        if (1..=MAX_DAYS * 86_400).contains(&seconds) { Ok(Self(seconds)) } else { Err(InvalidLifetime) }
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
        for (text, seconds) in [("30m", 1_800), ("12h", 43_200), ("90d", 7_776_000), ("8w", 4_838_400)] {
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
            "36501d",
            "99999999999999999999d",
            "9é",
        ] {
            assert_eq!(Lifetime::parse(text), Err(InvalidLifetime), "{text:?}");
        }
    }
}
