//! Rosters, as a unit of work reads and writes them.

use async_trait::async_trait;
use loggia_domain::id::{DisplayNumber, MembershipId, ProjectId, UserId};
use loggia_domain::port::{Inserted, RosterRows, StoreError};
use loggia_domain::roster::Membership;
use loggia_domain::scope::Scope;
use loggia_sql::{MembershipRow, count, integer, one_row, scope_key};

use crate::statement::fixed;
use crate::write::unit_of_work::{SqliteUnitOfWork, id_list};

#[async_trait]
impl RosterRows for SqliteUnitOfWork {
    async fn next_membership_numbers(
        &mut self,
        scope: Scope,
        project: ProjectId,
        count: usize,
    ) -> Result<DisplayNumber, StoreError> {
        let (scope_id, project_id, count) = (scope_key(scope), project.as_uuid(), integer(count)?);
        let number = self.one_value(&fixed!(
            Key,
            r#"UPDATE projects SET next_membership_number = next_membership_number + ?3
               WHERE scope_id = ?1 AND id = ?2 RETURNING next_membership_number - ?3 AS "number!: i64""#,
            scope_id,
            project_id,
            count
        ))?;
        Ok(DisplayNumber::new(number))
    }

    async fn memberships(
        &mut self,
        scope: Scope,
        project: ProjectId,
        users: &[UserId],
    ) -> Result<Vec<Membership>, StoreError> {
        let (scope_id, project_id) = (scope_key(scope), project.as_uuid());
        let users = id_list(users.iter().map(|user| user.as_uuid()));
        let rows = self.records::<MembershipRow>(&fixed!(
            Key,
            r#"SELECT id, number, project_id, user_id, role,
                   created_at
               FROM project_members
               WHERE scope_id = ?1 AND project_id = ?2 AND user_id IN (SELECT unhex(value) FROM json_each(?3))
               ORDER BY user_id"#,
            scope_id,
            project_id,
            users
        ))?;
        rows.into_iter().map(MembershipRow::decode).collect()
    }

    async fn count_roster_admins(&mut self, scope: Scope, project: ProjectId) -> Result<u64, StoreError> {
        let (scope_id, project_id) = (scope_key(scope), project.as_uuid());
        let admins = self.one_value(&fixed!(
            None,
            r#"SELECT count(*) AS "admins!: i64" FROM project_members
               WHERE scope_id = ?1 AND project_id = ?2 AND role = 'admin'"#,
            scope_id,
            project_id
        ))?;
        count(admins)
    }

    async fn insert_membership(
        &mut self,
        scope: Scope,
        membership: &Membership,
    ) -> Result<Inserted, StoreError> {
        let (scope_id, project_id, user_id) =
            (scope_key(scope), membership.project.as_uuid(), membership.user.as_uuid());
        let (id, number, role) = (membership.id.as_uuid(), membership.number.get(), membership.role.as_str());
        let created_at = membership.created_at.micros();
        let result = self.execute(&fixed!(
            Key,
            "INSERT INTO project_members (scope_id, project_id, user_id, id, number, role, created_at)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)
             ON CONFLICT (scope_id, project_id, user_id) DO NOTHING",
            scope_id,
            project_id,
            user_id,
            id,
            number,
            role,
            created_at
        ))?;
        Ok(if result == 0 { Inserted::KeyTaken } else { Inserted::Yes })
    }

    async fn update_membership(&mut self, scope: Scope, membership: &Membership) -> Result<(), StoreError> {
        let (scope_id, project_id) = (scope_key(scope), membership.project.as_uuid());
        let (id, role) = (membership.id.as_uuid(), membership.role.as_str());
        let result = self.execute(&fixed!(
            Key,
            "UPDATE project_members SET role = ?4 WHERE scope_id = ?1 AND project_id = ?2 AND id = ?3",
            scope_id,
            project_id,
            id,
            role
        ))?;
        one_row("update_membership", result)
    }

    async fn delete_membership(
        &mut self,
        scope: Scope,
        project: ProjectId,
        id: MembershipId,
    ) -> Result<(), StoreError> {
        let (scope_id, project_id, id) = (scope_key(scope), project.as_uuid(), id.as_uuid());
        let result = self.execute(&fixed!(
            Key,
            "DELETE FROM project_members WHERE scope_id = ?1 AND project_id = ?2 AND id = ?3",
            scope_id,
            project_id,
            id
        ))?;
        one_row("delete_membership", result)
    }

    async fn remove_from_rosters(
        &mut self,
        scope: Scope,
        user: UserId,
    ) -> Result<Vec<Membership>, StoreError> {
        let (scope_id, user_id) = (scope_key(scope), user.as_uuid());
        let rows = self.records::<MembershipRow>(&fixed!(
            None,
            r#"DELETE FROM project_members WHERE scope_id = ?1 AND user_id = ?2
               RETURNING id, number, project_id, user_id, role,
                   created_at"#,
            scope_id,
            user_id
        ))?;
        let mut memberships: Vec<Membership> =
            rows.into_iter().map(MembershipRow::decode).collect::<Result<_, _>>()?;
        // RETURNING guarantees no order.
        memberships.sort_unstable_by_key(|membership| membership.project);
        Ok(memberships)
    }
}
