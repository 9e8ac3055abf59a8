//! `loggia healthcheck`: checks whether a server is ready, for containers without another client.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::time::{Duration, Instant};

use anyhow::{Context, bail};

use crate::address::reachable;

/// The timeout of the whole check. The caller has a timeout of its own, three seconds in our image.
const TIMEOUT: Duration = Duration::from_secs(2);

/// The maximum number of bytes that are read. A status line is far shorter.
const MOST: usize = 1_024;

/// Checks the server that listens at an address.
pub(super) fn run(listen: SocketAddr) -> anyhow::Result<()> {
    let address = reachable(listen);
    let status = ask(address, TIMEOUT).with_context(|| format!("{address} is not ready"))?;
    if status != 200 {
        bail!("{address} is not ready: it responds with {status}");
    }
    Ok(())
}

/// Returns the status of `GET /readyz`.
fn ask(address: SocketAddr, timeout: Duration) -> anyhow::Result<u16> {
    let deadline = Instant::now() + timeout;
    let mut stream = TcpStream::connect_timeout(&address, timeout).context("it cannot be reached")?;
    stream.set_write_timeout(Some(left(deadline)?))?;
    let request = format!("GET /readyz HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n\r\n");
    stream.write_all(request.as_bytes()).context("it does not accept the request")?;
    let mut answer = Vec::new();
    // A server that sends single bytes must not take longer, either.
    while !answer.contains(&b'\n') && answer.len() < MOST {
        stream.set_read_timeout(Some(left(deadline)?))?;
        let mut some = [0; MOST];
        match stream.read(&mut some).context("it does not respond")? {
            0 => break,
            count => answer.extend_from_slice(&some[..count]),
        }
    }
    status(&answer).context("its response is not HTTP")
}

fn left(deadline: Instant) -> anyhow::Result<Duration> {
    let left = deadline.saturating_duration_since(Instant::now());
    if left.is_zero() {
        bail!("it takes too long to respond");
    }
    Ok(left)
}

/// Returns the number in a status line.
fn status(answer: &[u8]) -> Option<u16> {
    let line = answer.split(|byte| *byte == b'\n').next()?;
    let mut words = std::str::from_utf8(line).ok()?.split_ascii_whitespace();
    words.next().filter(|version| version.starts_with("HTTP/1."))?;
    words.next()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use std::net::TcpListener;
    use std::thread;

    use super::*;
    use crate::output::chain;

    /// Returns the result of a check against a server that sends this response.
    fn message_for(answer: &'static [u8]) -> String {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let port = listener.local_addr().expect("an address").port();
        let server = thread::spawn(move || {
            let (mut stream, _) = listener.accept().expect("a client");
            let mut request = Vec::new();
            while !request.ends_with(b"\r\n\r\n") {
                let mut byte = [0];
                stream.read_exact(&mut byte).expect("a request");
                request.extend_from_slice(&byte);
            }
            stream.write_all(answer).expect("a reader");
            String::from_utf8(request).expect("text")
        });
        let outcome = run(SocketAddr::from(([0, 0, 0, 0], port)));
        let request = server.join().expect("a server");
        assert!(request.starts_with("GET /readyz HTTP/1.1\r\nHost: 127.0.0.1:"), "{request}");
        let message = outcome.map_or_else(|error| chain(&error), |()| "ready".to_owned());
        message.replace(&port.to_string(), "PORT")
    }

    #[test]
    fn only_200_is_ready() {
        assert_eq!(message_for(b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n"), "ready");
        assert_eq!(
            message_for(b"HTTP/1.1 503 Service Unavailable\r\n\r\n"),
            "127.0.0.1:PORT is not ready: it responds with 503"
        );
        for strange in
            [&b""[..], b"\n", b"200 OK\r\n", b"HTTP/1.1\r\n", b"HTTP/1.1 2x0 OK\r\n", b"\xff\xff \xff\r\n"]
        {
            assert_eq!(
                message_for(strange),
                "127.0.0.1:PORT is not ready: its response is not HTTP",
                "{strange:?}"
            );
        }
    }

    #[test]
    fn a_silent_server_times_out() {
        // The system accepts the connection, and no process ever answers.
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let address = listener.local_addr().expect("an address");
        let error = ask(address, Duration::from_millis(50)).expect_err("no answer");
        assert!(chain(&error).starts_with("it does not respond"), "{error:#}");
    }

    #[test]
    fn an_absent_server_cannot_be_reached() {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let address = listener.local_addr().expect("an address");
        drop(listener);
        let error = run(address).expect_err("nobody listens");
        assert!(
            chain(&error).starts_with(&format!("{address} is not ready: it cannot be reached")),
            "{error:#}"
        );
    }
}
