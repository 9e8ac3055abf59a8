//! The state of an API that another application serves, as its guest: the callers whom that application recognises, and the URL below its own.

use std::borrow::Cow;
use std::error::Error;
use std::fmt;
use std::pin::Pin;
use std::sync::Arc;

use actix_web::HttpRequest;
use actix_web::http::header::{HeaderValue, WWW_AUTHENTICATE};
use loggia_domain::key::Caller;
use loggia_domain::port::StoreError;
use loggia_domain::service::RecognitionError;
use loggia_serve::admission::{Deadline, Tenant};
use loggia_serve::client::{Address, BaseUrl};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

use crate::pipeline::admission;
use crate::pipeline::state::HttpApp;
use crate::problem::from_domain::no_access;
use crate::problem::{Code, Problem};

/// The state of an API that is mounted in another application.
#[derive(Clone, Default)]
pub(crate) struct Guest {
    /// Recognises the callers, or `None` if the callers send API keys.
    pub(crate) callers: Option<Arc<dyn Callers>>,
}

/// The reason why the host recognises no caller in a request.
#[derive(Debug)]
#[non_exhaustive]
pub enum NotRecognised {
    /// Nobody is signed in. The response is 401 with this challenge, the value of `WWW-Authenticate` (RFC 9110 §11.6.1), for instance
    /// `Session`.
    NotSignedIn(HeaderValue),
    /// The user who is signed in may not call. The response is 403 `NO_ACCESS_TO_ORGANIZATION`, or that of a failing store.
    Refused(RecognitionError),
}

impl fmt::Display for NotRecognised {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotSignedIn(_) => f.write_str("nobody is signed in"),
            Self::Refused(error) => error.fmt(f),
        }
    }
}

impl Error for NotRecognised {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        match self {
            Self::NotSignedIn(_) => None,
            Self::Refused(error) => Some(error),
        }
    }
}

impl From<RecognitionError> for NotRecognised {
    fn from(error: RecognitionError) -> Self {
        Self::Refused(error)
    }
}

impl From<StoreError> for NotRecognised {
    fn from(error: StoreError) -> Self {
        Self::Refused(error.into())
    }
}

impl From<NotRecognised> for Problem {
    fn from(reason: NotRecognised) -> Self {
        match reason {
            NotRecognised::NotSignedIn(challenge) => {
                Self::new(Code::UNAUTHENTICATED, "Sign in to the application that serves this API.")
                    .with_header(WWW_AUTHENTICATE, challenge)
            }
            NotRecognised::Refused(
                RecognitionError::UnknownUser | RecognitionError::NotInScope | RecognitionError::Inactive,
            ) => no_access(),
            NotRecognised::Refused(RecognitionError::Store(error)) => error.into(),
        }
    }
}

/// The future of a recognition.
pub(crate) type Recognition<'a> = Pin<Box<dyn Future<Output = Result<Caller, NotRecognised>> + 'a>>;

/// A function of the host that recognises the caller of a request.
pub(crate) trait Callers: Send + Sync {
    /// Recognises the caller of a request.
    fn recognise<'a>(&'a self, request: &'a HttpRequest) -> Recognition<'a>;
}

impl<F> Callers for F
where
    F: AsyncFn(&HttpRequest) -> Result<Caller, NotRecognised> + Send + Sync,
{
    fn recognise<'a>(&'a self, request: &'a HttpRequest) -> Recognition<'a> {
        Box::pin(self(request))
    }
}

/// Returns the caller whom the host recognises. Takes an authentication permit of the address, as the look-up of an unknown key does.
pub(crate) async fn caller(
    callers: &dyn Callers,
    request: &HttpRequest,
    app: &HttpApp,
    deadline: &mut Deadline,
) -> Result<Caller, Problem> {
    let tenant = Tenant::from(Address::from_request(request, &app.server.proxies));
    let _permit = admission::authentication_permit(app, tenant, deadline).await?;
    let recognised = deadline.within(callers.recognise(request)).await;
    Ok(recognised.ok_or_else(|| admission::took_too_long(app))??)
}

/// The characters of a decoded path that a URL cannot contain as they are. A percent sign begins one of the escapes that the router leaves.
const ENCODED: &AsciiSet =
    &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~').remove(b'/').remove(b'%');

/// Returns the URL under which the client reaches the API: the path of the mount, with the scopes around it, is what the host's router has
/// taken off the path of the request.
pub(crate) fn base(request: &HttpRequest, app: &HttpApp) -> BaseUrl {
    let path = request.match_info();
    let taken = path.as_str().strip_suffix(path.unprocessed()).unwrap_or_default();
    let taken = Cow::from(utf8_percent_encode(taken, ENCODED));
    BaseUrl::from_mounted_request(request, app.public_url.as_ref(), &app.server.proxies, &taken)
}
