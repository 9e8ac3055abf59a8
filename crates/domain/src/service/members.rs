//! Use cases of an organization's members.

use super::acting::Acting;
use super::error::OrganizationError;
use super::execution::{Attempt, Authority, retry};
use super::operator::Operator;
use super::precondition::Precondition;
use super::steps::{lock_account, lock_for, pick, total, written};
use crate::account::AccountProfile;
use crate::event::{SubjectKind, Verb, changed};
use crate::id::{OrganizationId, UserId};
use crate::key::Caller;
use crate::page::{MemberQuery, Page, PageRequest};
use crate::policy::{Action, Denied, Standing, decide, decide_reach};
use crate::port::{Inserted, StoreError, UnitOfWork};
use crate::scope::{Reach, Scope};
use crate::user::{Member, MemberPatch};

impl Acting {
    /// Returns a page of an organization's members: active and inactive ones, people and machines.
    ///
    /// # Errors
    /// Fails with [`OrganizationError::Denied`] if the organization is hidden from the caller.
    pub async fn list_members(
        &self,
        organization: OrganizationId,
        query: &MemberQuery,
        page: &PageRequest,
    ) -> Result<Page<Member>, OrganizationError> {
        let (views, viewer) = (self.views(), self.caller.viewer());
        let scope = self.readable_members(organization).await?;
        let rows = views.members(&viewer, scope, query, &page.window()).await?;
        let total = total(page, &rows, || views.count_members(&viewer, scope, query)).await?;
        Ok(page.cut(rows, total))
    }

    /// Returns a member of an organization, active or not.
    ///
    /// # Errors
    /// Fails with [`OrganizationError::Denied`] if the organization is hidden from the caller, and with
    /// [`OrganizationError::UserNotFound`] if `user` is not a member of it.
    pub async fn member(
        &self,
        organization: OrganizationId,
        user: UserId,
    ) -> Result<Member, OrganizationError> {
        let scope = self.readable_members(organization).await?;
        let member = self.views().member(&self.caller.viewer(), scope, user).await?;
        member.ok_or(OrganizationError::UserNotFound)
    }

    /// Deactivates the caller's own membership of an organization, with all the effects of a deactivation by [`Self::update_member`].
    /// Returns the membership as it is afterwards.
    ///
    /// # Errors
    /// Fails with [`OrganizationError::Denied`] if the organization is hidden from the caller, as it is after they have left, or if the key
    /// may not write or is confined to an organization, and with [`OrganizationError::Refused`] for the last admin.
    pub async fn leave_organization(
        &self,
        organization: OrganizationId,
    ) -> Result<Member, OrganizationError> {
        retry!(self.try_leave_organization(&self.caller, organization))
    }

    async fn readable_members(&self, organization: OrganizationId) -> Result<Scope, OrganizationError> {
        let scope = Scope::Organization(organization);
        let role = self.views().role_in_scope(&self.caller.viewer(), scope).await?.ok_or(Denied::Hidden)?;
        decide(Action::ReadMembers, Standing::InScope(role), self.caller.ability)?;
        Ok(scope)
    }
}

impl<P: Precondition> Acting<P> {
    /// Changes a member's role or profile, or deactivates or reactivates the member.
    ///
    /// An account keeps its own names, picture and address. It becomes active again by accepting an invitation, or by the operator.
    ///
    /// A member who is deactivated leaves every roster of the organization, and their open tasks lose their assignee. When a member is
    /// reactivated, their live keys that reach this organization only are revoked with their descendants, and no other key that the user
    /// has by then gives access to it.
    ///
    /// # Errors
    /// Fails with [`OrganizationError::Denied`] unless the caller is an admin of the organization, [`OrganizationError::UserNotFound`],
    /// [`OrganizationError::Refused`], [`OrganizationError::InvitationRequired`], [`OrganizationError::UsernameTaken`],
    /// [`OrganizationError::EmployeeNumberTaken`], [`OrganizationError::AddressTaken`], or [`OrganizationError::Stale`].
    pub async fn update_member(
        &self,
        organization: OrganizationId,
        user: UserId,
        patch: MemberPatch,
    ) -> Result<Member, OrganizationError> {
        retry!(self.try_update_member(Authority::Caller(&self.caller), organization, user, patch.clone()))
    }
}

