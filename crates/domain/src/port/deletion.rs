//! The capability [`Capability::Deletion`]: the operator's deletion of an organization, in steps that each write a bounded number of rows.
//!
//! In a store without it, every organization is open.

use std::num::NonZeroU32;

use async_trait::async_trait;

use super::error::{Capability, StoreError};
use crate::id::OrganizationId;
use crate::instant::Timestamp;
use crate::literal::literals;
use crate::organization::Organization;
use crate::roster::MAX_BATCH;

literals! {
    /// The steps in which a closed organization is deleted. They are done in this order: no row is deleted before those that refer to it.
    DeletionStep {
        /// Every membership is deactivated. It is never set active again, since the organization is closed.
        Access = "access",
        /// The keys that reach the organization only lose the keys that created them.
        KeyOrigins = "key origins",
        /// The keys that reach the organization only are deleted.
        Keys = "keys",
        /// The other keys whose default scope is the organization get their user's personal scope as the default.
        DefaultScopes = "default scopes",
        /// The invitations are deleted, with their projects.
        Invitations = "invitations",
        /// The events are deleted.
        Events = "events",
        /// The spaces are deleted.
        Spaces = "spaces",
        /// The tasks are deleted.
        Tasks = "tasks",
        /// The memberships of the rosters are deleted.
        Rosters = "rosters",
        /// The projects are deleted.
        Projects = "projects",
        /// The members are deleted, with the stored responses to their requests in the organization and to those with a key that reaches
        /// it only. Their accounts stay.
        Members = "members",
        /// The users whose home is the organization are deleted.
        Users = "own users",
        /// The organization is deleted, with its scope.
        Organization = "organization",
    }
}

impl DeletionStep {
    /// The first step.
    pub const FIRST: Self = Self::Access;

    /// Returns the step after this one, or `None` for the last.
    pub fn next(self) -> Option<Self> {
        Self::ALL.iter().copied().find(|step| *step > self)
    }

    /// Returns how many rows of the step's kind a unit of work deletes if it is to write about `rows` rows. An invitation is deleted with
    /// up to [`MAX_BATCH`] projects.
    pub(crate) fn limit(self, rows: NonZeroU32) -> u32 {
        match self {
            Self::Invitations => rows.get().div_ceil(u32::try_from(MAX_BATCH).unwrap_or(u32::MAX)),
            _ => rows.get(),
        }
    }
}

/// The outcome of a part of a step.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[must_use]
pub struct RowsDeleted {
    /// The number of rows of the step's kind that were deleted or changed.
    pub rows: u64,
    /// `true` if no row is left for the step.
    pub is_complete: bool,
}

impl RowsDeleted {
    /// Returns the outcome of a statement that has written `rows` rows and at most `limit`: with fewer, none is left.
    pub fn up_to(limit: u32, rows: u64) -> Self {
        Self { rows, is_complete: rows < u64::from(limit) }
    }
}

/// An organization with the numbers of its records, as they are before it is deleted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OrganizationExtent {
    /// The organization.
    pub organization: Organization,
    /// The time at which it was closed; `None` if it is open.
    pub closed_at: Option<Timestamp>,
    /// The number of members, active or not.
    pub members: u64,
    /// The number of the organization's own people and machines.
    pub own_users: u64,
    /// The number of API keys that reach it only, live or not.
    pub keys: u64,
    /// The number of invitations, expired or not.
    pub invitations: u64,
    /// The number of spaces.
    pub spaces: u64,
    /// The number of projects.
    pub projects: u64,
    /// The number of tasks.
    pub tasks: u64,
}

/// The closing of an organization and the deletion of its rows.
#[expect(
    unused_variables,
    reason = "the default implementations give the same result whatever they are asked for"
)]
#[async_trait]
pub trait DeletionRows: Send {
    /// Loads and locks an organization like [`super::OrganizationRows::lock_any_organization`], also if it is closed. Returns the time at
    /// which it was closed, if it was.
    async fn lock_open_or_closed(
        &mut self,
        id: OrganizationId,
    ) -> Result<Option<(Organization, Option<Timestamp>)>, StoreError> {
        Err(StoreError::Unsupported(Capability::Deletion))
    }

    /// Closes an organization that is open and locked: from then on [`super::OrganizationRows::lock_organization`] and
    /// [`super::OrganizationRows::lock_any_organization`] do not find it, so nobody is admitted, invited or readmitted.
    async fn close_organization(&mut self, id: OrganizationId, at: Timestamp) -> Result<(), StoreError> {
        Err(StoreError::Unsupported(Capability::Deletion))
    }

    /// Does a part of a step: deletes or changes at most `limit` rows of the step's kind; for [`DeletionStep::Members`] at most `limit`
    /// stored responses as well. The organization must be closed and locked, and all earlier steps complete.
    async fn delete_rows(
        &mut self,
        id: OrganizationId,
        step: DeletionStep,
        limit: u32,
    ) -> Result<RowsDeleted, StoreError> {
        Err(StoreError::Unsupported(Capability::Deletion))
    }
}

/// The operator's view of the organizations, open and closed.
#[expect(
    unused_variables,
    reason = "the default implementations give the same result whatever they are asked for"
)]
#[async_trait]
pub trait DeletionViews: Send + Sync {
    /// Returns organizations with ids after `after`, or from the beginning for `None`, by id, at most `limit`; for the operator. Each comes
    /// with the time at which it was closed, if it was.
    async fn all_organizations(
        &self,
        after: Option<OrganizationId>,
        limit: u32,
    ) -> Result<Vec<(Organization, Option<Timestamp>)>, StoreError> {
        Err(StoreError::Unsupported(Capability::Deletion))
    }

    /// Returns what an organization consists of, open or closed; for the operator.
    async fn organization_extent(
        &self,
        id: OrganizationId,
    ) -> Result<Option<OrganizationExtent>, StoreError> {
        Err(StoreError::Unsupported(Capability::Deletion))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_steps_follow_each_other_and_end_with_the_organization() {
        let mut steps = vec![DeletionStep::FIRST];
        while let Some(next) = steps.last().and_then(|step| step.next()) {
            steps.push(next);
        }
        assert_eq!(steps, DeletionStep::ALL);
        assert_eq!(steps.last(), Some(&DeletionStep::Organization));
    }

    #[test]
    fn no_step_deletes_more_rows_than_it_may_or_none() {
        let limits =
            |rows: u32| DeletionStep::ALL.iter().map(move |step| step.limit(NonZeroU32::new(rows).unwrap()));
        assert!(limits(1).all(|limit| limit == 1));
        assert_eq!(limits(500).min(), Some(5), "invitations, with 100 projects each");
        assert_eq!(limits(500).max(), Some(500));
    }

    #[test]
    fn a_part_with_as_many_rows_as_it_may_have_is_followed_by_another() {
        assert_eq!(RowsDeleted::up_to(2, 1), RowsDeleted { rows: 1, is_complete: true });
        assert_eq!(RowsDeleted::up_to(2, 2), RowsDeleted { rows: 2, is_complete: false });
    }
}
