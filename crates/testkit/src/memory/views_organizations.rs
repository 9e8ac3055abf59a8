//! Reads of organizations and of the viewer's own keys.

use loggia_domain::key::ApiKey;
use loggia_domain::organization::Organization;
use loggia_domain::page::{Direction, Window, key_position, organization_position};
use loggia_domain::role::ScopeRole;
use loggia_domain::scope::{Reach, Viewer};

use super::tables::Tables;

impl Tables {
    /// Returns the viewer's own keys that reach no further than the viewer's key.
    pub(super) fn keys_page(&self, viewer: &Viewer, part: &Window) -> Vec<ApiKey> {
        let is_there =
            |key: &&ApiKey| key.user == viewer.user && [Reach::Everywhere, key.reach].contains(&viewer.reach);
        let keys = self.keys.values().filter(is_there).cloned();
        part.select(keys, key_position, Direction::Ascending)
    }

    pub(super) fn organizations_page(
        &self,
        viewer: &Viewer,
        part: &Window,
    ) -> Vec<(Organization, ScopeRole)> {
        let organizations = self.organizations.values();
        let organizations = organizations.filter_map(|it| self.organization(viewer, it.id));
        let position = |(organization, _): &(Organization, ScopeRole)| organization_position(organization.id);
        part.select(organizations, position, Direction::Ascending)
    }
}
