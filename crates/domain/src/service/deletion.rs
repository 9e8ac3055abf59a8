//! The deletion of an organization by the operator. It is first closed, and then deleted in steps of bounded units of work, so that calls
//! on other organizations do not wait for it. A deletion that was interrupted continues when it is begun again.

use std::num::NonZeroU32;

use super::execution::{Attempt, retry};
use super::operator::Operator;
use crate::error::{DomainError, ErrorKind};
use crate::event::{Actor, SubjectKind, Verb, deleted};
use crate::id::OrganizationId;
use crate::instant::Timestamp;
use crate::organization::Organization;
use crate::port::{DeletionStep, OrganizationExtent, StoreError};
use crate::scope::Scope;

/// The error of deleting an organization.
#[derive(Debug, thiserror::Error)]
pub enum DeletionError {
    /// The organization does not exist, or not any more.
    #[error("there is no such organization")]
    NotFound,
    /// The organization is open: [`Operator::close_organization`] comes first.
    #[error("the organization must be closed before it is deleted")]
    NotClosed,
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl DomainError for DeletionError {
    fn kind(&self) -> ErrorKind {
        match self {
            Self::NotFound => ErrorKind::NotFound,
            Self::NotClosed => ErrorKind::Conflict,
            Self::Store(error) => error.kind(),
        }
    }
}

/// The progress of a deletion.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[must_use]
#[non_exhaustive]
pub struct DeletionProgress {
    /// The number of rows that were deleted or changed.
    pub rows: u64,
    /// The step to do next: the same one if rows are left for it, otherwise the one after it; `None` if the organization is deleted.
    pub next: Option<DeletionStep>,
}

/// The number of rows that a unit of work of a deletion writes by default: enough that the commits take a small part of the time, and few
/// enough that other writers wait for milliseconds.
pub const DELETION_ROWS: NonZeroU32 = match NonZeroU32::new(500) {
    Some(rows) => rows,
    None => NonZeroU32::MIN,
};

impl Operator {
    /// Returns organizations with ids after `after`, or from the beginning for `None`, by id and at most `limit`. Each
    /// comes with the time at which it was closed, if it was.
    ///
    /// # Errors
    /// Fails with [`StoreError`] if the store fails.
    pub async fn all_organizations(
        &self,
        after: Option<OrganizationId>,
        limit: u32,
    ) -> Result<Vec<(Organization, Option<Timestamp>)>, StoreError> {
        self.setup.ports.views.all_organizations(after, limit).await
    }

    /// Returns what an organization consists of: what its deletion takes, or will still take. `None` if it does not
    /// exist.
    ///
    /// # Errors
    /// Fails with [`StoreError`] if the store fails.
    pub async fn organization_extent(
        &self,
        id: OrganizationId,
    ) -> Result<Option<OrganizationExtent>, StoreError> {
        self.setup.ports.views.organization_extent(id).await
    }

    /// Closes an organization: nobody is admitted, invited or readmitted to it any more. Closing it again changes
    /// nothing. Returns the time at which it was closed.
    ///
    /// The organization's members lose their access in the first step of [`Self::delete_organization_step`].
    ///
    /// # Errors
    /// Fails with [`DeletionError::NotFound`].
    pub async fn close_organization(&self, id: OrganizationId) -> Result<Timestamp, DeletionError> {
        retry!(self.try_close_organization(id))
    }

    /// Does a part of a step of the deletion of a closed organization, in one unit of work that writes at most about
    /// `limit` rows ([`DELETION_ROWS`] by default). A deletion begins with [`DeletionStep::FIRST`], also one that continues another, and
    /// goes on with [`DeletionProgress::next`] until that is `None`. Two deletions of one organization may run at the same time.
    ///
    /// Accounts, their other organizations and their keys stay. A key that reaches everywhere and has the organization as its default
    /// scope gets its user's personal scope instead.
    ///
    /// # Errors
    /// Fails with [`DeletionError::NotFound`], also if another deletion has completed meanwhile, and with [`DeletionError::NotClosed`].
    pub async fn delete_organization_step(
        &self,
        id: OrganizationId,
        step: DeletionStep,
        limit: NonZeroU32,
    ) -> Result<DeletionProgress, DeletionError> {
        retry!(self.try_delete_organization_step(id, step, limit))
    }
}

impl Attempt<'_> {
    async fn try_close_organization(&self, id: OrganizationId) -> Result<Timestamp, DeletionError> {
        let mut uow = self.begin().await?;
        let found = uow.lock_open_or_closed(id).await?;
        let (organization, closed_at) = found.ok_or(DeletionError::NotFound)?;
        if let Some(closed_at) = closed_at {
            return Ok(closed_at);
        }
        let now = self.now();
        uow.close_organization(id, now).await?;
        let journal = self.journal(Actor::Operator, Scope::Organization(id), now);
        let fields = deleted(organization.fields());
        journal.note(&mut *uow, Verb::Deleted, SubjectKind::Organization, id.as_uuid(), fields).await?;
        self.commit(uow).await?;
        Ok(now)
    }

    async fn try_delete_organization_step(
        &self,
        id: OrganizationId,
        step: DeletionStep,
        limit: NonZeroU32,
    ) -> Result<DeletionProgress, DeletionError> {
        let mut uow = self.begin().await?;
        let found = uow.lock_open_or_closed(id).await?;
        let (_, closed_at) = found.ok_or(DeletionError::NotFound)?;
        closed_at.ok_or(DeletionError::NotClosed)?;
        let deleted = uow.delete_rows(id, step, step.limit(limit)).await?;
        self.commit(uow).await?;
        let next = if deleted.is_complete { step.next() } else { Some(step) };
        Ok(DeletionProgress { rows: deleted.rows, next })
    }
}
