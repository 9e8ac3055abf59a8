//! Use cases of an account's profile, which is the same in every organization that the account is an active member of.

use super::acting::Acting;
use super::error::OrganizationError;
use super::execution::{Attempt, Authority, retry};
use super::operator::Operator;
use super::steps::written;
use crate::account::{AccountPatch, AccountProfile};
use crate::event::{SubjectKind, Verb};
use crate::id::UserId;
use crate::key::Caller;
use crate::policy::{Action, Denied, Forbidden, Standing, decide, decide_reach};
use crate::port::{Inserted, StoreError};
use crate::scope::{Reach, Scope};
use crate::user::{Member, User};

impl Acting {
    /// Changes the profile of the caller's account, like [`Self::change_account`]. Returns the user, and the user's membership of the
    /// default scope as it is afterwards; `None` if the key gives no access to it.
    ///
    /// # Errors
    /// Fails like [`Self::change_account`].
    pub async fn change_own_profile(
        &self,
        patch: AccountPatch,
    ) -> Result<(User, Option<Member>), OrganizationError> {
        decide_change(&self.caller, self.caller.user, &patch)?;
        // Read before the unit of work, which may hold the only connection that writes: nothing of this changes with the profile.
        let views = self.views();
        let user = views.user(self.caller.user).await?;
        let user = user.ok_or(StoreError::UnknownCaller)?;
        let open = views.own_member(&self.caller.viewer(), self.caller.default_scope).await?;
        let members = self.change_account(self.caller.user, patch).await?;
        let shown = members.into_iter().find(|member| member.scope == self.caller.default_scope);
        Ok((user, shown.filter(|_| open.is_some())))
    }

    /// Changes the profile of an account in its personal scope and in every organization of which it is an active member. Returns these
    /// memberships as they are afterwards. A former organization keeps the profile that it knew.
    ///
    /// # Errors
    /// Fails with [`OrganizationError::Denied`] unless the caller is the user, with a key that may write and reaches everywhere, and if a
    /// caller changes the address; with [`OrganizationError::UserNotFound`] if the user has no account; with
    /// [`OrganizationError::AddressTaken`] if another account has the address.
    pub async fn change_account(
        &self,
        user: UserId,
        patch: AccountPatch,
    ) -> Result<Vec<Member>, OrganizationError> {
        retry!(self.try_change_account(Authority::Caller(&self.caller), user, patch.clone()))
    }
}

impl Operator {
    /// Changes the profile of an account, like [`Acting::change_account`]. The operator also changes the address.
    ///
    /// # Errors
    /// Fails with [`OrganizationError::UserNotFound`] if the user has no account, and with [`OrganizationError::AddressTaken`] if another
    /// account has the address.
    pub async fn change_account(
        &self,
        user: UserId,
        patch: AccountPatch,
    ) -> Result<Vec<Member>, OrganizationError> {
        retry!(self.try_change_account(Authority::Operator, user, patch.clone()))
    }
}

impl Attempt<'_> {
    async fn try_change_account(
        &self,
        authority: Authority<'_>,
        user: UserId,
        patch: AccountPatch,
    ) -> Result<Vec<Member>, OrganizationError> {
        if let Authority::Caller(caller) = authority {
            decide_change(caller, user, &patch)?;
        }
        let mut uow = self.begin_for(authority).await?;
        let now = self.now();
        let mut members = uow.lock_memberships_of(user).await?;
        // Accounts alone have a personal scope.
        let own = members.iter().find(|member| member.scope == Scope::Personal(user));
        let mut account = own.map(AccountProfile::from_member).ok_or(OrganizationError::UserNotFound)?;
        let address = account.email.clone();
        account.apply(patch);
        if let Some(email) = account.email.as_ref().filter(|_| account.email != address)
            && uow.update_address(user, None, email).await? == Inserted::KeyTaken
        {
            return Err(OrganizationError::AddressTaken);
        }
        let mut is_changed = false;
        for member in &mut members {
            let Some(changes) = member.take_over(&account, now) else { continue };
            is_changed = true;
            written(uow.update_member(member).await?, 0)?;
            let journal = self.journal(authority.actor(), member.scope, now);
            journal.note(&mut *uow, Verb::Updated, SubjectKind::Member, user.as_uuid(), changes).await?;
        }
        // The response concerns the user only, whichever organizations they are in.
        self.acts_in(None);
        if is_changed {
            self.commit(uow).await?;
        }
        Ok(members)
    }
}

/// Decides whether the caller may change the account: it must be the caller's own. Every organization of the caller shows the change, so a
/// key that is confined to one of them does not make it.
fn decide_change(caller: &Caller, user: UserId, patch: &AccountPatch) -> Result<(), Denied> {
    if user != caller.user {
        return Err(Denied::Hidden);
    }
    decide(Action::UpdateMe, Standing::Oneself, caller.ability)?;
    decide_reach(caller.reach, Reach::Everywhere)?;
    // An address must be proved by its holder, which only the operator can ask for.
    if patch.email.is_some() { Err(Forbidden::Role.into()) } else { Ok(()) }
}