impl<P: Precondition> Operator<P> {
    /// Changes a member of an organization, like [`Acting::update_member`]. The operator also makes an account active again.
    ///
    /// # Errors
    /// Fails like [`Acting::update_member`], but never with [`OrganizationError::InvitationRequired`]; with
    /// [`OrganizationError::Denied`] only if the organization does not exist.
    pub async fn update_member(
        &self,
        organization: OrganizationId,
        user: UserId,
        patch: MemberPatch,
    ) -> Result<Member, OrganizationError> {
        retry!(self.try_update_member(Authority::Operator, organization, user, patch.clone()))
    }
}

impl Attempt<'_> {
    async fn try_update_member(
        &self,
        authority: Authority<'_>,
        organization: OrganizationId,
        user: UserId,
        patch: MemberPatch,
    ) -> Result<Member, OrganizationError> {
        let mut uow = self.begin_for(authority).await?;
        lock_for::<OrganizationError>(&mut *uow, authority, organization, Action::ManageMembers).await?;
        let found = uow.members(Scope::Organization(organization), &[user]).await?.into_iter().next();
        let member = found.ok_or(OrganizationError::UserNotFound)?;
        self.change_member(uow, authority, organization, member, patch).await
    }

    async fn try_leave_organization(
        &self,
        caller: &Caller,
        organization: OrganizationId,
    ) -> Result<Member, OrganizationError> {
        let mut uow = self.begin_for(caller).await?;
        let authority = Authority::Caller(caller);
        lock_for::<OrganizationError>(&mut *uow, authority, organization, Action::LeaveOrganization).await?;
        decide_reach(caller.reach, Reach::Everywhere).map_err(Denied::from)?;
        let found = uow.members(Scope::Organization(organization), &[caller.user]).await?;
        let own = pick(&found, caller.user)?;
        let patch = MemberPatch { active: Some(false), ..MemberPatch::default() };
        self.change_member(uow, authority, organization, own, patch).await
    }

    /// Changes a member of an organization that is locked, and commits.
    async fn change_member(
        &self,
        mut uow: Box<dyn UnitOfWork>,
        authority: Authority<'_>,
        organization: OrganizationId,
        mut member: Member,
        patch: MemberPatch,
    ) -> Result<Member, OrganizationError> {
        let (scope, user, now) = (member.scope, member.user, self.now());
        let had_access = member.active;
        let admins = uow.count_active_admins(scope).await?;
        let revision = member.revision;
        let address = member.email.clone();
        let mut changes = member.apply(patch, admins, now)?;
        let journal = self.journal(authority.actor(), scope, now);
        if changes.is_empty() {
            self.check_revision(revision)?;
            return Ok(member);
        }
        let leaves = had_access && !member.active;
        let returns = !had_access && member.active;
        if returns && member.is_account() && matches!(authority, Authority::Caller(_)) {
            return Err(OrganizationError::InvitationRequired);
        }
        let account = if returns && member.is_account() {
            let own = pick(&uow.members(Scope::Personal(user), &[user]).await?, user)?;
            let before = member.fields();
            member.show(&AccountProfile::from_member(&own));
            changes.extend(changed(before, member.fields()));
            Some(own)
        } else {
            None
        };
        // Rosters are locked before the member, as in the general order of locks: a call that adds a member to a roster locks the roster
        // first. The memberships are removed after the member is written, since removing them also locks totals, which come last.
        if leaves {
            uow.lock_rosters_of(scope, user).await?;
        }
        written(uow.update_member(&member).await?, 0)?;
        if !member.is_account()
            && let Some(email) = member.email.as_ref().filter(|email| Some(*email) != address.as_ref())
            && uow.update_address(user, member.home, email).await? == Inserted::KeyTaken
        {
            return Err(OrganizationError::AddressTaken);
        }
        // Only the write tells whether a name is taken, and the revision is checked after that; a failure here rolls the write back.
        self.check_revision(revision)?;
        if leaves {
            // From here on no unit of work that holds the member can add them to a roster, and one that did in between has committed.
            let memberships = uow.remove_from_rosters(scope, user).await?;
            self.take_off_all_work(&mut *uow, authority, scope, user, memberships).await?;
        }
        journal.note(&mut *uow, Verb::Updated, SubjectKind::Member, user.as_uuid(), changes).await?;
        if returns {
            // Restored access does not revive earlier keys: neither those that reach this organization only, nor those that reach
            // everywhere.
            self.revoke_keys_for(&mut *uow, authority.actor(), user, organization, now).await?;
            uow.readmit(scope, user).await?;
        }
        // Users are locked last, so the account was read without its lock. The next attempt reads a profile that was changed since.
        if let Some(account) = account
            && lock_account(&mut *uow, user).await? != account
        {
            return Err(StoreError::Contended(None).into());
        }
        self.commit(uow).await?;
        Ok(member)
    }
}
