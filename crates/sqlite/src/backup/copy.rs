//! Making a backup.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use rusqlite::{Connection, OpenFlags};
use tokio::runtime::Handle;

use super::cancel::{Cancel, CancelOnDrop};
use super::examine::examine;
use super::files::NewFile;
use super::{BackupError, BackupFacts};
use crate::schema::content::{self, Content};
use crate::sessions::connection::SqliteOptions;
use crate::sessions::file::beside;
use crate::sessions::history;

/// The treatment of a file that has the name of the backup.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Existing {
    /// Fail with [`BackupError::Exists`].
    Keep,
    /// Replace it when the backup is complete.
    Replace,
}

/// The progress of a backup.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Progress {
    /// The copy is being written.
    Copying {
        /// The size of the copy so far, in bytes.
        done: u64,
        /// The size of the store, in bytes. The copy may stay smaller.
        total: u64,
    },
    /// The copy is being checked.
    Checking,
}

/// The pause between two reports of the progress.
const REPORTS: Duration = Duration::from_millis(100);

/// Writes a backup of the store to the file `to`, while other connections and processes use the store, and checks it.
///
/// The backup holds everything that was committed before this is called. It is written under another name in the same folder, readable by
/// its owner only, checked as [`check`](super::check) does, written to the disk, and then renamed. `progress` is called some ten times a
/// second.
///
/// The store's schema may be older than this program's. Its write-ahead log cannot begin anew while the copy is being made, so it grows.
///
/// # Errors
/// Fails with a [`BackupError`], and leaves no file behind; so does dropping the future.
pub async fn back_up(
    store: &SqliteOptions,
    to: &Path,
    existing: Existing,
    progress: impl Fn(Progress),
) -> Result<BackupFacts, BackupError> {
    refuse_target(store.path(), to, existing)?;
    content::check_log(store).await.map_err(BackupError::Store)?;
    let missing = || BackupError::NoStore(store.path().to_owned());
    if !store.path().exists() || content::look(store).await.map_err(BackupError::Store)? != Content::Store {
        return Err(missing());
    }
    let (cancel, total) = (Arc::new(Cancel::default()), Arc::new(AtomicU64::new(0)));
    let (file, _) = NewFile::create(to)?;
    let copy = file.path().to_owned();
    let _until_here = CancelOnDrop(cancel.clone());
    let mut work = {
        let (store, runtime, total) = (store.clone(), Handle::current(), total.clone());
        let (to, cancel) = (to.to_owned(), cancel.clone());
        tokio::task::spawn_blocking(move || {
            copy_into(&store, &file, &cancel, &total)?;
            total.store(0, Ordering::Relaxed);
            let facts = runtime.block_on(examine(file.path(), &cancel))?;
            cancel.check()?;
            refuse_target(store.path(), &to, existing)?;
            file.write_out()?;
            file.put_in_place().map(|()| facts)
        })
    };
    loop {
        tokio::select! {
            outcome = &mut work => return outcome.map_err(|error| BackupError::Copy(error.into()))?,
            () = tokio::time::sleep(REPORTS) => progress(match total.load(Ordering::Relaxed) {
                0 => Progress::Checking,
                total => {
                    let done = std::fs::metadata(&copy).map_or(0, |copy| copy.len());
                    Progress::Copying { done: done.min(total), total }
                }
            }),
        }
    }
}

/// Fails if the file must not be written.
fn refuse_target(store: &Path, to: &Path, existing: Existing) -> Result<(), BackupError> {
    let Ok(target) = to.canonicalize() else { return Ok(()) };
    if ["", "-wal", "-shm"]
        .iter()
        .any(|end| beside(store, end).canonicalize().is_ok_and(|file| file == target))
    {
        return Err(BackupError::IsTheStore(to.to_owned()));
    }
    if existing == Existing::Keep { Err(BackupError::Exists(to.to_owned())) } else { Ok(()) }
}

fn copy_into(
    store: &SqliteOptions,
    file: &NewFile,
    cancel: &Cancel,
    total: &AtomicU64,
) -> Result<(), BackupError> {
    let copied = |error: rusqlite::Error| match cancel.check() {
        Ok(()) => BackupError::Copy(error.into()),
        Err(interrupted) => interrupted,
    };
    let source = store.copier().map_err(copied)?;
    cancel.watch(&source)?;
    let size = "SELECT page_count * page_size FROM pragma_page_count, pragma_page_size";
    let size = source.query_row(size, (), |row| row.get::<_, i64>(0)).map_err(copied)?;
    total.store(size.unsigned_abs().max(1), Ordering::Relaxed);
    // An absolute path is never taken for a URI.
    let path = std::path::absolute(file.path()).map_err(super::files::failed(file.path()))?;
    let Some(name) = path.to_str() else {
        return Err(super::files::failed(&path)(std::io::ErrorKind::InvalidFilename.into()));
    };
    source.execute("VACUUM INTO ?1", [name]).map_err(copied)?;
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let copy = Connection::open_with_flags(&path, flags).map_err(copied)?;
    // Nobody else knows the copy, and it reaches the disk as a whole afterwards.
    copy.execute_batch("PRAGMA journal_mode = MEMORY; PRAGMA synchronous = OFF").map_err(copied)?;
    history::separate(&copy).map_err(copied)
}
