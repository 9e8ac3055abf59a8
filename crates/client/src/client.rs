//! The client and its settings.

use std::fmt;
use std::sync::Arc;

use reqwest::Method;
use reqwest::header::HeaderValue;
use url::{Host, Url};

use crate::call::{Call, Reply, Segment};
use crate::error::Error;
use crate::retry::{self, Retries};
use crate::transport;
use crate::value::{ETag, IdempotencyKey, Secret, Versioned};

/// A client of one server, with one API key. Clones share their connections.
///
/// Its methods return the resources of the API, such as [`spaces`](Self::spaces).
#[derive(Clone)]
pub struct Client {
    shared: Arc<Shared>,
    idempotency_key: Option<IdempotencyKey>,
}

struct Shared {
    http: reqwest::Client,
    base: Url,
    key: HeaderValue,
    retries: Retries,
}

/// The settings of a client.
#[derive(Clone, Debug)]
#[must_use]
pub struct ClientBuilder {
    base: String,
    key: Secret,
    retries: Retries,
    certificates: Option<Vec<u8>>,
    has_system_proxy: bool,
    allows_plain_http: bool,
}

impl Client {
    /// Creates a client with the default settings.
    ///
    /// The base URL is that of the server, with a path if the API has a prefix: `https://example.com/loggia`. Fails if it or the key is
    /// malformed; nothing is sent.
    pub fn new(base_url: &str, key: impl Into<Secret>) -> Result<Self, Error> {
        Self::builder(base_url, key).build()
    }

    /// Begins the settings of a client.
    pub fn builder(base_url: &str, key: impl Into<Secret>) -> ClientBuilder {
        ClientBuilder {
            base: base_url.to_owned(),
            key: key.into(),
            retries: Retries::default(),
            certificates: None,
            has_system_proxy: false,
            allows_plain_http: false,
        }
    }

    /// Returns a client that sends its next change with this key, to repeat a change whose outcome is unknown.
    ///
    /// Use it for that one call: the service refuses another request with the same key (422 `IDEMPOTENCY_KEY_REUSED`).
    #[must_use]
    pub fn with_idempotency_key(&self, key: IdempotencyKey) -> Self {
        Self { shared: Arc::clone(&self.shared), idempotency_key: Some(key) }
    }

    /// Begins a request without a body. Each segment of the path is encoded.
    pub(crate) fn call(&self, method: Method, path: &[Segment<'_>]) -> Call {
        Call::new(&self.shared.base, method, path)
    }

    /// Sends a request, again if need be, and returns the response if its status is one of success or 304.
    pub(crate) async fn send(&self, call: &Call) -> Result<Reply, Error> {
        // Only POST and PATCH take a key; the other methods have the same effect however often they are sent.
        let takes_key = call.method == Method::POST || call.method == Method::PATCH;
        let key = match &self.idempotency_key {
            _ if !takes_key => None,
            Some(key) => Some(key.clone()),
            None => Some(IdempotencyKey::random().map_err(|error| Error::Settings(error.to_string()))?),
        };
        let Shared { http, key: bearer, retries, .. } = &*self.shared;
        let sent =
            retry::run(retries, |timeout| transport::attempt(http, call, bearer, key.as_ref(), timeout))
                .await;
        sent.map_err(|given_up| {
            let last = given_up.last.error;
            if given_up.is_unclear && !is_settled(&last, key.is_some()) {
                Error::OutcomeUnknown { idempotency_key: key, last: Box::new(last) }
            } else {
                last
            }
        })
    }

    /// Reads a record unless it has that version. Returns `None` if it has.
    pub(crate) async fn refresh<T>(
        &self,
        call: Call,
        known: &ETag,
        read: fn(&Reply) -> Result<Versioned<T>, Error>,
    ) -> Result<Option<Versioned<T>>, Error> {
        let reply = self.send(&call.unless(known)).await?;
        if reply.status == 304 { Ok(None) } else { read(&reply).map(Some) }
    }
}

/// Returns `true` if a refusal shows that no earlier attempt of the same request was successful.
///
/// The service looks for a stored response before it looks at records, so these statuses mean that there is none. Without a key they may
/// be the consequence of an earlier attempt: a second DELETE gets 404.
fn is_settled(last: &Error, has_key: bool) -> bool {
    has_key && last.problem().is_some_and(|problem| matches!(problem.status, 400 | 404 | 409 | 412 | 422))
}

impl fmt::Debug for Client {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Client").field("base", &self.shared.base.as_str()).finish_non_exhaustive()
    }
}

impl ClientBuilder {
    /// Sets how often and for how long calls are tried.
    pub fn retries(mut self, retries: Retries) -> Self {
        self.retries = retries;
        self
    }

    /// Trusts these certificates too, in PEM: those of an authority of your own. Mozilla's are always trusted.
    pub fn root_certificates(mut self, pem: impl Into<Vec<u8>>) -> Self {
        self.certificates = Some(pem.into());
        self
    }

    /// Uses the proxy that the environment names, such as in `HTTPS_PROXY`. By default no proxy is used.
    pub fn system_proxy(mut self) -> Self {
        self.has_system_proxy = true;
        self
    }

    /// Allows a base URL with `http` for other hosts than the machine itself: the API key is sent unencrypted.
    pub fn plain_http(mut self) -> Self {
        self.allows_plain_http = true;
        self
    }

    /// Creates the client.
    pub fn build(self) -> Result<Client, Error> {
        let base = self.base_url()?;
        let key = HeaderValue::try_from(format!("Bearer {}", self.key.reveal()));
        let mut key =
            key.map_err(|_| Error::Settings("an API key is visible ASCII characters".to_owned()))?;
        key.set_sensitive(true);
        let http = transport::http(self.certificates.as_deref(), self.has_system_proxy)?;
        let shared = Arc::new(Shared { http, base, key, retries: self.retries });
        Ok(Client { shared, idempotency_key: None })
    }

    fn base_url(&self) -> Result<Url, Error> {
        let refuse = |reason: &str| Err(Error::Settings(format!("the base URL {reason}")));
        let Ok(base) = Url::parse(&self.base) else { return refuse("is not a URL") };
        let is_local = match base.host() {
            Some(Host::Domain(name)) => name == "localhost",
            Some(Host::Ipv4(address)) => address.is_loopback(),
            Some(Host::Ipv6(address)) => address.is_loopback(),
            None => return refuse("has no host"),
        };
        match base.scheme() {
            "https" => {}
            "http" if is_local || self.allows_plain_http => {}
            "http" => return refuse("begins with http, which `plain_http` has to allow"),
            _ => return refuse("begins with neither https nor http"),
        }
        if !base.username().is_empty() || base.password().is_some() {
            return refuse("has a user or a password");
        }
        if base.query().is_some() || base.fragment().is_some() {
            return refuse("has a query or a fragment");
        }
        Ok(base)
    }
}

#[cfg(test)]
mod tests;
