//! Copies of the store's file alone, and a file that is put beside a log of another state.

use std::fs;
use std::thread;
use std::time::Instant;

use serde_json::Value;

use crate::harness::{Home, Server, TIMEOUT, member, text};

/// Returns a home with a copy of the store's file, and of nothing beside it.
fn copied(home: &Home) -> Home {
    let copy = Home::new();
    fs::copy(home.path().join("loggia.db"), copy.path().join("loggia.db")).unwrap();
    copy
}

/// Returns the names of the organizations, or nothing if the file has no schema.
fn organizations(home: &Home) -> Vec<String> {
    let output = home.run(&["organizations", "list", "--json"]);
    let listed: Value = serde_json::from_slice(&output.stdout).unwrap_or_default();
    let listed = listed["organizations"].as_array().cloned().unwrap_or_default();
    listed.iter().map(|organization| member(organization, "name").to_owned()).collect()
}

fn add_space(server: &Server, key: &str, name: &str) {
    let body = format!("{{\"name\": \"{name}\"}}");
    let added = server.send("POST", "/api/v1/spaces", Some(key), Some(&body));
    assert_eq!(added.status, 201, "{added:?}");
}

fn spaces(server: &Server, key: &str) -> Vec<String> {
    let listed = server.get("/api/v1/spaces?limit=100", Some(key)).json();
    listed["data"].as_array().unwrap().iter().map(|space| member(space, "name").to_owned()).collect()
}

/// Waits until a text is in the store's file, whatever is in its log.
fn await_in_the_file_alone(home: &Home, name: &str) {
    let deadline = Instant::now() + TIMEOUT;
    let is_there = |bytes: Vec<u8>| bytes.windows(name.len()).any(|window| window == name.as_bytes());
    while !is_there(fs::read(home.path().join("loggia.db")).unwrap()) {
        assert!(Instant::now() < deadline, "{name} stays in the log");
        thread::yield_now();
    }
}

/// Kills the server when it has begun a new log, before that is copied into the file.
fn kill_with_a_log(home: &Home, mut server: Server, key: &str) {
    let log = home.path().join("loggia.db-wal");
    // On a very slow machine the log may be copied before the server is dead.
    for attempt in 0..10 {
        let name = format!("Later {attempt}");
        add_space(&server, key, &name);
        await_in_the_file_alone(home, &name);
        add_space(&server, key, "Last");
        server.kill();
        drop(server);
        if fs::metadata(&log).unwrap().len() > 0 {
            return;
        }
        server = home.serve();
    }
    panic!("there is never a log");
}

#[test]
fn the_file_of_an_idle_server_alone_has_the_schema_and_the_organization() {
    let home = Home::new();
    let _server = home.serve();
    assert_eq!(organizations(&copied(&home)), ["My organization"]);
}

#[test]
fn an_idle_store_has_all_its_writes_in_the_file_alone() {
    let home = Home::new();
    let made = home.bootstrap("ada@example.com");
    let key = member(&made, "apiKey");
    let server = home.serve();
    add_space(&server, key, "Quay");
    await_in_the_file_alone(&home, "Quay");
    assert_eq!(spaces(&copied(&home).serve(), key), ["Quay"]);
}

#[test]
fn a_plain_copy_after_a_clean_stop_is_whole() {
    let home = Home::new();
    let made = home.bootstrap("ada@example.com");
    let key = member(&made, "apiKey");
    let server = home.serve();
    add_space(&server, key, "Quay");
    // A command that still has the store open keeps the log from being deleted, and not from being copied.
    let beside = home.serve();
    let (status, printed) = server.terminate();
    assert!(status.success(), "{printed}");
    assert_eq!(spaces(&copied(&home).serve(), key), ["Quay"]);
    assert!(beside.terminate().0.success());
    assert!(!home.path().join("loggia.db-wal").exists());
    assert_eq!(spaces(&copied(&home).serve(), key), ["Quay"]);
}

#[test]
fn an_older_copy_beside_the_log_of_a_killed_server_is_refused_and_a_restore_helps() {
    let home = Home::new();
    let made = home.bootstrap("ada@example.com");
    let key = member(&made, "apiKey");
    let old = copied(&home);
    let server = home.serve();
    add_space(&server, key, "First");
    let backup = home.run(&["backup", "backup.db"]);
    assert!(backup.status.success(), "{}", text(&backup.stderr));
    kill_with_a_log(&home, server, key);
    for stale in [old.path().join("loggia.db"), home.path().join("backup.db")] {
        fs::copy(stale, home.path().join("loggia.db")).unwrap();
        for command in
            [&["serve"][..], &["keys", "list", "--email", "ada@example.com"], &["backup", "new.db"]]
        {
            let refused = home.command(command).env("LOGGIA_LISTEN", "127.0.0.1:0").output().unwrap();
            let message = text(&refused.stderr);
            assert!(refused.status.code() == Some(1) && message.contains("does not belong to"), "{message}");
            assert!(message.contains("loggia restore"), "{message}");
        }
    }
    let restored = home.run(&["restore", "backup.db"]);
    assert!(restored.status.success(), "{}", text(&restored.stderr));
    assert!(text(&restored.stdout).contains("loggia.db.before-restore-"), "{}", text(&restored.stdout));
    assert_eq!(spaces(&home.serve(), key), ["First"]);
}
