//! Reads rows.

use async_trait::async_trait;
use loggia_domain::port::StoreError;
use loggia_sql::instance_secret;
use loggia_sql::moving::{InstanceRow, Row, RowReader, Table};
use sqlx::{PgConnection, Postgres, QueryBuilder, Row as _};

use super::{PostgresRows, statements, values};
use crate::error::store_error;

/// Runs a statement that selects the columns of a table.
pub(super) async fn fetch(
    session: &mut PgConnection,
    table: &Table,
    mut query: QueryBuilder<Postgres>,
) -> Result<Vec<Row>, StoreError> {
    let rows = query.build().fetch_all(session).await.map_err(store_error)?;
    rows.iter().map(|row| values::read(table, row)).collect()
}

#[async_trait]
impl RowReader for PostgresRows {
    async fn count(&mut self, table: &'static Table) -> Result<u64, StoreError> {
        let mut query = statements::count(table, self.organization);
        let rows = query.build_query_scalar::<i64>().fetch_one(&mut self.session).await;
        loggia_sql::count(rows.map_err(store_error)?)
    }

    async fn rows(
        &mut self,
        table: &'static Table,
        after: Option<&Row>,
        limit: u32,
    ) -> Result<Vec<Row>, StoreError> {
        let query = statements::page(table, self.organization, after, limit);
        fetch(&mut self.session, table, query).await
    }

    async fn instance(&mut self) -> Result<InstanceRow, StoreError> {
        let row = sqlx::query("SELECT secret, has_organizations, folding FROM instance")
            .fetch_one(&mut self.session)
            .await
            .map_err(store_error)?;
        Ok(InstanceRow {
            secret: instance_secret(row.try_get(0).map_err(store_error)?)?,
            has_organizations: row.try_get(1).map_err(store_error)?,
            folding: row.try_get(2).map_err(store_error)?,
        })
    }
}
