//! Rosters.

use async_trait::async_trait;
use loggia_domain::id::{DisplayNumber, MembershipId, ProjectId, UserId};
use loggia_domain::port::{Inserted, RosterRows, StoreError};
use loggia_domain::role::RosterRole;
use loggia_domain::roster::Membership;
use loggia_domain::scope::Scope;

use super::unit::{MemoryUnit, broken, ensure};

impl MemoryUnit {
    fn on_roster(&self, scope: Scope, project: ProjectId) -> impl Iterator<Item = &Membership> {
        let project = self.tables.project_in(scope, project).map(|project| project.id);
        project.into_iter().flat_map(|project| self.tables.roster(project))
    }
}

#[async_trait]
impl RosterRows for MemoryUnit {
    async fn next_membership_numbers(
        &mut self,
        scope: Scope,
        project: ProjectId,
        count: usize,
    ) -> Result<DisplayNumber, StoreError> {
        let row = self.tables.projects.get_mut(&project).filter(|row| row.project.scope == scope);
        let row = row.ok_or(broken("no such project in the scope"))?;
        let first = row.memberships + 1;
        row.memberships += i64::try_from(count).map_err(|_| broken("so many people do not exist"))?;
        Ok(DisplayNumber::new(first))
    }

    async fn memberships(
        &mut self,
        scope: Scope,
        project: ProjectId,
        users: &[UserId],
    ) -> Result<Vec<Membership>, StoreError> {
        Ok(self
            .on_roster(scope, project)
            .filter(|membership| users.contains(&membership.user))
            .cloned()
            .collect())
    }

    async fn count_roster_admins(&mut self, scope: Scope, project: ProjectId) -> Result<u64, StoreError> {
        let admins = self.on_roster(scope, project).filter(|membership| membership.role == RosterRole::Admin);
        Ok(admins.fold(0, |count, _| count + 1))
    }

    async fn insert_membership(
        &mut self,
        scope: Scope,
        membership: &Membership,
    ) -> Result<Inserted, StoreError> {
        let project = self.tables.project_in(scope, membership.project);
        ensure(project.is_some(), "no such project in the scope")?;
        ensure(
            self.tables.members.contains(&(scope, membership.user)),
            "who is on a roster is in the scope",
        )?;
        let key = (membership.project, membership.user);
        if self.tables.rosters.contains(&key) {
            return Ok(Inserted::KeyTaken);
        }
        self.tables.rosters.insert(key, membership.clone());
        Ok(Inserted::Yes)
    }

    async fn update_membership(&mut self, scope: Scope, membership: &Membership) -> Result<(), StoreError> {
        let project = self.tables.project_in(scope, membership.project);
        ensure(project.is_some(), "no such project in the scope")?;
        let row = self.tables.rosters.get_mut(&(membership.project, membership.user));
        row.filter(|row| row.id == membership.id).ok_or(broken("no such membership of the roster"))?.role =
            membership.role;
        Ok(())
    }

    async fn delete_membership(
        &mut self,
        scope: Scope,
        project: ProjectId,
        id: MembershipId,
    ) -> Result<(), StoreError> {
        let user = self
            .on_roster(scope, project)
            .find(|membership| membership.id == id)
            .map(|membership| membership.user);
        let user = user.ok_or(broken("no such membership of the roster"))?;
        self.tables.rosters.remove(&(project, user));
        Ok(())
    }

    async fn remove_from_rosters(
        &mut self,
        scope: Scope,
        user: UserId,
    ) -> Result<Vec<Membership>, StoreError> {
        let own = self.tables.projects.values().filter(|row| row.project.scope == scope);
        let keys: Vec<_> = own.map(|row| (row.project.id, user)).collect();
        let removed = keys.iter().filter_map(|key| self.tables.rosters.remove(key));
        Ok(removed.map(|membership| Membership::clone(&membership)).collect())
    }
}
