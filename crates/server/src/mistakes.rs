//! What is wrong with what was typed: collected, so that all of it is told together.

use std::fmt::{self, Display};

/// The mistakes found so far.
#[derive(Debug, Default)]
pub(crate) struct Mistakes(Vec<String>);

impl Mistakes {
    /// Gives back what was parsed, or keeps in mind why it could not be.
    pub(crate) fn check<T, E: Display>(&mut self, name: &str, parsed: Result<T, E>) -> Option<T> {
        match parsed {
            Ok(value) => Some(value),
            Err(error) => {
                self.0.push(format!("{name} {error}"));
                None
            }
        }
    }

    /// The same for what need not be given: `Some(None)` where it was not.
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

    /// Everything that was checked, unless there was any mistake.
    ///
    /// What could not be parsed is `None`, and then there is a mistake that says why.
    pub(crate) fn settle<T>(self, checked: Option<T>) -> Result<T, UsageError> {
        match checked {
            Some(checked) if self.0.is_empty() => Ok(checked),
            _ => Err(UsageError(self.0)),
        }
    }
}

/// What was asked cannot be done as it was asked: the program ends with 2 and nothing was done.
#[derive(Debug)]
pub(crate) struct UsageError(Vec<String>);

impl UsageError {
    /// One mistake that showed only once the store was asked.
    pub(crate) fn new(mistake: impl Into<String>) -> Self {
        Self(vec![mistake.into()])
    }
}

impl Display for UsageError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0.as_slice() {
            [only] => f.write_str(only),
            several => {
                write!(f, "{} things are wrong", several.len())?;
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
        assert!(error.starts_with("2 things are wrong\n  --number "), "{error}");
        assert!(error.contains("\n  --flag "), "{error}");
    }

    #[test]
    fn without_a_mistake_everything_comes_back() {
        let mut mistakes = Mistakes::default();
        let number = mistakes.check("--number", "7".parse::<u8>());
        assert_eq!(mistakes.settle(number).ok(), Some(7));
    }
}
