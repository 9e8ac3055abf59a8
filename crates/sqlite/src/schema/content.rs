//! The content of a file: a store, nothing yet, or the tables of another program.

use std::str::FromStr;

use loggia_sql::moving::COPY_MARK;
use sqlx::sqlite::SqliteConnectOptions;
use sqlx::{ConnectOptions, Connection, SqliteConnection};

use crate::error::{OpenError, is_read_only, open_error};
use crate::schema::migration;
use crate::sessions::connection::SqliteOptions;
use crate::sessions::{file, history};

/// The first version whose write-ahead log is safe: earlier ones may lose or damage a log that is reset while another connection writes.
const MIN_LIBRARY: (&str, [u32; 3]) = ("3.51.3", [3, 51, 3]);

/// The content of a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Content {
    /// Empty: it may become a store.
    Nothing,
    /// A store of this program, of any version.
    Store,
    /// The tables of another program.
    Foreign,
    /// A store of a version before 0.1.0.
    Unreleased,
    /// The unfinished copy of another store.
    Unfinished,
}

/// Fails with [`OpenError::ForeignLog`] if the file's write-ahead log belongs to another history. To be called before anything is opened:
/// already looking at the file through SQLite could copy the log into it.
pub(crate) async fn check_log(options: &SqliteOptions) -> Result<(), OpenError> {
    file::wait_until_made();
    let path = options.path().to_owned();
    let checked = tokio::task::spawn_blocking(move || history::check(&path)).await;
    checked.map_err(|error| OpenError::File(error.into()))?
}

/// Inspects the file and refuses files of other programs, without changing it: even the write-ahead log, whose mode is persistent, is
/// not switched on. (If the file has such a log already, an empty log and its index may remain.)
pub(crate) async fn look(options: &SqliteOptions) -> Result<Content, OpenError> {
    file::wait_until_made();
    let (mut connection, content) = options.patiently(&options.connect_options(), look_once).await?;
    check_library(&mut connection).await?;
    connection.close().await.map_err(open_error)?;
    match content {
        Content::Nothing | Content::Store => Ok(content),
        Content::Foreign => Err(OpenError::Foreign),
        Content::Unreleased => Err(OpenError::Unreleased),
        Content::Unfinished => Err(OpenError::Unfinished),
    }
}

async fn look_once(options: SqliteConnectOptions) -> Result<(SqliteConnection, Content), sqlx::Error> {
    match look_through(options.clone().read_only(true)).await {
        // A crash left a rollback journal, and the file can be read only after the incomplete transaction is rolled back.
        Err(error) if is_read_only(&error) => look_through(options).await,
        outcome => outcome,
    }
}

async fn look_through(options: SqliteConnectOptions) -> Result<(SqliteConnection, Content), sqlx::Error> {
    let mut connection = options.connect().await?;
    let content = content(&mut connection).await?;
    Ok((connection, content))
}

async fn check_library(connection: &mut SqliteConnection) -> Result<(), OpenError> {
    let found: String = sqlx::query_scalar!(r#"SELECT sqlite_version() AS "version!: String""#)
        .fetch_one(connection)
        .await
        .map_err(open_error)?;
    let (needed, min) = MIN_LIBRARY;
    let parts: Vec<u32> = found.split('.').map_while(|part| u32::from_str(part).ok()).collect();
    if parts.as_slice() < min.as_slice() { Err(OpenError::Library { found, needed }) } else { Ok(()) }
}

/// Determines what the file of this connection holds.
pub(crate) async fn content(connection: &mut SqliteConnection) -> Result<Content, sqlx::Error> {
    // The table of migrations alone is not enough: every program that migrates with sqlx has one.
    let found = sqlx::query!(
        r#"SELECT EXISTS (SELECT 1 FROM sqlite_schema) AS "anything!: bool",
               (SELECT count(*) FROM sqlite_schema WHERE type = 'table' AND name IN ('_sqlx_migrations', 'instance')) = 2
                   AS "store!: bool""#
    )
    .fetch_one(&mut *connection)
    .await?;
    let is_unreleased = found.store && migration::is_unreleased(connection).await?;
    let is_unfinished: bool =
        sqlx::query_scalar("SELECT EXISTS (SELECT 1 FROM sqlite_schema WHERE type = 'table' AND name = ?1)")
            .bind(COPY_MARK)
            .fetch_one(connection)
            .await?;
    Ok(match (found.anything, found.store) {
        (false, _) => Content::Nothing,
        (true, true) if is_unreleased => Content::Unreleased,
        (true, true) if is_unfinished => Content::Unfinished,
        (true, true) => Content::Store,
        (true, false) => Content::Foreign,
    })
}
