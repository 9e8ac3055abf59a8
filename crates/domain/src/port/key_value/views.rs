//! The read side of a store of records.

use async_trait::async_trait;

use super::relations::{author, my_tasks, project_view, space_view, task_view, tasks};
use super::seen::{self, get, in_scope, list};
use super::{Key, Logged, ReadRecords, Snapshots};
use crate::event::{Event, EventPosition};
use crate::id::{OrganizationId, ProjectId, SpaceId, TaskId, UserId};
use crate::organization::Organization;
use crate::page::{
    Direction, MemberQuery, ProjectQuery, SpaceQuery, TaskQuery, Window, membership_position,
    numbered_position, organization_position, task_position,
};
use crate::policy::ProjectStanding;
use crate::port::{
    DeletionViews, Includes, InstanceViews, InvitationViews, KeyViews, MembershipView, MyTasksView,
    OwnTasksQuery, ProjectRef, ProjectView, SpaceView, StoreError, StoredResponseViews, TaskView, Views,
};
use crate::project::Project;
use crate::role::ScopeRole;
use crate::roster::Membership;
use crate::scope::{Scope, Viewer};
use crate::space::Space;
use crate::text::EmailAddress;
use crate::user::{Member, User};

#[async_trait]
impl<S> Views for S
where
    S: Snapshots + KeyViews + StoredResponseViews + InvitationViews + DeletionViews + InstanceViews,
{
    async fn check_ready(&self) -> Result<(), StoreError> {
        self.snapshot().map(drop)
    }

    async fn account_by_email(&self, email: &EmailAddress) -> Result<Option<User>, StoreError> {
        seen::by_address(&self.snapshot()?, None, email)
    }

    async fn own_person_by_email(
        &self,
        organization: OrganizationId,
        email: &EmailAddress,
    ) -> Result<Option<User>, StoreError> {
        seen::by_address(&self.snapshot()?, Some(organization), email)
    }

    async fn user(&self, id: UserId) -> Result<Option<User>, StoreError> {
        self.snapshot()?.get(Key::alone(id.as_uuid()))
    }

    async fn organizations(
        &self,
        viewer: &Viewer,
        window: &Window,
    ) -> Result<Vec<(Organization, ScopeRole)>, StoreError> {
        let rows = self.snapshot()?;
        let own: Vec<Member> = rows.with_id(viewer.user.as_uuid())?;
        let ids = own.iter().filter_map(|member| member.scope.organization());
        let found = ids.filter_map(|id| seen::organization(&rows, viewer, id).transpose());
        let found: Vec<_> = found.collect::<Result<_, _>>()?;
        Ok(window.select(found, |(found, _)| organization_position(found.id), Direction::Ascending))
    }

    async fn organization(
        &self,
        viewer: &Viewer,
        id: OrganizationId,
    ) -> Result<Option<(Organization, ScopeRole)>, StoreError> {
        seen::organization(&self.snapshot()?, viewer, id)
    }

    async fn own_member(&self, viewer: &Viewer, scope: Scope) -> Result<Option<Member>, StoreError> {
        seen::own_member(&self.snapshot()?, viewer, scope)
    }

    async fn member(
        &self,
        viewer: &Viewer,
        scope: Scope,
        user: UserId,
    ) -> Result<Option<Member>, StoreError> {
        let rows = self.snapshot()?;
        match seen::role(&rows, viewer, scope)? {
            Some(_) => seen::member(&rows, scope, user),
            None => Ok(None),
        }
    }

    async fn members(
        &self,
        viewer: &Viewer,
        scope: Scope,
        query: &MemberQuery,
        window: &Window,
    ) -> Result<Vec<Member>, StoreError> {
        let members: Vec<Member> = in_scope(&self.snapshot()?, viewer, scope)?;
        let members = members.into_iter().filter(|member| query.matches(member));
        Ok(window.select(members, |member| query.order.position(member), query.direction))
    }

    async fn space(
        &self,
        viewer: &Viewer,
        id: SpaceId,
        includes: Includes,
    ) -> Result<Option<(SpaceView, ScopeRole)>, StoreError> {
        let rows = self.snapshot()?;
        let Some((space, role)) = seen::space(&rows, viewer, id)? else { return Ok(None) };
        Ok(Some((space_view(&rows, viewer, space, includes)?, role)))
    }

    async fn spaces(
        &self,
        viewer: &Viewer,
        scope: Scope,
        query: &SpaceQuery,
        includes: Includes,
        window: &Window,
    ) -> Result<Vec<SpaceView>, StoreError> {
        let rows = self.snapshot()?;
        let spaces: Vec<Space> = in_scope(&rows, viewer, scope)?;
        let spaces = spaces.into_iter().filter(|space| query.matches(space));
        let page = window.select(spaces, |space| query.order.position(space), query.direction);
        page.into_iter().map(|space| space_view(&rows, viewer, space, includes)).collect()
    }

    async fn project(
        &self,
        viewer: &Viewer,
        id: ProjectId,
    ) -> Result<Option<(ProjectView, ProjectStanding)>, StoreError> {
        let rows = self.snapshot()?;
        let Some((project, standing)) = seen::project(&rows, viewer, id)? else { return Ok(None) };
        Ok(Some((project_view(&rows, project)?, standing)))
    }

    async fn projects(
        &self,
        viewer: &Viewer,
        scope: Scope,
        query: &ProjectQuery,
        window: &Window,
    ) -> Result<Vec<ProjectView>, StoreError> {
        let rows = self.snapshot()?;
        let projects = seen::projects(&rows, viewer, scope)?.into_iter();
        let projects = projects.filter(|project| query.matches(project));
        let page = window.select(projects, |project| query.order.position(project), query.direction);
        page.into_iter().map(|project| project_view(&rows, project)).collect()
    }

    async fn roster(
        &self,
        viewer: &Viewer,
        project: ProjectId,
        window: &Window,
    ) -> Result<Vec<MembershipView>, StoreError> {
        let rows = self.snapshot()?;
        let Some((project, _)) = seen::project(&rows, viewer, project)? else { return Ok(Vec::new()) };
        let memberships: Vec<Membership> = list(&rows, project.id.as_uuid())?;
        let page = window.select(memberships, membership_position, Direction::Ascending);
        let view = |membership: Membership| {
            let member = author(&rows, project.scope, membership.user)?;
            Ok(MembershipView { membership, project: ProjectRef::from(&project), member })
        };
        page.into_iter().map(view).collect()
    }

    async fn task(
        &self,
        viewer: &Viewer,
        id: TaskId,
    ) -> Result<Option<(TaskView, ProjectStanding)>, StoreError> {
        let rows = self.snapshot()?;
        let Some((task, standing)) = seen::task(&rows, viewer, id)? else { return Ok(None) };
        let project: Option<Project> = get(&rows, task.scope.id().as_uuid(), task.project.as_uuid())?;
        project.map(|project| Ok((task_view(&rows, task, &project)?, standing))).transpose()
    }

    async fn tasks(
        &self,
        viewer: &Viewer,
        project: ProjectId,
        query: &TaskQuery,
        window: &Window,
    ) -> Result<Vec<TaskView>, StoreError> {
        let rows = self.snapshot()?;
        let Some((project, _)) = seen::project(&rows, viewer, project)? else { return Ok(Vec::new()) };
        let page = window.select(tasks(&rows, project.id, query)?, task_position, Direction::Ascending);
        page.into_iter().map(|task| task_view(&rows, task, &project)).collect()
    }

    async fn my_tasks(
        &self,
        viewer: &Viewer,
        scope: Scope,
        query: &OwnTasksQuery,
        window: &Window,
    ) -> Result<Vec<MyTasksView>, StoreError> {
        let rows = self.snapshot()?;
        let projects = seen::projects(&rows, viewer, scope)?;
        let groups = projects.iter().map(|project| my_tasks(&rows, viewer, project, query));
        let mut groups: Vec<MyTasksView> = groups.collect::<Result<_, _>>()?;
        groups.retain(|group| group.total > 0);
        let position =
            |group: &MyTasksView| numbered_position(group.project.number, group.project.id.as_uuid());
        Ok(window.select(groups, position, Direction::Ascending))
    }

    async fn events(
        &self,
        scope: Scope,
        after: Option<EventPosition>,
        limit: u32,
    ) -> Result<Vec<(EventPosition, Event)>, StoreError> {
        let first = after.map_or(0, |last| last.sequence.saturating_add(1));
        let logged: Vec<Logged> = self.snapshot()?.list(Logged::key_of(scope, first))?;
        let limit = usize::try_from(limit).unwrap_or(usize::MAX);
        let position = |sequence| EventPosition { transaction: 0, sequence };
        Ok(logged.into_iter().take(limit).map(|logged| (position(logged.sequence), logged.event)).collect())
    }
}
