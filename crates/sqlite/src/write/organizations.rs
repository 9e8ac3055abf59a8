//! Users and organizations, as a unit of work reads and writes them. The statements about members are in `members.rs`.

use async_trait::async_trait;
use loggia_domain::id::{DisplayNumber, OrganizationId, UserId};
use loggia_domain::instant::Timestamp;
use loggia_domain::organization::Organization;
use loggia_domain::port::{Inserted, MemberInserted, OrganizationRows, StoreError};
use loggia_domain::role::ScopeRole;
use loggia_domain::scope::{Readmissions, Scope, Viewer};
use loggia_domain::text::EmailAddress;
use loggia_domain::user::{Member, User};
use loggia_sql::{
    OrganizationRow, UserRow, confined_to, count, erased_address_key, integer, one_row, scope_key,
    scope_kind, scope_role, stored_address,
};

use crate::rows::people::{account_by_address, own_person_by_address};
use crate::statement::fixed;
use crate::write::unit_of_work::SqliteUnitOfWork;

#[async_trait]
impl OrganizationRows for SqliteUnitOfWork {
    async fn account_by_email(&mut self, email: &EmailAddress) -> Result<Option<User>, StoreError> {
        self.user_by_email(None, email)
    }

    async fn own_person_by_email(
        &mut self,
        organization: OrganizationId,
        email: &EmailAddress,
    ) -> Result<Option<User>, StoreError> {
        self.user_by_email(Some(organization), email)
    }

    async fn insert_user(&mut self, user: &User) -> Result<Inserted, StoreError> {
        let (email, key) = stored_address(user);
        let (id, kind, created_at) = (user.id.as_uuid(), user.kind.as_str(), user.created_at.micros());
        let home = user.home.map(OrganizationId::as_uuid);
        let result = self.execute(&fixed!(
            Key,
            "INSERT INTO users (id, home_scope, kind, email, email_key, created_at) VALUES (?1, ?2, ?3, ?4, ?5, ?6)
             ON CONFLICT DO NOTHING",
            id,
            home,
            kind,
            email,
            key,
            created_at
        ))?;
        if result == 0 {
            return Ok(Inserted::KeyTaken);
        }
        if user.home.is_none() {
            self.insert_scope(Scope::Personal(user.id)).await?;
        }
        Ok(Inserted::Yes)
    }

    async fn update_address(
        &mut self,
        user: UserId,
        home: Option<OrganizationId>,
        email: &EmailAddress,
    ) -> Result<Inserted, StoreError> {
        if self.user_by_email(home, email)?.is_some_and(|there| there.id != user) {
            return Ok(Inserted::KeyTaken);
        }
        let (id, text, key) = (user.as_uuid(), email.as_str(), email.key());
        let result = self.execute(&fixed!(
            Key,
            "UPDATE users SET email = ?2, email_key = ?3 WHERE id = ?1 AND erased_at IS NULL",
            id,
            text,
            key
        ))?;
        one_row("update_address", result)?;
        Ok(Inserted::Yes)
    }

    async fn insert_organization(&mut self, organization: &Organization) -> Result<(), StoreError> {
        self.execute(&fixed!(
            Key,
            "UPDATE instance SET has_organizations = 1 WHERE id = 1 AND has_organizations = 0"
        ))?;
        self.insert_scope(Scope::Organization(organization.id)).await?;
        let (id, name, key) =
            (organization.id.as_uuid(), organization.name.as_str(), organization.name.searched());
        let (created_at, updated_at) = (organization.created_at.micros(), organization.updated_at.micros());
        let revision = integer(organization.revision)?;
        self.execute(&fixed!(
            Key,
            "INSERT INTO organizations (id, name, name_key, created_at, updated_at, revision)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
            id,
            name,
            key,
            created_at,
            updated_at,
            revision
        ))?;
        Ok(())
    }

    async fn lock_organization(
        &mut self,
        viewer: &Viewer,
        id: OrganizationId,
    ) -> Result<Option<(Organization, ScopeRole)>, StoreError> {
        let Some(role) = self.role_in_scope(viewer, Scope::Organization(id)).await? else {
            return Ok(None);
        };
        Ok(self.lock_any_organization(id).await?.map(|organization| (organization, role)))
    }

    async fn lock_any_organization(
        &mut self,
        id: OrganizationId,
    ) -> Result<Option<Organization>, StoreError> {
        let id = id.as_uuid();
        let row = self.record::<OrganizationRow>(&fixed!(
            Key,
            r#"SELECT id, name, created_at, updated_at, revision FROM organizations WHERE id = ?1 AND closed_at IS NULL"#,
            id
        ))?;
        row.map(OrganizationRow::decode).transpose()
    }

