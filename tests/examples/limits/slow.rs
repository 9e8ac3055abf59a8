//! A thousand slow connections beside polite clients (promise B27).

use std::process::Command;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use tokio::time::sleep;

use crate::Pace;
use crate::client::{Client, Outcome, percentile, those};
use crate::report::{Report, ms};
use crate::server::Server;

const POLITE: usize = 4;
/// The pause of each polite client between two requests.
const REST: Duration = Duration::from_millis(20);

/// Runs one polite client until `over` is set.
async fn polite(address: String, request: Vec<u8>, over: Arc<AtomicBool>) -> Vec<Outcome> {
    let mut client = Client::default();
    let mut outcomes = Vec::new();
    while !over.load(Ordering::Relaxed) {
        outcomes.push(client.call(&address, &request, Instant::now()).await);
        sleep(REST).await;
    }
    outcomes
}

/// Returns the outcomes of polite clients while other work runs.
pub(crate) async fn beside<T>(server: &Server, work: impl Future<Output = T>) -> (Vec<Outcome>, T) {
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

/// Returns `true` if the tool can be started.
pub(crate) fn is_installed() -> bool {
    Command::new("slowhttptest").arg("-h").output().is_ok()
}

pub(crate) async fn measure(server: &Server, pace: Pace, report: &mut Report) {
    report.table(
        "Slow clients",
        &format!(
            "1 000 connections of slowhttptest, beside {POLITE} polite clients that read a page of 20 spaces."
        ),
        &["beside", "p50", "p99", "against idle", "requests", "not 200", "memory", "output of slowhttptest"],
    );
    let (idle, ()) = beside(server, sleep(pace.seconds(10))).await;
    let usual = percentile(&idle, 990);
    report.row(&cells("nobody", &idle, usual, server, String::new()));
    let length = pace.seconds(30).as_secs().max(1).to_string();
    let spaces = format!("http://{}/api/v1/spaces", server.address);
    let document = format!("http://{}/openapi.json", server.address);
    // The tool has no option for the header, but sends the text of the content type unchanged.
    let with_key = format!("application/json\r\nAuthorization: Bearer {}", server.key);
    for (what, arguments) in [
        (
            "-H (heads)",
            ["-H", "-c", "1000", "-i", "2", "-r", "500", "-u", &spaces, "-p", "3", "-l", &length].as_slice(),
        ),
        (
            "-B (bodies)",
            &[
                "-B", "-c", "1000", "-i", "5", "-r", "500", "-s", "8192", "-t", "POST", "-x", "10", "-u",
                &spaces, "-p", "3", "-l", &length, "-f", &with_key,
            ],
        ),
        (
            "-B (bodies), without a key",
            &[
                "-B", "-c", "1000", "-i", "5", "-r", "500", "-s", "8192", "-t", "POST", "-x", "10", "-u",
                &spaces, "-p", "3", "-l", &length,
            ],
        ),
        (
            "-X (reading)",
            &[
                "-X", "-c", "1000", "-r", "500", "-w", "512", "-y", "1024", "-n", "5", "-z", "32", "-k", "3",
                "-u", &document, "-p", "3", "-l", &length,
            ],
        ),
    ] {
        let arguments: Vec<String> = arguments.iter().map(|text| (*text).to_owned()).collect();
        let tool = tokio::task::spawn_blocking(move || {
            Command::new("slowhttptest").args(&arguments).output().expect("slowhttptest is installed")
        });
        let (outcomes, output) = beside(server, tool).await;
        let output = String::from_utf8_lossy(&output.expect("it ran").stdout).into_owned();
        report.row(&cells(&format!("slowhttptest {what}"), &outcomes, usual, server, last_words(&output)));
    }
}

fn cells(beside: &str, outcomes: &[Outcome], usual: f64, server: &Server, words: String) -> [String; 8] {
    let slow = percentile(outcomes, 990);
    [
        beside.to_owned(),
        ms(percentile(outcomes, 500)),
        ms(slow),
        format!("{:.1} ×", slow / usual),
        outcomes.len().to_string(),
        those(outcomes, |status| status != 200).len().to_string(),
        format!("{} MB", server.memory("VmRSS")),
        words,
    ]
}

/// Returns the tool's summary: the lines that matter, without colours.
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
    let reported: Vec<_> = wanted.iter().filter_map(found).collect();
    format!("{}; reported as not available {never} times", reported.join(", "))
}
