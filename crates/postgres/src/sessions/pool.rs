//! A pool of sessions: opened on demand, up to a maximum number, and reused in last-in, first-out order.
//!
//! sqlx has a pool too, but each return of a session there is a task that pings the server. That is a round trip and several thread
//! switches for each read, more than the read itself takes. Here a session whose last statement has ended well is put back as it is, and
//! the first statement of the next call finds out whether it is still alive, see `Readers::enter`. A session in an unknown state is
//! checked in a task, and keeps its permit until then.

use std::io::ErrorKind;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use loggia_domain::port::StoreError;
use loggia_observe::usage::{PoolUsage, Waiting};
use loggia_observe::{Stage, Timer};
use sqlx::postgres::PgConnectOptions;
use sqlx::{ConnectOptions, Connection, PgConnection, raw_sql};
use tokio::runtime::Handle;
use tokio::sync::{OwnedMutexGuard, OwnedSemaphorePermit, Semaphore};

use crate::error::{is_starting, store_error};
use crate::sessions::in_time::InTime;
use crate::sessions::reuse::{SchemaChange, is_clean};
use crate::sessions::role;

/// A session that was idle for longer is closed.
const MAX_IDLE: Duration = Duration::from_secs(10 * 60);
/// A session that is older is not used again, so that the server's memory for it does not grow without limit.
const MAX_AGE: Duration = Duration::from_secs(30 * 60);
/// The first pause between two attempts to connect; each one is twice as long as the one before.
const FIRST_PAUSE: Duration = Duration::from_millis(10);

/// A pool of sessions. Clones share them.
#[derive(Clone, Debug)]
pub(crate) struct Pool(Arc<Shared>);

#[derive(Debug)]
struct Shared {
    options: PgConnectOptions,
    size: u32,
    acquire_timeout: Duration,
    /// The longest time to wait for a response.
    longest_silence: Option<Duration>,
    schema: SchemaChange,
    /// One permit for each session that may be open.
    permits: Arc<Semaphore>,
    closing: AtomicBool,
    /// The idle sessions, the one that has been idle for longest first.
    idle: Mutex<Vec<IdleSession>>,
    /// The calls that wait for a session.
    waiting: Waiting,
}

#[derive(Debug)]
struct IdleSession {
    /// The call that returns it still holds the lock for a moment.
    session: Arc<tokio::sync::Mutex<PgConnection>>,
    opened: Instant,
    since: Instant,
}

impl Pool {
    pub(crate) fn new(
        options: PgConnectOptions,
        size: u32,
        acquire_timeout: Duration,
        longest_silence: Option<Duration>,
    ) -> Self {
        Self(Arc::new(Shared {
            options,
            size,
            acquire_timeout,
            longest_silence,
            schema: SchemaChange::default(),
            permits: Arc::new(Semaphore::new(usize::try_from(size).unwrap_or(Semaphore::MAX_PERMITS))),
            closing: AtomicBool::new(false),
            idle: Mutex::default(),
            waiting: Waiting::default(),
        }))
    }

    /// Returns the maximum number of sessions.
    pub(crate) fn size(&self) -> u32 {
        self.0.size
    }

    /// Returns how many sessions are in use, idle and waited for.
    pub(crate) fn usage(&self, name: &'static str) -> PoolUsage {
        let max = usize::try_from(self.0.size).unwrap_or(Semaphore::MAX_PERMITS);
        let used = max.saturating_sub(self.0.permits.available_permits());
        let idle = self.0.idle().len();
        PoolUsage { name, max, used, idle, waiting: self.0.waiting.number() }
    }

    /// Returns what is known of changes of the schema.
    pub(crate) fn schema(&self) -> &SchemaChange {
        &self.0.schema
    }

