//! The databases that the others are copies of.

use std::hash::{DefaultHasher, Hash, Hasher};

use sqlx::Connection;
use sqlx::postgres::PgConnection;

use super::url::with_database;
use super::{DatabaseError, connect, execute};

/// Of all processes one makes templates at a time.
const LOCK: i64 = 0x6c6f_6767_6961;

/// The name of the template for a fingerprint.
pub(super) fn name(fingerprint: &str) -> String {
    let mut hasher = DefaultHasher::new();
    fingerprint.hash(&mut hasher);
    format!("loggia_template_{:016x}", hasher.finish())
}

/// Makes the template unless it is there. It has its name only when it is finished, so what has the name can be copied.
pub(super) async fn ensure<P, F, E>(admin_url: &str, name: &str, prepare: P) -> Result<(), DatabaseError>
where
    P: FnOnce(String) -> F,
    F: Future<Output = Result<(), E>>,
    E: Into<Box<dyn std::error::Error + Send + Sync>>,
{
    let failed = DatabaseError::during("making the template database");
    let mut connection = connect(admin_url).await?;
    if !exists(&mut connection, name).await? {
        // Released by the end of the connection, however that comes.
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
    // Whoever began it before failed or was killed, or the lock would not be ours.
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
    // A database that anyone is connected to can be neither renamed nor copied.
    execute(connection, format!("ALTER DATABASE \"{unfinished}\" WITH ALLOW_CONNECTIONS false"), DURING)
        .await?;
    let end = sqlx::query("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = $1");
    end.bind(&unfinished).execute(&mut *connection).await.map_err(DatabaseError::during(DURING))?;
    execute(connection, format!("ALTER DATABASE \"{unfinished}\" RENAME TO \"{name}\""), DURING).await
}
