//! Reads of spaces.

use std::sync::Arc;

use loggia_domain::page::{SpaceQuery, Window};
use loggia_domain::port::{Includes, SpaceView, StoreError};
use loggia_domain::scope::{Scope, Viewer};
use loggia_domain::space::Space;

use super::page::window;
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
        let search = query.search.as_ref().map(|search| search.searched());
        let fits = |space: &&Space| {
            space.scope == scope
                && query.project.is_none_or(|project| space.project == Some(project))
                && query.status.is_none_or(|status| space.status == status)
                && query.priority.is_none_or(|priority| space.priority == priority)
                && search.as_ref().is_none_or(|search| space.name.searched().contains(search))
        };
        self.spaces.values().filter(fits).cloned().collect()
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
        let page = window(spaces, |space| query.order.position(space), query.direction, part);
        page.into_iter().map(|space| self.space_view(viewer, space, includes)).collect()
    }
}
