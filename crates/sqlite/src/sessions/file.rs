//! The database file before the store uses it, created for its owner only.

use std::fs::OpenOptions;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};

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

/// Returns the path of a file that SQLite keeps beside the one at `path`, such as `-wal`.
pub(crate) fn beside(path: &Path, end: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(end);
    name.into()
}

/// Returns once no file is being created.
pub(crate) fn wait_until_made() {
    drop(making());
}
