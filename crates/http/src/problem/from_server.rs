//! The mapping of the server's refusals to problems.

use loggia_serve::Refusal;
use loggia_serve::admission::{Exceeded, Level};

use super::{Code, FieldError, FieldErrorCode, Problem};

impl Problem {
    /// Returns the problem of a request that finds no permit or no memory in time.
    pub(crate) fn busy() -> Self {
        Self::new(Code::BUSY, "Too many requests are in flight; nothing was written. Try again.")
    }
}

impl From<Refusal> for Problem {
    fn from(refusal: Refusal) -> Self {
        match refusal {
            Refusal::InvalidHost => Self::invalid(vec![FieldError {
                pointer: None,
                parameter: None,
                header: Some("Host"),
                code: FieldErrorCode::INVALID_HOST,
                detail: "must be a host name or IP address, and optionally a port".to_owned(),
            }]),
            Refusal::TooManyConnections => Self::new(
                Code::BUSY,
                "Too many connections are open, in total or from your address; nothing was written. Close unused connections, and try again.",
            ),
        }
    }
}

impl From<Exceeded> for Problem {
    fn from(exceeded: Exceeded) -> Self {
        let (who, level) = match exceeded {
            Exceeded::User(level) => ("This user's keys", level),
            Exceeded::Organization(level) => ("The users of this key's organization", level),
        };
        let detail = format!("{who} sent too many requests within a minute; nothing was written.");
        Self::new(Code::RATE_LIMITED, detail).rate_limited(level)
    }
}

impl Problem {
    /// Returns the problem of a client that sends too many invalid keys.
    pub(crate) fn too_many_failures(level: Level) -> Self {
        let detail =
            "Too many invalid API keys came from your address. Requests with a valid key are still accepted.";
        Self::new(Code::TOO_MANY_FAILED_AUTHENTICATIONS, detail).rate_limited(level)
    }

    fn rate_limited(self, level: Level) -> Self {
        level
            .refusal_headers()
            .into_iter()
            .fold(self, |problem, (name, value)| problem.with_header(name, value))
    }
}
