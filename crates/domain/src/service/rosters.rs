//! Use cases of rosters.

use super::acting::Acting;
use super::error::RosterError;
use super::execution::{Attempt, retry};
use super::steps::{pick, total, unassigned};
use crate::event::{SubjectKind, Verb, created, deleted};
use crate::id::{DisplayNumber, MembershipId, ProjectId, UserId};
use crate::key::Caller;
use crate::page::{Page, PageRequest};
use crate::policy::{Action, Denied, Forbidden, Standing, decide};
use crate::port::{Inserted, MembershipView, ProjectRef, StoreError, UnitOfWork};
use crate::project::Project;
use crate::role::RosterRole;
use crate::roster::{Membership, NewMemberships, judge_removal};

impl Acting {
    /// Returns a page of a project's roster, by number.
    ///
    /// # Errors
    /// Fails with [`RosterError::Denied`] unless the caller is on the roster.
    pub async fn list_roster(
        &self,
        project: ProjectId,
        page: &PageRequest,
    ) -> Result<Page<MembershipView>, RosterError> {
        let (views, viewer) = (self.views(), self.caller.viewer());
        let standing = views.project_standing(&viewer, project).await?.ok_or(Denied::Hidden)?;
        decide(Action::ReadRoster, Standing::Project(standing), self.caller.ability)?;
        let rows = views.roster(&viewer, project, &page.window()).await?;
        let total = total(page, &rows, || views.count_roster(&viewer, project)).await?;
        Ok(page.cut(rows, total))
    }

    /// Adds people to a roster, all or none. Returns their memberships in the order of `people`.
    ///
    /// # Errors
    /// Fails with [`RosterError::Denied`] unless the caller is an admin of the project; with [`RosterError::UserNotFound`] for a person
    /// who is not an active member of the scope; with [`RosterError::AlreadyAMember`] for one who is on the roster. The error names the
    /// first such person.
    pub async fn add_to_roster(
        &self,
        project: ProjectId,
        people: &NewMemberships,
    ) -> Result<Vec<MembershipView>, RosterError> {
        retry!(self.try_add_to_roster(&self.caller, project, people))
    }

    /// Removes a person from a roster, and removes them as the assignee of their open tasks in the project. Returns the membership as it
    /// was.
    ///
    /// # Errors
    /// Fails, in this order, with [`RosterError::Denied`] unless the caller is an admin of the project, with
    /// [`RosterError::UserNotFound`] for a person who was never a member of the scope, and with [`RosterError::Removal`].
    pub async fn remove_from_roster(
        &self,
        project: ProjectId,
        user: UserId,
    ) -> Result<MembershipView, RosterError> {
        retry!(self.try_remove_from_roster(&self.caller, project, user))
    }

    /// Removes the caller from a roster, also if they are an admin of the scope. The caller's open tasks in the project lose their
    /// assignee. Returns the membership as it was.
    ///
    /// # Errors
    /// Fails with [`RosterError::NotOnRoster`] if the caller sees the project and is not on its roster, with [`RosterError::Denied`] if the
    /// project is hidden from the caller or the key may not write, and with [`RosterError::LastAdmin`].
    pub async fn leave_roster(&self, project: ProjectId) -> Result<MembershipView, RosterError> {
        retry!(self.try_leave_roster(&self.caller, project))
    }

    /// Changes the role of a person on a roster.
    ///
    /// # Errors
    /// Fails with [`RosterError::Denied`] unless the caller is an admin of the project, with [`RosterError::NotOnRoster`], or with
    /// [`RosterError::LastAdmin`].
    pub async fn change_roster_role(
        &self,
        project: ProjectId,
        user: UserId,
        role: RosterRole,
    ) -> Result<MembershipView, RosterError> {
        retry!(self.try_change_roster_role(&self.caller, project, user, role))
    }
}

