//! Backups: made beside writers, checked, and restored.

use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use futures_util::future::poll_immediate;
use loggia_domain::instant::Timestamp;
use loggia_domain::port::{Includes, Views};
use loggia_sqlite::backup::{BackupError, Existing, Progress, back_up, check, restore};
use loggia_sqlite::{SqliteOptions, SqliteStore};
use loggia_testkit::builders;
use loggia_testkit::seed::{self, World};
use sqlx::sqlite::SqliteConnectOptions;
use sqlx::{ConnectOptions, Connection, Executor};

use crate::support::{Temporary, ports};

fn nothing(_: Progress) {}

fn now() -> Timestamp {
    Timestamp::parse("2026-01-31T08:00:00Z").expect("a time")
}

/// Returns the names in a folder, in order.
fn names(folder: &Path) -> Vec<String> {
    let entries = fs::read_dir(folder).expect("the folder").map(|entry| entry.expect("a file").file_name());
    let mut names: Vec<_> = entries.map(|name| name.to_string_lossy().into_owned()).collect();
    names.sort();
    names
}

/// Makes a backup of a store with a few records, in a folder of its own.
async fn backed_up() -> (Temporary, World, tempfile::TempDir, PathBuf) {
    let temporary = Temporary::new().await;
    let world = World::seed(&temporary.ports).await;
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("backup.db");
    let facts = back_up(&temporary.options(), &file, Existing::Keep, nothing).await.expect("a backup");
    assert!(facts.schema.is_current() && facts.bytes == fs::metadata(&file).expect("it").len());
    (temporary, world, folder, file)
}

/// Runs statements on a file that is no store of any process.
async fn change(file: &Path, sql: &'static str) {
    let options = SqliteConnectOptions::new().filename(file).foreign_keys(false);
    let mut connection = options.connect().await.expect("a connection");
    connection.execute(sql).await.expect("a change");
    connection.close().await.expect("closing");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_backup_beside_writers_has_every_write_that_was_acknowledged_before_it_began() {
    const WRITERS: usize = 32;
    const BEFORE: usize = 200;
    let temporary = Temporary::new().await;
    let world = World::seed(&temporary.ports).await;
    let (stop, written) = (Arc::new(AtomicBool::new(false)), Arc::new(AtomicUsize::new(0)));
    let acknowledged = Arc::new(std::sync::Mutex::new(Vec::new()));
    let writers: Vec<_> = (0..WRITERS)
        .map(|writer| {
            let (ports, stop, written) = (temporary.ports.clone(), stop.clone(), written.clone());
            let (acknowledged, scope, user) = (acknowledged.clone(), world.scope, world.admin.user);
            tokio::spawn(async move {
                while !stop.load(Ordering::Relaxed) {
                    let space = builders::space(&ports, scope, user, &format!("Crate of {writer}"));
                    seed::spaces(&ports, std::slice::from_ref(&space)).await;
                    acknowledged.lock().expect("a list").push(space.id);
                    written.fetch_add(1, Ordering::Relaxed);
                }
            })
        })
        .collect();
    while written.load(Ordering::Relaxed) < BEFORE {
        tokio::task::yield_now().await;
    }
    let before = acknowledged.lock().expect("a list").clone();
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("backup.db");
    back_up(&temporary.options(), &file, Existing::Keep, nothing).await.expect("a backup");
    let during = acknowledged.lock().expect("a list").len() - before.len();
    stop.store(true, Ordering::Relaxed);
    for writer in writers {
        writer.await.expect("a writer");
    }
    assert!(during > 0, "nothing was written meanwhile");

    let target = folder.path().join("loggia.db");
    let restored = restore(&file, &target, now()).await.expect("a restored store");
    assert!(restored.moved_to.is_none(), "there was nothing");
    let store = SqliteStore::open_existing(&SqliteOptions::new(&target)).await.expect("a store");
    for id in &before {
        let found = store.space(&world.as_viewer(), *id, Includes::default()).await.expect("a look");
        assert!(found.is_some(), "{id} was acknowledged before");
    }
    store.close().await;
}

#[tokio::test]
async fn a_backup_is_one_private_file_without_a_log() {
    let (temporary, world, folder, file) = backed_up().await;
    assert_eq!(names(folder.path()), ["backup.db"]);
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        assert_eq!(fs::metadata(&file).expect("it").permissions().mode() & 0o7777, 0o600);
    }
    assert_eq!(fs::read(&file).expect("it")[18..20], [1, 1], "it is no database with a write-ahead log");
    check(&file).await.expect("a whole backup");
    assert_eq!(names(folder.path()), ["backup.db"], "a check makes no file");
    let target = folder.path().join("loggia.db");
    restore(&file, &target, now()).await.expect("a restored store");
    let store = SqliteStore::open(&target).await.expect("a store");
    let seen = ports(&store).views.project(&world.as_admin(), world.project.id).await.expect("a look");
    assert_eq!(seen.expect("the project").0.record, world.project);
    store.close().await;
    drop(temporary);
}

