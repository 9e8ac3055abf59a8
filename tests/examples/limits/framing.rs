//! Ambiguous requests (promise B28), sent to the running program.

use std::time::Duration;

use futures_util::future::join_all;
use loggia_tests::framing::{of_no_host, of_two_readings};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

use crate::report::Report;
use crate::server::Server;

/// The time in which a connection must be closed: longer than a request may take to arrive.
const TIMEOUT: Duration = Duration::from_secs(40);

/// Sends a request with a valid one behind it, which asks for the end of the connection. Returns everything that is received until the
/// connection is closed, or `None` if it stays open.
async fn received(server: &Server, request: &str) -> Option<String> {
    let mut stream = TcpStream::connect(&server.address).await.expect("a connection");
    let behind = "GET /livez HTTP/1.1\r\nHost: loggia.example.com\r\nConnection: close\r\n\r\n";
    // The server may close the connection before it has all of the request.
    let _ = stream.write_all(format!("{request}{behind}").as_bytes()).await;
    let mut response = Vec::new();
    #[expect(clippy::disallowed_methods, reason = "only a client's read is dropped")]
    let read = tokio::time::timeout(TIMEOUT, stream.read_to_end(&mut response)).await;
    // A reset is an end, too.
    read.ok().map(|_| String::from_utf8_lossy(&response).into_owned())
}

pub(crate) async fn measure(server: &Server, report: &mut Report) {
    report.table(
        "Ambiguous requests",
        "Each is followed by a valid request on the same connection. The list is `tests/src/framing.rs`.",
        &[
            "requests",
            "sent",
            "400 or 413, then closed",
            "400, and a response to the valid request",
            "closed without a response",
            "other",
        ],
    );
    for (what, requests) in
        [("ambiguous framing", of_two_readings(&server.key)), ("malformed host", of_no_host(&server.key))]
    {
        let (mut refused, mut alone, mut closed, mut other) = (0, 0, 0, Vec::new());
        let responses = join_all(
            requests.iter().map(|(case, request)| async { (*case, received(server, request).await) }),
        );
        for (case, received) in responses.await {
            let received = received.as_deref();
            let refuses = |received: &str| {
                received.starts_with("HTTP/1.1 400 ") || received.starts_with("HTTP/1.1 413 ")
            };
            match received {
                Some("") => closed += 1,
                Some(received) if refuses(received) && received.matches("HTTP/1.1 ").count() == 1 => {
                    refused += 1;
                }
                Some(received) if refuses(received) && received.contains("}HTTP/1.1 200 ") => alone += 1,
                _ => other.push(case),
            }
        }
        let other = if other.is_empty() { "none".to_owned() } else { other.join(", ") };
        report.row(&[
            what.to_owned(),
            requests.len().to_string(),
            refused.to_string(),
            alone.to_string(),
            closed.to_string(),
            other,
        ]);
    }
    let search = server.request("GET", "/api/v1/spaces?search=smuggled", "Connection: close\r\n", b"");
    let found = received(server, &String::from_utf8(search).expect("text")).await.expect("a response");
    assert!(
        found.starts_with("HTTP/1.1 200 ") && found.contains("\r\n\r\n{\"data\":[]}"),
        "a request created a space: {found}"
    );
    report.say("None of them created a space.");
}