impl Attempt<'_> {
    async fn try_add_to_roster(
        &self,
        caller: &Caller,
        id: ProjectId,
        people: &NewMemberships,
    ) -> Result<Vec<MembershipView>, RosterError> {
        let mut uow = self.begin_for(caller).await?;
        let now = self.now();
        let project = lock_for_roster(&mut *uow, caller, id).await?;
        let mut users: Vec<UserId> = people.as_slice().iter().map(|person| person.user).collect();
        users.sort_unstable();
        // The members are held, so that none of them is deactivated, and thereby removed from all rosters, while being added to this one.
        let members = uow.hold_members(project.scope, &users).await?;
        let there = uow.memberships(project.scope, id, &users).await?;
        for (index, person) in people.as_slice().iter().enumerate() {
            if !members.iter().any(|member| member.user == person.user && member.active) {
                return Err(RosterError::UserNotFound { index });
            }
            if there.iter().any(|membership| membership.user == person.user) {
                return Err(RosterError::AlreadyAMember { index });
            }
        }
        let journal = self.journal(caller.actor(), project.scope, now);
        let first = uow.next_membership_numbers(project.scope, id, users.len()).await?;
        let mut memberships: Vec<(usize, Membership)> = Vec::with_capacity(users.len());
        for ((index, person), number) in people.as_slice().iter().enumerate().zip(first.get()..) {
            let membership = Membership {
                id: MembershipId::from_uuid(self.setup.ports.ids.next()),
                number: DisplayNumber::new(number),
                project: id,
                user: person.user,
                role: person.role,
                created_at: now,
            };
            let fields = created(membership.fields());
            journal
                .note(&mut *uow, Verb::Created, SubjectKind::Membership, membership.id.as_uuid(), fields)
                .await?;
            memberships.push((index, membership));
        }
        memberships.sort_unstable_by_key(|(_, membership)| membership.user);
        for (index, membership) in &memberships {
            if uow.insert_membership(project.scope, membership).await? == Inserted::KeyTaken {
                return Err(RosterError::AlreadyAMember { index: *index });
            }
        }
        memberships.sort_unstable_by_key(|(index, _)| *index);
        let view = |(_, membership): (usize, Membership)| {
            let member = pick(&members, membership.user)?;
            Ok(MembershipView { membership, project: ProjectRef::from(&project), member })
        };
        let added = memberships.into_iter().map(view).collect::<Result<_, StoreError>>()?;
        self.commit(uow).await?;
        Ok(added)
    }

    async fn try_remove_from_roster(
        &self,
        caller: &Caller,
        id: ProjectId,
        user: UserId,
    ) -> Result<MembershipView, RosterError> {
        let mut uow = self.begin_for(caller).await?;
        let project = lock_for_roster(&mut *uow, caller, id).await?;
        // The member is held, so that they do not become an admin of the scope while they are removed.
        let members = uow.hold_members(project.scope, &[user]).await?;
        let member = members.into_iter().next().ok_or(RosterError::UserNotFound { index: 0 })?;
        let membership = uow.memberships(project.scope, id, &[user]).await?.into_iter().next();
        let membership = judge_removal(caller.user, &member, membership)?;
        self.end_membership(&mut *uow, caller, &project, &membership).await?;
        self.commit(uow).await?;
        Ok(MembershipView { membership, project: ProjectRef::from(&project), member })
    }

    async fn try_leave_roster(&self, caller: &Caller, id: ProjectId) -> Result<MembershipView, RosterError> {
        let mut uow = self.begin_for(caller).await?;
        let (project, standing) = uow.lock_project(&caller.viewer(), id).await?.ok_or(Denied::Hidden)?;
        match decide(Action::LeaveRoster, Standing::Project(standing), caller.ability) {
            // The call names the caller's own membership. If that is missing, the error is the one for any other missing membership.
            Err(Denied::Forbidden(Forbidden::Role)) => return Err(RosterError::NotOnRoster),
            decided => decided?,
        }
        let own = [caller.user];
        let membership = uow.memberships(project.scope, id, &own).await?.into_iter().next();
        let membership = membership.ok_or(RosterError::NotOnRoster)?;
        membership.judge_leaving(uow.count_roster_admins(project.scope, id).await?)?;
        let member = pick(&uow.members(project.scope, &own).await?, caller.user)?;
        self.end_membership(&mut *uow, caller, &project, &membership).await?;
        self.commit(uow).await?;
        Ok(MembershipView { membership, project: ProjectRef::from(&project), member })
    }

    /// Deletes a membership of a locked project, removes the user as the assignee of their open tasks in it, and records both.
    async fn end_membership(
        &self,
        uow: &mut dyn UnitOfWork,
        caller: &Caller,
        project: &Project,
        membership: &Membership,
    ) -> Result<(), StoreError> {
        let (scope, now) = (project.scope, self.now());
        uow.delete_membership(scope, project.id, membership.id).await?;
        let journal = self.journal(caller.actor(), scope, now);
        let fields = deleted(membership.fields());
        journal.note(uow, Verb::Deleted, SubjectKind::Membership, membership.id.as_uuid(), fields).await?;
        for task in uow.unassign_open_tasks(scope, Some(project.id), membership.user, now).await? {
            let changes = vec![unassigned(membership.user)];
            journal.note(uow, Verb::Updated, SubjectKind::Task, task.as_uuid(), changes).await?;
        }
        Ok(())
    }

    async fn try_change_roster_role(
        &self,
        caller: &Caller,
        id: ProjectId,
        user: UserId,
        role: RosterRole,
    ) -> Result<MembershipView, RosterError> {
        let mut uow = self.begin_for(caller).await?;
        let project = lock_for_roster(&mut *uow, caller, id).await?;
        let membership = uow.memberships(project.scope, id, &[user]).await?.into_iter().next();
        let mut membership = membership.ok_or(RosterError::NotOnRoster)?;
        let admins = uow.count_roster_admins(project.scope, id).await?;
        let changes = membership.change_role(role, admins)?;
        let member = pick(&uow.members(project.scope, &[user]).await?, user)?;
        let journal = self.journal(caller.actor(), project.scope, self.now());
        if !changes.is_empty() {
            uow.update_membership(project.scope, &membership).await?;
            journal
                .note(&mut *uow, Verb::Updated, SubjectKind::Membership, membership.id.as_uuid(), changes)
                .await?;
            self.commit(uow).await?;
        }
        Ok(MembershipView { membership, project: ProjectRef::from(&project), member })
    }
}

async fn lock_for_roster(
    uow: &mut dyn UnitOfWork,
    caller: &Caller,
    id: ProjectId,
) -> Result<Project, RosterError> {
    let (project, standing) = uow.lock_project(&caller.viewer(), id).await?.ok_or(Denied::Hidden)?;
    decide(Action::ManageRoster, Standing::Project(standing), caller.ability)?;
    Ok(project)
}
