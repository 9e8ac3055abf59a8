//! Reads rows.

use async_trait::async_trait;
use loggia_domain::port::StoreError;
use loggia_sql::instance_secret;
use loggia_sql::moving::{InstanceRow, Row, RowReader, Table};
use rusqlite::Connection;

use super::statements::{self, Query};
use super::{SqliteRows, values};
use crate::error::store_error;

/// Runs a statement that selects the columns of a table.
pub(super) fn fetch(connection: &Connection, table: &Table, query: &Query) -> Result<Vec<Row>, StoreError> {
    let mut statement = connection.prepare_cached(&query.sql).map_err(store_error)?;
    let mut found = statement.query(values::bound(&query.values)).map_err(store_error)?;
    let mut rows = Vec::new();
    while let Some(row) = found.next().map_err(store_error)? {
        rows.push(values::read(table, row)?);
    }
    Ok(rows)
}

/// Inserts rows into a table.
pub(super) fn insert(connection: &Connection, table: &Table, rows: &[Row]) -> Result<(), StoreError> {
    let mut statement = connection.prepare_cached(&statements::insert(table)?).map_err(store_error)?;
    for row in rows {
        statement.execute(values::bound(row)).map_err(store_error)?;
    }
    Ok(())
}

#[async_trait]
impl RowReader for SqliteRows {
    async fn count(&mut self, table: &'static Table) -> Result<u64, StoreError> {
        let Query { sql, values } = statements::count(table, self.organization);
        let count = move |connection: &mut Connection| {
            let count = connection.query_row(&sql, values::bound(&values), |row| row.get::<_, i64>(0));
            loggia_sql::count(count.map_err(store_error)?)
        };
        self.connection.run(count).await
    }

    async fn rows(
        &mut self,
        table: &'static Table,
        after: Option<&Row>,
        limit: u32,
    ) -> Result<Vec<Row>, StoreError> {
        let query = statements::page(table, self.organization, after, limit);
        self.connection.run(move |connection| fetch(connection, table, &query)).await
    }

    async fn instance(&mut self) -> Result<InstanceRow, StoreError> {
        let read = |connection: &mut Connection| {
            let sql = "SELECT secret, has_organizations, folding FROM instance";
            let columns = |row: &rusqlite::Row<'_>| Ok((row.get(0)?, row.get(1)?, row.get(2)?));
            let (secret, has_organizations, folding) =
                connection.query_row(sql, (), columns).map_err(store_error)?;
            Ok(InstanceRow { secret: instance_secret(secret)?, has_organizations, folding })
        };
        self.connection.run(read).await
    }
}
