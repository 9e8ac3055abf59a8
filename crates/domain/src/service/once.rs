//! Doing something once: a claim, the use case and the answer that is kept, all in one unit of work.

use std::future::Future;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::{Authority, Loggia, TRIES};
use crate::key::{Ability, Caller};
use crate::once::{Claim, KeptAnswer, Once};
use crate::port::{Claimed, Kept, StoreError, UnitOfWork};
use crate::revision::Expected;
use crate::scope::Scope;

/// A unit of work that is lent to the use case that shall be done once.
pub(super) struct Held(Mutex<State>);

struct State {
    /// Not there while a use case has it; nor afterwards, if that has dropped it, which undoes everything, the claim too.
    uow: Option<Box<dyn UnitOfWork>>,
    lent: bool,
    /// It was asked for a second time: the use case was contended and runs again, or there were two.
    asked_again: bool,
    /// Where the use case does what it does.
    scope: Option<Scope>,
}

impl Held {
    fn new(uow: Box<dyn UnitOfWork>) -> Self {
        Self(Mutex::new(State { uow: Some(uow), lent: false, asked_again: false, scope: None }))
    }

    fn state(&self) -> MutexGuard<'_, State> {
        // Nothing panics while it holds this lock.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Lends it, once.
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

/// What is asked of a [`Loggia`] that a unit of work was lent to, and cannot be done.
#[derive(Debug, thiserror::Error)]
enum Misuse {
    #[error("what is done once cannot have in it what is done once")]
    Nested,
    #[error("revisions were named for a use case that does not look at any")]
    Unlooked,
}

impl Loggia {
    /// Opens the unit of work of a use case of the operator's.
    pub(super) async fn begin(&self) -> Result<Box<dyn UnitOfWork>, StoreError> {
        self.begin_for(Authority::Operator).await
    }

    /// Opens the unit of work of a caller's use case that is not about one record as it was at some time.
    pub(super) async fn begin_for(
        &self,
        authority: impl Into<Authority<'_>>,
    ) -> Result<Box<dyn UnitOfWork>, StoreError> {
        self.expects_nothing()?;
        self.begin_expecting(authority).await
    }

    /// Opens the unit of work of a use case that compares the record's revision with what the caller expects, see
    /// [`Self::check_revision`].
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

    /// Ends the unit of work of a use case: what is done once is committed only with its answer.
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

    /// Tells where a use case does what it does; nowhere, if its answer is the caller's own wherever they have a place.
    pub(super) fn acts_in(&self, scope: Option<Scope>) {
        if let Some(held) = &self.held {
            held.state().scope = scope;
        }
    }

    /// Does something once, however often it is claimed within a day ([`Claim::SECONDS`]).
    ///
    /// `work` runs one use case on the [`Loggia`] that it is given, and gives what came of it; beside it the answer to keep,
    /// or `None` for a refusal: then nothing is written and the claim is free again. The claim, what the use case writes and
    /// the answer are committed together. `work` runs again, from the beginning, where others were in the way of its
    /// use case or of the commit.
    ///
    /// A claim is the user's and their key's reach. What a key that may only read asks for is refused or writes nothing, so it
    /// is not claimed.
    ///
    /// # Errors
    /// [`StoreError`]: nothing was written and the claim is free; but for [`StoreError::OutcomeUnknown`], after which the same
    /// claim tells what came of it.
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
            // Also a refusal, and an answer that another has kept, may go by what is not committed yet.
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
            // The use case had nothing to write and has let go of its unit of work, and of the claim with it.
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

    /// Opens a unit of work that has the claim, or tells why there is none to have.
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

    /// Deletes kept answers whose time is over, at most that many; tells how many.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn forget_kept_answers(&self, limit: u32) -> Result<u64, StoreError> {
        let mut uow = self.begin().await?;
        let forgotten = uow.delete_expired_answers(self.now(), limit).await?;
        self.commit(uow).await?;
        Ok(forgotten)
    }
}

/// Why there is nothing to be done now.
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
