//! The stop of a server, as its clients and its operator see it (rule C35, promise B43).

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::process::{Command, Stdio};
use std::sync::Barrier;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::Instant;

use sqlx::{Connection as _, PgConnection};

use crate::harness::{Engine, Home, Server, connect, member, on_every_engine, text};

on_every_engine!(
    a_stopping_server_loses_no_request,
    a_second_signal_ends_the_server_at_once,
    ctrl_c_stops_the_server_as_sigterm_does,
);

/// The number of clients that keep their connections, and connect elsewhere once a response has `Connection: close`.
const CLIENTS: usize = 200;
/// Returns how often a server is stopped among the clients. The store has no part in it.
const fn rounds(engine: Engine) -> usize {
    match engine {
        Engine::Sqlite => 10,
        Engine::Postgres => 3,
    }
}
/// Longer than a client's thread may be kept from running on a busy machine: only a client that sends no request for that long misses the
/// notice.
const DRAIN: &str = "2";
/// The stack size of the clients' threads.
const STACK: usize = 128 * 1024;

/// Runs a client that sends requests until a response has `Connection: close`. Returns the numbers of requests and of responses.
fn calls(address: &str, request: &str, all_here: &Barrier, received: &AtomicUsize) -> (usize, usize) {
    let (mut sent, mut got) = (0, 0);
    let stream = connect(address).unwrap();
    let mut reader = BufReader::new(stream);
    loop {
        reader.get_mut().write_all(request.as_bytes()).unwrap();
        sent += 1;
        let Some(last) = response(&mut reader) else { return (sent, got) };
        got += 1;
        received.fetch_add(1, Ordering::SeqCst);
        if last {
            return (sent, got);
        }
        if sent == 1 {
            all_here.wait();
        }
    }
}

/// Reads a response. Returns whether it is the connection's last one, or `None` if the response is missing or incomplete.
fn response(reader: &mut BufReader<TcpStream>) -> Option<bool> {
    let (mut length, mut last) = (0, false);
    for first in [true].into_iter().chain(std::iter::repeat(false)) {
        let mut line = String::new();
        if reader.read_line(&mut line).ok()? == 0 {
            return None;
        }
        let line = line.trim_end().to_ascii_lowercase();
        assert!(!first || line.starts_with("http/1.1 "), "{line}");
        match line.split_once(": ") {
            Some(("content-length", value)) => length = value.parse().ok()?,
            Some(("connection", value)) => last = value == "close",
            _ if line.is_empty() => break,
            _ => {}
        }
    }
    let mut body = vec![0; length];
    reader.read_exact(&mut body).ok()?;
    Some(last)
}

fn a_stopping_server_loses_no_request(home: Home) {
    let made = home.bootstrap("ada@example.com");
    let key = member(&made, "apiKey");
    for round in 0..rounds(home.engine()) {
        let server = home.serve_with(|command| command.env("LOGGIA_DRAIN_SECONDS", DRAIN));
        let address = server.address().to_owned();
        let request =
            format!("GET /api/v1/me HTTP/1.1\r\nHost: {address}\r\nAuthorization: Bearer {key}\r\n\r\n");
        let (all_here, received) = (Barrier::new(CLIENTS + 1), AtomicUsize::new(0));
        let (sent, got, status, printed) = thread::scope(|scope| {
            let clients: Vec<_> = (0..CLIENTS)
                .map(|_| {
                    let call = || calls(&address, &request, &all_here, &received);
                    thread::Builder::new().stack_size(STACK).spawn_scoped(scope, call).unwrap()
                })
                .collect();
            all_here.wait();
            let (status, printed) = server.terminate();
            let counts = clients.into_iter().map(|client| client.join().unwrap());
            let (sent, got) = counts.fold((0, 0), |all, one| (all.0 + one.0, all.1 + one.1));
            (sent, got, status, printed)
        });
        assert_eq!(sent, got, "round {round}: requests and responses\n{printed}");
        assert!(got >= CLIENTS && received.load(Ordering::SeqCst) == got);
        assert_eq!(status.code(), Some(0), "{printed}");
    }
}

