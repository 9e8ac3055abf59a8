//! Reading organizations, members and keys.

use loggia_domain::id::UserId;
use loggia_domain::key::ApiKey;
use loggia_domain::organization::Organization;
use loggia_domain::role::ScopeRole;
use loggia_domain::scope::{Scope, Viewer};
use loggia_domain::user::Member;

use super::tables::Tables;

impl Tables {
    pub(super) fn keys_of(&self, user: UserId) -> Vec<ApiKey> {
        let mut keys: Vec<ApiKey> = self.keys.values().filter(|key| key.user == user).cloned().collect();
        keys.sort_by_key(|key| (key.created_at, key.id));
        keys
    }

    pub(super) fn organizations_for(&self, viewer: &Viewer) -> Vec<(Organization, ScopeRole)> {
        let mut places: Vec<(Organization, ScopeRole)> = self
            .organizations
            .values()
            .filter_map(|organization| self.organization(viewer, organization.id))
            .collect();
        places.sort_by_key(|(organization, _)| (organization.name.searched(), organization.id));
        places
    }

    pub(super) fn own_member(&self, viewer: &Viewer, scope: Scope) -> Option<Member> {
        self.members.get(&(scope, viewer.user)).filter(|_| viewer.reach.covers(scope)).cloned()
    }
}
