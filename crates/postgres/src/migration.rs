//! The schema: which state a database is in, and how it is brought to the one that this program knows.

use std::time::{Duration, Instant};

use sqlx::migrate::{Migrate, MigrateError, Migration, Migrator};
use sqlx::{Connection, PgConnection};

use crate::connection::PostgresOptions;
use crate::error::{OpenError, is_denied, is_lock_timeout};
use crate::folding::{fold_names, is_folded};
use crate::in_time::InTime;

pub(crate) static MIGRATIONS: Migrator = sqlx::migrate!("../../migrations/postgres");

/// The table that says which migrations were applied.
const TABLE: &str = "_sqlx_migrations";

/// Whoever migrates holds the advisory lock of that number, in that database: "loggia" as a number.
const LOCK: i64 = 0x6c6f_6767_6961;

/// How long others that migrate are waited for.
const PATIENCE: Duration = Duration::from_secs(60);
pub(crate) const PAUSE: Duration = Duration::from_millis(100);

/// How often a migration is tried that did not get its locks because the service is in use.
pub(crate) const TRIES: u32 = 5;

/// The least version of the server, and the number by which it calls itself.
const LEAST_SERVER: (&str, i32) = ("15", 150_000);

/// The state of a database's schema beside the one that this program knows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SchemaVersion {
    /// The last migration that the database has seen; 0 for one without any.
    pub found: i64,
    /// The last migration that this program knows.
    pub known: i64,
}

impl SchemaVersion {
    /// Whether this program can use the database as it is.
    pub fn is_current(self) -> bool {
        self.found == self.known
    }

    pub(crate) fn require_current(self) -> Result<(), OpenError> {
        match self.found.cmp(&self.known) {
            std::cmp::Ordering::Less => Err(OpenError::SchemaBehind(self)),
            std::cmp::Ordering::Equal => Ok(()),
            std::cmp::Ordering::Greater => Err(OpenError::SchemaAhead(self)),
        }
    }
}

/// Applies the migrations that the database lacks, and makes texts anew that have not the form in which they are searched; the login
/// must own its tables, or be allowed to make some.
///
/// Any number of processes may do this at once: one works, the others wait and find it done.
///
/// # Errors
/// [`OpenError`].
pub async fn migrate(options: &PostgresOptions) -> Result<SchemaVersion, OpenError> {
    apply(options, &MIGRATIONS).await
}

/// The same, if anything is lacking and the login may do it.
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

/// Connects and reads which schema the database has: as the login itself, or as the service where the login may read
/// nothing without taking that role.
pub(crate) async fn look(options: &PostgresOptions) -> Result<(PgConnection, SchemaVersion), OpenError> {
    let mut login = options.connect().await?;
    check_server(&mut login).await?;
    match version(InTime::whenever(&mut login)).await {
        Ok(version) => Ok((login, version)),
        Err(error) if is_denied(&error) => {
            let mut service = options.connect_as_service().await?;
            let version = version(InTime::whenever(&mut service)).await.map_err(OpenError::Unreachable)?;
            Ok((service, version))
        }
        Err(error) => Err(OpenError::Unreachable(error)),
    }
}

/// The last migration that this program knows.
pub(crate) fn known_version() -> i64 {
    last(&MIGRATIONS)
}

fn last(migrator: &Migrator) -> i64 {
    migrator.iter().map(|migration| migration.version).max().unwrap_or(0)
}

/// Reads which schema the database has.
pub(crate) async fn version(mut connection: InTime<'_>) -> Result<SchemaVersion, sqlx::Error> {
    // The table is absent from a database that was never migrated, so its name must not stand in the statement that looks.
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

/// Refuses servers and databases on which some promise would not hold.
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

/// Whether the login may make tables here, or owns those that are there.
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

/// Which texts are looked at, whether they have the form in which they are searched.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Fold {
    /// All of them: a replica of an older program may have written some since.
    Every,
    /// All of them, unless that was done before.
    IfBehind,
}

/// Applies what is missing of these migrations, one after the other.
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
    // The session's end would release the lock as well, and does if this fails.
    let unlocked = sqlx::query("SELECT pg_advisory_unlock($1)").bind(LOCK).execute(&mut connection).await;
    outcome?;
    unlocked.map_err(OpenError::Unreachable)?;
    connection.close().await.map_err(OpenError::Unreachable)?;
    Ok(SchemaVersion { found: last(migrator), known: last(migrator) })
}

/// Waits until nobody else migrates.
///
/// Not by `pg_advisory_lock`, as sqlx does it: a statement that waits holds a snapshot, for whose end
/// `CREATE INDEX CONCURRENTLY` waits in turn, and that is a deadlock between the two.
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
    // A statement that waits for a lock keeps everybody out who comes after it; better to give up and try again.
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

/// `CREATE INDEX CONCURRENTLY` that was killed leaves an index behind that is not used, and its name is taken. Only
/// indexes that the migration names are touched: somebody may be building others.
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

/// Whether the database was restored from a dump of another server, so that transactions are counted from elsewhere.
pub(crate) async fn is_restored(connection: &mut PgConnection) -> Result<bool, sqlx::Error> {
    sqlx::query_scalar!(
        r#"SELECT i.system_identifier <> c.system_identifier AS "restored!" FROM instance i, pg_control_system() c"#
    )
    .fetch_one(connection)
    .await
}

/// Lets the numbers of transactions go on after all that are in the database. If the server has counted further itself, as after
/// `pg_upgrade`, nothing needs to be added.
async fn settle(connection: &mut PgConnection) -> Result<(), sqlx::Error> {
    if !is_restored(connection).await? {
        return Ok(());
    }
    let mut transaction = connection.begin().await?;
    // Row-level security is forced on the tables' owner too, unless it is a superuser.
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
