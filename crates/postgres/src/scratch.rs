//! A database of its own on a server, into which a dump is restored to be checked.

use loggia_sql::SchemaVersion;
use sqlx::{Connection, PgConnection, Postgres, QueryBuilder};

use crate::schema::version::look;
use crate::sessions::connection::PostgresOptions;
use crate::sessions::open_error::OpenError;

/// An empty database that is dropped after use.
#[derive(Debug)]
pub struct ScratchDatabase {
    server: PostgresOptions,
    name: String,
}

/// A restored dump is not a complete store.
#[derive(Debug, thiserror::Error)]
pub enum DumpError {
    /// The dump cannot be read, or no version of this program made it.
    #[error("what was restored cannot be used")]
    Store(#[source] OpenError),
    /// The database has no schema of this program.
    #[error("it holds no store")]
    NoStore,
    /// A later version of this program made the dump.
    #[error("it has schema version {}, and this program knows version {}", .0.found, .0.known)]
    Newer(SchemaVersion),
    /// Rows are missing: the dump was made with row-level security on, by a login that sees no rows.
    #[error(
        "it lacks the rows: pg_dump was run with --enable-row-security, or by a login that does not bypass row-level security"
    )]
    NoRows,
    /// A table, a constraint or an index is not as the migrations make it.
    #[error("{0}")]
    Schema(String),
}

impl From<sqlx::Error> for DumpError {
    fn from(error: sqlx::Error) -> Self {
        Self::Store(OpenError::Unreachable(error))
    }
}

impl ScratchDatabase {
    /// Creates an empty database with this name. The login must be allowed to create databases.
    ///
    /// # Errors
    /// Fails with an [`OpenError`], also if the database exists.
    pub async fn create(server: &PostgresOptions, name: &str) -> Result<Self, OpenError> {
        let scratch = Self { server: server.clone(), name: name.to_owned() };
        scratch.run("CREATE DATABASE", " ENCODING 'UTF8' TEMPLATE template0").await?;
        Ok(scratch)
    }

    /// Returns the name of the database.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Checks that the restored dump is a complete store, and returns its schema version: row-level security is forced on its tables, its
    /// constraints and indexes are valid, and it has the rows of its organizations.
    ///
    /// # Errors
    /// Fails with a [`DumpError`].
    pub async fn examine(&self) -> Result<SchemaVersion, DumpError> {
        let (mut connection, version) = look(&self.server.at(&self.name)).await.map_err(DumpError::Store)?;
        if version.found == 0 {
            return Err(DumpError::NoStore);
        }
        if version.found > version.known {
            return Err(DumpError::Newer(version));
        }
        let problems: Vec<String> = sqlx::query_scalar(
            "SELECT format('row-level security is not forced on the table %I', relname) FROM pg_class
                 WHERE relkind = 'r' AND relnamespace = current_schema()::regnamespace
                     AND relname NOT IN ('instance', '_sqlx_migrations') AND NOT (relrowsecurity AND relforcerowsecurity)
             UNION ALL SELECT format('the constraint %I is not valid', conname) FROM pg_constraint
                 WHERE connamespace = current_schema()::regnamespace AND NOT convalidated
             UNION ALL SELECT format('the index %s is not valid', indexrelid::regclass) FROM pg_index WHERE NOT indisvalid",
        )
        .fetch_all(&mut connection)
        .await?;
        if let Some(problem) = problems.into_iter().next() {
            return Err(DumpError::Schema(problem));
        }
        let has_rows = has_rows(&mut connection).await?;
        connection.close().await?;
        if has_rows { Ok(version) } else { Err(DumpError::NoRows) }
    }

    /// Drops the database and ends its sessions.
    ///
    /// # Errors
    /// Fails with an [`OpenError`]; the database stays.
    pub async fn drop_database(self) -> Result<(), OpenError> {
        self.run("DROP DATABASE", " WITH (FORCE)").await
    }

    async fn run(&self, what: &str, how: &str) -> Result<(), OpenError> {
        let name = self.name.replace('"', "\"\"");
        let mut connection = self.server.connect().await?;
        let mut statement = QueryBuilder::<Postgres>::new(format!("{what} \"{name}\"{how}"));
        statement.build().persistent(false).execute(&mut connection).await.map_err(OpenError::Unreachable)?;
        connection.close().await.map_err(OpenError::Unreachable)
    }
}

/// Returns `true` if there are organizations exactly if the instance says so.
async fn has_rows(connection: &mut PgConnection) -> Result<bool, sqlx::Error> {
    let is_kept_out: bool =
        sqlx::query_scalar("SELECT row_security_active('organizations')").fetch_one(&mut *connection).await?;
    if is_kept_out {
        // The login that restored the dump owns its tables, and the database is dropped afterwards.
        sqlx::query("ALTER TABLE organizations NO FORCE ROW LEVEL SECURITY")
            .execute(&mut *connection)
            .await?;
    }
    sqlx::query_scalar("SELECT has_organizations <= EXISTS (SELECT FROM organizations) FROM instance")
        .fetch_one(connection)
        .await
}
