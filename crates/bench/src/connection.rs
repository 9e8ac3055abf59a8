//! A blocking connection, for preparing data, and the parsing of response boundaries.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::time::Duration;

use anyhow::{Context, Result, bail};

/// The longest time that a response may take.
const TIMEOUT: Duration = Duration::from_secs(30);

pub(crate) struct Connection {
    stream: TcpStream,
    /// The bytes that were read beyond the last response; the memory is reused.
    buffer: Vec<u8>,
}

/// A response.
#[derive(Debug)]
pub(crate) struct Response {
    pub(crate) status: u16,
    pub(crate) head: String,
    pub(crate) body: Vec<u8>,
}

impl Connection {
    /// Connects to an address such as `127.0.0.1:8080`.
    pub(crate) fn open(address: &str) -> Result<Self> {
        let stream =
            TcpStream::connect(address).with_context(|| format!("no server listens on {address}"))?;
        stream.set_nodelay(true)?;
        stream.set_read_timeout(Some(TIMEOUT))?;
        Ok(Self { stream, buffer: Vec::with_capacity(64 * 1024) })
    }

    /// Sends a request and waits for the whole response.
    pub(crate) fn send(&mut self, request: &[u8]) -> Result<Response> {
        self.stream.write_all(request)?;
        let bounds = loop {
            match Bounds::of_first(&self.buffer)? {
                Some(bounds) if bounds.end <= self.buffer.len() => break bounds,
                _ => self.read_more()?,
            }
        };
        let Bounds { status, head, end } = bounds;
        let body = self.buffer.get(head..end).unwrap_or_default().to_vec();
        let head = String::from_utf8_lossy(self.buffer.get(..head).unwrap_or_default()).into_owned();
        self.buffer.drain(..end);
        Ok(Response { status, head, body })
    }

    fn read_more(&mut self) -> Result<()> {
        let mut chunk = [0; 16 * 1024];
        let read = self.stream.read(&mut chunk)?;
        if read == 0 {
            bail!("the connection was closed before the end of a response");
        }
        self.buffer.extend_from_slice(chunk.get(..read).unwrap_or_default());
        Ok(())
    }
}

/// The boundaries of a response within a buffer.
pub(crate) struct Bounds {
    pub(crate) status: u16,
    /// The end of the head.
    pub(crate) head: usize,
    /// The end of the response, which may not be read yet.
    pub(crate) end: usize,
}

impl Bounds {
    /// Returns the boundaries of the first response, or `None` before its head is complete.
    pub(crate) fn of_first(buffer: &[u8]) -> Result<Option<Self>> {
        let Some(at) = find(buffer, b"\r\n\r\n") else { return Ok(None) };
        let head = std::str::from_utf8(buffer.get(..at).unwrap_or_default())?;
        let status =
            head.split(' ').nth(1).and_then(|word| word.parse().ok()).context("a response has a status")?;
        let length: usize = match header(head, "content-length") {
            Some(length) => length.parse()?,
            None if status == 204 || status == 304 => 0,
            None => bail!("a response does not state its length: {head}"),
        };
        Ok(Some(Self { status, head: at + 4, end: at + 4 + length }))
    }
}

impl Response {
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        header(&self.head, name)
    }
}

fn header<'a>(head: &'a str, name: &str) -> Option<&'a str> {
    let mut lines = head.lines().filter_map(|line| line.split_once(':'));
    lines.find(|(found, _)| found.eq_ignore_ascii_case(name)).map(|(_, value)| value.trim())
}

fn find(text: &[u8], part: &[u8]) -> Option<usize> {
    text.windows(part.len()).position(|window| window == part)
}

#[cfg(test)]
mod tests {
    use std::net::TcpListener;
    use std::thread;

    use super::*;

    #[test]
    fn a_response_is_read_to_its_end_and_no_further() {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap().to_string();
        let server = thread::spawn(move || {
            let (mut stream, _) = listener.accept().unwrap();
            let mut request = [0; 4];
            stream.read_exact(&mut request).unwrap();
            let first = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";
            stream.write_all(format!("{first}HTTP/1.1 204 No Content\r\nX: y\r\n\r\n").as_bytes()).unwrap();
        });
        let mut connection = Connection::open(&address).unwrap();
        let response = connection.send(b"GET ").unwrap();
        assert_eq!((response.status, response.body.as_slice()), (200, b"ok".as_slice()));
        let response = connection.send(b"").unwrap();
        assert_eq!((response.status, response.header("x")), (204, Some("y")));
        server.join().unwrap();
    }
}
