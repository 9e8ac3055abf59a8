//! Members, as a unit of work reads and writes them.

use loggia_domain::id::UserId;
use loggia_domain::port::{MemberInserted, StoreError};
use loggia_domain::scope::Scope;
use loggia_domain::user::Member;
use loggia_sql::{MemberRow, MemberValues, count, one_row, record, scope_key};

use crate::rows::people::select_member;
use crate::statement::fixed;
use crate::write::unit_of_work::{SqliteUnitOfWork, id_list};

/// A member was refused for a key that no other member has, or for a number that was given out twice: a bug.
#[derive(Debug, thiserror::Error)]
#[error("a member violated a unique key that no other member of the scope has")]
struct UnexplainedRefusal;

record! {
    /// Whether other members of the scope have the member's username and employee number.
    TakenRow { username: bool, employee_number: bool }
}

impl SqliteUnitOfWork {
    /// Implements `OrganizationRows::insert_member`.
    pub(crate) async fn add_member(&mut self, member: &Member) -> Result<MemberInserted, StoreError> {
        let values = MemberValues::new(member)?;
        let result = self.execute(&fixed!(
            Key,
            "INSERT INTO members (scope_id, user_id, number, role, active, first_name, last_name, username, username_key,
                 employee_number, employee_number_key, avatar, created_at, updated_at, name_key, search_key, revision)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17)
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
        ))?;
        if result == 1 {
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
        let result = self.execute(&fixed!(
            Key,
            "UPDATE members SET role = ?3, active = ?4, first_name = ?5, last_name = ?6, username = ?7,
                 username_key = ?8, employee_number = ?9, employee_number_key = ?10, avatar = ?11, updated_at = ?12,
                 name_key = ?13, search_key = ?14, revision = ?15
             WHERE scope_id = ?1 AND user_id = ?2",
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
        ))?;
        one_row("update_member", result)?;
        Ok(MemberInserted::Yes)
    }

    /// Implements `OrganizationRows::members`.
    pub(crate) async fn load_members(
        &mut self,
        scope: Scope,
        users: &[UserId],
    ) -> Result<Vec<Member>, StoreError> {
        let scope_id = scope_key(scope);
        let users = id_list(users.iter().map(|user| user.as_uuid()));
        let rows = self.records::<MemberRow>(&select_member!(
            Key,
            "WHERE m.scope_id = ?1 AND m.user_id IN (SELECT unhex(value) FROM json_each(?2)) ORDER BY m.user_id",
            scope_id,
            users
        ))?;
        rows.into_iter().map(|row| row.decode(scope)).collect()
    }

    /// Implements `OrganizationRows::count_active_admins`.
    pub(crate) async fn count_admins(&mut self, scope: Scope) -> Result<u64, StoreError> {
        let scope_id = scope_key(scope);
        let admins = self.one_value(&fixed!(
            None,
            r#"SELECT count(*) AS "admins!: i64" FROM members WHERE scope_id = ?1 AND active = 1 AND role = 'admin'"#,
            scope_id
        ))?;
        count(admins)
    }

    /// Returns which of the member's keys another member of the scope has, if any. The result stays valid until the commit, since there
    /// is no other writer.
    async fn taken_key(&mut self, member: &Member) -> Result<Option<MemberInserted>, StoreError> {
        let MemberValues { scope_id, user_id, username_key, employee_number_key, .. } =
            MemberValues::new(member)?;
        let taken = self.one_record::<TakenRow>(&fixed!(
            Key,
            r#"SELECT
                   EXISTS (SELECT 1 FROM members WHERE scope_id = ?1 AND username_key = ?3 AND user_id <> ?2)
                       AS "username!: bool",
                   EXISTS (SELECT 1 FROM members WHERE scope_id = ?1 AND employee_number_key = ?4 AND user_id <> ?2)
                       AS "employee_number!: bool""#,
            scope_id,
            user_id,
            username_key,
            employee_number_key
        ))?;
        Ok(if taken.username {
            Some(MemberInserted::UsernameTaken)
        } else if taken.employee_number {
            Some(MemberInserted::EmployeeNumberTaken)
        } else {
            None
        })
    }
}