#[tokio::test]
async fn a_backup_replaces_a_file_only_if_requested_and_never_the_stores_own_files() {
    let (temporary, _, folder, file) = backed_up().await;
    let (options, before) = (temporary.options(), fs::read(&file).expect("it"));
    let refused = back_up(&options, &file, Existing::Keep, nothing).await;
    assert!(matches!(refused, Err(BackupError::Exists(_))), "{refused:?}");
    assert!(fs::read(&file).expect("it") == before);
    back_up(&options, &file, Existing::Replace, nothing).await.expect("a backup");
    assert!(fs::read(&file).expect("it") != before, "each backup has a stamp of its own");
    assert_eq!(names(folder.path()), ["backup.db"]);
    for end in ["", "-wal", "-shm"] {
        let own = PathBuf::from(format!("{}{end}", temporary.path().display()));
        let refused = back_up(&options, &own, Existing::Replace, nothing).await;
        assert!(matches!(refused, Err(BackupError::IsTheStore(_))), "{refused:?}");
    }
    let missing = folder.path().join("missing/backup.db");
    let refused = back_up(&options, &missing, Existing::Keep, nothing).await;
    assert!(
        matches!(&refused, Err(BackupError::File { source, .. }) if source.kind() == ErrorKind::NotFound)
    );
    let nowhere = SqliteOptions::new(folder.path().join("nowhere.db"));
    let refused = back_up(&nowhere, &missing, Existing::Keep, nothing).await;
    assert!(matches!(refused, Err(BackupError::NoStore(_))), "{refused:?}");
    assert_eq!(names(folder.path()), ["backup.db"]);
}

#[tokio::test]
async fn a_cancelled_backup_leaves_no_files() {
    let temporary = Temporary::new().await;
    World::seed(&temporary.ports).await;
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("backup.db");
    let options = temporary.options();
    let mut making = Box::pin(back_up(&options, &file, Existing::Keep, nothing));
    let deadline = Instant::now() + Duration::from_secs(30);
    while names(folder.path()).is_empty() {
        assert!(poll_immediate(&mut making).await.is_none(), "it was made at once");
        assert!(Instant::now() < deadline, "it does not begin");
        tokio::task::yield_now().await;
    }
    drop(making);
    while !names(folder.path()).is_empty() {
        assert!(Instant::now() < deadline, "{:?} is left", names(folder.path()));
        tokio::task::yield_now().await;
    }
}

/// Makes a copy of the backup and damages it.
async fn damaged(backup: &Path, name: &str, damage: impl AsyncFnOnce(&Path)) -> PathBuf {
    let file = backup.with_file_name(name);
    fs::copy(backup, &file).expect("a copy");
    damage(&file).await;
    file
}

