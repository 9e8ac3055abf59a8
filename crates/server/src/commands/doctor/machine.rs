//! The machine's side: room on the disk, the access of other users, and the limit of open files.

use std::num::NonZero;
use std::path::Path;

use loggia_sqlite::{Examination, SqliteOptions};

use crate::database::Database;
use crate::descriptors::Descriptors;

/// The free space in bytes below which the store can be expected to run out of it.
const SCARCE: u64 = 1024 * 1024 * 1024;
/// The free space in bytes below which writes are about to fail.
const FULL: u64 = 64 * 1024 * 1024;
/// The number of clients below which the limit of open files is a finding.
const FEW_CLIENTS: usize = 500;

/// Checks whether the limit of open files leaves enough for clients.
pub(super) fn open_files(database: &Database, examination: &mut Examination) {
    examination.begin("open files");
    let workers = std::thread::available_parallelism().unwrap_or(NonZero::<usize>::MIN);
    judge_left(
        Descriptors::raise().left(workers, needed(database)).map_err(|error| error.to_string()),
        examination,
    );
}

/// Returns the number of descriptors that the store takes, as a server counts them.
fn needed(database: &Database) -> u64 {
    match database {
        Database::Sqlite(path) => crate::wiring::descriptors_of_file(SqliteOptions::new(path).reader_count()),
        Database::Postgres(options) => {
            crate::wiring::descriptors_of_sessions(options.reader_count(), options.writer_count())
        }
    }
}

fn judge_left(left: Result<Option<usize>, String>, examination: &mut Examination) {
    const RAISE: &str = "raise the limit: LimitNOFILE= in a systemd unit, `ulimit -n` in a shell";
    match left {
        Ok(Some(left)) if left < FEW_CLIENTS => {
            examination
                .warning(format!("the limit of open files leaves {left} connections for clients"), RAISE);
        }
        Ok(_) => {}
        Err(problem) => examination.error(problem, RAISE),
    }
}

/// Checks how much room the file system of a folder has.
#[cfg(unix)]
pub(super) fn disk(folder: impl AsRef<Path>, examination: &mut Examination) {
    examination.begin("disk space");
    let folder = folder.as_ref();
    match rustix::fs::statvfs(folder) {
        Ok(system) => {
            let free = system.f_bavail.saturating_mul(system.f_frsize);
            judge_free(folder, free, system.f_blocks.saturating_mul(system.f_frsize), examination);
            if system.f_flag.contains(rustix::fs::StatVfsMountFlags::RDONLY) {
                examination.error(
                    format!("the file system of {} is mounted read-only", folder.display()),
                    "mount it for writing; look into the kernel's log if it was, since errors of a disk make it read-only",
                );
            }
        }
        Err(error) => examination.warning(
            format!("the free space of {} is not known: {error}", folder.display()),
            "check it with `df`",
        ),
    }
}

/// Makes no check: this system is not asked.
#[cfg(not(unix))]
pub(super) fn disk(_folder: impl AsRef<Path>, _examination: &mut Examination) {}

fn judge_free(folder: &Path, free: u64, size: u64, examination: &mut Examination) {
    let problem = format!("the file system of {} has {} MiB left", folder.display(), free >> 20);
    let advice = "free some space, or move the store to a larger file system; a full one refuses writes, deletions among them";
    if free < FULL {
        examination.error(problem, advice);
    } else if free < SCARCE.min(size / 10) {
        examination.warning(problem, advice);
    }
}

/// Checks that nobody but its owner can open a store's files, and that this user is the owner.
#[cfg(unix)]
pub(super) fn permissions(store: &Path, examination: &mut Examination) {
    use std::os::unix::fs::MetadataExt as _;

    examination.begin("permissions");
    let user = rustix::process::geteuid().as_raw();
    for (path, file) in crate::wiring::files_of_store(store) {
        let (mode, owner, path) = (file.mode() & 0o7777, file.uid(), path.display());
        if mode & 0o077 != 0 {
            examination.error(
                format!("other users can open {path}: its mode is {mode:04o}"),
                format!("run `chmod 600 {path}`; `loggia serve` does so when it starts, if it is the owner"),
            );
        }
        // The administrator may examine the store of a service.
        if user != 0 && owner != user {
            examination.error(
                format!("{path} belongs to the user {owner}, and this program runs as {user}"),
                format!("run loggia as the owner, or `chown {user} {path}` as root"),
            );
        }
    }
    let Some((folder, found)) = store.parent().and_then(|folder| Some((folder, folder.metadata().ok()?)))
    else {
        return;
    };
    let mode = found.mode() & 0o7777;
    if mode & 0o002 != 0 && mode & 0o1000 == 0 {
        examination.error(
            format!("every user can replace files in {}: its mode is {mode:04o}", folder.display()),
            format!("run `chmod o-w {}`", folder.display()),
        );
    }
    if rustix::fs::access(folder, rustix::fs::Access::WRITE_OK).is_err() {
        examination.error(
            format!(
                "this user cannot write to {}, where SQLite keeps the log beside the store",
                folder.display()
            ),
            "give the user that runs loggia the right to write to the folder",
        );
    }
}

