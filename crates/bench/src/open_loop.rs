//! The open loop: requests are due at fixed times, whatever became of earlier ones. A latency is measured from the time at which the
//! request was due, so a server that stalls does not slow down its own measurement (no coordinated omission).
//!
//! One thread sends and reads everything. It shares the machine with the server, and with a thread for each connection the kernel would
//! switch threads for every request, which would show in the latencies.

use std::collections::VecDeque;
use std::io::{ErrorKind, Read, Write};
use std::net::TcpStream;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use rustix::buffer::spare_capacity;
use rustix::event::{Timespec, epoll};
use serde::{Deserialize, Serialize};

use crate::connection::Bounds;
use crate::request::Call;

/// The result of an open loop; times in microseconds.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Open {
    pub(crate) rate: f64,
    pub(crate) failures: u64,
    pub(crate) p50: f64,
    pub(crate) p90: f64,
    pub(crate) p99: f64,
    pub(crate) max: f64,
}

impl Open {
    /// Returns the ratio of the 99th percentile to the median.
    pub(crate) fn tail(&self) -> f64 {
        self.p99 / self.p50.max(0.1)
    }
}

/// The number of connections. The one that has been idle for longest sends the next request, so that all workers of the server are used.
const CONNECTIONS: usize = 32;

/// The longest time that a response may take.
const TIMEOUT: Duration = Duration::from_secs(30);

/// A connection with at most one request in flight.
struct Line {
    stream: TcpStream,
    buffer: Vec<u8>,
    due: Instant,
}

impl Line {
    fn open(address: &str) -> Result<Self> {
        let stream =
            TcpStream::connect(address).with_context(|| format!("no server listens on {address}"))?;
        stream.set_nodelay(true)?;
        stream.set_nonblocking(true)?;
        Ok(Self { stream, buffer: Vec::with_capacity(64 * 1024), due: Instant::now() })
    }

    /// Sends a request. It is short and no other is in flight, so the socket takes it at once.
    fn send(&mut self, request: &[u8], due: Instant) -> Result<()> {
        self.due = due;
        Ok(self.stream.write_all(request)?)
    }

    /// Reads the available bytes, and returns the status of the response once that is complete.
    fn read(&mut self) -> Result<Option<u16>> {
        let mut chunk = [0; 16 * 1024];
        loop {
            match self.stream.read(&mut chunk) {
                Ok(0) => bail!("the connection was closed before the end of a response"),
                Ok(read) => self.buffer.extend_from_slice(chunk.get(..read).unwrap_or_default()),
                Err(error) if error.kind() == ErrorKind::WouldBlock => break,
                Err(error) => return Err(error.into()),
            }
        }
        match Bounds::of_first(&self.buffer)? {
            Some(bounds) if bounds.end <= self.buffer.len() => {
                self.buffer.drain(..bounds.end);
                Ok(Some(bounds.status))
            }
            _ => Ok(None),
        }
    }
}

/// Sends `rate` requests per second for `duration`. `first` is the first of the numbers in them.
pub(crate) fn run(address: &str, call: &Call, rate: f64, duration: Duration, first: u64) -> Result<Open> {
    let interval = Duration::from_secs_f64(1.0 / rate.max(1.0));
    let all = duration.as_nanos() / interval.as_nanos().max(1);
    let mut requests = (0..all).zip(call.requests.iter().cycle()).zip(first..);
    let poll = epoll::create(epoll::CreateFlags::CLOEXEC)?;
    let mut lines: Vec<Line> = (0..CONNECTIONS).map(|_| Line::open(address)).collect::<Result<_>>()?;
    for (line, data) in lines.iter().zip(0..) {
        epoll::add(&poll, &line.stream, epoll::EventData::new_u64(data), epoll::EventFlags::IN)?;
    }
    let mut free: VecDeque<usize> = (0..CONNECTIONS).collect();
    let mut events = Vec::with_capacity(CONNECTIONS);
    let (mut latencies, mut failures) = (Vec::new(), 0);
    let mut due = Instant::now();
    let mut next = requests.next();
    while next.is_some() || free.len() < CONNECTIONS {
        while let (Some(((_, request), number)), Some(&at)) = (next, free.front())
            && due <= Instant::now()
        {
            let line = lines.get_mut(at).context("each connection has a number")?;
            line.send(&request.bytes(number), due)?;
            free.pop_front();
            due += interval;
            next = requests.next();
        }
        let can_send = next.is_some() && !free.is_empty();
        let wait = if can_send { due.saturating_duration_since(Instant::now()) } else { TIMEOUT };
        let wait = Timespec::try_from(wait)?;
        if epoll::wait(&poll, spare_capacity(&mut events), Some(&wait))? == 0 && !can_send {
            bail!("no response within {TIMEOUT:?}");
        }
        for event in events.drain(..) {
            let at = usize::try_from(event.data.u64())?;
            let line = lines.get_mut(at).context("each connection has a number")?;
            if let Some(status) = line.read()? {
                latencies.push(line.due.elapsed());
                failures += u64::from(!(200..300).contains(&status));
                free.push_back(at);
            }
        }
    }
    latencies.sort_unstable();
    let micros = |share: usize| {
        let at = (latencies.len() * share / 1_000).min(latencies.len().saturating_sub(1));
        latencies.get(at).map_or(0.0, |latency| latency.as_secs_f64() * 1_000_000.0)
    };
    let (p50, p90, p99, max) = (micros(500), micros(900), micros(990), micros(1_000));
    Ok(Open { rate, failures, p50, p90, p99, max })
}

#[cfg(test)]
mod tests {
    use std::net::TcpListener;
    use std::thread;

    use super::*;
    use crate::request::Request;

    /// Responds to requests of `length` bytes on every connection, to each in two parts.
    fn respond_to_all(listener: &TcpListener, length: usize) {
        for stream in listener.incoming().take(CONNECTIONS) {
            let mut stream = stream.unwrap();
            thread::spawn(move || {
                let mut request = vec![0; length];
                let mut status = 200;
                while stream.read_exact(&mut request).is_ok() {
                    let response = format!("HTTP/1.1 {status} X\r\ncontent-length: 3\r\n\r\n");
                    stream.write_all(response.as_bytes()).unwrap();
                    stream.write_all(b"abc").unwrap();
                    status = 503;
                }
            });
        }
    }

    #[test]
    fn every_due_request_is_sent_and_its_response_is_read() {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap().to_string();
        let request = Request::new("GET", "/x", "k", "", None);
        let length = request.bytes(0).len();
        let server = thread::spawn(move || respond_to_all(&listener, length));
        let call = Call { name: "x", requests: vec![request], writes: false };
        let open = run(&address, &call, 1_000.0, Duration::from_millis(100), 0).unwrap();
        server.join().unwrap();
        // The first response on each connection is a success, and each connection was used.
        assert_eq!(open.failures, 100 - u64::try_from(CONNECTIONS).unwrap());
        assert!(open.p50 > 0.0 && open.p50 <= open.p90 && open.p90 <= open.p99 && open.p99 <= open.max);
    }
}
