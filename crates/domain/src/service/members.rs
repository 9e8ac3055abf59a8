//! Use cases of an organization's members.

use super::accounts::lock_account;
use super::admission::written;
use super::organizations::{Authority, lock_for};
use super::rosters::unassigned;
use super::{Loggia, OrganizationError, pick, retry, total};
use crate::account::AccountProfile;
use crate::event::{SubjectKind, Verb, changed, deleted};
use crate::id::{OrganizationId, UserId};
use crate::key::Caller;
use crate::page::{MemberQuery, Page, PageRequest};
use crate::policy::{Action, Denied, Standing, decide, decide_reach};
use crate::port::{Inserted, StoreError, UnitOfWork};
use crate::roster::Membership;
use crate::scope::{Reach, Scope};
use crate::user::{Member, MemberPatch};

impl Loggia {
    /// Returns a page of an organization's members: active and inactive ones, people and machines.
    ///
    /// # Errors
    /// Fails with [`OrganizationError::Denied`] if the organization is hidden from the caller.
    pub async fn list_members(
        &self,
        caller: &Caller,
        organization: OrganizationId,
        query: &MemberQuery,
        page: &PageRequest,
    ) -> Result<Page<Member>, OrganizationError> {
        let (views, viewer) = (&self.ports.views, caller.viewer());
        let scope = self.readable_members(caller, organization).await?;
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
        caller: &Caller,
        organization: OrganizationId,
        user: UserId,
    ) -> Result<Member, OrganizationError> {
        let scope = self.readable_members(caller, organization).await?;
        let member = self.ports.views.member(&caller.viewer(), scope, user).await?;
        member.ok_or(OrganizationError::UserNotFound)
    }

    async fn readable_members(
        &self,
        caller: &Caller,
        organization: OrganizationId,
    ) -> Result<Scope, OrganizationError> {
        let scope = Scope::Organization(organization);
        let role = self.ports.views.role_in_scope(&caller.viewer(), scope).await?.ok_or(Denied::Hidden)?;
        decide(Action::ReadMembers, Standing::InScope(role), caller.ability)?;
        Ok(scope)
    }

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
        authority: Authority<'_>,
        organization: OrganizationId,
        user: UserId,
        patch: MemberPatch,
    ) -> Result<Member, OrganizationError> {
        retry!(self.try_update_member(authority, organization, user, patch.clone()))
    }

    async fn try_update_member(
        &self,
        authority: Authority<'_>,
        organization: OrganizationId,
        user: UserId,
        patch: MemberPatch,
    ) -> Result<Member, OrganizationError> {
        let mut uow = self.begin_expecting(authority).await?;
        lock_for::<OrganizationError>(&mut *uow, authority, organization, Action::ManageMembers).await?;
        let found = uow.members(Scope::Organization(organization), &[user]).await?.into_iter().next();
        let member = found.ok_or(OrganizationError::UserNotFound)?;
        self.change_member(uow, authority, organization, member, patch).await
    }

    /// Deactivates the caller's own membership of an organization, with all the effects of a deactivation by [`Self::update_member`].
    /// Returns the membership as it is afterwards.
    ///
    /// # Errors
    /// Fails with [`OrganizationError::Denied`] if the organization is hidden from the caller, as it is after they have left, or if the key
    /// may not write or is confined to an organization, and with [`OrganizationError::Refused`] for the last admin.
    pub async fn leave_organization(
        &self,
        caller: &Caller,
        organization: OrganizationId,
    ) -> Result<Member, OrganizationError> {
        retry!(self.try_leave_organization(caller, organization))
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
            member.show(&AccountProfile::of(&own));
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
            let places = uow.remove_from_rosters(scope, user).await?;
            self.take_off_all_work(&mut *uow, authority, scope, user, places).await?;
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

    /// Records which rosters the user has left, and removes the user as the assignee of every open task of the scope.
    pub(super) async fn take_off_all_work(
        &self,
        uow: &mut dyn UnitOfWork,
        authority: Authority<'_>,
        scope: Scope,
        user: UserId,
        places: Vec<Membership>,
    ) -> Result<(), OrganizationError> {
        let now = self.now();
        let journal = self.journal(authority.actor(), scope, now);
        for place in places {
            let fields = deleted(place.fields());
            journal.note(uow, Verb::Deleted, SubjectKind::Membership, place.id.as_uuid(), fields).await?;
        }
        for task in uow.unassign_open_tasks(scope, None, user, now).await? {
            let changes = vec![unassigned(user)];
            journal.note(uow, Verb::Updated, SubjectKind::Task, task.as_uuid(), changes).await?;
        }
        Ok(())
    }
}
