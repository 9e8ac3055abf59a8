//! The warm-up before a measurement: opens connections to the store, prepares statements, fills caches.

use std::thread;

use anyhow::{Context, Result};

use crate::connection::Connection;
use crate::request::Call;

/// The number of connections: as many as the largest measured number.
const CONNECTIONS: usize = 64;
/// The number of requests of each call that a connection sends.
const REQUESTS: usize = 4;

/// Sends all reads over many connections at once. Servers may refuse calls that they do not know.
pub(crate) fn run(address: &str, calls: &[Call]) -> Result<()> {
    let work = || -> Result<()> {
        let mut connection = Connection::open(address)?;
        for call in calls.iter().filter(|call| !call.writes) {
            for request in call.requests.iter().cycle().take(REQUESTS) {
                connection.send(&request.bytes(0))?;
            }
        }
        Ok(())
    };
    thread::scope(|scope| {
        let threads: Vec<_> = (0..CONNECTIONS).map(|_| scope.spawn(work)).collect();
        threads.into_iter().try_for_each(|thread| thread.join().ok().context("a thread panicked")?)
    })
}
