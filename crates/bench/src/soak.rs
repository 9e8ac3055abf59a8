//! A soak: half of the capacity for half an hour, on SQLite. Memory, descriptors and latencies must stay flat, and the store must grow by what
//! is written and nothing else.

mod report;

use std::fs;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use clap::Args;

use crate::open_loop::{self, Open};
use crate::process::{Server, resident_bytes};
use crate::request::{Call, Request};
use crate::result::Summary;
use crate::scene::Scene;
use crate::stage::{fill, serve};
use crate::{goals, say, warm_up, wrk};

/// The arguments of a soak.
#[derive(Args, Debug)]
pub(crate) struct SoakArgs {
    /// The program to measure
    #[arg(long)]
    loggia: PathBuf,
    /// The duration in minutes
    #[arg(long, default_value_t = 30)]
    minutes: u64,
    /// The seconds between two samples
    #[arg(long, default_value_t = 15)]
    seconds: u64,
    /// The document whose figures are replaced; the plot is written beside it, into the folder `performance`
    #[arg(long)]
    document: Option<PathBuf>,
}

/// The calls in a mix of forty, and how many of each there are. One in twenty writes.
const MIX: [(&str, usize); 9] = [
    (goals::GET, 16),
    (goals::LIST, 8),
    ("list 20 spaces, include=all", 2),
    (goals::PROJECT, 3),
    (goals::PROJECTS, 3),
    (goals::MEMBERS, 3),
    (goals::TASKS, 3),
    (goals::CREATE, 1),
    ("patch a space, If-Match", 1),
];
/// The number of requests in a mix, and a step with which all of them are visited in a spread order.
const MIXED: usize = 40;
const STEP: usize = 17;
/// The number of mixes, after which the same requests are sent again.
const MIXES: usize = 64;
/// The connections and the seconds with which the capacity is measured.
const CONNECTIONS: u32 = 32;
const SECONDS: u32 = 10;
/// More numbers than one part of the measurement sends.
const NUMBERS: u64 = 10_000_000;

/// The state of the service after some time of load.
#[derive(Clone, Debug)]
struct Sample {
    /// The time since the start of the load, in minutes.
    minutes: f64,
    resident: u64,
    descriptors: usize,
    database: u64,
    log: u64,
    /// The latencies since the previous sample.
    open: Open,
}

/// Measures, and fails if something grows that must not.
pub(crate) fn run(args: &SoakArgs) -> Result<()> {
    let folder = tempfile::tempdir()?;
    let store = folder.path().join("loggia.db");
    let url = format!("sqlite://{}", store.display());
    let demo = ["--people", "50", "--projects", "1000", "--tasks", "20000", "--spaces", "12000"];
    let demo = fill(&args.loggia, &url, &demo.map(str::to_owned))?;
    let server = serve(&args.loggia, &url, None)?;
    let scene = Scene::prepare(&server.address, &demo.api_key, &demo.organization_id)?;
    warm_up::run(&server.address, &scene.calls)?;
    let mix = mix(&scene.calls)?;
    let closed = wrk::run(&server.address, &mix, CONNECTIONS, SECONDS, NUMBERS)?;
    ensure!(closed.failures == 0, "{} requests failed", closed.failures);
    let rate = closed.rate() / 2.0;
    say(&format!(
        "{:.0} requests a second at full load; {rate:.0} for {} minutes",
        closed.rate(),
        args.minutes
    ));

    let mut samples = Vec::new();
    let (began, all) = (Instant::now(), Duration::from_secs(args.minutes * 60));
    for part in 2.. {
        let open =
            open_loop::run(&server.address, &mix, rate, Duration::from_secs(args.seconds), part * NUMBERS)?;
        let sample = sample(&server, &store, began.elapsed(), open)?;
        say(&format!("{sample:?}"));
        samples.push(sample);
        if began.elapsed() >= all {
            break;
        }
    }
    let soak = Soak { capacity: closed.rate(), rate, samples };
    if let Some(document) = &args.document {
        report::write(&soak, document)?;
    }
    soak.check()
}

/// Returns a call that sends requests of all calls of the mix.
fn mix(calls: &[Call]) -> Result<Call> {
    let mut one = Vec::with_capacity(MIXED);
    for (name, count) in MIX {
        let call = calls.iter().find(|call| call.name == name).with_context(|| format!("no call {name}"))?;
        one.extend((0..count).map(|number| (call, number, count)));
    }
    let request = |at: usize| -> Option<Request> {
        let (call, number, count) = one.get(at * STEP % MIXED)?;
        call.requests.iter().cycle().nth(at / MIXED * count + number).cloned()
    };
    let requests: Option<Vec<Request>> = (0..MIXED * MIXES).map(request).collect();
    Ok(Call { name: "the mix", requests: requests.context("a call without requests")?, writes: true })
}

