//! Template databases, from which the others are copied.

use std::hash::{DefaultHasher, Hash, Hasher};

use sqlx::Connection;
use sqlx::postgres::PgConnection;

use super::url::with_database;
use super::{DatabaseError, connect, execute};

/// The number of the advisory lock for creating templates: one process at a time holds it.
const LOCK: i64 = 0x6c6f_6767_6961;

/// Returns the name of the template for a fingerprint.
pub(super) fn name(fingerprint: &str) -> String {
    let mut hasher = DefaultHasher::new();
    fingerprint.hash(&mut hasher);
    format!("loggia_template_{:016x}", hasher.finish())
}

/// Creates the template unless it exists. It gets its name only when it is complete, so a database with that name can be copied.
pub(super) async fn ensure<P, F, E>(admin_url: &str, name: &str, prepare: P) -> Result<(), DatabaseError>
where
    P: FnOnce(String) -> F,
    F: Future<Output = Result<(), E>>,
    E: Into<Box<dyn std::error::Error + Send + Sync>>,
{
    let failed = DatabaseError::during("making the template database");
    let mut connection = connect(admin_url).await?;
    if !exists(&mut connection, name).await? {
        // The end of the connection releases the lock, for whatever reason it ends.
        let lock = sqlx::query("SELECT pg_advisory_lock($1)").bind(LOCK);
        lock.execute(&mut connection).await.map_err(&failed)?;
        if !exists(&mut connection, name).await? {
            make(&mut connection, admin_url, name, prepare).await?;
        }
    }
    connection.close().await.map_err(&failed)
}

async fn exists(connection: &mut PgConnection, name: &str) -> Result<bool, DatabaseError> {
    let found = sqlx::query_scalar("SELECT EXISTS (SELECT FROM pg_database WHERE datname = $1)").bind(name);
    found.fetch_one(connection).await.map_err(DatabaseError::during("looking for the template database"))
}

async fn make<P, F, E>(
    connection: &mut PgConnection,
    admin_url: &str,
    name: &str,
    prepare: P,
) -> Result<(), DatabaseError>
where
    P: FnOnce(String) -> F,
    F: Future<Output = Result<(), E>>,
    E: Into<Box<dyn std::error::Error + Send + Sync>>,
{
    const DURING: &str = "making the template database";
    let unfinished = format!("{name}_unfinished");
    // The process that created it failed or was killed, since it does not hold the lock any more.
    execute(connection, format!("DROP DATABASE IF EXISTS \"{unfinished}\" WITH (FORCE)"), DURING).await?;
    execute(
        connection,
        format!("CREATE DATABASE \"{unfinished}\" TEMPLATE template0 ENCODING 'UTF8'"),
        DURING,
    )
    .await?;
    prepare(with_database(admin_url, &unfinished))
        .await
        .map_err(|error| DatabaseError::Prepare(error.into()))?;
    // A database with sessions can be neither renamed nor copied.
    execute(connection, format!("ALTER DATABASE \"{unfinished}\" WITH ALLOW_CONNECTIONS false"), DURING)
        .await?;
    let end = sqlx::query("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = $1");
    end.bind(&unfinished).execute(&mut *connection).await.map_err(DatabaseError::during(DURING))?;
    execute(connection, format!("ALTER DATABASE \"{unfinished}\" RENAME TO \"{name}\""), DURING).await
}