    async fn update_organization(&mut self, organization: &Organization) -> Result<(), StoreError> {
        let (id, name, key) =
            (organization.id.as_uuid(), organization.name.as_str(), organization.name.searched());
        let (updated_at, revision) = (organization.updated_at.micros(), integer(organization.revision)?);
        let result = self.execute(&fixed!(
            Key,
            "UPDATE organizations SET name = ?2, name_key = ?3, updated_at = ?4, revision = ?5 WHERE id = ?1",
            id,
            name,
            key,
            updated_at,
            revision
        ))?;
        one_row("update_organization", result)
    }

    async fn next_member_number(&mut self, scope: Scope) -> Result<DisplayNumber, StoreError> {
        let scope_id = scope_key(scope);
        let number = self.one_value(&fixed!(
            Key,
            r#"UPDATE scopes SET next_member_number = next_member_number + 1 WHERE id = ?1
               RETURNING next_member_number - 1 AS "number!: i64""#,
            scope_id
        ))?;
        Ok(DisplayNumber::new(number))
    }

    async fn insert_member(&mut self, member: &Member) -> Result<MemberInserted, StoreError> {
        self.add_member(member).await
    }

    async fn update_member(&mut self, member: &Member) -> Result<MemberInserted, StoreError> {
        self.change_member(member).await
    }

    async fn erase_user(
        &mut self,
        home: OrganizationId,
        user: UserId,
        at: Timestamp,
    ) -> Result<(), StoreError> {
        let (home, id, at) = (home.as_uuid(), user.as_uuid(), at.micros());
        let (email, key) = ("", erased_address_key(user));
        let result = self.execute(&fixed!(
            Key,
            "UPDATE users SET email = ?3, email_key = ?4, erased_at = ?5 WHERE id = ?2 AND home_scope = ?1",
            home,
            id,
            email,
            key,
            at
        ))?;
        one_row("erase_user", result)
    }

    async fn role_in_scope(
        &mut self,
        viewer: &Viewer,
        scope: Scope,
    ) -> Result<Option<ScopeRole>, StoreError> {
        let (scope_id, kind) = (scope_key(scope), scope_kind(scope));
        let (user_id, confined_to) = (viewer.user.as_uuid(), confined_to(viewer));
        let readmissions = viewer.readmissions.get();
        let role = self.value::<String>(&fixed!(
            Key,
            "SELECT role FROM members
             WHERE scope_id = ?1 AND user_id = ?2 AND active = 1 AND (?3 IS NULL OR scope_id = ?3)
                 AND readmissions <= ?5 AND EXISTS (SELECT 1 FROM scopes WHERE id = ?1 AND kind = ?4)",
            scope_id,
            user_id,
            confined_to,
            kind,
            readmissions
        ))?;
        role.map(|word| scope_role(&word, user_id)).transpose()
    }

    async fn members(&mut self, scope: Scope, users: &[UserId]) -> Result<Vec<Member>, StoreError> {
        self.load_members(scope, users).await
    }

    async fn lock_memberships_of(&mut self, user: UserId) -> Result<Vec<Member>, StoreError> {
        self.active_memberships(user)
    }

    async fn lock_user(&mut self, user: UserId) -> Result<Readmissions, StoreError> {
        let id = user.as_uuid();
        let number = self.one_value(&fixed!(Key, "SELECT readmissions FROM users WHERE id = ?1", id))?;
        Ok(Readmissions::new(number))
    }

    async fn count_organization_of(&mut self, maker: UserId) -> Result<u64, StoreError> {
        let id = maker.as_uuid();
        self.execute(&fixed!(
            Key,
            "UPDATE users SET organizations_made = organizations_made + 1 WHERE id = ?1",
            id
        ))?;
        let made = self.one_value(&fixed!(
            Key,
            r#"SELECT organizations_made AS "made!: i64" FROM users WHERE id = ?1"#,
            id
        ))?;
        count(made)
    }

    async fn count_active_admins(&mut self, scope: Scope) -> Result<u64, StoreError> {
        self.count_admins(scope).await
    }
}

impl SqliteUnitOfWork {
    /// Returns the user with this home who has the address.
    fn user_by_email(
        &mut self,
        home: Option<OrganizationId>,
        email: &EmailAddress,
    ) -> Result<Option<User>, StoreError> {
        let key = email.key();
        let row = match home.map(OrganizationId::as_uuid) {
            None => self.record::<UserRow>(&account_by_address!(key))?,
            Some(home) => self.record::<UserRow>(&own_person_by_address!(home, key))?,
        };
        row.map(UserRow::decode).transpose()
    }

    async fn insert_scope(&mut self, scope: Scope) -> Result<(), StoreError> {
        let (id, kind) = (scope_key(scope), scope_kind(scope));
        self.execute(&fixed!(Key, "INSERT INTO scopes (id, kind) VALUES (?1, ?2)", id, kind))?;
        Ok(())
    }
}
