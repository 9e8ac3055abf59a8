//! A client that keeps its connection, and what many of them have seen.

use std::io;
use std::time::{Duration, Instant};

use tokio::io::{AsyncBufReadExt as _, AsyncReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::net::TcpStream;

/// A connection, made when it is needed, and when it was last used.
#[derive(Default)]
pub(crate) struct Client(Option<BufReader<TcpStream>>, Option<Instant>);

/// How long a connection may rest before its end is nobody's fault.
const IDLE: Duration = Duration::from_secs(20);

/// What came of a request: the status, 0 for none at all.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Outcome {
    pub(crate) status: u16,
    pub(crate) took: Duration,
    pub(crate) says_when: bool,
}

impl Client {
    /// Sends a request and reads the answer; time counts from `due`.
    pub(crate) async fn call(&mut self, address: &str, request: &[u8], due: Instant) -> Outcome {
        let rested = self.0.is_some() && self.1.is_some_and(|last| last.elapsed() >= IDLE);
        let mut answer = self.try_call(address, request).await;
        if rested && answer.as_ref().is_err_and(|error| error.kind() == io::ErrorKind::ConnectionAborted) {
            // It had been idle for too long, and its end crossed the request, which asks for nothing twice (RFC 9112 §9.3.1).
            self.0 = None;
            answer = self.try_call(address, request).await;
        }
        if answer.is_err() {
            self.0 = None;
        }
        self.1 = Some(Instant::now());
        let answer = answer.unwrap_or_default();
        Outcome { status: answer.status, took: due.elapsed(), says_when: answer.says_when }
    }

    /// Sends a request and returns the status and the body.
    pub(crate) async fn fetch(&mut self, address: &str, request: &[u8]) -> (u16, Vec<u8>) {
        let answer = self.try_call(address, request).await.expect("an answer");
        (answer.status, answer.body)
    }

    async fn try_call(&mut self, address: &str, request: &[u8]) -> io::Result<Answer> {
        let stream = match &mut self.0 {
            Some(stream) => stream,
            none => {
                let stream = TcpStream::connect(address).await?;
                stream.set_nodelay(true)?;
                none.insert(BufReader::new(stream))
            }
        };
        // A server that refuses may close before it has all.
        let sent = stream.get_mut().write_all(request).await;
        let answer = read(stream).await;
        if answer.is_err() {
            sent?;
        }
        let answer = answer?;
        if answer.ends {
            self.0 = None;
        }
        Ok(answer)
    }
}

#[derive(Default)]
struct Answer {
    status: u16,
    says_when: bool,
    /// Whether the connection ends with it.
    ends: bool,
    body: Vec<u8>,
}

async fn read(stream: &mut BufReader<TcpStream>) -> io::Result<Answer> {
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
    Ok(Answer { status, says_when, ends, body })
}

/// How long requests took, in milliseconds, of which that many in a thousand took no longer.
pub(crate) fn percentile(outcomes: &[Outcome], per_mille: usize) -> f64 {
    let mut times: Vec<Duration> = outcomes.iter().map(|outcome| outcome.took).collect();
    times.sort_unstable();
    let place = (times.len() * per_mille / 1_000).min(times.len().saturating_sub(1));
    times.get(place).map_or(f64::NAN, |time| time.as_secs_f64() * 1_000.0)
}

/// Those with a status for which that holds.
pub(crate) fn those(outcomes: &[Outcome], wanted: impl Fn(u16) -> bool) -> Vec<Outcome> {
    outcomes.iter().filter(|outcome| wanted(outcome.status)).copied().collect()
}
