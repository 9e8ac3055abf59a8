//! The unit of work that imports an organization.

use async_trait::async_trait;
use loggia_domain::id::OrganizationId;
use loggia_domain::port::StoreError;
use loggia_sql::moving::{EVENTS, FoundUser, MEMBERS, OrganizationWriter, Row, SCOPES, Table, USERS};
use rusqlite::{Connection, OptionalExtension};
use uuid::Uuid;

use super::statements::Query;
use super::{BULK, Shared, rows};
use crate::error::{OpenError, begin_error, connect_error, store_error};
use crate::sessions::connection::SqliteOptions;

/// A unit of work that imports an organization. It is the only writer of the store meanwhile; reads continue.
#[derive(Debug)]
pub struct SqliteImport {
    connection: Shared,
    organization: Uuid,
}

impl SqliteImport {
    /// Opens the file and waits for the writer, at most for [`SqliteOptions::busy_timeout`].
    ///
    /// # Errors
    /// Fails with an [`OpenError`] if the file cannot be written, and with [`OpenError::Busy`] if others write for too long.
    pub async fn begin(
        options: &SqliteOptions,
        organization: OrganizationId,
    ) -> Result<Result<Self, StoreError>, OpenError> {
        let connection = Shared::new(options.writer_for(BULK).map_err(connect_error)?);
        let begun = connection
            .run(|connection| connection.execute_batch("BEGIN IMMEDIATE").map_err(begin_error))
            .await;
        Ok(begun.map(|()| Self { connection, organization: organization.as_uuid() }))
    }
}

#[async_trait]
impl OrganizationWriter for SqliteImport {
    async fn has_scope(&mut self) -> Result<bool, StoreError> {
        let id = self.organization;
        let has = move |connection: &mut Connection| {
            let sql = "SELECT EXISTS (SELECT 1 FROM scopes WHERE id = ?1)
                           OR EXISTS (SELECT 1 FROM users WHERE id = ?1)";
            connection.query_row(sql, [id.as_bytes()], |row| row.get(0)).map_err(store_error)
        };
        self.connection.run(has).await
    }

    async fn users(
        &mut self,
        id: Uuid,
        email_key: &str,
    ) -> Result<(Option<FoundUser>, Option<FoundUser>), StoreError> {
        let email_key = email_key.to_owned();
        let find = move |connection: &mut Connection| {
            let by_id = "SELECT id, home_scope FROM users WHERE id = ?1";
            let by_address = "SELECT id, home_scope FROM users WHERE home_scope IS NULL AND email_key = ?1";
            let by_id = connection.query_row(by_id, [id.as_bytes()], found).optional();
            let by_address = connection.query_row(by_address, [email_key], found).optional();
            Ok((by_id.map_err(store_error)?, by_address.map_err(store_error)?))
        };
        self.connection.run(find).await
    }

    async fn personal_member(&mut self, account: Uuid) -> Result<Option<(Row, String)>, StoreError> {
        let find = move |connection: &mut Connection| {
            let columns: Vec<_> = MEMBERS.columns.iter().map(|column| column.name).collect();
            let sql =
                format!("SELECT {} FROM members WHERE scope_id = ? AND user_id = ?", columns.join(", "));
            let query = Query { sql, values: vec![account.into(), account.into()] };
            let Some(row) = rows::fetch(connection, &MEMBERS, &query)?.pop() else { return Ok(None) };
            let sql = "SELECT email FROM users WHERE id = ?1";
            let email = connection.query_row(sql, [account.as_bytes()], |row| row.get(0));
            Ok(Some((row, email.map_err(store_error)?)))
        };
        self.connection.run(find).await
    }

    async fn write_account(&mut self, _account: Uuid, rows: [Row; 4]) -> Result<(), StoreError> {
        for (table, row) in [&USERS, &SCOPES, &MEMBERS, &EVENTS].into_iter().zip(rows) {
            self.write(table, vec![row]).await?;
        }
        Ok(())
    }

    async fn raise_readmissions(&mut self, account: Uuid, readmissions: i64) -> Result<(), StoreError> {
        let raise = move |connection: &mut Connection| {
            let sql = "UPDATE users SET readmissions = max(readmissions, ?2) WHERE id = ?1";
            connection.execute(sql, (account.as_bytes(), readmissions)).map_err(store_error).map(|_| ())
        };
        self.connection.run(raise).await
    }

    async fn write(&mut self, table: &'static Table, rows: Vec<Row>) -> Result<(), StoreError> {
        self.connection.run(move |connection| rows::insert(connection, table, &rows)).await
    }

    async fn commit(self: Box<Self>) -> Result<(), StoreError> {
        let commit = |connection: &mut Connection| {
            let sql = "UPDATE instance SET has_organizations = 1 WHERE has_organizations = 0; COMMIT";
            connection.execute_batch(sql).map_err(store_error)
        };
        self.connection.run(commit).await
    }
}

fn found(row: &rusqlite::Row<'_>) -> rusqlite::Result<FoundUser> {
    let home: Option<[u8; 16]> = row.get(1)?;
    Ok(FoundUser { id: Uuid::from_bytes(row.get(0)?), home: home.map(Uuid::from_bytes) })
}
