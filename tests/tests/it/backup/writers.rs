//! A backup beside 32 writers (promise B8).

use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::thread;

use serde_json::json;

use crate::harness::{Home, Server, member, request, text};

/// The number of simultaneous writers.
const WRITERS: usize = 32;
/// The number of acknowledged writes before the backup begins.
const BEFORE: usize = 150;

/// Lets the writers create spaces, and calls `back_up` while they do. Returns the ids that were acknowledged before the call.
pub(super) fn acknowledged_before(server: &Server, key: &str, back_up: impl FnOnce()) -> Vec<String> {
    let (stop, acknowledged) = (AtomicBool::new(false), Mutex::new(Vec::new()));
    let count = AtomicUsize::new(0);
    let address = server.address();
    let (before, during) = thread::scope(|scope| {
        for writer in 0..WRITERS {
            let (stop, acknowledged, count) = (&stop, &acknowledged, &count);
            scope.spawn(move || {
                for number in 0.. {
                    if stop.load(Ordering::Relaxed) {
                        return;
                    }
                    let body = json!({"name": format!("Crate {writer}-{number}")}).to_string();
                    let response = request(address, "POST", "/api/v1/spaces", Some(key), Some(&body));
                    let response = response.unwrap();
                    // On a very busy machine some are refused.
                    if response.status == 201 {
                        acknowledged.lock().unwrap().push(member(&response.json()["data"], "_id").to_owned());
                        count.fetch_add(1, Ordering::Relaxed);
                    } else {
                        assert_eq!(response.status, 503, "{response:?}");
                    }
                }
            });
        }
        while count.load(Ordering::Relaxed) < BEFORE {
            thread::yield_now();
        }
        let before = acknowledged.lock().unwrap().clone();
        back_up();
        let during = count.load(Ordering::Relaxed) - before.len();
        stop.store(true, Ordering::Relaxed);
        (before, during)
    });
    assert!(during > 0, "nothing was written during the backup");
    before
}

/// Asserts that a server has all of these spaces.
pub(super) fn all_are_there(server: &Server, key: &str, ids: &[String]) {
    for id in ids {
        assert_eq!(
            server.get(&format!("/api/v1/spaces/{id}"), Some(key)).status,
            200,
            "{id} was acknowledged"
        );
    }
}

#[test]
fn a_backup_of_a_file_beside_32_writers_has_every_write_acknowledged_before_it_began() {
    let home = Home::new();
    let made = home.bootstrap("ada@example.com");
    let key = member(&made, "apiKey");
    let server = home.serve();
    let before = acknowledged_before(&server, key, || {
        let backup = home.run(&["backup", "backup.db"]);
        assert!(backup.status.success(), "{}", text(&backup.stderr));
    });
    let elsewhere = Home::new();
    let backup = home.path().join("backup.db");
    let restored = elsewhere.run(&["restore", backup.to_str().unwrap()]);
    assert!(restored.status.success(), "{}", text(&restored.stderr));
    all_are_there(&elsewhere.serve(), key, &before);
}
