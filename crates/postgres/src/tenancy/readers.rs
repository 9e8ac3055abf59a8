//! The sessions that read, each in the tenant context of its call.

use std::sync::Arc;

use loggia_domain::key::{ApiKey, Caller, KeyHash};
use loggia_domain::port::{ReadAhead, StoreError};
use loggia_domain::scope::{Scope, Viewer};
use sqlx::postgres::PgRow;
use tokio::sync::OwnedMutexGuard;

use crate::error::{is_broken, is_stale_plan, store_error};
use crate::sessions::in_time::InTime;
use crate::sessions::pool::{Pool, Pooled};
use crate::tenancy::context::{Granted, TenantContext};
use crate::tenancy::key_lookup::{self, FirstQuery, KeyLookup};

/// The sessions that read: each statement is a read-only transaction of its own.
#[derive(Clone, Debug)]
pub(crate) struct Readers {
    pub(crate) pool: Pool,
    /// The session that is held for one call. It serves one statement after the other, and no call ever has a second one: calls that each
    /// hold one and wait for another could deadlock.
    held: Option<Arc<tokio::sync::Mutex<Held>>>,
}

/// A session whose tenant context is set.
#[derive(Debug)]
pub(crate) struct Held {
    pooled: Pooled,
    context: TenantContext,
    granted: Granted,
    found: Found,
}

/// The results of a call's key lookup.
#[derive(Debug)]
struct Found {
    viewer: Viewer,
    context: TenantContext,
    granted: Granted,
    first: Option<(ReadAhead, PgRow)>,
}

