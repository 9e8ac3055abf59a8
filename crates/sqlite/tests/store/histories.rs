//! Write-ahead logs that do not belong to the file beside them, and the states of a store that was killed, which all belong together.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use loggia_domain::port::Store;
use loggia_sqlite::{OpenError, SqliteOptions, SqliteStore};
use loggia_testkit::builders;
use loggia_testkit::seed::{self, World};
use sqlx::sqlite::{SqliteConnectOptions, SqliteConnection};
use sqlx::{Connection, Executor};
use tempfile::TempDir;

use crate::support::Temporary;

/// The database and its log, as they lie on the disk.
#[derive(Clone)]
struct Files {
    main: Vec<u8>,
    log: Vec<u8>,
}

impl Files {
    fn read(path: &Path) -> Self {
        // The log first: if it is copied into the file in between, the two are a state that a crash could leave.
        let log = fs::read(beside(path, "-wal")).unwrap_or_default();
        Self { main: fs::read(path).expect("the file"), log }
    }

    /// Writes the files into a folder of their own, as a crash or a copy of the two at different times would leave them.
    fn put(&self) -> (TempDir, PathBuf) {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("loggia.db");
        fs::write(&path, &self.main).expect("the file");
        fs::write(beside(&path, "-wal"), &self.log).expect("the log");
        (folder, path)
    }
}

fn beside(path: &Path, end: &str) -> PathBuf {
    PathBuf::from(format!("{}{end}", path.display()))
}

/// Returns every file in a folder with its content.
fn contents(folder: &TempDir) -> BTreeMap<PathBuf, Vec<u8>> {
    let entries = fs::read_dir(folder.path()).expect("the folder");
    let entries = entries.map(|entry| entry.expect("a file").path());
    entries.map(|path| (path.clone(), fs::read(path).expect("the file"))).collect()
}

/// A store in which each space has a number, and a reader who keeps its log from being emptied.
struct Numbered {
    temporary: Temporary,
    world: World,
    written: u32,
}

impl Numbered {
    async fn new() -> Self {
        let temporary = Temporary::new().await;
        let world = World::seed(&temporary.ports).await;
        Self { temporary, world, written: 0 }
    }

    /// Writes one space.
    async fn write(&mut self) {
        self.write_all(1).await;
    }

    /// Writes that many spaces in one transaction.
    async fn write_all(&mut self, count: u32) {
        let (ports, world) = (&self.temporary.ports, &self.world);
        let names = (self.written..self.written + count).map(|number| format!("Space {number}"));
        let spaces: Vec<_> =
            names.map(|name| builders::space(ports, world.scope, world.admin.user, &name)).collect();
        seed::spaces(ports, &spaces).await;
        self.written += count;
    }

    /// Begins a transaction that reads. What is committed after it is not copied into the file as long as it lasts, and the log keeps what
    /// was committed before it.
    async fn reader(&self) -> SqliteConnection {
        let mut reader = self.temporary.raw().await;
        reader.execute("BEGIN; SELECT count(*) FROM spaces").await.expect("a look");
        reader
    }

    fn files(&self) -> Files {
        Files::read(&self.temporary.path())
    }
}

async fn spaces_in(path: &Path) -> i64 {
    let options = SqliteConnectOptions::new().filename(path);
    let mut connection = SqliteConnection::connect_with(&options).await.expect("a connection");
    let count = sqlx::query_scalar("SELECT count(*) FROM spaces WHERE name LIKE 'Space %'");
    let count = count.fetch_one(&mut connection).await.expect("a count");
    connection.close().await.expect("closing");
    count
}

/// Asserts that both ways of opening refuse the files, and leave every byte as it was.
async fn is_refused(files: &Files, what: &str) {
    let (folder, path) = files.put();
    let before = contents(&folder);
    for refused in [
        SqliteStore::open(&path).await.map(drop),
        SqliteStore::open_existing(&SqliteOptions::new(&path)).await.map(drop),
    ] {
        assert!(matches!(refused, Err(OpenError::ForeignLog { .. })), "{what}: {refused:?}");
        assert!(contents(&folder) == before, "{what}: something was changed");
    }
}

/// Asserts that the files are opened and hold that many spaces.
async fn is_whole(files: &Files, spaces: u32, what: &str) {
    let (_folder, path) = files.put();
    let store = SqliteStore::open(&path).await.unwrap_or_else(|error| panic!("{what}: {error}"));
    store.close().await;
    assert_eq!(spaces_in(&path).await, i64::from(spaces), "{what}");
}

/// A store in four states: an old one whose log is empty, and three with spaces in their logs, the oldest first.
struct States {
    old: Files,
    middle: Files,
    later: Files,
    new: Files,
    spaces: [u32; 4],
}

impl States {
    async fn create() -> Self {
        let mut numbered = Numbered::new().await;
        numbered.write().await;
        assert!(numbered.temporary.store.checkpoint().await.expect("a checkpoint"));
        let (old, first) = (numbered.files(), numbered.written);
        let mut states = Vec::new();
        for _ in 0..3 {
            numbered.write_all(100).await;
            assert!(numbered.temporary.store.checkpoint().await.expect("a checkpoint"));
            let reader = numbered.reader().await;
            numbered.write().await;
            states.push((numbered.files(), numbered.written));
            reader.close().await.expect("closing");
        }
        let [(middle, second), (later, third), (new, last)] = states.try_into().ok().expect("three states");
        assert!([&middle, &later, &new].iter().all(|files| !files.log.is_empty()), "there are logs");
        Self { old, middle, later, new, spaces: [first, second, third, last] }
    }
}

