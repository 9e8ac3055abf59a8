//! A service on a local socket, and a client for it.

use std::io::{Error, ErrorKind, Result};
use std::net::{SocketAddr, TcpListener};
use std::time::Duration;

use loggia_http::{HttpApp, StopHandle, serve};
use serde_json::Value;
use tokio::io::{AsyncBufReadExt as _, AsyncReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::net::TcpStream;
use tokio::task::JoinHandle;

/// A running service.
pub(crate) struct Serving {
    pub(crate) address: SocketAddr,
    stop: StopHandle,
    ended: JoinHandle<Result<()>>,
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

    /// Connects a client that authenticates with `key`.
    pub(crate) async fn client(&self, key: &str) -> Client {
        Client::connect(self.address, key).await.unwrap()
    }

    /// Stops the service, and waits for the end of all requests in flight.
    pub(crate) async fn end(self) {
        self.stop.stop().await;
        within(self.ended).await.unwrap().unwrap();
    }
}

/// A response.
#[derive(Clone, Debug)]
pub(crate) struct Response {
    pub(crate) status: u16,
    pub(crate) body: Value,
}

impl Response {
    /// Returns the problem's code, or an empty text if the response is not a problem.
    pub(crate) fn code(&self) -> &str {
        self.body["code"].as_str().unwrap_or_default()
    }

    /// Returns a text member of the body by its JSON Pointer (RFC 6901).
    #[track_caller]
    pub(crate) fn text(&self, pointer: &str) -> &str {
        let member = self.body.pointer(pointer).and_then(Value::as_str);
        member.unwrap_or_else(|| panic!("{pointer} in {self:?}"))
    }
}

/// A client with a key, and a connection that is kept open until the service closes it.
pub(crate) struct Client {
    address: SocketAddr,
    stream: BufReader<TcpStream>,
    /// `true` if the service has announced that it closes the connection, as it does after a body that it does not read.
    closes: bool,
    key: String,
}

async fn connect(address: SocketAddr) -> Result<BufReader<TcpStream>> {
    let stream = TcpStream::connect(address).await?;
    stream.set_nodelay(true)?;
    Ok(BufReader::new(stream))
}

impl Client {
    pub(crate) async fn connect(address: SocketAddr, key: &str) -> Result<Self> {
        Ok(Self { address, stream: connect(address).await?, closes: false, key: key.to_owned() })
    }

    /// Sends a request and reads its response.
    pub(crate) async fn call(&mut self, method: &str, path: &str, body: Option<&Value>) -> Result<Response> {
        self.send(method, path, body).await?;
        within(self.response()).await
    }

    pub(crate) async fn get(&mut self, path: &str) -> Response {
        self.call("GET", path, None).await.unwrap()
    }

    pub(crate) async fn post(&mut self, path: &str, body: &Value) -> Response {
        self.call("POST", path, Some(body)).await.unwrap()
    }

    pub(crate) async fn patch(&mut self, path: &str, body: &Value) -> Response {
        self.call("PATCH", path, Some(body)).await.unwrap()
    }

    pub(crate) async fn delete(&mut self, path: &str) -> Response {
        self.call("DELETE", path, None).await.unwrap()
    }

    /// Sends a request without waiting for its response.
    pub(crate) async fn send(&mut self, method: &str, path: &str, body: Option<&Value>) -> Result<()> {
        if std::mem::take(&mut self.closes) {
            self.stream = connect(self.address).await?;
        }
        let body = body.map(Value::to_string);
        let mut request = format!(
            "{method} {path} HTTP/1.1\r\nHost: loggia.example.com\r\nAuthorization: Bearer {}\r\n",
            self.key
        );
        if let Some(body) = &body {
            request.push_str("Content-Type: application/json\r\n");
            request.push_str(&format!("Content-Length: {}\r\n", body.len()));
        }
        request.push_str("\r\n");
        request.push_str(body.as_deref().unwrap_or_default());
        self.stream.get_mut().write_all(request.as_bytes()).await
    }

    /// Closes the connection with a reset (RST).
    pub(crate) fn reset(self) {
        self.stream.get_ref().set_zero_linger().unwrap();
    }

    async fn response(&mut self) -> Result<Response> {
        let (mut status, mut length) = (None, 0);
        loop {
            let mut line = String::new();
            if self.stream.read_line(&mut line).await? == 0 {
                return Err(ErrorKind::UnexpectedEof.into());
            }
            let line = line.trim_end().to_ascii_lowercase();
            if line.is_empty() {
                break;
            }
            if status.is_none() {
                status = line.split(' ').nth(1).and_then(|status| status.parse().ok());
            }
            if let Some(value) = line.strip_prefix("content-length: ") {
                length = value.parse().map_err(Error::other)?;
            }
            self.closes |= line == "connection: close";
        }
        let mut bytes = vec![0; length];
        self.stream.read_exact(&mut bytes).await?;
        let body = if bytes.is_empty() { Value::Null } else { serde_json::from_slice(&bytes)? };
        Ok(Response { status: status.ok_or_else(|| Error::other("no status"))?, body })
    }
}

/// Waits for a future; panics after 20 seconds.
pub(crate) async fn within<T>(future: impl Future<Output = T>) -> T {
    #[expect(
        clippy::disallowed_methods,
        reason = "a test that hangs must fail; the dropped future writes nothing"
    )]
    let outcome = tokio::time::timeout(Duration::from_secs(20), future).await;
    outcome.expect("it came to nothing in 20 seconds")
}

/// Polls a condition until it holds; returns `false` if it does not hold within `timeout`.
pub(crate) async fn becomes(timeout: Duration, mut is_so: impl AsyncFnMut() -> bool) -> bool {
    let deadline = std::time::Instant::now() + timeout;
    loop {
        if is_so().await {
            return true;
        }
        if std::time::Instant::now() > deadline {
            return false;
        }
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}
