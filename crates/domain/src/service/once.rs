//! Execution of a use case once: the claim, the writes of the use case and the stored response are in one unit of work.

use std::future::Future;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::{Authority, Loggia, TRIES};
use crate::key::{Ability, Caller};
use crate::once::{Claim, KeptAnswer, Once};
use crate::port::{Claimed, Kept, StoreError, UnitOfWork};
use crate::revision::Expected;
use crate::scope::Scope;

/// A unit of work that is shared with the use case that is executed once.
pub(super) struct Held(Mutex<State>);

struct State {
    /// `None` while the use case has the unit of work. It stays `None` if the use case drops it, which rolls everything back, the claim
    /// included.
    uow: Option<Box<dyn UnitOfWork>>,
    lent: bool,
    /// `true` if the unit of work was requested a second time: the use case was contended and runs again, or `work` ran two use cases.
    asked_again: bool,
    /// The scope in which the use case acts.
    scope: Option<Scope>,
}

impl Held {
    fn new(uow: Box<dyn UnitOfWork>) -> Self {
        Self(Mutex::new(State { uow: Some(uow), lent: false, asked_again: false, scope: None }))
    }

    fn state(&self) -> MutexGuard<'_, State> {
        // No code panics while it holds this lock.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Hands out the unit of work. Fails with [`StoreError::Contended`] for a second request.
    fn lend(&self) -> Result<Box<dyn UnitOfWork>, StoreError> {
        let mut state = self.state();
        if state.lent {
            state.asked_again = true;
            return Err(StoreError::Contended(None));
        }
        state.lent = true;
        state.uow.take().ok_or(StoreError::Contended(None))
    }
}

/// A usage error of a [`Loggia`] whose unit of work is shared.
#[derive(Debug, thiserror::Error)]
enum Misuse {
    #[error("an idempotent unit of work cannot contain another one")]
    Nested,
    #[error("expected revisions were set for a use case that does not check any")]
    Unlooked,
}

impl Loggia {
    /// Opens the unit of work of an operator's use case.
    pub(super) async fn begin(&self) -> Result<Box<dyn UnitOfWork>, StoreError> {
        self.begin_for(Authority::Operator).await
    }

    /// Opens the unit of work of a caller's use case that does not compare revisions.
    pub(super) async fn begin_for(
        &self,
        authority: impl Into<Authority<'_>>,
    ) -> Result<Box<dyn UnitOfWork>, StoreError> {
        self.expects_nothing()?;
        self.begin_expecting(authority).await
    }

    /// Opens the unit of work of a use case that compares the record's revision with the expected ones, see [`Self::check_revision`].
    pub(super) async fn begin_expecting(
        &self,
        authority: impl Into<Authority<'_>>,
    ) -> Result<Box<dyn UnitOfWork>, StoreError> {
        let store = &self.ports.store;
        let uow = match (&self.held, authority.into()) {
            (Some(held), _) => return held.lend(),
            (None, Authority::Operator) => store.begin().await?,
            (None, Authority::Caller(caller)) => store.begin_for(caller, self.now()).await?,
        };
        Ok(self.opened(uow))
    }

    fn expects_nothing(&self) -> Result<(), StoreError> {
        match self.expected {
            Expected::Any => Ok(()),
            Expected::OneOf(_) => Err(StoreError::Failed(Misuse::Unlooked.into())),
        }
    }

    /// Ends the unit of work of a use case. A shared one is kept, to be committed together with the response.
    pub(super) async fn commit(&self, uow: Box<dyn UnitOfWork>) -> Result<(), StoreError> {
        match &self.held {
            Some(held) => held.state().uow = Some(uow),
            None => {
                uow.commit().await?;
                self.committed();
            }
        }
        Ok(())
    }

    /// Records the scope in which a use case acts; `None` if the response concerns the caller only, whichever scopes they have access to.
    pub(super) fn acts_in(&self, scope: Option<Scope>) {
        if let Some(held) = &self.held {
            held.state().scope = scope;
        }
    }

