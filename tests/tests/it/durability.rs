//! Durability: acknowledged writes are stored, however the server ends.

use std::io::{Read, Write};
use std::sync::mpsc::{Sender, channel};
use std::thread;

use serde_json::json;

use crate::harness::{Home, Response, Server, connect, head, member, on_every_engine, request, response};

on_every_engine!(
    sigterm_ends_the_server_in_order,
    a_request_whose_body_comes_after_sigterm_is_finished,
    acknowledged_writes_survive_a_sigterm_under_load,
    acknowledged_writes_survive_a_kill,
);

/// The number of simultaneous writers.
const WRITERS: usize = 4;
/// The minimum number of responses before the server ends.
const BEFORE_THE_END: usize = 40;

fn sigterm_ends_the_server_in_order(home: Home) {
    let server = home.serve();
    let (status, _) = server.terminate();
    assert_eq!(status.code(), Some(0));
}

fn a_request_whose_body_comes_after_sigterm_is_finished(home: Home) {
    let made = home.bootstrap("ada@example.com");
    let key = member(&made, "apiKey");
    let mut server = home.serve();
    let body = r#"{"name": "Half before, half after"}"#;
    let (before, after) = body.split_at(10);
    let mut stream = connect(server.address()).unwrap();
    let head = head(server.address(), "POST", "/api/v1/spaces", Some(key), Some(body));
    stream.write_all(format!("{head}Expect: 100-continue\r\n\r\n").as_bytes()).unwrap();
    // The server asks for the body, so the request is in flight from here on.
    let mut go_on = [0; b"HTTP/1.1 100 Continue\r\n\r\n".len()];
    stream.read_exact(&mut go_on).unwrap();
    assert!(go_on.starts_with(b"HTTP/1.1 100"), "{}", String::from_utf8_lossy(&go_on));
    stream.write_all(before.as_bytes()).unwrap();
    server.ask_to_stop();
    server.printed_until(|text| text.contains("SIGTERM"));
    stream.write_all(after.as_bytes()).unwrap();
    let answered = response(&mut stream, "POST").unwrap();
    assert_eq!(answered.status, 201, "{answered:?}");
    let (status, printed) = server.end();
    assert_eq!(status.code(), Some(0), "{printed}");
    all_are_there(&home.serve(), key, &[id_of(&answered)]);
}

fn acknowledged_writes_survive_a_sigterm_under_load(home: Home) {
    let made = home.bootstrap("ada@example.com");
    let key = member(&made, "apiKey");
    let server = home.serve();
    let ids = written_until_the_end(server.address(), key, || server.ask_to_stop());
    let (status, printed) = server.end();
    assert_eq!(status.code(), Some(0), "{printed}");
    let server = home.serve();
    all_are_there(&server, key, &ids);
}

fn acknowledged_writes_survive_a_kill(home: Home) {
    let made = home.bootstrap("ada@example.com");
    let key = member(&made, "apiKey");
    let mut server = home.serve();
    let address = server.address().to_owned();
    let ids = written_until_the_end(&address, key, || server.kill());
    drop(server);
    let server = home.serve();
    all_are_there(&server, key, &ids);
}

/// Lets several writers write until the server is gone, which `end` causes meanwhile. Returns the ids of the acknowledged spaces.
fn written_until_the_end(address: &str, key: &str, end: impl FnOnce()) -> Vec<String> {
    let (sender, receiver) = channel();
    let ids: Vec<String> = thread::scope(|scope| {
        for writer in 0..WRITERS {
            let sender = sender.clone();
            scope.spawn(move || write_until_the_end(address, key, writer, &sender));
        }
        drop(sender);
        let first = receiver.iter().take(BEFORE_THE_END).collect::<Vec<_>>();
        end();
        first.into_iter().chain(receiver.iter()).collect()
    });
    assert!(ids.len() >= BEFORE_THE_END, "only {} were acknowledged", ids.len());
    ids
}

/// Creates spaces one after the other until the server is gone, and sends the id of each that was acknowledged.
fn write_until_the_end(address: &str, key: &str, writer: usize, acknowledged: &Sender<String>) {
    for number in 0.. {
        let body = json!({"name": format!("Crate {writer}-{number}")}).to_string();
        let Ok(response) = request(address, "POST", "/api/v1/spaces", Some(key), Some(&body)) else { return };
        assert_eq!(response.status, 201, "{response:?}");
        acknowledged.send(id_of(&response)).unwrap();
    }
}

fn id_of(response: &Response) -> String {
    member(&response.json()["data"], "_id").to_owned()
}

/// Checks that all of the spaces are stored, and hardly more.
fn all_are_there(server: &Server, key: &str, ids: &[String]) {
    for id in ids {
        let found = server.get(&format!("/api/v1/spaces/{id}"), Some(key));
        assert_eq!(found.status, 200, "{id} was acknowledged");
    }
    let counted = server.get("/api/v1/spaces?count=true&limit=1", Some(key));
    let total = counted.head.lines().find_map(|line| line.strip_prefix("x-total-count: "));
    let total: usize = total.unwrap().parse().unwrap();
    // Each writer may have written one more space whose response was cut off.
    assert!((ids.len()..=ids.len() + WRITERS).contains(&total), "{total} for {} acknowledged", ids.len());
}
