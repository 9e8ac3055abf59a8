//! `loggia restore` that is killed midway: nothing is lost, and a second one completes it.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Child, ExitStatus, Stdio};
use std::time::Instant;

use crate::harness::{Home, TIMEOUT, member};

/// The space that only the backup has, and the one that only the store has.
const IN_THE_BACKUP: &str = "In the backup";
const LATER: &str = "Later";

/// Returns the files of the folder whose names contain `part`.
fn named(folder: &Path, part: &str) -> Vec<PathBuf> {
    let paths = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    paths.filter(|path| path.file_name().unwrap().to_str().unwrap().contains(part)).collect()
}

/// Kills the process as soon as the folder has a file with such a name, unless it has ended before.
fn kill_at(mut process: Child, folder: &Path, part: &str) -> ExitStatus {
    let deadline = Instant::now() + TIMEOUT;
    loop {
        if !named(folder, part).is_empty() {
            process.kill().unwrap();
            return process.wait().unwrap();
        }
        if let Some(status) = process.try_wait().unwrap() {
            return status;
        }
        assert!(Instant::now() < deadline, "it neither ends nor makes {part}");
    }
}

/// Returns the names of the spaces in a store, which is copied with its log before it is opened.
fn spaces(store: &Path, key: &str) -> Vec<String> {
    let copy = Home::new();
    for end in ["", "-wal"] {
        let from = PathBuf::from(format!("{}{end}", store.display()));
        if from.exists() {
            fs::copy(from, copy.path().join(format!("loggia.db{end}"))).unwrap();
        }
    }
    let listed = copy.serve().get("/api/v1/spaces?sort=name", Some(key)).json();
    listed["data"].as_array().unwrap().iter().map(|space| member(space, "name").to_owned()).collect()
}

#[test]
fn a_killed_restore_loses_nothing_and_a_second_one_completes_it() {
    let home = Home::new();
    let made = home.bootstrap("ada@example.com");
    let key = member(&made, "apiKey");
    let mut server = home.serve();
    let add = |name: &str| {
        let body = format!("{{\"name\":\"{name}\"}}");
        assert_eq!(server.send("POST", "/api/v1/spaces", Some(key), Some(&body)).status, 201);
    };
    add(IN_THE_BACKUP);
    assert!(home.run(&["backup", "backup.db"]).status.success());
    add(LATER);
    // A killed server leaves its last writes in the log alone.
    server.kill();
    drop(server);
    let store = home.path().join("loggia.db");
    let old = [IN_THE_BACKUP, LATER];
    let mut killed = Vec::new();
    // The copy is written, the old file gets a second name, its log is moved; then the copy takes the old file's name.
    for step in [".partial-", ".before-restore-", "Z-wal"] {
        let folder = tempfile::tempdir().unwrap();
        for end in ["", "-wal", "-shm"] {
            let name = format!("loggia.db{end}");
            fs::copy(home.path().join(&name), folder.path().join(name)).unwrap();
        }
        let place = folder.path().join("loggia.db");
        let restore = || {
            let mut command = home.command(&["restore", "backup.db"]);
            command.env("LOGGIA_DATABASE_URL", format!("sqlite://{}", place.display()));
            command.stdout(Stdio::null()).stderr(Stdio::null());
            command
        };
        let status = kill_at(restore().spawn().unwrap(), folder.path(), step);
        if !status.success() {
            killed.push(step);
        }
        // The file that the old log is beside is the whole old store.
        let logs = named(folder.path(), "-wal");
        let [log] = logs.as_slice() else { panic!("{step}: {logs:?}") };
        let beside = log.to_str().unwrap().strip_suffix("-wal").unwrap();
        assert_eq!(spaces(Path::new(beside), key), old, "{step}");
        assert!(restore().status().unwrap().success(), "{step}: it is completed");
        assert_eq!(spaces(&place, key), [IN_THE_BACKUP], "{step}");
    }
    assert!(killed.contains(&".partial-"), "none was killed before it had ended: {killed:?}");
    assert_eq!(spaces(&store, key), old, "the original is as it was");
}