#[tokio::test]
async fn a_log_of_another_state_of_the_file_is_refused_and_nothing_is_changed() {
    let states = States::create().await;
    let mixed = |main: &Files, log: &Files| Files { main: main.main.clone(), log: log.log.clone() };
    is_refused(&mixed(&states.old, &states.middle), "an older file and a newer log").await;
    is_refused(&mixed(&states.old, &states.new), "a much older file and a newer log").await;
    is_refused(&mixed(&states.later, &states.new), "a file from before the last log").await;
    is_refused(&mixed(&states.new, &states.middle), "a newer file and an older log").await;
    let another = States::create().await;
    is_refused(&mixed(&another.new, &states.new), "the log of another instance").await;
    is_refused(&Files { main: Vec::new(), log: states.new.log.clone() }, "an empty file").await;

    is_whole(&states.old, states.spaces[0], "the old state").await;
    is_whole(&states.middle, states.spaces[1], "the state in the middle").await;
    is_whole(&states.later, states.spaces[2], "the later state").await;
    is_whole(&states.new, states.spaces[3], "the new state").await;
}

#[tokio::test]
async fn a_log_without_its_file_is_refused_and_no_file_is_made() {
    let states = States::create().await;
    let (folder, path) = states.new.put();
    fs::remove_file(&path).expect("the file");
    let refused = SqliteStore::open(&path).await;
    assert!(matches!(refused, Err(OpenError::ForeignLog { .. })), "{refused:?}");
    assert_eq!(contents(&folder).len(), 1, "the log alone");
}

/// The negative control: SQLite itself opens the two without an error, and then has parts of either.
#[tokio::test]
async fn without_the_check_a_foreign_log_mixes_two_states_without_an_error() {
    let states = States::create().await;
    let (_folder, path) = Files { main: states.old.main, log: states.new.log }.put();
    let options = SqliteConnectOptions::new().filename(&path);
    let mut connection = SqliteConnection::connect_with(&options).await.expect("a connection");
    let organizations = sqlx::query_scalar("SELECT count(*) FROM organizations");
    let organizations: i64 = organizations.fetch_one(&mut connection).await.expect("a count");
    assert_eq!(organizations, 1, "it looks like a store");
    let integrity = sqlx::query_scalar("PRAGMA integrity_check");
    let integrity: String = integrity.fetch_one(&mut connection).await.expect("a result");
    assert_ne!(integrity, "ok", "and is none");
    connection.close().await.expect("closing");
}

#[tokio::test]
async fn a_store_that_is_killed_at_any_moment_is_opened_with_all_that_was_committed() {
    let mut numbered = Numbered::new().await;
    for step in 0..24 {
        numbered.write().await;
        is_whole(&numbered.files(), numbered.written, "after a commit").await;
        match step % 4 {
            // A second process that writes, and one that copies the log.
            1 => {
                let beside = SqliteStore::open(numbered.temporary.path()).await.expect("another handle");
                let own = numbered.temporary.ports.store.clone();
                numbered.temporary.ports.store = Arc::new(beside.clone());
                numbered.write().await;
                numbered.temporary.ports.store = own;
                beside.checkpoint().await.expect("a checkpoint");
                beside.close().await;
            }
            // A transaction that is undone.
            2 => drop(numbered.temporary.store.begin().await.expect("a unit of work")),
            3 => drop(numbered.temporary.store.checkpoint().await.expect("a checkpoint")),
            _ => {}
        }
        is_whole(&numbered.files(), numbered.written, "after what another one did").await;
    }
}

#[tokio::test]
async fn a_store_that_is_killed_during_a_checkpoint_is_opened_with_all_that_was_committed() {
    const PAGE: usize = 4_096;
    let mut numbered = Numbered::new().await;
    assert!(numbered.temporary.store.checkpoint().await.expect("a checkpoint"));
    let older = numbered.reader().await;
    for _ in 0..40 {
        numbered.write().await;
    }
    let reader = numbered.reader().await;
    let before = numbered.files();
    older.close().await.expect("closing");
    let is_emptied = numbered.temporary.store.checkpoint().await.expect("a checkpoint");
    let after = numbered.files();
    assert!(is_emptied && after.log == before.log, "the reader keeps the log, and the file has all of it");
    reader.close().await.expect("closing");
    let pages = after.main.len() / PAGE;
    // A checkpoint writes the pages in ascending order, but the disk may have any of them first.
    for copied in (0..=pages).step_by(4) {
        let mut main = before.main.clone();
        main.resize(main.len().max(copied * PAGE), 0);
        main[..copied * PAGE].copy_from_slice(&after.main[..copied * PAGE]);
        let files = Files { main, log: before.log.clone() };
        is_whole(&files, numbered.written, &format!("{copied} of {pages} pages")).await;
    }
    let mut main = before.main;
    main.resize(after.main.len(), 0);
    main[PAGE..].copy_from_slice(&after.main[PAGE..]);
    is_whole(&Files { main, log: before.log }, numbered.written, "all but the first page").await;
}
