//! A unit of work on records: spaces, projects and rosters.

use async_trait::async_trait;

use super::people::{count, next, update};
use super::seen::{self, get, list};
use super::{Counter, Key, ReadRecords, Record, Workspace, WriteRecords, ensure};
use crate::id::{DisplayNumber, MembershipId, ProjectId, SpaceId, UserId};
use crate::instant::Timestamp;
use crate::policy::ProjectStanding;
use crate::port::{Inserted, ProjectRows, RosterRows, SpaceRows, StoreError};
use crate::project::Project;
use crate::role::{RosterRole, ScopeRole};
use crate::roster::Membership;
use crate::scope::{Scope, Viewer};
use crate::space::Space;
use crate::task::Task;

/// Returns `true` if the project belongs to the scope.
pub(super) fn is_in(work: &impl Workspace, scope: Scope, project: ProjectId) -> Result<bool, StoreError> {
    let found: Option<Project> = get(work, scope.id().as_uuid(), project.as_uuid())?;
    Ok(found.is_some_and(|project| project.scope == scope))
}

/// Fails unless the project belongs to the scope.
pub(super) fn ensure_in(work: &impl Workspace, scope: Scope, project: ProjectId) -> Result<(), StoreError> {
    ensure(is_in(work, scope, project)?, "a project is one of the scope")
}

/// Fails unless the user has a membership of the scope.
pub(super) fn ensure_known(work: &impl Workspace, scope: Scope, user: UserId) -> Result<(), StoreError> {
    ensure(seen::member(work, scope, user)?.is_some(), "a user is a member of the scope")
}

/// Fails unless a space is linked to a project of its scope, or to none.
fn ensure_linked(work: &impl Workspace, space: &Space) -> Result<(), StoreError> {
    space.project.map_or(Ok(()), |project| ensure_in(work, space.scope, project))
}

/// Returns the projects of a scope.
pub(super) fn projects(work: &impl Workspace, scope: Scope) -> Result<Vec<Project>, StoreError> {
    list(work, scope.id().as_uuid())
}

fn spaces_linked_to(work: &impl Workspace, scope: Scope, id: ProjectId) -> Result<Vec<Space>, StoreError> {
    let mut spaces: Vec<Space> = list(work, scope.id().as_uuid())?;
    spaces.retain(|space| space.project == Some(id));
    Ok(spaces)
}

/// Returns the memberships of the roster; none of a project that does not belong to the scope.
fn roster(work: &impl Workspace, scope: Scope, project: ProjectId) -> Result<Vec<Membership>, StoreError> {
    if is_in(work, scope, project)? { list(work, project.as_uuid()) } else { Ok(Vec::new()) }
}

/// Deletes records.
pub(super) fn delete_all<R: Record>(
    work: &mut impl WriteRecords<R>,
    records: &[R],
) -> Result<(), StoreError> {
    records.iter().try_for_each(|record| work.delete(record.key()))
}

#[async_trait]
impl<W: Workspace> SpaceRows for W {
    async fn insert_space(&mut self, space: &Space) -> Result<(), StoreError> {
        ensure_known(self, space.scope, space.created_by)?;
        ensure_linked(self, space)?;
        self.put(space)
    }

    async fn lock_space(
        &mut self,
        viewer: &Viewer,
        id: SpaceId,
    ) -> Result<Option<(Space, ScopeRole)>, StoreError> {
        seen::space(self, viewer, id)
    }

    async fn update_space(&mut self, space: &Space) -> Result<(), StoreError> {
        ensure_linked(self, space)?;
        update(self, space, |old| {
            let (created_by, created_at) = (old.created_by, old.created_at);
            Space { created_by, created_at, ..space.clone() }
        })
    }

    async fn delete_space(&mut self, scope: Scope, id: SpaceId) -> Result<(), StoreError> {
        let found: Option<Space> = get(self, scope.id().as_uuid(), id.as_uuid())?;
        let space = found.ok_or(StoreError::Failed("a space that is deleted exists".into()))?;
        delete_all(self, &[space])
    }

    async fn unlink_spaces(
        &mut self,
        scope: Scope,
        project: ProjectId,
        at: Timestamp,
    ) -> Result<Vec<SpaceId>, StoreError> {
        let linked = spaces_linked_to(self, scope, project)?;
        for space in &linked {
            let revision = space.revision + 1;
            self.put(&Space { project: None, updated_at: at, revision, ..space.clone() })?;
        }
        Ok(linked.iter().map(|space| space.id).collect())
    }
}

