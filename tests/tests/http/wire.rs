//! A server on a local socket, and a client that can misbehave as a test needs.

use std::net::{SocketAddr, TcpListener};

use loggia_http::{HttpApp, StopHandle, serve};
use serde_json::Value;
use tokio::io::{AsyncBufReadExt as _, AsyncReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::net::{TcpSocket, TcpStream};
use tokio::task::JoinHandle;

use crate::faults::within;

/// A running server.
pub(crate) struct Serving {
    pub(crate) address: SocketAddr,
    pub(crate) stop: StopHandle,
    /// The task of the server, which ends when all of its work has ended.
    pub(crate) ended: JoinHandle<std::io::Result<()>>,
}

impl Serving {
    /// Serves on a free port.
    pub(crate) fn start(app: HttpApp) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let running = serve(app, listener, 1).unwrap();
        let stop = running.handle();
        Self { address, stop, ended: tokio::spawn(running.wait()) }
    }

    pub(crate) async fn connect(&self) -> Wire {
        Wire::to(self.address).await
    }

    /// Stops the server, and waits for its end.
    pub(crate) async fn end(self) {
        self.stop.stop().await;
        self.ended.await.unwrap().unwrap();
    }
}

/// A connection.
pub(crate) struct Wire(BufReader<TcpStream>);

/// A response as it came over the wire.
#[derive(Debug)]
pub(crate) struct RawResponse {
    pub(crate) status: u16,
    headers: Vec<(String, String)>,
    pub(crate) body: Vec<u8>,
}

impl RawResponse {
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        let mut values =
            self.headers.iter().filter(|(known, _)| known == name).map(|(_, value)| value.as_str());
        let value = values.next();
        assert_eq!(values.next(), None, "{name} stands once");
        value
    }

    pub(crate) fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap()
    }

    pub(crate) fn code(&self) -> String {
        self.json()["code"].as_str().unwrap().to_owned()
    }
}

/// Returns a request with a key and, if there is one, a JSON body.
pub(crate) fn request(method: &str, path: &str, key: &str, body: Option<&str>) -> String {
    let head =
        format!("{method} {path} HTTP/1.1\r\nHost: loggia.example.com\r\nAuthorization: Bearer {key}\r\n");
    match body {
        None => head + "\r\n",
        Some(body) => {
            format!("{head}Content-Type: application/json\r\nContent-Length: {}\r\n\r\n{body}", body.len())
        }
    }
}

impl Wire {
    /// Opens a connection.
    pub(crate) async fn to(address: SocketAddr) -> Self {
        Self(BufReader::new(TcpStream::connect(address).await.unwrap()))
    }

    /// Opens a connection with a small receive buffer.
    pub(crate) async fn with_little_room(address: SocketAddr) -> Self {
        let socket = TcpSocket::new_v4().unwrap();
        socket.set_recv_buffer_size(4_096).unwrap();
        Self(BufReader::new(socket.connect(address).await.unwrap()))
    }

    /// Opens a connection from that local address.
    pub(crate) async fn from(from: SocketAddr, to: SocketAddr) -> Self {
        let socket = TcpSocket::new_v4().unwrap();
        socket.bind(from).unwrap();
        Self(BufReader::new(socket.connect(to).await.unwrap()))
    }

    /// Sends as much as the server takes.
    pub(crate) async fn try_send(&mut self, bytes: &[u8]) {
        // A client that is refused early cannot send the rest, and may still read the response.
        self.0.get_mut().write_all(bytes).await.ok();
    }

    /// Sends bytes that need not be text.
    pub(crate) async fn send_bytes(&mut self, bytes: &[u8]) {
        self.0.get_mut().write_all(bytes).await.unwrap();
    }

    pub(crate) async fn send(&mut self, bytes: &str) {
        self.0.get_mut().write_all(bytes.as_bytes()).await.unwrap();
    }

    /// Sends a request and reads its response.
    pub(crate) async fn call(&mut self, request: &str) -> RawResponse {
        self.send(request).await;
        self.response(request.starts_with("HEAD ")).await
    }

    /// Reads a response. A response to HEAD has no body, whatever its `Content-Length` is.
    pub(crate) async fn response(&mut self, to_head: bool) -> RawResponse {
        let mut lines = Vec::new();
        loop {
            let mut line = String::new();
            assert_ne!(
                within(self.0.read_line(&mut line)).await.unwrap(),
                0,
                "the connection was closed after {lines:?}"
            );
            match line.trim_end() {
                "" => break,
                line => lines.push(line.to_owned()),
            }
        }
        let status = lines[0].split(' ').nth(1).unwrap().parse().unwrap();
        let header = |line: &String| {
            let (name, value) = line.split_once(':').unwrap();
            (name.to_ascii_lowercase(), value.trim().to_owned())
        };
        let headers: Vec<_> = lines[1..].iter().map(header).collect();
        let mut response = RawResponse { status, headers, body: Vec::new() };
        let length = response.header("content-length").map_or(0, |length| length.parse().unwrap());
        if !to_head {
            response.body = vec![0; length];
            self.0.read_exact(&mut response.body).await.unwrap();
        }
        response
    }

    /// Reads to the end, which comes only when the server has closed the connection.
    pub(crate) async fn rest(mut self) -> Vec<u8> {
        let mut rest = Vec::new();
        match self.0.read_to_end(&mut rest).await {
            Ok(_) => rest,
            // The server closed the connection while bytes of ours were unread, which resets it.
            Err(error) if error.kind() == std::io::ErrorKind::ConnectionReset => rest,
            Err(error) => panic!("{error}"),
        }
    }

    /// Closes the connection with a reset.
    pub(crate) fn reset(self) {
        self.0.get_ref().set_zero_linger().unwrap();
    }
}
