//! Claims of requests that shall be done once, and the answers that are kept for them.

use async_trait::async_trait;

use super::StoreError;
use crate::instant::Timestamp;
use crate::once::{Claim, KeptAnswer};
use crate::scope::{Scope, Viewer};

/// What a claim met.
#[derive(Clone, Debug, PartialEq, Eq)]
#[must_use]
pub enum Claimed {
    /// Nothing: it is this unit of work's now, and free again if that is undone.
    New,
    /// A claim that was committed.
    Kept(Kept),
    /// Another unit of work that has not ended. This one can only be dropped.
    Underway,
}

/// A claim that was committed, and its answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Kept {
    /// What it was for, see [`Claim::fingerprint`].
    pub fingerprint: [u8; 32],
    /// Where it was done, if it was done in a scope.
    pub scope: Option<Scope>,
    /// What was answered.
    pub answer: KeptAnswer,
}

/// Claims and kept answers. They belong to a user and to the reach of the key by which they were made.
#[async_trait]
pub trait KeptAnswerRows {
    /// Claims a request for its owner, as made at that time; the first thing that a unit of work does.
    ///
    /// One claim keeps every other unit of work with the same owner, operation and key out: it waits until the first has
    /// ended, and is told [`Claimed::Underway`] where that takes too long. A claim whose time ([`Claim::end`]) is over by
    /// `now` counts as absent. Committed without [`Self::keep`], its answer is withheld.
    async fn claim(&mut self, owner: &Viewer, claim: &Claim, now: Timestamp) -> Result<Claimed, StoreError>;

    /// Writes the answer beside the claim that this unit of work has made, and where it was done.
    async fn keep(
        &mut self,
        owner: &Viewer,
        claim: &Claim,
        scope: Option<Scope>,
        answer: &KeptAnswer,
    ) -> Result<(), StoreError>;

    /// Deletes claims whose time is over by `now`, whoever's they are, at most that many and those first that ended first;
    /// tells how many. Those that somebody is claiming anew may be left out.
    async fn delete_expired_answers(&mut self, now: Timestamp, limit: u32) -> Result<u64, StoreError>;
}
