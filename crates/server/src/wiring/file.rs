//! A store in one file.

#[cfg(unix)]
mod access;

use std::path::{Path, PathBuf};

use anyhow::{Context, bail};
use loggia_sqlite::{SqliteOptions, SqliteStore};

#[cfg(unix)]
pub(crate) use access::files as files_of_store;

use super::{Location, Migrated, cannot_use, wrong_schema};

/// The sizes of a store's files in bytes, and the room that is left for them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct FileSizes {
    /// The size of the database.
    pub(crate) main: u64,
    /// The size of its write-ahead log, which is 0 if there is none.
    pub(crate) log: u64,
    /// The room on the file system for this process, if the system reports it.
    pub(crate) available: Option<u64>,
}

/// Returns the sizes of the files of a store. A file that is not there has none.
pub(super) fn sizes(path: &Path) -> FileSizes {
    let size = |path: &Path| std::fs::metadata(path).map_or(0, |metadata| metadata.len());
    let mut log = path.as_os_str().to_owned();
    log.push("-wal");
    FileSizes { main: size(path), log: size(Path::new(&log)), available: available(path) }
}

#[cfg(unix)]
fn available(path: &Path) -> Option<u64> {
    let system = rustix::fs::statvfs(path).ok()?;
    Some(system.f_bavail.saturating_mul(system.f_frsize))
}

#[cfg(not(unix))]
fn available(_: &Path) -> Option<u64> {
    None
}

/// Opens the file. Creates it if there is none, and applies missing migrations.
pub(super) async fn prepare(path: &Path) -> anyhow::Result<SqliteStore> {
    let path = absolute(path)?;
    check_path(&path)?;
    let store = SqliteStore::open(&path).await.with_context(|| cannot_open(&path))?;
    keep_private(&path);
    Ok(store)
}

/// Opens an existing file, which must have the schema that this program knows.
pub(super) async fn existing(path: &Path) -> anyhow::Result<SqliteStore> {
    let path = absolute(path)?;
    check_path(&path)?;
    if !path.exists() {
        bail!(
            "there is no store at {}: `loggia serve` and `loggia bootstrap` create one, --database-url selects another",
            path.display()
        );
    }
    let store =
        SqliteStore::open_existing(&SqliteOptions::new(&path)).await.with_context(|| cannot_open(&path))?;
    keep_private(&path);
    let version = store.schema_version().await.with_context(|| cannot_open(&path))?;
    if !version.is_current() {
        bail!(wrong_schema(&Location::File(path), version.found, version.known));
    }
    Ok(store)
}

/// Creates the file if there is none, and applies missing migrations.
pub(super) async fn migrate(path: &Path) -> anyhow::Result<Migrated> {
    let path = absolute(path)?;
    check_path(&path)?;
    let from = if path.exists() {
        let store = SqliteStore::open_existing(&SqliteOptions::new(&path)).await;
        let store = store.with_context(|| cannot_open(&path))?;
        let version = store.schema_version().await.with_context(|| cannot_open(&path))?;
        store.close().await;
        version.found
    } else {
        0
    };
    let store = prepare(&path).await?;
    let to = store.schema_version().await.with_context(|| cannot_open(&path))?.found;
    store.close().await;
    Ok(Migrated { from, to })
}

/// Returns the absolute path of a store's file, which need not exist. Fails with the reason if no store can be there.
pub(super) fn usable_path(path: &Path) -> anyhow::Result<PathBuf> {
    let path = absolute(path)?;
    check_path(&path)?;
    Ok(path)
}

/// Returns the absolute path.
pub(super) fn absolute(path: &Path) -> anyhow::Result<PathBuf> {
    std::path::absolute(path).with_context(|| format!("the path {} cannot be resolved", path.display()))
}

/// Makes the store's files accessible to their owner only.
fn keep_private(path: &Path) {
    #[cfg(unix)]
    access::tighten(path);
    #[cfg(not(unix))]
    let _ = path;
}

