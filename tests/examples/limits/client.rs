//! A client that keeps its connection, and statistics of many clients.

use std::io;
use std::time::{Duration, Instant};

use tokio::io::{AsyncBufReadExt as _, AsyncReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::net::TcpStream;

/// A connection, opened when it is needed, and the time of its last use.
#[derive(Default)]
pub(crate) struct Client(Option<BufReader<TcpStream>>, Option<Instant>);

/// The time after which the end of an idle connection is not an error.
const IDLE: Duration = Duration::from_secs(20);

/// The outcome of a request: its status (0 for no response) and its duration.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Outcome {
    pub(crate) status: u16,
    pub(crate) took: Duration,
    pub(crate) says_when: bool,
}

impl Client {
    /// Sends a request and reads the response. The time counts from `due`.
    pub(crate) async fn call(&mut self, address: &str, request: &[u8], due: Instant) -> Outcome {
        let rested = self.0.is_some() && self.1.is_some_and(|last| last.elapsed() >= IDLE);
        let mut response = self.try_call(address, request).await;
        if rested && response.as_ref().is_err_and(|error| error.kind() == io::ErrorKind::ConnectionAborted) {
            // The connection was idle for too long, and its end crossed the request. A client may then retry an idempotent request (RFC
            // 9112 §9.3.1).
            self.0 = None;
            response = self.try_call(address, request).await;
        }
        if response.is_err() {
            self.0 = None;
        }
        self.1 = Some(Instant::now());
        let response = response.unwrap_or_default();
        Outcome { status: response.status, took: due.elapsed(), says_when: response.says_when }
    }

    /// Sends a request and returns the status and the body.
    pub(crate) async fn fetch(&mut self, address: &str, request: &[u8]) -> (u16, Vec<u8>) {
        let response = self.try_call(address, request).await.expect("a response");
        (response.status, response.body)
    }

    async fn try_call(&mut self, address: &str, request: &[u8]) -> io::Result<Response> {
        let stream = match &mut self.0 {
            Some(stream) => stream,
            none => {
                let stream = TcpStream::connect(address).await?;
                stream.set_nodelay(true)?;
                none.insert(BufReader::new(stream))
            }
        };
        // A server that refuses a request may close the connection before it has all of the request.
        let sent = stream.get_mut().write_all(request).await;
        let response = read(stream).await;
        if response.is_err() {
            sent?;
        }
        let response = response?;
        if response.ends {
            self.0 = None;
        }
        Ok(response)
    }
}

#[derive(Default)]
struct Response {
    status: u16,
    says_when: bool,
    /// `true` if the connection ends with the response.
    ends: bool,
    body: Vec<u8>,
}

async fn read(stream: &mut BufReader<TcpStream>) -> io::Result<Response> {
    let mut line = String::new();
    if stream.read_line(&mut line).await? == 0 {
        return Err(io::ErrorKind::ConnectionAborted.into());
    }
    let status = line.split(' ').nth(1).and_then(|status| status.parse().ok()).unwrap_or(0);
    let (mut length, mut says_when, mut ends) = (0, false, false);
    loop {
        line.clear();
        stream.read_line(&mut line).await?;
        match line.trim_end().split_once(": ") {
            Some(("content-length", value)) => length = value.parse().unwrap_or(0),
            Some(("retry-after", _)) => says_when = true,
            Some(("connection", "close")) => ends = true,
            None => break,
            _ => {}
        }
    }
    let mut body = vec![0; length];
    stream.read_exact(&mut body).await?;
    Ok(Response { status, says_when, ends, body })
}

/// Returns a percentile of the durations in milliseconds; `per_mille` is 990 for the 99th percentile.
pub(crate) fn percentile(outcomes: &[Outcome], per_mille: usize) -> f64 {
    let mut times: Vec<Duration> = outcomes.iter().map(|outcome| outcome.took).collect();
    times.sort_unstable();
    let index = (times.len() * per_mille / 1_000).min(times.len().saturating_sub(1));
    times.get(index).map_or(f64::NAN, |time| time.as_secs_f64() * 1_000.0)
}

/// Returns the outcomes whose status fulfils the condition.
pub(crate) fn those(outcomes: &[Outcome], wanted: impl Fn(u16) -> bool) -> Vec<Outcome> {
    outcomes.iter().filter(|outcome| wanted(outcome.status)).copied().collect()
}
