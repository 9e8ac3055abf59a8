//! `loggia backup` and `loggia restore` on a SQLite store.

use std::fs;

use serde_json::Value;

use super::page::{Page, run, succeed};
use crate::harness::{Home, member, text};

fn names(home: &Home) -> Vec<String> {
    let entries = fs::read_dir(home.path()).unwrap().map(|entry| entry.unwrap().file_name());
    let mut names: Vec<_> = entries.map(|name| name.into_string().unwrap()).collect();
    names.sort();
    names
}

#[test]
fn the_commands_of_the_page_back_up_check_and_restore_a_store() {
    let (home, backups, page) = (Home::new(), Home::new(), Page::read());
    let made = home.bootstrap("ada@example.com");
    let key = Some(member(&made, "apiKey"));
    let server = home.serve();
    let added = server.send("POST", "/api/v1/spaces", key, Some(r#"{"name":"Quay"}"#));
    let id = member(&added.json()["data"], "_id").to_owned();
    let (url, folder) = (home.database_url(), backups.path());

    let printed =
        succeed(&page.block("sh", "loggia backup /var"), folder, |it| it.env("LOGGIA_DATABASE_URL", &url));
    assert!(printed.contains("schema version") && printed.contains("written and checked in"), "{printed}");
    assert_eq!(names(&backups), ["loggia.db"]);
    let printed = succeed(&page.block("sh", "loggia backup --check /var"), folder, |it| it);
    assert!(printed.contains("schema version"), "{printed}");
    assert_eq!(names(&backups), ["loggia.db"]);

    server.send("DELETE", &format!("/api/v1/spaces/{id}"), key, None);
    let restore = page.block("sh", "systemctl stop loggia\nloggia restore");
    // The service of this test is stopped and started by the test.
    let restore = restore.replace("systemctl", "true");
    let refused = run(&restore, folder, |it| it.env("LOGGIA_DATABASE_URL", &url));
    let message = text(&refused.stderr);
    assert!(!refused.status.success() && message.contains("another process uses the store"), "{message}");
    assert_eq!(names(&home), ["loggia.db", "loggia.db-shm", "loggia.db-wal"]);
    assert_eq!(server.get(&format!("/api/v1/spaces/{id}"), key).status, 404, "the server goes on");

    assert!(server.terminate().0.success());
    let printed = succeed(&restore, folder, |it| it.env("LOGGIA_DATABASE_URL", &url));
    assert!(
        printed.contains("was restored from") && printed.contains("loggia.db.before-restore-"),
        "{printed}"
    );
    let server = home.serve();
    assert_eq!(server.get(&format!("/api/v1/spaces/{id}"), key).status, 200, "it is back");
}

#[test]
fn a_backup_and_a_restore_report_in_json_and_overwrite_no_file() {
    let home = Home::new();
    home.bootstrap("ada@example.com");
    let made = home.json(&["backup", "backup.db", "--json"]);
    let bytes = fs::metadata(home.path().join("backup.db")).unwrap().len();
    assert!(
        made["file"] == "backup.db" && made["bytes"] == bytes && made["schemaVersion"].as_i64() > Some(0)
    );
    assert!(made["seconds"].is_f64(), "{made}");
    let again = home.run(&["backup", "backup.db"]);
    assert!(again.status.code() == Some(1) && text(&again.stderr).contains("exists already"));
    let replaced: Value = home.json(&["backup", "backup.db", "--replace", "--json"]);
    assert_eq!(replaced["schemaVersion"], made["schemaVersion"]);
    let own = home.run(&["backup", "loggia.db", "--replace"]);
    assert!(text(&own.stderr).contains("a file of the store itself"), "{}", text(&own.stderr));

    let restored = home.json(&["restore", "backup.db", "--json"]);
    let store = home.path().canonicalize().unwrap().join("loggia.db");
    assert_eq!(restored["store"].as_str(), store.to_str());
    assert!(restored["movedTo"].as_str().unwrap().contains("before-restore-"), "{restored}");
    fs::write(home.path().join("text"), "no database").unwrap();
    for command in [&["restore", "text"][..], &["backup", "--check", "text"], &["restore", "missing"]] {
        assert_eq!(home.run(command).status.code(), Some(1), "{command:?}");
    }
}
