//! A connection that serves all requests, one after the other.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::time::{Duration, Instant};

use serde_json::Value;

use crate::Outcome;

/// A connection of a client with a key.
pub(crate) struct Connection {
    stream: BufReader<TcpStream>,
    key: String,
}

/// A response.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Response {
    pub(crate) status: u16,
    head: String,
    body: String,
}

impl Response {
    pub(crate) fn json(&self) -> Outcome<Value> {
        Ok(serde_json::from_str(&self.body)?)
    }

    /// Removes what differs between any two responses: the request's id and the date. The requested id is removed, too, since a response
    /// may repeat it.
    pub(crate) fn without_ids(mut self, asked: &str) -> Self {
        let is_its_own = |line: &str| line.starts_with("x-request-id: ") || line.starts_with("date: ");
        if let Some(id) = self.head.lines().find_map(|line| line.strip_prefix("x-request-id: ")) {
            self.body = self.body.replace(id, "");
        }
        self.head = self.head.replace(asked, "");
        self.head = self.head.lines().filter(|line| !is_its_own(line)).collect();
        self
    }
}

impl Connection {
    pub(crate) fn open(address: SocketAddr, key: &str) -> Outcome<Self> {
        let stream = TcpStream::connect(address)?;
        stream.set_nodelay(true)?;
        stream.set_read_timeout(Some(Duration::from_secs(30)))?;
        Ok(Self { stream: BufReader::new(stream), key: key.to_owned() })
    }

    /// Sends a request, reads the whole response, and returns it with the time that it took.
    pub(crate) fn call(
        &mut self,
        method: &str,
        path: &str,
        body: Option<&str>,
    ) -> Outcome<(Response, Duration)> {
        let mut request = format!(
            "{method} {path} HTTP/1.1\r\nHost: loggia.example.com\r\nAuthorization: Bearer {}\r\n",
            self.key
        );
        if let Some(body) = body {
            let headers = format!("Content-Type: application/json\r\nContent-Length: {}\r\n", body.len());
            request.push_str(&headers);
        }
        request.push_str("\r\n");
        request.push_str(body.unwrap_or_default());
        let began = Instant::now();
        self.stream.get_mut().write_all(request.as_bytes())?;
        let response = self.response()?;
        Ok((response, began.elapsed()))
    }

    fn response(&mut self) -> Outcome<Response> {
        let mut head = String::new();
        while !head.ends_with("\r\n\r\n") {
            if self.stream.read_line(&mut head)? == 0 {
                return Err("the service has gone away".into());
            }
        }
        let head = head.to_ascii_lowercase();
        let status = head.split(' ').nth(1).ok_or("no status")?.parse()?;
        let length = head.lines().find_map(|line| line.strip_prefix("content-length: "));
        let mut body = vec![0; length.map_or(Ok(0), str::parse)?];
        self.stream.read_exact(&mut body)?;
        Ok(Response { status, head, body: String::from_utf8(body)? })
    }

    /// Sends a request that must succeed, and returns the body of the response.
    pub(crate) fn done(&mut self, method: &str, path: &str, body: Option<&str>) -> Outcome<Value> {
        let (response, _) = self.call(method, path, body)?;
        if !(200..300).contains(&response.status) {
            return Err(format!("{method} {path}: {response:?}").into());
        }
        response.json()
    }
}
