//! Reads of spaces.

use std::sync::Arc;

use loggia_domain::page::{SpaceQuery, Window};
use loggia_domain::port::{Includes, SpaceView, StoreError};
use loggia_domain::scope::{Scope, Viewer};
use loggia_domain::space::Space;

use super::tables::Tables;

impl Tables {
    /// Returns a space with those of the requested relations that the viewer sees.
    pub(super) fn space_view(
        &self,
        viewer: &Viewer,
        space: Space,
        includes: Includes,
    ) -> Result<SpaceView, StoreError> {
        let project = space.project.filter(|_| includes.project).and_then(|id| self.project_for(viewer, id));
        let project =
            project.filter(|(_, standing)| standing.sees()).map(|(project, _)| Arc::new(project.clone()));
        let organization = space.scope.organization().filter(|_| includes.organization);
        let organization = organization.and_then(|id| self.organizations.get(&id)).cloned().map(Arc::new);
        let creator =
            includes.creator.then(|| self.member(space.scope, space.created_by)).transpose()?.map(Arc::new);
        Ok(SpaceView { space, project, organization, creator })
    }

    /// Returns the spaces that match the query, in no particular order.
    pub(super) fn spaces_in(&self, viewer: &Viewer, scope: Scope, query: &SpaceQuery) -> Vec<Space> {
        if self.role(viewer, scope).is_none() {
            return Vec::new();
        }
        let spaces = self.spaces.values().filter(|space| space.scope == scope && query.matches(space));
        spaces.cloned().collect()
    }

    pub(super) fn spaces_page(
        &self,
        viewer: &Viewer,
        scope: Scope,
        query: &SpaceQuery,
        includes: Includes,
        part: &Window,
    ) -> Result<Vec<SpaceView>, StoreError> {
        let spaces = self.spaces_in(viewer, scope, query);
        let page = part.select(spaces, |space| query.order.position(space), query.direction);
        page.into_iter().map(|space| self.space_view(viewer, space, includes)).collect()
    }
}
