//! The migration of a database to the version that this program knows.

use loggia_migrations::POSTGRES as MIGRATIONS;
use loggia_sql::SchemaVersion;
use sqlx::migrate::{Migrate, MigrateError, Migration, Migrator};
use sqlx::{Connection, PgConnection};

use crate::error::is_lock_timeout;
use crate::schema::folding::{fold_names, is_folded};
use crate::schema::lock::{LOCK, PAUSE, TRIES, exclude_others};
use crate::schema::restored::{is_restored, settle};
use crate::schema::version::{check_server, last, look, require_release};
use crate::sessions::connection::PostgresOptions;
use crate::sessions::open_error::OpenError;

/// The table of applied migrations.
const TABLE: &str = "_sqlx_migrations";

/// Applies the missing migrations, and recomputes folded texts that have another form than this program's. The login must own the tables,
/// or be allowed to create some.
///
/// Any number of processes may do this at once: one works, the others wait and find it done.
///
/// # Errors
/// Fails with an [`OpenError`].
pub async fn migrate(options: &PostgresOptions) -> Result<SchemaVersion, OpenError> {
    apply(options, &MIGRATIONS).await
}

/// Migrates the database if that is necessary and the login is allowed to.
pub(crate) async fn migrate_if_needed(options: &PostgresOptions) -> Result<(), OpenError> {
    let (mut login, version) = look(options).await?;
    let unfinished = version.is_current()
        && (is_restored(&mut login).await.map_err(OpenError::Unreachable)?
            || !is_folded(&mut login).await.map_err(OpenError::Unreachable)?);
    if (version.found < version.known || unfinished) && may_migrate(&mut login).await? {
        run(options, &MIGRATIONS, Fold::IfBehind).await?;
    }
    login.close().await.map_err(OpenError::Unreachable)
}

/// Returns `true` if the login owns the existing tables, or may create tables if there are none.
async fn may_migrate(connection: &mut PgConnection) -> Result<bool, OpenError> {
    sqlx::query_scalar!(
        r#"SELECT coalesce(
               (SELECT pg_has_role(c.relowner, 'USAGE') FROM pg_class c WHERE c.oid = to_regclass('_sqlx_migrations')),
               has_schema_privilege(current_schema(), 'CREATE'), false) AS "may!""#
    )
    .fetch_one(connection)
    .await
    .map_err(OpenError::Unreachable)
}

/// The texts whose form is checked.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Fold {
    /// All texts: a replica of an older program may have written some since the last migration.
    Every,
    /// All texts, unless that was done before.
    IfBehind,
}

/// Applies the missing ones of these migrations, in order.
pub(crate) async fn apply(
    options: &PostgresOptions,
    migrator: &Migrator,
) -> Result<SchemaVersion, OpenError> {
    run(options, migrator, Fold::Every).await
}

async fn run(options: &PostgresOptions, migrator: &Migrator, fold: Fold) -> Result<SchemaVersion, OpenError> {
    let mut connection = options.connect().await?;
    check_server(&mut connection).await?;
    exclude_others(&mut connection).await?;
    let outcome = apply_locked(&mut connection, migrator, fold).await;
    // If this fails, the end of the session releases the lock.
    let unlocked = sqlx::query("SELECT pg_advisory_unlock($1)").bind(LOCK).execute(&mut connection).await;
    outcome?;
    unlocked.map_err(OpenError::Unreachable)?;
    connection.close().await.map_err(OpenError::Unreachable)?;
    Ok(SchemaVersion { found: last(migrator), known: last(migrator) })
}

async fn apply_locked(
    connection: &mut PgConnection,
    migrator: &Migrator,
    fold: Fold,
) -> Result<(), OpenError> {
    connection.ensure_migrations_table(TABLE).await?;
    require_release(connection).await?;
    let applied = connection.list_applied_migrations(TABLE).await?;
    for done in &applied {
        match migrator.iter().find(|migration| migration.version == done.version) {
            None => {
                let found = applied.iter().map(|migration| migration.version).max().unwrap_or(0);
                return Err(OpenError::SchemaAhead(SchemaVersion { found, known: last(migrator) }));
            }
            Some(known) if known.checksum != done.checksum => {
                return Err(OpenError::Migration(MigrateError::VersionMismatch(done.version)));
            }
            Some(_) => {}
        }
    }
    // A statement that waits for a lock blocks all later statements on the table, so it gives up and is retried.
    sqlx::query("SET lock_timeout = '2s'").execute(&mut *connection).await.map_err(OpenError::Unreachable)?;
    let mut missing: Vec<&Migration> = migrator
        .iter()
        .filter(|migration| applied.iter().all(|done| done.version != migration.version))
        .collect();
    missing.sort_by_key(|migration| migration.version);
    for migration in missing {
        apply_one(connection, migration).await?;
    }
    if fold == Fold::Every || !is_folded(connection).await.map_err(OpenError::Unreachable)? {
        fold_names(connection).await.map_err(OpenError::Unreachable)?;
    }
    settle(connection).await.map_err(OpenError::Unreachable)
}

async fn apply_one(connection: &mut PgConnection, migration: &Migration) -> Result<(), OpenError> {
    let mut tries = 1;
    loop {
        if migration.no_tx {
            drop_unfinished_indexes(connection, migration).await.map_err(OpenError::Unreachable)?;
        }
        match connection.apply(TABLE, migration).await {
            Ok(_) => return Ok(()),
            Err(MigrateError::ExecuteMigration(error, _)) if is_lock_timeout(&error) && tries < TRIES => {
                tokio::time::sleep(PAUSE * tries).await;
                tries += 1;
            }
            Err(error) => return Err(error.into()),
        }
    }
}

/// Drops the invalid indexes that a killed `CREATE INDEX CONCURRENTLY` has left under their names. Only indexes that the migration names
/// are dropped: another session may be building others.
async fn drop_unfinished_indexes(
    connection: &mut PgConnection,
    migration: &Migration,
) -> Result<(), sqlx::Error> {
    let names: Vec<String> = sqlx::query_scalar(
        "SELECT c.relname::text FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid
         WHERE NOT i.indisvalid AND c.relnamespace = current_schema()::regnamespace AND strpos($1, c.relname) > 0",
    )
    .bind(migration.sql.as_str())
    .fetch_all(&mut *connection)
    .await?;
    for name in names {
        let quoted = name.replace('"', "\"\"");
        sqlx::QueryBuilder::<sqlx::Postgres>::new(format!("DROP INDEX CONCURRENTLY IF EXISTS \"{quoted}\""))
            .build()
            .execute(&mut *connection)
            .await?;
    }
    Ok(())
}
