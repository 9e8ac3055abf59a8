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
    OrganizationRow, UserRow, confined_to, count, erased_address_key, integer, is_of_its_kind, one_row,
    scope_key, scope_kind, scope_role, stored_address,
};

use crate::rows::people::{account_by_address, own_person_by_address};
use crate::write::unit_of_work::PostgresUnitOfWork;

#[async_trait]
impl OrganizationRows for PostgresUnitOfWork {
    async fn account_by_email(&mut self, email: &EmailAddress) -> Result<Option<User>, StoreError> {
        let key = email.key();
        self.open_row(None, &key).await?;
        let row = account_by_address!(key).fetch_optional(self.connection()).await;
        let row = self.check(row).await?;
        row.map(UserRow::decode).transpose()
    }

    async fn own_person_by_email(
        &mut self,
        organization: OrganizationId,
        email: &EmailAddress,
    ) -> Result<Option<User>, StoreError> {
        self.enter(Scope::Organization(organization)).await?;
        let (home, key) = (organization.as_uuid(), email.key());
        let row = own_person_by_address!(home, key).fetch_optional(self.connection()).await;
        let row = self.check(row).await?;
        row.map(UserRow::decode).transpose()
    }

    async fn insert_user(&mut self, user: &User) -> Result<Inserted, StoreError> {
        let (email, key) = stored_address(user);
        let (id, kind, created_at) = (user.id.as_uuid(), user.kind.as_str(), user.created_at.micros());
        let home = user.home.map(OrganizationId::as_uuid);
        match user.home {
            Some(home) => self.enter(Scope::Organization(home)).await?,
            None => self.open_own(user.id).await?,
        }
        let result = sqlx::query!(
            "INSERT INTO users (id, home_scope, kind, email, email_key, created_at) VALUES ($1, $2, $3, $4, $5, $6)
             ON CONFLICT DO NOTHING",
            id,
            home,
            kind,
            email,
            key,
            created_at
        )
        .execute(self.connection())
        .await;
        let result = self.check(result).await?;
        if result.rows_affected() == 0 {
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
        let there = match home {
            Some(home) => self.own_person_by_email(home, email).await?,
            None => self.account_by_email(email).await?,
        };
        if there.is_some_and(|there| there.id != user) {
            return Ok(Inserted::KeyTaken);
        }
        if home.is_none() {
            self.open_own(user).await?;
        }
        let (id, text, key) = (user.as_uuid(), email.as_str(), email.key());
        let result = sqlx::query!(
            "UPDATE users SET email = $2, email_key = $3 WHERE id = $1 AND erased_at IS NULL",
            id,
            text,
            key
        )
        .execute(self.connection())
        .await;
        let result = self.check(result).await?;
        one_row("update_address", result.rows_affected())?;
        Ok(Inserted::Yes)
    }

    async fn insert_organization(&mut self, organization: &Organization) -> Result<(), StoreError> {
        // The first organization records its existence for processes that start at the same time.
        let done = sqlx::query!("UPDATE instance SET has_organizations = true WHERE NOT has_organizations")
            .execute(self.connection())
            .await;
        self.check(done).await?;
        self.insert_scope(Scope::Organization(organization.id)).await?;
        let (id, name, key) =
            (organization.id.as_uuid(), organization.name.as_str(), organization.name.searched());
        let (created_at, updated_at) = (organization.created_at.micros(), organization.updated_at.micros());
        let revision = integer(organization.revision)?;
        let done = sqlx::query!(
            "INSERT INTO organizations (id, name, name_key, created_at, updated_at, revision)
             VALUES ($1, $2, $3, $4, $5, $6)",
            id,
            name,
            key,
            created_at,
            updated_at,
            revision
        )
        .execute(self.connection())
        .await;
        self.check(done).await?;
        Ok(())
    }

    async fn lock_organization(
        &mut self,
        viewer: &Viewer,
        id: OrganizationId,
    ) -> Result<Option<(Organization, ScopeRole)>, StoreError> {
        self.enter_as(viewer, Scope::Organization(id)).await?;
        // Locked first: the previous holder of the lock may just have changed the viewer's role.
        if !self.lock_scope(id).await? {
            return Ok(None);
        }
        let Some(role) = self.role_in_scope(viewer, Scope::Organization(id)).await? else {
            return Ok(None);
        };
        Ok(self.load_organization(id).await?.map(|organization| (organization, role)))
    }

    async fn lock_any_organization(
        &mut self,
        id: OrganizationId,
    ) -> Result<Option<Organization>, StoreError> {
        self.enter(Scope::Organization(id)).await?;
        if self.lock_scope(id).await? { self.load_organization(id).await } else { Ok(None) }
    }

    async fn update_organization(&mut self, organization: &Organization) -> Result<(), StoreError> {
        let (id, name, key) =
            (organization.id.as_uuid(), organization.name.as_str(), organization.name.searched());
        self.enter(Scope::Organization(organization.id)).await?;
        let (updated_at, revision) = (organization.updated_at.micros(), integer(organization.revision)?);
        let result = sqlx::query!(
            "UPDATE organizations SET name = $2, name_key = $3, updated_at = $4, revision = $5 WHERE id = $1",
            id,
            name,
            key,
            updated_at,
            revision
        )
        .execute(self.connection())
        .await;
        let result = self.check(result).await?;
        one_row("update_organization", result.rows_affected())
    }

    async fn next_member_number(&mut self, scope: Scope) -> Result<DisplayNumber, StoreError> {
        self.enter(scope).await?;
        let scope_id = scope_key(scope);
        let number = sqlx::query_scalar!(
            r#"UPDATE scopes SET next_member_number = next_member_number + 1 WHERE id = $1
               RETURNING next_member_number - 1 AS "number!""#,
            scope_id
        )
        .fetch_one(self.connection())
        .await;
        let number = self.check(number).await?;
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
        self.enter(Scope::Organization(home)).await?;
        let (home, id, at) = (home.as_uuid(), user.as_uuid(), at.micros());
        let (email, key) = ("", erased_address_key(user));
        let result = sqlx::query!(
            "UPDATE users SET email = $3, email_key = $4, erased_at = $5 WHERE id = $2 AND home_scope = $1",
            home,
            id,
            email,
            key,
            at
        )
        .execute(self.connection())
        .await;
        let result = self.check(result).await?;
        one_row("erase_user", result.rows_affected())
    }

    async fn role_in_scope(
        &mut self,
        viewer: &Viewer,
        scope: Scope,
    ) -> Result<Option<ScopeRole>, StoreError> {
        let user_id = viewer.user.as_uuid();
        if !is_of_its_kind(viewer, scope) {
            return Ok(None);
        }
        if self.enter_as(viewer, scope).await? {
            // The membership and its role were looked up just now.
            let word = self.granted().role_of(viewer, scope);
            return word.map(|word| scope_role(word, user_id)).transpose();
        }
        let (scope_id, confined_to) = (scope_key(scope), confined_to(viewer));
        let role = sqlx::query_scalar!(
            "SELECT role FROM members
             WHERE scope_id = $1 AND user_id = $2 AND active AND ($3::uuid IS NULL OR scope_id = $3)
                 AND readmissions <= $4",
            scope_id,
            user_id,
            confined_to,
            viewer.readmissions.get()
        )
        .fetch_optional(self.connection())
        .await;
        let role = self.check(role).await?;
        role.map(|word| scope_role(&word, user_id)).transpose()
    }

    async fn members(&mut self, scope: Scope, users: &[UserId]) -> Result<Vec<Member>, StoreError> {
        self.load_members(scope, users).await
    }

    async fn hold_members(&mut self, scope: Scope, users: &[UserId]) -> Result<Vec<Member>, StoreError> {
        self.hold(scope, users).await
    }

    async fn lock_memberships_of(&mut self, user: UserId) -> Result<Vec<Member>, StoreError> {
        self.lock_active_memberships(user).await
    }

    async fn lock_user(&mut self, user: UserId) -> Result<Readmissions, StoreError> {
        self.open_own(user).await?;
        let id = user.as_uuid();
        let number =
            sqlx::query_scalar!("SELECT readmissions FROM users WHERE id = $1 FOR NO KEY UPDATE", id)
                .fetch_one(self.connection())
                .await;
        let number = self.check(number).await?;
        Ok(Readmissions::new(number))
    }

    async fn count_organization_of(&mut self, maker: UserId) -> Result<u64, StoreError> {
        self.open_own(maker).await?;
        let id = maker.as_uuid();
        let made = sqlx::query_scalar!(
            "UPDATE users SET organizations_made = organizations_made + 1 WHERE id = $1 RETURNING organizations_made",
            id
        )
        .fetch_one(self.connection())
        .await;
        let made = self.check(made).await?;
        count(made)
    }

    async fn count_active_admins(&mut self, scope: Scope) -> Result<u64, StoreError> {
        self.count_admins(scope).await
    }
}

impl PostgresUnitOfWork {
    async fn insert_scope(&mut self, scope: Scope) -> Result<(), StoreError> {
        self.enter_anew(scope).await?;
        let (id, kind) = (scope_key(scope), scope_kind(scope));
        let done = sqlx::query!("INSERT INTO scopes (id, kind) VALUES ($1, $2)", id, kind)
            .execute(self.connection())
            .await;
        self.check(done).await?;
        Ok(())
    }

    /// Locks an organization's scope. Returns `true` if it exists and was granted.
    pub(crate) async fn lock_scope(&mut self, id: OrganizationId) -> Result<bool, StoreError> {
        let id = id.as_uuid();
        let locked = sqlx::query!(
            "SELECT id FROM scopes WHERE id = $1 AND kind = 'organization' FOR NO KEY UPDATE",
            id
        )
        .fetch_optional(self.connection())
        .await;
        Ok(self.check(locked).await?.is_some())
    }

    /// Loads an organization that is open.
    async fn load_organization(&mut self, id: OrganizationId) -> Result<Option<Organization>, StoreError> {
        let id = id.as_uuid();
        let row = sqlx::query_as!(
            OrganizationRow,
            "SELECT id, name, created_at, updated_at, revision FROM organizations WHERE id = $1 AND closed_at IS NULL",
            id
        )
        .fetch_optional(self.connection())
        .await;
        self.check(row).await?.map(OrganizationRow::decode).transpose()
    }
}
