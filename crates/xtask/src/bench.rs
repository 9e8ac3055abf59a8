//! `cargo xtask bench`: builds the measured and the measuring program, and starts a Postgres that writes as durably as in production.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::slice;

use anyhow::{Context, Result, ensure};
use clap::Args;
use loggia_testpg::{Server, ServerOptions};

use crate::postgres::{self, versions};
use crate::tools;

/// The options of a run.
#[derive(Args, Debug, PartialEq, Eq)]
pub(crate) struct BenchArgs {
    /// Take a few minutes, at 16 connections only and with a wider spread; leave docs/performance.md unchanged
    #[arg(long)]
    quick: bool,
    /// Measure only the calls whose names contain TEXT; leave docs/performance.md unchanged
    #[arg(long, value_name = "TEXT", conflicts_with = "growth")]
    only: Option<String>,
    /// Write docs/performance.md in any case; it says how much was measured
    #[arg(long)]
    document: bool,
    /// Measure only growth: reads of stores of a thousand to a million tasks; with --quick of the two smallest only
    #[arg(long)]
    growth: bool,
    /// Measure only what metrics and traces cost, on SQLite; write nothing
    #[arg(long, conflicts_with_all = ["growth", "only", "document"])]
    observed: bool,
    /// Only load the service to half of its capacity on SQLite for 30 minutes, and write the figures into docs/reliability.md
    #[arg(long, conflicts_with_all = ["growth", "only", "document", "observed"])]
    soak: bool,
}

/// The profile with which the image is built.
const PROFILE: &str = "dist";

/// The workspace's root and the programs that take part.
struct Programs {
    root: PathBuf,
    loggia: PathBuf,
    bench: PathBuf,
}

/// Builds the programs and runs the measurements.
pub(crate) fn run(args: &BenchArgs) -> Result<()> {
    tools::ensure_wrk()?;
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    // Built separately: together they would get each other's features, and the measured program would not be the image's.
    let loggia = build(&root, "loggia")?;
    let bench = build(&root, "loggia-bench")?;
    std::fs::create_dir_all(root.join("target/bench"))?;
    let programs = Programs { root, loggia, bench };
    if args.observed {
        return observed(&programs, args.quick);
    }
    if args.soak {
        return soak(&programs, args.quick);
    }
    let whole = args.document || !args.quick && args.only.is_none();
    if !args.growth {
        series(args, whole, &programs)?;
    }
    if args.growth || whole && !args.quick { growth(args, &programs) } else { Ok(()) }
}

/// Measures the service with metrics and traces beside the service without.
fn observed(programs: &Programs, quick: bool) -> Result<()> {
    let mut command = Command::new(&programs.bench);
    command.arg("observed").arg("--loggia").arg(&programs.loggia);
    if quick {
        command.args(["--rounds", "3", "--seconds", "1"]);
    }
    let status = command.status().context("loggia-bench could not be started")?;
    ensure!(status.success(), "loggia-bench ended with {status}");
    Ok(())
}

/// Loads the service for half an hour, or for two minutes without writing the figures.
fn soak(programs: &Programs, quick: bool) -> Result<()> {
    let mut command = Command::new(&programs.bench);
    command.arg("soak").arg("--loggia").arg(&programs.loggia);
    if quick {
        command.args(["--minutes", "2", "--seconds", "5"]);
    } else {
        command.arg("--document").arg(programs.root.join("docs/reliability.md"));
    }
    let status = command.status().context("loggia-bench could not be started")?;
    ensure!(status.success(), "loggia-bench ended with {status}");
    Ok(())
}

/// Measures the service beside the programs that it is compared with.
fn series(args: &BenchArgs, whole: bool, programs: &Programs) -> Result<()> {
    let server = postgres::start_with(&ServerOptions { durable: true, ..ServerOptions::default() })?;
    let mut command = measure(programs, "run", slice::from_ref(&server))?;
    // If the PATH has only some of the programs in one folder, pgbench is looked up there by its name.
    let pgbench = server.binaries().program("pgbench");
    command.arg("--pgbench").arg(if pgbench.exists() { pgbench } else { PathBuf::from("pgbench") });
    if let Some(only) = &args.only {
        command.args(["--only", only]);
    }
    finish(command, programs, if args.quick { "quick.json" } else { "full.json" }, args.quick, whole)
}

/// Measures growth. Nothing is written during the measurement, so the filled data need not be flushed to the disk. It may be too large for
/// memory.
fn growth(args: &BenchArgs, programs: &Programs) -> Result<()> {
    let settings = [
        // Counts the pages that each statement reads.
        ("shared_preload_libraries", "pg_stat_statements"),
        ("max_wal_size", "8GB"),
    ];
    let settings = settings.map(|(name, value)| (name.to_owned(), value.to_owned())).to_vec();
    let options = ServerOptions { in_memory: false, settings, ..ServerOptions::default() };
    // Planners differ, so the oldest and the newest of the tested versions are measured.
    let found = versions::find()?;
    let mut ends = vec![found.first(), found.last()];
    ends.dedup();
    let servers: Vec<Server> = ends
        .into_iter()
        .flatten()
        .map(|binaries| Server::start_from(binaries.clone(), &options))
        .collect::<Result<_, _>>()
        .context("a throw-away Postgres could not be started")?;
    let command = measure(programs, "growth", &servers)?;
    let name = if args.quick { "growth-quick.json" } else { "growth.json" };
    finish(command, programs, name, args.quick, args.document || !args.quick)
}

fn measure(programs: &Programs, job: &str, servers: &[Server]) -> Result<Command> {
    let mut command = Command::new(&programs.bench);
    command.arg(job).arg("--loggia").arg(&programs.loggia);
    for server in servers {
        command.args(["--postgres-url", &server.url("postgres")]);
        let postmaster = server.pid().context("the Postgres of the benchmark has ended")?;
        command.args(["--postgres-pid", &postmaster.to_string()]);
    }
    Ok(command)
}

fn finish(mut command: Command, programs: &Programs, name: &str, quick: bool, document: bool) -> Result<()> {
    if quick {
        command.arg("--quick");
    }
    command.arg("--out").arg(programs.root.join("target/bench").join(name));
    if document {
        command.arg("--document").arg(programs.root.join("docs/performance.md"));
    }
    let status = command.status().context("loggia-bench could not be started")?;
    ensure!(status.success(), "loggia-bench ended with {status}");
    Ok(())
}

/// Builds a package's program as for the image and returns its path.
fn build(root: &Path, package: &str) -> Result<PathBuf> {
    let arguments = ["build", "--locked", "--profile", PROFILE, "--package", package];
    let status = Command::new("cargo").args(arguments).current_dir(root).status();
    let status = status.context("cargo could not be started")?;
    ensure!(status.success(), "the build of {package} ended with {status}");
    let program = root.join("target").join(PROFILE).join(package);
    program.canonicalize().with_context(|| format!("{} is not there", program.display()))
}
