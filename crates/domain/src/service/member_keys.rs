//! Use cases of the API keys that an organization's admins issue for its members. They reach that organization alone, and of
//! a member's keys admins see and end no others.

use super::key_lines::lock_maker;
use super::keys::not_over_yet;
use super::organizations::{Authority, lock_for};
use super::{IssuedKey, KeyError, Loggia, NewKey, RevokedKey, retry};
use crate::id::{KeyId, OrganizationId, UserId};
use crate::instant::Timestamp;
use crate::key::{Ability, ApiKey, Caller, Descendants, KeyOrigin, inherited_end};
use crate::page::{Page, PageRequest};
use crate::policy::{Action, Denied, Standing, decide};
use crate::port::UnitOfWork;
use crate::scope::{Reach, Scope};
use crate::text::KeyName;
use crate::user::Member;

/// What a key for a member is made of; its default scope and its reach are the organization.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewMemberKey {
    /// What it is for.
    pub name: KeyName,
    /// What it may be used for.
    pub ability: Ability,
    /// From when on it opens nothing, if it ends.
    pub expires_at: Option<Timestamp>,
}

impl Loggia {
    /// A page of a member's keys that reach this organization alone, live or not, oldest first.
    ///
    /// # Errors
    /// [`KeyError::Denied`] unless the caller is admin of the organization; [`KeyError::UserNotFound`].
    pub async fn member_keys(
        &self,
        caller: &Caller,
        organization: OrganizationId,
        user: UserId,
        page: &PageRequest,
    ) -> Result<Page<ApiKey>, KeyError> {
        let (views, viewer) = (&self.ports.views, caller.viewer());
        let scope = Scope::Organization(organization);
        let role = views.role_in_scope(&viewer, scope).await?.ok_or(Denied::Hidden)?;
        decide(Action::ListMemberKeys, Standing::InScope(role), caller.ability)?;
        views.member(&viewer, scope, user).await?.ok_or(KeyError::UserNotFound)?;
        Ok(page.cut(views.member_keys(&viewer, organization, user, &page.window()).await?, None))
    }

    /// Issues a key for a member, as a child of the admin's key. One for which no end is named ends with that one.
    ///
    /// # Errors
    /// [`KeyError::Denied`] unless the caller is admin of the organization; [`KeyError::UserNotFound`];
    /// [`KeyError::NotInScope`] for a member without access; [`KeyError::AlreadyExpired`]; [`KeyError::Beyond`] for one that would
    /// outlive the admin's key; [`KeyError::TooMany`].
    pub async fn issue_member_key(
        &self,
        caller: &Caller,
        organization: OrganizationId,
        user: UserId,
        new: NewMemberKey,
    ) -> Result<IssuedKey, KeyError> {
        retry!(self.try_issue_member_key(caller, organization, user, new.clone()))
    }

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
        // An admin's own key is the admin's own, whichever way it was asked for.
        let issued_in = (user != caller.user).then_some(organization);
        let holder = self.check_live_keys(&mut *uow, user, issued_in, now).await?;
        let holder = if user == caller.user { holder.bounded_by(maker.readmissions) } else { holder };
        let origin = KeyOrigin { parent: caller.key, issued: issued_in.is_some() };
        let issued = self.write_key(&mut *uow, caller.actor(), holder, new, origin, now).await?;
        self.commit(uow).await?;
        Ok(issued)
    }

    /// Revokes a member's key that reaches this organization alone, and the live keys that descend from it or not. These reach no
    /// further. Revoking it again changes nothing.
    ///
    /// # Errors
    /// [`KeyError::Denied`] unless the caller is admin of the organization; [`KeyError::UserNotFound`];
    /// [`KeyError::KeyNotFound`] also for a key of theirs that reaches elsewhere.
    pub async fn revoke_member_key(
        &self,
        caller: &Caller,
        organization: OrganizationId,
        user: UserId,
        id: KeyId,
        descendants: Descendants,
    ) -> Result<RevokedKey, KeyError> {
        retry!(self.try_revoke_member_key(caller, organization, user, id, descendants))
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

/// Locks the organization, so that the caller's standing and the member's stay what they are, and loads the member.
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
