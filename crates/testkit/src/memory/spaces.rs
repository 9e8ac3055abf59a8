//! Spaces.

use async_trait::async_trait;
use loggia_domain::id::{ProjectId, SpaceId};
use loggia_domain::instant::Timestamp;
use loggia_domain::port::{SpaceRows, StoreError};
use loggia_domain::role::ScopeRole;
use loggia_domain::scope::{Scope, Viewer};
use loggia_domain::space::Space;

use super::tables::Tables;
use super::unit::{MemoryUnit, broken, ensure};

impl Tables {
    /// Returns a space in a scope of which the viewer is an active member, and the viewer's role there.
    pub(super) fn space_for(&self, viewer: &Viewer, id: SpaceId) -> Option<(Space, ScopeRole)> {
        let space = self.spaces.get(&id)?;
        Some((space.clone(), self.role(viewer, space.scope)?))
    }

    fn sound_link(&self, space: &Space) -> Result<(), StoreError> {
        let linked = space.project.is_none_or(|id| self.project_in(space.scope, id).is_some());
        ensure(linked, "a space points at a project of its scope")
    }
}

#[async_trait]
impl SpaceRows for MemoryUnit {
    async fn insert_space(&mut self, space: &Space) -> Result<(), StoreError> {
        ensure(!self.tables.spaces.contains(&space.id), "space ids are unique")?;
        ensure(
            self.tables.members.contains(&(space.scope, space.created_by)),
            "a creator is a member of the scope",
        )?;
        self.tables.sound_link(space)?;
        self.tables.spaces.insert(space.id, space.clone());
        Ok(())
    }

    async fn lock_space(
        &mut self,
        viewer: &Viewer,
        id: SpaceId,
    ) -> Result<Option<(Space, ScopeRole)>, StoreError> {
        Ok(self.tables.space_for(viewer, id))
    }

    async fn update_space(&mut self, space: &Space) -> Result<(), StoreError> {
        self.tables.sound_link(space)?;
        let row = self.tables.spaces.get_mut(&space.id).filter(|row| row.scope == space.scope);
        let row = row.ok_or(broken("no such space in the scope"))?;
        *row = Space { created_by: row.created_by, created_at: row.created_at, ..space.clone() };
        Ok(())
    }

    async fn delete_space(&mut self, scope: Scope, id: SpaceId) -> Result<(), StoreError> {
        let found = self.tables.spaces.get(&id).is_some_and(|space| space.scope == scope);
        ensure(found, "no such space in the scope")?;
        self.tables.spaces.remove(&id);
        Ok(())
    }

    async fn unlink_spaces(
        &mut self,
        scope: Scope,
        project: ProjectId,
        at: Timestamp,
    ) -> Result<Vec<SpaceId>, StoreError> {
        let linked = |space: &&Space| space.scope == scope && space.project == Some(project);
        let ids: Vec<SpaceId> = self.tables.spaces.values().filter(linked).map(|space| space.id).collect();
        for id in &ids {
            if let Some(space) = self.tables.spaces.get_mut(id) {
                space.project = None;
                space.updated_at = at;
                space.revision += 1;
            }
        }
        Ok(ids)
    }
}
