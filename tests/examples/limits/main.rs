//! Measures the figures of `docs/limits.md`: memory under hostile requests, polite clients beside slow ones, ambiguous requests, a user at
//! ten times the quota, bursts, and five times as many requests as the service can serve.
//!
//! `cargo run --release -p loggia-tests --example limits` does all of it in about six minutes, on a store in a temporary folder, and prints
//! the results as Markdown. Arguments after `--`:
//!
//! - `memory`, `slow`, `framing`, `quota`, `burst`, `overload` run one part;
//! - `short` takes a tenth of the time, to check that the program works; its figures mean nothing;
//! - `write` writes the results of all parts into `docs/limits.md`;
//! - the `postgres://` URL of an empty database measures on that database.
//!
//! `slow` needs slowhttptest, which Debian and Ubuntu have. The service is the build of the image. Clients and server share the machine:
//! the ratios count, while figures in seconds depend on the machine.

#![expect(
    clippy::print_stdout,
    clippy::print_stderr,
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a measuring tool: it prints its figures, and any failure ends it"
)]

mod burst;
mod client;
mod framing;
mod largest;
mod memory;
mod overload;
mod quota;
mod report;
mod server;
mod slow;

use std::num::NonZero;
use std::process::ExitCode;
use std::time::Duration;

use report::Report;
use server::Instance;

const PARTS: [&str; 6] = ["memory", "slow", "framing", "quota", "burst", "overload"];

/// The pace of all measurements.
#[derive(Clone, Copy)]
pub(crate) struct Pace {
    is_short: bool,
}

impl Pace {
    /// Returns that many seconds, or a tenth of them for a short run.
    pub(crate) fn seconds(self, seconds: u64) -> Duration {
        if self.is_short { Duration::from_millis(seconds * 100) } else { Duration::from_secs(seconds) }
    }
}

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let (urls, words): (Vec<&str>, Vec<&str>) =
        arguments.iter().map(String::as_str).partition(|text| text.contains("://"));
    let (options, parts): (Vec<&str>, Vec<&str>) =
        words.into_iter().partition(|word| ["short", "write"].contains(word));
    let (is_short, writes) = (options.contains(&"short"), options.contains(&"write"));
    if let Some(unknown) = parts.iter().find(|part| !PARTS.contains(part)) {
        eprintln!("{unknown} is not one of {}, short, write or a URL", PARTS.join(", "));
        return ExitCode::FAILURE;
    }
    if writes && (is_short || !parts.is_empty()) {
        eprintln!("`write` needs all parts");
        return ExitCode::FAILURE;
    }
    let wanted = |part| parts.is_empty() || parts.contains(&part);
    if wanted("slow") && !slow::is_installed() {
        eprintln!("`slow` needs slowhttptest: `apt-get install slowhttptest`, or name other parts");
        return ExitCode::FAILURE;
    }
    let pace = Pace { is_short };
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().expect("threads");
    let mut report = Report::default();
    runtime.block_on(async {
        let instance = Instance::prepare(urls.first().copied());
        report.say(&format!(
            "{} processors, {} of them busy with other work at the start (load average); the store is {}.",
            std::thread::available_parallelism().map_or(1, NonZero::get),
            load_average(),
            instance.store()
        ));
        let server = instance.serve(&[]);
        if wanted("memory") {
            memory::measure(&server, &mut report).await;
            largest::measure(&server, &instance.eve, &mut report).await;
        }
        if wanted("slow") {
            slow::measure(&server, pace, &mut report).await;
        }
        if wanted("framing") {
            framing::measure(&server, &mut report).await;
        }
        if wanted("burst") {
            burst::measure(&server, &mut report).await;
        }
        if wanted("overload") {
            overload::measure(&server, pace, &mut report).await;
        }
        drop(server);
        if wanted("quota") {
            quota::measure(&instance, pace, &mut report).await;
        }
    });
    if writes {
        report.write(!urls.is_empty());
    }
    ExitCode::SUCCESS
}

/// Returns the machine's load average of the last minute.
fn load_average() -> String {
    let text = std::fs::read_to_string("/proc/loadavg").expect("Linux");
    text.split(' ').next().unwrap_or_default().to_owned()
}
