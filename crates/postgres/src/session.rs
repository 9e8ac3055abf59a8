//! The sessions of the pools, as statements use them.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use loggia_domain::key::{ApiKey, Caller, KeyHash};
use loggia_domain::port::{FirstRead, StoreError};
use loggia_domain::scope::{Scope, Viewer};
use sqlx::postgres::{PgExecutor, PgRow};
use sqlx::raw_sql;
use tokio::sync::OwnedMutexGuard;

use crate::error::{is_broken, is_stale_plan, store_error};
use crate::in_time::InTime;
use crate::key_lookup::{self, KeyLookup};
use crate::pool::{Pool, Pooled};
use crate::tenancy::{Granted, TenantContext};

/// Whether a session can be used again: it answers, and no transaction was left open.
///
/// sqlx 0.9.0 leaves one behind when its `begin` is cancelled, and does not know of it
/// (<https://github.com/launchbadge/sqlx/issues/4393>). [`Writers::begin`](crate::transaction::Writers::begin) cannot be cancelled; this is for whatever
/// else was dropped half-way. In a transaction, `now()` is when that began. It must be the simple protocol, in which nothing is
/// prepared that could begin a transaction before the statement.
pub(crate) async fn is_clean(connection: impl PgExecutor<'_>) -> Result<bool, sqlx::Error> {
    use sqlx::Row;
    let row = connection.fetch_one(raw_sql("SELECT now() = statement_timestamp()")).await?;
    row.try_get(0)
}

/// When the schema was last found to have changed. Sessions that are older may have statements prepared that do not fit any
/// more, each of them; they are closed instead of being used again, so that the next try meets a new one.
#[derive(Clone, Debug, Default)]
pub(crate) struct SchemaChange(Arc<Mutex<Option<Instant>>>);

impl SchemaChange {
    /// It has changed before now.
    pub(crate) fn noticed(&self) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some(Instant::now());
    }

    /// Whether a session of that age was opened since.
    pub(crate) fn fits(&self, age: Duration) -> bool {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).is_none_or(|at| age < at.elapsed())
    }
}

/// The sessions that read: each statement is a transaction of its own, in which nothing can be written.
#[derive(Clone, Debug)]
pub(crate) struct Readers {
    pub(crate) pool: Pool,
    /// The session that is held for one call. It serves one statement after the other, and no call ever has a second one: calls
    /// that each hold one and wait for another would wait for each other.
    held: Option<Arc<tokio::sync::Mutex<Held>>>,
}

/// A session in which a tenant context was entered already.
#[derive(Debug)]
pub(crate) struct Held {
    pooled: Pooled,
    context: TenantContext,
    granted: Granted,
    found: Found,
}

/// What was found together with the key of a call.
#[derive(Debug)]
struct Found {
    viewer: Viewer,
    context: TenantContext,
    granted: Granted,
    first: Option<(FirstRead, PgRow)>,
}

/// Takes a session and asks that of it. Nothing was asked of it yet, so if it turns out to be dead, as all of them are after the server was
/// started anew, the next one is taken. Gives the answer and the session.
macro_rules! ask_a_session {
    ($readers:expr, |$connection:ident| $ask:expr) => {{
        let mut failures = 0;
        loop {
            let mut pooled = $readers.pool.take().await?;
            let $connection = pooled.connection();
            match $ask.await {
                Ok(answer) => {
                    pooled.rests();
                    break (answer, pooled);
                }
                Err(error) => $readers.try_another(pooled, error, &mut failures)?,
            }
        }
    }};
}

impl Readers {
    pub(crate) fn new(pool: Pool) -> Self {
        Self { pool, held: None }
    }

    /// Takes a session and enters the context in it.
    pub(crate) async fn enter(&self, context: &TenantContext) -> Result<Session, StoreError> {
        if let Some(held) = self.enter_held(context).await? {
            return Ok(Session::Held(held));
        }
        let (_, pooled) = ask_a_session!(self, |connection| context.enter(connection, false));
        Ok(Session::Taken(pooled))
    }

    /// The session that is held, if there is one and it still can be used. Mostly its context covers the one that is asked for, and
    /// the server is asked nothing.
    async fn enter_held(&self, context: &TenantContext) -> Result<Option<OwnedMutexGuard<Held>>, StoreError> {
        let Some(held) = &self.held else { return Ok(None) };
        let mut held = held.clone().lock_owned().await;
        if !held.pooled.is_at_rest() {
            // Whatever it was last asked, nobody has waited for the answer.
            held.pooled.is_lost();
            return Ok(None);
        }
        if held.context.covers(&held.granted, context) {
            return Ok(Some(held));
        }
        // In between, neither context is entered for certain.
        held.context = TenantContext::none();
        held.granted = Granted::default();
        match context.enter(held.pooled.connection(), false).await {
            Ok(granted) => {
                held.pooled.rests();
                held.context = context.clone();
                held.granted = granted;
                Ok(Some(held))
            }
            Err(error) if is_broken(&error) || is_stale_plan(&error) => {
                held.pooled.is_lost();
                Ok(None)
            }
            Err(error) => Err(store_error(error)),
        }
    }

