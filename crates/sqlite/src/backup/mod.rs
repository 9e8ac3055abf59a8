//! Backups: one file that holds a store, made while the store is in use, checked, and put back.
//!
//! [`back_up`] copies the state after the last commit that was acknowledged before it began, or a later one. Reads and writes go on
//! meanwhile. [`check`] says whether a file can be restored. [`restore`] puts one in the place of a store that no process uses.
//!
//! A backup is a database in SQLite's own format, without a write-ahead log. It holds no deleted rows: SQLite writes the live ones anew
//! (`VACUUM INTO`).
//!
//! # Limits
//! A check finds every page, index and reference that is not as SQLite made it, but SQLite has no checksum of a value: a letter that was
//! changed inside a text is not found. Store backups where damage is noticed.

mod cancel;
mod copy;
mod examine;
mod files;
mod restore;

use std::error::Error;
use std::path::PathBuf;

use loggia_sql::SchemaVersion;

pub use copy::{Existing, Progress, back_up};
pub use examine::check;
pub use restore::{Restored, restore};

use crate::error::OpenError;

/// A backup that was checked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BackupFacts {
    /// The size of the file, in bytes.
    pub bytes: u64,
    /// The version of its schema, and the one that this program knows. A store of an older version is migrated when it is opened.
    pub schema: SchemaVersion,
}

/// A backup was not made, is not usable, or was not restored. The store and every other file are then as they were before.
#[derive(Debug, thiserror::Error)]
pub enum BackupError {
    /// There is no store to back up.
    #[error("there is no store at {}", .0.display())]
    NoStore(PathBuf),
    /// The store cannot be opened.
    #[error("the store cannot be opened")]
    Store(#[source] OpenError),
    /// The file exists, and the caller did not allow to replace it.
    #[error("{} exists already", .0.display())]
    Exists(PathBuf),
    /// The path is that of the store, or of one of the files beside it.
    #[error("{} is a file of the store itself", .0.display())]
    IsTheStore(PathBuf),
    /// A file or folder cannot be read or written.
    #[error("{} cannot be used", path.display())]
    File {
        /// The file or folder.
        path: PathBuf,
        /// The system's error.
        #[source]
        source: std::io::Error,
    },
    /// SQLite could not make the copy.
    #[error("the copy cannot be made")]
    Copy(#[source] Box<dyn Error + Send + Sync>),
    /// The file is no store: another program's, of a version before 0.1.0, empty, or no database at all.
    #[error("{} is not a backup of a store: {why}", path.display())]
    NotABackup {
        /// The file.
        path: PathBuf,
        /// The reason.
        why: String,
    },
    /// The file has a write-ahead log beside it, so it is not the whole store.
    #[error(
        "{} has a write-ahead log beside it, so it is a copy of a store and no backup; open it as a store and back that up",
        .0.display()
    )]
    HasLog(PathBuf),
    /// The file is damaged.
    #[error("{} is damaged: {what}", path.display())]
    Damaged {
        /// The file.
        path: PathBuf,
        /// The problem, in SQLite's words.
        what: String,
    },
    /// A later version of this program made the backup.
    #[error(
        "{} has schema version {found}, and this program knows version {known}: use the version of loggia that made it, or a later one",
        path.display(),
        found = schema.found,
        known = schema.known
    )]
    Newer {
        /// The file.
        path: PathBuf,
        /// The version of its schema, and the one that this program knows.
        schema: SchemaVersion,
    },
    /// Another process uses the store.
    #[error("another process uses the store at {}: stop the server, and then restore", .0.display())]
    InUse(PathBuf),
    /// The caller went away.
    #[error("it was interrupted")]
    Interrupted,
}