#[tokio::test]
async fn a_damaged_or_foreign_backup_is_refused_and_nothing_is_changed() {
    let (temporary, _, folder, backup) = backed_up().await;
    temporary.store.close().await;
    let write = |bytes: Vec<u8>| move |file: PathBuf| fs::write(file, bytes).expect("a file");
    let bytes = fs::read(&backup).expect("the backup");
    let mut flipped = bytes.clone();
    for byte in &mut flipped[3 * 4_096..4 * 4_096] {
        *byte = !*byte;
    }
    let mut cases = Vec::new();
    for (name, bytes) in [
        ("truncated", bytes[..bytes.len() / 2].to_vec()),
        ("truncated within a page", bytes[..bytes.len() - 100].to_vec()),
        ("with a flipped page", flipped),
        ("no database", "This is no database, but it is long enough. ".repeat(200).into_bytes()),
        ("empty", Vec::new()),
    ] {
        let write = write(bytes);
        cases.push(damaged(&backup, name, async |file| write(file.to_owned())).await);
    }
    for (name, sql) in [
        ("newer", "UPDATE _sqlx_migrations SET version = 100 * version"),
        ("unreleased", "UPDATE _sqlx_migrations SET checksum = zeroblob(48)"),
        ("foreign", "DROP TABLE instance"),
        ("with rows that refer to nothing", "DELETE FROM users"),
    ] {
        cases.push(damaged(&backup, name, async |file| change(file, sql).await).await);
    }
    let with_log = damaged(&backup, "log", async |file| {
        fs::write(format!("{}-wal", file.display()), "a log").expect("a log");
    });
    cases.push(with_log.await);
    cases.push(folder.path().join("missing"));

    let (before, around) = (fs::read(temporary.path()).expect("the store"), names(temporary.folder.path()));
    for case in cases {
        let checked = check(&case).await;
        let refused = restore(&case, &temporary.path(), now()).await;
        let (checked, refused) = (checked.expect_err("no backup"), refused.expect_err("no backup"));
        assert_eq!(checked.to_string(), refused.to_string());
        assert!(refused.to_string().contains(&*case.to_string_lossy()), "{refused}");
        let name = case.file_name().expect("a name").to_string_lossy().into_owned();
        let is_expected = match name.as_str() {
            "newer" => matches!(refused, BackupError::Newer { .. }),
            "no database" | "empty" | "unreleased" | "foreign" => {
                matches!(refused, BackupError::NotABackup { .. })
            }
            "log" => matches!(refused, BackupError::HasLog(_)),
            "missing" => matches!(refused, BackupError::File { .. }),
            _ => matches!(refused, BackupError::Damaged { .. }),
        };
        assert!(is_expected, "{name}: {refused:?}");
        assert!(fs::read(temporary.path()).expect("the store") == before, "{name}");
        assert_eq!(names(temporary.folder.path()), around, "{name}");
    }
}

#[tokio::test]
async fn a_restore_keeps_the_previous_files_under_unused_names() {
    let (temporary, world, folder, backup) = backed_up().await;
    let target = folder.path().join("store/loggia.db");
    fs::create_dir(target.with_file_name("")).expect("a folder");
    // The files of a store that was killed, with a write in its log alone.
    let extra = builders::space(&temporary.ports, world.scope, world.admin.user, "Only in the log");
    seed::spaces(&temporary.ports, std::slice::from_ref(&extra)).await;
    for end in ["", "-wal", "-shm"] {
        let from = format!("{}{end}", temporary.path().display());
        fs::copy(from, format!("{}{end}", target.display())).expect("a copy");
    }
    let first = restore(&backup, &target, now()).await.expect("a restored store").moved_to.expect("a name");
    let second = restore(&backup, &target, now()).await.expect("a restored store").moved_to.expect("a name");
    assert_eq!(
        names(&target.with_file_name("")),
        [
            "loggia.db",
            "loggia.db.before-restore-2026-01-31T08-00-00.000Z",
            "loggia.db.before-restore-2026-01-31T08-00-00.000Z-2",
            "loggia.db.before-restore-2026-01-31T08-00-00.000Z-shm",
            "loggia.db.before-restore-2026-01-31T08-00-00.000Z-wal",
        ]
    );
    assert!(first != second && backup.exists());
    for (path, has_it) in [(&first, true), (&target, false)] {
        let store = SqliteStore::open_existing(&SqliteOptions::new(path)).await.expect("a store");
        let found = store.space(&world.as_viewer(), extra.id, Includes::default()).await.expect("a look");
        assert_eq!(found.is_some(), has_it, "{}", path.display());
        store.close().await;
    }
}

#[tokio::test]
async fn a_restored_backup_beside_the_log_of_its_original_is_refused() {
    let (temporary, world, _folder, backup) = backed_up().await;
    // The log begins anew right after the backup, from the state that the backup has.
    assert!(temporary.store.checkpoint().await.expect("a checkpoint"));
    let space = builders::space(&temporary.ports, world.scope, world.admin.user, "Later");
    seed::spaces(&temporary.ports, &[space]).await;
    let target = tempfile::tempdir().expect("a folder");
    let path = target.path().join("loggia.db");
    fs::copy(&backup, &path).expect("a copy");
    fs::copy(format!("{}-wal", temporary.path().display()), target.path().join("loggia.db-wal"))
        .expect("a log");
    let refused = SqliteStore::open(&path).await;
    assert!(matches!(refused, Err(loggia_sqlite::OpenError::ForeignLog { .. })), "{refused:?}");
}
