//! Databases that were restored from a dump of another server.

use sqlx::{Connection, PgConnection};

/// Returns `true` if the database was restored from a dump of another server, which counts transactions from elsewhere.
pub(crate) async fn is_restored(connection: &mut PgConnection) -> Result<bool, sqlx::Error> {
    sqlx::query_scalar!(
        r#"SELECT i.system_identifier <> c.system_identifier AS "restored!" FROM instance i, pg_control_system() c"#
    )
    .fetch_one(connection)
    .await
}

/// Makes the numbers of transactions continue after all that are in the database. Adds nothing if the server has counted further itself,
/// as after `pg_upgrade`.
pub(crate) async fn settle(connection: &mut PgConnection) -> Result<(), sqlx::Error> {
    if !is_restored(connection).await? {
        return Ok(());
    }
    let mut transaction = connection.begin().await?;
    // Row-level security is forced on the tables' owner too, unless that is a superuser.
    sqlx::raw_sql("ALTER TABLE events NO FORCE ROW LEVEL SECURITY").execute(&mut *transaction).await?;
    sqlx::query(
        "UPDATE instance SET system_identifier = (SELECT system_identifier FROM pg_control_system()),
             transaction_offset = greatest(transaction_offset, coalesce((SELECT max(transaction) FROM events), 0) + 1
                 - pg_current_xact_id()::text::bigint)",
    )
    .execute(&mut *transaction)
    .await?;
    sqlx::raw_sql("ALTER TABLE events FORCE ROW LEVEL SECURITY").execute(&mut *transaction).await?;
    transaction.commit().await
}