fn sample(server: &Server, store: &Path, since: Duration, open: Open) -> Result<Sample> {
    let size = |path: &Path| fs::metadata(path).map(|it| it.len()).unwrap_or_default();
    Ok(Sample {
        minutes: since.as_secs_f64() / 60.0,
        resident: resident_bytes(server.pid())?,
        descriptors: fs::read_dir(format!("/proc/{}/fd", server.pid()))?.count(),
        database: size(store),
        log: size(&store.with_extension("db-wal")),
        open,
    })
}

/// The results.
struct Soak {
    /// The requests a second of a closed loop, before the load.
    capacity: f64,
    /// The requests a second of the load.
    rate: f64,
    samples: Vec<Sample>,
}

impl Soak {
    /// Returns the middle and the last third of the samples. The first third is the time in which caches fill.
    fn thirds(&self) -> (&[Sample], &[Sample]) {
        let (_, warm) = self.samples.split_at(self.samples.len() / 3);
        warm.split_at(warm.len() / 2)
    }

    /// Returns a figure in the middle and in the last third of the time.
    fn compare(&self, figure: impl Fn(&Sample) -> f64) -> Result<[Summary; 2]> {
        let (middle, last) = self.thirds();
        let of = |samples: &[Sample]| {
            Summary::from_samples(samples.iter().map(&figure)).context("too few samples")
        };
        Ok([of(middle)?, of(last)?])
    }

    fn check(&self) -> Result<()> {
        let failures: u64 = self.samples.iter().map(|sample| sample.open.failures).sum();
        ensure!(failures == 0, "{failures} requests failed");
        let [middle, last] = self.compare(|sample| mebibytes(sample.resident))?;
        ensure!(last.median <= middle.median + 1.0, "memory grows: {middle:?} MiB, then {last:?}");
        let [middle, last] = self.compare(|sample| count(sample.descriptors))?;
        // The connections of the previous sample may still be closing: only the minimum has none of them.
        ensure!(last.min <= middle.min, "descriptors grow: {middle:?}, then {last:?}");
        let [middle, last] = self.compare(|sample| sample.open.p99)?;
        ensure!(last.median <= middle.median * 1.25, "p99 grows: {middle:?} µs, then {last:?}");
        let [middle, last] = self.compare(|sample| mebibytes(sample.log))?;
        ensure!(last.max <= middle.max + 1.0, "the log grows: {middle:?} MiB, then {last:?}");
        Ok(())
    }
}

fn mebibytes(bytes: u64) -> f64 {
    wrk::per(bytes, 1 << 20)
}

fn count(number: usize) -> f64 {
    f64::from(u32::try_from(number).unwrap_or(u32::MAX))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mix_has_as_many_requests_of_each_call_as_it_says_and_each_in_turn() {
        let calls = MIX.map(|(name, _)| Call {
            name,
            requests: (0..3).map(|at| Request::new("GET", &format!("/{name}/{at}"), "k", "", None)).collect(),
            writes: false,
        });
        let mix = mix(&calls).unwrap();
        assert_eq!(mix.requests.len(), MIXED * MIXES);
        let of = |path: &str| mix.requests.iter().filter(|it| it.head.contains(path)).count();
        for (name, count) in MIX {
            let all: Vec<usize> = (0..3).map(|at| of(&format!("/{name}/{at} "))).collect();
            assert_eq!(all.iter().sum::<usize>(), count * MIXES, "{name}");
            assert!(all.iter().all(|one| one.abs_diff(count * MIXES / 3) <= 1), "{name}: {all:?}");
        }
    }

    fn soak(figure: impl Fn(u32, &mut Sample)) -> Soak {
        let open = Open { rate: 1.0, failures: 0, p50: 1.0, p90: 1.0, p99: 1.0, max: 1.0 };
        let sample = |minute: u32| {
            let open = open.clone();
            let mut sample =
                Sample { minutes: minute.into(), resident: 9, descriptors: 9, database: 9, log: 9, open };
            figure(minute, &mut sample);
            sample
        };
        Soak { capacity: 2.0, rate: 1.0, samples: (0..30).map(sample).collect() }
    }

    #[test]
    fn what_grows_only_while_caches_fill_is_flat_and_anything_else_is_not() {
        assert!(soak(|minute, it| it.resident = u64::from(minute.min(10)) << 20).check().is_ok());
        assert!(soak(|minute, it| it.resident = u64::from(minute) << 20).check().is_err());
        assert!(soak(|minute, it| it.descriptors = usize::try_from(minute).unwrap()).check().is_err());
        assert!(soak(|minute, it| it.open.p99 = f64::from(minute)).check().is_err());
        assert!(soak(|minute, it| it.log = u64::from(minute) << 20).check().is_err());
        assert!(soak(|minute, it| it.open.failures = u64::from(minute == 20)).check().is_err());
        assert!(soak(|minute, it| it.database = u64::from(minute) << 20).check().is_ok(), "it is written to");
    }
}
