//! The target of a copy of an instance.
//!
//! Row-level security is not forced on the owner of the tables from the beginning to the end of a copy. The service refuses to work on such
//! tables, and on a store with the mark of an unfinished copy.

use async_trait::async_trait;
use loggia_domain::port::StoreError;
use loggia_sql::moving::{
    API_KEYS, Beginning, COPY_MARK, InstanceRow, InstanceWriter, Row, Table, TargetIsNotEmpty,
};
use sqlx::{AssertSqlSafe, Connection};
use uuid::Uuid;

use super::{PostgresRows, force, rows, statements};
use crate::error::store_error;

#[async_trait]
impl InstanceWriter for PostgresRows {
    async fn begin(&mut self, source: &str) -> Result<Result<Beginning, TargetIsNotEmpty>, StoreError> {
        let is_marked: bool = sqlx::query_scalar("SELECT to_regclass($1) IS NOT NULL")
            .bind(COPY_MARK)
            .fetch_one(&mut self.session)
            .await
            .map_err(store_error)?;
        if is_marked {
            let sql = format!("SELECT source FROM {COPY_MARK}");
            let found: Option<String> = sqlx::query_scalar(AssertSqlSafe(sql))
                .fetch_optional(&mut self.session)
                .await
                .map_err(store_error)?;
            let is_same = found.as_deref() == Some(source);
            return Ok(if is_same { Ok(Beginning::Continued) } else { Err(TargetIsNotEmpty::CopyOfAnother) });
        }
        let mut transaction = self.session.begin().await.map_err(store_error)?;
        force(&mut transaction, "NO FORCE").await.map_err(store_error)?;
        let is_used: bool = sqlx::query_scalar(
            "SELECT has_organizations OR EXISTS (SELECT FROM scopes) OR EXISTS (SELECT FROM users) FROM instance",
        )
        .fetch_one(&mut *transaction)
        .await
        .map_err(store_error)?;
        if is_used {
            transaction.rollback().await.map_err(store_error)?;
            return Ok(Err(TargetIsNotEmpty::Used));
        }
        let sql = format!("CREATE TABLE {COPY_MARK} (source text NOT NULL)");
        sqlx::raw_sql(AssertSqlSafe(sql)).execute(&mut *transaction).await.map_err(store_error)?;
        let sql = format!("INSERT INTO {COPY_MARK} (source) VALUES ($1)");
        let marked = sqlx::query(AssertSqlSafe(sql)).bind(source).execute(&mut *transaction).await;
        marked.map_err(store_error)?;
        transaction.commit().await.map_err(store_error)?;
        Ok(Ok(Beginning::New))
    }

    async fn last(&mut self, table: &'static Table) -> Result<Option<Row>, StoreError> {
        let query = statements::last(table);
        Ok(rows::fetch(&mut self.session, table, query).await?.pop())
    }

    async fn write(&mut self, table: &'static Table, mut rows: Vec<Row>) -> Result<(), StoreError> {
        let left_out: &[&str] = if *table == API_KEYS { &["parent_id"] } else { &[] };
        // A single statement is a transaction of its own.
        let mut query = statements::insert(table, &mut rows, left_out)?;
        query.build().execute(&mut self.session).await.map(|_| ()).map_err(store_error)
    }

    async fn link_keys(&mut self, links: &[(Uuid, Uuid)]) -> Result<(), StoreError> {
        let (keys, parents): (Vec<Uuid>, Vec<Uuid>) = links.iter().copied().unzip();
        sqlx::query(
            "UPDATE api_keys k SET parent_id = v.parent FROM unnest($1::uuid[], $2::uuid[]) AS v (key, parent)
             WHERE k.id = v.key",
        )
        .bind(keys)
        .bind(parents)
        .execute(&mut self.session)
        .await
        .map(|_| ())
        .map_err(store_error)
    }

    async fn finish(&mut self, instance: &InstanceRow) -> Result<(), StoreError> {
        // Statistics for the planner, which the server would gather some time later.
        sqlx::raw_sql("ANALYZE; SET synchronous_commit = on")
            .execute(&mut self.session)
            .await
            .map_err(store_error)?;
        let mut transaction = self.session.begin().await.map_err(store_error)?;
        sqlx::query("UPDATE instance SET secret = $1, has_organizations = $2, folding = $3")
            .bind(instance.secret.as_slice())
            .bind(instance.has_organizations)
            .bind(instance.folding)
            .execute(&mut *transaction)
            .await
            .map_err(store_error)?;
        force(&mut transaction, "FORCE").await.map_err(store_error)?;
        let sql = format!("DROP TABLE {COPY_MARK}");
        sqlx::raw_sql(AssertSqlSafe(sql)).execute(&mut *transaction).await.map_err(store_error)?;
        transaction.commit().await.map_err(store_error)
    }
}
