//! Use cases of the API keys that an organization's admins issue for its members. These keys reach that organization only; admins neither
//! see nor revoke any other keys of a member.

use super::acting::Acting;
use super::error::KeyError;
use super::execution::{Attempt, Authority, retry};
use super::steps::{IssuedKey, NewKey, RevokedKey, lock_for, lock_maker, not_over_yet};
use crate::id::{KeyId, OrganizationId, UserId};
use crate::instant::Timestamp;
use crate::key::{Ability, ApiKey, Caller, Descendants, KeyOrigin, inherited_end};
use crate::page::{Page, PageRequest};
use crate::policy::{Action, Denied, Standing, decide};
use crate::port::UnitOfWork;
use crate::scope::{Reach, Scope};
use crate::text::KeyName;
use crate::user::Member;

/// The fields of a new key for a member that an admin chooses. Its default scope and its reach are the organization.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewMemberKey {
    /// The label that says what the key is for.
    pub name: KeyName,
    /// The operations that the key allows.
    pub ability: Ability,
    /// The time from which on the key is expired; `None` for the expiry of the admin's key.
    pub expires_at: Option<Timestamp>,
}

impl Acting {
    /// Returns a page of a member's keys that reach this organization only, live or not, oldest first.
    ///
    /// # Errors
    /// Fails with [`KeyError::Denied`] unless the caller is an admin of the organization, and with [`KeyError::UserNotFound`] if `user`
    /// is not a member of it.
    pub async fn member_keys(
        &self,
        organization: OrganizationId,
        user: UserId,
        page: &PageRequest,
    ) -> Result<Page<ApiKey>, KeyError> {
        let (views, viewer) = (self.views(), self.caller.viewer());
        let scope = Scope::Organization(organization);
        let role = views.role_in_scope(&viewer, scope).await?.ok_or(Denied::Hidden)?;
        decide(Action::ListMemberKeys, Standing::InScope(role), self.caller.ability)?;
        views.member(&viewer, scope, user).await?.ok_or(KeyError::UserNotFound)?;
        Ok(page.cut(views.member_keys(&viewer, organization, user, &page.window()).await?, None))
    }

    /// Issues a key for one of the organization's own people or machines, or for the admin, as a child of the admin's key. The
    /// expiry defaults to that of the admin's key.
    ///
    /// # Errors
    /// Fails with [`KeyError::Denied`] unless the caller is an admin of the organization; with [`KeyError::UserNotFound`] if `user` is
    /// not a member of it, [`KeyError::BelongsToAccount`] for another account, and [`KeyError::NotInScope`] for an inactive member; with
    /// [`KeyError::AlreadyExpired`]; with [`KeyError::Beyond`] for a key that would outlive the admin's key; with [`KeyError::TooMany`] at
    /// the limit.
    pub async fn issue_member_key(
        &self,
        organization: OrganizationId,
        user: UserId,
        new: NewMemberKey,
    ) -> Result<IssuedKey, KeyError> {
        retry!(self.try_issue_member_key(&self.caller, organization, user, new.clone()))
    }

    /// Revokes a member's key that reaches this organization only, and its live descendants, which reach no further, unless they are
    /// kept. Revoking a key again changes nothing.
    ///
    /// # Errors
    /// Fails with [`KeyError::Denied`] unless the caller is an admin of the organization; with [`KeyError::UserNotFound`] if `user` is
    /// not a member of it; with [`KeyError::KeyNotFound`] for any other key, including one of the member's with another reach.
    pub async fn revoke_member_key(
        &self,
        organization: OrganizationId,
        user: UserId,
        id: KeyId,
        descendants: Descendants,
    ) -> Result<RevokedKey, KeyError> {
        retry!(self.try_revoke_member_key(&self.caller, organization, user, id, descendants))
    }
}

impl Attempt<'_> {
    async fn try_issue_member_key(
        &self,
        caller: &Caller,
        organization: OrganizationId,
        user: UserId,
        new: NewMemberKey,
    ) -> Result<IssuedKey, KeyError> {
        let mut uow = self.begin_for(caller).await?;
        let now = self.now();
        let member = lock_for_keys(&mut *uow, caller, organization, user).await?;
        if member.is_account() && user != caller.user {
            return Err(KeyError::BelongsToAccount);
        }
        if !member.active {
            return Err(KeyError::NotInScope);
        }
        not_over_yet(new.expires_at, now)?;
        let maker = lock_maker(&mut *uow, caller, now).await?;
        let new = NewKey {
            name: new.name,
            default_scope: member.scope,
            reach: Reach::Only(organization),
            ability: new.ability,
            expires_at: inherited_end(maker.end, new.expires_at)?,
        };
        // A key that admins issue for themselves counts as their own.
        let issued_in = (user != caller.user).then_some(organization);
        let holder = self.check_live_keys(&mut *uow, user, issued_in, now).await?;
        let holder = if user == caller.user { holder.bounded_by(maker.readmissions) } else { holder };
        let origin = KeyOrigin { parent: caller.key, issued: issued_in.is_some() };
        let issued = self.write_key(&mut *uow, caller.actor(), holder, new, origin, now).await?;
        self.commit(uow).await?;
        Ok(issued)
    }

    async fn try_revoke_member_key(
        &self,
        caller: &Caller,
        organization: OrganizationId,
        user: UserId,
        id: KeyId,
        descendants: Descendants,
    ) -> Result<RevokedKey, KeyError> {
        let mut uow = self.begin_for(caller).await?;
        lock_for_keys(&mut *uow, caller, organization, user).await?;
        let is_there = |key: &ApiKey| key.user == user && key.reach == Reach::Only(organization);
        self.revoke(uow, caller.actor(), id, descendants, is_there).await
    }
}

/// Locks the organization, so that the roles and the access of the caller and the member do not change, and loads the member.
async fn lock_for_keys(
    uow: &mut dyn UnitOfWork,
    caller: &Caller,
    organization: OrganizationId,
    user: UserId,
) -> Result<Member, KeyError> {
    let action = Action::ManageMemberKeys;
    lock_for::<KeyError>(uow, Authority::Caller(caller), organization, action).await?;
    let members = uow.members(Scope::Organization(organization), &[user]).await?;
    members.into_iter().next().ok_or(KeyError::UserNotFound)
}
