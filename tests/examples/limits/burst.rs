//! Two hundred simultaneous requests of one key, which are a burst and not an overload.

use std::time::Instant;

use futures_util::future::join_all;

use crate::client::{Client, percentile, those};
use crate::overload::SEARCH;
use crate::report::{Report, ms};
use crate::server::Server;

const BURST: usize = 200;
const ROUNDS: usize = 5;

pub(crate) async fn measure(server: &Server, report: &mut Report) {
    report.table(
        "Bursts",
        &format!(
            "{BURST} concurrent requests of one key, each on its own connection, {ROUNDS} times in sequence."
        ),
        &["requests", "sent", "succeeded", "p50", "the last"],
    );
    let json = "Content-Type: application/json\r\n";
    let mut last = 0.0_f64;
    for (what, request) in [
        ("a page of 20", server.request("GET", "/api/v1/spaces?limit=20", "", b"")),
        ("a search in all spaces, with the total", server.request("GET", SEARCH, "", b"")),
        ("a new space", server.request("POST", "/api/v1/spaces", json, b"{\"name\":\"Crate\"}")),
    ] {
        let mut outcomes = Vec::new();
        for _ in 0..ROUNDS {
            let begun = Instant::now();
            let calls =
                (0..BURST).map(|_| async { Client::default().call(&server.address, &request, begun).await });
            outcomes.extend(join_all(calls).await);
        }
        let good = those(&outcomes, |status| status == 200 || status == 201);
        let slowest = percentile(&outcomes, 1_000);
        last = last.max(slowest);
        report.row(&[
            what.to_owned(),
            outcomes.len().to_string(),
            good.len().to_string(),
            ms(percentile(&good, 500)),
            ms(slowest),
        ]);
    }
    report.say(&format!("The last response came after {} (promised: all succeed within 3 s).", ms(last)));
}
