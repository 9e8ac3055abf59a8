//! Retries against the built binary: a request with an `Idempotency-Key` gets the stored response from the next server, however the
//! previous one ended (promise B12).

use std::collections::BTreeSet;
use std::io::Write as _;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use serde_json::json;

use crate::harness::{Home, Response, Server, connect, head, member, on_every_engine, response};

on_every_engine!(a_stored_response_survives_a_kill, a_request_retried_after_a_kill_is_done_once);

/// The number of simultaneous writers.
const WRITERS: usize = 4;
/// The minimum number of responses before the server ends.
const BEFORE_THE_END: usize = 40;

/// Creates a space with that name, which is also the idempotency key.
fn make(address: &str, key: &str, name: &str) -> std::io::Result<Response> {
    let body = json!({"name": name}).to_string();
    let head = head(address, "POST", "/api/v1/spaces", Some(key), Some(&body));
    let mut stream = connect(address)?;
    stream.write_all(format!("{head}Idempotency-Key: \"{name}\"\r\n\r\n{body}").as_bytes())?;
    response(&mut stream, "POST")
}

/// Returns the headers of the response that do not belong to its connection.
fn own(response: &Response) -> BTreeSet<&str> {
    let connections = ["date:", "x-request-id:", "idempotent-replayed:"];
    response.head.lines().filter(|line| !connections.iter().any(|name| line.starts_with(name))).collect()
}

fn is_a_replay(response: &Response) -> bool {
    response.head.lines().any(|line| line == "idempotent-replayed: true")
}

fn a_stored_response_survives_a_kill(home: Home) {
    let made = home.bootstrap("ada@example.com");
    let key = member(&made, "apiKey");
    let mut server = home.serve();
    let first: Vec<_> =
        (0..10).map(|number| make(server.address(), key, &format!("Crate-{number}")).unwrap()).collect();
    server.kill();
    drop(server);
    let server = home.serve();
    for (number, first) in first.iter().enumerate() {
        assert_eq!((first.status, is_a_replay(first)), (201, false), "{first:?}");
        let again = make(server.address(), key, &format!("Crate-{number}")).unwrap();
        assert!(is_a_replay(&again), "{again:?}");
        assert_eq!(again.body, first.body);
        assert_eq!(own(&again), own(first));
    }
    assert_eq!(spaces(&server, key), first.len());
}

fn spaces(server: &Server, key: &str) -> usize {
    let counted = server.get("/api/v1/spaces?count=true&limit=1", Some(key));
    let total = counted.head.lines().find_map(|line| line.strip_prefix("x-total-count: "));
    total.unwrap().parse().unwrap()
}

fn a_request_retried_after_a_kill_is_done_once(home: Home) {
    let made = home.bootstrap("ada@example.com");
    let key = member(&made, "apiKey");
    let mut server = home.serve();
    let address = server.address().to_owned();
    let received = AtomicUsize::new(0);
    // Each writer returns its responses; a missing response means an unknown outcome.
    let responses: Vec<(String, Option<Response>)> = thread::scope(|scope| {
        let (address, received) = (&address, &received);
        let writers: Vec<_> = (0..WRITERS)
            .map(|writer| {
                scope.spawn(move || {
                    let mut responses = Vec::new();
                    for number in 0.. {
                        let name = format!("Crate-{writer}-{number}");
                        let response = make(address, key, &name).ok();
                        let is_over = response.is_none();
                        responses.push((name, response));
                        if is_over {
                            break;
                        }
                        received.fetch_add(1, Ordering::SeqCst);
                    }
                    responses
                })
            })
            .collect();
        while received.load(Ordering::SeqCst) < BEFORE_THE_END {
            thread::yield_now();
        }
        server.kill();
        writers.into_iter().flat_map(|writer| writer.join().unwrap()).collect()
    });
    drop(server);
    let server = home.serve();
    let unknown = responses.iter().filter(|(_, response)| response.is_none()).count();
    assert_eq!(unknown, WRITERS, "it was killed among them");
    for (name, first) in &responses {
        let again = make(server.address(), key, name).unwrap();
        assert_eq!(again.status, 201, "{again:?}");
        if let Some(first) = first {
            assert_eq!((first.status, &again.body), (201, &first.body), "{name}");
            assert!(is_a_replay(&again), "{again:?}");
        }
    }
    assert_eq!(spaces(&server, key), responses.len(), "each of them once");
}
