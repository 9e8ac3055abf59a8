//! The deletion of an organization.

use std::collections::BTreeSet;

use async_trait::async_trait;
use loggia_domain::id::{OrganizationId, ProjectId, UserId};
use loggia_domain::instant::Timestamp;
use loggia_domain::organization::Organization;
use loggia_domain::port::{
    DeletionRows, DeletionStep, DeletionViews, OrganizationExtent, RowsDeleted, StoreError,
};
use loggia_domain::scope::{Reach, Scope};

use super::MemoryStore;
use super::table::Table;
use super::tables::Tables;
use super::unit::{MemoryUnit, broken, ensure};

/// Removes at most `limit` of the rows that `is_part` selects. Returns their keys.
fn remove<K: Ord + Clone, V: Clone>(
    table: &mut Table<K, V>,
    limit: usize,
    is_part: impl Fn(&K, &V) -> bool,
) -> Vec<K> {
    let parts = table.entries().filter(|(key, row)| is_part(key, row));
    let keys: Vec<K> = parts.map(|(key, _)| key.clone()).take(limit).collect();
    for key in &keys {
        table.remove(key);
    }
    keys
}

fn count<T>(rows: impl Iterator<Item = T>) -> u64 {
    rows.fold(0, |count, _| count + 1)
}

impl Tables {
    pub(super) fn organizations_after(
        &self,
        after: Option<OrganizationId>,
        limit: usize,
    ) -> Vec<(Organization, Option<Timestamp>)> {
        let later = self.organizations.values().filter(|it| after.is_none_or(|after| it.id > after));
        later.take(limit).map(|it| (it.clone(), self.closed.get(&it.id).copied())).collect()
    }

    pub(super) fn extent(&self, id: OrganizationId) -> Option<OrganizationExtent> {
        let scope = Scope::Organization(id);
        Some(OrganizationExtent {
            organization: self.organizations.get(&id)?.clone(),
            closed_at: self.closed.get(&id).copied(),
            members: count(self.members_of(scope)),
            own_users: count(self.users.values().filter(|user| user.home == Some(id))),
            keys: count(self.keys.values().filter(|key| key.reach == Reach::Only(id))),
            invitations: count(self.invitations.entries().filter(|((of, _), _)| *of == id)),
            spaces: count(self.spaces.values().filter(|space| space.scope == scope)),
            projects: count(self.projects.values().filter(|row| row.project.scope == scope)),
            tasks: count(self.tasks.values().filter(|task| task.scope == scope)),
        })
    }

    fn deactivate_members(&mut self, scope: Scope, limit: usize) -> usize {
        let active = self.members_of(scope).filter(|member| member.active);
        let users: Vec<UserId> = active.map(|member| member.user).take(limit).collect();
        for user in &users {
            if let Some(member) = self.members.get_mut(&(scope, *user)) {
                member.active = false;
            }
        }
        users.len()
    }

    fn detach_keys(&mut self, organization: OrganizationId, limit: usize) -> usize {
        let confined =
            self.keys.values().filter(|key| key.reach == Reach::Only(organization)).map(|key| key.id);
        let has_parent = |id: &_| self.origins.get(id).is_some_and(|origin| origin.parent.is_some());
        let ids: Vec<_> = confined.filter(has_parent).take(limit).collect();
        for id in &ids {
            if let Some(origin) = self.origins.get_mut(id) {
                origin.parent = None;
            }
        }
        ids.len()
    }

    fn remove_keys(&mut self, organization: OrganizationId, limit: usize) -> Result<usize, StoreError> {
        let ids = remove(&mut self.keys, limit, |_, key| key.reach == Reach::Only(organization));
        let is_parent = |parent| ids.contains(&parent);
        let orphan = self.origins.values().any(|origin| origin.parent.is_some_and(is_parent));
        ensure(!orphan, "no key has a parent that is deleted")?;
        remove(&mut self.origins, usize::MAX, |id, _| ids.contains(id));
        remove(&mut self.digests, usize::MAX, |_, id| ids.contains(id));
        Ok(ids.len())
    }

    fn move_default_scopes(&mut self, scope: Scope, limit: usize) -> usize {
        let keys = self.keys.values().filter(|key| key.default_scope == scope);
        let ids: Vec<_> = keys.map(|key| key.id).take(limit).collect();
        for id in &ids {
            if let Some(key) = self.keys.get_mut(id) {
                key.default_scope = Scope::Personal(key.user);
            }
        }
        ids.len()
    }

    fn remove_rosters(&mut self, scope: Scope, limit: usize) -> usize {
        let projects = self.projects.values().filter(|row| row.project.scope == scope);
        let projects: BTreeSet<ProjectId> = projects.map(|row| row.project.id).collect();
        remove(&mut self.rosters, limit, |(project, _), _| projects.contains(project)).len()
    }

    fn remove_projects(&mut self, scope: Scope, limit: usize) -> Result<usize, StoreError> {
        let ids = remove(&mut self.projects, limit, |_, row| row.project.scope == scope);
        let has_task = self.tasks.values().any(|task| ids.contains(&task.project));
        let has_place = self.rosters.entries().any(|((project, _), _)| ids.contains(project));
        ensure(!has_task && !has_place, "a project is deleted after its tasks and its roster")?;
        remove(&mut self.outlines, usize::MAX, |project, _| ids.contains(project));
        Ok(ids.len())
    }