    /// Looks for the key with that digest. If it is there, the session in which its user's context is now entered goes with it, for
    /// the reads of one call, and what the call will ask for first.
    pub(crate) async fn enter_with_key(
        &self,
        hash: &KeyHash,
        first: Option<FirstRead>,
    ) -> Result<Option<(ApiKey, Self)>, StoreError> {
        let (lookup, pooled) = ask_a_session!(self, |connection| key_lookup::enter(connection, hash, first));
        let Some(KeyLookup { key, granted, first: row }) = lookup else { return Ok(None) };
        let key = key.decode()?;
        let caller = Caller::from(&key);
        let context = key_lookup::context(&caller, first);
        let found =
            Found { viewer: caller.viewer(), context: context.clone(), granted: granted.clone(), first: row };
        let held = Held { pooled, context, granted, found };
        let held = Some(Arc::new(tokio::sync::Mutex::new(held)));
        Ok(Some((key, Self { pool: self.pool.clone(), held })))
    }

    /// Looks for the key with that digest, and grants no scope.
    pub(crate) async fn find_key(&self, hash: &KeyHash) -> Result<Option<ApiKey>, StoreError> {
        let found = if self.held.is_some() {
            let mut session = self.enter(&TenantContext::none()).await?;
            let found = key_lookup::enter(session.connection(), hash, None).await;
            session.told(found)?
        } else {
            ask_a_session!(self, |connection| key_lookup::enter(connection, hash, None)).0
        };
        found.map(|found| found.key.decode()).transpose()
    }

    /// The row that was found for the viewer together with the key, if it is of what is asked for. It is given once: whoever asks again
    /// is told how things are by then.
    pub(crate) async fn first_read(&self, viewer: &Viewer, what: FirstRead) -> Option<PgRow> {
        let mut held = self.held.as_ref()?.lock().await;
        if held.found.viewer != *viewer {
            return None;
        }
        held.found.first.take_if(|(first, _)| *first == what).map(|(_, row)| row)
    }

    /// The word for the viewer's role in that scope, if it was looked up together with the key; `Some(None)` if the viewer has none
    /// there.
    pub(crate) async fn found_role(&self, viewer: &Viewer, scope: Scope) -> Option<Option<String>> {
        let held = self.held.as_ref()?.lock().await;
        if held.found.viewer != *viewer {
            return None;
        }
        let context = TenantContext::viewer_in(viewer, scope);
        let was_looked_up = held.found.context.covers(&held.found.granted, &context);
        was_looked_up.then(|| held.found.granted.role_of(viewer, scope).map(str::to_owned))
    }

    /// Gives up a session that could not be entered because it is dead or has outlived a change of the schema; any other failure is
    /// told. There may be as many of them as there are sessions.
    fn try_another(
        &self,
        mut pooled: Pooled,
        error: sqlx::Error,
        failures: &mut u32,
    ) -> Result<(), StoreError> {
        if !(is_broken(&error) || is_stale_plan(&error)) || *failures > self.pool.size() {
            return Err(store_error(error));
        }
        pooled.is_lost();
        *failures += 1;
        Ok(())
    }

    /// Closes them.
    pub(crate) async fn close(&self) {
        self.pool.close().await;
    }
}

/// A session in which statements are run, one after the other.
pub(crate) enum Session {
    /// It goes back to the pool.
    Taken(Pooled),
    /// It goes on to the next statement of the call.
    Held(OwnedMutexGuard<Held>),
}

impl Session {
    /// The connection, for the next statement.
    pub(crate) fn connection(&mut self) -> InTime<'_> {
        match self {
            Self::Taken(pooled) => pooled.connection(),
            Self::Held(held) => held.pooled.connection(),
        }
    }

    /// What a statement gave, or what its failure means to the domain. If the schema has changed under what the session had
    /// prepared, it is given up, and the statement may be tried again. So it may if the session was held and has died meanwhile.
    pub(crate) fn told<T>(&mut self, outcome: Result<T, sqlx::Error>) -> Result<T, StoreError> {
        let (pooled, was_held) = match self {
            Self::Taken(pooled) => (pooled, false),
            Self::Held(held) => (&mut held.pooled, true),
        };
        let error = match outcome {
            Ok(value) => {
                pooled.rests();
                return Ok(value);
            }
            Err(error) => error,
        };
        let (broken, stale) = (is_broken(&error), is_stale_plan(&error));
        if broken || stale {
            pooled.is_lost();
        }
        if stale {
            pooled.schema().noticed();
        }
        if stale || (broken && was_held) {
            return Err(StoreError::Contended(Some(error.into())));
        }
        Err(store_error(error))
    }
}
