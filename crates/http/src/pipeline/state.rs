//! The state that all requests share.

use std::ops::Deref;
use std::sync::Arc;

use loggia_domain::port::Ids;
use loggia_domain::service::Loggia;
use tokio::runtime::Handle;
use tokio_util::task::TaskTracker;

use crate::address::{Address, Networks};
use crate::buckets::Buckets;
use crate::cors::{AllowedHeaders, Cors, Origins};
use crate::fair_semaphore::FairSemaphore;
use crate::lifecycle::Lifecycle;
use crate::limits::Limits;
use crate::pipeline::idempotency::Underway;
use crate::pipeline::key_usage::Noting;
use crate::pipeline::readiness::Readiness;
use crate::rate_limits::RateLimits;
use crate::tenant::KnownKeys;
use crate::wire::base_url::PublicUrl;
use crate::wire::cursor::CursorKey;
use crate::wire::response::ROOM_UNIT;

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
    /// The phase of the server, its open connections and its requests.
    pub(crate) lifecycle: Lifecycle,
    /// Recent calls with invalid keys, by address.
    pub(crate) failures: Arc<Buckets<Address>>,
    /// The rate limits, or `None` if requests are not limited.
    pub(crate) rate_limits: Option<Arc<RateLimits>>,
    /// The tenants of keys that were valid recently.
    pub(crate) known_keys: Arc<KnownKeys>,
    /// The proxies that are trusted to report where a call comes from and how it was made.
    pub(crate) proxies: Arc<Networks>,
    /// The URL under which clients reach this API, if the operator sets it.
    pub(crate) public_url: Option<PublicUrl>,
    /// The CORS settings: which other origins may call, and with which headers.
    pub(crate) cors: Arc<Cors>,
    /// The last result of the store's readiness check.
    pub(crate) readiness: Arc<Readiness>,
    /// The keys whose last use is being recorded.
    pub(crate) noting: Noting,
    /// The requests with an `Idempotency-Key` that are in flight.
    pub(crate) underway: Underway,
    /// Units of work that run detached from their connections.
    pub(crate) tasks: TaskTracker,
    /// The runtime of those units of work. An actix worker's runtime would drop its tasks when the worker ends.
    pub(crate) runtime: Handle,
}

impl HttpApp {
    /// Joins the use cases with the state that requests need. `instance_secret` authenticates cursors and must be the same in every replica
    /// ([`loggia_domain::port::Views::instance_secret`]).
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
            lifecycle: Lifecycle::default(),
            failures: Arc::new(Buckets::new("failed-authentications", limits.failed_authentications)),
            rate_limits: limits.requests_per_minute.map(|per_user| Arc::new(RateLimits::new(per_user))),
            known_keys: Arc::default(),
            proxies: Arc::default(),
            public_url: None,
            cors: Arc::default(),
            readiness: Arc::default(),
            noting: Noting::default(),
            underway: Underway::default(),
            tasks: TaskTracker::new(),
            runtime: Handle::current(),
        };
        Self { loggia, shared: Arc::new(shared) }
    }

    /// Trusts these proxies to report where a call comes from and how it was made. By default no proxy is trusted.
    #[must_use]
    pub fn behind(mut self, proxies: Networks) -> Self {
        Arc::make_mut(&mut self.shared).proxies = Arc::new(proxies);
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
        Arc::make_mut(&mut Arc::make_mut(&mut self.shared).cors).origins = origins;
        self
    }

    /// Allows those pages to send these request headers. The default is [`AllowedHeaders::default`].
    #[must_use]
    pub fn with_headers_of_pages(mut self, headers: AllowedHeaders) -> Self {
        Arc::make_mut(&mut Arc::make_mut(&mut self.shared).cors).headers = headers;
        self
    }
}

impl Deref for HttpApp {
    type Target = Shared;

    fn deref(&self) -> &Shared {
        &self.shared
    }
}
