//! Before anything is measured: connections to the store are opened, statements prepared, caches filled.

use std::thread;

use anyhow::{Context, Result};

use crate::connection::Connection;
use crate::request::Call;

/// As many as the most that are measured.
const CONNECTIONS: usize = 64;
/// How many requests of each call a connection sends.
const REQUESTS: usize = 4;

/// Reads whatever there is to read, over many connections at once. What a server does not know it may refuse.
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