#[async_trait]
impl<W: Workspace> ProjectRows for W {
    async fn next_project_number(&mut self, scope: Scope) -> Result<DisplayNumber, StoreError> {
        next(self, scope.id().as_uuid(), Counter::Projects)
    }

    async fn insert_project(&mut self, project: &Project) -> Result<(), StoreError> {
        ensure_known(self, project.scope, project.created_by)?;
        self.put(project)
    }

    async fn lock_project(
        &mut self,
        viewer: &Viewer,
        id: ProjectId,
    ) -> Result<Option<(Project, ProjectStanding)>, StoreError> {
        seen::project(self, viewer, id)
    }

    async fn update_project(&mut self, project: &Project) -> Result<(), StoreError> {
        update(self, project, |old| {
            let (number, created_by, created_at) = (old.number, old.created_by, old.created_at);
            Project { number, created_by, created_at, ..project.clone() }
        })
    }

    async fn delete_project(&mut self, scope: Scope, id: ProjectId) -> Result<(), StoreError> {
        ensure_in(self, scope, id)?;
        let is_linked = !spaces_linked_to(self, scope, id)?.is_empty();
        ensure(!is_linked, "no space is linked to a project that is deleted")?;
        let memberships = roster(self, scope, id)?;
        delete_all(self, &memberships)?;
        let tasks: Vec<Task> = list(self, id.as_uuid())?;
        delete_all(self, &tasks)?;
        WriteRecords::<Project>::delete(self, Key { owner: scope.id().as_uuid(), id: id.as_uuid() })
    }
}

#[async_trait]
impl<W: Workspace> RosterRows for W {
    async fn next_membership_numbers(
        &mut self,
        scope: Scope,
        project: ProjectId,
        count: usize,
    ) -> Result<DisplayNumber, StoreError> {
        ensure_in(self, scope, project)?;
        let count = i64::try_from(count).map_err(|error| StoreError::Failed(error.into()))?;
        let last = self.counter(project.as_uuid(), Counter::Memberships)?;
        self.put_counter(project.as_uuid(), Counter::Memberships, last + count)?;
        Ok(DisplayNumber::new(last + 1))
    }

    async fn memberships(
        &mut self,
        scope: Scope,
        project: ProjectId,
        users: &[UserId],
    ) -> Result<Vec<Membership>, StoreError> {
        let mut memberships = roster(self, scope, project)?;
        memberships.retain(|membership| users.contains(&membership.user));
        Ok(memberships)
    }

    async fn count_roster_admins(&mut self, scope: Scope, project: ProjectId) -> Result<u64, StoreError> {
        let memberships = roster(self, scope, project)?;
        Ok(count(memberships.iter().filter(|membership| membership.role == RosterRole::Admin)))
    }

    async fn insert_membership(
        &mut self,
        scope: Scope,
        membership: &Membership,
    ) -> Result<Inserted, StoreError> {
        ensure_in(self, scope, membership.project)?;
        ensure_known(self, scope, membership.user)?;
        if ReadRecords::<Membership>::get(self, membership.key())?.is_some() {
            return Ok(Inserted::KeyTaken);
        }
        self.put(membership)?;
        Ok(Inserted::Yes)
    }

    async fn update_membership(&mut self, scope: Scope, membership: &Membership) -> Result<(), StoreError> {
        ensure_in(self, scope, membership.project)?;
        update(self, membership, |old| Membership { role: membership.role, ..old })
    }

    async fn delete_membership(
        &mut self,
        scope: Scope,
        project: ProjectId,
        id: MembershipId,
    ) -> Result<(), StoreError> {
        let membership = roster(self, scope, project)?.into_iter().find(|membership| membership.id == id);
        let membership =
            membership.ok_or(StoreError::Failed("a membership that is deleted exists".into()))?;
        delete_all(self, &[membership])
    }

    async fn remove_from_rosters(
        &mut self,
        scope: Scope,
        user: UserId,
    ) -> Result<Vec<Membership>, StoreError> {
        let projects = projects(self, scope)?.into_iter();
        let memberships =
            projects.filter_map(|project| get(self, project.id.as_uuid(), user.as_uuid()).transpose());
        let memberships: Vec<Membership> = memberships.collect::<Result<_, _>>()?;
        delete_all(self, &memberships)?;
        Ok(memberships)
    }
}