    /// Takes a session. It may have died while it was idle.
    ///
    /// Fails with [`StoreError::Unavailable`] if none becomes free in time.
    pub(crate) async fn take(&self) -> Result<Pooled, StoreError> {
        // Usually a session is idle, and no timer is needed.
        if let Ok(permit) = self.0.permits.clone().try_acquire_owned()
            && !self.is_closing()
            && let Some(idle) = self.0.last_idle()
        {
            return Ok(self.give_out(idle.session.lock_owned().await, idle.opened, permit));
        }
        let _queue = (self.0.waiting.begin(), Timer::begin(Stage::Queue));
        let mut last_failure = None;
        #[expect(clippy::disallowed_methods, reason = "nothing is asked of the session before it is had")]
        let taken = tokio::time::timeout(self.0.acquire_timeout, self.take_or_open(&mut last_failure)).await;
        taken.unwrap_or_else(|_| {
            Err(StoreError::Unavailable(Some(last_failure.unwrap_or(sqlx::Error::PoolTimedOut).into())))
        })
    }

    async fn take_or_open(&self, last_failure: &mut Option<sqlx::Error>) -> Result<Pooled, StoreError> {
        let permit = self.0.permits.clone().acquire_owned().await.ok();
        let permit = permit.filter(|_| !self.is_closing());
        let permit = permit.ok_or_else(|| store_error(sqlx::Error::PoolClosed))?;
        if let Some(idle) = self.0.last_idle() {
            return Ok(self.give_out(idle.session.lock_owned().await, idle.opened, permit));
        }
        let mut pause = FIRST_PAUSE;
        loop {
            let failure = match self.0.options.connect().await {
                Ok(mut connection) => match role::check(&mut connection).await {
                    Ok(()) => {
                        let session = Arc::new(tokio::sync::Mutex::new(connection)).lock_owned().await;
                        return Ok(self.give_out(session, Instant::now(), permit));
                    }
                    Err(error) => error,
                },
                // No server listens there yet, or it does not accept the connection.
                Err(sqlx::Error::Io(error)) if error.kind() == ErrorKind::ConnectionRefused => {
                    sqlx::Error::Io(error)
                }
                Err(error) if is_starting(&error) => error,
                Err(error) => return Err(store_error(error)),
            };
            *last_failure = Some(failure);
            tokio::time::sleep(pause).await;
            pause = (pause * 2).min(self.0.acquire_timeout / 5);
        }
    }

    fn give_out(
        &self,
        session: OwnedMutexGuard<PgConnection>,
        opened: Instant,
        permit: OwnedSemaphorePermit,
    ) -> Pooled {
        Pooled { session, permit: Some(permit), opened, state: State::Idle, pool: self.clone() }
    }

    fn is_closing(&self) -> bool {
        self.0.closing.load(Ordering::Acquire)
    }

    /// Waits for calls in flight and closes the sessions. Later calls fail as unavailable.
    pub(crate) async fn close(&self) {
        self.0.closing.store(true, Ordering::Release);
        if let Ok(permits) = self.0.permits.acquire_many(self.0.size).await {
            self.0.permits.close();
            drop(permits);
        }
        let idle = std::mem::take(&mut *self.0.idle());
        for session in idle.into_iter().filter_map(|idle| Arc::into_inner(idle.session)) {
            // A session that fails to close in good form is closed when it is dropped.
            let _ = session.into_inner().close().await;
        }
    }
}

impl Shared {
    fn idle(&self) -> MutexGuard<'_, Vec<IdleSession>> {
        // No code panics while it holds this lock.
        self.idle.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Takes the idle session that was used last, if it may be used again. Closes those that may not.
    fn last_idle(&self) -> Option<IdleSession> {
        loop {
            let idle = self.idle().pop()?;
            let age = idle.opened.elapsed();
            if age < MAX_AGE && self.schema.fits(age) {
                return Some(idle);
            }
        }
    }