/// Takes a session and runs the first request on it. If the session turns out to be dead, as all are after a restart of the server, the
/// next one is taken. Returns the response and the session.
macro_rules! ask_a_session {
    ($readers:expr, |$connection:ident| $ask:expr) => {{
        let mut failures = 0;
        loop {
            let mut pooled = $readers.pool.take().await?;
            let $connection = pooled.connection();
            match $ask.await {
                Ok(response) => {
                    pooled.mark_idle();
                    break (response, pooled);
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

    /// Takes a session and sets its tenant context.
    pub(crate) async fn enter(&self, context: &TenantContext) -> Result<Session, StoreError> {
        if let Some(held) = self.enter_held(context).await? {
            return Ok(Session::Held(held));
        }
        let (_, pooled) = ask_a_session!(self, |connection| context.enter(connection, false));
        Ok(Session::Taken(pooled))
    }

    /// Returns the held session, if there is one that can still be used. Usually its tenant context covers the requested one, and no
    /// round trip is needed.
    async fn enter_held(&self, context: &TenantContext) -> Result<Option<OwnedMutexGuard<Held>>, StoreError> {
        let Some(held) = &self.held else { return Ok(None) };
        let mut held = held.clone().lock_owned().await;
        if !held.pooled.is_idle() {
            // The last request was dropped before its response was complete.
            held.pooled.mark_broken();
            return Ok(None);
        }
        if held.context.covers(&held.granted, context) {
            return Ok(Some(held));
        }
        // Until the response arrives, neither context is known to be set.
        held.context = TenantContext::none();
        held.granted = Granted::default();
        match context.enter(held.pooled.connection(), false).await {
            Ok(granted) => {
                held.pooled.mark_idle();
                held.context = context.clone();
                held.granted = granted;
                Ok(Some(held))
            }
            Err(error) if is_broken(&error) || is_stale_plan(&error) => {
                held.pooled.mark_broken();
                Ok(None)
            }
            Err(error) => Err(store_error(error)),
        }
    }

    /// Looks up the key with this digest. Returns the key with its user's session, whose tenant context is now set, for the reads of one
    /// call, and with the row that the call reads first.
    pub(crate) async fn enter_with_key(
        &self,
        hash: &KeyHash,
        first: Option<FirstQuery>,
    ) -> Result<Option<(ApiKey, Self)>, StoreError> {
        let (row, pooled) = ask_a_session!(self, |connection| key_lookup::enter(connection, hash, first));
        let what = first.map(|first| first.what);
        let Some(KeyLookup { key, granted, first: row }) = KeyLookup::read(row, what)? else {
            return Ok(None);
        };
        let key = key.decode()?;
        let caller = Caller::from(&key);
        let context = key_lookup::context(&caller, what);
        let found =
            Found { viewer: caller.viewer(), context: context.clone(), granted: granted.clone(), first: row };
        let held = Held { pooled, context, granted, found };
        let held = Some(Arc::new(tokio::sync::Mutex::new(held)));
        Ok(Some((key, Self { pool: self.pool.clone(), held })))
    }

    /// Looks up the key with this digest, and grants no scope.
    pub(crate) async fn find_key(&self, hash: &KeyHash) -> Result<Option<ApiKey>, StoreError> {
        let found = if self.held.is_some() {
            let mut session = self.enter(&TenantContext::none()).await?;
            let found = key_lookup::enter(session.connection(), hash, None).await;
            session.check(found)?
        } else {
            ask_a_session!(self, |connection| key_lookup::enter(connection, hash, None)).0
        };
        KeyLookup::read(found, None)?.map(|found| found.key.decode()).transpose()
    }

    /// Returns the row that was read for the viewer with the key lookup, if it is the requested one. It is returned once: a later call
    /// reads the current state.
    pub(crate) async fn first_read(&self, viewer: &Viewer, what: ReadAhead) -> Option<PgRow> {
        let mut held = self.held.as_ref()?.lock().await;
        if held.found.viewer != *viewer {
            return None;
        }
        held.found.first.take_if(|(first, _)| *first == what).map(|(_, row)| row)
    }

    /// Returns the word for the viewer's role in the scope, if the key lookup has read it; `Some(None)` if the viewer has no role there.
    pub(crate) async fn found_role(&self, viewer: &Viewer, scope: Scope) -> Option<Option<String>> {
        let held = self.held.as_ref()?.lock().await;
        if held.found.viewer != *viewer {
            return None;
        }
        let context = TenantContext::viewer_in(viewer, scope);
        let was_looked_up = held.found.context.covers(&held.found.granted, &context);
        was_looked_up.then(|| held.found.granted.role_of(viewer, scope).map(str::to_owned))
    }

    /// Discards a session that is dead or older than a change of the schema; fails with any other error. Every session of the pool may
    /// have to be discarded.
    fn try_another(
        &self,
        mut pooled: Pooled,
        error: sqlx::Error,
        failures: &mut u32,
    ) -> Result<(), StoreError> {
        if !(is_broken(&error) || is_stale_plan(&error)) || *failures > self.pool.size() {
            return Err(store_error(error));
        }
        pooled.mark_broken();
        *failures += 1;
        Ok(())
    }

    /// Closes the sessions.
    pub(crate) async fn close(&self) {
        self.pool.close().await;
    }
}

/// A session in which a call runs statements, one after the other.
pub(crate) enum Session {
    /// A session that is returned to the pool.
    Taken(Pooled),
    /// A session that is kept for the next statement of the call.
    Held(OwnedMutexGuard<Held>),
}

impl Session {
    /// Returns the connection, for the next statement.
    pub(crate) fn connection(&mut self) -> InTime<'_> {
        match self {
            Self::Taken(pooled) => pooled.connection(),
            Self::Held(held) => held.pooled.connection(),
        }
    }

    /// Checks the result of a statement: records that the session is idle or broken, and maps an error to the port's.
    ///
    /// Fails with [`StoreError::Contended`] if the schema has changed under a prepared statement, or if a held session has died. That
    /// session is discarded, and the statement may be retried.
    pub(crate) fn check<T>(&mut self, outcome: Result<T, sqlx::Error>) -> Result<T, StoreError> {
        let (pooled, was_held) = match self {
            Self::Taken(pooled) => (pooled, false),
            Self::Held(held) => (&mut held.pooled, true),
        };
        let error = match outcome {
            Ok(value) => {
                pooled.mark_idle();
                return Ok(value);
            }
            Err(error) => error,
        };
        let (broken, stale) = (is_broken(&error), is_stale_plan(&error));
        if broken || stale {
            pooled.mark_broken();
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
