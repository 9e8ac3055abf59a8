//! The database file before the store uses it: created for its owner only, and told apart from other programs' files.

use std::fs::OpenOptions;
use std::io;
use std::path::Path;
use std::sync::{Mutex, MutexGuard, PoisonError};

use sqlx::SqliteConnection;

use crate::schema::migration;

/// A lock that is held while a file is created. SQLite's POSIX locks belong to the whole process and are lost when the process closes any
/// handle of the file, so the handle that created it must be closed before a connection is opened on it.
static MAKING: Mutex<()> = Mutex::new(());

fn making() -> MutexGuard<'static, ()> {
    MAKING.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Creates an empty file that only its owner may read and write, unless something exists at that path. SQLite gives the files that it
/// creates beside it the same mode.
pub(crate) fn make_if_missing(path: &Path) -> io::Result<()> {
    let _until_closed = making();
    let mut options = OpenOptions::new();
    // Without `create_new`, an existing file would be opened and closed, and a store that is open on it would lose its locks.
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    match options.open(path) {
        Err(error) if error.kind() != io::ErrorKind::AlreadyExists => Err(error),
        _ => Ok(()),
    }
}

/// Returns once no file is being created.
pub(crate) fn wait_until_made() {
    drop(making());
}

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
    Ok(match (found.anything, found.store) {
        (false, _) => Content::Nothing,
        (true, true) if is_unreleased => Content::Unreleased,
        (true, true) => Content::Store,
        (true, false) => Content::Foreign,
    })
}
