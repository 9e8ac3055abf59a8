//! A pool of sessions: opened when they are needed, up to a number; the last one that was given back is the first to be given
//! out again.
//!
//! sqlx has a pool too, but every giving back there is a task of its own that asks the server for a sign of life. That is a round
//! trip and several changes of threads for each read, more than the read itself takes. Here a session whose last statement
//! has ended well is put back where it is, and whoever takes it finds out by their own first statement whether it is still
//! alive, see `Readers::enter`. A session of which that is not known is looked at in a task, and has its turn until then.

use std::io::ErrorKind;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use loggia_domain::port::StoreError;
use sqlx::postgres::PgConnectOptions;
use sqlx::{ConnectOptions, Connection, PgConnection, raw_sql};
use tokio::runtime::Handle;
use tokio::sync::{OwnedMutexGuard, OwnedSemaphorePermit, Semaphore};

use crate::error::{is_starting, store_error};
use crate::in_time::InTime;
use crate::role;
use crate::session::{SchemaChange, is_clean};

/// A session that nobody has used for so long is closed.
const LONGEST_REST: Duration = Duration::from_secs(10 * 60);
/// A session that is older is not used again, so that what the server keeps for it does not grow for ever.
const LONGEST_LIFE: Duration = Duration::from_secs(30 * 60);
/// The first pause between two tries to connect; each one is twice as long as the one before.
const FIRST_PAUSE: Duration = Duration::from_millis(10);

/// Sessions that are shared. Clones are the same pool.
#[derive(Clone, Debug)]
pub(crate) struct Pool(Arc<Shared>);

#[derive(Debug)]
struct Shared {
    options: PgConnectOptions,
    size: u32,
    acquire_timeout: Duration,
    /// How long an answer is waited for.
    longest_silence: Option<Duration>,
    schema: SchemaChange,
    /// One for each session that may be open.
    turns: Arc<Semaphore>,
    closing: AtomicBool,
    /// Those that rest, the one that has rested longest first.
    resting: Mutex<Vec<Resting>>,
}

#[derive(Debug)]
struct Resting {
    /// Whoever gives it back still has the lock, for a moment.
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
            turns: Arc::new(Semaphore::new(usize::try_from(size).unwrap_or(Semaphore::MAX_PERMITS))),
            closing: AtomicBool::new(false),
            resting: Mutex::default(),
        }))
    }

    /// How many sessions there may be.
    pub(crate) fn size(&self) -> u32 {
        self.0.size
    }

    /// What is known of changes of the schema.
    pub(crate) fn schema(&self) -> &SchemaChange {
        &self.0.schema
    }

    /// Takes a session. It may have died while it rested.
    pub(crate) async fn take(&self) -> Result<Pooled, StoreError> {
        // Mostly there is one, and no clock needs to be set.
        if let Ok(turn) = self.0.turns.clone().try_acquire_owned()
            && !self.is_closing()
            && let Some(resting) = self.0.last_resting()
        {
            return Ok(self.give_out(resting.session.lock_owned().await, resting.opened, turn));
        }
        let mut last_failure = None;
        #[expect(clippy::disallowed_methods, reason = "nothing is asked of the session before it is had")]
        let taken = tokio::time::timeout(self.0.acquire_timeout, self.take_or_open(&mut last_failure)).await;
        taken.unwrap_or_else(|_| {
            Err(StoreError::Unavailable(Some(last_failure.unwrap_or(sqlx::Error::PoolTimedOut).into())))
        })
    }

    async fn take_or_open(&self, last_failure: &mut Option<sqlx::Error>) -> Result<Pooled, StoreError> {
        let turn = self.0.turns.clone().acquire_owned().await.ok();
        let turn = turn.filter(|_| !self.is_closing());
        let turn = turn.ok_or_else(|| store_error(sqlx::Error::PoolClosed))?;
        if let Some(resting) = self.0.last_resting() {
            return Ok(self.give_out(resting.session.lock_owned().await, resting.opened, turn));
        }
        let mut pause = FIRST_PAUSE;
        loop {
            let failure = match self.0.options.connect().await {
                Ok(mut connection) => match role::check(&mut connection).await {
                    Ok(()) => {
                        let session = Arc::new(tokio::sync::Mutex::new(connection)).lock_owned().await;
                        return Ok(self.give_out(session, Instant::now(), turn));
                    }
                    Err(error) => error,
                },
                // Nobody listens there yet, or not to us.
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
        turn: OwnedSemaphorePermit,
    ) -> Pooled {
        Pooled { session, turn: Some(turn), opened, state: State::AtRest, pool: self.clone() }
    }

    fn is_closing(&self) -> bool {
        self.0.closing.load(Ordering::Acquire)
    }

    /// Waits for what is under way and closes the sessions. Whoever asks for one from now on is refused.
    pub(crate) async fn close(&self) {
        self.0.closing.store(true, Ordering::Release);
        if let Ok(turns) = self.0.turns.acquire_many(self.0.size).await {
            self.0.turns.close();
            drop(turns);
        }
        let resting = std::mem::take(&mut *self.0.resting());
        for session in resting.into_iter().filter_map(|resting| Arc::into_inner(resting.session)) {
            // One that cannot be closed in good form is closed all the same, as it is dropped.
            let _ = session.into_inner().close().await;
        }
    }
}

impl Shared {
    fn resting(&self) -> MutexGuard<'_, Vec<Resting>> {
        // Nothing panics while it holds this lock.
        self.resting.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The session that has rested for the shortest time, of those that may be used again. The others are closed.
    fn last_resting(&self) -> Option<Resting> {
        loop {
            let resting = self.resting().pop()?;
            let age = resting.opened.elapsed();
            if age < LONGEST_LIFE && self.schema.fits(age) {
                return Some(resting);
            }
        }
    }

    /// Keeps a session for the next one who asks, and closes one that nobody has asked for in a long time.
    fn put_back(&self, session: Arc<tokio::sync::Mutex<PgConnection>>, opened: Instant) {
        let now = Instant::now();
        let mut resting = self.resting();
        let forgotten = match resting.first() {
            Some(longest) if now.duration_since(longest.since) > LONGEST_REST => Some(resting.remove(0)),
            _ => None,
        };
        resting.push(Resting { session, opened, since: now });
        drop(resting);
        drop(forgotten);
    }
}

/// What is known of a session.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    /// All that was asked of it was answered, and nothing is open in it.
    AtRest,
    /// Something was asked of it, and it is not known to have come to its end.
    Asked,
    /// The same, and it may be in a transaction.
    InTransaction,
    /// It is not to be used again.
    Lost,
}