    /// Returns a session to the pool, and closes one that has been idle for too long.
    fn put_back(&self, session: Arc<tokio::sync::Mutex<PgConnection>>, opened: Instant) {
        let now = Instant::now();
        let mut idle = self.idle();
        let forgotten = match idle.first() {
            Some(longest) if now.duration_since(longest.since) > MAX_IDLE => Some(idle.remove(0)),
            _ => None,
        };
        idle.push(IdleSession { session, opened, since: now });
        drop(idle);
        drop(forgotten);
    }
}

/// The state of a session.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    /// Every response is complete, and no transaction is open.
    Idle,
    /// A request was sent, and its response is not known to be complete.
    InFlight,
    /// A request was sent as in [`Self::InFlight`], and a transaction may be open.
    InTransaction,
    /// Not to be used again.
    Broken,
}

/// A session in use. Dropping it returns it to the pool.
///
/// A call that sends a request reports the end of its response with [`Self::mark_idle`]. A call that is dropped half-way does not, so a
/// response that is still in flight is never taken for that of another request.
#[derive(Debug)]
pub(crate) struct Pooled {
    // Dropped before the permit: fields are dropped in this order.
    session: OwnedMutexGuard<PgConnection>,
    permit: Option<OwnedSemaphorePermit>,
    opened: Instant,
    state: State,
    pool: Pool,
}

impl Pooled {
    /// Records that the response is complete and no transaction is open.
    pub(crate) fn mark_idle(&mut self) {
        if self.state != State::Broken {
            self.state = State::Idle;
        }
    }

    /// Records that a transaction is about to be opened.
    pub(crate) fn mark_in_transaction(&mut self) {
        self.state = State::InTransaction;
    }

    /// Records that the session must not be used again. Another one may be opened in its stead, even before this one is dropped.
    pub(crate) fn mark_broken(&mut self) {
        self.state = State::Broken;
        self.permit = None;
    }

    /// Returns `true` if the session can be used as it is.
    pub(crate) fn is_idle(&self) -> bool {
        self.state == State::Idle
    }

    /// Returns what is known of changes of the schema.
    pub(crate) fn schema(&self) -> &SchemaChange {
        self.pool.schema()
    }

    /// Returns the connection, for a request.
    pub(crate) fn connection(&mut self) -> InTime<'_> {
        if self.state == State::Idle {
            self.state = State::InFlight;
        }
        InTime { connection: &mut self.session, limit: self.pool.0.longest_silence }
    }
}

impl Drop for Pooled {
    fn drop(&mut self) {
        let session = OwnedMutexGuard::mutex(&self.session).clone();
        match self.state {
            State::Idle => self.pool.0.put_back(session, self.opened),
            State::Broken => {}
            State::InFlight | State::InTransaction => {
                // Without a runtime to check the session, it is closed.
                if let Ok(runtime) = Handle::try_current() {
                    let (permit, opened, pool) = (self.permit.take(), self.opened, self.pool.clone());
                    let in_transaction = self.state == State::InTransaction;
                    runtime.spawn(async move {
                        let mut session = session.lock_owned().await;
                        let mut check = StateCheck { session: &mut session, limit: pool.0.longest_silence };
                        if check.can_be_used_again(in_transaction).await {
                            pool.0.put_back(OwnedMutexGuard::mutex(&session).clone(), opened);
                        }
                        // The next call finds it unlocked.
                        drop(session);
                        drop(permit);
                    });
                }
            }
        }
    }
}

/// A session in an unknown state.
struct StateCheck<'s> {
    session: &'s mut PgConnection,
    limit: Option<Duration>,
}

impl StateCheck<'_> {
    /// Rolls back an open transaction, and returns `true` if the session can be used again. A request that is still in flight has to end
    /// first.
    async fn can_be_used_again(&mut self, in_transaction: bool) -> bool {
        if in_transaction && raw_sql("ROLLBACK").execute(self.connection()).await.is_err() {
            return false;
        }
        matches!(is_clean(self.connection()).await, Ok(true))
    }

    fn connection(&mut self) -> InTime<'_> {
        InTime { connection: self.session, limit: self.limit }
    }
}
