//! The cost of metrics and traces: the service with both beside the service with neither, on two copies of one SQLite store, by turns.
//!
//! The collector and the scraper run in this program, on the same processors as the service, as agents on one machine would.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::path::PathBuf;
use std::process::Command;
use std::thread;
use std::time::Duration;

use anyhow::{Context, Result, ensure};
use clap::Args;

use crate::connection::Connection;
use crate::process::{Server, cpu_micros};
use crate::request::{Call, Request};
use crate::scene::Scene;
use crate::stage::{fill, serve};
use crate::wrk::per;
use crate::{goals, say, warm_up, wrk};

/// The arguments of the measurement.
#[derive(Args, Debug)]
pub(crate) struct ObservedArgs {
    /// The program to measure
    #[arg(long)]
    loggia: PathBuf,
    /// The number of rounds; each measures every call twice on each side
    #[arg(long, default_value_t = 10)]
    rounds: usize,
    /// The seconds of one measurement
    #[arg(long, default_value_t = 2)]
    seconds: u32,
    /// The number of connections
    #[arg(long, default_value_t = 16)]
    connections: u32,
    /// Trace as many requests as this sampler takes, such as `always_on` [default: the program's own, at most 50 new traces in a second]
    #[arg(long)]
    sampler: Option<String>,
}

/// The calls that are measured.
const CALLS: [&str; 4] = [goals::GET, goals::LIST, goals::TASKS, goals::CREATE];
/// The time between two scrapes: much less than a usual one.
const SCRAPE: Duration = Duration::from_secs(1);

/// The results of one side for one call.
#[derive(Default)]
struct Rates {
    rates: Vec<f64>,
    /// Processor time for a response, in microseconds.
    cpu: Vec<f64>,
}

/// Measures, and prints a line for each call.
pub(crate) fn run(args: &ObservedArgs) -> Result<()> {
    let folder = tempfile::tempdir()?;
    let url = |name: &str| format!("sqlite://{}", folder.path().join(name).display());
    let demo = ["--people", "50", "--projects", "1000", "--tasks", "20000", "--spaces", "12000"];
    let demo = fill(&args.loggia, &url("plain.db"), &demo.map(str::to_owned))?;
    std::fs::copy(folder.path().join("plain.db"), folder.path().join("observed.db"))?;

    let collector = collect()?;
    let metrics = TcpListener::bind("127.0.0.1:0")?.local_addr()?.to_string();
    let plain = serve(&args.loggia, &url("plain.db"), None)?;
    let mut command = Command::new(&args.loggia);
    command.args(["serve", "--database-url", &url("observed.db"), "--metrics-listen", &metrics]);
    command.args(["--otlp-endpoint", &collector]);
    if let Some(sampler) = &args.sampler {
        command.env("OTEL_TRACES_SAMPLER", sampler);
    }
    let observed = Server::start(&mut command, "/readyz")?;
    scrape(metrics);

    let sides = [plain, observed];
    let scenes = sides
        .iter()
        .map(|server| Scene::prepare(&server.address, &demo.api_key, &demo.organization_id))
        .collect::<Result<Vec<_>>>()?;
    for (server, scene) in sides.iter().zip(&scenes) {
        warm_up::run(&server.address, &scene.calls)?;
    }
    let mut first = 1;
    for name in CALLS {
        let mut results = [Rates::default(), Rates::default()];
        for round in 0..args.rounds {
            // Plain, observed, observed, plain: what grows slower with time affects both.
            for side in if round % 2 == 0 { [0, 1, 1, 0] } else { [1, 0, 0, 1] } {
                let (Some(server), Some(scene)) = (sides.get(side), scenes.get(side)) else { continue };
                let call = scene.calls.iter().find(|call| call.name == name).context("no such call")?;
                if let Some(rates) = results.get_mut(side) {
                    measure(args, server, call, first, rates)?;
                }
                first += 10_000_000;
            }
        }
        print_result(name, &results);
    }
    Ok(())
}

fn measure(args: &ObservedArgs, server: &Server, call: &Call, first: u64, rates: &mut Rates) -> Result<()> {
    let before = cpu_micros(&[server.pid()]);
    let closed = wrk::run(&server.address, call, args.connections, args.seconds, first)?;
    ensure!(closed.failures == 0, "{} requests failed", closed.failures);
    rates.rates.push(closed.rate());
    rates.cpu.push(per(cpu_micros(&[server.pid()]) - before, closed.good()));
    Ok(())
}

fn print_result(name: &str, [plain, observed]: &[Rates; 2]) {
    let lost = |plain: f64, observed: f64| (1.0 - observed / plain) * 100.0;
    let (rate, cpu) = (median(&plain.rates), median(&plain.cpu));
    let (rate_observed, cpu_observed) = (median(&observed.rates), median(&observed.cpu));
    say(&format!(
        "{name}: {rate:.0} requests a second without, {rate_observed:.0} with both ({:+.1} %); processor time {cpu:.1} µs, {cpu_observed:.1} µs \
         ({:+.1} %)",
        -lost(rate, rate_observed),
        -lost(cpu, cpu_observed),
    ));
}

fn median(values: &[f64]) -> f64 {
    let mut values = values.to_vec();
    values.sort_by(f64::total_cmp);
    values.get(values.len() / 2).copied().unwrap_or_default()
}

/// Starts a collector that accepts every batch and keeps none. Returns its URL.
fn collect() -> Result<String> {
    let listener = TcpListener::bind("127.0.0.1:0")?;
    let url = format!("http://{}", listener.local_addr()?);
    thread::spawn(move || {
        for stream in listener.incoming().map_while(Result::ok) {
            // A connection that breaks is opened again by the service.
            thread::spawn(move || respond(stream).ok());
        }
    });
    Ok(url)
}

fn respond(stream: TcpStream) -> std::io::Result<()> {
    let mut reader = BufReader::new(stream);
    loop {
        let mut length = 0;
        loop {
            let mut line = String::new();
            if reader.read_line(&mut line)? == 0 {
                return Ok(());
            }
            let line = line.trim().to_ascii_lowercase();
            if line.is_empty() {
                break;
            }
            if let Some(value) = line.strip_prefix("content-length:") {
                length = value.trim().parse().unwrap_or_default();
            }
        }
        std::io::copy(&mut reader.by_ref().take(length), &mut std::io::sink())?;
        reader.get_mut().write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")?;
    }
}

/// Reads the metrics from time to time, as long as they are there.
fn scrape(address: String) {
    thread::spawn(move || -> Result<()> {
        let mut connection = Connection::open(&address)?;
        loop {
            connection.send(&Request::new("GET", "/metrics", "none", "", None).bytes(0))?;
            thread::sleep(SCRAPE);
        }
    });
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_median_is_in_the_middle() {
        assert!((median(&[3.0, 1.0, 2.0]) - 2.0).abs() < f64::EPSILON);
        assert!(median(&[]).abs() < f64::EPSILON);
    }
}
