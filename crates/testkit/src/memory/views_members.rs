//! Reads of an organization's members and their keys.

use loggia_domain::id::{OrganizationId, UserId};
use loggia_domain::key::ApiKey;
use loggia_domain::page::{MemberQuery, Window};
use loggia_domain::scope::{Reach, Scope, Viewer};
use loggia_domain::user::Member;

use super::tables::Tables;

impl Tables {
    /// Returns a member of a scope of which the viewer is an active member.
    pub(super) fn member_for(&self, viewer: &Viewer, scope: Scope, user: UserId) -> Option<Member> {
        self.role(viewer, scope)?;
        self.members.get(&(scope, user)).cloned()
    }

    /// Returns the members that match the query, in no particular order.
    pub(super) fn members_in(&self, viewer: &Viewer, scope: Scope, query: &MemberQuery) -> Vec<Member> {
        if self.role(viewer, scope).is_none() {
            return Vec::new();
        }
        self.members_of(scope).filter(|member| query.matches(member)).cloned().collect()
    }

    pub(super) fn members_page(
        &self,
        viewer: &Viewer,
        scope: Scope,
        query: &MemberQuery,
        part: &Window,
    ) -> Vec<Member> {
        let members = self.members_in(viewer, scope, query);
        part.select(members, |member| query.order.position(member), query.direction)
    }

    /// Returns the user's keys that reach this organization only; none if the viewer is not an active member of it.
    pub(super) fn member_keys(
        &self,
        viewer: &Viewer,
        organization: OrganizationId,
        user: UserId,
        part: &Window,
    ) -> Vec<ApiKey> {
        if self.role(viewer, Scope::Organization(organization)).is_none() {
            return Vec::new();
        }
        self.keys_page(&Viewer { user, reach: Reach::Only(organization), ..*viewer }, part)
    }
}
