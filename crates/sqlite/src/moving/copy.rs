//! The target of a copy of an instance.

use async_trait::async_trait;
use loggia_domain::port::StoreError;
use loggia_sql::moving::{
    API_KEYS, Beginning, COPY_MARK, InstanceRow, InstanceWriter, Row, Table, TargetIsNotEmpty, Value,
};
use rusqlite::{Connection, OptionalExtension, Transaction};
use uuid::Uuid;

use super::{DURABLE, SqliteRows, rows, statements};
use crate::error::store_error;

#[async_trait]
impl InstanceWriter for SqliteRows {
    async fn begin(&mut self, source: &str) -> Result<Result<Beginning, TargetIsNotEmpty>, StoreError> {
        let source = source.to_owned();
        self.connection.run(move |connection| begin(connection, &source)).await
    }

    async fn last(&mut self, table: &'static Table) -> Result<Option<Row>, StoreError> {
        let last =
            move |connection: &mut Connection| rows::fetch(connection, table, &statements::last(table));
        Ok(self.connection.run(last).await?.pop())
    }

    async fn write(&mut self, table: &'static Table, mut rows: Vec<Row>) -> Result<(), StoreError> {
        if *table == API_KEYS
            && let Some(parent) = table.index("parent_id")
        {
            rows.iter_mut().filter_map(|row| row.get_mut(parent)).for_each(|value| *value = Value::Null);
        }
        let write = move |transaction: &Transaction<'_>| rows::insert(transaction, table, &rows);
        self.connection.run(|connection| whole(connection, write)).await
    }

    async fn link_keys(&mut self, links: &[(Uuid, Uuid)]) -> Result<(), StoreError> {
        let links = links.to_vec();
        let link = move |transaction: &Transaction<'_>| {
            let sql = "UPDATE api_keys SET parent_id = ?2 WHERE id = ?1";
            let mut statement = transaction.prepare_cached(sql).map_err(store_error)?;
            for (key, parent) in links {
                statement.execute((key.as_bytes(), parent.as_bytes())).map_err(store_error)?;
            }
            Ok(())
        };
        self.connection.run(|connection| whole(connection, link)).await
    }

    async fn finish(&mut self, instance: &InstanceRow) -> Result<(), StoreError> {
        let InstanceRow { secret, has_organizations, folding } = instance.clone();
        let finish = move |transaction: &Transaction<'_>| {
            let sql = "UPDATE instance SET secret = ?1, has_organizations = ?2, folding = ?3";
            transaction.execute(sql, (secret, has_organizations, folding)).map_err(store_error)?;
            transaction.execute_batch(&format!("DROP TABLE {COPY_MARK}")).map_err(store_error)
        };
        self.connection
            .run(move |connection| {
                connection.execute_batch(DURABLE).map_err(store_error)?;
                whole(connection, finish)
            })
            .await
    }
}

/// Does the work in a transaction.
fn whole<T>(
    connection: &mut Connection,
    work: impl FnOnce(&Transaction<'_>) -> Result<T, StoreError>,
) -> Result<T, StoreError> {
    let transaction = connection.transaction().map_err(store_error)?;
    let done = work(&transaction)?;
    transaction.commit().map_err(store_error)?;
    Ok(done)
}

fn begin(
    connection: &mut Connection,
    source: &str,
) -> Result<Result<Beginning, TargetIsNotEmpty>, StoreError> {
    let marked = "SELECT EXISTS (SELECT 1 FROM sqlite_schema WHERE name = ?1)";
    if connection.query_row(marked, [COPY_MARK], |row| row.get(0)).map_err(store_error)? {
        let sql = format!("SELECT source FROM {COPY_MARK}");
        let found = connection.query_row(&sql, (), |row| row.get::<_, String>(0));
        let found = found.optional().map_err(store_error)?;
        let is_same = found.as_deref() == Some(source);
        return Ok(if is_same { Ok(Beginning::Continued) } else { Err(TargetIsNotEmpty::CopyOfAnother) });
    }
    let used = "SELECT has_organizations = 1 OR EXISTS (SELECT 1 FROM scopes) OR EXISTS (SELECT 1 FROM users)
                FROM instance";
    if connection.query_row(used, (), |row| row.get(0)).map_err(store_error)? {
        return Ok(Err(TargetIsNotEmpty::Used));
    }
    whole(connection, |transaction| {
        let sql = format!("CREATE TABLE {COPY_MARK} (source TEXT NOT NULL) STRICT");
        transaction.execute_batch(&sql).map_err(store_error)?;
        let sql = format!("INSERT INTO {COPY_MARK} (source) VALUES (?1)");
        transaction.execute(&sql, [source]).map_err(store_error)
    })?;
    Ok(Ok(Beginning::New))
}
