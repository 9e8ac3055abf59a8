//! A server that answers as a test says, and remembers what it was asked.

use std::net::SocketAddr;
use std::sync::{Arc, Mutex};

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};

/// A request.
#[derive(Clone, Debug)]
pub(crate) struct Received {
    pub(crate) method: String,
    /// The path with the query.
    pub(crate) target: String,
    /// The headers, with names in lower case.
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: Vec<u8>,
}

impl Received {
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(own, _)| own == name).map(|(_, value)| value.as_str())
    }
}

/// The reaction of the server to a request.
#[derive(Clone, Debug)]
pub(crate) enum Answer {
    Response {
        status: u16,
        headers: Vec<(&'static str, String)>,
        body: Vec<u8>,
    },
    /// The connection is closed without a response.
    Cut,
    /// The connection is closed in the middle of the response.
    CutWithin,
    /// There is no response, and the connection stays.
    Silence,
}

/// Returns a response with a body of that media type.
pub(crate) fn response(status: u16, media_type: &str, body: impl Into<Vec<u8>>) -> Answer {
    Answer::Response { status, headers: vec![("Content-Type", media_type.to_owned())], body: body.into() }
}

/// Returns a response with a JSON body.
pub(crate) fn json(status: u16, body: &serde_json::Value) -> Answer {
    response(status, "application/json", body.to_string())
}

/// Returns a problem with that code.
pub(crate) fn problem(status: u16, code: &str) -> Answer {
    let body = serde_json::json!({
        "type": format!("/docs/errors/{code}"), "title": "A title", "status": status, "detail": "A detail.",
        "instance": "urn:loggia:request:r-1", "code": code, "request_id": "r-1",
    });
    response(status, "application/problem+json", body.to_string())
}

impl Answer {
    /// Adds a header to a response.
    pub(crate) fn with(mut self, name: &'static str, value: impl Into<String>) -> Self {
        if let Self::Response { headers, .. } = &mut self {
            headers.push((name, value.into()));
        }
        self
    }
}

/// A running server. It ends with the runtime of its test.
pub(crate) struct Server {
    address: SocketAddr,
    received: Arc<Mutex<Vec<Received>>>,
}

impl Server {
    /// Starts a server that answers each request, which is given with its number from 0 on.
    pub(crate) async fn start(answer: impl Fn(usize, &Received) -> Answer + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let received = Arc::new(Mutex::new(Vec::new()));
        let (answer, all) = (Arc::new(answer), Arc::clone(&received));
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let (answer, all) = (Arc::clone(&answer), Arc::clone(&all));
                tokio::spawn(async move { serve(stream, &*answer, &all).await });
            }
        });
        Self { address, received }
    }

    /// Starts a server that gives these answers, the last one for all further requests too.
    pub(crate) async fn script(answers: Vec<Answer>) -> Self {
        Self::start(move |number, _| answers[number.min(answers.len() - 1)].clone()).await
    }

    pub(crate) fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Returns what the server was asked so far.
    pub(crate) fn received(&self) -> Vec<Received> {
        self.received.lock().unwrap().clone()
    }
}

async fn serve(
    mut stream: TcpStream,
    answer: &(impl Fn(usize, &Received) -> Answer + Send + Sync),
    all: &Mutex<Vec<Received>>,
) {
    let Some(request) = read(&mut stream).await else { return };
    let number = {
        let mut all = all.lock().unwrap();
        all.push(request.clone());
        all.len() - 1
    };
    match answer(number, &request) {
        Answer::Cut => {}
        Answer::Silence => std::future::pending().await,
        Answer::CutWithin => {
            let head = "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 100\r\n\r\n{";
            let _ = stream.write_all(head.as_bytes()).await;
        }
        Answer::Response { status, headers, body } => {
            let mut head =
                format!("HTTP/1.1 {status} Said\r\nConnection: close\r\nContent-Length: {}\r\n", body.len());
            for (name, value) in headers {
                head.push_str(&format!("{name}: {value}\r\n"));
            }
            let _ = stream.write_all(&[head.as_bytes(), b"\r\n", &body].concat()).await;
        }
    }
}

async fn read(stream: &mut TcpStream) -> Option<Received> {
    let mut bytes = Vec::new();
    let end = loop {
        if let Some(end) = bytes.windows(4).position(|window| window == b"\r\n\r\n") {
            break end;
        }
        if stream.read_buf(&mut bytes).await.ok()? == 0 {
            return None;
        }
    };
    let head = String::from_utf8(bytes[..end].to_vec()).unwrap();
    let mut lines = head.split("\r\n");
    let mut first = lines.next()?.split(' ');
    let (method, target) = (first.next()?.to_owned(), first.next()?.to_owned());
    let headers: Vec<_> = lines
        .filter_map(|line| line.split_once(": "))
        .map(|(name, value)| (name.to_ascii_lowercase(), value.to_owned()))
        .collect();
    let length = headers
        .iter()
        .find(|(name, _)| name == "content-length")
        .map_or(0, |(_, value)| value.parse().unwrap());
    let mut body = bytes[end + 4..].to_vec();
    while body.len() < length {
        if stream.read_buf(&mut body).await.ok()? == 0 {
            return None;
        }
    }
    Some(Received { method, target, headers, body })
}
