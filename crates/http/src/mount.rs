//! The API as a guest: mounted below a path of another actix application, beside that application's own routes.
//!
//! ```no_run
//! use actix_web::{App, HttpServer, web};
//! use loggia_http::HttpApp;
//!
//! # async fn serve(app: HttpApp) -> Result<(), Box<dyn std::error::Error>> {
//! let loggia = loggia_http::mount("/loggia", app)?;
//! let handle = loggia.handle();
//! let host = move || App::new().service(loggia.clone()).route("/", web::get().to(async || "The host's own page."));
//! HttpServer::new(host).bind("127.0.0.1:8080")?.run().await?;
//! handle.finish(std::time::Duration::from_secs(20)).await?;
//! # Ok(())
//! # }
//! ```
//!
//! `app` is created once, outside the closure that makes the application of each worker: its clones share their limits. Units of work run
//! on the runtime in which it was created, which should have several threads and must outlive the host's server.
//!
//! # Paths
//!
//! All requests to the path of the mount and below it reach this API, which answers unknown ones with its own 404. `Link`, `Location`, the
//! `type` of problems, the documents and the pages lead there, also from inside a [`web::scope`](actix_web::web::scope), and below the
//! prefixes that trusted proxies report ([`HttpApp::behind`]). A public URL ([`HttpApp::reached_at`]) is that of the mount, with its path.
//!
//! One application may have several mounts: of one `HttpApp` and its clones, which share their limits, or of several. A middleware of the
//! host that rewrites paths, such as `NormalizePath`, must leave those of the API as they are.
//!
//! # Limits
//!
//! | limits and rules | under this crate's server | as a guest |
//! |---|---|---|
//! | [`Limits`](crate::Limits) except its field `server`: bodies, time for a call, permits, memory, rate limits, invalid keys, `If-Match` | yes | yes |
//! | [`limits::JSON_DEPTH`](crate::limits::JSON_DEPTH), the readiness check and the queues of [`limits`](crate::limits) | yes | yes |
//! | a valid `Host`; cross-origin rules; security headers, `X-Request-Id` and the log line of each request | yes | yes, for requests below the mount |
//! | limits of the parser: header lines, bytes of the head and of the target, pipelined requests | yes | yes: they are those of actix |
//! | [`ServerLimits`](crate::ServerLimits): time for a head and for reading a response, idle connections, numbers of connections and of those from one address | yes | no: the host's server has its own |
//! | spare connections for health checks; unsent bytes of a connection | yes | no |
//! | draining and shutting down by themselves, with their time limits | yes | no: by the [`MountHandle`] |
//!
//! Without a limit on connections, the host's `HttpServer` should have `max_connections` and `client_request_timeout` set.

use std::sync::Arc;
use std::time::Duration;

use actix_web::HttpRequest;
use actix_web::dev::{AppService, HttpServiceFactory, ResourceDef};
use loggia_domain::key::Caller;
use loggia_serve::CutOff;
use loggia_serve::client::{InvalidMountPath, MountPath};

use crate::pipeline::guest::{Guest, NotRecognised};
use crate::pipeline::readiness;
use crate::pipeline::state::HttpApp;
use crate::problem::Problem;
use crate::server::service;

/// Mounts the API below a path of another application, such as `/loggia`. The module [`mount`](mod@crate::mount) describes what differs
/// from [`crate::serve`].
///
/// # Errors
/// Fails with [`InvalidMountPath`] unless `path` is one or more segments, each a slash and unreserved characters. Percent-encoded bytes and
/// placeholders are rejected, and so is the root: an application that is nothing but this API is [`crate::application`].
pub fn mount(path: &str, app: HttpApp) -> Result<Mount, InvalidMountPath> {
    Ok(Mount { path: MountPath::parse(path)?, app: app.mounted_with(Guest::default()) })
}

/// The API below a path of another application: a service for [`actix_web::App::service`]. A clone is cheap and shares all limits.
#[derive(Clone)]
pub struct Mount {
    path: MountPath,
    app: HttpApp,
}

