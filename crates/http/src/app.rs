//! What every request shares.

use std::ops::Deref;
use std::sync::Arc;

use loggia_domain::port::Ids;
use loggia_domain::service::Loggia;
use tokio::runtime::Handle;
use tokio_util::task::TaskTracker;

use crate::address::{Address, Networks};
use crate::base::PublicUrl;
use crate::buckets::Buckets;
use crate::cors::{AllowedHeaders, Cors, Origins};
use crate::cursor::CursorKey;
use crate::fair_semaphore::FairSemaphore;
use crate::health::Readiness;
use crate::idempotency::Underway;
use crate::lifecycle::Lifecycle;
use crate::limits::Limits;
use crate::rate_limits::RateLimits;
use crate::response_size;
use crate::tenant::KnownKeys;
use crate::uses::Noting;

/// Room in memory is counted in kibibytes.
pub(crate) const ROOM_UNIT: usize = 1024;

/// The HTTP side of the service: hand it to [`crate::serve`], or take it as one actix `App` from [`crate::application`].
#[derive(Clone)]
pub struct HttpApp {
    pub(crate) loggia: Loggia,
    /// In one place, so that a clone for each call is one count and not twenty.
    pub(crate) shared: Arc<Shared>,
}

/// What is the same for all requests, whatever they may do.
#[derive(Clone)]
pub struct Shared {
    pub(crate) ids: Arc<dyn Ids>,
    pub(crate) cursors: CursorKey,
    pub(crate) limits: Limits,
    /// Permits to look up keys.
    pub(crate) authentications: FairSemaphore,
    /// Permits to read.
    pub(crate) reads: FairSemaphore,
    /// Permits to read what may take long, which such a read needs beside a permit to read.
    pub(crate) long_reads: FairSemaphore,
    /// Permits to write.
    pub(crate) writes: FairSemaphore,
    /// Memory for request bodies, in [`ROOM_UNIT`]s.
    pub(crate) body_room: FairSemaphore,
    /// Memory for responses, in [`ROOM_UNIT`]s.
    pub(crate) response_room: FairSemaphore,
    /// Whether the server is on its way to its end.
    pub(crate) lifecycle: Lifecycle,
    /// Recent calls with invalid keys.
    pub(crate) failures: Arc<Buckets<Address>>,
    /// The rate limits, if requests are limited.
    pub(crate) rate_limits: Option<Arc<RateLimits>>,
    /// The tenants of keys that were valid lately.
    pub(crate) known_keys: Arc<KnownKeys>,
    /// The proxies that are believed when they tell where a call comes from and how it was made.
    pub(crate) proxies: Arc<Networks>,
    /// Where clients reach this API, if it is set.
    pub(crate) public_url: Option<PublicUrl>,
    /// What pages of other origins may do.
    pub(crate) cors: Arc<Cors>,
    /// Whether the store could be used lately.
    pub(crate) readiness: Arc<Readiness>,
    /// Keys whose use is being written down.
    pub(crate) noting: Noting,
    /// Requests with an `Idempotency-Key` that are being answered.
    pub(crate) underway: Underway,
    /// Units of work that run detached from their connections.
    pub(crate) tasks: TaskTracker,
    /// Where they run: not on an actix worker, which drops its tasks when it ends.
    pub(crate) runtime: Handle,
}

impl HttpApp {
    /// Joins the use cases with what requests need; `instance_secret` authenticates cursors and must be the same in every
    /// replica ([`loggia_domain::port::Views::instance_secret`]).
    ///
    /// # Panics
    /// Outside a tokio runtime: units of work run on the one that is current here.
    pub fn new(loggia: Loggia, ids: Arc<dyn Ids>, instance_secret: [u8; 32], limits: Limits) -> Self {
        response_size::prepare();
        let shared = Shared {
            ids,
            cursors: CursorKey::new(instance_secret),
            limits,
            // Half as many as reads: a look-up is short, and every call makes one.
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

    /// Believes these proxies when they tell where a call comes from and how it was made; none unless told.
    #[must_use]
    pub fn behind(mut self, proxies: Networks) -> Self {
        Arc::make_mut(&mut self.shared).proxies = Arc::new(proxies);
        self
    }

    /// Begins links with this URL; unless told, with the one that the client called.
    #[must_use]
    pub fn reached_at(mut self, url: PublicUrl) -> Self {
        Arc::make_mut(&mut self.shared).public_url = Some(url);
        self
    }

    /// Lets pages of these origins call; none unless told.
    #[must_use]
    pub fn for_pages_of(mut self, origins: Origins) -> Self {
        Arc::make_mut(&mut Arc::make_mut(&mut self.shared).cors).origins = origins;
        self
    }

    /// Lets those pages send these headers; only those that are always allowed unless told.
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
