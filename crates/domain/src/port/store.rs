//! The store, and the unit of work in which every change is written.

use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;

use async_trait::async_trait;

use super::ambient::{Clock, Ids, Secrets};
use super::deletion::DeletionRows;
use super::error::StoreError;
use super::events::EventLog;
use super::instance::InstanceRows;
use super::invitations::InvitationRows;
use super::keys::KeyRows;
use super::organizations::OrganizationRows;
use super::stored_responses::StoredResponseRows;
use super::views::Views;
use super::work::{ProjectRows, RosterRows, SpaceRows, TaskRows};
use crate::instant::Timestamp;
use crate::key::Caller;

/// The write side of a store.
#[cfg_attr(feature = "mock", mockall::automock)]
#[async_trait]
pub trait Store: Send + Sync {
    /// Opens a unit of work.
    ///
    /// # Errors
    /// Fails with [`StoreError`] if the store cannot open one.
    async fn begin(&self) -> Result<Box<dyn UnitOfWork>, StoreError>;

    /// Opens a unit of work for a caller and checks the caller again within it.
    ///
    /// The caller's key is live at `now` when the unit of work begins, and still is when it commits. At the commit the caller also is an
    /// active member of every scope in which a membership was found for them. If another unit of work has ended a membership in between,
    /// the commit fails with [`StoreError::Contended`], and the use case finds the membership lost when it runs again. A unit of work may
    /// itself revoke the caller's key or end the caller's membership.
    ///
    /// The default implementation locks the key. It suits stores that exclude all other writers while a unit of work is open.
    ///
    /// # Errors
    /// Fails with [`StoreError::UnknownCaller`] if the key is not live, here or in [`UnitOfWork::commit`].
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

/// An atomic change of the store.
///
/// Other units of work see the changes only once [`UnitOfWork::commit`] has returned; dropping a unit of work rolls everything back.
/// ([`Self::settlement`] is about stores that commit several together.) One use case opens exactly one, and does nothing outside the
/// store between opening and committing it.
///
/// **Locks.** Methods named `lock_…` load a row and exclude every other writer of that row until the unit of work ends. Methods named
/// `hold_…` keep the row from being changed or deleted, while other units of work may hold it as well. A store may lock more than it is
/// asked to.
///
/// Several locks are taken in one order:
/// - the claim of a request, the scope, projects, spaces and tasks, members, API keys, users;
/// - within each kind by ascending id, but a key that is revoked before the keys that it created;
/// - for a member who loses access: first the projects of their rosters, then the member; then the roster memberships are removed, with
///   those that were added in between.
///
/// If two units of work wait for each other nevertheless, the store fails one with [`StoreError::Contended`], and the use case runs
/// again.
///
/// **Reads.** A unit of work sees its own writes and what others had committed when the call began. A row that it has locked or holds is as
/// the last commit has left it, however long the lock took.
///
/// **Natural keys**, such as an address or a position in an outline: of two units of work that write an equal one, at most one commits. The
/// other waits for the first to end and gets the outcome then ([`super::Inserted`]), or fails with [`StoreError::Contended`].
///
/// **Numbers** that a method `next_…` returns are different in all units of work that commit. A unit of work that is rolled back returns its
/// own, so committed numbers have no gaps.
#[async_trait]
pub trait UnitOfWork:
    OrganizationRows
    + SpaceRows
    + ProjectRows
    + RosterRows
    + TaskRows
    + EventLog
    + KeyRows
    + StoredResponseRows
    + InvitationRows
    + DeletionRows
    + InstanceRows
    + Send
{
    /// Commits the work: once this returns, the work survives a crash of the machine.
    ///
    /// # Errors
    /// Fails with [`StoreError::OutcomeUnknown`] if it is unknown whether the work was written; any other error means that it was not.
    /// The promises of [`Store::begin_for`] are checked here.
    async fn commit(self: Box<Self>) -> Result<(), StoreError>;

    /// Returns the commit dependency of this unit of work, for a use case that responds by what it has read and does not commit, with a
    /// refusal for example.
    ///
    /// Most stores show a unit of work committed rows only, so there is nothing to wait for: `None`. A store that commits several units
    /// of work together may show one of them rows that another has written and not yet committed; the future then waits for that commit.
    /// Request the future before the unit of work is dropped, and await it afterwards.
    fn settlement(&self) -> Option<Settlement> {
        None
    }
}

/// A future that completes once no row that a unit of work has read can be rolled back any more. Fails with [`StoreError::Contended`] if
/// one was rolled back: then the result of the use case is void, and the use case runs again.
pub type Settlement = Pin<Box<dyn Future<Output = Result<(), StoreError>> + Send>>;

/// The ports that the use cases need.
#[derive(Clone)]
pub struct Ports {
    /// The write side of the store.
    pub store: Arc<dyn Store>,
    /// The read side of the store.
    pub views: Arc<dyn Views>,
    /// The source of time.
    pub clock: Arc<dyn Clock>,
    /// The source of ids.
    pub ids: Arc<dyn Ids>,
    /// The source of randomness and digests.
    pub secrets: Arc<dyn Secrets>,
}

impl fmt::Debug for Ports {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Ports").finish_non_exhaustive()
    }
}