/// Makes no check: this system has no modes.
#[cfg(not(unix))]
pub(super) fn permissions(_store: &Path, _examination: &mut Examination) {}

/// Checks that not every user can read a file with a secret.
#[cfg(unix)]
pub(super) fn secret_file(path: &Path, examination: &mut Examination) {
    use std::os::unix::fs::MetadataExt as _;

    examination.begin("secret file");
    let Ok(file) = path.metadata() else { return };
    let mode = file.mode() & 0o7777;
    if mode & 0o007 != 0 {
        examination.warning(
            format!(
                "every user can read {}, which contains the database's URL: its mode is {mode:04o}",
                path.display()
            ),
            format!(
                "run `chmod 600 {}`, unless the file is a secret that only this container has",
                path.display()
            ),
        );
    }
}

/// Makes no check: this system has no modes.
#[cfg(not(unix))]
pub(super) fn secret_file(_path: &Path, _examination: &mut Examination) {}

#[cfg(test)]
mod tests {
    use loggia_sqlite::Severity;

    use super::*;

    fn severities(check: impl FnOnce(&mut Examination)) -> Vec<Severity> {
        let mut examination = Examination::default();
        check(&mut examination);
        examination.findings().iter().map(|finding| finding.severity).collect()
    }

    #[test]
    fn a_disk_is_scarce_before_it_is_full() {
        let judged = |free, size| severities(|it| judge_free(Path::new("/srv"), free, size, it));
        const GIB: u64 = 1 << 30;
        assert_eq!(judged(10 * GIB, 100 * GIB), []);
        assert_eq!(judged(GIB - 1, 100 * GIB), [Severity::Warning]);
        assert_eq!(judged(GIB / 2, 4 * GIB), [], "a tenth of a small one is enough");
        assert_eq!(judged(FULL - 1, 100 * GIB), [Severity::Error]);
    }

    #[test]
    fn a_limit_of_open_files_that_leaves_few_clients_is_found() {
        assert_eq!(severities(|it| judge_left(Ok(None), it)), []);
        assert_eq!(severities(|it| judge_left(Ok(Some(500)), it)), []);
        assert_eq!(severities(|it| judge_left(Ok(Some(499)), it)), [Severity::Warning]);
        assert_eq!(severities(|it| judge_left(Err("too few".to_owned()), it)), [Severity::Error]);
    }

    #[cfg(unix)]
    #[test]
    fn a_file_that_others_can_open_and_a_folder_that_they_can_write_are_found() {
        use std::fs::{self, Permissions};
        use std::os::unix::fs::PermissionsExt as _;

        let folder = tempfile::tempdir().expect("a folder");
        let store = folder.path().join("loggia.db");
        fs::write(&store, "").expect("a file");
        let set =
            |path: &Path, mode| fs::set_permissions(path, Permissions::from_mode(mode)).expect("a mode");
        for (file, directory, expected) in
            [(0o600, 0o700, 0), (0o640, 0o700, 1), (0o600, 0o777, 1), (0o600, 0o1777, 0)]
        {
            set(&store, file);
            set(folder.path(), directory);
            let found = severities(|it| permissions(&store, it));
            assert_eq!(found, vec![Severity::Error; expected], "{file:o} in {directory:o}");
        }
        set(&store, 0o644);
        assert_eq!(severities(|it| secret_file(&store, it)), [Severity::Warning]);
        set(&store, 0o640);
        assert_eq!(severities(|it| secret_file(&store, it)), []);
    }
}
