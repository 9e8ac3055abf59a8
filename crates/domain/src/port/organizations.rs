//! The rows of users, organizations and members.
//!
//! Every row is found through the viewer's scopes, or by a scope that was found so: a row of another scope is `None`, whatever its id.

use async_trait::async_trait;

use super::error::StoreError;
use crate::id::{DisplayNumber, OrganizationId, UserId};
use crate::instant::Timestamp;
use crate::organization::Organization;
use crate::role::ScopeRole;
use crate::scope::{Readmissions, Scope, Viewer};
use crate::text::EmailAddress;
use crate::user::{Member, User};

/// The outcome of writing a row with a natural key. A taken key is a value and not an error: the unit of work continues.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[must_use]
pub enum Inserted {
    /// The row was written.
    Yes,
    /// Another row has the natural key; nothing was written.
    KeyTaken,
}

/// The outcome of writing a member.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[must_use]
pub enum MemberInserted {
    /// The row was written.
    Yes,
    /// The user is a member of the scope already.
    AlreadyAMember {
        /// `true` if that membership is active.
        active: bool,
    },
    /// Another member of the scope has an equal username, compared folded.
    UsernameTaken,
    /// Another member of the scope has an equal employee number, compared folded.
    EmployeeNumberTaken,
}

/// The rows of users, organizations and members.
#[async_trait]
pub trait OrganizationRows: Send {
    /// Returns the account whose address has this address's [key](EmailAddress::key).
    async fn account_by_email(&mut self, email: &EmailAddress) -> Result<Option<User>, StoreError>;

    /// Returns the organization's own person whose address has this address's key. The organization must be locked.
    async fn own_person_by_email(
        &mut self,
        organization: OrganizationId,
        email: &EmailAddress,
    ) -> Result<Option<User>, StoreError>;

    /// Inserts a user. Returns [`Inserted::KeyTaken`] if another account, or another own person of the user's home, has the address. An
    /// account is inserted together with its personal scope, which has no member yet. For a user with a home, the home must be locked.
    async fn insert_user(&mut self, user: &User) -> Result<Inserted, StoreError>;

    /// Changes the address of a user, who must have one: machines and erased users have none. Returns [`Inserted::KeyTaken`] like
    /// [`Self::insert_user`]. For a user with a home, the home must be locked.
    async fn update_address(
        &mut self,
        user: UserId,
        home: Option<OrganizationId>,
        email: &EmailAddress,
    ) -> Result<Inserted, StoreError>;

    /// Inserts an organization together with its scope.
    async fn insert_organization(&mut self, organization: &Organization) -> Result<(), StoreError>;

    /// Loads an organization of which the viewer is an active member, and the viewer's role. Locks its scope, which excludes every other
    /// change of the organization, of its members' roles and access, and of its counters. `None` for a closed organization, see
    /// [`super::DeletionRows::close_organization`].
    ///
    /// The default implementation locks the organization before it looks for the viewer's role.
    async fn lock_organization(
        &mut self,
        viewer: &Viewer,
        id: OrganizationId,
    ) -> Result<Option<(Organization, ScopeRole)>, StoreError> {
        let Some(organization) = self.lock_any_organization(id).await? else { return Ok(None) };
        let role = self.role_in_scope(viewer, Scope::Organization(id)).await?;
        Ok(role.map(|role| (organization, role)))
    }

    /// Loads and locks an organization like [`Self::lock_organization`], for the operator, who needs no membership.
    async fn lock_any_organization(&mut self, id: OrganizationId)
    -> Result<Option<Organization>, StoreError>;

    /// Writes an organization, which must be locked.
    async fn update_organization(&mut self, organization: &Organization) -> Result<(), StoreError>;

    /// Returns the next number for a member of the scope, starting at 1. Each number is assigned once; a unit of work that is rolled back
    /// returns its numbers.
    async fn next_member_number(&mut self, scope: Scope) -> Result<DisplayNumber, StoreError>;

    /// Inserts a member.
    async fn insert_member(&mut self, member: &Member) -> Result<MemberInserted, StoreError>;

    /// Writes a member's role, access, profile, time of change and revision. The scope must be locked.
    async fn update_member(&mut self, member: &Member) -> Result<MemberInserted, StoreError>;

    /// Erases the address of a user who belongs to the organization, and records the time, which each membership of the user returns from
    /// then on. Other people can have the address afterwards. The organization must be locked; the membership is erased by
    /// [`Self::update_member`].
    async fn erase_user(
        &mut self,
        home: OrganizationId,
        user: UserId,
        at: Timestamp,
    ) -> Result<(), StoreError>;

    /// Returns the role of an active member if the viewer's key gives access to the membership.
    ///
    /// The default implementation compares no [`Readmissions`], which suits stores without API keys.
    async fn role_in_scope(
        &mut self,
        viewer: &Viewer,
        scope: Scope,
    ) -> Result<Option<ScopeRole>, StoreError> {
        if !viewer.reach.covers(scope) {
            return Ok(None);
        }
        let found = self.members(scope, &[viewer.user]).await?.pop();
        Ok(found.filter(|member| member.active).map(|member| member.role))
    }

    /// Returns the memberships that the users have in the scope, active or not, by ascending user id.
    async fn members(&mut self, scope: Scope, users: &[UserId]) -> Result<Vec<Member>, StoreError>;

    /// Returns memberships like [`Self::members`], and keeps their role and access from being changed until the unit of work ends.
    ///
    /// The default implementation only reads, which suits stores that exclude all other writers anyway.
    async fn hold_members(&mut self, scope: Scope, users: &[UserId]) -> Result<Vec<Member>, StoreError> {
        self.members(scope, users).await
    }

    /// Loads the user's active memberships, that of the personal scope included, by ascending id of the scope. Locks those scopes, then the
    /// user: until the unit of work ends, none of the memberships changes, and no unit of work that locks the user before it reads the
    /// user's profile adds another.
    async fn lock_memberships_of(&mut self, user: UserId) -> Result<Vec<Member>, StoreError>;

    /// Locks a user: another unit of work that locks the user too waits until this one ends. So do those that add a membership or an API
    /// key for the user, readmit the user, or change the profile of the user's account. Returns the user's number of readmissions, which is
    /// [`Readmissions::NONE`] in a store without API keys.
    async fn lock_user(&mut self, user: UserId) -> Result<Readmissions, StoreError>;

    /// Increments the number of organizations that the user has created, and returns it. Locks the user, so that a concurrent unit of
    /// work continues from this number.
    async fn count_organization_of(&mut self, maker: UserId) -> Result<u64, StoreError>;

    /// Returns the number of active admins of the scope.
    async fn count_active_admins(&mut self, scope: Scope) -> Result<u64, StoreError>;
}
