//! The schema: the version that a database has, and the migration to the version that this program knows.

use std::cmp::Ordering;
use std::time::{Duration, Instant};

use loggia_sql::SchemaVersion;
use sqlx::migrate::{Migrate, MigrateError, Migration, Migrator};
use sqlx::{Connection, PgConnection};

use crate::error::{OpenError, is_denied, is_lock_timeout};
use crate::schema::folding::{fold_names, is_folded};
use crate::sessions::connection::PostgresOptions;
use crate::sessions::in_time::InTime;

pub(crate) static MIGRATIONS: Migrator = sqlx::migrate!("../../migrations/postgres");

/// The table of applied migrations.
const TABLE: &str = "_sqlx_migrations";

/// The number of the advisory lock that a migrating process holds in the database: the bytes of "loggia".
const LOCK: i64 = 0x6c6f_6767_6961;

/// The longest time that a process waits for others that migrate.
const PATIENCE: Duration = Duration::from_secs(60);
pub(crate) const PAUSE: Duration = Duration::from_millis(100);

/// The number of attempts at a migration if its locks time out because the service is in use.
pub(crate) const TRIES: u32 = 5;

/// The oldest supported version of the server, as text and as `server_version_num`.
const LEAST_SERVER: (&str, i32) = ("15", 150_000);

/// Fails unless this program can use the database without a migration.
pub(crate) fn require_current(version: SchemaVersion) -> Result<(), OpenError> {
    match version.found.cmp(&version.known) {
        Ordering::Less => Err(OpenError::SchemaBehind(version)),
        Ordering::Equal => Ok(()),
        Ordering::Greater => Err(OpenError::SchemaAhead(version)),
    }
}

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

/// Returns the last migration that this program knows.
pub(crate) fn known_version() -> i64 {
    last(&MIGRATIONS)
}

fn last(migrator: &Migrator) -> i64 {
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
    let (needed, least) = LEAST_SERVER;
    if found.number < least {
        return Err(OpenError::Server { found: found.version, needed });
    }
    if found.encoding != "UTF8" {
        return Err(OpenError::Encoding { found: found.encoding });
    }
    Ok(())
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
    lock(&mut connection).await?;
    let outcome = apply_locked(&mut connection, migrator, fold).await;
    // If this fails, the end of the session releases the lock.
    let unlocked = sqlx::query("SELECT pg_advisory_unlock($1)").bind(LOCK).execute(&mut connection).await;
    outcome?;
    unlocked.map_err(OpenError::Unreachable)?;
    connection.close().await.map_err(OpenError::Unreachable)?;
    Ok(SchemaVersion { found: last(migrator), known: last(migrator) })
}

/// Waits until no other process migrates.
///
/// sqlx would call `pg_advisory_lock`, but a statement that waits holds a snapshot, and `CREATE INDEX CONCURRENTLY` waits for the end of
/// all snapshots: the two would deadlock.
async fn lock(connection: &mut PgConnection) -> Result<(), OpenError> {
    let started = Instant::now();
    loop {
        let taken: bool = sqlx::query_scalar("SELECT pg_try_advisory_lock($1)")
            .bind(LOCK)
            .fetch_one(&mut *connection)
            .await
            .map_err(OpenError::Unreachable)?;
        if taken {
            return Ok(());
        }
        if started.elapsed() > PATIENCE {
            return Err(OpenError::Busy);
        }
        tokio::time::sleep(PAUSE).await;
    }
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
async fn settle(connection: &mut PgConnection) -> Result<(), sqlx::Error> {
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

/// Fails with [`OpenError::SchemaUnreleased`] if the database's first migration is not this program's. The migrations before 0.1.0 had the
/// numbers of today's, so a number tells nothing.
async fn require_release(connection: &mut PgConnection) -> Result<(), OpenError> {
    let Some(first) = MIGRATIONS.iter().min_by_key(|migration| migration.version) else { return Ok(()) };
    let is_another: bool = sqlx::query_scalar(
        // Another program's migrations are told as such later.
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
