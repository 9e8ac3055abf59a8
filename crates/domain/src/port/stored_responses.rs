//! The capability [`Capability::StoredResponses`]: claims of requests that are to be executed once, and their stored responses.
//!
//! A store without it cannot execute a request once: [`crate::service::Loggia::once`] fails, and all other use cases work.

use async_trait::async_trait;

use super::error::{Capability, StoreError};
use crate::instant::Timestamp;
use crate::once::{Claim, StoredResponse};
use crate::scope::{Scope, Viewer};

/// The outcome of claiming a request.
#[derive(Clone, Debug, PartialEq, Eq)]
#[must_use]
pub enum Claimed {
    /// The claim is new and belongs to this unit of work; it is free again if the unit of work is rolled back.
    New,
    /// A committed claim exists.
    Kept(Kept),
    /// Another unit of work, which has not ended, holds the claim. This unit of work can only be dropped.
    InFlight,
}

/// A committed claim and its stored response.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Kept {
    /// The fingerprint of the request, see [`Claim::fingerprint`].
    pub fingerprint: [u8; 32],
    /// The scope in which the request was executed, if there is one.
    pub scope: Option<Scope>,
    /// The stored response.
    pub answer: StoredResponse,
}

/// The write side of claims and stored responses. They belong to a user and to the reach of the API key that was used.
#[expect(
    unused_variables,
    reason = "the default implementations give the same result whatever they are asked for"
)]
#[async_trait]
pub trait StoredResponseRows: Send {
    /// Claims a request for `owner`, as made at `now`. A unit of work claims before anything else.
    ///
    /// A claim excludes every other unit of work with an equal owner, operation and key: such a unit of work waits until the first has
    /// ended, and gets [`Claimed::InFlight`] if that takes too long. A claim that has expired ([`Claim::end`]) by `now` counts as absent.
    /// If the claim is committed without [`Self::keep`], its response counts as withheld.
    async fn claim(&mut self, owner: &Viewer, claim: &Claim, now: Timestamp) -> Result<Claimed, StoreError> {
        Err(StoreError::Unsupported(Capability::StoredResponses))
    }

    /// Stores the response of a claim that this unit of work has made, and the scope in which the request was executed.
    async fn keep(
        &mut self,
        owner: &Viewer,
        claim: &Claim,
        scope: Option<Scope>,
        answer: &StoredResponse,
    ) -> Result<(), StoreError> {
        Err(StoreError::Unsupported(Capability::StoredResponses))
    }

    /// Deletes at most `limit` claims of any owner that have expired by `now`, the earliest expiry first. Returns the number of deleted
    /// claims. Claims that are being made anew at the moment may be skipped.
    async fn delete_expired_answers(&mut self, now: Timestamp, limit: u32) -> Result<u64, StoreError> {
        Ok(0)
    }
}

/// The read side of claims.
#[expect(
    unused_variables,
    reason = "the default implementations give the same result whatever they are asked for"
)]
#[async_trait]
pub trait StoredResponseViews: Send + Sync {
    /// Returns `true` if a committed claim with this operation and key of `owner` has not expired by `now`, whatever its fingerprint, see
    /// [`StoredResponseRows::claim`]. Waits for no unit of work, and ignores those that have not ended.
    async fn is_claimed(&self, owner: &Viewer, claim: &Claim, now: Timestamp) -> Result<bool, StoreError> {
        Ok(false)
    }
}
