//! Errors of opening a database as a store.

use loggia_sql::SchemaVersion;
use sqlx::migrate::MigrateError;

use crate::error::is_denied;
use crate::sessions::role::SERVICE_ROLE;

/// A database could not be opened as a store.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// The server cannot be reached, or rejects the login.
    #[error("the database cannot be reached")]
    Unreachable(#[source] sqlx::Error),
    /// The server is older than the oldest supported version.
    #[error("Postgres {found} is too old: {needed} or later is needed")]
    Server {
        /// The version of the server.
        found: String,
        /// The oldest supported version.
        needed: &'static str,
    },
    /// The database's encoding cannot represent every text.
    #[error(
        "the database's encoding is {found}, and UTF8 is required: create it with ENCODING 'UTF8' TEMPLATE template0"
    )]
    Encoding {
        /// The encoding of the database.
        found: String,
    },
    /// The schema lacks migrations.
    #[error(
        "the database's schema is at version {} and this program needs {}: run `loggia migrate` with \
         LOGGIA_MIGRATE_DATABASE_URL naming the login that owns the schema if this one may not change it",
        .0.found, .0.known
    )]
    SchemaBehind(SchemaVersion),
    /// The schema was migrated by a later version of this program.
    #[error("the database's schema is at version {}, and this program supports {}: use a newer version of loggia", .0.found, .0.known)]
    SchemaAhead(SchemaVersion),
    /// The schema was made by a version before 0.1.0; nothing was changed.
    #[error(
        "the database was created by a version before 0.1.0, which later versions cannot migrate: use a new database"
    )]
    SchemaUnreleased,
    /// The database was restored from a dump of another server.
    #[error(
        "the database was restored on another server: run `loggia migrate` with LOGGIA_MIGRATE_DATABASE_URL naming the login that owns \
         it, so that new events are ordered after earlier ones"
    )]
    Restored,
    /// Another process has been migrating for too long.
    #[error("another process has been migrating the database for a minute")]
    Busy,
    /// The schema could not be migrated to the version that this program knows.
    #[error("the database's schema cannot be migrated")]
    Migration(#[source] MigrateError),
    /// The database is the target of a copy that was interrupted.
    #[error(
        "the database is the unfinished copy of another store: run `loggia copy` again, or use a new database"
    )]
    Unfinished,
    /// Another session of this program is open in a database that must not be used meanwhile.
    #[error("the database is in use: stop every server and command of loggia on it first")]
    InUse,
    /// The login may not read and write every row.
    #[error(
        "the login {login} does not own the tables: a whole database is copied by the login that `loggia migrate` uses"
    )]
    NotTheOwner {
        /// The name of the login.
        login: String,
    },
    /// The login cannot take the role of the service.
    #[error(
        "the login {login} cannot assume the role {SERVICE_ROLE}: an administrator of the server must run `GRANT {SERVICE_ROLE} TO \
         {login}`"
    )]
    Role {
        /// The name of the login.
        login: String,
        /// The server's error.
        #[source]
        source: sqlx::Error,
    },
}

impl From<MigrateError> for OpenError {
    fn from(error: MigrateError) -> Self {
        match error {
            MigrateError::Execute(error) if !is_denied(&error) => Self::Unreachable(error),
            other => Self::Migration(other),
        }
    }
}

/// Maps the failure to open a session of the service.
pub(crate) fn service_error(error: sqlx::Error, login: &str) -> OpenError {
    let code = error.as_database_error().and_then(|error| error.code()).unwrap_or_default();
    match code.as_ref() {
        // No such role, or no privilege to take it.
        "22023" | "42501" | "42704" | "28000" => OpenError::Role { login: login.to_owned(), source: error },
        _ => OpenError::Unreachable(error),
    }
}