/// Rejects paths that SQLite would only report as "unable to open", and files that it would open although it should not.
fn check_path(path: &Path) -> anyhow::Result<()> {
    if path.is_dir() {
        bail!("{} is a directory; --database-url must name a file in it", path.display());
    }
    if let Some(directory) = path.parent()
        && !directory.is_dir()
    {
        bail!(
            "the directory {} does not exist; create it, or choose another with --database-url",
            directory.display()
        );
    }
    #[cfg(unix)]
    access::check(path)?;
    #[cfg(unix)]
    check_mount(path)?;
    Ok(())
}

/// Rejects a file system that is mounted read-only: even a store that is only read has a write-ahead log beside it.
#[cfg(unix)]
fn check_mount(path: &Path) -> anyhow::Result<()> {
    use rustix::fs::{StatVfsMountFlags, statvfs};

    let directory = path.parent().unwrap_or(path);
    // A system that does not tell may still open the file.
    if statvfs(directory).is_ok_and(|system| system.f_flag.contains(StatVfsMountFlags::RDONLY)) {
        bail!(
            "cannot use the store at {}: its file system is mounted read-only. Mount it for writing, or choose another with --database-url; \
             errors of a disk make its file system read-only, too, and the kernel's log tells",
            path.display()
        );
    }
    Ok(())
}

/// Returns the beginning of the message about a file that SQLite refuses.
fn cannot_open(path: &Path) -> String {
    cannot_use(&Location::File(path.to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn why<T>(refused: anyhow::Result<T>) -> String {
        refused.err().map(|error| format!("{error:#}")).unwrap_or_default()
    }

    #[tokio::test]
    async fn an_unusable_path_is_reported_with_its_reason() {
        let directory = tempfile::tempdir().expect("a directory");
        let missing = directory.path().join("missing").join("loggia.db");
        assert!(why(prepare(&missing).await).contains("does not exist; create it"));
        assert!(why(prepare(directory.path()).await).contains("is a directory"));
        let foreign = directory.path().join("foreign.db");
        std::fs::write(&foreign, "x".repeat(4_096)).expect("a file");
        assert!(why(prepare(&foreign).await).starts_with("cannot use the store at "));
    }

    #[cfg(unix)]
    #[tokio::test]
    async fn opening_a_store_withdraws_the_permissions_of_others() {
        use std::os::unix::fs::PermissionsExt as _;

        let directory = tempfile::tempdir().expect("a directory");
        let path = directory.path().join("loggia.db");
        let open_to_all = || {
            let mode = std::fs::Permissions::from_mode(0o666);
            std::fs::set_permissions(&path, mode).expect("a mode");
        };
        let modes = || {
            let mut files: Vec<_> = std::fs::read_dir(directory.path())
                .expect("the directory")
                .map(|entry| {
                    let entry = entry.expect("a file");
                    let mode = entry.metadata().expect("its mode").permissions().mode() & 0o7777;
                    (entry.file_name().to_string_lossy().into_owned(), mode)
                })
                .collect();
            files.sort();
            files
        };
        let all = ["loggia.db", "loggia.db-shm", "loggia.db-wal"].map(|name| (name.to_owned(), 0o600));
        prepare(&path).await.expect("a store").close().await;
        open_to_all();
        let store = prepare(&path).await.expect("the store");
        assert_eq!(modes(), all);
        store.close().await;
        open_to_all();
        let store = existing(&path).await.expect("the store");
        assert_eq!(modes(), all);
        store.close().await;

        let foreign = directory.path().join("foreign.db");
        std::fs::write(&foreign, "x".repeat(4_096)).expect("a file");
        std::fs::set_permissions(&foreign, std::fs::Permissions::from_mode(0o664)).expect("a mode");
        assert!(!why(prepare(&foreign).await).is_empty());
        let foreign = std::fs::metadata(&foreign).expect("the file").permissions().mode() & 0o7777;
        assert_eq!(foreign, 0o664, "what is no store of ours is left alone");
    }

    #[tokio::test]
    async fn opening_an_existing_store_never_creates_one() {
        let directory = tempfile::tempdir().expect("a directory");
        let path = directory.path().join("loggia.db");
        assert!(why(existing(&path).await).starts_with("there is no store at "));
        assert!(!path.exists());
        std::fs::write(&path, "").expect("a file without a schema");
        assert!(why(existing(&path).await).ends_with("run `loggia migrate`"));
        prepare(&path).await.expect("a store").close().await;
        existing(&path).await.expect("the store is there now").close().await;
    }
}
