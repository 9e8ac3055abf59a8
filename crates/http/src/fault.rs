//! What is wrong with one value, and the gathering of all that is wrong with a request.

use loggia_domain::id::InvalidId;
use loggia_domain::instant::InvalidTimestamp;
use loggia_domain::literal::UnknownLiteral;
use loggia_domain::page::OutOfRange;
use loggia_domain::space::InvalidStrength;
use loggia_domain::task::InvalidOutlineNumber;
use loggia_domain::text::TextError;

use crate::problem::{Code, FieldError, Problem};

pub(crate) use crate::problem::FaultCode;

/// What is wrong with one value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Fault {
    pub(crate) code: FaultCode,
    pub(crate) detail: String,
}

impl Fault {
    pub(crate) fn new(code: FaultCode, detail: impl Into<String>) -> Self {
        Self { code, detail: detail.into() }
    }

    pub(crate) fn wrong_type(expected: &str) -> Self {
        Self::new(FaultCode::WRONG_TYPE, format!("must be {expected}"))
    }
}

impl From<TextError> for Fault {
    fn from(error: TextError) -> Self {
        let code = match error {
            TextError::TooShort { .. } => FaultCode::TOO_SHORT,
            TextError::TooLong { .. } => FaultCode::TOO_LONG,
            TextError::Character(_) => FaultCode::INVALID_CHARACTER,
            TextError::Invisible | TextError::Form { .. } => FaultCode::INVALID_FORMAT,
        };
        Self::new(code, error.to_string())
    }
}

macro_rules! faults {
    ($($error:ty => $code:expr),+ $(,)?) => {$(
        impl From<$error> for Fault {
            fn from(error: $error) -> Self {
                Self::new($code, error.to_string())
            }
        }
    )+};
}
faults! {
    UnknownLiteral => FaultCode::NOT_ALLOWED,
    InvalidId => FaultCode::INVALID_ID,
    InvalidTimestamp => FaultCode::INVALID_TIME,
    InvalidStrength => FaultCode::OUT_OF_RANGE,
    InvalidOutlineNumber => FaultCode::INVALID_FORMAT,
    OutOfRange => FaultCode::OUT_OF_RANGE,
}

/// Everything that was found wrong with a request so far.
#[derive(Clone, Debug, Default)]
pub(crate) struct Findings {
    errors: Vec<FieldError>,
    /// What is refused where nothing else is wrong.
    otherwise: Option<(Code, &'static str)>,
}

/// How many faults one answer tells. No honest request has as many; a hostile one shall not make the answer many times
/// its own size.
const MOST_FINDINGS: usize = 100;

impl Findings {
    /// Notes a fault at a place in the body.
    pub(crate) fn body(&mut self, pointer: String, fault: Fault) {
        let Fault { code, detail } = fault;
        self.note(FieldError { pointer: Some(pointer), parameter: None, header: None, code, detail });
    }

    /// Notes a fault of a query parameter.
    pub(crate) fn parameter(&mut self, name: &str, fault: Fault) {
        let Fault { code, detail } = fault;
        let parameter = Some(name.to_owned());
        self.note(FieldError { pointer: None, parameter, header: None, code, detail });
    }

    /// Notes a fault of a header.
    pub(crate) fn header(&mut self, name: &'static str, fault: Fault) {
        let Fault { code, detail } = fault;
        self.note(FieldError { pointer: None, parameter: None, header: Some(name), code, detail });
    }

    /// Refuses the request for another reason than a fault; faults come first.
    pub(crate) fn otherwise(&mut self, code: Code, detail: &'static str) {
        self.otherwise.get_or_insert((code, detail));
    }

    fn note(&mut self, error: FieldError) {
        if self.errors.len() < MOST_FINDINGS {
            self.errors.push(error);
        } else if self.errors.len() == MOST_FINDINGS {
            let detail = "there is more that is wrong, which is not told".to_owned();
            let code = FaultCode::TOO_MANY_ERRORS;
            self.errors.push(FieldError { pointer: None, parameter: None, header: None, code, detail });
        }
    }

    /// Whether no fault was found so far.
    pub(crate) fn is_empty(&self) -> bool {
        self.errors.is_empty()
    }

    /// Adds what was noted to a refusal of the whole body.
    pub(crate) fn beside(&mut self, mut problem: Problem) -> Problem {
        problem.add_errors(std::mem::take(&mut self.errors));
        problem
    }

    /// Gives out what was read if nothing was wrong.
    ///
    /// Readers give `None` for what they noted a fault about, so `value` is there whenever nothing was noted.
    pub(crate) fn accept<T>(&mut self, value: Option<T>) -> Result<T, Problem> {
        match (value, self.otherwise) {
            _ if !self.errors.is_empty() => Err(std::mem::take(self).refuse()),
            (None, _) => Err(Problem::internal("a value was refused without a finding")),
            (Some(_), Some((code, detail))) => Err(Problem::new(code, detail)),
            (Some(value), None) => Ok(value),
        }
    }

    /// The refusal that tells everything that was noted.
    pub(crate) fn refuse(self) -> Problem {
        Problem::invalid(self.errors)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_tells_a_hundred_faults_and_that_there_are_more() {
        let mut findings = Findings::default();
        for place in 0..10_000 {
            findings.body(format!("/{place}"), Fault::new(FaultCode::UNKNOWN_FIELD, "is unknown"));
        }
        let problem = findings.refuse();
        assert_eq!(problem.errors().len(), 101);
        assert_eq!(problem.errors().last().map(|error| error.code), Some(FaultCode::TOO_MANY_ERRORS));
    }
}
