//! The client against servers that these tests script: against the published document, and against errors.

#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test's helpers may fail as loudly as the test"
)]

mod document;
mod errors;
mod lists;
mod retries;
mod server;
mod tls;

use loggia_client::{Client, Retries};

/// Returns a client of a scripted server, whose retries begin at once.
fn client(server: &server::Server) -> Client {
    client_at(&server.url())
}

fn client_at(url: &str) -> Client {
    let mut retries = Retries::default();
    retries.min_delay = std::time::Duration::ZERO;
    retries.max_delay = std::time::Duration::ZERO;
    Client::builder(url, KEY).retries(retries).build().unwrap()
}

/// The API key of these tests.
const KEY: &str = "lga_secret";
