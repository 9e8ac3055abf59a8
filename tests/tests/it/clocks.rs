//! A server whose clock is stepped while it serves (promise B46): by a year and a month ahead, to the day before, and back.
//!
//! libfaketime gives the process the time in a file, which the test changes. Time limits follow the monotonic clock, which stays as it is.

use std::collections::BTreeSet;
use std::fs;
use std::io::Write as _;
use std::path::PathBuf;

use serde_json::{Value, json};

use crate::harness::{Home, Response, Server, connect, head, member, on_every_engine, response};

on_every_engine!(records_made_while_the_clock_is_stepped_are_all_there_once_and_can_be_changed);

/// The library, where Debian and its derivatives have it. The dynamic linker replaces `$LIB`.
const LIBRARY: &str = "/usr/$LIB/faketime/libfaketime.so.1";

/// The clock's differences from the machine's, in this order.
const STEPS: [&str; 4] = ["+0", "+400d", "-1d", "+0"];

/// A server with a clock of its own.
struct Stepped {
    server: Server,
    clock: PathBuf,
    key: String,
}

impl Stepped {
    fn start(home: &Home) -> Self {
        let made = home.bootstrap("ada@example.com");
        let clock = home.path().join("clock");
        fs::write(&clock, "+0").unwrap();
        let server = home.serve_with(|command| {
            command
                .env("LD_PRELOAD", LIBRARY)
                .env("FAKETIME_TIMESTAMP_FILE", &clock)
                .env("FAKETIME_NO_CACHE", "1")
                .env("FAKETIME_DONT_FAKE_MONOTONIC", "1")
                .env("NO_FAKE_STAT", "1")
        });
        Self { server, clock, key: member(&made, "apiKey").to_owned() }
    }

    fn step(&self, to: &str) {
        // The server may read the file at any moment, and must not find it empty.
        let new = self.clock.with_extension("new");
        fs::write(&new, to).unwrap();
        fs::rename(new, &self.clock).unwrap();
    }

    /// Sends a request with one more header.
    fn send(&self, method: &str, path: &str, header: &str, body: &Value) -> Response {
        let (address, body) = (self.server.address(), body.to_string());
        let head = head(address, method, path, Some(&self.key), Some(&body));
        let mut stream = connect(address).unwrap();
        stream.write_all(format!("{head}{header}\r\n\r\n{body}").as_bytes()).unwrap();
        response(&mut stream, method).unwrap()
    }

    fn create(&self, name: &str) -> Response {
        self.send("POST", "/api/v1/spaces", &format!("Idempotency-Key: \"{name}\""), &json!({"name": name}))
    }

    /// Returns the ids in the list, read in pages of one record.
    fn listed(&self, sort: &str) -> Vec<String> {
        let mut path = format!("/api/v1/spaces?limit=1&sort={sort}");
        let mut ids = Vec::new();
        loop {
            let page = self.server.get(&path, Some(&self.key));
            assert_eq!(page.status, 200, "{page:?}");
            let rows = page.json()["data"].as_array().unwrap().clone();
            ids.extend(rows.iter().map(|row| member(row, "_id").to_owned()));
            assert!(ids.len() <= STEPS.len(), "a record is listed twice: {ids:?}");
            match next(&page) {
                Some(next) => path = next,
                None => return ids,
            }
        }
    }
}

/// Returns the path and query of the next page.
fn next(page: &Response) -> Option<String> {
    let links = page.head.lines().find_map(|line| line.strip_prefix("link: "))?;
    let link = links.split(", ").find(|link| link.ends_with("rel=\"next\""))?;
    let (link, _) = link.strip_prefix('<')?.split_once('>')?;
    Some(link[link.find("/api/").unwrap()..].to_owned())
}

fn etag(response: &Response) -> &str {
    response.head.lines().find_map(|line| line.strip_prefix("etag: ")).unwrap()
}

fn records_made_while_the_clock_is_stepped_are_all_there_once_and_can_be_changed(home: Home) {
    let stepped = Stepped::start(&home);
    let (mut made, mut times) = (Vec::new(), Vec::new());
    for (number, step) in STEPS.into_iter().enumerate() {
        stepped.step(step);
        let created = stepped.create(&format!("Crate-{number}"));
        assert_eq!(created.status, 201, "{step}: {created:?}");
        let space = created.json()["data"].clone();
        times.push(member(&space, "createdAt").to_owned());
        made.push(member(&space, "_id").to_owned());
    }
    // The clock was stepped indeed. Times in this form are in order as texts are.
    assert!(times[1] > times[3] && times[3] > times[0] && times[0] > times[2], "{times:?}");
    let all: BTreeSet<&String> = made.iter().collect();
    assert_eq!(all.len(), STEPS.len(), "the ids are unique");

    for step in ["-1d", "+400d", "+0"] {
        stepped.step(step);
        for (sort, expected) in [("createdAt", [2, 0, 3, 1]), ("-createdAt", [1, 3, 0, 2])] {
            assert_eq!(stepped.listed(sort), expected.map(|number| made[number].clone()), "{step}, {sort}");
        }
    }

    // A record from the future and one of the present are read and changed on the day before, at their revisions.
    stepped.step("-1d");
    for number in [0, 1] {
        let path = format!("/api/v1/spaces/{}", made[number]);
        let found = stepped.server.get(&path, Some(&stepped.key));
        let change = json!({"description": "Changed the day before"});
        let changed = stepped.send("PATCH", &path, &format!("If-Match: {}", etag(&found)), &change);
        assert_eq!(changed.status, 200, "{changed:?}");
        let again = stepped.send("PATCH", &path, &format!("If-Match: {}", etag(&found)), &change);
        assert_eq!(again.status, 412, "the revision counts and not the time: {again:?}");
    }
    // A stored response is found while it is stored, on either side of the time at which it was.
    let again = stepped.create("Crate-3");
    assert!(again.head.contains("idempotent-replayed: true"), "{again:?}");
    assert_eq!(member(&again.json()["data"], "_id"), made[3]);
    let (status, printed) = stepped.server.terminate();
    assert!(status.success() && !printed.contains("panicked"), "{printed}");
}
