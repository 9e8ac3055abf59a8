//! Requests that are made to cost memory (promise B26).

use std::collections::BTreeMap;
use std::time::Instant;

use futures_util::future::join_all;

use crate::client::Client;
use crate::report::Report;
use crate::server::Server;

/// The number of simultaneous requests of each kind.
const EACH: usize = 100;

pub(crate) async fn measure(server: &Server, report: &mut Report) {
    report.table(
        "Memory",
        &format!("{EACH} of each at once; before, the process had {} MB.", server.memory("VmRSS")),
        &["requests", "responses", "memory after"],
    );
    let json = "Content-Type: application/json\r\n";
    let post = |headers: &str, body: &[u8]| server.request("POST", "/api/v1/spaces", headers, body);
    let nested = |depth: usize| [vec![b'['; depth], vec![b']'; depth]].concat();
    let many: String = (0..200).map(|number| format!("X-Quay-{number}: quay\r\n")).collect();
    // The content of a gzip bomb does not matter to a server that does not decompress it. A megabyte of it would be a gigabyte of zeros.
    let bomb = post(&format!("{json}Content-Encoding: gzip\r\n"), &vec![0x1f; 1_000_000]);
    let chunk = format!("10000\r\n{}\r\n", " ".repeat(0x1_0000));
    let head = server.request("GET", "/api/v1/spaces", &format!("{json}Transfer-Encoding: chunked\r\n"), b"");
    let chunked = [b"POST".as_slice(), &head[3..], chunk.repeat(16).as_bytes()].concat();
    for (what, request) in [
        ("gzip bomb", bomb),
        ("1 MB of JSON", post(json, &vec![b' '; 1_000_000])),
        ("1 MB of JSON in chunks", chunked),
        ("256 KiB of JSON", post(json, &[b"{\"name\":\"", vec![b'a'; 262_132].as_slice(), b"\"}"].concat())),
        ("128 deep", post(json, &nested(128))),
        ("100,000 deep", post(json, &nested(100_000))),
        ("200 headers", server.request("GET", "/livez", &many, b"")),
        (
            "a header of 100 KB",
            server.request("GET", "/livez", &format!("X-Quay: {}\r\n", "q".repeat(100_000)), b""),
        ),
        (
            "headers of 200 KB",
            server.request("GET", "/livez", &format!("X-Quay: {}\r\n", "q".repeat(200_000)), b""),
        ),
        ("a path of 64 KB", server.request("GET", &format!("/{}", "q".repeat(65_600)), "", b"")),
        ("the longest page", server.request("GET", "/api/v1/spaces?limit=100&include=all", "", b"")),
    ] {
        let calls = join_all((0..EACH).map(|_| async {
            Client::default().call(&server.address, &request, Instant::now()).await.status
        }));
        let mut statuses = BTreeMap::<u16, usize>::new();
        for status in calls.await {
            *statuses.entry(status).or_default() += 1;
        }
        let described = |(status, times): (&u16, &usize)| match status {
            0 => format!("{times} × closed without a response"),
            status => format!("{times} × {status}"),
        };
        let described: Vec<String> = statuses.iter().map(described).collect();
        report.row(&[what.to_owned(), described.join(", "), format!("{} MB", server.memory("VmRSS"))]);
    }
    report.say(&format!("Peak memory: {} MB (promised: at most 256).", server.memory("VmHWM")));
}
