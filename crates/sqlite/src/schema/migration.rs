//! The schema: the version that a file has, and the migration to the version that this program knows.

use loggia_domain::port::StoreError;
use loggia_migrations::SQLITE as MIGRATIONS;
use loggia_sql::SchemaVersion;
use sqlx::migrate::MigrateError;
use sqlx::{Connection, QueryBuilder, Sqlite, SqliteConnection};

use crate::error::{OpenError, open_error};
use crate::schema::folding::fold_names;
use crate::sessions::history;
use crate::sessions::readers::Readers;
use crate::statement::fixed;

/// Applies all missing migrations, or none.
///
/// A single transaction excludes every other process, so that two programs that start at once on one file do not both migrate it. A
/// migration that rebuilds a table must use `PRAGMA defer_foreign_keys`: foreign keys cannot be switched off inside a transaction.
pub(crate) async fn migrate(connection: &mut SqliteConnection) -> Result<(), OpenError> {
    // `run_direct` and not `run`: the future of `run` is not `Send` for every lifetime, so no host could spawn it.
    let mut transaction = connection.begin_with("BEGIN IMMEDIATE").await.map_err(open_error)?;
    MIGRATIONS.run_direct(None, &mut *transaction, false).await.map_err(|error| match error {
        MigrateError::Execute(error) => open_error(error),
        other => OpenError::Migration(other),
    })?;
    fold_names(&mut transaction).await.map_err(open_error)?;
    stamp(&mut transaction).await.map_err(open_error)?;
    let changes: i64 = sqlx::query_scalar("SELECT total_changes()")
        .fetch_one(&mut *transaction)
        .await
        .map_err(open_error)?;
    transaction.commit().await.map_err(open_error)?;
    if changes > 0 {
        // A file whose schema is in its log alone looks empty if it is copied. PASSIVE does not wait.
        sqlx::query("PRAGMA wal_checkpoint(PASSIVE)").execute(connection).await.map_err(open_error)?;
    }
    Ok(())
}

/// Gives a file that has no stamp its first one, see [`history`].
async fn stamp(connection: &mut SqliteConnection) -> Result<(), sqlx::Error> {
    let (previous, chance): (i64, i64) =
        sqlx::query_as("SELECT user_version, random() FROM pragma_user_version")
            .fetch_one(&mut *connection)
            .await?;
    if previous != 0 {
        return Ok(());
    }
    let first = history::next(0, chance).cast_signed();
    QueryBuilder::<Sqlite>::new(format!("PRAGMA user_version = {first}")).build().execute(connection).await?;
    Ok(())
}

/// Returns the last migration that this program knows.
pub(crate) fn known_version() -> i64 {
    MIGRATIONS.iter().map(|migration| migration.version).max().unwrap_or(0)
}

/// Reads the schema version of the file.
pub(crate) async fn version(readers: &Readers) -> Result<SchemaVersion, StoreError> {
    // A file that was never migrated lacks the table, so the statement that looks for it must not name it in a FROM clause.
    let migrated = fixed!(
        Schema,
        r#"SELECT EXISTS (SELECT 1 FROM sqlite_schema WHERE name = '_sqlx_migrations') AS "migrated!: bool""#
    );
    let found = if readers.value::<bool>(migrated).await? {
        let last = fixed!(
            Schema,
            r#"SELECT coalesce(max(version), 0) AS "version!: i64" FROM _sqlx_migrations WHERE success"#
        );
        readers.value(last).await?
    } else {
        0
    };
    Ok(SchemaVersion { found, known: known_version() })
}

/// Reads the schema version of a store on a connection of its own.
pub(crate) async fn version_of(connection: &mut SqliteConnection) -> Result<SchemaVersion, sqlx::Error> {
    let last = "SELECT coalesce(max(version), 0) FROM _sqlx_migrations WHERE success";
    let found = sqlx::query_scalar(last).fetch_one(connection).await?;
    Ok(SchemaVersion { found, known: known_version() })
}

/// Returns `true` if a version before 0.1.0 made the store: its first migration is another one. The migrations before 0.1.0 had the
/// numbers of today's, so a number identifies nothing.
pub(crate) async fn is_unreleased(connection: &mut SqliteConnection) -> Result<bool, sqlx::Error> {
    let Some(first) = MIGRATIONS.iter().min_by_key(|migration| migration.version) else { return Ok(false) };
    sqlx::query_scalar("SELECT EXISTS (SELECT 1 FROM _sqlx_migrations WHERE version = ?1 AND checksum <> ?2)")
        .bind(first.version)
        .bind(&*first.checksum)
        .fetch_one(connection)
        .await
}
