//! Putting a backup in the place of a store.

use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use loggia_domain::instant::Timestamp;

use super::cancel::{Cancel, CancelOnDrop};
use super::examine::{examine, refuse_log};
use super::files::{NewFile, failed, sync_folder};
use super::{BackupError, BackupFacts};
use crate::sessions::file::beside;

/// A store that was restored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Restored {
    /// The backup.
    pub facts: BackupFacts,
    /// The new name of the file that was there before, or `None` if there was none. Its write-ahead log and the log's index, if they
    /// existed, have the same name with `-wal` and `-shm` at the end.
    pub moved_to: Option<PathBuf>,
}

/// Puts a copy of the backup `file` in the place of the store at `to`, which need not exist. `now` becomes part of the name that the file
/// there gets.
///
/// The copy belongs to the owner of the file there, and nobody else can read it. It is checked as [`check`](super::check) does before
/// anything is moved. Then the file at `to`, its write-ahead log and the log's index are renamed, and the copy is renamed to `to`. Each name
/// is free before: nothing is overwritten. A process that is killed between two of these steps leaves every file under one name or the
/// other, and `to` is the old file, perhaps without its log, until it is the new one; restore again then.
///
/// This process must not have the store open. On systems without POSIX locks, other processes that use the store are not noticed.
///
/// # Errors
/// Fails with a [`BackupError`]: [`InUse`](BackupError::InUse) if another process has the store open.
pub async fn restore(file: &Path, to: &Path, now: Timestamp) -> Result<Restored, BackupError> {
    let in_use = Locked::take(to)?;
    refuse_log(file)?;
    let cancel = Arc::new(Cancel::default());
    let _until_here = CancelOnDrop(cancel.clone());
    let copy = {
        let (file, to) = (file.to_owned(), to.to_owned());
        let copied = tokio::task::spawn_blocking(move || copied(&file, &to)).await;
        copied.map_err(|error| BackupError::Copy(error.into()))??
    };
    // The message names the file that the caller named.
    let facts = examine(copy.path(), &cancel).await.map_err(|error| error.about(file))?;
    copy.write_out()?;
    let moved_to = move_aside(to, now)?;
    if let Err(error) = copy.put_in_place() {
        if let Some(aside) = &moved_to {
            move_back(aside, to);
        }
        return Err(error);
    }
    drop(in_use);
    Ok(Restored { facts, moved_to })
}

/// Copies the backup to a new file beside the store.
fn copied(file: &Path, to: &Path) -> Result<NewFile, BackupError> {
    let mut from = File::open(file).map_err(failed(file))?;
    let (copy, mut into) = NewFile::create(to)?;
    io::copy(&mut from, &mut into).map_err(failed(copy.path()))?;
    give_to_owner(copy.path(), to);
    Ok(copy)
}

/// Gives the copy to the owner of the file that it replaces, or of its folder: an administrator restores a store that another user serves.
/// Nobody but an administrator can do that, and nobody else has to.
fn give_to_owner(copy: &Path, to: &Path) {
    #[cfg(unix)]
    {
        use std::os::unix::fs::{MetadataExt as _, chown};

        let owner = fs::metadata(to).or_else(|_| fs::metadata(to.parent().unwrap_or(to)));
        if let Ok(owner) = owner {
            let _ = chown(copy, Some(owner.uid()), Some(owner.gid()));
        }
    }
    #[cfg(not(unix))]
    let _ = (copy, to);
}

/// Renames the files of the store at `to`, if there are any. Returns the new name of the file itself.
fn move_aside(to: &Path, now: Timestamp) -> Result<Option<PathBuf>, BackupError> {
    let ends = ["-wal", "-shm", ""];
    if ends.iter().all(|end| !beside(to, end).exists()) {
        return Ok(None);
    }
    // Colons have a meaning of their own on some systems.
    let time = now.to_rfc3339().replace(':', "-");
    let name = |number: u32| match number {
        1 => beside(to, &format!(".before-restore-{time}")),
        more => beside(to, &format!(".before-restore-{time}-{more}")),
    };
    let free = |name: &PathBuf| ends.iter().all(|end| !beside(name, end).exists());
    let aside = (1..).map(name).find(free);
    let aside = aside.ok_or_else(|| failed(to)(io::ErrorKind::AlreadyExists.into()))?;
    // A second name of the file, so that there is a store at `to` at any time: a server that starts meanwhile would create one.
    if to.exists() {
        // Not every file system has a second name for a file.
        fs::hard_link(to, &aside).or_else(|_| fs::rename(to, &aside)).map_err(failed(&aside))?;
        sync_folder(to)?;
    }
    for end in ["-wal", "-shm"] {
        let (from, into) = (beside(to, end), beside(&aside, end));
        match fs::rename(&from, &into) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            moved => moved.map_err(failed(&into))?,
        }
    }
    sync_folder(to)?;
    Ok(Some(aside))
}

/// Gives the files the names back that they had before [`move_aside`], as far as that is possible.
fn move_back(aside: &Path, to: &Path) {
    for end in ["-wal", "-shm", ""] {
        let _ = fs::rename(beside(aside, end), beside(to, end));
    }
}

/// Locks on the files of a store that no process uses.
#[derive(Debug)]
struct Locked(#[expect(dead_code, reason = "closing the files gives up the locks")] Vec<File>);

impl Locked {
    /// Locks the store's files against all other processes. A process that has the store open holds a lock on a part of one of them.
    fn take(store: &Path) -> Result<Self, BackupError> {
        let mut files = Vec::new();
        for end in ["", "-shm"] {
            let path = beside(store, end);
            match File::options().read(true).write(true).open(&path) {
                Err(error) if error.kind() == io::ErrorKind::NotFound => {}
                opened => {
                    let file = opened.map_err(failed(&path))?;
                    lock(&file, store)?;
                    files.push(file);
                }
            }
        }
        Ok(Self(files))
    }
}

/// SQLite's locks are POSIX locks on some bytes of the files, so a lock on all bytes is refused as long as there is one.
#[cfg(unix)]
fn lock(file: &File, store: &Path) -> Result<(), BackupError> {
    use rustix::fs::{FlockOperation, fcntl_lock};
    use rustix::io::Errno;

    match fcntl_lock(file, FlockOperation::NonBlockingLockExclusive) {
        Err(Errno::ACCESS | Errno::AGAIN) => Err(BackupError::InUse(store.to_owned())),
        locked => locked.map_err(|error| failed(store)(error.into())),
    }
}

#[cfg(not(unix))]
fn lock(_file: &File, _store: &Path) -> Result<(), BackupError> {
    Ok(())
}

impl BackupError {
    /// Returns the error with this path in the place of that of a copy.
    fn about(self, file: &Path) -> Self {
        let path = file.to_owned();
        match self {
            Self::NotABackup { why, .. } => Self::NotABackup { path, why },
            Self::Damaged { what, .. } => Self::Damaged { path, what },
            Self::Newer { schema, .. } => Self::Newer { path, schema },
            other => other,
        }
    }
}
