//! The file itself, before the store uses it: made for its owner alone, and told from the files of other programs.

use std::fs::OpenOptions;
use std::io;
use std::path::Path;
use std::sync::{Mutex, MutexGuard, PoisonError};

use sqlx::SqliteConnection;

/// Held while a file is made. The locks that SQLite takes belong to the whole process and are lost when it closes the
/// file through any handle; so the handle that made it must be closed before a connection is opened on it.
static MAKING: Mutex<()> = Mutex::new(());

fn making() -> MutexGuard<'static, ()> {
    MAKING.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Makes an empty file that only its owner may read and write, unless there is something already. SQLite gives the
/// files that it puts beside it the same mode.
pub(crate) fn make_if_missing(path: &Path) -> io::Result<()> {
    let _until_closed = making();
    let mut options = OpenOptions::new();
    // Without `create_new` a file that is there would be opened and closed, and a store on it would lose its locks.
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    match options.open(path) {
        Err(error) if error.kind() != io::ErrorKind::AlreadyExists => Err(error),
        _ => Ok(()),
    }
}

/// Returns once no file is being made.
pub(crate) fn wait_until_made() {
    drop(making());
}

/// What is in a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Content {
    /// Nothing yet: it may become a store.
    Nothing,
    /// A store of this program, whatever its version.
    Store,
    /// The tables of another program.
    Foreign,
}

/// Reads what is in the file that the connection is open on.
pub(crate) async fn content(connection: &mut SqliteConnection) -> Result<Content, sqlx::Error> {
    // The table of migrations alone would not do: every program that migrates with sqlx has one.
    let found = sqlx::query!(
        r#"SELECT EXISTS (SELECT 1 FROM sqlite_schema) AS "anything!: bool",
               (SELECT count(*) FROM sqlite_schema WHERE type = 'table' AND name IN ('_sqlx_migrations', 'instance')) = 2
                   AS "store!: bool""#
    )
    .fetch_one(connection)
    .await?;
    Ok(match (found.anything, found.store) {
        (false, _) => Content::Nothing,
        (true, true) => Content::Store,
        (true, false) => Content::Foreign,
    })
}
