//! Members, as a unit of work reads and writes them.

use loggia_domain::id::UserId;
use loggia_domain::port::{MemberInserted, StoreError};
use loggia_domain::scope::Scope;
use loggia_domain::user::Member;
use loggia_sql::{MemberValues, count, one_row, scope_key};
use uuid::Uuid;

use crate::rows::people::select_member;
use crate::write::unit_of_work::PostgresUnitOfWork;

/// A member was refused for a key that no other member has, or for a number that was given out twice: a bug.
#[derive(Debug, thiserror::Error)]
#[error("a member violated a unique key that no other member of the scope has")]
struct UnexplainedRefusal;

impl PostgresUnitOfWork {
    /// Implements `OrganizationRows::insert_member`.
    pub(crate) async fn add_member(&mut self, member: &Member) -> Result<MemberInserted, StoreError> {
        self.enter(member.scope).await?;
        let values = MemberValues::new(member)?;
        let result = sqlx::query!(
            "INSERT INTO members (scope_id, user_id, number, role, active, first_name, last_name, username, username_key,
                 employee_number, employee_number_key, avatar, created_at, updated_at, name_key, search_key, revision)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17)
             ON CONFLICT DO NOTHING",
            values.scope_id,
            values.user_id,
            values.number,
            values.role,
            values.active,
            values.first_name,
            values.last_name,
            values.username,
            values.username_key,
            values.employee_number,
            values.employee_number_key,
            values.avatar,
            values.created_at,
            values.updated_at,
            values.name_key,
            values.search_key,
            values.revision
        )
        .execute(self.connection())
        .await;
        let result = self.check(result).await?;
        if result.rows_affected() == 1 {
            return Ok(MemberInserted::Yes);
        }
        if let Some(there) = self.load_members(member.scope, &[member.user]).await?.first() {
            return Ok(MemberInserted::AlreadyAMember { active: there.active });
        }
        self.taken_key(member).await?.ok_or_else(|| StoreError::Failed(UnexplainedRefusal.into()))
    }

    /// Implements `OrganizationRows::update_member`.
    pub(crate) async fn change_member(&mut self, member: &Member) -> Result<MemberInserted, StoreError> {
        let values = MemberValues::new(member)?;
        if let Some(taken) = self.taken_key(member).await? {
            return Ok(taken);
        }
        let result = sqlx::query!(
            "UPDATE members SET role = $3, active = $4, first_name = $5, last_name = $6, username = $7,
                 username_key = $8, employee_number = $9, employee_number_key = $10, avatar = $11, updated_at = $12,
                 name_key = $13, search_key = $14, revision = $15
             WHERE scope_id = $1 AND user_id = $2",
            values.scope_id,
            values.user_id,
            values.role,
            values.active,
            values.first_name,
            values.last_name,
            values.username,
            values.username_key,
            values.employee_number,
            values.employee_number_key,
            values.avatar,
            values.updated_at,
            values.name_key,
            values.search_key,
            values.revision
        )
        .execute(self.connection())
        .await;
        let result = self.check(result).await?;
        one_row("update_member", result.rows_affected())?;
        Ok(MemberInserted::Yes)
    }

    /// Implements `OrganizationRows::members`.
    pub(crate) async fn load_members(
        &mut self,
        scope: Scope,
        users: &[UserId],
    ) -> Result<Vec<Member>, StoreError> {
        let scope_id = scope_key(scope);
        self.enter(scope).await?;
        let users: Vec<Uuid> = users.iter().map(|user| user.as_uuid()).collect();
        let rows = select_member!(
            "WHERE m.scope_id = $1 AND m.user_id = ANY($2) ORDER BY m.user_id",
            scope_id,
            &users
        )
        .fetch_all(self.connection())
        .await;
        let rows = self.check(rows).await?;
        rows.into_iter().map(|row| row.decode(scope)).collect()
    }

    /// Implements `OrganizationRows::hold_members`.
    pub(crate) async fn hold(&mut self, scope: Scope, users: &[UserId]) -> Result<Vec<Member>, StoreError> {
        self.enter(scope).await?;
        let scope_id = scope_key(scope);
        let ids: Vec<Uuid> = users.iter().map(|user| user.as_uuid()).collect();
        let held = sqlx::query!(
            "SELECT user_id FROM members WHERE scope_id = $1 AND user_id = ANY($2) ORDER BY user_id FOR SHARE",
            scope_id,
            &ids
        )
        .fetch_all(self.connection())
        .await;
        self.check(held).await?;
        self.load_members(scope, users).await
    }

    /// Implements `OrganizationRows::count_active_admins`.
    pub(crate) async fn count_admins(&mut self, scope: Scope) -> Result<u64, StoreError> {
        self.enter(scope).await?;
        let scope_id = scope_key(scope);
        let admins = sqlx::query_scalar!(
            r#"SELECT count(*) AS "admins!" FROM members WHERE scope_id = $1 AND active AND role = 'admin'"#,
            scope_id
        )
        .fetch_one(self.connection())
        .await;
        let admins = self.check(admins).await?;
        count(admins)
    }

    /// Returns which of the member's keys another member of the scope has, if any. With the scope locked, the result stays valid.
    /// Otherwise a unique key rejects the later of two writes, and its unit of work is retried.
    async fn taken_key(&mut self, member: &Member) -> Result<Option<MemberInserted>, StoreError> {
        self.enter(member.scope).await?;
        let MemberValues { scope_id, user_id, username_key, employee_number_key, .. } =
            MemberValues::new(member)?;
        let taken = sqlx::query!(
            r#"SELECT
                   EXISTS (SELECT 1 FROM members WHERE scope_id = $1 AND username_key = $3 AND user_id <> $2)
                       AS "username!",
                   EXISTS (SELECT 1 FROM members WHERE scope_id = $1 AND employee_number_key = $4 AND user_id <> $2)
                       AS "employee_number!""#,
            scope_id,
            user_id,
            username_key,
            employee_number_key
        )
        .fetch_one(self.connection())
        .await;
        let taken = self.check(taken).await?;
        Ok(if taken.username {
            Some(MemberInserted::UsernameTaken)
        } else if taken.employee_number {
            Some(MemberInserted::EmployeeNumberTaken)
        } else {
            None
        })
    }
}
