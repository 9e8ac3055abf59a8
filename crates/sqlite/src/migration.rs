//! The schema: which state a file is in, and how it is brought to the one that this program knows.

use loggia_domain::port::StoreError;
use sqlx::migrate::{MigrateError, Migrator};
use sqlx::{Connection, SqliteConnection};

use crate::error::{OpenError, open_error};
use crate::folding::fold_names;
use crate::readers::Readers;
use crate::statement::fixed;

static MIGRATIONS: Migrator = sqlx::migrate!("../../migrations/sqlite");

/// The state of a file's schema beside the one that this program knows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SchemaVersion {
    /// The last migration that the file has seen; 0 for a file without any.
    pub found: i64,
    /// The last migration that this program knows.
    pub known: i64,
}

impl SchemaVersion {
    /// Whether this program can use the file as it is.
    pub fn is_current(self) -> bool {
        self.found == self.known
    }
}

/// Applies what is missing: all of it, or nothing.
///
/// It is one transaction, which keeps every other process out, so that two programs that start at once on one file do not
/// both migrate it. (Whoever writes a migration that must rebuild a table: foreign keys cannot be switched off inside a
/// transaction; use `PRAGMA defer_foreign_keys`.)
pub(crate) async fn migrate(connection: &mut SqliteConnection) -> Result<(), OpenError> {
    // `run_direct` and not `run`: the future of that is not `Send` for every lifetime, so that no host could spawn it.
    let mut transaction = connection.begin_with("BEGIN IMMEDIATE").await.map_err(open_error)?;
    MIGRATIONS.run_direct(None, &mut *transaction, false).await.map_err(|error| match error {
        MigrateError::Execute(error) => open_error(error),
        other => OpenError::Migration(other),
    })?;
    fold_names(&mut transaction).await.map_err(open_error)?;
    transaction.commit().await.map_err(open_error)
}

/// The last migration that this program knows.
fn known_version() -> i64 {
    MIGRATIONS.iter().map(|migration| migration.version).max().unwrap_or(0)
}

/// Reads which schema the file has.
pub(crate) async fn version(readers: &Readers) -> Result<SchemaVersion, StoreError> {
    // The table is absent from a file that was never migrated, so its name must not stand in the statement that looks.
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
