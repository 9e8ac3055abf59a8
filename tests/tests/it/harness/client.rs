//! A minimal HTTP client: one request on each connection.

use std::io::{Error, Read, Write};
use std::net::TcpStream;
use std::time::Duration;

use serde_json::Value;

/// The timeout of a read or a write: a silent server fails the test instead of blocking it.
pub(crate) const TIMEOUT: Duration = Duration::from_secs(60);

/// A response.
#[derive(Debug)]
pub(crate) struct Response {
    pub(crate) status: u16,
    pub(crate) head: String,
    pub(crate) body: String,
}

impl Response {
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap_or_else(|error| panic!("{error} in {self:?}"))
    }
}

/// Sends a request, with a key and a JSON body if they are given, and reads the whole response.
pub(crate) fn request(
    address: &str,
    method: &str,
    path: &str,
    key: Option<&str>,
    body: Option<&str>,
) -> std::io::Result<Response> {
    let mut stream = connect(address)?;
    let head = head(address, method, path, key, body);
    stream.write_all(format!("{head}\r\n{}", body.unwrap_or_default()).as_bytes())?;
    response(&mut stream, method)
}

/// Opens a connection with timeouts.
pub(crate) fn connect(address: &str) -> std::io::Result<TcpStream> {
    let stream = TcpStream::connect(address)?;
    stream.set_read_timeout(Some(TIMEOUT))?;
    stream.set_write_timeout(Some(TIMEOUT))?;
    Ok(stream)
}

/// Returns the head of a request, without the empty line that ends it.
pub(crate) fn head(address: &str, method: &str, path: &str, key: Option<&str>, body: Option<&str>) -> String {
    let mut head = format!("{method} {path} HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n");
    if let Some(key) = key {
        head.push_str(&format!("Authorization: Bearer {key}\r\n"));
    }
    if let Some(body) = body {
        head.push_str(&format!("Content-Type: application/json\r\nContent-Length: {}\r\n", body.len()));
    }
    head
}

/// Returns a head with the names of its headers in lowercase: they are compared without regard to case (RFC 9110, section 5.1).
fn with_lowercase_names(head: &str) -> String {
    let lines = head.split("\r\n").map(|line| match line.split_once(':') {
        Some((name, value)) => format!("{}:{value}", name.to_ascii_lowercase()),
        None => line.to_owned(),
    });
    lines.collect::<Vec<_>>().join("\r\n")
}

/// Reads a whole response.
pub(crate) fn response(stream: &mut TcpStream, method: &str) -> std::io::Result<Response> {
    let mut response = String::new();
    stream.read_to_string(&mut response)?;
    let (head, body) = response.split_once("\r\n\r\n").ok_or_else(|| Error::other("a cut response"))?;
    let status = head.split(' ').nth(1).and_then(|status| status.parse().ok());
    let status = status.ok_or_else(|| Error::other("no status"))?;
    let response = Response { status, head: with_lowercase_names(head), body: body.to_owned() };
    // A body that is shorter than announced was cut off by the end of the server: nothing was acknowledged.
    let announced =
        response.head.lines().find_map(|line| line.strip_prefix("content-length: ")?.parse().ok());
    if method != "HEAD" && announced.is_some_and(|length: usize| length > response.body.len()) {
        return Err(Error::other("a cut body"));
    }
    Ok(response)
}
