//! The access of other users to the store's files.
//!
//! A store holds its users' data and the digests of their keys, so only its owner may access it. The program creates its files that way; a
//! file that was copied, restored or changed by hand may be open to others.

use std::fs::{self, Metadata};
use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _};
use std::path::{Path, PathBuf};

use anyhow::bail;

/// The bits of a mode that let the group or all users write.
const OTHERS_WRITE: u32 = 0o022;
/// The bits of a mode that give the group or all users any access.
const OTHERS: u32 = 0o077;
/// The mode of a store's files.
const PRIVATE: u32 = 0o600;

/// Rejects files that another user can have prepared: those of another user that further users may write as well.
pub(super) fn check(store: &Path) -> anyhow::Result<()> {
    check_as(rustix::process::geteuid().as_raw(), store)
}

fn check_as(user: u32, store: &Path) -> anyhow::Result<()> {
    for (path, file) in files(store) {
        if file.uid() != user && file.mode() & OTHERS_WRITE != 0 {
            bail!(
                "{path} belongs to another user (its owner is {owner}, this program runs as {user}) and other users may write it (its \
                 mode is {mode:04o}), so its content cannot be trusted. If it is yours, run: chown {user} {path} && chmod 600 {path}",
                path = path.display(),
                owner = file.uid(),
                mode = file.mode() & 0o7777,
            );
        }
    }
    Ok(())
}

/// Removes other users' access to our files, and logs that. Must be called only once the file has proved to be a store: the files of other
/// programs stay as they are.
pub(super) fn tighten(store: &Path) {
    tighten_as(rustix::process::geteuid().as_raw(), store);
}

fn tighten_as(user: u32, store: &Path) {
    for (path, file) in files(store) {
        let mode = file.mode() & 0o7777;
        if file.uid() != user || mode & OTHERS == 0 {
            continue;
        }
        let (file, was) = (path.display(), format!("{mode:04o}"));
        // By its path: opening and closing a file of SQLite would release the locks that this process has on it.
        match fs::set_permissions(&path, fs::Permissions::from_mode(PRIVATE)) {
            Ok(()) => tracing::warn!(
                %file, was, now = "0600",
                "other users could open a file of the store; now only its owner can"
            ),
            // Some file systems have no modes, or cannot change them.
            Err(error) => tracing::warn!(
                %file, was, %error,
                "other users can open a file of the store, and its mode could not be changed"
            ),
        }
    }
}

/// Returns the existing files of a store: the database, the write-ahead log, and its index.
pub(crate) fn files(store: &Path) -> impl Iterator<Item = (PathBuf, Metadata)> {
    let beside = |end: &str| {
        let mut name = store.as_os_str().to_owned();
        name.push(end);
        PathBuf::from(name)
    };
    ["", "-wal", "-shm"].map(beside).into_iter().filter_map(|path| {
        let file = fs::metadata(&path).ok()?;
        file.is_file().then_some((path, file))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn modes(store: &Path) -> Vec<u32> {
        files(store).map(|(_, file)| file.mode() & 0o7777).collect()
    }

    fn set(path: &Path, mode: u32) {
        fs::set_permissions(path, fs::Permissions::from_mode(mode)).expect("a mode");
    }

    /// Returns a store of three files, and the id of the user who owns them.
    fn store() -> (tempfile::TempDir, PathBuf, u32) {
        let directory = tempfile::tempdir().expect("a directory");
        let store = directory.path().join("loggia.db");
        for end in ["", "-wal", "-shm"] {
            let path = directory.path().join(format!("loggia.db{end}"));
            fs::write(&path, "").expect("a file");
            set(&path, 0o600);
        }
        let user = fs::metadata(&store).expect("the store").uid();
        (directory, store, user)
    }

    #[test]
    fn the_permissions_of_others_are_removed_from_the_files_of_a_store() {
        let (directory, store, user) = store();
        set(&store, 0o644);
        set(&directory.path().join("loggia.db-wal"), 0o660);
        tighten_as(user, &store);
        assert_eq!(modes(&store), [0o600, 0o600, 0o600]);
        set(&store, 0o400);
        tighten_as(user, &store);
        assert_eq!(modes(&store), [0o400, 0o600, 0o600], "what is stricter stays");
    }

    #[test]
    fn the_files_of_another_user_are_left_alone() {
        let (_directory, store, user) = store();
        set(&store, 0o644);
        tighten_as(user + 1, &store);
        assert_eq!(modes(&store), [0o644, 0o600, 0o600]);
    }

    #[test]
    fn a_file_of_another_user_that_others_may_write_is_refused() {
        let (directory, store, user) = store();
        for (end, mode, is_refused) in [
            ("", 0o644, false),
            ("", 0o600, false),
            ("", 0o620, true),
            ("", 0o602, true),
            ("-wal", 0o666, true),
            ("-shm", 0o666, true),
        ] {
            let path = directory.path().join(format!("loggia.db{end}"));
            set(&path, mode);
            let refused = check_as(user + 1, &store).err().map(|error| error.to_string());
            assert_eq!(refused.is_some(), is_refused, "{end} {mode:o}: {refused:?}");
            if let Some(refused) = refused {
                assert!(
                    refused.contains("belongs to another user") && refused.contains("chmod 600"),
                    "{refused}"
                );
            }
            assert!(check_as(user, &store).is_ok(), "our own is tightened and not refused");
            set(&path, 0o600);
        }
    }
}
