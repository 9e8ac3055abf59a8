//! The version of a database's schema, and which servers and databases are supported.

use std::cmp::Ordering;

use loggia_migrations::POSTGRES as MIGRATIONS;
use loggia_sql::SchemaVersion;
use loggia_sql::moving::COPY_MARK;
use sqlx::PgConnection;
use sqlx::migrate::Migrator;

use crate::error::is_denied;
use crate::sessions::connection::PostgresOptions;
use crate::sessions::in_time::InTime;
use crate::sessions::open_error::OpenError;

/// The oldest supported version of the server, as text and as `server_version_num`.
const MIN_SERVER: (&str, i32) = ("15", 150_000);

/// Fails unless this program can use the database without a migration.
pub(crate) fn require_current(version: SchemaVersion) -> Result<(), OpenError> {
    match version.found.cmp(&version.known) {
        Ordering::Less => Err(OpenError::SchemaBehind(version)),
        Ordering::Equal => Ok(()),
        Ordering::Greater => Err(OpenError::SchemaAhead(version)),
    }
}

/// Connects and reads the schema version of the database: as the login itself, or as the service if the login may read nothing without
/// taking that role.
pub(crate) async fn look(options: &PostgresOptions) -> Result<(PgConnection, SchemaVersion), OpenError> {
    let mut login = options.connect().await?;
    check_server(&mut login).await?;
    let (mut session, version) = match version(InTime::whenever(&mut login)).await {
        Ok(version) => (login, version),
        Err(error) if is_denied(&error) => {
            let mut service = options.connect_as_service().await?;
            let version = version(InTime::whenever(&mut service)).await.map_err(OpenError::Unreachable)?;
            (service, version)
        }
        Err(error) => return Err(OpenError::Unreachable(error)),
    };
    if version.found > 0 {
        require_release(&mut session).await?;
    }
    Ok((session, version))
}

/// Returns `true` if the database is the target of a copy that was interrupted.
pub(crate) async fn is_unfinished(connection: &mut PgConnection) -> Result<bool, sqlx::Error> {
    sqlx::query_scalar("SELECT to_regclass($1) IS NOT NULL").bind(COPY_MARK).fetch_one(connection).await
}

/// Returns the last migration that this program knows.
pub(crate) fn known_version() -> i64 {
    last(&MIGRATIONS)
}

/// Returns the last of these migrations.
pub(crate) fn last(migrator: &Migrator) -> i64 {
    migrator.iter().map(|migration| migration.version).max().unwrap_or(0)
}

/// Reads the schema version of the database.
pub(crate) async fn version(mut connection: InTime<'_>) -> Result<SchemaVersion, sqlx::Error> {
    // A database that was never migrated lacks the table, so the statement that looks for it must not name it in a FROM clause.
    let migrated =
        sqlx::query_scalar!(r#"SELECT to_regclass('_sqlx_migrations') IS NOT NULL AS "migrated!""#)
            .fetch_one(connection.again())
            .await?;
    let found = if migrated {
        sqlx::query_scalar!(
            r#"SELECT coalesce(max(version), 0) AS "version!" FROM _sqlx_migrations WHERE success"#
        )
        .fetch_one(connection)
        .await?
    } else {
        0
    };
    Ok(SchemaVersion { found, known: known_version() })
}

/// Rejects servers and databases that this program does not support.
pub(crate) async fn check_server(connection: &mut PgConnection) -> Result<(), OpenError> {
    let found = sqlx::query!(
        r#"SELECT current_setting('server_version') AS "version!",
               current_setting('server_version_num')::int AS "number!", current_setting('server_encoding') AS "encoding!""#
    )
    .fetch_one(connection)
    .await
    .map_err(OpenError::Unreachable)?;
    let (needed, min) = MIN_SERVER;
    if found.number < min {
        return Err(OpenError::Server { found: found.version, needed });
    }
    if found.encoding != "UTF8" {
        return Err(OpenError::Encoding { found: found.encoding });
    }
    Ok(())
}

/// Fails with [`OpenError::SchemaUnreleased`] if the database's first migration is not this program's. The migrations before 0.1.0 had the
/// numbers of today's, so a number identifies nothing.
pub(crate) async fn require_release(connection: &mut PgConnection) -> Result<(), OpenError> {
    let Some(first) = MIGRATIONS.iter().min_by_key(|migration| migration.version) else { return Ok(()) };
    let is_another: bool = sqlx::query_scalar(
        // Another program's migrations are reported as such later.
        "SELECT to_regclass('instance') IS NOT NULL
             AND EXISTS (SELECT FROM _sqlx_migrations WHERE version = $1 AND checksum <> $2)",
    )
    .bind(first.version)
    .bind(&*first.checksum)
    .fetch_one(connection)
    .await
    .map_err(OpenError::Unreachable)?;
    if is_another { Err(OpenError::SchemaUnreleased) } else { Ok(()) }
}