/// A session that was taken; it is given back when it is dropped.
///
/// Whoever asks something of it says when the answer was had, with [`Self::rests`]. Who is dropped half-way does not come
/// to say so, and the answer that then is still on its way is never taken for that of another question.
#[derive(Debug)]
pub(crate) struct Pooled {
    // It is let go of before the turn: fields are dropped in this order.
    session: OwnedMutexGuard<PgConnection>,
    turn: Option<OwnedSemaphorePermit>,
    opened: Instant,
    state: State,
    pool: Pool,
}

impl Pooled {
    /// What was asked has come to its end, and nothing is open.
    pub(crate) fn rests(&mut self) {
        if self.state != State::Lost {
            self.state = State::AtRest;
        }
    }

    /// A transaction is about to be opened.
    pub(crate) fn opens_transaction(&mut self) {
        self.state = State::InTransaction;
    }

    /// It is not to be used again. Another one may be opened in its place, even before this one is dropped.
    pub(crate) fn is_lost(&mut self) {
        self.state = State::Lost;
        self.turn = None;
    }

    /// Whether it can be asked again as it is.
    pub(crate) fn is_at_rest(&self) -> bool {
        self.state == State::AtRest
    }

    /// What is known of changes of the schema.
    pub(crate) fn schema(&self) -> &SchemaChange {
        self.pool.schema()
    }

    /// The connection, to ask something of it.
    pub(crate) fn connection(&mut self) -> InTime<'_> {
        if self.state == State::AtRest {
            self.state = State::Asked;
        }
        InTime { connection: &mut self.session, limit: self.pool.0.longest_silence }
    }
}

impl Drop for Pooled {
    fn drop(&mut self) {
        let session = OwnedMutexGuard::mutex(&self.session).clone();
        match self.state {
            State::AtRest => self.pool.0.put_back(session, self.opened),
            State::Lost => {}
            State::Asked | State::InTransaction => {
                // Where no runtime is left to look at it, it is closed.
                if let Ok(runtime) = Handle::try_current() {
                    let (turn, opened, pool) = (self.turn.take(), self.opened, self.pool.clone());
                    let in_transaction = self.state == State::InTransaction;
                    runtime.spawn(async move {
                        let mut session = session.lock_owned().await;
                        let mut looked_at = Look { session: &mut session, limit: pool.0.longest_silence };
                        if looked_at.can_be_used_again(in_transaction).await {
                            pool.0.put_back(OwnedMutexGuard::mutex(&session).clone(), opened);
                        }
                        // The next one finds it unlocked.
                        drop(session);
                        drop(turn);
                    });
                }
            }
        }
    }
}

/// A session of which it is not known how it is.
struct Look<'s> {
    session: &'s mut PgConnection,
    limit: Option<Duration>,
}

impl Look<'_> {
    /// Undoes what is open in it, and looks whether it then can be used again. What was asked of it before may have to end first.
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