impl Mount {
    /// Lets the host recognise the callers, instead of reading API keys.
    ///
    /// `recognise` gets each request that is for a known operation, without its body, and returns the caller, usually by
    /// [`Loggia::recognise`](loggia_domain::service::Loggia::recognise), whose errors `?` converts:
    ///
    /// ```
    /// # use actix_web::{HttpRequest, http::header::HeaderValue};
    /// # use loggia_domain::{id::UserId, scope::Scope, service::Loggia};
    /// # use loggia_http::{Mount, NotRecognised};
    /// # fn session(_: &HttpRequest) -> Option<UserId> { None }
    /// # fn with_sessions(mount: Mount, loggia: Loggia) -> Mount {
    /// mount.callers(async move |request: &HttpRequest| {
    ///     let not_signed_in = || NotRecognised::NotSignedIn(HeaderValue::from_static("Session"));
    ///     let user = session(request).ok_or_else(not_signed_in)?;
    ///     Ok(loggia.recognise(user, Scope::Personal(user)).await?)
    /// })
    /// # }
    /// ```
    ///
    /// - *Keys*: the header `Authorization` is the host's alone. API keys can still be managed, and work at another mount of the same
    ///   `HttpApp` without this function. The published document of this mount asks for none.
    /// - *Guessing*: the host limits failed attempts to sign in; [`Limits::failed_authentications`](crate::Limits) counts API keys only.
    /// - *Load*: `recognise` holds one of the authentication permits, of which an address gets at most three quarters, and is cancelled
    ///   when the time of the call is over. A read that has waited for a permit is recognised again.
    /// - *Revocation*: a caller is good for one request. A session that the host ends while a request is in flight does not stop that
    ///   request. A membership that ends does: a write checks it again when it commits, and a read finds nothing more there.
    /// - *Cross-site requests*: this crate checks neither the origin of a request nor a token against forgery (CSRF), since a browser never
    ///   adds an API key by itself. It does add cookies, and some operations take no body, so a form on any page could call them. A host
    ///   that recognises callers by a cookie sets `SameSite=Lax` or `Strict` on it, or refuses requests here whose `Origin` or
    ///   `Sec-Fetch-Site` is not its own.
    /// - *Caching*: responses vary by `Authorization` and `Cookie`, and no shared cache may store them.
    #[must_use]
    pub fn callers<F>(self, recognise: F) -> Self
    where
        F: AsyncFn(&HttpRequest) -> Result<Caller, NotRecognised> + Send + Sync + 'static,
    {
        Self { app: self.app.mounted_with(Guest { callers: Some(Arc::new(recognise)) }), ..self }
    }

    /// Returns the handle by which the host awaits readiness and the end of writes. The handles of all mounts of one `HttpApp` are alike.
    pub fn handle(&self) -> MountHandle {
        MountHandle { app: self.app.clone() }
    }
}

impl HttpServiceFactory for Mount {
    fn register(self, config: &mut AppService) {
        let path = ResourceDef::root_prefix(self.path.as_str());
        config.register_service(path, None, service(self.app), None);
    }
}

/// A handle on a mounted API, for the life of the host: its readiness, and its end.
///
/// A host that is asked to stop calls [`Self::drain`], goes on to serve until its load balancer has noticed, stops its server, and then
/// awaits [`Self::finish`].
#[derive(Clone)]
pub struct MountHandle {
    app: HttpApp,
}

impl MountHandle {
    /// Succeeds if the API is ready, as `GET /readyz` below the mount does: the store is available, and the API does not drain. The store
    /// is asked at intervals ([`Limits::readiness_seconds`](crate::Limits::readiness_seconds)), however often this is called.
    ///
    /// # Errors
    /// Fails with the problem that `/readyz` reports.
    pub async fn ready(&self) -> Result<(), Problem> {
        readiness::check(&self.app).await
    }

    /// Reports from now on that the API is not ready, and closes each connection after a response of the API. Requests are still served.
    pub fn drain(&self) {
        self.app.server.drain();
    }

    /// Waits until every write has ended. A write runs in a task of its own: it goes on when its client disconnects, when its time is over,
    /// and when the host's server has ended. Writes that begin afterwards are not waited for, so the host's server must have ended before.
    ///
    /// # Errors
    /// Fails with [`CutOff`] if writes are in flight after `timeout`. They end with the process, and the store undoes those that have not
    /// committed.
    pub async fn finish(&self, timeout: Duration) -> Result<(), CutOff> {
        self.app.server.finish(timeout).await
    }
}
