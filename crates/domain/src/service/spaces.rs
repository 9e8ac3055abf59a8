//! Use cases of spaces.

use super::acting::Acting;
use super::error::SpaceError;
use super::execution::{Attempt, retry};
use super::precondition::Precondition;
use super::steps::total;
use crate::event::{SubjectKind, Verb, created, deleted};
use crate::id::{ProjectId, SpaceId};
use crate::key::{Ability, Caller};
use crate::page::{Page, PageRequest, SpaceQuery};
use crate::policy::{Action, Denied, Standing, decide};
use crate::port::{Includes, SpaceView, StoreError, UnitOfWork};
use crate::project::Project;
use crate::scope::{Scope, ScopeChoice};
use crate::space::{NewSpace, Space, SpacePatch};

impl Acting {
    /// Returns a page of a scope's spaces.
    ///
    /// # Errors
    /// Fails with [`SpaceError::Denied`] if the caller has no access to the scope.
    pub async fn list_spaces(
        &self,
        choice: ScopeChoice,
        query: &SpaceQuery,
        includes: Includes,
        page: &PageRequest,
    ) -> Result<Page<SpaceView>, SpaceError> {
        let (views, viewer, scope) = (self.views(), self.caller.viewer(), self.caller.scope(choice));
        let role = views.role_in_scope(&viewer, scope).await?;
        decide(Action::ListSpaces, Standing::Scope(role), self.caller.ability)?;
        let rows = views.spaces(&viewer, scope, query, includes, &page.window()).await?;
        let total = total(page, &rows, || views.count_spaces(&viewer, scope, query)).await?;
        Ok(page.cut(rows, total))
    }

    /// Returns a space.
    ///
    /// # Errors
    /// Fails with [`SpaceError::Denied`] if the space is hidden from the caller.
    pub async fn space(&self, id: SpaceId, includes: Includes) -> Result<SpaceView, SpaceError> {
        let found = self.views().space(&self.caller.viewer(), id, includes).await?;
        let (space, role) = found.ok_or(Denied::Hidden)?;
        decide(Action::ReadSpace, Standing::InScope(role), self.caller.ability)?;
        Ok(space)
    }

    /// Creates a space.
    ///
    /// # Errors
    /// Fails with [`SpaceError::Denied`] unless the caller may write in the scope, and with [`SpaceError::UnknownProject`] if the caller
    /// sees no such project in the scope.
    pub async fn create_space(&self, choice: ScopeChoice, new: NewSpace) -> Result<Space, SpaceError> {
        retry!(self.try_create_space(&self.caller, choice, new.clone()))
    }
}

impl<P: Precondition> Acting<P> {
    /// Changes some fields of a space. Writes nothing if no field differs.
    ///
    /// # Errors
    /// Fails with [`SpaceError::Denied`], [`SpaceError::UnknownProject`] for a newly linked project, or [`SpaceError::Stale`].
    pub async fn update_space(&self, id: SpaceId, patch: SpacePatch) -> Result<Space, SpaceError> {
        retry!(self.try_update_space(&self.caller, id, patch.clone()))
    }

    /// Deletes a space and returns it as it was.
    ///
    /// # Errors
    /// Fails with [`SpaceError::Denied`] or [`SpaceError::Stale`].
    pub async fn delete_space(&self, id: SpaceId) -> Result<Space, SpaceError> {
        retry!(self.try_delete_space(&self.caller, id))
    }
}

impl Attempt<'_> {
    async fn try_create_space(
        &self,
        caller: &Caller,
        choice: ScopeChoice,
        new: NewSpace,
    ) -> Result<Space, SpaceError> {
        let scope = caller.scope(choice);
        let mut uow = self.begin_for(caller).await?;
        let now = self.now();
        let role = uow.role_in_scope(&caller.viewer(), scope).await?;
        decide(Action::CreateSpace, Standing::Scope(role), caller.ability)?;
        if let Some(project) = new.project {
            hold_project_in(&mut *uow, caller, scope, project).await?;
        }
        let id = SpaceId::from_uuid(self.setup.ports.ids.next());
        let space = new.create(id, scope, caller.user, now);
        uow.insert_space(&space).await?;
        let journal = self.journal(caller.actor(), scope, now);
        let changes = created(space.fields());
        journal.note(&mut *uow, Verb::Created, SubjectKind::Space, space.id.as_uuid(), changes).await?;
        self.commit(uow).await?;
        Ok(space)
    }

    async fn try_update_space(
        &self,
        caller: &Caller,
        id: SpaceId,
        patch: SpacePatch,
    ) -> Result<Space, SpaceError> {
        let mut uow = self.begin_for(caller).await?;
        let now = self.now();
        // The order of locks has the project before the space, although the space is checked first.
        let project = match patch.project.flatten() {
            Some(project) => hold_visible_project(&mut *uow, caller, project).await?,
            None => None,
        };
        let (mut space, role) = uow.lock_space(&caller.viewer(), id).await?.ok_or(Denied::Hidden)?;
        decide(Action::UpdateSpace, Standing::InScope(role), caller.ability)?;
        // A space may stay linked to its project, even if this caller does not see that project.
        let links_anew = patch.project.is_some_and(|project| project.is_some() && project != space.project);
        if links_anew && project.is_none_or(|project| project.scope != space.scope) {
            return Err(SpaceError::UnknownProject);
        }
        self.check_revision(space.revision)?;
        let journal = self.journal(caller.actor(), space.scope, now);
        let changes = space.apply(patch, now);
        if !changes.is_empty() {
            uow.update_space(&space).await?;
            journal.note(&mut *uow, Verb::Updated, SubjectKind::Space, id.as_uuid(), changes).await?;
            self.commit(uow).await?;
        }
        Ok(space)
    }

    async fn try_delete_space(&self, caller: &Caller, id: SpaceId) -> Result<Space, SpaceError> {
        let mut uow = self.begin_for(caller).await?;
        let (space, role) = uow.lock_space(&caller.viewer(), id).await?.ok_or(Denied::Hidden)?;
        decide(Action::DeleteSpace, Standing::InScope(role), caller.ability)?;
        self.check_revision(space.revision)?;
        uow.delete_space(space.scope, id).await?;
        let journal = self.journal(caller.actor(), space.scope, self.now());
        let changes = deleted(space.fields());
        journal.note(&mut *uow, Verb::Deleted, SubjectKind::Space, id.as_uuid(), changes).await?;
        self.commit(uow).await?;
        Ok(space)
    }
}

async fn hold_project_in(
    uow: &mut dyn UnitOfWork,
    caller: &Caller,
    scope: Scope,
    id: ProjectId,
) -> Result<(), SpaceError> {
    match hold_visible_project(uow, caller, id).await? {
        Some(project) if project.scope == scope => Ok(()),
        _ => Err(SpaceError::UnknownProject),
    }
}

/// Holds a project of any scope that the caller sees, so that another record can be linked to it.
async fn hold_visible_project(
    uow: &mut dyn UnitOfWork,
    caller: &Caller,
    id: ProjectId,
) -> Result<Option<Project>, StoreError> {
    let found = uow.hold_project(&caller.viewer(), id).await?;
    let visible = found.filter(|(_, standing)| {
        decide(Action::ReadProject, Standing::Project(*standing), Ability::Read).is_ok()
    });
    Ok(visible.map(|(project, _)| project))
}
