//! The state that all requests share.

use std::ops::Deref;
use std::sync::Arc;

use loggia_domain::port::Ids;
use loggia_domain::service::Loggia;
use loggia_serve::Server;
use loggia_serve::admission::{Buckets, FairSemaphore, KnownSecrets, RateLimits};
use loggia_serve::client::{Address, Networks, PublicUrl};
use loggia_serve::response::{Cors, HeaderNames, Origins};
use tokio::runtime::Handle;

use crate::limits::{Limits, USERS_PER_ORGANIZATION_RATE};
use crate::pipeline::guest::{Callers, Guest};
use crate::pipeline::idempotency::InFlight;
use crate::pipeline::key_usage::LastUsed;
use crate::pipeline::observation::Observer;
use crate::pipeline::readiness::Readiness;
use crate::pipeline::usage::RateRefusals;
use crate::wire::cursor::CursorKey;
use crate::wire::response::ROOM_UNIT;

/// The request headers that scripts may send, beside those that the Fetch standard always allows: those that this API reads, and those
/// that tracing libraries (W3C Trace Context, W3C Baggage) and HTTP libraries (`X-Requested-With`) add by themselves.
const ALLOWED_HEADERS: &str = "Authorization, Content-Type, Idempotency-Key, If-Match, If-None-Match, X-Request-Id, X-Requested-With, \
                               traceparent, tracestate, baggage";
/// The response headers that scripts may read, beside those that the Fetch standard always exposes.
const EXPOSED_HEADERS: &str = "ETag, Idempotent-Replayed, Link, Location, RateLimit, RateLimit-Policy, Retry-After, \
                               WWW-Authenticate, X-Request-Id, X-Total-Count";

/// The HTTP side of the service: hand it to [`crate::serve`], or turn it into an actix `App` with [`crate::application`].
#[derive(Clone)]
pub struct HttpApp {
    pub(crate) loggia: Loggia,
    /// Behind one `Arc`, so that a clone for each call increments one counter and not twenty.
    pub(crate) shared: Arc<Shared>,
}

/// The state that is the same for all requests.
#[derive(Clone)]
pub struct Shared {
    pub(crate) ids: Arc<dyn Ids>,
    pub(crate) cursors: CursorKey,
    pub(crate) limits: Limits,
    /// Permits to look up keys.
    pub(crate) authentications: FairSemaphore,
    /// Permits to read.
    pub(crate) reads: FairSemaphore,
    /// Permits for reads that may run long, which such a read needs in addition to a permit to read.
    pub(crate) long_reads: FairSemaphore,
    /// Permits to write.
    pub(crate) writes: FairSemaphore,
    /// Memory for request bodies, in [`ROOM_UNIT`]s.
    pub(crate) body_room: FairSemaphore,
    /// Memory for responses, in [`ROOM_UNIT`]s.
    pub(crate) response_room: FairSemaphore,
    /// The state that is shared with the server: its phase, its limits, its trusted proxies, and the units of work that run detached from
    /// their connections.
    pub(crate) server: Server,
    /// Recent calls with invalid keys, by address.
    pub(crate) failures: Arc<Buckets<Address>>,
    /// The rate limits, or `None` if requests are not limited.
    pub(crate) rate_limits: Option<Arc<RateLimits>>,
    /// The requests that were refused by a rate.
    pub(crate) rate_refusals: Arc<RateRefusals>,
    /// The observer of all requests, if the host wants metrics or traces.
    pub(crate) observer: Option<Arc<dyn Observer>>,
    /// The tenants of keys that were valid recently.
    pub(crate) known_keys: Arc<KnownSecrets>,
    /// The state of an API that another application serves; `None` under this crate's own server.
    pub(crate) guest: Option<Guest>,
    /// The URL under which clients reach this API, if the operator sets it.
    pub(crate) public_url: Option<PublicUrl>,
    /// The last result of the store's readiness check.
    pub(crate) readiness: Arc<Readiness>,
    /// The keys whose last use is being recorded.
    pub(crate) last_used: LastUsed,
    /// The requests with an `Idempotency-Key` that are in flight.
    pub(crate) in_flight: InFlight,
    /// The runtime of units of work. An actix worker's runtime would drop its tasks when the worker ends.
    pub(crate) runtime: Handle,
}

