//! The store, and the unit of work in which everything is written.

use std::error::Error;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;

use async_trait::async_trait;

use super::ambient::{Clock, Ids, Secrets};
use super::kept_answers::KeptAnswerRows;
use super::rows::{EventLog, KeyRows, OrganizationRows, ProjectRows, RosterRows, SpaceRows, TaskRows};
use super::views::Views;
use crate::instant::Timestamp;
use crate::key::Caller;

/// Why the store did not do it.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// Others were in the way; nothing was written, and the same may go through at once or a little later.
    #[error("the store is contended")]
    Contended(#[source] Option<Box<dyn Error + Send + Sync>>),
    /// The store is away, has no room, or was waited for in vain; nothing was written, and trying at once will not help.
    #[error("the store is unavailable")]
    Unavailable(#[source] Option<Box<dyn Error + Send + Sync>>),
    /// The connection broke while committing: the work may or may not have been written.
    #[error("the outcome of the commit is unknown")]
    OutcomeUnknown(#[source] Option<Box<dyn Error + Send + Sync>>),
    /// The caller's key was revoked or has expired since it was recognized; nothing was written.
    #[error("the caller's key opens nothing any more")]
    UnknownCaller,
    /// What is stored breaks a rule that the domain keeps; it names the row.
    #[error("the store holds a corrupt row: {0}")]
    Corrupt(String),
    /// Anything else: a bug, or a store that is not set up as it must be.
    #[error("the store failed")]
    Failed(#[source] Box<dyn Error + Send + Sync>),
}

/// A place where things are kept.
#[cfg_attr(feature = "mock", mockall::automock)]
#[async_trait]
pub trait Store: Send + Sync {
    /// Opens a unit of work.
    ///
    /// # Errors
    /// [`StoreError`].
    async fn begin(&self) -> Result<Box<dyn UnitOfWork>, StoreError>;

    /// Opens a unit of work for a caller, who is recognized in it again: their key is live at `now` when it begins, and still is when it
    /// commits; then the caller also is an active member of every scope in which a membership was found for them. Where a
    /// membership was lost meanwhile, the commit is [`StoreError::Contended`], and the use case finds that out when it runs again.
    ///
    /// The default locks the key. It is for stores that keep all other writers out while a unit of work is open.
    ///
    /// # Errors
    /// [`StoreError::UnknownCaller`], from here or from [`UnitOfWork::commit`].
    async fn begin_for(&self, caller: &Caller, now: Timestamp) -> Result<Box<dyn UnitOfWork>, StoreError> {
        let mut uow = self.begin().await?;
        let Some(id) = caller.key else { return Ok(uow) };
        let key = uow.lock_key(id).await?;
        if key.is_some_and(|key| key.user == caller.user && key.is_live(now)) {
            return Ok(uow);
        }
        // The revocation that was read may not be committed yet.
        let settlement = uow.settlement();
        drop(uow);
        if let Some(settlement) = settlement {
            settlement.await?;
        }
        Err(StoreError::UnknownCaller)
    }
}

/// One change of the store, whole or not at all.
///
/// What it wrote is seen by others only once [`UnitOfWork::commit`] has returned; dropping it undoes everything. One use
/// case opens exactly one, and does nothing outside the store between opening and committing.
///
/// **Locks.** Methods named `lock_…` load a row and keep every other writer of that row out until the end; methods named
/// `hold_…` keep the row from being changed or deleted, while others may hold it too. Where several are needed they
/// are taken in one order: the claim of a request, the scope, then projects, then spaces and tasks, then members, then API keys, then
/// users, each kind by ascending id. A key that is revoked is locked before those that it made.
/// Who loses access leaves the rosters first, is locked as a member then, and leaves those rosters once more that they were put
/// on in between. Where two wait for each other all the same, the store says [`StoreError::Contended`] and the use case runs
/// again. A store may lock more than it is asked to.
#[async_trait]
pub trait UnitOfWork:
    OrganizationRows
    + SpaceRows
    + ProjectRows
    + RosterRows
    + TaskRows
    + KeyRows
    + KeptAnswerRows
    + EventLog
    + Send
{
    /// Makes it last: once this returns, the work survives a crash of the machine.
    ///
    /// # Errors
    /// [`StoreError::OutcomeUnknown`] if it cannot be told whether it was written; any other error means it was not. What
    /// [`Store::begin_for`] promises is judged here.
    async fn commit(self: Box<Self>) -> Result<(), StoreError>;

    /// For whoever is about to answer by what this unit of work has read, and does not commit it: a refusal, say.
    ///
    /// Most stores show a unit of work only what was committed, and there is nothing to wait for: `None`. A store that commits several
    /// together may show one of them what another has written and not yet committed; then this waits for that. It must be
    /// asked for before the unit of work is dropped, and awaited after that.
    fn settlement(&self) -> Option<Settlement> {
        None
    }
}

/// Ends when nothing can be undone any more that a unit of work has read; [`StoreError::Contended`] if something was: then what
/// was read is void, and the use case runs again.
pub type Settlement = Pin<Box<dyn Future<Output = Result<(), StoreError>> + Send>>;

/// Everything that the use cases need from outside.
#[derive(Clone)]
pub struct Ports {
    /// Where things are written.
    pub store: Arc<dyn Store>,
    /// Where things are read.
    pub views: Arc<dyn Views>,
    /// The time.
    pub clock: Arc<dyn Clock>,
    /// New ids.
    pub ids: Arc<dyn Ids>,
    /// Chance and digests.
    pub secrets: Arc<dyn Secrets>,
}
