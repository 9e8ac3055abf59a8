//! The temporary directory: the data in `data`, with the log and the socket beside it.

use std::fs::{self, File};
use std::io::{self, Write};
use std::os::unix::fs::{MetadataExt, chown};
use std::path::{Path, PathBuf};
use std::process::Stdio;

use rustix::fs::{Access, access, statvfs};
use tempfile::TempDir;

use super::account::{Account, command};
use super::{ServerError, ServerOptions};
use crate::Binaries;

pub(super) fn data_folder(directory: &Path) -> PathBuf {
    directory.join("data")
}

pub(super) fn log_file(directory: &Path) -> PathBuf {
    directory.join("log")
}

/// The file system in memory that Linux has. Each test has a database of its own, and on a disk's file system creating and deleting its 300
/// files costs more than most tests do.
const IN_MEMORY: &str = "/dev/shm";

/// The free space that the file system in memory must have, in bytes. Containers often have 64 MB there.
const IN_MEMORY_FREE: u64 = 8 << 30;

/// Creates the directory where the account can reach it, owned by the account. It lies in memory if that is requested and
/// there is room.
pub(super) fn make_directory(account: Option<&Account>, in_memory: bool) -> Result<TempDir, ServerError> {
    let failed = |source| ServerError::io("making a temporary directory", source);
    let memory = (in_memory && has_room(IN_MEMORY)).then(|| IN_MEMORY.into());
    let mut parents = memory.into_iter().chain([std::env::temp_dir(), "/tmp".into(), "/var/tmp".into()]);
    // Other accounts may not be able to enter root's own temporary directory.
    let parent = parents
        .find(|parent| account.is_none() || anyone_reaches(parent))
        .ok_or_else(|| failed(io::Error::other("none of them can be reached by all users")))?;
    // The name is short, since a socket's path has a maximum length.
    let directory = tempfile::Builder::new().prefix("loggia-pg-").tempdir_in(parent).map_err(failed)?;
    if let Some(Account { uid, gid }) = account {
        chown(directory.path(), Some(*uid), Some(*gid)).map_err(failed)?;
    }
    Ok(directory)
}

/// Returns `true` if the file system of this folder has room for the data of tests, and this account may write to the folder.
fn has_room(folder: &str) -> bool {
    statvfs(folder).is_ok_and(|system| system.f_bavail.saturating_mul(system.f_frsize) >= IN_MEMORY_FREE)
        && access(folder, Access::WRITE_OK | Access::EXEC_OK).is_ok()
}

/// Returns `true` if every account may enter the folder.
pub(super) fn anyone_reaches(folder: &Path) -> bool {
    let everybody_may_enter = |folder: &Path| folder.metadata().is_ok_and(|entry| entry.mode() & 0o001 != 0);
    folder.canonicalize().is_ok_and(|folder| folder.ancestors().all(everybody_may_enter))
}

/// Runs initdb and writes the settings.
pub(super) fn init(
    binaries: &Binaries,
    directory: &Path,
    account: Option<&Account>,
    options: &ServerOptions,
) -> Result<(), ServerError> {
    let data = data_folder(directory);
    let mut initdb = command(&binaries.program("initdb"), directory, account);
    initdb.args(["--auth=trust", "--encoding=UTF8", "--locale=C", "--no-sync", "--username=postgres"]);
    initdb.arg("--pgdata").arg(&data).stdin(Stdio::null());
    let output = initdb.output().map_err(|source| ServerError::io("starting initdb", source))?;
    if !output.status.success() {
        let output = [output.stdout, output.stderr].concat();
        return Err(ServerError::Initdb { output: String::from_utf8_lossy(&output).into_owned() });
    }
    let lines = options.lines(&directory.display().to_string());
    let settings = File::options().append(true).open(data.join("postgresql.conf"));
    settings
        .and_then(|mut file| file.write_all(lines.as_bytes()))
        .map_err(|source| ServerError::io("writing postgresql.conf", source))
}

/// Returns the log from a position on.
pub(super) fn log_since(directory: &Path, position: usize) -> String {
    let log = fs::read(log_file(directory)).unwrap_or_default();
    String::from_utf8_lossy(log.get(position..).unwrap_or_default()).into_owned()
}

/// Returns the last lines of a log, for an error message.
pub(super) fn tail(log: &str) -> String {
    const LINES: usize = 20;
    let lines: Vec<&str> = log.lines().collect();
    lines.get(lines.len().saturating_sub(LINES)..).unwrap_or_default().join("\n")
}
