//! File descriptors: the limit is raised, and the service has those that it needs, however many clients connect.

use std::io::{BufRead, BufReader, Read, Write};
use std::iter;
use std::net::TcpStream;
use std::process::Command;
use std::time::{Duration, Instant};

use serde_json::Value;

use crate::harness::{Home, Server, TIMEOUT, connect, head, member, on_every_engine, request, response};

/// Less than the time for a head to arrive, after which a silent connection is closed.
const FLOOD_LASTS: Duration = Duration::from_secs(4);

on_every_engine!(a_flood_of_connections_takes_no_descriptor_that_the_service_needs);

/// Starts the server in a shell that has set the limits of open files.
fn serve(home: &Home, limits: &str) -> Server {
    let mut plain = home.command(&["serve"]);
    plain.env("LOGGIA_LISTEN", "127.0.0.1:0").env("LOGGIA_LOG_FORMAT", "json");
    let mut shell = Command::new("bash");
    shell.arg("-c").arg(format!("{limits} && exec \"$0\" \"$@\"")).arg(plain.get_program());
    shell.args(plain.get_args()).current_dir(home.path());
    for (name, value) in plain.get_envs() {
        match value {
            Some(value) => shell.env(name, value),
            None => shell.env_remove(name),
        };
    }
    Server::start(shell)
}

/// Returns the log event about the limits.
fn reported(server: &mut Server) -> Value {
    let is_it = |line: &str| line.contains("connections are limited");
    let printed = server.printed_until(|text| text.lines().any(is_it));
    serde_json::from_str(printed.lines().find(|line| is_it(line)).unwrap()).unwrap()
}

/// Waits until a request on a connection of its own gets that status. Earlier requests may be refused, or their connections closed.
fn await_status(server: &Server, path: &str, key: Option<&str>, status: u16) {
    let deadline = Instant::now() + TIMEOUT;
    loop {
        let call = || {
            let mut stream = connect(server.address())?;
            let head = head(server.address(), "GET", path, key, None);
            stream.write_all(format!("{head}\r\n").as_bytes())?;
            response(&mut stream, "GET")
        };
        let found = call().map(|response| response.status);
        if found.as_ref().is_ok_and(|found| *found == status) {
            return;
        }
        assert!(Instant::now() < deadline, "{path} is {found:?} in the end");
    }
}

/// Returns the status of a response on a connection that stays open.
fn status_of_one(stream: &mut TcpStream) -> u16 {
    let mut lines = BufReader::new(stream);
    let mut head = Vec::new();
    loop {
        let mut line = String::new();
        assert_ne!(lines.read_line(&mut line).unwrap(), 0, "the connection was closed after {head:?}");
        match line.trim_end() {
            "" => break,
            line => head.push(line.to_ascii_lowercase()),
        }
    }
    let length = head.iter().find_map(|line| line.strip_prefix("content-length: ")).unwrap();
    let mut body = vec![0; length.parse().unwrap()];
    lines.read_exact(&mut body).unwrap();
    head[0].split(' ').nth(1).unwrap().parse().unwrap()
}

#[test]
fn the_soft_limit_is_raised_to_the_hard_one() {
    let home = Home::new();
    let mut server = serve(&home, "ulimit -Sn 256 && ulimit -Hn 1000");
    let reported = reported(&mut server);
    assert_eq!(
        (&reported["raised_from"], &reported["descriptors"]),
        (&256.into(), &1_000.into()),
        "{reported}"
    );
    let limits = std::fs::read_to_string(format!("/proc/{}/limits", server.process())).unwrap();
    let open = limits.lines().find(|line| line.starts_with("Max open files")).unwrap();
    assert_eq!(open.split_whitespace().filter(|word| *word == "1000").count(), 2, "{open}");
}

#[test]
fn a_server_that_could_have_no_clients_says_what_to_do() {
    let home = Home::new();
    let mut shell = home.command(&["serve"]);
    let program = shell.get_program().to_owned();
    shell = {
        let mut limited = Command::new("bash");
        limited.args(["-c", "ulimit -n 40 && exec \"$0\" serve --listen 127.0.0.1:0"]).arg(program);
        limited.current_dir(home.path());
        limited
    };
    let output = shell.output().unwrap();
    let error = String::from_utf8_lossy(&output.stderr);
    assert!(!output.status.success() && error.contains("ulimit -n"), "{error}");
}

fn a_flood_of_connections_takes_no_descriptor_that_the_service_needs(home: Home) {
    let made = home.bootstrap("ada@example.com");
    let key = member(&made, "apiKey").to_owned();
    let mut server = serve(&home, "ulimit -n 300");
    let reported = reported(&mut server);
    let connections = usize::try_from(reported["connections"].as_u64().unwrap()).unwrap();
    assert!((16..300).contains(&connections), "{reported}");
    let of_one_address = usize::try_from(reported["of_one_address"].as_u64().unwrap()).unwrap();
    assert!(of_one_address < connections, "{reported}");

    // A client that was connected before.
    let address = server.address().to_owned();
    let mut before = connect(&address).unwrap();
    let write = |stream: &mut TcpStream, name: &str| {
        let body = format!("{{\"name\": \"{name}\"}}");
        let head = head(&address, "POST", "/api/v1/spaces", Some(&key), Some(&body));
        let head = head.replace("Connection: close\r\n", "");
        stream.write_all(format!("{head}\r\n{body}").as_bytes()).unwrap();
        status_of_one(stream)
    };
    assert_eq!(write(&mut before, "first"), 201);

    // Far more silent connections than descriptors. The kernel accepts them; the service closes those beyond its limit at once, the spare ones
    // after a second, and all others after five. In between, a request finds a spare connection and is refused. On a slow machine another
    // flood may have to follow.
    let deadline = Instant::now() + TIMEOUT;
    let is_refused = || {
        let me = request(&address, "GET", "/api/v1/me", Some(&key), None);
        me.is_ok_and(|response| response.status == 503)
    };
    let flood = loop {
        let flood: Vec<TcpStream> = (0..600).map(|_| connect(&address).unwrap()).collect();
        let complete = Instant::now();
        let mut tries = iter::repeat_with(is_refused).take_while(|_| complete.elapsed() < FLOOD_LASTS);
        if tries.any(|refused| refused) {
            break flood;
        }
        assert!(Instant::now() < deadline, "a request beside the flood is never refused");
    };
    assert_eq!(write(&mut before, "beside the flood"), 201, "the store has the files that it needs");
    await_status(&server, "/livez", None, 200);
    await_status(&server, "/readyz", None, 200);
    let files = std::fs::read_dir(format!("/proc/{}/fd", server.process())).unwrap().count();
    assert!(files < 300, "{files} files are open");
    drop(flood);
    await_status(&server, "/api/v1/me", Some(&key), 200);
    assert_eq!(write(&mut before, "after the flood"), 201);
    let (status, printed) = server.terminate();
    assert!(status.success(), "{printed}");
    for error in ["Too many open files", "os error 24", "unable to open"] {
        assert!(!printed.contains(error), "{printed}");
    }
}
