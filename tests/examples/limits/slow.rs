//! A thousand slow connections beside polite clients (promise B27).

use std::process::Command;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use tokio::time::sleep;

use crate::client::{Client, Outcome, percentile, those};
use crate::server::Server;

const POLITE: usize = 4;
/// What each polite client rests between two requests.
const REST: Duration = Duration::from_millis(20);

/// Polite clients, until told to stop.
async fn polite(address: String, request: Vec<u8>, over: Arc<AtomicBool>) -> Vec<Outcome> {
    let mut client = Client::default();
    let mut outcomes = Vec::new();
    while !over.load(Ordering::Relaxed) {
        outcomes.push(client.call(&address, &request, Instant::now()).await);
        sleep(REST).await;
    }
    outcomes
}

/// What polite clients see while something is done.
async fn beside<T>(server: &Server, work: impl Future<Output = T>) -> (Vec<Outcome>, T) {
    let over = Arc::new(AtomicBool::new(false));
    let request = server.request("GET", "/api/v1/spaces?limit=20", "", b"");
    let clients: Vec<_> = (0..POLITE)
        .map(|_| tokio::spawn(polite(server.address.clone(), request.clone(), over.clone())))
        .collect();
    let done = work.await;
    over.store(true, Ordering::Relaxed);
    let mut outcomes = Vec::new();
    for client in clients {
        outcomes.extend(client.await.expect("a client"));
    }
    (outcomes, done)
}

pub(crate) async fn measure(server: &Server) {
    println!("\nSlow clients, beside {POLITE} polite ones that read a page of 20 spaces");
    let (idle, ()) = beside(server, sleep(Duration::from_secs(10))).await;
    let usual = percentile(&idle, 990);
    println!(
        "  nobody else: p50 {:.1} ms, p99 {usual:.1} ms, {} requests",
        percentile(&idle, 500),
        idle.len()
    );
    let spaces = format!("http://{}/api/v1/spaces", server.address);
    let document = format!("http://{}/openapi.json", server.address);
    for (what, arguments) in [
        (
            "-H (heads)",
            ["-H", "-c", "1000", "-i", "2", "-r", "500", "-u", &spaces, "-p", "3", "-l", "30"].as_slice(),
        ),
        (
            "-B (bodies)",
            &[
                "-B", "-c", "1000", "-i", "5", "-r", "500", "-s", "8192", "-t", "POST", "-x", "10", "-u",
                &spaces, "-p", "3", "-l", "30",
            ],
        ),
        (
            "-X (reading)",
            &[
                "-X", "-c", "1000", "-r", "500", "-w", "512", "-y", "1024", "-n", "5", "-z", "32", "-k", "3",
                "-u", &document, "-p", "3", "-l", "40",
            ],
        ),
    ] {
        let arguments: Vec<String> = arguments.iter().map(|text| (*text).to_owned()).collect();
        let tool = tokio::task::spawn_blocking(move || {
            Command::new("slowhttptest").args(&arguments).output().expect("slowhttptest is installed")
        });
        let (outcomes, output) = beside(server, tool).await;
        let output = String::from_utf8_lossy(&output.expect("it ran").stdout).into_owned();
        let refused = those(&outcomes, |status| status != 200).len();
        let slow = percentile(&outcomes, 990);
        println!(
            "  slowhttptest {what}: p50 {:.1} ms, p99 {slow:.1} ms ({:.1} × idle), {} requests, {refused} without 200; {} MB",
            percentile(&outcomes, 500),
            slow / usual,
            outcomes.len(),
            server.memory("VmRSS"),
        );
        println!("    {}", last_words(&output));
    }
}

/// How the tool saw the end: without its colours, the lines that count.
fn last_words(output: &str) -> String {
    let plain: String =
        output.split('\u{1b}').map(|part| part.split_once('m').map_or(part, |(_, rest)| rest)).collect();
    let lines: Vec<&str> = plain.lines().map(str::trim).collect();
    let never =
        lines.iter().filter(|line| line.starts_with("service available:") && line.contains("NO")).count();
    let wanted = ["Exit status:", "closed:", "connected:", "pending:", "error:", "Test ended on"];
    let found = |word: &&str| {
        lines
            .iter()
            .rev()
            .find(|line| line.starts_with(*word))
            .map(|line| line.split_whitespace().collect::<Vec<_>>().join(" "))
    };
    let told: Vec<_> = wanted.iter().filter_map(found).collect();
    format!("{}; seen as not available {never} times", told.join(", "))
}
