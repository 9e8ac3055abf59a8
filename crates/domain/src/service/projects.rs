//! Use cases of projects.

use super::acting::Acting;
use super::error::ProjectError;
use super::execution::{Attempt, retry};
use super::precondition::Precondition;
use super::steps::{pick, total};
use crate::event::{Change, SubjectKind, Value, Verb, created, deleted};
use crate::id::{MembershipId, ProjectId};
use crate::key::Caller;
use crate::page::{Page, PageRequest, ProjectQuery};
use crate::policy::{Action, Denied, Standing, decide};
use crate::port::{Inserted, ProjectView, StoreError};
use crate::project::{NewProject, Project, ProjectPatch};
use crate::role::RosterRole;
use crate::roster::Membership;
use crate::scope::ScopeChoice;

impl Acting {
    /// Returns a page of the projects of a scope that the caller sees.
    ///
    /// # Errors
    /// Fails with [`ProjectError::Denied`] if the caller has no access to the scope.
    pub async fn list_projects(
        &self,
        choice: ScopeChoice,
        query: &ProjectQuery,
        page: &PageRequest,
    ) -> Result<Page<ProjectView>, ProjectError> {
        let (views, viewer, scope) = (self.views(), self.caller.viewer(), self.caller.scope(choice));
        let role = views.role_in_scope(&viewer, scope).await?;
        decide(Action::ListProjects, Standing::Scope(role), self.caller.ability)?;
        let rows = views.projects(&viewer, scope, query, &page.window()).await?;
        let total = total(page, &rows, || views.count_projects(&viewer, scope, query)).await?;
        Ok(page.cut(rows, total))
    }

    /// Returns a project.
    ///
    /// # Errors
    /// Fails with [`ProjectError::Denied`] if the project is hidden from the caller.
    pub async fn project(&self, id: ProjectId) -> Result<ProjectView, ProjectError> {
        let found = self.views().project(&self.caller.viewer(), id).await?;
        let (project, standing) = found.ok_or(Denied::Hidden)?;
        decide(Action::ReadProject, Standing::Project(standing), self.caller.ability)?;
        Ok(project)
    }

    /// Creates a project, with the caller as an admin on its roster.
    ///
    /// # Errors
    /// Fails with [`ProjectError::Denied`] unless the caller is an admin of the scope.
    pub async fn create_project(
        &self,
        choice: ScopeChoice,
        new: NewProject,
    ) -> Result<ProjectView, ProjectError> {
        retry!(self.try_create_project(&self.caller, choice, new.clone()))
    }
}

impl<P: Precondition> Acting<P> {
    /// Changes some fields of a project. Writes nothing if no field differs.
    ///
    /// # Errors
    /// Fails with [`ProjectError::Denied`], [`ProjectError::Dates`] if the start would be later than the end, or [`ProjectError::Stale`].
    pub async fn update_project(
        &self,
        id: ProjectId,
        patch: ProjectPatch,
    ) -> Result<ProjectView, ProjectError> {
        retry!(self.try_update_project(&self.caller, id, patch.clone()))
    }

    /// Deletes a project with its roster and its tasks, and unlinks the spaces that are linked to it. Returns the project as it was.
    ///
    /// # Errors
    /// Fails with [`ProjectError::Denied`] unless the caller is an admin of the scope, and with [`ProjectError::Stale`].
    pub async fn delete_project(&self, id: ProjectId) -> Result<Project, ProjectError> {
        retry!(self.try_delete_project(&self.caller, id))
    }
}

impl Attempt<'_> {
    async fn try_create_project(
        &self,
        caller: &Caller,
        choice: ScopeChoice,
        new: NewProject,
    ) -> Result<ProjectView, ProjectError> {
        let scope = caller.scope(choice);
        let mut uow = self.begin_for(caller).await?;
        let now = self.now();
        let role = uow.role_in_scope(&caller.viewer(), scope).await?;
        decide(Action::CreateProject, Standing::Scope(role), caller.ability)?;
        let project = Project {
            id: ProjectId::from_uuid(self.setup.ports.ids.next()),
            number: uow.next_project_number(scope).await?,
            scope,
            name: new.name,
            description: new.description,
            dates: new.dates,
            visibility: new.visibility,
            created_by: caller.user,
            created_at: now,
            updated_at: now,
            revision: 1,
        };
        uow.insert_project(&project).await?;
        let membership = Membership {
            id: MembershipId::from_uuid(self.setup.ports.ids.next()),
            number: uow.next_membership_numbers(scope, project.id, 1).await?,
            project: project.id,
            user: caller.user,
            role: RosterRole::Admin,
            created_at: now,
        };
        if uow.insert_membership(scope, &membership).await? == Inserted::KeyTaken {
            return Err(
                StoreError::Corrupt(format!("roster: the new project {} has people", project.id)).into()
            );
        }
        let journal = self.journal(caller.actor(), scope, now);
        let (id, fields) = (project.id.as_uuid(), created(project.fields()));
        journal.note(&mut *uow, Verb::Created, SubjectKind::Project, id, fields).await?;
        let (id, fields) = (membership.id.as_uuid(), created(membership.fields()));
        journal.note(&mut *uow, Verb::Created, SubjectKind::Membership, id, fields).await?;
        let creator = pick(&uow.members(scope, &[caller.user]).await?, caller.user)?;
        self.commit(uow).await?;
        Ok(ProjectView { record: project, creator })
    }

    async fn try_update_project(
        &self,
        caller: &Caller,
        id: ProjectId,
        patch: ProjectPatch,
    ) -> Result<ProjectView, ProjectError> {
        let mut uow = self.begin_for(caller).await?;
        let now = self.now();
        let (mut project, standing) = uow.lock_project(&caller.viewer(), id).await?.ok_or(Denied::Hidden)?;
        decide(Action::UpdateProject, Standing::Project(standing), caller.ability)?;
        let revision = project.revision;
        let changes = project.apply(patch, now)?;
        self.check_revision(revision)?;
        let journal = self.journal(caller.actor(), project.scope, now);
        let creator = pick(&uow.members(project.scope, &[project.created_by]).await?, project.created_by)?;
        if !changes.is_empty() {
            uow.update_project(&project).await?;
            journal.note(&mut *uow, Verb::Updated, SubjectKind::Project, id.as_uuid(), changes).await?;
            self.commit(uow).await?;
        }
        Ok(ProjectView { record: project, creator })
    }

    async fn try_delete_project(&self, caller: &Caller, id: ProjectId) -> Result<Project, ProjectError> {
        let mut uow = self.begin_for(caller).await?;
        let now = self.now();
        let (project, standing) = uow.lock_project(&caller.viewer(), id).await?.ok_or(Denied::Hidden)?;
        decide(Action::DeleteProject, Standing::Project(standing), caller.ability)?;
        self.check_revision(project.revision)?;
        let journal = self.journal(caller.actor(), project.scope, now);
        for space in uow.unlink_spaces(project.scope, id, now).await? {
            let unlinked =
                vec![Change { field: "project".into(), from: Value::Id(id.as_uuid()), to: Value::Empty }];
            journal.note(&mut *uow, Verb::Updated, SubjectKind::Space, space.as_uuid(), unlinked).await?;
        }
        uow.delete_project(project.scope, id).await?;
        let fields = deleted(project.fields());
        journal.note(&mut *uow, Verb::Deleted, SubjectKind::Project, id.as_uuid(), fields).await?;
        self.commit(uow).await?;
        Ok(project)
    }
}
