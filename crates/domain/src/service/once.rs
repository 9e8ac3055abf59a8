//! Execution of a use case once: the claim, the writes of the use case and the stored response are in one unit of work.

use std::future::Future;
use std::sync::Arc;

use super::acting::Acting;
use super::execution::{Attempt, Returned, SharedUnit, TRIES};
use super::loggia::Loggia;
use super::operator::Operator;
use crate::key::{Ability, Caller};
use crate::once::{Claim, Once, StoredResponse};
use crate::port::{Claimed, Kept, StoreError, UnitOfWork};

impl Loggia {
    /// Executes a use case once for each claim: a claim that is repeated within [`Claim::SECONDS`] gets the stored response.
    ///
    /// `work` runs one use case on the [`Acting`] that it is given. It returns the outcome and the response to store, or `None` instead
    /// of a response for a refusal: then nothing is written and the claim is free again. The claim, the writes of the use case and the
    /// response are committed together. If a concurrent transaction conflicted with the use case or the commit, `work` runs again from
    /// the beginning.
    ///
    /// A claim belongs to the user and to the reach of their API key. Calls with a key that may only read are not claimed: they are
    /// refused or write nothing.
    ///
    /// An [`Acting`] does not lead back to the service, so `work` cannot execute another use case once within this one:
    ///
    /// ```compile_fail,E0599
    /// # async fn call(acting: loggia_domain::service::Acting, claim: loggia_domain::once::Claim) {
    /// acting.once(&claim, |inner| async move { ((), None) }).await;
    /// # }
    /// ```
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
        F: Fn(Acting) -> Fut + Send + Sync,
        Fut: Future<Output = (R, Option<StoredResponse>)> + Send,
    {
        if caller.ability == Ability::Read {
            return Ok(Once::Done(work(self.acting_as(caller)).await.0));
        }
        let mut tries = 1;
        loop {
            let attempt = self.attempt();
            let outcome = self.try_once(&attempt, caller, claim, &work).await;
            // A refusal, and a stored response of another unit of work, may depend on rows that are not committed yet as well.
            match attempt.settled().await.and(outcome) {
                Err(StoreError::Contended(_)) if tries < TRIES => {
                    tries += 1;
                    attempt.is_repeated();
                }
                outcome => break outcome,
            }
        }
    }

    /// Returns `true` if [`Self::once`] would not execute a request with this claim, since another request has made it before.
    ///
    /// No unit of work is opened and no claim is made, so a host can refuse an invalid request without keeping writers waiting. A claim of
    /// a request that is still in flight does not count.
    ///
    /// # Errors
    /// Fails with [`StoreError`] if the store fails.
    pub async fn was_claimed(&self, caller: &Caller, claim: &Claim) -> Result<bool, StoreError> {
        match caller.ability {
            // A caller who may only read claims nothing.
            Ability::Read => Ok(false),
            Ability::Write => self.setup.ports.views.is_claimed(&caller.viewer(), claim, self.now()).await,
        }
    }

    async fn try_once<R, F, Fut>(
        &self,
        attempt: &Attempt<'_>,
        caller: &Caller,
        claim: &Claim,
        work: &F,
    ) -> Result<Once<R>, StoreError>
    where
        R: Send,
        F: Fn(Acting) -> Fut + Send + Sync,
        Fut: Future<Output = (R, Option<StoredResponse>)> + Send,
    {
        let uow = match attempt.claim(caller, claim).await? {
            Ok(uow) => uow,
            Err(otherwise) => return Ok(otherwise.into()),
        };
        let shared = Arc::new(SharedUnit::new(uow));
        let acting = self.acting_as(caller).sharing(Arc::clone(&shared));
        let (outcome, answer) = work(acting).await;
        let Returned { uow, asked_again, scope } = shared.returned();
        if asked_again {
            return Err(StoreError::Contended(None));
        }
        let Some(answer) = answer else { return Ok(Once::Done(outcome)) };
        let mut uow = match uow {
            Some(uow) => uow,
            // The use case had nothing to write and dropped the unit of work, which released the claim.
            None => match attempt.claim(caller, claim).await? {
                Ok(uow) => uow,
                Err(otherwise) => return Ok(otherwise.into()),
            },
        };
        uow.keep(&caller.viewer(), claim, scope, &answer).await?;
        uow.commit().await?;
        attempt.committed();
        Ok(Once::Done(outcome))
    }
}

impl Operator {
    /// Deletes at most `limit` stored responses that have expired. Returns their number.
    ///
    /// # Errors
    /// Fails with [`StoreError`] if the store fails.
    pub async fn forget_stored_responses(&self, limit: u32) -> Result<u64, StoreError> {
        let attempt = self.attempt();
        let mut uow = attempt.begin().await?;
        let forgotten = uow.delete_expired_answers(attempt.now(), limit).await?;
        attempt.commit(uow).await?;
        Ok(forgotten)
    }
}

impl Attempt<'_> {
    /// Opens a unit of work that has the claim, or returns the reason why the claim cannot be made.
    async fn claim(
        &self,
        caller: &Caller,
        claim: &Claim,
    ) -> Result<Result<Box<dyn UnitOfWork>, Otherwise>, StoreError> {
        let mut uow = self.opened(self.setup.ports.store.begin_for(caller, self.now()).await?);
        let kept = match uow.claim(&caller.viewer(), claim, Claim::made_at(self.now())).await? {
            Claimed::New => return Ok(Ok(uow)),
            Claimed::InFlight => return Ok(Err(Otherwise::InFlight)),
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
}

/// The reason why there is nothing to execute.
enum Otherwise {
    Kept(StoredResponse),
    OtherRequest,
    InFlight,
    NoLonger,
}

impl<R> From<Otherwise> for Once<R> {
    fn from(otherwise: Otherwise) -> Self {
        match otherwise {
            Otherwise::Kept(answer) => Self::Kept(answer),
            Otherwise::OtherRequest => Self::OtherRequest,
            Otherwise::InFlight => Self::InFlight,
            Otherwise::NoLonger => Self::NoLonger,
        }
    }
}
