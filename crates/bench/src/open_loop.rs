//! The open loop: requests are due at fixed times, whatever became of those before. A latency is counted from when the request was
//! due, so that a server that stalls does not slow down the clock that measures it.

use std::sync::atomic::{AtomicU64, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, Result};
use serde::{Deserialize, Serialize};

use crate::connection::Connection;
use crate::request::Call;

/// What came of an open loop; times in microseconds.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Open {
    pub(crate) rate: f64,
    pub(crate) failures: u64,
    pub(crate) p50: f64,
    pub(crate) p90: f64,
    pub(crate) p99: f64,
    pub(crate) max: f64,
}

/// One thread for each connection, whichever is free takes what is due next.
const CONNECTIONS: usize = 32;

/// Sends `rate` requests a second for a while. `first` is the first number of those that it puts into them.
pub(crate) fn run(address: &str, call: &Call, rate: f64, duration: Duration, first: u64) -> Result<Open> {
    let next = AtomicU64::new(0);
    let interval = Duration::from_secs_f64(1.0 / rate.max(1.0));
    let due_in =
        |number: u64| interval.checked_mul(u32::try_from(number).unwrap_or(u32::MAX)).unwrap_or(duration);
    let connections: Vec<Connection> =
        (0..CONNECTIONS).map(|_| Connection::open(address)).collect::<Result<_>>()?;
    // Threads are started before the first request is due.
    let start = Instant::now() + Duration::from_millis(20);
    let work = |mut connection: Connection| -> Result<(Vec<Duration>, u64)> {
        let (mut latencies, mut failures) = (Vec::new(), 0);
        loop {
            let number = next.fetch_add(1, Ordering::Relaxed);
            let due_in = due_in(number);
            if due_in >= duration {
                return Ok((latencies, failures));
            }
            let turn = usize::try_from(number).unwrap_or_default() % call.requests.len().max(1);
            let request = call.requests.get(turn).context("a call has requests")?.bytes(first + number);
            let due = start + due_in;
            thread::sleep(due.saturating_duration_since(Instant::now()));
            let answer = connection.send(&request)?;
            latencies.push(due.elapsed());
            failures += u64::from(!(200..300).contains(&answer.status));
        }
    };
    let outcomes: Vec<_> = thread::scope(|scope| {
        let threads: Vec<_> =
            connections.into_iter().map(|connection| scope.spawn(|| work(connection))).collect();
        threads.into_iter().map(|thread| thread.join()).collect()
    });
    let (mut latencies, mut failures) = (Vec::new(), 0);
    for outcome in outcomes {
        let (some, failed) = outcome.ok().context("a thread of the open loop panicked")??;
        latencies.extend(some);
        failures += failed;
    }
    latencies.sort_unstable();
    let micros = |share: usize| {
        let at = (latencies.len() * share / 1_000).min(latencies.len().saturating_sub(1));
        latencies.get(at).map_or(0.0, |latency| latency.as_secs_f64() * 1_000_000.0)
    };
    let (p50, p90, p99, max) = (micros(500), micros(900), micros(990), micros(1_000));
    Ok(Open { rate, failures, p50, p90, p99, max })
}
