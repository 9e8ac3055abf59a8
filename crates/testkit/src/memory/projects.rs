//! Projects.

use async_trait::async_trait;
use loggia_domain::id::{DisplayNumber, ProjectId, TaskId, UserId};
use loggia_domain::policy::ProjectStanding;
use loggia_domain::port::{ProjectRows, StoreError};
use loggia_domain::project::Project;
use loggia_domain::scope::{Scope, Viewer};

use super::tables::ProjectRow;
use super::unit::{MemoryUnit, broken, ensure};

#[async_trait]
impl ProjectRows for MemoryUnit {
    async fn next_project_number(&mut self, scope: Scope) -> Result<DisplayNumber, StoreError> {
        let row = self.tables.scopes.get_mut(&scope).ok_or(broken("no such scope"))?;
        row.projects += 1;
        Ok(DisplayNumber::new(row.projects))
    }

    async fn insert_project(&mut self, project: &Project) -> Result<(), StoreError> {
        ensure(!self.tables.projects.contains(&project.id), "project ids are unique")?;
        let creator = (project.scope, project.created_by);
        ensure(self.tables.members.contains(&creator), "a creator is a member of the scope")?;
        let row = ProjectRow { project: project.clone(), memberships: 0, tasks: 0, top: 0 };
        self.tables.projects.insert(project.id, row);
        Ok(())
    }

    async fn lock_project(
        &mut self,
        viewer: &Viewer,
        id: ProjectId,
    ) -> Result<Option<(Project, ProjectStanding)>, StoreError> {
        Ok(self.tables.project_for(viewer, id).map(|(project, standing)| (project.clone(), standing)))
    }

    async fn update_project(&mut self, project: &Project) -> Result<(), StoreError> {
        let row = self.tables.projects.get_mut(&project.id).map(|row| &mut row.project);
        let row =
            row.filter(|row| row.scope == project.scope).ok_or(broken("no such project in the scope"))?;
        *row = Project {
            number: row.number,
            created_by: row.created_by,
            created_at: row.created_at,
            ..project.clone()
        };
        Ok(())
    }

    async fn delete_project(&mut self, scope: Scope, id: ProjectId) -> Result<(), StoreError> {
        ensure(self.tables.project_in(scope, id).is_some(), "no such project in the scope")?;
        let pointed_at = self.tables.spaces.values().any(|space| space.project == Some(id));
        ensure(!pointed_at, "no space points at a project that is deleted")?;
        let people: Vec<UserId> = self.tables.roster(id).map(|membership| membership.user).collect();
        for user in people {
            self.tables.rosters.remove(&(id, user));
        }
        let tasks: Vec<TaskId> = self.tables.tasks_of(id).map(|task| task.id).collect();
        for task in tasks {
            self.tables.tasks.remove(&task);
        }
        self.tables.disinvite_from(scope, id);
        self.tables.outlines.remove(&id);
        self.tables.projects.remove(&id);
        Ok(())
    }
}