/// Sends a signal by its name.
fn send(name: &str, process: u32) {
    let kill = format!("kill -{name} {process}");
    assert!(Command::new("bash").args(["-c", &kill]).status().unwrap().success());
}

/// Opens a connection that has got a response, which makes a server drain when it stops.
fn connected_client(server: &Server) -> BufReader<TcpStream> {
    let mut reader = BufReader::new(connect(server.address()).unwrap());
    let request = format!("GET /livez HTTP/1.1\r\nHost: {}\r\n\r\n", server.address());
    reader.get_mut().write_all(request.as_bytes()).unwrap();
    assert_eq!(response(&mut reader), Some(false));
    reader
}

fn a_second_signal_ends_the_server_at_once(home: Home) {
    // By itself the server would not end in the time of this test.
    let mut server = home.serve_with(|command| command.env("LOGGIA_DRAIN_SECONDS", "3600"));
    let _client = connected_client(&server);
    let begun = Instant::now();
    server.ask_to_stop();
    server.printed_until(|text| text.contains("SIGTERM"));
    let readiness = server.get("/readyz", None);
    assert_eq!((readiness.status, member(&readiness.json(), "code")), (503, "STOPPING"));
    assert!(readiness.head.contains("connection: close"), "{readiness:?}");
    assert_eq!(server.get("/livez", None).status, 200, "and it serves");
    let checked = home.run(&["healthcheck", "--listen", server.address()]);
    assert_eq!(checked.status.code(), Some(1));
    assert!(text(&checked.stderr).contains("503"), "{}", text(&checked.stderr));
    server.ask_to_stop();
    let (status, printed) = server.end();
    assert_eq!(status.code(), Some(1), "{printed}");
    assert!(begun.elapsed().as_secs() < 3_600 && printed.contains("stopping at once"), "{printed}");
}

fn ctrl_c_stops_the_server_as_sigterm_does(home: Home) {
    let mut server = home.serve_with(|command| command.env("LOGGIA_DRAIN_SECONDS", "1"));
    let mut connected_client = connected_client(&server);
    send("INT", server.process());
    server.printed_until(|text| text.contains("SIGINT"));
    let mut rest = Vec::new();
    connected_client.read_to_end(&mut rest).unwrap();
    assert_eq!(rest, b"", "an idle connection is closed in the end");
    let (status, printed) = server.end();
    assert_eq!(status.code(), Some(0), "{printed}");
}

/// Takes the advisory lock of migrations, whose number is in `crates/postgres/src/schema/lock.rs`.
const MIGRATING: &str = "SELECT pg_advisory_lock(119225732000097)";

#[test]
fn a_signal_during_the_start_ends_the_server_before_it_serves() {
    let home = Home::on(Engine::Postgres);
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    // Another session holds the lock of migrations for as long as this test takes, so the server waits.
    let mut migrating = runtime.block_on(PgConnection::connect(&home.database_url())).unwrap();
    runtime.block_on(sqlx::query(MIGRATING).execute(&mut migrating)).unwrap();
    let mut command = home.command(&["serve"]);
    command.env("LOGGIA_LISTEN", "127.0.0.1:0").stdout(Stdio::piped()).stderr(Stdio::piped());
    let child = command.spawn().unwrap();
    let waits = "SELECT EXISTS (SELECT FROM pg_stat_activity WHERE datname = current_database() \
                 AND query LIKE '%pg_try_advisory_lock%' AND pid <> pg_backend_pid())";
    while !runtime.block_on(sqlx::query_scalar::<_, bool>(waits).fetch_one(&mut migrating)).unwrap() {
        thread::yield_now();
    }
    send("TERM", child.id());
    let output = child.wait_with_output().unwrap();
    let said = text(&output.stderr);
    assert_eq!(output.status.code(), Some(0), "{said}");
    assert!(said.contains("stopped before it served") && !said.contains("listening"), "{said}");
}