    /// Executes a use case once for each claim: a claim that is repeated within [`Claim::SECONDS`] gets the stored response.
    ///
    /// `work` runs one use case on the [`Loggia`] that it is given. It returns the outcome and the response to store, or `None` instead
    /// of a response for a refusal: then nothing is written and the claim is free again. The claim, the writes of the use case and the
    /// response are committed together. If a concurrent transaction conflicted with the use case or the commit, `work` runs again from
    /// the beginning.
    ///
    /// A claim belongs to the user and to the reach of their API key. Calls with a key that may only read are not claimed: they are
    /// refused or write nothing.
    ///
    /// # Errors
    /// Fails with [`StoreError`]: nothing was written and the claim is free. After [`StoreError::OutcomeUnknown`], repeating the claim
    /// reveals the outcome.
    pub async fn once<R, F, Fut>(
        &self,
        caller: &Caller,
        claim: &Claim,
        work: F,
    ) -> Result<Once<R>, StoreError>
    where
        R: Send,
        F: Fn(Self) -> Fut + Send + Sync,
        Fut: Future<Output = (R, Option<KeptAnswer>)> + Send,
    {
        if self.held.is_some() {
            return Err(StoreError::Failed(Misuse::Nested.into()));
        }
        if caller.ability == Ability::Read {
            return Ok(Once::Done(work(self.clone()).await.0));
        }
        let mut tries = 1;
        loop {
            let attempt = self.attempt();
            let outcome = attempt.try_once(caller, claim, &work).await;
            // A refusal, and a stored response of another unit of work, may depend on rows that are not committed yet as well.
            match attempt.settled().await.and(outcome) {
                Err(StoreError::Contended(_)) if tries < TRIES => tries += 1,
                outcome => break outcome,
            }
        }
    }

    async fn try_once<R, F, Fut>(
        &self,
        caller: &Caller,
        claim: &Claim,
        work: &F,
    ) -> Result<Once<R>, StoreError>
    where
        R: Send,
        F: Fn(Self) -> Fut + Send + Sync,
        Fut: Future<Output = (R, Option<KeptAnswer>)> + Send,
    {
        let uow = match self.claim(caller, claim).await? {
            Ok(uow) => uow,
            Err(otherwise) => return Ok(otherwise.into()),
        };
        let held = Arc::new(Held::new(uow));
        let (outcome, answer) = work(Self { held: Some(Arc::clone(&held)), ..self.clone() }).await;
        let (uow, asked_again, scope) = {
            let mut state = held.state();
            (state.uow.take(), state.asked_again, state.scope)
        };
        if asked_again {
            return Err(StoreError::Contended(None));
        }
        let Some(answer) = answer else { return Ok(Once::Done(outcome)) };
        let mut uow = match uow {
            Some(uow) => uow,
            // The use case had nothing to write and dropped the unit of work, which released the claim.
            None => match self.claim(caller, claim).await? {
                Ok(uow) => uow,
                Err(otherwise) => return Ok(otherwise.into()),
            },
        };
        uow.keep(&caller.viewer(), claim, scope, &answer).await?;
        uow.commit().await?;
        self.committed();
        Ok(Once::Done(outcome))
    }

    /// Opens a unit of work that has the claim, or returns the reason why the claim cannot be made.
    async fn claim(
        &self,
        caller: &Caller,
        claim: &Claim,
    ) -> Result<Result<Box<dyn UnitOfWork>, Otherwise>, StoreError> {
        let mut uow = self.opened(self.ports.store.begin_for(caller, self.now()).await?);
        let kept = match uow.claim(&caller.viewer(), claim, Claim::made_at(self.now())).await? {
            Claimed::New => return Ok(Ok(uow)),
            Claimed::Underway => return Ok(Err(Otherwise::Underway)),
            Claimed::Kept(kept) => kept,
        };
        let Kept { fingerprint, scope, answer } = kept;
        if fingerprint != claim.fingerprint {
            return Ok(Err(Otherwise::OtherRequest));
        }
        let is_there = match scope {
            Some(scope) => uow.role_in_scope(&caller.viewer(), scope).await?.is_some(),
            None => true,
        };
        Ok(Err(if is_there { Otherwise::Kept(answer) } else { Otherwise::NoLonger }))
    }

    /// Deletes at most `limit` stored responses that have expired. Returns their number.
    ///
    /// # Errors
    /// Fails with [`StoreError`] if the store fails.
    pub async fn forget_kept_answers(&self, limit: u32) -> Result<u64, StoreError> {
        let mut uow = self.begin().await?;
        let forgotten = uow.delete_expired_answers(self.now(), limit).await?;
        self.commit(uow).await?;
        Ok(forgotten)
    }
}

/// The reason why there is nothing to execute.
enum Otherwise {
    Kept(KeptAnswer),
    OtherRequest,
    Underway,
    NoLonger,
}

impl<R> From<Otherwise> for Once<R> {
    fn from(otherwise: Otherwise) -> Self {
        match otherwise {
            Otherwise::Kept(answer) => Self::Kept(answer),
            Otherwise::OtherRequest => Self::OtherRequest,
            Otherwise::Underway => Self::Underway,
            Otherwise::NoLonger => Self::NoLonger,
        }
    }
}
