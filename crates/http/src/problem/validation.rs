//! Validation errors: the error of one value, and all errors of a request.

use loggia_domain::id::InvalidId;
use loggia_domain::instant::InvalidTimestamp;
use loggia_domain::literal::UnknownLiteral;
use loggia_domain::page::OutOfRange;
use loggia_domain::space::InvalidStrength;
use loggia_domain::task::InvalidOutlineNumber;
use loggia_domain::text::TextError;

use crate::problem::{Code, FieldError, Problem};

pub(crate) use crate::problem::FieldErrorCode;

/// The validation error of one value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct ValueError {
    pub(crate) code: FieldErrorCode,
    pub(crate) detail: String,
}

impl ValueError {
    pub(crate) fn new(code: FieldErrorCode, detail: impl Into<String>) -> Self {
        Self { code, detail: detail.into() }
    }

    pub(crate) fn wrong_type(expected: &str) -> Self {
        Self::new(FieldErrorCode::WRONG_TYPE, format!("must be {expected}"))
    }
}

impl From<TextError> for ValueError {
    fn from(error: TextError) -> Self {
        let code = match error {
            TextError::TooShort { .. } => FieldErrorCode::TOO_SHORT,
            TextError::TooLong { .. } => FieldErrorCode::TOO_LONG,
            TextError::Character(_) => FieldErrorCode::INVALID_CHARACTER,
            TextError::Invisible | TextError::Form { .. } => FieldErrorCode::INVALID_FORMAT,
        };
        Self::new(code, error.to_string())
    }
}

macro_rules! value_errors {
    ($($error:ty => $code:expr),+ $(,)?) => {$(
        impl From<$error> for ValueError {
            fn from(error: $error) -> Self {
                Self::new($code, error.to_string())
            }
        }
    )+};
}
value_errors! {
    UnknownLiteral => FieldErrorCode::NOT_ALLOWED,
    InvalidId => FieldErrorCode::INVALID_ID,
    InvalidTimestamp => FieldErrorCode::INVALID_TIME,
    InvalidStrength => FieldErrorCode::OUT_OF_RANGE,
    InvalidOutlineNumber => FieldErrorCode::INVALID_FORMAT,
    OutOfRange => FieldErrorCode::OUT_OF_RANGE,
}

/// The validation errors of a request found so far.
#[derive(Clone, Debug, Default)]
pub(crate) struct ValidationErrors {
    errors: Vec<FieldError>,
    /// The problem of the request if it has no validation errors.
    otherwise: Option<(Code, &'static str)>,
}

/// The maximum number of validation errors in one response. No honest request has as many; a hostile one must not make the response many
/// times its own size.
const MAX_ERRORS: usize = 100;

impl ValidationErrors {
    /// Adds the error of a value in the body.
    pub(crate) fn body(&mut self, pointer: String, error: ValueError) {
        let ValueError { code, detail } = error;
        self.note(FieldError { pointer: Some(pointer), parameter: None, header: None, code, detail });
    }

    /// Adds the error of a query parameter.
    pub(crate) fn parameter(&mut self, name: &str, error: ValueError) {
        let ValueError { code, detail } = error;
        let parameter = Some(name.to_owned());
        self.note(FieldError { pointer: None, parameter, header: None, code, detail });
    }

    /// Adds the error of a header.
    pub(crate) fn header(&mut self, name: &'static str, error: ValueError) {
        let ValueError { code, detail } = error;
        self.note(FieldError { pointer: None, parameter: None, header: Some(name), code, detail });
    }

    /// Refuses the request for another reason than a validation error. Validation errors take precedence.
    pub(crate) fn otherwise(&mut self, code: Code, detail: &'static str) {
        self.otherwise.get_or_insert((code, detail));
    }

    fn note(&mut self, error: FieldError) {
        if self.errors.len() < MAX_ERRORS {
            self.errors.push(error);
        } else if self.errors.len() == MAX_ERRORS {
            let detail = "there are more errors than are listed".to_owned();
            let code = FieldErrorCode::TOO_MANY_ERRORS;
            self.errors.push(FieldError { pointer: None, parameter: None, header: None, code, detail });
        }
    }

    /// Returns `true` if no validation error was found so far.
    pub(crate) fn is_empty(&self) -> bool {
        self.errors.is_empty()
    }

    /// Moves the validation errors found so far into the problem of the whole body.
    pub(crate) fn beside(&mut self, mut problem: Problem) -> Problem {
        problem.add_errors(std::mem::take(&mut self.errors));
        problem
    }

    /// Returns the parsed value, or the problem with all validation errors if there are any.
    ///
    /// A reader returns `None` for a value about which it added an error, so `value` is present if there is no error.
    pub(crate) fn accept<T>(&mut self, value: Option<T>) -> Result<T, Problem> {
        match (value, self.otherwise) {
            _ if !self.errors.is_empty() => Err(std::mem::take(self).refuse()),
            (None, _) => Err(Problem::internal("a value was refused without a validation error")),
            (Some(_), Some((code, detail))) => Err(Problem::new(code, detail)),
            (Some(value), None) => Ok(value),
        }
    }

    /// Returns the problem with all validation errors.
    pub(crate) fn refuse(self) -> Problem {
        Problem::invalid(self.errors)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_response_lists_a_hundred_field_errors_and_reports_that_there_are_more() {
        let mut errors = ValidationErrors::default();
        for index in 0..10_000 {
            errors.body(format!("/{index}"), ValueError::new(FieldErrorCode::UNKNOWN_FIELD, "is unknown"));
        }
        let problem = errors.refuse();
        assert_eq!(problem.errors().len(), 101);
        assert_eq!(problem.errors().last().map(|error| error.code), Some(FieldErrorCode::TOO_MANY_ERRORS));
    }
}