    /// Removes members and the stored responses to their requests in the organization; no member while more responses than `limit` remain.
    fn remove_members(
        &mut self,
        organization: OrganizationId,
        limit: usize,
    ) -> Result<RowsDeleted, StoreError> {
        let scope = Scope::Organization(organization);
        let users: Vec<UserId> = self.members_of(scope).map(|member| member.user).take(limit).collect();
        let answers = remove(&mut self.stored_responses, limit, |(user, reach, ..), row| {
            users.contains(user) && (row.scope == Some(scope) || *reach == Some(organization))
        });
        if answers.len() == limit {
            return Ok(RowsDeleted { rows: 0, is_complete: false });
        }
        let made = |user: &UserId| users.contains(user);
        ensure(
            !self.projects.values().any(|row| row.project.scope == scope && made(&row.project.created_by))
                && !self.spaces.values().any(|space| space.scope == scope && made(&space.created_by)),
            "a member is deleted after what they created",
        )?;
        remove(&mut self.members, limit, |(of, user), _| *of == scope && users.contains(user));
        remove(&mut self.readmitted, usize::MAX, |(of, user), _| *of == scope && users.contains(user));
        Ok(RowsDeleted { rows: count(users.iter()), is_complete: users.len() < limit })
    }

    fn remove_users(&mut self, organization: OrganizationId, limit: usize) -> Result<usize, StoreError> {
        let ids = remove(&mut self.users, limit, |_, user| user.home == Some(organization));
        let is_member = self.members.entries().any(|((_, user), _)| ids.contains(user));
        let has_keys = self.keys.values().any(|key| ids.contains(&key.user));
        let has_answers = self.stored_responses.entries().any(|((user, ..), _)| ids.contains(user));
        ensure(!is_member && !has_keys && !has_answers, "a user is deleted after all that is theirs")?;
        remove(&mut self.addresses, usize::MAX, |_, user| ids.contains(user));
        remove(&mut self.organizations_made, usize::MAX, |user, _| ids.contains(user));
        remove(&mut self.readmissions, usize::MAX, |user, _| ids.contains(user));
        Ok(ids.len())
    }

    fn remove_organization(&mut self, organization: OrganizationId) -> Result<usize, StoreError> {
        let (scope, reach) = (Scope::Organization(organization), Reach::Only(organization));
        let has_rows = self.members_of(scope).next().is_some()
            || self.keys.values().any(|key| key.reach == reach || key.default_scope == scope)
            || self.events.entries().any(|((of, _), _)| *of == scope.id())
            || self.users.values().any(|user| user.home == Some(organization));
        ensure(!has_rows, "an organization is deleted after everything in it")?;
        self.closed.remove(&organization);
        self.scopes.remove(&scope);
        self.organizations.remove(&organization).ok_or(broken("no such organization"))?;
        Ok(1)
    }
}

#[async_trait]
impl DeletionRows for MemoryUnit {
    async fn lock_open_or_closed(
        &mut self,
        id: OrganizationId,
    ) -> Result<Option<(Organization, Option<Timestamp>)>, StoreError> {
        let found = self.tables.organizations.get(&id).cloned();
        Ok(found.map(|organization| (organization, self.tables.closed.get(&id).copied())))
    }

    async fn close_organization(&mut self, id: OrganizationId, at: Timestamp) -> Result<(), StoreError> {
        ensure(self.tables.organizations.contains(&id), "no such organization")?;
        ensure(!self.tables.closed.contains(&id), "an organization is closed once")?;
        self.tables.closed.insert(id, at);
        Ok(())
    }

    async fn delete_rows(
        &mut self,
        id: OrganizationId,
        step: DeletionStep,
        limit: u32,
    ) -> Result<RowsDeleted, StoreError> {
        ensure(self.tables.closed.contains(&id), "an organization is closed before it is deleted")?;
        let (tables, scope) = (&mut self.tables, Scope::Organization(id));
        let most = usize::try_from(limit).unwrap_or(usize::MAX);
        let rows = match step {
            DeletionStep::Access => tables.deactivate_members(scope, most),
            DeletionStep::KeyOrigins => tables.detach_keys(id, most),
            DeletionStep::Keys => tables.remove_keys(id, most)?,
            DeletionStep::DefaultScopes => tables.move_default_scopes(scope, most),
            DeletionStep::Invitations => remove(&mut tables.invitations, most, |(of, _), _| *of == id).len(),
            DeletionStep::Events => remove(&mut tables.events, most, |(of, _), _| *of == scope.id()).len(),
            DeletionStep::Spaces => remove(&mut tables.spaces, most, |_, space| space.scope == scope).len(),
            DeletionStep::Tasks => remove(&mut tables.tasks, most, |_, task| task.scope == scope).len(),
            DeletionStep::Rosters => tables.remove_rosters(scope, most),
            DeletionStep::Projects => tables.remove_projects(scope, most)?,
            DeletionStep::Members => return tables.remove_members(id, most),
            DeletionStep::Users => tables.remove_users(id, most)?,
            DeletionStep::Organization => {
                tables.remove_organization(id)?;
                return Ok(RowsDeleted { rows: 1, is_complete: true });
            }
        };
        Ok(RowsDeleted::up_to(limit, u64::try_from(rows).unwrap_or(u64::MAX)))
    }
}

#[async_trait]
impl DeletionViews for MemoryStore {
    async fn all_organizations(
        &self,
        after: Option<OrganizationId>,
        limit: u32,
    ) -> Result<Vec<(Organization, Option<Timestamp>)>, StoreError> {
        Ok(self.read().organizations_after(after, usize::try_from(limit).unwrap_or(usize::MAX)))
    }

    async fn organization_extent(
        &self,
        id: OrganizationId,
    ) -> Result<Option<OrganizationExtent>, StoreError> {
        Ok(self.read().extent(id))
    }
}
