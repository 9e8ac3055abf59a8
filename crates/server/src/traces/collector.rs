//! The way to the collector.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use anyhow::Context;
use async_trait::async_trait;
use opentelemetry_http::{Bytes, HttpClient, HttpError, Request, Response};
use reqwest::redirect::Policy;
use rustls::{ClientConfig, RootCertStore};
use tokio::runtime::Handle;

/// The time that one attempt may take.
const TIMEOUT: Duration = Duration::from_secs(10);
/// The time in which a failure is logged once.
const SILENCE: Duration = Duration::from_secs(60);
/// The number of bytes that are read of a collector's answer.
const ANSWER_BYTES: usize = 64 * 1024;

/// Sends batches to the collector.
///
/// The thread of the SDK that exports has no runtime, on which the HTTP client depends, so each request runs as a task on ours.
#[derive(Debug)]
pub(super) struct Collector {
    http: reqwest::Client,
    runtime: Handle,
    /// The time at which a failure was last logged.
    last_report: Mutex<Option<Instant>>,
}

impl Collector {
    pub(super) fn new() -> anyhow::Result<Self> {
        let roots = RootCertStore { roots: webpki_roots::TLS_SERVER_ROOTS.to_vec() };
        let tls = ClientConfig::builder_with_provider(Arc::new(rustls::crypto::ring::default_provider()))
            .with_safe_default_protocol_versions()
            .context("TLS cannot be set up")?
            .with_root_certificates(roots)
            .with_no_client_auth();
        let http = reqwest::Client::builder()
            .tls_backend_preconfigured(tls)
            .redirect(Policy::none())
            .referer(false)
            .http1_only()
            .timeout(TIMEOUT)
            .user_agent(concat!("loggia/", env!("CARGO_PKG_VERSION")))
            .build()
            .context("the HTTP client cannot be set up")?;
        Ok(Self { http, runtime: Handle::current(), last_report: Mutex::new(None) })
    }

    /// Logs a failure, unless one was logged within the last minute.
    fn report(&self, why: &str) {
        let mut last_report = self.last_report.lock().unwrap_or_else(PoisonError::into_inner);
        if last_report.is_none_or(|at| at.elapsed() >= SILENCE) {
            *last_report = Some(Instant::now());
            tracing::warn!(
                why,
                "traces cannot be sent to the collector; further failures are not logged for a minute"
            );
        }
    }
}

#[async_trait]
impl HttpClient for Collector {
    async fn send_bytes(&self, request: Request<Bytes>) -> Result<Response<Bytes>, HttpError> {
        let sent = self.runtime.spawn(send(self.http.clone(), request)).await;
        match sent {
            Ok(Ok(response)) => {
                if !response.status().is_success() {
                    self.report(&format!("the collector answered {}", response.status().as_u16()));
                }
                Ok(response)
            }
            Ok(Err(error)) => {
                self.report(&chain(&*error));
                Err(error)
            }
            // The runtime has ended.
            Err(error) => Err(error.into()),
        }
    }
}

/// Returns the messages of an error and its causes, without the URL, which may hold a secret.
fn chain(error: &(dyn std::error::Error + 'static)) -> String {
    let causes = std::iter::successors(error.source(), |error| error.source());
    let causes: Vec<String> = causes.map(ToString::to_string).collect();
    if causes.is_empty() { "the request failed".to_owned() } else { causes.join(": ") }
}

async fn send(http: reqwest::Client, request: Request<Bytes>) -> Result<Response<Bytes>, HttpError> {
    let mut answer =
        http.execute(reqwest::Request::try_from(request)?).await.map_err(reqwest::Error::without_url)?;
    let mut response = Response::builder().status(answer.status());
    if let Some(headers) = response.headers_mut() {
        headers.extend(answer.headers().iter().map(|(name, value)| (name.clone(), value.clone())));
    }
    let mut body = Vec::new();
    while let Some(piece) = answer.chunk().await? {
        body.extend_from_slice(&piece);
        if body.len() > ANSWER_BYTES {
            break;
        }
    }
    Ok(response.body(body.into())?)
}
