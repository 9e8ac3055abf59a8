//! The use case that erases a user who belongs to an organization, if the law asks for it.

use super::acting::Acting;
use super::error::OrganizationError;
use super::execution::{Attempt, Authority, retry};
use super::operator::Operator;
use super::steps::{lock_for, written};
use crate::event::{SubjectKind, Verb};
use crate::id::{OrganizationId, UserId};
use crate::policy::Action;
use crate::scope::Scope;
use crate::user::Member;

impl Acting {
    /// Erases an organization's own person or machine for good, and returns the membership as it is afterwards.
    ///
    /// The user is deactivated with all effects of [`Self::update_member`], and their live keys are revoked with their descendants. The
    /// address, the names and every other field of the profile are erased, also in the events of the membership. What the user made stays,
    /// with "Deleted user" as its author. Other people can use the address again. Erasing a user again changes nothing.
    ///
    /// Stored responses of earlier calls keep the profile until they expire, see [`crate::once::Claim::SECONDS`].
    ///
    /// # Errors
    /// Fails with [`OrganizationError::Denied`] unless the caller is an admin of the organization, with
    /// [`OrganizationError::UserNotFound`], and with [`OrganizationError::Refused`] for an account and for the last active admin.
    pub async fn erase_member(
        &self,
        organization: OrganizationId,
        user: UserId,
    ) -> Result<Member, OrganizationError> {
        retry!(self.try_erase_member(Authority::Caller(&self.caller), organization, user))
    }
}

impl Operator {
    /// Erases a person or machine of an organization for good, like [`Acting::erase_member`].
    ///
    /// # Errors
    /// Fails like [`Acting::erase_member`]; with [`OrganizationError::Denied`] only if the organization does not exist.
    pub async fn erase_member(
        &self,
        organization: OrganizationId,
        user: UserId,
    ) -> Result<Member, OrganizationError> {
        retry!(self.try_erase_member(Authority::Operator, organization, user))
    }
}

impl Attempt<'_> {
    async fn try_erase_member(
        &self,
        authority: Authority<'_>,
        organization: OrganizationId,
        user: UserId,
    ) -> Result<Member, OrganizationError> {
        let mut uow = self.begin_for(authority).await?;
        lock_for::<OrganizationError>(&mut *uow, authority, organization, Action::EraseMember).await?;
        let (scope, now) = (Scope::Organization(organization), self.now());
        let found = uow.members(scope, &[user]).await?.into_iter().next();
        let mut member = found.ok_or(OrganizationError::UserNotFound)?;
        let had_access = member.active;
        let admins = uow.count_active_admins(scope).await?;
        let changes = member.erase(admins, now)?;
        let journal = self.journal(authority.actor(), scope, now);
        if changes.is_empty() {
            return Ok(member);
        }
        // The order of locks is that of a deactivation.
        if had_access {
            uow.lock_rosters_of(scope, user).await?;
        }
        written(uow.update_member(&member).await?, 0)?;
        if had_access {
            let memberships = uow.remove_from_rosters(scope, user).await?;
            self.take_off_all_work(&mut *uow, authority, scope, user, memberships).await?;
        }
        self.revoke_keys_for(&mut *uow, authority.actor(), user, organization, now).await?;
        uow.erase_user(organization, user, now).await?;
        uow.forget_member_events(scope, user).await?;
        journal.note(&mut *uow, Verb::Updated, SubjectKind::Member, user.as_uuid(), changes).await?;
        self.commit(uow).await?;
        Ok(member)
    }
}
