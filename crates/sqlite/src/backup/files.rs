//! Files that appear whole or not at all.

use std::ffi::OsString;
use std::fs::{self, File, OpenOptions};
use std::io;
use std::path::{Path, PathBuf};

use super::BackupError;
use crate::sessions::file::beside;

/// A file that is being written beside its target, under another name, and only its owner may read. Dropping it deletes it, unless it was
/// put in place.
#[derive(Debug)]
pub(super) struct NewFile {
    path: PathBuf,
    target: PathBuf,
}

/// The number of names that are tried: that many copies to one target may be written at once, or be left by killed processes.
const NAMES: u32 = 1_000;

impl NewFile {
    /// Creates an empty file for `target`, in the same folder.
    pub(super) fn create(target: &Path) -> Result<(Self, File), BackupError> {
        // Without a name the target is a folder.
        let name = target.file_name().ok_or_else(|| failed(target)(io::ErrorKind::IsADirectory.into()))?;
        if target.is_dir() {
            return Err(failed(target)(io::ErrorKind::IsADirectory.into()));
        }
        for number in 1..=NAMES {
            let mut hidden = OsString::from(".");
            hidden.push(name);
            hidden.push(format!(".partial-{number}"));
            let path = target.with_file_name(hidden);
            let mut options = OpenOptions::new();
            options.read(true).write(true).create_new(true);
            #[cfg(unix)]
            std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
            match options.open(&path) {
                Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
                Err(error) => return Err(failed(&path)(error)),
                Ok(file) => return Ok((Self { path, target: target.to_owned() }, file)),
            }
        }
        Err(failed(target)(io::ErrorKind::AlreadyExists.into()))
    }

    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    /// Writes the file's content to the disk.
    pub(super) fn write_out(&self) -> Result<(), BackupError> {
        let written = File::options().write(true).open(&self.path).and_then(|file| file.sync_all());
        written.map_err(failed(&self.path))
    }

    /// Gives the file its name, and writes that to the disk. It replaces a file of that name.
    pub(super) fn put_in_place(self) -> Result<(), BackupError> {
        fs::rename(&self.path, &self.target).map_err(failed(&self.target))?;
        sync_folder(&self.target)
    }
}

impl Drop for NewFile {
    fn drop(&mut self) {
        // It is not there any more if it was put in place.
        let _ = fs::remove_file(&self.path);
        let _ = fs::remove_file(beside(&self.path, "-journal"));
    }
}

/// Writes the names in the folder of `path` to the disk.
pub(super) fn sync_folder(path: &Path) -> Result<(), BackupError> {
    // Other systems cannot open a folder as a file.
    #[cfg(unix)]
    {
        let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
        File::open(folder).and_then(|folder| folder.sync_all()).map_err(failed(folder))?;
    }
    #[cfg(not(unix))]
    let _ = path;
    Ok(())
}

/// Returns the mapping of the system's error about a path.
pub(super) fn failed(path: &Path) -> impl FnOnce(io::Error) -> BackupError + use<> {
    let path = path.to_owned();
    move |source| BackupError::File { path, source }
}
