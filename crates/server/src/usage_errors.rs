//! Usage errors: collected, so that all of them are reported together.

use std::collections::BTreeMap;
use std::ffi::OsStr;
use std::fmt::{self, Display};

use clap::builder::{StringValueParser, TypedValueParser};
use clap::{Arg, Command};

/// A parsed argument, or the reason why its text cannot be used.
pub(crate) type Checked<T> = Result<T, Invalid>;

/// The reason why the text of an argument cannot be used. It never repeats the text, which may hold a password.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Invalid {
    /// The id of the argument, which is also the key of a setting in the file.
    id: String,
    /// The name of the option and of its environment variable.
    name: String,
    why: String,
}

/// Returns a value parser that leaves the error to [`UsageErrors`]: clap itself would repeat the text, and stop at the first error.
pub(crate) fn checked<T, E, F: Fn(&str) -> Result<T, E>>(parse: F) -> Checking<F> {
    Checking(parse)
}

/// The value parser of [`checked`].
#[derive(Clone)]
pub(crate) struct Checking<F>(F);

impl<T, E, F> TypedValueParser for Checking<F>
where
    T: Clone + Send + Sync + 'static,
    E: Display,
    F: Fn(&str) -> Result<T, E> + Clone + Send + Sync + 'static,
{
    type Value = Checked<T>;

    fn parse_ref(
        &self,
        command: &Command,
        argument: Option<&Arg>,
        text: &OsStr,
    ) -> Result<Self::Value, clap::Error> {
        let text = StringValueParser::new().parse_ref(command, argument, text)?;
        Ok((self.0)(&text).map_err(|error| Invalid {
            id: argument.map(|argument| argument.get_id().to_string()).unwrap_or_default(),
            name: argument.map(name_of).unwrap_or_default(),
            why: error.to_string(),
        }))
    }
}

/// Returns the name of an option and of its environment variable.
fn name_of(argument: &Arg) -> String {
    let option = format!("--{}", argument.get_long().unwrap_or_default());
    match argument.get_env() {
        Some(variable) => format!("{option} ({})", variable.to_string_lossy()),
        None => option,
    }
}

/// The usage errors found so far.
#[derive(Debug, Default)]
pub(crate) struct UsageErrors {
    errors: Vec<String>,
    /// The reason why the text of an argument cannot be used, by the argument's id.
    reasons: BTreeMap<String, String>,
    /// The place of each setting that was taken from the file, by its key.
    places: BTreeMap<String, String>,
}

impl UsageErrors {
    /// Begins with the errors of the settings file, and with the place in it of each setting that was taken from it.
    pub(crate) fn with_file(errors: Vec<String>, places: BTreeMap<String, String>) -> Self {
        Self { errors, places, ..Self::default() }
    }

    /// Returns the parsed value, or adds the error.
    pub(crate) fn check<T, E: Display>(&mut self, name: &str, parsed: Result<T, E>) -> Option<T> {
        match parsed {
            Ok(value) => Some(value),
            Err(error) => {
                self.errors.push(format!("{name} {error}"));
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

    /// Returns the value of an argument, or adds its error.
    pub(crate) fn take<T>(&mut self, argument: Checked<T>) -> Option<T> {
        match argument {
            Ok(value) => Some(value),
            Err(Invalid { id, name, why }) => {
                let name = self.places.get(&id).unwrap_or(&name);
                self.errors.push(format!("{name} {why}"));
                self.reasons.insert(id, why);
                None
            }
        }
    }

    /// Returns the value of an optional argument, or adds its error. Returns `Some(None)` if it was not given.
    pub(crate) fn take_given<T>(&mut self, argument: Option<Checked<T>>) -> Option<Option<T>> {
        argument.map_or(Some(None), |argument| self.take(argument).map(Some))
    }

    /// Checks a setting together with others: an error names its place in the file, or else its option and environment variable.
    pub(crate) fn check_setting<T, E: Display>(
        &mut self,
        id: &str,
        name: &str,
        parsed: Result<T, E>,
    ) -> Option<T> {
        let (id, name) = (id.to_owned(), name.to_owned());
        self.take(parsed.map_err(|error| Invalid { id, name, why: error.to_string() }))
    }

    /// Returns the reason why the text of an argument cannot be used, without the argument's name.
    pub(crate) fn reason(&self, id: &str) -> Option<&str> {
        self.reasons.get(id).map(String::as_str)
    }

    /// Returns the checked value, or all usage errors if there are any.
    ///
    /// A value that could not be parsed is `None`, and then there is an error that says why.
    pub(crate) fn settle<T>(self, checked: Option<T>) -> Result<T, UsageError> {
        match checked {
            Some(checked) if self.errors.is_empty() => Ok(checked),
            _ => Err(UsageError(self.errors)),
        }
    }
}

/// The reason why a text cannot be used. It never repeats the text, which may hold a password.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub(crate) struct Unusable(String);

pub(crate) fn unusable<T>(why: impl Into<String>) -> Result<T, Unusable> {
    Err(Unusable(why.into()))
}

/// The command cannot be carried out as it was given: nothing was done, and the program exits with 2.
#[derive(Debug)]
pub(crate) struct UsageError(Vec<String>);

impl UsageError {
    /// Creates a usage error that was found only with the help of the store.
    pub(crate) fn new(usage_error: impl Into<String>) -> Self {
        Self(vec![usage_error.into()])
    }

    /// Returns the errors, each with the name of its argument.
    pub(crate) fn all(&self) -> &[String] {
        &self.0
    }
}

impl Display for UsageError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0.as_slice() {
            [only] => f.write_str(only),
            several => {
                write!(f, "{} errors", several.len())?;
                several.iter().try_for_each(|usage_error| write!(f, "\n  {usage_error}"))
            }
        }
    }
}

impl std::error::Error for UsageError {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_errors_are_reported_together() {
        let mut usage_errors = UsageErrors::default();
        let number = usage_errors.check("--number", "x".parse::<u8>());
        let flag = usage_errors.check_given("--flag", Some("maybe"), str::parse::<bool>);
        assert_eq!(usage_errors.check_given("--other", None, str::parse::<bool>), Some(None));
        let error = usage_errors.settle(number.zip(flag)).expect_err("two usage errors").to_string();
        assert!(error.starts_with("2 errors\n  --number "), "{error}");
        assert!(error.contains("\n  --flag "), "{error}");
    }

    #[test]
    fn without_errors_the_values_are_returned() {
        let mut usage_errors = UsageErrors::default();
        let number = usage_errors.check("--number", "7".parse::<u8>());
        assert_eq!(usage_errors.settle(number).ok(), Some(7));
    }
}
