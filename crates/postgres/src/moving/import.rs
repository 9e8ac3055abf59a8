//! The unit of work that imports an organization.

use async_trait::async_trait;
use loggia_domain::id::OrganizationId;
use loggia_domain::port::StoreError;
use loggia_sql::moving::{EVENTS, FoundUser, MEMBERS, OrganizationWriter, Row, SCOPES, Table, USERS};
use sqlx::{PgConnection, Row as _};
use uuid::Uuid;

use super::{LONG, enter, execute, rows, statements};
use crate::error::{commit_error, store_error};
use crate::sessions::connection::PostgresOptions;
use crate::sessions::open_error::OpenError;

/// A unit of work that imports an organization, as the service. Others may use the store meanwhile; readers of events wait for its end.
#[derive(Debug)]
pub struct PostgresImport {
    session: PgConnection,
    organization: Uuid,
}

impl PostgresImport {
    /// Begins the unit of work.
    ///
    /// # Errors
    /// Fails with an [`OpenError`] if the database cannot be reached.
    pub async fn begin(options: &PostgresOptions, organization: OrganizationId) -> Result<Self, OpenError> {
        let mut session = options.connect_as_service().await?;
        execute(&mut session, format!("BEGIN; {LONG}")).await?;
        let organization = organization.as_uuid();
        enter(&mut session, organization).await.map_err(OpenError::Unreachable)?;
        Ok(Self { session, organization })
    }

    /// Grants the rows of one user, and those of the account with this key of an address, instead of the organization.
    async fn enter_user(&mut self, user: Uuid, email_key: &str) -> Result<(), StoreError> {
        sqlx::query(
            "SELECT set_config('loggia.scopes', $1::uuid[]::text, true), set_config('loggia.person', $2, true),
                 set_config('loggia.identity', $3, true)",
        )
        .bind(vec![user])
        .bind(user.to_string())
        .bind(email_key)
        .execute(&mut self.session)
        .await
        .map(|_| ())
        .map_err(store_error)
    }

    /// Grants the organization again.
    async fn leave_user(&mut self) -> Result<(), StoreError> {
        sqlx::query("SELECT set_config('loggia.identity', '', true)")
            .execute(&mut self.session)
            .await
            .map_err(store_error)?;
        enter(&mut self.session, self.organization).await.map_err(store_error)
    }
}

#[async_trait]
impl OrganizationWriter for PostgresImport {
    async fn has_scope(&mut self) -> Result<bool, StoreError> {
        sqlx::query_scalar("SELECT EXISTS (SELECT FROM scopes WHERE id = $1)")
            .bind(self.organization)
            .fetch_one(&mut self.session)
            .await
            .map_err(store_error)
    }

    async fn users(
        &mut self,
        id: Uuid,
        email_key: &str,
    ) -> Result<(Option<FoundUser>, Option<FoundUser>), StoreError> {
        self.enter_user(id, email_key).await?;
        let found = sqlx::query(
            "SELECT id, home_scope, id = $1, home_scope IS NULL AND email_key = $2 FROM users
             WHERE id = $1 OR (home_scope IS NULL AND email_key = $2)",
        )
        .bind(id)
        .bind(email_key)
        .fetch_all(&mut self.session)
        .await
        .map_err(store_error)?;
        let (mut by_id, mut by_address) = (None, None);
        for row in found {
            let user = FoundUser {
                id: row.try_get(0).map_err(store_error)?,
                home: row.try_get(1).map_err(store_error)?,
            };
            if row.try_get(2).map_err(store_error)? {
                by_id = Some(user.clone());
            }
            if row.try_get(3).map_err(store_error)? {
                by_address = Some(user);
            }
        }
        self.leave_user().await?;
        Ok((by_id, by_address))
    }

    async fn personal_member(&mut self, account: Uuid) -> Result<Option<(Row, String)>, StoreError> {
        self.enter_user(account, "").await?;
        let query = statements::page(&MEMBERS, Some(account), None, 1);
        let row = rows::fetch(&mut self.session, &MEMBERS, query).await?.pop();
        let email: Option<String> = sqlx::query_scalar("SELECT email FROM users WHERE id = $1")
            .bind(account)
            .fetch_optional(&mut self.session)
            .await
            .map_err(store_error)?;
        self.leave_user().await?;
        Ok(row.zip(email))
    }

    async fn write_account(&mut self, account: Uuid, rows: [Row; 4]) -> Result<(), StoreError> {
        self.enter_user(account, "").await?;
        for (table, row) in [&USERS, &SCOPES, &MEMBERS, &EVENTS].into_iter().zip(rows) {
            self.write(table, vec![row]).await?;
        }
        self.leave_user().await
    }

    async fn raise_readmissions(&mut self, account: Uuid, readmissions: i64) -> Result<(), StoreError> {
        self.enter_user(account, "").await?;
        sqlx::query("UPDATE users SET readmissions = greatest(readmissions, $2) WHERE id = $1")
            .bind(account)
            .bind(readmissions)
            .execute(&mut self.session)
            .await
            .map_err(store_error)?;
        self.leave_user().await
    }

    async fn write(&mut self, table: &'static Table, mut rows: Vec<Row>) -> Result<(), StoreError> {
        let mut query = statements::insert(table, &mut rows, &[])?;
        query.build().execute(&mut self.session).await.map(|_| ()).map_err(store_error)
    }

    async fn commit(mut self: Box<Self>) -> Result<(), StoreError> {
        sqlx::query("UPDATE instance SET has_organizations = true WHERE NOT has_organizations")
            .execute(&mut self.session)
            .await
            .map_err(store_error)?;
        sqlx::raw_sql("COMMIT").execute(&mut self.session).await.map(|_| ()).map_err(commit_error)
    }
}
