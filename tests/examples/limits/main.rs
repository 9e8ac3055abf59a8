//! Measures what `docs/limits.md` tells: memory under hostile requests, polite clients beside slow ones, and five times as many
//! requests as can be answered.
//!
//! `cargo run --release -p loggia-tests --example limits` does all of it in about four minutes, on a store in a
//! temporary folder; `memory`, `slow` or `overload` behind `--` does one part, and a `postgres://` URL of an empty database behind
//! that takes that database. `slow` needs slowhttptest, which Debian and Ubuntu have. Clients and server share the
//! machine: the ratios count, and figures in seconds are of that machine.

#![expect(
    clippy::print_stdout,
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a tool for whoever measures: it prints its figures, and what fails ends it"
)]

mod client;
mod memory;
mod overload;
mod server;
mod slow;

use server::Server;

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let is_url = |text: &&String| text.contains("://");
    let url = arguments.iter().find(is_url).cloned();
    let parts: Vec<&str> = arguments.iter().filter(|text| !is_url(text)).map(String::as_str).collect();
    assert!(
        parts.iter().all(|part| ["memory", "slow", "overload"].contains(part)),
        "memory, slow or overload"
    );
    let wanted = |part| parts.is_empty() || parts.contains(&part);
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().expect("threads");
    runtime.block_on(async {
        let server = Server::start(url.as_deref());
        println!("{} processors; the store is {}", server.processors(), server.store());
        if wanted("memory") {
            memory::measure(&server).await;
        }
        if wanted("slow") {
            slow::measure(&server).await;
        }
        if wanted("overload") {
            overload::measure(&server).await;
        }
    });
}
