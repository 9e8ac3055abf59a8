//! Use cases of an organization's members.

use super::admission::written;
use super::organizations::{Authority, lock_for};
use super::rosters::unassigned;
use super::{Loggia, OrganizationError, retry, total};
use crate::event::{SubjectKind, Verb, deleted};
use crate::id::{OrganizationId, UserId};
use crate::key::Caller;
use crate::page::{MemberQuery, Page, PageRequest};
use crate::policy::{Action, Denied, Standing, decide};
use crate::port::UnitOfWork;
use crate::roster::Membership;
use crate::scope::Scope;
use crate::user::{Member, MemberPatch};

impl Loggia {
    /// A page of an organization's members, with and without access, machines among them.
    ///
    /// # Errors
    /// [`OrganizationError::Denied`] if the organization is not there for the caller.
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

    /// One of an organization's members, with or without access.
    ///
    /// # Errors
    /// [`OrganizationError::Denied`] if the organization is not there for the caller; [`OrganizationError::UserNotFound`].
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

    /// Gives a member another role or another profile, or takes or gives access. Who loses access leaves every roster of the
    /// organization, and their open tasks are left without assignee. When access is given back, the member's live keys that reach
    /// this organization alone are revoked, with those that descend from them, and no other key that the member has by then opens it.
    ///
    /// # Errors
    /// [`OrganizationError::Denied`], [`OrganizationError::UserNotFound`], [`OrganizationError::LastAdmin`],
    /// [`OrganizationError::UsernameTaken`], [`OrganizationError::EmployeeNumberTaken`].
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
        let scope = Scope::Organization(organization);
        let mut uow = self.begin_expecting(authority).await?;
        let now = self.now();
        lock_for::<OrganizationError>(&mut *uow, authority, organization, Action::ManageMembers).await?;
        let found = uow.members(scope, &[user]).await?.into_iter().next();
        let mut member = found.ok_or(OrganizationError::UserNotFound)?;
        let had_access = member.active;
        let admins = uow.count_active_admins(scope).await?;
        let revision = member.revision;
        let changes = member.apply(patch, admins, now)?;
        let journal = self.journal(authority.actor(), scope, now);
        if changes.is_empty() {
            self.check_revision(revision)?;
            return Ok(member);
        }
        let leaves = had_access && !member.active;
        let returns = !had_access && member.active;
        // The rosters first, as locks are taken everywhere: a call that adds a member to a roster locks the roster before the member. Their
        // places go after that, since writing them locks totals too, and those come last.
        if leaves {
            uow.lock_rosters_of(scope, user).await?;
        }
        written(uow.update_member(&member).await?, 0)?;
        // Whether a name is taken is told by the writing alone, and this comes last; it undoes what was written.
        self.check_revision(revision)?;
        if leaves {
            // From here on nobody who holds the member can put them on a roster, and whoever did in between has committed.
            let places = uow.remove_from_rosters(scope, user).await?;
            self.take_off_all_work(&mut *uow, authority, scope, user, places).await?;
        }
        journal.note(&mut *uow, Verb::Updated, SubjectKind::Member, user.as_uuid(), changes).await?;
        if returns {
            // A place that is given back does not revive keys from before: neither those for it alone, nor those for everything.
            self.revoke_keys_for(&mut *uow, authority.actor(), user, organization, now).await?;
            uow.readmit(scope, user).await?;
        }
        self.commit(uow).await?;
        Ok(member)
    }

    /// Tells which places the user has left, and takes their name off every open task of the scope.
    async fn take_off_all_work(
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
