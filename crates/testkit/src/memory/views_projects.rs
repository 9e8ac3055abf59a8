//! Reads of projects and rosters.

use loggia_domain::id::ProjectId;
use loggia_domain::page::{Direction, ProjectQuery, Window, membership_position};
use loggia_domain::policy::ProjectStanding;
use loggia_domain::port::{MembershipView, ProjectRef, ProjectView, StoreError};
use loggia_domain::project::Project;
use loggia_domain::roster::Membership;
use loggia_domain::scope::{Scope, Viewer};

use super::tables::Tables;

impl Tables {
    pub(super) fn project_view(&self, project: Project) -> Result<ProjectView, StoreError> {
        let creator = self.member(project.scope, project.created_by)?;
        Ok(ProjectView { record: project, creator })
    }

    /// Returns the projects of the scope that the viewer sees, in no particular order.
    pub(super) fn projects_seen(&self, viewer: &Viewer, scope: Scope) -> impl Iterator<Item = &Project> {
        let projects = self.projects.values().map(|row| &row.project);
        let seen = |project: &Project| self.standing(viewer, project).is_some_and(ProjectStanding::sees);
        projects.filter(move |project| project.scope == scope && seen(project))
    }

    /// Returns the projects of the scope that the viewer sees and that match the query, in no particular order.
    pub(super) fn projects_in(&self, viewer: &Viewer, scope: Scope, query: &ProjectQuery) -> Vec<Project> {
        self.projects_seen(viewer, scope).filter(|project| query.matches(project)).cloned().collect()
    }

    pub(super) fn projects_page(
        &self,
        viewer: &Viewer,
        scope: Scope,
        query: &ProjectQuery,
        part: &Window,
    ) -> Result<Vec<ProjectView>, StoreError> {
        let projects = self.projects_in(viewer, scope, query);
        let page = part.select(projects, |project| query.order.position(project), query.direction);
        page.into_iter().map(|project| self.project_view(project)).collect()
    }

    /// Returns the memberships of a roster; none if the viewer is not an active member of the project's scope.
    pub(super) fn roster_for(&self, viewer: &Viewer, id: ProjectId) -> Vec<Membership> {
        match self.project_for(viewer, id) {
            Some((project, _)) => self.roster(project.id).cloned().collect(),
            None => Vec::new(),
        }
    }

    pub(super) fn roster_page(
        &self,
        viewer: &Viewer,
        id: ProjectId,
        part: &Window,
    ) -> Result<Vec<MembershipView>, StoreError> {
        let Some((project, _)) = self.project_for(viewer, id) else { return Ok(Vec::new()) };
        let memberships = part.select(self.roster_for(viewer, id), membership_position, Direction::Ascending);
        let view = |membership: Membership| {
            let member = self.member(project.scope, membership.user)?;
            Ok(MembershipView { membership, project: ProjectRef::from(project), member })
        };
        memberships.into_iter().map(view).collect()
    }
}
