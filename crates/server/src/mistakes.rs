//! Usage errors: collected, so that all of them are reported together.

use std::fmt::{self, Display};

/// The usage errors found so far.
#[derive(Debug, Default)]
pub(crate) struct Mistakes(Vec<String>);

impl Mistakes {
    /// Returns the parsed value, or adds the error.
    pub(crate) fn check<T, E: Display>(&mut self, name: &str, parsed: Result<T, E>) -> Option<T> {
        match parsed {
            Ok(value) => Some(value),
            Err(error) => {
                self.0.push(format!("{name} {error}"));
                None
            }
        }
    }

    /// Parses an optional value. Returns `Some(None)` if it was not given.
    pub(crate) fn check_given<T, E: Display>(
        &mut self,
        name: &str,
        given: Option<&str>,
        parse: impl FnOnce(&str) -> Result<T, E>,
    ) -> Option<Option<T>> {
        match given {
            Some(text) => self.check(name, parse(text)).map(Some),
            None => Some(None),
        }
    }

    /// Returns the checked value, or all usage errors if there are any.
    ///
    /// A value that could not be parsed is `None`, and then there is an error that says why.
    pub(crate) fn settle<T>(self, checked: Option<T>) -> Result<T, UsageError> {
        match checked {
            Some(checked) if self.0.is_empty() => Ok(checked),
            _ => Err(UsageError(self.0)),
        }
    }
}

/// The command cannot be carried out as it was given: nothing was done, and the program exits with 2.
#[derive(Debug)]
pub(crate) struct UsageError(Vec<String>);

impl UsageError {
    /// Creates a usage error that was found only with the help of the store.
    pub(crate) fn new(mistake: impl Into<String>) -> Self {
        Self(vec![mistake.into()])
    }
}

impl Display for UsageError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0.as_slice() {
            [only] => f.write_str(only),
            several => {
                write!(f, "{} errors", several.len())?;
                several.iter().try_for_each(|mistake| write!(f, "\n  {mistake}"))
            }
        }
    }
}

impl std::error::Error for UsageError {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_mistakes_are_told_together() {
        let mut mistakes = Mistakes::default();
        let number = mistakes.check("--number", "x".parse::<u8>());
        let flag = mistakes.check_given("--flag", Some("maybe"), str::parse::<bool>);
        assert_eq!(mistakes.check_given("--other", None, str::parse::<bool>), Some(None));
        let error = mistakes.settle(number.zip(flag)).expect_err("two mistakes").to_string();
        assert!(error.starts_with("2 errors\n  --number "), "{error}");
        assert!(error.contains("\n  --flag "), "{error}");
    }

    #[test]
    fn without_a_mistake_everything_comes_back() {
        let mut mistakes = Mistakes::default();
        let number = mistakes.check("--number", "7".parse::<u8>());
        assert_eq!(mistakes.settle(number).ok(), Some(7));
    }
}