impl HttpApp {
    /// Joins the use cases with the state that requests need. `instance_secret` authenticates cursors and must be the same in every replica
    /// ([`loggia_domain::port::InstanceViews::instance_secret`]).
    ///
    /// # Panics
    /// Panics outside a tokio runtime: units of work run on the runtime that is current here.
    pub fn new(loggia: Loggia, ids: Arc<dyn Ids>, instance_secret: [u8; 32], limits: Limits) -> Self {
        let shared = Shared {
            ids,
            cursors: CursorKey::new(instance_secret),
            limits,
            // Half as many as reads: a key lookup is short, and every call makes one.
            authentications: FairSemaphore::new((limits.reads_at_once / 2).max(2)),
            reads: FairSemaphore::new(limits.reads_at_once),
            long_reads: FairSemaphore::new(limits.long_reads_at_once),
            writes: FairSemaphore::new(limits.writes_at_once),
            body_room: FairSemaphore::new(limits.body_room_bytes / ROOM_UNIT),
            response_room: FairSemaphore::new(limits.response_room_bytes / ROOM_UNIT),
            server: Server::new(limits.server, Cors::new(ALLOWED_HEADERS, EXPOSED_HEADERS)),
            failures: Arc::new(Buckets::new("failed-authentications", limits.failed_authentications)),
            rate_limits: limits.requests_per_minute.map(rate_limits),
            rate_refusals: Arc::default(),
            observer: None,
            known_keys: Arc::default(),
            guest: None,
            public_url: None,
            readiness: Arc::default(),
            last_used: LastUsed::default(),
            in_flight: InFlight::default(),
            runtime: Handle::current(),
        };
        Self { loggia, shared: Arc::new(shared) }
    }

    /// Trusts these proxies to report where a call comes from and how it was made. By default no proxy is trusted.
    #[must_use]
    pub fn behind(mut self, proxies: Networks) -> Self {
        Arc::make_mut(&mut self.shared).server.proxies = Arc::new(proxies);
        self
    }

    /// Begins links with this URL. By default links begin with the URL that the client called.
    #[must_use]
    pub fn reached_at(mut self, url: PublicUrl) -> Self {
        Arc::make_mut(&mut self.shared).public_url = Some(url);
        self
    }

    /// Allows cross-origin requests from pages of these origins. By default there are none.
    #[must_use]
    pub fn for_pages_of(mut self, origins: Origins) -> Self {
        self.cors_mut().set_origins(origins);
        self
    }

    /// Allows those pages to send these request headers, in addition to those that are always allowed.
    #[must_use]
    pub fn with_headers_of_pages(mut self, headers: &HeaderNames) -> Self {
        self.cors_mut().allow_headers(headers);
        self
    }

    /// Tells an observer of each request. By default nothing is measured.
    #[must_use]
    pub fn observed_by(mut self, observer: Arc<dyn Observer>) -> Self {
        Arc::make_mut(&mut self.shared).observer = Some(observer);
        self
    }

    /// Mounts the API in another application.
    pub(crate) fn mounted_with(mut self, guest: Guest) -> Self {
        Arc::make_mut(&mut self.shared).guest = Some(guest);
        self
    }

    /// Returns the function of the host that recognises callers, if there is one.
    pub(crate) fn callers(&self) -> Option<&dyn Callers> {
        self.guest.as_ref()?.callers.as_deref()
    }

    fn cors_mut(&mut self) -> &mut Cors {
        Arc::make_mut(&mut Arc::make_mut(&mut self.shared).server.cors)
    }
}

fn rate_limits(per_user: u32) -> Arc<RateLimits> {
    Arc::new(RateLimits::new(per_user, per_user.saturating_mul(USERS_PER_ORGANIZATION_RATE)))
}

impl Deref for HttpApp {
    type Target = Shared;

    fn deref(&self) -> &Shared {
        &self.shared
    }
}
